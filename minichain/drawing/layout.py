"""Where the boxes of a picture stand: layers from top to bottom, frames inside frames.

Each frame is laid out by itself and is then one item of the frame around it, so frames never cut
each other. Inside a frame: layers by the longest way from a source; lines that pass layers hold a
place in each (a Bend); the order in a layer by what it is connected to; last the positions.
"""
import itertools
from dataclasses import dataclass, field

GAP_X = 18          # between neighbours of a layer
GAP_Y = 34          # between layers: a line and the shape beside it fit in
PADDING = 12        # inside a frame, left and right
HEADER = 26         # inside a frame, above: its name
FOOTER = 24         # inside a frame, below: the shape under the last box
SWEEPS = 6          # to order the layers
ROUNDS = 16         # to find positions


@dataclass(eq=False)
class Item:
    """Something that takes a place in a layer. Its extents are measured from its middle line.

    left, right, height  what room it takes
    before, after        lines to layers above and below: triples (item, offset here, offset there)
    """

    left: float = 0
    right: float = 0
    height: float = 0
    x: float = 0
    y: float = 0
    rank: int = 0
    parent: 'Frame' = None
    before: list = field(default_factory=list)
    after: list = field(default_factory=list)


@dataclass(eq=False)
class Box(Item):
    """A node of the picture; what stands at its left is part of `left`."""

    key: object = None
    width: float = 0
    box_height: float = 0


@dataclass(eq=False)
class Bend(Item):
    """A place that a line holds in a layer that it passes."""


@dataclass(eq=False)
class Frame(Item):
    """A tinted frame: items, the lines between them, and the lines that come in and go out."""

    key: object = None
    items: list = field(default_factory=list)
    inner: list = field(default_factory=list)       # (item, item, line)
    entering: list = field(default_factory=list)    # (item, line)
    leaving: list = field(default_factory=list)
    layers: list = field(default_factory=list)
    ports: dict = field(default_factory=dict)       # (line, 'in' or 'out') -> x from the anchor


@dataclass(eq=False)
class Line:
    """A line from the bottom of one box to the top of another."""

    source: Box
    target: Box
    group: object                                   # lines of one group may share their way
    bends: dict = field(default_factory=dict)       # frame -> bends in it, from top to bottom


def arrange(root, lines):
    """Give every item of a root frame its place (x, y of anchor and top), and lines their bends."""
    for line in lines:
        _enlist(line)
    _arrange(root, is_root=True)
    _place(root, root.left, 0)


def route(line):
    """The points of a placed line, from the top, as (x, top, bottom): it bends between them."""
    above, below = _chain(line.source), _chain(line.target)
    shared = sum(1 for a, b in zip(above, below) if a is b)
    start = line.source.y + line.source.box_height
    points = [(line.source.x, start, _bottom(line.source))]
    for frame in reversed(above[shared:]):
        points += _passes(frame, line)
        points.append((points[-1][0], frame.y + frame.height, _bottom(frame)))
    points += _passes(above[shared - 1], line)
    for frame in below[shared:]:
        points.append((None, _top(frame), frame.y))
        points += _passes(frame, line)
    points.append((line.target.x, _top(line.target), line.target.y))
    for i in range(len(points) - 1, -1, -1):        # a frame is entered where its first bend is
        if points[i][0] is None:
            points[i] = (points[i + 1][0], *points[i][1:])
    return points


def _passes(frame, line):
    return [(bend.x, bend.y, bend.y + bend.height) for bend in line.bends.get(frame, ())]


def _top(item):
    return item.parent.layers[item.rank].top


def _bottom(item):
    return item.parent.layers[item.rank].bottom


def _chain(item):
    """The frames around an item, the outermost first."""
    frames = []
    while item.parent is not None:
        item = item.parent
        frames.append(item)
    return frames[::-1]


def _enlist(line):
    """Tell every frame that a line touches about it."""
    above, below = [*_chain(line.source), line.source], [*_chain(line.target), line.target]
    shared = sum(1 for a, b in zip(above, below) if a is b)
    above[shared - 1].inner.append((above[shared], below[shared], line))
    for frame, item in zip(above[shared:], above[shared + 1:]):
        frame.leaving.append((item, line))
    for frame, item in zip(below[shared:], below[shared + 1:]):
        frame.entering.append((item, line))


class _Layer(list):
    """The items of one height, from left to right."""

    top = bottom = 0


def _arrange(frame, is_root=False):
    """Lay out the inside of a frame, with its anchor at x = 0 and its top at y = 0."""
    for item in frame.items:
        if isinstance(item, Frame):
            _arrange(item)
    _rank(frame)
    _bend(frame)
    for _ in range(SWEEPS):
        _order(frame)
    _spread(frame)
    y = 0 if is_root else HEADER
    for layer in frame.layers:
        layer.top = y
        layer.bottom = y = y + max([item.height for item in layer] + [0])
        y += GAP_Y
    anchor = next((item.x for layer in frame.layers for item in layer
                   if not isinstance(item, Bend)), 0)
    for layer in frame.layers:
        for item in layer:
            item.x -= anchor
    everything = [item for layer in frame.layers for item in layer]
    pad = 0 if is_root else PADDING
    frame.left = -min([item.x - item.left for item in everything] + [0]) + pad
    frame.right = max([item.x + item.right for item in everything] + [0]) + pad
    frame.height = (frame.layers[-1].bottom if frame.layers else 0) + (0 if is_root else FOOTER)
    for item, line in frame.entering:
        frame.ports[line, 'in'] = _x_at(frame, item, line, 'in')
    for item, line in frame.leaving:
        frame.ports[line, 'out'] = _x_at(frame, item, line, 'out')


def _x_at(frame, item, line, way):
    """The x, from the frame's anchor, at which a line comes into the frame or leaves it."""
    bends = line.bends.get(frame, ())
    if bends:
        return bends[0 if way == 'in' else -1].x
    return item.x + _offset(item, line, way)


def _offset(item, line, way):
    """Where on an item a line begins or ends, from the item's anchor."""
    return item.ports[line, way] if isinstance(item, Frame) else 0


def _rank(frame):
    """Each item goes one layer below its lowest source; branches wait for their consumer."""
    after, before = {}, {}
    for a, b, _ in frame.inner:
        after.setdefault(a, []).append(b)
        before.setdefault(b, []).append(a)
    for item in frame.items:        # in order of birth, so sources come first
        item.rank = max([source.rank + 1 for source in before.get(item, ())] + [0])
    entered = {item for item, _ in frame.entering}
    waiting = set()
    for item in frame.items:
        if item not in entered and all(source in waiting for source in before.get(item, ())):
            if len(set(after.get(item, ()))) == 1:
                waiting.add(item)
    for item in reversed(frame.items):
        if item in waiting:
            item.rank = min(target.rank for target in after[item]) - 1
    lowest = min([item.rank for item in frame.items] + [0])
    frame.layers = [_Layer() for _ in range(max([item.rank for item in frame.items] + [-1]) + 1)]
    for item in frame.items:
        item.rank -= lowest
        frame.layers[item.rank].append(item)


def _bend(frame):
    """Connect items of neighbouring layers, by bends where a line passes layers."""
    made = {}
    last = len(frame.layers) - 1

    def bend(line, rank, way):
        key = line.group, rank, way
        if key not in made:
            made[key] = Bend(left=5, right=5, rank=rank, parent=frame)
            frame.layers[rank].append(made[key])
        line.bends.setdefault(frame, []).append(made[key])
        return made[key]

    def connect(items, line):
        for a, b in zip(items, items[1:]):
            start, end = _offset(a, line, 'out'), _offset(b, line, 'in')
            a.after.append((b, start, end))
            b.before.append((a, end, start))

    for a, b, line in frame.inner:
        connect([a, *[bend(line, rank, 'through') for rank in range(a.rank + 1, b.rank)], b], line)
    for item, line in frame.entering:
        connect([*[bend(line, rank, 'in') for rank in range(item.rank)], item], line)
    for item, line in frame.leaving:
        connect([item, *[bend(line, rank, 'out') for rank in range(item.rank + 1, last + 1)]], line)


def _order(frame):
    """One sweep down and one up: items go to the mean place of what they are connected to."""
    layers = frame.layers
    for way, path in ('before', layers[1:]), ('after', layers[-2::-1]):
        for layer in path:
            places = {}
            for other in {id(o): o for item in layer for o, _, _ in getattr(item, way)}.values():
                places[other] = frame.layers[other.rank].index(other) / len(layers[other.rank])
            here = {item: i / len(layer) for i, item in enumerate(layer)}
            layer.sort(key=lambda item: _mean([places[other] for other, _, _ in getattr(item, way)],
                                              here[item]))


def _mean(numbers, default):
    return sum(numbers) / len(numbers) if numbers else default


def _spread(frame):
    """Positions in x: as near as can be to what an item is connected to, without overlap."""
    for layer in frame.layers:
        x = 0
        for item in layer:
            item.x = x + item.left
            x += item.left + item.right + GAP_X
        middle = (x - GAP_X) / 2
        for item in layer:
            item.x -= middle
    for layer in frame.layers:
        _settle(layer, [_wish(item, item.before) for item in layer])
    for _ in range(ROUNDS):
        for layer in itertools.chain(frame.layers, reversed(frame.layers)):
            _settle(layer, [_wish(item, item.before + item.after) for item in layer])


def _wish(item, connected):
    """Where an item would like to be: straight below or above what it is connected to.

    Long lines are to be straight, and so is the way from box to box; where a long line meets a box,
    it is the line that bends.
    """
    total = weights = 0
    for other, here, there in connected:
        weight = (1, 4)[type(item) is type(other)] * (2 if isinstance(item, Bend) else 1)
        total += weight * (other.x + there - here)
        weights += weight
    return total / weights if weights else item.x


def _settle(layer, wishes):
    """Least squares: positions nearest to the wishes that keep the order and the distances.

    Neighbours that would overlap form a block, which goes to the mean of what its members wish.
    """
    if not layer:
        return
    offsets = [0.0]
    for a, b in zip(layer, layer[1:]):
        offsets.append(offsets[-1] + a.right + GAP_X + b.left)
    blocks = []
    for wish, offset in zip(wishes, offsets):
        blocks.append([wish - offset, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (a, n), (b, m) = blocks[-2:]
            blocks[-2:] = [[(a * n + b * m) / (n + m), n + m]]
    starts = [start for start, n in blocks for _ in range(n)]
    for item, start, offset in zip(layer, starts, offsets):
        item.x = start + offset


def _place(frame, x, y):
    """Turn positions inside a frame into positions in the picture, whole pixels."""
    frame.x, frame.y = round(x), round(y)
    for layer in frame.layers:
        layer.top, layer.bottom = round(layer.top + frame.y), round(layer.bottom + frame.y)
        for item in layer:
            if isinstance(item, Frame):
                _place(item, frame.x + item.x, layer.top)
            elif isinstance(item, Bend):
                item.x, item.y, item.height = round(frame.x + item.x), layer.top, (
                    layer.bottom - layer.top)
            else:
                top = layer.top if item.before else layer.bottom - item.height
                item.x = round(frame.x + item.x)
                item.y = round(top + item.height - item.box_height)
