/** What Python says about a net that is being built, and small questions about it. */

export type Setting =
  | { readonly name: string; readonly help: string; readonly type: 'whole' | 'real';
      readonly low: number; readonly high: number }
  | { readonly name: string; readonly help: string; readonly type: 'choice';
      readonly options: readonly string[] }
  | { readonly name: string; readonly help: string; readonly type: 'switch' };

export interface Kind {
  readonly kind: string;
  readonly label: string;
  readonly symbol: string;
  readonly group: string;
  readonly help: string;
  readonly settings: readonly Setting[];
  /** The axes of what it works on: 'I', 'CHW', 'TI', 'T'. */
  readonly takes: readonly string[];
}

export interface Edge {
  readonly axes: string;
  readonly shape: string;
  /** The shape in words: 'a batch of 32 examples: 16 channels, height 8, width 8'. */
  readonly words: string;
  readonly memory: string;
}

export interface Block {
  readonly id: number;
  readonly kind: string;
  readonly label: string;
  readonly symbol: string;
  /** What its link is called in code; '' without one. */
  readonly name: string;
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  /** What comes in, of a residual branch; what comes out. */
  readonly arrives: Edge | null;
  readonly edge: Edge | null;
  readonly cost: string;
  /** A block before it does not fit, so that nothing arrives. */
  readonly waits: boolean;
  readonly problem: string;
  readonly repairs: readonly string[];
  /** The blocks of each branch; of a residual branch those inside, then those on the way round. */
  readonly lanes: readonly (readonly Block[])[];
}

export interface State {
  readonly data: {
    readonly name: string;
    readonly note: string;
    readonly names: readonly string[];
    readonly edge: Edge;
    readonly wanted: string;
    readonly trainable: boolean;
  };
  readonly blocks: readonly Block[];
  readonly end: { readonly problem: string; readonly repairs: readonly string[] };
  readonly totals: {
    readonly weights: string;
    readonly macs: string;
    readonly memory: string;
    readonly batch: number;
  };
  readonly fits: boolean;
  /** The net has changed since it was trained. */
  readonly stale: boolean;
  readonly code: string;
  /** What the button Train does, as code; '' without data. */
  readonly training: string;
  readonly json: string;
  readonly undo: number;
  readonly redo: number;
}

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
