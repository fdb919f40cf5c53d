"""Pooling: a window of an image becomes one number, its largest or its mean."""
from ..errors import ShapeError
from ..explain import add_line
from ..function import Function
from .conv import Windows


class Pooling(Function):
    """What poolings have in common: the windows, how many there are, and the image's size."""

    shapes, symbol = '(N,C,H,W) -> (N,C,OH,OW)', 'pool'

    def __init__(self, windows, count, size):
        self.windows, self.count, self.size = windows, count, size


class MaxPool2d(Pooling):
    """The largest number of each window"""

    keeps, label, symbol = 'best', 'max_pool2d', 'max'

    def forward(self, x):
        kh, kw = self.windows.ksize
        view = self.windows.view(self.xp, x, self.count, fill=-self.xp.inf)
        rows = view.reshape(*x.shape[:2], kh * kw, *self.count)
        self.best = rows.argmax(axis=2)
        return self.xp.take_along_axis(rows, self.best[:, :, None], 2)[:, :, 0]

    def backward(self, gy):
        return Unpool(self.windows, self.count, self.size, self.best).apply(gy)


class Unpool(Pooling):
    """Each number back to where it was the largest, zero elsewhere"""

    shapes, keeps = '(N,C,OH,OW) -> (N,C,H,W)', 'best'

    def __init__(self, windows, count, size, best):
        super().__init__(windows, count, size)
        self.best = best

    def forward(self, gy):
        kh, kw = self.windows.ksize
        numbers = self.xp.arange(kh * kw)[:, None, None]
        columns = (self.best[:, :, None] == numbers) * gy[:, :, None]
        columns = columns.reshape(*gy.shape[:2], kh, kw, *gy.shape[2:])
        return self.windows.add_up(self.xp, columns, self.size)

    def backward(self, gx):
        return PickPooled(self.windows, self.count, self.size, self.best).apply(gx)


class PickPooled(Unpool):
    """From each window the number at a given place"""

    shapes = Pooling.shapes

    def forward(self, x):
        kh, kw = self.windows.ksize
        view = self.windows.view(self.xp, x, self.count)
        rows = view.reshape(*x.shape[:2], kh * kw, *self.count)
        return self.xp.take_along_axis(rows, self.best[:, :, None], 2)[:, :, 0]

    def backward(self, gy):
        return Unpool(self.windows, self.count, self.size, self.best).apply(gy)


class AvgPool2d(Pooling):
    """The mean of each window, padding counted as zero"""

    label, symbol = 'avg_pool2d', 'mean'

    def forward(self, x):
        return self.windows.view(self.xp, x, self.count).mean(axis=(2, 3))

    def backward(self, gy):
        return AvgUnpool2d(self.windows, self.count, self.size).apply(gy)


class AvgUnpool2d(Pooling):
    """Each number shared out equally over its window"""

    shapes = '(N,C,OH,OW) -> (N,C,H,W)'

    def forward(self, gy):
        kh, kw = self.windows.ksize
        share = (gy / (kh * kw))[:, :, None, None]
        columns = self.xp.broadcast_to(share, (*gy.shape[:2], kh, kw, *gy.shape[2:]))
        return self.windows.add_up(self.xp, columns, self.size)

    def backward(self, gx):
        return AvgPool2d(self.windows, self.count, self.size).apply(gx)


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


def avg_pool2d(x, ksize, stride=None, pad=0):
    """y = the mean of each window; padding counts as zero. x (N, C, H, W) -> y (N, C, OH, OW)"""
    return pool(AvgPool2d, x, ksize, stride, pad, False)
