"""Pictures for people to look at, in screenshots/: the states of the panel in both themes."""
import pathlib

import pytest
from labbox import Picture
from test_live_panel import LSTM

FOLDER = pathlib.Path(__file__).parent / 'screenshots'

CNN = """import time
import numpy as np
import minichain as mc
import minichain.functions as F
import minichain.links as L

class Slow:
    \"\"\"Lets each operation and each gradient take a while.\"\"\"
    def on_apply(self, *event):
        time.sleep(0.15)
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

FORWARD = """with mc.watch(Slow()):
    loss = F.softmax_cross_entropy(net(x), t)"""
BACKWARD = """with mc.watch(Slow()):
    loss.backward()"""


@pytest.mark.parametrize('theme, width', [
    ('light', 1280), ('dark', 800),
    pytest.param('light', 800, marks=pytest.mark.newest_only),
    pytest.param('dark', 1280, marks=pytest.mark.newest_only)])
def test_screenshots(notebook, page, theme, width):
    page.set_viewport_size({'width': width, 'height': 800})
    FOLDER.mkdir(exist_ok=True)

    def shoot(name):
        page.wait_for_timeout(300)      # a picture of it at rest looks better, no more
        page.screenshot(path=FOLDER / f'{name}-{theme}-{width}.png')

    book = notebook(CNN, FORWARD, BACKWARD, LSTM, 'y.backward()')
    if width == 800:
        book.command('application:toggle-left-area')
        book.command('minichain:show-graph')    # where there is little room, it waits to be asked
    if theme == 'dark':
        book.dark()
    light = page.evaluate('document.body.dataset.jpThemeLight')
    assert light == str(theme == 'light').lower()
    picture = Picture(page)
    book.run(0)
    book.start(1)
    picture.boxes('function').nth(4).wait_for()
    shoot('1-forward')
    book.wait_prompt(1)
    book.start(2)
    page.wait_for_timeout(900)      # into the middle of the backward pass, which is slow here
    shoot('2-backward')
    book.wait_prompt(2)
    shoot('3-cnn')
    picture.box('relu').click()
    shoot('4-click')
    book.run(3)
    picture.wait('×100', part='.mc-surface')
    book.run(4)
    picture.wait('∇', part='.mc-heatscale')
    shoot('5-lstm')
    assert len(list(FOLDER.glob(f'*-{theme}-{width}.png'))) == 5
