"""A module object with CuPy's names, over NumPy arrays that keep CuPy's rules.

`cupy_api.json` holds the names and parameters of the real package (record_api.py records them).
What CuPy lacks or refuses is missing or refused here too: implicit conversion to NumPy, mixing of
host and device arrays, keywords that NumPy alone has. What CuPy leaves undefined differs from NumPy
here, so that nobody relies on it: `empty` is poisoned, duplicate indices are written in reverse.
"""
import json
import os
import types
import weakref

import numpy as np

from .machine import CUDARuntimeError, OutOfMemoryError, machine

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cupy_api.json')) as file:
    API = json.load(file)

# Functions that answer with a number, a bool or a text, not with an array on the GPU.
PLAIN = {'array_repr', 'broadcast_shapes', 'can_cast', 'common_type', 'iscomplexobj', 'isdtype',
         'isrealobj', 'isscalar', 'issubdtype', 'may_share_memory', 'min_scalar_type', 'ndim',
         'promote_types', 'result_type', 'shape', 'shares_memory', 'size'}
# Functions that accept NumPy arrays and lists, and copy them to the GPU.
TO_DEVICE = {'array', 'asarray', 'asanyarray', 'ascontiguousarray', 'asfortranarray'}
# CuPy waits for the GPU inside these, because the size of the result depends on the values.
WAITS = {'argwhere', 'bincount', 'flatnonzero', 'isin', 'nonzero', 'unique'}
# Keywords of functions whose signatures Python cannot read.
KEYWORDS = {'einsum': ['dtype', 'optimize'], 'matmul': ['out', 'dtype', 'casting'],
            'meshgrid': ['indexing', 'sparse', 'copy']}
UFUNC_KEYWORDS = ['out', 'dtype', 'casting']
METHOD_KEYWORDS = ['copy', 'order', 'casting']

NO_CONVERSION = ('Implicit conversion to a NumPy array is not allowed. Please use `.get()` to '
                 'construct a NumPy array explicitly.')


# From device arrays to host arrays and back ------------------------------------------------------

def unwrap(x):
    """The host array behind a device array, also inside lists; refuses what CuPy refuses."""
    if isinstance(x, ndarray):
        if x._device != machine.device:
            raise ValueError(f'The device where the array resides ({x._device}) is different from '
                             f'the current device ({machine.device}). Peer access is unavailable '
                             'between these devices.')
        return x._host
    if isinstance(x, np.ndarray):
        raise TypeError(f'Unsupported type {np.ndarray}')
    if isinstance(x, (list, tuple)):
        return type(x)(unwrap(item) for item in x)
    return x


def wrap(result, device=None):
    """Host arrays, also in tuples and lists, as device arrays; NumPy scalars as 0-d arrays."""
    if isinstance(result, (tuple, list)):
        return type(result)(wrap(item, device) for item in result)
    if isinstance(result, (np.ndarray, np.generic)):
        return ndarray._on_device(np.asarray(result), device)
    return result


def owner_of(host):
    """The array that owns the memory of this view."""
    while isinstance(host.base, np.ndarray):
        host = host.base
    return host


def is_view(result, inputs):
    """Whether a result only looks at the memory of its inputs, so that no kernel ran for it."""
    if not isinstance(result, np.ndarray):
        return False
    owner = owner_of(result)
    return any(isinstance(x, np.ndarray) and owner_of(x) is owner for x in inputs)


def note_launch(name, result, inputs):
    """Count the kernels, none if all results are views. Of what may need several, only those are
    known that matter here."""
    results = result if isinstance(result, (tuple, list)) else [result]
    if not results or not all(is_view(item, inputs) for item in results):
        for further in further_launches(name, inputs):
            machine.note('launch', further)
        machine.note('launch', name)


def further_launches(name, inputs):
    """The kernels that CuPy 14 launches besides, as its sources say."""
    if name in ('var', 'std'):
        return ['mean']
    if name != 'matmul':
        return []
    ndim = max(x.ndim for x in inputs)
    if ndim <= 2:       # cuBLAS takes a transpose as it is
        return ['copy' for x in inputs if not x.flags.forc]
    found = ['copy' for x in inputs if not x.flags.c_contiguous]
    if inputs[0].dtype == inputs[1].dtype == np.float16:       # computed in single precision
        found = ['astype'] * 3
    stacks = [x.shape[:-2] for x in inputs]
    if np.broadcast_shapes(*stacks) != stacks[0] or stacks[0] != stacks[1]:
        found += ['addresses'] * 3 * (ndim - 2)         # of the matrices of each of three arrays
    return found


def poison(host):
    """Fill with what a user is sure to notice: NaN, 77 or True."""
    host.fill({'f': np.nan, 'c': np.nan, 'i': 77, 'u': 77}.get(host.dtype.kind, True))
    return host


def refuse_keywords(name, given, allowed):
    for keyword in given:
        if keyword not in allowed:
            raise TypeError(f"{name}() got an unexpected keyword argument '{keyword}'")


# The array ---------------------------------------------------------------------------------------

class ndarray:
    """cupy.ndarray: `_host` holds the numbers, `_device` the number of the GPU; `_base` is the
    array of whose memory this is a view."""
    __slots__ = ('_host', '_device', '_base', '__weakref__')
    __array_priority__ = 100
    __hash__ = None

    def __init__(self, shape, dtype=float):
        self._adopt(poison(np.empty(shape, dtype)), machine.device)

    @classmethod
    def _on_device(cls, host, device=None):
        self = cls.__new__(cls)
        self._adopt(host, machine.device if device is None else device)
        return self

    def _adopt(self, host, device):
        machine.check()
        if host.dtype.kind not in 'biufc':
            raise ValueError(f'Unsupported dtype {host.dtype}')
        owner = owner_of(host)
        if id(owner) not in machine.owners:
            size = machine.allocate(owner.nbytes, device)
            machine.owners.add(id(owner))
            weakref.finalize(owner, machine.release, id(owner), size, device)
        self._host = host
        self._device = device
        self._base = None if host is owner else machine.arrays.get(id(owner))
        if host is owner:
            machine.arrays[id(owner)] = self

    # what the array is

    shape = property(lambda self: self._host.shape)
    dtype = property(lambda self: self._host.dtype)
    ndim = property(lambda self: self._host.ndim)
    size = property(lambda self: self._host.size)
    nbytes = property(lambda self: self._host.nbytes)
    itemsize = property(lambda self: self._host.itemsize)
    strides = property(lambda self: self._host.strides)
    flags = property(lambda self: self._host.flags)
    T = property(lambda self: wrap(self._host.T, self._device))
    real = property(lambda self: wrap(self._host.real, self._device))
    imag = property(lambda self: wrap(self._host.imag, self._device))
    device = property(lambda self: Device(self._device))

    @property
    def base(self):
        return wrap(self._host.base, self._device) if self._base is None else self._base

    @property
    def data(self):
        memory = types.SimpleNamespace(ptr=owner_of(self._host).ctypes.data)
        return types.SimpleNamespace(ptr=self._host.ctypes.data, device_id=self._device, mem=memory)

    def __getattr__(self, name):
        if name.startswith('__') or name not in API['ndarray']:
            raise AttributeError(f"'cupy.ndarray' object has no attribute '{name}'")
        method = getattr(self._host, name)
        keywords = API[''].get(name)

        def call(*args, **options):
            if isinstance(keywords, list):
                refuse_keywords(name, options, keywords + METHOD_KEYWORDS)
            if name in WAITS:
                machine.note('wait', name)
            options = {key: unwrap(value) for key, value in options.items()}
            result = method(*unwrap(args), **options)
            if not is_view(result, [self._host]):
                unwrap(self)        # a kernel runs, on the current device
            note_launch(name, result, [self._host])
            return self if result is self._host else wrap(result, self._device)

        return call

    def reduced_view(self):
        return self

    # copies to the host, each of which waits for the GPU

    def get(self, stream=None, order='C', out=None, blocking=True):
        machine.note('d2h', 'get', self.nbytes)
        if out is None:
            return np.array(self._host, order=order)
        out[...] = self._host
        return out

    def set(self, host, stream=None):
        machine.note('h2d', 'set', host.nbytes)
        machine.note('wait', 'set')     # straight from the host's memory; cupy.asarray copies that
        self._host[...] = host

    def item(self):
        return self.get().item()

    def tolist(self):
        return self.get().tolist()

    def __float__(self):
        return float(self.get())

    def __int__(self):
        return int(self.get())

    def __bool__(self):
        return bool(self.get())

    def __complex__(self):
        return complex(self.get())

    def __repr__(self):
        return repr(self.get())

    def __str__(self):
        return str(self.get())

    def __format__(self, spec):
        return format(self.get(), spec)

    def __reduce__(self):
        return _unpickle, (self.get(),)

    def __array__(self, dtype=None, copy=None):
        raise TypeError(NO_CONVERSION)

    # indexing

    def __len__(self):
        return len(self._host)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index):
        index, advanced = self._host_index(index)
        result = self._host[index]
        if advanced:
            unwrap(self)
            machine.note('launch', 'getitem')
        return wrap(result, self._device)

    def __setitem__(self, index, value):
        index, advanced = self._host_index(index)
        if isinstance(value, (list, tuple)):
            value = np.asarray(value)
        if not isinstance(value, np.ndarray):
            value = unwrap(value)
        elif advanced:
            machine.note('h2d', 'setitem', value.nbytes)
        elif value.ndim:
            raise ValueError('non-scalar numpy.ndarray cannot be used for fill')
        if advanced and isinstance(index, np.ndarray) and index.ndim == 1 and index.dtype != bool:
            value = np.broadcast_to(value, (len(index),) + self.shape[1:])[::-1]
            index = index[::-1]  # of duplicate indices, the other one wins
        unwrap(self)[index] = value
        machine.note('launch', 'setitem')

    def _host_index(self, index):
        """The pair (index for NumPy, whether arrays are among it).

        Integer arrays wrap around, as CuPy's do: they never raise IndexError.
        """
        parts = index if isinstance(index, tuple) else (index,)
        host_parts, advanced, axis = [], False, 0
        for position, part in enumerate(parts):
            part = np.asarray(part) if isinstance(part, list) else part
            if isinstance(part, np.ndarray):
                machine.note('h2d', 'index', part.nbytes)
            else:
                part = unwrap(part)
            if part is Ellipsis:
                axis = self.ndim - (len(parts) - position - 1)
            elif isinstance(part, np.ndarray) and part.dtype == bool:
                advanced = True
                machine.note('wait', 'boolean index')
                axis += part.ndim
            elif isinstance(part, np.ndarray):
                if part.dtype.kind not in 'iu':
                    raise IndexError('arrays used as indices must be of integer or boolean type.')
                advanced = True
                part = part % max(self.shape[axis], 1)
                axis += 1
            elif part is not None:
                axis += 1
            host_parts.append(part)
        return (tuple(host_parts) if isinstance(index, tuple) else host_parts[0]), advanced

    # NumPy's functions, called with device arrays, go to CuPy's of the same name

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        if ufunc.__name__ not in API['']:
            return NotImplemented
        if out is not None:
            options['out'] = out[0]
        function = getattr(cupy, ufunc.__name__)
        if method != '__call__':
            function = getattr(function, method)
        return function(*inputs, **options)

    def __array_function__(self, function, types_, args, options):
        module = cupy
        if 'linalg' in function.__module__:
            module = cupy.linalg
        elif 'stride' in function.__module__:
            module = cupy.lib.stride_tricks
        if function.__name__ not in API[module._path]:
            return NotImplemented
        return getattr(module, function.__name__)(*args, **options)


def _unpickle(host):
    return ndarray._on_device(host.copy())


def _add_operators():
    """Give ndarray its operators; each calls the function of that name of the module."""
    def binary(function, swapped=False, in_place=False):
        def operator(self, other):
            if not isinstance(other, (ndarray, np.ndarray, np.generic, int, float, complex, bool)):
                return NotImplemented
            if in_place:
                return getattr(cupy, function)(self, other, out=self)
            pair = (other, self) if swapped else (self, other)
            return getattr(cupy, function)(*pair)
        return operator

    def unary(function):
        return lambda self: getattr(cupy, function)(self)

    arithmetic = {'add': 'add', 'sub': 'subtract', 'mul': 'multiply', 'truediv': 'true_divide',
                  'floordiv': 'floor_divide', 'mod': 'remainder', 'pow': 'power',
                  'matmul': 'matmul', 'and': 'bitwise_and', 'or': 'bitwise_or',
                  'xor': 'bitwise_xor'}
    for name, function in arithmetic.items():
        setattr(ndarray, f'__{name}__', binary(function))
        setattr(ndarray, f'__r{name}__', binary(function, swapped=True))
        if name != 'matmul':  # CuPy has no __imatmul__: `a @= b` makes a new array
            setattr(ndarray, f'__i{name}__', binary(function, in_place=True))
    comparisons = {'lt': 'less', 'le': 'less_equal', 'gt': 'greater', 'ge': 'greater_equal',
                   'eq': 'equal', 'ne': 'not_equal'}
    for name, function in comparisons.items():
        setattr(ndarray, f'__{name}__', binary(function))
    for name, function in {'neg': 'negative', 'pos': 'positive', 'abs': 'absolute',
                           'invert': 'invert'}.items():
        setattr(ndarray, f'__{name}__', unary(function))


_add_operators()


# Functions ---------------------------------------------------------------------------------------

def transfer_function(name, numpy_function):
    """array, asarray, ...: a new array on the current GPU, or the same one if nothing is to do."""
    def call(source, *args, **options):
        if isinstance(source, ndarray) and source._device != machine.device:
            return ndarray._on_device(numpy_function(source._host.copy(), *args, **options))
        host_source = _hosts(source)
        result = numpy_function(host_source, *args, **options)
        if isinstance(source, ndarray) and result is host_source:
            return source
        if _has_device_array(source):
            note_launch(name, result, [host_source])
        else:
            machine.note('h2d', name, result.nbytes)
            result = np.array(result)  # the GPU's copy is never a view of the host's memory
        return wrap(result)
    return call


def _hosts(x):
    if isinstance(x, list):
        return [_hosts(item) for item in x]
    return x._host if isinstance(x, ndarray) else x


def _has_device_array(x):
    return isinstance(x, ndarray) or isinstance(x, list) and any(map(_has_device_array, x))


def array_function(name, numpy_function, parameters, random):
    """A function of CuPy's that computes with NumPy's, after refusing what CuPy refuses."""
    is_ufunc = parameters == 'ufunc'
    keywords = UFUNC_KEYWORDS if is_ufunc else KEYWORDS.get(name, parameters)

    def call(*args, **options):
        if name in WAITS:
            machine.note('wait', name)
        if isinstance(keywords, list):
            refuse_keywords(name, options, keywords)
        if is_ufunc and any(isinstance(x, (list, tuple)) for x in args):
            raise TypeError(f'Unsupported type {list}')
        out = options.get('out')
        if out is not None and not isinstance(out, ndarray):
            raise TypeError('Output arguments type must be cupy.ndarray')
        dtype = options.pop('dtype', None) if random else None  # NumPy's random functions have none
        args = unwrap(args)
        result = numpy_function(*args, **{key: unwrap(value) for key, value in options.items()})
        if name in PLAIN:
            return result
        if out is not None:
            note_launch(name, None, args)
            return out
        if not isinstance(result, tuple) and (dtype or is_ufunc or isinstance(result, bool)):
            result = np.array(result, dtype, order='C')  # whatever the layout of the inputs
        if name.startswith('empty'):
            poison(result)
        else:
            note_launch(name, result, args)
        return wrap(result)

    return call


def ufunc(name, numpy_function):
    """A ufunc is a function with methods: add.at, add.reduce, ..."""
    call = array_function(name, numpy_function, 'ufunc', random=False)

    def at(target, index, *values):
        if name not in API['ufunc_at']:
            raise NotImplementedError(f'`{name}.at` is not supported yet')
        machine.note('launch', f'{name}.at')
        numpy_function.at(unwrap(target), target._host_index(index)[0], *unwrap(values))

    def method(method_name):
        numpy_method = getattr(numpy_function, method_name)
        return array_function(f'{name}.{method_name}', numpy_method, None, random=False)

    call.at = at
    for method_name in ('reduce', 'accumulate', 'outer', 'reduceat'):
        setattr(call, method_name, method(method_name))
    return call


# Modules -----------------------------------------------------------------------------------------

class Module(types.ModuleType):
    """A module that has a name only if CuPy's has it; it makes a function when first asked for."""

    def __init__(self, path, numpy_module, **own):
        super().__init__(f'cupy.{path}' if path else 'cupy')
        self.__dict__.update(own, _path=path, _numpy_module=numpy_module)

    def __getattr__(self, name):
        if name not in API[self._path] or not hasattr(self._numpy_module, name):
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        kind, target = API[self._path][name], getattr(self._numpy_module, name)
        if kind in ('class', 'const'):
            value = target
        elif kind == 'ufunc':
            value = ufunc(name, target)
        elif name in TO_DEVICE:
            value = transfer_function(name, target)
        else:
            value = array_function(name, target, kind, random=self._path == 'random')
        self.__dict__[name] = value
        return value


class Device:
    """cupy.cuda.Device."""

    def __init__(self, id=None):
        self.id = machine.device if id is None else int(id)

    def __enter__(self):
        self._before, machine.device = machine.device, self.id
        return self

    def __exit__(self, *error):
        machine.device = self._before

    def synchronize(self):
        machine.note('wait', 'Device.synchronize')


class Stream:
    """cupy.cuda.Stream."""

    def __init__(self, null=False, non_blocking=False):
        self.null = null

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def synchronize(self):
        machine.note('wait', 'Stream.synchronize')


class Event:
    """cupy.cuda.Event."""

    def record(self, stream=None):
        pass

    def synchronize(self):
        machine.note('wait', 'Event.synchronize')


class Generator:
    """cupy.random.Generator: only the methods that CuPy's has."""

    def __init__(self, seed=None):
        self._numpy_generator = np.random.default_rng(seed)

    def __getattr__(self, name):
        if name not in API['Generator']:
            raise AttributeError(f"'Generator' object has no attribute '{name}'")
        method = getattr(self._numpy_generator, name)

        def call(*args, **options):
            machine.note('launch', name)
            return wrap(method(*args, **options))

        return call


def _device_count():
    machine.check()
    return machine.gpus


def _is_available():
    return machine.gpus > 0 and machine.driver // 1000 >= machine.runtime // 1000


def _set_limit(size=None):
    machine.limit = size or None


def _asnumpy(x, stream=None, order='C', out=None, blocking=True):
    return x.get(order=order, out=out) if isinstance(x, ndarray) else np.asarray(x)


def _get_array_module(*xs):
    return cupy if any(isinstance(x, ndarray) for x in xs) else np


def _fuse(*args, **options):
    """As a decorator with arguments; nothing is fused."""
    return lambda function: function


_null_stream = Stream(null=True)
_pool = types.SimpleNamespace(
    used_bytes=lambda: machine.used.get(machine.device, 0),
    total_bytes=lambda: machine.held.get(machine.device, 0),
    free_all_blocks=lambda: machine.free_unused(),
    set_limit=_set_limit)
_pinned_pool = types.SimpleNamespace(free_all_blocks=lambda: None)
_runtime = types.SimpleNamespace(
    CUDARuntimeError=CUDARuntimeError,
    driverGetVersion=lambda: machine.driver,
    runtimeGetVersion=lambda: machine.runtime,
    getDeviceCount=_device_count,
    getDeviceProperties=lambda number: {'name': b'Stand-in'})
_cuda = types.SimpleNamespace(
    Device=Device, Stream=Stream, Event=Event, runtime=_runtime,
    memory=types.SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
    is_available=_is_available,
    get_current_stream=lambda: _null_stream,
    get_elapsed_time=lambda start, end: 0.0)

cupy = Module(
    '', np, __version__=API['version'], ndarray=ndarray, cuda=_cuda, is_available=_is_available,
    fft=Module('fft', np.fft), linalg=Module('linalg', np.linalg),
    random=Module('random', np.random, default_rng=Generator, Generator=Generator),
    lib=types.SimpleNamespace(
        stride_tricks=Module('lib.stride_tricks', np.lib.stride_tricks)),
    get_default_memory_pool=lambda: _pool,
    get_default_pinned_memory_pool=lambda: _pinned_pool,
    get_array_module=_get_array_module, asnumpy=_asnumpy, fuse=_fuse)
