"""Kill a training at random moments, go on from its newest snapshot, and compare bit for bit.

    python tests/reliability/killed.py --times 200

A child process trains and saves a snapshot after every update. It is killed (SIGKILL) at a random
moment, many of them in the middle of a write, and started again in the same folder, until it has
done all of its updates. Then weights, optimizer and loss have to be those of a training that nobody
disturbed, to the last bit.
"""
import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain.data import SerialIterator, TupleDataset
from minichain.training import StandardUpdater, Trainer, extensions

UPDATES = 400
RESULT = 'result.npz'


def make_trainer(folder, updates):
    """A small training with everything that has a state: dropout, Adam, shuffling."""
    mc.set_seed(7)
    draw = np.random.default_rng(0)
    x = draw.normal(size=(64, 20)).astype('float32')
    model = L.Classifier(L.Sequential(L.Linear(20, 200), F.relu, L.Dropout(0.3), L.Linear(200, 5)))
    optimizer = mc.optimizers.Adam(lr=0.01).setup(model)
    data = TupleDataset(x, draw.integers(0, 5, 64))
    trainer = Trainer(StandardUpdater(SerialIterator(data, 10), optimizer),
                      stop_trigger=(updates, 'iteration'), out=folder)
    trainer.extend(extensions.snapshot(n_retains=2, autoload=True), trigger=(1, 'iteration'))
    return trainer, model


def train(folder, updates):
    trainer, model = make_trainer(folder, updates)
    trainer.run()
    mc.save_npz(pathlib.Path(folder) / RESULT, model)


def start(folder, updates):
    return subprocess.Popen([sys.executable, __file__, '--train', str(folder),
                             '--updates', str(updates)])


def newest(folder):
    """The number of updates after which the newest snapshot was saved."""
    numbers = [name.removeprefix('snapshot_iter_') for name in os.listdir(folder)]
    return max([int(number) for number in numbers if number.isdigit()], default=0)


def survive(folder, times, updates, seed=0):
    """Kill the training so many times on its way; returns how often it was killed.

    Each time it may save some more snapshots, and is killed a few thousandths of a second after the
    last of them: while it computes, or while it writes.
    """
    moments, killed = random.Random(seed), 0
    for left in range(times, 0, -1):
        done = newest(folder)
        goal = done + moments.randint(1, max(1, (updates - done) // (left + 1)))
        child = start(folder, updates)
        while newest(folder) < min(goal, updates - 1) and child.poll() is None:
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.004))
        killed += child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
    if start(folder, updates).wait() != 0:
        raise SystemExit('The training does not go on after it was killed.')
    return killed


def differences(one, other):
    """Names of arrays that are not equal, bit for bit."""
    with np.load(one) as first, np.load(other) as second:
        names = sorted({*first.files, *second.files})
        return [name for name in names if name not in first.files or name not in second.files
                or first[name].tobytes() != second[name].tobytes()]


def leftovers(folder):
    """Files that a killed write left lying about."""
    return [name for name in os.listdir(folder) if name.endswith('.part')]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--times', type=int, default=200, help='how often to kill')
    parser.add_argument('--updates', type=int, default=UPDATES, help='of the whole training')
    parser.add_argument('--train', help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        train(options.train, options.updates)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        calm, wild = pathlib.Path(folder, 'calm'), pathlib.Path(folder, 'wild')
        calm.mkdir()
        wild.mkdir()
        began = time.monotonic()
        train(calm, options.updates)
        killed = survive(wild, options.times, options.updates)
        different = differences(calm / RESULT, wild / RESULT)
        print(f'killed {killed} times, {len(leftovers(wild))} unfinished files, '
              f'different arrays: {different or "none"}, {time.monotonic() - began:.0f} s')
    return 1 if different else 0


if __name__ == '__main__':
    sys.exit(main())
