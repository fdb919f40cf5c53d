"""A net as a tree of blocks. Nothing here changes in place: each step gives a new tree."""
import itertools
import keyword
from typing import NamedTuple

from minichain import Chain

from .blocks import BuildError, kind_of, shown

DEEPEST = 4         # residual branches inside of each other
MOST = 200          # blocks of a net


class Block(NamedTuple):
    """One block. `name` is what its link is called in code, if the student chose it."""

    id: int
    kind: str
    settings: dict
    name: str = ''
    body: tuple = ()        # the blocks inside of a residual branch


class Place(NamedTuple):
    """Where a block stands: inside of which residual branch (None: in none), and which number."""

    parent: int | None
    index: int


def walk(blocks):
    """All blocks, each before those inside of it."""
    for block in blocks:
        yield block
        yield from walk(block.body)


def depth(blocks):
    """How many levels there are."""
    return 1 + max((depth(block.body) for block in blocks if block.kind == 'residual'), default=0)


def new_id(blocks):
    """A number that no block has."""
    return max((block.id for block in walk(blocks)), default=0) + 1


def make(id, kind, settings=None, name='', body=()):
    """A block with checked settings. BuildError if the kind or a setting is wrong."""
    return Block(id, kind, kind_of(kind).complete(settings or {}), name, tuple(body))


def good_name(name):
    """Whether a link of a Chain can be called so."""
    return (isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
            and not hasattr(Chain, name) and not name.startswith('_') and len(name) <= 40)


def find(blocks, id, parent=None):
    """(block, Place). BuildError if there is no such block."""
    for index, block in enumerate(blocks):
        if block.id == id:
            return block, Place(parent, index)
        if any(inside.id == id for inside in walk(block.body)):
            return find(block.body, id, block.id)
    raise BuildError(f'There is no block {shown(id)} any more.')


def replaced(blocks, id, *others):
    """The tree with other blocks in the place of one; without any, it is taken out."""
    result = []
    for block in blocks:
        if block.id == id:
            result += others
        else:
            result.append(block._replace(body=replaced(block.body, id, *others)))
    return tuple(result)


def inserted(blocks, place, *new):
    """The tree with blocks put in at a place. BuildError if there is no such place."""
    if place.parent is None:
        level = list(blocks)
        level[place.index:place.index] = new
        return limited(tuple(level))
    branch, _ = find(blocks, place.parent)
    if branch.kind != 'residual':
        raise BuildError('Only a residual branch has blocks inside.')
    body = list(branch.body)
    body[place.index:place.index] = new
    return limited(replaced(blocks, branch.id, branch._replace(body=tuple(body))))


def limited(blocks):
    """The blocks, if they are not too many and not too deep. BuildError otherwise."""
    if depth(blocks) > DEEPEST:
        raise BuildError(f'Residual branches go {DEEPEST - 1} deep at most.')
    if sum(1 for _ in walk(blocks)) > MOST:
        raise BuildError(f'A net has {MOST} blocks at most.')
    return blocks


def moved(blocks, id, place):
    """The tree with a block somewhere else; `place` is counted before it is taken out."""
    block, old = find(blocks, id)
    if any(inside.id == place.parent for inside in walk((block,))):
        raise BuildError('A branch cannot be moved into itself.')
    index = place.index - (place.parent == old.parent and place.index > old.index)
    return inserted(replaced(blocks, id), Place(place.parent, index), block)


def stepped(blocks, id, by):
    """The tree with a block one place earlier (by = -1) or later (1), into and out of branches."""
    block, (parent, index) = find(blocks, id)
    level = blocks if parent is None else find(blocks, parent)[0].body
    neighbour = index + by
    if not 0 <= neighbour < len(level):
        if parent is None:
            return blocks
        outside = find(blocks, parent)[1]
        return moved(blocks, id, Place(outside.parent, outside.index + (by > 0)))
    if level[neighbour].kind == 'residual':
        end = len(level[neighbour].body) if by < 0 else 0
        return moved(blocks, id, Place(level[neighbour].id, end))
    return moved(blocks, id, Place(parent, neighbour + (by > 0)))


def doubled(blocks, id):
    """The tree with a copy of a block behind it, and the copy's number."""
    block, place = find(blocks, id)
    numbers = itertools.count(new_id(blocks))
    copy = renumbered(block, numbers)
    return inserted(blocks, Place(place.parent, place.index + 1), copy), copy.id


def renumbered(block, numbers):
    """A copy of a block, and of all inside, with numbers of their own and no names."""
    return Block(next(numbers), block.kind, dict(block.settings), '',
                 tuple(renumbered(inside, numbers) for inside in block.body))


def fresh(blocks, others):
    """Blocks with numbers that none of the others has, so that nobody takes one for another."""
    return from_plain(plain(blocks), itertools.count(new_id(others)))


def set_to(blocks, id, name, value):
    """The tree with one setting of a block changed. BuildError if the value is wrong."""
    block, _ = find(blocks, id)
    settings = kind_of(block.kind).complete({**block.settings, name: value})
    return replaced(blocks, id, block._replace(settings=settings))


def same(blocks, others):
    """Whether two trees are equal but for the numbers of their blocks."""
    return plain(blocks) == plain(others)


# As JSON ------------------------------------------------------------------------------------------

def plain(blocks):
    """The tree as lists and dicts, without the numbers of blocks."""
    found = []
    for block in blocks:
        entry = {'kind': block.kind, **block.settings}
        if block.name:
            entry['name'] = block.name
        if block.kind == 'residual':
            entry['blocks'] = plain(block.body)
        found.append(entry)
    return found


def from_plain(entries, numbers=None, level=1):
    """The tree of lists and dicts. BuildError says what is wrong with them."""
    numbers = itertools.count(1) if numbers is None else numbers
    if not isinstance(entries, list):
        raise BuildError(f'"blocks" is a list of blocks, not {shown(entries)}.')
    if level > DEEPEST or len(entries) > MOST:
        raise BuildError(f'A net has {MOST} blocks at most, and branches go {DEEPEST - 1} deep.')
    found = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise BuildError(f'A block is written {{"kind": "linear", "units": 10}}, '
                             f'not {shown(entry)}.')
        settings = dict(entry)
        kind, name = settings.pop('kind', None), settings.pop('name', '')
        if name and not good_name(name):
            raise BuildError(f'{shown(name)} is no name that a link of a Chain can have.')
        inside = settings.pop('blocks', []) if kind == 'residual' else []
        found.append(make(next(numbers), kind, settings, name,
                          from_plain(inside, numbers, level + 1)))
    return limited(tuple(found))
