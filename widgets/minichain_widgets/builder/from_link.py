"""A link that exists already as a net: one run of it is watched, and drawn from what was seen.

What a link of a known class does inside is its own affair. What happens between links is followed
operation by operation: each result is what has happened to x so far, a tuple of blocks, or on its
way there, such as one time step.
"""
import threading

import numpy as np

import minichain as mc
import minichain.links as L
from minichain.links import blocks as library_blocks, models

from ..arrays import on_cpu
from .blocks import ACTIVATIONS, RECURRENTS, BuildError
from .facts import DEEP, KNOWN, block_of
from .net import good_name
from .weave import EACH_STEP, Example, Output, Said, States, Step, Turned, Weave, check_once

OPEN = (L.Chain, L.ChainList, L.Sequential, L.MLP, L.Classifier)
OPEN_MODULES = (library_blocks.__name__, models.__name__)
SLOPES = {'leaky_relu': ('slope', 0.2), 'elu': ('alpha', 1.0), 'softmax': ('axis', 1)}
EXAMPLES = 2        # that are sent through the link


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
        self.weave = Weave()
        self.values = {}        # id of an array -> what it stands for
        self.alive = []         # those arrays: an id must not be used again
        self.inside = []        # links of known classes that are being computed
        self.used = set()       # paths of links

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
        if self.inside and self.inside[-1].link is not link:
            return
        if entering:
            if known(link):
                self.inside.append(Call(link))
            elif not is_open(link):
                place = f' (at {link.path!r})' if link.path else ''
                raise BuildError(f'{type(link).__name__}{place} is no link that the builder can '
                                 f'draw. It knows {", ".join((*KNOWN, *DEEP))}, and Chains and '
                                 'Sequentials of them.')
        elif self.inside:
            self.finish(self.inside.pop())

    def finish(self, call):
        """A known link has computed its output."""
        link, path = call.link, repr(call.link.path or type(call.link).__name__)
        if call.output is None:
            return      # it raised an error, which is on its way
        sources = [value for value in call.sources if getattr(value, 'path', None) != path]
        if type(link).__name__ in DEEP:
            self.finish_layers(call, path, sources)
            return
        if len(set(map(repr, sources))) != 1:
            raise BuildError(f'{path} ({type(link).__name__}) has several inputs; a block has '
                             'one.')
        value = sources[0]
        kind, settings, _ = self.describe(link, path)
        name = link.name if good_name(link.name) else ''
        if kind in RECURRENTS:
            self.know(call.output, self.weave.say(path, value, kind, settings, name))
            return
        if kind in EACH_STEP and self.weave.is_step(path, value):
            each = {'each_step': True} if kind == 'linear' else {}
            self.know(call.output, self.weave.each_step(path, value, kind, settings | each, name))
            return
        self.use(path)
        if kind == 'linear' and len(call.output.shape) == 3:
            settings['each_step'] = True
        if kind == 'attention':
            settings['causal'] = self.is_causal(call, path)
        self.know(call.output, self.weave.extend(value, kind, settings, name))

    def finish_layers(self, call, path, sources):
        """Recurrent layers have given their last states, and a sequence for each example."""
        link, first = call.link, sources[0] if sources else None
        count = getattr(first, 'count', 0)
        if not isinstance(first, Example) or sources != [
                first._replace(n=n) for n in range(count)]:
            raise BuildError(f'{path} ({type(link).__name__}) takes the sequences of the batch as '
                             'they come, and no first states: layers(None, None, F.separate(h, '
                             'axis=0)).')
        self.use(path)
        kind, settings, _ = self.describe(link, path)
        self.weave.links[path] = kind, settings, link.name if good_name(link.name) else ''
        *_, (_, outputs) = call.results
        states = [results[0] for label, results in call.results if label == 'get_item']
        for y in states[-link.states:]:
            self.know(y, States(first.before, path))
        for n, y in enumerate(outputs):
            self.know(y, Output(first.before, path, n, count))

    def use(self, path):
        if path in self.used:
            raise BuildError(f'{path} is used twice; in the picture each block has weights of '
                             'its own.')
        self.used.add(path)

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
    """One use of a link of a known class: what went in, and what came out last."""

    def __init__(self, link):
        self.link, self.sources, self.output, self.mask = link, [], None, None
        self.results = []       # (label of an operation, its outputs)

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


def facts_of(link):
    """What block_of wants to know of a link, by the names of its constructor."""
    facts = {name: getattr(link, name) for name in
             ('n_in', 'n_out', 'ksize', 'stride', 'pad', 'dilate', 'groups', 'decay', 'eps',
              'ignore_label', 'heads', 'dropout', 'ratio', 'n_layers', 'activation')
             if hasattr(link, name)}
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
