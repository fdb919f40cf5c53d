"""Classes of sentences: a recurrent, a convolutional and a bag-of-words encoder."""
import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions

embed_init = chainer.initializers.Uniform(.25)


def block_embed(embed, x, dropout=0.):
    e = embed(x)
    e = F.dropout(e, ratio=dropout)
    e = F.transpose(e, (0, 2, 1))
    return e[:, :, :, None]


class RNNEncoder(chainer.Chain):

    def __init__(self, n_layers, n_vocab, n_units, dropout=0.1):
        super(RNNEncoder, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units, initialW=embed_init)
            self.encoder = L.NStepLSTM(n_layers, n_units, n_units, dropout)
        self.out_units = n_units
        self.dropout = dropout

    def forward(self, xs):
        exs = [F.dropout(self.embed(x), ratio=self.dropout) for x in xs]
        last_h, last_c, ys = self.encoder(None, None, exs)
        assert last_h.shape == (self.encoder.n_layers, len(xs), self.out_units)
        return last_h[-1]


class CNNEncoder(chainer.Chain):

    def __init__(self, n_vocab, n_units, dropout=0.1):
        super(CNNEncoder, self).__init__()
        out_units = n_units // 3
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units, ignore_label=-1, initialW=embed_init)
            self.cnn_w3 = L.Convolution2D(n_units, out_units, ksize=(3, 1), stride=1, pad=(2, 0),
                                          nobias=True)
            self.cnn_w4 = L.Convolution2D(n_units, out_units, ksize=(4, 1), stride=1, pad=(3, 0),
                                          nobias=True)
            self.mlp = L.Linear(out_units * 2, out_units * 2)
        self.out_units = out_units * 2
        self.dropout = dropout

    def forward(self, xs):
        x_block = chainer.dataset.convert.concat_examples(xs, padding=-1)
        ex_block = block_embed(self.embed, x_block, self.dropout)
        h_w3 = F.max(self.cnn_w3(ex_block), axis=2)
        h_w4 = F.max(self.cnn_w4(ex_block), axis=2)
        h = F.relu(F.concat([h_w3, h_w4], axis=1))
        h = F.dropout(h, ratio=self.dropout)
        return self.mlp(h)


class BOWEncoder(chainer.Chain):

    def __init__(self, n_vocab, n_units):
        super(BOWEncoder, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units, ignore_label=-1, initialW=embed_init)
        self.out_units = n_units

    def forward(self, xs):
        x_block = chainer.dataset.convert.concat_examples(xs, padding=-1)
        ex_block = block_embed(self.embed, x_block)
        x_len = self.xp.array([len(x) for x in xs], np.int32)[:, None, None]
        h = F.sum(ex_block, axis=2) / x_len
        return F.reshape(h, (len(xs), -1))


class TextClassifier(chainer.Chain):

    def __init__(self, encoder, n_class, dropout=0.1):
        super(TextClassifier, self).__init__()
        with self.init_scope():
            self.encoder = encoder
            self.output = L.Linear(encoder.out_units, n_class)
        self.dropout = dropout

    def forward(self, xs, ys):
        concat_outputs = self.predict(xs)
        concat_truths = F.concat(ys, axis=0)
        loss = F.softmax_cross_entropy(concat_outputs, concat_truths)
        accuracy = F.accuracy(concat_outputs, concat_truths)
        chainer.reporter.report({'loss': loss, 'accuracy': accuracy}, self)
        return loss

    def predict(self, xs, softmax=False, argmax=False):
        concat_encodings = F.dropout(self.encoder(xs), ratio=self.dropout)
        concat_outputs = self.output(concat_encodings)
        if softmax:
            return F.softmax(concat_outputs).array
        if argmax:
            return self.xp.argmax(concat_outputs.array, axis=1)
        return concat_outputs


@chainer.dataset.converter()
def convert_seq(batch, device=None):
    return {'xs': [device.send(x) for x, _ in batch], 'ys': [device.send(y) for _, y in batch]}


def sentences(n=40):
    random = np.random.RandomState(2)
    pairs = []
    for _ in range(n):
        label = random.randint(2)
        words = random.randint(0, 5, random.randint(2, 8)) + 5 * label
        pairs.append((words.astype(np.int32), np.array([label], np.int32)))
    return pairs


def run(out):
    results = {}
    data = sentences()
    encoders = {'rnn': lambda: RNNEncoder(2, 10, 6), 'cnn': lambda: CNNEncoder(10, 6),
                'bow': lambda: BOWEncoder(10, 6)}
    for name, make in sorted(encoders.items()):
        np.random.seed(3)
        model = TextClassifier(make(), 2)
        optimizer = chainer.optimizers.Adam(alpha=0.02)
        optimizer.setup(model)
        optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(1e-4))
        train_iter = chainer.iterators.SerialIterator(data[:30], 10)
        test_iter = chainer.iterators.SerialIterator(data[30:], 4, repeat=False, shuffle=False)
        device = chainer.get_device('@numpy')
        updater = training.updaters.StandardUpdater(
            train_iter, optimizer, converter=convert_seq, device=device)
        trainer = training.Trainer(updater, (3, 'epoch'), out=out)
        trainer.extend(extensions.Evaluator(
            test_iter, model, converter=convert_seq, device=device))
        record_trigger = training.triggers.MaxValueTrigger('validation/main/accuracy', (1, 'epoch'))
        trainer.extend(extensions.snapshot_object(model, name + '_best.npz'),
                       trigger=record_trigger)
        log = extensions.LogReport()
        trainer.extend(log)
        trainer.run()
        results[name] = [row['main/loss'] for row in log.log] + [
            row['validation/main/loss'] for row in log.log]
        chainer.serializers.load_npz(out + '/' + name + '_best.npz', model)
        with chainer.using_config('train', False):
            results[name + '_answers'] = model.predict([x for x, _ in data[:3]], softmax=True)
    return results
