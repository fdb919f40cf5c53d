"""Normalization: numbers brought to mean 0 and variance 1, then scaled as the network likes."""
from ..errors import ShapeError
from ..explain import add_line
from ..fused import Fused
from .math import sqrt, square
from .reduction import mean
from .shaping import reshape


class BatchNorm(Fused):
    """Each channel to mean 0 and variance 1 over the batch, then scaled and shifted"""

    shapes, keeps = '(N,C,...) (C) (C) -> (N,C,...)', 'x normal scale'

    def __init__(self, eps):
        self.eps = eps

    def forward(self, x, gamma, beta):
        self.axes, self.wide = layout(x)
        self.mean = x.mean(axis=self.axes)
        normal = x - self.mean.reshape(self.wide)
        self.var = (normal * normal).mean(axis=self.axes)       # two passes: one cancels in float32
        self.scale = 1 / self.xp.sqrt(self.var + self.eps)
        normal *= self.scale.reshape(self.wide)
        self.normal = normal
        return normal * gamma.reshape(self.wide) + beta.reshape(self.wide)

    def backward(self, gy):
        _, gamma, _ = self.x
        gbeta = gy.sum(axis=self.axes)
        ggamma = (gy * self.normal).sum(axis=self.axes)
        if self.edges[0] is None:
            return None, ggamma, gbeta
        count = gy.size // gbeta.size
        gx = gy - (gbeta / count).reshape(self.wide)
        gx -= self.normal * (ggamma / count).reshape(self.wide)
        gx *= (gamma * self.scale).reshape(self.wide)
        return gx, ggamma, gbeta

    def reference(self, x, gamma, beta):
        axes, wide = layout(x)
        centred = x - mean(x, axes, keepdims=True)
        normal = centred / sqrt(mean(square(centred), axes, keepdims=True) + self.eps)
        return normal * reshape(gamma, wide) + reshape(beta, wide)


def layout(x):
    """The axes to average over, all but the channels', and the shape of a number a channel."""
    return (0, *range(2, len(x.shape))), (1, x.shape[1], *[1] * (len(x.shape) - 2))


def check_channels(x, *others):
    """Refuse scales and shifts that have not one number a channel."""
    if len(x.shape) < 2 or any(tuple(v.shape) != (x.shape[1],) for v in others):
        listing = ', '.join(f'{tuple(v.shape)}' for v in others)
        raise add_line(ShapeError(f'batch_norm wants {BatchNorm.shapes}, but got '
                                  f'x {tuple(x.shape)}, {listing}.'))


def batch_norm(x, gamma, beta, eps=2e-5):
    """y = gamma * (x - mean) / √(var + eps) + beta, with each channel's mean and variance.

    x (N, C) or (N, C, H, W)   gamma, beta (C)   y as x. Gradients flow through mean and variance.
    Raises ShapeError if gamma and beta have not one number a channel. (Ioffe and Szegedy 2015)
    """
    check_channels(x, gamma, beta)
    return BatchNorm(eps).apply(x, gamma, beta)


def fixed_batch_norm(x, gamma, beta, mean, var, eps=2e-5):
    """y = gamma * (x - mean) / √(var + eps) + beta, with a mean and a variance that are given.

    x (N, C) or (N, C, H, W)   gamma, beta, mean, var (C)   y as x
    """
    check_channels(x, gamma, beta, mean, var)
    _, wide = layout(x)
    scale = gamma / sqrt(var + eps)
    return x * reshape(scale, wide) + reshape(beta - mean * scale, wide)
