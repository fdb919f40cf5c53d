"""Words and numbers in pictures: shapes in letters, short numbers, steps of the heat scale."""
import math

from ..function import Function
from .look import LOOK


def shape_texts(graph):
    """id -> the shape of its first output: 'N 32, C 16', without letters where none are known.

    Operations say the letters of their inputs and outputs in `shapes`; others hand them on.
    """
    axes_of = axes_of_operations()
    shapes = {node['id']: node['shapes'][0] for node in graph.nodes}
    letters = {}
    for node in graph.nodes:
        inputs, outputs = axes_of.get(node['label'], ((), ()))
        if node['kind'] != 'function':
            continue
        for (source, _, _), axes in zip(node['inputs'], inputs):
            if '...' not in axes:
                letters.setdefault(source, axes)
        if outputs and '...' not in outputs[0]:
            letters[node['id']] = outputs[0]
            continue
        for source, index, _ in node['inputs']:
            if index == 0 and source in letters and shapes[source] == node['shapes'][0]:
                letters[node['id']] = letters[source]
                break
    return {id: _shape_text(shape, letters.get(id, ())) for id, shape in shapes.items()}


def axes_of_operations():
    """label -> (letters of each input, letters of each output), from all operations there are."""
    found, classes = {}, [Function]
    for operation in classes:       # grows while it is read
        classes += operation.__subclasses__()
        inputs, _, outputs = operation.shapes.partition('->')
        found.setdefault(operation.label, (_axes(inputs), _axes(outputs)))
    return found


def _axes(text):
    """'(N,O,OH,OW) (O)?' as [['N', 'C', 'H', 'W'], ['O']]: a picture needs no more.

    What comes out of a convolution are the channels of an image: it goes on to the next one as C.
    """
    groups = [part.partition(')')[0].split(',') for part in text.split('(')[1:]]
    names = {'OH': 'H', 'OW': 'W', 'KH': 'K', 'KW': 'K'}
    groups = [[names.get(axis.strip(), axis.strip()) for axis in group if axis.strip()]
              for group in groups]
    return [['C' if axis == 'O' and group[0] == 'N' and 'H' in group else axis for axis in group]
            for group in groups]


def table_of_letters():
    """What widgets/src/graph/letters.json holds, for the picture that moves: of the operations of
    minichain those whose axes have letters."""
    found, classes = {}, [Function]
    for operation in classes:
        classes += operation.__subclasses__()
    for operation in classes:
        if operation.__module__.startswith('minichain.functions'):
            inputs, outputs = axes_of_operations()[operation.label]
            if any('...' not in group for group in inputs + outputs):
                found[operation.label] = {'inputs': inputs, 'output': outputs[0]}
    return dict(sorted(found.items()))


def _shape_text(shape, letters):
    if len(letters) != len(shape) or not all(map(str.isalpha, letters)):
        return ', '.join(map(str, shape))
    return ', '.join(f'{letter} {length}' for letter, length in zip(letters, shape))


def short(number):
    """Three digits of a number, in little room: '.0312', '4.5e-7', '1230'. '?' for None."""
    if number is None:
        return '?'
    if number == 0 or 1e-3 <= abs(number) < 1e5:
        digits = f'{float(f"{number:.3g}"):g}'
        return digits.removeprefix('0') or '0'
    digits, _, power = f'{number:.1e}'.partition('e')
    return f'{digits}e{int(power)}'


def heat_level(norm, high):
    """The step of the heat scale for a gradient norm: so many decades below the largest a step."""
    levels, decades = LOOK['heat']['levels'], LOOK['heat']['decades']
    if not norm or not high:
        return 0
    below = math.floor(math.log10(high / norm) / decades + 1e-9)
    return max(0, levels - 1 - max(0, below))


def clip(text, most):
    """A text of at most so many letters."""
    return text if len(text) <= most else text[:max(1, most - 1)] + '…'
