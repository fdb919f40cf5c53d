"""A net as code: the Chain that a student would write by hand. The model is made by running it."""
import linecache
from types import SimpleNamespace

from .blocks import RECURRENTS, BuildError, kind_of
from .net import walk
from .wrapping import WIDTH, wrapped

NESTED = 2          # calls inside of each other on one line, beside that of a link
CLASS_OF = {'rnn': 'RNN', 'lstm': 'LSTM', 'gru': 'GRU'}
HEAD = '''import minichain as mc
import minichain.functions as F
import minichain.links as L


class Net(mc.Chain):
    def __init__({given}):
        super().__init__()
'''
LEARNING_RATE = 0.003       # of Adam: good for all the examples
TRAINING = '''from minichain.optimizers import Adam
from minichain_widgets import TrainingRun

run = TrainingRun(
    model, builder.data.train, test=builder.data.test,
    optimizer=Adam({rate}),
    lossfun=F.{lossfun}, seed={seed}{names})
run
'''
TAIL = '''

mc.set_seed({seed})
{given}'''
GIVEN = '''# The builder was given these links, and cannot
# write them: copies with their weights.
'''


def code(blocks, checked, target, seed=0):
    """The code of a net that was looked through: imports, the class Net, a seed and a model."""
    names = names_of(blocks)
    made = []
    for block in walk(blocks):
        if block.id in names:
            made += [f'            self.{name} = {call}\n'
                     for name, call in links_of(block, names[block.id], checked, target)]
    begin = ['        with self.init_scope():\n', *made] if made else []
    axes = {id: 2 for id, finding in checked.findings.items()
            if finding.gives is not None and finding.gives.axes == 'TI'}
    forward = Forward(names, axes, {block.id: block for block in walk(blocks)}).through(blocks)
    given = {names[block.id]: block.settings['link'] for block in walk(blocks)
             if block.kind == 'own'}
    return wrapped(HEAD.format(given=', '.join(['self', *given])) + ''.join(begin)
                   + '\n    def forward(self, x):\n' + forward
                   + TAIL.format(seed=seed, given=made_of(given)))


def made_of(given):
    """The lines that make the model; `given`: what each link of the student's is called."""
    if not given:
        return 'model = Net()\n'
    links = ', '.join(f'{name}=builder.links[{str(link)!r}].copy()' for name, link in given.items())
    return f'{GIVEN}model = Net({links})\n'


def training(data, seed=0):
    """The code that does what the button Train does, for a cell below the one with the model."""
    names = ',\n    labels=builder.data.classes' if data.classes else ''
    names += ',\n    vocabulary=builder.data.vocabulary' if data.vocabulary else ''
    return TRAINING.format(rate=LEARNING_RATE, lossfun=data.lossfun.__name__, seed=seed,
                           names=names)


def names_of(blocks):
    """id -> what the link of a block is called, for all blocks with weights."""
    chosen = {block.name for block in walk(blocks)}
    names, used, counts = {}, set(), {}
    for block in walk(blocks):
        stem = kind_of(block.kind).stem
        if not stem:
            continue
        name = block.name
        while not name or used & both_names(name, block):
            counts[stem] = counts.get(stem, 0) + 1
            name = stem if stem == 'out' and counts[stem] == 1 else f'{stem}{counts[stem]}'
            name = '' if name in chosen else name
        names[block.id] = name
        used |= both_names(name, block)
    return names


def both_names(name, block):
    """The names in code of a block's links."""
    return {name, f'{name}_back'} if block.settings.get('both_ways') else {name}


def links_of(block, name, checked, target):
    """Pairs (name, what makes the link) of a block: two for a block that reads both ways."""
    given, s = checked.findings[block.id].given, block.settings
    first = given.sizes[0] if given is not None else None
    last = given.sizes[-1] if given is not None else None
    nobias = '' if s.get('bias', True) else ', nobias=True'
    if block.kind == 'own':
        call = name
    elif block.kind == 'linear':
        call = f'L.Linear({last}, {s["units"]}{nobias})'
    elif block.kind == 'classifier':
        call = f'L.Linear({last}, {target.count})'
    elif block.kind == 'conv2d':
        stride = '' if s['stride'] == 1 else f', stride={s["stride"]}'
        pad = '' if s['pad'] == 0 else f', pad={s["pad"]}'
        call = f'L.Conv2d({first}, {s["filters"]}, ksize={s["size"]}{stride}{pad}{nobias})'
    elif block.kind == 'batch_norm':
        call = f'L.BatchNorm({first})'
    elif block.kind == 'layer_norm':
        call = f'L.LayerNorm({last})'
    elif block.kind == 'embedding':
        call = f'L.EmbedID({given.words if given is not None else None}, {s["units"]})'
    elif block.kind == 'attention':
        call = f'L.MultiHeadAttention({last}, heads={s["heads"]})'
    elif block.kind == 'layers':
        both = 'Bi' if s['both_ways'] else ''
        dropout = f', dropout={s["dropout"]:g}' if s['dropout'] else ''
        call = f'L.NStep{both}{s["cell"]}({s["layers"]}, {last}, {s["units"]}{dropout})'
    else:
        call = f'L.{CLASS_OF[block.kind]}({last}, {s["units"]})'
        if s['both_ways']:
            return [(name, call), (f'{name}_back', call)]
    return [(name, call)]


class Forward:
    """Writes the body of `forward`. An expression grows until it becomes a line.

    names   id -> name of a link    axes  id -> the axis along which branches are put together
    blocks  id -> block, for weights that are used again
    """

    def __init__(self, names, axes, blocks):
        self.names, self.axes, self.blocks = names, axes, blocks
        self.lines = []
        self.value, self.nested, self.has_link = 'x', 0, False
        self.target = 'h'           # what a line gives its value to
        self.shortcuts = self.parts = 0

    def through(self, blocks):
        """All lines, the return among them."""
        for block in blocks:
            self.add(block)
        return ''.join(f'        {line}\n' for line in [*self.lines, f'return {self.value}'])

    def add(self, block):
        if block.kind == 'residual':
            self.residual(block)
        elif block.kind == 'parallel':
            self.parallel(block)
        elif block.kind == 'layers':
            self.layers(block)
        elif block.kind in RECURRENTS:
            self.read(block)
        elif block.kind == 'again':
            first = self.blocks.get(block.settings['of'])
            if first is not None and first.id in self.names:    # else the net does not fit
                self.link(first)
        elif block.id in self.names:
            self.link(block)
        else:
            self.call(FUNCTIONS[block.kind], block.settings)

    def line(self, text):
        self.lines.append(text)

    def settle(self):
        """Give the expression a name, unless it is one."""
        if not self.value.isidentifier():
            self.give(self.value)
        self.nested, self.has_link = 0, False

    def give(self, text):
        """A line that gives the target its value."""
        self.line(f'{self.target} = {text}')
        self.value = self.target

    def call(self, template, settings):
        """A function around the expression."""
        step, pad = settings.get('stride'), settings.get('pad')
        step = '' if step == settings.get('size') else f', stride={step}'
        step += f', pad={pad}' if pad else ''
        longer = template.format(x=self.value, step=step, **settings)
        if self.nested >= NESTED or len(longer) > WIDTH - len('        return '):
            self.settle()
            longer = template.format(x=self.value, step=step, **settings)
        self.value = longer
        self.nested += 1

    def link(self, block):
        """A link around the expression, on a line of its own."""
        if self.has_link or self.nested > 1:
            self.settle()
        options = ', n_batch_axes=2' if block.settings.get('each_step') else ''
        options += ', causal=True' if block.settings.get('causal') else ''
        self.value = f'self.{self.names[block.id]}({self.value}{options})'
        self.nested, self.has_link = 0, True

    def read(self, block):
        """A recurrent link, once for each time step."""
        self.settle()
        name, x, all_steps = self.names[block.id], self.value, block.settings['gives'] == 'all'
        self.line(f'self.{name}.reset_state()')
        if not block.settings['both_ways']:
            self.line(f'steps = [self.{name}(step) for step in F.separate({x}, axis=1)]')
            self.value = 'F.stack(steps, axis=1)' if all_steps else 'steps[-1]'
            self.settle()
            return
        self.line(f'self.{name}_back.reset_state()')
        self.line(f'there = [self.{name}(step) for step in F.separate({x}, axis=1)]')
        self.line(f'back = [self.{name}_back(step) for step in F.separate({x}, axis=1)[::-1]]')
        if all_steps:
            self.give('F.concat([F.stack(there, axis=1), F.stack(back[::-1], axis=1)], axis=2)')
        else:
            self.give('F.concat([there[-1], back[-1]], axis=1)')

    def layers(self, block):
        """Recurrent layers, which take a list of sequences."""
        self.settle()
        s, lstm = block.settings, block.settings['cell'] == 'LSTM'
        states = 'None, None' if lstm else 'None'
        self.line(f'{"hy, cy, ys" if lstm else "hy, ys"} = '
                  f'self.{self.names[block.id]}({states}, F.separate({self.value}, axis=0))')
        if s['gives'] == 'all':
            self.give('F.stack(ys, axis=0)')
        else:
            self.give('F.concat([hy[-2], hy[-1]], axis=1)' if s['both_ways'] else 'hy[-1]')

    def residual(self, block):
        """Blocks beside a shortcut."""
        self.settle()
        self.shortcuts += 1
        around = 'shortcut' if self.shortcuts == 1 else f'shortcut{self.shortcuts}'
        inside, shortcut = block.lanes
        given, self.target, before = self.value, around, self.target
        for other in shortcut:
            self.add(other)
        if self.value != around:
            self.give(self.value)
        self.value, self.target = given, before
        self.nested, self.has_link = 0, False
        for other in inside:
            self.add(other)
        self.settle()
        self.give(f'{self.value} + {around}')

    def parallel(self, block):
        """Branches that all get the same, and are put together."""
        self.settle()
        given, before, parts = self.value, self.target, []
        for lane in block.lanes:
            if lane:
                self.parts += 1
                self.target = f'part{self.parts}'
            self.value = given
            for other in lane:
                self.add(other)
            self.settle()
            parts.append(self.value)
        self.target = before
        self.give(f'F.concat([{", ".join(parts)}], axis={self.axes.get(block.id, 1)})')


FUNCTIONS = {
    'activation': 'F.{function}({x})', 'dropout': 'F.dropout({x}, {ratio:g})',
    'max_pool': 'F.max_pool2d({x}, {size}{step})', 'avg_pool': 'F.avg_pool2d({x}, {size}{step})',
    'global_pool': 'F.{by}({x}, axis=(2, 3))', 'flatten': 'F.flatten({x})',
    'columns': 'F.flatten(F.transpose({x}, (0, 3, 1, 2)), 2)', 'last_step': '{x}[:, -1]',
    'time_mean': 'F.mean({x}, axis=1)',
}


def run(text, links):
    """The model that the code of `code` makes. Only ever called with code that was written here.

    links  name -> link, of those that the code takes from the builder
    """
    name = '<net builder>'
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    space = {'__name__': 'net_builder', 'builder': SimpleNamespace(links=links)}
    exec(compile(text, name, 'exec'), space)
    if 'model' not in space:
        raise BuildError('This code makes no model.')
    return space['model']
