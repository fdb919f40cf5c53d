"""Weights that are used many times multiply once.

The gradient of a weight that was used at a hundred time steps, or at every node of a tree, is a sum
of a hundred matrix products. Stacked on each other, the same rows give the same sum in one product,
which is much faster than a hundred small ones.
"""
from . import backend
from .config import config
from .observe import watching


class Gathered:
    """The gradient of a weight, put off until all its rows have come.

    total  the gradient from the rows: a function such as (shape, gy, x) -> gyᵀ x
    shape  the weight's shape
    rows   what one use of the weight contributes: arrays with one row an example
    """

    def __init__(self, total, shape, *rows):
        self.total, self.shape, self.uses = total, shape, [rows]

    def __iadd__(self, other):
        if type(other) is not Gathered or other.total is not self.total:
            return other + self.value()
        self.uses += other.uses
        return self

    def __add__(self, other):
        if type(other) is not Gathered or other.total is not self.total:
            return other + self.value()
        both = Gathered(self.total, self.shape)
        both.uses = self.uses + other.uses
        return both

    def value(self):
        """The gradient, an array."""
        stacks = zip(*self.uses)
        xp = backend.get_array_module(*self.uses[0])
        return self.total(self.shape, *[rows[0] if len(rows) == 1 else xp.concatenate(rows)
                                        for rows in stacks])


def gathered(total, weight, *rows):
    """The gradient of a weight, total(shape, *rows): at once, or put off if that can save work.

    It is put off for a leaf, in an ordinary backward that nobody watches.
    """
    if config.plain and not weight.edges and not watching.on_backward:
        return Gathered(total, weight.shape, *rows)
    return total(weight.shape, *rows)
