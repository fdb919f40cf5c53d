"""A net that is being built: steps, undo, data, the student's own arrays and tables, JSON."""
import json

import numpy as np
import pytest

import minichain.functions as F

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain_widgets.builder import net, view             # noqa: E402
from minichain_widgets.builder.blocks import BuildError     # noqa: E402
from minichain_widgets.builder.data import MADE, named, own  # noqa: E402
from minichain_widgets.builder.draft import Draft           # noqa: E402
from minichain_widgets.builder.table import read_csv        # noqa: E402


def kinds(blocks):
    return [(block.kind, kinds(block.lanes[0])) if block.lanes else block.kind for block in blocks]


@pytest.fixture
def draft():
    """linear 1, activation 2, residual 3 with linear 4 inside, classifier 5"""
    found = Draft('spirals')
    for kind in ('linear', 'activation', 'residual'):
        found.add(kind)
    found.add('linear', parent=3)
    found.add('classifier')
    return found


def test_blocks_are_added_moved_doubled_and_taken_out(draft):
    assert kinds(draft.blocks) == ['linear', 'activation', ('residual', ['linear']), 'classifier']
    draft.step(2, -1)
    assert kinds(draft.blocks)[:2] == ['activation', 'linear']
    draft.step(1, 1)            # into the branch
    assert kinds(draft.blocks) == ['activation', ('residual', ['linear', 'linear']), 'classifier']
    draft.step(4, 1)            # and out of it, at the other end
    assert kinds(draft.blocks) == ['activation', ('residual', ['linear']), 'linear', 'classifier']
    copy = draft.duplicate(3)
    assert kinds(draft.blocks)[1:3] == [('residual', ['linear'])] * 2
    draft.remove(copy)
    draft.move(2, 3, 1)
    assert kinds(draft.blocks) == [('residual', ['linear', 'activation']), 'linear', 'classifier']


def test_branches_come_and_go_and_blocks_move_from_one_to_the_next():
    draft = Draft('digits')
    fork = draft.add('parallel')
    inside = draft.add('conv2d', parent=fork, lane=1)
    draft.add_branch(fork, 1)
    draft.step(inside, 1)
    assert [len(lane) for lane in draft.blocks[0].lanes] == [0, 0, 1]
    draft.step(inside, 1)       # out of the last branch
    assert [block.kind for block in draft.blocks] == ['parallel', 'conv2d']
    draft.step(inside, -1)      # and back into it
    draft.move(inside, fork, 0, lane=0)
    draft.remove_branch(fork, 2)
    assert [len(lane) for lane in draft.blocks[0].lanes] == [1, 0]
    copy = draft.duplicate(fork)
    assert [len(lane) for lane in draft.blocks[1].lanes] == [1, 0]
    assert len({block.id for block in net.walk(draft.blocks)}) == 4
    for change, words in (
            (lambda: draft.remove_branch(copy, 0), 'has 2 to 6 branches'),
            (lambda: draft.add_branch(copy, 9), 'no such branch'),
            (lambda: draft.add('linear', parent=copy, lane=5), 'has 2 branches'),
            (lambda: draft.add_branch(draft.add('residual'), 0), 'no more and no fewer')):
        before = draft.blocks if 'fewer' not in words else None
        with pytest.raises(BuildError, match=words):
            change()
        assert before is None or draft.blocks == before


def test_a_step_goes_round_a_residual_branch_only_if_something_is_there():
    draft = Draft('digits')
    branch = draft.add('residual')
    inside = draft.add('activation', parent=branch)
    draft.step(inside, 1)
    assert kinds(draft.blocks) == [('residual', []), 'activation']
    draft.step(inside, -1)
    around = draft.add('batch_norm', parent=branch, lane=1)
    draft.step(inside, 1)
    inner, outer = draft.blocks[0].lanes
    assert not inner and [block.id for block in outer] == [inside, around]


def test_every_step_can_be_undone_and_done_again(draft):
    states = [kinds(draft.blocks)]
    draft.remove(3)
    draft.set(1, 'units', '7')
    draft.use('digits')
    states.append(kinds(draft.blocks))
    assert draft.blocks[0].settings['units'] == 7
    for _ in range(3):
        draft.undo()
    assert kinds(draft.blocks) == states[0] and draft.name == 'spirals'
    for _ in range(3):
        draft.redo()
    assert kinds(draft.blocks) == states[1] and draft.name == 'digits'
    with pytest.raises(BuildError, match='nothing to do again'):
        draft.redo()


def test_another_net_has_blocks_with_other_numbers(draft):
    before = {block.id for block in net.walk(draft.blocks)}
    draft.example()
    assert before.isdisjoint(block.id for block in net.walk(draft.blocks))
    before = {block.id for block in net.walk(draft.blocks)}
    draft.apply(draft.code.replace('tanh', 'relu'))
    assert before.isdisjoint(block.id for block in net.walk(draft.blocks))


def test_a_step_that_changes_nothing_is_none(draft):
    before = len(draft.past)
    draft.step(1, -1)
    draft.set(1, 'units', 32)
    draft.apply(draft.code)
    assert len(draft.past) == before


@pytest.mark.parametrize('change, words', [
    (lambda draft: draft.set(1, 'units', 'abc'), "this is 'abc'"),
    (lambda draft: draft.add('wizard'), "'wizard' is no block"),
    (lambda draft: draft.add('linear', parent=1), 'Only a branch has blocks inside'),
    (lambda draft: draft.remove(99), 'no block 99'),
    (lambda draft: draft.move(3, 3, 0), 'cannot be moved into itself'),
    (lambda draft: draft.repair(1, 'insert flatten'), 'not offered any more'),
    (lambda draft: draft.use('weather'), "'weather' is no data"),
    (lambda draft: draft.load('{'), 'no JSON'),
    (lambda draft: draft.load('{"format": "other"}'), 'should begin with'),
    (lambda draft: draft.load('{"format": "minichain-net", "version": 2}'), 'version 1 is read'),
    (lambda draft: draft.load('{"format": "minichain-net", "version": 1, "blocks": 3}'), 'a list'),
    (lambda draft: draft.load('{"format": "minichain-net", "version": 1, "blocks": [3]}'),
     'A block is written'),
    (lambda draft: draft.load('{"format": "minichain-net", "version": 1, "blocks": []}'),
     'without saying what its data look like'),
    (lambda draft: draft.load('{"format": "minichain-net", "version": 1, "data": "digits", '
                              '"seed": -1, "blocks": []}'), 'seed is a whole number'),
    (lambda draft: draft.load('{"format": "minichain-net", "version": 1, "data": "digits", '
                              '"blocks": [{"kind": "linear", "name": "x; import os"}]}'),
     'no name that a link'),
])
def test_what_cannot_be_done_is_said_and_changes_nothing(draft, change, words):
    before = draft.blocks, draft.past, draft.name, draft.seed
    with pytest.raises(BuildError) as raised:
        change(draft)
    assert words in str(raised.value)
    assert (draft.blocks, draft.past, draft.name, draft.seed) == before


def test_branches_and_nets_have_an_end():
    draft = Draft('spirals')
    inside = None
    for _ in range(3):
        inside = draft.add('residual', parent=inside)
    with pytest.raises(BuildError, match='3 deep'):
        draft.add('residual', parent=inside)
    draft = Draft('spirals')
    for _ in range(200):
        draft.add('activation')
    with pytest.raises(BuildError, match='200 blocks'):
        draft.add('activation')


def test_a_net_that_is_not_finished_is_no_model(draft):
    draft.set(4, 'units', 5)
    with pytest.raises(BuildError, match='both must be equal'):
        _ = draft.model
    with pytest.raises(BuildError, match='no block yet'):
        _ = Draft('digits').model


@pytest.mark.parametrize('name', MADE)
def test_every_data_set_has_an_example_that_fits_and_learns(name):
    draft = Draft(name)
    draft.example()
    x, t = draft.data.train
    assert draft.checked.fits
    assert x[:1].shape[1:] == draft.data.start.sizes and len(x) == len(t)
    assert len(draft.data.test[0]) >= 50
    loss = draft.data.lossfun(draft.model(x[:8]), t[:8])
    loss.backward()
    assert all(np.isfinite(param.grad).all() for param in draft.model.params())


def test_the_view_is_json_and_says_what_is_on_every_edge(draft):
    draft.use('digits')
    state = json.loads(json.dumps(view.state(draft), allow_nan=False))
    first, second = state['blocks'][:2]
    assert state['data']['edge'] == {
        'axes': 'CHW', 'shape': 'N 32, C 1, H 8, W 8', 'memory': '8 KiB',
        'words': 'a batch of 32 examples: 1 channel, 8 pixels high, 8 pixels wide'}
    assert first['problem'].startswith('linear wants (N, I)')
    assert first['repairs'][0] == 'insert flatten' and first['edge'] is None
    assert second['waits'] and second['problem'] == ''
    draft.repair(1, 'insert flatten')
    state = view.state(draft)
    assert state['fits'] is True
    assert state['blocks'][1]['cost'] == '2,080 weights, 2,048 mult-adds'
    assert state['totals']['batch'] == 32
    assert 'lossfun=F.softmax_cross_entropy, seed=0' in state['training']


# The student's own data ---------------------------------------------------------------------------

def test_own_arrays_are_split_and_their_shape_is_seen():
    x, t = np.arange(40.0).reshape(10, 4), np.arange(10) % 3
    found = own(x, t)
    assert found.start.text() == 'N, I 4' and found.target.count == 3
    assert len(found.train[0]) == 8 and len(found.test[0]) == 2
    assert found.train[0].dtype == np.float32 and found.train[1].dtype == np.int32
    assert own(x, ['b', 'a'] * 5).classes == ('a', 'b')
    assert own(x.astype(int), t).start.words == 40
    series = own(x[:, :, None], x[:, 0])
    assert series.start.text() == 'N, T 4, I 1' and series.target == ('numbers', 1)
    assert series.lossfun is F.mean_squared_error


@pytest.mark.parametrize('x, t, words', [
    ([[1.0, np.nan], [1, 2]], [0, 1], '1 of them is not (NaN or infinite); the first is at [0, 1]'),
    ([[1.0, 2], [1]], [0, 1], 'the parts have different lengths'),
    ([['a', 'b'], ['c', 'd']], [0, 1], 'should be numbers, but they are'),
    ([[1.0, 2]] * 3, [0, 1], 'There are 3 examples, but 2 labels'),
    ([1.0, 2, 3], [0, 1, 0], 'at least two axes'),
    ([[1.0, 2]] * 2, [0, 0], "All examples have the same label, '0'"),
    ([[1.0, 2]] * 2, [0, -1], 'Labels are classes from 0 to 999, but these go from -1 to 0'),
    ([[1.0, 2]] * 2, [0, 5000], 'If they are numbers to be predicted, give t as floats'),
    ([[1.0, 2]] * 2, [0.0, np.nan], 't, the numbers to be predicted, should be numbers'),
    ([[1, -2]] * 2, [0, 1], 'If they are no words, give x as floats'),
    (np.zeros((2, 1, 1, 1, 1)), [0, 1], 'The builder takes (N, numbers)'),
])
def test_arrays_that_do_not_fit_are_explained(x, t, words):
    with pytest.raises(BuildError) as raised:
        own(x, t)
    assert words in str(raised.value)


TABLE = 'length;width;kind\n' + ''.join(
    f'{i / 10};{i % 3};{"long" if i > 9 else "short"}\n' for i in range(20))


def test_a_table_becomes_scaled_columns_and_classes():
    found = read_csv(TABLE)
    assert found.start.text() == 'N, I 2' and found.classes == ('long', 'short')
    every = np.concatenate([found.train[0], found.test[0]])
    np.testing.assert_allclose(every.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(every.std(axis=0), 1, atol=1e-6)
    assert 'kind is asked for, from length, width' in found.note
    assert read_csv(TABLE.replace(';', ',')).classes == found.classes
    other = read_csv('\n'.join(line.rpartition(';')[0] for line in TABLE.splitlines()), 'length')
    assert other.target == ('numbers', 1)
    assert read_csv('1,2,10\n2,3,2\n3,4,10\n1,1,2').classes == ('2', '10')


@pytest.mark.parametrize('text, words', [
    ('', 'The table is empty'),
    ('a,b\n1,2', 'The table has 1 rows of numbers; at least 4'),
    ('a,b\n1,0\n2,1\nx,0\n3,1\n', "Row 4, a: the cell holds 'x', but a number is needed"),
    ('a,b\n1,0\n,1\n3,0\n3,1\n', 'Row 3, a: the cell is empty'),
    ('a,b\n1,0\nnan,1\n3,0\n3,1\n', 'Row 3, a: nan is no number that can be learnt from'),
    ('a,b\n1,0\n2,1,5\n3,0\n3,1\n', 'Row 3 has 3 cells, but row 1 has 2'),
    ('a,b\n1,0\n2,\n3,0\n3,1\n', 'Row 3 has no b'),
    ('a\n1\n2\n3\n4\n', 'There is one column only'),
    ('a,b\n1,0\n2,0\n3,0\n3,0\n', 'All examples have the same label'),
])
def test_a_table_with_a_mistake_is_explained_with_row_and_column(text, words):
    with pytest.raises(BuildError) as raised:
        read_csv(text)
    assert words in str(raised.value)


def test_named_data_are_made_once_and_the_same():
    assert named('spirals') is named('spirals')


def test_a_net_for_own_data_is_saved_with_its_shape():
    draft = Draft(own(np.ones((8, 3)), np.arange(8) % 2))
    draft.example()
    other = Draft('digits')
    other.load(draft.to_json())
    assert kinds(other.blocks) == kinds(draft.blocks) and other.data.train is None
    assert other.checked.fits
    draft.load(other.to_json())
    assert draft.data.train is not None
    draft.use('digits')
    assert view.state(draft)['data']['names'][-1] == 'my data'
    draft.use('my data')
    assert draft.data.start.sizes == (3,)
