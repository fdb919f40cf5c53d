"""Hooks: what an optimizer does to gradients before it uses them.

optimizer.add_hook(WeightDecay(1e-4)). They change gradients in place. In the
formulas p is a parameter, g its gradient.
"""
import numpy as np

from .. import backend
from ..functions.noise import normal_like
from ..gather import RowGradient
from . import kernels
from .update_rule import gradient_of


class ForEach:
    """A hook that changes each gradient by itself. On a GPU, `kernel` does so for all in one
    launch, and takes `numbers()`; what says another __call__ says whether there is a kernel for
    that."""

    call_for_each_param, timing, kernel = True, 'pre', None

    def __init_subclass__(cls):
        if '__call__' in vars(cls):
            cls.kernel = vars(cls).get('kernel')


class WeightDecay(ForEach):
    """g = g + rate * p: pulls every weight towards 0."""

    name, kernel = 'WeightDecay', kernels.WEIGHT_DECAY

    def __init__(self, rate):
        self.rate = rate

    def numbers(self):
        return self.rate,

    def __call__(self, rule, param):
        g = param.grad
        g += self.rate * param.data


class Lasso(ForEach):
    """g = g + rate * sign(p): pulls every weight towards 0 with the same force."""

    name, kernel = 'Lasso', kernels.LASSO

    def __init__(self, rate):
        self.rate = rate

    def numbers(self):
        return self.rate,

    def __call__(self, rule, param):
        g = param.grad
        g += self.rate * param.xp.sign(param.data)


class GradientClipping:
    """All gradients together, seen as one vector, get a length of at most `threshold`.

    They keep their direction. One pass over them finds the length; only where it is too large, a
    second one changes them. (Pascanu et al. 2013)
    """

    name, timing = 'GradientClipping', 'pre'

    def __init__(self, threshold):
        self.threshold = threshold

    def __call__(self, optimizer):
        gradients = [gradient_of(param) for _, param, _ in optimizer.ready()]
        gradients = [g.rows if isinstance(g, RowGradient) else g for g in gradients]
        if not gradients:
            return
        if type(gradients[0]) is not np.ndarray:
            kernels.shorten(gradients, self.threshold)
            return
        norm = np.sqrt(sum(square_sum(g) for g in gradients))
        if norm <= self.threshold:
            return
        rate = self.threshold / norm
        for g in gradients:
            g *= rate


def square_sum(g):
    """The sum of g², in one pass."""
    g = g.astype(np.float32) if g.dtype == np.float16 else g
    g = g.ravel(order='K')      # no copy, whatever the order in memory
    return np.vdot(g, g)


class GradientHardClipping(ForEach):
    """Each number of g between two bounds."""

    name, kernel = 'GradientHardClipping', kernels.HARD_CLIP

    def __init__(self, lower_bound, upper_bound):
        self.lower_bound, self.upper_bound = lower_bound, upper_bound

    def numbers(self):
        return self.lower_bound, self.upper_bound

    def __call__(self, rule, param):
        param.xp.clip(param.grad, self.lower_bound, self.upper_bound, out=param.grad)


class GradientNoise:
    """g = g + noise, normally distributed, with the variance eta / (1 + t)**0.55.

    noise_func  another noise, if wanted: a function of (param, t) that gives an array
    The noise is drawn where the gradient is. After the same `set_seed` it is the same again on the
    same kind of device, but a GPU draws other numbers than the CPU. (Neelakantan et al. 2015)
    """

    name, call_for_each_param, timing = 'GradientNoise', True, 'pre'

    def __init__(self, eta, noise_func=None):
        self.eta, self.noise_func = eta, noise_func or self.fading

    def fading(self, param, t):
        return normal_like(param.grad, (self.eta / (1 + t) ** 0.55) ** 0.5)

    def __call__(self, rule, param):
        noise = backend.to_device(self.noise_func(param, rule.t), param.device)
        g = param.grad
        g += noise.astype(g.dtype, copy=False)


class Freeze:
    """Some parameters stay as they are: their gradients are forgotten before the update.

    parts  links, parameters, or paths of them: Freeze(model.encoder), Freeze('encoder/l1', 'b')

    Raises ValueError at the first update if the model has no such part.
    """

    name, timing = 'Freeze', 'pre'

    def __init__(self, *parts):
        self.parts = parts

    def __call__(self, optimizer):
        named = optimizer.target.namedparams()
        for part in self.parts:
            if isinstance(part, str):
                path = '/' + part.strip('/')
                frozen = [p for name, p in named if (name + '/').startswith(path + '/')]
            else:
                frozen = part.params() if hasattr(part, 'params') else [part]
            if not frozen:
                raise ValueError(f'Freeze: the model has no parameters in {part!r}; it has '
                                 f'{", ".join(name[1:] for name, _ in named)}.')
            for param in frozen:
                param.cleargrad()
