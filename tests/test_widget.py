"""What all widgets share, without a browser."""
import json
import pathlib
import xml.etree.ElementTree

import numpy as np
import pytest

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain import ShapeError                              # noqa: E402
from minichain_widgets import Unroller, WasteMeter, pictures, tiles   # noqa: E402
from minichain_widgets.widget import STATIC, Widget           # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]


class Counter(Widget):
    """Counts to three."""

    _esm = 'export default {}'

    def __init__(self):
        self.count = 0
        self.sent = []
        super().__init__()

    def send(self, content, buffers=None):
        self.sent.append(content)

    def text(self):
        return f'A counter at {self.count}.'

    def svg(self):
        return pictures.picture(self.text(), [pictures.words(self.count, 4, 16)], 20)

    takes = {'add': {'by': 'whole'}, 'break': {}}

    def answer_break(self, message):
        {}['by']

    def answer_add(self, message):
        if self.count == 3:
            raise ShapeError('Three is the most that it counts.')
        self.count += message['by']


def test_a_module_brings_its_bundle_under_a_key_of_its_own():
    keys = set()
    for widget, file in (Unroller, 'unroller.js'), (WasteMeter, 'wastemeter.js'):
        _, key, text, *_ = widget._esm.splitlines()
        brought = text.removeprefix('const text = () => ').removesuffix(';')
        assert json.loads(brought) == (STATIC / file).read_text('utf-8')
        keys.add(key)
    assert len(keys) == 2


def test_a_message_reaches_its_answer():
    counter = Counter()
    counter._on_message(counter, {'t': 'add', 'by': 2}, [])
    assert counter.count == 2 and counter.sent == []


def test_an_error_in_a_callback_is_shown_as_a_sentence():
    counter = Counter()
    counter.count = 3
    counter._on_message(counter, {'t': 'add', 'by': 2}, [])
    assert counter.sent == [{'t': 'problem', 'text': 'Three is the most that it counts.'}]


def test_of_an_unexpected_error_the_place_is_shown():
    counter = Counter()
    counter._on_message(counter, {'t': 'break'}, [])
    text = counter.sent[0]['text']
    assert text.startswith("KeyError: 'by' (test_widget.py, line ")


@pytest.mark.parametrize('message', [None, 3, [], {}, {'t': 4}, {'t': '__init__'},
                                     {'t': 'nothing'}])
def test_an_unknown_message_is_refused(message):
    counter = Counter()
    counter._on_message(counter, message, [])
    text = counter.sent[0]['text']
    assert text.startswith('Counter refused what came from the page. There is no ')
    assert counter.count == 0


def test_a_saved_notebook_keeps_a_text_and_a_picture():
    bundle = Counter()._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data['text/plain'] == 'A counter at 0.'
    xml.etree.ElementTree.fromstring(data['image/svg+xml'])
    assert repr(Counter()) == 'A counter at 0.'


def test_curves_leave_out_what_is_not_finite():
    drawn = pictures.curves('Loss', {'loss': ([1, 2, 3, 4], [4.0, np.nan, 2.0, np.inf])}, 0, 0)
    svg = pictures.picture('Loss', [drawn], 120)
    line = xml.etree.ElementTree.fromstring(svg).find('.//{*}polyline')
    assert len(line.get('points').split()) == 2
    assert 'nothing yet' in pictures.curves('Loss', {'loss': ([], [])}, 0, 0)


def test_words_of_users_stay_words():
    svg = pictures.picture('<script>', [pictures.words('a < b & "c"', 0, 0)], 20)
    root = xml.etree.ElementTree.fromstring(svg)
    assert root.find('.//{*}text').text == 'a < b & "c"'
    assert root.find('.//{*}script') is None


def test_both_sides_have_the_same_colours():
    table = json.loads((ROOT / 'widgets/src/kit/colours.json').read_text())
    assert {name: tuple(map(tuple, stops)) for name, stops in table.items()} == tiles.MAPS
