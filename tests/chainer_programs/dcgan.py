"""Two networks against each other, with an updater of one's own."""
import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import Variable
from chainer.training import extensions


def add_noise(device, h, sigma=0.2):
    if chainer.config.train:
        xp = device.xp
        noise = sigma * device.send(np.random.randn(*h.shape).astype(np.float32))
        assert xp is np
        return h + noise
    return h


class Generator(chainer.Chain):

    def __init__(self, n_hidden, bottom_width=2, ch=8, wscale=0.02):
        super(Generator, self).__init__()
        self.n_hidden = n_hidden
        self.ch = ch
        self.bottom_width = bottom_width
        with self.init_scope():
            w = chainer.initializers.Normal(wscale)
            self.l0 = L.Linear(n_hidden, bottom_width * bottom_width * ch, initialW=w)
            self.dc1 = L.Deconvolution2D(ch, ch // 2, 4, 2, 1, initialW=w)
            self.dc2 = L.Deconvolution2D(ch // 2, 3, 3, 1, 1, initialW=w)
            self.bn0 = L.BatchNormalization(bottom_width * bottom_width * ch)
            self.bn1 = L.BatchNormalization(ch // 2)

    def make_hidden(self, batchsize):
        return np.random.uniform(-1, 1, (batchsize, self.n_hidden, 1, 1)).astype(np.float32)

    def forward(self, z):
        h = F.reshape(F.relu(self.bn0(self.l0(z))),
                      (len(z), self.ch, self.bottom_width, self.bottom_width))
        h = F.relu(self.bn1(self.dc1(h)))
        return F.sigmoid(self.dc2(h))


class Discriminator(chainer.Chain):

    def __init__(self, bottom_width=2, ch=8, wscale=0.02):
        w = chainer.initializers.Normal(wscale)
        super(Discriminator, self).__init__()
        with self.init_scope():
            self.c0_0 = L.Convolution2D(3, ch // 2, 3, 1, 1, initialW=w)
            self.c0_1 = L.Convolution2D(ch // 2, ch, 4, 2, 1, initialW=w)
            self.l4 = L.Linear(bottom_width * bottom_width * ch, 1, initialW=w)
            self.bn0_1 = L.BatchNormalization(ch, use_gamma=False)

    def forward(self, x):
        device = self.device
        h = add_noise(device, x)
        h = F.leaky_relu(add_noise(device, self.c0_0(h)))
        h = F.leaky_relu(add_noise(device, self.bn0_1(self.c0_1(h))))
        return self.l4(h)


class DCGANUpdater(chainer.training.updaters.StandardUpdater):

    def __init__(self, *args, **kwargs):
        self.gen, self.dis = kwargs.pop('models')
        super(DCGANUpdater, self).__init__(*args, **kwargs)

    def loss_dis(self, dis, y_fake, y_real):
        batchsize = len(y_fake)
        L1 = F.sum(F.softplus(-y_real)) / batchsize
        L2 = F.sum(F.softplus(y_fake)) / batchsize
        loss = L1 + L2
        chainer.report({'loss': loss}, dis)
        return loss

    def loss_gen(self, gen, y_fake):
        batchsize = len(y_fake)
        loss = F.sum(F.softplus(-y_fake)) / batchsize
        chainer.report({'loss': loss}, gen)
        return loss

    def update_core(self):
        gen_optimizer = self.get_optimizer('gen')
        dis_optimizer = self.get_optimizer('dis')
        batch = self.get_iterator('main').next()
        device = self.device
        x_real = Variable(self.converter(batch, device)) / 255.
        gen, dis = self.gen, self.dis
        batchsize = len(batch)
        y_real = dis(x_real)
        z = Variable(device.xp.asarray(gen.make_hidden(batchsize)))
        x_fake = gen(z)
        y_fake = dis(x_fake)
        dis_optimizer.update(self.loss_dis, dis, y_fake, y_real)
        gen_optimizer.update(self.loss_gen, gen, y_fake)


def out_generated_image(gen, seen):
    @chainer.training.make_extension()
    def make_image(trainer):
        np.random.seed(0)
        xp = gen.xp
        z = Variable(xp.asarray(gen.make_hidden(2)))
        with chainer.using_config('train', False):
            x = gen(z)
        seen.append(np.asarray(np.clip(x.array * 255, 0.0, 255.0), dtype=np.uint8))
    return make_image


def run(out):
    np.random.seed(10)
    images = np.random.RandomState(4).randint(0, 256, (24, 3, 4, 4)).astype(np.float32)
    gen, dis = Generator(6), Discriminator()

    def make_optimizer(model, alpha=0.002, beta1=0.5):
        optimizer = chainer.optimizers.Adam(alpha=alpha, beta1=beta1)
        optimizer.setup(model)
        optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(0.0001), 'hook_dec')
        return optimizer

    updater = DCGANUpdater(
        models=(gen, dis), iterator=chainer.iterators.SerialIterator(images, 8),
        optimizer={'gen': make_optimizer(gen), 'dis': make_optimizer(dis)},
        device=chainer.get_device('@numpy'))
    trainer = chainer.training.Trainer(updater, (2, 'epoch'), out=out)
    trainer.extend(extensions.snapshot(filename='snapshot_iter_{.updater.iteration}.npz'),
                   trigger=(3, 'iteration'))
    trainer.extend(extensions.snapshot_object(gen, 'gen_iter_{.updater.iteration}.npz'),
                   trigger=(3, 'iteration'))
    log = extensions.LogReport(trigger=(1, 'iteration'))
    trainer.extend(log)
    seen = []
    trainer.extend(out_generated_image(gen, seen), trigger=(3, 'iteration'))
    trainer.run()
    other = Generator(6)
    chainer.serializers.load_npz(out + '/snapshot_iter_6.npz', other,
                                 path='updater/model:gen/')
    assert (other.dc1.W.array == gen.dc1.W.array).all()
    return {'gen': [row['gen/loss'] for row in log.log],
            'dis': [row['dis/loss'] for row in log.log], 'W': gen.dc2.W.array[:1]}
