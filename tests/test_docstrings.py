"""What help() and JupyterLab's inspector say of the public names, in the form that all share."""
import inspect
import re

import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain.function import Function

NAMES = {f'{module.__name__}.{name}': value
         for module in (mc, F, L, mc.optimizers)
         for name, value in vars(module).items()
         if name[0] != '_' and (inspect.isroutine(value) or inspect.isclass(value))
         and value.__module__.startswith('minichain')
         and not (inspect.isclass(value) and value.__module__.startswith('minichain.functions.'))}
OPERATIONS = {name.rpartition('.')[2]: value for name, value in NAMES.items()
              if name.startswith('minichain.functions.') and inspect.isroutine(value)}

SENTENCE = re.compile(r"[A-Z'`].*?[.:)](\s.*)?", re.DOTALL)
FORMULA = re.compile(r'[^\n]{1,40}? [=:] .+', re.DOTALL)
LETTERS = re.compile(r'\b(?:[A-Z]|[KO][HW])\b')
RAISED = re.compile(r'raise (?:\w+\()?([A-Z]\w+Error)\(')


def raised_by(value):
    """The errors that a function, or a class when it is called, raises in its own lines."""
    code = value.__init__ if inspect.isclass(value) else inspect.unwrap(value)
    return set(RAISED.findall(inspect.getsource(code))) if inspect.isfunction(code) else set()


RAISING = {name: errors for name, value in NAMES.items() if (errors := raised_by(value))}


def subclasses(kind):
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


SHAPES = {kind.label: kind.shapes for kind in subclasses(Function) if isinstance(kind.label, str)}
del SHAPES['im2col']    # the function makes a table of what its operation gives


@pytest.mark.parametrize('name', NAMES)
def test_a_docstring_begins_with_a_sentence_or_a_formula_and_is_not_wide(name):
    text = inspect.getdoc(NAMES[name])
    assert text, 'there is none'
    first = text.split('\n\n')[0]
    assert SENTENCE.fullmatch(first) or FORMULA.fullmatch(first), first
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize('name', sorted(set(OPERATIONS) & set(SHAPES)))
def test_the_help_of_an_operation_has_the_letters_of_its_shapes(name):
    wanted = set(LETTERS.findall(SHAPES[name]))
    text = inspect.getdoc(OPERATIONS[name])
    found = set(LETTERS.findall(' '.join(re.findall(r'\([^()]*\)', text))))
    assert wanted <= found, f'{SHAPES[name]} in: {text}'


@pytest.mark.parametrize('name', RAISING)
def test_the_help_names_the_errors_that_a_function_raises(name):
    value = NAMES[name]
    text = f'{inspect.getdoc(value)} {value.__init__.__doc__ if inspect.isclass(value) else ""}'
    assert not [error for error in RAISING[name] if error not in text]
