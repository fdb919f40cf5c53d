"""A recurrent layer over whole sequences, packed: rows of all time steps, one step after another.

The longest sequence stands first. At each time step the sequences that are still going on are the
first rows, and nothing is computed for those that have ended: no padding, no mask.
"""
import functools
import itertools

import numpy as np

from .. import backend
from ..backend import contiguous
from ..fused import Fused
from ..scratch import scratch
from .linear import linear, rows_times
from .recurrent import (GRU_BACK, GRU_STEP, LSTM_BACK, LSTM_STEP, columns, gru, lstm, slopes,
                        squash, towards_cell)
from .shaping import concat, split


class Packing:
    """Where the rows of packed sequences lie.

    counts  how many sequences take part in each time step; never growing
    size    how many sequences there are: those beyond counts[0] are empty
    xp      numpy or cupy: where the indices are to lie
    rows    how many rows there are
    ends    where the rows of each time step end

    States lie in an array of size + rows: the first ones, then one for each row.
    """

    def __init__(self, counts, size, xp=np):
        self.counts, self.size, self.rows = counts, size, sum(counts)
        self.ends = list(itertools.accumulate(counts))
        steps = np.asarray(counts)
        lengths = (steps > np.arange(size)[:, None]).sum(1)
        starts = np.concatenate([[-size], np.cumsum(steps) - steps])   # of the first states, too
        # The last state of each sequence.
        self.last = xp.asarray(size + starts[lengths] + np.arange(size))
        before = [np.arange(n) + size + start for n, start in zip(counts, starts)]
        # The states that the rows began with; a slice needs no copy.
        self.before = slice(0, self.rows) if counts[-1] == size else xp.asarray(
            np.concatenate(before))
        # The rows with each sequence back to front.
        sequence = np.concatenate([np.arange(n) for n in counts])
        step = np.repeat(np.arange(len(counts)), counts)
        self.turned = xp.asarray(starts[lengths[sequence] - step] + sequence)

    def steps(self, backwards=False):
        """For each time step its rows, the states that it makes, and those that it began with."""
        before, parts = 0, []
        for end, n in zip(self.ends, self.counts):
            rows = slice(end - n, end)
            now = self.size + end - n
            parts.append((rows, slice(now, now + n), slice(before, before + n)))
            before = now
        return reversed(parts) if backwards else parts

    def room(self, first):
        """An array for all states, which begins with the first ones."""
        xp = backend.get_array_module(first)
        states = xp.empty((self.size + self.rows, first.shape[1]), first.dtype)
        states[:self.size] = first
        return states

    def gradients(self, purpose, states, g_rows, g_last):
        """The gradients of all states, so far as they come from outside of the layer: in an array
        to work with."""
        g = work_array(purpose, states)
        g.fill(0)
        if g_rows is not None:
            g[self.size:] = g_rows
        if g_last is not None:
            g[self.last] += g_last
        return g

    def begun(self, states):
        """The states that the rows began with; of those of equally long sequences, a view."""
        if isinstance(self.before, slice):
            return states[self.before]
        begun = scratch('begun', (self.rows, states.shape[1]), states.dtype)
        return states.take(self.before, 0, out=begun, mode='clip')


def work_array(purpose, like):
    """An array to work with, of the shape and type of another; see `scratch`."""
    xp = backend.get_array_module(like)
    return scratch(purpose, like.shape, like.dtype) if xp is np else xp.empty_like(like)


@functools.lru_cache(32)
def packing_of(counts, size, device):
    """The Packing of these counts. Batches are often alike: then nothing is sent to the device."""
    return Packing(counts, size, device.xp)


def run_steps(packing, step, states, x):
    """Through the time steps one by one: (outputs of all rows, *last states).

    step(states, rows of a time step) gives the next states, the output first. A sequence that ends
    leaves its states behind.
    """
    ended, ys = [], []
    for rows in split(x, packing.ends[:-1]):
        n = rows.shape[0]
        if n < states[0].shape[0]:
            ended.append([s[n:] for s in states])
            states = [s[:n] for s in states]
        states = step(states, rows)
        ys.append(states[0])
    parts = zip(states, *reversed(ended))
    return (concat(ys, 0), *[concat(part, 0) for part in parts])


class LSTMSweep(Fused):
    """A long short-term memory through all time steps"""

    shapes = '(N,H) (N,H) (M,4H) (4H,H) -> (M,H) (N,H) (N,H)'
    keeps, label, fills = 'x gates h c squashed', 'lstm_sweep', False

    def __init__(self, packing):
        self.packing = packing

    def forward(self, h, c, x, U):
        xp, n, packing = self.xp, h.shape[1], self.packing
        self.h, self.c = packing.room(h), packing.room(c)
        if xp is not np:
            return self.forward_on_gpu(x, U)
        self.gates = xp.empty(x.shape, x.dtype)
        self.squashed = xp.empty_like(self.h[len(h):])
        turned = contiguous(U.T)        # once for all steps: products of few rows are faster so
        for rows, now, before in packing.steps():
            gates, c, squashed = self.gates[rows], self.c[now], self.squashed[rows]
            xp.add(x[rows], rows_times(self.h[before], turned), out=gates)
            a, i, f, o = columns(squash(gates, n, gates), 4)
            xp.multiply(f, self.c[before], out=c)
            c += i * a
            xp.tanh(c, out=squashed)
            xp.multiply(o, squashed, out=self.h[now])
        return self.h[packing.size:], self.h[packing.last], self.c[packing.last]

    def forward_on_gpu(self, x, U):
        """A product and a kernel for each time step. `gates` becomes what goes into the gates."""
        xp, packing, x = self.xp, self.packing, contiguous(x)
        self.gates, width = xp.empty_like(x), self.h.shape[1]
        for rows, now, before in packing.steps():
            u = xp.matmul(self.h[before], U.T, out=self.gates[rows])
            LSTM_STEP(self.c[before], x[rows], u, u, True, False, width, self.c[now], self.h[now],
                      u)
        return self.h[packing.size:], self.h[packing.last], self.c[packing.last]

    def backward(self, gy, gh_last, gc_last):
        U, n, packing = self.x[3], self.h.shape[1], self.packing
        gh = packing.gradients('gh', self.h, gy, gh_last)
        gc = packing.gradients('gc', self.c, None, gc_last)
        if self.xp is not np:
            return self.backward_on_gpu(gh, gc)
        # What does not wait for the gradients of later steps is computed for all steps at once.
        a, i, f, o = columns(self.gates, 4)
        gx = slopes(self.gates, n)
        for g, factor in zip(columns(gx, 4), (i, a, packing.begun(self.c), self.squashed)):
            g *= factor
        to_cell = towards_cell(o, self.squashed, work_array('to cell', self.squashed))
        parts = gx.reshape(-1, 4, n)
        for rows, now, before in packing.steps(backwards=True):
            from_h, total = gh[now], gc[now]
            total += to_cell[rows] * from_h
            parts[rows, :3] *= total[:, None]
            parts[rows, 3] *= from_h
            earlier = gc[before]        # a view: gc[before] += ... would also copy it to itself
            earlier += total * f[rows]
            earlier = gh[before]
            earlier += rows_times(gx[rows], U)
        size = packing.size
        return gh[:size].copy(), gc[:size].copy(), gx, gx.T @ packing.begun(self.h)

    def backward_on_gpu(self, gh, gc):
        """The gradients, from those of all states so far as they come from outside."""
        packing, U, gx = self.packing, self.x[3], self.xp.empty_like(self.gates)
        for rows, now, before in packing.steps(backwards=True):
            LSTM_BACK(self.c[before], self.gates[rows], gc[now], gh[now], True, True, True,
                      gh.shape[1], gc[before], gx[rows])
            earlier = gh[before]        # a view: gh[before] += ... would also copy it to itself
            earlier += gx[rows] @ U
        size = packing.size
        return gh[:size], gc[:size], gx, gx.T @ self.h[packing.before]

    def reference(self, h, c, x, U):
        def step(states, rows):
            c, h = lstm(states[1], rows + linear(states[0], U))
            return [h, c]
        return run_steps(self.packing, step, [h, c], x)


class GRUSweep(Fused):
    """A gated recurrent unit through all time steps"""

    shapes = '(N,H) (M,3H) (3H,H) (3H) -> (M,H) (N,H)'
    keeps, label, fills = 'x gates h added', 'gru_sweep', False

    def __init__(self, packing):
        self.packing = packing

    def forward(self, h, x, U, d):
        xp, n, packing = self.xp, h.shape[1], self.packing
        self.h = packing.room(h)
        if xp is not np:
            return self.forward_on_gpu(x, U, d)
        self.gates = x.copy()
        self.added = xp.empty_like(self.h[len(h):])         # to the gate n, before r weighs it
        turned = contiguous(U.T)
        for rows, now, before in packing.steps():
            gates, h = self.gates[rows], self.h[now]
            u = rows_times(self.h[before], turned)
            u += d
            gates[:, :2 * n] += u[:, :2 * n]
            squash(gates[:, :2 * n], 0, gates[:, :2 * n])
            r, z, new = columns(gates, 3)
            self.added[rows] = u[:, 2 * n:]
            new += r * u[:, 2 * n:]
            xp.tanh(new, out=new)
            xp.subtract(self.h[before], new, out=h)
            h *= z
            h += new
        return self.h[packing.size:], self.h[packing.last]

    def forward_on_gpu(self, x, U, d):
        """The same with a kernel a cell. `added` becomes what the states add to all gates, but for
        the bias."""
        packing, x, d = self.packing, contiguous(x), contiguous(d)
        self.added = self.xp.empty_like(x)
        for rows, now, before in packing.steps():
            u = self.xp.matmul(self.h[before], U.T, out=self.added[rows])
            GRU_STEP(self.h[before], x[rows], u, d, d, False, True, self.h.shape[1], self.h[now])
        return self.h[packing.size:], self.h[packing.last]

    def backward(self, gy, gh_last):
        U, n, packing = self.x[2], self.h.shape[1], self.packing
        gh = packing.gradients('gh', self.h, gy, gh_last)
        if self.xp is not np:
            return self.backward_on_gpu(gh)
        before = packing.begun(self.h)
        r, z, new = columns(self.gates, 3)
        gx = slopes(self.gates, 0)
        gr, gz, gn = columns(gx, 3)
        gr *= self.added
        gz *= before - new
        gn[:] = (1 - new * new) * (1 - z)
        gu = work_array('gu', gx)
        for rows, now, earlier in packing.steps(backwards=True):
            g = gh[now]
            gz[rows] *= g
            gn[rows] *= g
            gr[rows] *= gn[rows]
            gu[rows] = gx[rows]
            gu[rows, 2 * n:] *= r[rows]
            gh[earlier] += g * z[rows]
            gh[earlier] += gu[rows] @ U
        return gh[:packing.size].copy(), gx, gu.T @ before, gu.sum(0)

    def backward_on_gpu(self, gh):
        """The gradients, from those of all states so far as they come from outside."""
        _, x, U, d = self.x
        xp, packing, x, d = self.xp, self.packing, contiguous(x), contiguous(d)
        gx, gu = xp.empty_like(x), xp.empty_like(x)
        for rows, now, before in packing.steps(backwards=True):
            GRU_BACK(self.h[before], x[rows], self.added[rows], d, d, False, True, gh.shape[1],
                     gh[now], True, gh[before], gx[rows], gu[rows])
            earlier = gh[before]        # a view
            earlier += gu[rows] @ U
        return gh[:packing.size], gx, gu.T @ self.h[packing.before], gu.sum(0)

    def reference(self, h, x, U, d):
        def step(states, rows):
            return [gru(states[0], rows, linear(states[0], U, d))]
        return run_steps(self.packing, step, [h], x)
