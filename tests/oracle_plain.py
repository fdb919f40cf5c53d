"""Rows for test_oracle_functions.py: arithmetic, sums, shapes, parts, cells, simple losses.

name: (arguments from a random generator, minichain's function, PyTorch's)
"""
import numpy as np
import torch

import minichain.functions as F

T = torch.nn.functional


def spread(rng, shape):
    """Random numbers, none of them near another one or near 0, where many functions have kinks."""
    n = int(np.prod(shape))
    return ((rng.permutation(n) + 0.63 - n / 2) * (4 / max(n, 1))).reshape(shape)


def some(rng, axes=2, low=1, high=6):
    return tuple(int(n) for n in rng.integers(low, high, axes))


def one(ours, theirs, axes=2, positive=False):
    """A function of one array of a random shape."""
    def draw(rng):
        x = spread(rng, some(rng, axes))
        return [abs(x) + 0.1 if positive else x]
    return draw, ours, theirs


def two(ours, theirs, positive=False):
    """A function of two arrays that broadcast to each other in a random way."""
    def draw(rng):
        shape = some(rng, 3)
        a, b = (tuple(1 if rng.random() < 0.3 else n for n in shape[rng.integers(0, 2):])
                for _ in range(2))
        numbers = spread(rng, (int(np.prod(a) + np.prod(b)),))
        arrays = [numbers[:np.prod(a)].reshape(a), numbers[np.prod(a):].reshape(b)]
        return [abs(x) + 0.1 for x in arrays] if positive else arrays
    return draw, ours, theirs


def equal(count, ours, theirs, axes=2):
    """A function of arrays of one shape."""
    return lambda rng: list(spread(rng, (count, *some(rng, axes)))), ours, theirs


def fixed(*shapes):
    """Arguments of these shapes."""
    return lambda rng: [spread(rng, shape) for shape in shapes]


def by_axis(name, theirs):
    """A reduction over random axes, which are kept or not."""
    def draw(rng):
        draw.axis = tuple(sorted(rng.choice(3, rng.integers(1, 4), False).tolist()))
        draw.kept = bool(rng.integers(2))
        return [spread(rng, some(rng, 3, 2))]
    ours = getattr(F, name)
    return draw, lambda x: ours(x, draw.axis, draw.kept), lambda x: theirs(x, draw.axis, draw.kept)


UNARY = {'cos': torch.cos, 'sin': torch.sin, 'exp': torch.exp, 'tanh': torch.tanh,
         'square': torch.square, 'neg': torch.neg, 'absolute': torch.abs, 'relu': T.relu,
         'sigmoid': torch.sigmoid, 'softplus': T.softplus}
ARITHMETIC = {'add': torch.add, 'sub': torch.sub, 'mul': torch.mul, 'div': torch.div,
              'maximum': torch.maximum, 'minimum': torch.minimum}
IDS = np.array([[0, 3, 1], [3, 3, 0]])
INDEX = np.array([2, 0, 1])
ROIS = np.array([[1, 0, 0, 3, 3], [0, 2, 1, 3, 2], [0, 0, 2, 1, 3.0]])


def rows(xs):
    """Sequences of lengths 3, 2, 1 out of an array (3, 3)."""
    return xs[0], xs[1][:2], xs[2][:1]


def lstm(c, x):
    a, i, f, o = x.split(x.shape[1] // 4, 1)
    c = f.sigmoid() * c + i.sigmoid() * a.tanh()
    return torch.cat([c, o.sigmoid() * c.tanh()])


def gru(h, x, u):
    (xr, xz, xn), (ur, uz, un) = x.chunk(3, 1), u.chunk(3, 1)
    r, z = (xr + ur).sigmoid(), (xz + uz).sigmoid()
    return (1 - z) * (xn + r * un).tanh() + z * h


def tree_lstm(c1, c2, x):
    a, i, o, f1, f2 = x.chunk(5, 1)
    c = i.sigmoid() * a.tanh() + f1.sigmoid() * c1 + f2.sigmoid() * c2
    return torch.cat([c, o.sigmoid() * c.tanh()])


def focal(x):
    log_p = T.log_softmax(x, 1)[torch.arange(3), torch.tensor(INDEX)]
    return (-log_p * (1 - log_p.exp()) ** 2).mean()


def contrastive(a, b):
    d = (a - b).norm(dim=1)
    y = torch.tensor([1.0, 0, 1], dtype=a.dtype)
    return (y * d ** 2 / 2 + (1 - y) * (5 - d).relu() ** 2 / 2).mean()


def triplet(a, p, n):
    return ((a - p) ** 2 - (a - n) ** 2).sum(1).add(0.2).relu().mean()


def hinge(x):
    sign = 2 * T.one_hot(torch.tensor(INDEX), 3) - 1
    return (1 - x * sign).relu().sum() / 3


def crf(cost, x):
    """All sequences of three labels, one by one."""
    def score(labels):
        steps = sum(x[t, :, label] for t, label in enumerate(labels))
        return steps + sum(cost[a, b] for a, b in zip(labels, labels[1:]))

    every = [(a, b, c) for a in range(2) for b in range(2) for c in range(2)]
    total = torch.stack([score(labels) for labels in every]).logsumexp(0)
    return (total - score((0, 1, 1))).mean()


def roi_pool(x):
    """Parts of whole pixels: each region is cut into 2 by 1 parts."""
    parts = []
    for image, left, top, right, bottom in ROIS.astype(int):
        region = x[image, :, top:bottom + 1, left:right + 1]
        middle = region.shape[1] / 2
        halves = region[:, :int(np.ceil(middle))], region[:, int(np.floor(middle)):]
        parts.append(torch.stack([half.amax((1, 2)) for half in halves], 1)[..., None])
    return torch.stack(parts)


def bilinear(a, b, W):
    return T.bilinear(a, b, W.permute(2, 0, 1))


def additive(query, key, value, w):
    scores = (query[:, :, None] + key[:, None]).tanh() @ w
    return T.softmax(scores, -1) @ value


def pooled(x):
    return F.max_pool2d_with_indices(x, 2)


def complex_pair(function):
    def transform(real, imag):
        y = function(torch.complex(real, imag))
        return torch.cat([y.real, y.imag])
    return transform


def both(function):
    """Two outputs as one."""
    return lambda *xs: F.concat(function(*xs), 0)


PLAIN = {
    **{name: one(getattr(F, name), theirs) for name, theirs in UNARY.items()},
    **{name: two(getattr(F, name), theirs) for name, theirs in ARITHMETIC.items()},
    'log': one(F.log, torch.log, positive=True), 'sqrt': one(F.sqrt, torch.sqrt, positive=True),
    'pow': two(F.pow, torch.pow, positive=True),
    'identity': one(F.identity, lambda x: x * 1), 'cast': one(
        lambda x: F.cast(F.cast(x, 'float32'), 'float64'), lambda x: x.float().double()),
    'clip': one(lambda x: F.clip(x, -0.8, 1.1), lambda x: x.clamp(-0.8, 1.1)),
    'clipped_relu': one(lambda x: F.clipped_relu(x, 1.1), lambda x: x.clamp(0, 1.1)),
    'leaky_relu': one(lambda x: F.leaky_relu(x, 0.1), lambda x: T.leaky_relu(x, 0.1)),
    'crelu': one(F.crelu, lambda x: torch.cat([x.relu(), (-x).relu()], 1)),
    'softmax': one(F.softmax, lambda x: T.softmax(x, 1)),
    'log_softmax': one(F.log_softmax, lambda x: T.log_softmax(x, 1)),
    'maxout': (fixed((3, 6)), lambda x: F.maxout(x, 2), lambda x: x.reshape(3, 3, 2).amax(2)),

    'sum': by_axis('sum', torch.sum), 'mean': by_axis('mean', torch.mean),
    'max': by_axis('max', torch.amax), 'min': by_axis('min', torch.amin),
    'var': by_axis('var', lambda x, axis, kept: x.var(axis, correction=0, keepdim=kept)),
    'std': by_axis('std', lambda x, axis, kept: x.std(axis, correction=0, keepdim=kept)),
    'normalize': one(F.normalize, lambda x: x / (x.norm(dim=1, keepdim=True) + 1e-5)),
    'fft': (fixed((3, 5), (3, 5)), both(F.fft), complex_pair(torch.fft.fft)),
    'ifft': (fixed((3, 5), (3, 5)), both(F.ifft), complex_pair(torch.fft.ifft)),

    'matmul': (fixed((2, 1, 3, 4), (5, 4, 2)), F.matmul, torch.matmul),
    'linear': (fixed((3, 4), (2, 4), (2,)), F.linear, T.linear),
    'bilinear': (fixed((3, 2), (3, 4), (2, 4, 5)), F.bilinear, bilinear),
    'embed_id': (fixed((4, 3)), lambda W: F.embed_id(IDS, W),
                 lambda W: T.embedding(torch.tensor(IDS), W)),

    'reshape': one(lambda x: F.reshape(x, (-1,)) * 1, lambda x: x.reshape(-1) * 1, 3),
    'flatten': one(F.flatten, lambda x: x.flatten(1), 3),
    'expand_dims': one(lambda x: F.expand_dims(x, 1), lambda x: x.unsqueeze(1)),
    'squeeze': (fixed((3, 1, 2, 1)), F.squeeze, torch.squeeze),
    'transpose': one(lambda x: F.transpose(x, (2, 0, 1)), lambda x: x.permute(2, 0, 1), 3),
    'swapaxes': one(lambda x: F.swapaxes(x, 0, -1), lambda x: x.swapaxes(0, -1), 3),
    'moveaxis': one(lambda x: F.moveaxis(x, 0, 2), lambda x: x.moveaxis(0, 2), 3),
    'broadcast_to': (fixed((3, 1)), lambda x: F.broadcast_to(x, (2, 3, 4)),
                     lambda x: x.broadcast_to(2, 3, 4)),
    'sum_to': (fixed((2, 3, 4)), lambda x: F.sum_to(x, (3, 1)),
               lambda x: x.sum_to_size(3, 1)),
    'concat': (fixed((2, 3), (2, 1), (2, 4)), lambda *xs: F.concat(xs), lambda *xs: torch.cat(
        xs, 1)),
    'stack': equal(3, lambda *xs: F.stack(xs, 1), lambda *xs: torch.stack(xs, 1)),
    'hstack': equal(2, lambda *xs: F.hstack(xs), lambda *xs: torch.hstack(xs)),
    'vstack': equal(2, lambda *xs: F.vstack(xs), lambda *xs: torch.vstack(xs)),
    'split': (fixed((3, 6)), lambda x: F.split(x, [1, 4], 1)[1], lambda x: x[:, 1:4]),
    'separate': (fixed((3, 4)), lambda x: F.separate(x, 1)[2], lambda x: x.unbind(1)[2]),
    'get_item': (fixed((4, 5)), lambda x: F.get_item(x, (INDEX, slice(1, None, 2))),
                 lambda x: x[torch.tensor(INDEX), 1::2]),
    'select': (fixed((3, 4)), lambda x: F.select(x, INDEX),
               lambda x: x[torch.arange(3), torch.tensor(INDEX)]),
    'where': equal(2, lambda a, b: F.where(a.data > 0, a, b),
                   lambda a, b: torch.where(a > 0, a, b)),
    'pad': (fixed((2, 3)), lambda x: F.pad(x, [(1, 0), (2, 1)], constant_values=0.5),
            lambda x: T.pad(x, (2, 1, 1, 0), value=0.5)),
    'permutate': (fixed((3, 4)), lambda x: F.permutate(x, INDEX),
                  lambda x: x[torch.tensor(INDEX)]),
    'scatter_add': (fixed((4, 2), (3, 2)), lambda x, v: F.scatter_add(x, np.array([1, 3, 1]), v),
                    lambda x, v: x.index_add(0, torch.tensor([1, 3, 1]), v)),
    'pad_sequence': (fixed((3, 3)), lambda x: F.pad_sequence(rows(x)),
                     lambda x: torch.nn.utils.rnn.pad_sequence(rows(x), True)),
    'transpose_sequence': (
        fixed((3, 3)), lambda x: F.concat(F.transpose_sequence(rows(x)), 0),
        lambda x: torch.nn.utils.rnn.pack_sequence(rows(x)).data),
    'depth_to_space': (fixed((2, 4, 2, 3)), lambda x: F.depth_to_space(x, 2),
                       lambda x: T.pixel_shuffle(x, 2)),
    'space_to_depth': (fixed((2, 1, 4, 6)), lambda x: F.space_to_depth(x, 2),
                       lambda x: T.pixel_unshuffle(x, 2)),

    'depthwise_conv2d': (
        fixed((2, 3, 5, 5), (2, 3, 3, 3)), lambda x, W: F.depthwise_conv2d(x, W, None, 2, 1),
        lambda x, W: T.conv2d(x, W.transpose(0, 1).reshape(6, 1, 3, 3), None, 2, 1, groups=3)),
    'global_avg_pool': (fixed((2, 3, 4, 5)), F.global_avg_pool, lambda x: x.mean((2, 3))),
    'global_max_pool': (fixed((2, 3, 4, 5)), F.global_max_pool, lambda x: x.amax((2, 3))),
    'max_pool2d_with_indices': (fixed((2, 2, 4, 6)), lambda x: pooled(x)[0],
                                lambda x: T.max_pool2d(x, 2)),
    'unpool': (fixed((2, 2, 2, 3)), lambda x: F.unpool(x, 2),
               lambda x: x.repeat_interleave(2, 2).repeat_interleave(2, 3)),
    'upsample': (fixed((2, 2, 4, 6)), lambda x: F.upsample(*pooled(x), 2),
                 lambda x: T.max_unpool2d(*T.max_pool2d(x, 2, return_indices=True), 2)),
    'spatial_pyramid_pool': (
        fixed((2, 3, 4, 4)), lambda x: F.spatial_pyramid_pool(x, 2),
        lambda x: torch.cat([T.max_pool2d(x, 4).flatten(1), T.max_pool2d(x, 2).flatten(1)], 1)),
    'roi_pool': (fixed((2, 3, 4, 4)), lambda x: F.roi_pool(x, ROIS, (2, 1)), roi_pool),

    'batch_norm': (fixed((4, 3, 2), (3,), (3,)), F.batch_norm,
                   lambda x, g, b: T.batch_norm(x, None, None, g, b, True, eps=2e-5)),
    'fixed_batch_norm': (
        fixed((4, 3, 2), (3,), (3,)),
        lambda x, g, b: F.fixed_batch_norm(x, g, b, np.ones(3), np.full(3, 2.0)),
        lambda x, g, b: T.batch_norm(x, torch.ones(3, dtype=x.dtype),
                                     torch.full((3,), 2.0, dtype=x.dtype), g, b, eps=2e-5)),

    'rnn_tanh': (fixed((3, 2), (3, 2), (2, 2), (2,)), F.rnn_tanh,
                 lambda h, x, W, b: (x + h @ W.T + b).tanh()),
    'rnn_relu': (fixed((3, 2), (3, 2), (2, 2), (2,)), F.rnn_relu,
                 lambda h, x, W, b: (x + h @ W.T + b).relu()),
    'lstm': (fixed((3, 2), (3, 8)), both(F.lstm), lstm),
    'gru': (fixed((3, 2), (3, 6), (3, 6)), F.gru, gru),
    'tree_lstm': (fixed((3, 2), (3, 2), (3, 10)), both(F.tree_lstm), tree_lstm),
    'additive_attention': (fixed((2, 3, 4), (2, 5, 4), (2, 5, 3), (4,)), F.additive_attention,
                           additive),

    'mean_squared_error': equal(2, F.mean_squared_error, T.mse_loss),
    'gaussian_kl_divergence': equal(
        2, F.gaussian_kl_divergence, lambda m, v: (m ** 2 + v.exp() - v - 1).sum() / 2),
    'gaussian': equal(3, F.gaussian, lambda m, v, eps: m + (v / 2).exp() * eps),
    'focal': (fixed((3, 3)), lambda x: F.focal(x, INDEX), focal),
    'hinge': (fixed((3, 3)), lambda x: F.hinge(x, INDEX), hinge),
    'contrastive': (fixed((3, 4), (3, 4)),
                    lambda a, b: F.contrastive(a, b, np.array([1, 0, 1]), 5), contrastive),
    'triplet': (fixed((3, 4), (3, 4), (3, 4)), F.triplet, triplet),
    'crf1d': (fixed((2, 2), (3, 4, 2)),
              lambda cost, x: F.crf1d(cost, F.separate(x), [np.full(4, t) for t in (0, 1, 1)]),
              crf),
}

# What PyTorch cannot be asked about, and why.
WITHOUT = {
    'checkpoint': 'a way to compute, not a function', 'copy': 'a way to compute, not a function',
    'dropout': 'random', 'drop_path': 'random', 'zoneout': 'random', 'negative_sampling': 'random',
    'hierarchical_softmax': 'PyTorch has none; the table of operations has a plain formula',
}
# Compared as links with the weights of PyTorch: at the end of test_oracle_functions.py.
AS_LINKS = {f'n_step_{way}{kind}' for way in ('', 'bi') for kind in ('lstm', 'gru', 'rnn')}
