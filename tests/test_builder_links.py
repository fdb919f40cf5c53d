"""Nets of a student's own in the net builder: links that it does not know, weights that are used
again, parts that it cannot look into."""
import ast
import json

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain_widgets import NetBuilder                    # noqa: E402
from minichain_widgets.builder.blocks import BuildError     # noqa: E402
from minichain_widgets.builder.wrapping import wrapped      # noqa: E402

X = np.random.default_rng(0).normal(size=(24, 6)).astype('float32')
T = np.arange(24) % 3


class Square(mc.Link):
    """A link of somebody's own, with a weight for each of six numbers, that computes aside, too."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.W = mc.Parameter(np.linspace(1, 2, 6, dtype='float32'))

    def forward(self, x):
        y = x * x * self.W
        self.mean = F.mean(y)
        return y


class Loop(mc.Chain):
    """A part of a net with an operation that is no block, in a loop."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.l = L.Linear(6, 6)

    def forward(self, x):
        for _ in range(2):
            x = x - self.l(x)
        return x


class Net(mc.Chain):
    def __init__(self, part, twice=False):
        super().__init__()
        self.twice = twice
        with self.init_scope():
            self.first, self.part, self.out = L.Linear(6, 6), part, L.Linear(6, 3)

    def forward(self, x):
        h = self.part(F.relu(self.first(x)))
        return self.out(self.part(h) if self.twice else h)


def drawn(link, x=X, t=T):
    builder = NetBuilder.from_link(link, x, t)
    return builder, json.loads(builder.to_json())['blocks']


def kinds(blocks):
    return [block['kind'] for block in blocks]


def pasted(builder):
    """The model that the code makes in a cell below the builder."""
    space = {'builder': builder}
    exec(builder.code, space)
    return space['model']


@pytest.mark.parametrize('part, label, weights', [
    (Square(), 'Square', 6), (L.Maxout(6, 6, 2), 'Maxout', 84), (Loop(), 'Loop', 42)])
def test_a_link_that_is_not_known_is_a_block_of_its_own(part, label, weights):
    link = Net(part)
    builder, blocks = drawn(link)
    assert kinds(blocks) == ['linear', 'activation', 'own', 'classifier']
    assert builder.model is link
    row = next(row for row in builder.text().splitlines() if row.startswith(label))
    assert row.split()[-2] == str(weights) and 'I 6' in row
    assert list(builder.links) == ['part']
    assert label in builder.svg()


def test_code_with_such_a_link_takes_a_copy_with_its_weights_from_the_builder():
    link = Net(Square())
    builder, _ = drawn(link)
    assert "part=builder.links['part'].copy()" in builder.code
    assert 'cannot\n# write them' in builder.code
    made = pasted(builder)
    np.testing.assert_array_equal(made.part.W.data, link.part.W.data)
    assert made.part is not link.part
    for name in ('first', 'out'):
        getattr(made, name).W.data[...] = getattr(link, name).W.data
    np.testing.assert_allclose(made(X).data, link(X).data, rtol=1e-6)


def test_such_a_link_is_moved_trained_and_taken_out():
    builder, _ = drawn(Net(Square()))
    builder._handle_custom_msg({'t': 'step', 'id': 3, 'by': -1}, [])
    assert kinds(json.loads(builder.to_json())['blocks'])[1] == 'own'
    before = builder.model.part.W.data.copy()
    builder.train().blocking(2)
    assert (builder.model.part.W.data != before).all()
    np.testing.assert_array_equal(builder.links['part'].W.data, before)
    builder._handle_custom_msg({'t': 'duplicate', 'id': 3}, [])
    assert builder.model.count_params() == 42 + 6 + 6 + 21
    builder._handle_custom_msg({'t': 'remove', 'id': 3}, [])
    assert builder.model.count_params() == 42 + 6 + 21
    with pytest.raises(BuildError, match='link of this block cannot be changed'):
        builder._draft.set(next(block.id for block in builder._draft.blocks
                                if block.kind == 'own'), 'link', 'other')


def test_what_does_not_fit_such_a_link_is_told():
    builder, _ = drawn(Net(Square()))
    builder._draft.set(1, 'units', 5)
    problem = str(builder._draft.checked.findings[3].problem)
    assert problem.startswith('Square cannot work on N, I 5. mul wants (...)')


def test_code_with_such_a_link_is_read():
    builder, before = drawn(Net(Square(), twice=True))
    builder.apply(builder.code)
    assert json.loads(builder.to_json())['blocks'] == before
    builder.apply(builder.code.replace('F.relu', 'F.tanh'))
    assert isinstance(builder.model.part, Square)
    with pytest.raises(BuildError, match="there is no self.other"):
        builder.apply(builder.code.replace("links['part']", "links['other']"))


def test_a_saved_net_keeps_the_place_of_such_a_link():
    builder, _ = drawn(Net(Square()))
    text = builder.to_json()
    builder._draft.load(text)
    assert isinstance(builder.model.part, Square)
    other = NetBuilder.from_json(text)
    assert "'part' of yours is not in this net" in str(other._draft.checked.findings[3].problem)
    with pytest.raises(BuildError, match='from_link'):
        other.model


def test_a_known_link_with_settings_that_no_block_has():
    link = mc.Sequential(L.Conv2d(1, 4, ksize=3, dilate=2), F.flatten, L.Linear(64, 3))
    builder, blocks = drawn(link, X[:, :1, None, None] * np.ones((1, 1, 8, 8), 'float32'))
    assert kinds(blocks) == ['own', 'flatten', 'linear']
    assert 'Conv2d' in builder.text() and pasted(builder).own1.dilate == link[0].dilate


def test_a_recurrent_cell_of_ones_own_is_inside_of_the_part_that_calls_it():
    class Cell(mc.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.a, self.b = L.Linear(3, 4), L.Linear(4, 4)

        def forward(self, x, h):
            return F.tanh(self.a(x) + self.b(h))

    class Reads(mc.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.cell = Cell()

        def forward(self, x):
            h = np.zeros((len(x), 4), 'float32')
            for step in F.separate(x, axis=1):
                h = self.cell(step, h)
            return h

    builder, blocks = drawn(mc.Sequential(Reads(), L.Linear(4, 3)),
                            X.reshape(24, 2, 3))
    assert kinds(blocks) == ['own', 'linear'] and 'Reads' in builder.text()
    assert builder.train().model is builder.model
    builder.train().blocking(1)


# Weights that are used again ----------------------------------------------------------------------

def test_a_link_that_is_used_twice_is_a_second_block_that_names_the_first():
    link = Net(L.Linear(6, 6), twice=True)
    builder, blocks = drawn(link)
    assert kinds(blocks) == ['linear', 'activation', 'linear', 'again', 'classifier']
    assert blocks[3]['of'] == 3
    row = builder.text().splitlines()[6]
    assert row.startswith('linear again part') and row.split()[-2:] == ['0', '36']
    assert builder._draft.checked.total('weights') == link.count_params()
    assert 'self.part(h)' in builder.code and builder.code.count('L.Linear') == 3
    made = pasted(builder)
    assert made.count_params() == link.count_params()
    for name in ('first', 'part', 'out'):
        getattr(made, name).W.data[...] = getattr(link, name).W.data
    np.testing.assert_allclose(made(X).data, link(X).data, rtol=1e-5)


def test_weights_that_are_used_again_follow_their_block():
    builder, _ = drawn(Net(L.Linear(6, 6), twice=True))
    builder._handle_custom_msg({'t': 'add', 'kind': 'dropout', 'index': 0}, [])
    assert json.loads(builder.to_json())['blocks'][4] == {'kind': 'again', 'of': 4}
    assert NetBuilder.from_json(builder.to_json()).model.count_params() == 42 + 42 + 21
    first = builder._draft.blocks[3]
    builder._draft.set(first.id, 'units', 5)
    problem = str(builder._draft.checked.findings[builder._draft.blocks[4].id].problem)
    assert problem == ('linear again: its weights are made for 6, as N, I 6 arrives there. But '
                       'N, I 5 arrives here.')
    builder._draft.undo()
    builder._draft.remove(first.id)
    again = builder._draft.blocks[3]
    assert 'not in the net any more' in str(builder._draft.checked.findings[again.id].problem)
    builder._draft.undo()
    builder._draft.move(again.id, None, 0)
    assert 'has to come before it' in str(builder._draft.checked.findings[again.id].problem)


def test_a_copy_of_a_branch_uses_its_own_weights_again():
    builder, _ = drawn(Net(L.Linear(6, 6), twice=True))
    draft = builder._draft
    branch = draft.add('residual', index=4)
    for id in (3, 4):
        draft.move(id, branch, 9)
    copy = draft.duplicate(branch)
    first, again = next(block for block in draft.blocks if block.id == copy).lanes[0]
    assert again.settings['of'] == first.id != 3
    assert builder.model.count_params() == 42 + 42 + 42 + 21


def test_code_that_uses_a_link_twice_is_drawn():
    builder, _ = drawn(Net(L.Linear(6, 6)))
    builder.apply(builder.code.replace('return self.out(h)',
                                       'for _ in range(3):\n            h = self.part(h)\n'
                                       '        return self.out(h)'))
    blocks = json.loads(builder.to_json())['blocks']
    assert kinds(blocks) == ['linear', 'activation', 'linear', *['again'] * 3, 'classifier']
    assert {block['of'] for block in blocks if block['kind'] == 'again'} == {3}


def test_a_link_that_reads_the_steps_of_two_sequences_is_used_again():
    class Two(mc.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.same, self.rnn, self.out = L.Linear(3, 3), L.RNN(3, 4), L.Linear(4, 3)

        def forward(self, x):
            self.rnn.reset_state()
            for step in F.separate(x, axis=1):
                h = self.rnn(self.same(self.same(step)))
            return self.out(h)

    link = Two()
    builder, blocks = drawn(link, X.reshape(24, 2, 3))
    assert kinds(blocks) == ['linear', 'again', 'rnn', 'classifier']
    assert builder._draft.checked.total('weights') == link.count_params()


def test_a_link_that_is_used_in_two_ways_is_not_drawn_as_one():
    class Ways(mc.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.l = L.Linear(3, 3)

        def forward(self, x):
            return self.l(F.mean(self.l(x, n_batch_axes=2), axis=1))

    with pytest.raises(BuildError, match="'l' is used in two different ways"):
        drawn(Ways(), X.reshape(24, 2, 3))


def twice(net, x):
    for step in [*F.separate(x, axis=1)] * 2:
        h = net.r(step)
    return net.out(h)


def on_its_own_output(net, x):
    for step in [net.r(step) for step in F.separate(x, axis=1)]:
        h = net.r(step)
    return net.out(h)


@pytest.mark.parametrize('part, forward, words', [
    (L.LSTM(3, 4), twice, "'r' reads a time step twice"),
    (L.LSTM(3, 3), on_its_own_output, "'r' (LSTM) is given what it gave itself"),
    (L.Linear(4, 3), lambda net, x: net.out(net.r(np.ones((len(x), 4), 'f4')) + F.mean(x, axis=1)),
     "'r' (Linear) is given an array that does not come from x"),
    (L.Bilinear(6, 6, 4), lambda net, x: net.out(net.r(F.flatten(x), F.flatten(x))),
     "'r' (Bilinear) does not take one array"),
    (L.Linear(6, 4), lambda net, x: net.out(F.exp(net.r(F.flatten(x)))), 'The operation exp')])
def test_what_cannot_be_drawn_is_a_grey_block_in_a_chain_of_its_own(part, forward, words):
    class Mine(mc.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.r, self.out = part, L.Linear(4)

        def forward(self, x):
            return forward(self, x)

    x = X.reshape(24, 2, 3)
    with pytest.raises(BuildError) as raised:
        drawn(Mine(), x)
    assert words in str(raised.value)
    assert 'Put this part into a Chain of its own' in str(raised.value)
    assert kinds(drawn(mc.Sequential(Mine(), L.Linear(4, 3)), x)[1]) == ['own', 'linear']


def test_an_error_inside_of_a_grey_block_is_told_as_it_is():
    class Wrong(Square):
        def forward(self, x):
            return F.reshape(x * x, (7, -1))

    with pytest.raises(mc.ShapeError, match='reshape'):
        drawn(Net(Wrong()))


def test_a_link_that_is_not_known_is_drawn_in_a_sequential():
    with pytest.raises(BuildError, match='try mc.Sequential') as raised:
        drawn(L.Maxout(6, 3, 2))
    assert 'Put this part' not in str(raised.value)
    assert kinds(drawn(mc.Sequential(L.Maxout(6, 3, 2)))[1]) == ['own']


# Long lines ---------------------------------------------------------------------------------------

@pytest.mark.parametrize('line, expected', [
    ('h = F.relu(self.conv1(x))', 'h = F.relu(self.conv1(x))'),
    ('    self.first = L.Conv2d(3, 16, ksize=3, pad=1)',
     '    self.first = L.Conv2d(\n        3, 16, ksize=3, pad=1\n    )'),
    ('steps = [self.cell(step) for step in F.separate(h, axis=1)]',
     'steps = [\n    self.cell(step)\n    for step in F.separate(h, axis=1)\n]'),
    ('model = Net(one=builder.links["a, (b"].copy(), two=builder.links["c"].copy())',
     'model = Net(\n    one=builder.links["a, (b"].copy(),\n'
     '    two=builder.links["c"].copy(),\n)'),
    ('a_long_name_that_stays_as_it_is = another_long_name[0]', None),
    ('x = 1  # a comment that is long (and has brackets) stays', None)])
def test_a_long_line_is_broken_inside_of_brackets(line, expected):
    found = wrapped(line, width=40)
    assert found == (line if expected is None else expected)
    assert ast.dump(ast.parse(found.strip())) == ast.dump(ast.parse(line.strip()))
