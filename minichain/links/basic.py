"""Linear layers and embeddings."""
import math

from .. import functions as F
from ..initializers import LeCunNormal, Normal, Zero, get_initializer
from ..parameter import Parameter
from .link import Link


class Linear(Link):
    """y = x Wᵀ + b: every output is a weighted sum of all inputs, plus a bias.

    n_in      numbers an example; None, or left out as in Linear(10): taken from the first input
    n_out     outputs
    W         initial weights (n_out, n_in): an initializer, a number or an array
    nobias    True: no bias

    x (N, n_in) or (N, ...), which is flattened -> y (N, n_out). Called with add_bias=False,
    it leaves the bias to whoever adds it later.
    """

    def __init__(self, n_in, n_out=None, nobias=False, W=None, b=None):
        super().__init__()
        if n_out is None:
            n_in, n_out = None, n_in
        self.n_in, self.n_out = n_in, n_out
        with self.init_scope():
            self.W = Parameter(get_initializer(W, LeCunNormal()),
                               None if n_in is None else (n_out, n_in))
            self.b = None if nobias else Parameter(get_initializer(b, Zero()), (n_out,))

    def forward(self, x, n_batch_axes=1, add_bias=True):
        if not self.W.is_initialized:
            self.n_in = math.prod(x.shape[n_batch_axes:])
            self.W.initialize((self.n_out, self.n_in))
        return F.linear(x, self.W, self.b if add_bias else None, n_batch_axes)


class EmbedID(Link):
    """A table with a row for each whole number: words become vectors that can be learnt.

    n_in      how many different numbers there are
    n_out     length of a row
    ignore_label  a number that gives zeros

    x (...), whole numbers -> y (..., n_out)
    """

    def __init__(self, n_in, n_out, W=None, ignore_label=None):
        super().__init__()
        self.ignore_label = ignore_label
        with self.init_scope():
            self.W = Parameter(get_initializer(W, Normal(1.0)), (n_in, n_out))

    def forward(self, x):
        return F.embed_id(x, self.W, self.ignore_label)
