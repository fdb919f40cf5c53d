/** The arithmetic of one operation on few numbers: '[1, 2] × [3, 4] = [3, 8]'. */
import type { Model } from './model';
import type { GraphNode } from './protocol';

const INFIX = /^[+\-\u2212\u00d7*/\u00f7@^]+$/;
/** A longer line is no help. */
const MOST = 160;

/** What goes in and what comes out, with its numbers; '' where they are not known or too many. */
export function sumOf(node: GraphNode, model: Pick<Model, 'nodes'>): string {
  if (node.kind !== 'function' || node.values === null || node.inputs.length === 0) return '';
  const inputs = node.inputs.map(input => {
    const source = model.nodes.get(input.source);
    return input.output === 0 ? (source?.values ?? null) : null;
  });
  if (inputs.includes(null)) return '';
  const text = `${left(node, inputs as string[])} = ${node.values}`;
  return text.length > MOST ? '' : text;
}

function left({ symbol, label }: GraphNode, inputs: readonly string[]): string {
  const [first = '', second = ''] = inputs;
  // A plain number stands in the symbol itself: '3 ×' or '+ 1'.
  const parts = symbol.split(' ');
  const [sign = '', number = ''] = parts;
  if (inputs.length === 1 && parts.length === 2) {
    if (INFIX.test(sign)) return `${first} ${sign} ${number}`;
    if (INFIX.test(number)) return `${sign} ${number} ${first}`;
  }
  if (inputs.length === 2 && INFIX.test(symbol)) return `${first} ${symbol} ${second}`;
  return `${label}(${inputs.join(', ')})`;
}
