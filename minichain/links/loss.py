"""Losses with weights of their own."""
import numpy as np

from .. import functions as F
from ..initializers import Uniform, Zero
from ..randomness import generator
from ..parameter import Parameter
from .link import Link


class CRF1d(Link):
    """How labels follow each other in a chain; see `minichain.functions.crf1d`.

    n_label  how many labels there are

    Call it with xs, scores (Nₜ, n_label) for each time step, and ys, labels (Nₜ).
    """

    def __init__(self, n_label):
        super().__init__()
        with self.init_scope():
            self.cost = Parameter(Zero(), (n_label, n_label))

    def forward(self, xs, ys, reduce='mean'):
        return F.crf1d(self.cost, xs, ys, reduce)

    def argmax(self, xs):
        """The most probable labels: (scores (N), a list of labels (Nₜ))."""
        return F.argmax_crf1d(self.cost, xs)


class NegativeSampling(Link):
    """Tell the right class from a few random ones; see `minichain.functions.negative_sampling`.

    n_in         numbers of an input
    counts       how often each class occurs; class i is drawn with probability counts[i] ** power
    sample_size  how many are drawn for each example

    (x (N, n_in), t (N)) -> the sum of the losses. (Mikolov et al. 2013)
    """

    def __init__(self, n_in, counts, sample_size, power=0.75):
        super().__init__()
        self.sample_size = sample_size
        shares = np.asarray(counts, float) ** power
        self.ends = np.cumsum(shares) / shares.sum()
        with self.init_scope():
            self.W = Parameter(Zero(), (len(shares), n_in))

    def draw(self, shape):
        """Random classes, frequent ones more often."""
        drawn = self.ends.searchsorted(generator().random(shape), side='right')
        return drawn.clip(max=len(self.ends) - 1)

    def forward(self, x, t, reduce='sum'):
        return F.negative_sampling(x, t, self.W, self.draw, self.sample_size, reduce)


class HierarchicalSoftmax(Link):
    """Find a class by saying yes or no at each fork of a binary tree.

    n_in  numbers of an input
    tree  pairs of pairs, with classes as leaves: ((0, 1), (2, 3)); `huffman_tree` makes a good one

    (x (N, n_in), t (N)) -> the sum of -ln p(t); see `minichain.functions.hierarchical_softmax`.
    (Morin and Bengio 2005)
    """

    def __init__(self, n_in, tree):
        super().__init__()
        self.paths, self.codes = F.tree_paths(tree)
        with self.init_scope():
            self.W = Parameter(Uniform(1.0), (int(self.paths.max()) + 1, n_in))

    def forward(self, x, t, reduce='sum'):
        return F.hierarchical_softmax(x, t, self.W, self.paths, self.codes, reduce)
