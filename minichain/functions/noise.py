"""Noise: what a network is disturbed with, so that it does not rely on a few details."""
from ..backend import get_array_module
from ..config import config
from ..function import Function
from ..fused import Identity
from ..randomness import generator
from .math import exp
from .shaping import where


class Dropout(Function):
    """Some numbers become 0, at random; the others grow to make up for it"""

    keeps = 'mask'

    def __init__(self, ratio):
        self.ratio = ratio

    def forward(self, x):
        keep = self.xp.asarray(generator().random(x.shape, 'float32') >= self.ratio)
        self.mask = keep.astype(x.dtype) * (1 / (1 - self.ratio))
        return x * self.mask

    def backward(self, gy):
        return gy * self.mask


def dropout(x, ratio=0.5):
    """In training, each number becomes 0 with probability `ratio`, else x / (1 - ratio).

    Outside of training (`test_mode`), y = x. Raises ValueError unless 0 <= ratio < 1.
    (Hinton et al. 2012)
    """
    if not 0 <= ratio < 1:
        raise ValueError(f'dropout: the ratio is {ratio}, but a probability below 1 is needed.')
    return Dropout(ratio).apply(x) if config.train and ratio else Identity().apply(x)


def chance(x, shape, ratio):
    """Truth values on x's device, each true with probability `ratio`."""
    return get_array_module(x).asarray(generator().random(shape, 'float32') < ratio)


def zoneout(h, x, ratio=0.5):
    """In training, each number stays what it was, h, with probability `ratio`, else it becomes x.

    h, x (...), the state before and after. Outside of training, y = ratio * h + (1 - ratio) * x.
    (Krueger et al. 2016)
    """
    if config.train:
        return where(chance(x, x.shape, ratio), h, x)
    return h * ratio + x * (1 - ratio)


def drop_path(x, ratio=0.0):
    """In training, each example becomes 0 with probability `ratio`, else x / (1 - ratio).

    x (N, ...), a branch beside a shortcut. Outside of training, y = x.
    Raises ValueError unless 0 <= ratio < 1. (Huang et al. 2016)
    """
    if not 0 <= ratio < 1:
        raise ValueError(f'drop_path: the ratio is {ratio}, but a probability below 1 is needed.')
    if not (config.train and ratio):
        return Identity().apply(x)
    dropped = chance(x, (x.shape[0], *[1] * (len(x.shape) - 1)), ratio)
    return x * ((~dropped).astype(x.dtype) * (1 / (1 - ratio)))


def gaussian(mean, ln_var, eps=None):
    """Random numbers: y = mean + √e**ln_var * eps, with eps normally distributed.

    mean, ln_var (...), which get gradients   eps  the noise itself, an array, if it is given
    (Kingma and Welling 2013: the reparametrization trick)
    """
    if eps is None:
        drawn = generator().standard_normal(mean.shape, 'float32').astype(mean.dtype)
        eps = get_array_module(mean).asarray(drawn)
    return mean + exp(ln_var * 0.5) * eps
