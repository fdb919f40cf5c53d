"""The error function of the normal distribution, and the gamma function.

NumPy and CuPy lack both: the CPU asks Python's `math`, a GPU runs CUDA's functions.
"""
import math

import numpy as np

from ..backend import elementwise
from ..function import Function
from .math import exp

ERF = elementwise('T x', 'T y', 'y = erf(x)', 'minichain_erf')
ERFC = elementwise('T x', 'T y', 'y = erfc(x)', 'minichain_erfc')
LGAMMA = elementwise('T x', 'T y', 'y = lgamma(x)', 'minichain_lgamma')


def real(x):
    """Whole numbers as real ones, of the width that NumPy's exp would give them."""
    return x.astype(np.promote_types(x.dtype, 'float16'), copy=False)


def each(xp, x, function, kernel):
    """A function that NumPy and CuPy lack, of each number: Python's on the CPU, a kernel on a GPU.

    Both are right to the last digits; on the CPU it takes about 100 ns a number.
    """
    x = real(x)
    if xp is np:
        numbers = map(function, x.ravel().tolist())
        return np.fromiter(numbers, x.dtype, x.size).reshape(x.shape)
    wide = x.astype('float32') if x.dtype.itemsize < 4 else x
    return kernel(wide).astype(x.dtype)


# The error function ------------------------------------------------------------------------------

# erf(x) ≈ x P(x²) / Q(x²) for |x| <= 4, coefficients from the constant on, fitted by least squares
# whose weights even out the errors. The relative error is 2.5e-8, with float32's rounding 4e-7.
ERF_P = (1.12837914, 1.93544147e-1, 5.31016213e-2, 3.88330267e-3, 2.84564657e-4, 1.98678605e-6)
ERF_Q = (1.0, 5.04856591e-1, 1.15349618e-1, 1.52071701e-2, 1.18556045e-3, 3.74201465e-5)
BLOCK = 1 << 14         # numbers that stay in the cache


def erf_array(xp, x):
    """erf of an array; the CPU takes the quotient of polynomials for float32, which is faster."""
    x = real(x)
    if xp is not np or x.dtype.itemsize > 4:
        return each(xp, x, math.erf, ERF)
    numbers = x.ravel()
    y = np.empty(numbers.shape, x.dtype)
    for start in range(0, numbers.size, BLOCK):
        part = slice(start, start + BLOCK)
        near = np.clip(numbers[part], -4, 4).astype('float32')
        square = near * near
        above, below = polynomial(square, ERF_P), polynomial(square, ERF_Q)
        above *= near
        above /= below
        y[part] = np.clip(above, -1, 1)
    return y.reshape(x.shape)


def polynomial(x, coefficients):
    """c₀ + c₁ x + c₂ x² + ... of an array."""
    y = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        y *= x
        y += c
    return y


class Erf(Function):
    """The error function"""

    keeps = 'x'

    def forward(self, x):
        return erf_array(self.xp, x)

    def backward(self, gy):
        return gy * (2 / math.sqrt(math.pi)) * exp(-self.x * self.x)


def erf(x):
    """y = 2/√π ∫ e**-t² dt from 0 to x, between -1 and 1. dy/dx = 2/√π e**-x²"""
    return Erf().apply(x)


class Erfc(Function):
    """One minus the error function"""

    keeps = 'x'

    def forward(self, x):
        return each(self.xp, x, math.erfc, ERFC)

    def backward(self, gy):
        return gy * (-2 / math.sqrt(math.pi)) * exp(-self.x * self.x)


def erfc(x):
    """y = 1 - erf(x), exact for large x, too. dy/dx = -2/√π e**-x²"""
    return Erfc().apply(x)


# The gamma function ------------------------------------------------------------------------------

def log_gamma(x):
    """ln |Γ(x)| of a Python number; infinite at 0, -1, -2, ..., and where it is too large."""
    try:
        return math.inf if x <= 0 and x % 1 == 0 else math.lgamma(x)
    except OverflowError:
        return math.inf


class Lgamma(Function):
    """The logarithm of the gamma function"""

    keeps = 'x'

    def forward(self, x):
        return each(self.xp, x, log_gamma, LGAMMA)

    def backward(self, gy):
        return gy * Polygamma(0).apply(self.x)


def lgamma(x):
    """y = ln |Γ(x)|, where Γ(n) = (n - 1)! for whole numbers. dy/dx = the digamma function.

    At 0, -1, -2, ... y is infinite, and its gradient NaN.
    """
    return Lgamma().apply(x)


BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)
FAR = 12        # from here on the asymptotic series is right to 1e-15


class Polygamma(Function):
    """A derivative of the digamma function"""

    keeps = 'x'

    def __init__(self, n):
        self.n = n

    def forward(self, x):
        wide = x.astype('float64')
        right = self.positive(self.xp.where(wide > 0, wide, 1 - wide))
        left = (-1) ** self.n * right - self.cotangent(wide)
        return self.xp.where(wide > 0, right, left).astype(x.dtype)

    def cotangent(self, x):
        """The derivative of order n of π cot πx, by which ψₙ(x) and (-1)ⁿ ψₙ(1 - x) differ.

        It is a polynomial in c = cot πx, since dc/dx = -π (1 + c²); NaN for whole numbers.
        """
        xp, polynomial = self.xp, np.polynomial.Polynomial([0, math.pi])
        for _ in range(self.n):
            polynomial = polynomial.deriv() * np.polynomial.Polynomial([-math.pi, 0, -math.pi])
        away = x - xp.round(x)
        c = 1 / xp.tan(math.pi * xp.where(away == 0, math.nan, away))
        y = xp.zeros_like(c)
        for coefficient in polynomial.coef[::-1].tolist():
            y = y * c + coefficient
        return y

    def positive(self, far):
        """ψₙ(x) for x > 0."""
        n = self.n
        steps = 0       # ψₙ(x) = ψₙ(x + 1) - (-1)ⁿ n! / x**(n + 1) leads to where the series holds
        for _ in range(FAR):
            steps = steps + 1 / far ** (n + 1)
            far = far + 1
        return self.series(far) - (-1) ** n * math.factorial(n) * steps

    def series(self, x):
        """The asymptotic series. (Abramowitz and Stegun 1964, 6.3.18 and 6.4.11)"""
        n = self.n
        y = self.xp.log(x) if n == 0 else -math.factorial(n - 1) / (-x) ** n
        sign = (-1) ** (n + 1)
        y = y + sign * math.factorial(n) / (2 * x ** (n + 1))
        for k, b in enumerate(BERNOULLI, 1):
            factor = math.factorial(2 * k + n - 1) / math.factorial(2 * k)
            y = y + sign * b * factor / x ** (2 * k + n)
        return y

    def backward(self, gy):
        return gy * Polygamma(self.n + 1).apply(self.x)
