"""Buttons that answer while a training runs, on each ipykernel: python tests/reliability/kernels.py

    --versions 6.31.0 7.3.0 7.4.0   which ones

ipykernels differ in when they hear a message while something runs: after the cell, at its next
await, or in another thread. For each version this makes an environment that has it in front of the
packages of this one (pip fetches it), and runs the browser tests of TrainingRun there: buttons
answer within 0.2 s, settings change while it trains, a deleted cell or a closed notebook
ends the work. Prints how long the buttons took.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSIONS = ['6.31.0', '7.3.0', '7.4.0']
TESTS = 'tests/browser/test_training_widget.py'


def environment_with(version, folder):
    """A Python whose ipykernel is this one, and whose other packages are ours."""
    venv.create(folder)
    packages = pathlib.Path(sysconfig.get_path(
        'purelib', vars={'base': str(folder), 'platbase': str(folder)}))
    subprocess.run([sys.executable, '-m', 'pip', 'install', '--quiet', '--no-deps', '--target',
                    packages, f'ipykernel=={version}'], check=True)
    (packages / 'ours.pth').write_text(sysconfig.get_path('purelib') + '\n')
    return folder / ('Scripts/python.exe' if os.name == 'nt' else 'bin/python')


def run(version):
    """(whether the tests pass, what they printed)"""
    with tempfile.TemporaryDirectory() as folder:
        python = environment_with(version, pathlib.Path(folder) / 'environment')
        used = subprocess.run([python, '-c', 'import ipykernel; print(ipykernel.__version__)'],
                              check=True, capture_output=True, text=True).stdout.strip()
        assert used == version, f'{version} was wanted, but {used} would run'
        settings = dict(os.environ, MINICHAIN_LAB_PYTHON=str(python),
                        JUPYTER_PATH=str(pathlib.Path(sys.prefix) / 'share' / 'jupyter'))
        done = subprocess.run([sys.executable, '-m', 'pytest', TESTS, '-q', '-rP', '--tb=short'],
                              cwd=ROOT, env=settings, capture_output=True, text=True)
    return done.returncode == 0, done.stdout


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--versions', nargs='+', default=VERSIONS)
    failed = []
    for version in parser.parse_args(arguments).versions:
        ok, printed = run(version)
        answers = re.findall(r'milliseconds until a button answers: (.*)', printed)
        print(f'ipykernel {version:8} {"ok" if ok else "FAILED"}  {"; ".join(answers)}', flush=True)
        if not ok:
            failed.append(version)
            print(printed[-3000:])
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
