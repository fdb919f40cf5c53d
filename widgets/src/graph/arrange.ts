/** Gives boxes and lines their places: `Picture` in, rectangles and paths out. */
import { Layout, type Rect } from './layout';
import { look } from './look';
import type { Added, Box, Line, Picture } from './picture';
import { leafRoute, reuseRoute, Router } from './route';

export interface DrawnLine {
  line: Line;
  path: string;
  style: 'flow' | 'leaf' | 'reuse' | 'back';
  /** Stands beside a line that one operation takes several times, as in x * x. */
  times: { x: number; y: number; words: string } | null;
}

/** Stands for a leaf beside a consumer that is far from it. */
export interface Chip {
  key: string;
  leaf: string;
  consumer: string;
  rect: Rect;
  path: string;
}

export interface Arranged {
  boxes: Box[];
  lines: DrawnLine[];
  chips: Chip[];
}

const [LEAF_W] = look.sizes.leaf as [number, number];
const MOST_SLOTS = 8;
const NEAR = 150;

export class Arrangement {
  /** So many columns fit beside each other in the panel; heeded from the next restart on. */
  breadth = 3;
  layout = new Layout();
  readonly chips = new Map<string, Chip>();
  private router = new Router(this.layout);

  constructor(private readonly picture: Picture) {}

  restart(starts?: ReadonlyMap<string, number>): void {
    this.layout = new Layout(this.breadth, starts);
    this.router = new Router(this.layout);
    this.chips.clear();
  }

  add(added: Added): Arranged {
    const arranged: Arranged = { boxes: [], lines: [], chips: [] };
    const incoming = new Map<string, Line[]>();
    for (const line of added.lines) {
      const list = incoming.get(line.to);
      if (list === undefined) incoming.set(line.to, [line]);
      else list.push(line);
    }
    for (const box of added.boxes) {
      if (box.kind !== 'leaf') this.placeBox(box, incoming.get(box.key) ?? [], arranged);
    }
    for (const box of added.boxes) {
      if (box.kind === 'leaf' && this.placeLeaf(box)) arranged.boxes.push(box);
    }
    for (const line of added.lines) {
      const drawn = this.routeLine(line);
      if (drawn !== null) arranged.lines.push(drawn);
    }
    return arranged;
  }

  private placeBox(box: Box, lines: readonly Line[], arranged: Arranged): void {
    const inputs = lines.filter(line => line.kind === 'flow').map(line => line.from);
    const leaves = lines.filter(line => line.kind === 'leaf').map(line => line.from);
    const placed = inputs.filter(key => this.layout.rects.has(key));
    const lead = placed.length === 0 ? this.leadOf(leaves) : null;
    const folded = box.kind === 'call' || box.kind === 'stack';
    const own = leaves.filter(key => key !== lead);
    const again = folded ? [] : lines.filter(line => line.kind === 'reuse');
    let chips: Line[] = [];
    const slots = (column: number, y: number): string[] => {
      chips = again.filter(line => !this.isNear(line.from, column, y));
      const all = [...own, ...chips.map(line => `chip:${line.key}`)];
      return all.slice(0, folded ? 2 : MOST_SLOTS);
    };
    const [, height] = (folded ? look.sizes.folded : look.sizes.function) as [number, number];
    const { key, frames } = box;
    const over = box.piled ? 2 * look.sizes['stack-offset'] : 0;
    this.layout.place({ key, height, over, frames, inputs: placed, lead, slots });
    arranged.boxes.push(box);
    for (const line of chips) this.addChip(line, arranged);
  }

  private addChip(line: Line, arranged: Arranged): void {
    const key = `chip:${line.key}`;
    const rect = this.layout.rects.get(key);
    const target = this.layout.rects.get(line.to);
    if (rect === undefined || target === undefined) return;
    const path = leafRoute(rect, target);
    const chip = { key, leaf: line.from, consumer: line.to, rect, path };
    this.chips.set(key, chip);
    arranged.chips.push(chip);
  }

  /** The leaf at the head of a chain: what is fed in, else whatever there is. */
  private leadOf(leaves: readonly string[]): string | null {
    const fed = leaves.find(key => this.picture.kindOfLeaf(key) !== 'parameter');
    return fed ?? leaves[0] ?? null;
  }

  /** Whether a line from a leaf above a box to a later consumer reads well; else a chip does. */
  private isNear(leaf: string, column: number, y: number): boolean {
    const rect = this.layout.rects.get(leaf);
    const from = this.layout.columns.get(leaf);
    if (rect === undefined || rect.w <= LEAF_W) return false;
    return from === column - 1 && Math.abs(y - rect.y) < NEAR;
  }

  private placeLeaf(box: Box): boolean {
    if (this.layout.rects.has(box.key)) return true;
    if (box.beside === null) return false;
    const owner = this.picture.boxes.get(box.beside);
    if (owner === undefined || (owner.kind !== 'call' && owner.kind !== 'stack')) return false;
    return this.layout.placeLate(owner.key, box.key) !== null;
  }

  private routeLine(line: Line): DrawnLine | null {
    const from = this.layout.rects.get(line.from);
    const to = this.layout.rects.get(line.to);
    if (from === undefined || to === undefined) return null;
    if (line.kind === 'leaf') {
      return { line, path: leafRoute(from, to), style: 'leaf', times: timesOf(line, from, to) };
    }
    if (line.kind === 'reuse') {
      const column = this.layout.columns.get(line.to) ?? 0;
      if (this.chips.has(`chip:${line.key}`) || !this.isNear(line.from, column, to.y)) return null;
      return { line, path: reuseRoute(from, to), style: 'reuse', times: timesOf(line, from, to) };
    }
    const route = this.router.route(line.from, line.to);
    if (route === null) return null;
    const style = route.back ? 'back' : 'flow';
    return { line, path: route.path, style, times: timesOf(line, from, to) };
  }
}

function timesOf(line: Line, from: Rect, to: Rect): DrawnLine['times'] {
  if (line.count < 2 || !line.single) return null;
  const words = `${look.signs.repeat}${line.count}`;
  const beside = from.x + from.w <= to.x;
  if (beside) return { x: to.x - 8, y: to.y - 3, words };
  return { x: to.x + to.w / 2 + 12, y: to.y - 7, words };
}
