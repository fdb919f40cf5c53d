"""Unroller in a notebook: cuts, examples, rows, arithmetic, rolling up, weights that change."""
import re

import numpy as np
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.newest_only, pytest.mark.same_page]

CELL = """import numpy as np, minichain as mc, minichain.links as L
from minichain_widgets import Unroller
mc.set_seed(0)
x = np.random.default_rng(0).normal(size=(12, 3)).astype('f4')
link = L.LSTM(3, 5)
shown = Unroller(mc.Sequential(link, L.GRU(5, 6)), [x, x[:4]])
shown"""

SLIDER = 'import ipywidgets\nslider = ipywidgets.IntSlider()\nslider'


def held(page):
    """How many nodes and listeners the page holds, once garbage is collected."""
    session = page.context.new_cdp_session(page)
    for _ in range(3):      # what the first finds may hold more
        session.send('HeapProfiler.collectGarbage')
    counts = session.send('Memory.getDOMCounters')
    session.detach()
    return np.array([counts['nodes'], counts['jsEventListeners']])


def test_a_network_is_cut_examined_and_rolled_up(notebook, page):
    book = notebook(CELL, 'print(shown.cut, shown.example, shown.norms[:4].any())',
                    'link.lateral.W.data[...] = 0.0')
    book.run(0)
    root = page.locator('.mc-Unroller')
    root.locator('.mc-step').nth(11).wait_for()
    says = root.locator('.mc-says')
    says.get_by_text('the sum of the last output').wait_for()

    page.get_by_role('slider', name='Truncate backward').fill('5')
    says.get_by_text('Nothing arrives before the cut after step 10').wait_for()
    expect(root.locator('.mc-cut')).to_have_count(2)
    book.run_until(1, '5 0 False\n')

    forget = root.get_by_label(re.compile('^forget gate f: 5 units, 12 steps'))
    forget.hover(position={'x': 5, 'y': 5})
    sums = root.locator('.mc-sums')
    expect(sums).to_have_text(re.compile(r'f\[1\] at step 1.*= σ\(W x \+ U h \+ b\)'))
    forget.focus()
    page.keyboard.press('ArrowRight')
    page.keyboard.press('ArrowDown')
    expect(sums).to_have_text(re.compile(r'^f\[2\] at step 2'))

    root.get_by_label('output gate o', exact=True).check()
    root.get_by_label(re.compile('^output gate o: 5 units')).wait_for()

    page.get_by_role('slider', name='Example').focus()
    page.keyboard.press('ArrowRight')
    expect(root.locator('.mc-step')).to_have_count(4)

    root.get_by_label('Rolled up').check()
    expect(root.locator('.mc-step')).to_have_count(1)
    page.get_by_role('slider', name='Step').focus()
    page.keyboard.press('End')
    expect(root.locator('.mc-strip')).to_contain_text('step 4')

    page.get_by_role('combobox', name='Layer').select_option('1')
    root.get_by_text('update gate z').first.wait_for()
    page.get_by_role('combobox', name='Layer').select_option('0')
    root.get_by_text('forget gate f').first.wait_for()

    before = says.text_content()
    book.run(2)
    root.get_by_role('button', name='Run again').click()
    expect(says).not_to_have_text(before)
    expect(root.locator('.mc-problem')).to_be_hidden()


def test_of_many_states_at_once_the_page_draws_the_last(notebook, page):
    book = notebook(CELL, 'for cut in range(1, 41):\n    shown.set(cut=cut % 12)')
    book.run(0)
    page.locator('.mc-Unroller .mc-step').nth(11).wait_for()
    page.evaluate("""() => {
        window.drawn = 0;
        new MutationObserver(() => { window.drawn += 1; }).observe(
            document.querySelector('.mc-Unroller .mc-time'), { childList: true });
    }""")
    book.run(1)
    page.locator('.mc-Unroller').get_by_text('every 4 steps').wait_for()
    assert 1 <= page.evaluate('window.drawn') < 40


def test_a_widget_that_was_closed_leaves_as_little_in_the_page_as_a_slider(notebook, page):
    book = notebook(CELL, 'shown.close()', SLIDER, 'slider.close()')
    grown = []
    for opens, place in (2, '.widget-slider'), (0, '.mc-Unroller'):
        counts = []
        for _ in range(5):
            book.run(opens)
            page.locator(place).wait_for()
            book.run(opens + 1)
            page.locator(place).wait_for(state='detached')
            counts.append(held(page))
        grown.append(np.median(np.diff(counts, axis=0), axis=0))
    slider, unroller = grown        # JupyterLab itself keeps something whenever a cell runs
    assert (unroller - slider < [100, 30]).all()    # an open Unroller: 370 nodes, 47 listeners
    assert page.evaluate("globalThis[Symbol.for('minichain')].size") == 1
