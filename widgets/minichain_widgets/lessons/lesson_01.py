"""Lesson 01, A graph that grows: count boxes, loops that leave a record, what is kept."""
import numpy as np

import minichain as mc
import minichain.functions as F

from ..checking import (Choice, call, exercise, graph_nodes, nearly, question,
                        require_answer, require_function, require_number, require_variable, right,
                        structure_of, wrong)


def value(number: float) -> mc.Variable:
    """A leaf in double precision, so that checkers need no tolerance for rounding."""
    return mc.Variable(np.array(number, dtype='float64'), requires_grad=True, name='x')


# ---- 01.1 ---------------------------------------------------------------------------------

def with_a_name(x):
    u = x * x + 3 * x
    return u * u


def written_out(x):
    return (x * x + 3 * x) * (x * x + 3 * x)


@exercise(
    '01.1', 'Count the boxes',
    hints=('Count the signs in the code that Python carries out. Every + and every * that runs is '
           'one box. Leaves such as x do not count here.',
           'A name does not copy anything. The line y = u * u carries out one multiplication.',
           'In the second version each bracket is computed again: three boxes for the first, three '
           'for the second, and the last *.'),
    expected='a green mark with both numbers.')
def count_the_boxes(guess):
    require_answer(guess)
    if not isinstance(guess, dict) or set(guess) != {'with a name', 'written out'}:
        return wrong('Keep the dictionary as it was, and replace only the three dots.')
    got = [require_number(guess[key], f'The number for {key!r}')
           for key in ('with a name', 'written out')]
    want = [structure_of(f(value(2.0))).total for f in (with_a_name, written_out)]
    if got == want:
        return right(f'{want[0]} boxes and {want[1]} boxes. The results are equal, the runs are '
                     f'not, and the graph is the record of the run.')
    if got == want[::-1]:
        return nearly('These are the right numbers, but the wrong way round.')
    if got == [number + 1 for number in want]:
        return nearly('Both are one too large. Did you count x? It is a leaf, and no operation.')
    if got[0] == got[1]:
        return wrong('You say that both have the same number. minichain does not look ahead, and '
                     'it does not tidy up: what runs twice is written down twice.')
    if got[0] == want[0] or got[1] == want[1]:
        which = 'written out' if got[0] == want[0] else 'with a name'
        return nearly(f'One of the two is right. Count {which!r} once more.')
    return wrong('Neither is right yet. Write each version step by step, one sign a line, and '
                 'count the lines.')


# ---- 01.2 ---------------------------------------------------------------------------------

def doubled(x, count: int):
    for _ in range(count):
        x = x * 2
    return x


def doublings(start: float, limit: float) -> int:
    count = 0
    while start < limit:
        start, count = 2 * start, count + 1
    return count


@exercise(
    '01.2', 'Double until it is large',
    hints=('Begin with h = x. Then repeat something while h is too small, and return h.',
           'The condition looks at the number inside of h: while h.data < limit.',
           'Inside of the loop there is one line: h = h * 2.'),
    expected='a chain of multiplications. This one belongs to the start 3 and the limit 30; for '
             'other numbers it is longer or shorter.',
    picture=lambda: mc.Graph.of(doubled(mc.Variable(3.0, name='x'), doublings(3.0, 30.0))))
def double_until_large(double_until):
    require_function(double_until)
    for start, limit in ((3.0, 100.0), (0.7, 10.0), (40.0, 50.0), (25.0, 100.0), (200.0, 100.0)):
        count = doublings(start, limit)
        y = call(double_until, value(start), limit)
        said = f'double_until({start:g}, {limit:g})'
        require_variable(y, f'The result of {said}')
        got, want = float(y.data), start * 2 ** count
        if np.isclose(got, 2 * want):
            return nearly(f'{said} gives {got:g}, wanted is {want:g}: you double once too often. '
                          f'Stop as soon as the number has reached the limit.')
        if np.isclose(2 * got, want):
            return nearly(f'{said} gives {got:g}, wanted is {want:g}: you double once too little.')
        if not np.isclose(got, want):
            return wrong(f'{said} gives {got:g}, wanted is {want:g}.')
        boxes = structure_of(y).total
        if boxes != count:
            return nearly(f'{said} gives the right number, but {count} doublings left '
                          f"{boxes} box{'es' * (boxes != 1)} in the graph. Use the Variable "
                          f"itself in every round, one "
                          f'operation a round.')
    return right('The number is right every time, and the graph has one box for each doubling.')


# ---- 01.3 ---------------------------------------------------------------------------------

ROOTS = (2.0, 9.0, 50.0, 0.25)


@exercise(
    '01.3', 'A square root from a loop',
    hints=('Begin with y = a. In every round compute a better value: (y + a / y) / 2.',
           'You need the old and the new value at once, to see whether they still differ. '
           'Keep the old one in a name of its own.',
           'while True: old = y, then y = (old + a / old) / 2, and if abs(y.data - old.data) < '
           '0.0001 return y.'),
    expected='a root with at least three right digits, a gradient of 1 / (2 * root), and graphs '
             'of different lengths for different numbers.')
def square_root_from_a_loop(root):
    require_function(root)
    sizes = set()
    for number in ROOTS:
        a = mc.Variable(number, name='a')           # float32, as a Variable that a student makes
        y = call(root, a)
        require_variable(y, f'root({number:g})')
        got, want = float(y.data), number ** 0.5
        if abs(got - want) > 0.1 * want:
            return wrong(f'root({number:g}) gives {got:.4g}, wanted is {want:.4g}.')
        if abs(got - want) > 1e-3:
            return nearly(f'root({number:g}) gives {got:.5g}, wanted is {want:.5g}. You are close. '
                          f'Stop later: two values in a row should differ by less than 0.0001.')
        made = structure_of(y)
        if set(made.functions) & {'sqrt', 'pow'}:
            return nearly('The number is right, but you asked for the root by name. Use only + and '
                          '/ and a loop: then the record shows how a root is found.')
        y.backward()
        if a.grad is None or abs(float(a.grad) - 0.5 / want) > 1e-2 * 0.5 / want:
            return nearly(f'The root of {number:g} is right, but its gradient is not '
                          f'{0.5 / want:.4f}. Part of the way from a to the result is missing in '
                          f'the graph. Compute with a and y themselves; .data is for the condition '
                          f'only.')
        sizes.add(made.total)
    if max(sizes) <= 4:
        return nearly('Roots and gradients are right, but the graph holds only the last round: the '
                      'rounds before it were computed with .data. Compute with y itself.')
    if len(sizes) == 1:
        return nearly(f'Roots and gradients are right. But your loop runs equally often for every '
                      f'number: the graph always has {sizes.pop()} boxes. Stop as soon as it is '
                      f'good enough.')
    return right('Roots and gradients are right, and the length of the graph depends on the '
                 'number.')


# ---- 01.4 ---------------------------------------------------------------------------------

OPERATIONS = {
    'x + y': lambda x, y: x + y,
    'x * y': lambda x, y: x * y,
    'exp(x)': lambda x, y: F.exp(x),
    'sin(x)': lambda x, y: F.sin(x),
}
WORDS = ('inputs', 'result', 'nothing')


def what_is_kept(operation) -> str:
    """In a word, what an operation of the running library remembers."""
    y = operation(value(0.5), value(2.0))
    keeps = next(node for node in graph_nodes(y) if node['kind'] == 'function')['keeps']
    if not keeps:
        return 'nothing'
    return 'result' if keeps == ['y'] else 'inputs'


@exercise(
    '01.4', 'What must be kept?',
    hints=('Ask for each one: which numbers do I need to compute the gradient?',
           'Sum: if x grows by 1, the sum grows by 1, whatever x and y are. Product: if x grows by '
           '1, the product grows by y.',
           'The derivative of exp(x) is exp(x) again, so the result is enough. The derivative of '
           'sin(x) is cos(x): to compute it you need x.'),
    expected='a green mark: all four are as the library does it.')
def what_must_be_kept(kept):
    require_answer(kept)
    if not isinstance(kept, dict) or set(kept) != set(OPERATIONS):
        return wrong('Keep the dictionary as it was, and replace only the three dots.')
    strange = [answer for answer in kept.values() if answer not in WORDS]
    if strange:
        return wrong(f"Use only these words: {', '.join(map(repr, WORDS))}. "
                     f'{strange[0]!r} is another one.')
    off = [name for name, operation in OPERATIONS.items() if kept[name] != what_is_kept(operation)]
    if not off:
        return right('All four are as the library does it.')
    if len(off) == 1:
        return nearly(f'Three of four are right. Think about {off[0]} again: which numbers does '
                      f'its gradient need?')
    return wrong(f"Look again at {', '.join(off)}. Which numbers does the gradient need?")


# ---- 01.5 ---------------------------------------------------------------------------------

def pictured(x):
    e = F.exp(x)
    return e * (e + x)


@exercise(
    '01.5', 'From the picture to the code',
    hints=('Read the picture from x on. Which box has only x as its input?',
           'Two arrows leave the exp box. So its result is used twice: give it a name.',
           'e = F.exp(x). The + takes e and x. The last box multiplies e with that sum.'),
    expected='three boxes: exp, + and ×.',
    picture=lambda: mc.Graph.of(pictured(mc.Variable(0.5, name='x'))))
def from_picture_to_code(my_y):
    require_variable(my_y, 'my_y')
    wanted, made = structure_of(pictured(value(0.5))), structure_of(my_y)
    same_value = my_y.size == 1 and np.isclose(float(my_y.data), float(pictured(value(0.5)).data))
    if made == wanted and same_value:
        return right('Your code gives exactly this graph.')
    if made == wanted:
        return nearly('The graph is right, but the value is not: begin with x = 0.5.')
    if same_value and made.functions['exp'] == 2:
        return nearly('The value is right, but your graph has two exp boxes. Compute exp(x) once, '
                      'give it a name, and use the name twice.')
    if made.functions == wanted.functions:
        return nearly('You have the right boxes, but the arrows between them differ. Follow each '
                      'arrow in the picture.')
    return wrong(f'Your graph holds {made}. The picture holds {wanted}.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '01.A', 'A function contains an if with two branches. One branch runs. What does the graph '
            'hold?',
    Choice('Both branches, and a box for the if.',
           'No. The branch that did not run left no trace, and the if is a decision of Python, not '
           'a calculation with Variables.'),
    Choice('A box for the if, and the branch that ran.',
           'Half right: the branch that ran is there. But there is no box for the if. Python has '
           'decided already when the first box appears.'),
    Choice('Only the operations of the branch that ran.',
           'The graph is a record of what happened, and nothing else happened.', right=True))

question(
    '01.B', 'Why can y.backward() not run twice by default?',
    Choice('The first walk has changed x.',
           'No. x.data is the same as before; only x.grad has been filled in.'),
    Choice('During the first walk the operations let go of what they kept.',
           'As soon as a gradient has passed through a box, its kept arrays are set free. '
           'backward(retain_graph=True) keeps them.', right=True),
    Choice('A graph has no direction, so one walk is enough.',
           'A graph does have a direction: from the inputs to the result. Look at the arrows.'))
