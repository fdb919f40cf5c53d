"""Attention: a weighted mean of values, with weights that say how well a key fits a query."""
import functools
import math

from .. import backend
from ..errors import ShapeError
from ..explain import add_line
from ..function import Function
from ..fused import composed
from ..variable import Variable
from .activation import softmax, softmax_rows, softmax_rows_back
from .linear import matmul
from .math import tanh
from .noise import dropout
from .reduction import sum
from .shaping import expand_dims, swapaxes, where


class AttentionWeights(Function):
    """How much each query takes of each value, on a GPU"""

    keeps, label = 'y', 'attention_weights'

    def __init__(self, scale, causal):
        self.scale, self.causal = scale, causal

    def forward(self, scores):
        return softmax_rows(scores, self.scale, self.causal)

    def backward(self, gy):
        if not isinstance(gy, Variable):
            return softmax_rows_back(self.y, gy, self.scale)
        g = gy * self.y
        return (g - self.y * sum(g, -1, keepdims=True)) * self.scale


def weights_of(scores, scale, mask, causal):
    """Softmax of scores (..., T, S) times a factor, over the keys that each query sees."""
    if mask is None and not composed(scores) and scores.size and scores.dtype.kind == 'f':
        return AttentionWeights(scale, causal).apply(scores)
    scores = scores * scale
    t, s = scores.shape[-2:]
    each_sees = causal and mask is None and s >= t
    if causal:
        past = past_of(t, s, backend.device_of(scores))
        mask = past if mask is None else past & (mask.data if isinstance(mask, Variable) else mask)
    return masked_softmax(scores, mask, each_sees)


def masked_softmax(scores, mask, each_sees=False):
    """Softmax along the last axis over what the mask lets through; zeros if that is nothing.

    each_sees  True: it is always something
    """
    if mask is None:
        return softmax(scores, -1)
    if each_sees:
        return softmax(where(mask, scores, -math.inf), -1)
    mask = mask.data if isinstance(mask, Variable) else mask
    lowest = -3e4 if scores.dtype.itemsize < 4 else -1e9
    weights = softmax(where(mask, scores, lowest), -1)
    return weights * mask


def length_mask(lengths, size=None):
    """Which places of sequences hold something: y[n, t] is true where t < lengths[n].

    lengths (N), whole numbers   size  T; the largest length if it is left out
    Gives truth values (N, T), as an array.
    """
    lengths = lengths.data if isinstance(lengths, Variable) else lengths
    xp = backend.get_array_module(lengths)
    lengths = xp.asarray(lengths)
    size = int(lengths.max()) if size is None else size
    return xp.arange(size) < lengths[:, None]


@functools.lru_cache(2)
def past_of(t, s, device):
    """Which of s keys the last t places see: those up to their own, as truth values (t, s)."""
    with device:
        return device.xp.arange(s) <= device.xp.arange(t)[:, None] + (s - t)


def scaled_dot_product_attention(query, key, value, mask=None, dropout_ratio=0.0, causal=False):
    """y = softmax(q kᵀ / √D) v: for each query the mean of the values whose keys are most like it.

    query (..., T, D)   key (..., S, D)   value (..., S, V)   y (..., T, V)
    mask           truth values that broadcast to (..., T, S): false hides a key from a query
    dropout_ratio  of the weights, in training
    causal         a query sees the keys up to its own place only
    A query that sees no key gets zeros.
    Raises ShapeError if the queries are empty (D = 0). (Vaswani et al. 2017)
    """
    if not query.shape[-1]:
        raise add_line(ShapeError('scaled_dot_product_attention wants one number at least for each '
                                  f'query, but query has the shape {tuple(query.shape)}.'))
    weights = weights_of(matmul(query, swapaxes(key, -1, -2)), 1 / math.sqrt(query.shape[-1]),
                         mask, causal)
    return matmul(dropout(weights, dropout_ratio) if dropout_ratio else weights, value)


def additive_attention(query, key, value, w, mask=None):
    """y = softmax(w · tanh(q + k)) v: a small network says how well a key fits a query.

    query (N, T, D)   key (N, S, D)   value (N, S, V)   w (D)   y (N, T, V)
    mask  truth values that broadcast to (N, T, S): false hides a key from a query
    A query that sees no key gets zeros. (Bahdanau, Cho and Bengio 2014)
    """
    together = tanh(expand_dims(query, -2) + expand_dims(key, -3))
    return matmul(masked_softmax(sum(together * w, -1), mask), value)
