"""The rules by which parameters change. In the formulas p is a parameter, g its gradient."""
import math

from .. import backend
from .base import Optimizer


def zeros(state, name, like):
    """An array of the state, zeros at first, on the parameter's device."""
    if name not in state:
        state[name] = backend.get_array_module(like).zeros_like(like)
    return state[name]


class SGD(Optimizer):
    """p = p - lr * g: a step downhill. lr is the learning rate. (Robbins and Monro 1951)"""

    def __init__(self, lr=0.01):
        super().__init__()
        self.lr = lr

    def rule(self, data, grad, state):
        data -= self.lr * grad


class MomentumSGD(Optimizer):
    """v = momentum * v - lr * g, p = p + v: steps gather speed downhill. (Polyak 1964)"""

    def __init__(self, lr=0.01, momentum=0.9):
        super().__init__()
        self.lr, self.momentum = lr, momentum

    def rule(self, data, grad, state):
        v = zeros(state, 'v', data)
        v *= self.momentum
        v -= self.lr * grad
        data += v


class Adam(Optimizer):
    """m and v, running means of g and g²: p = p - lr * m' / (√v' + eps). (Kingma and Ba 2015)

    m = beta1 m + (1 - beta1) g,  m' = m / (1 - beta1**t);  v likewise with beta2 and g²
    """

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__()
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps

    def rule(self, data, grad, state):
        xp = backend.get_array_module(data)
        m, v = zeros(state, 'm', data), zeros(state, 'v', data)
        m += (1 - self.beta1) * (grad - m)
        v += (1 - self.beta2) * (grad * grad - v)
        step = self.lr / (1 - self.beta1 ** self.t)
        root = xp.sqrt(v)
        root /= math.sqrt(1 - self.beta2 ** self.t)
        root += self.eps
        data -= step * m / root
