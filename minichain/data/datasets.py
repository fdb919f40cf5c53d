"""Datasets: anything with a length and items by number. A list or an array is one, too."""
import bisect
import itertools

import numpy as np

from ..randomness import generator


class Dataset:
    """A base for datasets. Say in a subclass how many items there are, and how to get one of them:
    `__len__` and `get_example(i)`. Items can then be asked for by number, slice, list or array."""

    def __len__(self):
        raise NotImplementedError(f'{type(self).__name__} has no length.')

    def get_example(self, i):
        """The item of this number, which is not negative."""
        raise NotImplementedError(f'{type(self).__name__} has no items.')

    def __getitem__(self, index):
        n = len(self)
        if isinstance(index, slice):
            return [self.get_example(i) for i in range(*index.indices(n))]
        if isinstance(index, (list, np.ndarray)):
            return [self[int(i)] for i in index]
        i = index + n if index < 0 else index
        if not 0 <= i < n:
            raise IndexError(f'There is no item {index}: {type(self).__name__} has {n} items.')
        return self.get_example(i)

    def __iter__(self):
        return map(self.get_example, range(len(self)))


def common_length(named):
    """The length of all these datasets, pairs (name, dataset). ValueError if they differ."""
    lengths = [(name, len(dataset)) for name, dataset in named]
    if not lengths:
        raise ValueError('At least one dataset is needed.')
    if len({length for _, length in lengths}) > 1:
        listing = ', '.join(f'{name} has {length} items' for name, length in lengths)
        raise ValueError(f'The datasets must have the same length, but {listing}.')
    return lengths[0][1]


class TupleDataset(Dataset):
    """Several datasets of the same length side by side: an item is a tuple of their items.

    `datasets` are the parts: images, labels = train.datasets.
    """

    def __init__(self, *datasets):
        self.datasets = datasets
        self.length = common_length(enumerate(datasets))

    def __len__(self):
        return self.length

    def get_example(self, i):
        return tuple([dataset[i] for dataset in self.datasets])


class DictDataset(Dataset):
    """Several datasets of the same length with names: an item is a dict of their items."""

    def __init__(self, **datasets):
        self.datasets = datasets
        self.length = common_length(datasets.items())

    def __len__(self):
        return self.length

    def get_example(self, i):
        return {name: dataset[i] for name, dataset in self.datasets.items()}


class TransformDataset(Dataset):
    """A dataset whose items go through a function each time they are asked for."""

    def __init__(self, dataset, transform):
        self.dataset, self.transform = dataset, transform

    def __len__(self):
        return len(self.dataset)

    def get_example(self, i):
        return self.transform(self.dataset[i])


class ConcatenatedDataset(Dataset):
    """Datasets one behind the other."""

    def __init__(self, *datasets):
        self.datasets = datasets
        self.ends = list(itertools.accumulate(map(len, datasets)))

    def __len__(self):
        return self.ends[-1] if self.ends else 0

    def get_example(self, i):
        which = bisect.bisect_right(self.ends, i)
        return self.datasets[which][i - (self.ends[which - 1] if which else 0)]


class SubDataset(Dataset):
    """Some items of a dataset: those from number `start` up to before `finish`.

    order  the numbers of the dataset's items in another order; start and finish then count there

    Raises ValueError for numbers outside of the dataset.
    """

    def __init__(self, dataset, start, finish, order=None):
        size = len(dataset)
        if order is not None and len(order) != size:
            raise ValueError(f'The order has {len(order)} numbers, but the dataset {size} items.')
        if not 0 <= start <= finish <= size:
            raise ValueError(f'There are no items from {start} to {finish} in a dataset of {size}.')
        self.dataset, self.start, self.finish, self.order = dataset, start, finish, order

    def __len__(self):
        return self.finish - self.start

    def get_example(self, i):
        i += self.start
        return self.dataset[i if self.order is None else int(self.order[i])]


def random_order(dataset, seed):
    """The numbers of all items in a random order; the same order for the same seed."""
    source = generator() if seed is None else np.random.default_rng(seed)
    return source.permutation(len(dataset))


def split_dataset(dataset, split_at, order=None):
    """Two SubDatasets: the first `split_at` items, and the others."""
    return (SubDataset(dataset, 0, split_at, order),
            SubDataset(dataset, split_at, len(dataset), order))


def split_dataset_random(dataset, first_size, seed=None):
    """Two SubDatasets of items drawn at random; the first has `first_size` items."""
    return split_dataset(dataset, first_size, random_order(dataset, seed))


def split_dataset_n(dataset, n, order=None):
    """n SubDatasets of equal size; what is left over at the end belongs to none of them."""
    size = len(dataset) // n
    return [SubDataset(dataset, size * i, size * (i + 1), order) for i in range(n)]


def split_dataset_n_random(dataset, n, seed=None):
    """n SubDatasets of equal size, of items drawn at random."""
    return split_dataset_n(dataset, n, random_order(dataset, seed))


def get_cross_validation_datasets(dataset, n_folds, order=None):
    """n_folds pairs (training, test) of SubDatasets: every item is tested in one of them.

    The first pair tests the last items.
    """
    size = len(dataset)
    order = np.arange(size) if order is None else np.asarray(order)
    borders = [size * i // n_folds for i in range(n_folds + 1)]
    pairs = []
    for start, stop in reversed(list(zip(borders, borders[1:]))):
        turned = np.concatenate([order[stop:], order[:stop]])       # what is tested comes last
        pairs.append(split_dataset(dataset, size - (stop - start), turned))
    return pairs


def get_cross_validation_datasets_random(dataset, n_folds, seed=None):
    """n_folds pairs (training, test) of SubDatasets, of items in a random order."""
    return get_cross_validation_datasets(dataset, n_folds, random_order(dataset, seed))
