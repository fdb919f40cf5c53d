"""Convolution, pooling, normalization and resampling, where Chainer has ways of its own."""
import itertools
import math

import numpy as np

from .. import backend, functions as F
from ..functions.normalization import BatchNorm
from .variable import as_array, as_variable

# Convolution and pooling -------------------------------------------------------------------------

CONVOLUTIONS = {1: (F.conv1d, F.conv_transpose1d), 2: (F.conv2d, F.conv_transpose2d),
                3: (F.conv3d, None)}


def sizes(n, count):
    """A size for each axis."""
    return (n,) * count if isinstance(n, (int, np.integer)) else tuple(n)


def convolution_nd(x, W, b=None, stride=1, pad=0, cover_all=False, dilate=1, groups=1):
    """Slide filters along sequences, over images or through volumes."""
    axes = len(x.shape) - 2
    if cover_all:
        strides, pads, dilates = (sizes(n, axes) for n in (stride, pad, dilate))
        missing = []
        for n, k, s, p, d in zip(x.shape[2:], W.shape[2:], strides, pads, dilates):
            missing.append((0, -(n + 2 * p - (k - 1) * d - 1) % s))
        x = F.pad(x, [(0, 0), (0, 0), *missing])
    return CONVOLUTIONS[axes][0](x, W, b, stride, pad, dilate, groups)


def convolution_1d(x, W, b=None, stride=1, pad=0, cover_all=False, dilate=1, groups=1):
    """Slide filters along sequences."""
    return convolution_nd(x, W, b, stride, pad, cover_all, dilate, groups)


def convolution_2d(x, W, b=None, stride=1, pad=0, cover_all=False, *, dilate=1, groups=1):
    """Slide filters over images."""
    return convolution_nd(x, W, b, stride, pad, cover_all, dilate, groups)


convolution_3d = convolution_1d


def dilated_convolution_2d(x, W, b=None, stride=1, pad=0, dilate=1, cover_all=False):
    """Slide filters with gaps over images."""
    return convolution_nd(x, W, b, stride, pad, cover_all, dilate)


def deconvolution_nd(x, W, b=None, stride=1, pad=0, outsize=None, dilate=1, groups=1):
    """Stamp filters onto longer sequences or larger images."""
    function = CONVOLUTIONS[len(x.shape) - 2][1]
    if function is None:
        raise NotImplementedError('Deconvolution of volumes is not supported: upsample with '
                                  'F.unpooling_3d is not, either; use F.repeat and convolution_3d.')
    return function(x, W, b, stride, pad, outsize, dilate, groups)


deconvolution_1d = deconvolution_nd


def deconvolution_2d(x, W, b=None, stride=1, pad=0, outsize=None, *, dilate=1, groups=1):
    """Stamp filters onto larger images."""
    return deconvolution_nd(x, W, b, stride, pad, outsize, dilate, groups)


def max_pooling_nd(x, ksize, stride=None, pad=0, cover_all=True, return_indices=False):
    """The largest number of each window; unless cover_all is False, every pixel is in one."""
    axes = len(x.shape) - 2
    if return_indices:
        if axes != 2:
            raise NotImplementedError('Indices of the largest numbers exist for images only.')
        return F.max_pool2d_with_indices(x, ksize, stride, pad, cover_all)
    pool = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}[axes]
    return pool(x, ksize, stride, pad, cover_all)


max_pooling_1d = max_pooling_2d = max_pooling_3d = max_pooling_nd


def average_pooling_nd(x, ksize, stride=None, pad=0, pad_value=0):
    """The mean of each window; pad_value=None: only of what lies inside of the image."""
    pool = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}[len(x.shape) - 2]
    y = pool(x, ksize, stride, pad)
    if pad_value is None:
        inside = backend.get_array_module(x).ones((1, 1, *x.shape[2:]), x.dtype)
        y = y / as_array(pool(inside, ksize, stride, pad))
    return y


average_pooling_1d = average_pooling_3d = average_pooling_nd


def average_pooling_2d(x, ksize, stride=None, pad=0):
    """The mean of each window of an image."""
    return average_pooling_nd(x, ksize, stride, pad)


def unpooling_2d(x, ksize, stride=None, pad=0, outsize=None, cover_all=True):
    """Each number becomes a whole window of a larger image."""
    if outsize is None:
        (kh, kw), (sh, sw) = sizes(ksize, 2), sizes(ksize if stride is None else stride, 2)
        (ph, pw), extra = sizes(pad, 2), 1 if cover_all else 0
        outsize = [s * (n - 1) + k - s * extra + extra - 2 * p for n, k, s, p in
                   zip(x.shape[2:], (kh, kw), (sh, sw), (ph, pw))]
    return F.unpool(x, ksize, stride, pad, tuple(outsize), cover_all)


def upsampling_2d(x, indexes, ksize, stride=None, pad=0, outsize=None, cover_all=True):
    """Each number back to the place that an index of max_pooling_2d says."""
    return F.upsample(x, indexes, ksize, stride, pad, outsize, cover_all)


def spatial_pyramid_pooling_2d(x, pyramid_height, pooling='max'):
    """The largest numbers of 1, 4, 16, ... parts of an image: (N, C, H, W) -> (N, F, 1, 1)."""
    if pooling != 'max':
        raise ValueError(f"spatial_pyramid_pooling_2d: pooling is 'max', not {pooling!r}.")
    y = F.spatial_pyramid_pool(x, pyramid_height)
    return F.reshape(y, (*y.shape, 1, 1))


def roi_pooling_2d(x, rois, outh, outw, spatial_scale):
    """The largest numbers of the parts of regions; rois (R, 5): image, left, top, right, bottom."""
    return F.roi_pool(x, as_array(rois), (outh, outw), spatial_scale)


# Normalization -----------------------------------------------------------------------------------

def channels_second(x, axis):
    """x as (rows, C) and the way back, for normalization over the given axes."""
    axis = (axis,) if isinstance(axis, int) else tuple(axis)
    kept = [i for i in range(len(x.shape)) if i not in axis]
    order = (*axis, *kept)
    rows = F.reshape(F.transpose(x, order), (-1, math.prod(x.shape[i] for i in kept)))

    def back(y):
        wide = F.reshape(y, tuple([x.shape[i] for i in order]))
        return F.transpose(wide, tuple(np.argsort(order)))
    return rows, back


def per_channel(x, gamma, axis):
    """(x as (N, C, ...), how to flatten gamma, the way back)."""
    if axis is not None or len(gamma.shape) > 1:
        axis = (0, *range(1 + len(gamma.shape), len(x.shape))) if axis is None else axis
        rows, back = channels_second(x, axis)
        return rows, lambda v: F.reshape(v, (-1,)), back
    return x, lambda v: v, lambda y: y


def batch_normalization(x, gamma, beta, eps=2e-5, running_mean=None, running_var=None, decay=0.9,
                        axis=None):
    """Each channel to mean 0 and variance 1, then scaled and shifted. Running statistics that are
    given are updated in place, the variance without its bias."""
    if x.dtype != gamma.dtype:      # float16 is computed in float32
        y = batch_normalization(F.cast(x, gamma.dtype), gamma, beta, eps, running_mean,
                                running_var, decay, axis)
        return F.cast(y, x.dtype)
    rows, flat, back = per_channel(x, gamma, axis)
    operation = BatchNorm(eps)
    y = operation.apply(rows, flat(gamma), flat(beta))
    count = rows.size // rows.shape[1]
    if running_mean is not None:
        running_mean *= decay
        running_mean += (1 - decay) * operation.mean.reshape(running_mean.shape)
    if running_var is not None:
        unbiased = operation.var.reshape(running_var.shape) * (count / max(count - 1, 1))
        running_var *= decay
        running_var += (1 - decay) * unbiased
    return back(y)


def fixed_batch_normalization(x, gamma, beta, mean, var, eps=2e-5, axis=None):
    """Normalization with a mean and a variance that are given."""
    rows, flat, back = per_channel(F.cast(x, gamma.dtype), gamma, axis)
    y = back(F.fixed_batch_norm(rows, *map(flat, (gamma, beta, mean, var)), eps))
    return F.cast(y, x.dtype)


# Images transformed ------------------------------------------------------------------------------

def spatial_transformer_grid(theta, output_shape, **options):
    """Where each pixel of the output lies in the input: theta (N, 2, 3) -> grid (N, 2, OH, OW).

    Coordinates go from -1 to 1. (Jaderberg et al. 2015)
    """
    height, width = output_shape
    xp = backend.get_array_module(theta)
    ys, xs = xp.meshgrid(xp.linspace(-1, 1, height), xp.linspace(-1, 1, width), indexing='ij')
    places = xp.stack([xs.ravel(), ys.ravel(), xp.ones(height * width)]).astype(theta.dtype)
    return F.reshape(F.matmul(theta, places), (theta.shape[0], 2, height, width))


def spatial_transformer_sampler(x, grid, **options):
    """Images read at the places of a grid, between pixels: x (N, C, H, W) -> (N, C, OH, OW).

    Outside of the image there is 0. (Jaderberg et al. 2015)
    """
    n, _, height, width = x.shape
    x = F.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)])
    xp = backend.get_array_module(x)
    grid = as_variable(grid)
    u = F.clip((grid[:, 0] + 1) * ((width - 1) / 2) + 1, 0.0, float(width + 1))
    v = F.clip((grid[:, 1] + 1) * ((height - 1) / 2) + 1, 0.0, float(height + 1))
    left = xp.clip(xp.floor(u.data), 0, width).astype(int)
    top = xp.clip(xp.floor(v.data), 0, height).astype(int)
    rows = xp.arange(n)[:, None, None]
    total = 0
    for down, right in itertools.product((0, 1), (0, 1)):
        weight = ((v - top.astype(x.dtype)) if down else (1 + top.astype(x.dtype) - v)) * (
            (u - left.astype(x.dtype)) if right else (1 + left.astype(x.dtype) - u))
        pixels = F.get_item(x, (rows, slice(None), top + down, left + right))
        total = total + pixels * F.expand_dims(weight, 3)
    return F.transpose(total, (0, 3, 1, 2))
