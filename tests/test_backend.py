"""Devices: what a machine has, where arrays go, and what is said when something is missing."""
import importlib.metadata
import subprocess
import sys
import textwrap
import threading
import types

import numpy as np
import pytest

import standin
from minichain import backend, diagnosis
from minichain.errors import DeviceError

INSTALL = "pip install 'minichain[gpu]'"


# What is said about the machine ------------------------------------------------------------------

@pytest.fixture
def packages(monkeypatch):
    """Pretend that these CuPy packages are installed: packages('cupy-cuda12x')."""
    def pretend(*names):
        def distribution(name):
            if name not in names:
                raise importlib.metadata.PackageNotFoundError(name)
        monkeypatch.setattr(importlib.metadata, 'distribution', distribution)
    return pretend


@pytest.fixture
def fresh_backend(monkeypatch):
    """No cupy module is loaded, and the question about the GPU has not been asked."""
    loaded = [name for name in sys.modules if name == 'cupy' or name.startswith('cupy.')]
    for name in loaded:
        monkeypatch.delitem(sys.modules, name)
    backend.forget()
    yield
    sys.modules.pop('cupy', None)
    backend.forget()


def install_module(folder, monkeypatch, source):
    """Put a module cupy with this source in front of all others."""
    (folder / 'cupy').mkdir()
    (folder / 'cupy' / '__init__.py').write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(str(folder))


def no_gpu_because(sentence, remedy):
    """The sentence is what gpu_status says, and the reason in the error of whoever wants a GPU; the
    remedy is what the doctor knows against it."""
    assert backend.gpu_status() == sentence
    assert diagnosis._gpu_remedy(sentence) == remedy
    assert not backend.gpu_available()
    assert backend.get_device('auto') == 'cpu'
    with pytest.raises(DeviceError) as error:
        backend.get_device('gpu')
    assert str(error.value) == (f'No GPU can be used here. {sentence} '
                                "The CPU works without any of this: use device='cpu'.")


def test_cupy_is_not_installed(fresh_backend, packages, monkeypatch):
    packages()
    monkeypatch.setitem(sys.modules, 'cupy', None)
    no_gpu_because(f'CuPy is not installed: {INSTALL}.', INSTALL)


def test_two_cupy_packages_are_installed(fresh_backend, packages):
    packages('cupy-cuda12x', 'cupy-cuda13x')
    no_gpu_because('Several CuPy packages are installed (cupy-cuda12x, cupy-cuda13x), which break '
                   f'each other: uninstall all of them, then {INSTALL}.',
                   f'pip uninstall -y cupy-cuda12x cupy-cuda13x && {INSTALL}')
    assert 'cupy' not in sys.modules


def test_cupy_does_not_import(fresh_backend, packages, tmp_path, monkeypatch):
    packages('cupy-cuda12x')
    install_module(tmp_path, monkeypatch, '''
        raise ImportError("""libcuda is not what it was.
        A long explanation.""")
    ''')
    no_gpu_because('The installation of cupy-cuda12x is broken (ImportError: libcuda is not what '
                   f'it was): uninstall it, then {INSTALL}.',
                   f'pip uninstall -y cupy-cuda12x && {INSTALL}')


def test_only_an_empty_folder_is_left_of_cupy(fresh_backend, packages, tmp_path, monkeypatch):
    packages('cupy-cuda13x')
    install_module(tmp_path, monkeypatch, '')
    no_gpu_because("The installation of cupy-cuda13x is broken (AttributeError: module 'cupy' has "
                   f"no attribute 'cuda'): uninstall it, then {INSTALL}.",
                   f'pip uninstall -y cupy-cuda13x && {INSTALL}')


def test_a_module_that_cupy_needs_is_missing(fresh_backend, packages, tmp_path, monkeypatch):
    packages('cupy-cuda12x')
    install_module(tmp_path, monkeypatch, 'import fastrlock_that_is_missing')
    no_gpu_because('CuPy is installed, but the module fastrlock_that_is_missing that it needs is '
                   f'missing: {INSTALL}.', INSTALL)


def test_kernels_cannot_be_stored(fresh_backend, packages, tmp_path, monkeypatch):
    """CuPy makes the folder when it is imported, and writes into it with the first kernel."""
    packages('cupy-cuda12x')
    place = '/dev/null/kernels'
    monkeypatch.setenv('CUPY_CACHE_DIR', place)
    sentence = ('CuPy cannot store the kernels that it compiles (NotADirectoryError: [Errno 20] '
                f"Not a directory: '{place}'): set CUPY_CACHE_DIR to a folder that can be written.")
    install_module(tmp_path, monkeypatch, f'open({place!r})')
    no_gpu_because(sentence, diagnosis._set({'CUPY_CACHE_DIR': '$(mktemp -d)'}))
    with standin.installed() as cupy:
        monkeypatch.setitem(vars(cupy), 'ones', lambda *shape: open(place))
        assert backend.gpu_status() == sentence


def test_no_driver(packages):
    packages('cupy-cuda12x')
    with standin.installed(driver=0) as cupy:
        no_gpu_because(f'cupy-cuda12x {cupy.__version__} is installed, but this machine has no '
                       'NVIDIA driver.', "install NVIDIA's driver, or where there is no such GPU: "
                       'pip uninstall -y cupy-cuda12x')


def test_driver_too_old(packages):
    packages('cupy-cuda13x')
    with standin.installed(driver=12040, runtime=13020) as cupy:
        no_gpu_because(f'The NVIDIA driver is for CUDA 12.4, but cupy-cuda13x {cupy.__version__} '
                       'needs CUDA 13: update the driver, or install the CuPy package for CUDA 12.',
                       f'pip uninstall -y cupy-cuda13x && {INSTALL}')


def test_driver_fails_in_another_way(packages, monkeypatch):
    packages('cupy-cuda12x')

    def fail():
        raise standin.CUDARuntimeError(999, 'cudaErrorUnknown: unknown error')

    with standin.installed() as cupy:
        monkeypatch.setattr(cupy.cuda.runtime, 'getDeviceCount', fail)
        no_gpu_because(f'cupy-cuda12x {cupy.__version__} cannot use the NVIDIA driver for CUDA '
                       '13.0: CUDARuntimeError: cudaErrorUnknown: unknown error.', 'nvidia-smi')


def test_no_gpu_visible(monkeypatch):
    monkeypatch.delenv('CUDA_VISIBLE_DEVICES', raising=False)
    with standin.installed(gpus=0):
        no_gpu_because('The NVIDIA driver shows no GPU.', 'nvidia-smi')


def test_gpus_hidden_by_the_environment(monkeypatch):
    monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '')
    with standin.installed(gpus=0):
        no_gpu_because("The NVIDIA driver shows no GPU (CUDA_VISIBLE_DEVICES='').",
                       diagnosis._unset('CUDA_VISIBLE_DEVICES'))


def test_cuda_libraries_are_missing(packages, monkeypatch):
    packages('cupy-cuda12x')

    def matmul(a, b):
        raise ImportError('libcublas.so.12: cannot open shared object file\nmore about it')

    with standin.installed() as cupy:
        monkeypatch.setitem(vars(cupy), 'matmul', matmul)
        no_gpu_because(f'cupy-cuda12x {cupy.__version__} finds the GPU but cannot compute on it '
                       '(ImportError: libcublas.so.12: cannot open shared object file): '
                       f'{INSTALL}, which brings the CUDA libraries.', INSTALL)


def test_gpu_computes_wrongly(packages, monkeypatch):
    packages('cupy-cuda12x')
    with standin.installed() as cupy:
        monkeypatch.setitem(vars(cupy), 'matmul', lambda a, b: a)
        no_gpu_because(f'cupy-cuda12x {cupy.__version__} computes wrongly on this GPU: a sum of '
                       'products gave 4 instead of 8.', INSTALL)


def test_what_nobody_foresaw_gives_a_sentence_too(monkeypatch):
    with standin.installed() as cupy:
        monkeypatch.delattr(cupy.cuda.runtime, 'getDeviceProperties')
        assert backend.gpu_status().startswith('CuPy fails on this machine (AttributeError: ')
        assert not backend.gpu_available()


@pytest.mark.parametrize('gpus, count', [(1, '1 GPU'), (2, '2 GPUs')])
def test_a_gpu_is_there(packages, gpus, count):
    packages('cupy-cuda12x')
    with standin.installed(gpus=gpus) as cupy:
        assert backend.gpu_available()
        assert backend.gpu_status() == (f'{count}: Stand-in (cupy-cuda12x {cupy.__version__}, '
                                        'driver for CUDA 13.0).')
        assert backend.get_device('auto') == 'gpu:0'


def test_the_machine_is_asked_once(monkeypatch):
    with standin.installed() as cupy:
        assert backend.gpu_available()
        monkeypatch.delattr(cupy.cuda.runtime, 'getDeviceProperties')
        assert backend.gpu_status().startswith('2 GPUs')


def test_importing_and_using_the_cpu_does_not_import_cupy():
    program = '''
        import sys
        import numpy as np
        from minichain import backend
        x = backend.to_device(np.ones(3), 'cpu')
        assert backend.get_array_module(x) is np and backend.describe(x) == 'float64 (3,) on cpu'
        with backend.stopwatch(), backend.get_device('cpu'):
            backend.elementwise('T x', 'T y', 'y = x', 'copy')
        assert not any(name.partition('.')[0].startswith('cupy') for name in sys.modules)
    '''
    subprocess.run([sys.executable, '-c', textwrap.dedent(program)], check=True)


# Names of devices --------------------------------------------------------------------------------

@pytest.mark.parametrize('spec, name', [
    ('cpu', 'cpu'), (-1, 'cpu'), ('@numpy', 'cpu'), (None, 'cpu'), (np.ones(2), 'cpu'),
    ('gpu', 'gpu:0'), ('cuda', 'gpu:0'), ('@cupy', 'gpu:0'), (0, 'gpu:0'), ('auto', 'gpu:0'),
    ('gpu:1', 'gpu:1'), ('cuda:1', 'gpu:1'), ('@cupy:1', 'gpu:1'), (1, 'gpu:1'),
    (np.int64(1), 'gpu:1'),
])
def test_spellings_of_devices(stand_in, spec, name):
    device = backend.get_device(spec)
    assert device.name == str(device) == repr(device) == name
    assert device == name
    assert backend.get_device(device) is device
    assert device.xp is (np if name == 'cpu' else stand_in)


@pytest.mark.parametrize('spec', ['tpu', 'gpu:', 'gpu:x', 'cpu:0', 'GPU', 1.5, [0]])
def test_unknown_devices_are_refused_with_the_choices(stand_in, spec):
    with pytest.raises(DeviceError) as error:
        backend.get_device(spec)
    assert str(error.value) == f"Unknown device {spec!r}: say 'cpu', 'gpu', 'gpu:1' or 'auto'."


@pytest.mark.parametrize('gpus, have', [(1, 'only gpu:0'), (2, '2 GPUs, gpu:0 to gpu:1')])
def test_a_gpu_that_is_not_there_is_refused(gpus, have):
    with standin.installed(gpus=gpus), pytest.raises(DeviceError) as error:
        backend.get_device('gpu:7')
    assert str(error.value) == f'There is no gpu:7; this machine has {have}.'


def test_devices_are_equal_by_name_and_can_be_keys(stand_in):
    first, second = backend.get_device('gpu:0'), backend.get_device('gpu:1')
    assert first != second and first != 'gpu:1' and first != 0
    assert {first: 'a', second: 'b'}[backend.get_device(0)] == 'a'


def test_a_device_as_context_is_where_new_arrays_go(stand_in):
    with backend.get_device('gpu:1') as device:
        assert backend.get_device() is device
        assert backend.device_of(stand_in.zeros(2)) == 'gpu:1'
        with backend.get_device('gpu:0'):
            assert backend.device_of(stand_in.zeros(2)) == 'gpu:0'
        with backend.get_device('cpu'):
            assert backend.get_device() == 'cpu'
        assert backend.device_of(stand_in.zeros(2)) == 'gpu:1'
    assert backend.get_device() == 'cpu'
    assert backend.device_of(stand_in.zeros(2)) == 'gpu:0'


def test_a_device_context_ends_with_an_error_too(stand_in):
    with pytest.raises(KeyError), backend.get_device('gpu:1'):
        raise KeyError
    assert backend.get_device() == 'cpu'
    assert stand_in.cuda.Device().id == 0


def test_a_device_context_is_the_thread_s_own(stand_in):
    seen = []
    with backend.get_device('gpu:1'):
        thread = threading.Thread(target=lambda: seen.append(backend.get_device()))
        thread.start()
        thread.join()
    assert seen == ['cpu']


# Moving arrays -----------------------------------------------------------------------------------

def test_arrays_go_to_the_device_and_back(device):
    x = np.arange(6, dtype='f4').reshape(2, 3)
    there = backend.to_device(x, device)
    assert backend.device_of(there) == device
    assert backend.get_array_module(there) is device.xp
    assert backend.get_array_module(x, there) is device.xp
    back = backend.to_cpu(there)
    assert type(back) is np.ndarray and back.dtype == 'f4'
    np.testing.assert_array_equal(back, x)


def test_an_array_that_is_there_already_is_not_copied(device):
    x = backend.to_device(np.ones(3), device)
    assert backend.to_device(x, device) is x
    assert backend.to_device(x, device.name) is x


def test_lists_and_numbers_become_arrays(device):
    for x in ([1.0, 2.0], 3, np.float32(2)):
        there = backend.to_device(x, device)
        np.testing.assert_array_equal(backend.to_cpu(there), x)


def test_a_copy_costs_one_transfer_and_one_way_back_waits(stand_in):
    with standin.recording() as events:
        there = backend.to_gpu(np.ones(256, 'f4'))
        assert [(event.kind, event.nbytes) for event in events] == [('h2d', 1024)]
        backend.to_cpu(there)
    assert [event.kind for event in events.waits] == ['d2h']


def test_arrays_move_between_gpus(stand_in):
    x = backend.to_gpu(np.arange(3.0))
    y = backend.to_device(x, 'gpu:1')
    assert (backend.device_of(x), backend.device_of(y)) == ('gpu:0', 'gpu:1')
    np.testing.assert_array_equal(backend.to_cpu(y), [0, 1, 2])
    assert backend.to_gpu(y, id=1) is y


def test_arrays_made_by_the_user_s_own_cupy_are_known(stand_in):
    backend.forget()
    x = stand_in.zeros(2)
    assert backend.get_array_module(x) is stand_in
    backend.forget()
    assert type(backend.to_cpu(x)) is np.ndarray


def test_an_object_with_an_array_is_where_its_array_is(stand_in):
    for home, name in ((np.ones((2, 3), 'f4'), 'cpu'), (stand_in.ones((2, 3), 'f4'), 'gpu:0')):
        variable = types.SimpleNamespace(data=home)
        assert backend.device_of(variable) == name
        assert backend.get_device(variable) == name
        assert backend.get_array_module(variable) is backend.get_device(name).xp
        assert backend.describe(variable) == f'float32 (2, 3) on {name}'


def test_an_object_that_can_move_itself_is_asked_to(stand_in):
    class Model:
        def to_device(self, device):
            return f'moved to {device}'

    assert backend.to_gpu(Model(), 1) == 'moved to gpu:1'
    assert backend.to_cpu(Model()) == 'moved to cpu'


def test_reading_a_variable_s_numbers_does_not_move_it(stand_in):
    class Variable(types.SimpleNamespace):
        def to_device(self, device):
            raise AssertionError('moved')

    x = Variable(data=stand_in.ones(2))
    np.testing.assert_array_equal(backend.to_cpu(x), [1, 1])
    assert backend.device_of(x) == 'gpu:0'


def test_describe(stand_in):
    assert backend.describe(np.ones((8, 5), 'f4')) == 'float32 (8, 5) on cpu'
    assert backend.describe(stand_in.zeros(3)) == 'float64 (3,) on gpu:0'
    assert backend.describe(2.5) == 'float 2.5'


def test_arrays_on_one_device_pass(device):
    x = backend.to_device(np.ones(2), device)
    backend.same_device('linear', ('x', x), ('W', x), ('b', None))


def test_arrays_on_several_devices_are_refused(stand_in):
    x, w = np.ones(2), backend.to_gpu(np.ones(2))
    with pytest.raises(DeviceError) as error:
        backend.same_device('linear', ('x', x), ('W', w), ('b', None))
    assert str(error.value) == ("linear: x is on cpu, W is on gpu:0; move one of them, for example "
                                "x = to_device(x, 'gpu:0') or model.to_device('cpu').")


def test_arrays_on_a_gpu_that_the_thread_does_not_work_on_are_refused(stand_in):
    x = backend.to_device(np.ones(2), 'gpu:1')
    with pytest.raises(DeviceError) as error:
        backend.same_device('exp', ('x', x))
    assert str(error.value) == ("exp: x is on gpu:1, but this thread works on another GPU; do this "
                                "inside `with get_device('gpu:1'):`.")
    with backend.get_device('gpu:1'):
        backend.same_device('exp', ('x', x))


# Memory ------------------------------------------------------------------------------------------

def test_memory_of_arrays_is_counted_until_the_last_view_is_gone(stand_in):
    backend.free_memory()
    gpu = backend.get_device('gpu')
    before = gpu.memory().used
    x = backend.to_gpu(np.zeros(1024, 'u1'))
    view = x[10:]
    assert gpu.memory().used == before + 1024
    del x
    assert gpu.memory().used == before + 1024
    del view
    assert gpu.memory().used == before
    assert gpu.memory().held == before + 1024
    backend.free_memory()
    assert gpu.memory().held == before


def test_nobody_counts_the_memory_of_the_cpu():
    assert backend.get_device('cpu').memory() is None
    backend.free_memory('cpu')


def test_a_full_gpu_says_what_helps():
    megabyte = 2**20
    with standin.installed(limit=4 * megabyte):
        kept = backend.to_gpu(np.zeros(3 * megabyte, 'u1'))
        with pytest.raises(DeviceError) as error:
            backend.to_gpu(np.zeros(2 * megabyte, 'u1'))
        assert str(error.value) == (
            'gpu:0 is out of memory: 3 MiB in arrays, 3 MiB held by the pool. Use a smaller batch, '
            'drop old graphs (a loss kept as a Variable keeps its whole graph: keep '
            "float(loss.data)), or give unused memory back with free_memory('gpu:0').")
        assert isinstance(error.value.__cause__, MemoryError)
        del kept
        backend.to_gpu(np.zeros(2 * megabyte, 'u1'))


# Time --------------------------------------------------------------------------------------------

def test_stopwatch_waits_at_both_ends(stand_in):
    with standin.recording() as events:
        with backend.stopwatch('gpu') as time:
            assert time.seconds is None
            assert len(events.waits) == 1
            stand_in.exp(stand_in.zeros(3))
        assert len(events.waits) == 2
    assert 0 < time.seconds < 60


def test_stopwatch_on_the_cpu():
    with backend.stopwatch() as time:
        np.ones(10).sum()
    assert 0 < time.seconds < 60


# Kernels -----------------------------------------------------------------------------------------

def test_a_kernel_runs_where_its_arrays_are(stand_in):
    kernel = backend.elementwise('T x, T y', 'T z', 'z = x * y + x', 'multiply_add')
    assert backend.elementwise('T x, T y', 'T z', 'z = x * y + x', 'multiply_add') is kernel
    x = stand_in.arange(3, dtype='f4')
    with standin.recording() as events:
        z = kernel(x, x)
    assert [event.what for event in events.launches] == ['multiply_add']
    np.testing.assert_array_equal(backend.to_cpu(z), [0, 2, 6])


def test_a_kernel_can_be_made_without_a_gpu_but_not_called(fresh_backend, packages, monkeypatch):
    packages()
    monkeypatch.setitem(sys.modules, 'cupy', None)
    kernel = backend.Kernel('T x', 'T y', 'y = x', 'copy')
    with pytest.raises(DeviceError, match='CuPy is not installed'):
        kernel(np.ones(2))
