"""Lesson 14, Gradients of gradients: derivatives, Newton's step, a penalty, less memory."""
import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L

from ..checking import (Choice, call, describe, exercise, nearly, question, require_answer,
                        require_close, require_function, require_number, require_variable, right,
                        wrong)

# ---- 14.1 ---------------------------------------------------------------------------------

TOWERS = (
    ('x ** 4', lambda x: x ** 4, 2.0, (16.0, 32.0, 48.0, 48.0, 24.0)),
    ('exp(2 * x)', lambda x: F.exp(2 * x), 0.5, tuple(2 ** n * np.e for n in range(5))),
    ('sin(x)', F.sin, 0.3, (np.sin(0.3), np.cos(0.3), -np.sin(0.3), -np.cos(0.3), np.sin(0.3))),
)


@exercise(
    '14.1', 'As often as you like',
    hints=('Make a Variable of x and compute y = f(x). For n = 0 this is the answer.',
           'Then replace y, n times, by the gradient of y for x. It must leave a graph: '
           'create_graph=True.',
           'for _ in range(n): y, = mc.grad([y], [x], create_graph=True)'),
    expected='a green mark: five derivatives of three functions.')
def as_often_as_you_like(derivative):
    require_function(derivative)
    for name, f, x, wanted in TOWERS:
        for n, want in enumerate(wanted):
            said = f'derivative number {n} of {name} at x = {x:g}'
            got = require_number(call(derivative, f, x, n), f'The {said}')
            if abs(got - want) <= 1e-3 * max(1, abs(want)):
                continue
            if n + 1 < len(wanted) and abs(got - wanted[n + 1]) <= 1e-3 * max(1, abs(got)):
                return nearly(f'Your {said} is number {n + 1} already: one too many.')
            if n and abs(got - wanted[n - 1]) <= 1e-3 * max(1, abs(got)):
                return nearly(f'Your {said} is number {n - 1}: one too few.')
            return wrong(f'The {said} should be {want:.5g}; yours is {got:.5g}.')
    return right('Five derivatives of three functions, each from the graph of the one before.')


# ---- 14.2 ---------------------------------------------------------------------------------

VALLEYS = (
    ('exp(x) - 3 * x', lambda x: F.exp(x) - 3 * x, lambda x: (np.exp(x) - 3, np.exp(x)), 0.0),
    ('(x - 2) ** 2', lambda x: (x - 2) ** 2, lambda x: (2 * (x - 2), 2.0), 5.0),
    ('x ** 4 + x', lambda x: x ** 4 + x, lambda x: (4 * x ** 3 + 1, 12 * x ** 2), -1.0),
)


def step_of_newton(f, x) -> float:
    """Where the parabola with the slope and the curvature of f at x has its lowest point."""
    x = mc.Variable(x)
    slope, = mc.grad([f(x)], [x], create_graph=True)
    second, = mc.grad([slope], [x])
    return x.item() - slope.item() / second.item()


@exercise(
    '14.2', 'Newton',
    hints=('You need the slope and the slope of the slope at x: mc.grad twice.',
           'The first call needs create_graph=True, else there is no graph for the second.',
           'return x - slope / second, as a number: .item() of each.'),
    expected='a green mark: from (x - 2) ** 2 one step leads to 2 exactly.',
    ready=step_of_newton)
def newton(newton_step):
    require_function(newton_step)
    for name, f, slopes, x in VALLEYS:
        first, second = slopes(x)

        def value(x):
            return f(mc.Variable(x)).item()

        got = require_number(call(newton_step, f, x), f'A step for {name} from {x:g}')
        want = x - first / second
        if abs(got - want) <= 1e-3 * max(1, abs(want)):
            continue
        said = f'For {name} a step from {x:g} should lead to {want:.5g}; yours leads to {got:.5g}'
        if abs(got - (x + first / second)) <= 1e-3 * max(1, abs(got)):
            return nearly(f'{said}. You go up: subtract.')
        if abs(got - (x - first)) <= 1e-3 * max(1, abs(got)):
            return nearly(f'{said}. That is gradient descent. Divide by the second derivative.')
        if abs(got - (x - value(x) / first)) <= 1e-3 * max(1, abs(got)):
            return nearly(f'{said}. That is the step to where f itself is zero. The lowest place '
                          'is where the slope is zero: divide the slope by its own slope.')
        if abs(got - first / second) <= 1e-3 * max(1, abs(got)):
            return nearly(f'{said}. That is the length of the step. Where does it lead to?')
        return wrong(f'{said}.')
    return right('Three functions, and the bowl (x - 2) ** 2 in a single step.')


# ---- 14.3 ---------------------------------------------------------------------------------

def small_model(seed: int):
    mc.set_seed(seed)
    return L.Sequential(L.Linear(1, 5), F.tanh, L.Linear(5, 1))


def true_penalty(model, points) -> mc.Variable:
    leaf = mc.Variable(points)
    slopes, = mc.grad([F.sum(model(leaf))], [leaf], create_graph=True)
    return F.mean(slopes * slopes)


@exercise(
    '14.3', 'The penalty',
    hints=('Make a Variable of the points first: only for a Variable can you ask a gradient.',
           'slopes, = mc.grad([F.sum(model(points))], [points], create_graph=True)',
           'return F.mean(slopes ** 2)'),
    expected='a green mark: the value and the gradients for the weights are right.',
    ready=true_penalty)
def the_penalty(penalty):
    require_function(penalty)
    for seed in range(3):
        points = np.random.default_rng(seed).normal(size=(6, 1)).astype('float32')
        model, mine = small_model(seed), small_model(seed)
        value = call(penalty, model, points)
        require_variable(value, 'The penalty')
        want = true_penalty(mine, points)
        got = require_number(value, 'The penalty')
        if np.isclose(got, 6 * want.item(), rtol=1e-3):
            return nearly('You sum over the points. Take the mean.')
        if np.isclose(got, want.item() / 36, rtol=1e-3):
            return nearly('Your slopes are six times too small: ask for the gradient of the sum '
                          'of the outputs, not of their mean.')
        leaf = mc.Variable(points)
        slopes, = mc.grad([F.sum(mine(leaf))], [leaf])
        if np.isclose(got, np.mean(slopes.data) ** 2, rtol=1e-4):
            return nearly('You take the mean, and then the square. Square each slope first: steep '
                          'up and steep down must not cancel.')
        if np.isclose(got, np.mean(slopes.data), rtol=1e-4):
            return nearly('That is the mean of the slopes. Square each of them first: steep up and '
                          'steep down must not cancel.')
        if not np.isclose(got, want.item(), rtol=1e-3):
            return wrong(f'For a small net your penalty is {got:.4g}, wanted is {want.item():.4g}.')
        model.cleargrads()
        mine.cleargrads()
        if value.creator is None:
            return nearly('The value is right, but it has no graph. Ask for the slopes with '
                          'create_graph=True.')
        value.backward()
        want.backward()
        weight, own = model.params()[0], mine.params()[0]
        if weight.grad is None:
            return nearly('The value is right, but its gradient does not reach the weights. Ask '
                          'for the slopes with create_graph=True.')
        require_close(weight.grad, own.grad, 'The gradient of your penalty')
    return right('Value and gradients are right: a net can learn from its own slope.')


# ---- 14.4 ---------------------------------------------------------------------------------

@exercise(
    '14.4', 'A third of the memory',
    hints=('Cut the list of blocks into groups: for start in range(0, 24, 6), '
           'blocks[start:start + 6].',
           'Write a function that runs one group, and hand it to mc.checkpoint with x.',
           'x = mc.checkpoint(run(blocks[start:start + 6]), x), where run(some) returns a function '
           'that goes through some.'),
    expected='less than a third of the bytes, and the same gradients.')
def a_third_of_the_memory(answer):
    require_answer(answer)
    if not isinstance(answer, tuple) or len(answer) != 3:
        return wrong('Hand over all three: check("14.4", (plain, thrifty, blocks)).')
    _, thrifty, blocks = answer
    if not isinstance(blocks, (list, tuple)) or len(blocks) != 24 or not all(
            isinstance(block, L.Link) for block in blocks):
        return wrong('blocks should be the list of 24 blocks. Run the cell that makes it again.')

    def plain(x):
        for block in blocks:
            x = block(x)
        return x

    x = np.random.default_rng(1).normal(size=(256, 64)).astype('float32')
    results = []
    for f in (plain, thrifty):
        leaf = mc.Variable(x)
        y = call(f, leaf)
        if not isinstance(y, mc.Variable):
            return wrong(f'It should return a Variable; this is {describe(y)}.')
        kept = mc.Graph.of(y).cost()['bytes_kept']
        for block in blocks:
            block.cleargrads()
        F.sum(F.square(y)).backward()
        if leaf.grad is None or any(p.grad is None for block in blocks for p in block.params()):
            return wrong('The gradient does not reach all of the blocks.')
        results.append((y.data, kept, leaf.grad, [b.params()[0].grad for b in blocks]))
    (y, kept, gx, weights), (your_y, your_kept, your_gx, your_weights) = results
    require_close(your_y, y, 'The result')
    require_close(your_gx, gx, 'The gradient for x')
    for one, other in zip(your_weights, weights):
        require_close(one, other, "The gradient for a block's weight")
    said = f'Your graph keeps {your_kept / kept:.0%} of what the plain one keeps'
    if your_kept < kept / 3:
        return right(f'{said}, and all gradients are the same.')
    if your_kept < kept:
        return nearly(f'{said}. Larger groups keep less.')
    return wrong(f'{said}. Call mc.checkpoint for groups of blocks.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '14.A', 'Why does minichain not always record the way back?',
    Choice('Because gradients of gradients are rarely right.',
           'They are as exact as gradients.'),
    Choice('Because the record costs time and memory, and most programs need the first gradient '
           'only.',
           'Only the work that is needed is done. You ask for it with create_graph=True.',
           right=True),
    Choice('Because some operations have no second derivative.',
           'A few have none, and say so. That is not the reason.'))

question(
    '14.B', 'What does a checkpoint trade?',
    Choice('Time for memory: it forgets values and computes them again.',
           'The forward run is done twice, and the graph keeps little in between.', right=True),
    Choice('Exactness for memory: it stores values with fewer digits.',
           'The gradients are exactly the same.'),
    Choice('Memory for time: it stores values so as not to compute them again.',
           'That is what the plain graph does.'))
