"""Noise: what a network is disturbed with, so that it does not rely on a few details."""
import numpy as np

from ..backend import elementwise, get_array_module, real_dtype
from ..config import config
from ..function import Function
from ..fused import Identity
from ..randomness import generator
from .math import exp
from .shaping import where

# On a GPU every element draws by itself: the i-th number after a seed, by SplitMix64 (Steele, Lea
# and Flood 2014). The seed comes from this thread's generator, so a run can be repeated.
DRAW = '''unsigned long long z = seed + (i + 1) * 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    float uniform = (z >> 40) / 16777216.0f;'''
DROPOUT = elementwise(
    'T x, float32 ratio, uint64 seed', 'T y, T mask',
    f'''{DRAW}
        mask = uniform < ratio ? 0 : 1 / (1 - ratio);
        y = x * mask;''', 'dropout')
CHANCE = elementwise('float32 ratio, uint64 seed', 'bool y', f'{DRAW} y = uniform < ratio;',
                     'chance')
# Box and Muller's normal numbers, from two evenly distributed ones of 24 bits each.
NORMAL = elementwise(
    'float32 spread, uint64 seed', 'T y',
    f'''{DRAW}
        typedef decltype(exp(T(0))) U;      // single precision at least
        U angle = (z >> 16 & 0xffffff) * U(6.283185307179586 / 16777216);
        y = spread * sqrt(-2 * log(U(1 - uniform))) * cos(angle);''', 'normal')


def draw_seed():
    """A number that decides all that a kernel draws."""
    return int(generator().integers(1 << 62))


class Dropout(Function):
    """Some numbers become 0, at random; the others grow to make up for it"""

    keeps = 'mask'

    def __init__(self, ratio):
        self.ratio = ratio

    def forward(self, x):
        if self.xp is not np:
            y, self.mask = DROPOUT(x, self.ratio, draw_seed())
            return y
        keep = generator().random(x.shape, 'float32') >= self.ratio
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
    xp = get_array_module(x)
    if xp is not np:
        return CHANCE(ratio, draw_seed(), xp.empty(shape, bool))
    return generator().random(shape, 'float32') < ratio


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


def normal_like(x, spread=1.0):
    """Normally distributed numbers of x's shape, on its device; `spread`: their deviation from 0.

    After the same `set_seed` a device gives the same ones, and the CPU others than a GPU.
    """
    xp, dtype = get_array_module(x), real_dtype(x)
    if xp is np:
        return (generator().standard_normal(x.shape, 'float32') * spread).astype(dtype)
    return NORMAL(spread, draw_seed(), xp.empty(x.shape, dtype))


def gaussian(mean, ln_var, eps=None):
    """Random numbers: y = mean + √e**ln_var * eps, with eps normally distributed.

    mean, ln_var (...), which get gradients   eps  the noise itself, an array, if it is given
    (Kingma and Welling 2013: the reparametrization trick)
    """
    if eps is None:
        eps = normal_like(mean)
    return mean + exp(ln_var * 0.5) * eps
