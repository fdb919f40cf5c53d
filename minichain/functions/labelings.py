"""Losses of labelled sequences: all ways to read them, weighed by their probability."""
import math

import numpy as np

from ..backend import get_array_module, to_cpu
from ..errors import ShapeError
from ..explain import add_line
from ..variable import Variable
from .activation import log_softmax
from .linear import check_ids
from .loss import reduced
from .ordering import logsumexp
from .shaping import concat, expand_dims, get_item, select, stack, where


# Connectionist temporal classification -----------------------------------------------------------

def connectionist_temporal_classification(x, t, blank_symbol, input_length=None,
                                          label_length=None, reduce='mean'):
    """Minus ln of the probability that a sequence of scores reads as t, summed over all alignments.

    x   a list of scores (N, V), one a time step, or one array (T, N, V)
    t   (N, L) labels, whole numbers below V
    blank_symbol   the label that stands for nothing
    input_length   (N): so many time steps count   label_length  (N): so many labels count
    reduce         'mean', 'sum' or 'no'
    A sequence that cannot be read as t, for it is too short, has an infinite loss and no gradient.
    Raises ShapeError if sizes do not fit, IndexError for labels that do not exist.
    (Graves et al. 2006)
    """
    x = stack(x) if isinstance(x, (list, tuple)) else x
    xp = get_array_module(x)
    steps, n, classes = x.shape
    t, input_length, label_length = (v.data if isinstance(v, Variable) else v
                                     for v in (t, input_length, label_length))
    if len(t.shape) != 2 or t.shape[0] != n:
        raise add_line(ShapeError(f'ctc wants x (T,N,V) and t (N,L), but got x {tuple(x.shape)}, '
                                  f't {tuple(t.shape)}.'))
    check_lengths('input_length', input_length, 1, steps)
    check_lengths('label_length', label_length, 0, t.shape[1])
    if label_length is None:
        label_length = xp.full(n, t.shape[1])
    labels = xp.where(xp.arange(t.shape[1]) < label_length[:, None], t, blank_symbol)
    check_ids('connectionist_temporal_classification', labels, classes, None)
    path = xp.full((n, 2 * t.shape[1] + 1), blank_symbol)       # blanks before, between and after
    path[:, 1::2] = labels
    scores = get_item(log_softmax(x, 2), (slice(None), xp.arange(n)[:, None], path))
    place = xp.arange(path.shape[1])
    changes = (path[:, 2:] != path[:, :-2]) & (path[:, 2:] != blank_symbol)
    may_skip = xp.concatenate([xp.zeros((n, min(2, path.shape[1])), bool), changes], 1)
    alpha = where(place < 2, scores[0], -math.inf)
    for step in range(1, steps):
        ways = stack([alpha, shifted(alpha, 1), where(may_skip, shifted(alpha, 2), -math.inf)])
        new = logsumexp(ways, 0) + scores[step]
        going_on = True if input_length is None else (step < input_length)[:, None]
        alpha = new if going_on is True else where(going_on, new, alpha)
    last = 2 * label_length[:, None]
    loss = -logsumexp(where((place == last) | (place == last - 1), alpha, -math.inf), 1)
    return reduced(loss, reduce, n)


def check_lengths(name, lengths, least, most):
    """Refuse lengths that the arrays do not have. On a GPU nothing waits to look at them."""
    if isinstance(lengths, np.ndarray) and lengths.size and not (
            least <= lengths.min() and lengths.max() <= most):
        raise add_line(ShapeError(f'ctc wants {name} from {least} to {most}, but got '
                                  f'{lengths.tolist()}.'))


def shifted(alpha, places):
    """Moved to the right; -∞ comes in at the left."""
    xp, n = get_array_module(alpha), min(places, alpha.shape[1])
    gap = xp.full((alpha.shape[0], n), -math.inf, alpha.dtype)
    return concat([gap, alpha[:, :alpha.shape[1] - n]], 1)


# Conditional random fields -----------------------------------------------------------------------

def crf1d(cost, xs, ys, reduce='mean'):
    """Minus ln of the probability of sequences of labels in a chain.

    cost  (C, C): how much label i likes to be followed by label j
    xs    scores (Nₜ, C), one array a time step, the longest sequence first, so that Nₜ never grows
    ys    labels (Nₜ), whole numbers from 0 to C - 1
    reduce  'mean', 'sum' or 'no': a number for each sequence
    The probability is e**(sum of scores and costs on the way), divided by the sum over all ways.
    Raises ShapeError or IndexError if sizes or labels do not fit.
    (Lafferty, McCallum and Pereira 2001)
    """
    check_chain('crf1d', cost, xs)
    ys = [check_ids('crf1d', y, cost.shape[0], None) for y in ys]
    if [tuple(y.shape) for y in ys] != [(x.shape[0],) for x in xs]:
        raise add_line(ShapeError('crf1d: ys need one label for each row of xs, but they have '
                                  f'{[tuple(y.shape) for y in ys]}.'))
    alpha, score = xs[0], select(xs[0], ys[0])
    ended = []
    for x, y, before in zip(xs[1:], ys[1:], ys):
        n = x.shape[0]
        if n < alpha.shape[0]:
            ended.append((alpha[n:], score[n:]))
            alpha, score = alpha[:n], score[:n]
        alpha = logsumexp(expand_dims(alpha, 2) + cost, 1) + x
        score = score + select(x, y) + get_item(cost, (before[:n], y))
    alphas, scores = zip((alpha, score), *reversed(ended))
    loss = logsumexp(joined(alphas), 1) - joined(scores)
    return reduced(loss, reduce, loss.shape[0])


def joined(parts):
    """Arrays below each other; a single one as it is."""
    return concat(parts, 0) if len(parts) > 1 else parts[0]


def check_chain(what, cost, xs):
    """Refuse scores that do not fit the costs, or numbers of rows that grow."""
    rows = [x.shape[0] for x in xs]
    wide = [tuple(x.shape[1:]) for x in xs]
    if not rows or set(wide) != {tuple(cost.shape[1:])} or cost.shape[0] != cost.shape[1]:
        raise add_line(ShapeError(f'{what} wants cost (C,C) and scores (N,C), but got cost '
                                  f'{tuple(cost.shape)} and scores of {wide} columns.'))
    if not cost.size:
        raise add_line(ShapeError(f'{what}: there must be one label at least, but cost is (0, 0).'))
    if rows != sorted(rows, reverse=True):
        raise add_line(ShapeError(f'{what}: the time steps have {rows} rows, but the longest '
                                  'sequence must come first.'))


def argmax_crf1d(cost, xs):
    """The most probable sequences of labels in a chain, for crf1d's cost (C, C) and scores xs.

    Gives (scores (N), labels): the sum of scores and costs on the way, and an array of labels (Nₜ)
    for each time step. No gradient. (Viterbi 1967)
    """
    check_chain('argmax_crf1d', cost, xs)
    cost, xs = to_cpu(cost), [to_cpu(x) for x in xs]
    best, came_from = xs[0].copy(), []
    for x in xs[1:]:
        ways = best[:len(x), :, None] + cost
        came_from.append(ways.argmax(1))
        best[:len(x)] = ways.max(1) + x
    label = best.argmax(1)
    labels = [label[:len(xs[-1])]]
    for x, back in zip(xs[-2::-1], came_from[::-1]):
        label = label.copy()
        label[:len(back)] = back[np.arange(len(back)), label[:len(back)]]
        labels.append(label[:len(x)])
    return best.max(1), labels[::-1]
