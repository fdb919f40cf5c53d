"""Small layers: shifts, scales, products of two inputs, learnt activations, stacks."""
from .. import functions as F
from ..initializers import Constant, Normal, One, Zero, get_initializer
from ..parameter import Parameter
from .basic import Linear
from .link import ChainList, Link


def along(parameter, x, axis):
    """A parameter in a shape that broadcasts to x from an axis on."""
    after = len(x.shape) - axis - len(parameter.shape)
    return F.reshape(parameter, (1,) * axis + tuple(parameter.shape) + (1,) * after)


class Bias(Link):
    """y = x + b, with one number for each place along some axes.

    axis   the first of x's axes that b has    shape  of b; None: the length of that axis
    """

    def __init__(self, axis=1, shape=None):
        super().__init__()
        self.axis = axis
        with self.init_scope():
            self.b = Parameter(Zero(), shape)

    def forward(self, x):
        if not self.b.is_initialized:
            self.b.initialize((x.shape[self.axis],))
        return x + along(self.b, x, self.axis)


class Scale(Link):
    """y = x * W, and + b if wished, with one number for each place along some axes.

    axis   the first of x's axes that W has    shape  of W; None: the length of that axis
    bias   True: add a bias, too
    """

    def __init__(self, axis=1, shape=None, bias=False):
        super().__init__()
        self.axis = axis
        with self.init_scope():
            self.W = Parameter(One(), shape)
            self.bias = Bias(axis, shape) if bias else None

    def forward(self, x):
        if not self.W.is_initialized:
            self.W.initialize((x.shape[self.axis],))
        y = x * along(self.W, x, self.axis)
        return y if self.bias is None else self.bias(y)


class Bilinear(Link):
    """Products of all pairs of numbers of two inputs; see `minichain.functions.bilinear`.

    n_left, n_right  numbers of the inputs    n_out  of the output    nobias  True: products only
    (left (N, n_left), right (N, n_right)) -> y (N, n_out)
    """

    def __init__(self, n_left, n_right, n_out, nobias=False, W=None):
        super().__init__()
        with self.init_scope():
            self.W = Parameter(get_initializer(W, Normal((n_left * n_right) ** -0.5)),
                               (n_left, n_right, n_out))
            self.V1 = None if nobias else Parameter(Normal(n_left ** -0.5), (n_left, n_out))
            self.V2 = None if nobias else Parameter(Normal(n_right ** -0.5), (n_right, n_out))
            self.b = None if nobias else Parameter(Zero(), (n_out,))

    def forward(self, left, right):
        return F.bilinear(left, right, self.W, self.V1, self.V2, self.b)


class Dropout(Link):
    """Some numbers become 0 in training; see `minichain.functions.dropout`."""

    def __init__(self, ratio=0.5):
        super().__init__()
        self.ratio = ratio

    def forward(self, x):
        return F.dropout(x, self.ratio)


class PReLU(Link):
    """A relu with a slope for negative numbers that is learnt; see `minichain.functions.prelu`.

    shape  of the slopes: () for a single one, (C,) for one a channel   init  where they begin
    """

    def __init__(self, shape=(), init=0.25):
        super().__init__()
        with self.init_scope():
            self.W = Parameter(Constant(init), tuple(shape))

    def forward(self, x):
        return F.prelu(x, self.W)


class Maxout(Link):
    """The largest of several linear layers; see `minichain.functions.maxout`.

    n_in, n_out  as in Linear    pool_size  how many layers compete for each output
    x (N, n_in) -> y (N, n_out)
    """

    def __init__(self, n_in, n_out, pool_size):
        super().__init__()
        self.pool_size = pool_size
        with self.init_scope():
            self.linear = Linear(n_in, n_out * pool_size)

    def forward(self, x):
        return F.maxout(self.linear(x), self.pool_size)


class MLP(ChainList):
    """Linear layers with an activation between them: MLP(100, 100, 10).

    sizes       outputs of each layer; the input's size is taken from the first input
    activation  between the layers   dropout  ratio of dropout after each activation
    x (N, ...) -> y (N, sizes[-1])
    """

    def __init__(self, *sizes, activation=F.relu, dropout=0.0):
        super().__init__(*[Linear(None, size) for size in sizes])
        self.activation, self.dropout = activation, dropout

    def forward(self, x):
        *hidden, last = self
        for layer in hidden:
            x = self.activation(layer(x))
            if self.dropout:
                x = F.dropout(x, self.dropout)
        return last(x)
