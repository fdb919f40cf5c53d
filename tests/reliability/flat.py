"""Whether memory stays flat where something is made and thrown away again and again.

    python tests/reliability/flat.py cycles --count 100        widgets are opened and closed
    python tests/reliability/flat.py updates --count 10000     one open widget is told its state
    python tests/reliability/flat.py errors --count 10000      graphs with an error in the middle

The first two drive JupyterLab in Chromium. After a fifth of the work, and at the end, garbage is
collected on both sides; then these are compared: the page's heap, its nodes and listeners, the
kernel's memory and its number of objects.
"""
import argparse
import gc
import json
import pathlib
import sys
import tempfile

import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'browser'))
import labbox       # noqa: E402  (the folder is no package)
import test_accessibility   # noqa: E402

WIDGETS = test_accessibility.WIDGETS
BEGIN = test_accessibility.BEGIN + """
import gc
import json
import psutil
from IPython.display import display
shown = []
def state():
    gc.collect()
    return [psutil.Process().memory_info().rss / 1e6, len(gc.get_objects())]"""
CLOSE = """for widget in shown:
    widget.close()
shown.clear()
del widget
print(json.dumps(state()))"""
UPDATES = """for i in range({count}):
    shown[0].refresh()
print(json.dumps(state()))"""

# What may be left of one cycle or update. One widget that is not let go of takes more.
MEGABYTES, NODES, LISTENERS, OBJECTS = 0.3, 20, 5, 100


def open_cell(names):
    """A cell that shows these widgets."""
    return '\n'.join(f'shown.append({WIDGETS[name]})\ndisplay(shown[-1])' for name in names)


class Measure:
    """Page and kernel after garbage was collected: {'heap': MB, 'nodes': n, ...}."""

    def __init__(self, book):
        self.book = book
        self.session = book.page.context.new_cdp_session(book.page)

    def __call__(self, cell):
        for _ in range(2):      # what the first finds may hold more
            self.session.send('HeapProfiler.collectGarbage')
        counts = self.session.send('Memory.getDOMCounters')
        kernel, objects = json.loads(self.book.text(cell).splitlines()[-1])
        return {'heap': self.session.send('Runtime.getHeapUsage')['usedSize'] / 1e6,
                'nodes': counts['nodes'], 'listeners': counts['jsEventListeners'],
                'kernel': kernel, 'objects': objects}


def cycles(book, names, count):
    """Open and close these widgets so often; measured after each time."""
    measure = Measure(book)
    samples = []
    for _ in range(count):
        book.run(1)
        book.page.wait_for_function(
            'names => names.every(name => document.querySelector(`.mc-${name}`))', arg=list(names))
        book.run(2)
        book.page.wait_for_function(
            'names => !names.some(name => document.querySelector(`.jp-OutputArea .mc-${name}`))',
            arg=list(names))
        samples.append(measure(2))
    return samples


def updates(book, count):
    """Tell an open widget its state so often, in five parts; measured after each."""
    measure = Measure(book)
    samples = []
    for _ in range(5):
        book.run(2)
        samples.append(measure(2))
    return samples


def growth(samples):
    """What grew from the end of the first fifth to the end, for each one of the rest."""
    first, last = samples[max(len(samples) // 5 - 1, 0)], samples[-1]
    rest = len(samples) - max(len(samples) // 5, 1)
    return {name: (last[name] - first[name]) / rest for name in last}


def is_flat(grown):
    limits = {'heap': MEGABYTES, 'kernel': MEGABYTES, 'nodes': NODES, 'listeners': LISTENERS,
              'objects': OBJECTS}
    return all(grown[name] <= limit for name, limit in limits.items())


def show(title, samples):
    first, last = samples[max(len(samples) // 5 - 1, 0)], samples[-1]
    print(f'{title}: ' + ', '.join(f'{name} {first[name]:,.1f} to {last[name]:,.1f}'
                                   for name in last), flush=True)


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


def in_browser(what, count, names):
    """Whether memory is flat; prints what was measured."""
    flat = True
    with tempfile.TemporaryDirectory() as folder, labbox.chromium() as browser:
        server = labbox.LabServer(folder)
        try:
            for name in names:
                page = browser.new_context(viewport={'width': 1280, 'height': 800}).new_page()
                cell = CLOSE if what == 'cycles' else UPDATES.format(count=count // 5)
                labbox.write_notebook(server.folder / f'{name}.ipynb', BEGIN, open_cell([name]),
                                      cell)
                book = labbox.NotebookPage(page, server, f'{name}.ipynb').open()
                book.run(0)
                if what == 'cycles':
                    samples = cycles(book, [name], count)
                else:
                    book.run(1)
                    samples = updates(book, count)
                show(f'{name}, {count:,} {what}', samples)
                flat &= is_flat(growth(samples))
                page.context.close()
        finally:
            server.stop()
    return flat


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('what', choices=['cycles', 'updates', 'errors'])
    parser.add_argument('--count', type=int, default=100)
    parser.add_argument('--widgets', nargs='+', choices=list(WIDGETS), default=list(WIDGETS))
    options = parser.parse_args()
    if options.what == 'errors':
        numbers = errors(options.count)
        print(f'{options.count:,} errors: {numbers[0]:,} to {numbers[-1]:,} objects')
        return 0 if numbers[-1] - numbers[0] < OBJECTS else 1
    names = options.widgets if options.what == 'cycles' else ['Unroller']
    return 0 if in_browser(options.what, options.count, names) else 1


if __name__ == '__main__':
    sys.exit(main())
