"""Translation of short phrases: an encoder and a decoder for sequences of any lengths, with
attention in a second model."""
import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions

EOS = 1


def sequence_embed(embed, xs):
    x_len = [len(x) for x in xs]
    x_section = np.cumsum(x_len[:-1])
    ex = embed(F.concat(xs, axis=0))
    return F.split_axis(ex, x_section, 0)


class Seq2seq(chainer.Chain):

    def __init__(self, n_layers, n_source_vocab, n_target_vocab, n_units):
        super(Seq2seq, self).__init__()
        with self.init_scope():
            self.embed_x = L.EmbedID(n_source_vocab, n_units)
            self.embed_y = L.EmbedID(n_target_vocab, n_units)
            self.encoder = L.NStepLSTM(n_layers, n_units, n_units, 0.1)
            self.decoder = L.NStepLSTM(n_layers, n_units, n_units, 0.1)
            self.W = L.Linear(n_units, n_target_vocab)
        self.n_layers = n_layers
        self.n_units = n_units

    def forward(self, xs, ys):
        xs = [x[::-1] for x in xs]
        eos = self.xp.array([EOS], np.int32)
        ys_in = [F.concat([eos, y], axis=0) for y in ys]
        ys_out = [F.concat([y, eos], axis=0) for y in ys]
        exs = sequence_embed(self.embed_x, xs)
        eys = sequence_embed(self.embed_y, ys_in)
        batch = len(xs)
        hx, cx, _ = self.encoder(None, None, exs)
        _, _, os = self.decoder(hx, cx, eys)
        concat_os = F.concat(os, axis=0)
        concat_ys_out = F.concat(ys_out, axis=0)
        loss = F.sum(F.softmax_cross_entropy(
            self.W(concat_os), concat_ys_out, reduce='no')) / batch
        chainer.report({'loss': loss}, self)
        n_words = concat_ys_out.shape[0]
        perp = self.xp.exp(loss.array * batch / n_words)
        chainer.report({'perp': perp}, self)
        return loss

    def translate(self, xs, max_length=6):
        batch = len(xs)
        with chainer.no_backprop_mode(), chainer.using_config('train', False):
            xs = [x[::-1] for x in xs]
            exs = sequence_embed(self.embed_x, xs)
            h, c, _ = self.encoder(None, None, exs)
            ys = self.xp.full(batch, EOS, np.int32)
            result = []
            for _ in range(max_length):
                eys = F.split_axis(self.embed_y(ys), batch, 0)
                h, c, ys = self.decoder(h, c, eys)
                wy = self.W(F.concat(ys, axis=0))
                ys = self.xp.argmax(wy.array, axis=1).astype(np.int32)
                result.append(ys)
        return np.stack(result, axis=1)


class Attention(chainer.Chain):
    """A decoder that looks at all that the encoder has read, both ways, at every step."""

    def __init__(self, n_vocab, n_units):
        super(Attention, self).__init__()
        with self.init_scope():
            self.embed = L.EmbedID(n_vocab, n_units, ignore_label=-1)
            self.encoder = L.NStepBiGRU(1, n_units, n_units, 0)
            self.decoder = L.StatelessLSTM(3 * n_units, n_units)
            self.key = L.Linear(2 * n_units, n_units)
            self.query = L.Linear(n_units, n_units, nobias=True)
            self.score = L.Linear(n_units, 1)
            self.out = L.Linear(n_units, n_vocab)

    def forward(self, xs, ys):
        _, hs = self.encoder(None, [self.embed(x) for x in xs])
        memory = F.pad_sequence(hs)
        n, steps, width = memory.shape
        hidden = self.xp.array([[i < len(x) for i in range(steps)] for x in xs])
        keys = F.reshape(self.key(F.reshape(memory, (-1, width))), (n, steps, -1))
        ys = F.pad_sequence(ys, padding=-1).array
        c = h = None
        y = self.xp.full(n, EOS, np.int32)
        loss = 0
        for t in range(ys.shape[1]):
            query = self.xp.zeros((n, keys.shape[2]), np.float32) if h is None else self.query(h)
            energy = F.tanh(keys + F.broadcast_to(F.expand_dims(query, 1), keys.shape))
            energy = F.reshape(self.score(F.reshape(energy, (n * steps, -1))), (n, steps))
            energy = F.where(hidden, energy, self.xp.full((n, steps), -1e9, np.float32))
            weight = F.softmax(energy)
            context = F.reshape(F.batch_matmul(memory, weight, transa=True), (n, width))
            c, h = self.decoder(c, h, F.concat([self.embed(y), context]))
            loss += F.softmax_cross_entropy(self.out(h), ys[:, t], ignore_label=-1)
            y = ys[:, t]
        return loss


@chainer.dataset.converter()
def convert(batch, device):
    def to_device_batch(batch):
        return [device.send(x) for x in batch]
    return {'xs': to_device_batch([x for x, _ in batch]),
            'ys': to_device_batch([y for _, y in batch])}


def phrases(n=24):
    random = np.random.RandomState(0)
    pairs = []
    for _ in range(n):
        x = random.randint(2, 8, random.randint(1, 5)).astype(np.int32)
        pairs.append((x, (x[::-1] + 1).astype(np.int32)))
    return pairs


def run(out):
    np.random.seed(6)
    data = phrases()
    model = Seq2seq(2, 9, 9, 8)
    optimizer = chainer.optimizers.Adam(alpha=0.02)
    optimizer.setup(model)
    train_iter = chainer.iterators.SerialIterator(data, 8)
    updater = training.updaters.StandardUpdater(
        train_iter, optimizer, converter=convert, device=chainer.get_device('@numpy'))
    trainer = training.Trainer(updater, (15, 'iteration'), out=out)
    seen = []

    @chainer.training.make_extension(trigger=(5, 'iteration'))
    def translate(trainer):
        seen.append(model.translate([data[0][0], data[1][0]]))

    trainer.extend(translate)
    log = extensions.LogReport(trigger=(5, 'iteration'))
    trainer.extend(log)
    trainer.run()
    attention = Attention(9, 6)
    optimizer = chainer.optimizers.Adam(alpha=0.02)
    optimizer.setup(attention)
    losses = []
    for _ in range(4):
        loss = attention([x for x, _ in data], [y for _, y in data])
        attention.cleargrads()
        loss.backward()
        optimizer.update()
        losses.append(float(loss.array))
    return {'loss': [row['main/loss'] for row in log.log],
            'perp': [row['main/perp'] for row in log.log],
            'translated': np.stack(seen), 'attention': losses,
            'names': sorted(name for name, _ in model.namedparams())[:12]}
