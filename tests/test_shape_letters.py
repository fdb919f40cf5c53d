"""Shapes in letters: the still picture and the one that moves read one table and agree.

To write both files anew: python tests/test_shape_letters.py
"""
import json
import pathlib

import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain.drawing.letters import shape_texts, table_of_letters
from minichain.graph import Graph

GRAPH = pathlib.Path(__file__).resolve().parent.parent / 'widgets' / 'src' / 'graph'


def table():
    rows = [f'  {json.dumps(label)}: {json.dumps(axes)}'
            for label, axes in table_of_letters().items()]
    return '{\n' + ',\n'.join(rows) + '\n}\n'


def example():
    """A small residual network, and the text that stands at each of its nodes."""
    mc.set_seed(0)
    conv, norm = L.Conv2d(4, 4, 3, pad=1), L.BatchNorm(4)
    h = F.relu(norm(conv(np.ones((2, 4, 6, 6), 'float32'))))
    h = F.max_pool2d(F.relu(conv(h) + h), 2)
    lstm = L.LSTM(36, 3)
    y = L.Linear(3, 5)(lstm(F.reshape(h, (2, 36))) * 2.0)
    graph = Graph.of(F.softmax_cross_entropy(y, np.array([0, 1])))
    texts = {str(id): text for id, text in shape_texts(graph).items() if text}
    return json.dumps({'graph': graph.to_dict(), 'texts': texts}) + '\n'


def test_the_table_of_the_moving_picture_is_that_of_the_operations():
    assert (GRAPH / 'letters.json').read_text('utf-8') == table(), __doc__


def test_the_example_that_both_pictures_agree_on_is_of_now():
    assert (GRAPH / 'letters.example.json').read_text('utf-8') == example(), __doc__


def test_channels_are_channels_on_both_sides_of_a_convolution():
    texts = json.loads(example())['texts'].values()
    assert 'N 2, C 4, H 6, W 6' in texts and 'N 2, C 4, H 3, W 3' in texts
    assert 'O 4, C 4, K 3, K 3' in texts and not any('N 2, O 4' in text for text in texts)


def test_an_operation_on_any_axes_leaves_the_letters_to_the_next_one():
    x = mc.Variable(np.ones((2, 3), 'float32'), name='x')
    y = F.linear(x * 2.0 + x, np.ones((4, 3), 'float32'))
    graph = Graph.of(F.linear(x, np.ones((4, 3), 'float32')) + y)
    texts = shape_texts(graph)
    assert texts[next(node['id'] for node in graph.nodes if node['label'] == 'x')] == 'N 2, I 3'


if __name__ == '__main__':
    (GRAPH / 'letters.json').write_text(table(), 'utf-8')
    (GRAPH / 'letters.example.json').write_text(example(), 'utf-8')
