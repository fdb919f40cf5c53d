"""Hooks on gradients, and hyper-parameters that follow a schedule."""
import math

import numpy as np
import pytest
import standin

import minichain as mc
from minichain import backend, optimizers
from minichain.optimizers import schedules
from test_optimizers_rules import Holder, two_parameters


def updated(hook, device='cpu', model=None, lr=1.0):
    """The gradients after an update with this hook, and the model."""
    model = (model or two_parameters()).to_device(device)
    for param in model.params():
        if param.grad is not None:
            param.grad = mc.to_device(param.grad, device)
    optimizer = optimizers.SGD(lr=lr).setup(model)
    optimizer.add_hook(hook)
    optimizer.update()
    return [None if p.grad is None else mc.to_cpu(p.grad) for p in model.params()], model


def test_weight_decay_and_lasso_pull_towards_zero(device):
    model = two_parameters()
    model.a.W.data[:] = [-3, 0, 5]
    a, _ = updated(optimizers.WeightDecay(0.1), device, model)[0]
    np.testing.assert_allclose(a, [1.7, 2, 2.5])
    model = two_parameters()
    model.a.W.data[:] = [-3, 0, 5]
    a, _ = updated(optimizers.Lasso(0.1), device, model)[0]
    np.testing.assert_allclose(a, [1.9, 2, 2.1])


@pytest.mark.parametrize('dtype', ['float16', 'float32', 'float64'])
def test_clipping_shortens_all_gradients_together(device, dtype):
    model = mc.Chain(a=Holder(np.ones(3, dtype)), b=Holder(np.ones((2, 2), dtype)))
    model.a.W.grad, model.b.W.grad = np.full(3, 300, dtype), np.full((2, 2), -400, dtype)
    gradients, _ = updated(optimizers.GradientClipping(2.5), device, model, lr=0.1)
    together = np.concatenate([g.ravel() for g in gradients])
    assert together.dtype == dtype
    np.testing.assert_allclose(np.linalg.norm(together.astype(float)), 2.5, rtol=2e-3)
    np.testing.assert_allclose(together[0] / together[-1], -0.75, rtol=2e-3)


def test_clipping_leaves_short_gradients_and_zeros_alone(device):
    gradients, _ = updated(optimizers.GradientClipping(100.0), device)
    assert all((g == 2).all() for g in gradients)
    model = two_parameters()
    model.a.W.grad[:], model.b.W.grad[:] = 0, 0
    gradients, _ = updated(optimizers.GradientClipping(100.0), device, model)
    assert all((g == 0).all() for g in gradients)


def test_clipping_does_not_wait_for_a_gpu(stand_in):
    model = two_parameters().to_device('gpu')
    for param in model.params():
        param.grad = stand_in.ones(param.shape, 'float32')
    optimizer = optimizers.SGD().setup(model)
    optimizer.add_hook(optimizers.GradientClipping(1.0))
    with standin.recording() as events:
        optimizer.update()
    assert not events.waits


def test_hard_clipping_bounds_each_number(device):
    model = two_parameters()
    model.a.W.grad[:] = [-7, 0.5, 7]
    a, _ = updated(optimizers.GradientHardClipping(-1, 2), device, model)[0]
    np.testing.assert_allclose(a, [-1, 0.5, 2])


def noise_after(updates, device, noise_func=None, dtype='float32'):
    """What the hook has added to the last of some gradients that were 0."""
    mc.set_seed(1)
    model = mc.Chain(a=Holder(np.zeros(20000, dtype)))
    model.to_device(device)
    optimizer = optimizers.SGD().setup(model)
    optimizer.add_hook(optimizers.GradientNoise(0.3, noise_func))
    for _ in range(updates):
        model.a.W.grad = backend.to_device(np.zeros(20000, dtype), device)
        optimizer.update()
    return backend.to_cpu(model.a.W.grad)


def test_noise_fades_and_follows_the_seed(device):
    np.testing.assert_array_equal(noise_after(2, device), noise_after(2, device))
    assert noise_after(1, device).std() == pytest.approx(math.sqrt(0.3), rel=0.03)
    assert noise_after(10, device).std() == pytest.approx(math.sqrt(0.3 / 10 ** 0.55), rel=0.03)
    assert abs(noise_after(1, device).mean()) < 0.02


def test_noise_on_a_gpu_is_drawn_there(stand_in):
    param = mc.Parameter(np.zeros(5, 'float32')).to_device('gpu')
    param.grad = stand_in.zeros(5, 'float32')
    rule = optimizers.SGD().create_update_rule()
    with standin.recording() as events, standin.allow_synchronize(False):
        optimizers.GradientNoise(0.3)(rule, param)
    assert [event.what for event in events] == ['normal', 'add']


@pytest.mark.parametrize('noise', [lambda param, t: np.full(param.shape, t + 1.0),
                                   lambda param, t: param.xp.ones(param.shape) * (t + 1)],
                         ids=['on_the_cpu', 'there'])
def test_noise_may_be_a_function_s(noise, device):
    assert noise_after(2, device, noise, 'float16').tolist() == [2.0] * 20000


@pytest.mark.parametrize('part', ['a', 'a/W', lambda model: model.a, lambda model: model.a.W])
def test_frozen_parts_stay(part, device):
    model = two_parameters()
    hook = optimizers.Freeze(part(model) if callable(part) else part)
    _, model = updated(hook, device, model)
    np.testing.assert_array_equal(mc.to_cpu(model.a.W.data), 1)
    np.testing.assert_array_equal(mc.to_cpu(model.b.W.data), -1)


def test_freezing_what_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match="no parameters in 'c'; it has a/W, b/W"):
        updated(optimizers.Freeze('c'))


def test_frozen_parameters_do_not_disturb_other_hooks():
    model = two_parameters()
    optimizer = optimizers.SGD().setup(model)
    for hook in (optimizers.Freeze('a'), optimizers.WeightDecay(1.0),
                 optimizers.GradientClipping(0.1)):
        optimizer.add_hook(hook)
    optimizer.update()
    np.testing.assert_allclose(np.linalg.norm(model.b.W.grad), 0.1, rtol=1e-6)


def test_hooks_have_names_and_a_time():
    model = two_parameters()
    optimizer = optimizers.SGD(lr=1.0).setup(model)
    seen = []
    optimizer.add_hook(lambda opt: seen.append(('pre', float(model.a.W.data[0]))), 'before')
    optimizer.add_hook(lambda opt: seen.append(('post', float(model.a.W.data[0]))), 'after', 'post')
    optimizer.update()
    assert seen == [('pre', 1.0), ('post', -1.0)]
    with pytest.raises(KeyError, match='before'):
        optimizer.add_hook(print, 'before')
    with pytest.raises(ValueError, match='timing'):
        optimizer.add_hook(print, 'never', 'never')
    with pytest.raises(TypeError, match='function'):
        optimizer.add_hook(3)
    optimizer.remove_hook('before')
    optimizer.remove_hook('after')
    optimizer.update()
    assert len(seen) == 2


def test_one_parameter_can_have_a_hook_of_its_own():
    model = two_parameters()
    optimizer = optimizers.SGD(lr=1.0).setup(model)
    model.a.W.update_rule.add_hook(optimizers.WeightDecay(0.5))
    optimizer.update()
    np.testing.assert_allclose(model.a.W.data, -1.5)
    np.testing.assert_allclose(model.b.W.data, -1)


# Schedules ---------------------------------------------------------------------------------------

@pytest.mark.parametrize('schedule, wanted', [
    (schedules.Linear(1.0, 0.5, 4), [1, 0.875, 0.75, 0.625, 0.5, 0.5, 0.5]),
    (schedules.Step(1.0, 0.5, 2), [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125]),
    (schedules.Step(1.0, 0.5, 2, last=0.3), [1, 1, 0.5, 0.5, 0.3, 0.3, 0.3]),
    (schedules.Exponential(1.0, 2.0, last=5), [1, 2, 4, 5, 5, 5, 5]),
    (schedules.Polynomial(2.0, 4, power=2, last=1.0), [2, 1.5625, 1.25, 1.0625, 1, 1, 1]),
    (schedules.Cosine(2.0, 4), [2, 1 + 0.5 ** 0.5, 1, 1 - 0.5 ** 0.5, 0, 0, 0]),
    (schedules.WarmUp(3, 0.6), [0.2, 0.4, 0.6, 0.6, 0.6, 0.6, 0.6]),
    (schedules.WarmUp(2, schedules.Step(1.0, 0.1, 2)), [0.5, 1, 1, 1, 0.1, 0.1, 0.01]),
    (schedules.InverseSquareRoot(1.0, 4), [0.25, 0.5, 0.75, 1, (4 / 5) ** 0.5, (4 / 6) ** 0.5,
                                           (4 / 7) ** 0.5]),
])
def test_a_schedule_gives_the_number_of_each_update(schedule, wanted):
    np.testing.assert_allclose([schedule(t) for t in range(7)], wanted, atol=1e-12)
    model = two_parameters()
    optimizer = optimizers.SGD(lr=schedule).setup(model)
    places = [1.0]
    for lr in wanted:
        assert optimizer.lr == pytest.approx(lr, abs=1e-12)
        optimizer.update()
        places.append(float(model.a.W.data[0]))
    np.testing.assert_allclose(-np.diff(places), 2 * np.array(wanted), atol=1e-5)


def test_a_schedule_goes_on_after_loading(tmp_path):
    model = two_parameters()
    optimizer = optimizers.SGD(lr=schedules.Step(1.0, 0.5, 2)).setup(model)
    optimizer.update()
    optimizer.update()
    mc.save_npz(tmp_path / 'o.npz', optimizer)
    fresh = optimizers.SGD(lr=schedules.Step(1.0, 0.5, 2)).setup(model)
    mc.load_npz(tmp_path / 'o.npz', fresh)
    assert fresh.lr == 0.5
