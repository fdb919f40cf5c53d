"""The words of the lessons, of the checkers and of all pages: spelled right, and in one English.

Words that no dictionary knows stand in words.txt, one a line. We write British English with -ize,
as the Oxford dictionary does: colour, centre, neighbour, optimize, recognize.
"""
import ast
import re
from pathlib import Path

import nbformat
import pytest
from minichain.data import phrase_pairs

spellchecker = pytest.importorskip('spellchecker', reason='minichain[test] is not installed')

ROOT = Path(__file__).resolve().parents[1]
WORDS = Path(__file__).with_name('words.txt')
PAGES = sorted(path for folder in ('', 'lessons', 'binder', 'tests', 'tests/bench')
               for path in (ROOT / folder).glob('*.md'))
NOTEBOOKS = sorted((ROOT / 'lessons').glob('*/solution.ipynb'))
CHECKERS = sorted((ROOT / 'widgets/minichain_widgets/lessons').glob('lesson_*.py'))

NO_WORDS = re.compile(r'```.*?```|`[^`]*`|\]\([^)]*\)|<[^>]*>|https?://\S+|(?m:^ {4}.*$)', re.S)
# The authors of a paper stand before its title, which is set in italics.
AUTHORS = re.compile(r'(?m)^- [^*]*?(?=\*)')
PERSON = re.compile(r"\b(?:[A-Z]\. )+[A-Z][\w'-]+")

AMERICAN = re.compile(
    r'\b(?:(?:col|fav|neighb|behavi|hon|lab|flav|harb)or(?!i?an)\w*|(?:re)?center\w*|gr[a]y\w*|'
    r'fibers?|theaters?|(?:label|model|travel|cancel|signal)(?:ed|ing)|analyz\w*|defense|offense|'
    r'fulfills?|skillful\w*|catalogs?|learnt|'
    r'(?:initial|normal|optim|organ|recogn|real|regular|serial|special|summar|synchron|util|'
    r'visual|minim|maxim|general|character|memor|emphas|vector)is(?:e[drs]?|ing|ations?))\b', re.I)


def prose_of_notebook(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == 'markdown':
            text, reading, papers = cell.source.partition('## Further reading')
            yield text + reading + AUTHORS.sub('', papers)


def sentences_of_module(path):
    """The strings in a module that have a blank in them: what a student is told."""
    for node in ast.walk(ast.parse(path.read_text('utf-8'))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ' ' in node.value:
            yield node.value


def prose(path):
    if path.suffix == '.ipynb':
        parts = prose_of_notebook(path)
    elif path.suffix == '.py':
        parts = sentences_of_module(path)
    else:
        parts = [path.read_text('utf-8')]
    return [PERSON.sub('', NO_WORDS.sub(' ', part)) for part in parts]


def words_of(text):
    """The plain words of a text. What has a digit, a dot or a capital in it is code or a name."""
    for piece in text.split():
        piece = piece.strip('.,;:!?…"“”()[]*_|#–—→✓≈✗\'').replace('’', "'")
        for word in piece.split('-'):
            word = word.removesuffix("'s").removesuffix("'")
            if len(word) > 1 and re.fullmatch(r"[A-Za-zÀ-ÿ]+('[a-z]+)?", word) and \
                    not re.search('[A-Z]', word[1:]):
                yield word


@pytest.fixture(scope='module')
def unknown():
    """A function that picks the words which neither the dictionary nor our list knows."""
    dictionary = spellchecker.SpellChecker()
    ours = set(WORDS.read_text('utf-8').split())
    # Lesson 08 translates into the German of its data.
    ours |= {word for pair in phrase_pairs(2000, seed=0) for phrase in pair for word in phrase}

    def pick(words):
        return sorted(word for word in set(words)
                      if word not in ours and word.lower() not in ours
                      and not dictionary.known([word]))
    return pick


def test_wrong_words_are_noticed(unknown):
    text = 'Teh **gradiant** of `a_b_c`: it recieves x.grad, and NumPy, colours and F. Rosenblatt.'
    assert unknown(words_of(NO_WORDS.sub(' ', PERSON.sub('', text)))) == [
        'Teh', 'gradiant', 'recieves']
    assert AMERICAN.findall('The colors of a neighboring center, normalised and grey') == [
        'colors', 'neighboring', 'center', 'normalised']


@pytest.mark.parametrize('path', [*PAGES, *NOTEBOOKS, *CHECKERS],
                         ids=lambda path: str(path.relative_to(ROOT)))
class TestWords:
    def test_are_spelled_right(self, path, unknown):
        found = unknown(word for part in prose(path) for word in words_of(part))
        assert not found, f'{found}: mend them, or add them to tests/words.txt'

    def test_are_of_one_english(self, path):
        assert not [word for part in prose(path) for word in AMERICAN.findall(part)]


def test_our_own_list_is_small_and_sorted_and_holds_only_what_the_dictionary_does_not():
    ours = WORDS.read_text('utf-8').splitlines()
    assert ours == sorted(set(ours), key=str.lower) and len(ours) < 120
    assert not spellchecker.SpellChecker().known(ours)
