/**
 * The graph JSON and the messages of the wire, and their checks.
 * Whatever comes in is unknown: `parseMessage` answers with a typed message or with one sentence.
 */
import { choice, count, fields, list, only, optional, orNull, otherwise, real, record, refuse, text,
  tried, variants, type Check, type Checked, type Parsed } from '../kit/check';

/** What a message may hold at most; longer texts are cut, longer lists are refused. */
export const LIMITS = { list: 50_000, dims: 32, outputs: 64, inputs: 4_096, text: 240, code: 600 };

const WORDS = text(LIMITS.text);
const CODE = text(LIMITS.code);
const SYMBOL = text(24);
const KIND = choice('function', 'variable', 'parameter', 'data');
const PHASE = choice('idle', 'forward', 'backward', 'update');
const QUESTION = choice('histogram', 'values');

export type Phase = Checked<typeof PHASE>;
export type NodeKind = Checked<typeof KIND>;
export type Question = Checked<typeof QUESTION>;

/** A list that may be missing. */
function some<T>(item: Check<T>, most: number = LIMITS.list): Check<readonly T[]> {
  return otherwise(list(item, most), []);
}

/** One call of a link. */
const SCOPE = only(
  record({ id: count, parent: orNull(count), path: WORDS, link: WORDS, call: count }),
  'inside of a scope with a smaller id', ({ id, parent }) => parent === null || parent < id);
export type Scope = Checked<typeof SCOPE>;

const STATS = record({
  min: orNull(real), max: orNull(real), mean: orNull(real), std: orNull(real),
  nan: otherwise(count, 0), inf: otherwise(count, 0)
});
export type Stats = Checked<typeof STATS>;

const WHERE = record({ file: WORDS, line: count, code: otherwise(CODE, '') });
export type Where = Checked<typeof WHERE>;

export interface Input {
  readonly source: number;
  readonly output: number;
  readonly needsGrad: boolean;
}

const INPUT: Check<Input> = (value, where) => {
  if (!Array.isArray(value) || value.length < 2) {
    return refuse(where, '[source id, output index, needs gradient]', value);
  }
  return {
    source: count(value[0], `${where}[0]`),
    output: count(value[1], `${where}[1]`),
    needsGrad: value[2] === true
  };
};

const SENT = record({
  id: count,
  kind: KIND,
  label: WORDS,
  symbol: otherwise(SYMBOL, ''),
  scope: orNull(count),
  inputs: some(INPUT, LIMITS.inputs),
  shapes: some(list(count, LIMITS.dims), LIMITS.outputs),
  dtypes: some(WORDS, LIMITS.outputs),
  device: otherwise(WORDS, ''),
  bytes_kept: otherwise(count, 0),
  keeps: some(WORDS, LIMITS.outputs),
  macs: otherwise(count, 0),
  seconds: otherwise(real, 0),
  where: orNull(WHERE),
  stats: some(orNull(STATS), LIMITS.outputs),
  values: orNull(CODE)
});
export type GraphNode = Checked<typeof SENT>;

const NODE: Check<GraphNode> = (value, where) => {
  const node = SENT(value, where);
  return node.kind === 'function' || node.inputs.length === 0 ? node : { ...node, inputs: [] };
};

/** The operation that raised. It is no node: nothing came out of it. */
const FAILED = record({ label: WORDS, symbol: SYMBOL, inputs: list(INPUT, LIMITS.inputs) });
export type Failed = Checked<typeof FAILED>;

const BACK = record({
  id: count, norm: orNull(real), nan: otherwise(count, 0), gathered: optional(count)
});
/** The gradient that reached a node's output. */
export interface Back {
  readonly id: number;
  readonly norm: number | null;
  readonly nan: number;
  /** Written instead of the norm: a single number with its sign. */
  readonly text?: string;
  /** So many uses of this leaf were put together: one product gave their gradient. */
  readonly gathered?: number;
}

const BATCH = record({
  scopes: some(SCOPE), nodes: some(NODE), backward: some<Back>(BACK), released: some(count),
  updates: some(count), phase: otherwise(PHASE, 'idle'), truncated: otherwise(count, 0)
});
export type Batch = Checked<typeof BATCH>;

const VERSION = record({ format: choice('minichain-graph'), version: choice(1) });
const DRAWN = record({
  title: orNull(WORDS), scopes: some(SCOPE), nodes: some(NODE), backward: some<Back>(BACK),
  truncated: otherwise(count, 0)
});
export type Graph = Checked<typeof DRAWN>;

const GRAPH: Check<Graph> = (value, where) => {
  VERSION(value, where);
  return DRAWN(value, where);
};

const HISTOGRAM = record({ counts: list(count, 512), edges: list(real, 513) });
export type Histogram = Checked<typeof HISTOGRAM>;

/** Counts, if there are any: of a value that is gone there are none. */
const COUNTED: Check<Histogram | null> = (value, where) => {
  const { counts, edges } = fields(value ?? {}, where);
  return counts === undefined || edges === undefined ? null : HISTOGRAM(value, where);
};

const ANSWER = record({ id: count, what: QUESTION, data: COUNTED, text: otherwise(CODE, '') });

const MESSAGES = {
  state: (value: unknown, where: string) => {
    const { run, graph } = record({ run: count, graph: GRAPH })(value, where);
    return { run, ...BATCH(value, where), ...graph };
  },
  begin: record({ run: count, title: orNull(WORDS) }),
  batch: (value: unknown, where: string) =>
    ({ ...record({ run: count, seq: count })(value, where), ...BATCH(value, where) }),
  note: record({ text: WORDS }),
  error: record({ text: CODE, id: orNull(count), operation: orNull(FAILED) }),
  against: record({ graph: GRAPH }),
  answer: (value: unknown, where: string) => {
    const { data: histogram, ...answer } = ANSWER(value, where);
    return { ...answer, histogram };
  }
};
const MESSAGE = variants('t', MESSAGES);
const T = choice(...Object.keys(MESSAGES));

export type KernelMessage = Checked<typeof MESSAGE>;
export type Answer = Extract<KernelMessage, { t: 'answer' }>;

export type FrontMessage =
  | { t: 'ready' }
  | { t: 'sync' }
  | { t: 'ask'; id: number; what: Question }
  | { t: 'pause'; on: boolean };

/** Check a message of the kernel. */
export function parseMessage(value: unknown): Parsed<KernelMessage> {
  const check: typeof MESSAGE = (it, where) =>
    MESSAGE(it, T(fields(it, where)['t'], `${where}\u2019s "t"`));
  return tried(check, value, 'A message');
}

/** Check a whole graph, as `Graph.to_json` writes it. */
export function parseGraph(value: unknown): Parsed<Graph> {
  return tried(GRAPH, value, 'The graph');
}
