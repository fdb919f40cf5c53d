"""Widgets on a model that lives on a GPU show what they show of the same model on the CPU."""
import re

import numpy as np
import pytest

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

import minichain as mc                                              # noqa: E402
import minichain.functions as F                                     # noqa: E402
import minichain.links as L                                         # noqa: E402
from minichain import data, optimizers                              # noqa: E402
from minichain_widgets import (BackpropStepper, ConvExplorer, LiveGraph, NetBuilder,   # noqa: E402
                               TrainingRun, Unroller, WasteMeter)


def numbers(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype('float32')


class Reader(mc.Chain):
    """Whole numbers in, scores out, step by step."""

    def __init__(self):
        super().__init__(embed=L.EmbedID(9, 3), low=L.LSTM(3, 4), high=L.GRU(4, 5),
                         out=L.Linear(5, 2))

    def forward(self, x):
        return self.out(self.high(self.low(self.embed(x))))


class CNN(mc.Chain):
    def __init__(self):
        super().__init__(conv1=L.Conv2d(1, 4, ksize=3, pad=1), conv2=L.Conv2d(4, 5, ksize=3),
                         out=L.Linear(None, 3))

    def forward(self, x):
        h = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return self.out(F.flatten(F.relu(self.conv2(h))))


def stepper(device):
    x, w = (mc.Variable(mc.to_device(np.array([2.0, 3.0], 'float32'), device), name=name)
            for name in 'xw')
    widget = BackpropStepper(F.sum((x * w + 2.0) * x))
    widget.to(4)
    return widget


def unroller(device):
    return Unroller(Reader().to_device(device), np.array([3, 1, 8, 2]), target=1)


def unroller_of_sent_numbers(device):
    cell = L.LSTM(3, 4).to_device(device)
    return Unroller(cell, mc.to_device(numbers(6, 3), device))


def explorer(device):
    return ConvExplorer(numbers(10, 12), link=CNN().to_device(device))


def explorer_of_a_sent_image(device):
    return ConvExplorer(mc.to_device(numbers(10, 12), device),
                        mc.to_device(numbers(2, 1, 3, 3), device))


def live_graph(device):
    model = CNN().to_device(device)
    return LiveGraph(F.sum(model(mc.to_device(numbers(1, 1, 10, 12), device))))


def waste(device):
    return WasteMeter([3, 1, 5], L.LSTM(4, 6).to_device(device))


def builder(device):
    model = mc.Sequential(L.Linear(2, 8), F.relu, L.Linear(8, 3)).to_device(device)
    return NetBuilder.from_link(model, *[mc.to_device(a, device) for a in data.spirals(30)])


WIDGETS = [stepper, unroller, unroller_of_sent_numbers, explorer, explorer_of_a_sent_image,
           live_graph, waste, builder]


def seen(make, device):
    """What a widget says and draws, with numbers rounded."""
    mc.set_seed(0)
    widget = make(device)
    if isinstance(widget, LiveGraph):       # what is kept for backward differs: name, shape, cost
        return [(node['label'], node.get('shape'), node.get('macs')) for node in widget.graph.nodes]
    return re.sub(r'-?\d+\.\d+(e-\d+)?', rounded, widget.text() + widget.svg())


def rounded(number):
    return f'{float(number[0]):.3g}'


@pytest.mark.parametrize('make', WIDGETS, ids=lambda make: make.__name__)
def test_a_widget_shows_a_model_on_a_gpu_as_it_shows_one_on_the_cpu(make, there):
    assert seen(make, there) == seen(make, 'cpu')


def test_a_training_run_trains_where_the_model_lives(there):
    def run(device):
        mc.set_seed(0)
        model = mc.Sequential(L.Linear(2, 8), F.relu, L.Linear(8, 3)).to_device(device)
        run = TrainingRun(model, data.spirals(60), test=data.spirals(30, seed=1),
                          optimizer=optimizers.Adam(lr=0.01))
        run.blocking(20)
        assert {param.device for param in model.params()} == {mc.get_device(device)}
        return [mc.to_cpu(param.data) for param in model.params()], run.text()

    weights, text = run('cpu')
    same, said = run(there)
    for a, b in zip(weights, same):
        np.testing.assert_allclose(b, a, atol=1e-5)
    assert re.sub(r'\d\S*', '', said) == re.sub(r'\d\S*', '', text)
