"""Parameters as HDF5 files, with h5py (the extra `hdf5`): a group for each link."""
import os

import numpy as np

from .. import backend
from ..files import new_file
from ..fitting import Entry, first_line, set_values, values_of

DENSEST = 2000      # no compression of h5py makes numbers smaller than by about this factor


def h5py_module():
    """The module h5py. ImportError says how to install it."""
    try:
        import h5py
    except ImportError:
        raise ImportError("HDF5 files need h5py: pip install 'minichain[hdf5]'. save_npz needs "
                          'nothing.') from None
    return h5py


def save_hdf5(file, link, compression=None):
    """Save all parameters and persistent values of a link; an old file stays until it is done.

    compression  None, or what h5py knows, such as 4 (gzip)
    Raises ValueError if a parameter has no shape yet; OSError if the file cannot be written.
    """
    h5py, values = h5py_module(), values_of(link)
    with new_file(file) as part:
        try:
            with h5py.File(part, 'x') as opened:
                write_hdf5(h5py, opened, values, compression)
        except RuntimeError as error:       # which a full disk can be, for h5py
            raise OSError(first_line(error)) from error


def write_hdf5(h5py, opened, values, compression):
    """Write a dict of arrays, numbers and texts into an open file."""
    for key, value in values.items():
        array = np.asarray(backend.to_cpu(value))
        if array.dtype.kind == 'U':
            opened.create_dataset(key, data=str(array), dtype=h5py.string_dtype())
        else:
            opened.create_dataset(key, data=array,
                                  compression=compression if array.size > 1 else None)


def load_hdf5(file, link, path='', strict=True, ignore_names=()):
    """Load what `save_hdf5` has saved into a link of the same make. All of it, or nothing.

    path, strict, ignore_names, errors: as in `load_npz`.
    """
    h5py = h5py_module()
    with open(file, 'rb') as opened:
        try:
            with h5py.File(opened, 'r') as archive:
                set_values(link, entries_of(h5py, archive), file, path, strict, ignore_names)
        except (OSError, RuntimeError, KeyError) as error:
            raise ValueError(f'{os.fspath(file)} is no HDF5 file, or it is broken: '
                             f'{first_line(error)}.') from error


def entries_of(h5py, archive):
    """{name: Entry} of an open file: what is an array of numbers or a text; nothing is read."""
    entries = {}

    def add(key, item):
        if not isinstance(item, h5py.Dataset):
            return
        if h5py.check_string_dtype(item.dtype) and item.shape == ():
            entries[key] = Entry((), np.dtype('U'), lambda: np.array(item.asstr()[()]))
        elif item.dtype.kind in 'fiub':
            if item.size * item.dtype.itemsize > DENSEST * max(item.id.get_storage_size(), 1):
                raise OSError(f'{key!r} claims {item.size:,} numbers, but they are not there')
            entries[key] = Entry(item.shape, item.dtype, lambda: item[()])

    archive.visititems(add)
    return entries
