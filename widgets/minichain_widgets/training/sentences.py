"""Sentences in words: what the numbers of a text stand for, and numbers for words of one's own."""
import re

import numpy as np

from minichain.backend import to_cpu
from minichain.data import Vocabulary

MOST_WORDS = 30         # of a sentence that are shown
PADDING = '·'
LOOKED_AT = 100         # examples, to see where they have padding


def check_vocabulary(vocabulary, examples):
    """ValueError unless examples are sentences of numbers that all have a word."""
    x = examples.take([0])[0]
    if x.dtype.kind not in 'iu' or x.ndim != 2:
        raise ValueError('A vocabulary has the words of sentences: rows of whole numbers (N, time) '
                         f'as examples. These of {examples.name} are {x.dtype} of shape '
                         f'(N, {", ".join(map(str, x.shape[1:]))}).')
    if examples.arrays is not None and int(examples.arrays[0].max()) >= len(vocabulary):
        raise ValueError(f'The vocabulary has {len(vocabulary)} words, numbered from 0, but '
                         f'{examples.name} has the number {int(examples.arrays[0].max())}.')


def words_of(numbers, vocabulary) -> list:
    """The word of each number; a dot for padding. What has no word stays a number."""
    return [PADDING if word == Vocabulary.PADDING else word for word in (
        vocabulary[number] if 0 <= number < len(vocabulary) else str(number)
        for number in map(int, numbers))]


def sentence_of(numbers, vocabulary) -> str:
    """The words in a row, without padding; of a long sentence the first."""
    found = [word for word in words_of(numbers, vocabulary) if word != PADDING]
    return ' '.join(found[:MOST_WORDS]) + (' …' if len(found) > MOST_WORDS else '')


def numbers_of(text, vocabulary, examples):
    """(x (1, T), words without a number, how many words at the front are left out) of a sentence.

    It becomes as long as the examples, and gets padding where these have it. ValueError if it has
    no word that is known.
    """
    known = {word: number for number, word in enumerate(vocabulary)}
    found, strange = [], []
    for word in re.findall(r"[\w'’-]+|[^\w\s]", text):
        number = next((known[each] for each in (word, word.lower(), word.capitalize())
                       if each in known), None)
        if number is None:
            strange.append(word)
            number = known.get(Vocabulary.UNKNOWN)
        found += [] if number is None else [number]
    if len(strange) == len(found) or not found:
        raise ValueError('No word of this sentence is in the vocabulary. It has, for example: '
                         f'{", ".join(vocabulary[-5:])}.')
    x = to_cpu(examples.take(range(min(len(examples), LOOKED_AT)))[0])
    length, left = x.shape[1], max(0, len(found) - x.shape[1])
    found = found[left:]
    if Vocabulary.PADDING in known:
        padding = known[Vocabulary.PADDING]
        room = [padding] * (length - len(found))
        found = found + room if (x[:, -1] == padding).any() else room + found
    return np.array([found], x.dtype), strange, left
