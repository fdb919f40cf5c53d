"""Tables of embeddings: an update costs what the used rows cost, and changes what it should."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain.gather import RowGradient
from minichain.optimizers import Adam, AdaGrad, GradientClipping, MomentumSGD, SGD, WeightDecay

STEPS = [1, 2, 2, 7], [3, 1], [49]


class PatientAdam(Adam):
    by_rows = True


class Shrinking(SGD):
    @staticmethod
    def rule(h, p, g):
        p -= h.lr * (g + p)


def trained(kind, look=False, hooks=(), backwards=1):
    """(the table after three steps, its link); `look` reads each gradient before the update."""
    mc.set_seed(0)
    link = L.EmbedID(50, 4)
    optimizer = kind(lr=0.1).setup(link)
    for hook in hooks:
        optimizer.add_hook(hook)
    for ids in STEPS:
        link.cleargrads()
        for _ in range(backwards):
            F.sum(F.square(link(np.array(ids)))).backward()
        if look:
            assert link.W.grad.shape == (50, 4)
        optimizer.update()
    return link.W.data, link


@pytest.mark.parametrize('backwards', [1, 2])
@pytest.mark.parametrize('hooks', [(), (GradientClipping(0.5),), (WeightDecay(0.1),)])
@pytest.mark.parametrize('kind', [SGD, AdaGrad, MomentumSGD, Adam, Shrinking])
def test_a_table_changes_as_if_its_gradient_were_written_out(kind, hooks, backwards):
    table, _ = trained(kind, hooks=hooks, backwards=backwards)
    written_out, _ = trained(kind, look=True, hooks=hooks, backwards=backwards)
    if hooks:       # the length of all gradients is summed in another order
        np.testing.assert_allclose(table, written_out, rtol=1e-6)
    else:
        assert np.array_equal(table, written_out)


@pytest.mark.parametrize('kind', [SGD, AdaGrad])
def test_only_the_used_rows_are_made_and_changed(kind):
    _, link = trained(kind, hooks=[GradientClipping(0.5)])
    g = link.W.grad_left
    assert isinstance(g, RowGradient) and g.ids.tolist() == [49] and g.rows.shape == (1, 4)


def test_a_rule_that_sees_used_rows_only_leaves_the_others_and_their_state():
    table, link = trained(PatientAdam)
    whole, _ = trained(Adam)
    assert np.array_equal(table[[0, 10]], whole[[0, 10]])       # never used
    assert not np.array_equal(table[7], whole[7])       # used once: Adam moves it on and on
    m = link.W.update_rule.state['m']
    assert not m[0].any() and m[7].any()


def test_a_rule_of_its_own_sees_the_whole_table():
    assert SGD.by_rows and not Shrinking.by_rows
    table, _ = trained(Shrinking)
    mc.set_seed(0)
    assert not np.array_equal(table[0], L.EmbedID(50, 4).W.data[0])


def test_the_gradient_is_the_whole_table_for_whoever_looks():
    link = L.EmbedID(50, 4)
    ids = np.array([3, 3, 9])
    F.sum(link(ids)).backward()
    ids[:] = 0          # the gradient does not hold the program's own array
    assert link.W.grad.sum(1).tolist() == [{3: 8, 9: 4}.get(i, 0) for i in range(50)]
    assert link.W.grad is link.W.grad


def test_a_gradient_that_is_added_to_rows_is_added():
    link = L.EmbedID(50, 4)
    (F.sum(link(np.array([3])))).backward()
    F.sum(link.W * 2.0).backward()
    F.sum(link(np.array([3]))).backward()
    assert link.W.grad[3].tolist() == [4.0] * 4 and link.W.grad[4].tolist() == [2.0] * 4


def test_gradients_that_are_short_enough_are_left_alone():
    link = L.Linear(2, 2)
    optimizer = SGD().setup(link)
    optimizer.add_hook(GradientClipping(5.0))
    for grad, length in ([0.3, 0.4], 0.5), ([30.0, 40.0], 5.0):
        link.cleargrads()
        link.b.grad = np.array(grad, 'float32')
        optimizer.update()
        assert np.linalg.norm(link.b.grad) == pytest.approx(length, rel=1e-6)
