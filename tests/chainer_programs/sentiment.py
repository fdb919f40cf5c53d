"""Sentiment of sentences from their trees: node by node, and with a tree LSTM."""
import collections

import numpy as np

import chainer
from chainer import optimizers
import chainer.functions as F
import chainer.links as L


class RecursiveNet(chainer.Chain):

    def __init__(self, n_vocab, n_units, n_label):
        super(RecursiveNet, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units)
            self.l = L.Linear(n_units * 2, n_units)
            self.w = L.Linear(n_units, n_label)

    def leaf(self, x):
        return self.embed(x)

    def node(self, left, right):
        return F.tanh(self.l(F.concat((left, right))))

    def label(self, v):
        return self.w(v)


class TreeNet(chainer.Chain):

    def __init__(self, n_vocab, n_units, n_label):
        super(TreeNet, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units)
            self.nary = L.NaryTreeLSTM(n_units, n_units, n_ary=2)
            self.sum = L.ChildSumTreeLSTM(n_units, n_units)
            self.w = L.Linear(2 * n_units, n_label)

    def state(self, node):
        if isinstance(node['node'], tuple):
            (c0, h0, s0, g0), (c1, h1, s1, g1) = [self.state(child) for child in node['node']]
            c, h = self.nary(c0, c1, h0, h1, None)
            s, g = self.sum(s0, s1, g0, g1, None)
        else:
            x = self.embed(np.array([node['node']], np.int32))
            c, h = self.nary(None, None, None, None, x)
            s, g = self.sum(x)
        return c, h, s, g

    def forward(self, node):
        _, h, _, g = self.state(node)
        return F.softmax_cross_entropy(self.w(F.concat([h, g])),
                                       np.array([node['label']], np.int32))


def trees(n=6):
    """Trees whose label is whether good words (even numbers) are in the majority."""
    random = np.random.RandomState(3)

    def grow(depth):
        if depth == 0 or random.rand() < 0.3:
            word = int(random.randint(8))
            return {'label': int(word % 2 == 0), 'node': word, 'sum': 1 - 2 * (word % 2)}
        left, right = grow(depth - 1), grow(depth - 1)
        total = left['sum'] + right['sum']
        return {'label': int(total > 0), 'node': (left, right), 'sum': total}
    return [grow(3) for _ in range(n)]


def traverse(model, node, evaluate=None):
    if isinstance(node['node'], tuple):
        left_loss, left = traverse(model, node['node'][0], evaluate)
        right_loss, right = traverse(model, node['node'][1], evaluate)
        v = model.node(left, right)
        loss = left_loss + right_loss
    else:
        v = model.leaf(np.array([node['node']], np.int32))
        loss = 0
    y = model.label(v)
    t = np.array([node['label']], np.int32)
    loss += F.softmax_cross_entropy(y, t)
    if evaluate is not None:
        predict = y.array.argmax(axis=1)
        if predict[0] == node['label']:
            evaluate['correct_node'] += 1
        evaluate['total_node'] += 1
    return loss, v


def run(out):
    np.random.seed(8)
    data = trees()
    model = RecursiveNet(8, 6, 2)
    optimizer = optimizers.AdaGrad(lr=0.1)
    optimizer.setup(model)
    optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(1e-4))
    losses = []
    for _ in range(5):
        accum_loss = 0
        for tree in data:
            accum_loss += traverse(model, tree)[0]
        model.cleargrads()
        accum_loss.backward()
        optimizer.update()
        losses.append(float(accum_loss.array))
    result = collections.defaultdict(lambda: 0)
    with chainer.using_config('train', False), chainer.no_backprop_mode():
        for tree in data:
            traverse(model, tree, evaluate=result)
    deeper = TreeNet(8, 5, 2)
    optimizer = optimizers.RMSprop(lr=0.01)
    optimizer.setup(deeper)
    tree_losses = []
    for _ in range(3):
        loss = sum(deeper(tree) for tree in data)
        deeper.cleargrads()
        loss.backward()
        optimizer.update()
        tree_losses.append(float(loss.array))
    return {'loss': losses, 'correct': result['correct_node'] / result['total_node'],
            'tree': tree_losses}
