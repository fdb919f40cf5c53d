"""Lesson 09, Hearing words: find a frequency, read a path, add up paths, mend a spelling."""
import itertools

import numpy as np

import minichain as mc
import minichain.functions as F
from minichain.data import say, spectrogram

from ..checking import (Choice, call, describe, exercise, nearly, question, require_function,
                        require_number, right, wrong)
from ..words import PathPicture

# ---- 09.1 ---------------------------------------------------------------------------------

# Frequency, a weaker one beside it, rate, samples.
TONES = ((440, 1310, 8000, 8000), (1000, 3700, 16000, 4000), (97, 1311, 8000, 16000),
         (6000, 1700, 16000, 1600))


def tone(frequency: float, weaker: float, rate: int, samples: int) -> np.ndarray:
    """A steady tone, with a weaker one beside it: counting how often it trembles is not enough."""
    time = np.arange(samples) / rate
    return (np.sin(2 * np.pi * frequency * time + 4)
            + 0.8 * np.sin(2 * np.pi * weaker * time)).astype('float32')


@exercise(
    '09.1', 'The strongest frequency',
    hints=('strength = np.abs(np.fft.rfft(wave)) says how strong each frequency is.',
           'strength.argmax() is the place of the largest one. It is a place, not yet a frequency.',
           'np.fft.rfftfreq(len(wave), 1 / rate)[strength.argmax()]'),
    expected='for a tone of 440 Hz, the number 440, whatever the rate and the length.')
def strongest_frequency(strongest):
    require_function(strongest)
    off = []
    for hertz, weaker, rate, samples in TONES:
        wave = tone(hertz, weaker, rate, samples)
        got = require_number(call(strongest, wave, rate), 'The frequency')
        if abs(got - hertz) > 1.01 * rate / samples:
            if abs(got - np.abs(np.fft.rfft(wave)).max()) < 1:
                return nearly(f'You return {got:g}. That is how strong the strongest frequency is. '
                              'Which one is it? argmax gives its place.')
            numbers = np.fft.rfft(wave)
            if abs(got - np.fft.rfftfreq(len(wave), 1 / rate)[numbers.argmax()]) < 1e-6:
                return nearly(f'For a tone of {hertz} Hz you return {got:g}. The numbers of rfft '
                              'are complex: take np.abs of them first, it says how strong each is.')
            off.append((f'For a tone of {hertz} Hz, with {samples} samples and {rate} of them a '
                        f'second, you return {got:g}', got, hertz * samples / rate, hertz))
    if not off:
        return right('You find the tones of 440, 1000, 97 and 6000 Hz.')
    first = off[0][0]
    if all(abs(got - place) < 1.01 for _, got, place, _ in off):
        return nearly(f'{first}. That is the place of the frequency in the list. Look up its Hz in '
                      f'np.fft.rfftfreq(len(wave), 1 / rate).')
    if all(abs(got * rate_of(hertz) - hertz) < 0.01 * hertz for _, got, _, hertz in off):
        return nearly(f'{first}. The rate is missing: np.fft.rfftfreq needs the time between two '
                      f'samples, 1 / rate.')
    if all(abs(got * rate_of(hertz) ** 2 - hertz) < 0.01 * hertz for _, got, _, hertz in off):
        return nearly(f'{first}. np.fft.rfftfreq needs the time between two samples: 1 / rate, not '
                      f'rate.')
    if all(got < 0 for _, got, _, _ in off):
        return nearly(f'{first}. A frequency is positive: use rfft and rfftfreq, not fft.')
    return wrong(f'{first}.')


def rate_of(hertz: float) -> int:
    return next(rate for tone_hertz, _, rate, _ in TONES if tone_hertz == hertz)


# ---- 09.2 ---------------------------------------------------------------------------------

PATHS = ('__tt_hh_rr_ee__e___', 'oo_nn_e', '____', 'five', 's_ss_s', '_t_wo_ __oo n_e_', '')


def read(path) -> str:
    """The text of a path: equal neighbours count once, blanks are left out."""
    return ''.join(sign for sign, _ in itertools.groupby(path) if sign != '_')


def without_blanks(path) -> str:
    return ''.join(path).replace('_', '')


def blanks_first(path) -> str:
    return read(without_blanks(path))


def neighbours_only(path) -> str:
    return ''.join(sign for sign, _ in itertools.groupby(path))


@exercise(
    '09.2', 'Read a path',
    hints=('Go through the signs one by one, and remember the sign before: before = None at the '
           'start, before = sign at the end of each round.',
           'A sign is written down if it is another one than before, and if it is not "_".',
           'if sign != before and sign != "_": text += sign. After that, in every round: before = '
           'sign.'),
    expected='from the path "__tt_hh_rr_ee__e___" the text "three".')
def read_a_path(read_path):
    require_function(read_path)
    for path in PATHS:
        got, want = call(read_path, path), read(path)
        if not isinstance(got, str):
            return wrong(f'Return a text. For the path {path!r}, what came is {describe(got)}. '
                         f'("".join(signs) makes one text of a list.)')
        said = f'You read {path!r} as {got!r}, wanted is {want!r}'
        if got == want:
            continue
        if got == without_blanks(path):
            return nearly(f'{said}. Blanks are out. Equal signs that follow each other count once.')
        if got == blanks_first(path):
            return nearly(f'{said}. You take the blanks out first, and then a double letter '
                          f'becomes one. Compare with the sign before, blank or not.')
        if got == neighbours_only(path):
            return nearly(f'{said}. Equal neighbours are one. Now take out the blanks.')
        if got in (want[1:], path[:1] + want):
            return nearly(f'{said}. Look at the first sign once more: it has none before it.')
        return wrong(f'{said}.')
    return right('All seven paths are read as CTC reads them.')


# ---- 09.3 ---------------------------------------------------------------------------------

CASES = (('ab', 3), ('a', 3), ('aa', 4), ('', 2), ('ba', 2))
SIGNS = '_ab'


def some_chances(steps: int) -> np.ndarray:
    scores = np.random.default_rng(steps).standard_normal((steps, len(SIGNS)))
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def chances_of_paths(chances: np.ndarray, text: str) -> list[float]:
    return [float(np.prod([chances[t, SIGNS.index(sign)] for t, sign in enumerate(path)]))
            for path in itertools.product(SIGNS, repeat=len(chances)) if read(path) == text]


def ctc_probability(chances: np.ndarray, text: str) -> float:
    """The same number through the library, without trying paths."""
    labels = np.array([[SIGNS.index(sign) for sign in text]], int).reshape(1, len(text))
    with mc.no_grad():
        loss = F.connectionist_temporal_classification(np.log(chances)[:, None], labels, 0)
    return float(np.exp(-loss.item()))


@exercise(
    '09.3', 'Add up all paths',
    hints=('for path in itertools.product(alphabet, repeat=len(chances)): goes through all paths. '
           'Keep those with read(path) == text.',
           'The probability of one path is a product: chances[t][alphabet.index(sign)] for each '
           'moment t. np.prod multiplies a list of numbers.',
           'total += np.prod([chances[t][alphabet.index(sign)] for t, sign in enumerate(path)])'),
    expected='for five small cases, the same probability as the library finds without trying.')
def add_up_all_paths(probability):
    require_function(probability)
    for text, steps in CASES:
        chances = some_chances(steps)
        want = ctc_probability(chances, text)
        answer = call(probability, chances, SIGNS, text, read)
        got = require_number(answer, f'The probability of {text!r}')
        said = f'For {text!r} in {steps} moments you return {got:.4g}, wanted is {want:.4g}'
        if abs(got - want) < 1e-5:
            continue
        each = chances_of_paths(chances, text)
        if len(each) > 1 and np.abs(got - np.array(each)).min() < 1e-6:
            return nearly(f'{said}. That is one path alone. Add up all {len(each)} of them.')
        if abs(got - len(each)) < 1e-6:
            return nearly(f'{said}. You count the paths. Add up their probabilities.')
        if len(each) > 1 and abs(got - np.mean(each)) < 1e-6:
            return nearly(f'{said}. You take the mean over {len(each)} paths. Take the sum: any of '
                          f'them may happen.')
        if abs(got + np.log(want)) < 1e-4:
            return nearly(f'{said}. That is the loss, minus the logarithm. The probability itself '
                          f'is wanted.')
        if abs(got - 1) < 1e-6:
            return nearly(f'{said}. You add up all paths there are. Keep those that read as the '
                          f'text: if read(path) == text.')
        if got == 0:
            return wrong(f'{said}. Did you compare the path itself with the text? It has to be '
                         f'read first: read(path) == text.')
        if got > 1:
            return wrong(f'{said}. No probability is above 1. In a path all signs have to come: '
                         f'multiply their probabilities, and add up the paths.')
        return wrong(f'{said}. A path has one sign for each moment, here {steps}: '
                     f'repeat=len(chances).')
    return right('Trying all paths gives what CTC computes, in all five cases.')


# ---- 09.4 ---------------------------------------------------------------------------------

DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
MISHEARD = {'thre': 'three', 'fiv': 'five', 'eght': 'eight', 'fur': 'four', 'ne': 'one',
            'sven': 'seven', 'six': 'six', 'wo': 'two', 'ixs': 'six', 'rzeo': 'zero',
            'nene': 'nine'}


def spoken_three() -> PathPicture:
    frames = spectrogram(say('three'), bands=24)
    path = '______t_h__r__e__e______'
    return PathPicture(frames.T[::-1], path, width=360, sides=('8000 Hz', '80 Hz'),
                       alt='Spectrogram of three, with a path that reads as three: one e, a blank, '
                           'another e')


@exercise(
    '09.4', 'The nearest word',
    hints=('F.edit_distance("thre", "three") is 1. Compute it for each of the words.',
           'You need the word with the smallest distance, not the distance itself.',
           'min(words, key=lambda word: F.edit_distance(word, heard))'),
    expected='"three" for "thre", "five" for "fiv", and a path that reads as "three".',
    picture=spoken_three)
def the_nearest_word(nearest_word):
    require_function(nearest_word)
    wrongly = []
    for heard, want in MISHEARD.items():
        got = call(nearest_word, heard, list(DIGITS))
        distances = {word: F.edit_distance(word, heard) for word in DIGITS}
        if isinstance(got, (int, float, np.number)):
            if got == min(distances.values()):
                return nearly(f'For {heard!r} you return {got}. That is the smallest distance. '
                              f'Return the word that has it.')
            return wrong(f'For {heard!r} you return the number {got}. A word is wanted.')
        if not isinstance(got, str):
            return wrong(f'For {heard!r}, a word is wanted, but what came is {describe(got)}.')
        if distances.get(got) != distances[want]:
            wrongly.append((heard, got, want))
    if not wrongly:
        return right(f'All {len(MISHEARD)} misspelled words are mended.')
    heard, got, want = wrongly[0]
    said = f'For {heard!r} you return {got!r}, nearest is {want!r}'
    if all(got == max(DIGITS, key=lambda word: F.edit_distance(word, heard))
           for heard, got, _ in wrongly):
        return nearly(f'{said}. You take the word that is furthest away. Take the smallest '
                      f'distance, with min.')
    if all(got == heard for heard, got, _ in wrongly):
        return nearly(f'{said}. You return what was heard. Only the words in the list are allowed.')
    if len(wrongly) <= len(MISHEARD) / 2:
        return nearly(f'{said}. {len(MISHEARD) - len(wrongly)} of {len(MISHEARD)} are right. Use '
                      f'F.edit_distance: it counts letters put in, taken out and changed.')
    return wrong(f'{said}.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '09.A', 'Why does CTC need the blank?',
    Choice('So that a letter can be said twice in a row, and so that the network can say nothing.',
           'Without a blank between them, the two e of "three" would become one. And most moments '
           'are no new letter.', right=True),
    Choice('To fill up short recordings.',
           'No. They are filled up before, with zeros, and CTC is told how many steps count.'),
    Choice('To stand for the space between words.',
           'No. The space is a sign of its own. Blanks leave no trace in the text.'))

question(
    '09.B', 'The character error is small on held-out voices. What does this not tell us?',
    Choice('How the network does with voices that it was not trained with.',
           'That is what it tells: the two voices took no part in training.'),
    Choice('How it does with real people in a real room.',
           'All voices, also those held out, come from the same small program.', right=True),
    Choice('How many letters it gets wrong.',
           'That is what it counts: letters to put in, to take out or to change.'))
