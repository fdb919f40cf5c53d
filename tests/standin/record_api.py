"""Record the names and parameters of the installed CuPy in cupy_api.json; no GPU is needed.

Run it after a new version of CuPy came out: python tests/standin/record_api.py
"""
import inspect
import json
import pathlib

import cupy

# ufunc.at cannot be asked without a GPU; this is the list in CuPy's documentation.
UFUNC_AT = ['add', 'subtract', 'maximum', 'minimum', 'bitwise_and', 'bitwise_or', 'bitwise_xor']


def parameters(function):
    """The names of a function's parameters, or None if Python cannot read them."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(item.kind in (item.VAR_POSITIONAL, item.VAR_KEYWORD) for item in found):
        return None
    return [item.name for item in found]


def public(owner):
    return sorted(name for name in dir(owner) if not name.startswith('_'))


def surface(module):
    """name -> 'ufunc', 'class', 'const', or a function's parameters."""
    found = {}
    for name in public(module):
        value = getattr(module, name)
        if inspect.ismodule(value):
            continue
        if isinstance(value, cupy.ufunc):
            found[name] = 'ufunc'
        elif isinstance(value, type):
            found[name] = 'class'
        else:
            found[name] = parameters(value) if callable(value) else 'const'
    return found


def record():
    members = [name for name in dir(cupy.ndarray) if not name.startswith('__')]
    return {
        'version': cupy.__version__,
        '': surface(cupy),
        'fft': surface(cupy.fft),
        'linalg': surface(cupy.linalg),
        'random': surface(cupy.random),
        'lib.stride_tricks': surface(cupy.lib.stride_tricks),
        'cuda': public(cupy.cuda),
        'Generator': public(cupy.random.Generator),
        'RandomState': public(cupy.random.RandomState),
        'ndarray': {name: parameters(getattr(cupy.ndarray, name)) for name in members},
        'ndarray_dunder': sorted(name for name in dir(cupy.ndarray) if name.startswith('__')),
        'ufunc_at': UFUNC_AT,
    }


if __name__ == '__main__':
    path = pathlib.Path(__file__).with_name('cupy_api.json')
    path.write_text(json.dumps(record(), indent=0, sort_keys=True) + '\n')
    print(f'CuPy {cupy.__version__}: {path}')
