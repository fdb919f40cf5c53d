"""Follows what happens to x in the code of `forward`, one expression after the other.

A value is what has happened to x so far: a tuple of blocks. A few values are on their way to be
one: the steps of a sequence, and what a recurrent link made of them.
"""
import ast
from typing import NamedTuple

from .blocks import ACTIVATIONS, RECURRENTS, BuildError, kind_of, shown
from .net import Block
from .syntax import at, full_name, is_text, literal

IMAGE_TO_STEPS = (0, 3, 1, 2)
METHODS = ('flatten', 'mean', 'max', 'transpose', 'tanh')


class Turned(NamedTuple):
    """An image with its columns in front: on the way to be `columns to steps`."""

    before: tuple


class Steps(NamedTuple):
    """The time steps of a value; `backward`: the last one first."""

    before: tuple
    backward: bool


class Read(NamedTuple):
    """What a recurrent link said after each step. `link` is its name, `turned`: in which order."""

    before: tuple
    link: str
    backward: bool
    turned: bool


class End(NamedTuple):
    """What a recurrent link said after its last step, or after all."""

    before: tuple
    link: str
    backward: bool
    gives: str


class Flow:
    """Reads a method `forward`. links: name -> Declared; known: the names that the code imports."""

    def __init__(self, links, known):
        self.links, self.known = links, known
        self.values = {}

    def follow(self, method):
        """The blocks from x to what is returned."""
        names = [argument.arg for argument in method.args.args]
        if len(names) != 2:
            raise at(method, 'forward takes self and x here, and nothing else.')
        self.values[names[1]] = ()
        for statement in method.body:
            if isinstance(statement, ast.Return):
                if statement.value is None:
                    raise at(statement, 'forward returns nothing; it has to return h.')
                return self.blocks(statement.value)
            self.statement(statement)
        raise at(method, 'forward returns nothing; it has to end with: return h')

    def statement(self, statement):
        """Take in one line."""
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(
                statement.targets[0], ast.Name):
            self.values[statement.targets[0].id] = self.value(statement.value)
        elif isinstance(statement, ast.AugAssign) and isinstance(
                statement.op, ast.Add) and isinstance(statement.target, ast.Name):
            left = self.name(ast.copy_location(ast.Name(statement.target.id), statement))
            self.values[statement.target.id] = self.sum(statement, left,
                                                        self.value(statement.value))
        elif self.is_reset(statement) or is_text(statement):
            return
        else:
            words = {ast.For: 'a loop', ast.While: 'a loop', ast.If: 'a question (if)',
                     ast.With: 'a with block', ast.Assert: 'an assert'}
            what = words.get(type(statement), 'this line')
            raise at(statement, f'the builder cannot draw {what}. It reads lines such as '
                                        'h = F.relu(self.conv1(x)).')

    def is_reset(self, statement):
        """Whether a line is self.lstm1.reset_state(), which says nothing new."""
        call = getattr(statement, 'value', None)
        return (isinstance(statement, ast.Expr) and isinstance(call, ast.Call) and not call.args
                and isinstance(call.func, ast.Attribute) and call.func.attr == 'reset_state')

    # Values ---------------------------------------------------------------------------------------

    def blocks(self, node):
        """The value of an expression, which has to be a finished one: a tuple of blocks."""
        return self.settled(node, self.value(node))

    def settled(self, node, value):
        """A value as a tuple of blocks."""
        if isinstance(value, End):
            if value.backward:
                raise at(node, f'self.{value.link} reads from the end only; the builder '
                                       'has this beside one that reads from the beginning.')
            return (*value.before, self.recurrent(value))
        if isinstance(value, Turned):
            raise at(node, 'after F.transpose(h, (0, 3, 1, 2)) the builder reads '
                                   'F.flatten(..., 2): columns become time steps.')
        if type(value) is not tuple:
            raise at(node, 'these are several time steps; take the last, steps[-1], or '
                                   'put them together with F.stack(steps, axis=1).')
        return value

    def value(self, node):
        """What an expression stands for."""
        if isinstance(node, ast.Name):
            return self.name(node)
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self.sum(node, self.value(node.left), self.value(node.right))
        if isinstance(node, ast.Subscript):
            return self.part(node)
        if isinstance(node, ast.ListComp):
            return self.reading_steps(node)
        raise at(node, f'{shown(ast.unparse(node))} is nothing that the builder can draw.')

    def name(self, node):
        if node.id not in self.values:
            raise at(node, f'{node.id} has no value here.')
        return self.values[node.id]

    def call(self, node):
        """A function of F, a link of self, or a method of the value."""
        function = node.func
        if isinstance(function, ast.Attribute) and isinstance(
                function.value, ast.Name) and function.value.id == 'self':
            return self.link(node, function.attr)
        name = full_name(function, self.known)
        if name is not None and name.startswith('F.'):
            if not node.args:
                raise at(node, f'{name} needs what it works on.')
            return self.function(node, name[2:], node.args[0], node.args[1:])
        if isinstance(function, ast.Attribute) and function.attr in METHODS:
            return self.function(node, function.attr, function.value, node.args)
        raise at(node, f'{shown(ast.unparse(function))} is nothing that the builder knows; '
                               'it knows the links of self and functions of F.')

    def link(self, node, name):
        """A link called with a finished value."""
        if len(node.args) not in (1, 2):
            raise at(node, f'self.{name} takes one value here, such as self.{name}(h).')
        before = self.blocks(node.args[0])
        link = self.use(node, name)
        options = {key.arg: literal(key.value) for key in node.keywords}
        if len(node.args) == 2:
            options['n_batch_axes'] = literal(node.args[1])
        settings = dict(link.settings)
        if link.kind == 'linear' and options == {'n_batch_axes': 2}:
            settings['each_step'] = True
        elif link.kind == 'attention' and set(options) == {'causal'}:
            settings['causal'] = bool(options['causal'])
        elif options and options != {'n_batch_axes': 1}:
            raise at(node, f'{sorted(map(str, options))[0]} of self.{name} is nothing that '
                                   'the block can be set to.')
        if link.kind in RECURRENTS:
            raise at(node, f'self.{name} takes one time step at a time. Write: steps = '
                                   f'[self.{name}(step) for step in F.separate(h, axis=1)]')
        return (*before, Block(0, link.kind, settings, name))

    def use(self, node, name):
        """The Declared link of a name, from now on used."""
        if name not in self.links:
            raise at(node, f'there is no self.{name}: make it in __init__.')
        if self.links[name].used:
            raise at(node, f'self.{name} is used twice; in the picture each block has '
                                   'weights of its own.')
        self.links[name].used = True
        return self.links[name]

    def sum(self, node, left, right):
        """A residual branch: one side has to begin with all that the other is."""
        left, right = self.settled(node, left), self.settled(node, right)
        around, through = sorted((left, right), key=len)
        if through[:len(around)] != around:
            raise at(node, 'a sum is drawn as a residual branch: one side has to be what '
                                   'went into the other.')
        return (*around, Block(0, 'residual', {}, '', through[len(around):]))

    def recurrent(self, end, both_ways=False):
        """The block of a recurrent link whose use was read."""
        link = self.links[end.link]
        settings = {**link.settings, 'gives': end.gives, 'both_ways': both_ways}
        return Block(0, link.kind, settings, end.link)

    # Functions ------------------------------------------------------------------------------------

    def function(self, node, name, first, others):
        """A function of F: `first` is what it works on, `others` its further arguments."""
        if name in ('concat', 'stack'):
            return self.joined(node, name, first, others)
        options = self.options(node, name, others)
        if name == 'separate':
            self.check(node, name, options, {'axis': 1})
            return Steps(self.blocks(first), False)
        if name == 'flatten':
            return self.flatten(node, self.value(first), options)
        before = self.blocks(first)
        if name == 'transpose' and options.get('axes') == IMAGE_TO_STEPS:
            return Turned(before)
        return (*before, self.block(node, name, options))

    def options(self, node, name, others):
        """The further arguments of a function, by name."""
        names = ORDER.get(name, ())
        if len(others) > len(names):
            others, names = [ast.Tuple(list(others), ast.Load())], names[:1]
        options = {key: literal(ast.copy_location(value, node))
                   for key, value in zip(names, others)}
        options.update({key.arg: literal(key.value) for key in node.keywords if key.arg})
        return options

    def check(self, node, name, options, *allowed):
        """BuildError unless the options are one of those that are allowed."""
        if options not in allowed:
            forms = ' or '.join(f'F.{name}(h{"".join(f", {k}={v}" for k, v in one.items())})'
                                for one in allowed)
            raise at(node, f'the builder reads {forms}.')

    def flatten(self, node, value, options):
        if isinstance(value, Turned):
            self.check(node, 'flatten', options, {'start': 2})
            return (*value.before, Block(0, 'columns', {}))
        self.check(node, 'flatten', options, {}, {'start': 1})
        return (*self.settled(node, value), Block(0, 'flatten', {}))

    def block(self, node, name, options):
        """The block of a function of one value."""
        if name in ACTIVATIONS and (not options or (name, options) == ('softmax', {'axis': 1})):
            return Block(0, 'activation', {'function': name})
        if name == 'dropout' and set(options) <= {'ratio'}:
            return self.made(node, 'dropout', {'ratio': options.get('ratio', 0.5)})
        if name in ('max_pool2d', 'avg_pool2d') and 'ksize' in options:
            if options.get('pad', 0) != 0 or options.get('cover_all', False):
                raise at(node, f'F.{name} with pad or cover_all is more than a block can '
                                       'be set to.')
            size, stride = options['ksize'], options.get('stride')
            return self.made(node, name[:-2], {'size': size,
                                               'stride': size if stride is None else stride})
        if name in ('mean', 'max') and options == {'axis': (2, 3)}:
            return Block(0, 'global_pool', {'by': name})
        if name in ('global_avg_pool', 'global_max_pool') and not options:
            return Block(0, 'global_pool', {'by': 'max' if 'max' in name else 'mean'})
        if name == 'mean' and options == {'axis': 1}:
            return Block(0, 'time_mean', {})
        raise at(node, f'F.{name} in this form is no block of the builder.')

    def made(self, node, kind, settings):
        try:
            return Block(0, kind, kind_of(kind).complete(settings))
        except BuildError as error:
            raise at(node, error) from None

    # Time steps -----------------------------------------------------------------------------------

    def part(self, node):
        """steps[-1], steps[::-1], h[:, -1]"""
        value, index = self.value(node.value), ast.unparse(node.slice)
        if isinstance(value, Steps) and index == '::-1':
            return value._replace(backward=not value.backward)
        if isinstance(value, Read) and index == '::-1':
            return value._replace(turned=not value.turned)
        if isinstance(value, Read) and index == '-1' and not value.turned:
            return End(value.before, value.link, value.backward, 'last')
        if type(value) is tuple and index in (':, -1', '(:, -1)'):
            return (*value, Block(0, 'last_step', {}))
        raise at(node, f'{shown(ast.unparse(node))} is nothing that the builder can draw; '
                               'it reads steps[-1] and h[:, -1].')

    def reading_steps(self, node):
        """[self.lstm1(step) for step in F.separate(h, axis=1)]"""
        loop, call = node.generators[0], node.elt
        steps = self.value(loop.iter)
        right = (len(node.generators) == 1 and not loop.ifs and isinstance(steps, Steps)
                 and isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
                 and ast.unparse(call.func.value) == 'self' and len(call.args) == 1
                 and not call.keywords and ast.unparse(call.args[0]) == ast.unparse(loop.target))
        name = call.func.attr if right else ''
        if not right or getattr(self.links.get(name), 'kind', '') not in RECURRENTS:
            raise at(node, 'of lists the builder reads only [self.lstm1(step) for step in '
                                   'F.separate(h, axis=1)], with an RNN, LSTM or GRU of self.')
        self.use(node, name)
        return Read(steps.before, name, steps.backward, False)

    def joined(self, node, name, first, others):
        """F.stack(steps, axis=1), and F.concat of what was read from both ends."""
        options = self.options(node, name, others)
        if name == 'stack':
            self.check(node, 'stack', options, {'axis': 1})
            value = self.value(first)
            if isinstance(value, Read) and value.backward == value.turned:
                return End(value.before, value.link, value.backward, 'all')
            raise at(node, 'F.stack puts the steps of an RNN, LSTM or GRU together, in '
                                   'their order: those that were read backwards as back[::-1].')
        pair = [self.value(part) for part in getattr(first, 'elts', [])]
        if len(pair) != 2 or not all(isinstance(part, End) for part in pair):
            raise at(node, 'F.concat joins what two recurrent links say that read from '
                                   'both ends, and nothing else here.')
        there, back = pair
        links = [self.links[part.link] for part in pair]
        if (there.before != back.before or there.gives != back.gives or there.backward
                or not back.backward or links[0].kind != links[1].kind
                or links[0].settings != links[1].settings):
            raise at(node, 'the two recurrent links have to be of the same kind and size, '
                                   'and to read the same from the beginning and from the end.')
        self.check(node, 'concat', options, {'axis': 1 if there.gives == 'last' else 2},
                   *([{}] if there.gives == 'last' else []))
        return (*there.before, self.recurrent(there, both_ways=True))


# The names of a function's further arguments.
ORDER = {'dropout': ('ratio',), 'max_pool2d': ('ksize', 'stride', 'pad', 'cover_all'),
         'avg_pool2d': ('ksize', 'stride', 'pad', 'cover_all'), 'flatten': ('start',),
         'mean': ('axis',), 'max': ('axis',), 'transpose': ('axes',), 'separate': ('axis',),
         'stack': ('axis',), 'concat': ('axis',), 'softmax': ('axis',)}
