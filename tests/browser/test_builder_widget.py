"""NetBuilder in a notebook: nets built with the mouse, with the keyboard and from code."""
import json
import re

import pytest
from labbox import Picture
from playwright.sync_api import expect

pytestmark = [pytest.mark.newest_only, pytest.mark.same_page]

CELL = """import minichain as mc
import minichain.functions as F
from minichain_widgets import NetBuilder
builder = NetBuilder({})
builder"""
PRINT = "print([block['kind'] for block in __import__('json').loads(builder.to_json())['blocks']])"

SOURCE = """index => window.jupyterapp.shell.currentWidget.content.widgets[index]
    .model.sharedModel.source"""
KINDS_OF_OUTPUT = """() => window.jupyterapp.shell.currentWidget.content.widgets[0].model
    .outputs.toJSON().flatMap(output => Object.keys(output.data ?? {}))"""


class Builder:
    """The builder in a page, used as a person would."""

    def __init__(self, page):
        self.page = page
        self.root = page.locator('.mc-NetBuilder')
        self.boxes = self.root.locator('.mc-blockbox')
        page.wait_for_selector('.mc-NetBuilder .mc-piece')

    def press(self, name, exact=False):
        self.root.get_by_role('button', name=name, exact=exact).first.click()

    def add(self, *kinds):
        for kind in kinds:
            count = self.boxes.count()
            self.press(f'Add {kind}')
            self.boxes.nth(count).wait_for()

    def type(self, label, value, which=-1):
        fields = self.root.get_by_label(label, exact=True)
        fields.nth(fields.count() - 1 if which < 0 else which).fill(str(value))

    def drag(self, element, target, x=60, y=10):
        """As a person does it: press, begin to move, come to the target, let go."""
        mouse = self.page.mouse
        element.hover(position={'x': x, 'y': y})
        mouse.down()
        box = element.bounding_box()
        mouse.move(box['x'] + x + 10, box['y'] + y + 10)
        target.hover()
        mouse.up()

    def wait(self, words):
        self.root.get_by_text(words).first.wait_for()

    def wait_code(self, words):
        expect(self.code).to_have_value(re.compile(re.escape(words)))

    @property
    def code(self):
        return self.root.get_by_label('Code of the net')


@pytest.fixture
def build(notebook, page):
    """Opens a notebook with a builder, and further cells."""
    def open_with(data='', *cells):
        book = notebook(CELL.format(data), PRINT, *cells)
        book.run(0)
        return book, Builder(page)
    return open_with


def wait_kinds(book, wanted):
    book.run_until(1, wanted)


def test_a_net_is_built_repaired_and_changed_with_the_mouse(build):
    book, net = build()
    assert book.text(0).startswith('NetBuilder, 0 blocks')
    assert 'image/svg+xml' in book.page.evaluate(KINDS_OF_OUTPUT)
    net.add('conv2d', 'activation', 'max pooling', 'classifier')
    net.wait('classifier wants (N, I)')
    net.press('insert flatten')
    net.wait('✓ gives one number for each of 0, 1, 2')
    net.wait('N 32, C 16, H 4, W 4')
    net.type('conv2d, filters', 20)
    net.wait('N 32, C 20, H 4, W 4')
    net.wait_code('L.Conv2d(1, 20, ksize=3, pad=1)')
    net.type('conv2d, filters', 'many')
    net.wait('filters should be a whole number')
    net.type('conv2d, filters', 8)
    net.wait('N 32, C 8, H 4, W 4')
    net.root.get_by_label('activation, function').select_option('tanh')
    net.wait_code('F.tanh(')
    net.root.get_by_label('conv2d, bias').uncheck()
    net.wait('72 weights')
    net.wait_code('nobias=True')
    net.press('Move activation down')
    net.press('Move activation up')
    net.press('Move activation down')
    net.press('Duplicate activation')
    net.press('Take flatten out')
    net.wait('classifier wants (N, I)')
    net.press('Undo')
    net.press('Undo')
    net.wait('✓ gives')
    wait_kinds(book, "['conv2d', 'max_pool', 'activation', 'flatten', 'classifier']")
    net.press('Redo')
    net.boxes.nth(5).wait_for()
    net.drag(net.root.locator('[data-kind=dropout]'), net.root.locator('.mc-wire').nth(0))
    net.boxes.nth(6).wait_for()
    net.drag(net.boxes.nth(0), net.root.locator('.mc-wire').nth(2))
    net.root.locator('.mc-block:nth-child(2).mc-kind-dropout').wait_for()
    wait_kinds(book, "['conv2d', 'dropout', 'max_pool', 'activation', 'activation'")
    expect(net.root.locator('.mc-problem')).to_be_hidden()


def test_the_keyboard_alone_is_enough(build, page):
    book, net = build("'sines'")
    keys = page.keyboard
    net.root.get_by_role('button', name='Add LSTM').focus()
    keys.press('Enter')
    net.boxes.nth(0).wait_for()
    net.root.get_by_role('button', name='Add classifier').focus()
    keys.press('Enter')
    net.wait('✓ gives')
    net.boxes.nth(0).focus()
    keys.press('ArrowDown')
    expect(net.boxes.nth(1)).to_be_focused()
    keys.press('Alt+ArrowUp')
    net.wait('classifier wants (N, I)')
    expect(net.boxes.nth(0)).to_be_focused()
    keys.press('Control+z')
    net.wait('✓ gives')
    net.boxes.nth(0).focus()
    keys.press('Control+y')
    net.wait('classifier wants (N, I)')
    net.boxes.nth(0).focus()
    keys.press('Control+z')
    net.wait('✓ gives')
    net.boxes.nth(0).focus()
    keys.press('Control+d')
    net.boxes.nth(2).wait_for()
    keys.press('Delete')
    net.boxes.nth(2).wait_for(state='detached')
    net.boxes.nth(0).focus()
    keys.press('Enter')
    keys.press('ArrowUp')
    net.wait('N 32, I 33')
    keys.press('Escape')
    expect(net.boxes.nth(0)).to_be_focused()
    wait_kinds(book, "['lstm', 'classifier']")
    net.root.get_by_role('button', name='Train', exact=True).focus()
    keys.press('Enter')
    page.wait_for_function("""() => Number(/step (\\d+)/.exec(
        document.querySelector('.mc-run').textContent)?.[1]) > 20""")
    pause = page.locator('.mc-run').get_by_role('button', name='Pause')
    pause.focus()
    keys.press('Space')
    page.locator('.mc-run').get_by_role('button', name='Train', exact=True).wait_for()


def test_each_block_of_the_palette_comes_into_the_net_and_goes(build):
    book, net = build()
    pieces = net.root.locator('.mc-piece').all()
    assert len(pieces) > 20
    for piece in pieces:
        name = piece.get_attribute('aria-label').removeprefix('Add ')
        piece.click()
        box = net.root.locator(f'.mc-kind-{piece.get_attribute("data-kind")} > .mc-blockbox')
        expect(box.locator('.mc-blockname')).to_have_text(name)
        net.press(f'Take {name} out')
        box.wait_for(state='detached')
    wait_kinds(book, '[]')


def test_branches_are_built_with_the_mouse_and_moved_about(build):
    book, net = build()
    net.add('conv2d', 'residual branch')
    net.press('put a conv2d inside')
    net.boxes.nth(2).wait_for()
    first, last = (net.boxes.nth(2).get_by_label(f'conv2d, {name}').bounding_box()
                   for name in ('filters', 'bias'))
    assert last['y'] < first['y'] + first['height']     # side by side, though there is little room
    net.type('conv2d, filters', 8)
    net.press('put a 1 × 1 conv2d of 8 filters on the way round')
    net.boxes.nth(3).wait_for()
    net.wait_code('shortcut = self.conv3(h)')
    net.root.locator('.mc-wire').last.click()
    net.root.get_by_text('the next block comes here').last.wait_for()
    expect(net.root.locator('[data-kind=classifier]')).to_have_class(re.compile('mc-odd'))
    net.root.locator('[data-kind=classifier]').hover()
    net.wait('It takes rows of numbers, but images arrive here.')
    net.add('side by side')
    net.press('put a conv2d into each')
    net.wait('N 32, C 32, H 8, W 8')
    net.press('One branch more')
    net.wait('N 32, C 40, H 8, W 8')
    net.press('branch 3', exact=True)
    net.press('Add average pooling')
    net.wait('branch 3 gives N, C 8, H 4, W 4')
    net.press('let every conv2d and pooling inside keep the size')
    net.wait('N 32, C 40, H 8, W 8')
    net.press('Take branch 1 out')
    net.wait('N 32, C 24, H 8, W 8')
    pooling = net.root.locator('.mc-kind-avg_pool > .mc-blockbox')
    net.drag(pooling, net.root.locator('.mc-source'))
    net.root.locator('.mc-source + .mc-levelbox > ol > .mc-kind-avg_pool:first-child').wait_for()
    net.drag(net.root.locator('[data-kind=dropout]'), net.root.locator('.mc-lanename').nth(1))
    net.root.locator('.mc-kind-residual .mc-kind-dropout').wait_for()
    wait_kinds(book, "['avg_pool', 'conv2d', 'residual', 'parallel']")
    net.wait_code('shortcut = self.conv3(F.dropout(h, 0.25))')


def test_code_is_edited_applied_saved_and_loaded(build):
    book, net = build()
    net.press('Show an example')
    net.wait('✓ gives')
    code = net.code.input_value()
    net.page.context.grant_permissions(['clipboard-read', 'clipboard-write'])
    net.press('Copy', exact=True)
    net.wait('The code is on the clipboard')
    assert net.page.evaluate('navigator.clipboard.readText()') == code
    net.code.fill(code.replace('F.relu', 'F.tanh').replace('16', '12'))
    net.press('Apply', exact=True)
    net.wait('The picture shows the code now')
    expect(net.root.get_by_label('conv2d, filters').first).to_have_value('12')
    net.code.fill(code.replace('F.relu(self.conv2(h))', 'F.wave(h)'))
    net.press('Apply', exact=True)
    net.wait('Line 16: there is no F.wave')
    book.run_until(1, lambda text: text.count("'conv2d'") == 2)
    net.press('Back', exact=True)
    net.code.fill(code)
    net.code.press('Control+Enter')
    net.wait('N 32, C 16')
    net.press('Undo')
    net.wait('N 32, C 12')
    net.press('Graph', exact=True)
    picture = Picture(net.page, '.mc-NetBuilder .mc-graph')
    picture.wait('operations')
    picture.wait('softmax_cross', part='.mc-surface')
    net.wait('The graph of two examples is below the net.')
    net.press('Save, share')
    saved = net.root.get_by_label('The net as text')
    text = saved.input_value()
    assert json.loads(text)['blocks'][1]['function'] == 'tanh'
    net.root.get_by_role('group', name='Save, share').get_by_role('button', name='Copy').click()
    net.wait('The net is on the clipboard')
    assert net.page.evaluate('navigator.clipboard.readText()') == text
    with net.page.expect_download() as download:
        net.press('Save as a file')
    path = download.value.path()
    assert path.read_text() == text
    net.press('Clear')
    net.wait('There is no block yet')
    net.root.locator('input[accept=".json"]').set_input_files(path)
    net.wait('✓ gives')
    saved.fill('nonsense')
    net.press('Load', exact=True)
    net.wait('This is no saved net')
    book.run_until(1, lambda text: text.count("'conv2d'") == 2)
    net.press('Into a cell', exact=True)
    net.wait('The code is in a cell below.')
    expect(net.code).to_have_value(book.page.evaluate(SOURCE, 1))


def test_other_data_and_tables_of_ones_own(build):
    book, net = build()
    net.root.get_by_role('combobox', name='Data').select_option('spirals')
    net.wait('Points on the arms of a spiral')
    net.press('Example', exact=True)
    net.wait('✓ gives one number for each of first arm')
    net.press('Own table')
    table = net.root.get_by_label('A table as CSV text')
    table.fill('a,b,kind\n1,2,x\n2,?,y\n3,1,x\n1,1,y\n')
    net.press('Use this table')
    net.wait("Row 3, b: the cell holds '?', but a number is needed.")
    expect(net.root.locator('.mc-source')).to_contain_text('spirals')
    table.fill('a,b,kind\n1,2,x\n2,0,y\n3,1,x\n1,1,y\n')
    net.press('Use this table')
    net.wait('✓ gives one number for each of x, y')
    net.wait('kind is asked for, from a, b')
    net.root.locator('input[accept^=".csv"]').set_input_files(
        {'name': 'own.csv', 'mimeType': 'text/csv', 'buffer': b'p,q,y\n1,2,a\n2,0,b\n3,1,c\n1,1,c'})
    net.wait('✓ gives one number for each of a, b, c')


def train(net, best):
    """Press Train and wait until the accuracy in the test is at least `best`."""
    net.press('Train', exact=True)
    net.page.locator('.mc-run .mc-figure').first.wait_for()
    net.page.wait_for_function("() => document.querySelector('.mc-run').getBoundingClientRect().top"
                               " < innerHeight - 200")
    net.page.wait_for_function("""best => [...document.querySelectorAll('.mc-run .mc-figure')]
        .some(figure => figure.textContent.includes('Accuracy')
              && Number(/test ([\\d.]+)$/.exec(figure.textContent)?.[1]) >= best)""",
                               arg=best, timeout=60_000)
    net.page.locator('.mc-run').get_by_role('button', name='Pause').click()


SCORE = "print(max(builder.train().history['test_accuracy']) > {})"
# The cells that the builder has put in train as its button Train does, from the same weights.
SAME = """run.blocking(20)
print(run.history['loss'] == builder.train().history['loss'][:20])"""


def into_cells(book, net):
    """Let the builder put its code into the cells 1 and 2, and run these."""
    net.root.locator('summary').click()
    net.press('Net and training into cells')
    net.wait('The code is in two cells below.')
    expect(net.code).to_have_value(book.page.evaluate(SOURCE, 1))
    training = net.root.get_by_label('Code of the training').inner_text()
    assert book.page.evaluate(SOURCE, 2) == training and 'optimizer=Adam(0.003)' in training
    book.run(1)
    book.run(2)


@pytest.mark.same_page(False)     # JupyterLab opens the notebook of the page's address once more
def test_a_newcomer_comes_to_a_cnn_above_97_percent_without_typing_code(build):
    book, net = build('', SCORE.format(0.97), SAME)
    net.add('conv2d', 'activation', 'max pooling', 'conv2d', 'activation', 'flatten', 'classifier')
    net.wait('8, 9: press Train')
    into_cells(book, net)
    train(net, 0.971)
    book.run(4)
    book.run(5)
    assert book.text(4) == book.text(5) == 'True\n'
    net.press('Take apart')
    reads = net.root.locator('.mc-ConvExplorer').get_by_text('The network reads a')
    reads.wait_for()
    net.press('Graph', exact=True)
    Picture(net.page, '.mc-NetBuilder .mc-graph').wait('operations')
    book.command('docmanager:save')
    book.reload()
    reads.wait_for()
    Picture(net.page, '.mc-NetBuilder .mc-graph').wait('operations')
    net.page.locator('.mc-run .mc-figure').first.wait_for()
    net.add('dropout')
    net.wait('The net has changed')
    net.press('Undo')
    net.root.locator('.mc-stale').wait_for(state='hidden')


def test_a_newcomer_comes_to_an_lstm_that_classifies_sentences_and_pastes_it(build):
    book, net = build('', SCORE.format(0.95), SAME)
    net.root.get_by_role('combobox', name='Data').select_option('sentences')
    net.add('LSTM')
    net.press('insert embedding')
    net.wait('The end of the net wants N, I 2')
    net.press('add a classifier')
    net.wait('✓ gives one number for each of negative, positive')
    into_cells(book, net)
    train(net, 0.951)
    book.run(4)
    book.run(5)
    assert book.text(4) == book.text(5) == 'True\n'
    net.root.get_by_role('tab', name='Predictions').click()
    net.root.locator('.mc-sentence .mc-words').nth(11).wait_for()
    net.root.get_by_label('A sentence of your own').fill('It was a wonderful story')
    net.page.keyboard.press('Enter')
    net.root.locator('.mc-own').get_by_text('says positive').wait_for()
    net.root.get_by_role('tab', name='Inside').click()
    net.root.locator('.mc-steps').nth(1).wait_for()
    words = net.root.locator('.mc-part').first.locator('.mc-words').inner_text()
    steps = net.root.locator('.mc-steps').first.locator('span').all_inner_texts()
    assert [word for word in steps if word != '·'] == words.strip('“”').split()
    net.press('Take apart')
    net.root.locator('.mc-Unroller .mc-step').nth(13).wait_for()
    net.wait('L is the cross entropy of the last step')
