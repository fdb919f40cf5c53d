"""A JupyterLab and a Chromium for all browser tests, and a page for each."""
import itertools
import pathlib

import labbox
import pytest

# What JupyterLab itself writes to the console in an ordinary session.
HARMLESS = ('favicon', 'ResizeObserver loop', 'service-worker', 'Failed to load resource',
            'WebSocket connection to',      # where a test restarts the server
            'ReactiveToolbar',      # JupyterLab 4.4, when a view is closed soon after it was opened
            # JupyterLab's own questions, if a kernel is restarted before they are answered
            'Canceled future for debug_request', 'Canceled future for create_subshell_request',
            "reading 'schema'")     # Notebook 7.6 says this without any extension, too


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


@pytest.fixture
def page(chromium):
    """A page with nothing remembered. What goes wrong in it fails the test."""
    context = chromium.new_context(viewport={'width': 1280, 'height': 800})
    page = context.new_page()
    problems = []

    def note(text):
        if not any(harmless in text for harmless in HARMLESS):
            problems.append(text)

    def listen(message):
        ours = 'minichain' in message.text + message.location.get('url', '')
        slow = 'to activate' in message.text        # JupyterLab, on a busy machine
        if message.type == 'error' or message.type == 'warning' and ours and not slow:
            note(message.text)

    page.on('pageerror', lambda error: note(str(error)))
    page.on('console', listen)
    yield page
    context.close()
    assert not problems, problems


@pytest.fixture
def notebook(page, server):
    """Opens a new notebook: notebook(cell, ...), or notebook.beside(cell, ...) in another tab."""
    yield Notebooks(page, server)
    server.forget_theme()


class Notebooks:
    numbers = itertools.count(1)

    def __init__(self, page, server):
        self.page, self.server = page, server

    def __call__(self, *cells):
        return self._write(cells).open()

    def beside(self, *cells):
        return self._write(cells).open_beside()

    def _write(self, cells):
        name = f'book{next(self.numbers)}.ipynb'
        labbox.write_notebook(self.server.folder / name, *cells)
        return labbox.NotebookPage(self.page, self.server, name)
