"""Arithmetic and elementary functions, element by element. Shapes broadcast as in NumPy."""
import functools
import math

import numpy as np

from ..backend import elementwise
from ..function import Function
from ..fused import Identity
from ..variable import Variable

TANH_BACK = elementwise('T y, T gy', 'T gx', 'gx = gy * (1 - y * y);', 'tanh_back')


def sign(x):
    """The sign of each element: -1, 0 or 1. It has no gradient."""
    return Sign().apply(x)


class Sign(Function):
    """The sign of each element."""

    differentiable = False

    def forward(self, x):
        return self.xp.sign(x)


@functools.cache
def as_number(value, dtype):
    """A number as an array without axes, for NumPy: to make one of a Python number at each use
    takes as long as computing with a hundred numbers."""
    number = np.array(value, dtype)
    number.flags.writeable = False
    return number


# Arithmetic --------------------------------------------------------------------------------------

class Add(Function):
    """a + b"""

    shapes, symbol = '(...) (...) -> (...)', '+'

    def forward(self, a, b):
        return a + b

    def backward(self, gy):
        return gy, gy


def add(a, b):
    """y = a + b. Arrays of different types of real numbers raise DTypeError."""
    return Add().apply(a, b)


class Sub(Function):
    """a - b"""

    shapes, symbol = '(...) (...) -> (...)', '−'

    def forward(self, a, b):
        return a - b

    def backward(self, gy):
        return gy, None if self.edges[1] is None else -gy


def sub(a, b):
    """y = a - b"""
    return Sub().apply(a, b)


class Mul(Function):
    """a times b"""

    shapes, keeps, symbol = '(...) (...) -> (...)', 'others', '×'

    def forward(self, a, b):
        return a * b

    def backward(self, gy):
        a, b = self.x
        left, right = self.edges
        return None if left is None else gy * b, None if right is None else gy * a


def mul(a, b):
    """y = a * b, element by element. dy/da = b, dy/db = a"""
    return Mul().apply(a, b)


class Div(Function):
    """a divided by b"""

    shapes, keeps, symbol = '(...) (...) -> (...)', 'x', '÷'

    def forward(self, a, b):
        return a / b

    def backward(self, gy):
        a, b = self.x
        ga = gy / b
        return ga, None if self.edges[1] is None else -ga * a / b


def div(a, b):
    """y = a / b. dy/da = 1 / b, dy/db = -a / b²"""
    return Div().apply(a, b)


class Neg(Function):
    """minus x"""

    symbol = '−'

    def forward(self, x):
        return -x

    def backward(self, gy):
        return -gy


def neg(x):
    """y = -x"""
    return Neg().apply(x)


class Pow(Function):
    """a to the power b"""

    shapes, keeps, symbol = '(...) (...) -> (...)', 'x', '^'

    def forward(self, a, b):
        return a ** b

    def backward(self, gy):
        a, b = self.x
        ga = gb = None
        if self.edges[0] is not None:
            ga = gy * (a * 0) if type(b) in (int, float) and b == 0 else gy * b * a ** (b - 1)
        if self.edges[1] is not None:
            number = type(a) in (int, float)
            log_a = log(a) if not number else math.log(a) if a > 0 else math.nan
            gb = gy * a ** b * log_a
        return ga, gb


def pow(a, b):
    """y = a ** b. dy/da = b * a ** (b - 1), dy/db = y * log(a)"""
    return Pow().apply(a, b)


# Elementary functions ----------------------------------------------------------------------------

class Exp(Function):
    """e to the power x"""

    keeps = 'y'

    def forward(self, x):
        return self.xp.exp(x)

    def backward(self, gy):
        return gy * self.y


def exp(x):
    """y = e ** x. dy/dx = y"""
    return Exp().apply(x)


class Log(Function):
    """The natural logarithm"""

    keeps = 'x'

    def forward(self, x):
        return self.xp.log(x)

    def backward(self, gy):
        return gy / self.x


def log(x):
    """y = ln(x), the natural logarithm. dy/dx = 1 / x"""
    return Log().apply(x)


class Sqrt(Function):
    """The square root"""

    keeps, symbol = 'y', '√'

    def forward(self, x):
        return self.xp.sqrt(x)

    def backward(self, gy):
        return gy * 0.5 / self.y


def sqrt(x):
    """y = √x. dy/dx = 1 / (2 y)"""
    return Sqrt().apply(x)


class Square(Function):
    """x times itself"""

    keeps, symbol = 'x', 'x²'

    def forward(self, x):
        return x * x

    def backward(self, gy):
        return gy * 2 * self.x


def square(x):
    """y = x². dy/dx = 2 x"""
    return Square().apply(x)


class Sin(Function):
    """The sine of an angle in radians"""

    keeps = 'x'

    def forward(self, x):
        return self.xp.sin(x)

    def backward(self, gy):
        return gy * cos(self.x)


def sin(x):
    """y = sin(x), x in radians. dy/dx = cos(x)"""
    return Sin().apply(x)


class Cos(Function):
    """The cosine of an angle in radians"""

    keeps = 'x'

    def forward(self, x):
        return self.xp.cos(x)

    def backward(self, gy):
        return -gy * sin(self.x)


def cos(x):
    """y = cos(x), x in radians. dy/dx = -sin(x)"""
    return Cos().apply(x)


class Tanh(Function):
    """The hyperbolic tangent: squashes into -1 to 1"""

    keeps = 'y'

    def forward(self, x):
        return self.xp.tanh(x)

    def backward(self, gy):
        if self.xp is not np and not isinstance(gy, Variable):
            return TANH_BACK(self.y, gy)
        return gy - gy * self.y * self.y        # NumPy takes longer for 1 - y² than for a product


def tanh(x):
    """y = (e**x - e**-x) / (e**x + e**-x), between -1 and 1. dy/dx = 1 - y²"""
    return Tanh().apply(x)


class Abs(Function):
    """The absolute value"""

    keeps, symbol = 'x', '|x|'

    def forward(self, x):
        return abs(x)

    def backward(self, gy):
        return gy * sign(self.x)


def absolute(x):
    """y = |x|. dy/dx = sign(x), and 0 at 0"""
    return Abs().apply(x)


class Maximum(Function):
    """The larger of a and b"""

    shapes, keeps, symbol = '(...) (...) -> (...)', 'share', 'max'

    def forward(self, a, b):
        y = self.xp.maximum(a, b)
        self.share = ((a > b) + 0.5 * (a == b)).astype(y.dtype)
        return y

    def backward(self, gy):
        return gy * self.share, gy * (1 - self.share)


def maximum(a, b):
    """y = max(a, b), element by element. Where both are equal, each gets half of the gradient."""
    return Maximum().apply(a, b)


class Minimum(Maximum):
    """The smaller of a and b"""

    symbol = 'min'

    def forward(self, a, b):
        y = self.xp.minimum(a, b)
        self.share = ((a < b) + 0.5 * (a == b)).astype(y.dtype)
        return y


def minimum(a, b):
    """y = min(a, b), element by element. Where both are equal, each gets half of the gradient."""
    return Minimum().apply(a, b)


class Clip(Function):
    """x, kept between two limits"""

    keeps = 'inside'

    def __init__(self, low, high):
        self.low, self.high = low, high

    def forward(self, x):
        y = x if self.low is None else self.xp.maximum(x, self.low)
        y = y if self.high is None else self.xp.minimum(y, self.high)
        self.inside = x == y
        return y

    def backward(self, gy):
        return gy * self.inside


def clip(x, low, high):
    """y = min(max(x, low), high); None for no limit. The gradient is 0 outside of the limits."""
    return Clip(low, high).apply(x)


def identity(x):
    """y = x: the same values at a new place in the graph."""
    return Identity().apply(x)
