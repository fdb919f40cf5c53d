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
from . import guard
from . import functions, operators
from . import initializers, links, optimizers
from .links import Chain, ChainList, Link, Sequential
from . import aliases
from .observe import load_plugins

__version__ = '0.1.0'

# What not every program needs is imported when it is first asked for.
LATER = {'data': 'data', 'training': 'training', 'debug': 'debug', 'check_gradients': 'debug',
         'Graph': 'graph', 'Recorder': 'recorder', 'free_scratch': 'scratch',
         'load_npz': 'serializers', 'save_npz': 'serializers', 'serializers': 'serializers',
         'profile': 'profiler', 'Profile': 'profiler', 'doctor': 'diagnosis'}


def __getattr__(name):
    if name not in LATER:
        raise AttributeError(f'minichain has no {name!r}.')
    module = importlib.import_module(f'{__name__}.{LATER[name]}')
    return module if name == LATER[name] else getattr(module, name)


def __dir__():
    return sorted({*globals(), *LATER})


if 'ipykernel' in sys.modules:
    load_plugins()
