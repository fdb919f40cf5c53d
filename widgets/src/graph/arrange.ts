/** Gives boxes and lines their places: `Picture` in, rectangles and paths out. */
import { Layout, type Rect } from './layout';
import { look } from './look';
import type { Added, Box, Line, Picture } from './picture';
import { leafRoute, reuseRoute, Router } from './route';

export interface DrawnLine {
  line: Line;
  path: string;
  style: 'flow' | 'leaf' | 'reuse' | 'back';
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

const MOST_SLOTS = 8;
const NEAR = 150;

export class Arrangement {
  /** So many columns fit beside each other in the panel; heeded from the next restart on. */
  breadth = 3;
  layout = new Layout();
  readonly chips = new Map<string, Chip>();
  private router = new Router(this.layout);

  constructor(private readonly picture: Picture) {}

  restart(): void {
    this.layout = new Layout(this.breadth);
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
    const slots = leaves.filter(key => key !== lead);
    const chips = folded ? [] : lines.filter(line => this.isFar(line, placed));
    const chipKeys = chips.map(line => `chip:${line.key}`);
    const all = [...slots, ...chipKeys].slice(0, folded ? 2 : MOST_SLOTS);
    const [, height] = (folded ? look.sizes.folded : look.sizes.function) as [number, number];
    const { key, frames } = box;
    const over = box.piled ? 2 * look.sizes['stack-offset'] : 0;
    this.layout.place({ key, height, over, frames, inputs: placed, lead, slots: all });
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

  /** Whether a used-again leaf gets a chip instead of a line; judged before the box is placed. */
  private isFar(line: Line, inputs: readonly string[]): boolean {
    const leaf = this.layout.rects.get(line.from);
    if (line.kind !== 'reuse' || leaf === undefined) return false;
    let y = this.layout.lastY;
    for (const key of inputs) y = Math.max(y, this.layout.rects.get(key)?.y ?? y);
    return y + look.sizes.gap - leaf.y > NEAR;
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
    if (line.kind === 'leaf') return { line, path: leafRoute(from, to), style: 'leaf' };
    if (line.kind === 'reuse') {
      if (this.chips.has(`chip:${line.key}`) || !this.layout.isNear(line.from, line.to)) return null;
      return { line, path: reuseRoute(from, to), style: 'reuse' };
    }
    const route = this.router.route(line.from, line.to);
    return route === null ? null : { line, path: route.path, style: route.back ? 'back' : 'flow' };
  }
}
