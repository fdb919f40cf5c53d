"""A link that exists already as a net: one run of it is watched, and drawn from what was seen.

What a link of a known class does inside is its own affair. What happens between links is followed
operation by operation: each result is what has happened to x so far, a tuple of blocks, or on its
way there, such as one time step.
"""
import contextlib

import numpy as np

import minichain as mc
import minichain.links as L
from minichain.links import blocks as library_blocks, models

from ..arrays import on_cpu
from .blocks import ACTIVATIONS, RECURRENTS, BuildError, kind_of
from .facts import DEEP, KNOWN, block_of, facts_of
from .net import good_name
from .own import Own, aside
from .weave import EACH_STEP, Example, Output, Said, States, Step, Turned, Weave, check_once

OPEN = (L.Chain, L.ChainList, L.Sequential, L.MLP, L.Classifier)
OPEN_MODULES = (library_blocks.__name__, models.__name__)
SLOPES = {'leaky_relu': ('slope', 0.2), 'elu': ('alpha', 1.0), 'softmax': ('axis', 1)}
EXAMPLES = 2        # that are sent through the link
GREY = ('Put this part into a Chain of its own that takes one array and gives one: the builder '
        'draws it as a grey block.')


def blocks_of(link, x):
    """(blocks without numbers, size of the output) of a link that is called with arrays x (N, ...).

    A link inside that is no block of the builder becomes one of kind 'own', and so does a part of
    the net in which something happens that the builder cannot draw. Raises BuildError for what the
    net itself does, outside of its parts.
    """
    closed, x = set(), np.asarray(on_cpu(x))[:EXAMPLES]
    while True:
        trace = Trace(link.copy().to_cpu(), x, closed)
        try:
            return aside(trace.run)
        except BuildError as error:
            if trace.stopped and not trace.where and is_open(link):
                raise BuildError(f'{error} {GREY}') from None
            if not trace.where:
                raise
            closed.add(trace.where)


class Trace:
    """Watches one run of a link.

    closed  paths of the parts that are not looked into
    where   the path of the part in which something could not be drawn; '' for the net itself
    """

    def __init__(self, link, x, closed=()):
        self.link, self.x, self.closed, self.where = link, x, closed, ''
        self.weave = Weave()
        self.values = {}        # id of an array -> what it stands for
        self.alive = []         # those arrays: an id must not be used again
        self.inside = []        # links that are being computed, and not looked into
        self.opened = []        # those that are looked into
        self.used = {}          # path of a link -> its first block
        self.stopped = False
        for part in link.links():
            if self.is_closed(part):
                self.listen(part)

    def is_closed(self, link):
        return link.path in self.closed or not (known(link) or is_open(link))

    def listen(self, link):
        """Let a link that is not looked into tell what it takes and gives."""
        forward = link.forward

        def heard(*inputs, **options):
            y = forward(*inputs, **options)
            if self.inside and self.inside[-1].link is link:
                self.inside[-1].hear(inputs, options, y)
            return y

        object.__setattr__(link, 'forward', heard)

    def run(self):
        """The blocks, and how many numbers come out."""
        self.know(self.x, ())
        with mc.no_grad(), mc.watch(self):
            words = self.x.dtype.kind in 'iu'      # of which code may take one after the other
            y = self.link(mc.Variable(self.x) if words else self.x)
        if len(getattr(y, 'shape', ())) != 2:
            raise BuildError('The link should give an array (N, numbers), but it gives '
                             f'{getattr(y, "shape", type(y).__name__)}.')
        value = self.values.get(id(array(y)))
        if value is None:
            raise BuildError('What the link gives does not come from x alone.')
        blocks = self.weave.settled(value)
        check_once(blocks)
        return blocks, y.shape[1]

    def know(self, x, value):
        """Remember what an array stands for."""
        self.values[id(array(x))] = value
        self.alive.append(array(x))

    # Links ----------------------------------------------------------------------------------------

    def on_scope(self, link, entering):
        with self.stopping():
            if self.inside and self.inside[-1].link is not link:
                return
            if not entering and self.inside:
                self.finish(self.inside.pop())
            elif not entering:
                self.opened.pop()
            elif self.is_closed(link) and not link.path:
                raise BuildError(f'{type(link).__name__} is no link that the builder can draw by '
                                 f'itself. It knows {", ".join((*KNOWN, *DEEP))}, and Chains and '
                                 'Sequentials of them and of others: try mc.Sequential(link).')
            elif known(link) or self.is_closed(link):
                self.inside.append(Call(link))
            else:
                self.opened.append(link)

    @contextlib.contextmanager
    def stopping(self):
        """What cannot be drawn is noted with the part of the net that was being computed."""
        try:
            yield
        except BuildError:
            if not self.stopped:
                self.where = self.opened[-1].path if self.opened else ''
                self.stopped = True
            raise

    def finish(self, call):
        """A link that is not looked into has computed its output."""
        link, path = call.link, repr(call.link.path or type(call.link).__name__)
        if call.output is None or self.is_closed(link) and not call.heard:
            return      # it raised an error, which is on its way
        if self.is_closed(link):
            self.finish_own(call, path)
            return
        sources = [value for value in call.sources if getattr(value, 'path', None) != path]
        if type(link).__name__ in DEEP:
            self.finish_layers(call, path, sources)
            return
        if len(set(map(repr, sources))) != 1:
            what = ('has several inputs; a block has one' if sources else
                    'is given what it gave itself; a block reads what the blocks before it give'
                    if call.sources else 'is given an array that does not come from x')
            raise BuildError(f'{path} ({type(link).__name__}) {what}.')
        value = sources[0]
        try:
            kind, settings, _ = self.describe(link, path)
        except BuildError:      # it can be set to more than a block
            kind, settings = 'own', self.own(link)
        name = link.name if good_name(link.name) else ''
        if kind in RECURRENTS:
            self.know(call.output, self.weave.say(path, value, kind, settings, name))
            return
        if kind in EACH_STEP and self.weave.is_step(path, value):
            each = {'each_step': True} if kind == 'linear' else {}
            self.know(call.output, self.weave.each_step(path, value, kind, settings | each, name))
            return
        if kind == 'linear' and len(call.output.shape) == 3:
            settings['each_step'] = True
        if kind == 'attention':
            settings['causal'] = self.is_causal(call, path)
        self.use(path, call.output, value, kind, settings, name)

    def finish_own(self, call, path):
        """A link of the student's has computed its output."""
        values = [self.values.get(id(array(x))) for x in call.sources]
        if len(values) != 1 or values[0] is None or call.options or not is_array(call.output):
            raise BuildError(f'{path} ({type(call.link).__name__}) does not take one array and '
                             'give one; a block does.')
        link = call.link
        self.use(path, call.output, values[0], 'own', self.own(link),
                 link.name if good_name(link.name) else '')

    def own(self, link):
        return {'link': Own(link.path or type(link).__name__)}

    def finish_layers(self, call, path, sources):
        """Recurrent layers have given their last states, and a sequence for each example."""
        link, first = call.link, sources[0] if sources else None
        count = getattr(first, 'count', 0)
        if not isinstance(first, Example) or sources != [
                first._replace(n=n) for n in range(count)]:
            raise BuildError(f'{path} ({type(link).__name__}) takes the sequences of the batch as '
                             'they come, and no first states: layers(None, None, F.separate(h, '
                             'axis=0)).')
        if path in self.used:
            raise BuildError(f'{path} is used twice; in the picture recurrent layers have weights '
                             'of their own.')
        kind, settings, _ = self.describe(link, path)
        self.used[path] = None
        self.weave.links[path] = kind, settings, link.name if good_name(link.name) else ''
        *_, (_, outputs) = call.results
        states = [results[0] for label, results in call.results if label == 'get_item']
        for y in states[-link.states:]:
            self.know(y, States(first.before, path))
        for n, y in enumerate(outputs):
            self.know(y, Output(first.before, path, n, count))

    def use(self, path, y, value, kind, settings, name):
        """A link is called: the first time it is a block, then this block again."""
        first, before = self.used.get(path), self.weave.settled(value)
        settings = kind_of(kind).complete(settings)
        if first is not None and first.settings != settings:
            raise BuildError(f'{path} is used in two different ways; a block has one.')
        block = (self.weave.block(kind, settings, name) if first is None
                 else self.weave.again(first))
        self.used.setdefault(path, block)
        self.know(y, (*before, block))

    def describe(self, link, path):
        """(kind, settings, size) of a known link."""
        try:
            return block_of(type(link).__name__, **facts_of(link))
        except BuildError as error:
            raise BuildError(f'{path}: {error}') from None

    def is_causal(self, call, path):
        """Whether attention saw the past only; BuildError for another mask."""
        if call.mask is None:
            return False
        size = call.mask.shape[-1]
        if not np.array_equal(np.broadcast_to(call.mask, (size, size)), np.tri(size, dtype=bool)):
            raise BuildError(f'{path} is given a mask; a block of attention sees everything, or '
                             'the past only.')
        return True

    # Operations -----------------------------------------------------------------------------------

    def on_apply(self, fn, inputs, outputs):
        with self.stopping():
            self.applied(fn, inputs, outputs)

    def applied(self, fn, inputs, outputs):
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
        self.know(y, self.weave.extend(value, kind, settings))

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
        plain = fn.windows.count(x.shape[2:]) == tuple(fn.count)
        if any(len(set(pair)) > 1 for pair in (ksize, stride, pad)) or not plain:
            raise BuildError(f'{fn.label} with windows {ksize}, stride {stride} and padding {pad} '
                             'is more than a block can be set to.')
        self.extend(value, y, kind, {'size': ksize[0], 'stride': stride[0], 'pad': pad[0]})

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
        self.know(outputs[0], Turned(self.weave.settled(values[0])))

    def op_reshape(self, fn, values, inputs, outputs):
        value, x, y = values[0], array(inputs[0]), array(outputs[0])
        if x.shape == y.shape or isinstance(value, (Step, Said, Example, States, Output)):
            self.know(y, value)     # a time step gets or loses an axis of length 1
        elif isinstance(value, Turned) and y.shape == (*x.shape[:2], x.shape[2] * x.shape[3]):
            self.know(y, (*value.before, self.weave.block('columns')))
        elif type(value) is tuple and y.shape == (x.shape[0], x[0].size):
            self.extend(value, y, 'flatten')
        else:
            raise BuildError(f'reshape from {x.shape} to {y.shape} is no block of the builder.')

    def op_split(self, fn, values, inputs, outputs):
        count = inputs[0].shape[fn.axis] if is_sequence(inputs[0]) else 0
        if fn.axis not in (0, 1) or len(outputs) != count:
            raise BuildError('split is no block of the builder, but for F.separate(h, axis=1).')
        before, kind = self.weave.settled(values[0]), Step if fn.axis else Example
        for number, y in enumerate(outputs):
            self.know(y, kind(before, number, count))

    def op_get_item(self, fn, values, inputs, outputs):
        index, value, shape = fn.index, values[0], inputs[0].shape
        pair = (index[1] if isinstance(index, tuple) and len(index) == 2
                and index[0] == slice(None) else None)
        if isinstance(value, States) and value.layer is None and isinstance(index, int):
            part = value._replace(layer=index - shape[0] if index >= 0 else index)
        elif isinstance(value, Output) and index == -1:
            part = value._replace(last=True)
        elif type(value) is tuple and isinstance(index, int) and len(shape) == 3:
            part = Example(value, index % shape[0], shape[0])
        elif isinstance(pair, int) and is_sequence(inputs[0]):
            part = Step(self.weave.settled(value), pair % shape[1], shape[1])
        else:
            raise BuildError('A part in brackets is no block of the builder, but for h[:, -1].')
        self.know(outputs[0], part)

    def op_concat(self, fn, values, inputs, outputs):
        rank = len(inputs[0].shape)
        value = self.weave.both(values) if len(values) == 2 else None
        value = value or self.weave.stack(values)
        if value is None:
            if fn.axis % rank != (2 if rank == 3 else 1):
                raise BuildError(f'concat along axis {fn.axis} is no block of the builder: '
                                 'branches are put together along channels, or along the numbers '
                                 'of each step.')
            value = self.weave.concat(values)
        self.know(outputs[0], value)

    def op_add(self, fn, values, inputs, outputs):
        self.know(outputs[0], self.weave.sum(*values))


class Call:
    """One use of a link that is not looked into: what went in, and what came out last."""

    def __init__(self, link):
        self.link, self.sources, self.output, self.mask = link, [], None, None
        self.heard = False
        self.results = []       # (label of an operation, its outputs)
        self.options = {}

    def hear(self, inputs, options, y):
        """A link of the student's has told itself what it was given, and what it gives."""
        self.sources, self.options, self.output, self.heard = inputs, options, y, True

    def take_in(self, fn, values, outputs):
        """An operation inside of it has run."""
        self.sources += [value for value in values if value is not None]
        self.output = outputs[-1]
        self.results.append((fn.label, outputs))
        if fn.label == 'where':
            self.mask = np.asarray(fn.condition, bool)


def array(x):
    """The array of a Variable, or the array itself."""
    return x.data if isinstance(x, mc.Variable) else x


def is_array(x):
    return isinstance(array(x), np.ndarray)


def is_sequence(x):
    """Whether an array is a batch of sequences: (N, T, numbers), or (N, T) words."""
    return len(x.shape) == 3 or (len(x.shape) == 2 and x.dtype.kind in 'iu')


def known(link):
    name = type(link).__name__
    return name in (*KNOWN, *DEEP) and type(link) is getattr(L, name)


def is_open(link):
    """Whether the builder may look inside: a container of links, without weights of its own."""
    module = type(link).__module__
    mine = module.startswith('minichain.links')
    allowed = type(link) in OPEN or module in OPEN_MODULES if mine else True
    return allowed and not link._params
