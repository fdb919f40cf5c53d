"""The commands: each is in the palette, does what it says, and most have keys of their own."""
import pytest
from labbox import Picture
from playwright.sync_api import expect

pytestmark = pytest.mark.same_page

NET = """import minichain as mc
import minichain.functions as F
import minichain.links as L
import numpy as np

mc.set_seed(0)
net = mc.Sequential(L.Linear(3, 4), F.relu, L.Linear(4, 2))
loss = F.sum(net(np.ones((5, 3), 'float32')))"""
CHECK = 'from minichain_widgets.exercises import check\ncheck("00.1", "seven")'
FRONT = 'window.jupyterapp.shell.currentWidget'
SOURCES = f'() => {FRONT}.content.widgets.map(cell => cell.model.sharedModel.getSource())'
WIDE_ENOUGH = "() => document.querySelector('.jp-NotebookPanel').offsetWidth > 350"
COMMANDS = {
    'Show Live Graph', 'Move the Live Graph into the Main Area', 'Show Lessons',
    'Continue Where You Left', 'Reset This Lesson…', 'Run the Checks of This Lesson',
    'Step Through Backward', 'Open NetBuilder', 'Insert the Code of the NetBuilder',
    'Doctor: What Is Wrong With My Set-Up?', 'Report: Versions for a Bug Report'}


def test_every_command_is_in_the_palette_and_the_launcher_has_cards(notebook, page):
    book = notebook('1 + 1')
    palette = page.locator('#modal-command-palette #command-palette')
    palette.wait_for(state='attached')      # JupyterLab moves it there, and hides it, as it starts
    book.command('apputils:activate-command-palette')
    palette.locator('input').fill('minichain')
    palette.get_by_text('Show Live Graph').wait_for()
    shown = palette.locator('.lm-CommandPalette-itemLabel').all_inner_texts()
    assert COMMANDS <= set(shown)
    page.keyboard.press('Escape')
    book.command('launcher:create')
    page.locator('.jp-LauncherCard', has_text='Open NetBuilder').wait_for()
    page.locator('.jp-LauncherCard', has_text='Minichain Lessons').click()
    page.locator('#minichain-lessons').get_by_role('heading', name='Lessons').wait_for()


@pytest.mark.same_page(False)     # it leaves panels open
def test_keys_show_the_panels_step_backward_and_run_the_checks(notebook, page):
    book = notebook(NET, CHECK)
    book.run(0)
    Picture(page).wait('4 operations')
    page.keyboard.press('Alt+Shift+L')
    page.locator('#minichain-lessons').get_by_role('heading', name='Lessons').wait_for()
    book.command('application:toggle-right-area')
    page.locator('#minichain-live-graph').wait_for(state='hidden')
    page.keyboard.press('Alt+Shift+G')
    Picture(page).wait('4 operations')
    book.command('notebook:enter-command-mode')
    page.keyboard.press('Alt+Shift+K')
    page.get_by_text('Not right').first.wait_for()
    book.wait_idle()
    book.command('notebook:enter-command-mode')
    page.keyboard.press('Alt+Shift+B')
    page.locator('.mc-BackpropStepper').wait_for()
    assert any('BackpropStepper(loss)' in source for source in page.evaluate(SOURCES))

    # Between both panels there is no room for a notebook on a small screen: one gives way.
    book.command('application:toggle-right-area')
    page.set_viewport_size({'width': 800, 'height': 800})
    lessons, graph = page.locator('#minichain-lessons'), page.locator('#minichain-live-graph')
    for keys, shown, hidden in (('G', graph, lessons), ('L', lessons, graph)) * 2:
        page.keyboard.press(f'Alt+Shift+{keys}')
        expect(hidden).to_be_hidden()
        expect(shown).to_be_visible()
        page.wait_for_function(WIDE_ENOUGH)
    page.set_viewport_size({'width': 1280, 'height': 800})
    page.keyboard.press('Alt+Shift+G')
    expect(graph).to_be_visible()
    expect(lessons).to_be_visible()
    page.set_viewport_size({'width': 800, 'height': 800})
    expect(lessons).to_be_hidden()
    expect(graph).to_be_visible()


def test_a_net_is_built_in_a_new_tab_and_its_code_inserted(notebook, page):
    book = notebook('1 + 1')
    book.command('minichain:insert-net-code')
    assert page.evaluate(SOURCES) == ['1 + 1']      # nothing was built there
    page.keyboard.press('Alt+Shift+N')
    builder = page.locator('.mc-NetBuilder')
    builder.locator('.mc-piece').first.wait_for(timeout=60_000)
    assert page.evaluate(f'() => {FRONT}.context.path') != book.path
    page.locator('#jp-main-dock-panel .lm-TabBar-tab').nth(1).wait_for()
    book.command('minichain:insert-net-code')
    code = builder.get_by_label('Code of the net').input_value()
    assert 'class Net' in code and code.strip() in map(str.strip, page.evaluate(SOURCES))


def test_doctor_and_report_are_shown_and_can_be_copied(notebook, page, server):
    book = notebook(NET)
    book.run(0)
    page.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    for command, words in (('report', 'numpy '), ('doctor', 'Python 3')):
        page.evaluate('name => { void window.jupyterapp.commands.execute(name); }',
                      f'minichain:{command}')
        text = page.locator('.mc-Dialog-text')
        text.get_by_text(words).wait_for()
        shown = text.inner_text()
        page.get_by_role('dialog').get_by_role('button', name='Copy').click()
        text.wait_for(state='detached')
        page.wait_for_function(
            'async shown => await navigator.clipboard.readText() === shown', arg=shown)
        if command == 'report':
            assert 'minichain' in shown and str(server.folder) not in shown
