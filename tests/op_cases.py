"""One row for each operation: what it is called with, and what NumPy says that comes out.

`test_operations.py` makes its tests from these rows. Sizes of axes differ from each other wherever
they may, so that a mixed-up axis does not go unseen.
"""
import itertools
import math

import numpy as np

import minichain as mc
import minichain.functions as F
import cases_images
import cases_losses
import cases_math
import cases_sequences
import cases_shaping
from op_case import Case, Draws, elementwise, pairwise, seeded


# What NumPy has no function for ------------------------------------------------------------------

def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x, axis=1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def sum_to(x, shape):
    """The sum over what broadcasting `shape` to x's shape would repeat, element by element."""
    y = np.zeros(shape, x.dtype)
    view = np.broadcast_to(np.arange(y.size).reshape(shape), x.shape)
    np.add.at(y.reshape(-1), view, x)
    return y


def embed_id(ids, W, ignore_label=None):
    y = W[np.where(ids == ignore_label, 0, ids)]
    y[ids == ignore_label] = 0
    return y


def linear(x, W, b=None, n_batch_axes=1):
    x = x.reshape(*x.shape[:n_batch_axes], W.shape[1])
    return np.einsum('...i,oi->...o', x, W) + (0 if b is None else b)


def as_pair(n):
    return n if isinstance(n, tuple) else (n, n)


def padded(x, pad, fill=0.0):
    (ph, pw) = as_pair(pad)
    return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=fill)


def conv2d(x, W, b=None, stride=1, pad=0, dilate=1, groups=1):
    """A loop over the output's pixels."""
    (sh, sw), (dh, dw), x = as_pair(stride), as_pair(dilate), padded(x, pad)
    n, o, (kh, kw) = len(x), len(W), W.shape[2:]
    oh = (x.shape[2] - (kh - 1) * dh - 1) // sh + 1
    ow = (x.shape[3] - (kw - 1) * dw - 1) // sw + 1
    y = np.zeros((n, o, oh, ow), x.dtype)
    for i, j in itertools.product(range(oh), range(ow)):
        window = x[:, :, i * sh:i * sh + (kh - 1) * dh + 1:dh, j * sw:j * sw + (kw - 1) * dw + 1:dw]
        parts = zip(np.split(window, groups, 1), np.split(W, groups))
        y[:, :, i, j] = np.concatenate([np.einsum('ncij,ocij->no', a, w) for a, w in parts], 1)
    return y if b is None else y + b[:, None, None]


def conv_transpose2d(x, W, b=None, stride=1, pad=0, outsize=None, dilate=1, groups=1):
    """A loop over the input's pixels: each stamps its filter onto the image."""
    (sh, sw), (dh, dw), (ph, pw) = as_pair(stride), as_pair(dilate), as_pair(pad)
    n, (kh, kw), (oh, ow) = len(x), W.shape[2:], x.shape[2:]
    height = (oh - 1) * sh + (kh - 1) * dh + 1 - 2 * ph
    width = (ow - 1) * sw + (kw - 1) * dw + 1 - 2 * pw
    if outsize is not None:
        height, width = outsize
    stamps = list(zip(np.split(x, groups, 1), np.split(W, groups)))
    image = np.zeros((n, W.shape[1] * groups, height + 2 * ph + kh * dh, width + 2 * pw + kw * dw),
                     x.dtype)
    for i, j in itertools.product(range(oh), range(ow)):
        stamp = np.concatenate([np.einsum('no,ocij->ncij', a[:, :, i, j], w) for a, w in stamps], 1)
        image[:, :, i * sh:i * sh + (kh - 1) * dh + 1:dh,
              j * sw:j * sw + (kw - 1) * dw + 1:dw] += stamp
    image = image[:, :, ph:ph + height, pw:pw + width]
    return image if b is None else image + b[:, None, None]


def pool2d(best, fill):
    """The formula of a pooling: `best` is np.max or np.mean, `fill` what padding holds."""
    def pool(x, ksize, stride=None, pad=0, cover_all=False):
        (kh, kw), (ph, pw) = as_pair(ksize), as_pair(pad)
        sh, sw = as_pair(ksize if stride is None else stride)
        round_up = (sh - 1, sw - 1) if cover_all else (0, 0)
        oh = (x.shape[2] + 2 * ph - kh + round_up[0]) // sh + 1
        ow = (x.shape[3] + 2 * pw - kw + round_up[1]) // sw + 1
        x = padded(x, pad, fill)
        y = np.zeros((*x.shape[:2], oh, ow), x.dtype)
        for i, j in itertools.product(range(oh), range(ow)):
            y[:, :, i, j] = best(x[:, :, i * sh:i * sh + kh, j * sw:j * sw + kw], axis=(2, 3))
        return y
    return pool


max_pool2d, avg_pool2d = pool2d(np.max, -np.inf), pool2d(np.mean, 0)


def lstm(c, x, u=None, b=None):
    x = x + (0 if u is None else u) + (0 if b is None else b)
    a, i, f, o = np.split(x, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(a)
    return c, sigmoid(o) * np.tanh(c)


def batch_norm(x, gamma, beta, eps=2e-5):
    axes = (0, *range(2, x.ndim))
    return fixed_batch_norm(x, gamma, beta, x.mean(axes), x.var(axes), eps)


def fixed_batch_norm(x, gamma, beta, mean, var, eps=2e-5):
    gamma, beta, mean, var = [v.reshape(-1, *[1] * (x.ndim - 2)) for v in (gamma, beta, mean, var)]
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


def clip(x, low, high):
    return np.clip(x, low, high)


def dropout(x, ratio=0.5):
    keep = Draws().random(x.shape) >= ratio
    return (x * keep / (1 - ratio)).astype(x.dtype)


def softmax_cross_entropy(x, t, ignore_label=-1):
    x = np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    t = t.reshape(-1)
    counted = t != ignore_label
    p = softmax(x)[counted, t[counted]]
    return -np.log(p).sum() / max(counted.sum(), 1)


def accuracy(x, t, ignore_label=None):
    counted = np.ones(len(t), bool) if ignore_label is None else t != ignore_label
    return np.mean((x.argmax(1) == t)[counted], dtype='float32')


MASK = np.array([[True, False, True, True], [False, False, True, False], [True, True, True, False]])
ROWS = np.array([2, 0, 2])

CASES = [
    # Arithmetic
    *pairwise('add', np.add),
    *pairwise('sub', np.subtract),
    *pairwise('mul', np.multiply),
    *pairwise('div', np.divide, domain=(0.5, 2)),
    *pairwise('pow', np.power, domain=(0.5, 2)),
    *pairwise('maximum', np.maximum),
    *pairwise('minimum', np.minimum),
    *elementwise('neg', np.negative),
    *elementwise('exp', np.exp),
    *elementwise('log', np.log, domain=(0.5, 2)),
    *elementwise('sqrt', np.sqrt, domain=(0.5, 2)),
    *elementwise('square', np.square),
    *elementwise('sin', np.sin),
    *elementwise('cos', np.cos),
    *elementwise('tanh', np.tanh),
    *elementwise('absolute', np.absolute, kinks=(0,)),
    *elementwise('sign', np.sign, kinks=(0,), gradient=False),
    *elementwise('identity', lambda x: x),
    *elementwise('clip', clip, options={'low': -0.7, 'high': 0.9}, kinks=(-0.7, 0.9)),
    Case('clip', [(3, 4)], clip, {'low': None, 'high': 0.5}, kinks=(0.5,), note='upper limit'),
    Case('clip', [(3, 4)], clip, {'low': 0.5, 'high': None}, kinks=(0.5,), note='lower limit'),

    # Operators and methods of Variables
    *pairwise('+', np.add, call=lambda a, b: a + b),
    *pairwise('-', np.subtract, call=lambda a, b: a - b),
    *pairwise('*', np.multiply, call=lambda a, b: a * b),
    *pairwise('/', np.divide, call=lambda a, b: a / b, domain=(0.5, 2)),
    *pairwise('**', np.power, call=lambda a, b: a ** b, domain=(0.5, 2)),
    *elementwise('+ number', lambda x: x + 2, call=lambda x: 1 + (x + 1.0)),
    *elementwise('- number', lambda x: 3 - x, call=lambda x: 2 - (x - 1.0)),
    *elementwise('* number', lambda x: 6 * x, call=lambda x: 2 * (x * 3.0)),
    *elementwise('/ number', lambda x: 2 / x, call=lambda x: 1 / (x / 2.0), domain=(0.5, 2)),
    *elementwise('** number', lambda x: x ** 3, call=lambda x: x ** 3),
    *elementwise('** 0', lambda x: x ** 0, call=lambda x: x ** 0, kinks=(0,)),
    *elementwise('number **', lambda x: 2 ** x, call=lambda x: 2 ** x),
    *elementwise('- +', np.negative, call=lambda x: -(+x)),
    *elementwise('abs', np.abs, call=abs, kinks=(0,)),
    Case('@', [(3, 4), (4, 2)], np.matmul, call=lambda a, b: a @ b),
    Case('[]', [(3, 4)], lambda x: x[1:, ::2], call=lambda x: x[1:, ::2], batch=()),
    Case('.sum', [(3, 4)], np.sum, {'axis': 0}, call=lambda x, axis: x.sum(axis=axis)),
    Case('.mean', [(3, 4)], np.mean, {'axis': 1}, call=lambda x, axis: x.mean(axis=axis)),
    Case('.max', [(3, 4)], np.max, {'axis': 1}, call=lambda x, axis: x.max(axis=axis)),
    Case('.min', [(3, 4)], np.min, {'axis': 1}, call=lambda x, axis: x.min(axis=axis)),
    Case('.var', [(3, 4)], np.var, {'axis': 1}, call=lambda x, axis: x.var(axis=axis)),
    Case('.std', [(3, 4)], np.std, {'axis': 1}, call=lambda x, axis: x.std(axis=axis)),
    Case('.T', [(3, 4)], np.transpose, call=lambda x: x.T),
    Case('.reshape', [(3, 4)], lambda x: x.reshape(2, -1), call=lambda x: x.reshape(2, -1)),
    Case('.transpose', [(3, 4, 2)], lambda x: x.transpose(1, 2, 0),
         call=lambda x: x.transpose(1, 2, 0)),
    Case('.swapaxes', [(3, 4)], lambda x: x.swapaxes(0, 1), call=lambda x: x.swapaxes(0, 1)),
    Case('.squeeze', [(3, 1)], lambda x: x.squeeze(1), call=lambda x: x.squeeze(1)),
    Case('.flatten', [(3, 4, 2)], lambda x: x.reshape(len(x), math.prod(x.shape[1:])),
         call=lambda x: x.flatten()),
    Case('.clip', [(3, 4)], lambda x: x.clip(-1, 1), call=lambda x: x.clip(-1, 1), kinks=(-1, 1)),

    # Fewer numbers
    *[Case(name, [(3, 4, 2)], getattr(np, name), {'axis': axis, 'keepdims': keepdims},
           batch=(0,) if axis in (1, (-1, 1)) else (), note=f'axis {axis} {keepdims}')
      for name in ('sum', 'mean', 'max', 'min', 'var', 'std')
      for axis, keepdims in [(None, False), (None, True), (1, False), (-1, True), ((0, 2), False),
                             ((-1, 1), True)]],
    *[Case(name, [()], getattr(np, name), batch=(), note='0-d') for name in ('sum', 'mean', 'max')],
    *[Case(name, [(3, 4)], getattr(np, name), {'axis': axis}, gradient=False, any_type=True,
           batch=(0,) if axis == 1 else (), note=f'axis {axis}')
      for name in ('argmax', 'argmin') for axis in (None, 0, 1)],

    *cases_math.ROWS,
    *cases_shaping.ROWS,

    # Another shape
    Case('reshape', [(3, 4)], lambda x, shape: x.reshape(shape), {'shape': (2, 6)},
         call=lambda x, shape: F.reshape(x, shape), batch=()),
    Case('reshape', [(3, 4)], lambda x: x.reshape(-1, 2), call=lambda x: F.reshape(x, -1, 2),
         note='-1'),
    Case('flatten', [(3, 4, 2)], lambda x: x.reshape(len(x), math.prod(x.shape[1:]))),
    Case('flatten', [(3, 4, 2)], lambda x, start: x.reshape(-1), {'start': 0}, note='all'),
    Case('expand_dims', [(3, 4)], np.expand_dims, {'axis': 1}),
    Case('expand_dims', [(3, 4)], np.expand_dims, {'axis': -1}, note='last'),
    Case('squeeze', [(3, 1, 4, 1)], np.squeeze),
    Case('squeeze', [(3, 1, 4, 1)], np.squeeze, {'axis': 1}, note='axis'),
    Case('squeeze', [(3, 1, 4, 1)], np.squeeze, {'axis': (1, -1)}, note='axes'),
    Case('transpose', [(3, 4, 2)], np.transpose),
    Case('transpose', [(3, 4, 2)], lambda x: x.transpose(2, 0, 1),
         call=lambda x: F.transpose(x, (2, 0, 1)), note='axes'),
    Case('transpose', [(3, 4, 2)], lambda x: x.transpose(-1, 0, 1),
         call=lambda x: F.transpose(x, -1, 0, 1), note='axes from the end'),
    Case('swapaxes', [(3, 4, 2)], lambda x, a, b: np.swapaxes(x, a, b), {'a': 0, 'b': -1}),
    Case('moveaxis', [(3, 4, 2)], lambda x, source, target: np.moveaxis(x, source, target),
         {'source': 1, 'target': -1}),
    Case('moveaxis', [(3, 4, 2)], lambda x, source, target: np.moveaxis(x, source, target),
         {'source': -1, 'target': 0}, note='to the front'),
    Case('broadcast_to', [(3, 1)], np.broadcast_to, {'shape': (2, 3, 4)}, batch=()),
    Case('broadcast_to', [()], np.broadcast_to, {'shape': (2, 3)}, batch=(), note='0-d'),
    Case('sum_to', [(2, 3, 4)], sum_to, {'shape': (3, 1)}, batch=()),
    Case('sum_to', [(3, 4)], sum_to, {'shape': (3, 4)}, batch=(), note='same shape'),
    Case('cast', [(3, 4)], lambda x, dtype: x.astype(dtype), {'dtype': 'float64'}, any_type=True),

    # Together and apart
    Case('concat', [(3, 2), (3, 4), (3, 1)], lambda *xs: np.concatenate(xs, 1),
         call=lambda *xs: F.concat(xs), batch=(0, 1, 2)),
    Case('concat', [(3, 2), (1, 2)], lambda *xs: np.concatenate(xs, 0),
         call=lambda *xs: F.concat(xs, axis=0), batch=(0, 1), note='axis 0'),
    Case('concat', [(3, 2)], lambda x: x, call=lambda x: F.concat([x]), note='a single one'),
    Case('stack', [(3, 4), (3, 4)], lambda *xs: np.stack(xs),
         call=lambda *xs: F.stack(xs), batch=(0, 1)),
    Case('stack', [(3, 4), (3, 4)], lambda *xs: np.stack(xs, -1),
         call=lambda *xs: F.stack(xs, axis=-1), batch=(0, 1), note='last axis'),
    Case('split', [(3, 6)], lambda x, parts, axis: tuple(np.split(x, parts, axis)),
         {'parts': 3, 'axis': 1}, outputs=3),
    Case('split', [(3, 6)], lambda x, parts, axis: tuple(np.split(x, parts, axis)),
         {'parts': [1, 4], 'axis': -1}, outputs=3, note='at indices'),
    Case('split', [(3, 6)], lambda x, parts: (x,), {'parts': 1}, note='one part'),
    Case('separate', [(3, 2)], lambda x, axis: (x[:, 0], x[:, 1]), {'axis': 1}, outputs=2),

    # Parts
    *[Case('get_item', [(3, 4)], lambda x, index: x[index], {'index': index}, batch=(), note=note)
      for note, index in {'number': 1, 'slices': (slice(1, None), slice(None, None, -2)),
                          'new axis': (None, ..., 2), 'rows': ROWS, 'list': [0, 2, 0],
                          'pairs': (ROWS, np.array([0, 3, 3])), 'mask': MASK,
                          'slice and rows': (slice(None), ROWS)}.items()],
    Case('select', [(3, 4), (3,)], lambda x, t: x[np.arange(len(t)), t], classes={1: 4},
         batch=(0, 1)),
    Case('where', [(3, 4), (3, 4), (4,)], np.where, classes={0: 2}, batch=()),
    Case('where', [(3, 1), (4,), ()], np.where, classes={0: 2}, batch=(), note='broadcast'),

    # Products
    Case('matmul', [(3, 4), (4, 2)], np.matmul),
    Case('matmul', [(4,), (4, 2)], np.matmul, batch=(), note='vector matrix'),
    Case('matmul', [(3, 4), (4,)], np.matmul, note='matrix vector'),
    Case('matmul', [(4,), (4,)], np.matmul, batch=(), note='vectors'),
    Case('matmul', [(5, 3, 4), (5, 4, 2)], np.matmul, batch=(0, 1), note='batches'),
    Case('matmul', [(5, 3, 1), (5, 1, 2)], np.matmul, batch=(0, 1), note='columns and rows'),
    Case('matmul', [(5, 1, 3, 4), (6, 4, 2)], np.matmul, note='broadcast'),
    Case('matmul', [(5, 3, 4), (4,)], np.matmul, note='batch vector'),
    Case('linear', [(3, 4), (2, 4), (2,)], linear),
    Case('linear', [(3, 4), (2, 4), None], linear, note='no bias'),
    Case('linear', [(3, 2, 2), (5, 4), (5,)], linear, note='flattened'),
    Case('linear', [(3, 2, 4), (5, 4), (5,)], linear, {'n_batch_axes': 2}, note='batch axes'),
    Case('embed_id', [(3, 2), (5, 4)], embed_id, classes={0: 5}),
    Case('embed_id', [(6,), (5, 4)], embed_id, {'ignore_label': 2}, classes={0: 5},
         note='ignore_label'),

    # Activations
    *elementwise('relu', lambda x: np.maximum(x, 0), kinks=(0,)),
    *elementwise('leaky_relu', lambda x, slope=0.2: np.where(x > 0, x, x * slope), kinks=(0,)),
    *elementwise('sigmoid', sigmoid),
    *elementwise('softplus', lambda x: np.log(1 + np.exp(x))),
    Case('softmax', [(3, 4)], softmax),
    Case('softmax', [(3, 4, 2)], softmax, {'axis': -1}, note='last axis'),
    Case('log_softmax', [(3, 4)], lambda x: np.log(softmax(x))),
    Case('log_softmax', [(3, 4, 2)], lambda x, axis: np.log(softmax(x, axis)), {'axis': 2},
         note='last axis'),

    # Images
    Case('conv2d', [(2, 3, 5, 6), (4, 3, 2, 3), (4,)], conv2d),
    Case('conv2d', [(2, 3, 5, 6), (4, 3, 2, 3), None], conv2d, {'pad': 1, 'stride': 2},
         note='pad stride'),
    Case('conv2d', [(2, 3, 8, 7), (4, 3, 2, 3), (4,)], conv2d,
         {'pad': (2, 1), 'stride': (3, 2), 'dilate': (2, 1)}, note='dilate'),
    Case('conv2d', [(2, 4, 5, 6), (6, 2, 3, 2), (6,)], conv2d, {'groups': 2, 'pad': 1},
         note='groups'),
    Case('conv_transpose2d', [(2, 4, 3, 2), (4, 3, 2, 3), (3,)], conv_transpose2d),
    Case('conv_transpose2d', [(2, 4, 3, 2), (4, 3, 2, 3), None], conv_transpose2d,
         {'stride': (2, 3), 'pad': 1, 'dilate': (1, 2)}, note='stride'),
    Case('conv_transpose2d', [(2, 4, 3, 2), (4, 3, 3, 3), (3,)], conv_transpose2d,
         {'stride': 2, 'pad': 1, 'outsize': (6, 4)}, note='outsize'),
    Case('conv_transpose2d', [(2, 4, 3, 2), (4, 3, 2, 3), (6,)], conv_transpose2d,
         {'groups': 2}, note='groups'),
    Case('max_pool2d', [(2, 3, 4, 6)], max_pool2d, {'ksize': 2}),
    Case('max_pool2d', [(2, 3, 6, 7)], max_pool2d,
         {'ksize': (3, 2), 'stride': (2, 1), 'pad': 1}, domain=(-4, 4), note='overlapping'),
    Case('max_pool2d', [(2, 3, 4, 5)], max_pool2d, {'ksize': 2}, note='rest'),
    Case('max_pool2d', [(2, 3, 4, 5)], max_pool2d, {'ksize': 3, 'stride': 2, 'cover_all': True},
         note='cover all'),
    Case('avg_pool2d', [(2, 3, 4, 6)], avg_pool2d, {'ksize': 2}),
    Case('avg_pool2d', [(2, 3, 6, 7)], avg_pool2d,
         {'ksize': (3, 2), 'stride': (2, 1), 'pad': 1}, note='overlapping'),

    *cases_images.ROWS,
    *cases_sequences.ROWS,

    # Cells, normalization, noise
    Case('lstm', [(3, 2), (3, 8)], lstm, batch=(0, 1), outputs=2),
    Case('lstm', [(3, 2), (3, 8), None, (8,)], lstm, batch=(0, 1), outputs=2, note='bias'),
    Case('lstm', [(3, 2), (3, 8), (3, 8), (8,)], lstm, batch=(0, 1, 2), outputs=2, note='lateral'),
    Case('batch_norm', [(5, 3), (3,), (3,)], batch_norm, batch=()),
    Case('batch_norm', [(4, 3, 2, 5), (3,), (3,)], batch_norm, batch=(), note='images'),
    Case('fixed_batch_norm', [(5, 3), (3,), (3,), (3,), (3,)], fixed_batch_norm, domain=(0.5, 2)),
    Case('fixed_batch_norm', [(4, 3, 2, 5), (3,), (3,), (3,), (3,)], fixed_batch_norm,
         domain=(0.5, 2), note='images'),
    Case('dropout', [(3, 40)], dropout, call=seeded(F.dropout)),
    Case('dropout', [(3, 4)], lambda x, ratio: x, {'ratio': 0.0}, note='none'),

    *cases_losses.ROWS,

    # Losses
    Case('softmax_cross_entropy', [(3, 4), (3,)], softmax_cross_entropy, classes={1: 4},
         batch=(0, 1)),
    Case('softmax_cross_entropy', [(6, 4), (6,)], softmax_cross_entropy, {'ignore_label': 2},
         classes={1: 4}, batch=(0, 1), note='ignore_label'),
    Case('softmax_cross_entropy', [(3, 4, 2), (3, 2)], softmax_cross_entropy, classes={1: 4},
         batch=(0, 1), note='more axes'),
    Case('mean_squared_error', [(3, 4), (3, 4)], lambda a, b: np.mean((a - b) ** 2), batch=()),
    Case('mean_squared_error', [(), ()], lambda a, b: np.mean((a - b) ** 2), batch=(), note='0-d'),
    Case('accuracy', [(5, 4), (5,)], accuracy, classes={1: 4}, gradient=False, any_type=True,
         batch=()),
    Case('accuracy', [(5, 4), (5,)], accuracy, {'ignore_label': 1}, classes={1: 4}, gradient=False,
         any_type=True, batch=(), note='ignore_label'),
]
