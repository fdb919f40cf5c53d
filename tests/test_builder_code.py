"""The net builder reads code and links: what it can draw, and the sentences for what it cannot."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain_widgets.builder import net                   # noqa: E402
from minichain_widgets.builder.blocks import BuildError     # noqa: E402
from minichain_widgets.builder.data import Data             # noqa: E402
from minichain_widgets.builder.draft import Draft           # noqa: E402
from minichain_widgets.builder.shapes import Shape, Target  # noqa: E402

LINEAR = 'self.l = L.Linear(64, 3)'
IMAGE, SEQUENCE = Shape('CHW', (1, 8, 8)), Shape('TI', (5, 6))


def draft(start=IMAGE):
    return Draft(Data('test', None, None, start, Target('classes', 3), ('a', 'b', 'c'), ''))


def kinds(blocks):
    """A block by its kind; a branch with those inside; with two lists where both ways have some."""
    return [block.kind if not block.lanes else (block.kind, *(
        map(kinds, block.lanes) if any(block.lanes[1:]) else kinds(block.lanes[0])))
        for block in blocks]


def applied(links, forward, start=IMAGE, head='import minichain as mc\n'):
    """The draft after code with these lines in __init__ and in forward was applied."""
    made = ''.join(f'            {line}\n' for line in links.splitlines())
    body = ''.join(f'        {line}\n' for line in forward.splitlines())
    text = (f'{head}class Net(mc.Chain):\n    def __init__(self):\n        super().__init__()\n'
            f'        with self.init_scope():\n{made}    def forward(self, x):\n{body}')
    found = draft(start)
    found.apply(text)
    return found


@pytest.mark.parametrize('links, forward, expected', [
    ('self.c = L.Conv2d(8, ksize=3)\nself.l = L.Linear(3)',
     'y = self.c(x)\ny = F.relu(y)\nreturn self.l(y)',
     ['conv2d', 'activation', 'flatten', 'linear']),
    ('self.c = L.Conv2d(1, 4, (3, 3), pad=1)\nself.n = L.BatchNorm()\nself.l = L.Linear(None, 3)',
     'x = F.max_pool2d(self.n(self.c(x)).tanh(), 2, 1)\nreturn self.l(F.flatten(F.dropout(x)))',
     ['conv2d', 'batch_norm', 'activation', 'max_pool', 'dropout', 'flatten', 'linear']),
    ('self.a = L.Conv2d(1, 3, pad=1)\nself.l = L.Linear(3)',
     'h = x + F.relu(self.a(x))\nh += F.tanh(h)\nreturn self.l(h.flatten())',
     [('residual', 'conv2d', 'activation'), ('residual', 'activation'), 'flatten', 'linear']),
    (LINEAR, 'return self.l(F.relu(x) + F.tanh(x))',
     [('residual', ['activation'], ['activation']), 'flatten', 'linear']),
    ('pass', 'return F.global_avg_pool(x)', ['global_pool']),
    ('pass', 'h = F.max(x, axis=(2, 3))\nreturn F.softmax(h)', ['global_pool', 'activation']),
])
def test_many_ways_to_write_a_net_are_read(links, forward, expected):
    assert kinds(applied(links, forward).blocks) == expected


def test_sequences_are_read_step_by_step_and_from_both_ends():
    found = applied('self.f = L.GRU(6, 4)\nself.b = L.GRU(6, 4)\nself.l = L.Linear(8, 3)',
                    'there = [self.f(s) for s in F.separate(x, 1)]\n'
                    'back = [self.b(s) for s in F.separate(x, 1)[::-1]]\n'
                    'return self.l(F.concat([there[-1], back[-1]]))', SEQUENCE)
    gru, linear = found.blocks
    assert gru.settings == {'units': 4, 'gives': 'last', 'both_ways': True}
    assert linear.settings == {'units': 3, 'bias': True, 'each_step': False}


def test_imports_may_have_other_names():
    head = ('import minichain as m\nfrom minichain import links, functions as G\n'
            'from minichain.links import Linear as Full\nmc = 1\nfrom minichain import Chain\n')
    text = head + ('class A(Chain):\n    def __init__(self):\n        super().__init__()\n'
                   '        with self.init_scope():\n            self.l = Full(3)\n'
                   '            self.k = links.Linear(3)\n'
                   '    def forward(self, x):\n        return self.k(G.relu(self.l(x)))\n')
    found = draft()
    found.apply(text)
    assert kinds(found.blocks) == ['flatten', 'linear', 'activation', 'linear']


def test_names_that_the_student_chose_stay():
    found = applied('self.eyes = L.Conv2d(1, 4, 3)\nself.out = L.Linear(144, 3)',
                    'return self.out(F.flatten(self.eyes(x)))')
    assert 'self.eyes = L.Conv2d(1, 4, ksize=3)' in found.code
    assert kinds(found.blocks) == ['conv2d', 'flatten', 'classifier']


@pytest.mark.parametrize('links, forward, words', [
    (LINEAR, 'return self.l(', 'Line 7: this is not Python yet'),
    (LINEAR, 'return self.m(x)', 'Line 7: there is no self.m'),
    (LINEAR, 'return self.l(y)', 'Line 7: y has no value here'),
    (LINEAR, 'return x', 'Line 5: self.l is made, but forward does not use it'),
    ('self.l = L.NStepGRU(1, 6, 6)', '_, ys = self.l(None, F.separate(x, 0))\n'
     '_, ys = self.l(None, ys)\nreturn F.stack(ys)', 'Line 8: self.l is used twice'),
    (LINEAR, 'h = self.l(x)', 'Line 6: forward returns nothing'),
    ('self.l = L.Linear(8, 8)', 'return self.l(self.l(x, n_batch_axes=2))',
     'Line 7: self.l is used in two different ways'),
    (LINEAR, 'while True:\n    x = self.l(x)\nreturn x', 'Line 7: the builder cannot draw a loop'),
    (LINEAR, 'return F.exp(self.l(x))', 'F.exp in this form is no block'),
    (LINEAR, 'return F.rellu(self.l(x))', 'Line 7: there is no F.rellu; is F.relu meant?'),
    (LINEAR, 'return F.tahn(self.l(x))', 'Line 7: there is no F.tahn; is F.tanh meant?'),
    (LINEAR, 'return F.zzz(self.l(x))', 'Line 7: there is no F.zzz.'),
    (LINEAR, 'return l(x)', 'Line 7: l has no value here: write self.l.'),
    (LINEAR, 'print(x)\nreturn self.l(x)',
     'Line 7: print has no value here: the code is drawn here, not run.'),
    (LINEAR, 'return F.max_pool2d(x, 2, cover_all=True)', 'cover_all is more than a block'),
    (LINEAR, 'return self.l(x) * 2', "'self.l(x) * 2' is nothing that the builder can draw"),
    (LINEAR, 'return x + x', 'Line 7: this sum adds a value to itself'),
    (LINEAR, 'return __import__("os").system("true")', '__import__ has no value here'),
    ('self.l = L.Linear(50, 3)', 'return self.l(x)',
     'Line 5: self.l is made for 50, but N, I 64 arrives: write 64'),
    ('self.l = L.Linear(n, 3)', 'return self.l(x)', 'Line 5: n has no value here'),
    ('self.l = L.Linear()', 'return self.l(x)', 'Line 5: L.Linear: missing a required argument'),
    ('self.l = L.Linear(9999)', 'return self.l(x)', 'Line 5: linear, units: 9999 is out of'),
    ('self.l = L.Maxout(64, 3, 2)', 'return self.l(x)', "'L.Maxout' is no link that the builder"),
    ('self.c = L.Conv2d(1, 4, 3, dilate=2)', 'return self.c(x)', 'Conv2d with dilate=2 is more'),
    ('self.c = L.Conv2d(1, 4, (3, 5))', 'return self.c(x)', 'as high as they are wide'),
    ('self.c = L.Linear(64, 3, W=0)', 'return self.c(x)', 'W of L.Linear is nothing that'),
    ('self.forward = L.Linear(3)', 'return self.forward(x)', "'forward' is no name that a link"),
    ('self.r = L.LSTM(6, 4)', 'return self.r(x)', 'takes one time step at a time'),
    ('self.r = L.LSTM(6, 4)', 's = [self.r(a) for a in F.separate(x, 1)]\nreturn s',
     'these are several time steps'),
])
def test_code_that_cannot_be_drawn_is_named_with_its_line_and_changes_nothing(links, forward,
                                                                              words):
    start = SEQUENCE if 'LSTM' in links or 'GRU' in links else IMAGE
    made = draft(start)
    made.add('flatten')
    before = made.blocks, made.past
    body = forward.replace('\n', '\n        ')
    text = ('import minichain as mc\nclass Net(mc.Chain):\n    def __init__(self):\n'
            f'        with self.init_scope():\n            {links}\n    def forward(self, x):\n'
            f'        {body}\n')
    with pytest.raises(BuildError) as raised:
        made.apply(text)
    assert words in str(raised.value)
    assert (made.blocks, made.past) == before


@pytest.mark.parametrize('text, words', [
    ('', 'no class here that is a Chain'),
    ('class A: pass', 'no class here that is a Chain'),
    ('class A(Chain):\n    pass', 'Line 1: the class A has no forward'),
    ('x = 1\0', 'Python'),
    ('x' * 30_000, '20,000 are the most'),
    ('(' * 3000, 'Python'),
])
def test_text_that_is_no_chain_is_refused(text, words):
    with pytest.raises(BuildError, match=words):
        draft().apply(text)


def test_code_is_never_run(tmp_path):
    target = tmp_path / 'file'
    with pytest.raises(BuildError):
        draft().apply(f'open({str(target)!r}, "w")\nclass Net(Chain):\n    pass')
    assert not target.exists()


# From links ---------------------------------------------------------------------------------------

X = np.linspace(0, 1, 3 * 64, dtype='float32').reshape(3, 1, 8, 8)


class Residual(mc.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.convs = mc.ChainList(*[L.Conv2d(4, 4, 3, pad=1) for _ in range(2)])
            self.first, self.norm, self.l = L.Conv2d(4, ksize=3), L.BatchNorm(), L.Linear(3)

    def forward(self, x):
        h = self.first(x)
        for conv in self.convs:
            h = h + F.relu(self.norm(conv(h))) if conv is self.convs[0] else h + conv(h)
        return self.l(h)


class Reader(mc.Chain):
    def __init__(self, give_all):
        super().__init__()
        self.give_all = give_all
        with self.init_scope():
            self.there, self.back = L.LSTM(6, 4), L.LSTM(6, 4)
            self.look, self.l = L.MultiHeadAttention(8, 2), L.Linear(8, 3)

    def forward(self, x):
        self.there.reset_state()
        self.back.reset_state()
        steps = F.separate(x, axis=1)
        there = [self.there(step) for step in steps]
        back = [self.back(step) for step in steps[::-1]]
        if not self.give_all:
            return self.l(F.concat([there[-1], back[-1]]))
        h = F.concat([F.stack(there, 1), F.stack(back[::-1], 1)], 2)
        return self.l(F.mean(self.look(h, causal=True), axis=1))


@pytest.mark.parametrize('link, x, expected', [
    (Residual(), X, ['conv2d', ('residual', 'conv2d', 'batch_norm', 'activation'),
                     ('residual', 'conv2d'), 'flatten', 'linear']),
    (mc.Sequential(L.Conv2d(4, ksize=3), F.relu, lambda x: F.max_pool2d(x, 2), L.Dropout(),
                   L.Linear(3)), X, ['conv2d', 'activation', 'max_pool', 'dropout', 'flatten',
                                     'linear']),
    (L.Classifier(L.MLP(9, 3)), X, ['flatten', 'linear', 'activation', 'linear']),
    (Reader(False), X.reshape(3, -1, 8)[:, :, :6], ['lstm', 'linear']),
    (Reader(True), X.reshape(3, -1, 8)[:, :, :6], ['lstm', 'attention', 'time_mean', 'linear']),
    (mc.Sequential(L.EmbedID(50, 4), lambda x: x[:, -1], L.Linear(4, 3)), np.ones((2, 5), 'int32'),
     ['embedding', 'last_step', 'linear']),
], ids=lambda value: type(value).__name__)
def test_a_link_is_drawn_from_one_run(link, x, expected):
    found = Draft.of_link(link, x)
    assert kinds(found.blocks) == expected
    assert found.checked.fits


def test_the_net_of_a_link_computes_what_the_link_does():
    link = Reader(True)
    x = X.reshape(3, -1, 8)[:, :, :6]
    found = Draft.of_link(link, x)
    assert found.model is link
    found.add('dropout', index=0)
    found.undo()
    twin = Draft('spirals')
    twin.load(found.to_json())
    assert twin.model is not link
    assert twin.model.count_params() == link.count_params()


def test_copied_weights_give_the_same_numbers():
    link = Reader(True)
    x = X.reshape(3, -1, 8)[:, :, :6]
    twin = Draft.of_link(link, x)
    twin.models.clear()
    made = dict(twin.model.namedparams())
    names = {'there': 'there', 'back': 'there_back', 'look': 'look', 'l': 'l'}
    for path, param in link.namedparams():
        first, *rest = path[1:].split('/')
        made['/' + '/'.join([names[first], *rest])].data[...] = param.data
    np.testing.assert_allclose(twin.model(x).data, link(x).data, rtol=1e-5)


def test_a_run_that_is_watched_leaves_no_trace():
    link = mc.Sequential(L.Conv2d(4, ksize=3), L.BatchNorm(4), L.Dropout(), L.Linear(3))
    mc.set_seed(3)
    before = mc.randomness.generator().bit_generator.state
    Draft.of_link(link, X)
    assert mc.randomness.generator().bit_generator.state == before
    assert link[1].N == 0 and not link[3].W.is_initialized
    assert not mc.observe.watching.observers


def test_examples_that_do_not_fit_the_link_are_explained():
    with pytest.raises(ValueError, match='linear wants'):
        Draft.of_link(mc.Sequential(L.Linear(3, 2)), np.ones((2, 4)))
    with pytest.raises(BuildError, match='4 of them are not'):
        Draft.of_link(mc.Sequential(L.Linear(2, 2)), np.full((2, 2), np.nan))
    assert kinds(Draft.of_link(mc.Sequential(L.Linear(4, 2)), np.ones((2, 4))).blocks) == ['linear']


class Custom(mc.Link):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.W = mc.Parameter(np.ones(64, 'float32'))

    def forward(self, x):
        return F.flatten(x) * self.W


@pytest.mark.parametrize('link, words', [
    (Custom(), 'Custom is no link that the builder can draw'),
    (mc.Sequential(F.flatten, F.exp), 'The operation exp outside of the links'),
    (mc.Sequential(L.Conv2d(4, ksize=3)), 'should give an array (N, numbers)'),
    (mc.Sequential(F.flatten, lambda x: F.concat([x, x])), 'two to six different branches'),
    (mc.Sequential(lambda x: F.max_pool2d(x, 3, (2, 1)), F.flatten), 'max_pool2d with windows'),
    (mc.Sequential(lambda x: F.concat([x, F.relu(x)], 2), F.flatten), 'concat along axis 2'),
    ('text', 'A link is needed'),
])
def test_links_that_cannot_be_drawn_are_named(link, words):
    with pytest.raises(BuildError) as raised:
        Draft.of_link(link, X)
    assert words in str(raised.value)


def test_the_same_seed_gives_the_same_loss():
    built = Draft('spirals', seed=5)
    built.example()
    x, t = built.data.train
    space = {}
    exec(built.code, space)
    losses = [F.softmax_cross_entropy(model(x), t).item()
              for model in (built.model, space['model'])]
    assert losses[0] == losses[1]
    assert isinstance(built.model, mc.Chain)
    assert built.model is built.model
    assert net.same(Draft.of_link(space['model'], x).blocks, built.blocks)
