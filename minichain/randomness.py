"""Random numbers: one generator a thread, started from one seed."""
import threading

import numpy as np


class _Generators(threading.local):
    """The generator of the running thread; made when it is first asked for."""

    generator = None


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
