"""Chainer's recurrent links: its gates, its order of drawing initial weights, its names."""
from .. import functions as core
from . import operations as F
from .initializers import get_initializer
from .link import Chain
from .layers import Linear
from .variable import Variable, as_variable


def zeros(x, n_out):
    """A state of zeros for a batch."""
    return Variable(x.xp.zeros((x.shape[0], n_out), x.dtype), requires_grad=False)


class StatelessLSTM(Chain):
    """One step of a long short-term memory: (c, h, x) -> (c, h).

    The rows of W belong to the gates a, i, f, o of the first unit, then those of the second ...
    """

    def __init__(self, in_size, out_size=None, lateral_init=None, upward_init=None, bias_init=None,
                 forget_bias_init=None):
        super().__init__()
        if out_size is None:
            in_size, out_size = None, in_size
        self.state_size = out_size
        self.starts = lateral_init, upward_init, bias_init or 0, (
            1 if forget_bias_init is None else forget_bias_init)
        with self.init_scope():
            self.upward = Linear(in_size, 4 * out_size, initialW=0)
            self.lateral = Linear(out_size, 4 * out_size, initialW=0, nobias=True)
        if in_size is not None:
            self.fill()

    def fill(self):
        """Draw the initial weights, one block of rows after the other."""
        lateral, upward, bias, forget = map(get_initializer, self.starts)
        for start in range(0, 4 * self.state_size, self.state_size):
            rows = slice(start, start + self.state_size)
            lateral(self.lateral.W.data[rows])
            upward(self.upward.W.data[rows])
        gates = self.upward.b.data.reshape(self.state_size, 4)
        for gate, start in enumerate((bias, bias, forget, bias)):
            start(gates[:, gate])

    def gates(self, h, x):
        """What x and h bring to the gates."""
        if not self.upward.W.is_initialized:
            self.upward.n_in = x.size // x.shape[0]
            self.upward.W.initialize((4 * self.state_size, self.upward.n_in))
            self.fill()
        added = self.upward(x)
        if h is None:
            return added
        if h.shape[0] > x.shape[0]:
            h = h[:x.shape[0]]
        return added + self.lateral(h)

    def forward(self, c, h, x):
        added = self.gates(h, x)
        return F.lstm(zeros(added, self.state_size) if c is None else c, added)


def moved(state, device):
    """A state, if there is one, as a Variable on a device; its graph stays behind it."""
    if state is None:
        return None
    state = as_variable(state)
    return state if state.device == device else core.copy(state, device)


class Remembering:
    """What links with a state c and h have in common."""

    def reset_state(self):
        """Forget: the next input begins a new sequence."""
        self.c = self.h = None

    def set_state(self, c, h):
        """Begin with a cell c and an output h, each (N, out_size)."""
        self.c, self.h = moved(c, self.device), moved(h, self.device)

    def to_device(self, device):
        super().to_device(device)
        self.c, self.h = moved(self.c, self.device), moved(self.h, self.device)
        return self


class LSTM(Remembering, StatelessLSTM):
    """A long short-term memory that remembers its state: x (N, in_size) -> h (N, out_size).

    If a batch is smaller than the one before, the other rows of the state stay as they are.
    """

    def __init__(self, in_size, out_size=None, **options):
        self.reset_state()
        super().__init__(in_size, out_size, **options)

    def forward(self, x):
        old = self.h
        self.c, h = super().forward(self.c, old, x)
        more = old is not None and old.shape[0] > x.shape[0]
        self.h = core.concat([h, old[x.shape[0]:]], 0) if more else h
        return h


class StatefulPeepholeLSTM(Remembering, Chain):
    """A long short-term memory whose gates see the cell. (Gers and Schmidhuber 2000)"""

    def __init__(self, in_size, out_size):
        self.reset_state()
        super().__init__()
        self.state_size = out_size
        with self.init_scope():
            self.upward = Linear(in_size, 4 * out_size)
            self.lateral = Linear(out_size, 4 * out_size, nobias=True)
            self.peep_i, self.peep_f, self.peep_o = [
                Linear(out_size, out_size, nobias=True) for _ in range(3)]

    def forward(self, x):
        added = self.upward(x)
        if self.h is not None:
            added = added + self.lateral(self.h)
        c = zeros(added, self.state_size) if self.c is None else self.c
        a, i, f, o = core.split(F.gates_apart(added), 4, 1)
        self.c = core.tanh(a) * core.sigmoid(i + self.peep_i(c)) + core.sigmoid(
            f + self.peep_f(c)) * c
        self.h = core.sigmoid(o + self.peep_o(self.c)) * core.tanh(self.c)
        return self.h


class StatefulZoneoutLSTM(Remembering, Chain):
    """A long short-term memory that keeps some of its state by chance. (Krueger et al. 2016)"""

    def __init__(self, in_size, out_size, c_ratio=0.5, h_ratio=0.5):
        self.reset_state()
        super().__init__()
        self.state_size, self.c_ratio, self.h_ratio = out_size, c_ratio, h_ratio
        with self.init_scope():
            self.upward = Linear(in_size, 4 * out_size)
            self.lateral = Linear(out_size, 4 * out_size, nobias=True)

    def forward(self, x):
        added = self.upward(x)
        if self.h is None:
            self.h = zeros(added, self.state_size)
            self.c = zeros(added, self.state_size)
        else:
            added = added + self.lateral(self.h)
        c, h = F.lstm(self.c, added)
        self.c = core.zoneout(self.c, c, self.c_ratio)
        self.h = core.zoneout(self.h, h, self.h_ratio)
        return self.h


class StatelessGRU(Chain):
    """One step of a gated recurrent unit, (h, x) -> h: the state is gated before its product.

    r = σ(W_r x + U_r h), z = σ(W_z x + U_z h), h = (1 - z) h + z tanh(W x + U (r h))
    """

    def __init__(self, in_size, out_size, init=None, inner_init=None, bias_init=None):
        super().__init__()
        self.state_size = out_size
        with self.init_scope():
            for name in ('_r', '_z', ''):
                setattr(self, f'W{name}', Linear(in_size, out_size, False, init, bias_init))
                setattr(self, f'U{name}', Linear(out_size, out_size, False, inner_init, bias_init))

    def forward(self, h, x):
        z, new = self.W_z(x), self.W(x)
        if h is None:
            return core.sigmoid(z) * core.tanh(new)
        r = core.sigmoid(self.W_r(x) + self.U_r(h))
        z = core.sigmoid(z + self.U_z(h))
        return F.linear_interpolate(z, core.tanh(new + self.U(r * h)), h)


class OneState:
    """What links with a state h have in common."""

    def reset_state(self):
        """Forget: the next input begins a new sequence."""
        self.h = None

    def set_state(self, h):
        """Begin with an output h (N, out_size)."""
        self.h = moved(h, self.device)


class StatefulGRU(OneState, StatelessGRU):
    """A gated recurrent unit that remembers its state: x (N, in_size) -> h (N, out_size)."""

    def __init__(self, in_size, out_size, init=None, inner_init=None, bias_init=0):
        super().__init__(in_size, out_size, init, inner_init, bias_init)
        self.reset_state()

    def forward(self, x):
        if self.h is None:
            z = core.sigmoid(self.W_z(x))
            self.h = z * core.tanh(self.W(x))
        else:
            self.h = super().forward(self.h, x)
        return self.h


GRU = StatefulGRU


class StatelessMGU(Chain):
    """One step of a minimal gated unit: (h, x) -> h. (Zhou et al. 2016)"""

    def __init__(self, n_inputs, n_units):
        super().__init__()
        self.state_size = n_units
        with self.init_scope():
            self.W_f = Linear(n_inputs + n_units, n_units)
            self.W_h = Linear(n_inputs + n_units, n_units)

    def forward(self, h, x):
        f = core.sigmoid(self.W_f(core.concat([h, x])))
        return F.linear_interpolate(f, core.tanh(self.W_h(core.concat([f * h, x]))), h)


class StatefulMGU(OneState, StatelessMGU):
    """A minimal gated unit that remembers its state."""

    def __init__(self, in_size, out_size):
        super().__init__(in_size, out_size)
        self.reset_state()

    def forward(self, x):
        h = zeros(as_variable(x), self.state_size) if self.h is None else self.h
        self.h = super().forward(h, x)
        return self.h


# Trees -------------------------------------------------------------------------------------------

def something(cells, outputs, x, n_in, xp):
    """The input of a node, zeros if it has none; and zeros for children that are missing."""
    known = [v for v in (x, *cells, *outputs) if v is not None]
    if not known:
        raise ValueError('A node of a tree without children and input has no state.')
    n, dtype = known[0].shape[0], known[0].dtype
    return xp.zeros((n, n_in), dtype) if x is None else x, dtype


class NaryTreeLSTM(Chain):
    """A long short-term memory that climbs a tree: (c₁ ... cₖ, h₁ ... hₖ, x) -> (c, h)."""

    def __init__(self, in_size, out_size, n_ary=2):
        super().__init__()
        self.in_size, self.state_size, self.n_ary = in_size, out_size, n_ary
        with self.init_scope():
            self.W_x = Linear(in_size, (3 + n_ary) * out_size)
            for k in range(1, n_ary + 1):
                setattr(self, f'W_h{k}', Linear(out_size, (3 + n_ary) * out_size, nobias=True))

    def forward(self, *inputs):
        cells, outputs, x = inputs[:self.n_ary], inputs[self.n_ary:-1], inputs[-1]
        x, dtype = something(cells, outputs, x, self.in_size, self.xp)
        gates = self.W_x(x)
        for k, h in enumerate(outputs, 1):
            if h is not None:
                gates = gates + self[f'W_h{k}'](h)
        empty = self.xp.zeros((x.shape[0], self.state_size), dtype)
        return core.tree_lstm(*[empty if c is None else c for c in cells], gates)


class ChildSumTreeLSTM(Chain):
    """A long short-term memory that climbs a tree whose nodes have any number of children."""

    def __init__(self, in_size, out_size):
        super().__init__()
        self.in_size, self.state_size = in_size, out_size
        with self.init_scope():
            self.W_x = Linear(in_size, 4 * out_size)
            self.W_h_aio = Linear(out_size, 3 * out_size, nobias=True)
            self.W_h_f = Linear(out_size, out_size, nobias=True)

    def forward(self, *inputs):
        half = len(inputs) // 2
        cells, outputs, x = inputs[:half], inputs[half:-1], inputs[-1]
        x, dtype = something(cells, outputs, x, self.in_size, self.xp)
        gates, forget = core.split(self.W_x(x), [3 * self.state_size], 1)
        empty = self.xp.zeros((x.shape[0], self.state_size), dtype)
        outputs = [empty if h is None else h for h in outputs]
        if outputs:
            gates = gates + self.W_h_aio(F.add(*outputs))
        a, i, o = core.split(gates, 3, 1)
        c = core.sigmoid(i) * core.tanh(a)
        for cell, h in zip(cells, outputs):
            if cell is not None:
                c = c + core.sigmoid(forget + self.W_h_f(h)) * cell
        return c, core.sigmoid(o) * core.tanh(c)
