"""Links: how they are put together, what they compute, and how they move and are copied."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import initializers


def numbers(*shape, seed=0, dtype='float32'):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


class Tower(mc.Chain):
    """Two layers and a parameter of its own."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(3, 5)
            self.l2 = L.Linear(2)
            self.scale = mc.Parameter(initializers.Constant(2.0), (2,))
        self.unregistered = L.Linear(1, 1)

    def forward(self, x):
        return self.l2(F.tanh(self.l1(x))) * self.scale


# Putting together --------------------------------------------------------------------------------

def test_what_is_assigned_in_init_scope_belongs_to_the_link():
    tower = Tower()
    assert [path for path, _ in tower.namedparams()] == [
        '/scale', '/l1/W', '/l1/b', '/l2/W', '/l2/b']
    assert tower.children() == [tower.l1, tower.l2]
    assert tower.links() == [tower, tower.l1, tower.l2]
    assert [link.path for link in tower.links()] == ['', 'l1', 'l2']
    tower(numbers(4, 3))
    assert tower.count_params() == 3 * 5 + 5 + 5 * 2 + 2 + 2
    assert repr(tower) == 'Tower(34 parameters)' and tower['l1'] is tower.l1
    with tower.init_scope():
        tower.l1 = L.Linear(3, 4)
    assert len(tower.params()) == 5


def test_paths_follow_when_a_link_gets_a_parent():
    inner = mc.ChainList(L.Linear(1, 1), Tower())
    outer = mc.Chain(encoder=inner, decoder=L.Linear(1, 1))
    assert [link.path for link in outer.links()] == [
        '', 'encoder', 'encoder/0', 'encoder/1', 'encoder/1/l1', 'encoder/1/l2', 'decoder']
    assert dict(outer.namedparams())['/encoder/1/l2/b'] is inner[1].l2.b
    inner.append(L.Linear(1, 1))
    assert inner[2].path == 'encoder/2'


def test_chain_list_and_sequential_behave_like_lists():
    layers = L.Linear(3, 4), F.relu, L.Linear(4, 2)
    model = mc.Sequential(*layers)
    assert len(model) == 3 and list(model) == list(layers) and model[1] is F.relu
    assert model.children() == [layers[0], layers[2]] and layers[2].path == '2'
    x = numbers(5, 3)
    np.testing.assert_array_equal(model(x).data, layers[2](F.relu(layers[0](x))).data)
    with pytest.raises(TypeError, match='Sequential takes links and functions, but got 3'):
        mc.Sequential(3)
    links = mc.ChainList(*model.children())
    assert list(links) == model.children() and len(links) == 2


def test_a_link_without_forward_says_so():
    with pytest.raises(NotImplementedError, match='Chain has no forward'):
        mc.Chain()()


def test_a_shared_parameter_counts_and_learns_once():
    class Tied(mc.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.read = L.Linear(3, 3, nobias=True)
                self.write = L.Linear(3, 3, nobias=True)
                self.write.W = self.read.W

    tied = Tied()
    assert tied.count_params() == 9 and [path for path, _ in tied.namedparams()] == ['/read/W']
    before = tied.read.W.data.copy()
    F.sum(tied.write(tied.read(numbers(2, 3)))).backward()
    gradient = tied.read.W.grad
    mc.optimizers.SGD(lr=1.0).setup(tied).update()
    np.testing.assert_allclose(tied.write.W.data, before - gradient, rtol=1e-6)


def test_gradients_are_cleared_everywhere():
    tower = Tower()
    F.sum(tower(numbers(4, 3))).backward()
    assert all(param.grad is not None for param in tower.params())
    tower.cleargrads()
    assert all(param.grad is None for param in tower.params())


# Copies and devices ------------------------------------------------------------------------------

def test_a_copy_is_independent_and_has_no_gradients():
    tower = Tower()
    x = numbers(4, 3)
    F.sum(tower(x)).backward()
    twin = tower.copy()
    assert all(param.grad is None for param in twin.params())
    twin.l1.W.data += 1
    assert not np.array_equal(tower.l1.W.data, twin.l1.W.data)
    assert twin.l1.path == 'l1' and {p.order for p in twin.params()}.isdisjoint(
        p.order for p in tower.params())
    F.sum(twin(x)).backward()
    assert all(param.grad is not None for param in twin.params())


def test_a_link_with_a_long_history_can_be_copied():
    cell = L.LSTM(2, 3)
    for _ in range(500):
        cell(numbers(1, 2))
    twin = cell.copy()
    np.testing.assert_array_equal(twin.h.data, cell.h.data)
    assert twin.h.creator is None and cell.h.creator is not None


def test_a_link_computes_the_same_on_every_device(device):
    for link, x in [(Tower(), numbers(4, 3)), (L.Conv2d(2, 3, 3, pad=1), numbers(2, 2, 5, 5)),
                    (L.BatchNorm(3), numbers(6, 3)), (L.LSTM(3, 2), numbers(4, 3))]:
        link(x)         # lazy sizes, running statistics, states
        if isinstance(link, L.LSTM):
            link.reset_state()
        expected = link.copy()(x)
        assert link.to_device(device) is link and link.device == device and link.xp is device.xp
        y = link(mc.to_device(x, device))
        assert y.device == device
        np.testing.assert_allclose(y.numpy(), expected.data, rtol=1e-5, atol=1e-6)
        F.sum(y).backward()
        assert {type(param.grad) for param in link.params() if param.grad is not None} == {
            device.xp.ndarray}
        link.to_cpu()
        assert link.device == 'cpu'


def test_a_lazy_link_is_born_on_its_device(device):
    model = mc.Sequential(L.Conv2d(4, ksize=3), L.BatchNorm(), L.Linear(2)).to_device(device)
    y = model(mc.to_device(numbers(2, 3, 5, 5), device))
    assert y.shape == (2, 2) and {param.device for param in model.params()} == {device}
    assert isinstance(model[1].avg_mean, device.xp.ndarray)


# Sizes and initial weights -----------------------------------------------------------------------

def test_lazy_sizes_come_from_the_first_input():
    for link, x, shape in [(L.Linear(4), numbers(2, 3), (4, 3)),
                           (L.Linear(None, 4), numbers(2, 3, 5), (4, 15)),
                           (L.Conv2d(4, ksize=3), numbers(1, 2, 5, 5), (4, 2, 3, 3)),
                           (L.Conv2d(4, 3), numbers(1, 2, 5, 5), (4, 2, 3, 3)),
                           (L.Conv2d(None, 4, (1, 2)), numbers(1, 2, 5, 5), (4, 2, 1, 2))]:
        assert link.W.size == 0
        link(x)
        assert link.W.shape == shape
    assert L.Conv2d(1, 16, 3).W.shape == (16, 1, 3, 3) and L.Linear(3, 4).W.shape == (4, 3)
    assert L.Conv2d(4, 6, 3, groups=2).W.shape == (6, 2, 3, 3)
    assert L.StatelessLSTM(5).upward.b.shape == (20,)


def test_a_convolution_without_a_kernel_size_is_refused():
    with pytest.raises(TypeError, match='Conv2d needs a kernel size'):
        L.Conv2d(16)


def test_a_seed_gives_the_same_weights_again():
    def weights(seed):
        mc.set_seed(seed)
        return L.Linear(3, 4).W.data

    np.testing.assert_array_equal(weights(5), weights(5))
    assert not np.array_equal(weights(5), weights(6))


@pytest.mark.parametrize('initializer, deviation', [
    (initializers.Normal(0.3), 0.3), (initializers.Uniform(0.3), 0.3 / np.sqrt(3)),
    (initializers.LeCunNormal(), np.sqrt(1 / 90)), (initializers.GlorotNormal(), np.sqrt(2 / 369)),
    (initializers.HeNormal(2.0), 2 * np.sqrt(2 / 90)), (initializers.Constant(3.0), 0.0),
    (initializers.Zero(), 0.0), (initializers.One(), 0.0)],
    ids=lambda value: type(value).__name__)
def test_initial_weights_spread_as_they_say(initializer, deviation):
    mc.set_seed(0)
    weights = initializer((31, 10, 3, 3), 'float64')
    assert weights.dtype == 'float64' and weights.shape == (31, 10, 3, 3)
    assert weights.std() == pytest.approx(deviation, rel=0.05)
    assert abs(weights.mean() - getattr(initializer, 'value', 0)) <= 3 * deviation / np.sqrt(2790)


def test_weights_can_be_given():
    W = numbers(4, 3)
    link = L.Linear(3, 4, W=W, b=0.5)
    np.testing.assert_array_equal(link.W.data, W)
    np.testing.assert_array_equal(link.b.data, [0.5] * 4)
    link.W.data += 1
    assert not np.array_equal(link.W.data, W)
    with pytest.raises(ValueError, match=r'have the shape \(4, 3\), but \(3, 4\) is needed'):
        L.Linear(4, 3, W=W)


# What they compute -------------------------------------------------------------------------------

def test_linear_and_embed_id_are_their_functions():
    x, ids = numbers(5, 3), np.array([[0, 2], [1, 1]])
    linear = L.Linear(3, 4)
    np.testing.assert_allclose(linear(x).data, x @ linear.W.data.T + linear.b.data, rtol=1e-6)
    assert L.Linear(3, 4, nobias=True).b is None
    y = linear(numbers(2, 5, 3), n_batch_axes=2)
    assert y.shape == (2, 5, 4)
    table = L.EmbedID(3, 4, ignore_label=1)
    np.testing.assert_array_equal(table(ids).data[0], table.W.data[[0, 2]])
    assert not table(ids).data[1].any()


def test_batch_normalization_keeps_running_statistics():
    link = L.BatchNorm(3, decay=0.8)
    mean, var = np.zeros(3), np.ones(3)
    for seed in range(3):
        x = numbers(6, 3, seed=seed) * 2 + 1
        y = link(x).data
        np.testing.assert_allclose(y.mean(0), 0, atol=1e-6)
        np.testing.assert_allclose(y.std(0), 1, rtol=1e-3)
        mean = 0.8 * mean + 0.2 * x.mean(0)
        var = 0.8 * var + 0.2 * x.var(0, ddof=1)
    np.testing.assert_allclose(link.avg_mean, mean, rtol=1e-5)
    np.testing.assert_allclose(link.avg_var, var, rtol=1e-5)
    assert link.N == 3 and link.avg_mean.dtype == 'float32'
    with mc.test_mode():
        np.testing.assert_allclose(link(x).data, (x - mean) / np.sqrt(var + 2e-5), rtol=1e-4)
    assert link.N == 3


def test_an_lstm_goes_on_where_it_was_until_it_is_reset():
    cell = L.LSTM(2, 3)
    xs = [numbers(4, 2, seed=seed) for seed in range(3)]
    first = [cell(x).data for x in xs]
    assert not np.array_equal(cell(xs[0]).data, first[0])
    cell.reset_state()
    np.testing.assert_array_equal(cell(xs[0]).data, first[0])
    c, h = cell.c, cell.h
    cell.reset_state()
    cell.set_state(c, h)
    np.testing.assert_array_equal(cell(xs[1]).data, first[1])


def test_an_lstm_lets_sequences_end():
    cell, twin = L.LSTM(2, 3), L.LSTM(2, 3)
    for name, param in cell.namedparams():
        dict(twin.namedparams())[name].data = param.data
    cell(numbers(4, 2))
    twin(numbers(4, 2)[:2])
    np.testing.assert_allclose(cell(numbers(2, 2, seed=1)).data, twin(numbers(2, 2, seed=1)).data,
                               rtol=1e-5)


def test_an_lstm_begins_by_remembering():
    cell = L.LSTM(2, 3, forget_bias=1.5)
    np.testing.assert_array_equal(cell.upward.b.data, [0] * 6 + [1.5] * 3 + [0] * 3)


# Against PyTorch ---------------------------------------------------------------------------------

@pytest.mark.oracle
def test_an_lstm_is_pytorch_s():
    torch = pytest.importorskip('torch', reason='PyTorch is not installed')
    cell, theirs = L.LSTM(3, 4), torch.nn.LSTMCell(3, 4)
    order = np.r_[4:8, 8:12, 0:4, 12:16]        # a i f o -> i f a o
    with torch.no_grad():
        theirs.weight_ih.copy_(torch.tensor(cell.upward.W.data[order]))
        theirs.weight_hh.copy_(torch.tensor(cell.lateral.W.data[order]))
        theirs.bias_ih.copy_(torch.tensor(cell.upward.b.data[order]))
        theirs.bias_hh.zero_()
    h = c = torch.zeros(5, 4)
    total = 0
    for seed in range(4):
        x = numbers(5, 3, seed=seed)
        h, c = theirs(torch.tensor(x), (h, c))
        np.testing.assert_allclose(cell(x).data, h.detach(), atol=1e-6)
        total = total + h.sum()
    total.backward()
    cell.reset_state()
    sum(F.sum(cell(numbers(5, 3, seed=seed))) for seed in range(4)).backward()
    np.testing.assert_allclose(cell.lateral.W.grad[order], theirs.weight_hh.grad, atol=1e-4)
    np.testing.assert_allclose(cell.upward.b.grad[order], theirs.bias_ih.grad, atol=1e-4)


@pytest.mark.oracle
def test_convolutions_and_batch_normalization_are_pytorch_s():
    torch = pytest.importorskip('torch', reason='PyTorch is not installed')
    ours = mc.Sequential(L.Conv2d(3, 6, 3, stride=2, pad=1, groups=3), L.BatchNorm(6, eps=1e-5),
                         F.relu, lambda x: F.max_pool2d(x, 2))
    theirs = torch.nn.Sequential(torch.nn.Conv2d(3, 6, 3, 2, 1, groups=3), torch.nn.BatchNorm2d(6),
                                 torch.nn.ReLU(), torch.nn.MaxPool2d(2))
    with torch.no_grad():
        theirs[0].weight.copy_(torch.tensor(ours[0].W.data))
        theirs[0].bias.copy_(torch.tensor(ours[0].b.data))
    for seed in range(2):
        x = numbers(4, 3, 9, 8, seed=seed)
        y, expected = ours(x), theirs(torch.tensor(x))
        np.testing.assert_allclose(y.data, expected.detach(), atol=1e-5)
        ours.cleargrads()
        theirs.zero_grad()
        F.sum(F.square(y)).backward()
        (expected ** 2).sum().backward()
    np.testing.assert_allclose(ours[0].W.grad, theirs[0].weight.grad, atol=1e-3)
    np.testing.assert_allclose(ours[1].gamma.grad, theirs[1].weight.grad, rtol=1e-4)
    np.testing.assert_allclose(ours[1].avg_mean, theirs[1].running_mean, atol=1e-6)
    np.testing.assert_allclose(ours[1].avg_var, theirs[1].running_var, atol=1e-6)
    theirs.eval()
    with mc.test_mode():
        np.testing.assert_allclose(ours(x).data, theirs(torch.tensor(x)).detach(), atol=1e-5)
