"""Graph: records without a Recorder, tables, JSON, folding, comparing."""
import copy
import json

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import cost, schema
from minichain.function import Function
from minichain.graph import Graph
from minichain.recorder import Recorder

from graph_examples import CNN, MLP, lstm_graph, recorded


def variable(*shape, name=None):
    return mc.Variable(np.ones(shape, 'float32'), name=name)


def test_a_graph_is_found_by_walking_back():
    x, W, b = variable(5, 4, name='x'), mc.Parameter(np.ones((3, 4), 'float32'), name='W'), None
    y = F.exp(F.linear(x, W, b) * 2)
    graph = Graph.of(y, title='exp')
    assert repr(graph) == '<Graph exp: 3 operations, 1 parameter, 1 variable>'
    assert [(node['kind'], node['label'], node['inputs']) for node in graph.nodes] == [
        ('variable', 'x', []), ('parameter', 'W', []),
        ('function', 'linear', [[1, 0, True], [2, 0, True]]),
        ('function', 'mul', [[3, 0, True]]), ('function', 'exp', [[4, 0, True]])]
    assert [node['shapes'] for node in graph.nodes[2:]] == [[[5, 3]]] * 3
    assert graph.nodes[3]['symbol'] == '× 2'


def test_walking_back_finds_constants_that_were_kept_and_several_outputs():
    W = mc.Parameter(np.ones((3, 4), 'float32'))
    left, right = F.split(F.linear(np.ones((6, 4), 'float32'), W), 2, 0)
    graph = Graph.of(left * right)
    assert [node['kind'] for node in graph.nodes] == ['data', 'parameter'] + ['function'] * 3
    assert graph.nodes[-1]['inputs'] == [[4, 0, True], [4, 1, True]]
    assert graph.nodes[3]['shapes'] == [[3, 3], [3, 3]]


def test_the_graph_of_several_results_and_of_a_leaf():
    x = variable(2)
    assert len(Graph.of(F.exp(x), F.tanh(x))) == 3
    assert [node['kind'] for node in Graph.of(x).nodes] == ['variable']


def test_a_graph_of_float64_says_so():
    y = F.sum(F.exp(mc.Variable(np.ones(3))))
    assert [node['dtypes'] for node in Graph.of(y).nodes] == [['float64']] * 3


def test_a_released_graph_keeps_nothing():
    loss = F.sum(F.exp(variable(3)))
    assert Graph.of(loss).cost()['bytes_kept'] == 12
    loss.backward()
    assert Graph.of(loss).cost()['bytes_kept'] == 0
    assert len(Graph.of(loss)) == 3


def test_a_deep_graph_needs_no_recursion():
    y = x = variable(1)
    for _ in range(3_000):
        y = y + x
    assert len(Graph.of(y)) == 3_001


def test_walking_back_leaves_no_trace():
    y = F.exp(variable(3))
    before = dict(vars(y.creator))
    Graph.of(y)
    assert vars(y.creator) == before


SUMMARY = """\
operation              link  shape   parameters  multiply-adds  bytes kept
--------------------------------------------------------------------------
linear                 l1    (5, 8)          40            160         240
tanh                   MLP   (5, 8)           0             40         160
linear                 l2    (5, 3)          27            120         268
softmax_cross_entropy        ()               0             15         200
--------------------------------------------------------------------------
total                                        67            335         868"""


def test_the_summary_of_a_small_network():
    graph = recorded(MLP(), backward=False)
    assert graph.summary() == SUMMARY
    assert graph.cost()['macs'] == 335
    assert graph.cost()['parameters'] == 67


def test_the_summary_without_links_has_no_column_for_them():
    lines = Graph.of(F.exp(variable(2, 2))).summary().splitlines()
    assert lines[0].split()[:3] == ['operation', 'shape', 'parameters']
    assert lines[2].split() == ['exp', '(2,', '2)', '0', '4', '16']


def test_a_long_summary_is_folded():
    text = lstm_graph(100).summary()
    assert 'LSTM ×100' in text and len(text.splitlines()) < 12
    assert len(lstm_graph(100).summary(fold=False).splitlines()) > 400


def test_multiply_adds():
    def of(y):
        return Graph.of(y).nodes[-1]['macs']

    assert of(variable(5, 4) @ variable(4, 3)) == 5 * 4 * 3
    assert of(F.linear(variable(5, 4), variable(3, 4))) == 5 * 4 * 3
    image, filters = variable(2, 3, 8, 8), variable(6, 3, 3, 3)
    assert of(F.conv2d(image, filters)) == 2 * 6 * 6 * 6 * 3 * 3 * 3
    assert of(F.reshape(image, (2, -1))) == 0
    assert of(F.sum(image)) == 2 * 3 * 8 * 8
    assert of(F.exp(image)) == 2 * 3 * 8 * 8


def test_an_operation_may_say_its_own_multiply_adds():
    class Thrice(Function):
        """3x"""

        macs = staticmethod(lambda inputs, outputs: 7 * inputs[0][0])

        def forward(self, x):
            return 3 * x

    assert Graph.of(Thrice().apply(variable(2))).cost()['macs'] == 14


def test_every_operation_with_a_cost_of_its_own_exists():
    labels, classes = set(), [Function]
    for operation in classes:
        classes += operation.__subclasses__()
        labels.add(operation.label)
    assert cost.FREE | cost.REDUCTIONS | set(cost.FORMULAS) <= labels


# JSON --------------------------------------------------------------------------------------------

def test_json_brings_the_same_graph_back():
    graph = recorded(CNN())
    again = Graph.from_json(graph.to_json())
    assert again.to_dict() == graph.to_dict()
    assert again.summary() == graph.summary()
    assert again.to_svg() == graph.to_svg()
    assert Graph.from_json(graph.to_dict()).nodes == graph.nodes


def broken(change):
    value = copy.deepcopy(recorded(MLP()).to_dict())
    change(value)
    return value


@pytest.mark.parametrize('change, complaint', [
    (lambda g: g.update(version=2), 'graph.version should be 1, not 2'),
    (lambda g: g.pop('nodes'), "graph lacks 'nodes'"),
    (lambda g: g.update(colour='red'), "graph has 'colour', which is unknown"),
    (lambda g: g['nodes'][3].update(kind='box'), r"graph.nodes\[3\].kind should be one of"),
    (lambda g: g['nodes'][0].update(shapes=[]), r'graph.nodes\[0\].shapes has 0 entries'),
    (lambda g: g['nodes'][0].update(shapes=[[2, -1]]), r'shapes\[0\]\[1\] should be at least 0'),
    (lambda g: g['nodes'][0].update(id=True), r'graph.nodes\[0\].id should be integer, not True'),
    (lambda g: g['nodes'][0].update(where='here'), r'where should be null'),
    (lambda g: g['nodes'][3].update(inputs=[[1, 0]]), r'inputs\[0\] has 2 entries'),
    (lambda g: g['nodes'][0].update(id=50), 'ids must grow'),
    (lambda g: g['nodes'][3].update(inputs=[[99, 0, True]]), 'does not come before it'),
    (lambda g: g['nodes'][4].update(inputs=[[4, 1, True]]), 'which has 1'),
    (lambda g: g['nodes'][4].update(scope=77), 'scope 77, which does not exist'),
    (lambda g: g['backward'].append({'id': 99, 'norm': 1.0, 'nan': 0}), 'node 99, which does not'),
])
def test_a_broken_graph_is_refused_with_the_reason(change, complaint):
    with pytest.raises(mc.GraphError, match=complaint):
        Graph.from_json(broken(change))


def test_what_is_no_json_is_refused():
    with pytest.raises(mc.GraphError, match='no JSON'):
        Graph.from_json('{"format": ')


MESSAGES = [
    {'t': 'begin', 'run': 1, 'title': None},
    {'t': 'note', 'text': 'one of two'},
    {'t': 'error', 'text': 'shapes', 'id': None},
    {'t': 'answer', 'id': 1, 'what': 'values', 'data': {'values': [1]}, 'text': ''},
]


@pytest.mark.parametrize('message', MESSAGES, ids=lambda message: message['t'])
def test_messages_of_the_wire(message):
    schema.check(message, 'kernelMessage')
    with pytest.raises(mc.GraphError, match=r"kernelMessage.*'more', which is unknown"):
        schema.check({**message, 'more': 1}, 'kernelMessage')


def test_messages_of_the_front_end():
    for message in ({'t': 'sync'}, {'t': 'ready'}, {'t': 'pause', 'on': True},
                    {'t': 'ask', 'id': 3, 'what': 'histogram'}):
        schema.check(message, 'frontMessage')
    with pytest.raises(mc.GraphError, match='frontMessage.what should be one of'):
        schema.check({'t': 'ask', 'id': 3, 'what': 'all'}, 'frontMessage')


# Folding -----------------------------------------------------------------------------------------

def test_a_hundred_steps_fold_into_one_column():
    graph = lstm_graph(100)
    folded = graph.fold()
    links = {node['label']: node for node in folded.nodes if node['kind'] == 'folded'}
    assert {name: node['count'] for name, node in links.items()} == {
        'embed': 100, 'lstm': 100, 'out': 100}
    assert {name: node['loop'] for name, node in links.items()} == {
        'embed': False, 'lstm': True, 'out': False}
    losses = [node for node in folded.nodes if node['label'] == 'softmax_cross_entropy']
    assert [node['count'] for node in losses] == [100]
    assert len(folded) < 15
    assert folded.scopes[0]['count'] == 100


def test_folding_loses_no_node_and_no_cost():
    graph = lstm_graph(20)
    folded = graph.fold()
    members = sorted(id for node in folded.nodes for id in node['members'])
    assert members == [node['id'] for node in graph.nodes]
    for name in 'macs', 'bytes_kept':
        assert folded.cost()[name] == graph.cost()[name]


def test_a_folded_graph_is_in_order_and_connected():
    folded = lstm_graph(20).fold()
    seen = set()
    for node in folded.nodes:
        assert all(source in seen for source, _, _ in node['inputs'])
        seen.add(node['id'])
    assert {back['id'] for back in folded.backward} <= seen


def test_folding_stops_when_few_nodes_are_left():
    class Deep(L.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.first, self.second = MLP(), MLP(3)

        def forward(self, x):
            return self.second(self.first(x))

    graph = recorded(Deep(), backward=False)
    fine, coarse = graph.fold(limit=9), graph.fold(limit=5)
    assert [node['label'] for node in fine.nodes if node['kind'] == 'folded'] == [
        'first/l1', 'first/l2', 'second/l1', 'second/l2']
    assert [node['label'] for node in coarse.nodes if node['kind'] == 'folded'] == [
        'first', 'second']


def test_a_loop_without_links_folds_by_line():
    x, h = variable(3), variable(3)
    with mc.watch(Recorder()) as recorder:
        for _ in range(30):
            h = F.tanh(h * x)
        F.sum(h)
    folded = recorder.graph().fold()
    found = {node['label']: (node['count'], node['loop']) for node in folded.nodes
             if node['kind'] == 'function'}
    assert found == {'mul': (30, True), 'tanh': (30, False), 'sum': (1, False)}


def test_a_folded_graph_cannot_be_saved():
    with pytest.raises(mc.GraphError, match='only a view'):
        recorded(MLP()).fold().to_json()


def test_folding_nothing():
    assert Graph().fold().nodes == []


# Comparing ---------------------------------------------------------------------------------------

def test_two_equal_runs_do_not_differ():
    difference = recorded(MLP()).diff(recorded(MLP()))
    assert not difference
    assert repr(difference) == ('4 operations alike, 0 only in the first run (-), '
                                '0 only in the second (+), 0 with other shapes (~)')


def test_a_branch_that_only_one_run_took_is_found():
    def run(x, extra):
        with mc.watch(Recorder()) as recorder:
            y = F.exp(x)
            if extra:
                y = F.tanh(y)
            F.sum(y)
        return recorder.graph()

    difference = run(variable(2), False).diff(run(variable(5), True))
    assert repr(difference).splitlines()[1:] == [
        '~ exp                                       (2,) -> (5,)',
        '+ tanh                                      (5,)']
    assert [node['label'] for node in difference.added] == ['tanh']
    assert [old['label'] for old, _ in difference.changed] == ['exp']
    assert difference.same == 1


# Text for Graphviz -------------------------------------------------------------------------------

def test_dot():
    x = variable(2, name='a "b"\\')
    assert Graph.of(F.exp(x)).to_dot() == r'''digraph {
  node [fontname="sans-serif" fontsize=11]
  n1 [label="a \"b\"\\" shape=ellipse]
  n2 [label="exp" shape=box style=rounded]
  n1 -> n2 [label="2"]
}'''


def test_the_json_text_is_plain():
    text = recorded(MLP()).to_json(indent=1)
    assert json.loads(text)['format'] == 'minichain-graph'
    assert 'NaN' not in text


def test_a_result_without_a_graph_says_why():
    with mc.test_mode():
        y = F.exp(mc.Variable(1.0))
    with pytest.raises(mc.GraphError) as error:
        mc.Graph.of(y)
    assert str(error.value) == (
        'There is no graph behind this Variable: it was computed while nothing was recorded, under '
        'mc.no_grad() or mc.test_mode(). Compute it again outside of these; '
        'mc.using_config(train=False) alone records.')
