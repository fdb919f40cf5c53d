"""state_dict: weights to PyTorch and back, with its names and layouts."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L


def test_names_and_layouts_are_pytorch_s():
    model = mc.Chain(body=L.Sequential(L.Conv2d(2, 3, 3), F.relu, L.BatchNorm(3)),
                     head=L.Linear(3, 4))
    state = model.state_dict()
    assert {name: a.shape for name, a in state.items()} == {
        'body.0.weight': (3, 2, 3, 3), 'body.0.bias': (3,), 'body.2.weight': (3,),
        'body.2.bias': (3,), 'body.2.running_mean': (3,), 'body.2.running_var': (3,),
        'body.2.num_batches_tracked': (), 'head.weight': (4, 3), 'head.bias': (4,)}


ALL = {
    'linear': lambda: L.Linear(3, 4), 'lstm': lambda: L.LSTM(3, 4), 'gru': lambda: L.GRU(3, 4),
    'sequences': lambda: L.NStepBiLSTM(2, 3, 4), 'attention': lambda: L.MultiHeadAttention(4, 2),
    'depthwise': lambda: L.DepthwiseConv2d(2, 3, 3), 'prelu': lambda: L.PReLU(),
    'norm': lambda: L.BatchNorm(3), 'tree': lambda: L.TreeLSTM(3, 4),
    'deep': lambda: mc.Chain(a=L.ChainList(L.EmbedID(5, 3), L.LSTM(3, 4)), b=L.LayerNorm(4)),
}


@pytest.mark.parametrize('make', ALL.values(), ids=list(ALL))
def test_a_state_comes_back(make):
    mc.set_seed(0)
    link, twin = make(), make()
    for param in link.params():
        param.data = np.random.default_rng(param.size).standard_normal(param.shape).astype('f4')
    twin.load_state_dict(link.state_dict())
    for (key, a), b in zip(link.values().items(), twin.values().values()):
        np.testing.assert_array_equal(a, b, err_msg=key)
        assert type(a) is type(b) and (not isinstance(a, np.ndarray) or a is not b)


def test_a_lazy_link_takes_the_shapes_of_a_state(device):
    link = L.Sequential(L.Linear(4), L.BatchNorm())
    with pytest.raises(ValueError, match="'0/W' has no shape yet"):
        link.state_dict()
    state = L.Sequential(L.Linear(3, 4), L.BatchNorm(4)).state_dict()
    link.to_device(device).load_state_dict(state)
    assert link[0].W.shape == (4, 3) and link[0].W.device == device


def test_what_does_not_fit_is_said_and_changes_nothing():
    link = L.Sequential(L.Linear(3, 4), L.LSTM(4, 2))
    before = {key: value.copy() for key, value in link.values().items()}
    state = link.state_dict()

    def without(*names):
        return {name: a for name, a in state.items() if name not in names}

    for wrong, complaint in [
            (without('1.bias_hh', '0.bias'), "it lacks '0.bias' and 1 more."),
            (without('1.bias_hh'), "it lacks '1.bias_hh'."),
            ({**state, 'fc.weight': np.ones(2)}, "it also holds 'fc.weight'."),
            ({**state, '0.weight': np.ones((4, 5), 'f4')},
             "'0/W' has the shape (4, 5) in the file, and (4, 3) in the link."),
            ({**state, '0.bias': np.ones(4, int)},
             "'0/b' is int64 in the file, and float32 in the link.")]:
        with pytest.raises(ValueError) as caught:
            link.load_state_dict(wrong)
        assert str(caught.value) == f'The state does not fit: {complaint}'
        for key, value in link.values().items():
            np.testing.assert_array_equal(value, before[key])
    partial = {**without('1.bias_hh'), '0.bias': np.full(4, 7.0), 'more': np.ones(1)}
    link.load_state_dict(partial, strict=False)
    assert (link[0].b.data == 7).all() and (link[1].upward.b.data == before['1/upward/b']).all()


# Against PyTorch itself --------------------------------------------------------------------------

X = np.random.default_rng(0).standard_normal((2, 3, 6, 6)).astype('float32')
SEQUENCES = np.random.default_rng(1).standard_normal((5, 2, 3)).astype('float32')


def steps(cell):
    def run(x):
        for step in x:
            y = cell(step)
        return y
    return run


def their_steps(torch, cell):
    def run(x):
        state = None
        for step in x:
            state = cell(step, state)
        return state[0] if isinstance(state, tuple) else state
    return run


def whole(link):
    def run(x):
        *_, ys = link(*[None] * link.states, [x[:, n] for n in range(x.shape[1])])
        return F.stack(ys, 1)
    return run


def pairs(nn, torch):
    """name: (ours, PyTorch's, input, how to run ours, how to run theirs)"""
    def direct(ours, theirs, x):
        return ours, theirs, x, ours, theirs

    def cell(ours, theirs):
        return ours, theirs, SEQUENCES, steps(ours), their_steps(torch, theirs)

    def sequences(ours, theirs):
        return ours, theirs, SEQUENCES, whole(ours), lambda x: theirs(x)[0]

    ids, lines = np.array([[0, 2], [4, 1]]), X[:, :, 0]
    yield direct(L.Linear(6, 4), nn.Linear(6, 4), X[:, 0, 0])
    yield direct(L.EmbedID(5, 3), nn.Embedding(5, 3), ids)
    yield direct(L.Conv1d(3, 4, 3), nn.Conv1d(3, 4, 3), lines)
    yield direct(L.Conv2d(3, 6, 3, 2, 1, groups=3), nn.Conv2d(3, 6, 3, 2, 1, groups=3), X)
    yield direct(L.ConvTranspose2d(3, 4, 3, 2), nn.ConvTranspose2d(3, 4, 3, 2), X)
    yield direct(L.DepthwiseConv2d(3, 2, 3), nn.Conv2d(3, 6, 3, groups=3), X)
    yield direct(L.BatchNorm(3, eps=1e-5), nn.BatchNorm2d(3), X)
    yield direct(L.LayerNorm(6), nn.LayerNorm(6), X)
    yield direct(L.GroupNorm(3, 3), nn.GroupNorm(3, 3), X)
    yield direct(L.PReLU(), nn.PReLU(), X)
    yield cell(L.LSTM(3, 4), nn.LSTMCell(3, 4))
    yield cell(L.GRU(3, 4), nn.GRUCell(3, 4))
    yield sequences(L.NStepLSTM(2, 3, 4), nn.LSTM(3, 4, 2))
    yield sequences(L.NStepBiLSTM(2, 3, 4), nn.LSTM(3, 4, 2, bidirectional=True))
    yield sequences(L.NStepGRU(2, 3, 4), nn.GRU(3, 4, 2))
    yield sequences(L.NStepBiGRU(1, 3, 4), nn.GRU(3, 4, bidirectional=True))
    yield sequences(L.NStepRNN(2, 3, 4), nn.RNN(3, 4, 2))
    attention = nn.MultiheadAttention(6, 2, batch_first=True)
    yield L.MultiHeadAttention(6, 2), attention, X[:, 0], L.MultiHeadAttention.__call__, (
        lambda x: attention(x, x, x)[0])


@pytest.mark.oracle
def test_weights_go_to_pytorch_and_come_from_it():
    torch = pytest.importorskip('torch', reason='PyTorch is not installed')
    torch.manual_seed(0)
    for ours, theirs, x, run, their_run in pairs(torch.nn, torch):
        run = (lambda x, ours=ours: ours(x)) if isinstance(ours, L.MultiHeadAttention) else run
        theirs.eval()
        name = type(ours).__name__
        with mc.test_mode(), torch.no_grad():
            for p in theirs.parameters():       # some begin with zeros, which would hide mistakes
                p.normal_()
            ours.load_state_dict(theirs.state_dict())
            expected = their_run(torch.tensor(x))
            np.testing.assert_allclose(run(x).data, expected, atol=2e-5, err_msg=name)
            state = {key: torch.tensor(a) for key, a in ours.state_dict().items()}
            assert state.keys() == theirs.state_dict().keys(), name
            theirs.load_state_dict(state)
            np.testing.assert_allclose(their_run(torch.tensor(x)), expected, atol=2e-5)
            if hasattr(ours, 'reset_state'):
                ours.reset_state()


@pytest.mark.oracle
def test_a_whole_model_of_pytorch_is_read_from_safetensors(tmp_path):
    torch = pytest.importorskip('torch', reason='PyTorch is not installed')
    nn = torch.nn
    theirs = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(),
                           nn.Linear(64, 2)).eval()
    path = tmp_path / 'model.safetensors'
    mc.serializers.write_safetensors(path, {key: value.numpy() for key, value
                                            in theirs.state_dict().items()})
    ours = L.Sequential(L.Conv2d(3, 4, 3), L.BatchNorm(4, eps=1e-5), F.relu, F.flatten,
                        L.Linear(64, 2))
    ours.load_state_dict(mc.serializers.read_safetensors(path))
    with mc.test_mode(), torch.no_grad():
        np.testing.assert_allclose(ours(X).data, theirs(torch.tensor(X)), atol=1e-5)
