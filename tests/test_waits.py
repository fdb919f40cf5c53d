"""A browser test waits for what it wants to see: a page that was read once may be drawn later."""
import ast
import pathlib

import pytest

BROWSER = pathlib.Path(__file__).parent / 'browser'
READS = {'all_inner_texts', 'all_text_contents', 'bounding_box', 'count', 'get_attribute',
         'inner_html', 'inner_text', 'input_value', 'is_checked', 'is_disabled', 'is_enabled',
         'is_hidden', 'is_visible', 'text_content'}


def hasty(source):
    """The lines that assert what a locator reads at once."""
    return [each.lineno for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Assert)
            for call in ast.walk(each.test)
            if isinstance(call, ast.Attribute) and call.attr in READS]


@pytest.mark.parametrize('file', sorted(BROWSER.glob('test_*.py')), ids=lambda file: file.name)
def test_nothing_is_asserted_of_what_the_page_shows_at_this_moment(file):
    assert hasty(file.read_text('utf-8')) == [], 'say expect(locator).to_... instead'


def test_a_read_that_does_not_wait_is_found():
    assert hasty("tile.click()\nassert 'top' in tile.inner_text()") == [2]
    assert hasty("expect(tile).to_contain_text('top')\nassert book.text(1) == 'True'") == []
