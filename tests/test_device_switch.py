"""DeviceSwitch without a browser: on a machine without a GPU, and on the stand-in for one."""
import json

import numpy as np
import pytest

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

import minichain as mc                                          # noqa: E402
import minichain.functions as F                                 # noqa: E402
import minichain.links as L                                     # noqa: E402
from minichain import backend, find_gpu, optimizers             # noqa: E402
from minichain_widgets import DeviceSwitch                      # noqa: E402
from minichain_widgets.device import PHASES, size_text, verdict  # noqa: E402


def parts(noise=F.dropout):
    mc.set_seed(0)
    model = mc.Sequential(L.Linear(8, 16), F.relu, noise, L.Linear(16, 2))
    optimizer = optimizers.Adam(lr=0.01).setup(model)
    x = np.random.default_rng(0).normal(size=(100, 8)).astype('float32')
    t = (x[:, 0] > 0).astype('int64')
    optimizer.update(lambda: F.softmax_cross_entropy(model(x), t))
    return model, optimizer, (x, t)


def new_switch(*given, **options):
    switch = DeviceSwitch(*(given or parts()), **options)
    switch.sent = []

    def send(content, buffers=None):
        json.dumps(content, allow_nan=False)
        switch.sent.append(content)

    switch.send = send
    return switch


def tell(switch, kind, **content):
    start = len(switch.sent)
    switch._on_message(switch, {'t': kind, **content}, [])
    return switch.sent[start:]


def places(switch):
    return {part['name']: part['device'] for part in switch.parts()}


@pytest.fixture
def no_gpu(monkeypatch):
    status = f'CuPy is not installed: {find_gpu.INSTALL}.'
    monkeypatch.setattr(backend, '_gpu', lambda: (None, status))


def test_without_a_gpu_it_says_why_and_what_helps(no_gpu):
    switch = new_switch()
    state = tell(switch, 'ready')[0]
    assert state['available'] is False and state['status'].startswith('CuPy is not installed')
    assert state['helps'] == "pip install 'minichain[gpu]'" and 'NVIDIA' in state['why']
    assert state['status'] == 'CuPy is not installed.'
    assert repr(switch).endswith("CuPy is not installed. Try: pip install 'minichain[gpu]'")


def test_without_a_gpu_moving_is_refused_in_a_sentence(no_gpu):
    switch = new_switch()
    problem, state = tell(switch, 'move', to='gpu')
    assert problem['text'].startswith('No GPU can be used here.')
    assert state['device'] == 'cpu' and set(places(switch).values()) == {'cpu'}
    assert tell(switch, 'move', to='moon')[0]['text'].startswith("Unknown device 'moon'")


def test_without_a_gpu_the_cpu_is_timed_alone(no_gpu):
    switch = new_switch()
    sent = tell(switch, 'measure')
    assert sent[0] == {'t': 'busy', 'text': 'Measuring on cpu.'}
    assert list(sent[-1]['times']) == ['cpu'] and sent[-1]['verdict'] == ''
    assert set(switch.times['cpu']) == set(PHASES)
    assert all(seconds > 0 for seconds in switch.times['cpu'].values())


def test_everything_moves_to_the_gpu_and_back(stand_in):
    switch = new_switch()
    switch.to('gpu')
    assert set(places(switch)) == {'weights', 'gradients', 'optimizer', 'data'}
    assert set(places(switch).values()) == {'gpu:0'}
    assert switch.device == 'gpu:0' and isinstance(switch.arrays[0], stand_in.ndarray)
    assert [(move['name'], move['to']) for move in switch.moves] == [
        ('model', 'gpu:0'), ('optimizer', 'gpu:0'), ('data', 'gpu:0')]
    assert switch.moves[2]['bytes'] == 100 * (8 * 4 + 8)
    state = tell(switch, 'ready')[0]
    assert state['memory'][0] >= switch.moves[0]['bytes'] and len(state['memory']) == 2
    switch.to('cpu')
    assert set(places(switch).values()) == {'cpu'}


def test_training_goes_on_after_a_move(stand_in):
    losses = []
    for move in (False, True):
        model, optimizer, data = parts(noise=F.tanh)    # a GPU draws other noise
        switch = new_switch(model, optimizer, data)
        if move:
            switch.to('gpu')
        mc.set_seed(1)
        for _ in range(3):
            x, t = switch.arrays
            optimizer.update(lambda: F.softmax_cross_entropy(model(x), t))
        losses.append(float(F.softmax_cross_entropy(model[0](x)[:, :2], t).data))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_what_cannot_be_moved_leaves_all_where_it_was(stand_in, monkeypatch):
    switch = new_switch()
    move = switch._move_data

    def fail(device):
        if device == 'gpu:0':
            raise mc.DeviceError('gpu:0 is out of memory.')
        return move(device)

    monkeypatch.setattr(switch, '_move_data', fail)
    problem, state = tell(switch, 'move', to='gpu')
    assert problem['text'] == 'gpu:0 is out of memory.' and state['device'] == 'cpu'
    assert set(places(switch).values()) == {'cpu'} and switch.moves == []


def test_both_devices_are_timed_on_copies(stand_in):
    switch = new_switch()
    before = [param.data.copy() for param in switch.model.params()]
    state, steps = mc.randomness.generator().bit_generator.state, switch.optimizer.t
    switch.measure()
    assert list(switch.times) == ['cpu', 'gpu:0']
    assert all((a == p.data).all() for a, p in zip(before, switch.model.params()))
    assert mc.randomness.generator().bit_generator.state == state
    assert switch.optimizer.t == steps and switch.device == 'cpu'
    assert 'A step takes' in tell(switch, 'ready')[0]['verdict']
    assert switch.svg() == new_switch().svg()     # which has no times in it


def test_memory_of_the_pool_is_given_back(stand_in):
    switch = new_switch()
    switch.to('gpu')
    switch.to('cpu')
    used, held = tell(switch, 'free')[-1]['memory']
    assert used == 0 and held == 0


def test_another_batch_is_measured_anew(no_gpu):
    switch = new_switch(batch_size=16)
    switch.measure()
    state = tell(switch, 'batch', value=50)[-1]
    assert state['batch_size'] == 50 and state['times'] == {}


@pytest.mark.parametrize('make, words', [
    (lambda: DeviceSwitch(L.Linear(2, 2), batch_size=0), 'whole number from 1 on, not 0'),
    (lambda: DeviceSwitch(L.Linear(2, 2), optimizers.SGD().setup(L.Linear(2, 2))),
     'does not change this model'),
    (lambda: DeviceSwitch(L.Linear(2, 2), data=3), 'a tuple of arrays'),
    (lambda: DeviceSwitch(L.Linear(2, 2)).measure(), 'give data'),
])
def test_what_does_not_fit_is_explained(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_model_alone_can_be_moved(stand_in):
    switch = new_switch(L.Linear(3, 2))
    assert tell(switch, 'ready')[0]['can_measure'] is False
    switch.to('gpu')
    assert places(switch) == {'weights': 'gpu:0'}


def test_the_verdict_says_who_wins_and_why_not():
    def times(calls, wait):
        return dict(copy=0, first=1, calls=calls, wait=wait, read=0)

    assert verdict(times(0.01, 0), times(0.001, 0.001)) == (
        'A step takes 10 ms on the CPU and 2 ms on the GPU: the GPU is 5.0 times as fast.')
    assert 'here the GPU loses' in verdict(times(0.001, 0), times(0.002, 0.001))


def test_sizes_are_written_in_units():
    assert [size_text(n) for n in (712, 4000, 3 * 2**20, 5 * 2**30)] == [
        '712 bytes', '3.91 KiB', '3 MiB', '5 GiB']


def test_the_saved_notebook_keeps_words_and_a_picture(no_gpu):
    bundle = new_switch()._repr_mimebundle_()[0]
    assert bundle['text/plain'].startswith('DeviceSwitch: Sequential(178 parameters) on cpu.\n'
                                           'weights 712 bytes on cpu, gradients 712 bytes')
    assert bundle['image/svg+xml'].startswith('<svg')
