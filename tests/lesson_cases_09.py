"""Answers to the exercises of lesson 09, and what their checkers say of them."""
import itertools

import minichain.functions as F
import numpy as np


def strongest(wave, rate, per=None):
    strength = np.abs(np.fft.rfft(wave))
    return np.fft.rfftfreq(len(wave), 1 / rate if per is None else per)[strength.argmax()]


def without_abs(wave, rate):
    return np.fft.rfftfreq(len(wave), 1 / rate)[np.fft.rfft(wave).argmax()]


def zero_crossings(wave, rate):
    return round((np.diff(np.sign(wave)) != 0).mean() * rate / 2)


def read_path(path):
    text, before = '', None
    for sign in path:
        if sign != before and sign != '_':
            text += sign
        before = sign
    return text


def probability(chances, alphabet, text, read, add=sum):
    return add([np.prod([chances[t][alphabet.index(sign)] for t, sign in enumerate(path)])
                for path in itertools.product(alphabet, repeat=len(chances)) if read(path) == text])


def reads_nothing(path):
    return ''


def nearest(heard, words, choose=min):
    return choose(words, key=lambda word: F.edit_distance(word, heard))


def by_first_letter(heard, words):
    return next((word for word in words if word[0] == heard[0]), words[0])


NO_RESULT = ('… Not yet. Your function does not return a result yet. Its last line should be '
             'return, followed by the result.')

CASES = [
    ('09.1', lambda: lambda wave, rate: ..., NO_RESULT),
    ('09.1', lambda: strongest, '✓ Right. You find the tones of 440, 1000, 97 and 6000 Hz.'),
    ('09.1', lambda: lambda wave, rate: np.abs(np.fft.rfft(wave)).argmax(),
     '≈ Nearly. For a tone of 1000 Hz, with 4000 samples and 16000 of them a second, you return '
     '250. That is the place of the frequency in the list. Look up its Hz in '
     'np.fft.rfftfreq(len(wave), 1 / rate).'),
    ('09.1', lambda: lambda wave, rate: strongest(wave, rate, per=1),
     '≈ Nearly. For a tone of 440 Hz, with 8000 samples and 8000 of them a second, you return '
     '0.055. The rate is missing: np.fft.rfftfreq needs the time between two samples, 1 / rate.'),
    ('09.1', lambda: lambda wave, rate: -strongest(wave, rate),
     '≈ Nearly. For a tone of 440 Hz, with 8000 samples and 8000 of them a second, you return '
     '-440. A frequency is positive: use rfft and rfftfreq, not fft.'),
    ('09.1', lambda: lambda wave, rate: strongest(wave, rate, per=rate),
     '≈ Nearly. For a tone of 440 Hz, with 8000 samples and 8000 of them a second, you return '
     '6.875e-06. np.fft.rfftfreq needs the time between two samples: 1 / rate, not rate.'),
    ('09.1', lambda: lambda wave, rate: np.abs(np.fft.rfft(wave)).max(),
     '≈ Nearly. You return 4000. That is how strong the strongest frequency is. Which one is it? '
     'argmax gives its place.'),
    ('09.1', lambda: without_abs,
     '≈ Nearly. For a tone of 440 Hz you return 1140. The numbers of rfft are complex: take np.abs '
     'of them first, it says how strong each is.'),
    ('09.1', lambda: zero_crossings,
     '✗ Not right. For a tone of 440 Hz, with 8000 samples and 8000 of them a second, you return '
     '770.'),
    ('09.1', lambda: lambda wave, rate: 440,
     '✗ Not right. For a tone of 1000 Hz, with 4000 samples and 16000 of them a second, you '
     'return 440.'),

    ('09.2', lambda: lambda path: ..., NO_RESULT),
    ('09.2', lambda: read_path, '✓ Right. All seven paths are read as CTC reads them.'),
    ('09.2', lambda: lambda path: path.replace('_', ''),
     "≈ Nearly. You read '__tt_hh_rr_ee__e___' as 'tthhrreee', wanted is 'three'. Blanks are "
     'out. Equal signs that follow each other count once.'),
    ('09.2', lambda: lambda path: read_path(path.replace('_', '')),
     "≈ Nearly. You read '__tt_hh_rr_ee__e___' as 'thre', wanted is 'three'. You take the blanks "
     'out first, and then a double letter becomes one. Compare with the sign before, blank or '
     'not.'),
    ('09.2', lambda: lambda path: ''.join(sign for sign, _ in itertools.groupby(path)),
     "≈ Nearly. You read '__tt_hh_rr_ee__e___' as '_t_h_r_e_e_', wanted is 'three'. Equal "
     'neighbours are one. Now take out the blanks.'),
    ('09.2', lambda: lambda path: path,
     "✗ Not right. You read '__tt_hh_rr_ee__e___' as '__tt_hh_rr_ee__e___', wanted is 'three'."),
    ('09.2', lambda: lambda path: list(path),
     "✗ Not right. Return a text. For the path '__tt_hh_rr_ee__e___', what came is a list of "
     '19. ("".join(signs) makes one text of a list.)'),
    ('09.2', lambda: lambda path: path[:1] + read_path(path)[path[:1] != '_':],
     "≈ Nearly. You read '__tt_hh_rr_ee__e___' as '_three', wanted is 'three'. Look at the first "
     'sign once more: it has none before it.'),

    ('09.3', lambda: lambda *given: ..., NO_RESULT),
    ('09.3', lambda: probability,
     '✓ Right. Trying all paths gives what CTC computes, in all five cases.'),
    ('09.3', lambda: lambda *given: probability(*given, add=max),
     "≈ Nearly. For 'ab' in 3 moments you return 0.08196, wanted is 0.0849. That is one "
     'path alone. Add up all 5 of them.'),
    ('09.3', lambda: lambda *given: probability(*given, add=len),
     "≈ Nearly. For 'ab' in 3 moments you return 5, wanted is 0.0849. You count the paths. Add "
     'up their probabilities.'),
    ('09.3', lambda: lambda *given: probability(*given, add=np.mean),
     "≈ Nearly. For 'ab' in 3 moments you return 0.01698, wanted is 0.0849. You take the mean "
     'over 5 paths. Take the sum: any of them may happen.'),
    ('09.3', lambda: lambda *given: -np.log(probability(*given)),
     "≈ Nearly. For 'ab' in 3 moments you return 2.466, wanted is 0.0849. That is the loss, "
     'minus the logarithm. The probability itself is wanted.'),
    ('09.3', lambda: (lambda chances, signs, text, read:
                      probability(chances, signs, '', reads_nothing)),
     "≈ Nearly. For 'ab' in 3 moments you return 1, wanted is 0.0849. You add up all paths there "
     'are. Keep those that read as the text: if read(path) == text.'),
    ('09.3', lambda: lambda chances, signs, text, read: probability(chances, signs, text, ''.join),
     "✗ Not right. For 'ab' in 3 moments you return 0, wanted is 0.0849. Did you compare the path "
     'itself with the text? It has to be read first: read(path) == text.'),
    ('09.3', lambda: lambda *given: 3.5,
     "✗ Not right. For 'ab' in 3 moments you return 3.5, wanted is 0.0849. No probability is above "
     '1. In a path all signs have to come: multiply their probabilities, and add up the paths.'),
    ('09.3', lambda: lambda *given: 0.5,
     "✗ Not right. For 'ab' in 3 moments you return 0.5, wanted is 0.0849. A path has one sign for "
     'each moment, here 3: repeat=len(chances).'),

    ('09.4', lambda: lambda heard, words: ..., NO_RESULT),
    ('09.4', lambda: nearest, '✓ Right. All 11 misspelled words are mended.'),
    ('09.4', lambda: lambda heard, words: nearest(heard, words, max),
     "≈ Nearly. For 'thre' you return 'eight', nearest is 'three'. You take the word that is "
     'furthest away. Take the smallest distance, with min.'),
    ('09.4', lambda: lambda heard, words: heard,
     "≈ Nearly. For 'thre' you return 'thre', nearest is 'three'. You return what was heard. "
     'Only the words in the list are allowed.'),
    ('09.4', lambda: by_first_letter,
     "✗ Not right. For 'thre' you return 'two', nearest is 'three'."),
    ('09.4', lambda: lambda heard, words: F.edit_distance(nearest(heard, words), heard),
     "≈ Nearly. For 'thre' you return 1. That is the smallest distance. Return the word that has "
     'it.'),
    ('09.4', lambda: lambda heard, words: max(words, key=lambda w: len(set(w) & set(heard))),
     "≈ Nearly. For 'nene' you return 'one', nearest is 'nine'. 10 of 11 are right. Use "
     'F.edit_distance: it counts letters put in, taken out and changed.'),
    ('09.4', lambda: lambda heard, words: 'ten',
     "✗ Not right. For 'thre' you return 'ten', nearest is 'three'."),
]
