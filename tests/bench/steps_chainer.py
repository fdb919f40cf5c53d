"""The works in Chainer 7.8.1, which runs in a Python of its own: build(work) gives a function that
trains a step and returns the loss."""
import warnings

warnings.filterwarnings('ignore')       # it is older than the NumPy and the Python it runs on

import chainer                          # noqa: E402
import chainer.functions as F           # noqa: E402
import numpy as np                      # noqa: E402

from works import VGG, WHOLE, load, with_gates      # noqa: E402


class Weights(chainer.Chain):
    """A link that only holds parameters; linear layers want matrices as (out, in)."""

    def __init__(self, arrays):
        super().__init__()
        with self.init_scope():
            for name, array in arrays.items():
                turned = array.T.copy() if name[0] == 'W' else array.copy()
                setattr(self, name, chainer.Parameter(turned))


def build(work):
    arrays, data = load(work)
    data = {name: a.astype('i') if getattr(a, 'dtype', None) == 'int64' else a
            for name, a in data.items()}
    if not arrays:
        return chain_step(work, data)
    arrays = split_gates(arrays, WHOLE.get(work, ()))
    arrays = with_gates(work, arrays, interleaved)
    if work == 'trees_fused':
        arrays.update({name: cell_first(arrays[name]) for name in ('Wn', 'bn')})
    model = Weights(arrays)
    rules = chainer.optimizers
    if 'momentum' in data:
        optimizer = rules.MomentumSGD(data['lr'], data['momentum'])
    else:
        optimizer = (rules.Adam if work == 'mlp' else rules.SGD)(data['lr'])
    optimizer.setup(model)
    if 'clip' in data:
        optimizer.add_hook(chainer.optimizer_hooks.GradientClipping(data['clip']))
    loss_of = globals()[work]

    def step():
        model.cleargrads()
        if work.startswith('trees'):
            losses = [backward(loss) for loss in loss_of(model, data)]
        else:
            losses = [backward(loss_of(model, data))]
        optimizer.update()
        return sum(losses)
    return step


def backward(loss):
    loss.backward()
    return float(loss.array)


def chain_step(work, data):
    x = chainer.Variable(data['x'])
    a, b = (chainer.Variable(data[name], requires_grad=False) for name in 'ab')

    def run():
        y = x
        for _ in range(500):
            y = y * a + b
        return F.sum(y)

    def step():
        x.cleargrad()
        return backward(run())

    def step_without_graph():
        with chainer.no_backprop_mode():
            return float(run().array)
    return step_without_graph if work == 'no_graph' else step


def interleaved(array):
    """Blocks i, f, o, g of the last axis as g, i, f, o for each number of the state."""
    i, f, o, g = np.split(array, 4, -1)
    return np.stack((g, i, f, o), -1).reshape(array.shape)


def split_gates(arrays, ends):
    """Weights of the layers for sequences: for each 0 ... 7 and two times i, f, g, o."""
    arrays = dict(arrays)
    for end in ends:
        for name, first in (('Wx', 0), ('Wh', 4)):
            parts = np.split(arrays.pop(name + end), 4, -1)
            for i, gate in enumerate((0, 1, 3, 2)):
                arrays[f'W{end}_{first + i}'] = parts[gate]
        parts = np.split(arrays.pop('b' + end), 4)
        for i, gate in enumerate((0, 1, 3, 2)):
            arrays[f'b{end}_{i}'] = parts[gate]
            arrays[f'b{end}_{i + 4}'] = np.zeros_like(parts[gate])
    return arrays


def mlp(m, data):
    h = F.relu(F.linear(data['x'], m.W0, m.b0))
    h = F.relu(F.linear(h, m.W1, m.b1))
    return F.softmax_cross_entropy(F.linear(h, m.W2, m.b2), data['t'])


def lenet(m, data):
    h = F.max_pooling_2d(F.convolution_2d(data['x'], m.C0, m.c0), 2, 2)
    h = F.max_pooling_2d(F.convolution_2d(h, m.C1, m.c1), 2, 2)
    h = F.relu(F.linear(h, m.W0, m.b0))
    return F.softmax_cross_entropy(F.linear(h, m.W1, m.b1), data['t'])


def vgg(m, data):
    h, i = data['x'], 0
    for layer in VGG:
        if layer == 'pool':
            h = F.max_pooling_2d(h, 2, 2)
        else:
            h = F.convolution_2d(h, m[f'C{i}'], pad=1)
            h = F.relu(F.batch_normalization(h, m[f'gamma{i}'], m[f'beta{i}'], eps=data['eps']))
            i += 1
    return F.softmax_cross_entropy(F.linear(h, m.W, m.b), data['t'])


def cell(c, h, x, m, i=''):
    gates = F.linear(x, m[f'Wx{i}'], m[f'b{i}'])
    if h is None:
        return F.lstm(np.zeros((len(x), gates.shape[1] // 4), 'float32'), gates)
    return F.lstm(c, gates + F.linear(h, m[f'Wh{i}']))


def lstm(m, data):
    states, total = [(None, None), (None, None)], 0
    for words, targets in zip(data['x'], data['t']):
        h = F.embed_id(words, m.E)
        for i, (c, before) in enumerate(states):
            states[i] = c, h = cell(c, before, h, m, i)
        total = total + F.softmax_cross_entropy(F.linear(h, m.Wo, m.bo), targets)
    return total / len(data['x'])


def n_step(m, ends, xs):
    """(last outputs, last cells, outputs of each time step) of the layers with these endings."""
    ws, bs = ([[m[f'{kind}{end}_{i}'] for i in range(8)] for end in ends] for kind in 'Wb')
    zeros = np.zeros((len(ends), len(xs[0]), len(bs[0][0])), 'float32')
    return F.n_step_lstm(len(ends), 0.0, zeros, zeros, ws, bs, xs)


def lstm_whole(m, data):
    _, _, ys = n_step(m, '01', list(F.separate(F.embed_id(data['x'], m.E))))
    return F.softmax_cross_entropy(F.linear(F.concat(ys, 0), m.Wo, m.bo), data['t'].ravel())


def ragged(m, data):
    sentences, ended, c, h = data['x'], [], None, None
    for step in range(len(sentences[0])):
        words = np.array([s[step] for s in sentences if len(s) > step], 'i')
        if h is not None and len(words) < len(h):
            ended.append(h[len(words):])
            c, h = c[:len(words)], h[:len(words)]
        c, h = cell(c, h, F.embed_id(words, m.E), m)
    last = F.concat([h, *reversed(ended)], axis=0)
    return F.softmax_cross_entropy(F.linear(last, m.Wo, m.bo), data['t'])


def ragged_whole(m, data):
    words = F.embed_id(np.concatenate(data['x']).astype('i'), m.E)
    ends = np.cumsum([len(sentence) for sentence in data['x']])[:-1]
    h, _, _ = n_step(m, [''], list(F.transpose_sequence(F.split_axis(words, ends, 0))))
    return F.softmax_cross_entropy(F.linear(h[0], m.Wo, m.bo), data['t'])


def composed_cell(gates, c_left, c_right):
    i, f_left, f_right, o, u = F.split_axis(gates, 5, 1)
    c = F.sigmoid(i) * F.tanh(u) + F.sigmoid(f_left) * c_left + F.sigmoid(f_right) * c_right
    return c, F.sigmoid(o) * F.tanh(c)


def trees(m, data, cell=composed_cell):
    def node(tree):
        if isinstance(tree, int):
            word = F.embed_id(np.array([tree], 'i'), m.E)
            i, o, u = F.split_axis(F.linear(word, m.Wl, m.bl), 3, 1)
            c = F.sigmoid(i) * F.tanh(u)
            return c, F.sigmoid(o) * F.tanh(c)
        (c_left, left), (c_right, right) = node(tree[0]), node(tree[1])
        return cell(F.linear(F.concat((left, right)), m.Wn, m.bn), c_left, c_right)

    for tree, label in zip(data['x'], data['t']):
        scores = F.linear(node(tree)[1], m.Wc, m.bc)
        yield F.softmax_cross_entropy(scores, np.array([label], 'i')) / len(data['x'])


def trees_fused(m, data):
    return trees(m, data, lambda gates, *cells: F.tree_lstm(*cells, gates))


def cell_first(array):
    """Gates of a node in the order of F.tree_lstm: u, i, o, then those that forget."""
    i, f_left, f_right, o, u = np.split(array, 5, -1)
    return np.concatenate((u, i, o, f_left, f_right), -1)


def attention(m, data):
    words = list(F.separate(F.embed_id(data['x'], m.E_source)))
    h, c, outputs = n_step(m, ['_source'], words)
    h, c, source = h[0], c[0], F.stack(outputs, 1)
    seen, results = np.zeros(h.shape, 'float32'), []
    for words in data['y']:
        c, h = cell(c, h, F.concat((F.embed_id(words, m.E_target), seen)), m, '_target')
        scores = F.matmul(F.expand_dims(h, 1), F.swapaxes(source, 1, 2))
        context = F.squeeze(F.matmul(F.softmax(scores, 2), source), 1)
        seen = F.tanh(F.linear(F.concat((context, h)), m.Wa, m.ba))
        results.append(seen)
    scores = F.linear(F.concat(results, 0), m.Wo, m.bo)
    return F.softmax_cross_entropy(scores, data['t'].ravel())
