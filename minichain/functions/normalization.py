"""Normalization: numbers brought to mean 0 and variance 1, then scaled as the network likes."""
from ..errors import ShapeError
from ..explain import add_line
from ..fused import Fused
from .math import sqrt, square
from .reduction import mean
from .shaping import reshape


class BatchNorm(Fused):
    """Each channel to mean 0 and variance 1 over the batch, then scaled and shifted"""

    shapes, keeps = '(N,C,...) (C) (C) -> (N,C,...)', 'x scale'

    def __init__(self, eps):
        self.eps = eps

    def forward(self, x, gamma, beta):
        rows = channel_rows(x)
        self.mean = column_mean(self.xp, rows)
        centred = rows - self.mean
        y = centred * centred           # two passes: mean(x²) - mean(x)² cancels in float32
        self.var = column_mean(self.xp, y)
        self.scale = 1 / self.xp.sqrt(self.var + self.eps)
        self.xp.multiply(centred, gamma * self.scale, out=y)
        y += beta
        return images(y, x.shape)

    def backward(self, gy):
        x, gamma, _ = self.x
        rows, g = channel_rows(x) - self.mean, channel_rows(gy)
        count = len(rows)
        gbeta = column_mean(self.xp, g) * count
        ggamma = column_mean(self.xp, g * rows) * count * self.scale
        if self.edges[0] is None:
            return None, ggamma, gbeta
        slope = gamma * self.scale      # gx = slope * (g - mean(g) - normal * mean(g * normal))
        rows *= slope * self.scale * ggamma / -count
        rows -= slope * gbeta / count
        rows += g * slope
        return images(rows, x.shape), ggamma, gbeta

    def reference(self, x, gamma, beta):
        axes, wide = layout(x)
        centred = x - mean(x, axes, keepdims=True)
        normal = centred / sqrt(mean(square(centred), axes, keepdims=True) + self.eps)
        return normal * reshape(gamma, wide) + reshape(beta, wide)


def channel_rows(x):
    """(N, C, ...) -> (N * ..., C), one column a channel; a view if memory lies that way."""
    return x.transpose(0, *range(2, x.ndim), 1).reshape(-1, x.shape[1])


def images(rows, shape):
    """The opposite: (N * ..., C) -> (N, C, ...), a view."""
    n, c, *rest = shape
    return rows.reshape(n, *rest, c).transpose(0, len(shape) - 1, *range(1, len(shape) - 1))


def column_mean(xp, rows):
    """The mean of each column; as a product with ones, which is the fastest way to add up rows."""
    if not len(rows) or rows.dtype.itemsize < 4:
        return rows.mean(axis=0)
    return xp.ones(len(rows), rows.dtype) @ rows / len(rows)


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
