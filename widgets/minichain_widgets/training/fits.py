"""What a model says everywhere: regions of classes, a fitted curve, or said against true.

For classes of points (x, y) the plane is coloured by what the model says; for one number from one
number there is a curve; for other real targets each answer is a point over the true value.
"""
from __future__ import annotations

import numpy as np

from minichain.backend import get_device, to_cpu, to_device

SIDE = 40               # rows and columns of cells in the plane
PIECE = 400             # cells that are computed at once
POINTS = 300            # examples that are drawn
CURVE = 120             # places at which a curve is computed
MARGIN = 0.1            # of the range of the examples, on each side
LOSS_ONLY = 'The model gives a loss only, nothing that could be drawn.'


def kind_of(loop) -> str:
    """What can be drawn for these data: 'regions', 'curve', 'scatter', or '' for nothing."""
    x, t = (to_cpu(part[0]) for part in _both(loop.data.take(np.arange(1))))
    if t.dtype.kind == 'f':
        if x.shape == t.shape and (x == t).all():
            return ''
        return 'curve' if x.size == t.size == 1 and x.dtype.kind == 'f' else 'scatter'
    return 'regions' if x.dtype.kind == 'f' and x.shape == (2,) and t.ndim == 0 else ''


def fit(loop, labels=None):
    """What the model says everywhere, beside the examples; a generator of pieces of work."""
    kind = kind_of(loop)
    if not kind:
        return dict(reason='There is a picture for points (x, y) with classes, and for targets '
                           'that are real numbers.')
    examples = loop.test or loop.data
    numbers = np.unique(np.linspace(0, len(examples) - 1, POINTS).astype(int))
    batch = examples.take(numbers, loop.model.device)
    said = loop.predict(batch)
    yield
    if said is None:
        return dict(reason=LOSS_ONLY)
    x, t, said = (to_cpu(each) for each in (batch[0], batch[-1], said))
    found = dict(form=kind, source=examples.name)
    if kind == 'regions':
        if said.ndim != 2:
            return dict(reason='Regions need a score for each class, (N, K), from the model.')
        found.update((yield from _regions(loop, x)))
        found['points'] = [[*map(brief, place), int(a), int(b), int(n)]
                           for place, a, b, n in zip(x, t, said.argmax(1), numbers)]
        found['labels'] = _names(labels, max(said.shape[1], 1 + int(t.max())))
        return found
    if said.size != t.size:
        return dict(reason=f'The model gives {said.shape} for targets {t.shape}.')
    if kind == 'curve':
        found['curve'] = yield from _curve(loop, x.reshape(-1))
        found['points'] = _pairs(x, t)
    else:
        found['points'] = _pairs(t, said)
    spread = float(((t - t.mean()) ** 2).sum())
    missed = float(((t.reshape(-1) - said.reshape(-1)) ** 2).sum())
    found['explained'] = brief(1 - missed / spread) if spread else None
    return found


def _regions(loop, points):
    """The class and the share of it in every cell of the plane around the points."""
    low, high = _range(points)
    middles = (np.arange(SIDE) + 0.5) / SIDE
    across, up = (low[axis] + middles * (high - low)[axis] for axis in (0, 1))
    cells = np.stack(np.meshgrid(across, up[::-1]), -1).reshape(-1, 2).astype(points.dtype)
    said, share = [], []
    for start in range(0, len(cells), PIECE):
        part = to_device(cells[start:start + PIECE], get_device(loop.model.device))
        scores = to_cpu(loop.predict((part, None))).astype('float64')
        power = np.exp(scores - scores.max(1, keepdims=True))
        said += scores.argmax(1).tolist()
        share += (power.max(1) / power.sum(1)).round(2).tolist()
        yield
    share = [value if np.isfinite(value) else 0 for value in share]
    return dict(side=SIDE, said=said, share=share,
                bounds=[brief(value) for value in (low[0], high[0], low[1], high[1])])


def _curve(loop, x):
    (low,), (high,) = _range(x[:, None])
    places = np.linspace(low, high, CURVE).astype(x.dtype)
    shaped = places.reshape(-1, *loop.data.take(np.arange(1))[0].shape[1:])
    said = loop.predict((to_device(shaped, get_device(loop.model.device)), None))
    yield
    return _pairs(places, to_cpu(said))


def _range(points):
    low, high = points.min(0).astype('float64'), points.max(0).astype('float64')
    room = MARGIN * np.where(high > low, high - low, 1)
    return low - room, high + room


def _pairs(first, second):
    """Points (a, b) of two arrays of equal size, evenly chosen ones of many."""
    pair = np.stack([np.reshape(first, -1), np.reshape(second, -1)], 1).astype('float64')
    pair = pair[::-(-len(pair) // POINTS)]
    return [[brief(a), brief(b)] for a, b in pair if np.isfinite(a) and np.isfinite(b)]


def _both(batch):
    return batch[0], batch[-1]


def _names(labels, count):
    return [str(labels[i]) if labels is not None and i < len(labels) else str(i)
            for i in range(count)]


def brief(value) -> float:
    """A number with four digits that count."""
    return float(f'{value:.4g}')
