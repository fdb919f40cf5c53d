"""From a batch, a list of items, to arrays that a network takes."""
import numpy as np

from .. import backend
from ..errors import ShapeError
from ..variable import Variable


class Batch(list):
    """A list of items that knows their numbers in the dataset, for errors to name."""

    def __init__(self, items, indices):
        super().__init__(items)
        self.indices = indices


def concat_examples(batch, device=None, padding=None):
    """Stack the items of a batch into arrays, along a new first axis.

    batch    a list of items: arrays or numbers, or tuples or dicts of them
    device   where the arrays are to live; None: where the items are
    padding  a number that fills up smaller items to the size of the largest; a tuple or a dict of
             them for items that are tuples or dicts. None: all must have the same shape

    Returns an array (N, ...), or a tuple or a dict of arrays. Python's real numbers become float32.
    Raises ValueError for an empty batch, ShapeError for items that do not fit to each other.
    """
    if len(batch) == 0:
        raise ValueError('The batch is empty: there is nothing to put together.')
    first = batch[0]
    if not isinstance(first, (tuple, dict)):
        return stack(batch, batch, '', device, padding)
    keys = range(len(first)) if isinstance(first, tuple) else list(first)
    for i, item in enumerate(batch):
        if type(item) is not type(first) or len(item) != len(first):
            raise ShapeError(f'{name_item(batch, i)} is {describe(item)}, but '
                             f'{name_item(batch, 0)} is {describe(first)}.')
    paddings = padding if isinstance(padding, (tuple, dict)) else {key: padding for key in keys}
    stacked = [stack(batch, [item[key] for item in batch], f' in part {key!r}', device,
                     paddings[key]) for key in keys]
    return tuple(stacked) if isinstance(first, tuple) else dict(zip(keys, stacked))


def describe(item):
    """'tuple of 2', what kind of item it is."""
    size = f' of {len(item)}' if isinstance(item, (tuple, dict)) else ''
    return f'{type(item).__name__}{size}'


def name_item(batch, i):
    """'Item 3 of the batch (item 1207 of the dataset)'"""
    indices = getattr(batch, 'indices', None)
    return f'Item {i} of the batch' + ('' if indices is None else
                                       f' (item {int(indices[i])} of the dataset)')


def stack(batch, values, part, device, padding):
    """One array of the values that stand at the same place of each item."""
    arrays = [to_array(value) for value in values]
    shapes = [array.shape for array in arrays]
    wrong = next((i for i, shape in enumerate(shapes) if shape != shapes[0] and (
        padding is None or len(shape) != len(shapes[0]))), None)
    if wrong is not None:
        hint = ('make them equal with a TransformDataset, or give a padding'
                if padding is None else 'padding needs the same number of axes')
        raise ShapeError(f'{name_item(batch, wrong)} has the shape {shapes[wrong]}{part}, but '
                         f'{name_item(batch, 0)} has {shapes[0]}: {hint}.')
    xp = backend.get_array_module(arrays[0])
    if padding is None:
        result = xp.stack(arrays)
    else:
        largest = tuple(max(sizes) for sizes in zip(*shapes))
        result = xp.full((len(arrays), *largest), padding, arrays[0].dtype)
        for row, array in enumerate(arrays):
            result[(row, *[slice(n) for n in array.shape])] = array
    return result if device is None else backend.to_device(result, device)


def to_array(value):
    """A value of an item as an array."""
    if isinstance(value, Variable):
        return value.data
    if backend.is_array(value):
        return value
    array = np.asarray(value)
    return array.astype(np.float32) if array.dtype == np.float64 else array
