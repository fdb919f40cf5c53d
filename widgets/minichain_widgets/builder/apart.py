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
'''}


def way(blocks, data):
    """'windows' of convolutions, 'steps' of a recurrent block, or '' where there is neither."""
    kinds = {block.kind for block in walk(blocks)}
    if data.test is None:
        return ''
    if data.start.axes == 'CHW' and 'conv2d' in kinds:
        return 'windows'
    return 'steps' if data.start.axes in ('TI', 'T') and kinds & set(RECURRENTS) else ''


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
    return Unroller(model, x, target=t, batch_first=True)
