"""Debug mode: the first bad number and the changed array are named, with the user's line."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F


def test_the_first_nan_is_named_with_its_inputs_and_line():
    x = mc.Variable(np.array([1.0, -1.0], 'float32'))
    with mc.using_config(debug=True), np.errstate(invalid='ignore'):
        with pytest.raises(mc.NumberError) as caught:
            F.log(x)
    message, line = str(caught.value).split('\n')
    assert message == 'log gave 1 NaN of 2 numbers. Its inputs: x (2,) from -1 to 1.'
    assert line.startswith('  at test_guard.py, line ') and line.endswith(': F.log(x)')


def test_an_input_that_is_a_plain_array_is_told_too():
    with pytest.raises(mc.NumberError) as error, mc.using_config(debug=True):
        with np.errstate(all='ignore'):
            F.exp(np.array([1, 200], 'float32'))
    assert str(error.value).split('\n')[0] == (
        'exp gave 1 infinite of 2 numbers. Its inputs: x (2,) from 1 to 200.')


def test_infinity_in_a_gradient_is_named():
    x = mc.Variable(np.array([0.0], 'float32'))
    with mc.using_config(debug=True), np.errstate(divide='ignore'):
        y = F.sqrt(x)
        with pytest.raises(mc.NumberError, match='The gradient of sqrt has 1 infinite of 1 number'):
            y.backward()
    assert x.grad is None


def test_a_kept_array_that_was_changed_is_an_error_and_no_gradient_is_touched():
    x = mc.Variable(np.array([1.0, 2.0], 'float32'))
    a = mc.Variable(np.array([3.0, 4.0], 'float32'))
    with mc.using_config(debug=True):
        y = F.sum(a * x)
        x.data[0] = 7
        with pytest.raises(mc.GraphError, match='mul kept x for backward, but it was changed'):
            y.backward()
    assert a.grad is None and x.grad is None


def test_debug_mode_finds_nothing_wrong_with_a_right_program_and_ends():
    x = mc.Variable(np.array([1.0, 2.0], 'float32'))
    with mc.using_config(debug=True):
        F.sum(x * x).backward()
    np.testing.assert_array_equal(x.grad, [2, 4])
    assert not mc.config.debug
    assert mc.observe.watching.observers == ()


def test_setting_the_switch_twice_watches_once():
    mc.config.debug = True
    mc.config.debug = True
    assert len(mc.observe.watching.observers) == 1
    mc.config.debug = False
    assert mc.observe.watching.observers == ()


def test_a_sum_of_old_losses_is_warned_of():
    x = mc.Variable(np.array([1.0, 2.0], 'float32'))
    total, count = 0.0, 0.0
    with mc.using_config(debug=True):
        for _ in range(2):
            loss = F.sum(x * x)
            loss.backward()
            count += loss.item()
            with pytest.warns(UserWarning, match='gradients cannot flow there any more') as caught:
                total = total + loss
    text, line = str(caught[0].message).split('\n')
    assert text.startswith('add adds to a graph of which backward() has let go: ')
    assert text.endswith('write total += loss.item().') and line.endswith(': total = total + loss')
    with pytest.raises(mc.GraphError, match='was let go by an earlier backward'):
        total.backward()


@pytest.mark.filterwarnings('error')
def test_a_sum_of_losses_before_backward_is_not_warned_of():
    x = mc.Variable(np.array([1.0, 2.0], 'float32'))
    with mc.using_config(debug=True):
        for _ in range(3):
            total = sum(F.sum(x * k) for k in range(3))
            total.backward(retain_graph=True)
            (total * 2).backward()
