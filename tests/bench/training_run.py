"""How much a TrainingRun slows a training down: python tests/bench/training_run.py

Trains the same network on the same batches by a plain loop and by a TrainingRun whose picture is
open with one tab after the other, as in a notebook. Both take turns of 80 ms, with a millisecond in
between that belongs to others, so that what else the machine does slows both alike. Prints
microseconds of computing for an update, and ratios.
"""
import argparse
from time import perf_counter, process_time, sleep

import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain_widgets import TrainingRun
from minichain_widgets.training.pump import BREATH, CHUNK

TABS = 'curves', 'predictions', 'confusion', 'spread', 'inside'
PLANE = 'curves', 'fit'


def cnn():
    return mc.Sequential(L.Conv2d(1, 16, 3, pad=1), F.relu, L.Conv2d(16, 32, 3), F.relu, F.flatten,
                         L.Linear(None, 10))


def mlp():
    return mc.Sequential(L.Linear(64, 256), F.relu, L.Linear(256, 256), F.relu, L.Linear(256, 10))


def plane():
    return mc.Sequential(L.Linear(2, 128), F.relu, L.Linear(128, 128), F.relu, L.Linear(128, 10))


def data(shape):
    rng = np.random.default_rng(0)
    t = rng.integers(0, 10, 1400)
    return (rng.normal(size=(1400, *shape)) + t.reshape(-1, *[1] * len(shape)) / 5
            ).astype('float32'), t


class Plain:
    """A loop that does nothing but train."""

    def __init__(self, make, shape):
        self.model, (self.x, self.t) = make(), data(shape)
        self.optimizer = mc.optimizers.Adam().setup(self.model)
        self.steps = self.epoch = self.position = 0
        self.order = np.random.default_rng([0, 0]).permutation(len(self.x))

    def turn(self):
        until = perf_counter() + CHUNK
        while perf_counter() < until:
            self.step()

    def step(self):
        numbers = self.order[self.position:self.position + 32]
        loss = F.softmax_cross_entropy(self.model(self.x[numbers]), self.t[numbers])
        self.model.cleargrads()
        loss.backward()
        self.optimizer.update()
        float(loss.data)
        self.steps += 1
        self.position += 32
        if self.position >= len(self.x):
            self.position, self.epoch = 0, self.epoch + 1
            self.order = np.random.default_rng([0, self.epoch]).permutation(len(self.x))


class Shown:
    """A TrainingRun whose front end has a tab open, and answers."""

    def __init__(self, make, shape, tab):
        self.run = TrainingRun(make(), data(shape))
        self.news = 0
        self.run.send = self.hear
        for message in ({'t': 'shown', 'view': 'bench'}, {'t': 'ready'}, {'t': 'tab', 'name': tab}):
            self.run._on_message(self.run, message, [])
        self.run._do_train({})

    steps = property(lambda self: self.run.loop.steps)

    def hear(self, content, buffers=None):
        self.news += content['t'] == 'news'

    def turn(self):
        """What the Pump does in a turn, and the answers to what was sent."""
        until = perf_counter() + CHUNK
        with self.run.loop.alone():
            while perf_counter() < until:
                self.run._work()
        self.run.flush()
        for _ in range(self.news):
            self.run._on_message(self.run, {'t': 'seen'}, [])
        self.news = 0
        if not self.run.playing:
            raise SystemExit(f'The training has stopped: {self.run.notice}')


def compare(make, shape, tab, seconds):
    """Seconds of computing for an update: of a plain loop, and of a TrainingRun."""
    both = Plain(make, shape), Shown(make, shape, tab)
    used, start = [0.0, 0.0], perf_counter()
    while perf_counter() - start < 2 * seconds:
        for i, trainer in enumerate(both):
            before = process_time()
            trainer.turn()
            used[i] += process_time() - before
            sleep(BREATH)
    return [each / trainer.steps for each, trainer in zip(used, both)]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--seconds', type=float, default=5.0, help='of each measurement')
    options = parser.parse_args(arguments)
    for name, make, shape, tabs in (('mlp', mlp, (64,), TABS), ('cnn', cnn, (1, 8, 8), TABS),
                                    ('plane', plane, (2,), PLANE)):
        for tab in tabs:
            alone, shown = compare(make, shape, tab, options.seconds)
            print(f'{name}, {tab:12} {1e6 * alone:7.0f} us alone {1e6 * shown:7.0f} us with a '
                  f'TrainingRun  {shown / alone:5.2f}')


if __name__ == '__main__':
    main()
