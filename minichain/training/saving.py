"""How the parts of a training save themselves: each gives values by name, as links do."""
import json
import random

import numpy as np

from ..randomness import generator


class Saved:
    """Something whose state is saved as one text. Say in a subclass what it is: `state` gives
    lists, dicts, numbers and texts, or None for nothing, and `restore` takes them back."""

    def state(self):
        """What is to be saved."""

    def restore(self, state):
        """Go on from a saved state."""

    def values(self):
        """What is to be saved, by name."""
        state = self.state()
        return {} if state is None else {'state': json.dumps(state)}

    def set_value(self, key, value):
        """Put one saved value, of the given key, into its place."""
        state = json.loads(value.item())
        wanted = type(self.state())
        if wanted in (dict, list) and type(state) is not wanted:
            raise ValueError(f'it should be a {wanted.__name__}, but is a {type(state).__name__}')
        self.restore(state)


class Group:
    """Parts by name that are saved together; those that have nothing to save are left out."""

    def __init__(self, parts):
        self.parts = {name: part for name, part in parts.items() if hasattr(part, 'set_value')}

    def values(self):
        """What is to be saved, by 'part/name'."""
        return {f'{name}/{key}': value for name, part in self.parts.items()
                for key, value in part.values().items()}

    def set_value(self, key, value):
        """Put one saved value, of the given key, into its place."""
        name, _, rest = key.partition('/')
        self.parts[name].set_value(rest, value)


class RandomStates(Saved):
    """This thread's generator of random numbers, and those of NumPy and Python for all threads."""

    def state(self):
        version, numbers, gauss = random.getstate()
        return plain({'minichain': generator().bit_generator.state,
                      'numpy': np.random.get_state(legacy=False),
                      'python': [version, list(numbers), gauss]})

    def restore(self, state):
        generator().bit_generator.state = state['minichain']
        np.random.set_state(state['numpy'])
        version, numbers, gauss = state['python']
        random.setstate((version, tuple(numbers), gauss))


def plain(value):
    """The same with lists in place of arrays."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
