"""Lesson 08, Translation: shift words, look back, write until the end, count exact matches."""
import numpy as np

from minichain.data import phrase_pairs

from ..checking import (Choice, array_of, call, describe, exercise, is_blank, nearly, question,
                        require_close, require_function, require_number, right, wrong)
from ..words import Heatmap


def as_list(answer) -> list | None:
    """A list, tuple or array of whole numbers as a list; else None."""
    array = array_of(answer)
    return None if array is None or array.ndim != 1 else [int(number) for number in array]


def two_parts(answer, first: str, second: str) -> tuple:
    """The two things that a function returns."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise wrong(f'Return two things, {first} and {second}: return {first}, {second}. What came '
                    f'is {describe(answer)}.')
    return answer[0], answer[1]


def plainly(part) -> str:
    """What came in place of a list, with the mistake that is made most often."""
    if part is None:
        return 'None (append and insert change a list, and return None: add lists with +)'
    if isinstance(part, (list, tuple)) and any(isinstance(item, str) for item in part):
        return 'one with a text in it (begin and end are numbers: write them without quotes)'
    return describe(part)


# ---- 08.1 ---------------------------------------------------------------------------------

SENTENCES = (([7, 8, 9], 1, 2), ([5], 2, 3), ([4, 4, 6, 5, 4], 0, 9))


@exercise(
    '08.1', 'One word behind',
    hints=('Two lists can be added: [1] + [7, 8] is [1, 7, 8].',
           'given is [begin] + words. What has to stand behind the words in wanted?',
           'wanted is words + [end]. At the end: return given, wanted.'),
    expected='for the words 7, 8, 9 with begin 1 and end 2: the lists 1, 7, 8, 9 and 7, 8, 9, 2.')
def one_word_behind(given_and_wanted):
    require_function(given_and_wanted)
    for words, begin, end in SENTENCES:
        answer = call(given_and_wanted, list(words), begin, end)
        parts = two_parts(answer, 'given', 'wanted')
        given, wanted = (as_list(part) for part in parts)
        if given is None or wanted is None:
            which, part = ('given', parts[0]) if given is None else ('wanted', parts[1])
            return wrong(f'{which} should be a list of numbers, but it is {plainly(part)}.')
        true_given, true_wanted = [begin, *words], [*words, end]
        said = f'For the words {words} you return {given} and {wanted}'
        if (given, wanted) == (true_given, true_wanted):
            continue
        if (given, wanted) == (true_wanted, true_given):
            return nearly(f'{said}. These are the right lists, but the wrong way round: given '
                          f'first.')
        both = [begin, *words, end]
        if both in (given, wanted):
            return nearly(f'{said}. One of them holds both begin and end. The two lists need the '
                          f'same length: at each place one word is given and one is wanted.')
        if given == true_given or wanted == true_wanted:
            return nearly(f'{said}. One of the two is right. Wanted are {true_given} and '
                          f'{true_wanted}.')
        return wrong(f'{said}. Wanted are {true_given} and {true_wanted}.')
    return right('At each place, one word is given and the next one is wanted.')


# ---- 08.2 ---------------------------------------------------------------------------------

def softmax(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()


def look_at_one_word() -> Heatmap:
    memory = np.array([[3.0, 0.0], [0.0, 3.0], [1.0, 1.0]])
    weights = [softmax(memory @ query) for query in ([1.0, 0.0], [0.0, 1.0], [0.0, 0.0])]
    return Heatmap(weights, ['query 1, 0', 'query 0, 1', 'query 0, 0'],
                   ['memory 3, 0', 'memory 0, 3', 'memory 1, 1'],
                   alt='A query gives most weight to the memory that points the same way; a query '
                       'of zeros looks at all three alike.')


@exercise(
    '08.2', 'Look back',
    hints=('The scores are products of each row of the memory with the query: memory @ query has '
           'the shape (S,).',
           'Softmax: take np.exp of the scores, then divide by the sum, so that the weights add up '
           'to 1.',
           'The weighted mean of the rows is weights @ memory. Return it first, then the weights.'),
    expected='large weights where memory and query point the same way, and 1 in each row.',
    picture=look_at_one_word)
def look_back(look):
    require_function(look)
    random = np.random.default_rng(8)
    for words, size in ((4, 3), (1, 5), (7, 2)):
        query, memory = random.standard_normal(size), random.standard_normal((words, size))
        answer = call(look, query, memory)
        seen, weights = two_parts(answer, 'seen', 'weights')
        want = softmax(memory @ query)
        got, got_seen = array_of(weights), array_of(seen)
        what = f'For {words} words, '
        if words != size and got_seen is not None and got_seen.shape == want.shape:
            return nearly('You return the weights first. What is seen comes first: return seen, '
                          'weights.')
        if got is not None and got.shape == want.shape and not np.allclose(got, want, atol=1e-4):
            scores = memory @ query
            if np.allclose(got, scores, atol=1e-4):
                return nearly(f'{what}the weights are still scores: they add up to '
                              f'{got.sum():.2f}. Softmax makes them positive, and 1 in all.')
            if got.sum() > 0 and np.allclose(got / got.sum(), want, atol=1e-4):
                return nearly(f'{what}the weights add up to {got.sum():.2f}. Divide by their sum.')
            if np.array_equal(got, scores == scores.max()):
                return nearly(f'{what}you look at one word only. That has no useful gradient. Use '
                              f'softmax: a little of every word.')
        require_close(weights, want, f'{what}the array of weights')
        if got_seen is not None and np.allclose(got_seen * words, want @ memory, atol=1e-4) \
                and words > 1:
            return nearly(f'{what}what is seen is divided by the number of words. The weights add '
                          f'up to 1 already: the sum is the mean.')
        require_close(seen, want @ memory, f'{what}what is seen')
    return right('Weights and means are right for memories of 4, 1 and 7 words.')


# ---- 08.3 ---------------------------------------------------------------------------------

MOST_STEPS = 60


class Speller:
    """A step that says given words one after the other, and counts how often it is asked."""

    def __init__(self, words, begin, size=12):
        self.words, self.begin, self.size, self.asked = list(words), begin, size, 0

    def __call__(self, word, state):
        self.asked += 1
        if self.asked > MOST_STEPS:
            raise nearly_endless()
        place = 0 if state is None else state
        before = self.begin if place == 0 else self.words[min(place, len(self.words)) - 1]
        if word != before:
            raise LostTheThread(place, word, before)
        scores = np.full(self.size, -1.0)
        scores[self.words[min(place, len(self.words) - 1)]] = 3.0
        return scores, place + 1


class LostTheThread(Exception):
    """The word handed to a step is not the one that was written last."""

    def __init__(self, place, word, before):
        super().__init__(f'step was called with the word {word} at place {place}, but the word '
                         f'before is {before}')


class Endless(Exception):
    """The loop does not stop."""


def nearly_endless() -> Endless:
    return Endless(f'step was called more than {MOST_STEPS} times')


SPOKEN = (([5, 7, 5, 2], 10), ([2], 10), ([3, 4, 3, 4, 3, 4, 3, 4], 5))         # 2 is the end
BEGIN, END = 1, 2


@exercise(
    '08.3', 'Until the end',
    hints=('Begin with word, state, words = begin, None, [] and a loop: while len(words) < limit.',
           'In the loop: scores, state = step(word, state), then word = int(np.argmax(scores)).',
           'If word == end, leave the loop with break. Otherwise append the word to the list.'),
    expected='a green mark: three sentences, one of them stopped by the limit.')
def until_the_end(write_words):
    require_function(write_words)
    for spoken, limit in SPOKEN:
        step = Speller(spoken, BEGIN)
        want = spoken[:spoken.index(END)] if END in spoken else spoken[:limit]
        try:
            answer = call(write_words, step, BEGIN, END, limit)
        except Endless:
            return nearly('Your loop does not stop. It has to end when the word is end, and also '
                          'when limit words are written.')
        except LostTheThread as lost:
            return nearly(f'{lost}. Hand over the word that was written last (first of all begin), '
                          f'and the state that the step before returned.')
        got = as_list(answer) if not is_blank(answer) and len(answer) else []
        said = f'The step says {spoken[:limit]}, and you return {got}'
        if got == want:
            continue
        if got in ([*want, END], [BEGIN, *want], [BEGIN, *want, END]):
            return nearly(f'{said}. Leave out begin ({BEGIN}) and end ({END}): they are no words.')
        if END not in spoken and got == spoken[:len(got)] and got:
            return nearly(f'{said}. With a limit of {limit}, there should be {limit} words.')
        return wrong(f'{said}, wanted is {want}.')
    return right('Your loop writes until the end, and stops at the limit.')


# ---- 08.4 ---------------------------------------------------------------------------------

def some_answers() -> tuple[list, list]:
    """Translations: some right, some with one wrong word, and one too short."""
    wanted = [pair.german for pair in phrase_pairs(20, seed=84)]
    answers = [tuple(words) for words in wanted]
    for i in (3, 8, 13):
        answers[i] = (*answers[i][:-1], 'Hut')
    answers[17] = answers[17][:-1]
    return answers, wanted


@exercise(
    '08.4', 'Count what is exactly right',
    hints=('Go through both lists at once: for answer, pair in zip(answers, wanted).',
           'Two tuples are equal with == only if every word is.',
           'sum(a == w for a, w in zip(answers, wanted)) / len(wanted)'),
    expected='a share from 0 to 1; for 20 sentences with four mistakes, 0.8.')
def count_exact(exact):
    require_function(exact)
    answers, wanted = some_answers()
    share = float(np.mean([a == w for a, w in zip(answers, wanted)]))
    for given, true in (((answers, wanted), share), ((wanted, wanted), 1.0),
                        ((answers[3:4], wanted[3:4]), 0.0), ((wanted[::-1], wanted), 0.0)):
        answer = call(exact, *given)
        if isinstance(answer, bool):
            return wrong(f'You return {answer}: that compares the two lists as a whole. Compare '
                         'sentence by sentence.')
        got = require_number(answer, 'The share')
        said = f'For {len(given[1])} sentences you return {got:.4g}, wanted is {true:g}'
        if abs(got - true) < 1e-6:
            continue
        pairs = list(zip(*given))
        if got > true and sorted(given[0]) == sorted(given[1]):
            return nearly(f'{said}. Here the answers are right sentences, but in the wrong places. '
                          'Compare each answer with the sentence at its own place.')
        if true and got in (100 * true, true * len(pairs)):
            return nearly(f'{said}. A share lies between 0 and 1: divide by the number of '
                          f'sentences.')
        words = [a == w for one, other in pairs for a, w in zip(one, other)]
        each = [np.mean([a == w for a, w in zip(one, other)]) for one, other in pairs]
        if any(abs(got - np.mean(shares)) < 1e-6 for shares in (words, each)):
            return nearly(f'{said}. You count words. One wrong word makes the whole sentence '
                          f'wrong.')
        return wrong(f'{said}.')
    return right(f'{share:g} of the first list, all of the second, none of the others.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '08.A', 'Why does the network without attention do worse on long sentences?',
    Choice('Because it was never trained with long sentences.',
           'No. Both networks were trained with the same 8000 sentences, short and long.'),
    Choice('Because its decoder stops after a few words.',
           'No. It writes on until it says <end>. What it writes is wrong more often.'),
    Choice('Because the whole sentence has to fit into a summary of fixed size.',
           'A longer sentence says more, but the summary holds 64 numbers in any case. The memory '
           'of the network with attention grows with the sentence.', right=True))

question(
    '08.B', 'During training the decoder is given the right words. When it translates, what is it '
            'given?',
    Choice('The words that it wrote itself.',
           'Nobody knows the right ones then. So one wrong word can lead to more.', right=True),
    Choice('The right words, too.',
           'Then it would not need to translate. The right words are what we want to find.'),
    Choice('The English words, one by one.',
           'The English words go into the encoder. The decoder sees them only through the memory.'))
