"""Links: every one builds, computes, learns, moves between devices, and can be saved."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import backend


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype('float32')


IDS = np.array([2, 0, 3])
SEQUENCES = [numbers(n, 3, seed=n) for n in (2, 4, 1)]
STEPS = [numbers(3, 4), numbers(2, 4, seed=1)]
LABELS = [np.array([0, 3, 1]), np.array([2, 2])]
TREE = ((0, 3), (1, 2))

# name: (the link, its inputs, the shape of its output, how many numbers it learns)
CASES = {
    'Bias': (lambda: L.Bias(), [numbers(2, 3, 4)], (2, 3, 4), 3),
    'Bias axes': (lambda: L.Bias(1, (3, 4)), [numbers(2, 3, 4)], (2, 3, 4), 12),
    'Scale': (lambda: L.Scale(), [numbers(2, 3, 4)], (2, 3, 4), 3),
    'Scale bias': (lambda: L.Scale(2, bias=True), [numbers(2, 3, 4)], (2, 3, 4), 8),
    'Bilinear': (lambda: L.Bilinear(2, 3, 4), [numbers(5, 2), numbers(5, 3)], (5, 4), 48),
    'Bilinear nobias': (lambda: L.Bilinear(2, 3, 4, True), [numbers(5, 2), numbers(5, 3)], (5, 4),
                        24),
    'Dropout': (lambda: L.Dropout(0.0), [numbers(2, 3)], (2, 3), 0),
    'PReLU': (lambda: L.PReLU(), [numbers(2, 3)], (2, 3), 1),
    'PReLU channels': (lambda: L.PReLU((3,)), [numbers(2, 3, 4)], (2, 3, 4), 3),
    'Maxout': (lambda: L.Maxout(None, 4, 2), [numbers(2, 3)], (2, 4), 32),
    'MLP': (lambda: L.MLP(5, 4, 2), [numbers(2, 3)], (2, 2), 54),
    'Conv1d': (lambda: L.Conv1d(4, 3, stride=2), [numbers(2, 3, 9)], (2, 4, 4), 40),
    'Conv2d': (lambda: L.Conv2d(4, 3, pad=1), [numbers(2, 3, 5, 6)], (2, 4, 5, 6), 112),
    'Conv3d': (lambda: L.Conv3d(4, (1, 2, 3)), [numbers(2, 3, 2, 3, 4)], (2, 4, 2, 2, 2), 76),
    'ConvTranspose1d': (lambda: L.ConvTranspose1d(3, 4, 2), [numbers(2, 3, 5)], (2, 4, 6), 28),
    'ConvTranspose2d': (lambda: L.ConvTranspose2d(4, 2, stride=2), [numbers(2, 3, 5, 6)],
                        (2, 4, 10, 12), 52),
    'DepthwiseConv2d': (lambda: L.DepthwiseConv2d(None, 2, 3), [numbers(2, 3, 5, 6)],
                        (2, 6, 3, 4), 60),
    'LayerNorm': (lambda: L.LayerNorm(), [numbers(2, 3, 4)], (2, 3, 4), 8),
    'LayerNorm axes': (lambda: L.LayerNorm((3, 4)), [numbers(2, 3, 4)], (2, 3, 4), 24),
    'GroupNorm': (lambda: L.GroupNorm(2), [numbers(2, 4, 3)], (2, 4, 3), 8),
    'RNN': (lambda: L.RNN(4), [numbers(2, 3)], (2, 4), 32),
    'GRU': (lambda: L.GRU(4), [numbers(2, 3)], (2, 4), 108),
    'StatelessGRU': (lambda: L.StatelessGRU(3, 4), [numbers(2, 4), numbers(2, 3)], (2, 4), 108),
    'TreeLSTM': (lambda: L.TreeLSTM(3, 4),
                 [numbers(2, 4), None, numbers(2, 4, seed=1), None, numbers(2, 3)], (2, 4), 240),
    'NStepLSTM': (lambda: L.NStepLSTM(2, 3, 4), [None, None, SEQUENCES], (2, 3, 4), 304),
    'NStepBiLSTM': (lambda: L.NStepBiLSTM(2, 3, 4), [None, None, SEQUENCES], (4, 3, 4), 736),
    'NStepGRU': (lambda: L.NStepGRU(2, 3, 4), [None, SEQUENCES], (2, 3, 4), 228),
    'NStepBiGRU': (lambda: L.NStepBiGRU(1, 3, 4), [numbers(2, 3, 4), SEQUENCES], (2, 3, 4), 216),
    'NStepRNN': (lambda: L.NStepRNN(1, 3, 4, activation='relu'), [None, SEQUENCES], (1, 3, 4), 36),
    'NStepBiRNN': (lambda: L.NStepBiRNN(1, 3, 4), [None, SEQUENCES], (2, 3, 4), 72),
    'Attention': (lambda: L.Attention(None, None, 5), [numbers(2, 3), numbers(2, 6, 4)], (2, 4),
                  45),
    'MultiHeadAttention': (lambda: L.MultiHeadAttention(6, 2), [numbers(2, 3, 6)], (2, 3, 6), 168),
    'TransformerBlock': (lambda: L.TransformerBlock(6, 3), [numbers(2, 3, 6)], (2, 3, 6), 510),
    'MLPConv2d': (lambda: L.MLPConv2d(None, (4, 5), 3), [numbers(2, 3, 5, 6)], (2, 5, 3, 4), 137),
    'Inception': (lambda: L.Inception(None, 2, 3, 4, 5, 6, 7), [numbers(2, 3, 5, 6)],
                  (2, 19, 5, 6), 936),
    'InceptionBN': (lambda: L.InceptionBN(None, 2, 3, 4, 5, 6, 'avg', 7), [numbers(2, 3, 6, 6)],
                    (2, 19, 6, 6), 819),
    'InceptionBN stride': (lambda: L.InceptionBN(3, 0, 3, 4, 5, 6, 'max', stride=2),
                           [numbers(2, 3, 6, 6)], (2, 13, 3, 3), 774),
    'ResBlock': (lambda: L.ResBlock(3, 3), [numbers(2, 3, 6, 6)], (2, 3, 6, 6), 174),
    'ResBlock bottleneck': (lambda: L.ResBlock(3, 8, 2, 4), [numbers(2, 3, 6, 6)], (2, 8, 3, 3),
                            260),
    'CRF1d': (lambda: L.CRF1d(4), [STEPS, LABELS], (), 16),
    'NegativeSampling': (lambda: L.NegativeSampling(5, [3, 1, 4, 2], 2), [numbers(3, 5), IDS], (),
                         20),
    'HierarchicalSoftmax': (lambda: L.HierarchicalSoftmax(5, TREE), [numbers(3, 5), IDS], (), 15),
}
every_link = pytest.mark.parametrize('name', CASES)


def moved(x, device):
    """Arrays, also in lists, on a device."""
    if isinstance(x, list):
        return [moved(part, device) for part in x]
    return x if x is None else backend.to_device(x, device)


def flat(y):
    """All outputs of a link in one list."""
    return [part for item in y for part in flat(item)] if isinstance(y, (tuple, list)) else [y]


def run(link, inputs):
    """The outputs, with the random numbers of one seed."""
    mc.set_seed(1)
    if hasattr(link, 'reset_state'):
        link.reset_state()
    return flat(link(*inputs))


def build(name):
    """A link whose weights have been drawn, and its inputs."""
    make, inputs, _, _ = CASES[name]
    mc.set_seed(0)
    link = make()
    run(link, inputs)
    return link, inputs


@every_link
def test_it_computes_an_output_of_the_right_shape(name):
    link, inputs = build(name)
    ys = run(link, inputs)
    assert ys[0].shape == CASES[name][2]
    assert all(y.dtype == 'float32' and np.isfinite(y.data).all() for y in ys)
    assert link.count_params() == CASES[name][3]


@every_link
def test_all_its_parameters_learn(name):
    link, inputs = build(name)
    if isinstance(link, L.RNN | L.GRU):
        link(*inputs)       # what leads from one step to the next learns at the second
    link.cleargrads()
    total = sum(F.sum(F.square(y)) for y in flat(link(*inputs)))
    if not link.params():
        return
    total.backward()
    without = {path for path, param in link.namedparams() if param.grad is None}
    expected = {'/child1/W'} if name == 'TreeLSTM' else set()
    assert without == expected
    assert all(p.grad.shape == p.shape for p in link.params() if p.grad is not None)


@every_link
def test_it_computes_the_same_on_another_device(name, device):
    link, inputs = build(name)
    expected = run(link.copy(), inputs)
    ys = run(link.to_device(device), moved(inputs, device))
    for y, wanted in zip(ys, expected):
        assert y.device == device
        np.testing.assert_allclose(y.numpy(), wanted.numpy(), rtol=1e-5, atol=1e-5)


@every_link
def test_its_weights_can_be_saved_and_loaded(name, tmp_path):
    link, inputs = build(name)
    mc.save_npz(tmp_path / 'weights.npz', link)
    mc.set_seed(7)
    other = CASES[name][0]()
    mc.load_npz(tmp_path / 'weights.npz', other)
    for y, wanted in zip(run(other, inputs), run(link.copy(), inputs)):
        np.testing.assert_allclose(y.data, wanted.data, rtol=1e-6, atol=1e-6)


# What single links promise -----------------------------------------------------------------------

def test_recurrent_links_go_on_with_a_smaller_batch():
    for link in (L.RNN(3, 4), L.GRU(3, 4)):
        x = numbers(3, 3)
        link(x)
        assert link(x[:2]).shape == (2, 4)
        before = link(x[:1]).data
        link.reset_state()
        assert (link(x[:1]).data != before).any()


@pytest.mark.parametrize('make', [L.RNN, L.GRU, L.LSTM])
def test_the_state_of_a_batch_of_the_same_size_is_not_cut(make):
    link = make(3, 4)
    for _ in range(2):
        h = link(numbers(2, 3))
    assert 'get_item' not in {node['label'] for node in mc.Graph.of(h).nodes}
    h = link(numbers(1, 3))
    assert 'get_item' in {node['label'] for node in mc.Graph.of(h).nodes} and h.shape == (1, 4)


def test_a_gru_link_computes_the_formula_of_the_function():
    link, x = L.GRU(3, 4), numbers(2, 3)
    h = link(x)
    u = link.lateral(h)
    np.testing.assert_allclose(link(x).data, F.gru(h, link.upward(x), u).data, rtol=1e-6)


@pytest.mark.parametrize('name', ['NStepLSTM', 'NStepBiLSTM', 'NStepGRU', 'NStepBiGRU', 'NStepRNN',
                                  'NStepBiRNN'])
def test_sequences_do_not_know_of_each_other(name):
    """In whatever order and company, one sequence gives the same; one may have no element."""
    mc.set_seed(0)
    link = getattr(L, name)(2, 3, 4)
    xs = [numbers(n, 3, seed=n) for n in (2, 0, 5, 1)]
    *lasts, ys = link(*[None] * link.states, xs)
    assert [y.shape for y in ys] == [(n, 4 * link.ways) for n in (2, 0, 5, 1)]
    for i in (0, 2, 3):
        *own, (y,) = link(*[None] * link.states, [xs[i]])
        np.testing.assert_allclose(ys[i].data, y.data, rtol=1e-5, atol=1e-6)
        for last, last_own in zip(lasts, own):
            np.testing.assert_allclose(last.data[:, i], last_own.data[:, 0], rtol=1e-5, atol=1e-6)
    for last in lasts:
        assert not last.data[:, 1].any()


def test_sequences_without_any_element_are_refused():
    for xs in ([], [np.ones((0, 3), 'float32')]):
        with pytest.raises(ValueError, match='of length 0'):
            L.NStepGRU(1, 3, 4)(None, xs)


def test_states_of_sequences_keep_their_places():
    link = L.NStepGRU(1, 3, 4)
    hx = numbers(1, 3, 4)
    hy, _ = link(hx, SEQUENCES)
    alone, _ = link(hx[:, 1:2], SEQUENCES[1:2])
    np.testing.assert_allclose(hy.data[:, 1:2], alone.data, rtol=1e-5)


def test_a_tree_lstm_wants_as_many_children_as_it_was_made_for():
    with pytest.raises(TypeError, match='2 children'):
        L.TreeLSTM(3, 4)(numbers(2, 4), numbers(2, 4), numbers(2, 3))
    with pytest.raises(TypeError, match='no state'):
        L.TreeLSTM(3, 4)(None, None, None, None, None)


def test_attention_does_not_look_at_what_the_mask_hides():
    mc.set_seed(0)
    query, key = numbers(2, 3), numbers(2, 6, 4)
    mask = np.arange(6) < np.array([[4], [6]])
    other = key.copy()
    other[0, 4:] = 100
    link = L.Attention(3, 4, 5)
    np.testing.assert_array_equal(link(query, key, mask=mask).data,
                                  link(query, other, mask=mask).data)


@pytest.mark.parametrize('t, s', [(3, 3), (2, 4), (4, 2)])
def test_a_causal_attention_is_one_with_a_mask(t, s, device):
    q, k, v = (mc.Variable(mc.to_device(numbers(2, n, 4), device)) for n in (t, s, s))
    mask = mc.to_device(np.tri(t, s, s - t, dtype=bool), device)
    found = F.scaled_dot_product_attention(q, k, v, causal=True)
    wanted = F.scaled_dot_product_attention(q, k, v, mask)
    assert np.isfinite(mc.to_cpu(found)).all()
    np.testing.assert_array_equal(mc.to_cpu(found), mc.to_cpu(wanted))
    for a, b in zip(*[mc.grad(y, [q, k, v], y.data) for y in (found, wanted)]):
        np.testing.assert_array_equal(mc.to_cpu(a), mc.to_cpu(b))


def test_a_causal_block_does_not_see_the_future():
    block = L.TransformerBlock(6, 3, causal=True)
    x = numbers(1, 5, 6)
    changed = x.copy()
    changed[:, 3:] += 1
    y, z = block(x).data, block(changed).data
    np.testing.assert_allclose(y[:, :3], z[:, :3], rtol=1e-5)
    assert (abs(y[:, 3:] - z[:, 3:]) > 1e-3).any()


def test_heads_must_divide_the_numbers():
    with pytest.raises(mc.ShapeError, match='do not divide'):
        L.MultiHeadAttention(6, 4)


def test_a_transposed_convolution_undoes_the_shape_of_a_convolution():
    x = numbers(2, 3, 7, 7)
    y = L.Conv2d(3, 4, 3, 2)(x)
    assert L.ConvTranspose2d(4, 3, 3, 2, outsize=(7, 7))(y).shape == x.shape


def test_negative_sampling_draws_frequent_classes_more_often():
    mc.set_seed(0)
    drawn = L.NegativeSampling(2, [1, 0, 8, 1], 2, power=1).draw((10000,))
    shares = np.bincount(drawn, minlength=4) / 10000
    np.testing.assert_allclose(shares, [0.1, 0, 0.8, 0.1], atol=0.02)


def test_hierarchical_softmax_gives_probabilities():
    link = L.HierarchicalSoftmax(5, F.huffman_tree({0: 8, 1: 5, 2: 6, 3: 4, 4: 1}))
    x = numbers(1, 5)
    total = sum(np.exp(-link(x, np.array([t])).item()) for t in range(5))
    np.testing.assert_allclose(total, 1, rtol=1e-5)


def test_dropout_drops_in_training_only():
    link, x = L.Dropout(0.5), np.ones((20, 20), 'float32')
    assert 0.3 < (link(x).data == 0).mean() < 0.7
    with mc.test_mode():
        np.testing.assert_array_equal(link(x).data, x)


# Whole networks ----------------------------------------------------------------------------------

# name: (the network, the smallest input of the paper's kind, how many numbers it learns)
NETWORKS = {
    'LeNet': (lambda: L.LeNet(), (2, 1, 32, 32), 61706),
    'VGG16': (lambda: L.VGG16(10, 64), (1, 3, 32, 32), 14752330),
    'GoogLeNet': (lambda: L.GoogLeNet(10), (1, 3, 64, 64), 10334030),
    'ResNet50': (lambda: L.ResNet50(10), (1, 3, 32, 32), 23528522),
}


@pytest.mark.parametrize('name', NETWORKS)
def test_a_network_computes_and_learns(name):
    make, shape, count = NETWORKS[name]
    mc.set_seed(0)
    net = make()
    x, t = numbers(*shape), np.arange(shape[0])
    loss = F.softmax_cross_entropy(net(x), t)
    if name == 'GoogLeNet':
        loss = loss + 0.3 * sum(F.softmax_cross_entropy(y, t) for y in (net.side1, net.side2))
    loss.backward()
    assert net.count_params() == count
    assert all(np.isfinite(param.grad).all() for param in net.params())
    with mc.test_mode():
        assert net(x).shape == (shape[0], 10)
