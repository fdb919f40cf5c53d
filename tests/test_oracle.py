"""Whole trainings against PyTorch: the same numbers go in, and the same weights must come out."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L

torch = pytest.importorskip('torch')
pytestmark = pytest.mark.oracle


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
