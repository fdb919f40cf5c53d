"""Parameters as safetensors files, the format in which models are exchanged.

A file is eight bytes that hold the length of a header, the header in JSON, {name: {"dtype": "F32",
"shape": [2, 3], "data_offsets": [begin, end]}}, and behind it the numbers of all arrays.
(github.com/huggingface/safetensors, 2022)
"""
import json
import math
import os
import struct

import numpy as np

from .. import backend
from ..files import new_file
from ..fitting import Entry, first_line, set_values, values_of

KINDS = {'F64': 'float64', 'F32': 'float32', 'F16': 'float16', 'I64': 'int64', 'I32': 'int32',
         'I16': 'int16', 'I8': 'int8', 'U64': 'uint64', 'U32': 'uint32', 'U16': 'uint16',
         'U8': 'uint8', 'BOOL': 'bool', 'BF16': 'uint16'}
NAMES = {name: kind for kind, name in KINDS.items() if kind != 'BF16'}
LONGEST_HEADER = 100_000_000        # bytes, as the format says
ALIGNMENT = 8                       # bytes, for readers that map the file into memory


def save_safetensors(file, link, metadata=None):
    """Save all parameters and persistent values of a link; an old file stays until it is done.

    metadata  texts by name that stand in the header
    Raises ValueError if a parameter has no shape yet; OSError if the file cannot be written.
    """
    write_safetensors(file, values_of(link), metadata)


def write_safetensors(file, arrays, metadata=None):
    """Write a dict of arrays and numbers as a safetensors file. ValueError for other values."""
    header, parts, begin = {}, [], 0
    if metadata:
        header['__metadata__'] = {str(key): str(value) for key, value in metadata.items()}
    for key, value in arrays.items():
        array = np.asarray(backend.to_cpu(value))
        if array.dtype.name not in NAMES:
            raise ValueError(f'safetensors: {key!r} is {array.dtype}, which the format cannot '
                             'hold; save_npz can.')
        part = np.ascontiguousarray(array, array.dtype.newbyteorder('<'))
        header[key] = {'dtype': NAMES[array.dtype.name], 'shape': list(array.shape),
                       'data_offsets': [begin, begin + part.nbytes]}
        parts.append(part)
        begin += part.nbytes
    text = json.dumps(header, separators=(',', ':'), ensure_ascii=False).encode()
    text += b' ' * (-len(text) % ALIGNMENT)
    with new_file(file) as path, open(path, 'xb') as opened:
        opened.write(struct.pack('<Q', len(text)) + text)
        for part in parts:
            opened.write(part.tobytes())


def load_safetensors(file, link, path='', strict=True, ignore_names=()):
    """Load a safetensors file into a link of the same make. All of it, or nothing.

    path, strict, ignore_names, errors: as in `load_npz`. What PyTorch has saved has other names:
    `link.load_state_dict(read_safetensors(file))`.
    """
    with open(file, 'rb') as opened:
        set_values(link, entries_of(opened, file), file, path, strict, ignore_names)


def read_safetensors(file):
    """All arrays of a safetensors file, by name. ValueError if it is none, or broken."""
    with open(file, 'rb') as opened:
        return {key: entry.read() for key, entry in entries_of(opened, file).items()}


def entries_of(opened, file):
    """{name: Entry} of an open file: the header is read, the numbers are not."""
    try:
        header, start, end = read_header(opened)
        header.pop('__metadata__', None)
        return {key: read_entry(opened, key, value, start, end) for key, value in header.items()}
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise ValueError(f'{os.fspath(file)} is no safetensors file, or it is broken: '
                         f'{first_line(error)}.') from error


def read_header(opened):
    """(the header, where the numbers begin, where the file ends)"""
    end = opened.seek(0, os.SEEK_END)
    opened.seek(0)
    length = int.from_bytes(opened.read(8), 'little')
    if end < 8 or length > min(LONGEST_HEADER, end - 8):
        raise ValueError(f'a header of {length:,} bytes does not fit into a file of {end:,}')
    header = json.loads(opened.read(length).decode(), object_pairs_hook=without_repetition)
    if not isinstance(header, dict):
        raise ValueError('the header is no dictionary')
    return header, 8 + length, end


def without_repetition(pairs):
    """A dict of JSON pairs. ValueError if a name comes twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError('a name stands twice in the header')
    return found


def read_entry(opened, key, value, start, end):
    """An Entry from what the header says of an array, which must be true."""
    kind, shape, (first, last) = value['dtype'], value['shape'], value['data_offsets']
    if kind not in KINDS:
        raise ValueError(f'{key!r} is of the type {kind!r}, which is not known here')
    if not all(type(n) is int and n >= 0 for n in (*shape, first, last)):
        raise ValueError(f'{key!r} has the shape {shape} and lies from {first} to {last}')
    dtype = np.dtype(KINDS[kind])
    needed = math.prod(shape) * dtype.itemsize
    if last - first != needed or start + last > end:
        raise ValueError(f'{key!r} needs {needed:,} bytes, but lies from {first:,} to {last:,} of '
                         f'{end - start:,}')

    def read():
        opened.seek(start + first)
        array = np.frombuffer(opened.read(needed), dtype.newbyteorder('<')).astype(dtype)
        if kind == 'BF16':      # the upper half of a float32
            array = (array.astype('uint32') << 16).view('float32')
        return array.reshape(shape)

    return Entry(tuple(shape), np.dtype('float32') if kind == 'BF16' else dtype, read)
