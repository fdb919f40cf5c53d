"""What widgets tell the page has the form of the samples with which the page's checks are tested.

    MINICHAIN_SAMPLES=write pytest tests/test_told.py       stores what they tell now

The samples are `widgets/src/widgets/told.json`; `widgets/src/widgets/hostile.test.ts` draws them,
and then each of them again with something wrong in it.
"""
import json
import os
import pathlib
import re

import numpy as np
import pytest

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

import minichain as mc                                                          # noqa: E402
import minichain.functions as F                                                 # noqa: E402
import minichain.links as L                                                     # noqa: E402
import minichain_widgets as widgets                                             # noqa: E402
from minichain_widgets import (                                                 # noqa: E402
    control, convolution, stream, unroller, walkthrough, waste)
from minichain_widgets.builder import net as net_of_blocks                      # noqa: E402
from minichain_widgets.training import fits, looks, run                         # noqa: E402

SOURCES = pathlib.Path(__file__).resolve().parents[1] / 'widgets' / 'src'
SAMPLES = SOURCES / 'widgets' / 'told.json'
TRAITS = ('scene', 'position', 'playing', 'pace', 'quiz', 'question', 'verdict', 'hint', 'height')
RANDOM = np.random.default_rng(0)


def net(n_in, n_out):
    return L.Sequential(L.Linear(n_in, 2), F.relu, L.Linear(2, n_out))


def numbers(*shape):
    return RANDOM.standard_normal(shape).astype('float32')


def training(data, model):
    run = widgets.TrainingRun(model, data, test=data, batch_size=2)
    run.blocking(2)
    return run


def sentences():
    data = np.array([[0, 1, 2], [1, 1, 2], [2, 1, 1], [0, 2, 2]], 'int32'), np.array([0, 1, 1, 0])
    model = L.Sequential(L.EmbedID(3, 2), F.flatten, L.Linear(6, 2))
    run = widgets.TrainingRun(model, data, vocabulary=['<pad>', 'so', 'good'], batch_size=2)
    run.blocking(2)
    return run


def builder():
    widget = widgets.NetBuilder('digits')
    widget.add('conv2d', parent=widget.add('residual'))
    widget.add('linear')
    return widget


def own_net():
    """A net with a link that the builder does not know, and one that is used twice."""
    same = L.Linear(2, 2)
    return widgets.NetBuilder.from_link(L.Sequential(same, L.PReLU(), same), *PLANE)


def stepper():
    a = mc.Variable(np.array([2.0, np.inf]), name='a')
    widget = widgets.BackpropStepper(F.sum(a * 3.0 + a), quiz=True)
    widget.to(2)
    widget._handle_custom_msg({'t': 'answer', 'text': 'no number'}, [])
    return widget


LOOKS = [{'t': 'step'}, *[{'t': 'tab', 'name': name} for name in looks.LOOKS]]
SPOKEN = [{'t': 'add', 'kind': 'no such kind'},
          {'t': 'set', 'id': 1, 'name': 'ksize', 'value': 'x'},
          {'t': 'apply', 'code': '('}, {'t': 'apply', 'code': 'net = L.Linear(10)'},
          {'t': 'graph'}, {'t': 'example'}, {'t': 'apart'}]
PLANE = numbers(6, 2), np.array([0, 1, 0, 1, 1, 0])
# What is made, and what the page asks it once it is there.
MADE = {
    'BackpropStepper': [(stepper, [])],
    'ConvExplorer': [
        (lambda: widgets.ConvExplorer(np.eye(3, dtype='float32')), [{'t': 'set', 'pad': 1}]),
        (lambda: widgets.ConvExplorer(
            np.eye(3, dtype='float32'), link=L.Sequential(L.Conv2d(1, 2, 2), F.relu,
                                                          L.Linear(8, 3))), [])],
    'DeviceSwitch': [(lambda: widgets.DeviceSwitch(net(2, 2), data=PLANE), [{'t': 'measure'}])],
    'LiveGraph': [(lambda: widgets.LiveGraph(F.exp(mc.Variable(np.ones(2), name='a'))), [])],
    'NetBuilder': [(builder, SPOKEN), (own_net, [])],
    'TrainingRun': [
        (lambda: training(PLANE, net(2, 2)), LOOKS),
        (lambda: training((numbers(6, 1), numbers(6, 1)), net(1, 1)), LOOKS),
        (lambda: training((numbers(6, 3), numbers(6, 1)), net(3, 1)), LOOKS),
        (lambda: training((numbers(4, 1, 4, 4), np.array([0, 1, 1, 0])),
                          L.Sequential(L.Conv2d(1, 2, 2), L.Linear(18, 2))), LOOKS),
        (sentences, [*LOOKS, {'t': 'tab', 'name': 'predictions', 'sentence': 'so odd'}])],
    'Unroller': [(lambda: widgets.Unroller(L.LSTM(2, 1), numbers(2, 2)), []),
                 (lambda: widgets.Unroller(L.GRU(2, 1), numbers(2, 2)), []),
                 (lambda: widgets.Unroller(L.RNN(2, 1), numbers(2, 2)), [])],
    'WasteMeter': [(lambda: widgets.WasteMeter([1, 3]), []),
                   (lambda: widgets.WasteMeter(['so good', 'no']), [])],
}


def told(name, monkeypatch):
    """What widgets of a kind tell, and their traits: [{'traits': ..., 'messages': ...}, ...]."""
    monkeypatch.setattr(fits, 'SIDE', 2)
    monkeypatch.setattr(fits, 'CURVE', 3)
    monkeypatch.setattr(looks, 'BINS', 3)
    monkeypatch.setattr('minichain_widgets.training.run.LOOK', 0)
    monkeypatch.setattr('minichain_widgets.training.run.SHARE', 0)
    found = []
    for make, asked in MADE[name]:
        mc.set_seed(0)
        widget, messages = make(), []
        widget.send = lambda message, buffers=None: messages.append(message)
        for message in [{'t': 'ready'}, {'t': 'shown', 'view': 'x'}, *asked, {'t': 'still'}]:
            if message['t'] in (*getattr(widget, 'takes', ()), 'ready', 'still'):
                widget._handle_custom_msg(message, [])
        traits = {key: getattr(widget, key) for key in TRAITS if widget.has_trait(key)}
        found.append({'traits': traits, 'messages': messages})
        widget.close()
    return json.loads(json.dumps(found), object_hook=short)


def short(fields):
    """An object whose long texts are cut, but for those that hold numbers."""
    return {key: value[:60] if isinstance(value, str) and key != 'data' else value
            for key, value in fields.items()}


def form(value):
    """What a value consists of, without its numbers and texts."""
    if isinstance(value, dict):
        return {key: form(each) for key, each in value.items()}
    if isinstance(value, list):
        forms = [form(each) for each in value]
        return [each for i, each in enumerate(forms) if each not in forms[:i]]
    return 'number' if type(value) in (int, float) else type(value).__name__


@pytest.mark.parametrize('name', MADE)
def test_the_samples_have_the_form_of_what_a_widget_tells(name, monkeypatch):
    now = told(name, monkeypatch)
    samples = json.loads(SAMPLES.read_text('utf-8')) if SAMPLES.exists() else {}
    if os.environ.get('MINICHAIN_SAMPLES') == 'write':
        samples[name] = now
        SAMPLES.write_text(json.dumps(samples, ensure_ascii=False, sort_keys=True) + '\n', 'utf-8')
    assert form(now) == form(samples[name])


def test_each_kind_of_widget_and_of_message_is_among_the_samples():
    samples = json.loads(SAMPLES.read_text('utf-8'))
    public = {name for name in widgets.__all__ if hasattr(getattr(widgets, name), '_esm')}
    assert set(samples) == set(MADE) == public
    kinds = {name: {message['t'] for each in found for message in each['messages']}
             for name, found in samples.items()}
    assert kinds['NetBuilder'] >= {'palette', 'state', 'wrong', 'unread', 'read', 'problem',
                                   'graph', 'apart'}
    assert kinds['TrainingRun'] >= {'state', 'news', 'look'}
    assert kinds['ConvExplorer'] >= {'state', 'layer'} and kinds['DeviceSwitch'] >= {'busy'}


# The most that Python tells, and where the page says what it takes.
LIMITS = {
    'nodes of a graph': (control.MOST_NODES, 'graph/model.ts', 'MAX_NODES ='),
    "the user's line": (mc.records.CODE_LENGTH, 'graph/protocol.ts', 'code:'),
    'nodes of a graph that grows': (stream.LIMIT, 'graph/protocol.ts', 'LIMITS = { list:'),
    'steps of a walk': (2 * walkthrough.MOST, 'stepper/steps.ts', r'steps: list\(STEP,'),
    'maps of a layer': (convolution.MOST_MAPS, 'convolution/told.ts', 'MOST ='),
    'points of a curve': (run.MOST, 'training/state.ts', 'POINTS ='),
    'examples in a plane': (fits.POINTS, 'training/state.ts', 'POINTS ='),
    'classes': (looks.CLASSES, 'training/state.ts', 'CLASSES ='),
    'rows of a grid': (max(fits.SIDE, looks.WIDEST), 'training/state.ts', r'SIDE = whole\(0,'),
    'words of a sentence': (max(waste.MOST, waste.MOST_STEPS), 'waste/view.ts', 'MOST ='),
    'steps over time': (unroller.MOST_STEPS, 'kit/check.ts', 'MOST_ITEMS ='),
    'blocks of a net': (net_of_blocks.MOST, 'kit/check.ts', 'MOST_ITEMS ='),
}


@pytest.mark.parametrize('what', LIMITS)
def test_the_page_takes_the_most_that_python_tells(what):
    most, file, before = LIMITS[what]
    taken = re.search(rf'{before} ([\d_]+)', (SOURCES / file).read_text('utf-8'))[1]
    assert most <= int(taken.replace('_', ''))
