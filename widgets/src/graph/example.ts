/** The small graph that an empty view shows: y = exp(x * w + b). */
import type { GraphNode, KernelMessage, NodeKind } from './protocol';

function node(
  id: number,
  kind: NodeKind,
  label: string,
  symbol: string,
  inputs: readonly number[],
  values: string
): GraphNode {
  return {
    id,
    kind,
    label,
    symbol,
    scope: null,
    inputs: inputs.map(source => ({ source, output: 0, needsGrad: true })),
    shapes: [[]],
    dtypes: ['float32'],
    device: 'cpu',
    bytes_kept: kind === 'function' && label !== 'add' ? 4 : 0,
    keeps: label === 'exp' ? ['y'] : ['x'],
    macs: 0,
    seconds: 0,
    where: null,
    stats: [],
    values
  };
}

export const EXAMPLE_CODE = `import minichain as mc
import minichain.functions as F

x = mc.Variable(2.0)
w = mc.Parameter(0.5)
b = mc.Parameter(-1.0)
y = F.exp(x * w + b)
y.backward()`;

export const EXAMPLE: KernelMessage = {
  t: 'state',
  run: -1,
  title: null,
  scopes: [],
  nodes: [
    node(1, 'variable', 'x', 'x', [], '2.0'),
    node(2, 'parameter', 'w', 'w', [], '0.5'),
    node(3, 'function', 'mul', '\u00d7', [1, 2], '1.0'),
    node(4, 'parameter', 'b', 'b', [], '-1.0'),
    node(5, 'function', 'add', '+', [3, 4], '0.0'),
    node(6, 'function', 'exp', 'exp', [5], '1.0')
  ],
  backward: [],
  released: [],
  updates: [],
  phase: 'idle',
  truncated: 0
};
