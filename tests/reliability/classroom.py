"""Work through lessons in a real browser as a student does, and say what a student stumbles over.

    python tests/reliability/classroom.py                        all lessons, in JupyterLab
    python tests/reliability/classroom.py --lessons 00 05 --theme dark --pictures DIR
    python tests/reliability/classroom.py --application notebook --answers right
    python tests/reliability/classroom.py --versions binder

For each lesson: the student's copy is opened from the lessons panel (in Notebook 7 by its address),
and Shift + Enter is pressed in each cell, from the top. Each exercise is first left empty, then
answered with the mistakes of tests/classroom_answers.py, then as in the solution notebook; each
question is answered wrongly, then rightly. Looked at is what the page shows: the sentence of the
verdict, the hint that opens, pictures and widgets, errors in cells and in the console, and the
progress in the panel and its file. DIR gets a picture of every exercise in every state.

`--versions binder` makes an environment with the versions of Binder's image in a temporary folder,
and wants a package index. Otherwise the Jupyter of this environment is used, or that of
MINICHAIN_LAB_PYTHON. `--answers right` leaves out the mistakes.
"""
import argparse
import ast
import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import nbformat
from playwright.sync_api import Error, TimeoutError

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / 'browser')]
import labbox                                           # noqa: E402  (the folders are no packages)
from classroom_answers import MISTAKES                  # noqa: E402
from environments import ROOT, end_when_told, new_environment, run     # noqa: E402
from minichain_widgets import checking, exercises       # noqa: E402

LESSONS = ROOT / 'lessons'
VERSIONS = {'binder': ('jupyterlab==4.4.9', 'ipykernel==7.0.1', 'ipywidgets==8.1.7',
                       'notebook>=7.4,<7.5')}
CELL_SECONDS = 120
BLANK = re.compile(r'(= |: |return )\.\.\.')
NOT_YET = '… Not yet.'
BROKEN = ('Error displaying widget', 'Failed to load model', 'Loading widget')

# The last thing that a cell shows, and what is wrong in it. JupyterLab gives the drawing of an SVG
# output no text for screen readers; all other pictures are ours.
SEEN = """index => {
    const cell = window.jupyterapp.shell.currentWidget.content.widgets[index];
    const area = cell.node.querySelector('.jp-Cell-outputArea');
    return {
        text: [...(area?.querySelectorAll('.jp-OutputArea-output') ?? [])].at(-1)?.innerText ?? '',
        errors: cell.model.outputs.toJSON().filter(each => each.output_type === 'error')
            .map(each => `${each.ename}: ${each.evalue}`),
        stderr: cell.model.outputs.toJSON().filter(each => each.name === 'stderr')
            .map(each => String(each.text)),
        pictures: [...(area?.querySelectorAll('img') ?? [])].filter(image => !image.complete
            || !image.naturalWidth || !image.alt && !image.closest('.jp-RenderedSVG'))
            .map(image => image.alt || 'it has no text'),
    };
}"""
GO_TO = """async index => {
    const { content } = window.jupyterapp.shell.currentWidget;
    content.deselectAll();
    content.activeCellIndex = index;
    content.mode = 'command';
    await content.scrollToItem(index, 'start');
    content.activate();
    return content.widgets[index].model.type;
}"""
# A stored number may be the one that the cell gets: without it, a number says that it has run.
FORGET = """index => {
    window.jupyterapp.shell.currentWidget.content.widgets[index].model.executionCount = null;
}"""
HAS_RUN = """index => {
    const { content, sessionContext } = window.jupyterapp.shell.currentWidget;
    const { model } = content.widgets[index];
    return model.executionCount !== null && model.executionState !== 'running'
        && sessionContext.session.kernel.status === 'idle';
}"""
TO_TOP = """index => window.jupyterapp.shell.currentWidget.content.widgets[index].node
    .scrollIntoView({block: 'start'})"""
SOURCE = """index => window.jupyterapp.shell.currentWidget.content.widgets[index].model
    .sharedModel.getSource()"""


class Exercise(NamedTuple):
    """Where an exercise begins, where it is checked, and (source, verdict) of each answer."""
    name: str
    place: int
    checked: int
    answers: list


class Question(NamedTuple):
    name: str
    place: int


def words(text):
    return ' '.join(text.split())


def typed(given, answer):
    """The cell after the student wrote the answer: what else was given in it stays."""
    def names(statement):
        targets = getattr(statement, 'targets', [statement])
        return {getattr(target, 'name', getattr(target, 'id', None)) for target in targets}

    written = set().union(*map(names, ast.parse(answer).body))
    kept = [ast.get_source_segment(given, statement) for statement in ast.parse(given).body
            if isinstance(statement, (ast.Assign, ast.FunctionDef))
            and not names(statement) & written]
    return '\n\n'.join([*kept, answer])


def mistaken(answer, piece, instead):
    if piece is None:
        return instead
    assert piece in answer, f'{piece!r} is not in the solution any more:\n{answer}'
    return answer.replace(piece, instead)


def plan(folder, mistakes=MISTAKES):
    """The exercises and the questions of a lesson, with their places in the student's notebook."""
    student = nbformat.read(folder / 'lesson.ipynb', as_version=4).cells
    source = nbformat.read(folder / 'solution.ipynb', as_version=4).cells
    solution_of = {one.id: two.source for one, two in zip(source, source[1:])
                   if 'solution' in two.metadata.get('tags', [])}
    found, questions, start = [], [], None
    for i, cell in enumerate(student):
        if cell.cell_type != 'code':
            continue
        if BLANK.search(cell.source):
            start = i
        if check := re.match(r'check\("(\d\d\.\d)"', cell.source):
            given, name = student[start], check[1]
            right = solution_of[given.id]
            answers = [(typed(given.source, mistaken(right, piece, instead)), sentence)
                       for exercise, piece, instead, sentence in mistakes if exercise == name]
            answers.append((typed(given.source, right), '✓ Right.'))
            found.append(Exercise(name, start, i, answers))
        if asked := re.match(r'quiz\("(\d\d\.[A-Z])"', cell.source):
            questions.append(Question(asked[1], i))
    return len(student), found, questions


class Student:
    """Works in the notebook that a page shows, with mouse and keyboard, and notes what is wrong."""

    def __init__(self, page, lesson, pictures):
        self.page, self.lesson, self.pictures = page, lesson, pictures
        self.problems = []

    def note(self, *sentence):
        self.problems.append(f'{self.lesson}: {" ".join(sentence)}')
        print('    !', self.problems[-1], flush=True)

    def write(self, index, source):
        """Replace what stands in a cell, as pasting does."""
        self.page.evaluate(GO_TO, index)
        self.page.keyboard.press('Enter')
        self.page.keyboard.press('ControlOrMeta+a')
        self.page.keyboard.insert_text(source)
        if self.page.evaluate(SOURCE, index) != source:
            self.note(f'cell {index} holds other text than was typed')

    def run(self, index):
        """Shift + Enter in a cell; what it then shows."""
        if self.page.evaluate(GO_TO, index) != 'code':
            self.page.keyboard.press('Shift+Enter')
            return None
        self.page.evaluate(FORGET, index)
        self.page.keyboard.press('Shift+Enter')
        self.page.wait_for_function(HAS_RUN, arg=index, timeout=CELL_SECONDS * 1000)
        self.page.evaluate(GO_TO, index)
        return self.page.evaluate(SEEN, index)

    def look(self, index, seen):
        """Whether what a given cell shows is as it should be."""
        for error in seen['errors'] + seen['stderr']:
            self.note(f'cell {index} says: {error}')
        if seen['pictures']:
            self.page.wait_for_timeout(500)         # pictures in widgets load after the cell's end
            seen = self.page.evaluate(SEEN, index)
        for picture in seen['pictures']:
            self.note(f'cell {index} has a picture that does not show: {picture}')

    def picture(self, index, name):
        if self.pictures is None:
            return
        self.page.evaluate(GO_TO, index)
        self.page.evaluate(TO_TOP, index)
        panel = self.page.locator('.jp-NotebookPanel:visible')
        panel.screenshot(path=self.pictures / f'{name}.png')

    def says(self, exercise, sentence):
        seen = self.run(exercise.checked)
        self.look(exercise.checked, seen)
        said = words(seen['text'])
        if not said.startswith(words(sentence)):
            self.note(f'exercise {exercise.name} should say "{sentence}", and says "{said[:200]}"')

    def open_hint(self, exercise):
        cell = self.page.locator('.jp-Notebook:visible .jp-Cell.jp-mod-active')
        hints = checking.EXERCISES[exercise.name].hints
        cell.get_by_text(f'Hint 1 of {len(hints)}', exact=True).click()
        if not cell.get_by_text(hints[0], exact=True).is_visible():
            self.note(f'the first hint of exercise {exercise.name} does not open')
        if len(hints) > 1 and cell.get_by_text(hints[1], exact=True).is_visible():
            self.note(f'the second hint of exercise {exercise.name} is open at once')

    def solve(self, exercise):
        """Leave it empty, make each mistake, then answer rightly."""
        self.says(exercise, NOT_YET)
        self.picture(exercise.place, f'{exercise.name}-0-empty')
        for number, (source, sentence) in enumerate(exercise.answers, 1):
            self.write(exercise.place, source)
            seen = self.run(exercise.place)
            if seen['errors']:
                self.note(f'the answer to {exercise.name} stops: {seen["errors"]}', source)
            self.says(exercise, sentence)
            if number == 1 and sentence[0] in '≈✗':
                self.open_hint(exercise)
            kind = {'✓': 'right', '≈': 'nearly', '✗': 'wrong', '…': 'not-yet'}[sentence[0]]
            self.picture(exercise.place, f'{exercise.name}-{number}-{kind}')

    def answer(self, question):
        """See the question, answer it wrongly, then rightly."""
        choices = checking.QUESTIONS[question.name].choices
        numbered = sorted(enumerate(choices, 1), key=lambda pair: pair[1].right)
        for number, choice in (numbered[0], numbered[-1]):
            self.write(question.place, f'quiz("{question.name}", {number})')
            said = words(self.run(question.place)['text'])
            wanted = f'{"✓ Right" if choice.right else "✗ Not right"}. {choice.why}'
            if not said.startswith(words(wanted)):
                self.note(f'question {question.name} should say "{wanted}", and says "{said}"')
            self.picture(question.place, f'{question.name}-{"right" if choice.right else "wrong"}')

    def work(self, folder, mistakes):
        """The whole lesson, from the top."""
        cells, to_solve, to_answer = plan(folder, mistakes)
        checks = {exercise.checked: exercise for exercise in to_solve}
        asked = {question.place: question for question in to_answer}
        for index in range(cells):
            if index in checks:
                self.solve(checks[index])
                continue
            seen = self.run(index)
            if seen:
                self.look(index, seen)
            if index in asked:
                self.picture(index, f'{asked[index].name}-asked')
                self.answer(asked[index])
        self.wait_for_widgets()
        return to_solve, to_answer

    def wait_for_widgets(self):
        """No place of the page may wait for a widget, or say that one is broken."""
        for broken in BROKEN:
            count = self.page.locator('.jp-Notebook:visible').get_by_text(broken).count()
            if count:
                self.note(f'"{broken}" stands {count} times in the page')


def open_in_lab(page, server, folder):
    """Click on the lesson in the lessons panel; the folder of the student's copies."""
    page.goto(f'{server.base}/lab?token={server.token}&reset', wait_until='domcontentloaded')
    page.wait_for_function('() => window.jupyterapp?.restored.then(() => true)', timeout=60_000)
    page.evaluate("() => window.jupyterapp.commands.execute('minichain:show-lessons')")
    card = page.locator(f'#minichain-lessons [data-lesson="{folder.name}"]')
    card.get_by_role('button').first.click()
    labbox.NotebookPage(page, server, f'my-lessons/{folder.name}/lesson.ipynb').wait_ready()
    return server.folder / 'my-lessons'


def open_in_notebook(page, server, folder):
    labbox.NotebookPage(page, server, f'lessons/{folder.name}/lesson.ipynb').open('notebooks')
    return server.folder / 'lessons'


def look_at_progress(student, copies, to_solve, to_answer, panel):
    """Each exercise and each question is noted as right, with as many tries as were made."""
    stored = json.loads((copies / 'minichain-progress.json').read_text('utf-8'))
    for exercise in to_solve:
        tries = sum(sentence[0] != '…' for _, sentence in exercise.answers)
        entry = stored['exercises'].get(exercise.name)
        if entry != {'tries': tries, 'verdict': 'right'}:
            student.note(f'{exercise.name} was tried {tries} times, and the file holds {entry}')
    for question in to_answer:
        if stored['quizzes'].get(question.name) != {'tries': 2, 'verdict': 'right'}:
            student.note(f'{question.name} is not noted: {stored["quizzes"].get(question.name)}')
    if panel is not None:
        count = f'{len(to_solve)} of {len(to_solve)} exercises'
        with contextlib.suppress(TimeoutError):
            panel.get_by_text(count).wait_for(timeout=10_000)
            return
        student.note(f'the panel does not say "{count}", but: {words(panel.inner_text())}')


def study(browser, server, folder, options):
    """One lesson in a page of its own; the sentences about what was wrong."""
    context = browser.new_context(viewport={'width': 1280, 'height': 800})
    page = context.new_page()
    console = labbox.listen(page)
    student = Student(page, folder.name, options.pictures)
    in_lab = options.application == 'lab'
    try:
        copies = (open_in_lab if in_lab else open_in_notebook)(page, server, folder)
        if options.theme == 'dark':
            labbox.NotebookPage(page, server, '').dark()
        to_solve, to_answer = student.work(folder, MISTAKES if options.answers == 'all' else ())
        panel = page.locator(f'#minichain-lessons [data-lesson="{folder.name}"]')
        look_at_progress(student, copies, to_solve, to_answer, panel if in_lab else None)
        page.evaluate('() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()')
    except (Error, AssertionError) as error:
        student.note(f'stopped: {str(error).splitlines()[0]}')
    finally:
        if options.pictures:
            page.screenshot(path=options.pictures / f'{folder.name}-end.png')
        context.close()
    for text in console:
        student.note('the console says:', text)
    return student.problems


def versions(python):
    code = ('import importlib.metadata as m\n'
            'print(*(f"{name} {m.version(name)}" for name in '
            '("jupyterlab", "notebook", "ipykernel", "ipywidgets")), sep=", ")')
    return subprocess.run([python, '-c', code], capture_output=True, text=True,
                          check=True).stdout.strip()


def make_environment(name, folder):
    """A fresh environment with these versions and all that the lessons need; its Python."""
    python = new_environment(folder / 'environment')
    run(python, '-m', 'pip', 'install', '-q', '-r', ROOT / 'binder' / 'requirements.txt',
        *VERSIONS[name])
    return str(python)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--lessons', nargs='+', metavar='NN', help='numbers (default: all)')
    parser.add_argument('--application', choices=['lab', 'notebook'], default='lab')
    parser.add_argument('--theme', choices=['light', 'dark'], default='light')
    parser.add_argument('--versions', choices=list(VERSIONS), help='a fresh environment with these')
    parser.add_argument('--answers', choices=['all', 'right'], default='all')
    parser.add_argument('--pictures', type=pathlib.Path, metavar='DIR',
                        help='a picture of each exercise in each state goes there')
    options = parser.parse_args()
    end_when_told()
    folders = [folder for folder in sorted(LESSONS.glob('[0-9][0-9]_*'))
               if not options.lessons or folder.name[:2] in options.lessons]
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        exercises.find(checking.QUESTIONS, f'{folder.name[:2]}.A', 'question')
    with tempfile.TemporaryDirectory(prefix='minichain-classroom-') as scratch:
        scratch = pathlib.Path(scratch)
        python = make_environment(options.versions, scratch) if options.versions else None
        work = scratch / 'work'
        work.mkdir()
        shutil.copytree(LESSONS, work / 'lessons')
        server = labbox.LabServer(
            work, app={'lab': 'jupyterlab', 'notebook': 'notebook'}[options.application],
            python=python)
        print(versions(server.python), flush=True)
        problems = []
        try:
            with labbox.chromium() as browser:
                for folder in [work / 'lessons' / each.name for each in folders]:
                    start = time.monotonic()
                    found = study(browser, server, folder, options)
                    problems += found
                    print(f'{folder.name}: {"as it should be" if not found else len(found)} '
                          f'({time.monotonic() - start:.0f} s)', flush=True)
        finally:
            server.stop()
    print(f'{len(folders)} lessons, {len(problems)} problems')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
