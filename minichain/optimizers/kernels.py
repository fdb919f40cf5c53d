"""Rules and hooks on a GPU: one launch changes all parameters that change in the same way.

A network has a hundred parameters and more, and each launch costs Python and the driver their time,
however few numbers there are to change. So a kernel gets a table of where all arrays lie. Thread i
has the number i of all parameters, one behind the other.
"""
import functools
import itertools
import operator

import numpy as np

from ..backend import address, device_of, elementwise, memory_of

THREADS = 1 << 18       # so many run at once on a large GPU


def each(*names, number='i'):
    """The beginning of a kernel: one number of each of these arrays, of the parameter that has it.

    The table holds the number of the first thread of each of `count` parameters, then the addresses
    of its arrays: all of the first kind, all of the second. By halves a thread finds parameter k,
    of which it has number j.
    """
    found = [f'T& {name} = ((T*)table[{place} * count + k])[j];'
             for place, name in enumerate(names, 1)]
    return f'''
    int k = 0, after = count;
    while (after - k > 1) {{
      int middle = (k + after) / 2;
      if ((long long)table[middle] <= {number}) k = middle; else after = middle;
    }}
    long long j = {number} - (long long)table[k];
    {" ".join(found)}
    '''


def sign(x):
    """1 for a number above 0, -1 below; 0 and NaN as they are."""
    return f'({x} > 0 ? T(1) : {x} < 0 ? T(-1) : {x})'


# `first` is the first parameter, which tells the type T.
TABLE, FIRST = 'raw uint64 table, int32 count', 'raw T first'

SGD = elementwise(f'{TABLE}, T lr', FIRST, each('g', 'p') + 'p -= lr * g;', 'sgd')
MOMENTUM_SGD = elementwise(
    f'{TABLE}, T lr, T momentum', FIRST, each('g', 'p', 'v') + '''
    v = momentum * v - lr * g;
    p += v;''', 'momentum_sgd')
NESTEROV_AG = elementwise(
    f'{TABLE}, T lr, T momentum', FIRST, each('g', 'p', 'v') + '''
    v = momentum * v - lr * g;
    p += momentum * v - lr * g;''', 'nesterov_ag')
ADA_GRAD = elementwise(
    f'{TABLE}, T lr, T eps', FIRST, each('g', 'p', 'sum') + '''
    sum += g * g;
    p -= lr * g / (sqrt(sum) + eps);''', 'ada_grad')
ADA_DELTA = elementwise(
    f'{TABLE}, T rate, T eps', FIRST, each('g', 'p', 'v', 'm') + '''
    v += rate * (g * g - v);
    T d = sqrt((m + eps) / (v + eps)) * g;
    m += rate * (d * d - m);
    p -= d;''', 'ada_delta')
RMSPROP = elementwise(
    f'{TABLE}, T lr, T rate, T eps, bool inside', FIRST, each('g', 'p', 'v') + '''
    v += rate * (g * g - v);
    p -= lr * g / (inside ? sqrt(v + eps) : sqrt(v) + eps);''', 'rmsprop')
RMSPROP_GRAVES = elementwise(
    f'{TABLE}, T lr, T rate, T momentum, T eps', FIRST, each('g', 'p', 'v', 'm', 'd') + '''
    v += rate * (g * g - v);
    m += rate * (g - m);
    d = momentum * d - lr * g / sqrt(v - m * m + eps);
    p += d;''', 'rmsprop_graves')
SMORMS3 = elementwise(
    f'{TABLE}, T lr, T eps', FIRST, each('g', 'p', 'memory', 'm', 'v') + '''
    T rate = 1 / (memory + 1);
    m += rate * (g - m);
    v += rate * (g * g - v);
    T x = m * m / (v + eps);
    memory = 1 + memory * (1 - x);
    p -= min(x, lr) * g / (sqrt(v) + eps);''', 'smorms3')

# Adam and those like it.
ADAM_NUMBERS = f'{TABLE}, T rise1, T rise2, T step, T eps, T keep'


def means(*more):
    """The beginning of their kernels: the means m of gradients and v of squares go on."""
    return each('g', 'p', 'm', 'v', *more) + '''
    m += rise1 * (g - m);
    v += rise2 * (g * g - v);'''


ADAM = elementwise(ADAM_NUMBERS, FIRST, means() + '''
    p = keep * p - step * m / (sqrt(v) + eps);''', 'adam')
AMS_GRAD = elementwise(ADAM_NUMBERS, FIRST, means('vhat') + '''
    vhat = max(vhat, v);
    p = keep * p - step * m / (sqrt(vhat) + eps);''', 'ams_grad')
ADA_BOUND = elementwise(f'{ADAM_NUMBERS}, T lower, T upper', FIRST, means() + '''
    T rate = step / (sqrt(v) + eps);
    p = keep * p - min(max(rate, lower), upper) * m;''', 'ada_bound')
AMS_BOUND = elementwise(f'{ADAM_NUMBERS}, T lower, T upper', FIRST, means('vhat') + '''
    vhat = max(vhat, v);
    T rate = step / (sqrt(vhat) + eps);
    p = keep * p - min(max(rate, lower), upper) * m;''', 'ams_bound')
LION = elementwise(
    f'{TABLE}, T lr, T rise1, T rise2, T keep', FIRST, each('g', 'p', 'm') + '''
    T towards = m + rise1 * (g - m);
    p = keep * p - lr * ''' + sign('towards') + ''';
    m += rise2 * (g - m);''', 'lion')

# Hooks.
WEIGHT_DECAY = elementwise(f'{TABLE}, T rate', FIRST, each('p', 'g') + 'g += rate * p;',
                           'weight_decay')
LASSO = elementwise(f'{TABLE}, T rate', FIRST,
                    each('p', 'g') + f'g += rate * {sign("p")};', 'lasso')
HARD_CLIP = elementwise(f'{TABLE}, T lower, T upper', FIRST, each('p', 'g') + '''
    if (g < lower) g = lower;
    if (g > upper) g = upper;''', 'hard_clip')
SQUARES = elementwise(          # each thread adds up the squares of some of all numbers
    f'{TABLE}, int64 total', 'T squares', f'''
    squares = 0;
    for (long long at = i; at < total; at += _ind.size()) {{
      {each('g', number='at')}
      squares += g * g;
    }}''', 'squares')
SHORTEN = elementwise(          # NaN goes to all numbers, as on the CPU
    f'{TABLE}, T threshold, raw U total', FIRST, each('g') + '''
    T norm = sqrt(total[0]);
    if (!(norm <= threshold)) g *= threshold / norm;''', 'shorten')


class Together:
    """Changes that wait for each other: those of one kernel, with the same numbers, of parameters
    of one type on one device, are one launch.

    more  arrays that every kernel takes besides
    """

    def __init__(self, *more):
        self.more = more
        self.begin()

    def begin(self):
        self.waiting, self.copies, self.changing = {}, [], {}

    def add(self, kernel, numbers, read, changed):
        """Have the kernel change some arrays of one parameter, and only read others.

        It works on arrays without gaps, and computes in float32 at least, for in float16 small
        steps would be lost. Of an array that is not like that a copy takes part. What shares memory
        with an array that is to change already waits for a launch of its own, for of two threads
        that change one number one would be lost.
        """
        if self.is_changing(changed[0]):
            self.launch()
        self.changing.setdefault(memory_of(changed[0]), []).append(changed[0])
        dtype = np.promote_types(changed[0].dtype, np.float32)
        used, to_change = ([as_kernels_want(a, dtype) for a in several]
                           for several in (read, changed))
        self.copies += [(a, copy) for a, copy in zip(changed, to_change) if copy is not a]
        key = kernel, numbers, dtype, device_of(changed[0])
        self.waiting.setdefault(key, []).append((*used, *to_change))

    def is_changing(self, array):
        """Whether something that is to change shares memory with this array."""
        return any(device_of(array).xp.may_share_memory(array, other)
                   for other in self.changing.get(memory_of(array), ()))

    def launch(self):
        """Change all."""
        for (kernel, numbers, _, device), parameters in self.waiting.items():
            with device:
                table, size = table_of(parameters, device)
                kernel(table, len(parameters), *numbers, *self.more, parameters[0][0], size=size)
        for array, copy in self.copies:
            with device_of(array):
                array[...] = copy
        self.begin()


def as_kernels_want(array, dtype):
    """The array itself, or a copy of this type and without gaps."""
    if array.dtype == dtype and array.flags.c_contiguous:
        return array
    with device_of(array):
        return array.astype(dtype, order='C')


def table_of(parameters, device):
    """The table of these tuples of arrays, and the number of all numbers of a parameter's array."""
    *starts, size = itertools.accumulate([first.size for first, *_ in parameters], initial=0)
    addresses = [address(a) for alike in zip(*parameters) for a in alike]
    return on_device((*starts, *addresses), device), size


@functools.lru_cache(8)
def on_device(numbers, device):
    """A table on a device. Where arrays lie as at one of the last steps, nothing is sent.

    Nothing waits for it either: CuPy copies it by way of memory of its own, which stays until the
    GPU has it.
    """
    return device.xp.asarray(np.array(numbers, np.uint64))


def shorten(gradients, threshold):
    """Give all gradients together, seen as one vector, a length of at most `threshold`.

    The GPU is not waited for: the length stays there.
    """
    alike = {}
    for g in gradients:
        dtype = np.promote_types(g.dtype, np.float32)
        alike.setdefault((dtype, device_of(g)), []).append((as_kernels_want(g, dtype),))
    sums = []
    for (dtype, device), several in alike.items():
        with device:
            table, size = table_of(several, device)
            squares = device.xp.empty(min(size, THREADS), dtype)
            sums.append(SQUARES(table, len(several), size, squares).sum())
    together = Together(functools.reduce(operator.add, sums))
    for g in gradients:
        together.add(SHORTEN, (threshold,), (), (g,))
    together.launch()
