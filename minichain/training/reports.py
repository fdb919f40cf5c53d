"""Extensions that tell how the training goes: in a file, as a table, as a plot, as a bar."""
import json
import math
import os
import sys
import time
import warnings

from ..files import new_file
from ..reporter import DictSummary
from .extension import PRIORITY_READER, Extension
from .triggers import get_trigger

# The table that is printed if nobody says otherwise.
FIRST, LAST, COLUMNS = ('epoch', 'iteration'), ('elapsed_time',), 10


def drawing_available(extension):
    """Whether matplotlib is there; a warning if it is not."""
    try:
        import matplotlib.figure as _
    except ImportError:
        warnings.warn(f'{type(extension).__name__} draws nothing, because matplotlib is not '
                      'installed: pip install matplotlib.', stacklevel=3)
        return False
    return True


class SummaryExtension(Extension):
    """A base for extensions that look at the means of what was reported, at some times.

    They are called at each iteration; `trigger` says when to look.
    """

    def __init__(self, keys, trigger):
        self.keys, self.summary, self.inner = keys, DictSummary(), get_trigger(trigger)

    def __call__(self, trainer):
        observation = trainer.observation
        self.summary.add(observation if self.keys is None else
                         {key: observation[key] for key in self.keys if key in observation})
        if self.inner(trainer):
            summary, self.summary = self.summary, DictSummary()
            self.look(trainer, summary)

    def look(self, trainer, summary):
        """Do something with the summary of what was reported since the last look."""
        raise NotImplementedError(f'{type(self).__name__} does nothing.')

    def state(self):
        return {'summary': self.summary.state(),
                'trigger': self.inner.state() if hasattr(self.inner, 'state') else None}

    def restore(self, state):
        self.summary = DictSummary(state['summary'])
        if hasattr(self.inner, 'restore'):
            self.inner.restore(state['trigger'])


class LogReport(SummaryExtension):
    """Keeps the means of what was reported in `log`, a list of dicts, and in a JSON file.

    keys         names of what to keep; None: all
    trigger      when to take the means and write
    postprocess  a function of the dict of means that may change it
    filename     in the trainer's folder; None: no file
    """

    def __init__(self, keys=None, trigger=(1, 'epoch'), postprocess=None, filename='log'):
        super().__init__(keys, trigger)
        self.postprocess, self.filename, self.log = postprocess, filename, []

    def look(self, trainer, summary):
        row = {name: float(mean) for name, mean in summary.compute_mean().items()}
        row.update(epoch=trainer.updater.epoch, iteration=trainer.updater.iteration,
                   elapsed_time=trainer.elapsed_time)
        if self.postprocess:
            self.postprocess(row)
        self.log.append(row)
        if self.filename:
            with new_file(os.path.join(trainer.out, self.filename.format(**row))) as path:
                with open(path, 'w', encoding='utf-8') as file:
                    json.dump([{name: None if isinstance(value, float) and
                                not math.isfinite(value) else value
                                for name, value in row.items()} for row in self.log],
                              file, indent=4)

    def state(self):
        return {**super().state(), 'log': self.log}

    def restore(self, state):
        super().restore(state)
        self.log = state['log']


class PrintReport(Extension):
    """Prints what a LogReport keeps, as a table that grows.

    entries     names of columns; None: what the first row has, ten columns at most
    log_report  the name of the LogReport, or one that is not in the trainer
    out         a file to print to; None: what print uses
    """

    priority = PRIORITY_READER - 10

    def __init__(self, entries=None, log_report='LogReport', out=None):
        self.entries, self.log_report, self.out = entries, log_report, out
        self.printed, self.header = 0, False

    def __call__(self, trainer):
        report = self.log_report
        if isinstance(report, str):
            report = trainer.get_extension(report)
        else:
            report(trainer)
        rows = report.log[self.printed:]
        if not rows:
            return
        for entry in trainer.entries.values():
            if isinstance(entry.extension, ProgressBar):
                entry.extension.clear()
        if self.entries is None:
            values = [name for name in rows[0] if name not in (*FIRST, *LAST)]
            self.entries = [*FIRST, *values[:COLUMNS - len(FIRST + LAST)], *LAST]
        widths = [max(10, len(name)) for name in self.entries]
        if not self.header:
            self.print('  '.join(f'{name:<{width}}' for name, width in zip(self.entries, widths)))
            self.header = True
        for row in rows:
            cells = [f'{row[name]:<{width}.6g}' if name in row else ' ' * width
                     for name, width in zip(self.entries, widths)]
            self.print('  '.join(cells))
        self.printed = len(report.log)

    def print(self, line):
        print(line.rstrip(), file=self.out or sys.stdout, flush=True)

    def state(self):
        inner = None if isinstance(self.log_report, str) else self.log_report.state()
        return {'printed': self.printed, 'log_report': inner}

    def restore(self, state):
        self.printed = state['printed']
        if not isinstance(self.log_report, str):
            self.log_report.restore(state['log_report'])


class PlotReport(SummaryExtension):
    """Plots the means of what was reported into a picture file; it needs matplotlib.

    y_keys       names of what to plot, one or a list
    x_key        'iteration' or 'epoch'
    postprocess  a function of (figure, axes, summary) that may change the picture
    """

    priority = PRIORITY_READER - 10

    def __init__(self, y_keys, x_key='iteration', trigger=(1, 'epoch'), postprocess=None,
                 filename='plot.png', marker='x', grid=True):
        super().__init__([y_keys] if isinstance(y_keys, str) else list(y_keys), trigger)
        if x_key not in ('iteration', 'epoch'):
            raise ValueError(f"x_key is 'iteration' or 'epoch', not {x_key!r}.")
        self.x_key, self.postprocess, self.filename = x_key, postprocess, filename
        self.marker, self.grid, self.points = marker, grid, {}

    def initialize(self, trainer):
        self.draws = drawing_available(self)

    def look(self, trainer, summary):
        x = getattr(trainer.updater, 'epoch_detail' if self.x_key == 'epoch' else 'iteration')
        for name, mean in summary.compute_mean().items():
            self.points.setdefault(name, []).append([x, float(mean)])
        if self.points and self.draws:
            self.draw(trainer, summary)

    def draw(self, trainer, summary):
        from matplotlib.figure import Figure
        figure = Figure()
        axes = figure.add_subplot(xlabel=self.x_key)
        for name, points in self.points.items():
            axes.plot(*zip(*points), marker=self.marker, label=name)
        axes.grid(self.grid)
        axes.legend()
        if self.postprocess:
            self.postprocess(figure, axes, summary)
        with new_file(os.path.join(trainer.out, self.filename)) as path:
            figure.savefig(path, bbox_inches='tight')

    def state(self):
        return {**super().state(), 'points': self.points}

    def restore(self, state):
        super().restore(state)
        self.points = state['points']


class ProgressBar(Extension):
    """Shows in one line how far the training is, how fast it is, and how long it will take.

    training_length  such as (20, 'epoch'). Default: until the trainer's stop trigger
    update_interval  iterations from one look to the next   bar_length  in characters
    out              a file to write to; None: what print uses
    """

    priority = PRIORITY_READER - 20

    def __init__(self, training_length=None, update_interval=100, bar_length=30, out=None):
        self.training_length, self.update_interval = training_length, update_interval
        self.bar_length, self.out, self.shown, self.recent = bar_length, out, 0, []

    def initialize(self, trainer):
        if self.training_length is None and hasattr(trainer.stop_trigger, 'get_training_length'):
            self.training_length = trainer.stop_trigger.get_training_length()
        self.recent = [(trainer.updater.iteration, self.done(trainer), time.perf_counter())]

    def done(self, trainer):
        """How far the training is, in the unit of its length."""
        unit = self.training_length[1] if self.training_length else 'iteration'
        return trainer.updater.epoch_detail if unit == 'epoch' else trainer.updater.iteration

    def __call__(self, trainer):
        if trainer.updater.iteration % self.update_interval == 0:
            self.write(self.line(trainer))

    def line(self, trainer):
        """'[#####.....]  50.0%  epoch 10/20  iteration 1000  310 it/s  0:00:03 left'"""
        updater, done = trainer.updater, self.done(trainer)
        self.recent = [*self.recent[-9:], (updater.iteration, done, time.perf_counter())]
        (first, was_done, began), (last, _, now) = self.recent[0], self.recent[-1]
        seconds = max(now - began, 1e-9)
        parts = [f'iteration {updater.iteration}', f'{(last - first) / seconds:.4g} it/s']
        if self.training_length:
            length, unit = self.training_length
            share = min(done / length, 1.0)
            marks = int(share * self.bar_length)
            parts.insert(0, f'[{"#" * marks}{"." * (self.bar_length - marks)}] {share:6.1%}')
            parts.insert(1, f'epoch {updater.epoch}' + (f'/{length}' if unit == 'epoch' else ''))
            if done > was_done:
                left = int((length - done) * seconds / (done - was_done))
                parts.append(f'{left // 3600}:{left // 60 % 60:02}:{left % 60:02} left')
        return '  '.join(parts)

    def write(self, line):
        out = self.out or sys.stdout
        out.write('\r' + line.ljust(self.shown))
        out.flush()
        self.shown = len(line)

    def clear(self):
        """Take the line away, to make room for others."""
        if self.shown:
            self.write('')
            (self.out or sys.stdout).write('\r')

    def finalize(self):
        if self.shown:
            (self.out or sys.stdout).write('\n')
            self.shown = 0
