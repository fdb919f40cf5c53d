"""How much a TrainingRun slows a training down: python tests/bench/training_run.py

Trains the same network on the same batches by a plain loop, and by a TrainingRun whose picture is
open with one tab after the other, as in a notebook. Prints microseconds of computing for an update,
and ratios; the least of several rounds counts. What the machine does besides is left out; so is
the millisecond that a TrainingRun leaves to others after each 50 of its own.
"""
import asyncio
from time import perf_counter, process_time

import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain_widgets import TrainingRun

SECONDS = 1.0
ROUNDS = 5
TABS = 'curves', 'predictions', 'confusion', 'spread', 'inside'


def cnn():
    return mc.Sequential(L.Conv2d(1, 16, 3, pad=1), F.relu, L.Conv2d(16, 32, 3), F.relu, F.flatten,
                         L.Linear(None, 10))


def mlp():
    return mc.Sequential(L.Linear(64, 256), F.relu, L.Linear(256, 256), F.relu, L.Linear(256, 10))


def data(shape):
    rng = np.random.default_rng(0)
    t = rng.integers(0, 10, 1400)
    return (rng.normal(size=(1400, *shape)) + t.reshape(-1, *[1] * len(shape)) / 5
            ).astype('float32'), t


def plain(make, shape):
    """Seconds of computing for an update of a loop that does nothing else."""
    model, (x, t) = make(), data(shape)
    optimizer = mc.optimizers.Adam().setup(model)
    count, epoch, position = 0, 0, 0
    start, used = perf_counter(), process_time()
    order = np.random.default_rng([0, 0]).permutation(len(x))
    while perf_counter() - start < SECONDS:
        numbers = order[position:position + 32]
        loss = F.softmax_cross_entropy(model(x[numbers]), t[numbers])
        model.cleargrads()
        loss.backward()
        optimizer.update()
        float(loss.data)
        position += 32
        count += 1
        if position >= len(x):
            position, epoch = 0, epoch + 1
            order = np.random.default_rng([0, epoch]).permutation(len(x))
    return (process_time() - used) / count


async def shown(make, shape, tab):
    """Seconds of computing for an update of a TrainingRun whose picture answers at once."""
    run = TrainingRun(make(), data(shape))
    loop = asyncio.get_running_loop()

    def answer(content, buffers=None):
        if content['t'] == 'news':
            loop.call_later(0.01, run._on_message, run, {'t': 'seen'}, [])

    run.send = answer
    for message in ({'t': 'shown', 'view': 1}, {'t': 'ready'}, {'t': 'tab', 'name': tab},
                    {'t': 'train'}):
        run._on_message(run, message, [])
    used = process_time()
    await asyncio.sleep(SECONDS)
    run.pause()
    seconds = process_time() - used
    await asyncio.sleep(0.2)
    return seconds / run.loop.steps


def main():
    for name, make, shape in (('mlp', mlp, (64,)), ('cnn', cnn, (1, 8, 8))):
        rounds = []
        for _ in range(ROUNDS):
            alone = plain(make, shape)
            rounds.append([alone, *[asyncio.run(shown(make, shape, tab)) for tab in TABS]])
        alone, *others = map(min, zip(*rounds))
        print(f'{name}: {1e6 * alone:.0f} us an update alone; with a TrainingRun '
              + ', '.join(f'{tab} {seconds / alone:.2f}' for tab, seconds in zip(TABS, others)))
    print(f'{process_time():.0f} s of computing')


if __name__ == '__main__':
    main()
