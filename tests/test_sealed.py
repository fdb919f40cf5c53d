"""minichain asks no server, and its pictures write no file and start no program.

Python itself tells of each socket, file and program (PEP 578): a process in which one is opened
that may not be opened ends with an error.
"""
import os
import pathlib
import re
import subprocess
import sys

import pytest
import test_hostile

ROOT = pathlib.Path(__file__).resolve().parents[1]
# What a picture could open an address with, or run.
OPENS = re.compile(r'href|url\(|@import|://|<(script|foreignObject|iframe|use)|\son\w+\s*=', re.I)
# The name of its dialect of XML is no address, and numbers as colours lie in the picture itself.
CLOSED = re.compile(r'xmlns="http://www\.w3\.org/2000/svg"|'
                    r'href="data:image/png;base64,[A-Za-z0-9+/=]*"')

SEALED = '''
import sys

def sealed(event, arguments):
    if event.startswith(('socket.', 'urllib.', 'http.', 'ftplib.', 'smtplib.', 'webbrowser.')):
        raise AssertionError(f'{event} {arguments}')
    if closed and event.startswith(('subprocess.', 'os.system', 'os.exec', 'os.posix_spawn',
                                    'os.remove', 'os.rename', 'os.mkdir', 'shutil.')):
        raise AssertionError(f'{event} {arguments}')
    if closed and event == 'open' and (arguments[1] is None or set('wax+') & set(arguments[1])):
        raise AssertionError(f'{event} {arguments}')

closed = False
sys.addaudithook(sealed)
'''
# All of the package, a training, and each widget with what a page asks it, and its pictures.
PROGRAM = SEALED + '''
import importlib, pkgutil, sys
import minichain, minichain_widgets
for package in minichain, minichain_widgets:
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):
        if not module.name.endswith('__main__'):
            importlib.import_module(module.name)
minichain.chainer.uninstall()
sys.path[:0] = [sys.argv[1]]
import test_hostile
model = minichain.links.Linear(3, 2)
optimizer = minichain.optimizers.Adam().setup(model)
loss = minichain.functions.sum(model(minichain.Variable([[1.0, 2.0, 3.0]])))
loss.backward()
optimizer.update()
closed = True
minichain.Graph.of(loss).to_svg()
for name in [*test_hostile.WIDGETS, 'LiveGraph']:
    widget = test_hostile.make(name)
    widget.send = lambda message, buffers=None: None
    for kind in 'ready', 'still':
        widget._handle_custom_msg({'t': kind}, [])
    widget._repr_mimebundle_()
    print(name)
'''


def run(program):
    paths = [ROOT, ROOT / 'widgets', ROOT / 'tests']
    return subprocess.run(
        [sys.executable, '-c', program, str(ROOT / 'tests')], text=True, capture_output=True,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(map(str, paths)), OPENBLAS_NUM_THREADS='1',
                 PYTHONDONTWRITEBYTECODE='1'))


def test_nothing_is_sent_and_a_picture_writes_no_file():
    done = run(PROGRAM)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [*test_hostile.WIDGETS, 'LiveGraph']


@pytest.mark.parametrize('deed', [
    'import socket; socket.socket()', 'import urllib.request as r; r.urlopen("https://a.invalid")',
    'closed = True; open("x", "w")', 'closed = True; import os; os.system("true")',
    'closed = True; import pathlib; pathlib.Path("x").write_text("")'])
def test_the_seal_is_one(deed):
    done = run(SEALED + deed)
    assert done.returncode == 1 and 'AssertionError: ' in done.stderr


@pytest.mark.parametrize('name', [*test_hostile.WIDGETS, 'LiveGraph'])
def test_the_picture_of_a_widget_opens_no_address(name):
    data = test_hostile.make(name)._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    svg = CLOSED.sub('', data['image/svg+xml'])
    assert svg.startswith('<svg') and not OPENS.search(svg)
