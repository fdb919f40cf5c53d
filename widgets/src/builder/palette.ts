/** The blocks to choose from: a press puts one in, or it is dragged to its place. */
import { html } from '../kit';
import { DRAGGED_KIND } from './edge';
import { KINDS_OF_DATA, type Kind } from './state';

const GROUPS: Readonly<Record<string, string>> = {
  layers: 'Any data', images: 'Images', sequences: 'Sequences'
};

const USUAL = 'Point at a block to read what it does. Those with a dashed border do not fit where '
  + 'the next block comes.';

export class Palette {
  readonly element = html('div', { class: 'mc-palette', role: 'group', 'aria-label': 'Blocks' });
  private readonly words = html('p', { class: 'mc-help' }, USUAL);
  private readonly pieces = new Map<Kind, HTMLButtonElement>();
  private arrives = '';

  constructor(private readonly add: (kind: string) => void) {}

  /** Which blocks fit, if data with these axes arrive; '': nobody knows. */
  fit(axes: string): void {
    this.arrives = axes;
    for (const [kind, piece] of this.pieces) {
      piece.classList.toggle('mc-odd', axes !== '' && !kind.takes.includes(axes));
      piece.title = this.help(kind);
    }
  }

  show(kinds: readonly Kind[]): void {
    this.element.replaceChildren(html('h4', { class: 'mc-heading' }, 'Blocks'),
      ...Object.entries(GROUPS).map(([group, words]) =>
        html('div', { class: 'mc-group', role: 'group', 'aria-label': words },
          html('span', { class: 'mc-groupname', 'aria-hidden': 'true' }, words),
          html('div', { class: 'mc-pieces' },
            ...kinds.filter(kind => kind.group === group).map(kind => this.button(kind))))),
      this.words);
  }

  /** What a block does, and why it does not fit here. */
  private help(kind: Kind): string {
    const { arrives } = this;
    if (arrives === '' || kind.takes.includes(arrives)) return kind.help;
    const takes = kind.takes.map(axes => KINDS_OF_DATA[axes] ?? axes).join(' or ');
    return `${kind.help} It takes ${takes}, but ${KINDS_OF_DATA[arrives] ?? arrives} arrive here.`;
  }

  private button(kind: Kind): HTMLButtonElement {
    const element = html('button', {
      type: 'button', class: 'mc-piece', draggable: 'true', title: kind.help,
      'aria-label': `Add ${kind.label}`, 'data-kind': kind.kind
    }, html('span', { class: 'mc-symbol' }, kind.symbol), html('span', {}, kind.label));
    this.pieces.set(kind, element);
    element.addEventListener('click', () => this.add(kind.kind));
    const say = (): void => { this.words.textContent = `${kind.label}: ${this.help(kind)}`; };
    const still = (): void => { this.words.textContent = USUAL; };
    element.addEventListener('pointerenter', say);
    element.addEventListener('focus', say);
    element.addEventListener('pointerleave', still);
    element.addEventListener('blur', still);
    element.addEventListener('dragstart', event =>
      event.dataTransfer?.setData(DRAGGED_KIND, kind.kind));
    return element;
  }
}
