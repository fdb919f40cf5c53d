"""Lesson 06, A net that remembers: steps of RNN and LSTM, how far a gradient reaches, cuts."""
from itertools import permutations

import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L

from ..checking import (Choice, array_of, call, describe, exercise, explain_error, graph_nodes,
                        is_blank, nearly, not_yet, question, require_close, require_function,
                        require_number, require_variable, right, wrong)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def numbers(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype('float32')


# ---- 06.1 ---------------------------------------------------------------------------------

@exercise(
    '06.1', 'A step',
    hints=('Three parts are added: x @ W.T, h @ U.T and b.',
           'np.tanh goes over the whole sum.',
           'return np.tanh(x @ W.T + h @ U.T + b)'),
    expected='a green mark: the same hidden state as in L.RNN, for several sizes.')
def a_step(rnn_step):
    require_function(rnn_step)
    for seed, (n, i, h) in enumerate(((2, 3, 4), (1, 5, 2), (3, 4, 4))):
        x, state = numbers(seed, n, i), numbers(seed + 9, n, h)
        W, U, b = numbers(seed + 1, h, i), numbers(seed + 2, h, h), numbers(seed + 3, h)
        z = x @ W.T + state @ U.T + b
        try:
            got = array_of(call(rnn_step, x, state, W, U, b))
        except ValueError as error:
            return wrong('The shapes do not fit together. The matrix product is @, and the weights '
                         f'stand as (out, in): x @ W.T. {explain_error(error)}')
        if got is not None and got.shape == z.shape:
            if np.allclose(got, z, atol=1e-5):
                return nearly('The sum is right. Put np.tanh around it.')
            if np.allclose(got, np.tanh(z - b), atol=1e-5):
                return nearly('The bias b is missing.')
            if np.allclose(got, np.tanh(x @ W.T + state @ U + b), atol=1e-5):
                return nearly('U stands as (out, in), as W does: h @ U.T.')
            if np.allclose(got, sigmoid(z), atol=1e-5):
                return nearly('The sum is right, but you squash it with the sigmoid. Take np.tanh.')
            if np.allclose(got, np.tanh(x @ W.T) + np.tanh(state @ U.T) + b, atol=1e-5):
                return nearly('np.tanh goes over the whole sum, once: np.tanh(... + ... + b).')
            if np.allclose(got, np.tanh(x @ W.T + b), atol=1e-5):
                return nearly('Your step forgets everything: h is missing in the sum.')
        require_close(got, np.tanh(z), 'The new state', dtype='float32')
    return right('It remembers: the same state as in L.RNN.')


# ---- 06.2 ---------------------------------------------------------------------------------

def true_reach(u: float, limit: float) -> int:
    steps, gradient = 0, 1.0
    while gradient * u >= limit:
        gradient, steps = gradient * u, steps + 1
    return steps


@exercise(
    '06.2', 'How far does it reach?',
    hints=('Begin with the gradient 1, and multiply by u again and again. Count.',
           'while gradient * u >= limit: multiply once more, and add 1 to the count.',
           'Or with logarithms: int(np.log(limit) / np.log(u)), rounded down.'),
    expected='a green mark. For u = 0.5 and limit = 0.01 it is 6 steps only.')
def how_far(reach):
    require_function(reach)
    for u, limit in ((0.5, 0.01), (0.9, 0.01), (0.99, 0.001), (0.3, 0.5), (0.7, 0.1)):
        want = true_reach(u, limit)
        got = require_number(call(reach, u, limit), f'reach({u}, {limit})')
        if got == want:
            continue
        said = f'reach({u}, {limit}) is {got:g} for you'
        if got == want + 1:
            return nearly(f'{said}: one too many. After {want + 1} steps the gradient is below the '
                          'limit already.')
        if got == want - 1:
            return nearly(f'{said}: one too few.')
        if abs(got - want) < 1:
            return nearly(f'{said}. Steps are whole numbers: round down.')
        return wrong(f'{said}. {u} multiplied {want} times is {u ** want:.4g}, and once more it is '
                     f'{u ** (want + 1):.4g}.')
    return right('Five gradients, five times the right reach.')


# ---- 06.3 ---------------------------------------------------------------------------------

def wrong_gates(c, z):
    """Pairs (what the student may have done, what to say), for the new cell."""
    a, i, f, o = blocks = np.split(z, 4, axis=1)
    tanh = np.tanh
    return ((sigmoid(f) * c + sigmoid(i) * a, 'The news a is not squashed: np.tanh(a).'),
            (sigmoid(f) * c + sigmoid(i) * sigmoid(a),
             'The news a needs tanh, not the sigmoid: it may be negative.'),
            (sigmoid(i) * c + sigmoid(f) * tanh(a),
             'Input gate and forget gate are swapped. The order is a, i, f, o.'),
            (sigmoid(i) * tanh(a), 'The old cell is gone: f * c is missing.'),
            (c + sigmoid(i) * tanh(a), 'The forget gate is missing: f * c.'),
            (f * c + i * tanh(a), 'The gates are not squashed: 1 / (1 + np.exp(-gate)).'),
            *((sigmoid(blocks[order.index('f')]) * c
               + sigmoid(blocks[order.index('i')]) * tanh(blocks[order.index('a')]),
               f'You take the blocks in the order {", ".join(order)}. The order is a, i, f, o.')
              for order in permutations('aifo')))


@exercise(
    '06.3', 'The belt',
    hints=('a, i, f, o = np.split(z, 4, axis=1) gives the four blocks.',
           'a = np.tanh(a); the three gates become 1 / (1 + np.exp(-gate)).',
           'c = f * c + i * a, then h = o * np.tanh(c); return c, h.'),
    expected='a green mark: the same c and h as F.lstm gives.')
def the_belt(lstm_step):
    require_function(lstm_step)
    for seed in range(4):
        c, z = numbers(seed, 2 + seed, 3), numbers(seed + 20, 2 + seed, 12)
        want_c, want_h = F.lstm(c, z)
        result = call(lstm_step, c, z)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            return wrong(f'Return two arrays, c and h; this is {describe(result)}.')
        got = array_of(result[0])
        if got is not None and got.shape == c.shape and not np.allclose(got, want_c.data,
                                                                        atol=1e-5):
            for mistake, words in wrong_gates(c, z):
                if np.allclose(got, mistake, atol=1e-5):
                    return nearly(words)
            if np.allclose(got, want_h.data, atol=1e-5):
                return nearly('c and h are swapped: return c first.')
        require_close(result[0], want_c.data, 'The new cell c')
        shown = array_of(result[1])
        if shown is not None and np.array_equal(shown, got):
            return nearly('c is right. What comes out, h, is another array: o * np.tanh(c).')
        if shown is not None and shown.shape == c.shape and np.allclose(
                shown, sigmoid(np.split(z, 4, axis=1)[3]) * want_c.data, atol=1e-5):
            return nearly('c is right. For h the cell is squashed once more: o * np.tanh(c).')
        if shown is not None and shown.shape == c.shape and np.allclose(
                shown, sigmoid(np.split(z, 4, axis=1)[3]) * np.tanh(c), atol=1e-5):
            return nearly('c is right. For h take the new c, not the old one.')
        require_close(result[1], want_h.data, 'The new output h')
    return right('The same cell and the same output as F.lstm.')


# ---- 06.4 ---------------------------------------------------------------------------------

def twins(seed: int) -> tuple[L.RNN, L.RNN]:
    """Two cells with the same weights."""
    cells = []
    for _ in range(2):
        mc.set_seed(seed)
        cells.append(L.RNN(2, 3))
    return tuple(cells)


def steps_behind(h) -> int:
    """How many steps of an RNN stand in the graph behind h."""
    return sum(node['label'] == 'tanh' for node in graph_nodes(h)) if h.creator else 0


@exercise(
    '06.4', 'Cut',
    hints=('for step, x in enumerate(inputs, start=1): h = cell(x)',
           'If step % every == 0, call h.unchain_backward().',
           'Do not cut after the very last step, or nothing is left to walk back through: '
           'and step < len(inputs).'),
    expected='a green mark: the right state, and a graph of the right length.')
def cut(read):
    require_function(read)
    for length, every in ((10, 4), (7, 7), (9, 3), (5, 20), (6, 1)):
        cell, same = twins(length)
        inputs = list(numbers(length, length, 1, 2))
        for x in inputs:
            want = same(x)
        h = read(cell, [x.copy() for x in inputs], every)
        if h is None:
            return not_yet('Your function does not return a result yet. Its last line should be '
                           'return h.')
        if is_blank(h):
            return not_yet()
        require_variable(h, 'What read returns')
        if h.shape == want.shape and not np.allclose(h.data, want.data, atol=1e-5):
            return wrong('The last output is another one than without cuts. A cut keeps the state: '
                         'unchain_backward() lets go of the graph only, reset_state() would forget '
                         'everything.')
        require_close(h.data, want.data, 'The last output')
        left, behind = (length - 1) % every + 1, steps_behind(h)
        said = f'For {length} inputs with a cut after every {every} the graph should reach back ' \
               f'over {left} step{"s" * (left > 1)}'
        if behind == left:
            continue
        if behind == length:
            return wrong(f'{said}; yours has all {length}. Nothing was cut: call '
                         'h.unchain_backward().')
        if behind == 0:
            return nearly(f'{said}; yours has none. Do not cut after the last step.')
        return nearly(f'{said}; yours has {behind}. Cut when step % every == 0, with steps counted '
                      'from 1.')
    return right('The state goes on, the graph ends at the last cut.')


# ---- 06.5 ---------------------------------------------------------------------------------

def probabilities(scores, temperature):
    powers = np.exp(scores / temperature - (scores / temperature).max())
    return powers / powers.sum()


DRAWS = 4000


@exercise(
    '06.5', 'Choose a letter',
    hints=('First divide the scores by the temperature, then softmax, as in lesson 04.',
           'random.choice(len(p), p=p) draws the number of a letter. p has to add up to 1.',
           'scores = scores.astype("float64") / temperature; p = np.exp(scores - scores.max()); '
           'return random.choice(len(p), p=p / p.sum()).'),
    expected='a green mark: letters come as often as they should, at three temperatures.')
def choose_a_letter(choose):
    require_function(choose)
    scores = np.array([2.0, 1.0, 0.0, -1.0], 'float32')
    for temperature in (1.0, 0.5, 2.0):
        random = np.random.default_rng(0)
        drawn = [require_number(call(choose, scores, temperature, random), 'The letter')
                 for _ in range(DRAWS)]
        if not set(drawn) <= {0.0, 1.0, 2.0, 3.0}:
            return wrong(f'A letter should be a whole number from 0 to 3; you return {drawn[0]:g}.')
        got = np.bincount(np.array(drawn, int), minlength=4) / DRAWS
        want = probabilities(scores.astype('float64'), temperature)
        if np.abs(got - want).max() < 0.03:
            continue
        said = f'At temperature {temperature:g} letter 0 comes in {got[0]:.0%} of the draws'
        if got[0] == 1:
            return nearly(f'{said}. You always take the most probable one. Draw.')
        if np.abs(got - probabilities(scores.astype('float64'), 1 / temperature)).max() < 0.03:
            return nearly(f'{said}. Divide by the temperature, do not multiply.')
        if np.abs(got - probabilities(scores.astype('float64'), 1.0)).max() < 0.03:
            return nearly(f'{said}, as at every other temperature. Divide the scores by it, before '
                          'softmax.')
        return wrong(f'{said}; it should be {want[0]:.0%}.')
    try:
        with np.errstate(all='ignore'):
            choose(scores + 2000, 1.0, np.random.default_rng(0))
    except ValueError:
        return nearly('For scores near 2000 it breaks: np.exp overflows. Subtract the largest '
                      'score first.')
    return right('Bold at a high temperature, careful at a low one.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '06.A', 'Why does the gradient vanish in a plain RNN?',
    Choice('Because the hidden state is reset at every step.',
           'It is kept. That is the point of a recurrent net.'),
    Choice('Because it is multiplied at every step, mostly by something smaller than 1.',
           'The slope of tanh is at most 1, and after forty factors nothing is left.', right=True),
    Choice('Because the weights are different at every step.',
           'They are the same at every step.'))

question(
    '06.B', 'What does unchain_backward() do to the hidden state?',
    Choice('It sets it to zero.', 'That would be reset_state().'),
    Choice('It makes it smaller.', 'The values stay exactly the same.'),
    Choice('Nothing: its values stay, only the graph behind it is let go.',
           'The net goes on with what it remembers. Only the way back ends there.', right=True))
