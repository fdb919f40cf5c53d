"""The program that runs the tests: what runs beside what, and how a part ends."""
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import run
from environments import ROOT

SLEEPER = 'import time; print("here", flush=True); time.sleep(60)'


def use_parts(monkeypatch, **parts):
    monkeypatch.setattr(run, 'PARTS', parts)
    return list(parts)


def says(words, ok=True):
    def part(runner):
        """says something"""
        return runner.run(sys.executable, '-c', f'print({words!r})') and ok
    return run.Part(part)


def test_each_part_says_what_it_tests():
    assert list(run.PARTS) == ['typescript', 'python', 'browser', 'browser-oldest', 'notebooks',
                               'slow', 'oracle', 'kernels', 'clock']
    assert all(part.run.__doc__ for part in run.PARTS.values())


def test_browsers_follow_each_other_and_the_clock_is_alone():
    parts = run.PARTS
    assert not parts['browser-oldest'].may_run_beside([parts['python'], parts['browser']])
    assert parts['browser-oldest'].may_run_beside([parts['python'], parts['slow']])
    assert parts['notebooks'].may_run_beside([parts['browser']])
    assert not parts['clock'].may_run_beside([parts['python']])
    assert not parts['python'].may_run_beside([parts['clock']])
    assert not parts['browser'].may_run_beside([parts['typescript']])
    assert parts['clock'].may_run_beside([])


def test_what_a_part_prints_stays_together(monkeypatch, capfd):
    names = use_parts(monkeypatch, one=says('first\nsecond'), two=says('third', ok=False))
    runs = run.Run(names, jobs=2)
    runs.to_the_end()
    assert {(result.part, result.ok) for result in runs.results} == {('one', True), ('two', False)}
    printed = capfd.readouterr().out
    assert '\nfirst\nsecond\none ended after ' in printed
    assert '\nthird\ntwo ended after ' in printed
    run.print_table(runs.results, 12.0)
    table = capfd.readouterr().out
    assert 'FAILED' in table and table.splitlines()[-1].split() == ['all', '12.0']


def test_a_part_alone_waits_for_the_others(monkeypatch):
    running, most = set(), []

    def noted(name):
        def part(runner):
            """notes what runs beside it"""
            running.add(name)
            time.sleep(0.05)
            most.append((name, set(running)))
            running.remove(name)
            return True
        return part

    names = use_parts(monkeypatch, clock=run.Part(noted('clock'), alone=True),
                      one=run.Part(noted('one')), two=run.Part(noted('two')))
    runs = run.Run(['one', 'clock', 'two'], jobs=3)
    runs.to_the_end()
    assert len(runs.results) == len(names)
    assert dict(most)['clock'] == {'clock'} and most[-1][0] == 'clock'


@pytest.mark.skipif(os.name == 'nt', reason='groups of processes are those of POSIX')
def test_a_part_that_takes_too_long_ends_with_its_children(monkeypatch, tmp_path):
    monkeypatch.setattr(run, 'PART_SECONDS', 1)
    with open(tmp_path / 'printed', 'w+', encoding='utf-8') as output:
        runner = run.Runner(tmp_path, threading.Event(), output)
        parent = f'import subprocess, sys; subprocess.run([sys.executable, "-c", {SLEEPER!r}])'
        assert not runner.run(sys.executable, '-c', parent)
        output.seek(0)
        assert 'Stopped: this part took more than 1 s.' in output.read()
    with pytest.raises(ProcessLookupError):
        os.killpg(runner.process.pid, 0)


@pytest.mark.skipif(os.name == 'nt', reason='groups of processes are those of POSIX')
def test_an_interrupt_ends_every_child(tmp_path):
    note = 'import os, time; open(f"{os.getpid()}.pid", "w").close(); time.sleep(60)'
    program = f'''
import sys
sys.path.insert(0, {str(ROOT / 'tests')!r})
import run
def part(runner):
    """sleeps"""
    return runner.run(sys.executable, '-c', {note!r}, cwd={str(tmp_path)!r})
run.PARTS = dict(one=run.Part(part), two=run.Part(part), three=run.Part(part))
sys.argv = ['run.py', '--jobs', '2']
sys.exit(run.main())
'''
    process = subprocess.Popen([sys.executable, '-c', program], stdout=subprocess.PIPE, text=True)
    while len(list(tmp_path.glob('*.pid'))) < 2:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    printed, _ = process.communicate(timeout=30)
    assert process.returncode == 1 and 'Stopped: one, two' in printed
    children = [int(path.stem) for path in tmp_path.glob('*.pid')]
    assert len(children) == 2
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


# Browser tests ------------------------------------------------------------------------------------

def test_a_browser_test_that_waits_for_the_clock_says_why():
    lines = [f'{path.name}:{number}: {line.strip()}'
             for folder in ('browser', 'reliability', 'bench')
             for path in (ROOT / 'tests' / folder).glob('*.py')
             for number, line in enumerate(path.read_text('utf-8').splitlines(), 1)
             if 'wait_for_timeout(' in line]
    assert lines and not [line for line in lines if '# ' not in line]


@pytest.mark.skipif(os.name == 'nt', reason='a shell script stands in for Jupyter')
def test_a_jupyter_that_does_not_start_is_ended(tmp_path, monkeypatch):
    pytest.importorskip('playwright', reason='minichain[test] is not installed')
    monkeypatch.syspath_prepend(ROOT / 'tests' / 'browser')
    import labbox
    monkeypatch.setattr(labbox, 'START_SECONDS', 0.2)
    started = []

    class Popen(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(labbox.subprocess, 'Popen', Popen)
    mute = tmp_path / 'mute'
    mute.write_text('#!/bin/sh\nexec sleep 60\n')
    mute.chmod(0o755)
    with pytest.raises(RuntimeError, match='Jupyter does not start'):
        labbox.LabServer(tmp_path / 'lab', python=str(mute))
    assert [process.poll() for process in started] == [-signal.SIGTERM]
