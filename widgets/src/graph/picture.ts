/** The boxes and lines to draw: the model's nodes, merged as `Fold` says. */
import type { Fold, Spot } from './fold';
import type { Model } from './model';
import type { GraphNode, NodeKind, Scope } from './protocol';

export interface Box {
  key: string;
  kind: Spot['kind'] | 'leaf';
  /** The nodes that it stands for, in order of birth. */
  members: number[];
  /** Calls of links that lie open around it, outermost first. */
  frames: number[];
  /** The folded call, or the first of the folded calls. */
  scope: Scope | null;
  /** How many calls, operations or leaves are stacked. */
  times: number;
  /** Drawn as a pile: it stands for several, or is going to. */
  piled: boolean;
  /** Leaves: the box beside which it stands. */
  beside: string | null;
  /** Values that go from one stacked call to the next. */
  loops: number;
}

export interface Line {
  key: string;
  from: string;
  to: string;
  /** flow: operation to operation; leaf: beside its consumer; reuse: a leaf's later consumer */
  kind: 'flow' | 'leaf' | 'reuse';
  count: number;
  /** It ends at a single operation, not at a folded box. */
  single: boolean;
  needsGrad: boolean;
}

export interface Added {
  boxes: Box[];
  lines: Line[];
  /** Known boxes that have become larger. */
  grown: Set<string>;
}

export class Picture {
  readonly boxes = new Map<string, Box>();
  readonly lines = new Map<string, Line>();
  readonly boxOf = new Map<number, string>();
  private callsSeen = new Map<string, Set<number>>();

  constructor(
    private readonly model: Model,
    private readonly fold: Fold
  ) {}

  kindOfLeaf(key: string): NodeKind | null {
    const first = this.boxes.get(key)?.members[0];
    return first === undefined ? null : (this.model.nodes.get(first)?.kind ?? null);
  }

  restart(): void {
    this.boxes.clear();
    this.lines.clear();
    this.boxOf.clear();
    this.callsSeen.clear();
  }

  /** Draw everything anew after a change of folding. */
  rebuild(): Added {
    this.restart();
    const functions = [...this.model.nodes.values()].filter(node => node.kind === 'function');
    return this.add(functions.sort((a, b) => a.id - b.id));
  }

  /** Take functions in order of birth; their leaves come with them. */
  add(nodes: readonly GraphNode[]): Added {
    const added: Added = { boxes: [], lines: [], grown: new Set() };
    for (const node of nodes) if (node.kind === 'function') this.addFunction(node, added);
    return added;
  }

  private addFunction(node: GraphNode, added: Added): void {
    const spot = this.fold.spot(node);
    let box = this.boxes.get(spot.key);
    if (box === undefined) {
      box = {
        key: spot.key,
        kind: spot.kind,
        members: [],
        frames: spot.frames,
        scope: 'scope' in spot ? spot.scope : null,
        times: 0,
        piled:
          spot.kind === 'repeat' || (spot.kind === 'stack' && this.fold.callsOf(spot.scope) > 1),
        beside: null,
        loops: 0
      };
      this.boxes.set(box.key, box);
      added.boxes.push(box);
    } else {
      added.grown.add(box.key);
    }
    box.members.push(node.id);
    this.boxOf.set(node.id, box.key);
    box.times = this.timesOf(box, spot, node);
    for (const input of node.inputs) this.connect(input.source, input.needsGrad, box, added);
  }

  private timesOf(box: Box, spot: Spot, node: GraphNode): number {
    if (spot.kind === 'repeat') return box.members.length;
    if (spot.kind !== 'stack') return 1;
    const call = this.fold.chain(node.scope)[spot.frames.length];
    let seen = this.callsSeen.get(box.key);
    if (seen === undefined) this.callsSeen.set(box.key, (seen = new Set()));
    if (call !== undefined) seen.add(call.id);
    return seen.size;
  }

  /** Whether a value passes from one stacked call or repetition to a later one. */
  private isLoop(source: number, to: Box): boolean {
    if (to.kind === 'repeat') return true;
    if (to.kind !== 'stack') return false;
    const call = (id: number | undefined): number | undefined =>
      this.fold.chain(this.model.nodes.get(id ?? -1)?.scope ?? null)[to.frames.length]?.id;
    return call(source) !== call(to.members.at(-1));
  }

  private connect(source: number, needsGrad: boolean, to: Box, added: Added): void {
    const node = this.model.nodes.get(source);
    if (node === undefined) return;
    if (node.kind === 'function') {
      const from = this.boxOf.get(source);
      if (from === undefined) return;
      if (from === to.key) to.loops += this.isLoop(source, to) ? 1 : 0;
      else this.draw(from, to.key, 'flow', needsGrad, added);
      return;
    }
    const leaf = this.leafBox(node, to, added);
    if (leaf === null) return;
    this.draw(leaf.key, to.key, leaf.beside === to.key ? 'leaf' : 'reuse', needsGrad, added);
  }

  private draw(
    from: string,
    to: string,
    kind: Line['kind'],
    needsGrad: boolean,
    added: Added
  ): void {
    const key = `${from}\u2192${to}`;
    const known = this.lines.get(key);
    if (known !== undefined) {
      known.count += 1;
      known.needsGrad ||= needsGrad;
      return;
    }
    const single = this.boxes.get(to)?.kind === 'function';
    const line = { key, from, to, kind, count: 1, single, needsGrad };
    this.lines.set(key, line);
    added.lines.push(line);
  }

  /** The leaf's box, made beside its first consumer; null for what a folded link hides. */
  private leafBox(node: GraphNode, consumer: Box, added: Added): Box | null {
    const known = this.boxOf.get(node.id);
    if (known !== undefined) return this.boxes.get(known) ?? null;
    if (this.isHidden(node, consumer)) return null;
    const single = consumer.kind === 'function';
    const key = single ? `n${node.id}` : `${consumer.key}<${alike(node)}`;
    let box = this.boxes.get(key);
    if (box === undefined) {
      box = {
        key,
        kind: 'leaf',
        members: [],
        frames: consumer.frames,
        scope: null,
        times: 0,
        piled: false,
        beside: consumer.key,
        loops: 0
      };
      this.boxes.set(key, box);
      added.boxes.push(box);
    } else {
      added.grown.add(key);
    }
    box.members.push(node.id);
    box.times = box.members.length;
    this.boxOf.set(node.id, key);
    return box;
  }

  private isHidden(node: GraphNode, consumer: Box): boolean {
    if (consumer.kind !== 'call' && consumer.kind !== 'stack') return false;
    if (node.kind === 'parameter') return true;
    const size = (node.shapes[0] ?? []).reduce((all, length) => all * length, 1);
    return node.label === '' && size <= 1;
  }
}

/** Leaves of a folded box are merged when kind, shape and name, without its number, agree. */
function alike(node: GraphNode): string {
  const name = node.label.replace(/[\d_[\]]+$/, '');
  return `${node.kind}|${name}|${(node.shapes[0] ?? []).join('x')}`;
}
