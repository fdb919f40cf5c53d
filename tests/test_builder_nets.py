"""The net builder's tables and rules against the library: what they say is what a run shows."""
import numpy as np
import pytest

import minichain as mc

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain_widgets.builder import data, net, wrapping                   # noqa: E402
from minichain_widgets.builder.blocks import KINDS, BuildError              # noqa: E402
from minichain_widgets.builder.check import check                           # noqa: E402
from minichain_widgets.builder.draft import Draft                           # noqa: E402
from minichain_widgets.builder.repair import end_repairs, repairs_of        # noqa: E402
from minichain_widgets.builder.shapes import Shape, Target                  # noqa: E402

INPUTS = {
    'image': (Shape('CHW', (2, 9, 8)), np.ones((3, 2, 9, 8), 'float32')),
    'row': (Shape('I', (12,)), np.ones((3, 12), 'float32')),
    'sequence': (Shape('TI', (5, 6)), np.ones((3, 5, 6), 'float32')),
    'sentence': (Shape('T', (5,), 11), np.ones((3, 5), 'int32')),
}
TARGET = Target('classes', 4)


def block(kind, **settings):
    return {'kind': kind, **settings}


NETS = {
    'image': [
        [block('conv2d')], [block('conv2d', filters=5, size=4, stride=2, pad=0, bias=False)],
        [block('max_pool', size=3, stride=2)], [block('avg_pool')], [block('global_pool')],
        [block('global_pool', by='max')], [block('columns')], [block('flatten')],
        [block('batch_norm')], [block('activation', function='gelu')], [block('dropout')],
        [block('residual', blocks=[block('conv2d', filters=2), block('activation'),
                                   block('residual', blocks=[block('batch_norm')])])],
        [block('conv2d'), block('columns'), block('lstm'), block('classifier')],
        [block('residual', blocks=[block('conv2d', filters=4, stride=2)],
               shortcut=[block('conv2d', filters=4, stride=2, size=1, pad=0), block('batch_norm')]),
         block('max_pool', size=3, stride=2, pad=1)],
        [block('parallel', branches=[[block('conv2d', filters=4)], [],
                                     [block('avg_pool', size=3, stride=1, pad=1),
                                      block('parallel', branches=[[], [block('activation')]])]])],
    ],
    'row': [
        [block('linear')], [block('linear', units=7, bias=False)], [block('classifier')],
        [block('batch_norm')], [block('layer_norm')], [block('activation', function='softmax')],
        [block('residual', blocks=[block('linear', units=12), block('dropout')])],
        [block('parallel', branches=[[block('linear', units=3), block('residual', blocks=[
            block('activation')])], [block('linear', units=4)]])],
        [block('residual', blocks=[block('linear', units=3)], shortcut=[
            block('residual', blocks=[block('activation')]), block('linear', units=3)])],
        [block('linear', units=6), block('linear', units=6), block('activation'),
         block('again', of=2), block('again', of=2)],
    ],
    'sequence': [
        *[[block(kind, gives=gives, both_ways=both, units=3)] for kind in ('rnn', 'lstm', 'gru')
          for gives in ('last', 'all') for both in (False, True)],
        *[[block('layers', cell=cell, gives=gives, both_ways=both, units=3, layers=3, dropout=0.1)]
          for cell, gives, both in (('LSTM', 'last', False), ('GRU', 'all', True),
                                    ('RNN', 'last', True), ('LSTM', 'all', False))],
        [block('parallel', branches=[[block('attention')], [
            block('gru', units=3, gives='all')]]), block('last_step')],
        [block('linear', each_step=True)], [block('attention')],
        [block('attention', heads=3, causal=True)], [block('layer_norm')], [block('last_step')],
        [block('time_mean')], [block('flatten')],
        [block('residual', blocks=[block('layer_norm'), block('attention')]), block('last_step')],
    ],
    'sentence': [[block('embedding')], [block('embedding', units=6), block('gru'),
                                        block('classifier')]],
}
CASES = [(kind, entries) for kind, nets in NETS.items() for entries in nets]
NAMES = [f'{kind}: ' + ', '.join(entry['kind'] for entry in entries) for kind, entries in CASES]


def draft_of(kind, entries):
    """A draft with these blocks, for examples of a kind."""
    start, x = INPUTS[kind]
    draft = Draft(data.Data('test', None, None, start, TARGET, ('a', 'b', 'c', 'd'), ''))
    draft.change(net.from_plain(entries))
    return draft, x


def run(draft, x):
    """What the code of a draft computes, finished or not."""
    from minichain_widgets.builder import writing
    model = writing.run(draft.code, {})
    return model, model(mc.Variable(x))


@pytest.mark.parametrize('kind, entries', CASES, ids=NAMES)
def test_shapes_weights_and_multiply_adds_are_those_of_a_run(kind, entries):
    draft, x = draft_of(kind, entries)
    model, y = run(draft, x)
    assert max(map(len, draft.code.split('\n'))) <= wrapping.WIDTH
    assert draft.checked.broken is None
    assert tuple(draft.checked.gives.sizes) == y.shape[1:]
    assert draft.checked.total('weights') == model.count_params()


@pytest.mark.parametrize('kind, entries', [
    case for case in CASES if not any(word in str(case) for word in (
        "'attention'", "'layer_norm'", "'activation'", "'blocks'"))])
def test_multiply_adds_are_counted_as_a_graph_counts_them(kind, entries):
    draft, x = draft_of(kind, entries)
    _, y = run(draft, x)
    counted = mc.Graph.of(y).cost()['macs']
    assert draft.checked.total('macs') == pytest.approx(counted / 3, rel=0.05)


@pytest.mark.parametrize('kind, entries', CASES, ids=NAMES)
def test_the_code_of_a_net_gives_the_same_net_back(kind, entries):
    draft, _ = draft_of(kind, entries)
    before, text = draft.blocks, draft.code
    draft.clear()
    draft.apply(text)
    assert net.same(draft.blocks, before)
    assert draft.code == text


@pytest.mark.parametrize('kind, entries', CASES, ids=NAMES)
def test_json_gives_the_same_net_back(kind, entries):
    draft, _ = draft_of(kind, entries)
    other = Draft('spirals')
    other.load(draft.to_json())
    assert net.same(other.blocks, draft.blocks)
    assert (other.data.start, other.data.target) == (draft.data.start, draft.data.target)


def test_every_kind_of_block_is_tried_above():
    def kinds(entries):
        return {kind for entry in entries for kind in [entry['kind'], *(
            kind for inside in [entry.get('blocks', []), *entry.get('branches', [])]
            for kind in kinds(inside))]}
    tried = {kind for _, entries in CASES for kind in kinds(entries)}
    assert tried == set(KINDS) - {'own'}        # that one: tests/test_builder_links.py


# What does not fit --------------------------------------------------------------------------------

@pytest.mark.parametrize('kind, entries, words, offered', [
    ('image', [block('linear')], 'linear wants (N, I)', 'insert flatten'),
    ('image', [block('lstm')], 'LSTM wants (N, T, I)', 'insert columns to steps'),
    ('image', [block('conv2d', size=15, pad=0)], 'window of 15 × 15', 'set size to 8'),
    ('image', [block('flatten'), block('conv2d')], 'conv2d wants (N, C, H, W)',
     'take out the flatten before it'),
    ('image', [block('embedding')], 'embedding wants (N, T)', 'take it out'),
    ('image', [block('residual')], 'nothing inside yet', 'put a conv2d inside'),
    ('image', [block('residual', blocks=[block('conv2d', filters=8)])],
     'N, C 2, H 9, W 8 goes round', 'set filters of the last conv2d inside to 2'),
    ('image', [block('residual', blocks=[block('conv2d', filters=8, size=4, pad=0)])],
     'both must be equal', 'let every conv2d and pooling inside keep the size'),
    ('image', [block('residual', blocks=[block('conv2d', filters=8, stride=2)])],
     'N, C 8, H 5, W 4 comes out', 'put a 1 × 1 conv2d of 8 filters on the way round'),
    ('image', [block('residual', blocks=[block('activation')], shortcut=[block('max_pool')])],
     'both must be equal', 'take out what is on the way round'),
    ('image', [block('residual', shortcut=[block('activation')])], 'none inside', 'take it out'),
    ('row', [block('residual', blocks=[block('linear', units=5)])], 'both must be equal',
     'put a linear of 5 units on the way round'),
    ('sequence', [block('residual', blocks=[block('gru', units=5, gives='all')])],
     'both must be equal', 'put a linear of 5 units on the way round'),
    ('image', [block('parallel')], 'nothing inside yet', 'put a conv2d into each'),
    ('image', [block('parallel', branches=[[block('conv2d')], [block('max_pool')]])],
     'branch 1 gives N, C 16, H 9, W 8, but branch 2 gives N, C 2, H 4, W 4. To be put together, '
     'they may differ in C only', 'let every conv2d and pooling inside keep the size'),
    ('image', [block('max_pool', size=2, pad=2)], 'pad has to be smaller', 'set pad to 1'),
    ('row', [block('residual', blocks=[block('linear', units=5)])], 'both must be equal',
     'end it with a linear of 12 units'),
    ('row', [block('lstm')], 'But N, I 12 arrives', 'take it out'),
    ('sequence', [block('linear')], 'linear wants (N, I)', 'set each step to on'),
    ('sequence', [block('classifier')], 'classifier wants (N, I)', 'insert last step'),
    ('sequence', [block('lstm'), block('gru')], 'GRU wants (N, T, I)',
     'let the LSTM give all steps'),
    ('sequence', [block('batch_norm')], 'batch norm wants (N, I) or (N, C, H, W)',
     'make it a layer norm'),
    ('sequence', [block('attention', heads=4)], '6 numbers a step do not divide into 4 heads',
     'set heads to 3'),
    ('sentence', [block('lstm')], 'sentences: one number for each word', 'insert embedding'),
    ('sentence', [block('classifier')], 'classifier wants (N, I)', 'insert embedding and an LSTM'),
])
def test_a_block_that_does_not_fit_says_what_it_wants_and_what_would_help(kind, entries, words,
                                                                         offered):
    start, _ = INPUTS[kind]
    blocks = net.from_plain(entries)
    checked = check(blocks, start, TARGET)
    problem = checked.findings[checked.broken].problem
    assert words in str(problem)
    repairs = {repair.label: repair for repair in
               repairs_of(blocks, checked.broken, start, TARGET)}
    assert offered in repairs
    for label, repair in repairs.items():
        finding = check(repair.blocks, start, TARGET).findings.get(checked.broken)
        assert (finding is None) == (label == 'take it out')
        assert finding is None or finding.problem is None


@pytest.mark.parametrize('kind, entries, offered', [
    ('image', [block('conv2d')], 'add flatten and a classifier'),
    ('sequence', [], 'add last step and a classifier'),
    ('row', [block('linear')], 'set units of the last linear to 4'),
    ('sentence', [], 'add embedding and LSTM and a classifier'),
])
def test_the_end_of_a_net_says_what_the_data_ask_for(kind, entries, offered):
    start, _ = INPUTS[kind]
    blocks = net.from_plain(entries)
    assert 'have 4 classes' in str(check(blocks, start, TARGET).problem)
    repairs = {repair.label: repair for repair in end_repairs(blocks, start, TARGET)}
    assert check(repairs[offered].blocks, start, TARGET).fits


def test_blocks_behind_one_that_does_not_fit_wait():
    blocks = net.from_plain([block('linear'), block('activation')])
    checked = check(blocks, INPUTS['image'][0], TARGET)
    assert checked.broken == 1
    assert checked.findings[2].given is None and checked.findings[2].problem is None
    assert not checked.fits


def test_a_block_too_large_for_this_machine_is_refused_before_it_is_made():
    blocks = net.from_plain([block('flatten'), block('linear', units=4096)])
    checked = check(blocks, Shape('CHW', (3, 224, 224)), TARGET)
    assert '616,566,784 numbers' in str(checked.findings[2].problem)


@pytest.mark.parametrize('given, words', [
    ({'units': 'abc'}, "linear, units: a whole number from 1 to 4096 is needed, but this is 'abc'"),
    ({'units': 0}, '0 is out of the range from 1 to 4096'),
    ({'units': 2.5}, 'a whole number'),
    ({'bias': 'yes'}, 'on or off'),
    ({'colour': 1}, "linear has no setting 'colour'"),
])
def test_wrong_settings_are_named(given, words):
    with pytest.raises(BuildError, match=None) as raised:
        net.make(1, 'linear', given)
    assert words in str(raised.value)
