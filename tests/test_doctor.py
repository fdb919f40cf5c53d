"""The doctor: what it says about machines of all kinds, and that it changes nothing."""
import json
import os
import pathlib
import platform
import subprocess
import sys
from types import SimpleNamespace

import pytest

import minichain as mc
from minichain import __main__, backend, diagnosis, launch

ROOT = pathlib.Path(__file__).resolve().parent.parent
LATEST = {'jupyterlab': '4.6.6', 'ipykernel': '7.4.0', 'ipywidgets': '8.1.9', 'anywidget': '0.11.0'}
MALLOC = 'MALLOC_MMAP_THRESHOLD_=536870912 MALLOC_TRIM_THRESHOLD_=536870912'
NO_CUPY = "CuPy is not installed: pip install 'minichain[gpu]'."


class Machine:
    """A machine that the test describes: everything is well, until one thing is changed."""

    def __init__(self, patch, folder):
        self.patch = patch
        for name in list(os.environ):
            if name.startswith(('OPENBLAS', 'MALLOC', 'MKL', 'OMP', 'GOTO', 'VECLIB', 'JUPYTER')):
                patch.delenv(name)
        patch.setenv('MALLOC_MMAP_THRESHOLD_', '536870912')
        patch.setenv('MALLOC_TRIM_THRESHOLD_', '536870912')
        patch.setattr(platform, 'libc_ver', lambda: ('glibc', '2.36'))
        patch.setattr(diagnosis, 'WINDOWS', False)
        self.says(_blas=('OpenBLAS', '0.3.31'), _cores=8, _quota=None, _openblas=('SkylakeX', 8),
                  _processor=('AuthenticAMD', True), _has_nvidia=True, _has_cupy=True,
                  _jupyter_folders=[folder], _reinstall='pip install it', _wanted={})
        self.gpu('1 GPU: H100 (cupy 14.2, driver for CUDA 13.0).', True)
        self.packages(LATEST)
        extension = folder / 'labextensions' / 'minichain'
        extension.mkdir(parents=True)
        (extension / 'package.json').write_text('{}')

    def says(self, **answers):
        for name, answer in answers.items():
            self.patch.setattr(diagnosis, name, lambda answer=answer: answer)

    def gpu(self, status, available=False):
        self.patch.setattr(backend, 'gpu_status', lambda: status)
        self.patch.setattr(backend, 'gpu_available', lambda: available)

    def packages(self, versions):
        self.patch.setattr(diagnosis, '_installed', versions.get)

    def finding(self, topic):
        found = [finding for finding in mc.doctor().findings if finding.topic == topic]
        return found[0] if found else None


@pytest.fixture
def machine(monkeypatch, tmp_path):
    return Machine(monkeypatch, tmp_path)


def test_a_machine_where_all_is_well(machine, capsys, tmp_path):
    found = mc.doctor()
    printed = capsys.readouterr().out
    assert printed == str(found) + '\n'
    first, _, _, *lines = printed.splitlines()
    assert first == f'minichain {mc.__version__}: nothing to mend.'
    assert lines[:4] == [       # no wider than a terminal of 80 columns, or a narrow dialog
        'ok  Threads    OpenBLAS uses 8 threads; this process may use 8 cores.',
        'ok  Kernels    OpenBLAS uses its SkylakeX kernels, made for the AVX-512 of this',
        '               processor.',
        'ok  Memory     Memory that a layer has used stays with Python for the next one.']
    assert [finding.state for finding in found.findings] == ['fine'] * 8
    assert repr(found) == '<Diagnosis 0 of 8 could be better>'
    assert str(tmp_path) in found.findings[-1].what


def test_more_threads_than_the_container_may_use(machine, capsys):
    machine.says(_quota=2.0)
    found = machine.finding('Threads')
    assert found.state == 'advice'
    assert found.what == ('OpenBLAS uses 8 threads, but this process may use 2 cores: the CPU '
                          'quota of the container allows 2 of the 8 that it sees.')
    assert found.why == ('Threads that wait for a core hold up all others: small products of '
                         'matrices can become many times slower.')
    assert found.helps == 'export OPENBLAS_NUM_THREADS=2'
    assert capsys.readouterr().out.endswith(
        'Variables count from the start of Python: set them in the shell before it, or for '
        'notebooks with\n  python -m ipykernel install --sys-prefix --env OPENBLAS_NUM_THREADS 2\n')


def test_a_variable_that_asks_for_too_many_threads_is_named(machine, monkeypatch):
    monkeypatch.setenv('OMP_NUM_THREADS', '16')
    machine.says(_openblas=('SkylakeX', 16))
    assert machine.finding('Threads').what == (
        'OpenBLAS uses 16 threads (OMP_NUM_THREADS=16), but this process may use 8 cores.')


def test_fewer_threads_than_cores_are_a_matter_of_company(machine, monkeypatch):
    monkeypatch.setenv('OPENBLAS_NUM_THREADS', '1')
    machine.says(_openblas=('SkylakeX', 1))
    found = machine.finding('Threads')
    assert found.state == 'note' and found.helps == 'export OPENBLAS_NUM_THREADS=8'
    assert found.what == ('OpenBLAS uses 1 thread (OPENBLAS_NUM_THREADS=1); this process may use 8 '
                          'cores.')


def test_a_library_that_does_not_say_its_threads(machine, monkeypatch):
    machine.says(_blas=('MKL', '2024.1'), _openblas=(None, None), _quota=0.5)
    found = machine.finding('Threads')
    assert found.what.startswith('MKL chooses its number of threads by itself; this process may '
                                 'use 1 core: the CPU quota of the container allows 0.5 of the 8')
    assert found.helps == 'export MKL_NUM_THREADS=1'
    monkeypatch.setenv('MKL_NUM_THREADS', '1')
    assert machine.finding('Threads').state == 'fine'
    assert machine.finding('Kernels') is None


def test_numpy_without_blas(machine):
    machine.says(_blas=(None, ''))
    found = machine.finding('NumPy')
    assert found.state == 'advice' and found.what.endswith(' without a BLAS library.')
    assert machine.finding('Threads') is None


def test_kernels_that_were_chosen_below_what_the_processor_can(machine, monkeypatch):
    machine.says(_openblas=('Zen', 8))
    found = machine.finding('Kernels')
    assert found.what == 'OpenBLAS chose its Zen kernels; this processor has AVX-512 too.'
    assert found.helps == 'export OPENBLAS_CORETYPE=SkylakeX'
    monkeypatch.setenv('OPENBLAS_CORETYPE', 'Haswell')
    found = machine.finding('Kernels')
    assert found.what == ('OPENBLAS_CORETYPE=Haswell keeps OpenBLAS from the AVX-512 of this '
                          'processor.')
    assert found.helps == 'unset OPENBLAS_CORETYPE'


def test_kernels_that_nobody_knows_are_a_question_on_amd_alone(machine):
    machine.says(_openblas=(None, None))
    assert machine.finding('Kernels').state == 'note'
    machine.says(_processor=('GenuineIntel', True))
    assert machine.finding('Kernels') is None


def test_no_word_about_kernels_without_avx512(machine):
    machine.says(_processor=('AuthenticAMD', False), _openblas=('Zen', 8))
    assert machine.finding('Kernels') is None


def test_memory_that_goes_back_to_the_system(machine, monkeypatch):
    monkeypatch.delenv('MALLOC_MMAP_THRESHOLD_')
    monkeypatch.setenv('MALLOC_TRIM_THRESHOLD_', '4096')
    found = machine.finding('Memory')
    assert found.what == ('Large arrays go back to the system when they are freed: '
                          'MALLOC_MMAP_THRESHOLD_ is not set, MALLOC_TRIM_THRESHOLD_=4096.')
    assert found.helps == f'export {MALLOC}'
    monkeypatch.setattr(platform, 'libc_ver', lambda: ('', ''))
    assert machine.finding('Memory') is None


def test_windows_has_its_own_way_to_set_variables(monkeypatch):
    monkeypatch.setattr(diagnosis, 'WINDOWS', True)
    assert diagnosis._set({'A': 1, 'B': 2}) == 'set A=1 && set B=2'
    assert diagnosis._unset('A') == 'set A='


def test_a_gpu_that_cannot_be_used_has_a_remedy(machine):
    # The other states and their remedies stand in test_backend.py.
    status = ('The NVIDIA driver is for CUDA 11.4, but cupy-cuda12x 14.2.0 needs CUDA 12: update '
              'the driver, or install the CuPy package for CUDA 11.')
    machine.gpu(status)
    found = machine.finding('GPU')
    assert (found.state, found.what, found.helps) == ('advice', status, "update NVIDIA's driver")
    assert found.why == 'There is an NVIDIA driver here, so a GPU could be used.'


def test_no_gpu_is_no_fault_where_there_is_no_nvidia_driver(machine):
    machine.gpu(NO_CUPY)
    machine.says(_has_nvidia=False, _has_cupy=False)
    found = machine.finding('GPU')
    assert found.state == 'note'
    assert found.why == ('This matters only on a machine with an NVIDIA GPU; the CPU works without '
                         'it.')


def test_jupyterlab_is_missing(machine):
    machine.packages({'ipykernel': '7.4.0'})
    found = machine.finding('Jupyter')
    assert found.what == 'JupyterLab is not installed here (ipykernel 7.4.0).'
    assert found.helps == "pip install --upgrade 'minichain[lab]'"
    assert machine.finding('Extension') is None


def test_jupyterlab_is_there_but_not_all_that_it_needs(machine):
    machine.packages({'jupyterlab': '4.3.9', 'ipykernel': '7.4.0', 'ipywidgets': '8.1.9'})
    machine.says(_wanted={'jupyterlab': '4.4', 'ipykernel': '6.31'})
    found = machine.finding('Jupyter')
    assert found.state == 'advice'
    assert found.what == ('jupyterlab 4.3.9, ipykernel 7.4.0, ipywidgets 8.1.9; anywidget is '
                          'missing, jupyterlab is older than 4.4.')


def test_jupyterlab_is_there_but_not_the_extension(machine, tmp_path):
    machine.says(_jupyter_folders=[tmp_path / 'elsewhere'])
    found = machine.finding('Extension')
    assert found.what == 'JupyterLab does not find the extension of minichain.'
    assert found.helps == 'pip install it'


class Installed:
    """A distribution as pip leaves it."""

    def __init__(self, url, editable):
        self.text = url and json.dumps({'url': url, 'dir_info': {'editable': editable}})

    def read_text(self, name):
        return self.text


@pytest.mark.parametrize('url, editable, command', [
    ('file:///tmp/my%20net', True, "pip install --force-reinstall --no-deps -e '/tmp/my net'"),
    ('file:///tmp/net', False, 'pip install --force-reinstall --no-deps /tmp/net'),
    ('', False, 'pip install --force-reinstall --no-deps minichain')])
@pytest.mark.skipif(os.name == 'nt', reason='paths as on Linux')
def test_minichain_is_installed_again_from_where_it_came(monkeypatch, url, editable, command):
    monkeypatch.setattr(diagnosis.importlib.metadata, 'distribution',
                        lambda name: Installed(url, editable))
    assert diagnosis._reinstall() == command


def test_the_least_versions_come_from_the_extra_lab(monkeypatch):
    lines = ['numpy<3,>=2.0', "jupyterlab<5,>=4.4; extra == 'lab'", 'x>=1; extra == "test"']
    monkeypatch.setattr(diagnosis.importlib.metadata, 'requires', lambda name: lines)
    assert diagnosis._wanted() == {'jupyterlab': '4.4'}


@pytest.mark.parametrize('files, quota', [
    ({'sys/fs/cgroup/cpu.max': '150000 100000'}, 1.5),
    ({'sys/fs/cgroup/cpu.max': 'max 100000'}, None),
    ({'proc/self/cgroup': '0::/a/b\n', 'sys/fs/cgroup/a/cpu.max': '200000 100000',
      'sys/fs/cgroup/a/b/cpu.max': 'max 100000'}, 2),
    ({'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '400000',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000'}, 4),
    ({'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000'}, None),
    ({}, None)])
def test_the_quota_of_a_container(tmp_path, files, quota):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert diagnosis._quota(tmp_path) == quota


def test_what_cannot_be_found_out_is_said_and_nothing_is_raised(machine, monkeypatch):
    def fail():
        raise OSError('no such thing')
    for name in ('_blas', '_processor', '_installed', '_cores'):
        monkeypatch.setattr(diagnosis, name, lambda *names: fail())
    monkeypatch.setattr(backend, 'gpu_status', fail)
    found = mc.doctor()
    broken = [finding.topic for finding in found.findings
              if finding.what == 'This could not be found out: OSError: no such thing']
    assert broken == ['NumPy', 'Threads', 'Kernels', 'GPU', 'Jupyter', 'Extension']


def test_this_machine_is_examined_and_left_as_it_was(capsys):
    before = dict(os.environ)
    found = mc.doctor()
    assert dict(os.environ) == before
    assert not [finding for finding in found.findings if 'could not' in finding.what]
    assert all(finding.helps and finding.why for finding in found.advice)
    assert capsys.readouterr().out == f'{found}\n'


# The command line ---------------------------------------------------------------------------------

def test_the_command_doctor(machine, capsys):
    assert __main__.main(['doctor']) == 0
    assert capsys.readouterr().out.startswith(f'minichain {mc.__version__}: nothing to mend.\n')


def test_the_version(capsys):
    with pytest.raises(SystemExit) as end:
        __main__.main(['--version'])
    assert end.value.code == 0 and capsys.readouterr().out == f'minichain {mc.__version__}\n'


def test_an_unknown_command_is_answered_with_those_there_are(capsys):
    with pytest.raises(SystemExit) as end:
        __main__.main(['docter'])
    assert end.value.code == 2
    assert capsys.readouterr().err.endswith(
        "minichain: error: there is no command 'docter'; there is: doctor, lab\n")


@pytest.fixture
def started(monkeypatch):
    """(arguments, environment) of each JupyterLab that would start."""
    found = []
    application = SimpleNamespace(
        launch_instance=lambda words: found.append((words, dict(os.environ))))
    monkeypatch.setattr(launch.importlib.util, 'find_spec', lambda name: name == 'jupyterlab')
    monkeypatch.setitem(sys.modules, 'jupyterlab.labapp', SimpleNamespace(LabApp=application))
    monkeypatch.setattr(os, 'environ', os.environ.copy())
    return found


def test_the_lab_gets_its_arguments_and_keeps_memory(started, monkeypatch):
    monkeypatch.setenv('MALLOC_TRIM_THRESHOLD_', '7')
    monkeypatch.delenv('MALLOC_MMAP_THRESHOLD_', raising=False)
    __main__.main(['lab', '--no-browser', 'lessons'])
    (words, environment), = started
    assert words == ['--no-browser', 'lessons']
    assert environment['MALLOC_MMAP_THRESHOLD_'] == '536870912'
    assert environment['MALLOC_TRIM_THRESHOLD_'] == '7' and environment['PATH']


def test_the_lab_opens_the_first_lesson_for_who_begins(started, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    __main__.main(['lab'])
    copy = tmp_path / 'my-lessons' / '00_start_here' / 'lesson.ipynb'
    assert copy.read_bytes() == (launch.lessons() / launch.FIRST).read_bytes()
    copy.write_text('my work')
    __main__.main(['lab'])
    path = 'my-lessons/00_start_here/lesson.ipynb'.replace('/', os.sep)
    assert [words for words, _ in started] == [['--notebook-dir=.', path], []]
    assert copy.read_text() == 'my work'


def test_lessons_come_from_the_clone_else_with_the_extension(monkeypatch, tmp_path):
    installed = tmp_path / 'share' / 'labextensions' / 'minichain'
    monkeypatch.setattr(launch, '__file__', str(tmp_path / 'minichain' / 'launch.py'))
    monkeypatch.setattr(launch, 'extension_folder', lambda: None)
    assert launch.lessons() is None and launch.first_lesson(tmp_path) == []
    monkeypatch.setattr(launch, 'extension_folder', lambda: installed)
    for folder in installed, tmp_path:
        (folder / 'lessons' / launch.FIRST.parent).mkdir(parents=True)
        (folder / 'lessons' / launch.FIRST).write_text('{}')
        assert launch.lessons() == folder / 'lessons'


def test_without_jupyterlab_the_lab_says_what_to_install(monkeypatch):
    monkeypatch.setattr(launch.importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(SystemExit, match="JupyterLab is not installed.*minichain.lab"):
        __main__.main(['lab'])


def test_no_command_shows_the_help(capsys):
    assert __main__.main([]) == 0
    assert 'minichain [-h] [--version] [command]' in capsys.readouterr().out


def test_python_runs_minichain_as_a_program():
    result = subprocess.run([sys.executable, '-m', 'minichain', 'doctor'], cwd=ROOT, text=True,
                            capture_output=True, timeout=60)
    assert result.returncode == 0 and not result.stderr
    assert result.stdout.startswith(f'minichain {mc.__version__}: ')
