"""Exercises in a lesson, for the student: check, hint, expected, quiz and progress.

    check("05.1", my_function)    is it right, nearly right (and why), or wrong (and where to look)?
    hint("05.1")                  opens one more hint with every call
    expected("05.1")              what you should see when it is right
    ready("11.1", my_function)    your answer if it is right, else one that works
    quiz("05.A")                  asks a question;  quiz("05.A", 2)  answers it
    progress()                    what you have solved so far

Every answer is an object that shows itself: as a small coloured block in a notebook, as plain text
in a terminal. The questions and checkers stand in minichain_widgets/lessons/.
"""
from __future__ import annotations

import base64
import html
import importlib
import importlib.util
import os

import numpy as np

from minichain.observe import unwatched
from minichain.randomness import drawing_from

from . import checking
from .progress import read_progress, record

__all__ = ['check', 'expected', 'hint', 'progress', 'quiz', 'ready']

SIGNS = {'right': ('✓', 'Right'), 'nearly': ('≈', 'Nearly'), 'wrong': ('✗', 'Not right'),
         'not yet': ('…', 'Not yet')}
COLOURS = {'right': '#009e73', 'nearly': '#e69f00', 'wrong': '#d55e00', 'not yet': '#8a8a8a',
           'plain': '#0072b2'}
hints_opened: dict[str, int] = {}


class Shown:
    """Text for a terminal, HTML for a notebook; all text is escaped."""

    def __init__(self, text: str, body: str, colour: str = 'plain'):
        self.text = text
        self.body = body
        self.colour = COLOURS[colour]

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return (f'<div style="border-left: 4px solid {self.colour}; padding: 4px 12px; '
                f'margin: 4px 0; max-width: 44em; line-height: 1.5">{self.body}</div>')


class Result(Shown):
    """A verdict. True when the answer is right, so that a teacher can write `assert check(...)`."""

    def __init__(self, verdict: checking.Verdict, body: str, more: str = ''):
        sign, word = SIGNS[verdict.kind]
        super().__init__(f'{sign} {word}. {verdict.text}{more}', body, verdict.kind)
        self.verdict = verdict.kind

    def __bool__(self) -> bool:
        return self.verdict == 'right'


def check(name: str, answer=...) -> Result:
    """Check the answer to an exercise: a value, a function, a Variable or a model."""
    exercise = find(checking.EXERCISES, name, 'exercise')
    verdict = judge(exercise, answer)
    note = remember('exercises', name, verdict.kind)
    body = headline(verdict)
    more = ''
    if verdict.kind in ('nearly', 'wrong'):
        body += nested_hints(exercise.hints)
        more = f'\nStuck? hint("{name}") opens a hint.'
    return Result(verdict, body + paragraph(note), more + (f'\n{note}' if note else ''))


def judge(exercise: checking.Exercise, answer) -> checking.Verdict:
    """What the checker says; it has a verdict on whatever a student hands over."""
    # The live graph shows the student's runs, and the lesson's random numbers stay as they are.
    with unwatched(), drawing_from(np.random.default_rng(0)):
        try:
            return exercise.checker(answer)
        except checking.Verdict as raised:
            return raised
        except Exception as error:
            return checking.wrong(checking.explain_error(error))


def ready(name: str, answer=...):
    """The answer to an exercise if it is right, else one that works: so the lesson goes on."""
    exercise = find(checking.EXERCISES, name, 'exercise')
    if exercise.ready is None:
        have = ', '.join(sorted(other for other, each in checking.EXERCISES.items() if each.ready))
        raise LookupError(f'There is no ready answer to exercise {name!r}. There are some to '
                          f'{have}.')
    return answer if judge(exercise, answer).kind == 'right' else exercise.ready


def hint(name: str) -> Shown:
    """Open the next hint of an exercise."""
    exercise = find(checking.EXERCISES, name, 'exercise')
    total = len(exercise.hints)
    count = min(hints_opened.get(name, 0) + 1, total)
    hints_opened[name] = count
    lines = [f'Hint {i + 1} of {total}: {exercise.hints[i]}' for i in range(count)]
    lines.append('Call it again for the next hint.' if count < total else 'That was the last hint.')
    return Shown('\n'.join(lines), ''.join(paragraph(line) for line in lines))


def expected(name: str) -> Shown:
    """Describe, and where possible draw, what a right answer gives."""
    exercise = find(checking.EXERCISES, name, 'exercise')
    text = f'What you should see in exercise {name}: {exercise.expected}'
    body = paragraph(text)
    if exercise.picture is not None:
        with unwatched():
            picture = exercise.picture()
        if hasattr(picture, '_repr_html_'):
            body += picture._repr_html_()
        else:
            body += svg_image(picture.to_svg(), exercise.expected)
    return Shown(text, body)


def quiz(name: str, answer: int | None = None) -> Shown:
    """Ask a quiz question, or answer it with the number of a choice."""
    question = find(checking.QUESTIONS, name, 'question')
    if answer is None or answer is ...:
        return ask(question)
    numbers = range(1, len(question.choices) + 1)
    if answer not in numbers:
        verdict = checking.not_yet(f'Answer with a number from 1 to {numbers[-1]}.')
    else:
        choice = question.choices[int(answer) - 1]
        verdict = checking.right(choice.why) if choice.right else checking.wrong(choice.why)
    note = remember('quizzes', name, verdict.kind)
    return Result(verdict, headline(verdict) + paragraph(note), f'\n{note}' if note else '')


def progress() -> Shown:
    """What has been solved so far, as read from the progress file."""
    stored = read_progress()
    entries = {**stored['exercises'], **stored['quizzes']}
    solved = sorted(name for name, entry in entries.items() if entry['verdict'] == 'right')
    text = f"Solved so far: {', '.join(solved)}." if solved else 'Nothing is solved yet.'
    return Shown(text, paragraph(text))


def ask(question: checking.Question) -> Shown:
    how = f'Answer with quiz("{question.name}", 1) or another number.'
    lines = [f'Question {question.name}: {question.text}']
    lines += [f'  {i}. {choice.text}' for i, choice in enumerate(question.choices, 1)]
    items = ''.join(f'<li>{html.escape(choice.text)}</li>' for choice in question.choices)
    body = (f'<p style="margin: 4px 0"><b>Question {question.name}.</b> '
            f'{html.escape(question.text)}</p><ol>{items}</ol>{paragraph(how)}')
    return Shown('\n'.join([*lines, how]), body)


def find(table: dict, name: str, kind: str):
    """The exercise or question of this name; its lesson's module is imported when first needed."""
    number = str(name).split('.')[0]
    module = f'{__package__}.lessons.lesson_{number}'
    if number.isdigit() and importlib.util.find_spec(module):
        importlib.import_module(module)
    if name not in table:
        known = ', '.join(sorted(other for other in table if other.startswith(f'{number}.')))
        raise LookupError(f'There is no {kind} {name!r}. '
                          + (f'This lesson has {known}.' if known else
                             "Names look like \"05.1\" for exercises and \"05.A\" for questions."))
    return table[name]


def remember(part: str, name: str, verdict: str) -> str:
    """Write the try into the progress file; a full or read-only disk must not stop a lesson."""
    if verdict == 'not yet':
        return ''
    try:
        record(part, name, verdict)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        return f'(Your progress could not be saved: {reason}.)'
    return ''


def headline(verdict: checking.Verdict) -> str:
    sign, word = SIGNS[verdict.kind]
    mark = f'<span style="color: {COLOURS[verdict.kind]}; font-weight: bold">{sign}</span>'
    first, *rest = verdict.text.split('\n')
    return (f'<p style="margin: 4px 0">{mark} <b>{word}.</b> {html.escape(first)}</p>'
            + ''.join(f'<p style="margin: 4px 0"><code>{html.escape(line)}</code></p>'
                      for line in rest))


def nested_hints(hints: tuple[str, ...]) -> str:
    """Hints inside each other: the second can be opened only after the first."""
    body = ''
    for number in range(len(hints), 0, -1):
        body = (f'<details><summary>Hint {number} of {len(hints)}</summary>'
                f'{paragraph(hints[number - 1])}{body}</details>')
    return body


def svg_image(svg: str, alt: str) -> str:
    """A drawing as an image of its own: it follows the page's theme, and its style stays inside."""
    data = base64.b64encode(svg.encode('utf-8')).decode('ascii')
    return f'<img alt="{html.escape(alt)}" src="data:image/svg+xml;base64,{data}">'


def paragraph(text: str) -> str:
    return f'<p style="margin: 4px 0">{html.escape(text)}</p>' if text else ''
