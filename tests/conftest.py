"""Fixtures and markers of all tests."""
import random
import zlib

import numpy as np
import pytest

import standin
from minichain import backend

MARKERS = {
    'gpu': 'needs a real GPU and CuPy',
    'oracle': 'compares with another framework, where one is installed',
    'slow': 'takes more than a few seconds',
}


def pytest_configure(config):
    for name, meaning in MARKERS.items():
        config.addinivalue_line('markers', f'{name}: {meaning}')


def pytest_addoption(parser):
    parser.addoption('--part', metavar='K/N', help='deal the tests out to N hands, run the K-th')


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Tests of one operation come to one hand, for they need the same kernels of a GPU."""
    if config.option.part:
        this, count = map(int, config.option.part.split('/'))

        def is_ours(item):
            case = item.name.partition('[')[2] or item.name
            return zlib.crc32(case.encode()) % count == this - 1

        config.hook.pytest_deselected(items=[item for item in items if not is_ours(item)])
        items[:] = filter(is_ours, items)


def pytest_generate_tests(metafunc):
    """A test that takes `device` runs on the CPU, the stand-in, and on a GPU if there is one. One
    that takes `there`, to compare with the CPU, runs on the latter two.

    `pytest -m gpu` asks for the GPU even where there is none: then it is skipped with the reason.
    """
    gpus = ['standin']
    if metafunc.config.option.markexpr == 'gpu' or backend.gpu_available():
        gpus.append(pytest.param('gpu', marks=pytest.mark.gpu))
    for name, devices in (('device', ['cpu', *gpus]), ('there', gpus)):
        marked = any(mark.name == 'parametrize' and name in mark.args[0]
                     for mark in metafunc.definition.iter_markers())
        if name in metafunc.fixturenames and not marked:
            metafunc.parametrize(name, devices, indirect=True)


def pytest_runtest_setup(item):
    if item.get_closest_marker('gpu') and not backend.gpu_available():
        pytest.skip(f'no GPU: {backend.gpu_status()}')


@pytest.fixture
def there(request):
    """The GPU of this run of the test: the stand-in's or a real one."""
    yield from open_device(request)


@pytest.fixture
def device(request):
    """The Device of this run of the test; `device.xp` is its array module."""
    yield from open_device(request)


def open_device(request):
    """The Device that a test asked for by its parameter; the stand-in is in place meanwhile."""
    if request.param == 'standin':
        with standin.installed():
            yield backend.get_device('gpu')
    else:
        yield backend.get_device(request.param)


@pytest.fixture
def stand_in():
    """The stand-in in CuPy's place, on a machine with two GPUs; gives the module cupy."""
    with standin.installed() as cupy:
        assert backend.gpu_available()
        yield cupy


@pytest.fixture
def seed():
    """The same random numbers at each run; gives a NumPy Generator."""
    random.seed(0)
    np.random.seed(0)
    return np.random.default_rng(0)
