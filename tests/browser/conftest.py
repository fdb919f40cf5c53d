"""A JupyterLab and a Chromium for all browser tests, and a page for each."""
import itertools
import pathlib

import labbox
import pytest

SCREENSHOTS = pathlib.Path(__file__).parent / 'screenshots'
# What JupyterLab itself writes to the console in an ordinary session.
HARMLESS = ('favicon', 'ResizeObserver loop', 'service-worker', 'Failed to load resource')


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
def chromium():
    with labbox.chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium):
    """A page with nothing remembered. What goes wrong in it fails the test."""
    context = chromium.new_context(viewport={'width': 1280, 'height': 800})
    page = context.new_page()
    problems = []
    page.on('pageerror', lambda error: problems.append(str(error)))
    page.on('console', lambda message: problems.append(message.text)
            if message.type == 'error' and not any(word in message.text for word in HARMLESS)
            else None)
    page.problems = problems
    yield page
    context.close()
    assert not problems, problems


@pytest.fixture
def notebook(page, server):
    """A function that opens a new notebook with the given cells."""
    numbers = itertools.count(1)

    def open_notebook(*cells, view='lab/tree'):
        name = f'book{next(numbers)}-{id(page)}.ipynb'
        labbox.write_notebook(server.folder / name, *cells)
        return labbox.NotebookPage(page, server, name).open(view)

    return open_notebook
