"""Whole sequences through recurrent layers: several layers, both directions, any lengths.

A batch of sequences comes as one array a time step. The longest sequence stands first, so that
those which are still going on at a step are the first rows: a shorter sequence just drops out.
"""
from .. import backend
from ..errors import ShapeError
from ..explain import add_line
from .activation import relu
from .linear import linear
from .math import tanh
from .noise import dropout
from .packed import GRUSweep, LSTMSweep, packing_of, run_steps
from .plain import plain_step
from .shaping import concat, get_item, split, stack


def through_steps(cell, n_layers, ratio, states, ws, bs, xs, both_ways):
    """Run all layers over an array a time step; see through_layers."""
    check_sequences(n_layers, states, ws, bs, xs, both_ways)
    packing = packing_of(tuple([x.shape[0] for x in xs]), states[0].shape[1],
                         backend.device_of(xs[0]))
    *lasts, rows = through_layers(cell, n_layers, ratio, states, ws, bs, concat(xs, 0), packing,
                                  both_ways)
    return (*lasts, split(rows, packing.ends[:-1]))


def through_layers(cell, n_layers, ratio, states, ws, bs, rows, packing, both_ways):
    """Run all layers over packed rows. states: arrays (L, N, H), or (2L, N, H) for both ways.

    cell(ws, bs) gives, for one layer's weights, W and b of what x adds, and
    sweep(packing, states, what x added), which gives the outputs and the last states.
    """
    ways = 2 if both_ways else 1
    lasts = []
    for layer in range(n_layers):
        if layer:
            rows = dropout(rows, ratio)
        outputs = []
        for i in range(layer * ways, (layer + 1) * ways):
            W, b, sweep = cell(ws[i], bs[i])
            backwards = i % ways == 1
            added = linear(rows, W, b)          # one product for all time steps
            if backwards:
                added = get_item(added, packing.turned)
            y, *last = sweep(packing, [s[i] for s in states], added)
            outputs.append(get_item(y, packing.turned) if backwards else y)
            lasts.append(last)
        rows = concat(outputs, 1) if both_ways else outputs[0]
    return (*[stack(part) for part in zip(*lasts)], rows)


def check_sequences(n_layers, states, ws, bs, xs, both_ways):
    """Refuse numbers of layers, states and rows that do not fit each other."""
    wanted = n_layers * (2 if both_ways else 1)
    for name, given in [('ws', ws), ('bs', bs), *[('the state', s) for s in states]]:
        if len(given) != wanted:
            raise add_line(ShapeError(f'{n_layers} layers{" both ways" * both_ways} need {wanted} '
                                      f'entries each, but {name} has {len(given)}.'))
    rows = [x.shape[0] for x in xs]
    if not rows:
        raise add_line(ShapeError('There is no time step: xs is empty.'))
    if rows != sorted(rows, reverse=True) or rows[0] > states[0].shape[1]:
        raise add_line(ShapeError(f'The time steps have {rows} rows, for states of '
                                  f'{states[0].shape[1]}: the longest sequence must come first, '
                                  'and each needs a state.'))


def lstm_cell(ws, bs):
    """Chainer's order of weights is i, f, a, o; our cell's is a, i, f, o."""
    order = 2, 0, 1, 3
    W, U = (concat([ws[k + i] for i in order], 0) for k in (0, 4))
    b = concat([bs[i] for i in order], 0) + concat([bs[4 + i] for i in order], 0)
    return W, b, lambda packing, states, x: LSTMSweep(packing).apply(*states, x, U)


def gru_cell(ws, bs):
    """Weights in the order r, z, n."""
    W, U = concat(ws[:3], 0), concat(ws[3:], 0)
    b, d = concat(bs[:3], 0), concat(bs[3:], 0)
    return W, b, lambda packing, states, x: GRUSweep(packing).apply(*states, x, U, d)


def plain_cell(activation):
    """A recurrent layer without gates."""
    if activation not in ('tanh', 'relu'):
        raise ValueError(f"activation is {activation!r}, but 'tanh' or 'relu' is needed.")
    function = tanh if activation == 'tanh' else relu

    def cell(ws, bs):
        (W, U), (b, d) = ws, bs

        def step(states, x):
            return [plain_step(function, states[0], x, U)]
        return W, b + d, lambda packing, states, x: run_steps(packing, step, states, x)
    return cell


def n_step_lstm(n_layers, dropout_ratio, hx, cx, ws, bs, xs):
    """Sequences through layers of long short-term memories.

    dropout_ratio  between the layers, in training
    hx, cx  (L, N, H), the states to begin with
    ws, bs  for each layer eight weights and eight biases (H): of the input for i, f, a, o
            (H, I), or (H, H) from the second layer on; then of the state for i, f, a, o (H, H)
    xs      an array (Nₜ, I) for each time step, sorted so that Nₜ never grows
    Gives (hy, cy, ys): the last states (L, N, H) of each sequence, and an output (Nₜ, H) a step.
    Raises ShapeError if there are not as many weights as layers, or if N grows.
    (Hochreiter and Schmidhuber 1997)
    """
    return through_steps(lstm_cell, n_layers, dropout_ratio, [hx, cx], ws, bs, xs, False)


def n_step_bilstm(n_layers, dropout_ratio, hx, cx, ws, bs, xs):
    """As n_step_lstm, but each layer reads both ways: a layer from first to last, one back.

    hx, cx (2L, N, H); ws and bs alternate between the two ways; outputs (Nₜ, 2H) beside each other.
    (Schuster and Paliwal 1997)
    """
    return through_steps(lstm_cell, n_layers, dropout_ratio, [hx, cx], ws, bs, xs, True)


def n_step_gru(n_layers, dropout_ratio, hx, ws, bs, xs):
    """Sequences through layers of gated recurrent units; see `gru`.

    hx      (L, N, H), the states to begin with
    ws, bs  for each layer six weights and six biases (H): of the input for r, z, n (H, I), then of
            the state for r, z, n (H, H)
    xs      as in n_step_lstm. Gives (hy, ys). (Cho et al. 2014)
    """
    return through_steps(gru_cell, n_layers, dropout_ratio, [hx], ws, bs, xs, False)


def n_step_bigru(n_layers, dropout_ratio, hx, ws, bs, xs):
    """As n_step_gru, but each layer reads both ways; see n_step_bilstm. Gives (hy, ys)."""
    return through_steps(gru_cell, n_layers, dropout_ratio, [hx], ws, bs, xs, True)


def n_step_rnn(n_layers, dropout_ratio, hx, ws, bs, xs, activation='tanh'):
    """Sequences through plain recurrent layers: h = activation(W x + b + U h + d).

    hx      (L, N, H), the states to begin with
    ws, bs  for each layer (W, U) and (b, d): W (H, I), U (H, H), b and d (H)
    xs      as in n_step_lstm   activation  'tanh' or 'relu'. Gives (hy, ys). (Elman 1990)
    """
    cell = plain_cell(activation)
    return through_steps(cell, n_layers, dropout_ratio, [hx], ws, bs, xs, False)


def n_step_birnn(n_layers, dropout_ratio, hx, ws, bs, xs, activation='tanh'):
    """As n_step_rnn, but each layer reads both ways; see n_step_bilstm. Gives (hy, ys)."""
    cell = plain_cell(activation)
    return through_steps(cell, n_layers, dropout_ratio, [hx], ws, bs, xs, True)
