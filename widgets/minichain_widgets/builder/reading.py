"""The code of a Chain or a Sequential as a net. The code is looked at and never run."""
import ast

from . import net
from .blocks import BuildError, kind_of
from .check import check
from .facts import takes
from .flow import Flow, Path
from .net import Block, walk
from .objects import OBJECTS, Declared, Defined, Instance, all_links, label
from .syntax import at, full_name, imports, parse
from .weave import check_once

BASES = {'mc.Chain': 'Chain', 'L.Chain': 'Chain', 'mc.Link': 'Chain', 'L.Link': 'Chain',
         'mc.ChainList': 'ChainList', 'L.ChainList': 'ChainList',
         'mc.Sequential': 'Sequential', 'L.Sequential': 'Sequential'}


def read(text, start, target, links=None):
    """(blocks, seed) of the code of a Chain or a Sequential, for data of the shape `start` and the
    Target `target`. The seed is None if the code sets none.

    links  name -> Own, of what the code calls builder.links[name]

    Raises BuildError, a sentence with the line, for what the builder cannot draw.
    """
    tree = parse(text)
    known = imports(tree)

    def shape_of(blocks):
        return check(whole(tuple(blocks), start, target), start, target).gives

    flow = Flow(known, shape_of)
    flow.names['builder'] = with_links(links or {})
    try:
        link, node = the_net(tree, flow)
        label(link, 'self')
        blocks = flow.settled(node, flow.apply(node, link, [Path()], {}))
    except RecursionError:
        raise BuildError('This code calls itself, or goes too deep, for the builder.') from None
    for unused in all_links(link):
        if not unused.used:
            raise BuildError(f'Line {unused.line}: {unused.label} is made, but forward does not '
                             'use it. Use it, or take the line out.')
    check_once(blocks)
    return finished(tuple(blocks), flow.origins, start, target), seed_of(tree, known)


def with_links(links):
    """What code calls `builder`."""
    builder, kept = Instance(None, {}, 'Chain'), Instance(None, {}, 'Chain')
    builder.attributes['links'] = kept
    kept.attributes = {name: Declared(own.label, 'own', {'link': own}, None, 0)
                       for name, own in links.items()}
    return builder


def the_net(tree, flow):
    """(the link that the code makes, a line that stands for it)"""
    made, defined = None, {}
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            base = next((BASES[name] for name in (full_name(base, flow.known) for base in
                                                  statement.bases) if name in BASES), None)
            if base is not None:
                defined[statement.name] = statement
                flow.names[statement.name] = Defined(statement, base)
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(
                statement.targets[0], ast.Name):
            made = of_line(statement, flow) or made
    if made is not None:
        return made
    inside = {node.id for statement in defined.values() for node in ast.walk(statement)
              if isinstance(node, ast.Name)}
    outer = [statement for name, statement in defined.items() if name not in inside]
    if not outer:
        raise BuildError('There is no class here that is a Chain, as in class Net(mc.Chain): ... , '
                         'and no model = mc.Sequential(...).')
    if len(outer) > 1:
        raise at(outer[1], f'there are two Chains, {outer[0].name} and {outer[1].name}; the '
                           f'builder shows one net. Say which: model = {outer[1].name}()')
    return flow.apply(outer[0], flow.names[outer[0].name], [], {}), outer[0]


def of_line(statement, flow):
    """(link, line) if a line outside of classes makes a link. Other lines only give names values;
    those that the builder cannot follow are none of its business.
    """
    made = isinstance(statement.value, ast.Call) and (
        isinstance(flow.names.get(getattr(statement.value.func, 'id', '')), Defined)
        or (full_name(statement.value.func, flow.known) or '').startswith(('L.', 'mc.Seq')))
    try:
        flow.line(statement, flow.names)
    except BuildError:
        if made:
            raise
        return None
    value = flow.names[statement.targets[0].id]
    return (value, statement) if isinstance(value, OBJECTS) else None


def seed_of(tree, known):
    """The number of mc.set_seed(n), or None."""
    for statement in tree.body:
        call = getattr(statement, 'value', None)
        if isinstance(statement, ast.Expr) and isinstance(call, ast.Call) and full_name(
                call.func, known) == 'mc.set_seed' and call.args:
            number = getattr(call.args[0], 'value', None)
            if type(number) is not int or not 0 <= number < 2 ** 32:
                raise at(statement, 'the seed is a whole number from 0 on.')
            return number
    return None


# Afterwards ---------------------------------------------------------------------------------------

def finished(blocks, origins, start, target):
    """The blocks with numbers, with what the code leaves unsaid put in, and sizes compared."""
    links = [origins.get(block.id) for block in walk(blocks)]
    blocks = whole(blocks, start, target)
    findings = check(blocks, start, target).findings
    for block in walk(blocks):
        link = links[block.id - 1] if block.id <= len(links) else None
        given = findings[block.id].given
        if link is None or link.size is None or given is None or findings[block.id].problem:
            continue
        wanted = takes(block.kind, given)
        if wanted != link.size:
            raise BuildError(f'Line {link.line}: {link.label} is made for {link.size}, but '
                             f'{given.text()} arrives: write {wanted}, or None to take what comes.')
    return named(blocks)


def whole(blocks, start, target):
    """Blocks with any numbers as a net: numbered anew, and with what code leaves unsaid."""
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
        if block.kind == 'again':
            block, _ = net.find(blocks, block.settings['of'])
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
    """The blocks with the names that the student chose. Names that are given anyway are let go,
    and those that several links have.
    """
    chosen = [block.name for block in walk(blocks)]

    def own(block):
        ordinary = block.name.rstrip('0123456789') == kind_of(block.kind).stem
        kept = net.good_name(block.name) and chosen.count(block.name) == 1 and not ordinary
        return block._replace(name=block.name if kept else '',
                              lanes=tuple(tuple(map(own, lane)) for lane in block.lanes))

    return tuple(map(own, blocks))
