"""The docked panel: it follows the notebook in front, and needs no word from the user."""
import re

import pytest
from labbox import HOLD, Picture
from playwright.sync_api import expect

pytestmark = pytest.mark.same_page

FORWARD = """import minichain as mc
x = mc.Variable([1.0, 2.0], name='x')
y = (x * x + 3.0).sum()"""

IN_STEPS = HOLD + """import minichain as mc
y = mc.Variable(1.0)
for i in range(5):
    y = mc.functions.exp(-y)
    hold(f'grown{i}')"""

LSTM = """import minichain as mc
import minichain.functions as F
import minichain.links as L
import numpy as np

class Reader(mc.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.lstm = L.LSTM(4, 8)
            self.out = L.Linear(8, 1)

    def forward(self, xs):
        for x in xs:
            h = self.lstm(x)
        return self.out(h)

reader = Reader()
y = F.sum(reader(np.ones((100, 2, 4), 'float32')))"""

HOSTILE = """import minichain as mc

class Evil(mc.Chain):
    def forward(self, x):
        return x * 2.0
Evil.__name__ = '<img src=x onerror="window.hacked=1">'

class Net(mc.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.part = Evil()

    def forward(self, x):
        return self.part(x)

x = mc.Variable([1.0], name='<script>window.hacked=1</script><img src=x onerror="window.hacked=1">')
y = Net()(x)  # <img src=x onerror="window.hacked=1">
raise ValueError('<img src=x onerror="window.hacked=1">')"""

SPY = """() => {
    window.sent = [];
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    kernel.anyMessage.connect((_, { msg, direction }) => {
        if (direction === 'send') window.sent.push([msg.header.msg_type, msg.content.target_name]);
    });
}"""


@pytest.fixture
def beside(notebook):
    """Opens a notebook beside the panel, which opens by itself only once in a page."""
    def open_both(*cells):
        book = notebook(*cells)
        book.command('minichain:show-graph')
        return book
    return open_both


def test_a_cell_of_ordinary_code_opens_the_panel_and_is_drawn(notebook, page):
    book = notebook(FORWARD)
    book.run(0)
    picture = Picture(page)
    picture.wait('3 operations')
    expect(picture.boxes('function')).to_have_count(3)
    expect(picture.boxes('variable')).to_have_text(re.compile('^x'))
    expect(picture.title).to_have_text('cell [1]')


def test_the_picture_grows_while_the_cell_runs(beside, page):
    book = beside(IN_STEPS)
    book.start(0)
    for i in range(5):
        Picture(page).wait(f'{2 * i + 2} operations')
        expect(Picture(page).boxes('function')).to_have_count(2 * i + 2)
        book.let_go(f'grown{i}')        # it has waited until now
    book.wait_prompt(0)


def test_backward_in_a_later_cell_lights_the_same_picture_up(beside, page):
    book = beside(FORWARD, 'y.backward()')
    book.run(0)
    picture = Picture(page)
    picture.wait('3 operations')
    expect(picture.boxes('lit')).to_have_count(0)
    book.run(1)
    picture.wait('∇', part='.mc-surface')
    expect(picture.title).to_have_text('cell [1]')
    expect(picture.boxes('function')).to_have_count(3)
    expect(picture.boxes('released')).to_have_count(3)


def test_a_cell_that_goes_on_from_the_picture_adds_to_it(beside, page):
    book = beside(FORWARD, 'z = y * 5.0', 'w = x + 1.0')
    book.run_all()
    picture = Picture(page)
    picture.wait('1 operation')
    book.run(0)
    picture.wait('3 operations')
    book.run(1)
    picture.wait('4 operations')
    expect(picture.boxes('function')).to_have_count(4)


def test_a_click_shows_what_a_box_is(beside, page):
    book = beside(FORWARD)
    book.run(0)
    picture = Picture(page)
    picture.wait('3 operations')
    picture.box('sum').click()
    for words in 'cell [1], line 3', 'y = (x * x + 3.0).sum()', 'float32 on cpu':
        expect(picture.card).to_contain_text(words)
    picture.card.get_by_role('button', name=re.compile('^Histogram|histogram')).first.click()
    picture.wait('value', part='.mc-answers')
    page.keyboard.press('Escape')
    expect(picture.card).to_be_hidden()


def test_values_that_nobody_holds_any_more_are_said_to_be_gone(beside, page):
    book = beside(FORWARD, 'y.backward(); del y')
    book.run_all()
    picture = Picture(page)
    picture.wait('∇', part='.mc-surface')
    picture.box('sum').click()
    picture.card.get_by_role('button', name='Values').click()
    picture.wait('gone', part='.mc-answers')


def test_a_hundred_time_steps_fold_into_one_box(beside, page):
    book = beside(LSTM)
    book.run(0)
    picture = Picture(page)
    picture.wait('×100', part='.mc-surface')
    folded = picture.boxes().count()
    assert folded < 40
    picture.box('×100').click()
    picture.boxes().nth(folded).wait_for()


@pytest.mark.same_page(False)     # JupyterLab opens the notebook of the page's address once more
def test_the_picture_survives_a_reload_of_the_page(beside, page):
    book = beside(FORWARD)
    book.run(0)
    picture = Picture(page)
    picture.wait('3 operations')
    book.command('docmanager:save')
    book.reload('minichain-live-graph')
    picture.wait('3 operations')
    expect(picture.title).to_have_text('cell [1]')
    book.run(0)
    picture.wait('3 operations')
    picture.box('sum').click()
    expect(picture.card).to_contain_text('cell [2]')


def test_a_restarted_kernel_clears_the_picture_and_draws_again(beside, page):
    book = beside(FORWARD)
    book.run(0)
    picture = Picture(page)
    picture.wait('3 operations')
    page.evaluate('() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()')
    expect(picture.root).to_have_count(0)
    status = page.locator('#minichain-live-graph .mc-graph .mc-status:visible')
    expect(status).to_contain_text('restarted')
    book.wait_idle()
    book.run(0)
    picture.wait('3 operations')


def test_two_notebooks_have_a_picture_each(beside, notebook, page):
    first = beside(FORWARD)
    first.run(0)
    picture = Picture(page)
    picture.wait('3 operations')
    other = notebook.beside('import minichain as mc\ny = mc.Variable(1.0) * 2.0')
    expect(picture.root).to_have_count(0)
    other.run(0)
    picture.wait('1 operation')
    heading = page.locator('.mc-LivePanel-heading')
    expect(heading).to_have_text(other.path)
    first.show()
    picture.wait('3 operations')
    expect(heading).to_have_text(first.path)
    other.show()
    picture.wait('1 operation')


def test_two_views_of_a_notebook_share_its_picture(beside, page):
    book = beside(FORWARD)
    book.run(0)
    picture = Picture(page)
    picture.wait('3 operations')
    book.command('docmanager:clone')
    book.wait_ready()
    picture.wait('3 operations')
    book.command('application:close')
    book.wait_ready()
    book.run(0)
    picture.wait('cell [2]', '.mc-title')
    picture.wait('3 operations')


def test_names_and_texts_of_the_user_are_never_html(beside, page):
    book = beside(HOSTILE)
    book.start(0)
    picture = Picture(page)
    picture.wait('ValueError: <img')
    picture.boxes('variable').click()
    expect(picture.card).to_contain_text('<script>window.hacked=1')
    picture.boxes('function').first.click()
    expect(picture.card).to_contain_text('<img')
    assert page.evaluate('() => window.hacked') is None
    panel = page.locator('#minichain-live-graph')
    expect(panel.locator('img, script')).to_have_count(0)


def test_an_error_leaves_what_was_built_and_says_what_happened(beside, page):
    book = beside("""import minichain as mc
x = mc.Variable([1.0, 2.0])
y = mc.functions.exp(x)
z = y + mc.Variable([1.0, 2.0, 3.0])""")
    book.start(0)
    picture = Picture(page)
    picture.wait('ShapeError')
    expect(picture.boxes('function')).to_have_count(2)
    failed = picture.boxes('failed')
    expect(failed).to_contain_text('add')
    failed.hover()
    expect(failed.locator('title')).to_contain_text('the error was raised here')


def test_a_closed_panel_stays_closed_and_knows_what_it_missed(beside, page):
    book = beside(FORWARD, 'z = mc.functions.exp(x)')
    book.run(0)
    picture = Picture(page)
    picture.wait('3 operations')
    book.command('application:toggle-right-area')
    book.run(1)
    page.wait_for_timeout(500)      # time to open by itself, which it must not
    expect(page.locator('#minichain-live-graph')).to_be_hidden()
    book.command('minichain:show-graph')
    picture.wait('1 operation')


def test_a_notebook_without_minichain_is_left_alone(notebook, page):
    book = notebook('print(1 + 1)')
    page.evaluate(SPY)
    book.run(0)
    page.wait_for_timeout(300)      # time to ask the kernel, which nobody must
    sent = page.evaluate('() => window.sent')
    assert ['execute_request', None] in sent
    assert not [message for message in sent if message[1] == 'minichain.live']
    expect(page.locator('#minichain-live-graph')).to_be_hidden()


def test_the_panel_shows_an_example_until_there_is_a_graph(notebook, page):
    book = notebook('1 + 1')
    book.command('minichain:show-graph')
    example = page.locator('#minichain-live-graph .mc-graph.mc-example')
    example.wait_for()
    expect(example).to_contain_text('Run a cell')


@pytest.mark.parametrize('on', [True, False])
def test_live_switches_following_off_and_on(beside, page, on):
    book = beside('from minichain_widgets import live\nimport minichain as mc\nlive(False)',
                    f'live({on})', 'y = mc.Variable(1.0) * 2.0')
    book.run_all()
    if on:
        Picture(page).wait('1 operation')
    else:
        page.wait_for_timeout(500)      # time to draw, which it must not
        expect(Picture(page).root).to_have_count(0)
