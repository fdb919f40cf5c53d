"""Extensions that change a hyper-parameter of an optimizer each time they are called.

Where a change at each update is wanted, a schedule does the same: SGD(lr=Cosine(0.1, 1000)).
"""
from ..optimizers import schedules
from .extension import Extension


class Shift(Extension):
    """Sets a hyper-parameter to a schedule's value for the number of calls so far.

    attr       its name: 'lr'
    schedule   a function of the value that it starts with, which gives the schedule
    init       the value to start with. Default: what the optimizer has when the training begins
    optimizer  whose hyper-parameter. Default: the trainer's main one
    """

    def __init__(self, attr, schedule, init=None, optimizer=None):
        self.attr, self.schedule, self.init, self.optimizer = attr, schedule, init, optimizer
        self.calls = 0

    def initialize(self, trainer):
        if self.init is None:
            self.init = getattr(self.of(trainer), self.attr)
        self.set(trainer)

    def __call__(self, trainer):
        self.calls += 1
        self.set(trainer)

    def of(self, trainer):
        return self.optimizer or trainer.updater.get_optimizer('main')

    def set(self, trainer):
        setattr(self.of(trainer), self.attr, self.schedule(self.init)(self.calls))

    def state(self):
        return {'calls': self.calls, 'init': self.init}

    def restore(self, state):
        self.calls, self.init = state['calls'], state['init']


class ExponentialShift(Shift):
    """Times `rate` at each call, down (or up) to `target`: ExponentialShift('lr', 0.5)."""

    def __init__(self, attr, rate, init=None, target=None, optimizer=None):
        super().__init__(attr, lambda first: schedules.Exponential(first, rate, target), init,
                         optimizer)


class StepShift(Shift):
    """Times `gamma` after each `step` calls, down (or up) to `target`."""

    def __init__(self, attr, gamma, step, init=None, target=None, optimizer=None):
        super().__init__(attr, lambda first: schedules.Step(first, gamma, step, target), init,
                         optimizer)


class PolynomialShift(Shift):
    """As (1 - calls / max_count)**rate, down to 0, or to `target`."""

    def __init__(self, attr, rate, max_count, init=None, target=None, optimizer=None):
        def schedule(first):
            whole = schedules.Polynomial(first, max_count, rate)
            return lambda t: schedules.bounded(whole(t), first, target)

        super().__init__(attr, schedule, init, optimizer)


class LinearShift(Shift):
    """From the first to the second value in a straight line, between two numbers of calls.

    LinearShift('lr', (0.1, 0.01), (1000, 5000)): 0.1 until call 1000, 0.01 from call 5000.
    """

    def __init__(self, attr, value_range, time_range, optimizer=None):
        start, stop = time_range
        line = schedules.Linear(*value_range, stop - start)
        super().__init__(attr, lambda first: lambda t: line(max(t - start, 0)), value_range[0],
                         optimizer)
