"""Triggers: functions of the trainer that say when something is to happen."""
import operator
import warnings

from ..reporter import DictSummary
from .saving import Saved

LOWER_IS_BETTER = ('loss', 'error', 'perplexity', 'perp')


def get_trigger(trigger):
    """A trigger from what a user says: None for never, (2, 'epoch') for every two epochs, or any
    function of the trainer."""
    if trigger is None:
        return never
    return trigger if callable(trigger) else IntervalTrigger(*trigger)


def never(trainer):
    """The trigger that never fires."""
    return False


class CountingTrigger(Saved):
    """A trigger that looks at how far the training has come, in epochs or iterations.

    Say in a subclass whether to fire between two counts: `between(before, now)`. Asked again in the
    same iteration, it gives the same answer.
    """

    unit = 'epoch'

    def __init__(self):
        self.before = self.iteration = None
        self.answer = False

    def check_unit(self, unit):
        """The unit, if it is one; else ValueError."""
        if unit not in ('epoch', 'iteration'):
            raise ValueError(f"A trigger counts in 'epoch' or 'iteration', not {unit!r}.")
        return unit

    def now(self, updater):
        """How far the training has come."""
        return updater.epoch_detail if self.unit == 'epoch' else updater.iteration

    def __call__(self, trainer):
        updater = trainer.updater
        if updater.iteration == self.iteration:
            return self.answer
        if self.before is None:
            before = ((updater.previous_epoch_detail or 0.0) if self.unit == 'epoch' else
                      max(updater.iteration - 1, 0))
        else:
            before = self.before
        self.iteration, self.before = updater.iteration, self.now(updater)
        self.answer = self.between(before, self.before)
        return self.answer

    def between(self, before, now):
        """Whether to fire when the count has gone from `before` to `now`."""
        raise NotImplementedError(f'{type(self).__name__} does not say when.')

    def state(self):
        return [self.iteration, self.before, self.answer]

    def restore(self, state):
        self.iteration, self.before, self.answer = state


class IntervalTrigger(CountingTrigger):
    """Fires every so many epochs (also parts of one: 0.5) or iterations."""

    def __init__(self, period, unit):
        super().__init__()
        self.period, self.unit = period, self.check_unit(unit)

    def between(self, before, now):
        return now // self.period > before // self.period

    def reached(self, updater):
        """Whether that many epochs or iterations are over: for the end of a training."""
        return self.now(updater) >= self.period

    def get_training_length(self):
        """The pair (period, unit)."""
        return self.period, self.unit

    def __repr__(self):
        return f'({self.period}, {self.unit!r})'


class ManualScheduleTrigger(CountingTrigger):
    """Fires at the given epochs or iterations, a number or a list of them."""

    def __init__(self, points, unit):
        super().__init__()
        self.points = points if isinstance(points, (list, tuple)) else [points]
        self.unit = self.check_unit(unit)

    def between(self, before, now):
        return any(before < point <= now for point in self.points)


class OnceTrigger(Saved):
    """Fires the first time only.

    call_on_resume  fire once more after a training was resumed
    """

    def __init__(self, call_on_resume=False):
        self.call_on_resume, self.fired = call_on_resume, False

    def __call__(self, trainer):
        fire, self.fired = not self.fired, True
        return fire

    def state(self):
        return self.fired

    def restore(self, state):
        self.fired = state and not self.call_on_resume


class TimeTrigger(Saved):
    """Fires every so many seconds of training."""

    def __init__(self, period):
        self.period = self.next_time = period

    def __call__(self, trainer):
        if trainer.elapsed_time < self.next_time:
            return False
        while self.next_time <= trainer.elapsed_time:
            self.next_time += self.period
        return True

    def state(self):
        return self.next_time

    def restore(self, state):
        self.next_time = state


class MeanTrigger(Saved):
    """A trigger that looks at the mean of a reported value since `trigger` fired last.

    Say in a subclass what to make of it: `judge(mean)`.
    """

    def __init__(self, key, trigger):
        self.key, self.trigger = key, get_trigger(trigger)
        self.summary, self.best = DictSummary(), None

    def __call__(self, trainer):
        observation = trainer.observation
        if self.key in observation:
            self.summary.add({self.key: observation[self.key]})
        if not self.trigger(trainer):
            return False
        means = self.summary.compute_mean()
        self.summary = DictSummary()
        if self.key not in means:
            return self.missing(f'{self.key!r} was not reported; reported were '
                                f'{", ".join(sorted(observation)) or "no values"}.')
        return self.judge(float(means[self.key]))

    def missing(self, message):
        """What to answer when the value was not reported."""
        raise KeyError(message)

    def judge(self, mean):
        """Whether to fire at this mean."""
        raise NotImplementedError(f'{type(self).__name__} does not say when.')

    def state(self):
        inner = self.trigger.state() if isinstance(self.trigger, Saved) else None
        return {'summary': self.summary.state(), 'best': self.best, 'trigger': inner}

    def restore(self, state):
        self.summary, self.best = DictSummary(state['summary']), state['best']
        if isinstance(self.trigger, Saved):
            self.trigger.restore(state['trigger'])


class BestValueTrigger(MeanTrigger):
    """Fires when a reported value, in the mean since the last look, is the best so far.

    compare  a function of (best, new) that says whether the new value is better
    trigger  when to look
    Raises KeyError if the value was not reported since the last look.
    """

    def __init__(self, key, compare, trigger=(1, 'epoch')):
        super().__init__(key, trigger)
        self.compare = compare

    def judge(self, mean):
        better = self.best is None or bool(self.compare(self.best, mean))
        self.best = mean if better else self.best
        return better


class MaxValueTrigger(BestValueTrigger):
    """Fires when a reported value is larger than ever: MaxValueTrigger('main/accuracy')."""

    def __init__(self, key, trigger=(1, 'epoch')):
        super().__init__(key, operator.lt, trigger)


class MinValueTrigger(BestValueTrigger):
    """Fires when a reported value is smaller than ever: MinValueTrigger('main/loss')."""

    def __init__(self, key, trigger=(1, 'epoch')):
        super().__init__(key, operator.gt, trigger)


class EarlyStoppingTrigger(MeanTrigger):
    """Ends a training when a reported value gets better no more: for a trainer's stop_trigger.

    check_trigger  when to look
    monitor        the name of the value; its mean since the last look counts
    patience       how many looks may pass without anything better
    mode           'max' or 'min': what is better; 'auto': 'min' for losses and errors
    verbose        say so when it ends
    max_trigger    when to end in any case
    """

    def __init__(self, check_trigger=(1, 'epoch'), monitor='main/loss', patience=3, mode='auto',
                 verbose=False, max_trigger=(100, 'epoch')):
        super().__init__(monitor, check_trigger)
        if mode not in ('auto', 'max', 'min'):
            raise ValueError(f"The mode is 'auto', 'max' or 'min', not {mode!r}.")
        if mode == 'auto':
            mode = 'min' if any(word in monitor for word in LOWER_IS_BETTER) else 'max'
        self.mode, self.patience, self.verbose, self.count = mode, patience, verbose, 0
        self.max_trigger = get_trigger(max_trigger)

    def __call__(self, trainer):
        end = super().__call__(trainer)
        if isinstance(self.max_trigger, IntervalTrigger):
            return end or self.max_trigger.reached(trainer.updater)
        return end or self.max_trigger(trainer)

    def missing(self, message):
        warnings.warn(f'Early stopping: {message}', stacklevel=4)
        return False

    def judge(self, mean):
        if self.best is None or (mean > self.best if self.mode == 'max' else mean < self.best):
            self.best, self.count = mean, 0
        else:
            self.count += 1
        if self.count >= self.patience and self.verbose:
            print(f'Early stopping: {self.key} was {self.best:g} at best, and no better in the '
                  f'last {self.count} looks.')
        return self.count >= self.patience

    def get_training_length(self):
        """The pair (period, unit) after which it ends in any case; None if there is none."""
        length = getattr(self.max_trigger, 'get_training_length', None)
        return length and length()

    def state(self):
        inner = self.max_trigger.state() if isinstance(self.max_trigger, Saved) else None
        return {**super().state(), 'count': self.count, 'max_trigger': inner}

    def restore(self, state):
        super().restore(state)
        self.count = state['count']
        if isinstance(self.max_trigger, Saved):
            self.max_trigger.restore(state['max_trigger'])
