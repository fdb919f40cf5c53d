"""An end-to-end memory network that answers questions about short stories."""
import numpy as np

import chainer
import chainer.functions as F
import chainer.initializers
import chainer.links as L
from chainer import training
from chainer.training import extensions


def position_encode(embed, sentences):
    """Words count differently by their place in the sentence."""
    xp = chainer.backend.get_array_module(sentences)
    e = embed(sentences)
    n_words, n_units = e.shape[-2:]
    length = xp.maximum(xp.sum((sentences != 0).astype(np.float32), axis=-1), 1)[..., None, None]
    k = xp.arange(1, n_units + 1, dtype=np.float32) / n_units
    i = xp.arange(1, n_words + 1, dtype=np.float32)[:, None]
    coeff = (1 - i / length) - k * (1 - 2.0 * i / length)
    e = coeff * e
    return F.sum(e, axis=-2)


class Memory(chainer.Chain):

    def __init__(self, A, C, TA, TC):
        super(Memory, self).__init__()
        with self.init_scope():
            self.A, self.C, self.TA, self.TC = A, C, TA, TC

    def register_all(self, sentences):
        m = position_encode(self.A, sentences)
        c = position_encode(self.C, sentences)
        inds = self.xp.arange(m.shape[1] - 1, -1, -1, dtype=np.int32)
        tm, tc = self.TA(inds), self.TC(inds)
        self.m = m + F.broadcast_to(tm, m.shape)
        self.c = c + F.broadcast_to(tc, c.shape)

    def query(self, u):
        size = self.m.shape[1]
        inds = self.xp.arange(size - 1, -1, -1, dtype=np.int32)
        assert inds[0] == size - 1
        p = F.softmax(F.matmul(self.m, F.expand_dims(u, -1)))
        o = F.matmul(F.swapaxes(self.c, 2, 1), p)
        return F.squeeze(o, -1) + u


class MemNN(chainer.Chain):

    def __init__(self, n_units, n_vocab, max_memory, hops=2):
        super(MemNN, self).__init__()

        def embed(n):
            return L.EmbedID(n, n_units, initialW=chainer.initializers.Normal(0.1),
                             ignore_label=None)
        embeds = [embed(n_vocab) for _ in range(hops + 1)]
        times = [embed(max_memory) for _ in range(hops + 1)]
        with self.init_scope():
            self.memories = chainer.ChainList(*[
                Memory(embeds[i], embeds[i + 1], times[i], times[i + 1]) for i in range(hops)])
            self.B = embeds[0]
            self.W = L.Linear(n_units, n_vocab, nobias=True)

    def forward(self, sentences, question):
        u = position_encode(self.B, question)
        for memory in self.memories:
            memory.register_all(sentences)
            u = memory.query(u)
        return self.W(u)


def stories(n=30):
    """Two facts 'who where', then the question who? The answer is where."""
    random = np.random.RandomState(7)
    data = []
    for _ in range(n):
        who = random.permutation([1, 2, 3])[:2]
        where = random.randint(4, 8, 2)
        asked = random.randint(2)
        data.append({'sentences': np.stack([who, where], 1).astype(np.int32),
                     'question': np.array([who[asked], 0], np.int32),
                     'answer': np.array(where[asked], np.int32)})
    return data


def run(out):
    np.random.seed(11)
    data = stories()
    model = L.Classifier(MemNN(8, 8, 4), label_key='answer')
    optimizer = chainer.optimizers.Adam(alpha=0.02)
    optimizer.setup(model)
    train_iter = chainer.iterators.SerialIterator(data, 10)
    updater = training.updaters.StandardUpdater(train_iter, optimizer)
    trainer = training.Trainer(updater, (4, 'epoch'), out=out)

    @training.make_extension()
    def fix_ignore_label(trainer):
        model.predictor.B.W.array[0, :] = 0

    trainer.extend(fix_ignore_label)
    log = extensions.LogReport()
    trainer.extend(log)
    trainer.run()
    path = out + '/memnn.npz'
    chainer.serializers.save_npz(path, model)
    return {'loss': [row['main/loss'] for row in log.log],
            'accuracy': [row['main/accuracy'] for row in log.log],
            'keys': sorted(np.load(path).files)}
