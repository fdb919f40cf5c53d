"""The checkers of the lessons on learning and on mistakes: right, nearly right, wrong."""
import math

import minichain as mc
import minichain.functions as F
import minichain.links as L
import numpy as np
import pytest

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain_widgets.bars import Bars                       # noqa: E402
from minichain_widgets.exercises import check                 # noqa: E402


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv('MINICHAIN_PROGRESS', str(tmp_path / 'progress.json'))


def says(name, answer, start):
    """Whether the verdict on an answer begins like this."""
    text = repr(check(name, answer))
    assert text.startswith(start), text


# ---- 02 -----------------------------------------------------------------------------------

def central(f, x):
    return (f(x + 1e-4) - f(x - 1e-4)) / 2e-4


def test_slopes_are_measured_on_both_sides():
    says('02.1', central, '✓ Right.')
    says('02.1', lambda f, x: 2 * central(f, x), '≈ Nearly. Your slope of x * x at x = 3 is 12, '
         'twice as large')
    says('02.1', lambda f, x: -central(f, x),
         '≈ Nearly. Your slope of x * x at x = 3 has the wrong sign')
    says('02.1', lambda f, x: (f(x + 0.1) - f(x)) / 0.1, '≈ Nearly.')
    says('02.1', lambda f, x: f(x), '✗ Not right.')
    says('02.1', lambda f, x: (f(x + 1e-4) - f(x - 1e-4)) / 2 * 1e-4, '✗ Not right. Your slope of '
         'x * x at x = 3 is 6e-08, wanted is 6. Divide the difference by (2 * h)')
    says('02.1', lambda f, x: (f(x + 1e-20) - f(x - 1e-20)) / 2e-20, '✗ Not right. Your slope of '
         'x * x at x = 3 is 0, wanted is 6. Is h so small')
    says('02.1', lambda f, x: f(x + 1e-4) - f(x - 1e-4) / 2e-4, '✗ Not right. Your slope of '
         'x * x at x = 3 is -4.499e+04, wanted is 6. Put brackets around the difference')
    says('02.1', lambda f, x: ..., '… Not yet.')


def slopes(**changed):
    rules = {'a + b': lambda a, b: (1, 1), 'a * b': lambda a, b: (b, a),
             'a - b': lambda a, b: (1, -1), 'a ** 2': lambda a: (2 * a,),
             '1 / a': lambda a: (-1 / a ** 2,)}
    return {**rules, **changed}


def test_local_slopes_are_compared_with_the_library():
    says('02.2', slopes(), '✓ Right.')
    says('02.2', slopes(**{'a - b': lambda a, b: (1, 1)}), "≈ Nearly. For 'a - b'")
    says('02.2', slopes(**{'a * b': lambda a, b: (a, b)}), "≈ Nearly. The two slopes of 'a * b'")
    says('02.2', slopes(**{'a ** 2': lambda a: (a,)}), "✗ Not right. For 'a ** 2'")
    says('02.2', slopes(**{'1 / a': ...}), '… Not yet.')
    says('02.2', slopes(**{'1 / a': 3}), "✗ Not right. The entry for '1 / a' should be a function")


def test_the_walk_by_hand_tells_the_first_wrong_number():
    right = {'y': 1, 's': 2, 'p': 2, 'b': 2, 'x': 4, 'w': 6}
    says('02.3', right, '✓ Right.')
    says('02.3', {**right, 'x': 6, 'w': 4}, '≈ Nearly. x: you took x itself')
    says('02.3', {**right, 's': 1, 'p': 1}, '✗ Not right. s is not right yet.')
    says('02.3', {**right, 'b': -2}, '≈ Nearly. b: the size is right, the sign is not.')


class Number:
    """The students' engine, in short."""

    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = value, list(parents), 0.0

    def __add__(self, other):
        other = other if isinstance(other, Number) else Number(other)
        return Number(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = other if isinstance(other, Number) else Number(other)
        return Number(self.value * other.value, [(self, other.value), (other, self.value)])

    def tanh(self):
        y = math.tanh(self.value)
        return Number(y, [(self, 1 - y * y)])


def in_order(y):
    order, seen, stack = [], set(), [(y, False)]
    while stack:
        number, done = stack.pop()
        if done:
            order.append(number)
        elif id(number) not in seen:
            seen.add(id(number))
            stack += [(number, True), *((parent, False) for parent, _ in number.parents)]
    return order


def walk(order, add=True, first=1.0):
    def backward(y):
        y.grad = first
        for number in order(y):
            for parent, local in number.parents:
                parent.grad = (parent.grad if add else 0) + number.grad * local
    return backward


def test_an_engine_is_run_on_graphs_and_compared():
    says('02.4', (Number, walk(lambda y: in_order(y)[::-1])), '✓ Right. Seven graphs')
    says('02.4', (Number, walk(lambda y: in_order(y)[::-1], add=False)),
         '≈ Nearly. For a * a your gradients are 3; minichain has 6. Here two paths meet.')
    says('02.4', (Number, walk(lambda y: in_order(y)[::-1], first=0.0)),
         '✗ Not right. For a * b + c your gradients are 0, 0, 0')
    says('02.4', (Number, lambda y: ...), '… Not yet.')

    def breadth_first(y):
        order = [y]
        for number in order:
            order += [parent for parent, _ in number.parents if parent not in order]
        return order

    says('02.4', (Number, walk(breadth_first)), '≈ Nearly. For u = a * b, then')
    says('02.4', (Number, walk(in_order)), '✗ Not right. For a * b + c your gradients are 0, 0, 1; '
         'minichain has -3, 2, 1. Only a part has arrived.')

    def along_every_path(y, gradient=1.0):
        y.grad += gradient
        for parent, local in y.parents:
            along_every_path(parent, gradient * local)

    says('02.4', (Number, along_every_path), '✗ Not right. Your walk comes through the same number '
         'again and again')


def test_a_gradient_check_has_to_catch_every_liar():
    says('02.5', lambda f, df, x: abs(central(f, x) - df(x)) <= 1e-3 * max(1, abs(central(f, x))),
         '✓ Right.')
    says('02.5', lambda f, df, x: True, '✗ Not right. x ** 3 with 2 * x ** 2 is wrong, and your '
         'function says True: the measured slope is 1.47, the claimed one 0.98.')
    says('02.5', lambda f, df, x: central(f, x) - df(x) <= 1e-3 * max(1, abs(central(f, x))),
         '≈ Nearly. 1000 * x, one percent off is wrong')
    says('02.5', lambda f, df, x: abs(central(f, x) - df(x)) < 1e-9, '≈ Nearly.')
    says('02.5', lambda f, df, x: abs(abs(central(f, x)) - abs(df(x)))
         <= 1e-3 * max(1, abs(central(f, x))), '≈ Nearly. cos(x) with sin(x)')
    says('02.5', lambda f, df, x: 'yes', '✗ Not right. honest(...) should return True or False')


# ---- 04 -----------------------------------------------------------------------------------

def softmax(scores, axis=1):
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def test_softmax_has_to_stand_large_scores():
    says('04.1', softmax, '✓ Right.')
    says('04.1', lambda s: np.exp(s) / np.exp(s).sum(axis=1, keepdims=True),
         '≈ Nearly. Right for small scores.')
    says('04.1', lambda s: softmax(s, 0), '≈ Nearly. Your columns add up to 1.')
    says('04.1', lambda s: np.exp(s), '≈ Nearly. These are the powers.')
    says('04.1', lambda s: s, '✗ Not right.')


def picked(p, t):
    return p[np.arange(len(t)), t]


def test_cross_entropy_is_a_mean_and_positive():
    says('04.2', lambda p, t: -np.log(picked(p, t)).mean(), '✓ Right.')
    says('04.2', lambda p, t: -np.log(picked(p, t)).sum(), '≈ Nearly. You sum over the batch.')
    says('04.2', lambda p, t: np.log(picked(p, t)).mean(), '≈ Nearly. Right except for the sign')
    says('04.2', lambda p, t: -np.log10(picked(p, t)).mean(), '≈ Nearly. This is a logarithm to')
    says('04.2', lambda p, t: 1 - picked(p, t).mean(), '✗ Not right.')


def stepper(sign=-1, skip=True):
    def step(parameters, lr):
        for parameter in parameters:
            if parameter.grad is not None or not skip:
                parameter.data = parameter.data + sign * lr * parameter.grad
    return step


def test_a_step_is_compared_with_the_optimizer():
    says('04.3', stepper(), '✓ Right.')
    says('04.3', stepper(+1), '≈ Nearly. You go *with* the gradient')
    says('04.3', stepper(skip=False), '≈ Nearly. It stops at a parameter without a gradient.')
    says('04.3', lambda parameters, lr: ..., '… Not yet.')
    says('04.3', stepper(-2), '✗ Not right.')


def test_momentum_moves_by_the_new_velocity():
    def step(w, g, v, lr, m):
        v = m * v - lr * g
        return w + v, v

    says('04.4', step, '✓ Right.')
    says('04.4', lambda w, g, v, lr, m: (w + v, m * v - lr * g),
         '≈ Nearly. You move by the old velocity.')
    says('04.4', lambda w, g, v, lr, m: (w - step(w, g, v, lr, m)[1], step(w, g, v, lr, m)[1]),
         '≈ Nearly. The weight goes the wrong way')
    says('04.4', lambda w, g, v, lr, m: w, '✗ Not right. Return two arrays')


def trained(units):
    """A net that reads digits well: the recipe of the third hint."""
    from sklearn.datasets import load_digits
    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.data))[:-450]
    x, t = digits.data[order].astype('float32') / 16, digits.target[order]
    mc.set_seed(1)
    net = L.Sequential(L.Linear(64, units), F.relu, L.Linear(units, 10))
    optimizer = mc.optimizers.Adam(lr=0.005).setup(net)
    shuffle = np.random.default_rng(0)
    for _ in range(30):
        rows = shuffle.permutation(len(x))
        for start in range(0, len(rows), 32):
            batch = rows[start:start + 32]
            optimizer.update(lambda: F.softmax_cross_entropy(net(x[batch]), t[batch]))
    return net


def test_an_untrained_or_a_large_net_is_not_better_than_ours():
    mc.set_seed(0)
    says('04.5', trained(30), '✓ Right. 2,260 numbers')
    says('04.5', trained(64), '≈ Nearly. 4,810 numbers')
    says('04.5', L.Sequential(L.Linear(64, 30), F.relu, L.Linear(30, 10)), '✗ Not right. 2,260')
    says('04.5', L.Linear(64, 9),
         '✗ Not right. For 450 digits the model returns the shape (450, 9)')
    says('04.5', 0.97, '✗ Not right. Hand over the trained model itself; this is the number 0.97.')


# ---- 12 -----------------------------------------------------------------------------------

def mended(net, x):
    h = F.max_pool2d(F.relu(net.filters(x)), 2)
    return net.scores(F.reshape(h, (len(h), -1)))


def test_a_mended_net_keeps_its_layers():
    says('12.1', (mended, 72), '✓ Right.')
    says('12.1', (mended, 288), '≈ Nearly. 288 is the number for all 4 pictures together.')
    says('12.1', (lambda net, x: L.Linear(64, 10)(x.reshape(len(x), -1)), 72),
         '≈ Nearly. The shape is right, but conv2d is missing')
    says('12.1', (mended, ...), '… Not yet.')
    says('12.1', (lambda net, x: net.filters(x), 72), '✗ Not right. For 4 pictures forward returns '
         'the shape (4, 8, 6, 6)')


def test_dead_units_are_counted_along_the_right_axis():
    says('12.2', lambda h: int(np.all(h.data <= 0, axis=0).sum()), '✓ Right.')
    says('12.2', lambda h: int(np.all(h.data <= 0, axis=1).sum()),
         '≈ Nearly. You count the pictures')
    says('12.2', lambda h: int(np.sum(h.data <= 0)), '✗ Not right. You count all zeros.')


def test_clipping_keeps_the_direction():
    def clip(gradients, limit):
        length = np.sqrt(sum(np.sum(g ** 2) for g in gradients))
        return [g * min(1, limit / length) if length else g for g in gradients]

    says('12.3', clip, '✓ Right.')
    says('12.3', lambda gs, limit: [clip([g], limit)[0] for g in gs],
         '≈ Nearly. You clip each array')
    says('12.3', lambda gs, limit: [np.clip(g, -limit, limit) for g in gs], '≈ Nearly. You cut off')
    says('12.3', lambda gs, limit: gs, '✗ Not right.')


def test_a_loss_that_lasts_has_the_right_gradient_too():
    def clipped(scores, t):
        p = F.softmax(scores)
        return -F.mean(F.log(F.clip(F.select(p, t), 1e-30, 1.0)))

    says('12.4', lambda s, t: -F.mean(F.select(F.log_softmax(s), t)), '✓ Right.')
    says('12.4', lambda s, t: F.mean(F.select(F.log_softmax(s), t)), '≈ Nearly. Right except')
    says('12.4', clipped, '≈ Nearly. For scores from ')
    says('12.4', lambda s, t: F.softmax_cross_entropy(s.data, t), '≈ Nearly. The number is right')
    says('12.4', lambda s, t: F.mean(s), '✗ Not right. For scores from ')
    says('12.4', lambda s, t: s.data.mean(), '≈ Nearly. The loss is a plain number')


def test_a_mended_gradient_uses_what_arrives():
    says('12.5', lambda x, gy: np.where(x > 0, gy, gy / 10), '✓ Right.')
    says('12.5', lambda x, gy: np.where(x > 0, 1, 0.1), '≈ Nearly. That is the local slope.')
    says('12.5', lambda x, gy: np.where(x > 0, gy, 0), '≈ Nearly. That is the gradient of relu.')
    says('12.5', lambda x, gy: gy, '≈ Nearly. That is the mistake that we look for')
    says('12.5', lambda x, gy: -gy, '✗ Not right.')
    says('12.5', lambda x, gy: np.where(x > 0, gy, x / 10), '≈ Nearly. Divide what arrives')


# ---- bars ---------------------------------------------------------------------------------

def test_bars_show_numbers_as_words_and_mark_what_is_not_finite():
    bars = Bars({'first': 0.5, 'broken': float('nan')}, title='Gradients')
    assert repr(bars) == 'Bars: Gradients (first 0.5, broken nan)'
    svg = bars.svg()
    assert svg.count('class="bar"') == 1 and '✕ nan' in svg
    with pytest.raises(ValueError, match='A bar cannot be shorter than nothing: a is -1.'):
        Bars({'a': -1})


def test_equal_factors_are_equal_lengths_on_a_logarithmic_scale():
    bars = Bars({'a': 0.01, 'b': 1, 'c': 100}, log=True)
    shares = [bars.share(number) for number in bars.numbers.values()]
    assert shares[2] == 1 and shares[0] > 0
    assert shares[2] - shares[1] == pytest.approx(shares[1] - shares[0])


# ---- 14 -----------------------------------------------------------------------------------

def tower(f, x, n):
    x = mc.Variable(x)
    y = f(x)
    for _ in range(n):
        y, = mc.grad([y], [x], create_graph=True)
    return y.item()


def test_derivatives_are_counted():
    says('14.1', tower, '✓ Right.')
    says('14.1', lambda f, x, n: tower(f, x, n + 1),
         '≈ Nearly. Your derivative number 0 of x ** 4 at x = 2 is number 1 already')
    says('14.1', lambda f, x, n: tower(f, x, max(n - 1, 0)), '≈ Nearly. Your derivative number 1')
    says('14.1', lambda f, x, n: 7.0, '✗ Not right.')


def test_newtons_step_goes_down_and_divides():
    says('14.2', lambda f, x: x - tower(f, x, 1) / tower(f, x, 2), '✓ Right.')
    says('14.2', lambda f, x: x + tower(f, x, 1) / tower(f, x, 2), '≈ Nearly. For exp(x) - 3 * x')
    says('14.2', lambda f, x: x - tower(f, x, 1), '≈ Nearly. For (x - 2) ** 2')
    says('14.2', lambda f, x: 100.0, '✗ Not right.')


def slopes_of(model, points, **options):
    points = mc.Variable(points)
    return mc.grad([F.sum(model(points))], [points], **options)[0]


def test_a_penalty_has_to_reach_the_weights():
    says('14.3', lambda m, x: F.mean(slopes_of(m, x, create_graph=True) ** 2), '✓ Right.')
    says('14.3', lambda m, x: F.sum(slopes_of(m, x, create_graph=True) ** 2),
         '≈ Nearly. You sum over the points.')
    says('14.3', lambda m, x: mc.Variable(np.mean(slopes_of(m, x).data ** 2)),
         '≈ Nearly. The value is right, but')
    says('14.3', lambda m, x: F.mean(slopes_of(m, x, create_graph=True)),
         '≈ Nearly. That is the mean of the slopes.')
    says('14.3', lambda m, x: F.max(F.abs(slopes_of(m, x, create_graph=True))), '✗ Not right.')


class Residual(L.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.linear = L.Linear(64, 64)

    def forward(self, x):
        return x + F.tanh(self.linear(x))


def through(some):
    def run(x):
        for block in some:
            x = block(x)
        return x
    return run


def test_a_thrifty_chain_keeps_less_and_gives_the_same():
    mc.set_seed(0)
    blocks = [Residual() for _ in range(24)]

    def in_groups(size):
        def thrifty(x):
            for start in range(0, 24, size):
                x = mc.checkpoint(through(blocks[start:start + size]), x)
            return x
        return thrifty

    plain = through(blocks)
    says('14.4', (plain, in_groups(6), blocks), '✓ Right. Your graph keeps ')
    says('14.4', (plain, in_groups(1), blocks), '≈ Nearly. Your graph keeps ')
    says('14.4', (plain, plain, blocks), '✗ Not right. Your graph keeps 100%')
    says('14.4', (plain, through(blocks[:12]), blocks), '✗ Not right.')


def test_what_is_handed_over_beside_the_answer_changes_no_verdict():
    mc.set_seed(0)
    blocks = [Residual() for _ in range(24)]

    def wasteful(x):
        y = through(blocks)(x)
        for _ in range(200):
            y = y + 0 * F.tanh(x)
        return y

    says('14.4', (wasteful, through(blocks), blocks), '✗ Not right. Your graph keeps 100%')
    says('14.4', (through(blocks), lambda x: x, []), '✗ Not right. blocks should be the list of 24')
    says('02.4', (mc.Variable, lambda y: y.backward()), '✗ Not right.')
    says('03.1', (lambda name: 7, lambda place, feed: feed['x']), '✗ Not right.')


# ---- 11 -----------------------------------------------------------------------------------

def exits(net, x, sure, stop=True, least=0):
    h, found = F.relu(net.first(x)), None
    for k, block in enumerate(net.blocks):
        h = block(h)
        scores = net.scores(h, k)
        if found is None and k >= least and F.softmax(scores).data.max() >= sure:
            found = scores
            if stop:
                break
    return scores if found is None else found


def test_a_picture_leaves_at_the_first_exit_that_is_sure():
    says('11.1', exits, '✓ Right.')
    says('11.1', lambda net, x, sure: exits(net, x, sure, stop=False),
         '≈ Nearly. For sure = 0.00 the picture should leave after 1 of 4 blocks. The scores are '
         'right, but 4 blocks')
    says('11.1', lambda net, x, sure: exits(net, x, sure, least=1), '≈ Nearly.')
    says('11.1', lambda net, x, sure: net.first(x), '✗ Not right. Return the ten scores')


def test_blocks_are_skipped_as_often_as_asked_and_not_computed():
    def maybe(block, x, keep, random):
        if not mc.config.train:
            return x + keep * (block(x) - x)
        return block(x) if random.random() < keep else x

    def late(block, x, keep, random):
        y = block(x)
        return maybe(lambda x: y, x, keep, random)

    says('11.2', maybe, '✓ Right.')
    says('11.2', late, '≈ Nearly. You compute the block even when it is skipped.')
    says('11.2', lambda block, x, keep, random: 2 * x, '✗ Not right.')
    says('11.2', lambda block, x, keep, random: block(x), '≈ Nearly. In test mode')
    says('11.2', lambda block, x, keep, random: maybe(block, x, 1 - keep, random)
         if mc.config.train else maybe(block, x, keep, random), '≈ Nearly. With keep = 0.2')


def test_settling_counts_its_rounds_and_leaves_no_trace():
    def settle(step, x, close, limit, trace=False, more=0):
        h = x
        for _ in range(limit + more):
            before, h = h, step(h)
            if trace:
                h = h + 0 * F.abs(h - before)
            if np.abs(h.data - before.data).max() <= close:
                break
        return h

    says('11.3', settle, '✓ Right.')
    says('11.3', lambda *given: settle(*given, trace=True), '≈ Nearly. The comparison left traces')
    says('11.3', lambda *given: settle(*given, more=1), '≈ Nearly. With close = 0.01 and limit = 7')
    says('11.3', lambda step, x, close, limit: step(x), '✗ Not right.')


class Wide(L.Chain):
    def __init__(self, channels, zeros=('second',)):
        super().__init__()
        with self.init_scope():
            self.first = L.Conv2d(channels, channels, ksize=3, pad=1)
            self.second = L.Conv2d(channels, channels, ksize=3, pad=1)
        for name in zeros:
            self[name].W.data[...] = 0
            self[name].b.data[...] = 0

    def forward(self, x):
        return x + self.second(F.relu(self.first(x)))


def test_a_new_block_changes_nothing_but_can_learn():
    says('11.4', Wide, '✓ Right.')
    says('11.4', lambda channels: Wide(channels, ('first', 'second')),
         '≈ Nearly. It changes nothing, but the gradients of its filters are all zero')
    says('11.4', lambda channels: Wide(channels, ()), '✗ Not right. It changes what it gets')
    says('11.4', lambda channels: 3, '✗ Not right. Return the block')


# ---- 03 -----------------------------------------------------------------------------------

class Place:
    def __init__(self, operation, *inputs):
        self.operation, self.inputs = operation, inputs

    def __add__(self, other):
        return Place(np.add, self, other if isinstance(other, Place) else Place(lambda: other))

    def __mul__(self, other):
        return Place(np.multiply, self, other if isinstance(other, Place) else Place(lambda: other))


def run(place, feed):
    if isinstance(place.operation, str):
        return feed[place.operation]
    return place.operation(*[run(part, feed) for part in place.inputs])


def test_a_plan_is_run_with_other_numbers():
    says('03.1', (Place, run), '✓ Right.')
    says('03.1', (Place, lambda place, feed: feed.setdefault(place, run(place, feed))),
         '≈ Nearly. The number is right, but your run writes into feed.')
    says('03.1', (Place, lambda place, feed: feed['x']), '✗ Not right. x * x + x * 3 with x = 2')
    says('03.1', (Place, lambda place, feed: place), '✗ Not right. Running x gives a Place again.')
    says('03.1', (Place, lambda place, feed: ...), '… Not yet.')


def test_operations_are_counted_in_real_graphs():
    counts = {'dynamic, positive x': lambda steps: steps, 'dynamic, negative x': lambda steps: 1,
              'static, any x': lambda steps: steps + 2}
    says('03.2', counts, '✓ Right.')
    says('03.2', {**counts, 'static, any x': lambda steps: steps + 1},
         "≈ Nearly. For 'static, any x' with steps = 1 you say 2. One is missing")
    says('03.2', {**counts, 'dynamic, negative x': lambda steps: steps + 1},
         "≈ Nearly. For 'dynamic, negative x' with steps = 1 you say 2. Only the branch")
    says('03.2', {**counts, 'static, any x': lambda steps: 99}, '✗ Not right.')
    says('03.2', {**counts, 'static, any x': lambda steps: ...}, '… Not yet.')


def padded(sentences, fill, front=False):
    longest = max(map(len, sentences))
    words = np.full((len(sentences), longest), fill)
    mask = np.zeros(words.shape, bool)
    for row, sentence in enumerate(sentences):
        part = slice(longest - len(sentence), None) if front else slice(len(sentence))
        words[row, part], mask[row, part] = sentence, True
    return words, mask


def test_padding_stands_behind_and_the_mask_knows_the_lengths():
    says('03.3', padded, '✓ Right.')
    says('03.3', lambda s, fill: padded(s, fill, front=True), '≈ Nearly. You pad in front.')
    says('03.3', lambda s, fill: (padded(s, fill)[0], padded(s, fill)[0] != fill),
         '≈ Nearly. The mask looks where words differ from fill.')
    says('03.3', lambda s, fill: (padded(s, fill)[0], ~padded(s, fill)[1]), '≈ Nearly. The mask is')
    says('03.3', lambda s, fill: (padded(s, fill)[0], padded(s, fill)[1] * 1.0),
         '≈ Nearly. The mask holds numbers')
    says('03.3', lambda s, fill: padded(s, fill)[0], '✗ Not right. Return two arrays')


def test_waste_is_a_part_of_all_steps():
    def wasted(lengths):
        return 1 - sum(lengths) / (len(lengths) * max(lengths))

    says('03.4', wasted, '✓ Right.')
    says('03.4', lambda lengths: 1 - wasted(lengths), '≈ Nearly.')
    says('03.4', lambda lengths: 100 * wasted(lengths), '≈ Nearly.')
    says('03.4', lambda lengths: 2.0, '✗ Not right.')


def cut(order, size):
    return [order[k:k + size] for k in range(0, len(order), size)]


def test_buckets_hold_sentences_of_about_one_length():
    says('03.5', lambda lengths, size: cut(sorted(range(len(lengths)), key=lengths.__getitem__),
                                           size), '✓ Right.')
    says('03.5', lambda lengths, size: cut(list(range(len(lengths))), size),
         '✗ Not right. For the lengths [1, 5, 1, 17, 1, 6, 1, 4] and size = 2: your batches need '
         '64 steps, 48 are possible.')
    says('03.5', lambda lengths, size: cut(sorted(lengths), size), '≈ Nearly. For the lengths')
    says('03.5', lambda lengths, size: [[i] for i in range(len(lengths))], '≈ Nearly.')
    says('03.5', lambda lengths, size: [[0]], '✗ Not right. For the lengths')
    says('03.5', lambda lengths, size: ..., '… Not yet.')


# ---- 06 -----------------------------------------------------------------------------------

def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_a_recurrent_step_needs_all_its_parts():
    says('06.1', lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U.T + b), '✓ Right.')
    says('06.1', lambda x, h, W, U, b: x @ W.T + h @ U.T + b, '≈ Nearly. The sum is right.')
    says('06.1', lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U + b), '≈ Nearly. U stands as')
    says('06.1', lambda x, h, W, U, b: np.tanh(x @ W.T + b), '≈ Nearly. Your step forgets')
    says('06.1', lambda x, h, W, U, b: h, '✗ Not right.')


def test_the_reach_of_a_gradient_is_rounded_down():
    def reach(u, limit):
        return np.log(limit) / np.log(u)

    says('06.2', lambda u, limit: int(reach(u, limit)), '✓ Right.')
    says('06.2', lambda u, limit: int(reach(u, limit)) + 1, '≈ Nearly. reach(0.5, 0.01) is 7 for '
         'you: one too many.')
    says('06.2', reach, '≈ Nearly. reach(0.5, 0.01) is 6.64386 for you. Steps are whole numbers')
    says('06.2', lambda u, limit: 100, '✗ Not right.')


def lstm(c, z, swap=False, keep=True, squash=np.tanh):
    a, i, f, o = np.split(z, 4, axis=1)
    if swap:
        i, f = f, i
    c = sigmoid(f) * c * keep + sigmoid(i) * squash(a)
    return c, sigmoid(o) * np.tanh(c)


def test_the_gates_of_the_belt_are_told_apart():
    says('06.3', lstm, '✓ Right.')
    says('06.3', lambda c, z: lstm(c, z, swap=True), '≈ Nearly. Input gate and forget gate are')
    says('06.3', lambda c, z: lstm(c, z, keep=False), '≈ Nearly. The old cell is gone')
    says('06.3', lambda c, z: lstm(c, z, squash=sigmoid), '≈ Nearly. The news a needs tanh')
    says('06.3', lambda c, z: lstm(c, z)[::-1], '≈ Nearly. c and h are swapped')
    says('06.3', lambda c, z: (c, c), '✗ Not right.')


def reader(offset=0, last=False, cut=True):
    def read(cell, inputs, every):
        for step, x in enumerate(inputs, start=1):
            h = cell(x)
            if cut and (step + offset) % every == 0 and (last or step < len(inputs)):
                h.unchain_backward()
        return h
    return read


def test_a_cut_ends_the_graph_and_keeps_the_state():
    says('06.4', reader(), '✓ Right.')
    says('06.4', reader(cut=False), '✗ Not right. For 10 inputs with a cut after every 4 the graph')
    says('06.4', reader(last=True), '≈ Nearly. For 7 inputs with a cut after every 7 the graph '
         'should reach back over 7 steps; yours has none.')
    says('06.4', reader(offset=1), '≈ Nearly. For 10 inputs')
    says('06.4', lambda cell, inputs, every: cell(inputs[0]), '✗ Not right.')


def test_a_letter_is_drawn_by_its_probability():
    def choose(scores, temperature, random):
        scores = scores.astype('float64') / temperature
        p = np.exp(scores - scores.max())
        return random.choice(len(p), p=p / p.sum())

    def unsafe(scores, temperature, random):
        p = np.exp(scores.astype('float64') / temperature)
        return random.choice(len(p), p=p / p.sum())

    says('06.5', choose, '✓ Right.')
    says('06.5', unsafe, '≈ Nearly. For scores near 2000 it breaks')
    says('06.5', lambda s, t, random: s.argmax(),
         '≈ Nearly. At temperature 1 letter 0 comes in 100%')
    says('06.5', lambda s, t, random: choose(s, 1 / t, random), '≈ Nearly. At temperature 0.5')
    says('06.5', lambda s, t, random: choose(s, 1, random), '≈ Nearly. At temperature 0.5')
    says('06.5', lambda s, t, random: random.integers(4), '✗ Not right.')


# ---- 13 -----------------------------------------------------------------------------------

def test_a_carriage_counts_bytes_and_the_start():
    def seconds(shape, latency, bandwidth, size=4):
        return latency + size * np.prod(shape) / bandwidth

    says('13.1', seconds, '✓ Right.')
    says('13.1', lambda *given: seconds(*given, size=1),
         '≈ Nearly. For the shape (100, 10) you say')
    says('13.1', lambda shape, latency, width: seconds(shape, 0, width), '≈ Nearly.')
    says('13.1', lambda shape, latency, width: latency + 4 * sum(shape) / width, '≈ Nearly.')
    says('13.1', lambda shape, latency, width: 1.0, '✗ Not right.')


def test_the_faster_machine_wins_from_the_next_whole_number():
    def crossing(start_a, speed_a, start_b, speed_b):
        return (start_b - start_a) / (1 / speed_a - 1 / speed_b)

    says('13.2', lambda *race: int(np.floor(crossing(*race))) + 1, '✓ Right.')
    says('13.2', crossing, '≈ Nearly.')
    says('13.2', lambda *race: int(np.floor(crossing(*race))), '≈ Nearly.')
    says('13.2', lambda *race: 1, '✗ Not right.')


def test_one_order_serves_all_centres():
    def slow(x, centres):
        total = 0
        for centre in centres:
            total = total + F.sum((x - centre) ** 2)
        return total / len(centres)

    says('13.3', lambda x, centres: F.sum((x - centres) ** 2) / len(centres), '✓ Right.')
    says('13.3', slow, '≈ Nearly. The loss is right, but it takes ')
    says('13.3', lambda x, centres: F.sum((x - centres) ** 2), '≈ Nearly. For 40 centres')
    says('13.3', lambda x, centres: F.mean((x - centres) ** 2), '≈ Nearly. For 40 centres')
    says('13.3', lambda x, centres: F.sum(x), '✗ Not right.')


def clock(f, repeats, warm=True, pick=min):
    if warm:
        f()
    times = []
    for _ in range(repeats):
        with mc.stopwatch() as time:
            f()
        times.append(time.seconds)
    return pick(times)


def test_an_honest_clock_warms_up_and_takes_the_smallest():
    says('13.4', clock, '✓ Right.')
    says('13.4', lambda f, n: clock(f, n, warm=False), '≈ Nearly. It calls f four times only.')
    says('13.4', lambda f, n: clock(f, n, pick=max), '≈ Nearly. It says ')
    says('13.4', lambda f, n: clock(f, n + 2), '✗ Not right. For repeats = 4')
    says('13.4', lambda f, n: clock(f, n, pick=sum) / 1000, '✗ Not right. It says')
