"""Work arrays: used again, bounded, each thread's own, and let go on request."""
import threading

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
from minichain import scratch


def test_a_work_array_is_used_again_for_the_same_purpose_only():
    mc.free_scratch()
    first = scratch.scratch('windows', (4, 8), 'float32')
    again = scratch.scratch('windows', (2, 8), 'float32')
    other = scratch.scratch('tiles', (2, 8), 'float32')
    assert again.shape == (2, 8) and np.shares_memory(first, again)
    assert not np.shares_memory(first, other)
    assert not np.shares_memory(first, scratch.scratch('windows', (2, 8), 'float64'))


def test_what_a_thread_keeps_is_bounded():
    mc.free_scratch()
    too_large = (scratch.LIMIT // 4 + 1,)
    first = scratch.scratch('windows', too_large, 'float32')
    assert not np.shares_memory(first, scratch.scratch('windows', too_large, 'float32'))


def test_free_scratch_lets_go_of_this_threads_arrays():
    first = scratch.scratch('windows', (8,), 'float32')
    mc.free_scratch()
    assert not np.shares_memory(first, scratch.scratch('windows', (8,), 'float32'))


def test_what_a_user_left_is_there_until_somebody_else_gets_the_array():
    me = object()
    scratch.scratch('windows', (2, 3), 'float32', me)[:] = 7
    assert (scratch.left_in_scratch('windows', (2, 3), 'float32', me) == 7).all()
    assert scratch.left_in_scratch('windows', (2, 3), 'float64', me) is None
    scratch.scratch('windows', (1, 3), 'float32')
    assert scratch.left_in_scratch('windows', (2, 3), 'float32', me) is None
    scratch.scratch('windows', (2, 3), 'float32', me)
    mc.free_scratch()
    assert scratch.left_in_scratch('windows', (2, 3), 'float32', me) is None


def test_of_an_array_that_is_too_large_to_keep_nothing_is_left():
    mc.free_scratch()
    me, too_large = object(), (scratch.LIMIT // 4 + 1,)
    scratch.scratch('windows', (2,), 'float32')
    scratch.scratch('windows', too_large, 'float32', me)
    assert scratch.left_in_scratch('windows', too_large, 'float32', me) is None


@pytest.mark.parametrize('together', [True, False])
def test_losses_that_are_computed_in_turns_have_gradients_of_their_own(together):
    """The second one gets the work array of the first."""
    rng = np.random.default_rng(0)
    xs = [mc.Variable(rng.standard_normal((3, 4)).astype('float32')) for _ in range(2)]
    t = np.array([0, 3, 1])

    def gradient(x):
        p = np.exp(x.data) / np.exp(x.data).sum(1, keepdims=True)
        p[np.arange(3), t] -= 1
        return p / 3

    if together:
        losses = [F.softmax_cross_entropy(x, t) for x in xs]
        for loss in losses:
            loss.backward()
    else:
        for x in xs:
            F.softmax_cross_entropy(x, t).backward()
    for x in xs:
        np.testing.assert_allclose(x.grad, gradient(x), rtol=1e-5)


def test_threads_do_not_share_work_arrays():
    mine = scratch.scratch('windows', (8,), 'float32')
    theirs = []
    thread = threading.Thread(
        target=lambda: theirs.append(scratch.scratch('windows', (8,), 'float32')))
    thread.start()
    thread.join()
    assert not np.shares_memory(mine, theirs[0])
