"""Lesson 04, Learning to see digits: softmax, cross entropy, the optimizer's step, a small net."""
import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L

from ..checking import (Choice, array_of, call, describe, exercise, is_blank, nearly, not_yet,
                        question, require_answer, require_close, require_function, require_number,
                        right, wrong)
from .digits import HELD_OUT, held_out_digits


def scores_for(seed: int, rows: int = 4, classes: int = 10) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 2, (rows, classes)).astype('float32')


# ---- 04.1 ---------------------------------------------------------------------------------

@exercise(
    '04.1', 'Softmax',
    hints=('np.exp works on the whole array at once. Sum along a row with axis=1.',
           'keepdims=True keeps the axis, so that (4, 10) can be divided by (4, 1).',
           'powers = np.exp(scores - scores.max(axis=1, keepdims=True)), then divide by '
           'powers.sum(axis=1, keepdims=True).'),
    expected='a green mark: rows that add up to 1, also for scores in the thousands.')
def softmax_by_hand(softmax):
    require_function(softmax)
    for rows in (4, 1, 10):
        scores = scores_for(rows, rows)
        want = F.softmax(scores, axis=1).data
        got = array_of(call(softmax, scores))
        if got is not None and got.shape == want.shape:
            if np.allclose(got, np.exp(scores) / np.exp(scores).sum(), atol=1e-5) and rows > 1:
                return nearly('All rows together add up to 1. Each row should: sum along axis 1.')
            if rows > 1 and np.allclose(got, F.softmax(scores, axis=0).data, atol=1e-5):
                return nearly('Your columns add up to 1. The classes of one picture stand in a '
                              'row: use axis=1.')
            if np.allclose(got, np.exp(scores), rtol=1e-3):
                return nearly('These are the powers. Divide each row by its sum.')
        require_close(got, want, 'Your softmax', dtype='float32')
    with np.errstate(all='ignore'):
        large = array_of(call(softmax, scores_for(1) + 1000))
    if large is None or not np.isfinite(large).all():
        return nearly('Right for small scores. For scores near 1000 it gives nan, because np.exp '
                      'overflows. Subtract the largest score of each row first.')
    require_close(large, F.softmax(scores_for(1) + 1000, axis=1).data,
                  'Your softmax of large scores', tolerance=1e-3)
    apart = scores_for(2) + np.array([[0], [2000], [0], [0]], 'float32')
    with np.errstate(all='ignore'):
        if not np.isfinite(array_of(call(softmax, apart))).all():
            return nearly('Right, but not when one row has much larger scores than another: you '
                          'subtract the largest score of all. Subtract the largest of each row, '
                          'with axis=1.')
    return right('Every row adds up to 1, and large scores do no harm.')


# ---- 04.2 ---------------------------------------------------------------------------------

@exercise(
    '04.2', 'Cross entropy',
    hints=('First pick the probability of the true digit out of every row.',
           'Take np.log of these probabilities. Logarithms of numbers below 1 are negative, so put '
           'a minus in front.',
           'return -np.log(probabilities[np.arange(len(t)), t]).mean()'),
    expected='a green mark: the same loss as F.softmax_cross_entropy has for five batches.')
def cross_entropy_by_hand(cross_entropy):
    require_function(cross_entropy)
    for seed in range(5):
        rows = 3 + seed
        scores = scores_for(seed, rows)
        t = np.random.default_rng(seed).integers(0, 10, rows)
        p = F.softmax(scores, axis=1).data
        want = F.softmax_cross_entropy(scores, t).item()
        result = call(cross_entropy, p, t)
        each = -np.log(p[np.arange(rows), t])
        if array_of(result) is not None and np.shape(result) == each.shape and np.allclose(
                array_of(result), each, rtol=1e-4):
            return nearly('These are the losses of the single pictures, and they are right. Take '
                          'their mean.')
        got = require_number(result, 'The loss of a batch')
        if np.isclose(got, want, rtol=1e-4):
            continue
        if np.isclose(got, np.exp(-each).mean(), rtol=1e-4):
            return nearly('This is the mean probability of the true digits. The loss is the mean '
                          'of -np.log of these probabilities.')
        if np.isclose(got, -np.log(p).mean(), rtol=1e-4) or np.isclose(
                got, -np.log(p[:, t]).mean(), rtol=1e-4):
            return nearly('Only one probability of each row counts, that of the true digit: '
                          'probabilities[np.arange(len(t)), t].')
        if np.isclose(got, -want, rtol=1e-4):
            return nearly('Right except for the sign: a loss is positive. The logarithm of a '
                          'probability is negative.')
        if np.isclose(got, want * rows, rtol=1e-4):
            return nearly('You sum over the batch. Take the mean, so that a larger batch does not '
                          'have a larger loss.')
        if np.isclose(got, -np.log(p[np.arange(rows), t].mean()), rtol=1e-4):
            return nearly('You take the logarithm of the mean. Take the mean of the logarithms.')
        if np.isclose(got, want / np.log(10), rtol=1e-3) or np.isclose(got, want / np.log(2),
                                                                       rtol=1e-3):
            return nearly('This is a logarithm to another base. Use np.log.')
        return wrong(f'For a batch of {rows} your loss is {got:.4g}, wanted is {want:.4g}.')
    return right('Five batches, the same losses as the library has.')


# ---- 04.3 ---------------------------------------------------------------------------------

def small_net():
    """A net with gradients, and one layer that took no part."""
    mc.set_seed(5)
    used, unused = L.Linear(3, 4), L.Linear(3, 2)
    F.sum(F.square(used(np.arange(6, dtype='float32').reshape(2, 3)))).backward()
    unused.cleargrads()
    return L.Sequential(used, unused)


@exercise(
    '04.3', 'The step',
    hints=('Go through the list: for parameter in parameters.',
           'The step goes against the gradient: minus lr times parameter.grad.',
           'parameter.data = parameter.data - lr * parameter.grad, and only if parameter.grad is '
           'not None.'),
    expected='a green mark: three steps, each equal to that of mc.optimizers.SGD.')
def the_step(sgd_step):
    require_function(sgd_step)
    for lr in (0.1, 0.5, 0.01):
        mine, yours = small_net(), small_net()
        before = [parameter.data.copy() for parameter in yours.params()]
        optimizer = mc.optimizers.SGD(lr=lr).setup(mine)
        optimizer.update()
        try:
            result = sgd_step(list(yours.params()), lr)
        except TypeError as error:
            if 'None' in str(error):
                return nearly('It stops at a parameter without a gradient. Leave a parameter whose '
                              '.grad is None as it is.')
            raise
        except ValueError as error:
            if 'ambiguous' in str(error):
                return nearly('An array is neither true nor false. Ask: if parameter.grad is not '
                              'None.')
            raise
        after = [parameter.data for parameter in yours.params()]
        if all(map(np.array_equal, before, after)):
            if result is ...:
                return not_yet()
            return wrong('Your function ran, and no parameter has changed. Give the attribute a '
                         'new array: parameter.data = ...')
        for want, got, old in zip((p.data for p in mine.params()), after, before):
            if is_blank(got) or array_of(got) is None:
                return wrong(f'A parameter\'s .data has become {describe(got)}.')
            if got.shape == old.shape and np.allclose(got - old, old - want, atol=1e-6) and \
                    not np.allclose(want, old):
                return nearly('You go *with* the gradient, so the loss grows. Subtract the step.')
            if got.shape == old.shape and not np.allclose(want, old):
                if np.allclose(got - old, (want - old) / lr, atol=1e-5):
                    return nearly('You take the whole gradient. Multiply it by lr.')
                if np.array_equal(got, old):
                    return nearly('Some parameters have moved, others not. Go through the whole '
                                  'list.')
            require_close(got, want, 'A parameter after your step', dtype='float32')
    return right('Three steps, each the same as that of mc.optimizers.SGD.')


# ---- 04.4 ---------------------------------------------------------------------------------

@exercise(
    '04.4', 'Momentum',
    hints=('First the new velocity, then the new weight.',
           'The velocity already has the minus in it. So the weight moves by plus velocity.',
           'velocity = momentum * velocity - lr * gradient, then return weight + velocity, '
           'velocity.'),
    expected='a green mark: ten steps with the same weights as mc.optimizers.MomentumSGD.')
def momentum_by_hand(momentum_step):
    require_function(momentum_step)
    parameter = mc.Parameter(scores_for(0, 2, 3))
    link = L.Link()
    with link.init_scope():
        link.W = parameter
    optimizer = mc.optimizers.MomentumSGD(lr=0.1, momentum=0.8).setup(link)
    weight, velocity = parameter.data.copy(), np.zeros_like(parameter.data)
    for step in range(10):
        gradient = scores_for(step + 1, 2, 3)
        parameter.grad = gradient.copy()
        old = parameter.data.copy()
        optimizer.update()
        result = call(momentum_step, weight, gradient, velocity, 0.1, 0.8)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            return wrong(f'Return two arrays, the weight and the velocity; this is '
                         f'{describe(result)}.')
        said = f'After {step + 1} step{"s" * (step > 0)} your weight'
        moved = array_of(result[0])
        if moved is not None and moved.shape == old.shape:
            if np.allclose(moved, old + velocity, atol=1e-6):
                return nearly('You move by the old velocity. Compute the new one first.')
            if np.allclose(moved, parameter.data - old, atol=1e-6):
                return nearly('The weight and the velocity are swapped: return the weight first.')
            if step and np.allclose(moved, old + velocity - 0.1 * gradient, atol=1e-6):
                return nearly('The old velocity is kept whole. Multiply it by momentum.')
            if np.allclose(moved, old - (parameter.data - old), atol=1e-6):
                return nearly('The weight goes the wrong way: the velocity already has the minus '
                              'of the gradient in it.')
        require_close(result[0], parameter.data, said)
        require_close(result[1], parameter.data - old, said.replace('weight', 'velocity'))
        weight, velocity = array_of(result[0]), array_of(result[1])
    return right('Ten steps, always where mc.optimizers.MomentumSGD is.')


# ---- 04.5 ---------------------------------------------------------------------------------

MOST_NUMBERS, LEAST_ACCURACY = 2400, 0.96


@exercise(
    '04.5', 'Better than ours',
    hints=('One hidden layer of 30 units has 64 * 30 + 30 + 30 * 10 + 10 = 2,260 numbers.',
           'Adam with lr=0.005 learns it in about 30 epochs.',
           'L.Sequential(L.Linear(64, 30), F.relu, L.Linear(30, 10)), then train(my_model, '
           'mc.optimizers.Adam(lr=0.005), epochs=30).'),
    expected='fewer than 2,400 numbers, and more than 96 % of the held-out digits right.')
def better_than_ours(model):
    require_answer(model)
    if not isinstance(model, L.Link):
        return wrong(f'Hand over the trained model itself; this is {describe(model)}.')
    pictures, labels = held_out_digits()
    try:
        with mc.test_mode():
            scores = model(pictures.reshape(HELD_OUT, -1))
    except mc.ShapeError as error:
        return wrong(f'Your model cannot read these digits, an array of shape ({HELD_OUT}, 64). '
                     f'{str(error).splitlines()[0]}')
    if scores.shape != (HELD_OUT, 10):
        return wrong(f'For {HELD_OUT} digits the model returns the shape {scores.shape}, wanted is '
                     f'({HELD_OUT}, 10).')
    numbers = sum(parameter.size for parameter in model.params())
    correct = float(np.mean(scores.data.argmax(axis=1) == labels))
    said = f'{numbers:,} numbers, and {correct:.1%} of the held-out digits are right'
    if numbers < MOST_NUMBERS and correct > LEAST_ACCURACY:
        return right(f'{said}.')
    if correct > LEAST_ACCURACY:
        return nearly(f'{said}. It reads well, but it is too large: fewer units in the hidden '
                      'layer.')
    if correct < 0.3:
        return wrong(f'{said}. That is close to guessing. Did you train this model?')
    if numbers < MOST_NUMBERS and correct > 0.93:
        return nearly(f'{said}. Small enough. Train longer, or with another learning rate.')
    return wrong(f'{said}. Wanted: fewer than {MOST_NUMBERS:,} and more than {LEAST_ACCURACY:.0%}.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '04.A', 'The loss of a net with ten classes starts at 2.3 and stays there. What does the net '
            'do?',
    Choice('It is sure, and gives wrong answers.',
           'Then the truth would have a probability near 0, and the loss would be far above 2.3.'),
    Choice('It has learned everything that there is to learn.',
           'A net that has learned gives the truth a probability near 1. Its loss is near 0.'),
    Choice('It gives every digit about the same probability: it guesses.',
           'Each of ten digits gets 0.1, and -log(0.1) is 2.3.', right=True))

question(
    '04.B', 'Why do we measure on digits that were held out?',
    Choice('Because there are fewer of them, so it is faster.',
           'It is faster, but that is not the reason.'),
    Choice('Because a net can learn its training digits by heart without learning to read.',
           'On 60 digits our net was perfect, and on new ones it was not.', right=True),
    Choice('Because the training digits are harder.',
           'Both were drawn by the same shuffle.'))
