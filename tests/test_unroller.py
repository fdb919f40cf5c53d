"""Unroller without a browser: notes that agree with the network, gradients, cuts, examples."""
import base64

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain_widgets import Unroller, unrolling     # noqa: E402
from minichain_widgets.arrays import packed     # noqa: E402


class Reader(mc.Chain):
    """Whole numbers in, scores out: an embedding, two recurrent layers, a linear one."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.embed, self.low = L.EmbedID(9, 3), L.LSTM(3, 4)
            self.high, self.out = L.GRU(4, 5), L.Linear(5, 2)

    def forward(self, x):
        return self.out(self.high(self.low(self.embed(x))))


class WholeReader(mc.Chain):
    """Takes all steps at once, and hands the states on itself."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.lstm = L.StatelessLSTM(3, 4)

    def forward(self, xs):
        c = h = None
        for x in xs:
            c, h = self.lstm(c, h, x)
        return h


@pytest.fixture
def x():
    mc.set_seed(0)
    return np.random.default_rng(0).standard_normal((6, 3)).astype('f4')


@pytest.mark.parametrize('make', [L.RNN, L.LSTM, L.GRU])
def test_gates_are_those_of_the_link(make, x):
    link = make(3, 4)
    shown = Unroller(link, x)
    link.reset_state()
    hs = np.concatenate([link(step[None]).numpy() for step in x])
    np.testing.assert_allclose(shown.hidden, hs, rtol=1e-5)
    gates, before = shown.gates, np.vstack([np.zeros((1, 4)), hs[:-1]])
    if make is L.LSTM:
        c = np.zeros(4)
        for t in range(6):
            c = gates['f'][t] * c + gates['i'][t] * gates['a'][t]
            np.testing.assert_allclose(gates['o'][t] * np.tanh(c), hs[t], atol=1e-6)
    elif make is L.GRU:
        made = (1 - gates['z']) * gates['n'] + gates['z'] * before
        np.testing.assert_allclose(made, hs, atol=1e-6)
    else:
        np.testing.assert_allclose(np.tanh(shown._parts['Wx'] + shown._parts['Uh']
                                           + shown._parts['b']), hs, atol=1e-6)


def test_gradients_are_those_of_the_loss(x):
    link = L.RNN(3, 4)
    shown = Unroller(link, x, target=np.zeros(4))

    def rest(h):
        for step in x[3:]:
            h = F.tanh(link.upward(step[None]) + link.lateral(h))
        return F.mean_squared_error(h, np.zeros((1, 4), 'f4'))
    h = mc.Variable(shown.hidden[2:3])
    rest(h).backward()
    np.testing.assert_allclose(shown.gradients[2:3], h.grad, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(shown.norms[2], np.linalg.norm(h.grad), rtol=1e-4)


def test_a_cut_lets_no_gradient_through_and_changes_no_value(x):
    whole, cut = Unroller(L.LSTM(3, 4), x), Unroller(L.LSTM(3, 4), x)
    cut._link = whole._link
    cut.set(cut=4)
    np.testing.assert_array_equal(cut.hidden, whole.hidden)
    assert not cut.norms[:4].any() and cut.norms[4:].all() and whole.norms.all()
    assert 'Nothing arrives before the cut after step 4' in cut.verdict()
    cut.set(cut=0)
    np.testing.assert_array_equal(cut.norms, whole.norms)


def test_a_loss_at_every_step_reaches_every_piece_between_cuts(x):
    shown = Unroller(L.GRU(3, 4), x, target=[0, 1, 2, 3, 0, 1])
    shown.set(cut=2)
    assert shown.norms.all()
    assert 'cross entropy of all steps' in shown.text()


def test_examples_have_lengths_of_their_own():
    shown = Unroller(Reader(), [[1, 2, 3], [4], [5, 6, 7, 8]], target=[0, 1, 0],
                     labels=[['so', 'good', '!'], ['no'], ['a', 'b', 'c', 'd']])
    assert len(shown.hidden) == 3
    shown.set(example=2, layer='high')
    assert shown.hidden.shape == (4, 5) and shown._step_labels() == ['a', 'b', 'c', 'd']
    shown.set(example=1)
    assert shown.hidden.shape == (1, 5)


def test_a_batch_is_taken_apart_into_examples(x):
    batch = np.stack([x, 2 * x], 1)
    link = L.RNN(3, 4)
    shown = Unroller(link, batch, target=np.zeros((6, 2, 4)))
    shown.set(example=1)
    np.testing.assert_array_equal(shown.hidden, Unroller(link, 2 * x).hidden)
    assert 'squared error of all steps' in shown.text()


def test_a_link_that_takes_all_steps_at_once(x):
    model = WholeReader()
    shown = Unroller(model, x, whole=True)
    last = model(x[:, None]).numpy()
    np.testing.assert_allclose(shown.hidden[-1:], last, rtol=1e-6)
    assert shown.norms.all()


def test_the_links_own_state_and_gradients_stay(x):
    link = L.LSTM(3, 4)
    h = link(x)
    with mc.watch(mc.Recorder()) as recorder:
        Unroller(link, x).set(cut=2)
    assert link.h is h and 'forward' not in vars(link)
    assert all(param.grad is None for param in link.params())
    assert len(recorder.graph()) == 0


def test_a_vanishing_gradient_is_named_with_its_numbers():
    link = L.RNN(1, 1)
    link.upward.W.data[...], link.upward.b.data[...], link.lateral.W.data[...] = 0, 0, 0.1
    shown = Unroller(link, np.ones((4, 1)))
    np.testing.assert_allclose(shown.norms, [1e-3, 1e-2, 1e-1, 1], rtol=1e-5)
    assert shown.verdict() == ('The gradient is 1 at step 4 and 0.001 at step 1: '
                               '1,000 times smaller. It vanishes.')
    link.lateral.W.data[...] = 10
    shown.refresh()
    assert shown.verdict().endswith(': 1,000 times larger. It explodes.')


def test_text_and_picture_are_the_same_each_time(x):
    link = L.GRU(3, 4)
    first, second = Unroller(link, x), Unroller(link, x)
    assert repr(first) == repr(second) and first.svg() == second.svg()
    assert repr(first).startswith('Unroller: GRU (GRU), 4 units, 6 steps, example 1 of 1')
    assert 'gradient ∂L/∂h' in first._repr_mimebundle_()[0]['image/svg+xml']


@pytest.mark.parametrize('options, words', [
    ({'example': 1}, 'There are 1 examples, from 0 to 0; 1 is none'),
    ({'cut': -1}, 'a number of steps, or 0 for none, not -1'),
    ({'layer': 'x'}, "no recurrent link 'x'; there are RNN")])
def test_wrong_choices_are_refused_and_change_nothing(x, options, words):
    shown = Unroller(L.RNN(3, 4), x)
    before = shown.text()
    with pytest.raises(ValueError, match=words):
        shown.set(**options)
    assert shown.text() == before


def test_wrong_links_inputs_and_targets_are_explained(x):
    with pytest.raises(TypeError, match='wants a link that is recurrent'):
        Unroller(L.Linear(3, 4), x)
    with pytest.raises(ValueError, match=r'numbers x \(T, I\) or \(T, N, I\)'):
        Unroller(L.RNN(3, 4), x[0])
    with pytest.raises(ValueError, match='from 1 to 200 steps'):
        Unroller(L.RNN(3, 4), [x, x[:0]])
    with pytest.raises(ValueError, match='There are 2 examples: target should have as many'):
        Unroller(L.RNN(3, 4), [x, x], target=[1, 2, 3])
    with pytest.raises(ValueError, match='The target has 3 steps, but the outputs have 6'):
        Unroller(L.RNN(3, 4), x, target=[1, 2, 3])


def test_the_front_end_gets_all_numbers_and_may_choose(x, monkeypatch):
    sent = []
    monkeypatch.setattr(Unroller, 'send', lambda self, message, buffers: sent.append(message))
    shown = Unroller(L.LSTM(3, 70), x)
    shown._on_message(shown, {'t': 'ready'}, [])
    shown._on_message(shown, {'t': 'set', 'cut': 2}, [])
    first, second = sent
    assert (first['units'], first['shown'], first['cuts']) == (70, 64, [])
    assert first['parts']['Wx']['shape'] == [6, 4 * 64]
    h = np.frombuffer(base64.b64decode(first['parts']['h']['data']), '<f4').reshape(6, 64)
    np.testing.assert_array_equal(h, shown.hidden[:, :64])
    assert second['cuts'] == [2, 4]


def test_arrays_travel_as_float32():
    assert packed(np.array([[1, 2]], 'int64')) == {'shape': [1, 2], 'data': 'AACAPwAAAEA='}


def test_cuts_of_stateless_links_are_made_too(x):
    ys, found = unrolling.run(WholeReader(), x, cut=3, whole=True)
    _, (_, gh, _) = unrolling.gradients(ys, None, found['lstm'])
    assert not gh[:3].any() and gh[3:].any(1).all()


class Sequences(mc.Chain):
    """Reads whole sequences (N, T, 3)."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.cell, self.out = L.LSTM(3, 4), L.Linear(4, 2)

    def forward(self, x):
        self.cell.reset_state()
        steps = [self.cell(step) for step in F.separate(x, axis=1)]
        return self.out(steps[-1])


def test_a_chain_that_takes_whole_sequences_with_the_batch_first_is_unrolled():
    mc.set_seed(0)
    net = Sequences()
    x = np.random.default_rng(0).normal(size=(2, 6, 3)).astype('float32')
    shown = Unroller(net, x, target=[1, 0], batch_first=True)
    shown.set(example=1)
    alone = Unroller(net.cell, x[1])
    np.testing.assert_allclose(shown.hidden, alone.hidden, rtol=1e-6)
    loss = F.softmax_cross_entropy(net(x[1:]), np.array([0]))
    net.cleargrads()
    loss.backward()
    by_hand = net.out.W.data.T @ (F.softmax(net(x[1:])).data[0] - [1, 0])
    np.testing.assert_allclose(shown.gradients[-1], by_hand, rtol=1e-4)
