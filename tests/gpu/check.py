"""What the GPU of this machine gives CuPy, and whether the stand-in tells the truth about it.

    python tests/gpu/check.py               on a machine with a GPU: ten minutes at most
    python tests/gpu/check.py --stand-in    anywhere, to see that this file runs; no real times

Prints what single calls take, times training steps beside PyTorch, writes their table to
tests/bench/GPU.md, and runs `pytest -m gpu`. `--json FILE` keeps the numbers. Fails if the stand-in
answers otherwise than CuPy on the GPU, if a step gives another loss than PyTorch's, or if a test
fails.
"""
import argparse
import contextlib
import json
import pathlib
import platform
import subprocess
import sys
import time
import warnings

import numpy as np

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / 'gpu')]
ALL_SECONDS = 600       # what the whole may take; the tests get what is left

import standin  # noqa: E402
import comparison  # noqa: E402
from minichain import backend  # noqa: E402
from standin import conformance  # noqa: E402


class Check:
    """One run: `cp` is CuPy or the stand-in, `rows` what was found, `failures` what must not be."""

    def __init__(self, cp, dry):
        self.cp = cp
        self.dry = dry
        self.gpu = backend.get_device('gpu')
        self.rows = []
        self.failures = []

    def row(self, part, what, value, unit='', note=''):
        self.rows.append({'part': part, 'what': what, 'value': value, 'unit': unit, 'note': note})
        text = f'{value:.2f}' if isinstance(value, float) else str(value)
        print(f'{part:12s} {what:36s} {text:>12s} {unit:8s} {note}', flush=True)

    def seconds(self, call, enough=0.1):
        """The pair (Python's time to issue one call, time until the GPU is done), in seconds."""
        for _ in range(3):
            call()
        with backend.stopwatch('gpu') as once:
            call()
        count = 2 if self.dry else max(10, min(2000, int(enough / once.seconds)))
        with backend.stopwatch('gpu') as whole:
            start = time.perf_counter()
            for _ in range(count):
                call()
            issued = time.perf_counter() - start
        return issued / count, whole.seconds / count

    def time(self, part, what, call):
        issued, done = self.seconds(call)
        self.row(part, what, done * 1e6, 'us', f'of these, Python {issued * 1e6:.1f} us')
        return done

    def machine(self):
        self.row('machine', 'gpu_status()', backend.gpu_status())
        self.row('machine', 'Python, NumPy', f'{platform.python_version()}, {np.__version__}')
        memory = self.gpu.memory()
        self.row('machine', 'memory in arrays, held', f'{memory.used}, {memory.held}', 'bytes')

    def conformance(self):
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            found = conformance.differences(self.cp)
        self.row('conformance', 'stand-in differs from this CuPy', len(found),
                 f'of {len(conformance.expected())}')
        for expression, recorded, got in found:
            self.row('conformance', expression, '', '', f'stand-in: {recorded}; here: {got}')
            self.failures.append(f'the stand-in is wrong about {expression}')

    def calls(self):
        """Small arrays: what one call costs, whatever it computes."""
        cp = self.cp
        a, b, out = (cp.ones((64, 64), 'f4') for _ in range(3))
        rows = cp.arange(64)
        kernel = cp.ElementwiseKernel('T x, T y', 'T z', 'z = x * y + x', 'multiply_add')
        for what, call in {
            'a + b': lambda: a + b,
            'add(a, b, out=out)': lambda: cp.add(a, b, out=out),
            'a * 2.0': lambda: a * 2.0,
            'exp(a)': lambda: cp.exp(a),
            'a.sum(axis=0)': lambda: a.sum(axis=0),
            'a @ b': lambda: a @ b,
            'a[rows]': lambda: a[rows],
            'a[1:-1], a view': lambda: a[1:-1],
            'add.at(a, rows, b)': lambda: cp.add.at(a, rows, b),
            'a * b + a': lambda: a * b + a,
            'a * b + a as one kernel': lambda: kernel(a, b),
            'float(a.sum()), which waits': lambda: float(a.sum()),
        }.items():
            self.time('calls', what, call)

    def rates(self):
        """Large arrays: how fast the GPU reads, multiplies and is fed."""
        cp = self.cp
        numbers = 2**12 if self.dry else 2**26
        large = cp.ones(numbers, 'f4')
        def add():
            return cp.add(large, large, out=large)

        done = self.time('rates', f'add of {numbers} numbers', add)
        self.row('rates', 'memory read and written', 3 * large.nbytes / done / 1e9, 'GB/s')
        n = 64 if self.dry else 4096
        square = cp.ones((n, n), 'f4')
        done = self.time('rates', f'float32 matmul of {n}x{n}', lambda: square @ square)
        self.row('rates', 'multiplied and added', 2 * n**3 / done / 1e12, 'TFLOP/s')
        host = np.ones(numbers // 4, 'f4')
        done = self.time('rates', 'copy to the GPU', lambda: cp.asarray(host))
        self.row('rates', 'copied to the GPU', host.nbytes / done / 1e9, 'GB/s')

    def results(self):
        """The same program on both devices."""
        rng = np.random.default_rng(0)
        x, w = rng.standard_normal((64, 300)), rng.standard_normal((300, 200))

        def compute(xp, x, w):
            h = xp.tanh(x @ w / 20)
            e = xp.exp(h - h.max(axis=1, keepdims=True))
            return e / e.sum(axis=1, keepdims=True)

        for dtype, tolerance in (('f8', 1e-12), ('f4', 1e-4)):
            here = compute(np, x.astype(dtype), w.astype(dtype))
            there = compute(self.cp, *(backend.to_gpu(a.astype(dtype)) for a in (x, w)))
            error = float(np.abs(backend.to_cpu(there) / here - 1).max())
            self.row('results', f'CPU and GPU differ, {dtype}', f'{error:.0e}', '', 'relative')
            if error > tolerance:
                self.failures.append(f'CPU and GPU differ by {error:.0e} in {dtype}')

    def run(self):
        self.machine()
        self.conformance()
        self.calls()
        self.rates()
        self.results()

    def steps(self):
        """Training steps beside PyTorch, each framework in a process of its own."""
        found = comparison.Comparison(self.dry)
        for row in found.rows:
            for title, key in (('minichain', 'ours'), ('PyTorch', 'theirs')):
                if row[key] is not None:
                    self.row('steps', f'{row["work"]}, {title}', row[key]['seconds'] * 1e3, 'ms',
                             f'TF32 {comparison.word(row["tf32"])}, {row[key]["mib"]:.0f} MiB')
        self.failures += found.failures
        for note in found.notes:
            print(note)
        if not self.dry:
            comparison.write(found.text(backend.gpu_status()))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--stand-in', action='store_true', help='run without a GPU')
    parser.add_argument('--json', metavar='FILE', help='write the table to this file')
    options = parser.parse_args(arguments)
    began = time.monotonic()
    cupy = standin.installed() if options.stand_in else contextlib.nullcontext()
    with cupy:
        if not backend.gpu_available():
            sys.exit(f'{backend.gpu_status()} Try --stand-in.')
        check = Check(backend.get_device('gpu').xp, dry=options.stand_in)
        check.run()
        backend.free_memory()
        check.steps()
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(check.rows, indent=1))
    if not options.stand_in:
        tests = [sys.executable, '-m', 'pytest', '-q', '-m', 'gpu', str(TESTS)]
        left = max(ALL_SECONDS - (time.monotonic() - began), 60)
        try:
            if subprocess.run(tests, timeout=left).returncode:
                check.failures.append('pytest -m gpu')
        except subprocess.TimeoutExpired:
            check.failures.append(f'pytest -m gpu was not done after {left:.0f} s: run it alone')
    for failure in check.failures:
        print(f'FAILED: {failure}')
    return bool(check.failures)


if __name__ == '__main__':
    sys.exit(main())
