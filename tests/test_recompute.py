"""checkpoint: the same values and gradients with less kept, and forward computed twice."""
import gc

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L


def model_and_input():
    mc.set_seed(0)
    model = L.Sequential(L.Linear(3, 4), L.BatchNorm(4), F.tanh, lambda x: F.dropout(x, 0.3),
                         L.Linear(4, 3))
    return model, np.random.default_rng(0).standard_normal((5, 3)).astype('float32')


def run(checkpointed, second):
    """Gradients by weights, by an input and by a Variable from outside; calls of forward."""
    model, x = model_and_input()
    x, a = mc.Variable(x), mc.Variable(np.array([[0.3, -0.2, 0.5]], 'float32'))
    outer, calls = F.sin(a), []

    def part(x):
        calls.append(len(calls))
        return model(x + outer) * outer, F.sum(x)

    mc.set_seed(1)
    y, z = mc.checkpoint(part, x) if checkpointed else part(x)
    loss, wanted = F.sum(y * y) + z, [*model.params(), x, a]
    gxs = mc.grad(loss, wanted, create_graph=second)
    if second:
        gxs = mc.grad(sum(F.sum(F.square(g)) for g in gxs), wanted)
    return [loss, *gxs], len(calls), model[1].N, mc.randomness.generator().random()


@pytest.mark.parametrize('second', [False, True])
def test_a_checkpoint_gives_the_same_values_and_gradients(second):
    expected, once, batches, number = run(False, second)
    found, calls, counted, same = run(True, second)
    assert (once, calls) == (1, 3 if second else 2) and batches == counted == 1 and number == same
    for a, b in zip(found, expected):
        np.testing.assert_allclose(a.data, b.data, rtol=2e-4, atol=1e-5)


def test_gradients_arrive_at_leaves_and_add_up():
    model, x = model_and_input()
    with mc.using_config(train=False):
        F.sum(model(x)).backward()
        expected = [p.grad.copy() for p in model.params()]
        model.cleargrads()
        for _ in range(2):      # data need no gradient, the weights do
            F.sum(mc.checkpoint(model, x)).backward()
    for p, g in zip(model.params(), expected):
        np.testing.assert_allclose(p.grad, 2 * g, rtol=1e-5)


def test_checkpoints_in_checkpoints():
    x = mc.Variable(np.array([0.3, 0.7]))
    w = mc.Parameter(np.array([1.5, -0.5]))

    def inner(x):
        return F.sin(x * w)

    def outer(x):
        return mc.checkpoint(inner, mc.checkpoint(inner, x)) + w

    for f in (inner, outer):
        plain = inner if f is inner else lambda x: inner(inner(x)) + w
        for order in (1, 2):
            found, expected = F.sum(mc.checkpoint(f, x)), F.sum(plain(x))
            for _ in range(order):
                found = sum(map(F.sum, mc.grad(found, [x, w], create_graph=True)))
                expected = sum(map(F.sum, mc.grad(expected, [x, w], create_graph=True)))
            assert found.item() == pytest.approx(expected.item(), abs=1e-12)


def kept_by(y):
    """Bytes that the graph of y keeps."""
    return sum(node.bytes_kept for node in mc.backprop.ancestors([y.node])
               if isinstance(node, mc.Function))


def test_a_checkpoint_keeps_its_inputs_only():
    def part(x):
        for _ in range(10):
            x = F.tanh(x)
        return x

    x = mc.Variable(np.ones(1000, 'float32'))
    assert kept_by(part(x)) == 40_000
    y = mc.checkpoint(part, mc.checkpoint(part, x))
    assert kept_by(y) == 8_000
    gc.collect()
    before = len(gc.get_objects())
    y.backward(np.ones(1000, 'float32'))
    assert kept_by(y) == 0 and len(gc.get_objects()) - before < 20


def test_what_comes_out_may_be_an_input_or_come_from_outside():
    a, x = mc.Parameter(np.array([2.0])), mc.Variable(np.array([3.0]))
    same, other = mc.checkpoint(lambda x: (x, a), x)
    (same * other).backward()
    assert (x.grad, a.grad) == (2, 3)


def test_nothing_is_computed_twice_where_nothing_is_recorded():
    calls = []

    def part(x):
        calls.append(x)
        return F.exp(x)

    with mc.no_grad():
        mc.checkpoint(part, mc.Variable(np.ones(2)))
    y = mc.checkpoint(part, np.ones(2))
    assert len(calls) == 2 and not y.requires_grad


def test_a_function_that_does_something_else_the_second_time_is_refused():
    weights = [mc.Parameter(np.ones(2)), mc.Parameter(np.ones(2))]
    y = mc.checkpoint(lambda x: x * weights.pop(), mc.Variable(np.ones(2)))
    with pytest.raises(mc.GraphError, match='the second time, f computed with other parameters'):
        y.backward(np.ones(2))


def test_an_error_in_backward_leaves_switches_and_random_numbers_as_they_were():
    mc.set_seed(0)
    before = mc.randomness.generator().bit_generator.state
    failing = []

    def part(x):
        assert not failing
        return F.exp(x)

    y = mc.checkpoint(part, mc.Variable(np.ones(2)))
    failing.append(True)
    with pytest.raises(AssertionError):
        y.backward(np.ones(2))
    assert mc.config.record and not mc.config.plain and not mc.config.again
    assert mc.randomness.generator().bit_generator.state == before
