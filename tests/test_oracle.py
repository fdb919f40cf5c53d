"""Whole trainings against PyTorch: the same numbers go in, and the same weights must come out."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L

torch = pytest.importorskip('torch', reason='PyTorch is not installed')
pytestmark = pytest.mark.oracle


class Program:
    """A random program: it draws operations and earlier results, also the same one twice, and
    forgets most of what it computes. Run it with minichain or with PyTorch."""

    SHAPES = [(2, 3), (3,), (1, 3), (2, 1), ()]
    UNARY = ['tanh', 'sin', 'exp', 'square', 'sum', 'mean', 'rows', 'parts', 'fold']
    BINARY = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum']

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.inputs = [rng.standard_normal(shape) for shape in self.SHAPES]
        self.steps = []
        for count in range(len(self.inputs), len(self.inputs) + 25):
            names = self.UNARY if rng.random() < 0.5 else self.BINARY
            self.steps.append((names[rng.integers(len(names))], *rng.integers(0, count, 2)))

    def run(self, xp, inputs):
        values = list(inputs)
        for name, i, j in self.steps:
            values.append(xp.tanh(self.step(xp, name, values[i], values[j])))
        return sum((value * value).sum() for value in values[-4:])

    def step(self, xp, name, a, b):
        if name == 'div':
            return a / (b * b + 1)
        if name in self.BINARY:
            return getattr(xp, name)(a, b)
        if name == 'sum':
            return a.sum()
        if name == 'mean':
            return a.mean()
        wide = a + xp.zeros23
        if name == 'rows':
            return wide[[1, 0, 1], 1:].sum(0).sum() * a
        if name == 'parts':
            first, _, last = xp.columns(wide)
            return first * last
        if name == 'fold':
            return (wide.reshape(3, 2) @ wide).sum(1)
        return getattr(xp, name)(a)


class Ours:
    zeros23 = np.zeros((2, 3))
    columns = staticmethod(lambda x: F.split(x, 3, 1))

    def __getattr__(self, name):
        return getattr(F, name)


class Theirs:
    zeros23 = torch.zeros(2, 3, dtype=torch.float64)
    columns = staticmethod(lambda x: x.split(1, 1))

    def __getattr__(self, name):
        return getattr(torch, name)


@pytest.mark.parametrize('seed', range(60))
def test_random_programs_have_pytorch_s_gradients_of_first_and_second_order(seed):
    program = Program(seed)
    xs = [mc.Variable(x) for x in program.inputs]
    y = program.run(Ours(), xs)
    y.backward(retain_graph=True)
    gxs = mc.grad(y, xs, create_graph=True)
    norm = sum(F.sum(g * g) for g in gxs if g is not None)
    ggxs = mc.grad(norm, xs)

    ts = [torch.tensor(x, requires_grad=True) for x in program.inputs]
    expected = torch.autograd.grad(program.run(Theirs(), ts), ts, create_graph=True,
                                   allow_unused=True)
    second = torch.autograd.grad(sum((g * g).sum() for g in expected if g is not None), ts,
                                 allow_unused=True)
    for x, gx, ggx, g, gg in zip(xs, gxs, ggxs, expected, second):
        zero = np.zeros(x.shape)
        for found in (x.grad, gx if gx is None else gx.data):
            np.testing.assert_allclose(zero if found is None else found,
                                       zero if g is None else g.detach(), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(zero if ggx is None else ggx.data,
                                   zero if gg is None else gg.detach(), rtol=1e-8, atol=1e-10)


def batches(count, *shape):
    rng = np.random.default_rng(0)
    for _ in range(count):
        yield rng.standard_normal(shape).astype('float32'), rng.integers(0, 3, shape[0])


def copy_weights(ours, theirs):
    for (_, a), b in zip(ours.namedparams(), theirs.parameters()):
        b.data = torch.tensor(a.data.reshape(b.shape))


def assert_same_weights(ours, theirs, tolerance, but=()):
    for (path, a), b in zip(ours.namedparams(), theirs.parameters()):
        if path not in but:
            np.testing.assert_allclose(a.data, b.detach(), atol=tolerance, err_msg=path)


def test_a_convolutional_net_learns_as_in_pytorch():
    mc.set_seed(0)
    ours = mc.Sequential(L.Conv2d(2, 4, 3, pad=1), L.BatchNorm(4, eps=1e-5), F.relu,
                         lambda x: F.max_pool2d(x, 2), L.Linear(36, 8), F.tanh, L.Linear(8, 3))
    theirs = torch.nn.Sequential(
        torch.nn.Conv2d(2, 4, 3, padding=1), torch.nn.BatchNorm2d(4), torch.nn.ReLU(),
        torch.nn.MaxPool2d(2), torch.nn.Flatten(), torch.nn.Linear(36, 8), torch.nn.Tanh(),
        torch.nn.Linear(8, 3))
    copy_weights(ours, theirs)
    optimizer = mc.optimizers.Adam(lr=0.01).setup(ours)
    their_optimizer = torch.optim.Adam(theirs.parameters(), lr=0.01)
    for x, t in batches(6, 5, 2, 6, 6):
        loss = F.softmax_cross_entropy(ours(x), t)
        ours.cleargrads()
        loss.backward()
        optimizer.update()
        their_loss = torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(t))
        their_optimizer.zero_grad()
        their_loss.backward()
        their_optimizer.step()
        assert loss.item() == pytest.approx(their_loss.item(), abs=1e-4)
    # The gradient of a bias before batch normalization is 0 but for rounding, and Adam makes whole
    # steps of it.
    assert_same_weights(ours, theirs, 2e-3, but=['/0/b'])


def test_a_recurrent_net_learns_as_in_pytorch():
    mc.set_seed(0)
    ours = mc.Sequential(L.Linear(4, 8), F.tanh, L.Linear(8, 4), F.sigmoid)
    theirs = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 4),
                                 torch.nn.Sigmoid())
    copy_weights(ours, theirs)
    optimizer = mc.optimizers.MomentumSGD(lr=0.1).setup(ours)
    their_optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9)
    for x, _ in batches(5, 3, 4):
        h, their_h = mc.Variable(x, requires_grad=False), torch.tensor(x)
        total, their_total = 0, 0
        for _ in range(10):             # the same weights at ten time steps
            h, their_h = ours(h), theirs(their_h)
            total, their_total = total + F.mean(h * h), their_total + (their_h ** 2).mean()
        ours.cleargrads()
        total.backward()
        optimizer.update()
        their_optimizer.zero_grad()
        their_total.backward()
        their_optimizer.step()
        assert total.item() == pytest.approx(their_total.item(), rel=1e-5)
    assert_same_weights(ours, theirs, 1e-5)
