/** The steps of a walk through a graph, as Python tells them, and what is known when. */
import { parseGraph, type Back, type GraphNode } from '../graph/protocol';
import { tiny } from '../graph/words';
import { anything, choice, count, flag, list, optional, orNull, real, record, text, tried,
  type Check, type Checked } from '../kit';

const WORDS = text();
/** Numbers of an array that are few enough to be shown; gradients that meet at one place. */
const FEW = 1_000;

/** Numbers as nested lists; what JSON lacks is a text: 'NaN', 'Infinity'. */
export type Values = number | string | boolean | readonly Values[];

const VALUES: Check<Values> = (value, where) => {
  if (Array.isArray(value)) return list(VALUES, FEW)(value, where);
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' ? WORDS(value, where) : real(value, where);
};

const SHOWN = {
  shape: orNull(list(count, 32)),
  values: orNull(VALUES),
  norm: orNull((value: unknown, where: string) =>
    typeof value === 'string' ? WORDS(value, where) : real(value, where)),
  text: WORDS
};
const shown = record(SHOWN);
export type Shown = Checked<typeof shown>;

const INPUT = record({ ...SHOWN, name: WORDS, of: orNull(WORDS), node: orNull(count) });
export type Input = Checked<typeof INPUT>;

const PART = record({
  name: WORDS,
  of: WORDS,
  node: count,
  local: orNull(record({ ...SHOWN, kind: choice('each', 'table') })),
  part: shown,
  stretched: flag,
  before: list(shown, FEW),
  total: shown,
  path: count,
  paths: count
});
export type Part = Checked<typeof PART>;

const STEP = record({
  phase: choice('forward', 'seed', 'backward', 'leaf'),
  node: count,
  title: WORDS,
  name: WORDS,
  label: WORDS,
  formula: WORDS,
  options: WORDS,
  code: WORDS,
  words: WORDS,
  names: WORDS,
  inputs: list(INPUT, FEW),
  outputs: list(shown, FEW),
  arriving: list(shown, FEW),
  parts: list(PART, FEW),
  light: orNull(record({ id: count, norm: orNull(real), nan: count })),
  text: WORDS
});
export type Step = Checked<typeof STEP>;
export type StepPhase = Step['phase'];

const WALK = record({
  graph: anything,
  steps: list(STEP, 5_000),
  /** So many steps of the forward pass. */
  turn: count
});
export type Walk = Checked<typeof WALK>;

/** The traits of the widget, beside the walk. */
export const TRAITS = record({
  position: count,
  playing: flag,
  pace: real,
  quiz: flag,
  question: record({ ask: optional(WORDS), help: optional(WORDS) }),
  verdict: record({ verdict: optional(WORDS), text: optional(WORDS) })
});
export type Traits = Checked<typeof TRAITS>;
export const AT_START: Traits =
  { position: 0, playing: false, pace: 1.2, quiz: false, question: {}, verdict: {} };

/** The walk of a widget with the nodes of its graph; without steps, if something is wrong. */
export function readWalk(scene: unknown): {
  readonly walk: Walk; readonly nodes: readonly GraphNode[]; readonly problem: string;
} {
  const nothing = { walk: { steps: [], turn: 0 }, nodes: [] };
  const walk = tried(WALK, scene, 'The walk');
  if (!walk.ok) return { ...nothing, problem: walk.error };
  const graph = parseGraph(walk.value.graph);
  return graph.ok ? { walk: walk.value, nodes: graph.value.nodes, problem: '' }
    : { ...nothing, problem: graph.error };
}

/** What the picture shows once so many steps are done. */
export interface Place {
  /** The node of the last step; null at the start. */
  readonly present: number | null;
  /** Operations that have not run yet. */
  readonly waiting: ReadonlySet<number>;
  readonly nodes: readonly GraphNode[];
  readonly backward: readonly Back[];
}

export function placeAt(steps: readonly Step[], nodes: readonly GraphNode[], done: number): Place {
  const values = new Map<number, string>();
  const waiting = new Set<number>();
  const backward: Back[] = [];
  steps.forEach((step, index) => {
    const text = step.outputs[0]?.values == null ? null : (step.outputs[0]?.text ?? null);
    const leaf = step.phase === 'leaf';
    if (index < done || leaf) {
      if (text !== null) values.set(step.node, text);
      if (index < done && step.light !== null) backward.push(lightOf(step));
    } else if (step.phase === 'forward') {
      waiting.add(step.node);
    }
  });
  return {
    present: steps[done - 1]?.node ?? null,
    waiting,
    nodes: nodes.map(node => ({ ...node, values: values.get(node.id) ?? null })),
    backward
  };
}

/** The entry of the graph, with the gradient itself where it is one number. */
function lightOf(step: Step): Back {
  const light = step.light ?? { id: step.node, norm: null, nan: 0 };
  const value = step.arriving.length === 1 ? step.arriving[0]?.values : null;
  return typeof value === 'number' ? { ...light, text: tiny(value).replace('-', '\u2212') } : light;
}

/** Where to go when a node is clicked: its step in the pass that is shown; null if it has none. */
export function stepOf(walk: Walk, id: number, done: number): number | null {
  const back = done > walk.turn;
  const index = walk.steps.findIndex((step, k) => step.node === id && k >= walk.turn === back);
  const any = index >= 0 ? index : walk.steps.findIndex(step => step.node === id);
  return any < 0 ? null : any + 1;
}
