/** The graph as a table: for screen readers, and for everybody who would rather read. */
import { html } from '../kit/dom';
import { look } from './look';
import type { GraphNode } from './protocol';
import type { Stage } from './stage';
import { bytes, linkName, say, short, type Translate } from './words';

/** Rows; a longer table would keep the browser waiting. */
const MOST = 500;

export class Table {
  readonly element: HTMLElement;
  private readonly body = html('tbody', {});
  private readonly caption = html('caption', {});

  constructor(
    private readonly stage: Stage,
    private readonly tr: Translate
  ) {
    const columns = [tr('No.'), tr('Operation'), tr('In link'), tr('Takes'), tr('Shape'),
      tr('Kept for backward'), tr('Gradient')];
    const head = html('tr', {}, ...columns.map(name => html('th', { scope: 'col' }, name)));
    this.element = html('div', { class: 'mc-table-view', tabindex: 0, role: 'region', hidden: '',
      'aria-label': tr('The graph as a table') },
    html('table', {}, this.caption, html('thead', {}, head), this.body));
    // Arrow keys scroll here; a notebook would take them for a walk from cell to cell.
    this.element.addEventListener('keydown', event => event.stopPropagation());
  }

  get shown(): boolean {
    return !this.element.hidden;
  }

  /** Write all rows anew, if the table is shown. */
  refresh(): void {
    if (!this.shown) return;
    const { model } = this.stage;
    const nodes = [...model.nodes.values()].sort((a, b) => a.id - b.id);
    const kept = nodes.reduce((sum, node) => sum + this.keptBytes(node), 0);
    const words = say(this.tr, '{0} nodes, {1} kept for backward now', nodes.length, bytes(kept));
    const more = nodes.length > MOST ? ` ${say(this.tr, 'The first {0} are listed.', MOST)}` : '';
    this.caption.textContent = `${words}.${more}`;
    this.body.replaceChildren(...nodes.slice(0, MOST).map(node => this.row(node)));
  }

  private keptBytes(node: GraphNode): number {
    return this.stage.model.released.has(node.id) ? 0 : node.bytes_kept;
  }

  private row(node: GraphNode): HTMLElement {
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
    const row = html('tr', {}, html('td', {}, Number.isInteger(node.id) ? String(node.id) : ''),
      html('th', { scope: 'row' }, name));
    for (const text of [path, takes, shape, kept, gradient]) row.append(html('td', {}, text));
    return row;
  }

  private named(node: GraphNode): string {
    if (node.kind === 'function') return node.label;
    return `${this.tr(node.kind)} ${node.label}`.trim();
  }
}
