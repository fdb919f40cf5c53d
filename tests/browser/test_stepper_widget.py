"""BackpropStepper in a notebook: buttons, keyboard, clicks, quiz, and playing by itself."""
import pytest
from labbox import wait_words
from playwright.sync_api import expect

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


def wait(page, words, part='.mc-details'):
    wait_words(page, f'{ROOT} {part}', words)


def test_the_walk_by_buttons_keys_and_clicks(notebook, page):
    book, root = open_stepper(notebook, page, 'print(stepper.position)', 'stepper.to(8)')
    step = root.get_by_role('button', name='Step', exact=False)
    expect(root.locator('.mc-waiting')).to_have_count(3)
    step.click()
    wait(page, '= 3.0 × 2.0')
    expect(root.locator('.mc-waiting')).to_have_count(2)
    wait(page, '= 6.0', '.mc-surface')

    root.locator('.mc-surface').focus()
    page.keyboard.press('End')
    wait(page, '8.0 + 6.0 = 14.0')
    wait(page, '∇14', '.mc-surface')
    page.keyboard.press('ArrowLeft')
    page.keyboard.press('ArrowLeft')
    wait(page, 'path 2 of 2 to x: all have met')
    root.locator('.mc-box').filter(has_text='add').click()
    wait(page, '3.0 · 1.0 = 3.0')
    book.run_until(1, '6\n')
    root.get_by_role('button', name='Start').click()
    wait(page, 'Nothing has run yet')
    expect(step).to_be_enabled()
    expect(root.get_by_role('button', name='Back')).to_be_disabled()

    book.run(2)
    wait(page, 'gradient complete')
    root.get_by_role('slider', name='Steps done').fill('4')
    wait(page, 'backward begins')
    root.get_by_role('button', name='Back').click()
    wait(page, '8.0 × 3.0')
    root.locator('.mc-surface').focus()
    page.keyboard.press('Home')
    wait(page, 'Nothing has run yet')
    page.keyboard.press('ArrowRight')
    wait(page, '3.0 × 2.0')

    pace = root.get_by_role('slider', name='Pace')
    pace.fill('3')      # it shall not come to the end before Pause is pressed
    root.get_by_role('button', name='Play').click()
    root.get_by_role('button', name='Pause').click()
    root.get_by_role('button', name='Play').wait_for()
    pace.fill('0.2')
    stopped = root.get_by_role('slider', name='Steps done').input_value()
    page.wait_for_timeout(500)      # time to go on, which it must not
    expect(root.get_by_role('slider', name='Steps done')).to_have_value(stopped)
    root.locator('.mc-surface').focus()
    page.keyboard.press('Space')
    wait(page, 'gradient complete')
    root.get_by_role('button', name='Play').wait_for()
    expect(step).to_be_disabled()


def test_the_quiz_asks_judges_and_goes_on(notebook, page):
    book, root = open_stepper(notebook, page, 'print(stepper.position, stepper.quiz)')
    root.get_by_label('Quiz').check()
    field = root.get_by_label('What comes out of 3.0 × 2.0?')
    field.fill('5')
    field.press('Enter')
    wait(page, '✗ Not this', '.mc-verdict')
    field.fill('6')
    root.get_by_role('button', name='Check').click()
    wait(page, '✓ Right', '.mc-verdict')
    root.get_by_label('What comes out of 6.0 + 2.0?').wait_for()
    root.get_by_role('button', name='Show it').click()
    root.get_by_label('What comes out of 8.0 × 3.0?').wait_for()
    book.run_until(1, '2 True\n')
