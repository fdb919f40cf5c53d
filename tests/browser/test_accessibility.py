"""Every widget and panel under axe-core, in both themes: nothing serious, nothing critical.

axe-core comes with the packages of widgets/ (`jlpm install`), which this part of the
test run installs.
"""
import pathlib

import minichain_widgets
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.newest_only, pytest.mark.same_page]

AXE = (pathlib.Path(__file__).resolve().parents[2]
       / 'widgets' / 'node_modules' / 'axe-core' / 'axe.min.js')
BEGIN = """import numpy as np
import minichain as mc
import minichain.functions as F
import minichain.links as L
import minichain_widgets as widgets
mc.set_seed(0)
x = np.random.default_rng(0).normal(size=(32, 4)).astype('float32')
t = (x[:, 0] > 0).astype(int)
net = L.Sequential(L.Linear(4, 8), F.relu, L.Linear(8, 2))
a = mc.Variable(2.0, name='a')"""
WIDGETS = {
    'LiveGraph': 'widgets.LiveGraph(F.exp(a) * a)',
    'BackpropStepper': 'widgets.BackpropStepper(a * a + 3 * a)',
    'TrainingRun': 'plane = L.Sequential(L.Linear(2, 8), F.relu, L.Linear(8, 2))\n'
                   'run = widgets.TrainingRun(plane, (x[:, :2], t), test=(x[:, :2], t))\n'
                   'run.blocking(3)\nrun',
    'NetBuilder': 'builder = widgets.NetBuilder("digits")\n'
                  'builder.add("conv2d", parent=builder.add("residual"))\nbuilder',
    'Unroller': 'widgets.Unroller(L.LSTM(4, 3), x[:5])',
    'ConvExplorer': 'widgets.ConvExplorer(np.eye(8, dtype="float32"))',
    'DeviceSwitch': 'widgets.DeviceSwitch(net, data=(x, t))',
    'WasteMeter': 'widgets.WasteMeter([3, 9, 5, 2])',
}
# What is there once a widget shows what it was given.
DRAWN = {
    'LiveGraph': '.mc-status:has-text("2 operations")',      # an example stands there before
    'BackpropStepper': '.mc-surface .mc-waiting',
    'TrainingRun': '.mc-chart[aria-label*=Now]', 'NetBuilder': '.mc-blockbox',
    'Unroller': '.mc-step', 'ConvExplorer': '[aria-label^="Output"]', 'DeviceSwitch': '.mc-pair',
    'WasteMeter': '.mc-cells[aria-label]',
}
# What a tab has in it once the kernel has answered.
ANSWERED = {'Curves': '.mc-chart', 'Regions': '.mc-key', 'Predictions': '.mc-tile',
            'Confusion': 'td', 'Weights': '.mc-layer', 'Inside': '.mc-part'}
# What is pressed first, so that all that a widget can show is looked at.
PRESSED = {
    'LiveGraph': ['Search', 'Replay', 'Table', 'Save the picture', 'What the shapes'],
    'BackpropStepper': ['Step ▶'],
    'NetBuilder': ['Save, share', 'Own table'],
}
LOOK = """async selector => {
    const found = await axe.run(selector, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
        resultTypes: ['violations'] });
    return found.violations
        .filter(problem => ['serious', 'critical'].includes(problem.impact))
        .map(problem => `${problem.id}: ${problem.help}\\n`
            + problem.nodes.map(node => `    ${node.html.slice(0, 160)}`).join('\\n'));
}"""


def look(page, selector):
    """The serious and critical violations inside of an element."""
    if not page.evaluate('() => "axe" in window'):
        page.add_script_tag(content=AXE.read_text('utf-8'))
    return page.evaluate(LOOK, selector)


def test_every_widget_is_looked_at():
    public = {name: getattr(minichain_widgets, name) for name in minichain_widgets.__all__}
    assert set(WIDGETS) == {name for name, value in public.items() if hasattr(value, '_esm')}


def test_a_barrier_is_found(chromium):
    page = chromium.new_page()
    page.set_content('<main id="bad"><img src="x.png"><button></button></main>')
    problems = look(page, '#bad')
    assert len(problems) == 2 and problems[0].startswith('button-name: ')
    page.close()


# Number what the Tab key should come to, in order.
STOPS = """root => [...root.querySelectorAll(
        'button, input, select, textarea, summary, [tabindex]')]
    .filter(each => each.tabIndex >= 0 && !each.disabled && each.checkVisibility())
    .map((each, index) => {
        each.dataset.stop = index;
        return each.outerHTML.slice(0, 120);
    })"""
MOVING = """root => [root, ...root.querySelectorAll('*')].filter(each => {
    const style = getComputedStyle(each);
    return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none';
}).map(each => each.outerHTML.slice(0, 120))"""


class Shown:
    """A notebook with every widget, with all of each open: (name, its element) one by one."""

    def __init__(self, book, page):
        self.book, self.page = book, page
        book.run(0)

    def __iter__(self):
        for number, name in enumerate(WIDGETS, start=1):
            self.book.run(number)
            output = self.page.locator('.jp-CodeCell').nth(number).locator(
                '.mc-kit, .mc-graph').first
            output.locator(DRAWN[name]).first.wait_for()
            output.scroll_into_view_if_needed()
            output.evaluate(f"element => element.id = 'looked-at-{name}'")
            for button in PRESSED.get(name, []):
                output.get_by_role('button', name=button).first.click()
            yield name, output


@pytest.mark.parametrize('theme', ['light', 'dark'])
def test_widgets_have_no_serious_barrier_and_rest_for_those_who_want_it(notebook, page, theme):
    page.emulate_media(reduced_motion='reduce')
    book = notebook(BEGIN, *WIDGETS.values())
    if theme == 'dark':
        book.dark()
    problems, moving = [], []
    for name, output in Shown(book, page):
        tabs = output.get_by_role('tab')
        for number in range(max(tabs.count(), 1)):
            if tabs.count():
                tabs.nth(number).click()
                drawn = ANSWERED[tabs.nth(number).inner_text()]
                output.get_by_role('tabpanel').locator(drawn).first.wait_for()
            moving += output.evaluate(MOVING)
            problems += [f'{name} complains: {text}' for text in
                         output.locator('.mc-problem:not([hidden])').all_inner_texts()]
            problems += [f'{name} ({theme}): {text}' for text in look(page, f'#looked-at-{name}')]
    assert not problems, '\n'.join(problems)
    assert not moving, moving


def test_the_tab_key_comes_to_every_control_in_order(notebook, page):
    for name, output in Shown(notebook(BEGIN, *WIDGETS.values()), page):
        stops = output.evaluate(STOPS)
        assert len(stops) > 1, name
        output.locator('[data-stop="0"]').focus()
        for number, stop in enumerate(stops):
            expect(page.locator(':focus'), f'{name}: {stop} is not reached').to_have_attribute(
                'data-stop', str(number))
            page.keyboard.press('Tab')
