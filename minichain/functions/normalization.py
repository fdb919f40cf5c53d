"""Normalization: numbers brought to mean 0 and variance 1, then scaled as the network likes."""
import math

import numpy as np

from ..backend import elementwise
from ..errors import ShapeError
from ..explain import add_line
from ..fused import Fused
from .arranging import pad
from .math import sqrt, square
from .reduction import mean
from .shaping import reshape

# GPU kernels; mean, variance and the like are one number a channel, or one an example, and spread
# over the others.
NORMALIZE = elementwise('T x, T mean, T var, T gamma, T beta, T eps', 'T y',
                        'y = gamma * (x - mean) / sqrt(var + eps) + beta;', 'normalize')
TIMES_NORMAL = elementwise('T x, T gy, T mean, T var, T eps', 'T y',
                           'y = gy * (x - mean) / sqrt(var + eps);', 'times_normal')
NORMALIZE_BACK = elementwise(
    'T x, T gy, T mean, T var, T gamma, T ggamma, T gbeta, T eps, T count', 'T gx',
    '''T scale = 1 / sqrt(var + eps), normal = (x - mean) * scale;
       gx = gamma * scale * (gy - gbeta / count - normal * ggamma / count);''', 'normalize_back')


class BatchNorm(Fused):
    """Each channel to mean 0 and variance 1 over the batch, then scaled and shifted"""

    shapes, keeps = '(N,C,...) (C) (C) -> (N,C,...)', 'x scale'

    def __init__(self, eps):
        self.eps = eps

    def forward(self, x, gamma, beta):
        if self.xp is not np:
            axes, wide = layout(x)
            self.mean, self.var = x.mean(axes), x.var(axes)
            return NORMALIZE(x, *[a.reshape(wide) for a in (self.mean, self.var, gamma, beta)],
                             self.eps)
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
        if self.xp is not np:
            return self.backward_on_gpu(x, gamma, gy)
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

    def backward_on_gpu(self, x, gamma, gy):
        """The same gradients, by sums over axes and one kernel."""
        axes, wide = layout(x)
        mean, var = self.mean.reshape(wide), self.var.reshape(wide)
        ggamma, gbeta = TIMES_NORMAL(x, gy, mean, var, self.eps).sum(axes), gy.sum(axes)
        if self.edges[0] is None:
            return None, ggamma, gbeta
        gx = NORMALIZE_BACK(x, gy, mean, var, *[a.reshape(wide) for a in (gamma, ggamma, gbeta)],
                            self.eps, x.size // x.shape[1])
        return gx, ggamma, gbeta

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


def check_batch(x, gamma, beta):
    """Refuse a batch of nothing, too: its mean would be NaN, and so would all running means be."""
    check_channels(x, gamma, beta)
    if x.shape[1] and not x.size:
        raise add_line(ShapeError(f'batch_norm: x {tuple(x.shape)} is empty and has no mean. '
                                  'Leave out batches without examples, or use test mode.'))


def batch_norm(x, gamma, beta, eps=2e-5):
    """y = gamma * (x - mean) / √(var + eps) + beta, with each channel's mean and variance.

    x (N, C) or (N, C, H, W)   gamma, beta (C)   y as x. Gradients flow through mean and variance.
    Raises ShapeError if gamma and beta have not one number a channel, or if there is nothing to
    average over. (Ioffe and Szegedy 2015)
    """
    check_batch(x, gamma, beta)
    return BatchNorm(eps).apply(x, gamma, beta)


def fixed_batch_norm(x, gamma, beta, mean, var, eps=2e-5):
    """y = gamma * (x - mean) / √(var + eps) + beta, with a mean and a variance that are given.

    x (N, C) or (N, C, H, W)   gamma, beta, mean, var (C)   y as x
    """
    check_channels(x, gamma, beta, mean, var)
    _, wide = layout(x)
    scale = gamma / sqrt(var + eps)
    return x * reshape(scale, wide) + reshape(beta - mean * scale, wide)


# Without the batch -------------------------------------------------------------------------------

def normalize_back(x, gy, mean, var, gamma, eps, axes):
    """On a GPU: the gradient of x, whose mean and variance are over the axes, and gy times x as it
    was before gamma."""
    g, along = gy * gamma, TIMES_NORMAL(x, gy, mean, var, eps)
    sums = (along * gamma).sum(axes, keepdims=True), g.sum(axes, keepdims=True)
    return NORMALIZE_BACK(x, g, mean, var, 1.0, *sums, eps, x.size // max(mean.size, 1)), along


def standardize(x, axes, eps):
    """(x - mean) / √(var + eps), with mean and variance over the axes."""
    centred = x - mean(x, axes, keepdims=True)
    return centred / sqrt(mean(square(centred), axes, keepdims=True) + eps)


class LayerNorm(Fused):
    """Each example to mean 0 and variance 1, then scaled and shifted"""

    shapes, keeps = '(...,C) (C) (C) -> (...,C)', 'x mean var'

    def __init__(self, eps):
        self.eps = eps

    def forward(self, x, gamma, beta):
        self.mean = x.mean(-1, keepdims=True)
        if self.xp is not np:
            self.var = x.var(-1, keepdims=True)
            return NORMALIZE(x, self.mean, self.var, gamma, beta, self.eps)
        centred = x - self.mean
        self.var = (centred * centred).mean(-1, keepdims=True)
        y = centred / self.xp.sqrt(self.var + self.eps)
        y *= gamma
        y += beta
        return y

    def backward(self, gy):
        x, gamma, _ = self.x
        batch, known = tuple(range(len(x.shape) - 1)), (self.mean, self.var)
        if self.xp is not np:
            gx, along = normalize_back(x, gy, *known, gamma, self.eps, -1)
            return gx, along.sum(batch), gy.sum(batch)
        scale = 1 / self.xp.sqrt(self.var + self.eps)
        normal = x - self.mean
        normal *= scale
        along, g = gy * normal, gy * gamma
        ggamma = along.sum(batch)
        along *= gamma                  # gx = scale * (g - mean(g) - normal * mean(g * normal))
        normal *= along.mean(-1, keepdims=True)
        normal += g.mean(-1, keepdims=True)
        g -= normal
        g *= scale
        return g, ggamma, gy.sum(batch)

    def reference(self, x, gamma, beta):
        return standardize(x, -1, self.eps) * gamma + beta


def layer_norm(x, gamma, beta, eps=1e-5):
    """y = gamma * (x - mean) / √(var + eps) + beta, with each example's mean and variance.

    x (N, ..., C)   gamma, beta (C) or more axes: the last axes of x, which are averaged over
    Raises ShapeError if gamma and beta have not the sizes of x's last axes.
    (Ba, Kiros and Hinton 2016)
    """
    count = len(gamma.shape)
    if tuple(x.shape[-count:]) != tuple(gamma.shape) or tuple(gamma.shape) != tuple(beta.shape):
        raise add_line(ShapeError(f'layer_norm wants {LayerNorm.shapes}, but got '
                                  f'x {tuple(x.shape)}, gamma {tuple(gamma.shape)}, '
                                  f'beta {tuple(beta.shape)}.'))
    if count == 1:
        return LayerNorm(eps).apply(x, gamma, beta)
    size = math.prod(gamma.shape)
    y = LayerNorm(eps).apply(reshape(x, (*x.shape[:len(x.shape) - count], size)),
                             reshape(gamma, (size,)), reshape(beta, (size,)))
    return reshape(y, tuple(x.shape))


class GroupNorm(Fused):
    """Groups of channels to mean 0 and variance 1 in each example, then scaled and shifted"""

    shapes, keeps = '(N,C,...) (C) (C) -> (N,C,...)', 'x mean var'

    def __init__(self, groups, eps):
        self.groups, self.eps = groups, eps

    def by_group(self, x):
        """(N, C, ...) -> (N, groups, C / groups, ...), with one axis for what lies in a channel; of
        gamma and beta (C) -> (groups, C / groups, 1)."""
        at = min(x.ndim - 1, 1)
        batch, c, inside = x.shape[:at], x.shape[at], x.shape[at + 1:]
        return x.reshape(*batch, self.groups, c // self.groups, math.prod(inside))

    def forward(self, x, gamma, beta):
        shape, xp = x.shape, self.xp
        x, gamma, beta = map(self.by_group, (x, gamma, beta))
        self.mean = x.mean((2, 3), keepdims=True)
        if xp is not np:
            self.var = x.var((2, 3), keepdims=True)
            return NORMALIZE(x, self.mean, self.var, gamma, beta, self.eps).reshape(shape)
        y = x - self.mean
        self.var = (y * y).mean((2, 3), keepdims=True)
        y *= gamma / xp.sqrt(self.var + self.eps)
        y += beta
        return y.reshape(shape)

    def backward(self, gy):
        shape = gy.shape
        x, gamma, gy = map(self.by_group, (*self.x[:2], gy))
        if self.xp is not np:
            gx, along = normalize_back(x, gy, self.mean, self.var, gamma, self.eps, (2, 3))
            rows = shape[0], shape[1], gy.shape[3]
            return gx.reshape(shape), along.reshape(rows).sum((0, 2)), gy.reshape(rows).sum((0, 2))
        scale = 1 / self.xp.sqrt(self.var + self.eps)
        normal = x - self.mean
        normal *= scale
        along, total = ((gy * normal).sum(3, keepdims=True), gy.sum(3, keepdims=True))
        count = x.shape[2] * x.shape[3]     # gx = scale * (g - mean(g) - normal * mean(g * normal))
        normal *= (along * gamma).sum(2, keepdims=True) / count
        normal += (total * gamma).sum(2, keepdims=True) / count
        gx = gy * gamma
        gx -= normal
        gx *= scale
        return gx.reshape(shape), along.reshape(shape[:2]).sum(0), total.reshape(shape[:2]).sum(0)

    def reference(self, x, gamma, beta):
        n, c = x.shape[:2]
        size = c // self.groups * math.prod(x.shape[2:])
        normal = standardize(reshape(x, (n, self.groups, size)), 2, self.eps)
        _, wide = layout(x)
        return reshape(normal, tuple(x.shape)) * reshape(gamma, wide) + reshape(beta, wide)


def group_norm(x, groups, gamma, beta, eps=1e-5):
    """y = gamma * (x - mean) / √(var + eps) + beta, with mean and variance of groups of channels.

    x (N, C, ...)   gamma, beta (C)   y as x. Each example by itself.
    Raises ShapeError if the channels do not divide into so many groups. (Wu and He 2018)
    """
    check_channels(x, gamma, beta)
    c = x.shape[1]
    if groups < 1 or c % groups:
        raise add_line(ShapeError(f'group_norm: {c} channels do not divide into {groups} groups.'))
    return GroupNorm(groups, eps).apply(x, gamma, beta)


def instance_norm(x, gamma, beta, eps=1e-5):
    """Bring each channel of each example to mean 0 and variance 1: a group_norm of C groups.

    x (N, C, ...)   gamma, beta (C)

    (Ulyanov, Vedaldi and Lempitsky 2016)
    """
    return group_norm(x, x.shape[1], gamma, beta, eps)


def local_response_norm(x, n=5, k=2.0, alpha=1e-4, beta=0.75):
    """y = x / (k + alpha Σ x²) ** beta, with the sum over n neighbouring channels.

    x (N, C, ...) -> y as x. (Krizhevsky, Sutskever and Hinton 2012)
    """
    total, c, half = 0, x.shape[1], n // 2
    squares = pad(square(x), [(0, 0), (half, half), *[(0, 0)] * (len(x.shape) - 2)])
    for offset in range(2 * half + 1):
        total = total + squares[:, offset:offset + c]
    return x * (total * alpha + k) ** -beta
