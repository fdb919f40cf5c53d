"""The frameworks that are compared, each work of each in a process of its own."""
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import steps_numpy

HERE = pathlib.Path(__file__).resolve().parent
CHAINER = HERE / '.chainer'             # a Python for Chainer, made by `training.py --with-chainer`
COMPLETE = CHAINER / 'complete'         # written when all is installed
TITLES = {'minichain': 'minichain', 'pytorch': 'PyTorch', 'chainer': 'Chainer', 'numpy': 'by hand'}


def chainer_python():
    """The Python that has Chainer; None if there is none, or only half of one."""
    return _python() if COMPLETE.exists() else None


def _python():
    """What stands where that Python is made."""
    python = next((CHAINER / name for name in ('bin/python', 'Scripts/python.exe')
                   if (CHAINER / name).exists()), None)
    return python and str(python)


def install_chainer():
    """Make a Python with Chainer 7.8.1, which needs an old NumPy: Python 3.8 to 3.11 has that."""
    if chainer_python():
        return
    own = sys.executable if sys.version_info < (3, 12) else None
    python = own or next(filter(None, (shutil.which(f'python3.{minor}')
                                       for minor in (11, 10, 9, 8))), None)
    if python is None:
        raise SystemExit('Chainer 7.8.1 needs a Python from 3.8 to 3.11, and there is none here.')
    subprocess.run([python, '-m', 'venv', CHAINER], check=True)
    pip = [_python(), '-m', 'pip', 'install', '--quiet']
    subprocess.run([*pip, 'setuptools<58', 'wheel', 'numpy==1.23.5'], check=True)
    subprocess.run([*pip, '--no-build-isolation', 'chainer==7.8.1'], check=True)
    COMPLETE.touch()


def peers_for(work):
    """Those that are installed and have this work: {peer: Python}."""
    pythons = {'minichain': sys.executable, 'chainer': chainer_python(),
               'pytorch': sys.executable if importlib.util.find_spec('torch') else None,
               'numpy': sys.executable if work not in steps_numpy.MISSING else None}
    return {peer: pythons[peer] for peer in TITLES if pythons[peer]}


class Worker:
    """One work of one framework, in a process of its own."""

    def __init__(self, python, peer, work, threads):
        number = str(threads)
        environment = dict(os.environ, OMP_NUM_THREADS=number, OPENBLAS_NUM_THREADS=number,
                           MKL_NUM_THREADS=number)
        self.process = subprocess.Popen(
            [python, __file__, peer, work], text=True, cwd=HERE, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def steps(self, count):
        """Train so many steps: (seconds of CPU a step, seconds a step, losses, MiB so far)."""
        self.process.stdin.write(f'{count}\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit('A framework ended before its work was done.')
        return json.loads(line)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def peak():
    """The most memory that this process has held, MiB; None where the system does not say."""
    try:
        status = pathlib.Path('/proc/self/status').read_text()
    except OSError:
        return None
    line = next(line for line in status.splitlines() if line.startswith('VmHWM'))
    return int(line.split()[1]) / 1024


def serve(peer, work):
    """The other end of a Worker: read how many steps, train them, write what they took."""
    step = __import__(f'steps_{peer}').build(work)
    for line in sys.stdin:
        count = int(line)
        cpu, clock = time.process_time(), time.perf_counter()
        losses = [step() for _ in range(count)]
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
        print(json.dumps((cpu / count, clock / count, losses, peak())), flush=True)


if __name__ == '__main__':
    serve(*sys.argv[1:])
