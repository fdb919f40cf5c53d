/** What is not always needed: saving, loading and sharing, and tables of one's own. */
import { action, html, row } from '../kit';
import { copyText } from './code';

type Send = (message: { t: string; [key: string]: unknown }) => void;

/** A part that a button opens. */
class Drawer {
  readonly button: HTMLButtonElement;
  readonly element: HTMLElement;

  constructor(label: string, tip: string, ...content: Node[]) {
    this.element = html('div', { class: 'mc-drawer', role: 'group', 'aria-label': label,
      hidden: '' }, ...content);
    this.button = action(label, tip, () => this.open(this.element.hidden));
    this.button.setAttribute('aria-expanded', 'false');
  }

  open(wanted: boolean): void {
    this.element.hidden = !wanted;
    this.button.setAttribute('aria-expanded', String(wanted));
    if (wanted) this.element.querySelector<HTMLElement>('textarea')?.focus();
  }
}

/** A field for a text, in which keys are its own. */
function field(label: string, rows: number, placeholder = ''): HTMLTextAreaElement {
  const element = html('textarea', {
    class: 'mc-sharetext', rows, 'aria-label': label, title: label, spellcheck: 'false', placeholder
  });
  element.addEventListener('keydown', event => event.stopPropagation());
  return element;
}

/** A button that reads a file of the student's as text. */
function fileButton(label: string, tip: string, kinds: string,
                    read: (text: string) => void): HTMLElement {
  const input = html('input', { type: 'file', accept: kinds, class: 'mc-unseen', tabindex: -1,
    'aria-label': tip });
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file !== undefined) void file.text().then(read);
    input.value = '';
  });
  return html('span', {}, action(label, tip, () => input.click()), input);
}

export class SaveDrawer extends Drawer {
  private readonly text: HTMLTextAreaElement;

  constructor(send: Send, say: (text: string) => void) {
    const text = field('The net as text', 3);
    const load = (value: string): void => send({ t: 'load', text: value });
    text.addEventListener('focus', () => text.select());
    text.addEventListener('paste', event => {       // in the place of the net that stands here
      const pasted = event.clipboardData?.getData('text/plain') ?? '';
      if (pasted.trim() === '') return;
      event.preventDefault();
      text.value = pasted;
    });
    super('Save, share', 'Save the net, load one, or send it to somebody as text',
      html('p', { class: 'mc-hint' }, 'This text is the net: keep it or send it to somebody. '
        + 'Whoever pastes it here and presses Load sees the same net.'),
      text, row(
        action('Copy', 'Put the text on the clipboard', () => {
          void copyText(text).then(() => say('The net is on the clipboard, as text.'));
        }),
        action('Load', 'Draw the net that the text says', () => load(text.value)),
        action('Save as a file', 'Download the net as a file', () => save(text.value)),
        fileButton('Load a file', 'Choose a file in which a net was saved', '.json', load)));
    this.text = text;
  }

  show(json: string): void {
    if (this.text !== document.activeElement) this.text.value = json;
  }
}

export class TableDrawer extends Drawer {
  constructor(send: Send) {
    const text = field('A table as CSV text', 5, 'length,width,kind\n5.1,3.5,small\n6.3,2.9,large');
    const use = (value: string): void => send({ t: 'table', text: value });
    super('Own table', 'Use a table of your own (CSV) as data',
      html('p', { class: 'mc-hint' }, 'One example a row; the column that is to be told from the '
        + 'others is called label, class or target, or is the last one. Arrays in your notebook '
        + 'are used with builder.use(x, t).'),
      text, row(
        action('Use this table', 'Build a net for the table above', () => use(text.value)),
        fileButton('Open a CSV file', 'Choose a CSV file from your computer', '.csv,.tsv,.txt',
          value => {
            text.value = value;
            use(value);
          })));
  }
}

function save(text: string): void {
  const link = html('a', { download: 'net.json',
    href: URL.createObjectURL(new Blob([text], { type: 'application/json' })) });
  link.click();
  URL.revokeObjectURL(link.href);
}
