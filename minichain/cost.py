"""What an operation costs: its multiply-adds, from the shapes of its inputs and outputs.

One multiply-add is a multiplication and the addition that follows it. The table names the
operations that have a formula of their own; what only moves or chooses numbers costs nothing;
everything else counts one for each element that comes out, as it does element by element.

A class of your own may say it itself, with a static method `macs(inputs, outputs)` that is given
two lists of shapes; the shape of an input that is missing or a plain number is None.
"""
from math import prod

from .words import link_name, table

FREE = frozenset("""
    identity reshape transpose broadcast_to concat split get_item put_item where cast embed_id
    flip pad copy take_along pad_sequence im2col
""".split())

# These look at each number that goes in, and put out fewer.
REDUCTIONS = frozenset("""
    sum mean max min arg_max sum_to max_pool2d avg_pool2d mean_squared_error softmax_cross_entropy
    logsumexp norm
""".split())


def _matmul(inputs, outputs):
    return prod(outputs[0]) * inputs[0][-1]


def _weights_by_outputs(inputs, outputs):
    """Every output is a dot product with one row of W, its second input: linear, convolution."""
    return prod(outputs[0]) * prod(inputs[1][1:])


def _weights_by_inputs(inputs, outputs):
    """Every input is spread by one row of W: transposed convolution."""
    return prod(inputs[0]) * prod(inputs[1][1:])


def _weight_gradient(inputs, outputs):
    """(N,C,H,W) (N,O,OH,OW) -> (O,C,KH,KW): each gradient element meets each filter element."""
    gradient, weight = inputs[1], outputs[0]
    return prod(gradient) * prod(weight[1:])


def _lstm_cell(inputs, outputs):
    """For each number of the cell: four gates, tanh, and three products."""
    return 8 * prod(outputs[0])


def _tree_lstm_cell(inputs, outputs):
    """As an LSTM's cell, with a gate and a product for each child."""
    return (6 + 2 * (len(inputs) - 1)) * prod(outputs[0])


def _lstm_sweep(inputs, outputs):
    """For each row a cell, and the weights U of the state before."""
    return 8 * prod(outputs[0]) + prod(inputs[2]) * outputs[0][1]


def _gru_sweep(inputs, outputs):
    """For each row three gates and two products, and the weights U of the state before."""
    return 5 * prod(outputs[0]) + prod(inputs[1]) * outputs[0][1]


FORMULAS = {
    'matmul': _matmul,
    'linear': _weights_by_outputs,
    'conv2d': _weights_by_outputs,
    'conv_transpose2d': _weights_by_inputs,
    'conv2d_weight': _weight_gradient,
    'lstm': _lstm_cell,
    'lstm_sweep': _lstm_sweep,
    'gru_sweep': _gru_sweep,
    'tree_lstm': _tree_lstm_cell,
}


def macs(operation, inputs, outputs):
    """Multiply-adds of one use of an operation, a subclass of Function.

    inputs, outputs  lists of shapes; None for an input that is a plain number or missing
    """
    own = getattr(operation, 'macs', None)
    formula = FORMULAS.get(operation.label) if own is None else own
    try:
        if formula is not None:
            return int(formula(inputs, outputs))
    except (IndexError, TypeError):
        return 0        # a shape that the formula cannot read: unknown
    if operation.label in FREE:
        return 0
    if operation.label in REDUCTIONS:
        return sum(prod(shape) for shape in inputs[:1] if shape is not None)
    return sum(map(prod, outputs))


# What a whole graph costs -------------------------------------------------------------------------

LONG = 50       # operations; a longer summary is folded


def cost(graph):
    """Totals of a graph: macs, bytes_kept, parameters (how many numbers), seconds of forward."""
    return {
        'macs': sum(node['macs'] for node in graph.nodes),
        'bytes_kept': sum(node['bytes_kept'] for node in graph.nodes),
        'parameters': sum(_size(node) for node in graph.nodes if node['kind'] == 'parameter'),
        'seconds': sum(node['seconds'] for node in graph.nodes),
    }


def _size(leaf):
    return prod(leaf['shapes'][0])


def summary(graph, fold=None):
    """A table of the operations of a graph, as text: see Graph.summary."""
    totals = cost(graph)
    own_parameters = _parameters_at_first_use(graph)
    operations = sum(node['kind'] == 'function' for node in graph.nodes)
    shown = graph.fold() if (operations > LONG if fold is None else fold) else graph
    names = {scope['id']: link_name(scope['path'], scope['link']) for scope in graph.scopes}
    rows = [('operation', 'link', 'shape', 'parameters', 'multiply-adds', 'bytes kept')]
    for node in shown.nodes:
        if node['kind'] not in ('function', 'folded'):
            continue
        link = node['label'] if node['kind'] == 'folded' else names.get(node['scope'], '')
        name = node['symbol'] if node['kind'] == 'folded' else node['label']
        if node.get('count', 1) > 1:
            name += f' ×{node["count"]}'
        shapes = ' '.join(str(tuple(shape)) for shape in node['shapes'])
        parameters = sum(own_parameters.get(id, 0) for id in node.get('members', [node['id']]))
        rows.append((name, link, shapes, f'{parameters:,}', f'{node["macs"]:,}',
                     f'{node["bytes_kept"]:,}'))
    rows.append(('total', '', '', f'{totals["parameters"]:,}', f'{totals["macs"]:,}',
                 f'{totals["bytes_kept"]:,}'))
    return _table(rows, graph.truncated)


def _parameters_at_first_use(graph):
    """id of an operation -> how many numbers the parameters hold that are used there first."""
    sizes = {node['id']: _size(node) for node in graph.nodes if node['kind'] == 'parameter'}
    found = {}
    for node in graph.nodes:
        for source, _, _ in node['inputs']:
            found[node['id']] = found.get(node['id'], 0) + sizes.pop(source, 0)
    return found


def _table(rows, truncated):
    if all(not row[1] for row in rows[1:]):
        rows = [row[:1] + row[2:] for row in rows]      # no links: leave the column out
    words = len(rows[0]) - 3
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ['  '.join(cell.ljust(width) if i < words else cell.rjust(width)
                       for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
             for row in rows]
    rule = '-' * max(map(len, lines))
    lines = [lines[0], rule, *lines[1:-1], rule, lines[-1]]
    if truncated:
        lines.append(f'{truncated:,} more nodes were not recorded')
    return '\n'.join(lines)
