"""The examples of a training: checked once, handed out in batches."""
from __future__ import annotations

import numpy as np

from minichain.backend import device_of, get_array_module, is_array, to_cpu, to_device
from minichain.data import concat_examples
from minichain.data.datasets import TupleDataset
from minichain.variable import Variable


class Examples:
    """Data as batches of arrays.

    data  arrays of equal length as a tuple, (x, t); one array, which is its own target; or a
          dataset, whose items are tuples (x, t)

    Raises ValueError for data without examples, arrays of different lengths, and NaN or infinity.
    """

    def __init__(self, data, name='data'):
        if isinstance(data, TupleDataset) and all(is_array(part) for part in data.datasets):
            data = data.datasets
        self.arrays = None
        if isinstance(data, Variable) or is_array(data):
            data = data,
        if isinstance(data, tuple) and any(map(is_array, data)):
            data = tuple([np.asarray(part) if isinstance(part, list) else part for part in data])
        if isinstance(data, tuple) and all(isinstance(part, Variable) or is_array(part)
                                           for part in data) and data:
            self.arrays = tuple([part.data if isinstance(part, Variable) else part
                                 for part in data])
            check_arrays(self.arrays, name)
        elif isinstance(data, (str, bytes)) or not (hasattr(data, '__len__')
                                                    and hasattr(data, '__getitem__')):
            raise ValueError(f'{name} is a tuple of arrays, (x, t), or a dataset with a length and '
                             f'items; this is {type(data).__name__}.')
        self.data, self.name = data, name
        if len(self) == 0:
            raise ValueError(f'{name} has no examples.')

    def __len__(self):
        return len(self.data) if self.arrays is None else len(self.arrays[0])

    def take(self, indices, device='cpu') -> tuple:
        """The examples of these numbers: a tuple of arrays, the last of which is the target."""
        if self.arrays is not None:
            batch = tuple([part if device_of(part) == device else to_device(part, device)
                           for part in [array[indices] for array in self.arrays]])
        else:
            batch = concat_examples([self.data[int(i)] for i in indices], device)
            batch = tuple(batch.values()) if isinstance(batch, dict) else batch
            batch = batch if isinstance(batch, tuple) else (batch,)
            check_arrays(batch, self.name, indices)
        return batch if len(batch) > 1 else (*batch, *batch)

    def order(self, seed: int, epoch: int) -> np.ndarray:
        """The order of the examples in an epoch."""
        return np.random.default_rng([seed, epoch]).permutation(len(self))


def check_arrays(arrays, name, numbers=None):
    """Raise ValueError unless the arrays are equally long and hold numbers that can be used."""
    lengths = [len(array) if array.ndim else None for array in arrays]
    if None in lengths:
        raise ValueError(f'{name} has an array without axes; the first axis counts the examples.')
    if len(set(lengths)) > 1:
        raise ValueError(f'The arrays of {name} have {", ".join(map(str, lengths))} examples; '
                         'each needs the same number.')
    for place, array in enumerate(arrays):
        what = f'array {place} of {name}'
        if array.dtype.kind not in 'fiub':
            raise ValueError(f'{what} holds {array.dtype}, no numbers: turn texts into numbers '
                             'first.')
        if array.dtype.kind != 'f':
            continue
        bad = to_cpu(~get_array_module(array).isfinite(array))
        if bad.any():
            first = int(np.argwhere(bad)[0][0])
            first = first if numbers is None else int(numbers[first])
            raise ValueError(f'{what} holds {int(bad.sum())} values that are NaN or infinite, the '
                             f'first in example {first}. Leave such examples out, or replace the '
                             'values.')
