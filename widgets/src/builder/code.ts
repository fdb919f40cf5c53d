/** The code of the net, which can be edited and applied. */
import { action, html, putIntoCells, row } from '../kit';

type Send = (message: { t: string; [key: string]: unknown }) => void;

export class CodePane {
  readonly element: HTMLElement;
  private readonly text = html('textarea', {
    class: 'mc-codetext', spellcheck: 'false', autocomplete: 'off', wrap: 'off',
    'aria-label': 'Code of the net', title: 'The code of the picture. Change it and press Apply'
  });
  private readonly trouble = html('p', { class: 'mc-unread', role: 'alert', hidden: '' });
  private readonly pending = html('p', { class: 'mc-totals', hidden: '' });
  private readonly apply: HTMLButtonElement;
  private readonly back: HTMLButtonElement;
  private readonly training = html('pre', { class: 'mc-training', tabindex: 0,
    'aria-label': 'Code of the training' });
  private readonly more = html('details', { class: 'mc-more' },
    html('summary', {}, 'The training as code'),
    html('p', { class: 'mc-totals' }, 'This is what the button Train does. It goes into a cell '
      + 'below the one with the net.'), this.training);
  private readonly apart = html('pre', { class: 'mc-training', tabindex: 0,
    'aria-label': 'Code that takes the net apart' });
  private readonly looks = html('p', { class: 'mc-totals' },
    'And this is what the button Take apart does.');
  private code = '';
  /** Whether the picture has changed while the student was changing the code. */
  private overtaken = false;

  constructor(send: Send, private readonly say: (text: string) => void) {
    this.apply = action('Apply', 'Draw what the code says (Ctrl and Enter)',
      () => send({ t: 'apply', code: this.text.value }));
    this.back = action('Back', 'Leave my changes and show the code of the picture again',
      () => this.reset());
    const copy = action('Copy', 'Put the code on the clipboard, to paste it into a cell', () => {
      void copyText(this.text)
        .then(() => say('The code is on the clipboard: paste it into a cell.'));
    });
    const cell = action('Into a cell', 'Put the code into a cell below this one',
      () => this.intoCells(this.text.value));
    const both = action('Net and training into cells',
      'Put the code of the net and that of the training into two cells below this one',
      () => this.intoCells(this.code, this.training.textContent ?? ''));
    this.more.append(row(both), this.looks, this.apart);
    this.text.addEventListener('input', () => this.update());
    this.text.addEventListener('keydown', event => {
      event.stopPropagation();
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.apply.click();
      }
    });
    this.element = html('div', { class: 'mc-codepane' },
      html('h4', { class: 'mc-heading' }, 'Code'), this.text, this.pending, this.trouble,
      row(this.apply, this.back, cell, copy),
      this.more);
  }

  /** The code of the picture; what the student is changing stays until it is applied. */
  show(code: string, training: string, apart: string): void {
    this.apart.textContent = apart;
    this.apart.hidden = this.looks.hidden = apart === '';
    this.training.textContent = training;
    this.more.hidden = training === '';
    const changed = this.text.value !== this.code;
    this.overtaken = changed && (this.overtaken || code !== this.code);
    this.code = code;
    if (!changed) this.text.value = code;
    this.text.rows = Math.min(34, Math.max(12, code.split('\n').length));
    this.update();
  }

  /** The code was applied: from now on it is the picture's. */
  reset(): void {
    this.text.value = this.code;
    this.unread('');
    this.update();
  }

  /** What in the code could not be read; its line is selected. */
  unread(text: string): void {
    this.trouble.textContent = text;
    this.trouble.hidden = text === '';
    const line = Number(/^Line (\d+)/.exec(text)?.[1]);
    if (!(line > 0)) return;
    const lines = this.text.value.split('\n');
    const start = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
    this.text.focus();
    this.text.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  }

  /** Put code into cells below; where nobody can do that, on the clipboard. */
  private intoCells(...sources: string[]): void {
    if (putIntoCells(this.element, ...sources)) {
      this.say(sources.length > 1 ? 'The code is in two cells below.'
        : 'The code is in a cell below.');
      return;
    }
    const field = html('textarea', {}, sources.join('\n\n'));
    this.element.append(field);
    void copyText(field).then(() => {
      field.remove();
      this.say('Cells cannot be put in here. The code is on the clipboard: paste it into a cell.');
    });
  }

  private update(): void {
    const changed = this.text.value !== this.code;
    this.pending.hidden = !changed;
    this.pending.textContent = this.overtaken
      ? 'The net has been changed since: Apply draws this code in its place, Back shows its code.'
      : 'Apply draws this code; Back shows that of the net again.';
    this.apply.disabled = !changed;
    this.back.disabled = !changed;
    this.element.classList.toggle('mc-changed', changed);
    if (changed) return;
    this.overtaken = false;
    this.unread('');
  }
}

/** Put a text on the clipboard, also where the page may not: then by selecting it. */
export async function copyText(field: HTMLTextAreaElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    field.select();
    document.execCommand('copy');
  }
}
