"""More activations: smooth, bounded, learnt and gated relatives of relu."""
import math

from ..errors import ShapeError
from ..explain import add_line
from ..function import Function
from .activation import relu, sigmoid
from .math import absolute, clip, exp
from .reduction import max
from .shaping import concat, reshape, split
from .special import erf, erf_array


class ELU(Function):
    """Negative numbers approach a limit"""

    keeps, label = 'y', 'elu'

    def __init__(self, alpha):
        self.alpha = alpha

    def forward(self, x):
        return self.xp.where(x > 0, x, self.alpha * self.xp.expm1(self.xp.minimum(x, 0)))

    def backward(self, gy):
        positive = self.y > 0
        return gy * positive + gy * (self.y + self.alpha) * ~positive


def elu(x, alpha=1.0):
    """y = x where x > 0, else alpha * (e**x - 1). (Clevert, Unterthiner and Hochreiter 2015)"""
    return ELU(alpha).apply(x)


def selu(x, alpha=1.6732632423543772, scale=1.0507009873554805):
    """y = scale * elu(x, alpha): keeps mean 0 and variance 1. (Klambauer et al. 2017)"""
    return elu(x, alpha) * scale


class GELU(Function):
    """x, times how probable a smaller normal number is"""

    keeps, label = 'x', 'gelu'

    def forward(self, x):
        return x * ((erf_array(self.xp, x * math.sqrt(0.5)) + 1) * 0.5)

    def backward(self, gy):
        x = self.x
        below = (erf(x * math.sqrt(0.5)) + 1) * 0.5
        return gy * (below + x * exp(x * x * -0.5) * (1 / math.sqrt(2 * math.pi)))


def gelu(x):
    """y = x Φ(x) = x (1 + erf(x / √2)) / 2. (Hendrycks and Gimpel 2016)"""
    return GELU().apply(x)


class SiLU(Function):
    """x, times its sigmoid"""

    keeps, label = 'x', 'silu'

    def forward(self, x):
        return x * (self.xp.tanh(x * 0.5) * 0.5 + 0.5)

    def backward(self, gy):
        s = sigmoid(self.x)
        return gy * s * (1 + self.x * (1 - s))


def silu(x):
    """y = x * sigmoid(x), also called swish. (Elfwing, Uchibe and Doya 2017)"""
    return SiLU().apply(x)


class Softsign(Function):
    """Squashes into -1 to 1, slowly"""

    keeps = 'x'

    def forward(self, x):
        return x / (1 + abs(x))

    def backward(self, gy):
        wide = 1 + absolute(self.x)
        return gy / (wide * wide)


def softsign(x):
    """y = x / (1 + |x|), between -1 and 1. dy/dx = 1 / (1 + |x|)². (Bergstra et al. 2009)"""
    return Softsign().apply(x)


def hard_sigmoid(x):
    """y = min(max(0.2 x + 0.5, 0), 1): straight lines in place of sigmoid's curve."""
    return clip(x * 0.2 + 0.5, 0, 1)


def clipped_relu(x, z=20.0):
    """y = min(max(x, 0), z). (Hannun et al. 2014)"""
    return clip(x, 0, z)


def relu6(x):
    """y = min(max(x, 0), 6). (Krizhevsky 2010)"""
    return clip(x, 0, 6)


def crelu(x, axis=1):
    """y = relu(x) and relu(-x) side by side: an axis twice as long. (Shang et al. 2016)"""
    return concat([relu(x), relu(-x)], axis)


def prelu(x, W):
    """y = x where x > 0, else W * x, with slopes W that are learnt. (He et al. 2015)

    x (N, C, ...)   W, one number, or shape (C) or (C, ...): the axes after the batch's
    Raises ShapeError if W has not x's sizes.
    """
    shape = tuple(W.shape)
    if tuple(x.shape[1:1 + len(shape)]) != shape:
        raise add_line(ShapeError(f'prelu: the axes of x {tuple(x.shape)} after the first do not '
                                  f'begin with those of W {shape}.'))
    W = reshape(W, (1, *shape, *[1] * (len(x.shape) - 1 - len(shape))))
    return relu(x) - W * relu(-x)


def maxout(x, pool_size, axis=1):
    """y = the largest of each group of `pool_size` numbers that stand together along an axis.

    x (N, C * pool_size) -> y (N, C). Raises ShapeError if the axis does not divide.
    (Goodfellow et al. 2013)
    """
    axis, n = axis % len(x.shape), x.shape[axis]
    if n % pool_size:
        raise add_line(ShapeError(f'maxout: an axis of length {n} does not divide into groups of '
                                  f'{pool_size}.'))
    groups = (*x.shape[:axis], n // pool_size, pool_size, *x.shape[axis + 1:])
    return max(reshape(x, groups), axis + 1)


def glu(x, axis=1):
    """y = a * sigmoid(b), where a and b are the halves of x along an axis. (Dauphin et al. 2016)

    Raises ShapeError if the axis has no halves.
    """
    a, b = split(x, 2, axis)
    return a * sigmoid(b)
