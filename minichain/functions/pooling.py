"""Pooling: a window of an image becomes one number, its largest or its mean."""
import math

import numpy as np

from ..backend import contiguous, elementwise, get_array_module
from ..errors import ShapeError
from ..explain import add_line
from ..function import Function
from .conv import Windows
from .lowering import images_of, rows_of

# GPU kernels. `winner` is the place in its window, counted row by row, of the largest number.
SIZES = ('int32 h, int32 w, int32 oh, int32 ow, int32 kh, int32 kw, int32 sh, int32 sw, '
         'int32 ph, int32 pw')
WINDOW = '''int top = int(i) / ow % oh * sh - ph, left = int(i) % ow * sw - pw;
            long long plane = (long long)(int(i) / (oh * ow)) * h * w;'''
# What stands at each place of a window that is inside of the image.
EACH_PIXEL = '''for (int a = max(0, -top); a < min(kh, h - top); ++a)
                for (int b = max(0, -left); b < min(kw, w - left); ++b)'''
# Each window that covers a pixel, and the place in it where the pixel stands.
EACH_WINDOW = '''long long plane = (long long)(int(i) / (h * w)) * oh * ow;
    for (int a = 0, top = int(i) / w % h + ph; a < kh && a <= top; ++a)
      for (int b = 0, left = int(i) % w + pw; b < kw && b <= left; ++b)
        if ((top - a) % sh == 0 && (top - a) / sh < oh && (left - b) % sw == 0
            && (left - b) / sw < ow)'''
INDEX = 'plane + (top - a) / sh * ow + (left - b) / sw'

MAX_POOL = elementwise(
    f'raw T image, T least, {SIZES}', 'T y, int32 winner',
    f'''{WINDOW}
        T largest = least;
        int here = 0;
        {EACH_PIXEL} {{
          T x = image[plane + (top + a) * w + left + b];
          if (!(x <= largest) && largest == largest) {{      // the first one; NaN stays
            largest = x;
            here = a * kw + b;
          }}
        }}
        y = largest;
        winner = here;''', 'max_pool')
MAX_SPREAD = elementwise(
    f'raw T gy, raw int32 winner, {SIZES}', 'T gx',
    f'''T sum = 0;
        {EACH_WINDOW}
          if (winner[{INDEX}] == a * kw + b) sum = sum + gy[{INDEX}];
        gx = sum;''', 'max_spread')
MAX_GATHER = elementwise(
    f'raw T image, int32 winner, {SIZES}', 'T y',
    f'''{WINDOW}
        int row = top + winner / kw, column = left + winner % kw;
        if (row < 0 || row >= h || column < 0 || column >= w) y = 0;
        else y = image[plane + row * w + column];''', 'max_gather')
MEAN_SPREAD = elementwise(
    f'raw T gy, T factor, {SIZES}', 'T gx',
    f'''T sum = 0;
        {EACH_WINDOW} sum = sum + gy[{INDEX}];
        gx = sum * factor;''', 'mean_spread')
MEAN_GATHER = elementwise(
    f'raw T image, T factor, {SIZES}', 'T y',
    f'''{WINDOW}
        T sum = 0;
        {EACH_PIXEL} sum = sum + image[plane + (top + a) * w + left + b];
        y = sum * factor;''', 'mean_gather')


class Pooling(Function):
    """What poolings have in common: the windows, how many there are, and the image's size."""

    shapes, symbol = '(N,C,H,W) -> (N,C,OH,OW)', 'pool'

    def __init__(self, windows, count, size):
        self.windows, self.count, self.size = windows, count, size
        last = [(n - 1) * s + k for n, s, k in zip(count, windows.stride, windows.ksize)]
        self.framed = [max(end, n + p) for end, n, p in zip(last, size, windows.pad)]

    def kernel_sizes(self):
        """What the kernels want to know of the windows."""
        return (*self.size, *self.count, *self.windows.ksize, *self.windows.stride,
                *self.windows.pad)

    def frame(self, x, fill):
        """The image with a border of `fill`, so that every window lies inside of it."""
        borders = [(p, end - n - p) for end, n, p in zip(self.framed, self.size, self.windows.pad)]
        if borders == [(0, 0), (0, 0)]:
            return x
        return images_of(self.xp.pad(x.transpose(0, 2, 3, 1), ((0, 0), *borders, (0, 0)),
                                     mode='constant', constant_values=fill))

    def places(self):
        """For each place in a window, the pixels of the framed image that stand there."""
        (sh, sw), (kh, kw), (oh, ow) = self.windows.stride, self.windows.ksize, self.count
        return [(..., slice(i, i + (oh - 1) * sh + 1, sh), slice(j, j + (ow - 1) * sw + 1, sw))
                for i in range(kh) for j in range(kw)]


class MaxPool2d(Pooling):
    """The largest number of each window"""

    keeps, label, symbol = 'framed_x top', 'max_pool2d', 'max'

    def forward(self, x):
        lowest = -math.inf if x.dtype.kind == 'f' else self.xp.iinfo(x.dtype).min
        if self.xp is not np:
            y = self.xp.empty((*x.shape[:2], *self.count), x.dtype)
            self.top = self.xp.empty(y.shape, 'int32')      # where the largest numbers stand
            MAX_POOL(contiguous(x), lowest, *self.kernel_sizes(), y, self.top)
            return y
        self.framed_x = image = self.frame(x, lowest)
        first, *others = self.places()
        y = image[first].copy('K')      # memory in the image's order, which the others share
        for place in others:        # faster than an argmax of each window, whose pixels lie apart
            self.xp.maximum(y, image[place], out=y)
        self.top = y
        return y

    def backward(self, gy):
        factors = self.winners() if self.xp is np else self.top
        return PoolSpread(self, factors).apply(gy)

    def winners(self):
        """For each place in a window, whether it holds the largest number and is the first to."""
        winners, free = [], None
        for place in self.places():
            here = self.framed_x[place] == self.top
            if free is None:
                free = ~here
            else:
                here &= free
                free ^= here
            winners.append(here)
        return tuple(winners)

    def places_of_winners(self):
        """The place in each window of its largest number, counted row by row."""
        if self.xp is not np:
            return self.top
        return sum(k * here for k, here in enumerate(self.winners()))


class PoolGather(Pooling):
    """From each window a sum, each place times a factor"""

    keeps = 'factors'   # a tuple, one a place; on a GPU the places of the maxima, one a window

    def __init__(self, pooling, factors):
        super().__init__(pooling.windows, pooling.count, pooling.size)
        self.factors = factors

    def forward(self, x):
        if self.xp is not np:
            y = self.xp.empty((*x.shape[:2], *self.count), x.dtype)
            return self.on_gpu(MAX_GATHER, MEAN_GATHER, x, y)
        image, y = self.frame(x, 0), 0
        for place, factor in zip(self.places(), self.factors):
            y = y + image[place] * factor
        return y

    def on_gpu(self, for_maxima, for_means, numbers, result):
        """Run the kernel for this pooling, which fills the result."""
        kernel, factor = ((for_means, self.factors[0]) if type(self.factors) is tuple else
                          (for_maxima, self.factors))
        return kernel(contiguous(numbers), factor, *self.kernel_sizes(), result)

    def backward(self, gy):
        return PoolSpread(self, self.factors).apply(gy)


class PoolSpread(PoolGather):
    """Each number to all places of its window, times a factor"""

    shapes = '(N,C,OH,OW) -> (N,C,H,W)'

    def forward(self, gy):
        n, c = gy.shape[:2]
        if self.xp is not np:
            gx = self.xp.empty((n, c, *self.size), gy.dtype)
            return self.on_gpu(MAX_SPREAD, MEAN_SPREAD, gy, gx)
        (kh, kw), (sh, sw), (ph, pw) = self.windows.ksize, self.windows.stride, self.windows.pad
        gy = images_of(rows_of(gy))     # memory in the image's order: else products are slow
        image = images_of(self.xp.zeros((n, *self.framed, c), gy.dtype))
        for place, factor in zip(self.places(), self.factors):
            if kh <= sh and kw <= sw:       # windows do not overlap
                self.xp.multiply(gy, factor, out=image[place])
            else:
                image[place] += gy * factor
        return image[:, :, ph:ph + self.size[0], pw:pw + self.size[1]]

    def backward(self, gx):
        return PoolGather(self, self.factors).apply(gx)


class AvgPool2d(PoolGather):
    """The mean of each window, padding counted as zero"""

    keeps, label, symbol = '', 'avg_pool2d', 'mean'

    def __init__(self, windows, count, size):
        Pooling.__init__(self, windows, count, size)
        kh, kw = windows.ksize
        self.factors = (1 / (kh * kw),) * (kh * kw)


def pool(op, x, ksize, stride, pad, cover_all):
    """Apply a pooling operation, once the windows are known to fit."""
    if len(x.shape) != 4:
        raise add_line(ShapeError(f'{op.label} wants {op.shapes}, but got x {tuple(x.shape)}.'))
    windows = Windows(ksize, ksize if stride is None else stride, pad)
    size = tuple(x.shape[2:])
    count = windows.count(size, cover_all)
    if min(count) < 1:
        raise add_line(ShapeError(f'{op.label}: a window of {windows.ksize} does not fit an '
                                  f'image of {size} with a padding of {windows.pad}.'))
    return op(windows, count, size).apply(x)


def max_pool2d(x, ksize, stride=None, pad=0, cover_all=False):
    """y = the largest number of each window. The first one that is largest gets the gradient.

    x (N, C, H, W) -> y (N, C, OH, OW)   ksize, stride (default: ksize), pad in pixels
    cover_all  add windows at the border until every pixel is in one
    """
    return pool(MaxPool2d, x, ksize, stride, pad, cover_all)


def avg_pool2d(x, ksize, stride=None, pad=0, cover_all=False):
    """y = the mean of each window; padding counts as zero. x (N, C, H, W) -> y (N, C, OH, OW)

    cover_all  add windows at the border until every pixel is in one; what lies beyond the padding
               does not count in their means
    """
    y = pool(AvgPool2d, x, ksize, stride, pad, cover_all)
    if not cover_all:
        return y
    windows = Windows(ksize, ksize if stride is None else stride, pad)
    sides = [np.minimum(n + 2 * p - s * np.arange(count), k) / k for n, p, s, k, count in
             zip(x.shape[2:], windows.pad, windows.stride, windows.ksize, y.shape[2:])]
    return y / get_array_module(x).asarray(np.outer(*sides).astype(y.dtype))
