"""Parameters as npz files: arrays only, never pickled objects."""
import contextlib
import math
import os
import zipfile

import numpy as np

from .. import backend
from ..files import new_file
from ..fitting import Entry, first_line, folder, set_values, values_of

HEADERS = {(1, 0): np.lib.format.read_array_header_1_0,
           (2, 0): np.lib.format.read_array_header_2_0}
# The most bytes that one byte unpacks to. NumPy packs in these two ways.
UNPACKS = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: 1032}


def save_npz(file, link):
    """Save all parameters and persistent values of a link; an old file stays until it is done.

    file  a path   link  a link, an optimizer or a trainer
    Raises ValueError if a parameter has no shape yet; OSError if the file cannot be written.
    """
    values = values_of(link)
    with new_file(file) as part, open(part, 'xb') as opened:
        write_npz(opened, values)


def write_npz(file, values):
    """Write a dict of arrays and numbers into an open file, as np.savez does, of whatever names."""
    archive = zipfile.ZipFile(file, 'w')
    try:
        for key, value in values.items():
            with archive.open(f'{key}.npy', 'w', force_zip64=True) as entry:
                array = np.asarray(backend.to_cpu(value))
                np.lib.format.write_array(entry, array, allow_pickle=False)
        archive.close()
    except BaseException:
        archive.fp = None       # given up: a half archive cannot be closed, and would say so
        raise


def load_npz(file, link, path='', strict=True, ignore_names=()):
    """Load what `save_npz` has saved into a link of the same make. All of it, or nothing.

    path          the part of the file to load, such as 'updater/model:main/predictor/' of a
                  trainer's snapshot
    strict        False: load what there is, leave other values as they are, and ignore the rest
    ignore_names  names to leave out, such as 'l3/W', or functions that say so of a name

    Raises ValueError for a file that is broken, foreign, or holds other names or shapes; the link
    is then as it was before.
    """
    with open(file, 'rb') as opened:
        set_values(link, entries_of(opened, file, folder(path)), file, path, strict, ignore_names)


def read_npz(file, path=''):
    """All arrays of an npz file whose names begin with `path`, by name.

    Raises ValueError if the file is none, is broken, or holds objects.
    """
    with open(file, 'rb') as opened:
        entries = entries_of(opened, file, path)
        return {key: entry.read() for key, entry in entries.items()}


def entries_of(opened, file, path):
    """{name: Entry} of an open file: the headers are read, the numbers are not."""
    with explained(file):
        archive = zipfile.ZipFile(opened)
        return {name.removesuffix('.npy'): read_entry(archive, name, file)
                for name in archive.namelist() if name.startswith(path)}


@contextlib.contextmanager
def explained(file):
    """What a damaged file raises depends on where the damage is: here it is one ValueError."""
    try:
        yield
    except Exception as error:
        raise ValueError(f'{os.fspath(file)} is no npz file of arrays, or it is broken: '
                         f'{first_line(error)}.') from error


def read_entry(archive, name, file):
    """An Entry from the header of one array."""
    with archive.open(name) as member:
        header = HEADERS.get(np.lib.format.read_magic(member))
        if header is None:
            raise ValueError(f'{name} holds no plain array')
        shape, _, dtype = header(member)
        begin = member.tell()
    if dtype.hasobject:
        raise ValueError(f'{name} holds pickled objects, which are never loaded')
    check_size(archive.getinfo(name), name, begin + math.prod(shape) * dtype.itemsize)

    def read():
        with explained(file):
            return read_array(archive, name)

    return Entry(shape, dtype, read)


def check_size(info, name, size):
    """Refuse an array that cannot be in its file, before memory is asked for it."""
    if info.compress_type not in UNPACKS:
        raise ValueError(f'{name} is packed in a way that no npz file is')
    if size != info.file_size or size > UNPACKS[info.compress_type] * info.compress_size:
        raise ValueError(f'{name} declares {size:,} bytes, but the file holds {info.file_size:,}, '
                         f'packed into {info.compress_size:,}')


def read_array(archive, name):
    """One array of an open npz file."""
    with archive.open(name) as member:
        array = np.lib.format.read_array(member, allow_pickle=False)
        if member.read():   # reading to the end also compares the checksum
            raise ValueError(f'{name} goes on behind its array')
        return array
