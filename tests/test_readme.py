"""What README.md says is true: its examples, its commands and its links."""
import json
import os
import re
import secrets
import shlex
import subprocess
import sys
import time
import urllib.parse

import numpy as np
import pytest
from environments import ROOT, run, scripts, tracked_files

README = (ROOT / 'README.md').read_text(encoding='utf-8')

# Sums are rounded in another order on another processor; after training that shows.
PERCENT_TOLERANCE = 2


def blocks(mark):
    """The blocks of code between <!-- mark --> and <!-- end --> in README.md."""
    section = README.partition(f'<!-- {mark} -->\n')[2].partition('<!-- end -->')[0]
    return re.findall(r'```\w*\n(.*?)```', section, flags=re.DOTALL)


def numbers(text):
    return np.array(re.findall(r'-?\d+\.\d*', text), dtype=float)


@pytest.mark.parametrize('example, tolerance', [('example', PERCENT_TOLERANCE),
                                                ('operation', 0), ('chainer', 1e-5)])
def test_an_example_prints_what_the_readme_shows(example, tolerance, tmp_path):
    code, shown = blocks(example)
    printed = run(sys.executable, '-W', 'error', '-c', code, cwd=tmp_path)
    print(printed)
    words = r'-?\d+\.\d*'
    assert re.sub(words, '#', printed) == re.sub(words, '#', shown)
    np.testing.assert_allclose(numbers(printed), numbers(shown), rtol=0, atol=tolerance)


def test_the_operation_of_the_readme_has_right_gradients():
    names = {}
    exec(blocks('operation')[0], names)
    mc, softsign = names['mc'], names['Softsign']
    values = np.array([-2.0, -0.3, 0.4, 1.5])
    x = mc.Variable(values, requires_grad=True)
    first, = mc.grad([softsign().apply(x).sum()], [x], create_graph=True)
    second, = mc.grad([first.sum()], [x])
    np.testing.assert_allclose(first.data, (1 + abs(values)) ** -2)
    np.testing.assert_allclose(second.data, -2 * np.sign(values) * (1 + abs(values)) ** -3)


@pytest.mark.parametrize('page', ['README.md', 'CONTRIBUTING.md'])
def test_links_and_pictures_lead_to_files_of_the_repository(page):
    text = (ROOT / page).read_text(encoding='utf-8')
    targets = [target.partition('#')[0] for target in re.findall(r'\]\(([^)\s]+)\)', text)
               if '://' not in target]
    files = {path.as_posix() for path in tracked_files()}
    assert [target for target in targets if target not in files] == []


def test_the_commands_install_into_a_new_environment():
    for mark, extras in (('lab command', '.[lab]'), ('test command', '.[lab,test]')):
        command, = blocks(mark)
        install = [shlex.split(step) for step in command.split('&&')]
        assert install[:2] == [['python3', '-m', 'venv', '.venv'],
                               ['.venv/bin/pip', 'install', '-e', extras]]


@pytest.mark.slow
def test_the_lab_command_opens_a_copy_of_the_first_lesson(tmp_path):
    """The last step of the command, in this environment; a file stands for the user's browser."""
    command, = blocks('lab command')
    program, *arguments = shlex.split(command.split('&&')[-1])
    opened = tmp_path / 'opened'
    browser = tmp_path / 'browser.py'
    browser.write_text(f'import sys; open({str(opened)!r}, "w").write(sys.argv[1])')
    config = tmp_path / 'config'
    config.mkdir()
    (config / 'jupyter_server_config.json').write_text(json.dumps(
        {'ServerApp': {'allow_root': True, 'port': 0, 'ip': '127.0.0.1'}}))
    environment = {
        **os.environ, 'JUPYTER_CONFIG_DIR': str(config),
        'JUPYTER_DATA_DIR': str(tmp_path / 'data'), 'JUPYTER_RUNTIME_DIR': str(tmp_path / 'run'),
        'JUPYTER_TOKEN': secrets.token_hex(16), 'BROWSER': f'{sys.executable} {browser} %s',
    }
    log = (tmp_path / 'log').open('w+')
    server = subprocess.Popen([scripts(sys.prefix) / os.path.basename(program), *arguments],
                              cwd=tmp_path, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not (opened.exists() and opened.read_text()) and time.monotonic() < deadline:
            assert server.poll() is None, (tmp_path / 'log').read_text()
            time.sleep(0.1)
        page = urllib.parse.unquote(urllib.parse.urlsplit(opened.read_text()).path)
        address = re.search(r'url=(http://[^"?]+)', open(page, encoding='utf-8').read()).group(1)
    finally:
        server.terminate()
        server.wait(20)
        log.close()
    copy = 'my-lessons/00_start_here/lesson.ipynb'
    assert urllib.parse.urlsplit(address).path == f'/lab/tree/{copy}'
    original = ROOT / 'lessons' / '00_start_here' / 'lesson.ipynb'
    assert (tmp_path / copy).read_bytes() == original.read_bytes()
