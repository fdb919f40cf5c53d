"""Debug mode: stops at the first NaN or infinity, and at a kept array that somebody changed.

    with mc.using_config(debug=True):
        loss = model(x)         # NumberError: log gave 1 NaN ... at train.py, line 12: ...
        loss.backward()
"""
import warnings
import zlib

import numpy as np

from . import backend
from .config import Config
from .errors import GraphError, NumberError
from .explain import add_line, argument_names, user_line


class Guard:
    """An observer that believes nothing: it looks at every number, and twice at what is kept.

    It also warns of graphs that grow though backward went through them: sums of old losses.
    """

    def on_apply(self, fn, inputs, outputs):
        arrays = [x if backend.is_array(x) else getattr(x, 'data', x) for x in inputs]
        problem = next(filter(None, (strange(y.data) for y in outputs)), None)
        if problem:
            names = argument_names(fn, len(arrays))
            given = '; '.join(f'{name} {span(a)}' for name, a in zip(names, arrays)
                              if backend.is_array(a))
            raise add_line(NumberError(f'{fn.label} gave {problem}. Its inputs: {given}.'))
        if any(edge is not None and getattr(edge, 'parent', edge).released for edge in fn.edges):
            warnings.warn(f'{fn.label} adds to a graph of which backward() has let go: gradients '
                          'cannot flow there any more, but the graph is held. For a running total '
                          f'write total += loss.item().\n  at {user_line()}', stacklevel=2)
        if fn.edges:
            fn.seen = user_line(), [(name, a, checksum(a)) for name, a in fn.kept_arrays()]

    def on_backward(self, fn, gys, gxs):
        line, kept = getattr(fn, 'seen', ('', []))
        place = f'\n  at {line}' if line else ''
        for name, array, before in kept:
            if checksum(array) != before:
                raise GraphError(
                    f'{fn.label} kept {name} for backward, but it was changed in place since then: '
                    f'the gradient would be wrong. Compute a new array instead.{place}')
        problem = next(filter(None, (strange(g) for g in gxs if backend.is_array(g))), None)
        if problem:
            raise NumberError(f'The gradient of {fn.label} has {problem}.{place}')


def checksum(array):
    """A number that changes when the array does."""
    return zlib.crc32(np.ascontiguousarray(backend.to_cpu(array)).tobytes())


def strange(array):
    """'2 NaN and 1 infinity of 10 numbers', or None when all are finite."""
    array = backend.to_cpu(array)
    if array.dtype.kind not in 'fc' or np.isfinite(array).all():
        return None
    nan, infinite = int(np.isnan(array).sum()), int(np.isinf(array).sum())
    parts = [f'{nan} NaN' if nan else '', f'{infinite} infinite' if infinite else '']
    return f'{" and ".join(filter(None, parts))} of {array.size} numbers'


def span(array):
    """'(3, 4) from -1 to 5'"""
    array = backend.to_cpu(array)
    if not array.size or array.dtype.kind == 'b':
        return f'{array.shape}'
    return f'{array.shape} from {np.nanmin(array):.4g} to {np.nanmax(array):.4g}'


Config.guard = Guard()
