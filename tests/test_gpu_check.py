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
    page = comparison.PAGE.read_text(encoding='utf-8')
    done = subprocess.run([sys.executable, str(CHECK), '--stand-in', '--out', str(tmp_path)],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = numbers(tmp_path)
    parts = list(dict.fromkeys(row['part'] for row in rows))
    assert parts == ['machine', 'steps', 'tests', 'conformance', 'results', 'calls', 'rates']
    timed = {row['what'].partition(',')[0] for row in rows if row['part'] == 'steps'}
    assert timed == {'mlp', 'lenet', 'resnet50'}
    # The tests that were dealt out are all that there are.
    tests = [line for log in tmp_path.glob('tests_*.txt') for line in log.read_text().splitlines()
             if ' PASSED ' in f'{line} ']
    assert len(tests) == sum(row['value'] for row in rows if row['part'] == 'tests') > 5
    assert len({line.split()[0] for line in tests}) == len(tests)
    assert '| LeNet' in (tmp_path / 'steps.md').read_text(encoding='utf-8')
    assert comparison.PAGE.read_text(encoding='utf-8') == page      # written on a GPU only


def numbers(folder):
    lines = (folder / 'numbers.jsonl').read_text(encoding='utf-8').splitlines()
    return list(map(json.loads, lines))


def test_whoever_ends_the_gpu_check_keeps_what_it_found(tmp_path):
    process = subprocess.Popen([sys.executable, str(CHECK), '--stand-in', '--out', str(tmp_path)],
                               stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.startswith('steps'):
            break
    process.kill()
    process.communicate()
    assert numbers(tmp_path)[-1]['part'] == 'steps'


def test_a_process_that_takes_too_long_is_ended_and_its_rows_are_kept(tmp_path, monkeypatch):
    (tmp_path / 'steps.py').write_text('import time\nprint(1, flush=True)\ntime.sleep(600)')
    monkeypatch.setattr(comparison, 'GPU', tmp_path)
    rows = []
    assert comparison.run('minichain', False, False, 3, rows.append) == 'not done after 3 s'
    assert rows == [1]


def compared(monkeypatch, ours, theirs):
    """A Comparison of processes that gave these rows, and said these words at the end."""
    given = {'minichain': ours, 'pytorch': theirs}

    def run(framework, tf32, dry, seconds, tell):
        rows, problem = given[framework]
        for work, row in rows.items():
            tell({'work': work, **row})
        return problem

    monkeypatch.setattr(comparison, 'run', run)
    monkeypatch.setattr(comparison.importlib.util, 'find_spec', lambda name: True)
    told = []
    found = comparison.Comparison(told=lambda: told.append(found.text('1 GPU.')))
    for tf32 in (False, True):
        found.measure(tf32, 10)
    assert all('| step |' in text for text in told) and len(told) >= 2
    return found


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
