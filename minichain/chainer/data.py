"""Chainer's datasets, iterators and converters."""
import os

import numpy as np

from .. import data as core
from ..data import downloads
from ..randomness import generator
from .configuration import get_dtype
from .device import Device, get_device, send

DatasetMixin = core.Dataset
Iterator = core.Iterator


# Iterators ---------------------------------------------------------------------------------------

class OrderSampler:
    """A base for what gives the order of an epoch: sampler(last order, position)."""

    def __call__(self, current_order, current_position):
        raise NotImplementedError('An order sampler says in which order items come.')


class ShuffleOrderSampler(OrderSampler):
    """A new random order for each epoch, from NumPy's global generator or the one given."""

    def __init__(self, random_state=None):
        self.random = random_state

    def __call__(self, current_order, current_position):
        source = generator() if self.random is None else self.random
        return source.permutation(len(current_order))


class Ordered:
    """What Chainer's iterators have in common: the order, and what is saved of it."""

    _dataset = property(lambda self: self.dataset)

    def choose_order(self, shuffle, order_sampler):
        """(shuffle, order_sampler) for minichain's iterator."""
        if shuffle is not None and order_sampler is not None:
            raise ValueError('shuffle must be None if an order_sampler is given.')
        if order_sampler is None and (shuffle is None or shuffle):
            order_sampler = ShuffleOrderSampler()
        return False, order_sampler

    def step(self, place):
        """The place behind a batch; Chainer draws an order at the end of an only epoch, too."""
        step = super().step(place)
        if step is not None and step[0].epoch and not self.repeat and self.order_sampler:
            self.order_sampler(self.order_of(0), place.position)
        return step

    @property
    def _order(self):
        return None if self.order_sampler is None else self.order_of(self.epoch)

    def serialize(self, serializer):
        """Save or load the place and the order with a serializer."""
        place = {'position': int(serializer('current_position', self.current_position)),
                 'epoch': int(serializer('epoch', self.epoch)),
                 'is_new_epoch': bool(serializer('is_new_epoch', self.is_new_epoch))}
        order = self._order
        if order is not None:
            order = serializer('order', order)
        before = self.previous_epoch_detail
        before = float(serializer('previous_epoch_detail', -1.0 if before is None else before))
        self.place = self.place._replace(**place)
        self.previous_epoch_detail = None if before < 0 else before
        if order is not None:
            self.orders = {self.epoch: order}


class SerialIterator(Ordered, core.SerialIterator):
    """Batches of a dataset, lists of items, read when they are asked for."""

    def __init__(self, dataset, batch_size, repeat=True, shuffle=None, order_sampler=None):
        super().__init__(dataset, batch_size, repeat, *self.choose_order(shuffle, order_sampler))


class MultithreadIterator(Ordered, core.MultithreadIterator):
    """Batches of a dataset that threads read ahead."""

    def __init__(self, dataset, batch_size, repeat=True, shuffle=None, n_threads=1,
                 order_sampler=None):
        shuffle, order_sampler = self.choose_order(shuffle, order_sampler)
        super().__init__(dataset, batch_size, repeat, shuffle, order_sampler=order_sampler,
                         n_threads=n_threads)


class MultiprocessIterator(Ordered, core.MultiprocessIterator):
    """Batches of a dataset that processes read ahead."""

    def __init__(self, dataset, batch_size, repeat=True, shuffle=None, n_processes=None,
                 n_prefetch=1, shared_mem=None, order_sampler=None, dataset_timeout=30.0,
                 maxtasksperchild=None):
        shuffle, order_sampler = self.choose_order(shuffle, order_sampler)
        super().__init__(dataset, batch_size, repeat, shuffle, order_sampler=order_sampler,
                         n_processes=n_processes)


# Datasets ----------------------------------------------------------------------------------------

def random_order(dataset, seed):
    """The numbers of all items in the random order that Chainer makes of a seed."""
    return np.random.RandomState(seed).permutation(len(dataset))


def split_dataset_random(dataset, first_size, seed=None):
    """Two SubDatasets of items drawn at random; the first has `first_size` items."""
    return core.split_dataset(dataset, first_size, random_order(dataset, seed))


def split_dataset_n_random(dataset, n, seed=None):
    """n SubDatasets of equal size, of items drawn at random."""
    return core.split_dataset_n(dataset, n, random_order(dataset, seed))


def get_cross_validation_datasets_random(dataset, n_folds, seed=None):
    """n_folds pairs (training, test) of SubDatasets, of items in a random order."""
    return core.get_cross_validation_datasets(dataset, n_folds, random_order(dataset, seed))


# From batches to arrays --------------------------------------------------------------------------

class Converter:
    """A base for converters that take a device: converter(batch, device)."""

    def __call__(self, batch, device):
        raise NotImplementedError('A converter makes arrays of a batch.')


class Decorated(Converter):
    """A function that was made a converter."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *args, **options):
        return self.function(*args, **options)

    def __get__(self, owner, kind=None):
        return self if owner is None else Decorated(self.function.__get__(owner, kind))


def converter():
    """A decorator that makes a function of (batch, device) a converter."""
    return Decorated


def to_device(device, x):
    """An array on a device; device: -1 or a Device; None leaves it where it is."""
    return x if device is None else send(get_device(device), x)


@Decorated
def concat_examples(batch, device=None, padding=None):
    """Stack the items of a batch into arrays; see minichain.data.concat_examples.

    device  None: arrays stay where they are; -1, a number or a Device
    """
    if len(batch) == 0:
        raise ValueError('batch is empty')
    return core.concat_examples(batch, None if device is None else get_device(device), padding)


@Decorated
def identity_converter(batch, device):
    """The batch as it is."""
    return batch


class ConcatWithAsyncTransfer(Converter):
    """concat_examples; copies wait for each other, as CuPy's default stream makes them."""

    def __init__(self, stream=None, compute_stream=None):
        self.stream = stream

    def __call__(self, batch, device=None, padding=None):
        return concat_examples(batch, device, padding)


def call_converter(convert, batch, device):
    """Call a converter with a device as it wants it: a Device, or a number in the old style."""
    if isinstance(convert, Converter) or not isinstance(device, Device):
        return convert(batch, device)
    return convert(batch, -1 if device.kind == 'cpu' else device.id)


# Data that is downloaded -------------------------------------------------------------------------

def in_form(parts, withlabel, scale, rgb_format=False):
    """Images scaled, and with three channels if that is wanted."""
    found = []
    for part in parts:
        images, *labels = part.datasets if withlabel else (part,)
        if rgb_format:
            images = np.repeat(images, 3, axis=1)
        images = images if scale == 1 else images * images.dtype.type(scale)
        found.append(core.TupleDataset(images, *labels) if withlabel else images)
    return tuple(found)


def get_mnist(withlabel=True, ndim=1, scale=1.0, dtype=None, label_dtype=np.int32,
              rgb_format=False):
    """MNIST for training and testing; see minichain.data.get_mnist."""
    parts = downloads.get_mnist(withlabel, ndim, get_dtype(dtype, np.float32), label_dtype)
    return in_form(parts, withlabel, scale, rgb_format)


def get_fashion_mnist(withlabel=True, ndim=1, scale=1.0, dtype=None, label_dtype=np.int32,
                      rgb_format=False):
    """Fashion-MNIST for training and testing; see minichain.data.get_fashion_mnist."""
    parts = downloads.get_fashion_mnist(withlabel, ndim, get_dtype(dtype, np.float32), label_dtype)
    return in_form(parts, withlabel, scale, rgb_format)


def get_cifar10(withlabel=True, ndim=3, scale=1.0, dtype=None):
    """CIFAR-10 for training and testing; see minichain.data.get_cifar10."""
    parts = downloads.get_cifar10(withlabel, ndim, get_dtype(dtype, np.float32))
    return in_form(parts, withlabel, scale)


class Folder:
    """Where datasets are kept."""

    path = os.environ.get('CHAINER_DATASET_ROOT', os.path.expanduser('~/.chainer/dataset'))


def get_dataset_root():
    """The folder of datasets."""
    return Folder.path


def set_dataset_root(path):
    """Keep datasets in another folder."""
    Folder.path = path


def get_dataset_directory(dataset_name, create_directory=True):
    """The folder of one dataset."""
    path = os.path.join(Folder.path, dataset_name)
    if create_directory:
        os.makedirs(path, exist_ok=True)
    return path


def cached_download(url):
    """Refuse: minichain downloads its own datasets only."""
    raise NotImplementedError(f'{url} is not downloaded: get the file yourself, and read it from '
                              'where you put it.')


def cache_or_load_file(path, creator, loader):
    """What a file holds, as loader(path) gives it; creator(path) makes it if it is missing."""
    if os.path.exists(path):
        return loader(path)
    os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
    return creator(path)
