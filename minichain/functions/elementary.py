"""More elementary functions, element by element: trigonometry, logarithms, rounding."""
import math

from ..function import Function
from .math import sqrt


# Trigonometry ------------------------------------------------------------------------------------

class Tan(Function):
    """The tangent of an angle in radians"""

    keeps = 'y'

    def forward(self, x):
        return self.xp.tan(x)

    def backward(self, gy):
        return gy * (1 + self.y * self.y)


def tan(x):
    """y = sin(x) / cos(x), x in radians. dy/dx = 1 + y²"""
    return Tan().apply(x)


class ArcSin(Function):
    """The angle whose sine is x"""

    keeps, label = 'x', 'arcsin'

    def forward(self, x):
        return self.xp.arcsin(x)

    def backward(self, gy):
        return gy / sqrt(1 - self.x * self.x)


def arcsin(x):
    """y = the angle between -π/2 and π/2 whose sine is x. dy/dx = 1 / √(1 - x²)"""
    return ArcSin().apply(x)


class ArcCos(Function):
    """The angle whose cosine is x"""

    keeps, label = 'x', 'arccos'

    def forward(self, x):
        return self.xp.arccos(x)

    def backward(self, gy):
        return -gy / sqrt(1 - self.x * self.x)


def arccos(x):
    """y = the angle between 0 and π whose cosine is x. dy/dx = -1 / √(1 - x²)"""
    return ArcCos().apply(x)


class ArcTan(Function):
    """The angle whose tangent is x"""

    keeps, label = 'x', 'arctan'

    def forward(self, x):
        return self.xp.arctan(x)

    def backward(self, gy):
        return gy / (1 + self.x * self.x)


def arctan(x):
    """y = the angle between -π/2 and π/2 whose tangent is x. dy/dx = 1 / (1 + x²)"""
    return ArcTan().apply(x)


class ArcTan2(Function):
    """The angle of the point (b, a)"""

    shapes, keeps, label = '(...) (...) -> (...)', 'x', 'arctan2'

    def forward(self, a, b):
        return self.xp.arctan2(a, b)

    def backward(self, gy):
        a, b = self.x
        g = gy / (a * a + b * b)
        return g * b, -g * a


def arctan2(a, b):
    """y = the angle of the point at height a and width b, between -π and π.

    dy/da = b / (a² + b²), dy/db = -a / (a² + b²)
    """
    return ArcTan2().apply(a, b)


class Sinh(Function):
    """The hyperbolic sine"""

    keeps = 'x'

    def forward(self, x):
        return self.xp.sinh(x)

    def backward(self, gy):
        return gy * cosh(self.x)


def sinh(x):
    """y = (e**x - e**-x) / 2. dy/dx = cosh(x)"""
    return Sinh().apply(x)


class Cosh(Function):
    """The hyperbolic cosine"""

    keeps = 'x'

    def forward(self, x):
        return self.xp.cosh(x)

    def backward(self, gy):
        return gy * sinh(self.x)


def cosh(x):
    """y = (e**x + e**-x) / 2. dy/dx = sinh(x)"""
    return Cosh().apply(x)


# Exponentials and logarithms ---------------------------------------------------------------------

class Log1p(Function):
    """The logarithm of 1 + x"""

    keeps = 'x'

    def forward(self, x):
        return self.xp.log1p(x)

    def backward(self, gy):
        return gy / (1 + self.x)


def log1p(x):
    """y = ln(1 + x), exact for x near 0, too. dy/dx = 1 / (1 + x)"""
    return Log1p().apply(x)


class Expm1(Function):
    """e to the power x, less 1"""

    keeps = 'y'

    def forward(self, x):
        return self.xp.expm1(x)

    def backward(self, gy):
        return gy * (self.y + 1)


def expm1(x):
    """y = e ** x - 1, exact for x near 0, too. dy/dx = y + 1"""
    return Expm1().apply(x)


class Log2(Function):
    """The logarithm to base 2"""

    keeps = 'x'

    def forward(self, x):
        return self.xp.log2(x)

    def backward(self, gy):
        return gy / (self.x * math.log(2))


def log2(x):
    """y = ln(x) / ln(2). dy/dx = 1 / (x ln(2))"""
    return Log2().apply(x)


class Log10(Function):
    """The logarithm to base 10"""

    keeps = 'x'

    def forward(self, x):
        return self.xp.log10(x)

    def backward(self, gy):
        return gy / (self.x * math.log(10))


def log10(x):
    """y = ln(x) / ln(10). dy/dx = 1 / (x ln(10))"""
    return Log10().apply(x)


class Rsqrt(Function):
    """One divided by the square root"""

    keeps, symbol = 'y', '1/√'

    def forward(self, x):
        return 1 / self.xp.sqrt(x)

    def backward(self, gy):
        return gy * -0.5 * self.y * self.y * self.y


def rsqrt(x):
    """y = 1 / √x. dy/dx = -y³ / 2"""
    return Rsqrt().apply(x)


# Rounding ----------------------------------------------------------------------------------------

class Floor(Function):
    """The next whole number below"""

    differentiable = False

    def forward(self, x):
        return self.xp.floor(x)


def floor(x):
    """y = the largest whole number that is not above x. It has no gradient."""
    return Floor().apply(x)


class Ceil(Function):
    """The next whole number above"""

    differentiable = False

    def forward(self, x):
        return self.xp.ceil(x)


def ceil(x):
    """y = the smallest whole number that is not below x. It has no gradient."""
    return Ceil().apply(x)


class Fmod(Function):
    """What is left of a after division by b"""

    shapes, keeps, symbol = '(...) (...) -> (...)', 'whole', 'mod'

    def forward(self, a, b):
        self.whole = self.xp.trunc(a / b)
        return self.xp.fmod(a, b)

    def backward(self, gy):
        return gy, None if self.edges[1] is None else -gy * self.whole


def fmod(a, b):
    """y = a - b * trunc(a / b): what is left after division, with the sign of a.

    dy/da = 1, dy/db = -trunc(a / b)
    """
    return Fmod().apply(a, b)
