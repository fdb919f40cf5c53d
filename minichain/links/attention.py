"""Attention, and the blocks that Transformers are made of."""
from .. import functions as F
from ..errors import ShapeError
from ..initializers import LeCunNormal
from ..parameter import Parameter
from .basic import Linear
from .layers import MLP
from .link import Chain
from .normalization import LayerNorm


class Attention(Chain):
    """What a decoder looks at: a mean of the encoder's outputs, by a small network's weights.

    n_query, n_key  numbers of a query and of a key; None: taken from the first inputs
    n_hidden        numbers of the small network

    (query (N, T, n_query) or (N, n_query), key (N, S, n_key)) -> (N, T, n_key) or (N, n_key)
    value  (N, S, V) what to average, if it is not the keys
    mask   (N, S) truth values: which keys are there
    (Bahdanau, Cho and Bengio 2014)
    """

    def __init__(self, n_query, n_key, n_hidden):
        super().__init__()
        with self.init_scope():
            self.query = Linear(n_query, n_hidden)
            self.key = Linear(n_key, n_hidden, nobias=True)
            self.w = Parameter(LeCunNormal(), (n_hidden,))

    def forward(self, query, key, value=None, mask=None):
        single = len(query.shape) == 2
        q = self.query(query, 1 if single else 2)
        y = F.additive_attention(F.expand_dims(q, 1) if single else q, self.key(key, 2),
                                 key if value is None else value, self.w,
                                 None if mask is None else mask[:, None])
        return F.squeeze(y, 1) if single else y


class MultiHeadAttention(Chain):
    """Several attentions beside each other, each in a space of its own.

    n        numbers of queries and outputs, which divides by the number of heads
    heads    how many
    dropout  ratio of the weights, in training

    query (N, T, n), key and value (N, S, n) -> (N, T, n); without a key, a sequence attends to
    itself. mask: truth values (N, S) or (N, T, S), false hides a key. causal: only what came before
    is seen.
    Raises ShapeError if n does not divide. (Vaswani et al. 2017)
    """

    def __init__(self, n, heads, dropout=0.0):
        super().__init__()
        if n % heads:
            raise ShapeError(f'MultiHeadAttention: {n} numbers do not divide into {heads} heads.')
        self.heads, self.dropout = heads, dropout
        with self.init_scope():
            self.query, self.key, self.value, self.out = (Linear(n, n) for _ in range(4))

    def split(self, x):
        """(N, T, n) -> (N, heads, T, n / heads)"""
        parts = F.reshape(x, (*x.shape[:2], self.heads, x.shape[2] // self.heads))
        return F.transpose(parts, (0, 2, 1, 3))

    def forward(self, query, key=None, value=None, mask=None, causal=False):
        key = query if key is None else key
        value = key if value is None else value
        if mask is not None:
            mask = mask[:, None, None] if len(mask.shape) == 2 else mask[:, None]
        y = F.scaled_dot_product_attention(
            self.split(self.query(query, 2)), self.split(self.key(key, 2)),
            self.split(self.value(value, 2)), mask, self.dropout, causal)
        return self.out(F.reshape(F.transpose(y, (0, 2, 1, 3)), query.shape), 2)


class TransformerBlock(Chain):
    """Attention, then a small network for each place, each beside a shortcut.

    n, heads, dropout   as in MultiHeadAttention
    n_hidden            numbers inside of the small network; None: 4 n
    causal              only the past is seen

    y = x + attention(norm(x)), then y + network(norm(y)): x (N, T, n) -> (N, T, n)
    mask  truth values (N, T) or (N, T, T). (Vaswani et al. 2017; norm first: Xiong et al. 2020)
    """

    def __init__(self, n, heads, n_hidden=None, dropout=0.0, causal=False):
        super().__init__()
        self.dropout, self.causal = dropout, causal
        with self.init_scope():
            self.norm1, self.norm2 = LayerNorm(n), LayerNorm(n)
            self.attention = MultiHeadAttention(n, heads, dropout)
            self.mlp = MLP(4 * n if n_hidden is None else n_hidden, n, activation=F.gelu)

    def forward(self, x, mask=None):
        seen = self.attention(self.norm1(x), mask=mask, causal=self.causal)
        x = x + F.dropout(seen, self.dropout)
        rows = F.reshape(self.norm2(x), (-1 if x.size else 0, x.shape[2]))
        return x + F.dropout(F.reshape(self.mlp(rows), x.shape), self.dropout)
