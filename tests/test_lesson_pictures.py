"""Pictures with words in them: parse trees, tables of weights, what is read at each moment."""
import base64
import io
import re
import wave as wave_files

import numpy as np
import pytest
from minichain.data import Tree
from minichain_widgets.bars import Bars
from minichain_widgets.curves import Curves
from minichain_widgets.sound import Sound
from minichain_widgets.words import Heatmap, ParseTree, PathPicture, two_digits

NOT_GOOD = Tree(1, left=Tree(2, 'not'), right=Tree(3, 'good'))
WEIGHTS = [[0.9, 0.1], [0.004, 0.996]]


def test_a_parse_tree_as_text_has_one_line_for_each_place():
    assert repr(ParseTree(NOT_GOOD)) == ('−  not good\n'
                                         '   0  not\n'
                                         '   +  good')


def test_a_parse_tree_shows_each_word_once_and_says_what_it_feels_like():
    page = ParseTree(NOT_GOOD)._repr_html_()
    assert 'aria-label="Parse tree of &quot;not good&quot;. The whole is negative."' in page
    assert page.count('>not<') == page.count('>good<') == 1
    assert page == ParseTree(NOT_GOOD)._repr_html_()


def test_a_parse_tree_can_show_what_a_net_says_instead():
    shown = ParseTree(NOT_GOOD, labels=np.array([2, 3, 4]))
    assert repr(shown).startswith('++ not good')
    assert 'The whole is very positive.' in shown._repr_html_()
    with pytest.raises(ValueError, match='The tree has 3 nodes, but 2 labels came'):
        ParseTree(NOT_GOOD, labels=[1, 2])


def test_feelings_have_opposite_colours():
    pages = [ParseTree(Tree(label, 'x'))._repr_html_() for label in range(5)]
    colours = [re.search(r'background: rgb\(([^)]*)\)', page).group(1) for page in pages]
    assert len(set(colours)) == 5
    assert colours[2] == '247, 247, 247'


def test_a_heatmap_names_its_rows_and_columns():
    shown = Heatmap(WEIGHTS, ['ein', '<b>'], ['a', 'dog'], alt='Weights')
    assert repr(shown) == 'Picture: Weights\n  ein: a (0.90)\n  <b>: dog (1.00)'
    page = shown._repr_html_()
    assert 'aria-label="Weights"' in page
    assert '&lt;b&gt;' in page and '<b>' not in page
    assert page.count('title="dog"') == 2
    with pytest.raises(ValueError, match=r'2 rows and 1 columns are named, but .* \(2, 2\)'):
        Heatmap(WEIGHTS, ['ein', 'Hund'], ['a'])


@pytest.mark.parametrize(('value', 'text'), [(0.9, '.90'), (0.996, '1.0'), (0.004, ''),
                                             (-0.25, '-.25'), (2.5, '2.5'), (0.0, '')])
def test_numbers_in_cells_are_short(value, text):
    assert two_digits(value) == text


def test_what_is_read_stands_at_its_moment():
    picture = np.linspace(0, 1, 80).reshape(8, 10)
    shown = PathPicture(picture, ['_', 'o', '_', ' '], alt='A word', chances=np.eye(4, 3),
                        alphabet=['_', 'o', ' '])
    assert repr(shown) == 'Picture: A word\n  ·o· '
    page = shown._repr_html_()
    assert page.count('<img ') == 2
    assert re.search(r'grid-column: 2 / span 1[^>]*>o<', page)
    assert re.search(r'grid-column: 4 / span 1[^>]*>␣<', page)
    assert 'repeat(4, ' in page and '>∅<' in page
    assert repr(PathPicture(picture, alt='Sound')) == 'Picture: Sound'
    with pytest.raises(ValueError, match=r'two axes, \(height, width\); its shape is \(3,\)'):
        PathPicture(np.zeros(3))


def test_a_sign_that_lasts_is_written_once_as_wide_as_it_lasts():
    page = PathPicture(np.zeros((4, 6)), 'nn_iii')._repr_html_()
    assert re.findall(r'grid-column: (\d / span \d)[^>]*>(\w)<', page) == [
        ('1 / span 2', 'n'), ('4 / span 3', 'i')]


def test_curves_have_a_line_each_a_legend_and_dots():
    places = np.linspace(0, 1, 5)
    shown = Curves({'net': (places, places ** 2), 'truth': (places, [0, 1, 2, 3, np.nan])},
                   points=([0.5], [4.0]), title='Two lines', alt='A <b> line')
    assert repr(shown) == 'Picture: A <b> line (net from 0 to 1; truth from 0 to 3)'
    page = shown.svg()
    assert page == shown.svg()
    assert page.count('<polyline') == 2 and page.count('<circle') == 2
    assert '<b>' not in page and 'Two lines' in page and 'nan' not in page
    lines = [[tuple(map(float, pair.split(','))) for pair in line.split(' ')]
             for line in re.findall(r' points="([^"]*)"', page)]
    assert [len(line) for line in lines] == [5, 4]
    assert lines[0][0] == lines[1][0] == (52, 252)          # the lowest value, at the left end
    assert lines[0][-1][0] == 468                           # the right end
    assert re.search(r'cx="260.0" cy="50.0"', page)         # the highest value, in the middle


def test_curves_that_cannot_be_drawn_are_refused_in_words():
    with pytest.raises(ValueError, match='4 curves came, but only 3 can be told apart'):
        Curves({name: ([0], [0]) for name in 'abcd'})
    with pytest.raises(ValueError, match='2 places, but 3 values'):
        Curves({'net': ([0, 1], [0, 1, 2])})


@pytest.mark.parametrize('shown', [Bars({'a': 1.0}, title='Numbers'),
                                   Curves({'net': ([0, 1], [0, 1])})])
def test_a_still_picture_is_dark_as_an_image_in_a_dark_page_and_fits_between_two_panels(shown):
    page = shown.svg()
    assert '.mc-still:root' in page.split('@media (prefers-color-scheme: dark)')[1]
    assert ' width="480" ' in page


def test_a_picture_may_say_what_its_sides_and_ends_are():
    page = PathPicture(np.zeros((4, 6)), alt='Sound', sides=('8000 Hz', '80 Hz'),
                       ends=('0 s', '0.06 s'))._repr_html_()
    assert page.index('8000 Hz') < page.index('80 Hz') < page.index('<img ') < page.index('0.06 s')


def test_a_sound_has_a_label_and_a_player_that_says_it():
    wave = np.linspace(-0.5, 0.5, 8000, dtype='float32')
    sound = Sound(wave, 'two & three')
    assert repr(sound) == 'Sound: two & three (0.50 s)'
    page = sound._repr_html_()
    assert '<figcaption>two &amp; three (0.50 s)</figcaption>' in page
    assert '<audio controls aria-label="two &amp; three"' in page
    with wave_files.open(io.BytesIO(base64.b64decode(
            re.search('base64,([^"]*)"', page).group(1)))) as file:
        samples = np.frombuffer(file.readframes(8000), '<i2') / 32767
        assert file.getframerate() == 16000
    assert np.allclose(samples, wave, atol=1e-4)
