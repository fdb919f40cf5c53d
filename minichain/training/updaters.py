"""Updaters: one iteration of a training, from the next batch to changed parameters."""
from ..data import concat_examples
from .saving import Group


class Updater:
    """A base for updaters. Say in a subclass how one iteration goes: `update_core()`.

    iterator   an iterator, or a dict of them; the one named 'main' counts the epochs
    optimizer  an optimizer that is set up, or a dict of them
    device     where batches go and models are moved to. Default: where the main model is
    """

    def __init__(self, iterator, optimizer, device=None):
        self.iterators = iterator if isinstance(iterator, dict) else {'main': iterator}
        self.optimizers = optimizer if isinstance(optimizer, dict) else {'main': optimizer}
        for name, known in self.optimizers.items():
            if known.target is None:
                raise ValueError(f'The optimizer {name!r} has no target yet: call setup(model).')
            if device is not None:
                known.target.to_device(device)
        self.given_device, self.iteration = device, 0

    def update_core(self):
        """One iteration, from the next batch to changed parameters."""
        raise NotImplementedError(f'{type(self).__name__} has no update_core.')

    def update(self):
        """Run one iteration and count it."""
        try:
            self.update_core()
        except StopIteration:
            raise RuntimeError('The iterator has no more batches, but the training is not over: '
                               'for training, make it with repeat=True.') from None
        self.iteration += 1

    @property
    def device(self):
        """Where batches go."""
        if self.given_device is not None:
            return self.given_device
        return next(iter(self.optimizers.values())).target.device

    def get_iterator(self, name):
        """The iterator of this name."""
        return self.iterators[name]

    def get_optimizer(self, name):
        """The optimizer of this name."""
        return self.optimizers[name]

    def get_all_optimizers(self):
        """A dict of all optimizers."""
        return dict(self.optimizers)

    @property
    def epoch(self):
        """How many epochs are over."""
        return self.iterators['main'].epoch

    @property
    def epoch_detail(self):
        """How many epochs are over, with a fraction."""
        return self.iterators['main'].epoch_detail

    @property
    def previous_epoch_detail(self):
        """The same before the last iteration."""
        return self.iterators['main'].previous_epoch_detail

    @property
    def is_new_epoch(self):
        """Whether the last iteration ended an epoch."""
        return self.iterators['main'].is_new_epoch

    def connect_trainer(self, trainer):
        """Called by the trainer that takes this updater."""

    def finalize(self):
        """Called when the training ends."""
        for iterator in self.iterators.values():
            iterator.finalize()

    def parts(self):
        """What is saved with it, by name."""
        return Group({
            **{f'iterator:{name}': iterator for name, iterator in self.iterators.items()},
            **{f'optimizer:{name}': known for name, known in self.optimizers.items()},
            **{f'model:{name}': known.target for name, known in self.optimizers.items()}})

    def values(self):
        """All that is to be saved: iterators, optimizers, models."""
        return {'iteration': self.iteration, **self.parts().values()}

    def set_value(self, key, value):
        """Put one saved value, of the given key, into its place."""
        if key == 'iteration':
            self.iteration = value.item()
        else:
            self.parts().set_value(key, value)


def call(function, arrays):
    """Call a loss with what a converter made of a batch: a tuple, a dict or one array."""
    if isinstance(arrays, tuple):
        return function(*arrays)
    return function(**arrays) if isinstance(arrays, dict) else function(arrays)


class StandardUpdater(Updater):
    """One batch, one loss, one update of the main optimizer.

    converter   a function of (batch, device) that makes arrays of a batch
    loss_func   gives the loss of these arrays. Default: the optimizer's target
    auto_new_epoch  tell the optimizers when an epoch is over

    For several optimizers, say in a subclass how one iteration goes: `update_core()`.
    """

    def __init__(self, iterator, optimizer, converter=concat_examples, device=None, loss_func=None,
                 auto_new_epoch=True):
        super().__init__(iterator, optimizer, device)
        self.converter, self.loss_func = converter, loss_func
        self.auto_new_epoch = auto_new_epoch

    def update(self):
        super().update()
        if self.auto_new_epoch and self.is_new_epoch:
            for optimizer in self.optimizers.values():
                optimizer.new_epoch(auto=True)

    def update_core(self):
        optimizer = self.optimizers['main']
        arrays = self.converter(self.iterators['main'].next(), self.device)
        loss_func = self.loss_func or optimizer.target
        optimizer.update(lambda: call(loss_func, arrays))


class BPTTUpdater(StandardUpdater):
    """Truncated backpropagation through time: one update for so many batches in a row.

    The network remembers its state from batch to batch, gradients do not go back beyond the last
    update. The iterator's next batch must go on where the one before has ended, as those of a
    SequenceIterator do; its model's loss is added up.
    """

    def __init__(self, iterator, optimizer, bptt_len=35, converter=concat_examples, device=None,
                 loss_func=None, auto_new_epoch=True):
        super().__init__(iterator, optimizer, converter, device, loss_func, auto_new_epoch)
        self.bptt_len = bptt_len

    def update_core(self):
        iterator, optimizer = self.iterators['main'], self.optimizers['main']
        loss_func = self.loss_func or optimizer.target
        loss = 0
        for _ in range(self.bptt_len):
            loss = loss + call(loss_func, self.converter(iterator.next(), self.device))
        optimizer.target.cleargrads()
        loss.backward()
        loss.unchain_backward()
        optimizer.update()
