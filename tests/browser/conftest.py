"""A JupyterLab and a Chromium for all browser tests, and a page for each."""
import itertools
import pathlib

import labbox
import pytest


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
    problems = labbox.listen(page)
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
