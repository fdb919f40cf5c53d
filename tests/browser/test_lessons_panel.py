"""The lessons panel: find a lesson, work in a copy of one's own, and see how far one is."""
import csv
import io
import json
import shutil

import pytest
from labbox import ROOT, NotebookPage
from playwright.sync_api import expect

PANEL = '#minichain-lessons'
WORK = "() => window.jupyterapp.shell.currentWidget.context.path"
LEAVE_AT = """cell => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = cell; }"""
IS_AT = "cell => window.jupyterapp.shell.currentWidget.content?.activeCellIndex === cell"


@pytest.fixture
def course(server):
    """The first two lessons where a clone has them, and no copy of them yet."""
    lessons, copies = server.folder / 'lessons', server.folder / 'my-lessons'
    for folder in (lessons, copies):
        shutil.rmtree(folder, ignore_errors=True)
    for name in ('00_start_here', '01_a_graph_that_grows'):
        shutil.copytree(ROOT / 'lessons' / name, lessons / name)
    entries = json.loads((ROOT / 'lessons' / 'lessons.json').read_text('utf-8'))
    for entry in entries:
        entry['ready'] = entry['number'] < 2
    (lessons / 'lessons.json').write_text(json.dumps(entries), 'utf-8')
    yield lessons, copies
    for folder in (lessons, copies):
        shutil.rmtree(folder, ignore_errors=True)


def show_panel(book):
    book.command('minichain:show-lessons')
    panel = book.page.locator(PANEL)
    panel.get_by_role('heading', name='Lessons').wait_for()
    return panel


def wait_path(page, path):
    page.wait_for_function(f'path => ({WORK})() === path', arg=path)
    lesson = NotebookPage(page, None, path)
    lesson.wait_ready()
    return lesson


def wait_dressed(page, number):
    """Wait until a lesson has its icon: then there are copies of all to which it leads."""
    page.locator('#jp-main-dock-panel .lm-TabBar-tabIcon').get_by_text(number).wait_for()


def test_a_student_works_in_a_copy_and_sees_the_progress(course, notebook, page):
    lessons, copies = course
    before = (lessons / '00_start_here' / 'lesson.ipynb').read_bytes()
    panel = show_panel(notebook('1 + 1'))
    card = panel.locator('[data-lesson="00_start_here"]')
    expect(card).to_contain_text('12 min')
    expect(card).to_contain_text('0 of 3 exercises')
    expect(panel.locator('[data-lesson="01_a_graph_that_grows"]')).to_contain_text('builds on 00')
    panel.get_by_role('button', name='00 Start here').first.click()
    lesson = wait_path(page, 'my-lessons/00_start_here/lesson.ipynb')
    wait_dressed(page, '00')
    assert (copies / '01_a_graph_that_grows' / 'lesson.ipynb').exists()     # a link leads there
    start_over = panel.get_by_role('button', name='Start Over')
    expect(start_over).to_have_count(1)
    expect(card.get_by_role('button', name='Start Over')).to_have_count(1)
    page.evaluate("""() => {
        const { content } = window.jupyterapp.shell.currentWidget;
        content.activeCellIndex = 0;
        content.model.sharedModel.insertCell(1, {cell_type: 'code', source:
            'from minichain_widgets.exercises import check\\n' +
            'from minichain_widgets.progress import record\\n' +
            'record("exercises", "00.1", "right")'});
    }""")
    lesson.run(1)
    expect(panel).to_contain_text('1 of 3 exercises')
    stored = json.loads((copies / 'minichain-progress.json').read_text('utf-8'))
    assert stored['exercises']['00.1'] == {'tries': 1, 'verdict': 'right'}
    assert (lessons / '00_start_here' / 'lesson.ipynb').read_bytes() == before
    expect(panel).to_contain_text('Continue where you left')

    page.evaluate(LEAVE_AT, 7)
    page.evaluate('() => { window.left = window.jupyterapp.shell.currentWidget; }')
    page.locator('.jp-NotebookPanel-toolbar:visible').get_by_text('›').click()
    second = wait_path(page, 'my-lessons/01_a_graph_that_grows/lesson.ipynb')
    lesson.command('docmanager:save-all')
    page.evaluate('() => window.left.close()')
    page.locator('.jp-NotebookPanel-toolbar:visible').get_by_text('‹').click()
    wait_path(page, lesson.path)
    page.wait_for_function(IS_AT, arg=7)        # where it was left
    assert second.path != lesson.path


def test_a_copy_has_what_was_begun_in_the_original_and_starting_over_keeps_a_backup(
        course, notebook, page):
    lessons, copies = course
    path = '00_start_here/lesson.ipynb'
    before = (lessons / path).read_bytes()
    book = notebook('1 + 1')
    show_panel(book)
    book.command('docmanager:open', path=f'lessons/{path}')
    wait_path(page, f'lessons/{path}')
    page.evaluate("""() => window.jupyterapp.shell.currentWidget.content.model.sharedModel
        .insertCell(0, {cell_type: 'markdown', source: 'my own words'})""")
    marked = page.locator('.lm-TabBar-tab[data-minichain-original]')
    marked.wait_for()
    page.locator('.jp-NotebookPanel-toolbar:visible').get_by_text('My Copy').click()
    wait_path(page, f'my-lessons/{path}')
    icons = page.locator('#jp-main-dock-panel .lm-TabBar-tabIcon').get_by_text('00')
    expect(icons).to_have_count(2)
    expect(marked).to_have_count(1)     # the tab of the copy has no such mark
    assert 'my own words' in (copies / path).read_text('utf-8')
    assert (lessons / path).read_bytes() == before
    start_over = page.locator(PANEL).get_by_role('button', name='Start Over').first
    start_over.click()
    page.get_by_role('button', name='Cancel').click()       # then there is no backup either
    page.evaluate("() => { void window.jupyterapp.commands.execute('minichain:reset-lesson'); }")
    page.get_by_role('dialog').get_by_role('button', name='Start Over').click()
    page.wait_for_function("""path => {
        const { context, content } = window.jupyterapp.shell.currentWidget ?? {};
        return context?.path === path && content.model.cells.length > 1
            && !JSON.stringify(content.model.toJSON()).includes('my own words');
    }""", arg='my-lessons/00_start_here/lesson.ipynb')
    backup, = (copies / '00_start_here').glob('lesson-before-*.ipynb')
    assert 'my own words' in backup.read_text('utf-8')
    assert 'my own words' not in (copies / '00_start_here' / 'lesson.ipynb').read_text('utf-8')


def test_where_the_settings_name_no_lessons_the_panel_says_what_to_do(server, notebook, page):
    with server.settings('minichain:lessons', {'lessonsFolder': 'nowhere'}):
        panel = show_panel(notebook('1 + 1'))
        panel.get_by_text('There are no lessons in the folder "nowhere"').wait_for()
        expect(panel.get_by_role('button', name='Look Again')).to_be_visible()


@pytest.fixture
def installed(server):
    """No folder with lessons: there are those that came with the extension."""
    folders = [server.folder / name for name in ('lessons', 'my-lessons', 'solutions')]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    with server.settings('minichain:lessons', {'teacher': True}):
        yield server.folder
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def test_without_a_clone_the_lessons_come_with_the_extension(installed, notebook, page):
    panel = show_panel(notebook('1 + 1'))
    panel.get_by_role('button', name='10 Seeing and remembering').click()
    lesson = wait_path(page, 'my-lessons/10_seeing_and_remembering/lesson.ipynb')
    wait_dressed(page, '10')
    copy, original = (folder / '10_seeing_and_remembering' for folder in (
        installed / 'my-lessons', ROOT / 'lessons'))
    assert (copy / 'both.npz').read_bytes() == (original / 'both.npz').read_bytes()
    assert (copy.parent / '06_a_net_that_remembers' / 'lesson.ipynb').exists()
    panel.get_by_role('button', name='Glossary').click()
    shown = page.locator('.jp-MarkdownViewer:visible')
    shown.get_by_text('activation map', exact=True).wait_for()
    lesson.show()
    panel.locator('[data-lesson="00_start_here"]').get_by_role('button', name='Solution').click()
    wait_path(page, 'solutions/00_start_here/solution.ipynb')


@pytest.fixture
def teacher(server):
    with server.settings('minichain:lessons', {'teacher': True}):
        yield


def test_a_teacher_exports_the_progress_of_a_class(course, teacher, notebook, page, server):
    folder = server.folder / 'class'
    folder.mkdir()
    for name, verdict in (('Ada', 'right'), ('=Bob', 'wrong')):
        (folder / f'{name}.json').write_text(json.dumps(
            {'format': 'minichain-progress', 'version': 1,
             'exercises': {'00.1': {'verdict': verdict, 'tries': 2}}, 'quizzes': {}}))
    panel = show_panel(notebook('1 + 1'))
    panel.get_by_role('button', name='Export Progress').click()
    page.get_by_role('dialog').locator('input').fill('class')
    page.get_by_role('dialog').get_by_role('button', name='Export').click()
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.context?.path"
                           "?.endsWith('minichain-class.csv')")
    rows = list(csv.DictReader(io.StringIO((folder / 'minichain-class.csv').read_text('utf-8'))))
    assert [(row['student'], row['00.1']) for row in rows] == [("'=Bob", 'wrong'), ('Ada', 'right')]
    panel.get_by_role('button', name='Solution').first.click()
    wait_path(page, 'lessons/00_start_here/solution.ipynb')
