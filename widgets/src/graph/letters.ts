/**
 * Shapes in one letter code: N batch, C channels, T time, V vocabulary, H W image, K kernel,
 * I O in and out. The JSON carries numbers only; letters follow from the operations.
 */
import type { Model } from './model';
import type { GraphNode } from './protocol';

const IMAGE = ['N', 'C', 'H', 'W'];

/** The letters of an operation's output. */
const OUTPUT: Readonly<Record<string, readonly string[]>> = {
  conv2d: IMAGE,
  conv_transpose2d: IMAGE,
  max_pool2d: IMAGE,
  avg_pool2d: IMAGE,
  linear: ['N', 'O'],
  embed_id: ['N', 'O'],
  lstm: ['N', 'O'],
  flatten: ['N', 'I']
};

/** The letters of an operation's inputs, in order. */
const INPUTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  conv2d: [IMAGE, ['O', 'C', 'K', 'K'], ['O']],
  conv_transpose2d: [IMAGE, ['C', 'O', 'K', 'K'], ['O']],
  max_pool2d: [IMAGE],
  avg_pool2d: [IMAGE],
  batch_norm: [IMAGE, ['C'], ['C']],
  linear: [['N', 'I'], ['O', 'I'], ['O']],
  embed_id: [['N'], ['V', 'O']],
  softmax_cross_entropy: [['N', 'O'], ['N']]
};

export class Letters {
  private readonly known = new Map<number, readonly string[]>();

  constructor(private readonly model: Model) {}

  restart(): void {
    this.known.clear();
  }

  /** Call for each new function in order of birth, so that letters pass from one to the next. */
  learn(node: GraphNode): void {
    this.of(node);
  }

  /** 'N 64, C 10', '64, 10' where the letters are not known, 'one number' for a scalar. */
  shape(node: GraphNode): string {
    const shape = node.shapes[0];
    if (shape === undefined) return '';
    if (shape.length === 0) return 'one number';
    const letters = this.of(node);
    const fits = letters.length === shape.length;
    return shape
      .map((length, axis) => (fits ? `${letters[axis]} ${length}` : `${length}`))
      .join(', ');
  }

  private of(node: GraphNode): readonly string[] {
    const known = this.known.get(node.id);
    if (known !== undefined) return known;
    const letters = node.kind === 'function' ? this.ofFunction(node) : this.ofLeaf(node);
    this.known.set(node.id, letters);
    return letters;
  }

  private ofFunction(node: GraphNode): readonly string[] {
    const rank = node.shapes[0]?.length;
    const own = OUTPUT[node.label];
    if (own !== undefined && own.length === rank) return own;
    for (const input of node.inputs) {
      const source = this.model.nodes.get(input.source);
      if (source === undefined || input.output !== 0) continue;
      const same = source.shapes[0]?.join() === node.shapes[0]?.join();
      // Earlier functions are learnt already: no deep recursion.
      const letters = source.kind === 'function' ? this.known.get(source.id) : this.of(source);
      if (same && letters !== undefined && letters.length === rank) return letters;
    }
    return [];
  }

  private ofLeaf(node: GraphNode): readonly string[] {
    for (const id of this.model.consumersOf(node.id)) {
      const reader = this.model.nodes.get(id);
      const place = reader?.inputs.findIndex(input => input.source === node.id) ?? -1;
      const letters = reader === undefined ? undefined : INPUTS[reader.label]?.[place];
      if (letters !== undefined && letters.length === node.shapes[0]?.length) return letters;
    }
    return [];
  }
}
