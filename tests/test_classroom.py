"""What tests/reliability/classroom.py types fits the lessons as they are; typing it is its own."""
import ast
import pathlib
import sys

import pytest

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')
pytest.importorskip('playwright', reason='minichain[test] is not installed')
sys.path.insert(0, str(pathlib.Path(__file__).with_name('reliability')))

import classroom                                    # noqa: E402
from classroom_answers import MISTAKES              # noqa: E402

FOLDERS = sorted(classroom.LESSONS.glob('[0-9][0-9]_*'))


@pytest.mark.parametrize('folder', FOLDERS, ids=lambda folder: folder.name)
def test_every_exercise_is_answered_nearly_rightly_wrongly_and_rightly(folder):
    _, exercises, questions = classroom.plan(folder)
    assert len(exercises) >= 3 and len(questions) == 2
    for exercise in exercises:
        signs = [sentence[0] for _, sentence in exercise.answers]
        assert {'≈', '✗'} <= set(signs[:-1]) and signs[-1] == '✓', exercise.name
        for source, _ in exercise.answers:
            ast.parse(source)


def test_no_mistake_is_left_over():
    names = {exercise.name for folder in FOLDERS for exercise in classroom.plan(folder)[1]}
    assert {name for name, *_ in MISTAKES} == names


def test_what_else_is_given_in_a_cell_stays_when_it_is_answered():
    given = 'x = 1\nclaims = [2]\n\ndef f(x):\n    return ...'
    assert classroom.typed(given, 'def f(x):\n    return x') == (
        'x = 1\n\nclaims = [2]\n\ndef f(x):\n    return x')
    assert classroom.typed('x = 1\ny = ...', 'x = 1\ny = 2') == 'x = 1\ny = 2'


def test_a_mistake_that_is_not_in_the_solution_any_more_is_named():
    with pytest.raises(AssertionError, match=r"'y \+ 2' is not in the solution any more"):
        classroom.mistaken('y + 1', 'y + 2', 'y')
