/** The details of one box: everything the kernel told about it, and buttons to ask for more. */
import { button, html, svg } from '../kit/dom';
import { look } from './look';
import type { Box } from './picture';
import type { Answer, GraphNode, Histogram, Question, Scope } from './protocol';
import type { Stage } from './stage';
import { sumOf } from './sum';
import { amount, bytes, clip, duration, keptWords, say, short, type Translate } from './words';

export interface CardEvents {
  ask(id: number, what: Question): void;
  show(key: string): void;
  unfold(key: string): void;
  stack(scope: number): void;
  close(): void;
}

const PLAIN = { variable: 'Variable', parameter: 'Parameter', data: 'Data', function: 'Operation' };
const MOST_LINKS = 8;

export class Card {
  readonly element: HTMLElement;
  private box: Box | null = null;
  private readonly answers = html('div', { class: 'mc-answers', 'aria-live': 'polite' });

  constructor(
    private readonly stage: Stage,
    private readonly events: CardEvents,
    private readonly tr: Translate
  ) {
    this.element = html('section', { class: 'mc-card', 'aria-label': tr('Details'), hidden: '' });
    this.element.addEventListener('keydown', event => {
      if (event.key === 'Escape') events.close();
    });
  }

  get key(): string | null {
    return this.box?.key ?? null;
  }

  hide(): void {
    this.box = null;
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  show(box: Box): void {
    if (this.box !== box) this.answers.replaceChildren();
    this.box = box;
    this.element.hidden = false;
    const nodes = box.members.flatMap(id => this.stage.model.nodes.get(id) ?? []);
    const first = nodes[0];
    if (first === undefined) return this.hide();
    const folded = box.scope !== null || box.times > 1;
    const rows = folded ? this.groupRows(box, nodes) : this.nodeRows(box, first);
    const list = html('dl', {});
    for (const [term, value] of rows) {
      list.append(html('dt', {}, this.tr(term)), html('dd', {}, value));
    }
    const close = button('mc-close', this.tr('Close the details (Escape)'), '\u2715', () =>
      this.events.close()
    );
    const heading = html('header', {}, html('h3', {}, this.title(box, first)), close);
    const actions = folded ? this.foldButtons(box) : this.askButtons(first);
    const focused = this.buttons().findIndex(each => each.matches(':focus'));
    this.element.replaceChildren(heading, actions, this.answers, list);
    if (focused >= 0) (this.buttons()[focused] ?? close).focus();
  }

  private buttons(): HTMLElement[] {
    return [...this.element.querySelectorAll('button')];
  }

  answer(answer: Answer): void {
    if (this.box?.members[0] !== answer.id) return;
    const parts: (Node | string)[] = [];
    if (answer.histogram !== null) parts.push(bars(this.tr, answer.histogram));
    if (answer.text !== '') parts.push(html('pre', {}, answer.text));
    if (parts.length === 0) parts.push(this.tr('The array is gone: nothing keeps it any more.'));
    this.answers.replaceChildren(...parts);
  }

  private title(box: Box, first: GraphNode): string {
    if (box.scope !== null) {
      const { path, link } = box.scope;
      const name = path === '' ? link : `${path} (${link})`;
      return box.times > 1 ? `${name} ${look.signs.repeat}${box.times}` : name;
    }
    const times = box.times > 1 ? ` ${look.signs.repeat}${box.times}` : '';
    if (first.kind === 'function') {
      const symbol = first.symbol === '' || first.symbol === first.label ? '' : `${first.symbol} `;
      return `${symbol}${first.label}${times}`;
    }
    return `${this.tr(PLAIN[first.kind])} ${first.label}${times}`;
  }

  private nodeRows(box: Box, node: GraphNode): [string, Node | string][] {
    const { model } = this.stage;
    const rows: [string, Node | string][] = [];
    const scopes = this.stage.fold.chain(node.scope);
    const scope = scopes.at(-1);
    if (scope !== undefined) rows.push(['In link', callName(this.tr, scope)]);
    const many = node.shapes.length > 1;
    node.shapes.forEach((shape, index) => {
      const letters = index === 0 ? this.stage.letters.shape(node) : shape.join(', ');
      const dtype = node.dtypes[index] ?? '';
      rows.push([
        many ? say(this.tr, 'Output {0}', index) : 'Shape',
        index === 0 && shape.length > 0 ? letters : `(${shape.join(', ')})`
      ]);
      if (dtype !== '') rows.push(['Numbers', say(this.tr, '{0} on {1}', dtype, node.device)]);
    });
    if (node.kind === 'function') this.costRows(node, rows);
    node.stats.forEach(stats => {
      if (stats === null) return;
      rows.push(['Range', this.range(stats.min, stats.max)]);
      rows.push([
        'Mean',
        say(this.tr, '{0}, standard deviation {1}', short(stats.mean), short(stats.std))
      ]);
      if (stats.nan + stats.inf > 0) {
        const words = say(this.tr, '{0} NaN, {1} infinite', stats.nan, stats.inf);
        rows.push(['Not numbers', html('strong', { class: 'mc-alarm' }, words)]);
      }
    });
    if (node.values !== null) rows.push(['Values', html('code', {}, node.values)]);
    const sum = sumOf(node, model);
    if (sum !== '') rows.push(['Arithmetic', html('code', {}, sum)]);
    const back = model.gradients.get(node.id);
    if (back !== undefined) {
      const nan = back.nan > 0 ? `, ${back.nan} NaN` : '';
      const size = say(this.tr, '{0} (L2 norm)', short(back.norm));
      rows.push(['Gradient', `${look.signs.gradient} ${size}${nan}`]);
      if (back.gathered !== undefined) {
        rows.push(['Shared', say(this.tr, '{0} uses: one product gave the gradient of all of them',
          back.gathered)]);
      }
    }
    if (model.updated.has(node.id)) rows.push(['Updated', this.tr('yes, by the optimizer')]);
    if (node.where !== null) {
      const { file, line, code } = node.where;
      const words = html('span', {}, say(this.tr, '{0}, line {1}', file, line));
      rows.push(['Code', code === '' ? words : html('div', {}, words, html('code', {}, code))]);
    }
    this.linkRows(box, rows);
    return rows;
  }

  private costRows(node: GraphNode, rows: [string, Node | string][]): void {
    const gone = this.stage.model.released.has(node.id);
    const kept = `${bytes(node.bytes_kept)} (${keptWords(this.tr, node.keeps)})`;
    const nothing = this.tr('nothing');
    const all = node.bytes_kept > 0 ? kept : nothing;
    const words = gone ? say(this.tr, '{0}, released by now', all) : all;
    rows.push(['Kept for backward', words]);
    if (node.macs > 0) rows.push(['Work', this.work(node.macs)]);
    if (node.seconds > 0) rows.push(['Time', duration(node.seconds)]);
  }

  private work(macs: number): string {
    return say(this.tr, '{0} multiply-adds', amount(macs));
  }

  private range(low: number | null, high: number | null): string {
    return say(this.tr, '{0} to {1}', short(low), short(high));
  }

  private groupRows(box: Box, nodes: readonly GraphNode[]): [string, Node | string][] {
    const { model } = this.stage;
    const sum = (of: (node: GraphNode) => number): number =>
      nodes.reduce((all, node) => all + of(node), 0);
    const rows: [string, Node | string][] = [];
    const shape = this.stage.face(box).shape;
    if (box.scope !== null) {
      if (box.times > 1) rows.push(['Calls', String(box.times)]);
      rows.push(['Operations', String(nodes.length)]);
    } else {
      rows.push(['Times', String(box.times)]);
    }
    if (shape !== '') rows.push(['Shape', shape]);
    if (box.kind !== 'leaf') {
      const gone = nodes.every(node => model.released.has(node.id));
      rows.push([
        'Kept for backward',
        gone ? say(this.tr, '{0}, released by now', bytes(sum(node => node.bytes_kept)))
          : bytes(sum(node => node.bytes_kept))
      ]);
      rows.push(['Work', this.work(sum(node => node.macs))]);
      rows.push(['Time', duration(sum(node => node.seconds))]);
    }
    const norms = nodes.flatMap(node => model.gradients.get(node.id)?.norm ?? []);
    if (norms.length > 0) {
      const low = norms.reduce((least, norm) => Math.min(least, norm));
      const high = norms.reduce((most, norm) => Math.max(most, norm));
      rows.push(['Gradients', `${look.signs.gradient} ${this.range(low, high)}`]);
    }
    if (box.loops > 0) rows.push(['State', say(this.tr, 'handed on {0} times', box.loops)]);
    const where = box.kind === 'repeat' ? (nodes[0]?.where ?? null) : null;
    if (where !== null) {
      const words = say(this.tr, '{0}, line {1}', where.file, where.line);
      rows.push(['Code', html('div', {}, words, html('code', {}, where.code))]);
    }
    this.linkRows(box, rows);
    return rows;
  }

  private linkRows(box: Box, rows: [string, Node | string][]): void {
    const from: string[] = [];
    const to: string[] = [];
    for (const line of this.stage.picture.lines.values()) {
      if (line.to === box.key) from.push(line.from);
      if (line.from === box.key) to.push(line.to);
    }
    if (from.length > 0) rows.push(['Takes', this.links(from)]);
    if (to.length > 0) rows.push(['Goes to', this.links(to)]);
  }

  private links(keys: readonly string[]): HTMLElement {
    const list = html('span', { class: 'mc-links' });
    for (const key of keys.slice(0, MOST_LINKS)) {
      const box = this.stage.picture.boxes.get(key);
      if (box === undefined) continue;
      const face = this.stage.face(box);
      const tip = this.tr('Go there');
      const name = face.name.trim() || face.detail;
      const link = button('mc-link', tip, name, () => this.events.show(key));
      list.append(link);
    }
    const rest = keys.length - MOST_LINKS;
    if (rest > 0) list.append(say(this.tr, 'and {0} more', rest));
    return list;
  }

  private askButtons(node: GraphNode): HTMLElement {
    // The operation that raised has no values, and the kernel does not know it.
    if (!Number.isInteger(node.id)) return html('div', {});
    const ask = (what: Question, words: string, tip: string): HTMLElement =>
      button('mc-ask', this.tr(tip), this.tr(words), () => {
        this.answers.replaceChildren(this.tr('Asking the kernel\u2026'));
        this.events.ask(node.id, what);
      });
    return html(
      'div',
      { class: 'mc-actions' },
      ask('histogram', 'Histogram', 'Ask the kernel how the values are spread'),
      ask('values', 'Values', 'Ask the kernel for the first values')
    );
  }

  private foldButtons(box: Box): HTMLElement {
    const row = html('div', { class: 'mc-actions' });
    if (box.kind === 'leaf') return row;
    const words = box.times > 1 && box.scope !== null ? 'Show the calls' : 'Show what is inside';
    const tip = 'Unfold this box';
    row.append(button('mc-ask', this.tr(tip), this.tr(words), () => this.events.unfold(box.key)));
    const scope = box.scope;
    if (box.kind === 'call' && scope !== null && this.stage.fold.callsOf(scope) > 1) {
      const all = say(this.tr, 'Stack all {0} calls', this.stage.fold.callsOf(scope));
      const why = this.tr('Draw all calls of this link as one box');
      row.append(button('mc-ask', why, all, () => this.events.stack(scope.id)));
    }
    return row;
  }
}

function callName(tr: Translate, scope: Scope): string {
  const { path } = scope;
  const call = scope.call > 1 ? `, ${say(tr, 'call {0}', scope.call)}` : '';
  return path === '' ? `${scope.link}${call}` : `${clip(path, 60)} (${scope.link}${call})`;
}

function bars(tr: Translate, { counts, edges }: Histogram): HTMLElement {
  const width = 220;
  const height = 60;
  const most = Math.max(1, ...counts);
  const step = width / Math.max(1, counts.length);
  const picture = svg('svg', {
    class: 'mc-histogram',
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-label': say(tr, 'Histogram of {0} values', counts.reduce((all, count) => all + count, 0))
  });
  counts.forEach((count, index) => {
    const tall = (count / most) * (height - 2);
    picture.append(
      svg('rect', {
        x: index * step + 0.5,
        y: height - tall,
        width: Math.max(0.5, step - 1),
        height: tall
      })
    );
  });
  const low = short(edges[0] ?? null);
  const high = short(edges.at(-1) ?? null);
  const scale = html('div', { class: 'mc-scale' }, html('span', {}, low), html('span', {}, high));
  return html('div', {}, picture, scale);
}
