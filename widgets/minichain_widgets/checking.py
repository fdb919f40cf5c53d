"""What a checker needs: verdicts, and comparisons that tell right from nearly right.

A lesson's module declares its exercises with `@exercise(...)` and its quiz with `question(...)`.
A checker returns a Verdict, or raises one by calling a helper of this module:

    @exercise("05.1", "Slide the window", hints=("Look at one place first.", ...))
    def slide(answer):
        require(answer, callable, "a function")
        got = call(answer, image, weights)
        require_close(got, wanted, "the result")
        return right("Your loop and F.conv2d agree.")
"""
from __future__ import annotations

import inspect
import linecache
import os
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import minichain as mc

START = 'Your answer goes into the cell above. Then run this cell again.'

EXERCISES: dict[str, Exercise] = {}
QUESTIONS: dict[str, Question] = {}


@dataclass(frozen=True)
class Exercise:
    """One exercise: its checker, its hints, and the picture that a right answer gives.

    ready  an answer for the rest of the lesson, where the student has none yet
    """

    name: str
    title: str
    checker: Callable
    hints: tuple[str, ...]
    expected: str = ''
    picture: Callable | None = None
    ready: Callable | None = None


@dataclass(frozen=True)
class Choice:
    """One answer of a quiz question, with the reason why it is right or wrong."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A quiz question; exactly one of its choices is right."""

    name: str
    text: str
    choices: tuple[Choice, ...]


class Verdict(Exception):
    """What a checker found: its kind is "right", "nearly", "wrong" or "not yet"."""

    def __init__(self, kind: str, text: str):
        super().__init__(text)
        self.kind = kind
        self.text = text


def right(text: str) -> Verdict:
    return Verdict('right', text)


def nearly(text: str) -> Verdict:
    return Verdict('nearly', text)


def wrong(text: str) -> Verdict:
    return Verdict('wrong', text)


def not_yet(text: str = START) -> Verdict:
    return Verdict('not yet', text)


def exercise(name: str, title: str, hints: tuple[str, ...], expected: str = '',
             picture: Callable | None = None, ready: Callable | None = None):
    """Declare the decorated function to be the checker of exercise `name`."""
    def declare(checker):
        EXERCISES[name] = Exercise(name, title, checker, tuple(hints), expected, picture,
                                   ready)
        return checker
    return declare


def question(name: str, text: str, *choices: Choice) -> None:
    """Declare a quiz question."""
    QUESTIONS[name] = Question(name, text, choices)


# ---- the answer itself --------------------------------------------------------------------

def is_blank(answer) -> bool:
    """True for None, for `...`, and for a list, tuple or dictionary that holds one of these."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, (list, tuple)):
        return any(is_blank(part) for part in answer)
    return answer is None or answer is ...


def require_answer(answer) -> None:
    """Stop with 'not yet' while the starting cell is still as it was handed out."""
    if is_blank(answer):
        raise not_yet()


def require_number(answer, what: str) -> float:
    """The answer as a Python float."""
    require_answer(answer)
    value = array_of(answer)
    if value is None or value.size != 1:
        raise wrong(f'{what} should be one number, but it is {describe(answer)}.')
    return float(value.reshape(()))


def require_function(answer) -> None:
    require_answer(answer)
    if not callable(answer):
        raise wrong(f'Hand over the function itself, by its name alone, without brackets behind '
                    f'it. What came is {describe(answer)}.')


def call(function: Callable, *arguments):
    """Call the student's function, on copies: it must not change what the checker goes on with."""
    given = [copy_of(argument) for argument in arguments]
    require_inputs(function, len(given))
    try:
        result = function(*given)
    except Verdict as forged:               # a verdict is the checker's to give
        raise wrong('Return a result; the checker judges it.') from forged
    if is_blank(result) and not isinstance(result, (list, tuple, dict)):
        raise not_yet('Your function does not return a result yet. Its last line should be '
                      'return, followed by the result.')
    for before, after in zip(arguments, given):
        if isinstance(before, np.ndarray) and not np.array_equal(before, after):
            raise nearly('Your function changes the array that it was given. Make a new array for '
                         'the result: somebody else may still need the old one.')
    return result


def require_inputs(function: Callable, count: int) -> None:
    """Stop when a function can't be called with so many inputs, and say so."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):                             # some built-in functions have none
        return
    try:
        signature.bind(*range(count))
    except TypeError as error:
        raise wrong(f'Your function is called with {count} input{"s" * (count != 1)}, and its '
                    f'first line takes ({", ".join(signature.parameters)}). Keep the first line '
                    f'as it was.') from error


def explain_error(error: Exception) -> str:
    """One sentence with the student's line, the innermost one outside of the libraries."""
    sentence = f'Your code stopped with {type(error).__name__}: {error}'
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        code = linecache.getline(frame.filename, frame.lineno).strip()
        if is_library(frame.filename) or not code:          # compiled code has no lines to show
            continue
        return f'{sentence}\nLook at line {frame.lineno} of your cell: {code}'
    return sentence


def is_library(filename: str) -> bool:
    return 'site-packages' in filename or filename.startswith(LIBRARY_FOLDERS)


LIBRARY_FOLDERS = (os.path.dirname(mc.__file__), os.path.dirname(__file__))


def copy_of(value):
    return value.copy() if isinstance(value, np.ndarray) else value


def array_of(value) -> np.ndarray | None:
    """A Variable's data, or anything that NumPy reads as numbers; else None."""
    if isinstance(value, mc.Variable):
        value = value.data
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):                # a list of Variables, or a ragged one
        return None
    return array if array.dtype.kind in 'biuf' else None


def describe(value) -> str:
    """A few plain words on a value: 'a list of 3', 'an array of shape (2, 3)'."""
    if isinstance(value, mc.Variable):
        return f'a Variable of shape {value.shape}'
    if isinstance(value, np.ndarray):
        return f'an array of shape {value.shape}'
    if isinstance(value, (list, tuple, dict)):
        return f'a {type(value).__name__} of {len(value)}'
    if isinstance(value, str):
        return 'a text in quotation marks'
    if isinstance(value, (bool, int, float)):
        return f'the number {value}'
    if callable(value):
        return 'a function'
    return f'a {type(value).__name__}'


# ---- comparisons --------------------------------------------------------------------------

def require_close(got, want: np.ndarray, what: str, tolerance: float = 1e-4,
                  near: float = 2e-2, dtype=None) -> None:
    """Shape, then values, then dtype. `tolerance` and `near` are relative to the largest value."""
    array = array_of(got)
    if array is None:
        raise wrong(f'{what} should hold numbers, but it is {describe(got)}.')
    if array.shape != want.shape:
        raise shape_verdict(array, want, what)
    if not np.isfinite(array).all():
        raise wrong(f'{what} holds a value that is not a finite number (nan or inf). Look for a '
                    f'division by zero.')
    difference = np.abs(array.astype('float64') - want)
    largest = float(difference.max(initial=0.0))
    scale = float(np.abs(want).max(initial=0.0)) or 1.0
    if largest > tolerance * scale:
        raise value_verdict(array, want, difference, what, near * scale)
    if dtype is not None and array.dtype != dtype:
        raise nearly(f'The values are right. But {lower(what)} has dtype {array.dtype}, wanted is '
                     f'{np.dtype(dtype)}. Say it when you make the array: '
                     f'np.zeros(shape, dtype="{np.dtype(dtype)}").')


def shape_verdict(array, want, what: str) -> Verdict:
    if array.size == want.size and array.squeeze().shape == want.squeeze().shape:
        return nearly(f'{what} has shape {array.shape}, wanted is {want.shape}: the same numbers, '
                      f'but an axis of length 1 too many or too few.')
    if array.ndim == want.ndim and all(abs(a - b) == 1 for a, b in zip(array.shape, want.shape)):
        return nearly(f'{what} has shape {array.shape}, wanted is {want.shape}: off by one. Count '
                      f'the places on paper for a small case.')
    return wrong(f'{what} has shape {array.shape}, wanted is {want.shape}.')


def value_verdict(array, want, difference, what: str, near: float) -> Verdict:
    largest = float(difference.max())
    place = tuple(int(i) for i in np.unravel_index(int(difference.argmax()), difference.shape))
    where = f' at place {list(place)}' if place else ''
    numbers = f'you have {float(array[place]):.4g}, wanted is {float(want[place]):.4g}'
    if np.allclose(array, -want, atol=1e-4 * near):
        return nearly(f'{what} is right except for the sign: every value is the negative of '
                      f'what is wanted.')
    if array.ndim == 2 and array.shape[0] == array.shape[1] and np.allclose(array.T, want):
        return nearly(f'{what} is right but transposed: rows and columns are swapped.')
    if largest <= near:
        return nearly(f'{what} is close: the largest difference is {largest:.2g}{where} '
                      f'({numbers}).')
    return wrong(f'The shape is right, the values are not: the largest difference is '
                 f'{largest:.3g}{where} ({numbers}).')


def lower(what: str) -> str:
    return what[:1].lower() + what[1:]


# ---- graphs -------------------------------------------------------------------------------

COMMUTE = ('add', 'mul')


@dataclass(frozen=True)
class Structure:
    """What checkers ask of a graph. Equal structures have the same operations, joined alike.

    functions  how often each operation occurs
    trees      a mark for each operation together with all that leads to it: what is computed twice
               occurs twice, what is used twice occurs once
    """

    functions: Counter
    trees: Counter

    @property
    def total(self) -> int:
        return sum(self.functions.values())

    def __str__(self) -> str:
        counts = sorted(self.functions.items())
        return ', '.join(f'{count} {name}' for name, count in counts) or 'no operation at all'


def graph_nodes(y: mc.Variable) -> list[dict]:
    """The nodes of the graph behind `y`, as in graph.schema.json."""
    return mc.Graph.of(y).nodes


def structure_of(y: mc.Variable) -> Structure:
    """The structure of the graph behind the Variable `y`."""
    functions, trees, marks = Counter(), Counter(), {}
    for node in graph_nodes(y) if y.creator is not None else ():
        if node['kind'] != 'function':
            marks[node['id']] = hash(node['kind'])
            continue
        inputs = [marks[source] for source, _, _ in node['inputs']]
        if node['label'] in COMMUTE:
            inputs.sort()
        mark = marks[node['id']] = hash((node['label'], *inputs))
        functions[node['label']] += 1
        trees[mark] += 1
    return Structure(functions, trees)


def require_variable(answer, what: str) -> None:
    """Tell a number that was computed outside of the graph from a Variable."""
    require_answer(answer)
    if isinstance(answer, mc.Variable):
        return
    if array_of(answer) is not None:
        raise nearly(f'{what} is a plain number, so nothing was recorded. Compute with the '
                     f'Variable itself, not with its .data.')
    raise wrong(f'{what} should be a Variable, but it is {describe(answer)}.')
