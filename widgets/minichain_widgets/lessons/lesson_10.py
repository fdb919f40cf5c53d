"""Lesson 10, Seeing and remembering: columns of a picture, room for a path, a joined network."""
import itertools

import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain.data import rows_of_digits

from ..checking import (Choice, array_of, call, describe, exercise, graph_nodes, is_blank, nearly,
                        not_yet, question, require_answer, require_close, require_function,
                        require_number, right, wrong)
from ..tiles import Tiles
from ..words import PathPicture

# ---- 10.1 ---------------------------------------------------------------------------------

SHAPES = ((2, 3, 2, 5), (1, 4, 3, 7), (3, 2, 6, 2))


def columns_of_a_picture() -> Tiles:
    h = np.arange(12.0).reshape(1, 2, 2, 3)
    return Tiles([*h[0], h.transpose(0, 3, 1, 2).reshape(3, 4)], values=True, colours='magnitude',
                 titles=['channel 0', 'channel 1', 'columns'],
                 alt='Two channels of 2 rows and 3 columns, with the numbers 0 to 11, and the '
                     'result: three lists, the first with 0, 3, 6, 9')


@exercise(
    '10.1', 'Columns',
    hints=('Two steps: first put the axes in the order N, W, C, H. Then make one axis of the last '
           'two.',
           'h.transpose(0, 3, 1, 2) puts the axes in that order. Its shape is (N, W, C, H).',
           'n, channels, rows, columns = h.shape, and at the end .reshape(n, columns, channels * '
           'rows).'),
    expected='each list holds one column: from all channels, from top to bottom.',
    picture=columns_of_a_picture)
def columns(to_columns):
    require_function(to_columns)
    for shape in SHAPES:
        n, channels, rows, width = shape
        h = np.arange(np.prod(shape), dtype='float32').reshape(shape)
        want = h.transpose(0, 3, 1, 2).reshape(n, width, channels * rows)
        result = call(to_columns, h)
        got = array_of(result)
        what = f'For an array of shape {shape}, the result'
        if got is not None and got.shape == want.shape and not np.array_equal(got, want):
            if np.array_equal(got, h.reshape(want.shape)):
                return nearly(f'{what} has the right shape, but the numbers are in their old '
                              f'order. reshape alone does not move numbers: transpose first.')
            if np.array_equal(got, h.transpose(0, 3, 2, 1).reshape(want.shape)):
                return nearly(f'{what} is right but for one thing: in each list the channels '
                              f'should come one after the other, each with all its rows. Swap C '
                              f'and H in transpose.')
            if np.array_equal(got[:, ::-1], want):
                return nearly(f'{what} goes from right to left.')
        if got is not None and got.shape == (n, width, channels, rows):
            return nearly(f'{what} has the shape {got.shape}. Now make one axis of the last two, '
                          f'with reshape.')
        require_close(result, want, what, dtype='float32')
    return right('The columns are right for three shapes.')


# ---- 10.2 ---------------------------------------------------------------------------------

ROWS = ([4, 1, 1], [7], [3, 3, 3, 3], [1, 2, 1, 2], [0, 0, 5, 5, 0], [])


def read(path) -> list:
    return [sign for sign, _ in itertools.groupby(path) if sign != '_']


def fewest_columns(digits: list) -> int:
    """Found by trying paths of growing length, not by a formula."""
    signs = ['_', *sorted(set(digits))]
    return next(length for length in itertools.count()
                if any(read(path) == list(digits)
                       for path in itertools.product(signs, repeat=length)))


@exercise(
    '10.2', 'How many columns?',
    hints=('Without equal neighbours, one column for each digit is enough.',
           'Between two equal neighbours there must be a blank. So count the equal neighbours.',
           'zip(digits, digits[1:]) gives each digit with the one behind it. len(digits) + sum(a '
           '== b for a, b in zip(digits, digits[1:]))'),
    expected='4 for the digits 4 1 1, 1 for the digit 7, 7 for 3 3 3 3.')
def how_many_columns(columns_needed):
    require_function(columns_needed)
    off = []
    for digits in ROWS:
        got = require_number(call(columns_needed, list(digits)), f'The number for {digits}')
        want = fewest_columns(digits)
        if got != want:
            off.append((f'For {digits} you return {got:g}, the least is {want}', got, digits))
    if not off:
        return right('Your rule agrees with trying all paths, for six rows of digits.')
    first = off[0][0]
    if all(got == len(digits) for _, got, digits in off):
        return nearly(f'{first}. Two equal digits side by side need a blank between them.')
    if all(got == 2 * len(digits) - 1 or not digits for _, got, digits in off):
        return nearly(f'{first}. A blank is needed between equal neighbours only.')
    if all(got == len(digits) + len(digits) - len(set(digits)) for _, got, digits in off):
        return nearly(f'{first}. A digit may come twice without a blank, if another one is '
                      f'between. Count equal neighbours.')
    return wrong(f'{first}. Write down the shortest path for 4 1 1 on paper.')


# ---- 10.3 ---------------------------------------------------------------------------------

WIDTHS = (16, 26)
RECURRENT = ('lstm', 'gru', 'tanh')


def an_example_row() -> PathPicture:
    rows = rows_of_digits(1, seed=12, length=(3, 3))
    image = rows.images[0][0]
    path = ['_'] * (image.shape[1] // 2)
    for place, digit in zip((0.2, 0.5, 0.8), rows.labels[0]):
        path[int(place * len(path))] = str(digit)
    return PathPicture(image, path, width=320, height=96,
                       alt='A row of three digits, with one sign for every two columns of pixels')


@exercise(
    '10.3', 'Join them yourself',
    hints=('Begin with a convolution and max pooling by 2: then 12 rows have become 6, and W '
           'columns W / 2. With 8 filters, each column holds 8 * 6 numbers.',
           'h[:, :, :, t] is column t of all pictures. Reshape it to (len(images), 8 * 6) and give '
           'it to the GRU. Collect the results in a list, for t in range(h.shape[3]).',
           'F.stack(steps) has the shape (W / 2, N, 20). self.out = L.Linear(20, 11), called as '
           'self.out(..., 2), turns its last axis into 11 scores.'),
    expected='eleven scores for every two columns of pixels, whatever the width.',
    picture=an_example_row)
def join_them(my_reader):
    require_answer(my_reader)
    if isinstance(my_reader, type):
        return nearly(f'That is the class. Make a network of it: my_reader = '
                      f'{my_reader.__name__}().')
    if not isinstance(my_reader, L.Link):
        return wrong(f'my_reader should be a network, but it is {describe(my_reader)}.')
    random = np.random.default_rng(10)
    for width in WIDTHS:
        images = random.random((3, 1, 12, width)).astype('float32')
        scores = my_reader(images)
        want = (width // 2, 3, 11)
        if is_blank(scores):
            return not_yet('forward does not return scores yet.')
        if not isinstance(scores, mc.Variable):
            return wrong(f'The network returns {describe(scores)}. Scores are a Variable.')
        said = f'For images of shape {images.shape} the scores have the shape {scores.shape}'
        if scores.shape == (3, width // 2, 11):
            return nearly(f'{said}. Time comes first: {want}. F.swapaxes(scores, 0, 1) does it.')
        if scores.shape == (width, 3, 11):
            return nearly(f'{said}. One answer for every two columns of pixels is wanted: {want}. '
                          f'Pool by 2.')
        if scores.shape != want:
            return wrong(f'{said}, wanted is {want}.')
    labels = [node['label'] for node in graph_nodes(scores)]
    if not any('conv2d' in label for label in labels):
        return nearly('The shapes are right, but there is no convolution in the graph behind the '
                      'scores: this network does not see. (Or was something turned into .data?)')
    if not any(label in RECURRENT for label in labels) or not remembers(my_reader, images):
        return nearly('The shapes are right, but no end of a picture has an effect on the scores '
                      'at its other end: this network does not remember.')
    if not is_forgetful(my_reader, images):
        return nearly('The same picture gives other scores the second time: the network still '
                      'remembers the picture before. Call reset_state() at the beginning of '
                      'forward.')
    my_reader.cleargrads()
    F.sum(my_reader(images) ** 2).backward()
    idle = [name for name, parameter in my_reader.namedparams() if parameter.grad is None]
    if idle:
        return nearly(f'All is there, but the loss does not reach {idle[0]}: it would never learn. '
                      f'Is it used in forward?')
    return right(f'It sees, it remembers, and one loss reaches all {len(list(my_reader.params()))} '
                 f'of its parameters.')


def scores_of(model, images) -> np.ndarray:
    with mc.test_mode():
        return model(images).data


def remembers(model, images) -> bool:
    """Whether a change at one end of a picture reaches the other end."""
    before = scores_of(model, images)
    ends = []
    for part, far in ((slice(0, 2), -1), (slice(-2, None), 0)):
        changed = images.copy()
        changed[:, :, :, part] = 1 - changed[:, :, :, part]
        ends.append(not np.array_equal(scores_of(model, changed)[far], before[far]))
    return any(ends)


def is_forgetful(model, images) -> bool:
    """Whether the same picture gives the same scores twice."""
    return bool(np.allclose(scores_of(model, images), scores_of(model, images), atol=1e-6))


# ---- quiz ---------------------------------------------------------------------------------

question(
    '10.A', 'How do the filters of the convolution learn, if the loss is computed behind the LSTM?',
    Choice('They were trained before, with single digits.',
           'No. All weights began at random, and only rows were ever shown.'),
    Choice('backward() walks through the LSTM into the convolution: it is one graph.',
           'For a graph it makes no difference which half an operation belongs to.', right=True),
    Choice('They do not learn. Only the LSTM does.',
           'No. All parameters get a gradient, also the first filters.'))

question(
    '10.B', 'Why can this network read rows of any length?',
    Choice('Because all pictures are filled up to the same width.',
           'They are filled up only within a batch, to be stacked. Alone, each could keep its '
           'width.'),
    Choice('Because there are five networks in it, one for each length.',
           'No. The same weights read all lengths.'),
    Choice('Because it answers column by column, with the same weights for each column.',
           'A wider picture has more columns, so there are more steps. The weights are the same.',
           right=True))
