"""Small numbers about arrays: statistics, norms, and the values themselves when they are few."""
import math

import numpy as np

from .backend import get_array_module, to_cpu

SAMPLE = 65_536     # the most elements that statistics look at
FEW = 16            # the most elements that are written out
SMALL = 256         # the most elements of a gradient that are copied rather than measured
SAFE_SQUARES = 1e-30, 1e30      # sums of squares that float32 holds without loss


def look(array):
    """What `stats_and_values` needs to know of an array; made at once, since the array may change.

    Of a tiny array it is the values themselves, as nested lists; else it is the statistics.
    """
    return to_cpu(array).tolist() if array.size <= FEW else measure(array)


def stats_and_values(seen):
    """(statistics, the values as a short text or None) from what `look` saw."""
    if isinstance(seen, dict):
        return seen, None
    return measure(np.array(seen)), text_of(seen)


def measure(array):
    """Statistics of an array as a dict: min max mean std of what is finite, counts of nan and inf.

    Of an array with more than 65,536 elements, evenly spaced ones are looked at, and the entry
    `sampled` says how many. A number that does not exist is None.
    """
    values = array.reshape(-1)
    if values.size > SAMPLE:
        values = values[::-(-values.size // SAMPLE)]
    stats = _measure(values)
    if values.size < array.size:
        stats['sampled'] = values.size
    return stats


def _measure(values):
    """The statistics of an array with one axis."""
    if not values.size:
        return dict(min=None, max=None, mean=None, std=None, nan=0, inf=0)
    low, high = float(values.min()), float(values.max())        # NaN if one element is NaN
    if not (math.isfinite(low) and math.isfinite(high)):
        xp = get_array_module(values)
        finite = values[xp.isfinite(values)]
        nan = int(xp.isnan(values).sum())
        return dict(_measure(finite), nan=nan, inf=values.size - finite.size - nan)
    away = values.astype('float64')
    mean = float(away.sum()) / values.size
    away -= mean
    return dict(min=low, max=high, mean=mean, std=math.sqrt(float(away.dot(away)) / values.size),
                nan=0, inf=0)


def text_of(values):
    """Nested lists of numbers as a short text: '[1.0, -0.3333]'."""
    if isinstance(values, list):
        return '[' + ', '.join(map(text_of, values)) + ']'
    if not isinstance(values, float):
        return str(values)
    text = f'{values:.4g}'
    return text if set(text) & set('.en') else text + '.0'


def square_norm(g):
    """What `norm` needs to know of a gradient; made at once, since the array may change.

    The sum of its squares, and how many of its elements are NaN; on a GPU both are arrays without
    axes, so that nothing waits. Of a small array it is a copy of its bytes, which is faster, and
    its type.
    """
    if type(g) is np.ndarray:
        if g.size <= SMALL:
            return g.tobytes(), g.dtype
        square = float(np.vdot(g, g))
        if SAFE_SQUARES[0] < square < SAFE_SQUARES[1]:
            return square, 0
    return _squares(g)


def _squares(g):
    """The sum of the squares and the number of NaN, in float64."""
    exact = g.astype('float64')
    return (exact * exact).sum(), (exact != exact).sum()


def norm(parts):
    """The L2 norm of several arrays together and their NaN count, from their `square_norm`s."""
    parts = [_squares(np.frombuffer(square, nan)) if type(square) is bytes else (square, nan)
             for square, nan in parts]
    square = sum(float(square) for square, _ in parts)
    return math.sqrt(square) if math.isfinite(square) else None, sum(int(nan) for _, nan in parts)
