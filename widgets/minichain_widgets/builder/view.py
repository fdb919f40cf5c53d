"""All that is shown of a draft, as dicts for the front end: shapes and costs in words."""
from . import apart
from .blocks import KINDS, kind_of
from .data import MADE
from .draft import BATCH, OWN
from .net import label_of
from .repair import end_repairs, repairs_of
from .shapes import BYTES, takes
from .writing import names_of, training

UNITS = ('B', 'KiB', 'MiB', 'GiB', 'TiB')


def palette():
    """All kinds of blocks, in the order of the palette."""
    return [{'kind': name, 'label': kind.label, 'symbol': kind.symbol, 'group': kind.group,
             'help': kind.help, 'takes': takes(name),
             'settings': [{'name': key, **setting.describe()}
                          for key, setting in kind.settings.items() if setting.describe()]}
            for name, kind in KINDS.items()]


def state(draft):
    """The whole state: blocks with edges, data, totals, code, what can be undone."""
    checked, called = draft.checked, names_of(draft.blocks)
    start, target = draft.data.start, draft.data.target
    names = list(MADE) if draft.own is None else [*MADE, OWN]
    wanted = ('one number for each of ' + ', '.join(draft.data.classes)
              if 0 < len(draft.data.classes) <= 12 else f'{target.count} numbers')
    return {
        'data': {'name': draft.name, 'note': draft.data.note, 'names': names,
                 'edge': edge(start), 'wanted': wanted,
                 'trainable': draft.data.train is not None},
        'blocks': [row(block, draft, checked, called) for block in draft.blocks],
        'end': {'problem': str(checked.problem) if checked.problem and draft.blocks else '',
                'repairs': [repair.label for repair in
                            end_repairs(draft.blocks, start, target)] if draft.blocks else []},
        'totals': totals(draft, checked),
        'fits': bool(draft.blocks) and checked.fits,
        'code': draft.code,
        'training': training(draft.data, draft.seed) if draft.data.train else '',
        'apart': apart.code(draft.blocks, draft.data),
        'seen': apart.seen(draft.blocks, draft.data),
        'json': draft.to_json(),
        'undo': len(draft.past), 'redo': len(draft.future),
    }


def row(block, draft, checked, called):
    """One block: its settings, what comes out of it, what is wrong with it and what would help."""
    kind, finding = kind_of(block.kind), checked.findings[block.id]
    problem = finding.problem
    return {
        'id': block.id, 'kind': block.kind, 'label': label_of(block, draft.blocks),
        'symbol': kind.symbol,
        'name': called.get(block.settings.get('of', block.id), ''), 'settings': block.settings,
        'arrives': None if finding.given is None else edge(finding.given),
        'edge': None if finding.gives is None else edge(finding.gives),
        'cost': cost(finding),
        'waits': finding.given is None,
        'problem': '' if problem is None else str(problem),
        'repairs': [repair.label for repair in repairs_of(
            draft.blocks, block.id, draft.data.start, draft.data.target)] if problem else [],
        'lanes': [[row(inside, draft, checked, called) for inside in lane]
                  for lane in block.lanes],
    }


def edge(shape):
    """What flows along an edge: the shape in letters and in words, its memory for a batch."""
    return {'axes': shape.axes, 'shape': shape.text(BATCH), 'words': shape.spoken(BATCH),
            'memory': memory(shape.size * BATCH * BYTES)}


def cost(finding):
    """What a block costs, in words; '' if nothing is known."""
    if finding.gives is None:
        return ''
    parts = [f'{count(finding.weights)} weights'] if finding.weights else []
    parts += [f'{count(finding.macs)} mult-adds'] if finding.macs else []
    return ', '.join(parts) or 'free'


def totals(draft, checked):
    """The sums of all blocks, in words."""
    kept = checked.bytes_on_edges(draft.data.start, BATCH)
    return {'weights': f'{checked.total("weights"):,}', 'macs': f'{checked.total("macs"):,}',
            'memory': memory(kept + checked.total('weights') * BYTES), 'batch': BATCH}


def count(number):
    """'1,168', '12.3 k', '4.56 M'"""
    for size, letter in ((1e9, ' G'), (1e6, ' M'), (1e4, ' k')):
        if number >= size:
            return f'{number / (1e3 if letter == " k" else size):.3g}{letter}'
    return f'{number:,}'


def memory(size):
    """'128 KiB'"""
    unit = 0
    while size >= 1000 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f'{size:.3g} {UNITS[unit]}'
