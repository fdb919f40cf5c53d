"""Chainer's ways: what holds while minichain stands in for Chainer, and what does not any more."""
import copy
import sys
import types

import minichain as mc
import minichain.chainer
import numpy as np
import pytest
from minichain.errors import DeviceError, GraphError

minichain.chainer.uninstall()


@pytest.fixture(autouse=True)
def installed():
    """Chainer's ways hold during a test of this file, and no longer."""
    minichain.chainer.install()
    yield
    minichain.chainer.uninstall()


def array(*values):
    return np.array(values, np.float32)


# Installing --------------------------------------------------------------------------------------

def test_programs_import_chainer_and_all_of_its_modules():
    import chainer
    import chainer.backends.cuda
    import chainer.computational_graph
    import chainer.functions as F
    import chainer.links as L
    from chainer import (Chain, Variable, backend, cuda, datasets, initializers, iterators,
                         optimizers, reporter, serializers, training)
    from chainer.functions.loss.vae import gaussian_kl_divergence
    from chainer.initializers import normal
    from chainer.serializers.npz import NpzDeserializer
    from chainer.training.extensions import log_report
    from chainer.training import extensions, triggers, updaters
    from chainer.utils import type_check
    assert chainer is minichain.chainer and chainer.__version__ == '7.8.1'
    assert F.convolution_2d and L.Convolution2D and gaussian_kl_divergence is not None
    assert normal.Normal is initializers.Normal and NpzDeserializer is serializers.NpzDeserializer
    assert log_report.LogReport is extensions.LogReport
    assert chainer.backends.cuda is cuda and Chain is chainer.Chain
    for module in (Variable, backend, datasets, initializers, iterators, optimizers, reporter,
                   serializers, training, extensions, triggers, updaters, type_check):
        assert module is not None


def test_uninstall_leaves_nothing_behind():
    minichain.chainer.uninstall()
    assert not [name for name in sys.modules if name == 'chainer' or name.startswith('chainer.')]
    assert 'chainerx' not in sys.modules
    assert not hasattr(mc.Variable, 'zerograd') and not hasattr(mc.get_device('cpu'), 'use')
    y = mc.Variable(array(1, 2)).sum()
    y.backward()
    with pytest.raises(GraphError, match='let go'):
        y.backward()
    mc.set_seed(0)
    first = mc.initializers.Normal()((3,))
    np.random.seed(5)
    mc.set_seed(0)
    assert np.array_equal(mc.initializers.Normal()((3,)), first)


def test_another_chainer_is_not_replaced(monkeypatch):
    minichain.chainer.uninstall()
    other = types.ModuleType('chainer')
    other.__file__ = '/somewhere/chainer/__init__.py'
    monkeypatch.setitem(sys.modules, 'chainer', other)
    with pytest.raises(ImportError, match='/somewhere/chainer.*before the first `import chainer`'):
        minichain.chainer.install()
    assert sys.modules['chainer'] is other


@pytest.mark.parametrize('path, sentence', [
    ('iterators.DaliIterator', 'DALI is not supported. Use MultiprocessIterator'),
    ('links.TheanoFunction', 'Theano is not supported. Write the function as a FunctionNode'),
    ('links.caffe', 'Caffe cannot be imported. Convert them to an npz file'),
    ('training.updaters.ParallelUpdater', 'several devices is not supported. Use StandardUpdater'),
    ('backends.chainerx', 'ChainerX is not supported. Use NumPy on the CPU, or CuPy on a GPU'),
    ('backends.intel64.array', 'iDeep is not supported. Use NumPy'),
    ('functions.as_strided', 'Use F.get_item, F.reshape or F.im2col'),
    ('datasets.open_pickle_dataset', 'Pickled content is never loaded'),
])
def test_what_is_not_supported_says_what_to_use_instead(path, sentence):
    thing = minichain.chainer
    *modules, name = path.split('.')
    for module in modules:
        thing = getattr(thing, module)
    with pytest.raises(NotImplementedError, match=f'chainer.*{name} is not there: .*{sentence}'):
        getattr(thing, name)


def test_chainerx_is_there_to_be_asked_whether_it_is():
    import chainermn
    import chainerx
    assert not chainerx.is_available() and not isinstance(np.zeros(1), chainerx.ndarray)
    with pytest.raises(NotImplementedError, match='ChainerX is not supported'):
        chainerx.zeros
    with pytest.raises(NotImplementedError, match='ChainerMN is not supported'):
        chainermn.create_communicator
    with pytest.raises(NotImplementedError, match='Caffe cannot be imported'):
        import chainer.links.caffe
        chainer.links.caffe.CaffeFunction
    with pytest.raises(NotImplementedError, match='pretrained weights are not downloaded'):
        minichain.chainer.links.VGG16Layers()


def test_a_name_that_is_nowhere_is_an_attribute_error():
    with pytest.raises(AttributeError, match="chainer.functions has no 'convolution_4d' here"):
        minichain.chainer.functions.convolution_4d


# Variables ---------------------------------------------------------------------------------------

def test_backward_starts_from_grad_and_can_go_the_same_way_again():
    import chainer
    x = chainer.Variable(array(1, 2))
    y = x * x
    y.grad = array(1, 10)
    y.backward()
    assert x.grad.tolist() == [2, 40]
    y.backward()
    assert x.grad.tolist() == [4, 80]
    loss = y.sum()
    loss.backward(True)         # retain_grad
    assert y.grad.tolist() == [1, 1] and loss.grad == 1


def test_every_variable_is_a_variable_of_chainer():
    import chainer
    y = chainer.functions.exp(array(0))
    assert isinstance(y, chainer.Variable) and isinstance(y * 2, chainer.Variable)
    assert isinstance(mc.links.Linear(2, 2).W, chainer.Parameter)
    assert isinstance(mc.links.Linear(2, 2), chainer.Link)
    assert not isinstance(array(0), chainer.Variable)
    with pytest.raises(TypeError, match='made of a NumPy or CuPy array, not of list'):
        chainer.Variable([1, 2])


def test_chainers_methods_of_a_variable():
    import chainer
    x, z = chainer.Variable(array(1, 2), name='x'), chainer.Variable(array(5, 6))
    x.zerograd()
    z.grad = array(3, 4)
    x.addgrad(z)
    x.copydata(z)
    assert x.grad.tolist() == [3, 4] and x.array.tolist() == [5, 6]
    x.array = array(7, 8)
    assert x.data.tolist() == [7, 8] and x.ravel().shape == (2,) and x.rank == 0
    assert (x + 1).rank > 0 and 'mean=7.5' in x.debug_print()
    x.to_cpu()
    (x + 1).to_cpu()
    assert str(x.device) == 'cpu'


def test_chainer_grad_with_the_graph_of_the_gradient():
    import chainer
    x = chainer.Variable(array(1, 2))
    g, = chainer.grad([x ** 3], [x], enable_double_backprop=True)
    assert g.array.tolist() == [3, 12]
    g2, = chainer.grad([g], [x], set_grad=True)
    assert g2.array.tolist() == [6, 12] and x.grad.tolist() == [6, 12]
    y = chainer.Variable(array(1, 1))
    chainer.backward([x * y, y * 2], [array(1, 1), array(1, 1)])
    assert y.grad.tolist() == [3, 4]


def test_gradients_of_parameters_are_nan_until_they_are_cleared():
    import chainer
    import chainer.links as L
    layer = L.Linear(2, 1)
    assert np.isnan(layer.W.grad).all()
    loss = chainer.functions.sum(layer(np.ones((1, 2), 'f')))
    loss.backward()
    assert np.isnan(layer.W.grad).all()
    layer.cleargrads()
    loss.backward()
    assert layer.W.grad.tolist() == [[1, 1]]
    lazy = L.Linear(3)
    lazy.cleargrads()
    lazy(np.ones((1, 2), 'f'))
    assert lazy.W.grad is None


# Users' functions --------------------------------------------------------------------------------

def make_functions():
    """A FunctionNode with two outputs, and the same for one output in the old style."""
    import chainer
    from chainer.utils import type_check

    class Both(chainer.FunctionNode):
        """x², e**x"""

        def check_type_forward(self, in_types):
            type_check._argname(in_types, ('x',))
            type_check.expect(in_types[0].dtype.kind == 'f', in_types[0].shape[0] == 2)

        def forward_cpu(self, inputs):
            self.retain_inputs((0,))
            self.retain_outputs((1,))
            return inputs[0] ** 2, np.exp(inputs[0])

        def backward(self, target_input_indexes, grad_outputs):
            assert target_input_indexes == (0,)
            x, = self.get_retained_inputs()
            _, e = None, *self.get_retained_outputs()
            g, ge = grad_outputs
            gx = 0 if g is None else 2 * x * g
            return gx if ge is None else gx + e * ge,

    class Times(chainer.Function):
        def forward(self, inputs):
            a, b = inputs
            return a * b,

        def backward(self, inputs, grad_outputs):
            a, b = inputs
            return grad_outputs[0] * b, grad_outputs[0] * a

    return Both, Times


def test_a_function_node_has_gradients_of_every_order():
    import chainer
    Both, _ = make_functions()
    mc.check_gradients(lambda x: Both().apply((x,)), [np.array([0.5, -1.0])], order=2)
    mc.check_gradients(lambda x: Both().apply((x,))[1], [np.array([0.5, -1.0])], order=2)
    with chainer.no_backprop_mode():
        y, _ = Both().apply((array(1, 2),))
    assert y.creator is None and isinstance(y, chainer.Variable)


def test_a_function_node_takes_whole_numbers_beside_real_ones():
    import chainer

    class Put(chainer.FunctionNode):
        def forward(self, inputs):
            x, places, values = inputs
            self.retain_inputs((1,))
            y = x.copy()
            y[places] = values
            return y,

        def backward(self, target_input_indexes, grad_outputs):
            places, = self.get_retained_inputs()
            g, = grad_outputs
            assert target_input_indexes == (2,)
            return g[places.array],

    values = chainer.Variable(array(7, 8))
    y, = Put().apply((np.zeros(4, 'f'), np.array([3, 1], 'i'), values))
    chainer.functions.sum(y * array(1, 2, 3, 4)).backward()
    assert y.array.tolist() == [0, 8, 0, 7] and values.grad.tolist() == [4, 2]
    assert chainer.functions.argmax(y).dtype == np.int32 and chainer.functions.argmin(y).array == 0


def test_an_old_function_has_a_gradient_and_says_that_it_has_no_second_one():
    import chainer
    _, Times = make_functions()
    a, b = chainer.Variable(array(1, 2)), chainer.Variable(array(3, 4))
    y = Times()(a, b)
    y.grad = array(1, 10)
    y.backward()
    assert a.grad.tolist() == [3, 40] and b.grad.tolist() == [1, 20]
    with pytest.raises(RuntimeError, match='Times is a Function in the old style'):
        chainer.grad([Times()(a, b)], [a], [array(1, 1)], enable_double_backprop=True)


def test_a_type_check_says_what_was_expected_and_what_came():
    import chainer
    from chainer.utils import type_check
    Both, _ = make_functions()
    with pytest.raises(type_check.InvalidType, match=r'Expect: x\.shape\[0\] == 2\nActual: 3 != 2'):
        Both().apply((array(1, 2, 3),))
    with chainer.using_config('type_check', False):
        assert Both().apply((array(1, 2, 3),))[0].shape == (3,)
    n = type_check.make_variable(5, 'n')
    with pytest.raises(type_check.InvalidType, match=r'\(n \+ 1\) < 6'):
        type_check.expect(n + 1 < 6)
    assert type_check.eval(n * 2) == 10
    with pytest.raises(RuntimeError, match='neither true nor false'):
        bool(n > 1)


# Configuration and devices -----------------------------------------------------------------------

def test_settings_are_changed_for_a_while_and_users_may_add_some():
    import chainer
    assert chainer.config.train and chainer.config.enable_backprop
    with chainer.using_config('train', False), chainer.no_backprop_mode():
        assert not mc.config.train and not mc.config.record
        with chainer.force_backprop_mode():
            assert mc.config.record
    assert mc.config.train and mc.config.record
    chainer.config.mine = 3
    with chainer.using_config('mine', 4):
        assert chainer.config.mine == 4
    assert chainer.config.mine == 3
    del chainer.config.mine
    with chainer.using_config('dtype', np.float64):
        assert chainer.links.Linear(2, 2).W.dtype == np.float64
    assert chainer.links.Linear(2, 2).W.dtype == np.float32 and chainer.get_dtype() == np.float32
    chainer.global_config.train = False
    assert not chainer.config.train and not chainer.global_config.train
    chainer.global_config.train = True
    chainer.global_config.autotune = True
    assert chainer.config.autotune
    with chainer.DebugMode(True):
        assert chainer.is_debug()
    assert not chainer.is_debug()


def test_devices_in_all_spellings():
    import chainer
    from chainer.backends import cuda
    for spec in ('@numpy', '-1', -1, np, ('numpy', 0)[:1], chainer.backend.CpuDevice()):
        device = chainer.get_device(spec)
        device.use()
        assert device.xp is np
    assert device.send([np.ones(2), (np.ones(1),)])[1][0].tolist() == [1]
    assert chainer.backend.get_array_module(array(1)) is np
    assert np is not cuda.cupy
    if not cuda.available:
        with pytest.raises(RuntimeError, match='CUDA environment is not correctly set up'):
            cuda.cupy.zeros(3)
        with pytest.raises(RuntimeError, match='CUDA environment is not correctly set up'):
            cuda.to_gpu(array(1))
    assert cuda.to_cpu(array(1)).tolist() == [1] and cuda.get_device_from_id(None).xp is np
    with pytest.raises(DeviceError, match="no device 'native:0', for ChainerX and iDeep"):
        chainer.get_device('native:0')


class Everything(minichain.chainer.Chain):
    """A network with all that has a way of its own on a GPU, but for noise, which differs there."""

    def __init__(self):
        import chainer.links as L
        super().__init__()
        with self.init_scope():
            self.conv, self.bn = L.Convolution2D(None, 3, 3), L.BatchNormalization(3)
            self.lstm, self.sequence = L.LSTM(3, 4), L.NStepGRU(1, 4, 4, 0.0)
            self.negative = L.NegativeSampling(4, [3, 1, 2], 2)

    def forward(self, x, t):
        import chainer.functions as F
        h = F.max_pooling_2d(F.relu(self.bn(self.conv(x))), 2)
        self.lstm.reset_state()
        h = self.lstm(F.average(h, axis=(2, 3)))
        h, _ = self.sequence(None, [row[None] for row in F.separate(h)])
        return self.negative(h[0], t) / len(x)


def everything_trained(device):
    """Three updates on a device: the network and its optimizer."""
    import chainer
    np.random.seed(0)
    model = Everything()
    model.to_device(device)
    optimizer = chainer.optimizers.Adam().setup(model)
    data = [(np.full((2, 8, 8), i, 'f'), np.int32(i % 3)) for i in range(6)]
    updater = chainer.training.StandardUpdater(
        chainer.iterators.SerialIterator(data, 3), optimizer, device=device)
    for _ in range(3):
        updater.update()
    return model, optimizer


def test_a_network_computes_the_same_wherever_it_lives(device):
    import chainer
    model, optimizer = everything_trained(device)
    assert model.xp is device.xp and chainer.get_device(device) == device
    on_cpu = dict(everything_trained(mc.get_device('cpu'))[0].namedparams())
    for name, param in model.namedparams():
        if name == '/conv/b':
            continue    # before a batch normalization: Adam enlarges what rounding leaves of zero
        np.testing.assert_allclose(mc.to_cpu(param.data), on_cpu[name].data, atol=1e-5)
    arrays = device.send({'x': np.ones(2, 'f')})
    assert isinstance(arrays['x'], device.supported_array_types)
    if device.kind == 'gpu':
        from chainer.backends import cuda
        assert cuda.available and isinstance(cuda.to_gpu(array(1)), cuda.ndarray)
        assert cuda.get_device_from_array(arrays['x']) == device
        assert cuda.to_cpu(cuda.copy(arrays['x'])).tolist() == [1, 1]
    saved = {}
    chainer.serializers.DictionarySerializer(saved).save(optimizer)
    assert all(isinstance(value, np.ndarray) for value in saved.values())


# Links -------------------------------------------------------------------------------------------

def test_a_copied_link_shares_its_numbers_unless_it_is_told_otherwise():
    import chainer
    model = chainer.Chain(a=chainer.links.Linear(2, 2), bn=chainer.links.BatchNormalization(2))
    shared, own, fresh = model.copy(), model.copy('copy'), model.copy('init')
    model.a.W.array[...] = 7
    assert (shared.a.W.array == 7).all() and not (own.a.W.array == 7).any()
    assert not np.array_equal(fresh.a.W.array, own.a.W.array)
    shared.a.W.grad = np.ones((2, 2), 'f')
    assert np.isnan(model.a.W.grad).all()
    model.bn(np.random.rand(4, 2).astype('f'))
    assert np.array_equal(shared.bn.avg_mean, model.bn.avg_mean) and model.bn.avg_mean.any()
    assert copy.deepcopy(model).a.W is not model.a.W


def test_arguments_have_the_names_that_chainer_gives_them():
    import chainer.functions as F
    x = array([1, -2], [3, 4])
    assert F.transpose(x, axes=(1, 0)).array.tolist() == [[1, 3], [-2, 4]]
    assert F.clip(x, x_min=0, x_max=3).array.tolist() == [[1, 0], [3, 3]]
    assert F.cast(x, typ=np.float64).dtype == np.float64
    assert F.reshape(x, shape=(4,)).shape == (4,) and F.maximum(x1=x, x2=-x).array.min() == 1
    assert F.mean_squared_error(x0=x, x1=x).array == 0
    assert F.get_item(x, slices=(0, 1)).array == -2 and F.inv(a=x).shape == (2, 2)
    names = minichain.chainer.names
    assert set(names.ARGUMENTS) <= {*names.SAME_FUNCTIONS, *names.FUNCTIONS}


def test_a_recurrent_link_begins_with_the_state_of_another_one():
    import chainer
    import chainer.links as L
    x = np.ones((2, 3), 'f')
    encoder, decoder = L.LSTM(3, 4), L.LSTM(3, 4)
    encoder(x)
    decoder.set_state(encoder.c, encoder.h)
    loss = chainer.functions.sum(decoder(x))
    encoder.cleargrads()
    loss.backward()
    assert np.abs(encoder.upward.W.grad).sum() > 0
    gru = L.GRU(3, 4)
    gru.set_state(encoder.h)
    assert gru(x).shape == (2, 4)
    rnn = L.NStepLSTM(1, 3, 4, 0.0)
    hy, _, ys = rnn(hx=None, cx=None, xs=[x])
    assert hy.shape == (1, 1, 4) and ys[0].shape == (2, 4) and rnn.init_hx([x]).shape == (1, 1, 4)


def test_lists_of_links_can_be_changed():
    import chainer
    import chainer.functions as F
    import chainer.links as L
    model = chainer.Sequential(L.Linear(2, 3), F.relu, L.Linear(3, 1))
    assert [name for name, _ in model.namedparams()] == ['/0/W', '/0/b', '/1/W', '/1/b']
    model.insert(1, L.Linear(3, 3))
    assert len(model) == 4 and model[3].name == '2' and model.index(F.relu) == 2
    model.remove_by_layer_type('relu')
    model += chainer.Sequential(F.tanh)
    assert model.count_by_layer_type('Linear') == 3 and model(np.ones((1, 2), 'f')).shape == (1, 1)
    assert len(chainer.Sequential(model, F.relu).flatten()) == 5
    model.pop()
    del model[0]
    model.clear()
    with pytest.raises(RuntimeError, match='This Sequential is empty'):
        model(array(1))
    models = chainer.ChainList(L.Linear(1, 1))
    models.add_link(L.Linear(1, 2))
    assert models[1].name == '1' and len(list(models.children())) == 2


def test_parameters_are_given_copied_and_added():
    import chainer
    first, second = (chainer.links.Linear(2, 1, initialW=i, initial_bias=i) for i in (1, 2))
    second.copyparams(first)
    assert second.W.array.tolist() == [[1, 1]]
    first.zerograds()
    second.W.grad, second.b.grad = np.ones((1, 2), 'f'), np.ones(1, 'f')
    first.addgrads(second)
    assert first.W.grad.tolist() == [[1, 1]] and first.count_params() == 3
    link = chainer.Link()
    link.add_param('p', (2,), initializer=chainer.initializers.Constant(3))
    link.q = array(1)
    link.register_persistent('q')
    assert link.p.array.tolist() == [3, 3] and [n for n, _ in link.namedlinks()] == ['/']


def test_an_initializer_of_ones_own_fills_an_array():
    import chainer

    class Count(chainer.Initializer):
        def __call__(self, array):
            array[...] = np.arange(array.size).reshape(array.shape)

    layer = chainer.links.Linear(2, 2, initialW=Count(), initial_bias=np.array([5, 6], 'f'))
    assert layer.W.array.tolist() == [[0, 1], [2, 3]] and layer.b.array.tolist() == [5, 6]
    assert chainer.Parameter(Count(), 3).array.tolist() == [0, 1, 2]
    assert np.isnan(chainer.Parameter(None, (1,)).array).all()


# Optimizers --------------------------------------------------------------------------------------

def test_an_update_rule_of_ones_own():
    import chainer

    class Rule(chainer.UpdateRule):
        def init_state(self, param):
            self.state['steps'] = np.zeros(1, 'f')

        def update_core_cpu(self, param):
            self.state['steps'] += 1
            param.array[...] -= self.hyperparam.lr * np.sign(param.grad)

    class Signs(chainer.GradientMethod):
        def __init__(self, lr):
            super().__init__()
            self.hyperparam.lr = lr

        def create_update_rule(self):
            return Rule(self.hyperparam)

    model = chainer.links.Linear(1, 1, initialW=1)
    optimizer = Signs(0.25).setup(model)
    for _ in range(2):
        optimizer.update(lambda: chainer.functions.sum(model(array([5]))))
    assert model.W.array.item() == 0.5 and model.W.update_rule.state['steps'].item() == 2
    target = {}
    chainer.serializers.DictionarySerializer(target).save(optimizer)
    assert target['W/steps'].item() == 2 and target['t'] == 2


def test_rates_of_adam_and_of_one_parameter():
    import chainer
    model = chainer.links.Linear(1, 1)
    optimizer = chainer.optimizers.Adam(alpha=0.1)
    with pytest.raises(RuntimeError, match='not known before the first update'):
        optimizer.lr
    optimizer.setup(model).use_cleargrads()
    model.b.update_rule.hyperparam.alpha = 0.0
    before = model.b.array.copy()
    optimizer.update(lambda: chainer.functions.sum(model(array([5]))))
    assert optimizer.lr == pytest.approx(0.1 * 0.001 ** 0.5 / 0.1) and optimizer.alpha == 0.1
    assert np.array_equal(model.b.array, before)
    model.disable_update()
    optimizer.update()
    assert optimizer.t == 2 and not model.update_enabled


def test_losses_can_be_scaled():
    import chainer
    model = chainer.links.Linear(1, 1)
    optimizer = chainer.optimizers.SGD(0.1).setup(model)
    optimizer.set_loss_scale(8)
    seen = []
    optimizer.add_hook(lambda opt: seen.append(opt.target.b.grad.item()), 'look')
    optimizer.update(lambda: chainer.functions.sum(model(array([5]))))
    assert seen == [1] and optimizer.is_safe_to_update()


# Data --------------------------------------------------------------------------------------------

def test_converters_in_the_old_style_get_a_number():
    import chainer
    from chainer.dataset import convert
    from minichain.chainer.data import call_converter
    device = chainer.get_device('@numpy')
    assert call_converter(lambda batch, device: device, [], device) == -1
    assert call_converter(lambda batch, device: device, [], None) is None

    @chainer.dataset.converter()
    def new(batch, device):
        return device

    assert call_converter(new, [], device) is device
    x, t = convert.concat_examples([(array(1), 0), (array(2), 1)], -1)
    assert x.tolist() == [[1], [2]] and t.tolist() == [0, 1]
    assert convert.to_device(-1, x) is x


def test_an_iterator_goes_on_where_it_was_saved():
    import chainer
    np.random.seed(0)
    iterators = [chainer.iterators.SerialIterator(list(range(9)), 4) for _ in range(2)]
    first, second = iterators
    first.next()
    target = {}
    chainer.serializers.DictionarySerializer(target).save(first)
    assert set(target) == {'current_position', 'epoch', 'is_new_epoch', 'order',
                           'previous_epoch_detail'}
    chainer.serializers.NpzDeserializer(target).load(second)
    assert first.next() == second.next() and second.current_position == 8
    with pytest.raises(ValueError, match='shuffle must be None'):
        chainer.iterators.SerialIterator([1], 1, shuffle=True,
                                         order_sampler=chainer.iterators.ShuffleOrderSampler())


# Serializers -------------------------------------------------------------------------------------

def test_npz_files_are_loaded_in_part_or_strictly(tmp_path):
    import chainer
    import chainer.links as L
    path = tmp_path / 'model.npz'
    model = chainer.Chain(a=L.Linear(2, 2), lazy=L.Linear(3))
    chainer.serializers.save_npz(path, model)
    other = chainer.Chain(a=L.Linear(2, 2), lazy=L.Linear(3), more=L.Linear(1, 1))
    with pytest.raises(KeyError, match="'more/W' is not in the file"):
        chainer.serializers.load_npz(path, other)
    chainer.serializers.load_npz(path, other, strict=False)
    assert np.array_equal(other.a.W.array, model.a.W.array)
    assert not other.lazy.W.is_initialized      # it was not when it was saved
    other.a.W.array[...] = 0
    chainer.serializers.load_npz(path, other, strict=False, ignore_names=['a/W'])
    assert not other.a.W.array.any()
    with pytest.raises(ValueError, match=r"'W' has the shape|'a/W' has the shape \(2, 2\)"):
        chainer.serializers.load_npz(path, chainer.Chain(a=L.Linear(3, 2)), strict=False)
    part = L.Linear(2, 2)
    chainer.serializers.load_npz(path, part, path='a/')
    assert np.array_equal(part.W.array, model.a.W.array)


def test_pickled_content_is_never_loaded_and_a_broken_file_is_named(tmp_path):
    import chainer
    path = tmp_path / 'evil.npz'

    class Evil:
        def __reduce__(self):
            return (exec, ('raise SystemExit("pickled content was run")',))

    np.savez(path, W=np.array(Evil(), object), b=np.zeros(1, 'f'))
    layer = chainer.links.Linear(1, 1)
    before = layer.W.array.copy()
    chainer.serializers.load_npz(path, layer)
    assert np.array_equal(layer.W.array, before)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ValueError, match='evil.npz is no npz file, or it is broken'):
        chainer.serializers.load_npz(path, layer)


# Others ------------------------------------------------------------------------------------------

def test_updaters_that_set_their_own_attributes():
    import chainer

    class Updater(chainer.training.StandardUpdater):
        def __init__(self, iterator, optimizer):
            self._iterators = {'main': iterator}
            self._optimizers = {'main': optimizer}
            self.device = -1
            self.iteration = 0

    model = chainer.links.Classifier(chainer.links.Linear(2, 2))
    data = [(array(1, 0), np.int32(0)), (array(0, 1), np.int32(1))]
    updater = Updater(chainer.iterators.SerialIterator(data, 2),
                      chainer.optimizers.SGD(1.0).setup(model))
    losses = []
    for _ in range(5):
        updater.update()
        losses.append(float(model.loss.array))
    assert losses[-1] < losses[0] and updater.epoch == 5


def test_hooks_checks_and_reports_of_chainer(capsys):
    import chainer
    from chainer import computational_graph, gradient_check, testing

    class Names(chainer.FunctionHook):
        def __init__(self):
            self.seen = []

        def forward_postprocess(self, function, in_data):
            self.seen.append((function.label, in_data[0].shape))

        def backward_postprocess(self, function, in_data, out_grad):
            self.seen.append(out_grad[0].shape)

    x = chainer.Variable(array(1, 2))
    with Names() as hook, chainer.function_hooks.TimerHook() as timer:
        y = chainer.functions.exp(x)
        y.backward(array(1, 1))
    assert hook.seen == [('exp', (2,)), (2,)] and timer.summary()['exp']['occurrence'] == 1
    assert 'exp' in computational_graph.build_computational_graph([y]).dump()
    gradient_check.check_backward(chainer.functions.tanh, array(0.3), array(1))
    numbers = array(0.3)
    g, = gradient_check.numerical_grad(lambda: (np.sin(numbers),), (numbers,), (array(1),))
    testing.assert_allclose(g, np.cos(numbers), atol=1e-3)
    testing.parameterize({'size': 2}, {'size': 3})(type(
        'Sizes', (), {'__module__': __name__, 'runTest': lambda self: self.assertGreater(
            self.size, 2)}))
    results = [globals().pop(f'Sizes_param_{i}')().run() for i in range(2)]
    assert [result.wasSuccessful() for result in results] == [False, True]
    testing.run_module(__name__, __file__)
    assert testing.attr.slow(len) is len and testing.attr.multi_gpu(2)(len).__unittest_skip__
    assert testing.product({'a': [1, 2], 'b': [3]}) == [{'a': 1, 'b': 3}, {'a': 2, 'b': 3}]
    chainer.print_runtime_info()
    assert 'Chainer: the interface of 7.8.1' in capsys.readouterr().out


def test_hooks_of_links_hear_of_one_or_of_all():
    import chainer

    class Names(chainer.LinkHook):
        name = 'Names'

        def __init__(self):
            self.seen = []

        def forward_preprocess(self, args):
            self.seen.append((type(args.link).__name__, len(args.args)))

    model = chainer.Sequential(chainer.links.Linear(1, 1), chainer.functions.relu)
    model[0].add_hook(Names())
    with Names() as hook:
        model(array([1]))
    assert [name for name, _ in hook.seen] == ['Sequential', 'Linear']
    assert model[0].hooks['Names'].seen == [('Linear', 1)]


def test_distributions_have_chainers_methods_and_divergences():
    import chainer
    import chainer.distributions as D
    p, q = D.Bernoulli(p=array(0.5, 0.25)), D.Bernoulli(logit=array(0, 0), binary_check=False)
    assert chainer.kl_divergence(p, q).array[0] == pytest.approx(0)
    assert chainer.cross_entropy(p, q).array == pytest.approx([np.log(2)] * 2)
    normal = D.Independent(D.Normal(np.zeros((2, 3), 'f'), np.ones((2, 3), 'f')), 1)
    assert normal.sample_n(5).shape == (5, 2, 3)
    assert normal.log_prob(np.zeros((2, 3), 'f')).shape == (2,)
    assert D.Normal(array(0), array(1)).survival_function(array(0)).array == 0.5
    assert D.Normal(array(0), array(1)).log_cdf(array(0)).array == pytest.approx(np.log(0.5))
    assert D.Categorical(p=array([0.5, 0.5])).perplexity.array == pytest.approx(2)


def test_minichains_own_random_numbers_can_be_asked_for():
    import chainer
    np.random.seed(1)
    numpy_first = chainer.links.Linear(2, 2).W.array
    np.random.seed(1)
    assert np.array_equal(chainer.links.Linear(2, 2).W.array, numpy_first)
    chainer.use_numpy_random(False)
    mc.set_seed(1)
    own = chainer.links.Linear(2, 2).W.array
    np.random.seed(1)
    mc.set_seed(1)
    assert np.array_equal(chainer.links.Linear(2, 2).W.array, own)
    assert not np.array_equal(own, numpy_first)
