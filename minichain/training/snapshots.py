"""Extensions that save the training, or a part of it, again and again."""
import os
import re

from ..serializers import load_npz, save_npz
from .extension import Extension


class Snapshot(Extension):
    """Saves the trainer, or `target`, into a file of the trainer's folder; see `snapshot`."""

    trigger, priority = (1, 'epoch'), -100

    def __init__(self, target, filename, savefun, loadfun, condition, n_retains, snapshot_on_error,
                 autoload):
        self.target, self.filename = target, filename
        self.savefun, self.loadfun = savefun, loadfun
        self.condition, self.n_retains = condition, n_retains
        self.snapshot_on_error, self.autoload = snapshot_on_error, autoload

    @property
    def default_name(self):
        return 'snapshot' if self.target is None else 'snapshot_object'

    def initialize(self, trainer):
        if self.autoload and trainer.is_before_training:
            saved = self.saved_files(trainer.out)
            if saved:
                self.loadfun(os.path.join(trainer.out, saved[-1]), self.target or trainer)

    def __call__(self, trainer):
        if self.condition is None or self.condition(trainer):
            self.save(trainer)

    def save(self, trainer):
        """Save now, and delete what is too old."""
        name = self.filename.format(trainer)
        self.savefun(os.path.join(trainer.out, name), self.target or trainer)
        if self.n_retains > 0:
            others = [old for old in self.saved_files(trainer.out) if old != name]
            for old in others[:len(others) + 1 - self.n_retains]:
                os.remove(os.path.join(trainer.out, old))

    def on_error(self, trainer, exception, tb):
        if self.snapshot_on_error:
            self.save(trainer)

    def saved_files(self, folder):
        """The names of the files that were saved, the newest last."""
        parts = re.split(r'\{[^}]*\}', self.filename)
        pattern = re.compile('(.+)'.join(map(re.escape, parts)))
        found = []
        for name in os.listdir(folder):
            match = pattern.fullmatch(name)
            if match and not name.endswith('.part'):
                numbers = [int(text) for text in match.groups() if text.isdigit()]
                found.append((numbers, os.stat(os.path.join(folder, name)).st_mtime_ns, name))
        return [name for _, _, name in sorted(found)]


def snapshot(savefun=save_npz, filename='snapshot_iter_{.updater.iteration}', *, target=None,
             condition=None, n_retains=-1, snapshot_on_error=False, autoload=False,
             loadfun=load_npz):
    """An extension that saves the whole trainer every epoch, so that the training can go on.

    savefun    a function of (path, what to save)   loadfun  a function of (path, what to load into)
    filename   what stands in {} is filled in from the trainer
    target     what to save instead of the trainer
    condition  a function of the trainer that says whether to save
    n_retains  how many files to keep; the oldest are deleted. -1: all
    snapshot_on_error  save also when an error ends the training
    autoload   when the training begins, go on from the newest file that there is
    """
    return Snapshot(target, filename, savefun, loadfun, condition, n_retains, snapshot_on_error,
                    autoload)


def snapshot_object(target, filename, savefun=save_npz, **options):
    """An extension that saves one object, such as a model, every epoch; see `snapshot`."""
    return snapshot(savefun, filename, target=target, **options)
