/** The steps of a walk through a graph, as Python tells them, and what is known when. */
import type { Back, GraphNode } from '../graph/protocol';
import { tiny } from '../graph/words';

/** Numbers as nested lists; what JSON lacks is a text: 'NaN', 'Infinity'. */
export type Values = number | string | boolean | readonly Values[];

export interface Shown {
  readonly shape: readonly number[] | null;
  readonly values: Values | null;
  readonly norm: number | string | null;
  readonly text: string;
}

export interface Input extends Shown {
  readonly name: string;
  readonly of: string | null;
  readonly node: number | null;
}

export interface Part {
  readonly name: string;
  readonly of: string;
  readonly node: number;
  readonly local: (Shown & { readonly kind: 'each' | 'table' }) | null;
  readonly part: Shown;
  readonly stretched: boolean;
  readonly before: readonly Shown[];
  readonly total: Shown;
  readonly path: number;
  readonly paths: number;
}

export type StepPhase = 'forward' | 'seed' | 'backward' | 'leaf';

export interface Step {
  readonly phase: StepPhase;
  readonly node: number;
  readonly title: string;
  readonly name: string;
  readonly label: string;
  readonly formula: string;
  readonly options: string;
  readonly code: string;
  readonly words: string;
  readonly names: string;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Shown[];
  readonly arriving: readonly Shown[];
  readonly parts: readonly Part[];
  readonly light: Back | null;
  readonly text: string;
}

export interface Walk {
  readonly graph: unknown;
  readonly steps: readonly Step[];
  /** So many steps of the forward pass. */
  readonly turn: number;
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
