"""Convolutional layers."""
from .. import functions as F
from ..initializers import LeCunNormal, Zero, get_initializer
from ..parameter import Parameter
from .link import Link


def sizes(n, axes):
    """A size for each axis: 3 -> (3, 3)."""
    return (n,) * axes if isinstance(n, int) else tuple(n)


class Convolution(Link):
    """What convolutional layers have in common: filters, a bias, and how windows lie.

    axes      of an image: 1 for sequences, 2 for images, 3 for volumes
    convolve  the function of minichain.functions
    """

    axes = 2
    convolve = None

    def __init__(self, n_in, n_out=None, ksize=None, stride=1, pad=0, nobias=False, W=None, b=None,
                 dilate=1, groups=1):
        super().__init__()
        name = type(self).__name__
        if ksize is None:
            n_in, n_out, ksize = None, n_in, n_out
        elif n_out is None:
            n_in, n_out = None, n_in
        if ksize is None:
            raise TypeError(f'{name} needs a kernel size: {name}(16, ksize=3) or {name}(1, 16, 3).')
        self.n_in, self.n_out, self.ksize = n_in, n_out, sizes(ksize, self.axes)
        self.stride, self.pad, self.dilate, self.groups = stride, pad, dilate, groups
        with self.init_scope():
            self.W = Parameter(get_initializer(W, LeCunNormal()),
                               None if n_in is None else self.weight_shape())
            self.b = None if nobias else Parameter(get_initializer(b, Zero()), self.bias_shape())

    def weight_shape(self):
        return (self.n_out, self.n_in // self.groups, *self.ksize)

    def bias_shape(self):
        return (self.n_out,)

    def prepare(self, x):
        """Take the number of channels from the first input."""
        if not self.W.is_initialized:
            self.n_in = x.shape[1]
            self.W.initialize(self.weight_shape())
        if self.b is not None and not self.b.is_initialized:
            self.b.initialize(self.bias_shape())

    def forward(self, x):
        self.prepare(x)
        return self.convolve(x, self.W, self.b, self.stride, self.pad, self.dilate, self.groups)


class Conv2d(Convolution):
    """Filters that slide over images; see `minichain.functions.conv2d`.

    n_in      channels of the input; None, or left out as in Conv2d(16, ksize=3): taken from the
              first input
    n_out     filters, which are the channels of the output
    ksize     height and width of a filter in pixels
    stride, pad, dilate, groups   as in conv2d
    W         initial filters (n_out, n_in / groups, height, width)

    x (N, n_in, H, W) -> y (N, n_out, OH, OW). Raises TypeError without a kernel size.
    """

    convolve = staticmethod(F.conv2d)


class Conv1d(Convolution):
    """Filters that slide along sequences; see `minichain.functions.conv1d`, and Conv2d.

    x (N, n_in, T) -> y (N, n_out, OT). Raises TypeError without a kernel size.
    """

    axes, convolve = 1, staticmethod(F.conv1d)


class Conv3d(Convolution):
    """Filters that slide through volumes; see `minichain.functions.conv3d`, and Conv2d.

    x (N, n_in, D, H, W) -> y (N, n_out, OD, OH, OW). Raises TypeError without a kernel size.
    """

    axes, convolve = 3, staticmethod(F.conv3d)


class ConvTranspose2d(Convolution):
    """Filters that are stamped onto larger images; see `minichain.functions.conv_transpose2d`.

    n_in, n_out, ksize, stride, pad, dilate, groups   as in Conv2d
    outsize   (H, W), where the stride leaves several sizes open
    W         initial filters (n_in, n_out / groups, height, width)

    x (N, n_in, OH, OW) -> y (N, n_out, H, W)
    """

    convolve = staticmethod(F.conv_transpose2d)

    def __init__(self, n_in, n_out=None, ksize=None, stride=1, pad=0, nobias=False, outsize=None,
                 W=None, b=None, dilate=1, groups=1):
        super().__init__(n_in, n_out, ksize, stride, pad, nobias, W, b, dilate, groups)
        self.outsize = outsize

    def weight_shape(self):
        return (self.n_in, self.n_out // self.groups, *self.ksize)

    def forward(self, x):
        self.prepare(x)
        return self.convolve(x, self.W, self.b, self.stride, self.pad, self.outsize, self.dilate,
                             self.groups)


class ConvTranspose1d(ConvTranspose2d):
    """Filters that are stamped onto longer sequences; see ConvTranspose2d.

    x (N, n_in, OT) -> y (N, n_out, T)
    """

    axes, convolve = 1, staticmethod(F.conv_transpose1d)


class DepthwiseConv2d(Convolution):
    """Filters that each see one channel only; see `minichain.functions.depthwise_conv2d`.

    n_in        channels; None: taken from the first input
    multiplier  filters for each channel
    W           initial filters (multiplier, n_in, height, width)

    x (N, n_in, H, W) -> y (N, n_in * multiplier, OH, OW)
    """

    def __init__(self, n_in, multiplier, ksize, stride=1, pad=0, nobias=False, W=None, b=None):
        super().__init__(n_in, multiplier, ksize, stride, pad, nobias, W, b)

    def weight_shape(self):
        return (self.n_out, self.n_in, *self.ksize)

    def bias_shape(self):
        return None if self.n_in is None else (self.n_in * self.n_out,)

    def forward(self, x):
        self.prepare(x)
        return F.depthwise_conv2d(x, self.W, self.b, self.stride, self.pad)
