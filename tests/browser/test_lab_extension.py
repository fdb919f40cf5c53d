"""What JupyterLab has beside the graph: sheets, modes, errors, stored graphs, commands."""
import json

import pytest
from labbox import HOLD, LABEXTENSION, Picture
from playwright.sync_api import expect

import minichain as mc

PANEL = '#minichain-live-graph'
NET = """import minichain as mc
import minichain.functions as F
import minichain.links as L
import numpy as np

mc.set_seed(0)
net = mc.Sequential(L.Linear(3, 4), F.relu, L.Linear(4, 2))
x = np.ones((5, 3), 'float32')
loss = F.sum(net(x))"""
# What every page of JupyterLab loads of the extension, and how much that may be.
AT_START = ['lib_lab_index_js', 'remoteEntry', 'style_index_js']
MOST_AT_START = 100 * 1024
CURRENT = 'window.jupyterapp.shell.currentWidget'


def tab(page, name):
    page.locator(PANEL).get_by_role('tab', name=name).click()
    return page.locator(f'{PANEL} .mc-LivePanel-picture:not([hidden]) .mc-Sheet')


@pytest.mark.same_page
def test_sheets_show_memory_times_and_gradients_and_lead_to_the_graph(notebook, page):
    book = notebook(NET, 'loss.backward()', 'z = loss * 2.0', 'w = net(x)')
    book.run(0)
    Picture(page).wait('4 operations')
    memory = tab(page, 'Memory')
    expect(memory).to_contain_text('are kept for backward')
    expect(memory.locator('li')).to_have_count(3)
    times = tab(page, 'Timeline')
    expect(times).to_contain_text('Forward took')
    expect(times.locator('.mc-Sheet-strip span')).to_have_count(4)
    book.run(1)
    gradients = tab(page, 'Gradients')
    gradients.get_by_text('0/W').wait_for()
    expect(gradients.locator('li')).to_have_count(4)
    expect(tab(page, 'Memory')).to_contain_text('released after use')
    tab(page, 'Gradients').get_by_role('button', name='0/W').click()
    expect(Picture(page).card).to_contain_text('Parameter')

    book.run(3)
    Picture(page).wait('3 operations')
    picker = page.locator('.mc-LivePanel-picker')
    picker.focus()
    picker.select_option('name:loss')
    Picture(page).wait('4 operations')
    expect(Picture(page).title).to_have_text('loss')
    picker.select_option('live')
    Picture(page).wait('3 operations')

    book.command('application:toggle-right-area')
    book.command('minichain:move-graph')
    page.locator(f'#jp-main-dock-panel {PANEL}').wait_for()
    Picture(page).wait('3 operations')
    book.command('minichain:move-graph')
    page.locator(f'#jp-right-stack {PANEL}').wait_for()


@pytest.mark.same_page
def test_a_switch_in_the_toolbar_reaches_a_kernel_that_computes(notebook, page):
    book = notebook(HOLD + 'import minichain as mc\ny = mc.Variable(1.0) * 2.0',
                    'hold("switched")', 'print(mc.config.train)')
    book.run(0)
    switch = page.locator('.mc-Mode:visible .mc-Mode-switch').first
    expect(switch).to_have_text('Train')
    book.start(1)
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget.sessionContext"
                           ".session.kernel.status === 'busy'")
    switch.click()
    book.let_go('switched')
    book.wait_prompt(1)
    page.locator('.mc-Mode:visible').get_by_text('Test').wait_for()
    book.run_until(2, 'False')
    if page.locator('.jp-StatusBar-Widget').count():
        expect(page.locator('.mc-ModeStatus')).to_contain_text('testing')
    page.locator('.mc-Mode:visible .mc-Mode-switch').first.click()
    page.locator('.mc-Mode:visible').get_by_text('Train').wait_for()
    book.run_until(2, 'True')


@pytest.mark.same_page
def test_an_error_is_explained_and_leads_to_its_place_in_the_graph(notebook, page):
    book = notebook(NET, 'net(np.ones((5, 3), "float32") + 0.0) @ np.ones((3, 3), "float32")',
                    '1 / 0')
    book.command('minichain:show-graph')
    book.run(0)
    book.start(1)
    explained = page.locator('.mc-Explain')
    expect(explained).to_contain_text('ShapeError, explained')
    expect(explained).to_contain_text('To try')
    expect(page.locator('.jp-RenderedText').first).to_contain_text('ShapeError')
    explained.get_by_role('button', name='Show the Place in the Graph').click()
    Picture(page).card.wait_for()
    expect(Picture(page).boxes('failed').and_(Picture(page).boxes('selected'))).to_have_count(1)
    book.wait_prompt(1)         # a cell that is started before would be given up
    explanation, error = page.evaluate(
        f'() => {CURRENT}.content.widgets[1].model.outputs.toJSON()')
    assert 'wanted' in explanation['data']['text/plain']
    traceback = '\n'.join(error['traceback'])
    assert error['ename'] == 'ShapeError' and len(traceback.splitlines()) < 12
    assert '%tb shows the lines inside minichain' in traceback
    book.start(2)
    book.wait_prompt(2)
    expect(page.locator('.mc-Explain')).to_have_count(1)
    book.dark()         # JupyterLab hides its panels for a moment: the picture is asked for anew
    page.wait_for_timeout(500)      # time for the old picture to go
    Picture(page).boxes('failed').wait_for()


@pytest.mark.same_page
def test_stored_graphs_are_drawn_and_hostile_ones_get_a_message(notebook, page, server):
    evil = '<img src=x onerror="window.hacked=1">'
    x = mc.Variable([1.0, 2.0], name=evil, requires_grad=True)
    good = mc.Graph.of((x * x).sum(), title=evil).to_json()
    files = {'good': good, 'broken': good.replace('"kind"', '"king"'), 'cut': good[:-20],
             'huge': good[:-1] + ', "more": "' + 'x' * 10_000_000 + '"}'}
    for name, text in files.items():
        (server.folder / f'{name}.graph.json').write_text(text)
    output = {'output_type': 'display_data', 'metadata': {}, 'data': {
        'application/vnd.minichain.graph+json': {**json.loads(good), 'nodes': [{}] * 30_000},
        'application/vnd.minichain.error+json': {'format': 'minichain-error', 'kind': evil},
        'text/plain': ''}}
    book = notebook('1 + 1')
    page.evaluate(f'output => {CURRENT}.content.widgets[0].model.outputs.add(output)', output)
    page.locator('.mc-Stored-problem').get_by_text('30000 nodes').wait_for()
    words = {'broken': 'graph.nodes[0].kind should be', 'cut': 'This is no JSON',
             'huge': 'at most 4.8 MiB'}
    for name, wanted in words.items():
        book.command('docmanager:open', path=f'{name}.graph.json')
        page.locator('.jp-MimeDocument:visible .mc-Stored-problem').get_by_text(wanted).wait_for()
    book.command('docmanager:open', path='good.graph.json')
    shown = page.locator('.jp-MimeDocument:visible')
    shown.locator('.mc-status').get_by_text('2 operations').wait_for()
    expect(shown.locator('.mc-title')).to_have_text(evil)
    expect(shown.locator('img')).to_have_count(0)
    assert page.evaluate('() => window.hacked') is None


def test_a_notebook_without_minichain_loads_little_until_it_is_asked_for(notebook, page):
    loaded = []
    page.on('request', lambda request: loaded.append(request.url.split('?')[0])
            if '/extensions/minichain/static/' in request.url else None)

    def names():
        return sorted(url.split('/')[-1].split('.')[0] for url in loaded)

    book = notebook('print(1 + 1)')
    book.run(0)
    page.wait_for_timeout(300)      # time to load what should not be loaded yet
    assert names() == AT_START
    files = [LABEXTENSION / 'static' / url.split('/')[-1] for url in loaded]
    assert sum(file.stat().st_size for file in files) < MOST_AT_START
    expect(page.locator('.mc-Mode')).to_have_count(0)
    book.command('minichain:show-lessons')
    page.locator('#minichain-lessons h2').wait_for()
    assert names() == sorted([*AT_START, 'lib_lab_lessons_desk_js'])


def test_the_panel_shows_the_truth_whatever_kernels_and_server_do(notebook, page, server):
    slowly = 'import time\nfor i in range(100):\n    x = x * 1.0\n    time.sleep(0.1)'
    first = notebook(NET, slowly)
    first.run(0)
    first.start(1)
    Picture(page).wait('operations')
    second = notebook.beside(NET, 'import os\nos.kill(os.getpid(), 9)')
    second.run(0)
    Picture(page).wait('4 operations')
    first.show_at_once()
    page.evaluate(f'() => {CURRENT}.sessionContext.restartKernel()')
    status = page.locator(f'{PANEL} .mc-LivePanel-picture:not([hidden]) .mc-status')
    status.get_by_text('restarted').wait_for()
    expect(page.locator('.mc-Mode:visible')).to_have_count(0)
    second.show()
    Picture(page).wait('4 operations')
    expect(status).not_to_contain_text('restarted')
    second.start(1)
    status.get_by_text('restarted').wait_for()
    page.locator('.jp-Dialog .jp-mod-accept').click()
    second.wait_idle()
    second.run(0)
    Picture(page).wait('4 operations')
    expect(status).not_to_contain_text('restarted')
    page.evaluate(f'() => {CURRENT}.sessionContext.shutdown()')
    status.get_by_text('gone').wait_for()
    first.show()
    first.run(0)
    Picture(page).wait('4 operations')

    server.stop()
    status.get_by_text('interrupted').wait_for()
    expect(page.locator('.mc-Mode:visible')).to_have_count(0)
    server.start()
    # As Kernel > Reconnect does: by itself, JupyterLab tries it at ever longer intervals.
    page.evaluate(f'() => void {CURRENT}.sessionContext.session.kernel.reconnect()'
                  '.catch(() => null)')
    status.get_by_text('gone').wait_for()
    first.open()
    first.run(0)
    Picture(page).wait('4 operations')
    page.locator('.mc-Mode:visible').first.wait_for()


@pytest.fixture
def german(server):
    with server.settings('@jupyterlab/translation-extension:plugin', {'locale': 'de_DE'}):
        yield


def test_the_extension_speaks_german(german, notebook, page):
    book = notebook(NET, 'net(np.ones((5, 4), "float32"))')
    book.run(0)
    Picture(page).wait('Operationen')
    book.start(1)
    explained = page.locator('.mc-Explain')
    for words in ('Die Schicht ist für eine andere Zahl von Eingängen gemacht',
                  'I ist 4 in x und 3 in W', 'deine Zelle, Zeile 1: net('):
        expect(explained).to_contain_text(words)
    expect(page.locator(PANEL).get_by_role('tab', name='Speicher')).to_be_visible()
    book.command('minichain:show-lessons')
    page.locator('#minichain-lessons').get_by_role('heading', name='Lektionen').wait_for()
    book.command('settingeditor:open', query='minichain')
    options = page.locator('.jp-SettingsPanel')
    for words in 'Minichain-Live-Graph', 'Von selbst öffnen', 'Ansicht für Lehrende':
        options.get_by_text(words, exact=True).first.wait_for()
