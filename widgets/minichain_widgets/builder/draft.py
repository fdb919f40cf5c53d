"""A net that is being built: its blocks, its data, what was done, and all that is shown of it."""
import json

from minichain import Link
from minichain.links import Classifier, EmbedID

from ..arguments import seed_of
from . import net, writing
from .blocks import BuildError, shown
from .check import check
from .data import MADE, Data, named, numbers, own, own_start
from .from_link import blocks_of
from .net import Place, walk
from .own import Own
from .reading import named as with_names, read, whole
from .repair import end_repairs, repairs_of
from .shapes import Shape, Target

FORMAT, VERSION = 'minichain-net', 1
BATCH = 32          # examples, for the sizes on the edges
REMEMBERED = 200    # steps that can be undone
MODELS = 4          # nets whose models are kept
OWN = 'my data'

CNN = [{'kind': 'conv2d', 'filters': 16}, {'kind': 'activation'}, {'kind': 'max_pool'},
       {'kind': 'conv2d', 'filters': 32}, {'kind': 'activation'}, {'kind': 'max_pool'},
       {'kind': 'flatten'}, {'kind': 'classifier'}]
EXAMPLES = {
    'rows of digits': [{'kind': 'conv2d', 'filters': 16}, {'kind': 'batch_norm'},
                       {'kind': 'activation'}, {'kind': 'max_pool'},
                       {'kind': 'conv2d', 'filters': 32}, {'kind': 'batch_norm'},
                       {'kind': 'activation'}, {'kind': 'max_pool'}, {'kind': 'columns'},
                       {'kind': 'lstm', 'units': 48, 'both_ways': True}, {'kind': 'classifier'}],
    'CHW': CNN,
    'I': [{'kind': 'linear'}, {'kind': 'activation', 'function': 'tanh'}, {'kind': 'linear'},
          {'kind': 'activation', 'function': 'tanh'}, {'kind': 'classifier'}],
    'T': [{'kind': 'embedding'}, {'kind': 'lstm'}, {'kind': 'classifier'}],
    'TI': [{'kind': 'lstm', 'units': 48}, {'kind': 'classifier'}],
}


class Draft:
    """What a student builds. Each method leaves everything as it was if it raises BuildError.

    data   the Data, and `name`: one of MADE, or OWN    blocks  the net
    """

    def __init__(self, data='digits', seed=0):
        self.seed = seed_of(seed)
        self.blocks, self.past, self.future = (), [], []
        self.models = {}            # code -> model, of the last nets: undo finds a trained one
        self.typed = None           # (id, name) of the setting that was changed last
        self.own = None             # the student's Data, as long as there are any
        self.links = {}             # name -> Own, of links that the builder cannot look into
        if isinstance(data, Data):
            self.name, self.data = OWN, data
            self.own = data
        else:
            self.name, self.data = data, named(data)

    @classmethod
    def usual(cls, seed=0):
        """An empty draft for digits; if these are not installed, for data that need nothing."""
        try:
            return cls('digits', seed)
        except BuildError as missing:
            draft = cls('spirals', seed)
            draft.data = draft.data._replace(note=f'{draft.data.note} {missing}')
            return draft

    @classmethod
    def of_link(cls, link, x, t=None, seed=0, vocabulary=()):
        """The draft of a link that exists; its model is that link, as long as nothing changes.

        x  examples (N, ...), or the name of data    t  their labels or numbers, if it is to learn
        """
        seed = seed_of(seed)
        if isinstance(link, Classifier):
            link = link.predictor
        if not isinstance(link, Link):
            raise BuildError(f'A link is needed, such as a Chain, not {shown(link)}.')
        if not isinstance(x, str):
            x = numbers(x, 'x, the examples,')
            x = x if x.dtype.kind in 'iu' else x.astype('float32')
        known = (named(x) if isinstance(x, str) else None if t is None else
                 own(x, t, vocabulary=vocabulary))
        example = x if known is None else known.train[0]
        try:
            blocks, count = blocks_of(link, example)
        except BuildError as error:
            raise BuildError(f'{error} LiveGraph(link(x)) draws any net.') from None
        if known is None:
            classes = tuple(map(str, range(count)))
            known = Data(OWN, None, None, own_start(x), Target('classes', count),
                         classes, 'Only the shape of your data is known: to train the net, give '
                                  'examples and labels with builder.use(x, t).')
        draft = cls(known, seed)
        if isinstance(x, str):
            draft.name, draft.own = x, None
        if known.start.words:       # the link may know more words than there are in the examples
            tables = [part for part in link.links() if isinstance(part, EmbedID)]
            words = tables[0].W.shape[0] if tables else known.start.words
            draft.data = known._replace(start=known.start._replace(words=words))
            draft.own = draft.own and draft.data
        parts = {part.path or type(part).__name__: part for part in link.links()}
        draft.links = {name: Own(name, parts[name].copy().to_cpu()) for name in
                       [block.settings['link'] for block in walk(blocks) if block.kind == 'own']}
        start, target = draft.data.start, draft.data.target
        blocks = net.from_plain(draft.with_links(net.plain(blocks)))
        draft.blocks = with_names(whole(blocks, start, target))
        draft.models[draft.code] = link
        return draft

    # Looking --------------------------------------------------------------------------------------

    @property
    def checked(self):
        """The net looked through."""
        return check(self.blocks, self.data.start, self.data.target)

    @property
    def code(self):
        """The code of the net."""
        return writing.code(self.blocks, self.checked, self.data.target, self.seed)

    @property
    def model(self):
        """The net as a Chain; the same one for the same code. BuildError if it is not finished."""
        text = self.code
        if text not in self.models:
            self.check_whole()
            kept = list(self.models.items())[1 - MODELS:]
            links = {name: own.link for name, own in self.links.items()}
            self.models = dict([*kept, (text, writing.run(text, links))])
        return self.models[text]

    def with_links(self, entries):
        """Blocks as lists and dicts, with the links that they name."""
        def linked(value):
            if isinstance(value, list):
                return [linked(each) for each in value]
            if not isinstance(value, dict):
                return value
            found = {key: linked(each) for key, each in value.items()}
            if found.get('kind') == 'own' and found.get('link') in self.links:
                found['link'] = self.links[found['link']]
            return found
        return linked(entries)

    def check_whole(self):
        """BuildError with the first thing that does not fit."""
        checked = self.checked
        if checked.broken is not None:
            raise BuildError(str(checked.findings[checked.broken].problem))
        if not self.blocks:
            raise BuildError('There is no block yet: add some, or begin with an example.')
        if checked.problem is not None:
            raise BuildError(str(checked.problem))

    # Changing -------------------------------------------------------------------------------------

    def change(self, blocks, name=None, data=None):
        """Go on with other blocks, or other data; undo goes back."""
        self.past = [*self.past, (self.blocks, self.name, self.data)][-REMEMBERED:]
        self.future, self.typed = [], None
        self.blocks = blocks
        if data is not None:
            self.name, self.data = name, data

    def add(self, kind, parent=None, index=None, lane=0, **settings):
        """Put in a new block; without an index behind the others. Returns its number."""
        place = Place(parent, 0, lane)
        count = len(net.lane_at(self.blocks, place))
        index = count if index is None else max(0, min(int(index), count))
        block = net.make(net.new_id(self.blocks), kind, settings)
        self.change(net.inserted(self.blocks, place._replace(index=index), block))
        return block.id

    def add_branch(self, id, number):
        """One branch more, behind branch `number` of a block."""
        self.change(net.with_lanes(self.blocks, id, number, True))

    def remove_branch(self, id, number):
        """Take a branch out, and all that is inside of it."""
        self.change(net.with_lanes(self.blocks, id, number, False))

    def remove(self, id):
        """Take a block out, and all that is inside of it."""
        net.find(self.blocks, id)
        self.change(net.replaced(self.blocks, id))

    def step(self, id, by):
        """Move a block one place earlier (-1) or later (1)."""
        blocks = net.stepped(self.blocks, id, -1 if by < 0 else 1)
        if blocks != self.blocks:
            self.change(blocks)

    def move(self, id, parent, index, lane=0):
        """Move a block to a place that is counted before it is taken out."""
        blocks = net.moved(self.blocks, id, Place(parent, max(0, int(index)), lane))
        if blocks != self.blocks:
            self.change(blocks)

    def duplicate(self, id):
        """Put a copy of a block behind it. Returns the copy's number."""
        blocks, copy = net.doubled(self.blocks, id)
        self.change(blocks)
        return copy

    def set(self, id, name, value):
        """Change one setting of a block."""
        blocks = net.set_to(self.blocks, id, name, value)
        if blocks != self.blocks:
            if self.typed == (id, name):        # one is still typing: that is one step
                self.past, before = self.past[:-1], self.past[-1]
                self.blocks, self.name, self.data = before
            self.change(blocks)
            self.typed = id, name

    def repair(self, id, label):
        """Do what a button offers; id None: at the end of the net."""
        offered = (end_repairs(self.blocks, self.data.start, self.data.target) if id is None else
                   repairs_of(self.blocks, id, self.data.start, self.data.target))
        for repair in offered:
            if repair.label == label:
                self.change(repair.blocks)
                return
        raise BuildError(f'{shown(label)} is not offered any more.')

    def undo(self):
        """Go one step back."""
        if not self.past:
            raise BuildError('There is nothing to undo.')
        self.typed = None
        self.future = [(self.blocks, self.name, self.data), *self.future]
        self.blocks, self.name, self.data = self.past.pop()

    def redo(self):
        """Do again what was undone."""
        if not self.future:
            raise BuildError('There is nothing to do again.')
        self.typed = None
        self.past.append((self.blocks, self.name, self.data))
        (self.blocks, self.name, self.data), *self.future = self.future

    def example(self):
        """Replace the net by one that is known to learn these data."""
        entries = EXAMPLES.get(self.name) or EXAMPLES[self.data.start.axes]
        self.change(net.fresh(net.from_plain(entries), self.blocks))

    def clear(self):
        """Take all blocks out."""
        self.change(())

    def use(self, data):
        """Go on with other data: a name, or Data."""
        if isinstance(data, Data):
            self.change(self.blocks, OWN, data)
            self.own = data
        elif data == OWN and self.own is not None:
            self.change(self.blocks, OWN, self.own)
        else:
            self.change(self.blocks, data, named(data))

    def apply(self, text):
        """Take the net from code."""
        if not isinstance(text, str):
            raise BuildError('Code is text.')
        blocks, seed = read(text, self.data.start, self.data.target, self.links)
        if not net.same(blocks, self.blocks):
            self.change(net.fresh(blocks, self.blocks))
        self.seed = self.seed if seed is None else seed

    # As text --------------------------------------------------------------------------------------

    def to_json(self):
        """The net and the name of its data as one line of JSON."""
        start, target = self.data.start, self.data.target
        kept = {'format': FORMAT, 'version': VERSION, 'data': self.name, 'seed': self.seed,
                'blocks': net.plain(self.blocks)}
        if self.name not in MADE:
            kept['example'] = {'axes': start.axes, 'sizes': list(start.sizes),
                               'words': start.words, 'target': target.kind, 'count': target.count}
        return json.dumps(kept, ensure_ascii=False)

    def load(self, text):
        """Take the net, and the data if they have a name, from JSON."""
        blocks, name, data, seed = parse(text, self.with_links)
        mine = self.own
        if name == OWN and mine and (mine.start, mine.target) == (data.start, data.target):
            data = mine             # which has the arrays, too
        self.change(net.fresh(blocks, self.blocks), name, data)
        self.own = data if name == OWN else self.own
        self.seed = seed


def parse(text, with_links):
    """(blocks, name of the data, Data, seed) of JSON. BuildError says what is wrong with it."""
    try:
        value = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise BuildError('This is no saved net: it is no JSON text.') from None
    if not isinstance(value, dict) or value.get('format') != FORMAT:
        raise BuildError(f'This is no saved net: it should begin with {{"format": "{FORMAT}".')
    if value.get('version') != VERSION:
        raise BuildError(f'This net was saved in version {shown(value.get("version"))} of the '
                         f'format, but version {VERSION} is read here. A newer minichain may read '
                         'it.')
    blocks = net.from_plain(with_links(value.get('blocks')))
    try:
        seed = seed_of(value.get('seed', 0))
    except ValueError as error:
        raise BuildError(str(error)) from None
    name = value.get('data')
    if name in MADE if isinstance(name, str) else False:
        return blocks, name, named(name), seed
    return blocks, OWN, only_shape(value.get('example')), seed


def only_shape(example):
    """Data of which a saved net tells the shape only."""
    try:
        start = Shape(example['axes'], tuple(example['sizes']), example['words'])
        target = Target(example['target'], example['count'])
        right = (start.axes in ('I', 'T', 'TI', 'CHW') and len(start.sizes) == len(start.axes)
                 and target.kind in ('classes', 'numbers') and all(
                     type(n) is int and 0 < n < 10 ** 6 for n in (*start.sizes, target.count))
                 and type(start.words) is int and (start.words > 0) == (start.axes == 'T'))
    except (TypeError, KeyError):
        right = False
    if not right:
        raise BuildError('This net was saved without saying what its data look like.')
    names = tuple(map(str, range(target.count))) if target.kind == 'classes' else ()
    return Data(OWN, None, None, start, target, names,
                'The net was built for other data, which are not here. Give your own with '
                'builder.use(x, t), or choose some.')
