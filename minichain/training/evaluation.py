"""Extensions that compute numbers: on held-out data, or from numbers that were reported."""
from ..config import test_mode
from ..data import concat_examples
from ..reporter import DictSummary, Reporter, as_float, report, report_scope
from .extension import PRIORITY_EDITOR, PRIORITY_WRITER, Extension
from .triggers import get_trigger
from .updaters import call


class Evaluator(Extension):
    """Runs a model over held-out data and reports the means of what it reports.

    iterator   one epoch of the data: an iterator made with repeat=False, or a dict of iterators
    target     the model, or a dict of models; of the one named 'main' the loss is computed
    converter, device   as for an updater; the device is where the model is, if not said otherwise
    eval_hook  a function of the evaluator that is called first
    eval_func  what to call with the arrays of a batch. Default: the model named 'main'

    What main reports as 'loss' is reported as 'validation/main/loss'. Batches count by their sizes.
    Subclasses may say in `evaluate()` how to come to a dict of numbers.
    """

    trigger, priority, default_name = (1, 'epoch'), PRIORITY_WRITER, 'validation'

    def __init__(self, iterator, target, converter=concat_examples, device=None, eval_hook=None,
                 eval_func=None):
        self.iterators = iterator if isinstance(iterator, dict) else {'main': iterator}
        self.targets = target if isinstance(target, dict) else {'main': target}
        self.converter, self.device = converter, device
        self.eval_hook, self.eval_func = eval_hook, eval_func

    def get_iterator(self, name):
        """The iterator of this name."""
        return self.iterators[name]

    def get_target(self, name):
        """The model of this name."""
        return self.targets[name]

    def __call__(self, trainer=None):
        """Evaluate, report the result, and return it: a dict of means by name."""
        reporter = Reporter()
        for name, target in self.targets.items():
            reporter.add_link('/'.join(filter(None, (self.name, name))), target)
        with reporter:
            result = self.evaluate()
        report(result)
        return result

    def evaluate(self):
        """Run through the data once. Returns the means of what was reported."""
        iterator, target = self.iterators['main'], self.targets['main']
        if getattr(iterator, 'repeat', False):
            raise ValueError('An evaluation would never end: make its iterator with repeat=False.')
        if self.eval_hook:
            self.eval_hook(self)
        iterator.reset()
        summary = DictSummary()
        for batch in iterator:
            observation = {}
            with report_scope(observation), test_mode():
                arrays = self.converter(batch, self.device or target.device)
                call(self.eval_func or target, arrays)
            summary.add(observation, weight=len(batch))
        return summary.compute_mean()

    def finalize(self):
        for iterator in self.iterators.values():
            iterator.finalize()


class MicroAverage(Extension):
    """Reports the sum of one reported value over the sum of another, since the trigger fired last:
    right answers over questions, when batches differ in size."""

    priority = PRIORITY_EDITOR

    def __init__(self, numerator_key, denominator_key, result_key, trigger=(1, 'epoch')):
        self.keys, self.result_key = (numerator_key, denominator_key), result_key
        self.inner, self.sums = get_trigger(trigger), [0.0, 0.0]

    def __call__(self, trainer):
        observation = trainer.observation
        self.sums = [total + as_float(observation.get(key, 0))
                     for total, key in zip(self.sums, self.keys)]
        if self.inner(trainer):
            (above, below), self.sums = self.sums, [0.0, 0.0]
            report({self.result_key: above / below if below else float('nan')})

    def state(self):
        return [self.sums, self.inner.state() if hasattr(self.inner, 'state') else None]

    def restore(self, state):
        self.sums, inner = state
        if hasattr(self.inner, 'restore'):
            self.inner.restore(inner)


def observe_value(observation_key, target_func):
    """An extension that reports target_func(trainer) under this name at each iteration."""
    class Observe(Extension):
        """Reports the value of a function of the trainer."""

        priority, default_name = PRIORITY_WRITER, observation_key

        def __call__(self, trainer):
            report({observation_key: target_func(trainer)})

    return Observe()


def observe_lr(optimizer_name='main', observation_key='lr'):
    """An extension that reports the learning rate of an optimizer."""
    return observe_value(observation_key,
                         lambda trainer: trainer.updater.get_optimizer(optimizer_name).lr)
