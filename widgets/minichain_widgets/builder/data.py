"""Data to build a net for: made or small ones by name, and the student's own arrays or CSV text."""
import functools
from typing import NamedTuple

import numpy as np

import minichain.functions as F
from minichain import data as made

from ..arrays import on_cpu
from ..training.sentences import words_of
from .blocks import BuildError, shown
from .shapes import Shape, Target

MOST_CLASSES = 1000
TEST_EVERY = 4          # of the student's own examples, one of so many is held out


class Data(NamedTuple):
    """Examples for training and testing, and what a net for them has to look like.

    train, test   pairs (x, t) of arrays; None where only the shape is known
    start         the Shape of an example     target  what has to come out
    classes       a name for each class, or () for numbers
    note          what one should know about them, a sentence or two
    vocabulary    the word of each number; () where numbers are no words of a text
    """

    title: str
    train: tuple | None
    test: tuple | None
    start: Shape
    target: Target
    classes: tuple
    note: str
    vocabulary: tuple = ()

    @property
    def lossfun(self):
        """What is made small in training."""
        if self.target.kind == 'classes':
            return F.softmax_cross_entropy
        return F.mean_squared_error

    def words(self, x):
        """Examples as lists of words; a dot stands for padding."""
        return [words_of(row, self.vocabulary) for row in x]


# By name ------------------------------------------------------------------------------------------

def digits():
    train, test = (tuple(part.datasets) for part in made.get_digits())
    return images('digits', train, test, 'Handwritten digits, 8 × 8 pixels: which one is it?')


def images(title, train, test, note):
    return Data(title, train, test, Shape('CHW', train[0].shape[1:]), Target('classes', 10),
                tuple('0123456789'), note)


def rows_of_digits():
    def row_data(count, seed, test):
        rows = made.rows_of_digits(count, seed=seed, length=(1, 2), test=test)
        x = np.zeros((count, 1, 12, 34), 'float32')
        for i, image in enumerate(rows.images):
            x[i, :, :, :image.shape[2]] = image
        return x, np.array([labels.max() for labels in rows.labels], 'int32')

    return images('rows of digits', row_data(1600, 0, False), row_data(300, 1, True),
                  'One or two handwritten digits in a row: which is the largest of them? '
                  'Convolutions see the digits, an LSTM can read their columns one by one.')


def spirals():
    x, t = made.spirals(600)
    return Data('spirals', (x[:450], t[:450]), (x[450:], t[450:]), Shape('I', (2,)),
                Target('classes', 3), ('first arm', 'second arm', 'third arm'),
                'Points on the arms of a spiral: on which arm is a point? No straight line can '
                'tell them apart.')


def sines():
    waves = made.sine_series(400, 25, noise=0.05)
    x, t = waves[:, :24, None], waves[:, 24:]
    return Data('sines', (x[:300], t[:300]), (x[300:], t[300:]), Shape('TI', (24, 1)),
                Target('numbers', 1), (), 'Sine waves with some noise, 24 steps of each: which '
                                          'number comes next?')


def sentences():
    found = made.sentences(1500)
    words = made.Vocabulary([sentence.words for sentence in found])
    longest = max(len(sentence.words) for sentence in found)
    x = np.zeros((len(found), longest), 'int32')
    for row, sentence in zip(x, found):
        row[-len(sentence.words):] = words.encode(sentence.words)
    t = np.array([sentence.label > 2 for sentence in found], 'int32')
    return Data('sentences', (x[:1200], t[:1200]), (x[1200:], t[1200:]),
                Shape('T', (longest,), len(words)), Target('classes', 2), ('negative', 'positive'),
                'Short reviews: does somebody like it? Each word is a number; shorter sentences '
                'are filled up with zeros in front, so that the last step is the last word.',
                tuple(words.words))


def spoken_digits():
    def sound(count, seed, voices):
        spoken = made.spoken_digits(count, seed=seed, voices=voices)
        x = np.zeros((count, SPOKEN_STEPS, 20), 'float32')
        for row, wave in zip(x, spoken.waves):
            heard = made.spectrogram(wave, hop=0.02, window=0.04, bands=20)[:SPOKEN_STEPS]
            row[-len(heard):] = heard / 80 + 1
        return x, np.concatenate(spoken.labels)

    train, test = sound(320, 0, made.VOICES[:4]), sound(80, 1, made.VOICES[4:])
    return Data('spoken digits', train, test, Shape('TI', train[0].shape[1:]),
                Target('classes', 10), tuple('0123456789'),
                'A voice says a digit: which one? At each step of 20 ms, 20 numbers tell how loud '
                'the low and high sounds are. Other voices are kept for the test.')


SPOKEN_STEPS = 45
MADE = {'digits': digits, 'rows of digits': rows_of_digits, 'spirals': spirals, 'sines': sines,
        'sentences': sentences, 'spoken digits': spoken_digits}


@functools.cache
def named(name):
    """The Data of a name. BuildError for other names, and where something is not installed."""
    if name not in MADE:
        raise BuildError(f'{shown(name)} is no data that the builder has. It has '
                         f'{", ".join(MADE)}; your own arrays are given as NetBuilder((x, t)).')
    try:
        return MADE[name]()
    except ImportError as error:
        raise BuildError(str(error)) from None


# The student's own --------------------------------------------------------------------------------

def own(x, t, title='my data', note='', vocabulary=()):
    """Data of a student's own arrays: examples x (N, ...) and labels or numbers t (N) or (N, K).

    vocabulary  the word of each number, for sentences

    Raises BuildError where they do not fit together, or hold what is no number.
    """
    x, t = numbers(x, 'x, the examples,'), np.asarray(on_cpu(t))
    if x.ndim < 2:
        raise BuildError(f'x has the shape {x.shape}, but examples need at least two axes: '
                         '(examples, numbers).')
    if t.ndim == 0 or len(t) != len(x):
        raise BuildError(f'There are {len(x)} examples, but {t.size} labels; each example needs '
                         'one.')
    if len(x) < 2:
        raise BuildError('At least two examples are needed.')
    start = own_start(x)
    if vocabulary:
        start = with_vocabulary(start, vocabulary)
    t, target, classes = own_target(t)
    x = x.astype('int32') if start.words else x.astype('float32')
    held = np.arange(len(x)) % TEST_EVERY == TEST_EVERY - 1
    test = (x[held], t[held]) if held.any() else None
    return Data(title, (x[~held], t[~held]), test, start, target, classes,
                note or f'{len(x):,} examples of your own; one of {TEST_EVERY} is kept for the '
                        'test.', vocabulary)


def with_vocabulary(start, vocabulary):
    """The Shape of sentences whose words are known. BuildError if the words do not fit."""
    if not start.words:
        raise BuildError('A vocabulary has the words of sentences: x (N, time) of whole numbers. '
                         f'But here x has {start.text()}, real numbers.')
    if start.words > len(vocabulary):
        raise BuildError(f'The vocabulary has {len(vocabulary)} words, numbered from 0, but x has '
                         f'the number {start.words - 1}.')
    return start._replace(words=len(vocabulary))


def numbers(values, what):
    """An array of numbers without NaN. BuildError says where one is not."""
    try:
        array = np.asarray(on_cpu(values))
    except ValueError:
        raise BuildError(f'{what} should be one array, but the parts have different '
                         'lengths.') from None
    if array.dtype.kind not in 'fiub':
        raise BuildError(f'{what} should be numbers, but they are {array.dtype}.')
    wrong = np.argwhere(~np.isfinite(array)) if array.dtype.kind == 'f' else ()
    if len(wrong):
        place = ', '.join(map(str, wrong[0]))
        raise BuildError(f'{what} should be numbers, but {len(wrong):,} of them '
                         f'{"is" if len(wrong) == 1 else "are"} not (NaN or infinite); the first '
                         f'is at [{place}]. Replace them or leave those rows out.')
    return array


def own_start(x):
    """The Shape of an example of a student's array."""
    axes = {2: 'I', 3: 'TI', 4: 'CHW'}.get(x.ndim)
    if axes is None:
        raise BuildError(f'x has the shape {x.shape}. The builder takes (N, numbers), (N, time, '
                         'numbers) and images (N, channels, height, width).')
    if x.ndim == 2 and x.dtype.kind in 'iu':
        if x.min() < 0:
            raise BuildError('x holds whole numbers, which are taken as words, but some are '
                             'negative. If they are no words, give x as floats.')
        return Shape('T', x.shape[1:], int(x.max()) + 1)
    return Shape(axes, x.shape[1:])


def own_target(t):
    """(t as it is used, Target, names of the classes)"""
    if t.dtype.kind in 'USO':
        texts = [str(value) for value in t.ravel()]
        names = tuple(sorted(set(texts), key=in_order))
        t = np.array([names.index(text) for text in texts], 'int32')
    elif t.dtype.kind in 'iub' and t.ndim == 1:
        if t.min() < 0 or t.max() >= MOST_CLASSES:
            raise BuildError(f'Labels are classes from 0 to {MOST_CLASSES - 1}, but these go from '
                             f'{t.min()} to {t.max()}. If they are numbers to be predicted, give '
                             't as floats.')
        names = tuple(map(str, range(int(t.max()) + 1)))
    elif t.dtype.kind == 'f' and t.ndim in (1, 2):
        t = numbers(t, 't, the numbers to be predicted,').reshape(len(t), -1)
        return t.astype('float32'), Target('numbers', t.shape[1]), ()
    else:
        raise BuildError(f't has the shape {t.shape} of {t.dtype}. It should be a class for each '
                         'example, (N), or numbers to be predicted, (N) or (N, K) floats.')
    if len(names) < 2:
        raise BuildError(f'All examples have the same label, {shown(names[0])}: there is nothing '
                         'to tell apart.')
    return t.astype('int32'), Target('classes', len(names)), names


def in_order(text):
    """Sorts names of classes: numbers by their size, then words by their letters."""
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text
