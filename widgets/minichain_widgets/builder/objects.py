"""What code makes in __init__, as far as the builder knows it: links, lists of links, Chains."""
import inspect

import minichain.links as L

from .blocks import BuildError, kind_of
from .facts import DEEP, block_of
from .syntax import at


class Known:
    """Something with a name that code may call: a function of F, a class of L, range ..."""

    def __init__(self, name):
        self.name = name


class Declared:
    """A link that is made: which block it is, what it was made for, and in which line.

    `label` is what sentences call it: self.conv1, self.layers[0]
    """

    def __init__(self, link, kind, settings, size, line):
        self.link, self.kind, self.settings, self.size = link, kind, settings, size
        self.line, self.label, self.name, self.used = line, '', '', False
        self.block = None       # the first one that it has become

    def copy(self):
        return Declared(self.link, self.kind, dict(self.settings), self.size, self.line)


class Items:
    """A ChainList, or with `in_turn` a Sequential: each is called with what the one before gave."""

    def __init__(self, items, in_turn):
        self.items, self.in_turn = list(items), in_turn

    def copy(self):
        return Items([copied(item) for item in self.items], self.in_turn)


class Instance:
    """An object of a class in the code. `items`: what a ChainList numbers."""

    def __init__(self, definition, methods, base):
        self.definition, self.methods, self.base = definition, methods, base
        self.attributes, self.items = {}, []

    def copy(self):
        twin = Instance(self.definition, self.methods, self.base)
        twin.attributes = {name: copied(value) for name, value in self.attributes.items()}
        twin.items = [copied(item) for item in self.items]
        return twin


class Defined:
    """A class in the code."""

    def __init__(self, definition, base):
        self.definition, self.base = definition, base


class Closure:
    """A lambda, or a function in the code, with the names that it sees."""

    def __init__(self, arguments, body, names):
        self.arguments, self.body, self.names = arguments, body, names


class Method:
    """value.name, before it is called."""

    def __init__(self, owner, name):
        self.owner, self.name = owner, name


OBJECTS = (Declared, Items, Instance)


def copied(value):
    """The same once more, with weights of its own."""
    return value.copy() if isinstance(value, OBJECTS) else value


def label(value, name, plain=''):
    """Tell all links inside of a value what they are called."""
    if isinstance(value, Declared) and not value.label:
        value.label, value.name = name, plain
    elif isinstance(value, Items):
        for number, item in enumerate(value.items):
            label(item, f'{name}[{number}]')
    elif isinstance(value, Instance):
        for attribute, item in value.attributes.items():
            label(item, f'{name}.{attribute}', attribute if name == 'self' else '')
        for number, item in enumerate(value.items):
            label(item, f'{name}[{number}]')


def all_links(value):
    """All links inside of a value, each once."""
    found = []
    inside = (value.items if isinstance(value, Items) else
              [*value.attributes.values(), *value.items] if isinstance(value, Instance) else ())
    for item in ([value] if isinstance(value, Declared) else inside):
        found += [item] if isinstance(item, Declared) else all_links(item)
    return list(dict.fromkeys(found))


# Links of known classes ---------------------------------------------------------------------------

def declared(node, link, positional, named):
    """The Declared of a call L.link(...) with plain values."""
    try:
        kind, settings, size = block_of(link, **arguments_of(node, link, positional, named))
        settings = kind_of(kind).complete(settings)
    except BuildError as error:
        text = str(error)
        raise error if text.startswith('Line ') else at(node, text) from None
    return Declared(link, kind, settings, size, node.lineno)


def arguments_of(node, link, positional, named):
    """The arguments of a call of a link's class, under the names of its attributes."""
    try:
        bound = inspect.signature(getattr(L, link)).bind(*positional, **named)
    except TypeError as error:
        raise at(node, f'L.{link}: {error}.') from None
    facts = dict(bound.arguments)
    known = {'n_in', 'n_out', 'ksize', 'stride', 'pad', 'nobias', 'dilate', 'groups', 'size',
             'decay', 'eps', 'ignore_label', 'n', 'heads', 'dropout', 'ratio', 'forget_bias'}
    if link in DEEP:
        known |= {'n_layers', 'activation'}
    extra = [name for name, value in facts.items() if name not in known and value is not None]
    if extra:
        raise at(node, f'{extra[0]} of L.{link} is nothing that a block can be set to.')
    for name, value in facts.items():
        if not (value is None or isinstance(value, (int, float, str, tuple))):
            raise at(node, f'{name} of L.{link} has to be a plain number here.')
    return lazy(link, facts)


def lazy(link, facts):
    """L.Linear(10) and L.Conv2d(16, ksize=3) leave the size of the input out."""
    if link in ('Linear', 'RNN', 'LSTM', 'GRU') and facts.get('n_out') is None:
        facts['n_in'], facts['n_out'] = None, facts['n_in']
    if link == 'Conv2d':
        if facts.get('ksize') is None:
            facts['n_in'], facts['n_out'], facts['ksize'] = None, facts['n_in'], facts.get('n_out')
        elif facts.get('n_out') is None:
            facts['n_in'], facts['n_out'] = None, facts['n_in']
        if facts['ksize'] is None:
            raise BuildError('L.Conv2d needs a kernel size: L.Conv2d(16, ksize=3).')
    return facts
