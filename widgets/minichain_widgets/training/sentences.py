"""Sentences in words: what the numbers of a text stand for, and what classes are called."""
from minichain.data import Vocabulary

MOST_WORDS = 30         # of a sentence that are shown
PADDING = '·'


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
