"""Language: words as numbers, and short reviews whose feeling follows from their grammar."""
import random
from collections import Counter
from typing import NamedTuple

import numpy as np

FEELINGS = ('very negative', 'negative', 'neutral', 'positive', 'very positive')
NEUTRAL = FEELINGS.index('neutral')
DRAWS = 5000        # so many in a row without a new sentence: there are no more


class Vocabulary:
    """Words and their numbers: voc['film'] is a number, voc.words[number] a word.

    texts    sequences of words; the more often a word comes, the smaller its number
    minimum  a word that comes less often is unknown
    special  words with a meaning of their own for a net, numbered after padding and unknown

    Number 0 is padding, number 1 stands for every word that is not known.
    """

    PADDING, UNKNOWN = '<pad>', '<unk>'

    def __init__(self, texts, minimum=1, special=()):
        counts = Counter(word for text in texts for word in text)
        known = sorted((word for word in counts if counts[word] >= minimum),
                       key=lambda word: (-counts[word], word))
        self.words = list(dict.fromkeys([self.PADDING, self.UNKNOWN, *special, *known]))
        self.numbers = {word: number for number, word in enumerate(self.words)}
        self.padding, self.unknown = self.numbers[self.PADDING], self.numbers[self.UNKNOWN]

    def __len__(self):
        return len(self.words)

    def __contains__(self, word):
        return word in self.numbers

    def __getitem__(self, word):
        return self.numbers.get(word, self.unknown)

    def encode(self, words):
        """The numbers of words, as an int32 array. To stack several: concat_examples, padding=0."""
        return np.array([self[word] for word in words], 'int32')

    def decode(self, numbers):
        """The words of numbers, without the padding. IndexError for a number without a word."""
        numbers = [int(number) for number in numbers]
        wrong = [number for number in numbers if not 0 <= number < len(self.words)]
        if wrong:
            raise IndexError(f'There is no word {wrong[0]} in a vocabulary of {len(self.words)}.')
        return [self.words[number] for number in numbers if number != self.padding]


class Tree:
    """A binary tree over a sentence: a leaf has a word, any other node a left and a right part.

    label  the feeling of this part, 0 (very negative) to 4 (very positive), as in FEELINGS
    words  all words of this part, from left to right
    """

    def __init__(self, label, word=None, left=None, right=None):
        for name, part in (('left', left), ('right', right)):
            if word is None and not isinstance(part, Tree):
                raise TypeError(f'The {name} part of a Tree should be a Tree, but it is '
                                f'{part!r}. A single word is a Tree, too: '
                                f'Tree(2, word="film").')
        self.label, self.word, self.left, self.right = label, word, left, right
        self.words = (word,) if word is not None else left.words + right.words

    def nodes(self):
        """All nodes, each after its parts: the order in which a net can compute them."""
        parts = () if self.word is not None else (*self.left.nodes(), *self.right.nodes())
        return [*parts, self]

    def __str__(self):
        """'(1 (2 not) (3 good))', as the Stanford Sentiment Treebank writes it."""
        inside = self.word if self.word is not None else f'{self.left} {self.right}'
        return f'({self.label} {inside})'

    __repr__ = __str__


class Sentence(NamedTuple):
    """A review: its words, its tree, and the label at the root of the tree."""

    words: tuple
    tree: Tree
    label: int


# Feelings are numbers from -2 to 2 here; labels are the same numbers from 0 to 4.

ADJECTIVES = {
    1: ('good', 'nice', 'pleasant', 'interesting', 'funny', 'clever'),
    2: ('wonderful', 'brilliant', 'excellent', 'great'),
    -1: ('bad', 'dull', 'boring', 'weak', 'poor', 'confusing'),
    -2: ('terrible', 'awful', 'dreadful', 'horrible'),
}
MEASURES = ('long', 'short', 'slow', 'simple')      # neutral, but "too long" is not
VERBS = {                                           # in the past, and bare
    1: (('liked', 'like'), ('enjoyed', 'enjoy')),
    2: (('loved', 'love'), ('adored', 'adore')),
    -1: (('disliked', 'dislike'), ('criticized', 'criticize')),
    -2: (('hated', 'hate'), ('detested', 'detest')),
}
FEELING_OF = {word: feeling for feeling, words in ADJECTIVES.items() for word in words}
FEELING_OF |= {form: feeling for feeling, verbs in VERBS.items() for verb in verbs for form in verb}
INTENSIFIERS = ('very', 'really', 'extremely')
REVERSERS = ('not', 'never', 'nobody')
WORKS = ('film', 'book', 'play', 'story', 'show')
PARTS = ('plot', 'ending', 'beginning', 'dialogue', 'middle')
PEOPLE = ('I', 'we', 'they')


def leaf(word):
    """A word with its own feeling; most words have none."""
    return Tree(FEELING_OF.get(word, 0) + NEUTRAL, word)


def sign(x):
    return (x > 0) - (x < 0)


def join(left, right):
    """The node of two parts; words stand for leaves. The feeling of the whole follows from rules:

    not, never, nobody + x     the other way round, and mild      not wonderful: negative
    very + x                   the same way, and strong           very good: very positive
    too + x                    negative                           too long: negative
    x + but y, although x + y  what y says                        bad but good: positive
    anything else              the part that is further from neutral; the left one if both are
    """
    left, right = (leaf(part) if isinstance(part, str) else part for part in (left, right))
    x, y = left.label - NEUTRAL, right.label - NEUTRAL
    if left.word in REVERSERS:
        feeling = -sign(y)
    elif left.word in INTENSIFIERS:
        feeling = 2 * sign(y)
    elif left.word == 'too':
        feeling = -1
    elif right.words[0] == 'but' or left.words[0] == 'although':
        feeling = y
    else:
        feeling = x if abs(x) >= abs(y) else y
    return Tree(feeling + NEUTRAL, left=left, right=right)


def sentences(count, seed=0, lengths=(2, 14)):
    """Reviews of films and books, each with a parse tree and a feeling at every node of it.

    lengths  the fewest and the most words of a sentence

    Half of the judgements are turned round by 'not', 'never' or 'nobody', and of two parts joined
    by 'but' the second counts: to count good and bad words is of little help. The feelings follow
    from the rules of `join`; a whole sentence is never neutral, but parts of it are. No sentence
    comes twice, so that what is held out for testing has not been seen in training:

        train, test = split_dataset_random(sentences(1000), 800, seed=0)

    Returns a list of Sentence: words, tree, label. ValueError if there are not so many.
    """
    review = Review(random.Random(seed))
    found = draw_different(count, review.sentence, lambda tree: tree.words, lengths)
    return [Sentence(tree.words, tree, tree.label) for tree in found]


def draw_different(count, draw, words_of, lengths):
    """So many items with different words, of the wanted lengths. ValueError if they run out."""
    found, misses = {}, 0
    while len(found) < count and misses < DRAWS:
        item = draw()
        words = words_of(item)
        if words not in found and lengths[0] <= len(words) <= lengths[1]:
            found[words] = item
            misses = 0
        else:
            misses += 1
    if len(found) < count:
        raise ValueError(f'{count} different sentences of {lengths[0]} to {lengths[1]} words are '
                         f'wanted, but only {len(found)} were found.')
    return list(found.values())


class Grammar:
    """A base for grammars: each method of a subclass draws one part of a sentence."""

    def __init__(self, source):
        self.source = source

    def choose(self, options):
        return options[int(self.source.random() * len(options))]

    def chance(self, probability):
        return self.source.random() < probability


class Review(Grammar):
    """The grammar of reviews; its parts are trees."""

    def sentence(self):
        """One clause about a work or a part of it, or two clauses, or only a few words."""
        work = self.choose(WORKS)
        kind = self.source.random()
        if kind < 0.1:
            return self.judgement()
        if kind < 0.2:
            return join('what', self.described(work))
        first = self.clause(work, self.chance(0.5))
        if kind < 0.4:
            return first
        about_work = first.words[0] == 'it' or work in first.words
        second = self.clause(work, not about_work)
        if sign(first.label - NEUTRAL) == sign(second.label - NEUTRAL):
            return join(first, join('and', second))
        if self.chance(0.6):
            return join(first, join('but', second))
        return join(join('although', first), join(',', second))

    def clause(self, work, whole):
        """'the plot was not bad', 'nobody liked the film', 'it was not a good film'"""
        thing = work if whole else self.choose(PARTS)
        if whole and self.chance(0.4):
            described = self.described(work)
            return join('it', join('was', join('not', described) if self.chance(0.5)
                                   else described))
        if self.chance(0.4):
            return self.opinion(thing)
        return join(join('the', thing), join('was', self.judgement()))

    def judgement(self):
        """'very good', 'not bad', 'never boring', 'not too long'"""
        if self.chance(0.2):
            words = join('too', self.choose(MEASURES))
            return join('not', words) if self.chance(0.5) else words
        words = self.adjective()
        return join(self.choose(('not', 'never')), words) if self.chance(0.5) else words

    def adjective(self):
        """'good', 'very good', 'wonderful'"""
        feeling = self.choose(list(ADJECTIVES))
        word = leaf(self.choose(ADJECTIVES[feeling]))
        if abs(feeling) == 1 and self.chance(0.5):
            return join(self.choose(INTENSIFIERS), word)
        return word

    def described(self, work):
        """'a good film', 'an extremely dull film'"""
        adjective = self.adjective()
        article = 'an' if adjective.words[0][0] in 'aeiou' else 'a'
        return join(article, join(adjective, work))

    def opinion(self, thing):
        """'we liked the book', 'I did not like the book', 'nobody liked the book'"""
        past, bare = self.choose(VERBS[self.choose(list(VERBS))])
        thing = join('the', thing)
        kind = self.source.random()
        if kind < 0.25:
            return join('nobody', join(past, thing))
        if kind < 0.5:
            return join(self.choose(PEOPLE), join('did', join('not', join(bare, thing))))
        return join(self.choose((*PEOPLE, 'everybody')), join(past, thing))
