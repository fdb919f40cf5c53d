"""Recurrent layers: what comes out goes in again at the next step."""
from .. import functions as F
from ..functions.plain import RNNReLU, RNNTanh
from ..fused import composed
from ..variable import Variable
from .basic import Linear
from .link import Chain


class StatelessLSTM(Chain):
    """One step of a long short-term memory, with the state handed in and out.

    n_in   numbers an input; None, or left out: taken from the first one
    n_out  numbers of the state

    (c, h, x) -> (c, h): c, h (N, n_out) or None at the beginning, x (N, n_in)
    """

    def __init__(self, n_in, n_out=None, forget_bias=1.0):
        super().__init__()
        if n_out is None:
            n_in, n_out = None, n_in
        self.n_out = n_out
        with self.init_scope():
            self.upward = Linear(n_in, 4 * n_out)
            self.lateral = Linear(n_out, 4 * n_out, nobias=True)
        self.upward.b.data[2 * n_out:3 * n_out] = forget_bias

    def forward(self, c, h, x):
        upward = self.upward(x, add_bias=False)
        lateral = None if h is None else self.lateral(h)
        if c is None:
            zeros = upward.xp.zeros((upward.shape[0], self.n_out), upward.dtype)
            c = Variable(zeros, requires_grad=False)
        return F.lstm(c, upward, lateral, self.upward.b)


class LSTM(StatelessLSTM):
    """A long short-term memory that remembers its state from call to call.

    Call it once a time step: x (N, n_in) -> h (N, n_out). `reset_state()` begins a new sequence.
    When sequences end, a smaller batch may follow: the state of the first N goes on.
    (Hochreiter and Schmidhuber 1997)
    """

    def __init__(self, n_in, n_out=None, forget_bias=1.0):
        super().__init__(n_in, n_out, forget_bias)
        self.reset_state()

    def reset_state(self):
        """Forget: the next input begins a new sequence."""
        self.c = self.h = None

    def set_state(self, c, h):
        """Begin with a cell c and an output h, each (N, n_out)."""
        self.c, self.h = c, h

    def forward(self, x):
        if self.h is not None and x.shape[0] < self.h.shape[0]:
            self.c, self.h = self.c[:x.shape[0]], self.h[:x.shape[0]]
        self.c, self.h = super().forward(self.c, self.h, x)
        return self.h


# What does a plain layer's step in one kernel.
STEPS = {F.tanh: RNNTanh, F.relu: RNNReLU}


class RNN(Chain):
    """A plain recurrent layer that remembers its output: h = tanh(W x + b + U h).

    Call it once a time step: x (N, n_in) -> h (N, n_out). `reset_state()` begins a new sequence.
    When sequences end, a smaller batch may follow: the state of the first N goes on. (Elman 1990)
    """

    def __init__(self, n_in, n_out=None, activation=F.tanh):
        super().__init__()
        if n_out is None:
            n_in, n_out = None, n_in
        self.n_out, self.activation = n_out, activation
        with self.init_scope():
            self.upward = Linear(n_in, n_out)
            self.lateral = Linear(n_out, n_out, nobias=True)
        self.reset_state()

    def reset_state(self):
        """Forget: the next input begins a new sequence."""
        self.h = None

    def set_state(self, h):
        """Begin with an output h (N, n_out)."""
        self.h = h

    def forward(self, x):
        step = None if composed(x) else STEPS.get(self.activation)
        added = self.upward(x) if step is None else self.upward(x, add_bias=False)
        if self.h is not None and x.shape[0] < self.h.shape[0]:
            self.h = self.h[:x.shape[0]]
        lateral = None if self.h is None else self.lateral(self.h)
        if step is None:
            self.h = self.activation(added if lateral is None else added + lateral)
        else:
            self.h = step().apply(added, lateral, self.upward.b)
        return self.h


class StatelessGRU(Chain):
    """One step of a gated recurrent unit, with the state handed in and out.

    n_in   numbers an input; None, or left out: taken from the first one
    n_out  numbers of the state

    (h, x) -> h: h (N, n_out) or None at the beginning, x (N, n_in). The formula is that of
    `minichain.functions.gru`.
    """

    def __init__(self, n_in, n_out=None):
        super().__init__()
        if n_out is None:
            n_in, n_out = None, n_in
        self.n_out = n_out
        with self.init_scope():
            self.upward = Linear(n_in, 3 * n_out)
            self.lateral = Linear(n_out, 3 * n_out)

    def forward(self, h, x):
        alone = composed(x)         # else the cell's kernel adds the biases
        added = self.upward(x, add_bias=alone)
        if h is None:
            zeros = added.xp.zeros((added.shape[0], self.n_out), added.dtype)
            h = Variable(zeros, requires_grad=False)
        biases = () if alone else (self.upward.b, self.lateral.b)
        return F.gru(h, added, self.lateral(h, add_bias=alone), *biases)


class GRU(StatelessGRU):
    """A gated recurrent unit that remembers its state from call to call.

    Call it once a time step: x (N, n_in) -> h (N, n_out). `reset_state()` begins a new sequence.
    When sequences end, a smaller batch may follow: the state of the first N goes on.
    (Cho et al. 2014)
    """

    def __init__(self, n_in, n_out=None):
        super().__init__(n_in, n_out)
        self.reset_state()

    def reset_state(self):
        """Forget: the next input begins a new sequence."""
        self.h = None

    def set_state(self, h):
        """Begin with an output h (N, n_out)."""
        self.h = h

    def forward(self, x):
        if self.h is not None and x.shape[0] < self.h.shape[0]:
            self.h = self.h[:x.shape[0]]
        self.h = super().forward(self.h, x)
        return self.h


class TreeLSTM(Chain):
    """A long short-term memory that climbs a tree: the states of children become their parent's.

    n_in    numbers an input; None: taken from the first one
    n_out   numbers of the state
    n_ary   how many children a node has

    (c₁, ..., cₖ, h₁, ..., hₖ, x) -> (c, h): c, h (N, n_out), None for a child that is missing;
    x (N, n_in), None for a node without an input. (Tai, Socher and Manning 2015)
    """

    def __init__(self, n_in, n_out, n_ary=2):
        super().__init__()
        self.n_out, self.n_ary = n_out, n_ary
        with self.init_scope():
            self.upward = Linear(n_in, (3 + n_ary) * n_out)
            for k in range(n_ary):
                setattr(self, f'child{k}', Linear(n_out, (3 + n_ary) * n_out, nobias=True))

    def forward(self, *inputs):
        cells, outputs, x = inputs[:self.n_ary], inputs[self.n_ary:-1], inputs[-1]
        if len(outputs) != self.n_ary:
            raise TypeError(f'TreeLSTM with {self.n_ary} children takes as many c, as many h and '
                            f'one x, but got {len(inputs)} inputs.')
        gates = None if x is None else self.upward(x)
        for k, h in enumerate(outputs):
            if h is not None:
                added = getattr(self, f'child{k}')(h)
                gates = added if gates is None else gates + added
        if gates is None:
            raise TypeError('TreeLSTM: without an input and without children there is no state.')
        empty = gates.xp.zeros((gates.shape[0], self.n_out), gates.dtype)
        cells = [Variable(empty, requires_grad=False) if c is None else c for c in cells]
        return F.tree_lstm(*cells, gates)
