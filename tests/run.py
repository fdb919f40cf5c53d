"""Run every test of minichain, part by part, and say at the end what took how long.

    python tests/run.py                      all parts
    python tests/run.py python notebooks     some of them
    python tests/run.py --list               their names

It needs the extras `lab` and `test`. Node.js comes with them, Chromium is looked for on the machine
and otherwise fetched by Playwright.
"""
import argparse
import contextlib
import importlib.metadata
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree
from typing import NamedTuple

from packaging.requirements import Requirement

from environments import ROOT, new_environment, search_path

WIDGETS = ROOT / 'widgets'

# One part may take this long before it counts as hanging.
PART_SECONDS = 1200
CELL_SECONDS = 120

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
    """Runs the commands of one part and remembers whether all went well."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.reports = []
        self.deadline = time.monotonic() + PART_SECONDS
        self.environment = dict(os.environ)
        self.environment['PATH'] = search_path(sys.prefix)
        # A kernel, a server and a browser share few cores: threads would wait for each other.
        self.environment.setdefault('OPENBLAS_NUM_THREADS', '1')

    def run(self, *command, cwd=ROOT, quiet=False):
        """Run a command; False ends the part. What a quiet one prints is shown if it fails."""
        print('$', *command, flush=True)
        program = shutil.which(command[0], path=self.environment['PATH']) or command[0]
        pipes = {'stdout': subprocess.PIPE, 'stderr': subprocess.STDOUT} if quiet else {}
        try:
            done = subprocess.run([program, *command[1:]], cwd=cwd, env=self.environment, text=True,
                                  timeout=max(self.deadline - time.monotonic(), 1), **pipes)
        except subprocess.TimeoutExpired:
            print(f'Stopped: this part took more than {PART_SECONDS} s.', flush=True)
            return False
        except OSError as error:
            print(f'{command[0]} does not start: {error}', flush=True)
            return False
        if quiet and done.returncode != 0:
            print(done.stdout, flush=True)
        return done.returncode == 0

    def install(self, python, *requirements):
        """Install into another environment."""
        return self.run(python, '-m', 'pip', 'install', *requirements, quiet=True)

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
    return runner.pytest('-m', 'not browser and not slow', '--durations=10')


def notebooks_part(runner):
    """every lesson and solution, run and compared with its stored outputs"""
    notebooks = [str(path.relative_to(ROOT)) for name in ('lesson', 'solution')
                 for path in sorted((ROOT / 'lessons').glob(f'*/{name}.ipynb'))]
    if not notebooks:
        print('There are no notebooks in lessons/.')
        return False
    return runner.pytest('--nbval', '--nbval-current-env',
                         f'--nbval-cell-timeout={CELL_SECONDS}', *notebooks)


def typescript_part(runner):
    """types, unit tests, and whether the committed bundles are what the sources give"""
    return (runner.run('jlpm', 'install', '--immutable', cwd=WIDGETS, quiet=True)
            and all([runner.run('jlpm', script, cwd=WIDGETS)
                     for script in ('check', 'test', 'fresh')]))


def kernels_part(runner):
    """every GPU kernel through CUDA's own compiler, which needs no GPU (Linux)"""
    if sys.platform != 'linux':
        print('The CUDA compiler is installed on Linux only.')
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
        print(f'pip finds no {PYTORCH}, the build without CUDA. Where it is, say with '
              'PIP_EXTRA_INDEX_URL or PIP_FIND_LINKS. Nothing was compared.')
        return True
    return (runner.install(python, '-e', '.[hdf5,onnx]', *WITH_PYTORCH, 'pytest')
            and runner.pytest('-m', 'oracle', *ORACLE_TESTS, python=python)
            and 'skipped' not in runner.counts())


def slow_part(runner):
    """wheel and sdist, installations from nothing, the steps of Binder, what else is slow"""
    return runner.pytest('-m', 'slow and not browser', '--durations=10')


def browser_part(runner):
    """JupyterLab of this environment in Chromium"""
    return (find_chromium(runner)
            and runner.run('jlpm', 'install', '--immutable', cwd=WIDGETS, quiet=True)   # axe-core
            and runner.pytest('tests/browser', '--durations=10'))


def oldest_browser_part(runner):
    """the oldest supported JupyterLab, with its kernel and widgets, in Chromium"""
    if not find_chromium(runner):
        return False
    python = runner.environment['MINICHAIN_LAB_PYTHON'] = str(new_environment(
        runner.scratch / 'oldest'))
    return (runner.install(python, '-e', '.[lab]', 'notebook', *oldest_jupyter())
            and runner.pytest('tests/browser', '-m', 'not newest_only', '--durations=10'))


PARTS = {
    'python': python_part,
    'notebooks': notebooks_part,
    'typescript': typescript_part,
    'kernels': kernels_part,
    'oracle': oracle_part,
    'slow': slow_part,
    'browser': browser_part,
    'browser-oldest': oldest_browser_part,
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


def run_part(name):
    print(f'\n{"=" * 20} {name}: {PARTS[name].__doc__}', flush=True)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix='minichain-') as scratch:
        runner = Runner(pathlib.Path(scratch))
        ok = PARTS[name](runner)
        counts = runner.counts()
    return Result(name, ok, time.monotonic() - start, counts)


def print_table(results):
    width = max(len(result.part) for result in results)
    print(f'\n{"part":<{width}}  seconds  result')
    for result in results:
        word = 'ok' if result.ok else 'FAILED'
        print(f'{result.part:<{width}}  {result.seconds:7.1f}  {word:<6}  {result.counts}'.rstrip())
    print(f'{"all":<{width}}  {sum(result.seconds for result in results):7.1f}')


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('parts', nargs='*', metavar='part',
                        help=f'one or more of: {", ".join(PARTS)} (default: all)')
    parser.add_argument('--list', action='store_true', help='say what each part tests, and stop')
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f'there is no part {unknown[0]!r}; there are {", ".join(PARTS)}')
    if options.list:
        for name, part in PARTS.items():
            print(f'{name:<16}{part.__doc__}')
        return 0
    results = []
    with contextlib.suppress(KeyboardInterrupt):
        for name in options.parts or PARTS:
            results.append(run_part(name))
    if results:
        print_table(results)
    complete = len(results) == len(options.parts or PARTS)
    return 0 if complete and all(result.ok for result in results) else 1


if __name__ == '__main__':
    sys.exit(main())
