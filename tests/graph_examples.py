"""Small networks whose graphs the tests of records and pictures look at."""
import random

import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain.graph import Graph
from minichain.recorder import Recorder


class MLP(L.Chain):
    """Two layers."""

    def __init__(self, n_in=4):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(n_in, 8)
            self.l2 = L.Linear(8, 3)

    def forward(self, x):
        return self.l2(F.tanh(self.l1(x)))


class CNN(L.Chain):
    """Two convolutions with pooling, and a linear layer."""

    in_shape = 1, 12, 12

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Conv2d(1, 4, ksize=3)
            self.bn1 = L.BatchNorm(4)
            self.conv2 = L.Conv2d(4, 8, ksize=3)
            self.fc = L.Linear(None, 3)

    def forward(self, x):
        h = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        return self.fc(F.relu(self.conv2(h)))


class RNN(L.Chain):
    """Word numbers in, scores of the next word out; one call a time step."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(20, 6)
            self.lstm = L.LSTM(6, 8)
            self.out = L.Linear(8, 20)

    def forward(self, words):
        return self.out(self.lstm(self.embed(words)))


def recorded(model, backward=True, title=None):
    """The graph of a loss of a model, with the same numbers each time."""
    x = np.random.default_rng(0).normal(size=(5, *getattr(model, 'in_shape', (4,))))
    with mc.watch(Recorder(stats=True)) as recorder:
        loss = F.softmax_cross_entropy(model(x.astype('float32')), np.arange(5) % 3)
        if backward:
            model.cleargrads()
            loss.backward()
    return recorder.graph(title)


def lstm_graph(steps):
    """The graph of an LSTM that reads so many words, and of backpropagation through time."""
    mc.set_seed(0)
    model, words = RNN(), np.random.default_rng(0).integers(0, 20, (steps + 1, 3))
    with mc.watch(Recorder()) as recorder:
        loss = 0
        for now, following in zip(words, words[1:]):
            loss = loss + F.softmax_cross_entropy(model(now), following)
        model.cleargrads()
        loss.backward()
    return recorder.graph(f'{steps} steps')


def random_graph(seed, size):
    """A graph with no sense: any operation may take any output and be in any call of a link."""
    chance = random.Random(seed)
    scopes, nodes, calls = [], [], []
    for id in range(1, size + 1):
        if chance.random() < 0.15:
            scopes.append(dict(id=len(scopes) + 1, parent=calls[-1] if calls else None,
                               path=chance.choice(['a', 'a/b', 'c']), link='Link', call=1))
            calls.append(len(scopes))
        if calls and chance.random() < 0.15:
            calls.pop()
        is_leaf = id == 1 or chance.random() < 0.25
        furthest = chance.choice([3, 8, size])
        inputs = [] if is_leaf else [[chance.randint(max(1, id - furthest), id - 1), 0, True]
                                     for _ in range(chance.randint(1, 3))]
        nodes.append(dict(
            id=id, kind=chance.choice(['variable', 'parameter', 'data']) if is_leaf else 'function',
            label=f'n{id}', symbol='' if is_leaf else 'f', scope=calls[-1] if calls else None,
            inputs=inputs, shapes=[[2, 3]], dtypes=['float32'], device='cpu', bytes_kept=0,
            keeps=[], macs=0, seconds=0.0, where=None, stats=[None], values=None))
    return Graph(nodes, scopes)
