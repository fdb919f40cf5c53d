"""The switches: set for a while, for one thread, and always set back."""
import threading

import pytest

import minichain as mc
import minichain.functions as F


def switches():
    return mc.config.record, mc.config.train, mc.config.debug


def test_switches_are_set_for_a_while():
    assert switches() == (True, True, False)
    with mc.using_config(train=False, debug=True):
        assert switches() == (True, False, True)
        with mc.no_grad():
            assert switches() == (False, False, True)
        assert switches() == (True, False, True)
    assert switches() == (True, True, False)
    with mc.test_mode():
        assert switches() == (False, False, False)


def test_an_error_sets_them_back_too():
    with pytest.raises(ZeroDivisionError):
        with mc.test_mode():
            1 / 0
    assert switches() == (True, True, False)


def test_no_grad_works_as_a_decorator():
    @mc.no_grad()
    def predict(x):
        return x * 2

    assert not predict(mc.Variable(1.0)).requires_grad
    assert (mc.Variable(1.0) * 2).requires_grad


def test_dropout_looks_at_train_and_the_graph_at_record():
    x = mc.Variable([1.0] * 50)
    with mc.using_config(train=False):
        y = F.dropout(x)
        assert y.requires_grad and (y.data == x.data).all()
    with mc.no_grad():
        y = F.dropout(x)
        assert not y.requires_grad and (y.data == 0).any()


def test_a_switch_that_does_not_exist_is_refused():
    with pytest.raises(TypeError, match="There is no switch 'training'; there are record, train"):
        with mc.using_config(training=False):
            pass
    with pytest.raises(TypeError):
        with mc.using_config(plain=True):
            pass


def test_each_thread_has_its_own_switches():
    seen = []
    with mc.test_mode():
        thread = threading.Thread(target=lambda: seen.append(switches()))
        thread.start()
        thread.join()
    assert seen == [(True, True, False)]


def test_a_block_that_was_kept_from_ending_ends_with_the_one_around_it():
    outer, inner = mc.test_mode(), mc.no_grad()
    outer.__enter__()
    inner.__enter__()
    outer.__exit__(None, None, None)        # Ctrl-C can skip inner.__exit__
    assert mc.config.record and mc.config.train
    del inner                               # as when the traceback is forgotten
    assert mc.config.record and mc.config.train
