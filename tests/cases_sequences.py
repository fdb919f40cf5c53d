"""Rows of the table of operations: cells, whole sequences, attention."""
import numpy as np

import minichain as mc
import minichain.functions as F
from op_case import Case


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru(h, x, u, b=0, d=0):
    x, u = x + b, u + d
    (xr, xz, xn), (ur, uz, un) = np.split(x, 3, 1), np.split(u, 3, 1)
    r, z = sigmoid(xr + ur), sigmoid(xz + uz)
    return (1 - z) * np.tanh(xn + r * un) + z * h


def tree_lstm(*inputs):
    *cells, x = inputs
    a, i, o, *forget = np.split(x, 3 + len(cells), 1)
    c = sigmoid(i) * np.tanh(a) + sum(sigmoid(f) * cell for f, cell in zip(forget, cells))
    return c, sigmoid(o) * np.tanh(c)


# Whole sequences, one at a time and one step after the other -------------------------------------

def lstm_step(w, b, x, h, c):
    gates = [w[k] @ x + b[k] + w[k + 4] @ h + b[k + 4] for k in range(4)]
    i, f, a, o = sigmoid(gates[0]), sigmoid(gates[1]), np.tanh(gates[2]), sigmoid(gates[3])
    c = f * c + i * a
    return o * np.tanh(c), c


def gru_step(w, b, x, h):
    r, z, n = (w[k] @ x + b[k] for k in range(3))
    ur, uz, un = (w[k] @ h + b[k] for k in range(3, 6))
    r, z = sigmoid(r + ur), sigmoid(z + uz)
    return ((1 - z) * np.tanh(n + r * un) + z * h,)


def tanh_step(w, b, x, h):
    return (np.tanh(w[0] @ x + b[0] + w[1] @ h + b[1]),)


def relu_step(w, b, x, h):
    return (np.maximum(w[0] @ x + b[0] + w[1] @ h + b[1], 0),)


LENGTHS = (3, 1)            # two sequences
I, H, L = 2, 2, 2           # sizes of input and state; layers


class Net:
    """Two recurrent layers whose weights are cut out of one array, so that they fit into a row."""

    def __init__(self, name, step, per_layer, states, both_ways=False, **options):
        self.name, self.step, self.per_layer, self.options = name, step, per_layer, options
        self.ways, self.states = 1 + both_ways, states

    def shapes(self):
        n = len(LENGTHS)
        return [(n, max(LENGTHS), I), *[(L * self.ways, n, H)] * self.states,
                (L * self.ways, self.per_layer, H, I + H * self.ways + 1)]

    def weights(self, array):
        """(ws, bs) of all layers, from views of an array or Variable."""
        ws, bs = [], []
        for i in range(L * self.ways):
            own, half = [array[i, k] for k in range(self.per_layer)], self.per_layer // 2
            wide = I if i < self.ways else H * self.ways
            ws.append([w[:, :wide if k < half else H] for k, w in enumerate(own)])
            bs.append([w[:, -1] for w in own])
        return ws, bs

    def expected(self, x, *others):
        *states, array = others
        ws, bs = self.weights(array)
        lasts = [np.zeros_like(s) for s in states]
        wide = H * self.ways
        ys = [np.zeros((max(LENGTHS), wide), x.dtype) for _ in LENGTHS]
        for n, length in enumerate(LENGTHS):
            xs = list(x[n, :length])
            for layer in range(L):
                outputs = []
                for way in range(self.ways):
                    i = layer * self.ways + way
                    state, out = [s[i, n] for s in states], []
                    for step in (xs[::-1] if way else xs):
                        state = self.step(ws[i], bs[i], step, *state)
                        out.append(state[0])
                    outputs.append(out[::-1] if way else out)
                    for last, s in zip(lasts, state):
                        last[i, n] = s
                xs = [np.concatenate(parts) for parts in zip(*outputs)]
            ys[n][:length] = xs
        steps = [np.stack([ys[n][t] for n, length in enumerate(LENGTHS) if length > t])
                 for t in range(max(LENGTHS))]
        return (*lasts, *steps)

    def __call__(self, x, *others):
        *states, array = others
        ws, bs = self.weights(array)
        xs = F.transpose_sequence([x[n, :length] for n, length in enumerate(LENGTHS)])
        *lasts, ys = getattr(F, self.name)(L, 0.0, *states, ws, bs, xs, **self.options)
        return (*lasts, *ys)

    def case(self):
        return Case(self.name, self.shapes(), self.expected, call=self, batch=(), domain=(-1, 1),
                    outputs=self.states + max(LENGTHS), note=self.options.get('activation', ''))


# Attention ---------------------------------------------------------------------------------------

MASK = np.array([[True, False, True, True, False], [True, True, False, True, True],
                 [False] * 5])


def attend(scores, v, mask):
    e = np.exp(scores) * mask
    total = e.sum(-1, keepdims=True)
    return np.matmul(e / np.where(total > 0, total, 1), v)


def dot_product(q, k, v, mask=True):
    return attend(np.matmul(q, np.swapaxes(k, -1, -2)) / np.sqrt(q.shape[-1]), v, mask)


def additive(q, k, v, w, mask=True):
    return attend((np.tanh(q[..., :, None, :] + k[..., None, :, :]) * w).sum(-1), v, mask)


ROWS = [
    Case('checkpoint', [(3, 2), (3, 2)], lambda a, b: np.tanh(a * b) + a,
         call=lambda a, b: mc.checkpoint(lambda a, b: F.tanh(a * b) + a, a, b), batch=(0, 1)),
    Case('rnn_tanh', [(3, 2), (3, 2), (2, 2), (2,)], lambda h, x, W, b: np.tanh(x + h @ W.T + b),
         batch=(0, 1)),
    Case('rnn_relu', [(3, 2), (3, 2), (2, 2), None],
         lambda h, x, W, b: np.maximum(x + h @ W.T, 0), batch=(0, 1)),
    Case('gru', [(3, 2), (3, 6), (3, 6)], gru, batch=(0, 1, 2)),
    Case('gru', [(3, 2), (3, 6), (3, 6), (6,), (6,)], gru, batch=(0, 1, 2), note='biases'),
    Case('tree_lstm', [(3, 2), (3, 2), (3, 10)], tree_lstm, batch=(0, 1, 2), outputs=2),
    Case('tree_lstm', [(3, 6)], tree_lstm, outputs=2, note='a leaf'),
    Net('n_step_lstm', lstm_step, 8, 2).case(),
    Net('n_step_bilstm', lstm_step, 8, 2, True).case(),
    Net('n_step_gru', gru_step, 6, 1).case(),
    Net('n_step_bigru', gru_step, 6, 1, True).case(),
    Net('n_step_rnn', tanh_step, 2, 1).case(),
    Net('n_step_rnn', relu_step, 2, 1, activation='relu').case(),
    Net('n_step_birnn', tanh_step, 2, 1, True).case(),

    Case('scaled_dot_product_attention', [(2, 3, 4), (2, 5, 4), (2, 5, 3)], dot_product,
         batch=(0, 1, 2)),
    Case('scaled_dot_product_attention', [(2, 3, 4), (2, 5, 4), (2, 5, 3)],
         lambda q, k, v: dot_product(q, k, v, MASK), batch=(), note='mask',
         call=lambda q, k, v: F.scaled_dot_product_attention(q, k, v, q.xp.asarray(MASK))),
    Case('scaled_dot_product_attention', [(3, 4), (3, 4), (3, 2)],
         lambda q, k, v: dot_product(q, k, v, np.tri(3)), batch=(), note='causal',
         call=lambda q, k, v: F.scaled_dot_product_attention(q, k, v, causal=True)),
    Case('additive_attention', [(2, 3, 4), (2, 5, 4), (2, 5, 3), (4,)], additive,
         batch=(0, 1, 2)),
    Case('additive_attention', [(2, 3, 4), (2, 5, 4), (2, 5, 3), (4,)],
         lambda q, k, v, w: additive(q, k, v, w, MASK), batch=(), note='mask',
         call=lambda q, k, v, w: F.additive_attention(q, k, v, w, q.xp.asarray(MASK))),
    Case('length_mask', [(3,)], lambda lengths: np.arange(4) < lengths[:, None], classes={0: 5},
         gradient=False, any_type=True,
         call=lambda lengths: mc.Variable(F.length_mask(lengths, 4))),
]
