"""A net taken apart: which widget looks inside of it, and the code that shows this widget."""
from minichain import using_config

from ..convolution import ConvExplorer
from ..stepper import BackpropStepper
from ..unroller import Unroller
from .blocks import RECURRENTS, BuildError
from .net import walk

EXAMPLES = 16       # of the test, to choose from
CODE = {
    'windows': f'''from minichain_widgets import ConvExplorer

x, t = builder.data.test
ConvExplorer(x[:{EXAMPLES}], link=model)
''',
    'steps': f'''from minichain_widgets import Unroller

x, t = builder.data.test
Unroller(
    model, x[:{EXAMPLES}], target=t[:{EXAMPLES}], batch_first=True
)
''',
    'words': f'''from minichain_widgets import Unroller

x, t = builder.data.test
Unroller(
    model, x[:{EXAMPLES}], target=t[:{EXAMPLES}], batch_first=True,
    labels=builder.data.words(x[:{EXAMPLES}]),
)
''',
    'operations': '''import minichain as mc
from minichain_widgets import BackpropStepper

x, t = builder.data.test
with mc.using_config(train=False):
    loss = builder.data.lossfun(model(x[:1]), t[:1])
BackpropStepper(loss, link=model)
'''}
SEEN = {'windows': 'layer by layer and window by window', 'steps': 'time step by time step',
        'words': 'word by word',
        'operations': 'one example, operation by operation, because this net has no conv2d on '
                      'images, and no RNN, LSTM or GRU on sequences'}


def way(blocks, data):
    """'windows' of convolutions, 'steps' of a recurrent block, 'words' if it reads words, or
    'operations' on one example; '' without examples.
    """
    kinds = {block.kind for block in walk(blocks)}
    if data.test is None:
        return ''
    if data.start.axes == 'CHW' and 'conv2d' in kinds:
        return 'windows'
    if data.start.axes not in ('TI', 'T') or not kinds & set(RECURRENTS):
        return 'operations'
    return 'words' if data.vocabulary else 'steps'


def code(blocks, data):
    """The code that takes the net apart; '' where there are no examples."""
    return CODE.get(way(blocks, data), '')


def seen(blocks, data):
    """What one sees then, in words."""
    return SEEN.get(way(blocks, data), '')


def widget(model, blocks, data):
    """What `code` shows. BuildError without examples."""
    found = way(blocks, data)
    if not found:
        raise BuildError('To take a net apart, test examples are needed.')
    x, t = (part[:EXAMPLES] for part in data.test)
    if found == 'windows':
        return ConvExplorer(x, link=model)
    if found == 'operations':
        with using_config(train=False):
            return BackpropStepper(data.lossfun(model(x[:1]), t[:1]), link=model)
    labels = data.words(x) if found == 'words' else None
    return Unroller(model, x, target=t, batch_first=True, labels=labels)
