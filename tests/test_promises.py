"""What other frameworks do badly, or in silence: here it is right, or an error says what to do."""
import pickle

import numpy as np
import pytest

import minichain as mc
import minichain.chainer
import minichain.functions as F
import minichain.links as L
from minichain.chainer import windows
from minichain.debug import check_gradients

minichain.chainer.uninstall()       # importing it lets Chainer's ways hold


def real(*shape):
    return np.random.default_rng(0).standard_normal(shape)


def variable(*shape):
    return mc.Variable(real(*shape).astype('float32'))


def complaint(error, mistake):
    """The first line of the error."""
    with pytest.raises(error) as caught:
        mistake()
    return str(caught.value).split('\n')[0]


def test_a_kept_array_that_is_changed_in_place_is_an_error_in_debug_mode():
    x = variable(3)
    with mc.using_config(debug=True):
        y = F.sum(F.square(x))
        x.data += 1
        assert 'kept x for backward, but it was changed in place' in complaint(
            mc.GraphError, y.backward)
    assert x.grad is None


def test_labels_must_be_whole_numbers_that_exist():
    x = variable(2, 3)
    assert complaint(mc.DTypeError, lambda: F.softmax_cross_entropy(x, np.array([0.0, 1.0]))) == (
        "softmax_cross_entropy wants whole numbers, but got float64: for example "
        "ids.astype('int64').")
    assert complaint(IndexError, lambda: F.softmax_cross_entropy(x, np.array([0, 3]))) == (
        'softmax_cross_entropy: 3 is out of range; there are 3, numbered 0 to 2.')
    for function in (F.hinge, F.focal):
        assert 'out of range' in complaint(IndexError, lambda: function(x, np.array([0, 3])))


def test_backward_begins_at_one_number():
    assert complaint(mc.GraphError, F.exp(variable(2, 3)).backward) == (
        'backward() starts from one number, but the shape is (2, 3): sum or average it first, or '
        'pass gy, a gradient of that shape.')


def test_a_shape_error_names_link_shapes_and_what_differs():
    model = mc.Chain(encoder=L.Sequential(L.Linear(3, 4), F.relu, L.Linear(5, 2)))
    assert complaint(mc.ShapeError, lambda: model.encoder(variable(2, 3))) == (
        'linear wants (N,I) (O,I) (O) -> (N,O), but got x (2, 4), W (2, 5), b (2,): I is 4 in x '
        "and 5 in W. This is in the link 'encoder/2' (Linear).")


def test_functions_of_numpy_work_on_variables_or_are_refused():
    x = variable(3)
    for function in (np.exp, np.sum, np.tanh, lambda x: np.maximum(x, 0.5)):
        y = function(x)
        assert isinstance(y, mc.Variable) and y.requires_grad
        np.testing.assert_allclose(y.data, function(x.data), rtol=1e-6)
    for function in (np.interp, np.asarray, np.median):
        assert 'gradients could not pass through' in complaint(
            TypeError, lambda: function(*[x] * (3 if function is np.interp else 1)))


def test_losses_that_are_summed_up_keep_no_arrays_and_cannot_be_used_again():
    model, total = L.Linear(3, 2), 0
    for _ in range(50):
        loss = F.sum(F.square(model(variable(4, 3))))
        loss.backward()
        total = total + loss
    held = mc.debug.what_holds(total)
    assert held.bytes == 0 and 'total' in held.holders
    assert 'was let go by an earlier backward()' in complaint(mc.GraphError, total.backward)


SECOND = {
    'local_response_norm': (F.local_response_norm, [real(2, 6, 3)]),
    'tree_lstm': (F.tree_lstm, [real(2, 3), real(2, 3), real(2, 15)]),
    'spatial transformer': (lambda x, theta: windows.spatial_transformer_sampler(
        x, windows.spatial_transformer_grid(theta, (4, 3))), [real(2, 2, 5, 6), real(2, 2, 3) / 3]),
    'max_pool2d': (lambda x: F.max_pool2d(x, 2), [real(1, 2, 4, 4)]),
    'batch_norm': (F.batch_norm, [real(5, 3), real(3), real(3)]),
    'conv2d': (F.conv2d, [real(1, 2, 5, 5), real(3, 2, 3, 3), real(3)]),
    'lstm': (F.lstm, [real(2, 3), real(2, 12)]),
}


@pytest.mark.parametrize('name', SECOND)
def test_gradients_of_gradients(name):
    check_gradients(*SECOND[name], order=2)


@pytest.mark.parametrize('dtype', ['float16', 'float32', 'float64'])
def test_a_network_computes_in_any_precision(dtype):
    model = L.Sequential(L.Conv2d(1, 2, 3), L.BatchNorm(2), F.relu, F.dropout, L.Linear(8, 3))
    for param in model.params():
        param.data = param.data.astype(dtype)
    loss = F.softmax_cross_entropy(model(real(4, 1, 4, 4).astype(dtype)), np.array([0, 1, 2, 0]))
    loss.backward()
    mc.optimizers.Adam().setup(model).update()
    assert {str(a.dtype) for p in model.params() for a in (p.data, p.grad)} == {dtype}
    assert loss.dtype == dtype and all(np.isfinite(p.data).all() for p in model.params())


def test_numbers_that_tie_share_a_gradient_or_the_first_takes_it():
    x = mc.Variable(np.ones((1, 1, 2, 2), 'float32'))
    F.max(x).backward()
    assert x.grad.sum() == 1 and (x.grad == 0.25).all()
    x.cleargrad()
    F.sum(F.max_pool2d(x, 2)).backward()
    assert x.grad.ravel().tolist() == [1, 0, 0, 0]
    a, b = mc.Variable(np.ones(1)), mc.Variable(np.ones(1))
    F.sum(F.maximum(a, b)).backward()
    assert a.grad + b.grad == 1


def test_a_training_loop_in_pytorch_s_words():
    model = L.Sequential(L.Linear(3, 4), F.tanh, L.Linear(4, 2))
    optimizer = mc.optimizers.SGD(lr=0.1).setup(model)
    before = [p.detach().numpy().copy() for p in model.parameters()]
    for _ in range(2):
        loss = F.cross_entropy(model(variable(4, 3)), np.array([0, 1, 1, 0]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < np.log(2) * 2
    assert all((p.numpy() != old).any() for p, old in zip(model.parameters(), before))
    assert set(model.state_dict()) == {'0.weight', '0.bias', '2.weight', '2.bias'}


def test_functions_can_be_sent_to_other_processes():
    for function in (F.relu, F.conv2d, F.softmax_cross_entropy):
        assert pickle.loads(pickle.dumps(function)) is function
