"""The docked panel: it follows the notebook in front, and needs no word from the user."""
FORWARD = """
import minichain as mc
x = mc.Variable([1.0, 2.0], name='x')
y = (x * x + 3.0).sum()
"""


def test_a_cell_of_ordinary_code_opens_the_panel_and_draws(notebook, page):
    book = notebook(FORWARD)
    book.run(0)
    page.wait_for_selector('#minichain-live-graph .mc-graph')
