/**
 * Incremental layered layout, top-down in columns. What is placed never moves.
 *
 * A box takes the column of its deepest input and the first free height below its inputs; a
 * branch that begins without inputs begins beside the box placed last. The calls of links nest
 * and follow one another, so an open frame owns its columns down to the bottom: growing it
 * sideways is allowed only where nothing foreign stands at its height.
 */
import { look } from './look';

export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
  /** How far the boxes stacked behind it stand out above. */
  over: number;
}

export interface Frame extends Omit<Rect, 'over'> {
  id: number;
  depth: number;
}

export interface Wish {
  key: string;
  height: number;
  over: number;
  frames: readonly number[];
  /** Boxes whose output it takes. */
  inputs: readonly string[];
  /** The leaf that stands above it, where a chain begins. */
  lead: string | null;
  /** The leaves that stand at its left, once its column and height are known. */
  slots(column: number, y: number): readonly string[];
}

interface OpenFrame extends Frame {
  left: number;
  right: number;
}

const [BOX_W] = look.sizes.function as [number, number];
const [LEAF_W, LEAF_H] = look.sizes.leaf as [number, number];
const GAP = look.sizes.gap;
const HEADER = look.sizes['frame-header'];
const STEP = look.sizes['frame-step'];
const SLOT = LEAF_H + look.sizes.grid;
const LEAD_GAP = 24;
/** From a box down to the frame's edge: room for the shape that stands under the box. */
const UNDER = 24;
const LEAF_X = 10;
const BOX_X = LEAF_X + LEAF_W + 12;
const FRAME_W = BOX_X + BOX_W + 32;
export const COLUMN = FRAME_W + 12;
/** What a column further away costs, in pixels of height. */
const ASIDE = 48;
/** The same for columns that do not fit beside each other in the panel. */
const OUTSIDE = 160;
const MOST_COLUMNS = 24;

export class Layout {
  readonly rects = new Map<string, Rect>();
  readonly columns = new Map<string, number>();
  readonly frames = new Map<number, Frame>();
  /** The box above, in the same column. */
  readonly above = new Map<string, string>();
  private open: OpenFrame[] = [];
  private sky: number[] = [];
  private lowest: (string | undefined)[] = [];
  private slotsOf = new Map<string, number>();
  private last: { column: number; y: number } | null = null;
  readonly bounds = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };

  /** The height at which each box without inputs was to begin. */
  readonly starts = new Map<string, number>();

  /**
   * `breadth`: so many columns fit beside each other in the panel.
   * `wishes`: other heights for boxes without inputs to begin at.
   */
  constructor(
    private readonly breadth = 3,
    private readonly wishes: ReadonlyMap<string, number> = new Map()
  ) {}

  /** The horizontal middle of a column's boxes. */
  static middle(column: number): number {
    return column * COLUMN + BOX_X + BOX_W / 2;
  }

  /** Where the lanes of lines start, right of a column's boxes. */
  static gutter(column: number): number {
    return column * COLUMN + BOX_X + BOX_W + 12;
  }

  place(wish: Wish): Rect {
    const shared = this.closeFrames(wish.frames);
    const fresh = wish.frames.slice(shared);
    const least = this.leastY(wish);
    const column = this.chooseColumn(wish, least);
    let y = Math.max(least, this.skyAt(column));
    const slots = wish.slots(column, y);
    const stack = Math.max(wish.height, slots.length * SLOT - look.sizes.grid);
    const top = y;
    if (wish.lead !== null) {
      this.put(wish.lead, column, leadX(column), y, BOX_W, LEAF_H);
      for (const frame of this.open) this.extend(frame, column, y + LEAF_H);
      y += LEAF_H + LEAD_GAP;
    }
    for (const id of fresh) {
      this.openFrame(id, column, y);
      y += HEADER;
    }
    y += wish.over;
    const boxY = y + (stack - wish.height) / 2;
    const rect = this.put(wish.key, column, column * COLUMN + BOX_X, boxY, BOX_W, wish.height);
    rect.over = wish.over;
    slots.forEach((slot, index) => {
      const slotY = y + (stack - (slots.length * SLOT - look.sizes.grid)) / 2 + index * SLOT;
      this.put(slot, column, column * COLUMN + LEAF_X, slotY, LEAF_W, LEAF_H);
    });
    this.slotsOf.set(wish.key, slots.length);
    const bottom = y + stack;
    for (const frame of this.open) this.extend(frame, column, bottom + UNDER);
    const before = this.lowest[column];
    if (before !== undefined) this.above.set(wish.key, before);
    this.lowest[column] = wish.key;
    this.raise(column, bottom + GAP);
    this.last = { column, y: wish.lead === null && fresh.length === 0 ? boxY : top };
    return rect;
  }

  /** A leaf that comes when its folded consumer already stands; null where there is no room. */
  placeLate(owner: string, leaf: string): Rect | null {
    const rect = this.rects.get(owner);
    const column = this.columns.get(owner);
    const taken = this.slotsOf.get(owner) ?? 0;
    if (rect === undefined || column === undefined || taken >= 2) return null;
    this.slotsOf.set(owner, taken + 1);
    const y = rect.y - 3 + taken * SLOT;
    this.raise(column, y + LEAF_H + GAP / 2);
    return this.put(leaf, column, column * COLUMN + LEAF_X, y, LEAF_W, LEAF_H);
  }

  /** The height at which a box with these wishes would start, were every column free. */
  private leastY(wish: Wish): number {
    let least = -Infinity;
    for (const key of wish.inputs) {
      const rect = this.rects.get(key);
      if (rect !== undefined) least = Math.max(least, rect.y + rect.h + GAP);
    }
    if (least === -Infinity) {
      least = this.wishes.get(wish.key) ?? this.last?.y ?? 0;
      this.starts.set(wish.key, least);
    }
    const inner = this.open.at(-1);
    return inner === undefined ? least : Math.max(least, inner.y + HEADER);
  }

  private chooseColumn(wish: Wish, least: number): number {
    let wanted = this.last?.column ?? 0;
    let deepest = -Infinity;
    for (const key of wish.inputs) {
      const rect = this.rects.get(key);
      const column = this.columns.get(key);
      if (rect === undefined || column === undefined) continue;
      const bottom = rect.y + rect.h;
      if (bottom > deepest + 1 || (bottom > deepest - 1 && column < wanted)) wanted = column;
      deepest = Math.max(deepest, bottom);
    }
    let best = -1;
    let cost = Infinity;
    for (let column = 0; column <= Math.min(this.sky.length, MOST_COLUMNS); column += 1) {
      if (!this.isAllowed(column)) continue;
      const far = Math.abs(column - wanted);
      const outside = column >= this.breadth && column > wanted ? OUTSIDE : 0;
      const price = Math.max(0, this.skyAt(column) - least) + ASIDE * far + outside;
      if (price < cost) {
        cost = price;
        best = column;
      }
    }
    return best < 0 ? wanted : best;
  }

  /** Whether every open frame may take this column without swallowing something foreign. */
  private isAllowed(column: number): boolean {
    return this.open.every(frame => {
      const from = Math.min(column, frame.left);
      const to = Math.max(column, frame.right);
      for (let each = from; each <= to; each += 1) {
        const inside = each >= frame.left && each <= frame.right;
        if (!inside && this.skyAt(each) > frame.y + GAP - 12) return false;
      }
      return true;
    });
  }

  /** Close the frames that the next box is not in; answers how many stay open. */
  private closeFrames(wanted: readonly number[]): number {
    let shared = 0;
    while (shared < this.open.length && this.open[shared]?.id === wanted[shared]) shared += 1;
    for (const frame of this.open.splice(shared)) {
      for (let column = frame.left; column <= frame.right; column += 1) {
        this.raise(column, frame.y + frame.h + 12);
      }
    }
    return shared;
  }

  private openFrame(id: number, column: number, y: number): void {
    const depth = this.open.length;
    const inset = STEP * Math.min(depth, 3);
    const frame: OpenFrame = {
      id,
      depth,
      x: column * COLUMN + inset,
      y,
      w: FRAME_W - 2 * inset,
      h: HEADER,
      left: column,
      right: column
    };
    this.open.push(frame);
    this.frames.set(id, frame);
    this.widen(frame.x, frame.y, frame.w, frame.h);
  }

  private extend(frame: OpenFrame, column: number, bottom: number): void {
    frame.left = Math.min(frame.left, column);
    frame.right = Math.max(frame.right, column);
    const inset = STEP * Math.min(frame.depth, 3);
    frame.x = frame.left * COLUMN + inset;
    frame.w = (frame.right - frame.left) * COLUMN + FRAME_W - 2 * inset;
    const below = 5 * (this.open.length - 1 - frame.depth);
    frame.h = Math.max(frame.h, bottom + below - frame.y);
    this.widen(frame.x, frame.y, frame.w, frame.h);
  }

  private put(key: string, column: number, x: number, y: number, w: number, h: number): Rect {
    const rect = { x, y, w, h, over: 0 };
    this.rects.set(key, rect);
    this.columns.set(key, column);
    this.widen(x, y, w, h);
    return rect;
  }

  private widen(x: number, y: number, w: number, h: number): void {
    this.bounds.left = Math.min(this.bounds.left, x);
    this.bounds.top = Math.min(this.bounds.top, y);
    this.bounds.right = Math.max(this.bounds.right, x + w);
    this.bounds.bottom = Math.max(this.bounds.bottom, y + h);
  }

  private skyAt(column: number): number {
    return this.sky[column] ?? -Infinity;
  }

  private raise(column: number, y: number): void {
    while (this.sky.length <= column) this.sky.push(-Infinity);
    this.sky[column] = Math.max(this.skyAt(column), y);
  }
}

function leadX(column: number): number {
  return Layout.middle(column) - BOX_W / 2;
}
