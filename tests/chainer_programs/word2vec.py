"""Vectors of words from their neighbours: skip-gram and bag of words, three kinds of losses."""
import collections

import numpy as np

import chainer
import chainer.functions as F
import chainer.initializers as I
import chainer.links as L
from chainer import reporter
from chainer import training
from chainer.training import extensions


class ContinuousBoW(chainer.Chain):

    def __init__(self, n_vocab, n_units, loss_func):
        super(ContinuousBoW, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units, initialW=I.Uniform(1. / n_units))
            self.loss_func = loss_func

    def forward(self, x, contexts):
        e = self.embed(contexts)
        h = F.sum(e, axis=1) * (1. / contexts.shape[1])
        loss = self.loss_func(h, x)
        reporter.report({'loss': loss}, self)
        return loss


class SkipGram(chainer.Chain):

    def __init__(self, n_vocab, n_units, loss_func):
        super(SkipGram, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units, initialW=I.Uniform(1. / n_units))
            self.loss_func = loss_func

    def forward(self, x, contexts):
        e = self.embed(contexts)
        batch_size, n_context, n_units = e.shape
        x = F.broadcast_to(x[:, None], (batch_size, n_context))
        e = F.reshape(e, (batch_size * n_context, n_units))
        x = F.reshape(x, (batch_size * n_context,))
        loss = self.loss_func(e, x)
        reporter.report({'loss': loss}, self)
        return loss


class SoftmaxCrossEntropyLoss(chainer.Chain):

    def __init__(self, n_in, n_out):
        super(SoftmaxCrossEntropyLoss, self).__init__()
        with self.init_scope():
            self.out = L.Linear(n_in, n_out, initialW=0)

    def forward(self, x, t):
        return F.softmax_cross_entropy(self.out(x), t)


class WindowIterator(chainer.dataset.Iterator):

    def __init__(self, dataset, window, batch_size, repeat=True):
        self.dataset = np.array(dataset, np.int32)
        self.window = window
        self.batch_size = batch_size
        self._repeat = repeat
        self.order = np.random.permutation(len(dataset) - window * 2).astype(np.int32)
        self.order += window
        self.current_position = 0
        self.epoch = 0
        self.is_new_epoch = False

    def __next__(self):
        if not self._repeat and self.epoch > 0:
            raise StopIteration
        i = self.current_position
        i_end = i + self.batch_size
        position = self.order[i:i_end]
        w = np.random.randint(self.window - 1) + 1
        offset = np.concatenate([np.arange(-w, 0), np.arange(1, w + 1)])
        contexts = self.dataset.take(position[:, None] + offset[None, :])
        center = self.dataset.take(position)
        if i_end >= len(self.order):
            np.random.shuffle(self.order)
            self.epoch += 1
            self.is_new_epoch = True
            self.current_position = 0
        else:
            self.is_new_epoch = False
            self.current_position = i_end
        return center, contexts

    @property
    def epoch_detail(self):
        return self.epoch + float(self.current_position) / len(self.order)

    def serialize(self, serializer):
        self.current_position = serializer('current_position', self.current_position)
        self.epoch = serializer('epoch', self.epoch)
        self.is_new_epoch = serializer('is_new_epoch', self.is_new_epoch)
        if self.order is not None:
            serializer('order', self.order)


@chainer.dataset.converter()
def convert(batch, device):
    center, contexts = batch
    return device.send(center), device.send(contexts)


def run(out):
    text = np.tile(np.array([0, 1, 2, 3, 4, 2, 5, 6, 1, 0], np.int32), 12)
    counts = collections.Counter(text.tolist())
    n_vocab, n_units = 7, 5
    results = {}
    for name in ('hsm', 'ns', 'original'):
        np.random.seed(5)
        if name == 'hsm':
            HSM = L.BinaryHierarchicalSoftmax
            loss_func = HSM(n_units, HSM.create_huffman_tree(counts))
            loss_func.W.array[...] = 0
        elif name == 'ns':
            cs = [counts[w] for w in range(n_vocab)]
            loss_func = L.NegativeSampling(n_units, cs, 3)
            loss_func.W.array[...] = 0
        else:
            loss_func = SoftmaxCrossEntropyLoss(n_units, n_vocab)
        model = (ContinuousBoW if name == 'ns' else SkipGram)(n_vocab, n_units, loss_func)
        optimizer = chainer.optimizers.Adam(alpha=0.01)
        optimizer.setup(model)
        device = chainer.get_device('@numpy')
        train_iter = WindowIterator(text, 3, 20)
        updater = training.updaters.StandardUpdater(
            train_iter, optimizer, converter=convert, device=device)
        trainer = training.Trainer(updater, (3, 'epoch'), out=out)
        trainer.extend(extensions.Evaluator(
            WindowIterator(text[:40], 3, 20, repeat=False), model, converter=convert,
            device=device))
        log = extensions.LogReport()
        trainer.extend(log)
        trainer.extend(extensions.snapshot(
            filename='snapshot_epoch_{.updater.epoch}'), trigger=(3, 'epoch'))
        trainer.run()
        results[name] = [row['main/loss'] for row in log.log]
        results[name + '_W'] = model.embed.W.array[:2]
    return results
