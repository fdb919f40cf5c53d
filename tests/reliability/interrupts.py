"""Ctrl-C at every place of a training step where Python can raise it.

    python tests/reliability/interrupts.py                     all places of all scenes
    python tests/reliability/interrupts.py mlp trainer         of these
    python tests/reliability/interrupts.py --sample 200        so many of each scene, evenly spread

Python raises KeyboardInterrupt where a function begins, where a call has ended and where a loop
goes round, in minichain as in all that it calls. A scene is run once to count these places. Then it
is set up anew for each of them, and a real SIGINT comes there. Afterwards the weights must be those
before or after the step, and no switch, observer, hook, lock or signal handler may be another. When
the scene goes on, its weights must be, bit for bit, those of one that was not interrupted.
"""
import argparse
import collections
import contextlib
import dis
import functools
import gc
import pathlib
import signal
import sys
import tempfile
import threading
import time

import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import data, observe, training
from minichain.backprop import walking
from minichain.config import SWITCHES, config
from minichain.links.hooks import SpectralNormalization, TimerHook, WeightStandardization
from minichain.observe import EVENTS, remove, watching
from minichain.randomness import drawing_from, generator
from minichain.training import extensions

X = np.arange(12, dtype='float32').reshape(4, 3) / 7
T = np.array([0, 1, 1, 0])


class Interrupt:
    """Counts the places where Python looks for a signal, and raises SIGINT at one of them.

    Python's own debugger hook shows each instruction before it runs. A place is the start of a
    function, and each instruction behind a call or behind the jump that closes a loop. Left out are
    the first instruction of a `__exit__`, before which no program can catch anything, and Python's
    own module threading.

    inside  names of files: count the places in these only
    """

    def __init__(self, at=None, inside=None):
        self.at, self.inside = at, inside
        self.places, self.where = 0, None

    def __enter__(self):
        self.before = sys.gettrace(), sys.unraisablehook
        sys.unraisablehook = self.lost
        gc.disable()        # it comes when it likes, and what it calls has places, too
        sys._getframe().f_trace_opcodes = True      # Python 3.12 wants to know it before
        sys.settrace(self.enter)
        return self

    def __exit__(self, *error):
        trace, sys.unraisablehook = self.before
        sys.settrace(trace)
        gc.enable()

    def lost(self, lost):
        """In what Python calls when an object goes, it prints an interrupt and goes on."""
        if lost.exc_type is not KeyboardInterrupt:
            sys.__unraisablehook__(lost)

    def enter(self, frame, event, arg):
        file = frame.f_code.co_filename
        if file == threading.__file__ or frame.f_code is Interrupt.__exit__.__code__:
            return None
        if self.inside and pathlib.Path(file).name not in self.inside:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        looked, last = looks(frame.f_code), -1 if frame.f_code.co_name == '__exit__' else None

        def follow(frame, event, arg):
            nonlocal last
            if event == 'opcode':
                if last is None or last in looked:
                    self.look(frame)
                last = frame.f_lasti
            elif event == 'exception':
                last = -1       # Python does not look behind a call that has raised
            return follow

        return follow

    def look(self, frame):
        self.places += 1
        if self.places == self.at:
            self.where = f'{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}'
            signal.raise_signal(signal.SIGINT)


@functools.cache
def looks(code):
    """The offsets of a function's instructions after which Python looks for a signal."""
    return frozenset(step.offset for step in dis.get_instructions(code)
                     if step.opname.startswith(('CALL', 'JUMP_BACKWARD', 'JUMP_ABSOLUTE')))


class Scene:
    """Something to interrupt: a net with an optimizer, and one step.

    To make another, say in a subclass `make(folder)`, which sets `net`, and `step()`.
    """

    in_parts = False        # whether a step may end between what it changes

    def __init__(self, folder):
        mc.set_seed(3)
        self.make(pathlib.Path(folder))
        self.optimizer = mc.optimizers.Adam(lr=0.05).setup(self.net)

    def make(self, folder):
        self.net = L.Sequential(L.Linear(3, 4), L.BatchNorm(4), F.tanh, L.Linear(4, 2))

    def loss(self):
        return F.softmax_cross_entropy(self.net(X), T)

    def step(self):
        mc.set_seed(5)
        loss = self.loss()
        self.net.cleargrads()
        loss.backward()
        self.optimizer.update()

    def weights(self):
        """The numbers that a step changes together."""
        return [param.data.copy() for param in self.net.params()]

    def wrong(self):
        """What else is not as it was, in words; nothing if all is well."""
        return []


class MLP(Scene):
    """Linear layers with batch normalization"""


class Recurrent(Scene):
    """An LSTM in a loop over time"""

    def make(self, folder):
        self.net = L.Sequential(L.LSTM(3, 4), L.Linear(4, 2))

    def loss(self):
        self.net[0].reset_state()
        return sum(F.softmax_cross_entropy(self.net(X + t), T) for t in range(3))


class Sequences(Scene):
    """Sequences of different lengths through an LSTM of two layers"""

    def make(self, folder):
        self.net = L.NStepLSTM(2, 3, 4, 0.1)

    def loss(self):
        _, _, ys = self.net(None, None, [X, X[:2], X[:3]])
        return sum(F.mean(y * y) for y in ys)


class DoubleBackward(Scene):
    """A loss with the length of a gradient in it"""

    def make(self, folder):
        self.net = L.Sequential(L.Linear(3, 4), F.tanh, L.Linear(4, 1))

    def loss(self):
        x = mc.Variable(X)
        y = F.sum(self.net(x))
        y.backward(create_graph=True)
        slope, = mc.grad(F.sum(self.net(x)), x, create_graph=True)
        return F.sum(slope * slope) + F.sum(x.grad_var ** 2)


class Checkpoint(Scene):
    """A part of a net that is computed again in backward, with dropout and running statistics"""

    def make(self, folder):
        self.net = L.Sequential(L.Linear(3, 4), L.BatchNorm(4), F.tanh, L.Linear(4, 2))
        self.first, self.last = L.Sequential(*self.net[:3]), self.net[3]

    def loss(self):
        x = mc.Variable(X)
        middle = mc.checkpoint(lambda x: F.dropout(self.first(x), 0.3), x)
        return F.softmax_cross_entropy(self.last(middle), T)


class Failing(Scene):
    """A backward that fails on its way, and one that does not"""

    def loss(self):
        older = F.sum(self.Broken().apply(self.net[0](X)))
        with contextlib.suppress(ArithmeticError):      # when the younger gradients have arrived
            (older + F.sum(self.net[3](self.net[0](X)))).backward()
        return super().loss()

    class Broken(mc.Function):
        def forward(self, x):
            return x + 1

        def backward(self, gy):
            raise ArithmeticError


class Hooks(Scene):
    """Hooks of functions, links, parameters and the optimizer; an observer; random numbers"""

    def make(self, folder):
        self.net = L.Sequential(L.Linear(3, 4), F.tanh, L.Linear(4, 2))
        self.net[0].add_hook(SpectralNormalization())
        self.net[2].add_hook(WeightStandardization())
        self.net(X)
        self.u = self.net[0].W_u.copy()

    def __init__(self, folder):
        super().__init__(folder)
        self.optimizer.add_hook(mc.optimizers.WeightDecay(0.01))
        self.optimizer.add_hook(mc.optimizers.GradientClipping(1.0))

    def step(self):
        object.__setattr__(self.net[0], 'W_u', self.u)
        with mc.hooks.TimerHook(), TimerHook(), mc.watch(mc.Recorder()):
            super().step()

    def wrong(self):
        return [f'the weight of layer {i} is {type(self.net[i].W).__name__}' for i in (0, 2)
                if type(self.net[i].W) is not mc.Parameter]


class Switches(Scene):
    """Debug mode, test mode, no gradient, nobody watching, other random numbers, a reporter"""

    other = np.random.default_rng(1)

    def make(self, folder):
        self.net = L.Sequential(L.Linear(3, 4), F.tanh, L.Linear(4, 2))

    def loss(self):
        with mc.using_config(debug=True), mc.Reporter().scope({}):
            with mc.test_mode():
                target = self.net(X).data
            with observe.unwatched(), mc.no_grad():
                scale = self.net(X).data
            self.other.bit_generator.state = np.random.default_rng(1).bit_generator.state
            with drawing_from(self.other):
                y = F.dropout(self.net(X), 0.2)
            return F.mean((y - target) ** 2) + F.mean(y * scale)


class Threads(Scene):
    """A graph that another thread has made, walked back here"""

    def loss(self):
        made = []
        maker = threading.Thread(target=lambda: made.append(super(Threads, self).loss()))
        maker.start()
        maker.join()
        return made[0]


class Trained(Scene):
    """Three iterations of a trainer with a report and snapshots"""

    in_parts = True

    def make(self, folder):
        self.net, self.folder = L.Classifier(L.Linear(3, 2)), folder

    def __init__(self, folder):
        super().__init__(folder)
        mc.set_seed(5)
        rows = data.TupleDataset(X, T.astype('int32'))
        updater = training.StandardUpdater(data.SerialIterator(rows, 2), self.optimizer)
        self.trainer = training.Trainer(updater, (3, 'iteration'), out=str(folder))
        self.trainer.extend(extensions.LogReport(trigger=(1, 'iteration')))
        self.trainer.extend(extensions.snapshot(filename='snapshot.npz'), trigger=(2, 'iteration'))

    def step(self):
        self.trainer.run()

    def wrong(self):
        wrong = [f'a file is left: {path.name}' for path in self.folder.glob('*.part*')]
        for path in self.folder.glob('snapshot*'):
            mc.load_npz(path, Trained(tempfile.mkdtemp(dir=self.folder)).trainer)
        return wrong


class Saving(Scene):
    """A file of weights is written over an older one"""

    def make(self, folder):
        super().make(folder)
        self.path, self.saved = folder / 'weights.npz', 0
        mc.save_npz(self.path, self.net)

    def step(self):
        for param in self.net.params():
            param.data = np.full_like(param.data, 1.5)
        mc.save_npz(self.path, self.net)

    def weights(self):
        saved = np.load(self.path)
        return [saved[name] for name in sorted(saved.files)]

    def wrong(self):
        return [f'a file is left: {path.name}' for path in self.path.parent.glob('*.part*')]


START = {name: getattr(config, name) for name in (*SWITCHES, 'plain', 'again')}
SCENES = {scene.__name__: scene for scene in Scene.__subclasses__()}


def same(one, other):
    return len(one) == len(other) and all(map(np.array_equal, one, other))


def left_behind(scene):
    """What an interrupted step has changed beside the scene's numbers, in words."""
    handler = signal.getsignal(signal.SIGINT)
    return [
        *[f'config.{name} is {getattr(config, name)}' for name, value in START.items()
          if getattr(config, name) is not value],
        *[f'{type(observer).__name__} still watches' for observer in watching.observers],
        *[f'{name} is still told' for name in EVENTS if getattr(watching, name)],
        *(['a reporter still collects'] if mc.get_current_reporter() else []),
        *(['no other thread can walk'] if walking._is_owned() else []),
        *(['a generator still draws'] if generator() is Switches.other else []),
        *([] if handler is signal.default_int_handler else [f'Ctrl-C calls {handler}']),
        *[f'a walk has left a gradient in {param.label}' for param in scene.net.params()
          if param.gradient is not None],
        *scene.wrong()]


class Calm:
    """A scene that is not interrupted: its places, and its weights before and after two steps."""

    def __init__(self, kind, folder, inside):
        kind(tempfile.mkdtemp(dir=folder)).step()       # what is made once and kept is made now
        scene = kind(tempfile.mkdtemp(dir=folder))
        self.weights = [scene.weights()]
        with Interrupt(inside=inside) as counter:
            scene.step()
        self.places = counter.places
        self.weights.append(scene.weights())
        scene.step()
        self.weights.append(scene.weights())


def interrupted(kind, calm, place, folder, inside):
    """What is wrong after an interrupt at a place, in words with the place in front."""
    scene = kind(folder)
    try:
        with Interrupt(place, inside) as interrupt:
            scene.step()
    except KeyboardInterrupt:
        pass        # and its traceback with all frames is forgotten
    if not interrupt.where:
        return [f'place {place} of {kind.__name__} was not reached']
    wrong = left_behind(scene)
    first, second, third = calm.weights
    weights = scene.weights()
    if not same(weights, second):
        if not (same(weights, first) or scene.in_parts):
            wrong.append('some weights have changed and others have not')
        scene.step()
        if not same(scene.weights(), second):
            wrong.append('the step that was made again is another')
    scene.step()
    if not same(scene.weights(), third):
        wrong.append('the next step is another')
    for observer in watching.observers:     # or the next scene would suffer from it
        remove(observer)
    return [f'{interrupt.where}: {text}' for text in wrong]


def survey(kind, sample=None, inside=None):
    """(how many places a scene has, how many were tried, what was wrong there)."""
    with tempfile.TemporaryDirectory() as folder:
        calm = Calm(kind, folder, inside)
        places = range(1, calm.places + 1)
        if sample and sample < len(places):
            # From the middle of each part: a cache that fills may make the last places fewer.
            places = [1 + (2 * i + 1) * calm.places // (2 * sample) for i in range(sample)]
        wrong = [text for place in places
                 for text in interrupted(kind, calm, place, tempfile.mkdtemp(dir=folder), inside)]
    return calm.places, len(places), wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('scenes', nargs='*', help=f'of {", ".join(SCENES)} (default: all)')
    parser.add_argument('--sample', type=int, help='so many places of each scene (default: all)')
    options = parser.parse_args()
    failed = False
    for name in options.scenes or SCENES:
        start = time.monotonic()
        places, tried, wrong = survey(SCENES[name], options.sample)
        print(f'{name}: {tried:,} of {places:,} places, {len(wrong):,} times something was wrong '
              f'({time.monotonic() - start:.0f} s)', flush=True)
        for text, times in collections.Counter(wrong).items():
            print(f'    {text} ({times:,})', flush=True)
        failed |= bool(wrong)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
