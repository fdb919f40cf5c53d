"""What can be done with a run in LiveGraph: replay it, compare it, read it as a table, save it."""
import pathlib
import re

import pytest
from labbox import Picture
from playwright.sync_api import expect

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
FAILS = """z = F.exp(x)
z + mc.Variable([1.0, 2.0, 3.0])"""
NET = """import minichain as mc, minichain.functions as F, minichain.links as L, numpy as np
from minichain_widgets import LiveGraph, live
live(False)
mc.set_seed(0)
with LiveGraph(height=420) as shown:
    net = mc.Sequential(L.Linear(2, 3), F.tanh, L.Linear(3, 1))
    loss = net(np.ones((4, 2), 'float32')).sum()
    loss.backward()
shown"""
AGAINST = """first, second = F.exp(mc.Variable([1.0])), F.exp(mc.Variable([1.0, 2.0]))
LiveGraph(second, against=first)"""


def test_a_run_is_replayed_compared_read_and_saved(notebook, page, tmp_path):
    book = notebook(FOLLOW, FIRST, SECOND, FAILS)
    book.run(0)
    picture = Picture(page, Picture.WIDGET)
    picture.root.wait_for()
    book.run(1)
    picture.wait('3 operations')
    tools = picture.root.get_by_role('toolbar')

    add = picture.box('add')
    add.hover()
    for words in '[1.0, 4.0] + 3 = [4.0, 7.0]', 'kept for backward: nothing':
        expect(add.locator('title')).to_contain_text(words)

    tools.get_by_role('button', name='Replay').click()
    moment = picture.root.get_by_role('slider', name='Moment of the run')
    moment.focus()
    page.keyboard.press('Home')
    page.keyboard.press('ArrowRight')
    expect(picture.boxes('function').and_(picture.boxes('unborn'))).to_have_count(2)
    expect(picture.boxes('lit')).to_have_count(0)
    picture.root.get_by_role('button', name='Play the replay').click()
    picture.root.get_by_role('button', name='Pause the replay').wait_for()
    picture.root.get_by_role('button', name='Play the replay').wait_for()
    expect(picture.boxes('unborn')).to_have_count(0)
    picture.boxes('lit').nth(2).wait_for()
    tools.get_by_role('button', name='Replay').click()

    tools.get_by_role('button', name='Table').click()
    table = picture.root.get_by_role('table')
    expect(table.get_by_role('row')).to_have_count(1 + 4)
    table.get_by_role('row', name='mul').get_by_role(
        'cell', name='16 B (released)', exact=True).wait_for()
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
    picture.wait('+ tanh (2)', part='.mc-compared')
    expect(picture.boxes('different')).to_have_count(1)
    expect(picture.box('tanh').locator('.mc-differs')).to_contain_text('+')
    tools.get_by_role('button', name='Compare').click()
    expect(picture.boxes('different')).to_have_count(0)

    book.start(3)
    picture.wait('ShapeError')
    expect(picture.boxes('function')).to_have_count(2)
    expect(picture.boxes('failed')).to_contain_text('add')


def test_the_toolbar_and_the_keys_move_fold_find_and_explain(notebook, page):
    book = notebook(NET)
    book.run(0)
    picture = Picture(page, Picture.WIDGET)
    picture.wait('operations')
    root, keys = picture.root, page.keyboard

    def tool(name):
        return root.get_by_role('toolbar').get_by_role('button', name=name)

    def place_of(words):
        picture.rest()
        return picture.box(words).bounding_box()

    follow = tool('Follow the growth')
    expect(follow).to_have_attribute('aria-pressed', 'true')
    fitted = place_of('tanh')['width']
    tool('Zoom in').click()
    assert place_of('tanh')['width'] > 1.1 * fitted
    expect(follow).to_have_attribute('aria-pressed', 'false')
    tool('Zoom out').click()
    tool('Zoom out').click()
    assert place_of('tanh')['width'] < 0.9 * fitted
    follow.click()
    place = place_of('tanh')
    assert place['width'] == pytest.approx(fitted, rel=0.02)
    surface = root.locator('.mc-surface').bounding_box()
    page.mouse.move(surface['x'] + 8, surface['y'] + 8)
    page.mouse.down()
    page.mouse.move(surface['x'] + 58, surface['y'] + 38, steps=4)
    page.mouse.up()
    assert place_of('tanh')['x'] == pytest.approx(place['x'] + 50, abs=2)
    tool('Fit').click()
    picture.rest()
    for box in picture.boxes('function').all():
        inside = box.bounding_box()
        assert surface['x'] <= inside['x'] and surface['y'] <= inside['y']
        assert inside['y'] + inside['height'] <= surface['y'] + surface['height']

    tool(re.compile('^Fold all')).click()
    expect(picture.boxes('folded').first).to_contain_text('Linear')
    tool('Unfold all').click()
    expect(picture.boxes('folded')).to_have_count(0)

    tool('Search').click()
    field = root.get_by_role('searchbox')
    field.fill('linear')
    matches, found = root.locator('.mc-match'), root.locator('.mc-found').first
    matches.nth(1).wait_for()       # two operations and what belongs to them
    count = matches.count()
    expect(found).to_have_text(f'1 / {count}')
    keys.press('Enter')
    expect(found).to_have_text(f'2 / {count}')
    field.fill('tanh')
    expect(found).to_have_text('1 / 1')
    expect(matches).to_contain_text('tanh')
    keys.press('Escape')
    expect(field).to_be_hidden()
    expect(matches).to_have_count(0)

    tool('What the shapes and colours mean').click()
    root.get_by_text('parameter, learnt').wait_for()
    tool('What the shapes and colours mean').click()
    expect(root.get_by_text('parameter, learnt')).to_be_hidden()

    root.locator('.mc-surface').focus()
    keys.press('ArrowDown')
    first = root.locator('.mc-current').text_content()
    keys.press('ArrowDown')
    expect(root.locator('.mc-current')).not_to_have_text(first)
    keys.press('Enter')
    expect(picture.card).to_contain_text('float32 on cpu')
    tool('Fit').click()
    picture.boxes('parameter').first.click()
    picture.card.get_by_role('button', name='Values').first.click()
    picture.wait('0.', part='.mc-answers')
    picture.card.get_by_role('button', name='Histogram').first.click()
    root.locator('.mc-histogram').wait_for()
    keys.press('Escape')
    expect(picture.card).to_be_hidden()
    root.locator('.mc-surface').focus()
    keys.press('/')
    expect(field).to_be_focused()


def test_a_picture_shows_what_differs_from_another_graph(notebook, page):
    book = notebook(FOLLOW, AGAINST)
    book.run(0)
    book.run(1)
    picture = Picture(page, f'.jp-Cell:nth-of-type(2) {Picture.WIDGET}')
    picture.root.locator('.mc-compared').get_by_text('~ exp (1) → (2)').wait_for()
    expect(picture.boxes('different')).to_have_count(1)
