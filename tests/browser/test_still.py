"""A saved notebook that is opened without a kernel shows the last picture of each widget."""
import nbformat
from playwright.sync_api import expect
from test_accessibility import BEGIN, WIDGETS

# The first one has nothing to show yet when its cell runs: a later cell fills it.
SHOWN = {'empty': 'widgets.LiveGraph()', **WIDGETS}
FIRST = {'LiveGraph': '<LiveGraph 2 operations', 'NetBuilder': 'NetBuilder, 2 blocks',
         'empty': '<LiveGraph 3 operations'}
STEPPED = 'operations, step 1 of 8'
KERNEL = '() => window.jupyterapp.shell.currentWidget.sessionContext.session'


def test_a_notebook_without_a_kernel_shows_pictures_in_place_of_widgets(page, notebook, server):
    book = notebook(BEGIN, *SHOWN.values(), 'F.exp(a) * a + 1')
    for number, name in enumerate(['BEGIN', *SHOWN, 'F.exp']):
        book.run(number)
        if name == 'BackpropStepper':       # what it shows then is to be saved
            page.get_by_role('button', name='Step ▶').click()
    page.wait_for_function("""wanted => {
        const all = [...document.querySelectorAll('.jp-OutputArea-output *')];
        return wanted.every(words => all.some(each => each.minichainStill?.text.includes(words)));
    }""", arg=[STEPPED, FIRST['empty']])
    page.evaluate("""() => ['kernelspec', 'language_info'].forEach(name =>
        window.jupyterapp.shell.currentWidget.content.model.deleteMetadata(name))""")
    book.command('docmanager:save')
    saved = nbformat.read(server.folder / book.path, 4)
    assert 'widgets' not in saved.metadata
    book.command('notebook:shutdown-kernel')
    page.evaluate('() => window.jupyterapp.shell.currentWidget.close()')
    page.evaluate("path => void window.jupyterapp.commands.execute('docmanager:open', { path })",
                  book.path)
    page.locator('.jp-Dialog').get_by_role('button', name='No Kernel').click()
    for cell, (number, name) in zip(saved.cells[1:], enumerate(SHOWN, start=1)):
        output = page.locator('.jp-CodeCell').nth(number).locator('.jp-OutputArea-output')
        output.scroll_into_view_if_needed()
        picture = output.locator('img[src^="data:image/svg+xml"]')
        picture.wait_for()
        wide = picture.evaluate('image => image.decode().then(() => image.naturalWidth)')
        words = picture.get_attribute('alt')
        assert words == cell.outputs[-1].data['text/plain']
        assert words.startswith(FIRST.get(name, f'{name}: ')), words
        assert wide > 150, name
        assert picture.evaluate('image => image.offsetWidth <= image.parentElement.clientWidth'), \
            name
        expect(output).to_have_text('')     # nothing beside it: no excuse, no error
    assert page.evaluate(KERNEL) is None
    expect(page.get_by_text('Loading widget')).to_have_count(0)
    expect(page.get_by_text('model not found')).to_have_count(0)
