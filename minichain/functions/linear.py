"""Products with weights: matmul, linear layers, embeddings."""
import math

import numpy as np

from ..backend import contiguous, elementwise, get_array_module, known_bounds, to_cpu
from ..errors import DTypeError, ShapeError
from ..explain import add_line
from ..function import Function
from ..gather import gathered
from ..variable import Variable
from .shaping import add_rows, expand_dims, reshape, squeeze, summed_rows


class MatMul(Function):
    """The matrix product"""

    shapes, keeps, symbol = '(...) (...) -> (...)', 'others', '@'
    label = 'matmul'

    def forward(self, a, b):
        return product(a, b)

    def backward(self, gy):
        a, b = self.x
        left, right = self.edges
        return (None if left is None else product(gy, b.swapaxes(-1, -2)),
                None if right is None else
                product(gy.swapaxes(-1, -2), a).swapaxes(-1, -2) if lies_turned(b) else
                product(a.swapaxes(-1, -2), gy))


def lies_turned(b):
    """Whether matrices are transposed views. Then their gradients are made likewise: behind the
    transpose they lie row by row, as all else does, and are added up faster."""
    return type(b) is np.ndarray and b.strides[-1] > b.strides[-2]


def product(a, b):
    """a @ b. Columns times rows multiply each with each: NumPy's @ is nine times as slow there."""
    return a * b if a.shape[-1] == 1 else a @ b


def matmul(a, b):
    """The matrix product of the last two axes: (..., N, I) @ (..., I, O) -> (..., N, O).

    Further axes broadcast. A single axis is a vector, as in NumPy. dy/da = gy bᵀ, dy/db = aᵀ gy.
    Raises ShapeError unless a's last axis is as long as b's last but one.
    """
    row, column = len(a.shape) == 1, len(b.shape) == 1
    inner = 0 if column else -2
    if not a.shape or not b.shape or a.shape[-1] != b.shape[inner]:
        why = (f'I is {a.shape[-1]} in a and {b.shape[inner]} in b' if a.shape and b.shape
               else 'a single number has no axis I, multiply it with *')
        raise add_line(ShapeError('matmul wants (...,N,I) (...,I,O) -> (...,N,O), but got '
                                  f'a {tuple(a.shape)}, b {tuple(b.shape)}: {why}.'))
    y = MatMul().apply(expand_dims(a, 0) if row else a, expand_dims(b, 1) if column else b)
    y = squeeze(y, -1) if column else y
    return squeeze(y, -1 if column else -2) if row else y


class Linear(Function):
    """Weigh and add: every output is a sum of all inputs, each times a weight"""

    shapes, keeps = '(N,I) (O,I) (O) -> (N,O)', 'others'

    def forward(self, x, W, b):
        y = times_rows(x, W)
        if b is not None:
            if b.shape != y.shape[1:]:
                raise ValueError(f'b has {b.shape}, but {y.shape[1:]} is needed')
            y += b if len(y) > 1 else b[None]   # shapes that are equal add faster
        return y

    def keep(self, arrays, edges, y):
        """Only x's gradient needs W, and only W's needs x. The bias needs neither."""
        x, W, _ = arrays
        self.x = x if edges[1] is not None else None, W if edges[0] is not None else None

    def backward(self, gy):
        x, W = self.x
        for_x, for_W, for_b = self.edges
        return (None if for_x is None else rows_times(gy, W),
                None if for_W is None else gathered(weight_gradient, for_W, gy, x),
                None if for_b is None else gathered(bias_gradient, for_b, gy))


def rows_times(x, W):
    """x @ W for two matrices. NumPy's @ is made for stacks of them: on few rows `dot` takes three
    quarters of its time."""
    return x.dot(W) if type(x) is np.ndarray else x @ W


FEW, MUCH = 48, 200_000     # rows, multiplications: beyond these the plain way is as fast


def times_rows(x, W):
    """x @ Wᵀ for two matrices. If x has few rows, W is best read as it lies in memory: in float32
    with AVX-512, (W @ xᵀ)ᵀ is much faster, without it as fast."""
    if type(x) is not np.ndarray:
        return x @ W.T
    little, many = x.size * len(W) < MUCH, len(x) > FEW
    if little or many or W.dtype != np.float32 or not W.flags.c_contiguous:
        return x.dot(W.T)
    return np.ascontiguousarray(W.dot(x.T).T)


def weight_gradient(shape, gy, x):
    """gyᵀ x, a sum over examples."""
    return gy.T @ x


def bias_gradient(shape, gy):
    """The sum of gy over examples."""
    return gy.sum(0)


def linear(x, W, b=None, n_batch_axes=1):
    """y = x Wᵀ + b: every output is a sum of all inputs, each times a weight, plus a bias.

    x (N, I), or more axes: the first `n_batch_axes` count examples, the rest are flattened to I
    W (O, I)   b (O) or None   y (N, O)
    dy/dx = gy W, dy/dW = gyᵀ x, dy/db = Σ gy. Raises ShapeError if the sizes do not fit.
    """
    if n_batch_axes == 1 and len(x.shape) == 2:
        return Linear().apply(x, W, b)
    batch = x.shape[:n_batch_axes]
    x = reshape(x, (math.prod(batch), math.prod(x.shape[n_batch_axes:])))
    y = Linear().apply(x, W, b)
    return y if n_batch_axes == 1 else reshape(y, (*batch, y.shape[1]))

# GPU kernels. An id that does not exist gives NaN, for a GPU cannot raise an error.
LOOK_UP = elementwise(
    'raw T table, S id, bool ignores, S ignored, int32 rows, int32 width', 'T y',
    '''if (ignores && id == ignored) y = 0;
       else if (id < 0 || id >= rows) y = nan("");
       else y = table[(long long)id * width + i % width];''', 'look_up')


class EmbedId(Function):
    """Look up rows of a table"""

    shapes, keeps, mixes, label = '(...) (V,D) -> (...,D)', 'ids', True, 'embed_id'

    def __init__(self, ignore_label=None):
        self.ignore_label = ignore_label

    def forward(self, ids, W):
        self.ids = ids
        if self.xp is not np:
            ignored = self.ignore_label
            y = self.xp.empty((*ids.shape, W.shape[1]), W.dtype)
            return LOOK_UP(contiguous(W), ids[..., None], ignored is not None,
                           ignored or 0, *W.shape, y)
        if self.ignore_label is None:
            return W.take(ids, 0)
        known = ids != self.ignore_label
        return W.take(self.xp.where(known, ids, 0), 0) * known[..., None]

    def backward(self, gy):
        ids = self.ids
        if len(ids.shape) != 1:
            ids = ids.reshape(-1)
            gy = gy.reshape(len(ids), gy.shape[-1])
        if self.ignore_label is not None:
            known = ids != self.ignore_label
            if self.xp is np:
                ids, gy = ids[known], gy[known]
            else:       # to count them would wait for the GPU; nothing is added for -1
                ids = self.xp.where(known, ids, -1)
        return None, gathered(table_gradient, self.edges[1], ids, gy)


def table_gradient(shape, ids, gy):
    """The rows of gy, added into a table at the places that the ids say."""
    return AddRows(shape[0]).apply(ids, gy)


def add_to_table(table, ids, gy):
    """The same, added into a gradient that is there already."""
    add_rows(get_array_module(table), table, ids, gy)


table_gradient.add_to = add_to_table
table_gradient.summed = summed_rows


class AddRows(Function):
    """Add rows into a table: the gradient of embed_id by its table"""

    shapes, keeps, mixes = '(N) (N,D) -> (V,D)', 'ids', True

    def __init__(self, count):
        self.count = count

    def forward(self, ids, rows):
        self.ids = ids
        table = self.xp.zeros((self.count, rows.shape[1]), rows.dtype)
        add_rows(self.xp, table, ids, rows)
        return table

    def backward(self, gtable):
        return None, embed_id(self.ids, gtable, None if self.xp is np else -1)


def embed_id(ids, W, ignore_label=None):
    """y = W[ids]: each whole number becomes the row of that number in a table.

    ids (...), whole numbers from 0 to V - 1   W (V, D)   y (..., D)
    ignore_label  an id that gives a row of zeros, and no gradient
    Raises DTypeError for ids that are no whole numbers, IndexError for ids outside of the table.
    """
    ids = check_ids('embed_id', ids, W.shape[0], ignore_label)
    return EmbedId(ignore_label).apply(ids, W)


# A kernel compares ids in their own type, and -1 is no number of uint8.
COMPARED_ON_GPU = np.int32, np.int64
WITHOUT_SIGN = {size: np.dtype(f'u{size}') for size in (1, 2, 4, 8)}


def check_ids(what, ids, rows, ignore_label):
    """The ids as an array of whole numbers from 0 to rows - 1.

    On a GPU the bounds count that were noted when the ids were sent there, so that nothing waits.
    Ids that were computed there are not looked at: kernels give NaN for those that do not exist.
    """
    if type(ids) is not np.ndarray:
        ids = ids.data if isinstance(ids, Variable) else np.asarray(ids) if isinstance(
            ids, (list, tuple, int)) else ids
    if ids.dtype.kind not in 'iu':
        raise add_line(DTypeError(f'{what} wants whole numbers, but got {ids.dtype}: for example '
                                  "ids.astype('int64')."))
    host = ids
    if not isinstance(ids, np.ndarray):
        bounds = known_bounds(ids)
        if ids.dtype not in COMPARED_ON_GPU:
            ids = ids.astype(np.int64)
        if bounds is None or all(0 <= bound < rows or bound == ignore_label for bound in bounds):
            return ids
        host = to_cpu(ids)      # a part of them may be well
    if host.size:
        # One look at both ends: without a sign, a negative number is a very large one.
        largest = host.item() if host.size == 1 else np.maximum.reduce(
            host.view(WITHOUT_SIGN[host.itemsize]), None)
        if not 0 <= largest < rows:
            bad = host[((host < 0) | (host >= rows)) & (host != ignore_label)]
            if bad.size:
                raise add_line(IndexError(f'{what}: {bad[0]} is out of range; there are {rows}, '
                                          f'numbered 0 to {rows - 1}.'))
    return ids
