"""Numbers repeated, padded, moved and sampled: beside, around and inside of each other."""
import itertools

import numpy as np

from .. import backend
from ..errors import ShapeError
from ..explain import add_line
from ..function import Function
from ..variable import Variable
from .conv import Windows
from .linear import check_ids
from .math import add
from .shaping import (PutItem, broadcast_to, concat, expand_dims, get_item, moveaxis, reshape,
                      split, transpose)


def hstack(xs):
    """Arrays side by side: joined along axis 1; those with a single axis along that."""
    return concat(xs, 1 if len(xs[0].shape) > 1 else 0)


def vstack(xs):
    """Arrays below each other: joined along axis 0; those with a single axis become rows."""
    return concat([x if len(x.shape) > 1 else reshape(x, (1, -1)) for x in xs], 0)


def repeat(x, repeats, axis=None):
    """Each element several times, one after the other, along an axis; None: of all in one row.

    repeats  how many times, or one such number for each element along the axis
    Raises ShapeError if there are not as many numbers as elements.
    """
    if axis is None:
        x, axis = reshape(x, (x.size,)), 0
    axis = axis % len(x.shape)
    if not isinstance(repeats, int):
        if len(repeats) not in (1, x.shape[axis]):
            raise add_line(ShapeError(f'repeat wants one number for each of the {x.shape[axis]} '
                                      f'elements along axis {axis}, but got {len(repeats)}.'))
        index = np.repeat(np.arange(x.shape[axis]), repeats)
        return get_item(x, (slice(None),) * axis + (like(x, index),))
    wide = (*x.shape[:axis + 1], repeats, *x.shape[axis + 1:])
    long = (*x.shape[:axis], x.shape[axis] * repeats, *x.shape[axis + 1:])
    return reshape(broadcast_to(expand_dims(x, axis + 1), wide), long)


def tile(x, reps):
    """The whole array several times side by side, so often along each axis: 2 or (2, 3)."""
    reps = (reps,) if isinstance(reps, int) else tuple(reps)
    count = max(len(reps), len(x.shape))
    reps = (1,) * (count - len(reps)) + reps
    sizes = (1,) * (count - len(x.shape)) + tuple(x.shape)
    apart = reshape(x, tuple([part for n in sizes for part in (1, n)]))
    wide = broadcast_to(apart, tuple([part for pair in zip(reps, sizes) for part in pair]))
    return reshape(wide, tuple([r * n for r, n in zip(reps, sizes)]))


class Pad(Function):
    """A border around the numbers"""

    def __init__(self, widths, value):
        self.widths, self.value = widths, value

    def forward(self, x):
        self.inside = tuple([slice(a, a + n) for (a, _), n in zip(self.widths, x.shape)])
        return self.xp.pad(x, self.widths, mode='constant', constant_values=self.value)

    def backward(self, gy):
        return get_item(gy, self.inside)


def pad(x, pad_width, mode='constant', constant_values=0):
    """A border around an array.

    pad_width  a number; (before, after); or one such pair for each axis
    mode       'constant', or what NumPy's pad calls 'edge', 'reflect', 'symmetric' and 'wrap'
    Raises ShapeError if the axis is empty and another mode than 'constant' has nothing to repeat.
    """
    widths = np.broadcast_to(pad_width, (len(x.shape), 2)).tolist()
    if mode == 'constant':
        return Pad(tuple(map(tuple, widths)), constant_values).apply(x)
    for axis, (width, n) in enumerate(zip(widths, x.shape)):
        if width != [0, 0]:
            if n == 0:
                raise add_line(ShapeError(f'pad: axis {axis} of x {tuple(x.shape)} is empty, so '
                                          f'mode {mode!r} finds nothing to repeat.'))
            index = np.pad(np.arange(n), width, mode=mode)
            x = get_item(x, (slice(None),) * axis + (like(x, index),))
    return x


def roll(x, shift, axis=None):
    """Moved along an axis by `shift` places; what falls off comes in again at the other end.

    shift, axis  numbers, or tuples of as many; axis None: all elements in one row
    """
    if axis is None:
        return reshape(roll(reshape(x, (x.size,)), shift, 0), x.shape)
    shifts = (shift,) if isinstance(shift, int) else shift
    for places, a in zip(shifts, (axis,) if isinstance(axis, int) else axis):
        cut = -places % max(x.shape[a], 1)
        if cut:
            before, after = split(x, [cut], a)
            x = concat([after, before], a)
    return x


class Copy(Function):
    """The same numbers on another device"""

    def __init__(self, device):
        self.device = device

    def forward(self, x):
        self.old_device = backend.device_of(x)
        y = backend.to_device(x, self.device)
        self.xp = backend.get_array_module(y)
        return y.copy() if y is x else y

    def backward(self, gy):
        return Copy(self.old_device).apply(gy)


def copy(x, device=None):
    """The same numbers in memory of their own, on the same or another device."""
    return Copy(backend.device_of(x) if device is None else backend.get_device(device)).apply(x)


def permutate(x, indices, axis=0, inv=False):
    """In another order along an axis: y[i] = x[indices[i]]; with inv, y[indices[i]] = x[i].

    Raises ShapeError unless there is one index for each place along the axis, DTypeError or
    IndexError for what is no index.
    """
    n = x.shape[axis]
    indices = check_ids('permutate', indices, n, None)
    if tuple(indices.shape) != (n,):
        raise add_line(ShapeError(f'permutate: axis {axis} has {n} places, but there are '
                                  f'{tuple(indices.shape)} indices.'))
    order = indices.argsort() if inv else indices
    return get_item(x, (slice(None),) * (axis % len(x.shape)) + (order,))


def scatter_add(x, index, values):
    """y = x, and y[index] += values; an element that is named more than once gets all of them."""
    index = index.data if isinstance(index, Variable) else index
    return add(x, PutItem(index, tuple(x.shape)).apply(values))


def like(x, index):
    """An array of indices on x's device."""
    return backend.get_array_module(x).asarray(index)


# Sequences of different lengths ------------------------------------------------------------------

class PadSequence(Function):
    """Sequences of different lengths in one array, filled up at their ends"""

    shapes = '(...) ... -> (...)'

    def __init__(self, length, padding):
        self.length, self.padding = length, padding

    def forward(self, *xs):
        self.lengths = [len(x) for x in xs]
        y = self.xp.full((len(xs), self.length, *xs[0].shape[1:]), self.padding, xs[0].dtype)
        for row, x in zip(y, xs):
            row[:len(x)] = x
        return y

    def backward(self, gy):
        return tuple([get_item(gy, (i, slice(n))) for i, n in enumerate(self.lengths)])


def pad_sequence(xs, length=None, padding=0):
    """Sequences xs[n] (Tₙ, ...) as one array (N, T, ...), filled up with `padding`.

    length  T; the longest sequence's length if it is left out. Raises ShapeError if T is too short
    """
    longest = max(len(x) for x in xs)
    length = longest if length is None else length
    if length < longest:
        raise add_line(ShapeError(f'pad_sequence: one sequence has {longest} elements, more than '
                                  f'{length}.'))
    return PadSequence(length, padding).apply(*xs)


def time_major(lengths):
    """How sequences that are laid end to end are read step by step, the longest first.

    Gives (an index array, how many sequences take part in each step).
    """
    lengths = np.asarray(lengths, int)
    starts = (np.cumsum(lengths) - lengths)[np.argsort(-lengths, kind='stable')]
    counts = [int((lengths > t).sum()) for t in range(lengths.max(initial=0))]
    order = [starts[:count] + t for t, count in enumerate(counts)]
    return np.concatenate([*order, np.empty(0, int)]).astype(int), counts


def transpose_sequence(xs):
    """Sequences become time steps: y[t] holds element t of every sequence that is so long.

    xs[n] (Tₙ, ...), the longest first -> a tuple of y[t] (Nₜ, ...). Doing it twice gives xs again.
    Raises ValueError if a sequence is longer than the one before.
    """
    lengths = [x.shape[0] for x in xs]
    if lengths != sorted(lengths, reverse=True):
        raise ValueError(f'transpose_sequence: the lengths are {lengths}, but the longest sequence '
                         'must come first.')
    order, counts = time_major(lengths)
    if not counts:
        return ()
    rows = get_item(concat(xs, 0), like(xs[0], order))
    return split(rows, list(itertools.accumulate(counts))[:-1])


# Images ------------------------------------------------------------------------------------------

class Im2Col(Function):
    """Every window of an image as a column"""

    shapes, label = '(N,C,H,W) -> (N,C,K,L,OH,OW)', 'im2col'

    def __init__(self, windows, count, size):
        self.windows, self.count, self.size = windows, count, size

    def forward(self, x):
        return self.windows.view(self.xp, x, self.count).copy()

    def backward(self, gy):
        return Col2Im(self.windows, self.count, self.size).apply(gy)


class Col2Im(Im2Col):
    """Columns added up where their windows lie in an image"""

    shapes, label = '(N,C,K,L,OH,OW) -> (N,C,H,W)', 'col2im'

    def forward(self, x):
        return self.windows.add_up(self.xp, x, self.size)

    def backward(self, gx):
        return Im2Col(self.windows, self.count, self.size).apply(gx)


def windows_of(x, ksize, stride=1, pad=0, cover_all=False, dilate=1):
    """All windows of images x (N, C, H, W), as an array (N, C, KH, KW, OH, OW)."""
    windows, size = Windows(ksize, stride, pad, dilate), tuple(x.shape[2:])
    return Im2Col(windows, windows.count(size, cover_all), size).apply(x)


def im2col(x, ksize, stride=1, pad=0, cover_all=False, dilate=1):
    """The windows of images, each as a column: x (N, C, H, W) -> y (N, C * KH * KW, OH, OW).

    Convolution is a matrix product with these. ksize, stride, pad, dilate: as in conv2d.
    """
    y = windows_of(x, ksize, stride, pad, cover_all, dilate)
    return reshape(y, (y.shape[0], -1 if y.size else x.shape[1] * y.shape[2] * y.shape[3],
                       *y.shape[4:]))


def depth_to_space(x, r):
    """Channels become pixels: x (N, r * r * C, H, W) -> y (N, C, r * H, r * W).

    y[n, c, r * i + a, r * j + b] = x[n, (r * a + b) * C + c, i, j]. (Shi et al. 2016)
    Raises ShapeError if the channels do not divide by r².
    """
    n, c, h, w = x.shape
    if c % (r * r):
        raise add_line(ShapeError(f'depth_to_space: {c} channels do not divide into {r}² parts.'))
    y = transpose(reshape(x, (n, r, r, c // (r * r), h, w)), (0, 3, 4, 1, 5, 2))
    return reshape(y, (n, c // (r * r), r * h, r * w))


def space_to_depth(x, r):
    """Pixels become channels, the opposite of depth_to_space: (N, C, rH, rW) -> (N, rrC, H, W).

    Raises ShapeError if height and width do not divide by r.
    """
    n, c, h, w = x.shape
    if h % r or w % r:
        raise add_line(ShapeError(f'space_to_depth: an image of {h, w} does not divide by {r}.'))
    y = transpose(reshape(x, (n, c, h // r, r, w // r, r)), (0, 3, 5, 1, 2, 4))
    return reshape(y, (n, r * r * c, h // r, w // r))


def resize_images(x, output_shape, mode='bilinear', align_corners=True):
    """Images in another size: x (N, C, H, W) -> y (N, C, OH, OW).

    output_shape   (OH, OW)
    mode           'bilinear': a weighted mean of the four nearest pixels; 'nearest': the nearest
    align_corners  the corner pixels stay in the corners; otherwise the images' edges meet
    Resizing an axis is a matrix product, so gradients of any order follow from that.
    """
    for axis, size in zip((2, 3), output_shape):
        weights = between(x.shape[axis], size, mode, align_corners)
        weights = weights.astype(backend.real_dtype(x))
        x = moveaxis(moveaxis(x, axis, -1) @ like(x, weights), -1, axis)
    return x


def between(old, new, mode, align_corners):
    """The matrix (old, new) that makes `new` samples of `old` ones."""
    if align_corners:
        place = np.arange(new) * ((old - 1) / max(new - 1, 1))
    else:
        place = np.clip((np.arange(new) + 0.5) * (old / new) - 0.5, 0, old - 1)
    if mode == 'nearest':
        place = np.floor(place + 0.5) if align_corners else np.arange(new) * old // new
    elif mode != 'bilinear':
        raise ValueError(f"resize_images: mode is {mode!r}, but 'bilinear' or 'nearest' is needed.")
    return np.maximum(0, 1 - abs(np.arange(old)[:, None] - place))
