"""TrainingRun in a notebook: buttons that answer while it trains, tabs, and what ends the work."""
import re
import time

import nbformat
import pytest

pytestmark = pytest.mark.same_page

CELL = """import numpy as np
import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain_widgets import TrainingRun
mc.set_seed(0)
rng = np.random.default_rng(0)
t = np.arange(600) % 3
x = rng.normal(size=(600, 1, 8, 8)).astype('float32') * 0.3
for k in range(3):
    x[t == k, 0, 2 * k:2 * k + 2] += 1
model = mc.Sequential(L.Conv2d(1, 6, 3), F.relu, F.flatten, L.Linear(None, 3))
run = TrainingRun(model, (x[:450], t[:450]), test=(x[450:], t[450:]), labels=['top', 'mid', 'low'])
run"""
PLANE = """import numpy as np
import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import training
from minichain_widgets import TrainingRun
mc.set_seed(0)
x = np.random.default_rng(0).uniform(-1, 1, (192, 2)).astype('float32')
t = (np.hypot(*x.T) > 0.7).astype('int64')
model = L.Classifier(mc.Sequential(L.Linear(2, 16), F.tanh, L.Linear(16, 2)))
optimizer = mc.optimizers.Adam(lr=0.02).setup(model)
run = TrainingRun(model.predictor, (x, t), optimizer=None, labels=['in', 'out'])
updater = training.StandardUpdater(
    mc.data.SerialIterator(mc.data.TupleDataset(x, t), 32), optimizer)
trainer = training.Trainer(updater, (40, 'epoch'))
trainer.extend(run.extension())
run"""
CURVE = """x = np.linspace(-1, 1, 64, dtype='float32')[:, None]
line = TrainingRun(mc.Sequential(L.Linear(1, 1)), (x, 2 * x), optimizer=mc.optimizers.Adam(lr=0.1))
line.blocking(epochs=30)
line"""
STEPS = 'print(run.loop.steps, run.playing, run.loop.lr)'
# Tells what ended a training that nobody asks about any more.
WATCH = """import pathlib, threading, time
def watch():
    while not run.playing: time.sleep(0.05)
    while run.playing: time.sleep(0.05)
    time.sleep(0.2)
    pathlib.Path('ended.txt').write_text(run.notice)
threading.Thread(target=watch, daemon=True).start()"""
ROOT = '.mc-TrainingRun'
# Press a button, and measure in the page how long it takes until another name stands on it.
ANSWERS = """async ([place, name]) => {
    const button = [...document.querySelectorAll(`${place} button`)]
        .find(each => each.textContent === name);
    const start = performance.now();
    button.click();
    while (button.textContent === name) {
        if (performance.now() - start > 5000) throw new Error(`${name} is not answered`);
        await new Promise(done => setTimeout(done, 5));
    }
    return performance.now() - start;
}"""


def open_run(notebook, page, *cells):
    book = notebook(CELL, *cells)
    book.run(0)
    root = page.locator(ROOT)
    root.get_by_role('button', name='Train', exact=True).wait_for()
    page.wait_for_function("place => !document.querySelector(`${place} .mc-row button`).disabled",
                           arg=ROOT)
    return book, root


def wait_words(page, words, part):
    page.wait_for_function('([place, words]) => document.querySelector(place)?.textContent'
                           '.includes(words)', arg=[f'{ROOT} {part}', words])


def wait_ended(book, page, cell):
    """Wait until the training has ended by itself, and see that it stays so. The time after which
    it ends is time of training: on a busy machine it is longer by the clock."""
    ended = book.run_until(cell, lambda text: text.split()[1] == 'False', timeout=60)
    page.wait_for_timeout(500)      # time to go on, which it must not
    book.run(cell)
    assert book.text(cell) == ended


def test_buttons_answer_while_it_trains(notebook, page):
    book, root = open_run(notebook, page, STEPS)
    root.get_by_role('button', name='Forward').click()
    wait_words(page, 'loss of this batch', '.mc-count')
    root.get_by_role('button', name='Backward').click()
    wait_words(page, 'gradient norm', '.mc-count')
    root.get_by_role('button', name='Step').click()
    wait_words(page, 'step 1,', '.mc-count')

    page.evaluate(ANSWERS, [ROOT, 'Train'])
    field = root.get_by_label('Learning rate')
    field.fill('abc')
    field.press('Tab')
    root.get_by_text('this is "abc"').wait_for()
    field.fill('0.002')
    field.press('Tab')
    root.get_by_label('Optimizer').select_option('SGD')
    wait_words(page, 'now: batch', '.mc-charts')
    page.wait_for_function("place => document.querySelector(`${place} .mc-number`).value"
                           " === '0.01'", arg=ROOT)
    page.evaluate(ANSWERS, [ROOT, 'Pause'])
    book.run(1)
    steps, playing, _ = book.text(1).split()
    assert int(steps) > 5 and playing == 'False'


@pytest.mark.clock
def test_a_button_answers_within_a_fifth_of_a_second(notebook, page):
    _, root = open_run(notebook, page)
    answers = []
    for _ in range(3):
        page.evaluate(ANSWERS, [ROOT, 'Train'])
        page.wait_for_timeout(250)      # it trains meanwhile
        answers.append(page.evaluate(ANSWERS, [ROOT, 'Pause']))
    print('milliseconds until a button answers:', ', '.join(f'{each:.0f}' for each in answers))
    assert min(answers) < 200, answers


@pytest.mark.newest_only
def test_the_keyboard_alone_trains_and_looks(notebook, page):
    page.emulate_media(reduced_motion='reduce')
    book, root = open_run(notebook, page, 'run.blocking(epochs=2)', STEPS)
    book.run(1)
    keys, focus = page.keyboard, page.locator(':focus')

    def tab_to(name):
        for _ in range(30):
            keys.press('Tab')
            if (focus.inner_text() or focus.get_attribute('title') or '').startswith(name):
                return
        raise AssertionError(f'Tab does not reach {name}')

    root.get_by_role('button', name='Train', exact=True).focus()
    keys.press('Enter')
    page.wait_for_function("() => document.activeElement.textContent === 'Pause'")
    keys.press('Space')
    page.wait_for_function("() => document.activeElement.textContent === 'Train'")
    tab_to('Step')
    steps = int(root.locator('.mc-count').inner_text().split()[1].strip(','))
    keys.press('Enter')
    wait_words(page, f'step {steps + 1},', '.mc-count')
    tab_to('How far one step goes')
    keys.press('Control+a')
    keys.type('0.05')
    keys.press('Tab')
    tab_to('Curves')
    keys.press('ArrowRight')
    keys.press('ArrowRight')
    assert focus.inner_text() == 'Confusion'
    root.locator('.mc-confusion').wait_for()
    keys.press('Tab')
    assert 'taken for' in focus.get_attribute('aria-label')
    keys.press('Enter')
    wait_words(page, 'Examples of', '.mc-body')
    moving = root.evaluate('''root => [root, ...root.querySelectorAll('*')]
        .map(each => getComputedStyle(each))
        .filter(style => parseFloat(style.transitionDuration) || style.animationName !== 'none')
        .length''')
    assert moving == 0
    book.run(2)
    assert book.text(2).split()[1:] == ['False', '0.05']


@pytest.mark.newest_only
def test_tabs_show_what_the_network_does_and_a_deleted_cell_ends_the_work(notebook, page):
    book, root = open_run(notebook, page, 'run.blocking(epochs=3)', STEPS)
    root.get_by_role('tab', name='Confusion').click()
    book.run(1)
    root.get_by_role('button', name='times top taken for top').click()
    wait_words(page, 'Examples of top taken for top', '.mc-body')
    assert '✓ says top' in root.locator('.mc-tile').first.inner_text()
    root.get_by_role('tab', name='Inside').click()
    root.get_by_text('0 Conv2d: filters').wait_for()
    assert root.locator('.mc-part canvas').count() > 12
    root.get_by_role('slider', name='Example').fill('2')
    root.get_by_role('heading', name='Example 2').wait_for()
    root.get_by_role('tab', name='Weights').click()
    root.get_by_text('gradients from').first.wait_for()
    root.get_by_role('tab', name='Predictions').click()
    wait_words(page, 'The first examples', '.mc-body')
    root.get_by_role('tab', name='Curves').click()
    chart = root.locator('.mc-chart').first
    # A chart is drawn in the frame after its tab is shown.
    page.wait_for_function("""root => {
        const chart = document.querySelector(`${root} .mc-chart`);
        return chart.viewBox.baseVal.width === chart.clientWidth;
    }""", arg=ROOT)
    chart.hover()
    assert re.search(r'^step \d', root.locator('.mc-figure .mc-reading').first.inner_text())

    root.get_by_role('button', name='Reset').click()
    wait_words(page, 'step 0,', '.mc-count')
    root.get_by_label('Speed').select_option('5 steps a second')
    began = time.monotonic()
    page.evaluate(ANSWERS, [ROOT, 'Train'])
    wait_words(page, 'step 3,', '.mc-count')
    page.evaluate(ANSWERS, [ROOT, 'Pause'])
    steps = int(root.locator('.mc-count').inner_text().split()[1].strip(','))
    assert 3 <= steps <= 5 * (time.monotonic() - began) + 1
    root.get_by_label('Speed').select_option('as fast as it can')
    field = root.get_by_label('Learning rate')
    field.fill('0')
    field.press('Tab')
    root.get_by_label('Stop early after').select_option('3 epochs without progress')
    # It may have stopped again before the button was seen to answer.
    root.get_by_role('button', name='Train', exact=True).click()
    wait_words(page, 'The test loss has not become smaller for 3 epochs', '.mc-says')
    root.get_by_label('Stop early after').select_option('never')

    page.evaluate(ANSWERS, [ROOT, 'Train'])
    page.evaluate("""() => { const panel = window.jupyterapp.shell.currentWidget;
        panel.content.activeCellIndex = 0; panel.content.deselectAll(); }""")
    book.command('notebook:delete-cell')
    wait_ended(book, page, 1)       # which was the third cell


@pytest.mark.newest_only
def test_a_plane_of_classes_and_the_training_of_a_trainer(notebook, page):
    book = notebook(PLANE, 'trainer.run()', STEPS, CURVE)
    book.run(0)
    root = page.locator(ROOT)
    root.get_by_role('tab', name='Regions').click()
    plane = root.get_by_label('What the model says of each place')
    plane.hover(position={'x': 100, 'y': 100})
    reading = root.locator('.mc-fit .mc-reading')
    assert re.fullmatch(r'x -?[\d.]+, y -?[\d.]+: class (in|out), \d+ % sure', reading.inner_text())
    plane.focus()
    page.keyboard.press('ArrowRight')
    first = reading.inner_text()
    page.keyboard.press('ArrowDown')
    assert reading.inner_text() != first
    rings = root.locator('.mc-ring').count()
    assert rings > 20

    book.start(1)
    train = root.get_by_role('button', name='Train', exact=True)
    page.wait_for_function("place => document.querySelector(`${place} .mc-row button`).disabled",
                           arg=ROOT)
    wait_words(page, 'A Trainer does the work', '.mc-says')
    book.wait_prompt(1)
    wait_words(page, 'step 240, epoch 40.0', '.mc-count')
    page.wait_for_function("([place, rings]) => document.querySelectorAll(`${place} .mc-ring`)"
                           '.length < rings / 2', arg=[ROOT, rings])
    root.get_by_role('tab', name='Curves').click()
    assert root.locator('.mc-chart polyline, .mc-chart path').count() > 2
    page.wait_for_function("place => !document.querySelector(`${place} .mc-row button`).disabled",
                           arg=ROOT)
    assert train.is_enabled()
    root.get_by_role('button', name='Step').click()
    wait_words(page, 'step 241,', '.mc-count')

    book.run(3)
    line = page.locator(ROOT).nth(1)
    line.get_by_role('tab', name='Fit').click()
    line.get_by_text('The model explains 100 % of how the targets differ').wait_for()
    assert line.locator('.mc-fit .mc-dot').count() == 64
    drawn = line.locator('.mc-fit .mc-line').bounding_box()
    assert drawn['width'] > 100 and drawn['height'] > 100
    assert line.get_by_role('tab', name='Confusion').count() == 0


def test_a_closed_notebook_ends_the_work_and_keeps_the_last_picture(notebook, page, server):
    book, root = open_run(notebook, page, WATCH)
    page.evaluate(ANSWERS, [ROOT, 'Train'])
    page.wait_for_function("place => /step [1-9]/.test(document.querySelector(place)?.textContent)",
                           arg=f'{ROOT} .mc-count')
    page.evaluate(ANSWERS, [ROOT, 'Pause'])
    shown = root.locator('.mc-count').inner_text()
    page.wait_for_function("place => [...document.querySelectorAll(`${place}, :has(> ${place})`)]"
                           ".some(each => each.minichainStill)", arg=ROOT)
    book.run(1)     # before it is saved: JupyterLab asks before it closes what is not
    book.command('docmanager:save')
    assert root.locator('.mc-count').inner_text() == shown      # saving does not draw it anew
    saved = nbformat.read(server.folder / book.path, 4).cells[0].outputs[-1].data
    assert f'\n{shown.split(",")[0]},' in saved['text/plain']
    assert '<polyline' in saved['image/svg+xml']
    page.evaluate(ANSWERS, [ROOT, 'Train'])
    page.evaluate('() => window.jupyterapp.shell.currentWidget.close()')
    ended, end = server.folder / 'ended.txt', time.monotonic() + 30
    while not ended.exists() and time.monotonic() < end:
        page.wait_for_timeout(200)      # looks five times a second
    assert 'nobody looks at this training' in ended.read_text()
