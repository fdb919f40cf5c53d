"""Pooling that says where its numbers came from, and the way back to larger images."""
import math

import numpy as np

from .. import backend
from ..errors import ShapeError
from ..explain import add_line
from ..variable import Variable
from .conv import Windows, pair
from .linear import check_ids
from .pooling import MaxPool2d, PoolSpread, Pooling
from .shaping import get_item, reshape


def max_pool2d_with_indices(x, ksize, stride=None, pad=0, cover_all=False):
    """As max_pool2d, and where in its window each largest number stood.

    x (N, C, H, W) -> (y, indices), both (N, C, OH, OW). An index is counted row by row, from 0 to
    KH * KW - 1; of numbers that tie, the first counts. The indices have no gradient; `upsample`
    reads them.
    """
    windows = Windows(ksize, ksize if stride is None else stride, pad)
    size = tuple(x.shape[2:])
    operation = MaxPool2d(windows, windows.count(size, cover_all), size)
    y = operation.apply(x)
    return y, operation.places_of_winners()


def spread_windows(x, factors, ksize, stride, pad, outsize, cover_all):
    """Each number to its window of a larger image, times a factor for each place there."""
    windows = Windows(ksize, ksize if stride is None else stride, pad)
    count = tuple(x.shape[2:])
    size = windows.size(count) if outsize is None else pair(outsize)
    if count not in (windows.count(size, cover_all), windows.count(size)):
        raise add_line(ShapeError(f'An image of {size} has {windows.count(size, cover_all)} '
                                  f'windows, but x has {count}.'))
    return PoolSpread(Pooling(windows, count, size), factors).apply(x)


def unpool(x, ksize, stride=None, pad=0, outsize=None, cover_all=False):
    """Each number becomes a whole window: x (N, C, OH, OW) -> y (N, C, H, W).

    Where windows overlap, numbers add up.
    outsize  (H, W). Default: the smallest image that has so many windows
    Raises ShapeError if an image of that size has another number of windows.
    """
    kh, kw = pair(ksize)
    return spread_windows(x, (1,) * (kh * kw), ksize, stride, pad, outsize, cover_all)


def upsample(x, indices, ksize, stride=None, pad=0, outsize=None, cover_all=False):
    """Each number goes back to the place in its window that an index says; the rest becomes 0.

    x, indices (N, C, OH, OW) -> y (N, C, H, W); indices as max_pool2d_with_indices gives them.
    outsize  (H, W). Default: the smallest image that has so many windows
    Raises ShapeError if the sizes do not fit. (Zeiler and Fergus 2014)
    """
    indices = indices.data if isinstance(indices, Variable) else indices
    if tuple(indices.shape) != tuple(x.shape):
        raise add_line(ShapeError(f'upsample wants an index for each number, but got x '
                                  f'{tuple(x.shape)}, indices {tuple(indices.shape)}.'))
    kh, kw = pair(ksize)
    check_ids('upsample', indices, kh * kw, None)
    factors = (tuple([indices == k for k in range(kh * kw)]) if isinstance(indices, np.ndarray) else
               backend.get_array_module(indices).ascontiguousarray(indices.astype('int32')))
    return spread_windows(x, factors, ksize, stride, pad, outsize, cover_all)


def roi_pool(x, rois, outsize, spatial_scale=1.0):
    """The largest numbers of the parts of regions of images.

    x     (N, C, H, W)
    rois  (R, 5): which image, then left, top, right, bottom, in pixels times 1 / spatial_scale;
          right and bottom are inside. They get no gradient
    outsize  (OH, OW): each region is cut into so many parts
    y     (R, C, OH, OW); a part without a pixel gives 0. (Girshick 2015)
    Raises IndexError for a region of an image that does not exist.
    """
    rois = backend.to_cpu(rois)
    oh, ow = pair(outsize)
    n, c, h, w = x.shape
    check_ids('roi_pool', rois[:, 0].astype(int), n, None)
    array = x.data if isinstance(x, Variable) else x
    xp = backend.get_array_module(array)
    index = xp.zeros((len(rois), c, oh, ow), int)
    filled = np.zeros((len(rois), 1, oh, ow), bool)
    channels = xp.arange(c)
    for r, (image, *edges) in enumerate(rois):
        left, top, right, bottom = [math.floor(edge * spatial_scale + 0.5) for edge in edges]
        for i, (y0, y1) in enumerate(cuts(top, bottom, oh, h)):
            for j, (x0, x1) in enumerate(cuts(left, right, ow, w)):
                if y0 >= y1 or x0 >= x1:
                    continue
                part = array[int(image), :, y0:y1, x0:x1].reshape(c, -1)
                row, column = xp.divmod(part.argmax(1), x1 - x0)
                place = (int(image) * c + channels) * h + y0 + row
                index[r, :, i, j] = place * w + x0 + column
                filled[r, 0, i, j] = True
    y = get_item(reshape(x, (n * c * h * w,)), index)
    return y * xp.asarray(filled.astype(array.dtype))


def cuts(first, last, parts, size):
    """Where the parts of a region begin and end, inside of an image: pairs of pixels."""
    length = max(last - first + 1, 1) / parts
    return [(min(max(first + math.floor(i * length), 0), size),
             min(max(first + math.ceil((i + 1) * length), 0), size)) for i in range(parts)]
