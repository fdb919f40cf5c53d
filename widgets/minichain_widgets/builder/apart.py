"""A net taken apart: which widget looks inside of it, and the code that shows this widget."""
from ..convolution import ConvExplorer
from ..unroller import Unroller
from .blocks import RECURRENTS, BuildError
from .net import walk

EXAMPLES = 16       # of the test, to choose from
CODE = {
    'windows': f'''from minichain_widgets import ConvExplorer

ConvExplorer(builder.data.test[0][:{EXAMPLES}], link=model)
''',
    'steps': f'''from minichain_widgets import Unroller

x, t = builder.data.test
Unroller(model, x[:{EXAMPLES}], target=t[:{EXAMPLES}], batch_first=True)
''',
    'words': f'''from minichain_widgets import Unroller

x, t = builder.data.test
Unroller(model, x[:{EXAMPLES}], target=t[:{EXAMPLES}], batch_first=True,
         labels=builder.data.words(x[:{EXAMPLES}]))
'''}


def way(blocks, data):
    """'windows' of convolutions, 'steps' of a recurrent block, 'words' if it reads words, or ''."""
    kinds = {block.kind for block in walk(blocks)}
    if data.test is None:
        return ''
    if data.start.axes == 'CHW' and 'conv2d' in kinds:
        return 'windows'
    if data.start.axes not in ('TI', 'T') or not kinds & set(RECURRENTS):
        return ''
    return 'words' if data.vocabulary else 'steps'


def code(blocks, data):
    """The code that takes the net apart; '' where it cannot be."""
    return CODE.get(way(blocks, data), '')


def widget(model, blocks, data):
    """What `code` shows. BuildError where the net has nothing to be taken apart."""
    found = way(blocks, data)
    if not found:
        raise BuildError('A net for images with a conv2d can be taken apart, and one for sequences '
                         'with an RNN, LSTM or GRU; both need test examples.')
    x, t = (part[:EXAMPLES] for part in data.test)
    if found == 'windows':
        return ConvExplorer(x, link=model)
    labels = data.words(x) if found == 'words' else None
    return Unroller(model, x, target=t, batch_first=True, labels=labels)
