"""Noise: what a network is disturbed with, so that it does not rely on a few details."""
from ..config import config
from ..function import Function
from ..fused import Identity
from ..randomness import generator


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
