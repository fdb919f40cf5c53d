"""Along an axis: running sums and products, order, and the sum of exponentials."""
import math

from ..function import Function
from ..variable import Variable
from .math import exp
from .reduction import Reduction
from .shaping import broadcast_to, concat, flatten, get_item, moveaxis, reshape, where


class CumSum(Function):
    """Running sums"""

    label, symbol = 'cumsum', 'Σ'

    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        return self.xp.cumsum(x, self.axis)

    def backward(self, gy):
        return flip(CumSum(self.axis).apply(flip(gy, self.axis)), self.axis)


def cumsum(x, axis=None):
    """Running sums along an axis: y[i] = x[0] + ... + x[i]. None: of all elements in one row."""
    return CumSum(0).apply(flatten(x, 0)) if axis is None else CumSum(axis).apply(x)


class Flip(Function):
    """In reverse order"""

    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        return self.xp.flip(x, self.axis)

    def backward(self, gy):
        return Flip(self.axis).apply(gy)


def flip(x, axis=None):
    """In reverse order along an axis, several, or (None) all."""
    return Flip(axis).apply(x)


def cumprod(x, axis=None):
    """Running products along an axis: y[i] = x[0] * ... * x[i]. None: of all in one row.

    Made of log2(n) products of arrays, so that its gradient is right where elements are 0, too.
    """
    if axis is None:
        x, axis = flatten(x, 0), 0
    x, step = moveaxis(x, axis, 0), 1
    while step < x.shape[0]:
        x = concat([x[:step], x[step:] * x[:-step]], 0)
        step *= 2
    return moveaxis(x, 0, axis)


def prod(x, axis=None, keepdims=False):
    """The product over an axis, several, or (None) all.

    Made of log2(n) products of arrays, so that its gradient is right where elements are 0, too.
    """
    axes = range(len(x.shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    axes = sorted({a % len(x.shape) for a in axes})
    for a in axes:
        x = moveaxis(product_of_rows(moveaxis(x, a, 0)), 0, a)
    rest = [n for a, n in enumerate(x.shape) if keepdims or a not in axes]
    return reshape(x, tuple(rest))


def product_of_rows(x):
    """The product over the first axis, (N, ...) -> (1, ...): halves times halves, like a tree."""
    if not x.shape[0]:
        return broadcast_to(reshape(x[:0].sum(0), (1, *x.shape[1:])) + 1, (1, *x.shape[1:]))
    while x.shape[0] > 1:
        half = x.shape[0] // 2
        y = x[:half] * x[half:2 * half]
        x = concat([y, x[2 * half:]], 0) if x.shape[0] % 2 else y
    return x


class LogSumExp(Reduction):
    """The logarithm of a sum of exponentials"""

    keeps, label, symbol = 'x y', 'logsumexp', 'ln Σ e**x'

    def forward(self, x):
        self.x_shape, xp = x.shape, self.xp
        shift = x.max(axis=self.axis, keepdims=True)
        shift = xp.where(xp.isfinite(shift), shift, 0)
        total = xp.exp(x - shift).sum(axis=self.axis, keepdims=True)
        nothing = total == 0        # not of NaN, which comes out
        y = xp.where(nothing, -math.inf, xp.log(xp.where(nothing, 1, total))) + shift
        return y if self.keepdims else y.reshape(x.sum(axis=self.axis).shape)

    def backward(self, gy):
        shift = where(self.y <= -math.inf, 0.0, self.y)
        return self.spread(gy) * exp(self.x - self.spread(shift))


def logsumexp(x, axis=None, keepdims=False):
    """y = ln Σ e**x over the axes, without overflow. dy/dx = softmax(x)

    Where all of x is -∞, y is -∞ and the gradient 0.
    """
    return LogSumExp(axis, keepdims).apply(x)


class TakeAlong(Function):
    """Along an axis, the elements in a given order"""

    def __init__(self, indices, axis):
        self.indices, self.axis = indices, axis

    def forward(self, x):
        return self.xp.take_along_axis(x, self.indices, self.axis)

    def backward(self, gy):
        back = self.xp.argsort(self.indices, axis=self.axis)
        return TakeAlong(back, self.axis).apply(gy)


def sort(x, axis=-1, descending=False):
    """The elements along an axis from the smallest to the largest, or from the largest down."""
    return TakeAlong(ranking(x, axis, descending), axis).apply(x)


def ranking(x, axis, descending):
    """Where the smallest element stands, where the next one, ...: an array of indices."""
    x = x.data if isinstance(x, Variable) else x
    return (-x if descending else x).argsort(axis=axis)


def topk(x, k, axis=-1):
    """The k largest elements along an axis, from the largest down, and where they stand.

    Gives (values, indices), both with k elements along the axis; the indices have no gradient.
    Raises ValueError if there are fewer than k.
    """
    if k > x.shape[axis]:
        raise ValueError(f'topk: there are no {k} elements along axis {axis} of {tuple(x.shape)}.')
    order = ranking(x, axis, True)
    part = (slice(None),) * (axis % len(x.shape)) + (slice(k),)
    return get_item(TakeAlong(order, axis).apply(x), part), order[part]
