"""Functions, links, optimizers, initial weights and masks of Chainer on small arrays.

Each part gives numbers by name; chainer_reference.py keeps what Chainer itself gives.
"""
import zlib

import numpy as np

import chainer
import chainer.distributions
import chainer.functions as F
import chainer.link_hooks
import chainer.links as L


def real(*shape, low=-1.0, high=1.0, seed=0):
    """Random numbers between two bounds, the same in every run."""
    random = np.random.RandomState(seed + zlib.crc32(repr(shape).encode()) % 10007)
    return random.uniform(low, high, shape).astype(np.float32)


def flat(values):
    """The arrays of Variables, or of lists of them, in one row."""
    if isinstance(values, (tuple, list)):
        return np.concatenate([flat(value) for value in values] or [np.zeros(0)])
    array = values.array if isinstance(values, chainer.Variable) else np.asarray(values)
    return array.astype(np.float64).ravel()


def with_gradients(function, arrays):
    """What a function gives, and the gradients of a weighted sum of that."""
    inputs = [chainer.Variable(a.copy()) if a.dtype.kind == 'f' else a for a in arrays]
    ys = function(*inputs)
    parts = [flat(ys)]
    outputs = [y for y in (ys if isinstance(ys, (tuple, list)) else (ys,))
               if isinstance(y, chainer.Variable) and y.dtype.kind == 'f']
    total = 0
    for y in outputs:
        total += F.sum(y * np.cos(np.arange(y.size, dtype=np.float32)).reshape(y.shape))
    if isinstance(total, chainer.Variable) and total.creator is not None:
        total.backward()
        parts += [flat(x.grad) for x in inputs
                  if isinstance(x, chainer.Variable) and x.grad is not None]
    return np.concatenate(parts)


IDS = np.array([0, 2, 1, 2], np.int32)
POSITIVE = real(4, 3, low=0.2, high=2.0)
X, Y, Z = real(4, 3), real(4, 3, seed=1), real(4, 3, seed=2)
IMAGE = real(2, 3, 7, 6)
SEQUENCES = [real(3, 2), real(3, 2, seed=1), real(1, 2)]
LSTM_WEIGHTS = [[real(4, 2 if i < 4 else 4, seed=i) for i in range(8)]]
LSTM_BIASES = [[real(4, seed=i) for i in range(8)]]

# Functions of one array.
SIMPLE = {name: [(X,)] for name in '''absolute arctan ceil cos cosh erf erfc exp expm1 fix floor
    sign sin sinh square tan tanh relu elu selu leaky_relu relu6 clipped_relu crelu sigmoid
    hard_sigmoid softmax log_softmax softplus flatten transpose sum mean average min logsumexp
    cumsum
    cumprod prod ndtr log_ndtr normalize fliplr flipud batch_l2_norm_squared identity
    digamma'''.split()}
SIMPLE.update({name: [(POSITIVE,)] for name in '''log log10 log1p log2 sqrt rsqrt lgamma
    digamma'''.split()})
SIMPLE.update({name: [(X * np.float32(0.9),)] for name in 'arcsin arccos arctanh'.split()})

CASES = {
    'add': (lambda *xs: F.add(*xs), X, Y, Z), 'maximum': (F.maximum, X, Y),
    'minimum': (F.minimum, X, Y), 'arctan2': (F.arctan2, X, POSITIVE),
    'fmod': (F.fmod, X, POSITIVE), 'clip': (lambda x: F.clip(x, -0.5, 0.5), X),
    'matmul': (lambda a, b: F.matmul(a, b, transb=True), X, Y),
    'batch_matmul': (lambda a, b: F.batch_matmul(a, b, transa=True), real(2, 3, 2), real(2, 3, 4)),
    'batch_inv': (F.batch_inv, real(2, 3, 3)), 'batch_det': (F.batch_det, real(2, 3, 3)),
    'cholesky': (lambda x: F.cholesky(F.matmul(x, x, transb=True)
                                      + np.eye(3, dtype=np.float32)), real(3, 3)),
    'einsum': (lambda a, b: F.einsum('ij,kj->ik', a, b), X, Y),
    'tensordot': (lambda a, b: F.tensordot(a, b, axes=([0], [0])), X, Y),
    'bilinear': (F.bilinear, X, Y, real(3, 3, 2), real(3, 2), real(3, 2, seed=1), real(2)),
    'fft': (lambda a, b: F.fft((a, b)), X, Y), 'ifft': (lambda a, b: F.ifft((a, b)), X, Y),
    'linear': (F.linear, X, real(2, 3), real(2)), 'embed': (F.embed_id, IDS, real(3, 2)),
    'embed_ignored': (lambda W: F.embed_id(IDS, W, ignore_label=2), real(3, 2)),
    'average_weighted': (lambda x, w: F.average(x, axis=0, weights=w), X, real(4, low=0.1)),
    'bias': (F.bias, IMAGE, real(3)), 'scale': (F.scale, IMAGE, real(3)),
    'broadcast': (lambda a, b: F.broadcast(a, b), X, real(3)),
    'concat': (lambda a, b: F.concat((a, b)), X, Y),
    'dstack': (lambda a, b: F.dstack((a, b)), X, Y),
    'hstack': (lambda a, b: F.hstack((a, b)), X, Y),
    'vstack': (lambda a, b: F.vstack((a, b)), X, Y),
    'split_axis': (lambda x: F.split_axis(x, [1, 2], axis=1), X),
    'separate': (lambda x: F.separate(x, axis=1), X), 'stack': (lambda a: F.stack((a, a), 1), X),
    'select_item': (lambda x: F.select_item(x, IDS), X),
    'get_item': (lambda x: F.get_item(x, (slice(None, None, -1), 1)), X),
    'permutate': (lambda x: F.permutate(x, np.array([2, 0, 1], np.int32), axis=1), X),
    'permutate_inv': (lambda x: F.permutate(x, np.array([2, 0, 1], np.int32), axis=1, inv=True), X),
    'rollaxis': (lambda x: F.rollaxis(x, 3, 1), IMAGE), 'moveaxis': (
        lambda x: F.moveaxis(x, 1, 3), IMAGE),
    'pad': (lambda x: F.pad(x, ((1, 0), (0, 2)), 'constant', constant_values=0.5), X),
    'repeat': (lambda x: F.repeat(x, 2, axis=1), X), 'tile': (lambda x: F.tile(x, (1, 2)), X),
    'scatter_add': (lambda x, y: F.scatter_add(x, [0, 0, 1], y), X, real(3, 3)),
    'where': (lambda x, y: F.where(np.eye(4, 3) > 0, x, y), X, Y),
    'depth2space': (lambda x: F.depth2space(x, 2), real(1, 8, 2, 3)),
    'space2depth': (lambda x: F.space2depth(x, 2), real(1, 2, 4, 6)),
    'im2col': (lambda x: F.im2col(x, 3, 2, 1), IMAGE),
    'resize': (lambda x: F.resize_images(x, (4, 9)), IMAGE),
    'maxout': (lambda x: F.maxout(x, 3), real(4, 6)), 'prelu': (F.prelu, X, real(3)),
    'swish': (F.swish, X, real(3)), 'softplus_beta': (lambda x: F.softplus(x, beta=2.0), X),
    'lstm': (F.lstm, real(4, 3), real(4, 12)), 'lstm_shrinking': (F.lstm, real(4, 3), real(2, 12)),
    'lstm_images': (F.lstm, real(2, 2, 3, 1), real(2, 8, 3, 1)),
    'slstm': (F.slstm, X, Y, real(4, 12), real(4, 12, seed=1)),
    'tree_lstm': (F.tree_lstm, X, Y, real(4, 15)),
    'conv2d': (lambda x, W, b: F.convolution_2d(x, W, b, stride=2, pad=1), IMAGE, real(4, 3, 3, 3),
               real(4)),
    'conv2d_cover_all': (lambda x, W: F.convolution_2d(x, W, None, 2, 0, cover_all=True), IMAGE,
                         real(2, 3, 2, 3)),
    'conv2d_groups': (lambda x, W: F.convolution_2d(x, W, dilate=2, groups=3), IMAGE,
                      real(3, 1, 2, 2)),
    'conv1d': (lambda x, W: F.convolution_1d(x, W, pad=1), real(2, 3, 6), real(2, 3, 3)),
    'conv3d': (lambda x, W: F.convolution_3d(x, W, pad=1), real(1, 2, 3, 4, 3),
               real(2, 2, 2, 3, 2)),
    'deconv2d': (lambda x, W, b: F.deconvolution_2d(x, W, b, stride=2, pad=1), real(2, 3, 3, 2),
                 real(3, 4, 4, 4), real(4)),
    'depthwise': (lambda x, W: F.depthwise_convolution_2d(x, W), IMAGE, real(2, 3, 3, 3)),
    'max_pool': (lambda x: F.max_pooling_2d(x, 3, stride=2), IMAGE),
    'max_pool_pad': (lambda x: F.max_pooling_2d(x, 2, pad=1, cover_all=False), IMAGE),
    'max_pool_1d': (lambda x: F.max_pooling_1d(x, 2), real(2, 3, 5)),
    'average_pool': (lambda x: F.average_pooling_2d(x, 3, stride=2, pad=1), IMAGE),
    'average_pool_none': (lambda x: F.average_pooling_nd(x, 3, 2, 1, pad_value=None), IMAGE),
    'pyramid': (lambda x: F.spatial_pyramid_pooling_2d(x, 2, 'max'), real(2, 3, 6, 6)),
    'roi': (lambda x: F.roi_pooling_2d(x, np.array([[0, 1, 1, 4, 5], [1, 0, 0, 3, 6]], 'f'), 2, 2,
                                       1.0), IMAGE),
    'unpool': (lambda x: F.unpooling_2d(x, 2), real(1, 2, 3, 3)),
    'unpool_exact': (lambda x: F.unpooling_2d(x, 2, cover_all=False), real(1, 2, 3, 3)),
    'grid': (lambda t: F.spatial_transformer_grid(t, (3, 4)), real(2, 2, 3)),
    'sampler': (F.spatial_transformer_sampler, real(2, 3, 4, 5), real(2, 2, 3, 3, high=0.9)),
    'lrn': (lambda x: F.local_response_normalization(x, 3, 2, 0.1, 0.75), IMAGE),
    'batch_norm': (F.batch_normalization, IMAGE, real(3), real(3, seed=1)),
    'batch_norm_axis': (lambda x, g, b: F.batch_normalization(x, g, b, axis=(0, 3)), IMAGE,
                        real(3, 7), real(3, 7, seed=1)),
    'fixed_batch_norm': (F.fixed_batch_normalization, IMAGE, real(3), real(3, seed=1),
                         real(3, seed=2), real(3, low=0.1)),
    'layer_norm': (F.layer_normalization, X, real(3), real(3, seed=1)),
    'group_norm': (lambda x, g, b: F.group_normalization(x, 2, g, b), real(2, 4, 3, 3), real(4),
                   real(4, seed=1)),
    'cross_entropy': (lambda x: F.softmax_cross_entropy(x, IDS), X),
    'cross_entropy_ignore': (lambda x: F.softmax_cross_entropy(
        x, np.array([0, -1, 1, -1], 'i'), normalize=False), X),
    'cross_entropy_weights': (lambda x: F.softmax_cross_entropy(
        x, IDS, class_weight=np.array([1, 2, 3], 'f')), X),
    'cross_entropy_no': (lambda x: F.softmax_cross_entropy(x, IDS, reduce='no'), X),
    'cross_entropy_soft': (lambda x: F.softmax_cross_entropy(x, F.softmax(Y).array), X),
    'cross_entropy_kl': (lambda x: F.softmax_cross_entropy(
        x, F.softmax(Y).array, soft_target_loss='kl-divergence'), X),
    'sigmoid_cross_entropy': (lambda x: F.sigmoid_cross_entropy(x, np.array(
        [[0, 1, -1], [1, 1, 0], [0, 0, 1], [-1, -1, 1]], 'i')), X),
    'squared': (F.mean_squared_error, X, Y), 'absolute_mean': (F.mean_absolute_error, X, Y),
    'squared_error': (F.squared_error, X, Y), 'absolute_error': (F.absolute_error, X, Y),
    'huber': (lambda x, t: F.huber_loss(x, t, 0.5), X, Y),
    'huber_no': (lambda x, t: F.huber_loss(x, t, 0.5, reduce='no'), X, Y),
    'hinge': (lambda x: F.hinge(x, IDS, norm='L2'), X),
    'contrastive': (lambda a, b: F.contrastive(a, b, np.array([0, 1, 1, 0], 'i')), X, Y),
    'triplet': (F.triplet, X, Y, Z),
    'gaussian_kl': (F.gaussian_kl_divergence, X, Y), 'gaussian_nll': (F.gaussian_nll, X, Y, Z),
    'bernoulli_nll': (lambda y: F.bernoulli_nll((X > 0).astype('f'), y), Y),
    'cross_covariance': (F.cross_covariance, X, Y), 'decov': (F.decov, X),
    'ctc': (lambda *xs: F.connectionist_temporal_classification(
        xs, np.array([[1, 2], [2, 2]], 'i'), 0), *[real(2, 3, seed=i) for i in range(6)]),
    'crf1d': (lambda c, a, b: F.crf1d(c, [a, b], [np.array([0, 2, 1], 'i'), np.array([1, 0], 'i')]),
              real(3, 3), real(3, 3, seed=1), real(2, 3)),
    'accuracy': (lambda y: F.accuracy(y, IDS), X),
    'accuracy_ignore': (lambda y: F.accuracy(y, IDS, ignore_label=2), X),
    'accuracy_images': (lambda y: F.accuracy(y, (IMAGE[:, 0] > 0).astype('i')), IMAGE),
    'binary_accuracy': (lambda y: F.binary_accuracy(y, (Y > 0).astype('i')), X),
    'precision': (lambda y: F.precision(y, IDS), X), 'recall': (lambda y: F.recall(y, IDS), X),
    'f1': (lambda y: F.f1_score(y, IDS), np.eye(3, dtype=np.float32)[IDS]),
    'r2': (F.r2_score, X[:, 0], Y[:, 0]),
    'summary': (lambda y: F.classification_summary(y, IDS)[:3],
                np.eye(3, dtype=np.float32)[IDS]),
    'pad_sequence': (lambda *xs: F.pad_sequence(xs), *SEQUENCES),
    'transpose_sequence': (lambda *xs: F.transpose_sequence(xs), *SEQUENCES),
    'n_step_lstm': (lambda h, c: F.n_step_lstm(1, 0.0, h, c, LSTM_WEIGHTS, LSTM_BIASES, [
        real(3, 2), real(2, 2), real(1, 2)])[:2], real(1, 3, 4), real(1, 3, 4, seed=1)),
    'n_step_gru': (lambda h: F.n_step_gru(
        1, 0.0, h, [LSTM_WEIGHTS[0][1:4] + LSTM_WEIGHTS[0][4:7]], [LSTM_BIASES[0][:6]],
        [real(3, 2), real(2, 2)])[0], real(1, 3, 4)),
    'linear_interpolate': (F.linear_interpolate, POSITIVE, X, Y),
    'negative_sampling': (lambda x, W: F.negative_sampling(
        x, IDS, W, lambda shape: np.arange(np.prod(shape)).reshape(shape) % 3, 2), X, real(3, 3)),
}


def functions():
    """Every function with its gradients."""
    found = {name: with_gradients(getattr(F, name), args) for name, (args,) in SIMPLE.items()}
    found.update({name: with_gradients(function, args)
                  for name, (function, *args) in CASES.items()})
    return found


LINKS = {
    'Linear': (lambda: L.Linear(3, 2), X), 'Linear_lazy': (lambda: L.Linear(2), IMAGE),
    'Linear_initial': (lambda: L.Linear(3, 2, initialW=chainer.initializers.HeUniform(),
                                        initial_bias=0.5), X),
    'Bilinear': (lambda: L.Bilinear(3, 3, 2), X, Y), 'EmbedID': (lambda: L.EmbedID(3, 2), IDS),
    'Bias': (lambda: L.Bias(1, (3,)), X), 'Scale': (lambda: L.Scale(1, (3,), bias_term=True), X),
    'Convolution2D': (lambda: L.Convolution2D(None, 4, 3, stride=2, pad=1), IMAGE),
    'Convolution2D_two': (lambda: L.Convolution2D(4, 3), IMAGE),
    'Convolution1D': (lambda: L.Convolution1D(3, 2, 3), real(2, 3, 6)),
    'ConvolutionND': (lambda: L.ConvolutionND(3, 2, 2, 2), real(1, 2, 3, 4, 3)),
    'Dilated': (lambda: L.DilatedConvolution2D(3, 2, 2, dilate=2), IMAGE),
    'Deconvolution2D': (lambda: L.Deconvolution2D(3, 4, 4, 2, 1), IMAGE),
    'Depthwise': (lambda: L.DepthwiseConvolution2D(3, 2, 3), IMAGE),
    'BatchNormalization': (lambda: L.BatchNormalization(3), IMAGE),
    'BatchNormalization_lazy': (lambda: L.BatchNormalization(axis=(0, 2, 3)), IMAGE),
    'LayerNormalization': (lambda: L.LayerNormalization(), X),
    'GroupNormalization': (lambda: L.GroupNormalization(3), IMAGE),
    'LSTM': (lambda: L.LSTM(3, 2), X), 'LSTM_lazy': (lambda: L.LSTM(2), X),
    'StatelessLSTM': (lambda: L.StatelessLSTM(3, 3), X, Y, Z), 'GRU': (lambda: L.GRU(3, 2), X),
    'StatelessGRU': (lambda: L.StatelessGRU(3, 3), X, Y),
    'Peephole': (lambda: L.StatefulPeepholeLSTM(3, 2), X), 'MGU': (lambda: L.StatefulMGU(3, 2), X),
    'Zoneout': (lambda: L.StatefulZoneoutLSTM(3, 2), X),
    'NaryTreeLSTM': (lambda: L.NaryTreeLSTM(3, 3), X, Y, Y, Z, X),
    'ChildSumTreeLSTM': (lambda: L.ChildSumTreeLSTM(3, 3), X, Y, Z, Z, X),
    'NStepLSTM': (lambda: Sequences(L.NStepLSTM(2, 2, 3, 0.5)), *SEQUENCES),
    'NStepBiLSTM': (lambda: Sequences(L.NStepBiLSTM(2, 2, 2, 0.0)), *SEQUENCES),
    'NStepGRU': (lambda: Sequences(L.NStepGRU(1, 2, 3, 0.0)), *SEQUENCES),
    'NStepBiGRU': (lambda: Sequences(L.NStepBiGRU(2, 2, 3, 0.2)), *SEQUENCES),
    'NStepRNNTanh': (lambda: Sequences(L.NStepRNNTanh(1, 2, 3, 0.0)), *SEQUENCES),
    'NStepBiRNNReLU': (lambda: Sequences(L.NStepBiRNNReLU(1, 2, 3, 0.0)), *SEQUENCES),
    'Maxout': (lambda: L.Maxout(3, 2, 2), X), 'PReLU': (lambda: L.PReLU((3,)), X),
    'Swish': (lambda: L.Swish((3,)), X), 'Highway': (lambda: L.Highway(3), X),
    'Inception': (lambda: L.Inception(3, 2, 2, 2, 2, 2, 2), IMAGE),
    'InceptionBN': (lambda: L.InceptionBN(3, 2, 2, 2, 2, 2, 'avg', 2), IMAGE),
    'InceptionBN_stride': (lambda: L.InceptionBN(3, 0, 2, 2, 2, 2, 'max', stride=2), IMAGE),
    'MLPConvolution2D': (lambda: L.MLPConvolution2D(3, (4, 2), 3), IMAGE),
    'Spectral': (lambda: L.Convolution2D(3, 2, 3).add_hook(
        chainer.link_hooks.SpectralNormalization(factor=2.0)), IMAGE),
    'Standardized': (lambda: L.Linear(3, 2).add_hook(
        chainer.link_hooks.WeightStandardization()), X),
    'Sequential': (lambda: chainer.Sequential(L.Linear(3, 4), F.relu, L.Linear(4, 2)), X),
    'repeat': (lambda: L.Linear(3, 3).repeat(2), X),
}


class Sequences(chainer.Chain):
    """A recurrent link for whole sequences that begins with zeros."""

    def __init__(self, rnn):
        super(Sequences, self).__init__()
        with self.init_scope():
            self.rnn = rnn

    def forward(self, *xs):
        states = (None, None) if 'LSTM' in type(self.rnn).__name__ else (None,)
        *last, ys = self.rnn(*states, list(xs))
        return (*last, *ys)


def links():
    """Every link: initial weights from a seed, outputs, gradients, names, persistent values."""
    found = {}
    for name, (make, *args) in LINKS.items():
        np.random.seed(17)
        link = make()
        first = link(*args)
        link.cleargrads()
        parts = [with_gradients(lambda *xs: link(*xs), args)]
        params = sorted(link.namedparams())
        parts += [flat(param.array) for _, param in params]
        parts += [flat(param.grad) for _, param in params if param.grad is not None]
        target = {}
        chainer.serializers.DictionarySerializer(target).save(link)
        parts += [flat(target[key]) for key in sorted(target)]
        found[name] = np.concatenate([flat(first), *parts])
        found[name + ' keys'] = ' '.join(sorted(target))
    return found


OPTIMIZERS = {
    'SGD': lambda: chainer.optimizers.SGD(0.1), 'MomentumSGD': chainer.optimizers.MomentumSGD,
    'CorrectedMomentumSGD': chainer.optimizers.CorrectedMomentumSGD,
    'NesterovAG': chainer.optimizers.NesterovAG, 'AdaGrad': chainer.optimizers.AdaGrad,
    'AdaDelta': chainer.optimizers.AdaDelta, 'RMSprop': chainer.optimizers.RMSprop,
    'RMSprop_inside': lambda: chainer.optimizers.RMSprop(eps_inside_sqrt=True),
    'RMSpropGraves': chainer.optimizers.RMSpropGraves, 'SMORMS3': chainer.optimizers.SMORMS3,
    'Adam': lambda: chainer.optimizers.Adam(eps=1e-3), 'AMSGrad': chainer.optimizers.AMSGrad,
    'AdamW': lambda: chainer.optimizers.AdamW(alpha=0.01, weight_decay_rate=0.1, eta=0.5),
    'AdaBound': chainer.optimizers.AdaBound, 'AMSBound': chainer.optimizers.AMSBound,
}
HOOKS = {
    'WeightDecay': lambda: chainer.optimizer_hooks.WeightDecay(0.1),
    'Lasso': lambda: chainer.optimizer_hooks.Lasso(0.01),
    'GradientClipping': lambda: chainer.optimizer_hooks.GradientClipping(0.5),
    'GradientHardClipping': lambda: chainer.optimizer.GradientHardClipping(-0.1, 0.1),
    'GradientNoise': lambda: chainer.optimizer.GradientNoise(0.1),
    'GradientLARS': lambda: chainer.optimizer_hooks.GradientLARS(),
}


def trajectory(optimizer, hook=None):
    """Where a network with one idle layer comes to in some steps, and what the optimizer keeps."""
    np.random.seed(19)
    model = chainer.Chain(used=L.Linear(3, 2), idle=L.Linear(2, 2))
    optimizer.setup(model)
    if hook is not None:
        optimizer.add_hook(hook)
    for step in range(6):
        x = real(4, 3, seed=step)
        model.cleargrads()
        F.mean_squared_error(F.tanh(model.used(x)), real(4, 2, seed=step)).backward()
        optimizer.update()
    target = {}
    chainer.serializers.DictionarySerializer(target).save(optimizer)
    return (np.concatenate([flat(param.array) for _, param in sorted(model.namedparams())]
                           + [flat(target[key]) for key in sorted(target)]),
            ' '.join(sorted(target)))


def optimizers():
    """Every optimizer and hook: parameters and states after some steps."""
    found = {}
    for name, make in OPTIMIZERS.items():
        found[name], found[name + ' keys'] = trajectory(make())
    for name, make in HOOKS.items():
        found[name], _ = trajectory(chainer.optimizers.MomentumSGD(0.1), make())
    return found


INITIALIZERS = '''Normal Uniform LeCunNormal LeCunUniform GlorotNormal GlorotUniform HeNormal
    HeUniform Orthogonal'''.split()


def random():
    """What is drawn from NumPy's global generator."""
    found = {}
    for name in INITIALIZERS:
        for shape in ((4, 3), (2, 5), (2, 3, 3, 3)):
            np.random.seed(23)
            array = np.zeros(shape, np.float32)
            getattr(chainer.initializers, name)()(array)
            found[f'{name} {shape}'] = array.ravel()[:8]
    array = np.zeros((4, 3), np.float32)
    chainer.initializers.HeNormal(rng=np.random.RandomState(3), fan_option='fan_out')(array)
    found['HeNormal fan_out'] = array.ravel()
    np.random.seed(29)
    noise = {
        'dropout': lambda: F.dropout(X, 0.4), 'zoneout': lambda: F.zoneout(X, Y, 0.3),
        'gaussian': lambda: F.gaussian(X, Y), 'gumbel': lambda: F.gumbel_softmax(X),
        'rrelu': lambda: F.rrelu(X), 'normal': lambda: chainer.distributions.Normal(
            X, np.exp(Y)).sample(2),
        'bernoulli': lambda: chainer.distributions.Bernoulli(p=(X + 1) / 2).sample(3),
        'categorical': lambda: chainer.distributions.Categorical(p=F.softmax(X).array).sample(2),
        'uniform': lambda: chainer.distributions.Uniform(low=X, high=X + 1).sample(),
    }
    found.update({name: flat(make()) for name, make in noise.items()})
    iterator = chainer.iterators.SerialIterator(list(range(10)), 4)
    found['shuffled'] = np.concatenate([iterator.next() for _ in range(8)])
    epochs = []
    for _ in range(4):
        iterator.next()
        epochs += [iterator.epoch, iterator.epoch_detail, iterator.previous_epoch_detail,
                   iterator.is_new_epoch, iterator.current_position]
    found['epochs'] = np.array(epochs, np.float64)
    first, second = chainer.datasets.split_dataset_random(list(range(10)), 6, seed=5)
    found['split'] = np.array([*first, *second], np.float64)
    folds = chainer.datasets.get_cross_validation_datasets_random(list(range(7)), 3, seed=5)
    found['folds'] = np.concatenate([[*train, *test] for train, test in folds])
    once = chainer.iterators.SerialIterator(list(range(5)), 3, repeat=False)
    batches = list(once)
    once.reset()
    found['once'] = np.concatenate([*batches, *once])
    sampler = chainer.utils.WalkerAlias([5, 1, 3, 2])
    found['alias'] = sampler.sample((20,)).astype(np.float64)
    return found


class Reader(chainer.Chain):
    """A recurrent network over sequences of two numbers a step."""

    def __init__(self):
        super(Reader, self).__init__()
        with self.init_scope():
            self.lstm = L.LSTM(2, 3)
            self.out = L.Linear(3, 2)

    def forward(self, x):
        self.lstm.reset_state()
        for t in range(x.shape[1]):
            h = self.lstm(x[:, t])
        return self.out(h)


def reader_training(out, epochs):
    """A training of a Reader, with a snapshot an epoch."""
    np.random.seed(31)
    x = real(12, 3, 2)
    data = chainer.datasets.TupleDataset(x, (x.sum(axis=(1, 2)) > 0).astype(np.int32))
    model = L.Classifier(Reader())
    optimizer = chainer.optimizers.Adam(0.05)
    optimizer.setup(model)
    updater = chainer.training.updaters.StandardUpdater(
        chainer.iterators.SerialIterator(data, 4), optimizer)
    trainer = chainer.training.Trainer(updater, (epochs, 'epoch'), out=out)
    trainer.extend(chainer.training.extensions.LogReport())
    trainer.extend(chainer.training.extensions.snapshot(filename='snapshot'), priority=-1)
    return trainer, model.predictor


PARTS = {'functions': functions, 'links': links, 'optimizers': optimizers, 'random': random}
