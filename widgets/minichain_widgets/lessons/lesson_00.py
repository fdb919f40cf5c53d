"""Lesson 00, Start here: a value, a graph of one's own, a slope."""
import numpy as np

import minichain as mc

from ..checking import (Choice, call, exercise, nearly, question, require_answer, require_function,
                        require_number, require_variable, right, structure_of, wrong)

TARGET = 10.0


def formula(x):
    return x * x + 3 * x


@exercise(
    '00.1', 'Find the x',
    hints=('Guess. Put your guess into my_x, run the cell, and read whether y came out too large '
           'or too small.',
           'The answer is a whole number, and it is smaller than 4.',
           'Solve x * x + 3 * x = 10. There is one answer above zero and one below zero.'),
    expected='a green mark. Both answers count, the one above zero and the one below.')
def find_the_x(my_x):
    value = require_number(my_x, 'my_x')
    y = float(formula(mc.Variable(value)).data)
    if abs(y - TARGET) < 1e-4:
        return right(f'With x = {value:g} the graph gives y = {y:g}.')
    if abs(y - TARGET) < 1:
        return nearly(f'With x = {value:g} the graph gives y = {y:.3f}. The answer is a whole '
                      f'number, so you are very close.')
    size = 'large' if y > TARGET else 'small'
    return wrong(f'With x = {value:g} the graph gives y = {y:g}, which is too {size}.')


def factored(x):
    return (x + 1) * (x + 2)


@exercise(
    '00.2', 'A graph of your own',
    hints=('Start with the two brackets. Each one is an addition. Give them names: a and b.',
           'a = x + 1 is the first line.',
           'The last line multiplies a and b. The product is my_y.'),
    expected='two additions side by side. Both arrows lead into one multiplication.',
    picture=lambda: mc.Graph.of(factored(mc.Variable(2.0, name='x'))))
def graph_of_your_own(my_y):
    require_variable(my_y, 'my_y')
    wanted, made = structure_of(factored(mc.Variable(2.0))), structure_of(my_y)
    same_value = my_y.size == 1 and abs(float(my_y.data) - 12.0) < 1e-4
    if made == wanted and same_value:
        return right('The value is 12, and your graph holds two additions and one multiplication.')
    if same_value and made.functions == wanted.functions:
        return nearly('The value 12 is right, and so are the boxes, but the arrows between them '
                      'are others. Both additions begin at x.')
    if same_value:
        return nearly(f'The value 12 is right, but the graph is another one. Yours holds {made}. '
                      f'Wanted is {wanted}. Equal results can have different graphs.')
    if made == wanted:
        return nearly(f'The graph has the right boxes, but the value is {float(my_y.data):g}. For '
                      f'x = 2 it should be 12. Look at the numbers that you add.')
    return wrong(f'The value is {float(my_y.data.sum()):g} and the graph holds {made}. '
                 f'Wanted is {wanted}. Run the cell that makes x once more, then write the '
                 f'formula.')


FORMULAS = (
    ('x * x + 3 * x at 2', formula, 2.0),
    ('x * x * x at 1.5', lambda x: x * x * x, 1.5),
    ('5 * x at -4', lambda x: 5 * x, -4.0),
)


def slope_by_minichain(f, x: float) -> float:
    variable = mc.Variable(np.array(x), requires_grad=True)
    f(variable).backward()
    return float(variable.grad)


@exercise(
    '00.3', 'Measure a slope',
    hints=('Compute f twice: once at x, and once a little to the right of x.',
           'The slope is the change of f, divided by the change of x.',
           'With nudge = 0.0001: (f(x + nudge) - f(x)) / nudge. It gets better still when you '
           'step to both sides: (f(x + nudge) - f(x - nudge)) / (2 * nudge).'),
    expected="a green mark. Your slopes and minichain's gradients agree to three digits.")
def measure_a_slope(slope):
    require_function(slope)
    tried = []
    for text, f, x in FORMULAS:
        got = require_number(call(slope, f, x), 'The slope')
        tried.append((text, got, slope_by_minichain(f, x), f(x)))
    off = [(text, got, want) for text, got, want, _ in tried if abs(got - want) >= 2e-3]
    if not off:
        return right("Your slopes agree with minichain's gradients for all three formulas.")
    text, got, want = off[0]
    said = f'For {text} your slope is {got:.4g}'
    if all(np.isclose(got, value) for _, got, _, value in tried):
        return wrong(f'{said}. That is the value of the formula. The slope says how fast this '
                     f'value changes.')
    if all(np.isclose(got, -want, rtol=1e-2) for _, got, want, _ in tried):
        return nearly(f'{said}; only the sign is wrong. Take the value on the right minus the '
                      f'value on the left.')
    if all(np.isclose(got, 2 * want, rtol=1e-2) for _, got, want, _ in tried):
        return nearly(f'{said}, twice as large as the right one. x + nudge and x - nudge are two '
                      f'nudges apart, so divide by 2 * nudge.')
    if not any(got for _, got, _, _ in tried):
        return nearly(f'{said}: the value of f has not changed. Is the nudge so small that the '
                      f'computer rounds it away? 0.0001 does well.')
    if all(abs(got) < 0.1 for _, got, _, _ in tried):
        return wrong(f'{said}. That is the change of f alone, and it depends on the nudge. Divide '
                     f'it by the nudge.')
    if '5 * x at -4' not in {text for text, _, _ in off}:
        return nearly(f'The slope of the straight line 5 * x is right. For {text} yours is '
                      f'{got:.5g}, and the gradient is {want:.5g}: the line bends there, and your '
                      f'nudge is too large. Take a tiny one.')
    return wrong(f"{said}, and minichain's gradient is {want:.4g}. Put brackets around the change "
                 f'of f, then divide it by the change of x.')


question(
    '00.A', 'When does a box of the graph appear?',
    Choice('When the line that computes it has run.',
           'The graph is written down while Python computes. No line of code draws it.',
           right=True),
    Choice('When I write the formula, before anything runs.',
           'Some other libraries work like this: first draw, then run. In minichain there is no '
           'box before its line has run.'),
    Choice('When I call y.backward().',
           'No. backward() walks through boxes that are there already. Look at the picture once '
           'more before the line with backward().'))

question(
    '00.B', 'At x = 2 the gradient of y is 7. What does the 7 say?',
    Choice('y is 7 when x is 2.',
           'That would be the value of y, and the value is 10. The gradient speaks of change.'),
    Choice('If x grows by a tiny amount, y grows by about 7 times this amount.',
           'A gradient says how fast the result follows its input.', right=True),
    Choice('The graph has 7 boxes.',
           'No. The number of boxes is the size of the graph. The gradient is about change.'))
