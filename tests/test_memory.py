"""Memory: graphs die with their last Variable, long loops stay flat, large networks fit."""
import gc
import importlib.util
import pathlib
import subprocess
import sys
import weakref

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L

BENCH = pathlib.Path(__file__).parent / 'bench' / 'memory.py'
X = np.random.default_rng(0).standard_normal((2, 1, 6, 6)).astype('float32')
T = np.array([0, 2])


@pytest.fixture
def no_collector():
    """Without Python's cyclic garbage collector: what dies must die by itself.

    What other tests have made does not count, though it may die now: a LiveGraph does when its
    thread next looks.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


def trained(model, loss_of):
    """A step of training."""
    optimizer = mc.optimizers.Adam().setup(model)

    def step():
        loss = loss_of(model)
        model.cleargrads()
        loss.backward()
        optimizer.update()
    return step


def small():
    return trained(L.Sequential(L.Linear(36, 4), F.tanh, L.Linear(4, 3)),
                   lambda model: F.softmax_cross_entropy(model(X), T))


def images():
    model = L.Sequential(L.Conv2d(1, 2, 3), L.BatchNorm(2), F.relu, lambda x: F.max_pool2d(x, 2),
                         F.dropout, L.Linear(3))
    return trained(model, lambda model: F.softmax_cross_entropy(model(X), T))


def stream():
    """Truncated backpropagation through an endless sequence, as language models are trained."""
    model = mc.Chain(lstm=L.LSTM(6, 4), out=L.Linear(4, 3))

    def loss_of(model):
        loss = F.softmax_cross_entropy(model.out(model.lstm(X[:, 0, 0])), T)
        return loss + F.softmax_cross_entropy(model.out(model.lstm(X[:, 0, 1])), T)

    step = trained(model, loss_of)

    def cut():
        step()
        model.lstm.c.unchain_backward()
        model.lstm.h.unchain_backward()
    return cut


def twice():
    """A gradient of a gradient, and a part that is computed again."""
    model = L.Linear(36, 3)

    def loss_of(model):
        x = mc.Variable(X.reshape(2, 36))
        g, = mc.grad(F.sum(F.square(mc.checkpoint(model, x))), x, create_graph=True)
        return F.sum(F.square(g))
    return trained(model, loss_of)


def dropped():
    """Graphs that nobody runs backward through, with and without an error in between."""
    model = L.Sequential(L.Linear(36, 4), F.tanh)

    def step():
        model(X)
        try:
            model(X[:, :, :5])
        except mc.ShapeError:
            pass
    return step


def assert_flat(step, count):
    """Three rounds of so many steps leave nothing to the collector, and memory blocks stay as many.

    The first steps do not count: they import what is imported late and fill what is filled once.
    Python itself takes a hundred blocks now and then (a table of its grows); a leak takes them in
    each round, so the round with the fewest counts.
    """
    mc.set_seed(0)
    for _ in range(200):
        step()
    gc.collect()
    more = []
    for _ in range(3):
        before = sys.getallocatedblocks()
        for _ in range(count):
            step()
        left = gc.collect()     # it also empties Python's own stores of tuples and the like
        assert left < 50, f'{left} objects were left to the garbage collector in {count} steps'
        more.append(sys.getallocatedblocks() - before)
    assert min(more) < 50, f'{min(more)} blocks more after {count} steps'


@pytest.mark.parametrize('make, count', [(small, 2000), (images, 300), (stream, 500),
                                         (twice, 300), (dropped, 500)],
                         ids=lambda value: getattr(value, '__name__', str(value)))
def test_a_loop_keeps_memory_flat_without_the_garbage_collector(make, count, no_collector):
    assert_flat(make(), count)


@pytest.mark.slow
def test_a_hundred_thousand_iterations_keep_memory_flat(no_collector):
    assert_flat(small(), 34_000)


def test_what_leaks_is_found(no_collector):
    kept = []

    def circle():
        here = []
        here.append(here)

    with pytest.raises(AssertionError, match='blocks more after 1000 steps'):
        assert_flat(lambda: kept.append(object()), 1000)
    with pytest.raises(AssertionError, match='1000 objects were left to the garbage collector'):
        assert_flat(circle, 1000)


@pytest.mark.parametrize('backward', [False, True])
def test_a_graph_dies_with_its_last_variable(backward, no_collector):
    y = F.sum(F.conv2d(mc.Variable(X), np.ones((2, 1, 3, 3), 'float32')))
    operation = weakref.ref(y.creator)
    if backward:
        y.backward(create_graph=True)
    assert operation() is not None
    del y
    assert operation() is None


def run_bench(*works):
    done = subprocess.run([sys.executable, BENCH, *works], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


on_linux = pytest.mark.skipif(sys.platform != 'linux', reason='peaks are measured on Linux')


@on_linux
@pytest.mark.slow
def test_a_resnet_of_50_layers_fits_into_4_gib():
    (name, _, mebibytes, *_), = run_bench('resnet50')
    assert name == 'resnet50' and 100 < float(mebibytes.replace(',', '')) < 4 * 1024


@on_linux
@pytest.mark.oracle
@pytest.mark.skipif(importlib.util.find_spec('torch') is None, reason='PyTorch is not installed')
def test_a_vgg_step_takes_less_than_one_and_a_half_times_pytorch_s_memory():
    words, = run_bench('vgg16')
    ratio, beyond_importing = words[-2], words[-1].strip('()')
    assert words[0] == 'vgg16' and 0 < float(ratio) < 1.5 and float(beyond_importing) < 1.5
