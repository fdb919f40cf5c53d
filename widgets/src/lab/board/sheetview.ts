/** A sheet as the page shows it: a sentence, a strip of pieces, a list of bars. */
import { button, html } from '../../kit/dom';
import type { Row, Sheet } from './sheets';

/** Okabe and Ito's colours; a number on the row and in the tip says the same. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00'];

export class SheetView {
  readonly element = html('div', { class: 'mc-Sheet', role: 'tabpanel' });

  /** @param show - selects a node in the graph */
  constructor(
    private readonly tip: string,
    private readonly show: (id: number) => void
  ) {}

  draw(sheet: Sheet): void {
    const coloured = sheet.pieces.length > 0;
    const list = html('ol', { class: 'mc-Sheet-rows' });
    list.append(...sheet.rows.map((row, index) => this.row(row, coloured ? index : null)));
    const { scrollTop } = this.element;
    const parts: Node[] = [html('p', { class: 'mc-Sheet-head' }, sheet.head)];
    if (coloured) {
      parts.push(this.strip(sheet));
    }
    this.element.replaceChildren(...parts, list);
    this.element.scrollTop = scrollTop;
  }

  private row(row: Row, index: number | null): HTMLElement {
    const bar = html('span', { class: 'mc-Sheet-bar', 'aria-hidden': 'true' });
    bar.style.width = `${Math.round(100 * Math.min(1, Math.max(0, row.share)))}%`;
    if (index !== null) {
      bar.style.background = colour(index);
    }
    const name = button('mc-Sheet-name', this.tip, row.name, () => this.show(row.id));
    const line = html(
      'div',
      { class: 'mc-Sheet-line' },
      name,
      html('span', { class: 'mc-Sheet-value' }, row.value)
    );
    const detail = html('div', { class: 'mc-Sheet-detail' }, row.detail);
    const item = html('li', {}, line, html('div', { class: 'mc-Sheet-track' }, bar), detail);
    if (row.mark !== '') {
      item.className = `mc-Sheet-${row.mark}`;
    }
    return item;
  }

  private strip(sheet: Sheet): HTMLElement {
    const strip = html('div', { class: 'mc-Sheet-strip', 'aria-hidden': 'true' });
    for (const piece of sheet.pieces) {
      const part = html('span', { title: piece.tip });
      part.style.flexGrow = String(piece.share);
      part.style.background = colour(piece.row);
      part.addEventListener('click', () => this.show(piece.id));
      strip.append(part);
    }
    return strip;
  }
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '';
}
