"""Random numbers: one generator a thread, started from one seed."""
import contextlib
import threading

import numpy as np


class _Generators(threading.local):
    """The generator of the running thread; made when it is first asked for."""

    generator = None        # of the class: what threads draw from that have none of their own


_local = _Generators()


def generator():
    """This thread's NumPy Generator: initial weights, shuffling and dropout draw from it.

    Without `set_seed`, a thread begins with an unpredictable one.
    """
    if _local.generator is None:
        _local.generator = np.random.default_rng()
    return _local.generator


def set_seed(seed):
    """Start this thread's random numbers anew, so that a run can be repeated exactly."""
    _local.generator = np.random.default_rng(seed)


def draw_from(source):
    """Let every thread draw from one source that has a Generator's methods; None: from its own.

    A thread that calls `set_seed` afterwards has its own again.
    """
    _local.__dict__.pop('generator', None)
    _Generators.generator = source


@contextlib.contextmanager
def drawing_from(other):
    """Let this thread draw from another NumPy Generator for a while."""
    before = vars(_local).get('generator')
    _local.generator = other
    try:
        yield other
    finally:
        if before is None:      # no calls here: Ctrl-C would come behind one
            del _local.generator
        else:
            _local.generator = before
