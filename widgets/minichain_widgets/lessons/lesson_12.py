"""Lesson 12, When it breaks: shapes, dead units, exploding gradients, NaN, wrong gradients."""
import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L

from ..checking import (Choice, array_of, call, describe, exercise, graph_nodes, is_blank, nearly,
                        not_yet, question, require_answer, require_close, require_function,
                        require_number, require_variable, right, wrong)


def numbers(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype('float32')


# ---- 12.1 ---------------------------------------------------------------------------------

FILTERS, SIDE = 8, 3


class Mended(L.Chain):
    """The net of the lesson, with a last layer of the right size."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.filters = L.Conv2d(1, FILTERS, ksize=3)
            self.scores = L.Linear(FILTERS * SIDE * SIDE, 10)


def picture_of_the_net():
    net = Mended()
    h = F.max_pool2d(F.relu(net.filters(numbers(0, 4, 1, 8, 8))), 2)
    return mc.Graph.of(net.scores(F.reshape(h, (len(h), -1))))


@exercise(
    '12.1', 'Mend the net',
    hints=('Copy the old forward, with net in place of self.',
           'The first axis counts the pictures, and must stay: F.reshape(h, (len(h), -1)).',
           'Each picture leaves 8 maps of 3 rows and 3 columns. Multiply.'),
    expected='ten scores for each picture, and this graph.', picture=picture_of_the_net)
def mend_the_net(answer):
    require_answer(answer)
    if not isinstance(answer, tuple) or len(answer) != 2:
        return wrong('Hand over both: check("12.1", (forward, numbers_in)).')
    forward, numbers_in = answer
    require_function(forward)
    count, want = require_number(numbers_in, 'numbers_in'), FILTERS * SIDE * SIDE
    mc.set_seed(0)
    for pictures in (4, 1, 7):
        net = Mended()
        y = call(forward, net, numbers(pictures, pictures, 1, 8, 8))
        require_variable(y, 'What forward returns')
        if y.shape != (pictures, 10):
            return wrong(f'For {pictures} pictures forward returns the shape {y.shape}, wanted is '
                         f'({pictures}, 10): ten scores for each picture.')
        labels = [node['label'] for node in graph_nodes(y)]
        for needed in ('conv2d', 'relu', 'max_pool2d', 'linear'):
            if needed not in labels:
                return nearly(f'The shape is right, but {needed} is missing in the graph. Keep the '
                              'rest of the old forward as it was.')
    if count == want:
        return right(f'{want} numbers for each picture, and the batch stays a batch.')
    if count == want * 4:
        return nearly(f'{count:g} is the number for all 4 pictures together. How many for one?')
    if count == 8 * 6 * 6:
        return nearly('That is before the pooling, which leaves half of the rows and columns.')
    return nearly(f'Your forward is right. The last layer gets {FILTERS} maps of {SIDE} x {SIDE} '
                  f'numbers for each picture; that is not {count:g}.')


# ---- 12.2 ---------------------------------------------------------------------------------

@exercise(
    '12.2', 'Count the dead',
    hints=('h.data == 0 gives True and False for every picture and every unit.',
           'np.all(..., axis=0) asks for each unit whether it is True for all pictures.',
           'return int(np.sum(np.all(h.data <= 0, axis=0)))'),
    expected='12 for the units that were killed, or a few more, and a green mark.')
def count_the_dead(dead_units):
    require_function(dead_units)
    for dead, seed in ((3, 2), (5, 3), (0, 1), (8, 4)):
        h = np.maximum(numbers(seed, 20, 8), 0)
        h[:, :dead] = 0
        h[3] = 0                                # one picture for which all is zero
        got = require_number(call(dead_units, mc.Variable(h)), 'The number of dead units')
        if got == dead:
            continue
        if got == np.sum(np.all(h == 0, axis=1)):
            return nearly('You count the pictures for which all units are zero. Ask along the '
                          'other axis.')
        if got == np.sum(h == 0):
            return wrong('You count all zeros. A unit is dead only if it is zero for every '
                         'picture.')
        if got == np.sum(np.any(h == 0, axis=0)):
            return nearly('You count the units that are zero for at least one picture. Dead are '
                          'those that are zero for all of them: np.all.')
        if got == 8 - dead:
            return nearly('These are the units that live.')
        if np.isclose(8 * got, dead):
            return nearly(f'{got:g} is a share. Count them: np.sum.')
        return wrong(f'In a table with {dead} dead units you find {got:g}.')
    return right('You found the dead units in four tables.')


# ---- 12.3 ---------------------------------------------------------------------------------

@exercise(
    '12.3', 'Clip',
    hints=('First the length: np.sqrt of the sum of np.sum(g ** 2) over all arrays g.',
           'If it is above the limit, multiply every array by limit / length.',
           'factor = min(1, limit / length), then return [g * factor for g in gradients].'),
    expected='a green mark: the same arrays as GradientClipping leaves.')
def clip_gradients(clip):
    require_function(clip)
    for limit, size in ((1.0, 3.0), (5.0, 0.1), (0.5, 1.0), (2.0, 0.0)):
        gradients = [size * numbers(1, 3, 4), size * numbers(2, 5), size * numbers(3, 2, 2)]
        length = float(np.sqrt(sum(np.sum(g.astype('float64') ** 2) for g in gradients)))
        factor = min(1.0, limit / length) if length else 1.0
        result = clip([g.copy() for g in gradients], limit)
        if result is None and length <= limit:
            return nearly('For gradients that are short enough your function returns nothing. '
                          'Return them as they are.')
        if is_blank(result):
            return not_yet()
        if not isinstance(result, (list, tuple)) or len(result) != 3:
            return wrong(f'Return a list of three arrays; this is {describe(result)}.')
        got = [array_of(g) for g in result]
        if any(g is None or g.shape != old.shape for g, old in zip(got, gradients)):
            return wrong('The arrays should keep their shapes.')
        if not all(np.isfinite(g).all() for g in got):
            return nearly('When all gradients are zero, you divide by zero. Only shrink when the '
                          'length is above the limit.')
        alone = [g * min(1.0, limit / max(float(np.sqrt(np.sum(g ** 2))), 1e-30))
                 for g in gradients]
        if length > limit and all(np.allclose(a, b, atol=1e-6) for a, b in zip(got, alone)):
            return nearly('You clip each array by itself, so the direction changes. Use one length '
                          'for all arrays together.')
        if length > limit and all(np.allclose(a, np.clip(b, -limit, limit), atol=1e-6)
                                  for a, b in zip(got, gradients)):
            return nearly('You cut off each number. Multiply all numbers by the same factor.')
        if length > limit and all(map(np.array_equal, got, gradients)):
            return wrong(f'The gradients came back as they were. Their length is {length:.3g}, '
                         f'and the limit {limit:g}: multiply all of them by limit / length.')
        for other, why in ((length ** 2, 'The square root is missing: the length is the root of '
                                         'the sum of squares.'),
                           (sum(float(np.sqrt(np.sum(g ** 2))) for g in gradients),
                            'You add up the lengths of the arrays. Add up all squares, then take '
                            'one root.')):
            if length > limit and all(np.allclose(a, b * min(1, limit / other), atol=1e-6)
                                      for a, b in zip(got, gradients)):
                return nearly(why)
        if length <= limit and not all(np.allclose(a, b, atol=1e-6)
                                       for a, b in zip(got, gradients)):
            return nearly('Gradients that are short enough should stay as they are.')
        for g, old in zip(got, gradients):
            require_close(g, old.astype('float64') * factor, 'A clipped gradient')
    return right('Long ones are shrunk to the limit, short ones stay, and directions are kept.')


# ---- 12.4 ---------------------------------------------------------------------------------

@exercise(
    '12.4', 'A loss that lasts',
    hints=('The logarithm of softmax is the score minus the logarithm of the sum of powers.',
           'F.log_softmax does it safely for a whole batch.',
           'return -F.mean(F.select(F.log_softmax(scores), t))'),
    expected='a green mark: the same loss and the same gradient as before, and never NaN.')
def lasting(lasting_loss):
    require_function(lasting_loss)
    t = np.array([3, 0, 9, 9])
    for shift, stretch in ((0, 1), (200, 1), (-1000, 1), (0, 500)):
        given = (numbers(6, 4, 10) * stretch + shift).astype('float32')
        scores, reference = mc.Variable(given), mc.Variable(given.copy())
        loss = call(lasting_loss, scores, t)
        require_variable(loss, 'The loss')
        value = require_number(loss, 'The loss')
        said = f'For scores from {given.min():.0f} to {given.max():.0f}'
        want = F.softmax_cross_entropy(reference, t)
        want.backward()
        if not np.isfinite(value):
            return wrong(f'{said} the loss is {value}.')
        if not np.isclose(value, want.item(), rtol=1e-3):
            if np.isclose(value, -want.item(), rtol=1e-3):
                return nearly('Right except for the sign: a loss is positive.')
            if np.isclose(value, 4 * want.item(), rtol=1e-3):
                return nearly('You sum over the batch. Take the mean.')
            if stretch == 1 and not shift:
                return wrong(f'{said} the loss is {value:.4g}, wanted is {want.item():.4g}.')
            return nearly(f'{said} the loss is {value:.4g}, but should be {want.item():.4g}. It '
                          'does not break, but it is no longer the same loss.')
        if loss.creator is None:
            return nearly('The number is right, but there is no graph behind it, so nothing can '
                          'learn. Compute with F functions of the Variable.')
        loss.backward()
        if scores.grad is None:
            return nearly('The loss does not depend on the scores that came in. Do not make a new '
                          'Variable of their data.')
        if not np.allclose(scores.grad, reference.grad, atol=1e-4):
            return nearly(f'{said} the loss is right, but its gradient is not. A limit that you '
                          'put on a number stops its gradient, too.')
    return right('It lasts, and its gradient is right everywhere.')


# ---- 12.5 ---------------------------------------------------------------------------------

@exercise(
    '12.5', 'Mend the gradient',
    hints=('Where x is positive, the output grows as much as x.',
           'Where x is negative, it grows a tenth as much. So the gradient that arrives is '
           'divided by 10 there.',
           'return np.where(x > 0, gy, gy / 10)'),
    expected='a green mark: your backward agrees with measured slopes.')
def mend_the_gradient(leaky_backward):
    require_function(leaky_backward)
    for seed in range(3):
        x, gy = numbers(seed, 3, 4), numbers(seed + 10, 3, 4)
        leaf = mc.Variable(x)
        y = F.leaky_relu(leaf, slope=0.1)
        y.backward(gy)
        got = array_of(call(leaky_backward, x, gy))
        if got is not None and got.shape == x.shape:
            if np.allclose(got, np.where(x > 0, 1, 0.1)):
                return nearly('That is the local slope. Multiply it by what arrives, gy.')
            if np.allclose(got, np.where(x > 0, gy, 0)):
                return nearly('That is the gradient of relu. Here negative values let a tenth '
                              'through.')
            if np.allclose(got, gy):
                return nearly('That is the mistake that we look for: where x is negative, the '
                              'output grows only a tenth as much.')
            if np.allclose(got, np.where(x > 0, gy, x / 10)):
                return nearly('Divide what arrives, gy, and not x.')
            if np.allclose(got, np.where(gy > 0, gy, gy / 10)):
                return nearly('Ask for the sign of x, not for that of gy.')
        require_close(got, leaf.grad, 'Your gradient')
    return right('It agrees with the measured slope on both sides of zero.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '12.A', 'The loss is fine for 500 steps. Then it is NaN. What do you do first?',
    Choice('Switch debug mode on and run again: it names the first operation that gave a NaN.',
           'One NaN makes all later numbers NaN. So the first one is the one to find.', right=True),
    Choice('Replace every NaN by zero.',
           'That hides where it came from, and the net goes on with wrong numbers.'),
    Choice('Train longer.',
           'A NaN never goes away: whatever touches it becomes NaN.'))

question(
    '12.B', 'Why do gradients vanish in a deep net with very small weights?',
    Choice('Because small numbers are rounded to zero.',
           'They may be at the very end, but they were far too small long before.'),
    Choice('Because the optimizer divides them.',
           'The optimizer sees them only after the walk.'),
    Choice('Because going back, each layer multiplies by its small weights once more.',
           'Slopes along a path are multiplied: twelve small factors make a tiny one.', right=True))
