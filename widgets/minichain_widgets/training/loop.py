"""A training in small pieces: forward, backward, update; the history; what stops it."""
from __future__ import annotations

import contextlib
import inspect
import math

import numpy as np

from minichain import backend, functions as F, optimizers, randomness, test_mode
from minichain import using_config
from minichain.errors import GraphError, NumberError
from minichain.links import Classifier, Link
from minichain.variable import Variable

from ..arguments import function, seed_of, whole
from ..places import calling_line
from .examples import Examples
from .norms import gradient_norm, interval, weight_norm
from .scores import class_axis, hits

TEST_BATCH = 256
OPTIMIZERS = {'SGD': optimizers.SGD, 'MomentumSGD': optimizers.MomentumSGD,
              'RMSprop': optimizers.RMSprop, 'AdaGrad': optimizers.AdaGrad,
              'Adam': optimizers.Adam, 'AdamW': optimizers.AdamW}


class Stopped(Exception):
    """A training came to an end by itself; the text says why."""


class NoNumber(Stopped):
    """The loss or a gradient is NaN or infinite."""


class Loop:
    """Trains a model, one piece of work at a time; see TrainingRun for the arguments.

    `pieces` is the training; `forward`, `backward` and `step` do one batch by hand.

    history   lists by name. For each update: 'step', 'epoch', 'loss', 'accuracy' (of classes);
              'norm_step', 'gradient_norm', 'weight_norm'; after each epoch with `test`:
              'test_step', 'test_loss', 'test_accuracy'
    length    the norm of the gradient of the present or the last batch, if it was measured
    stage     'ready' for a batch, 'forward' or 'backward' when that is done for the batch
    batch     the arrays in work; numbers, their numbers among the examples
    """

    def __init__(self, model, data, optimizer=None, batch_size=32, lossfun=None, test=None,
                 seed=0, patience=0):
        batch_size = whole(batch_size, 'batch_size, the examples in a batch,', 1)
        patience = whole(patience, 'patience, in epochs,')
        seed = seed_of(seed)
        function(lossfun, 'lossfun', '(y, t)')
        check_model(model, optimizer)
        self.data = Examples(data)
        self.test = None if test is None else Examples(test, 'test')
        arrays = [len(part.take([0])) for part in (self.data, self.test) if part is not None]
        if arrays[0] != arrays[-1]:
            raise ValueError(f'An example of data has {arrays[0]} arrays, but one of test has '
                             f'{arrays[1]}: both need the same.')
        self.model, self.batch_size, self.seed, self.patience = model, batch_size, seed, patience
        self.optimizer = optimizer or optimizers.Adam()
        if self.optimizer.target is None:
            self.optimizer.setup(model)
        elif self.optimizer.target is not model:
            raise ValueError('The optimizer changes another model: give it this one with '
                             'optimizer.setup(model).')
        self.lossfun = lossfun
        self.whole = lossfun is None and takes(model, len(self.data.take([0])))
        self.made = calling_line()      # where a student has set this training up
        self._noise = np.random.default_rng(seed)
        self._first = snapshot(model), self.optimizer, dict(self.optimizer.hyperparam.own)
        self._forget()

    def _forget(self):
        self.history = {name: [] for name in (
            'step', 'epoch', 'loss', 'accuracy', 'norm_step', 'gradient_norm', 'weight_norm',
            'test_step', 'test_loss', 'test_accuracy')}
        self.steps = self.epoch = self.position = 0
        self.stage, self.batch, self.numbers, self.loss, self.y = 'ready', None, None, None, None
        self.length = None
        self._noise.bit_generator.state = np.random.default_rng(self.seed).bit_generator.state
        self._order = None, None        # of the epoch, the examples
        self._best = math.inf, 0
        self._params, self._every = None, 1

    # One batch ------------------------------------------------------------------------------------

    def forward(self):
        """Compute the loss of the next batch, or of the present one anew."""
        if self.stage == 'ready':
            if self._order[0] != self.epoch:
                self._order = self.epoch, self.data.order(self.seed, self.epoch)
            self.numbers = self._order[1][self.position:self.position + self.batch_size]
            self.batch = self.data.take(self.numbers, self.device)
        self.stage, self.loss, self._before = 'ready', None, self._noise.bit_generator.state
        y, loss = self.compute(self.batch)
        if not isinstance(loss, Variable) or loss.size != 1:
            raise GraphError('The loss is a Variable with one number, but lossfun gave '
                             f'{getattr(loss, "shape", type(loss).__name__)}.')
        self.y, self.loss = y, loss
        if not math.isfinite(float(self.loss.data)):
            raise NoNumber(self._accuse('The loss', lambda: self.compute(self.batch)))
        self.stage = 'forward'

    def backward(self):
        """Compute the gradients of the present batch; its loss first, if nobody has."""
        if self.stage != 'forward':
            self.forward()
        self.model.cleargrads()
        self.loss.backward()
        self.length = gradient_norm(self.params) if self.measures() else None
        if self.length is not None and not math.isfinite(self.length):
            raise NoNumber(self._accuse(
                'The gradient', lambda: self.compute(self.batch)[1].backward()))
        self.stage = 'backward'

    def step(self):
        """Finish the present batch with an update of the parameters."""
        if self.stage != 'backward':
            self.backward()
        loss = float(self.loss.data)
        accuracy = None
        if self.classifies(self.y, self.batch):
            right, counted = hits(self.y.data, self.batch[-1])
            accuracy = right / counted if counted else math.nan
        self.optimizer.update()
        end = self.position + len(self.numbers)
        self.note(self.epoch + end / len(self.data), loss, accuracy, self.length)
        self.position += len(self.numbers)
        self.stage, self.loss = 'ready', None
        if self.position >= len(self.data):
            self.position, self.epoch = 0, self.epoch + 1
            self.optimizer.new_epoch(auto=True)

    def note(self, epoch, loss, accuracy=None, length=None):
        """Write an update into the history; `length` is the norm of its gradient."""
        history = self.history
        self.steps += 1
        history['step'].append(self.steps)
        history['epoch'].append(epoch)
        history['loss'].append(loss)
        if accuracy is not None:
            history['accuracy'].append(accuracy)
        if length is not None:
            history['norm_step'].append(self.steps)
            history['gradient_norm'].append(length)
            history['weight_norm'].append(weight_norm(self.params))

    def note_test(self, loss, accuracy=None):
        """Write a test into the history."""
        self.history['test_step'].append(self.steps)
        self.history['test_loss'].append(loss)
        if accuracy is not None:
            self.history['test_accuracy'].append(accuracy)

    def pieces(self):
        """The work without end, as a generator: after each piece, others may work. Raises Stopped.

        One piece is an update, or a batch of the test after an epoch.
        """
        while True:
            if self.untested:
                yield from self.evaluate()
                self._look_for_progress()
            else:
                self.step()
            yield

    @property
    def untested(self):
        """Whether an epoch has ended whose test is still to come."""
        return (self.test is not None and self.steps > 0 and self.position == 0
                and self.stage == 'ready' and self.history['test_step'][-1:] != [self.steps])

    @contextlib.contextmanager
    def alone(self):
        """Work inside of this: with random numbers of the run's own, so that it can be repeated,
        and without NumPy's warnings of NaN, which stops a training anyway."""
        with randomness.drawing_from(self._noise), np.errstate(all='ignore'):
            yield

    def compute(self, batch):
        """(y, loss) of a batch."""
        if self.whole:
            loss = self.model(*batch)
            return getattr(self.model, 'y', None), loss
        y = self.model(*batch[:-1])
        t = batch[-1]
        if self.lossfun is not None:
            return y, self.lossfun(y, t)
        if t.dtype.kind not in 'iu':
            return y, F.mean_squared_error(y, t)
        axis = class_axis(y, t) or 1
        try:
            return y, F.softmax_cross_entropy(y if axis == 1 else F.moveaxis(y, axis, 1), t)
        except IndexError:
            raise ValueError(f'The targets are classes from {int(t.min())} to {int(t.max())}, but '
                             f'the model gives scores for {y.shape[axis]} classes, numbered from '
                             '0: change one of both.') from None

    def predict(self, batch):
        """What the model says about a batch: an array; None for a model that gives a loss only."""
        with test_mode():
            if self.whole and not isinstance(self.model, Classifier):
                return None
            network = self.model.predictor if self.whole else self.model
            y = network(*batch[:-1])
        return y.data if isinstance(y, Variable) else None

    @staticmethod
    def classifies(y, batch):
        """Whether the targets are numbers of classes, and y holds a score for each class."""
        return isinstance(y, Variable) and class_axis(y, batch[-1]) is not None

    def evaluate(self):
        """Run over the test examples and note the means; a generator of pieces of work."""
        total = count = right = answers = 0
        for start in range(0, len(self.test), TEST_BATCH):
            batch = self.test.take(range(start, min(start + TEST_BATCH, len(self.test))),
                                   self.device)
            with test_mode():
                y, loss = self.compute(batch)
            n = len(batch[-1])
            total, count = total + n * float(loss.data), count + n
            if self.classifies(y, batch):
                found, counted = hits(y.data, batch[-1])
                right, answers = right + found, answers + counted
            yield
        self.note_test(total / count, right / answers if answers else None)

    # Steering -------------------------------------------------------------------------------------

    def reset(self):
        """Begin anew, with the parameters, the optimizer and the noise of the beginning."""
        values, optimizer, numbers = self._first
        restore(self.model, values)
        self.model.cleargrads()
        self.optimizer = optimizer.setup(self.model)
        optimizer.hyperparam.own.clear()
        optimizer.hyperparam.own.update(numbers)
        self._forget()

    @property
    def lr(self):
        """The learning rate; None for an optimizer that has none."""
        return float(self.optimizer.lr) if 'lr' in self.optimizer.hyperparam else None

    @lr.setter
    def lr(self, value):
        if 'lr' not in self.optimizer.hyperparam:
            raise ValueError(f'{type(self.optimizer).__name__} has no learning rate.')
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not 0 <= number < math.inf:
            raise ValueError('A learning rate is a number from 0 on, such as 0.01, not '
                             f'{str(value)[:40]!r}.')
        self.optimizer.lr = number

    def use(self, name):
        """Go on with an optimizer of this kind and its own learning rate."""
        if name not in OPTIMIZERS:
            raise ValueError(f'There is no optimizer {str(name)[:40]!r}; there are '
                             f'{", ".join(OPTIMIZERS)}.')
        self.optimizer = OPTIMIZERS[name]().setup(self.model)

    # What stops a training ------------------------------------------------------------------------

    @property
    def device(self):
        """Where the model lives, and batches go."""
        params = self.params
        return params[0].device if params else backend.get_device('cpu')

    @property
    def params(self):
        """All parameters of the model."""
        return self.model.params() if self._params is None else self._params

    def measures(self):
        """Whether norms are measured for this batch."""
        if self._params is None and is_made(self.model):
            self._params, self._every = self.model.params(), interval(self.model)
        return self.steps % self._every == 0

    def _accuse(self, what, again):
        """A sentence on the first operation that gave something that is no number."""
        start = f'{what} is no number in step {self.steps + 1}; the weights are those before it. '
        self._noise.bit_generator.state = self._before
        try:
            with self.alone(), using_config(debug=True):
                again()
        except NumberError as error:
            return self.located(f'{start}First: {error}')
        finally:
            self.model.cleargrads()
            self.stage, self.loss = 'ready', None
        return start + 'Computed again, it was one: something outside of the model changes.'

    def located(self, text):
        """What went wrong, with a line of the student: if none took part, that of the training."""
        if not self.made or '\n  at ' in text:
            return text
        return f'{text}\n  in the training of {self.made}'

    def _look_for_progress(self):
        best, waited = self._best
        loss = self.history['test_loss'][-1]
        self._best = (loss, 0) if loss < best else (best, waited + 1)
        if self.patience and self._best[1] >= self.patience:
            self._best = self._best[0], 0
            raise Stopped(f'The test loss has not become smaller for {self.patience} epochs (best '
                          f'{best:.4g}): from here on the model only learns the examples by heart.')


def check_model(model, optimizer):
    """TypeError unless there is a model, and an Optimizer or None."""
    if not isinstance(model, Link):
        raise TypeError('The model should be a Link, such as a Chain or a Sequential, but is '
                        f'{model!r:.60}.')
    if optimizer is not None and not isinstance(optimizer, optimizers.Optimizer):
        raise TypeError('The optimizer should be one of minichain.optimizers, such as '
                        f'Adam(lr=0.01), but is {optimizer!r:.60}.')


def takes(model, count) -> bool:
    """Whether a model takes the target, too, and so gives the loss itself."""
    if isinstance(model, Classifier):
        return True
    try:
        parameters = inspect.signature(model.forward).parameters.values()
    except (TypeError, ValueError):
        return False
    needed = [p for p in parameters if p.default is p.empty
              and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return count > 1 and len(needed) == count


def snapshot(model) -> dict:
    """The values of all parameters and persistent arrays, to be put back later."""
    return {key: None if value is None else value.copy() if backend.is_array(value)
            else np.asarray(value) for key, value in model.values().items()}


def restore(model, saved):
    """Put the values of a snapshot back, where the model lives now."""
    params = dict(model.namedparams())
    for key, value in saved.items():
        if value is not None:
            model.set_value(key, value.copy())
        elif '/' + key in params:
            param = params['/' + key]
            param.data = backend.to_device(np.empty(0, param.wanted_dtype), param.device)
            param.is_initialized = False


def is_made(model):
    """Whether the shapes of all parameters are known: a look at it draws no random numbers."""
    return all(param.is_initialized for param in model.params())
