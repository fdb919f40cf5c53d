"""Each rule against its formula, one number at a time, and against PyTorch where it has it."""
import gc
import math
import signal
import weakref

import numpy as np
import pytest
import standin

import minichain as mc
from minichain import optimizers

STEPS = 50


def nesterov(p, gradients, lr=0.01, momentum=0.9):
    v = 0.0
    for g in gradients:         # as Chainer writes it: with the velocity before the update
        p += momentum * momentum * v - (1 + momentum) * lr * g
        v = momentum * v - lr * g
    return p


def adagrad(p, gradients, lr=0.001, eps=1e-8):
    for t, g in enumerate(gradients):
        p -= lr * g / (math.sqrt(sum(g * g for g in gradients[:t + 1])) + eps)
    return p


def decaying_mean(values, rate):
    """What a running mean that began at 0 has become."""
    n = len(values)
    return sum((1 - rate) * rate ** (n - 1 - i) * x for i, x in enumerate(values))


def adadelta(p, gradients, rho=0.95, eps=1e-6):
    steps = []
    for t, g in enumerate(gradients):
        v = decaying_mean([g * g for g in gradients[:t + 1]], rho)
        steps.append(math.sqrt(decaying_mean([d * d for d in steps], rho) + eps)
                     / math.sqrt(v + eps) * g)
    return p - sum(steps)


def rmsprop(p, gradients, lr=0.01, alpha=0.99, eps=1e-8, inside=False):
    for t, g in enumerate(gradients):
        v = decaying_mean([g * g for g in gradients[:t + 1]], alpha)
        p -= lr * g / (math.sqrt(v + eps) if inside else math.sqrt(v) + eps)
    return p


def rmsprop_graves(p, gradients, lr=1e-4, alpha=0.95, momentum=0.9, eps=1e-4):
    steps = []
    for t, g in enumerate(gradients):
        v = decaying_mean([g * g for g in gradients[:t + 1]], alpha)
        m = decaying_mean(gradients[:t + 1], alpha)
        steps.append(lr * g / math.sqrt(v - m ** 2 + eps))
    last = len(steps) - 1       # a step goes on for as long as there are updates after it
    return p - sum(d * (1 - momentum ** (last - i + 1)) / (1 - momentum)
                   for i, d in enumerate(steps))


def smorms3(p, gradients, lr=0.001, eps=1e-16):
    memory, m, v = 1.0, 0.0, 0.0
    for g in gradients:
        r = 1 / (memory + 1)
        m, v = (1 - r) * m + r * g, (1 - r) * v + r * g * g
        x = m * m / (v + eps)
        p -= g * min(lr, x) / (math.sqrt(v) + eps)
        memory = 1 + memory * (1 - x)
    return p


def adam(p, gradients, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, eta=1.0, decay=0.0,
         largest=False, final_lr=None, gamma=1e-3):
    before = 0.0
    for t, g in enumerate(gradients, 1):
        m = decaying_mean(gradients[:t], beta1) / (1 - beta1 ** t)
        v = decaying_mean([g * g for g in gradients[:t]], beta2)
        before = max(before, v) if largest else v
        rate = lr / (math.sqrt(before / (1 - beta2 ** t)) + eps)
        if final_lr is not None:    # the bounds are for the factor before the uncorrected mean
            rate = rate / (1 - beta1 ** t)
            rate = min(max(rate, final_lr - final_lr / (gamma * t + 1)),
                       final_lr + final_lr / (gamma * t)) * (1 - beta1 ** t)
        p = p - eta * rate * m - eta * decay * p
    return p


def lion(p, gradients, lr=1e-4, beta1=0.9, beta2=0.99, decay=0.0):
    for t, g in enumerate(gradients):
        m = decaying_mean(gradients[:t], beta2)
        p -= lr * (math.copysign(1, beta1 * m + (1 - beta1) * g) + decay * p)
    return p


RULES = {
    'NesterovAG': (optimizers.NesterovAG(lr=0.1, momentum=0.8), nesterov, (0.1, 0.8)),
    'AdaGrad': (optimizers.AdaGrad(lr=0.1), adagrad, (0.1,)),
    'AdaDelta': (optimizers.AdaDelta(), adadelta, ()),
    'RMSprop': (optimizers.RMSprop(), rmsprop, ()),
    'RMSprop inside': (optimizers.RMSprop(0.1, 0.9, 1e-2, eps_inside_sqrt=True), rmsprop,
                       (0.1, 0.9, 1e-2, True)),
    'RMSpropGraves': (optimizers.RMSpropGraves(lr=0.01), rmsprop_graves, (0.01,)),
    'SMORMS3': (optimizers.SMORMS3(lr=0.05), smorms3, (0.05,)),
    'Adam': (optimizers.Adam(0.1, 0.8, 0.95, 1e-3), adam, (0.1, 0.8, 0.95, 1e-3)),
    'AdamW': (optimizers.AdamW(0.1, eta=0.5, weight_decay_rate=0.02), adam,
              (0.1, 0.9, 0.999, 1e-8, 0.5, 0.02)),
    'AMSGrad': (optimizers.AMSGrad(0.1, beta2=0.8), adam,
                (0.1, 0.9, 0.8, 1e-8, 1.0, 0.0, True)),
    'AdaBound': (optimizers.AdaBound(0.1, final_lr=0.05, gamma=0.1), adam,
                 (0.1, 0.9, 0.999, 1e-8, 1.0, 0.0, False, 0.05, 0.1)),
    'AMSBound': (optimizers.AMSBound(0.1, beta2=0.8, final_lr=0.05, gamma=0.1), adam,
                 (0.1, 0.9, 0.8, 1e-8, 1.0, 0.0, True, 0.05, 0.1)),
    'Lion': (optimizers.Lion(0.01, weight_decay_rate=0.1), lion, (0.01, 0.9, 0.99, 0.1)),
}


def one_parameter(values, device='cpu'):
    return mc.Chain(inner=Holder(mc.to_device(values, device)))


class Holder(mc.Link):
    """A link with one parameter, W."""

    def __init__(self, values):
        super().__init__()
        with self.init_scope():
            self.W = mc.Parameter(values)


def follow(optimizer, model, gradients):
    """The parameter after an update with each of these gradients."""
    optimizer.setup(model)
    W = model.inner.W
    for g in gradients:
        W.grad = mc.to_device(g, W.device)
        optimizer.update()
    return mc.to_cpu(W.data)


@pytest.mark.parametrize('name', RULES)
def test_the_parameter_goes_where_the_formula_says(name, device, seed):
    optimizer, formula, settings = RULES[name]
    start, gradients = seed.standard_normal(4), seed.standard_normal((STEPS, 4)) + 0.3
    got = follow(optimizer, one_parameter(start.copy(), device), gradients)
    wanted = [formula(p, list(g), *settings) for p, g in zip(start, gradients.T)]
    np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize('name', RULES)
@pytest.mark.parametrize('dtype', ['float16', 'float32'])
def test_the_type_stays_and_half_precision_is_computed_in_single(name, dtype, device, seed):
    optimizer = RULES[name][0]
    start, gradients = seed.standard_normal((3, 2)), seed.standard_normal((5, 3, 2))
    model = one_parameter(start.astype(dtype), device)
    got = follow(optimizer, model, gradients.astype(dtype))
    wanted = follow(optimizer, one_parameter(start), gradients)
    rule = model.inner.W.update_rule
    assert got.dtype == dtype
    assert {array.dtype for array in rule.state.values()} <= {np.dtype('float32')}
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-2 if dtype == 'float16' else 1e-5)


@pytest.mark.parametrize('name', RULES)
def test_large_arrays_are_changed_in_blocks_with_the_same_result(name, seed, monkeypatch):
    optimizer = RULES[name][0]
    start, gradients = seed.standard_normal((7, 5)), seed.standard_normal((3, 7, 5))
    whole = follow(optimizer, one_parameter(start.copy()), gradients)
    turned = follow(optimizer, one_parameter(start.T.copy().T), gradients)
    monkeypatch.setattr(optimizers.base, 'BLOCK', 4)
    blocks = follow(optimizer, one_parameter(start.copy()), gradients)
    np.testing.assert_array_equal(blocks, whole)
    np.testing.assert_array_equal(turned, whole)


def test_a_gradient_is_never_written_to(seed):
    start, g = seed.standard_normal(6), seed.standard_normal(6)
    g.flags.writeable = False
    for optimizer, _, _ in RULES.values():
        follow(optimizer, one_parameter(start.copy()), [g, g])


def test_a_rule_takes_one_launch_on_a_gpu_and_does_not_wait_for_it(stand_in):
    g = stand_in.ones((4, 3), 'float32')
    for optimizer, _, _ in RULES.values():
        model = one_parameter(np.ones((4, 3), 'float32'), 'gpu')
        follow(optimizer, model, [g])
        with standin.recording() as events:
            optimizer.update()
        assert not events.waits and not events.copies and len(events.launches) == 1


TORCH = {
    'SGD': (lambda: optimizers.SGD(0.1), lambda o, p: o.SGD(p, 0.1)),
    'MomentumSGD': (lambda: optimizers.MomentumSGD(0.1, 0.8),
                    lambda o, p: o.SGD(p, 0.1, momentum=0.8)),
    'NesterovAG': (lambda: optimizers.NesterovAG(0.1, 0.8),
                   lambda o, p: o.SGD(p, 0.1, momentum=0.8, nesterov=True)),
    'AdaGrad': (lambda: optimizers.AdaGrad(0.1, 1e-6), lambda o, p: o.Adagrad(p, 0.1, eps=1e-6)),
    'AdaDelta': (lambda: optimizers.AdaDelta(0.9, 1e-4),
                 lambda o, p: o.Adadelta(p, 1.0, rho=0.9, eps=1e-4)),
    'RMSprop': (lambda: optimizers.RMSprop(0.1, 0.9, 1e-4),
                lambda o, p: o.RMSprop(p, 0.1, alpha=0.9, eps=1e-4)),
    'Adam': (lambda: optimizers.Adam(0.1, 0.8, 0.9, 1e-4),
             lambda o, p: o.Adam(p, 0.1, (0.8, 0.9), 1e-4)),
    'AdamW': (lambda: optimizers.AdamW(0.1, weight_decay_rate=0.03),
              lambda o, p: o.AdamW(p, 0.1, weight_decay=0.3)),      # PyTorch multiplies it by lr
    'AMSGrad': (lambda: optimizers.AMSGrad(0.1, 0.8, 0.9),
                lambda o, p: o.Adam(p, 0.1, (0.8, 0.9), amsgrad=True)),
}


@pytest.mark.oracle
@pytest.mark.parametrize('name', TORCH)
def test_pytorch_goes_the_same_way(name, seed):
    torch = pytest.importorskip('torch', reason='PyTorch is not installed')
    ours, theirs = TORCH[name]
    start, gradients = seed.standard_normal((3, 4)), seed.standard_normal((STEPS, 3, 4))
    p = torch.tensor(start, requires_grad=True)
    optimizer = theirs(torch.optim, [p])
    for g in gradients:
        p.grad = torch.tensor(g)
        optimizer.step()
    got = follow(ours(), one_parameter(start), gradients)
    np.testing.assert_allclose(got, p.detach().numpy(), rtol=1e-9, atol=1e-12)


# What all optimizers do --------------------------------------------------------------------------

def two_parameters():
    model = mc.Chain(a=Holder(np.ones(3, 'float32')), b=Holder(np.ones((2, 2), 'float32')))
    model.a.W.grad, model.b.W.grad = np.full(3, 2, 'float32'), np.full((2, 2), 2, 'float32')
    return model


@pytest.mark.parametrize('bad, error, words', [
    (np.ones((2, 2), 'float64'), mc.DTypeError, "'/b/W' is float64"),
    (np.ones((2, 1), 'float32'), mc.ShapeError, r"'/b/W' has the shape \(2, 1\)"),
])
def test_a_gradient_that_does_not_fit_changes_nothing(bad, error, words):
    model = two_parameters()
    optimizer = optimizers.Adam().setup(model)
    optimizer.add_hook(optimizers.WeightDecay(0.1))
    model.b.W.place.grad_left = bad
    with pytest.raises(error, match=words):
        optimizer.update()
    assert optimizer.t == 0
    np.testing.assert_array_equal(model.a.W.data, 1)
    np.testing.assert_array_equal(model.a.W.grad, 2)


def test_a_gradient_on_another_device_changes_nothing(stand_in):
    model = two_parameters()
    optimizer = optimizers.SGD().setup(model)
    model.b.W.place.grad_left = stand_in.ones((2, 2), 'float32')
    with pytest.raises(mc.DeviceError, match="'/b/W' is on gpu:0"):
        optimizer.update()
    np.testing.assert_array_equal(model.a.W.data, 1)


def test_no_gradient_no_target_and_no_loss_are_errors():
    with pytest.raises(mc.GraphError, match='setup'):
        optimizers.SGD().update()
    with pytest.raises(mc.GraphError, match='setup'):
        optimizers.SGD().values()
    with pytest.raises(mc.GraphError, match='setup'):
        optimizers.SGD().add_hook(optimizers.Lasso(1))
    model = two_parameters()
    optimizer = optimizers.SGD().setup(model)
    with pytest.raises(mc.GraphError, match='The loss is float'):
        optimizer.update(lambda: 1.0)
    model.cleargrads()
    with pytest.raises(mc.GraphError, match='No parameter has a gradient'):
        optimizer.update()


def test_a_parameter_can_have_numbers_of_its_own():
    model = two_parameters()
    optimizer = optimizers.SGD(lr=0.1).setup(model)
    model.a.W.update_rule.hyperparam.lr = 0.5
    optimizer.update()
    np.testing.assert_allclose(model.a.W.data, 0)
    np.testing.assert_allclose(model.b.W.data, 0.8)
    optimizer.lr = 0.2
    optimizer.update()
    np.testing.assert_allclose(model.b.W.data, 0.4)
    assert repr(optimizer) == 'SGD(lr=0.2)'
    with pytest.raises(AttributeError, match="no attribute 'momentum'"):
        optimizer.momentum


def test_a_parameter_can_have_a_rule_of_its_own_or_stand_still():
    model = two_parameters()
    optimizer = optimizers.SGD(lr=0.1).setup(model)
    model.a.W.update_rule = optimizers.Lion(lr=0.25).create_update_rule()
    model.b.W.update_rule.enabled = False
    optimizer.update()
    np.testing.assert_allclose(model.a.W.data, 0.75)
    np.testing.assert_allclose(model.b.W.data, 1)
    assert 'a/W/m' in optimizer.values()


def test_two_optimizers_of_one_model_do_not_mix():
    model = two_parameters()
    first, second = optimizers.SGD(lr=0.1).setup(model), optimizers.SGD(lr=0.2).setup(model)
    first.update()
    np.testing.assert_allclose(model.a.W.data, 0.8)
    second.update()
    np.testing.assert_allclose(model.a.W.data, 0.4)


def test_a_parameter_in_two_places_changes_once():
    model = two_parameters()
    with model.b.init_scope():
        model.b.tied = model.a.W
    optimizers.SGD(lr=0.1).setup(model).update()
    np.testing.assert_allclose(model.a.W.data, 0.8)


def test_a_parameter_that_comes_later_is_changed_too():
    model = two_parameters()
    optimizer = optimizers.MomentumSGD(lr=0.1).setup(model)
    model.add_link('c', Holder(np.ones(1, 'float32')))
    model.c.W.grad = np.ones(1, 'float32')
    optimizer.update()
    np.testing.assert_allclose(model.c.W.data, 0.9)


def test_a_model_may_move_to_a_gpu_and_back_while_it_learns(stand_in):
    wanted, moved = two_parameters(), two_parameters()
    for model, homes in ((wanted, ['cpu'] * 3), (moved, ['cpu', 'gpu', 'cpu'])):
        optimizer = optimizers.AdaGrad(lr=0.1).setup(model)
        for home in homes:
            model.to_device(home)
            for param in model.params():
                param.grad = param.xp.full(param.shape, 2, 'float32')
            optimizer.update()
    np.testing.assert_allclose(moved.a.W.data, wanted.a.W.data, rtol=1e-6)


def test_a_parameter_that_has_grown_starts_anew():
    model = two_parameters()
    optimizer = optimizers.Adam(lr=0.1).setup(model)
    optimizer.update()
    model.a.W.data, model.a.W.grad = np.ones(5, 'float32'), None
    model.a.W.grad = np.full(5, 3, 'float32')
    optimizer.update()
    np.testing.assert_allclose(model.a.W.data, 0.9, rtol=1e-6)
    np.testing.assert_allclose(model.b.W.data, 0.8, rtol=1e-6)


def test_a_model_and_its_optimizer_go_without_the_garbage_collector():
    gc.disable()
    try:
        model = two_parameters()
        optimizer = optimizers.Adam().setup(model)
        optimizer.update()
        weights = weakref.ref(model.a.W)
        del model, optimizer
        assert weights() is None
    finally:
        gc.enable()


def test_a_copied_model_has_no_optimizer():
    model = two_parameters()
    optimizers.Adam().setup(model)
    assert model.copy().a.W.update_rule is None


def test_an_optimizer_written_by_a_user():
    class Signs(optimizers.Optimizer):
        def __init__(self, lr):
            super().__init__(lr=lr)

        @staticmethod
        def rule(h, p, g):
            p -= h.lr / h.t * np.sign(g)

    model = two_parameters()
    optimizer = Signs(lr=0.5).setup(model)
    optimizer.update()
    optimizer.update()
    np.testing.assert_allclose(model.a.W.data, 0.25)


def test_observers_hear_of_each_changed_parameter():
    class Listener:
        def __init__(self):
            self.heard = []

        def on_update(self, param):
            self.heard.append(param)

    model = two_parameters()
    with mc.watch(Listener()) as listener:
        optimizers.SGD().setup(model).update()
    assert [id(p) for p in listener.heard] == [id(model.a.W), id(model.b.W)]


def test_an_interrupt_waits_until_all_parameters_have_changed():
    class Interrupt:
        def on_update(self, param):
            if param is model.a.W:
                signal.raise_signal(signal.SIGINT)

    model = two_parameters()
    optimizer = optimizers.SGD(lr=0.5).setup(model)
    with mc.watch(Interrupt()), pytest.raises(KeyboardInterrupt):
        optimizer.update()
    np.testing.assert_array_equal(model.a.W.data, 0)
    np.testing.assert_array_equal(model.b.W.data, 0)
    assert optimizer.t == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


# Saving ------------------------------------------------------------------------------------------

@pytest.mark.parametrize('name', RULES)
def test_a_loaded_optimizer_goes_on_bit_for_bit(name, device, seed, tmp_path):
    optimizer = RULES[name][0]
    start, gradients = seed.standard_normal(4).astype('f'), seed.standard_normal((10, 4))
    gradients = gradients.astype('float32')
    wanted = follow(optimizer, one_parameter(start.copy(), device), gradients)

    model = one_parameter(start.copy(), device)
    follow(optimizer, model, gradients[:5])
    mc.save_npz(tmp_path / 'optimizer.npz', optimizer)
    fresh = type(optimizer)().setup(model)
    mc.load_npz(tmp_path / 'optimizer.npz', fresh)
    assert (fresh.t, fresh.hyperparam.own) == (5, optimizer.hyperparam.own)
    for g in gradients[5:]:
        model.inner.W.grad = mc.to_device(g, device)
        fresh.update()
    np.testing.assert_array_equal(mc.to_cpu(model.inner.W.data), wanted)


def test_the_names_in_a_saved_optimizer():
    optimizer = optimizers.RMSprop(lr=0.5).setup(two_parameters())
    assert set(optimizer.values()) == {
        't', 'epoch', 'hyperparam/lr', 'hyperparam/alpha', 'hyperparam/eps',
        'hyperparam/eps_inside_sqrt', 'a/W/t', 'a/W/v', 'b/W/t', 'b/W/v'}
