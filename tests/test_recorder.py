"""The Recorder: what it writes down, in how much room, and that it holds nothing alive."""
import gc
import json
import threading
import weakref

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import schema
from minichain.graph import Graph
from minichain.recorder import FACTS, Recorder

jsonschema = pytest.importorskip('jsonschema', reason='minichain[test] is not installed')


def is_valid(value, kind='graph'):
    """Whether two independent readers of the schema find the value valid; they must agree."""
    whole = {**schema.schema(), '$ref': f'#/$defs/{kind}'}
    theirs = jsonschema.Draft202012Validator(whole).is_valid(value)
    try:
        schema.check(value, kind)
        ours = True
    except mc.GraphError:
        ours = False
    assert ours == theirs
    return ours


@pytest.fixture
def no_garbage_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def variable(*shape, name=None):
    return mc.Variable(np.linspace(-1, 1, int(np.prod(shape)), dtype='float32').reshape(shape),
                       name=name)


class MLP(L.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(4, 8)
            self.l2 = L.Linear(8, 3)

    def forward(self, x):
        return self.l2(F.tanh(self.l1(x)))


def one_step(recorder):
    model = MLP()
    optimizer = mc.optimizers.SGD(lr=0.1).setup(model)
    with mc.watch(recorder):
        loss = F.softmax_cross_entropy(model(np.ones((5, 4), 'float32')), np.arange(5) % 3)
        model.cleargrads()
        loss.backward()
        optimizer.update()
    return model, loss


def labels(nodes):
    return [node['label'] or node['kind'] for node in nodes]


def test_a_training_step_is_written_down_in_order_of_birth():
    recorder = Recorder(stats=True)
    one_step(recorder)
    new = recorder.drain()
    assert labels(new['nodes']) == ['data', 'l1/W', 'l1/b', 'linear', 'tanh', 'l2/W', 'l2/b',
                                    'linear', 'data', 'softmax_cross_entropy']
    assert [node['id'] for node in new['nodes']] == list(range(1, 11))
    assert [(scope['path'], scope['link'], scope['parent'], scope['call'])
            for scope in new['scopes']] == [('', 'MLP', None, 1), ('l1', 'Linear', 1, 1),
                                            ('l2', 'Linear', 1, 1)]
    assert [new['nodes'][back['id'] - 1]['kind'] for back in new['backward']].count('function') == 4
    assert {back['id'] for back in new['backward']} == {2, 3, 4, 5, 6, 7, 8, 10}
    assert sorted(new['updates']) == [2, 3, 6, 7]
    assert set(new['released']) == {4, 5, 8, 10}
    assert recorder.phase == 'update'


def test_what_it_writes_fits_the_schema():
    recorder = Recorder(stats=True)
    one_step(recorder)
    assert is_valid(recorder.graph('a step').to_dict())
    batch = dict(recorder.drain(), t='batch', run=1, seq=0, phase=recorder.phase)
    assert is_valid(batch, 'kernelMessage')
    assert not is_valid({**batch, 'phase': 'asleep'}, 'kernelMessage')
    assert json.loads(recorder.graph().to_json()) == recorder.graph().to_dict()


def test_drain_gives_each_record_once():
    recorder = Recorder()
    with mc.watch(recorder):
        y = F.exp(variable(3))
        assert labels(recorder.drain()['nodes']) == ['variable', 'exp']
        assert recorder.drain()['nodes'] == []
        F.tanh(y)
    assert labels(recorder.drain()['nodes']) == ['tanh']
    assert labels(recorder.graph().nodes) == ['variable', 'exp', 'tanh']


def test_an_edge_says_which_output_it_takes_and_whether_a_gradient_flows():
    recorder = Recorder()
    x, constant = variable(4, 2), np.ones((2, 2), 'float32')
    with mc.watch(recorder):
        left, right = F.split(x, 2, 0)
        right * constant
    split, product = (node for node in recorder.graph().nodes if node['kind'] == 'function')
    assert split['shapes'] == [[2, 2], [2, 2]]
    assert product['inputs'] == [[split['id'], 1, True], [3, 0, False]]


def test_a_plain_number_becomes_part_of_the_symbol():
    recorder = Recorder()
    x = variable(2)
    with mc.watch(recorder):
        3 * x, x + 1, 2.5 - x
    assert [node['symbol'] for node in recorder.graph().nodes[1:]] == ['3 ×', '+ 1', '2.5 −']


def test_the_line_of_the_user_is_known():
    recorder = Recorder()
    x = variable(2)
    with mc.watch(recorder):
        F.tanh(x) * x       # this very line
    for node in recorder.graph().nodes[1:]:
        assert node['where']['file'] == 'tests/test_recorder.py'
        assert node['where']['code'] == 'F.tanh(x) * x       # this very line'
        assert node['where']['line'] > 100


def test_cells_of_notebooks_get_their_names():
    namespace = {'F': F, 'x': variable(2)}
    recorder = Recorder(cell_name={'/tmp/ipykernel_7/123.py': 'cell [4]'}.get)
    with mc.watch(recorder):
        exec(compile('F.exp(x)', '/tmp/ipykernel_7/123.py', 'exec'), namespace)
        exec(compile('F.exp(x)', '/tmp/ipykernel_7/124.py', 'exec'), namespace)
        exec(compile('F.exp(x)', '<ipython-input-5-abcdef>', 'exec'), namespace)
    assert [node['where']['file'] for node in recorder.graph().nodes[1:]] == [
        'cell [4]', 'cell', 'cell [5]']


def test_a_computation_without_gradients_is_connected_too():
    recorder = Recorder()
    x = variable(3, name='x')
    with mc.watch(recorder), mc.no_grad():
        F.tanh(F.exp(x)) + x
    x_, exp, tanh, add = recorder.graph().nodes
    assert [exp['inputs'], tanh['inputs'], add['inputs']] == [
        [[1, 0, False]], [[2, 0, False]], [[3, 0, False], [1, 0, False]]]
    assert sum(node['bytes_kept'] for node in recorder.graph().nodes) == 0


def test_a_leaf_that_is_used_again_is_one_node():
    recorder = Recorder()
    x, mask = variable(3), np.ones(3, 'float32')
    with mc.watch(recorder):
        (x * mask) * mask + x
    assert labels(recorder.graph().nodes) == ['variable', 'data', 'mul', 'mul', 'add']


def test_bytes_kept_are_those_that_the_operations_hold():
    recorder = Recorder()
    x, W = variable(3, 4), mc.Parameter(np.ones((2, 4), 'float32'))
    with mc.watch(recorder):
        y = F.linear(x, W)
        y = F.softmax_cross_entropy(F.dropout(F.exp(y), 0.5), np.array([0, 1, 0]))
    fn, found = y.creator, []
    while fn is not None:
        found.append(fn.bytes_kept)
        fn = fn.edges[0] if hasattr(fn.edges[0], 'bytes_kept') else None
    recorded = [node['bytes_kept'] for node in recorder.graph().nodes if node['kind'] == 'function']
    assert recorded == found[::-1]
    assert Graph.of(y).cost()['bytes_kept'] == sum(found)


def test_statistics_of_values():
    recorder = Recorder(stats=True)
    with mc.watch(recorder), np.errstate(all='ignore'):
        F.log(mc.Variable(np.array([1, 0, -1, np.e], 'float32')))
        F.exp(variable(300, 300))
    log, exp = (node for node in recorder.graph().nodes if node['kind'] == 'function')
    assert log['stats'][0] == pytest.approx(
        {'min': 0.0, 'max': 1.0, 'mean': 0.5, 'std': 0.5, 'nan': 1, 'inf': 1})
    assert log['values'] == '[0.0, -inf, nan, 1.0]'
    assert exp['values'] is None
    assert exp['stats'][0]['sampled'] == 45_000
    assert exp['stats'][0]['mean'] == pytest.approx(np.sinh(1), rel=1e-3)
    assert is_valid(recorder.graph().to_dict())


def test_gradients_are_measured_and_nan_is_counted():
    recorder = Recorder()
    x = variable(4, name='x')
    with mc.watch(recorder):
        F.sum(x * 3).backward()
        F.sum(x * np.array([1, np.nan, 1, np.nan], 'float32')).backward()
    first, second = recorder.graph().backward[:3], recorder.graph().backward[3:]
    assert [back['norm'] for back in first] == [1.0, 2.0, 6.0]
    assert second[-1] == {'id': 1, 'norm': None, 'nan': 2}
    assert is_valid(recorder.graph().to_dict())


@pytest.mark.parametrize('size', [1e-30, 1e30])
def test_the_norm_of_a_tiny_or_huge_gradient_is_no_zero_and_no_infinity(size):
    recorder = Recorder()
    x = mc.Variable(np.ones(4, 'float32'))
    with mc.watch(recorder):
        (x * 1).backward(np.full(4, size, 'float32'))
    assert recorder.graph().backward[-1]['norm'] == pytest.approx(2 * size)


def test_memory_is_bounded_and_what_is_left_out_is_counted():
    recorder = Recorder(limit=50)
    x = variable(2)
    with mc.watch(recorder):
        for _ in range(1_000):
            F.sum(F.exp(x)).backward()
    new = recorder.drain()
    assert len(new['nodes']) == 50
    assert new['truncated'] == 2_001 - 50
    assert len(new['backward']) <= 4 * 50
    assert is_valid(recorder.graph().to_dict())


def test_a_full_recorder_takes_no_more_notes():
    recorder = Recorder(limit=10)
    x = variable(2)
    with mc.watch(recorder):
        for _ in range(5_000):
            x.cleargrad()
            F.sum(F.exp(x)).backward()
    assert sum(isinstance(fact, str) and fact in FACTS for fact in recorder._notes) < 100


def test_it_keeps_no_array_and_no_graph_alive(no_garbage_collector):
    recorder = Recorder(stats=True)
    x, constant = variable(3), np.ones(3, 'float32')
    with mc.watch(recorder):
        y = F.exp(x * constant)
        z = F.sum(y)
        z.backward()
    things = [weakref.ref(thing) for thing in (x, x.data, constant, y, y.data, y.creator, z)]
    del x, constant, y, z
    assert [thing() for thing in things] == [None] * len(things)
    assert recorder.drain()['nodes']        # the notes were still unread


def test_what_is_gone_counts_as_released_without_any_backward(no_garbage_collector):
    recorder = Recorder()
    with mc.watch(recorder):
        y = F.exp(F.tanh(variable(3)))
    assert recorder.drain()['released'] == []
    tanh = recorder.find(2)
    assert tanh is y.creator.edges[0]
    del y, tanh
    assert sorted(recorder.drain()['released']) == [2, 3]
    assert recorder.find(2) is None
    assert sorted(recorder.released()) == [2, 3]


def test_backward_that_keeps_the_graph_releases_nothing():
    recorder = Recorder()
    with mc.watch(recorder):
        y = F.sum(F.exp(variable(3)))
        y.backward(retain_graph=True)
    assert recorder.drain()['released'] == []


def test_a_gradient_of_a_gradient_is_recorded():
    recorder = Recorder()
    x = variable(3, name='x')
    with mc.watch(recorder):
        gx, = mc.grad(F.sum(F.exp(x)), x, create_graph=True)
        F.sum(gx).backward()
    assert labels(recorder.graph().nodes)[:3] == ['x', 'exp', 'sum']
    assert len(recorder.graph().nodes) > 4
    assert is_valid(recorder.graph().to_dict())


def test_several_threads_may_be_watched_at_once():
    recorder = Recorder()
    drained = []

    def work(number):
        x = variable(2, name=f'x{number}')
        with mc.watch(recorder):
            for _ in range(100):
                F.sum(F.exp(x)).backward()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        drained += recorder.drain()['nodes']
    drained += recorder.drain()['nodes']
    assert [node['id'] for node in drained] == list(range(1, 4 * 201 + 1))
    assert sorted(node['label'] for node in drained if node['kind'] == 'variable') == [
        'x0', 'x1', 'x2', 'x3']
    assert is_valid(recorder.graph().to_dict())


def test_calls_of_links_are_kept_apart_by_thread():
    recorder = Recorder()
    inside, done = threading.Event(), threading.Event()

    class Waiting(L.Link):
        def forward(self, x):
            inside.set()
            done.wait(5)
            return F.exp(x)

    def work():
        with mc.watch(recorder):
            Waiting()(variable(2))

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait(5)
    with mc.watch(recorder):
        F.tanh(variable(2))
    done.set()
    thread.join()
    scopes = {node['label']: node['scope'] for node in recorder.graph().nodes}
    assert scopes['tanh'] is None and scopes['exp'] == 1


def test_calls_of_the_same_link_are_counted():
    recorder, link = Recorder(), L.Linear(3, 3)
    with mc.watch(recorder):
        link(link(variable(2, 3)))
    assert [scope['call'] for scope in recorder.graph().scopes] == [1, 2]


def test_pause_clear_and_listener():
    heard = []
    recorder = Recorder(listener=lambda: heard.append(len(heard)))
    x = variable(2)
    with mc.watch(recorder):
        F.exp(x)
        recorder.paused = True
        F.exp(x)
        recorder.paused = False
        F.exp(x)
        assert labels(recorder.drain()['nodes']) == ['variable', 'exp', 'exp']
        recorder.clear()
        assert recorder.graph().nodes == [] and recorder.phase == 'idle'
        F.tanh(x)
    assert [node['id'] for node in recorder.drain()['nodes']] == [1, 2]
    assert len(heard) == 3


def test_clearing_inside_of_a_link_is_harmless():
    recorder = Recorder()

    class Clearing(L.Link):
        def forward(self, x):
            recorder.clear()
            return F.exp(x)

    with mc.watch(recorder):
        Clearing()(variable(2))
        F.tanh(variable(2))
    assert [node['scope'] for node in recorder.graph().nodes] == [None] * 4
    assert is_valid(recorder.graph().to_dict())


def test_the_device_of_a_gpu_array_is_noted(device):
    recorder = Recorder(stats=True)
    x = mc.to_device(variable(3), device if device == 'cpu' else 'gpu')
    with mc.watch(recorder):
        F.sum(F.exp(x)).backward()
    kinds = {node['device'] for node in recorder.graph().nodes}
    assert kinds == {'cpu'} if device == 'cpu' else kinds == {'gpu:0'}
    assert recorder.graph().backward[0]['norm'] == 1.0


def test_a_truth_value_of_numpy_is_a_number_like_any_other():
    x = mc.Variable(-1.0)
    recorder = mc.Recorder()
    with mc.watch(recorder):
        F.where(x.data > 0, x, F.exp(x))
    assert [node['label'] for node in recorder.graph().nodes if node['kind'] == 'function'] == [
        'exp', 'where']


# Weights that are used many times ----------------------------------------------------------------

class ReadsParts:
    """Collects what each use of a weight adds to its gradient."""

    def __init__(self):
        self.shapes = []

    def on_backward(self, fn, gys, gxs):
        self.shapes += [g.shape for g in gxs if g is not None and fn.label == 'linear']


def steps_of(W, steps=5):
    h = mc.Variable(np.ones((2, 3), 'float32'), requires_grad=False)
    for _ in range(steps):
        h = F.tanh(F.linear(h, W))
    return h.sum()


def test_a_weight_that_is_used_at_many_steps_multiplies_once_and_the_record_says_so():
    W = mc.Parameter(np.full((3, 3), 0.5, 'float32'))
    with mc.watch(Recorder()) as recorder:
        steps_of(W).backward()
    graph = recorder.graph()
    leaf = next(node['id'] for node in graph.nodes if node['kind'] == 'parameter')
    record, = [record for record in graph.backward if record['id'] == leaf]
    assert record['gathered'] == 5
    np.testing.assert_allclose(record['norm'], np.linalg.norm(W.grad), rtol=1e-5)
    assert sum('gathered' in record for record in graph.backward) == 1
    assert is_valid(graph.to_dict())


def test_the_picture_says_that_many_uses_were_one_product():
    W = mc.Parameter(np.full((3, 3), 0.5, 'float32'), name='W')
    with mc.watch(Recorder()) as recorder:
        steps_of(W).backward()
    picture = recorder.graph().to_svg(fold=False)
    assert picture.count('>×5</text>') == 1
    assert '5 uses: one product gave the gradient of all of them' in picture
    assert 'so many uses, one product' in picture
    with mc.watch(Recorder()) as recorder:
        steps_of(W, steps=1).backward()
    assert 'one product' not in recorder.graph().to_svg(fold=False)


def test_a_folded_leaf_keeps_how_often_it_was_used():
    W = mc.Parameter(np.full((3, 3), 0.5, 'float32'))
    with mc.watch(Recorder()) as recorder:
        steps_of(W).backward()
    folded = recorder.graph().fold()
    assert [back['gathered'] for back in folded.backward if 'gathered' in back] == [5]


def test_whoever_reads_the_parts_gets_them_and_the_sum_is_the_same():
    W, other = (mc.Parameter(np.full((3, 3), 0.5, 'float32')) for _ in range(2))
    steps_of(other).backward()
    with mc.watch(Recorder(), ReadsParts()) as (recorder, reader):
        steps_of(W).backward()
    assert reader.shapes.count((3, 3)) == 5
    assert not any('gathered' in record for record in recorder.graph().backward)
    np.testing.assert_allclose(W.grad, other.grad, rtol=1e-5)
