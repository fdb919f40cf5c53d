"""Interrupts at every moment, kills while saving, random graphs: RELIABILITY.md, cut short."""
import pathlib
import signal
import sys

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L

sys.path.insert(0, str(pathlib.Path(__file__).with_name('reliability')))

import interrupts       # noqa: E402
import killed           # noqa: E402

# Where switches, observers, reporters, generators and weights are put back.
KEEPERS = ['observe.py', 'config.py', 'recompute.py', 'randomness.py', 'reporter.py', 'hooks.py',
           'contextlib.py']


class Counter:
    """Counts the events of a step, and interrupts at one of them as Ctrl-C does."""

    def __init__(self, at=None):
        self.at, self.events = at, 0

    def event(self, *event):
        self.events += 1
        if self.events == self.at:
            signal.raise_signal(signal.SIGINT)

    on_apply = on_backward = on_update = on_scope = event


def make():
    mc.set_seed(3)
    net = L.Sequential(L.Linear(3, 4), L.BatchNorm(4), F.tanh, L.Linear(4, 2))
    return net, mc.optimizers.Adam(lr=0.05).setup(net)


def step(net, optimizer):
    loss = F.softmax_cross_entropy(net(np.arange(12, dtype='float32').reshape(4, 3)),
                                   np.array([0, 1, 1, 0]))
    net.cleargrads()
    loss.backward()
    optimizer.update()


def weights(net):
    return [parameter.data.copy() for parameter in net.params()]


def same(one, other):
    return all(map(np.array_equal, one, other))


def moments():
    """The number of events in a step."""
    net, optimizer = make()
    step(net, optimizer)
    with mc.watch(Counter()) as counter:
        step(net, optimizer)
    return counter.events


@pytest.mark.parametrize('moment', range(1, moments() + 1))
def test_an_interrupt_at_any_moment_of_a_step_changes_all_weights_or_none(moment):
    net, optimizer = make()
    step(net, optimizer)
    before = weights(net)
    calm, other = make()
    step(calm, other)
    step(calm, other)
    with mc.watch(Counter(moment)), pytest.raises(KeyboardInterrupt):
        step(net, optimizer)
    assert same(weights(net), before) or same(weights(net), weights(calm))
    assert mc.config.record and not mc.config.plain
    if same(weights(net), before):
        step(net, optimizer)
    for one, want in zip(weights(net), weights(calm)):
        np.testing.assert_array_equal(one, want)


@pytest.mark.parametrize('name', interrupts.SCENES)
def test_an_interrupt_anywhere_leaves_nothing_behind(name):
    places, tried, wrong = interrupts.survey(interrupts.SCENES[name], sample=40)
    assert places > 500 and tried == 40 and wrong == []


@pytest.mark.parametrize('name, sample, files', [
    ('Checkpoint', 60, KEEPERS), ('Hooks', 120, KEEPERS), ('Switches', 200, KEEPERS),
    ('Failing', 300, ['backprop.py'])])
def test_an_interrupt_where_something_is_put_back_leaves_nothing_behind(name, sample, files):
    places, tried, wrong = interrupts.survey(interrupts.SCENES[name], sample, files)
    assert tried == min(places, sample) > 30 and wrong == []


@pytest.mark.slow
def test_a_training_that_is_killed_again_and_again_ends_as_if_it_had_not_been(tmp_path):
    calm, wild = tmp_path / 'calm', tmp_path / 'wild'
    calm.mkdir()
    wild.mkdir()
    killed.train(calm, 60)
    assert killed.survive(wild, 4, 60) >= 3
    assert killed.differences(calm / killed.RESULT, wild / killed.RESULT) == []


@pytest.mark.slow
def test_another_training_is_different(tmp_path):
    one, other = tmp_path / 'one', tmp_path / 'other'
    one.mkdir()
    other.mkdir()
    killed.train(one, 3)
    killed.train(other, 4)
    assert killed.differences(one / killed.RESULT, other / killed.RESULT)


@pytest.mark.oracle
def test_gradients_of_random_graphs_are_those_of_pytorch():
    random_graphs = pytest.importorskip('random_graphs', reason='PyTorch is not installed')
    assert [*filter(None, map(random_graphs.one_graph, range(500)))] == []


@pytest.mark.oracle
def test_a_wrong_gradient_in_a_random_graph_is_found(monkeypatch):
    random_graphs = pytest.importorskip('random_graphs', reason='PyTorch is not installed')
    mine, theirs = random_graphs.ONE['tanh']
    monkeypatch.setitem(random_graphs.ONE, 'tanh',
                        (lambda x: mine(x) + 1e-6 * (x - x.data), theirs))
    assert any(map(random_graphs.one_graph, range(40)))


def test_exceptions_in_the_middle_of_graphs_leave_nothing_behind():
    import gc
    net, optimizer = make()
    step(net, optimizer)
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(300):
        with pytest.raises(mc.ShapeError):
            F.matmul(net(np.ones((2, 3), 'float32')), np.ones((5, 5), 'float32'))
    gc.collect()
    assert len(gc.get_objects()) - before < 100
    step(net, optimizer)


@pytest.mark.slow
def test_a_graph_a_million_operations_deep_has_a_gradient():
    x = mc.Variable(np.array(1.0), requires_grad=True)
    y = x
    for _ in range(1_000_000):
        y = y + 1e-6
    y.backward()
    assert float(y.data) == pytest.approx(2.0) and float(x.grad) == 1.0
