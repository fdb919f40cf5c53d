"""What can be done with a run in LiveGraph: replay it, compare it, read it as a table, save it."""
import pathlib

import pytest
from labbox import Picture

pytestmark = [pytest.mark.newest_only, pytest.mark.same_page]

FOLLOW = """import minichain as mc, minichain.functions as F
from minichain_widgets import LiveGraph, live
live(False)
LiveGraph(height=420)"""
FIRST = """x = mc.Variable([1.0, 2.0], name='x')
y = (x * x + 3.0).sum()
y.backward()"""
SECOND = """y = F.tanh(x * x + 3.0).sum()
y.backward()"""
AGAINST = """first, second = F.exp(mc.Variable([1.0])), F.exp(mc.Variable([1.0, 2.0]))
LiveGraph(second, against=first)"""


def test_a_run_is_replayed_compared_read_and_saved(notebook, page, tmp_path):
    book = notebook(FOLLOW, FIRST, SECOND)
    book.run(0)
    picture = Picture(page, Picture.WIDGET)
    picture.root.wait_for()
    book.run(1)
    picture.wait('3 operations')
    tools = picture.root.get_by_role('toolbar')

    add = picture.box('add')
    add.hover()
    tip = add.locator('title').text_content()
    assert '[1.0, 4.0] + 3 = [4.0, 7.0]' in tip and 'kept for backward: nothing' in tip

    tools.get_by_role('button', name='Replay').click()
    moment = picture.root.get_by_role('slider', name='Moment of the run')
    moment.focus()
    page.keyboard.press('Home')
    page.keyboard.press('ArrowRight')
    assert picture.boxes('function').and_(picture.boxes('unborn')).count() == 2
    assert picture.boxes('lit').count() == 0
    picture.root.get_by_role('button', name='Play the replay').click()
    picture.root.get_by_role('button', name='Pause the replay').wait_for()
    picture.root.get_by_role('button', name='Play the replay').wait_for()
    assert picture.boxes('unborn').count() == 0 and picture.boxes('lit').count() >= 3
    tools.get_by_role('button', name='Replay').click()

    tools.get_by_role('button', name='Table').click()
    table = picture.root.get_by_role('table')
    assert table.get_by_role('row').count() == 1 + 4
    assert table.get_by_role('row', name='mul').get_by_role('cell').nth(4).inner_text() == (
        '16 B (released)')
    tools.get_by_role('button', name='Table').click()

    tools.get_by_role('button', name='Save').click()
    for kind, beginning in (('SVG', b'<svg xmlns='), ('PNG', b'\x89PNG')):
        with page.expect_download() as download:
            picture.root.get_by_role('button', name=f'Save as {kind}').click()
        download.value.save_as(tmp_path / kind)
        content = pathlib.Path(tmp_path / kind).read_bytes()
        assert content.startswith(beginning) and len(content) > 2_000
        assert download.value.suggested_filename == f'cell-2.{kind.lower()}'

    tools.get_by_role('button', name='Compare').click()
    book.run(2)
    picture.wait('3 operations alike, 0 only in the earlier run', part='.mc-compared')
    assert '+ tanh (2)' in picture.root.locator('.mc-compared').inner_text()
    assert picture.boxes('different').count() == 1
    assert '+' in picture.box('tanh').locator('.mc-differs').text_content()


def test_a_picture_shows_what_differs_from_another_graph(notebook, page):
    book = notebook(FOLLOW, AGAINST)
    book.run(0)
    book.run(1)
    picture = Picture(page, f'.jp-Cell:nth-of-type(2) {Picture.WIDGET}')
    picture.root.locator('.mc-compared').get_by_text('~ exp (1) → (2)').wait_for()
    assert picture.boxes('different').count() == 1
