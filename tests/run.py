"""Run every test of minichain, part by part, and say at the end what took how long.

    python tests/run.py                      all parts, as many at a time as there are cores
    python tests/run.py --jobs 1             one after the other, each line as it is printed
    python tests/run.py python notebooks     some of them
    python tests/run.py --list               their names

It needs the extras `lab` and `test`. Node.js comes with them, Chromium is looked for on the machine
and otherwise fetched by Playwright.
"""
import argparse
import concurrent.futures
import contextlib
import importlib.metadata
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree
from collections.abc import Callable
from typing import NamedTuple

from packaging.requirements import Requirement

from environments import ROOT, end_when_told, new_environment, search_path

WIDGETS = ROOT / 'widgets'

# One part may take this long before it counts as hanging.
PART_SECONDS = 1200
CELL_SECONDS = 120
# Tests that are interrupted stop their servers and browsers first.
STOP_SECONDS = 20

CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
# Of the extra `lab`, what decides how the notebook's front end and its kernel behave.
JUPYTER = ['jupyterlab', 'ipykernel', 'ipywidgets', 'anywidget']
# PyTorch's build for the CPU alone, a tenth of the one with CUDA, and what it needs.
PYTORCH = 'torch==2.13.0' + ('+cpu' if sys.platform == 'linux' else '')
WITH_PYTORCH = ['filelock', 'fsspec', 'jinja2', 'networkx', 'setuptools>=77', 'sympy',
                'typing-extensions', 'safetensors', 'onnxruntime']
ORACLE_TESTS = [f'tests/test_{name}.py' for name in (
    'exchange', 'links', 'memory', 'onnx', 'optimizers_rules', 'oracle', 'oracle_functions',
    'reliability', 'serializers_formats')]


class Result(NamedTuple):
    part: str
    ok: bool
    seconds: float
    counts: str


class Runner:
    """Runs the commands of one part and remembers whether all went well.

    stopping  an event; once it is set no command starts
    output    the file that gets what they print; None shows it at once
    """

    def __init__(self, scratch, stopping, output=None):
        self.scratch = scratch
        self.stopping = stopping
        self.output = output
        self.reports = []
        self.process = None
        self.deadline = time.monotonic() + PART_SECONDS
        self.environment = dict(os.environ)
        self.environment['PATH'] = search_path(sys.prefix)
        # A kernel, a server and a browser share few cores: threads would wait for each other.
        self.environment.setdefault('OPENBLAS_NUM_THREADS', '1')
        # Hundreds of kernels start; where Python may not keep what it compiles, each compiles all.
        self.environment.pop('PYTHONDONTWRITEBYTECODE', None)
        # Kernels of two parts would wait for each other to write into one history.
        self.environment['IPYTHONDIR'] = str(scratch / 'ipython')

    def say(self, *words):
        print(*words, flush=True, file=self.output)

    def run(self, *command, cwd=ROOT, quiet=False):
        """Run a command; False ends the part. What a quiet one prints is shown if it fails."""
        if self.stopping.is_set():
            return False
        self.say('$', *command)
        program = shutil.which(command[0], path=self.environment['PATH']) or command[0]
        shown = subprocess.PIPE if quiet else self.output
        try:
            self.process = subprocess.Popen(
                [program, *command[1:]], cwd=cwd, env=self.environment, text=True, stdout=shown,
                stderr=subprocess.STDOUT if shown else None, start_new_session=True)
            if self.stopping.is_set():      # since the first line of this method
                self.stop()
            printed, _ = self.process.communicate(timeout=max(self.deadline - time.monotonic(), 1))
        except subprocess.TimeoutExpired:
            self.say(f'Stopped: this part took more than {PART_SECONDS} s.')
            self.stop()
            return False
        except OSError as error:
            self.say(f'{command[0]} does not start: {error}')
            return False
        if quiet and self.process.returncode != 0:
            self.say(printed)
        return self.process.returncode == 0

    def stop(self):
        """End the command that runs, with all its children."""
        process = self.process
        if process is None or process.poll() is not None:
            return
        if os.name == 'nt':
            process.kill()
            return
        os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def install(self, python, *requirements):
        """Install into another environment."""
        return self.run(python, '-m', 'pip', 'install', *requirements, quiet=True)

    def install_front_end(self):
        """Install the JavaScript packages that the checks and axe-core need."""
        return self.run('jlpm', 'install', '--immutable', cwd=WIDGETS, quiet=True)

    def pytest(self, *arguments, python=sys.executable):
        report = self.scratch / f'report-{len(self.reports)}.xml'
        self.reports.append(report)
        return self.run(python, '-m', 'pytest', f'--junitxml={report}', *arguments)

    def counts(self):
        """What pytest counted in this part, such as '120 passed, 2 skipped'."""
        totals = dict.fromkeys(('passed', 'failed', 'skipped'), 0)
        for report in filter(pathlib.Path.exists, self.reports):
            for suite in xml.etree.ElementTree.parse(report).getroot().iter('testsuite'):
                number = {key: int(suite.get(key, 0))
                          for key in ('tests', 'failures', 'errors', 'skipped')}
                failed = number['failures'] + number['errors']
                totals['failed'] += failed
                totals['skipped'] += number['skipped']
                totals['passed'] += number['tests'] - failed - number['skipped']
        return ', '.join(f'{number} {word}' for word, number in totals.items() if number)


def python_part(runner):
    """engine, widgets without a browser, layers of imports, API list, README"""
    return runner.pytest('-m', 'not browser and not slow and not clock', '--durations=10')


def notebooks_part(runner):
    """every lesson and solution, run and compared with its stored outputs"""
    notebooks = [str(path.relative_to(ROOT)) for name in ('lesson', 'solution')
                 for path in sorted((ROOT / 'lessons').glob(f'*/{name}.ipynb'))]
    if not notebooks:
        runner.say('There are no notebooks in lessons/.')
        return False
    return runner.pytest('--nbval', '--nbval-current-env',
                         f'--nbval-cell-timeout={CELL_SECONDS}', *notebooks)


def typescript_part(runner):
    """types, unit tests, and whether the committed bundles are what the sources give"""
    return (runner.install_front_end()
            and all([runner.run('jlpm', script, cwd=WIDGETS)
                     for script in ('check', 'test', 'fresh')]))


def kernels_part(runner):
    """every GPU kernel through CUDA's own compiler, which needs no GPU (Linux)"""
    if sys.platform != 'linux':
        runner.say('The CUDA compiler is installed on Linux only.')
        return True
    python = str(new_environment(runner.scratch / 'cuda'))
    return (runner.install(python, '-e', '.[kernel-check]', 'pytest')
            and runner.pytest('tests/test_kernels_compile.py', python=python)
            and 'skipped' not in runner.counts())


def oracle_part(runner):
    """functions, networks, optimizers and files against PyTorch, safetensors, h5py, onnxruntime"""
    python = str(new_environment(runner.scratch / 'oracle'))
    if not runner.run(python, '-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:',
                      PYTORCH):
        runner.say(f'pip finds no {PYTORCH}, the build without CUDA. Where it is, say with '
                   'PIP_EXTRA_INDEX_URL or PIP_FIND_LINKS. Nothing was compared.')
        return True
    return (runner.install(python, '-e', '.[hdf5,onnx]', *WITH_PYTORCH, 'pytest')
            and runner.pytest('-m', 'oracle', *ORACLE_TESTS, python=python)
            and 'skipped' not in runner.counts())


def slow_part(runner):
    """wheel and sdist, installations from nothing, the steps of Binder, what else is slow"""
    return runner.pytest('-m', 'slow and not browser and not clock', '--durations=10')


def browser_part(runner):
    """JupyterLab of this environment in Chromium"""
    return (find_chromium(runner)
            and runner.install_front_end()
            and runner.pytest('tests/browser', '-m', 'not clock', '--durations=10'))


def oldest_browser_part(runner):
    """the oldest supported JupyterLab, with its kernel and widgets, in Chromium"""
    if not find_chromium(runner):
        return False
    python = runner.environment['MINICHAIN_LAB_PYTHON'] = str(new_environment(
        runner.scratch / 'oldest'))
    return (runner.install(python, '-e', '.[lab]', 'notebook', *oldest_jupyter())
            and runner.pytest('tests/browser', '-m', 'not newest_only and not clock',
                              '--durations=10'))


def clock_part(runner):
    """what looks at the clock: delay and speed of the live graph; nothing runs beside it"""
    return find_chromium(runner) and runner.pytest('-m', 'clock')


class Part(NamedTuple):
    """A part of the run, and beside what it may run.

    browser  waits for another one of its kind: a browser, a server and a kernel fill two cores
    alone    waits until nothing else runs
    """
    run: Callable[[Runner], bool]
    browser: bool = False
    alone: bool = False

    def may_run_beside(self, others):
        if self.alone or any(part.alone for part in others):
            return not others
        return not (self.browser and any(part.browser for part in others))


# In the order in which they start. The two with a browser take longest and follow each other.
# The first builds the bundles where the others read them.
PARTS = {
    'typescript': Part(typescript_part, alone=True),
    'python': Part(python_part),
    'browser': Part(browser_part, browser=True),
    'browser-oldest': Part(oldest_browser_part, browser=True),
    'notebooks': Part(notebooks_part),
    'slow': Part(slow_part),
    'oracle': Part(oracle_part),
    'kernels': Part(kernels_part),
    'clock': Part(clock_part, browser=True, alone=True),
}


def oldest_jupyter():
    """The lower bounds that pyproject.toml states: ['jupyterlab==4.4', ...]."""
    requirements = map(Requirement, importlib.metadata.requires('minichain'))
    return [f'{requirement.name}=={bound.version}' for requirement in requirements
            for bound in requirement.specifier
            if requirement.name in JUPYTER and bound.operator == '>=']


def find_chromium(runner):
    """Tell the browser tests which Chromium to use; without one, let Playwright fetch its own."""
    environment = runner.environment
    names = [environment.get('MINICHAIN_CHROMIUM', ''), *CHROMIUM_NAMES]
    found = next(filter(None, map(shutil.which, filter(None, names))), None)
    if found is None:
        environment.pop('MINICHAIN_CHROMIUM', None)
        return runner.run(sys.executable, '-m', 'playwright', 'install', 'chromium')
    environment['MINICHAIN_CHROMIUM'] = found
    return True


class Run:
    """Runs parts, several at a time, and collects their results.

    Several at a time print into files, and each part's is shown when the part ends.
    """

    def __init__(self, names, jobs):
        self.waiting = list(names)
        self.jobs = min(jobs, len(self.waiting))
        self.runners = {}       # of the parts that run
        self.results = []
        self.stopping = threading.Event()

    def to_the_end(self):
        """Run all parts; an interrupt ends those that run, with their children."""
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            running = {}
            try:
                while self.waiting or running:
                    while len(running) < self.jobs and (name := self.next_beside(running.values())):
                        self.waiting.remove(name)
                        running[pool.submit(self.run_part, name)] = name
                    done, _ = concurrent.futures.wait(running, return_when='FIRST_COMPLETED')
                    for future in done:
                        del running[future]
                        self.results.append(future.result())
            except KeyboardInterrupt:
                print(f'\nStopped: {", ".join(running.values())}', flush=True)
                self.stopping.set()
                for runner in list(self.runners.values()):
                    runner.stop()

    def next_beside(self, running):
        """The first part that waits and may run beside these; None if there is none."""
        others = [PARTS[name] for name in running]
        return next((name for name in self.waiting if PARTS[name].may_run_beside(others)), None)

    def run_part(self, name):
        start = time.monotonic()
        title = f'\n{"=" * 20} {name}: {PARTS[name].run.__doc__}'
        with contextlib.ExitStack() as stack:
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix='minichain-'))
            output = None
            if self.jobs > 1:
                print(f'{name} starts', flush=True)
                output = stack.enter_context(
                    open(pathlib.Path(scratch) / 'printed', 'w+', encoding='utf-8'))
            runner = self.runners[name] = Runner(
                pathlib.Path(scratch), self.stopping, output)
            runner.say(title)
            ok = PARTS[name].run(runner)
            counts = runner.counts()
            del self.runners[name]
            seconds = time.monotonic() - start
            if output:
                output.seek(0)
                print(f'{output.read()}{name} ended after {seconds:.1f} s', flush=True)
        return Result(name, ok, seconds, counts)


def print_table(results, seconds):
    width = max(len(result.part) for result in results)
    print(f'\n{"part":<{width}}  seconds  result')
    for result in results:
        word = 'ok' if result.ok else 'FAILED'
        print(f'{result.part:<{width}}  {result.seconds:7.1f}  {word:<6}  {result.counts}'.rstrip())
    print(f'{"all":<{width}}  {seconds:7.1f}')


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('parts', nargs='*', metavar='part',
                        help=f'one or more of: {", ".join(PARTS)} (default: all)')
    parser.add_argument('--jobs', type=int, default=os.cpu_count() or 1, metavar='N',
                        help='how many parts may run at a time (default: one for each core)')
    parser.add_argument('--list', action='store_true', help='say what each part tests, and stop')
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f'there is no part {unknown[0]!r}; there are {", ".join(PARTS)}')
    if options.jobs < 1:
        parser.error(f'--jobs is at least 1, not {options.jobs}')
    if options.list:
        for name, part in PARTS.items():
            print(f'{name:<16}{part.run.__doc__}')
        return 0
    # The commands run in groups of their own, so that each can be ended with its children. They
    # inherit what becomes of SIGINT, and tests press Ctrl-C.
    end_when_told()
    names = list(dict.fromkeys(options.parts)) or list(PARTS)
    start = time.monotonic()
    run = Run(names, options.jobs)
    run.to_the_end()
    if run.results:
        print_table(run.results, time.monotonic() - start)
    complete = len(run.results) == len(names)
    return 0 if complete and all(result.ok for result in run.results) else 1


if __name__ == '__main__':
    sys.exit(main())
