"""Convolutional layers."""
from .. import functions as F
from ..functions.conv import pair
from ..initializers import LeCunNormal, Zero, get_initializer
from ..variable import Parameter
from .link import Link


class Conv2d(Link):
    """Filters that slide over images; see `minichain.functions.conv2d`.

    n_in      channels of the input; None, or left out as in Conv2d(16, ksize=3): taken from the
              first input
    n_out     filters, which are the channels of the output
    ksize     height and width of a filter in pixels
    stride, pad, dilate, groups   as in conv2d
    W         initial filters (n_out, n_in / groups, height, width)

    x (N, n_in, H, W) -> y (N, n_out, OH, OW)
    """

    def __init__(self, n_in, n_out=None, ksize=None, stride=1, pad=0, nobias=False, W=None, b=None,
                 dilate=1, groups=1):
        super().__init__()
        if ksize is None:
            n_in, n_out, ksize = None, n_in, n_out
        elif n_out is None:
            n_in, n_out = None, n_in
        if ksize is None:
            raise TypeError('Conv2d needs a kernel size: Conv2d(16, ksize=3) or Conv2d(1, 16, 3).')
        self.n_in, self.n_out, self.ksize = n_in, n_out, pair(ksize)
        self.stride, self.pad, self.dilate, self.groups = stride, pad, dilate, groups
        with self.init_scope():
            self.W = Parameter(get_initializer(W, LeCunNormal()),
                               None if n_in is None else self.weight_shape())
            self.b = None if nobias else Parameter(get_initializer(b, Zero()), (n_out,))

    def weight_shape(self):
        return (self.n_out, self.n_in // self.groups, *self.ksize)

    def forward(self, x):
        if not self.W.is_initialized:
            self.n_in = x.shape[1]
            self.W.initialize(self.weight_shape())
        return F.conv2d(x, self.W, self.b, self.stride, self.pad, self.dilate, self.groups)
