"""One batch of sentences of different lengths, computed in three ways, and what each way costs.

    padded      static: every sentence is filled up to the longest, all take part in every step
    each        dynamic: a graph for each sentence, as long as the sentence
    shrinking   dynamic: the sentences sorted by length; the batch becomes smaller as they end

All three give the same outputs and the same gradients. Nothing here is estimated: the numbers are
read off the graphs that really ran, and the times are those of forward and backward.
"""
from dataclasses import dataclass
from time import perf_counter

import numpy as np

import minichain.functions as F
from minichain.backprop import ancestors
from minichain.function import Function
from minichain.graph import Graph
from minichain.observe import unwatched

NAMES = {'padded': 'Static: padded batch', 'each': 'Dynamic: one by one',
         'shrinking': 'Dynamic: shrinking batch'}


@dataclass(frozen=True)
class Cost:
    """What one way of computing a batch costs; forward only, except for memory and time.

    operations  calls into the array library that the graph consists of
    macs        multiply-adds
    bytes       of the different arrays that are remembered for backward at the same time, without
                the parameters
    """

    operations: int
    macs: int
    bytes: int


def padded(cell, words):
    """Every sentence as long as the longest: arrays (T, N, I), with zeros where words are missing.

    What comes after the end of a sentence is computed and never used.
    """
    n_steps, n_in = max(map(len, words)), words[0].shape[1]
    steps = np.zeros((n_steps, len(words), n_in), words[0].dtype)
    for i, sentence in enumerate(words):
        steps[:len(sentence), i] = sentence
    cell.reset_state()
    outputs = F.stack([cell(x) for x in steps])
    last = [len(sentence) - 1 for sentence in words]
    yield range(len(words)), outputs[last, np.arange(len(words))]


def each(cell, words):
    """One graph for each sentence; its gradients are added up before the next one begins."""
    for i, sentence in enumerate(words):
        cell.reset_state()
        for x in sentence:
            h = cell(x[None])
        yield [i], h


def shrinking(cell, words):
    """All sentences together, the longest first: those that have ended take no part any more."""
    order = sorted(range(len(words)), key=lambda i: -len(words[i]))
    lengths = [len(words[i]) for i in order]
    cell.reset_state()
    ended = []
    for t in range(lengths[0]):
        running = [i for i in order if len(words[i]) > t]
        h = cell(np.stack([words[i][t] for i in running]))
        staying = sum(length > t + 1 for length in lengths)
        if staying < len(running):
            ended.insert(0, h[staying:])
    yield order, F.concat(ended, axis=0)


WAYS = {'padded': padded, 'each': each, 'shrinking': shrinking}


def run(way, cell, words, count=None):
    """Forward and backward in one way. Gives the last outputs, an array (N, H).

    count   called with the result of each graph before backward lets go of what it keeps
    """
    cell.cleargrads()
    outputs = None
    for rows, h in WAYS[way](cell, words):
        y = F.sum(h * h)
        if count is not None:
            count(y)
        y.backward()
        if outputs is None:
            outputs = np.empty((len(words), *h.shape[1:]), h.dtype)
        outputs[list(rows)] = h.numpy()
    cell.reset_state()
    return outputs


def count(way, cell, words):
    """(Cost, outputs, gradients of all parameters in one row) of one way, really run."""
    operations, macs, kept = [], [], []
    parameters = {id(param.data) for param in cell.params()}

    def look(y):
        graph = Graph.of(y)
        operations.append(sum(node['kind'] == 'function' for node in graph.nodes))
        macs.append(graph.cost()['macs'])
        kept.append(bytes_kept(y, leave_out=parameters))

    with unwatched():
        outputs = run(way, cell, words, look)
    # Of sentences of one word no state goes on to a next word: its weights get no gradient.
    gradients = np.concatenate([np.zeros(param.size, param.dtype) if param.grad is None
                                else param.grad.reshape(-1) for param in cell.params()])
    return Cost(sum(operations), sum(macs), max(kept)), outputs, gradients


def measure(cell, words, patience=0.6, most=7):
    """way -> seconds of forward and backward, the best of several rounds.

    The ways take turns, so that whatever else the computer does disturbs all of them alike.
    patience    seconds after which no further round begins
    most        rounds at most
    """
    best = dict.fromkeys(WAYS, float('inf'))
    end = perf_counter() + patience
    with unwatched():
        for i in range(most):
            for way in WAYS:
                began = perf_counter()
                run(way, cell, words)
                best[way] = min(best[way], perf_counter() - began)
            if perf_counter() > end:
                break
    return best


def bytes_kept(y, leave_out=()):
    """Bytes of the arrays that the graph behind y remembers for backward, each array once.

    leave_out   ids of arrays that do not count
    """
    arrays = {}
    for node in ancestors([y.node]):
        if isinstance(node, Function):
            for _, array in node.kept_arrays():
                owner = array if array.base is None else array.base
                arrays[id(owner)] = owner.nbytes
    return sum(size for key, size in arrays.items() if key not in leave_out)


def stretch(lengths, batch_size, spread):
    """Lengths for a batch of another size: the given ones in turn, more alike or as they are.

    spread  1: as long as they are; 0: all as long as the longest of them
    """
    some = [lengths[i % len(lengths)] for i in range(batch_size)]
    longest = max(some)
    return [int(longest - spread * (longest - length) + 0.5) for length in some]
