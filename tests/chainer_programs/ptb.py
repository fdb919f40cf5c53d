"""A recurrent language model, with backpropagation through a few steps of a long text."""
import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions


class RNNForLM(chainer.Chain):

    def __init__(self, n_vocab, n_units):
        super(RNNForLM, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units)
            self.l1 = L.LSTM(n_units, n_units)
            self.l2 = L.LSTM(n_units, n_units)
            self.l3 = L.Linear(n_units, n_vocab)
        for param in self.params():
            param.array[...] = np.random.uniform(-0.1, 0.1, param.shape)

    def reset_state(self):
        self.l1.reset_state()
        self.l2.reset_state()

    def forward(self, x):
        h0 = self.embed(x)
        h1 = self.l1(F.dropout(h0))
        h2 = self.l2(F.dropout(h1))
        return self.l3(F.dropout(h2))


class ParallelSequentialIterator(chainer.dataset.Iterator):
    """Reads a text at several places at once."""

    def __init__(self, dataset, batch_size, repeat=True):
        super(ParallelSequentialIterator, self).__init__()
        self.dataset = dataset
        self.batch_size = batch_size
        self.repeat = repeat
        length = len(dataset)
        self.offsets = [i * length // batch_size for i in range(batch_size)]
        self.reset()

    def reset(self):
        self.epoch = 0
        self.is_new_epoch = False
        self.iteration = 0
        self._previous_epoch_detail = -1.

    def __next__(self):
        length = len(self.dataset)
        if not self.repeat and self.iteration * self.batch_size >= length:
            raise StopIteration
        words = [self.dataset[(offset + self.iteration) % length] for offset in self.offsets]
        self._previous_epoch_detail = self.epoch_detail
        self.iteration += 1
        following = [self.dataset[(offset + self.iteration) % length] for offset in self.offsets]
        epoch = self.iteration * self.batch_size // length
        self.is_new_epoch = self.epoch < epoch
        if self.is_new_epoch:
            self.epoch = epoch
        return list(zip(words, following))

    @property
    def epoch_detail(self):
        return self.iteration * self.batch_size / len(self.dataset)

    @property
    def previous_epoch_detail(self):
        return None if self._previous_epoch_detail < 0 else self._previous_epoch_detail

    def serialize(self, serializer):
        self.iteration = serializer('iteration', self.iteration)
        self.epoch = serializer('epoch', self.epoch)


class BPTTUpdater(training.updaters.StandardUpdater):

    def __init__(self, train_iter, optimizer, bprop_len, device):
        super(BPTTUpdater, self).__init__(train_iter, optimizer, device=device)
        self.bprop_len = bprop_len

    def update_core(self):
        loss = 0
        train_iter = self.get_iterator('main')
        optimizer = self.get_optimizer('main')
        for _ in range(self.bprop_len):
            batch = train_iter.__next__()
            x, t = self.converter(batch, self.device)
            loss += optimizer.target(x, t)
        optimizer.target.cleargrads()
        loss.backward()
        loss.unchain_backward()
        optimizer.update()


def compute_perplexity(result):
    result['perplexity'] = np.exp(result['main/loss'])
    if 'validation/main/loss' in result:
        result['val_perplexity'] = np.exp(result['validation/main/loss'])


def run(out):
    np.random.seed(2)
    text = np.tile(np.array([0, 0, 0, 1, 0, 2, 0, 0], np.int32), 30)
    model = L.Classifier(RNNForLM(3, 12))
    model.compute_accuracy = False
    optimizer = chainer.optimizers.SGD(lr=1.0)
    optimizer.setup(model)
    optimizer.add_hook(chainer.optimizer_hooks.GradientClipping(5))
    device = chainer.get_device('@numpy')
    updater = BPTTUpdater(ParallelSequentialIterator(text, 8), optimizer, 5, device)
    trainer = training.Trainer(updater, (4, 'epoch'), out=out)
    eval_model = model.copy()
    eval_rnn = eval_model.predictor
    trainer.extend(extensions.Evaluator(
        ParallelSequentialIterator(text[:64], 1, repeat=False), eval_model, device=device,
        eval_hook=lambda _: eval_rnn.reset_state()))
    log = extensions.LogReport(postprocess=compute_perplexity, trigger=(5, 'iteration'))
    trainer.extend(log)
    trainer.extend(extensions.snapshot(), trigger=(1, 'epoch'))
    trainer.run()
    eval_rnn.reset_state()
    with chainer.using_config('train', False), chainer.no_backprop_mode():
        probability = F.softmax(eval_rnn(np.array([1], np.int32)))
    return {'perplexity': [row['perplexity'] for row in log.log],
            'val': [row['val_perplexity'] for row in log.log if 'val_perplexity' in row],
            'probability': probability.array,
            'W': model.predictor.l1.lateral.W.array[:3]}
