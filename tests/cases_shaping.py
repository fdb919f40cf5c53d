"""Rows of the table of operations: numbers arranged anew, and more activations."""
import math

import numpy as np

import minichain.functions as F
from cases_math import each
from op_case import Case, elementwise


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def maxout(x, pool_size):
    return x.reshape(len(x), x.shape[1] // pool_size, pool_size).max(2)


def padded_sequences(*xs):
    longest = max(map(len, xs))
    return np.stack([np.pad(x, [(0, longest - len(x)), (0, 0)], constant_values=7) for x in xs])


def transposed(*xs):
    return tuple(np.stack([x[t] for x in xs if len(x) > t]) for t in range(len(xs[0])))


def scattered(x, values):
    y = x.copy()
    np.add.at(y, np.array([2, 0, 2]), values)
    return y


def im2col(x):
    """3x2 windows, stride 1, padding 1."""
    n, c, h, w = x.shape
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return np.stack([x[:, k, i:i + h, j:j + w + 1] for k in range(c) for i in range(3)
                     for j in range(2)], 1)


def depth_to_space(x, r):
    n, c, h, w = x.shape
    y = np.zeros((n, c // r ** 2, h * r, w * r), x.dtype)
    for a in range(r):
        for b in range(r):
            k = (r * a + b) * y.shape[1]
            y[:, :, a::r, b::r] = x[:, k:k + y.shape[1]]
    return y


def space_to_depth(x, r):
    return np.concatenate([x[:, :, a::r, b::r] for a in range(r) for b in range(r)], 1)


def resized(x, output_shape):
    """Linear interpolation with NumPy's own, axis after axis; corners stay in the corners."""
    for axis, size in zip((2, 3), output_shape):
        n = x.shape[axis]
        place = np.linspace(0, n - 1, size)
        x = np.apply_along_axis(lambda row: np.interp(place, np.arange(n), row), axis, x)
    return x


def nearest(x, output_shape):
    (h, w), (oh, ow) = x.shape[2:], output_shape
    return x[:, :, np.arange(oh) * h // oh][..., np.arange(ow) * w // ow]


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def prelu(x, W):
    W = W.reshape(W.shape + (1,) * (x.ndim - 1 - W.ndim))
    return np.where(x > 0, x, x * W)


ROWS = [
    Case('hstack', [(3, 2), (3, 1)], lambda *xs: np.hstack(xs), call=lambda *xs: F.hstack(xs),
         batch=(0, 1)),
    Case('hstack', [(3,), (2,)], lambda *xs: np.hstack(xs), call=lambda *xs: F.hstack(xs),
         batch=(0, 1), note='rows'),
    Case('vstack', [(3, 2), (1, 2)], lambda *xs: np.vstack(xs), call=lambda *xs: F.vstack(xs),
         batch=(0, 1)),
    Case('vstack', [(3,), (3,)], lambda *xs: np.vstack(xs), call=lambda *xs: F.vstack(xs),
         batch=(), note='rows'),
    Case('repeat', [(3, 2)], np.repeat, {'repeats': 2}),
    Case('repeat', [(3, 2)], np.repeat, {'repeats': 3, 'axis': -1}, note='axis'),
    Case('repeat', [(3, 2)], np.repeat, {'repeats': (2, 0, 1), 'axis': 0}, batch=(), note='each'),
    Case('tile', [(3, 2)], np.tile, {'reps': 2}),
    Case('tile', [(3, 2)], np.tile, {'reps': (2, 1, 3)}, note='more axes'),
    Case('pad', [(3, 4)], np.pad, {'pad_width': ((0, 1), (2, 0))}, batch=()),
    Case('pad', [(3, 4)], np.pad, {'pad_width': 1, 'constant_values': 5}, batch=(), note='value'),
    Case('pad', [(3, 4)], np.pad, {'pad_width': ((0, 0), (2, 1)), 'mode': 'reflect'},
         note='reflect'),
    Case('roll', [(3, 4)], np.roll, {'shift': 5}),
    Case('roll', [(3, 4)], np.roll, {'shift': (1, -2), 'axis': (0, 1)}, note='axes'),
    Case('copy', [(3, 4)], np.copy),
    Case('permutate', [(3, 4)], lambda x: x[[2, 0, 1]], batch=(),
         call=lambda x: F.permutate(x, x.xp.asarray([2, 0, 1]))),
    Case('permutate', [(3, 4)], lambda x: x[:, [1, 3, 0, 2]],
         call=lambda x: F.permutate(x, x.xp.asarray([2, 0, 3, 1]), axis=1, inv=True), note='inv'),
    Case('scatter_add', [(4, 2), (3, 2)], scattered, batch=(),
         call=lambda x, v: F.scatter_add(x, x.xp.asarray([2, 0, 2]), v)),
    Case('pad_sequence', [(3, 2), (1, 2), (4, 2)], padded_sequences, batch=(),
         call=lambda *xs: F.pad_sequence(xs, padding=7)),
    Case('transpose_sequence', [(3, 2), (2, 2), (1, 2)], transposed, batch=(), outputs=3,
         call=lambda *xs: F.transpose_sequence(xs)),
    Case('im2col', [(2, 3, 4, 5)], im2col,
         call=lambda x: F.im2col(x, (3, 2), pad=1)),
    Case('depth_to_space', [(2, 8, 3, 2)], depth_to_space, {'r': 2}),
    Case('space_to_depth', [(2, 3, 4, 6)], space_to_depth, {'r': 2}),
    Case('resize_images', [(2, 3, 3, 4)], resized, {'output_shape': (5, 3)}, batch=()),
    Case('resize_images', [(2, 3, 3, 4)], nearest, {'output_shape': (7, 2)}, note='nearest',
         call=lambda x, output_shape: F.resize_images(x, output_shape, 'nearest', False)),

    # Activations
    *elementwise('elu', elu, kinks=(0,)),
    *elementwise('selu', lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772), kinks=(0,)),
    *elementwise('gelu', lambda x: x * (1 + each(math.erf)(x / np.sqrt(2))) / 2),
    *elementwise('silu', lambda x: x * sigmoid(x)),
    *elementwise('softsign', lambda x: x / (1 + abs(x)), kinks=(0,)),
    *elementwise('hard_sigmoid', lambda x: np.clip(0.2 * x + 0.5, 0, 1), domain=(-4, 4),
                 kinks=(-2.5, 2.5)),
    *elementwise('clipped_relu', lambda x, z: np.clip(x, 0, z), options={'z': 1.5}, kinks=(0, 1.5)),
    *elementwise('relu6', lambda x: np.clip(x, 0, 6), domain=(-2, 9), kinks=(0, 6)),
    Case('crelu', [(3, 2)], lambda x: np.maximum(np.concatenate([x, -x], 1), 0), kinks=(0,)),
    Case('prelu', [(3, 2), (2,)], prelu, kinks=(0,)),
    Case('prelu', [(3, 2, 4), ()], prelu, kinks=(0,), note='one slope'),
    Case('prelu', [(3, 2, 4), (2,)], prelu, kinks=(0,), note='channels'),
    Case('maxout', [(3, 6)], maxout, {'pool_size': 2}),
    Case('glu', [(3, 4)], lambda x: x[:, :2] * sigmoid(x[:, 2:])),
    Case('glu', [(3, 4, 6)], lambda x, axis: x[..., :3] * sigmoid(x[..., 3:]), {'axis': -1},
         note='last axis'),
]
