"""Recurrent layers: what comes out goes in again at the next step."""
from .. import functions as F
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
        gates = self.upward(x)
        if h is not None:
            gates = gates + self.lateral(h)
        if c is None:
            zeros = gates.xp.zeros((gates.shape[0], self.n_out), gates.dtype)
            c = Variable(zeros, requires_grad=False)
        return F.lstm(c, gates)


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
