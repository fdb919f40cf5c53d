"""Turns a failed operation into a sentence: what was wanted, what came, what to try, and where."""
import linecache
import os
import re
import sys

from . import backend
from .errors import DeviceError, DTypeError, MinichainError, ShapeError

PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
# Folders of programs that run what a user has built: their own lines tell the user nothing.
hosts = set()


def user_frame():
    """The innermost frame outside this package: the line that the user wrote. Or None."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    hosted = frame is not None and frame.f_code.co_filename.startswith(tuple(hosts))
    return None if hosted else frame


def user_line():
    """'file.py, line 3: y = model(x)', the line of the user that is being run; '' if unknown."""
    frame = user_frame()
    return '' if frame is None else line_of(frame.f_code.co_filename, frame.f_lineno)


def line_of(path, number):
    """'file.py, line 3: y = model(x)'"""
    code = linecache.getline(path, number).strip()
    return f'{place_of(path)}, line {number}' + (f': {code}' if code else '')


def place_of(path):
    """What a user calls a file: 'your cell', or its name."""
    return 'your cell' if 'ipykernel' in path else os.path.basename(path)


def parse_shapes(text):
    """'(N,I) (O,I) (O)? -> (N,O)' as [['N', 'I'], ['O', 'I'], ['O']]: the inputs' axes."""
    inputs = text.split('->')[0]
    return [[letter.strip() for letter in group.split(',') if letter.strip()]
            for group in re.findall(r'\(([^)]*)\)', inputs)]


def shape_conflict(text, shapes, names):
    """What is wrong with these input shapes, in a few words, or None if they fit the text.

    text    the shape line of an operation: '(N,I) (O,I) -> (N,O)'; '...' stands for any axes
    shapes  the given shapes, None for an input that is missing
    names   what to call the inputs
    """
    wanted = parse_shapes(text)
    sizes = {}
    for axes, shape, name in zip(wanted, shapes, names):
        if shape is None or '...' in axes:
            continue
        if len(axes) != len(shape):
            has, needs = axes_in_words(len(shape)), f'{len(axes)}, ({",".join(axes)})'
            return f'{name} has {has} but needs {needs}'
        for letter, size in zip(axes, shape):
            if not letter.isalpha() or len(letter) > 2:
                continue
            other, first = sizes.setdefault(letter, (size, name))
            if other != size:
                return f'{letter} is {other} in {first} and {size} in {name}'
    if wanted and all(axes == ['...'] for axes in wanted):
        return _broadcast_conflict([shape for shape in shapes if shape is not None])
    return None


def axes_in_words(n):
    return '1 axis' if n == 1 else f'{n} axes'


def _broadcast_conflict(shapes):
    """Which axes cannot be stretched to each other."""
    for back in range(1, max(map(len, shapes), default=0) + 1):
        sizes = {shape[-back] for shape in shapes if len(shape) >= back} - {1}
        if len(sizes) > 1:
            a, b = sorted(sizes)[:2]
            return f'counted from the last axis, axis {back} is {a} in one and {b} in the other'
    return None


def explain(fn, arrays, error):
    """The error to raise for `error`, which came out of `fn.forward(*arrays)`: itself, or a better
    one."""
    if isinstance(error, (MinichainError, IndexError)):
        return add_line(error)
    if isinstance(error, MemoryError):
        homes = [backend.device_of(a) for a in arrays if backend.is_array(a)]
        return add_line(backend.out_of_memory(homes[0] if homes else 'cpu'))
    names = argument_names(fn, len(arrays))
    given = [(name, a) for name, a in zip(names, arrays) if backend.is_array(a)]
    listing = ', '.join(f'{name} {a.shape}' for name, a in given)
    try:
        backend.same_device(fn.label, *given)
    except DeviceError as mixed:
        return add_line(mixed)
    shapes = [a.shape if backend.is_array(a) else () if a is not None else None for a in arrays]
    conflict = shape_conflict(fn.shapes, shapes, names)
    if conflict is None and isinstance(error, ValueError):
        conflict = str(error).splitlines()[0]
    if conflict is not None:
        return add_line(ShapeError(f'{fn.label} wants {fn.shapes}, but got {listing}: {conflict}.'))
    if isinstance(error, TypeError):
        kinds = ', '.join(f'{name} {type(a).__name__}' + (f' of {a.dtype}' if backend.is_array(a)
                          else '') for name, a in zip(names, arrays))
        return add_line(DTypeError(f'{fn.label} cannot compute with {kinds}: {error}.'))
    return error


def one_dtype(fn, arrays):
    """The arrays with whole numbers as real ones, if they meet real ones in an operation.

    Raises DTypeError if real numbers of different types meet: nobody knows which one was meant.
    """
    names = argument_names(fn, len(arrays))
    real = [(name, a.dtype) for name, a in zip(names, arrays)
            if backend.is_array(a) and a.dtype.kind in 'fc']
    if len({dtype for _, dtype in real}) > 1:
        listing = ', '.join(f'{name} is {dtype}' for name, dtype in real)
        raise add_line(DTypeError(f'{fn.label}: {listing}. Give all the same type, for example '
                                  f"with {real[0][0]}.astype('{real[-1][1]}')."))
    return [a.astype(real[0][1]) if real and backend.is_array(a) and a.dtype.kind in 'iu' else a
            for a in arrays]


def argument_names(fn, count):
    """What forward calls its arguments: x, W, b; numbered where it takes any number of them."""
    code = type(fn).forward.__code__
    names = list(code.co_varnames[1:code.co_argcount])
    return names + [f'x{i}' for i in range(len(names), count)]


def add_line(error):
    """The same error with the user's own line at its end."""
    line = user_line()
    if line and error.args and '\n  at ' not in str(error.args[0]):
        error.args = (f'{error.args[0]}\n  at {line}', *error.args[1:])
    return error
