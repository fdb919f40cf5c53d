"""Everything works on a GPU: the code that computes there, and what moves between the devices."""
import ast
import pathlib

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
import standin
from minichain import data, optimizers, training
from minichain.optimizers import kernels
from minichain.recompute import checkpoint
from minichain.training import extensions
from test_links_more import CASES, flat

PACKAGE = pathlib.Path(mc.__file__).parent


# NumPy in code that computes ----------------------------------------------------------------------

# These names make no array, or say which device is meant.
HARMLESS = {'ndarray', 'generic', 'integer', 'dtype', 'finfo', 'float16', 'float32',
            'promote_types'}
# Files of which all is for the CPU alone.
FOR_THE_CPU = {'lowering.py'}
# Where NumPy is meant, and why.
ON_THE_CPU = 'the branch for arrays on the CPU'
INDEX = 'an index, a width or a weight made from numbers that are known on the CPU'
ASKED = 'a list, or what the caller gave as one, becomes an array'
MEANT = {
    ('activation.py', 'rectified'): ON_THE_CPU,
    ('arranging.py', 'repeat'): INDEX,
    ('arranging.py', 'pad'): INDEX,
    ('arranging.py', 'time_major'): INDEX,
    ('arranging.py', 'between'): INDEX,
    ('labelings.py', 'argmax_crf1d'): 'decoding, which reads its scores to the CPU first',
    ('linear.py', 'check_ids'): ASKED,
    ('linear.py', 'times_rows'): ON_THE_CPU,
    ('lists.py', 'array_of'): ASKED,
    ('loss.py', 'softmax_cross_entropy'): ASKED,
    ('loss.py', 'accuracy'): ASKED,
    ('loss.py', 'powers'): ON_THE_CPU,
    ('loss.py', 'backward'): ON_THE_CPU,
    ('packed.py', '__init__'): INDEX,
    ('math.py', 'as_number'): ON_THE_CPU,
    ('pooling.py', 'avg_pool2d'): INDEX,
    **dict.fromkeys([('recurrent.py', name) for name in (
        'scale_and_shift', 'squash', 'slopes', 'towards_cell', 'into_cell', 'through_gates')],
        ON_THE_CPU),
    ('shaping.py', 'forward'): ON_THE_CPU,
    ('shaping.py', 'summed_rows'): ON_THE_CPU,
    ('shaping.py', 'where'): ASKED,
    ('special.py', 'each'): ON_THE_CPU,
    ('special.py', 'erf_array'): ON_THE_CPU,
    ('special.py', 'polynomial'): ON_THE_CPU,
    ('special.py', 'cotangent'): 'coefficients of a polynomial',
    ('unpooling.py', 'roi_pool'): INDEX,
    ('vocabularies.py', 'tree_paths'): INDEX,
    ('kernels.py', 'on_device'): 'addresses, which are sent',
    ('hooks.py', 'square_sum'): ON_THE_CPU,
    ('hooks.py', '__call__'): ON_THE_CPU,
}


def uses_of_numpy(path):
    """Pairs (function, name) for each `np.name` in the functions of a file."""
    found = set()
    tree = ast.parse(path.read_text(encoding='utf-8'))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            found |= {(function.name, node.attr) for node in ast.walk(function)
                      if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                      and node.value.id == 'np'}
    return found


def files_that_compute():
    return [path for part in ('functions', 'optimizers') for path in (PACKAGE / part).glob('*.py')
            if path.name not in FOR_THE_CPU]


def test_code_that_computes_on_both_devices_uses_numpy_only_where_it_is_meant():
    used = {(path.name, function): name for path in files_that_compute()
            for function, name in uses_of_numpy(path) if name not in HARMLESS}
    unknown = {place: name for place, name in used.items() if place not in MEANT}
    assert not unknown, f'{unknown}: write self.xp instead, or say in MEANT why NumPy is meant'
    assert set(MEANT) <= set(used), f'{set(MEANT) - set(used)} use NumPy no longer'


def test_the_search_for_numpy_finds_it(tmp_path):
    path = tmp_path / 'example.py'
    path.write_text('def forward(self, x):\n    return self.xp.exp(x) + np.zeros(x.shape)\n')
    assert uses_of_numpy(path) == {('forward', 'zeros')}


# Links --------------------------------------------------------------------------------------------

def numbers(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype('float32')


IDS = np.array([[1, 4, 0], [1, 1, 2]])
LINKS = {
    **{name: (make, inputs) for name, (make, inputs, *_) in CASES.items()},
    'Linear': (lambda: L.Linear(3, 4), [numbers(5, 3)]),
    'EmbedID': (lambda: L.EmbedID(5, 3), [IDS]),
    'EmbedID ignore': (lambda: L.EmbedID(5, 3, ignore_label=1), [IDS]),
    'BatchNorm': (lambda: L.BatchNorm(3), [numbers(4, 3, 2, 2)]),
    'LSTM': (lambda: L.LSTM(3, 4), [numbers(2, 3)]),
    'StatelessLSTM': (lambda: L.StatelessLSTM(3, 4), [numbers(2, 4), numbers(2, 4, seed=1),
                                                      numbers(2, 3)]),
    'Classifier': (lambda: L.Classifier(L.Linear(3, 4)), [numbers(2, 3), np.array([3, 0])]),
    'ConvTranspose2d groups': (lambda: L.ConvTranspose2d(4, 4, 3, groups=2),
                               [numbers(2, 4, 3, 3)]),
    'LeNet': (lambda: L.LeNet(), [numbers(1, 1, 32, 32)]),
    'SpectralNormalization': (lambda: L.Linear(3, 4).add_hook(L.SpectralNormalization()),
                              [numbers(5, 3)]),
    'WeightStandardization': (lambda: L.Conv2d(2, 3, 3).add_hook(L.WeightStandardization()),
                              [numbers(2, 2, 4, 4)]),
}
# Bases, and links that are made of those above.
MADE_OF_OTHERS = {'Chain', 'ChainList', 'Link', 'LinkHook', 'Sequential', 'TimerHook', 'GoogLeNet',
                  'ResNet', 'ResNet50', 'VGG16'}


def test_every_link_is_in_the_table():
    kinds = {kind.__name__ for kind in vars(L).values() if isinstance(kind, type)}
    tested = {name.split()[0] for name in LINKS}
    assert kinds - tested == MADE_OF_OTHERS & kinds


def learnt(name, device):
    """(outputs, gradients of all parameters) of two calls of a link, as NumPy arrays."""
    make, inputs = LINKS[name]
    mc.set_seed(0)
    link = make()
    link(*inputs)       # on the CPU: weights whose size comes from the first input
    if hasattr(link, 'reset_state'):
        link.reset_state()
    mc.set_seed(0)
    link.to_device(device)
    link.cleargrads()
    there = [[mc.to_device(x, device) for x in each] if isinstance(each, list) else
             each if each is None else mc.to_device(each, device) for each in inputs]
    ys = flat(link(*there)) + flat(link(*there))
    if link.params():
        sum(F.sum(F.square(y)) for y in ys).backward()
    assert {y.device for y in ys} == {mc.get_device(device)}
    return ([mc.to_cpu(y) for y in ys],
            {path: mc.to_cpu(p.grad) for path, p in link.namedparams() if p.grad is not None})


@pytest.mark.parametrize('name', LINKS)
def test_a_link_computes_and_learns_the_same_on_a_gpu(name, there):
    outputs, gradients = learnt(name, 'cpu')
    same, alike = learnt(name, there)
    for a, b in zip(outputs, same, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-4, atol=1e-4)
    assert gradients.keys() == alike.keys()
    largest = max([abs(g).max() for g in gradients.values()], default=0)
    for path, g in gradients.items():       # some are 0 but for rounding
        np.testing.assert_allclose(alike[path], g, rtol=1e-4, atol=1e-5 * largest, err_msg=path)


# Trainings that change the device -----------------------------------------------------------------

class Net(mc.Chain):
    def __init__(self):
        super().__init__(l1=L.Linear(2, 8, nobias=True), norm=L.BatchNorm(8), l2=L.Linear(8, 3))

    def forward(self, x):
        return self.l2(F.tanh(self.norm(self.l1(x))))


def trainer_on(device, out, stop):
    """A trainer with all that has a state: optimizer, running statistics, evaluator, log."""
    mc.set_seed(0)
    iterator = data.SerialIterator(data.TupleDataset(*data.spirals(40)), 8)
    optimizer = optimizers.Adam(lr=0.02).setup(L.Classifier(Net()))
    updater = training.StandardUpdater(iterator, optimizer, device=device)
    trainer = training.Trainer(updater, (stop, 'iteration'), out=str(out))
    held_out = data.SerialIterator(data.TupleDataset(*data.spirals(20, seed=9)), 8, False, False)
    trainer.extend(extensions.Evaluator(held_out, optimizer.target), trigger=(5, 'iteration'))
    trainer.extend(extensions.LogReport(trigger=(5, 'iteration')))
    trainer.extend(extensions.snapshot(filename='middle.npz'), trigger=(10, 'iteration'))
    return trainer


def state_of(trainer):
    optimizer = trainer.updater.get_optimizer('main')
    devices = {param.device.name for param in optimizer.target.params()}
    return devices, {key: mc.to_cpu(value) for key, value in optimizer.values().items()}, {
        key: mc.to_cpu(value) for key, value in optimizer.target.values().items()}


@pytest.mark.parametrize('first, second', [('cpu', 'gpu'), ('gpu', 'cpu'), ('gpu', 'gpu:1')])
def test_a_snapshot_of_one_device_is_resumed_on_another(first, second, tmp_path, stand_in):
    whole = trainer_on('cpu', tmp_path / 'whole', 20)
    whole.run()
    before = trainer_on(first, tmp_path / 'parts', 10)
    before.run()
    with mc.get_device(second):
        after = trainer_on(second, tmp_path / 'resumed', 20)
        mc.load_npz(tmp_path / 'parts' / 'middle.npz', after)
        assert after.updater.iteration == 10
        after.run()
        devices, *states = state_of(after)
    assert devices == {mc.get_device(second).name}
    for state, wanted in zip(states, state_of(whole)[1:]):
        assert state.keys() == wanted.keys()
        for key in wanted:
            np.testing.assert_allclose(state[key], wanted[key], rtol=1e-3, atol=1e-4, err_msg=key)
    log, wanted = (trainer.get_extension('LogReport').log for trainer in (after, whole))
    assert [row['iteration'] for row in log] == [5, 10, 15, 20]
    for row, other in zip(log, wanted):
        assert row['validation/main/loss'] == pytest.approx(other['validation/main/loss'], rel=1e-3)


def test_all_that_looks_into_a_training_does_so_on_a_gpu(stand_in, tmp_path):
    """Every extension that reads values or parameters gives what it gives on the CPU."""
    def log_of(device):
        trainer = trainer_on(device, tmp_path / device, 6)
        seen = [extensions.FailOnNonNumber(), extensions.DumpGraph('main/loss'),
                extensions.MicroAverage('main/accuracy', 'main/loss', 'share', (3, 'iteration')),
                extensions.observe_value('largest', lambda trainer: float(abs(
                    trainer.updater.get_optimizer('main').target.predictor.l2.W.data).max())),
                extensions.ParameterStatistics(trainer.updater.get_optimizer('main').target),
                extensions.snapshot_object(trainer.updater.get_optimizer('main').target, 'net.npz'),
                extensions.PlotReport(['main/loss'], trigger=(3, 'iteration'))]
        for extension in seen:
            trainer.extend(extension, trigger=(1, 'iteration'))
        trainer.run()
        assert {'cg.dot', 'net.npz', 'plot.png'} <= {path.name for path in
                                                    (tmp_path / device).iterdir()}
        model = L.Classifier(Net())
        mc.load_npz(tmp_path / device / 'net.npz', model)       # the last of the six
        return trainer.get_extension('LogReport').log, trainer.observation, model

    (log, last, model), (_, wanted, same) = log_of('gpu'), log_of('cpu')
    assert log and last.keys() == wanted.keys()
    for key in wanted:
        assert float(mc.to_cpu(last[key])) == pytest.approx(float(wanted[key]), 1e-3, 1e-6), key
    np.testing.assert_allclose(model.predictor.l2.W.data, same.predictor.l2.W.data, rtol=1e-3)


def test_labels_that_do_not_exist_are_refused_by_a_trainer_on_a_gpu(stand_in, tmp_path):
    trainer = trainer_on('gpu', tmp_path, 1)
    x, t = data.spirals(8)
    t[3] = 3
    trainer.updater.iterators['main'] = data.SerialIterator(data.TupleDataset(x, t), 8)
    with pytest.raises(IndexError, match='3 is out of range; there are 3, numbered 0 to 2'):
        trainer.updater.update()


def test_training_steps_leave_no_memory_behind_on_a_gpu(there):
    model = L.Classifier(Net())
    x, t = (mc.to_device(array, there) for array in data.spirals(20))
    model.to_device(there)
    optimizer = optimizers.Adam().setup(model)
    used = []
    for _ in range(6):
        model.cleargrads()
        model(x, t).backward()
        optimizer.update()
        kernels.on_device.cache_clear()         # it holds the tables of the last steps
        used.append(there.memory().used)
    assert used[-1] == used[2] > 0


def test_products_are_computed_in_full_precision_unless_asked_otherwise(there):
    """TF32 would round the factors to 10 bits, which is an error of about 1e-4 here."""
    a, b = numbers(64, 512), numbers(512, 64, seed=1)
    found = mc.to_cpu(F.matmul(mc.to_device(a, there), mc.to_device(b, there)))
    wanted = a.astype('float64') @ b.astype('float64')
    assert abs(found - wanted).max() < 3e-6 * abs(wanted).max()


def test_a_part_that_is_computed_again_draws_the_same_noise_on_a_gpu(stand_in):
    layers = [L.Linear(6, 6) for _ in range(2)]

    def part(x):
        return F.dropout(F.tanh(layers[1](F.dropout(layers[0](x), 0.5))), 0.5)

    def gradients(way):
        mc.set_seed(4)
        for layer in layers:
            layer.to_device('gpu').cleargrads()
        F.sum(way(mc.Variable(mc.to_gpu(numbers(3, 6))))).backward()
        return [mc.to_cpu(layer.W.grad) for layer in layers]

    for a, b in zip(gradients(part), gradients(lambda x: checkpoint(part, x))):
        np.testing.assert_array_equal(a, b)
        assert a.any()


def test_mixed_devices_are_refused_with_the_argument_and_the_link(stand_in):
    model = mc.Chain(encoder=mc.Sequential(L.Conv2d(1, 2, 3), L.Linear(None, 3)))
    x = numbers(2, 1, 5, 5)
    model.encoder(x)
    model.to_device('gpu')
    with pytest.raises(mc.DeviceError) as error:
        model.encoder(x)
    for words in ('conv2d: x is on cpu, W is on gpu:0', "x = to_device(x, 'gpu:0')",
                  "This is in the link 'encoder/0' (Conv2d)."):
        assert words in str(error.value)


SPLIT = {   # operations of several arrays that have a kernel of their own: their arguments
    'conv2d': [numbers(1, 2, 4, 4), numbers(3, 2, 2, 2)],
    'conv_transpose2d': [numbers(1, 3, 4, 4), numbers(3, 2, 2, 2)],
    'lstm': [numbers(2, 3), numbers(2, 12), numbers(2, 12), numbers(12)],
    'gru': [numbers(2, 3), numbers(2, 9), numbers(2, 9), numbers(9), numbers(9)],
    'rnn_tanh': [numbers(2, 3), numbers(2, 3), numbers(3, 3), numbers(3)],
    'rnn_relu': [numbers(2, 3), numbers(2, 3), numbers(3, 3), numbers(3)],
    'scaled_dot_product_attention': [numbers(2, 3), numbers(4, 3), numbers(4, 2)],
    'tree_lstm': [numbers(2, 3), numbers(2, 3), numbers(2, 15)],
    'layer_norm': [numbers(2, 3), numbers(3), numbers(3)],
    'embed_id': [IDS, numbers(5, 3)],
    'softmax_cross_entropy': [numbers(2, 3), np.array([0, 2])],
    'batch_norm': [numbers(4, 3), numbers(3), numbers(3)],
    'linear': [numbers(2, 3), numbers(4, 3)],
}
# Operations in which another one meets the arrays first.
INSIDE = {'rnn_tanh': 'linear', 'rnn_relu': 'linear', 'scaled_dot_product_attention': 'matmul'}


@pytest.mark.parametrize('name', SPLIT)
def test_an_array_that_was_left_on_the_cpu_is_refused_and_not_sent_in_silence(name, stand_in):
    for left in range(len(SPLIT[name])):
        arrays = [x if i == left else mc.to_gpu(x) for i, x in enumerate(SPLIT[name])]
        with standin.recording() as events, pytest.raises(mc.DeviceError) as error:
            getattr(F, name)(*map(mc.Variable, arrays))
        said = str(error.value)
        assert any(f'{operation}: ' in said for operation in (name, INSIDE.get(name)))
        assert 'is on cpu' in said
        assert not events.copies
