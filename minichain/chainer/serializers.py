"""Saving and loading in Chainer's layout: `serialize` methods, and npz files.

A thing is saved by `thing.serialize(serializer)`, which calls serializer(key, value) for each value
and hands serializer[key] to its parts. What minichain has of its own is saved by its values.
"""
import contextlib
import os
import pickle
import zipfile

import numpy as np

from .. import backend, links as core
from ..files import new_file
from ..serializers.npz import read_array


class AbstractSerializer:
    """A base for what saves or loads: `serializer(key, value)` and `serializer[key]`."""

    def __getitem__(self, key):
        raise NotImplementedError('A serializer says what stands below a key.')

    def __call__(self, key, value):
        raise NotImplementedError('A serializer saves or loads a value.')


class Serializer(AbstractSerializer):
    """A serializer that saves."""

    def save(self, obj):
        """Save a thing."""
        serialize(obj, self)


class Deserializer(AbstractSerializer):
    """A serializer that loads."""

    def load(self, obj):
        """Load a thing."""
        serialize(obj, self)


class DictionarySerializer(Serializer):
    """Saves into a dict, `target`: NumPy arrays by 'path/key'."""

    def __init__(self, target=None, path=''):
        self.target, self.path = {} if target is None else target, path

    def __getitem__(self, key):
        return DictionarySerializer(self.target, f'{self.path}{key.strip("/")}/')

    def __call__(self, key, value):
        array = value if value is None else np.asarray(backend.to_cpu(value))
        self.target[self.path + key.lstrip('/')] = array
        return value


class NpzDeserializer(Deserializer):
    """Loads from a dict of arrays, such as an npz file is.

    strict        False: what is not there stays as it was; True: it is a KeyError
    ignore_names  names, or functions of them, that are never loaded
    """

    def __init__(self, npz, path='', strict=True, ignore_names=None):
        self.npz, self.path, self.strict = npz, path, strict
        ignored = [] if ignore_names is None else ignore_names
        self.ignored = ignored if isinstance(ignored, (list, tuple)) else [ignored]

    def __getitem__(self, key):
        return NpzDeserializer(self.npz, f'{self.path}{key.strip("/")}/', self.strict, self.ignored)

    def __contains__(self, key):
        return self.path + key.lstrip('/') in self.npz

    def __call__(self, key, value):
        name = self.path + key.lstrip('/')
        if any(ignored(name) if callable(ignored) else ignored == name for ignored in self.ignored):
            return value
        if name not in self.npz:
            if self.strict:
                near = ', '.join(list(self.npz)[:4])
                raise KeyError(f'{name!r} is not in the file, which holds {near}, ...')
            return value
        saved = self.npz[name]
        if saved is None:
            return None
        if backend.is_array(value) and value.shape:
            if value.shape != saved.shape:
                raise ValueError(f'{name!r} has the shape {saved.shape} in the file, but '
                                 f'{value.shape} is needed.')
            value[...] = backend.to_device(saved.astype(value.dtype), backend.device_of(value))
            return value
        if value is None or backend.is_array(value):
            return saved
        return type(value)(saved.item() if saved.ndim == 0 else saved)


# What is saved -----------------------------------------------------------------------------------

def serialize(thing, serializer):
    """Save or load a thing: as its own method says, or else by its values."""
    if hasattr(thing, 'serialize'):
        thing.serialize(serializer)
    elif isinstance(thing, core.Link):
        serialize_own(thing, serializer)
        for name, child in thing.named_children():
            serialize(child, serializer[name])
    elif hasattr(thing, 'set_value'):
        for key, value in thing.values().items():
            if not isinstance(serializer, Deserializer):
                serializer(key, value)
            elif not hasattr(serializer, '__contains__') or key in serializer:
                saved = serializer(key, None)
                if saved is not None:
                    thing.set_value(key, saved)


def serialize_own(link, serializer):
    """Save or load the parameters and persistent values of a link, without its children."""
    loads = isinstance(serializer, Deserializer)
    for name in link._params:
        param = getattr(link, name)
        known = param.data if param.is_initialized else None
        saved = serializer(name, known)
        if loads and known is None and saved is not None:
            link.set_value(name, saved)
    for name in link._persistent:
        old = getattr(link, name)
        new = serializer(name, old)
        if loads and new is not old:
            link.set_value(name, np.asarray(new))


# Files -------------------------------------------------------------------------------------------

def save_npz(file, obj, compression=True):
    """Save a thing into an npz file: a path, or an open file. An old one stays until it is done."""
    values = DictionarySerializer()
    serialize(obj, values)
    turn_gates(obj, values.target, apart=False)
    kind = zipfile.ZIP_DEFLATED if compression else zipfile.ZIP_STORED
    if hasattr(file, 'write'):
        write_npz(file, values.target, kind)
        return
    with new_file(file) as part, open(part, 'xb') as out:
        write_npz(out, values.target, kind)


# An array that holds None, as Chainer writes it and NumPy reads it, whichever its version.
NOTHING = pickle.dumps(np.array(None), 2).replace(b'numpy._core.', b'numpy.core.')


def write_npz(file, values, kind):
    """Write arrays into an open file; for None, an array that holds it."""
    with zipfile.ZipFile(file, 'w', kind) as archive:
        for key, array in values.items():
            with archive.open(f'{key}.npy', 'w', force_zip64=True) as entry:
                if array is None:
                    header = {'descr': '|O', 'fortran_order': False, 'shape': ()}
                    np.lib.format.write_array_header_1_0(entry, header)
                    entry.write(NOTHING)
                else:
                    np.lib.format.write_array(entry, array, allow_pickle=False)


def load_npz(file, obj, path='', strict=True, ignore_names=None):
    """Load a thing from an npz file, of Chainer's or from here.

    path          what stands before the names: 'updater/model:main/' for the model of a trainer
    strict        False: what is not in the file stays as it was
    ignore_names  names, or functions of them, that are not loaded
    Raises ValueError for a file that is none, KeyError if something is missing.
    """
    values = read_npz(file)
    prefix = path.strip('/') + '/' if path.strip('/') else ''
    turn_gates(obj, values, apart=True, prefix=prefix)
    serialize(obj, NpzDeserializer(values, prefix, strict, ignore_names))


def read_npz(file):
    """All arrays of an npz file by name; None for what is no array: it is never unpickled."""
    with contextlib.ExitStack() as stack:
        if not hasattr(file, 'read'):
            name = os.fspath(file)
            file = stack.enter_context(open(file, 'rb'))
        else:
            name = 'The file'
        try:
            with zipfile.ZipFile(file) as archive:
                return {entry.removesuffix('.npy'): read_entry(archive, entry)
                        for entry in archive.namelist()}
        except Exception as error:      # what a damaged file raises depends on the damage
            raise ValueError(f'{name} is no npz file, or it is broken: {error}') from error


def read_entry(archive, name):
    """One array; None for an array of objects, which Chainer writes where there is no value."""
    with archive.open(name) as entry:
        version = np.lib.format.read_magic(entry)
        read = (np.lib.format.read_array_header_1_0 if version == (1, 0)
                else np.lib.format.read_array_header_2_0)
        if read(entry)[2].hasobject:
            return None
    return read_array(archive, name)


def turn_gates(obj, values, apart, prefix=''):
    """Chainer keeps the gates a, i, f, o of each unit of an LSTM side by side; minichain keeps them
    in blocks. Turn round what a file holds for minichain's own links in a model."""
    if not isinstance(obj, core.Link):
        return
    for link in obj.links():
        if not isinstance(link, core.StatelessLSTM) or hasattr(link, 'serialize'):
            continue
        start = prefix + link.path[len(obj.path):].strip('/')
        for name in ('upward/W', 'upward/b', 'lateral/W'):
            key = f'{start.rstrip("/")}/{name}' if start else name
            if values.get(key) is not None:
                values[key] = gates_apart(values[key]) if apart else gates_together(values[key])


def gates_apart(weights):
    """Rows of a, i, f, o unit by unit -> a block of rows for each gate."""
    return weights.reshape(-1, 4, *weights.shape[1:]).swapaxes(0, 1).reshape(weights.shape)


def gates_together(weights):
    """The opposite of gates_apart."""
    return weights.reshape(4, -1, *weights.shape[1:]).swapaxes(0, 1).reshape(weights.shape)
