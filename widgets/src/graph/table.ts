/** The graph as a table: for screen readers, and for everybody who would rather read. */
import { html } from '../kit/dom';
import { look } from './look';
import type { GraphNode } from './protocol';
import type { Stage } from './stage';
import { bytes, linkName, say, short, type Translate } from './words';

/** Rows; a longer table would keep the browser waiting. */
const MOST = 500;
/** The column that says which row it is. */
const NAME = 1;

export class Table {
  readonly element: HTMLElement;
  private readonly body = html('tbody', {});
  private readonly caption = html('caption', {});
  private readonly head = html('tr', {});
  private readonly columns: readonly string[];

  constructor(
    private readonly stage: Stage,
    private readonly tr: Translate
  ) {
    this.columns = [tr('No.'), tr('Operation'), tr('In link'), tr('Takes'), tr('Shape'),
      tr('Kept for backward'), tr('Gradient')];
    this.element = html('div', { class: 'mc-table-view', tabindex: 0, role: 'region', hidden: '',
      'aria-label': tr('The graph as a table') },
    html('table', {}, this.caption, html('thead', {}, this.head), this.body));
    // Arrow keys scroll here; a notebook would take them for a walk from cell to cell.
    this.element.addEventListener('keydown', event => event.stopPropagation());
  }

  get shown(): boolean {
    return !this.element.hidden;
  }

  /** Write all rows anew, if the table is shown; a column with nothing in it is left out. */
  refresh(): void {
    if (!this.shown) return;
    const { model } = this.stage;
    const nodes = [...model.nodes.values()].sort((a, b) => a.id - b.id);
    const kept = nodes.reduce((sum, node) => sum + this.keptBytes(node), 0);
    const words = say(this.tr, '{0} nodes, {1} kept for backward now', nodes.length, bytes(kept));
    const more = nodes.length > MOST ? ` ${say(this.tr, 'The first {0} are listed.', MOST)}` : '';
    this.caption.textContent = `${words}.${more}`;
    const rows = nodes.slice(0, MOST).map(node => this.cells(node));
    const filled = this.columns.map((_, column) => rows.some(cells => cells[column] !== ''));
    const shown = <T>(all: readonly T[]): readonly T[] => all.filter((_, column) => filled[column]);
    this.head.replaceChildren(...shown(this.columns).map(name =>
      html('th', { scope: 'col' }, name)));
    this.body.replaceChildren(...rows.map(cells => html('tr', {},
      ...shown(cells.map((text, column) => column === NAME
        ? html('th', { scope: 'row' }, text) : html('td', {}, text))))));
  }

  private keptBytes(node: GraphNode): number {
    return this.stage.model.released.has(node.id) ? 0 : node.bytes_kept;
  }

  private cells(node: GraphNode): readonly string[] {
    const { model, letters, fold } = this.stage;
    const name = `${this.named(node)}${model.failed.has(node.id) ? ` ${this.tr('(failed)')}` : ''}`;
    const scope = fold.chain(node.scope).at(-1);
    const path = scope === undefined ? '' : linkName(scope.path, scope.link);
    const takes = node.inputs.map(input => String(input.source)).join(', ');
    const shape = node.values !== null && node.shapes[0]?.length === 0 ? `= ${node.values}`
      : letters.shape(node);
    const back = model.gradients.get(node.id);
    const gone = model.released.has(node.id) ? ` ${this.tr('(released)')}` : '';
    const kept = node.kind === 'function' ? `${bytes(node.bytes_kept)}${gone}` : '';
    const gradient = back === undefined ? '' : `${look.signs.gradient} ${short(back.norm)}`;
    const number = Number.isInteger(node.id) ? String(node.id) : '';
    return [number, name, path, takes, shape, kept, gradient];
  }

  private named(node: GraphNode): string {
    if (node.kind === 'function') return node.label;
    return `${this.tr(node.kind)} ${node.label}`.trim();
  }
}
