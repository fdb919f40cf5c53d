"""A weight that an optimizer changed between forward and backward is found, in any mode."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L


@pytest.fixture
def net():
    mc.set_seed(0)
    return L.Sequential(L.Linear(3, 4), F.tanh, L.Linear(4, 2))


def step(net, optimizer):
    net.cleargrads()
    F.sum(net(np.ones((2, 3), 'float32'))).backward()
    optimizer.update()


def test_backward_after_an_update_names_the_operation_and_the_weight(net):
    optimizer = mc.optimizers.SGD(lr=0.1).setup(net)
    loss = F.sum(net(np.ones((2, 3), 'float32')))
    step(net, optimizer)
    before = [p.grad.copy() for p in net.params()]
    with pytest.raises(mc.GraphError) as error:
        loss.backward()
    assert str(error.value).split('\n')[0] == (
        'linear has kept W (2, 4) for backward, but an optimizer has changed it in place since '
        'then: the gradient would be wrong. Call backward() before update(), or compute the result '
        'again after it.')
    for p, grad in zip(net.params(), before):
        np.testing.assert_array_equal(p.grad, grad)


@pytest.mark.parametrize('optimizer', [mc.optimizers.SGD(lr=0.1), mc.optimizers.Adam(lr=0.1)])
def test_ordinary_training_is_left_alone(net, optimizer):
    optimizer.setup(net)
    for _ in range(3):
        step(net, optimizer)


def test_a_weight_that_was_not_kept_may_change():
    bias = mc.Parameter(np.zeros(3, 'float32'), name='b')
    link = L.Link()
    with link.init_scope():
        link.b = bias
    optimizer = mc.optimizers.SGD(lr=0.1).setup(link)
    y = F.sum(bias + np.ones(3, 'float32'))
    bias.grad = np.ones(3, 'float32')
    optimizer.update()
    y.backward()
    np.testing.assert_array_equal(bias.grad, 2 * np.ones(3, 'float32'))


def test_truncated_backprop_through_an_update_is_left_alone():
    mc.set_seed(0)
    cell = L.LSTM(2, 3)
    optimizer = mc.optimizers.SGD(lr=0.1).setup(cell)
    for _ in range(3):
        loss = F.sum(cell(np.ones((1, 2), 'float32')))
        cell.cleargrads()
        loss.backward()
        loss.unchain_backward()
        optimizer.update()


def test_a_state_that_was_not_cut_off_is_found():
    mc.set_seed(0)
    cell = L.RNN(2, 3)
    optimizer = mc.optimizers.SGD(lr=0.1).setup(cell)
    cell.cleargrads()
    cell(np.ones((1, 2), 'float32'))
    F.sum(cell(np.ones((1, 2), 'float32'))).backward(retain_graph=True)
    optimizer.update()
    with pytest.raises(mc.GraphError, match='an optimizer has changed it in place since then'):
        F.sum(cell(np.ones((1, 2), 'float32'))).backward()
