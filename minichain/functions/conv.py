"""Convolution of images: three operations that are each other's derivatives.

Each is linear in both inputs, so the gradient of one by one input is another of the three:

    conv2d(x, W) -> y        conv_transpose2d(y, W) -> x        conv2d_weight(x, y) -> W

A window of the image becomes a column, all columns a matrix, and convolution one matrix product.
"""
import numpy as np

from ..config import config
from ..errors import ShapeError
from ..explain import add_line, axes_in_words
from ..function import Function
from . import columns, lowering


def pair(n):
    """A size for height and width: 3 -> (3, 3)."""
    return (n, n) if isinstance(n, (int, np.integer)) else tuple(n)


class Windows:
    """How windows lie over an image: kernel, stride, padding, dilation; each (height, width)."""

    def __init__(self, ksize, stride, pad, dilate=1):
        self.ksize, self.stride = pair(ksize), pair(stride)
        self.pad, self.dilate = pair(pad), pair(dilate)
        if min(*self.ksize, *self.stride, *self.dilate) < 1 or min(self.pad) < 0:
            raise add_line(ShapeError(f'A window needs a size, a stride and a dilation of 1 or '
                                      f'more and a padding of 0 or more, but got {self.ksize}, '
                                      f'{self.stride}, {self.dilate} and {self.pad}.'))

    def reach(self):
        """Pixels from a window's first to its last, both included."""
        return tuple([(k - 1) * d + 1 for k, d in zip(self.ksize, self.dilate)])

    def count(self, size, cover_all=False):
        """How many windows fit a (height, width). With cover_all, every pixel is in one."""
        return tuple([(n + 2 * p - k + (s - 1 if cover_all else 0)) // s + 1 for n, p, k, s in
                      zip(size, self.pad, self.reach(), self.stride)])

    def size(self, count):
        """The (height, width) that so many windows just cover."""
        return tuple([(n - 1) * s + k - 2 * p for n, p, k, s in
                      zip(count, self.pad, self.reach(), self.stride)])

    def view(self, xp, x, count, fill=0):
        """All windows of images x (N, C, H, W), as a view (N, C, KH, KW, OH, OW): nothing is copied
        but for padding."""
        (kh, kw), (sh, sw), (dh, dw) = self.ksize, self.stride, self.dilate
        (oh, ow), (ph, pw) = count, self.pad
        need = [(n - 1) * s + k for n, s, k in zip(count, self.stride, self.reach())]
        more = [max(want - size - 2 * p, 0) for want, size, p in zip(need, x.shape[2:], self.pad)]
        if ph or pw or any(more):
            x = xp.pad(x, ((0, 0), (0, 0), (ph, ph + more[0]), (pw, pw + more[1])),
                       mode='constant', constant_values=fill)
        n, c, h, w = x.strides
        return xp.lib.stride_tricks.as_strided(
            x, (*x.shape[:2], kh, kw, oh, ow), (n, c, h * dh, w * dw, h * sh, w * sw))

    def add_up(self, xp, columns, size):
        """The opposite of `view`: every window's numbers added at its place of an image.

        columns (N, C, KH, KW, OH, OW) -> (N, C, H, W)"""
        n, c, kh, kw, oh, ow = columns.shape
        (sh, sw), (dh, dw), (ph, pw) = self.stride, self.dilate, self.pad
        height = max(size[0] + 2 * ph, (oh - 1) * sh + self.reach()[0])
        width = max(size[1] + 2 * pw, (ow - 1) * sw + self.reach()[1])
        image = xp.zeros((n, c, height, width), columns.dtype)
        for i in range(kh):
            for j in range(kw):
                top, left = i * dh, j * dw
                image[:, :, top:top + oh * sh:sh, left:left + ow * sw:sw] += columns[:, :, i, j]
        return image[:, :, ph:ph + size[0], pw:pw + size[1]]


class Convolution(Function):
    """What the three have in common: the windows, the image's (height, width), and into how many
    groups the channels are cut, each with filters of its own."""

    keeps, symbol = 'others', 'conv'

    def __init__(self, windows, size, groups):
        self.windows, self.size, self.groups = windows, size, groups
        if groups > 1:          # a filter sees D of the C channels, those of its group
            self.shapes = self.shapes.replace('C,KH', 'D,KH')


class Conv2d(Convolution):
    """Slide each filter over the image and take dot products"""

    shapes = '(N,C,H,W) (O,C,KH,KW) (O) -> (N,O,OH,OW)'

    def forward(self, x, W, b):
        count = self.windows.count(self.size)
        if self.xp is np:
            return lowering.in_groups(
                self.groups, lambda *arrays: lowering.conv(*arrays, self.windows, count,
                                                           config.winograd),
                ((x, 1), (W, 0), (b, 0)), 1)
        return columns.conv(x, W, b, self.windows, count, self.groups)

    def backward(self, gy):
        x, W, _ = self.x
        for_x, for_W, for_b = self.edges
        place = self.windows, self.size, self.groups
        return (None if for_x is None else ConvTranspose2d(*place).apply(gy, W, None),
                None if for_W is None else Conv2dWeight(*place).apply(x, gy),
                None if for_b is None else gy.sum((0, 2, 3)))


class ConvTranspose2d(Convolution):
    """Stamp each filter onto the image, as strongly as the input says"""

    shapes = '(N,O,OH,OW) (O,C,KH,KW) (C) -> (N,C,H,W)'
    symbol = 'convᵀ'

    def forward(self, x, W, b):
        if self.xp is np:
            y = lowering.in_groups(
                self.groups, lambda *arrays: lowering.conv_transpose(
                    *arrays, self.windows, self.size, config.winograd),
                ((x, 1), (W, 0)), 1)
        else:
            y = columns.conv_transpose(x, W, self.windows, self.size, self.groups)
        if b is None:
            return y
        if b.shape != y.shape[1:2]:
            raise ValueError(f'b has {b.shape}, but {y.shape[1:2]} is needed')
        return y + b[:, None, None]

    def backward(self, gy):
        x, W, _ = self.x
        for_x, for_W, for_b = self.edges
        place = self.windows, self.size, self.groups
        return (None if for_x is None else Conv2d(*place).apply(gy, W, None),
                None if for_W is None else Conv2dWeight(*place).apply(gy, x),
                None if for_b is None else gy.sum((0, 2, 3)))


class Conv2dWeight(Convolution):
    """Which filter makes the output most like gy: the gradient of conv2d by its filters"""

    shapes = '(N,C,H,W) (N,O,OH,OW) -> (O,C,KH,KW)'
    label, symbol = 'conv2d_weight', 'conv W'

    def forward(self, x, gy):
        if self.xp is np:
            return lowering.in_groups(
                self.groups, lambda *arrays: lowering.conv_weight(*arrays, self.windows,
                                                                  config.winograd),
                ((x, 1), (gy, 1)), 0)
        return columns.conv_weight(x, gy, self.windows, self.groups)

    def backward(self, gW):
        x, gy = self.x
        for_x, for_gy = self.edges
        place = self.windows, self.size, self.groups
        return (None if for_x is None else ConvTranspose2d(*place).apply(gy, gW, None),
                None if for_gy is None else Conv2d(*place).apply(x, gW, None))


def conv2d(x, W, b=None, stride=1, pad=0, dilate=1, groups=1):
    """Slide each filter over the image and take dot products (a cross-correlation).

    x (N, C, H, W) images   W (O, C / groups, KH, KW) filters   b (O) or None   y (N, O, OH, OW)
    y[n, o, i, j] = b[o] + Σ_ckl x[n, c, i * stride + k * dilate - pad, ...] * W[o, c, k, l]
    OH = (H + 2 pad - (KH - 1) dilate - 1) // stride + 1
    stride, pad, dilate in pixels: a number, or (height, width). Raises ShapeError if channels do
    not fit or no window does. (LeCun et al. 1989)
    """
    check_groups(x, W, groups)
    if len(x.shape) != 4 or len(W.shape) != 4 or x.shape[1] != W.shape[1] * groups:
        raise wrong_shapes('conv2d', Conv2d.shapes, x, W, 1, groups)
    windows = Windows(W.shape[2:], stride, pad, dilate)
    if min(windows.count(x.shape[2:])) < 1:
        raise add_line(ShapeError(
            f'conv2d: the filter covers {windows.reach()} pixels, but the image has '
            f'{tuple(x.shape[2:])} and a padding of {windows.pad}: not one window fits.'))
    return Conv2d(windows, tuple(x.shape[2:]), groups).apply(x, W, b)


def conv_transpose2d(x, W, b=None, stride=1, pad=0, outsize=None, dilate=1, groups=1):
    """Stamp each filter onto a larger image: the derivative of conv2d by its image.

    x (N, O, OH, OW)   W (O, C / groups, KH, KW)   b (C) or None   y (N, C, H, W)
    H = (OH - 1) stride + (KH - 1) dilate + 1 - 2 pad, or `outsize` (height, width).
    Raises ShapeError if channels, groups or `outsize` do not fit.
    (Zeiler et al. 2010; also called deconvolution)
    """
    check_groups(x, W, groups)
    if len(x.shape) != 4 or len(W.shape) != 4 or x.shape[1] != W.shape[0]:
        raise wrong_shapes('conv_transpose2d', ConvTranspose2d.shapes, x, W, 0)
    windows = Windows(W.shape[2:], stride, pad, dilate)
    size = windows.size(x.shape[2:]) if outsize is None else pair(outsize)
    if windows.count(size) != tuple(x.shape[2:]):
        raise add_line(ShapeError(
            f'conv_transpose2d: an image of {size} has {windows.count(size)} windows, but x has '
            f'{tuple(x.shape[2:])}.'))
    return ConvTranspose2d(windows, size, groups).apply(x, W, b)


def check_groups(x, W, groups):
    """Refuse channels and filters that do not divide into so many groups."""
    if groups != 1 and (groups < 1 or x.shape[1] % groups or W.shape[0] % groups):
        raise add_line(ShapeError(f'groups: {x.shape[1]} channels and {W.shape[0]} filters do not '
                                  f'divide into {groups} groups.'))


def wrong_shapes(what, shapes, x, W, axis, groups=1):
    """The ShapeError for images and filters that do not fit each other."""
    if len(x.shape) != 4:
        why = f'x has {axes_in_words(len(x.shape))} but needs 4, (N,C,H,W)'
        if len(x.shape) == 3:
            why += '; a single channel is x[:, None]'
    elif len(W.shape) != 4:
        why = f'W has {axes_in_words(len(W.shape))} but needs 4, (O,C,KH,KW)'
    else:
        why = f'x has {x.shape[1]} channels, but the filters have {W.shape[axis]}'
        if groups > 1:
            why += f' for each of {groups} groups'
    return add_line(ShapeError(f'{what} wants {shapes}, but got x {tuple(x.shape)}, '
                               f'W {tuple(W.shape)}: {why}.'))
