"""Lesson 05, Convolution: slide a window, design a filter, sizes, weights, a small network."""
import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L

from ..checking import (Choice, array_of, call, exercise, graph_nodes, nearly,
                        question, require_answer, require_close, require_function, require_number,
                        right, wrong)
from ..tiles import Tiles
from .digits import HELD_OUT, held_out_digits


def convolve(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """One picture (H, W) and one filter (K, K), through the library."""
    with mc.no_grad():
        return F.conv2d(image[None, None], weights[None, None]).data[0, 0]


# ---- 05.1 ---------------------------------------------------------------------------------

def map_of_the_vertical_line() -> Tiles:
    image, weights = np.zeros((5, 5), 'float32'), np.full((3, 3), -1, 'float32')
    image[:, 2], weights[:, 1] = 1, 2
    return Tiles([convolve(image, weights)], titles=['activation map'], colours='sign', values=True,
                 alt='Three rows with the numbers -3, 6 and -3')


def matrix_products(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What comes out when @ stands in place of *."""
    windows = np.lib.stride_tricks.sliding_window_view(image, weights.shape)
    return (windows @ weights).sum(axis=(2, 3))


SIZES = ((5, 5, 3), (6, 9, 3), (4, 7, 2), (8, 8, 5), (3, 3, 3))


@exercise(
    '05.1', 'Slide the window yourself',
    hints=('The result has image height - filter height + 1 rows, and as many columns by the same '
           'rule. Make it with np.zeros, then fill it place by place.',
           "The window at place (i, j) is image[i:i + k, j:j + k], where k is the filter's size.",
           'result[i, j] = (window * weights).sum(), inside of two for loops over i and j. For the '
           'dtype: np.zeros(shape, dtype=image.dtype).'),
    expected='for the vertical line and its filter, a map of three rows and three columns.',
    picture=map_of_the_vertical_line)
def slide_the_window(slide):
    require_function(slide)
    rng = np.random.default_rng(5)
    for height, width, k in SIZES:
        image = rng.standard_normal((height, width)).astype('float32')
        weights = rng.standard_normal((k, k)).astype('float32')
        want = convolve(image, weights)
        result = call(slide, image, weights)
        got = array_of(result)
        if got is not None and got.shape == want.shape and not np.allclose(got, want, atol=1e-4):
            if np.allclose(got, convolve(image, weights[::-1, ::-1]), atol=1e-4):
                return nearly('You turn the filter upside down before you multiply. Mathematicians '
                              'do this and call it convolution. Deep learning leaves it out: put '
                              'the filter on the window as it is.')
            if np.allclose(got, matrix_products(image, weights), atol=1e-4):
                return nearly('You use @, the product of matrices. Multiply number by number, '
                              'with *.')
            if np.allclose(got, want / k ** 2, atol=1e-4):
                return nearly('You take the mean of the products. Take their sum.')
        require_close(result, want, f'For a picture of {height} x {width} and a filter of '
                                    f'{k} x {k}, the result', dtype='float32')
    return right('Your loop and F.conv2d agree on pictures of five sizes.')


# ---- 05.2 ---------------------------------------------------------------------------------

def line_pictures() -> dict[str, np.ndarray]:
    pictures = {name: np.zeros((7, 7), dtype='float32')
                for name in ('horizontal line', 'vertical line', 'diagonal line')}
    pictures['horizontal line'][3, :] = 1
    pictures['vertical line'][:, 3] = 1
    pictures['diagonal line'][np.arange(7), np.arange(7)] = 1
    pictures['all bright'] = np.ones((7, 7), dtype='float32')
    return pictures


def expected_responses() -> Tiles:
    weights = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]], dtype='float32')
    pictures = line_pictures()
    maps = [np.maximum(convolve(picture, weights), 0) for picture in pictures.values()]
    return Tiles(maps, titles=pictures, colours='magnitude', size=96,
                 alt='What a good filter answers, positive values only. For the horizontal line '
                     'there is a bright line, for the other pictures almost nothing.')


@exercise(
    '05.2', 'Build a filter that finds horizontal lines',
    hints=('Think of the 3 x 3 window that you hope for: dark above, bright in the middle row, '
           'dark below. Put large numbers where it should be bright.',
           'For an evenly bright window the answer should be 0. So the nine numbers must add up to '
           '0: some of them are negative.',
           'Two in the middle row, minus one above and below.'),
    expected='a strong answer to the horizontal line, and nothing on an evenly bright picture.',
    picture=expected_responses)
def filter_for_horizontal_lines(my_filter):
    require_answer(my_filter)
    weights = array_of(my_filter)
    if weights is None or weights.shape != (3, 3):
        shape = 'no array of numbers' if weights is None else f'of shape {weights.shape}'
        return wrong(f'The filter should have the shape (3, 3); yours is {shape}.')
    if not np.isfinite(weights).all():
        return wrong('Your filter holds a value that is not a finite number (nan or inf).')
    weights = weights.astype('float32')
    answers = {name: float(convolve(picture, weights).max())
               for name, picture in line_pictures().items()}
    flat = answers.pop('all bright')
    said = ', '.join(f'{name} {answer:g}' for name, answer in answers.items())
    line, upright = answers['horizontal line'], answers['vertical line']
    if upright > max(line, 1e-6) and abs(flat) < 1e-4:
        return nearly(f'Its strongest answers are: {said}. That is a filter for the other '
                      f'direction. Swap rows and columns.')
    if line <= 1e-6:
        return wrong(f'Its strongest answers are: {said}. It does not answer to the horizontal '
                     f'line at all.')
    if abs(flat) > 1e-4 * np.abs(weights).max():
        return nearly(f'It answers to the horizontal line, but also to a picture that is bright '
                      f'everywhere ({flat:g}). Make the nine numbers add up to 0.')
    if max(upright, answers['diagonal line']) > 0.7 * line:
        return nearly(f'Its strongest answers are: {said}. It cannot tell the horizontal line from '
                      f'the others. Use the same number all along a row.')
    return right(f'Its strongest answers are: {said}, and 0 where all is bright.')


# ---- 05.3 ---------------------------------------------------------------------------------

WINDOWS = ((8, 3, 1, 0), (8, 3, 1, 1), (8, 2, 2, 0), (28, 5, 1, 2), (9, 3, 2, 0), (10, 3, 2, 1),
           (7, 7, 1, 0), (32, 4, 4, 0), (8, 3, 3, 0))


def true_size(n: int, k: int, stride: int, pad: int) -> int:
    """Measured, not calculated: the width of what the library returns."""
    with mc.no_grad():
        image, weights = np.zeros((1, 1, n, n), 'float32'), np.zeros((1, 1, k, k), 'float32')
        return F.conv2d(image, weights, stride=stride, pad=pad).shape[-1]


@exercise(
    '05.3', 'How large is the result?',
    hints=('Without padding and with stride 1, the window fits n - k + 1 times. Check it for n = '
           '5, k = 3.',
           'Padding makes the picture larger on both sides: n + 2 * pad instead of n.',
           'With a stride the window jumps. The first place always counts, so: '
           '(n + 2 * pad - k) // stride + 1.'),
    expected="a green mark: your rule gives the width of F.conv2d's result in nine cases.")
def how_large_is_the_result(out_size):
    require_function(out_size)
    off = []
    for n, k, stride, pad in WINDOWS:
        result = call(out_size, n, k, stride, pad)
        got = require_number(result, f'out_size({n}, {k}, {stride}, {pad})')
        want = true_size(n, k, stride, pad)
        if got != want:
            off.append((f'out_size({n}, {k}, {stride}, {pad}) gives {got:g}, measured is {want}',
                        got - want, stride, pad))
    if not off:
        return right('Your rule agrees with the measured width in all nine cases.')
    first = off[0][0]
    if all(difference % 1 for _, difference, _, _ in off):
        return nearly(f'{first}. A window fits a whole number of times: round down, with // '
                      f'instead of /.')
    if len(off) == len(WINDOWS) and {difference for _, difference, _, _ in off} == {-1}:
        return nearly(f'{first}. You are one too small everywhere: the first place counts, too.')
    if all(pad for _, _, _, pad in off):
        return nearly(f'{first}. Without padding you are right. Padding is added on both sides.')
    if all(stride > 1 for _, _, stride, _ in off):
        return nearly(f'{first}. With stride 1 you are right. Think about the jumps.')
    return wrong(f'{first}. Draw a row of {WINDOWS[0][0]} boxes and count how often a window of '
                 f'{WINDOWS[0][1]} fits.')


# ---- 05.4 ---------------------------------------------------------------------------------

def count_numbers(model: L.Link) -> int:
    return sum(parameter.size for parameter in model.params())


def models_to_count() -> dict[str, L.Link]:
    return {
        'L.Linear(64, 128)': L.Linear(64, 128),
        'L.Conv2d(1, 16, ksize=3)': L.Conv2d(1, 16, ksize=3),
        'L.Conv2d(16, 32, ksize=5)': L.Conv2d(16, 32, ksize=5),
        'two layers': L.Sequential(L.Linear(64, 20), L.Linear(20, 10)),
    }


@exercise(
    '05.4', 'Count what can be tuned',
    hints=('model.params() hands out the parameters one by one: for parameter in model.params().',
           'parameter.size is how many numbers one of them holds.',
           'Add up the sizes: sum(parameter.size for parameter in model.params()).'),
    expected='a green mark, and below it the two counts for the networks of this lesson.')
def count_what_can_be_tuned(count):
    require_function(count)
    for name, model in models_to_count().items():
        got = require_number(call(count, model), f'count({name})')
        want = count_numbers(model)
        if got == want:
            continue
        said = f'For {name} you count {got:g}'
        weights = [parameter for parameter in model.params() if parameter.ndim > 1]
        if got == sum(parameter.size for parameter in weights):
            return nearly(f'{said}. These are the weights alone. The biases are tuned as well.')
        if got == len(list(model.params())):
            return nearly(f'{said}. That is the number of arrays. Count the numbers inside of '
                          f'them.')
        return wrong(f'{said}, but it holds {want}.')
    return right('All four counts are right.')


# ---- 05.5 ---------------------------------------------------------------------------------

MOST_NUMBERS, LEAST_ACCURACY = 3000, 0.96


@exercise(
    '05.5', 'A smaller network that still reads',
    hints=('Most of the numbers sit in conv2 and in the last layer. Use fewer filters.',
           'With 8 filters in the first convolution and 16 in the second, you stay below 2,000 '
           'numbers.',
           'Copy the class CNN under a new name, change 12 to 8 and 24 to 16 everywhere in it, and '
           'train it: my_model = train(SmallCNN, seed=0).'),
    expected='fewer than 3,000 numbers, and more than 96 % of the held-out digits right.')
def smaller_network(model):
    require_answer(model)
    if not isinstance(model, L.Link):
        return wrong('Hand over the trained model itself, for example my_model.')
    images, labels = held_out_digits()
    try:
        scores = model(mc.Variable(images))
    except mc.ShapeError as error:
        return wrong(f'Your model cannot read these digits, an array of shape {images.shape}. '
                     f'{str(error).splitlines()[0]}')
    with mc.test_mode():
        tested = model(images)
    if tested.shape != (HELD_OUT, 10):
        return wrong(f'For {HELD_OUT} digits the model returns the shape {tested.shape}, wanted is '
                     f'({HELD_OUT}, 10): one score for each digit from 0 to 9.')
    if not any(node['label'] == 'conv2d' for node in graph_nodes(scores)):
        return wrong('There is no convolution in your model.')
    numbers = count_numbers(model)
    correct = float(np.mean(tested.data.argmax(axis=1) == labels))
    said = f'{numbers:,} numbers, and {correct:.1%} of the held-out digits are right'
    if numbers < MOST_NUMBERS and correct > LEAST_ACCURACY:
        return right(f'{said}.')
    if correct > LEAST_ACCURACY:
        return nearly(f'{said}. It reads well, but it is too large: stay below {MOST_NUMBERS:,}.')
    if numbers < MOST_NUMBERS and correct > 0.9:
        return nearly(f'{said}. It is small enough. Train a little longer, or add a few filters, '
                      f'to get above {LEAST_ACCURACY:.0%}.')
    if correct < 0.3:
        return wrong(f'{said}. That is close to guessing. Did you train this model?')
    return wrong(f'{said}. Wanted: fewer than {MOST_NUMBERS:,} and more than {LEAST_ACCURACY:.0%}.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '05.A', 'Why does a convolution need so few weights?',
    Choice('Because its pictures are small.',
           'No. The same filter can be slid over a picture of any size: the number of its weights '
           'does not change.'),
    Choice('Because it uses the same weights at every place of the picture.',
           'This is called weight sharing. What was learned in one corner holds in every '
           'corner.', right=True),
    Choice('Because most weights are set to zero after training.',
           'No. Nothing is removed. There are few of them from the beginning.'))

question(
    '05.B', 'We read 97 % off the held-out digits. What does this number not tell us?',
    Choice('How the network does on digits that it has not seen in training.',
           'That is exactly what it tells: the held-out digits took no part in training.'),
    Choice('How many of the 450 held-out digits it got right.',
           'It does tell this: 97 % of 450 are about 437 digits.'),
    Choice('How it does on the handwriting of other people.',
           'Training digits and held-out digits come from the same 13 writers. New writers '
           'may write in another way.', right=True))
