"""ConvExplorer in a notebook: pointing, drawing, sliders, filters; a network's layers, gradient."""
import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.newest_only, pytest.mark.same_page]

FILTERS = """import numpy as np
from minichain_widgets import ConvExplorer
image = np.random.default_rng(0).random((28, 28))
shown = ConvExplorer(image)
shown"""

NETWORK = """import numpy as np, minichain as mc, minichain.functions as F, minichain.links as L
from minichain_widgets import ConvExplorer
mc.set_seed(0)
net = mc.Sequential(L.Conv2d(1, 4, ksize=3), F.relu, L.Conv2d(4, 6, ksize=3), F.flatten,
                    L.Linear(None, 3))
images = np.random.default_rng(0).random((2, 1, 8, 8)).astype('f4')
shown = ConvExplorer(images, link=net)
shown"""

COLOURS = "ConvExplorer(np.random.default_rng(0).random((3, 9, 9)))"

# Milliseconds that a move of the pointer takes, laid out, the middle one of many: others may use
# the computer, too.
HOVER = """canvas => {
    const box = canvas.getBoundingClientRect();
    const taken = [];
    for (let k = 0; k < 40; k++) {
        const began = performance.now();
        canvas.dispatchEvent(new PointerEvent('pointermove', { bubbles: true,
            clientX: box.left + 5 + (k * 37) % (box.width - 10),
            clientY: box.top + 5 + (k * 53) % (box.height - 10) }));
        canvas.closest('.mc-ConvExplorer').getBoundingClientRect();
        taken.push(performance.now() - began);
    }
    return taken.sort((a, b) => a - b)[20];
}"""


def test_a_filter_is_explored_and_a_picture_drawn(notebook, page):
    book = notebook(FILTERS, 'print(shown.text())', 'print(np.argwhere(shown.image[0]).tolist())',
                    COLOURS)
    book.run(0)
    root = page.locator('.mc-ConvExplorer')
    output = root.get_by_label(re.compile('^Output'))
    output.hover(position={'x': 2, 'y': 2})
    sums = root.locator('.mc-sums')
    expect(sums).to_contain_text('row 1, column 1: the products add up to')
    expect(root.locator('.mc-tap')).to_have_count(9)
    expect(root.locator('.mc-table')).to_have_count(3)

    output.focus()
    for key in 'ArrowRight', 'ArrowDown', 'ArrowDown':
        page.keyboard.press(key)
    expect(sums).to_contain_text('row 3, column 2: the products add up to')
    first = sums.inner_text()
    for name, key in (('Filter size', 'End'), ('Stride', 'ArrowRight'), ('Padding', 'End'),
                      ('Dilation', 'ArrowRight')):
        page.get_by_role('slider', name=name).focus()
        page.keyboard.press(key)
    root.get_by_role('button', name='blur').click()
    output = root.get_by_label(re.compile('^Output'))
    output.focus()
    page.keyboard.press('ArrowDown')
    expect(root.locator('.mc-tap')).to_have_count(49)
    expect(sums).not_to_have_text(first)

    root.get_by_role('button', name='Clear').click()
    page.get_by_role('slider', name='Padding').focus()
    page.keyboard.press('Home')
    picture = root.get_by_label(re.compile('^Picture: draw on it'))
    picture.focus()
    for key in 'ArrowDown', 'ArrowDown', ' ':
        page.keyboard.press(key)
    book.run_until(1, 'filter blur 7 × 7, stride 2, padding 0, dilation 2')
    book.run_until(2, '[[1, 0], [2, 0], [2, 1], [3, 0]]\n')         # ink, and less around it

    box = picture.bounding_box()
    page.mouse.move(box['x'] + 60, box['y'] + 15)
    page.mouse.down()
    page.mouse.move(box['x'] + 100, box['y'] + 15, steps=20)
    page.mouse.up()
    pixel = box['width'] / 28
    last, erased = (f'[{int(15 // pixel)}, {int(x // pixel)}]' for x in (100, 80))
    drawn = book.run_until(2, last)
    assert erased in drawn and len(drawn.split('], [')) > 10
    root.get_by_label('Eraser').check()
    picture.click(position={'x': 80, 'y': 15})
    book.run_until(2, lambda text: erased not in text and last in text)
    root.get_by_role('button', name='Original').click()
    book.run_until(2, lambda text: len(text.split('], [')) == 28 * 28)
    picture.hover(position={'x': 60, 'y': 60})
    expect(sums).to_have_text(
        re.compile('The pixel .* is seen by .*, (which are )?marked in the output'))
    expect(root.locator('.mc-problem')).to_be_hidden()

    book.run(3)
    colours = page.locator('.mc-ConvExplorer').nth(1)
    output = colours.get_by_label(re.compile('^Output'))
    output.focus()
    page.keyboard.press('ArrowRight')
    expect(colours.locator('.mc-sums')).to_contain_text('channel 1')
    colours.get_by_role('slider', name='Channel').focus()
    page.keyboard.press('End')
    output.focus()
    page.keyboard.press('ArrowLeft')
    page.keyboard.press('ArrowRight')
    expect(colours.locator('.mc-sums')).to_contain_text('channel 3')


@pytest.mark.clock
def test_the_sum_follows_the_pointer_within_a_frame(notebook, page):
    book = notebook(FILTERS)
    book.run(0)
    output = page.locator('.mc-ConvExplorer').get_by_label(re.compile('^Output'))
    assert output.evaluate(HOVER) < 16


def test_the_layers_and_the_gradient_of_a_network(notebook, page):
    book = notebook(NETWORK, 'print(shown.text())')
    book.run(0)
    root = page.locator('.mc-ConvExplorer')
    root.locator('.mc-says').get_by_text('The network reads a').wait_for()
    expect(root.locator('.mc-tile')).to_have_count(4)
    page.get_by_role('combobox', name='Layer').select_option('2')
    expect(root.locator('.mc-tile')).to_have_count(6)
    root.locator('.mc-tile').nth(4).click()
    root.get_by_text(re.compile('^Output: map 5 of 6, 4 × 4')).wait_for()
    page.get_by_role('slider', name='Input channel').focus()
    page.keyboard.press('ArrowRight')
    root.get_by_label(re.compile('^Output: map .*, (4 by 4|6 by 6)')).hover(
        position={'x': 5, 'y': 5})
    expect(root.locator('.mc-sums')).to_contain_text('in channel 2, to')

    score = root.locator('.mc-score[aria-pressed=false]').first
    name = score.locator('span').first.inner_text()
    score.click()
    root.get_by_text(f'Gradient of score {name}').wait_for()
    scores = root.locator('.mc-scores')
    before = scores.text_content()
    page.get_by_role('slider', name='Picture').focus()
    page.keyboard.press('ArrowRight')
    expect(scores).not_to_have_text(before)
    before = scores.text_content()
    root.get_by_label(re.compile('^Picture: draw on it')).click(position={'x': 40, 'y': 40})
    expect(scores).not_to_have_text(before)
    book.run_until(1, f'layer 3 of 3, 2 conv2d, 6 × 4 × 4. Score of class {name}')
    expect(root.locator('.mc-problem')).to_be_hidden()
