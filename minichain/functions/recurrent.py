"""Cells of recurrent networks: one step through time."""
from ..errors import ShapeError
from ..explain import add_line
from ..fused import Fused
from .activation import sigmoid
from .math import tanh
from .shaping import split


class LSTM(Fused):
    """One step of a long short-term memory: forget some, take in some, show some"""

    shapes, keeps = '(N,H) (N,4H) -> (N,H) (N,H)', 'x gates squashed'
    fills = False

    def forward(self, c, x):
        xp, n = self.xp, c.shape[1]
        gates = xp.empty_like(x)
        xp.tanh(x[:, :n], out=gates[:, :n])
        xp.tanh(x[:, n:] * 0.5, out=gates[:, n:])       # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2
        gates[:, n:] *= 0.5
        gates[:, n:] += 0.5
        a, i, f, o = (gates[:, k * n:(k + 1) * n] for k in range(4))
        c = f * c + i * a
        self.gates, self.squashed = gates, xp.tanh(c)
        return c, o * self.squashed

    def backward(self, gc, gh):
        c, _ = self.x
        n = c.shape[1]
        a, i, f, o = (self.gates[:, k * n:(k + 1) * n] for k in range(4))
        gx = self.xp.zeros_like(self.gates)
        total = 0 if gc is None else gc
        if gh is not None:
            total = total + gh * o * (1 - self.squashed * self.squashed)
            gx[:, 3 * n:] = gh * self.squashed * o * (1 - o)
        gx[:, :n] = total * i * (1 - a * a)
        gx[:, n:2 * n] = total * a * i * (1 - i)
        gx[:, 2 * n:3 * n] = total * c * f * (1 - f)
        return total * f, gx

    def reference(self, c, x):
        a, i, f, o = split(x, 4, 1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(a)
        return c, sigmoid(o) * tanh(c)


def lstm(c, x):
    """One step of a long short-term memory. Gives the new cell c and the output h.

    c (N, H) the cell before   x (N, 4H) the inputs of a, i, f, o, H columns each
    c = sigmoid(f) * c + sigmoid(i) * tanh(a),   h = sigmoid(o) * tanh(c)
    Raises ShapeError if x has not 4 H columns.
    (Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber and Cummins 2000)
    """
    if len(c.shape) != 2 or tuple(x.shape) != (c.shape[0], 4 * c.shape[1]):
        raise add_line(ShapeError(f'lstm wants {LSTM.shapes}, but got c {tuple(c.shape)}, '
                                  f'x {tuple(x.shape)}: x needs 4 columns for each of c.'))
    return LSTM().apply(c, x)
