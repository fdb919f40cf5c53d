"""The rules by which parameters change. In the formulas p is a parameter, g its gradient.

Every rule works in place on NumPy and CuPy arrays. h holds the hyper-parameters, and the number
h.t of the update. Where a class has a kernel, that computes the rule on a GPU.
"""
import math

from .. import backend
from . import kernels
from .base import Elementwise


class SGD(Elementwise):
    """p = p - lr * g: a step downhill. lr is the learning rate. (Robbins and Monro 1951)"""

    by_rows = True
    kernel = kernels.SGD

    def __init__(self, lr=0.01):
        super().__init__(lr=lr)

    @staticmethod
    def numbers(h):
        return h.lr,

    @staticmethod
    def rule(h, p, g):
        p -= h.lr * g


class MomentumSGD(Elementwise):
    """v = momentum * v - lr * g, p = p + v: steps gather speed downhill. (Polyak 1964)"""

    remembers = {'v': 0}
    kernel = kernels.MOMENTUM_SGD

    def __init__(self, lr=0.01, momentum=0.9):
        super().__init__(lr=lr, momentum=momentum)

    @staticmethod
    def numbers(h):
        return h.lr, h.momentum

    @staticmethod
    def rule(h, p, g, v):
        v *= h.momentum
        v -= h.lr * g
        p += v


class NesterovAG(MomentumSGD):
    """v = momentum * v - lr * g, p = p + momentum * v - lr * g: momentum that looks ahead.

    (Nesterov 1983, Sutskever et al. 2013)
    """

    kernel = kernels.NESTEROV_AG

    @staticmethod
    def rule(h, p, g, v):
        downhill = h.lr * g
        v *= h.momentum
        v -= downhill
        p += h.momentum * v
        p -= downhill


class AdaGrad(Elementwise):
    """sum = sum + g², p = p - lr * g / (√sum + eps): smaller steps where slopes were steep.

    (Duchi et al. 2011)
    """

    remembers = {'sum': 0}
    by_rows = True
    kernel = kernels.ADA_GRAD

    def __init__(self, lr=0.001, eps=1e-8):
        super().__init__(lr=lr, eps=eps)

    @staticmethod
    def numbers(h):
        return h.lr, h.eps

    @staticmethod
    def rule(h, p, g, sum):
        sum += g * g
        p -= h.lr * g / (root(sum) + h.eps)


class AdaDelta(Elementwise):
    """p = p - d, d = √(m + eps) / √(v + eps) * g; v and m are running means of g² and of d².

    v = rho * v + (1 - rho) * g², m likewise. It needs no learning rate. (Zeiler 2012)
    """

    remembers = {'v': 0, 'm': 0}
    kernel = kernels.ADA_DELTA

    def __init__(self, rho=0.95, eps=1e-6):
        super().__init__(rho=rho, eps=eps)

    @staticmethod
    def numbers(h):
        return 1 - h.rho, h.eps

    @staticmethod
    def rule(h, p, g, v, m):
        towards(v, g * g, 1 - h.rho)
        d = root((m + h.eps) / (v + h.eps)) * g
        towards(m, d * d, 1 - h.rho)
        p -= d


class RMSprop(Elementwise):
    """v = alpha * v + (1 - alpha) * g², p = p - lr * g / (√v + eps).

    eps_inside_sqrt  True: √(v + eps) instead. (Tieleman and Hinton 2012)
    """

    remembers = {'v': 0}
    kernel = kernels.RMSPROP

    def __init__(self, lr=0.01, alpha=0.99, eps=1e-8, eps_inside_sqrt=False):
        super().__init__(lr=lr, alpha=alpha, eps=eps, eps_inside_sqrt=eps_inside_sqrt)

    @staticmethod
    def numbers(h):
        return h.lr, 1 - h.alpha, h.eps, h.eps_inside_sqrt

    @staticmethod
    def rule(h, p, g, v):
        towards(v, g * g, 1 - h.alpha)
        p -= h.lr * g / (root(v + h.eps) if h.eps_inside_sqrt else root(v) + h.eps)


class RMSpropGraves(Elementwise):
    """d = momentum * d - lr * g / √(v - m² + eps), p = p + d: divides by the spread of g.

    v and m are running means of g² and of g: v = alpha * v + (1 - alpha) * g². (Graves 2013)
    """

    remembers = {'v': 0, 'm': 0, 'd': 0}
    kernel = kernels.RMSPROP_GRAVES

    def __init__(self, lr=1e-4, alpha=0.95, momentum=0.9, eps=1e-4):
        super().__init__(lr=lr, alpha=alpha, momentum=momentum, eps=eps)

    @staticmethod
    def numbers(h):
        return h.lr, 1 - h.alpha, h.momentum, h.eps

    @staticmethod
    def rule(h, p, g, v, m, d):
        towards(v, g * g, 1 - h.alpha)
        towards(m, g, 1 - h.alpha)
        d *= h.momentum
        d -= h.lr * g / root(v - m * m + h.eps)
        p += d


class SMORMS3(Elementwise):
    """p = p - min(lr, x) * g / (√v + eps), x = m² / (v + eps): small steps where g is noise.

    m and v are running means of g and g², over `memory` updates: memory = 1 + memory * (1 - x).
    (Funk 2015)
    """

    remembers = {'memory': 1, 'm': 0, 'v': 0}
    kernel = kernels.SMORMS3

    def __init__(self, lr=0.001, eps=1e-16):
        super().__init__(lr=lr, eps=eps)

    @staticmethod
    def numbers(h):
        return h.lr, h.eps

    @staticmethod
    def rule(h, p, g, memory, m, v):
        xp = backend.get_array_module(p)
        rate = 1 / (memory + 1)
        towards(m, g, rate)
        towards(v, g * g, rate)
        x = m * m / (v + h.eps)
        memory *= 1 - x
        memory += 1
        p -= xp.minimum(x, h.lr) * g / (root(v) + h.eps)


class Adam(Elementwise):
    """m and v, running means of g and g²: p = p - lr * m' / (√v' + eps). (Kingma and Ba 2015)

    m = beta1 * m + (1 - beta1) * g, m' = m / (1 - beta1**t); v likewise with beta2 and g²
    """

    remembers = {'m': 0, 'v': 0}
    kernel = kernels.ADAM

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, eta=1.0, weight_decay_rate=0.0,
                 **others):
        super().__init__(lr=lr, beta1=beta1, beta2=beta2, eps=eps, eta=eta,
                         weight_decay_rate=weight_decay_rate, **others)

    @staticmethod
    def numbers(h):
        return 1 - h.beta1, 1 - h.beta2, *step_and_eps(h), 1 - h.eta * h.weight_decay_rate

    @staticmethod
    def rule(h, p, g, m, v):
        means(h, g, m, v)
        shrink(h, p)
        p -= ratio(h, m, v)


class AdamW(Adam):
    """Adam, and each weight shrinks by itself: p = p - eta * (Adam's step + weight_decay_rate * p).

    The decay is not multiplied by lr; eta, which may be a schedule, is for both.
    (Loshchilov and Hutter 2019)
    """


class AMSGrad(Adam):
    """Adam with the largest v so far in place of v, so that steps never grow.

    (Reddi et al. 2018)
    """

    remembers = {'m': 0, 'v': 0, 'vhat': 0}
    kernel = kernels.AMS_GRAD

    @staticmethod
    def rule(h, p, g, m, v, vhat):
        means(h, g, m, v)
        backend.get_array_module(p).maximum(vhat, v, out=vhat)
        shrink(h, p)
        p -= ratio(h, m, vhat)


class AdaBound(Adam):
    """Adam whose rates, the factors before m, are kept between bounds that close in on final_lr.

    final_lr * (1 - 1 / (gamma * t + 1)) <= rate <= final_lr * (1 + 1 / (gamma * t)): it begins as
    Adam and ends as SGD. final_lr follows changes of lr. (Luo et al. 2019)
    """

    kernel = kernels.ADA_BOUND

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, eta=1.0, weight_decay_rate=0.0,
                 final_lr=0.1, gamma=1e-3):
        super().__init__(lr, beta1, beta2, eps, eta, weight_decay_rate, final_lr=final_lr,
                         gamma=gamma, base_lr=lr(0) if callable(lr) else lr)

    @staticmethod
    def numbers(h):
        return *Adam.numbers(h), *bounds(h)

    @staticmethod
    def rule(h, p, g, m, v):
        means(h, g, m, v)
        shrink(h, p)
        p -= bounded_rate(h, v) * m


class AMSBound(AdaBound):
    """AdaBound with the largest v so far, as in AMSGrad. (Luo et al. 2019)"""

    remembers = {'m': 0, 'v': 0, 'vhat': 0}
    kernel = kernels.AMS_BOUND

    @staticmethod
    def rule(h, p, g, m, v, vhat):
        means(h, g, m, v)
        backend.get_array_module(p).maximum(vhat, v, out=vhat)
        shrink(h, p)
        p -= bounded_rate(h, vhat) * m


class Lion(Elementwise):
    """p = p - lr * (sign(beta1 * m + (1 - beta1) * g) + weight_decay_rate * p).

    m = beta2 * m + (1 - beta2) * g: every step has the same size. (Chen et al. 2023)
    """

    remembers = {'m': 0}
    kernel = kernels.LION

    def __init__(self, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay_rate=0.0):
        super().__init__(lr=lr, beta1=beta1, beta2=beta2, weight_decay_rate=weight_decay_rate)

    @staticmethod
    def numbers(h):
        return h.lr, 1 - h.beta1, 1 - h.beta2, 1 - h.lr * h.weight_decay_rate

    @staticmethod
    def rule(h, p, g, m):
        xp = backend.get_array_module(p)
        if h.weight_decay_rate:
            p *= 1 - h.lr * h.weight_decay_rate
        p -= h.lr * xp.sign(m + (1 - h.beta1) * (g - m))
        towards(m, g, 1 - h.beta2)


def root(x):
    """The square root of a fresh array, or of one of the state."""
    return backend.get_array_module(x).sqrt(x)


def towards(mean, x, rate):
    """A running mean goes the given part of the way to x: mean = (1 - rate) * mean + rate * x."""
    mean += rate * (x - mean)


def means(h, g, m, v):
    """Adam's running means of g and g²."""
    towards(m, g, 1 - h.beta1)
    towards(v, g * g, 1 - h.beta2)


def step_and_eps(h):
    """lr and eps with Adam's corrections in them, which make up for means that began at 0."""
    far = math.sqrt(1 - h.beta2 ** h.t)
    return h.eta * h.lr * far / (1 - h.beta1 ** h.t), h.eps * far


def shrink(h, p):
    """The weight decay of Adam and its kin."""
    if h.weight_decay_rate:
        p *= 1 - h.eta * h.weight_decay_rate


def ratio(h, m, v):
    """Adam's step: eta * lr * m' / (√v' + eps)."""
    step, eps = step_and_eps(h)
    divisor = root(v)
    divisor += eps
    return step * m / divisor


def bounded_rate(h, v):
    """AdaBound's factors before m."""
    step, eps = step_and_eps(h)
    return backend.get_array_module(v).clip(step / (root(v) + eps), *bounds(h))


def bounds(h):
    """Between which two numbers AdaBound keeps its rates."""
    final = h.eta * h.final_lr * h.lr / h.base_lr
    return final * (1 - 1 / (h.gamma * h.t + 1)), final * (1 + 1 / (h.gamma * h.t))
