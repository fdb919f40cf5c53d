"""tests/gpu/check.py, the command for machines with a GPU, runs: here on the stand-in."""
import json
import pathlib
import subprocess
import sys

import pytest

CHECK = pathlib.Path(__file__).parent / 'gpu' / 'check.py'
sys.path.insert(0, str(CHECK.parent))

import comparison   # noqa: E402


def test_the_gpu_check_runs_on_the_stand_in(tmp_path):
    table, page = tmp_path / 'table.json', comparison.PAGE.read_text(encoding='utf-8')
    done = subprocess.run([sys.executable, str(CHECK), '--stand-in', '--json', str(table)],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(table.read_text())
    assert {row['part'] for row in rows} == {'machine', 'conformance', 'calls', 'rates', 'results',
                                             'steps'}
    timed = {row['what'].partition(',')[0] for row in rows if row['part'] == 'steps'}
    assert timed == {'mlp', 'lenet', 'resnet50'}
    assert comparison.PAGE.read_text(encoding='utf-8') == page      # written on a GPU only


def compared(monkeypatch, ours, theirs):
    """A Comparison of processes that gave these rows."""
    given = {'minichain': ours, 'pytorch': theirs}
    monkeypatch.setattr(comparison, 'run', lambda framework, tf32, dry: given[framework])
    monkeypatch.setattr(comparison.importlib.util, 'find_spec', lambda name: True)
    return comparison.Comparison()


def row(seconds, loss, mib=10.0):
    return {'seconds': seconds, 'mib': mib, 'losses': [loss] * 3}


def test_the_table_has_ratios_and_is_put_into_the_page(monkeypatch, tmp_path):
    found = compared(monkeypatch, ({'mlp': row(0.003, 2.0, 30.0), 'vgg': row(0.02, 2.5)}, ''),
                     ({'mlp': row(0.002, 2.001)}, 'out of memory'))
    assert not found.failures and 'PyTorch, TF32 on: out of memory' in found.notes
    lines = found.table().splitlines()
    assert lines[2].endswith('| off | 3.00 | 2.00 | 1.50 | 30.00 | 10.00 | 3.00 |')
    assert lines[3].endswith('| off | 20.00 |  |  | 10.00 |  |  |')
    page = tmp_path / 'GPU.md'
    page.write_text(comparison.PAGE.read_text(encoding='utf-8'), encoding='utf-8')
    for _ in range(2):
        comparison.write(found.text('1 GPU: Example.'), page)
    text = page.read_text(encoding='utf-8')
    assert text.count('| MLP') == 2 and '1 GPU: Example. Python' in text
    assert 'Nothing was measured' not in text and '## What is tested without a GPU' in text


@pytest.mark.parametrize('loss', [2.1, float('nan')])
def test_steps_that_do_not_compute_the_same_fail(loss, monkeypatch):
    found = compared(monkeypatch, ({'mlp': row(0.003, loss)}, ''), ({'mlp': row(0.002, 2.0)}, ''))
    assert found.failures == [f'mlp: the first losses are {loss:g} and 2'] * 2


def test_a_process_that_fails_is_said_with_its_last_line(monkeypatch):
    found = compared(monkeypatch, ({}, 'The NVIDIA driver shows no GPU.'), ({}, ''))
    assert found.failures == [f'minichain, TF32 {word}: The NVIDIA driver shows no GPU.'
                              for word in ('off', 'on')]
