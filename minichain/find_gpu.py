"""Is there a GPU, and if there is none, why?

CuPy is imported here and nowhere else. That it imports does not mean that a GPU is there: a driver
may be missing or too old, or the libraries with which it computes.
"""
import contextlib
import os

INSTALL = "pip install 'minichain[gpu]'"
CUPY_PACKAGES = ('cupy', 'cupy-cuda11x', 'cupy-cuda12x', 'cupy-cuda13x')


class _NoGPU(Exception):
    """The sentence that says why no GPU can be used here."""


def find_gpu():
    """The pair (the cupy module, or None when no GPU can be used; the sentence of gpu_status)."""
    try:
        packages = _installed_packages()
        cupy = _import_cupy(packages)
        name = f'{packages[0] if packages else "cupy"} {cupy.__version__}'
        count = _count_gpus(cupy, name)
        _check_libraries(cupy, name)
        gpu = cupy.cuda.runtime.getDeviceProperties(0)['name'].decode()
        driver = _cuda_version(cupy.cuda.runtime.driverGetVersion())
        return cupy, f'{count} GPU{"s" * (count > 1)}: {gpu} ({name}, driver for CUDA {driver}).'
    except _NoGPU as reason:
        return None, str(reason)
    except Exception as error:
        return None, f'CuPy fails on this machine ({_first_line(error)}): reinstall it, {INSTALL}.'


def _installed_packages():
    """The names of the installed packages that bring the module cupy."""
    import importlib.metadata       # as slow to import as all of minichain
    installed = []
    for name in CUPY_PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            importlib.metadata.distribution(name)
            installed.append(name)
    return installed


def _import_cupy(packages):
    if len(packages) > 1:
        raise _NoGPU(f'Several CuPy packages are installed ({", ".join(packages)}), which break '
                     f'each other: uninstall all of them, then {INSTALL}.')
    try:
        import cupy
        cupy.cuda.runtime  # an uninstalled CuPy can leave folders that import as an empty module
    except Exception as error:
        _check_cache(error)
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing == 'cupy' and not packages:
            raise _NoGPU(f'CuPy is not installed: {INSTALL}.')
        if missing and missing != 'cupy':
            raise _NoGPU(f'CuPy is installed, but the module {missing} that it needs is missing: '
                         f'{INSTALL}.')
        raise _NoGPU(f'The installation of {packages[0] if packages else "cupy"} is broken '
                     f'({_first_line(error)}): uninstall it, then {INSTALL}.')
    return cupy


def _check_cache(error):
    """CuPy stores each kernel that it compiles. Does it fail because it may not?"""
    cache = os.environ.get('CUPY_CACHE_DIR', os.path.expanduser('~/.cupy/kernel_cache'))
    place = getattr(error, 'filename', None)
    if isinstance(error, OSError) and place and (
            cache.startswith(str(place)) or str(place).startswith(cache)):
        raise _NoGPU(f'CuPy cannot store the kernels that it compiles ({_first_line(error)}): set '
                     'CUPY_CACHE_DIR to a folder that can be written.')


def _count_gpus(cupy, name):
    runtime = cupy.cuda.runtime
    try:
        count = runtime.getDeviceCount()
    except Exception as error:
        if getattr(error, 'status', None) != 100:  # 100: the driver works and shows no GPU
            raise _NoGPU(_driver_problem(runtime, name, error))
        count = 0
    if count == 0:
        hidden = os.environ.get('CUDA_VISIBLE_DEVICES')
        because = '' if hidden is None else f' (CUDA_VISIBLE_DEVICES={hidden!r})'
        raise _NoGPU(f'The NVIDIA driver shows no GPU{because}.')
    return count


def _driver_problem(runtime, name, error):
    """CUDA reports a missing driver and one that is too old by the same number; tell them apart."""
    driver, needed = runtime.driverGetVersion(), runtime.runtimeGetVersion()
    if driver == 0:
        return f'{name} is installed, but this machine has no NVIDIA driver.'
    if driver // 1000 < needed // 1000:
        return (f'The NVIDIA driver is for CUDA {_cuda_version(driver)}, but {name} needs CUDA '
                f'{needed // 1000}: update the driver, or install the CuPy package for CUDA '
                f'{driver // 1000}.')
    return (f'{name} cannot use the NVIDIA driver for CUDA {_cuda_version(driver)}: '
            f'{_first_line(error)}.')


def _check_libraries(cupy, name):
    """A driver and a GPU are there; are the libraries with which CuPy compiles and multiplies?"""
    try:
        ones = cupy.ones((2, 2), 'f4')
        total = float((ones @ ones).sum())
    except Exception as error:
        _check_cache(error)
        raise _NoGPU(f'{name} finds the GPU but cannot compute on it ({_first_line(error)}): '
                     f'{INSTALL}, which brings the CUDA libraries.')
    if total != 8:
        raise _NoGPU(f'{name} computes wrongly on this GPU: a sum of products gave {total:g} '
                     'instead of 8.')


def _cuda_version(number):
    """12090 -> '12.9'"""
    return f'{number // 1000}.{number % 1000 // 10}'


def _first_line(error):
    lines = str(error).strip().splitlines() or ['no message']
    return f'{type(error).__name__}: {lines[0][:120].rstrip(".")}'
