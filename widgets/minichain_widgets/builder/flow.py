"""What happens to x in code that is gone through in thought. Nothing is run.

Each expression stands for a plain value, for a link that would be made, or for what has happened to
x so far (see weave).
"""
import ast

from . import functions
from .blocks import RECURRENTS, BuildError, kind_of, shown
from .calls import Caller
from .syntax import at
from .weave import EACH_STEP, End, Example, Output, Said, States, Step, Turned, Weave

EXAMPLES = 2            # of a batch, where code looks at each by itself
STEPS = 3               # of a sequence whose length is not known


class Path(tuple):
    """What has happened to x: blocks."""


FLOWS = (Path, Turned, Step, Said, End, Example, States, Output)


class Flow(Caller):
    """Follows x. known: the names that the code imports; shape_of: blocks -> Shape or None."""

    def __init__(self, known, shape_of):
        super().__init__(known)
        self.shape_of = shape_of
        self.weave = Weave()
        self.origins = {}       # number of a block -> the Declared that it is of

    def is_flow(self, value):
        return isinstance(value, FLOWS)

    def settled(self, node, value):
        """A value as a Path."""
        if isinstance(value, (list, tuple)) and not self.is_flow(value):
            raise at(node, 'these are several time steps; take the last, steps[-1], or put them '
                           'together with F.stack(steps, axis=1).')
        if not self.is_flow(value):
            raise at(node, f'{shown(ast.unparse(node))} is not what has become of x.')
        return Path(self.woven(node, self.weave.settled, plain_value(value)))

    def woven(self, node, change, *arguments):
        """What the weave makes of values; its sentences get the line."""
        try:
            found = change(*map(plain_value, arguments))
        except BuildError as error:
            raise at(node, error) from None
        return Path(found) if type(found) is tuple else found

    def sum(self, node, left, right):
        return self.woven(node, self.weave.sum, left, right)

    def examples(self, node, value):
        """The examples of a batch, each by itself."""
        before = self.settled(node, value)
        return [Example(tuple(before), n, EXAMPLES) for n in range(EXAMPLES)]

    def part(self, node, value, names):
        """h[:, -1], hy[-1], y[-1], h[0]"""
        index = ast.unparse(node.slice)
        if index in (':, -1', '(:, -1)'):
            return Path(self.woven(node, self.weave.extend, value, 'last_step'))
        if isinstance(value, Path) and isinstance(node.slice, ast.Tuple) and len(
                node.slice.elts) == 2 and ast.unparse(node.slice.elts[0]) == ':':
            return self.step_of(node, value, self.value(node.slice.elts[1], names))
        number = int(index) if index.lstrip('-').isdigit() else None
        if isinstance(value, States) and value.layer is None and number is not None and number < 0:
            return value._replace(layer=number)
        if isinstance(value, Output) and number == -1:
            return value._replace(last=True)
        raise at(node, f'{shown(ast.unparse(node))} is nothing that the builder can draw; it reads '
                       'steps[-1] and h[:, -1].')

    def shape(self, node, value):
        """h.shape: the batch is 'N', whatever its length."""
        shape = self.shape_of(self.settled(node, value))
        if shape is None:
            raise at(node, 'the shape is not known here: a block before it does not fit.')
        return ('N', *shape.sizes)

    # Links ----------------------------------------------------------------------------------------

    def link(self, node, link, positional, named):
        """A link called with a value."""
        name, first = link.label, positional[0] if positional else None
        steps = self.weave.is_step(name, first)
        if link.used and link.kind == 'layers':
            raise at(node, f'{name} is used twice; in the picture recurrent layers have weights of '
                           'their own.')
        link.used = True
        if link.kind == 'layers':
            return self.layers(node, link, positional)
        if not positional:
            raise at(node, f'{name} takes one value here, such as {name}(h).')
        others = positional[1:]
        if steps and link.kind in EACH_STEP and not others and not named:
            each = {'each_step': True} if link.kind == 'linear' else {}
            found = self.woven(node, self.weave.each_step, name, first, link.kind,
                               {**link.settings, **each}, link.name)
            self.origins[found.before[-1].id] = link
            return found
        if link.kind in RECURRENTS:
            if others or named or not self.is_flow(first):
                raise at(node, f'{name} takes one value here, such as {name}(step).')
            return self.woven(node, self.weave.say, name, first, link.kind, link.settings,
                              link.name)
        options = {**named, **({'n_batch_axes': others[0]} if len(others) == 1 else {})}
        settings = dict(link.settings)
        if link.kind == 'linear' and options == {'n_batch_axes': 2}:
            settings['each_step'] = True
        elif link.kind == 'attention' and set(options) == {'causal'}:
            settings['causal'] = bool(options['causal'])
        elif len(others) > 1 or options and options != {'n_batch_axes': 1}:
            raise at(node, f'{sorted(options)[0] if options else name} of {name} is nothing that '
                           'the block can be set to.')
        before = self.settled(node, first)
        if link.block is not None:
            if kind_of(link.kind).complete(settings) != link.block.settings:
                raise at(node, f'{name} is used in two different ways; a block has one.')
            return Path((*before, self.weave.again(link.block)))
        found = self.woven(node, self.weave.extend, before, link.kind, settings, link.name)
        link.block = found[-1]
        self.origins[link.block.id] = link
        return found

    def layers(self, node, link, positional):
        """Recurrent layers: (None, None, sequences) -> states, sequences."""
        *states, sequences = positional or [None]
        count = 2 if link.link.endswith('LSTM') else 1
        first = sequences[0] if isinstance(sequences, (list, tuple)) and sequences else sequences
        if isinstance(sequences, Path):
            sequences = self.examples(node, sequences)
            first = sequences[0]
        if (len(states) != count or any(state is not None for state in states)
                or not isinstance(first, Example) or list(sequences) != [
                    first._replace(n=n) for n in range(first.count)]):
            raise at(node, f'{link.label} is drawn if it is called so: {link.label}('
                           f'{"None, " * count}F.separate(h, axis=0)).')
        self.weave.links[link.label] = link.kind, link.settings, link.name
        before = first.before
        return (*[States(before, link.label) for _ in range(count)],
                [Output(before, link.label, n, first.count) for n in range(first.count)])

    # Functions ------------------------------------------------------------------------------------

    def flow_method(self, node, name, owner, positional, named):
        """h.tanh()"""
        if name not in functions.METHODS:
            raise at(node, f'{shown(ast.unparse(node.func))} is nothing that the builder knows; it '
                           'knows functions of F.')
        return self.function(node, name, [owner, *positional], named)

    def function(self, node, name, positional, named):
        """A function of F: what it works on, and its further arguments."""
        first, *others = positional
        options = functions.options_of(name, others, named)
        try:
            if name in ('concat', 'stack'):
                return self.joined(node, name, self.listed(node, first), options)
            if name == 'separate':
                return self.separated(node, self.settled(node, first), options)
            value = first if isinstance(first, Turned) else self.settled(node, first)
            found = functions.extended(self.weave, name, plain_value(value), options)
        except BuildError as error:
            raise error if str(error).startswith('Line ') else at(node, error) from None
        return Path(found) if type(found) is tuple else found

    def separated(self, node, before, options):
        """The time steps of a value, or its examples."""
        functions.check('separate', options, {'axis': 1}, {'axis': 0}, {})
        if options.get('axis', 0) == 0:
            return self.examples(node, before)
        count = self.length(before)
        return [Step(tuple(before), t, count) for t in range(count)]

    def length(self, before):
        """How many time steps there are."""
        shape = self.shape_of(before)
        return shape.sizes[0] if shape is not None and shape.axes[0] == 'T' else STEPS

    def step_of(self, node, value, t):
        """h[:, t]"""
        count = self.length(value)
        if type(t) is not int or not -count <= t < count:
            raise at(node, f'{shown(ast.unparse(node))} is no time step; there are {count}.')
        return Step(tuple(value), t % count, count)

    def joined(self, node, name, values, options):
        """F.stack(steps, axis=1), and F.concat of branches or of two directions."""
        if not values or not all(map(self.is_flow, values)):
            raise at(node, f'F.{name} puts values together, in a list: F.{name}([a, b]).')
        values = [plain_value(value) for value in values]
        if name == 'stack':
            found = self.weave.stack(values)
            axis = 0 if isinstance(values[0], Output) else 1
            functions.check('stack', options, {'axis': axis}, *([{}] if axis == 0 else []))
            if found is None:
                raise at(node, 'F.stack puts the steps of an RNN, LSTM or GRU together, in their '
                               'order: those that were read backwards as back[::-1].')
            return Path(found) if type(found) is tuple else found
        found = self.weave.both(values) if len(values) == 2 else None
        found = Path(found or self.weave.concat(values))
        shape = self.shape_of(found)
        if shape is not None:
            axis = 2 if shape.axes == 'TI' else 1
            functions.check('concat', options, {'axis': axis},
                            *([{}] if axis == 1 else []), *([{'axis': -1}] if shape.axes != 'CHW'
                                                            else []))
        return found


def plain_value(value):
    """A Path as the tuple that the weave knows."""
    return tuple(value) if isinstance(value, Path) else value
