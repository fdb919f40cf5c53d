"""What a Variable is, and how it behaves among arrays, numbers and NumPy's functions."""
import copy
import operator

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
from minichain.initializers import Constant

ARITHMETIC = ['add', 'sub', 'mul', 'truediv', 'pow']
COMPARISONS = ['lt', 'le', 'gt', 'ge', 'eq', 'ne']


@pytest.mark.parametrize('data, dtype', [
    (3.0, 'float32'), ([1.5, 2], 'float32'), ([[1.0], [2.0]], 'float32'), (3, 'int64'),
    ([1, 2], 'int64'), (True, 'bool'), (np.ones(2), 'float64'), (np.ones(2, 'float16'), 'float16'),
    (np.float64(3), 'float64'), (np.ones(2, 'uint8'), 'uint8')])
def test_numbers_and_lists_become_float32_and_arrays_keep_their_type(data, dtype):
    x = mc.Variable(data)
    assert type(x.data) is np.ndarray and x.dtype == dtype
    assert x.requires_grad == dtype.startswith('float')


def test_an_array_is_shared_and_not_copied():
    array = np.ones(3)
    assert mc.Variable(array).data is array
    assert mc.Variable(mc.Variable(array)).data is array
    assert mc.Variable(array).detach().data is array
    assert mc.Variable(array).numpy() is array
    assert mc.Variable(array).array is array


def test_it_knows_what_its_array_is():
    x = mc.Variable(np.ones((2, 3)), name='x')
    assert (x.shape, x.ndim, x.size, x.dtype, x.xp, x.device) == (
        (2, 3), 2, 6, np.float64, np, 'cpu')
    assert len(x) == 2 and x.label == 'x' and x.T.shape == (3, 2)


def test_what_requires_no_gradient_gets_none():
    x, a = mc.Variable([1.0, 2.0]), mc.Variable([3.0, 4.0], requires_grad=False)
    F.sum(x * a).backward()
    assert a.grad is None and not a.requires_grad
    assert not (a * 2).requires_grad and (a * x).requires_grad


def test_text():
    assert repr(mc.Variable([1.0, 2.5])) == 'Variable([1. , 2.5], dtype=float32)'
    assert repr(mc.Variable(3, name='n')) == "Variable(3, dtype=int64, name='n')"
    assert repr(mc.Parameter([1.0])) == 'Parameter([1.], dtype=float32)'


def test_a_gradient_must_have_the_shape_of_its_variable():
    x = mc.Variable([1.0, 2.0])
    x.grad = np.array([5, 6], 'float32')
    F.sum(x).backward()
    np.testing.assert_array_equal(x.grad, [6, 7])
    with pytest.raises(ValueError, match=r'A gradient of shape \(3,\) does not fit'):
        x.grad = np.ones(3)


# Operators ---------------------------------------------------------------------------------------

@pytest.mark.parametrize('name', ARITHMETIC)
def test_arithmetic_with_arrays_and_numbers_on_either_side(name):
    compute = getattr(operator, name)
    x = mc.Variable(np.array([1.5, 2.5], 'float32'))
    for other in (2, 2.0, True, np.float64(2), np.float32(2), np.int64(2), np.array([2.0, 3.0]),
                  np.array([2, 3]), np.array([2.0, 3.0], 'float32'), np.array(2.0)):
        plain = np.asarray(other, 'float32')
        for y, expected in [(compute(x, other), compute(x.data, plain)),
                            (compute(other, x), compute(plain, x.data))]:
            assert isinstance(y, mc.Variable) and y.requires_grad and y.dtype == 'float32'
            np.testing.assert_allclose(y.data, expected, rtol=1e-6)
            F.sum(y).backward()
            assert x.grad.dtype == 'float32'


@pytest.mark.parametrize('other', ['text', [1, 2], None, object()], ids=repr)
@pytest.mark.parametrize('name', ARITHMETIC)
def test_arithmetic_with_anything_else_is_a_type_error(name, other):
    with pytest.raises(TypeError):
        getattr(operator, name)(mc.Variable([1.0, 2.0]), other)
    with pytest.raises(TypeError):
        getattr(operator, name)(other, mc.Variable([1.0, 2.0]))


@pytest.mark.parametrize('name', COMPARISONS)
def test_comparisons_are_never_wrong(name):
    compare = getattr(operator, name)
    a, b = np.array([1.0, 2.0, 3.0, np.nan]), np.array([3.0, 2.0, 1.0, np.nan])
    expected, mirrored = compare(a, b), compare(a, 2.0)
    swapped = compare(2.0, a)
    for x, y in [(mc.Variable(a), mc.Variable(b)), (mc.Variable(a), b), (a, mc.Variable(b))]:
        found = compare(x, y)
        assert type(found) is np.ndarray and found.dtype == bool
        np.testing.assert_array_equal(found, expected)
    for two in (2, 2.0, np.float32(2), np.int64(2), mc.Variable(2.0)):
        np.testing.assert_array_equal(compare(mc.Variable(a), two), mirrored)
        np.testing.assert_array_equal(compare(two, mc.Variable(a)), swapped)


def test_variables_are_told_apart_by_identity_in_sets_and_dicts():
    x, y = mc.Variable([1.0, 2.0]), mc.Variable([1.0, 2.0])
    assert len({x, y, x}) == 2 and {x: 1, y: 2}[y] == 2
    assert (x == y).all()


def test_one_number_is_true_or_false_and_many_are_neither():
    assert mc.Variable(2.0) and not mc.Variable(0.0) and mc.Variable(2.0) > 1
    with pytest.raises(ValueError, match='neither true nor false'):
        bool(mc.Variable([1.0, 2.0]))
    with pytest.raises(TypeError, match='one number has no length'):
        len(mc.Variable(1.0))


def test_one_number_becomes_a_python_number():
    assert float(mc.Variable(2.5)) == 2.5 and int(mc.Variable(2.5)) == 2
    assert mc.Variable([2.5]).item() == 2.5
    with pytest.raises(ValueError):
        mc.Variable([1.0, 2.0]).item()


def test_rows_can_be_gone_through_and_taken_apart():
    x = mc.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    first, second, third = x
    F.sum(second * 3).backward()
    np.testing.assert_array_equal(x.grad, [[0, 0], [3, 3], [0, 0]])


def test_assignment_operators_make_a_new_variable():
    x = mc.Variable([1.0, 2.0])
    y = x
    y += 1
    y *= 2
    np.testing.assert_array_equal(x.data, [1, 2])
    F.sum(y).backward()
    np.testing.assert_array_equal(x.grad, [2, 2])


# NumPy's functions -------------------------------------------------------------------------------

def test_numpy_functions_that_have_a_gradient_give_variables():
    x = mc.Variable(np.array([[0.5, 1.5], [2.5, 3.5]]))
    for function in (np.exp, np.log, np.tanh, np.sqrt, np.sum, np.mean, np.max, np.transpose,
                     lambda x: np.add(1, x), lambda x: np.ones((2, 2)) @ x,
                     lambda x: np.concatenate([x, x]), lambda x: np.stack([x, x]),
                     lambda x: np.reshape(x, (4, 1)), lambda x: np.where(x > 1, x, 0.0),
                     lambda x: np.sum(x, axis=1, keepdims=True)):
        y = function(x)
        assert isinstance(y, mc.Variable) and y.requires_grad
        np.testing.assert_allclose(y.data, function(x.data))


def test_a_numpy_function_without_a_gradient_is_refused():
    x = mc.Variable([1.0, 2.0])
    array = np.ones(2, 'float32')
    for mistake in (lambda: np.floor(x), lambda: np.add.reduce(x), lambda: np.linalg.norm(x),
                    lambda: np.add(x, 1, out=array), lambda: np.median(x), lambda: np.asarray(x),
                    lambda: np.array([x, x]), lambda: np.exp(x, where=array > 0)):
        with pytest.raises(TypeError, match='gradients could not pass through'):
            mistake()
    with pytest.raises(TypeError):
        array += x
    np.testing.assert_array_equal(array, [1, 1])


# Devices, copies, parameters ---------------------------------------------------------------------

def test_a_variable_moves_with_its_gradient(device):
    x = mc.Variable([1.0, 2.0])
    F.sum(x * x).backward()
    assert x.to_device(device) is x
    assert x.device == device and isinstance(x.grad, device.xp.ndarray)
    F.sum(x * x).backward()
    np.testing.assert_array_equal(mc.to_cpu(x.grad), [4, 8])
    assert type(x.numpy()) is np.ndarray
    assert type((x > 1).any().item()) is bool


def test_a_variable_with_a_graph_does_not_move(device):
    with pytest.raises(mc.GraphError, match='move what it is computed from'):
        (mc.Variable([1.0]) * 2).to_device(device)


def test_a_parameter_can_get_its_shape_later():
    p = mc.Parameter(Constant(3.0))
    assert not p.is_initialized and p.size == 0
    p.initialize((2, 1))
    assert p.is_initialized and p.requires_grad
    np.testing.assert_array_equal(p.data, np.full((2, 1), 3, 'float32'))
    assert mc.Parameter(Constant(1.0), (3,), dtype='float64').dtype == 'float64'
    assert mc.Parameter(np.ones(2)).is_initialized


def test_a_copy_is_a_leaf_of_its_own():
    x = mc.Variable([1.0, 2.0], name='x')
    y = copy.deepcopy(x)
    F.sum(x * y * y).backward()
    np.testing.assert_array_equal(x.grad, [1, 4])
    np.testing.assert_array_equal(y.grad, [2, 8])
    assert y.name == 'x' and y.data is not x.data


def test_whole_numbers_take_the_type_of_the_real_numbers_they_meet():
    x = mc.Variable(np.array([1, 2, 3], 'float32'))
    counts = mc.Variable(np.array([4, 5, 6]))
    y = F.sum(x * counts)
    assert y.dtype == 'float32'
    y.backward()
    assert x.grad.dtype == 'float32' and x.grad.tolist() == [4, 5, 6]
    assert F.linear(np.ones((2, 3), 'int64'), np.ones((1, 3), 'float32')).dtype == 'float32'


def test_a_leaf_can_be_told_that_it_needs_no_gradient_a_result_cannot():
    x = mc.Variable(np.ones(2, 'float32'))
    x.requires_grad = False
    assert (x * 2).creator is None
    x.requires_grad = True
    y = x * 2
    assert y.creator is not None
    with pytest.raises(mc.GraphError, match='only a leaf can be told whether it needs a gradient'):
        y.requires_grad = False
    with pytest.raises(mc.DTypeError,
                       match='A gradient needs real numbers, but the array is int64'):
        mc.Variable(np.ones(2, 'int64')).requires_grad = True
