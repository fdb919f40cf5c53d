"""BackpropStepper in a notebook: buttons, keyboard, clicks, quiz, and playing by itself."""
import pytest

pytestmark = [pytest.mark.newest_only, pytest.mark.same_page]

CELL = """import minichain as mc
from minichain_widgets import BackpropStepper
x, w = mc.Variable(3.0, name='x'), mc.Variable(2.0, name='w')
stepper = BackpropStepper((x * w + 2.0) * x)
stepper"""
ROOT = '.mc-BackpropStepper'


def open_stepper(notebook, page, *cells):
    book = notebook(CELL, *cells)
    book.run(0)
    root = page.locator(ROOT)
    root.wait_for()
    return book, root


def wait_words(page, words, part='.mc-details'):
    page.wait_for_function('([place, words]) => document.querySelector(place)?.textContent'
                           '.includes(words)', arg=[f'{ROOT} {part}', words])


def test_the_walk_by_buttons_keys_and_clicks(notebook, page):
    book, root = open_stepper(notebook, page, 'print(stepper.position)', 'stepper.to(8)')
    step = root.get_by_role('button', name='Step', exact=False)
    assert root.locator('.mc-waiting').count() == 3
    step.click()
    wait_words(page, '2.0')
    assert '= 3.0 × 2.0' in root.locator('.mc-details').inner_text()
    assert root.locator('.mc-waiting').count() == 2
    assert '= 6.0' in root.locator('.mc-surface').text_content()

    root.locator('.mc-surface').focus()
    page.keyboard.press('End')
    wait_words(page, '8.0 + 6.0 = 14.0')
    assert '∇14' in root.locator('.mc-surface').text_content()
    page.keyboard.press('ArrowLeft')
    page.keyboard.press('ArrowLeft')
    wait_words(page, 'path 2 of 2 to x: all have met')
    root.locator('.mc-box').filter(has_text='add').click()
    wait_words(page, '3.0 · 1.0 = 3.0')
    book.run_until(1, '6\n')
    root.get_by_role('button', name='Start').click()
    wait_words(page, 'Nothing has run yet')
    assert step.is_enabled() and root.get_by_role('button', name='Back').is_disabled()

    book.run(2)
    wait_words(page, 'gradient complete')
    root.get_by_role('slider', name='Steps done').fill('4')
    wait_words(page, 'backward begins')
    root.get_by_role('button', name='Back').click()
    wait_words(page, '8.0 × 3.0')
    root.locator('.mc-surface').focus()
    page.keyboard.press('Home')
    wait_words(page, 'Nothing has run yet')
    page.keyboard.press('ArrowRight')
    wait_words(page, '3.0 × 2.0')

    root.get_by_role('slider', name='Pace').fill('0.2')
    root.get_by_role('button', name='Play').click()
    root.get_by_role('button', name='Pause').click()
    stopped = root.get_by_role('slider', name='Steps done').input_value()
    page.wait_for_timeout(500)      # time to go on, which it must not
    assert root.get_by_role('slider', name='Steps done').input_value() == stopped
    root.locator('.mc-surface').focus()
    page.keyboard.press('Space')
    wait_words(page, 'gradient complete')
    root.get_by_role('button', name='Play').wait_for()
    assert step.is_disabled()


def test_the_quiz_asks_judges_and_goes_on(notebook, page):
    book, root = open_stepper(notebook, page, 'print(stepper.position, stepper.quiz)')
    root.get_by_label('Quiz').check()
    field = root.get_by_label('What comes out of 3.0 × 2.0?')
    field.fill('5')
    field.press('Enter')
    wait_words(page, '✗ Not this', '.mc-verdict')
    field.fill('6')
    root.get_by_role('button', name='Check').click()
    wait_words(page, '✓ Right', '.mc-verdict')
    root.get_by_label('What comes out of 6.0 + 2.0?').wait_for()
    root.get_by_role('button', name='Show it').click()
    root.get_by_label('What comes out of 8.0 × 3.0?').wait_for()
    book.run_until(1, '2 True\n')
