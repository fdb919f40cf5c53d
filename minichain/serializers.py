"""Saving and loading parameters as npz files: arrays only, never pickled objects."""
import contextlib
import os
import tempfile
import zipfile

import numpy as np

from . import backend


def save_npz(path, link):
    """Save all parameters and persistent values of a link. An old file stays until then.

    Raises ValueError if a parameter has no shape yet; OSError if the file cannot be written.
    """
    values = link.values()
    missing = [key for key, value in values.items() if value is None]
    if missing:
        raise ValueError(f'{missing[0]!r} has no shape yet, because the link was never called: '
                         'run it once before you save it.')
    path = os.fspath(path)
    folder, name = os.path.split(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(prefix=name, suffix='.part', dir=folder)
    try:
        with os.fdopen(handle, 'wb') as file:
            np.savez(file, **{key: backend.to_cpu(value) for key, value in values.items()})
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(temporary)
        raise


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
        if backend.is_array(old) and old.size and old.shape != saved[key].shape:
            raise ValueError(f'{os.fspath(path)} does not fit: {key!r} has the shape '
                             f'{saved[key].shape} in the file, and {old.shape} in the link.')
        if backend.is_array(old) and saved[key].dtype.kind != old.dtype.kind:
            raise ValueError(f'{os.fspath(path)} does not fit: {key!r} is {saved[key].dtype} in '
                             f'the file, and {old.dtype} in the link.')
    for key, value in saved.items():
        link.set_value(key, value)


def read_npz(path):
    """All arrays of an npz file, by name. ValueError if it is none, is broken, or holds objects."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError, AttributeError, OSError) as error:
        if isinstance(error, OSError) and not os.path.isfile(path):
            raise
        raise ValueError(f'{os.fspath(path)} is no npz file of arrays, or it is broken: '
                         f'{error}.') from error
