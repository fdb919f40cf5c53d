"""Watching: which events come when, and what they show."""
import importlib.metadata
import threading

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import observe


class Everything:
    """Writes every event down."""

    def __init__(self):
        self.events = []

    def on_apply(self, fn, inputs, outputs):
        self.events.append(('apply', fn, inputs, outputs))

    def on_backward(self, fn, gys, gxs):
        self.events.append(('backward', fn, gys, gxs))

    def on_update(self, param):
        self.events.append(('update', param))

    def on_scope(self, link, entering):
        self.events.append(('scope', link, entering))

    def of(self, kind):
        return [event[1:] for event in self.events if event[0] == kind]


def test_a_training_step_tells_of_everything_in_order():
    model = L.Sequential(L.Linear(3, 2), F.tanh)
    optimizer = mc.optimizers.SGD().setup(model)
    watcher = Everything()
    with mc.watch(watcher) as same:
        assert same is watcher
        F.sum(model(np.ones((1, 3), 'float32'))).backward()
        optimizer.update()
    kinds = [event[0] for event in watcher.events]
    assert kinds == (['scope'] * 2 + ['apply', 'scope', 'apply', 'scope', 'apply']
                     + ['backward'] * 5 + ['update'] * 2)
    assert [(link.path, entering) for link, entering in watcher.of('scope')] == [
        ('', True), ('0', True), ('0', False), ('', False)]
    assert [fn.label for fn, _, _ in watcher.of('backward')] == ['sum', 'tanh', 'linear', 'b', 'W']


@pytest.mark.parametrize('operator', [True, False], ids=['operator', 'function'])
def test_the_graph_is_complete_before_observers_hear_of_it(operator):
    class Asserts:
        def on_apply(self, fn, inputs, outputs):
            assert all(y.creator is fn and y.data is not None for y in outputs)
            assert len(fn.edges) == len(inputs)
            assert fn.shape == outputs[0].shape and fn.seconds > 0
            orders.append(fn.order)

    orders = []
    x, a = mc.Variable([1.0, 2.0]), mc.Variable([3.0, 4.0], requires_grad=False)
    with mc.watch(Asserts()):
        y = x * a + 1 if operator else F.split(F.exp(x) * 2, 2)[0]
    assert y.requires_grad and orders == sorted(set(orders)) and orders[0] > a.order


def test_inputs_are_shown_as_they_were_passed():
    watcher = Everything()
    x, array = mc.Variable([[1.0, 2.0]]), np.ones((3, 2), 'float32')
    with mc.watch(watcher):
        x + 2
        F.linear(x, array)
        F.split(x, 2, 1)
    (_, plus, _), (_, linear, _), (_, _, parts) = watcher.of('apply')
    assert plus[0] is x and plus[1] == 2
    assert linear[0] is x and linear[1] is array and linear[2] is None
    assert [part.shape for part in parts] == [(1, 1)] * 2


def test_without_a_graph_operations_are_still_heard_of():
    watcher = Everything()
    with mc.no_grad(), mc.watch(watcher):
        F.exp(mc.Variable(1.0)) * 2
    assert [fn.edges for fn, _, _ in watcher.of('apply')] == [(), ()]


def test_backward_shows_gradients_with_and_without_a_graph():
    for create_graph in (False, True):
        x = mc.Variable([1.0, 2.0])
        y = F.sum(x * x)
        watcher = Everything()
        with mc.watch(watcher):
            mc.grad(y, x, create_graph=create_graph)
        (_, gys, (gx,)), *_ = watcher.of('backward')
        assert gys[0].shape == () and gx.shape == (2,)
        assert isinstance(gx, mc.Variable) == create_graph


def test_an_observer_needs_only_the_events_that_it_wants():
    class Nothing:
        pass

    class Updates:
        def __init__(self):
            self.seen = []

        def on_update(self, param):
            self.seen.append(param)

    model = L.Linear(2, 1)
    with mc.watch(Nothing(), Updates()) as (_, updates):
        F.sum(model(np.ones((1, 2), 'float32'))).backward()
        mc.optimizers.SGD().setup(model).update()
    assert updates.seen == [model.W, model.b]


def test_nobody_watches_after_the_with_block_even_if_it_failed():
    with pytest.raises(ZeroDivisionError):
        with mc.watch(Everything()):
            1 / 0
    assert observe.watching.observers == () and observe.watching.on_apply == ()


def test_adding_and_removing_observers():
    first, second = Everything(), Everything()
    observe.add(first)
    observe.add(second)
    mc.Variable(1.0) + 1
    observe.remove(first)
    observe.remove(first)
    mc.Variable(1.0) + 1
    observe.remove(second)
    mc.Variable(1.0) + 1
    assert (len(first.events), len(second.events)) == (1, 2)


def test_another_thread_is_not_watched():
    watcher = Everything()
    with mc.watch(watcher):
        thread = threading.Thread(target=lambda: mc.Variable(1.0) + 1)
        thread.start()
        thread.join()
    assert watcher.events == []


def test_a_scope_ends_when_forward_fails():
    class Fails(mc.Link):
        def forward(self):
            raise KeyError('oh')

    watcher = Everything()
    with mc.watch(watcher), pytest.raises(KeyError):
        Fails()()
    assert [entering for _, entering in watcher.of('scope')] == [True, False]


def test_an_observer_that_fails_in_backward_changes_no_gradient():
    class Fails:
        def on_backward(self, fn, gys, gxs):
            if fn is x:
                raise ValueError('cannot draw this')

    x, w = mc.Variable([1.0, 2.0]), mc.Variable([3.0, 4.0])
    y = F.sum(x * w)
    with mc.watch(Fails()), pytest.raises(ValueError):
        y.backward(retain_graph=True)
    assert x.grad is None and w.grad is None
    y.backward()
    np.testing.assert_array_equal(x.grad, w.data)


def test_a_plugin_that_fails_is_a_warning(monkeypatch):
    def entry(name, function):
        point = importlib.metadata.EntryPoint(name, f'{__name__}:{function.__name__}', 'test')
        monkeypatch.setitem(globals(), function.__name__, function)
        return point

    def works():
        started.append(True)

    def breaks():
        raise OSError('no screen')

    started = []
    points = [entry('broken', breaks), entry('good', works)]
    monkeypatch.setattr(importlib.metadata, 'entry_points', lambda group: points)
    with pytest.warns(UserWarning, match="The plugin 'broken' of x does not work: no screen"):
        observe.load_plugins('x')
    assert started == [True]


def test_nobody_watches_in_an_unwatched_block_and_all_do_afterwards():
    recorder = mc.Recorder()
    with mc.watch(recorder):
        with mc.observe.unwatched():
            mc.functions.exp(mc.Variable(1.0))
        mc.functions.tanh(mc.Variable(1.0))
    assert [node['label'] for node in recorder.graph().nodes if node['kind'] == 'function'] == [
        'tanh']
