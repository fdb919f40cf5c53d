"""A variational autoencoder, with distributions."""
import numpy as np

import chainer
import chainer.distributions as D
import chainer.functions as F
import chainer.links as L
from chainer import reporter
from chainer import training
from chainer.training import extensions


class AvgELBOLoss(chainer.Chain):

    def __init__(self, encoder, decoder, prior, beta=1.0, k=1):
        super(AvgELBOLoss, self).__init__()
        self.beta = beta
        self.k = k
        with self.init_scope():
            self.encoder = encoder
            self.decoder = decoder
            self.prior = prior

    def __call__(self, x):
        q_z = self.encoder(x)
        z = q_z.sample(self.k)
        p_x = self.decoder(z)
        p_z = self.prior()
        reconstr = F.mean(F.sum(p_x.log_prob(
            F.broadcast_to(x[None, :], (self.k,) + x.shape)), axis=-1))
        kl_penalty = F.mean(F.sum(chainer.kl_divergence(q_z, p_z), axis=-1))
        loss = -(reconstr - self.beta * kl_penalty)
        reporter.report({'loss': loss, 'reconstr': reconstr, 'kl_penalty': kl_penalty}, self)
        return loss


class Encoder(chainer.Chain):

    def __init__(self, n_in, n_latent, n_h):
        super(Encoder, self).__init__()
        with self.init_scope():
            self.linear = L.Linear(n_in, n_h)
            self.mu = L.Linear(n_h, n_latent)
            self.ln_sigma = L.Linear(n_h, n_latent)

    def forward(self, x):
        h = F.tanh(self.linear(x))
        return D.Normal(loc=self.mu(h), log_scale=self.ln_sigma(h))


class Decoder(chainer.Chain):

    def __init__(self, n_in, n_latent, n_h):
        super(Decoder, self).__init__()
        with self.init_scope():
            self.linear = L.Linear(n_latent, n_h)
            self.output = L.Linear(n_h, n_in)

    def forward(self, z):
        n_batch_axes = 2
        h = F.tanh(self.linear(z, n_batch_axes=n_batch_axes))
        h = self.output(h, n_batch_axes=n_batch_axes)
        return D.Bernoulli(logit=h, binary_check=False)


class Prior(chainer.Link):

    def __init__(self, n_latent):
        super(Prior, self).__init__()
        self.loc = np.zeros(n_latent, np.float32)
        self.scale = np.ones(n_latent, np.float32)
        self.register_persistent('loc')
        self.register_persistent('scale')

    def forward(self):
        return D.Normal(self.loc, scale=self.scale)


def run(out):
    np.random.seed(9)
    random = np.random.RandomState(1)
    images = (random.rand(40, 12) < random.rand(4, 12)[np.arange(40) % 4]).astype(np.float32)
    model = AvgELBOLoss(Encoder(12, 2, 8), Decoder(12, 2, 8), Prior(2), beta=0.5, k=2)
    optimizer = chainer.optimizers.Adam(alpha=0.02)
    optimizer.setup(model)
    train_iter = chainer.iterators.SerialIterator(images, 10)
    updater = training.updaters.StandardUpdater(train_iter, optimizer, loss_func=model)
    trainer = training.Trainer(updater, (3, 'epoch'), out=out)
    test_iter = chainer.iterators.SerialIterator(images[:10], 10, repeat=False, shuffle=False)
    trainer.extend(extensions.Evaluator(test_iter, model))
    log = extensions.LogReport()
    trainer.extend(log)
    trainer.run()
    with chainer.using_config('train', False), chainer.no_backprop_mode():
        x = chainer.Variable(images[:3])
        again = F.sigmoid(model.decoder(model.encoder(x).mean[None]).logit).array
    return {name: [row['main/' + name] for row in log.log]
            for name in ('loss', 'reconstr', 'kl_penalty')} | {'again': again}
