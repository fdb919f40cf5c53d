"""A net as a tree of blocks. Nothing here changes in place: each step gives a new tree."""
import itertools
import keyword
from typing import NamedTuple

from minichain import Chain

from .blocks import LANES, BuildError, Fixed, kind_of, shown
from .own import own_of

DEEPEST = 4         # levels of branches inside of each other
MOST = 200          # blocks of a net


class Block(NamedTuple):
    """One block. `name` is what its link is called in code, if the student chose it."""

    id: int
    kind: str
    settings: dict
    name: str = ''
    lanes: tuple = ()       # the blocks of each branch; of a residual: those inside, those round it


class Place(NamedTuple):
    """Where a block stands: in which branch of which block (None: in none), and which number."""

    parent: int | None
    index: int
    lane: int = 0


def walk(blocks):
    """All blocks, each before those inside of it."""
    for block in blocks:
        yield block
        for lane in block.lanes:
            yield from walk(lane)


def depth(blocks):
    """How many levels there are."""
    return 1 + max((depth(lane) for block in blocks for lane in block.lanes), default=0)


def new_id(blocks):
    """A number that no block has."""
    return max((block.id for block in walk(blocks)), default=0) + 1


def make(id, kind, settings=None, name='', lanes=()):
    """A block with checked settings. BuildError if the kind or a setting is wrong."""
    complete = kind_of(kind).complete(settings or {})
    least, most = LANES.get(kind, (0, 0))
    if lanes and not least <= len(lanes) <= most:
        raise BuildError(f'{kind_of(kind).label} has {least} to {most} branches, not {len(lanes)}.')
    return Block(id, kind, complete, name, tuple(map(tuple, lanes)) or ((),) * least)


def good_name(name):
    """Whether a link of a Chain can be called so."""
    return (isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)
            and not hasattr(Chain, name) and not name.startswith('_') and len(name) <= 40)


def find(blocks, id, parent=None, lane=0):
    """(block, Place). BuildError if there is no such block."""
    for index, block in enumerate(blocks):
        if block.id == id:
            return block, Place(parent, index, lane)
        for number, inside in enumerate(block.lanes):
            if any(other.id == id for other in walk(inside)):
                return find(inside, id, block.id, number)
    raise BuildError(f'There is no block {shown(id)} any more.')


def lane_at(blocks, place):
    """The blocks among which a place is. BuildError if there is no such branch."""
    if place.parent is None:
        return blocks
    branch, _ = find(blocks, place.parent)
    if not branch.lanes:
        raise BuildError('Only a branch has blocks inside.')
    if not 0 <= place.lane < len(branch.lanes):
        raise BuildError(f'This {kind_of(branch.kind).label} has {len(branch.lanes)} branches.')
    return branch.lanes[place.lane]


def with_lane(block, number, inside):
    """A block with other blocks in one of its branches."""
    lanes = list(block.lanes)
    lanes[number] = tuple(inside)
    return block._replace(lanes=tuple(lanes))


def replaced(blocks, id, *others):
    """The tree with other blocks in the place of one; without any, it is taken out."""
    result = []
    for block in blocks:
        if block.id == id:
            result += others
        else:
            result.append(block._replace(
                lanes=tuple(replaced(lane, id, *others) for lane in block.lanes)))
    return tuple(result)


def inserted(blocks, place, *new):
    """The tree with blocks put in at a place. BuildError if there is no such place."""
    inside = list(lane_at(blocks, place))
    inside[place.index:place.index] = new
    if place.parent is None:
        return limited(tuple(inside))
    branch, _ = find(blocks, place.parent)
    return limited(replaced(blocks, branch.id, with_lane(branch, place.lane, inside)))


def limited(blocks):
    """The blocks, if they are not too many and not too deep. BuildError otherwise."""
    if depth(blocks) > DEEPEST:
        raise BuildError(f'Branches go {DEEPEST - 1} deep at most.')
    if sum(1 for _ in walk(blocks)) > MOST:
        raise BuildError(f'A net has {MOST} blocks at most.')
    return blocks


def moved(blocks, id, place):
    """The tree with a block somewhere else; `place` is counted before it is taken out."""
    block, old = find(blocks, id)
    if any(inside.id == place.parent for inside in walk((block,))):
        raise BuildError('A branch cannot be moved into itself.')
    lane_at(blocks, place)
    same = (place.parent, place.lane) == (old.parent, old.lane)
    index = place.index - (same and place.index > old.index)
    return inserted(replaced(blocks, id), place._replace(index=index), block)


def stepped(blocks, id, by):
    """The tree with a block one place earlier (by = -1) or later (1), into and out of branches."""
    _, place = find(blocks, id)
    here, neighbour = lane_at(blocks, place), place.index + by
    if not 0 <= neighbour < len(here):
        if place.parent is None:
            return blocks
        branch, outside = find(blocks, place.parent)
        beside = place.lane + by
        if 0 <= beside < lanes_in_use(branch):
            end = len(branch.lanes[beside]) if by < 0 else 0
            return moved(blocks, id, Place(branch.id, end, beside))
        return moved(blocks, id, outside._replace(index=outside.index + (by > 0)))
    branch = here[neighbour]
    if branch.lanes:
        lane = lanes_in_use(branch) - 1 if by < 0 else 0
        end = len(branch.lanes[lane]) if by < 0 else 0
        return moved(blocks, id, Place(branch.id, end, lane))
    return moved(blocks, id, place._replace(index=neighbour + (by > 0)))


def lanes_in_use(block):
    """How many branches a step leads through: not round a residual branch, if nothing is there."""
    return 1 if block.kind == 'residual' and not block.lanes[1] else len(block.lanes)


def with_lanes(blocks, id, number, add):
    """The tree with one branch more behind branch `number` of a block, or without that branch."""
    block, _ = find(blocks, id)
    least, most = LANES.get(block.kind, (0, 0))
    label = kind_of(block.kind).label
    if not 0 <= number < len(block.lanes):
        raise BuildError(f'{label} has no such branch.')
    lanes = list(block.lanes)
    lanes[number:number + 1] = [lanes[number], ()] if add else []
    if not least <= len(lanes) <= most:
        raise BuildError(f'{label} has {least} branches, no more and no fewer.' if least == most
                         else f'{label} has {least} to {most} branches.')
    return replaced(blocks, id, block._replace(lanes=tuple(lanes)))


def doubled(blocks, id):
    """The tree with a copy of a block behind it, and the copy's number."""
    block, place = find(blocks, id)
    numbers = itertools.count(new_id(blocks))
    copy = renumbered(block, numbers)
    return inserted(blocks, place._replace(index=place.index + 1), copy), copy.id


def renumbered(block, numbers, new=None):
    """A copy of a block, and of all inside, with numbers of their own and no names.

    new  old number -> new one, of all that are copied already
    """
    new = {} if new is None else new
    id = new[block.id] = next(numbers)
    settings = dict(block.settings)
    if block.kind == 'again':
        settings['of'] = new.get(settings['of'], settings['of'])
    return Block(id, block.kind, settings, '',
                 tuple(tuple(renumbered(inside, numbers, new) for inside in lane)
                       for lane in block.lanes))


def fresh(blocks, others):
    """Blocks with numbers that none of the others has, so that nobody takes one for another."""
    return from_plain(plain(blocks), itertools.count(new_id(others)))


def set_to(blocks, id, name, value):
    """The tree with one setting of a block changed. BuildError if the value is wrong."""
    block, _ = find(blocks, id)
    if isinstance(kind_of(block.kind).settings.get(name), Fixed):
        raise BuildError(f'{name} of this block cannot be changed.')
    settings = kind_of(block.kind).complete({**block.settings, name: value})
    return replaced(blocks, id, block._replace(settings=settings))


def same(blocks, others):
    """Whether two trees are equal but for the numbers of their blocks."""
    return plain(blocks) == plain(others)


def label_of(block, blocks):
    """What a block is called in the picture of a net."""
    if block.kind == 'own':
        return own_of(block.settings).label
    if block.kind == 'again':
        first = next((one for one in walk(blocks) if one.id == block.settings['of']), None)
        return 'again' if first is None else f'{label_of(first, blocks)} again'
    return kind_of(block.kind).label


# As JSON ------------------------------------------------------------------------------------------

def plain(blocks):
    """The tree as lists and dicts, without the numbers of blocks: `of` counts them from above."""
    places = {}
    for place, block in enumerate(walk(blocks), 1):
        places.setdefault(block.id, place)
    return _plain(blocks, places)


def _plain(blocks, places):
    found = []
    for block in blocks:
        entry = {'kind': block.kind, **block.settings}
        if block.name:
            entry['name'] = block.name
        if block.kind == 'residual':
            entry['blocks'] = _plain(block.lanes[0], places)
            if block.lanes[1]:
                entry['shortcut'] = _plain(block.lanes[1], places)
        elif block.lanes:
            entry['branches'] = [_plain(lane, places) for lane in block.lanes]
        elif block.kind == 'again':
            entry['of'] = places.get(block.settings['of'], 0)
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
        id, inside = next(numbers), ()
        if kind == 'residual':
            inside = settings.pop('blocks', []), settings.pop('shortcut', [])
        elif kind == 'parallel':
            inside = settings.pop('branches', [[], []])
            if not isinstance(inside, list):
                raise BuildError(f'"branches" is a list of lists of blocks, not {shown(inside)}.')
        found.append(make(id, kind, settings, name,
                          [from_plain(lane, numbers, level + 1) for lane in inside]))
    found = limited(tuple(found))
    return with_firsts(found) if level == 1 else found


def with_firsts(blocks):
    """The tree of lists and dicts with numbers of blocks where `of` counted them."""
    numbers = [0, *[block.id for block in walk(blocks)]]

    def linked(block):
        settings = block.settings
        if block.kind == 'again':
            place = settings['of']
            settings = {'of': numbers[place] if 0 <= place < len(numbers) else 0}
        return block._replace(settings=settings, lanes=tuple(tuple(map(linked, lane))
                                                             for lane in block.lanes))

    return tuple(map(linked, blocks))
