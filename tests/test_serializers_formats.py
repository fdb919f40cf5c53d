"""Parts of files, and the other formats: safetensors, and HDF5 where h5py is installed."""
import json
import os
import struct
import sys

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import serializers


def model(seed=0):
    mc.set_seed(seed)
    return mc.Chain(body=L.Sequential(L.Linear(3, 5), L.BatchNorm(5), F.relu), head=L.Linear(5, 2))


def state(link):
    return {key: np.array(value) for key, value in link.values().items()}


def same(a, b):
    return a.keys() == b.keys() and all(
        a[key].dtype == b[key].dtype and np.array_equal(a[key], b[key]) for key in a)


def has_h5py():
    try:
        import h5py
    except ImportError:
        return False
    return bool(h5py)


needs_h5py = [pytest.mark.oracle,
              pytest.mark.skipif(not has_h5py(), reason='h5py is not installed')]
FORMATS = [(mc.save_npz, mc.load_npz), (mc.save_safetensors, mc.load_safetensors),
           pytest.param((mc.save_hdf5, mc.load_hdf5), marks=needs_h5py)]
every_format = pytest.mark.parametrize('functions', FORMATS,
                                       ids=['npz', 'safetensors', 'hdf5'])


@every_format
def test_what_was_saved_comes_back(functions, tmp_path, device):
    save, load = functions
    link = model().to_device(device)
    link.body(mc.to_device(np.ones((4, 3), 'float32'), device))
    save(tmp_path / 'file', link)
    twin = model(1).to_device(device)
    load(tmp_path / 'file', twin)
    link, twin = link.to_cpu(), twin.to_cpu()
    assert same(state(twin), state(link)) and type(twin.body[1].N) is int


@every_format
def test_a_part_of_a_file_can_be_loaded(functions, tmp_path):
    save, load = functions
    link = model()
    save(tmp_path / 'file', link)
    for path in ('head', 'head/'):
        head = L.Linear(5, 2)
        load(tmp_path / 'file', head, path=path)
        assert same(state(head), state(link.head))
    with pytest.raises(ValueError, match="it lacks 'tail/W' and 1 more."):
        load(tmp_path / 'file', head, path='tail/')
    with pytest.raises(ValueError, match="it also holds 'body/0/W' and 6 more."):
        load(tmp_path / 'file', mc.Chain(head=head))


@every_format
def test_loading_may_take_what_there_is(functions, tmp_path):
    save, load = functions
    link, other = model(), model(1)
    save(tmp_path / 'file', link.body)
    before = state(other)
    load(tmp_path / 'file', other.body, strict=False)
    assert same(state(other.body), state(link.body)) and same(state(other.head), {
        key[5:]: value for key, value in before.items() if key.startswith('head')})
    more = mc.Chain(**{'0': L.Linear(3, 5), 'new': L.Linear(2, 2)})
    load(tmp_path / 'file', more, strict=False)
    assert np.array_equal(more['0'].W.data, link.body[0].W.data)
    with pytest.raises(ValueError, match="does not fit: it lacks 'W' and 1 more."):
        load(tmp_path / 'file', L.Linear(3, 5), strict=False)


@every_format
@pytest.mark.parametrize('names', ['head/W', ['head/W'], [lambda name: name.endswith('head/W')]])
def test_names_can_be_left_out(functions, names, tmp_path):
    save, load = functions
    link, other = model(), model(1)
    save(tmp_path / 'file', link)
    kept = other.head.W.data.copy()
    load(tmp_path / 'file', other, ignore_names=names)
    assert np.array_equal(other.head.W.data, kept)
    assert np.array_equal(other.head.b.data, link.head.b.data)


@every_format
def test_a_shape_that_does_not_fit_changes_nothing(functions, tmp_path):
    save, load = functions
    save(tmp_path / 'file', model())
    other = model(1)
    other.head = L.Linear(4, 2)
    before = state(other)
    with pytest.raises(ValueError, match=r"'head/W' has the shape \(2, 5\) in the file, and "
                                         r'\(2, 4\) in the link.'):
        load(tmp_path / 'file', other)
    assert same(state(other), before)


@every_format
def test_a_whole_training_can_be_saved(functions, tmp_path):
    save, load = functions
    link = model()
    optimizer = mc.optimizers.Adam().setup(link)
    for values in (optimizer, mc.training.saving.RandomStates()):
        if save is mc.save_safetensors and values is not optimizer:
            with pytest.raises(ValueError, match="'state' is <U.*which the format cannot hold"):
                save(tmp_path / 'file', values)
            continue
        save(tmp_path / 'file', values)
        load(tmp_path / 'file', values)


@every_format
def test_a_disk_that_is_full_leaves_the_old_file(functions, tmp_path, monkeypatch):
    save, load = functions
    save(tmp_path / 'file', model())
    content = (tmp_path / 'file').read_bytes()

    def full(*args):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(OSError) as caught:
        save(tmp_path / 'file', model(1))
    assert caught.value.errno == 28 and str(caught.value) == (
        f'[Errno 28] {tmp_path / "file"} was not saved; a file that was there is as before. The '
        'disk is full: make room, or choose another one.')
    assert (tmp_path / 'file').read_bytes() == content and os.listdir(tmp_path) == ['file']


@every_format
@pytest.mark.skipif(sys.platform == 'win32', reason='Windows has no limits of files')
def test_a_disk_that_fills_up_in_the_middle_leaves_the_old_file(functions, tmp_path):
    import resource
    save, load = functions
    save(tmp_path / 'file', model())
    content = (tmp_path / 'file').read_bytes()
    large = L.Linear(300, 300)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError) as caught:
            save(tmp_path / 'file', large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert 'file was not saved; a file that was there is as before. ' in str(caught.value)
    assert (tmp_path / 'file').read_bytes() == content and os.listdir(tmp_path) == ['file']


@every_format
def test_a_path_that_cannot_be_written_is_named(functions, tmp_path):
    save, load = functions
    missing = tmp_path / 'missing' / 'file'
    with pytest.raises(FileNotFoundError) as caught:
        save(missing, model())
    assert str(caught.value) == (f'[Errno 2] {missing} was not saved; a file that was there is as '
                                 'before. Its folder does not exist: make it first.')
    (tmp_path / 'folder').mkdir()
    with pytest.raises(OSError, match='folder was not saved'):
        save(tmp_path / 'folder', model())
    assert os.listdir(tmp_path) == ['folder']


@every_format
def test_a_damaged_file_is_refused_or_read_right(functions, tmp_path):
    save, load = functions
    path = tmp_path / 'file'
    save(path, model())
    content = path.read_bytes()
    right = {key: value.shape for key, value in state(model()).items()}
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(content), 60).tolist():
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(rng.integers(8))
        for data in (bytes(damaged), content[:place]):
            path.write_bytes(data)
            link = model(1)
            before = state(link)
            try:
                load(path, link)
            except ValueError:
                assert same(state(link), before)
            assert {key: value.shape for key, value in state(link).items()} == right


# safetensors -------------------------------------------------------------------------------------

def file_of(header, data=b''):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack('<Q', len(text)) + text + data


def entry(dtype='F32', shape=(2,), offsets=(0, 8)):
    return {'x': {'dtype': dtype, 'shape': list(shape), 'data_offsets': list(offsets)}}


def test_all_kinds_of_numbers_come_back(tmp_path):
    arrays = {kind: np.arange(6).reshape(2, 3).astype(kind) for kind in (
        'float64', 'float32', 'float16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool')}
    arrays |= {'empty': np.zeros((0, 3)), 'number': np.float32(2), 'a name with ü': np.ones(1),
               'turned': np.arange(6.0).reshape(2, 3).T, 'big': np.arange(3, dtype='>i4')}
    serializers.write_safetensors(tmp_path / 'a', arrays, {'format': 'pt'})
    found = serializers.read_safetensors(tmp_path / 'a')
    assert found.keys() == arrays.keys()
    for key, array in arrays.items():
        assert found[key].dtype == np.asarray(array).dtype.newbyteorder('=')
        np.testing.assert_array_equal(found[key], array)


def test_bfloat16_is_read_as_float32(tmp_path):
    values = np.array([1.5, -3.0], 'float32')
    upper = (values.view('uint32') >> 16).astype('<u2').tobytes()
    (tmp_path / 'a').write_bytes(file_of(entry('BF16', (2,), (0, 4)), upper))
    np.testing.assert_array_equal(serializers.read_safetensors(tmp_path / 'a')['x'], values)


@pytest.mark.parametrize('content, reason', [
    (b'', 'a header of 0 bytes does not fit into a file of 0'),
    (b'hello', 'a header of 478,560,413,032 bytes does not fit into a file of 5'),
    (struct.pack('<Q', 2 ** 62), 'a header of 4,611,686,018,427,387,904 bytes does not fit'),
    (file_of(b'{"x": '), 'Expecting value'),
    (file_of(b'\xff\xfe{}'), "'utf-8' codec can't decode"),
    (file_of([1, 2]), 'the header is no dictionary'),
    (file_of(b'[' * 100_000), 'while decoding a JSON array'),
    (file_of(b'{"x": 1, "x": 2}'), 'a name stands twice'),
    (file_of({'x': 1}), "'int' object is not subscriptable"),
    (file_of({'x': {'dtype': 'F32'}}), "'shape'"),
    (file_of(entry('F8_E5M2', (2,), (0, 2)), bytes(2)), "'x' is of the type 'F8_E5M2'"),
    (file_of(entry(), bytes(7)), "'x' needs 8 bytes, but lies from 0 to 8 of 7"),
    (file_of(entry(shape=(10 ** 12,), offsets=(0, 4 * 10 ** 12))),
     "'x' needs 4,000,000,000,000 bytes, but lies from 0 to 4,000,000,000,000 of 0"),
    (file_of(entry(shape=(-2,), offsets=(0, -8)), bytes(8)), "'x' has the shape [-2]"),
    (file_of(entry(shape=(2.0,)), bytes(8)), "'x' has the shape [2.0]"),
    (file_of(entry(offsets=(8, 16)), bytes(8)), "'x' needs 8 bytes, but lies from 8 to 16 of 8"),
], ids=lambda value: value[:30] if isinstance(value, str) else '')
def test_a_hostile_file_is_one_clear_sentence(content, reason, tmp_path):
    path = tmp_path / 'bad'
    path.write_bytes(content)
    for read in (serializers.read_safetensors, lambda path: mc.load_safetensors(path, model())):
        with pytest.raises(ValueError) as caught:
            read(path)
        message = str(caught.value)
        assert message.startswith(f'{path} is no safetensors file, or it is broken: ')
        assert reason in message and message.endswith('.') and '\n' not in message


@pytest.mark.oracle
def test_the_safetensors_package_reads_and_writes_the_same(tmp_path):
    package = pytest.importorskip('safetensors.numpy', reason='safetensors is not installed')
    link = model()
    mc.save_safetensors(tmp_path / 'ours', link, {'note': 'hi'})
    theirs = package.load_file(tmp_path / 'ours')
    assert same(theirs, {key: np.asarray(value) for key, value in link.values().items()})
    package.save_file(theirs, tmp_path / 'theirs')
    twin = model(1)
    mc.load_safetensors(tmp_path / 'theirs', twin)
    assert same(state(twin), state(link))


# HDF5 --------------------------------------------------------------------------------------------

@pytest.mark.oracle
@pytest.mark.skipif(not has_h5py(), reason='h5py is not installed')
def test_an_hdf5_file_has_a_group_for_each_link(tmp_path):
    import h5py
    link = model()
    mc.save_hdf5(tmp_path / 'file.h5', link, compression=4)
    with h5py.File(tmp_path / 'file.h5') as file:
        np.testing.assert_array_equal(file['body']['0']['W'][()], link.body[0].W.data)


@pytest.mark.oracle
@pytest.mark.skipif(not has_h5py(), reason='h5py is not installed')
def test_a_file_that_is_no_hdf5_or_claims_too_much_is_refused(tmp_path):
    import h5py
    (tmp_path / 'text').write_text('hello')
    with pytest.raises(ValueError, match='is no HDF5 file, or it is broken: '):
        mc.load_hdf5(tmp_path / 'text', model())
    with h5py.File(tmp_path / 'huge', 'w') as file:
        file.create_dataset('W', (10 ** 6, 10 ** 6), 'float32', chunks=(1000, 1000))
    with pytest.raises(ValueError, match="'W' claims 1,000,000,000,000 numbers"):
        mc.load_hdf5(tmp_path / 'huge', L.Linear(3))


def test_without_h5py_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, 'h5py', None)
    with pytest.raises(ImportError, match=r"pip install 'minichain\[hdf5\]'"):
        mc.save_hdf5(tmp_path / 'file', model())
