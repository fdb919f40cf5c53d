"""The trainer: update after update, with extensions in between, until a trigger says stop."""
import contextlib
import os
import sys
import time

from ..optimizers.base import Uninterrupted
from ..reporter import Reporter, as_float, is_number
from .extension import PRIORITY_READER
from .saving import Group, RandomStates, Saved
from .triggers import IntervalTrigger, get_trigger


class Entry:
    """An extension with what the trainer was told about it."""

    def __init__(self, extension, priority, trigger, call_before_training):
        self.extension, self.priority, self.trigger = extension, priority, trigger
        self.call_before_training = call_before_training


class Observation(Saved):
    """The numbers of the last iteration: a stop trigger looks at them after a training resumed."""

    def __init__(self, trainer):
        self.trainer = trainer

    def state(self):
        return {name: as_float(value) for name, value in self.trainer.observation.items()
                if is_number(value)}

    def restore(self, state):
        self.trainer.observation = {name: float(value) for name, value in state.items()}


class Trainer:
    """Runs a training: updates, and extensions between them.

        trainer = Trainer(updater, (20, 'epoch'), out='result')
        trainer.extend(extensions.LogReport())
        trainer.run()

    updater       what one iteration does
    stop_trigger  when to stop: (20, 'epoch'), or any function of the trainer; None: never
    out           the folder for what extensions write
    extensions    a list of extensions to begin with

    `observation` holds what the last iteration has reported. save_npz and load_npz save and load a
    trainer with all of its parts, so that a training goes on bit for bit.
    """

    def __init__(self, updater, stop_trigger=None, out='result', extensions=()):
        self.updater, self.stop_trigger, self.out = updater, get_trigger(stop_trigger), out
        self.observation, self.reporter, self.entries = {}, Reporter(), {}
        self.passed, self.started = 0.0, None
        for extension in extensions or ():
            self.extend(extension)
        updater.connect_trainer(self)

    @property
    def elapsed_time(self):
        """Seconds of training, without pauses between runs."""
        return self.passed + (time.perf_counter() - self.started if self.started else 0.0)

    @property
    def is_before_training(self):
        """Whether there was no update yet."""
        return self.updater.iteration == 0

    def extend(self, extension, name=None, trigger=None, priority=None,
               call_before_training=False):
        """Add an extension, or any function of the trainer.

        What is not said is taken from the extension. A name that is taken gets a number behind it.
        """
        name = (name or getattr(extension, 'name', None) or getattr(extension, 'default_name', None)
                or getattr(extension, '__name__', type(extension).__name__))
        if name == 'training':
            raise ValueError("No extension can be called 'training'.")
        trigger = trigger or getattr(extension, 'trigger', (1, 'iteration'))
        if priority is None:
            priority = getattr(extension, 'priority', PRIORITY_READER)
        unique, count = name, 0
        while unique in self.entries:
            count += 1
            unique = f'{name}_{count}'
        with contextlib.suppress(AttributeError):       # bound methods have no attributes
            extension.name = unique
        self.entries[unique] = Entry(extension, priority, get_trigger(trigger),
                                     call_before_training)

    def get_extension(self, name):
        """The extension of this name. Raises ValueError if there is none."""
        if name not in self.entries:
            raise ValueError(f'There is no extension {name!r}; there are '
                             f'{", ".join(self.entries) or "none"}.')
        return self.entries[name].extension

    def run(self):
        """Train until the stop trigger fires.

        The first request to interrupt waits for the end of the iteration, extensions included; then
        KeyboardInterrupt is raised, and `run` called again goes on as if nothing had happened. A
        second request interrupts at once; the batch of that iteration is then lost.
        """
        os.makedirs(self.out, exist_ok=True)
        for name, optimizer in self.updater.get_all_optimizers().items():
            self.reporter.add_link(name, optimizer.target)
        entries = sorted(self.entries.values(), key=lambda entry: -entry.priority)
        self.started = time.perf_counter()
        with contextlib.ExitStack() as at_end:
            at_end.callback(self.stop_clock)
            at_end.callback(self.updater.finalize)
            for entry in entries:
                finalize = getattr(entry.extension, 'finalize', None)
                if finalize:
                    at_end.callback(finalize)
            try:
                self.loop(entries)
            except Exception as error:
                for entry in entries:
                    on_error = getattr(entry.extension, 'on_error', None)
                    if on_error:
                        on_error(self, error, sys.exc_info()[2])
                raise

    def loop(self, entries):
        """Iterate."""
        before = self.is_before_training
        for entry in entries:
            initialize = getattr(entry.extension, 'initialize', None)
            if initialize:
                initialize(self)
        if before and self.is_before_training:
            with self.reporter.scope(self.observation):
                for entry in entries:
                    if entry.call_before_training:
                        entry.extension(self)
        while not self.is_over():
            with Uninterrupted(patience=1):
                self.observation = {}
                with self.reporter.scope(self.observation):
                    self.updater.update()
                    for entry in entries:
                        if entry.trigger(self):
                            entry.extension(self)

    def is_over(self):
        """Whether the training has come to its end."""
        if isinstance(self.stop_trigger, IntervalTrigger):
            return self.stop_trigger.reached(self.updater)
        return self.stop_trigger(self)

    def stop_clock(self):
        """Count the time of this run."""
        self.passed, self.started = self.elapsed_time, None

    def parts(self):
        """What is saved with it, by name."""
        return Group({
            'updater': self.updater, 'stop_trigger': self.stop_trigger,
            'observation': Observation(self), 'random': RandomStates(),
            'extensions': Group({n: entry.extension for n, entry in self.entries.items()}),
            'extension_triggers': Group({n: entry.trigger for n, entry in self.entries.items()})})

    def values(self):
        """All that is to be saved for the training to go on bit for bit."""
        return {'elapsed_time': self.elapsed_time, **self.parts().values()}

    def set_value(self, key, value):
        """Put one saved value, of the given key, into its place."""
        if key == 'elapsed_time':
            self.passed = value.item()
            self.started = self.started and time.perf_counter()
        else:
            self.parts().set_value(key, value)
