"""TrainingRun in a notebook: buttons that answer while it trains, tabs, and what ends the work."""
import re
import time

import nbformat
import pytest
from labbox import HOLD, wait_words
from playwright.sync_api import expect

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
PLANE = HOLD + """import numpy as np
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
trainer.extend(lambda trainer: hold('followed'), trigger=(1, 'iteration'))
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
    expect(root.get_by_role('button', name='Train', exact=True)).to_be_enabled()
    return book, root


def wait(page, words, part):
    wait_words(page, f'{ROOT} {part}', words)


def steps_of(root):
    """How many steps the page tells of."""
    return int(root.locator('.mc-count').inner_text().split()[1].strip(','))


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
    wait(page, 'loss of this batch', '.mc-count')
    root.get_by_role('button', name='Backward').click()
    wait(page, 'gradient norm', '.mc-count')
    root.get_by_role('button', name='Step').click()
    wait(page, 'step 1,', '.mc-count')

    page.evaluate(ANSWERS, [ROOT, 'Train'])
    field = root.get_by_label('Learning rate')
    field.fill('abc')
    field.press('Tab')
    root.get_by_text('this is "abc"').wait_for()
    field.fill('0.002')
    field.press('Tab')
    root.get_by_label('Optimizer').select_option('SGD')
    wait(page, 'now: batch', '.mc-charts')
    expect(field).to_have_value('0.01')
    page.evaluate(ANSWERS, [ROOT, 'Pause'])
    told = book.run_until(1, lambda text: text.split()[1] == 'False')
    assert int(told.split()[0]) > 5


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
    expect(focus).to_have_text('Pause')
    keys.press('Space')
    expect(focus).to_have_text('Train')
    tab_to('Step')
    steps = steps_of(root)
    keys.press('Enter')
    wait(page, f'step {steps + 1},', '.mc-count')
    tab_to('How far one step goes')
    keys.press('Control+a')
    keys.type('0.05')
    keys.press('Tab')
    tab_to('Curves')
    keys.press('ArrowRight')
    keys.press('ArrowRight')
    expect(focus).to_have_text('Confusion')
    root.locator('.mc-confusion').wait_for()
    keys.press('Tab')
    expect(focus).to_have_attribute('aria-label', re.compile('taken for'))
    keys.press('Enter')
    wait(page, 'Examples of', '.mc-body')
    moving = root.evaluate('''root => [root, ...root.querySelectorAll('*')]
        .map(each => getComputedStyle(each))
        .filter(style => parseFloat(style.transitionDuration) || style.animationName !== 'none')
        .length''')
    assert moving == 0
    book.run_until(2, ' False 0.05\n')


@pytest.mark.newest_only
def test_tabs_show_what_the_network_does_and_a_deleted_cell_ends_the_work(notebook, page):
    book, root = open_run(notebook, page, 'run.blocking(epochs=3)', STEPS)
    root.get_by_role('tab', name='Confusion').click()
    book.run(1)
    root.get_by_role('button', name='times top taken for top').click()
    wait(page, 'Examples of top taken for top', '.mc-body')
    wait(page, '✓ says top', '.mc-tile')
    root.get_by_role('tab', name='Inside').click()
    root.get_by_text('0 Conv2d: filters').wait_for()
    root.locator('.mc-part canvas').nth(12).wait_for()
    root.get_by_role('slider', name='Example').fill('2')
    root.get_by_role('heading', name='Example 2').wait_for()
    root.get_by_role('tab', name='Weights').click()
    root.get_by_text('gradients -').first.wait_for()
    root.get_by_role('tab', name='Predictions').click()
    wait(page, 'The first examples', '.mc-body')
    root.get_by_role('tab', name='Curves').click()
    chart = root.locator('.mc-chart').first
    # A chart is drawn in the frame after its tab is shown.
    page.wait_for_function("""root => {
        const chart = document.querySelector(`${root} .mc-chart`);
        return chart.viewBox.baseVal.width === chart.clientWidth;
    }""", arg=ROOT)
    chart.hover()
    expect(root.locator('.mc-figure .mc-reading').first).to_have_text(re.compile(r'^step \d'))

    root.get_by_role('button', name='Reset').click()
    wait(page, 'step 0,', '.mc-count')
    root.get_by_label('Speed').select_option('5 steps a second')
    began = time.monotonic()
    page.evaluate(ANSWERS, [ROOT, 'Train'])
    expect(root.locator('.mc-count')).to_have_text(re.compile(r'^step ([3-9]|\d\d)'))
    page.evaluate(ANSWERS, [ROOT, 'Pause'])
    steps = steps_of(root)
    assert 3 <= steps <= 5 * (time.monotonic() - began) + 1
    root.get_by_label('Speed').select_option('as fast as it can')
    field = root.get_by_label('Learning rate')
    field.fill('0')
    field.press('Tab')
    root.get_by_label('Stop early after').select_option('3 epochs without progress')
    # It may have stopped again before the button was seen to answer.
    root.get_by_role('button', name='Train', exact=True).click()
    wait(page, 'The test loss has not become smaller for 3 epochs', '.mc-says')
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
    expect(reading).to_have_text(
        re.compile(r'^x -?[\d.]+, y -?[\d.]+: class (in|out), \d+ % sure$'))
    plane.focus()
    page.keyboard.press('ArrowRight')
    first = reading.inner_text()
    page.keyboard.press('ArrowDown')
    expect(reading).not_to_have_text(first)
    root.locator('.mc-ring').nth(20).wait_for()
    rings = root.locator('.mc-ring').count()

    book.start(1)
    train = root.get_by_role('button', name='Train', exact=True)
    expect(train).to_be_disabled()
    wait(page, 'A Trainer does the work', '.mc-says')
    book.let_go('followed')
    book.wait_prompt(1)
    wait(page, 'step 240, epoch 40.0', '.mc-count')
    page.wait_for_function("([place, rings]) => document.querySelectorAll(`${place} .mc-ring`)"
                           '.length < rings / 2', arg=[ROOT, rings])
    root.get_by_role('tab', name='Curves').click()
    root.locator('.mc-chart polyline, .mc-chart path').nth(2).wait_for()
    expect(train).to_be_enabled()
    root.get_by_role('button', name='Step').click()
    wait(page, 'step 241,', '.mc-count')

    book.run(3)
    line = page.locator(ROOT).nth(1)
    line.get_by_role('tab', name='Fit').click()
    line.get_by_text('The model explains 100 % of how the targets differ').wait_for()
    expect(line.locator('.mc-fit .mc-dot')).to_have_count(64)
    drawn = line.locator('.mc-fit .mc-line').bounding_box()
    assert drawn['width'] > 100 and drawn['height'] > 100
    expect(line.get_by_role('tab', name='Confusion')).to_have_count(0)


def test_a_closed_notebook_ends_the_work_and_keeps_the_last_picture(notebook, page, server):
    book, root = open_run(notebook, page, WATCH)
    page.evaluate(ANSWERS, [ROOT, 'Train'])
    expect(root.locator('.mc-count')).to_have_text(re.compile('^step [1-9]'))
    page.evaluate(ANSWERS, [ROOT, 'Pause'])
    shown = root.locator('.mc-count').inner_text()
    root.evaluate("root => { root.id = 'drawn-once'; }")
    page.wait_for_function("place => [...document.querySelectorAll(`${place}, :has(> ${place})`)]"
                           ".some(each => each.minichainStill)", arg=ROOT)
    book.run(1)     # before it is saved: JupyterLab asks before it closes what is not
    book.command('docmanager:save')
    expect(page.locator('#drawn-once .mc-count')).to_have_text(shown)   # saving draws nothing anew
    saved = nbformat.read(server.folder / book.path, 4).cells[0].outputs[-1].data
    assert f'\n{shown.split(",")[0]},' in saved['text/plain']
    assert '<polyline' in saved['image/svg+xml']
    page.evaluate(ANSWERS, [ROOT, 'Train'])
    page.evaluate('() => window.jupyterapp.shell.currentWidget.close()')
    ended, end = server.folder / 'ended.txt', time.monotonic() + 30
    while not ended.exists() and time.monotonic() < end:
        page.wait_for_timeout(200)      # looks five times a second
    assert 'nobody looks at this training' in ended.read_text()
