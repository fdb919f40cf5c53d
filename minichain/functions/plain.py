"""Plain recurrent networks, without gates: one step through time."""
from ..backend import elementwise
from ..fused import composed
from ..gather import gathered
from .activation import ReLU, relu
from .linear import bias_gradient, linear
from .math import Tanh, tanh

RNN_TANH = elementwise('T x, T u, T b', 'T y', 'y = tanh(x + u + b);', 'rnn_tanh')
RNN_RELU = elementwise('T x, T u, T b', 'T y', 'T sum = x + u + b; y = sum < 0 ? T(0) : sum;',
                       'rnn_relu')


class OfSum:
    """An activation of the sum of x, u and b; u or b may be None."""

    shapes = '(N,H) (N,H) (H) -> (N,H)'

    def forward(self, x, u, b):
        if b is not None and b.shape != x.shape[1:]:
            raise ValueError(f'b has {b.shape}, but {x.shape[1:]} is needed')
        return self.kernel(x, 0 if u is None else u, 0 if b is None else b)

    def backward(self, gy):
        gx, for_b = super().backward(gy), self.edges[2]
        return gx, gx, None if for_b is None else gathered(bias_gradient, for_b, gx)


class RNNTanh(OfSum, Tanh):
    """One step of a plain recurrent network, on a GPU"""

    kernel, label = RNN_TANH, 'rnn_tanh'


class RNNReLU(OfSum, ReLU):
    """One step of a recurrent network with rectifiers, on a GPU"""

    kernel, label = RNN_RELU, 'rnn_relu'


def plain_step(activation, h, x, W, b=None):
    """y = activation(x + h Wᵀ + b), for tanh or relu: on a GPU a product and a kernel."""
    if composed(h, x):
        return activation(x + linear(h, W, b))
    step = RNNTanh() if activation is tanh else RNNReLU()
    return step.apply(x, linear(h, W), b)


def rnn_tanh(h, x, W, b=None):
    """One step of a plain recurrent network: y = tanh(x + h Wᵀ + b).

    h (N, H) the output before   x (N, H) what the input adds   W (H, H)   b (H) or None
    (Elman 1990)
    """
    return plain_step(tanh, h, x, W, b)


def rnn_relu(h, x, W, b=None):
    """One step of a recurrent network with rectifiers: y = relu(x + h Wᵀ + b).

    h (N, H)   x (N, H)   W (H, H)   b (H) or None. (Le, Jaitly and Hinton 2015)
    """
    return plain_step(relu, h, x, W, b)
