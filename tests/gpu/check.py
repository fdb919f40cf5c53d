"""What the GPU of this machine gives CuPy, and whether the stand-in tells the truth about it.

    python tests/gpu/check.py               on a machine with a GPU: nine minutes at most
    python tests/gpu/check.py --stand-in    anywhere, to see that this file runs; no real times

Times training steps beside PyTorch, writes their table to tests/bench/GPU.md, runs `pytest -m gpu`
in several processes, and prints what single calls take. What matters most comes first, and each
number is written as soon as it is known, so that whoever ends this keeps what it has found:
`--out FOLDER` gets the numbers as lines of JSON, the table, and what the tests say. What goes wrong
in one part is printed, and the others go on. Fails in the end if something did: if the stand-in
answers otherwise than CuPy on the GPU, if a step gives another loss than PyTorch's, or if a test
fails.

Nothing but NumPy and CuPy must be installed, not even minichain. Without pytest there are no tests,
without PyTorch nothing to compare with, and without minichain's extras fewer tests.
"""
import argparse
import contextlib
import importlib
import importlib.util
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings

import numpy as np

TESTS = pathlib.Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
sys.path[:0] = [str(ROOT), str(TESTS), str(TESTS / 'gpu')]
SECONDS = 540           # what the whole may take, unless told otherwise
# The most that a part may take of that, if it needs it.
FOR_STEPS, FOR_TESTS, FOR_STEPS_WITH_TF32 = 0.3, 0.5, 0.15
PROCESSES = 12          # that test at a time, at most

import standin  # noqa: E402
import comparison  # noqa: E402
from minichain import backend  # noqa: E402
from standin import conformance  # noqa: E402


class Check:
    """One run: `cp` is CuPy or the stand-in, `out` a folder, `failures` what must not be."""

    def __init__(self, cp, dry, out, seconds):
        self.cp, self.dry, self.out, self.seconds_given = cp, dry, out, seconds
        self.end = time.monotonic() + seconds
        self.gpu = backend.get_device('gpu')
        self.failures = []

    def left(self, share=1.0):
        """The seconds that are left, but no more than this share of all."""
        return max(min(self.end - time.monotonic(), share * self.seconds_given), 1)

    def row(self, part, what, value, unit='', note=''):
        row = {'part': part, 'what': what, 'value': value, 'unit': unit, 'note': note}
        with open(self.out / 'numbers.jsonl', 'a', encoding='utf-8') as file:
            file.write(json.dumps(row) + '\n')
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

    @contextlib.contextmanager
    def going_on(self, what):
        """Do something of which the rest does not depend: what goes wrong in it is told."""
        try:
            yield
        except Exception as error:
            traceback.print_exc(file=sys.stdout)
            said = (str(error).strip() or 'no message').splitlines()[0]
            self.failures.append(f'{what}: {type(error).__name__}: {said}')

    def part(self, name, call, *arguments):
        """A part of the whole, and how long it took."""
        start = time.monotonic()
        with self.going_on(name):
            call(*arguments)
        self.row(name, 'all of this part', time.monotonic() - start, 's')

    def machine(self):
        self.row('machine', 'gpu_status()', backend.gpu_status())
        self.row('machine', 'Python, NumPy', f'{platform.python_version()}, {np.__version__}')
        self.row('machine', 'cores', os.cpu_count())
        if not self.dry and shutil.which('nvidia-smi'):
            query = 'name,driver_version,memory.total,compute_mode,clocks.max.sm'
            done = subprocess.run(['nvidia-smi', f'--query-gpu={query}', '--format=csv,noheader'],
                                  capture_output=True, text=True, timeout=30)
            self.row('machine', 'nvidia-smi', done.stdout.strip() or done.stderr.strip())
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
            with self.going_on(what):
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
        """Everything, what matters most first."""
        self.part('machine', self.machine)
        told = set()

        def tell():
            for row in steps.rows:
                for title, key in (('minichain', 'ours'), ('PyTorch', 'theirs')):
                    name = row['work'], row['tf32'], title
                    if row[key] is not None and name not in told:
                        told.add(name)
                        self.row('steps', f'{row["work"]}, {title}', row[key]['seconds'] * 1e3,
                                 'ms', f'TF32 {comparison.word(row["tf32"])}, '
                                       f'{row[key]["mib"]:.0f} MiB')
            text = steps.text(backend.gpu_status())
            (self.out / 'steps.md').write_text(text, encoding='utf-8')
            if not self.dry:
                try:
                    comparison.write(text)
                except OSError as error:        # the table is in steps.md, too
                    print(f'The page is not written: {error}')

        steps = comparison.Comparison(self.dry, tell)
        backend.free_memory()
        self.part('steps', steps.measure, False, self.left(FOR_STEPS))
        self.part('tests', self.tests)
        self.part('conformance', self.conformance)
        self.part('results', self.results)
        if not self.dry:
            backend.free_memory()
            self.part('steps', steps.measure, True, self.left(FOR_STEPS_WITH_TF32))
        self.part('calls', self.calls)
        self.part('rates', self.rates)
        self.failures += steps.failures
        for note in steps.notes:
            print(note)

    def tests(self):
        """`pytest -m gpu`, its tests dealt out to processes: most of its time the host compiles
        kernels. On the stand-in a few of them, to see that this works."""
        if importlib.util.find_spec('pytest') is None:
            print('pytest is not installed: there are no tests.')
            return
        count = max(1, min(PROCESSES, os.cpu_count() or 1))
        command = [sys.executable, '-m', 'pytest', '-v', '--tb=short', '-p', 'no:cacheprovider',
                   '--continue-on-collection-errors']
        command += (['-m', 'gpu', str(TESTS)] if not self.dry else
                    ['-k', 'standin', str(TESTS / 'test_optimizers_hooks.py')])
        logs = [self.out / f'tests_{i + 1}_of_{count}.txt' for i in range(count)]
        try:
            self.run_tests(command, logs)
        finally:
            # One file for all, for not every way back from a lent machine takes many.
            with open(self.out / 'tests.txt', 'w', encoding='utf-8') as file:
                for log in logs:
                    file.write(f'{log.stem}\n\n{read(log)}\n')
                    log.unlink(missing_ok=True)

    def run_tests(self, command, logs):
        """A process for each log, with its part of the tests."""
        environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(
            [str(ROOT), str(ROOT / 'widgets'), os.environ.get('PYTHONPATH', '')])}
        end, running, unread = time.monotonic() + self.left(FOR_TESTS), [], set()
        for i, log in enumerate(logs):
            with open(log, 'w', encoding='utf-8') as file:
                running.append(subprocess.Popen([*command, f'--part={i + 1}/{len(logs)}'], cwd=ROOT,
                                                env=environment, stdout=file,
                                                stderr=subprocess.STDOUT))
        for process, log in zip(running, logs):
            late = False
            try:
                process.wait(max(end - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                late = True
                process.kill()
                process.wait()
            lines = read(log).splitlines()
            results = [line for line in lines if '::' in line]
            passed, failed, broken = (sum(f' {word} ' in f'{line} ' for line in results)
                                      for word in ('PASSED', 'FAILED', 'ERROR'))
            unread.update(line for line in lines if line.startswith('ERROR ') and '::' not in line)
            note = f'{failed + broken} failed' + ', was not done in time' * late
            if not late and process.returncode not in (0, 1, 5):    # 5: this part has no tests
                note += f', ended with {process.returncode}: {lines[-1] if lines else ""}'
            self.row('tests', log.stem, passed, 'passed', note)
            if note != '0 failed':
                self.failures.append(f'pytest -m gpu, {log.stem}: {note}')
        for line in sorted(unread):
            print(f'{line}: its tests are left out; something that it needs is missing.')


def read(log):
    """What a process has said so far."""
    return log.read_text(encoding='utf-8', errors='replace') if log.exists() else ''


def keep_kernels():
    """Have CuPy keep the kernels that it compiles where it may write, before it is imported."""
    try:
        folder = pathlib.Path(os.environ.get('CUPY_CACHE_DIR', '~/.cupy/kernel_cache')).expanduser()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, RuntimeError) as error:
        os.environ['CUPY_CACHE_DIR'] = tempfile.mkdtemp(prefix='kernels-')
        print(f'Kernels are kept in {os.environ["CUPY_CACHE_DIR"]}, because of {error!r}.')


def say_why():
    """No GPU can be used: all that CuPy says about it, for there may be no second look."""
    print(backend.gpu_status())
    try:
        cupy = importlib.import_module('cupy')
        cupy.show_config()
        ones = cupy.ones((2, 2), 'f4')
        print((ones @ ones).sum())
    except Exception:
        traceback.print_exc(file=sys.stdout)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--stand-in', action='store_true', help='run without a GPU')
    parser.add_argument('--out', metavar='FOLDER', type=pathlib.Path,
                        help='where to write what is found (default: a new folder)')
    parser.add_argument('--seconds', type=float, default=SECONDS, help='for everything together')
    options = parser.parse_args(arguments)
    out = options.out or pathlib.Path(tempfile.mkdtemp(prefix='gpu-check-'))
    out.mkdir(parents=True, exist_ok=True)
    print(f'All is written to {out}')
    if not options.stand_in:
        keep_kernels()
    cupy = standin.installed() if options.stand_in else contextlib.nullcontext()
    with cupy:
        if not backend.gpu_available():
            say_why()
            sys.exit(f'{backend.gpu_status()} Try --stand-in.')
        check = Check(backend.get_device('gpu').xp, options.stand_in, out, options.seconds)
        check.run()
    for failure in check.failures:
        print(f'FAILED: {failure}')
    return bool(check.failures)


if __name__ == '__main__':
    sys.exit(main())
