"""What widgets are given, checked at once: each check gives the value, or raises a sentence."""
import math
from collections.abc import Sequence
from numbers import Real

import numpy as np

from minichain import Link
from minichain.data import Vocabulary

SEEDS = 2 ** 32         # a seed is below this
VOCABULARY = ('vocabulary is a Vocabulary, or a list of the words in the order of their numbers, '
              "such as ['<pad>', 'good', 'bad']")


def whole(value, name, low=0, high=None) -> int:
    """A whole number from `low` to `high`. ValueError for anything else."""
    right = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not right or value < low or high is not None and value > high:
        raise ValueError(f'{name} is a whole number {span(low, high)}, not {value!r:.60}.')
    return int(value)


def number(value, name, low, high) -> float:
    """A number from `low` to `high`. ValueError for anything else."""
    right = isinstance(value, (Real, np.floating)) and not isinstance(value, bool)
    if not right or not low <= value <= high:       # NaN is neither
        raise ValueError(f'{name} is a number {span(low, high)}, not {value!r:.60}.')
    return float(value)


def span(low, high) -> str:
    return f'from {low:g} on' if high is None or high == math.inf else f'from {low:g} to {high:g}'


def seed_of(value) -> int:
    """A seed of random numbers."""
    return whole(value, 'seed', 0, SEEDS - 1)


def flag(value, name) -> bool:
    """True or False. ValueError for anything else."""
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f'{name} is True or False, not {value!r:.60}.')
    return bool(value)


def link_of(value):
    """A network, or None. ValueError for anything else."""
    if value is not None and not isinstance(value, Link):
        raise ValueError(f'link should be a network of minichain, but is {value!r:.60}.')
    return value


def function(value, name, takes):
    """A function, or None. TypeError for anything else."""
    if value is not None and not callable(value):
        raise TypeError(f'{name} is a function of {takes}, not {value!r:.60}.')
    return value


def names_of(given, what) -> tuple:
    """The names in a list, as texts; of a Vocabulary its words. TypeError for what is no list."""
    if isinstance(given, Vocabulary):
        return tuple(given.words)
    if isinstance(given, np.ndarray) and given.ndim == 1:
        given = given.tolist()
    if isinstance(given, (str, bytes)) or not isinstance(given, Sequence):
        raise TypeError(f'{what}, not {given!r:.60}.')
    return tuple(map(str, given))
