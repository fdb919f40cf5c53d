"""A saved notebook that is opened without a kernel shows the last picture of each widget."""
import nbformat

CELLS = """import minichain as mc
import minichain_widgets as widgets
mc.set_seed(0)
widgets.WasteMeter([3, 9, 5, 2])
---
x = mc.Variable(2.0, name='x')
widgets.BackpropStepper(x * x)
---
with widgets.LiveGraph() as picture:
    x * x
picture""".split('\n---\n')


def test_a_notebook_without_a_kernel_shows_pictures_in_place_of_widgets(page, notebook, server):
    book = notebook(*CELLS)
    for number in range(len(CELLS)):
        book.run(number)
    page.wait_for_timeout(500)
    book.command('docmanager:save')
    path = server.folder / book.path
    saved = nbformat.read(path, 4)
    assert all('image/svg+xml' in cell.outputs[-1].data for cell in saved.cells)
    assert 'widgets' not in saved.metadata
    book.command('notebook:shutdown-kernel')
    page.evaluate("""async path => {
        const { commands, shell } = window.jupyterapp;
        await shell.currentWidget.close();
        await commands.execute('docmanager:open', { path, kernel: { shouldStart: false } });
        await shell.currentWidget.context.ready;
    }""", book.path)
    pictures = page.locator('.jp-OutputArea-output img[src^="data:image/svg+xml"]')
    pictures.nth(len(CELLS) - 1).wait_for()
    assert 'WasteMeter: 4 sentences' in pictures.first.get_attribute('alt')
    assert page.get_by_text('Loading widget').count() == 0
    assert page.get_by_text('model not found').count() == 0
    assert pictures.first.evaluate('image => image.naturalWidth') > 300
