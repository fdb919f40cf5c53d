"""The rules on a GPU: one launch changes all parameters that change in the same way.

A network has a hundred parameters and more, and each launch costs Python and the driver their time,
however few numbers there are to change. So a kernel gets a table of where all arrays lie. Thread i
has the number i of all parameters, one behind the other.
"""
import functools
import itertools

import numpy as np

from ..backend import address, device_of, elementwise

# The table holds the number of the first thread of each of `count` parameters, then the addresses
# of the gradients, of the parameters, and of each array of their states. By halves a thread finds
# parameter k, of which it has number j.
FIND = '''
    int k = 0, after = count;
    while (after - k > 1) {
      int middle = (k + after) / 2;
      if ((long long)table[middle] <= i) k = middle; else after = middle;
    }
    long long j = i - (long long)table[k];'''


def each(*names):
    """The beginning of a kernel: g, p, and the arrays of the state are a thread's own numbers."""
    numbers = [f'T& {name} = ((T*)table[{place} * count + k])[j];'
               for place, name in enumerate(('g', 'p', *names), 1)]
    return '\n    '.join([FIND, *numbers, ''])


# `first` is the first parameter, which tells the type T.
TABLE, FIRST = 'raw uint64 table, int32 count', 'raw T first'

SGD = elementwise(f'{TABLE}, T lr', FIRST, each() + 'p -= lr * g;', 'sgd')
MOMENTUM_SGD = elementwise(
    f'{TABLE}, T lr, T momentum', FIRST, each('v') + '''
    v = momentum * v - lr * g;
    p += v;''', 'momentum_sgd')
NESTEROV_AG = elementwise(
    f'{TABLE}, T lr, T momentum', FIRST, each('v') + '''
    v = momentum * v - lr * g;
    p += momentum * v - lr * g;''', 'nesterov_ag')
ADA_GRAD = elementwise(
    f'{TABLE}, T lr, T eps', FIRST, each('sum') + '''
    sum += g * g;
    p -= lr * g / (sqrt(sum) + eps);''', 'ada_grad')
RMSPROP = elementwise(
    f'{TABLE}, T lr, T rate, T eps, bool inside', FIRST, each('v') + '''
    v += rate * (g * g - v);
    p -= lr * g / (inside ? sqrt(v + eps) : sqrt(v) + eps);''', 'rmsprop')
ADAM = elementwise(
    f'{TABLE}, T rise1, T rise2, T step, T eps, T keep', FIRST, each('m', 'v') + '''
    m += rise1 * (g - m);
    v += rise2 * (g * g - v);
    p = keep * p - step * m / (sqrt(v) + eps);''', 'adam')
AMS_GRAD = elementwise(
    f'{TABLE}, T rise1, T rise2, T step, T eps, T keep', FIRST, each('m', 'v', 'vhat') + '''
    m += rise1 * (g - m);
    v += rise2 * (g * g - v);
    vhat = max(vhat, v);
    p = keep * p - step * m / (sqrt(vhat) + eps);''', 'ams_grad')


class Together:
    """Changes that wait for each other: those of one kernel, with the same numbers, of parameters
    of one type on one device, are one launch."""

    def __init__(self):
        self.waiting, self.copies = {}, []

    def add(self, kernel, numbers, p, g, state):
        """Have the kernel change p and the state by the gradient g.

        It works on arrays without gaps, and computes in float32 at least, for in float16 small
        steps would be lost. Of an array that is not like that a copy takes part.
        """
        dtype = np.promote_types(p.dtype, np.float32)
        arrays = g, p, *state
        ready = [a if a.dtype == dtype and a.flags.c_contiguous else a.astype(dtype, order='C')
                 for a in arrays]
        self.copies += [(a, copy) for a, copy in zip(arrays[1:], ready[1:]) if copy is not a]
        key = kernel, numbers, dtype, device_of(p)
        self.waiting.setdefault(key, []).append(ready)

    def launch(self):
        """Change all."""
        for (kernel, numbers, _, device), parameters in self.waiting.items():
            *starts, size = itertools.accumulate([p.size for _, p, *_ in parameters], initial=0)
            addresses = [address(a) for alike in zip(*parameters) for a in alike]
            with device:
                kernel(on_device((*starts, *addresses), device), len(parameters), *numbers,
                       parameters[0][1], size=size)
        for array, copy in self.copies:
            array[...] = copy


@functools.lru_cache(8)
def on_device(numbers, device):
    """A table on a device. Where arrays lie as at the last step, nothing is sent."""
    return device.xp.asarray(np.array(numbers, np.uint64))
