"""The trainer and all that it drives."""
import gc
import io
import json
import os
import signal
import subprocess
import sys
import types

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import data, optimizers, training
from minichain.training import extensions, triggers


class Net(mc.Chain):
    def __init__(self):
        super().__init__(l1=L.Linear(2, 8), l2=L.Linear(8, 3))

    def forward(self, x):
        return self.l2(F.dropout(F.tanh(self.l1(x)), 0.2))


def make_trainer(out, stop=(3, 'epoch'), device='cpu', kind=data.SerialIterator, seed=0, count=60,
                 batch_size=8):
    """A trainer of a small net on spirals, without extensions."""
    mc.set_seed(seed)
    dataset = data.TupleDataset(*data.spirals(count))
    model = L.Classifier(Net())
    optimizer = optimizers.Adam(lr=0.02).setup(model)
    updater = training.StandardUpdater(kind(dataset, batch_size), optimizer, device=device)
    return training.Trainer(updater, stop, out=str(out))


def evaluator_of(trainer, batch_size=32):
    held_out = data.TupleDataset(*data.spirals(50, seed=9))
    return extensions.Evaluator(data.SerialIterator(held_out, batch_size, False, False),
                                trainer.updater.get_optimizer('main').target)


def parameters(trainer):
    model = trainer.updater.get_optimizer('main').target
    return {path: mc.to_cpu(param.data) for path, param in model.namedparams()}


def assert_same(ours, theirs):
    assert ours.keys() == theirs.keys()
    for path in ours:
        np.testing.assert_array_equal(ours[path], theirs[path], err_msg=path)


def rows(trainer):
    """The log without its times."""
    return [{name: value for name, value in row.items() if name != 'elapsed_time'}
            for row in trainer.get_extension('LogReport').log]


# A whole training --------------------------------------------------------------------------------

def test_a_training_learns_reports_and_logs(tmp_path, device):
    out = io.StringIO()
    trainer = make_trainer(tmp_path / 'new' / 'folder', (30, 'epoch'), device)
    trainer.extend(extensions.PrintReport(['epoch', 'main/loss', 'nothing'], out=out))
    trainer.extend(extensions.LogReport(trigger=(10, 'epoch')))
    trainer.extend(evaluator_of(trainer))
    trainer.extend(extensions.observe_lr())
    trainer.run()
    log = trainer.get_extension('LogReport').log
    assert [row['epoch'] for row in log] == [10, 20, 30] and log[-1]['iteration'] == 225
    assert log[-1]['main/loss'] < 0.9 * log[0]['main/loss']
    assert log[-1]['validation/main/accuracy'] > 0.6
    assert log[-1]['lr'] == 0.02 and 0 < log[0]['elapsed_time'] < trainer.elapsed_time
    assert json.loads((tmp_path / 'new' / 'folder' / 'log').read_text()) == log
    lines = out.getvalue().splitlines()
    assert lines[0].split() == ['epoch', 'main/loss', 'nothing'] and len(lines) == 4
    assert lines[1].split() == ['10', f'{log[0]["main/loss"]:.6g}']
    assert mc.get_device(trainer.updater.get_optimizer('main').target.device) == device


def test_the_table_has_columns_without_being_told(tmp_path, capsys):
    trainer = make_trainer(tmp_path, (1, 'epoch'))
    trainer.extend(extensions.LogReport())
    trainer.extend(extensions.PrintReport())
    trainer.run()
    header = capsys.readouterr().out.splitlines()[0].split()
    assert header == ['epoch', 'iteration', 'main/loss', 'main/accuracy', 'elapsed_time']


def test_an_evaluation_is_the_mean_over_all_items_in_test_mode(tmp_path):
    trainer = make_trainer(tmp_path)
    evaluator = evaluator_of(trainer)
    first = evaluator()
    x, t = evaluator.get_iterator('main').dataset.datasets
    model = evaluator.get_target('main')
    with mc.test_mode():
        wanted = model(x, t).item()
    assert float(first['main/loss']) == pytest.approx(wanted, rel=1e-6)
    assert model.loss.creator is None
    assert float(evaluator()['main/loss']) == float(first['main/loss'])


def test_an_evaluation_without_end_is_refused(tmp_path):
    trainer = make_trainer(tmp_path)
    evaluator = extensions.Evaluator(data.SerialIterator([1], 1), trainer.updater.get_optimizer(
        'main').target)
    with pytest.raises(ValueError, match='repeat=False'):
        evaluator()


def test_a_training_that_runs_out_of_batches_says_so(tmp_path):
    trainer = make_trainer(tmp_path, kind=lambda dataset, n: data.SerialIterator(dataset, n, False))
    with pytest.raises(RuntimeError, match='repeat=True'):
        trainer.run()
    assert trainer.updater.iteration == 8


def test_an_item_that_does_not_fit_is_named_in_a_training(tmp_path):
    trainer = make_trainer(tmp_path)
    points = [np.ones(2, 'f')] * 9 + [np.ones(3, 'f')]
    trainer.updater.iterators['main'] = data.SerialIterator(
        data.TupleDataset(points, np.zeros(10, 'i')), 5, shuffle=False)
    with pytest.raises(mc.ShapeError, match='item 9 of the dataset'):
        trainer.run()


def test_items_may_be_dicts_or_single_arrays(tmp_path):
    class Mean(mc.Chain):
        def __init__(self):
            super().__init__(scale=L.Linear(1, 1))

        def forward(self, x):
            return F.mean(self.scale(x) ** 2)

    for dataset in (data.DictDataset(x=np.ones((6, 1), 'f')), np.ones((6, 1), 'f')):
        optimizer = optimizers.SGD(lr=0.1).setup(Mean())
        updater = training.StandardUpdater(data.SerialIterator(dataset, 2), optimizer)
        updater.update()
        assert optimizer.t == updater.iteration == 1


def test_an_updater_needs_optimizers_that_are_set_up():
    with pytest.raises(ValueError, match="'main' has no target"):
        training.StandardUpdater(data.SerialIterator([1], 1), optimizers.SGD())


def test_iterations_leave_no_work_for_the_garbage_collector(tmp_path):
    trainer = make_trainer(tmp_path, (20, 'iteration'))
    trainer.extend(evaluator_of(trainer), trigger=(5, 'iteration'))
    trainer.extend(extensions.LogReport(filename=None))     # Python's JSON writer leaves work
    left = []
    trainer.extend(lambda trainer: left.append(gc.collect()), 'collect', (10, 'iteration'))
    gc.disable()
    try:
        trainer.run()
    finally:
        gc.enable()
    assert left[1] == 0


def test_several_optimizers_take_turns(tmp_path):
    class TakingTurns(training.StandardUpdater):
        def update_core(self):
            x, t = self.converter(self.get_iterator('main').next(), self.device)
            optimizer = self.get_optimizer('head' if self.iteration % 2 else 'body')
            net = model.predictor
            loss = F.softmax_cross_entropy(net(x), t)
            model.cleargrads()
            loss.backward()
            optimizer.update()
            mc.report({'loss': loss})

    mc.set_seed(0)
    model = L.Classifier(Net())
    both = {'body': optimizers.SGD(0.1).setup(model.predictor.l1),
            'head': optimizers.Adam().setup(model.predictor.l2)}
    updater = TakingTurns(data.SerialIterator(data.TupleDataset(*data.spirals(20)), 4), both)
    trainer = training.Trainer(updater, (5, 'iteration'), tmp_path)
    trainer.run()
    assert (both['body'].t, both['head'].t) == (3, 2) and 'loss' in trainer.observation
    assert {'updater/model:head/W', 'updater/optimizer:body/t', 'updater/iterator:main/epoch'} <= (
        trainer.values().keys())


class Language(mc.Chain):
    """Predicts the next of four numbers; remembers."""

    def __init__(self):
        super().__init__(embed=L.EmbedID(4, 6), lstm=L.LSTM(6, 8), out=L.Linear(8, 4))

    def forward(self, x):
        return self.out(self.lstm(self.embed(x)))


def test_truncated_backpropagation_through_time(tmp_path, device):
    mc.set_seed(0)
    sequence = np.array([0, 1, 2, 3] * 30, 'int32')
    model = L.Classifier(Language())
    updater = training.BPTTUpdater(data.SequenceIterator(sequence, 5), optimizers.Adam(0.05).setup(
        model), bptt_len=6, device=device)
    trainer = training.Trainer(updater, (10, 'epoch'), tmp_path)
    trainer.extend(extensions.LogReport())
    trainer.run()
    losses = [row['main/loss'] for row in rows(trainer)]
    assert len(losses) == 10 and losses[-1] < 0.1 < 1 < losses[0]
    assert updater.iteration == 40 and updater.epoch_detail == 10


# Going on ----------------------------------------------------------------------------------------

def with_everything(trainer):
    """Extensions that have something to remember."""
    trainer.extend(evaluator_of(trainer))
    trainer.extend(extensions.LogReport(trigger=(5, 'iteration')))
    trainer.extend(extensions.ExponentialShift('lr', 0.9), trigger=(4, 'iteration'))
    trainer.extend(extensions.LinearShift('beta1', (0.9, 0.5), (2, 12)))
    trainer.extend(extensions.observe_lr())
    trainer.extend(extensions.MicroAverage('main/accuracy', 'lr', 'ratio', (3, 'iteration')))
    trainer.extend(extensions.snapshot(condition=lambda _: False),
                   trigger=triggers.MinValueTrigger('main/loss', (2, 'iteration')))
    return trainer


@pytest.mark.parametrize('kind', [data.SerialIterator, data.MultithreadIterator])
@pytest.mark.parametrize('stop', [(20, 'iteration'), 'early'])
def test_a_resumed_training_is_the_same_bit_for_bit(tmp_path, kind, stop, device):
    def make(seed):
        trigger = triggers.EarlyStoppingTrigger((3, 'iteration'), 'main/loss', 2,
                                                max_trigger=(4, 'epoch'))
        return with_everything(make_trainer(tmp_path, trigger if stop == 'early' else stop, device,
                                            kind, seed))

    whole = make(seed=0)
    whole.extend(extensions.snapshot(filename='middle.npz'),
                 trigger=triggers.ManualScheduleTrigger(11, 'iteration'))
    whole.run()
    np.random.seed(5)
    resumed = make(seed=77)     # other weights, order and dropout, if nothing were loaded
    resumed.extend(extensions.snapshot(filename='middle.npz'),
                   trigger=triggers.ManualScheduleTrigger(11, 'iteration'))
    mc.load_npz(tmp_path / 'middle.npz', resumed)
    assert resumed.updater.iteration == 11
    resumed.run()
    assert whole.updater.iteration == resumed.updater.iteration > 11
    assert_same(parameters(resumed), parameters(whole))
    assert rows(resumed) == rows(whole)
    ours, theirs = resumed.values(), whole.values()
    assert ours.keys() == theirs.keys()
    for key in ours.keys() - {'elapsed_time', 'extensions/LogReport/state'}:
        np.testing.assert_array_equal(mc.to_cpu(ours[key]), mc.to_cpu(theirs[key]), err_msg=key)
    assert resumed.elapsed_time > 0


def test_a_training_goes_on_by_itself_from_the_newest_snapshot(tmp_path):
    def make(stop, seed):
        trainer = make_trainer(tmp_path / 'this', stop, seed=seed)
        trainer.extend(extensions.LogReport())
        trainer.extend(extensions.snapshot(n_retains=2, autoload=True))
        return trainer

    whole = make_trainer(tmp_path / 'other', (5, 'epoch'), seed=1)
    whole.run()
    make((3, 'epoch'), 1).run()
    assert sorted(os.listdir(tmp_path / 'this')) == ['log', 'snapshot_iter_15', 'snapshot_iter_23']
    again = make((5, 'epoch'), 2)
    again.run()
    assert_same(parameters(again), parameters(whole))
    assert [row['epoch'] for row in rows(again)] == [1, 2, 3, 4, 5]
    done = make((5, 'epoch'), 3)
    done.run()
    assert_same(parameters(done), parameters(whole))


def test_one_object_can_be_saved(tmp_path):
    trainer = make_trainer(tmp_path, (2, 'epoch'))
    model = trainer.updater.get_optimizer('main').target
    trainer.extend(extensions.snapshot_object(model, 'model_{.updater.epoch}.npz'))
    trainer.run()
    fresh = L.Classifier(Net())
    mc.load_npz(tmp_path / 'model_2.npz', fresh)
    np.testing.assert_array_equal(fresh.predictor.l1.W.data, model.predictor.l1.W.data)
    assert (tmp_path / 'model_1.npz').exists()


def test_an_error_can_leave_a_snapshot(tmp_path):
    trainer = make_trainer(tmp_path)
    trainer.extend(extensions.snapshot(snapshot_on_error=True))
    trainer.extend(lambda trainer: 1 / 0, 'bad', triggers.ManualScheduleTrigger(3, 'iteration'))
    with pytest.raises(ZeroDivisionError):
        trainer.run()
    assert (tmp_path / 'snapshot_iter_3').exists()


@pytest.mark.parametrize('where', ['update', 'extension'])
def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(tmp_path, where):
    whole = with_everything(make_trainer(tmp_path, (20, 'iteration')))
    whole.run()
    trainer = with_everything(make_trainer(tmp_path, (20, 'iteration')))

    def interrupt(_=None):
        if trainer.updater.iteration == 6:
            signal.raise_signal(signal.SIGINT)

    if where == 'update':
        model = trainer.updater.get_optimizer('main').target
        trainer.updater.loss_func = lambda x, t: (interrupt(), model(x, t))[1]
    else:
        trainer.extend(interrupt, 'interrupt', (1, 'iteration'), priority=1000)
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    assert trainer.updater.iteration == (7 if where == 'update' else 6)
    trainer.run()
    assert_same(parameters(trainer), parameters(whole))
    assert rows(trainer) == rows(whole)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_interrupt_does_not_wait(tmp_path):
    trainer = make_trainer(tmp_path)
    reached = []

    def impatient(trainer):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        reached.append('never')

    trainer.extend(impatient)
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    assert not reached and trainer.updater.iteration == 1


@pytest.mark.skipif(not hasattr(os, 'killpg'), reason='this system has no groups of processes')
def test_ctrl_c_in_a_terminal_reaches_all_processes_and_the_training_can_go_on(tmp_path):
    code = f"""
import minichain as mc, minichain.links as L, numpy as np
from minichain import data, optimizers, training
if __name__ == '__main__':
    dataset = data.TupleDataset(np.ones((100, 3), 'f'), np.zeros(100, 'i'))
    iterator = data.MultiprocessIterator(dataset, 5, n_processes=2)
    optimizer = optimizers.SGD().setup(L.Classifier(L.Linear(3, 2)))
    updater = training.StandardUpdater(iterator, optimizer)
    trainer = training.Trainer(updater, None, {str(tmp_path)!r})
    trainer.extend(lambda trainer: print('running', flush=True), 'tell', (5, 'iteration'))
    try:
        trainer.run()
    except KeyboardInterrupt:
        last = updater.iteration
        trainer.stop_trigger = training.get_trigger((last + 3, 'iteration'))
        trainer.run()
        print('went on', updater.iteration - last, optimizer.t - last, flush=True)
    iterator.next()     # and a program may end while workers are busy
"""
    script = tmp_path / 'script.py'
    script.write_text(code)
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.PIPE, start_new_session=True, env=environment)
    assert process.stdout.readline() == 'running\n'
    os.killpg(process.pid, signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert out.endswith('went on 3 3\n') and not errors and process.returncode == 0


# Extensions --------------------------------------------------------------------------------------

def test_extensions_run_by_priority_and_are_told_of_begin_error_and_end(tmp_path):
    trainer, calls = make_trainer(tmp_path, (1, 'iteration')), []

    @training.make_extension(default_name='early', priority=training.PRIORITY_WRITER,
                             initializer=lambda trainer: calls.append('begin'),
                             finalizer=lambda: calls.append('end'),
                             on_error=lambda *error: calls.append(type(error[1]).__name__))
    def early(trainer):
        calls.append('early')

    class Late(training.Extension):
        priority = -5

        def __call__(self, trainer):
            calls.append(self.name)

    trainer.extend(Late())
    trainer.extend(Late())
    trainer.extend(lambda trainer: calls.append('before'), 'before', call_before_training=True)
    trainer.extend(early)
    assert trainer.get_extension('Late_1').name == 'Late_1'
    trainer.run()
    assert calls == ['begin', 'before', 'early', 'before', 'Late', 'Late_1', 'end']
    with pytest.raises(ValueError, match="no extension 'x'; there are Late, Late_1, before, early"):
        trainer.get_extension('x')
    with pytest.raises(ValueError, match="'training'"):
        trainer.extend(Late(), 'training')
    calls.clear()
    trainer.stop_trigger = triggers.get_trigger((2, 'iteration'))
    trainer.extend(lambda trainer: 1 / 0, 'bad')
    with pytest.raises(ZeroDivisionError):
        trainer.run()
    assert calls == ['begin', 'early', 'before', 'ZeroDivisionError', 'end']


def test_what_is_reported_before_the_training_is_observed(tmp_path):
    trainer = make_trainer(tmp_path, (1, 'iteration'))
    seen = []
    trainer.extend(lambda trainer: mc.report({'early': 1}), 'tell', priority=300,
                   call_before_training=True)
    trainer.extend(lambda trainer: seen.append(dict(trainer.observation)), 'look',
                   call_before_training=True)
    trainer.run()
    assert seen[0] == {'early': 1} and 'main/loss' in seen[1]


def test_values_of_any_kind_can_be_observed(tmp_path):
    trainer = make_trainer(tmp_path, (2, 'iteration'))
    trainer.extend(extensions.observe_value('twice', lambda trainer: 2 * trainer.updater.iteration))
    trainer.run()
    assert trainer.observation['twice'] == 4


@pytest.mark.parametrize('shift, wanted', [
    (extensions.ExponentialShift('lr', 0.5), [1, 0.5, 0.25, 0.125, 0.0625]),
    (extensions.ExponentialShift('lr', 2, init=3, target=10), [3, 6, 10, 10, 10]),
    (extensions.StepShift('lr', 0.1, 2), [1, 1, 0.1, 0.1, 0.01]),
    (extensions.LinearShift('lr', (2, 1), (1, 3)), [2, 2, 1.5, 1, 1]),
    (extensions.PolynomialShift('lr', 2, 4, target=0.2), [1, 0.5625, 0.25, 0.2, 0.2]),
])
def test_hyperparameters_shift(tmp_path, shift, wanted):
    trainer = make_trainer(tmp_path, (4, 'iteration'))
    optimizer, seen = trainer.updater.get_optimizer('main'), []
    optimizer.lr = 1.0
    trainer.extend(shift)
    trainer.extend(lambda trainer: seen.append(optimizer.lr), 'look', call_before_training=True)
    trainer.run()
    np.testing.assert_allclose(seen, wanted)


def test_a_micro_average_weighs_by_counts(tmp_path):
    trainer = make_trainer(tmp_path, (6, 'iteration'))
    values, found = iter([(1, 2), (0, 2), (5, 6)] * 2), []

    def answer(trainer):
        right, asked = next(values)
        mc.report({'right': right, 'asked': asked})

    trainer.extend(answer, priority=1000)
    trainer.extend(extensions.MicroAverage('right', 'asked', 'share', (3, 'iteration')))
    trainer.extend(lambda trainer: found.append(trainer.observation.get('share')), 'look')
    trainer.run()
    assert found == [None, None, 0.6, None, None, 0.6]


def test_a_parameter_that_is_no_number_ends_the_training(tmp_path):
    trainer = make_trainer(tmp_path)
    trainer.extend(extensions.FailOnNonNumber())
    model = trainer.updater.get_optimizer('main').target

    def spoil(trainer):
        model.predictor.l2.b.data[1] = np.inf

    trainer.extend(spoil, 'spoil', (4, 'iteration'), priority=1000)
    with pytest.raises(mc.NumberError, match='main/predictor/l2/b .* after iteration 4'):
        trainer.run()


def test_the_graph_of_the_first_loss_is_written(tmp_path):
    trainer = make_trainer(tmp_path, (2, 'iteration'))
    trainer.extend(extensions.DumpGraph('main/loss'))
    trainer.extend(extensions.DumpGraph('main/loss', 'cg.svg'))
    trainer.run()
    assert 'softmax_cross_entropy' in (tmp_path / 'cg.dot').read_text(encoding='utf-8')
    assert (tmp_path / 'cg.svg').read_text(encoding='utf-8').startswith('<svg')
    assert not isinstance(trainer.observation['main/loss'], mc.Variable)
    trainer = make_trainer(tmp_path)
    trainer.extend(extensions.DumpGraph('main/lost'))
    with pytest.raises(KeyError, match='main/accuracy, main/loss'):
        trainer.run()


def test_statistics_of_parameters(tmp_path, device):
    trainer = make_trainer(tmp_path, (1, 'iteration'), device)
    model = trainer.updater.get_optimizer('main').target.predictor
    trainer.extend(extensions.ParameterStatistics(model.l1, trigger=(1, 'iteration'), prefix='net'))
    trainer.run()
    found, W = trainer.observation, mc.to_cpu(model.l1.W.data)
    assert float(found['net/l1/W/data/std']) == pytest.approx(W.std(), rel=1e-5)
    assert float(found['net/l1/W/data/percentile/3']) == pytest.approx(np.median(W), abs=1e-6)
    assert {'net/l1/b/grad/mean', 'net/l1/W/grad/zeros'} <= found.keys()
    only = extensions.ParameterStatistics([model], {'first': lambda x: x.ravel()[0]}, True, False)
    trainer.extend(only, trigger=(1, 'iteration'))
    trainer.stop_trigger = triggers.get_trigger((2, 'iteration'))
    trainer.run()
    assert 'predictor/l2/W/data/first' in trainer.observation
    assert 'predictor/l2/W/grad/first' not in trainer.observation


def test_a_plot_is_drawn_where_matplotlib_is(tmp_path):
    pytest.importorskip('matplotlib', reason='minichain[lab] is not installed')
    trainer = make_trainer(tmp_path, (2, 'epoch'))
    titles = []
    trainer.extend(extensions.PlotReport(
        ['main/loss', 'nothing'], 'epoch',
        postprocess=lambda figure, axes, summary: titles.append(axes.get_xlabel())))
    trainer.run()
    assert (tmp_path / 'plot.png').read_bytes().startswith(b'\x89PNG') and titles == ['epoch'] * 2
    assert os.listdir(tmp_path) == ['plot.png']


def test_the_spread_of_variables_is_drawn_where_matplotlib_is(tmp_path, device):
    pytest.importorskip('matplotlib', reason='minichain[lab] is not installed')
    trainer = make_trainer(tmp_path, (3, 'iteration'), device)
    net = trainer.updater.get_optimizer('main').target.predictor
    plot = extensions.VariableStatisticsPlot([net.l1.W, net.l2.W], trigger=(1, 'iteration'))
    trainer.extend(plot)
    trainer.run()
    assert (tmp_path / 'statistics.png').read_bytes().startswith(b'\x89PNG')
    values = np.concatenate([mc.to_cpu(W.data).ravel() for W in (net.l1.W, net.l2.W)])
    assert plot.points['data'][-1][:3] == [3, pytest.approx(values.mean(), abs=1e-6),
                                           pytest.approx(values.std(), rel=1e-5)]
    assert len(plot.points['grad']) == 3


def test_a_plot_warns_where_matplotlib_is_not(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'matplotlib.figure', None)
    trainer = make_trainer(tmp_path, (1, 'epoch'))
    trainer.extend(extensions.PlotReport('main/loss'))
    trainer.extend(extensions.VariableStatisticsPlot([]))
    with pytest.warns(UserWarning, match='pip install matplotlib'):
        trainer.run()
    with pytest.raises(ValueError, match='x_key'):
        extensions.PlotReport('main/loss', 'time')


def test_a_table_may_have_a_log_of_its_own(tmp_path):
    def make():
        out = io.StringIO()
        trainer = make_trainer(tmp_path, (4, 'epoch'))
        trainer.extend(extensions.PrintReport(
            ['epoch'], extensions.LogReport(trigger=(1, 'epoch'), filename=None), out))
        return trainer, out

    trainer, out = make()
    trainer.stop_trigger = triggers.get_trigger((2, 'epoch'))
    trainer.run()
    mc.save_npz(tmp_path / 't.npz', trainer)
    again, more = make()
    mc.load_npz(tmp_path / 't.npz', again)
    again.run()
    assert (out.getvalue().split(), more.getvalue().split()) == (['epoch', '1', '2'],
                                                                 ['epoch', '3', '4'])


def test_a_bar_shows_how_far_the_training_is(tmp_path):
    out = io.StringIO()
    trainer = make_trainer(tmp_path, (4, 'epoch'))
    trainer.extend(extensions.ProgressBar(update_interval=15, bar_length=10, out=out))
    trainer.extend(extensions.LogReport(trigger=(2, 'epoch')))
    trainer.extend(extensions.PrintReport(['epoch'], out=out))
    trainer.run()
    text = out.getvalue()
    assert '\r[#####.....]  50.0%  epoch 2/4  iteration 15  ' in text and text.endswith('\n')
    assert ' it/s  0:00:00 left' in text
    assert 'epoch\n2\n' in text.replace(' ', '').replace('\r', '')


# Triggers ----------------------------------------------------------------------------------------

def fake_trainer(iteration, observation=(), per_epoch=4):
    updater = types.SimpleNamespace(
        iteration=iteration, epoch_detail=iteration / per_epoch,
        previous_epoch_detail=None if iteration == 0 else (iteration - 1) / per_epoch)
    return types.SimpleNamespace(updater=updater, observation=dict(observation),
                                 elapsed_time=iteration * 1.0)


def fires(trigger, last=12, values=None, name='v'):
    """At which iterations, from 1, a trigger fires."""
    trigger = triggers.get_trigger(trigger)
    return [i for i in range(1, last + 1)
            if trigger(fake_trainer(i, {name: values[i - 1]} if values else {}))]


@pytest.mark.parametrize('trigger, wanted', [
    ((3, 'iteration'), [3, 6, 9, 12]), ((1, 'epoch'), [4, 8, 12]),
    ((0.5, 'epoch'), [2, 4, 6, 8, 10, 12]), (None, []), (lambda t: t.updater.iteration == 7, [7]),
    (triggers.ManualScheduleTrigger([2, 5], 'iteration'), [2, 5]),
    (triggers.ManualScheduleTrigger([0.6, 2], 'epoch'), [3, 8]),
    (triggers.OnceTrigger(), [1]), (triggers.TimeTrigger(5), [5, 10]),
    (triggers.TimeTrigger(0.25), list(range(1, 13))),
])
def test_triggers_fire(trigger, wanted):
    assert fires(trigger) == wanted


def test_an_interval_is_not_missed_by_who_asks_rarely_nor_seen_twice():
    trigger = triggers.IntervalTrigger(5, 'iteration')
    assert [trigger(fake_trainer(i)) for i in (0, 3, 6, 6, 9, 12)] == [
        False, False, True, True, False, True]
    with pytest.raises(ValueError, match="not 'week'"):
        triggers.IntervalTrigger(1, 'week')


def test_triggers_of_best_values():
    values = [5, 3, 4, 4, 2, 2, 9, 0, 1, 0, 9, 9]      # means of two: 4, 4, 2, 4.5, 0.5, 9
    assert fires(triggers.MinValueTrigger('v', (2, 'iteration')), 12, values) == [2, 6, 10]
    assert fires(triggers.MaxValueTrigger('v', (2, 'iteration')), 12, values) == [2, 8, 12]
    closer = triggers.BestValueTrigger('v', lambda old, new: abs(new - 2) < abs(old - 2),
                                       (2, 'iteration'))
    assert fires(closer, 12, values) == [2, 6]
    with pytest.raises(KeyError, match="'w' was not reported; reported were v"):
        fires(triggers.MaxValueTrigger('w'), 12, values)


def test_early_stopping_waits_and_then_ends(capsys):
    values = [5, 4, 6, 3, 4, 4, 3, 1]
    stop = triggers.EarlyStoppingTrigger((1, 'iteration'), 'v', patience=3, mode='min',
                                         verbose=True)
    assert fires(stop, 8, values)[0] == 7
    assert 'v was 3 at best' in capsys.readouterr().out
    assert fires(triggers.EarlyStoppingTrigger((1, 'iteration'), 'main/accuracy', 2), 8, values,
                 'main/accuracy')[0] == 5
    assert triggers.EarlyStoppingTrigger(monitor='x/loss').mode == 'min'
    bounded = triggers.EarlyStoppingTrigger((1, 'iteration'), 'v', 9, 'max',
                                            max_trigger=(6, 'iteration'))
    assert fires(bounded, 8, values) == [6, 7, 8]
    with pytest.warns(UserWarning, match='was not reported'):
        assert not fires(triggers.EarlyStoppingTrigger((1, 'iteration'), 'w'), 1, values)
    with pytest.raises(ValueError, match='mode'):
        triggers.EarlyStoppingTrigger(mode='best')


def test_a_trigger_that_fires_once_may_fire_again_after_resuming():
    for again, wanted in ((False, []), (True, [1])):
        first, second = triggers.OnceTrigger(again), triggers.OnceTrigger(again)
        fires(first)
        second.restore(json.loads(json.dumps(first.state())))
        assert fires(second) == wanted
