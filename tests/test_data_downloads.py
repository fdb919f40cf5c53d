"""Datasets from the network: served by this test from 127.0.0.1, in tiny files of real formats."""
import functools
import gzip
import hashlib
import http.server
import io
import struct
import tarfile
import threading
import tracemalloc

import nbformat
import numpy as np
import pytest
from environments import ROOT

from minichain import data
from minichain.data import downloads

RANDOM = np.random.default_rng(0)


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f'>{array.ndim}I', *array.shape)
    return gzip.compress(header + array.tobytes())


def tar(members):
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode='w:gz') as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return memory.getvalue()


def sparse_tar(name, size):
    """An archive whose one member declares a size of its own, with a single byte of content."""
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode='w:gz', format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.size = 1
        info.pax_headers = {'GNU.sparse.map': '0,1', 'GNU.sparse.size': str(size)}
        archive.addfile(info, io.BytesIO(b'x'))
    return memory.getvalue()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, a redirect to plain HTTP elsewhere, a file that breaks off, one that never
    ends, and one whose length is no number."""

    def log_message(self, *args):
        pass

    def do_GET(self):
        if self.path == '/away/file':
            self.send_response(302)
            self.send_header('Location', 'http://example.invalid/file')
            self.end_headers()
        elif self.path == '/short/file':
            self.send_response(200)
            self.send_header('Content-Length', '100')
            self.end_headers()
            self.wfile.write(b'only this')
        elif self.path in ('/endless/file', '/odd/file'):
            self.send_response(200)
            if self.path == '/odd/file':
                self.send_header('Content-Length', 'many')
            self.end_headers()
            for _ in range(1 if self.path == '/odd/file' else 1000):
                self.wfile.write(bytes(100))
        else:
            super().do_GET()


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A folder that is served, an empty cache, and `serve(name, contents)` to fill FILES."""
    folder = tmp_path / 'served'
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as running:
        address = f'http://127.0.0.1:{running.server_port}/'
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setattr(downloads, 'LOCAL_SERVER', address)
        monkeypatch.setenv('MINICHAIN_DATA', str(tmp_path / 'cache'))
        monkeypatch.setenv('no_proxy', '127.0.0.1')

        def serve(name, contents, pinned=True):
            files = []
            for i, content in enumerate(contents):
                (folder / f'{name}-{i}').write_bytes(content)
                digest = hashlib.sha256(content).hexdigest() if pinned else None
                files.append(downloads.RemoteFile(f'{address}{name}-{i}', digest, 100_000))
            monkeypatch.setitem(downloads.FILES, name, files)
            return folder

        yield serve
        running.shutdown()
        thread.join()


@pytest.mark.parametrize('name, load', [('mnist', data.get_mnist),
                                        ('fashion-mnist', data.get_fashion_mnist)])
def test_images_and_labels_of_idx_files(server, name, load):
    images = RANDOM.integers(0, 256, (5, 28, 28)).astype('uint8')
    labels = np.arange(5, dtype='uint8')
    folder = server(name, [idx(images), idx(labels), idx(images[:2]), idx(labels[:2])])
    train, test = load()
    assert (len(train), len(test)) == (5, 2)
    x, t = train.datasets
    assert x.shape == (5, 1, 28, 28) and x.dtype == np.float32 and t.dtype == np.int32
    assert np.allclose(x[:, 0] * 255, images, atol=1e-4) and list(t) == [0, 1, 2, 3, 4]
    for file in folder.iterdir():
        file.unlink()
    assert load(withlabel=False, ndim=1)[1].shape == (2, 784)       # from the cache
    with pytest.raises(ValueError, match='ndim is 1 or 2 or 3, not 4'):
        load(ndim=4)


def run_the_optional_cell_of_lesson_05(network):
    notebook = nbformat.read(ROOT / 'lessons' / '05_convolution' / 'lesson.ipynb', as_version=4)
    cell, = (cell.source for cell in notebook.cells if 'get_mnist' in cell.source)
    assert 'ask_the_network = False' in cell
    seen = {}

    def accuracy(model, x, t):
        seen.update(x=x, t=t)
        return 0.5

    exec(cell.replace('ask_the_network = False', f'ask_the_network = {network}'),
         {'data': data, 'accuracy': accuracy, 'cnn': None})
    return seen


def test_lesson_05_makes_the_pictures_of_other_people_small(server, capsys):
    small = RANDOM.integers(0, 256, (3, 8, 8)).astype('uint8')
    images = np.pad(small.repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2)))
    labels = np.arange(3, dtype='uint8')
    server('mnist', [idx(images), idx(labels)] * 2)
    seen = run_the_optional_cell_of_lesson_05(network=True)
    assert seen['x'].shape == (3, 1, 8, 8)
    assert np.allclose(seen['x'][:, 0] * 255, small, atol=1e-3) and list(seen['t']) == [0, 1, 2]
    assert capsys.readouterr().out.endswith('read correctly: 50.0%\n')


def test_lesson_05_goes_on_without_a_network_and_does_not_ask_for_one(server, capsys):
    assert run_the_optional_cell_of_lesson_05(network=False) == {}
    assert capsys.readouterr().out == 'Skipped. The lesson goes on without it.\n'
    (server('mnist', [b'x']) / 'mnist-0').unlink()
    assert run_the_optional_cell_of_lesson_05(network=True) == {}
    said = capsys.readouterr().out
    assert 'Is there a network' in said and said.endswith('goes on without it.\n')


def cifar(count=2):
    images = RANDOM.integers(0, 256, (count, 3072)).astype('uint8')
    labels = np.arange(count, dtype='uint8')
    return images, np.hstack([labels[:, None], images]).tobytes()


CIFAR_NAMES = [f'cifar-10-batches-bin/{name}.bin' for name in
               [f'data_batch_{i}' for i in range(1, 6)] + ['test_batch']]


def test_cifar_and_members_that_point_outside(server, tmp_path):
    images, content = cifar()
    hostile = [('../../outside.bin', b'x'), ('/tmp/outside.bin', b'x')]
    server('cifar-10', [tar(hostile + [(name, content) for name in CIFAR_NAMES])])
    train, test = data.get_cifar10()
    assert (len(train), len(test)) == (10, 2)
    assert train.datasets[0].shape == (10, 3, 32, 32) and train.datasets[0].dtype == np.float32
    assert np.allclose(test.datasets[0].reshape(2, -1) * 255, images, atol=1e-4)
    assert not list(tmp_path.rglob('outside.bin'))
    assert data.get_cifar10(withlabel=False, ndim=1)[0].shape == (10, 3072)


def test_words_of_the_treebank(server):
    server('ptb', [b' the cat <unk> \n the dog \n', b' a dog \n', b' the cat \n'], pinned=False)
    train, valid, test = data.get_ptb_words()
    vocabulary = data.get_ptb_words_vocabulary()
    assert train.dtype == np.int32
    assert vocabulary.decode(train) == ['the', 'cat', '<unk>', '<eos>', 'the', 'dog', '<eos>']
    assert vocabulary.decode(valid) == ['<unk>', 'dog', '<eos>'] and len(test) == 3


def test_without_a_known_checksum_the_first_download_decides(server, tmp_path):
    folder = server('ptb', [b'a\n', b'b\n', b'c\n'], pinned=False)
    data.get_ptb_words()
    cached = tmp_path / 'cache' / 'ptb' / 'ptb-0'
    cached.write_bytes(b'changed\n')
    with pytest.raises(data.DownloadError, match='not the file it should be'):
        data.get_ptb_words()
    cached.unlink()
    (folder / 'ptb-0').write_bytes(b'changed\n')
    with pytest.raises(data.DownloadError, match='not the file it should be'):
        data.get_ptb_words()
    assert not cached.exists()


def test_a_wrong_checksum_leaves_nothing_behind(server, tmp_path):
    folder = server('mnist', [b'right'])
    (folder / 'mnist-0').write_bytes(b'wrong')
    with pytest.raises(data.DownloadError, match='SHA-256'):
        data.get_mnist()
    assert list((tmp_path / 'cache' / 'mnist').iterdir()) == []


def test_too_large_a_file_is_refused(server, tmp_path):
    server('mnist', [bytes(100_001)])
    with pytest.raises(data.DownloadError, match='larger than the 100000 bytes'):
        data.get_mnist()
    assert list((tmp_path / 'cache' / 'mnist').iterdir()) == []


def test_a_file_without_a_length_is_read_to_its_end_or_to_its_largest_size(server):
    server('mnist', [])
    file = downloads.RemoteFile(f'{downloads.LOCAL_SERVER}odd/file', None, 999)
    target = io.BytesIO()
    assert downloads.download(file, target) == hashlib.sha256(bytes(100)).hexdigest()
    assert target.getvalue() == bytes(100)
    file = file._replace(url=f'{downloads.LOCAL_SERVER}endless/file')
    with pytest.raises(data.DownloadError, match='larger than the 999 bytes'):
        downloads.download(file, io.BytesIO())


def test_a_download_that_is_interrupted_leaves_nothing_and_can_be_repeated(
        server, tmp_path, monkeypatch):
    server('ptb', [b' a ' * 40_000, b' b ', b' a b '], pinned=False)

    def press_ctrl_c(url, size, total, shown):
        assert 0 < size < total
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(downloads, 'show_progress', press_ctrl_c)
        patch.setitem(downloads.FILES, 'ptb', [file._replace(largest=10 ** 6)
                                               for file in downloads.FILES['ptb']])
        with pytest.raises(KeyboardInterrupt):
            data.get_ptb_words()
    assert list((tmp_path / 'cache' / 'ptb').iterdir()) == []
    server('ptb', [b' a ' * 4, b' b ', b' a b '], pinned=False)
    assert [len(words) for words in data.get_ptb_words()] == [5, 2, 3]


def test_a_file_that_cannot_be_reached(server, monkeypatch):
    folder = server('mnist', [b'x'])
    (folder / 'mnist-0').unlink()
    with pytest.raises(data.DownloadError, match='Is there a network'):
        data.get_mnist()
    for place, message in [('away', 'HTTPS alone'), ('short', 'broke off after 9 of 100')]:
        file = downloads.RemoteFile(f'{downloads.LOCAL_SERVER}{place}/file', None, 999)
        with pytest.raises(data.DownloadError, match=message):
            downloads.download(file, io.BytesIO())
    monkeypatch.setattr(downloads, 'LOCAL_SERVER', None)
    for url in ('http://127.0.0.1/x', 'file:///etc/hostname', 'ftp://host/x'):
        with pytest.raises(data.DownloadError, match='HTTPS alone'):
            downloads.download(downloads.RemoteFile(url, None, 9), io.BytesIO())


def test_every_known_address_is_https_and_every_checksum_is_whole():
    for files in downloads.FILES.values():
        for file in files:
            assert file.url.startswith('https://')
            assert file.sha256 is None or len(bytes.fromhex(file.sha256)) == 32


GOOD = idx(np.zeros((2, 3, 3), 'uint8'))
HEADER = gzip.decompress(GOOD)[:16]


@pytest.mark.parametrize('content, message', [
    (b'', 'no IDX file'),
    (b'not gzip', 'broken gzip'),
    (GOOD[:-12], 'broken gzip'),
    (idx(np.zeros((2, 3), 'uint8')), 'no IDX file of bytes with 3 axes'),
    (gzip.compress(bytes([0, 0, 13, 3]) + bytes(12)), 'no IDX file'),
    (gzip.compress(bytes([0, 0, 8, 3, 0, 0])), 'ends within its header'),
    (gzip.compress(bytes([0, 0, 8, 3]) + b'\xff' * 12), 'more than 400000000 bytes'),
    (gzip.compress(HEADER + bytes(17)), 'but has 17'),
    (gzip.compress(HEADER + bytes(99)), 'but has more'),
], ids=['empty', 'no gzip', 'cut', 'axes', 'type', 'header', 'huge', 'short', 'long'])
def test_broken_idx_files(tmp_path, content, message):
    path = tmp_path / 'file'
    path.write_bytes(content)
    tracemalloc.start()
    with pytest.raises(data.DownloadError, match=message):
        downloads.read_idx(path, 3)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


NAME = CIFAR_NAMES[0]
WHOLE = tar([(NAME, cifar()[1])])


@pytest.mark.parametrize('content, message', [
    (b'not gzip', 'broken archive'),
    (gzip.compress(b'no tar' * 1000), 'broken archive'),
    (WHOLE[:len(WHOLE) // 2], 'broken archive'),
    (tar([('other', b'')]), 'has no file cifar-10-batches-bin/data_batch_1.bin'),
    (tar([('../' + NAME, cifar()[1])]), 'has no file'),
    (tar([(NAME, bytes(3072))]), 'no multiple of 3073'),
    (tar([(NAME, b'')]), 'no multiple of 3073'),
    (tar([(NAME, b'\x0a' + bytes(3072))]), 'label above 9'),
    (sparse_tar(NAME, 10 ** 15), 'has no file'),
    (tar([('filler', bytes(1_000_000))]), 'unpacks to more than'),
    (tar([(NAME, bytes(3073 * 300))]), 'unpacks to more than'),
], ids=['no gzip', 'no tar', 'cut', 'missing', 'outside', 'size', 'empty', 'label', 'sparse',
        'filler', 'bomb'])
def test_broken_archives(tmp_path, monkeypatch, content, message):
    monkeypatch.setattr(downloads, 'LARGEST', 500_000)
    path = tmp_path / 'file'
    path.write_bytes(content)
    with pytest.raises(data.DownloadError, match=message):
        downloads.read_cifar(path, [NAME])


def test_text_that_is_none(tmp_path):
    (tmp_path / 'file').write_bytes(b'\xff\xfe\xff')
    with pytest.raises(data.DownloadError, match='no text'):
        downloads.read_words(tmp_path / 'file')
