"""A link of the student's that the builder cannot look into: it is run to see what it gives."""
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import minichain as mc

from ..widget import sentence
from .blocks import BuildError

EXAMPLES = 2        # that are sent through a link


class Own(str):
    """What such a link is called in `builder.links`, and the link itself.

    link  None in a net that was saved: a text cannot hold it
    """

    def __new__(cls, name, link=None):
        made = super().__new__(cls, name)
        made.link, made.seen = link, {}
        return made

    @property
    def label(self):
        """What its class is called."""
        return type(self.link).__name__ if self.link is not None else 'a link'

    def tried(self, sizes, words):
        """(sizes of what it gives for one example, weights, multiply-adds). BuildError: it cannot.

        sizes  of an example    words  how many there are; 0 for real numbers
        """
        key = tuple(sizes), bool(words)
        if key not in self.seen:
            try:
                self.seen[key] = aside(lambda: self._run(sizes, words))
            except Exception as error:      # whatever a student's code may raise
                self.seen[key] = BuildError(sentence(error).split('\n')[0])
        if isinstance(self.seen[key], BuildError):
            raise self.seen[key]
        return self.seen[key]

    def _run(self, sizes, words):
        x = np.zeros((EXAMPLES, *sizes), 'int32' if words else 'float32')
        twin = self.link.copy().to_cpu()
        with mc.using_config(train=False, record=True):
            y = twin(mc.Variable(x))
        if not isinstance(y, mc.Variable) or y.ndim < 2 or len(y) != EXAMPLES:
            raise ValueError('it should give an array with one row for each example, but gives '
                             f'{getattr(y, "shape", type(y).__name__)}')
        macs = 0 if y.creator is None else mc.Graph.of(y).cost()['macs']
        return y.shape[1:], twin.count_params(), macs // EXAMPLES


def own_of(settings):
    """The Own of a block of kind 'own'; a saved net has only its name."""
    name = settings['link']
    return name if isinstance(name, Own) else Own(name)


def aside(work):
    """What work() gives in a thread: it has random numbers, settings and observers of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()
