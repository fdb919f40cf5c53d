"""ConvExplorer without a browser: filters, pictures, layers, scores, the gradient image."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain_widgets import ConvExplorer     # noqa: E402
from minichain_widgets.filters import SIZES, named_filters     # noqa: E402


class CNN(mc.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Conv2d(1, 4, ksize=3, pad=1)
            self.conv2 = L.Conv2d(4, 5, ksize=3, stride=2)
            self.out = L.Linear(None, 3)

    def forward(self, x):
        h = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return self.out(F.flatten(F.relu(self.conv2(h))))


@pytest.fixture
def image():
    return np.random.default_rng(0).random((10, 12)).astype('f4')


@pytest.fixture
def net():
    mc.set_seed(0)
    return CNN()


def test_the_map_is_that_of_conv2d(image):
    kernel = np.arange(9, dtype='f4').reshape(3, 3)
    shown = ConvExplorer(image, kernel)
    shown.set(stride=2, pad=1, dilate=2)
    expected = F.conv2d(image[None, None], kernel[None, None], stride=2, pad=1, dilate=2)
    np.testing.assert_array_equal(shown.output, expected.numpy()[0, 0])
    assert shown.output.shape == (4, 5)


def test_named_filters_exist_in_all_sizes_and_do_what_their_names_say(image):
    filters = named_filters()
    assert all(list(sizes) == list(SIZES) for sizes in filters.values())
    shown = ConvExplorer(np.ones((9, 9)))
    for name, value in {'blur': 1, 'sharpen': 1, 'vertical edge': 0, 'horizontal line': 0,
                        'outline': 0}.items():
        for size in 3, 5, 7:
            shown.set(filter=name, size=size)
            np.testing.assert_allclose(shown.output, value, atol=1e-5)
    columns = np.repeat(np.arange(9.0)[None] > 4, 9, 0)
    shown = ConvExplorer(columns)
    shown.set(filter='vertical edge', size=2)
    assert shown.output.argmax(1).tolist() == [4] * 8 and shown.output.max() == 2


@pytest.mark.parametrize('shape, pictures', [
    ((10, 12), (1, 1, 10, 12)), ((3, 10, 12), (1, 3, 10, 12)), ((1, 10, 12), (1, 1, 10, 12)),
    ((7, 10, 12), (7, 1, 10, 12)), ((5, 2, 10, 12), (5, 2, 10, 12))])
def test_pictures_come_in_several_shapes(shape, pictures):
    assert ConvExplorer(np.zeros(shape))._pictures.shape == pictures


def test_filters_come_in_several_shapes(image, net):
    net(image[None, None])
    assert len(ConvExplorer(image, net.conv1)._filters) == 4
    assert list(ConvExplorer(image, {'mine': np.eye(2)})._filters) == ['mine']
    colour = np.stack([image] * 3)
    shown = ConvExplorer(colour, np.ones((2, 3, 2, 2)))
    np.testing.assert_allclose(shown.output[0, 0], 3 * image[:2, :2].sum(), rtol=1e-5)
    grey = ConvExplorer(colour, np.ones((2, 2)))
    np.testing.assert_allclose(grey.output[0, 0], image[:2, :2].sum(), rtol=1e-5)


def test_another_picture_and_a_drawn_one(image):
    shown = ConvExplorer(np.stack([image, 2 * image])[:, None])
    shown.set(index=1)
    np.testing.assert_array_equal(shown.image[0], 2 * image)
    shown.set(image=np.ones(120))
    assert shown.image.shape == (1, 10, 12) and shown.image.min() == 1
    shown.set(index=0)
    np.testing.assert_array_equal(shown.image[0], image)


def test_layers_of_a_network_with_their_filters(image, net):
    shown = ConvExplorer(image, link=net)
    layers = shown._seen[0]
    assert [layer.name for layer in layers] == [
        'conv1 conv2d', 'relu', 'max_pool2d', 'conv2 conv2d', 'relu']
    shown.set(layer=3)
    layer = shown._layer
    assert (layer.stride, layer.pad, layer.W.shape) == ((2, 2), (0, 0), (5, 4, 3, 3))
    expected = F.conv2d(layer.x[None], layer.W, layer.b, stride=2).numpy()[0]
    np.testing.assert_array_equal(shown.output, expected)


def test_scores_and_the_gradient_of_one_of_them(image, net):
    shown = ConvExplorer(image, link=net)
    np.testing.assert_allclose(shown.scores, net(image[None, None]).numpy()[0], rtol=1e-6)
    for of in range(3):
        shown.set(of=of)
        x = mc.Variable(image[None, None])
        net(x)[0, of].backward()
        np.testing.assert_allclose(shown.gradient, x.grad[0], atol=1e-7)
    shown.set(of='best')
    assert f'Score of class {shown.scores.argmax()}: ' in shown.text()


def test_looking_leaves_the_network_alone(image, net):
    net(image[None, None])
    with mc.watch(mc.Recorder()) as recorder:
        ConvExplorer(image, link=net).set(of=1)
        ConvExplorer(image).set(pad=1)
    assert len(recorder.graph()) == 0
    assert all(param.grad is None for param in net.params())


def test_text_and_picture(image, net):
    shown = ConvExplorer(image, np.ones((3, 3)))
    assert repr(shown).startswith('ConvExplorer: picture 1 × 10 × 12, filter filter 1 3 × 3, '
                                  'stride 1, padding 0, dilation 1. The map is 8 × 10, from ')
    assert shown._repr_mimebundle_()[0]['image/svg+xml'].count('<image') == 3
    seen = ConvExplorer(image, link=net)
    assert 'layer 1 of 5, conv1 conv2d, 4 × 10 × 12' in repr(seen)
    assert seen.svg().count('<image') == 4 and seen.svg() == seen.svg()


@pytest.mark.parametrize('choices, words', [
    ({'stride': 0}, 'stride should be a whole number from 1 to 4, not 0'),
    ({'filter': 'x'}, "no filter 'x'; there are vertical edge, "),
    ({'size': 7, 'dilate': 3}, 'covers 19 pixels, but picture and padding have 10'),
    ({'index': 2}, 'from 0 to 0, for there are 1 pictures; it is 2'),
    ({'image': [1, 2]}, r'should have the shape \(1, 10, 12\)'),
    ({'colour': 1}, "has no 'colour' to set; it has index")])
def test_wrong_choices_are_refused_and_change_nothing(image, choices, words):
    shown = ConvExplorer(image)
    before = shown.text()
    with pytest.raises(ValueError, match=words):
        shown.set(**choices)
    assert shown.text() == before


@pytest.mark.parametrize('given, words', [
    ((np.zeros((200, 200)),), r'image\[..., :128, :128\]'),
    ((np.zeros(4),), r'wants a picture \(H, W\)'),
    ((np.full((4, 4), np.nan),), 'NaN or infinite'),
    ((np.zeros((4, 4)), np.zeros((2, 3))), 'A filter should be square'),
    ((np.zeros((4, 4)), {}), 'at least one filter'),
    ((np.zeros((4, 4)), L.Conv2d(3, ksize=3)), 'no filters yet')])
def test_wrong_pictures_and_filters_are_explained(given, words):
    with pytest.raises(ValueError, match=words):
        ConvExplorer(*given)


def test_networks_that_do_not_fit_are_explained(image, net):
    with pytest.raises(ValueError, match='not both'):
        ConvExplorer(image, np.ones((3, 3)), link=net)
    with pytest.raises(ValueError, match='link should be a network'):
        ConvExplorer(image, link=3)
    with pytest.raises(ValueError, match=r'should give scores \(1, K\)'):
        ConvExplorer(image, link=net.conv1)
    with pytest.raises(ValueError, match='No layer of the network made maps'):
        ConvExplorer(image, link=L.Linear(120, 3))
    shown = ConvExplorer(image, link=net)
    with pytest.raises(ValueError, match='There are 3 classes, from 0 to 2; 3 is none'):
        shown.set(of=3)


def test_the_front_end_gets_pictures_filters_and_layers(image, net, monkeypatch):
    sent = []
    monkeypatch.setattr(ConvExplorer, 'send', lambda self, message, buffers: sent.append(message))
    shown = ConvExplorer(image, np.ones((2, 2)))
    shown._on_message(shown, {'t': 'ready'}, [])
    assert [message['t'] for message in sent] == ['state']
    assert sent[0]['filters'][0]['sizes'][2]['shape'] == [1, 2, 2]
    shown._on_message(shown, {'t': 'set', 'pad': 2, 'image': [0.0] * 120}, [])
    assert len(sent) == 1 and not shown.output.any() and shown.output.shape == (13, 15)
    seen = ConvExplorer(image, link=net)
    seen._on_message(seen, {'t': 'ready'}, [])
    seen._on_message(seen, {'t': 'set', 'layer': 1, 'of': 2}, [])
    assert [message['t'] for message in sent[1:]] == ['state', 'layer', 'layer']
    first, second = sent[2:]
    assert first['kernel']['W']['shape'] == [4, 1, 3, 3] and first['kernel']['pad'] == (1, 1)
    assert second['kernel'] is None and second['of'] == 2
    seen._on_message(seen, {'t': 'set', 'of': 9}, [])
    assert sent[-1]['t'] == 'problem' and '9 is none' in sent[-1]['text']
