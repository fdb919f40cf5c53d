"""Lesson 02, Backprop by walking: slopes, the chain rule, an engine of one's own."""
import math

import numpy as np

import minichain as mc
import minichain.functions as F

from ..checking import (Choice, array_of, call, describe, exercise, nearly, not_yet, question,
                        require_answer, require_function, require_number, right, wrong)


def measured(f, x: float, h: float = 1e-5) -> float:
    return (f(x + h) - f(x - h)) / (2 * h)


def close(got: float, want: float, tolerance: float = 1e-4) -> bool:
    return abs(got - want) <= tolerance * max(1.0, abs(want))


# ---- 02.1 ---------------------------------------------------------------------------------

CURVES = (('x * x', lambda x: x * x, 3.0), ('sin(x)', math.sin, 0.5),
          ('1 / x', lambda x: 1 / x, 2.0), ('exp(x)', math.exp, -1.0), ('5', lambda x: 5.0, 1.0))


@exercise(
    '02.1', 'Measure a slope',
    hints=('Compute f at x + h and at x - h. How much does the result differ?',
           'The two places are 2 * h apart. Divide the difference of the results by that.',
           'h = 0.0001, then return (f(x + h) - f(x - h)) / (2 * h).'),
    expected='a green mark: five slopes of five curves, each right to three digits.')
def measure_a_slope(slope):
    require_function(slope)
    for name, f, x in CURVES:
        said = f'slope of {name} at x = {x:g}'
        got, want = require_number(call(slope, f, x), f'The {said}'), measured(f, x)
        if close(got, want, 1e-3):
            continue
        if close(got, 2 * want, 1e-2):
            return nearly(f'Your {said} is {got:.4g}, twice as large as the right {want:.4g}. '
                          'x + h and x - h are 2 * h apart, so divide by 2 * h.')
        if close(got, -want, 1e-2):
            return nearly(f'Your {said} has the wrong sign. The difference is f(x + h) - f(x - h), '
                          'in this order.')
        if close(got, want, 0.05):
            return nearly(f'Your {said} is {got:.6g}, wanted is {want:.6g}. Make h smaller, and '
                          'step to both sides of x.')
        more = ''
        if got == 0:
            more = ' Is h so small that the computer rounds it away? 0.0001 does well.'
        elif abs(got) < 1e-2:
            more = (' Divide the difference by (2 * h), with the brackets: without them Python '
                    'divides by 2 and multiplies by h.')
        elif abs(got) > 1000:
            more = ' Put brackets around the difference, before you divide it.'
        return wrong(f'Your {said} is {got:.4g}, wanted is {want:.4g}.{more}')
    return right('Five curves, five right slopes.')


# ---- 02.2 ---------------------------------------------------------------------------------

BOXES = {
    'a + b': lambda a, b: a + b, 'a * b': lambda a, b: a * b, 'a - b': lambda a, b: a - b,
    'a ** 2': lambda a: a ** 2, '1 / a': lambda a: 1 / a,
}
PLACES = (3.0, 5.0), (-2.0, 0.5), (0.7, -4.0)


def true_slopes(box: str, inputs: list[float]) -> list[float]:
    """What minichain says, in double precision."""
    leaves = [mc.Variable(np.array(number), requires_grad=True) for number in inputs]
    BOXES[box](*leaves).backward()
    return [float(leaf.grad) for leaf in leaves]


@exercise(
    '02.2', 'The slopes of three boxes',
    hints=('a - b: if b grows by a bit, the difference shrinks by the same bit. So the slope for b '
           'is negative.',
           'a ** 2 is a * a. Both factors grow: on one path times a, on the other times a, too.',
           '1 / a: measure with slope(lambda a: 1 / a, 2.0), and for 3 and 4. You find -1/4, -1/9, '
           '-1/16.'),
    expected='a green mark: your rules agree with minichain at three places.')
def slopes_of_boxes(local_slopes):
    require_answer(local_slopes)
    if not isinstance(local_slopes, dict) or set(local_slopes) != set(BOXES):
        return wrong('Keep the five entries of the dictionary, and replace only the three dots.')
    for box in BOXES:
        count = 1 if 'b' not in box else 2
        rule = local_slopes[box]
        if not callable(rule):
            return wrong(f'The entry for {box!r} should be a function, such as '
                         f"lambda a{', b' * (count - 1)}: (...). It is {describe(rule)}.")
        for place in PLACES:
            inputs = list(place[:count])
            result = array_of(call(rule, *inputs))
            said = ' and '.join(f'{name} = {value:g}' for name, value in zip('ab', inputs))
            if result is None or result.size != count:
                return wrong(f'For {box!r} return {count} slope{"s" * (count > 1)}, one for each '
                             f'input{", with a comma behind it: (slope,)" * (count == 1)}.')
            got, want = [float(number) for number in result.ravel()], true_slopes(box, inputs)
            if all(map(close, got, want)):
                continue
            if count == 2 and all(map(close, got[::-1], want)):
                return nearly(f'The two slopes of {box!r} are swapped.')
            if all(map(close, map(abs, got), map(abs, want))):
                return nearly(f'For {box!r} with {said} a sign is wrong. Does the result grow or '
                              'shrink when this input grows?')
            return wrong(f'For {box!r} with {said} your slopes are '
                         f"{', '.join(f'{n:g}' for n in got)}; measured they are different. "
                         'Measure them with your function from exercise 02.1.')
    return right('All five boxes agree with minichain.')


# ---- 02.3 ---------------------------------------------------------------------------------

def true_gradients() -> dict[str, float]:
    x, w, b = (mc.Variable(np.array(number), requires_grad=True) for number in (3.0, 2.0, -5.0))
    p = x * w
    s = p + b
    y = s ** 2
    y.backward(retain_grad=True)
    return {name: float(v.grad) for name, v in
            {'y': y, 's': s, 'p': p, 'b': b, 'x': x, 'w': w}.items()}


def picture_by_hand():
    x, w, b = (mc.Variable(number, name=name)
               for name, number in (('x', 3.), ('w', 2.), ('b', -5.)))
    return mc.Graph.of((x * w + b) ** 2)


@exercise(
    '02.3', 'Walk by hand',
    hints=('First go forward: p = 6, s = 1, y = 1. The box s ** 2 has the local slope 2 * s.',
           'The sum hands the gradient of s on to both of its inputs as it is, because its local '
           'slopes are 1 and 1.',
           'The product hands x the gradient of p times w, and w the gradient of p times x.'),
    expected='six numbers, one for each value in this graph.',
    picture=picture_by_hand)
def walk_by_hand(gradients):
    require_answer(gradients)
    want = true_gradients()
    if not isinstance(gradients, dict) or set(gradients) != set(want):
        return wrong('Keep the names of the dictionary, and replace only the three dots.')
    for name in want:           # in the order of the walk, so that the first wrong one is told
        got = require_number(gradients[name], f'The gradient for {name!r}')
        if close(got, want[name]):
            continue
        if name in 'xw' and close(got, want['w' if name == 'x' else 'x']):
            return nearly(f'{name}: you took {name} itself as the slope of x * w. Each factor has '
                          'the other one as its slope.')
        if close(got, -want[name]):
            return nearly(f'{name}: the size is right, the sign is not.')
        before = {'s': 'y', 'p': 's', 'b': 's', 'x': 'p', 'w': 'p', 'y': 'y'}[name]
        return wrong(f'{name} is not right yet. What arrives from {before} is '
                     f'{want[before]:g}; which local slope do you multiply it with?')
    return right('Six right gradients, and no line of code.')


# ---- 02.4 ---------------------------------------------------------------------------------

GRAPHS = (
    ('a * b + c', lambda a, b, c: a * b + c, (2.0, -3.0, 1.0)),
    ('a * a', lambda a: a * a, (3.0,)),
    ('a + a + a', lambda a: a + a + a, (1.5,)),
    ('(a * b) * (a + b)', lambda a, b: (a * b) * (a + b), (0.5, -2.0)),
    ('u = a * b, then u + u * u * u', lambda a, b: (lambda u: u + u * u * u)(a * b), (1.5, 0.5)),
    ('tanh(a * b) * a', lambda a, b: tanh(a * b) * a, (0.3, 0.9)),
)
LONG = 300
MOST_LOOKS = 40                                                 # at the parents of one number


class Counted(list):
    """The parents of a number, which count how often somebody goes through them."""

    looks = 0

    def __iter__(self):
        self.looks += 1
        if self.looks > MOST_LOOKS:
            raise wrong('Your walk comes through the same number again and again, once for every '
                        'path: for a long graph it would never end. Visit each number once: for '
                        'number in reversed(in_order(y)).')
        return super().__iter__()


def count_looks(y) -> None:
    """Let all numbers that y was made of count how often their parents are asked for."""
    waiting, seen = [y], set()
    while waiting:
        number = waiting.pop()
        if id(number) not in seen:
            seen.add(id(number))
            number.parents = Counted(number.parents)
            waiting += [parent for parent, _ in list.__iter__(number.parents)]


def tanh(value):
    return F.tanh(value) if isinstance(value, mc.Variable) else value.tanh()


def ladder(a):
    """Both paths of every rung meet: without an order there would be 2 ** LONG walks."""
    for _ in range(LONG):
        a = a * 0.5 + a * 0.5
    return a


@exercise(
    '02.4', 'The walk back',
    hints=('Begin with y.grad = 1.0. Then: for number in reversed(in_order(y)).',
           'Inside of this loop is another one: for parent, local in number.parents.',
           'The inner loop has one line: parent.grad += number.grad * local. The plus sums up '
           'where paths meet.'),
    expected='a green mark: seven graphs with the same gradients as in minichain.')
def the_walk_back(answer):
    require_answer(answer)
    if not isinstance(answer, tuple) or len(answer) != 2 or not all(map(callable, answer)):
        return wrong('Hand over both: check("02.4", (Number, backward)).')
    number, backward = answer
    for name, build, values in (*GRAPHS, ('a ladder of 300 rungs', ladder, (1.0,))):
        mine = [mc.Variable(np.array(value), requires_grad=True) for value in values]
        build(*mine).backward()
        want = [float(leaf.grad) for leaf in mine]
        yours = [number(value) for value in values]
        y = build(*yours)
        count_looks(y)
        if backward(y) is ...:
            return not_yet()
        got = [require_number(leaf.grad, f'A gradient in {name!r}') for leaf in yours]
        if all(map(close, got, want)):
            continue
        said = (f"For {name} your gradients are {', '.join(f'{n:g}' for n in got)}; "
                f"minichain has {', '.join(f'{n:g}' for n in want)}")
        if not any(got):
            return wrong(f'{said}. Nothing has arrived. Did you set y.grad to 1.0 first, and walk '
                         'from the end?')
        if name == 'a * b + c' and 0 in got:
            return wrong(f'{said}. Only a part has arrived. Walk from the end: a number hands on '
                         'its gradient after it has got it.')
        if name in ('a * a', 'a + a + a'):
            return nearly(f'{said}. Here two paths meet. Add to what the parent has: += and not =.')
        if name == 'a * b + c':
            return wrong(f'{said}. Each parent gets the gradient of the number times the local '
                         'slope.')
        return nearly(f'{said}. A number may hand on its gradient only when it is complete: walk '
                      'through reversed(in_order(y)), once, and hand on number.grad.')
    return right('Seven graphs, and every gradient agrees with minichain. This is backprop.')


# ---- 02.5 ---------------------------------------------------------------------------------

CLAIMS = (
    ('x ** 3', lambda x: x ** 3, lambda x: 3 * x ** 2, True),
    ('x ** 3 with 2 * x ** 2', lambda x: x ** 3, lambda x: 2 * x ** 2, False),
    ('sin(2 x) with cos(2 x)', lambda x: math.sin(2 * x), lambda x: math.cos(2 * x), False),
    ('exp(x)', math.exp, math.exp, True),
    ('1000 * x, one percent off', lambda x: 1000 * x, lambda x: 1010.0, False),
    ('cos(x) with sin(x), where only the sign is wrong', math.cos, math.sin, False),
    ('1e6 * x * x', lambda x: 1e6 * x * x, lambda x: 2e6 * x, True),
    ('tanh(x)', math.tanh, lambda x: 1 - math.tanh(x) ** 2, True),
)


@exercise(
    '02.5', 'Find the liar',
    hints=('Measure the slope as in exercise 02.1, and compute the claimed one: df(x).',
           'The difference counts without its sign: abs(measured - df(x)).',
           'Return abs(measured - df(x)) <= 0.001 * max(1.0, abs(measured)).'),
    expected='one False among the three claims, and a green mark.')
def find_the_liar(honest):
    require_function(honest)
    for name, f, df, truth in CLAIMS:
        verdict = call(honest, f, df, 0.7)
        slopes = f'the measured slope is {measured(f, 0.7):.6g}, the claimed one {df(0.7):.6g}'
        if not isinstance(verdict, (bool, np.bool_)):
            return wrong(f'honest(...) should return True or False; for {name} it returns '
                         f'{describe(verdict)}.')
        if bool(verdict) == truth:
            continue
        if truth:
            return nearly(f'{name} is an honest claim, and your function says False. A measured '
                          'slope is never quite exact, and the larger it is, the more it is off: '
                          'allow a thousandth of its size.')
        said = f'{name} is wrong, and your function says True: {slopes}'
        if 'sign' in name:
            return nearly(f'{said}. Compare the slopes themselves, not their sizes.')
        if 'one percent' in name:
            return nearly(f'{said}. A difference counts in both directions, abs(...), and one '
                          'thousandth is allowed, not a hundredth.')
        return wrong(f'{said}. Compare the two.')
    return right('Eight claims, four of them wrong, and you caught every liar.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '02.A', 'A number is used in two places. What is its gradient?',
    Choice('The larger one of what the two paths bring.',
           'No. A tiny change of the number goes along both paths, and both matter.'),
    Choice('The sum of what the two paths bring.',
           'A tiny change reaches the result on both paths, and the two changes add up.',
           right=True),
    Choice('The product of what the two paths bring.',
           'Slopes are multiplied along one path, box after box. Where paths meet, they are '
           'added.'))

question(
    '02.B', 'The gradient of the loss for a weight is 3. What should you do to make the loss '
    'smaller?',
    Choice('Make the weight a little smaller.',
           'When the weight grows by a bit, the loss grows by three bits. So go the other way.',
           right=True),
    Choice('Make the weight a little larger.',
           'Then the loss grows: by three times as much as the weight.'),
    Choice('Set the weight to 3.',
           'No. The gradient is no value for the weight. It says in which direction, and how '
           'strongly, the loss changes.'))
