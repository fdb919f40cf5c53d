"""Binder builds an image from binder/: the same steps here, without Docker."""
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import re
import sys

import pytest
from environments import ROOT, copy_repository, new_environment, run, scripts, search_path
from packaging.requirements import Requirement

BINDER = ROOT / 'binder'
# What Binder's image brings itself. A newer one in requirements.txt would be installed beside it.
FROM_THE_IMAGE = {'jupyterlab', 'ipykernel'}

linux_only = pytest.mark.skipif(sys.platform != 'linux', reason='repo2docker runs on Linux')


def as_set(lines):
    return {str(Requirement(line)) for line in lines if line and not line.startswith('#')}


def image_versions():
    """The Jupyter packages of Binder's image: {'jupyterlab': '4.4.9', ...}."""
    repo2docker = pathlib.Path(importlib.util.find_spec('repo2docker').origin).parent
    version = (BINDER / 'runtime.txt').read_text().strip().removeprefix('python-')
    lock = repo2docker / 'buildpacks' / 'conda' / f'environment.py-{version}-linux-64.lock'
    packages = re.findall(r'/(jupyterlab|ipykernel|ipywidgets|notebook)-([\d.]+)-[^/]+$',
                          re.sub(r'#.*', '', lock.read_text()), flags=re.MULTILINE)
    return dict(packages)


def test_binder_installs_what_the_extra_lab_names():
    wanted = set()
    for text in importlib.metadata.requires('minichain'):
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({'extra': 'lab'}):
            requirement.marker = None
            wanted |= {str(requirement)} if requirement.name not in FROM_THE_IMAGE else set()
    assert as_set((BINDER / 'requirements.txt').read_text().splitlines()) == wanted


@linux_only
def test_binder_understands_the_folder(tmp_path):
    """repo2docker reads the folder and writes the recipe of an image, as Binder does first."""
    copy_repository(tmp_path)
    recipe = run(scripts(sys.prefix) / 'jupyter-repo2docker', '--no-build', '--debug', tmp_path)
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in recipe
    assert 'RUN ./binder/postBuild' in recipe
    assert 'Building conda environment for python=3.11' in recipe
    assert not (BINDER / 'start').exists(), 'a start script slows every launch'


@linux_only
@pytest.mark.slow
def test_the_steps_of_binder_end_in_a_lab_with_lessons(tmp_path):
    image = image_versions()
    python = new_environment(tmp_path / 'image')
    environment = {**os.environ, 'PATH': search_path(tmp_path / 'image'),
                   'JUPYTER_DATA_DIR': str(tmp_path / 'data'),
                   'IPYTHONDIR': str(tmp_path / 'ipython')}
    repository = copy_repository(tmp_path / 'repository')

    def step(*command, cwd=repository):
        return run(*command, cwd=cwd, env=environment)

    step(python, '-m', 'pip', 'install', '-q', *[f'{name}=={version}'
                                                 for name, version in image.items()])
    step(python, '-m', 'pip', 'install', '-q', '--no-cache-dir', '-r', 'binder/requirements.txt')
    step('./binder/postBuild')

    assert {name: step(python, '-c', f'import importlib.metadata as m; print(m.version("{name}"))',
                       cwd=tmp_path).strip() for name in image} == image
    assert re.search(r'minichain v.*enabled.*OK', step('jupyter', 'labextension', 'list'))
    kernel = json.loads((tmp_path / 'image/share/jupyter/kernels/python3/kernel.json').read_text())
    assert kernel['env']['OPENBLAS_NUM_THREADS'] == '1'
    step('jupyter', 'execute', 'lessons/00_start_here/lesson.ipynb')
