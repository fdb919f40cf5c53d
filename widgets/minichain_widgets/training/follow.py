"""A Trainer's training, shown by a TrainingRun."""
from minichain.reporter import as_float
from minichain.training.extension import PRIORITY_READER, Extension

from .norms import gradient_norm


class Follow(Extension):
    """Writes what a Trainer reports into the history of a TrainingRun, and shows it."""

    priority, default_name = PRIORITY_READER, 'training_run'

    def __init__(self, run):
        self.run = run

    def initialize(self, trainer):
        self.run.follow(True)

    def __call__(self, trainer):
        loop, seen = self.run.loop, trainer.observation
        loss = _found(seen, 'main/loss', 'loss')
        if loss is not None:
            length = gradient_norm(loop.params) if loop.measures() else None
            loop.note(trainer.updater.epoch_detail, loss, _found(seen, 'main/accuracy'), length)
        tested = _found(seen, 'validation/main/loss')
        if tested is not None:
            loop.note_test(tested, _found(seen, 'validation/main/accuracy'))
        self.run.flush()

    def finalize(self):
        self.run.follow(False)


def _found(observation, *names):
    """The first of these that was reported, as a number."""
    return next((as_float(observation[name]) for name in names if name in observation), None)
