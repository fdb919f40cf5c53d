/** What the kernel has told so far about the present run. */
import type { Back, Batch, Failed, GraphNode, KernelMessage, Phase, Scope } from './protocol';

/** More nodes than this are counted, not kept. */
export const MAX_NODES = 20_000;

/** What a message changed, so that a view redraws no more than that. */
export interface Change {
  /** The picture starts anew. */
  reset: boolean;
  nodes: GraphNode[];
  /** Nodes whose gradient, release, update or failure changed. */
  touched: Set<number>;
  /** Messages were lost: ask the kernel for the whole state. */
  lost: boolean;
  /** A sentence about something that was refused. */
  complaint: string | null;
}

export function unchanged(): Change {
  return { reset: false, nodes: [], touched: new Set(), lost: false, complaint: null };
}

export class Model {
  run = -1;
  title: string | null = null;
  phase: Phase = 'idle';
  truncated = 0;
  /** The operations that raised: nodes with half a number, see `fail`. */
  readonly failed = new Set<number>();
  readonly nodes = new Map<number, GraphNode>();
  readonly scopes = new Map<number, Scope>();
  readonly gradients = new Map<number, Back>();
  readonly released = new Set<number>();
  readonly updated = new Set<number>();
  /** node id -> ids of the functions that read it */
  readonly consumers = new Map<number, number[]>();
  /** The largest gradient norm. */
  highest = 0;
  private seq: number | null = null;
  private pending: { run: number; title: string | null } | null = null;

  apply(message: KernelMessage): Change {
    const change = unchanged();
    switch (message.t) {
      case 'state':
        this.forget(message.run, message.title);
        change.reset = true;
        this.take(message, change);
        break;
      case 'begin':
        this.pending = { run: message.run, title: message.title };
        break;
      case 'batch':
        this.follow(message, change);
        break;
      case 'error':
        this.fail(message.id, message.operation, change);
        break;
      case 'note':
      case 'against':
      case 'answer':
        break;
    }
    return change;
  }

  clear(): void {
    this.forget(-1, null);
  }

  consumersOf(id: number): readonly number[] {
    return this.consumers.get(id) ?? [];
  }

  private follow(message: KernelMessage & { t: 'batch' }, change: Change): void {
    if (message.run < this.run) return;
    if (message.run > this.run) {
      const fresh = message.seq <= 1 || this.seq === null || message.seq === this.seq + 1;
      change.lost = !fresh;
      const title = this.pending?.run === message.run ? this.pending.title : null;
      this.forget(message.run, title);
      change.reset = true;
    } else if (this.seq !== null) {
      if (message.seq <= this.seq) return;
      change.lost = message.seq > this.seq + 1;
    }
    this.seq = message.seq;
    this.take(message, change);
  }

  private forget(run: number, title: string | null): void {
    this.run = run;
    this.title = title;
    this.pending = null;
    this.phase = 'idle';
    this.truncated = 0;
    this.failed.clear();
    this.seq = null;
    this.highest = 0;
    for (const each of [this.nodes, this.scopes, this.gradients, this.consumers]) each.clear();
    this.released.clear();
    this.updated.clear();
  }

  private take(batch: Batch, change: Change): void {
    for (const scope of batch.scopes) this.addScope(scope);
    // Leaves first: a function may stand before its leaf in the list.
    for (const node of batch.nodes) if (node.kind !== 'function') this.addNode(node, change);
    for (const node of batch.nodes) if (node.kind === 'function') this.addNode(node, change);
    change.nodes.sort((a, b) => a.id - b.id);
    for (const back of batch.backward) this.light(back, change);
    this.mark(batch.released, this.released, change);
    this.mark(batch.updates, this.updated, change);
    this.truncated = Math.max(this.truncated, batch.truncated);
    this.phase = batch.phase;
  }

  private addScope(scope: Scope): void {
    if (this.scopes.has(scope.id) || this.scopes.size >= MAX_NODES) return;
    const known = scope.parent !== null && this.scopes.has(scope.parent);
    this.scopes.set(scope.id, known ? scope : { ...scope, parent: null });
  }

  private addNode(node: GraphNode, change: Change): void {
    if (this.nodes.has(node.id)) return;
    if (this.nodes.size >= MAX_NODES) {
      this.truncated += 1;
      return;
    }
    const inputs = node.inputs.filter(input => this.isEarlier(input.source, node, change));
    const scope = node.scope !== null && this.scopes.has(node.scope) ? node.scope : null;
    const kept = { ...node, inputs, scope };
    this.nodes.set(node.id, kept);
    for (const input of inputs) {
      const list = this.consumers.get(input.source);
      if (list === undefined) this.consumers.set(input.source, [node.id]);
      else if (list[list.length - 1] !== node.id) list.push(node.id);
    }
    change.nodes.push(kept);
  }

  /** Only earlier functions and leaves can be inputs, so no cycle can arise. */
  private isEarlier(source: number, node: GraphNode, change: Change): boolean {
    const found = this.nodes.get(source);
    if (found === undefined) {
      if (source >= node.id) {
        change.complaint = `Node ${node.id} names the later node ${source} as its input.`;
      } else if (this.truncated === 0) {
        change.lost = true;
      }
      return false;
    }
    if (found.kind === 'function' && source >= node.id) {
      change.complaint = `Node ${node.id} names the later node ${source} as its input.`;
      return false;
    }
    return true;
  }

  /**
   * The operation that raised, if one did, is drawn, too: between the last node and the next whole
   * number, so that it never takes the place of one.
   */
  private fail(id: number | null, operation: Failed | null, change: Change): void {
    if (id === null || operation === null || this.nodes.size === 0) return;
    if ([...this.failed].some(known => isSame(this.nodes.get(known), operation))) return;
    const { label, symbol, inputs } = operation;
    const last = Math.max(id, ...this.nodes.keys());
    const ghost = (last + Math.floor(last) + 1) / 2;
    this.failed.add(ghost);
    this.addNode({
      id: ghost, kind: 'function', label, symbol, inputs, scope: null, shapes: [], dtypes: [],
      device: '', bytes_kept: 0, keeps: [], macs: 0, seconds: 0, where: null, stats: [],
      values: null
    }, change);
    change.touched.add(ghost);
  }

  private light(back: Back, change: Change): void {
    if (!this.nodes.has(back.id)) return;
    this.gradients.set(back.id, back);
    change.touched.add(back.id);
    this.highest = Math.max(this.highest, back.norm ?? 0);
  }

  private mark(ids: readonly number[], set: Set<number>, change: Change): void {
    for (const id of ids) {
      if (!this.nodes.has(id)) continue;
      set.add(id);
      change.touched.add(id);
    }
  }
}

function isSame(node: GraphNode | undefined, { label, inputs }: Failed): boolean {
  return node?.label === label && JSON.stringify(node.inputs) === JSON.stringify(inputs);
}
