"""Hooks of operations and of links, links that stand still, and links that are repeated."""
import io

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import hooks
from minichain.debug import check_gradients

X = np.random.default_rng(0).standard_normal((5, 3)).astype('float32')


def loss_of(model):
    return F.sum(F.square(model(X)))


# Operations --------------------------------------------------------------------------------------

def test_the_print_hook_prints_what_goes_in_and_out():
    file = io.StringIO()
    x = mc.Variable(np.array([1.0, 3.0], 'float32'))
    with hooks.PrintHook(file=file):
        (x * 2.0).sum().backward()
    assert file.getvalue().splitlines() == [
        'forward  mul: (2,) float32 2 ± 1 2.0 -> (2,) float32 4 ± 2',
        'forward  sum: (2,) float32 4 ± 2 -> () float32 8 ± 0',
        'backward sum: () float32 1 ± 0 -> (2,) float32 1 ± 0',
        'backward mul: (2,) float32 1 ± 0 -> (2,) float32 2 ± 0 None',
        'backward (2,) float32: (2,) float32 2 ± 0 -> the leaf']
    file = io.StringIO()
    with hooks.PrintHook(values=False, file=file):
        F.exp(x)
    assert file.getvalue() == 'forward  exp: (2,) float32 -> (2,) float32\n'


def test_the_timer_hook_counts_calls_and_seconds():
    with hooks.TimerHook() as timer:
        loss_of(L.Linear(3, 2)).backward()
    summary = timer.summary()
    assert {name: row['occurrence'] for name, row in summary.items()} == {
        'linear': 1, 'square': 1, 'sum': 1, 'leaf': 0}
    assert timer.total_time() == pytest.approx(sum(r['elapsed_time'] for r in summary.values()))
    assert timer.total_time() > 0
    file = io.StringIO()
    timer.print_report(file)
    assert file.getvalue().startswith('operation') and 'linear' in file.getvalue()


def test_the_memory_hook_finds_who_takes_and_who_lets_go():
    x = mc.Variable(np.ones(1 << 17, 'float32'))          # half a MiB
    with hooks.MemoryHook() as memory:
        y = F.sum(F.exp(x))
        y.backward()
    rows = memory.summary()
    half = 1 << 19
    assert rows['exp']['occurrence'] == 1
    assert rows['exp']['forward'] == pytest.approx(half, rel=0.1)
    assert abs(rows['sum']['forward']) < 0.1 * half
    assert memory.peak - memory.began >= 2 * half
    assert 'MiB at the peak.' in str(memory) and ' 0.50' in str(memory)


def test_a_hook_of_one_s_own_hears_of_both_ways():
    class Mine(hooks.FunctionHook):
        seen = ()

        def on_apply(self, fn, inputs, outputs):
            self.seen += (f'+{fn.label}',)

        def on_backward(self, fn, gys, gxs):
            self.seen += (f'-{fn.label}',)

    with Mine() as mine:
        F.exp(mc.Variable(np.ones(2), name='x')).sum().backward()
    F.exp(mc.Variable(np.ones(2)))
    assert mine.seen == ('+exp', '+sum', '-sum', '-exp', '-x')


# Links -------------------------------------------------------------------------------------------

def test_the_timer_of_links_counts_each_class():
    model = L.Sequential(L.Linear(3, 4), F.relu, L.Linear(4, 2))
    with L.TimerHook() as timer:
        model(X)
    assert {name: row['occurrence'] for name, row in timer.summary().items()} == {
        'Linear': 2, 'Sequential': 1}
    assert timer.total_time() > 0 and 'Sequential' in str(timer)
    one = L.TimerHook()
    model[0].add_hook(one)
    model(X)
    model[0].delete_hook('TimerHook')
    model(X)
    assert [name for name, _ in one.call_history] == ['Linear']


def test_a_spectrally_normalized_layer_stretches_nothing_more_than_one():
    mc.set_seed(0)
    link = L.Linear(3, 4).add_hook(L.SpectralNormalization())
    for _ in range(200):
        link(X)
    largest = np.linalg.svd(link.W.data, compute_uv=False)[0]
    with mc.test_mode():
        np.testing.assert_allclose(link(X).data, X @ (link.W.data / largest).T, atol=1e-5)
    assert isinstance(link.W, mc.Parameter) and set(link.values()) == {'W', 'b', 'W_u'}
    link.delete_hook('SpectralNormalization')
    assert set(link.values()) == {'W', 'b'}
    np.testing.assert_allclose(link(X).data, X @ link.W.data.T, atol=1e-6)


def test_spectral_normalization_with_gamma_begins_with_the_layer_as_it_was():
    mc.set_seed(0)
    plain = L.Conv2d(2, 3, 3)
    x = np.random.default_rng(0).standard_normal((1, 2, 5, 5)).astype('float32')
    expected = plain(x).data
    hook = L.SpectralNormalization(n_power_iteration=200, use_gamma=True)
    np.testing.assert_allclose(plain.add_hook(hook)(x).data, expected, atol=1e-4)
    assert [path for path, _ in plain.namedparams()] == ['/W', '/b', '/gamma']
    half = L.Conv2d(2, 3, 3, W=plain.W.data, nobias=True)
    half.add_hook(L.SpectralNormalization(n_power_iteration=200, factor=2.0))
    np.testing.assert_allclose(half(x).data * plain.gamma.data / 2, expected, atol=1e-4)


def test_weights_can_be_standardized():
    link = L.Conv2d(2, 3, 3, nobias=True).add_hook(L.WeightStandardization(eps=0.0))
    x = np.random.default_rng(0).standard_normal((1, 2, 5, 5)).astype('float32')
    W = link.W.data.reshape(3, -1)
    W = (W - W.mean(1, keepdims=True)) / W.std(1, keepdims=True)
    np.testing.assert_allclose(link(x).data, F.conv2d(x, W.reshape(3, 2, 3, 3)).data, atol=1e-4)


def test_gradients_pass_through_the_hooks_of_weights():
    W = np.random.default_rng(0).standard_normal((2, 3))
    standardized = L.WeightStandardization()
    check_gradients(lambda W: standardized.made_from(None, W), [W], order=2)
    mc.set_seed(0)
    link, hook = L.Linear(3, 2), L.SpectralNormalization(n_power_iteration=300, eps=0.0)
    link.add_hook(hook)
    check_gradients(lambda W: hook.made_from(link, W), [W])
    loss_of(link).backward()
    assert link.W.grad.shape == (2, 3) and link.W.grad.any()


def test_a_lazy_link_takes_a_hook_and_an_error_leaves_the_weight_in_its_place():
    link = L.Linear(4).add_hook(L.SpectralNormalization()).add_hook(L.WeightStandardization())
    assert link(X).shape == (5, 4)
    weight = link.W
    with pytest.raises(mc.ShapeError):
        link(np.ones((2, 7), 'float32'))
    assert link.W is weight and isinstance(weight, mc.Parameter)


def test_hooks_that_do_not_fit_are_refused():
    link = L.Linear(3, 4).add_hook(L.TimerHook())
    with pytest.raises(KeyError, match="There is a hook named 'TimerHook' already"):
        link.add_hook(L.TimerHook())
    with pytest.raises(ValueError, match="Linear has no parameter 'V'"):
        link.add_hook(L.SpectralNormalization(weight_name='V'))
    with pytest.raises(ValueError, match='n_power_iteration is 0, but at least 1 is needed'):
        L.SpectralNormalization(n_power_iteration=0)


# Links that stand still, and links that are repeated ---------------------------------------------

@pytest.mark.parametrize('before_setup', [True, False])
def test_a_link_can_be_left_out_of_updates(before_setup):
    model = L.Sequential(L.Linear(3, 4), F.tanh, L.Linear(4, 2))
    optimizer = mc.optimizers.SGD(0.1)
    if not before_setup:
        optimizer.setup(model)
    model[0].disable_update()
    if before_setup:
        optimizer.setup(model)
    assert not model[0].update_enabled and model.update_enabled
    before = [p.data.copy() for p in model.params()]
    for still in ([0, 1], []):
        loss_of(model).backward()
        optimizer.update()
        for i, (p, old) in enumerate(zip(model.params(), before)):
            assert (p.data == old).all() == (i in still)
        model[0].enable_update()
        model.cleargrads()


def test_a_link_is_repeated_with_values_of_its_own_the_same_or_shared():
    mc.set_seed(0)
    link = L.Linear(3, 3)
    fresh, copies, shared = (link.repeat(2, mode) for mode in ('init', 'copy', 'share'))
    assert not np.array_equal(fresh[0].W.data, fresh[1].W.data)
    assert np.array_equal(copies[0].W.data, copies[1].W.data)
    assert copies[0].W is not copies[1].W and shared[0] is shared[1] is link
    assert [len(s.params()) for s in (fresh, copies, shared)] == [4, 4, 2]
    assert fresh(X).shape == (5, 3)
    lazy = L.Linear(4).repeat(2)
    assert lazy(X).shape == (5, 4) and lazy[1].W.shape == (4, 4)
    with pytest.raises(ValueError, match="mode is 'twice'"):
        link.repeat(2, 'twice')


def test_the_memory_of_a_gpu_is_counted_there(stand_in):
    x = mc.Variable(mc.to_gpu(np.ones(1 << 10, 'float32')))
    with hooks.MemoryHook('gpu') as memory:
        F.exp(x)
    assert memory.summary()['exp']['occurrence'] == 1 and 'exp' in str(memory)


def test_the_hooks_of_weights_compute_on_the_weights_device(device):
    for hook in (L.SpectralNormalization(), L.WeightStandardization()):
        mc.set_seed(0)
        link = L.Linear(3, 4).to_device(device).add_hook(hook)
        y = link(mc.to_device(X, device))
        F.sum(y).backward()
        assert y.device == link.device == device and link.W.grad is not None
        mc.set_seed(0)
        expected = L.Linear(3, 4).add_hook(type(hook)())(X)
        np.testing.assert_allclose(y.numpy(), expected.data, rtol=1e-4, atol=1e-5)


def test_a_checkpoint_computes_on_a_gpu(device):
    x = mc.Variable(mc.to_device(X, device))
    F.sum(mc.checkpoint(lambda x: F.exp(x) * x, x)).backward()
    np.testing.assert_allclose(mc.to_cpu(x.grad), np.exp(X) * (1 + X), rtol=1e-5)
