"""The backward walk: what reaches the leaves, what is kept and let go, what happens on errors."""
import gc
import sys
import threading
import weakref

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
from minichain.backprop import ancestors, keeping, walk
from minichain.debug import check_gradients


def variable(*numbers, **options):
    return mc.Variable(np.array(numbers, 'float32'), **options)


class Watcher:
    """Collects the events of a walk, in order."""

    def __init__(self):
        self.passed = []

    def on_backward(self, fn, gys, gxs):
        self.passed.append(fn)


@pytest.fixture
def no_collector():
    """Meanwhile the garbage collector does not run: what goes, goes by counting references."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


# What arrives ------------------------------------------------------------------------------------

def test_backward_on_a_leaf_gives_one():
    x = mc.Variable(3.0)
    x.backward()
    assert x.grad == 1
    x.backward(retain_grad=True)
    assert x.grad == 2


def test_a_diamond_adds_both_sides_once():
    x = variable(1, 2)
    h = x * 3
    y = F.sum(h * 2 + F.square(h))
    y.backward()
    np.testing.assert_allclose(x.grad, 3 * (2 + 2 * 3 * x.data))


def test_outputs_that_backward_needs_pass_gradients_of_gradients_on():
    """An output that is kept meets itself where it was used: both gradients count."""
    class Powers(mc.Function):
        keeps = 'x y'

        def forward(self, x):
            return x * x, self.xp.exp(x)

        def backward(self, g, ge):
            return 2 * self.x * g + self.y[1] * ge

    def both(x):
        square, exp = Powers().apply(x)
        return square * exp

    check_gradients(both, [np.array([0.5, -1.0, 2.0])], order=2)


def test_backward_begins_with_the_gradient_that_was_set():
    x = variable(1, 2)
    y = x * x
    y.grad = np.array([1, 10], 'float32')
    y.backward()
    np.testing.assert_array_equal(x.grad, [2, 40])
    with pytest.raises(mc.GraphError, match='starts from one number'):
        (x * x).backward()


def test_diamonds_upon_diamonds_take_each_operation_once():
    x = mc.Variable(1.0)
    y, watcher = x, Watcher()
    for _ in range(60):
        y = y + y
    with mc.watch(watcher):
        y.backward(retain_grad=True)
    assert x.grad == 2.0 ** 60
    assert len(watcher.passed) == 61


def test_one_variable_may_be_both_arguments():
    x = variable(3, -2)
    F.sum(x * x).backward()
    np.testing.assert_array_equal(x.grad, [6, -4])
    x.cleargrad()
    F.sum(x - x).backward()
    np.testing.assert_array_equal(x.grad, [0, 0])


def test_several_backwards_add_up_until_the_gradient_is_cleared():
    x = variable(1, 2)
    for _ in range(3):
        F.sum(x * 2).backward()
    np.testing.assert_array_equal(x.grad, [6, 6])
    x.cleargrad()
    assert x.grad is None


def test_the_gradient_of_one_number_stays_an_array():
    x = mc.Variable(3.0)
    for _ in range(2):
        (x * x).backward()
        assert type(x.grad) is np.ndarray and x.grad.dtype == 'float32'


def test_float32_with_python_numbers_stays_float32():
    x = variable(1, 2)
    y = 2 ** ((3.5 * x + 1) / 2 - 0.25) ** 2
    y = F.sum(y) * np.float64(0.5)
    assert y.dtype == 'float32'
    y.backward(create_graph=True)
    assert x.grad.dtype == 'float32'
    F.sum(x.grad_var).backward()
    assert x.grad.dtype == 'float32'


def test_a_gradient_that_is_a_broadcast_view_can_be_added_to_and_written():
    x = variable(1, 2, 3)
    y = F.sum(x)
    y.backward()
    x.grad += 1
    np.testing.assert_array_equal(x.grad, [2, 2, 2])
    a = variable(1, 2, 3)
    (F.sum(a) + F.sum(a) + F.sum(a * a)).backward()
    np.testing.assert_array_equal(a.grad, [4, 6, 8])


def test_two_leaves_never_share_a_gradient_array():
    a, b = variable(1, 2), variable(3, 4)
    gy = np.ones(2, 'float32')
    (a + b).backward(gy)
    a.grad += 5
    np.testing.assert_array_equal(b.grad, [1, 1])
    np.testing.assert_array_equal(gy, [1, 1])
    c, d = mc.Variable(np.ones((2, 2), 'float32')), variable(1, 2, 3, 4)
    F.sum(c.reshape(4) + d).backward()
    c.grad += 1
    np.testing.assert_array_equal(d.grad, [1, 1, 1, 1])


@pytest.mark.parametrize('operation', ['mul', 'matmul', 'linear', 'bias', 'embed_id', 'mixed'])
def test_a_parameter_may_be_used_at_a_hundred_time_steps(operation):
    rng = np.random.default_rng(0)
    W = mc.Parameter(rng.standard_normal((4, 4)) * 0.3)
    b = mc.Parameter(rng.standard_normal(4))
    ids = rng.integers(0, 4, (100, 3))

    def step(h, i):
        if operation == 'mul':
            return F.tanh(h * W[:3] + 0.1)
        if operation == 'matmul':
            return F.tanh(h @ W + 0.1)
        if operation == 'linear':
            return F.tanh(F.linear(h, W) + 0.1)
        if operation == 'bias':
            return F.tanh(F.linear(h, W, b))
        if operation == 'embed_id':
            return F.tanh(h * F.embed_id(ids[i], W) + 0.1)
        return F.tanh(F.linear(h, W, W[0]) + F.embed_id(ids[i], W) + W[1:] * 0.1)

    def run(weights):
        h = mc.Variable(np.ones((3, 4)), requires_grad=False)
        for i in range(100):
            h = step(h, i)
        return F.sum(h)

    y = run(W)
    y.backward()
    W_grad = W.grad
    # The same with a graph, where nothing is put off, and by finite differences.
    np.testing.assert_allclose(mc.grad(run(W), W, create_graph=True)[0].data, W_grad, rtol=1e-10)
    u, eps, data = rng.standard_normal(W.shape), 1e-6, W.data
    W.data = data + eps * u
    up = run(W).item()
    W.data = data - eps * u
    assert np.vdot(W_grad, u) == pytest.approx((up - run(W).item()) / (2 * eps), rel=1e-4, abs=1e-7)


def test_a_weight_that_meets_different_operations_gets_the_sum_in_any_order():
    rng = np.random.default_rng(0)
    x, W = rng.standard_normal((5, 3)), rng.standard_normal((3, 3))
    uses = {'linear': lambda w: F.sum(F.linear(x, w)), 'square': lambda w: F.sum(w * w),
            'table': lambda w: F.sum(F.embed_id(np.array([0, 2, 2]), w)),
            'matmul': lambda w: F.sum(x @ w)}
    parts = {}
    for name, use in uses.items():
        w = mc.Variable(W)
        use(w).backward()
        parts[name] = w.grad
    for order in [list(uses), list(uses)[::-1], ['linear', 'table', 'linear', 'square', 'table']]:
        w = mc.Variable(W)
        sum(uses[name](w) for name in order).backward()
        np.testing.assert_allclose(w.grad, sum(parts[name] for name in order), rtol=1e-12)


def test_an_output_that_the_caller_dropped_counts_as_zero():
    x = variable(1, 2, 3, 4)
    first, _, _, last = F.split(x, 4)
    del _
    F.sum(first * last).backward()
    np.testing.assert_array_equal(x.grad, [4, 0, 0, 1])


def test_an_operation_may_give_a_tuple_of_one():
    class One(mc.Function):
        """A tuple of one"""
        keeps = 'x'

        def forward(self, x):
            return x * 3,

        def backward(self, gy):
            return gy * 3

    x = variable(1, 2)
    y, = One().apply(x)
    F.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [3, 3])


def test_creator_is_the_operation_also_for_one_of_several_outputs():
    x = variable(1, 2, 3, 4)
    parts = F.split(x, 2)
    assert type(parts[1].creator).__name__ == 'Split'
    assert parts[0].creator is parts[1].creator
    assert x.creator is None and (x * 2).creator.label == 'mul'


# Once more, and higher orders --------------------------------------------------------------------

def test_retain_graph_allows_a_second_backward():
    x = variable(1, 2)
    y = F.sum(F.exp(x) * x)
    y.backward(retain_graph=True)
    first = x.grad.copy()
    y.backward()
    np.testing.assert_allclose(x.grad, 2 * first)
    with pytest.raises(mc.GraphError):
        y.backward()
    np.testing.assert_allclose(x.grad, 2 * first)


def test_create_graph_works_to_third_order():
    x = mc.Variable(np.array([0.5, -1.5]))
    y = F.sum(F.sin(x) * x ** 2)
    values = []
    for _ in range(3):
        y, = mc.grad(F.sum(y), x, create_graph=True)
        values.append(y.data)
    s, c, d = np.sin(x.data), np.cos(x.data), x.data
    np.testing.assert_allclose(values[0], d ** 2 * c + 2 * d * s)
    np.testing.assert_allclose(values[1], 4 * d * c + (2 - d ** 2) * s)
    np.testing.assert_allclose(values[2], (6 - d ** 2) * c - 6 * d * s)


@pytest.mark.parametrize('f, shapes', [
    (F.matmul, [(2, 3), (3, 2)]),
    (lambda x, W: F.conv2d(x, W, stride=2, pad=1), [(1, 2, 4, 4), (2, 2, 3, 3)]),
    (lambda x, W: F.conv_transpose2d(x, W, stride=2), [(1, 2, 2, 2), (2, 1, 2, 2)]),
    (lambda x: F.max_pool2d(x, 2), [(1, 1, 4, 4)]),
    (lambda x: F.avg_pool2d(x, 2), [(1, 1, 4, 4)]),
    (lambda x: x[np.array([0, 2, 0])], [(3, 2)]),
    (F.lstm, [(2, 1), (2, 4)]),
    (F.batch_norm, [(4, 2), (2,), (2,)]),
    (lambda x: F.softmax_cross_entropy(x, np.array([0, 2])), [(2, 3)]),
    (lambda W: F.embed_id(np.array([0, 1, 0]), W), [(2, 2)]),
], ids=['matmul', 'conv2d', 'conv_transpose2d', 'max_pool2d', 'avg_pool2d', 'get_item', 'lstm',
        'batch_norm', 'softmax_cross_entropy', 'embed_id'])
def test_operations_with_derivatives_of_their_own_go_on_to_third_order(f, shapes):
    rng = np.random.default_rng(0)
    check_gradients(f, [rng.standard_normal(shape) for shape in shapes], order=3, directions=1)


def test_backward_with_create_graph_gives_a_gradient_that_has_a_gradient():
    x = variable(2, 3)
    F.sum(x ** 3).backward(create_graph=True)
    gx = x.grad_var
    np.testing.assert_allclose(gx.data, 3 * x.data ** 2)
    x.cleargrad()
    F.sum(gx).backward()
    np.testing.assert_allclose(x.grad, 6 * x.data)


def test_the_gradient_of_a_gradient_norm_reaches_other_parameters():
    x, w = mc.Variable(np.array([1.0, 2.0])), mc.Variable(np.array([3.0, 4.0]))
    gx, = mc.grad(F.sum(w * F.exp(x)), x, create_graph=True)
    F.sum(gx * gx).backward()
    np.testing.assert_allclose(w.grad, 2 * w.data * np.exp(2 * x.data))
    np.testing.assert_allclose(x.grad, 2 * w.data ** 2 * np.exp(2 * x.data))


# grad() ------------------------------------------------------------------------------------------

def test_grad_touches_no_grad_and_computes_only_what_lies_between():
    x, w = variable(1, 2), variable(3, 4)
    h = F.exp(x)
    side = F.tanh(w)
    y = F.sum(F.square(h) * side)
    watcher = Watcher()
    with mc.watch(watcher):
        gh, = mc.grad(y, h, retain_graph=True)
    np.testing.assert_allclose(gh.data, 2 * h.data * side.data)
    assert [fn.label for fn in watcher.passed] == ['sum', 'mul', 'square', 'exp']
    assert x.grad is None and w.grad is None and h.grad is None
    assert not gh.requires_grad
    side.backward(np.ones(2, 'float32'))    # not let go, though y's graph held it


def test_grad_does_not_look_at_what_is_older_than_all_targets():
    x = variable(1, 2)
    h = F.exp(x * 2)
    y = F.sum(h * h)
    labels = [node.label for node in ancestors([y.node], oldest=h.node.order)]
    assert labels == ['sum', 'mul', 'exp']


def test_grad_gives_none_for_what_the_result_does_not_depend_on():
    x, other = mc.Variable(np.ones((2, 1), 'float32')), mc.Variable(1.0)
    constant = mc.Variable(1.0, requires_grad=False)
    with mc.no_grad():
        outside = x * 2
    y = F.sum(F.broadcast_to(x, (2, 3)))
    assert mc.grad(y, [other, constant, outside], retain_graph=True) == [None] * 3
    assert mc.grad(y, [other, x])[1].shape == (2, 1)


def test_grad_by_an_intermediate_result_does_not_go_beyond_it():
    x = mc.Variable(np.ones((2, 1), 'float32'))
    h = F.broadcast_to(x, (2, 3))
    np.testing.assert_array_equal(mc.grad(F.sum(h * h), h)[0].data, np.full((2, 3), 2))
    F.sum(h).backward()     # what lies before h was not let go
    np.testing.assert_array_equal(x.grad, [[3], [3]])


def test_grad_by_a_result_and_by_what_it_was_computed_from():
    x = variable(1, 2)
    h = x * 3
    gh, gx, gy = mc.grad(F.sum(h * h), [h, x, h])
    np.testing.assert_array_equal(gh.data, [6, 12])
    np.testing.assert_array_equal(gx.data, [18, 36])
    np.testing.assert_array_equal(gy.data, gh.data)


def test_grad_of_several_results_adds_them_up():
    x = variable(1, 2)
    ys = [x * 2, x * x, x * 2]
    gys = [np.array(g, 'float32') for g in ([1, 0], [0, 1], [1, 1])]
    np.testing.assert_array_equal(mc.grad(ys, x, gys)[0].data, [4, 6])


def test_the_results_of_grad_are_arrays_of_their_own():
    a, b = variable(1, 2), variable(3, 4)
    gy = np.ones(2, 'float32')
    ga, gb = mc.grad(a + b, [a, b], gy)
    ga.data += 5
    np.testing.assert_array_equal(gb.data, [1, 1])
    np.testing.assert_array_equal(gy, [1, 1])
    mc.grad(F.sum(a), a)[0].data[0] = 3


def test_the_first_gradient_takes_the_type_of_the_result():
    x = variable(1, 2)
    for gy in ([1, 2], [1.0, 2.0], np.array([1.0, 2.0]), np.array([1, 2])):
        x.cleargrad()
        (x * 2).backward(gy)
        assert x.grad.dtype == 'float32'
        np.testing.assert_array_equal(x.grad, [2, 4])


def test_grad_of_a_variable_by_itself_is_its_incoming_gradient():
    x = variable(1, 2)
    gy = np.array([5, 6], 'float32')
    np.testing.assert_array_equal(mc.grad(x, x, gy)[0].data, gy)


# Cutting and keeping -----------------------------------------------------------------------------

def test_unchain_backward_cuts_the_graph_for_everybody_who_holds_a_part_of_it():
    x, w = variable(1, 2), variable(3, 4)
    h = x * 2
    y = F.exp(h)
    y.unchain_backward()
    assert y.creator is None and not y.requires_grad
    F.sum(h * w + y).backward()
    assert x.grad is None
    np.testing.assert_array_equal(w.grad, h.data)


def test_truncated_backpropagation_through_time():
    c = mc.Variable(np.zeros((2, 3)), requires_grad=False)
    W = mc.Parameter(np.random.default_rng(0).standard_normal((12, 3)))
    h = mc.Variable(np.ones((2, 3)), requires_grad=False)
    expected = []
    for _ in range(4):
        c, h = F.lstm(c, F.linear(h, W))
        alone_c, alone_h = c.detach(), h.detach()
        F.sum(h).backward()
        h.unchain_backward()
        gradient, W.grad = W.grad, None
        expected.append(gradient)
        assert np.isfinite(gradient).all() and gradient.any()
        # The same step from copies of the state that never had a history:
        c_next, h_next = F.lstm(alone_c, F.linear(alone_h, W))
        F.sum(h_next).backward()
        alone, W.grad = W.grad, None
        _, h_next = F.lstm(c, F.linear(h, W))
        F.sum(h_next).backward()
        np.testing.assert_array_equal(W.grad, alone)
        W.cleargrad()


def test_unchain_backward_lets_go_of_the_whole_graph(no_collector):
    x = variable(1, 2)
    h = F.exp(x * 2)
    middle = weakref.ref(h.creator.edges[0])
    y = F.exp(h)
    del h
    y.unchain_backward()
    assert middle() is None


def test_unchain_cuts_one_variable():
    x = variable(1, 2)
    h = x * 2
    h.unchain()
    F.sum(h * x).backward()
    np.testing.assert_array_equal(x.grad, h.data)


def test_retain_grad_keeps_one_gradient_or_all():
    x = variable(1, 2)
    h = x * 2
    k = h * 3
    h.retain_grad()
    F.sum(k).backward(retain_graph=True)
    np.testing.assert_array_equal(h.grad, [3, 3])
    assert k.grad is None
    first, second = F.split(x * x, 2)
    F.sum(first * 5 + second).backward(retain_grad=True)
    np.testing.assert_array_equal(first.grad, [5])
    np.testing.assert_array_equal(second.grad, [1])


@pytest.mark.parametrize('keeps', [False, True])
def test_an_output_sums_what_its_uses_give_whether_it_is_kept_or_not(keeps):
    x = variable(1, 2, 3, 4)
    first, second = F.split(x, 2)
    if keeps:
        first.retain_grad()
    gy = np.array([1, 10], 'float32')
    y = first + first + second + first * second * first
    y.backward(gy)
    np.testing.assert_array_equal(gy, [1, 10], 'the gradient to begin with is nobody\'s to change')
    np.testing.assert_array_equal(x.grad, [8, 180, 2, 50])
    if keeps:
        np.testing.assert_array_equal(first.grad, [8, 180])
    else:
        assert first.grad is None
    assert second.grad is None


def test_nobody_is_asked_to_keep_gradients_once_the_graph_is_gone(no_collector):
    before = len(keeping)
    first, second = F.split(variable(1, 2) * 2, 2)
    first.retain_grad()
    F.sum(first * second).backward(retain_grad=True)
    assert len(keeping) > before
    del first, second
    assert len(keeping) == before


def test_a_product_keeps_only_what_a_needed_gradient_needs():
    x, a = variable(1, 2), variable(3, 4, requires_grad=False)
    for y in (x * a, F.mul(x, a)):
        left, right = y.creator.x
        assert left is None and right is a.data
    y = a * x * 2
    assert y.creator.x[0] is None and y.creator.edges[0].x == (a.data, None)
    W = mc.Variable(np.ones((3, 2), 'float32'), requires_grad=False)
    assert F.matmul(mc.Variable(np.ones((1, 2), 'float32')), W.T).creator.x[0] is None


def test_numbers_and_sums_keep_nothing():
    x = variable(1, 2)
    for y in (x + 1, x - x, F.sum(x), x.reshape(2, 1), -x):
        assert y.creator.bytes_kept == 0


def test_what_was_kept_is_let_go_during_backward(no_collector):
    x = variable(1, 2)
    y = F.exp(x)
    kept = weakref.ref(y.creator.y)
    z = F.sum(F.square(y) * 2)
    y_data = weakref.ref(y.data)
    del y
    assert kept() is not None
    z.backward()
    assert kept() is None and y_data() is None


# Depth, life and death ---------------------------------------------------------------------------

def test_a_graph_may_be_a_hundred_thousand_operations_deep(no_collector):
    limit = sys.getrecursionlimit()
    x = mc.Variable(0.5)
    y = x
    for _ in range(50_000):
        y = y * 1.0 + 0.0
    first = weakref.ref(y.creator)
    y.backward(retain_graph=True)
    assert x.grad == 1
    mc.grad(y, x, create_graph=True)
    y.unchain_backward()
    assert first() is None
    y = x
    for _ in range(100_000):
        y = F.tanh(y)
    last = weakref.ref(y.creator)
    del y
    assert last() is None and sys.getrecursionlimit() == limit


def test_a_graph_dies_with_its_last_variable(no_collector):
    x = variable(1, 2)
    h = F.exp(x)
    c, k = F.lstm(mc.Variable(np.ones((1, 1), 'float32')), mc.Variable(np.ones((1, 4), 'float32')))
    y = F.sum(h * h) + F.sum(k)
    nodes = [weakref.ref(v.creator) for v in (h, k, y)]
    arrays = [weakref.ref(v.data) for v in (h, k)]
    del h, c, k
    assert all(node() is not None for node in nodes)
    y.backward(create_graph=True)
    x.cleargrad()
    del y
    assert not any(ref() is not None for ref in nodes + arrays)


def test_an_error_in_backward_changes_no_gradient_and_the_next_backward_is_right():
    class Fails(mc.Function):
        """Fails in backward as long as it is told to"""
        error = KeyboardInterrupt

        def forward(self, x):
            return x

        def backward(self, gy):
            if self.error:
                raise self.error('stop')
            return gy

    for error in (KeyboardInterrupt, ValueError):
        Fails.error = error
        x, w = variable(1, 2), variable(3, 4)
        F.sum(x * w).backward()
        before = x.grad.copy(), w.grad.copy()
        y = F.sum(Fails().apply(x * 2) * w + x)
        with pytest.raises(error):
            y.backward(retain_graph=True)
        np.testing.assert_array_equal(x.grad, before[0])
        np.testing.assert_array_equal(w.grad, before[1])
        assert mc.config.record and not mc.config.plain
        Fails.error = None
        y.backward()
        np.testing.assert_array_equal(x.grad - before[0], 2 * w.data + 1)
        np.testing.assert_array_equal(w.grad - before[1], 2 * x.data)


def test_a_walk_that_is_abandoned_leaves_no_trace():
    x = variable(1, 2)
    y = F.sum(F.linear(F.exp(x).reshape(1, 2), mc.Variable(np.ones((1, 2), 'float32'))))
    steps = walk([(y.node, np.ones((), 'float32'))], release=False, stepping=True)
    node, gys, gxs = next(steps)
    assert node is y.creator and mc.config.record and not mc.config.plain
    steps.close()
    assert x.grad is None
    y.backward()
    np.testing.assert_allclose(x.grad, np.exp(x.data))


def test_a_stepwise_walk_shows_arrays_in_the_order_of_backward():
    x, W = mc.Variable(np.ones((1, 2), 'float32')), mc.Variable(np.ones((3, 2), 'float32'))
    y = F.sum(F.tanh(F.linear(x, W)))
    labels = []
    for node, gys, gxs in walk([(y.node, np.ones((), 'float32'))], stepping=True):
        labels.append(node.label)
        assert all(isinstance(g, np.ndarray) for g in (*gys, *gxs) if g is not None)
    assert labels == ['sum', 'tanh', 'linear', W.label, x.label]


# Threads -----------------------------------------------------------------------------------------

def test_threads_that_share_a_parameter_do_not_mix_their_gradients():
    W = mc.Parameter(np.ones((30, 30)))

    def gradient(x):
        y = x
        for _ in range(10):
            y = F.tanh(y @ W * 0.1) + F.linear(y, W) * 0.01
        return mc.grad(F.sum(y), W)[0].data

    def work(x, expected):
        for _ in range(15):
            if not np.array_equal(gradient(x), expected):
                wrong.append(x)

    wrong = []
    xs = np.random.default_rng(0).standard_normal((3, 20, 30))
    threads = [threading.Thread(target=work, args=(x, gradient(x))) for x in xs]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not wrong


def test_two_threads_build_graphs_at_once_and_keep_their_own_switches():
    def work(seed):
        rng = np.random.default_rng(seed)
        try:
            for i in range(30):
                with mc.using_config(record=i % 3 > 0):
                    x = mc.Variable(rng.standard_normal(5))
                    y = x
                    for _ in range(30):
                        y = F.tanh(y) * x
                    y = F.sum(y)
                    assert y.requires_grad == (i % 3 > 0)
                if y.requires_grad:
                    y.backward()
                    expected, = mc.grad(F.sum(chain(x)), x)
                    np.testing.assert_array_equal(x.grad, expected.data)
        except BaseException as error:
            failures.append(error)

    def chain(x):
        y = x
        for _ in range(30):
            y = F.tanh(y) * x
        return y

    failures = []
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not failures


# A second backward adds to what is there ---------------------------------------------------------

def table_loss(table, ids):
    return (F.embed_id(np.array(ids), table) * F.embed_id(np.array(ids), table)).sum()


@pytest.mark.parametrize('hold', [lambda p: p.grad, lambda p: p.grad[1:], lambda p: p.grad.T],
                         ids=['the gradient', 'a part', 'turned'])
@pytest.mark.parametrize('loss', [lambda p: (p * p).sum(), lambda p: table_loss(p, [0, 2, 2])],
                         ids=['square', 'table'])
def test_a_second_backward_leaves_alone_what_somebody_holds(loss, hold):
    p = mc.Variable(np.arange(1, 7, dtype='float32').reshape(3, 2))
    loss(p).backward()
    first = p.grad.copy()
    held = hold(p)
    before = held.copy()
    loss(p).backward()
    np.testing.assert_array_equal(held, before)
    np.testing.assert_array_equal(p.grad, 2 * first)


@pytest.mark.parametrize('loss', [lambda p: (p * p).sum(), lambda p: table_loss(p, [0, 2, 2])],
                         ids=['square', 'table'])
def test_a_second_backward_makes_no_new_array_where_nobody_looks(loss):
    p = mc.Variable(np.arange(1, 7, dtype='float32').reshape(3, 2))
    loss(p).backward()
    first, place = p.grad.copy(), p.grad.ctypes.data
    loss(p).backward()
    assert p.grad.ctypes.data == place
    np.testing.assert_array_equal(p.grad, 2 * first)


def test_a_gradient_that_cannot_be_written_is_replaced():
    p = mc.Variable(np.ones((3, 2), 'float32'))
    p.grad = np.broadcast_to(np.float32(5), (3, 2))
    table_loss(p, [1]).backward()
    np.testing.assert_array_equal(p.grad, [[5, 5], [7, 7], [5, 5]])
