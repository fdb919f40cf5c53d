"""Pictures for people to look at, in screenshots/: the states of the panel in both themes."""
import pathlib

import pytest
from labbox import HOLD, Picture
from test_live_panel import LSTM

pytestmark = pytest.mark.same_page

FOLDER = pathlib.Path(__file__).parent / 'screenshots'

CNN = HOLD + """import numpy as np
import minichain as mc
import minichain.functions as F
import minichain.links as L

class InTheMiddle:
    \"\"\"Waits at the fifth operation or gradient.\"\"\"
    def __init__(self, name):
        self.name, self.left = name, 5
    def on_apply(self, *event):
        self.left -= 1
        if self.left == 0:
            hold(self.name)
    on_backward = on_apply

class Net(mc.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Conv2d(8, ksize=3)
            self.conv2 = L.Conv2d(16, ksize=3)
            self.out = L.Linear(10)

    def forward(self, x):
        h = F.max_pool2d(F.relu(self.conv1(x)), 2)
        h = F.max_pool2d(F.relu(self.conv2(h)), 2)
        return self.out(F.flatten(h))

mc.set_seed(0)
net = Net()
x = np.random.default_rng(0).normal(size=(4, 1, 28, 28)).astype('float32')
t = np.array([3, 1, 4, 1])"""

FORWARD = """with mc.watch(InTheMiddle('forward-{0}')):
    loss = F.softmax_cross_entropy(net(x), t)"""
BACKWARD = """with mc.watch(InTheMiddle('backward-{0}')):
    loss.backward()"""


@pytest.mark.parametrize('theme, width', [
    ('light', 1280), ('dark', 800),
    pytest.param('light', 800, marks=pytest.mark.newest_only),
    pytest.param('dark', 1280, marks=pytest.mark.newest_only)])
def test_screenshots(notebook, page, theme, width):
    page.set_viewport_size({'width': width, 'height': 800})
    FOLDER.mkdir(exist_ok=True)
    here = f'{theme}-{width}'

    def shoot(name):
        page.wait_for_timeout(300)      # a picture of it at rest looks better, no more
        page.screenshot(path=FOLDER / f'{name}-{here}.png')

    book = notebook(CNN, FORWARD.format(here), BACKWARD.format(here), LSTM, 'y.backward()')
    book.command('minichain:show-graph')
    if width == 800:
        book.command('application:toggle-left-area')
    if theme == 'dark':
        book.dark()
    light = page.evaluate('document.body.dataset.jpThemeLight')
    assert light == str(theme == 'light').lower()
    picture = Picture(page)
    book.run(0)
    book.start(1)
    picture.boxes('function').nth(4).wait_for()
    shoot('1-forward')
    book.let_go(f'forward-{here}')
    book.wait_prompt(1)
    book.start(2)
    picture.boxes('lit').nth(3).wait_for()
    shoot('2-backward')
    book.let_go(f'backward-{here}')
    book.wait_prompt(2)
    shoot('3-cnn')
    picture.box('relu').click()
    shoot('4-click')
    book.run(3)
    picture.wait('×100', part='.mc-surface')
    book.run(4)
    picture.wait('∇', part='.mc-heatscale')
    shoot('5-lstm')
    if width == 800:
        book.command('application:toggle-left-area')
    assert len(list(FOLDER.glob(f'*-{here}.png'))) == 5
