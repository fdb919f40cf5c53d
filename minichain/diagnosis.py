"""Doctor: what is in force on this machine, and what would make minichain faster or complete.

It asks and changes nothing: no variable, no setting, no file, no network.
"""
import ctypes
import importlib.metadata
import json
import math
import os
import pathlib
import platform
import re
import shlex
import shutil
import site
import sys
import textwrap
import urllib.parse
import urllib.request
from typing import NamedTuple

import numpy as np

from . import backend, find_gpu

WINDOWS = os.name == 'nt'
MALLOC = {'MALLOC_MMAP_THRESHOLD_': 2**29, 'MALLOC_TRIM_THRESHOLD_': 2**29}
LARGE = 32 * 2**20              # a threshold from which on the arrays of a layer are kept
WIDE = ('skylakex', 'cooperlake', 'sapphirerapids')     # OpenBLAS's kernels that use AVX-512
THREADS = {'OpenBLAS': ('OPENBLAS_NUM_THREADS', 'GOTO_NUM_THREADS', 'OMP_NUM_THREADS'),
           'MKL': ('MKL_NUM_THREADS', 'OMP_NUM_THREADS'),
           'Accelerate': ('VECLIB_MAXIMUM_THREADS',)}
NOTEBOOK = ('jupyterlab', 'ipykernel', 'ipywidgets', 'anywidget')
LAB = "pip install --upgrade 'minichain[lab]'"
SIGNS = {'fine': 'ok', 'advice': '!!', 'note': '--'}


class Finding(NamedTuple):
    """What is the case, why it matters, and what helps: a command or a sentence.

    state      'fine', 'advice' (something would help) or 'note' (it may, but need not)
    helps      a command, or in a few words what to do; empty where all is well
    variables  name -> value of what to set in the environment before Python starts
    """

    topic: str
    state: str
    what: str
    why: str = ''
    helps: str = ''
    variables: dict = {}


class Diagnosis:
    """The findings of doctor(); `str` of it is the text that doctor prints."""

    def __init__(self, findings):
        self.findings = list(findings)

    @property
    def advice(self):
        """The findings where something would help."""
        return [finding for finding in self.findings if finding.state == 'advice']

    def __repr__(self):
        return f'<Diagnosis {len(self.advice)} of {len(self.findings)} could be better>'

    def __str__(self):
        width = max((len(finding.topic) for finding in self.findings), default=0)
        count = len(self.advice)
        lines = [f'minichain {version()}: ' + (
            'nothing to mend.' if not count else
            f'{count} thing{"s" * (count > 1)} could be better, marked {SIGNS["advice"]}.')]
        for finding in self.findings:
            start = f'{SIGNS[finding.state]}  {finding.topic.ljust(width)}  '
            lines += _wrap(finding.what, start)
            if finding.why:
                lines += _wrap(finding.why, ' ' * len(start))
            if finding.helps:
                lines.append(' ' * len(start) + '> ' + finding.helps)
        return '\n'.join([*lines, *self._kernel()])

    def _kernel(self):
        """How to give a notebook's kernel the variables that would help."""
        variables = {name: value for finding in self.advice
                     for name, value in finding.variables.items()}
        if not variables:
            return []
        options = ' '.join(f'--env {name} {value}' for name, value in variables.items())
        return ['Variables count from the start of Python: set them in the shell before it, or for '
                'notebooks with', f'  python -m ipykernel install --sys-prefix {options}']


def doctor():
    """Print what is in force on this machine and what would help, and return it as a Diagnosis.

    It looks at Python, NumPy and its BLAS library, the threads and the cores that this process may
    use, the memory allocator, the GPU and JupyterLab. It sets nothing and never raises.
    """
    diagnosis = Diagnosis(_examine())
    print(diagnosis)
    return diagnosis


def version():
    """The version of minichain."""
    return sys.modules[__package__].__version__


def _examine():
    for topic, check in CHECKS.items():
        try:
            yield from (Finding(topic, *answer) for answer in check())
        except Exception as error:      # a machine that answers strangely is no reason to fail
            yield Finding(topic, 'note', f'This could not be found out: {type(error).__name__}: '
                                         f'{error}')


def _wrap(text, start):
    return textwrap.wrap(text, 79, initial_indent=start, subsequent_indent=' ' * len(start),
                         break_long_words=False, break_on_hyphens=False)


def _set(variables):
    """The command that sets variables in a shell."""
    if WINDOWS:
        return ' && '.join(f'set {name}={value}' for name, value in variables.items())
    return 'export ' + ' '.join(f'{name}={value}' for name, value in variables.items())


def _unset(name):
    return f'set {name}=' if WINDOWS else f'unset {name}'


# Python, NumPy and BLAS ---------------------------------------------------------------------------

def _check_python():
    yield 'fine', f'Python {platform.python_version()} on {platform.system()} {platform.machine()}.'


def _check_numpy():
    name, number = _blas()
    if name is None:
        yield ('advice', f'NumPy {np.__version__} without a BLAS library.',
               'It multiplies matrices by plain loops, many times slower.',
               'pip install --force-reinstall numpy')
    else:
        yield 'fine', f'NumPy {np.__version__} with {name} {number}.'.replace(' .', '.')


def _check_threads():
    library = _blas()[0]
    if library not in THREADS:
        return
    cores, quota, (_, threads) = _cores(), _quota(), _openblas()
    allowed = cores if quota is None else max(1, min(cores, math.floor(quota)))
    names = THREADS[library]
    said = next((name for name in names if os.environ.get(name)), None)
    if threads is None and said and os.environ[said].isdigit():
        threads = int(os.environ[said])
    may = f'this process may use {_count(allowed, "core")}'
    if allowed < cores:
        may += f': the CPU quota of the container allows {quota:g} of the {cores} that it sees'
    by = f' ({said}={os.environ[said]})' if said else ''
    variables = {names[0]: allowed}
    if threads is None and allowed < cores:
        yield ('advice', f'{library} chooses its number of threads by itself; {may}.',
               'It sees the cores, not the quota. Threads that wait for a core hold up all others.',
               _set(variables), variables)
    elif threads is None:
        yield 'fine', f'{library} chooses its number of threads by itself; {may}.'
    elif threads > allowed:
        yield ('advice', f'{library} uses {_count(threads, "thread")}{by}, but {may}.',
               'Threads that wait for a core hold up all others: small products of matrices can '
               'become many times slower.', _set(variables), variables)
    elif threads < allowed:
        yield ('note', f'{library} uses {_count(threads, "thread")}{by}; {may}.',
               'That is right where others need the cores too. Where nobody does, more threads '
               'make large products of matrices faster.', _set(variables), variables)
    else:
        yield 'fine', f'{library} uses {_count(threads, "thread")}{by}; {may}.'


def _check_kernels():
    vendor, wide = _processor()
    if _blas()[0] != 'OpenBLAS' or not wide:
        return
    core, said = _openblas()[0], os.environ.get('OPENBLAS_CORETYPE')
    using = core or said
    why = ('The AVX-512 kernels can be twice as fast for large products of matrices: 1.9 times, '
           'measured with float32 on an AMD EPYC.')
    variables = {'OPENBLAS_CORETYPE': 'SkylakeX'}
    if using and using.lower() in WIDE:
        yield 'fine', f'OpenBLAS uses its {using} kernels, made for the AVX-512 of this processor.'
    elif said:
        yield ('advice', f'OPENBLAS_CORETYPE={said} keeps OpenBLAS from the AVX-512 of this '
               'processor.', why, _unset('OPENBLAS_CORETYPE'))
    elif using:
        yield ('advice', f'OpenBLAS chose its {using} kernels; this processor has AVX-512 too.',
               why, _set(variables), variables)
    elif vendor == 'AuthenticAMD':
        yield ('note', 'OpenBLAS does not say which kernels it chose. Its older versions do not '
               'choose those for AVX-512 on AMD processors.', why, _set(variables), variables)


def _blas():
    """(name, version) of the library that multiplies matrices for NumPy; (None, '') without one."""
    blas = np.show_config('dicts').get('Build Dependencies', {}).get('blas', {})
    name = str(blas.get('name', '')).lower()
    if not blas.get('found', bool(name)) or name in ('', 'none'):
        return None, ''
    known = next((known for known in THREADS if known.lower() in name), blas['name'])
    return known, str(blas.get('version', ''))


def _openblas():
    """(the kernels that the loaded OpenBLAS uses, its number of threads); None for what is unknown.

    The library in this process is asked, where the system says which file it is.
    """
    try:
        maps = pathlib.Path('/proc/self/maps').read_text(encoding='utf-8', errors='replace')
        files = re.findall(r'/\S*openblas[^/\s]*\.so\S*', maps)
        files.sort(key=lambda file: 'numpy' not in file)    # SciPy brings one of its own
        library = ctypes.CDLL(files[0])
    except (OSError, IndexError):
        return None, None
    for name in ('scipy_openblas_{}64_', 'scipy_openblas_{}', 'openblas_{}64_', 'openblas_{}'):
        try:
            core, threads = library[name.format('get_corename')], library[
                name.format('get_num_threads')]
        except AttributeError:
            continue
        core.restype = ctypes.c_char_p
        return core().decode(), int(threads())
    return None, None


def _cores():
    """The number of cores that this process may run on, as the system shows them."""
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quota(root='/'):
    """The cores' worth of time that the container may use; None where there is no limit."""
    groups = pathlib.Path(root, 'sys/fs/cgroup')
    found = []
    for line in _read(pathlib.Path(root, 'proc/self/cgroup')).splitlines():
        own = line.partition('::/')[2]
        for folder in (groups / own, *(groups / own).parents):
            if folder.is_relative_to(groups):
                found.append(_read(folder / 'cpu.max').split())
    found.append(_read(groups / 'cpu.max').split())
    found.append((_read(groups / 'cpu/cpu.cfs_quota_us') + ' '
                  + _read(groups / 'cpu/cpu.cfs_period_us')).split())
    limits = [int(pair[0]) / int(pair[1]) for pair in found
              if len(pair) == 2 and pair[0].isdigit() and pair[1].isdigit() and int(pair[1])]
    return min(limits, default=None)


def _processor():
    """(the vendor of the processor, whether it has AVX-512), as far as Linux says."""
    text = _read(pathlib.Path('/proc/cpuinfo'))
    vendor = re.search(r'^vendor_id\s*:\s*(\S+)', text, re.MULTILINE)
    return vendor and vendor[1], bool(re.search(r'\bavx512f\b', text))


def _read(path):
    try:
        return path.read_text(encoding='utf-8', errors='replace')
    except OSError:
        return ''


def _count(number, what):
    return f'{number} {what}{"s" * (number != 1)}'


# Memory -------------------------------------------------------------------------------------------

def _check_memory():
    if platform.libc_ver()[0] != 'glibc':
        return
    missing = {name: value for name, value in MALLOC.items()
               if not (os.environ.get(name, '').isdigit() and int(os.environ[name]) >= LARGE)}
    if not missing:
        yield 'fine', 'Memory that a layer has used stays with Python for the next one.'
        return
    given = [f'{name}={os.environ[name]}' if name in os.environ else f'{name} is not set'
             for name in missing]
    yield ('advice', f'Large arrays go back to the system when they are freed: {", ".join(given)}.',
           'The next array has to be fetched anew, page by page. Keeping the memory saved 6 to 22 '
           '% of a training step where it was measured.', _set(missing), missing)


# GPU ----------------------------------------------------------------------------------------------

def _check_gpu():
    status = backend.gpu_status()
    if backend.gpu_available():
        yield 'fine', status
        return
    nvidia = _has_nvidia()
    why = ('There is an NVIDIA driver here, so a GPU could be used.' if nvidia else
           'This matters only on a machine with an NVIDIA GPU; the CPU works without it.')
    yield 'advice' if nvidia or _has_cupy() else 'note', status, why, _gpu_remedy(status)


def _gpu_remedy(status):
    """What helps against the state of the GPU that gpu_status describes."""
    installed = re.findall(r"(?<!')cupy(?:-cuda\d+x)?(?![\w-])", status)
    remove = f'pip uninstall -y {" ".join(dict.fromkeys(installed))}'
    if status.startswith('Several CuPy packages') or 'is broken' in status:
        return f'{remove} && {find_gpu.INSTALL}'
    if 'CUPY_CACHE_DIR' in status:
        return _set({'CUPY_CACHE_DIR': r'%TEMP%\cupy' if WINDOWS else '$(mktemp -d)'})
    if 'CUDA_VISIBLE_DEVICES' in status:
        return _unset('CUDA_VISIBLE_DEVICES')
    if 'has no NVIDIA driver' in status:
        return f"install NVIDIA's driver, or where there is no such GPU: {remove}"
    if 'update the driver' in status:
        if 'driver is for CUDA 12' in status:
            return f'{remove} && {find_gpu.INSTALL}'
        return "update NVIDIA's driver"
    if 'shows no GPU' in status or 'cannot use the NVIDIA driver' in status:
        return 'nvidia-smi'
    return find_gpu.INSTALL


def _has_nvidia():
    return bool(shutil.which('nvidia-smi')) or os.path.exists('/proc/driver/nvidia/version')


def _has_cupy():
    return any(_installed(name) for name in find_gpu.CUPY_PACKAGES)


# JupyterLab ---------------------------------------------------------------------------------------

def _check_jupyter():
    found = {name: _installed(name) for name in NOTEBOOK}
    have = ', '.join(f'{name} {number}' for name, number in found.items() if number)
    if not found['jupyterlab']:
        yield ('note', 'JupyterLab is not installed here' + (f' ({have}).' if have else '.'),
               'The lessons and the live picture of the graph run in it.', LAB)
        return
    missing = [name for name, number in found.items() if not number]
    old = [f'{name} is older than {wanted}' for name, wanted in _wanted().items()
           if found.get(name) and _numbers(found[name]) < _numbers(wanted)]
    problems = [f'{name} is missing' for name in missing] + old
    if problems:
        yield ('advice', f'{have}; {", ".join(problems)}.',
               'The live picture of the graph may not appear.', LAB)
    else:
        yield 'fine', f'{have}.'


def _check_extension():
    if not _installed('jupyterlab'):
        return
    place = extension_folder()
    if place is not None:
        yield 'fine', f'The extension for JupyterLab is in {place}.'
    else:
        yield ('advice', 'JupyterLab does not find the extension of minichain.',
               'Without it there is no panel that follows the graph of a notebook.', _reinstall())


def extension_folder():
    """Where the extension for JupyterLab is installed; None if it is not."""
    places = [folder / 'labextensions' / 'minichain' for folder in _jupyter_folders()]
    return next((place for place in places if (place / 'package.json').is_file()), None)


def _installed(package):
    """The version of an installed package, or None."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _wanted():
    """package -> the least version that minichain's extra `lab` asks for."""
    try:
        lines = importlib.metadata.requires('minichain') or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    found = {}
    for line in lines:
        least = re.match(r'([\w-]+).*?>=([\d.]+).*;.*extra == .lab\b', line)
        if least:
            found[least[1]] = least[2]
    return found


def _numbers(text):
    return [int(number) for number in re.match(r'[\d.]*', text)[0].split('.') if number]


def _jupyter_folders():
    """Where JupyterLab looks for extensions."""
    own = os.environ.get('JUPYTER_DATA_DIR')
    return [*map(pathlib.Path, filter(None, os.environ.get('JUPYTER_PATH', '').split(os.pathsep))),
            *([pathlib.Path(own)] if own else []), pathlib.Path(sys.prefix, 'share/jupyter'),
            pathlib.Path(site.getuserbase(), 'share/jupyter'),
            pathlib.Path('/usr/local/share/jupyter'), pathlib.Path('/usr/share/jupyter')]


def _reinstall():
    """The command that installs minichain again from where it came."""
    try:
        text = importlib.metadata.distribution('minichain').read_text('direct_url.json')
    except importlib.metadata.PackageNotFoundError:
        return LAB
    source = json.loads(text) if text else {}
    if not source.get('url', '').startswith('file:'):
        return 'pip install --force-reinstall --no-deps minichain'
    folder = urllib.request.url2pathname(urllib.parse.urlsplit(source['url']).path)
    editable = '-e ' if source.get('dir_info', {}).get('editable') else ''
    return f'pip install --force-reinstall --no-deps {editable}{shlex.quote(folder)}'


CHECKS = {'Python': _check_python, 'NumPy': _check_numpy, 'Threads': _check_threads,
          'Kernels': _check_kernels, 'Memory': _check_memory, 'GPU': _check_gpu,
          'Jupyter': _check_jupyter, 'Extension': _check_extension}
