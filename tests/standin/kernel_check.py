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

# sm_75 are the oldest GPUs that CUDA 13 knows, sm_90 recent ones.
# Types of real numbers, of whole numbers, axes, and kinds of GPU.
COMPILED = [('f2', 'i4', 1, '90'), ('f4', 'i4', 1, '75'), ('f4', 'i8', 4, '90'),
            ('f8', 'i8', 1, '90'), ('f8', 'i4', 4, '75')]


def compiler_version():
    """NVRTC's version; raises ImportError or RuntimeError where it is not installed."""
    return nvrtc.getVersion()


def problems(kernel):
    """What NVRTC says against a minichain Kernel, over types, dimensions and kinds of GPU."""
    compiled = cupy.ElementwiseKernel(kernel.ins, kernel.outs, kernel.body, kernel.name)
    found = []
    for dtype, ids, ndim, architecture in COMPILED:
        types = {'S': np.dtype(ids)}
        try:
            _compile(_source(compiled, np.dtype(dtype), types, ndim), architecture)
        except CompileException as error:
            lines = [line for line in str(error).splitlines() if 'error' in line]
            found.append(f'{kernel.name} ({dtype}, {ids}, {ndim}-d, sm_{architecture}): {lines}')
    return found


def _source(kernel, dtype, others, ndim):
    """The CUDA program for C-contiguous arrays. A placeholder stands for the type that `others` has
    for its letter, else for `dtype`."""
    outs = {parameter.name for parameter in kernel.out_params}
    infos, types = [], {}
    for parameter in kernel.params:
        if parameter.name == '_ind':
            infos.append(_kernel._ArgInfo(2, _carray.Indexer, None, ndim, True, True))
            continue
        placeholder = parameter.dtype is None
        letter = parameter.ctype
        this = others.get(letter, dtype) if placeholder else np.dtype(parameter.dtype)
        if placeholder:
            types[letter] = this.type
        if not placeholder and not parameter.raw and parameter.name not in outs:
            infos.append(_kernel._ArgInfo(3, _scalar.CScalar, this, 0, True, True))
        else:
            dimensions = 1 if parameter.raw else ndim
            info = _kernel._ArgInfo(1, cupy.ndarray, this.type, dimensions, dimensions == 1, True)
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
