"""Many at once: notebooks in one JupyterLab, and the kernels of a class.

    python tests/reliability/crowd.py notebooks --count 20
    python tests/reliability/crowd.py kernels --count 30

notebooks  One server on this machine with a random token, one page, so many notebooks open in it.
           All train at the same time while the panel is open. Each line that a cell prints must
           arrive, and the panel of each notebook must have counted every iteration.
kernels    So many kernels start at the same time and train a small network. What they hold is what
           a server for that many students needs, beside JupyterLab itself.

Nothing of it needs a network, and all that was started is stopped at the end. Memory is that of the
processes' own pages and their share of common ones (PSS). It runs on Linux.
"""
import argparse
import concurrent.futures
import contextlib
import pathlib
import subprocess
import sys
import tempfile
import time

import psutil
from jupyter_client.manager import start_new_kernel

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / 'browser')]
import labbox       # noqa: E402  (the folders are no packages)
from environments import end_when_told      # noqa: E402

SECONDS = 900
ITERATIONS = 2000
LINES = 200

TRAINING = f"""import numpy as np
import minichain as mc
import minichain.functions as F
import minichain.links as L
mc.set_seed(0)
model = mc.Sequential(L.Linear(20, 32), F.relu, L.Linear(32, 5))
optimizer = mc.optimizers.Adam().setup(model)
x = np.random.rand(32, 20).astype('float32')
t = np.random.randint(0, 5, 32)
for i in range({ITERATIONS}):
    loss = F.softmax_cross_entropy(model(x), t)
    model.cleargrads()
    loss.backward()
    optimizer.update()
    if i % {ITERATIONS // LINES} == 0:
        print('line', i)
print('end', mc.__version__)"""

EXPECTED = [f'line {i}' for i in range(0, ITERATIONS, ITERATIONS // LINES)]

# What the notebook of a path has printed, and whether its cell has ended.
PRINTED = """path => {
    const { shell } = window.jupyterapp;
    const panel = [...shell.widgets('main')].find(each => each.context?.path === path);
    const [cell] = panel.content.widgets;
    return [cell.model.executionCount !== null && cell.model.executionState !== 'running',
            cell.model.outputs.toJSON().map(output =>
                output.text ?? `${output.ename}: ${output.evalue}`).join('')];
}"""


def megabytes(processes):
    """Own pages and the share of common ones, in MB, of processes that still run."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total / 1e6


def family(pid):
    """A process and all that descend from it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    return []


def browser_processes():
    """The processes of the Chromium that this program started."""
    return [process for process in psutil.Process().children(recursive=True)
            if 'chrom' in process.name()]


def notebooks(count):
    """Open, train together, compare; gives whether all is there and the browser below 1 GB."""
    with tempfile.TemporaryDirectory() as folder, labbox.chromium() as browser:
        server = labbox.LabServer(folder)
        try:
            return train_together(server, browser, count)
        finally:
            server.stop()


def train_together(server, browser, count):
    page = browser.new_context(viewport={'width': 1280, 'height': 800}).new_page()
    problems = []
    page.on('pageerror', lambda error: problems.append(str(error)))
    books = []
    for i in range(count):
        labbox.write_notebook(server.folder / f'student{i:02}.ipynb', TRAINING)
        book = labbox.NotebookPage(page, server, f'student{i:02}.ipynb')
        books.append(book.open_beside() if books else book.open())
    print(f'{count} notebooks are open: the browser holds '
          f'{megabytes(browser_processes()):.0f} MB', flush=True)
    start = time.monotonic()
    for book in books:
        book.show_at_once()
        book.start(0)
    most, waiting = 0, list(books)
    while waiting and time.monotonic() - start < SECONDS:
        page.wait_for_timeout(1000)     # measures once a second
        most = max(most, megabytes(browser_processes()))
        waiting = [book for book in waiting if 'end' not in page.evaluate(PRINTED, book.path)[1]]
    print(f'trained {ITERATIONS} iterations each in {time.monotonic() - start:.0f} s, '
          f'{len(waiting)} did not end; the browser held {most:.0f} MB at most, '
          f'the server and its kernels {megabytes(family(server.process.pid)):.0f} MB', flush=True)
    lost = 0
    for book in books:
        lines = page.evaluate(PRINTED, book.path)[1].splitlines()
        lost += len(EXPECTED) - len([line for line in lines if line in set(EXPECTED)])
        book.show()
        labbox.Picture(page).wait(f'of {ITERATIONS:,} iterations drawn')
    print(f'{lost} printed lines lost; every panel has counted its {ITERATIONS} iterations; '
          f'errors in the page: {problems or "none"}', flush=True)
    return not waiting and not lost and not problems and most < 1000


def kernels(count):
    """Start all, train in all, measure; gives whether all have ended well."""
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        started = list(pool.map(lambda _: start_new_kernel(
            startup_timeout=SECONDS, stderr=subprocess.DEVNULL), range(count)))
        print(f'{count} kernels have started in {time.monotonic() - start:.0f} s', flush=True)
        try:
            start = time.monotonic()
            ended = list(pool.map(lambda pair: trained(pair[1]), started))
            seconds = time.monotonic() - start
            processes = [process for manager, _ in started
                         for process in family(manager.provisioner.pid)]
            total = megabytes(processes)
            print(f'{sum(ended)} of {count} have trained, in {seconds:.0f} s; together they hold '
                  f'{total:.0f} MB, {total / count:.0f} MB a student', flush=True)
        finally:
            for manager, client in started:
                client.stop_channels()
                manager.shutdown_kernel(now=True)
    return all(ended)


def trained(client):
    """Run the training in a kernel; whether every line of it came."""
    lines = []

    def hear(message):
        if message['msg_type'] == 'stream':
            lines.append(message['content']['text'])

    reply = client.execute_interactive(TRAINING, output_hook=hear, timeout=SECONDS)
    return reply['content']['status'] == 'ok' and ''.join(lines).splitlines()[:-1] == EXPECTED


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('what', choices=['notebooks', 'kernels'])
    parser.add_argument('--count', type=int, default=20, help='how many (default: 20)')
    options = parser.parse_args()
    end_when_told()
    well = {'notebooks': notebooks, 'kernels': kernels}[options.what](options.count)
    return 0 if well else 1


if __name__ == '__main__':
    sys.exit(main())
