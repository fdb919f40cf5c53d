"""Losses that compare numbers, vectors and scores with what they should be."""
from ..backend import get_array_module
from ..errors import ShapeError
from ..explain import add_line
from ..variable import Variable
from .activation import log_softmax, relu
from .algebra import length_of, norm
from .linear import check_ids
from .loss import check_same, reduced
from .math import absolute, exp, square
from .reduction import sum
from .shaping import select, where


def mean_absolute_error(a, b):
    """The mean of |a - b|, one number. a and b have the same shape, else ShapeError."""
    check_same('mean_absolute_error', a, b)
    return reduced(absolute(a - b), 'mean', a.size)


def huber(x, t, delta=1.0, reduce='sum_along_second_axis'):
    """y = (x - t)² / 2 where |x - t| < delta, else delta * (|x - t| - delta / 2). (Huber 1964)

    x, t (N, ...) of the same shape, else ShapeError
    reduce  'sum_along_second_axis': the sums over axis 1; 'no': a number for each element; 'mean'
    """
    check_same('huber', x, t)
    distance = absolute(x - t)
    near = where(distance < delta, distance, delta)
    loss = near * (distance - near * 0.5)
    if reduce == 'sum_along_second_axis':
        return sum(loss, 1)
    return reduced(loss, reduce, x.size)


def hinge(x, t, norm='L1', reduce='mean'):
    """Scores should be above 1 for the right class and below -1 for the others.

    x (N, C) scores   t (N) classes. A score falls short by max(0, 1 - x) or max(0, 1 + x).
    norm    'L1': by that, 'L2': by its square
    reduce  'mean': the sum divided by N; 'no': a number for each score
    Raises ShapeError, DTypeError or IndexError for classes that do not fit, ValueError for another
    norm.
    """
    t = check_classes('hinge', x, t)
    if norm not in ('L1', 'L2'):
        raise ValueError(f"hinge: norm is {norm!r}, but 'L1' or 'L2' is needed.")
    right = get_array_module(x).arange(x.shape[1]) == t[:, None]
    short = relu(1 + x * (1 - 2 * right.astype(x.dtype)))
    return reduced(short if norm == 'L1' else square(short), reduce, x.shape[0])


def check_classes(what, x, t):
    """The classes as an array: one for each row of x (N, C), from 0 to C - 1."""
    t = t.data if isinstance(t, Variable) else t
    if len(x.shape) != 2 or tuple(t.shape) != (x.shape[0],):
        raise add_line(ShapeError(f'{what} wants (N,C) (N), but got x {tuple(x.shape)}, '
                                  f't {tuple(t.shape)}: t needs one class for each row of x.'))
    return check_ids(what, t, x.shape[1], None)


def focal(x, t, gamma=2.0, alpha=None, reduce='mean'):
    """The mean of -(1 - p)**gamma ln p(t): what is answered well already counts less.

    x (N, C) scores   t (N) classes   alpha  an array (C): how much each class counts
    reduce  'mean', 'sum' or 'no'. Raises ShapeError, DTypeError or IndexError for classes that do
    not fit. (Lin et al. 2017)
    """
    t = check_classes('focal', x, t)
    log_p = select(log_softmax(x), t)
    loss = -log_p * (1 - exp(log_p)) ** gamma
    return reduced(loss if alpha is None else loss * alpha[t], reduce, x.shape[0])


def contrastive(x0, x1, y, margin=1.0, reduce='mean'):
    """Pairs that belong together should be close, others at least a margin apart.

    x0, x1 (N, D)   y (N) whole numbers: 1 together, 0 not
    With d = ‖x0 - x1‖: y d² / 2 + (1 - y) max(margin - d, 0)² / 2. (Hadsell, Chopra and LeCun 2006)
    reduce  'mean', 'sum' or 'no'. Raises ShapeError if the shapes do not fit.
    """
    check_same('contrastive', x0, x1)
    y = y.data if isinstance(y, Variable) else y
    if tuple(y.shape) != (x0.shape[0],):
        raise add_line(ShapeError(f'contrastive: {x0.shape[0]} pairs need as many y, but got '
                                  f'{tuple(y.shape)}.'))
    distance = norm(x0 - x1, 1)
    together = y.astype(x0.dtype)
    loss = (square(distance) * together + square(relu(margin - distance)) * (1 - together)) * 0.5
    return reduced(loss, reduce, x0.shape[0])


def triplet(anchor, positive, negative, margin=0.2, reduce='mean'):
    """An example should be closer to one like it than to one unlike it, by a margin.

    anchor, positive, negative (N, D): max(‖a - p‖² - ‖a - n‖² + margin, 0)
    reduce  'mean', 'sum' or 'no'. Raises ShapeError unless the shapes are equal.
    (Schroff, Kalenichenko and Philbin 2015)
    """
    check_same('triplet', anchor, positive)
    check_same('triplet', anchor, negative)
    further = sum(square(anchor - positive) - square(anchor - negative), 1)
    return reduced(relu(further + margin), reduce, anchor.shape[0])


def cosine(a, b, axis=1, eps=1e-8):
    """The cosine of the angle between vectors: Σ a b / (‖a‖ ‖b‖), from -1 to 1.

    a, b (N, D) -> y (N). Lengths below eps count as eps. As a loss: mean(1 - cosine(a, b)).
    """
    check_same('cosine', a, b)
    # Divided twice, for the product of two small lengths may be 0.
    return sum(a * b, axis) / length_of(a, axis, eps) / length_of(b, axis, eps)
