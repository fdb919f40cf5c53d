"""Answers to the exercises of lesson 08, and what their checkers say of them."""
import numpy as np


def shift(words, begin, end):
    return [begin, *words], [*words, end]


def look(query, memory):
    exponentials = np.exp(memory @ query)
    weights = exponentials / exponentials.sum()
    return weights @ memory, weights


def look_with(weigh):
    def look_back(query, memory):
        weights = weigh(memory @ query)
        return weights @ memory, weights
    return look_back


def write(step, begin, end, limit, with_end=False, given=None, extra=0):
    word, state, words = begin, None, []
    while len(words) < limit + extra:
        scores, state = step(begin if given == 'begin' else word, state)
        word = int(np.argmax(scores))
        if word == end:
            return words + [end] if with_end else words
        words.append(word)
    return words


def write_on(step, begin, end, limit):
    return write(step, begin, -1, 10 ** 6)


def exact(answers, wanted):
    return sum(a == w for a, w in zip(answers, wanted)) / len(wanted)


def words_right(answers, wanted):
    return np.mean([a == w for one, other in zip(answers, wanted) for a, w in zip(one, other)])


NO_RESULT = ('… Not yet. Your function does not return a result yet. Its last line should be '
             'return, followed by the result.')

CASES = [
    ('08.1', lambda: lambda words, begin, end: ..., NO_RESULT),
    ('08.1', lambda: shift,
     '✓ Right. At each place, one word is given and the next one is wanted.'),
    ('08.1', lambda: lambda *given: shift(*given)[::-1],
     '≈ Nearly. For the words [7, 8, 9] you return [7, 8, 9, 2] and [1, 7, 8, 9]. These are the '
     'right lists, but the wrong way round: given first.'),
    ('08.1', lambda: lambda words, begin, end: ([begin, *words, end], [*words, end]),
     '≈ Nearly. For the words [7, 8, 9] you return [1, 7, 8, 9, 2] and [7, 8, 9, 2]. One of them '
     'holds both begin and end. The two lists need the same length: at each place one word is '
     'given and one is wanted.'),
    ('08.1', lambda: lambda words, begin, end: ([begin, *words], words),
     '≈ Nearly. For the words [7, 8, 9] you return [1, 7, 8, 9] and [7, 8, 9]. One of the two is '
     'right. Wanted are [1, 7, 8, 9] and [7, 8, 9, 2].'),
    ('08.1', lambda: lambda words, begin, end: (words, words),
     '✗ Not right. For the words [7, 8, 9] you return [7, 8, 9] and [7, 8, 9]. Wanted are '
     '[1, 7, 8, 9] and [7, 8, 9, 2].'),
    ('08.1', lambda: lambda words, begin, end: [begin],
     '✗ Not right. Return two things, given and wanted: return given, wanted. What came is a list '
     'of 1.'),

    ('08.1', lambda: lambda words, begin, end: (['begin', *words], [*words, 'end']),
     '✗ Not right. given should be a list of numbers, but it is one with a text in it (begin and '
     'end are numbers: write them without quotes).'),
    ('08.1', lambda: lambda words, begin, end: (words.insert(0, begin), words.append(end)),
     '✗ Not right. given should be a list of numbers, but it is None (append and insert change a '
     'list, and return None: add lists with +).'),

    ('08.2', lambda: lambda query, memory: ..., NO_RESULT),
    ('08.2', lambda: look,
     '✓ Right. Weights and means are right for memories of 4, 1 and 7 words.'),
    ('08.2', lambda: look_with(lambda scores: scores),
     '≈ Nearly. For 4 words, the weights are still scores: they add up to -2.86. Softmax makes '
     'them positive, and 1 in all.'),
    ('08.2', lambda: look_with(np.exp),
     '≈ Nearly. For 4 words, the weights add up to 52.97. Divide by their sum.'),
    ('08.2', lambda: look_with(lambda scores: (scores == scores.max()) * 1.0),
     '≈ Nearly. For 4 words, you look at one word only. That has no useful gradient. Use softmax: '
     'a little of every word.'),
    ('08.2', lambda: lambda *given: look(*given)[::-1],
     '≈ Nearly. You return the weights first. What is seen comes first: return seen, weights.'),
    ('08.2', lambda: lambda query, memory: ((look(query, memory)[1][:, None] * memory).mean(axis=0),
                                            look(query, memory)[1]),
     '≈ Nearly. For 4 words, what is seen is divided by the number of words. The weights add up to '
     '1 already: the sum is the mean.'),
    ('08.2', lambda: lambda query, memory: (query, look(query, memory)[1]),
     '✗ Not right. The shape is right, the values are not: the largest difference is 1.38 at place '
     '[0] (you have -1.738, wanted is -0.3538).'),

    ('08.3', lambda: lambda step, begin, end, limit: ..., NO_RESULT),
    ('08.3', lambda: write, '✓ Right. Your loop writes until the end, and stops at the limit.'),
    ('08.3', lambda: lambda *given: write(*given, with_end=True),
     '≈ Nearly. The step says [5, 7, 5, 2], and you return [5, 7, 5, 2]. Leave out begin (1) and '
     'end (2): they are no words.'),
    ('08.3', lambda: lambda *given: write(*given, extra=1),
     '≈ Nearly. The step says [3, 4, 3, 4, 3], and you return [3, 4, 3, 4, 3, 4]. With a limit of '
     '5, there should be 5 words.'),
    ('08.3', lambda: write_on,
     '≈ Nearly. Your loop does not stop. It has to end when the word is end, and also when limit '
     'words are written.'),
    ('08.3', lambda: lambda *given: write(*given, given='begin'),
     '≈ Nearly. step was called with the word 1 at place 1, but the word before is 5. Hand over '
     'the word that was written last (first of all begin), and the state that the step before '
     'returned.'),
    ('08.3', lambda: lambda step, begin, end, limit: [9, 9],
     '✗ Not right. The step says [5, 7, 5, 2], and you return [9, 9], wanted is [5, 7, 5].'),

    ('08.4', lambda: lambda answers, wanted: ..., NO_RESULT),
    ('08.4', lambda: exact,
     '✓ Right. 0.8 of the first list, all of the second, none of the others.'),
    ('08.4', lambda: lambda answers, wanted: len(set(answers) & set(wanted)) / len(wanted),
     '≈ Nearly. For 20 sentences you return 1, wanted is 0. Here the answers are right sentences, '
     'but in the wrong places. Compare each answer with the sentence at its own place.'),
    ('08.4', lambda: lambda answers, wanted: answers == wanted,
     '✗ Not right. You return False: that compares the two lists as a whole. Compare sentence by '
     'sentence.'),
    ('08.4', lambda: lambda *given: 100 * exact(*given),
     '≈ Nearly. For 20 sentences you return 80, wanted is 0.8. A share lies between 0 and 1: '
     'divide by the number of sentences.'),
    ('08.4', lambda: words_right,
     '≈ Nearly. For 20 sentences you return 0.9767, wanted is 0.8. You count words. One wrong word '
     'makes the whole sentence wrong.'),
    ('08.4', lambda: lambda answers, wanted: 0.5,
     '✗ Not right. For 20 sentences you return 0.5, wanted is 0.8.'),
]
