"""The measurements run, on tiny numbers. Their times are not looked at."""
import pathlib
import subprocess
import sys

import pytest

BENCH = pathlib.Path(__file__).parent / 'bench'


def test_the_measurement_of_overhead_runs():
    done = subprocess.run([sys.executable, BENCH / 'overhead.py', '--links', '2', '--rounds', '1'],
                          cwd=BENCH.parents[1], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    for words in ('10,000 numbers', 'forward + backward', 'forward, no graph', 'NumPy',
                  'with a Recorder', 'import'):
        assert words in done.stdout


def test_training_steps_are_measured_and_compute_what_numpy_alone_computes():
    works = ['ragged_whole', 'attention', 'trees_fused', 'lenet']
    done = subprocess.run([sys.executable, BENCH / 'training.py', *works, '--rounds', '1',
                           '--seconds', '0.01'],
                          cwd=BENCH.parents[1], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()[1:]
    assert [line.split()[0] for line in lines] == works
    for line, by_hand in zip(lines, [True, True, True, False]):
        assert ' ms' in line and ('by hand' in line) == by_hand
        assert float(line.split()[-1]) < 1e-4, f'The losses are not the same: {line}'


def test_fused_operations_are_measured_beside_what_defines_them():
    done = subprocess.run([sys.executable, BENCH / 'fused.py', '1'],
                          cwd=BENCH.parents[1], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = done.stdout.splitlines()[1:]
    assert [row.split(',')[0] for row in rows] == [
        'lstm', 'tree_lstm', 'lstm_sweep', 'gru_sweep', 'batch_norm', 'group_norm',
        'layer_norm', 'softmax_cross_entropy']
    assert all(float(row.split()[-1]) > 0 for row in rows)


def test_what_a_training_run_costs_is_measured():
    pytest.importorskip('anywidget', reason='minichain[lab] is not installed')
    done = subprocess.run([sys.executable, BENCH / 'training_run.py',
                           '--seconds', '0.05'],
                          cwd=BENCH.parents[1], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert [line.split(',')[0] for line in done.stdout.splitlines()] == (
        ['mlp'] * 5 + ['cnn'] * 5 + ['plane'] * 2)
    assert 'confusion' in done.stdout
