"""ElementwiseKernel on the CPU: a C++ compiler takes the CUDA C body, which runs in a plain loop.

A body that says __shfl_xor_sync runs 32 threads at a time, as a GPU does.
`raw` arrays check their bounds: where a GPU would silently read or write other memory, this raises
IndexError. Compiled kernels are kept in .minichain-cache/ at the root of the repository.
"""
import ctypes
import functools
import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile

import numpy as np

from .machine import machine
from .module import ndarray, unwrap

CACHE = pathlib.Path(__file__).resolve().parents[2] / '.minichain-cache' / 'kernels'
FLAGS = ['-O1', '-fPIC', '-shared', '-std=c++17', '-w']

# Half precision is computed with in single precision, and rounded when it is written back.
C_TYPES = {'f2': 'float', 'f4': 'float', 'f8': 'double', 'i1': 'signed char', 'i2': 'short',
           'i4': 'int', 'i8': 'long long', 'u1': 'unsigned char', 'u2': 'unsigned short',
           'u4': 'unsigned', 'u8': 'unsigned long long', 'b1': 'bool'}

PRELUDE = r'''
#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>
// As in CUDA, of a number and NaN these give the number.
template <class T> T max(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return std::fmax(a, b);
  else return a < b ? b : a;
}
template <class T> T min(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return std::fmin(a, b);
  else return b < a ? b : a;
}
// As in CUDA these compute in the type of their argument; C's would compute in double.
using std::cos;
using std::erf;
using std::erfc;
using std::exp;
using std::lgamma;
using std::log;
using std::sqrt;
using std::tanh;
#define __device__
#define __forceinline__ inline
#define __expf expf
#define __logf logf
static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / sqrt(x); }
template <class T> T atomicAdd(T* place, T value) { T old = *place; *place += value; return old; }
template <class T> T atomicMax(T* place, T value) {
  T old = *place;
  *place = max(old, value);
  return old;
}
struct Indexer_ {
  long long total;
  long long size() const { return total; }
};
template <class T> struct Raw_ {
  T* start;
  long long count;
  int* outside;
  long long size() const { return count; }
  T& operator[](long long i) const {
    if (i < 0 || i >= count) { *outside = 1; return start[0]; }
    return start[i];
  }
};
'''


# The 32 threads of a warp run in turns, each up to where it hands a number to the others.
WARP = r'''
#include <functional>
#include <ucontext.h>
struct Warp_ {
  std::function<void(long long)> body;
  long long first;
  int lane, waiting, ended, times[32];
  double numbers[2][32];
  ucontext_t caller, threads[32];
  char stacks[32][1 << 16];
};
static thread_local Warp_* warp_;
template <class T> T __shfl_xor_sync(unsigned, T number, int distance) {
  int lane = warp_->lane, which = warp_->times[lane]++ % 2;
  warp_->numbers[which][lane] = number;
  ++warp_->waiting;
  swapcontext(&warp_->threads[lane], &warp_->caller);
  return warp_->numbers[which][lane ^ distance];
}
static void run_thread_() {
  warp_->body(warp_->first + warp_->lane);
  ++warp_->ended;
}
static bool run_warp_(long long first) {      // false: the threads did not all wait together
  warp_->first = first;
  for (int k = 0; k < 32; ++k) {
    ucontext_t& thread = warp_->threads[k];
    getcontext(&thread);
    thread.uc_stack.ss_sp = warp_->stacks[k];
    thread.uc_stack.ss_size = sizeof warp_->stacks[k];
    thread.uc_link = &warp_->caller;
    makecontext(&thread, run_thread_, 0);
    warp_->times[k] = 0;
  }
  for (warp_->ended = 0; warp_->ended == 0;) {
    warp_->waiting = 0;
    for (int k = 0; k < 32; ++k) {
      warp_->lane = k;
      swapcontext(&warp_->caller, &warp_->threads[k]);
    }
    if (warp_->waiting % 32) return false;
  }
  return true;
}
'''
LOOP = '''for (long long i = 0; i < total_; ++i) {{
    {0};
  }}'''
LOOP_OF_WARPS = '''Warp_ warp;
  warp_ = &warp;
  warp.body = [&](long long i) {{
    {0};
  }};
  if (total_ % 32) *outside_ = 2;
  for (long long i = 0; i < total_ && *outside_ != 2; i += 32)
    if (!run_warp_(i)) *outside_ = 2;'''


class Parameter:
    """One parameter of a kernel, written 'raw T x' or 'float32 x'."""

    def __init__(self, text):
        *raw, self.type, self.name = text.split()
        self.raw = raw == ['raw']
        self.placeholder = len(self.type) == 1 and self.type.isupper()


def _parameters(text):
    return [Parameter(part) for part in text.split(',') if part.strip()]


class ElementwiseKernel:
    """cupy.ElementwiseKernel: the arguments are device arrays and numbers, outputs may be given."""

    def __init__(self, in_params, out_params, operation, name='kernel', preamble='', **options):
        self.ins = _parameters(in_params)
        self.outs = _parameters(out_params)
        self.operation = operation
        self.name = name
        self.preamble = preamble

    def __call__(self, *args, size=None):
        if len(args) not in (len(self.ins), len(self.ins) + len(self.outs)):
            raise TypeError(f'Wrong number of arguments for {self.name}')
        parameters = self.ins + self.outs
        values = [unwrap(arg) for arg in args]
        types = self._types(parameters, values)
        shape = self._shape(parameters, values, size)
        if len(values) < len(parameters):
            values += [np.empty(shape, _dtype(out, types)) for out in self.outs]
        for parameter, value in zip(self.outs, values[len(self.ins):]):
            if not parameter.raw and value.shape != shape:
                raise ValueError(f'Out shape is mismatched: {value.shape}, wanted {shape}')
        self._run(parameters, values, types, shape)
        machine.note('launch', self.name)
        given = args[len(self.ins):]
        results = given or [ndarray._on_device(value) for value in values[len(self.ins):]]
        return results[0] if len(results) == 1 else tuple(results)

    def _types(self, parameters, values):
        """What T, U, ... stand for: the dtypes of the arrays, else those of the numbers."""
        types = {}
        for parameter, value in zip(parameters, values):
            if not isinstance(value, np.ndarray):
                continue
            wanted = types.get(parameter.type, value.dtype)
            if not parameter.placeholder:
                wanted = np.dtype(parameter.type)
            elif parameter.type not in types:
                types[parameter.type] = value.dtype
            if wanted != value.dtype:
                raise TypeError(f'Type is mismatched. {parameter.name} {value.dtype} {wanted} '
                                f'{parameter.type}')
        for parameter, value in zip(parameters, values):
            if parameter.placeholder and parameter.type not in types:
                types[parameter.type] = np.asarray(value).dtype
        return types

    def _shape(self, parameters, values, size):
        """The shape over which the kernel loops."""
        shapes = [value.shape for parameter, value in zip(parameters, values)
                  if isinstance(value, np.ndarray) and not parameter.raw]
        if size is None and not shapes:
            raise ValueError('Loop size is undecided.')
        if size is not None and shapes:
            raise ValueError("Specified 'size' can be used only if all of the ndarray are 'raw'.")
        return np.broadcast_shapes(*shapes) if size is None else (size,)

    def _run(self, parameters, values, types, shape):
        arguments, parts, copies = [], [], []
        for parameter, value in zip(parameters, values):
            is_out = parameter in self.outs
            dtype = _dtype(parameter, types)
            memory = np.float32 if dtype == np.float16 else dtype
            if not isinstance(value, np.ndarray):
                buffer = np.asarray(value, memory)
            elif parameter.raw or is_out:
                buffer = np.ascontiguousarray(value, memory)
            else:
                buffer = np.ascontiguousarray(np.broadcast_to(value, shape), memory)
            if isinstance(value, np.ndarray) and (parameter.raw or is_out) and buffer is not value:
                copies.append((value, buffer))
            arguments.append((buffer, buffer.size))
            parts.append(_declaration(parameter, C_TYPES[dtype.str[1:]], is_out,
                                      is_array=isinstance(value, np.ndarray)))
        run = _compile(self._source(parts, types), self.name)
        outside = ctypes.c_int(0)
        flat = [ctypes.c_longlong(int(np.prod(shape))), ctypes.byref(outside)]
        for buffer, count in arguments:
            flat += [ctypes.c_void_p(buffer.ctypes.data), ctypes.c_longlong(count)]
        run(*flat)
        if outside.value == 2:
            raise RuntimeError(f"kernel '{self.name}': not all threads of a warp meet where they "
                               'exchange numbers')
        if outside.value:
            raise IndexError(f"kernel '{self.name}' indexed a raw array out of its bounds")
        for value, buffer in copies:
            value[...] = buffer.reshape(value.shape)

    def _source(self, parts, types):
        arguments, before, inside = zip(*parts)
        newline = '\n'
        body = newline.join([*inside, self.operation])
        in_warps = '__shfl' in self.operation
        return f'''{PRELUDE}{WARP if in_warps else ''}
{newline.join(f'typedef {C_TYPES[dtype.str[1:]]} {name};' for name, dtype in types.items())}
{self.preamble}
extern "C" void run(long long total_, int* outside_, {', '.join(arguments)}) {{
  Indexer_ _ind{{total_}};
  {newline.join(before)}
  {(LOOP_OF_WARPS if in_warps else LOOP).format(body)}
}}
'''


def _dtype(parameter, types):
    return types[parameter.type] if parameter.placeholder else np.dtype(parameter.type)


def _declaration(parameter, c_type, is_out, is_array):
    """C++ for a parameter: the function's argument, what comes before the loop, what is inside."""
    name = parameter.name
    argument = f'{c_type}* {name}_p, long long {name}_n'
    if parameter.raw:
        return argument, f'Raw_<{c_type}> {name}{{{name}_p, {name}_n, outside_}};', ''
    if not is_array:
        return argument, f'const {c_type} {name} = *{name}_p;', ''
    return argument, '', f'{"" if is_out else "const "}{c_type}& {name} = {name}_p[i];'


@functools.cache
def _compile(source, name):
    """The function `run` of this source, from the cache or the compiler."""
    text = ' '.join([source, platform.machine(), *FLAGS])
    library = CACHE / f'{hashlib.sha256(text.encode()).hexdigest()[:32]}.so'
    if not library.exists():
        _build(source, name, library)
    run = ctypes.CDLL(str(library)).run
    run.restype = None
    return run


def _build(source, name, library):
    """Compile under a temporary name, then rename: other processes may want the same kernel."""
    compiler = shutil.which('g++') or shutil.which('clang++')
    if compiler is None:
        raise RuntimeError(f"kernel '{name}' needs a C++ compiler (g++ or clang++) to run on a CPU")
    library.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        source_file = pathlib.Path(folder) / 'kernel.cpp'
        source_file.write_text(source)
        built = pathlib.Path(folder) / 'kernel.so'
        done = subprocess.run([compiler, *FLAGS, str(source_file), '-o', str(built)],
                              capture_output=True, text=True)
        if done.returncode:
            errors = '\n'.join(line for line in done.stderr.splitlines() if 'error' in line)
            raise RuntimeError(f"kernel '{name}' does not compile:\n{errors}")
        os.replace(built, library)
