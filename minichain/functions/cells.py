"""More cells of recurrent networks: one step through time, or up a tree."""
from ..errors import ShapeError
from ..explain import add_line
from .activation import relu, sigmoid
from .linear import linear
from .math import tanh
from .shaping import split


def rnn_tanh(h, x, W, b=None):
    """One step of a plain recurrent network: y = tanh(x + h Wᵀ + b).

    h (N, H) the output before   x (N, H) what the input adds   W (H, H)   b (H) or None
    (Elman 1990)
    """
    return tanh(x + linear(h, W, b))


def rnn_relu(h, x, W, b=None):
    """One step of a recurrent network with rectifiers: y = relu(x + h Wᵀ + b).

    h (N, H)   x (N, H)   W (H, H)   b (H) or None. (Le, Jaitly and Hinton 2015)
    """
    return relu(x + linear(h, W, b))


def gru(h, x, u):
    """One step of a gated recurrent unit. Gives the new output.

    h (N, H) the output before   x (N, 3H) what the input adds to r, z, n, H columns each
    u (N, 3H) what h adds to them: U h + b
    r = sigmoid(x_r + u_r),  z = sigmoid(x_z + u_z),  n = tanh(x_n + r * u_n)
    y = (1 - z) * n + z * h
    Raises ShapeError if x or u has not three times h's columns. (Cho et al. 2014)
    """
    if x.shape[1] != 3 * h.shape[1] or tuple(u.shape) != tuple(x.shape):
        raise add_line(ShapeError(f'gru wants (N,H) (N,3H) (N,3H) -> (N,H), but got '
                                  f'h {tuple(h.shape)}, x {tuple(x.shape)}, u {tuple(u.shape)}.'))
    (xr, xz, xn), (ur, uz, un) = split(x, 3, 1), split(u, 3, 1)
    z = sigmoid(xz + uz)
    n = tanh(xn + sigmoid(xr + ur) * un)
    return n + z * (h - n)


def tree_lstm(*inputs):
    """One step up a tree: the cells of the children become the cell of their parent.

    inputs  the children's cells c₁ ... cₖ (N, H) each, then x (N, (3 + k) H): the inputs of
            a, i, o, f₁ ... fₖ, H columns each
    c = sigmoid(i) * tanh(a) + Σ sigmoid(fₖ) * cₖ,   h = sigmoid(o) * tanh(c). Gives (c, h)
    Raises ShapeError if x has not so many columns. (Tai, Socher and Manning 2015)
    """
    *cells, x = inputs
    if not cells or x.shape[1] != (3 + len(cells)) * cells[0].shape[1]:
        raise add_line(ShapeError(f'tree_lstm wants k cells (N,H) and x (N,(3+k)H), but got '
                                  f'{len(cells)} cells, x {tuple(x.shape)}.'))
    a, i, o, *forget = split(x, 3 + len(cells), 1)
    c = sigmoid(i) * tanh(a)
    for cell, f in zip(cells, forget):
        c = c + sigmoid(f) * cell
    return c, sigmoid(o) * tanh(c)
