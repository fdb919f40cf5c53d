"""Backward step by step, gradients in numbers, and what a graph holds in memory."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain.debug import Gradients, steps, what_holds


def test_backward_can_be_walked_step_by_step():
    x, w = mc.Variable(np.array([1.0, 2.0]), name='x'), mc.Parameter(np.array([3.0, 4.0]), name='w')
    y = F.sum(F.exp(x * 0.0) * w)
    seen = []
    for node, gys, gxs in steps(y):
        seen.append((node.label, [None if g is None else np.asarray(g).tolist() for g in gxs]))
        assert x.grad is None and w.grad is None
    assert seen == [('sum', [[1, 1]]), ('mul', [[3, 4], [1, 1]]), ('exp', [[3, 4]]),
                    ('mul', [[0, 0], None]), ('w', []), ('x', [])]
    assert (x.grad.tolist(), w.grad.tolist()) == ([0, 0], [1, 1])


def test_a_walk_that_is_left_leaves_no_gradient_behind():
    w = mc.Parameter(np.array([3.0]))
    y = F.sum(w * w)
    for _ in steps(y, retain_graph=True):
        break
    assert w.grad is None
    y.backward()
    assert w.grad.tolist() == [6]


def test_gradients_in_numbers():
    model = mc.Chain(a=L.Linear(2, 2, W=1.0), b=L.Linear(2, 1))
    model.a.W.grad = np.array([[0.0, 3], [-4, 0]], 'float32')
    model.a.b.grad = np.array([np.nan, 2], 'float32')
    rows = {row['name']: row for row in Gradients(model).rows}
    assert rows['a/W'] == {'name': 'a/W', 'shape': (2, 2), 'weight': 1.0, 'gradient': 2.5,
                           'ratio': 2.5, 'low': -4.0, 'high': 3.0, 'zeros': 0.5, 'bad': 0}
    assert rows['a/b']['bad'] == 1 and rows['a/b']['ratio'] is None
    assert rows['b/W']['gradient'] is None and rows['b/W']['weight'] > 0
    lines = str(Gradients(model)).splitlines()
    assert lines[0].split() == ['parameter', 'shape', 'weight', 'gradient', 'ratio', 'low', 'high',
                                'zeros', 'bad']
    assert lines[2].split() == ['a/W', '(2,', '2)', '1', '2.5', '2.5', '-4', '3', '50%', '0']
    assert lines[4].split()[-7:] == [lines[4].split()[-7], *'------']


def test_gradients_of_a_model_on_a_gpu(stand_in):
    model = L.Linear(2, 3).to_gpu()
    F.sum(model(mc.to_gpu(np.ones((1, 2), 'float32')))).backward()
    assert Gradients(model).rows[0]['gradient'] == pytest.approx(1)


class Holder:
    """Something that keeps results."""


def test_what_holds_a_graph_is_named():
    model, kept, total = L.Linear(3, 2), Holder(), 0
    losses = []
    for _ in range(5):
        loss = F.sum(F.square(model(np.ones((4, 3), 'float32'))))
        losses.append(loss)
        total = total + loss
    kept.best = loss
    found = what_holds(total)
    counts = {label: count for label, count, _ in found.rows}
    assert counts == {'linear': 5, 'square': 5, 'sum': 5, 'add': 5}
    assert found.operations == 20
    # Five results of linear, and once the weights and the data.
    assert dict((label, size) for label, _, size in found.rows)['square'] == 5 * 4 * 2 * 4
    assert {'total', 'loss', 'kept.best', 'losses (5)'} <= set(found.holders)
    text = str(found)
    assert text.startswith('20 operations keep 0.000 MiB.') and 'losses (5)' in text


def test_parts_of_an_array_count_as_the_array_that_they_are_parts_of():
    x = mc.Variable(np.ones((1, 1000), 'float32'))
    y = F.sum(F.exp(x[:, :10])) + F.sum(F.square(x[:, 10:30]) * F.square(x[:, 30:50]))
    # The results of exp and of two squares, and x once, of which the squares keep parts.
    assert what_holds(y).bytes == 4 * (10 + 20 + 20 + 1000)
    c, h = F.tree_lstm(x.data[:, :300], mc.Variable(np.ones((1, 1200), 'float32')))
    gates, squashed, sums, cells = 1200, 300, 1200, 1000
    assert what_holds(h).bytes == 4 * (gates + squashed + sums + cells)


def test_a_graph_that_backward_has_let_go_keeps_nothing():
    x = mc.Variable(np.ones(1000, 'float32'))
    y = F.sum(F.exp(x))
    assert what_holds(y).bytes == 4000
    y.backward()
    assert what_holds(y).bytes == 0
    assert str(what_holds(mc.Variable(1.0))).startswith('0 operations keep 0.000 MiB.')
