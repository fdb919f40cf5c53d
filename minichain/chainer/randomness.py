"""Random numbers from NumPy's global generator, in Chainer's order."""
import numpy as np

from .. import randomness


class NumPyGlobal:
    """Has the methods of a Generator that minichain uses, and draws as Chainer does.

    After np.random.seed(0), initial weights, orders and masks are those of Chainer.
    """

    @property
    def bit_generator(self):
        """What has the `state`, as a Generator's bit generator does."""
        return self

    @property
    def state(self):
        """The state of NumPy's global generator, a dict."""
        return np.random.get_state(legacy=False)

    @state.setter
    def state(self, state):
        np.random.set_state(state)

    def random(self, shape=None, dtype='float64'):
        """Evenly between 0 and 1; a mask compares them as float64, whatever its own type."""
        return np.random.random_sample(shape)

    def standard_normal(self, shape=None, dtype='float64'):
        """Normally distributed."""
        return np.random.standard_normal(shape).astype(dtype)

    def uniform(self, low, high, shape=None):
        """Evenly between two numbers."""
        return np.random.uniform(low, high, shape)

    def permutation(self, n):
        """The numbers below n in a random order."""
        return np.random.permutation(n)

    def integers(self, low, high=None, size=None):
        """Whole numbers, the highest left out."""
        return np.random.randint(low, high, size, dtype=np.int64)


def use_numpy_random(on=True):
    """Draw from NumPy's global generator, as Chainer does; or, False, from minichain's own."""
    randomness.draw_from(NumPyGlobal() if on else None)
