"""How smoothly pictures follow the hand: python tests/bench/front_end.py

Opens JupyterLab in Chromium (MINICHAIN_CHROMIUM names one, else Playwright's own) and prints
milliseconds: the frames of a LiveGraph of 1,000 nodes that is dragged, as it is drawn at first and
with everything unfolded, and what a move of the pointer over the output of a ConvExplorer takes at
28x28. A frame cannot take less than 16.7 ms here: Chromium draws 60 a second. Beside the clock,
which other programs disturb, stands the processor time of the page's main thread for one move: what
it needs for scripts, styles, layout and painting orders, without the drawing of pixels.
"""
import argparse
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'browser'))

import labbox  # noqa: E402

GRAPH = """import minichain as mc
import minichain.functions as F
from minichain_widgets import LiveGraph
h = mc.Variable([0.5, 0.2], name='x')
for i in range({nodes} // 4):
    h = F.tanh(h * mc.Variable([1.5, 0.5], name=f'w{{i}}') + F.sin(h))
LiveGraph(h, height=600)"""
PICTURE = """import numpy as np
from minichain_widgets import ConvExplorer
ConvExplorer(np.random.default_rng(0).random((28, 28)))"""

# Both return sorted milliseconds.
PAN = """async ([place, count]) => {
    const surface = document.querySelector(place);
    const box = surface.getBoundingClientRect();
    const frames = [];
    let last = await new Promise(requestAnimationFrame);
    for (let k = 0; k < count; k++) {
        surface.dispatchEvent(new WheelEvent('wheel', { bubbles: true, cancelable: true,
            deltaY: k % 60 < 30 ? 12 : -12, clientX: box.left + 200, clientY: box.top + 200 }));
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - last);
        last = now;
    }
    return frames.sort((a, b) => a - b);
}"""
HOVER = """([place, count]) => {
    const canvas = document.querySelector(place);
    const box = canvas.getBoundingClientRect();
    const taken = [];
    for (let k = 0; k < count; k++) {
        const began = performance.now();
        canvas.dispatchEvent(new PointerEvent('pointermove', { bubbles: true,
            clientX: box.left + 5 + (k * 37) % (box.width - 10),
            clientY: box.top + 5 + (k * 53) % (box.height - 10) }));
        canvas.closest('.mc-ConvExplorer').getBoundingClientRect();
        taken.push(performance.now() - began);
    }
    return taken.sort((a, b) => a - b);
}"""


def middle_and_late(taken):
    """The median, and what 95 of 100 stay below."""
    median, high = taken[len(taken) // 2], taken[len(taken) * 95 // 100]
    return f'median {median:5.1f} ms, 95 % below {high:5.1f} ms'


class Processor:
    """The processor time of the page's main thread."""

    def __init__(self, page):
        self.client = page.context.new_cdp_session(page)
        self.client.send('Performance.enable', {'timeDomain': 'threadTicks'})

    def seconds(self):
        found = self.client.send('Performance.getMetrics')['metrics']
        return next(each['value'] for each in found if each['name'] == 'TaskDuration')

    def of(self, page, program, arguments):
        """What a program returns, and the milliseconds of its moves."""
        before = self.seconds()
        result = page.evaluate(program, arguments)
        return result, 1000 * (self.seconds() - before) / arguments[-1]


def measure(book, page, moves):
    processor = Processor(page)
    surface = '.mc-LiveGraph .mc-surface'
    boxes = '.mc-LiveGraph .mc-surface .mc-box'
    book.run(0)
    page.locator(boxes).first.wait_for()
    page.wait_for_timeout(1000)     # rest before it is measured
    for name in 'as drawn first', 'unfolded':
        if name == 'unfolded':
            page.locator('.mc-LiveGraph').get_by_role('button', name='Unfold').click()
            page.wait_for_timeout(2000)     # rest before it is measured again
        frames, used = processor.of(page, PAN, [surface, moves])
        print(f'LiveGraph, {page.locator(boxes).count():5} boxes {name + ",":15} a frame: '
              f'{middle_and_late(frames)}; processor {used:.1f} ms', flush=True)
    book.run(1)
    output = '.mc-ConvExplorer canvas[aria-label^=Output]'
    page.locator(output).wait_for()
    taken, used = processor.of(page, HOVER, [output, moves])
    print(f'ConvExplorer, 28x28, a move of the pointer: {middle_and_late(taken)}; '
          f'processor {used:.1f} ms')


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--nodes', type=int, default=1000, help='of the graph, about')
    parser.add_argument('--moves', type=int, default=240)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        server = labbox.LabServer(folder)
        try:
            with labbox.chromium() as browser:
                page = browser.new_page(viewport={'width': 1280, 'height': 900})
                labbox.write_notebook(pathlib.Path(folder) / 'bench.ipynb',
                                      GRAPH.format(nodes=options.nodes), PICTURE)
                book = labbox.NotebookPage(page, server, 'bench.ipynb').open()
                measure(book, page, options.moves)
        finally:
            server.stop()


if __name__ == '__main__':
    main()
