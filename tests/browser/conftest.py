"""A JupyterLab and a Chromium for all browser tests, and a page for each."""
import itertools
import os
import pathlib

import labbox
import pytest
from environments import end_when_told

SIZE = {'width': 1280, 'height': 800}

HAS_LAB = "() => 'jupyterapp' in window"
# Close what is open, with its kernel and without a question, and go back to the light theme.
CLEAR = """async () => {
    const { commands, shell } = window.jupyterapp;
    const isLauncher = widget => widget?.id.startsWith('launcher');
    for (const widget of [...shell.widgets('main')]) {
        if (isLauncher(widget)) continue;
        await widget.sessionContext?.shutdown();
        if (widget.context) widget.context.model.dirty = false;
        widget.close();
    }
    const limit = Date.now() + 30_000;
    const until = async isSo => {
        while (!isSo()) {
            if (Date.now() > limit) throw new Error(`It does not come to this: ${isSo}`);
            await new Promise(done => setTimeout(done, 10));
        }
    };
    // JupyterLab opens its launcher when nothing is open: before the next notebook, not over it.
    await until(() => isLauncher(shell.currentWidget));
    shell.collapseRight();
    if (document.body.dataset.jpThemeLight === 'false') {
        await commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' });
        // It hides itself until the next frame: what opens meanwhile does not come to the front.
        await until(() => document.body.dataset.jpThemeLight === 'true' && !shell.isHidden);
    }
}"""

# MINICHAIN_LATE_PAGE: a page draws what changes, and hears what the kernel says, so many
# milliseconds later. A test that does not wait fails then, and not only on a busy machine.
LATE = """late => {
    const { setTimeout } = window;
    window.setTimeout = (act, rest = 0, ...given) =>
        setTimeout(act, rest < 20 ? rest : rest + late, ...given);
    window.requestAnimationFrame = draw => setTimeout(() => draw(performance.now()), late);
    window.cancelAnimationFrame = clearTimeout;
    for (const name of ['ResizeObserver', 'IntersectionObserver'])
        window[name] = class extends window[name] {
            constructor(tell, options) {
                super((...told) => setTimeout(() => tell.apply(this, told), late), options);
            }
        };
    window.WebSocket = class extends WebSocket {
        set onmessage(hear) {       // JupyterLab sets another one when it closes the connection
            this.hear = hear;
            super.onmessage = event => setTimeout(() => this.hear?.(event), late);
        }
    };
}"""


def pytest_configure():
    end_when_told()     # else the server and the browser go on alone


def pytest_collection_modifyitems(items):
    here = pathlib.Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope='session')
def server(tmp_path_factory):
    server = labbox.LabServer(tmp_path_factory.mktemp('lab'))
    yield server
    server.stop()


@pytest.fixture(scope='session')
def classic_server(tmp_path_factory):
    server = labbox.LabServer(tmp_path_factory.mktemp('notebook'), app='notebook')
    yield server
    server.stop()


@pytest.fixture(scope='session')
def chromium():
    with labbox.chromium() as browser:
        yield browser


def keeps_page(request):
    marker = request.node.get_closest_marker('same_page')
    return marker is not None and marker.args != (False,)


@pytest.fixture(scope='module')
def window(chromium):
    window = Window(chromium)
    yield window
    window.close()


@pytest.fixture
def page(window, request):
    """A page at JupyterLab's usual size. What goes wrong in it fails the test.

    It is a new one that remembers nothing. For tests marked same_page, JupyterLab stays open in it
    from one test of the file to the next, without the notebooks and kernels of the one before;
    it is a new one after a failure, and after same_page(False).
    """
    stays = keeps_page(request)
    failed = request.session.testsfailed
    yield window.open()
    if stays and request.session.testsfailed == failed:
        window.clear()
    else:
        window.close()
    problems = window.heard()
    assert not problems, problems


@pytest.fixture
def notebook(page, server, request):
    """Opens a new notebook: notebook(cell, ...), or notebook.beside(cell, ...) in another tab."""
    yield Notebooks(page, server, keeps_page(request))
    server.forget_theme()


class Notebooks:
    numbers = itertools.count(1)

    def __init__(self, page, server, in_this_page):
        self.page, self.server, self.in_this_page = page, server, in_this_page

    def __call__(self, *cells):
        book = self._write(cells)
        beside = self.in_this_page and self.page.evaluate(HAS_LAB)
        return book.open_beside(self.server.kernel()) if beside else book.open()

    def beside(self, *cells):
        return self._write(cells).open_beside(self.server.kernel())

    def _write(self, cells):
        name = f'book{next(self.numbers)}.ipynb'
        labbox.write_notebook(self.server.folder / name, *cells)
        return labbox.NotebookPage(self.page, self.server, name)


class Window:
    """The page of the tests of one file, and what goes wrong in it."""

    def __init__(self, chromium):
        self.chromium = chromium
        self.context = None
        self.problems = []

    def open(self):
        if self.context is None:
            self.context = self.chromium.new_context(viewport=SIZE)
            if late := os.environ.get('MINICHAIN_LATE_PAGE'):
                self.context.add_init_script(f'({LATE})({int(late)})')
            self.problems = labbox.listen(self.context.new_page())
        return self.context.pages[0]

    def close(self):
        if self.context is not None:
            self.context.close()
            self.context = None

    def clear(self):
        """Make it as it was opened: closing a notebook is part of what is tested."""
        page = self.context.pages[0]
        page.set_viewport_size(SIZE)
        page.emulate_media(reduced_motion='null')
        if page.evaluate(HAS_LAB):
            page.evaluate(CLEAR)

    def heard(self):
        """What went wrong since the last question."""
        problems = list(self.problems)
        self.problems.clear()
        return problems
