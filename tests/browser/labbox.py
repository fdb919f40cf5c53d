"""A box with JupyterLab in it: a server on this machine, a page in Chromium, a notebook in it.

Nothing of the user's own Jupyter is read or changed: all its folders lie in a temporary one.
"""
import contextlib
import json
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
from playwright.sync_api import TimeoutError, expect, sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
LABEXTENSION = ROOT / 'widgets' / 'minichain_widgets' / 'labextension'
START_SECONDS = 60
expect.set_options(timeout=30_000)      # as long as Playwright waits for all else
CHROMIUM_OPTIONS = [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage',
    '--force-color-profile=srgb', '--enable-precise-memory-info', '--js-flags=--expose-gc',
]

# What JupyterLab itself writes to the console in an ordinary session.
HARMLESS = ('favicon', 'ResizeObserver loop', 'service-worker', 'Failed to load resource',
            'WebSocket connection to',      # where a test restarts the server
            'ReactiveToolbar',      # JupyterLab 4.4, when a view is closed soon after it was opened
            "reading 'widgets'",    # its debugger, whose button comes to a view that was closed
            # JupyterLab's own questions, if a kernel is restarted before they are answered
            'Canceled future for debug_request', 'Canceled future for create_subshell_request',
            "reading 'schema'")     # Notebook 7.6 says this without any extension, too

# JupyterLab restores its workspace while it starts: only this notebook, idle, is the right one.
NOTEBOOK_IS_READY = """path => {
    const shown = window.jupyterapp?.shell.currentWidget;
    return shown?.context?.path === path && shown.context.isReady && shown.content?.model
        && shown.sessionContext?.session?.kernel?.status === 'idle';
}"""
WHAT_IS_SHOWN = """() => {
    const shown = window.jupyterapp?.shell.currentWidget;
    const kernel = shown?.sessionContext?.session?.kernel;
    return { path: shown?.context?.path, ready: shown?.context?.isReady, status: kernel?.status,
        connection: kernel?.connectionStatus,
        dialog: document.querySelector('.jp-Dialog')?.textContent };
}"""
RUN = """async ([command, index]) => {
    const { commands, shell } = window.jupyterapp;
    if (index !== null) {
        shell.currentWidget.content.activeCellIndex = index;
        shell.currentWidget.content.deselectAll();
    }
    const late = new Promise((_, reject) =>
        setTimeout(() => reject(new Error(`${command} takes more than two minutes`)), 120000));
    await Promise.race([commands.execute(command), late]);
}"""
ERRORS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === 'code')
    .flatMap(cell => cell.model.outputs.toJSON())
    .filter(output => output.output_type === 'error')
    .map(output => `${output.ename}: ${output.evalue}`)"""
TEXT = """index => window.jupyterapp.shell.currentWidget.content.widgets[index]
    .model.outputs.toJSON()
    .map(output => output.text ?? output.data?.['text/plain'] ?? '').join('')"""


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class LabServer:
    """`jupyter lab` (or `jupyter notebook`) on a free port of this machine, with a random token.

    folder  holds the notebooks; everything else of Jupyter goes into folder/.jupyter
    app     'jupyterlab' or 'notebook'
    python  the interpreter whose Jupyter is used; MINICHAIN_LAB_PYTHON names another
    """

    def __init__(self, folder, app='jupyterlab', python=None):
        self.folder = pathlib.Path(folder)
        self.token = secrets.token_hex(16)
        self.port = free_port()
        self.base = f'http://127.0.0.1:{self.port}'
        own = self.folder / '.jupyter'
        extensions = own / 'labextensions'
        installed = extensions / 'minichain'
        installed.mkdir(parents=True)
        for source in (*LABEXTENSION.iterdir(), ROOT / 'lessons'):
            (installed / source.name).symlink_to(source)
        self._settings = own / 'settings'
        self._quiet(self._settings)
        self._german(own / 'packs')
        environment = dict(
            os.environ, IPYTHONDIR=str(own / 'ipython'), OPENBLAS_NUM_THREADS='1',
            JUPYTERLAB_SETTINGS_DIR=str(own / 'settings'),
            JUPYTERLAB_WORKSPACES_DIR=str(own / 'workspaces'),
            PYTHONPATH=os.pathsep.join([str(ROOT), str(ROOT / 'widgets'), str(own / 'packs')]))
        for name in 'config', 'runtime', 'data':
            environment[f'JUPYTER_{name.upper()}_DIR'] = str(own / name)
        environment['JUPYTER_PREFER_ENV_PATH'] = '1'
        self.python = python or os.environ.get('MINICHAIN_LAB_PYTHON', sys.executable)
        self._environment = environment
        self._command = [
            self.python, '-m', app, '--no-browser', '--ip=127.0.0.1', f'--port={self.port}',
            '--ServerApp.port_retries=0', '--allow-root', f'--IdentityProvider.token={self.token}',
            f'--ServerApp.root_dir={self.folder}', '--LabApp.expose_app_in_browser=True',
            '--JupyterNotebookApp.expose_app_in_browser=True', '--LabApp.news_url=',
            f'--LabServerApp.extra_labextensions_path={extensions}',
            f'--LabApp.extra_labextensions_path={extensions}']
        self.log = own / 'server.log'
        self._spare = None
        self.start()

    def start(self):
        """Start it, and wait until it answers: again, after `stop`, with the same address."""
        with self.log.open('ab') as log:
            self.process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env=self._environment, cwd=self.folder,
                start_new_session=True)
        try:
            self._wait()
        except BaseException:       # Ctrl-C, too: nobody else knows the server yet
            self.stop()
            raise

    def kernel(self):
        """The id of a kernel that was started ahead. The next one starts meanwhile."""
        taken = self._spare or self._start_kernel()
        self._spare = self._start_kernel()
        return taken

    def _start_kernel(self):
        request = urllib.request.Request(
            f'{self.base}/api/kernels', b'{"name": "python3"}',
            {'Authorization': f'token {self.token}', 'Content-Type': 'application/json'})
        with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:
            return json.load(answer)['id']

    def url(self, path, view='lab/tree'):
        """Where a notebook opens with nothing restored."""
        return f'{self.base}/{view}/{path}?token={self.token}&reset'

    @contextlib.contextmanager
    def settings(self, plugin, values):
        """The settings of a plugin, 'minichain:lessons', for the pages that open meanwhile."""
        package, name = plugin.split(':')
        file = self._settings / package / f'{name}.jupyterlab-settings'
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
        yield
        file.unlink()

    def forget_theme(self):
        """The next page opens in JupyterLab's usual theme."""
        folder = self._settings / '@jupyterlab' / 'apputils-extension'
        (folder / 'themes.jupyterlab-settings').unlink(missing_ok=True)

    def workspace(self):
        """What JupyterLab has saved of its workspaces."""
        folder = self.folder / '.jupyter' / 'workspaces'
        return ''.join(file.read_text('utf-8') for file in folder.glob('*'))

    def stop(self):
        self._spare = None      # it ends with the server
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _quiet(self, settings):
        """No news, no questions about news, no notifications."""
        folder = settings / '@jupyterlab' / 'apputils-extension'
        folder.mkdir(parents=True)
        (folder / 'notification.jupyterlab-settings').write_text(json.dumps(
            {'fetchNews': 'false', 'checkForUpdates': False, 'doNotDisturbMode': True}))

    def _german(self, folder):
        """An empty German language pack, as JupyterLab's own would be, and minichain's place in
        it: both are found by entry points."""
        pack = folder / 'language_pack_for_tests'
        catalogue = pack / 'locale' / 'de_DE' / 'LC_MESSAGES' / 'jupyterlab.json'
        catalogue.parent.mkdir(parents=True)
        catalogue.write_text(json.dumps({'': {
            'domain': 'jupyterlab', 'language': 'de-DE',
            'plural_forms': 'nplurals=2; plural=(n != 1);'}}))
        (pack / '__init__.py').touch()
        information = folder / 'language_pack_for_tests-1.0.dist-info'
        information.mkdir()
        (information / 'METADATA').write_text(
            'Metadata-Version: 2.1\nName: language-pack-for-tests\nVersion: 1.0\n')
        (information / 'entry_points.txt').write_text(
            '[jupyterlab.languagepack]\nde_DE = language_pack_for_tests\n'
            '[jupyterlab.locale]\nminichain = minichain_widgets\n')

    def _wait(self):
        end = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f'{self.base}/api?token={self.token}', timeout=1).close()
                return
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f'Jupyter does not start:\n{self.log.read_text()}')
            time.sleep(0.05)


@contextlib.contextmanager
def chromium():
    """A Chromium without a window: the one that MINICHAIN_CHROMIUM names, else Playwright's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get('MINICHAIN_CHROMIUM'), headless=True,
            args=CHROMIUM_OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


def listen(page):
    """A list that gets what goes wrong in a page: its errors, and warnings about minichain."""
    problems = []

    def note(text):
        ours = '/minichain/static/' in text     # in the stack: then it is not JupyterLab's own
        if ours or not any(harmless in text for harmless in HARMLESS):
            problems.append(text)

    def hear(message):
        ours = 'minichain' in message.text + message.location.get('url', '')
        slow = 'to activate' in message.text        # JupyterLab, on a busy machine
        if message.type == 'error' or message.type == 'warning' and ours and not slow:
            note(message.text)

    page.on('pageerror', lambda error: note(error.stack or str(error)))
    page.on('console', hear)
    return problems


def write_notebook(path, *cells):
    """Write a notebook with these code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata['kernelspec'] = {'name': 'python3', 'display_name': 'Python 3',
                                       'language': 'python'}
    nbformat.write(notebook, path)


def wait_words(page, place, words):
    """Wait until the first element that a selector finds has these words."""
    page.wait_for_function('([place, words]) => document.querySelector(place)?.textContent'
                           '.includes(words)', arg=[place, words])


# For a cell: hold('name') waits there until the test calls book.let_go('name').
HOLD = '''import pathlib, time
def hold(name):
    while not pathlib.Path(name).exists():
        time.sleep(0.02)
'''


class NotebookPage:
    """A page that shows a notebook, and the graph panel beside it."""

    def __init__(self, page, server, path):
        self.page, self.server, self.path = page, server, path

    def open(self, view='lab/tree'):
        self.page.goto(self.server.url(self.path, view), wait_until='domcontentloaded')
        self.wait_ready()
        return self

    def open_beside(self, kernel=None):
        """Open it in a further tab of the JupyterLab that the page shows.

        kernel  the id of one that runs already; None: a new one
        """
        self.command('docmanager:open', path=self.path, factory='Notebook',
                     kernel={'id': kernel} if kernel else {'name': 'python3'})
        self.wait_ready()
        return self

    def show(self):
        """Bring its tab to the front."""
        self.command('docmanager:open', path=self.path)
        self.wait_ready()

    def show_at_once(self):
        """Bring its tab to the front, whatever its kernel does."""
        self.command('docmanager:open', path=self.path)
        self.page.wait_for_function(
            'path => window.jupyterapp.shell.currentWidget?.context?.path === path', arg=self.path)

    def reload(self, *beside):
        """Load the page again, as a user does: the workspace is restored.

        JupyterLab saves it a while after each change: wait until this notebook, and the panels with
        these ids beside it, are in front there.
        """
        end = time.monotonic() + START_SECONDS
        wanted = [f'"current":"{name}"' for name in (f'notebook:{self.path}', *beside)]
        while not all(map(self.server.workspace().__contains__, wanted)):
            assert time.monotonic() < end, 'JupyterLab does not save its workspace'
            self.page.wait_for_timeout(50)      # looks twenty times a second
        self.page.reload(wait_until='domcontentloaded')
        self.wait_ready()

    def wait_ready(self):
        try:
            self.page.wait_for_function(NOTEBOOK_IS_READY, arg=self.path, timeout=60_000)
        except TimeoutError as late:
            raise AssertionError(f'{self.path} is not ready; JupyterLab shows '
                                 f'{self.page.evaluate(WHAT_IS_SHOWN)}') from late

    def command(self, name, **arguments):
        """Run a command of JupyterLab and wait for its end."""
        return self.page.evaluate('([name, given]) => window.jupyterapp.commands'
                                  '.execute(name, given).then(() => null)', [name, arguments])

    def run(self, index):
        """Run one cell to its end; raise if it raised."""
        self.page.evaluate(RUN, ['notebook:run-cell', index])
        self.check()

    def start(self, index):
        """Start one cell and do not wait for it."""
        self.page.evaluate(f'([command, index]) => {{ void ({RUN})([command, index]); }}',
                           ['notebook:run-cell', index])

    def let_go(self, name):
        """Let a cell go on that waits in hold(name)."""
        (self.server.folder / name).touch()

    def run_until(self, index, wanted, timeout=20):
        """Run a cell until what it prints has a text in it, or is what a function wants.

        A cell may overtake what the page tells the kernel. Gives what was printed.
        """
        has = wanted if callable(wanted) else lambda text: wanted in text
        end = time.monotonic() + timeout
        while True:
            self.run(index)
            printed = self.text(index)
            if has(printed):
                return printed
            assert time.monotonic() < end, printed

    def run_all(self):
        self.page.evaluate(RUN, ['notebook:run-all-cells', None])
        self.check()

    def check(self):
        errors = self.page.evaluate(ERRORS)
        assert not errors, errors

    def text(self, index):
        """What a cell has printed."""
        return self.page.evaluate(TEXT, index)

    def prompt(self, index):
        """The brackets before a cell: '[1]:', '[*]:' while it runs."""
        return self.page.locator('.jp-InputPrompt').nth(index).inner_text()

    def wait_prompt(self, index, timeout=60_000):
        """Wait until a cell that was started has its number."""
        self.page.wait_for_function(
            'index => window.jupyterapp.shell.currentWidget.content.widgets[index].model'
            '.executionCount !== null', arg=index, timeout=timeout)

    def wait_idle(self, timeout=60_000):
        self.page.wait_for_function("() => window.jupyterapp.shell.currentWidget.sessionContext"
                                    ".session.kernel.status === 'idle'", timeout=timeout)

    def dark(self):
        """Change to the dark theme."""
        self.command('apputils:change-theme', theme='JupyterLab Dark')
        self.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'"
                                    " && !window.jupyterapp.shell.isHidden")


class Picture:
    """A graph as the page shows it: in the panel by default, or in a cell's output."""

    PANEL = '#minichain-live-graph .mc-LivePanel-picture:not([hidden]) .mc-graph:not(.mc-example)'
    WIDGET = '.mc-LiveGraph .mc-graph'

    def __init__(self, page, place=PANEL):
        self.page, self.place = page, place
        self.root = page.locator(place)

    def boxes(self, kind=''):
        """The boxes of a kind: 'function', 'folded', 'parameter', 'variable', 'data', 'lit', ..."""
        return self.root.locator(f'.mc-surface .mc-box{kind and ".mc-"}{kind}')

    def box(self, words):
        """The box with these words on it."""
        return self.boxes().filter(has_text=words).first

    @property
    def title(self):
        return self.root.locator('.mc-title')

    @property
    def card(self):
        return self.root.locator('.mc-card')

    def rest(self):
        """Wait until what was changed is drawn and nothing moves any more.

        What is drawn in one frame may change a size, which is heard of after that frame, and moves
        the view in the next one.
        """
        self.root.evaluate('''async root => {
            for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
            await Promise.allSettled(
                root.getAnimations({ subtree: true }).map(each => each.finished));
        }''')

    def wait(self, words, part='.mc-status'):
        """Wait until the status line, or another part, has these words."""
        wait_words(self.page, f'{self.place} {part}', words)
