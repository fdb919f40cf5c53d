"""What a row of the table of operations says, and the arguments that are made from it."""
import dataclasses
import math
from collections.abc import Callable

import numpy as np

import minichain.functions as F
from minichain.randomness import drawing_from


@dataclasses.dataclass
class Case:
    """A row.

    name        the public function, or the operator or method of a Variable
    shapes      of the arguments; None for an argument that is left out
    numpy       the same as a function of arrays
    options     keywords for both
    call        what to call, if it is not minichain.functions.<name>
    domain      real arguments are spread evenly between these two numbers, no two of them close
    kinks       nor does any of them come close to these numbers
    classes     {i: n}: argument number i holds whole numbers from 0 to n - 1
    constants   numbers of the arguments that get no gradient, though they are real numbers
    gradient    False: the result has no gradient
    elementwise arguments of any shapes that broadcast
    batch       numbers of the arguments whose first axis counts examples, and may have none
    outputs     so many arrays come out
    any_type    the type of the result is not that of the arguments
    note        tells rows of one name apart
    """

    name: str
    shapes: list
    numpy: Callable
    options: dict = dataclasses.field(default_factory=dict)
    call: Callable = None
    domain: tuple = (-2.0, 2.0)
    kinks: tuple = ()
    classes: dict = dataclasses.field(default_factory=dict)
    constants: tuple = ()
    gradient: bool = True
    elementwise: bool = False
    batch: tuple = (0,)
    outputs: int = 1
    any_type: bool = False
    note: str = ''

    def __str__(self):
        return f'{self.name}-{self.note}'.rstrip('-').replace(' ', '_')

    @property
    def function(self):
        """The operation as a function of the arguments alone, Variables or arrays."""
        call = self.call or getattr(F, self.name)
        return lambda *args: call(*args, **self.options)

    def expected(self, arrays):
        """What NumPy says, as a tuple of arrays."""
        ys = self.numpy(*arrays, **self.options)
        return ys if isinstance(ys, tuple) else (ys,)

    def arrays(self, dtype='float64', shapes=None, seed=0):
        """Arguments: NumPy arrays, and None where the row has None."""
        rng = np.random.default_rng(seed)
        shapes = self.shapes if shapes is None else shapes
        sizes = [0 if shape is None or i in self.classes else math.prod(shape)
                 for i, shape in enumerate(shapes)]
        parts = iter(np.split(self.spread(rng, sum(sizes)), np.cumsum(sizes)[:-1]))
        arrays = []
        for i, shape in enumerate(shapes):
            part = next(parts)
            if shape is None:
                arrays.append(None)
            elif i in self.classes:
                arrays.append(rng.integers(0, self.classes[i], shape))
            else:
                arrays.append(part.reshape(shape).astype(dtype))
        return arrays

    def spread(self, rng, count):
        """So many numbers of the domain in random order."""
        low, high = self.domain
        numbers = (rng.permutation(count) + rng.uniform(0.3, 0.7, count)) / max(count, 1)
        numbers = low + (high - low) * numbers
        for kink in self.kinks:
            numbers = np.where(abs(numbers - kink) < 0.05, kink + 0.3, numbers)
        return numbers

    def empty_shapes(self):
        """The shapes for a batch of no examples."""
        return [(0, *shape[1:]) if i in self.batch else shape
                for i, shape in enumerate(self.shapes)]

    def learning(self, arrays):
        """Numbers of the arguments that get a gradient."""
        return [i for i, array in enumerate(arrays) if array is not None and self.gradient
                and array.dtype.kind == 'f' and i not in self.constants]


class Draws:
    """Draws on the CPU what GPU kernels draw after the same seed: SplitMix64, by whole arrays."""

    seed = 2 ** 40 + 1

    def integers(self, high):
        return self.seed % high

    def bits(self, shape):
        z = np.arange(1, np.prod(shape, dtype=int) + 1, dtype='u8') * np.uint64(0x9E3779B97F4A7C15)
        z += np.uint64(self.seed)
        z = (z ^ (z >> 30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> 27)) * np.uint64(0x94D049BB133111EB)
        return (z ^ (z >> 31)).reshape(shape)

    def random(self, shape, dtype='float64'):
        return ((self.bits(shape) >> 40) / 2 ** 24).astype(dtype)

    def standard_normal(self, shape, dtype='float64'):
        angle = (self.bits(shape) >> 16 & 0xffffff) * (2 * np.pi / 2 ** 24)
        return np.sqrt(-2 * np.log(1 - self.random(shape))) * np.cos(angle)


def seeded(function):
    """The same noise at each call, on every device."""
    def call(*args, **options):
        with drawing_from(Draws()):
            return function(*args, **options)
    return call


def elementwise(name, numpy, **options):
    """Rows of an operation that works element by element: one argument, then a 0-d one."""
    return [Case(name, [(3, 4)], numpy, elementwise=True, **options),
            Case(name, [()], numpy, elementwise=True, batch=(), note='0-d', **options)]


BROADCASTS = [[(3, 4), (3, 4)], [(3, 4), (4,)], [(3, 1), (1, 4)], [(), (2,)], [(2, 1, 3), (4, 1)],
              [(0, 3), (1, 3)], [(), ()]]


def pairwise(name, numpy, **options):
    """Rows of an operation of two arrays: shapes that are equal, and all ways to broadcast."""
    options.setdefault('elementwise', True)
    return [Case(name, shapes, numpy, batch=(), note=' '.join(map(str, shapes)), **options)
            for shapes in BROADCASTS]
