"""Notebook 7: the same extension without side-by-side documents, Launcher and status bar."""
import shutil

from labbox import ROOT, NotebookPage, Picture, write_notebook
from playwright.sync_api import expect

NET = """import minichain as mc
import minichain.functions as F
import minichain.links as L
import numpy as np
from minichain_widgets import LiveGraph, SavedGraph

net = mc.Sequential(L.Linear(3, 4), F.relu, L.Linear(4, 2))
x = np.ones((5, 3), 'float32')
loss = F.sum(net(x))"""
FAILS = 'net(x) @ np.ones((3, 3), "float32")'


def test_panel_mode_explanation_stored_graph_and_widget_are_there(page, classic_server):
    write_notebook(classic_server.folder / 'classic.ipynb', NET, 'SavedGraph(loss)',
                   'LiveGraph(loss)', FAILS)
    book = NotebookPage(page, classic_server, 'classic.ipynb').open('notebooks')
    book.run(0)
    Picture(page).wait('4 operations')
    page.locator('.mc-Mode:visible').get_by_text('Train').wait_for()
    expect(page.locator('.mc-LivePanel-detach')).to_be_hidden()
    assert not page.evaluate("() => jupyterapp.commands.isEnabled('minichain:move-graph')")
    book.run(1)
    book.run(2)
    page.locator('.mc-Rendered .mc-status').get_by_text('4 operations').wait_for()
    page.locator('.mc-LiveGraph .mc-graph .mc-box').first.wait_for()
    book.start(3)
    explained = page.locator('.mc-Explain')
    explained.get_by_text('ShapeError, explained').wait_for()
    explained.get_by_role('button', name='Show the Place in the Graph').click()
    Picture(page).card.wait_for()
    expect(Picture(page).boxes('failed').and_(Picture(page).boxes('selected'))).to_have_count(1)


def test_a_lesson_has_its_panel_and_its_buttons(page, classic_server):
    lessons = classic_server.folder / 'lessons'
    shutil.copytree(ROOT / 'lessons' / '00_start_here', lessons / '00_start_here')
    shutil.copyfile(ROOT / 'lessons' / 'lessons.json', lessons / 'lessons.json')
    path = 'lessons/00_start_here/lesson.ipynb'
    book = NotebookPage(page, classic_server, path).open('notebooks')
    toolbar = page.locator('.jp-NotebookPanel-toolbar:visible')
    toolbar.get_by_text('My Copy').wait_for()
    toolbar.get_by_text('›').wait_for()
    book.command('minichain:show-lessons')
    panel = page.locator('#minichain-lessons')
    panel.get_by_role('button', name='00 Start here').first.wait_for()
