"""What all formats have in common: what is saved, and whether what a file holds fits."""
import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from . import backend


class Entry(NamedTuple):
    """An array in a file: what its header says, and a function that reads it."""

    shape: tuple
    dtype: np.dtype
    read: Callable


def values_of(link):
    """All that is to be saved: arrays and numbers by name.

    Raises ValueError if a parameter has no shape yet.
    """
    values = link.values()
    missing = [key for key, value in values.items() if value is None]
    if missing:
        raise ValueError(f'{missing[0]!r} has no shape yet, because the link was never called: '
                         'run it once before you save it.')
    return values


def set_values(link, entries, file, path='', strict=True, ignore_names=()):
    """Put what a file holds into a link: all of it, or nothing.

    entries  {name: Entry}   file  what to call it in an error
    Raises ValueError if names or shapes do not fit; the link is then as it was before.
    """
    path = folder(path)
    entries = {key[len(path):]: entry for key, entry in entries.items() if key.startswith(path)}
    wanted = {key: old for key, old in link.values().items() if not ignored(key, ignore_names)}
    entries = {key: entry for key, entry in entries.items() if not ignored(key, ignore_names)}
    if strict:
        for problem, keys in (('lacks', wanted.keys() - entries),
                              ('also holds', entries.keys() - wanted)):
            check_none_left(file, problem, [f'{path}{key}' for key in keys])
    elif wanted and not wanted.keys() & entries:
        check_none_left(file, 'lacks', [f'{path}{key}' for key in wanted])
    found = {}
    for key, old in wanted.items():
        if key in entries:
            check_entry(file, key, old, entries[key])
            found[key] = entries[key].read()
    take_states(link, {key: found.pop(key) for key in [*found] if isinstance(wanted[key], str)},
                wanted, file)
    for key, value in found.items():
        link.set_value(key, value)


def take_states(link, states, old, file):
    """Put texts of states into their places: all, or none, with a ValueError that names one."""
    try:
        for key, value in states.items():
            link.set_value(key, value)
    except Exception as error:      # whatever a part of a training may raise for a state of others
        for each in states:
            link.set_value(each, np.asarray(old[each]))
        raise ValueError(f'{os.fspath(file)} does not fit: {key!r} is no state that can be taken '
                         f'up: {first_line(error)}.') from error


def folder(path):
    """A path with a slash at its end; '' for the whole file."""
    return f'{path.strip("/")}/' if path else ''


def ignored(key, names):
    """Whether a key is one of the names, or a function among them says so."""
    names = [names] if isinstance(names, str) or callable(names) else names
    return any(name(key) if callable(name) else name == key for name in names)


def check_none_left(file, problem, keys):
    if keys:
        raise ValueError(f'{os.fspath(file)} does not fit: it {problem} {sorted(keys)[0]!r}'
                         + (f' and {len(keys) - 1} more.' if len(keys) > 1 else '.'))


def check_entry(file, key, old, entry):
    """Raise ValueError unless an array of the file can take the place of an old value."""
    have = np.empty(0) if old is None else old if backend.is_array(old) else np.asarray(old)
    if have.size and have.shape != entry.shape:
        raise ValueError(f'{os.fspath(file)} does not fit: {key!r} has the shape {entry.shape} '
                         f'in the file, and {have.shape} in the link.')
    if have.dtype.kind != entry.dtype.kind:
        raise ValueError(f'{os.fspath(file)} does not fit: {key!r} is {entry.dtype} in the file, '
                         f'and {have.dtype} in the link.')


def first_line(error):
    """What an error says, in one line without a full stop."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip('.')
