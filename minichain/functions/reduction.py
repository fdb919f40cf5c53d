"""Many numbers to fewer: sums, means, extremes. `axis` is a number, a tuple or None for all."""
import builtins

from ..function import Function
from .math import sqrt, square
from .shaping import broadcast_to, reshape


def spread(gy, shape, axis, keepdims):
    """The gradient of a sum: gy once more for each element that was summed."""
    if axis is not None and not keepdims:
        axes = axis if isinstance(axis, tuple) else (axis,)
        axes = {a % len(shape) for a in axes}
        gy = reshape(gy, tuple([1 if i in axes else n for i, n in enumerate(shape)]))
    return broadcast_to(gy, shape)


class Reduction(Function):
    """What sums, means and extremes have in common: an axis, and the input's shape."""

    def __init__(self, axis=None, keepdims=False):
        self.axis = tuple(axis) if isinstance(axis, list) else axis
        self.keepdims = keepdims

    def spread(self, gy):
        return spread(gy, self.x_shape, self.axis, self.keepdims)


class Sum(Reduction):
    """The sum over axes"""

    symbol = 'Σ'

    def forward(self, x):
        self.x_shape = x.shape
        return x.sum(axis=self.axis, keepdims=self.keepdims)

    def backward(self, gy):
        return self.spread(gy)


def sum(x, axis=None, keepdims=False):
    """y = Σ x over the axes. dy/dx = 1"""
    return Sum(axis, keepdims).apply(x)


class Mean(Reduction):
    """The mean over axes"""

    def forward(self, x):
        self.x_shape = x.shape
        y = x.mean(axis=self.axis, keepdims=self.keepdims)
        self.count = builtins.max(x.size // builtins.max(y.size, 1), 1)
        return y

    def backward(self, gy):
        return self.spread(gy * (1 / self.count))


def mean(x, axis=None, keepdims=False):
    """y = (Σ x) / n over the axes. dy/dx = 1 / n"""
    return Mean(axis, keepdims).apply(x)


class Max(Reduction):
    """The largest over axes"""

    keeps = 'share'

    def best(self, x):
        return x.max(axis=self.axis, keepdims=True)

    def forward(self, x):
        self.x_shape = x.shape
        y = self.best(x)
        best = x == y
        self.share = best / best.sum(axis=self.axis, keepdims=True, dtype=x.dtype)
        return y if self.keepdims else y.reshape(x.sum(axis=self.axis).shape)

    def backward(self, gy):
        return self.spread(gy) * self.share


class Min(Max):
    """The smallest over axes"""

    def best(self, x):
        return x.min(axis=self.axis, keepdims=True)


def max(x, axis=None, keepdims=False):
    """The largest element over the axes. Elements that tie share the gradient equally."""
    return Max(axis, keepdims).apply(x)


def min(x, axis=None, keepdims=False):
    """The smallest element over the axes. Elements that tie share the gradient equally."""
    return Min(axis, keepdims).apply(x)


def var(x, axis=None, keepdims=False):
    """The variance, mean of the squared distances from the mean, over the axes."""
    return mean(square(x - mean(x, axis, keepdims=True)), axis, keepdims)


def std(x, axis=None, keepdims=False):
    """The standard deviation over the axes: the square root of the variance.

    Its gradient is 0 where all elements are equal.
    """
    variance = var(x, axis, keepdims)
    flat = variance == 0        # the derivative of the root would be infinite there
    return sqrt(variance + flat) - flat


class ArgMax(Function):
    """Where the largest element stands"""

    differentiable = False

    def __init__(self, axis, sign):
        self.axis, self.sign = axis, sign

    def forward(self, x):
        return x.argmax(axis=self.axis) if self.sign > 0 else x.argmin(axis=self.axis)


def argmax(x, axis=None):
    """The index of the largest element along an axis (None: of all, in one row). No gradient."""
    return ArgMax(axis, 1).apply(x)


def argmin(x, axis=None):
    """The index of the smallest element along an axis (None: of all, in one row). No gradient."""
    return ArgMax(axis, -1).apply(x)
