"""Faults that come from outside: a full disk, files that claim to be huge, Ctrl-C."""
import io
import os
import shutil
import struct
import subprocess
import sys
import textwrap
import zipfile

import numpy as np
import pytest

import minichain as mc
import minichain.links as L
from minichain import training
from minichain.data import downloads
from minichain.serializers import npz

linux_only = pytest.mark.skipif(sys.platform != 'linux', reason='limits and mounts of Linux')


def member(shape, data=b''):
    """The content of an .npy file that declares a shape, whatever stands in it."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {'descr': '<f4', 'fortran_order': False, 'shape': shape})
    return file.getvalue() + data


def write(path, name, content, packing=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, 'w', packing) as archive:
        archive.writestr(name, content)


def claimed_sizes(content, old, new):
    """The archive with another unpacked size in its directory and its local header."""
    assert content.count(struct.pack('<I', old)) >= 2
    return content.replace(struct.pack('<I', old), struct.pack('<I', new))


# What an attacker can make ------------------------------------------------------------------------

def test_an_array_that_declares_more_than_there_is_is_refused(tmp_path):
    path = tmp_path / 'huge.npz'
    write(path, 'W.npy', member((5, 10 ** 9), bytes(20)))
    with pytest.raises(ValueError, match='declares 20,000,000,128 bytes, but the file holds 148'):
        mc.load_npz(path, L.Linear(None, 5, nobias=True))


def test_a_directory_that_declares_more_than_can_be_packed_is_refused(tmp_path):
    path = tmp_path / 'lies.npz'
    content = member((2 ** 28,), bytes(64))
    write(path, 'W.npy', content)
    path.write_bytes(claimed_sizes(path.read_bytes(), len(content), 2 ** 30 + 128))
    with pytest.raises(ValueError, match='declares 1,073,741,952 bytes.* packed into'):
        npz.read_npz(path)


def test_an_archive_packed_otherwise_is_refused(tmp_path):
    path = tmp_path / 'lzma.npz'
    write(path, 'W.npy', member((1000, 1000), bytes(4_000_000)), zipfile.ZIP_LZMA)
    with pytest.raises(ValueError, match='packed in a way that no npz file is'):
        npz.read_npz(path)


@linux_only
def test_files_that_claim_to_be_huge_are_refused_in_little_memory(tmp_path):
    """In a process that may have 300 MB more than it starts with."""
    write(tmp_path / 'shape.npz', 'W.npy', member((5, 10 ** 9)))
    write(tmp_path / 'bomb.npz', 'W.npy', member((2 ** 28,), bytes(2 ** 22)))
    header = b'{"W": {"dtype": "F32", "shape": [1000000000], "data_offsets": [0, 4000000000]}}'
    (tmp_path / 'shape.safetensors').write_bytes(struct.pack('<Q', len(header)) + header)
    (tmp_path / 'header.safetensors').write_bytes(struct.pack('<Q', 2 ** 40))
    program = textwrap.dedent('''
        import pathlib, resource, sys
        import minichain as mc
        import minichain.links as L
        used = int(pathlib.Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 300_000_000,) * 2)
        for name in sorted(pathlib.Path(sys.argv[1]).iterdir()):
            load = mc.load_npz if name.suffix == '.npz' else mc.load_safetensors
            try:
                load(name, L.Linear(None, 5, nobias=True))
            except ValueError as error:
                print(name.name, 'refused:', error)
    ''')
    done = subprocess.run([sys.executable, '-c', program, tmp_path], text=True, capture_output=True,
                          env=dict(os.environ, OPENBLAS_NUM_THREADS='1'))
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        'bomb.npz', 'header.safetensors', 'shape.npz', 'shape.safetensors']
    assert 'allocate' not in done.stdout


def trainer(tmp_path):
    mc.set_seed(0)
    model = L.Classifier(L.Linear(3, 2))
    x, t = np.ones((4, 3), 'float32'), np.array([0, 1, 1, 0])
    updater = training.StandardUpdater(mc.data.SerialIterator(mc.data.TupleDataset(x, t), 2),
                                       mc.optimizers.Adam().setup(model))
    return training.Trainer(updater, (1, 'epoch'), tmp_path, [training.extensions.LogReport()])


@pytest.mark.parametrize('text', ['', '[', 'null', '5', 'NaN', '"x"', '{}', '[]', '[1e400]',
                                  '{"a": [[]]}', '[' * 100_000])
def test_a_state_that_is_none_is_refused_and_the_training_stays_as_it_was(tmp_path, text):
    run = trainer(tmp_path)
    run.run()
    mc.save_npz(tmp_path / 'run.npz', run)
    arrays = npz.read_npz(tmp_path / 'run.npz')
    states = [key for key, value in arrays.items() if value.dtype.kind == 'U']
    assert {'random/state', 'observation/state'} <= set(states)
    for key in states:
        np.savez(tmp_path / 'hostile.npz', **{**arrays, key: np.array(text)})
        fresh = trainer(tmp_path)
        before = {name: str(value) for name, value in fresh.values().items()
                  if name != 'elapsed_time'}
        if (key, text) == ('observation/state', '{}'):
            continue        # nothing was observed yet: that is a state
        with pytest.raises(ValueError, match='does not fit: .* is no state that can be taken up'):
            mc.load_npz(tmp_path / 'hostile.npz', fresh)
        assert before == {name: str(value) for name, value in fresh.values().items()
                          if name != 'elapsed_time'}, key


# A disk that is full ------------------------------------------------------------------------------

def test_compressed_archives_of_numpy_are_still_read(tmp_path):
    np.savez_compressed(tmp_path / 'zeros.npz', W=np.zeros((5, 1000, 300), 'float32'),
                        empty=np.zeros((0, 3)), one=np.float64(3))
    found = npz.read_npz(tmp_path / 'zeros.npz')
    assert found['W'].shape == (5, 1000, 300) and found['empty'].shape == (0, 3)


def own_mounts():
    """The words before a command that gives it file systems of its own, or None."""
    for words in (['unshare', '--mount'], ['unshare', '--mount', '--map-root-user']):
        if shutil.which('unshare') and subprocess.run(
                [*words, 'sh', '-c', 'mount -t tmpfs -o size=64k tmpfs /mnt'],
                capture_output=True).returncode == 0:
            return words
    return None


@linux_only
def test_a_disk_that_is_really_full_leaves_the_old_snapshot(tmp_path):
    words = own_mounts()
    if words is None:
        pytest.skip('no file system can be mounted here (unshare --mount is refused)')
    program = textwrap.dedent('''
        import os, sys
        import minichain as mc
        import minichain.links as L
        os.chdir(sys.argv[1])
        for save, load in (mc.save_npz, mc.load_npz), (mc.save_safetensors, mc.load_safetensors):
            save('small', L.Linear(3, 4))
            before = open('small', 'rb').read()
            try:
                save('small', L.Linear(300, 300))
            except OSError as error:
                print(error)
            assert open('small', 'rb').read() == before and os.listdir() == ['small']
            load('small', L.Linear(3, 4))
            os.remove('small')
    ''')
    done = subprocess.run(
        [*words, 'sh', '-c', 'mount -t tmpfs -o size=200k tmpfs "$1" && exec "$2" -c "$3" "$1"',
         'sh', tmp_path, sys.executable, program], text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert 'small was not saved; a file that was there is as before. The disk is full' in line


# Downloads ----------------------------------------------------------------------------------------

def test_a_download_that_is_interrupted_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupted(file, target):
        target.write(b'half')
        raise KeyboardInterrupt

    monkeypatch.setattr(downloads, 'download', interrupted)
    with pytest.raises(KeyboardInterrupt):
        downloads.fetch_file(downloads.RemoteFile('https://host/file', None, 99), tmp_path)
    assert list(tmp_path.iterdir()) == []
