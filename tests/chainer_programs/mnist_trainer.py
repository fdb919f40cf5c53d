"""A multilayer perceptron on small pictures of digits, trained with Trainer."""
import io
import json
import os

import numpy as np

import chainer
import chainer.functions as F
import chainer.links as L
from chainer import training
from chainer.training import extensions


class MLP(chainer.Chain):

    def __init__(self, n_units, n_out):
        super(MLP, self).__init__()
        with self.init_scope():
            self.l1 = L.Linear(None, n_units)
            self.l2 = L.Linear(None, n_units)
            self.l3 = L.Linear(None, n_out)

    def forward(self, x):
        h1 = F.relu(self.l1(x))
        h2 = F.relu(self.l2(h1))
        return self.l3(h2)


def digits(n=120, size=36, seed=1):
    """Blurred class means: pictures that can be told apart."""
    random = np.random.RandomState(seed)
    centers = random.rand(10, size)
    labels = np.arange(n) % 10
    images = centers[labels] + 0.1 * random.randn(n, size)
    return chainer.datasets.TupleDataset(images.astype(np.float32), labels.astype(np.int32))


def make_trainer(out, epochs=3, seed=0):
    np.random.seed(seed)
    train, test = chainer.datasets.split_dataset_random(digits(), 100, seed=3)
    device = chainer.get_device('@numpy')
    device.use()
    model = L.Classifier(MLP(16, 10))
    model.to_device(device)
    optimizer = chainer.optimizers.Adam(alpha=0.01)
    optimizer.setup(model)
    train_iter = chainer.iterators.SerialIterator(train, 30)
    test_iter = chainer.iterators.SerialIterator(test, 8, repeat=False, shuffle=False)
    updater = training.updaters.StandardUpdater(train_iter, optimizer, device=device)
    trainer = training.Trainer(updater, (epochs, 'epoch'), out=out)
    trainer.extend(extensions.Evaluator(test_iter, model, device=device),
                   call_before_training=True)
    trainer.extend(extensions.DumpGraph('main/loss'))
    trainer.extend(extensions.snapshot(filename='snapshot_epoch-{.updater.epoch}'))
    trainer.extend(extensions.LogReport(), call_before_training=True)
    trainer.extend(extensions.PrintReport(
        ['epoch', 'main/loss', 'validation/main/loss', 'main/accuracy',
         'validation/main/accuracy', 'elapsed_time'], out=io.StringIO()))
    trainer.extend(extensions.ProgressBar(update_interval=1, out=io.StringIO()))
    return trainer, model


def run(out):
    trainer, model = make_trainer(out)
    trainer.run()
    with open(os.path.join(out, 'log')) as file:
        log = json.load(file)
    assert os.path.exists(os.path.join(out, 'cg.dot'))
    return {
        'loss': [row['main/loss'] for row in log if 'main/loss' in row],
        'validation': [row['validation/main/loss'] for row in log],
        'accuracy': [row['validation/main/accuracy'] for row in log],
        'W': model.predictor.l3.W.array[:2],
    }
