"""The works in minichain, as a user would write them: build(work) gives a function that trains a
step and returns the loss."""
import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L
from works import VGG, WHOLE, load, with_gates


class Weights(mc.Chain):
    """A link that only holds parameters; linear layers want matrices as (out, in)."""

    def __init__(self, arrays):
        super().__init__()
        with self.init_scope():
            for name, array in arrays.items():
                turned = array.T.copy() if name[0] == 'W' else array.copy()
                setattr(self, name, mc.Parameter(turned))


def build(work, device='cpu'):
    arrays, data = load(work)
    if not arrays:
        return chain_step(work, data)
    arrays = with_gates(work, arrays, gates_first)
    layers = n_step(arrays, WHOLE[work]) if work in WHOLE else None
    if work == 'trees_fused':
        arrays.update({name: cell_first(arrays[name]) for name in ('Wl', 'bl', 'Wn', 'bn')})
    model = Weights(arrays)
    if layers:
        with model.init_scope():
            model.layers = layers
    model.to_device(device)
    data = {name: mc.to_device(value, device) if isinstance(value, np.ndarray) else value
            for name, value in data.items()}
    rules = mc.optimizers
    if 'momentum' in data:
        optimizer = rules.MomentumSGD(data['lr'], data['momentum'])
    else:
        optimizer = (rules.Adam if work == 'mlp' else rules.SGD)(data['lr'])
    optimizer.setup(model)
    if 'clip' in data:
        optimizer.add_hook(rules.GradientClipping(data['clip']))
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
    return loss.item()


def chain_step(work, data):
    x = mc.Variable(data['x'])
    a, b = (mc.Variable(data[name], requires_grad=False) for name in 'ab')

    def run():
        y = x
        for _ in range(500):
            y = y * a + b
        return y.sum()

    def step():
        x.cleargrad()
        return backward(run())

    def step_without_graph():
        with mc.no_grad():
            return run().item()
    return step_without_graph if work == 'no_graph' else step


def gates_first(array):
    """Blocks i, f, o, g of the last axis as g, i, f, o: minichain's order."""
    i, f, o, g = np.split(array, 4, -1)
    return np.concatenate((g, i, f, o), -1)


def mlp(m, data):
    h = F.relu(F.linear(data['x'], m.W0, m.b0))
    h = F.relu(F.linear(h, m.W1, m.b1))
    return F.softmax_cross_entropy(F.linear(h, m.W2, m.b2), data['t'])


def lenet(m, data):
    h = F.max_pool2d(F.conv2d(data['x'], m.C0, m.c0), 2)
    h = F.max_pool2d(F.conv2d(h, m.C1, m.c1), 2)
    h = F.relu(F.linear(h, m.W0, m.b0))
    return F.softmax_cross_entropy(F.linear(h, m.W1, m.b1), data['t'])


def vgg(m, data):
    h, i = data['x'], 0
    for layer in VGG:
        if layer == 'pool':
            h = F.max_pool2d(h, 2)
        else:
            h = F.conv2d(h, m[f'C{i}'], pad=1)
            h = F.relu(F.batch_norm(h, m[f'gamma{i}'], m[f'beta{i}'], data['eps']))
            i += 1
    return F.softmax_cross_entropy(F.linear(h, m.W, m.b), data['t'])


def cell(c, h, x, m, i=''):
    gates = F.linear(x, m[f'Wx{i}'], m[f'b{i}'])
    if h is None:
        return F.lstm(gates.xp.zeros((len(x), gates.shape[1] // 4), 'float32'), gates)
    return F.lstm(c, gates + F.linear(h, m[f'Wh{i}']))


def lstm(m, data):
    states, total = [(None, None), (None, None)], 0
    for words, targets in zip(data['x'], data['t']):
        h = F.embed_id(words, m.E)
        for i, (c, before) in enumerate(states):
            states[i] = c, h = cell(c, before, h, m, i)
        total = total + F.softmax_cross_entropy(F.linear(h, m.Wo, m.bo), targets)
    return total / len(data['x'])


def n_step(arrays, ends):
    """An NStepLSTM with the weights, which are taken out; one layer for each ending of names."""
    weights = [[arrays.pop(name + end).T for name in ('Wx', 'Wh', 'b')] for end in ends]
    n_out, n_in = weights[0][1].shape[1], weights[0][0].shape[1]
    layers = L.NStepLSTM(len(ends), n_in, n_out)
    order = 1, 2, 0, 3          # ours is a, i, f, o; that of the layers i, f, a, o
    for layer, (Wx, Wh, b) in zip(layers, weights):
        for i, gate in enumerate(order):
            rows = slice(gate * n_out, (gate + 1) * n_out)
            for name, array in ((f'w{i}', Wx), (f'w{i + 4}', Wh), (f'b{i}', b)):
                getattr(layer, name).data = array[rows].copy()
    return layers


def lstm_whole(m, data):
    _, _, ys = m.layers(None, None, F.separate(F.embed_id(data['x'].T, m.E)))
    scores = F.linear(F.concat(ys, 0), m.Wo, m.bo)
    return F.softmax_cross_entropy(scores, data['t'].T.reshape(-1))


def ragged_whole(m, data):
    ends = np.cumsum([len(sentence) for sentence in data['x']])[:-1].tolist()
    xs = F.split(F.embed_id(np.concatenate(data['x']), m.E), ends)
    h, _, _ = m.layers(None, None, xs)
    return F.softmax_cross_entropy(F.linear(h[0], m.Wo, m.bo), data['t'])


def ragged(m, data):
    sentences, ended, c, h = data['x'], [], None, None
    for step in range(len(sentences[0])):
        words = np.array([s[step] for s in sentences if len(s) > step])
        if h is not None and len(words) < len(h):
            ended.append(h[len(words):])
            c, h = c[:len(words)], h[:len(words)]
        c, h = cell(c, h, F.embed_id(words, m.E), m)
    last = F.concat([h, *reversed(ended)], axis=0)
    return F.softmax_cross_entropy(F.linear(last, m.Wo, m.bo), data['t'])


def composed_cell(gates, c_left=None, c_right=None):
    i, *forget, o, u = F.split(gates, 3 if c_left is None else 5, 1)
    c = F.sigmoid(i) * F.tanh(u)
    if forget:
        f_left, f_right = forget
        c = c + F.sigmoid(f_left) * c_left + F.sigmoid(f_right) * c_right
    return c, F.sigmoid(o) * F.tanh(c)


def trees(m, data, cell=composed_cell):
    def node(tree):
        if isinstance(tree, int):
            return cell(F.linear(F.embed_id(np.array([tree]), m.E), m.Wl, m.bl))
        (c_left, left), (c_right, right) = node(tree[0]), node(tree[1])
        return cell(F.linear(F.concat((left, right)), m.Wn, m.bn), c_left, c_right)

    for tree, label in zip(data['x'], data['t']):
        scores = F.linear(node(tree)[1], m.Wc, m.bc)
        yield F.softmax_cross_entropy(scores, np.array([label])) / len(data['x'])


def trees_fused(m, data):
    return trees(m, data, lambda gates, *cells: F.tree_lstm(*cells, gates))


def cell_first(array):
    """Gates i, forget ..., o, u in the order of F.tree_lstm: u, i, o, forget ..."""
    i, *forget, o, u = np.split(array, array.shape[-1] // 100, -1)
    return np.concatenate((u, i, o, *forget), -1)


def attention(m, data):
    h, c, outputs = m.layers(None, None, F.separate(F.embed_id(data['x'].T, m.E_source)))
    h, c, source = h[0], c[0], F.stack(outputs)
    seen, results = h.xp.zeros(h.shape, 'float32'), []
    for words in data['y']:
        c, h = cell(c, h, F.concat((F.embed_id(words, m.E_target), seen)), m, '_target')
        scores = F.matmul(F.expand_dims(h, 1), F.swapaxes(source, 1, 2))
        context = F.squeeze(F.matmul(F.softmax(scores, -1), source), 1)
        seen = F.tanh(F.linear(F.concat((context, h)), m.Wa, m.ba))
        results.append(seen)
    scores = F.linear(F.concat(results, 0), m.Wo, m.bo)
    return F.softmax_cross_entropy(scores, data['t'].reshape(-1))
