"""The same numbers in another shape or order, and parts of them."""
import functools
import itertools
import math

import numpy as np

from .. import backprop
from ..backend import elementwise, get_array_module
from ..errors import ShapeError
from ..explain import add_line
from ..function import Function
from ..variable import Variable


class Reshape(Function):
    """The same numbers in another shape"""

    def __init__(self, shape):
        self.new_shape = shape

    def forward(self, x):
        self.x_shape = x.shape
        return x.reshape(self.new_shape)

    def backward(self, gy):
        return gy.reshape(self.x_shape)


def reshape(x, *shape):
    """The same numbers, row by row, in another shape; one axis may be -1: whatever is left.

    Raises ShapeError if the numbers do not fill the shape.
    """
    shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
    if -1 not in shape and math.prod(shape) != x.size:
        raise ShapeError(f'reshape: {x.size} numbers of shape {tuple(x.shape)} do not fill the '
                         f'shape {tuple(shape)}, which has {math.prod(shape)}.')
    return Reshape(tuple(shape)).apply(x)


def place(what, axis, count):
    """The number of an axis, counted from the front; axis -1 is the last of `count`."""
    if not -count <= axis < count:
        raise add_line(ShapeError(f'{what}: there is no axis {axis}, only {count}, from 0 to '
                                  f'{count - 1}.'))
    return axis % count


def flatten(x, start=1):
    """All axes from `start` on as one: (N, C, H, W) -> (N, C*H*W)."""
    return reshape(x, (*x.shape[:start], math.prod(x.shape[start:])))


def expand_dims(x, axis):
    """A new axis of length 1, so that it is axis number `axis` of the result."""
    axis = place('expand_dims', axis, len(x.shape) + 1)
    return reshape(x, (*x.shape[:axis], 1, *x.shape[axis:]))


def squeeze(x, axis=None):
    """Without the axes of length 1, or without the given ones. ShapeError if one is longer."""
    axes = range(len(x.shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = {place('squeeze', a, len(x.shape)) for a in axes}
    long = [a for a in sorted(axes) if x.shape[a] != 1]
    if axis is not None and long:
        raise ShapeError(f'squeeze: axis {long[0]} of shape {x.shape} has length '
                         f'{x.shape[long[0]]}, not 1.')
    return reshape(x, tuple([n for i, n in enumerate(x.shape) if i not in axes or n != 1]))


class Transpose(Function):
    """The same numbers with the axes in another order"""

    symbol = 'T'

    def __init__(self, axes):
        self.axes = axes

    def forward(self, x):
        return x.transpose(self.axes)

    def backward(self, gy):
        return gy.transpose(self.axes and [self.axes.index(i) for i in range(len(self.axes))])


def transpose(x, *axes):
    """The axes in another order; without an order, reversed: (A, B, C) -> (C, B, A)."""
    axes = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
    if axes is not None:
        axes = tuple([place('transpose', a, len(x.shape)) for a in axes])
    return Transpose(axes).apply(x)


def swapaxes(x, a, b):
    """Axis a in the place of axis b, and b in the place of a."""
    axes = list(range(len(x.shape)))
    a, b = (place('swapaxes', axis, len(axes)) for axis in (a, b))
    axes[a], axes[b] = axes[b], axes[a]
    return transpose(x, tuple(axes))


def moveaxis(x, source, target):
    """Axis `source` moved to the place `target`; the others keep their order."""
    axes = list(range(len(x.shape)))
    source, target = (place('moveaxis', axis, len(axes)) for axis in (source, target))
    axes.insert(target, axes.pop(source))
    return transpose(x, tuple(axes))


class BroadcastTo(Function):
    """Repeated along new axes and axes of length 1"""

    def __init__(self, shape):
        self.new_shape = shape

    def forward(self, x):
        return self.xp.broadcast_to(x, self.new_shape)

    def backward(self, gy):
        return sum_to(gy, self.edges[0].shape)


def broadcast_to(x, shape):
    """Repeat x, as NumPy's broadcasting does, to fill `shape`. ShapeError if it cannot."""
    return x if tuple(x.shape) == tuple(shape) else BroadcastTo(tuple(shape)).apply(x)


class SumTo(Function):
    """The sum over all that broadcasting had repeated"""

    symbol = 'Σ'

    def __init__(self, shape):
        self.new_shape = shape

    def forward(self, x):
        return backprop.sum_to(x, self.new_shape)

    def backward(self, gy):
        return broadcast_to(gy, self.edges[0].shape)


def sum_to(x, shape):
    """The opposite of broadcast_to: the sum over the axes that it would repeat."""
    return x if tuple(x.shape) == tuple(shape) else SumTo(tuple(shape)).apply(x)


# Together and apart ------------------------------------------------------------------------------

class Concat(Function):
    """Several arrays behind one another"""

    shapes = '(...) ... -> (...)'

    def __init__(self, axis):
        self.axis = axis

    def forward(self, *xs):
        self.sizes = [x.shape[self.axis] for x in xs]
        return self.xp.concatenate(xs, self.axis)

    def backward(self, gy):
        ends = tuple(itertools.accumulate(self.sizes[:-1]))
        if isinstance(gy, Variable):
            return Split(ends, self.axis).apply(gy)
        return cut(gy, ends, self.axis)     # arrays need no operation for it


def concat(xs, axis=1):
    """Arrays joined along an axis that they have; their other axes must agree."""
    return Concat(axis).apply(*xs)


def stack(xs, axis=0):
    """Arrays of one shape joined along a new axis."""
    return concat([expand_dims(x, axis) for x in xs], axis)


class Split(Function):
    """Parts of an array along an axis"""

    shapes = '(...) -> (...) ...'

    def __init__(self, ends, axis):
        self.ends, self.axis = ends, axis

    def forward(self, x):
        return cut(x, self.ends, self.axis)

    def backward(self, *gys):
        return concat(gys, self.axis)


def cut(x, ends, axis):
    """The parts of an array between these places of an axis."""
    return tuple([x[part] for part in parts_between(ends, axis % x.ndim)])


@functools.lru_cache(1000)
def parts_between(ends, axis):
    """What to index an array with to cut an axis at these places; trees cut the same way often."""
    before = (slice(None),) * axis
    return [(*before, slice(*two)) for two in itertools.pairwise((0, *ends, None))]


def split(x, parts, axis=0):
    """Cut along an axis: into a number of equal parts, or at the given indices. Gives a tuple.

    Raises ShapeError if there are no such equal parts.
    """
    length = x.shape[axis]
    if isinstance(parts, int):
        if length % parts:
            raise ShapeError(f'split: an axis of length {length} has no {parts} equal parts.')
        parts = [length // parts * i for i in range(1, parts)]
    ys = Split(tuple(parts), axis).apply(x)
    return ys if isinstance(ys, tuple) else (ys,)


def separate(x, axis=0):
    """Each slice along an axis by itself, without that axis; a tuple."""
    return tuple([squeeze(y, axis) for y in split(x, x.shape[axis], axis)])


# Parts -------------------------------------------------------------------------------------------

class GetItem(Function):
    """A part, chosen by indices"""

    symbol = '[ ]'

    def __init__(self, index):
        self.index = index

    def forward(self, x):
        self.x_shape = x.shape
        return x[self.index]

    def backward(self, gy):
        return PutItem(self.index, self.x_shape).apply(gy)


class PutItem(Function):
    """Zeros, with a part added to them at indices"""

    symbol = '[ ]'

    def __init__(self, index, shape):
        self.index, self.new_shape = index, shape

    def forward(self, x):
        y = self.xp.zeros(self.new_shape, x.dtype)
        parts = self.index if isinstance(self.index, tuple) else (self.index,)
        if all(isinstance(part, (int, slice, type(None), type(...))) for part in parts):
            y[self.index] = x
        elif self.xp is np and getattr(self.index, 'ndim', 0) == 1 and x.ndim > 1:
            ids, rows = summed_rows(np.arange(len(y))[self.index], x)
            y[ids] = rows
        else:       # an array of indices may name an element more than once
            self.xp.add.at(y, self.index, x)
        return y

    def backward(self, gy):
        return get_item(gy, self.index)


# On a GPU; an id that does not exist adds nothing.
ADD_ROWS = elementwise(
    'S id, U number, int32 rows, int32 width', 'raw U table',
    'if (id >= 0 && id < rows) atomicAdd(&table[(long long)id * width + i % width], number);',
    'add_rows')


def add_rows(xp, table, ids, rows):
    """table[id] += row for each id (N) and its row (N, ...); an id may come more than once."""
    if xp is not np:
        width = math.prod(table.shape[1:])
        wide = table if table.dtype != np.float16 else xp.zeros(table.shape, 'float32')
        rows = rows.reshape(len(ids), width).astype(wide.dtype, copy=False)
        ADD_ROWS(ids[:, None], rows, len(table), width, wide)
        if wide is not table:       # atomicAdd knows no half precision
            table += wide.astype(table.dtype)
        return
    if not len(ids):
        return
    ids, rows = summed_rows(ids, rows)
    table[ids] += rows


def summed_rows(ids, rows):
    """Each id once, and the sum of its rows: ids (N), rows (N, ...) -> (M), (M, ...)."""
    order = ids.argsort(kind='stable')      # equal ids stand together: sum each run
    ids, rows = ids[order], rows[order]
    starts = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])
    if len(starts) < len(ids):
        ids, rows = ids[starts], np.add.reduceat(rows, starts)
    return ids, rows


def get_item(x, index):
    """The elements x[index]: slices, numbers, None, Ellipsis, arrays of integers or booleans."""
    plain = [part.data if isinstance(part, Variable) else part
             for part in (index if isinstance(index, tuple) else (index,))]
    return GetItem(tuple(plain) if isinstance(index, tuple) else plain[0]).apply(x)


def select(x, t):
    """One element a row: y[n] = x[n, t[n]]. x (N, C) real, t (N) whole numbers."""
    t = t.data if isinstance(t, Variable) else t
    return get_item(x, (get_array_module(t).arange(len(t)), t))


class Where(Function):
    """a where a condition holds, else b"""

    shapes, keeps = '(...) (...) (...) -> (...)', 'condition'

    def forward(self, condition, a, b):
        self.condition = condition
        return self.xp.where(condition, a, b)

    def backward(self, gy):
        _, for_a, for_b = self.edges
        return (None, None if for_a is None else gy * self.condition,
                None if for_b is None else gy * ~self.condition)


def where(condition, a, b):
    """Take a where the condition is true, b where it is false. The condition has no gradient."""
    condition = condition.data if isinstance(condition, Variable) else condition
    if isinstance(condition, (bool, list)):
        condition = np.asarray(condition)
    return Where().apply(condition.astype(bool, copy=False), a, b)


class Cast(Function):
    """The same numbers in another type"""

    mixes = True

    def __init__(self, dtype):
        self.new_dtype = np.dtype(dtype)
        self.differentiable = self.new_dtype.kind in 'fc'

    def forward(self, x):
        self.old_dtype = x.dtype
        return x.astype(self.new_dtype)

    def backward(self, gy):
        return cast(gy, self.old_dtype)


def cast(x, dtype):
    """The same numbers in another type; gradients flow between types of real numbers only."""
    return x if x.dtype == dtype else Cast(dtype).apply(x)
