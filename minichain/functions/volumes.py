"""Convolution and pooling of sequences and volumes, and of each channel by itself.

A sequence is an image of height 1. In a volume, the planes that a filter meets become channels of
one image; and the largest of a box is the largest of its planes' largest.
"""
import itertools

from ..errors import ShapeError
from ..explain import add_line
from .arranging import pad as add_border
from .conv import Windows, conv2d, conv_transpose2d
from .pooling import avg_pool2d, max_pool2d
from .reduction import max, mean
from .shaping import concat, expand_dims, reshape, squeeze, stack, transpose


def triple(n):
    """A size for depth, height and width: 3 -> (3, 3, 3)."""
    return (n, n, n) if isinstance(n, int) else tuple(n)


def one(n):
    """A size along a sequence: (3,) -> 3."""
    return n if isinstance(n, int) else n[0]


def check_axes(what, x, count, letters):
    """Refuse images with another number of axes."""
    if len(x.shape) != count:
        raise add_line(ShapeError(f'{what} wants x {letters}, but got {tuple(x.shape)}.'))


# Sequences ---------------------------------------------------------------------------------------

def conv1d(x, W, b=None, stride=1, pad=0, dilate=1, groups=1):
    """Slide each filter along the sequence and take dot products.

    x (N, C, T) sequences   W (O, C / groups, K) filters   b (O) or None   y (N, O, OT)
    OT = (T + 2 pad - (K - 1) dilate - 1) // stride + 1. Raises ShapeError as conv2d does.
    """
    check_axes('conv1d', x, 3, '(N,C,T)')
    y = conv2d(expand_dims(x, 2), expand_dims(W, 2), b, (1, one(stride)), (0, one(pad)),
               (1, one(dilate)), groups)
    return squeeze(y, 2)


def conv_transpose1d(x, W, b=None, stride=1, pad=0, outsize=None, dilate=1, groups=1):
    """Stamp each filter onto a longer sequence: the derivative of conv1d by its sequence.

    x (N, O, OT)   W (O, C / groups, K)   b (C) or None   y (N, C, T)
    T = (OT - 1) stride + (K - 1) dilate + 1 - 2 pad, or `outsize`.
    """
    check_axes('conv_transpose1d', x, 3, '(N,O,OT)')
    y = conv_transpose2d(expand_dims(x, 2), expand_dims(W, 2), b, (1, one(stride)), (0, one(pad)),
                         None if outsize is None else (1, one(outsize)), (1, one(dilate)), groups)
    return squeeze(y, 2)


def max_pool1d(x, ksize, stride=None, pad=0, cover_all=False):
    """y = the largest number of each window of a sequence: x (N, C, T) -> y (N, C, OT)."""
    check_axes('max_pool1d', x, 3, '(N,C,T)')
    stride = ksize if stride is None else stride
    y = max_pool2d(expand_dims(x, 2), (1, one(ksize)), (1, one(stride)), (0, one(pad)), cover_all)
    return squeeze(y, 2)


def avg_pool1d(x, ksize, stride=None, pad=0, cover_all=False):
    """y = the mean of each window of a sequence: x (N, C, T) -> y (N, C, OT). See avg_pool2d."""
    check_axes('avg_pool1d', x, 3, '(N,C,T)')
    stride = ksize if stride is None else stride
    y = avg_pool2d(expand_dims(x, 2), (1, one(ksize)), (1, one(stride)), (0, one(pad)), cover_all)
    return squeeze(y, 2)


# Volumes -----------------------------------------------------------------------------------------

def conv3d(x, W, b=None, stride=1, pad=0, dilate=1, groups=1):
    """Slide each filter through the volume and take dot products.

    x (N, C, D, H, W) volumes   W (O, C / groups, KD, KH, KW) filters   b (O) or None
    y (N, O, OD, OH, OW). stride, pad, dilate: a number, or (depth, height, width).
    Raises ShapeError as conv2d does. (Ji et al. 2010)
    """
    check_axes('conv3d', x, 5, '(N,C,D,H,W)')
    (sd, *stride), (pd, *pad), (dd, *dilate) = triple(stride), triple(pad), triple(dilate)
    if pd:
        x = add_border(x, ((0, 0), (0, 0), (pd, pd), (0, 0), (0, 0)))
    n, c, depth, h, w = x.shape
    o, per_group, kd, kh, kw = W.shape
    od = (depth - (kd - 1) * dd - 1) // sd + 1
    if od < 1:
        raise add_line(ShapeError(f'conv3d: the filter covers {(kd - 1) * dd + 1} planes, but with '
                                  f'its padding the volume has {depth}: not one window fits.'))
    ends = (od - 1) * sd + 1
    planes = [x[:, :, k * dd:k * dd + ends:sd] for k in range(kd)]      # each (N, C, OD, H, W)
    images = transpose(stack(planes, 2), (0, 3, 1, 2, 4, 5))
    images = reshape(images, (n * od, c * kd, h, w))
    y = conv2d(images, reshape(W, (o, per_group * kd, kh, kw)), b, tuple(stride), tuple(pad),
               tuple(dilate), groups)
    return transpose(reshape(y, (n, od, *y.shape[1:])), (0, 2, 1, 3, 4))


def by_planes(pool, x, ksize, stride, pad, **options):
    """Pool height and width, then depth."""
    check_axes(f'{pool.__name__[:-2]}3d', x, 5, '(N,C,D,H,W)')
    (kd, *ksize), (pd, *pad) = triple(ksize), triple(pad)
    sd, *stride = (kd, *ksize) if stride is None else triple(stride)
    n, c, depth, h, w = x.shape
    y = pool(reshape(x, (n, c * depth, h, w)), tuple(ksize), tuple(stride), tuple(pad), **options)
    oh, ow = y.shape[2:]
    y = pool(reshape(y, (n, c, depth, oh * ow)), (kd, 1), (sd, 1), (pd, 0), **options)
    return reshape(y, (*y.shape[:3], oh, ow))


def max_pool3d(x, ksize, stride=None, pad=0, cover_all=False):
    """y = the largest number of each box: x (N, C, D, H, W) -> y (N, C, OD, OH, OW).

    ksize, stride (default: ksize), pad: a number, or (depth, height, width)
    """
    return by_planes(max_pool2d, x, ksize, stride, pad, cover_all=cover_all)


def avg_pool3d(x, ksize, stride=None, pad=0, cover_all=False):
    """y = the mean of each box; padding counts as zero: (N, C, D, H, W) -> (N, C, OD, OH, OW).

    cover_all  as in avg_pool2d
    """
    return by_planes(avg_pool2d, x, ksize, stride, pad, cover_all=cover_all)


def global_max_pool(x):
    """y = the largest number of each channel: x (N, C, ...) -> y (N, C)."""
    return max(x, tuple(range(2, len(x.shape))))


def global_avg_pool(x):
    """y = the mean of each channel: x (N, C, ...) -> y (N, C). (Lin, Chen and Yan 2013)"""
    return mean(x, tuple(range(2, len(x.shape))))


# Each channel by itself --------------------------------------------------------------------------

def depthwise_conv2d(x, W, b=None, stride=1, pad=0):
    """Filters that each see one channel only.

    x (N, C, H, W)   W (M, C, KH, KW): M filters a channel   b (C * M) or None
    y (N, C * M, OH, OW), the M results of a channel beside each other. (Sifre 2014)
    Raises ShapeError if W has not x's channels.
    """
    check_axes('depthwise_conv2d', x, 4, '(N,C,H,W)')
    if x.shape[1] != W.shape[1]:
        raise add_line(ShapeError(f'depthwise_conv2d: x has {x.shape[1]} channels, but W '
                                  f'{tuple(W.shape)} is for {W.shape[1]}.'))
    windows = Windows(W.shape[2:], stride, pad)
    oh, ow = windows.count(x.shape[2:])
    if min(oh, ow) < 1:
        raise add_line(ShapeError(f'depthwise_conv2d: not one window of {windows.ksize} fits x '
                                  f'{tuple(x.shape)} with a padding of {windows.pad}.'))
    (ph, pw), (sh, sw) = windows.pad, windows.stride
    if ph or pw:
        x = add_border(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    filters = transpose(W, (1, 0, 2, 3))
    y = 0
    for i, j in itertools.product(*map(range, windows.ksize)):      # place by place in a window
        pixels = x[:, :, i:i + (oh - 1) * sh + 1:sh, j:j + (ow - 1) * sw + 1:sw]
        y = y + expand_dims(pixels, 2) * filters[:, :, i:i + 1, j:j + 1]
    y = reshape(y, (y.shape[0], y.shape[1] * y.shape[2], oh, ow))
    return y if b is None else y + reshape(b, (1, -1, 1, 1))


def spatial_pyramid_pool(x, height):
    """The largest numbers of 1, 4, 16, ... parts of an image: x (N, C, H, W) -> y (N, F).

    height  levels of the pyramid; level l cuts into 2ˡ by 2ˡ parts, so F = C Σ 4ˡ, whatever H and W
    (He et al. 2014)
    """
    n = x.shape[0]
    levels = []
    for level in range(height):
        parts = 2 ** level
        ksize = [-(-size // parts) for size in x.shape[2:]]
        pad = [(k * parts - size + 1) // 2 for k, size in zip(ksize, x.shape[2:])]
        y = max_pool2d(x, tuple(ksize), None, tuple(pad))
        levels.append(reshape(y[:, :, :parts, :parts], (n, x.shape[1] * parts * parts)))
    return concat(levels, 1)
