"""How weights begin. An initializer is a function of (shape, dtype) that gives an array.

Weights have the shape (out, in, ...); `fan_in` is how many numbers feed one output, `fan_out` how
many outputs one number feeds.
"""
import math

import numpy as np

from .randomness import generator


def fans(shape):
    """(fan_in, fan_out) of weights of that shape."""
    if len(shape) < 2:
        n = shape[0] if shape else 1
        return n, n
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


class Constant:
    """Every weight the same value."""

    def __init__(self, value=0.0):
        self.value = value

    def __call__(self, shape, dtype='float32'):
        return np.full(shape, self.value, dtype)


class Zero(Constant):
    """Every weight 0."""

    def __init__(self):
        super().__init__(0.0)


class One(Constant):
    """Every weight 1."""

    def __init__(self):
        super().__init__(1.0)


class Normal:
    """Normally distributed around 0, with a standard deviation of `scale`."""

    def __init__(self, scale=0.05):
        self.scale = scale

    def deviation(self, shape):
        return self.scale

    def __call__(self, shape, dtype='float32'):
        weights = generator().standard_normal(shape) * self.deviation(shape)
        return weights.astype(dtype)


class Uniform(Normal):
    """Evenly distributed between -scale and scale."""

    def __call__(self, shape, dtype='float32'):
        limit = self.deviation(shape)
        return generator().uniform(-limit, limit, shape).astype(dtype)


class LeCunNormal(Normal):
    """Normal with a standard deviation of scale * √(1 / fan_in). (LeCun et al. 1998)"""

    def __init__(self, scale=1.0):
        super().__init__(scale)

    def deviation(self, shape):
        return self.scale * math.sqrt(1 / max(fans(shape)[0], 1))


class GlorotNormal(LeCunNormal):
    """Normal with scale * √(2 / (fan_in + fan_out)). (Glorot and Bengio 2010)"""

    def deviation(self, shape):
        return self.scale * math.sqrt(2 / max(sum(fans(shape)), 1))


class HeNormal(LeCunNormal):
    """Normal with scale * √(2 / fan_in): right for layers before a relu. (He et al. 2015)"""

    def deviation(self, shape):
        return self.scale * math.sqrt(2 / max(fans(shape)[0], 1))


class Even:
    """Evenly distributed, with the standard deviation of the normal initializer of that name."""

    def __call__(self, shape, dtype='float32'):
        limit = math.sqrt(3) * self.deviation(shape)
        return generator().uniform(-limit, limit, shape).astype(dtype)


class LeCunUniform(Even, LeCunNormal):
    """Evenly between ± scale * √(3 / fan_in). (LeCun et al. 1998)"""


class GlorotUniform(Even, GlorotNormal):
    """Evenly between ± scale * √(6 / (fan_in + fan_out)). (Glorot and Bengio 2010)"""


class HeUniform(Even, HeNormal):
    """Evenly between ± scale * √(6 / fan_in). (He et al. 2015)"""


class Orthogonal:
    """scale times rows, or columns if there are more rows, at right angles to each other.

    Weights of more axes are seen as (out, the rest). (Saxe et al. 2014)
    """

    def __init__(self, scale=1.1):
        self.scale = scale

    def __call__(self, shape, dtype='float32'):
        rows = shape[0] if shape else 1
        flat = rows, math.prod(shape[1:])
        long = generator().standard_normal((max(flat), min(flat)))
        q, r = np.linalg.qr(long)
        q *= np.copysign(self.scale, np.diag(r))        # else some angles are more likely
        return np.array(q if rows >= flat[1] else q.T, dtype, order='C').reshape(shape)


class Identity:
    """scale on the diagonal and 0 elsewhere. Raises ValueError unless weights are (n, n)."""

    def __init__(self, scale=1.0):
        self.scale = scale

    def __call__(self, shape, dtype='float32'):
        if len(shape) != 2 or shape[0] != shape[1]:
            raise ValueError(f'Identity makes weights of the shape (n, n), not {tuple(shape)}.')
        return self.scale * np.eye(shape[0], dtype=dtype)


def get_initializer(spec, default):
    """An initializer from what a link was given: None for the default, a number, an array, or an
    initializer."""
    if spec is None:
        return default
    if callable(spec):
        return spec
    if isinstance(spec, (int, float)):
        return Constant(spec)
    return Given(spec)


class Given:
    """The values of an array. Raises ValueError if another shape is wanted."""

    def __init__(self, array):
        self.array = np.asarray(array)

    def __call__(self, shape, dtype='float32'):
        if self.array.shape != tuple(shape):
            raise ValueError(f'The initial weights have the shape {self.array.shape}, but '
                             f'{tuple(shape)} is needed.')
        return self.array.astype(dtype)
