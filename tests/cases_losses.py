"""Rows of the table of operations: normalization, noise, losses, measures."""
import itertools
import math

import numpy as np

import minichain as mc
import minichain.functions as F
from op_case import Case, Draws, seeded


def log_softmax(x):
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def softplus(x):
    return np.log(1 + np.exp(x))


# Normalization and noise -------------------------------------------------------------------------

def standardized(x, axes, eps=1e-5):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def layer_norm(x, gamma, beta):
    return standardized(x, tuple(range(-gamma.ndim, 0))) * gamma + beta


def group_norm(x, gamma, beta, groups=None):
    groups = x.shape[1] if groups is None else groups
    y = standardized(x.reshape(len(x), groups, math.prod(x.shape[1:]) // groups), 2)
    wide = (-1, *[1] * (x.ndim - 2))
    return y.reshape(x.shape) * gamma.reshape(wide) + beta.reshape(wide)


def local_response_norm(x, n=5, k=2.0, alpha=1e-4, beta=0.75):
    y = np.zeros_like(x)
    for c in range(x.shape[1]):
        near = x[:, max(c - n // 2, 0):c + n // 2 + 1]
        y[:, c] = x[:, c] / (k + alpha * (near ** 2).sum(1)) ** beta
    return y


def drawn(shape, ratio):
    return Draws().random(shape) < ratio


def drop_path(x, ratio):
    return np.where(drawn((len(x), 1), ratio), 0, x / (1 - ratio))


def gaussian(mean, ln_var):
    return mean + np.exp(ln_var / 2) * Draws().standard_normal(mean.shape)


# Losses ------------------------------------------------------------------------------------------

WEIGHTS = np.array([0.5, 1, 2, 0.25])


def softmax_cross_entropy(x, t, ignore_label=-1, class_weight=None, normalize=True, reduce='mean',
                          label_smoothing=0.0):
    x = np.moveaxis(x, 1, -1)
    weight = np.ones(x.shape[-1]) if class_weight is None else class_weight
    known = np.where(t == ignore_label, 0, t)
    answer = np.eye(x.shape[-1])[known] * (1 - label_smoothing) + label_smoothing / x.shape[-1]
    loss = -(answer * weight * log_softmax(x)).sum(-1) * (t != ignore_label)
    if reduce == 'no':
        return loss
    return loss.sum() / max((t != ignore_label).sum() if normalize else len(x), 1)


def weighted(x, t, **options):
    weight = x.xp.asarray(WEIGHTS.astype(x.dtype))
    return F.softmax_cross_entropy(x, t, class_weight=weight, **options)


def sigmoid_cross_entropy(x, t, reduce='mean'):
    t = t - 1
    loss = np.where(t < 0, 0, softplus(x) - x * t)
    return loss if reduce == 'no' else loss.sum() / max((t >= 0).sum(), 1)


def huber(x, t, delta=1.0):
    d = abs(x - t)
    return np.where(d < delta, d * d / 2, delta * (d - delta / 2))


def hinge(x, t, norm='L1', reduce='mean'):
    sign = np.where(np.arange(x.shape[1]) == t[:, None], -1, 1)
    y = np.maximum(0, 1 + x * sign) ** (1 if norm == 'L1' else 2)
    return y if reduce == 'no' else y.sum() / len(x)


def focal(x, t, gamma=2.0):
    log_p = log_softmax(x)[np.arange(len(t)), t]
    return (-(1 - np.exp(log_p)) ** gamma * log_p).mean()


def contrastive(a, b, y):
    d = np.sqrt(((a - b) ** 2).sum(1))
    return (y * d ** 2 + (1 - y) * np.maximum(3 - d, 0) ** 2).mean() / 2


def triplet(a, p, n):
    return np.maximum(((a - p) ** 2).sum(1) - ((a - n) ** 2).sum(1) + 5, 0).mean()


def cosine(a, b):
    lengths = [np.maximum(np.sqrt((v * v).sum(1)), 1e-8) for v in (a, b)]
    return (a * b).sum(1) / (lengths[0] * lengths[1])


def gaussian_nll(x, mean, ln_var, reduce='sum'):
    var = np.exp(ln_var)
    y = (x - mean) ** 2 / (2 * var) + np.log(np.sqrt(2 * np.pi * var))
    return y if reduce == 'no' else y.sum()


TEXT = np.array([[1, 2], [2, 2]])
INPUT_LENGTH, LABEL_LENGTH = np.array([4, 3]), np.array([2, 1])


def reads_as(path):
    """What a path says: repetitions merged, then blanks (0) left out."""
    return [label for label, _ in itertools.groupby(path) if label]


def ctc(x, input_length=None, label_length=None, reduce='mean'):
    """The sum over all paths, one by one."""
    losses = []
    for n in range(x.shape[1]):
        steps = len(x) if input_length is None else input_length[n]
        labels = TEXT[n, :2 if label_length is None else label_length[n]].tolist()
        log_p = log_softmax(x[:steps, n])
        paths = itertools.product(range(x.shape[2]), repeat=steps)
        total = sum(math.exp(sum(log_p[i, c] for i, c in enumerate(path)))
                    for path in paths if reads_as(path) == labels)
        losses.append(-math.log(total) if total else math.inf)
    return np.array(losses) if reduce == 'no' else np.mean(losses)


def our_ctc(x, **options):
    xp = x.xp
    options = {k: xp.asarray(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    return F.connectionist_temporal_classification(x, xp.asarray(TEXT), 0, **options)


LABELS = [np.array([0, 2]), np.array([1, 1]), np.array([2])]


def chain_scores(cost, *xs):
    """{sequence of labels: score} of each sequence."""
    found = []
    for n in range(len(xs[0])):
        rows = [x[n] for x in xs if len(x) > n]
        ways = itertools.product(range(len(cost)), repeat=len(rows))
        found.append({way: sum(row[c] for row, c in zip(rows, way))
                      + sum(cost[a, b] for a, b in zip(way, way[1:])) for way in ways})
    return found


def crf1d(cost, *xs):
    losses = []
    for n, scores in enumerate(chain_scores(cost, *xs)):
        right = tuple(int(y[n]) for y in LABELS if len(y) > n)
        losses.append(math.log(sum(map(math.exp, scores.values()))) - scores[right])
    return np.mean(losses)


def argmax_crf1d(cost, *xs):
    # Of equally good ways Viterbi's has the smallest labels, seen from the end.
    ways = [max(scores, key=lambda way: (scores[way], [-label for label in way[::-1]]))
            for scores in chain_scores(cost, *xs)]
    return np.array([way[t] for t in range(len(xs)) for way in ways if len(way) > t])


def our_argmax_crf1d(cost, *xs):
    return mc.Variable(cost.xp.asarray(np.concatenate(F.argmax_crf1d(cost, xs)[1])))


DRAWN = np.array([[0, 1, 1, 3], [9, 4, 2, 0], [5, 3, 3, 1]])


def negative_sampling(x, t, W, reduce='sum'):
    wrong = np.einsum('nd,nkd->nk', x, W[DRAWN[:len(x), 1:]])
    y = softplus(-(x * W[t]).sum(1)) + softplus(wrong).sum(1)
    return y if reduce == 'no' else y.sum()


def our_negative_sampling(x, t, W, **options):
    return F.negative_sampling(x, t, W, lambda shape: DRAWN[:shape[0]].copy(), 3, **options)


TREE = ((3, (0, 4)), (2, 1))
WAYS = {3: [(0, 1), (1, 1)], 0: [(0, 1), (1, -1), (2, 1)], 4: [(0, 1), (1, -1), (2, -1)],
        2: [(0, -1), (3, 1)], 1: [(0, -1), (3, -1)]}


def hierarchical_softmax(x, t, W):
    return sum([softplus(-way * (x[n] @ W[fork])) for n, word in enumerate(t)
                for fork, way in WAYS[int(word)]], np.zeros((), x.dtype))


# Measures ----------------------------------------------------------------------------------------

def confusion(x, t):
    y = np.zeros((x.shape[1], x.shape[1]), int)
    for chosen, right in zip(x.argmax(1), t):
        y[right, chosen] += 1
    return y


def precision(x, t):
    return (confusion(x, t).diagonal() / np.maximum(confusion(x, t).sum(0), 1)).astype('float32')


def recall(x, t):
    return (confusion(x, t).diagonal() / np.maximum(confusion(x, t).sum(1), 1)).astype('float32')


def f1(x, t):
    p, r = precision(x, t), recall(x, t)
    return (2 * p * r / np.where(p + r > 0, p + r, 1)).astype('float32')


def r2(x, t):
    def of_column(x, t):
        if (t == t[:1]).all():
            return float((x == t).all())
        return 1 - ((x - t) ** 2).mean() / t.var()
    return np.mean([of_column(x[:, i], t[:, i]) for i in range(x.shape[1])])


def measure(name, numpy, classes, **options):
    """The row of a measure of scores (9, C) and classes (9)."""
    return Case(name, [(9, 4), (9,)], numpy, classes={1: classes}, gradient=False, any_type=True,
                batch=(), **options)


def plain(name, function, expected, **options):
    """The row of a measure that knows no arrays."""
    return Case(name, [()], lambda x: np.array(expected), gradient=False, any_type=True, batch=(),
                call=lambda x: mc.Variable(x.xp.asarray(np.array(function())), False), **options)


HYPOTHESIS = 'the cat sat on the mat'.split()
REFERENCES = ['the cat is on the mat'.split(), 'a cat sat there on a mat'.split()]

ROWS = [
    Case('layer_norm', [(3, 4), (4,), (4,)], layer_norm),
    Case('layer_norm', [(3, 2, 4), (2, 4), (2, 4)], layer_norm, note='axes'),
    Case('group_norm', [(3, 4), (4,), (4,)], group_norm, {'groups': 2},
         call=lambda x, gamma, beta, groups: F.group_norm(x, groups, gamma, beta)),
    Case('group_norm', [(2, 6, 2, 3), (6,), (6,)], group_norm, {'groups': 3}, note='images',
         call=lambda x, gamma, beta, groups: F.group_norm(x, groups, gamma, beta)),
    Case('instance_norm', [(2, 3, 2, 4), (3,), (3,)], group_norm),
    Case('local_response_norm', [(3, 6)], local_response_norm),
    Case('local_response_norm', [(3, 4, 2, 2)], local_response_norm,
         {'n': 3, 'k': 1.0, 'alpha': 0.5, 'beta': 0.6}, note='images'),
    Case('zoneout', [(3, 4), (3, 4)], lambda h, x, ratio: np.where(drawn(h.shape, ratio), h, x),
         {'ratio': 0.3}, call=seeded(F.zoneout), batch=(0, 1)),
    Case('drop_path', [(8, 2)], drop_path, {'ratio': 0.4}, call=seeded(F.drop_path)),
    Case('drop_path', [(8, 2)], lambda x: x, note='none'),
    Case('gaussian', [(3, 4), (3, 4)], gaussian, call=seeded(F.gaussian), batch=(0, 1)),

    Case('softmax_cross_entropy', [(6, 4), (6,)], softmax_cross_entropy,
         {'label_smoothing': 0.3, 'ignore_label': 1}, classes={1: 4}, batch=(0, 1),
         note='smoothing'),
    Case('softmax_cross_entropy', [(5, 4, 2), (5, 2)],
         lambda x, t, **options: softmax_cross_entropy(x, t, class_weight=WEIGHTS, **options),
         {'normalize': False, 'label_smoothing': 0.3}, call=weighted, classes={1: 4}, batch=(0, 1),
         note='weights'),
    Case('softmax_cross_entropy', [(5, 4, 2), (5, 2)],
         lambda x, t, **options: softmax_cross_entropy(x, t, class_weight=WEIGHTS, **options),
         {'reduce': 'no', 'ignore_label': 2}, call=weighted, classes={1: 4}, batch=(0, 1),
         note='each'),
    Case('sigmoid_cross_entropy', [(5, 4), (5, 4)], sigmoid_cross_entropy, classes={1: 3},
         call=lambda x, t: F.sigmoid_cross_entropy(x, t.data - 1), batch=(0, 1)),
    Case('sigmoid_cross_entropy', [(5, 4), (5, 4)], sigmoid_cross_entropy, {'reduce': 'no'},
         classes={1: 3}, batch=(0, 1), note='each',
         call=lambda x, t, reduce: F.sigmoid_cross_entropy(x, t.data - 1, reduce=reduce)),
    Case('mean_absolute_error', [(3, 4), (3, 4)], lambda a, b: abs(a - b).mean(), batch=()),
    Case('huber', [(3, 4), (3, 4)], lambda x, t: huber(x, t).sum(1), batch=(0, 1)),
    Case('huber', [(3, 4), (3, 4)], lambda x, t, delta, reduce: huber(x, t, delta),
         {'delta': 0.6, 'reduce': 'no'}, batch=(0, 1), note='each'),
    Case('hinge', [(3, 4), (3,)], hinge, classes={1: 4}, batch=()),
    Case('hinge', [(3, 4), (3,)], hinge, {'norm': 'L2', 'reduce': 'no'}, classes={1: 4},
         batch=(0, 1), note='L2'),
    Case('focal', [(3, 4), (3,)], focal, classes={1: 4}, batch=()),
    Case('contrastive', [(4, 3), (4, 3), (4,)], contrastive, {}, classes={2: 2}, batch=(),
         call=lambda a, b, y: F.contrastive(a, b, y, margin=3)),
    Case('triplet', [(4, 3), (4, 3), (4, 3)], triplet, batch=(),
         call=lambda a, p, n: F.triplet(a, p, n, margin=5)),
    Case('cosine', [(3, 4), (3, 4)], cosine, batch=(0, 1)),
    Case('gaussian_nll', [(3, 4), (3, 4), (3, 4)], gaussian_nll, batch=(0, 1, 2)),
    Case('gaussian_nll', [(3, 4), (3, 4), (3, 4)], gaussian_nll, {'reduce': 'no'},
         batch=(0, 1, 2), note='each'),
    Case('bernoulli_nll', [(3, 4), (3, 4)], lambda x, y: (softplus(y) - x * y).sum(),
         batch=(0, 1)),
    Case('gaussian_kl_divergence', [(3, 4), (3, 4)],
         lambda m, v: (m ** 2 + np.exp(v) - v - 1).sum() / 2, batch=(0, 1)),
    Case('kl_divergence', [(3, 4), (3, 4)], lambda p, q: (np.exp(p) * (p - q)).sum() / len(p),
         batch=()),
    Case('connectionist_temporal_classification', [(5, 2, 3)], ctc, batch=(),
         call=our_ctc),
    Case('connectionist_temporal_classification', [(5, 2, 3)], ctc,
         {'input_length': INPUT_LENGTH, 'label_length': LABEL_LENGTH, 'reduce': 'no'}, batch=(),
         call=our_ctc, note='lengths'),
    Case('crf1d', [(3, 3), (2, 3), (2, 3), (1, 3)], crf1d, batch=(),
         call=lambda cost, *xs: F.crf1d(cost, xs, [cost.xp.asarray(y) for y in LABELS])),
    Case('argmax_crf1d', [(3, 3), (2, 3), (2, 3), (1, 3)], argmax_crf1d, batch=(), gradient=False,
         any_type=True, call=our_argmax_crf1d),
    Case('negative_sampling', [(3, 2), (3,), (10, 2)], negative_sampling, classes={1: 10},
         call=our_negative_sampling, batch=(0, 1)),
    Case('negative_sampling', [(3, 2), (3,), (10, 2)], negative_sampling, {'reduce': 'no'},
         classes={1: 10}, call=our_negative_sampling, batch=(0, 1), note='each'),
    Case('hierarchical_softmax', [(3, 2), (3,), (4, 2)], hierarchical_softmax, classes={1: 5},
         call=lambda x, t, W: F.hierarchical_softmax(x, t, W, *F.tree_paths(TREE)), batch=(0, 1)),
    plain('huffman_tree', lambda: F.tree_paths(F.huffman_tree({0: 8, 1: 5, 2: 6, 3: 4})),
          np.array(F.tree_paths(((3, 1), (2, 0))))),
    plain('tree_paths', lambda: F.tree_paths((1, (0, 2)))[1], [[-1, 1], [1, 0], [-1, -1]]),

    measure('binary_accuracy', lambda x, t: np.mean((x[:, 0] >= 0) == t, dtype='float32'), 2,
            call=lambda x, t: F.binary_accuracy(x[:, 0], t)),
    measure('confusion', confusion, 4),
    measure('precision', precision, 3),
    measure('recall', recall, 3),
    measure('f1', f1, 3),
    measure('perplexity', lambda x, t: np.exp(softmax_cross_entropy(x, t)), 4),
    Case('r2', [(5, 3), (5, 3)], r2, gradient=False, batch=()),
    plain('edit_distance', lambda: F.edit_distance('kitten', 'sitting'), 3),
    plain('bleu', lambda: F.bleu([HYPOTHESIS], [REFERENCES], 2), math.sqrt(6 / 6 * 4 / 5)),
]
