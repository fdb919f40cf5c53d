"""A training that is stopped, saved and resumed ends where one without a pause ends."""
import os

import numpy as np

from chainer import serializers

from .mnist_trainer import make_trainer


def run(out):
    whole, model = make_trainer(os.path.join(out, 'whole'), epochs=4, seed=7)
    whole.run()
    first, _ = make_trainer(os.path.join(out, 'parts'), epochs=2, seed=7)
    first.run()
    second, resumed = make_trainer(os.path.join(out, 'parts'), epochs=4, seed=7)
    np.random.seed(99)      # what follows hangs on what was saved, not on this
    serializers.load_npz(os.path.join(out, 'parts', 'snapshot_epoch-2'), second)
    assert second.updater.epoch == 2
    second.run()
    return {'whole': model.predictor.l2.W.array[:3], 'resumed': resumed.predictor.l2.W.array[:3],
            'iteration': second.updater.iteration}
