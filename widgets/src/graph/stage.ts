/** All that is known and placed, without a browser: messages in, what to draw out. */
import { Arrangement, type Arranged } from './arrange';
import { faceOf, type Differences, type Face, type Lights } from './face';
import { Fold } from './fold';
import { Letters } from './letters';
import { Model, unchanged, type Change } from './model';
import { Picture, type Added, type Box } from './picture';
import type { GraphNode, KernelMessage, Scope } from './protocol';
import { betterStarts } from './tidy';

/** Above this many boxes what repeats is folded; up to MOST the user may unfold. */
export const MANY = 300;
export const MOST = 2_000;

export interface Update {
  /** Everything has a new place: draw all anew. */
  full: boolean;
  arranged: Arranged;
  /** Boxes whose face may have changed. */
  dirty: Set<string>;
  change: Change;
}

const NOTHING: Arranged = { boxes: [], lines: [], chips: [] };

export class Stage {
  readonly model = new Model();
  readonly fold = new Fold(this.model);
  readonly letters = new Letters(this.model);
  readonly picture = new Picture(this.model, this.fold);
  readonly arrangement = new Arrangement(this.picture);
  /** What the faces show instead of the model: a moment of the replay. */
  moment: Lights | null = null;
  /** What this run does differently from the one that it is compared with. */
  differences: Differences = new Map();
  private nextShrink = MANY;
  private tidied = false;

  apply(message: KernelMessage): Update {
    const { highest } = this.model;
    const change = this.model.apply(message);
    if (change.reset) this.restart();
    const functions = change.nodes.filter(node => node.kind === 'function');
    for (const node of functions) {
      this.fold.count(node);
      this.letters.learn(node);
    }
    const added = this.picture.add(functions);
    if (this.shrink()) return { ...this.rearrange(), change };
    const arranged = this.arrange(added);
    if (message.t !== 'begin' && this.model.phase === 'idle') {
      const roomy = this.model.nodes.size <= MANY;
      if (roomy && this.fold.relax()) return { ...this.rearrange(), change };
      const tidied = this.tidy();
      if (tidied !== null) return { full: true, arranged: tidied, dirty: new Set(), change };
    }
    const dirty = new Set(added.grown);
    for (const id of change.touched) this.soil(id, dirty);
    if (this.model.highest !== highest) {
      for (const id of this.model.gradients.keys()) this.soil(id, dirty);
    }
    return { full: change.reset, arranged, dirty, change };
  }

  /** Draw everything anew after a change of folding by the user. */
  refold(): Update {
    this.picture.rebuild();
    if (this.picture.boxes.size > MOST) this.fold.shrink(this.functions(), MOST, true);
    this.nextShrink = Math.max(MANY, this.picture.boxes.size * 1.5);
    return this.rearrange();
  }

  clear(): void {
    this.model.clear();
    this.restart();
    this.fold.forget();
  }

  boxOf(id: number): Box | null {
    const key = this.picture.boxOf.get(id);
    return key === undefined ? null : (this.picture.boxes.get(key) ?? null);
  }

  face(box: Box): Face {
    return faceOf(box, this.moment ?? this.model, this.letters, this.differences);
  }

  scope(id: number): Scope | null {
    return this.model.scopes.get(id) ?? null;
  }

  *functions(): Iterable<GraphNode> {
    for (const node of this.model.nodes.values()) if (node.kind === 'function') yield node;
  }

  private restart(): void {
    this.moment = null;
    this.differences = new Map();
    this.fold.restart();
    this.letters.restart();
    this.picture.restart();
    this.arrangement.restart();
    this.nextShrink = MANY;
    this.tidied = false;
  }

  private shrink(): boolean {
    const size = this.picture.boxes.size;
    if (size <= this.nextShrink) return false;
    const folded = this.fold.shrink(this.functions(), MANY, size > MOST);
    if (folded) this.picture.rebuild();
    this.nextShrink = Math.max(MANY, this.picture.boxes.size * 1.5);
    return folded;
  }

  private rearrange(): Update {
    const added = this.picture.rebuild();
    this.tidied = false;
    this.arrangement.restart();
    const placed = this.arrange(added);
    const arranged = (this.model.phase === 'idle' ? this.tidy() : null) ?? placed;
    return { full: true, arranged, dirty: new Set(), change: unchanged() };
  }

  /** Place everything once more, knowing the whole graph; null if that changes nothing. */
  private tidy(): Arranged | null {
    const { arrangement, picture } = this;
    if (this.tidied || arrangement.breadth < 2) return null;
    this.tidied = true;
    const starts = betterStarts(picture, arrangement.layout);
    if (starts.size === 0) return null;
    arrangement.restart(starts);
    return this.arrange(picture.rebuild());
  }

  private arrange(added: Added): Arranged {
    return added.boxes.length + added.lines.length === 0 ? NOTHING : this.arrangement.add(added);
  }

  private soil(id: number, dirty: Set<string>): void {
    const key = this.picture.boxOf.get(id);
    if (key !== undefined) dirty.add(key);
  }
}
