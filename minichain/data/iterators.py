"""Iterators: batch after batch of a dataset, epoch after epoch, in an order that can be saved."""
from typing import NamedTuple

import numpy as np

from ..randomness import generator
from .convert import Batch


class Place(NamedTuple):
    """Where an iterator is: how far in which epoch, and whether the last batch ended an epoch."""

    position: int = 0
    epoch: int = 0
    is_new_epoch: bool = False


class Iterator:
    """A base for iterators: what a trainer asks of them.

    Say in a subclass how to make the next batch: `__next__`, which raises StopIteration at the end.
    """

    epoch = 0                       # how many epochs are over
    epoch_detail = 0.0              # the same with a fraction
    previous_epoch_detail = None    # before the last batch
    is_new_epoch = False            # whether the last batch ended an epoch

    def __iter__(self):
        return self

    def next(self):
        """The next batch."""
        return self.__next__()

    def finalize(self):
        """Let go of what was needed for iterating. Going on afterwards is allowed."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.finalize()


class SerialIterator(Iterator):
    """Batches of a dataset, lists of items, read when they are asked for.

    batch_size     items a batch
    repeat         True: epoch after epoch without end, a batch may hold the last items of one epoch
                   and the first of the next; False: one epoch, whose last batch may be smaller
    shuffle        a new random order for each epoch. Default: yes, unless there is an order_sampler
    order_sampler  a function of (last order, position) that gives the order of the next epoch, an
                   array of item numbers

    The order of an epoch follows from a seed that is drawn once, and from the number of the epoch.
    Raises ValueError for an empty dataset.
    """

    def __init__(self, dataset, batch_size, repeat=True, shuffle=None, order_sampler=None):
        if len(dataset) == 0:
            raise ValueError('The dataset is empty: there is nothing to make batches of.')
        if batch_size < 1:
            raise ValueError(f'A batch holds at least 1 item, not {batch_size}.')
        if shuffle and order_sampler is not None:
            raise ValueError('Either shuffle or order_sampler decides on the order, not both.')
        self.dataset, self.batch_size, self.repeat = dataset, batch_size, repeat
        self.order_sampler = order_sampler
        self.shuffle = order_sampler is None if shuffle is None else bool(shuffle)
        self.seed = int(generator().integers(2 ** 62)) if self.shuffle else 0
        self.reset()

    def reset(self):
        """Begin anew, with the first epoch."""
        self.place, self.previous_epoch_detail, self.orders = Place(), None, {}
        self.order_of(0)

    def order_of(self, epoch, position=0):
        """The item numbers of an epoch in their order."""
        if epoch not in self.orders:
            n = len(self.dataset)
            if self.order_sampler is not None:
                last = self.orders.get(epoch - 1)
                order = self.order_sampler(np.arange(n) if last is None else last, position)
            elif self.shuffle:
                order = np.random.default_rng([self.seed, epoch]).permutation(n)
            else:
                order = np.arange(n)
            self.orders = {number: old for number, old in self.orders.items()
                           if number >= self.place.epoch}
            self.orders[epoch] = np.asarray(order)
        return self.orders[epoch]

    def step(self, place):
        """The place behind the batch that begins at a place, and the numbers of its items.

        None if there is no batch any more.
        """
        position, epoch, _ = place
        if epoch and not self.repeat:
            return None
        order = self.order_of(epoch)
        parts, wanted = [order[position:position + self.batch_size]], self.batch_size
        position += self.batch_size
        started = epoch
        while position >= len(order):
            position, epoch = position - len(order), epoch + 1
            if not self.repeat:
                position = 0
                break
            order = self.order_of(epoch, place.position)
            wanted -= len(parts[-1])
            parts.append(order[:wanted])
        return Place(position, epoch, epoch > started), np.concatenate(parts)

    def __next__(self):
        step = self.step(self.place)
        if step is None:
            raise StopIteration
        place, indices = step
        batch = Batch([self.dataset[int(i)] for i in indices], indices)
        self.move(place)
        return batch

    def move(self, place):
        """Be at the place behind a batch."""
        self.previous_epoch_detail, self.place = self.epoch_detail, place

    @property
    def epoch(self):
        return self.place.epoch

    @property
    def is_new_epoch(self):
        return self.place.is_new_epoch

    @property
    def current_position(self):
        """How many items of the running epoch have been in batches."""
        return self.place.position

    @property
    def epoch_detail(self):
        return self.place.epoch + self.place.position / len(self.order_of(self.place.epoch))

    def values(self):
        """What is to be saved so that the same batches follow."""
        before = self.previous_epoch_detail
        values = {**self.place._asdict(), 'seed': self.seed,
                  'previous_epoch_detail': np.nan if before is None else before}
        if self.order_sampler is not None:      # else it follows from the seed
            values['order'] = np.array([self.epoch, *self.order_of(self.epoch)])
        return values

    def set_value(self, key, value):
        """Put one saved value, of the given key, into its place."""
        if key == 'order':
            self.orders = {int(value[0]): value[1:]}
            return
        value = value.item()
        if key in Place._fields:
            self.place = self.place._replace(**{key: value})
        else:
            setattr(self, key, None if value != value else value)
        if self.order_sampler is None:
            self.orders = {}


class SequenceIterator(Iterator):
    """One long sequence, read at several places at once: for language models.

    A batch is a list of batch_size pairs (item, the item after it); the next batch goes on one item
    further at each place. `dataset` is the sequence: an array or a list.
    """

    def __init__(self, dataset, batch_size, repeat=True):
        if not 1 <= batch_size <= len(dataset):
            raise ValueError(f'A sequence of {len(dataset)} items cannot be read at {batch_size} '
                             'places at once.')
        self.dataset, self.batch_size, self.repeat = dataset, batch_size, repeat
        self.starts = [i * len(dataset) // batch_size for i in range(batch_size)]
        self.reset()

    def reset(self):
        """Begin anew."""
        self.iteration, self.is_new_epoch = 0, False

    def __next__(self):
        n = len(self.dataset)
        if not self.repeat and self.iteration * self.batch_size >= n:
            raise StopIteration
        places = [(start + self.iteration) % n for start in self.starts]
        batch = Batch([(self.dataset[i], self.dataset[(i + 1) % n]) for i in places], places)
        before = self.epoch
        self.iteration += 1
        self.is_new_epoch = self.epoch > before
        return batch

    @property
    def epoch(self):
        return self.iteration * self.batch_size // len(self.dataset)

    @property
    def epoch_detail(self):
        return self.iteration * self.batch_size / len(self.dataset)

    @property
    def previous_epoch_detail(self):
        before = self.iteration - 1
        return None if before < 0 else before * self.batch_size / len(self.dataset)

    def values(self):
        """What is to be saved so that the same batches follow."""
        return {'iteration': self.iteration, 'is_new_epoch': self.is_new_epoch}

    def set_value(self, key, value):
        """Put one saved value, of the given key, into its place."""
        setattr(self, key, value.item())
