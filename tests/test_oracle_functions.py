"""Functions against PyTorch's: values, gradients and gradients of gradients, on random shapes."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain.aliases import FUNCTIONS

torch = pytest.importorskip('torch', reason='PyTorch is not installed')
from op_cases import CASES as ROWS  # noqa: E402
from oracle_plain import AS_LINKS, PLAIN, WITHOUT, some, spread  # noqa: E402

T = torch.nn.functional
pytestmark = pytest.mark.oracle


def ids(t):
    return torch.tensor(np.asarray(t), dtype=torch.int64)


def size(rng, low=1, high=5):
    return int(rng.integers(low, high))


# Elementwise -------------------------------------------------------------------------------------

ELEMENTWISE = {
    'tan': torch.tan, 'arcsin': lambda x: torch.arcsin(x), 'arccos': torch.arccos,
    'arctan': torch.arctan, 'sinh': torch.sinh, 'cosh': torch.cosh, 'log1p': torch.log1p,
    'expm1': torch.expm1, 'log2': torch.log2, 'log10': torch.log10, 'rsqrt': torch.rsqrt,
    'erf': torch.erf, 'erfc': torch.erfc, 'lgamma': torch.lgamma, 'elu': T.elu, 'selu': T.selu,
    'gelu': T.gelu, 'silu': T.silu, 'softsign': T.softsign, 'relu6': T.relu6,
}
POSITIVE = {'log2', 'log10', 'rsqrt', 'lgamma'}
SMALL = {'arcsin', 'arccos', 'log1p', 'tan'}


def elementwise(name, theirs):
    def draw(rng):
        x = spread(rng, some(rng))
        return [abs(x) + 0.1 if name in POSITIVE else x / 4.5 if name in SMALL else x]
    return draw, getattr(F, name), theirs


# Others: name: (arguments from a random generator, ours, PyTorch's) ------------------------------

def axis_arguments(rng):
    return [spread(rng, some(rng, 3))]


def images(rng, axes):
    """(images, filters, bias, options) that fit."""
    groups, k = size(rng, 1, 3), [size(rng, 1, 4) for _ in range(axes)]
    stride, pad, dilate = ([size(rng, low, 3) for _ in range(axes)] for low in (1, 0, 1))
    sizes = [(n - 1) * d + 1 + size(rng, 0, 5) for n, d in zip(k, dilate)]
    c, o = groups * size(rng, 1, 3), groups * size(rng, 1, 3)
    x, W = spread(rng, (2, c, *sizes)), spread(rng, (o, c // groups, *k))
    return x, W, spread(rng, (o,)), tuple(stride), tuple(pad), tuple(dilate), groups


def convolution(axes):
    """A case whose options are drawn with the arguments."""
    ours = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[axes]
    theirs = {1: T.conv1d, 2: T.conv2d, 3: T.conv3d}[axes]

    def draw(rng):
        *arrays, stride, pad, dilate, groups = images(rng, axes)
        draw.options = stride, pad, dilate, groups
        return arrays
    return draw, lambda *xs: ours(*xs, *draw.options), lambda *xs: theirs(*xs, *draw.options)


def transposed(axes):
    ours = {1: F.conv_transpose1d, 2: F.conv_transpose2d}[axes]
    theirs = {1: T.conv_transpose1d, 2: T.conv_transpose2d}[axes]

    def draw(rng):
        k, stride = size(rng, 1, 4), size(rng, 1, 3)
        pad = size(rng, 0, (k + 1) // 2 + 1) if k > 1 else 0
        draw.options = stride, pad
        sizes = [size(rng, 2, 5) for _ in range(axes)]
        return [spread(rng, (2, 3, *sizes)), spread(rng, (3, 2, *[k] * axes)), spread(rng, (2,))]
    return draw, lambda *xs: ours(*xs, *draw.options), lambda *xs: theirs(*xs, *draw.options)


def pooling(name, theirs, axes):
    ours = getattr(F, name)

    def draw(rng):
        k = size(rng, 1, 4)
        draw.options = k, size(rng, 1, 3), size(rng, 0, k // 2 + 1)
        return [spread(rng, (2, 2, *[k + size(rng, 0, 4) for _ in range(axes)]))]
    return draw, lambda x: ours(x, *draw.options), lambda x: theirs(x, *draw.options)


def labelled(ours, theirs):
    """A loss of scores (N, C) and classes (N), which are drawn with the scores."""
    def draw(rng):
        n, c = some(rng)
        draw.t = rng.integers(0, c, n)
        draw.weight = rng.uniform(0.5, 2, c)
        return [spread(rng, (n, c))]
    return draw, lambda x: ours(x, draw), lambda x: theirs(x, draw)


def same_shapes(count, ours, theirs, axes=2):
    def draw(rng):
        shape = some(rng, axes)
        return list(spread(rng, (count, *shape)))
    return draw, ours, theirs


def ctc_case():
    def draw(rng):
        steps, n, c = size(rng, 6, 9), 3, size(rng, 2, 5)
        draw.t = rng.integers(1, c, (n, 3))
        draw.lengths = rng.integers(6, steps + 1, n), rng.integers(1, 4, n)
        return [spread(rng, (steps, n, c))]

    def ours(x):
        return F.connectionist_temporal_classification(x, draw.t, 0, *draw.lengths, reduce='no')

    def theirs(x):
        lengths = map(ids, draw.lengths)
        return T.ctc_loss(T.log_softmax(x, 2), ids(draw.t), *lengths, reduction='none')
    return draw, ours, theirs


def matrices(rng):
    n = size(rng, 1, 5)
    return [spread(rng, (size(rng), n, n)) * 0.2 + 3 * np.eye(n)]


def symmetric(function):
    return lambda x: function(x @ x.swapaxes(-1, -2))


def attention(rng):
    n, t, s, d = some(rng, 4)
    return [spread(rng, (n, 2, t, d)), spread(rng, (n, 2, s, d)), spread(rng, (n, 2, s, 3))]


def normalization(ours, theirs):
    def draw(rng):
        c = 2 * size(rng, 1, 4)
        return [spread(rng, (3, c, *some(rng, 2))), spread(rng, (c,)), spread(rng, (c,))]
    return draw, ours, theirs


CASES = {
    **PLAIN,
    **{name: elementwise(name, theirs) for name, theirs in ELEMENTWISE.items()},
    'arctan2': same_shapes(2, F.arctan2, torch.arctan2),
    'fmod': same_shapes(2, lambda a, b: F.fmod(a * 5, b), lambda a, b: torch.fmod(a * 5, b)),
    'cumsum': (axis_arguments, lambda x: F.cumsum(x, 1), lambda x: x.cumsum(1)),
    'cumprod': (axis_arguments, lambda x: F.cumprod(x, -1), lambda x: x.cumprod(-1)),
    'prod': (axis_arguments, lambda x: F.prod(x, 1), lambda x: x.prod(1)),
    'logsumexp': (axis_arguments, lambda x: F.logsumexp(x, (0, 2)),
                  lambda x: x.logsumexp((0, 2))),
    'sort': (axis_arguments, lambda x: F.sort(x, 1), lambda x: x.sort(1).values),
    'topk': (axis_arguments, lambda x: F.topk(x, 1, 0)[0], lambda x: x.topk(1, 0).values),
    'flip': (axis_arguments, lambda x: F.flip(x, (0, 2)), lambda x: x.flip(0, 2)),
    'roll': (axis_arguments, lambda x: F.roll(x, (1, -2), (0, 1)),
             lambda x: x.roll((1, -2), (0, 1))),
    'tile': (axis_arguments, lambda x: F.tile(x, (2, 1, 3)), lambda x: x.tile(2, 1, 3)),
    'repeat': (axis_arguments, lambda x: F.repeat(x, 3, 1),
               lambda x: x.repeat_interleave(3, 1)),
    'diagonal': (axis_arguments, lambda x: F.diagonal(x, 0, 0, 2), lambda x: x.diagonal(0, 0, 2)),
    'einsum': (lambda rng: [spread(rng, (2, 3, 4)), spread(rng, (4, 3)), spread(rng, (2,))],
               lambda *xs: F.einsum('ijk,kj,i->ki', *xs),
               lambda *xs: torch.einsum('ijk,kj,i->ki', *xs)),
    'tensordot': (lambda rng: [spread(rng, (2, 3, 4)), spread(rng, (4, 3, 5))],
                  lambda a, b: F.tensordot(a, b, ((1, 2), (1, 0))),
                  lambda a, b: torch.tensordot(a, b, ((1, 2), (1, 0)))),
    'det': (matrices, F.det, torch.det),
    'inv': (matrices, F.inv, torch.linalg.inv),
    'cholesky': (matrices, symmetric(F.cholesky), symmetric(torch.linalg.cholesky)),
    'norm': (axis_arguments, lambda x: F.norm(x, 1), lambda x: x.norm(dim=1)),
    'l2_normalize': (axis_arguments, F.l2_normalize, lambda x: T.normalize(x, eps=1e-12)),
    'glu': (lambda rng: [spread(rng, (3, 2 * size(rng)))], F.glu, T.glu),
    'prelu': (lambda rng: [spread(rng, (2, 3, 4)), spread(rng, (3,))], F.prelu, T.prelu),
    'hard_sigmoid': (axis_arguments, F.hard_sigmoid, lambda x: (x * 0.2 + 0.5).clamp(0, 1)),

    'conv1d': convolution(1), 'conv2d': convolution(2), 'conv3d': convolution(3),
    'conv_transpose1d': transposed(1), 'conv_transpose2d': transposed(2),
    'max_pool1d': pooling('max_pool1d', T.max_pool1d, 1),
    'max_pool2d': pooling('max_pool2d', T.max_pool2d, 2),
    'max_pool3d': pooling('max_pool3d', T.max_pool3d, 3),
    'avg_pool1d': pooling('avg_pool1d', T.avg_pool1d, 1),
    'avg_pool2d': pooling('avg_pool2d', T.avg_pool2d, 2),
    'avg_pool3d': pooling('avg_pool3d', T.avg_pool3d, 3),
    'avg_pool2d ceil': (lambda rng: [spread(rng, (2, 2, size(rng, 3, 8), size(rng, 3, 8)))],
                        lambda x: F.avg_pool2d(x, 3, 2, cover_all=True),
                        lambda x: T.avg_pool2d(x, 3, 2, ceil_mode=True)),
    'max_pool2d ceil': (lambda rng: [spread(rng, (2, 2, size(rng, 3, 8), size(rng, 3, 8)))],
                        lambda x: F.max_pool2d(x, 3, 2, cover_all=True),
                        lambda x: T.max_pool2d(x, 3, 2, ceil_mode=True)),
    'im2col': (lambda rng: [spread(rng, (2, 3, 5, 6))],
               lambda x: F.reshape(F.im2col(x, (2, 3), 2, 1), (2, 18, -1)),
               lambda x: T.unfold(x, (2, 3), 1, 1, 2)),
    'resize_images': (lambda rng: [spread(rng, (2, 3, 4, 5))],
                      lambda x: F.resize_images(x, (7, 3)),
                      lambda x: T.interpolate(x, (7, 3), mode='bilinear', align_corners=True)),
    'resize_images edges': (lambda rng: [spread(rng, (2, 3, 4, 5))],
                            lambda x: F.resize_images(x, (7, 9), align_corners=False),
                            lambda x: T.interpolate(x, (7, 9), mode='bilinear')),
    'resize_images nearest': (lambda rng: [spread(rng, (2, 3, 4, 5))],
                              lambda x: F.resize_images(x, (7, 3), 'nearest', False),
                              lambda x: T.interpolate(x, (7, 3))),

    'layer_norm': (lambda rng: [spread(rng, (3, 2, 5)), spread(rng, (5,)), spread(rng, (5,))],
                   F.layer_norm, lambda x, g, b: T.layer_norm(x, (5,), g, b)),
    'group_norm': normalization(lambda x, g, b: F.group_norm(x, 2, g, b),
                                lambda x, g, b: T.group_norm(x, 2, g, b)),
    'instance_norm': normalization(F.instance_norm,
                                   lambda x, g, b: T.group_norm(x, x.shape[1], g, b)),
    'local_response_norm': (axis_arguments,     # PyTorch divides alpha by the number of channels
                            lambda x: F.local_response_norm(x, 3, 1.5, 0.4, 0.7),
                            lambda x: T.local_response_norm(x, 3, 1.2, 0.7, 1.5)),
    'scaled_dot_product_attention': (attention, F.scaled_dot_product_attention,
                                     T.scaled_dot_product_attention),

    'softmax_cross_entropy': labelled(
        lambda x, case: F.softmax_cross_entropy(x, case.t, label_smoothing=0.2),
        lambda x, case: T.cross_entropy(x, ids(case.t), label_smoothing=0.2)),
    'softmax_cross_entropy each': labelled(
        lambda x, case: F.softmax_cross_entropy(x, case.t, class_weight=case.weight, reduce='no',
                                                label_smoothing=0.1),
        lambda x, case: T.cross_entropy(x, ids(case.t), torch.tensor(case.weight),
                                        reduction='none', label_smoothing=0.1)),
    'sigmoid_cross_entropy': same_shapes(
        1, lambda x: F.sigmoid_cross_entropy(x, np.full(x.shape, 0.3)),
        lambda x: T.binary_cross_entropy_with_logits(x, torch.full_like(x, 0.3))),
    'huber': same_shapes(2, lambda a, b: F.huber(a, b, 0.7, 'mean'),
                         lambda a, b: T.huber_loss(a, b, delta=0.7)),
    'mean_absolute_error': same_shapes(2, F.mean_absolute_error, T.l1_loss),
    'kl_divergence': same_shapes(
        2, lambda p, q: F.kl_divergence(F.log_softmax(p), F.log_softmax(q)),
        lambda p, q: T.kl_div(T.log_softmax(q, 1), T.log_softmax(p, 1), log_target=True,
                              reduction='batchmean')),
    'gaussian_nll': same_shapes(
        3, F.gaussian_nll,
        lambda x, m, v: T.gaussian_nll_loss(m, x, v.exp(), full=True, reduction='sum', eps=1e-12)),
    'bernoulli_nll': same_shapes(
        2, F.bernoulli_nll,
        lambda x, y: (T.softplus(y) - x * y).sum()),
    'cosine': same_shapes(2, F.cosine, T.cosine_similarity),
    'connectionist_temporal_classification': ctc_case(),
}
# PyTorch has no second derivative of these, or none where squares meet zeros.
FIRST_ORDER = {'connectionist_temporal_classification'}
# Their tables hold numbers of float64.
DOUBLE_ONLY = {'cast', 'fixed_batch_norm', 'sigmoid_cross_entropy',
               'softmax_cross_entropy each'}


def incoming(y):
    return np.cos(np.arange(y.size) + 1.0).reshape(y.shape)


@pytest.mark.parametrize('name', CASES)
@pytest.mark.parametrize('seed', range(4))
def test_a_function_has_pytorch_s_values_and_gradients(name, seed):
    draw, ours, theirs = CASES[name]
    arrays = draw(np.random.default_rng(seed))
    xs = [mc.Variable(a) for a in arrays]
    ts = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, wanted = ours(*xs), theirs(*ts)
    close(y, wanted)
    higher = name not in FIRST_ORDER
    gxs = mc.grad(y, xs, incoming(y), create_graph=True)
    gts = torch.autograd.grad(wanted, ts, torch.tensor(incoming(y)), create_graph=higher)
    for gx, gt in zip(gxs, gts):
        close(gx, gt)
    if not higher:
        return
    norm = sum(F.sum(g * g) for g in gxs)
    ggxs = mc.grad(norm, xs) if norm.requires_grad else [None] * len(xs)
    nothing = sum((t * 0).sum() for t in ts)        # for functions without a second derivative
    ggts = torch.autograd.grad(sum((g * g).sum() for g in gts) + nothing, ts)
    for ggx, ggt, x in zip(ggxs, ggts, arrays):
        close(np.zeros_like(x) if ggx is None else ggx, ggt)


@pytest.mark.parametrize('name', [name for name in CASES if name not in DOUBLE_ONLY])
def test_a_function_of_float32_has_pytorch_s_values_and_gradients(name):
    """From arrays that lie in memory in a strange order."""
    draw, ours, theirs = CASES[name]
    arrays = [np.asfortranarray(a.astype('float32')) for a in draw(np.random.default_rng(7))]
    xs = [mc.Variable(a) for a in arrays]
    ts = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, wanted = ours(*xs), theirs(*ts)
    gy = incoming(y).astype('float32')
    gxs, gts = mc.grad(y, xs, gy), torch.autograd.grad(wanted, ts, torch.tensor(gy))
    for a, b in zip([y, *gxs], [wanted, *gts]):
        assert a.dtype == 'float32'
        close(a, b, 1e-4)


def test_every_differentiable_function_is_compared():
    names = {row.name for row in ROWS if row.gradient and row.name not in FUNCTIONS
             and (hasattr(F, row.name) or hasattr(mc, row.name))}
    compared = {name.split()[0] for name in CASES}
    assert names - compared - AS_LINKS == set(WITHOUT)


def close(ours, theirs, tolerance=1e-7):
    ours, theirs = ours.data if isinstance(ours, mc.Variable) else ours, theirs.numpy(force=True)
    scale = abs(theirs).max(initial=1)
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance / 10 * scale)


# Networks with PyTorch's weights -----------------------------------------------------------------

LENGTHS = [2, 5, 1, 3]
NETS = {'NStepLSTM': ('LSTM', 4), 'NStepGRU': ('GRU', 3), 'NStepRNN': ('RNN', 1)}


@pytest.mark.parametrize('name', NETS)
@pytest.mark.parametrize('both_ways', [False, True])
def test_recurrent_layers_compute_what_pytorch_s_do(name, both_ways):
    """Two layers, sequences of several lengths, the same weights."""
    kind, gates = NETS[name]
    theirs = getattr(torch.nn, kind)(3, 4, 2, bidirectional=both_ways).double()
    ours = getattr(L, name.replace('NStep', 'NStepBi') if both_ways else name)(2, 3, 4)
    for i, weights in enumerate(ours):
        end = f'_l{i // 2}_reverse' if both_ways and i % 2 else f'_l{i // (1 + both_ways)}'
        for part, offset in (('ih', 0), ('hh', gates)):
            for letter, what in (('w', 'weight'), ('b', 'bias')):
                blocks = getattr(theirs, f'{what}_{part}{end}').detach().numpy()
                for k, block in enumerate(np.split(blocks, gates), offset):
                    getattr(weights, f'{letter}{k}').data = block.copy()
    rng = np.random.default_rng(0)
    xs = [rng.standard_normal((n, 3)) for n in LENGTHS]
    *lasts, ys = ours(*[None] * ours.states, xs)
    packed = torch.nn.utils.rnn.pack_sequence([torch.tensor(x) for x in xs], enforce_sorted=False)
    out, states = theirs(packed)
    out, _ = torch.nn.utils.rnn.pad_packed_sequence(out)
    for i, n in enumerate(LENGTHS):
        close(ys[i], out[:n, i])
    for last, state in zip(lasts, states if isinstance(states, tuple) else [states]):
        close(last, state)
    total = sum(F.sum(F.square(y)) for y in ys)
    total.backward()
    (out ** 2).sum().backward()
    close(ours[0].w0.grad, theirs.weight_ih_l0.grad[:4])
    close(ours[0].b0.grad, theirs.bias_ih_l0.grad[:4])


def test_multi_head_attention_computes_what_pytorch_s_does():
    theirs = torch.nn.MultiheadAttention(6, 2, batch_first=True).double()
    ours = L.MultiHeadAttention(6, 2)
    weights = theirs.in_proj_weight.detach().numpy().reshape(3, 6, 6)
    biases = np.random.default_rng(0).standard_normal((3, 6))
    theirs.in_proj_bias.data = torch.tensor(biases.reshape(-1))
    for layer, W, b in zip((ours.query, ours.key, ours.value), weights, biases):
        layer.W.data, layer.b.data = W.copy(), b.copy()
    ours.out.W.data = theirs.out_proj.weight.detach().numpy().copy()
    ours.out.b.data = theirs.out_proj.bias.detach().numpy().copy()
    rng = np.random.default_rng(1)
    query, key = rng.standard_normal((2, 3, 6)), rng.standard_normal((2, 5, 6))
    there = np.arange(5) < np.array([[3], [5]])
    wanted, _ = theirs(torch.tensor(query), torch.tensor(key), torch.tensor(key),
                       key_padding_mask=torch.tensor(~there))
    close(ours(query, key, mask=there), wanted)
