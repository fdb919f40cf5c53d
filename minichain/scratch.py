"""Work arrays that are used again and again.

A large array that is made, filled and dropped at every step costs a page fault for each 4 KiB,
which can take longer than the arithmetic on it. Each thread keeps a few such arrays instead.
"""
import math
import threading

import numpy as np

LIMIT = 1 << 26     # bytes that one thread keeps at most; larger arrays are made anew


class _Arrays(threading.local):
    """The work arrays of the running thread, by purpose and type, and who had each last."""

    def __init__(self):
        self.by_purpose, self.users = {}, {}


_local = _Arrays()


def scratch(purpose, shape, dtype, user=None):
    """An array to work with until the next call for the same purpose; its content is arbitrary.

    user  any object of one's own, to ask later for what is left of it
    """
    size = math.prod(shape)
    bytes_needed = size * np.dtype(dtype).itemsize
    key = purpose, np.dtype(dtype).str
    array = _local.by_purpose.get(key)
    if array is None or array.size < size:
        array = np.empty(size, dtype)
        held = sum(a.nbytes for k, a in _local.by_purpose.items() if k != key)
        if bytes_needed + held <= LIMIT:
            _local.by_purpose[key] = array
    _local.users[key] = user if _local.by_purpose.get(key) is array else None
    return array[:size].reshape(shape)


def left_in_scratch(purpose, shape, dtype, user):
    """The array as this user has left it; None if it was given to somebody else since."""
    key = purpose, np.dtype(dtype).str
    if _local.users.get(key) is not user:
        return None
    return _local.by_purpose[key][:math.prod(shape)].reshape(shape)


def free_scratch():
    """Let go of this thread's work arrays."""
    _local.by_purpose.clear()
    _local.users.clear()
