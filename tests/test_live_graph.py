"""LiveGraph without a browser: what it says, what it sends, what a saved notebook keeps."""
import pytest

import minichain as mc
import minichain.functions as F

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain_widgets import LiveGraph, live     # noqa: E402


@pytest.fixture
def sent(monkeypatch):
    """What widgets send to the browser, in order."""
    messages = []
    monkeypatch.setattr(LiveGraph, 'send', lambda self, message: messages.append(message))
    return messages


@pytest.fixture
def following():
    """Makes widgets that follow this thread, and closes them."""
    made = []

    def make(**options):
        made.append(LiveGraph(**options))
        return made[-1]

    yield make
    for widget in made:
        widget.close()


def test_a_block_records_what_is_computed_inside():
    x = mc.Variable([1.0, 2.0], name='x')
    F.exp(x)
    with LiveGraph() as picture:
        y = (x * x).sum()
        y.backward()
    F.exp(x)
    assert [node['label'] for node in picture.graph.nodes] == ['x', 'mul', 'sum']
    assert [back['id'] for back in picture.graph.backward] == [3, 2, 1]
    assert repr(picture) == '<LiveGraph 2 operations, 1 variable>'
    assert not mc.observe.watching.observers


def test_a_second_block_begins_a_new_picture(sent):
    picture = LiveGraph()
    x = mc.Variable([1.0, 2.0])
    for f in (F.exp, F.tanh):
        with picture:
            f(x)
        assert [node['label'] for node in picture.graph.nodes][-1:] == [f.__name__]
    began = [message['run'] for message in sent if message['t'] == 'begin']
    assert len(began) == 2 and began[0] < began[1]


def test_a_block_replaces_what_the_picture_has_followed(sent):
    picture = LiveGraph()
    F.exp(mc.Variable([1.0, 2.0]))
    before = picture._stream.run
    assert before > 0
    with picture:
        F.tanh(mc.Variable([1.0, 2.0]))
    assert [message['run'] for message in sent if message['t'] == 'begin'][-1] > before


def test_an_error_in_a_block_leaves_the_part_that_was_built(sent):
    with pytest.raises(mc.ShapeError):
        with LiveGraph() as picture:
            x = F.exp(mc.Variable([1.0, 2.0]))
            x + mc.Variable([1.0, 2.0, 3.0])
    assert 'exp' in [node['label'] for node in picture.graph.nodes]
    assert sent[-1]['t'] == 'error'


def test_the_graph_behind_a_variable_or_several_or_a_graph_is_fixed():
    x = mc.Variable(1.0, name='x')
    y, z = F.exp(x), x * 2.0
    graph = mc.Graph.of(y)
    assert len(LiveGraph(y).graph) == 2
    assert len(LiveGraph([y, z]).graph) == 3
    assert LiveGraph(graph).graph is graph


def test_a_front_end_that_is_ready_gets_the_whole_picture(sent):
    picture = LiveGraph(F.exp(mc.Variable(1.0)))
    picture._handle_custom_msg({'t': 'ready'}, [])
    state, = sent
    assert state['t'] == 'state'
    mc.schema.check(state, 'kernelMessage')


def test_without_a_kernel_it_follows_the_thread(sent, following):
    picture = following()
    y = F.exp(mc.Variable(1.0))
    assert [node['label'] for node in picture.graph.nodes][-1] == 'exp'
    picture.close()
    F.exp(y)
    assert not mc.observe.watching.observers


def test_the_oldest_of_many_followers_keeps_its_picture_and_follows_no_more(sent, following):
    first, *others = [following() for _ in range(5)]
    F.exp(mc.Variable(1.0))
    assert len(first.graph) == 0
    assert all(len(other.graph) == 2 for other in others)


def test_a_saved_notebook_keeps_text_and_svg():
    with LiveGraph() as picture:
        F.exp(mc.Variable(1.0, name='<b>'))
    bundle = picture._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data['text/plain'] == '<LiveGraph 1 operation, 1 variable>'
    assert data['image/svg+xml'].startswith('<svg')
    assert '<b>' not in data['image/svg+xml']


def test_an_empty_picture_has_no_svg():
    with LiveGraph() as picture:
        pass
    bundle = picture._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert 'image/svg+xml' not in data
    assert repr(picture) == '<LiveGraph empty>'


def test_a_small_graph_gets_the_room_that_it_needs():
    def chain(length):
        y = mc.Variable(1.0)
        for _ in range(length):
            y = F.tanh(y)
        return LiveGraph(y).height

    assert chain(1) == 360 < chain(5) < chain(6) < chain(9) == 640
    assert chain(100) == 360
    assert LiveGraph(F.exp(mc.Variable(1.0)), height=200).height == 200


def test_following_the_panel_needs_a_notebook():
    with pytest.raises(RuntimeError, match='notebook'):
        live()


def test_two_runs_are_compared_in_words_and_in_the_picture(sent):
    x = mc.Variable([1.0, 2.0])
    first, second = F.sum(F.exp(x)), F.sum(F.tanh(F.exp(x)))
    picture = LiveGraph(second, against=first)
    assert [node['label'] for node in picture.difference.added] == ['tanh']
    picture._handle_custom_msg({'t': 'ready'}, [])
    state, against = sent
    mc.schema.check(against, 'kernelMessage')
    assert against['t'] == 'against'
    assert [node['label'] for node in against['graph']['nodes']][-2:] == ['exp', 'sum']
    assert LiveGraph(first).difference is None
