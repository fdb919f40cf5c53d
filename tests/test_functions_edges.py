"""Functions where it is difficult: ties, zeros, infinities, large numbers, wrong arguments."""
import math

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
from minichain.debug import check_gradients

INF = math.inf


def gradient(f, *arrays):
    """The gradients of the sum of f."""
    xs = [mc.Variable(np.asarray(a, float)) for a in arrays]
    F.sum(f(*xs)).backward()
    grads = [x.grad for x in xs]
    return grads[0] if len(grads) == 1 else grads


# Numbers -----------------------------------------------------------------------------------------

@pytest.mark.parametrize('name', ['erf', 'erfc', 'lgamma'])
@pytest.mark.parametrize('dtype, digits', [('float16', 3), ('float32', 6), ('float64', 15)])
def test_special_functions_are_right_to_the_last_digits(name, dtype, digits, device):
    x = np.linspace(0.1, 5, 50).astype(dtype)
    wanted = [getattr(math, name)(v) for v in x.tolist()]
    y = getattr(F, name)(device.xp.asarray(x))
    np.testing.assert_allclose(y.numpy(), wanted, rtol=10.0 ** -digits, atol=10.0 ** -digits)


def test_erf_of_float32_is_right_everywhere():
    x = np.concatenate([np.linspace(-5, 5, 40001), [-INF, -1e-20, 0, 1e-20, INF]]).astype('float32')
    wanted = np.array([math.erf(v) for v in x.tolist()])
    y = F.erf(x).data
    np.testing.assert_allclose(y, wanted, rtol=5e-7, atol=0)
    assert np.isnan(F.erf(np.array([math.nan], 'float32')).data[0])


def test_erfc_is_exact_where_erf_is_nearly_1():
    np.testing.assert_allclose(F.erfc(np.array([10.0])).data, 2.088487583762545e-45, rtol=1e-14)


def test_the_derivatives_of_lgamma_are_right():
    euler = 0.5772156649015329
    x = mc.Variable(np.array([1.0, 2.0, 0.5]))
    g, = mc.grad(F.lgamma(x), x, np.ones(3), create_graph=True)
    np.testing.assert_allclose(g.data, [-euler, 1 - euler, -euler - 2 * math.log(2)], rtol=1e-13)
    g2, = mc.grad(g, x, np.ones(3))
    np.testing.assert_allclose(g2.data, [math.pi ** 2 / 6, math.pi ** 2 / 6 - 1, math.pi ** 2 / 2],
                               rtol=1e-13)


def test_lgamma_is_infinite_at_its_poles_and_has_no_derivative_there():
    poles = np.array([0.0, -1.0, -2.0])
    np.testing.assert_array_equal(F.lgamma(poles).data, INF)
    assert np.isnan(gradient(F.lgamma, poles)).all()


def test_the_derivatives_of_lgamma_below_0_follow_from_its_recurrence():
    # Γ(x + 1) = x Γ(x), so ψ(x) = ψ(x + 1) - 1 / x, and so on with each derivative.
    x = np.array([-0.5, -3.25, -0.001, 0.75 - 20])
    here, above = [mc.Variable(v) for v in (x, x + 1)]
    terms = [F.lgamma(here), F.lgamma(above)]
    for term in (lambda x: 1 / x, lambda x: -1 / x ** 2, lambda x: 2 / x ** 3):
        terms = [mc.grad(F.sum(y), v, create_graph=True)[0] for y, v in zip(terms, (here, above))]
        np.testing.assert_allclose(terms[0].data, terms[1].data - term(x), rtol=1e-11)


def test_products_with_zeros_have_the_right_gradients_to_second_order():
    x = np.array([[2.0, 0, 3, 4, 5], [1, 0, 0, 2, 3], [1, 2, 3, 4, 5]])
    check_gradients(lambda x: F.prod(x, 1), [x], order=2)
    check_gradients(lambda x: F.cumprod(x, 1), [x], order=2)
    np.testing.assert_array_equal(gradient(lambda x: F.prod(x, 1), x)[0], [0, 120, 0, 0, 0])


@pytest.mark.parametrize('dtype', ['float16', 'float32', 'float64'])
def test_the_deviation_of_equal_numbers_is_0_and_so_is_its_gradient(dtype):
    for numbers in ([3], [2, 2, 2]):
        x = mc.Variable(np.array(numbers, dtype))
        y = F.std(x)
        y.backward()
        assert (y.item(), y.dtype) == (0, dtype)
        np.testing.assert_array_equal(x.grad, np.zeros(len(numbers)))


def test_the_product_of_nothing_is_1():
    assert F.prod(np.ones((0, 3)), 0).data.tolist() == [1, 1, 1]
    assert F.prod(np.ones(0)).item() == 1


def test_a_norm_does_not_overflow_and_has_gradient_0_at_0():
    y = F.norm(np.array([200.0, 200.0], 'float16'))
    assert y.dtype == 'float16' and abs(y.item() - 283) < 1
    np.testing.assert_array_equal(gradient(F.norm, [0.0, 0.0]), 0)
    for dtype in 'float16', 'float32', 'float64':      # float16 holds no 1e-8
        zeros = np.zeros((2, 3), dtype)
        np.testing.assert_array_equal(F.l2_normalize(zeros).data, 0)
        np.testing.assert_array_equal(F.cosine(zeros, zeros + 1).data, 0)
        np.testing.assert_array_equal(F.cosine(zeros, zeros).data, 0)


def test_logsumexp_of_huge_and_infinite_numbers():
    x = [[1000.0, 1000], [-INF, -INF], [-INF, 3]]
    y = F.logsumexp(np.array(x), 1).data
    np.testing.assert_allclose(y, [1000 + math.log(2), -INF, 3])
    g = gradient(lambda x: F.logsumexp(x, 1), x)
    np.testing.assert_allclose(g, [[0.5, 0.5], [0, 0], [0, 1]])


def test_activations_and_losses_bear_huge_scores():
    x = np.array([-1e4, -30.0, 30.0, 1e4])
    for f in (F.elu, F.selu, F.gelu, F.silu, F.softsign):
        assert np.isfinite(f(x).data).all() and np.isfinite(gradient(f, x)).all()
    t = np.array([0, 0, 1, 1])
    assert F.sigmoid_cross_entropy(x, t).item() < 1e-12
    assert F.sigmoid_cross_entropy(-x, t, reduce='no').data.tolist()[0] == 1e4
    assert np.isfinite(gradient(lambda x: F.sigmoid_cross_entropy(x, 1 - t), x)).all()


def test_numbers_that_tie_are_sorted_and_each_gets_its_gradient():
    x = np.array([2.0, 1, 2, 1])
    np.testing.assert_array_equal(F.sort(x).data, [1, 1, 2, 2])
    g = gradient(lambda x: F.sort(x) * np.array([1.0, 2, 3, 4]), x)
    assert sorted(g.tolist()) == [1, 2, 3, 4] and {g[1], g[3]} == {1, 2}


def test_float16_sequences_and_attention_stay_finite():
    q = np.full((1, 2, 4), 8, 'float16')
    mask = np.array([[True, False], [False, False]])
    y = F.scaled_dot_product_attention(q, q, q, mask)
    assert y.dtype == 'float16'
    np.testing.assert_array_equal(y.data[0], [[8] * 4, [0] * 4])


def test_a_sequence_too_short_for_its_labels_has_an_infinite_loss_and_no_gradient():
    x = mc.Variable(np.zeros((2, 2, 3)))
    t = np.array([[1, 1], [1, 2]])
    losses = F.connectionist_temporal_classification(x, t, 0, reduce='no')
    assert losses.data[0] == INF and np.isfinite(losses.data[1])
    losses.backward(np.ones(2))
    assert np.isfinite(x.grad).all() and not x.grad[:, 0].any()


def test_ctc_of_no_labels_is_the_probability_of_blanks():
    x = np.log(np.array([[[0.5, 0.5]], [[0.25, 0.75]]]))
    for t, length in ((np.zeros((1, 0), int), None), (np.array([[1]]), np.array([0]))):
        loss = F.connectionist_temporal_classification(x, t, 0, label_length=length)
        np.testing.assert_allclose(loss.item(), -math.log(0.125))


def test_negative_sampling_and_hinge_skip_and_check_labels():
    W = np.ones((3, 2))
    losses = F.negative_sampling(np.ones((2, 2)), np.array([-1, 1]), W,
                                 lambda shape: np.zeros(shape, int), 2, reduce='no')
    assert losses.data[0] == 0 and losses.data[1] > 0
    with pytest.raises(IndexError, match='out of range'):
        F.hinge(np.ones((2, 3)), np.array([0, 3]))


def test_regions_outside_of_an_image_are_empty():
    y = F.roi_pool(np.ones((1, 1, 4, 4)), np.array([[0, 9.0, 9, 12, 12], [0, 0, 0, 1, 1]]), 2)
    assert y.data[0].tolist() == [[[0, 0], [0, 0]]] and (y.data[1] == 1).all()


def test_a_padded_sequence_is_cut_by_its_gradient():
    g = gradient(lambda a, b: F.pad_sequence([a, b], 4) * np.arange(8.0).reshape(2, 4),
                 np.ones(1), np.ones(3))
    assert [part.tolist() for part in g] == [[0], [4, 5, 6]]


def test_a_copy_on_another_device_sends_its_gradient_back(stand_in):
    x = mc.Variable(np.array([1.0, 2]))
    y = F.copy(x, 'gpu')
    assert y.device == 'gpu:0' and F.copy(x).data is not x.data
    F.sum(y * y).backward()
    assert type(x.grad) is np.ndarray and x.grad.tolist() == [2, 4]


@pytest.mark.parametrize('call', [
    np.tan, np.arctan, np.sinh, np.cosh, np.log1p, np.expm1, np.log2, np.log10, np.arcsin,
    np.arccos, np.std, np.prod, np.cumsum, np.cumprod, np.sort, np.flip, np.diagonal,
    np.linalg.det, np.linalg.inv, np.linalg.cholesky, lambda x: np.arctan2(x, 2.0),
    lambda x: np.fmod(x, 0.3), lambda x: np.roll(x, 1, axis=0), lambda x: np.tile(x, 2),
    lambda x: np.repeat(x, 2, axis=1), lambda x: np.pad(x, 1),
    lambda x: np.einsum('ij,kj->ik', x, x), lambda x: np.tensordot(x, x, 1),
    lambda x: np.hstack([x, x]), lambda x: np.vstack([x, x])])
def test_numpy_s_functions_work_on_variables(call):
    x = np.array([[0.9, 0.2], [0.2, 0.7]])
    y = call(mc.Variable(x))
    assert isinstance(y, mc.Variable)
    np.testing.assert_allclose(y.data, call(x), rtol=1e-12)


def test_long_arrays_are_read_in_blocks():
    x = np.linspace(-3, 3, 40000).astype('float32').reshape(4, 100, 100)[:, ::2]
    wanted = [math.erf(v) for v in x.ravel().tolist()]
    np.testing.assert_allclose(F.erf(x).data.ravel(), wanted, rtol=5e-7)


@pytest.mark.parametrize('n', [1, 20, 48, 49])
@pytest.mark.parametrize('turned', [False, True])
def test_rows_times_weights_are_the_same_however_many_rows(n, turned):
    rng = np.random.default_rng(0)
    x, W, b = rng.standard_normal((n, 130)), rng.standard_normal((130, 90)), np.arange(90.0)
    W = np.asfortranarray(W.T) if turned else W.T.copy()
    for dtype, digits in ('float32', 4), ('float64', 12):
        arrays = [a.astype(dtype) for a in (x, W, b)]
        y = F.linear(*arrays).data
        assert y.dtype == dtype and y.flags.c_contiguous
        np.testing.assert_allclose(y, x @ W.T + b, rtol=0, atol=10.0 ** -digits)


@pytest.mark.parametrize('cell, cells', [(F.lstm, 1), (F.tree_lstm, 0), (F.tree_lstm, 2)])
def test_a_cell_takes_gates_that_lie_column_by_column_in_memory(cell, cells):
    rng = np.random.default_rng(0)
    states = [rng.standard_normal((3, 4)) for _ in range(cells)]
    x = rng.standard_normal((3, 16 if cell is F.lstm else 4 * (3 + cells)))
    results = []
    for array in x, np.asfortranarray(x):
        inputs = [mc.Variable(a) for a in (*states, array)]
        c, h = cell(*inputs)
        (c * h).sum().backward()
        results.append([c.data, h.data, *[v.grad for v in inputs]])
    for plain, turned in zip(*results):
        np.testing.assert_array_equal(plain, turned)


@pytest.mark.parametrize('n', [1, 3])
def test_the_gradient_of_transposed_matrices_lies_in_memory_as_they_do(n):
    rng = np.random.default_rng(0)
    a, g = rng.standard_normal((2, n, 5)), rng.standard_normal((2, n, 4))
    b = rng.standard_normal((2, 4, 5)).swapaxes(1, 2)
    op = F.matmul(mc.Variable(a), mc.Variable(b)).creator
    _, gb = op.backward(g)
    assert gb.data.strides == b.strides
    np.testing.assert_allclose(gb.data, a.swapaxes(1, 2) @ g)


def test_a_loss_keeps_its_scores_and_nothing_else_of_their_size():
    scores = mc.Variable(np.zeros((50, 1000), 'float32'))
    loss = F.softmax_cross_entropy(scores, np.arange(50))
    assert loss.creator.bytes_kept < 1.1 * scores.data.nbytes


def test_depthwise_convolution_is_convolution_in_groups():
    rng = np.random.default_rng(0)
    x, W = rng.standard_normal((2, 3, 5, 6)), rng.standard_normal((2, 3, 3, 2))
    filters = W.transpose(1, 0, 2, 3).reshape(6, 1, 3, 2)
    np.testing.assert_allclose(F.depthwise_conv2d(x, W, stride=2, pad=1).data,
                               F.conv2d(x, filters, stride=2, pad=1, groups=3).data)


# Random parts ------------------------------------------------------------------------------------

def test_noise_is_for_training_only():
    h, x = np.zeros((40, 40)), np.ones((40, 40))
    assert set(np.unique(F.zoneout(h, x, 0.3).data)) == {0, 1}
    assert set(np.unique(F.drop_path(x, 0.5).data)) == {0, 2}
    with mc.test_mode():
        np.testing.assert_allclose(F.zoneout(h, x, 0.3).data, 0.7)
        np.testing.assert_array_equal(F.drop_path(x, 0.5).data, x)


def test_gaussian_noise_has_the_wanted_mean_and_variance():
    mc.set_seed(0)
    y = F.gaussian(np.full(20000, 3.0), np.full(20000, math.log(4.0))).data
    assert abs(y.mean() - 3) < 0.1 and abs(y.var() - 4) < 0.2
    np.testing.assert_array_equal(F.gaussian(np.ones(2), np.zeros(2), np.ones(2)).data, 2)


# Wrong arguments ---------------------------------------------------------------------------------

ONES = np.ones((2, 3))
LABELS = np.array([0, 2])
WRONG = {
    'einsum sizes': (lambda: F.einsum('ij,jk->ik', ONES, ONES), mc.ShapeError, 'j is 3'),
    'einsum axes': (lambda: F.einsum('ijk->i', ONES), mc.ShapeError, '3 letters'),
    'einsum count': (lambda: F.einsum('i,j', ONES), mc.ShapeError, '2 arrays'),
    'det': (lambda: F.det(ONES), mc.ShapeError, 'square'),
    'topk': (lambda: F.topk(ONES, 4), ValueError, 'no 4 elements'),
    'permutate count': (lambda: F.permutate(ONES, LABELS[:1]), mc.ShapeError, '2 places'),
    'permutate range': (lambda: F.permutate(ONES, LABELS), IndexError, 'out of range'),
    'pad_sequence': (lambda: F.pad_sequence([ONES], 1), mc.ShapeError, 'more than 1'),
    'transpose_sequence': (lambda: F.transpose_sequence([ONES[:1], ONES]), ValueError, 'longest'),
    'depth_to_space': (lambda: F.depth_to_space(np.ones((1, 3, 2, 2)), 2), mc.ShapeError, '3 chan'),
    'space_to_depth': (lambda: F.space_to_depth(np.ones((1, 3, 3, 2)), 2), mc.ShapeError, 'divide'),
    'resize_images': (lambda: F.resize_images(np.ones((1, 3, 3, 2)), (2, 2), 'cubic'), ValueError,
                      "'cubic'"),
    'maxout': (lambda: F.maxout(ONES, 2), mc.ShapeError, 'groups of 2'),
    'prelu': (lambda: F.prelu(ONES, np.ones(2)), mc.ShapeError, 'prelu'),
    'conv1d': (lambda: F.conv1d(ONES, ONES), mc.ShapeError, r'\(N,C,T\)'),
    'conv3d': (lambda: F.conv3d(np.ones((1, 1, 2, 2, 2)), np.ones((1, 1, 3, 1, 1))), mc.ShapeError,
               'not one window'),
    'depthwise': (lambda: F.depthwise_conv2d(np.ones((1, 2, 3, 3)), np.ones((1, 3, 2, 2))),
                  mc.ShapeError, '2 channels'),
    'unpool': (lambda: F.unpool(np.ones((1, 1, 2, 2)), 2, outsize=(9, 9)), mc.ShapeError,
               'windows'),
    'gru': (lambda: F.gru(ONES, ONES, ONES), mc.ShapeError, '3H'),
    'gru bias': (lambda: F.gru(ONES[:, :1], ONES, ONES, ONES[0, :1]), mc.ShapeError, 'b \\(1,'),
    'tree_lstm': (lambda: F.tree_lstm(ONES, ONES), mc.ShapeError, '3\\+k'),
    'n_step rows': (lambda: F.n_step_rnn(1, 0.0, np.ones((1, 2, 3)), [(ONES, ONES)],
                                         [(ONES, ONES)], [ONES[:1], ONES]), mc.ShapeError,
                    'longest'),
    'n_step layers': (lambda: F.n_step_rnn(2, 0.0, np.ones((1, 2, 3)), [], [], [ONES]),
                      mc.ShapeError, '2 layers need 2'),
    'group_norm': (lambda: F.group_norm(ONES, 2, np.ones(3), np.ones(3)), mc.ShapeError,
                   '2 groups'),
    'layer_norm': (lambda: F.layer_norm(ONES, np.ones(2), np.ones(2)), mc.ShapeError, 'layer_norm'),
    'drop_path': (lambda: F.drop_path(ONES, 1.0), ValueError, 'below 1'),
    'class_weight': (lambda: F.softmax_cross_entropy(ONES, LABELS, class_weight=np.ones(2)),
                     mc.ShapeError, '3 classes need'),
    'reduce': (lambda: F.huber(ONES, ONES, reduce='all'), ValueError, "'all'"),
    'huber': (lambda: F.huber(ONES, ONES[:1]), mc.ShapeError, 'same shape'),
    'sigmoid ce': (lambda: F.sigmoid_cross_entropy(ONES, LABELS), mc.ShapeError, 'same shape'),
    'sigmoid ce labels': (lambda: F.sigmoid_cross_entropy(ONES[:, :2], np.full((2, 2), 2)),
                          IndexError, 'out of range'),
    'contrastive': (lambda: F.contrastive(ONES, ONES, np.ones(3)), mc.ShapeError, '2 pairs'),
    'focal': (lambda: F.focal(ONES, LABELS.astype(float)), mc.DTypeError, 'whole numbers'),
    'crf1d': (lambda: F.crf1d(np.ones((3, 3)), [ONES], [LABELS[:1]]), mc.ShapeError, 'one label'),
    'crf1d rows': (lambda: F.crf1d(np.ones((3, 3)), [ONES[:1], ONES], [LABELS[:1], LABELS]),
                   mc.ShapeError, 'longest'),
    'ctc': (lambda: F.connectionist_temporal_classification([ONES], LABELS[:1, None], 0),
            mc.ShapeError, 'T,N,V'),
    'ctc labels': (lambda: F.connectionist_temporal_classification([ONES], LABELS[:, None] + 1, 0),
                   IndexError, 'out of range'),
    'confusion': (lambda: F.confusion(ONES, LABELS[:1]), mc.ShapeError, 'confusion'),
    'huffman_tree': (lambda: F.huffman_tree({}), ValueError, 'no counts'),
}


@pytest.mark.parametrize('name', WRONG)
def test_wrong_arguments_are_refused_in_words(name):
    call, error, words = WRONG[name]
    with pytest.raises(error, match=words):
        call()


def test_numbers_alone_are_float32_as_in_a_variable():
    for y in (F.exp(0.5), F.add(1.0, 2.0), F.tanh(0.0), F.sum([1.0, 2.0])):
        assert y.dtype == mc.Variable(0.5).dtype == 'float32' and y.shape == ()
    assert F.add(1, 2).dtype == mc.Variable(1).dtype
    assert F.sum(np.ones(3)).dtype == F.exp(np.float64(1)).dtype == 'float64'


# What the tests with drawn arguments found: the smallest program that showed it -------------------

@pytest.mark.parametrize('lengths, words', [
    ({'input_length': [4, 3]}, 'ctc wants input_length from 1 to 3, but got [4, 3].'),
    ({'input_length': [3, 0]}, 'ctc wants input_length from 1 to 3, but got [3, 0].'),
    ({'label_length': [3, 1]}, 'ctc wants label_length from 0 to 2, but got [3, 1].')])
def test_ctc_refuses_lengths_that_the_arrays_do_not_have(lengths, words):
    lengths = {name: np.array(given) for name, given in lengths.items()}
    with pytest.raises(mc.ShapeError) as raised:
        F.connectionist_temporal_classification(
            np.zeros((3, 2, 4), 'float32'), np.array([[1, 2], [1, 1]]), 0, **lengths)
    assert words in str(raised.value)


NAN_ROW = np.array([[np.nan, 1.0, 2.0], [1.0, 2.0, 3.0]])


def test_logsumexp_hides_no_nan():
    x = mc.Variable(NAN_ROW)
    y = F.logsumexp(x, 1)
    F.sum(y).backward()
    assert np.isnan(y.data[0]) and np.isfinite(y.data[1])
    assert np.isnan(x.grad[0]).all()


def test_a_conditional_random_field_hides_no_nan():
    assert np.isnan(F.crf1d(np.zeros((3, 3)), [NAN_ROW], [np.array([0, 1])]).data)


def test_vectors_with_nan_are_not_brought_to_length_1():
    assert np.isnan(F.l2_normalize(NAN_ROW).data[0]).all()


def test_r2_hides_no_nan():
    assert np.isnan(F.r2(np.ones((2, 3)), NAN_ROW).data)


def test_whole_numbers_are_transformed_and_resized_as_real_ones():
    real, imag = F.fft(np.array([1, 2, 3]), np.array([0, 0, 0]))
    expected = np.fft.fft([1, 2, 3])
    np.testing.assert_allclose(real.data, expected.real)
    np.testing.assert_allclose(imag.data, expected.imag)
    picture = np.arange(4, dtype='uint8').reshape(1, 1, 2, 2)
    y = F.resize_images(picture, (2, 3))
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y.data[0, 0], [[0, 0.5, 1], [2, 2.5, 3]])


def test_the_largest_of_whole_numbers_may_have_a_border():
    y = F.max_pool2d(np.array([[[[-5, -7]]]]), (1, 2), pad=(0, 1))
    np.testing.assert_array_equal(y.data, [[[[-5, -7]]]])


def test_border_windows_of_whole_numbers_have_their_mean():
    x = np.arange(20).reshape(1, 1, 4, 5)
    y = F.avg_pool2d(x, 3, 2, cover_all=True)
    np.testing.assert_allclose(y.data, [[[[6, 8], [13.5, 15.5]]]], rtol=1e-14)


@pytest.mark.parametrize('name', ['erf', 'erfc', 'lgamma'])
@pytest.mark.parametrize('dtype', ['int8', 'int32', 'int64', 'uint8'])
def test_special_functions_of_whole_numbers_are_real(name, dtype, device):
    y = getattr(F, name)(device.xp.asarray(np.array([1, 3], dtype)))
    assert y.dtype == np.exp(np.ones(1, dtype)).dtype
    wanted = [getattr(math, name)(n) for n in (1, 3)]
    np.testing.assert_allclose(y.numpy(), wanted, rtol=np.finfo(y.dtype).eps, atol=1e-7)


def test_lgamma_is_infinite_at_its_poles_of_whole_numbers_and_of_very_large_numbers():
    np.testing.assert_array_equal(F.lgamma(np.array([0, -3])).data, INF)
    np.testing.assert_array_equal(F.lgamma(np.array([1e308, INF, -INF])).data, INF)


def test_r2_of_targets_that_are_all_equal_is_no_rounding_error():
    t = np.array([0.1, 0.1, 0.1])       # their mean is not 0.1
    assert F.r2(t + [0, 0.1, 0], t).item() == 0
    assert F.r2(t, t).item() == 1


def test_noise_around_whole_numbers_is_real():
    mc.set_seed(0)
    y = F.gaussian(np.zeros(100, 'int64'), np.zeros(100, 'int64'))
    assert (y.data % 1 != 0).all()


@pytest.mark.parametrize('call, words', [
    (lambda: F.repeat(np.ones((4, 2)), (2, 0, 1), axis=0), 'one number for each of the 4'),
    (lambda: F.accuracy(np.ones((3, 0)), np.zeros(3, int)), 'one class at least'),
    (lambda: F.confusion(np.ones((3, 0)), np.zeros(3, int)), 'one class at least'),
    (lambda: F.pad(np.ones((3, 0)), 1, 'reflect'), 'axis 1 .* is empty'),
    (lambda: F.instance_norm(np.ones((2, 0, 4)), np.ones(0), np.ones(0)), 'do not divide into 0'),
    (lambda: F.group_norm(np.ones((2, 3, 4)), 0, np.ones(3), np.ones(3)), 'do not divide into 0'),
    (lambda: F.scaled_dot_product_attention(*3 * [np.ones((2, 3, 0))]), 'one number at least'),
    (lambda: F.argmax_crf1d(np.ones((0, 0)), [np.ones((2, 0))]), 'one label at least'),
    (lambda: F.batch_norm(np.ones((4, 3, 0, 5)), np.ones(3), np.ones(3)), 'nothing has no mean'),
], ids=['repeat', 'accuracy', 'confusion', 'pad', 'channels', 'groups', 'attention', 'labels',
        'batch'])
def test_sizes_that_cannot_be_are_explained(call, words):
    with pytest.raises(mc.ShapeError, match=words):
        call()


def test_a_batch_of_nothing_leaves_the_running_mean_as_it_was():
    link = mc.links.BatchNorm(3)
    link(np.arange(12, dtype='float32').reshape(4, 3))
    before = link.avg_mean.copy()
    with pytest.raises(mc.ShapeError, match='Leave out batches without examples, or use test mode'):
        link(np.ones((0, 3), 'float32'))
    np.testing.assert_array_equal(link.avg_mean, before)
    with mc.test_mode():
        assert link(np.ones((0, 3), 'float32')).shape == (0, 3)


def test_a_text_that_no_path_through_the_steps_reads_has_an_infinite_loss():
    x = mc.Variable(np.zeros((1, 1, 3)))
    loss = F.connectionist_temporal_classification(x, np.array([[1, 2]]), 0)
    assert loss.item() == math.inf
