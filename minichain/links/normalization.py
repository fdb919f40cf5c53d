"""Normalizing layers."""
import numpy as np

from .. import functions as F
from ..config import config
from ..functions.normalization import BatchNorm as BatchNormFunction, check_batch
from ..initializers import One, Zero, get_initializer
from ..parameter import Parameter
from .link import Link


class BatchNorm(Link):
    """Each channel to mean 0 and variance 1, then scaled by gamma and shifted by beta.

    In training, mean and variance are the batch's, and running ones are kept: new = decay * old +
    (1 - decay) * batch's, with the unbiased variance. In `test_mode` the running ones are used.

    size   channels; None: taken from the first input
    x (N, size) or (N, size, H, W) -> y as x. (Ioffe and Szegedy 2015)
    """

    def __init__(self, size=None, decay=0.9, eps=2e-5, gamma=None, beta=None):
        super().__init__()
        self.decay, self.eps = decay, eps
        shape = None if size is None else (size,)
        with self.init_scope():
            self.gamma = Parameter(get_initializer(gamma, One()), shape)
            self.beta = Parameter(get_initializer(beta, Zero()), shape)
        self.add_persistent('avg_mean', np.zeros(size or 0, 'float32'))
        self.add_persistent('avg_var', np.ones(size or 0, 'float32'))
        self.add_persistent('N', 0)

    def forward(self, x):
        if not self.gamma.is_initialized:
            size = (x.shape[1],)
            self.gamma.initialize(size)
            self.beta.initialize(size)
            self.avg_mean = self.xp.zeros(size, 'float32')
            self.avg_var = self.xp.ones(size, 'float32')
        if not config.train:
            mean, var = (v.astype(x.dtype) for v in (self.avg_mean, self.avg_var))
            return F.fixed_batch_norm(x, self.gamma, self.beta, mean, var, self.eps)
        check_batch(x, self.gamma, self.beta)
        operation = BatchNormFunction(self.eps)
        y = operation.apply(x, self.gamma, self.beta)
        if config.again:
            return y
        count = x.size // max(x.shape[1], 1)
        self.N += 1
        self.avg_mean = self.blend(self.avg_mean, operation.mean)
        self.avg_var = self.blend(self.avg_var, operation.var * (count / max(count - 1, 1)))
        return y

    def blend(self, old, new):
        """The running statistics with one more batch's."""
        return old * self.decay + new.astype(old.dtype) * (1 - self.decay)


class LayerNorm(Link):
    """Each example to mean 0 and variance 1, then scaled by gamma and shifted by beta.

    size   length of the last axis, or a tuple for several axes; None: taken from the first input
    x (N, ..., size) -> y as x. (Ba, Kiros and Hinton 2016)
    """

    def __init__(self, size=None, eps=1e-5, gamma=None, beta=None):
        super().__init__()
        self.eps = eps
        shape = size if size is None or isinstance(size, tuple) else (size,)
        with self.init_scope():
            self.gamma = Parameter(get_initializer(gamma, One()), shape)
            self.beta = Parameter(get_initializer(beta, Zero()), shape)

    def forward(self, x):
        if not self.gamma.is_initialized:
            self.gamma.initialize(x.shape[-1:])
            self.beta.initialize(x.shape[-1:])
        return F.layer_norm(x, self.gamma, self.beta, self.eps)


class GroupNorm(Link):
    """Groups of channels to mean 0 and variance 1, each example by itself, scaled and shifted.

    groups  how many; size channels divide into them   size  None: taken from the first input
    x (N, size, ...) -> y as x. (Wu and He 2018)
    """

    def __init__(self, groups, size=None, eps=1e-5, gamma=None, beta=None):
        super().__init__()
        self.groups, self.eps = groups, eps
        shape = None if size is None else (size,)
        with self.init_scope():
            self.gamma = Parameter(get_initializer(gamma, One()), shape)
            self.beta = Parameter(get_initializer(beta, Zero()), shape)

    def forward(self, x):
        if not self.gamma.is_initialized:
            self.gamma.initialize((x.shape[1],))
            self.beta.initialize((x.shape[1],))
        return F.group_norm(x, self.groups, self.gamma, self.beta, self.eps)
