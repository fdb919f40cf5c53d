"""Schedules: hyper-parameters that change with time, such as Adam(lr=Cosine(0.001, steps=10000)).

A schedule is a function of t, the number of updates done so far; t is 0 for the first update.
"""
import math
from typing import Callable, NamedTuple


def bounded(value, first, last):
    """A value that has started at `first` and shall not run beyond `last`, if there is one."""
    if last is None:
        return value
    return max(value, last) if last < first else min(value, last)


class Linear(NamedTuple):
    """From `first` to `last` in a straight line, over so many steps; then it stays."""

    first: float
    last: float
    steps: int

    def __call__(self, t):
        return self.first + (self.last - self.first) * min(t / self.steps, 1)


class Step(NamedTuple):
    """Times `factor` after each `every` updates, down (or up) to `last`."""

    first: float
    factor: float
    every: int
    last: float | None = None

    def __call__(self, t):
        return bounded(self.first * self.factor ** (t // self.every), self.first, self.last)


class Exponential(NamedTuple):
    """Times `rate` after each update, down (or up) to `last`."""

    first: float
    rate: float
    last: float | None = None

    def __call__(self, t):
        return bounded(self.first * self.rate ** t, self.first, self.last)


class Polynomial(NamedTuple):
    """From `first` to `last` as (1 - t / steps)**power; then it stays."""

    first: float
    steps: int
    power: float = 1.0
    last: float = 0.0

    def __call__(self, t):
        left = max(1 - t / self.steps, 0)
        return self.last + (self.first - self.last) * left ** self.power


class Cosine(NamedTuple):
    """From `first` to `last` along half a cosine; then it stays. (Loshchilov and Hutter 2017)"""

    first: float
    steps: int
    last: float = 0.0

    def __call__(self, t):
        done = min(t / self.steps, 1)
        return self.last + (self.first - self.last) * (1 + math.cos(math.pi * done)) / 2


class WarmUp(NamedTuple):
    """Rise in a straight line for so many steps, then go on with `then`, a number or a schedule.

    The first update uses 1/steps of the way from `start` to where `then` begins.
    """

    steps: int
    then: float | Callable
    start: float = 0.0

    def __call__(self, t):
        then = self.then if callable(self.then) else lambda t: self.then
        if t >= self.steps:
            return then(t - self.steps)
        return self.start + (then(0) - self.start) * (t + 1) / self.steps


class InverseSquareRoot(NamedTuple):
    """Rise to `highest` in so many steps, then fall as 1 / √t. (Vaswani et al. 2017)"""

    highest: float
    steps: int = 1

    def __call__(self, t):
        count = t + 1
        return self.highest * min(count / self.steps, math.sqrt(self.steps / count))
