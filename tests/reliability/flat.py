"""Whether memory stays flat where something is made and thrown away again and again.

    python tests/reliability/flat.py cycles --count 100        widgets are opened and closed
    python tests/reliability/flat.py updates --count 10000     one open widget is told its state
    python tests/reliability/flat.py errors --count 10000      graphs with an error in the middle

The first two drive JupyterLab in Chromium. After each fifth of the work garbage is collected on
both sides; then these are compared: the page's heap, its nodes and listeners, the kernel's memory
and its number of objects. A cell that runs again leaves something in JupyterLab whatever it shows,
and a browser forgets no module that it has loaded: anywidget loads one for each widget. So sliders
of ipywidgets, and widgets of anywidget that show nothing but have modules of the same length, are
opened and closed as often. What grew with the latter is subtracted. If all widgets together are not
flat, `--widgets` with one name after the other finds which is not.
"""
import argparse
import contextlib
import gc
import json
import pathlib
import sys
import tempfile
import time

import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / 'browser')]
import labbox       # noqa: E402  (the folders are no packages)
import test_accessibility   # noqa: E402
from environments import end_when_told      # noqa: E402

WIDGETS = test_accessibility.WIDGETS
BEGIN = test_accessibility.BEGIN + """
import gc
import json
import functools
import anywidget
import ipywidgets
import psutil
from IPython.display import display
shown = []
@functools.cache
def bare(kind):
    text = 'export default { render({ el }) { el.className = "bare"; } };'
    return type('Bare', (anywidget.AnyWidget,), {
        '_esm': text + '\\n/*' + kind._esm.replace('*/', '') + '*/', '_css': kind._css})
def state():
    gc.collect()
    return [psutil.Process().memory_info().rss / 1e6, len(gc.get_objects())]"""
CLOSE = """for widget in shown:
    widget.close()
shown.clear()
builder = widget = None
print(json.dumps(state()))"""
UPDATES = """for i in range({count}):
    shown[0].refresh()
print(json.dumps(state()))"""

# What is shown to compare with, and how it is found in the page.
SLIDER, BARE = ('ipywidgets.IntSlider()', '.widget-slider'), ('bare(widgets.{name})()', '.bare')

# What may be left of one widget beyond that. One that is not let go of takes more: the smallest
# view has some hundred nodes.
LIMITS = {'heap': 0.05, 'kernel': 0.05, 'nodes': 20, 'listeners': 10, 'objects': 10}

# A cell may run for two minutes.
AT_ONCE = 400


def open_cell(codes):
    """A cell that shows these widgets."""
    lines = []
    for code in codes:
        *before, last = code.splitlines()
        lines += [*before, f'shown.append({last})', 'display(shown[-1])']
    return '\n'.join(lines)


class Measure:
    """Page and kernel after garbage was collected: {'heap': MB, 'nodes': n, ...}."""

    def __init__(self, book):
        self.book = book
        self.session = book.page.context.new_cdp_session(book.page)

    def __call__(self, cell):
        for _ in range(3):      # what the first finds may hold more
            self.session.send('HeapProfiler.collectGarbage')
        counts = self.session.send('Memory.getDOMCounters')
        kernel, objects = json.loads(self.book.text(cell).splitlines()[-1])
        return {'heap': self.session.send('Runtime.getHeapUsage')['usedSize'] / 1e6,
                'nodes': counts['nodes'], 'listeners': counts['jsEventListeners'],
                'kernel': kernel, 'objects': objects}


def cycles(book, places, count):
    """Open and close widgets so often, in five parts; measured after each."""
    measure = Measure(book)
    inside = [f'.jp-OutputArea {place}' for place in places]
    samples = []
    for i in range(1, count + 1):
        book.run(1)
        book.page.wait_for_function(
            'places => places.every(place => document.querySelector(place))', arg=inside)
        book.run(2)
        book.page.wait_for_function(
            'places => !places.some(place => document.querySelector(place))', arg=inside)
        if i % (count // 5) == 0:
            samples.append(measure(2))
    return samples


def updates(book, count):
    """Tell an open widget its state so often, in five parts; measured after each."""
    measure = Measure(book)
    samples = []
    book.run(1)
    for _ in range(5):
        for _ in range(max(count // 5 // AT_ONCE, 1)):
            book.run(2)
        samples.append(measure(2))
    return samples


def growth(samples, times):
    """What grew from the end of the first fifth to the end, for each one of so many times."""
    first, last = samples[0], samples[-1]
    return {name: (last[name] - first[name]) / (times * 4 / 5) for name in last}


def is_flat(grown):
    return all(grown[name] <= limit for name, limit in LIMITS.items())


def show(title, samples, start):
    first, last = samples[0], samples[-1]
    held = ', '.join(f'{name} {first[name]:,.1f} to {last[name]:,.1f}' for name in last)
    print(f'{title}: {held} ({time.monotonic() - start:.0f} s)', flush=True)


def errors(count):
    """The objects that are left after so many graphs with an error in the middle."""
    net = L.Sequential(L.Linear(3, 4), L.BatchNorm(4), F.tanh, L.Linear(4, 2))
    x, wrong = np.ones((2, 3), 'float32'), np.ones((5, 5), 'float32')
    numbers = []
    for i in range(count):
        try:
            F.matmul(net(x), wrong)
        except mc.ShapeError:
            pass
        if (i + 1) % max(count // 5, 1) == 0:
            gc.collect()
            numbers.append(len(gc.get_objects()))
    return numbers


@contextlib.contextmanager
def opened(server, browser, *cells):
    """A notebook with these cells in a fresh page; its kernel is ended afterwards."""
    page = browser.new_context(viewport={'width': 1280, 'height': 800}).new_page()
    labbox.write_notebook(server.folder / 'book.ipynb', BEGIN, *cells)
    book = labbox.NotebookPage(page, server, 'book.ipynb').open()
    book.run(0)
    yield book
    page.evaluate('() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()')
    page.context.close()


def cycles_beyond_bare(server, browser, names, count):
    """What one cycle of one of these widgets leaves that one of a bare widget does not."""
    grown = []
    for title, codes, places in (
            ('as many sliders', [SLIDER[0] for _ in names], [SLIDER[1]]),
            ('as many bare widgets', [BARE[0].format(name=name) for name in names], [BARE[1]]),
            (', '.join(names), map(WIDGETS.get, names), [f'.mc-{name}' for name in names])):
        start = time.monotonic()
        with opened(server, browser, open_cell(codes), CLOSE) as book:
            samples = cycles(book, places, count)
        show(f'{count:,} cycles of {title}', samples, start)
        grown.append(growth(samples, count * len(names)))
    return {name: grown[-1][name] - grown[-2][name] for name in LIMITS}


def after_updates(server, browser, count):
    """What one update of an open Unroller leaves."""
    start = time.monotonic()
    update = UPDATES.format(count=min(count // 5, AT_ONCE))
    with opened(server, browser, open_cell([WIDGETS['Unroller']]), update) as book:
        samples = updates(book, count)
    show(f'{count:,} updates of Unroller', samples, start)
    return growth(samples, count)


def in_browser(what, count, names):
    """Whether memory is flat; prints what was measured."""
    with tempfile.TemporaryDirectory() as folder, labbox.chromium() as browser:
        server = labbox.LabServer(folder)
        try:
            grown = (cycles_beyond_bare(server, browser, names, count) if what == 'cycles'
                     else after_updates(server, browser, count))
        finally:
            server.stop()
    flat = is_flat(grown)
    each = ', '.join(f'{name} {value:+.3f}' for name, value in grown.items())
    print(f'{"Flat" if flat else "NOT flat"}: each leaves {each}', flush=True)
    return flat


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('what', choices=['cycles', 'updates', 'errors'])
    parser.add_argument('--count', type=int, default=100, help='five or more (default: 100)')
    parser.add_argument('--widgets', nargs='+', choices=list(WIDGETS), default=list(WIDGETS))
    options = parser.parse_args()
    if options.count < 5:
        parser.error(f'--count is at least 5, not {options.count}')
    end_when_told()
    if options.what == 'errors':
        numbers = errors(options.count)
        print(f'{options.count:,} errors: {numbers[0]:,} to {numbers[-1]:,} objects')
        return 0 if numbers[-1] - numbers[0] < 100 else 1
    return 0 if in_browser(options.what, options.count, options.widgets) else 1


if __name__ == '__main__':
    sys.exit(main())
