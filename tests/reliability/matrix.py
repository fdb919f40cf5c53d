"""The versions that minichain says it works with, each in a fresh environment of its own.

    python tests/reliability/matrix.py                     all cells, one after the other
    python tests/reliability/matrix.py --list              their names, and which cannot run here
    python tests/reliability/matrix.py numpy-2.0 lab-4.4-ipykernel-7.0

A cell of an interpreter or of NumPy runs the files of ENGINE, or with --whole all of the part
`python` of tests/run.py. A cell of JupyterLab and ipykernel drives that server with the browser of
this environment. An interpreter is looked for as python3.10 and so on, in the PATH and among the
versions of pyenv; --python names others. CI runs the interpreter that it is started with, the
newest JupyterLab and the oldest. All ends with a table.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests'))
from environments import scripts      # noqa: E402  (the folder is not a package)

# What leans on Python and NumPy: types and shapes, files, threads, signals, syntax.
ENGINE = ['variable', 'backprop', 'functions_edges', 'optimizers_rules', 'serializers',
          'serializers_formats', 'data', 'graph', 'recorder', 'errors', 'guard', 'observe',
          'faults', 'reliability', 'widget', 'let_go', 'builder_code', 'stepper', 'unroller',
          'live_stream', 'training_run', 'lab_kernel', 'imports']
# The panel follows a loop, a training is steered while it runs, a graph is drawn in a cell.
BROWSER = ['test_live_panel.py', 'test_training_widget.py']


class Cell(NamedTuple):
    """An interpreter and what is installed into it beside minichain's extras."""
    name: str
    python: str
    requirements: tuple = ()
    browser: bool = False


# Of the extra `test`, what these files and the browser's helpers import.
TESTED_WITH = ['pytest', 'hypothesis', 'nbformat', 'jsonschema', 'playwright', 'psutil']
THIS = '.'.join(map(str, sys.version_info[:2]))
CELLS = [
    *[Cell(f'python-{version}', version) for version in ('3.10', '3.11', '3.12', '3.13', '3.14')],
    Cell('numpy-2.0', '3.10', ('numpy==2.0.*',)),
    *[Cell(f'lab-{lab or "newest"}-ipykernel-{kernel}', THIS,
           ('jupyterlab' + (f'=={lab}.*' if lab else ''), f'ipykernel=={kernel}.*'), browser=True)
      for lab in ('4.4', '') for kernel in ('6.31', '7.0', '7.4')],
]


def find_python(version, named):
    """The path of an interpreter of this version that starts, or None."""
    pyenv = pathlib.Path(os.environ.get('PYENV_ROOT', pathlib.Path.home() / '.pyenv')) / 'versions'
    candidates = [*named, sys.executable, shutil.which(f'python{version}'),
                  *sorted(pyenv.glob(f'{version}.*/bin/python'))]
    for path in filter(None, map(str, filter(None, candidates))):
        asked = subprocess.run(
            [path, '-c', 'import sys; print("%d.%d" % sys.version_info[:2])'],
            capture_output=True, text=True)
        if asked.stdout.strip() == version:
            return path
    return None


def install(cell, python, folder):
    """A new environment with minichain and what the cell asks for; the path of its Python."""
    run = {'check': True, 'cwd': ROOT, 'stdout': subprocess.DEVNULL}
    subprocess.run([python, '-m', 'venv', '--without-pip', str(folder)], **run)
    new = str(scripts(folder) / 'python')
    subprocess.run([sys.executable, '-m', 'pip', '--python', new, 'install', '-q', '-e', '.[lab]',
                    *cell.requirements, *([] if cell.browser else TESTED_WITH)], **run)
    return new


def test(cell, python, arguments, whole):
    """Run the cell's tests; the last line that pytest prints, and whether they passed."""
    environment = dict(os.environ, OPENBLAS_NUM_THREADS='1')
    if cell.browser:
        environment['MINICHAIN_LAB_PYTHON'] = python
        python = sys.executable
        tests = [f'tests/browser/{name}' for name in BROWSER]
    else:
        tests = ['tests'] if whole else [f'tests/test_{name}.py' for name in ENGINE]
        tests += ['-m', 'not browser and not slow and not clock and not oracle']
    done = subprocess.run([python, '-m', 'pytest', '-q', '-p', 'no:cacheprovider',
                           *(arguments or tests)], cwd=ROOT, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        print(done.stdout, flush=True)
    return done.stdout.strip().splitlines()[-1], done.returncode == 0


def versions(python):
    """What decides, as it was installed."""
    code = ('import importlib.metadata as m\n'
            'for name in ("numpy", "jupyterlab", "ipykernel"): print(name, m.version(name))')
    asked = subprocess.run([python, '-c', code], capture_output=True, text=True, check=True)
    return ', '.join(asked.stdout.splitlines())


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('cells', nargs='*', help='names of cells (default: all)')
    parser.add_argument('--list', action='store_true', help='name the cells, and stop')
    parser.add_argument('--python', action='append', default=[], help='a further interpreter')
    parser.add_argument('--whole', action='store_true', help='all of the part python')
    parser.add_argument('--tests', nargs='+', help='these arguments for pytest in place of all')
    options = parser.parse_args()
    names = [cell.name for cell in CELLS]
    for name in options.cells:
        if name not in names:
            parser.error(f'there is no cell {name!r}; there are {", ".join(names)}')
    failed, rows = False, []
    for cell in CELLS:
        if options.cells and cell.name not in options.cells:
            continue
        python = find_python(cell.python, options.python)
        if python is None:
            why = f'not run: there is no Python {cell.python} here'
            print(f'{cell.name}: {why}', flush=True)
            rows.append((cell.name, '', why, ''))
            continue
        if options.list:
            print(f'{cell.name}: {python} {" ".join(cell.requirements)}'.rstrip())
            continue
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix='minichain-matrix-') as folder:
            try:
                new = install(cell, python, pathlib.Path(folder) / 'environment')
            except subprocess.CalledProcessError as error:
                why = f'not installed: {" ".join(error.cmd)}'
                print(f'{cell.name}: {why}', flush=True)
                rows.append((cell.name, '', why, ''))
                failed = True
                continue
            print(f'{cell.name}: {versions(new)}', flush=True)
            result, passed = test(cell, new, options.tests, options.whole)
            failed |= not passed
            rows.append((cell.name, versions(new), result, f'{time.monotonic() - start:.0f} s'))
            print(f'    {result}', flush=True)
    if not options.list:
        for row in ('cell', 'versions', 'result', 'time'), ('---',) * 4, *rows:
            print(f'| {" | ".join(row)} |')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
