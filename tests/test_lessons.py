"""The lessons: how their notebooks are built, and whether their checkers judge answers rightly.

Answers to the exercises of later lessons stand in tables beside this file, lesson_cases_*.py.
"""
import ast
import contextlib
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import minichain as mc
import minichain.functions as F
import minichain.links as L
import minichain_widgets
import nbformat
import numpy as np
import pytest
from environments import tracked_files
from minichain import observe, randomness
from minichain_widgets import checking, exercises, progress, tiles
from minichain_widgets.exercises import check, expected, hint, quiz
from minichain_widgets.tiles import LiveTiles, Tiles, png

LESSONS = Path(__file__).resolve().parents[1] / 'lessons'
SOURCES = sorted(LESSONS.glob('*/solution.ipynb'))
NOTEBOOKS = sorted(LESSONS.glob('*/*.ipynb'))
READY = [entry for entry in json.loads((LESSONS / 'lessons.json').read_text('utf-8'))
         if entry['ready']]
NUMBERS = [entry['id'][:2] for entry in READY]
WORDS_PER_MINUTE = 130
LIVE = [name for name in minichain_widgets.__all__ if name[0].isupper()]

for number in NUMBERS:
    with contextlib.suppress(LookupError):
        check(number, None)                                  # imports the lesson's checkers


def read(path):
    return nbformat.read(path, as_version=4)


def cells(path, kind):
    return [cell for cell in read(path).cells if cell.cell_type == kind]


def prose(path):
    return '\n\n'.join(cell.source for cell in cells(path, 'markdown'))


def program(path):
    return '\n'.join(cell.source for cell in cells(path, 'code'))


def name_of(path):
    return f'{path.parent.name}/{path.stem}'


def entry_of(path):
    return next(entry for entry in READY if entry['id'] == path.parent.name)


def section(path, title):
    return prose(path).split(f'## {title}\n')[1].split('\n## ')[0]


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    """Every test has a progress file of its own, and unopened hints."""
    monkeypatch.setenv('MINICHAIN_PROGRESS', str(tmp_path / 'progress.json'))
    monkeypatch.setattr(exercises, 'hints_opened', {})
    return tmp_path / 'progress.json'


# ---- how a lesson is built ----------------------------------------------------------------

@pytest.mark.parametrize('path', NOTEBOOKS, ids=name_of)
def test_lessons_measure_time_with_stopwatch_only_for_it_waits_for_a_gpu(path):
    clocks = r'perf_counter|process_time|monotonic|timeit|\btime\.time\b|^%%?time\b|import datetime'
    assert not re.search(clocks, program(path), re.MULTILINE)


def test_the_list_of_lessons_is_complete_and_names_only_lessons_before():
    entries = json.loads((LESSONS / 'lessons.json').read_text('utf-8'))
    assert [entry['number'] for entry in entries] == list(range(15))
    for entry in entries:
        assert set(entry) - {'files'} == {'id', 'number', 'title', 'question', 'minutes', 'needs',
                                          'ideas', 'ready', 'exercises'}
        # A copy of the lesson in another folder needs these, too.
        assert entry.get('files', []) == sorted(
            path.name for path in tracked_files()
            if path.parent.name == entry['id'] and path.suffix != '.ipynb')
        assert re.fullmatch(rf"{entry['number']:02d}_[a-z_]+", entry['id'])
        earlier = {other['id'] for other in entries[:entry['number']]}
        assert set(entry['needs']) <= earlier
        assert entry['ready'] == (LESSONS / entry['id'] / 'solution.ipynb').exists()
        assert bool(entry['exercises']) == entry['ready']


@pytest.mark.parametrize('path', NOTEBOOKS, ids=name_of)
class TestNotebook:
    def test_begins_with_its_title_question_needs_and_minutes(self, path):
        entry, first = entry_of(path), read(path).cells[0].source
        assert first.startswith(f"# {entry['number']:02d} · {entry['title']}\n")
        assert f"**The question: {entry['question'][0].lower()}{entry['question'][1:]}**" in first
        takes = f"- **It takes** {entry['minutes']} minutes"
        for words in ('- **You need** ', takes, '- **At the end** '):
            assert words in first
        for needed in entry['needs']:
            assert f'(../{needed}/lesson.ipynb)' in first

    def test_has_a_live_picture_and_a_drawing(self, path):
        assert re.search(rf"\b({'|'.join(LIVE)})\(", program(path))
        assert 'mc.Graph.of(' in program(path)

    def test_has_its_exercises_with_a_cell_to_fill_and_a_cell_to_check(self, path):
        entry = entry_of(path)
        assert 3 <= len(entry['exercises']) <= 5
        assert re.findall(r'^check\("(\d\d\.\d)"', program(path), re.M) == entry['exercises']
        for name in entry['exercises']:
            title = checking.EXERCISES[name].title
            assert f'### Exercise {name} · {title}\n' in prose(path)
        starts = [cell.source for cell in cells(path, 'code')
                  if re.search(r'(= |: |return )\.\.\.', cell.source)]
        assert len(starts) == len(entry['exercises'])

    def test_asks_two_questions(self, path):
        number = path.parent.name[:2]
        asked = re.findall(r'^quiz\("(\d\d\.[A-Z])"\)$', program(path), re.M)
        assert asked == [f'{number}.A', f'{number}.B']

    def test_ends_with_a_summary_of_five_lines_links_and_readings(self, path):
        assert re.findall(r'^(\d)\. ', section(path, 'Summary'), re.M) == list('12345')
        assert 'lesson.ipynb' in section(path, 'Where to go next')
        readings = re.findall(r'^- .*?(?=^- |\Z)', section(path, 'Further reading'), re.M | re.S)
        assert len(readings) >= 2
        for reading in readings:
            assert re.search(r'\*[^*]+\*.*\b(19|20)\d\d\b', reading, re.S), reading

    def test_can_be_read_in_the_time_that_it_names(self, path):
        minutes = entry_of(path)['minutes']
        assert len(re.findall(r'\w+', prose(path))) / WORDS_PER_MINUTE < minutes

    def test_has_no_cell_over_25_lines_and_no_wide_code(self, path):
        for cell in read(path).cells:
            lines = cell.source.split('\n')
            assert len(lines) <= 25, cell.id
            assert cell.cell_type == 'markdown' or max(map(len, lines)) <= 100, cell.id

    def test_holds_no_path_or_address_of_a_machine(self, path):
        text = path.read_text('utf-8')
        assert not re.search(r'(?<![\w.<:/])/(home|root|tmp|Users|usr|var|work)/', text)
        assert not re.search(r'0x[0-9a-f]{6,}', text)
        assert 'WARNING' not in text

    def test_describes_every_picture_in_words(self, path):
        assert not re.search(r'!\[\s*\]\(', prose(path))
        for picture in ('Tiles', 'Heatmap', 'PathPicture', 'Curves'):
            for call in calls(program(path), picture):
                assert any(keyword.arg == 'alt' for keyword in call.keywords), ast.unparse(call)

    def test_links_to_files_that_exist(self, path):
        for target in re.findall(r'\]\((?!https?://)([^)#]+)[^)]*\)', prose(path)):
            assert (path.parent / target).exists(), target

    def test_names_files_of_the_library_that_exist(self, path):
        for target in re.findall(r'`(minichain/[\w/]+\.py)`', prose(path)):
            assert (LESSONS.parent / target).exists(), target

    def test_was_run_from_the_top_and_stores_neither_errors_nor_pixels(self, path):
        code = cells(path, 'code')
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
        for cell in code:
            for output in cell.outputs:
                assert output.output_type != 'error', cell.id
                assert 'application/vnd.jupyter.widget-view+json' not in output.get('data', {})
                assert 'image/png' not in output.get('data', {})
        assert 'widgets' not in read(path).metadata


def calls(source, name):
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name) and node.func.id == name]


@pytest.mark.parametrize('source', SOURCES, ids=name_of)
def test_the_students_notebook_holds_no_solution(source):
    given = program(source.with_name('lesson.ipynb'))
    solutions = [cell for cell in read(source).cells if 'solution' in cell.metadata.get('tags', [])]
    assert solutions
    for cell in solutions:
        assert cell.source not in given


@pytest.mark.parametrize('result', [..., None, 48.0], ids=repr)
def test_the_lesson_goes_on_where_doubling_returns_no_variable(result):
    path = LESSONS / '01_a_graph_that_grows' / 'lesson.ipynb'
    use, = (cell.source for cell in cells(path, 'code') if 'y = double_until(' in cell.source)
    y, shown = use.split('\n')
    names = {'mc': mc, 'double_until': lambda x, limit: result}
    exec(y, names)
    assert eval(shown, names) == 'First solve exercise 01.2.'


# Lines that every network and every loop has.
SCAFFOLD = re.compile(r'def |class |super\(\)\.|with self\.init_scope|else:$|break$|return \w+$')


def lines_of(source):
    """The lines that say something of their own, without indentation."""
    lines = {' '.join(line.split()) for line in source.splitlines()}
    return {line for line in lines if line and not SCAFFOLD.match(line)}


@pytest.mark.parametrize('source', SOURCES, ids=name_of)
def test_no_answer_stands_elsewhere_in_the_students_notebook(source):
    code = cells(source, 'code')
    given = set().union(*(lines_of(cell.source) for cell in code
                          if 'solution' not in cell.metadata.get('tags', [])))
    answers = [(start, answer) for start, answer in zip(code, code[1:])
               if 'solution' in answer.metadata.get('tags', [])
               and re.search(r'(= |: |return )\.\.\.', start.source)]
    assert len(answers) == len(entry_of(source)['exercises'])
    for start, answer in answers:
        own = lines_of(answer.source) - lines_of(start.source)
        assert len(own & given) < len(own) * 2 / 3, (answer.id, own & given)
        assert own - given, (answer.id, own)


@pytest.mark.parametrize('source', SOURCES, ids=name_of)
def test_checkers_say_right_in_the_solution_and_not_yet_in_the_students_notebook(source):
    for path, sign in ((source, '✓ Right.'), (source.with_name('lesson.ipynb'), '… Not yet.')):
        verdicts = [cell.outputs[0].data['text/plain'] for cell in cells(path, 'code')
                    if cell.source.startswith('check(')]
        assert len(verdicts) == len(entry_of(path)['exercises'])
        for verdict in verdicts:
            assert verdict.startswith(sign), verdict


@pytest.mark.parametrize('source', SOURCES, ids=name_of)
def test_few_outputs_are_left_unchecked(source):
    code = cells(source, 'code')
    ignored = [cell for cell in code if 'nbval-ignore-output' in cell.metadata.get('tags', [])]
    assert len(ignored) <= len(code) / 4


# ---- glossary and teacher's page ----------------------------------------------------------

def glossary():
    """Rows (term, lesson's folder) of the glossary."""
    text = (LESSONS / 'GLOSSARY.md').read_text('utf-8')
    return re.findall(r'^- \*\*(.+?)\*\* \(\[\d\d\]\((\w+)/lesson\.ipynb\)\): \S', text, re.M)


def test_the_glossary_is_sorted_and_names_no_term_twice():
    terms = [term.lower() for term, _ in glossary()]
    assert terms == sorted(set(terms)) and len(terms) > 60


@pytest.mark.parametrize('term, folder', glossary())
def test_a_term_is_in_the_lesson_that_the_glossary_names(term, folder):
    text = ' '.join(prose(LESSONS / folder / 'lesson.ipynb').split())
    assert term.lower() in text.lower()


def test_teachers_find_the_right_answers_of_all_questions():
    text = (LESSONS / 'TEACHING.md').read_text('utf-8')
    for letter in 'AB':
        row = re.search(rf'^\| {letter} \|(.*)\|$', text, re.MULTILINE).group(1)
        wanted = [next(i for i, choice in enumerate(
                           checking.QUESTIONS[f'{entry["number"]:02}.{letter}'].choices, 1)
                       if choice.right) for entry in READY]
        assert [int(cell) for cell in row.split('|')] == wanted


def test_pages_for_teachers_link_to_files_that_exist():
    for name in ('TEACHING.md', 'GLOSSARY.md'):
        text = (LESSONS / name).read_text('utf-8')
        for target in re.findall(r'\]\((?!https?://)([^)#]+)\)', text):
            assert (LESSONS / target).exists(), target


def test_every_lesson_has_a_row_of_what_students_get_wrong():
    text = (LESSONS / 'TEACHING.md').read_text('utf-8')
    table = text.split('## What students get wrong')[1].split('\n## ')[0]
    rows = {number for number in re.findall(r'^\| (\d\d) \|', table, re.M)}
    assert set(NUMBERS) - {'00'} <= rows


# ---- the tool that makes the students' notebooks ------------------------------------------

def make_lessons(*arguments):
    return subprocess.run([sys.executable, LESSONS / 'tools' / 'make_lessons.py', *arguments],
                          capture_output=True, text=True)


def test_an_unknown_lesson_is_named():
    done = make_lessons('77', '--check')
    assert done.returncode == 1
    assert 'There is no lesson 77 in lessons/.' in done.stderr


@pytest.fixture
def tool(monkeypatch, tmp_path):
    """make_lessons as a module that works in a folder of its own, with one lesson in it."""
    monkeypatch.syspath_prepend(str(LESSONS / 'tools'))
    import make_lessons
    monkeypatch.setattr(make_lessons, 'LESSONS', tmp_path)
    folder = tmp_path / '07_example'
    folder.mkdir()
    solution = nbformat.v4.new_code_cell('x = 1', id='c', metadata={'tags': ['solution']})
    notebook = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_markdown_cell('# Title', id='a'),
        nbformat.v4.new_code_cell('x = ...', id='b'), solution,
        nbformat.v4.new_code_cell('x', id='d')])
    make_lessons.write(notebook, folder / 'solution.ipynb')
    return make_lessons


def test_the_students_notebook_is_the_source_without_solutions(tool, tmp_path):
    source = tmp_path / '07_example' / 'solution.ipynb'
    tool.make(source)
    assert [cell.id for cell in read(source.with_name('lesson.ipynb')).cells] == ['a', 'b', 'd']
    assert tool.check(source) == []


def test_a_changed_source_is_noticed(tool, tmp_path):
    source = tmp_path / '07_example' / 'solution.ipynb'
    assert tool.check(source) == [
        '07_example: lesson.ipynb is missing. Run lessons/tools/make_lessons.py.']
    tool.make(source)
    notebook = read(source)
    notebook.cells[1].source = 'x = None'
    tool.write(notebook, source)
    assert tool.check(source) == [
        '07_example: lesson.ipynb is not what solution.ipynb gives. '
        'Change the solution, then run lessons/tools/make_lessons.py.']


def test_addresses_paths_and_errors_in_outputs_are_noticed(tool):
    stream = nbformat.v4.new_output('stream', name='stderr', text='see /home/ann/x.py')
    result = nbformat.v4.new_output('execute_result', data={'text/plain': '<Thing at 0x7f3a12>'})
    error = nbformat.v4.new_output('error', ename='ValueError', evalue='no', traceback=[])
    cell = nbformat.v4.new_code_cell('', id='c', outputs=[stream, result, error])
    assert tool.problems(nbformat.v4.new_notebook(cells=[cell])) == [
        'cell c writes to stderr: see /home/ann/x.py', 'cell c shows an absolute path',
        'cell c shows an address in memory', 'cell c stopped with ValueError: no']


def test_cleaning_takes_out_what_differs_from_run_to_run(tool):
    data = {'text/plain': 'a widget', tool.WIDGET_VIEW: {'model_id': 'abc'}}
    cell = nbformat.v4.new_code_cell(
        'w', metadata={'execution': {'iopub.status.busy': 'now'}, 'tags': ['nbval-ignore-output']},
        outputs=[nbformat.v4.new_output('display_data', data=data)])
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={'widgets': {'state': {}}})
    tool.clean(notebook)
    assert notebook.cells[0].metadata == {'tags': ['nbval-ignore-output']}
    assert notebook.cells[0].outputs[0].data == {'text/plain': 'a widget'}
    assert 'widgets' not in notebook.metadata


# ---- checkers -----------------------------------------------------------------------------

def variable(number=2.0):
    return mc.Variable(number, name='x')


def slope(f, x, nudge=1e-4):
    return (f(x + nudge) - f(x)) / nudge


def product_and_sum(x):
    return (x + 1) * (x + 2)


def double_until(x, limit):
    while x.data < limit:
        x = x * 2
    return x


def double_past(x, limit):
    while x.data <= limit:
        x = x * 2
    return x


def double_numbers(x, limit):
    return double_until(x, limit).data


def double_in_one_step(x, limit):
    return x * (double_until(x, limit).data / x.data)


def root(a, good_enough=1e-4):
    y = a
    while True:
        old = y
        y = (old + a / old) / 2
        if abs(y.data - old.data) < good_enough:
            return y


def root_in_20_rounds(a):
    y = a
    for _ in range(20):
        y = (y + a / y) / 2
    return y


def root_of_the_last_round(a):
    y = mc.Variable(root(a).data)
    return (y.data + a / y.data) / 2


def guess(first, second):
    return {'with a name': first, 'written out': second}


def kept(total, product, exponential, sine):
    return {'x + y': total, 'x * y': product, 'exp(x)': exponential, 'sin(x)': sine}


def pictured(x):
    e = F.exp(x)
    return e * (e + x)


def slide(image, weights, dtype='float32'):
    k = len(weights)
    result = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1), dtype=dtype)
    for i, j in np.ndindex(result.shape):
        result[i, j] = (image[i:i + k, j:j + k] * weights).sum()
    return result


def slide_in_place(image, weights):
    result = slide(image, weights)
    image[:] = 0
    return result


EDGE = np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]])


class Reader(L.Chain):
    """Has a convolution, and gets a given number of the held-out digits right: no training."""

    def __init__(self, correct, numbers=100):
        super().__init__()
        images, self.labels = sys.modules['minichain_widgets.lessons.lesson_05'].held_out_digits()
        self.answers = np.eye(10, dtype='float32')[self.labels]
        self.answers[correct:] = np.roll(self.answers[correct:], 1, axis=1)
        with self.init_scope():
            self.conv = L.Conv2d(1, 1, ksize=8, nobias=True)
            self.spare = mc.Parameter(np.zeros(numbers - 64, dtype='float32'))

    def forward(self, x):
        return F.reshape(self.conv(x), (len(x), 1)) * 0 + self.answers


STUCK = '\nStuck? hint("{}") opens a hint.'
NOT_YET = '… Not yet. Your answer goes into the cell above. Then run this cell again.'
NO_RESULT = ('… Not yet. Your function does not return a result yet. Its last line should be '
             'return, followed by the result.')

# Exercise, a function that makes the answer, and the whole text of the verdict.
CASES = [
    ('00.1', lambda: ..., NOT_YET),
    ('00.1', lambda: 2, '✓ Right. With x = 2 the graph gives y = 10.'),
    ('00.1', lambda: -5.0, '✓ Right. With x = -5 the graph gives y = 10.'),
    ('00.1', lambda: 2.1, '≈ Nearly. With x = 2.1 the graph gives y = 10.710. The answer is a '
                          'whole number, so you are very close.'),
    ('00.1', lambda: 7, '✗ Not right. With x = 7 the graph gives y = 70, which is too large.'),
    ('00.1', lambda: 1, '✗ Not right. With x = 1 the graph gives y = 4, which is too small.'),
    ('00.1', lambda: '2', '✗ Not right. my_x should be one number, but it is a text in quotation '
                          'marks.'),
    ('00.1', lambda: [1, 2], '✗ Not right. my_x should be one number, but it is a list of 2.'),

    ('00.2', lambda: ..., NOT_YET),
    ('00.2', lambda: product_and_sum(variable()),
     '✓ Right. The value is 12, and your graph holds two additions and one multiplication.'),
    ('00.2', lambda: (2 + variable()) * (variable() + 1),
     '✓ Right. The value is 12, and your graph holds two additions and one multiplication.'),
    ('00.2', lambda: variable() * variable() + 3 * variable() + 2,
     '≈ Nearly. The value 12 is right, but the graph is another one. Yours holds 2 add, 2 mul. '
     'Wanted is 2 add, 1 mul. Equal results can have different graphs.'),
    ('00.2', lambda: product_and_sum(variable(3.0)),
     '≈ Nearly. The graph has the right boxes, but the value is 20. For x = 2 it should be 12. '
     'Look at the numbers that you add.'),
    ('00.2', lambda: 12,
     '≈ Nearly. my_y is a plain number, so nothing was recorded. Compute with the Variable itself, '
     'not with its .data.'),
    ('00.2', lambda: variable() * 3,
     '✗ Not right. The value is 6 and the graph holds 1 mul. Wanted is 2 add, 1 mul. Run the '
     'cell that makes x once more, then write the formula.'),
    ('00.2', lambda: 'x', '✗ Not right. my_y should be a Variable, but it is a text in quotation '
                          'marks.'),

    ('00.3', lambda: lambda f, x: ..., NO_RESULT),
    ('00.3', lambda: slope,
     "✓ Right. Your slopes agree with minichain's gradients for all three formulas."),
    ('00.3', lambda: lambda f, x: slope(f, x, 0.5),
     '≈ Nearly. The slope of the straight line 5 * x is right. For x * x + 3 * x at 2 yours is '
     '7.5, and the gradient is 7: the line bends there, and your nudge is too large. Take a tiny '
     'one.'),
    ('00.3', lambda: lambda f, x: -slope(f, x, 1e-9),
     '≈ Nearly. For x * x + 3 * x at 2 your slope is -7; only the sign is wrong. Take the value on '
     'the right minus the value on the left.'),
    ('00.3', lambda: lambda f, x: f(x),
     '✗ Not right. For x * x + 3 * x at 2 your slope is 10. That is the value of the formula. The '
     'slope says how fast this value changes.'),
    ('00.3', lambda: lambda f, x: f(x + 1e-4) - f(x),
     '✗ Not right. For x * x + 3 * x at 2 your slope is 0.0007. That is the change of f alone, and '
     'it depends on the nudge. Divide it by the nudge.'),
    ('00.3', lambda: 3,
     '✗ Not right. Hand over the function itself, by its name alone, without brackets behind it. '
     'What came is the number 3.'),

    ('01.1', lambda: guess(4, ...), NOT_YET),
    ('01.1', lambda: guess(4, 7),
     '✓ Right. 4 boxes and 7 boxes. The results are equal, the runs are not, and the graph is the '
     'record of the run.'),
    ('01.1', lambda: guess(7, 4),
     '≈ Nearly. These are the right numbers, but the wrong way round.'),
    ('01.1', lambda: guess(5, 8),
     '≈ Nearly. Both are one too large. Did you count x? It is a leaf, and no operation.'),
    ('01.1', lambda: guess(4, 6),
     "≈ Nearly. One of the two is right. Count 'written out' once more."),
    ('01.1', lambda: guess(4, 4),
     '✗ Not right. You say that both have the same number. minichain does not look ahead, and it '
     'does not tidy up: what runs twice is written down twice.'),
    ('01.1', lambda: guess(1, 2),
     '✗ Not right. Neither is right yet. Write each version step by step, one sign a line, and '
     'count the lines.'),
    ('01.1', lambda: [4, 7],
     '✗ Not right. Keep the dictionary as it was, and replace only the three dots.'),

    ('01.2', lambda: lambda x, limit: ..., NO_RESULT),
    ('01.2', lambda: double_until,
     '✓ Right. The number is right every time, and the graph has one box for each doubling.'),
    ('01.2', lambda: double_past,
     '≈ Nearly. double_until(25, 100) gives 200, wanted is 100: you double once too often. Stop as '
     'soon as the number has reached the limit.'),
    ('01.2', lambda: double_numbers,
     '≈ Nearly. The result of double_until(3, 100) is a plain number, so nothing was recorded. '
     'Compute with the Variable itself, not with its .data.'),
    ('01.2', lambda: double_in_one_step,
     '≈ Nearly. double_until(3, 100) gives the right number, but 6 doublings left 1 box in the '
     'graph. Use the Variable itself in every round, one operation a round.'),
    ('01.2', lambda: lambda x, limit: double_until(x, limit / 2),
     '≈ Nearly. double_until(3, 100) gives 96, wanted is 192: you double once too little.'),
    ('01.2', lambda: lambda x, limit: x + 1,
     '✗ Not right. double_until(3, 100) gives 4, wanted is 192.'),

    ('01.3', lambda: lambda a: None, NO_RESULT),
    ('01.3', lambda: root,
     '✓ Right. Roots and gradients are right, and the length of the graph depends on the number.'),
    ('01.3', lambda: lambda a: root(a, 0.3),
     '≈ Nearly. root(2) gives 1.4167, wanted is 1.4142. You are close. Stop later: two values in a '
     'row should differ by less than 0.0001.'),
    ('01.3', lambda: root_in_20_rounds,
     '≈ Nearly. Roots and gradients are right. But your loop runs equally often for every number: '
     'the graph always has 60 boxes. Stop as soon as it is good enough.'),
    ('01.3', lambda: root_of_the_last_round,
     '≈ Nearly. Roots and gradients are right, but the graph holds only the last round: the rounds '
     'before it were computed with .data. Compute with y itself.'),
    ('01.3', lambda: lambda a: a ** 0.5,
     '≈ Nearly. The number is right, but you asked for the root by name. Use only + and / and a '
     'loop: then the record shows how a root is found.'),
    ('01.3', lambda: lambda a: a + (root(a).data - a.data),
     '≈ Nearly. The root of 2 is right, but its gradient is not 0.3536. Part of the way from a to '
     'the result is missing in the graph. Compute with a and y themselves; .data is for the '
     'condition only.'),
    ('01.3', lambda: lambda a: a / 2,
     '✗ Not right. root(2) gives 1, wanted is 1.414.'),

    ('01.4', lambda: kept(..., ..., ..., ...), NOT_YET),
    ('01.4', lambda: kept('nothing', 'inputs', 'result', 'inputs'),
     '✓ Right. All four are as the library does it.'),
    ('01.4', lambda: kept('nothing', 'inputs', 'result', 'result'),
     '≈ Nearly. Three of four are right. Think about sin(x) again: which numbers does its gradient '
     'need?'),
    ('01.4', lambda: kept('nothing', 'inputs', 'inputs', 'result'),
     '✗ Not right. Look again at exp(x), sin(x). Which numbers does the gradient need?'),
    ('01.4', lambda: kept('none', 'inputs', 'result', 'inputs'),
     "✗ Not right. Use only these words: 'inputs', 'result', 'nothing'. 'none' is another one."),
    ('01.4', lambda: {'x + y': 'nothing'},
     '✗ Not right. Keep the dictionary as it was, and replace only the three dots.'),

    ('01.5', lambda: ..., NOT_YET),
    ('01.5', lambda: pictured(variable(0.5)), '✓ Right. Your code gives exactly this graph.'),
    ('01.5', lambda: pictured(variable(1.5)),
     '≈ Nearly. The graph is right, but the value is not: begin with x = 0.5.'),
    ('01.5', lambda: F.exp(variable(0.5)) * (F.exp(variable(0.5)) + variable(0.5)),
     '≈ Nearly. The value is right, but your graph has two exp boxes. Compute exp(x) once, give '
     'it a name, and use the name twice.'),
    ('01.5', lambda: F.exp(variable(0.5)) * (variable(0.5) + 2),
     '≈ Nearly. You have the right boxes, but the arrows between them differ. Follow each arrow in '
     'the picture.'),
    ('01.5', lambda: F.exp(variable(0.5)) + 1,
     '✗ Not right. Your graph holds 1 add, 1 exp. The picture holds 1 add, 1 exp, 1 mul.'),

    ('05.1', lambda: lambda image, weights: ..., NO_RESULT),
    ('05.1', lambda: slide, '✓ Right. Your loop and F.conv2d agree on pictures of five sizes.'),
    ('05.1', lambda: lambda image, weights: slide(image, weights, 'float64'),
     '≈ Nearly. The values are right. But for a picture of 5 x 5 and a filter of 3 x 3, the result '
     'has dtype float64, wanted is float32. Say it when you make the array: np.zeros(shape, '
     'dtype="float32").'),
    ('05.1', lambda: lambda image, weights: slide(image, weights[::-1, ::-1]),
     '≈ Nearly. You turn the filter upside down before you multiply. Mathematicians do this and '
     'call it convolution. Deep learning leaves it out: put the filter on the window as it is.'),
    ('05.1', lambda: lambda image, weights: slide(image, weights) / weights.size,
     '≈ Nearly. You take the mean of the products. Take their sum.'),
    ('05.1', lambda: lambda image, weights: slide(image, weights)[:-1, :-1],
     '≈ Nearly. For a picture of 5 x 5 and a filter of 3 x 3, the result has shape (2, 2), wanted '
     'is (3, 3): off by one. Count the places on paper for a small case.'),
    ('05.1', lambda: lambda image, weights: slide(image, weights)[None],
     '≈ Nearly. For a picture of 5 x 5 and a filter of 3 x 3, the result has shape (1, 3, 3), '
     'wanted is (3, 3): the same numbers, but an axis of length 1 too many or too few.'),
    ('05.1', lambda: lambda image, weights: -slide(image, weights),
     '≈ Nearly. For a picture of 5 x 5 and a filter of 3 x 3, the result is right except for the '
     'sign: every value is the negative of what is wanted.'),
    ('05.1', lambda: lambda image, weights: slide(image, weights).T,
     '≈ Nearly. For a picture of 5 x 5 and a filter of 3 x 3, the result is right but transposed: '
     'rows and columns are swapped.'),
    ('05.1', lambda: lambda image, weights: slide(image, weights).round(1),
     '≈ Nearly. For a picture of 5 x 5 and a filter of 3 x 3, the result is close: the largest '
     'difference is 0.048 at place [1, 2] (you have -1.8, wanted is -1.752).'),
    ('05.1', lambda: slide_in_place,
     '≈ Nearly. Your function changes the array that it was given. Make a new array for the '
     'result: somebody else may still need the old one.'),
    ('05.1', lambda: lambda image, weights: image,
     '✗ Not right. For a picture of 5 x 5 and a filter of 3 x 3, the result has shape (5, 5), '
     'wanted is (3, 3).'),
    ('05.1', lambda: lambda image, weights: slide(image, weights) * np.nan,
     '✗ Not right. For a picture of 5 x 5 and a filter of 3 x 3, the result holds a value that is '
     'not a finite number (nan or inf). Look for a division by zero.'),
    ('05.1', lambda: lambda image, weights: slide(image, weights) * 0,
     '✗ Not right. The shape is right, the values are not: the largest difference is 5.7 at place '
     '[2, 0] (you have 0, wanted is 5.695).'),

    ('05.2', lambda: ..., NOT_YET),
    ('05.2', lambda: EDGE,
     '✓ Right. Its strongest answers are: horizontal line 3, vertical line 0, diagonal line 1, '
     'and 0 where all is bright.'),
    ('05.2', lambda: abs(EDGE),
     '≈ Nearly. It answers to the horizontal line, but also to a picture that is bright everywhere '
     '(6). Make the nine numbers add up to 0.'),
    ('05.2', lambda: EDGE.T,
     '≈ Nearly. Its strongest answers are: horizontal line 0, vertical line 3, diagonal line 1. '
     'That is a filter for the other direction. Swap rows and columns.'),
    ('05.2', lambda: [[-1, 0, -1], [0, 4, 0], [-1, 0, -1]],
     '≈ Nearly. Its strongest answers are: horizontal line 4, vertical line 4, diagonal line 2. It '
     'cannot tell the horizontal line from the others. Use the same number all along a row.'),
    ('05.2', lambda: np.zeros((3, 3)),
     '✗ Not right. Its strongest answers are: horizontal line 0, vertical line 0, diagonal line 0. '
     'It does not answer to the horizontal line at all.'),
    ('05.2', lambda: np.ones((2, 2)),
     '✗ Not right. The filter should have the shape (3, 3); yours is of shape (2, 2).'),

    ('05.3', lambda: lambda n, k, stride, pad: ..., NO_RESULT),
    ('05.3', lambda: lambda n, k, stride, pad: (n + 2 * pad - k) // stride + 1,
     '✓ Right. Your rule agrees with the measured width in all nine cases.'),
    ('05.3', lambda: lambda n, k, stride, pad: (n + 2 * pad - k) / stride + 1,
     '≈ Nearly. out_size(10, 3, 2, 1) gives 5.5, measured is 5. A window fits a whole number of '
     'times: round down, with // instead of /.'),
    ('05.3', lambda: lambda n, k, stride, pad: (n + 2 * pad - k) // stride,
     '≈ Nearly. out_size(8, 3, 1, 0) gives 5, measured is 6. You are one too small everywhere: the '
     'first place counts, too.'),
    ('05.3', lambda: lambda n, k, stride, pad: (n + pad - k) // stride + 1,
     '≈ Nearly. out_size(8, 3, 1, 1) gives 7, measured is 8. Without padding you are right. '
     'Padding is added on both sides.'),
    ('05.3', lambda: lambda n, k, stride, pad: n + 2 * pad - k + 1,
     '≈ Nearly. out_size(8, 2, 2, 0) gives 7, measured is 4. With stride 1 you are right. Think '
     'about the jumps.'),
    ('05.3', lambda: lambda n, k, stride, pad: n * k,
     '✗ Not right. out_size(8, 3, 1, 0) gives 24, measured is 6. Draw a row of 8 boxes and count '
     'how often a window of 3 fits.'),

    ('05.4', lambda: lambda model: ..., NO_RESULT),
    ('05.4', lambda: lambda model: sum(p.size for p in model.params()),
     '✓ Right. All four counts are right.'),
    ('05.4', lambda: lambda model: sum(p.size for p in model.params() if p.ndim > 1),
     '≈ Nearly. For L.Linear(64, 128) you count 8192. These are the weights alone. The biases are '
     'tuned as well.'),
    ('05.4', lambda: lambda model: len(list(model.params())),
     '≈ Nearly. For L.Linear(64, 128) you count 2. That is the number of arrays. Count the numbers '
     'inside of them.'),
    ('05.4', lambda: lambda model: 5,
     '✗ Not right. For L.Linear(64, 128) you count 5, but it holds 8320.'),

    ('05.5', lambda: ..., NOT_YET),
    ('05.5', lambda: Reader(440),
     '✓ Right. 100 numbers, and 97.8% of the held-out digits are right.'),
    ('05.5', lambda: Reader(440, numbers=3000),
     '≈ Nearly. 3,000 numbers, and 97.8% of the held-out digits are right. It reads well, but it '
     'is too large: stay below 3,000.'),
    ('05.5', lambda: Reader(432),
     '≈ Nearly. 100 numbers, and 96.0% of the held-out digits are right. It is small enough. '
     'Train a little longer, or add a few filters, to get above 96%.'),
    ('05.5', lambda: Reader(45),
     '✗ Not right. 100 numbers, and 10.0% of the held-out digits are right. That is close to '
     'guessing. Did you train this model?'),
    ('05.5', lambda: Reader(300, numbers=5000),
     '✗ Not right. 5,000 numbers, and 66.7% of the held-out digits are right. Wanted: fewer than '
     '3,000 and more than 96%.'),
    ('05.5', lambda: L.Sequential(F.flatten, L.Linear(64, 10)),
     '✗ Not right. There is no convolution in your model.'),
    ('05.5', lambda: L.Sequential(L.Conv2d(1, 2, ksize=8), F.flatten),
     '✗ Not right. For 450 digits the model returns the shape (450, 2), wanted is (450, 10): one '
     'score for each digit from 0 to 9.'),
    ('05.5', lambda: 97.8,
     '✗ Not right. Hand over the trained model itself, for example my_model.'),
]

for path in sorted(Path(__file__).parent.glob('lesson_cases_*.py')):
    CASES += importlib.import_module(path.stem).CASES


def test_every_exercise_is_tried_with_a_right_a_nearly_right_and_a_wrong_answer():
    tried = {}
    for name, _, text in CASES:
        tried.setdefault(name, set()).add(text[0])
    for call in calls(Path(__file__).with_name('test_lessons_core.py').read_text('utf-8'), 'says'):
        name, text = call.args[0].value, call.args[-1].value
        tried.setdefault(name, {'…'}).add(text[0])
    assert set(tried) == set(checking.EXERCISES) == {
        name for entry in READY for name in entry['exercises']}
    for name, signs in tried.items():
        assert signs == {'✓', '≈', '✗', '…'}, name


@pytest.mark.parametrize('name', sorted(checking.EXERCISES))
def test_an_empty_answer_is_neither_right_nor_wrong(name):
    assert repr(check(name, ...)).startswith('… Not yet.')


@pytest.mark.parametrize(('name', 'make', 'text'), CASES,
                         ids=[f'{name}-{i}' for i, (name, _, _) in enumerate(CASES)])
def test_verdict(name, make, text, own_progress):
    result = check(name, make())
    said = repr(result)
    if result.verdict in ('nearly', 'wrong'):
        assert said.endswith(STUCK.format(name))
        said = said.removesuffix(STUCK.format(name))
    assert said == text
    assert bool(result) == (result.verdict == 'right')
    stored = json.loads(own_progress.read_text('utf-8')) if own_progress.exists() else {}
    entry = stored.get('exercises', {}).get(name, {'verdict': 'not yet'})
    assert entry['verdict'] == result.verdict


@pytest.mark.parametrize('name', sorted(checking.EXERCISES))
def test_printing_what_a_checker_says_passes_nothing(name, capsys):
    def prints(*arguments):
        print('✓ Right.')

    print('✓ Right.')
    for answer in ('✓ Right.', 'right', prints, checking.right('Right.'), True):
        assert check(name, answer).verdict != 'right'


@pytest.mark.parametrize('name', sorted(checking.EXERCISES))
def test_hints_open_one_after_another(name):
    hints = checking.EXERCISES[name].hints
    assert 1 <= len(hints) <= 3
    for opened in range(1, len(hints) + 1):
        said = repr(hint(name))
        assert [text in said for text in hints] == [i < opened for i in range(len(hints))]
    assert said.endswith('That was the last hint.')
    assert repr(hint(name)) == said


@pytest.mark.parametrize('name', sorted(checking.EXERCISES))
def test_an_expected_picture_is_described_and_drawn_without_the_answer(name):
    exercise = checking.EXERCISES[name]
    shown = expected(name)
    assert exercise.expected in repr(shown)
    if exercise.picture is not None:
        assert '<img ' in shown._repr_html_() or 'role="img"' in shown._repr_html_()
        picture = exercise.picture()
        drawn = picture.to_svg() if hasattr(picture, 'to_svg') else picture._repr_html_()
        assert 'lesson_0' not in drawn


@pytest.mark.parametrize('name', sorted(checking.QUESTIONS))
def test_a_question_has_one_right_choice_and_explains_every_choice(name):
    asked = checking.QUESTIONS[name]
    assert [choice.right for choice in asked.choices].count(True) == 1
    assert all(choice.text in repr(quiz(name)) for choice in asked.choices)
    for number, choice in enumerate(asked.choices, 1):
        said = quiz(name, number)
        assert said.verdict == ('right' if choice.right else 'wrong')
        assert repr(said) == f"{'✓ Right' if choice.right else '✗ Not right'}. {choice.why}"
    assert repr(quiz(name, 9)) == f'… Not yet. Answer with a number from 1 to {len(asked.choices)}.'
    assert quiz(name, '1').verdict == 'not yet'


READY_ANSWERS = ['11.1', '11.4', '13.3', '14.2', '14.3']


@pytest.mark.parametrize('name', READY_ANSWERS)
def test_a_ready_answer_is_right_and_gives_way_to_the_students_own(name, own_progress):
    works = exercises.ready(name)
    assert not own_progress.exists()
    assert check(name, works).verdict == 'right'
    assert exercises.ready(name, lambda *given: 7) is works

    def own(*given):
        return works(*given)

    assert exercises.ready(name, own) is own


def test_a_check_leaves_the_random_numbers_of_the_lesson_as_they_were():
    def skip(block, x, keep, random):
        return block(x)

    mc.set_seed(5)
    wanted = randomness.generator().random(3)
    mc.set_seed(5)
    check('11.2', skip)
    exercises.ready('11.1')
    assert np.array_equal(randomness.generator().random(3), wanted)


def test_where_there_is_no_ready_answer_those_that_exist_are_named():
    assert [name for name in sorted(checking.EXERCISES) if checking.EXERCISES[name].ready
            ] == READY_ANSWERS
    with pytest.raises(LookupError, match="no ready answer to exercise '00.1'. There are some to "
                                          '11.1, 11.4, 13.3'):
        exercises.ready('00.1')


def test_an_unknown_name_is_answered_with_the_names_that_exist():
    with pytest.raises(LookupError, match=r"There is no exercise '00.9'. This lesson has 00.1, "
                                          r"00.2"):
        check('00.9', 1)
    with pytest.raises(LookupError, match=r"There is no exercise '77.1'. Names look like \"05.1\""):
        check('77.1', 1)
    with pytest.raises(LookupError, match=r"There is no question '00.Z'. This lesson has 00.A, "
                                          r"00.B"):
        quiz('00.Z')


def test_text_of_a_student_cannot_become_part_of_the_page():
    def stops(f, x):
        raise ValueError('<script>alert(1)</script>')

    shown = check('00.3', stops)
    assert '<script>' in repr(shown)
    assert '<script>' not in shown._repr_html_()
    assert '&lt;script&gt;' in shown._repr_html_()


def test_an_error_in_a_students_function_is_explained_by_its_own_line():
    def stops(f, x):
        return f(x) / (x - x)

    said = repr(check('00.3', stops))
    assert 'Your code stopped with ZeroDivisionError: ' in said
    assert re.search(r'Look at line \d+ of your cell: return f\(x\) / \(x - x\)', said)


def test_whatever_is_handed_over_gets_a_verdict():
    strange = [object(), 'x', [], {}, [[1], [1, 2]], 10 ** 400, float('nan'), mc, int, b'x', {1},
               np.array(['a']), mc.Variable([1.0, 2.0]), mc.Variable(3.0, requires_grad=False),
               L.Linear(3, 2), lambda *arguments: mc.Variable(1.0, requires_grad=False),
               lambda *arguments: object(), lambda: 1]
    for name in checking.EXERCISES:
        for answer in strange:
            result = check(name, answer)
            assert result.verdict in ('wrong', 'nearly', 'not yet'), (name, answer)
    assert repr(check('00.1')) == NOT_YET


def test_a_student_cannot_raise_a_verdict():
    def cheats(f, x):
        raise checking.right('Right.')

    verdict = repr(check('00.3', cheats))
    assert verdict.startswith('✗ Not right. Return a result; the checker judges')


def test_hints_stand_inside_each_other_so_that_they_open_in_order():
    shown = check('00.1', 7)._repr_html_()
    in_order = ''.join(f'.*<details>.*Hint {number} of 3' for number in (1, 2, 3))
    assert re.search(in_order, shown)
    assert shown.endswith('</details></details></details></div>')


def test_a_checker_runs_unseen_by_whoever_watches():
    class Watcher:
        seen = 0

        def on_apply(self, fn, inputs, outputs):
            self.seen += 1

    watcher = Watcher()
    with mc.watch(watcher):
        check('01.2', double_until)
        expected('01.5')
        assert watcher.seen == 0
        assert watcher in observe.watching.observers
        variable() * 2
    assert watcher.seen == 1


# ---- progress -----------------------------------------------------------------------------

def test_the_best_verdict_stays_and_tries_are_counted(own_progress):
    for answer in (7, 2.0, 7, ...):
        check('00.1', answer)
    quiz('00.A', 2)
    stored = json.loads(own_progress.read_text('utf-8'))
    assert stored == {'format': 'minichain-progress', 'version': 1,
                      'exercises': {'00.1': {'verdict': 'right', 'tries': 3}},
                      'quizzes': {'00.A': {'verdict': 'wrong', 'tries': 1}}}
    assert repr(exercises.progress()) == 'Solved so far: 00.1.'


def test_progress_lies_beside_the_list_of_lessons_or_in_the_notebooks_folder(tmp_path, monkeypatch):
    monkeypatch.delenv('MINICHAIN_PROGRESS')
    (tmp_path / '05_convolution').mkdir()
    monkeypatch.chdir(tmp_path / '05_convolution')
    assert progress.progress_path() == Path.cwd() / 'minichain-progress.json'
    copies = tmp_path / 'my-lessons'
    (copies / '05_convolution').mkdir(parents=True)
    progress.record('exercises', '05.1', 'right', copies / 'minichain-progress.json')
    monkeypatch.chdir(copies / '05_convolution')
    assert progress.progress_path() == copies / 'minichain-progress.json'
    monkeypatch.chdir(tmp_path / '05_convolution')
    (tmp_path / 'lessons.json').write_text('[]')
    assert progress.progress_path() == Path.cwd().parent / 'minichain-progress.json'


CRASH = """
import os, sys
from minichain_widgets import progress
real = os.fsync
os.fsync = lambda handle: (os.truncate(handle, 20), os._exit(9))
progress.record("exercises", "00.2", "right")
"""


def test_progress_survives_a_crash_in_the_middle_of_writing(own_progress):
    progress.record('exercises', '00.1', 'right')
    before = own_progress.read_text('utf-8')
    done = subprocess.run([sys.executable, '-c', CRASH], env=dict(os.environ))
    assert done.returncode == 9
    assert own_progress.read_text('utf-8') == before
    progress.record('exercises', '00.2', 'nearly')
    assert set(progress.read_progress()['exercises']) == {'00.1', '00.2'}


def test_nothing_is_left_behind_when_writing_fails(own_progress, monkeypatch):
    progress.record('exercises', '00.1', 'right')
    before = own_progress.read_text('utf-8')

    def full(*arguments):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(progress.os, 'fsync', full)
    said = repr(check('00.1', 2.0))
    assert said.endswith('(Your progress could not be saved: No space left on device.)')
    assert own_progress.read_text('utf-8') == before
    assert [path.name for path in own_progress.parent.iterdir()] == [own_progress.name]


def with_entry(entry):
    return ('{"format": "minichain-progress", "version": 1, "quizzes": {}, "exercises": '
            f'{{"00.1": {entry}}}}}')


@pytest.mark.parametrize('damaged', [
    '', '{', '[1, 2]', '{"format": "other"}', '\udcff', '[' * 100_000, ' ' * 2_000_000,
    with_entry(5), with_entry('{"verdict": "right"}'), with_entry('{"verdict": [], "tries": 1}'),
    with_entry('{"verdict": "best", "tries": 1}'), with_entry('{"verdict": "right", "tries": "1"}')
], ids=range(12))
def test_a_damaged_file_is_put_aside_and_not_written_over(own_progress, damaged):
    own_progress.write_text(damaged, encoding='utf-8', errors='surrogateescape')
    assert progress.read_progress()['exercises'] == {}
    progress.record('exercises', '00.1', 'right')
    assert progress.read_progress()['exercises'] == {'00.1': {'verdict': 'right', 'tries': 1}}
    aside = own_progress.with_suffix('.damaged.json')
    assert aside.read_bytes() == damaged.encode('utf-8', 'surrogateescape')


# ---- pictures -----------------------------------------------------------------------------

def test_tiles_show_one_picture_each_with_words_for_all():
    shown = Tiles(np.zeros((2, 3, 4)), titles=['a', '<b>'], alt='Two <empty> pictures')
    assert repr(shown) == 'Picture: Two <empty> pictures (a; <b>)'
    text = shown._repr_html_()
    assert text.count('<img ') == 2
    assert 'aria-label="Two &lt;empty&gt; pictures"' in text
    assert 'alt="&lt;b&gt;"' in text
    assert text == Tiles(np.zeros((2, 3, 4)), titles=['a', '<b>'], alt='Two <empty> pictures'
                         )._repr_html_()


def test_tiles_refuse_what_is_no_picture():
    with pytest.raises(ValueError, match=r'Each picture needs two axes, \(height, width\); the '
                                         r'shapes are \[\(3,\)\]'):
        Tiles([np.zeros(3)])


def test_a_picture_is_a_png_file_with_the_right_colours():
    matplotlib = pytest.importorskip('matplotlib.image', reason='minichain[lab] is not installed')
    pixels = np.arange(24, dtype='uint8').reshape(2, 4, 3)
    import io
    read_back = matplotlib.imread(io.BytesIO(png(pixels)))
    assert np.array_equal(np.rint(read_back * 255).astype('uint8'), pixels)


def test_a_picture_with_colours_of_its_own_keeps_them():
    pixels = np.array([[[0, 114, 178], [300, -5, 0.4]]])
    shown = tiles.colour(pixels, 'ink', (0, 1))
    assert shown.tolist() == [[[0, 114, 178], [255, 0, 0]]]
    assert '<img alt="Two squares"' in Tiles([pixels], alt='Two squares')._repr_html_()


def test_live_tiles_change_by_their_state_and_describe_themselves():
    place = LiveTiles()
    assert repr(place) == 'A picture that changes while the next cell runs.'
    place.show(Tiles(np.zeros((1, 2, 2)), alt='nothing'), 'epoch <1>')
    assert 'epoch &lt;1&gt;' in place.value
    assert '<img ' in place.value
