"""A small WaveNet: dilated convolutions in time, gates, skip connections, a conditioning signal."""
import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions


class ResidualBlock(chainer.Chain):

    def __init__(self, filter_size, dilation, residual_channels, dilated_channels, skip_channels):
        super(ResidualBlock, self).__init__()
        with self.init_scope():
            self.conv = L.DilatedConvolution2D(
                residual_channels, dilated_channels, ksize=(filter_size, 1),
                pad=(dilation * (filter_size - 1), 0), dilate=(dilation, 1))
            self.res = L.Convolution2D(dilated_channels // 2, residual_channels, 1)
            self.skip = L.Convolution2D(dilated_channels // 2, skip_channels, 1)
        self.filter_size = filter_size
        self.dilation = dilation
        self.residual_channels = residual_channels

    def forward(self, x, condition):
        length = x.shape[2]
        h = self.conv(x)
        h = h[:, :, :length]
        h += condition
        tanh_z, sig_z = F.split_axis(h, 2, axis=1)
        z = F.tanh(tanh_z) * F.sigmoid(sig_z)
        if x.shape[2] == z.shape[2]:
            residual = self.res(z) + x
        else:
            residual = self.res(z) + x[:, :, -1:]
        return residual, self.skip(z)


class ResidualNet(chainer.ChainList):

    def __init__(self, n_loop, n_layer, *args):
        super(ResidualNet, self).__init__()
        dilations = [2 ** i for i in range(n_layer)] * n_loop
        for dilation in dilations:
            self.add_link(ResidualBlock(2, dilation, *args))

    def forward(self, x, conditions):
        skip_connections = 0
        for func, cond in zip(self.children(), conditions):
            x, skip = func(x, cond)
            skip_connections += skip
        return skip_connections


class WaveNet(chainer.Chain):

    def __init__(self, n_loop, n_layer, a_channels, r_channels, s_channels):
        super(WaveNet, self).__init__()
        with self.init_scope():
            self.embed = L.Convolution2D(a_channels, r_channels, (2, 1), pad=(1, 0), nobias=True)
            self.resnet = ResidualNet(n_loop, n_layer, r_channels, 2 * r_channels, s_channels)
            self.upsample = L.Deconvolution2D(3, 2 * r_channels, (4, 1), (4, 1))
            self.proj1 = L.Convolution2D(s_channels, s_channels, 1)
            self.proj2 = L.Convolution2D(s_channels, a_channels, 1)
        self.a_channels = a_channels

    def forward(self, x, condition):
        length = x.shape[2]
        x = self.embed(x)[:, :, :length, :]
        z = F.relu(self.resnet(x, [self.upsample(chainer.Variable(condition))] * len(self.resnet)))
        z = F.relu(self.proj1(z))
        return self.proj2(z)


class EncoderDecoderModel(chainer.Chain):

    def __init__(self, wavenet):
        super(EncoderDecoderModel, self).__init__()
        with self.init_scope():
            self.wavenet = wavenet

    def forward(self, x, t, condition):
        y = self.wavenet(x, condition)
        loss = F.softmax_cross_entropy(y[:, :, :-1], t[:, 1:][..., None][:, :, :])
        chainer.reporter.report({'loss': loss}, self)
        return loss


def run(out):
    np.random.seed(13)
    levels, steps = 8, 16
    waves = []
    for k in range(12):
        wave = np.sin(np.arange(steps) * (0.3 + 0.1 * (k % 4)))
        quantized = np.clip(((wave + 1) / 2 * levels).astype(np.int32), 0, levels - 1)
        onehot = np.identity(levels, dtype=np.float32)[quantized].T[:, :, None]
        condition = np.zeros((3, steps // 4, 1), np.float32)
        condition[k % 3] = 1
        waves.append((onehot, quantized, condition))
    model = EncoderDecoderModel(WaveNet(1, 3, levels, 6, 8))
    optimizer = chainer.optimizers.Adam(0.02)
    optimizer.setup(model)
    updater = training.updaters.StandardUpdater(
        chainer.iterators.SerialIterator(waves, 6), optimizer)
    trainer = training.Trainer(updater, (8, 'iteration'), out=out)
    log = extensions.LogReport(trigger=(2, 'iteration'))
    trainer.extend(log)
    trainer.run()
    return {'loss': [row['main/loss'] for row in log.log],
            'names': sorted(name for name, _ in model.namedparams())[:10]}
