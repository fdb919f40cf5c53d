"""Chainer's devices: `chainer.backend`, `chainer.backends.cuda` and `chainer.get_device`."""
import functools
import types

import numpy as np

from .. import backend as core
from ..errors import DeviceError
from ..variable import Variable

Device = core.Device


def get_device(device_spec=None):
    """The device that is meant: '@numpy', '@cupy:0', ('cupy', 0), numpy, -1, 0, or a Device."""
    if device_spec is np:
        return core.get_device('cpu')
    if isinstance(device_spec, tuple):
        module, *number = device_spec
        name = module if isinstance(module, str) else module.__name__
        return get_device(f'@{name}:{number[0]}' if number else f'@{name}')
    if isinstance(device_spec, str):
        if device_spec.lstrip('@-').isdigit():
            return core.get_device(int(device_spec.lstrip('@')))
        if device_spec.startswith(('native', 'cuda:', '@intel64', '@chainerx')):
            raise DeviceError(f'There is no device {device_spec!r}, for ChainerX and iDeep are not '
                              "supported: say '@numpy' for the CPU or '@cupy:0' for a GPU.")
    return core.get_device(device_spec)


def get_device_from_array(*arrays):
    """The device of the first array that lives on a GPU; else the CPU."""
    devices = [core.device_of(x) for x in arrays]
    return next((device for device in devices if device.kind == 'gpu'), core.get_device('cpu'))


def use(device):
    """Let new arrays of CuPy go to this device."""
    if device.kind == 'gpu':
        device.xp.cuda.Device(device.id).use()


def send(device, x):
    """Arrays, or lists, tuples and dicts of them, on this device."""
    if isinstance(x, (list, tuple)):
        return type(x)([send(device, part) for part in x])
    if isinstance(x, dict):
        return {name: send(device, part) for name, part in x.items()}
    return core.to_device(x, device)


def using_device(device_spec):
    """A context in which new arrays go to a device."""
    return get_device(device_spec)


def copyto(dst, src):
    """Copy the numbers of one array into another, wherever the two live."""
    src = src.data if isinstance(src, Variable) else src
    dst[...] = core.to_device(src, core.device_of(dst))


def unchanged(array):
    """What converts to and from ChainerX, of which there is none: the array as it is."""
    return array


def supported_array_types(device):
    """The classes of arrays on a device."""
    return (device.xp.ndarray,)


def cpu_device():
    """The CPU as a device."""
    return core.get_device('cpu')


def gpu_device(number=0):
    """A GPU as a device."""
    return core.get_device(int(getattr(number, 'id', number)))


METHODS = {'use': use, 'send': send,
           'supported_array_types': property(supported_array_types, doc='Classes of its arrays.')}

backend = types.SimpleNamespace(
    Device=Device, CpuDevice=cpu_device, GpuDevice=types.SimpleNamespace(from_device_id=gpu_device),
    get_device=get_device, get_device_from_array=get_device_from_array, copyto=copyto,
    get_array_module=core.get_array_module, using_device=using_device, to_chx=unchanged,
    from_chx=unchanged, _get_device=get_device)


# chainer.backends.cuda ---------------------------------------------------------------------------

class NoArray:
    """Stands for cupy.ndarray where there is no CuPy: nothing is one."""




class NoCuPy:
    """Stands for the module cupy where there is none, so that `xp is cuda.cupy` can be asked."""

    def __getattr__(self, name):
        raise RuntimeError(f'CUDA environment is not correctly set up. {core.gpu_status()}')


class Cuda(types.ModuleType):
    """What `chainer.backends.cuda` holds. CuPy is looked for when something of it is asked for."""

    get_array_module = staticmethod(core.get_array_module)
    get_device_from_array = staticmethod(get_device_from_array)
    DummyDevice = core.get_device('cpu')
    DummyDeviceType = Device
    numpy = np
    cudnn_enabled = False       # CuPy 14 has no cuDNN
    cudnn = None
    no_cupy = NoCuPy()

    @property
    def available(self):
        """Whether a GPU can be used."""
        return core.gpu_available()

    @property
    def cupy(self):
        """The module cupy; without a GPU, an object whose names say why there is none."""
        return core.get_device('gpu').xp if self.available else self.no_cupy

    @property
    def ndarray(self):
        """cupy.ndarray; without a GPU, a class of which nothing is an instance."""
        return self.cupy.ndarray if self.available else NoArray

    def check_cuda_available(self):
        """Raise RuntimeError, with the reason, if no GPU can be used."""
        if not self.available:
            raise RuntimeError(f'CUDA environment is not correctly set up. {core.gpu_status()}')

    def to_cpu(self, array, stream=None):
        """An array, or lists and tuples of arrays, on the CPU."""
        return array if array is None else send(core.get_device('cpu'), array)

    def to_gpu(self, array, device=None, stream=None):
        """An array, or lists and tuples of arrays, on a GPU."""
        self.check_cuda_available()
        return array if array is None else send(gpu_device(0 if device is None else device), array)

    def get_device_from_id(self, device_id):
        """The GPU of this number; for None or -1 the CPU."""
        return core.get_device('cpu') if device_id is None else core.get_device(device_id)

    def get_device(self, *args):
        """The first GPU among the arguments: numbers, arrays, devices; else the CPU."""
        for arg in args:
            if arg is not None and not isinstance(arg, bool):
                device = core.get_device(arg)
                if device.kind == 'gpu':
                    return device
        return core.get_device('cpu')

    def copy(self, array, out=None, out_device=None, stream=None):
        """A copy, into `out` or on another GPU."""
        if out is not None:
            out[...] = array
            return out
        return array.copy() if out_device is None else self.to_gpu(array, out_device)

    def elementwise(self, in_params, out_params, operation, name, **options):
        """CuPy's ElementwiseKernel."""
        return self.cupy.ElementwiseKernel(in_params, out_params, operation, name, **options)

    def reduce(self, in_params, out_params, map_expr, reduce_expr, post_map_expr, identity, name,
               **options):
        """CuPy's ReductionKernel."""
        return self.cupy.ReductionKernel(in_params, out_params, map_expr, reduce_expr,
                                         post_map_expr, identity, name, **options)

    def raw(self, code, name, *args, **options):
        """CuPy's RawKernel."""
        return self.cupy.RawKernel(code, name, *args, **options)

    def Device(self, device=None):
        """CuPy's Device, a context."""
        return self.cupy.cuda.Device(device)

    def Stream(self, *args, **options):
        """CuPy's Stream."""
        return self.cupy.cuda.Stream(*args, **options)

    def memoize(self, for_each_device=False):
        """A decorator that remembers what a function has given."""
        return functools.cache

    def clear_memo(self):
        """Kept for programs that call it: nothing needs to be forgotten."""

    def fuse(self, *args, **options):
        """A decorator that leaves a function as it is."""
        return args[0] if args and callable(args[0]) else unchanged

    def get_max_workspace_size(self):
        """Bytes that cuDNN may use: none, for it is not used."""
        return 0

    def set_max_workspace_size(self, size):
        """Kept for programs that call it: there is no cuDNN whose memory it would limit."""

    def should_use_cudnn(self, level, lowest_version=0):
        """Whether cuDNN is to be used: never."""
        return False


cuda = Cuda('chainer.backends.cuda', Cuda.__doc__)
