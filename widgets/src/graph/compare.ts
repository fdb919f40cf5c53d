/** What two runs did differently: operations of one run only, and those that met other shapes. */
import type { GraphNode, Scope } from './protocol';
import { linkName } from './words';

export interface Operation {
  readonly id: number;
  /** The operation and the name of its link. */
  readonly key: string;
  readonly label: string;
  readonly link: string;
  readonly shapes: string;
}

export interface Comparison {
  readonly same: number;
  /** Operations of the second run that have no counterpart. */
  readonly added: readonly Operation[];
  readonly removed: readonly Operation[];
  /** Pairs: the same operation in the same link, but with another shape. */
  readonly changed: readonly (readonly [Operation, Operation])[];
}

export function operations(nodes: Iterable<GraphNode>,
                           scopes: ReadonlyMap<number, Scope>): Operation[] {
  return [...nodes].filter(node => node.kind === 'function').sort((a, b) => a.id - b.id)
    .map(node => {
      const scope = scopes.get(node.scope ?? -1);
      const link = scope === undefined ? '' : linkName(scope.path, scope.link);
      const shapes = node.shapes.map(shape => `(${shape.join(', ')})`).join(' ');
      return { id: node.id, key: `${node.label} ${link}`, label: node.label, link, shapes };
    });
}

/** Align two runs by their longest common sequence of operations. */
export function compare(first: readonly Operation[], second: readonly Operation[]): Comparison {
  const partner = align(first.map(each => each.key), second.map(each => each.key));
  const taken = new Set(partner.values());
  const changed: (readonly [Operation, Operation])[] = [];
  let same = 0;
  for (const [i, j] of partner) {
    const [old, now] = [first[i], second[j]];
    if (old === undefined || now === undefined) continue;
    if (old.shapes === now.shapes) same += 1;
    else changed.push([old, now]);
  }
  return {
    same, changed,
    removed: first.filter((_, i) => !partner.has(i)),
    added: second.filter((_, j) => !taken.has(j))
  };
}

/** index in a -> index in b, of equal items in the same order, as many as can be. */
function align(a: readonly string[], b: readonly string[]): Map<number, number> {
  const pairs = new Map<number, number>();
  let start = 0;
  let [endA, endB] = [a.length, b.length];
  while (start < endA && start < endB && a[start] === b[start]) {
    pairs.set(start, start);
    start += 1;
  }
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
    pairs.set(endA, endB);
  }
  const [rows, columns] = [endA - start, endB - start];
  // longest[i][j]: of what begins at i and j.
  const longest = new Uint16Array((rows + 1) * (columns + 1));
  const at = (i: number, j: number): number => longest[i * (columns + 1) + j] ?? 0;
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      longest[i * (columns + 1) + j] = a[start + i] === b[start + j] ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  for (let i = 0, j = 0; i < rows && j < columns;) {
    if (a[start + i] === b[start + j]) pairs.set(start + i++, start + j++);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}
