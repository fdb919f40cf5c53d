"""Rows of the table of operations: sequences, images and volumes."""
import itertools

import numpy as np

import minichain.functions as F
from op_case import Case


def triple(n):
    return n if isinstance(n, tuple) else (n,) * 3


def windows(x, ksize, stride, pad, dilate, fill=0.0, cover_all=False):
    """All windows of volumes (N, C, D, H, W): pairs (index of the output, window)."""
    pad, stride, dilate = triple(pad), triple(stride), triple(dilate)
    reach = [(k - 1) * d + 1 for k, d in zip(ksize, dilate)]
    count = [(n + 2 * p - k + (s - 1 if cover_all else 0)) // s + 1
             for n, p, k, s in zip(x.shape[2:], pad, reach, stride)]
    more = [s if cover_all else 0 for s in stride]
    x = np.pad(x, ((0, 0), (0, 0), *[(p, p + m) for p, m in zip(pad, more)]), constant_values=fill)
    for place in itertools.product(*map(range, count)):
        yield place, x[(..., *[slice(i * s, i * s + k, d)
                               for i, s, k, d in zip(place, stride, reach, dilate)])]


def gathered(parts, dtype):
    """An array of the results at their places."""
    parts = list(parts)
    size = [n + 1 for n in parts[-1][0]]
    y = np.zeros((*parts[0][1].shape, *size), dtype)
    for place, value in parts:
        y[(..., *place)] = value
    return y


def conv3d(x, W, b=None, stride=1, pad=0, dilate=1, groups=1):
    def dot(window):
        pairs = zip(np.split(window, groups, 1), np.split(W, groups))
        return np.concatenate([np.einsum('ncdhw,ocdhw->no', *pair) for pair in pairs], 1)
    y = gathered([(place, dot(window)) for place, window in
                  windows(x, W.shape[2:], stride, pad, dilate)], x.dtype)
    return y if b is None else y + b[:, None, None, None]


def conv1d(x, W, b=None, stride=1, pad=0, dilate=1, groups=1):
    wide = [(1, 1, stride), (0, 0, pad), (1, 1, dilate)]
    return conv3d(x[:, :, None, None], W[:, :, None, None], b, *wide, groups)[:, :, 0, 0]


def conv_transpose1d(x, W, b=None, stride=1, pad=0, outsize=None):
    """A loop over the input: each element stamps its filter onto the sequence."""
    k, n = W.shape[2], (x.shape[2] - 1) * stride + W.shape[2] - 2 * pad
    y = np.zeros((len(x), W.shape[1], (outsize or n) + 2 * pad + k), x.dtype)
    for i in range(x.shape[2]):
        y[:, :, i * stride:i * stride + k] += np.einsum('no,ock->nck', x[:, :, i], W)
    y = y[:, :, pad:pad + (outsize or n)]
    return y if b is None else y + b[:, None]


def pool3d(best, fill):
    def pool(x, ksize, stride=None, pad=0, cover_all=False):
        ksize = triple(ksize)
        stride = ksize if stride is None else stride
        return gathered([(place, best(window, axis=(2, 3, 4))) for place, window in
                         windows(x, ksize, stride, pad, 1, fill, cover_all)], x.dtype)
    return pool


max_pool3d, avg_pool3d = pool3d(np.max, -np.inf), pool3d(np.mean, 0)


def avg_cover_all(x, ksize, stride):
    """3x3 windows, two pixels apart, of which the last ones are cut off at the border."""
    rows, columns = (range(0, n - 1, 2) for n in x.shape[2:])
    parts = [x[:, :, i:i + 3, j:j + 3].mean((2, 3)) for i in rows for j in columns]
    return np.stack(parts, 2).reshape(*x.shape[:2], len(rows), len(columns))


def pool1d(pool):
    def along(x, ksize, stride=None, pad=0):
        stride = None if stride is None else (1, 1, stride)
        return pool(x[:, :, None, None], (1, 1, ksize), stride, (0, 0, pad))[:, :, 0, 0]
    return along


def depthwise_conv2d(x, W, b=None, stride=1, pad=0):
    filters = W.transpose(1, 0, 2, 3).reshape(-1, 1, 1, *W.shape[2:])
    return conv3d(x[:, :, None], filters, b, (1, stride, stride), (0, pad, pad),
                  groups=x.shape[1])[:, :, 0]


def unpool(x, ksize):
    return x.repeat(ksize, 2).repeat(ksize, 3)


def unpool_overlapping(x):
    """3x3 windows two pixels apart, with a border of one pixel cut off."""
    y = np.zeros((*x.shape[:2], 2 * x.shape[2] + 1, 2 * x.shape[3] + 1), x.dtype)
    for i, j in np.ndindex(x.shape[2:]):
        y[:, :, 2 * i:2 * i + 3, 2 * j:2 * j + 3] += x[:, :, i, j, None, None]
    return y[:, :, 1:-1, 1:-1]


def upsample(x, indices):
    """2x2 windows."""
    y = np.zeros((*x.shape[:2], 2 * x.shape[2], 2 * x.shape[3]), x.dtype)
    for n, c, i, j in np.ndindex(x.shape):
        row, column = divmod(int(indices[n, c, i, j]), 2)
        y[n, c, 2 * i + row, 2 * j + column] = x[n, c, i, j]
    return y


def pyramid(x):
    """One, then 2x2 parts of images of 4x6."""
    parts = [x[:, :, i:i + 2, j:j + 3].max((2, 3)) for i in (0, 2) for j in (0, 3)]
    return np.concatenate([x.max((2, 3)), np.stack(parts, 2).reshape(len(x), 12)], 1)


REGIONS = np.array([[0, 0, 0, 5, 3], [1, 1, 1, 2, 3], [0, 4, 2, 9, 9]])


def roi_pool(x):
    """2x3 parts."""
    y = np.zeros((len(REGIONS), x.shape[1], 2, 3), x.dtype)
    for r, (n, left, top, right, bottom) in enumerate(REGIONS):
        high, wide = (bottom - top + 1) / 2, (right - left + 1) / 3
        for i, j in np.ndindex(2, 3):
            part = x[n, :, top + int(np.floor(i * high)):top + int(np.ceil((i + 1) * high)),
                     left + int(np.floor(j * wide)):left + int(np.ceil((j + 1) * wide))]
            y[r, :, i, j] = part.max((1, 2)) if part.size else 0
    return y


ROWS = [
    Case('conv1d', [(2, 3, 7), (4, 3, 2), (4,)], conv1d),
    Case('conv1d', [(2, 4, 9), (6, 2, 3), None], conv1d,
         {'stride': 2, 'pad': 1, 'dilate': 2, 'groups': 2}, note='stride'),
    Case('conv_transpose1d', [(2, 4, 3), (4, 3, 2), (3,)], conv_transpose1d),
    Case('conv_transpose1d', [(2, 4, 3), (4, 3, 4), None], conv_transpose1d,
         {'stride': 2, 'pad': 1, 'outsize': 7}, note='outsize'),
    Case('conv3d', [(2, 3, 4, 3, 5), (4, 3, 2, 2, 3), (4,)], conv3d),
    Case('conv3d', [(2, 2, 5, 3, 4), (4, 1, 2, 3, 2), None], conv3d,
         {'stride': (2, 1, 2), 'pad': 1, 'dilate': (2, 1, 1), 'groups': 2}, note='stride'),
    Case('depthwise_conv2d', [(2, 3, 4, 5), (2, 3, 2, 3), (6,)], depthwise_conv2d),
    Case('depthwise_conv2d', [(2, 3, 4, 5), (1, 3, 2, 3), None], depthwise_conv2d,
         {'stride': 2, 'pad': 1}, note='stride'),
    Case('max_pool1d', [(2, 3, 6)], pool1d(max_pool3d), {'ksize': 2}),
    Case('max_pool1d', [(2, 3, 6)], pool1d(max_pool3d), {'ksize': 3, 'stride': 2, 'pad': 1},
         note='overlapping'),
    Case('avg_pool1d', [(2, 3, 6)], pool1d(avg_pool3d), {'ksize': 3, 'stride': 2, 'pad': 1}),
    Case('max_pool3d', [(2, 2, 4, 4, 3)], max_pool3d, {'ksize': (2, 3, 2), 'stride': 1, 'pad': 1}),
    Case('max_pool3d', [(2, 2, 3, 5, 4)], max_pool3d, {'ksize': 2, 'cover_all': True},
         note='cover all'),
    Case('avg_pool3d', [(2, 2, 4, 4, 3)], avg_pool3d, {'ksize': (2, 3, 2), 'stride': 1, 'pad': 1}),
    Case('avg_pool2d', [(2, 3, 4, 5)], avg_cover_all, {'ksize': 3, 'stride': 2},
         call=lambda x, **options: F.avg_pool2d(x, cover_all=True, **options), note='cover all'),
    Case('avg_pool3d', [(2, 3, 2, 4, 5)],
         lambda x, **options: np.stack([avg_cover_all(x[:, :, d], **options) for d in (0, 1)], 2),
         {'ksize': (1, 3, 3), 'stride': (1, 2, 2)}, note='cover all',
         call=lambda x, **options: F.avg_pool3d(x, cover_all=True, **options)),
    Case('global_max_pool', [(2, 3, 4, 5)], lambda x: x.max((2, 3))),
    Case('global_avg_pool', [(2, 3, 4)], lambda x: x.mean(2)),
    Case('spatial_pyramid_pool', [(2, 3, 4, 6)], pyramid, {}, call=lambda x:
         F.spatial_pyramid_pool(x, 2)),
    Case('max_pool2d_with_indices', [(2, 3, 4, 6)],
         lambda x: x.reshape(len(x), 3, 2, 2, 3, 2).max((3, 5)),
         call=lambda x: F.max_pool2d_with_indices(x, 2)[0]),
    Case('unpool', [(2, 3, 2, 4)], unpool, {'ksize': 2}),
    Case('unpool', [(2, 3, 2, 4)], unpool_overlapping, note='overlapping',
         call=lambda x: F.unpool(x, 3, 2, 1)),
    Case('upsample', [(2, 3, 2, 4), (2, 3, 2, 4)], upsample, classes={1: 4}, batch=(0, 1),
         call=lambda x, indices: F.upsample(x, indices, 2)),
    Case('roi_pool', [(2, 3, 4, 6)], roi_pool, call=lambda x: F.roi_pool(x, REGIONS, (2, 3)),
         batch=()),
]
