"""Losses for many classes, such as all words of a language, that look at a few of them only."""
import heapq
import itertools

import numpy as np

from ..backend import get_array_module
from ..errors import ShapeError
from ..explain import add_line
from ..variable import Variable
from .activation import softplus
from .linear import check_ids, embed_id
from .loss import reduced
from .reduction import sum
from .shaping import expand_dims, where


def negative_sampling(x, t, W, sampler, sample_size, reduce='sum', ignore_label=-1):
    """Tell the right class from a few that are drawn at random.

    x (N, D)   t (N) classes   W (V, D), a vector for each class
    sampler      a function: a shape -> that many classes, an array of whole numbers
    sample_size  how many classes are drawn for each example
    reduce       'sum', 'mean' or 'no'   ignore_label  a class that counts as no answer
    The loss is -ln σ(x w_t) - Σ ln σ(-x w_drawn). (Mikolov et al. 2013)
    Raises ShapeError or IndexError if sizes or classes do not fit.
    """
    t = t.data if isinstance(t, Variable) else t
    if tuple(t.shape) != (x.shape[0],) or x.shape[1] != W.shape[1]:
        raise add_line(ShapeError(f'negative_sampling wants (N,D) (N) (V,D), but got '
                                  f'x {tuple(x.shape)}, t {tuple(t.shape)}, W {tuple(W.shape)}.'))
    t = check_ids('negative_sampling', t, W.shape[0], ignore_label)
    xp = get_array_module(x)
    counted = t != ignore_label
    classes = xp.asarray(sampler((x.shape[0], sample_size + 1)))
    classes[:, 0] = xp.where(counted, t, 0)
    sign = xp.ones(sample_size + 1, x.dtype)
    sign[0] = -1
    products = sum(embed_id(classes, W) * expand_dims(x, 1), 2)
    loss = where(counted, sum(softplus(products * sign), 1), 0.0)
    return reduced(loss, reduce, counted.sum())


def hierarchical_softmax(x, t, W, paths, codes, reduce='sum'):
    """Minus ln p(t), where a class is found by saying yes or no at each fork of a binary tree.

    x (N, D)   t (N) classes   W (M, D), a vector for each fork
    paths, codes  (V, L): which forks lead to a class, and which way to go there, 1 or -1; 0 where
                  the way has ended. `tree_paths` makes both.
    reduce  'sum', 'mean' or 'no'. p is the product of σ(±x w) on the way. (Morin and Bengio 2005)
    Raises IndexError for a class that does not exist.
    """
    t = check_ids('hierarchical_softmax', t, paths.shape[0], None)
    xp = get_array_module(x)
    forks, ways = xp.asarray(paths)[t], xp.asarray(codes)[t]
    products = sum(embed_id(forks, W) * expand_dims(x, 1), 2)
    losses = where(ways != 0, softplus(products * -ways.astype(x.dtype)), 0.0)
    return reduced(sum(losses, 1), reduce, x.shape[0])


def huffman_tree(counts):
    """A binary tree, as pairs of pairs, in which frequent classes stand near the root.

    counts  {class: how often it occurs}; {0: 8, 1: 5, 2: 6, 3: 4} -> ((3, 1), (2, 0))
    Raises ValueError if there is no class. (Huffman 1952)
    """
    if not counts:
        raise ValueError('huffman_tree: there are no counts.')
    heap = [(count, number, word) for number, (word, count) in enumerate(counts.items())]
    heapq.heapify(heap)
    while len(heap) > 1:
        (count, number, left), (count2, number2, right) = heapq.heappop(heap), heapq.heappop(heap)
        heapq.heappush(heap, (count + count2, min(number, number2), (left, right)))
    return heap[0][2]


def tree_paths(tree):
    """The paths and codes for hierarchical_softmax, both (V, L), from a tree of pairs of pairs.

    Left is 1, right is -1. Forks are numbered from the root on, left before right.
    """
    found, number, waiting = {}, itertools.count(), [(tree, [], [])]
    while waiting:
        node, path, code = waiting.pop()
        if isinstance(node, tuple):
            left, right = node
            path = [*path, next(number)]
            waiting += [(right, path, [*code, -1]), (left, path, [*code, 1])]
        else:
            found[node] = path, code
    longest = max(len(path) for path, _ in found.values())
    paths, codes = np.zeros((2, max(found) + 1, longest), int)
    for word, (path, code) in found.items():
        paths[word, :len(path)], codes[word, :len(code)] = path, code
    return paths, codes
