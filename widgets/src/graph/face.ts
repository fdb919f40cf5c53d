/** What a box shows: words, signs and colours, worked out from the nodes that it stands for. */
import type { Letters } from './letters';
import { heatLevel, look } from './look';
import type { Model } from './model';
import type { Box } from './picture';
import type { GraphNode, NodeKind } from './protocol';
import { tiny } from './words';

export interface Face {
  kind: NodeKind | 'folded';
  /** Drawn first, in a stronger hand: a symbol that the name does not repeat. */
  symbol: string;
  name: string;
  /** Behind the name, never cut: how many, which call. */
  times: string;
  /** Under or behind the name: of a leaf its shape, of a folded box its contents. */
  detail: string;
  /** Stands under the box. */
  shape: string;
  stacked: boolean;
  kept: boolean;
  released: boolean;
  updated: boolean;
  failed: boolean;
  bad: boolean;
  /** It has not run yet at the moment of the replay that is shown. */
  unborn: boolean;
  /** '+': the run that it is compared with has no such operation; '~': it met another shape. */
  differs: '' | '+' | '~';
  /** Step of the heat scale, null before backward. */
  heat: number | null;
  gradient: string;
  /** Of a leaf: so many uses were put together in its gradient, by one product. */
  gathered: string;
}

const SIGN = look.signs;

/** What faces show of a model, as it is or as it was at a moment of the run. */
export type Lights = Pick<
  Model,
  'nodes' | 'consumers' | 'gradients' | 'highest' | 'released' | 'updated' | 'failed'
> & {
  /** The youngest operation that has run by then; all have when it is missing. */
  readonly born?: number;
};
export type Differences = ReadonlyMap<number, '+' | '~'>;
const SAME: Differences = new Map();

export function faceOf(
  box: Box,
  model: Lights,
  letters: Letters,
  differences: Differences = SAME
): Face {
  const nodes: GraphNode[] = [];
  for (const id of box.members) {
    const node = model.nodes.get(id);
    if (node !== undefined) nodes.push(node);
  }
  const first = nodes[0];
  const last = nodes.at(-1);
  const light = lightOf(nodes, model);
  const every = (set: ReadonlySet<number>): boolean => nodes.every(node => set.has(node.id));
  return {
    kind: box.kind === 'call' || box.kind === 'stack' ? 'folded' : (first?.kind ?? 'function'),
    ...words(box, nodes, first),
    shape: box.kind === 'leaf' || last === undefined ? '' : shapeOf(last, letters),
    stacked: box.times > 1,
    kept: box.kind !== 'leaf' && nodes.some(node => node.bytes_kept > 0),
    released: nodes.length > 0 && every(model.released),
    updated: nodes.some(node => model.updated.has(node.id)),
    failed: nodes.some(node => model.failed.has(node.id)),
    unborn: nodes.every(node => isUnborn(node, model)),
    differs: differenceOf(nodes, differences),
    gathered: box.kind === 'leaf' ? gatheredOf(nodes, model) : '',
    ...light
  };
}

/** A leaf comes with the first operation that takes it. */
function isUnborn(node: GraphNode, { consumers, born = Infinity }: Lights): boolean {
  const first = node.kind === 'function' ? node.id : consumers.get(node.id)?.[0];
  return first !== undefined && first > born;
}

function differenceOf(nodes: readonly GraphNode[], differences: Differences): Face['differs'] {
  const signs = nodes.map(node => differences.get(node.id) ?? '');
  if (signs.length > 0 && signs.every(sign => sign === '+')) return '+';
  return signs.some(sign => sign !== '') ? '~' : '';
}

/** The shape under a box; of a single number rather its value. */
function shapeOf(node: GraphNode, letters: Letters): string {
  const scalar = node.shapes[0]?.length === 0;
  return scalar && node.values !== null ? `= ${node.values}` : letters.shape(node);
}

function words(
  box: Box,
  nodes: readonly GraphNode[],
  first: GraphNode | undefined
): Pick<Face, 'symbol' | 'name' | 'times' | 'detail'> {
  const many = box.times > 1 ? ` ${SIGN.repeat}${box.times}` : '';
  const times = box.loops > 0 ? `${many} ${SIGN.loop}` : many;
  if (box.scope !== null) {
    const { path, link, call } = box.scope;
    const name = path.split('/').at(-1) ?? '';
    const which = box.kind === 'call' ? ` #${call}` : '';
    const count = nodes.length === 1 ? (first?.label ?? '') : `${nodes.length} ops`;
    const detail = path === '' ? count : `${link}, ${count}`;
    return { symbol: SIGN.folded, name: name === '' ? link : name, times: times + which, detail };
  }
  if (first === undefined) return { symbol: '', name: '', times: '', detail: '' };
  if (box.kind === 'leaf') return leafWords(box, first, times);
  const plain = first.symbol === '' || first.label.startsWith(first.symbol);
  return { symbol: plain ? '' : first.symbol, name: first.label, times, detail: '' };
}

function leafWords(
  box: Box,
  first: GraphNode,
  times: string
): Pick<Face, 'symbol' | 'name' | 'times' | 'detail'> {
  const tail = first.label.split('/').at(-1) ?? '';
  const bare = box.times > 1 ? tail.replace(/[\d_[\]]+$/, '') : tail;
  const numbers = (first.shapes[0] ?? []).join(SIGN.repeat);
  const detail = first.values !== null && numbers === '' ? first.values : numbers;
  const name = bare === '' && (detail === '' || box.times > 1) ? first.kind : bare;
  return { symbol: '', name, times, detail };
}

function gatheredOf(nodes: readonly GraphNode[], { gradients }: Lights): string {
  const uses = Math.max(0, ...nodes.map(node => gradients.get(node.id)?.gathered ?? 0));
  return uses > 0 ? `${SIGN.repeat}${uses}` : '';
}

function lightOf(
  nodes: readonly GraphNode[],
  model: Lights
): { bad: boolean; heat: number | null; gradient: string } {
  let norm = -1;
  let text: string | undefined;
  let lit = false;
  let bad = false;
  for (const node of nodes) {
    for (const each of node.stats) if (each !== null && each.nan + each.inf > 0) bad = true;
    const back = model.gradients.get(node.id);
    if (back === undefined) continue;
    lit = true;
    if (back.nan > 0) bad = true;
    norm = Math.max(norm, back.norm ?? -1);
    text = back.text;
  }
  if (!lit) return { bad, heat: null, gradient: '' };
  if (norm < 0) return { bad, heat: 0, gradient: SIGN.gradient };
  const heat = heatLevel(norm, model.highest);
  return { bad, heat, gradient: `${SIGN.gradient}${text ?? tiny(norm)}` };
}
