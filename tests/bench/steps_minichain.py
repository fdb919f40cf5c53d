"""The works in minichain, as a user would write them: build(work) gives a function that trains a
step and returns the loss."""
import numpy as np

import minichain as mc
import minichain.functions as F
from works import VGG, load


class Weights(mc.Chain):
    """A link that only holds parameters; linear layers want matrices as (out, in)."""

    def __init__(self, arrays):
        super().__init__()
        with self.init_scope():
            for name, array in arrays.items():
                turned = array.T.copy() if name[0] == 'W' else array.copy()
                setattr(self, name, mc.Parameter(turned))


def build(work):
    arrays, data = load(work)
    if work in ('lstm', 'ragged'):
        arrays = {name: gates_first(a) if name[:2] in ('Wx', 'Wh') or name in ('b', 'b0', 'b1')
                  else a for name, a in arrays.items()}
    model = Weights(arrays)
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
        loss = loss_of(model, data)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        return loss.item()
    return step


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


def trees(m, data):
    def node(tree):
        if isinstance(tree, int):
            i, o, u = F.split(F.linear(F.embed_id(np.array([tree]), m.E), m.Wl, m.bl), 3, 1)
            c = F.sigmoid(i) * F.tanh(u)
        else:
            (left, c_left), (right, c_right) = node(tree[0]), node(tree[1])
            both = F.linear(F.concat((left, right)), m.Wn, m.bn)
            i, f_left, f_right, o, u = F.split(both, 5, 1)
            c = (F.sigmoid(i) * F.tanh(u) + F.sigmoid(f_left) * c_left
                 + F.sigmoid(f_right) * c_right)
        return F.sigmoid(o) * F.tanh(c), c

    total = 0
    for tree, label in zip(data['x'], data['t']):
        scores = F.linear(node(tree)[0], m.Wc, m.bc)
        total = total + F.softmax_cross_entropy(scores, np.array([label]))
    return total / len(data['x'])
