"""The profile: what it counts, what its table and its picture say. No test looks at real times."""
import gc
import itertools
import re
import weakref
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import function, observe, profiler, timeline
from minichain.timeline import Timeline

SVG = '{http://www.w3.org/2000/svg}'

# What a step of network() takes when each look at the clock costs a millisecond.
TABLE = '''
operation        calls  forward ms  backward ms  %  before ms  multiply-adds  bytes out  bytes kept
-----------------------------------------------------------------------------------------------
leaf                    0       0.000        4.000   33.3      0.000              0          0     0
linear                  2       2.000        2.000   33.3      4.000            100        120   172
mean_squared_error      1       1.000        1.000   16.7      2.000             10          4    80
tanh                    1       1.000        1.000   16.7      2.000             20         80    80
-----------------------------------------------------------------------------------------------
total                   4       4.000        8.000  100.0      8.000            130        204   332
21.000 ms in all: forward 19%, backward 38%, updates 0%, the rest 43%.
'''


@pytest.fixture
def ticks(monkeypatch):
    """A clock that goes on by one millisecond each time somebody looks at it."""
    count = itertools.count()
    for module in (function, profiler):
        monkeypatch.setattr(module, 'perf_counter', lambda: next(count) / 1000)


def squeezed(text):
    """The text with single blanks and dashes, so that a table fits into a line of this file."""
    return re.sub(r'([ -])\1+', r'\1', text)


def network():
    mc.set_seed(0)
    return L.Sequential(L.Linear(3, 4), F.tanh, L.Linear(4, 2))


def step(model):
    loss = F.mean_squared_error(model(np.ones((5, 3), 'f')), np.zeros((5, 2), 'f'))
    loss.backward()
    return loss


def test_the_table_of_a_step_says_what_each_operation_took(ticks):
    model = network()
    with mc.profile() as p:
        step(model)
    assert squeezed(str(p)) == squeezed(TABLE.strip())
    assert len({len(line) for line in p.table().splitlines()[:-1]}) == 1


def test_rows_by_link_name_the_innermost_link_of_operations_and_parameters(ticks):
    model = network()
    with mc.profile() as p:
        step(model)
    rows = {row['link']: row for row in p.rows('link')}
    assert {name: row['calls'] for name, row in rows.items()} == {
        '0 Linear': 1, '2 Linear': 1, 'Sequential': 1, '(no link)': 1}
    assert rows['0 Linear']['macs'] == 5 * 4 * 3 and rows['2 Linear']['macs'] == 5 * 2 * 4
    assert rows['0 Linear']['backward'] == pytest.approx(0.003)      # linear, and its W and b
    assert rows['Sequential']['backward'] == pytest.approx(0.001)
    assert p.table('link').startswith('link ')


def test_a_step_on_each_device_counts_the_same(device):
    model = network().to_device(device)
    with mc.profile() as p:
        F.exp(model(device.xp.ones((5, 3), 'f'))).sum().backward()
    assert {row['operation']: (row['calls'], row['macs'], row['bytes']) for row in p.rows()} == {
        'linear': (2, 100, 120), 'tanh': (1, 20, 80), 'exp': (1, 10, 40), 'sum': (1, 10, 4),
        'leaf': (0, 0, 0)}


def test_rows_come_slowest_first_and_by_name_where_they_tie(ticks):
    x = mc.Variable(np.ones(3, 'f'))
    with mc.profile() as p:
        F.tanh(x), F.exp(x), F.sin(x), F.sin(x)
    assert [row['operation'] for row in p.rows()] == ['sin', 'exp', 'tanh']


def test_another_order_is_refused_with_the_two_that_there_are():
    with pytest.raises(ValueError, match="by 'operation' or by 'link', not by 'line'"):
        mc.Profile().table(by='line')


def test_nothing_counts_as_kept_where_no_gradient_is_wanted():
    with mc.profile() as p, mc.no_grad():
        F.exp(network()(np.ones((5, 3), 'f')))
    row = p.rows()[0]
    assert row['kept'] == 0 and row['backward'] == 0 and row['bytes'] > 0


def test_updates_have_a_share_of_their_own(ticks):
    model = network()
    optimizer = mc.optimizers.SGD().setup(model)
    with mc.profile() as p:
        step(model)
        optimizer.update()
    assert p.updates > 0
    assert re.search(r'updates [1-9]\d?%', p.table())


def test_the_time_of_forward_and_backward_is_not_counted_twice(ticks):
    x = mc.Variable(np.ones(3), requires_grad=True)
    with mc.profile() as p:
        gx, = mc.grad((x * x * x).sum(), [x], create_graph=True)
        gx.sum().backward()
    parts = sum(row['forward'] + row['backward'] + row['before'] for row in p.rows())
    assert parts + p.updates <= p.seconds + 1e-12


def test_the_outputs_of_one_operation_count_for_it():
    x = mc.Variable(np.ones((4, 2), 'f'), requires_grad=True)
    with mc.profile() as p:
        a, b = F.split(x, 2)
        (a * b).sum().backward()
    row = next(row for row in p.rows() if row['operation'] == 'split')
    assert row['calls'] == 1 and row['bytes'] == 32 and row['backward'] > 0
    assert {row['operation'] for row in p.rows()} == {'split', 'mul', 'sum', 'leaf'}


def test_a_graph_from_before_the_profile_has_its_backward_counted():
    loss = F.exp(mc.Variable(1.0, requires_grad=True))
    with mc.profile() as p:
        loss.backward()
    assert {row['operation']: row['calls'] for row in p.rows()} == {'exp': 0, 'leaf': 0}
    assert all(row['link'] == '(no link)' for row in p.rows('link'))


def test_a_profile_used_again_goes_on_counting(ticks):
    model, p = network(), mc.Profile()
    with p:
        step(model)
    first = p.seconds
    with p:
        step(model)
    assert sum(row['calls'] for row in p.rows()) == 8
    assert p.seconds == pytest.approx(2 * first)


def test_a_profile_ends_with_an_error_too_and_keeps_what_it_saw():
    with pytest.raises(mc.ShapeError), mc.profile() as p:
        network()(np.ones((5, 7), 'f'))
    assert p not in observe.watching.observers
    assert p.seconds > 0


def test_a_profile_keeps_no_array_and_no_operation_alive():
    model = network()
    with mc.profile() as p:
        loss = step(model)
        held = [weakref.ref(loss), weakref.ref(loss.creator)]
        del loss
        gc.collect()
        assert [reference() for reference in held] == [None, None]
    assert p.rows()


def test_an_empty_profile_has_a_table_and_a_picture():
    p = mc.Profile()
    assert p.table().endswith('0.000 ms in all: forward 0%, backward 0%, updates 0%, the rest 0%.')
    assert repr(p) == '<Profile 0 operations in 0.000 ms>'
    ElementTree.fromstring(p._repr_svg_())


# The picture --------------------------------------------------------------------------------------

EVENTS = [('forward', 'linear', 'encoder', 0.0, 0.004),
          ('forward', 'tanh', 'decoder', 0.004, 0.005),
          ('backward', 'tanh', 'decoder', 0.006, 0.008),
          ('backward', 'linear', 'encoder', 0.008, 0.01)]


def test_the_picture_has_a_row_for_each_direction_and_a_colour_for_each_link():
    root = ElementTree.fromstring(Timeline(EVENTS, 0.01).svg)
    boxes = [(box.find(f'{SVG}title').text, box.find(f'{SVG}rect').attrib)
             for box in root.iter(f'{SVG}g')]
    assert [(title, box['class'], box['x'], box['y'], box['width']) for title, box in boxes] == [
        ('linear, encoder: 4.000 ms', 'l0', '76.0', '12', '268.8'),
        ('tanh, decoder: 1.000 ms', 'l1', '344.8', '12', '67.2'),
        ('tanh, decoder: 2.000 ms', 'l1', '479.2', '50', '134.4'),
        ('linear, encoder: 2.000 ms', 'l0', '613.6', '50', '134.4')]
    words = [text.text for text in root.iter(f'{SVG}text')]
    assert words == ['forward', 'linear', 'tanh', 'backward', 'tanh', 'linear', '0 ms', '2 ms',
                     '4 ms', '6 ms', '8 ms', '10 ms', 'encoder', 'decoder']


def test_the_picture_says_in_words_what_it_shows():
    root = ElementTree.fromstring(Timeline(EVENTS, 0.01).svg)
    assert root.attrib['role'] == 'img'
    assert root.find(f'{SVG}title').text == 'Operations over time'
    assert root.find(f'{SVG}desc').text == (
        '10.000 ms in all; forward: 2 steps, 5.000 ms; backward: 2 steps, 4.000 ms. The longest: '
        'linear, encoder (forward, 4.000 ms); tanh, decoder (backward, 2.000 ms); '
        'linear, encoder (backward, 2.000 ms); tanh, decoder (forward, 1.000 ms).')


def test_the_picture_is_drawn_the_same_each_time_in_light_and_dark():
    svg = Timeline(EVENTS, 0.01).svg
    assert svg == Timeline(EVENTS, 0.01).svg == Timeline(EVENTS, 0.01)._repr_svg_()
    assert '@media(prefers-color-scheme:dark){.mc .l0{' in svg
    assert len(timeline.COLORS['light']) == len(timeline.COLORS['dark'])


def test_names_are_escaped_in_the_picture():
    root = ElementTree.fromstring(
        Timeline([('forward', '<b>&', 'a<script>\x00"', 0.0, 0.01)], 0.01).svg)
    assert root.find(f'.//{SVG}g/{SVG}title').text == '<b>&, a<script>": 10.000 ms'


def test_operations_too_short_to_see_share_a_box():
    events = [('forward', 'add', 'a', i * 1e-6, (i + 1) * 1e-6) for i in range(100_000)]
    root = ElementTree.fromstring(Timeline(events, 0.1).svg)
    titles = [box.find(f'{SVG}title').text for box in root.iter(f'{SVG}g')]
    assert len(titles) < 1400
    assert titles[0] == '148 operations, the longest: add, a: 0.001 ms'


def test_links_beyond_the_colours_share_the_last():
    events = [('forward', 'add', f'link{i}', i / 10, (i + 1) / 10) for i in range(10)]
    root = ElementTree.fromstring(Timeline(events, 1).svg)
    words = [text.text for text in root.iter(f'{SVG}text')]
    assert words[-7:] == [f'link{i}' for i in (0, 1, 2, 3, 4, 5)] + ['other links']


def test_a_long_run_is_cut_in_the_picture_and_counted_in_the_table():
    x = mc.Variable(np.ones(3, 'f'))
    with mc.profile(limit=2) as p:
        for _ in range(5):
            x = F.exp(-x)
    assert p.left_out == 8 and sum(row['calls'] for row in p.rows()) == 10
    assert '>8 more are not shown.</text>' in p.timeline().svg
