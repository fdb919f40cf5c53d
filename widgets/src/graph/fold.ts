/**
 * Which scopes and repeated operations are drawn folded.
 *
 * All calls of one link under one parent call form a group. A group is drawn as one stack, as
 * calls (one box each), or open (every operation). An operation that the same line of code
 * repeats in the same scope forms a repeat, drawn as one stack or open.
 * Keys are made of paths and call numbers, so choices outlive a run of the same model.
 */
import type { Model } from './model';
import type { GraphNode, Scope } from './protocol';

export type GroupState = 'stack' | 'calls' | 'open';

/** Where an operation is drawn: by itself, or in a folded box. */
export type Spot =
  | { kind: 'function'; key: string; frames: number[] }
  | { kind: 'repeat'; key: string; frames: number[] }
  | { kind: 'call'; key: string; frames: number[]; scope: Scope }
  | { kind: 'stack'; key: string; frames: number[]; scope: Scope };

const FEW = 4;
/** More choices than this are not remembered from run to run. */
const MEMORY = 10_000;
/** Automatic folding takes only what repeats at least so often, or saves so many boxes. */
const WORTH = 8;

export class Fold {
  private readonly chosen = new Map<string, GroupState>();
  private readonly automatic = new Map<string, GroupState>();
  private readonly groupKeys = new Map<number, string>();
  private readonly chains = new Map<number, Scope[]>();
  private readonly calls = new Map<string, number>();
  private readonly repeats = new Map<string, number>();
  private readonly repeatKeys = new Map<number, string>();
  private counted = new Set<number>();

  constructor(private readonly model: Model) {}

  /** Forget the run, keep what was chosen. */
  restart(): void {
    if (this.chosen.size + this.automatic.size > MEMORY) this.forget();
    const { groupKeys, chains, calls, repeats, repeatKeys } = this;
    for (const each of [groupKeys, chains, calls, repeats, repeatKeys]) each.clear();
    this.counted = new Set();
  }

  /** Forget what was chosen. */
  forget(): void {
    this.chosen.clear();
    this.automatic.clear();
  }

  /** Open what was folded only for want of room; answers whether there was any. */
  relax(): boolean {
    const folded = this.automatic.size > 0;
    this.automatic.clear();
    return folded;
  }

  groupKey(scope: Scope): string {
    const known = this.groupKeys.get(scope.id);
    if (known !== undefined) return known;
    const parent = scope.parent === null ? undefined : this.model.scopes.get(scope.parent);
    const under = parent === undefined ? '' : this.callKey(parent);
    const key = `${under}>${scope.path}:${scope.link}`;
    this.groupKeys.set(scope.id, key);
    return key;
  }

  callKey(scope: Scope): string {
    return `${this.groupKey(scope)}#${scope.call}`;
  }

  /** How many calls the group of this scope has so far. */
  callsOf(scope: Scope): number {
    return this.calls.get(this.groupKey(scope)) ?? 1;
  }

  /** The scopes around a node, outermost first. */
  chain(id: number | null): Scope[] {
    if (id === null) return [];
    const known = this.chains.get(id);
    if (known !== undefined) return known;
    const scope = this.model.scopes.get(id);
    if (scope === undefined) return [];
    const chain = [...this.chain(scope.parent), scope];
    this.chains.set(id, chain);
    return chain;
  }

  /** Call once for each new function, in order of birth. */
  count(node: GraphNode): void {
    for (const scope of this.chain(node.scope)) {
      if (this.counted.has(scope.id)) continue;
      this.counted.add(scope.id);
      const key = this.groupKey(scope);
      this.calls.set(key, (this.calls.get(key) ?? 0) + 1);
    }
    const key = this.repeatKey(node);
    this.repeats.set(key, (this.repeats.get(key) ?? 0) + 1);
  }

  spot(node: GraphNode): Spot {
    const frames: number[] = [];
    for (const scope of this.chain(node.scope)) {
      const group = this.groupKey(scope);
      const state = this.stateOf(group);
      if (state === 'stack') return { kind: 'stack', key: group, frames, scope };
      const call = this.callKey(scope);
      const callState = this.stateOf(call, state === 'calls' ? 'stack' : 'open');
      if (callState === 'stack') return { kind: 'call', key: call, frames, scope };
      frames.push(scope.id);
    }
    const repeat = this.repeatKey(node);
    if (this.stateOf(repeat) === 'stack') return { kind: 'repeat', key: repeat, frames };
    return { kind: 'function', key: `n${node.id}`, frames };
  }

  /** A folded box is clicked: a stack becomes calls, a call or a repeat becomes operations. */
  unfold(key: string): void {
    const many = (this.calls.get(key) ?? 1) > 1;
    this.chosen.set(key, many ? 'calls' : 'open');
  }

  /** The heading of an open frame is clicked. */
  foldCall(scope: Scope): void {
    if (this.callsOf(scope) === 1) this.chosen.set(this.groupKey(scope), 'stack');
    else this.chosen.set(this.callKey(scope), 'stack');
  }

  /** All calls of the group back into one stack. */
  foldGroup(scope: Scope): void {
    const group = this.groupKey(scope);
    for (const key of this.chosen.keys()) {
      if (key.startsWith(`${group}#`)) this.chosen.delete(key);
    }
    this.chosen.set(group, 'stack');
  }

  foldAll(): void {
    this.chosen.clear();
    for (const scope of this.model.scopes.values()) {
      const lonelyRoot = scope.parent === null && this.callsOf(scope) === 1 && this.hasChild(scope);
      this.chosen.set(this.groupKey(scope), lonelyRoot ? 'open' : 'stack');
    }
    for (const [key, times] of this.repeats) if (times >= FEW) this.chosen.set(key, 'stack');
  }

  unfoldAll(): void {
    this.chosen.clear();
    for (const scope of this.model.scopes.values()) {
      this.chosen.set(this.groupKey(scope), 'open');
    }
    for (const key of this.repeats.keys()) this.chosen.set(key, 'open');
  }

  /**
   * Fold what repeats, and then what is large, until about `target` boxes are left.
   * `force` folds also what the user has opened. Answers whether anything was folded.
   */
  shrink(drawn: Iterable<GraphNode>, target: number, force: boolean): boolean {
    const sizes = new Map<string, number>();
    const roots = new Set<string>();
    let left = 0;
    for (const node of drawn) {
      left += 1;
      const spot = this.spot(node);
      if (spot.kind !== 'function') continue;
      for (const [depth, scope] of this.chain(node.scope).entries()) {
        const key = this.groupKey(scope);
        if (depth === 0) roots.add(key);
        sizes.set(key, (sizes.get(key) ?? 0) + 1);
      }
      const key = this.repeatKey(node);
      sizes.set(key, (sizes.get(key) ?? 0) + 1);
    }
    const times = (key: string): number => this.calls.get(key) ?? this.repeats.get(key) ?? 1;
    const free = [...sizes.entries()].filter(([key, size]) => {
      return size >= WORTH && (force || !this.chosen.has(key));
    });
    const repeated = free.filter(([key]) => times(key) >= WORTH);
    const large = free.filter(([key]) => times(key) < WORTH && !roots.has(key));
    large.sort((a, b) => b[1] - a[1]);
    let folded = false;
    const fold = ([key, size]: [string, number]): void => {
      this.chosen.delete(key);
      this.automatic.set(key, 'stack');
      left -= size - 1;
      folded = true;
    };
    repeated.forEach(fold);
    for (const each of large) if (left > target) fold(each);
    return folded;
  }

  private stateOf(key: string, otherwise: GroupState = 'open'): GroupState {
    return this.chosen.get(key) ?? this.automatic.get(key) ?? otherwise;
  }

  private hasChild(parent: Scope): boolean {
    for (const scope of this.model.scopes.values()) if (scope.parent === parent.id) return true;
    return false;
  }

  /** Tells x @ W from h @ U where both stand in one line. */
  private weights(node: GraphNode): string {
    const names = node.inputs.map(input => {
      const source = this.model.nodes.get(input.source);
      return source?.kind === 'parameter' ? source.label : '';
    });
    return names.join();
  }

  private repeatKey(node: GraphNode): string {
    const known = this.repeatKeys.get(node.id);
    if (known !== undefined) return known;
    const around = this.chain(node.scope).at(-1);
    const scope = around === undefined ? '' : this.callKey(around);
    const { where } = node;
    // An operation without a known line repeats nothing.
    const line = where === null ? `node ${node.id}` : `${where.file}:${where.line}`;
    const what = [node.label, node.symbol, (node.shapes[0] ?? []).join('x'), this.weights(node)];
    const key = `${scope}!${line}|${what.join('|')}`;
    this.repeatKeys.set(node.id, key);
    return key;
  }
}
