"""What a network does with examples: predictions, confusion, the spread of its weights, and inside.

Each look is a generator of small pieces of work that returns what to show as a dict for JSON. A
`grid` is an array (H, W) to be drawn in colours.
"""
from __future__ import annotations

import math

import numpy as np

from minichain import observe, test_mode
from minichain.backend import to_cpu
from minichain.links.sequences import NStep

SHOWN = 12              # examples, channels
MOST = 1000             # examples that are compared
PIECE = 128
WIDEST = 40             # rows and columns of a grid
BINS = 24
SAMPLE = 20_000         # numbers of a parameter that are counted
STEPS = 3               # a link that is called so often for one example works through time


def grid(array, colours=None) -> dict:
    """An array (H, W) for the front end; of a large one evenly spaced rows and columns."""
    array = np.atleast_2d(np.asarray(to_cpu(array), 'float64'))
    array = array[::-(-array.shape[0] // WIDEST), ::-(-array.shape[1] // WIDEST)]
    colours = colours or ('sign' if array.size and array.min() < 0 else 'ink')
    values = [float(f'{value:.3g}') if math.isfinite(value) else None for value in array.ravel()]
    return dict(rows=array.shape[0], columns=array.shape[1], map=colours, values=values)


def picture(x) -> dict:
    """An example as a grid, or in words where it is no picture."""
    x = to_cpu(np.asarray(x) if np.isscalar(x) else x)
    if x.dtype.kind in 'iub' and x.ndim < 2:
        return dict(words=' '.join(map(str, np.atleast_1d(x)[:SHOWN]))
                    + (' …' if x.size > SHOWN else ''))
    if x.ndim == 3 and x.shape[0] in (1, 3):
        x = x.mean(0)
    side = math.isqrt(x.size)
    if x.ndim == 1 and x.size >= 49 and side * side == x.size:
        x = x.reshape(side, side)
    if x.ndim == 2 or x.ndim == 1 and x.size > SHOWN:
        return dict(grid=grid(x))
    if x.ndim < 2:
        return dict(words=', '.join(f'{value:.3g}' for value in np.atleast_1d(x)))
    return dict(words=f'shape {x.shape}')


def predictions(loop, labels=None, numbers=None):
    """What the model says about a few examples."""
    examples = loop.test or loop.data
    numbers = list(range(min(SHOWN, len(examples)))) if numbers is None else list(numbers)[:SHOWN]
    batch = examples.take(np.array(numbers, int), loop.model.device)
    y = loop.predict(batch) if numbers else None
    yield
    shown = []
    for i, number in enumerate(numbers):
        entry = dict(number=number, **picture(batch[0][i]))
        t = to_cpu(batch[-1][i])
        if y is not None and _scores(y, batch[-1]):
            scores = to_cpu(y[i]).astype('float64')
            share = np.exp(scores - scores.max())
            said = int(scores.argmax())
            entry.update(target=_label(labels, int(t)), said=_label(labels, said),
                         share=float(f'{share[said] / share.sum():.3g}'), right=said == int(t))
        elif y is not None:
            said = to_cpu(y[i])
            entry.update(target='' if batch[-1] is batch[0] else _brief(t), said=_brief(said))
            if said.ndim and said.size > SHOWN:
                entry['output'] = picture(said).get('grid')
        shown.append(entry)
    return dict(examples=shown, source=examples.name)


def confusion(loop, labels=None):
    """How often which class is taken for which, and the examples of each pair."""
    examples = loop.test or loop.data
    count = min(MOST, len(examples))
    pairs = []
    for start in range(0, count, PIECE):
        batch = examples.take(np.arange(start, min(start + PIECE, count)), loop.model.device)
        y = loop.predict(batch)
        if y is None or not _scores(y, batch[-1]):
            return dict(reason='A confusion matrix needs classes: targets that are whole numbers, '
                               'and a score for each class from the model.')
        pairs += zip(to_cpu(batch[-1]).tolist(), to_cpu(y.argmax(1)).tolist())
        yield
    size = max(y.shape[1], 1 + max(max(pair) for pair in pairs))
    table, members = np.zeros((size, size), int), {}
    for number, (t, said) in enumerate(pairs):
        if t >= 0:
            table[t, said] += 1
            members.setdefault(f'{t},{said}', []).append(number)
    right = int(np.trace(table))
    return dict(table=table.tolist(), labels=[_label(labels, i) for i in range(size)],
                members={key: found[:SHOWN] for key, found in members.items()},
                right=right, count=int(table.sum()), source=examples.name)


def spread(loop):
    """A histogram of each parameter and of its gradient."""
    layers = []
    for path, param in loop.model.namedparams():
        if not param.is_initialized or not param.size:
            continue
        entry = dict(name=path[1:], shape=list(param.shape), weights=_histogram(param.data))
        if param.grad is not None:
            entry['gradients'] = _histogram(param.grad)
        layers.append(entry)
        yield
    return dict(layers=layers)


def inside(loop, number=0):
    """The filters of a model, and what its layers make of one example."""
    examples = loop.test or loop.data
    number = min(max(0, number), len(examples) - 1)
    batch = examples.take(np.array([number]), loop.model.device)
    listener = Listener()
    with observe.watch(listener), test_mode():
        loop.predict(batch)
    yield
    parts = []
    for link, calls in listener.calls.items():
        name = link.path or type(link).__name__
        weights = getattr(link, 'W', None)
        if weights is not None and getattr(weights, 'ndim', 0) == 4 and weights.is_initialized:
            filters = to_cpu(weights.data[:SHOWN]).mean(1)
            parts.append(dict(name=name, kind='filters', what=type(link).__name__,
                              count=weights.shape[0], grids=[grid(f, 'sign') for f in filters]))
        parts += _outputs(link, name, calls)
        yield
    through_time = tuple(part['name'] + '/' for part in parts if part['kind'] == 'time')
    parts = [part for part in parts if not part['name'].startswith(through_time)]
    return dict(parts=parts, example=dict(number=number, **picture(batch[0][0])),
                count=len(examples))


class Listener:
    """An observer that keeps what each link gives: the output of the last operation inside."""

    def __init__(self):
        self.calls, self.last = {}, None

    def on_scope(self, link, entering):
        if not entering:
            self.calls.setdefault(link, []).append(self.last)

    def on_apply(self, fn, inputs, outputs):
        self.last = outputs[-1].data


def _outputs(link, name, calls):
    """What a link gave for one example: maps of channels, a state over time, or numbers."""
    series = calls
    if isinstance(link, NStep) and calls[-1] is not None and calls[-1].ndim == 2:
        series = list(calls[-1])        # all steps of a sequence at once
    flat = [to_cpu(output).reshape(-1) for output in series if output is not None]
    kind = type(link).__name__
    if len(flat) >= STEPS and len({len(row) for row in flat}) == 1:
        return [dict(name=name, kind='time', what=kind, count=len(flat[0]),
                     grids=[grid(np.stack(flat).T, 'sign')])]
    output = series[-1] if series else None
    if output is None or not flat or link.children():
        return []
    if output.ndim == 4:
        maps = to_cpu(output[0, :SHOWN])
        return [dict(name=name, kind='maps', what=kind, count=output.shape[1],
                     grids=[grid(each, 'magnitude') for each in maps])]
    return [dict(name=name, kind='numbers', what=kind, count=len(flat[-1]),
                 grids=[grid(flat[-1][None], 'sign')])]


def _histogram(array):
    values = to_cpu(array).reshape(-1)
    values = values[::-(-values.size // SAMPLE)].astype('float64')
    finite = values[np.isfinite(values)]
    counts, edges = np.histogram(finite, BINS) if finite.size else (np.zeros(BINS, int), [0, 1])
    return dict(counts=counts.tolist(), low=float(f'{edges[0]:.4g}'),
                high=float(f'{edges[-1]:.4g}'), strange=int(values.size - finite.size))


def _scores(y, t):
    """Whether y (N, K) holds a score for each class, and t (N) a class for each example."""
    return y.ndim == 2 and t.ndim == 1 and t.dtype.kind in 'iu'


def _label(labels, number):
    """What a class is called."""
    return str(labels[number]) if labels is not None and 0 <= number < len(labels) else str(number)


def _brief(value):
    value = np.atleast_1d(value)
    text = ', '.join(f'{each:.3g}' for each in value.ravel()[:4])
    return text + (' …' if value.size > 4 else '')


LOOKS = {'predictions': predictions, 'confusion': confusion, 'spread': spread, 'inside': inside}
