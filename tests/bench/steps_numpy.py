"""The works in NumPy alone, forward and backward written by hand for each net, without a graph:
what is left for a framework to lose. build(work) gives a function that trains a step and returns
the loss.

The two nets of convolutions are missing: by hand they would be a copy of minichain's convolution.
"""
import numpy as np

from works import load

MISSING = 'lenet', 'vgg'


def build(work):
    weights, data = load(work)
    data = {name: np.float32(a) if isinstance(a, float) else a for name, a in data.items()}
    if not weights:
        return chain_step(work, data)
    step = globals()[work](weights, data)
    return lambda: float(step())


def chain_step(work, data):
    x, a, b = (data[name] for name in 'xab')

    def run():
        y = x
        for _ in range(500):
            y = y * a + b
        return float(y.sum())

    def step():
        loss, g = run(), np.ones_like(x)
        for _ in range(500):
            g = g * a
        return loss
    return run if work == 'no_graph' else step


# Parts -------------------------------------------------------------------------------------------

def cross_entropy(scores, t):
    """(the mean of -ln p(t), its gradient by the scores)"""
    rows = np.arange(len(t))
    y = scores - scores.max(1, keepdims=True)
    right = y[rows, t]
    np.exp(y, out=y)
    total = y.sum(1)
    loss = (np.log(total) - right).mean()
    y *= (1 / (total * len(t)))[:, None]
    y[rows, t] -= np.float32(1 / len(t))
    return loss, y


def rows_of(ids, g):
    """The gradient of a table as (the ids that occur, a row for each)."""
    order = np.argsort(ids, kind='stable')
    ids = ids[order]
    starts = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])
    return ids[starts], np.add.reduceat(g[order], starts)


def squash(gates, n):
    """Sigmoid of the first n columns, tanh of the others, in place."""
    first = gates[..., :n]
    first *= 0.5
    np.tanh(gates, out=gates)
    first *= 0.5
    first += 0.5
    return gates


def slopes(gates, n):
    """The derivatives of squash: y - y² and 1 - y²."""
    d = gates * gates
    np.subtract(gates[..., :n], d[..., :n], out=d[..., :n])
    np.subtract(1, d[..., n:], out=d[..., n:])
    return d


def lstm_forward(x, Wh, counts):
    """x: rows of all time steps, what the input adds to i, f, o, g; becomes the gates."""
    n = Wh.shape[0]
    h, c, squashed = (np.empty((len(x), n), 'float32') for _ in range(3))
    end, before = 0, None
    for count in counts:
        rows = slice(end, end + count)
        if before is not None:
            x[rows] += h[before:before + count] @ Wh
        i, f, o, g = np.split(squash(x[rows], 3 * n), 4, 1)
        np.multiply(i, g, out=c[rows])
        if before is not None:
            c[rows] += f * c[before:before + count]
        np.tanh(c[rows], out=squashed[rows])
        np.multiply(o, squashed[rows], out=h[rows])
        before, end = end, end + count
    return h, c, squashed


def lstm_backward(gates, Wh, h, c, squashed, gh, counts, gc_last=None):
    """(gradient of x, of Wh); gh, the gradients of all outputs, is used up."""
    n = Wh.shape[0]
    ends = np.cumsum(counts)
    gx = slopes(gates, 3 * n)
    i, f, o, g = np.split(gates, 4, 1)
    to_cell = (1 - squashed * squashed) * o
    earlier = np.zeros_like(c)
    for end, count, before in zip(ends[1:], counts[1:], counts):
        earlier[end - count:end] = c[end - count - before:end - before]
    for part, factor in zip(np.split(gx, 4, 1), (g, earlier, squashed, i)):
        part *= factor
    gc = np.zeros((counts[0], n), 'float32') if gc_last is None else gc_last
    later = None
    for t in reversed(range(len(counts))):
        count, rows = counts[t], slice(ends[t] - counts[t], ends[t])
        if later is not None:
            gh[rows][:counts[t + 1]] += gx[later] @ Wh.T
        total = gc[:count]
        total += to_cell[rows] * gh[rows]
        parts = gx[rows].reshape(count, 4, n)
        parts[:, [0, 1, 3]] *= total[:, None]
        parts[:, 2] *= gh[rows]
        total *= f[rows]
        later = rows
    if min(counts) == counts[0]:
        gWh = h[:-counts[0]].T @ gx[counts[0]:]
    else:
        which = np.concatenate([np.arange(n) + end - before for end, n, before
                                in zip(ends, counts[1:], counts)])
        gWh = h[which].T @ gx[counts[0]:]
    return gx, gWh


# Works -------------------------------------------------------------------------------------------

class Adam:
    def __init__(self, params, lr):
        self.params, self.lr, self.t = params, lr, 0
        self.moments = [(np.zeros_like(p), np.zeros_like(p)) for p in params]

    def update(self, gradients):
        self.t += 1
        step = self.lr * np.float32((1 - 0.999 ** self.t) ** 0.5 / (1 - 0.9 ** self.t))
        eps = np.float32(1e-8 * (1 - 0.999 ** self.t) ** 0.5)
        for p, g, (m, v) in zip(self.params, gradients, self.moments):
            m += (g - m) * np.float32(0.1)
            g *= g
            v += (g - v) * np.float32(0.001)
            np.sqrt(v, out=g)
            g += eps
            np.divide(m, g, out=g)
            g *= step
            p -= g


def mlp(w, data):
    W0, b0, W1, b1, W2, b2 = (w[kind + i] for i in '012' for kind in 'Wb')
    adam = Adam([W0, b0, W1, b1, W2, b2], data['lr'])
    x = data['x']

    def step():
        h0 = np.maximum(x @ W0 + b0, 0)
        h1 = np.maximum(h0 @ W1 + b1, 0)
        loss, g = cross_entropy(h1 @ W2 + b2, data['t'])
        gW2, gb2 = h1.T @ g, g.sum(0)
        g = (g @ W2.T) * (h1 > 0)
        gW1, gb1 = h0.T @ g, g.sum(0)
        g = (g @ W1.T) * (h0 > 0)
        adam.update([x.T @ g, g.sum(0), gW1, gb1, gW2, gb2])
        return loss
    return step


def descend(lr, pairs):
    for p, g in pairs:
        g *= lr
        p -= g


def lstm(w, data, biases=1):
    """Whole sequences at once. `biases`: two that begin equal learn like one, twice as fast."""
    ids, t = data['x'].ravel(), data['t'].ravel()
    counts = [data['x'].shape[1]] * len(data['x'])
    E, Wo, bo = w['E'], w['Wo'], w['bo']

    def step():
        x, kept = E.take(ids, 0), []
        for i in '01':
            gates = x @ w['Wx' + i]
            gates += w['b' + i]
            kept.append((x, gates, *lstm_forward(gates, w['Wh' + i], counts)))
            x = kept[-1][2]
        scores = x @ Wo
        scores += bo
        loss, g = cross_entropy(scores, t)
        pairs = [(Wo, x.T @ g), (bo, g.sum(0))]
        g = g @ Wo.T
        for i in '10':
            x, *saved = kept.pop()
            gates, h, c, squashed = saved
            gx, gWh = lstm_backward(gates, w['Wh' + i], h, c, squashed, g, counts)
            pairs += [(w['Wx' + i], x.T @ gx), (w['Wh' + i], gWh)]
            pairs += [(w['b' + i], gx.sum(0)) for _ in range(biases)]
            g = gx @ w['Wx' + i].T
        rows, g_rows = rows_of(ids, g)
        norm = sum(float(g.ravel() @ g.ravel()) for _, g in [*pairs, (E, g_rows)]) ** 0.5
        rate = data['lr'] * np.float32(min(1, data['clip'] / norm))
        descend(rate, pairs)
        E[rows] -= g_rows * rate
        return loss
    return step


def lstm_whole(w, data):
    return lstm(w, data, biases=2)


def ragged(w, data, biases=1):
    E, Wx, Wh, b, Wo, bo = (w[name] for name in ('E', 'Wx', 'Wh', 'b', 'Wo', 'bo'))
    lengths = np.array([len(sentence) for sentence in data['x']])

    def step():
        counts = [int((lengths > t).sum()) for t in range(lengths[0])]
        starts = np.cumsum(counts) - counts
        last = starts[lengths - 1] + np.arange(len(lengths))
        ids = np.concatenate([[sentence[t] for sentence in data['x'][:n]]
                              for t, n in enumerate(counts)])
        x = E.take(ids, 0)
        gates = x @ Wx
        gates += b
        h, c, squashed = lstm_forward(gates, Wh, counts)
        loss, g = cross_entropy(h[last] @ Wo + bo, data['t'])
        pairs = [(Wo, h[last].T @ g), (bo, g.sum(0))]
        gh = np.zeros_like(h)
        gh[last] = g @ Wo.T
        gx, gWh = lstm_backward(gates, Wh, h, c, squashed, gh, counts)
        rows, g_rows = rows_of(ids, gx @ Wx.T)
        pairs += [(Wx, x.T @ gx), (Wh, gWh)] + [(b, gx.sum(0)) for _ in range(biases)]
        descend(data['lr'], pairs)
        E[rows] -= g_rows * data['lr']
        return loss
    return step


def ragged_whole(w, data):
    return ragged(w, data, biases=2)


def trees(w, data):
    """Node by node; the gradients of the weights in one product for all nodes of all trees."""
    E, Wl, bl, Wn, bn, Wc, bc = (w[name] for name in ('E', 'Wl', 'bl', 'Wn', 'bn', 'Wc', 'bc'))
    n, share = len(bl) // 3, np.float32(1 / len(data['x']))

    def forward(tree, nodes):
        """The number of the node; a node is (word, x, gates, squashed, children, their cells)."""
        if isinstance(tree, int):
            x, below, cells = E[tree], (), ()
            gates = squash(x @ Wl + bl, 2 * n)
            c = gates[:n] * gates[2 * n:]
        else:
            below = [forward(child, nodes) for child in tree]
            x = np.concatenate([nodes[child][-1] for child in below])
            cells = [nodes[child][-2] for child in below]
            gates = squash(x @ Wn + bn, 4 * n)
            c = gates[:n] * gates[4 * n:]
            for k, cell in enumerate(cells, 1):
                c += gates[k * n:(k + 1) * n] * cell
        squashed = np.tanh(c)
        h = gates[-2 * n:-n] * squashed
        nodes.append((tree, x, gates, squashed, below, cells, c, h))
        return len(nodes) - 1

    def backward(nodes, gh, gc, leaves, inner):
        for k in reversed(range(len(nodes))):
            tree, x, gates, squashed, below, cells, *_ = nodes[k]
            total = 1 - squashed * squashed
            total *= gates[-2 * n:-n]
            total *= gh[k]
            if gc[k] is not None:
                total += gc[k]
            g = slopes(gates, len(gates) - n)
            g[:n] *= gates[-n:]
            g[:n] *= total
            g[-n:] *= gates[:n]
            g[-n:] *= total
            g[-2 * n:-n] *= squashed
            g[-2 * n:-n] *= gh[k]
            for j, (child, cell) in enumerate(zip(below, cells), 1):
                part = slice(j * n, (j + 1) * n)
                g[part] *= cell
                g[part] *= total
                gc[child] = gates[part] * total
            if below:
                inner.append((x, g))
                gx = Wn @ g
                for j, child in enumerate(below):
                    gh[child] = gx[j * n:(j + 1) * n]
            else:
                leaves.append((x, g, tree))

    def step():
        loss, leaves, inner, tops = 0, [], [], []
        for tree, t in zip(data['x'], data['t']):
            nodes = []
            forward(tree, nodes)
            h = nodes[-1][-1]
            one, g = cross_entropy((h @ Wc + bc)[None], np.array([t]))
            g *= share
            loss += one * share
            tops.append((h, g[0]))
            gh = [None] * len(nodes)
            gh[-1] = Wc @ g[0]
            backward(nodes, gh, [None] * len(nodes), leaves, inner)
        *leaves, ids = map(np.array, zip(*leaves))
        pairs = []
        rows, g_rows = rows_of(ids, leaves[1] @ Wl.T)
        for (x, g), W, b in ((leaves, Wl, bl), (map(np.array, zip(*inner)), Wn, bn),
                             (map(np.array, zip(*tops)), Wc, bc)):
            pairs += [(W, x.T @ g), (b, g.sum(0))]
        descend(data['lr'], pairs)
        E[rows] -= g_rows * data['lr']
        return loss
    return step


trees_fused = trees


def attention(w, data):
    n, (steps, batch) = len(w['ba']), data['x'].shape
    split = (batch, steps, n)

    def step():
        ids, before, t = (data[name].ravel() for name in 'xyt')
        x, y = w['E_source'].take(ids, 0), w['E_target'].take(before, 0)
        gates = x @ w['Wx_source']
        gates += w['b_source']
        hs, cs, squashed = lstm_forward(gates, w['Wh_source'], [batch] * steps)
        source = np.ascontiguousarray(hs.reshape(steps, batch, n).transpose(1, 0, 2))
        h, c, seen = hs[-batch:], cs[-batch:], np.zeros((batch, n), 'float32')
        from_word = (y @ w['Wx_target'][:n] + w['b_target']).reshape(steps, batch, -1)
        tape, seens = [], np.empty((steps, batch, n), 'float32')
        for k in range(steps):
            g = from_word[k] + seen @ w['Wx_target'][n:] + h @ w['Wh_target']
            i, f, o, new = np.split(squash(g, 3 * n), 4, 1)
            c_next = i * new + f * c
            tanh_c = np.tanh(c_next)
            h_next = o * tanh_c
            p = np.matmul(source, h_next[:, :, None])[:, :, 0]
            p = np.exp(p - p.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            both = np.concatenate((np.matmul(p[:, None], source)[:, 0], h_next), 1)
            tape.append((seen, h, c, g, tanh_c, p, both, h_next))
            seen = seens[k] = np.tanh(both @ w['Wa'] + w['ba'])
            h, c = h_next, c_next
        flat = seens.reshape(-1, n)
        loss, g = cross_entropy(flat @ w['Wo'] + w['bo'], t)
        pairs = [(w['Wo'], flat.T @ g), (w['bo'], g.sum(0))]
        g_seens = (g @ w['Wo'].T).reshape(steps, batch, n)
        g_seen, gh, gc = (np.zeros((batch, n), 'float32') for _ in range(3))
        g_source, g_gates = np.zeros(split, 'float32'), np.empty_like(from_word)
        g_inner = np.empty_like(seens)
        for k in reversed(range(steps)):
            seen, h, c, gates_k, tanh_c, p, both, h_next = tape[k]
            g_inner[k] = (g_seen + g_seens[k]) * (1 - seens[k] * seens[k])
            g_both = g_inner[k] @ w['Wa'].T
            g_context = g_both[:, :n]
            gp = np.matmul(source, g_context[:, :, None])[:, :, 0]
            gp = (gp - (gp * p).sum(1, keepdims=True)) * p
            g_source += p[:, :, None] * g_context[:, None]
            g_source += gp[:, :, None] * h_next[:, None]
            gh = gh + g_both[:, n:] + np.matmul(gp[:, None], source)[:, 0]
            i, f, o, new = np.split(gates_k, 4, 1)
            gc = gc + gh * o * (1 - tanh_c * tanh_c)
            d = slopes(gates_k, 3 * n)
            for part, factor, g in zip(np.split(d, 4, 1), (new, c, tanh_c, i), (gc, gc, gh, gc)):
                part *= factor
                part *= g
            g_gates[k] = d
            gc, gh, g_seen = gc * f, d @ w['Wh_target'].T, d @ w['Wx_target'][n:].T
        seen, h, _, _, _, _, both, _ = (np.concatenate(part) for part in zip(*tape))
        g_inner, g_gates = g_inner.reshape(-1, n), g_gates.reshape(-1, 4 * n)
        pairs += [(w['Wa'], both.T @ g_inner), (w['ba'], g_inner.sum(0)),
                  (w['Wx_target'], np.concatenate((y, seen), 1).T @ g_gates),
                  (w['Wh_target'], h.T @ g_gates), (w['b_target'], g_gates.sum(0))]
        g_target = rows_of(before, g_gates @ w['Wx_target'][:n].T)
        g_hs = np.ascontiguousarray(g_source.transpose(1, 0, 2))
        g_hs[-1] += gh
        gx, gWh = lstm_backward(gates, w['Wh_source'], hs, cs, squashed, g_hs.reshape(-1, n),
                                [batch] * steps, gc)
        pairs += [(w['Wx_source'], x.T @ gx), (w['Wh_source'], gWh)]
        pairs += [(w['b_source'], gx.sum(0)) for _ in range(2)]     # as a layer with two biases
        g_source = rows_of(ids, gx @ w['Wx_source'].T)
        descend(data['lr'], pairs)
        for table, (rows, g) in ((w['E_source'], g_source), (w['E_target'], g_target)):
            table[rows] -= g * data['lr']
        return loss
    return step
