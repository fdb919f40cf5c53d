"""TrainingRun without a browser: the training, what stops it, what it shows, and its event loop."""
import asyncio
import json
import threading
import time

import numpy as np
import pytest

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

import minichain as mc                                          # noqa: E402
import minichain.functions as F                                 # noqa: E402
import minichain.links as L                                     # noqa: E402
from minichain import data, optimizers, training                # noqa: E402
from minichain_widgets import TrainingRun                       # noqa: E402
from minichain_widgets.training import looks, run as run_module  # noqa: E402


def classes(n=200, seed=0):
    """Points whose class follows from their first number."""
    x = np.random.default_rng(seed).normal(size=(n, 4)).astype('float32')
    return x, (x[:, 0] > 0).astype('int64')


def mlp():
    mc.set_seed(0)
    return mc.Sequential(L.Linear(4, 8), F.relu, L.Linear(8, 2))


def new_run(model=None, **options):
    options = {'optimizer': optimizers.Adam(lr=0.01), **options}
    run = TrainingRun(model or mlp(), options.pop('data', classes()), **options)
    run.sent = []

    def send(content, buffers=None):
        json.dumps(content, allow_nan=False)
        run.sent.append(content)

    run.send = send
    return run


def tell(run, kind, **content):
    """A message of the front end; returns what it hears."""
    start = len(run.sent)
    run._on_message(run, {'t': kind, **content}, [])
    return run.sent[start:]


def open_view(run):
    tell(run, 'shown', view='a')
    return tell(run, 'ready')


def look(run, name, **options):
    """What a look gives, run to its end."""
    work = looks.LOOKS[name](run.loop, **options)
    while True:
        try:
            next(work)
        except StopIteration as end:
            json.dumps(end.value, allow_nan=False)
            return end.value


# The training -------------------------------------------------------------------------------------

def test_blocking_learns_and_notes_each_update():
    run = new_run(test=classes(50, 1))
    run.blocking(epochs=6)
    history = run.history
    assert history['step'] == list(range(1, 43)) and history['epoch'][-1] == 6
    assert history['loss'][-1] < 0.6 * history['loss'][0]
    assert history['accuracy'][-1] > 0.8
    assert history['norm_step'] == history['step'] and min(history['gradient_norm']) > 0
    assert history['test_step'] == [7, 14, 21, 28, 35, 42]
    assert history['test_accuracy'][-1] > 0.8


def test_it_does_what_a_plain_loop_does():
    x, t = classes()
    run = new_run(batch_size=50)
    run.blocking(4)
    model = mlp()
    optimizer, losses = optimizers.Adam(lr=0.01).setup(model), []
    order = np.random.default_rng([0, 0]).permutation(200)
    for numbers in order.reshape(4, 50):
        loss = F.softmax_cross_entropy(model(x[numbers]), t[numbers])
        model.cleargrads()
        loss.backward()
        optimizer.update()
        losses.append(float(loss.data))
    assert run.history['loss'] == losses


def test_the_same_seed_gives_the_same_run_dropout_and_late_weights_too():
    def late():
        return mc.Sequential(L.Linear(8), F.relu, F.dropout, L.Linear(2))

    losses = []
    for seed in (3, 3, 4):
        mc.set_seed(len(losses))
        run = new_run(late(), seed=seed)
        run.blocking(5)
        losses.append(run.history['loss'])
    assert losses[0] == losses[1] != losses[2]


def test_reset_begins_anew():
    run = new_run(mc.Sequential(L.Linear(8), L.BatchNorm(8), F.relu, L.Linear(2)))
    run.blocking(5)
    first = run.history['loss']
    run.loop.lr = 5
    run.loop.use('SGD')
    run.reset()
    assert run.history['step'] == [] and repr(run).endswith('Nothing is trained yet.')
    assert isinstance(run.optimizer, optimizers.Adam) and run.optimizer.lr == 0.01
    run.blocking(5)
    assert run.history['loss'] == first


def test_real_targets_get_squared_errors_and_no_accuracy():
    x, _ = classes()
    run = new_run(mc.Sequential(L.Linear(4, 1)), data=(x, x[:, :1]))
    run.blocking(60)
    assert run.history['accuracy'] == [] and run.history['loss'][-1] < run.history['loss'][0]


def test_an_array_alone_is_its_own_target():
    x, _ = classes()
    run = new_run(mc.Sequential(L.Linear(4, 4)), data=x)
    run.blocking(3)
    assert run.history['loss'][0] > 0
    assert look(run, 'predictions')['examples'][0]['target'] == ''


def test_a_model_that_takes_the_target_gives_the_loss():
    run = new_run(L.Classifier(mlp()))
    plain = new_run()
    run.blocking(3)
    plain.blocking(3)
    assert run.history['loss'] == plain.history['loss']
    assert run.history['accuracy'] == plain.history['accuracy']
    assert look(run, 'confusion')['count'] == 200


def test_ones_own_loss_and_a_dataset_of_items():
    x, t = classes()
    run = new_run(data=list(zip(x, t)), lossfun=lambda y, t: F.softmax_cross_entropy(y, t) * 2.0)
    plain = new_run()
    run.blocking(1)
    plain.blocking(1)
    assert run.history['loss'][0] == pytest.approx(2 * plain.history['loss'][0], rel=1e-6)


def test_one_batch_by_hand_forward_backward_step():
    run = new_run()
    before = [param.data.copy() for param in run.model.params()]
    tell(run, 'forward')
    assert run.loop.stage == 'forward' and run.model.params()[0].grad is None
    tell(run, 'backward')
    assert run.loop.stage == 'backward' and run.loop.length > 0
    assert all((a == p.data).all() for a, p in zip(before, run.model.params()))
    tell(run, 'step')
    assert run.loop.stage == 'ready' and run.loop.steps == 1
    assert any((a != p.data).any() for a, p in zip(before, run.model.params()))
    plain = new_run()
    plain.blocking(1)
    assert run.history == plain.history


# What is refused, and what stops ------------------------------------------------------------------

NAN = classes()[0].copy()
NAN[17, 2] = np.nan


@pytest.mark.parametrize('options, kind, words', [
    (dict(data=(NAN, classes()[1])), ValueError, '1 values that are NaN .* in example 17'),
    (dict(data=(NAN[:5], classes()[1])), ValueError, '5, 200 examples'),
    (dict(data=(np.array([['a'], ['b']]), np.zeros(2))), ValueError, 'turn texts into numbers'),
    (dict(data=(np.float32(3), np.zeros(2))), ValueError, 'without axes'),
    (dict(data=3), ValueError, 'a tuple of arrays'),
    (dict(data=[]), ValueError, 'no examples'),
    (dict(test=(NAN, classes()[1])), ValueError, 'of test holds 1 values'),
    (dict(batch_size=0), ValueError, 'whole number from 1 on, not 0'),
    (dict(lossfun='mse'), TypeError, 'a function of'),
    (dict(optimizer=optimizers.SGD().setup(L.Linear(2, 2))), ValueError, 'changes another model'),
])
def test_what_cannot_be_trained_is_explained(options, kind, words):
    with pytest.raises(kind, match=words):
        new_run(**options)


def test_labels_that_do_not_fit_are_told_in_the_widget_and_change_nothing():
    x, t = classes()
    run = new_run(data=(x, t + 5))
    open_view(run)
    before = [param.data.copy() for param in run.model.params()]
    problem = next(m for m in tell(run, 'step') if m['t'] == 'problem')
    assert problem['text'].startswith('The targets are classes from 5 to 6, but the model gives '
                                      'scores for 2 classes')
    assert run.loop.steps == 0 and run.loop.stage == 'ready' and not run.playing
    assert all((a == p.data).all() for a, p in zip(before, run.model.params()))


@pytest.mark.parametrize('value', ['abc', '-1', 'nan', 'inf', None, ''])
def test_a_learning_rate_that_is_none_is_told_and_changes_nothing(value):
    run = new_run()
    text = tell(run, 'lr', value=value)[0]['text']
    assert text.startswith('A learning rate is a number') and run.loop.lr == 0.01


def test_settings_change_while_it_trains():
    run = new_run()
    run.blocking(2)
    tell(run, 'lr', value='0.5')
    assert run.optimizer.lr == 0.5
    tell(run, 'optimizer', name='SGD')
    assert isinstance(run.optimizer, optimizers.SGD) and run.optimizer.lr == 0.01
    assert 'There is no optimizer' in tell(run, 'optimizer', name='Magic')[0]['text']
    run.blocking(2)
    assert run.loop.steps == 4


class Bad(L.Chain):
    """Gives NaN from the third update on."""

    def __init__(self):
        super().__init__()
        self.calls = 0
        with self.init_scope():
            self.out = L.Linear(4, 2)

    def forward(self, x):
        self.calls += 1
        return F.log(self.out(x) * 0.0 + (1.0 if self.calls < 3 else -1.0)) + self.out(x)


def test_nan_stops_before_the_weights_are_spoilt_and_names_the_operation():
    run = new_run(Bad())
    open_view(run)
    run.blocking(10)
    assert run.loop.steps == 2
    assert run.notice.startswith('The loss is no number in step 3') and 'log gave' in run.notice
    assert run.sent[-1]['status']['alarm'] is True
    assert all(np.isfinite(param.data).all() for param in run.model.params())


def test_a_gradient_that_is_no_number_stops_too():
    def lossfun(y, t):
        return F.sum(F.sqrt(F.relu(y) * 0.0)) + F.softmax_cross_entropy(y, t)

    run = new_run(lossfun=lossfun)
    run.blocking(3)
    assert run.loop.steps == 0 and run.notice.startswith('The gradient is no number in step 1')
    assert 'The gradient of sqrt' in run.notice


def test_it_stops_when_the_test_loss_no_longer_becomes_smaller():
    x, t = classes(50, 1)
    run = new_run(test=(x, 1 - t), patience=2)
    run.blocking(epochs=20)
    assert len(run.history['test_loss']) == 3
    assert 'has not become smaller for 2 epochs' in run.notice
    run.blocking(1)
    assert run.notice == '' and run.loop.steps == 22


def test_blocking_wants_to_know_how_long():
    run = new_run()
    for options in ({}, dict(steps=3, epochs=2)):
        with pytest.raises(ValueError, match='Say how long'):
            run.blocking(**options)
    with pytest.raises(RuntimeError, match='Use run.blocking'):
        run.train()
    assert 'Use run.blocking' in tell(run, 'train')[0]['text']


# What is seen -------------------------------------------------------------------------------------

def test_a_new_picture_gets_everything_and_later_ones_what_is_new():
    run = new_run(test=classes(50, 1))
    run.blocking(epochs=1)
    state = open_view(run)[-1]
    assert state['t'] == 'state' and len(state['curves']['loss']) == 7
    assert state['curves']['test_loss'][0][0] == 7 and state['tested']
    news = tell(run, 'step')[-1]
    assert [point[0] for point in news['curves']['loss']] == [8]
    assert news['status']['step'] == 8


def test_the_size_of_a_model_is_told_when_the_first_batch_has_given_it():
    run = new_run(mc.Sequential(L.Linear(None, 8), F.relu, L.Linear(8, 2)))
    assert open_view(run)[-1]['status']['model'] == 'Sequential (the first batch tells its size)'
    assert tell(run, 'step')[-1]['status']['model'] == 'Sequential(58 parameters)'


def test_text_and_still_picture_of_a_saved_notebook():
    run = new_run()
    assert repr(run) == ('TrainingRun: Sequential(58 parameters), 200 examples, batches of 32, '
                         'Adam(lr=0.01)\nNothing is trained yet.')
    run.blocking(20)
    assert repr(run).splitlines()[1].startswith('step 20, epoch 3.0: loss 0.')
    bundle = run._repr_mimebundle_()[0]
    assert bundle['image/svg+xml'].count('<polyline') == 4


def test_predictions_and_confusion_agree():
    run = new_run(labels=['left', 'right'])
    run.blocking(epochs=4)
    found = look(run, 'confusion', labels=run.labels)
    y = run.model(run.loop.data.arrays[0]).data.argmax(1)
    t = run.loop.data.arrays[1]
    assert found['table'][1][0] == int(((t == 1) & (y == 0)).sum())
    assert found['labels'] == ['left', 'right'] and found['right'] == int((t == y).sum())
    numbers = found['members']['1,1'][:3]
    shown = look(run, 'predictions', labels=run.labels, numbers=numbers)['examples']
    assert [each['number'] for each in shown] == numbers
    assert all(each['said'] == each['target'] == 'right' and each['right'] for each in shown)


def test_without_classes_there_is_no_confusion():
    x, _ = classes()
    run = new_run(mc.Sequential(L.Linear(4, 1)), data=(x, x[:, :1]))
    assert 'needs classes' in look(run, 'confusion')['reason']


def test_histograms_count_every_number():
    run = new_run()
    run.blocking(1)
    first = look(run, 'spread')['layers'][0]
    assert first['name'] == '0/W' and sum(first['weights']['counts']) == 32
    assert sum(first['gradients']['counts']) == 32


def test_a_histogram_of_equal_numbers_has_their_value_for_both_ends():
    model = mc.Sequential(L.Linear(4, 2))
    model[0].b.data[...] = 0.5
    run = new_run(model)
    _, bias = look(run, 'spread')['layers']
    assert (bias['weights']['low'], bias['weights']['high']) == (0.5, 0.5)
    assert max(bias['weights']['counts']) == 2


def test_filters_and_maps_of_a_convolution():
    mc.set_seed(0)
    model = mc.Sequential(L.Conv2d(1, 6, 3), F.relu, F.flatten, L.Linear(None, 2))
    x = np.random.default_rng(0).normal(size=(20, 1, 8, 8)).astype('float32')
    run = new_run(model, data=(x, np.arange(20) % 2))
    parts = {(part['name'], part['kind']): part for part in look(run, 'inside', number=3)['parts']}
    assert [grid['rows'] for grid in parts['0', 'filters']['grids']] == [3] * 6
    maps = parts['0', 'maps']['grids']
    expected = model[0](x[3:4]).data[0]
    assert (len(maps), maps[0]['rows']) == (6, 6)
    assert maps[2]['values'] == pytest.approx(expected[2].ravel().tolist(), rel=0.01, abs=1e-3)


class Reader(L.Chain):
    """Reads a sequence with a recurrent link, step by step or at once."""

    def __init__(self, link):
        super().__init__()
        with self.init_scope():
            self.cell, self.out = link, L.Linear(5, 2)

    def forward(self, x):
        if isinstance(self.cell, L.NStepGRU):
            h, _ = self.cell(None, [each for each in x])
            return self.out(h[0])
        self.cell.reset_state()
        for t in range(x.shape[1]):
            h = self.cell(x[:, t])
        return self.out(h)


@pytest.mark.parametrize('link', [lambda: L.LSTM(3, 5), lambda: L.GRU(3, 5), lambda: L.RNN(3, 5),
                                  lambda: L.NStepGRU(1, 3, 5)])
def test_the_state_of_a_recurrent_link_over_time(link):
    mc.set_seed(0)
    x = np.random.default_rng(0).normal(size=(20, 7, 3)).astype('float32')
    run = new_run(Reader(link()), data=(x, np.arange(20) % 2))
    run.blocking(2)
    times = [part for part in look(run, 'inside')['parts'] if part['kind'] == 'time']
    assert [(part['name'], part['grids'][0]['rows'], part['grids'][0]['columns'])
            for part in times] == [('cell', 5, 7)]


# Beside a program ---------------------------------------------------------------------------------

async def until(condition, seconds=10.0):
    end = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < end, 'it takes too long'
        await asyncio.sleep(0.005)


def test_it_trains_beside_other_work_and_buttons_answer():
    async def main():
        run = new_run(batch_size=8)
        open_view(run)
        await asyncio.sleep(0)
        tell(run, 'train')
        await until(lambda: run.loop.steps > 20)
        waited = []
        for _ in range(20):     # others get their turn soon
            start = time.perf_counter()
            await asyncio.sleep(0)
            waited.append(time.perf_counter() - start)
        tell(run, 'lr', value='0.2')
        await until(lambda: run.optimizer.lr == 0.2)
        tell(run, 'pause')
        await until(lambda: run.sent[-1].get('status', {}).get('playing') is False)
        steps = run.loop.steps
        await asyncio.sleep(0.1)
        assert run.loop.steps == steps
        return sorted(waited)[10]

    assert asyncio.run(main()) < 0.2


def test_messages_may_come_in_another_thread():
    async def main():
        run = new_run()
        for kind in ({'t': 'shown', 'view': 'a'}, {'t': 'train'}):
            thread = threading.Thread(target=run._on_message, args=(run, kind, []))
            thread.start()
            thread.join()
        await until(lambda: run.loop.steps > 3)
        thread = threading.Thread(target=run._on_message, args=(run, {'t': 'pause'}, []))
        thread.start()
        thread.join()
        assert not run.playing

    asyncio.run(main())


def test_nobody_looking_it_pauses(monkeypatch):
    monkeypatch.setattr(run_module, 'GONE', 0.05)

    async def main():
        run = new_run()
        open_view(run)
        tell(run, 'train')
        await until(lambda: run.loop.steps > 3)
        tell(run, 'gone', view='a')
        await until(lambda: not run.playing)
        assert 'nobody looks' in run.notice
        tell(run, 'shown', view='b')
        tell(run, 'train')
        await until(lambda: run.playing)
        run.close()
        assert not run.playing

    asyncio.run(main())


def test_a_front_end_that_answers_keeps_it_going_one_that_is_silent_does_not(monkeypatch):
    monkeypatch.setattr(run_module, 'PATIENCE', 0.3)

    async def main():
        run = new_run()
        open_view(run)
        tell(run, 'train')
        end = time.perf_counter() + 0.6
        while time.perf_counter() < end:
            tell(run, 'seen')
            await asyncio.sleep(0.01)
        assert run.playing
        await until(lambda: not run.playing)

    asyncio.run(main())


def test_an_error_beside_a_program_is_shown_and_ends_the_training():
    def lossfun(y, t):
        raise RuntimeError('mine')

    async def main():
        run = new_run(lossfun=lossfun)
        open_view(run)
        tell(run, 'train')
        await until(lambda: any(m['t'] == 'problem' for m in run.sent))
        return run

    run = asyncio.run(main())
    problem = next(m for m in run.sent if m['t'] == 'problem')
    assert problem['text'].startswith('RuntimeError: mine (test_training_run.py, line')
    assert not run.playing


def test_the_stop_button_of_the_notebook_ends_the_training_and_not_the_kernel():
    def lossfun(y, t):
        raise KeyboardInterrupt

    async def main():
        run = new_run(lossfun=lossfun)
        open_view(run)
        tell(run, 'train')
        await until(lambda: run.notice)
        return run

    run = asyncio.run(main())
    assert run.notice.startswith('Interrupted') and not run.playing


def test_the_open_tab_is_looked_at_while_it_trains():
    async def main():
        run = new_run()
        open_view(run)
        tell(run, 'tab', name='confusion')
        tell(run, 'train')
        await until(lambda: sum(m['t'] == 'look' for m in run.sent) >= 1)
        run.pause()
        await until(lambda: run.sent[-1]['t'] == 'look' or not run.playing)
        return next(m for m in run.sent if m['t'] == 'look')

    assert asyncio.run(main())['count'] == 200


def test_a_slow_speed_leaves_time_between_steps():
    async def main():
        run = new_run()
        open_view(run)
        tell(run, 'speed', value=20)
        start = time.perf_counter()
        tell(run, 'train')
        await asyncio.sleep(0.5)
        return run.loop.steps, time.perf_counter() - start

    steps, seconds = asyncio.run(main())
    assert 1 <= steps <= 20 * seconds + 2


def test_a_trainer_is_followed(tmp_path):
    model = L.Classifier(mlp())
    x, t = classes()
    run = new_run(model, data=(x, t), optimizer=None)
    open_view(run)
    dataset = data.TupleDataset(x, t)
    optimizer = optimizers.Adam(lr=0.01).setup(model)
    updater = training.StandardUpdater(data.SerialIterator(dataset, 50), optimizer)
    trainer = training.Trainer(updater, (2, 'epoch'), out=tmp_path)
    trainer.extend(training.extensions.Evaluator(
        data.SerialIterator(dataset, 50, repeat=False), model))
    trainer.extend(run.extension())
    trainer.run()
    assert len(run.history['loss']) == 8 and run.history['epoch'][-1] == 2
    assert len(run.history['test_accuracy']) == 2
    assert any(m.get('status', {}).get('followed') for m in run.sent)
    assert run.sent[-1]['status']['followed'] is False
    assert run.notice == ''


def test_random_numbers_come_from_another_generator_for_a_while():
    mc.set_seed(5)
    expected = mc.randomness.generator().random(2)
    mc.set_seed(5)
    first = mc.randomness.generator().random()
    with mc.randomness.drawing_from(np.random.default_rng(7)) as other:
        assert mc.randomness.generator() is other
        assert mc.randomness.generator().random() == np.random.default_rng(7).random()
    assert [first, mc.randomness.generator().random()] == expected.tolist()
