"""Probability distributions whose parameters can be learnt: sampling, densities, entropies.

    q = Normal(mean, log_scale=ln_scale)        # parameters: Variables or arrays
    z = q.sample()                              # gradients flow through a sample where they can
    loss = -p.log_prob(z) + kl_divergence(q, Normal(0 * mean, 1))

Every distribution of an array of parameters is a batch of them: `batch_shape` is its shape, and
`event_shape` that of what one of them gives, () unless it is an Independent.
"""
import math

import numpy as np

from . import functions as F
from .backend import get_array_module
from .errors import ShapeError
from .randomness import generator
from .variable import Variable


def variable(x, like=None):
    """A parameter as a Variable; a number gets the type, the device and the shape of `like`."""
    if isinstance(x, Variable):
        return x
    if like is not None and isinstance(x, (int, float)):
        return Variable(like.xp.full_like(like.data, x), requires_grad=False)
    return Variable(x, requires_grad=False)


def pair(a, b):
    """Two parameters as Variables of the same shape."""
    if isinstance(a, (int, float)) and not isinstance(b, (int, float)):
        b = variable(b)
        return variable(a, b), b
    a = variable(a)
    b = variable(b, a)
    shape = np.broadcast_shapes(a.shape, b.shape)
    return F.broadcast_to(a, shape), F.broadcast_to(b, shape)


def one_of(kind, **given):
    """The name of the one parameter that was given. TypeError if it is none, or both."""
    names = [name for name, value in given.items() if value is not None]
    if len(names) != 1:
        raise TypeError(f'{kind} takes either {" or ".join(given)}, but got '
                        f'{" and ".join(names) or "neither"}.')
    return names[0]


def drawn(like, draw, shape):
    """Random numbers of NumPy on the device and of the type of a Variable."""
    return like.xp.asarray(draw(shape).astype(like.dtype))


class Distribution:
    """What all distributions have. Say in a subclass `batch_shape`, `draw` and `log_prob`."""

    event_shape = ()

    def sample(self, shape=()):
        """So many samples, of the shape (*shape, *batch_shape, *event_shape)."""
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        return self.draw((*shape, *self.batch_shape))

    def prob(self, x):
        """The probability, or the density, of x."""
        return F.exp(self.log_prob(x))

    @property
    def stddev(self):
        """The standard deviation."""
        return F.sqrt(self.variance)

    def __repr__(self):
        event = f', events {self.event_shape}' if self.event_shape else ''
        return f'{type(self).__name__}(batch {self.batch_shape}{event})'


class Normal(Distribution):
    """Normal distributions: p(x) = exp(-(x - loc)² / 2 scale²) / (scale √2π).

    loc               the mean
    scale, log_scale  the standard deviation, or its logarithm: one of them

    Gradients flow through samples. (Kingma and Welling 2013)
    """

    def __init__(self, loc, scale=None, log_scale=None):
        which = one_of('Normal', scale=scale, log_scale=log_scale)
        self.loc, given = pair(loc, scale if which == 'scale' else log_scale)
        self.scale = given if which == 'scale' else F.exp(given)
        self._log_scale = None if which == 'scale' else given

    batch_shape = property(lambda self: self.loc.shape, doc='Shape of the parameters.')
    mean = property(lambda self: self.loc, doc='The mean.')
    variance = property(lambda self: F.square(self.scale), doc='The variance.')
    entropy = property(lambda self: self.log_scale + 0.5 * math.log(2 * math.pi * math.e),
                       doc='How uncertain a sample is: -∫ p ln p.')

    @property
    def log_scale(self):
        """The logarithm of the standard deviation."""
        return F.log(self.scale) if self._log_scale is None else self._log_scale

    def draw(self, shape):
        return self.loc + self.scale * drawn(self.loc, generator().standard_normal, shape)

    def log_prob(self, x):
        """ln p(x)"""
        return -0.5 * F.square((x - self.loc) / self.scale) - self.log_scale - 0.5 * math.log(
            2 * math.pi)

    def cdf(self, x):
        """The probability of a sample below x."""
        return 0.5 * F.erfc((self.loc - x) / (self.scale * math.sqrt(2)))


class Uniform(Distribution):
    """All numbers between two bounds alike: p(x) = 1 / (high - low) between them, else 0.

    low, high   the bounds; or, in their place,
    loc, scale  the lower bound and the distance to the upper one

    Gradients flow through samples.
    """

    def __init__(self, *, low=None, high=None, loc=None, scale=None):
        which = one_of('Uniform', low=low, loc=loc)
        if (high is None) == (which == 'low') or (scale is None) == (which == 'loc'):
            raise TypeError('Uniform takes low and high, or loc and scale.')
        if which == 'low':
            self.low, self.high = pair(low, high)
        else:
            self.low, scale = pair(loc, scale)
            self.high = self.low + scale

    batch_shape = property(lambda self: self.low.shape, doc='Shape of the parameters.')
    loc = property(lambda self: self.low, doc='The lower bound.')
    scale = property(lambda self: self.high - self.low, doc='The distance of the bounds.')
    mean = property(lambda self: (self.low + self.high) * 0.5, doc='The mean.')
    variance = property(lambda self: F.square(self.scale) * (1 / 12), doc='The variance.')
    entropy = property(lambda self: F.log(self.scale), doc='How uncertain a sample is.')

    def draw(self, shape):
        return self.low + self.scale * drawn(self.low, generator().random, shape)

    def log_prob(self, x):
        """ln p(x), -∞ outside of the bounds."""
        x = variable(x, self.low)
        inside = (x >= self.low) & (x <= self.high)
        outside = get_array_module(x.data).where(inside, 0.0, -math.inf).astype(x.dtype)
        return F.broadcast_to(-F.log(self.scale), outside.shape) + outside

    def cdf(self, x):
        """The probability of a sample below x."""
        return F.clip((variable(x, self.low) - self.low) / self.scale, 0.0, 1.0)


class Bernoulli(Distribution):
    """1 with the probability p, else 0.

    p, logit  the probability, or its logit: p = sigmoid(logit); one of them

    Samples have no gradient.
    """

    def __init__(self, p=None, logit=None):
        which = one_of('Bernoulli', p=p, logit=logit)
        if which == 'p':
            self.p = variable(p)
            self.logit = F.log(self.p) - F.log1p(-self.p)
        else:
            self.logit = variable(logit)
            self.p = F.sigmoid(self.logit)

    batch_shape = property(lambda self: self.p.shape, doc='Shape of the parameters.')
    mean = property(lambda self: self.p, doc='The mean.')
    variance = property(lambda self: self.p * (1 - self.p), doc='The variance.')
    entropy = property(lambda self: F.softplus(self.logit) - self.p * self.logit,
                       doc='How uncertain a sample is: -Σ p ln p.')

    def draw(self, shape):
        random = drawn(self.p, generator().random, shape)
        return Variable((random < self.p.data).astype(self.p.dtype), requires_grad=False)

    def log_prob(self, x):
        """ln p(x) for x that is 0 or 1."""
        return x * self.logit - F.softplus(self.logit)


class Categorical(Distribution):
    """A whole number from 0 to C - 1, each with a probability of its own.

    p, logit  (..., C): the probabilities, or scores whose softmax they are; one of them

    Samples have no gradient.
    """

    def __init__(self, p=None, logit=None):
        which = one_of('Categorical', p=p, logit=logit)
        if which == 'p':
            self.p = variable(p)
            self.log_p = F.log(self.p)
        else:
            self.log_p = F.log_softmax(variable(logit), axis=-1)
            self.p = F.exp(self.log_p)

    batch_shape = property(lambda self: self.p.shape[:-1], doc='Shape without the last axis.')
    entropy = property(lambda self: -F.sum(self.p * self.log_p, -1),
                       doc='How uncertain a sample is: -Σ p ln p.')

    def draw(self, shape):
        sums = self.p.data.cumsum(-1)
        random = drawn(self.p, generator().random, (*shape, 1)) * sums[..., -1:]
        return Variable((random >= sums).sum(-1).astype('int32'), requires_grad=False)

    def log_prob(self, x):
        """ln p(x) for whole numbers x."""
        x = x.data if isinstance(x, Variable) else self.p.xp.asarray(x)
        shape = np.broadcast_shapes(x.shape, self.batch_shape)
        count = self.p.shape[-1]
        log_p = F.reshape(F.broadcast_to(self.log_p, (*shape, count)), (math.prod(shape), count))
        return F.reshape(F.select(log_p, self.p.xp.broadcast_to(x, shape).reshape(-1)), shape)


class Independent(Distribution):
    """A batch of distributions as one of several numbers that do not depend on each other.

    distribution  of what
    axes          how many of the last axes of its batch become one event; None: all but the first

    Raises ShapeError if there are not so many axes.
    """

    def __init__(self, distribution, axes=None):
        shape = distribution.batch_shape
        axes = len(shape) - 1 if axes is None else axes
        if not 0 <= axes <= len(shape):
            raise ShapeError(f'Independent: {axes} axes are wanted, but the batch has the shape '
                             f'{shape}.')
        self.distribution, self.axes = distribution, axes
        self.batch_shape = shape[:len(shape) - axes]
        self.event_shape = shape[len(shape) - axes:] + distribution.event_shape

    mean = property(lambda self: self.distribution.mean, doc='The mean.')
    variance = property(lambda self: self.distribution.variance, doc='The variance.')
    entropy = property(lambda self: self.total(self.distribution.entropy),
                       doc='How uncertain a sample is: the sum of the entropies.')

    def total(self, values):
        """The sum over the axes of an event."""
        return F.sum(values, tuple(range(-self.axes, 0))) if self.axes else values

    def sample(self, shape=()):
        return self.distribution.sample(shape)

    def log_prob(self, x):
        """ln p(x): the sum over all numbers of an event."""
        return self.total(self.distribution.log_prob(x))


# How far distributions are apart -----------------------------------------------------------------

def normal_normal(p, q):
    ratio, apart = F.square(p.scale / q.scale), F.square((p.loc - q.loc) / q.scale)
    return (ratio + apart - 1) * 0.5 + q.log_scale - p.log_scale


def bernoulli_bernoulli(p, q):
    return (p.p * (p.logit - q.logit)) - F.softplus(p.logit) + F.softplus(q.logit)


def categorical_categorical(p, q):
    return F.sum(p.p * (p.log_p - q.log_p), -1)


def uniform_uniform(p, q):
    apart = (p.low.data < q.low.data) | (p.high.data > q.high.data)
    xp = get_array_module(apart)
    return F.log(q.scale) - F.log(p.scale) + xp.where(apart, math.inf, 0.0).astype(p.low.dtype)


def independent_independent(p, q):
    if p.axes != q.axes:
        raise ShapeError(f'kl_divergence: events of {p.event_shape} and of {q.event_shape} cannot '
                         'be compared.')
    return p.total(kl_divergence(p.distribution, q.distribution))


DIVERGENCES = {(Normal, Normal): normal_normal, (Bernoulli, Bernoulli): bernoulli_bernoulli,
               (Categorical, Categorical): categorical_categorical,
               (Uniform, Uniform): uniform_uniform,
               (Independent, Independent): independent_independent}


def kl_divergence(p, q):
    """How far the distributions q are from p: the mean of ln p(x) - ln q(x) over x from p.

    One number for each distribution of the batch, 0 where they are the same. For two of a kind.
    Raises NotImplementedError for others; `register_kl` adds a pair.
    (Kullback and Leibler 1951)
    """
    function = DIVERGENCES.get((type(p), type(q)))
    if function is None:
        raise NotImplementedError(
            f'kl_divergence knows no formula for {type(p).__name__} and {type(q).__name__}. Take '
            'the mean of p.log_prob(x) - q.log_prob(x) over samples x of p, or add a formula with '
            'register_kl.')
    return function(p, q)


def register_kl(p, q):
    """Make a function of two distributions the formula for two classes, as a decorator."""
    def register(function):
        DIVERGENCES[p, q] = function
        return function
    return register
