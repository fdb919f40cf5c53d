"""A notebook with every widget in it: run anew, it gives what is stored, strictly compared."""
import subprocess
import sys

import nbformat
import pytest

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')
pytest.importorskip('nbval', reason='minichain[test] is not installed')

import minichain_widgets                                        # noqa: E402
from nbclient import NotebookClient                             # noqa: E402

pytestmark = pytest.mark.slow

BEGIN = """import numpy as np
import minichain as mc
import minichain.functions as F
import minichain.links as L
import minichain_widgets as widgets
from minichain.data import synthetic
mc.set_seed(0)
x, t = synthetic.spirals(60)
net = L.Sequential(L.Linear(2, 8), F.relu, L.Linear(8, 3))
a = mc.Variable(2.0, name='a')"""
WIDGETS = {
    'LiveGraph': 'widgets.LiveGraph(F.exp(a) * a)',
    'BackpropStepper': 'widgets.BackpropStepper(a * a + 3 * a)',
    'TrainingRun': 'run = widgets.TrainingRun(net, (x, t), test=(x, t))\n'
                   'run.blocking(epochs=2)\nrun',
    'NetBuilder': "widgets.NetBuilder('digits')",
    'Unroller': "widgets.Unroller(L.LSTM(2, 3), x[:5])",
    'ConvExplorer': "widgets.ConvExplorer(np.eye(8, dtype='float32'))",
    'DeviceSwitch': 'widgets.DeviceSwitch(net, data=(x, t))',
    'WasteMeter': 'widgets.WasteMeter([3, 9, 5, 2])',
}


def test_every_widget_is_in_it():
    public = {name: getattr(minichain_widgets, name) for name in minichain_widgets.__all__}
    assert set(WIDGETS) == {name for name, value in public.items() if hasattr(value, '_esm')}


def test_strict_nbval_passes_twice(tmp_path):
    cells = [nbformat.v4.new_code_cell(code) for code in (BEGIN, *WIDGETS.values())]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120, kernel_name='python3').execute()
    for cell, name in zip(notebook.cells[1:], WIDGETS):
        output = cell.outputs[-1].data
        assert name in output['text/plain'] and output['image/svg+xml'].startswith('<svg')
    path = tmp_path / 'widgets.ipynb'
    nbformat.write(notebook, path)
    for _ in range(2):
        done = subprocess.run([sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider',
                               '--nbval', '--nbval-current-env', '--nbval-cell-timeout=120',
                               str(path)], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
        assert f'{len(cells)} passed' in done.stdout
