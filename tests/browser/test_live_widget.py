"""LiveGraph: the picture in a cell's output."""
import pytest
from labbox import Picture
from playwright.sync_api import expect

pytestmark = pytest.mark.same_page

BLOCK = """import minichain as mc
from minichain_widgets import LiveGraph
x = mc.Variable([1.0, 2.0], name='x')
with LiveGraph() as picture:
    y = (x * x).sum()
    y.backward()
picture"""

FOLLOW = """import minichain as mc
from minichain_widgets import LiveGraph, live
live(False)
picture = LiveGraph(height=300)
picture"""


def test_a_block_is_drawn_in_the_cell(notebook, page):
    book = notebook(BLOCK, 'z = mc.functions.exp(x)')
    book.run(0)
    picture = Picture(page, Picture.WIDGET)
    picture.wait('2 operations')
    expect(picture.boxes('function')).to_have_count(2)
    picture.boxes('lit').first.wait_for()
    book.run(1)
    page.wait_for_timeout(300)      # time to draw what is outside of the block
    expect(picture.boxes('function')).to_have_count(2)
    assert book.text(0).startswith('<LiveGraph 2 operations')


def test_without_a_block_it_follows_the_notebook(notebook, page):
    book = notebook(FOLLOW, 'y = mc.Variable([1.0, 2.0]) * 2.0', 'y.sum().backward()')
    book.run(0)
    picture = Picture(page, Picture.WIDGET)
    picture.root.wait_for()
    book.run(1)
    picture.wait('1 operation')
    book.run(2)
    picture.wait('2 operations')
    picture.boxes('function').first.click()
    expect(picture.card).to_contain_text('cell [2], line 1')


def test_a_saved_notebook_keeps_the_picture_as_svg(notebook, page):
    book = notebook(BLOCK)
    book.run(0)
    Picture(page, Picture.WIDGET).wait('2 operations')
    kinds = page.evaluate("""() => window.jupyterapp.shell.currentWidget.content.widgets[0].model
        .outputs.toJSON().flatMap(output => Object.keys(output.data ?? {}))""")
    assert 'image/svg+xml' in kinds
    assert 'application/vnd.jupyter.widget-view+json' in kinds


def test_the_picture_of_a_variable_needs_nothing_recorded(notebook, page):
    book = notebook("""import minichain as mc
from minichain_widgets import LiveGraph
y = mc.functions.exp(mc.Variable([1.0], name='x')) * 2.0""", 'LiveGraph(y)')
    book.run(0)
    book.run(1)
    picture = Picture(page, Picture.WIDGET)
    picture.wait('2 operations')


def test_pausing_keeps_the_picture_and_going_on_catches_up(notebook, page):
    book = notebook(FOLLOW, 'y = mc.Variable(1.0) * 2.0', 'y = mc.functions.exp(y)',
                    'print(picture._outlet.paused)')
    book.run(0)
    book.run(1)
    picture = Picture(page, Picture.WIDGET)
    picture.wait('1 operation')
    pause = picture.root.get_by_role('button', name='Pause')
    pause.click()
    book.run_until(3, 'True')
    book.run(2)
    page.wait_for_timeout(300)      # time to draw, which it must not while it pauses
    expect(picture.boxes('function')).to_have_count(1)
    pause.click()
    picture.wait('2 operations')
