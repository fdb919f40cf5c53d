"""Gradients of random graphs, compared with PyTorch's.

    python tests/reliability/random_graphs.py --graphs 10000

Each graph is made by chance: leaves of several shapes, some of them without a gradient; operations
on values that are chosen among all that exist, so that some are used many times and others never;
operations with several outputs of which some are dropped; broadcasting. Both frameworks compute in
float64, and each gradient has to agree to 1e-9 of its largest number.
"""
import argparse
import random
import sys
import time

import numpy as np
import torch

import minichain as mc
import minichain.functions as F

SHAPES = (), (1,), (4,), (3, 4), (3, 1), (2, 3, 4), (1, 4)
TOLERANCE = 1e-9
STEPS = 12          # operations in a graph, on average
LARGE = 1e3         # a value that grows beyond this is squashed, so that gradients stay finite

ONE = {
    'tanh': (F.tanh, torch.tanh),
    'sigmoid': (F.sigmoid, torch.sigmoid),
    'softplus': (F.softplus, torch.nn.functional.softplus),
    'sin': (F.sin, torch.sin),
    'square': (F.square, torch.square),
    'negative': (lambda x: -x, lambda x: -x),
    'sum': (F.sum, torch.sum),
    'mean of the last axis': (lambda x: F.mean(x, axis=-1, keepdims=True),
                              lambda x: torch.mean(x, -1, keepdim=True)),
    'softmax': (lambda x: F.softmax(x, axis=-1), lambda x: torch.softmax(x, -1)),
    'reverse': (lambda x: x[..., ::-1], lambda x: torch.flip(x, (-1,))),
    'transpose': (lambda x: x.T, lambda x: x.permute(tuple(range(x.ndim))[::-1])),
    'flatten': (lambda x: F.reshape(x, (-1,)), lambda x: x.reshape(-1)),
}
TWO = {
    'add': (lambda a, b: a + b, lambda a, b: a + b),
    'subtract': (lambda a, b: a - b, lambda a, b: a - b),
    'multiply': (lambda a, b: a * b, lambda a, b: a * b),
    'divide': (lambda a, b: a / (b * b + 1), lambda a, b: a / (b * b + 1)),
    'maximum': (F.maximum, torch.maximum),
    'where': (lambda a, b: F.where(b.data > 0, a, b), lambda a, b: torch.where(b > 0, a, b)),
}


class Pair:
    """One value in both frameworks."""

    def __init__(self, mine, theirs):
        self.mine, self.theirs = mine, theirs

    @property
    def shape(self):
        return self.mine.shape


def leaf(choose, numbers):
    values = numbers.normal(size=choose.choice(SHAPES))
    needed = choose.random() < 0.8
    return Pair(mc.Variable(np.array(values), requires_grad=needed),
                torch.tensor(values, requires_grad=needed))


def fits(a, b):
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        return False
    return True


def grow(choose, pairs):
    """One more operation on what exists. Returns its name and its results."""
    kind = choose.random()
    x = choose.choice(pairs)
    if kind < 0.45:
        partners = [pair for pair in pairs if fits(x, pair)]
        other = choose.choice(partners)
        name = choose.choice(list(TWO))
        mine, theirs = TWO[name]
        return name, [Pair(mine(x.mine, other.mine), theirs(x.theirs, other.theirs))]
    if kind < 0.55 and x.shape and x.shape[-1] % 2 == 0:
        halves = zip(F.split(x.mine, 2, axis=-1), torch.chunk(x.theirs, 2, -1))
        return 'split', [Pair(*half) for half in halves]
    if kind < 0.62 and len(x.shape) == 2:
        return 'matmul', [Pair(F.matmul(x.mine, x.mine.T), x.theirs @ x.theirs.T)]
    names = [name for name in ONE if x.shape or name not in ('mean of the last axis', 'softmax',
                                                             'reverse')]
    name = choose.choice(names)
    mine, theirs = ONE[name]
    return name, [Pair(mine(x.mine), theirs(x.theirs))]


def one_graph(seed):
    """Compare one graph. Returns a sentence about the first difference, or None."""
    choose, numbers = random.Random(seed), np.random.default_rng(seed)
    leaves = [leaf(choose, numbers) for _ in range(choose.randint(1, 4))]
    pairs, names = list(leaves), []
    for _ in range(choose.randint(2, 2 * STEPS)):
        name, made = grow(choose, pairs)
        names.append(name)
        for pair in made:
            if np.abs(pair.mine.data).max(initial=0.0) > LARGE:
                pair.mine, pair.theirs = F.tanh(pair.mine), torch.tanh(pair.theirs)
        pairs += made
    results = choose.sample(pairs[len(leaves):], min(2, len(pairs) - len(leaves)))
    mine, theirs = 0.0, torch.zeros((), dtype=torch.float64)
    for pair in results:
        mine, theirs = mine + F.sum(pair.mine), theirs + pair.theirs.sum()
    if not theirs.requires_grad:
        return None
    mine.backward()
    theirs.backward()
    for number, pair in enumerate(leaves):
        want, got = pair.theirs.grad, pair.mine.grad
        if want is None or got is None:
            if not (got is None or not got.any()) or not (want is None or not want.any()):
                return (f'graph {seed} ({", ".join(names)}): leaf {number} has a gradient '
                        'in one only')
            continue
        difference = np.abs(got - want.numpy()).max(initial=0.0)
        if not difference <= TOLERANCE * max(1.0, float(want.abs().max())):
            return f'graph {seed} ({", ".join(names)}): leaf {number} differs by {difference:.3g}'
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--graphs', type=int, default=10_000)
    parser.add_argument('--first', type=int, default=0, help='the seed of the first graph')
    options = parser.parse_args()
    torch.set_num_threads(1)
    began, wrong = time.monotonic(), []
    for seed in range(options.first, options.first + options.graphs):
        wrong += filter(None, [one_graph(seed)])
    print(*wrong[:20], sep='\n', end='\n' if wrong else '')
    print(f'{options.graphs} graphs, {len(wrong)} different, {time.monotonic() - began:.0f} s')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
