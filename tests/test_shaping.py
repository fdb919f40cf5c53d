"""Shapes: what a table of operations cannot show."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F


@pytest.mark.parametrize('mistake', [
    lambda x: F.transpose(x, (0, 5)), lambda x: F.expand_dims(x, 3), lambda x: F.squeeze(x, 2),
    lambda x: F.squeeze(mc.Variable(1.0), 0), lambda x: F.moveaxis(x, 0, 2),
    lambda x: F.moveaxis(x, 2, 0), lambda x: F.swapaxes(x, 0, 2),
    lambda x: F.transpose(x, (0, -3)), lambda x: F.expand_dims(x, -4)])
def test_an_axis_that_is_not_there_is_an_error(mistake):
    with pytest.raises(mc.ShapeError, match='there is no axis'):
        mistake(mc.Variable(np.ones((2, 3))))


def test_a_reshape_that_does_not_fit_names_both_shapes():
    with pytest.raises(mc.ShapeError) as caught:
        mc.Variable(np.ones((2, 3))).reshape(4, 2)
    assert str(caught.value) == ('reshape: 6 numbers of shape (2, 3) do not fill the shape (4, 2), '
                                 'which has 8.')


def test_parts_that_are_not_equal_are_refused():
    with pytest.raises(mc.ShapeError, match='an axis of length 3 has no 2 equal parts'):
        F.split(mc.Variable(np.ones((2, 3))), 2, axis=1)


def test_minimum_of_unsigned_numbers():
    a, b = np.array([0, 200], 'uint8'), np.array([5, 100], 'uint8')
    np.testing.assert_array_equal(F.minimum(a, b).data, [0, 100])


@pytest.mark.parametrize('condition', [True, [True, False], np.array([1, 0]),
                                       mc.Variable([True, False])], ids=repr)
def test_where_takes_any_condition(condition):
    a, b = mc.Variable([1.0, 2.0]), mc.Variable([3.0, 4.0])
    F.sum(F.where(condition, a, b)).backward()
    np.testing.assert_array_equal(a.grad + b.grad, [1, 1])
    assert F.where(condition, a, 0.0).dtype == 'float32'


def test_a_row_that_is_chosen_twice_gets_both_gradients():
    x = mc.Variable(np.zeros((3, 2), 'float32'))
    F.sum(x[[0, 2, 0]] * np.array([[1], [2], [4]], 'float32')).backward()
    np.testing.assert_array_equal(x.grad, [[5, 5], [0, 0], [2, 2]])


def test_ids_may_have_any_type_of_whole_numbers():
    W = mc.Variable(np.arange(6, dtype='float32').reshape(3, 2))
    for dtype in ('uint8', 'int8', 'int64', 'uint64'):
        F.sum(F.embed_id(np.array([0, 2, 0], dtype), W)).backward()
        np.testing.assert_array_equal(W.grad, [[2, 2], [0, 0], [1, 1]])
        W.cleargrad()
