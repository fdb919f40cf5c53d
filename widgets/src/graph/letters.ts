/**
 * Shapes in one letter code: N batch, C channels, T time, V vocabulary, H W image, K kernel,
 * I O in and out. The JSON of a graph carries numbers only; letters follow from the operations, as
 * in minichain/drawing/letters.py, which also says what letters.json holds.
 */
import table from './letters.json';
import type { Model } from './model';
import type { GraphNode } from './protocol';

interface Axes {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

const AXES = new Map<string, Axes>(Object.entries(table));

export class Letters {
  /** What a shape without axes is called, in the user's language. */
  scalar = 'one number';
  private readonly known = new Map<number, readonly string[]>();

  constructor(private readonly model: Model) {}

  restart(): void {
    this.known.clear();
  }

  /**
   * Call for each new function in order of birth: it gives letters to its inputs that have none,
   * and has those of its operation, or those of an input with the same shape.
   */
  learn(node: GraphNode): void {
    const axes = AXES.get(node.label);
    node.inputs.forEach(({ source }, place) => {
      const letters = axes?.inputs[place];
      if (letters !== undefined && !letters.includes('...') && !this.known.has(source)) {
        this.known.set(source, letters);
      }
    });
    if (axes !== undefined && !axes.output.includes('...')) {
      this.known.set(node.id, axes.output);
      return;
    }
    for (const { source, output } of node.inputs) {
      const letters = this.known.get(source);
      const shape = this.model.nodes.get(source)?.shapes[0];
      if (output !== 0 || letters === undefined || shape === undefined) continue;
      if (shape.join() !== node.shapes[0]?.join()) continue;
      this.known.set(node.id, letters);
      return;
    }
  }

  /** 'N 64, C 10', '64, 10' where the letters are not known. */
  shape(node: GraphNode): string {
    const shape = node.shapes[0];
    if (shape === undefined) return '';
    if (shape.length === 0) return this.scalar;
    const letters = this.known.get(node.id) ?? [];
    const fits = letters.length === shape.length
      && letters.every(letter => /^[A-Z]+$/i.test(letter));
    return shape
      .map((length, axis) => (fits ? `${letters[axis]} ${length}` : `${length}`))
      .join(', ');
  }
}
