"""Reporting: any part of a program says a number, and whoever wants to know it collects it.

    reporter = Reporter()
    reporter.add_observer('model', model)
    with reporter:
        report({'loss': loss}, model)
    reporter.observation        # {'model/loss': 0.25}
"""
import threading

import numpy as np

from . import backend
from .variable import Variable


class _Current(threading.local):
    reporters = ()


_current = _Current()


class _Scope:
    def __init__(self, reporter, observation):
        self.reporter, self.observation = reporter, observation

    def __enter__(self):
        self.before = _current.reporters, self.reporter.observation
        _current.reporters = *_current.reporters, self.reporter
        self.reporter.observation = self.observation

    def __exit__(self, *error):
        _current.reporters, self.reporter.observation = self.before


class Reporter:
    """Collects what is reported in a dict, `observation`.

    `with reporter:` makes it the current one. What an observer reports is named after it: the
    prefix that `add_observer` gave it, '/', the name of the value. Variables are kept as arrays, so
    that no graph stays alive; `keep_graph` says otherwise.
    """

    def __init__(self):
        self.observation, self.keep_graph, self.observers = {}, False, {}

    def add_observer(self, name, observer):
        """Let an object report under this name."""
        self.observers[id(observer)] = name, observer

    def add_observers(self, prefix, observers):
        """Let many objects report: pairs (name, object), each name behind the prefix."""
        for name, observer in observers:
            self.add_observer(prefix + name, observer)

    def add_link(self, name, link):
        """Let a link report under this name, and every link in it under its path behind it."""
        for part in link.links():
            self.add_observer('/'.join(filter(None, (name, part.path[len(link.path):].strip('/')))),
                              part)

    def __enter__(self):
        _current.reporters = *_current.reporters, self
        return self

    def __exit__(self, *error):
        _current.reporters = _current.reporters[:-1]

    def scope(self, observation):
        """Collect in another dict for a while: `with reporter.scope(found):`."""
        return _Scope(self, observation)

    def report(self, values, observer=None):
        """Take in a dict of values. Raises KeyError for an observer that was not added."""
        prefix = ''
        if observer is not None:
            if id(observer) not in self.observers:
                raise KeyError(f'{observer!r} is no observer of this reporter: add_observer first.')
            prefix = self.observers[id(observer)][0] + '/'
        for name, value in values.items():
            if isinstance(value, Variable) and not self.keep_graph:
                value = value.data
            self.observation[prefix + name] = value


def get_current_reporter():
    """The reporter whose `with` block is running; None outside of any."""
    return _current.reporters[-1] if _current.reporters else None


def report(values, observer=None):
    """Report a dict of values to the current reporter; without one, nothing happens.

    observer  who reports, usually a link: its name comes before those of the values
    """
    reporter = get_current_reporter()
    if reporter is not None:
        reporter.report(values, observer)


def report_scope(observation):
    """Let the current reporter collect in another dict for a while: `with report_scope(found):`."""
    return (get_current_reporter() or Reporter()).scope(observation)


class Summary:
    """The mean and the standard deviation of numbers that come one by one, each with a weight.

    Numbers on a GPU stay there until somebody reads the result.
    """

    def __init__(self, weight=0.0, mean=0.0, squares=0.0):
        self.weight, self.mean, self.squares = weight, mean, squares

    def add(self, value, weight=1):
        """Take in one number, or an array of which each element is averaged by itself."""
        value = value.data if isinstance(value, Variable) else value
        value = value.astype(np.float64) if backend.is_array(value) else float(value)
        self.weight += weight
        off = value - self.mean
        self.mean = self.mean + off * (weight / self.weight)
        self.squares = self.squares + weight * off * (value - self.mean)    # (Welford 1962)

    def compute_mean(self):
        """The mean of all that was added; NaN of nothing."""
        return self.mean if self.weight else float('nan')

    def make_statistics(self):
        """The pair (mean, standard deviation)."""
        xp = backend.get_array_module(self.squares)
        return self.compute_mean(), xp.sqrt(self.squares / (self.weight or float('nan')))

    def state(self):
        """Three numbers from which Summary(*numbers) goes on."""
        return [float(self.weight), float(self.mean), float(self.squares)]


class DictSummary:
    """A Summary for each name of dicts that come one by one. What is not one number is left out.

    A value may be a pair (number, weight).
    """

    def __init__(self, state=()):
        self.summaries = {name: Summary(*numbers) for name, numbers in dict(state).items()}

    def add(self, values, weight=1):
        """Take in the numbers of one dict."""
        for name, value in values.items():
            own_weight = weight
            if isinstance(value, tuple) and len(value) == 2:
                value, own_weight = value
            if is_number(value):
                self.summaries.setdefault(name, Summary()).add(value, own_weight)

    def compute_mean(self):
        """The means, by name."""
        return {name: summary.compute_mean() for name, summary in self.summaries.items()}

    def make_statistics(self):
        """The means by name, and the standard deviations by 'name.std'."""
        found = {}
        for name, summary in self.summaries.items():
            found[name], found[name + '.std'] = summary.make_statistics()
        return found

    def state(self):
        """Numbers from which DictSummary(state) goes on."""
        return {name: summary.state() for name, summary in self.summaries.items()}


def is_number(value):
    """Whether this is one real number: of Python, of NumPy, in an array or in a Variable."""
    value = value.data if isinstance(value, Variable) else value
    if backend.is_array(value):
        return value.ndim == 0 and value.dtype.kind in 'biuf'
    return isinstance(value, (int, float))


def as_float(value):
    """One reported number as Python's float; a GPU is waited for."""
    return float(value.data if isinstance(value, Variable) else value)
