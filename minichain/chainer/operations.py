"""Functions that mean something else in Chainer than in minichain, and some that only it has."""
import math

import numpy as np

from .. import backend, functions as F
from ..config import config
from ..functions.noise import Dropout
from ..functions.special import Polygamma
from ..recompute import checkpoint
from .variable import as_array, as_variable


# Numbers and shapes ------------------------------------------------------------------------------

def add(*xs):
    """The sum of two or more."""
    total = xs[0]
    for x in xs[1:]:
        total = F.add(total, x)
    return total


def absolute_error(x0, x1):
    """|x0 - x1|, element by element."""
    return F.absolute(F.sub(x0, x1))


def squared_error(x0, x1):
    """(x0 - x1)², element by element."""
    return F.square(F.sub(x0, x1))


def squared_difference(x1, x2):
    """(x1 - x2)², element by element."""
    return squared_error(x1, x2)


def average(x, axis=None, weights=None, keepdims=False):
    """The mean over axes; with weights, along one axis or over all of x, the weighted mean."""
    if weights is None:
        return F.mean(x, axis, keepdims)
    if axis is not None and len(weights.shape) != len(x.shape):
        axis = axis if isinstance(axis, int) else axis[0]
        wide = [1] * len(x.shape)
        wide[axis] = weights.shape[0]
        weights = F.broadcast_to(F.reshape(weights, tuple(wide)), x.shape)
    return F.sum(x * weights, axis, keepdims) / F.sum(weights, axis, keepdims)


mean = average


def along(x, y, axis):
    """y in a shape that broadcasts to x from an axis on."""
    after = len(x.shape) - axis - len(y.shape)
    return F.reshape(y, (1,) * axis + tuple(y.shape) + (1,) * after)


def bias(x, y, axis=1):
    """x + y, where y has some of x's axes, from `axis` on."""
    return as_variable(x) + along(x, y, axis)


def scale(x, y, axis=1):
    """x * y, where y has some of x's axes, from `axis` on."""
    return as_variable(x) * along(x, y, axis)


def broadcast(*xs):
    """All repeated to one common shape."""
    shape = np.broadcast_shapes(*[x.shape for x in xs])
    return tuple([F.broadcast_to(x, shape) for x in xs])


def reshape(x, shape):
    """The same numbers in another shape."""
    return F.reshape(x, shape)


def transpose(x, axes=None):
    """The axes in another order; None: turned round."""
    return F.transpose(x) if axes is None else F.transpose(x, axes)


def flatten(x):
    """All numbers in one row."""
    return F.reshape(x, (-1,))


def matmul(a, b, transa=False, transb=False):
    """The product of matrices; transa, transb: with the last two axes swapped."""
    a = F.swapaxes(a, -1, -2) if transa and len(a.shape) > 1 else a
    b = F.swapaxes(b, -1, -2) if transb and len(b.shape) > 1 else b
    return F.matmul(a, b)


def batch_matmul(a, b, transa=False, transb=False):
    """Products of matrices, one an example; vectors count as columns."""
    a, b = [F.expand_dims(x, 2) if len(x.shape) == 2 else x for x in (a, b)]
    return matmul(a, b, transa, transb)


def batch_l2_norm_squared(x):
    """Σ x² of each example."""
    return F.sum(F.square(x), tuple(range(1, len(x.shape))))


def bilinear(e1, e2, W, V1=None, V2=None, b=None):
    """Products of all pairs of numbers of two inputs, each (N, ...) taken as (N, D)."""
    e1, e2 = [F.reshape(e, (e.shape[0], -1)) for e in (e1, e2)]
    return F.bilinear(e1, e2, W, V1, V2, b)


def dstack(xs):
    """Arrays behind each other: joined along axis 2."""
    deep = [x if len(x.shape) > 2 else F.expand_dims(x, 2) if len(x.shape) == 2 else
            F.reshape(x, (1, -1, 1)) for x in xs]
    return F.concat(deep, 2)


def fft(x):
    """The Fourier transform of (real, imaginary) along the last axis."""
    return F.fft(*x)


def ifft(x):
    """The inverse Fourier transform of (real, imaginary)."""
    return F.ifft(*x)


def fliplr(a):
    """The second axis turned round."""
    return F.flip(a, 1)


def flipud(a):
    """The first axis turned round."""
    return F.flip(a, 0)


def identity(*xs):
    """The inputs as they are."""
    return xs[0] if len(xs) == 1 else xs


def linear_interpolate(p, x, y):
    """p x + (1 - p) y"""
    return p * x + (1 - p) * y


def permutate(x, indices, axis=0, inv=False):
    """The slices along an axis in another order; inv: put back from that order."""
    indices = as_array(indices)
    order = np.argsort(backend.to_cpu(indices)) if inv else indices
    order = backend.get_array_module(x).asarray(order)
    return F.get_item(x, (slice(None),) * axis + (order,))


def rollaxis(x, axis, start=0):
    """An axis moved in front of another."""
    count = len(x.shape)
    axis, start = axis % count, start + count if start < 0 else start
    return F.moveaxis(x, axis, start - 1 if axis < start else start)


def split_axis(x, indices_or_sections, axis, force_tuple=True):
    """Cut along an axis, at indices or into so many equal parts."""
    parts = indices_or_sections
    parts = parts if isinstance(parts, (int, np.integer)) else [int(i) for i in parts]
    found = F.split(x, parts, axis)
    return found if force_tuple or len(found) > 1 else found[0]


def arctanh(x):
    """The inverse of tanh."""
    return (F.log1p(x) - F.log1p(-as_variable(x))) * 0.5


def argmax(x, axis=None):
    """Where the largest number stands, as int32. No gradient."""
    return as_variable(as_array(F.argmax(x, axis)).astype('int32'))


def argmin(x, axis=None):
    """Where the smallest number stands, as int32. No gradient."""
    return as_variable(as_array(F.argmin(x, axis)).astype('int32'))


def fix(x):
    """Rounded towards 0. No gradient."""
    x = as_array(x)
    return as_variable(backend.get_array_module(x).trunc(x))


def digamma(x):
    """The derivative of lgamma."""
    return Polygamma(0).apply(x)


def ndtr(x):
    """The share of a normal distribution that lies below x."""
    return F.erfc(as_variable(x) * -math.sqrt(0.5)) * 0.5


def log_ndtr(x):
    """The logarithm of ndtr."""
    return F.log(ndtr(x))


def forget(func, *xs):
    """func(*xs) without keeping its graph: backward computes it once more."""
    return checkpoint(func, *[as_variable(x) for x in xs])


# Activations -------------------------------------------------------------------------------------

def softplus(x, beta=1.0):
    """ln(1 + e**(beta x)) / beta"""
    return F.softplus(x) if beta == 1 else F.softplus(as_variable(x) * beta) * (1 / beta)


def swish(x, beta):
    """x sigmoid(beta x), with a beta for each place from axis 1 on."""
    return as_variable(x) * F.sigmoid(scale(x, beta) if hasattr(beta, 'shape') else x * beta)


def rrelu(x, l=1 / 8, u=1 / 3, r=None, return_r=False):
    """leaky_relu with a random slope for each number in training, else with the mean slope."""
    x = as_variable(x)
    if r is None:
        r = (x.xp.asarray(np.random.uniform(l, u, x.shape).astype(x.dtype)) if config.train
             else x.xp.full_like(x.data, (l + u) / 2))
    y = F.where(x.data >= 0, x, x * r)
    return (y, r) if return_r else y


def gates_apart(x):
    """(N, 4H, ...) with a, i, f, o of each unit side by side -> H columns of each gate."""
    n, count, *rest = x.shape[0], x.shape[1] // 4, *x.shape[2:]
    apart = F.swapaxes(F.reshape(x, (n, count, 4, *rest)), 1, 2)
    return F.reshape(apart, (n, 4 * count, *rest))


def lstm(c_prev, x):
    """One step of a long short-term memory: x (N, 4H, ...) holds a, i, f, o of each unit together.

    If x has fewer rows than c, the other rows of c stay as they are. Gives (c, h).
    """
    n = x.shape[0]
    rest = c_prev[n:] if n < c_prev.shape[0] else None
    c, gates = c_prev if rest is None else c_prev[:n], gates_apart(x)
    if len(x.shape) == 2:
        c, h = F.lstm(c, gates)
    else:
        a, i, f, o = F.split(gates, 4, 1)
        c = F.sigmoid(f) * c + F.sigmoid(i) * F.tanh(a)
        h = F.sigmoid(o) * F.tanh(c)
    return (c if rest is None else F.concat([c, rest], 0)), h


def slstm(c_prev1, c_prev2, x1, x2):
    """One step of a memory with two inputs, each with a cell and a forget gate: (c, h)."""
    (a1, i1, f1, o1), (a2, i2, f2, o2) = [F.split(gates_apart(x), 4, 1) for x in (x1, x2)]
    c = (F.tanh(a1) * F.sigmoid(i1) + F.tanh(a2) * F.sigmoid(i2) + F.sigmoid(f1) * c_prev1
         + F.sigmoid(f2) * c_prev2)
    return c, F.sigmoid(o1 + o2) * F.tanh(c)


def tree_lstm(*inputs):
    """One step up a tree: cells of the children, then x with a, i, o and the forget gates."""
    return F.tree_lstm(*inputs)


# Noise -------------------------------------------------------------------------------------------

def dropout(x, ratio=0.5, mask=None, return_mask=False):
    """Some numbers become 0 in training. mask: what to multiply by, if it is given."""
    if not config.train:
        return (as_variable(x), None) if return_mask else as_variable(x)
    if mask is None:
        operation = Dropout(ratio)
        y = operation.apply(x)
        mask = operation.mask
    else:
        y = as_variable(x) * mask
    return (y, mask) if return_mask else y


def gaussian(mean, ln_var, eps=None, return_eps=False):
    """mean + √e**ln_var * eps, with eps normally distributed."""
    if eps is None:
        eps = backend.get_array_module(mean).asarray(
            np.random.standard_normal(mean.shape).astype(mean.dtype))
    y = F.gaussian(as_variable(mean), as_variable(ln_var), eps)
    return (y, eps) if return_eps else y


def gumbel_softmax(log_pi, tau=0.1, axis=1):
    """Nearly a choice at random: softmax((log_pi + g) / tau). (Jang, Gu and Poole 2016)"""
    g = np.random.gumbel(size=log_pi.shape).astype(log_pi.dtype)
    return F.softmax((log_pi + backend.get_array_module(log_pi).asarray(g)) * (1 / tau), axis)


# Losses and measures -----------------------------------------------------------------------------

def softmax_cross_entropy(x, t, normalize=True, cache_score=True, class_weight=None,
                          ignore_label=-1, reduce='mean', enable_double_backprop=False,
                          soft_target_loss='cross-entropy'):
    """The mean of -ln p(t). t: classes, or real numbers in x's shape: a probability of each class.

    soft_target_loss  'cross-entropy', or 'kl-divergence' for the latter
    """
    array = as_array(t)
    if array.dtype.kind != 'f':
        return F.softmax_cross_entropy(x, t, ignore_label, class_weight, normalize, reduce)
    loss = -F.sum(F.log_softmax(x) * t, 1)
    if soft_target_loss == 'kl-divergence':
        xp = backend.get_array_module(array)
        loss = loss + xp.where(array > 0, array * xp.log(xp.maximum(array, 1e-30)), 0).sum(1)
    if reduce == 'no':
        return loss
    return F.sum(loss) / (loss.size if normalize else x.shape[0])


def accuracy(y, t, ignore_label=None):
    """The share of right classes: y (N, C, ...) scores, t (N, ...) classes."""
    scores, t = as_array(y), as_array(t)
    if len(scores.shape) > 2 and scores.ndim == t.ndim + 1:
        scores = scores.transpose(0, *range(2, scores.ndim), 1)
    rows, labels = scores.reshape(t.size, -1), t.reshape(-1)
    if ignore_label is not None and not (labels != ignore_label).any():
        return as_variable(scores.dtype.type(0) * labels.sum().astype(scores.dtype))
    return F.cast(F.accuracy(rows, labels, ignore_label), scores.dtype)


def per_class(measure):
    def function(y, t, label_num=None, ignore_label=-1):
        t = as_array(t)
        count = y.shape[1] if label_num is None else label_num
        support = np.bincount(backend.to_cpu(t[t != ignore_label]).ravel(), minlength=count)
        return measure(as_array(y), t, ignore_label), as_variable(support)
    function.__doc__ = f'{measure.__doc__.splitlines()[0]} Gives (values, how often it occurs).'
    return function


precision, recall, f1_score = map(per_class, (F.precision, F.recall, F.f1))


def classification_summary(y, t, label_num=None, beta=1.0, ignore_label=-1):
    """(precision, recall, F score, how often it occurs) of each class."""
    p, support = precision(y, t, label_num, ignore_label)
    r, _ = recall(y, t, label_num, ignore_label)
    below = beta ** 2 * p.data + r.data
    f = (1 + beta ** 2) * p.data * r.data / np.where(below > 0, below, 1)
    return p, r, as_variable(f.astype('float32')), support


def negative_sampling(x, t, W, sampler, sample_size, reduce='sum', return_samples=False):
    """Tell the right class from a few that are drawn at random."""
    drawn = []

    def remember(shape):
        drawn.append(sampler(shape))
        return drawn[0]

    loss = F.negative_sampling(x, t, W, remember, sample_size, reduce)
    return (loss, drawn[0]) if return_samples else loss


def cross_covariance(y, z, reduce='half_squared_sum'):
    """How much the columns of y (N, D) and z (N, E) vary together. (Cheung et al. 2014)"""
    y, z = [v - F.mean(v, 0, True) for v in map(as_variable, (y, z))]
    covariance = matmul(y, z, transa=True) * (1 / y.shape[0])
    return covariance if reduce == 'no' else F.sum(F.square(covariance)) * 0.5


def decov(h, reduce='half_squared_sum'):
    """How much the columns of h (N, D) vary together, each with itself left out."""
    covariance = cross_covariance(h, h, 'no')
    others = covariance * (1 - covariance.xp.eye(h.shape[1], dtype=h.dtype))
    return others if reduce == 'no' else F.sum(F.square(others)) * 0.5
