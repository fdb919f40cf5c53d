/** What the graph says in numbers: memory, time, gradients. No Jupyter, no browser. */
import type { Model } from '../../graph/model';
import type { GraphNode } from '../../graph/protocol';
import { bytes, duration, keptWords, linkName, short } from '../../graph/words';

/** The part of JupyterLab's translator that is used here. */
export interface Words {
  __(text: string, ...values: unknown[]): string;
  _n(one: string, many: string, count: number, ...values: unknown[]): string;
}

export interface Row {
  /** The node that a click selects. */
  id: number;
  name: string;
  detail: string;
  value: string;
  /** Length of the bar, from 0 to 1. */
  share: number;
  mark: '' | 'faded' | 'alarm';
}

export interface Piece {
  id: number;
  tip: string;
  share: number;
  /** The row that it belongs to. */
  row: number;
}

export interface Sheet {
  head: string;
  rows: Row[];
  /** One after the other along a line; only the sheet of times has them. */
  pieces: Piece[];
}

const MOST_ROWS = 100;
const MOST_PIECES = 600;

/** Which operation keeps how many bytes for backward, the largest first. */
export function memorySheet(model: Model, words: Words): Sheet {
  const functions = of(model, 'function').filter(node => node.bytes_kept > 0);
  const held = functions.filter(node => !model.released.has(node.id));
  const kept = sum(held, node => node.bytes_kept);
  const most = Math.max(1, ...functions.map(node => node.bytes_kept));
  const weights = sum(of(model, 'parameter'), size);
  const before = bytes(sum(functions, node => node.bytes_kept));
  const heads = [
    functions.length === 0
      ? words.__('Nothing is kept for backward.')
      : held.length === 0
        ? words.__('%1 were kept for backward, and released after use.', before)
        : words.__('%1 are kept for backward.', bytes(kept))
  ];
  if (weights > 0) {
    heads.push(words.__('The parameters take %1.', bytes(weights)));
  }
  const rows = functions
    .sort((a, b) => b.bytes_kept - a.bytes_kept)
    .slice(0, MOST_ROWS)
    .map(node => {
      const gone = model.released.has(node.id);
      const what = gone ? words.__('released') : keptWords(text => words.__(text), node.keeps);
      return {
        id: node.id,
        name: nameOf(node),
        detail: [pathOf(model, node), what].filter(part => part !== '').join(' \u00b7 '),
        value: bytes(node.bytes_kept),
        share: node.bytes_kept / most,
        mark: gone ? ('faded' as const) : ('' as const)
      };
    });
  return { head: heads.join(' '), rows, pieces: [] };
}

/** How long forward took in each link, and the operations in their order. */
export function timeSheet(model: Model, words: Words): Sheet {
  const functions = of(model, 'function').sort((a, b) => a.id - b.id);
  const whole = sum(functions, node => node.seconds);
  const links = new Map<string, GraphNode[]>();
  for (const node of functions) {
    const path = pathOf(model, node);
    links.set(path, [...(links.get(path) ?? []), node]);
  }
  const times = new Map([...links].map(([path, nodes]) => [path, sum(nodes, secondsOf)]));
  const order = [...links.keys()].sort((a, b) => (times.get(b) ?? 0) - (times.get(a) ?? 0));
  const longest = Math.max(1e-12, ...times.values());
  const rows = order.slice(0, MOST_ROWS).map(path => {
    const nodes = links.get(path) ?? [];
    const slowest = nodes.reduce((a, b) => (b.seconds > a.seconds ? b : a));
    const seconds = times.get(path) ?? 0;
    return {
      id: slowest.id,
      name: path === '' ? words.__('outside of links') : path,
      detail: words._n('%1 operation', '%1 operations', nodes.length, nodes.length),
      value: duration(seconds),
      share: seconds / longest,
      mark: '' as const
    };
  });
  const rowOf = new Map(order.map((path, index) => [path, index]));
  const pieces = functions
    .filter(node => node.seconds > 0)
    .slice(0, MOST_PIECES)
    .map(node => ({
      id: node.id,
      tip: `${nameOf(node)}, ${duration(node.seconds)}`,
      share: node.seconds / Math.max(whole, 1e-12),
      row: rowOf.get(pathOf(model, node)) ?? 0
    }));
  const head =
    whole > 0
      ? words.__('Forward took %1 in all; watching is part of it.', duration(whole))
      : words.__('No times were measured.');
  return { head, rows, pieces };
}

/** The norm of each gradient, in the order of the network. */
export function gradientSheet(model: Model, words: Words): Sheet {
  const leaves = [...of(model, 'parameter'), ...of(model, 'variable')].sort((a, b) => a.id - b.id);
  const reached = leaves.filter(node => model.gradients.has(node.id));
  const missed = of(model, 'parameter').filter(node => !model.gradients.has(node.id));
  const norms = reached.flatMap(node => model.gradients.get(node.id)?.norm ?? []);
  const logs = norms.filter(norm => norm > 0).map(Math.log10);
  const low = Math.min(...logs) - 0.5;
  const high = Math.max(...logs, low + 1);
  if (reached.length === 0) {
    const text = words.__('No gradient has come yet: run a cell with loss.backward().');
    return { head: text, rows: [], pieces: [] };
  }
  const heads = [words.__('L2 norm of each gradient; the bars are logarithmic.')];
  if (missed.length > 0) {
    const count = missed.length;
    heads.push(
      words._n('%1 parameter got no gradient.', '%1 parameters got no gradient.', count, count)
    );
  }
  const rows = [...reached, ...missed].slice(0, MOST_ROWS).map(node => {
    const back = model.gradients.get(node.id);
    const norm = back?.norm ?? null;
    const nan = back !== undefined && (back.nan > 0 || norm === null);
    const updated = model.updated.has(node.id) ? words.__('updated') : '';
    const shape = `(${(node.shapes[0] ?? []).join(', ')})`;
    return {
      id: node.id,
      name: nameOf(node),
      detail: [shape, updated].filter(part => part !== '').join(' \u00b7 '),
      value: back === undefined ? words.__('none') : nan ? 'NaN' : short(norm),
      share: norm === null || norm <= 0 ? 0 : (Math.log10(norm) - low) / (high - low),
      mark: nan ? ('alarm' as const) : back === undefined ? ('faded' as const) : ('' as const)
    };
  });
  return { head: heads.join(' '), rows, pieces: [] };
}

function of(model: Model, kind: GraphNode['kind']): GraphNode[] {
  return [...model.nodes.values()].filter(node => node.kind === kind);
}

function nameOf(node: GraphNode): string {
  return node.label.replace(/^\//, '');
}

function pathOf(model: Model, node: GraphNode): string {
  const scope = node.scope === null ? undefined : model.scopes.get(node.scope);
  return scope === undefined ? '' : linkName(scope.path, scope.link);
}

function size(node: GraphNode): number {
  const bits = Number(/(\d+)$/.exec(node.dtypes[0] ?? '')?.[1] ?? 32);
  return ((node.shapes[0] ?? []).reduce((all, length) => all * length, 1) * bits) / 8;
}

function secondsOf(node: GraphNode): number {
  return node.seconds;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((all, item) => all + of(item), 0);
}
