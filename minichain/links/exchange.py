"""Weights to and from PyTorch: `state_dict` and `load_state_dict` of links.

    theirs.load_state_dict({name: torch.tensor(a) for name, a in ours.state_dict().items()})
    ours.load_state_dict(theirs.state_dict())

The same names and layouts as those of torch.nn: 'encoder.0.weight' for our 'encoder/0/W'. A link
made of others has the names that its author gave them, in both worlds.
"""
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .. import backend
from ..fitting import Entry, set_values
from ..variable import Variable
from .attention import MultiHeadAttention
from .conv import DepthwiseConv2d
from .layers import PReLU
from .link import Link
from .recurrent import StatelessGRU, StatelessLSTM
from .sequences import NStep

NAMES = {'W': 'weight', 'b': 'bias', 'gamma': 'weight', 'beta': 'bias', 'avg_mean': 'running_mean',
         'avg_var': 'running_var', 'N': 'num_batches_tracked'}


class Piece(NamedTuple):
    """Some of a link's values, and what they are in PyTorch.

    keys   ours, such as 'upward/W'   names  theirs, such as 'weight_ih'
    there  a function from our arrays to theirs   back  from theirs to ours
    """

    keys: list
    names: list
    there: Callable = lambda *arrays: arrays
    back: Callable = lambda *arrays: arrays


def blocks(array, order):
    """The equal blocks of the first axis in another order."""
    parts = np.split(array, len(order))
    return np.concatenate([parts[i] for i in order])


def lstm_cell(link):
    """The gates a i f o become i f g o; PyTorch adds two biases."""
    there, back = (1, 2, 0, 3), (2, 0, 1, 3)
    yield Piece(['upward/W', 'lateral/W'], ['weight_ih', 'weight_hh'],
                lambda *ws: [blocks(w, there) for w in ws],
                lambda *ws: [blocks(w, back) for w in ws])
    yield Piece(['upward/b'], ['bias_ih', 'bias_hh'],
                lambda b: [blocks(b, there), np.zeros_like(b)],
                lambda b, c: [blocks(b + c, back)])


def gru_cell(link):
    """The gates have the same order, r z n."""
    yield Piece(['upward/W', 'lateral/W', 'upward/b', 'lateral/b'],
                ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'])


def whole_sequences(link):
    """Our weights of single gates are stacked in PyTorch's."""
    half = link.per_layer // 2
    for i in range(len(link)):
        layer, reverse = divmod(i, link.ways)
        end = f'_l{layer}' + '_reverse' * reverse
        for kind, name in (('w', 'weight'), ('b', 'bias')):
            for first, side in ((0, 'ih'), (half, 'hh')):
                keys = [f'{i}/{kind}{k}' for k in range(first, first + half)]
                yield Piece(keys, [f'{name}_{side}{end}'],
                            lambda *arrays: [np.concatenate(arrays)],
                            lambda array: np.split(array, half))


def attention(link):
    """The first three layers are one in PyTorch."""
    for kind, name in (('W', 'weight'), ('b', 'bias')):
        yield Piece([f'{layer}/{kind}' for layer in ('query', 'key', 'value')], [f'in_proj_{name}'],
                    lambda *arrays: [np.concatenate(arrays)], lambda array: np.split(array, 3))
        yield Piece([f'out/{kind}'], [f'out_proj.{name}'])


def depthwise(link):
    """Ours (multiplier, C, H, W) is a convolution in C groups: (C * multiplier, 1, H, W)."""
    yield Piece(['W'], ['weight'],
                lambda W: [W.swapaxes(0, 1).reshape(-1, 1, *W.shape[2:])],
                lambda W: [W.reshape(-1, link.n_out, *W.shape[2:]).swapaxes(0, 1)])
    if link.b is not None:
        yield Piece(['b'], ['bias'])


def prelu(link):
    """A single slope has no axis here, and one in PyTorch."""
    yield Piece(['W'], ['weight'], lambda W: [W.reshape(-1)],
                lambda W: [W.reshape(link.W.shape)])


CONVERTERS = {StatelessLSTM: lstm_cell, StatelessGRU: gru_cell, NStep: whole_sequences,
              MultiHeadAttention: attention, DepthwiseConv2d: depthwise, PReLU: prelu}


def pieces(link):
    """All pieces of a link and of the links in it."""
    convert = next((CONVERTERS[kind] for kind in type(link).__mro__ if kind in CONVERTERS), None)
    if convert is not None:
        yield from convert(link)
        return
    inner = dict(link.named_children())
    for key in link.values():
        if '/' not in key:
            yield Piece([key], [NAMES.get(key, key)])
    for name, child in inner.items():
        for piece in pieces(child):
            yield piece._replace(keys=[f'{name}/{key}' for key in piece.keys],
                                 names=[f'{name}.{other}' for other in piece.names])


def state_dict(link):
    """All parameters and persistent values with PyTorch's names and layouts, as NumPy arrays.

    Raises ValueError if a parameter has no shape yet.
    """
    values, state = link.values(), {}
    for piece in pieces(link):
        missing = [key for key in piece.keys if values[key] is None]
        if missing:
            raise ValueError(f'{missing[0]!r} has no shape yet, because the link was never called: '
                             'run it once before state_dict().')
        arrays = [np.asarray(backend.to_cpu(values[key])) for key in piece.keys]
        state.update(zip(piece.names, piece.there(*arrays)))
    return state


def load_state_dict(link, state, strict=True):
    """Take the values of a state_dict, of PyTorch or of ours. All of them, or nothing.

    state   tensors or arrays by name
    strict  False: take what there is, and leave other values as they are
    Raises ValueError if names or shapes do not fit; the link is then as it was before.
    """
    known, entries, left = set(), {}, []
    for piece in pieces(link):
        known.update(piece.names)
        if all(name in state for name in piece.names):
            arrays = piece.back(*[array_of(state[name]) for name in piece.names])
            entries.update({key: Entry(a.shape, a.dtype, lambda a=a: a.copy())
                            for key, a in zip(piece.keys, arrays)})
        else:
            left += [name for name in piece.names if name not in state]
    others = sorted(state.keys() - known)
    if strict and (left or others):
        problem, names = ('lacks', left) if left else ('also holds', others)
        raise ValueError(f'The state does not fit: it {problem} {names[0]!r}'
                         + (f' and {len(names) - 1} more.' if len(names) > 1 else '.'))
    set_values(link, entries, 'The state', strict=False)


def array_of(x):
    """A tensor of PyTorch, a Variable or an array, as a NumPy array."""
    if isinstance(x, Variable):
        return x.numpy()
    if hasattr(x, 'detach'):
        x = x.detach().cpu()
        x = x.float() if 'bfloat16' in str(x.dtype) else x
    return np.asarray(backend.to_cpu(x) if backend.is_array(x) else x)


Link.state_dict, Link.load_state_dict = state_dict, load_state_dict
