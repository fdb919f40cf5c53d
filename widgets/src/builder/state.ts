/** What Python says about a net that is being built, and small questions about it. */
import { count, flag, list, orNull, real, record, refuse, table, text, variants,
  type Check, type Checked } from '../kit';

/** Blocks inside of each other, and as many as one net has: more than Python lets into a net. */
const DEEPEST = 16;
const MOST = 1_000;

const WORDS = text();
const NAMED = { name: WORDS, help: WORDS };
const NUMBER = record({ ...NAMED, low: real, high: real });
const SETTING = variants('type', {
  whole: NUMBER, real: NUMBER, choice: record({ ...NAMED, options: list(WORDS, MOST) }),
  switch: record(NAMED)
});
export type Setting = Checked<typeof SETTING>;

const KIND = record({
  kind: WORDS, label: WORDS, symbol: WORDS, group: WORDS, help: WORDS,
  settings: list(SETTING, MOST),
  /** The axes of what it works on: 'I', 'CHW', 'TI', 'T'. */
  takes: list(WORDS, MOST)
});
export type Kind = Checked<typeof KIND>;

const EDGE = record({
  axes: WORDS, shape: WORDS, memory: WORDS,
  /** The shape in words: 'a batch of 32 examples: 16 channels, height 8, width 8'. */
  words: WORDS
});
export type Edge = Checked<typeof EDGE>;

const VALUE: Check<number | string | boolean> = (value, where) =>
  typeof value === 'boolean' ? value
    : typeof value === 'string' ? WORDS(value, where) : real(value, where);

const ALONE = record({
  id: count, kind: WORDS, label: WORDS, symbol: WORDS,
  /** What its link is called in code; '' without one. */
  name: WORDS,
  settings: table(VALUE, MOST),
  /** What comes in, of a residual branch; what comes out. */
  arrives: orNull(EDGE),
  edge: orNull(EDGE),
  cost: WORDS,
  /** A block before it does not fit, so that nothing arrives. */
  waits: flag,
  problem: WORDS,
  repairs: list(WORDS, MOST)
});
export type Block = Checked<typeof ALONE> & {
  /** The blocks of each branch; of a residual branch those inside, then those on the way round. */
  readonly lanes: readonly (readonly Block[])[];
};

function block(depth: number): Check<Block> {
  return (value, where) => {
    if (depth > DEEPEST) return refuse(where, `at most ${DEEPEST} branches deep`, value);
    const lanes = record({ lanes: list(list(block(depth + 1), MOST), MOST) });
    return { ...ALONE(value, where), ...lanes(value, where) };
  };
}

const STATE = record({
  data: record({ name: WORDS, note: WORDS, names: list(WORDS, MOST), edge: EDGE, wanted: WORDS,
    trainable: flag }),
  blocks: list(block(1), MOST),
  end: record({ problem: WORDS, repairs: list(WORDS, MOST) }),
  totals: record({ weights: WORDS, macs: WORDS, memory: WORDS, batch: count }),
  fits: flag,
  /** The net has changed since it was trained. */
  stale: flag,
  code: text(1_000_000),
  /** What the button Train does, as code; '' without data. */
  training: text(1_000_000),
  /** What the button Take apart does; '' without test examples. */
  apart: text(1_000_000),
  /** What one sees then, in words. */
  seen: WORDS,
  json: text(20_000_000),
  undo: count,
  redo: count
});
export type State = Checked<typeof STATE>;

/** The messages of Python. */
export const TOLD = {
  palette: record({ blocks: list(KIND, MOST) }),
  /** `focus`: the block that the cursor goes to; `chosen`: the one that new ones follow. */
  state: record({ state: STATE, focus: orNull(count), chosen: orNull(count) }),
  wrong: record({ id: count, name: WORDS, text: WORDS }),
  unread: record({ text: WORDS }),
  /** The id of another widget's model. */
  run: record({ model: WORDS, begins: flag }),
  /** The same, and the code of the net that it is a picture of. */
  shown: record({ model: WORDS, begins: flag, code: text(1_000_000) })
} as const;

/** Where a block stands, or would: in which branch of which block (null: in none). */
export interface Place {
  readonly parent: number | null;
  readonly index: number;
  readonly lane: number;
}

/** All blocks from top to bottom, as the arrow keys walk them. */
export function inOrder(blocks: readonly Block[]): Block[] {
  return blocks.flatMap(block => [block, ...block.lanes.flatMap(inOrder)]);
}

export function find(blocks: readonly Block[], id: number): Block | null {
  return inOrder(blocks).find(block => block.id === id) ?? null;
}

export function placeOf(
  blocks: readonly Block[],
  id: number,
  parent: number | null = null,
  lane = 0
): Place | null {
  for (const [index, block] of blocks.entries()) {
    if (block.id === id) return { parent, index, lane };
    for (const [number, inside] of block.lanes.entries()) {
      const found = placeOf(inside, id, block.id, number);
      if (found !== null) return found;
    }
  }
  return null;
}

/** Where a new block goes: behind the current one, into a branch that is empty, or to the end. */
export function placeOfNew(state: State, current: number | null): Place {
  const block = current === null ? null : find(state.blocks, current);
  const place = block === null ? null : placeOf(state.blocks, block.id);
  if (block === null || place === null) {
    return { parent: null, index: state.blocks.length, lane: 0 };
  }
  if (block.lanes[0]?.length === 0) return { parent: block.id, index: 0, lane: 0 };
  return { ...place, index: place.index + 1 };
}

/** What flows along the edge at a place; null if a block before it does not fit. */
export function arrivesAt(state: State, place: Place): Edge | null {
  const parent = place.parent === null ? null : find(state.blocks, place.parent);
  const level = parent === null ? state.blocks : parent.lanes[place.lane] ?? [];
  const before = level[place.index - 1];
  if (before !== undefined) return before.edge;
  return parent === null ? state.data.edge : parent.arrives;
}

/** Whether there is such a place, after the net has changed. */
export function isPlace(state: State, place: Place): boolean {
  const parent = place.parent === null ? null : find(state.blocks, place.parent);
  if (place.parent !== null && parent === null) return false;
  const level = parent === null ? state.blocks : parent.lanes[place.lane];
  return level !== undefined && place.index <= level.length;
}

export function samePlace(a: Place, b: Place): boolean {
  return a.parent === b.parent && a.lane === b.lane && a.index === b.index;
}

/** What a sentence calls the data on an edge. */
export const KINDS_OF_DATA: Readonly<Record<string, string>> = {
  I: 'rows of numbers', CHW: 'images', TI: 'sequences', T: 'words'
};

/** 'conv2d conv1', or 'flatten' where there is no link. */
export function nameOf(block: Block): string {
  return block.name === '' ? block.label : `${block.label} ${block.name}`;
}

/** What is said of a block to those who do not see it. */
export function describe(block: Block): string {
  const name = nameOf(block);
  if (block.problem !== '') return `${name}, does not fit: ${block.problem}`;
  if (block.edge === null) return `${name}, waits for a block before it to fit`;
  return `${name}, gives ${block.edge.shape}, ${block.cost}`;
}
