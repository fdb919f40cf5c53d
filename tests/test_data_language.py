"""Reviews with their feelings, and English sentences with their German translations."""
import itertools

import numpy as np
import pytest

from minichain import data
from minichain.data import language, translation

POLARITY = {**dict.fromkeys('good nice pleasant interesting funny clever liked enjoyed like enjoy'
                            .split(), 1),
            **dict.fromkeys('wonderful brilliant excellent great loved adored love adore'
                            .split(), 2),
            **dict.fromkeys('bad dull boring weak poor confusing disliked criticized dislike '
                            'criticize'.split(), -1),
            **dict.fromkeys('terrible awful dreadful horrible hated detested hate detest'
                            .split(), -2)}


@pytest.fixture(scope='module')
def reviews():
    return data.sentences(1500, seed=0)


@pytest.fixture(scope='module')
def pairs():
    return data.phrase_pairs(3000, seed=0)


# Words and numbers -------------------------------------------------------------------------------

def test_a_vocabulary_numbers_words_by_how_often_they_come():
    vocabulary = data.Vocabulary([['a', 'b', 'b'], ['c', 'b', 'a']], special=['<end>'])
    assert vocabulary.words == ['<pad>', '<unk>', '<end>', 'b', 'a', 'c']
    assert len(vocabulary) == 6 and 'a' in vocabulary and 'z' not in vocabulary
    numbers = vocabulary.encode(['c', 'z', '<end>'])
    assert numbers.dtype == np.int32 and list(numbers) == [5, 1, 2]
    assert vocabulary.decode([3, 0, 2, 0]) == ['b', '<end>']
    assert vocabulary['z'] == vocabulary.unknown and vocabulary['<pad>'] == vocabulary.padding == 0
    with pytest.raises(IndexError, match='no word 6 in a vocabulary of 6'):
        vocabulary.decode([6])


def test_rare_words_can_be_unknown():
    assert data.Vocabulary(['aab'], minimum=2).words == ['<pad>', '<unk>', 'a']


def test_encoded_sentences_are_padded_to_a_batch(reviews):
    vocabulary = data.Vocabulary(review.words for review in reviews)
    batch = data.concat_examples([vocabulary.encode(review.words) for review in reviews[:9]],
                                 padding=vocabulary.padding)
    assert batch.shape == (9, max(len(review.words) for review in reviews[:9]))
    assert [tuple(vocabulary.decode(row)) for row in batch] == [r.words for r in reviews[:9]]


# Reviews -----------------------------------------------------------------------------------------

def test_the_same_seed_gives_the_same_reviews(reviews):
    again = data.sentences(1500, seed=0)
    assert [str(r.tree) for r in again] == [str(r.tree) for r in reviews]
    assert [r.words for r in data.sentences(9, seed=1)] != [r.words for r in reviews[:9]]


def test_reviews_are_different_and_of_the_wanted_lengths(reviews):
    assert len({review.words for review in reviews}) == len(reviews) == 1500
    lengths = {len(review.words) for review in reviews}
    assert min(lengths) == 2 and max(lengths) == 14
    assert {len(r.words) for r in data.sentences(50, lengths=(5, 6))} == {5, 6}
    train, test = data.split_dataset_random(reviews, 1200, seed=0)
    assert not {r.words for r in train} & {r.words for r in test}
    with pytest.raises(ValueError, match='5000 different sentences of 2 to 2 words'):
        data.sentences(5000, lengths=(2, 2))


def test_trees_are_binary_and_hold_the_words_in_order(reviews):
    for review in reviews:
        nodes = review.tree.nodes()
        assert len(nodes) == 2 * len(review.words) - 1
        assert tuple(node.word for node in nodes if node.word is not None) == review.words
        assert review.label == review.tree.label and nodes[-1] is review.tree
        seen = set()
        for node in nodes:                          # parts come before what they are parts of
            assert node.word is not None or {id(node.left), id(node.right)} <= seen
            seen.add(id(node))


def judge_words(words):
    """The feeling of a clause, read from its words from right to left, without its tree."""
    feeling = 0
    for word in reversed(words):
        if word in POLARITY:
            feeling = POLARITY[word]
        elif word in ('very', 'really', 'extremely'):
            feeling = 2 if feeling > 0 else -2
        elif word == 'too':
            feeling = -1
        elif word in ('not', 'never', 'nobody'):
            feeling = -1 if feeling > 0 else 1
    return feeling


def test_labels_follow_from_the_words(reviews):
    for words, _, label in reviews:
        if 'but' in words:
            words = words[words.index('but') + 1:]
        elif words[0] == 'although':
            words = words[words.index(',') + 1:]
        if 'and' in words:
            at = words.index('and')
            parts = judge_words(words[:at]), judge_words(words[at + 1:])
            assert parts[0] * parts[1] > 0
            feeling = max(parts, key=abs)
        else:
            feeling = judge_words(words)
        assert label == feeling + 2, words


@pytest.mark.parametrize('tree, expected', [
    (language.join('not', 'good'), 'negative'),
    (language.join('not', 'terrible'), 'positive'),
    (language.join('very', 'bad'), 'very negative'),
    (language.join('not', language.join('very', 'good')), 'negative'),
    (language.join('too', 'long'), 'negative'),
    (language.join('not', language.join('too', 'long')), 'positive'),
    (language.join('wonderful', language.join('but', 'bad')), 'negative'),
    (language.join('the', 'film'), 'neutral'),
])
def test_rules_of_feeling(tree, expected):
    assert data.FEELINGS[tree.label] == expected


def test_a_tree_is_written_like_a_treebank():
    assert str(language.join('not', 'good')) == '(1 (2 not) (3 good))'


def test_all_feelings_are_there_and_both_sides_equally_often(reviews):
    labels = np.array([review.label for review in reviews])
    assert set(labels) == {0, 1, 3, 4}
    assert abs((labels > 2).mean() - 0.5) < 0.05
    nodes = {node.label for review in reviews for node in review.tree.nodes()}
    assert nodes == {0, 1, 2, 3, 4}


def test_counting_words_does_not_tell_the_feeling(reviews):
    """Least squares on the counts of words: little better than guessing on other sentences."""
    vocabulary = data.Vocabulary(review.words for review in reviews)
    counts = np.array([np.bincount(vocabulary.encode(review.words), minlength=len(vocabulary))
                       for review in reviews], float)
    t = np.array([1 if review.label > 2 else -1 for review in reviews])
    train, test = slice(0, 1200), slice(1200, None)
    w = np.linalg.solve(counts[train].T @ counts[train] + np.eye(len(vocabulary)),
                        counts[train].T @ t[train])
    assert np.mean(np.sign(counts[test] @ w) == t[test]) < 0.7


def test_articles_fit(reviews):
    for review in reviews:
        for article, word in itertools.pairwise(review.words):
            if article in ('a', 'an'):
                assert (article == 'an') == (word[0] in 'aeiou'), review.words


# Translations ------------------------------------------------------------------------------------

def test_the_same_seed_gives_the_same_pairs(pairs):
    assert data.phrase_pairs(3000, seed=0) == pairs
    assert data.phrase_pairs(9, seed=1) != pairs[:9]
    assert len({pair.english for pair in pairs}) == len(pairs) == 3000
    assert {len(pair.english) for pair in pairs} >= set(range(2, 13))
    assert {len(pair.english) for pair in data.phrase_pairs(20, lengths=(11, 12))} == {11, 12}


NOUNS = {noun.german: noun for noun in translation.LIVING + translation.THINGS}
PLURALS = {noun.german_plural for noun in NOUNS.values()}
NOMINATIVE = {'m': ('der', 'ein', 'e', 'er'), 'f': ('die', 'eine', 'e', 'e'),
              'n': ('das', 'ein', 'e', 'es')}
ACCUSATIVE = {'m': ('den', 'einen', 'en', 'en'), 'f': ('die', 'eine', 'e', 'e'),
              'n': ('das', 'ein', 'e', 'es')}


@pytest.mark.parametrize('noun', NOUNS.values(), ids=list(NOUNS))
@pytest.mark.parametrize('case, table', [(translation.ACTING, NOMINATIVE),
                                         (translation.ACTED_ON, ACCUSATIVE)], ids=['who', 'whom'])
def test_german_noun_phrases_agree(noun, case, table):
    the, ein, after_der, after_ein = table[noun.gender]
    small = ('small', 'klein')

    def german(article, plural):
        return ' '.join(translation.noun_phrase(noun, article, small, plural, case)[1])

    assert german('the', False) == f'{the} klein{after_der} {noun.german}'
    assert german('a', False) == f'{ein} klein{after_ein} {noun.german}'
    assert german('no', False) == f'k{ein} klein{after_ein} {noun.german}'
    assert german('the', True) == f'die kleinen {noun.german_plural}'
    assert german('a', True) == f'kleine {noun.german_plural}'
    assert german('no', True) == f'keine kleinen {noun.german_plural}'


def test_english_noun_phrases():
    man = NOUNS['Mann']

    def english(*how):
        return ' '.join(translation.noun_phrase(man, *how, translation.ACTING)[0])

    assert english('a', ('old', 'alt'), False) == 'an old man'
    assert english('a', None, False) == english('no', None, False) == 'a man'
    assert english('the', None, True) == 'the men'
    assert english('a', ('young', 'jung'), True) == 'young men'


def test_in_german_the_verb_stands_second_or_last(pairs):
    finite = {form for verb in (translation.SEE + translation.DRAW + translation.BUY
                                + translation.SLEEP + translation.LAUGH)
              for form in (verb.german, verb.german_i, verb.german_he)}
    finite |= {'habe', 'hat', 'haben', 'kann', 'können', 'muss', 'müssen'}
    kinds = set()
    for _, german in pairs:
        if 'dass' in german:
            assert german[german.index('dass') - 1] == ',' and german[-1] in finite
            kinds.add('dass')
        elif german[0] in ('heute', 'im', 'in'):
            place = {'heute': 1, 'im': 2, 'in': 3}[german[0]]
            assert german[place] in finite, german
            kinds.add('place')
        if any(word in ('habe', 'hat', 'haben') for word in german) and 'dass' not in german:
            last = german[-1]
            assert last.startswith('ge') or last in ('verkauft', 'gefunden'), german
            kinds.add('participle')
    assert kinds == {'dass', 'place', 'participle'}


def test_negation_is_kein_or_nicht_and_never_both(pairs):
    for english, german in pairs:
        negations = [word for word in german if word == 'nicht' or word.startswith('kein')]
        assert len(negations) == ('not' in english), (english, german)


def test_verbs_agree_with_who_acts(pairs):
    for english, german in pairs:
        if english[0] in ('I', 'he', 'she', 'we', 'they') and 'that' not in english:
            form = english[1]
            assert (form in ('has', 'does') or form.endswith('s')) <= (english[0] in ('he', 'she'))
        for person, wrong in [('ich', ('hat', 'haben', 'können', 'müssen')),
                              ('wir', ('hat', 'habe', 'kann', 'muss'))]:
            if person in german and 'dass' not in german:
                assert not set(wrong) & set(german), german


@pytest.mark.parametrize('english, german', [
    ('a big cat has looked for the lamps', 'eine große Katze hat die Lampen gesucht'),
    ('they have found the small dogs', 'sie haben die kleinen Hunde gefunden'),
    ('I do not paint a ball', 'ich male keinen Ball'),
    ('the child can not see young women', 'das Kind kann keine jungen Frauen sehen'),
    ('in the city a young teacher sings', 'in der Stadt singt ein junger Lehrer'),
    ('he thinks that I must laugh', 'er denkt , dass ich lachen muss'),
    ('she says that a happy child has sold a green ball',
     'sie sagt , dass ein glückliches Kind einen grünen Ball verkauft hat'),
])
def test_sentences_that_were_translated_by_hand(english, german):
    found = {' '.join(pair.english): ' '.join(pair.german) for pair in data.phrase_pairs(20, 5)}
    assert found[english] == german
