"""What each block makes of a shape, and what it costs: weights and multiply-adds.

Shapes are those of one example; the batch axis N is only written in front. A rule raises Misfit if
a block cannot work on what arrives.
"""
from math import prod
from typing import NamedTuple

from .blocks import LANES, RECURRENTS, BuildError, kind_of
from .own import own_of

WORDS_OF_AXES = {
    'I': 'a row of numbers for each example',
    'CHW': 'images with channels, height and width',
    'TI': 'sequences: a row of numbers for each time step',
    'T': 'sentences: one number for each word',
}
WORDS_OF_AXIS = {'I': 'number', 'C': 'channel', 'H': 'pixel high', 'W': 'pixel wide',
                 'T': 'time step'}
BYTES = 4           # of a float32


class Shape(NamedTuple):
    """The shape of what flows along an edge, for one example.

    axes   a letter each: C channels, H height, W width, T time, I numbers
    sizes  the length of each axis
    words  for whole numbers: how many words there are; 0 for real numbers
    """

    axes: str
    sizes: tuple
    words: int = 0

    @property
    def size(self):
        return prod(self.sizes)

    def spoken(self, batch):
        """'a batch of 32 examples: 16 channels, 8 pixels high, 8 pixels wide'"""
        parts = []
        for axis, length in zip(self.axes, self.sizes):
            first, *others = WORDS_OF_AXIS[axis].split()
            parts.append(' '.join([f'{length} {first}{"s" * (length != 1)}', *others]))
        return f'a batch of {batch} examples: {", ".join(parts)}'

    def text(self, batch=''):
        """'N 32, C 16, H 8, W 8'; 'N, C 16, H 8, W 8' where no batch is meant."""
        return ', '.join([f'N {batch}'.strip(), *[f'{axis} {length}' for axis, length in
                                                  zip(self.axes, self.sizes)]])


class Target(NamedTuple):
    """What a net has to say about an example: which class, or so many numbers."""

    kind: str       # 'classes' or 'numbers'
    count: int


class Misfit(Exception):
    """A block that does not fit what arrives: says what it wants, and suggests single changes.

    suggestions  pairs (setting, value) for this block
    """

    def __init__(self, message, *suggestions):
        super().__init__(message)
        self.suggestions = suggestions


def need(shape, axes, label, *suggestions):
    """The sizes of a shape with the axes, 'I' or 'I|CHW'. Misfit if it has others.

    Axis T alone is for sentences: whole numbers, which only an embedding takes.
    """
    if shape.axes in axes.split('|'):
        return shape.sizes
    letters = ' or '.join('(N, ' + ', '.join(one) + ')' for one in axes.split('|'))
    words = ', or '.join(WORDS_OF_AXES[one] for one in axes.split('|'))
    raise Misfit(f'{label} wants {letters}: {words}. But {shape.text()} arrives: '
                 f'{WORDS_OF_AXES[shape.axes]}.', *suggestions)


# How shapes change --------------------------------------------------------------------------------

def linear(shape, s, target):
    if s['each_step']:
        steps, _ = need(shape, 'TI', 'linear on each step', ('each_step', False))
        return Shape('TI', (steps, s['units']))
    need(shape, 'I', 'linear', ('each_step', True))
    return Shape('I', (s['units'],))


def window(length, s, pad=0):
    """How many windows lie side by side."""
    return (length + 2 * pad - s['size']) // s['stride'] + 1


def slide(shape, s, label):
    """The height and width of an image after windows have slid over it."""
    channels, *size = need(shape, 'CHW', label)
    pad = s['pad']
    sizes = [window(length, s, pad) for length in size]
    if min(sizes) < 1:
        small = min(size) + 2 * pad
        around = f' with {pad} zeros around it' if pad else ''
        missing = (s['size'] - min(size) + 1) // 2
        raise Misfit(f'{label}: a window of {s["size"]} × {s["size"]} does not fit into an image '
                     f'of H {size[0]}, W {size[1]}{around}: the size can be {small} at most.',
                     ('size', small), ('pad', missing))
    return channels, sizes


def conv2d(shape, s, target):
    _, size = slide(shape, s, 'conv2d')
    return Shape('CHW', (s['filters'], *size))


def pool(shape, s, target):
    if s['pad'] >= s['size']:
        raise Misfit(f'pooling: with pad {s["pad"]} a window of {s["size"]} × {s["size"]} would '
                     'lie beside the image: pad has to be smaller than size.',
                     ('pad', s['size'] // 2))
    channels, size = slide(shape, s, 'pooling')
    return Shape('CHW', (channels, *size))


def global_pool(shape, s, target):
    return Shape('I', need(shape, 'CHW', 'global pooling')[:1])


def columns(shape, s, target):
    channels, height, width = need(shape, 'CHW', 'columns to steps')
    return Shape('TI', (width, channels * height))


def flatten(shape, s, target):
    need(shape, 'I|CHW|TI', 'flatten')
    return Shape('I', (shape.size,))


def unchanged(label, axes='I|CHW|TI'):
    def rule(shape, s, target):
        need(shape, axes, label)
        return shape
    return rule


def embedding(shape, s, target):
    need(shape, 'T', 'embedding')
    return Shape('TI', (*shape.sizes, s['units']))


def joined(block, shape, ends):
    """What comes out of a block whose branches give the shapes `ends`: their sum, or all of them
    one behind the other. Misfit if they do not go together.
    """
    residual = block.kind == 'residual'
    label = 'residual branch' if residual else 'side by side'
    need(shape, 'I|CHW|TI', label)
    if not any(block.lanes):
        raise Misfit(f'{label}: there is nothing inside yet. Put blocks into it, or what comes in '
                     f'is only {"doubled" if residual else "repeated"}.')
    first, *others = ends
    if residual:
        if not block.lanes[0]:
            raise Misfit(f'{label}: there are blocks on the way round, but none inside.')
        if ends[0] != ends[1]:
            raise Misfit(f'{label}: {ends[1].text()} goes round the blocks and {first.text()} '
                         'comes out of them. To be added, both must be equal.')
        return first
    at = {'CHW': 0, 'I': 0, 'TI': 1}[first.axes]        # the axis along which they are joined
    for number, end in enumerate(others, 2):
        if end.axes != first.axes or any(a != b for i, (a, b) in enumerate(
                zip(end.sizes, first.sizes)) if i != at):
            raise Misfit(f'{label}: branch 1 gives {first.text()}, but branch {number} gives '
                         f'{end.text()}. To be put together, they may differ in '
                         f'{first.axes[at]} only.')
    sizes = list(first.sizes)
    sizes[at] = sum(end.sizes[at] for end in ends)
    return Shape(first.axes, tuple(sizes))


def recurrent(label):
    def rule(shape, s, target):
        steps, _ = need(shape, 'TI', label)
        units = s['units'] * (2 if s['both_ways'] else 1)
        return Shape('TI', (steps, units)) if s['gives'] == 'all' else Shape('I', (units,))
    return rule


def attention(shape, s, target):
    _, numbers = need(shape, 'TI', 'attention')
    if numbers % s['heads']:
        fitting = max(n for n in range(1, s['heads'] + 1) if numbers % n == 0)
        raise Misfit(f'attention: {numbers} numbers a step do not divide into {s["heads"]} heads.',
                     ('heads', fitting))
    return shape


def over_time(label):
    def rule(shape, s, target):
        return Shape('I', need(shape, 'TI', label)[1:])
    return rule


def classifier(shape, s, target):
    need(shape, 'I', 'classifier')
    return Shape('I', (target.count,))


def own(shape, s, target):
    link = own_of(s)
    if link.link is None:
        raise Misfit(f'The link {str(link)!r} of yours is not in this net, which was saved: a text '
                     'cannot hold it. Make the net again, draw it with NetBuilder.from_link(model, '
                     'x), and load this text there, under Save, share.')
    try:
        sizes, _, _ = link.tried(shape.sizes, shape.words)
    except BuildError as error:
        raise Misfit(f'{link.label} cannot work on {shape.text()}. {error}') from None
    if len(sizes) > 3:
        raise Misfit(f'{link.label} gives arrays of shape (N, {", ".join(map(str, sizes))}), which '
                     'no block takes.')
    return Shape(('I', 'TI', 'CHW')[len(sizes) - 1], sizes)


RULES = {
    'linear': linear, 'conv2d': conv2d, 'max_pool': pool, 'avg_pool': pool,
    'global_pool': global_pool, 'columns': columns, 'flatten': flatten,
    'activation': unchanged('activation'), 'dropout': unchanged('dropout'),
    'batch_norm': unchanged('batch norm', 'I|CHW'), 'layer_norm': unchanged('layer norm', 'I|TI'),
    'embedding': embedding, 'rnn': recurrent('RNN'), 'lstm': recurrent('LSTM'),
    'gru': recurrent('GRU'), 'layers': recurrent('recurrent layers'), 'attention': attention,
    'last_step': over_time('last step'), 'time_mean': over_time('mean over time'),
    'classifier': classifier, 'own': own,
}


def result(kind, shape, settings, target):
    """The shape that comes out of a block. Raises Misfit if it does not fit."""
    return RULES[kind](shape, settings, target)


SAMPLES = {'I': (64,), 'CHW': (4, 16, 16), 'TI': (8, 8), 'T': (8,)}


def takes(kind):
    """The axes of what a kind of block works on, as it comes from the palette."""
    if kind in LANES:
        return ['I', 'CHW', 'TI']
    if kind_of(kind).group == 'given':
        return []
    settings, found = kind_of(kind).complete({}), []
    for axes, sizes in SAMPLES.items():
        try:
            result(kind, Shape(axes, sizes, 2 * (axes == 'T')), settings, Target('classes', 2))
        except Misfit:
            continue
        found.append(axes)
    return found


# What it costs ------------------------------------------------------------------------------------

GATES = {'rnn': 1, 'lstm': 4, 'gru': 3}
PER_UNIT = {'rnn': 1, 'lstm': 8, 'gru': 10}     # products and sums of a cell, beside its weights
PER_UNIT_OF_LAYERS = {'RNN': 3, 'LSTM': 9, 'GRU': 5}        # those are put together otherwise


def weights(kind, shape, s, target):
    """How many numbers a block learns."""
    if kind == 'linear':
        return s['units'] * (shape.sizes[-1] + s['bias'])
    if kind == 'classifier':
        return target.count * (shape.sizes[0] + 1)
    if kind == 'conv2d':
        return s['filters'] * (shape.sizes[0] * s['size'] ** 2 + s['bias'])
    if kind == 'batch_norm':
        return 2 * shape.sizes[0]
    if kind == 'layer_norm':
        return 2 * shape.sizes[-1]
    if kind == 'embedding':
        return shape.words * s['units']
    if kind == 'attention':
        return 4 * (shape.sizes[1] + 1) * shape.sizes[1]
    if kind in RECURRENTS:
        rows = GATES[kind] * s['units']
        biases = 2 if kind == 'gru' else 1
        return (2 if s['both_ways'] else 1) * rows * (shape.sizes[1] + s['units'] + biases)
    if kind == 'own':
        return own_of(s).tried(shape.sizes, shape.words)[1]
    if kind == 'layers':
        return sum((2 if s['both_ways'] else 1) * GATES[s['cell'].lower()] * s['units']
                   * (numbers + s['units'] + 2) for numbers in numbers_of_layers(shape, s))
    return 0


def numbers_of_layers(shape, s):
    """How many numbers a time step brings to each of the recurrent layers."""
    above = (2 if s['both_ways'] else 1) * s['units']
    return [shape.sizes[1], *[above] * (s['layers'] - 1)]


def multiply_adds(kind, shape, s, target):
    """Multiply-adds of the weights for one example; what has no weights counts each number once.

    As in minichain.graph's `cost`, what only moves numbers counts nothing.
    """
    out = result(kind, shape, s, target)
    if kind == 'own':
        return own_of(s).tried(shape.sizes, shape.words)[2]
    if kind in ('linear', 'classifier'):
        return out.size * shape.sizes[-1]
    if kind == 'conv2d':
        return out.size * shape.sizes[0] * s['size'] ** 2
    if kind in RECURRENTS:
        steps, numbers = shape.sizes
        units, gates = s['units'], GATES[kind]
        again = steps if kind == 'gru' else steps - 1       # the others begin without a state
        added = units * again if kind == 'rnn' else 0       # the others' steps add by themselves
        one_way = (steps * gates * units * numbers + again * gates * units * units + added
                   + steps * PER_UNIT[kind] * units)
        return (2 if s['both_ways'] else 1) * one_way
    if kind == 'layers':
        units, gates, others = s['units'], GATES[s['cell'].lower()], PER_UNIT_OF_LAYERS[s['cell']]
        return sum((2 if s['both_ways'] else 1) * shape.sizes[0] * units
                   * (gates * (numbers + units) + others)
                   for numbers in numbers_of_layers(shape, s))
    if kind == 'attention':
        steps, numbers = shape.sizes
        return 4 * steps * numbers ** 2 + 2 * steps ** 2 * numbers
    if kind in ('flatten', 'columns', 'embedding', 'last_step'):
        return 0
    return shape.size
