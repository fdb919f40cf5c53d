"""Wrong answers that students really give: the verdict names the mistake, or says where to look.

One row an answer, found by working through lessons 00 to 07; most drew a bare number before.
"""
import minichain as mc
import minichain.functions as F
import minichain.links as L
import numpy as np
import pytest
from minichain.data import Tree

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain_widgets.exercises import check                 # noqa: E402

NUDGE = 1e-4


def rise(f, x):
    return f(x + NUDGE) - f(x - NUDGE)


def same_value_other_arrows():
    a = mc.Variable(2.0) + 1
    return a * (a + 1)


def root_from_one(a):
    y = mc.Variable(1.0)
    while abs(y.data * y.data - a.data) > 1e-4:
        y = (y + a / y) / 2
    return y


def pad(sentences, fill):
    longest = max(map(len, sentences))
    words = np.full((len(sentences), longest), fill)
    mask = np.zeros(words.shape, bool)
    for row, sentence in enumerate(sentences):
        words[row, :len(sentence)], mask[row, :len(sentence)] = sentence, True
    return words, mask


def picked(p, t):
    return p[np.arange(len(t)), t]


def sgd(without_lr=False, only=None, ask=False, rename=False):
    def step(parameters, lr):
        for parameter in parameters[:only]:
            if parameter.grad if ask else parameter.grad is not None:
                after = parameter.data - (1 if without_lr else lr) * parameter.grad
                if not rename:
                    parameter.data = after
    return step


def momentum(w, g, v, lr, m):
    v = m * v - lr * g
    return w + v, v


def windows(image, weights, join):
    size = len(weights)
    shape = (image.shape[0] - size + 1, image.shape[1] - size + 1)
    result = np.zeros(shape, image.dtype)
    for i, j in np.ndindex(shape):
        result[i, j] = join(image[i:i + size, j:j + size], weights).sum()
    return result


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm(c, z, order='aifo', squash=sigmoid, old=False):
    parts = dict(zip(order, np.split(z, 4, axis=1)))
    new = squash(parts['f']) * c + squash(parts['i']) * np.tanh(parts['a'])
    return new, squash(parts['o']) * np.tanh(c if old else new)


def forgetful(cell, inputs, every):
    for step, x in enumerate(inputs, start=1):
        h = cell(x)
        if step % every == 0 and step < len(inputs):
            cell.reset_state()
    return h


def joins(tree):
    return 0 if tree.word is not None else max(joins(tree.left), joins(tree.right))


RUNS = {'dynamic, positive x': lambda steps: steps, 'dynamic, negative x': lambda steps: 1,
        'static, any x': lambda steps: steps + 2}

ANSWERS = [
    ('00.2', same_value_other_arrows(), '≈ Nearly. The value 12 is right, and so are the boxes'),
    ('00.3', lambda f, x: rise(f, x) / NUDGE,
     '≈ Nearly. For x * x + 3 * x at 2 your slope is 14, twice as large as the right one.'),
    ('00.3', lambda f, x: (f(x + 1e-20) - f(x)) / 1e-20,
     '≈ Nearly. For x * x + 3 * x at 2 your slope is 0: the value of f has not changed.'),
    ('00.3', lambda f, x: f(x + NUDGE) - f(x) / NUDGE,
     "✗ Not right. For x * x + 3 * x at 2 your slope is -9.999e+04, and minichain's gradient is 7. "
     'Put brackets around the change of f'),
    ('00.3', lambda f: 7.0, '✗ Not right. Your function is called with 2 inputs, and its first '
                            'line takes (f). Keep the first line as it was.'),
    ('01.3', root_from_one, '✓ Right.'),
    ('02.2', {'a + b': lambda a, b: (1, 1), 'a * b': lambda a, b: (b, a),
              'a - b': lambda a, b: (1, -1), 'a ** 2': lambda a, b: (2 * a,),
              '1 / a': lambda a: (-1 / a ** 2,)},
     '✗ Not right. Your function is called with 1 input, and its first line takes (a, b).'),
    ('03.2', {**RUNS, 'dynamic, negative x': 1},
     "✗ Not right. The entry for 'dynamic, negative x' should be a function, such as lambda"),
    ('03.3', lambda s, fill: pad(s, 0), '≈ Nearly. You fill up with 0. Take fill'),
    ('03.3', lambda s, fill: pad(s, fill)[::-1], '≈ Nearly. The words and the mask are swapped'),
    ('03.3', lambda s, fill: [array.T for array in pad(s, fill)],
     '≈ Nearly. The words have the shape (3, 2): one row for each step.'),
    ('03.3', lambda s, fill: list(pad(s, fill)), '✓ Right.'),
    ('03.4', lambda lengths: round(1 - sum(lengths) / (len(lengths) * max(lengths)), 2),
     '≈ Nearly. For [3, 1, 2] you say 0.33, wanted is 0.3333. Do not round.'),
    ('03.4', lambda lengths: len(lengths) * max(lengths) / sum(lengths) - 1,
     '≈ Nearly. For [3, 1, 2] you say 0.5. You divide by the steps that belong to a word.'),
    ('03.5', lambda lengths, size: sorted(range(len(lengths)), key=lambda i: lengths[i]),
     '✗ Not right. Return a list of batches, each one a list of positions; this is a list of 8. '
     'Its first entry is the number 0.'),
    ('04.1', lambda s: np.exp(s - s.max()) / np.exp(s - s.max()).sum(axis=1, keepdims=True),
     '≈ Nearly. Right, but not when one row has much larger scores than another'),
    ('04.2', lambda p, t: -np.log(picked(p, t)), '≈ Nearly. These are the losses of the single'),
    ('04.2', lambda p, t: picked(p, t).mean(), '≈ Nearly. This is the mean probability'),
    ('04.2', lambda p, t: -np.log(p[:, t]).mean(), '≈ Nearly. Only one probability of each row'),
    ('04.3', sgd(without_lr=True), '≈ Nearly. You take the whole gradient. Multiply it by lr.'),
    ('04.3', sgd(only=1), '≈ Nearly. Some parameters have moved, others not.'),
    ('04.3', sgd(ask=True), '≈ Nearly. An array is neither true nor false.'),
    ('04.3', sgd(rename=True), '✗ Not right. Your function ran, and no parameter has changed.'),
    ('04.4', lambda *given: momentum(*given)[::-1], '≈ Nearly. The weight and the velocity are'),
    ('04.4', lambda w, g, v, lr, m: (w + v - lr * g, v - lr * g),
     '≈ Nearly. The old velocity is kept whole. Multiply it by momentum.'),
    ('04.5', L.Conv2d(1, 4, ksize=3), '✗ Not right. Your model cannot read these digits, an array '
                                      'of shape (450, 64).'),
    ('05.1', lambda image, weights: windows(image, weights, np.matmul),
     '≈ Nearly. You use @, the product of matrices.'),
    ('05.2', np.full((3, 3), np.nan),
     '✗ Not right. Your filter holds a value that is not a finite'),
    ('05.5', L.Sequential(L.Conv2d(3, 4, ksize=3), F.flatten, L.Linear(144, 10)),
     '✗ Not right. Your model cannot read these digits, an array of shape (450, 1, 8, 8).'),
    ('06.1', lambda x, h, W, U, b: np.tanh(x @ W + h @ U + b),
     '✗ Not right. The shapes do not fit together. The matrix product is @'),
    ('06.1', lambda x, h, W, U, b: sigmoid(x @ W.T + h @ U.T + b),
     '≈ Nearly. The sum is right, but you squash it with the sigmoid.'),
    ('06.1', lambda x, h, W, U, b: np.tanh(x @ W.T) + np.tanh(h @ U.T) + b,
     '≈ Nearly. np.tanh goes over the whole sum'),
    ('06.3', lambda c, z: lstm(c, z, order='ifao'),
     '≈ Nearly. You take the blocks in the order i, f, a, o.'),
    ('06.3', lambda c, z: lstm(c, z, squash=lambda gate: gate),
     '≈ Nearly. The gates are not squashed'),
    ('06.3', lambda c, z: lstm(c, z, old=True), '≈ Nearly. c is right. For h take the new c'),
    ('06.4', forgetful, '✗ Not right. The last output is another one than without cuts.'),
    ('06.4', lambda cell, inputs, every: [cell(x) for x in inputs],
     '✗ Not right. What read returns should be a Variable, but it is a list of 10.'),
    ('06.4', lambda cell, inputs, every: print(inputs), '… Not yet. Your function does not return'),
    ('06.5', lambda s, t, random: random.choice(4, p=np.exp(s)),
     '✗ Not right. Your code stopped with ValueError: Probabilities do not sum to 1.'),
    ('07.3', joins, '≈ Nearly. For "not good" you return 0, the longest way is 1. A place that'),
    ('07.4', lambda tree, net: [net.word(word) for word in tree.words],
     '✗ Not right. The vector of "not good" should be a Variable, but it is a list of 2.'),
]


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv('MINICHAIN_PROGRESS', str(tmp_path / 'progress.json'))


@pytest.mark.parametrize(('name', 'answer', 'start'), ANSWERS,
                         ids=[f'{name}-{i}' for i, (name, _, _) in enumerate(ANSWERS)])
def test_a_plausible_mistake_is_named(name, answer, start):
    said = repr(check(name, answer))
    assert said.startswith(start), said


def test_the_line_that_is_shown_is_the_students_and_not_one_of_compiled_code():
    said = repr(check('06.5', lambda s, t, random: random.choice(4, p=np.exp(s))))
    assert 'of your cell: ' in said
    assert 'random.choice(4, p=np.exp(s))' in said.splitlines()[1]


def test_a_word_is_no_part_of_a_tree_until_it_is_a_tree():
    with pytest.raises(TypeError, match=r"The left part of a Tree should be a Tree, but it is "
                                        r"'not'. A single word is a Tree, too"):
        Tree(1, left='not', right=Tree(3, word='good'))
