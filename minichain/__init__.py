"""minichain: a compact define-by-run framework for deep learning, made to be read and watched."""
import importlib
import sys

from .errors import (DeviceError, DTypeError, GraphError, MinichainError, NumberError,
                     ShapeError)
from .config import config, no_grad, test_mode, using_config
from .backend import (Device, get_array_module, get_device, gpu_available, gpu_status, stopwatch,
                      to_cpu, to_device, to_gpu)
from .observe import watch
from .randomness import set_seed
from .variable import Variable
from .parameter import Parameter
from .double import grad
from .function import Function
from .reporter import (DictSummary, Reporter, Summary, get_current_reporter, report,
                       report_scope)
from .fused import Fused
from .recompute import checkpoint
from . import guard
from . import functions, operators
from . import initializers, links, optimizers
from .links import Chain, ChainList, Link, Sequential
from . import aliases
from .observe import load_plugins

__version__ = '0.1.0'

# What not every program needs is imported when it is first asked for.
MODULES = {'data': 'data', 'training': 'training', 'distributions': 'distributions',
           'hooks': 'hooks', 'debug': 'debug check_gradients', 'graph': 'Graph',
           'recorder': 'Recorder', 'scratch': 'free_scratch', 'profiler': 'profile Profile',
           'diagnosis': 'doctor',
           'serializers': 'serializers load_npz save_npz load_safetensors save_safetensors '
                          'load_hdf5 save_hdf5 save_onnx'}
LATER = {name: module for module, names in MODULES.items() for name in names.split()}


def __getattr__(name):
    if name not in LATER:
        raise AttributeError(f'minichain has no {name!r}.')
    module = importlib.import_module(f'{__name__}.{LATER[name]}')
    return module if name == LATER[name] else getattr(module, name)


def __dir__():
    return sorted({*globals(), *LATER})


if 'ipykernel' in sys.modules:
    load_plugins()
