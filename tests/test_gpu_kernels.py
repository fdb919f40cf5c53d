"""GPU kernels against the CPU code of the same operation: sizes, types and layouts that are odd."""
import types

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
import standin
from minichain import backend, optimizers
from minichain.functions import columns
from minichain.optimizers import kernels
from op_case import Draws

TOLERANCE = {'float32': 2e-5, 'float64': 1e-12}
TYPES = pytest.mark.parametrize('dtype', TOLERANCE)


def numbers(*shape, dtype='float64', seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def results(function, arrays, device):
    """The outputs and the gradients of all real arguments, as NumPy arrays."""
    xs = [mc.Variable(backend.to_device(x, device)) for x in arrays]
    ys = function(*xs)
    ys = ys if isinstance(ys, tuple) else (ys,)
    gys = [backend.to_device(np.cos(np.arange(y.size)).reshape(y.shape).astype(y.dtype), device)
           for y in ys]
    gxs = mc.grad(ys, [x for x in xs if x.dtype.kind == 'f'], gys)
    return [backend.to_cpu(y) for y in (*ys, *gxs)]


@pytest.fixture
def agree(there):
    """agree(function, *arrays): both devices give the same outputs and gradients, of one type."""
    def compare(function, *arrays, dtype='float64'):
        arrays = [x.astype(dtype) if x.dtype.kind == 'f' else x for x in arrays]
        here, found = results(function, arrays, 'cpu'), results(function, arrays, there)
        for a, b in zip(here, found, strict=True):
            assert a.dtype == b.dtype and a.shape == b.shape
            np.testing.assert_allclose(b, a, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    return compare


# Convolution -------------------------------------------------------------------------------------

ODD = [dict(stride=2, pad=1), dict(stride=(1, 3), pad=(2, 0)), dict(dilate=(2, 1), pad=2),
       dict(stride=3, dilate=2, pad=4), dict(groups=2, pad=1)]


@TYPES
@pytest.mark.parametrize('options', ODD, ids=str)
def test_convolution_of_odd_sizes(options, dtype, agree):
    x, W, b = numbers(3, 4, 7, 5), numbers(6, 4 // options.get('groups', 1), 3, 2), numbers(6)
    agree(lambda x, W, b: F.conv2d(x, W, b, **options), x, W, b, dtype=dtype)
    agree(lambda x, W: F.conv2d(x, W, **options), x, W, dtype=dtype)


@TYPES
@pytest.mark.parametrize('options', ODD, ids=str)
def test_transposed_convolution_of_odd_sizes(options, dtype, agree):
    W = numbers(4, 6 // options.get('groups', 1), 3, 2)
    agree(lambda x, W, b: F.conv_transpose2d(x, W, b, **options), numbers(2, 4, 5, 6), W,
          numbers(6), dtype=dtype)


@TYPES
@pytest.mark.parametrize('groups', [1, 2])
@pytest.mark.parametrize('pixels', [(7, 5), (1, 1)], ids=['few filters', 'many filters'])
def test_convolution_of_single_pixels(pixels, groups, dtype, agree):
    x, W, b = numbers(3, 4, *pixels), numbers(6, 4 // groups, 1, 1), numbers(6)
    agree(lambda x, W, b: F.conv2d(x, W, b, groups=groups), x, W, b, dtype=dtype)
    agree(lambda x, W: F.conv2d(x, W, groups=groups, dilate=2), x[:0], W, dtype=dtype)
    agree(lambda y, W: F.conv_transpose2d(y, W, groups=groups), numbers(3, 6, *pixels), W,
          dtype=dtype)
    agree(lambda x, W: F.conv2d(x, W, stride=2, groups=groups), x, W, dtype=dtype)
    agree(lambda x, W: F.conv2d(x, W, pad=1, groups=groups), x, W, dtype=dtype)
    agree(lambda x, W: F.conv2d(F.transpose(x, (1, 0, 2, 3)), W, groups=groups),
          x.transpose(1, 0, 2, 3), W, dtype=dtype)


@pytest.mark.parametrize('windows', [1, 2, 5, 6, 7, 30])
@pytest.mark.parametrize('options', [dict(pad=1), dict(stride=2, pad=2), dict(dilate=2, pad=1)],
                         ids=str)
def test_columns_never_pass_the_limit(windows, options, monkeypatch, agree):
    x, W, b = numbers(3, 2, 5, 6), numbers(4, 2, 3, 2), numbers(4)
    limit = windows * 2 * 3 * 2 * x.itemsize       # so many windows, in columns of C * KH * KW
    monkeypatch.setattr(columns, 'LIMIT', limit)
    sizes = []

    class Spy:
        def __init__(self, kernel, position):
            self.kernel, self.position = kernel, position

        def __call__(self, *args):
            sizes.append(args[self.position].nbytes)
            return self.kernel(*args)

    monkeypatch.setattr(columns, 'TAKE_WINDOWS', Spy(columns.TAKE_WINDOWS, -1))
    monkeypatch.setattr(columns, 'ADD_WINDOWS', Spy(columns.ADD_WINDOWS, 0))
    agree(lambda x, W, b: F.conv2d(x, W, b, **options), x, W, b)
    assert max(sizes) <= limit and (windows == 30 or len(sizes) > 3)


def test_a_window_larger_than_the_limit_is_still_computed(monkeypatch, agree):
    monkeypatch.setattr(columns, 'LIMIT', 1)
    agree(F.conv2d, numbers(2, 1, 3, 3), numbers(2, 1, 2, 2), numbers(2))


@pytest.mark.parametrize('groups', [2, 4])
def test_groups_in_several_parts(groups, monkeypatch, agree):
    monkeypatch.setattr(columns, 'LIMIT', 500)
    x, W, b = numbers(2, 4, 5, 6), numbers(8, 4 // groups, 2, 3), numbers(8)
    agree(lambda x, W, b: F.conv2d(x, W, b, pad=1, groups=groups), x, W, b)
    agree(lambda y, W: F.conv_transpose2d(y, W, groups=groups), numbers(2, 8, 3, 2),
          numbers(8, 4 // groups, 2, 3))


def test_convolution_of_no_images(agree):
    agree(lambda x, W, b: F.conv2d(x, W, b, pad=1), numbers(0, 2, 4, 3), numbers(3, 2, 3, 3),
          numbers(3))
    agree(lambda x, W: F.conv2d(x, W, groups=2), numbers(0, 4, 4, 3), numbers(2, 2, 3, 3))


# Pooling -----------------------------------------------------------------------------------------

@TYPES
@pytest.mark.parametrize('pool', [F.max_pool2d, F.avg_pool2d], ids=['max', 'avg'])
@pytest.mark.parametrize('options', [
    dict(ksize=2), dict(ksize=(3, 2), stride=(1, 2)), dict(ksize=3, stride=2, pad=1),
    dict(ksize=2, stride=3), dict(ksize=3, stride=2, cover_all=True),
    dict(ksize=(2, 3), stride=2, pad=(0, 2), cover_all=True)], ids=str)
def test_pooling_of_odd_sizes(pool, options, dtype, agree):
    agree(lambda x: pool(x, **options), numbers(2, 3, 7, 5), dtype=dtype)


def test_of_equal_numbers_the_first_gets_the_gradient(agree):
    agree(lambda x: F.max_pool2d(x, 3, 1, 1), np.ones((1, 2, 4, 4)))
    agree(lambda x: F.max_pool2d(x, 2), np.full((1, 1, 4, 4), -np.inf))


def test_a_maximum_remembers_that_there_was_no_number(there):
    x = numbers(1, 1, 4, 4)
    x[0, 0, 0, 1] = x[0, 0, 3, 2] = np.nan
    y = backend.to_cpu(F.max_pool2d(backend.to_device(x, there), 2))
    np.testing.assert_array_equal(y, F.max_pool2d(x, 2).data)
    assert np.isnan(y).sum() == 2


# Recurrent cells ---------------------------------------------------------------------------------

@TYPES
@pytest.mark.parametrize('n, h', [(1, 1), (5, 3), (0, 4)])
def test_cells_of_odd_sizes(n, h, dtype, agree):
    agree(F.lstm, numbers(n, h), numbers(n, 4 * h), dtype=dtype)
    agree(F.lstm, numbers(n, h), numbers(n, 4 * h), numbers(n, 4 * h, seed=1), numbers(4 * h),
          dtype=dtype)
    agree(lambda c, x, b: F.lstm(c, x, b=b), numbers(n, h), numbers(n, 4 * h), numbers(4 * h),
          dtype=dtype)
    agree(lambda c, x: F.lstm(c, x)[0], numbers(n, h), numbers(n, 4 * h), dtype=dtype)
    agree(lambda c, x: F.lstm(c, x)[1], numbers(n, h), numbers(n, 4 * h), dtype=dtype)
    wide = numbers(n, h), numbers(n, 3 * h), numbers(n, 3 * h, seed=1)
    biases = numbers(3 * h), numbers(3 * h, seed=2)
    agree(F.gru, *wide, dtype=dtype)
    agree(F.gru, *wide, *biases, dtype=dtype)
    agree(lambda h, x, u, d: F.gru(h, x, u, d=d), *wide, biases[1], dtype=dtype)
    for plain in F.rnn_tanh, F.rnn_relu:
        inputs = numbers(n, h), numbers(n, h, seed=1), numbers(h, h)
        agree(plain, *inputs, dtype=dtype)
        agree(plain, *inputs, numbers(h), dtype=dtype)


@pytest.mark.parametrize('activation', [F.tanh, F.relu, F.sigmoid, L.Sequential(F.tanh)],
                         ids=['tanh', 'relu', 'sigmoid', 'a link'])
def test_a_plain_recurrent_link_steps_as_on_the_cpu(activation, there):
    """Through a kernel of its own or not, with fewer sequences at the last step."""
    link = L.RNN(3, 4, activation)
    for i, param in enumerate(link.params()):
        param.data = numbers(*param.shape, seed=i)

    def run(device):
        link.to_device(device)
        link.reset_state()
        xs = [mc.Variable(backend.to_device(numbers(n, 3, seed=n), device)) for n in (5, 5, 2)]
        ys = [link(x) for x in xs]
        gys = backend.to_device(numbers(2, 4), device)
        return [backend.to_cpu(a) for a in (*ys, *mc.grad(ys[-1], [*xs, *link.params()], gys))]

    for here, found in zip(run('cpu'), run(there), strict=True):
        np.testing.assert_allclose(found, here, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize('step', [F.rnn_tanh, F.rnn_relu])
def test_the_bias_of_a_plain_step_is_one_number_a_unit(step, device):
    inputs = [backend.to_device(numbers(*shape), device)
              for shape in ((5, 4), (5, 4), (4, 4), (1,))]
    with pytest.raises(mc.ShapeError):
        step(*inputs)


@pytest.mark.parametrize('step', [F.rnn_tanh, F.rnn_relu])
def test_a_plain_step_lets_what_is_no_number_through(step, there):
    x = backend.to_device(np.array([[np.nan, 1.0]]), there)
    y = backend.to_cpu(step(x * 0, x, backend.to_device(np.eye(2), there) * 0))
    assert np.isnan(y[0, 0])


@TYPES
@pytest.mark.parametrize('n, h, children', [(1, 1, 2), (5, 3, 0), (5, 3, 3), (0, 4, 2)])
def test_cells_of_trees(n, h, children, dtype, agree):
    inputs = [*[numbers(n, h, seed=k) for k in range(children)], numbers(n, (3 + children) * h)]
    agree(F.tree_lstm, *inputs, dtype=dtype)
    agree(lambda *inputs: F.tree_lstm(*inputs)[0], *inputs, dtype=dtype)
    agree(lambda *inputs: F.tree_lstm(*inputs)[1], *inputs, dtype=dtype)


def test_cells_of_large_numbers(agree):
    agree(F.lstm, numbers(3, 2), 1000 * numbers(3, 8), dtype='float32')
    agree(F.gru, numbers(3, 2), 1000 * numbers(3, 6), 1000 * numbers(3, 6, seed=1),
          dtype='float32')


# Losses, tables, normalization, noise ------------------------------------------------------------

@TYPES
@pytest.mark.parametrize('n, c', [(1, 1), (7, 3), (0, 5), (3, 70)])
@pytest.mark.parametrize('ids', ['int32', 'int64'])
def test_softmax_cross_entropy_of_odd_sizes(n, c, ids, dtype, agree):
    t = (np.arange(n) % c).astype(ids)
    agree(F.softmax_cross_entropy, 20 * numbers(n, c), t, dtype=dtype)
    t[::2] = -1
    agree(F.softmax_cross_entropy, 20 * numbers(n, c), t, dtype=dtype)


@TYPES
@pytest.mark.parametrize('function', [F.softmax, F.log_softmax])
@pytest.mark.parametrize('shape, axis', [((7, 3), 1), ((5, 1), 1), ((3, 100), 1), ((2, 64), -1),
                                         ((4, 6), 0), ((2, 3, 4, 5), 1), ((2, 3, 5), -1),
                                         ((0, 5), 1)], ids=str)
def test_softmax_of_odd_sizes(function, shape, axis, dtype, agree):
    agree(lambda x: function(x, axis), 20 * numbers(*shape), dtype=dtype)


@TYPES
@pytest.mark.parametrize('causal', [False, True])
@pytest.mark.parametrize('t, s', [(1, 1), (3, 33), (4, 100), (5, 32), (6, 2), (0, 3)], ids=str)
def test_attention_of_odd_sizes(t, s, causal, dtype, agree):
    """Also where the first queries see no key at all."""
    agree(lambda q, k, v: F.scaled_dot_product_attention(q, k, v, causal=causal),
          numbers(2, t, 3), 3 * numbers(2, s, 3, seed=1), numbers(2, s, 4), dtype=dtype)


def test_attention_of_whole_numbers_is_the_same(there):
    q, k = np.arange(6).reshape(2, 3), np.arange(12).reshape(4, 3) % 5
    here = F.scaled_dot_product_attention(q, k, k).data
    found = F.scaled_dot_product_attention(*[backend.to_device(x, there) for x in (q, k, k)])
    np.testing.assert_allclose(backend.to_cpu(found), here, rtol=1e-6)


def test_softmax_of_large_numbers_and_of_those_that_are_none(agree):
    x = np.array([[1e4, -1e4, 3], [-np.inf, 0, 1], [-np.inf, 5, -np.inf]])
    agree(F.softmax, x), agree(F.log_softmax, x[:1])


@TYPES
@pytest.mark.parametrize('ignore', [None, 2, -1])
def test_tables_in_which_rows_come_often(ignore, dtype, agree):
    ids = np.array([[4, 2, 4], [4, 0, 2]])
    if ignore == -1:
        ids[0, 0] = -1
    agree(lambda ids, W: F.embed_id(ids, W, ignore), ids, numbers(5, 3), dtype=dtype)
    agree(lambda ids, W: F.embed_id(ids, W, ignore), ids[:0], numbers(5, 3), dtype=dtype)


@TYPES
@pytest.mark.parametrize('shape', [(5, 3), (3, 2, 5, 3), (1, 4, 2, 2)], ids=str)
def test_batch_norm_of_odd_sizes(shape, dtype, agree):
    agree(F.batch_norm, numbers(*shape) + 3, numbers(shape[1]), numbers(shape[1], seed=1),
          dtype=dtype)


@TYPES
@pytest.mark.parametrize('shape', [(5,), (5, 3), (3, 2, 5), (0, 4), (7, 1)], ids=str)
def test_layer_norm_of_odd_sizes(shape, dtype, agree):
    agree(F.layer_norm, numbers(*shape) + 3, numbers(shape[-1]), numbers(shape[-1], seed=1),
          dtype=dtype)


@TYPES
@pytest.mark.parametrize('groups', [1, 2, 6])
@pytest.mark.parametrize('shape', [(3, 6, 2, 5), (4, 6), (0, 6, 3)], ids=str)
def test_group_norm_of_odd_sizes(shape, groups, dtype, agree):
    agree(lambda x, gamma, beta: F.group_norm(x, groups, gamma, beta), numbers(*shape) + 3,
          numbers(6), numbers(6, seed=1), dtype=dtype)


def test_no_gradient_for_the_images_of_batch_norm_where_none_is_wanted(stand_in):
    x, gamma, beta = (backend.to_gpu(a) for a in (numbers(4, 3), numbers(3), numbers(3)))
    gamma, beta = mc.Variable(gamma), mc.Variable(beta)
    F.sum(F.batch_norm(x, gamma, beta)).backward()
    assert gamma.grad is not None and beta.grad is not None


def test_dropout_is_drawn_on_the_gpu_again_after_the_same_seed(stand_in):
    x = backend.to_gpu(np.ones((40, 50), 'float32'))

    def draw():
        mc.set_seed(3)
        with standin.recording() as events:
            ys = [F.dropout(x, 0.25) for _ in range(2)]
        assert [event.what for event in events] == ['dropout'] * 2
        return [backend.to_cpu(y) for y in ys]

    first, again = draw(), draw()
    np.testing.assert_array_equal(first, again)
    assert (first[0] != first[1]).any()
    assert set(np.unique(first)) == {0, np.float32(1 / 0.75)}
    kept = np.mean(first[0] > 0)
    assert abs(kept - 0.75) < 4 * (0.75 * 0.25 / 2000) ** 0.5


def test_what_kernels_draw_is_spread_evenly():
    draws = Draws().random(100_000)
    counts = np.histogram(draws, 20, (0, 1))[0]
    assert abs(counts - 5000).max() < 5 * 5000 ** 0.5
    assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 0.02
    normal = Draws().standard_normal(100_000)
    assert abs(normal.mean()) < 0.02 and abs(normal.std() - 1) < 0.02


# Ids that do not exist ---------------------------------------------------------------------------

BAD_IDS = pytest.mark.parametrize('bad', [5, -2, 1 << 40])


@pytest.mark.parametrize('ids', ['uint8', 'int8', 'uint16', 'uint32', 'uint64'])
@pytest.mark.parametrize('ignore', [-1, 2, 300])
def test_ids_of_any_width_with_an_id_that_does_not_count(ignore, ids, agree):
    t = np.array([0, 2, 1, 100], ids)
    agree(lambda x, t: F.softmax_cross_entropy(x, t, ignore_label=ignore), numbers(4, 101), t)
    agree(lambda x, t: F.softmax_cross_entropy(x, t, ignore_label=ignore, reduce='no'),
          numbers(4, 101), t)
    agree(lambda t, W: F.embed_id(t, W, ignore), t, numbers(101, 2))
    agree(lambda x, t: F.sigmoid_cross_entropy(x, t), numbers(3), np.array([0, 1, 1], ids))


@BAD_IDS
def test_ids_that_were_sent_are_refused_without_a_wait_for_good_ones(bad, stand_in):
    W, x = backend.to_gpu(numbers(5, 3)), backend.to_gpu(numbers(4, 5))
    good, wrong = np.array([0, 4, 1, 2]), np.array([0, bad, 1, 2])
    with standin.recording() as events:
        ids = backend.to_gpu(good)
        F.embed_id(ids, W), F.embed_id(ids[1:3], W), F.softmax_cross_entropy(x, ids)
    assert not events.waits
    ids = backend.to_gpu(wrong)
    for use in (lambda: F.embed_id(ids, W), lambda: F.softmax_cross_entropy(x, ids)):
        with pytest.raises(IndexError, match=f'{bad} is out of range; there are 5, numbered 0'):
            use()
    F.embed_id(ids[2:], W)       # a part of them that is well


@pytest.mark.parametrize('ignore', [-1, 9])
def test_a_label_that_does_not_count_is_no_reason_to_wait(ignore, stand_in):
    x, t = backend.to_gpu(numbers(3, 4)), backend.to_gpu(np.array([3, ignore, 0]))
    with standin.recording() as events:
        F.softmax_cross_entropy(x, t, ignore_label=ignore)
    assert not events.waits


@BAD_IDS
def test_ids_that_were_computed_on_the_gpu_give_nan_and_touch_nothing_else(bad, stand_in):
    W, x = mc.Variable(backend.to_gpu(numbers(5, 3))), mc.Variable(backend.to_gpu(numbers(3, 5)))
    ids = backend.to_gpu(np.array([1, 0, 1])) * bad
    y = F.embed_id(ids, W)
    F.sum(y).backward()
    assert np.isnan(backend.to_cpu(y)).any(1).tolist() == [True, False, True]
    np.testing.assert_array_equal(backend.to_cpu(W.grad), np.eye(5, 1) * np.ones(3))
    loss = F.softmax_cross_entropy(x, ids)
    loss.backward()
    assert np.isnan(loss.item())
    assert np.isnan(backend.to_cpu(x.grad)).any(1).tolist() == [True, False, True]


def test_bounds_of_ids_are_forgotten_with_the_array(stand_in):
    before = len(backend._bounds)
    ids = backend.to_gpu(np.arange(3))
    assert backend.known_bounds(ids) == backend.known_bounds(ids[1:]) == (0, 2)
    assert backend.known_bounds(backend.to_device(ids, 'gpu:1')) == (0, 2)
    assert backend.known_bounds(ids + 1) is None
    del ids
    assert len(backend._bounds) == before


# Optimizers --------------------------------------------------------------------------------------

RULES = [optimizers.SGD(0.1), optimizers.MomentumSGD(0.1), optimizers.NesterovAG(0.1),
         optimizers.AdaGrad(0.1), optimizers.RMSprop(0.1),
         optimizers.RMSprop(0.1, eps_inside_sqrt=True), optimizers.Adam(0.1),
         optimizers.AdamW(0.1, weight_decay_rate=0.01), optimizers.AMSGrad(0.1),
         optimizers.AdaDelta(), optimizers.RMSpropGraves(0.1), optimizers.SMORMS3(0.1),
         optimizers.AdaBound(0.1, weight_decay_rate=0.01), optimizers.AMSBound(0.1),
         optimizers.Lion(0.1, weight_decay_rate=0.01)]


def test_every_optimizer_has_a_kernel_of_its_own():
    kinds = [kind for kind in vars(optimizers).values() if isinstance(kind, type)
             and issubclass(kind, optimizers.Optimizer) and kind is not optimizers.Optimizer]
    assert {type(rule) for rule in RULES} == set(kinds)
    assert len({kind.kernel for kind in kinds} - {None}) == len(kinds) - 1      # AdamW has Adam's


def holder(*arrays):
    """A link with these parameters, W0, W1 and so on."""
    link = mc.Link()
    with link.init_scope():
        for i, array in enumerate(arrays):
            setattr(link, f'W{i}', mc.Parameter(array))
    return link


SIZES = [(3, 5), (1,), (0, 4), (257,), (), (2, 3, 4)]


@TYPES
@pytest.mark.parametrize('optimizer', RULES, ids=lambda rule: f'{rule}')
def test_a_rule_changes_all_parameters_in_one_launch_as_on_the_cpu(optimizer, dtype):
    gradients = [[np.asarray(numbers(*shape, seed=10 * step + i), dtype)
                  for i, shape in enumerate(SIZES)] for step in range(4)]

    def train(device):
        link = holder(*[np.asarray(numbers(*shape), dtype) for shape in SIZES])
        link.to_device(device)
        optimizer.setup(link)
        for step, several in enumerate(gradients):
            for param, g in zip(link.params(), several):
                param.grad = backend.to_device(g, device)
            if step and device != 'cpu':
                with standin.recording() as events, standin.allow_synchronize(False):
                    optimizer.update()
                assert len(events.launches) == 1 and len(events.copies) <= 1
            else:
                optimizer.update()
        return [backend.to_cpu(param) for param in link.params()]

    here = train('cpu')
    with standin.installed():
        there = train('gpu')
    for wanted, found in zip(here, there):
        np.testing.assert_allclose(found, wanted, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize('optimizer', RULES, ids=lambda rule: f'{rule}')
def test_a_gradient_that_is_no_number_makes_the_parameter_none(optimizer, there):
    """Where a GPU's max and sign would hide it."""
    for device in 'cpu', there:
        link = holder(np.ones(3))
        link.to_device(device)
        optimizer.setup(link)
        link.W0.grad = backend.to_device(np.array([1.0, np.nan, 1.0]), device)
        optimizer.update()
        assert np.isnan(backend.to_cpu(link.W0)).tolist() == [False, True, False]


@pytest.mark.parametrize('optimizer', RULES, ids=lambda rule: f'{rule}')
def test_a_rule_touches_nothing_beside_its_arrays(optimizer, stand_in):
    """Each array lies between numbers that spoil what reads them, and that show who wrote there."""
    def fenced(array):
        memory = backend.to_gpu(np.full(array.size + 20, np.nan, array.dtype))
        memory[10:-10] = backend.to_gpu(array.ravel())
        fences.append((memory[:10], memory[-10:]))
        return memory[10:-10].reshape(array.shape)

    fences, link = [], holder(*map(numbers, (3, 1, 70)))
    link.to_device('gpu')
    optimizer.setup(link)
    for param in link.params():
        param.grad = fenced(numbers(*param.shape))
        param.data = fenced(backend.to_cpu(param.data))
        rule = param.update_rule
        rule.prepare(param)
        rule.state = {name: fenced(backend.to_cpu(array)) for name, array in rule.state.items()}
    optimizer.update(), optimizer.update()
    for param in link.params():
        assert all(np.isfinite(backend.to_cpu(a)).all()
                   for a in (param.data, *param.update_rule.state.values()))
    assert len(fences) > 5
    assert all(np.isnan(backend.to_cpu(fence)).all() for pair in fences for fence in pair)


def test_parameters_that_differ_in_anything_still_change_as_on_the_cpu(there):
    """In type, in their layout, in a number of their own; one is replaced, one has no gradient."""
    def train(device):
        link = holder(numbers(4), numbers(4, dtype='float32'), numbers(4, dtype='float16'),
                      numbers(4, 3), numbers(5), numbers(6))
        link.to_device(device)
        link.W3.data = link.W3.data.T
        optimizer = optimizers.Adam(0.1).setup(link)
        link.W4.update_rule.hyperparam.lr = 0.01
        for step in range(3):
            for param in [link.W0, link.W1, link.W2, link.W3, link.W4]:
                g = numbers(*param.shape, dtype=param.dtype, seed=step)
                param.grad = backend.to_device(g, device)
            optimizer.update()
            link.W1.data = link.W1.data + 1
        assert link.W5.update_rule.t == 0 and link.W3.data.flags.f_contiguous
        return [backend.to_cpu(param) for param in link.params()]

    for wanted, found in zip(train('cpu'), train(there)):
        assert found.dtype == wanted.dtype
        np.testing.assert_allclose(found, wanted, rtol=2e-3 if found.itemsize == 2 else 2e-5)


HOOKS = [optimizers.WeightDecay(0.3), optimizers.Lasso(0.3), optimizers.GradientClipping(1.5),
         optimizers.GradientClipping(1e3), optimizers.GradientHardClipping(-0.5, 0.7)]


@TYPES
@pytest.mark.parametrize('hook', HOOKS, ids=lambda hook: f'{hook.name}')
@pytest.mark.parametrize('threads', [5, 1 << 18])
def test_a_hook_changes_all_gradients_as_on_the_cpu(threads, hook, dtype, there, monkeypatch):
    """Also those of another type, in another layout, of one number and of none."""
    monkeypatch.setattr(kernels, 'THREADS', threads)
    other = 'float16' if dtype == 'float32' else dtype     # whose squares are float32's, too

    def gradients(device):
        link = holder(*[np.asarray(numbers(*shape, seed=5), dtype) for shape in SIZES],
                      numbers(3, 4, dtype=other), numbers(2, 3, dtype=dtype), np.zeros(3, dtype))
        link.to_device(device)
        optimizer = optimizers.SGD(0.1).setup(link)
        for param in link.params():
            g = np.asarray(numbers(*param.shape, seed=6), param.dtype)
            param.grad = backend.to_device(g, device)
        link.W7.grad = backend.to_device(numbers(3, 2, dtype=dtype, seed=7), device).T
        optimizer.add_hook(hook)
        optimizer.update()
        return [backend.to_cpu(p.grad) for p in link.params()] + list(
            map(backend.to_cpu, link.params()))

    for wanted, found in zip(gradients('cpu'), gradients(there), strict=True):
        assert found.dtype == wanted.dtype
        tolerance = TOLERANCE[dtype] if found.dtype == dtype else 2e-3
        np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)


def test_a_gradient_that_is_no_number_reaches_all_when_it_is_clipped(there):
    for device in 'cpu', there:
        link = holder(numbers(3), numbers(4))
        link.to_device(device)
        optimizer = optimizers.SGD(0.1).setup(link)
        link.W0.grad, link.W1.grad = (backend.to_device(g, device) for g in
                                      (np.array([1.0, np.nan, 1.0]), np.ones(4)))
        optimizer.add_hook(optimizers.GradientClipping(1.0))
        optimizer.update()
        assert all(np.isnan(backend.to_cpu(param)).all() for param in link.params())


def test_a_hook_with_a_call_of_its_own_is_called_on_a_gpu_too(there):
    class Doubling(optimizers.WeightDecay):
        def __call__(self, rule, param):
            param.grad *= 2

    link = holder(np.zeros(3))
    link.to_device(there)
    optimizer = optimizers.SGD(1.0).setup(link)
    optimizer.add_hook(Doubling(1e-4))
    link.W0.grad = backend.to_device(np.ones(3), there)
    optimizer.update()
    np.testing.assert_array_equal(backend.to_cpu(link.W0), [-2, -2, -2])


@pytest.mark.parametrize('share', [lambda x: x, lambda x: x[1:3], lambda x: x.T],
                         ids=['all', 'a part', 'the transpose'])
@pytest.mark.parametrize('dtype', ['float32', 'float16'])
def test_parameters_that_share_memory_change_one_after_the_other(share, dtype, stand_in):
    """In one launch two threads would change one number, and one change would be lost."""
    def train(device):
        link = holder(numbers(3, 3, dtype=dtype), numbers(1, dtype=dtype), numbers(5, dtype=dtype))
        link.to_device(device)
        link.W1.data = share(link.W0.data)
        optimizer = optimizers.MomentumSGD(0.1).setup(link)
        for param in link.params():
            param.grad = backend.to_device(np.ones(param.shape, dtype), device)
        with standin.recording() as events:
            optimizer.update()
        launches = [event.what for event in events].count('momentum_sgd')
        return launches, [backend.to_cpu(param) for param in link.params()]

    (_, here), (launches, there) = train('cpu'), train('gpu')
    assert launches == 2
    for wanted, found in zip(here, there):
        np.testing.assert_allclose(found, wanted, rtol=2e-3 if dtype == 'float16' else 1e-6)


def test_parts_of_one_array_that_do_not_meet_change_in_one_launch(stand_in):
    whole = backend.to_gpu(np.zeros(6))
    link = holder(numbers(3), numbers(3))
    link.to_device('gpu')
    link.W0.data, link.W1.data = whole[:3], whole[3:]
    optimizer = optimizers.SGD(1.0).setup(link)
    for param in link.params():
        param.grad = backend.to_gpu(np.ones(3))
    with standin.recording() as events:
        optimizer.update()
    assert [event.what for event in events.launches] == ['sgd']
    np.testing.assert_array_equal(backend.to_cpu(whole), -np.ones(6))


def test_parameters_on_two_gpus_change_each_on_its_own(stand_in):
    link = holder(numbers(3), numbers(4), numbers(5, dtype='float16'))
    link.W0.to_device('gpu:0'), link.W1.to_device('gpu:1'), link.W2.to_device('gpu:1')
    optimizer = optimizers.SGD(0.5).setup(link)
    optimizer.add_hook(optimizers.WeightDecay(0.25))
    before = [backend.to_cpu(param) for param in link.params()]
    for param in link.params():
        param.grad = backend.to_device(np.ones(param.shape, param.dtype), param.device)
    optimizer.update()
    for param, p in zip(link.params(), before):
        np.testing.assert_allclose(backend.to_cpu(param), p - 0.5 * (1 + 0.25 * p), rtol=1e-3)


# More numbers than 32 bits can count -------------------------------------------------------------

def test_a_kernel_that_counts_in_32_bits_refuses_more(stand_in):
    kernel = backend.Kernel('raw T x, int32 n', 'T y', 'y = x[int(i) % n];', 'repeat')
    x = backend.to_gpu(numbers(3))
    np.testing.assert_array_equal(backend.to_cpu(kernel(x, 3, x + 1)), numbers(3))
    many = types.SimpleNamespace(size=1 << 31)
    with pytest.raises(mc.ShapeError, match='repeat counts up to 2,147,483,647, .* smaller batch'):
        kernel(x, 3, many)
    with pytest.raises(mc.ShapeError, match='2,147,483,648 numbers'):
        kernel(x, 3, x, size=1 << 31)


# Memory ------------------------------------------------------------------------------------------

def full_after(bytes_more):
    standin.machine.limit = standin.machine.used[0] + bytes_more


def test_a_gpu_that_is_full_says_so_in_forward_in_backward_and_in_an_update(stand_in):
    link = mc.links.Linear(300, 300)
    link.to_device('gpu')
    x = mc.Variable(backend.to_gpu(np.ones((300, 300), 'float32')))
    one = 300 * 300 * 4
    optimizer = optimizers.Adam().setup(link)
    loss = F.sum(link(x))
    for bytes_more, act in [(one // 2, lambda: link(x)), (one // 2, loss.backward)]:
        full_after(bytes_more)
        with pytest.raises(mc.DeviceError, match='gpu:0 is out of memory: .* Use a smaller batch'):
            act()
        standin.machine.limit = None
    F.sum(link(x)).backward()
    before = backend.to_cpu(link.W)
    full_after(one // 2)
    with pytest.raises(mc.DeviceError, match='gpu:0 is out of memory'):
        optimizer.update()
    standin.machine.limit = None
    np.testing.assert_array_equal(backend.to_cpu(link.W), before)
