"""How much of a page's start minichain's extension takes, in the JupyterLab of this environment.

    python tests/bench/startup.py [repeats]

Chromium's sampling profiler says how long scripts of the extension ran while JupyterLab opened a
notebook that does not use minichain. The aim is less than 50 ms.
"""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'browser'))

import labbox     # noqa: E402

OURS = '/extensions/minichain/'
AIM = 50.0


def milliseconds(profile):
    """(those of the extension's scripts, those of all scripts), without what they called."""
    urls = {node['id']: node['callFrame']['url'] for node in profile['nodes']}
    ours = everything = 0.0
    for node, passed in zip(profile['samples'], profile['timeDeltas']):
        ours += passed / 1000 * (OURS in urls[node])
        everything += passed / 1000 * bool(urls[node])
    return ours, everything


def measure(browser, server):
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send('Profiler.enable')
    session.send('Profiler.setSamplingInterval', {'interval': 100})
    session.send('Profiler.start')
    labbox.NotebookPage(page, server, 'plain.ipynb').open()
    profile = session.send('Profiler.stop')['profile']
    context.close()
    return milliseconds(profile)


def main():
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        labbox.write_notebook(pathlib.Path(folder) / 'plain.ipynb', '1 + 1')
        server = labbox.LabServer(folder)
        try:
            with labbox.chromium() as browser:
                for _ in range(repeats):
                    ours, everything = measure(browser, server)
                    print(f'{ours:6.1f} ms of {everything:7.1f} ms of scripts (aim: {AIM:.0f} ms)')
        finally:
            server.stop()


if __name__ == '__main__':
    main()
