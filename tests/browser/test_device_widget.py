"""DeviceSwitch in a notebook: with the stand-in for a GPU, and without any GPU."""
import pathlib

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.newest_only, pytest.mark.same_page]

TESTS = pathlib.Path(__file__).resolve().parents[1]
CELL = """import numpy as np
import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import backend
from minichain_widgets import DeviceSwitch
mc.set_seed(0)
model = mc.Sequential(L.Linear(8, 16), F.relu, L.Linear(16, 2))
optimizer = mc.optimizers.Adam().setup(model)
x = np.random.default_rng(0).normal(size=(200, 8)).astype('float32')
switch = DeviceSwitch(model, optimizer, (x, (x[:, 0] > 0).astype('int64')))
switch"""
GPU = f"""import sys
sys.path.insert(0, {str(TESTS)!r})
import standin
standing = standin.installed()
standing.__enter__();"""
NO_GPU = """from minichain import backend
from minichain.find_gpu import INSTALL
backend._gpu = lambda: (None, f'CuPy is not installed: {INSTALL}.')"""
ROOT = '.mc-DeviceSwitch'


def test_everything_moves_and_both_devices_are_timed(notebook, page):
    book = notebook(GPU, CELL, 'print(model.device, switch.arrays[0].device)')
    book.run(0)
    book.run(1)
    root = page.locator(ROOT)
    toggle = root.get_by_role('switch', name='Use the GPU')
    toggle.focus()
    page.keyboard.press('Space')
    root.get_by_role('switch', checked=True).wait_for()
    gpu = root.get_by_role('region', name='GPU')
    for words in 'the model is here', 'Moved here', 'memory held by the pool':
        expect(gpu).to_contain_text(words)
    book.run(2)
    assert book.text(2).startswith('gpu:0 ')

    root.get_by_role('button', name='Measure').click()
    root.get_by_text('ms on the CPU and').wait_for()       # before that it tells of the CPU alone
    for device in ('CPU', 'GPU'):
        expect(root.get_by_role('region', name=device, exact=True)).to_contain_text('first step')
    root.get_by_label('Examples in a batch').select_option('128')
    root.get_by_text('A step takes').wait_for(state='detached')
    held = gpu.locator('.mc-pair').filter(has_text='held by the pool').locator('b')
    used = gpu.locator('.mc-pair').filter(has_text='memory in arrays').locator('b')
    expect(held).not_to_have_text(used.inner_text())    # the copies that were timed are gone
    root.get_by_role('button', name='Free memory').click()
    held.get_by_text(used.inner_text(), exact=True).wait_for()
    toggle.click()
    root.get_by_role('switch', checked=False).wait_for()
    expect(root.locator('.mc-problem')).to_be_hidden()


def test_without_a_gpu_the_switch_is_there_and_says_why(notebook, page):
    book = notebook(NO_GPU, CELL)
    book.run(0)
    book.run(1)
    root = page.locator(ROOT)
    root.get_by_text('No GPU can be used here.').wait_for()
    expect(root.get_by_role('switch', name='Use the GPU')).to_be_disabled()
    expect(root.locator('.mc-helps')).to_have_text("pip install 'minichain[gpu]'")
    root.get_by_role('button', name='Measure').click()
    root.get_by_text('nothing to compare it with').wait_for()
    assert book.text(1).startswith('DeviceSwitch: Sequential(178 parameters) on cpu.')
