"""Take the picture that README.md shows, in the JupyterLab of this environment.

    python tests/browser/picture.py
"""
import pathlib
import tempfile

import labbox

TARGET = labbox.ROOT / '.github' / 'images' / 'live-graph.png'
CELLS = [
    '''import minichain as mc
import minichain.functions as F
import minichain.links as L
import numpy as np

mc.set_seed(0)
x = np.linspace(-1, 1, 32, dtype='float32').reshape(16, 2)
t = (x[:, 0] * x[:, 1] > 0).astype(int)''',
    '''class Net(mc.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.hidden = L.Linear(2, 8)
            self.out = L.Linear(8, 2)

    def forward(self, x):
        h = F.tanh(self.hidden(x))
        while abs(h.data).max() > 0.5:    # an ordinary loop: the graph follows it
            h = h * 0.8
        return self.out(h)''',
    '''net = Net()
loss = F.softmax_cross_entropy(net(x), t)
loss.backward()''',
]


def main():
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = labbox.LabServer(folder)
        try:
            with labbox.chromium() as browser:
                page = browser.new_context(viewport={'width': 1280, 'height': 800}).new_page()
                labbox.write_notebook(pathlib.Path(folder) / 'my_first_net.ipynb', *CELLS)
                book = labbox.NotebookPage(page, server, 'my_first_net.ipynb').open()
                book.command('filebrowser:hide-main')
                book.run_all()
                picture = labbox.Picture(page)
                picture.wait('operations')
                page.wait_for_timeout(1500)     # a picture of it at rest looks better
                page.screenshot(path=TARGET)
        finally:
            server.stop()


if __name__ == '__main__':
    main()
