"""What is shown of an error, and of a saved graph: in JupyterLab, as text, in Markdown and HTML."""
import base64
import re
import xml.etree.ElementTree

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

import nbformat     # noqa: E402
from IPython.core.formatters import DisplayFormatter     # noqa: E402
from minichain_widgets import LiveGraph, SavedGraph     # noqa: E402
from minichain_widgets.explanation import (     # noqa: E402
    GPU, MIME, WHAT, WHY, Explanation, filled, gpu_sentence)
from nbconvert import HTMLExporter, MarkdownExporter     # noqa: E402


def raised(act):
    with pytest.raises(mc.MinichainError) as found:
        act()
    return found.value


def twice_backward(y):
    y.backward()
    y.backward()


def test_a_shape_error_in_a_link_is_taken_apart():
    net = mc.Chain(fc=L.Linear(4, 3))
    error = raised(lambda: net.fc(mc.Variable([[1.0] * 5] * 2)))
    parts = Explanation(error, node=3, run=1).to_dict()
    assert parts['wanted'] == '(N,I) (O,I) (O) -> (N,O)'
    assert parts['given'] == 'x (2, 5), W (3, 4), b (3,)'
    assert parts['why'] == ['%1 is %2 in %3 and %4 in %5', 'I', '5', 'x', '4', 'W']
    assert parts['link'] == 'fc' and (parts['node'], parts['run']) == (3, 1)
    assert parts['advice'][0].startswith('The layer was made for another number of inputs. Make it '
                                         'for %1, or leave')
    assert parts['advice'][1:] == ['5']
    assert parts['where'][0] == '%1, line %2: %3'
    assert parts['where'][1] == 'test_explanation.py' and 'net.fc' in parts['where'][3]
    text = repr(Explanation(error))
    assert 'given:   x (2, 5)' in text and 'in link: fc' in text
    assert 'because: I is 5 in x and 4 in W' in text and 'Make it for 5, or' in text
    layers = mc.Sequential(L.Linear(5, 4), L.Linear(3, 2))
    error = raised(lambda: layers(mc.Variable([[1.0] * 5] * 2)))
    assert Explanation(error).link == '1 Linear'


@pytest.mark.parametrize('act, words', [
    (lambda: mc.Variable([1.0]) + mc.Variable([1.0, 2.0]).astype('float64'), 'astype'),
    (lambda: mc.Variable([1.0, 2.0]) + mc.Variable([1.0] * 3), 'one of them is 1'),
    (lambda: F.conv2d(mc.Variable([[[[1.0]]] * 3]), mc.Variable([[[[1.0]]]])), 'layer for 3'),
    (lambda: mc.Variable([1.0, 2.0], requires_grad=True).backward(), 'F.sum'),
    (lambda: twice_backward(F.exp(mc.Variable(1.0, requires_grad=True))), 'again'),
    (lambda: F.exp(mc.Variable(1.0).detach()).backward(), 'requires_grad=True'),
])
def test_an_explanation_always_says_what_to_try(act, words):
    assert words in filled(Explanation(raised(act)).advice)


@pytest.mark.parametrize('act, why', [
    (lambda: F.conv2d(mc.Variable([1.0]), mc.Variable([[[[1.0]]]])),
     'x has 1 axis but needs 4: (N,C,H,W)'),
    (lambda: F.conv2d(mc.Variable([[1.0]]), mc.Variable([[[[1.0]]]])),
     'x has 2 axes but needs 4: (N,C,H,W)'),
    (lambda: mc.Variable([1.0, 2.0]) + mc.Variable([1.0] * 3),
     'counted from the last axis, axis 1 is 2 in one and 3 in the other'),
])
def test_a_reason_is_a_sentence_with_gaps_that_can_be_translated(act, why):
    explanation = Explanation(raised(act))
    assert explanation.why[0] in dict(map(reversed, WHY)) and filled(explanation.why) == why


def f4(*shape):
    return np.ones(shape, 'float32')


class Doubled(mc.Function):
    """y = 2 x, with a gradient that forgets the 2."""
    def forward(self, x):
        return 2 * x

    def backward(self, gy):
        return gy


def gradient_of_another_type():
    model = L.Linear(2, 2)
    model.W.grad = np.ones((2, 2))
    mc.optimizers.SGD().setup(model).update()


def changed_in_place():
    x = mc.Variable([1.0, 2.0], requires_grad=True)
    with mc.using_config(debug=True):
        y = F.sum(x * x)
        x.data[:] = 5
        y.backward()


def of_what_was_not_recorded():
    with mc.no_grad():
        mc.Graph.of(F.exp(mc.Variable(1.0)))


def logarithm_of(number):
    with mc.using_config(debug=True):
        with np.errstate(all='ignore'):
            F.log(mc.Variable([number], requires_grad=True))


@pytest.mark.parametrize('act, what', [
    (lambda: F.exp(mc.Variable(1.0).detach()).backward(), 'There is no graph behind'),
    (of_what_was_not_recorded, 'There is no graph behind this Variable'),
    (lambda: mc.Variable([1.0, 2.0], requires_grad=True).backward(), 'this has the shape (2,).'),
    (lambda: twice_backward(F.exp(mc.Variable(1.0, requires_grad=True))), 'exp: an earlier'),
    (changed_in_place, 'mul has kept x for backward'),
    (lambda: setattr(F.exp(mc.Variable(1.0, requires_grad=True)), 'requires_grad', False),
     'was computed: only'),
    (lambda: mc.optimizers.SGD().setup(L.Linear(2, 3)).update(), 'No parameter of the model'),
    (lambda: mc.optimizers.SGD().update(), 'does not know the model'),
    (lambda: logarithm_of(-1.0), 'log gave 1 NaN among 1 numbers.'),
    (lambda: logarithm_of(0.0), 'log gave 1 infinities among 1 numbers.'),
    (lambda: mc.Variable([1, 2], requires_grad=True), 'the array is int64'),
    (lambda: mc.Variable('x'), 'this is str'),
    (lambda: F.mean_squared_error(mc.Variable(f4(2)), 2.0), 'but got float'),
    (lambda: F.linear(f4(1, 2), np.ones((3, 2))), 'x is float32, but W is float64.'),
    (lambda: mc.get_device('gpu'), 'No GPU can be used here.'),
    (lambda: mc.get_device('tpu'), "There is no device 'tpu'."),
    (lambda: F.reshape(mc.Variable(f4(6)), (4, 2)), 'do not fill the shape (4, 2), which has 8'),
    (lambda: F.transpose(mc.Variable(f4(2, 3)), (0, 5)), 'there is no axis 5, only 2 axes'),
    (lambda: F.conv2d(mc.Variable(f4(1, 1, 3, 3)), mc.Variable(f4(1, 1, 4, 4))), 'covers (4, 4)'),
    (lambda: mc.Graph.from_json('{'), 'This is no JSON.'),
    (lambda: F.squeeze(f4(2, 3), 1), 'Axis 1 of the shape (2, 3) has length 3'),
    (lambda: F.split(f4(5), 2), 'An axis of length 5 has no 2 equal parts.'),
    (lambda: L.MultiHeadAttention(6, 4), '6 numbers do not divide into 4 heads.'),
    (lambda: mc.Variable(f4(2), requires_grad=True).backward(f4(3)), 'gy has the shape (3,)'),
    (gradient_of_another_type, "The gradient of '/W' is float64, but the parameter is float32."),
    (lambda: mc.optimizers.SGD().setup(L.Linear(2, 2)).update(lambda: 1.0), 'The loss is float'),
    (lambda: mc.debug.check_gradients(lambda x: Doubled().apply(x), [np.ones(2)]),
     'finite differences give'),
])
def test_what_happened_is_a_sentence_that_can_be_translated(act, what):
    explanation = Explanation(raised(act))
    assert explanation.what[0] in dict(map(reversed, WHAT))
    assert what in filled(explanation.what)


def test_an_explanation_is_text_elsewhere():
    bundle = Explanation(mc.GraphError('<b>')) ._repr_mimebundle_()
    assert sorted(bundle) == [MIME, 'text/plain']
    assert bundle[MIME]['sentence'] == '<b>' and bundle[MIME]['node'] is None


@pytest.mark.parametrize('status', [
    '1 GPU: NVIDIA H200 (cupy-cuda12x 14.0.1, driver for CUDA 13.0).',
    "CuPy is not installed: pip install 'minichain[gpu]'.",
    'Several CuPy packages are installed (cupy, cupy-cuda12x), which break each other: uninstall '
    "all of them, then pip install 'minichain[gpu]'.",
    'CuPy is installed, but the module fastrlock that it needs is missing: pip install cupy.',
    'The installation of cupy-cuda12x is broken (ImportError: x): uninstall it, then pip install.',
    "The NVIDIA driver shows no GPU (CUDA_VISIBLE_DEVICES='').",
    'cupy-cuda12x 14.0.1 is installed, but this machine has no NVIDIA driver.',
    'The NVIDIA driver is for CUDA 11.8, but cupy-cuda12x 14.0.1 needs CUDA 12: update the driver.',
    'cupy 14.0.1 cannot use the NVIDIA driver for CUDA 12.9: RuntimeError: x.',
    'cupy 14.0.1 finds the GPU but cannot compute on it (OSError: x): pip install cupy.',
    'cupy 14.0.1 computes wrongly on this GPU: a sum of products gave 7 instead of 8.',
    'CuPy fails on this machine (AttributeError: x): reinstall it, pip install cupy.',
])
def test_what_is_said_of_the_gpu_can_be_translated(status):
    sentence = gpu_sentence(status)
    assert sentence[0] in dict(GPU).values()
    assert '%' not in filled(sentence) and filled(sentence).split()[0] == status.split()[0]


# A graph that is saved in the notebook ------------------------------------------------------------

def test_a_saved_graph_is_json_svg_and_text():
    y = F.exp(mc.Variable(1.0, name='x', requires_grad=True))
    data = SavedGraph(y)._repr_mimebundle_()
    assert data['text/plain'] == '<SavedGraph 1 operation, 1 variable>'
    assert data['image/svg+xml'].startswith('<svg')
    graph = mc.Graph.from_json(data['application/vnd.minichain.graph+json'])
    assert [node['label'] for node in graph.nodes] == ['x', 'exp']


def notebook_with(shown):
    """A notebook as it is saved: one cell, and this as its output."""
    data, _ = DisplayFormatter().format(shown)
    cell = nbformat.v4.new_code_cell('y', outputs=[nbformat.v4.new_output('display_data', data)])
    return nbformat.v4.new_notebook(cells=[cell])


@pytest.mark.parametrize('show', [mc.Graph.of, SavedGraph, LiveGraph])
def test_in_markdown_and_html_a_graph_is_a_picture(show):
    notebook = notebook_with(show(F.exp(mc.Variable(1.0, name='x', requires_grad=True))))
    text, resources = MarkdownExporter().from_notebook_node(notebook)
    (name, picture), = resources['outputs'].items()
    assert f'![svg]({name})' in text and 'minichain-graph' not in text
    pictures = [picture]
    for sanitize in True, False:        # JupyterLab asks, and proposes True
        page, _ = HTMLExporter(sanitize_html=sanitize).from_notebook_node(notebook)
        coded, = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
        pictures.append(base64.b64decode(coded))
    for picture in pictures:
        root = xml.etree.ElementTree.fromstring(picture)
        assert root.tag.endswith('svg') and 'exp' in ''.join(root.itertext())


def test_in_markdown_an_explanation_is_text():
    notebook = notebook_with(Explanation(raised(lambda: mc.get_device('tpu'))))
    text, _ = MarkdownExporter().from_notebook_node(notebook)
    assert "to try:  Say 'cpu', 'gpu'" in text
