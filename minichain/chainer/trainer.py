"""Chainer's trainer, updaters and extensions."""
import copy
import importlib.util
import time

from .. import training as core
from ..reporter import DictSummary, report_scope
from ..optimizers.schedules import bounded
from ..training import extensions as ours, triggers
from ..training.extension import Extension as CoreExtension
from ..training.saving import RandomStates
from ..training.shifts import Shift
from ..training.updaters import call
from ..variable import Variable
from . import serializers
from .configuration import config, no_backprop_mode, using_config
from .data import call_converter, concat_examples
from .device import get_device
from .standing import StandsFor


class Extension(CoreExtension, metaclass=StandsFor):
    """A base for extensions; `serialize(serializer)` saves and loads what it remembers."""

    stands_for = CoreExtension

    def serialize(self, serializer):
        """Save or load what it remembers; nothing, if a subclass does not say otherwise."""


def make_extension(trigger=None, default_name=None, priority=None, finalizer=None,
                   initializer=None, on_error=None):
    """A decorator that makes a function of the trainer an extension with these settings."""
    return core.make_extension((1, 'iteration') if trigger is None else trigger, default_name,
                               core.PRIORITY_READER if priority is None else priority, finalizer,
                               initializer, on_error)


# Updaters ----------------------------------------------------------------------------------------

class Updater:
    """A base for updaters that are written from the ground up."""

    def connect_trainer(self, trainer):
        """Called by the trainer that takes this updater."""

    def finalize(self):
        """Called when the training ends."""

    def get_optimizer(self, name):
        """The optimizer of this name."""
        raise NotImplementedError(f'{type(self).__name__} does not say what its optimizers are.')

    def get_all_optimizers(self):
        """A dict of all optimizers."""
        raise NotImplementedError(f'{type(self).__name__} does not say what its optimizers are.')

    def update(self):
        """One iteration."""
        raise NotImplementedError(f'{type(self).__name__} does not update anything.')

    def serialize(self, serializer):
        """Save or load with a serializer."""
        raise NotImplementedError(f'{type(self).__name__} cannot be saved.')


class StandardUpdater(core.StandardUpdater):
    """One batch, one loss, one update of the main optimizer; see minichain.training.

    loss_scale  what the loss is multiplied by, against gradients too small for float16
    """

    def __init__(self, iterator, optimizer, converter=concat_examples, device=None, loss_func=None,
                 loss_scale=None, auto_new_epoch=True, *, input_device=None):
        device = None if device is None else get_device(device)
        super().__init__(iterator, optimizer, converter, device, loss_func, auto_new_epoch)
        self.input_device = device if input_device is None else get_device(input_device)
        self.loss_scale = loss_scale
        for known in self.optimizers.values():
            if loss_scale is not None:
                known.set_loss_scale(loss_scale)

    # Updaters that do not call this __init__ set these attributes themselves.
    given_device = input_device = loss_func = loss_scale = None
    converter, auto_new_epoch, iteration = staticmethod(concat_examples), True, 0

    @property
    def _iterators(self):
        return self.iterators

    @_iterators.setter
    def _iterators(self, given):
        self.iterators = given if isinstance(given, dict) else {'main': given}

    @property
    def _optimizers(self):
        return self.optimizers

    @_optimizers.setter
    def _optimizers(self, given):
        self.optimizers = given if isinstance(given, dict) else {'main': given}

    @property
    def device(self):
        """Where batches go; None: they stay where they are."""
        return self.given_device

    @device.setter
    def device(self, device):
        self.given_device = self.input_device = None if device is None else get_device(device)

    def convert_batch(self, batch):
        """A batch as arrays on the device."""
        return call_converter(self.converter, batch, self.input_device)

    def update_core(self):
        optimizer = self.optimizers['main']
        arrays = self.convert_batch(self.iterators['main'].next())
        loss_func = self.loss_func or optimizer.target
        optimizer.update(lambda: call(loss_func, arrays))

    def serialize(self, serializer):
        """Save or load iterators, optimizers and models."""
        for name, iterator in self.iterators.items():
            serializers.serialize(iterator, serializer[f'iterator:{name}'])
        for name, known in self.optimizers.items():
            serializers.serialize(known.target, serializer[f'model:{name}'])
            serializers.serialize(known, serializer[f'optimizer:{name}'])
        self.iteration = int(serializer('iteration', self.iteration))


# Trainer -----------------------------------------------------------------------------------------

class Trainer(core.Trainer):
    """Runs a training: updates, and extensions between them; see minichain.training.Trainer."""

    def __init__(self, updater, stop_trigger=None, out='result', extensions=None):
        super().__init__(updater, stop_trigger, out, extensions or ())

    _extensions = property(lambda self: self.entries)

    def extend(self, extension, name=None, trigger=None, priority=None, *,
               call_before_training=False, **settings):
        """Add an extension, or any function of the trainer."""
        super().extend(extension, name, trigger, priority, call_before_training)

    def run(self, show_loop_exception_msg=True):
        """Train until the stop trigger fires."""
        self.reporter.keep_graph = self.reporter.keep_graph or config.keep_graph_on_report
        super().run()

    def serialize(self, serializer):
        """Save or load all of it. Random states are saved besides, so that it goes on bit for bit;
        parts that a file of Chainer's lacks stay as they are."""
        self.updater.serialize(serializer['updater'])
        others = lenient(serializer)
        serializers.serialize(self.stop_trigger, others['stop_trigger'])
        for name, entry in self.entries.items():
            serializers.serialize(entry.extension, others['extensions'][name])
            serializers.serialize(entry.trigger, others['extension_triggers'][name])
        serializers.serialize(RandomStates(), others['random'])
        self.passed = float(others('_snapshot_elapsed_time', self.elapsed_time))
        self.started = self.started and time.perf_counter()


def lenient(serializer):
    """A deserializer that leaves what is missing as it is; other serializers as they are."""
    if not isinstance(serializer, serializers.NpzDeserializer):
        return serializer
    return serializers.NpzDeserializer(serializer.npz, serializer.path, False, serializer.ignored)


# Extensions --------------------------------------------------------------------------------------

class Evaluator(ours.Evaluator, metaclass=StandsFor):
    """Runs a model over held-out data; every batch counts alike, whatever its size."""

    stands_for = ours.Evaluator

    def __init__(self, iterator, target, converter=concat_examples, device=None, eval_hook=None,
                 eval_func=None, *, progress_bar=False):
        device = None if device is None else get_device(device)
        super().__init__(iterator, target, converter, device, eval_hook, eval_func)

    _iterators = property(lambda self: self.iterators)
    _targets = property(lambda self: self.targets)

    def get_all_iterators(self):
        """A dict of all iterators."""
        return dict(self.iterators)

    def get_all_targets(self):
        """A dict of all models."""
        return dict(self.targets)

    def __call__(self, trainer=None):
        """Evaluate, report the result, and return it."""
        with using_config('train', False):
            return super().__call__(trainer)

    def evaluate(self):
        """Run through the data once. Returns the means of what was reported."""
        iterator = self.iterators['main']
        if self.eval_hook:
            self.eval_hook(self)
        if hasattr(iterator, 'reset'):
            iterator.reset()
        else:
            iterator = copy.copy(iterator)
        function, summary = self.eval_func or self.targets['main'], DictSummary()
        for batch in iterator:
            observation = {}
            with report_scope(observation), no_backprop_mode():
                call(function, call_converter(self.converter, batch, self.device))
            summary.add(observation)
        return summary.compute_mean()

    def serialize(self, serializer):
        """Nothing is saved of it."""


class LogReport(ours.LogReport, metaclass=StandsFor):
    """Keeps the means of what was reported, in a list and in a file."""

    stands_for = ours.LogReport

    def __init__(self, keys=None, trigger=(1, 'epoch'), postprocess=None, filename=None,
                 log_name='log'):
        super().__init__(keys, trigger, postprocess, filename or log_name)

    def __call__(self, trainer):
        super().__call__(trainer)
        if trainer.is_before_training:
            summary, self.summary = self.summary, DictSummary()
            self.look(trainer, summary)


class PlotReport(ours.PlotReport):
    """Plots the means of what was reported into a picture file."""

    default_name = 'PlotReport'

    def __init__(self, y_keys, x_key='iteration', trigger=(1, 'epoch'), postprocess=None,
                 filename=None, marker='x', grid=True, file_name='plot.png'):
        super().__init__(y_keys, x_key, trigger, postprocess, filename or file_name, marker, grid)

    @staticmethod
    def available():
        """Whether matplotlib is there."""
        return importlib.util.find_spec('matplotlib') is not None


class ProgressBar(ours.ProgressBar):
    """Shows how far the training is."""

    def __init__(self, training_length=None, update_interval=100, bar_length=50, out=None):
        super().__init__(training_length, update_interval, bar_length, out)


def snapshot(savefun=None, filename='snapshot_iter_{.updater.iteration}', *, target=None,
             condition=None, writer=None, snapshot_on_error=False, n_retains=-1, autoload=False):
    """An extension that saves the whole trainer every epoch, in Chainer's layout."""
    return ours.snapshot(savefun or serializers.save_npz, filename, target=target,
                         condition=condition, n_retains=n_retains, autoload=autoload,
                         snapshot_on_error=snapshot_on_error, loadfun=serializers.load_npz)


def snapshot_object(target, filename, savefun=None, **options):
    """An extension that saves one object every epoch, in Chainer's layout."""
    return snapshot(savefun, filename, target=target, **options)


class DumpGraph(ours.DumpGraph):
    """Writes the graph of the first iteration's loss to a file, in the language of Graphviz."""

    def __init__(self, root_name, filename=None, variable_style=None, function_style=None,
                 out_name='cg.dot'):
        super().__init__(root_name, filename or out_name)


dump_graph = DumpGraph


class VariableStatisticsPlot(ours.VariableStatisticsPlot):
    """Draws how values and gradients are spread in the course of the training."""

    def __init__(self, targets, max_sample_size=1000, report_data=True, report_grad=True,
                 plot_mean=True, plot_std=True, percentile_sigmas=None, trigger=(1, 'epoch'),
                 filename=None, figsize=None, marker=None, grid=True, file_name='statistics.png'):
        super().__init__(targets, report_data, report_grad, plot_mean, plot_std, trigger,
                         filename or file_name)


def observe_lr(optimizer_name='main', observation_key='lr'):
    """An extension that reports the learning rate of an optimizer: for Adam, the step's length."""
    return ours.observe_value(observation_key,
                              lambda trainer: trainer.updater.get_optimizer(optimizer_name).lr)


def unchain_variables():
    """An extension that lets go of the graph behind what was reported."""
    @make_extension(default_name='unchain_variables', priority=core.PRIORITY_READER - 200)
    def unchain(trainer):
        for value in trainer.observation.values():
            if isinstance(value, Variable):
                value.unchain_backward()
    return unchain


class InverseShift(Shift):
    """init * (1 + gamma calls)**-power, down (or up) to `target`."""

    def __init__(self, attr, gamma, power, init=None, target=None, optimizer=None):
        def schedule(first):
            return lambda t: bounded(first * (1 + gamma * t) ** -power, first, target)
        super().__init__(attr, schedule, init, optimizer)


class MultistepShift(Shift):
    """Times gamma at each of the given numbers of calls."""

    def __init__(self, attr, gamma, step_value, init, optimizer=None):
        def schedule(first):
            return lambda t: first * gamma ** sum(t >= step for step in step_value)
        super().__init__(attr, schedule, init, optimizer)


class WarmupShift(Shift):
    """From warmup_start to init in a straight line, in so many calls."""

    def __init__(self, attr, warmup_start, warmup_iter, init, optimizer=None):
        def schedule(last):
            slope = (last - warmup_start) / warmup_iter
            return lambda t: warmup_start + slope * t if t < warmup_iter else last
        super().__init__(attr, schedule, init, optimizer)


class EarlyStoppingTrigger(triggers.EarlyStoppingTrigger):
    """Ends a training when a reported value gets better no more; patience was `patients` once."""

    def __init__(self, check_trigger=(1, 'epoch'), monitor='main/loss', patience=None, mode='auto',
                 verbose=False, max_trigger=(100, 'epoch'), *, patients=3):
        super().__init__(check_trigger, monitor, patients if patience is None else patience, mode,
                         verbose, max_trigger)
