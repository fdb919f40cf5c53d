"""Compile GPU kernels with NVRTC, CUDA's run-time compiler: no GPU and no driver is needed.

The source is the one that CuPy itself makes for a kernel. CuPy has no public function for that, so
this uses private ones of CuPy 14. Needs the extra `kernel-check`.
"""
import pathlib

import cupy
import numpy as np
from cupy._core import _carray, _kernel, _scalar
from cupy.cuda import nvrtc
from cupy.cuda.compiler import CompileException, _NVRTCProgram

# What the placeholders of a kernel stand for: T real numbers, S whole numbers, U real numbers wide
# enough for sums. With it the axes of arrays, those of `raw` ones, and the kind of GPU: sm_75 are
# the oldest that CUDA 13 knows, sm_90 recent ones.
COMPILED = [({'T': 'f2', 'S': 'i8', 'U': 'f4'}, 1, 0, '90'),
            ({'T': 'f4', 'S': 'i4', 'U': 'f4'}, 4, 4, '75'),
            ({'T': 'f8', 'S': 'i8', 'U': 'f8'}, 1, 1, '90')]


def compiler_version():
    """NVRTC's version; raises ImportError or RuntimeError where it is not installed."""
    return nvrtc.getVersion()


def problems(kernel):
    """What NVRTC says against a minichain Kernel, over types, dimensions and kinds of GPU."""
    compiled = cupy.ElementwiseKernel(kernel.ins, kernel.outs, kernel.body, kernel.name)
    found = []
    for types, ndim, raw_ndim, architecture in COMPILED:
        try:
            _compile(_source(compiled, types, ndim, raw_ndim), architecture)
        except CompileException as error:
            lines = [line for line in str(error).splitlines() if 'error' in line]
            found.append(f'{kernel.name} ({types}, {ndim}-d, sm_{architecture}): {lines}')
    return found


def _source(kernel, letters, ndim, raw_ndim):
    """The CUDA program for such arrays, those of several axes with gaps between their numbers."""
    outs = {parameter.name for parameter in kernel.out_params}
    infos, types = [], {}
    for parameter in kernel.params:
        if parameter.name == '_ind':
            infos.append(_kernel._ArgInfo(2, _carray.Indexer, None, ndim, True, True))
            continue
        placeholder = parameter.dtype is None
        letter = parameter.ctype
        this = np.dtype(letters[letter] if placeholder else parameter.dtype)
        if placeholder:
            types[letter] = this.type
        if not placeholder and not parameter.raw and parameter.name not in outs:
            infos.append(_kernel._ArgInfo(3, _scalar.CScalar, this, 0, True, True))
        else:
            axes = raw_ndim if parameter.raw else ndim
            info = _kernel._ArgInfo(1, cupy.ndarray, this.type, axes, axes <= 1, True)
            infos.append(info)
    type_map = _kernel._TypeMap(tuple(types.items()))
    return '#include <cupy/carray.cuh>\n' + _kernel._get_elementwise_kernel_code(
        tuple(infos), type_map, kernel.params, kernel.operation, kernel.name, kernel.preamble)


def _compile(source, architecture):
    options = ('--std=c++17', f'-arch=sm_{architecture}', '-ftz=true',
               '--device-as-default-execution-space', *_include_options())
    program = _NVRTCProgram(source, 'kernel.cu', (), (), name_expressions=None, method='cubin')
    program.compile(options)


def _include_options():
    from cuda.pathfinder import find_nvidia_header_directory
    core = pathlib.Path(cupy.__file__).parent / '_core' / 'include'
    bundled = core / 'cupy' / '_cccl'
    folders = [core, bundled / 'libcudacxx', bundled / 'thrust', bundled / 'cub']
    cuda = find_nvidia_header_directory('cudart')
    return [f'-I{folder}' for folder in folders + ([cuda] if cuda else [])]
