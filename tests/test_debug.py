"""check_gradients lets right derivatives pass and names wrong ones."""
import re

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
from minichain.debug import check_gradients

NUMBER = r'-?\d+\.?\d*(e[+-]\d+)?'


class Cube(mc.Function):
    """x³, with a derivative that a test may spoil"""

    keeps = 'x'
    mistake = 'none'

    def __init__(self, mistake):
        self.mistake = mistake

    def forward(self, x):
        return x ** 3

    def backward(self, gy):
        if self.mistake == 'factor':
            return gy * 2 * self.x ** 2
        if self.mistake == 'a little':
            return gy * 3.00001 * self.x ** 2
        if self.mistake == 'missing':
            return None
        if self.mistake == 'no graph':      # right, but the second derivative is lost
            data = self.x.data if isinstance(self.x, mc.Variable) else self.x
            return gy * 3 * data ** 2
        if self.mistake == 'type':
            return (gy * 3 * self.x ** 2).astype('float32')
        return gy * 3 * self.x ** 2


X = np.array([[0.5, -1.5, 1.0], [2.0, 0.7, -0.3]])


def test_right_derivatives_pass_to_any_order():
    check_gradients(lambda x: Cube('none').apply(x), [X], order=4)
    check_gradients(F.matmul, [X, X.T], order=3)
    check_gradients(lambda x: F.split(x, 3, axis=1), [X], order=2)
    check_gradients(lambda x: [F.exp(x), F.sum(x)], [X], order=2)


@pytest.mark.parametrize('mistake, order, words', [
    ('factor', 1, r'The derivative by input 0 \(x\), whose shape is \(2, 3\), is wrong: along a '
                  rf'random direction finite differences give {NUMBER}, backward gives {NUMBER}\.'),
    ('a little', 1, 'is wrong'),
    ('missing', 1, rf'finite differences give {NUMBER}, backward gives none\.'),
    ('no graph', 2, r'The derivative of order 2 by input 0 \(x\)'),
    ('type', 1, r'The derivative by input 0 \(x\) is float32 \(2, 3\), but the input is float64'),
])
def test_wrong_derivatives_are_named(mistake, order, words):
    def f(x):
        return Cube(mistake).apply(x)

    if order > 1:
        check_gradients(f, [X], order=order - 1)
    with pytest.raises(mc.errors.GradientError) as caught:
        check_gradients(f, [X], order=order)
    assert re.search(words, str(caught.value))
    assert isinstance(caught.value, AssertionError)


@pytest.mark.parametrize('wrap', [lambda x: x, mc.Variable], ids=['array', 'variable'])
def test_derivatives_are_checked_on_the_device_where_the_inputs_live(wrap, device):
    x, homes = wrap(mc.to_device(np.ones((2, 3)), device)), set()

    def cube(mistake):
        def f(x):
            homes.add(x.device)
            return Cube(mistake).apply(x)
        return f

    check_gradients(cube('none'), [x], order=2)
    with pytest.raises(mc.errors.GradientError, match='is wrong'):
        check_gradients(cube('factor'), [x])
    assert homes == {device}


def test_the_input_with_the_wrong_derivative_is_named():
    def f(a, *others):
        return a * Cube('factor').apply(others[0])

    with pytest.raises(mc.errors.GradientError, match=r'by input 1, whose shape'):
        check_gradients(f, [X, X])


def test_what_has_no_gradient_is_handed_on():
    def f(x, ids, constant, nothing):
        assert ids.dtype == 'int64' and not constant.requires_grad and nothing is None
        return F.embed_id(ids, x) * F.tanh(constant)

    check_gradients(f, [X.astype('float32'), np.array([1, 0, 1]),
                        mc.Variable(X[0], requires_grad=False), None], order=2)


def test_inputs_and_their_gradients_stay_as_they_are():
    x = mc.Variable(X.astype('float32'))
    before = x.data.copy()
    check_gradients(lambda x: F.sum(x * x), [x])
    np.testing.assert_array_equal(x.data, before)
    assert x.grad is None and x.dtype == 'float32'


def test_functions_of_more_numbers_than_a_machine_can_tell_apart_are_checked_relatively():
    check_gradients(lambda x: 1e6 * F.exp(x * 5), [X])
    with pytest.raises(mc.errors.GradientError):
        check_gradients(lambda x: 1e6 * Cube('a little').apply(x), [X])
