"""A link that exists already as a net: one run of it is watched, and drawn from what was seen.

What a link of a known class does inside is its own affair. What happens between links is followed
operation by operation: each result is what has happened to x so far, a tuple of blocks, or on its
way there, such as one time step.
"""
import threading
from typing import NamedTuple

import numpy as np

import minichain as mc
import minichain.links as L
from minichain.links import blocks as library_blocks, models

from ..arrays import on_cpu
from .blocks import ACTIVATIONS, RECURRENTS, BuildError
from .facts import KNOWN, block_of
from .net import Block, good_name

OPEN = (L.Chain, L.ChainList, L.Sequential, L.MLP, L.Classifier)
OPEN_MODULES = (library_blocks.__name__, models.__name__)
SLOPES = {'leaky_relu': ('slope', 0.2), 'elu': ('alpha', 1.0), 'softmax': ('axis', 1)}
EXAMPLES = 2        # that are sent through the link


class Turned(NamedTuple):
    """Images with their columns in front: on the way to be `columns to steps`."""

    before: tuple


class Step(NamedTuple):
    """Time step number t of `count`."""

    before: tuple
    t: int
    count: int


class Said(NamedTuple):
    """What a recurrent link said after a time step."""

    before: tuple
    path: str
    t: int
    count: int


class End(NamedTuple):
    """What a recurrent link said after its last step, or after all."""

    before: tuple
    path: str
    gives: str


def blocks_of(link, x):
    """(blocks without numbers, size of the output) of a link that is called with arrays x (N, ...).

    Raises BuildError for a link or an operation that is no block of the builder.
    """
    found, x = {}, np.asarray(on_cpu(x))[:EXAMPLES]

    def run():      # a thread has random numbers, settings and observers of its own
        trace = Trace(link.copy().to_cpu(), x)
        try:
            found['blocks'] = trace.run()
        except Exception as error:
            found['error'] = error

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if 'error' in found:
        raise found['error']
    return found['blocks']


class Trace:
    """Watches one run of a link."""

    def __init__(self, link, x):
        self.link, self.x = link, x
        self.values = {}        # id of an array -> what it stands for
        self.alive = []         # those arrays: an id must not be used again
        self.inside = []        # links of known classes that are being computed
        self.links = {}         # path -> the link, if it was used
        self.order = {}         # path of a recurrent link -> the time steps it was called with

    def run(self):
        """The blocks, and how many numbers come out."""
        self.know(self.x, ())
        with mc.no_grad(), mc.watch(self):
            y = self.link(self.x)
        if len(getattr(y, 'shape', ())) != 2:
            raise BuildError('The link should give an array (N, numbers), but it gives '
                             f'{getattr(y, "shape", type(y).__name__)}.')
        value = self.values.get(id(array(y)))
        if value is None:
            raise BuildError('What the link gives does not come from x alone.')
        return self.settled(value), y.shape[1]

    def know(self, x, value):
        """Remember what an array stands for."""
        self.values[id(array(x))] = value
        self.alive.append(array(x))

    def settled(self, value):
        """A value as a tuple of blocks."""
        if isinstance(value, Said):
            value = End(value.before, value.path, 'last') if self.is_last(value) else value
        if isinstance(value, End):
            if self.order[value.path][0] != 0:
                raise BuildError(f'{value.path!r} reads from the end only; the builder has this '
                                 'beside one that reads from the beginning.')
            return (*value.before, self.recurrent(value))
        if isinstance(value, Step) and value.t == value.count - 1:
            return (*value.before, Block(0, 'last_step', {}))
        if type(value) is not tuple:
            raise BuildError('One time step, or columns of an image, are used in a way that the '
                             'builder cannot draw.')
        return value

    # Links ----------------------------------------------------------------------------------------

    def on_scope(self, link, entering):
        if self.inside and self.inside[-1].link is not link:
            return
        if entering:
            if known(link):
                self.inside.append(Call(link))
            elif not is_open(link):
                place = f' (at {link.path!r})' if link.path else ''
                raise BuildError(f'{type(link).__name__}{place} is no link that the builder can '
                                 f'draw. It knows {", ".join(KNOWN)}, and Chains and Sequentials '
                                 'of them.')
        elif self.inside:
            self.finish(self.inside.pop())

    def finish(self, call):
        """A known link has computed its output."""
        link, path = call.link, call.link.path or type(call.link).__name__
        if call.output is None:
            return      # it raised an error, which is on its way
        sources = [value for value in call.sources if getattr(value, 'path', None) != path]
        if len(set(map(repr, sources))) != 1:
            raise BuildError(f'{path!r} ({type(link).__name__}) has several inputs; a block has '
                             'one.')
        value = sources[0]
        kind, settings, _ = self.describe(link, path)
        if kind in RECURRENTS:
            self.remember(link, path, value)
            self.know(call.output, Said(value.before, path, value.t, value.count))
            return
        if path in self.links:
            raise BuildError(f'{path!r} is used twice; in the picture each block has weights of '
                             'its own.')
        self.links[path] = link
        if kind == 'linear' and len(call.output.shape) == 3:
            settings['each_step'] = True
        if kind == 'attention':
            settings['causal'] = self.is_causal(call, path)
        name = link.name if good_name(link.name) else ''
        self.know(call.output, (*self.settled(value), Block(0, kind, settings, name)))

    def describe(self, link, path):
        """(kind, settings, size) of a known link."""
        try:
            return block_of(type(link).__name__, **facts_of(link))
        except BuildError as error:
            raise BuildError(f'{path!r}: {error}') from None

    def remember(self, link, path, value):
        """A recurrent link was called with one time step."""
        if not isinstance(value, Step):
            raise BuildError(f'{path!r} ({type(link).__name__}) is not called with one time step '
                             'after the other of a sequence (N, T, numbers).')
        self.links[path] = link
        self.order.setdefault(path, []).append(value.t)

    def is_last(self, said):
        """Whether a recurrent link had read all steps when it said this, in one order or the
        other."""
        order, all_steps = self.order[said.path], list(range(said.count))
        return order in (all_steps, all_steps[::-1]) and order[-1] == said.t

    def is_causal(self, call, path):
        """Whether attention saw the past only; BuildError for another mask."""
        if call.mask is None:
            return False
        size = call.mask.shape[-1]
        if not np.array_equal(np.broadcast_to(call.mask, (size, size)), np.tri(size, dtype=bool)):
            raise BuildError(f'{path!r} is given a mask; a block of attention sees everything, or '
                             'the past only.')
        return True

    def recurrent(self, end, both_ways=False):
        """The block of a recurrent link."""
        link = self.links[end.path]
        kind, settings, _ = self.describe(link, end.path)
        settings |= {'gives': end.gives, 'both_ways': both_ways}
        return Block(0, kind, settings, link.name if good_name(link.name) else '')

    # Operations -----------------------------------------------------------------------------------

    def on_apply(self, fn, inputs, outputs):
        if self.inside:
            self.inside[-1].take_in(fn, [self.values.get(id(array(x))) for x in inputs], outputs)
            return
        values = [self.values.get(id(array(x))) for x in inputs]
        if all(value is None for value in values):
            return
        handler = getattr(self, f'op_{fn.label}', None)
        if fn.label in ACTIVATIONS:
            self.activation(fn, values, outputs[0])
        elif handler is None or any(value is None for value in values):
            raise BuildError(f'The operation {fn.label} outside of the links is no block of the '
                             'builder.')
        else:
            handler(fn, values, inputs, outputs)

    def extend(self, value, y, kind, settings=None):
        self.know(y, (*self.settled(value), Block(0, kind, settings or {})))

    def activation(self, fn, values, y):
        name, usual = SLOPES.get(fn.label, (None, None))
        if name and getattr(fn, name) not in (usual, usual - len(y.shape)):
            raise BuildError(f'{fn.label} with {name}={getattr(fn, name)} is more than a block can '
                             'be set to.')
        self.extend(values[0], y, 'activation', {'function': fn.label})

    def op_dropout(self, fn, values, inputs, outputs):
        self.extend(values[0], outputs[0], 'dropout', {'ratio': float(fn.ratio)})

    def op_identity(self, fn, values, inputs, outputs):
        self.know(outputs[0], values[0])

    def pool(self, kind, fn, value, x, y):
        ksize, stride, pad = fn.windows.ksize, fn.windows.stride, fn.windows.pad
        plain = fn.windows.count(x.shape[2:]) == tuple(fn.count) and pad == (0, 0)
        if len(set(ksize)) > 1 or len(set(stride)) > 1 or not plain:
            raise BuildError(f'{fn.label} with windows {ksize}, stride {stride} and padding {pad} '
                             'is more than a block can be set to.')
        self.extend(value, y, kind, {'size': ksize[0], 'stride': stride[0]})

    def op_max_pool2d(self, fn, values, inputs, outputs):
        self.pool('max_pool', fn, values[0], inputs[0], outputs[0])

    def op_avg_pool2d(self, fn, values, inputs, outputs):
        self.pool('avg_pool', fn, values[0], inputs[0], outputs[0])

    def over(self, by, fn, value, x, y):
        """A mean or a maximum over axes."""
        axes = fn.axis if isinstance(fn.axis, tuple) else (fn.axis,)
        rank = len(x.shape)
        axes = None if axes == (None,) else {axis % rank for axis in axes}
        if not fn.keepdims and rank == 4 and axes == {2, 3}:
            self.extend(value, y, 'global_pool', {'by': by})
        elif not fn.keepdims and rank == 3 and axes == {1} and by == 'mean':
            self.extend(value, y, 'time_mean')
        else:
            raise BuildError(f'{by} over the axes {fn.axis} of {tuple(x.shape)} is no block of the '
                             'builder.')

    def op_mean(self, fn, values, inputs, outputs):
        self.over('mean', fn, values[0], inputs[0], outputs[0])

    def op_max(self, fn, values, inputs, outputs):
        self.over('max', fn, values[0], inputs[0], outputs[0])

    def op_transpose(self, fn, values, inputs, outputs):
        if fn.axes != (0, 3, 1, 2):
            raise BuildError(f'transpose to the axes {fn.axes} is no block of the builder.')
        self.know(outputs[0], Turned(self.settled(values[0])))

    def op_reshape(self, fn, values, inputs, outputs):
        value, x, y = values[0], array(inputs[0]), array(outputs[0])
        if x.shape == y.shape or isinstance(value, (Step, Said)):
            self.know(y, value)     # a time step gets or loses an axis of length 1
        elif isinstance(value, Turned) and y.shape == (*x.shape[:2], x.shape[2] * x.shape[3]):
            self.know(y, (*value.before, Block(0, 'columns', {})))
        elif type(value) is tuple and y.shape == (x.shape[0], x[0].size):
            self.extend(value, y, 'flatten')
        else:
            raise BuildError(f'reshape from {x.shape} to {y.shape} is no block of the builder.')

    def op_split(self, fn, values, inputs, outputs):
        count = inputs[0].shape[1] if len(inputs[0].shape) == 3 else 0
        if fn.axis != 1 or len(outputs) != count:
            raise BuildError('split is no block of the builder, but for F.separate(h, axis=1).')
        before = self.settled(values[0])
        for t, y in enumerate(outputs):
            self.know(y, Step(before, t, count))

    def op_get_item(self, fn, values, inputs, outputs):
        index, count = fn.index, inputs[0].shape[1]
        whole = isinstance(index, tuple) and len(index) == 2 and index[0] == slice(None)
        if not whole or not isinstance(index[1], int) or len(inputs[0].shape) != 3:
            raise BuildError('A part in brackets is no block of the builder, but for h[:, -1].')
        self.know(outputs[0], Step(self.settled(values[0]), index[1] % count, count))

    def op_concat(self, fn, values, inputs, outputs):
        first = values[0]
        values = [End(value.before, value.path, 'last') if isinstance(value, Said) and len(
            values) == 2 and self.is_last(value) else value for value in values]
        if len(values) == 2 and all(isinstance(value, End) for value in values):
            self.know(outputs[0], (*values[0].before, self.both_ways(*values)))
        elif isinstance(first, Said) and values == [
                first._replace(t=t) for t in range(first.count)]:
            self.know(outputs[0], End(first.before, first.path, 'all'))
        else:
            raise BuildError('concat is no block of the builder, but for the two directions of a '
                             'recurrent link, and F.stack of its steps.')

    def both_ways(self, there, back):
        """The block of two recurrent links that read from both ends."""
        orders = self.order[there.path], self.order[back.path]
        blocks = [self.recurrent(end) for end in (there, back)]
        if (orders[0] != orders[1][::-1] or orders[0][0] != 0 or there.before != back.before
                or blocks[0][1:3] != blocks[1][1:3]):
            raise BuildError(f'{there.path!r} and {back.path!r} are not one block that reads both '
                             'ways: they differ, or do not read the same from both ends.')
        return self.recurrent(there, both_ways=True)

    def op_add(self, fn, values, inputs, outputs):
        around, through = sorted(map(self.settled, values), key=len)
        if through[:len(around)] != around:
            raise BuildError('A sum is drawn as a residual branch: one side has to be what went '
                             'into the other.')
        self.know(outputs[0], (*around, Block(0, 'residual', {}, '', through[len(around):])))


class Call:
    """One use of a link of a known class: what went in, and what came out last."""

    def __init__(self, link):
        self.link, self.sources, self.output, self.mask = link, [], None, None

    def take_in(self, fn, values, outputs):
        """An operation inside of it has run."""
        self.sources += [value for value in values if value is not None]
        self.output = outputs[-1]
        if fn.label == 'where':
            self.mask = np.asarray(fn.condition, bool)


def array(x):
    """The array of a Variable, or the array itself."""
    return x.data if isinstance(x, mc.Variable) else x


def known(link):
    name = type(link).__name__
    return name in KNOWN and type(link) is getattr(L, name)


def is_open(link):
    """Whether the builder may look inside: a container of links, without weights of its own."""
    module = type(link).__module__
    mine = module.startswith('minichain.links')
    allowed = type(link) in OPEN or module in OPEN_MODULES if mine else True
    return allowed and not link._params


def facts_of(link):
    """What block_of wants to know of a link, by the names of its constructor."""
    facts = {name: getattr(link, name) for name in
             ('n_in', 'n_out', 'ksize', 'stride', 'pad', 'dilate', 'groups', 'decay', 'eps',
              'ignore_label', 'heads', 'dropout', 'ratio') if hasattr(link, name)}
    kind = type(link).__name__
    if kind in ('Linear', 'Conv2d'):
        facts['nobias'] = link.b is None
    if kind == 'EmbedID':
        facts['n_in'], facts['n_out'] = link.W.shape
    if kind == 'MultiHeadAttention':
        facts['n'] = link.query.n_out
    if kind == 'RNN' and link.activation is not mc.functions.tanh:
        raise BuildError('an RNN with another activation than tanh is more than a block can be set '
                         'to.')
    return facts
