"""The same network, trained with a loop of one's own."""
import os

import numpy as np

import chainer
from chainer import configuration
from chainer.dataset import convert
import chainer.links as L
from chainer import serializers

from .mnist_trainer import MLP, digits


def run(out):
    np.random.seed(4)
    device = chainer.get_device(-1)
    model = L.Classifier(MLP(12, 10))
    model.to_device(device)
    optimizer = chainer.optimizers.MomentumSGD(lr=0.1, momentum=0.9)
    optimizer.setup(model)
    optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(1e-3))
    train, test = digits(), digits(40, seed=2)
    train_iter = chainer.iterators.SerialIterator(train, 40)
    test_iter = chainer.iterators.SerialIterator(test, 16, repeat=False, shuffle=False)
    losses, accuracies = [], []
    sum_loss = 0
    while train_iter.epoch < 4:
        batch = train_iter.next()
        x, t = convert.concat_examples(batch, device)
        optimizer.update(model, x, t)
        sum_loss += float(model.loss.array) * len(t)
        if train_iter.is_new_epoch:
            losses.append(sum_loss / len(train))
            sum_loss = 0
            sum_accuracy = 0
            with configuration.using_config('train', False):
                with chainer.using_config('enable_backprop', False):
                    for batch in test_iter:
                        x, t = convert.concat_examples(batch, device)
                        loss = model(x, t)
                        assert loss.creator is None
                        sum_accuracy += float(model.accuracy.array) * len(t)
            test_iter.reset()
            accuracies.append(sum_accuracy / len(test))
    serializers.save_npz(os.path.join(out, 'mlp.model'), model)
    serializers.save_npz(os.path.join(out, 'mlp.state'), optimizer)
    other = L.Classifier(MLP(12, 10))
    serializers.load_npz(os.path.join(out, 'mlp.model'), other)
    x, t = convert.concat_examples(test[:5])
    assert (other.predictor(x).array == model.predictor(x).array).all()
    return {'loss': losses, 'accuracy': accuracies,
            'state': optimizer.target.predictor.l1.W.update_rule.state['v'][:2],
            'keys': sorted(np.load(os.path.join(out, 'mlp.model')).files)}
