"""What has happened to x on its way through a net, operation by operation.

A value is a tuple of blocks, or something on its way there, such as one time step. Blocks have
numbers of their own: two values that share blocks have come the same way until there.
"""
import itertools
from typing import NamedTuple

from .blocks import BuildError, kind_of
from .net import Block, walk

EACH_STEP = ('embedding', 'linear', 'layer_norm')   # may be called with one step after the other

class Turned(NamedTuple):
    """Images with their columns in front: on the way to be `columns to steps`."""

    before: tuple


class Step(NamedTuple):
    """Time step number t of `count`."""

    before: tuple
    t: int
    count: int


class Said(NamedTuple):
    """What a recurrent link said after a time step."""

    before: tuple
    path: str
    t: int
    count: int


class End(NamedTuple):
    """What a recurrent link said after its last step, or after all."""

    before: tuple
    path: str
    gives: str


class Example(NamedTuple):
    """The sequence of example n of a batch of `count`."""

    before: tuple
    n: int
    count: int


class States(NamedTuple):
    """The last states of recurrent layers; `layer`: of one of them, counted from the end."""

    before: tuple
    path: str
    layer: int | None = None


class Output(NamedTuple):
    """What recurrent layers give for example n; `last`: after its last time step."""

    before: tuple
    path: str
    n: int
    count: int
    last: bool = False


class Weave:
    """Puts values together. BuildError says what the builder cannot draw."""

    def __init__(self):
        self.numbers = itertools.count(1)
        self.links = {}         # path of a recurrent link -> (kind, settings, name)
        self.order = {}         # path of a recurrent link -> the time steps it was called with
        self.made = {}          # what a value became when it was settled
        self.by_step = {}       # path of a link without a memory that is called step by step ->
                                # its first block

    def block(self, kind, settings=None, name='', lanes=()):
        """A block with checked settings and a number of its own."""
        return Block(next(self.numbers), kind, kind_of(kind).complete(settings or {}), name, lanes)

    def extend(self, value, kind, settings=None, name=''):
        """A value with one block more."""
        return (*self.settled(value), self.block(kind, settings, name))

    def again(self, first):
        """A block that uses the weights of another one."""
        return self.block('again', {'of': first.id})

    def settled(self, value):
        """A value as a tuple of blocks, the same one each time."""
        if type(value) is tuple:
            return value
        before, *others = value
        key = (type(value), tuple(block.id for block in before), *others)
        if key not in self.made:
            self.made[key] = self._settle(value)
        return self.made[key]

    def _settle(self, value):
        if isinstance(value, Said) and self.is_last(value):
            value = End(value.before, value.path, 'last')
        if isinstance(value, End):
            if self.order[value.path][0] != 0:
                raise BuildError(f'{value.path} reads from the end only; the builder has this '
                                 'beside one that reads from the beginning.')
            return (*value.before, self.recurrent(value))
        if isinstance(value, Step) and value.t == value.count - 1:
            return (*value.before, self.block('last_step'))
        if isinstance(value, States) and value.layer == -1:
            if self.links[value.path][1]['both_ways']:
                raise BuildError(f'{value.path} reads both ways: its last states are '
                                 'F.concat([hy[-2], hy[-1]], axis=1).')
            return (*value.before, self.recurrent(value, 'last'))
        if isinstance(value, Turned):
            raise BuildError('after F.transpose(h, (0, 3, 1, 2)) the builder reads '
                             'F.flatten(..., 2): columns become time steps.')
        raise BuildError('one time step, one example or one state is used in a way that the '
                         'builder cannot draw. It draws the last step, steps[-1], and all of them, '
                         'F.stack(steps, axis=1).')

    # Recurrent links ------------------------------------------------------------------------------

    def say(self, path, step, kind, settings, name):
        """A recurrent link is called with one time step."""
        step = self.as_step(path, step)
        self.links[path] = kind, settings, name
        order = self.order.setdefault(path, [])
        if step.t in order:
            raise BuildError(f'{path} reads a time step twice; in the picture a recurrent link '
                             'reads each step once.')
        order.append(step.t)
        return Said(step.before, path, step.t, step.count)

    def as_step(self, path, value):
        """A value as a time step: what a recurrent link below has said is one, too."""
        if isinstance(value, Said) and self.order[value.path] == list(range(value.t + 1)):
            before = (*value.before, self.recurrent(value, 'all'))
            return Step(before, value.t, value.count)
        if not isinstance(value, Step):
            raise BuildError(f'{path} takes one time step at a time, as in steps = [rnn(step) for '
                             'step in F.separate(h, axis=1)].')
        return value

    def is_step(self, path, value):
        """Whether a link without a memory gets one time step of many."""
        last = isinstance(value, Step) and value.t == value.count - 1 or isinstance(
            value, Said) and self.is_last(value)
        return isinstance(value, (Step, Said)) and (path in self.by_step or not last)

    def each_step(self, path, step, kind, settings, name):
        """A link without a memory is called with one time step after the other."""
        step = self.as_step(path, step)
        key = path, tuple(block.id for block in step.before)
        if key not in self.made:
            first = self.by_step.get(path)
            self.made[key] = (self.block(kind, settings, name) if first is None
                              else self.again(first))
            self.by_step.setdefault(path, self.made[key])
        return step._replace(before=(*step.before, self.made[key]))

    def is_last(self, said):
        """Whether a recurrent link had read all steps when it said this, in one order or the
        other."""
        order, all_steps = self.order[said.path], list(range(said.count))
        return order in (all_steps, all_steps[::-1]) and order[-1] == said.t

    def recurrent(self, value, gives=None, both_ways=None):
        """The block of a recurrent link; the same one each time."""
        kind, settings, name = self.links[value.path]
        settings = {**settings, 'gives': gives or value.gives}
        if both_ways is not None:
            settings['both_ways'] = both_ways
        key = value.path, *sorted(settings.items())
        if key not in self.made:
            self.made[key] = self.block(kind, settings, name)
        return self.made[key]

    def stack(self, values):
        """The steps, or the examples, that were put together again; None if they are not all."""
        first = values[0]
        if isinstance(first, Said) and values == [
                first._replace(t=t) for t in range(first.count)]:
            return End(first.before, first.path, 'all')
        if isinstance(first, Output) and values == [
                first._replace(n=n) for n in range(first.count)]:
            blocks = (*first.before, self.recurrent(first, 'all'))
            return self.extend(blocks, 'last_step') if first.last else blocks
        return None

    def both(self, values):
        """What two directions say together; None if the values are not two directions."""
        there, back = values
        if isinstance(there, States) and isinstance(back, States):
            if (there.path, there.layer, back.layer) != (back.path, -2, -1):
                raise BuildError(f'of {there.path} the builder reads hy[-1], and both ways '
                                 'F.concat([hy[-2], hy[-1]], axis=1).')
            return (*there.before, self.recurrent(there, 'last'))
        there, back = (End(value.before, value.path, 'last') if isinstance(value, Said)
                       and self.is_last(value) else value for value in values)
        if not (isinstance(there, End) and isinstance(back, End)):
            return None
        orders = self.order[there.path], self.order[back.path]
        if orders[0][0] == orders[1][0] == 0:
            return None         # two that read in the same direction stand side by side
        facts = [self.links[end.path][:2] for end in (there, back)]
        if (orders[0] != orders[1][::-1] or orders[0][0] != 0 or there.before != back.before
                or there.gives != back.gives or facts[0] != facts[1]):
            raise BuildError(f'{there.path} and {back.path} are not one block that reads both '
                             'ways: the two recurrent links have to be of the same kind and size, '
                             'and to read the same from the beginning and from the end.')
        return (*there.before, self.recurrent(there, both_ways=True))

    # Branches -------------------------------------------------------------------------------------

    def sum(self, left, right):
        """A residual branch: what the sum's sides do not share."""
        left, right = self.settled(left), self.settled(right)
        shared = common(left, right)
        inside, around = left[len(shared):], right[len(shared):]
        if not inside:
            inside, around = around, inside
        if not inside:
            raise BuildError('this sum adds a value to itself; a sum is drawn as a residual '
                             'branch, whose two sides differ.')
        return (*shared, self.block('residual', lanes=(inside, around)))

    def concat(self, values):
        """Branches side by side: what the values do not share."""
        values = [self.settled(value) for value in values]
        shared = common(*values)
        lanes = tuple(value[len(shared):] for value in values)
        if not any(lanes) or len(lanes) > 6:
            raise BuildError('F.concat is drawn as two to six different branches side by side.')
        return (*shared, self.block('parallel', lanes=lanes))


def common(*values):
    """The blocks that all have passed, before they went different ways."""
    shared = []
    for blocks in zip(*values):
        if any(block is not blocks[0] for block in blocks):
            break
        shared.append(blocks[0])
    return tuple(shared)


def check_once(blocks):
    """BuildError if a block is in two branches, which is what ways that cross come to."""
    seen = set()
    for block in walk(blocks):
        if block.id in seen and (block.lanes or kind_of(block.kind).stem):
            what = block.name or kind_of(block.kind).label
            raise BuildError(f'two ways through the net cross: {what} would be in both. Branches '
                             'that are added or put together can be drawn inside of each other '
                             'only.')
        seen.add(block.id)
