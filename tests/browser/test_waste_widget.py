"""WasteMeter in a notebook: sliders, measuring, keyboard, and what a saved notebook keeps."""
import pytest

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
    page.wait_for_selector('.mc-WasteMeter [aria-busy=false]')
    before = page.locator(COSTS).first.inner_text()
    assert ' ms' in before
    assert 'computed for nothing' in page.locator('.mc-verdict').inner_text()

    spread = page.get_by_role('slider', name='Spread of lengths')
    spread.focus()
    page.keyboard.press('Home')
    page.locator('.mc-verdict').get_by_text('equally long').wait_for()
    page.wait_for_selector('.mc-WasteMeter [aria-busy=false]')
    assert page.locator('.mc-WasteMeter .mc-padding').count() == 0
    book.run(1)
    assert book.text(1) == '[10, 10, 10]\n'

    page.get_by_role('slider', name='Sentences').focus()
    equal = page.locator(COSTS).first.inner_text()
    page.keyboard.press('ArrowRight')
    page.keyboard.press('ArrowRight')
    page.wait_for_function(
        "([place, before]) => document.querySelector(place).innerText !== before",
        arg=[COSTS, equal])
    page.wait_for_selector('.mc-WasteMeter [aria-busy=false]')
    book.run(1)
    assert book.text(1) == '[10, 10, 10, 10, 10]\n'
    assert page.locator(COSTS).first.inner_text() != before

    book.run(2)     # from now on, it takes other times
    page.get_by_role('button', name='Measure again').click()
    page.locator('.mc-verdict').get_by_text('4.0 times as long as the padded batch').wait_for()
    assert '125 ms ✓' in page.locator(COSTS).first.inner_text()
    page.locator('.mc-cells').nth(1).hover(position={'x': 5, 'y': 5})
    says = page.locator('.mc-WasteMeter .mc-says')
    assert '10 words, no padding' in says.inner_text()
    page.get_by_role('slider', name='Spread of lengths').focus()
    page.keyboard.press('End')
    page.locator('.mc-verdict').get_by_text('computed for nothing').wait_for()
    page.wait_for_selector('.mc-WasteMeter [aria-busy=false]')
    page.locator('.mc-cells').first.focus()
    page.keyboard.press('ArrowDown')
    assert '“so good”: 2 words, 8 of padding' in says.inner_text()
    page.keyboard.press('ArrowDown')
    assert '10 words, no padding' in says.inner_text()
    assert page.locator('.mc-WasteMeter .mc-problem').is_hidden()


def test_the_output_keeps_words_and_a_picture(notebook, page):
    book = notebook(CELL)
    book.run(0)
    page.wait_for_selector('.mc-WasteMeter')
    assert book.text(0).startswith('WasteMeter: 3 sentences of 1 to 10 words, cell LSTM')
    kinds = page.evaluate("""() => window.jupyterapp.shell.currentWidget.content.widgets[0].model
        .outputs.toJSON().flatMap(output => Object.keys(output.data ?? {}))""")
    assert 'image/svg+xml' in kinds
