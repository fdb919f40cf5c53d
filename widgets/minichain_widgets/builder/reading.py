"""The code of a Chain as a net. The code is looked at and never run."""
import ast
import inspect

import minichain.links as L

from . import net
from .blocks import BuildError, kind_of, shown
from .check import check
from .facts import KNOWN, block_of, takes
from .flow import Flow
from .net import Block, walk
from .syntax import at, full_name, imports, is_text, literal, parse


class Declared:
    """A link that __init__ makes: which block it is, what it was made for, and in which line."""

    def __init__(self, kind, settings, size, line):
        self.kind, self.settings, self.size, self.line = kind, settings, size, line
        self.used = False


def read(text, start, target):
    """The blocks of the code of a Chain, for data of the shape `start` and the Target `target`.

    Raises BuildError, a sentence with the line, for what the builder cannot draw.
    """
    tree = parse(text)
    known = imports(tree)
    chain = the_chain(tree, known)
    methods = {node.name: node for node in chain.body if isinstance(node, ast.FunctionDef)}
    for name in ('__init__', 'forward'):
        if name not in methods:
            raise at(chain, f'the class {chain.name} has no {name}; the builder needs __init__ and '
                            'forward.')
    links = declared(methods['__init__'], known)
    blocks = Flow(links, known).follow(methods['forward'])
    unused = [name for name, link in links.items() if not link.used]
    if unused:
        raise BuildError(f'Line {links[unused[0]].line}: self.{unused[0]} is made, but forward '
                         'does not use it. Use it, or take the line out.')
    return finished(blocks, links, start, target)


def the_chain(tree, known):
    """The one class that is a Chain."""
    found = [node for node in tree.body if isinstance(node, ast.ClassDef) and any(
        full_name(base, known) in ('mc.Chain', 'L.Chain', 'mc.Link', 'L.Link')
        for base in node.bases)]
    if not found:
        raise BuildError('There is no class here that is a Chain, such as: class Net(mc.Chain):')
    if len(found) > 1:
        raise at(found[1], f'there are two Chains, {found[0].name} and {found[1].name}; the '
                           'builder shows one net.')
    return found[0]


# __init__ -----------------------------------------------------------------------------------------

def declared(method, known):
    """name -> Declared, of all links that __init__ makes."""
    arguments = method.args
    if len(arguments.args) != 1 or arguments.vararg or arguments.kwonlyargs or arguments.kwarg:
        raise at(method, '__init__ takes nothing but self here: write the numbers into the code.')
    links = {}
    for statement in method.body:
        if isinstance(statement, ast.With):
            for inside in statement.body:
                declare(inside, links, known)
        elif not (is_text(statement) or is_super(statement)):
            raise at(statement, 'in __init__ the builder reads super().__init__() and, inside of '
                                '"with self.init_scope():", links such as '
                                'self.l1 = L.Linear(4, 2).')
    return links


def is_super(statement):
    text = ast.unparse(statement) if isinstance(statement, ast.Expr) else ''
    return text.startswith('super(') and text.endswith(').__init__()')


def declare(statement, links, known):
    """Take in one line `self.name = L.Class(...)`."""
    if is_text(statement):
        return
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if (not isinstance(target, ast.Attribute) or ast.unparse(target.value) != 'self'
            or len(statement.targets) > 1):
        raise at(statement, 'here the builder reads links such as self.l1 = L.Linear(4, 2).')
    call = statement.value
    name = full_name(call.func, known) if isinstance(call, ast.Call) else None
    owner, _, link = (name or '').rpartition('.')
    if owner not in ('L', 'mc') or link not in KNOWN:
        what = ast.unparse(call.func) if isinstance(call, ast.Call) else ast.unparse(call)
        raise at(statement, f'{shown(what)} is no link that the builder knows. It knows '
                            f'{", ".join(KNOWN)}.')
    try:
        kind, settings, size = block_of(link, **arguments_of(call, link))
        settings = kind_of(kind).complete(settings)
    except BuildError as error:
        raise at(statement, error) from None
    links[target.attr] = Declared(kind, settings, size, statement.lineno)


def arguments_of(call, link):
    """The arguments of a call of a link's class, under the names of its attributes."""
    values = [literal(value) for value in call.args]
    if any(keyword.arg is None for keyword in call.keywords):
        raise at(call, 'the builder reads arguments one by one, without **.')
    named = {keyword.arg: literal(keyword.value) for keyword in call.keywords}
    try:
        bound = inspect.signature(getattr(L, link)).bind(*values, **named)
    except TypeError as error:
        raise at(call, f'L.{link}: {error}.') from None
    facts = dict(bound.arguments)
    known = {'n_in', 'n_out', 'ksize', 'stride', 'pad', 'nobias', 'dilate', 'groups', 'size',
             'decay', 'eps', 'ignore_label', 'n', 'heads', 'dropout', 'ratio', 'forget_bias'}
    extra = [name for name, value in facts.items() if name not in known and value is not None]
    if extra:
        raise at(call, f'{extra[0]} of L.{link} is nothing that a block can be set to.')
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


# Afterwards ---------------------------------------------------------------------------------------

def finished(blocks, links, start, target):
    """The blocks with numbers, with what the code leaves unsaid put in, and sizes compared."""
    blocks = whole(blocks, start, target)
    findings = check(blocks, start, target).findings
    for block in walk(blocks):
        link, given = links.get(block.name), findings[block.id].given
        if link is None or link.size is None or given is None or findings[block.id].problem:
            continue
        wanted = takes(block.kind, given)
        if wanted != link.size:
            raise BuildError(f'Line {link.line}: self.{block.name} is made for {link.size}, but '
                             f'{given.text()} arrives: write {wanted}, or None to take what comes.')
    return named(blocks)


def whole(blocks, start, target):
    """Blocks without numbers as a net: numbered, and with what code leaves unsaid."""
    return with_classifier(with_flatten(net.from_plain(net.plain(blocks)), start, target), target)


def with_flatten(blocks, start, target):
    """A linear link lays all numbers of an example in a row by itself: here this is a block."""
    while True:
        checked = check(blocks, start, target)
        id = checked.broken
        if id is None:
            return blocks
        block, place = net.find(blocks, id)
        axes = checked.findings[id].given.axes
        if block.kind != 'linear' or block.settings['each_step'] or axes not in ('CHW', 'TI'):
            return blocks
        blocks = net.inserted(blocks, place, net.make(net.new_id(blocks), 'flatten'))


def with_classifier(blocks, target):
    """The last link, if it is called `out` and gives what the data asks for, is a classifier."""
    if not blocks or blocks[-1].kind != 'linear' or blocks[-1].name != 'out':
        return blocks
    last = blocks[-1]
    if last.settings != {'units': target.count, 'bias': True, 'each_step': False}:
        return blocks
    return (*blocks[:-1], Block(last.id, 'classifier', {}, last.name))


def named(blocks):
    """The blocks with the names that the student chose; names that are given anyway are let go."""
    def own(block):
        stem = kind_of(block.kind).stem
        ordinary = block.name.rstrip('0123456789') == stem
        return block._replace(name='' if ordinary else block.name, body=named(block.body))
    return tuple(own(block) for block in blocks)
