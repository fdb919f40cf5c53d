"""Recurrent layers for whole sequences of any lengths."""
import functools

import numpy as np

from .. import functions as F
from ..functions.arranging import time_major
from ..functions.packed import packing_of
from ..functions.sequences import gru_cell, lstm_cell, plain_cell, through_layers
from ..initializers import Normal, Zero
from ..parameter import Parameter
from ..variable import Variable
from .link import ChainList, Link


class Weights(Link):
    """The weights w0, w1, ... and biases b0, b1, ... of one layer in one direction."""

    def __init__(self, n_in, n_out, count):
        super().__init__()
        self.count = count
        with self.init_scope():
            for i in range(count):
                size = n_in if i < count // 2 else n_out
                setattr(self, f'w{i}', Parameter(Normal(size ** -0.5), (n_out, size)))
                setattr(self, f'b{i}', Parameter(Zero(), (n_out,)))

    def lists(self):
        """(weights, biases)"""
        return ([getattr(self, f'w{i}') for i in range(self.count)],
                [getattr(self, f'b{i}') for i in range(self.count)])


@functools.lru_cache(32)
def reading_order(lengths, device):
    """How sequences of these lengths are read, the longest first: (their order, and the way back;
    the rows of time steps, and the way back; their Packing), with all index arrays on the device.

    Batches are often of the same lengths: then nothing is sent to the device again.
    """
    xp = device.xp
    order = np.argsort([-length for length in lengths], kind='stable')
    places, counts = time_major(lengths)
    return (*[xp.asarray(index) for index in (order, np.argsort(order), places,
                                              np.argsort(places))],
            packing_of(tuple(counts), len(lengths), device))


class NStep(ChainList):
    """What recurrent layers for whole sequences have in common.

    n_layers   how many layers, one above the other
    n_in       numbers of each element of a sequence
    n_out      numbers of a state
    dropout    ratio between the layers, in training

    Call it with the first states, (layers, N, n_out) or None for zeros, and a list of N sequences
    xs[n] (Tₙ, n_in), of any lengths in any order. It gives the last states and a list of sequences
    of outputs, ys[n] (Tₙ, n_out); both ways, there are twice as many layers and (Tₙ, 2 n_out).
    """

    per_layer = 2           # weights
    both_ways = False
    states = 1
    cell = None

    def __init__(self, n_layers, n_in, n_out, dropout=0.0):
        super().__init__()
        self.n_layers, self.n_out, self.dropout = n_layers, n_out, dropout
        self.ways = 2 if self.both_ways else 1
        for layer in range(n_layers):
            for _ in range(self.ways):
                self.append(Weights(n_out * self.ways if layer else n_in, n_out, self.per_layer))

    def forward(self, *inputs):
        *states, xs = inputs
        if len(states) != self.states:
            names = 'hx, cx, xs' if self.states == 2 else 'hx, xs'
            raise TypeError(f'{type(self).__name__} takes ({names}), but got {len(inputs)} inputs.')
        lengths = np.array([x.shape[0] for x in xs], int)
        if not lengths.any():
            raise ValueError(f'{type(self).__name__} needs a sequence with an element, but got '
                             f'{len(xs)} sequences of length 0.')
        order, back, places, places_back, packing = reading_order(tuple(lengths.tolist()),
                                                                  self.device)
        zeros = self.xp.zeros((self.n_layers * self.ways, len(xs), self.n_out), xs[0].dtype)
        states = [Variable(zeros, requires_grad=False) if s is None else s[:, order]
                  for s in states]
        ws, bs = zip(*[weights.lists() for weights in self])
        *lasts, rows = through_layers(
            self.cell, self.n_layers, self.dropout, states, ws, bs,
            F.concat(xs, 0)[places], packing, self.both_ways)
        ys = rows[places_back]
        return (*[last[:, back] for last in lasts],
                list(F.split(ys, np.cumsum(lengths)[:-1].tolist())))


class NStepLSTM(NStep):
    """Layers of long short-term memories: (hx, cx, xs) -> (hy, cy, ys). See NStep.

    Each layer has w0 ... w3 for the input's part of the gates i, f, a, o, w4 ... w7 for the part of
    the state, and b0 ... b7.
    """

    per_layer, states, cell = 8, 2, staticmethod(lstm_cell)


class NStepBiLSTM(NStepLSTM):
    """Layers of long short-term memories that read both ways: (hx, cx, xs) -> (hy, cy, ys)."""

    both_ways = True


class NStepGRU(NStep):
    """Layers of gated recurrent units: (hx, xs) -> (hy, ys). See NStep.

    Each layer has w0 ... w2 for the input's part of r, z, n, w3 ... w5 for the state's, and
    b0 ... b5.
    """

    per_layer, cell = 6, staticmethod(gru_cell)


class NStepBiGRU(NStepGRU):
    """Layers of gated recurrent units that read both ways: (hx, xs) -> (hy, ys)."""

    both_ways = True


class NStepRNN(NStep):
    """Plain recurrent layers: (hx, xs) -> (hy, ys). See NStep.

    Each layer has w0 for the input and w1 for the state, b0 and b1.
    activation  'tanh' or 'relu'
    """

    def __init__(self, n_layers, n_in, n_out, dropout=0.0, activation='tanh'):
        super().__init__(n_layers, n_in, n_out, dropout)
        self.activation = activation

    def cell(self, ws, bs):
        return plain_cell(self.activation)(ws, bs)


class NStepBiRNN(NStepRNN):
    """Plain recurrent layers that read both ways: (hx, xs) -> (hy, ys)."""

    both_ways = True
