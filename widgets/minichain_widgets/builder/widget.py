"""NetBuilder: a net put together by hand, with its code beside it."""
import threading

from minichain.optimizers import Adam

from .. import pictures
from ..arguments import VOCABULARY, names_of
from ..graph import LiveGraph
from ..training import TrainingRun
from ..widget import Widget, bundled
from . import apart, view, writing
from .blocks import BuildError, kind_of
from .data import Data, own
from .draft import BATCH, Draft
from .net import label_of, walk
from .table import read_csv, text_of_file

LOOKED_AT = 2       # examples that are sent through the net to see its graph

class NetBuilder(Widget):
    """Build a net from blocks; see shapes, costs and code at once; train it.

        NetBuilder()                        empty, for handwritten digits, which are scikit-learn's;
                                            where that is not installed, for spirals
        NetBuilder('sentences')             or 'rows of digits', 'spirals', 'sines', 'spoken digits'
        NetBuilder((x, t))                  for arrays of your own: examples and labels
        NetBuilder.from_link(model, x)      a net that you have already

    seed        the number that the first weights are drawn from
    vocabulary  a Vocabulary, or the words in the order of their numbers, for arrays of your own
                that are sentences (N, time)

    `builder.model` is what is drawn, an ordinary Chain: the one that `builder.code` makes.
    `builder.train()` gives a TrainingRun, which the button Train shows; `builder.apart()` what the
    button Take apart shows. ValueError says what is wrong with data, code or JSON.
    """

    _esm = bundled('netbuilder.js')
    _css = bundled('netbuilder.css')
    takes = {
        'add': {'kind': 'name', 'parent': 'count?', 'index': 'count?', 'lane': 'count?'},
        'duplicate': {'id': 'count'}, 'remove': {'id': 'count'},
        'step': {'id': 'count', 'by': 'whole'},
        'move': {'id': 'count', 'parent': 'count?', 'index': 'count', 'lane': 'count?'},
        'branch': {'id': 'count', 'lane': 'count', 'add': 'flag'},
        'set': {'id': 'count', 'name': 'name', 'value': 'setting'},
        'repair': {'id': 'count?', 'label': 'name'},
        'undo': {}, 'redo': {}, 'example': {}, 'clear': {}, 'train': {}, 'graph': {}, 'apart': {},
        'use': {'data': 'name'}, 'table': {'text': 'text'}, 'load': {'text': 'text'},
        'apply': {'code': 'text'}}

    def __init__(self, data=None, *, seed=0, vocabulary=None):
        self._lock = threading.RLock()
        self._run = None
        self._pictures = {}         # 'graph' and 'apart': what is shown, and the code of its net
        if data is None and vocabulary is None:
            self._draft = Draft.usual(seed)
        elif isinstance(data, Draft):
            self._draft = data
        else:
            self._draft = Draft(as_data(data, vocabulary), seed)
        super().__init__()

    @classmethod
    def from_link(cls, link, x, t=None, *, seed=0, vocabulary=None):
        """The builder of a net that exists.

        x  examples (N, ...), or the name of data    t  their labels, if the net is to be trained

        One run of the link is watched and drawn. A link that is used again is a block that names
        the first one. A link inside that the builder does not know, or a part that does what it
        cannot draw, is a grey block: it can be moved and trained; code takes a copy of it from
        `builder.links`. ValueError names what the net itself does that is no block of the builder.
        """
        return cls(Draft.of_link(link, x, t, seed, words_given(vocabulary)))

    @classmethod
    def from_json(cls, text):
        """The builder of a net that `to_json` saved. ValueError says what is wrong with a text."""
        draft = Draft('spirals')
        draft.load(text)
        draft.past = []
        return cls(draft)

    def to_json(self):
        """The net as one line of text, to be saved or sent to somebody."""
        return self._draft.to_json()

    @property
    def model(self):
        """The net as a Chain, the same one until something changes. It is made by running `code`,
        which sets the seed of this thread's random numbers, too. ValueError if it is not finished.
        """
        with self._lock:
            return self._draft.model

    @property
    def code(self):
        """The code of the net."""
        return self._draft.code

    @property
    def links(self):
        """The links of a net of your own that the builder cannot write as code: name -> link."""
        return {name: own.link for name, own in self._draft.links.items()}

    @property
    def data(self):
        """The data: `data.train` and `data.test` are pairs (x, t) of arrays."""
        return self._draft.data

    def use(self, x, t=None, vocabulary=None):
        """Build for other data: a name, or arrays x (N, ...) and t (N)."""
        self._change(self._draft.use, as_data(x if t is None else (x, t), vocabulary))

    def add(self, kind, parent=None, index=None, lane=0, **settings):
        """Put in a block, behind the others if nothing is said. Returns its number.

        parent, lane  the number of a block with branches, and which of its branches
        """
        return self._change(self._draft.add, kind, parent, index, lane, **settings)

    def apply(self, code):
        """Take the net from the code of a Chain."""
        self._change(self._draft.apply, code)

    def undo(self):
        """Take the last step back."""
        self._change(self._draft.undo)

    def redo(self):
        """Do again what was undone."""
        self._change(self._draft.redo)

    def example(self):
        """Show a net that is known to learn these data."""
        self._change(self._draft.example)

    def train(self, **options):
        """The TrainingRun of the model and the data; the same one until the net is another.

        options  of TrainingRun, for one of its own: optimizer, batch_size, seed ...
        """
        draft, data = self._draft, self._draft.data
        with self._lock:
            if data.train is None:
                raise BuildError(data.note)
            model = draft.model
            if self._run is None or self._run.model is not model or options:
                if self._run is not None:
                    self._run.pause()
                given = {'optimizer': Adam(writing.LEARNING_RATE), 'lossfun': data.lossfun,
                         'test': data.test, 'seed': draft.seed, 'labels': data.classes or None,
                         'vocabulary': data.vocabulary or None}
                self._run = TrainingRun(model, data.train, **(given | options))
        return self._run

    def graph(self):
        """A LiveGraph of one run of the model: two examples, forward, with the loss."""
        draft, data = self._draft, self._draft.data
        with self._lock:
            if data.train is None:
                raise BuildError(data.note)
            x, t = (part[:LOOKED_AT] for part in data.train)
            return LiveGraph(data.lossfun(draft.model(x), t))

    def apart(self):
        """A ConvExplorer of the model's convolutions, or an Unroller of its recurrent blocks; of
        another net a BackpropStepper of one example."""
        with self._lock:
            return apart.widget(self._draft.model, self._draft.blocks, self._draft.data)

    # What is seen ---------------------------------------------------------------------------------

    def text(self):
        """The blocks with their shapes and weights, as a table."""
        draft, checked = self._draft, self._draft.checked
        names = writing.names_of(draft.blocks)
        rows = [('block', 'gives', 'weights', 'multiply-adds'),
                (draft.name, draft.data.start.text(BATCH), '', '')]
        for block, level, part in levels(draft.blocks):
            finding, space = checked.findings[block.id], '  ' * level
            if part == 'next':
                rows.append((space + PARTS[block.kind, part], '', '', ''))
            if not part:
                gives = '?' if finding.gives is None else finding.gives.text(BATCH)
                label = title_of(block, draft.blocks, names)
                rows.append((space + label, gives, f'{finding.weights:,}', f'{finding.macs:,}'))
        rows.append(('total', '', f'{checked.total("weights"):,}', f'{checked.total("macs"):,}'))
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = [f'{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}'.rstrip()
                 for a, b, c, d in rows]
        count = sum(1 for _ in walk(draft.blocks))
        return '\n'.join([f'NetBuilder, {count} block{"s" * (count != 1)}', *lines])

    def svg(self):
        """The blocks below each other, with the shapes between them."""
        return picture(self._draft)

    # What the front end asks for ------------------------------------------------------------------

    def answer_ready(self, message):
        self.tell('palette', blocks=view.palette())
        self._show()
        if self._run is not None:
            self.tell('run', model=self._run.model_id, begins=False)
        for kind in self._pictures:
            self._tell_picture(kind, begins=False)

    def answer_add(self, message):
        with self._lock:
            chosen = self._draft.add(message['kind'], message.get('parent'), message.get('index'),
                                     message.get('lane', 0))
        self._show(chosen=chosen)       # the cursor stays, so that more can be added

    def answer_duplicate(self, message):
        self._act(self._draft.duplicate, message['id'])

    def answer_remove(self, message):
        self._act(self._draft.remove, message['id'])

    def answer_step(self, message):
        self._act(self._draft.step, message['id'], message['by'], focus=message['id'])

    def answer_move(self, message):
        self._act(self._draft.move, message['id'], message.get('parent'), message['index'],
                  message.get('lane', 0), focus=message['id'])

    def answer_branch(self, message):
        change = self._draft.add_branch if message['add'] else self._draft.remove_branch
        self._act(change, message['id'], message['lane'], focus=message['id'])

    def answer_set(self, message):
        try:
            self._act(self._draft.set, message['id'], message['name'], message['value'])
        except BuildError as error:
            self.tell('wrong', id=message['id'], name=message['name'], text=str(error))

    def answer_repair(self, message):
        self._act(self._draft.repair, message.get('id'), message['label'], focus=message.get('id'))

    def answer_undo(self, message):
        self._act(self._draft.undo)

    def answer_redo(self, message):
        self._act(self._draft.redo)

    def answer_example(self, message):
        self._act(self._draft.example)

    def answer_clear(self, message):
        self._act(self._draft.clear)

    def answer_use(self, message):
        self._act(self._draft.use, message['data'])

    def answer_table(self, message):
        self._act(self._draft.use, read_csv(message['text']))

    def answer_load(self, message):
        self._act(self._draft.load, message['text'])

    def answer_train(self, message):
        run = self.train()
        self.tell('run', model=run.model_id, begins=True)
        self._show()
        run.train()

    def answer_graph(self, message):
        self._picture('graph', self.graph())

    def answer_apart(self, message):
        self._picture('apart', self.apart())

    def _picture(self, kind, shown):
        """Show a widget below the net, in place of the one before."""
        before, _ = self._pictures.get(kind, (None, ''))
        self._pictures[kind] = shown, self.code
        self._tell_picture(kind, begins=True)
        if before is not None:
            before.close()

    def _tell_picture(self, kind, begins):
        shown, code = self._pictures[kind]
        self.tell(kind, model=shown.model_id, code=code, begins=begins)

    def answer_apply(self, message):
        try:
            self._act(self._draft.apply, message['code'])
        except BuildError as error:
            self.tell('unread', text=str(error))
        else:
            self.tell('read')

    def _act(self, change, *arguments, focus=None):
        """Do what was asked for and show it; `focus`: the block that the cursor goes to."""
        with self._lock:
            result = change(*arguments)
        self._show(result if focus is None else focus)

    def _change(self, change, *arguments, **settings):
        with self._lock:
            result = change(*arguments, **settings)
        self._show()
        return result

    def _show(self, focus=None, chosen=None):
        with self._lock:
            state = view.state(self._draft)
            models = self._draft.models
            state['stale'] = (self._run is not None
                              and models.get(state['code']) is not self._run.model)
        self.tell('state', state=state, focus=focus, chosen=chosen)


def words_given(vocabulary):
    """The words of a vocabulary; () without one."""
    return () if vocabulary is None else names_of(vocabulary, VOCABULARY)


def as_data(given, vocabulary=None):
    """What a student gives as data: a name, Data, (x, t), or the path of a CSV file."""
    if vocabulary is not None and (given is None or isinstance(given, (str, Data))):
        raise BuildError('A vocabulary has the words of your own arrays (x, t); data with a name '
                         'have their own.')
    if isinstance(given, (str, Data)):
        if isinstance(given, str) and given.lower().endswith('.csv'):
            return read_csv(text_of_file(given))
        return given
    try:
        x, t = given.datasets if hasattr(given, 'datasets') else given
    except (TypeError, ValueError):
        raise BuildError('Data are a name such as "digits", a pair (x, t) of arrays, or the path '
                         'of a CSV file.') from None
    return own(x, t, vocabulary=words_given(vocabulary))


# The still picture --------------------------------------------------------------------------------

BOX, STEP, INDENT, WIDE = 30, 58, 20, 460


def picture(draft):
    """The net as SVG: a box for each block, the shape on the edge below it."""
    checked = draft.checked
    names = writing.names_of(draft.blocks)
    parts, y = [], 8
    parts += box(draft.name, '', 8, y, WIDE, 'line') + edge(draft.data.start.text(BATCH), 8, y)
    y += STEP
    for block, level, part in levels(draft.blocks):
        finding, x = checked.findings[block.id], 8 + INDENT * level
        said = ', '.join(f'{name} {value}' for name, value in block.settings.items()
                         if value is not False and value is not True)
        said = {'own': 'a link of your own', 'again': 'the same weights'}.get(block.kind, said)
        title = title_of(block, draft.blocks, names)
        style = ('line' if finding.given is None or finding.problem else
                 'frame' if block.kind in ('own', 'again') else 'forward-curve')
        opens = block.lanes and part != 'end'
        parts += box(PARTS[block.kind, part] if part else title, '' if part else said, x, y,
                     WIDE - INDENT * level, style)
        if opens and finding.given:
            below = finding.given.text(BATCH)
        elif finding.problem:
            below = '\u2715 does not fit'
        elif finding.gives is None:
            below = '?'
        else:
            below = f'{finding.gives.text(BATCH)}   ({view.cost(finding)})'
        parts += edge(below, x, y)
        y += STEP
    sums = view.totals(draft, checked)
    parts.append(pictures.words(f'{sums["weights"]} weights, {sums["macs"]} multiply-adds for one '
                                'example', 8, y + 14, kind='muted'))
    return pictures.picture(f'A net for {draft.name}', parts, y + 24, WIDE + 16)


PARTS = {('residual', 'next'): 'on the way round',
         ('residual', 'end'): '+ what went round the branch',
         ('parallel', 'next'): 'beside that', ('parallel', 'end'): 'put together'}


def title_of(block, blocks, names):
    """What a block is called, and its link in code."""
    name = names.get(block.settings.get('of', block.id))
    return ' '.join(filter(None, [label_of(block, blocks), name]))


def levels(blocks, level=0):
    """(block, how deep inside of branches, which part of it: '', 'next' branch or 'end')"""
    for block in blocks:
        yield block, level, ''
        for number, lane in enumerate(block.lanes):
            if number and (lane or block.kind == 'parallel'):
                yield block, level, 'next'
            yield from levels(lane, level + 1)
        if block.lanes:
            yield block, level, 'end'


def box(title, said, x, y, width, style):
    return [f'<rect class="{style}" x="{x}" y="{y}" width="{width}" height="{BOX}" rx="5"/>',
            pictures.words(title, x + 12, y + 19),
            pictures.words(said, x + width - 12, y + 19, 'end', 'muted')]


def edge(text, x, y):
    middle = x + 24
    return [f'<path class="line" d="M{middle} {y + BOX}V{y + STEP}"/>',
            pictures.words(text, middle + 10, y + BOX + 18, kind='muted')]
