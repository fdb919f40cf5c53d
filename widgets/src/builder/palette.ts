/** The blocks to choose from: a press puts one in, or it is dragged to its place. */
import { html } from '../kit';
import { DRAGGED_KIND } from './block';
import type { Kind } from './state';

const GROUPS: Readonly<Record<string, string>> = {
  layers: 'Any data', images: 'Images', sequences: 'Sequences'
};

export class Palette {
  readonly element = html('div', { class: 'mc-palette', role: 'group', 'aria-label': 'Blocks' });

  constructor(private readonly add: (kind: string) => void) {}

  show(kinds: readonly Kind[]): void {
    this.element.replaceChildren(html('h4', { class: 'mc-heading' }, 'Blocks'),
      ...Object.entries(GROUPS).map(([group, words]) =>
        html('div', { class: 'mc-group', role: 'group', 'aria-label': words },
          html('span', { class: 'mc-groupname', 'aria-hidden': 'true' }, words),
          html('div', { class: 'mc-pieces' },
            ...kinds.filter(kind => kind.group === group).map(kind => this.button(kind))))));
  }

  private button(kind: Kind): HTMLButtonElement {
    const element = html('button', {
      type: 'button', class: 'mc-piece', draggable: 'true', title: kind.help,
      'aria-label': `Add ${kind.label}`, 'data-kind': kind.kind
    }, html('span', { class: 'mc-symbol' }, kind.symbol), html('span', {}, kind.label));
    element.addEventListener('click', () => this.add(kind.kind));
    element.addEventListener('dragstart', event =>
      event.dataTransfer?.setData(DRAGGED_KIND, kind.kind));
    return element;
  }
}
