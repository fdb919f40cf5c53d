"""TrainingRun: watch a training, steer it, look inside."""
import math
from collections import deque
from time import perf_counter

from minichain.errors import MinichainError

from ..arguments import VOCABULARY, names_of
from ..widget import Widget, bundled, sentence
from .fits import kind_of
from .follow import Follow
from .looks import LOOKS, own_sentence
from .loop import OPTIMIZERS, Loop, NoNumber, Stopped, is_made
from .norms import gradient_norm
from .pump import Pump
from .sentences import check_vocabulary
from .still import CURVES, sentences, still

FLUSH = 0.1             # seconds between two messages on progress
UNHEARD = 4             # messages that a front end may have left to answer
PATIENCE = 6.0          # seconds of training that nobody looks at
GONE = 1.0              # the same after the last picture was closed
LOOK = 1.0              # seconds between two looks at least
SHARE = 25              # seconds of training for each second of looking
MOST = 1000             # points of a curve that a new picture gets
GAP = 0.2               # a longer pause between two pieces of work was somebody else's
ORDERS = {
    **{name: {} for name in ('train', 'pause', 'forward', 'backward', 'step', 'reset', 'still')},
    'lr': {'value': 'setting?'}, 'optimizer': {'name': 'name'}, 'patience': {'value': 'count'},
    'speed': {'value': 'number'},
    'tab': {'name': 'name', 'numbers': 'numbers?', 'number': 'count?', 'sentence': 'name?'}}
NO_LOOP = 'Nothing can train beside this program, which is no notebook. Use run.blocking(steps).'
PATIENT = 'Paused: nobody looks at this training any more. Press Train to go on.'


class TrainingRun(Widget):
    """A training with buttons and curves.

        run = TrainingRun(model, (x, t), optimizer=Adam(lr=0.01), test=(x_test, t_test))
        run                     # Train, Pause, Step ... in the notebook
        run.blocking(epochs=3)  # the same from a program, to the end

    model      any Link. It gets x, or all arrays of a batch but the last. A model that also takes
               the target, such as L.Classifier, gives the loss itself
    data       arrays as a tuple (x, t), one array that is its own target, or a dataset of tuples
    optimizer  default: Adam
    lossfun    a function of (y, t). Default: softmax_cross_entropy for targets that are classes,
               mean_squared_error for real numbers
    test       data for a test after each epoch
    seed       of the order of the examples, of dropout, and of initial weights that are made late
    labels     what the classes are called
    patience   stop when the test loss has not become smaller for so many epochs; 0: never
    vocabulary a Vocabulary, or the words in the order of their numbers, for examples that are
               sentences (N, time): they are shown in words, and `ask` takes one of your own

    `history` is a dict of lists: step, epoch, loss, accuracy; norm_step, gradient_norm,
    weight_norm; test_step, test_loss, test_accuracy. A training that gives NaN stops before the
    weights are spoilt, and the first operation that gave it is named. Nobody looking, it pauses.
    Raises ValueError for data that cannot be used.
    """

    _esm = bundled('trainingrun.js')
    _css = bundled('trainingrun.css')
    takes = {**ORDERS, 'shown': {'view': 'name'}, 'gone': {'view': 'name'}, 'seen': {}}

    def __init__(self, model, data, *, optimizer=None, batch_size=32, lossfun=None, test=None,
                 seed=0, labels=None, patience=0, vocabulary=None):
        self.loop = Loop(model, data, optimizer, batch_size, lossfun, test, seed, patience)
        self.labels = None if labels is None else names_of(
            labels, "labels are the names of the classes, such as ['cat', 'dog']")
        self.vocabulary = () if vocabulary is None else names_of(vocabulary, VOCABULARY)
        if vocabulary is not None:
            for examples in filter(None, (self.loop.data, self.loop.test)):
                check_vocabulary(self.vocabulary, examples)
        self.playing = self.followed = False
        self.notice, self.alarm = '', False     # why it stopped by itself; it gave no number
        self.speed = 0.0                # updates a second; 0: as many as possible
        self.tab, self.look_at = '', {}
        self._pieces = self.loop.pieces()
        self._commands, self._views = deque(), set()
        self._sent, self._unheard, self._unseen, self._status = {}, 0, 0.0, None
        self._flushed = self._worked = self._next = -math.inf
        self._look, self._look_cost, self._look_due, self._looked = None, 0.0, 0.0, None
        super().__init__()
        self._pump = Pump(self._work, self.flush, self.loop.alone)

    # For programs ---------------------------------------------------------------------------------

    history = property(lambda self: self.loop.history, doc='Lists by name: see the class.')
    model = property(lambda self: self.loop.model, doc='The model.')
    optimizer = property(lambda self: self.loop.optimizer, doc='The optimizer.')

    def blocking(self, steps=None, *, epochs=None):
        """Train so many updates, or epochs with their tests, and return when it is done.

        Raises ValueError unless one of both is given. What stops a training stops this, too:
        `notice` says why.
        """
        if (steps is None) == (epochs is None):
            raise ValueError('Say how long: blocking(100) for 100 updates, or blocking(epochs=3).')
        loop, self.notice = self.loop, ''
        last = loop.steps + steps if epochs is None else math.inf
        end = math.inf if epochs is None else loop.epoch + epochs
        try:
            with loop.alone():
                while loop.steps < last and loop.epoch < end or loop.untested:
                    next(self._pieces)
                    self.flush(late=True)
        except Stopped as stopped:
            self._stop(stopped)
        finally:
            self._pieces = loop.pieces()
            self.flush()
            self._pump.wake()       # for a new look at what the open tab shows

    def ask(self, sentence):
        """What the model says about a sentence of your own, in words: 'positive, 83 % sure'.

        Raises ValueError without a vocabulary, and for a sentence of unknown words.
        """
        if not self.vocabulary:
            raise ValueError('To ask about a sentence, TrainingRun needs a vocabulary.')
        with self.loop.alone():
            found = own_sentence(self.loop, str(sentence), self.vocabulary, self.labels)
        if 'said' not in found:
            raise ValueError(found['note'])
        sure = f', {100 * found["share"]:.0f} % sure' if 'share' in found else ''
        return found['said'] + sure + (f' ({found["note"]})' if 'note' in found else '')

    def train(self):
        """Train while the notebook can be used for other things. pause() ends it."""
        if not self._order('train'):
            raise RuntimeError(NO_LOOP)

    def pause(self):
        """Pause what train() has begun."""
        self.playing = False

    def reset(self):
        """Begin anew, with the weights and the optimizer of the beginning."""
        self.playing, self.notice = False, ''
        self.loop.reset()
        self._pieces = self.loop.pieces()
        self._sent, self._looked = {}, None
        self._state()

    def extension(self):
        """An extension that shows a Trainer's training here: trainer.extend(run.extension())."""
        return Follow(self)

    def text(self):
        """The training in words."""
        loop, history = self.loop, self.history
        test = f', {len(loop.test)} for the test' if loop.test else ''
        lines = [f'TrainingRun: {loop.model!r}, {len(loop.data)} examples{test}, batches of '
                 f'{loop.batch_size}, {_brief(loop)}']
        if loop.steps:
            words = f'step {loop.steps}, epoch {history["epoch"][-1]:.1f}: {self._now()}'
            lines.append(words)
        else:
            lines.append('Nothing is trained yet.')
        lines += [self.notice.split('\n')[0]] if self.notice else []
        return '\n'.join(lines + sentences(self))

    def svg(self):
        return still(self)

    def close(self):
        """End the training, and take the widget away."""
        self.playing = False
        super().close()

    def _now(self):
        """The last numbers, in few digits: 'loss 0.31, accuracy 92 %'."""
        words = []
        for name in ('loss', 'accuracy', 'test_loss', 'test_accuracy'):
            if self.history[name]:
                value = self.history[name][-1]
                shown = f'{100 * value:.0f} %' if 'accuracy' in name else f'{value:.2g}'
                words.append(f'{name.replace("_", " ")} {shown}')
        return ', '.join(words)

    def _stop(self, why):
        self.playing, self.notice, self.alarm = False, str(why), isinstance(why, NoNumber)
        self._pieces = self.loop.pieces()

    # Work, on the event loop of the kernel's main thread ------------------------------------------

    def _work(self):
        """One piece of work: how long to wait for the next one, or None. See Pump."""
        try:
            while self._commands:
                name, message = self._commands.popleft()
                getattr(self, f'_do_{name}')(message)
            if self.playing:
                return self._play()
            return 0 if self._looking() else None
        except Stopped as stopped:
            self._stop(stopped)
        except KeyboardInterrupt:       # while a cell waits for something
            self._stop('Interrupted by the stop button of the notebook.')
        except Exception as error:      # nobody else would see it
            self._stop('')
            ours = isinstance(error, MinichainError)
            self.problem(self.loop.located(str(error)) if ours else error)
        return 0

    def _play(self):
        now = perf_counter()
        self._unseen += min(now - self._worked, GAP)
        self._worked = now
        if self._unseen > (PATIENCE if self._views else GONE if self._sent else PATIENCE):
            self._stop(PATIENT)
            return 0
        if now >= self._next:
            self._next = now + (1 / self.speed if self.speed else 0)
            next(self._pieces)
        elif not self._looking():
            return min(self._next - now, FLUSH)
        if self._look is not None or now >= self._look_due and self.tab in LOOKS:
            self._looking()
        return 0

    def _looking(self):
        """Do a piece of the look at what the open tab shows; False if there is nothing to do."""
        loop, now = self.loop, perf_counter()
        if self._look is None:
            wanted = self.tab, loop.steps, repr(self.look_at)
            waits = self.playing and now < self._look_due
            if self.tab not in LOOKS or not self._views or wanted == self._looked or waits:
                return False
            options = dict(self.look_at) if self.tab in ('predictions', 'inside') else {}
            if self.tab != 'spread':
                options['labels'] = self.labels
            if self.tab in ('predictions', 'inside'):
                options['vocabulary'] = self.vocabulary
            self._looked, self._look_cost = wanted, 0.0
            self._look = self.tab, LOOKS[self.tab](loop, **options)
        tab, work = self._look
        try:
            next(work)
        except StopIteration as end:
            self._look = None
            self.tell('look', tab=tab, step=loop.steps, **end.value)
        except Exception as error:
            self._look = None
            self.tell('look', tab=tab, step=loop.steps, reason=sentence(error))
        self._look_cost += perf_counter() - now
        self._look_due = now + max(LOOK, SHARE * self._look_cost)
        return True

    def _do_train(self, message):
        self.playing, self.notice, self._unseen = True, '', 0.0
        self._worked = perf_counter()

    def _do_pause(self, message):
        self.playing = False

    def _do_forward(self, message):
        self.playing = False
        self.loop.forward()

    def _do_backward(self, message):
        self.playing = False
        self.loop.backward()
        if self.loop.length is None:
            self.loop.length = gradient_norm(self.loop.params)

    def _do_step(self, message):
        self.playing, self.notice, steps = False, '', self.loop.steps
        while self.loop.steps == steps or self.loop.untested:
            next(self._pieces)

    def _do_reset(self, message):
        self.reset()

    def _do_lr(self, message):
        self.loop.lr = message.get('value')

    def _do_optimizer(self, message):
        self.loop.use(message.get('name'))

    def _do_patience(self, message):
        self.loop.patience = int(message.get('value', 0))

    def _do_speed(self, message):
        self.speed, self._next = float(message.get('value', 0)), -math.inf

    def _do_tab(self, message):
        """The front end shows a tab; `numbers` or `number` say which examples, `sentence` one of
        the student's own."""
        self.tab = str(message.get('name', ''))
        chosen = {'predictions': ('numbers', 'sentence'), 'inside': ('number',)}.get(self.tab, ())
        self.look_at = {name: message[name] for name in chosen if message.get(name) is not None}
        self._looked, self._look = None, None

    def _do_still(self, message):
        self.answer_still(message)

    def _do_state(self, message):
        self._state()

    # What the front end hears ---------------------------------------------------------------------

    def flush(self, late=False):
        """Send what is new; while it trains, or `late`, not more often than ten times a second."""
        now = perf_counter()
        status = self._status_now()
        urgent = self._status is None or any(status[name] != self._status[name]
                                             for name in ('playing', 'stage', 'notice', 'lr'))
        soon = now - self._flushed < FLUSH or self._unheard > UNHEARD
        if not self._views or soon and (late or self.playing and not urgent):
            return
        self._flushed, news = now, {}
        for name, axis in CURVES.items():
            start, values = self._sent.get(name, 0), self.history[name]
            if len(values) > start:
                news[name] = pairs(self.history[axis], values, start)
                self._sent[name] = len(values)
        if news or status != self._status:
            self._status = status
            self._unheard += 1
            self.tell('news', curves=news, status=status)

    def follow(self, on):
        """A Trainer drives this training from now on, or does so no longer."""
        self.followed, self.playing = on, False
        self.flush()

    def _state(self):
        """Send everything."""
        curves_now = {}
        for name, axis in CURVES.items():
            values = self.history[name]
            step = -(-len(values) // MOST) or 1
            curves_now[name] = pairs(self.history[axis], values, 0, step)
            self._sent[name] = len(values)
        loop = self.loop
        self._status, self._unheard = self._status_now(), 0
        self.tell('state', curves=curves_now, status=self._status, optimizers=list(OPTIMIZERS),
                  examples=len(loop.data), batch_size=loop.batch_size,
                  fits=kind_of(loop), tested=loop.test is not None, patience=loop.patience,
                  reads=bool(self.vocabulary),
                  speed=self.speed)

    def _status_now(self):
        loop = self.loop
        epoch = self.history['epoch'][-1] if self.history['epoch'] else 0.0
        loss = None if loop.loss is None else float(loop.loss.data)
        return dict(playing=self.playing, followed=self.followed, stage=loop.stage,
                    model=_named(loop.model),
                    step=loop.steps, epoch=round(epoch, 3), loss=loss, notice=self.notice,
                    alarm=self.alarm,
                    length=loop.length, lr=loop.lr, optimizer=type(loop.optimizer).__name__)

    def _order(self, name, message=None):
        """Let the main thread do something. Callbacks may run in another one, or during a cell."""
        self._commands.append((name, message or {}))
        if self._pump.wake():
            return True
        if name == 'train':
            self._commands.clear()
            return False
        with self.loop.alone():
            while self._work() is not None:
                self.flush()
        self.flush()
        return True

    def answer_ready(self, message):
        self._order('state')

    def answer_shown(self, message):
        """A picture was opened; `view` is its name."""
        self._views.add(message.get('view'))
        self._unseen, self._looked = 0.0, None

    def answer_gone(self, message):
        """A picture was closed: the cell, the notebook, or the page."""
        self._views.discard(message.get('view'))

    def answer_seen(self, message):
        self._unheard, self._unseen = max(0, self._unheard - 1), 0.0

    def _hear(self, message):
        kind = message['t']
        if kind == 'pause':
            self.playing = False        # at once, whatever thread this is
        if kind not in ORDERS:
            super()._hear(message)
        elif not self._order(kind, message):
            self.problem(NO_LOOP)


def _brief(loop):
    name = type(loop.optimizer).__name__
    return name if loop.lr is None else f'{name}(lr={loop.lr:g})'


def _named(model):
    """The model's name and size. Parameters without a shape get theirs with the first batch."""
    if is_made(model):
        return repr(model)
    return f'{type(model).__name__} (the first batch tells its size)'


def pairs(steps, values, start, stride=1):
    """Points for the front end; what is not finite is null."""
    return [[step, value if math.isfinite(value) else None]
            for step, value in zip(steps[start::stride], values[start::stride])]
