"""DeviceSwitch: a model, its optimizer and its data on the CPU or on a GPU, with honest times."""
from collections import deque
from time import perf_counter

import numpy as np

from minichain import backend, optimizers, randomness
from minichain.diagnosis import CHECKS

from .arguments import function, whole
from .pictures import picture, words
from .training.examples import Examples
from .training.loop import Loop, check_model
from .training.pump import Pump
from .widget import Widget, bundled

ROUNDS = 30             # steps that are timed on each device
SECONDS = 1.0           # at most so long, but three steps
LEAST = 3
PHASES = {'copy': 'copy a batch there', 'first': 'first step (compiles, asks for memory)',
          'calls': 'step: giving the orders',
          'wait': 'step: waiting for the result', 'read': 'read the loss back'}
ORDERS = {'move': {'to': 'name'}, 'measure': {}, 'batch': {'value': 'number'}, 'free': {}}


class DeviceSwitch(Widget):
    """Moves a model with its optimizer and data between CPU and GPU, and times a step on both.

    data        arrays as a tuple (x, t), as for TrainingRun. Without, nothing can be timed
    batch_size  examples in a step that is timed
    lossfun     a function of (y, t), as for TrainingRun

    `device` says where the model is, `to('gpu')` and `to('cpu')` move everything, `arrays` are the
    data there. `measure()` times copies of model and optimizer, so that nothing is trained;
    `times` holds the seconds of each phase by device:

        copy    a batch from the memory of Python to the device
        first   the first step: on a GPU kernels are compiled and memory is asked for
        calls   until Python has given all orders of a step; a GPU is still at work then
        wait    from there until all is computed
        read    bring the loss back as a Python number

    Without a GPU the switch says why, and what helps. Raises DeviceError where something cannot be
    moved; then all stays where it was.
    """

    _esm = bundled('deviceswitch.js')
    _css = bundled('deviceswitch.css')
    takes = ORDERS

    def __init__(self, model, optimizer=None, data=None, *, batch_size=64, lossfun=None):
        batch_size = whole(batch_size, 'batch_size, the examples in a step,', 1)
        function(lossfun, 'lossfun', '(y, t)')
        check_model(model, optimizer)
        self.model, self.optimizer, self.lossfun = model, optimizer, lossfun
        if optimizer is not None and optimizer.target is not model:
            raise ValueError('The optimizer does not change this model: optimizer.setup(model).')
        self.examples = None if data is None else Examples(data)
        self.batch_size = batch_size
        self.times, self.moves = {}, []
        self._commands, self._work_left = deque(), None
        super().__init__()
        self._pump = Pump(self._work)

    # For programs ---------------------------------------------------------------------------------

    @property
    def device(self):
        """Where the model is."""
        return self.model.device

    @property
    def arrays(self):
        """The data, where the model is; None for a dataset of items."""
        return None if self.examples is None else self.examples.arrays

    def to(self, device):
        """Move model, optimizer and data. `moves` says what was moved, and in how many seconds."""
        device, before = backend.get_device(device), self.device
        moves = []
        try:
            for name, move in (('model', self._move_model), ('optimizer', self._move_optimizer),
                               ('data', self._move_data)):
                with backend.stopwatch(device) as watch:
                    size = move(device)
                if size:
                    moves.append(dict(name=name, bytes=size, seconds=watch.seconds,
                                      to=device.name))
        except Exception:
            for move in (self._move_model, self._move_optimizer, self._move_data):
                move(before)
            raise
        self.moves = [] if device == before else moves
        self._state()

    def measure(self):
        """Time a step on the CPU, and on the GPU if there is one. See the class for `times`."""
        for _ in self._measuring():
            pass

    def parts(self):
        """What takes memory: a list of dicts with name, device, bytes."""
        params = [p for p in self.model.params() if p.is_initialized]
        found = [('weights', [p.data for p in params]),
                 ('gradients', [p.grad for p in params if p.grad is not None]),
                 ('optimizer', self._states()), ('data', self.arrays or ())]
        return [dict(name=name, device=str(backend.device_of(arrays[0])),
                     bytes=sum(array.nbytes for array in arrays))
                for name, arrays in found if len(arrays)]

    def text(self):
        sizes = ', '.join(f'{part["name"]} {size_text(part["bytes"])} on {part["device"]}'
                          for part in self.parts())
        state, what, _, helps = gpu_finding()
        remedy = f' Try: {helps}' if helps and state != 'fine' else ''
        return (f'DeviceSwitch: {self.model!r} on {self.device}.\n{sizes or "No arrays yet"}.\n'
                f'{what}{remedy}')

    def svg(self):
        """The words as a picture; without the times, which are others in each run."""
        rows = [words(line, 12, 24 + 18 * i, kind='' if i == 0 else 'muted')
                for i, line in enumerate(wrapped(self.text()))]
        return picture(self.text().replace('\n', ' '), rows, 24 + 18 * len(rows))

    # Moving ---------------------------------------------------------------------------------------

    def _move_model(self, device):
        self.model.to_device(device)
        return sum(p.data.nbytes for p in self.model.params())

    def _move_optimizer(self, device):
        for path, param in self._rules():
            self.optimizer.rule_of(path, param).prepare(param)
        return sum(array.nbytes for array in self._states())

    def _move_data(self, device):
        if self.arrays is None:
            return 0
        self.examples.arrays = tuple([backend.to_device(a, device) for a in self.arrays])
        return sum(array.nbytes for array in self.arrays)

    def _rules(self):
        """The parameters of which the optimizer remembers something."""
        if self.optimizer is None:
            return []
        return [(path, param) for path, param in self.optimizer.namedparams()
                if self.optimizer.rule_of(path, param).state]

    def _states(self):
        return [array for path, param in self._rules()
                for array in self.optimizer.rule_of(path, param).state.values()]

    # Timing ---------------------------------------------------------------------------------------

    def _measuring(self):
        """The measurement, in pieces of work."""
        if self.examples is None:
            raise ValueError('Nothing to compute with: give data, DeviceSwitch(model, optimizer, '
                             '(x, t)).')
        self.times = {}
        for name in ['cpu', *['gpu'] * backend.gpu_available()]:
            device = backend.get_device(name)
            self.tell('busy', text=f'Measuring on {device}.')
            with device:
                yield from self._measure_on(device)
            self._state()

    def _measure_on(self, device):
        count = min(self.batch_size, len(self.examples))
        host = [backend.to_cpu(a) for a in self.examples.take(range(count), self.device)]
        model = self.model.copy().to_device(device)
        noise = np.random.default_rng(0)    # of dropout: the program's own numbers stay untouched
        trial = Loop(model, tuple(host), self._fresh_optimizer(), count, self.lossfun)
        with backend.stopwatch(device) as copying:
            batch = tuple([backend.to_device(a, device) for a in host])
        with backend.stopwatch(device) as first:
            one_step(trial, batch, noise)
        yield
        with backend.stopwatch(device) as copying:      # anew: the first copy asked for memory
            batch = tuple([backend.to_device(a, device) for a in host])
        rounds, start = [], perf_counter()
        while len(rounds) < LEAST or (len(rounds) < ROUNDS and perf_counter() - start < SECONDS):
            device.synchronize()
            begun = perf_counter()
            loss = one_step(trial, batch, noise)
            ordered = perf_counter()
            device.synchronize()
            done = perf_counter()
            float(loss.data)
            rounds.append((ordered - begun, done - ordered, perf_counter() - done))
            yield
        calls, wait, read = sorted(rounds, key=sum)[len(rounds) // 2]
        self.times[device.name] = dict(copy=copying.seconds, first=first.seconds, calls=calls,
                                       wait=wait, read=read)

    def _fresh_optimizer(self):
        """An optimizer of the same kind that has not seen any model."""
        if self.optimizer is None:
            return optimizers.SGD()
        fresh = type(self.optimizer).__new__(type(self.optimizer))
        optimizers.Optimizer.__init__(fresh, **self.optimizer.hyperparam.own)
        return fresh

    # The front end --------------------------------------------------------------------------------

    def _state(self):
        device = self.device
        state, what, why, helps = gpu_finding()
        available = backend.gpu_available()
        memory = backend.get_device('gpu').memory() if available else None
        shared = set(self.times) == {'cpu', 'gpu:0'}
        self.tell('state', device=device.name, model=repr(self.model), available=available,
                  status=what, why=why, helps='' if state == 'fine' else helps,
                  parts=self.parts(), moves=self.moves, times=self.times, phases=PHASES,
                  memory=None if memory is None else list(memory),
                  can_measure=self.examples is not None, batch_size=self.batch_size,
                  examples=0 if self.examples is None else len(self.examples),
                  verdict=verdict(self.times['cpu'], self.times['gpu:0']) if shared else '')

    def _work(self):
        """One piece of work on the main thread. See Pump."""
        try:
            if self._work_left is not None:
                next(self._work_left)
            elif self._commands:
                name, message = self._commands.popleft()
                getattr(self, f'_do_{name}')(message)
            else:
                return None
        except StopIteration:
            self._work_left = None
        except Exception as error:      # nobody else would see it
            self._work_left = None
            self.problem(error)
            self._state()
        return 0

    def _do_move(self, message):
        self.to(str(message.get('to')))

    def _do_measure(self, message):
        self._work_left = self._measuring()

    def _do_batch(self, message):
        self.batch_size = max(1, int(message.get('value', 1)))
        self.times = {}
        self._state()

    def _do_free(self, message):
        backend.free_memory('gpu')
        self._state()

    def answer_ready(self, message):
        self._state()

    def _hear(self, message):
        kind = message['t']
        if kind not in ORDERS:
            super()._hear(message)
            return
        self._commands.append((kind, message))
        if not self._pump.wake():
            while self._work() is not None:
                pass


def one_step(trial, batch, noise):
    """Forward, backward and update. Returns the loss."""
    with randomness.drawing_from(noise):
        _, loss = trial.compute(batch)
    trial.model.cleargrads()
    loss.backward()
    trial.optimizer.update()
    return loss


def gpu_finding() -> tuple:
    """(state, what, why, what helps) about the GPU, as mc.doctor() says it."""
    found = next(iter(CHECKS['GPU']()))
    state, what, why, helps = (*found, '', '')[:4]
    return state, what.replace(f': {helps}', '') if helps else what, why, helps


def verdict(cpu: dict, gpu: dict) -> str:
    """Which device is faster for this step, in a sentence."""
    slow, fast = cpu['calls'] + cpu['wait'], gpu['calls'] + gpu['wait']
    numbers = f'A step takes {1000 * slow:.3g} ms on the CPU and {1000 * fast:.3g} ms on the GPU: '
    if fast < slow:
        return f'{numbers}the GPU is {slow / fast:.1f} times as fast.'
    return (f'{numbers}here the GPU loses. Each operation costs it some microseconds to start, '
            'whatever its size: larger batches or layers pay for that.')


def size_text(size: int) -> str:
    """'1.5 KiB'"""
    for unit in ('bytes', 'KiB', 'MiB'):
        if size < 1024:
            return f'{size:.3g} {unit}' if unit != 'bytes' else f'{size} bytes'
        size /= 1024
    return f'{size:.3g} GiB'


def wrapped(text: str, width: int = 88) -> list[str]:
    """Lines of at most about so many letters."""
    lines = []
    for line in text.split('\n'):
        while len(line) > width:
            cut = line.rfind(' ', 0, width)
            cut = width if cut <= 0 else cut
            lines.append(line[:cut])
            line = line[cut:].strip()
        lines.append(line)
    return lines
