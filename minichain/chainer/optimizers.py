"""Chainer's optimizers: its hyper-parameters, states and rounding, and its way to update."""
import math

from .. import backend, optimizers as core
from ..optimizers import rules
from ..optimizers.base import Elementwise, Hyperparameters, UpdateRule as CoreRule
from .standing import StandsFor


Hyperparameter = Hyperparameters


class UpdateRule(CoreRule):
    """How one parameter changes: `param.update_rule`.

    For a rule of one's own, say in a subclass how its `state` begins, `init_state(param)`, and how
    the parameter changes, `update_core(param)`, or `update_core_cpu` and `update_core_gpu`.
    """

    def __init__(self, parent_hyperparam=None, kind=None):
        super().__init__(kind, parent_hyperparam)

    def init_state(self, param):
        """Fill `state` with what is to be remembered of the parameter."""

    def update_core(self, param):
        """Change the parameter by one step."""
        on_gpu = param.device.kind == 'gpu'
        (self.update_core_gpu if on_gpu else self.update_core_cpu)(param)

    def update_core_cpu(self, param):
        """Change a parameter on the CPU."""
        raise NotImplementedError(f'{type(self).__name__} does not say how to update.')

    def update_core_gpu(self, param):
        """Change a parameter on a GPU."""
        raise NotImplementedError(f'{type(self).__name__} does not say how to update on a GPU.')

    def prepare(self, param):
        """Have a state that fits the parameter."""
        if self.kind is not None:
            super().prepare(param)
        elif not self.state:
            self.init_state(param)

    def join(self, param, together):
        """Change the parameter by one step, or have it change together with others."""
        if self.kind is not None:
            super().join(param, together)
            param.changed = 0       # adversarial programs go back through a graph after an update
        else:
            self.t += 1
            self.update_core(param)

    def update_alone(self, param):
        """Change the parameter outside of an optimizer's update."""
        if self.enabled and param.grad is not None:
            self.prepare(param)
            self.update(param)

    def serialize(self, serializer):
        """Save or load the state with a serializer."""
        self.t = int(serializer('t', self.t))
        for name in self.state if self.kind is None else self.kind.remembers:
            value = serializer(name, self.state.get(name))
            if value is not None:
                self.state[name] = value


class Optimizer(core.Optimizer, metaclass=StandsFor):
    """Changes the parameters of a link. A gradient that is missing counts as zeros.

    loss_scale  what the loss is multiplied by before backward, and gradients are divided by
    """

    stands_for = core.Optimizer
    _loss_scale = None

    def create_update_rule(self):
        """A rule of this kind and with these hyper-parameters."""
        return UpdateRule(self.hyperparam, type(self))

    def namedparams(self):
        """Pairs (path, parameter), each parameter as often as it stands in the target."""
        self.check_target()
        return self.target.namedparams()

    def rule_of(self, path, param):
        """The rule of a parameter: the one that it was given last."""
        return param.update_rule or self.new_rule(path, param)

    def use_cleargrads(self, use=True):
        """Kept for programs that call it: gradients are always cleared."""

    def is_safe_to_update(self):
        """Whether all gradients are finite."""
        return all(bool(param.xp.isfinite(param.grad).all()) for _, param in self.namedparams()
                   if param.grad is not None)

    def set_loss_scale(self, loss_scale):
        """Multiply losses by this, against gradients too small for float16."""
        self._loss_scale = loss_scale

    def loss_scaling(self, interval=1000, scale=None):
        """Scale losses by 2¹⁶, or by `scale`."""
        self._loss_scale = scale or 2.0 ** 16

    def update(self, lossfun=None, *args, **kwds):
        """Change every parameter by one step; with lossfun, compute the gradients first."""
        self.check_target()
        if lossfun is not None:
            loss = lossfun(*args, **kwds)
            self.target.cleargrads()
            loss.backward(loss_scale=self._loss_scale)
            del loss
        for _, param in self.namedparams():
            if param.is_initialized and param.grad is None:
                param.grad = param.xp.zeros_like(param.data)
            if self._loss_scale is not None and param.grad is not None:
                param.grad = param.grad / param.dtype.type(self._loss_scale)
        if self.ready():
            super().update()
        else:
            self.t += 1

    def call_hooks(self, timing='pre'):
        """Call all hooks of that timing."""
        self.hooks.call(timing, self, [param for _, param in self.namedparams()])

    def reallocate_cleared_grads(self):
        """Fill gradients that are missing with zeros; `update` does so by itself."""
        for _, param in self.namedparams():
            if param.is_initialized and param.grad is None:
                param.zerograd()

    def serialize(self, serializer):
        """Save or load counts and the states of all parameters, not the parameters."""
        self.t = int(serializer('t', self.t))
        self.epoch = int(serializer('epoch', self.epoch))
        for path, param in self.namedparams():
            rule = self.rule_of(path, param)
            if param.is_initialized:
                rule.prepare(param)
            rule.serialize(serializer[path])


GradientMethod = Optimizer


class SGD(Optimizer, core.SGD):
    """p = p - lr g"""


class MomentumSGD(Optimizer, core.MomentumSGD):
    """v = momentum v - lr g, p = p + v"""


class CorrectedMomentumSGD(Optimizer, core.MomentumSGD):
    """v = momentum v - g, p = p + lr v"""

    @staticmethod
    def rule(h, p, g, v):
        v *= h.momentum
        v -= g
        p += h.lr * v


class NesterovAG(Optimizer, core.NesterovAG):
    """Momentum that looks ahead."""

    @staticmethod
    def rule(h, p, g, v):
        v *= h.momentum
        v -= h.lr * g
        p += h.momentum ** 2 * v
        p -= (1 + h.momentum) * h.lr * g


class AdaGrad(Optimizer, core.AdaGrad):
    """Smaller steps where slopes were steep."""

    remembers = {'h': 0}


class AdaDelta(Optimizer, core.AdaDelta):
    """Steps without a learning rate."""

    remembers = {'msg': 0, 'msdx': 0}


class RMSprop(Optimizer, core.RMSprop):
    """Steps divided by the root of a running mean of g²."""

    remembers = {'ms': 0}


class RMSpropGraves(Optimizer, core.RMSpropGraves):
    """Steps divided by the spread of g."""

    remembers = {'n': 0, 'g': 0, 'delta': 0}


class SMORMS3(Optimizer, core.SMORMS3):
    """Small steps where g is noise."""

    remembers = {'mem': 1, 'g': 0, 'g2': 0}

    @staticmethod
    def rule(h, p, g, mem, m, v):
        rate = 1 / (mem + 1)
        rules.towards(m, g, rate)
        rules.towards(v, g * g, rate)
        x = m * m / (v + h.eps)
        mem *= 1 - x
        mem += 1
        p -= backend.get_array_module(p).minimum(x, h.lr) * g / (rules.root(v) + h.eps)


class Adam(Optimizer, Elementwise):
    """Running means of g and g²: p = p - eta (alpha_t m / (√v + eps) + weight_decay_rate p).

    alpha_t = alpha √(1 - beta2**t) / (1 - beta1**t). eps is outside of this correction.
    amsgrad   the largest v so far in place of v   adabound  rates are kept between bounds
    """

    remembers = {'m': 0, 'v': 0}

    def __init__(self, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8, eta=1.0, weight_decay_rate=0,
                 amsgrad=False, adabound=False, final_lr=0.1, gamma=1e-3):
        super().__init__(alpha=alpha, beta1=beta1, beta2=beta2, eps=eps, eta=eta,
                         weight_decay_rate=weight_decay_rate, amsgrad=amsgrad, adabound=adabound,
                         final_lr=final_lr, gamma=gamma, initial_alpha=alpha)

    def create_update_rule(self):
        """A rule of this kind and with these hyper-parameters."""
        return UpdateRule(self.hyperparam, AdamWithLargest if self.amsgrad else Adam)

    @property
    def lr(self):
        """The length of the next step: alpha_t."""
        if not self.t:
            raise RuntimeError('The length of a step is not known before the first update.')
        return rate_at(self, self.t)

    alpha_t = lr

    @staticmethod
    def rule(h, p, g, m, v, vhat=None):
        xp = backend.get_array_module(p)
        rules.means(h, g, m, v)
        if vhat is not None:
            xp.maximum(vhat, v, out=vhat)
        step = rate_at(h, h.t) / (rules.root(v if vhat is None else vhat) + h.eps)
        if h.adabound:
            final = h.final_lr * h.alpha / h.initial_alpha
            step = xp.clip(step, final * (1 - 1 / (h.gamma * h.t + 1)),
                           final * (1 + 1 / (h.gamma * h.t)))
        if h.weight_decay_rate:
            p *= 1 - h.eta * h.weight_decay_rate
        p -= h.eta * (step * m)


class AdamWithLargest(Adam):
    """Adam with the largest v so far in place of v."""

    remembers = {'m': 0, 'v': 0, 'vhat': 0}


class AdamW(Adam):
    """Adam whose weights shrink by themselves."""

    def __init__(self, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8, eta=1.0, weight_decay_rate=0):
        super().__init__(alpha, beta1, beta2, eps, eta, weight_decay_rate)


class AMSGrad(Adam):
    """Adam with the largest v so far in place of v."""

    def __init__(self, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8, eta=1.0):
        super().__init__(alpha, beta1, beta2, eps, eta, amsgrad=True)


class AdaBound(Adam):
    """Adam that ends as SGD."""

    def __init__(self, alpha=0.001, beta1=0.9, beta2=0.999, final_lr=0.1, gamma=1e-3, eps=1e-8,
                 eta=1.0):
        super().__init__(alpha, beta1, beta2, eps, eta, 0, False, True, final_lr, gamma)


class AMSBound(Adam):
    """AdaBound with the largest v so far in place of v."""

    def __init__(self, alpha=0.001, beta1=0.9, beta2=0.999, final_lr=0.1, gamma=1e-3, eps=1e-8,
                 eta=1.0):
        super().__init__(alpha, beta1, beta2, eps, eta, 0, True, True, final_lr, gamma)


class GradientLARS:
    """Gradients in proportion to the weights, layer by layer: a hook. (You et al. 2017)"""

    name, call_for_each_param, timing = 'GradientLARS', True, 'pre'

    def __init__(self, threshold=1e-2, weight_decay=0.0, eps=1e-9):
        self.threshold, self.weight_decay, self.eps = threshold, weight_decay, eps

    def __call__(self, rule, param):
        xp, p, g = param.xp, param.data, param.grad
        p_norm, g_norm = xp.linalg.norm(p), xp.linalg.norm(g)
        rate = p_norm / (self.eps + g_norm + self.weight_decay * p_norm)
        g += self.weight_decay * p
        g *= xp.where(p_norm > self.threshold, rate, 1.0).astype(g.dtype)


def rate_at(h, t):
    """alpha_t, for hyper-parameters and a number of updates."""
    return h.alpha * math.sqrt(1 - h.beta2 ** t) / (1 - h.beta1 ** t)
