/** The way of a line between two placed boxes, as an SVG path. */
import { Layout, type Rect } from './layout';
import { look } from './look';

interface Span {
  from: number;
  to: number;
}

export interface Route {
  path: string;
  /** Goes against the direction of growth: a folded loop. */
  back: boolean;
}

const [, LEAF_H] = look.sizes.leaf as [number, number];
/** The height of the shape that stands under a box. */
const UNDER = 19;
const LANES = 4;
const LANE = 4;
const BEND = 6;
const NEAR = 170;

/** Gives each long line a lane of its own beside the boxes, as far as lanes go. */
export class Router {
  private readonly lanes = new Map<number, Span[][]>();

  constructor(private readonly layout: Layout) {}

  route(from: string, to: string): Route | null {
    const a = this.layout.rects.get(from);
    const b = this.layout.rects.get(to);
    if (a === undefined || b === undefined) return null;
    const columns = [this.layout.columns.get(from) ?? 0, this.layout.columns.get(to) ?? 0] as const;
    const below = b.y >= a.y + a.h;
    if (!below) return { path: this.around(a, b, Math.max(...columns), true), back: true };
    if (columns[0] === columns[1]) {
      const above = this.layout.above.get(to);
      const next = above === from || above === undefined;
      const path = next ? straight(a, b) : this.around(a, b, columns[0], false);
      return { path, back: false };
    }
    const free = b.y - a.y - a.h < NEAR && !this.isBehind(a, to);
    if (free) return { path: curve(a, b), back: false };
    return { path: this.along(a, b, Math.min(...columns)), back: false };
  }

  /** Whether another box stands in the way from above into this one. */
  private isBehind(a: Rect, to: string): boolean {
    const above = this.layout.rects.get(this.layout.above.get(to) ?? '');
    return above !== undefined && above.y + above.h > a.y + a.h + UNDER;
  }

  /** Out at the right, along a lane, and in at the right. */
  private around(a: Rect, b: Rect, column: number, back: boolean): string {
    const y1 = middleY(a) + (back ? 0 : 4);
    const y2 = middleY(b) - (back ? 0 : 4);
    const x = this.lane(column, Math.min(y1, y2), Math.max(y1, y2));
    const down = y2 > y1 ? 1 : -1;
    const bend = Math.min(BEND, Math.abs(y2 - y1) / 2) * down;
    return (
      `M${a.x + a.w} ${y1}H${x - BEND}Q${x} ${y1} ${x} ${y1 + bend}V${y2 - bend}` +
      `Q${x} ${y2} ${x - BEND} ${y2}H${b.x + b.w + 1}` +
      `m5 -3.5l-5 3.5l5 3.5`
    );
  }

  /** Down a lane between the columns. */
  private along(a: Rect, b: Rect, column: number): string {
    const [x1, y1, x2, y2] = ends(a, b);
    const x = this.lane(column, y1, y2);
    return (
      `M${x1} ${y1}C${x1} ${y1 + 14} ${x} ${y1} ${x} ${y1 + 17}V${y2 - 17}` +
      `C${x} ${y2 - 7} ${x2} ${y2 - 15} ${x2} ${y2}${HEAD}`
    );
  }

  private lane(column: number, from: number, to: number): number {
    let lanes = this.lanes.get(column);
    if (lanes === undefined) {
      lanes = Array.from({ length: LANES }, () => []);
      this.lanes.set(column, lanes);
    }
    const free = lanes.findIndex(spans => spans.every(span => span.to < from || span.from > to));
    const index = free < 0 ? LANES - 1 : free;
    lanes[index]?.push({ from, to });
    return Layout.gutter(column) + index * LANE;
  }
}

const HEAD = 'm-3.5 -5l3.5 5l3.5 -5';

function middleY(rect: Rect): number {
  return rect.y + rect.h / 2;
}

/** A line starts below the shape that stands under its box; leaves have none there. */
function ends(a: Rect, b: Rect): [number, number, number, number] {
  const under = a.h > LEAF_H ? UNDER : 0;
  return [a.x + a.w / 2, a.y + a.h + under, b.x + b.w / 2, b.y - b.over - 1];
}

function straight(a: Rect, b: Rect): string {
  const [x1, y1, x2, y2] = ends(a, b);
  return `M${x1} ${y1}L${x2} ${y2}${HEAD}`;
}

function curve(a: Rect, b: Rect): string {
  const [x1, y1, x2, y2] = ends(a, b);
  const half = Math.max(10, (y2 - y1) / 2);
  return `M${x1} ${y1}C${x1} ${y1 + half} ${x2} ${y2 - half} ${x2} ${y2}${HEAD}`;
}

/** From a leaf at the left into the box beside it, or from a leaf above down into it. */
export function leafRoute(leaf: Rect, box: Rect): string {
  if (leaf.x + leaf.w > box.x) return straight(leaf, box);
  const y1 = middleY(leaf);
  const y2 = Math.min(Math.max(y1, box.y + 7), box.y + box.h - 7);
  const x1 = leaf.x + leaf.w;
  const x2 = box.x - 1;
  const half = (x2 - x1) / 2;
  return `M${x1} ${y1}C${x1 + half} ${y1} ${x2 - half} ${y2} ${x2} ${y2}m-4 -3l4 3l-4 3`;
}

/** From a leaf to a later consumer in the next column. */
export function reuseRoute(leaf: Rect, box: Rect): string {
  const y1 = middleY(leaf);
  const y2 = box.y + 7;
  const x1 = leaf.x + leaf.w;
  const x2 = box.x - 1;
  const half = Math.max(18, Math.abs(x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + half} ${y1} ${x2 - half} ${y2} ${x2} ${y2}m-4 -3l4 3l-4 3`;
}
