"""What pip installs: two packages, a JupyterLab extension, and nothing of anyone's machine."""
import email
import itertools
import json
import os
import pathlib
import re
import sys
import tarfile
import zipfile

import pytest
from environments import ROOT, copy_repository, new_environment, run, scripts, tracked_files
from packaging.requirements import Requirement

from minichain import find_gpu

EXTENSION = 'share/jupyter/labextensions/minichain'

# A folder of somebody's machine, where no web address and no longer path goes before it. Tests may
# name invented ones.
MACHINE_PATH = re.compile(r'(?<![\w.:/~}*$-])/(?:home|root|Users|work|workspace|builds?|mnt)/\w')
THIS_CHECKOUT = re.compile(re.escape(str(ROOT)))
TEXT = {'.py', '.md', '.toml', '.txt', '.json', '.ipynb', '.js', '.mjs', '.ts', '.css', '.svg',
        '.yml', '.yaml', '.cff', '.sh', ''}
BUNDLES = [pathlib.Path('widgets/minichain_widgets', name) for name in ('labextension', 'static')]
WIDEST = 100


def test_no_file_mentions_a_path_of_one_machine():
    wrong = []
    for path in tracked_files():
        if path.suffix not in TEXT:
            continue
        unwanted = THIS_CHECKOUT if path.parts[0] == 'tests' else MACHINE_PATH
        for number, line in enumerate((ROOT / path).read_text(encoding='utf-8').splitlines(), 1):
            for found in unwanted.finditer(line):
                start = max(found.start() - 20, 0)
                wrong.append(f'{path}:{number}: {line[start:start + 80]}')
    assert not wrong, '\n'.join(wrong)


def test_no_source_line_is_wider_than_100_characters():
    wide = []
    for path in tracked_files():
        if path.suffix not in {'.py', '.ts', '.css'} or any(map(path.is_relative_to, BUNDLES)):
            continue
        for number, line in enumerate((ROOT / path).read_text(encoding='utf-8').splitlines(), 1):
            if len(line) > WIDEST:
                wide.append(f'{path}:{number}: {len(line)} characters')
    assert not wide, '\n'.join(wide)


def test_each_extra_for_a_gpu_brings_one_cupy_but_not_to_a_mac():
    """A Mac has no NVIDIA GPU, and there is no CuPy for it."""
    tomllib = pytest.importorskip('tomllib', reason='Python 3.10 cannot read pyproject.toml')
    project = tomllib.loads((ROOT / 'pyproject.toml').read_text('utf-8'))
    extras = project['project']['optional-dependencies']
    brought = {name: list(map(Requirement, extras[name]))
               for name in ('gpu', 'gpu13', 'gpu-system-cuda')}
    assert {name: [(cupy.name, cupy.extras) for cupy in found]
            for name, found in brought.items()} == {
        'gpu': [('cupy-cuda12x', {'ctk'})], 'gpu13': [('cupy-cuda13x', {'ctk'})],
        'gpu-system-cuda': [('cupy-cuda12x', set())]}
    for (cupy,) in brought.values():
        assert cupy.name in find_gpu.CUPY_PACKAGES
        assert not cupy.marker.evaluate({'sys_platform': 'darwin'})
        assert cupy.marker.evaluate({'sys_platform': 'linux'})
    assert find_gpu.INSTALL == "pip install 'minichain[gpu]'"


def test_every_dependency_has_a_lower_and_an_upper_bound():
    """A version of which nobody knows yet is not installed; see the last lines of SECURITY.md."""
    tomllib = pytest.importorskip('tomllib', reason='Python 3.10 cannot read pyproject.toml')
    project = tomllib.loads((ROOT / 'pyproject.toml').read_text('utf-8'))
    texts = [*project['build-system']['requires'], *project['project']['dependencies'],
             *itertools.chain(*project['project']['optional-dependencies'].values())]
    requirements = list(map(Requirement, texts))
    assert len(requirements) > 20
    for requirement in requirements:
        signs = {bound.operator for bound in requirement.specifier}
        assert signs == {'>=', '<'}, requirement
    package = json.loads((ROOT / 'widgets' / 'package.json').read_text('utf-8'))
    for name, version in [*package['dependencies'].items(), *package['devDependencies'].items()]:
        assert re.fullmatch(r'[~^]?\d+\.\d+\.\d+(-alpha\.\d+)?', version), name


@pytest.fixture(scope='session')
def built(tmp_path_factory):
    """The wheel and the sdist that a clean checkout gives."""
    source = copy_repository(tmp_path_factory.mktemp('source'))
    output = tmp_path_factory.mktemp('built')
    run(sys.executable, '-m', 'hatchling', 'build', '-d', output, cwd=source)
    wheel, = output.glob('*.whl')
    sdist, = output.glob('*.tar.gz')
    return wheel, sdist


def packaged_names(folder, prefix):
    """The files of a package in the repository, as they are named in a wheel."""
    package = pathlib.Path(folder)
    return {f'{prefix}/{path.relative_to(package).as_posix()}'
            for path in tracked_files() if path.is_relative_to(package)}


@pytest.mark.slow
def test_the_wheel_holds_both_packages_and_the_extension(built):
    names = {name for name in zipfile.ZipFile(built[0]).namelist() if not name.endswith('/')}
    data = next(name.split('/')[0] for name in names if '.data/' in name)
    information = next(name.split('/')[0] for name in names if '.dist-info/' in name)
    extension = f'{data}/data/{EXTENSION}'
    wanted = (packaged_names('minichain', 'minichain')
              | {name for name in packaged_names('widgets/minichain_widgets', 'minichain_widgets')
                 if '/labextension/' not in name}      # once is enough
              | packaged_names('widgets/minichain_widgets/labextension', extension)
              | packaged_names('lessons', f'{extension}/lessons')
              | {f'{extension}/install.json'})
    assert {name for name in names if not name.startswith(information)} == wanted


@pytest.mark.slow
def test_the_wheel_needs_numpy_alone_and_brings_the_live_graph(built):
    with zipfile.ZipFile(built[0]) as wheel:
        information = next(name for name in wheel.namelist() if name.endswith('/METADATA'))
        metadata = email.message_from_bytes(wheel.read(information))
        points = wheel.read(information.replace('METADATA', 'entry_points.txt')).decode()
    needed = [line for line in metadata.get_all('Requires-Dist') if 'extra ==' not in line]
    assert [re.match(r'\w+', line).group() for line in needed] == ['numpy']
    assert 'live = minichain_widgets.session:install' in points


@pytest.mark.slow
def test_a_wheel_made_from_the_sdist_is_the_same(built, tmp_path):
    wheel, sdist = built
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
        archive.extractall(tmp_path, filter='data')
    assert not [name for name in names if 'node_modules' in name or '.yarn/' in name]
    run(sys.executable, '-m', 'hatchling', 'build', '-t', 'wheel', '-d', tmp_path / 'again',
        cwd=tmp_path / sdist.name.removesuffix('.tar.gz'))
    again, = (tmp_path / 'again').glob('*.whl')
    assert zipfile.ZipFile(again).namelist() == zipfile.ZipFile(wheel).namelist()


@pytest.mark.slow
def test_the_wheel_works_with_numpy_alone_and_shows_up_in_jupyterlab(built, tmp_path):
    python = new_environment(tmp_path / 'empty')
    run(python, '-m', 'pip', 'install', '-q', built[0])
    installed = run(python, '-m', 'pip', 'list', '--format=freeze')
    assert {line.split('==')[0] for line in installed.split()} <= {
        'minichain', 'numpy', 'pip', 'setuptools'}
    result = run(python, '-W', 'error', '-c',
                 'import minichain as mc; x = mc.Variable(3.0, requires_grad=True); y = x * x; '
                 'y.backward(); print(float(x.grad))', cwd=tmp_path)
    assert result.split() == ['6.0']

    run(python, '-m', 'pip', 'install', '-q', 'jupyterlab')
    environment = {**os.environ, 'JUPYTER_CONFIG_DIR': str(tmp_path / 'config'),
                   'JUPYTER_DATA_DIR': str(tmp_path / 'data')}
    listed = run(scripts(tmp_path / 'empty') / 'jupyter', 'labextension', 'list', env=environment)
    assert re.search(r'minichain v\S+ .*enabled.*OK', listed), listed

    # Without a clone, `minichain lab` has the lessons, too.
    run(python, '-c', 'import pathlib; from minichain.launch import first_lesson; '
        'first_lesson(pathlib.Path())', cwd=tmp_path)
    copy = tmp_path / 'my-lessons' / '00_start_here' / 'lesson.ipynb'
    assert copy.read_bytes() == (ROOT / 'lessons/00_start_here/lesson.ipynb').read_bytes()
