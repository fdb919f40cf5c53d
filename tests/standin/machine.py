"""The pretended machine: its GPUs, its driver, its memory, and what it was asked to do."""
import contextlib
import os
import sys
import threading
import weakref
from dataclasses import dataclass

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
NUMPY = os.path.dirname(os.path.abspath(np.__file__))
BLOCK = 512  # CuPy's memory pool hands out multiples of this many bytes


class CUDARuntimeError(RuntimeError):
    """cupy.cuda.runtime.CUDARuntimeError: `status` is CUDA's number for what went wrong."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class OutOfMemoryError(MemoryError):
    """cupy.cuda.memory.OutOfMemoryError."""


class DeviceSynchronized(RuntimeError):
    """Something waited for the GPU inside `allow_synchronize(False)`."""


class Machine:
    """A machine with `gpus` GPUs; CUDA versions are written as CUDA does, 12090 for 12.9.

    `driver=0` is a machine without an NVIDIA driver, `limit` the bytes of memory of each GPU.
    """

    def __init__(self, gpus=2, driver=13000, runtime=12090, limit=None):
        # The ids of host arrays whose bytes are counted in `used`. First of all, for in a reset the
        # garbage collector may come after any line, and ends arrays of the time before.
        self.owners = set()
        self.gpus = gpus
        self.driver = driver
        self.runtime = runtime
        self.limit = limit
        self.used = {}  # bytes in arrays, for each GPU
        self.held = {}  # bytes that the pool has taken, for each GPU
        self.arrays = weakref.WeakValueDictionary()  # those that own their memory, by id of it
        self.recordings = []
        self.may_wait = True
        self._local = threading.local()

    @property
    def device(self):
        """The number of this thread's current GPU."""
        return getattr(self._local, 'device', 0)

    @device.setter
    def device(self, number):
        self._local.device = number

    def check(self):
        """Raise what CUDA raises when there is no usable driver, or no GPU."""
        if self.driver // 1000 < self.runtime // 1000:
            raise CUDARuntimeError(35, 'cudaErrorInsufficientDriver: CUDA driver version is '
                                       'insufficient for CUDA runtime version')
        if self.gpus == 0:
            raise CUDARuntimeError(100, 'cudaErrorNoDevice: no CUDA-capable device is detected')

    def allocate(self, nbytes, device):
        """Count the bytes of a new array; the number to give back to `release`."""
        size = -(-nbytes // BLOCK) * BLOCK
        used = self.used.get(device, 0)
        if self.limit is not None and used + size > self.limit:
            raise OutOfMemoryError(f'Out of memory allocating {size:,} bytes (allocated so far: '
                                   f'{used:,} bytes, limit set to: {self.limit:,} bytes).')
        self.used[device] = used + size
        self.held[device] = max(self.held.get(device, 0), self.used[device])
        return size

    def release(self, owner, size, device):
        if owner in self.owners:  # not an array of the time before a reset
            self.owners.remove(owner)
            self.used[device] -= size

    def free_unused(self):
        self.held[self.device] = self.used.get(self.device, 0)

    def note(self, kind, what, nbytes=0):
        """Something happened on the GPU; see Event."""
        if not self.may_wait and kind in ('d2h', 'wait'):
            raise DeviceSynchronized(f'{what} waits for the GPU at {_caller()}')
        if self.recordings:
            event = Event(kind, what, nbytes, _caller())
            for recording in self.recordings:
                recording.append(event)


@dataclass
class Event:
    """`kind` is 'launch' (a kernel), 'h2d' or 'd2h' (a copy to or from the GPU) or 'wait'."""
    kind: str
    what: str
    nbytes: int
    where: str


class Recording(list):
    """Events in the order in which they happened."""

    @property
    def launches(self):
        return [event for event in self if event.kind == 'launch']

    @property
    def copies(self):
        return [event for event in self if event.kind in ('h2d', 'd2h')]

    @property
    def waits(self):
        """The moments at which Python stood still until the GPU was done."""
        return [event for event in self if event.kind in ('d2h', 'wait')]


def _caller():
    """'file.py:12', the line outside of the stand-in and of NumPy that is running."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith((HERE, NUMPY)):
        frame = frame.f_back
    return f'{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}'


machine = Machine()


def reset(**settings):
    """Start anew with an untouched Machine of these settings."""
    machine.__init__(**settings)


@contextlib.contextmanager
def recording():
    """`with recording() as events:` collects what the GPU is asked to do meanwhile."""
    events = Recording()
    machine.recordings.append(events)
    try:
        yield events
    finally:
        machine.recordings = [other for other in machine.recordings if other is not events]


@contextlib.contextmanager
def allow_synchronize(allowed):
    """As cupyx.allow_synchronize: with False, what waits for the GPU raises DeviceSynchronized."""
    before, machine.may_wait = machine.may_wait, allowed
    try:
        yield
    finally:
        machine.may_wait = before
