"""Activations: the nonlinear steps between layers, and softmax."""
import numpy as np

from ..backend import contiguous, elementwise, get_array_module
from ..function import Function
from ..variable import Variable
from .math import as_number, exp


BLOCK = 1 << 16         # elements that stay in the cache

RELU_BACK = elementwise('T y, T gy', 'T gx', 'if (y > 0) gx = gy; else gx = 0;', 'relu_back')
SIGMOID_BACK = elementwise('T y, T gy', 'T gx', 'gx = gy * (y - y * y);', 'sigmoid_back')

# `top` is the largest number of an axis, `total` a sum along it.
EXP_BELOW = elementwise('T x, T top', 'T y', 'y = exp(x - top);', 'exp_below')
SOFTMAX_BACK = elementwise('T y, T gy, T total', 'T gx', 'gx = y * (gy - total);', 'softmax_back')
LOG_SHARE = elementwise('T x, T top, T total', 'T y', 'y = x - top - log(total);', 'log_share')
LOG_SOFTMAX_BACK = elementwise('T y, T gy, T total', 'T gx', 'gx = gy - exp(y) * total;',
                               'log_softmax_back')


# Rows. The 32 threads of a warp, which run side by side, share a row: each takes every 32nd number,
# and what it finds is handed on until all threads have it. TOP_AND_TOTAL looks at the first `seen`
# numbers of a row, multiplied by `factor`; a row has one number at least.
WARP = 32
EXCHANGE = 'for (int k = 16; k; k /= 2) {0};'
TOP_AND_TOTAL = f'''
        U top = x[first], total = 0;
        for (int k = lane; k < seen; k += 32) top = max(top, U(x[first + k]));
        {EXCHANGE.format('top = max(top, __shfl_xor_sync(~0u, top, k))')}
        for (int k = lane; k < seen; k += 32) total += exp(factor * (U(x[first + k]) - top));
        {EXCHANGE.format('total += __shfl_xor_sync(~0u, total, k)')}'''
# The numbers are multiplied by `scale`. Where `past` is true, the last of `steps` rows sees all,
# and each before it one less.
SOFTMAX_ROWS = elementwise(
    'raw T x, float64 scale, int32 width, int32 steps, bool past', 'raw T y',
    f'''typedef decltype(exp(x[0])) U;
        static_assert(sizeof(U) >= 4, "single precision at least");
        int lane = i % 32, seen = width;
        long long first = i / 32 * width;
        if (past) seen = min(width, int(i / 32 % steps) + width - steps + 1);
        U factor = scale;
        {TOP_AND_TOTAL}
        for (int k = lane; k < width; k += 32)
          y[first + k] = k < seen ? T(exp(factor * (U(x[first + k]) - top)) / total) : T(0);''',
    'softmax_rows')
SOFTMAX_ROWS_BACK = elementwise(
    'raw T y, raw T gy, float64 scale, int32 width', 'raw T gx',
    f'''typedef decltype(exp(y[0])) U;
        int lane = i % 32;
        long long first = i / 32 * width;
        U total = 0, factor = scale;
        for (int k = lane; k < width; k += 32) total += U(y[first + k]) * U(gy[first + k]);
        {EXCHANGE.format('total += __shfl_xor_sync(~0u, total, k)')}
        for (int k = lane; k < width; k += 32)
          gx[first + k] = factor * U(y[first + k]) * (U(gy[first + k]) - total);''',
    'softmax_rows_back')


class ReLU(Function):
    """Negative numbers become 0"""

    keeps, label = 'y', 'relu'

    def forward(self, x):
        if self.xp is np and x.flags.forc:
            return rectified(x)
        return self.xp.maximum(x, 0)

    def backward(self, gy):
        if self.xp is not np and not isinstance(gy, Variable):
            return RELU_BACK(self.y, gy)
        slope = (self.y > 0).astype(gy.dtype)       # numbers: products with truth values are slow
        if isinstance(gy, Variable):
            return gy * slope
        slope *= gy
        return slope


def rectified(x):
    """max(x, 0) in blocks beside an array of zeros: beside the number 0, NumPy takes a slow way."""
    y = np.empty_like(x)
    numbers, results = x.ravel(order='K'), y.ravel(order='K')
    zeros = np.zeros(min(x.size, BLOCK), x.dtype)
    for start in range(0, x.size, BLOCK):
        part = slice(start, start + BLOCK)
        np.maximum(numbers[part], zeros[:numbers[part].size], out=results[part])
    return y


def relu(x):
    """y = max(x, 0). dy/dx = 1 where x > 0, else 0. (Nair and Hinton 2010)"""
    return ReLU().apply(x)


class LeakyReLU(Function):
    """Negative numbers become small"""

    keeps, label = 'x', 'leaky_relu'

    def __init__(self, slope):
        self.slope = slope

    def forward(self, x):
        return self.xp.where(x > 0, x, x * self.slope)

    def backward(self, gy):
        positive = self.x > 0
        return gy * positive + gy * self.slope * ~positive


def leaky_relu(x, slope=0.2):
    """y = x where x > 0, else slope * x. (Maas, Hannun and Ng 2013)"""
    return LeakyReLU(slope).apply(x)


class Sigmoid(Function):
    """Squashes into 0 to 1"""

    keeps, symbol = 'y', 'σ'

    def forward(self, x):
        half = as_number(0.5, x.dtype) if self.xp is np and x.dtype.kind == 'f' else 0.5
        y = self.xp.tanh(x * half)      # faster than e**-x, and without overflow
        y *= half
        y += half
        return y

    def backward(self, gy):
        y = self.y
        if self.xp is not np and not isinstance(gy, Variable):
            return SIGMOID_BACK(y, gy)
        return gy * (y - y * y)     # NumPy takes longer for 1 - y than for a product


def sigmoid(x):
    """y = 1 / (1 + e**-x), between 0 and 1. dy/dx = y (1 - y)"""
    return Sigmoid().apply(x)


class Softplus(Function):
    """A smooth max(x, 0)"""

    keeps = 'x'

    def forward(self, x):
        return self.xp.logaddexp(x, self.xp.zeros_like(x))

    def backward(self, gy):
        return gy * sigmoid(self.x)


def softplus(x):
    """y = ln(1 + e**x), a smooth max(x, 0). dy/dx = sigmoid(x)"""
    return Softplus().apply(x)


class Softmax(Function):
    """Scores to probabilities"""

    keeps = 'y'

    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        if self.along_rows(x):
            return softmax_rows(x)
        y = exp_below(self.xp, x, x.max(axis=self.axis, keepdims=True))
        y /= y.sum(axis=self.axis, keepdims=True)
        return y

    def backward(self, gy):
        if not isinstance(gy, Variable) and self.along_rows(gy):
            return softmax_rows_back(self.y, gy)
        g = gy * self.y
        total = g.sum(axis=self.axis, keepdims=True)
        if self.xp is not np and not isinstance(gy, Variable):
            return SOFTMAX_BACK(self.y, gy, total)
        return g - self.y * total

    def along_rows(self, x):
        """Whether there is a kernel that does it all."""
        return (self.xp is not np and x.size and x.ndim and x.dtype.kind == 'f'
                and self.axis in (-1, x.ndim - 1))


def softmax_rows(x, scale=1.0, past=False):
    """softmax(scale * x) along the last axis on a GPU, in one kernel; see SOFTMAX_ROWS."""
    x, (*_, steps, width) = contiguous(x), (1, *x.shape)
    return SOFTMAX_ROWS(x, scale, width, steps, past, get_array_module(x).empty(x.shape, x.dtype),
                        size=x.size // width * WARP)


def softmax_rows_back(y, gy, scale=1.0):
    """The gradient of x in softmax_rows, from y and its gradient."""
    gx, width = get_array_module(y).empty(y.shape, y.dtype), y.shape[-1]
    return SOFTMAX_ROWS_BACK(y, contiguous(gy), scale, width, gx, size=y.size // width * WARP)


def exp_below(xp, x, top):
    """e**(x - top)."""
    return xp.exp(x - top) if xp is np or x.dtype.kind != 'f' else EXP_BELOW(x, top)


def softmax(x, axis=1):
    """y = e**x / Σ e**x along an axis: scores become probabilities, which add up to 1."""
    return Softmax(axis).apply(x)


class LogSoftmax(Function):
    """The logarithm of softmax"""

    keeps = 'y'

    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        top = x.max(axis=self.axis, keepdims=True)
        if self.xp is not np and x.dtype.kind == 'f':
            return LOG_SHARE(x, top, EXP_BELOW(x, top).sum(axis=self.axis, keepdims=True))
        y = x - top             # without overflow
        y -= self.xp.log(self.xp.exp(y).sum(axis=self.axis, keepdims=True))
        return y

    def backward(self, gy):
        total = gy.sum(axis=self.axis, keepdims=True)
        if self.xp is not np and not isinstance(gy, Variable):
            return LOG_SOFTMAX_BACK(self.y, gy, total)
        return gy - exp(self.y) * total


def log_softmax(x, axis=1):
    """y = x - ln Σ e**x along an axis: the logarithm of softmax, safe for large scores."""
    return LogSoftmax(axis).apply(x)
