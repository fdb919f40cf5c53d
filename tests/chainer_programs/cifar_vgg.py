"""A small network of VGG's kind for colour pictures: convolutions, normalization, dropout."""
import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions, triggers


class Block(chainer.Chain):

    def __init__(self, out_channels, ksize, pad=1):
        super(Block, self).__init__()
        with self.init_scope():
            self.conv = L.Convolution2D(None, out_channels, ksize, pad=pad, nobias=True)
            self.bn = L.BatchNormalization(out_channels)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class VGG(chainer.Chain):

    def __init__(self, class_labels=10):
        super(VGG, self).__init__()
        with self.init_scope():
            self.block1_1 = Block(6, 3)
            self.block1_2 = Block(6, 3)
            self.block2_1 = Block(8, 3)
            self.fc1 = L.Linear(None, 16, nobias=True)
            self.bn_fc1 = L.BatchNormalization(16)
            self.fc2 = L.Linear(None, class_labels, nobias=True)

    def forward(self, x):
        h = self.block1_1(x)
        h = F.dropout(h, ratio=0.3)
        h = self.block1_2(h)
        h = F.max_pooling_2d(h, ksize=2, stride=2)
        h = self.block2_1(h)
        h = F.max_pooling_2d(h, ksize=2, stride=2)
        h = F.dropout(h, ratio=0.5)
        h = F.relu(self.bn_fc1(self.fc1(h)))
        return self.fc2(F.dropout(h, ratio=0.5))


def run(out):
    np.random.seed(1)
    random = np.random.RandomState(5)
    labels = np.arange(48) % 4
    images = random.rand(4, 3, 10, 10)[labels] + 0.2 * random.randn(48, 3, 10, 10)
    train = chainer.datasets.TupleDataset(images.astype('f'), labels.astype('i'))
    model = L.Classifier(VGG(4))
    optimizer = chainer.optimizers.MomentumSGD(0.05)
    optimizer.setup(model)
    optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(5e-4))
    train_iter = chainer.iterators.SerialIterator(train, 16)
    test_iter = chainer.iterators.SerialIterator(train, 20, repeat=False, shuffle=False)
    stop_trigger = triggers.EarlyStoppingTrigger(
        monitor='validation/main/loss', patience=5, max_trigger=(4, 'epoch'))
    updater = training.updaters.StandardUpdater(train_iter, optimizer)
    trainer = training.Trainer(updater, stop_trigger, out=out)
    trainer.extend(extensions.Evaluator(test_iter, model))
    trainer.extend(extensions.ExponentialShift('lr', 0.5), trigger=(2, 'epoch'))
    trainer.extend(extensions.observe_lr())
    log = extensions.LogReport()
    trainer.extend(log)
    trainer.run()
    return {'loss': [row['main/loss'] for row in log.log],
            'validation': [row['validation/main/loss'] for row in log.log],
            'lr': [row['lr'] for row in log.log],
            'avg_mean': model.predictor.block1_1.bn.avg_mean,
            'avg_var': model.predictor.block2_1.bn.avg_var,
            'names': sorted(name for name, _ in model.namedparams())}
