"""Lists in place of arrays, as NumPy allows them: F.linear([[1.0, 2.0]], W)."""
import contextlib
import functools

import numpy as np

from .. import backend
from ..errors import DTypeError
from ..explain import add_line
from ..variable import Variable, as_array


def with_lists(function):
    """The same function, which also takes lists of numbers; arrays pay nothing for that.

    A list fails at the first `x.shape`: only then it becomes an array, of the type of the others.
    """
    @functools.wraps(function)
    def call(*args, **options):
        try:
            return function(*args, **options)
        except (AttributeError, TypeError) as error:
            arrays = from_lists(function.__name__, args, options)
            if arrays is not None:
                with contextlib.suppress(AttributeError, TypeError):
                    return function(*arrays[0], **arrays[1])
            raise explained(function.__name__, error, [*args, *options.values()]) from None

    call.__module__ = __package__       # where pickle finds it
    return call


def explained(name, error, given, wanted='arrays, Variables or lists of numbers'):
    """A sentence in place of "'float' object has no attribute 'shape'", if that is the matter."""
    culprit = getattr(error, 'obj', None)
    if any(x is culprit for x in given):
        kind = 'None' if culprit is None else type(culprit).__name__
        if isinstance(error, AttributeError) and type(culprit).__module__ == 'builtins':
            return add_line(DTypeError(f'{name} takes {wanted}, but got {kind}.'))
    return error


def from_lists(name, args, options):
    """The arguments with arrays for lists of numbers; None if there is no list."""
    given = [*args, *options.values()]
    listed = [isinstance(x, list) or (i == 0 and isinstance(x, (int, float)))
              for i, x in enumerate(given)]
    if not any(listed):
        return None
    others = [x.data if isinstance(x, Variable) else x for x in given]
    others = [x for x in others if backend.is_array(x) and x.dtype.kind == 'f']
    given = [array_of(name, x, others) if is_list else x for x, is_list in zip(given, listed)]
    return given[:len(args)], dict(zip(options, given[len(args):]))


def array_of(name, x, others):
    """A list of numbers as an array like the others; a list of other things as it is."""
    try:
        array = np.asarray(x)
    except (TypeError, ValueError):
        array = None
    if array is None or array.dtype.kind not in 'fiub':
        if isinstance(x, list) and any(isinstance(item, Variable) for item in x):
            return x
        raise add_line(DTypeError(f'{name} takes arrays of numbers, Variables, or lists of numbers '
                                  'that are equally long: np.array(x) must make an array of it.'))
    array = as_array(x)
    if others:
        array = array.astype(others[0].dtype) if array.dtype.kind == 'f' else array
        array = backend.to_device(array, backend.device_of(others[0]))
    return array
