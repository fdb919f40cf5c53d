"""WasteMeter in a notebook: sliders, measuring, keyboard, and what a saved notebook keeps."""
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.newest_only, pytest.mark.same_page]

CELL = """from minichain_widgets import WasteMeter
meter = WasteMeter(['so good', 'I have never seen a film that was so long', 'no'])
meter"""
SLOW = """from minichain_widgets import padding
padding.measure = lambda cell, batch: {'padded': 0.125, 'each': 0.5, 'shrinking': 0.25}"""
COSTS = '.mc-WasteMeter .mc-costs'


def test_a_batch_is_changed_and_measured(notebook, page):
    book = notebook(CELL, 'print(meter.lengths)', SLOW)
    book.run(0)
    measured = page.locator('.mc-WasteMeter [aria-busy=false]')
    verdict, costs = page.locator('.mc-verdict'), page.locator(COSTS).first
    measured.wait_for()
    expect(verdict).to_contain_text('computed for nothing')
    expect(costs).to_contain_text(' ms')
    before = costs.inner_text()

    spread = page.get_by_role('slider', name='Spread of lengths')
    spread.focus()
    page.keyboard.press('Home')
    expect(verdict).to_contain_text('equally long')
    measured.wait_for()
    expect(page.locator('.mc-WasteMeter .mc-padding')).to_have_count(0)
    book.run_until(1, '[10, 10, 10]\n')

    page.get_by_role('slider', name='Sentences').focus()
    page.keyboard.press('ArrowRight')
    book.run_until(1, '[10, 10, 10, 10]\n')
    measured.wait_for()
    expect(costs).not_to_have_text(before)

    book.run(2)     # from now on, it takes other times
    page.get_by_role('button', name='Measure again').click()
    expect(verdict).to_contain_text('4.0 times as long as the padded batch')
    expect(costs).to_contain_text('125 ms ✓')
    page.locator('.mc-cells').nth(1).hover(position={'x': 5, 'y': 5})
    says = page.locator('.mc-WasteMeter .mc-says')
    expect(says).to_contain_text('10 words, no padding')
    page.get_by_role('slider', name='Spread of lengths').focus()
    page.keyboard.press('End')
    expect(verdict).to_contain_text('computed for nothing')
    measured.wait_for()
    page.locator('.mc-cells').first.focus()
    page.keyboard.press('ArrowDown')
    expect(says).to_contain_text('“so good”: 2 words, 8 of padding')
    page.keyboard.press('ArrowDown')
    expect(says).to_contain_text('10 words, no padding')
    expect(page.locator('.mc-WasteMeter .mc-problem')).to_be_hidden()


def test_the_output_keeps_words_and_a_picture(notebook, page):
    book = notebook(CELL)
    book.run(0)
    page.wait_for_selector('.mc-WasteMeter')
    assert book.text(0).startswith('WasteMeter: 3 sentences of 1 to 10 words, cell LSTM')
    kinds = page.evaluate("""() => window.jupyterapp.shell.currentWidget.content.widgets[0].model
        .outputs.toJSON().flatMap(output => Object.keys(output.data ?? {}))""")
    assert 'image/svg+xml' in kinds
