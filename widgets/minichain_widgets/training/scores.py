"""Scores of classes: which axis counts the classes, what was chosen, how often that was right."""
from minichain.backend import get_array_module

NO_ANSWER = -1          # a target that does not count, such as padding


def class_axis(y, t):
    """The axis of y that counts the classes of the targets t; None if y holds no such scores.

    y (N, K) or (N, K, ...) or (N, ..., K)    t whole numbers (N) or (N, ...). Where both would do,
    it is axis 1, as for softmax_cross_entropy.
    """
    if t.dtype.kind not in 'iu' or y.ndim != t.ndim + 1 or t.ndim < 1:
        return None
    shape = tuple(y.shape)
    if shape[:1] + shape[2:] == tuple(t.shape):
        return 1
    return y.ndim - 1 if shape[:-1] == tuple(t.shape) else None


def hits(y, t):
    """(right, counted): whole numbers over all positions that have an answer."""
    counted = t != NO_ANSWER
    right = (y.argmax(axis=class_axis(y, t)) == t) & counted
    return int(right.sum()), int(counted.sum())


def last(y, t):
    """The scores with the classes as their last axis."""
    return get_array_module(y).moveaxis(y, class_axis(y, t), -1)
