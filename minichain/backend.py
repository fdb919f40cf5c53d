"""Where arrays live: one small layer over NumPy (the CPU) and CuPy (NVIDIA GPUs).

CuPy is imported at the first question about a GPU, never before. `gpu_status()` says in one
sentence what is the case on this machine, and what to do about it.
"""
import contextlib
import functools
import re
import sys
import threading
import time
import types
import weakref
from typing import NamedTuple

import numpy as np

from .errors import DeviceError, ShapeError
from .find_gpu import find_gpu

__all__ = ['Device', 'Memory', 'contiguous', 'describe', 'device_of', 'elementwise', 'free_memory',
           'get_array_module', 'get_device', 'gpu_available', 'gpu_status', 'is_array',
           'out_of_memory', 'same_device', 'stopwatch', 'to_cpu', 'to_device', 'to_gpu']

# Is there a GPU? ---------------------------------------------------------------------------------

def gpu_available():
    """Whether arrays can be sent to a GPU here."""
    return _gpu()[0] is not None


def gpu_status():
    """One sentence: which GPU there is, or why there is none and what to do. It never raises."""
    return _gpu()[1]


@functools.cache
def _gpu():
    """The pair (the cupy module, or None when no GPU can be used; the sentence of gpu_status)."""
    return find_gpu()


# Devices -----------------------------------------------------------------------------------------

class Memory(NamedTuple):
    """Bytes that the arrays on a device use, and bytes that CuPy's pool holds, these included."""
    used: int
    held: int


class Device:
    """The CPU or one GPU; `device.name` is 'cpu' or 'gpu:0', `device.xp` its array module.

    As a context it is where new arrays go: `with get_device('gpu:1'): x = cupy.zeros(3)`.
    Devices compare equal to each other and to their names: `x.device == 'gpu:0'`.
    """

    def __init__(self, kind, id=0):
        self.kind = kind
        self.id = id
        self.name = 'cpu' if kind == 'cpu' else f'gpu:{id}'
        self.xp = np if kind == 'cpu' else _cupy_with_gpu(id)

    def __str__(self):
        return self.name

    __repr__ = __str__

    def __eq__(self, other):
        return isinstance(other, (Device, str)) and str(other) == self.name

    def __hash__(self):
        return hash(self.name)

    def __enter__(self):
        inner = contextlib.nullcontext() if self.kind == 'cpu' else self.xp.cuda.Device(self.id)
        inner.__enter__()
        _entered().append((self, inner))
        return self

    def __exit__(self, *error):
        _, inner = _entered().pop()
        inner.__exit__(*error)

    def synchronize(self):
        """Wait until the device has done all it was asked; calls on a GPU return earlier."""
        if self.kind == 'gpu':
            with self:
                self.xp.cuda.get_current_stream().synchronize()

    def memory(self):
        """The device's Memory(used, held) in bytes; None for the CPU, where nobody counts."""
        if self.kind == 'cpu':
            return None
        with self:
            pool = self.xp.get_default_memory_pool()
            return Memory(pool.used_bytes(), pool.total_bytes())


_cpu = Device('cpu')
_local = threading.local()


def _entered():
    """The devices that this thread is inside of as contexts, innermost last."""
    if not hasattr(_local, 'entered'):
        _local.entered = []
    return _local.entered


def _cupy_with_gpu(id):
    """The cupy module, if it can use the GPU of this number; the reason as a DeviceError if not."""
    cupy, status = _gpu()
    if cupy is None:
        raise DeviceError(f'No GPU can be used here. {status} '
                          "The CPU works without any of this: use device='cpu'.")
    count = cupy.cuda.runtime.getDeviceCount()
    if id >= count:
        have = 'only gpu:0' if count == 1 else f'{count} GPUs, gpu:0 to gpu:{count - 1}'
        raise DeviceError(f'There is no gpu:{id}; this machine has {have}.')
    return cupy


@functools.cache
def _gpu_device(id):
    return Device('gpu', id)


def get_device(spec=None):
    """The Device that is meant by `spec`.

    'cpu', 'gpu', 'gpu:1' or 'auto' (a GPU if there is one); 'cuda' for 'gpu'; Chainer's spellings
    -1 (the CPU), 0, 1 (a GPU's number), '@numpy' and '@cupy:0'; a Device; an array or Variable
    (where it lives); None for the innermost `with device:`, the CPU outside of any.
    Raises DeviceError, with the reason, when there is no such device.
    """
    if spec is None:
        return _entered()[-1][0] if _entered() else _cpu
    if isinstance(spec, Device):
        return spec
    if isinstance(spec, (int, np.integer)):
        return _cpu if spec < 0 else _gpu_device(int(spec))
    if isinstance(spec, str):
        if spec in ('cpu', '@numpy'):
            return _cpu
        if spec == 'auto':
            return _gpu_device(0) if gpu_available() else _cpu
        gpu = re.fullmatch(r'(?:gpu|cuda|@cupy)(?::(\d+))?', spec)
        if gpu:
            return _gpu_device(int(gpu[1] or 0))
    elif is_array(_unwrap(spec)):
        return device_of(spec)
    raise DeviceError(f"Unknown device {spec!r}: say 'cpu', 'gpu', 'gpu:1' or 'auto'.")


# Arrays on devices -------------------------------------------------------------------------------

def _is_gpu_array(x):
    """Whether x is a CuPy array. This never imports CuPy: without it there is no such array."""
    if 'cupy' not in sys.modules:
        return False
    cupy = _gpu()[0]
    return cupy is not None and isinstance(x, cupy.ndarray)


def is_array(x):
    return isinstance(x, (np.ndarray, np.generic)) or _is_gpu_array(x)


def _unwrap(x):
    """The array inside a Variable; an array, whose own `.data` is its memory, as it is."""
    if is_array(x):
        return x
    inner = getattr(x, 'data', None)
    return inner if is_array(inner) else x


def real_dtype(x):
    """The type of x's numbers; for whole numbers the type of real numbers that can hold them."""
    return x.dtype if x.dtype.kind == 'f' else np.result_type(x.dtype, 'float32')


def get_array_module(*xs):
    """NumPy, or CuPy when one of these arrays or Variables is on a GPU."""
    for x in xs:
        if type(x) is not np.ndarray and _is_gpu_array(_unwrap(x)):
            return _gpu()[0]
    return np


def device_of(x):
    """The Device on which an array or a Variable lives; Python numbers and lists are on the CPU."""
    if type(x) is np.ndarray:
        return _cpu
    x = _unwrap(x)
    return _gpu_device(x.device.id) if _is_gpu_array(x) else _cpu


def to_device(x, device):
    """The array x on this device: itself if it is there already, else a copy.

    A Variable or a Link is asked to move itself: `x.to_device(device)`.
    """
    device = get_device(device)
    if not is_array(x):
        if hasattr(x, 'to_device'):
            return x.to_device(device)
        x = np.asarray(x)
    if device_of(x) == device:
        return x
    if device.kind == 'cpu':
        return x.get()
    try:
        with device:
            there = device.xp.asarray(x)
    except MemoryError as error:
        raise out_of_memory(device) from error
    remember_bounds(there, x)
    return there


# Between which numbers lie the whole numbers that were sent to a GPU: by the id of the array there.
_bounds = {}


def remember_bounds(there, x):
    """Note the lowest and the highest of whole numbers x that were sent to become `there`."""
    if type(x) is not np.ndarray:
        bounds = known_bounds(x)
    else:
        bounds = (int(x.min()), int(x.max())) if x.dtype.kind in 'iu' and x.size else None
    if bounds is not None:
        key = id(there)
        _bounds[key] = weakref.ref(there, lambda _: _bounds.pop(key, None)), bounds


def known_bounds(x):
    """(lowest, highest) of whole numbers on a GPU, as they were when they, or what they are a part
    of, were sent there. None if they were computed there. This does not wait for the GPU."""
    for array in x, x.base:
        alive, bounds = _bounds.get(id(array), (None, None))
        if array is not None and alive is not None and alive() is array:
            return bounds
    return None


def to_cpu(x):
    """An array as a NumPy array; of a Variable its numbers, while it stays where it is.

    A Link is asked to move itself.
    """
    return to_device(_unwrap(x), _cpu)


def to_gpu(x, id=0):
    """The array x on the GPU of this number."""
    return to_device(x, id)


def contiguous(x):
    """x with its numbers side by side in memory, as the raw arguments of a kernel must have them.

    It stays where it is: cupy.ascontiguousarray would send a NumPy array to the GPU in silence.
    """
    return get_array_module(x).ascontiguousarray(x)


def address(x):
    """Where in a GPU's memory an array begins."""
    return x.data.ptr


def memory_of(x):
    """Where in a GPU's memory the block begins in which an array lies, alone or beside others."""
    return x.data.mem.ptr


def describe(x):
    """What an array is, in words: 'float32 (8, 5) on gpu:0'."""
    x = _unwrap(x)
    if not is_array(x):
        return f'{type(x).__name__} {x!r}'
    return f'{x.dtype} {x.shape} on {device_of(x)}'


def same_device(what, *named):
    """Refuse arrays that live on different devices: same_device('linear', ('x', x), ('W', W)).

    Refuse, too, arrays on another GPU than the one where this thread works. None is passed over.
    """
    homes = [(name, device_of(x)) for name, x in named if x is not None]
    if len({device for _, device in homes}) > 1:
        listing = ', '.join(f'{name} is on {device}' for name, device in homes)
        first, here = homes[0]
        there = next(device for _, device in homes if device != here)
        raise DeviceError(f"{what}: {listing}; move one of them, for example "
                          f"{first} = to_device({first}, '{there}') or model.to_device('{here}').")
    for name, device in homes:
        if device.kind == 'gpu' and device.id != device.xp.cuda.Device().id:
            raise DeviceError(f"{what}: {name} is on {device}, but this thread works on another "
                              f"GPU; do this inside `with get_device('{device}'):`.")


def out_of_memory(device):
    """The DeviceError to raise when a device has no memory left: how much is used, what helps."""
    memory = get_device(device).memory()
    numbers = '' if memory is None else (f': {memory.used / 2**20:,.0f} MiB in arrays, '
                                         f'{memory.held / 2**20:,.0f} MiB held by the pool')
    return DeviceError(f'{device} is out of memory{numbers}. Use a smaller batch, drop old graphs '
                       '(a loss kept as a Variable keeps its whole graph: keep float(loss.data)), '
                       f"or give unused memory back with free_memory('{device}').")


def free_memory(device='gpu'):
    """Give back the memory that CuPy holds for reuse and no array needs; the CPU has none."""
    device = get_device(device)
    if device.kind == 'gpu':
        with device:
            device.xp.get_default_memory_pool().free_all_blocks()
            device.xp.get_default_pinned_memory_pool().free_all_blocks()


# Time and kernels --------------------------------------------------------------------------------

@contextlib.contextmanager
def stopwatch(device=None):
    """Measure seconds: `with stopwatch('gpu') as time: ...`, then `time.seconds`.

    It waits for the device at both ends: calls on a GPU return before their work is done.
    """
    device = get_device(device)
    watch = types.SimpleNamespace(seconds=None)
    device.synchronize()
    start = time.perf_counter()
    yield watch
    device.synchronize()
    watch.seconds = time.perf_counter() - start


class Kernel:
    """A piece of CUDA C that a GPU runs for every element; compiled when it is first called.

    A GPU divides numbers of 32 bits faster. So a body may say int(i) for i, the element's number,
    if the outputs are handed in; then arrays of more elements than that can count are refused.
    """

    def __init__(self, ins, outs, body, name):
        self.ins = ins
        self.outs = outs
        self.body = body
        self.name = name
        self.first_output = len(ins.split(',')) if 'int(i)' in body else None

    def __call__(self, *arrays, **options):
        if self.first_output is not None:
            size = options.get('size') or arrays[self.first_output].size
            if size >= 1 << 31:
                raise ShapeError(f'The GPU kernel {self.name} counts up to {(1 << 31) - 1:,}, but '
                                 f'there are {size:,} numbers: use a smaller batch.')
        return _compiled(self)(*arrays, **options)


@functools.cache
def elementwise(ins, outs, body, name):
    """The Kernel with these arguments of cupy.ElementwiseKernel.

    square = elementwise('T x', 'T y', 'y = x * x', 'square') works at the top of a module, also
    where there is no GPU; y = square(x) wants CuPy arrays. The same text gives the same Kernel.
    """
    return Kernel(ins, outs, body, name)


@functools.cache
def _compiled(kernel):
    return _cupy_with_gpu(0).ElementwiseKernel(kernel.ins, kernel.outs, kernel.body, kernel.name)


def forget():
    """Ask about the GPU anew at the next question; for tests, which change what is installed."""
    _gpu.cache_clear()
    _gpu_device.cache_clear()
    _compiled.cache_clear()
