"""What would help a block that does not fit. Only what was tried and does help is offered."""
from typing import NamedTuple

from . import net
from .blocks import RECURRENTS, BuildError, kind_of
from .check import check
from .net import Place

MOST = 4        # repairs offered, and the removal besides
SHRINKING = ('flatten', 'last_step', 'time_mean', 'global_pool')

# What can stand between axes that arrive and a block that wants others: (words, kinds).
BETWEEN = {
    'CHW': (('insert flatten', ('flatten',)),
            ('insert columns to steps', ('columns',)),
            ('insert global pooling', ('global_pool',)),
            ('insert columns to steps and an LSTM', ('columns', 'lstm'))),
    'TI': (('insert last step', ('last_step',)),
           ('insert mean over time', ('time_mean',)),
           ('insert flatten', ('flatten',)),
           ('insert an LSTM', ('lstm',))),
    'T': (('insert embedding', ('embedding',)),
          ('insert embedding and an LSTM', ('embedding', 'lstm')),
          ('insert embedding and mean over time', ('embedding', 'time_mean'))),
    'I': (),
}


class Repair(NamedTuple):
    """One way to help: what the button says, and the tree that comes of it."""

    label: str
    blocks: tuple


def repairs_of(blocks, id, start, target):
    """What helps a block that does not fit, as a list of Repairs; the last one takes it out."""
    block, place = net.find(blocks, id)
    before = check(blocks, start, target)
    finding = before.findings[id]
    if finding.problem is None:
        return []
    found = []
    for label, change in _candidates(blocks, block, place, finding, before):
        try:
            changed = change()
        except BuildError:
            continue
        after = check(changed, start, target)
        repaired = after.findings.get(id)
        if repaired and repaired.problem is None and repaired.given and not _newly_broken(
                before, after):
            found.append(Repair(label, changed))
    return [*found[:MOST], Repair('take it out', net.replaced(blocks, id))]


def _newly_broken(before, after):
    """Whether a block that was well before does not fit any more."""
    return any(finding.problem for id, finding in after.findings.items()
               if id in before.findings and not before.findings[id].problem
               and before.findings[id].gives)


def _candidates(blocks, block, place, finding, before):
    """Pairs (label, function that gives the changed tree), the most likely first."""
    for name, value in finding.problem.suggestions:
        if name in block.settings:
            text = ('on' if value else 'off') if isinstance(value, bool) else value
            yield (f'set {name.replace("_", " ")} to {text}',
                   lambda name=name, value=value: net.set_to(blocks, block.id, name, value))
    if block.kind == 'batch_norm':
        yield ('make it a layer norm',
               lambda: net.replaced(blocks, block.id, net.make(block.id, 'layer_norm')))
    previous = net.lane_at(blocks, place)[place.index - 1] if place.index else None
    if previous is not None and previous.kind in (*RECURRENTS, 'layers'):
        yield (f'let the {kind_of(previous.kind).label} give all steps',
               lambda: net.set_to(blocks, previous.id, 'gives', 'all'))
    if previous is not None and previous.kind in SHRINKING:
        yield (f'take out the {kind_of(previous.kind).label} before it',
               lambda: net.replaced(blocks, previous.id))
    for label, kinds in BETWEEN[finding.given.axes]:
        yield label, lambda kinds=kinds: _with(blocks, place, kinds)
    if block.kind == 'residual':
        yield from _round(blocks, block, finding, before)
        yield from _branch_ends(blocks, block, finding, before)
    if block.kind == 'parallel':
        yield from _side_by_side(blocks, block, finding)


def _with(blocks, place, kinds, **settings):
    """The tree with new blocks of these kinds at a place; the last one has the settings."""
    first = net.new_id(blocks)
    new = [net.make(first + i, kind, settings if i == len(kinds) - 1 else None)
           for i, kind in enumerate(kinds)]
    return net.inserted(blocks, place, *new)


def _round(blocks, branch, finding, before):
    """What can stand on the way round a branch, so that it gives the shape of what is inside."""
    inside, around = branch.lanes
    gives = before.findings[inside[-1].id].gives if inside else None
    if around:
        yield ('take out what is on the way round',
               lambda: net.replaced(blocks, branch.id, net.with_lane(branch, 1, ())))
    elif gives is not None and gives.axes == finding.given.axes and gives != finding.given:
        end = Place(branch.id, 0, 1)
        if gives.axes == 'CHW':
            stride = max(1, -(-finding.given.sizes[1] // gives.sizes[1]))
            yield (f'put a 1 × 1 conv2d of {gives.sizes[0]} filters on the way round',
                   lambda: _with(blocks, end, ('conv2d',), filters=gives.sizes[0], size=1, pad=0,
                                 stride=stride))
        else:
            yield (f'put a linear of {gives.sizes[-1]} units on the way round',
                   lambda: _with(blocks, end, ('linear',), units=gives.sizes[-1],
                                 each_step=gives.axes == 'TI'))


def _side_by_side(blocks, branch, finding):
    """What makes the branches go together."""
    kinds = {'CHW': 'conv2d', 'I': 'linear', 'TI': 'lstm'}
    kind = kinds.get(finding.given.axes)
    if kind is not None and not any(branch.lanes):
        def filled():
            changed = blocks
            for lane in range(len(branch.lanes)):
                changed = _with(changed, Place(branch.id, 0, lane), (kind,))
            return changed
        yield f'put a {kind_of(kind).label} into each', filled
    if finding.given.axes == 'CHW':
        yield ('let every conv2d and pooling inside keep the size', lambda: net.replaced(
            blocks, branch.id, branch._replace(lanes=tuple(map(_size_kept, branch.lanes)))))


def _branch_ends(blocks, branch, finding, before):
    """What can stand at the end of a branch, so that it gives the shape that goes round it."""
    inside = branch.lanes[0]
    end = Place(branch.id, len(inside))
    axes, sizes = finding.given.axes, finding.given.sizes
    if not inside:
        kinds = {'CHW': 'conv2d', 'I': 'linear', 'TI': 'attention'}
        if axes in kinds:
            yield (f'put a {kind_of(kinds[axes]).label} inside',
                   lambda: _with(blocks, end, (kinds[axes],), **_width(axes, sizes)))
        return
    last = inside[-1]
    gives = before.findings[last.id].gives
    if gives is None or branch.lanes[1]:
        return
    if axes == 'CHW' and last.kind == 'conv2d' and gives.sizes[1:] == sizes[1:]:
        yield (f'set filters of the last conv2d inside to {sizes[0]}',
               lambda: net.set_to(blocks, last.id, 'filters', sizes[0]))
    if axes == 'CHW':
        yield (f'end it with a conv2d of {sizes[0]} filter{"s" * (sizes[0] > 1)}',
               lambda: _with(blocks, end, ('conv2d',), filters=sizes[0], size=1, pad=0))
        yield ('let every conv2d and pooling inside keep the size', lambda: net.replaced(
            blocks, branch.id, net.with_lane(branch, 0, _size_kept(inside, sizes[0]))))
    else:
        yield (f'end it with a linear of {sizes[-1]} unit{"s" * (sizes[-1] > 1)}',
               lambda: _with(blocks, end, ('linear',), **_width(axes, sizes)))


def _width(axes, sizes):
    """Settings of a block that gives as many channels or numbers as there were."""
    if axes == 'CHW':
        return {'filters': sizes[0]}
    if axes == 'I':
        return {'units': sizes[0]}
    return {'heads': max(n for n in (1, 2, 4) if sizes[1] % n == 0)} if axes == 'TI' else {}


def _size_kept(inside, channels=None):
    """Blocks with odd windows, padding and no strides; the last conv2d gives so many channels."""
    body = list(inside)
    for number, block in enumerate(body):
        if block.kind in ('conv2d', 'max_pool', 'avg_pool'):
            odd = block.settings['size'] | 1
            kept = {**block.settings, 'stride': 1, 'size': odd, 'pad': odd // 2}
            body[number] = block._replace(settings=kept)
    convs = [number for number, block in enumerate(body) if block.kind == 'conv2d']
    if convs and channels is not None:
        last = body[convs[-1]]
        body[convs[-1]] = last._replace(settings={**last.settings, 'filters': channels})
    return tuple(body)


def end_repairs(blocks, start, target):
    """What helps at the end of a net that does not give what the data asks for."""
    before = check(blocks, start, target)
    if before.gives is None or before.problem is None:
        return []
    end = Place(None, len(blocks))
    found, ways = [], [()]
    ways += [kinds for _, kinds in BETWEEN[before.gives.axes] if kinds[-1] != 'columns']
    for kinds in ways:
        changed = _with(blocks, end, (*kinds, 'classifier'))
        if check(changed, start, target).fits:
            words = ' and '.join([*[kind_of(kind).label for kind in kinds], 'a classifier'])
            found.append(Repair(f'add {words}', changed))
    last = blocks[-1] if blocks else None
    if last is not None and last.kind == 'linear':
        changed = net.set_to(blocks, last.id, 'units', target.count)
        if check(changed, start, target).fits:
            found.append(Repair(f'set units of the last linear to {target.count}', changed))
    return found[:MOST]
