"""Losses: one number that says how wrong a network is; and measures without a gradient."""
import math

import numpy as np

from ..backend import contiguous, elementwise, get_array_module
from ..errors import DTypeError, ShapeError
from ..explain import add_line
from ..function import Function
from ..fused import Fused
from ..scratch import left_in_scratch, scratch
from ..variable import Variable
from .activation import TOP_AND_TOTAL, WARP, log_softmax, softplus
from .linear import check_ids
from .reduction import mean, sum
from .shaping import moveaxis, reshape, select, where

# GPU kernels. A class that does not exist gives NaN, for a GPU cannot raise an error.
# `rows` gets four numbers for each row: its loss, whether it counts, its largest score, and the sum
# of the powers below that.
ROW_LOSS = elementwise(
    'raw T x, raw S t, S ignored, int32 width', 'raw U rows',
    f'''int lane = i % 32, seen = width;
        long long row = i / 32, count = _ind.size() / 32, first = row * width;
        U factor = 1;
        {TOP_AND_TOTAL}
        if (lane == 0) {{
          U loss = 0;
          if (t[row] != ignored)
            loss = t[row] < 0 || t[row] >= width ? U(nan(""))
                   : log(total) - (U(x[first + t[row]]) - top);
          rows[row] = loss;
          rows[count + row] = t[row] != ignored;
          rows[2 * count + row] = top;
          rows[3 * count + row] = total;
        }}''', 'row_loss')
MEAN_LOSS = elementwise('raw U sums', 'T y', 'y = sums[0] / max(sums[1], U(1));', 'mean_loss')
SCORE_GRADIENT = elementwise(
    'T x, U top, U total, S t, S ignored, raw U sums, raw T gy, int32 width', 'T gx',
    '''U share = U(gy[0]) / max(sums[1], U(1));
       if (t == ignored) gx = 0;
       else if (t < 0 || t >= width) gx = nan("");
       else gx = (exp(U(x) - top) / total - (t == i % width)) * share;''', 'score_gradient')


class SoftmaxCrossEntropy(Fused):
    """How surprised the network is by the right answer"""

    mixes = True
    shapes, keeps, symbol = '(N,C) (N) -> ()', 'x top total weight safe', '−log p'

    def __init__(self, ignore_label):
        self.ignore_label = ignore_label

    def forward(self, x, t):
        xp = self.xp
        if xp is not np:
            return self.forward_on_gpu(x, t)
        self.safe, self.weight = self.answers(xp, t, x.dtype)
        self.top = x.max(axis=1)
        self.token = object()
        self.total = self.powers(x, scratch('powers', x.shape, x.dtype, self.token)).sum(axis=1)
        right = x[xp.arange(len(t)), self.safe] - self.top
        return ((xp.log(self.total) - right) * self.weight).sum()

    def powers(self, x, y):
        """e**(x - the largest x of the row), as y. Not kept: it is as large as all scores."""
        np.subtract(x, self.top[:, None], out=y)
        return np.exp(y, out=y)

    def answers(self, xp, t, dtype):
        """Classes of which all exist, and the weight of each in the mean."""
        valid = t != self.ignore_label
        return xp.where(valid, t, 0), valid / xp.maximum(valid.sum(), 1).astype(dtype)

    def forward_on_gpu(self, x, t):
        """The same in few kernels. `weight`: the sum of the losses, and how many count."""
        rows = self.xp.empty((4, len(x)), np.promote_types(x.dtype, 'float32'))
        self.safe = t
        ROW_LOSS(contiguous(x), contiguous(t), self.ignore_label, x.shape[1], rows,
                 size=len(x) * WARP)
        self.weight, self.top, self.total = rows[:2].sum(axis=1), rows[2], rows[3]
        return MEAN_LOSS(self.weight, self.xp.empty((), x.dtype))

    def backward(self, gy):
        x, _ = self.x
        if self.xp is not np:
            gx = SCORE_GRADIENT(x, self.top[:, None], self.total[:, None], self.safe[:, None],
                                self.ignore_label, self.weight, gy, x.shape[1])
            return gx, None
        share = gy * self.weight
        gx, y = np.empty_like(x), left_in_scratch('powers', x.shape, x.dtype, self.token)
        if y is None:       # another loss came between, or this is another thread
            y = self.powers(x, gx)
        np.multiply(y, (share / self.total)[:, None], out=gx)
        gx[self.xp.arange(len(gx)), self.safe] -= share
        return gx, None

    def reference(self, x, t):
        safe, weight = self.answers(self.xp, t, x.dtype)
        return -sum(select(log_softmax(x), safe) * weight)


def softmax_cross_entropy(x, t, ignore_label=-1, class_weight=None, normalize=True,
                          reduce='mean', label_smoothing=0.0):
    """The mean of -ln p(t): how surprised the network is by the right answers.

    x (N, C) or (N, C, ...) scores   t (N) or (N, ...) classes, whole numbers from 0 to C - 1
    ignore_label     a class that counts as no answer
    class_weight     an array (C): how much each class counts
    normalize        False: divide the sum by N instead of by the number of answers
    reduce           'mean': one number; 'no': one for each t, in t's shape
    label_smoothing  so much of the answer is spread over all classes alike (Szegedy et al. 2015)
    Raises DTypeError for classes that are no whole numbers, ShapeError if there are not as many as
    rows, IndexError for a class that does not exist.
    """
    t = t.data if isinstance(t, Variable) else np.asarray(t) if isinstance(t, list) else t
    shape, batch = t.shape, x.shape[0]
    if len(x.shape) > 2 and len(t.shape) == len(x.shape) - 1:
        x = reshape(moveaxis(x, 1, -1), (math.prod(t.shape), x.shape[1]))
        t = t.reshape(-1)
    if len(x.shape) != 2 or t.shape != (x.shape[0],):
        raise add_line(ShapeError(
            f'softmax_cross_entropy wants {SoftmaxCrossEntropy.shapes}, but got '
            f'x {tuple(x.shape)}, t {tuple(t.shape)}: t needs one class for each row of x.'))
    t = check_ids('softmax_cross_entropy', t, x.shape[1], ignore_label)
    if class_weight is None and normalize and reduce == 'mean' and not label_smoothing:
        return SoftmaxCrossEntropy(ignore_label).apply(x, t)
    if class_weight is not None and tuple(class_weight.shape) != (x.shape[1],):
        raise add_line(ShapeError(f'softmax_cross_entropy: {x.shape[1]} classes need as many class '
                                  f'weights, but got {tuple(class_weight.shape)}.'))
    xp = get_array_module(x)
    counted = t != ignore_label
    t = xp.where(counted, t, 0)
    weight = xp.ones(x.shape[1], x.dtype) if class_weight is None else class_weight
    log_p = log_softmax(x)
    loss = select(log_p, t) * (weight[t] * (label_smoothing - 1))
    if label_smoothing:
        loss = loss - mean(log_p * weight, 1) * label_smoothing
    loss = where(counted, loss, 0.0)
    return reduced(reshape(loss, shape), reduce, counted.sum() if normalize else batch)


def reduced(loss, reduce, count):
    """'no': the losses as they are; 'sum': their sum; 'mean': that divided by a count."""
    if reduce == 'no':
        return loss
    if reduce == 'sum':
        return sum(loss)
    if reduce == 'mean':
        if not isinstance(count, int):      # counted on the device
            count = get_array_module(loss).maximum(count, 1).astype(loss.dtype)
            return sum(loss) / count
        return sum(loss) * (1 / max(count, 1))
    raise ValueError(f"reduce is {reduce!r}, but 'mean', 'sum' or 'no' is needed.")


def sigmoid_cross_entropy(x, t, normalize=True, reduce='mean'):
    """How surprised independent yes-or-no answers are: the mean of -ln p, p = sigmoid(±x).

    x (...) scores   t (...) of the same shape: 1 yes, 0 no, -1 no answer; or real numbers from 0 to
    1, the probability of a yes
    normalize  False: divide the sum by the length of the first axis instead of by all answers
    reduce     'mean': one number; 'no': one for each t
    Raises ShapeError unless the shapes are equal, IndexError for other whole numbers.
    """
    t = t.data if isinstance(t, Variable) else t
    check_same('sigmoid_cross_entropy', x, t)
    if t.dtype.kind in 'iu':
        t = check_ids('sigmoid_cross_entropy', t, 2, -1)
    counted = t != -1
    loss = where(counted, softplus(x) - x * t.astype(x.dtype), 0.0)
    return reduced(loss, reduce, counted.sum() if normalize else x.shape[0])


def check_same(what, a, b):
    """Refuse two arrays of different shapes, which would broadcast to something else."""
    if tuple(a.shape) != tuple(b.shape):
        raise add_line(ShapeError(f'{what} wants two of the same shape, but got '
                                  f'{tuple(a.shape)} and {tuple(b.shape)}.'))


class MeanSquaredError(Function):
    """The mean of the squared differences"""

    shapes, keeps, symbol = '(...) (...) -> ()', 'x', 'Σ(a−b)²/n'

    def forward(self, a, b):
        difference = (a - b).reshape(-1)
        self.count = max(difference.size, 1)
        return difference @ difference / self.count

    def backward(self, gy):
        a, b = self.x
        ga = gy * (2 / self.count) * (a - b)
        return ga, None if self.edges[1] is None else -ga


def mean_squared_error(a, b):
    """The mean of (a - b)², one number. a and b have the same shape, else ShapeError."""
    if tuple(a.shape) != tuple(b.shape):
        raise add_line(ShapeError(f'mean_squared_error wants two of the same shape, but got '
                                  f'a {tuple(a.shape)}, b {tuple(b.shape)}.'))
    return MeanSquaredError().apply(a, b)


def best_classes(what, scores):
    """For each row of an array (N, C) the class with the largest score."""
    if not scores.shape[1]:
        raise add_line(ShapeError(f'{what} wants the scores of one class at least, but x has the '
                                  f'shape {tuple(scores.shape)}.'))
    return scores.argmax(axis=1)


def accuracy(x, t, ignore_label=None):
    """The share of rows whose largest score is that of the right class, a number from 0 to 1.

    x (N, C) scores   t (N) classes   ignore_label  a class that does not count. No gradient.
    Raises ShapeError unless there is one class for each row, DTypeError for other than whole
    numbers.
    """
    scores = x.data if isinstance(x, Variable) else x
    t = t.data if isinstance(t, Variable) else np.asarray(t) if isinstance(t, list) else t
    if len(scores.shape) != 2 or t.shape != (scores.shape[0],):
        raise add_line(ShapeError(f'accuracy wants (N,C) (N) -> (), but got '
                                  f'x {tuple(scores.shape)}, t {tuple(t.shape)}: t needs one class '
                                  'for each row of x.'))
    if t.dtype.kind not in 'iu':
        raise add_line(DTypeError(f'accuracy wants classes as whole numbers, but t is {t.dtype}.'))
    right = best_classes('accuracy', scores) == t
    if ignore_label is None:
        return Variable(right.mean(dtype='float32'), requires_grad=False)
    counted = t != ignore_label
    share = (right & counted).sum(dtype='float32') / counted.sum(dtype='float32')
    return Variable(share, requires_grad=False)
