"""Chainer's distributions: minichain's, with its arguments, its random numbers and its methods."""
import math

import numpy as np

from .. import distributions as core, functions as F
from .variable import Variable


class Bernoulli(core.Bernoulli):
    """1 with the probability p, or sigmoid(logit); else 0."""

    def __init__(self, p=None, logit=None, binary_check=False):
        super().__init__(p, logit)

    def draw(self, shape):
        drawn = np.random.binomial(1, self.p.numpy(), shape)
        return Variable(self.p.xp.asarray(drawn.astype(self.p.dtype)), requires_grad=False)


class Categorical(core.Categorical):
    """A whole number, each with a probability of its own."""

    def __init__(self, p=None, *, logit=None):
        super().__init__(p, logit)

    def draw(self, shape):
        rows = self.p.numpy().reshape(-1, self.p.shape[-1])
        count = math.prod(shape) // max(len(rows), 1)
        drawn = [np.random.choice(rows.shape[1], count, p=row) for row in rows]
        drawn = np.stack(drawn, 1).reshape(shape).astype('int32')
        return Variable(self.p.xp.asarray(drawn), requires_grad=False)


class Independent(core.Independent):
    """A batch of distributions as one of several numbers."""

    def __init__(self, distribution, reinterpreted_batch_ndims=None):
        super().__init__(distribution, reinterpreted_batch_ndims)


for ours in (Bernoulli, Categorical, Independent):
    formula = core.DIVERGENCES[ours.__base__, ours.__base__]
    for pair in ((ours, ours), (ours, ours.__base__), (ours.__base__, ours)):
        core.register_kl(*pair)(formula)


def cross_entropy(dist1, dist2):
    """-∫ p ln q"""
    return core.kl_divergence(dist1, dist2) + dist1.entropy


def sample_n(distribution, n):
    """So many samples."""
    return distribution.sample((n,))


def survival_function(distribution, x):
    """The probability of a sample above x."""
    return 1 - distribution.cdf(x)


METHODS = {
    'sample_n': sample_n, 'survival_function': survival_function,
    'log_cdf': lambda distribution, x: F.log(distribution.cdf(x)),
    'log_survival_function': lambda distribution, x: F.log(survival_function(distribution, x)),
    'perplexity': property(lambda distribution: F.exp(distribution.entropy),
                           doc='e to the power of the entropy.'),
    'xp': property(lambda distribution: distribution.mean.xp, doc='numpy or cupy.'),
}
