"""Chainer's links, with its arguments, its order of drawing initial weights and its names."""
import numpy as np

from .. import functions as core, links as L
from ..config import config
from . import operations as F, windows
from .configuration import get_dtype
from .initializers import LeCunNormal, Normal, One, Zero, filled, get_initializer
from .link import Chain, Link
from .variable import Parameter


class Linear(Link, L.Linear):
    """y = x Wᵀ + b. See minichain.links.Linear."""

    def __init__(self, in_size, out_size=None, nobias=False, initialW=None, initial_bias=None):
        L.Linear.__init__(self, in_size, out_size, nobias, filled(initialW, LeCunNormal()),
                          filled(initial_bias, 0.0))

    in_size = property(lambda self: self.n_in, doc='Numbers an example.')
    out_size = property(lambda self: self.n_out, doc='Numbers of the output.')


class EmbedID(Link, L.EmbedID):
    """A table with a row for each whole number."""

    def __init__(self, in_size, out_size, initialW=None, ignore_label=None):
        L.EmbedID.__init__(self, in_size, out_size, filled(initialW, Normal(1.0)), ignore_label)


class Convolving(Link):
    """What Chainer's convolutions have in common; see minichain.links.Conv2d."""

    ours, cover_all = None, False
    out_channels = property(lambda self: self.n_out, doc='Filters.')
    in_channels = property(lambda self: self.n_in, doc='Channels of the input.')

    def __init__(self, in_channels, out_channels, ksize=None, stride=1, pad=0, nobias=False,
                 initialW=None, initial_bias=None, cover_all=False, *, dilate=1, groups=1):
        self.ours.__init__(self, in_channels, out_channels, ksize, stride, pad, nobias,
                           filled(initialW, LeCunNormal()), filled(initial_bias, 0.0),
                           dilate, groups)
        self.cover_all = cover_all

    def convolve(self, x, W, b, stride, pad, dilate, groups):
        return windows.convolution_nd(x, W, b, stride, pad, self.cover_all, dilate, groups)


class Convolution1D(Convolving, L.Conv1d):
    """Filters that slide along sequences."""

    ours = L.Conv1d


class Convolution2D(Convolving, L.Conv2d):
    """Filters that slide over images."""

    ours = L.Conv2d


class Convolution3D(Convolving, L.Conv3d):
    """Filters that slide through volumes."""

    ours = L.Conv3d


class DilatedConvolution2D(Convolution2D):
    """Filters with gaps."""

    def __init__(self, in_channels, out_channels, ksize=None, stride=1, pad=0, dilate=1,
                 nobias=False, initialW=None, initial_bias=None):
        super().__init__(in_channels, out_channels, ksize, stride, pad, nobias, initialW,
                         initial_bias, dilate=dilate)


class Deconvolving(Link):
    """What Chainer's deconvolutions have in common; see minichain.links.ConvTranspose2d."""

    ours = None

    def __init__(self, in_channels, out_channels, ksize=None, stride=1, pad=0, nobias=False,
                 outsize=None, initialW=None, initial_bias=None, *, dilate=1, groups=1):
        self.ours.__init__(self, in_channels, out_channels, ksize, stride, pad, nobias, outsize,
                           filled(initialW, LeCunNormal()), filled(initial_bias, 0.0),
                           dilate, groups)


class Deconvolution1D(Deconvolving, L.ConvTranspose1d):
    """Filters that are stamped onto longer sequences."""

    ours = L.ConvTranspose1d


class Deconvolution2D(Deconvolving, L.ConvTranspose2d):
    """Filters that are stamped onto larger images."""

    ours = L.ConvTranspose2d


CONVOLUTIONS = {1: Convolution1D, 2: Convolution2D, 3: Convolution3D}
DECONVOLUTIONS = {1: Deconvolution1D, 2: Deconvolution2D}


def ConvolutionND(ndim, *args, **options):
    """A convolution of this number of axes."""
    return CONVOLUTIONS[ndim](*args, **options)


def DeconvolutionND(ndim, *args, **options):
    """A deconvolution of one or two axes."""
    if ndim not in DECONVOLUTIONS:
        raise NotImplementedError(f'Deconvolution of {ndim} axes is not supported: use '
                                  'F.repeat and ConvolutionND.')
    return DECONVOLUTIONS[ndim](*args, **options)


class DepthwiseConvolution2D(Link, L.DepthwiseConv2d):
    """Filters that each see one channel only."""

    def __init__(self, in_channels, channel_multiplier, ksize, stride=1, pad=0, nobias=False,
                 initialW=None, initial_bias=None):
        L.DepthwiseConv2d.__init__(self, in_channels, channel_multiplier, ksize, stride, pad,
                                   nobias, filled(initialW, LeCunNormal()),
                                   filled(initial_bias, 0.0))


class Bias(Link, L.Bias):
    """y = x + b, with one number for each place along some axes."""


class Scale(Link, L.Scale):
    """y = x W + b, with one number for each place along some axes. Without W_shape it takes two
    inputs, (x, W)."""

    def __init__(self, axis=1, W_shape=None, bias_term=False, bias_shape=None):
        Link.__init__(self)
        self.axis = axis
        with self.init_scope():
            self.W = None if W_shape is None else Parameter(1.0, W_shape)
            self.bias = Bias(axis, W_shape or bias_shape) if bias_term else None

    def forward(self, *xs):
        x, W = (xs[0], self.W) if self.W is not None else xs
        y = F.scale(x, W, self.axis)
        return y if self.bias is None else self.bias(y)


class Bilinear(Link, L.Bilinear):
    """Products of all pairs of numbers of two inputs."""

    def __init__(self, left_size, right_size, out_size, nobias=False, initialW=None,
                 initial_bias=None):
        Link.__init__(self)
        first, second, shift = initial_bias or (None, None, 0)
        with self.init_scope():
            self.W = Parameter(get_initializer(initialW), (left_size, right_size, out_size))
            self.V1 = self.V2 = self.b = None
            if not nobias:
                self.V1 = Parameter(get_initializer(first), (left_size, out_size))
                self.V2 = Parameter(get_initializer(second), (right_size, out_size))
                self.b = Parameter(shift, (out_size,))

    def forward(self, e1, e2):
        return F.bilinear(e1, e2, self.W, self.V1, self.V2, self.b)


class PReLU(Link, L.PReLU):
    """relu with a slope for negative numbers that is learnt."""


class Swish(Link):
    """x sigmoid(beta x), with a beta that is learnt; beta_shape None: one a channel."""

    def __init__(self, beta_shape, beta_init=1.0):
        super().__init__()
        with self.init_scope():
            self.beta = Parameter(beta_init, beta_shape)

    def forward(self, x):
        if not self.beta.is_initialized:
            self.beta.initialize(x.shape[1:])
        return F.swish(x, self.beta)


class Maxout(Chain):
    """The largest of several linear layers."""

    def __init__(self, in_size, out_size, pool_size, initialW=None, initial_bias=0):
        super().__init__()
        self.pool_size = pool_size
        with self.init_scope():
            self.linear = Linear(in_size, out_size * pool_size, initial_bias is None, initialW,
                                 initial_bias)

    def forward(self, x):
        return core.maxout(self.linear(x), self.pool_size)


class Highway(Chain):
    """A gate between a layer and a shortcut. (Srivastava, Greff and Schmidhuber 2015)"""

    def __init__(self, in_out_size, nobias=False, activate=core.relu, init_Wh=None, init_Wt=None,
                 init_bh=None, init_bt=-1):
        super().__init__()
        self.activate = activate
        with self.init_scope():
            self.plain = Linear(in_out_size, in_out_size, nobias, init_Wh, init_bh)
            self.transform = Linear(in_out_size, in_out_size, nobias, init_Wt, init_bt)

    def forward(self, x):
        gate = core.sigmoid(self.transform(x))
        return self.activate(self.plain(x)) * gate + x * (1 - gate)


class ParameterLink(Link):
    """L.Parameter: a link that is nothing but one parameter, W."""

    def __init__(self, array):
        super().__init__()
        with self.init_scope():
            self.W = Parameter(array)

    def forward(self, volatile=None):
        return self.W


class Classifier(Chain, L.Classifier):
    """Calls a network, and compares what it says with the right answers."""

    def __init__(self, predictor, lossfun=F.softmax_cross_entropy, accfun=F.accuracy, label_key=-1):
        L.Classifier.__init__(self, predictor, lossfun, accfun, label_key)


# Normalization -----------------------------------------------------------------------------------

class BatchNormalization(Link):
    """Each channel to mean 0 and variance 1, then scaled by gamma and shifted by beta.

    size  channels, or the shape of what is not averaged over; None: taken from the first input
    axis  what to average over; None: all but the channels, axis 1
    """

    def __init__(self, size=None, decay=0.9, eps=2e-5, dtype=None, use_gamma=True, use_beta=True,
                 initial_gamma=None, initial_beta=None, axis=None, initial_avg_mean=None,
                 initial_avg_var=None):
        super().__init__()
        self.decay, self.eps = decay, eps
        self.axis = (axis,) if isinstance(axis, int) else axis
        self.highprec_dtype = get_dtype(dtype, np.float32)
        self.first_mean = filled(initial_avg_mean, 0.0)
        self.first_var = filled(initial_avg_var, 1.0)
        size = (size,) if isinstance(size, int) else size
        with self.init_scope():
            gamma = One(self.highprec_dtype) if initial_gamma is None else initial_gamma
            self.gamma = Parameter(gamma, size) if use_gamma else None
            beta = Zero(self.highprec_dtype) if initial_beta is None else initial_beta
            self.beta = Parameter(beta, size) if use_beta else None
        self.avg_mean = self.avg_var = None
        self.N = 0
        if size is not None:
            self.begin(size)
        for name in ('avg_mean', 'avg_var', 'N'):
            self.register_persistent(name)

    def begin(self, size):
        """Have running statistics of this shape."""
        xp, dtype = self.xp, self.highprec_dtype
        self.avg_mean = xp.asarray(self.first_mean(size).astype(dtype))
        self.avg_var = xp.asarray(self.first_var(size).astype(dtype))

    def shape_of(self, x):
        """What is not averaged over."""
        axis = (0, *range(2, len(x.shape))) if self.axis is None else self.axis
        return tuple([n for i, n in enumerate(x.shape) if i not in axis])

    def forward(self, x, finetune=False):
        if self.avg_mean is None:
            self.begin(self.shape_of(x))
        shape = self.avg_mean.shape
        for param in (self.gamma, self.beta):
            if param is not None and not param.is_initialized:
                param.initialize(shape)
        xp, dtype = self.xp, self.highprec_dtype
        gamma = xp.ones(shape, dtype) if self.gamma is None else self.gamma
        beta = xp.zeros(shape, dtype) if self.beta is None else self.beta
        if not config.train:
            return windows.fixed_batch_normalization(x, gamma, beta, self.avg_mean, self.avg_var,
                                                     self.eps, self.axis)
        decay = self.decay
        if finetune:
            self.N += 1
            decay = 1 - 1 / self.N
        return windows.batch_normalization(x, gamma, beta, self.eps, self.avg_mean, self.avg_var,
                                           decay, self.axis)

    def start_finetuning(self):
        """Begin the mean of statistics anew, for calls with finetune=True."""
        self.N = 0


class LayerNormalization(Link, L.LayerNorm):
    """Each example to mean 0 and variance 1, then scaled by gamma and shifted by beta."""

    def __init__(self, size=None, eps=1e-6, initial_gamma=None, initial_beta=None):
        L.LayerNorm.__init__(self, size, eps, filled(initial_gamma, 1.0), filled(initial_beta, 0.0))


class GroupNormalization(Link, L.GroupNorm):
    """Groups of channels to mean 0 and variance 1, each example by itself."""

    def __init__(self, groups, size=None, eps=1e-5, initial_gamma=None, initial_beta=None):
        L.GroupNorm.__init__(self, groups, size, eps, filled(initial_gamma, 1.0),
                             filled(initial_beta, 0.0))
