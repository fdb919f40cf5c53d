"""The pictures: well-formed, harmless, the same each time, nothing on top of anything else."""
import itertools
import json
import pathlib
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
from minichain.drawing import describe
from minichain.drawing.layout import Box, Frame
from minichain.drawing.letters import clip, heat_level, shape_texts, short
from minichain.drawing.look import LOOK
from minichain.drawing.picture import Picture
from minichain.graph import Graph
from minichain.recorder import Recorder

from graph_examples import CNN, MLP, lstm_graph, random_graph, recorded

SVG = '{http://www.w3.org/2000/svg}'
LOOK_JSON = pathlib.Path(__file__).parents[1] / 'widgets' / 'src' / 'graph' / 'look.json'


def parabola():
    x = mc.Variable(np.array(2, 'float32'), name='x')
    with mc.watch(Recorder(stats=True)) as recorder:
        y = x * x + 3 * x
        y.backward()
    return recorder.graph('y = x*x + 3*x')


EXAMPLES = {
    'empty': Graph,
    'parabola': parabola,
    'mlp': lambda: recorded(MLP()),
    'mlp forward only': lambda: recorded(MLP(), backward=False),
    'cnn': lambda: recorded(CNN()),
    'lstm of 5 steps': lambda: lstm_graph(5),
    'lstm of 100 steps': lambda: lstm_graph(100),
    'folded cnn': lambda: recorded(CNN()).fold(),
    **{f'random {seed}': lambda seed=seed: random_graph(seed, 5 + 9 * seed) for seed in range(12)},
    'folded random': lambda: random_graph(99, 120).fold(),
}


@pytest.fixture(params=EXAMPLES, scope='module')
def graph(request):
    return EXAMPLES[request.param]()


def texts(svg):
    return [''.join(text.itertext()) for text in ET.fromstring(svg).iter(f'{SVG}text')]


class Residual(mc.Chain):
    """Two residual blocks: a line goes round each of them."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.first = mc.links.Conv2d(1, 16, ksize=3, pad=1)
            self.second = mc.links.Conv2d(16, 16, ksize=3, pad=1)

    def forward(self, x):
        h = F.relu(self.first(x))
        h = h + F.relu(self.second(h))
        return h + F.relu(self.second(h))


def places(path):
    """Points on a line (from M, straight down by V, curved by C), not far from each other."""
    found = []
    for sign, numbers in re.findall('([MVC])([-0-9. ]+)', path):
        numbers = list(map(float, numbers.split()))
        x, y = found[-1] if found else numbers
        if sign == 'V':
            found += [(x, y + (numbers[0] - y) * k / 20) for k in range(1, 21)]
        elif sign == 'C':
            x1, y1, x2, y2, x3, y3 = numbers
            for t in np.linspace(0, 1, 41)[1:]:
                weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3
                found.append((np.dot(weights, (x, x1, x2, x3)), np.dot(weights, (y, y1, y2, y3))))
        else:
            found.append((x, y))
    return found


def test_no_line_goes_through_a_shape():
    net = Residual()
    root = ET.fromstring(Graph.of(net(np.zeros((2, 1, 8, 8), 'float32'))).to_svg())
    shapes = [text for text in root.iter(f'{SVG}text') if 'z' in text.get('class').split()]
    lines = [places(path.get('d')) for path in root.iter(f'{SVG}path')
             if path.get('class') == 'w']
    assert len(shapes) == 8 and len(lines) > 10
    for text in shapes:
        wide = len(text.text) * 5.5
        left = float(text.get('x')) - ('e' in text.get('class').split()) * wide
        foot = float(text.get('y'))
        hit = [(x, y) for line in lines for x, y in line
               if left < x < left + wide and foot - 9 < y < foot + 2]
        assert not hit, f'{text.text} at {left:.0f}, {foot:.0f}: {hit[0]}'


def test_the_picture_is_well_formed_and_has_words_for_screen_readers(graph):
    root = ET.fromstring(graph.to_svg())
    assert root.tag == f'{SVG}svg' and root.get('role') == 'img'
    assert root.find(f'{SVG}title').text
    assert root.find(f'{SVG}desc').text


def test_the_picture_is_the_same_each_time(graph):
    assert graph.to_svg() == graph.to_svg()
    if not graph.folded:
        assert Graph.from_json(graph.to_json()).to_svg() == graph.to_svg()


def test_two_runs_of_a_program_give_the_same_picture():
    assert lstm_graph(5).to_svg() == lstm_graph(5).to_svg()
    assert lstm_graph(5).to_svg() != lstm_graph(6).to_svg()


def test_a_big_graph_is_folded_by_itself():
    svg = lstm_graph(100).to_svg()
    assert '▸ lstm ×100' in texts(svg)
    assert len(svg) < 8_000
    assert len(lstm_graph(5).to_svg()) < 60_000


def rectangle(item):
    if isinstance(item, Frame):
        return item.x - item.left, item.y, item.x + item.right, item.y + item.height
    top = item.y + item.box_height - item.height
    return item.x - item.left, top, item.x + item.width / 2, top + item.height


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_nothing_lies_on_top_of_anything_else(graph):
    picture = Picture(graph if len(graph.nodes) < 150 else graph.fold())
    for frame in picture.frames.values():
        items = [item for item in frame.items if isinstance(item, (Box, Frame))]
        for a, b in itertools.combinations(items, 2):
            assert not overlap(rectangle(a), rectangle(b)), (a.key, b.key)
        if frame.key is not None:
            left, top, right, bottom = rectangle(frame)
            for item in items:
                inner = rectangle(item)
                assert left < inner[0] and top < inner[1] and inner[2] < right and inner[3] < bottom


def test_lines_go_down_and_pass_no_box(graph):
    picture = Picture(graph if len(graph.nodes) < 150 else graph.fold())
    for line, points in picture.routes:
        heights = [y for _, top, bottom in points for y in (top, bottom)]
        assert heights == sorted(heights)
        for x, top, bottom in points:
            for box in picture.boxes.values():
                if box not in (line.source, line.target):
                    beside = abs(x - box.x) >= box.width / 2
                    assert beside or bottom <= box.y or top >= box.y + box.box_height


def test_everything_stands_inside_the_picture(graph):
    picture = Picture(graph if len(graph.nodes) < 150 else graph.fold())
    for box in picture.boxes.values():
        assert box.x - box.left + picture.left >= 0
        assert box.x + box.right + picture.left <= picture.width
        assert box.y + box.box_height + picture.top <= picture.height


def test_each_kind_has_its_own_shape():
    words = texts(recorded(MLP(), backward=False).to_svg())
    assert {'MLP', 'l1 Linear', 'linear', 'tanh', 'W 8×4', 'b 8', 'N 5, O 8', 'N 5, O 3',
            '5×4'} <= set(words)
    svg = parabola().to_svg()
    assert len(re.findall('<rect class="v h', svg)) == 1       # x is a pill, and lit
    assert len(re.findall('<path class="k"', svg)) == 2        # x*x keeps something; the legend
    assert {'x ∇7', '× mul', '3 × mul', '∇1'} <= set(texts(svg))
    svg = recorded(MLP()).to_svg()
    assert len(re.findall('<rect class="i"', svg)) == 4        # four parameters, double borders
    assert len(re.findall('<path class="i"', svg)) == 2        # two cut corners


def test_what_is_not_a_number_gets_a_cross():
    x = mc.Variable(np.array([-1, 1], 'float32'))
    with mc.watch(Recorder(stats=True)) as recorder, np.errstate(all='ignore'):
        F.sum(F.log(x) * np.array([1, np.nan], 'float32')).backward()
    svg = recorder.graph().to_svg()
    assert svg.count('<circle class="x"') == 5                 # x, the constant and the operations
    assert svg.count('<rect class="o b"') == 1                 # the gradient of log's output
    assert '∇NaN' in texts(svg)
    assert '<circle class="x"' not in recorded(MLP()).to_svg()


HOSTILE = ['<script>alert(1)</script>', '"/><image href="x"', '&amp;', ']]>', '\x00\x1b[31m',
           '\ud800', 'a' * 500, '\u202egnitirw', '</title>', "'};</style><b>"]


@pytest.mark.parametrize('name', HOSTILE)
def test_hostile_names_stay_text(name):
    class Evil(mc.Function):
        label, symbol = name, name

        def forward(self, x):
            return x

    Evil.__name__ = name.replace('\x00', '').encode('utf8', 'replace').decode()
    graph = Graph.of(Evil().apply(mc.Variable(np.ones(2, 'float32'), name=name)), title=name)
    root = ET.fromstring(graph.to_svg())
    allowed = {'svg', 'title', 'desc', 'style', 'rect', 'g', 'path', 'text', 'tspan', 'circle'}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    for element in root.iter():
        assert not any(key.startswith('on') or 'href' in key for key in element.attrib)
    assert root.find(f'{SVG}style').text == ET.fromstring(Graph().to_svg()).find(f'{SVG}style').text
    longest = max(len(word) for word in texts(graph.to_svg()))
    assert longest < 30


def test_the_style_stays_inside_of_the_picture():
    style = ET.fromstring(Graph().to_svg()).find(f'{SVG}style').text
    rules = re.sub(r'@media\([^)]*\)\{(.*)\}$', r'\1', style)
    for selectors in re.findall(r'([^{}]+)\{', rules):
        assert all(selector.startswith('.mc ') for selector in selectors.split(','))
    assert 'prefers-color-scheme:dark' in style


def contrast(one, other):
    def light(color):
        parts = [int(color[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
                 for part in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize('theme', ['light', 'dark'])
def test_words_can_be_read_in_both_themes(theme):
    color = LOOK['colors'][theme]
    pairs = [(color['ink'], color[fill]) for fill in ('background', 'frame-fill', 'forward-fill',
                                                      'leaf-fill', 'nan-fill')]
    pairs += [(color['muted'], color[fill]) for fill in ('background', 'frame-fill', 'leaf-fill')]
    pairs += [(color[name], color['background']) for name in ('forward', 'backward', 'nan')]
    for ink, fill in pairs + list(zip(color['heat-ink'], color['heat'])):
        assert contrast(ink, fill) >= 4.5, (ink, fill)


def test_the_browser_has_the_same_look():
    assert json.loads(LOOK_JSON.read_text(encoding='utf-8')) == LOOK


def test_shapes_in_letters():
    graph = recorded(CNN(), backward=False)
    shapes = shape_texts(graph)
    by_label = {node['label']: shapes[node['id']] for node in graph.nodes}
    assert by_label['relu'] == 'N 5, C 8, H 3, W 3'
    assert by_label['conv1/W'] == 'O 4, C 1, K 3, K 3'
    assert by_label['softmax_cross_entropy'] == ''
    y = F.exp(mc.Variable(np.ones((2, 7), 'float32')))
    assert list(shape_texts(Graph.of(y)).values()) == ['2, 7', '2, 7']


def test_short_numbers():
    assert [short(x) for x in (0, 1, 0.03124, 4.5e-7, 1234.5, 123456, None, 0.9999)] == [
        '0', '1', '.0312', '4.5e-7', '1230', '1.2e5', '?', '1']


def test_the_heat_scale():
    assert [heat_level(norm, 1) for norm in (1, 0.5, 0.1, 1e-9, 0, None)] == [4, 4, 2, 0, 0, 0]


def test_clip():
    assert [clip('abcd', 4), clip('abcde', 4)] == ['abcd', 'abc…']


def test_the_description_names_the_steps():
    assert describe(parabola()) == ('Graph y = x*x + 3*x: 3 operations, 1 variable; mul 2 of x 1; '
                                    'mul 3 of x 1; add 4 of mul 2, mul 3.')


def test_a_notebook_shows_the_picture_and_stable_text():
    graph = Graph.of(F.exp(mc.Variable(1.0)))
    assert graph._repr_svg_() == graph.to_svg()
    assert repr(graph) == '<Graph 1 operation, 1 variable>'
    assert not hasattr(graph, '_repr_html_')


def test_a_long_shape_in_a_leaf_is_written_smaller_so_that_it_fits():
    mc.set_seed(0)
    x = np.zeros((1, 12, 5, 5), 'float32')
    page = Graph.of(mc.links.Conv2d(12, 24, ksize=3)(x)).to_svg()
    assert re.search(r'style="font-size:9px">W <tspan class="d">24×12×3×3<', page)
    assert not re.search(r'font-size:9px">b <tspan class="d">24<', page)
