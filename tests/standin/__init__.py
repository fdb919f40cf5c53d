"""A stand-in for the module cupy, so that GPU code is tested where there is no GPU.

    with standin.installed(gpus=2):
        x = minichain.to_gpu(np.ones(3))
        with standin.recording() as events:
            ...
    assert len(events.launches) <= 40 and not events.waits

It is CuPy's surface (names, keywords, refusals) over NumPy, and runs the bodies of elementwise
kernels through a C++ compiler. What it cannot show: speed, rounding, races, a kernel that a GPU
refuses (kernel_check.py compiles for that), and errors that a GPU reports late.
"""
import contextlib
import sys

from minichain import backend

from .cpu_kernel import ElementwiseKernel
from .machine import (CUDARuntimeError, DeviceSynchronized, OutOfMemoryError, allow_synchronize,
                      machine, recording, reset)
from .module import API, cupy

__all__ = ['API', 'CUDARuntimeError', 'DeviceSynchronized', 'OutOfMemoryError',
           'allow_synchronize', 'cupy', 'installed', 'machine', 'recording', 'reset']

cupy.ElementwiseKernel = ElementwiseKernel


@contextlib.contextmanager
def installed(**settings):
    """Meanwhile `import cupy` gives the stand-in on a Machine of these settings."""
    before = sys.modules.get('cupy')
    reset(**settings)
    sys.modules['cupy'] = cupy
    backend.forget()
    try:
        yield cupy
    finally:
        sys.modules.pop('cupy')
        if before is not None:
            sys.modules['cupy'] = before
        backend.forget()
