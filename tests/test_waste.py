"""WasteMeter without a browser: three ways that agree, costs that are counted, a fair verdict."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain_widgets import WasteMeter, padding     # noqa: E402

SENTENCES = ['it was good', 'I have never seen a film that was so long', 'no']


@pytest.fixture
def cell():
    mc.set_seed(0)
    return L.LSTM(4, 6)


@pytest.fixture
def sent(monkeypatch):
    """What widgets send to the browser, in order."""
    messages = []
    monkeypatch.setattr(WasteMeter, 'send', lambda self, message, buffers: messages.append(message))
    return messages


@pytest.mark.parametrize('make', [L.LSTM, L.GRU, L.RNN])
def test_all_ways_give_the_same_outputs_and_gradients(make):
    mc.set_seed(0)
    rng = np.random.default_rng(0)
    words = [rng.standard_normal((n, 4)).astype('f4') for n in (3, 1, 5, 3)]
    cell = make(4, 6)
    _, outputs, gradients = padding.count('padded', cell, words)
    for way in 'each', 'shrinking':
        _, same, alike = padding.count(way, cell, words)
        np.testing.assert_allclose(same, outputs, atol=1e-6)
        np.testing.assert_allclose(alike, gradients, atol=1e-5)


def test_multiply_adds_are_those_of_the_steps_really_taken(cell):
    meter = WasteMeter([5, 2, 3], cell)
    step = 4 * 24 + 6 * 24 + 8 * 6              # W x, U h, the gates
    first = step - 6 * 24                       # no state yet: no U h
    needed = 3 * first + (10 - 3) * step
    readout = 6 + 6                             # h * h and its sum
    assert meter.costs['each'].macs == needed + 3 * readout
    assert meter.costs['shrinking'].macs == needed + 3 * readout
    assert meter.costs['padded'].macs == 3 * first + (15 - 3) * step + 3 * readout
    assert meter.padded_share == pytest.approx(1 / 3)


def test_kept_bytes_count_each_array_once_and_no_weights():
    x, W = mc.Variable(np.ones((2, 3), 'f4')), mc.Parameter(np.ones((4, 3), 'f4'))
    y = F.sum(F.tanh(F.linear(x, W)) + F.linear(x, W))
    assert padding.bytes_kept(y, leave_out={id(W.data)}) == x.data.nbytes + 4 * 2 * 4
    assert padding.bytes_kept(y) == x.data.nbytes + 4 * 2 * 4 + W.data.nbytes


def test_one_sentence_at_a_time_keeps_no_more_than_the_longest(cell):
    long, batch = WasteMeter([7], cell), WasteMeter([7, 2, 5], cell)
    assert batch.costs['each'].bytes == long.costs['each'].bytes
    assert batch.costs['each'].bytes < batch.costs['shrinking'].bytes < batch.costs['padded'].bytes


def test_equal_lengths_waste_nothing_and_the_verdict_says_so(cell):
    meter = WasteMeter([4, 4, 4], cell)
    assert meter.padded_share == 0
    assert len({cost.macs for cost in meter.costs.values()}) == 1
    assert 'equally long, so nothing is padded' in meter.verdict()[0]


def test_the_verdict_names_who_is_faster(cell):
    meter = WasteMeter([4, 2], cell)
    assert not any('Time' in line for line in meter.verdict())
    for seconds, words in [((1, 5, 2), 'the static graph wins, 2.00 times as fast'),
                           ((3, 5, 2), 'Dynamic: shrinking batch is 1.50 times as fast'),
                           ((3, 1, 2), 'Dynamic: one by one is 3.00 times as fast'),
                           ((2, 5, 2), 'equally fast')]:
        meter.seconds = dict(zip(padding.WAYS, seconds))
        assert words in meter.verdict()[2]
    meter.seconds = dict(zip(padding.WAYS, (1, 5, 2)))
    assert 'takes 5.0 times as long' in meter.verdict()[3]


def test_times_are_measured_when_asked(cell):
    meter = WasteMeter([4, 2], cell)
    seconds = meter.measure()
    assert list(seconds) == ['padded', 'each', 'shrinking']
    assert all(0 < value < 60 for value in seconds.values())
    assert len(meter.verdict()) >= 3


def test_text_and_picture_are_the_same_each_time():
    first, second = WasteMeter(SENTENCES), WasteMeter(SENTENCES)
    first.measure()
    assert repr(first) == repr(second)
    assert repr(first).startswith('WasteMeter: 3 sentences of 1 to 10 words, cell LSTM\n')
    assert first.svg() == second.svg()
    assert first._repr_mimebundle_()[0]['image/svg+xml'].startswith('<svg')


def test_nothing_of_the_program_is_touched(cell):
    mc.set_seed(3)
    expected = np.random.default_rng(3).standard_normal()
    cell(np.ones((2, 4), 'f4'))
    state, recorder = cell.h, mc.Recorder()
    with mc.watch(recorder):
        WasteMeter(SENTENCES)
        WasteMeter(SENTENCES, cell).measure()
    assert len(recorder.graph()) == 0
    assert cell.h is state and all(param.grad is None for param in cell.params())
    assert mc.randomness.generator().standard_normal() == expected


def test_sliders_make_other_batches(cell):
    meter = WasteMeter([2, 4, 6], cell)
    meter.set(batch_size=5)
    assert meter.lengths == [2, 4, 6, 2, 4]
    meter.set(spread=0.5)
    assert meter.lengths == [4, 5, 6, 4, 5]
    meter.set(spread=0)
    assert meter.lengths == [6] * 5


@pytest.mark.parametrize('options, words', [
    ({'batch_size': 0}, 'from 1 to 64 sentences here, not 0'),
    ({'spread': 2}, 'from 0 (all equally long) to 1, not 2')])
def test_impossible_batches_are_refused_and_change_nothing(cell, options, words):
    meter = WasteMeter([2, 4], cell)
    before = meter.text()
    with pytest.raises(ValueError, match=words.replace('(', r'\(').replace(')', r'\)')):
        meter.set(**options)
    assert meter.text() == before


@pytest.mark.parametrize('sentences, words', [
    ([], 'at least one sentence'), ([3, 0], 'from 1 to 200 words, but one has 0'),
    (['good', 3], 'got .good. among them'), (['a'] * 65, r'give it sentences\[:64\]')])
def test_wrong_sentences_are_explained(sentences, words):
    with pytest.raises(ValueError, match=words):
        WasteMeter(sentences)


def test_wrong_cells_are_explained():
    with pytest.raises(TypeError, match=r'has reset_state\(\), such as L.LSTM\(16, 32\)'):
        WasteMeter([2], L.Linear(3, 4))

    class Mixing(L.RNN):
        def forward(self, x):
            return super().forward(x - x.mean(0, keepdims=True))
    with pytest.raises(ValueError, match='mix the sentences of a batch'):
        WasteMeter([2, 3], Mixing(3, 4))


def test_the_front_end_gets_counts_first_and_times_later(cell, sent):
    meter = WasteMeter(SENTENCES, cell)
    meter._on_message(meter, {'t': 'ready'}, [])
    assert [message['t'] for message in sent] == ['state', 'state']
    assert sent[0]['seconds'] is None and sent[1]['seconds'] == meter.seconds
    assert sent[0]['words'][0] == ['it', 'was', 'good']
    meter._on_message(meter, {'t': 'set', 'batch_size': 4, 'spread': 0}, [])
    assert sent[2]['lengths'] == [10] * 4 and sent[2]['words'] is None
    meter._on_message(meter, {'t': 'set', 'batch_size': 'many'}, [])
    assert sent[-1]['t'] == 'problem' and meter.batch_size == 4
