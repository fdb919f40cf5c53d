"""Saving and loading parameters as npz files: arrays only, never pickled objects."""
import os
import zipfile

import numpy as np

from . import backend
from .files import new_file


def save_npz(path, link):
    """Save all parameters and persistent values of a link; an old file stays until it is done.

    Raises ValueError if a parameter has no shape yet; OSError if the file cannot be written.
    """
    values = link.values()
    missing = [key for key, value in values.items() if value is None]
    if missing:
        raise ValueError(f'{missing[0]!r} has no shape yet, because the link was never called: '
                         'run it once before you save it.')
    with new_file(path) as part, open(part, 'xb') as file:
        write_npz(file, values)


def write_npz(file, values):
    """Write a dict of arrays and numbers into an open file, as np.savez does, of whatever names."""
    with zipfile.ZipFile(file, 'w') as archive:
        for key, value in values.items():
            with archive.open(f'{key}.npy', 'w', force_zip64=True) as entry:
                array = np.asarray(backend.to_cpu(value))
                np.lib.format.write_array(entry, array, allow_pickle=False)


def load_npz(path, link):
    """Load what `save_npz` has saved into a link of the same make. All of it, or nothing.

    Raises ValueError for a file that is broken, foreign, or holds other names or shapes; the link
    is then as it was before.
    """
    saved = read_npz(path)
    wanted = link.values()
    for problem, keys in (('lacks', wanted.keys() - saved), ('also holds', saved.keys() - wanted)):
        if keys:
            raise ValueError(f'{os.fspath(path)} does not fit: it {problem} {sorted(keys)[0]!r}'
                             + (f' and {len(keys) - 1} more.' if len(keys) > 1 else '.'))
    for key, old in wanted.items():
        new = saved[key]
        have = np.empty(0) if old is None else old if backend.is_array(old) else np.asarray(old)
        if have.size and have.shape != new.shape:
            raise ValueError(f'{os.fspath(path)} does not fit: {key!r} has the shape {new.shape} '
                             f'in the file, and {have.shape} in the link.')
        if have.dtype.kind != new.dtype.kind:
            raise ValueError(f'{os.fspath(path)} does not fit: {key!r} is {new.dtype} in the file, '
                             f'and {have.dtype} in the link.')
    for key, value in saved.items():
        link.set_value(key, value)


def read_npz(path):
    """All arrays of an npz file, by name. ValueError if it is none, is broken, or holds objects."""
    with open(path, 'rb') as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return {name.removesuffix('.npy'): read_array(archive, name)
                        for name in archive.namelist()}
        except Exception as error:  # what a damaged file raises depends on where the damage is
            reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip('.')
            raise ValueError(f'{os.fspath(path)} is no npz file of arrays, or it is broken: '
                             f'{reason}.') from error


def read_array(archive, name):
    """One array of an open npz file."""
    with archive.open(name) as entry:
        array = np.lib.format.read_array(entry, allow_pickle=False)
        if entry.read():    # reading to the end also compares the checksum
            raise ValueError(f'{name} goes on behind its array')
        return array
