"""Translation: English sentences with their German translations, from a grammar of both."""
import random
from typing import NamedTuple

from .language import Grammar, draw_different


class PhrasePair(NamedTuple):
    """A sentence in two languages, each a tuple of words."""

    english: tuple
    german: tuple


class Noun(NamedTuple):
    """A noun: singular and plural in both languages, and its German gender: m, f or n."""

    singular: str
    plural: str
    gender: str
    german: str
    german_plural: str


class Verb(NamedTuple):
    """A verb: bare, with he, and participle in English; the same and with I in German."""

    bare: str
    with_he: str
    participle: str
    german: str
    german_i: str
    german_he: str
    german_participle: str


class Subject(NamedTuple):
    """Who acts: the words in both languages, the person, and the noun; a pronoun has none.

    person  'I', 'he' (also she) or 'they' (also we): what verbs agree with in both languages
    """

    english: tuple
    german: tuple
    person: str
    noun: Noun | None = None


PEOPLE = (
    Noun('man', 'men', 'm', 'Mann', 'Männer'),
    Noun('woman', 'women', 'f', 'Frau', 'Frauen'),
    Noun('child', 'children', 'n', 'Kind', 'Kinder'),
    Noun('teacher', 'teachers', 'm', 'Lehrer', 'Lehrer'),
    Noun('sister', 'sisters', 'f', 'Schwester', 'Schwestern'),
)
ANIMALS = (
    Noun('dog', 'dogs', 'm', 'Hund', 'Hunde'),
    Noun('cat', 'cats', 'f', 'Katze', 'Katzen'),
    Noun('horse', 'horses', 'n', 'Pferd', 'Pferde'),
)
THINGS = (
    Noun('ball', 'balls', 'm', 'Ball', 'Bälle'),
    Noun('flower', 'flowers', 'f', 'Blume', 'Blumen'),
    Noun('book', 'books', 'n', 'Buch', 'Bücher'),
    Noun('table', 'tables', 'm', 'Tisch', 'Tische'),
    Noun('lamp', 'lamps', 'f', 'Lampe', 'Lampen'),
    Noun('house', 'houses', 'n', 'Haus', 'Häuser'),
)
LIVING = PEOPLE + ANIMALS
OF_PEOPLE = (('young', 'jung'), ('happy', 'glücklich'), ('friendly', 'freundlich'))
OF_ANIMALS = (('big', 'groß'), ('small', 'klein'), ('old', 'alt'))
OF_THINGS = (*OF_ANIMALS, ('red', 'rot'), ('white', 'weiß'), ('green', 'grün'))

PRONOUNS = (
    Subject(('I',), ('ich',), 'I'),
    Subject(('he',), ('er',), 'he'),
    Subject(('she',), ('sie',), 'he'),
    Subject(('we',), ('wir',), 'they'),
    Subject(('they',), ('sie',), 'they'),
)

# What anybody does to anything; what people do to anything; what people do to things; alone.
SEE = (
    Verb('see', 'sees', 'seen', 'sehen', 'sehe', 'sieht', 'gesehen'),
    Verb('find', 'finds', 'found', 'finden', 'finde', 'findet', 'gefunden'),
    Verb('look for', 'looks for', 'looked for', 'suchen', 'suche', 'sucht', 'gesucht'),
)
DRAW = (
    Verb('draw', 'draws', 'drawn', 'zeichnen', 'zeichne', 'zeichnet', 'gezeichnet'),
    Verb('paint', 'paints', 'painted', 'malen', 'male', 'malt', 'gemalt'),
)
BUY = (
    Verb('buy', 'buys', 'bought', 'kaufen', 'kaufe', 'kauft', 'gekauft'),
    Verb('sell', 'sells', 'sold', 'verkaufen', 'verkaufe', 'verkauft', 'verkauft'),
)
SLEEP = (Verb('sleep', 'sleeps', 'slept', 'schlafen', 'schlafe', 'schläft', 'geschlafen'),)
LAUGH = (
    Verb('laugh', 'laughs', 'laughed', 'lachen', 'lache', 'lacht', 'gelacht'),
    Verb('sing', 'sings', 'sung', 'singen', 'singe', 'singt', 'gesungen'),
    Verb('work', 'works', 'worked', 'arbeiten', 'arbeite', 'arbeitet', 'gearbeitet'),
)
CAN = {'I': 'kann', 'he': 'kann', 'they': 'können'}
MUST = {'I': 'muss', 'he': 'muss', 'they': 'müssen'}
HAVE = {'I': ('have', 'habe'), 'he': ('has', 'hat'), 'they': ('have', 'haben')}

PLACES = (('today', 'heute'), ('in the garden', 'im Garten'), ('in the city', 'in der Stadt'))
OPENINGS = (('I know that', 'ich weiß , dass'), ('she says that', 'sie sagt , dass'),
            ('we hope that', 'wir hoffen , dass'), ('he thinks that', 'er denkt , dass'))

# The ends of a German article like 'ein' or 'kein', and of an adjective behind 'der' or 'ein':
# by gender, or p for plural, as the one who acts and as the one to whom something is done.
THE = {'m': ('der', 'den'), 'f': ('die', 'die'), 'n': ('das', 'das'), 'p': ('die', 'die')}
EIN = {'m': ('', 'en'), 'f': ('e', 'e'), 'n': ('', ''), 'p': ('e', 'e')}
AFTER_DER = {'m': ('e', 'en'), 'f': ('e', 'e'), 'n': ('e', 'e'), 'p': ('en', 'en')}
AFTER_EIN = {'m': ('er', 'en'), 'f': ('e', 'e'), 'n': ('es', 'es'), 'p': ('en', 'en')}
AFTER_NOTHING = {'p': ('e', 'e')}
ACTING, ACTED_ON = 0, 1


def phrase_pairs(count, seed=0, lengths=(2, 14)):
    """English sentences with German translations, for a net that learns to translate.

    lengths  the fewest and the most English words of a sentence

    German puts things in another order: the participle at the end ('hat den Hund gesehen'), every
    verb at the end after 'dass', the verb second when a sentence begins with a place or time. And
    more of its words agree: article and adjective with gender, number and case ('der kleine Hund',
    'einen kleinen Hund'), the verb with the person, 'nicht' or 'kein' with the article. No English
    sentence comes twice.

    Returns a list of PhrasePair: english, german. ValueError if there are not so many.
    """
    phrases = Phrases(random.Random(seed))
    return draw_different(count, phrases.pair, lambda pair: pair.english, lengths)


def noun_phrase(noun, article, adjective, plural, case):
    """A noun with what stands before it: (English words, German words).

    article  'the', 'a' (none in the plural) or 'no' (German 'kein', English 'a')
    """
    form = 'p' if plural else noun.gender
    bare = plural and article == 'a'
    english = [] if article != 'the' and plural else ['the' if article == 'the' else 'a']
    german, ends = [], AFTER_EIN
    if article == 'the':
        german, ends = [THE[form][case]], AFTER_DER
    elif bare:
        ends = AFTER_NOTHING
    else:
        german = [('kein' if article == 'no' else 'ein') + EIN[form][case]]
    if adjective:
        english.append(adjective[0])
        german.append(adjective[1] + ends[form][case])
    if english[:1] == ['a'] and (english + [noun.singular])[1][0] in 'aeiou':
        english[0] = 'an'
    english.append(noun.plural if plural else noun.singular)
    german.append(noun.german_plural if plural else noun.german)
    return tuple(english), tuple(german)


class Phrases(Grammar):
    """The grammar of both languages: each method draws a part of a sentence in both."""

    def pair(self):
        """A sentence, at times after a place or time, or after 'I know that'."""
        kind = self.source.random()
        subject, english, german_verb, middle, end = self.clause()
        if kind < 0.25:
            opening, german_opening = self.choose(OPENINGS)
            english = opening.split() + english
            german = [*german_opening.split(), *subject.german, *middle, *end, german_verb]
        elif kind < 0.5:
            place, german_place = self.choose(PLACES)
            english = place.split() + english
            german = [*german_place.split(), german_verb, *subject.german, *middle, *end]
        else:
            german = [*subject.german, german_verb, *middle, *end]
        return PhrasePair(tuple(english), tuple(german))

    def clause(self):
        """The subject, the English words, and in German: the finite verb, the middle, the end."""
        subject = self.subject()
        verb, objects = self.verb(subject)
        negative = self.chance(0.25)
        english_object, german_object = self.object(objects, negative) if objects else ((), ())
        if negative and 'kein' not in ''.join(german_object[:1]):
            german_object = (*german_object, 'nicht')
        english, german_verb, end = self.tense(verb, subject.person, negative)
        return (subject, [*subject.english, *english.split(), *english_object], german_verb,
                german_object, end)

    def tense(self, verb, person, negative):
        """The English verb, and the German one: its finite form, and what stands at the end."""
        kind = self.source.random()
        no = ' not' if negative else ''
        if kind < 0.4:
            german = {'I': verb.german_i, 'he': verb.german_he, 'they': verb.german}[person]
            if negative:
                return f'{"does" if person == "he" else "do"} not {verb.bare}', german, ()
            return verb.with_he if person == 'he' else verb.bare, german, ()
        if kind < 0.7:
            have, haben = HAVE[person]
            return f'{have}{no} {verb.participle}', haben, (verb.german_participle,)
        if kind < 0.85 or negative:         # 'must not' and 'muss nicht' do not mean the same
            return f'can{no} {verb.bare}', CAN[person], (verb.german,)
        return f'must {verb.bare}', MUST[person], (verb.german,)

    def verb(self, subject):
        """A verb that this subject does, and the nouns it can be done to."""
        kinds = [(SEE, LIVING + THINGS), (SEE, LIVING + THINGS), (SLEEP, ())]
        if subject.noun not in ANIMALS:
            kinds += [(DRAW, LIVING + THINGS), (BUY, THINGS), (LAUGH, ())]
        verbs, objects = self.choose(kinds)
        return self.choose(verbs), [noun for noun in objects if noun != subject.noun]

    def subject(self):
        if self.chance(0.35):
            return self.choose(PRONOUNS)
        noun = self.choose(LIVING)
        plural = self.chance(0.4)
        article = 'the' if self.chance(0.7) else 'a'
        words = noun_phrase(noun, article, self.adjective(noun), plural, ACTING)
        return Subject(*words, 'they' if plural else 'he', noun)

    def object(self, nouns, negative):
        noun = self.choose(nouns)
        article = 'the' if self.chance(0.5) else 'no' if negative else 'a'
        return noun_phrase(noun, article, self.adjective(noun), self.chance(0.3), ACTED_ON)

    def adjective(self, noun):
        """An adjective that fits to the noun in both languages, or None."""
        if self.chance(0.5):
            return None
        return self.choose(OF_PEOPLE if noun in PEOPLE else
                           OF_ANIMALS if noun in ANIMALS else OF_THINGS)
