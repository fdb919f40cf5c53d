"""The networks that lessons load, and the tool that trains them in full."""
import re
import subprocess
import sys
from pathlib import Path

import minichain as mc
import minichain.links as L
import nbformat
import numpy as np
import pytest

LESSONS = Path(__file__).resolve().parents[1] / 'lessons'
TOOL = LESSONS / 'tools' / 'train.py'
CHECKPOINTS = sorted(LESSONS.glob('*/*.npz'))

TRAINED = """
import minichain as mc
import minichain.links as L

def train_fully():
    mc.set_seed(1)
    return {"net": L.Linear(3, 2)}
"""


@pytest.fixture
def tool(monkeypatch, tmp_path):
    """train.py as a module that works in a folder with one lesson in it."""
    monkeypatch.syspath_prepend(str(LESSONS / 'tools'))
    import train
    monkeypatch.setattr(train, 'LESSONS', tmp_path)
    folder = tmp_path / '07_example'
    folder.mkdir()
    cells = [nbformat.v4.new_code_cell('raise SystemExit("not tagged")'),
             nbformat.v4.new_code_cell(TRAINED, metadata={'tags': ['train']})]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / 'solution.ipynb')
    return train


@pytest.mark.parametrize('path', CHECKPOINTS, ids=lambda path: f'{path.parent.name}-{path.stem}')
def test_a_checkpoint_is_small_and_is_loaded_by_its_lesson(path):
    assert path.stat().st_size < 300_000
    with np.load(path, allow_pickle=False) as arrays:
        assert len(arrays.files) > 3
        assert all(np.isfinite(arrays[name]).all() for name in arrays.files)
    assert f'load_npz(\\"{path.name}\\"' in (path.parent / 'lesson.ipynb').read_text('utf-8')


def test_every_lesson_that_trains_in_full_has_its_checkpoints():
    shown = subprocess.run([sys.executable, TOOL, '--help'], capture_output=True, text=True)
    assert shown.returncode == 0
    numbers = re.search(r'of ([\d, ]+); default: all', shown.stdout).group(1).split(', ')
    assert numbers == sorted({path.parent.name[:2] for path in CHECKPOINTS})


def test_training_runs_the_tagged_cells_and_writes_what_they_make(tool, tmp_path):
    (number, (folder, code)), = tool.programs().items()
    assert number == '07'
    tool.train(number, folder, code)
    mc.set_seed(1)
    wanted, loaded = L.Linear(3, 2), L.Linear(3, 2)
    mc.load_npz(folder / 'net.npz', loaded)
    assert np.array_equal(loaded.W.data, wanted.W.data)


def test_a_network_that_is_too_large_is_refused(tool):
    (number, (folder, code)), = tool.programs().items()
    with pytest.raises(SystemExit, match='net.npz is larger than 300000 bytes'):
        tool.train(number, folder, code.replace('L.Linear(3, 2)', 'L.Linear(300, 300)'))


MEASURED = """
def with_seed(seed):
    return {"share": seed / 10}

def claim(found):
    assert found["share"] > 0.2
"""


def test_a_claim_is_measured_for_each_seed(monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(LESSONS / 'tools'))
    import seeds
    assert seeds.measure('07', MEASURED, [1, 5]) == [1]
    assert capsys.readouterr().out == ('seed 1: share 10.0% - NOT as claimed\n'
                                       'seed 5: share 50.0%\n')
    assert list(seeds.programs(seeds.TAG)) == ['05', '11']


def test_an_unknown_lesson_is_named():
    done = subprocess.run([sys.executable, TOOL, '77'], capture_output=True, text=True)
    assert done.returncode == 1
    assert 'There is nothing to train for 77, only for ' in done.stderr
