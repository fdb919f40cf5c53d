"""Measures of success: numbers to report, without a gradient."""
import collections
import math

from .. import backend
from ..errors import ShapeError
from ..explain import add_line
from ..variable import Variable
from .linear import check_ids
from .loss import best_classes, check_same, softmax_cross_entropy


def array_of(x):
    """The array inside a Variable; others as they are."""
    return x.data if isinstance(x, Variable) else x


def result(array):
    """A Variable without a gradient."""
    return Variable(array, requires_grad=False)


def binary_accuracy(x, t, ignore_label=-1):
    """The share of yes-or-no answers that are right: x >= 0 means yes.

    x (...) scores   t (...) of the same shape, 1 yes, 0 no   ignore_label  does not count
    """
    x, t = array_of(x), array_of(t)
    check_same('binary_accuracy', x, t)
    counted = t != ignore_label
    right = ((x >= 0) == (t == 1)) & counted
    total = backend.get_array_module(x).maximum(counted.sum(), 1)
    return result((right.sum() / total).astype('float32'))


def confusion(x, t, classes=None, ignore_label=-1):
    """How often each class was taken for each: y[i, j] counts examples of class i taken for j.

    x (N, C) scores, or (N) classes that were chosen   t (N) classes -> y (C, C), whole numbers
    classes  C, where x holds classes. Raises ShapeError or IndexError for classes that do not fit.
    """
    x, t = array_of(x), array_of(t)
    if len(x.shape) == 2:
        classes, x = x.shape[1], best_classes('confusion', x)
    if tuple(x.shape) != tuple(t.shape):
        raise add_line(ShapeError(f'confusion wants (N,C) (N) or (N) (N), but got '
                                  f'x {tuple(x.shape)}, t {tuple(t.shape)}.'))
    xp = backend.get_array_module(x)
    classes = int(max(x.max(), t.max())) + 1 if classes is None else classes
    check_ids('confusion', t, classes, ignore_label)
    check_ids('confusion', x, classes, None)
    counted = (t != ignore_label).astype('int64')
    table = xp.zeros(classes * classes, 'int64')
    xp.add.at(table, xp.where(counted > 0, t, 0) * classes + x, counted)
    return result(table.reshape(classes, classes))


def shares(x, t, ignore_label):
    """(right, chosen, support) for each class: how often it was right, chosen, and the answer."""
    table = confusion(x, t, ignore_label=ignore_label).data
    return table.diagonal(), table.sum(0), table.sum(1)


def share(part, whole):
    """part / whole, and 0 where there is nothing."""
    xp = backend.get_array_module(part)
    return (part / xp.maximum(whole, 1)).astype('float32')


def precision(x, t, ignore_label=-1):
    """How often a class was right when it was chosen. x (N, C) scores, t (N) classes -> (C)"""
    right, chosen, _ = shares(x, t, ignore_label)
    return result(share(right, chosen))


def recall(x, t, ignore_label=-1):
    """How often a class was chosen when it was right. x (N, C) scores, t (N) classes -> (C)"""
    right, _, support = shares(x, t, ignore_label)
    return result(share(right, support))


def f1(x, t, ignore_label=-1):
    """The harmonic mean of precision and recall. x (N, C) scores, t (N) classes -> (C)"""
    right, chosen, support = shares(x, t, ignore_label)
    return result(share(2 * right, chosen + support))


def r2(x, t):
    """The share of t's variance that x explains: 1 - Σ (t - x)² / Σ (t - mean of t)².

    x, t (N, ...) of the same shape. 1 if all is right; the mean over the columns. A column in which
    all of t is equal has no variance: it counts 1 if all of x is right, else 0.
    """
    x, t = array_of(x), array_of(t)
    check_same('r2', x, t)
    xp = backend.get_array_module(x)
    left, total = ((t - x) ** 2).sum(0), ((t - t.mean(0)) ** 2).sum(0)
    flat = (t == t[:1]).all(0)      # total may be a rounding error then
    explained = 1 - left / xp.where(flat, 1, total)
    return result(xp.where(flat, (left == 0).astype(x.dtype), explained).mean())


def perplexity(x, t, ignore_label=-1):
    """Among how many equally good answers the network hesitates: e**(mean of -ln p(t)).

    x (N, C) scores   t (N) classes   ignore_label  does not count
    """
    loss = array_of(softmax_cross_entropy(array_of(x), t, ignore_label))
    return result(backend.get_array_module(loss).exp(loss))


def edit_distance(a, b):
    """How many elements must be put in, taken out or changed to turn a into b: a whole number.

    a, b  strings, or sequences of anything that can be compared. (Levenshtein 1965)
    """
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1]


def bleu(hypotheses, references, n=4):
    """How much translations have in common with those of people, from 0 to 1.

    hypotheses  sequences of words   references  for each of them a list of sequences of words
    The geometric mean of the shares of 1- to n-grams that a reference has too, times
    e**(1 - r / c) if the hypotheses have fewer words (c) than the references (r).
    (Papineni et al. 2002)
    """
    right, total, have, want = [0] * n, [0] * n, 0, 0
    for words, others in zip(hypotheses, references):
        have += len(words)
        want += min([len(other) for other in others],
                    key=lambda length: (abs(length - len(words)), length))
        for size in range(1, n + 1):
            known = collections.Counter()
            for other in others:
                known |= grams(other, size)
            mine = grams(words, size)
            right[size - 1] += sum((mine & known).values())
            total[size - 1] += sum(mine.values())
    if not all(right):
        return 0.0
    mean = sum(math.log(a / b) for a, b in zip(right, total)) / n
    return math.exp(mean + min(0, 1 - want / have))


def grams(words, size):
    """How often each run of so many words occurs."""
    runs = [tuple(words[i:i + size]) for i in range(len(words) - size + 1)]
    return collections.Counter(runs)
