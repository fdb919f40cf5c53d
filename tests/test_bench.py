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
