"""Weights that are used many times multiply once.

The gradient of a weight that was used at a hundred time steps, or at every node of a tree, is a sum
of a hundred matrix products. Stacked on each other, the same rows give the same sum in one product,
which is much faster than a hundred small ones.
"""
import sys

import numpy as np

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

    def __add__(self, other):
        return self.value() + other

    def value(self):
        """The gradient, an array."""
        return self.total(self.shape, *self.stacks())

    def stacks(self):
        """The rows of all uses, behind one another."""
        xp = backend.get_array_module(*self.uses[0])
        return [rows[0] if len(rows) == 1 else xp.concatenate(rows) for rows in zip(*self.uses)]

    def arrive(self, leaf):
        """What a walk brings to the leaf: an array, or what knows how to add itself to one."""
        return self.value()


class GatheredRows(Gathered):
    """The gradient of a table of which few rows were used.

    Where the table has a gradient already, only those rows of it change. `total` must have two
    attributes: `add_to`, a function (gradient so far, *rows), and `summed`, a function (*rows) that
    gives the numbers of the rows that were used, each once, and the sum for each.
    """

    def arrive(self, leaf):
        alone = leaf.grad_left is None and type(self.uses[0][1]) is not np.ndarray
        return self.value() if alone else self      # a GPU makes the table in one launch

    def add_to(self, g):
        """Add the rows to an array."""
        self.total.add_to(g, *self.stacks())
        return g

    def used_rows(self):
        """The rows that were used, if they are few, else the whole gradient."""
        ids, rows = self.stacks()
        if 2 * len(ids) > self.shape[0]:
            return self.add_to(np.zeros(self.shape, rows.dtype))
        return RowGradient(self.shape, *self.total.summed(ids, rows))


class RowGradient:
    """The gradient of a table of which few rows were used: only those, the others are zero.

    Nobody needs the zeros until somebody looks at `grad` or a second gradient is added, which makes
    the whole table of this.

    shape, dtype  those of the table
    ids, rows     the numbers of the rows that were used, each once, and their gradients
    """

    def __init__(self, shape, ids, rows):
        self.shape, self.ids, self.rows, self.dtype = shape, ids, rows, rows.dtype

    def table(self):
        """The gradient as an array."""
        table = np.zeros(self.shape, self.dtype)
        table[self.ids] = self.rows
        return table


def gathered(total, weight, *rows):
    """The gradient of a weight, total(shape, *rows): at once, or put off if that can save work.

    It is put off for a leaf, in an ordinary backward of which nobody watches the parts.
    """
    waiting = weight.gradient       # asked first: of many uses only one finds nothing there
    if isinstance(waiting, Gathered) and waiting.total is total and config.plain:
        waiting.uses.append(rows)
        return None     # the gradient is on its way already
    if not config.plain or weight.edges or watching.parts:
        return total(weight.shape, *rows)
    kind = GatheredRows if hasattr(total, 'add_to') else Gathered
    return kind(total, weight.shape, *rows)


def added(leaf, g):
    """The sum of a leaf's gradient and one more: in place where nobody else would see that."""
    if leaf.grad_left is None:
        return g.used_rows() if isinstance(g, GatheredRows) else g
    if isinstance(leaf.grad_left, RowGradient):
        leaf.grad_left = leaf.grad_left.table()
    alone = _is_alone(leaf)
    if isinstance(g, GatheredRows):
        return g.add_to(leaf.grad_left if alone else leaf.grad_left.copy())
    if alone and type(g) is np.ndarray:
        leaf.grad_left += g
        return leaf.grad_left
    return leaf.grad_left + g


def _is_alone(leaf):
    """Whether the leaf's gradient is an array of its own, and nobody else holds it."""
    g = leaf.grad_left
    ours = type(g) is np.ndarray and g.base is None and g.flags.writeable
    return ours and holders(g) <= ONE_HOLDER + 1        # the leaf and the variable g


def holders(array):
    """A number that says how many variables and objects hold an array; see ONE_HOLDER.

    Ask it of a variable: what else an expression holds counts on some Pythons and not on others.
    """
    return sys.getrefcount(array)


def _count_one():
    fresh = object()
    return holders(fresh)


ONE_HOLDER = _count_one()
