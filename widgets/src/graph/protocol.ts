/**
 * The graph JSON and the messages of the wire, and their checks.
 * Whatever comes in is unknown: `parseMessage` answers with a typed message or with one sentence.
 */

export type Phase = 'idle' | 'forward' | 'backward' | 'update';
export type NodeKind = 'function' | 'variable' | 'parameter' | 'data';

/** One call of a link. */
export interface Scope {
  id: number;
  parent: number | null;
  path: string;
  link: string;
  call: number;
}

export interface Stats {
  min: number | null;
  max: number | null;
  mean: number | null;
  std: number | null;
  nan: number;
  inf: number;
}

export interface Where {
  file: string;
  line: number;
  code: string;
}

export interface Input {
  source: number;
  output: number;
  needsGrad: boolean;
}

export interface GraphNode {
  id: number;
  kind: NodeKind;
  label: string;
  symbol: string;
  scope: number | null;
  inputs: Input[];
  shapes: number[][];
  dtypes: string[];
  device: string;
  bytesKept: number;
  keeps: string[];
  macs: number;
  seconds: number;
  where: Where | null;
  stats: (Stats | null)[];
  values: string | null;
}

/** The gradient that reached a node's output. */
export interface Back {
  id: number;
  norm: number | null;
  nan: number;
  /** Written instead of the norm: a single number with its sign. */
  text?: string;
  /** So many uses of this leaf were put together: one product gave their gradient. */
  gathered?: number;
}

export interface Graph {
  title: string | null;
  scopes: Scope[];
  nodes: GraphNode[];
  backward: Back[];
  truncated: number;
}

export interface Batch {
  scopes: Scope[];
  nodes: GraphNode[];
  backward: Back[];
  released: number[];
  updates: number[];
  phase: Phase;
  truncated: number;
}

export type Question = 'histogram' | 'values';

export interface Histogram {
  counts: number[];
  edges: number[];
}

export interface Answer {
  t: 'answer';
  id: number;
  what: Question;
  histogram: Histogram | null;
  text: string;
}

/** The operation that raised. It is no node: nothing came out of it. */
export interface Failed {
  label: string;
  symbol: string;
  inputs: Input[];
}

export type KernelMessage =
  | ({ t: 'state'; run: number; title: string | null } & Batch)
  | { t: 'begin'; run: number; title: string | null }
  | ({ t: 'batch'; run: number; seq: number } & Batch)
  | { t: 'note'; text: string }
  | { t: 'error'; text: string; id: number | null; operation: Failed | null }
  | { t: 'against'; graph: Graph }
  | Answer;

export type FrontMessage =
  | { t: 'ready' }
  | { t: 'sync' }
  | { t: 'ask'; id: number; what: Question }
  | { t: 'pause'; on: boolean };

export type Parsed<T> = { ok: true; value: T } | { ok: false; error: string };

/** What a message may hold at most; longer texts are cut, longer lists are refused. */
export const LIMITS = { list: 50_000, dims: 32, outputs: 64, inputs: 4_096, text: 240, code: 600 };

type Fields = Record<string, unknown>;

class Refusal extends Error {}

function refuse(where: string, wanted: string, given: unknown): never {
  throw new Refusal(`${where} should be ${wanted}, but is ${describe(given)}.`);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'string') return `the text "${cut(value, 30)}"`;
  if (typeof value === 'object') return 'an object';
  return String(value);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}\u2026` : text;
}

function fields(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(where, 'an object', value);
  }
  return value as Fields;
}

function list<T>(
  value: unknown,
  where: string,
  item: (value: unknown, where: string) => T,
  most: number = LIMITS.list
): T[] {
  if (!Array.isArray(value)) refuse(where, 'a list', value);
  if (value.length > most) refuse(where, `a list of at most ${most}`, value);
  return value.map((each: unknown, index) => item(each, `${where}[${index}]`));
}

function text(value: unknown, where: string, most: number = LIMITS.text): string {
  if (typeof value !== 'string') refuse(where, 'a text', value);
  return cut(value, most);
}

function textOrNull(value: unknown, where: string, most: number = LIMITS.text): string | null {
  return value === null || value === undefined ? null : text(value, where, most);
}

function integer(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    refuse(where, 'a whole number from 0', value);
  }
  return value;
}

function integerOrNull(value: unknown, where: string): number | null {
  return value === null || value === undefined ? null : integer(value, where);
}

function real(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) refuse(where, 'a number', value);
  return value;
}

function realOrNull(value: unknown, where: string): number | null {
  return value === null || value === undefined ? null : real(value, where);
}

function choice<T extends string>(value: unknown, where: string, allowed: readonly T[]): T {
  const found = allowed.find(each => each === value);
  if (found === undefined) refuse(where, `one of ${allowed.join(', ')}`, value);
  return found;
}

function parseScope(value: unknown, where: string): Scope {
  const it = fields(value, where);
  const scope = {
    id: integer(it['id'], `${where}.id`),
    parent: integerOrNull(it['parent'], `${where}.parent`),
    path: text(it['path'], `${where}.path`),
    link: text(it['link'], `${where}.link`),
    call: integer(it['call'], `${where}.call`)
  };
  if (scope.parent !== null && scope.parent >= scope.id) {
    refuse(`${where}.parent`, `smaller than its own id ${scope.id}`, scope.parent);
  }
  return scope;
}

function parseInput(value: unknown, where: string): Input {
  if (!Array.isArray(value) || value.length < 2) {
    refuse(where, '[source id, output index, needs gradient]', value);
  }
  return {
    source: integer(value[0], `${where}[0]`),
    output: integer(value[1], `${where}[1]`),
    needsGrad: value[2] === true
  };
}

function parseStats(value: unknown, where: string): Stats | null {
  if (value === null || value === undefined) return null;
  const it = fields(value, where);
  return {
    min: realOrNull(it['min'], `${where}.min`),
    max: realOrNull(it['max'], `${where}.max`),
    mean: realOrNull(it['mean'], `${where}.mean`),
    std: realOrNull(it['std'], `${where}.std`),
    nan: integer(it['nan'] ?? 0, `${where}.nan`),
    inf: integer(it['inf'] ?? 0, `${where}.inf`)
  };
}

function parseWhere(value: unknown, where: string): Where | null {
  if (value === null || value === undefined) return null;
  const it = fields(value, where);
  return {
    file: text(it['file'], `${where}.file`),
    line: integer(it['line'], `${where}.line`),
    code: textOrNull(it['code'], `${where}.code`, LIMITS.code) ?? ''
  };
}

const KINDS = ['function', 'variable', 'parameter', 'data'] as const;
const PHASES = ['idle', 'forward', 'backward', 'update'] as const;
const QUESTIONS = ['histogram', 'values'] as const;

function parseShape(value: unknown, where: string): number[] {
  return list(value, where, integer, LIMITS.dims);
}

function parseNode(value: unknown, where: string): GraphNode {
  const it = fields(value, where);
  const kind = choice(it['kind'], `${where}.kind`, KINDS);
  const inputs = list(it['inputs'] ?? [], `${where}.inputs`, parseInput, LIMITS.inputs);
  return {
    id: integer(it['id'], `${where}.id`),
    kind,
    label: text(it['label'], `${where}.label`),
    symbol: text(it['symbol'] ?? '', `${where}.symbol`, 24),
    scope: integerOrNull(it['scope'], `${where}.scope`),
    inputs: kind === 'function' ? inputs : [],
    shapes: list(it['shapes'] ?? [], `${where}.shapes`, parseShape, LIMITS.outputs),
    dtypes: list(it['dtypes'] ?? [], `${where}.dtypes`, text, LIMITS.outputs),
    device: text(it['device'] ?? '', `${where}.device`),
    bytesKept: integer(it['bytes_kept'] ?? 0, `${where}.bytes_kept`),
    keeps: list(it['keeps'] ?? [], `${where}.keeps`, text, LIMITS.outputs),
    macs: integer(it['macs'] ?? 0, `${where}.macs`),
    seconds: real(it['seconds'] ?? 0, `${where}.seconds`),
    where: parseWhere(it['where'], `${where}.where`),
    stats: list(it['stats'] ?? [], `${where}.stats`, parseStats, LIMITS.outputs),
    values: textOrNull(it['values'], `${where}.values`, LIMITS.code)
  };
}

function failedOf(value: unknown, where: string): Failed | null {
  if (value === null || value === undefined) return null;
  const it = fields(value, where);
  return {
    label: text(it['label'], `${where}.label`),
    symbol: text(it['symbol'], `${where}.symbol`, 24),
    inputs: list(it['inputs'], `${where}.inputs`, parseInput, LIMITS.inputs)
  };
}

function parseBack(value: unknown, where: string): Back {
  const it = fields(value, where);
  return {
    id: integer(it['id'], `${where}.id`),
    norm: realOrNull(it['norm'], `${where}.norm`),
    nan: integer(it['nan'] ?? 0, `${where}.nan`),
    ...(it['gathered'] === undefined
      ? {}
      : { gathered: integer(it['gathered'], `${where}.gathered`) })
  };
}

function parseChanges(it: Fields, where: string): Batch {
  return {
    scopes: list(it['scopes'] ?? [], `${where}.scopes`, parseScope),
    nodes: list(it['nodes'] ?? [], `${where}.nodes`, parseNode),
    backward: list(it['backward'] ?? [], `${where}.backward`, parseBack),
    released: list(it['released'] ?? [], `${where}.released`, integer),
    updates: list(it['updates'] ?? [], `${where}.updates`, integer),
    phase: choice(it['phase'] ?? 'idle', `${where}.phase`, PHASES),
    truncated: integer(it['truncated'] ?? 0, `${where}.truncated`)
  };
}

function graphOf(value: unknown): Graph {
  const it = fields(value, 'The graph');
  if (it['format'] !== 'minichain-graph') {
    refuse('The graph\u2019s format', '"minichain-graph"', it['format']);
  }
  if (it['version'] !== 1) refuse('The graph\u2019s version', '1', it['version']);
  const { scopes, nodes, backward, truncated } = parseChanges(it, 'graph');
  return { title: textOrNull(it['title'], 'graph.title'), scopes, nodes, backward, truncated };
}

function histogramOf(value: unknown): Histogram | null {
  if (value === null || value === undefined) return null;
  const it = fields(value, 'answer.data');
  if (it['counts'] === undefined || it['edges'] === undefined) return null;
  return {
    counts: list(it['counts'], 'answer.data.counts', integer, 512),
    edges: list(it['edges'], 'answer.data.edges', real, 513)
  };
}

function messageOf(value: unknown): KernelMessage {
  const it = fields(value, 'A message');
  switch (it['t']) {
    case 'state': {
      const changes = parseChanges(it, 'state');
      const run = integer(it['run'], 'state.run');
      return { t: 'state', run, ...changes, ...graphOf(it['graph']) };
    }
    case 'begin': {
      const run = integer(it['run'], 'begin.run');
      return { t: 'begin', run, title: textOrNull(it['title'], 'begin.title') };
    }
    case 'batch':
      return {
        t: 'batch',
        run: integer(it['run'], 'batch.run'),
        seq: integer(it['seq'], 'batch.seq'),
        ...parseChanges(it, 'batch')
      };
    case 'against':
      return { t: 'against', graph: graphOf(it['graph']) };
    case 'note':
      return { t: 'note', text: text(it['text'], 'note.text') };
    case 'error': {
      const id = integerOrNull(it['id'], 'error.id');
      const operation = failedOf(it['operation'], 'error.operation');
      return { t: 'error', text: text(it['text'], 'error.text', LIMITS.code), id, operation };
    }
    case 'answer': {
      const what = choice(it['what'], 'answer.what', QUESTIONS);
      const id = integer(it['id'], 'answer.id');
      const words = textOrNull(it['text'], 'answer.text', LIMITS.code) ?? '';
      return { t: 'answer', id, what, histogram: histogramOf(it['data']), text: words };
    }
    default:
      return refuse('A message\u2019s "t"', 'a kind of message known here', it['t']);
  }
}

function guarded<T>(parse: () => T): Parsed<T> {
  try {
    return { ok: true, value: parse() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, error: error.message };
    return { ok: false, error: 'A message could not be read.' };
  }
}

/** Check a message of the kernel. */
export function parseMessage(value: unknown): Parsed<KernelMessage> {
  return guarded(() => messageOf(value));
}

/** Check a whole graph, as `Graph.to_json` writes it. */
export function parseGraph(value: unknown): Parsed<Graph> {
  return guarded(() => graphOf(value));
}
