"""A whole net looked through: the shape on every edge, what each block costs, what does not fit."""
from typing import NamedTuple

from . import shapes
from .blocks import kind_of
from .facts import takes
from .net import walk
from .shapes import BYTES, Misfit, Shape

LARGEST = 20_000_000        # numbers that one block may learn
SHARED = ('linear', 'conv2d', 'batch_norm', 'layer_norm', 'embedding', 'attention', 'classifier',
          'own')         # kinds whose weights can be used again
WIDEST = 50_000_000         # numbers of one example on an edge


class Finding(NamedTuple):
    """What is known of a block.

    given, gives  the shapes before and behind it; None where a block before does not fit
    weights       how many numbers it learns    macs  multiply-adds for one example
    problem       a Misfit, or None
    """

    given: Shape | None
    gives: Shape | None
    weights: int = 0
    macs: int = 0
    problem: Misfit | None = None


class Checked(NamedTuple):
    """A net that was looked through: a Finding for each block's id, and for the end of the net."""

    findings: dict
    gives: Shape | None
    problem: Misfit | None      # of the end, where the data's answers are

    @property
    def fits(self):
        """Whether the net can be run, and gives what the data asks for."""
        return self.problem is None and self.broken is None

    @property
    def broken(self):
        """The id of the first block that does not fit, or None."""
        return next((id for id, finding in self.findings.items() if finding.problem), None)

    def total(self, field):
        """The sum of 'weights' or 'macs' of all blocks."""
        return sum(getattr(finding, field) for finding in self.findings.values())

    def bytes_on_edges(self, start, batch):
        """Memory of everything that flows, for a batch, as training keeps it."""
        return sum(edge.size * batch * BYTES for edge in
                   [start, *[finding.gives for finding in self.findings.values()]] if edge)


def check(blocks, start, target):
    """Look through a net whose data have the shape `start` and the Target `target`."""
    findings, firsts = {}, {block.id: block for block in walk(blocks)}
    gives = _level(blocks, start, target, findings, firsts)
    return Checked(findings, gives, None if gives is None else end_problem(gives, target))


def _level(blocks, shape, target, findings, firsts):
    for block in blocks:
        if block.lanes:
            findings[block.id] = None       # keeps its place before those inside
            ends = [_level(lane, shape, target, findings, firsts) for lane in block.lanes]
            findings[block.id] = _joined(block, shape, ends)
        elif block.kind == 'again':
            findings[block.id] = _again(firsts.get(block.settings['of']), shape, target, findings)
        else:
            findings[block.id] = _single(block, shape, target)
        shape = findings[block.id].gives
    return shape


def _single(block, shape, target):
    if shape is None:
        return Finding(None, None)
    try:
        gives = shapes.result(block.kind, shape, block.settings, target)
        learnt = shapes.weights(block.kind, shape, block.settings, target)
        _check_size(block, shape, gives, learnt)
    except Misfit as problem:
        return Finding(shape, None, problem=problem)
    macs = shapes.multiply_adds(block.kind, shape, block.settings, target)
    return Finding(shape, gives, learnt, macs)


def _again(first, shape, target, findings):
    """The Finding of a block that uses the weights of another one, which stands before it."""
    if shape is None:
        return Finding(None, None)
    before = None if first is None else findings.get(first.id)
    if before is None or first.kind not in SHARED:
        return Finding(shape, None, problem=Misfit(
            'again: the block whose weights it uses '
            + ('is not in the net any more.' if first is None else
               f'is a {kind_of(first.kind).label}, which can be used once only.' if before
               else 'has to come before it.')))
    if before.given is None or before.problem is not None:
        return Finding(None, None)
    found = _single(first, shape, target)
    if found.problem is None and first.kind != 'own':
        made, wanted = takes(first.kind, before.given), takes(first.kind, shape)
        if made != wanted:
            return Finding(shape, None, problem=Misfit(
                f'{kind_of(first.kind).label} again: its weights are made for {made}, as '
                f'{before.given.text()} arrives there. But {shape.text()} arrives here.'))
    return found._replace(weights=0)


def _check_size(block, shape, gives, learnt):
    if max(learnt, 0) > LARGEST:
        raise Misfit(f'{kind_of(block.kind).label}: this block alone would learn {learnt:,} '
                     f'numbers, and {LARGEST:,} are the most here. Make what arrives smaller, '
                     'with pooling or a stride.')
    if gives.size > WIDEST:
        raise Misfit(f'{kind_of(block.kind).label}: {gives.size:,} numbers for each example are '
                     f'too many; {WIDEST:,} are the most here.')


def _joined(block, shape, ends):
    """The Finding of a block whose branches give the shapes `ends`."""
    if shape is None or None in ends:
        return Finding(shape, None)
    try:
        gives = shapes.joined(block, shape, ends)
        _check_size(block, shape, gives, 0)
    except Misfit as problem:
        return Finding(shape, None, problem=problem)
    return Finding(shape, gives, 0, gives.size if block.kind == 'residual' else 0)


def end_problem(gives, target):
    """A Misfit if the end of a net does not give what the data asks for."""
    wanted = Shape('I', (target.count,))
    if gives == wanted:
        return None
    what = (f'the data have {target.count} classes, and the net must give one number for each'
            if target.kind == 'classes' else
            f'for each example {target.count} number{"s" * (target.count > 1)} '
            f'{"are" if target.count > 1 else "is"} asked for')
    return Misfit(f'The end of the net wants {wanted.text()}: {what}. But {gives.text()} arrives.')
