"""What a training step asks of a GPU: how many kernels, and that it neither waits nor copies.

Counted on the stand-in. A step begins with its batch on the GPU and ends with changed parameters.
The counts are those of the code as it is: a smaller one is better, so lower the number here.
"""
import collections
import contextlib

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
import standin
from minichain import backend, optimizers

RNG = np.random.default_rng(0)


@contextlib.contextmanager
def counted(tables=1):
    """Events of a block in which nothing may wait for the GPU, nor be copied to or from it: but an
    optimizer tells the GPU where the arrays lie that it is to change, if they moved. It does so
    once, and once for each of its hooks."""
    with standin.recording() as events, standin.allow_synchronize(False):
        yield events
    copies = [event for event in events.copies if not event.where.startswith('kernels.py')]
    assert not events.waits and not copies, [event.where for event in copies]
    assert len(events.copies) <= tables


def sent(*arrays):
    return [backend.to_gpu(array) for array in arrays]


def images(*shape):
    return RNG.standard_normal(shape).astype('float32')


def labels(count, *shape):
    return RNG.integers(0, count, shape)


def launches_of_a_step(model, optimizer, loss_of, hooks=()):
    """Kernels of the third step; the first ones also make weights and states."""
    model.to_device('gpu')
    optimizer.setup(model)
    for hook in hooks:
        optimizer.add_hook(hook)

    def step():
        loss = loss_of()
        model.cleargrads()
        loss.backward()
        optimizer.update()
        return loss

    losses = [step(), step()]
    with counted(1 + len(hooks)) as events:
        step()
    assert all(np.isfinite(loss.item()) for loss in losses)
    return len(events.launches)


def classifier(net):
    model = L.Classifier(net)
    model.compute_accuracy = False
    return model


def test_mlp_with_adam(stand_in):
    model = classifier(L.Sequential(L.Linear(20, 30), F.relu, L.Linear(30, 30), F.relu,
                                    L.Linear(30, 5)))
    x, t = sent(images(8, 20), labels(5, 8))
    assert launches_of_a_step(model, optimizers.Adam(), lambda: model(x, t)) == 24


def update_of_twenty_parameters(optimizer, hooks):
    model = L.Sequential(*[L.Linear(n, n + 1) for n in range(2, 12)])
    model.to_device('gpu')
    optimizer.setup(model)
    for hook in hooks:
        optimizer.add_hook(hook)
    F.sum(model(*sent(images(3, 2)))).backward()
    optimizer.update()
    with counted(1 + len(hooks)) as events:
        optimizer.update()
    assert len(list(model.params())) == 20
    return [event.what for event in events.launches]


@pytest.mark.parametrize('kind', [optimizers.SGD, optimizers.Adam])
def test_an_update_of_twenty_parameters_is_one_launch(kind, stand_in):
    assert update_of_twenty_parameters(kind(), []) == [kind.kernel.name]


def test_hooks_on_twenty_parameters_are_one_launch_each_and_clipping_three(stand_in):
    hooks = [optimizers.WeightDecay(1e-4), optimizers.Lasso(1e-4),
             optimizers.GradientHardClipping(-1.0, 1.0), optimizers.GradientClipping(0.1)]
    assert update_of_twenty_parameters(optimizers.SGD(), hooks) == [
        'weight_decay', 'lasso', 'hard_clip', 'squares', 'sum', 'shorten', 'sgd']


def lenet():
    return classifier(L.Sequential(
        L.Conv2d(1, 4, 5), lambda x: F.max_pool2d(x, 2), L.Conv2d(4, 6, 5),
        lambda x: F.max_pool2d(x, 2), L.Linear(None, 10), F.relu, L.Linear(10, 5)))


def test_lenet_with_momentum(stand_in):
    model = lenet()
    x, t = sent(images(3, 1, 28, 28), labels(5, 3))
    assert launches_of_a_step(model, optimizers.MomentumSGD(), lambda: model(x, t)) == 39


def test_convolution_batch_norm_and_dropout(stand_in):
    model = classifier(L.Sequential(
        L.Conv2d(2, 4, 3, pad=1, nobias=True), L.BatchNorm(4), F.relu,
        lambda x: F.dropout(x, 0.2), lambda x: F.avg_pool2d(x, 2), L.Linear(None, 5)))
    x, t = sent(images(3, 2, 8, 8), labels(5, 3))
    hooks = [optimizers.WeightDecay(1e-4), optimizers.GradientClipping(1.0)]
    launches = launches_of_a_step(model, optimizers.SGD(), lambda: model(x, t), hooks)
    assert launches == 44


def test_a_convolution_in_groups_launches_little_more_than_one_without(stand_in):
    """Back two copies: CuPy multiplies stacks of matrices, but not of transposes."""
    x, = map(mc.Variable, sent(images(2, 8, 6, 6)))
    counts = []
    for groups in (1, 2, 8):
        W, = map(mc.Variable, sent(images(8, 8 // groups, 3, 3)))
        with counted() as events:
            y = F.conv2d(x, W, groups=groups)
        counts.append([event.what for event in events])
        with counted() as events:
            mc.grad(y, [x, W], y.data)
        counts.append([event.what for event in events])
    (forward, backward), *in_groups = zip(counts[::2], counts[1::2])
    assert len(forward) == 3 and len(backward) == 6 and 'copy' not in backward
    for there, back in in_groups:
        assert there == forward
        assert [what for what in back if what != 'copy'] == backward and back.count('copy') <= 2


def test_a_convolution_of_single_pixels_needs_no_columns(stand_in):
    """An image is a matrix already; only to find the filters' gradient are all brought together."""
    x, b = map(mc.Variable, sent(images(2, 8, 6, 6), images(8)))
    x = x * 1.0
    for groups in (1, 2):
        W, = map(mc.Variable, sent(images(8, 8 // groups, 1, 1)))
        with counted() as events:
            y = F.conv2d(x, W, b, groups=groups)
        assert [event.what for event in events] == ['ascontiguousarray', 'matmul', 'add']
        with counted() as events:
            mc.grad(y, x, y.data, retain_graph=True)
        assert [event.what for event in events] == ['ascontiguousarray', 'matmul']
        with counted() as events:
            mc.grad(y, W, y.data)
        assert 'take_windows' in [event.what for event in events] and len(events.launches) <= 4


def test_many_filters_for_few_pixels_are_not_copied_for_each_image(stand_in):
    x, W = sent(images(2, 30, 2, 2), images(50, 30, 1, 1))
    with counted() as events:
        F.conv2d(x, W)
    assert 'take_windows' in [event.what for event in events]


def test_the_cell_of_an_lstm_is_one_kernel_each_way(stand_in):
    c, x = map(mc.Variable, sent(images(4, 3), images(4, 12)))
    with counted() as events:
        c_next, h = F.lstm(c, x)
    assert [event.what for event in events] == ['lstm_step']
    with counted() as events:
        mc.grad([c_next, h], [c, x], [c_next.data, h.data])
    assert [event.what for event in events] == ['lstm_back']


def test_the_cell_of_a_gru_is_one_kernel_each_way(stand_in):
    h, x, u = map(mc.Variable, sent(images(4, 3), images(4, 9), images(4, 9)))
    with counted() as events:
        y = F.gru(h, x, u)
    assert [event.what for event in events] == ['gru_step']
    with counted() as events:
        mc.grad(y, [h, x, u], y.data)
    assert [event.what for event in events] == ['gru_back']


def test_the_cell_of_a_tree_is_one_kernel_each_way_beside_bringing_the_cells_together(stand_in):
    cells, x = sent(images(4, 3), images(4, 3)), mc.Variable(*sent(images(4, 15)))
    cells = list(map(mc.Variable, cells))
    with counted() as events:
        c, h = F.tree_lstm(*cells, x)
    assert [event.what for event in events] == ['stack', 'tree_step']
    with counted() as events:
        mc.grad([c, h], [*cells, x], [c.data, h.data])
    # A leaf's gradient is an array of its own, no part of a larger one.
    assert [event.what for event in events] == ['stack', 'tree_back', 'copy', 'copy']


@pytest.mark.parametrize('causal', [False, True])
def test_attention_is_its_products_and_one_kernel_each_way(causal, stand_in):
    """CuPy copies a transpose to multiply with a stack of them."""
    q, k, v = map(mc.Variable, sent(images(2, 4, 3), images(2, 5, 3), images(2, 5, 6)))
    q, k, v = q * 1.0, k * 1.0, v * 1.0     # no leaves, whose gradients would be copied
    with counted() as events:
        y = F.scaled_dot_product_attention(q, k, v, causal=causal)
    assert [event.what for event in events] == ['copy', 'matmul', 'softmax_rows', 'matmul']
    with counted() as events:
        mc.grad(y, [q, k, v], y.data)
    assert collections.Counter(event.what for event in events) == {
        'matmul': 4, 'softmax_rows_back': 1, 'copy': 3}


@pytest.mark.parametrize('causal', [False, True])
def test_attention_of_several_heads_launches_the_same_whatever_is_seen(causal, stand_in):
    attention = L.MultiHeadAttention(8, 2)
    attention.to_device('gpu')
    x = mc.Variable(*sent(images(2, 5, 8)))
    attention(x, causal=causal)
    with counted() as events:
        y = attention(x, causal=causal)
    assert len(events.launches) == 15
    with counted() as events:
        mc.grad(y, x, y.data)
    assert len(events.launches) == 20


def test_softmax_cross_entropy_is_a_kernel_and_the_mean_of_what_it_gives(stand_in):
    x, (t,) = mc.Variable(*sent(images(4, 6))), sent(labels(6, 4))
    with counted() as events:
        y = F.softmax_cross_entropy(x, t)
    assert [event.what for event in events] == ['row_loss', 'sum', 'mean_loss']
    with counted() as events:
        mc.grad(y, x, y.data)
    assert [event.what for event in events] == ['score_gradient']


@pytest.mark.parametrize('function, forward, backward', [
    (F.softmax, ['softmax_rows'], ['softmax_rows_back']),
    (lambda x: F.softmax(x, 0), ['max', 'exp_below', 'sum', 'true_divide'],
     ['multiply', 'sum', 'softmax_back']),
    (F.log_softmax, ['max', 'exp_below', 'sum', 'log_share'], ['sum', 'log_softmax_back'])],
    ids=['along rows', 'along columns', 'logarithm'])
def test_softmax_is_few_kernels(function, forward, backward, stand_in):
    x = mc.Variable(*sent(images(4, 6)))
    with counted() as events:
        y = function(x)
    assert [event.what for event in events] == forward
    with counted() as events:
        mc.grad(y, x, y.data)
    assert [event.what for event in events] == backward


@pytest.mark.parametrize('function', [
    F.layer_norm, lambda x, gamma, beta: F.group_norm(x, 2, gamma, beta)], ids=['layer', 'group'])
def test_layer_and_group_normalization_are_few_kernels(function, stand_in):
    x, gamma, beta = map(mc.Variable, sent(images(4, 6, 6), images(6), images(6)))
    x = x * 1.0         # no leaf, whose gradient would be copied if it is a view
    with counted() as events:
        y = function(x, gamma, beta)
    assert [event.what for event in events] == ['mean', 'mean', 'var', 'normalize']
    with counted() as events:
        mc.grad(y, [x, gamma, beta], y.data)
    assert len(events.launches) == 8


def test_a_step_of_an_lstm_link(stand_in):
    cell = L.LSTM(3, 4)
    cell.to_device('gpu')
    x = mc.Variable(*sent(images(5, 3)))
    cell(x)
    h, c = cell.h.data, cell.c.data
    cell.set_state(mc.Variable(c), mc.Variable(h))
    with counted() as events:
        cell(x)
    assert [event.what for event in events] == ['matmul', 'matmul', 'lstm_step']
    with counted() as events:
        mc.grad([cell.c, cell.h], [x, *cell.params()], [c, h])
    # The products for x, and for both weights, and the sum of the bias.
    assert sorted(event.what for event in events) == ['lstm_back', 'matmul', 'matmul', 'matmul',
                                                      'sum']


def test_a_step_of_a_gru_link(stand_in):
    cell = L.GRU(3, 4)
    cell.to_device('gpu')
    x = mc.Variable(*sent(images(5, 3)))
    cell.set_state(mc.Variable(cell(x).data))
    with counted() as events:
        h = cell(x)
    assert [event.what for event in events] == ['matmul', 'matmul', 'gru_step']
    with counted() as events:
        mc.grad(h, [x, *cell.params()], h.data)
    # The products for x, and for both weights, and the sums of both biases.
    assert sorted(event.what for event in events) == ['gru_back', 'matmul', 'matmul', 'matmul',
                                                      'sum', 'sum']


@pytest.mark.parametrize('activation, name', [(F.tanh, 'tanh'), (F.relu, 'relu')])
def test_a_step_of_a_plain_recurrent_link(activation, name, stand_in):
    cell = L.RNN(3, 4, activation)
    cell.to_device('gpu')
    x = mc.Variable(*sent(images(5, 3)))
    with counted() as events:
        h = cell(x)
    assert [event.what for event in events] == ['matmul', f'rnn_{name}']
    cell.set_state(mc.Variable(h.data))
    with counted() as events:
        h = cell(x)
    assert [event.what for event in events] == ['matmul', 'matmul', f'rnn_{name}']
    with counted() as events:
        mc.grad(h, [x, *cell.params()], h.data)
    # The products for x, and for both weights, and the sum of the bias.
    assert collections.Counter(event.what for event in events) == {
        f'{name}_back': 1, 'matmul': 3, 'sum': 1}


@pytest.mark.parametrize('link, products', [(L.GRU, [3, 3]), (L.RNN, [3, 2])])
def test_who_watches_a_recurrent_link_sees_what_the_cpu_does(link, products, stand_in):
    """The products with a bias have three inputs."""
    def seen(device):
        inputs_of_products, cell = [], link(3, 4)
        cell.to_device(device)

        class Watcher:
            def on_apply(self, fn, inputs, outputs):
                if fn.label == 'linear':
                    inputs_of_products.append(sum(x is not None for x in inputs))

        with mc.watch(Watcher()):
            for x in images(2, 5, 3):
                cell(backend.to_device(x, device))
        return inputs_of_products[-2:]

    assert seen('gpu') == seen('cpu') == products


def attention(x):
    return F.scaled_dot_product_attention(x, x, x, causal=True)


@pytest.mark.parametrize('function', [
    attention, lambda x: F.rnn_tanh(x, x, x, x[0]), lambda x: F.rnn_relu(x, x, x),
    lambda x: F.n_step_rnn(1, 0.0, F.expand_dims(x, 0), [(x, x)], [(x[0], x[0])], [x, x])[0]],
    ids=['attention', 'rnn_tanh', 'rnn_relu', 'n_step_rnn'])
def test_who_watches_sees_the_operations_of_the_cpu(function, stand_in):
    def seen(device):
        class Watcher:
            labels = []

            def on_apply(self, fn, inputs, outputs):
                self.labels.append(fn.label)

        x = mc.Variable(backend.to_device(images(3, 3), device))
        with mc.watch(Watcher()):
            function(x)
        return Watcher.labels

    assert seen('gpu') == seen('cpu') != []


def test_a_further_time_step_of_a_gru_link_is_its_products_and_few_kernels(stand_in):
    """Back: two products, the cell's kernel, and the sum of what h gives to both."""
    cell, counts = L.GRU(3, 4), []
    cell.to_device('gpu')
    xs = list(map(mc.Variable, sent(*images(9, 5, 3))))
    for steps in (5, 9):
        cell.reset_state(), cell.cleargrads()
        with counted() as events:
            for x in xs[:steps]:
                h = cell(x)
        counts.append(len(events.launches))
        with counted() as events:
            mc.grad(h, [*xs[:steps], *cell.params()], h.data)
        counts.append([event.what for event in events])
    assert counts[2] - counts[0] == 4 * 3
    more = collections.Counter(counts[3]) - collections.Counter(counts[1])
    assert more == {'matmul': 4 * 2, 'gru_back': 4, 'add': 4}


@pytest.mark.parametrize('layer, forward, backward', [
    (L.NStepLSTM, 2, 3), (L.NStepGRU, 2, 3), (L.NStepRNN, 2, 3)], ids=['lstm', 'gru', 'rnn'])
def test_each_time_step_of_a_whole_sequence_is_few_kernels(layer, forward, backward, stand_in):
    """Forward a product and a kernel, backward one more to add up."""
    model = layer(1, 3, 4)
    model.to_device('gpu')
    counts = []
    for steps in (5, 9):
        model.cleargrads()
        xs = [mc.Variable(x) for x in sent(images(steps, 3), images(steps, 3))]
        model(*[None] * model.states, xs)
        with counted() as events:
            *_, ys = model(*[None] * model.states, xs)
            total = F.sum(F.concat(ys, 0))
        counts.append(len(events.launches))
        with counted() as events:
            total.backward()
        counts.append(len(events.launches))
    assert [counts[2] - counts[0], counts[3] - counts[1]] == [4 * forward, 4 * backward]


class LanguageModel(mc.Chain):
    """Words, one after another, through an LSTM."""

    def __init__(self):
        super().__init__(embed=L.EmbedID(20, 6), lstm=L.LSTM(6, 6), out=L.Linear(6, 20))

    def forward(self, words, targets):
        self.lstm.reset_state()
        total = 0
        for x, t in zip(words, targets):
            total = total + F.softmax_cross_entropy(self.out(self.lstm(self.embed(x))), t)
        return total


def test_a_language_model_with_clipped_gradients(stand_in):
    model = LanguageModel()
    words, targets = sent(labels(20, 4, 3), labels(20, 4, 3))
    launches = launches_of_a_step(model, optimizers.SGD(0.1), lambda: model(words, targets),
                                  [optimizers.GradientClipping(5.0)])
    assert launches <= 160


class Translator(mc.Chain):
    """Reads a whole sentence both ways, then attends to it."""

    def __init__(self):
        super().__init__(embed=L.EmbedID(20, 6, ignore_label=-1),
                         encoder=L.NStepBiGRU(1, 6, 5), attention=L.MultiHeadAttention(10, 2),
                         norm=L.LayerNorm(10), out=L.Linear(10, 20))

    def forward(self, words, targets):
        xs = F.separate(self.embed(words), 0)
        _, ys = self.encoder(None, list(xs))
        h = F.stack(ys)
        h = self.norm(h + self.attention(h))
        return F.softmax_cross_entropy(F.reshape(h, (-1, 10)) @ self.out.W.T + self.out.b,
                                       targets.reshape(-1))


def test_a_translator_does_not_wait(stand_in):
    model = Translator()
    words, targets = sent(labels(20, 3, 4), labels(20, 3, 4))
    launches_of_a_step(model, optimizers.AdamW(), lambda: model(words, targets))


def test_a_tree_does_not_wait(stand_in):
    model = mc.Chain(embed=L.EmbedID(20, 4), node=L.TreeLSTM(4, 4), out=L.Linear(4, 2))
    ids = sent(*labels(20, 4, 1))
    t, = sent(labels(2, 1))

    def climb():
        leaves = [model.node(None, None, None, None, model.embed(x)) for x in ids]
        while len(leaves) > 1:
            (c1, h1), (c2, h2), *leaves = leaves
            leaves.append(model.node(c1, c2, h1, h2, None))
        return F.softmax_cross_entropy(model.out(leaves[0][1]), t)

    launches_of_a_step(model, optimizers.Adam(), climb)


def test_a_trainer_waits_only_to_report_and_sends_only_batches(stand_in, tmp_path):
    model = lenet()
    pairs = list(zip(images(12, 1, 28, 28), labels(5, 12)))
    iterator = mc.data.SerialIterator(pairs, 4)
    optimizer = optimizers.Adam().setup(model)
    updater = mc.training.StandardUpdater(iterator, optimizer, device='gpu')
    updater.update()
    with standin.recording() as events:
        updater.update()
    assert not events.waits
    sent = [event for event in events.copies if not event.where.startswith('kernels.py')]
    assert [event.kind for event in sent] == ['h2d', 'h2d']     # images and labels
