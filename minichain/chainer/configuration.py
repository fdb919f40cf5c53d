"""Chainer's configuration: minichain's switches under their old names, and whatever is set."""
import contextlib
import sys
import threading
import types

import numpy as np

from ..config import config as switches

# Chainer's name for each of minichain's switches.
SWITCHES = {'train': 'train', 'enable_backprop': 'record', 'debug': 'debug'}


class GlobalConfig(types.SimpleNamespace):
    """Settings of all threads, as far as a thread has none of its own."""

    def __getattr__(self, name):
        if name in SWITCHES:
            return getattr(switches, SWITCHES[name])
        raise AttributeError(f'There is no setting {name!r}.')

    def __setattr__(self, name, value):
        if name in SWITCHES:
            setattr(switches, SWITCHES[name], value)
        else:
            super().__setattr__(name, value)


global_config = GlobalConfig(
    autotune=False, cudnn_deterministic=False, cudnn_fast_batch_normalization=False,
    dtype=np.dtype('float32'), keep_graph_on_report=False, lazy_grad_sum=False,
    type_check=True, use_cudnn='auto', use_cudnn_tensor_core='auto', warn_nondeterministic=False,
    use_ideep='never', use_static_graph=True, compute_mode=None, in_recomputing=False)


class Mixed16:
    """The dtype of mixed precision: arrays in float16, parameters in float32."""

    name = 'mixed16'
    type = np.float16
    char, kind, itemsize = 'e', 'f', 2

    def __repr__(self):
        return "dtype('mixed16')"


mixed16 = Mixed16()


class LocalConfig(threading.local):
    """The configuration of one thread; what is not set in it comes from `global_config`."""

    def __getattr__(self, name):
        if name in SWITCHES:
            return getattr(switches, SWITCHES[name])
        return getattr(global_config, name)

    def __setattr__(self, name, value):
        if name in SWITCHES:
            setattr(switches, SWITCHES[name], value)
        else:
            super().__setattr__(name, value)

    def show(self, file=sys.stdout):
        """Print all settings."""
        names = {*SWITCHES, *vars(global_config), *vars(self)}
        for name in sorted(names):
            print(f'{name:<32}{getattr(self, name)!r}', file=file)


config = LocalConfig()


@contextlib.contextmanager
def using_config(name, value, config=config):
    """Change one setting for a while: `with using_config('train', False):`."""
    ours = name in SWITCHES or name in vars(config)
    before = getattr(config, name, None)
    setattr(config, name, value)
    try:
        yield
    finally:
        if ours:
            setattr(config, name, before)
        else:
            delattr(config, name)


def no_backprop_mode():
    """Compute without a graph."""
    return using_config('enable_backprop', False)


def force_backprop_mode():
    """Compute with a graph again, inside of no_backprop_mode."""
    return using_config('enable_backprop', True)


def get_dtype(dtype=None, map_mixed16=None):
    """The dtype that is meant: the given one, or else `config.dtype`."""
    if dtype is None:
        dtype = config.dtype
    if isinstance(dtype, Mixed16):
        return np.dtype('float16' if map_mixed16 is None else map_mixed16)
    return np.dtype(dtype)


def is_debug():
    """Whether debug mode is on."""
    return config.debug


def set_debug(debug):
    """Switch debug mode, which stops at the first NaN."""
    config.debug = debug


class DebugMode:
    """Debug mode as a context: `with DebugMode(True):`."""

    def __init__(self, debug):
        self.context = using_config('debug', debug)

    def __enter__(self):
        self.context.__enter__()

    def __exit__(self, *error):
        return self.context.__exit__(*error)
