"""tests/gpu/check.py, the command for machines with a GPU, runs: here on the stand-in."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

CHECK = pathlib.Path(__file__).parent / 'gpu' / 'check.py'
sys.path.insert(0, str(CHECK.parent))

import check        # noqa: E402
import comparison   # noqa: E402


def test_the_gpu_check_runs_on_the_stand_in(tmp_path):
    page = comparison.PAGE.read_text(encoding='utf-8')
    done = subprocess.run([sys.executable, str(CHECK), '--stand-in', '--out', str(tmp_path)],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = numbers(tmp_path)
    parts = list(dict.fromkeys(row['part'] for row in rows))
    assert parts == ['machine', 'steps', 'tests', 'conformance', 'results', 'calls', 'rates']
    timed = {row['what'].partition(',')[0] for row in rows if row['unit'] == 'ms'}
    assert timed == {'mlp', 'lenet', 'resnet50'}
    # The tests that were dealt out are all that there are.
    tests = [line for line in (tmp_path / 'tests.txt').read_text().splitlines()
             if ' PASSED ' in f'{line} ']
    assert len(tests) == sum(row['value'] for row in rows if row['unit'] == 'passed') > 5
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


def test_what_goes_wrong_in_a_part_is_told_and_the_rest_goes_on(stand_in, tmp_path, monkeypatch,
                                                                capsys):
    monkeypatch.setattr(comparison, 'run', lambda *arguments: 'no library\nmore of it')
    monkeypatch.setattr(check.Check, 'tests', lambda self: 1 / 0)
    monkeypatch.setattr(stand_in, 'exp', lambda a: stand_in.no_such_thing)
    found = check.Check(stand_in, True, tmp_path, 60)
    found.run()
    parts = [row['part'] for row in numbers(tmp_path) if row['what'] == 'all of this part']
    assert parts == ['machine', 'steps', 'tests', 'conformance', 'results', 'calls', 'rates']
    assert [row for row in numbers(tmp_path) if row['what'].startswith('a[rows]')]
    assert found.failures[0] == 'tests: ZeroDivisionError: division by zero'
    assert [failure.partition(':')[0] for failure in found.failures[-3:]] == [
        'results', 'exp(a)', 'minichain, TF32 off']
    assert 'Traceback' in capsys.readouterr().out


STEPS = """
import json, sys
works = sys.argv[2:] or ['a', 'b', 'c']
print('a library says something')
for i, work in enumerate(works):
    print(json.dumps({'begins': works[i:]}), flush=True)
    if work == 'b':
        sys.exit('out of memory')
    print(json.dumps({'work': work}), flush=True)
"""


def steps_of(source, folder, monkeypatch, seconds=20):
    """What comparison.run gives and tells where steps.py is another program."""
    (folder / 'steps.py').write_text(source)
    monkeypatch.setattr(comparison, 'GPU', folder)
    rows = []
    return comparison.run('minichain', False, False, seconds, rows.append), rows


def test_after_a_work_that_fails_a_new_process_does_the_rest(tmp_path, monkeypatch):
    assert steps_of(STEPS, tmp_path, monkeypatch) == ('b: out of memory',
                                                      [{'work': 'a'}, {'work': 'c'}])


def test_a_program_that_does_not_begin_is_started_once(tmp_path, monkeypatch):
    source = f'print(1, file=open({str(tmp_path / "starts")!r}, "a"))\nraise ImportError("no cupy")'
    assert steps_of(source, tmp_path, monkeypatch) == ('ImportError: no cupy', [])
    assert (tmp_path / 'starts').read_text() == '1\n'


def test_a_process_that_takes_too_long_is_ended_and_its_rows_are_kept(tmp_path, monkeypatch):
    source = STEPS.replace("sys.exit('out of memory')", '__import__("time").sleep(600)')
    assert steps_of(source, tmp_path, monkeypatch, 3) == ('b: not done after 3 s', [{'work': 'a'}])


def test_tests_that_cannot_be_read_do_not_keep_the_others_from_running(stand_in, tmp_path, capsys):
    """As on a machine that lacks something that only other tests need."""
    folder = tmp_path / 'tests'
    folder.mkdir()
    (folder / 'conftest.py').write_text(
        'def pytest_addoption(parser):\n    parser.addoption("--part")')
    (folder / 'test_well.py').write_text(
        'def test_well():\n    import minichain, minichain_widgets')
    (folder / 'test_ill.py').write_text('def test_ill():\n    assert False')
    (folder / 'test_unread.py').write_text('import no_such_module')
    found = check.Check(stand_in, True, tmp_path, 60)
    command = [sys.executable, '-m', 'pytest', '-v', '-p', 'no:cacheprovider', '-c', os.devnull,
               '--continue-on-collection-errors', str(folder)]
    found.run_tests(command, [tmp_path / 'log'])
    assert [(row['value'], row['note']) for row in numbers(tmp_path)] == [(1, '1 failed')]
    assert found.failures == ['pytest -m gpu, log: 1 failed']
    assert 'test_unread.py: its tests are left out' in capsys.readouterr().out


def test_kernels_are_kept_where_one_may_write(tmp_path, monkeypatch):
    monkeypatch.setenv('CUPY_CACHE_DIR', str(tmp_path / 'kernels'))
    check.keep_kernels()
    assert os.environ['CUPY_CACHE_DIR'] == str(tmp_path / 'kernels')
    (tmp_path / 'file').touch()
    monkeypatch.setenv('CUPY_CACHE_DIR', str(tmp_path / 'file' / 'kernels'))
    check.keep_kernels()
    other = pathlib.Path(os.environ['CUPY_CACHE_DIR'])
    assert other.is_dir() and not list(other.iterdir())
    other.rmdir()


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


def test_pytorch_has_the_time_that_minichain_leaves(monkeypatch):
    now, given = [100.0], {}

    def run(framework, tf32, dry, seconds, tell):
        given[framework] = seconds
        now[0] += 20

    monkeypatch.setattr(comparison, 'run', run)
    monkeypatch.setattr(comparison.time, 'monotonic', lambda: now[0])
    monkeypatch.setattr(comparison.importlib.util, 'find_spec', lambda name: True)
    comparison.Comparison().measure(False, 90)
    assert given == {'minichain': 60, 'pytorch': 70}


@pytest.mark.parametrize('loss', [2.1, float('nan')])
def test_steps_that_do_not_compute_the_same_fail(loss, monkeypatch):
    found = compared(monkeypatch, ({'mlp': row(0.003, loss)}, ''), ({'mlp': row(0.002, 2.0)}, ''))
    assert found.failures == [f'mlp: the first losses are {loss:g} and 2'] * 2


def test_a_process_that_fails_is_said_with_its_last_line(monkeypatch):
    found = compared(monkeypatch, ({}, 'The NVIDIA driver shows no GPU.'), ({}, ''))
    assert found.failures == [f'minichain, TF32 {word}: The NVIDIA driver shows no GPU.'
                              for word in ('off', 'on')]
