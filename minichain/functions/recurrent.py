"""Cells of recurrent networks with gates: one step through time, or up a tree."""
import functools

import numpy as np

from ..backend import contiguous, elementwise, get_array_module
from ..errors import ShapeError
from ..explain import add_line
from ..fused import Fused
from ..gather import gathered
from .activation import sigmoid
from .linear import bias_gradient
from .math import as_number, tanh
from .shaping import parts_between, split

# GPU kernels. A thread has one number of a state; `first` is its place in the first gate's columns.
# The gates are computed again in backward: that is cheaper there than to keep them. Biases, and an
# LSTM's u, are added where they are given, for sums of their own would be more launches. Where
# `adds`, the gradient of the state before is added to what is there.
FIRST = '''int unit = int(i) % width;
    long long first = (long long)(int(i) / width) * parts * width + unit;'''
LSTM_GATES = '''
    T a = tanh(sums[first]), in = 1 / (1 + exp(-sums[first + width]));
    T forget = 1 / (1 + exp(-sums[first + 2 * width]));
    T out = 1 / (1 + exp(-sums[first + 3 * width]));
    T cell = forget * c + in * a;
    T squashed = tanh(cell);'''
LSTM_STEP = elementwise(
    'T c, raw T x, raw T u, raw T b, bool has_u, bool has_b, int32 width',
    'T next, T h, raw T sums',
    FIRST.replace('parts', '4') + f'''
        long long j = first;
        for (int k = unit; k < 4 * width; j += width, k += width)
          sums[j] = x[j] + (has_b ? b[k] : T(0)) + (has_u ? u[j] : T(0));
        {LSTM_GATES}
        next = cell;
        h = out * squashed;''', 'lstm_step')
LSTM_BACK = elementwise(
    'T c, raw T sums, raw T gc, raw T gh, bool has_gc, bool has_gh, bool adds, int32 width',
    'T before, raw T gx',
    FIRST.replace('parts', '4') + f'''{LSTM_GATES}
        T from_h = has_gh ? gh[i] : T(0);
        T total = from_h * out * (1 - squashed * squashed) + (has_gc ? gc[i] : T(0));
        before = total * forget + (adds ? before : T(0));
        gx[first] = total * in * (1 - a * a);
        gx[first + width] = total * a * in * (1 - in);
        gx[first + 2 * width] = total * c * forget * (1 - forget);
        gx[first + 3 * width] = from_h * squashed * out * (1 - out);''', 'lstm_back')

GRU_INPUTS = 'T h, raw T x, raw T u, raw T b, raw T d, bool has_b, bool has_d, int32 width'
GRU_GATES = FIRST.replace('parts', '3') + '''
    T from_x[3], from_h[3];
    for (int k = 0; k < 3; ++k) {
      from_x[k] = x[first + k * width] + (has_b ? b[unit + k * width] : T(0));
      from_h[k] = u[first + k * width] + (has_d ? d[unit + k * width] : T(0));
    }
    T r = 1 / (1 + exp(-from_x[0] - from_h[0]));
    T z = 1 / (1 + exp(-from_x[1] - from_h[1]));
    T added = from_h[2];
    T n = tanh(from_x[2] + r * added);'''
GRU_STEP = elementwise(
    GRU_INPUTS, 'T y',
    f'''{GRU_GATES}
        y = n + z * (h - n);''', 'gru_step')
GRU_BACK = elementwise(
    f'{GRU_INPUTS}, T gy, bool adds', 'T gh, raw T gx, raw T gu',
    f'''{GRU_GATES}
        T gn = gy * (1 - z) * (1 - n * n);
        gh = gy * z + (adds ? gh : T(0));
        gx[first] = gu[first] = gn * added * r * (1 - r);
        gx[first + width] = gu[first + width] = gy * (h - n) * z * (1 - z);
        gx[first + 2 * width] = gn;
        gu[first + 2 * width] = gn * r;''', 'gru_back')

# The children's cells lie behind each other in `cells`.
TREE_GATES = FIRST.replace('parts', '(3 + children)') + '''
    T a = tanh(x[first]), in = 1 / (1 + exp(-x[first + width]));
    T out = 1 / (1 + exp(-x[first + 2 * width]));
    T cell = in * a;
    for (int k = 0; k < children; ++k)
      cell += cells[k * _ind.size() + i] / (1 + exp(-x[first + (3 + k) * width]));
    T squashed = tanh(cell);'''
TREE_STEP = elementwise(
    'raw T x, raw T cells, int32 children, int32 width', 'T next, T h',
    f'''{TREE_GATES}
        next = cell;
        h = out * squashed;''', 'tree_step')
TREE_BACK = elementwise(
    'raw T x, raw T cells, raw T gc, raw T gh, bool has_gc, bool has_gh, int32 children, '
    'int32 width', 'raw T gcells, raw T gx',
    TREE_GATES + '''
        T from_h = has_gh ? gh[i] : T(0);
        T total = from_h * out * (1 - squashed * squashed) + (has_gc ? gc[i] : T(0));
        gx[first] = total * in * (1 - a * a);
        gx[first + width] = total * a * in * (1 - in);
        gx[first + 2 * width] = from_h * squashed * out * (1 - out);
        for (int k = 0; k < children; ++k) {
          T forget = 1 / (1 + exp(-x[first + (3 + k) * width]));
          gcells[k * _ind.size() + i] = total * forget;
          gx[first + (3 + k) * width] = total * cells[k * _ind.size() + i] * forget * (1 - forget);
        }''', 'tree_back')


class LSTM(Fused):
    """One step of a long short-term memory: forget some, take in some, show some"""

    shapes = '(N,H) (N,4H) (N,4H) (4H) -> (N,H) (N,H)'
    keeps, fills = 'x gates squashed', False

    def forward(self, c, x, u, b):
        xp = self.xp
        if xp is not np:
            self.sums = xp.empty(x.shape, x.dtype)
            given = [contiguous(x if array is None else array) for array in (x, u, b)]
            states = xp.empty(c.shape, c.dtype), xp.empty(c.shape, c.dtype)
            LSTM_STEP(c, *given, u is not None, b is not None, c.shape[1], *states, self.sums)
            return states
        self.sums = x if b is None else x + b
        if u is not None:
            self.sums = xp.add(self.sums, u, out=None if b is None else self.sums)
        self.gates = a, i, f, o = gates_of(self.sums, 4)
        c = f * c
        c += i * a
        self.squashed = xp.tanh(c)
        return c, o * self.squashed

    def keep(self, arrays, edges, ys):
        """Only the sum of x, u and b matters, so it stands for x, and nothing for the others."""
        self.x = arrays[0], self.sums, None, None
        del self.sums

    def acting(self, create_graph, paths):
        if create_graph:        # whose lines want to see what was added: zeros, now
            c, sums, *_ = self.x
            self.x = c, sums, *[None if edge is None else self.xp.zeros(shape, sums.dtype) for
                                edge, shape in zip(self.edges[2:], (sums.shape, sums.shape[1:]))]
        return super().acting(create_graph, paths)

    def backward(self, gc, gh):
        c, sums, _, _ = self.x
        if self.xp is not np:
            gc, gx = lstm_gradients(self.xp, c, sums, gc, gh)
        else:
            a, i, f, o = self.gates
            total, ga, gi, go = into_cell(gc, gh, a, i, o, self.squashed)
            gc = total * f
            gx = through_gates(self.gates, ga, gi, gc * c, go)
        for_b = self.edges[3]
        return gc, gx, gx, None if for_b is None else gathered(bias_gradient, for_b, gx)

    def reference(self, c, x, u, b):
        for added in b, u:
            x = x if added is None else x + added
        a, i, f, o = split(x, 4, 1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(a)
        return c, sigmoid(o) * tanh(c)


def lstm_gradients(xp, c, sums, gc, gh):
    """The gradients of a cell's c and of its gates' sums on a GPU; gc or gh may be None."""
    before, gx = xp.empty(c.shape, c.dtype), xp.empty(sums.shape, sums.dtype)
    gs = [contiguous(sums if g is None else g) for g in (gc, gh)]
    return LSTM_BACK(c, sums, *gs, gc is not None, gh is not None, False, c.shape[1], before, gx)


def columns(x, count):
    """The parts of a contiguous matrix that stand beside each other: (N, kH) -> (k, N, H).

    To write into a part is to write into the matrix.
    """
    return x.reshape(len(x), count, x.shape[1] // count).swapaxes(0, 1)


def squash(x, n, out=None):
    """tanh of the first n columns and sigmoid of the others: the gates of a cell.

    sigmoid(x) = tanh(x / 2) / 2 + 1 / 2, so that one tanh does for all. On few rows a pass over
    all columns is cheaper than to cut some out, so the first are multiplied by 1.
    """
    scale, shift = scale_and_shift(n, x.shape[1], x.dtype)
    out = np.multiply(x, scale, out)
    np.tanh(out, out)
    out *= scale
    out += shift
    return out


@functools.lru_cache(100)
def scale_and_shift(n, width, dtype):
    """Rows of 1 and 0 for the first n columns, of 1/2 for the others."""
    scale = np.full((1, width), 0.5, dtype)
    scale[:, :n] = 1
    shift = 1 - scale
    scale.flags.writeable = shift.flags.writeable = False
    return scale, shift


def gates_of(x, count):
    """So many gates of a cell, as parts of one matrix."""
    width = x.shape[1] // count
    gates = squash(x, width)
    return tuple([gates[part] for part in gate_places(count, width)])


@functools.lru_cache(100)
def gate_places(count, width):
    """What to index a matrix with to get each gate: that takes less time than `columns`."""
    return parts_between(tuple(range(width, count * width, width)), 1)


def slopes(gates, n):
    """The derivatives of what squash gave: 1 - y² for tanh, y - y² for sigmoid."""
    result = gates * gates
    first, others = result[:, :n], result[:, n:]
    np.subtract(as_number(1, gates.dtype), first, first)
    np.subtract(gates[:, n:], others, others)
    return result


def towards_cell(o, squashed, result):
    """The derivative of h = o * tanh(c) by c, as `result`."""
    np.multiply(squashed, squashed, result)
    np.subtract(as_number(1, result.dtype), result, result)
    result *= o
    return result


def into_cell(gc, gh, a, i, o, squashed):
    """The gradient of c, which also reaches h = o * tanh(c), and what it gives for the gates a, i
    and o: `through_gates` multiplies that with 1 - y."""
    if gh is None:
        total, for_o = gc, np.zeros_like(gc)
    else:
        total = gh * o
        for_o = total * squashed
        total -= for_o * squashed
        if gc is not None:
            total += gc
    for_a = total * i
    for_i = for_a * a
    for_a += for_i
    return total, for_a, for_i, for_o


def through_gates(gates, *gradients):
    """The gradient of what squash got: those of the parts, beside each other, times 1 - y.

    For tanh has the slope (1 + y) (1 - y), and sigmoid y (1 - y).
    """
    gx = np.concatenate(gradients, 1)
    gx *= np.subtract(as_number(1, gx.dtype), gates[0].base)    # the matrix that they are parts of
    return gx


def lstm(c, x, u=None, b=None):
    """One step of a long short-term memory. Gives the new cell c and the output h.

    c (N, H) the cell before   x (N, 4H) the inputs of a, i, f, o, H columns each
    u (N, 4H), b (4H) or None: what is added to x, such as U h and a bias
    c = sigmoid(f) * c + sigmoid(i) * tanh(a),   h = sigmoid(o) * tanh(c)
    Raises ShapeError if x or u has not 4 H columns, or b not 4 H numbers.
    (Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber and Cummins 2000)
    """
    shape = c.shape
    wide = (shape[0], 4 * shape[1]) if len(shape) == 2 else None
    if x.shape != wide or (u is not None and u.shape != wide) or (
            b is not None and b.shape != wide[1:]):
        named = ('c', c), ('x', x), ('u', u), ('b', b)
        listing = ', '.join(f'{name} {tuple(a.shape)}' for name, a in named if a is not None)
        raise add_line(ShapeError(f'lstm wants {LSTM.shapes}, but got {listing}: 4 columns are '
                                  'needed for each of c.'))
    return LSTM().apply(c, x, u, b)


class TreeLSTM(Fused):
    """One step up a tree: a memory for each child, each with a gate that forgets"""

    shapes, keeps = '(N,...) ... -> (N,H) (N,H)', 'x gates squashed'
    fills = False

    def forward(self, *inputs):
        *cells, x = inputs
        parts = 3 + len(cells)
        if self.xp is not np:
            states = [self.xp.empty((len(x), x.shape[1] // parts), x.dtype) for _ in range(2)]
            return TREE_STEP(*behind_each_other(cells, x), len(cells), x.shape[1] // parts, *states)
        self.gates = a, i, o, *forget = gates_of(x, parts)
        c = i * a
        for cell, f in zip(cells, forget):
            c += f * cell
        self.squashed = self.xp.tanh(c)
        return c, o * self.squashed

    def backward(self, gc, gh):
        *cells, x = self.x if type(self.x) is tuple else (self.x,)
        if self.xp is not np:
            return tree_gradients(self.xp, cells, x, gc, gh)
        a, i, o, *forget = self.gates
        total, *g_gates = into_cell(gc, gh, a, i, o, self.squashed)
        g_cells = [total * f for f in forget]
        for g, cell in zip(g_cells, cells):
            g_gates.append(g * cell)
        return (*g_cells, through_gates(self.gates, *g_gates))

    def reference(self, *inputs):
        *cells, x = inputs
        a, i, o, *forget = split(x, 3 + len(cells), 1)
        c = sigmoid(i) * tanh(a)
        for cell, f in zip(cells, forget):
            c = c + sigmoid(f) * cell
        return c, sigmoid(o) * tanh(c)


def behind_each_other(cells, x):
    """What a tree's kernels take: x, and the cells in one array, of which leaves have none."""
    x = contiguous(x)
    return x, get_array_module(x).stack(cells) if cells else x


def tree_gradients(xp, cells, x, gc, gh):
    """The gradients of the children's cells and of x on a GPU; gc or gh may be None."""
    x, stacked = behind_each_other(cells, x)
    width = x.shape[1] // (3 + len(cells))
    gcells, gx = xp.empty((len(cells), len(x), width), x.dtype), xp.empty(x.shape, x.dtype)
    gs = [contiguous(x if g is None else g) for g in (gc, gh)]
    TREE_BACK(x, stacked, *gs, gc is not None, gh is not None, len(cells), width, gcells, gx,
              size=len(x) * width)
    return (*gcells, gx)


def tree_lstm(*inputs):
    """One step up a tree: the cells of the children become the cell of their parent.

    inputs  the children's cells c₁ ... cₖ (N, H) each, none for a leaf; then x (N, (3 + k) H): the
            inputs of a, i, o, f₁ ... fₖ, H columns each
    c = sigmoid(i) * tanh(a) + Σ sigmoid(fₖ) * cₖ,   h = sigmoid(o) * tanh(c). Gives (c, h)
    Raises ShapeError if x has not so many columns. (Tai, Socher and Manning 2015)
    """
    *cells, x = inputs
    parts = 3 + len(cells)
    width = x.shape[1]
    if width != parts * (cells[0].shape[1] if cells else width // parts):
        raise add_line(ShapeError(f'tree_lstm wants k cells (N,H) and x (N,(3+k)H), but got '
                                  f'{len(cells)} cells, x {tuple(x.shape)}.'))
    return TreeLSTM().apply(*inputs)


class GRU(Fused):
    """One step of a gated recurrent unit, on a GPU"""

    shapes, keeps = '(N,H) (N,3H) (N,3H) (3H) (3H) -> (N,H)', 'x'

    def forward(self, h, x, u, b, d):
        return GRU_STEP(*gru_inputs(h, x, u, b, d), self.xp.empty(h.shape, h.dtype))

    def backward(self, gy):
        h, x, u, b, d = self.x
        gh, gx, gu = (self.xp.empty(a.shape, a.dtype) for a in (h, x, u))
        GRU_BACK(*gru_inputs(h, x, u, b, d), gy, False, gh, gx, gu)
        for_b, for_d = self.edges[3:]
        return (gh, gx, gu, None if for_b is None else gathered(bias_gradient, for_b, gx),
                None if for_d is None else gathered(bias_gradient, for_d, gu))

    def reference(self, h, x, u, b, d):
        x = x if b is None else x + b
        u = u if d is None else u + d
        (xr, xz, xn), (ur, uz, un) = split(x, 3, 1), split(u, 3, 1)
        z = sigmoid(xz + uz)
        n = tanh(xn + sigmoid(xr + ur) * un)
        return n + z * (h - n)


def gru_inputs(h, x, u, b, d):
    """What a GRU's kernels take; b or d may be None."""
    given = [contiguous(x if array is None else array) for array in (x, u, b, d)]
    return h, *given, b is not None, d is not None, h.shape[1]


def gru(h, x, u, b=None, d=None):
    """One step of a gated recurrent unit. Gives the new output.

    h (N, H) the output before   x (N, 3H) what the input adds to r, z, n, H columns each
    u (N, 3H) what h adds to them: U h
    b (3H), d (3H) or None: biases, which are added to x and to u
    r = sigmoid(x_r + u_r),  z = sigmoid(x_z + u_z),  n = tanh(x_n + r * u_n)
    y = (1 - z) * n + z * h
    Raises ShapeError if x or u has not three times h's columns, or b or d not as many numbers.
    (Cho et al. 2014)
    """
    wide = (h.shape[0], 3 * h.shape[1]) if len(h.shape) == 2 else None
    if x.shape != wide or u.shape != wide or any(
            bias is not None and bias.shape != wide[1:] for bias in (b, d)):
        named = ('h', h), ('x', x), ('u', u), ('b', b), ('d', d)
        listing = ', '.join(f'{name} {tuple(a.shape)}' for name, a in named if a is not None)
        raise add_line(ShapeError(f'gru wants {GRU.shapes}, but got {listing}: 3 columns are '
                                  'needed for each of h.'))
    if get_array_module(x, u) is np:
        return GRU().reference(h, x, u, b, d)
    return GRU().apply(h, x, u, b, d)
