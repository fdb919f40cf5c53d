"""The live view's messages: what is drawn, what is only counted, and what it costs."""
import threading

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import schema
from minichain_widgets import stream as streams
from minichain_widgets.stream import Outlet, Stream


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Front:
    """A front end: it puts the messages together again."""

    def __init__(self, stream):
        self.messages = []
        self.outlet = Outlet(self.messages.append)
        stream.outlets.append(self.outlet)

    def of(self, kind):
        return [message for message in self.messages if message['t'] == kind]

    @property
    def nodes(self):
        """The nodes of the last run."""
        run = self.of('begin')[-1]['run']
        return [node for batch in self.of('batch') if batch['run'] == run
                for node in batch['nodes']]

    @property
    def labels(self):
        return [node['label'] for node in self.nodes if node['kind'] == 'function']

    @property
    def notes(self):
        return [message['text'] for message in self.of('note')]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def stream(clock):
    stream = Stream(clock=clock)
    stream.start()
    yield stream
    stream.stop()


@pytest.fixture
def front(stream):
    return Front(stream)


@pytest.fixture
def cell(stream):
    """`with cell():` runs a piece of program, as a notebook does."""
    class Cell:
        def __enter__(self):
            stream.begin()

        def __exit__(self, kind, error, traceback):
            stream.finish(error)
            return kind is not None and issubclass(kind, ValueError)
    return Cell


def test_a_cell_gives_one_run_with_its_nodes(front, cell):
    x = mc.Variable([1.0, 2.0], name='x')
    with cell():
        y = (x * x).sum()
        y.backward()
    assert [message['run'] for message in front.of('begin')] == [1]
    assert front.labels == ['mul', 'sum']
    assert [back['id'] for batch in front.of('batch') for back in batch['backward']] == [3, 2, 1]
    assert front.of('batch')[-1]['phase'] == 'idle'


def test_a_cell_that_computes_nothing_sends_nothing(front, cell):
    with cell():
        sum([1, 2])
    assert front.messages == []


def test_the_next_cell_begins_a_new_picture(front, cell):
    x = mc.Variable(2.0)
    with cell():
        y = x * x
    with cell():
        F.exp(x)
    assert len(front.of('begin')) == 2
    assert front.labels == ['exp']
    assert y is not None


def test_a_cell_that_goes_on_from_the_picture_adds_to_it(front, cell):
    x = mc.Variable([1.0, 2.0])
    with cell():
        a, b = F.split(x, 2, axis=0)
    with cell():
        y = F.exp(b)
    with cell():
        y.sum().backward()
    assert len(front.of('begin')) == 1
    assert front.labels == ['split', 'exp', 'sum']


def test_backward_in_a_later_cell_belongs_to_the_picture(front, cell):
    x = mc.Variable(2.0)
    with cell():
        y = x * x
    with cell():
        y.backward()
    assert len(front.of('begin')) == 1
    assert [back['id'] for back in front.of('batch')[-2]['backward']
            + front.of('batch')[-1]['backward']] == [2, 1]


def test_straight_code_is_drawn_whole_whatever_it_does_in_turn(front, cell):
    x = mc.Variable(2.0)
    with cell():
        (x * x).backward()
        F.exp(x).backward()
        (x + 1.0).backward()
    assert front.labels == ['mul', 'exp', 'add']
    assert front.notes == []


def test_one_function_called_from_two_lines_is_no_loop(front, cell):
    def step(x):
        (x * x).backward()
    with cell():
        step(mc.Variable(2.0))
        step(mc.Variable(3.0))
    assert front.labels == ['mul', 'mul']


def test_of_a_loop_one_iteration_is_drawn_and_the_others_are_counted(front, cell):
    x = mc.Variable(2.0)
    with cell():
        for i in range(1200):
            (x * x).backward()
    assert front.labels == ['mul']
    assert front.notes == ['A loop: 1 of 1,200 iterations drawn']


def test_after_a_break_another_iteration_is_drawn(front, cell, clock):
    x = mc.Variable(2.0)
    with cell():
        for i in range(10):
            (x * x).backward()
            clock.now += streams.SHORTEST_BREAK / 2
    assert len(front.of('begin')) == 3
    assert front.notes[-1] == 'A loop: 3 of 10 iterations drawn'


def test_the_break_lasts_ten_times_as_long_as_the_drawing(front, cell, clock):
    def draw_slowly(message):
        clock.now += 0.1
        if message['t'] == 'begin':
            begun.append(clock.now)
    begun = []
    front.outlet.send = draw_slowly
    x = mc.Variable(2.0)
    with cell():
        for i in range(1000):
            (x * x).backward()
            clock.now += 0.01
    pauses = np.diff(begun)
    assert len(pauses) > 1
    assert min(pauses) > 2.0


def test_a_paused_front_end_gets_nothing_and_then_everything(stream, front, cell):
    stream.handle({'t': 'pause', 'on': True}, front.outlet)
    with cell():
        y = mc.Variable(2.0) * 3.0
    assert front.messages == []
    stream.handle({'t': 'pause', 'on': False}, front.outlet)
    state, = front.messages
    assert state['t'] == 'state'
    assert [node['label'] for node in state['graph']['nodes'] if node['inputs']] == ['mul']
    assert y is not None


def test_with_an_optimizer_only_updates_are_watched_in_a_break(stream, front, cell):
    model = L.Linear(2, 3)
    optimizer = mc.optimizers.SGD(lr=0.1).setup(model)
    x = np.ones((4, 2), 'float32')
    watched = []
    with cell():
        for i in range(50):
            model.cleargrads()
            model(x).sum().backward()
            optimizer.update()
            watched.append(len(mc.observe.watching.on_backward))
    assert watched[0] == 1 and watched[-1] == 0
    assert front.notes == ['A loop: 1 of 50 iterations drawn']
    assert front.of('batch')[0]['scopes'][0]['link'] == 'Linear'


def test_a_loop_within_one_graph_is_drawn_whole(front, cell):
    y = mc.Variable(2.0)
    with cell():
        for i in range(30):
            y = y * 1.1
        y.backward()
    assert front.labels == ['mul'] * 30


def test_gradients_with_a_graph_are_no_new_iteration(front, cell):
    x = mc.Variable(2.0)
    with cell():
        y = F.exp(x) * F.exp(x * 2.0)
        g, = mc.grad(y, x, create_graph=True)
        g.backward()
    assert front.notes == []
    assert len(front.of('begin')) == 1
    assert len(front.labels) > 4


def test_a_picture_holds_so_many_nodes_and_counts_the_rest(clock):
    stream = Stream(clock=clock, limit=10)
    front = Front(stream)
    stream.start()
    try:
        stream.begin()
        y = mc.Variable(1.0)
        for i in range(20):
            y = y + 1.0
        stream.finish()
    finally:
        stream.stop()
    assert len(front.nodes) == 10
    assert front.of('batch')[-1]['truncated'] == 11


def test_far_beyond_the_limit_nothing_is_watched_until_something_turns(clock):
    stream = Stream(clock=clock, limit=10)
    front = Front(stream)
    stream.start()
    try:
        stream.begin()
        x = mc.Variable(1.0)
        for i in range(500):
            x + 1.0
        assert not mc.observe.watching.on_apply
        clock.now += 100
        for i in range(2):
            F.exp(x).backward()
        stream.finish()
    finally:
        stream.stop()
    assert front.labels == ['exp']


def test_an_error_is_told_with_the_last_node(stream, front, cell):
    x = mc.Variable([1.0, 2.0])
    with cell():
        y = F.exp(x)
        y + mc.Variable([1.0, 2.0, 3.0])
    error, = front.of('error')
    assert error['text'].startswith('ShapeError')
    assert error['id'] == len(front.nodes)
    assert error['operation'] == {'label': 'add', 'symbol': '+', 'inputs': [[2, 0]]}
    stream.handle({'t': 'sync'}, front.outlet)
    assert len(front.of('error')) == 2


def test_the_picture_keeps_its_errors_whatever_fails_later(stream, front, cell):
    with cell():
        y = F.exp(mc.Variable([1.0, 2.0]))
    for _ in range(2):
        with cell():        # only this: what fails belongs to the picture of its inputs
            y + mc.Variable([1.0, 2.0, 3.0])
    assert stream.failed == (len(front.nodes), stream.run)
    with cell():
        raise ValueError('no')
    assert stream.failed == (None, None)
    before = len(front.messages)
    stream.handle({'t': 'sync'}, front.outlet)
    state, error = front.messages[before:]
    assert state['t'] == 'state' and error['operation']['inputs'] == [[2, 0]]
    with cell():
        F.exp(mc.Variable(1.0))
    stream.handle({'t': 'sync'}, front.outlet)
    assert front.messages[-1]['t'] == 'state'


def test_an_error_in_a_cell_that_computes_nothing_is_not_ours(front, cell):
    with cell():
        raise ValueError('no')
    assert front.messages == []


def test_what_is_new_is_sent_though_the_program_rests(stream, front, cell, monkeypatch):
    monkeypatch.setattr(streams, 'FLUSH', 0.01)
    came = threading.Event()
    front.outlet.send = lambda message: len(message.get('nodes', ())) > 1 and came.set()
    with cell():
        x = mc.Variable(2.0)
        stream.flush()
        y = F.exp(x * x)
        assert came.wait(5)
    assert y is not None


def test_a_callback_between_cells_is_a_picture_of_its_own(stream, front, cell):
    x = mc.Variable(2.0)
    message = 'first'
    stream.piece_now = lambda: message
    with cell():
        x * x
    F.exp(x)
    F.exp(x)
    message = 'second'
    F.sin(x)
    stream.flush()
    assert len(front.of('begin')) == 3
    assert front.labels == ['sin']


def test_every_message_fits_the_schema(stream, front, cell):
    model = L.Linear(2, 3)
    x = mc.Variable(np.ones((4, 2), 'float32'), name='x')
    with cell():
        for i in range(3):
            model(x).sum().backward()
        raise ValueError('no')
    stream.handle({'t': 'ready'}, front.outlet)
    for what in 'histogram', 'values':
        for id in range(1, 6):
            stream.handle({'t': 'ask', 'id': id, 'what': what}, front.outlet)
    kinds = {message['t'] for message in front.messages}
    assert kinds == {'begin', 'batch', 'note', 'error', 'state', 'answer'}
    for message in front.messages:
        schema.check(message, 'kernelMessage')


@pytest.mark.parametrize('message', [None, 'text', {}, {'t': 'ask'}, {'t': 'ask', 'what': 'values'},
                                     {'t': 'ask', 'id': 'x', 'what': 'histogram'}, {'t': 5}])
def test_messages_that_make_no_sense_do_no_harm(stream, front, message):
    stream.handle(message, front.outlet)
    assert all(answer['t'] == 'answer' and answer['data'] is None for answer in front.messages)


def test_answers_know_values_and_say_when_they_are_gone(stream, front, cell):
    x = mc.Variable([1.0, 2.0, float('nan')], name='x')
    with cell():
        y = F.exp(x)
    stream.handle({'t': 'ask', 'id': 1, 'what': 'histogram'}, front.outlet)
    stream.handle({'t': 'ask', 'id': 2, 'what': 'values'}, front.outlet)
    histogram, values = front.of('answer')
    assert sum(histogram['data']['counts']) == 2
    assert '1 of them not finite' in histogram['text']
    assert '2.7183' in values['text']
    del y
    stream.handle({'t': 'ask', 'id': 2, 'what': 'values'}, front.outlet)
    assert front.of('answer')[-1]['data'] is None
    assert 'gone' in front.of('answer')[-1]['text']


def test_of_an_error_outside_of_any_operation_none_is_named(front, cell):
    with cell():
        F.exp(mc.Variable(1.0))
        raise ValueError('mine')
    error, = front.of('error')
    assert 'operation' not in error
