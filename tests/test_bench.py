"""The measurements run, on tiny numbers. Their times are not looked at."""
import pathlib
import subprocess
import sys

BENCH = pathlib.Path(__file__).parent / 'bench'


def test_the_measurement_of_overhead_runs():
    done = subprocess.run([sys.executable, BENCH / 'overhead.py', '--links', '2', '--rounds', '1'],
                          cwd=BENCH.parents[1], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    for words in ('10,000 numbers', 'forward + backward', 'forward, no graph', 'NumPy',
                  'with a Recorder', 'import'):
        assert words in done.stdout


def test_the_measurement_of_training_steps_runs():
    done = subprocess.run([sys.executable, BENCH / 'training.py', 'ragged', 'lenet',
                           '--rounds', '1', '--seconds', '0.01'],
                          cwd=BENCH.parents[1], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ['ragged', 'lenet']
    assert all('minichain' in line and ' ms' in line for line in done.stdout.splitlines())
