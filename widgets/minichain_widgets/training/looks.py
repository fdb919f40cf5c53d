"""What a network does with examples: predictions, confusion, the spread of its weights, and inside.

Each look is a generator of small pieces of work that returns what to show as a dict for JSON. A
`grid` is an array (H, W) to be drawn in colours.
"""
from __future__ import annotations

import math

import numpy as np

from minichain import observe, test_mode
from minichain.backend import get_device, to_cpu, to_device
from minichain.data import Vocabulary
from minichain.links.sequences import NStep

from .fits import fit
from .scores import NO_ANSWER, class_axis, last
from .sentences import numbers_of, sentence_of, words_of

SHOWN = 12              # examples, channels
MOST = 1000             # examples that are compared
CLASSES = 200           # of a confusion matrix that can still be drawn
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


def picture(x, vocabulary=()) -> dict:
    """An example as a grid, or in words where it is no picture."""
    x = to_cpu(np.asarray(x) if np.isscalar(x) else x)
    if len(vocabulary):
        return dict(words=sentence_of(x, vocabulary), sentence=True)
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


def predictions(loop, labels=None, numbers=None, vocabulary=(), sentence=''):
    """What the model says about a few examples, and about a sentence of the student's own."""
    examples = loop.test or loop.data
    numbers = list(range(min(SHOWN, len(examples)))) if numbers is None else list(numbers)[:SHOWN]
    batch = examples.take(np.array(numbers, int), loop.model.device)
    y = loop.predict(batch) if numbers else None
    yield
    shown = []
    for i, number in enumerate(numbers):
        entry = dict(number=number, **picture(batch[0][i], vocabulary))
        t = to_cpu(batch[-1][i])
        if y is not None and class_axis(y, batch[-1]) is not None:
            entry.update(_choice(to_cpu(last(y, batch[-1])[i]).astype('float64'), t, labels))
        elif y is not None:
            said = to_cpu(y[i])
            entry.update(target='' if batch[-1] is batch[0] else _brief(t), said=_brief(said))
            if said.ndim and said.size > SHOWN:
                entry['output'] = picture(said).get('grid')
        shown.append(entry)
    found = dict(examples=shown, source=examples.name)
    if sentence and vocabulary:
        found['own'] = own_sentence(loop, sentence, vocabulary, labels)
    return found


def own_sentence(loop, text, vocabulary, labels=None):
    """What the model says about a sentence in words, for the front end."""
    try:
        x, strange, left = numbers_of(text, vocabulary, loop.test or loop.data)
    except ValueError as error:
        return dict(number=0, words=text, sentence=True, note=str(error))
    y = loop.predict((to_device(x, get_device(loop.model.device)), None))
    entry = dict(number=0, words=sentence_of(x[0], vocabulary), sentence=True)
    if y is None or y.ndim != 2:
        entry['note'] = 'The model gives no score for each class, nor numbers, for a sentence.'
        return entry
    y = to_cpu(y)[0].astype('float64')
    if loop.data.take([0])[-1].dtype.kind in 'iu':
        entry.update(_said(y, labels))
    else:
        entry['said'] = _brief(y)
    notes = [f'Not in the vocabulary: {", ".join(strange)}.'] if strange else []
    if strange:
        notes += [f'The model reads {Vocabulary.UNKNOWN} instead.' if Vocabulary.UNKNOWN in
                  vocabulary else 'The model reads the other words only.']
    notes += [f'Only the last {x.shape[1]} words fit.'] if left else []
    if notes:
        entry['note'] = ' '.join(notes)
    return entry


def _choice(scores, t, labels):
    """What was chosen for one example (K), or at its positions (..., K), beside the answers t."""
    said = scores.argmax(-1)
    if t.ndim == 0:
        return dict(target=_label(labels, int(t)), right=bool(said == t), **_said(scores, labels))
    counted = t != NO_ANSWER
    said, t = said[counted], t[counted]
    right = int((said == t).sum())
    return dict(target=_list(labels, t), said=_list(labels, said), right=right == t.size,
                hits=f'{right} of {t.size} right')


def _said(scores, labels):
    """The class of the largest of the scores (K), and its share of the probability."""
    said = scores.argmax()
    power = np.exp(scores - scores.max())
    return dict(said=_label(labels, int(said)), share=float(f'{power[said] / power.sum():.3g}'))


def confusion(loop, labels=None):
    """How often which class is taken for which, and the examples of each pair.

    Scores for each position of a sequence count position by position.
    """
    examples = loop.test or loop.data
    count = min(MOST, len(examples))
    pairs = []
    for start in range(0, count, PIECE):
        batch = examples.take(np.arange(start, min(start + PIECE, count)), loop.model.device)
        y = loop.predict(batch)
        if y is None or class_axis(y, batch[-1]) is None:
            return dict(reason='A confusion matrix needs classes: targets that are whole numbers, '
                               'and a score for each class from the model.')
        scores, t = last(y, batch[-1]), to_cpu(batch[-1])
        said = to_cpu(scores.argmax(-1)).reshape(len(t), -1)
        for number, (true, chosen) in enumerate(zip(t.reshape(len(t), -1), said), start):
            pairs += [(a, b, number) for a, b in zip(true.tolist(), chosen.tolist()) if a >= 0]
        yield
    size = max([scores.shape[-1]] + [1 + max(a, b) for a, b, _ in pairs])
    if size > CLASSES:
        return dict(reason=f'A confusion matrix is drawn for {CLASSES} classes at most; here are '
                           f'{size:,}.')
    table, members = np.zeros((size, size), int), {}
    for true, chosen, number in pairs:
        table[true, chosen] += 1
        found = members.setdefault(f'{true},{chosen}', [])
        if number not in found[-1:] and len(found) < SHOWN:
            found.append(number)
    right = int(np.trace(table))
    found = dict(table=table.tolist(), labels=[_label(labels, i) for i in range(size)],
                 members=members, right=right, count=int(table.sum()), source=examples.name,
                 what='examples' if t.ndim == 1 else 'positions')
    return found if count == len(examples) else found | {'of': len(examples)}


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


def inside(loop, number=0, vocabulary=(), labels=None):
    """The filters of a model, and what its layers make of one example."""
    examples = loop.test or loop.data
    number = min(max(0, number), len(examples) - 1)
    batch = examples.take(np.array([number]), loop.model.device)
    listener = Listener()
    with observe.watch(listener), test_mode():
        loop.predict(batch)
    yield
    parts = []
    words = words_of(to_cpu(batch[0][0]), vocabulary) if len(vocabulary) else []
    for link, calls in listener.calls.items():
        name = link.path or type(link).__name__
        weights = getattr(link, 'W', None)
        if weights is not None and getattr(weights, 'ndim', 0) == 4 and weights.is_initialized:
            filters = to_cpu(weights.data[:SHOWN]).mean(1)
            parts.append(dict(name=name, kind='filters', what=type(link).__name__,
                              count=weights.shape[0], grids=[grid(f, 'sign') for f in filters]))
        parts += _outputs(link, name, calls, words)
        yield
    scores = parts[-1] if parts and parts[-1]['kind'] == 'numbers' else {}
    if labels is not None and scores.get('count') == len(labels) <= WIDEST:
        scores['steps'] = [str(label) for label in labels]
    through_time = tuple(part['name'] + '/' for part in parts if part['kind'] == 'time')
    parts = [part for part in parts if not part['name'].startswith(through_time)]
    return dict(parts=parts, example=dict(number=number, **picture(batch[0][0], vocabulary)),
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


def _outputs(link, name, calls, words=()):
    """What a link gave for one example: maps of channels, a state over time, or numbers.

    words  of a sentence, one a step
    """
    series = calls
    if isinstance(link, NStep) and calls[-1] is not None and calls[-1].ndim == 2:
        series = list(calls[-1])        # all steps of a sequence at once
    elif words and calls[-1] is not None and calls[-1].shape[:2] == (1, len(words)):
        series = list(calls[-1][0])
    flat = [to_cpu(output).reshape(-1) for output in series if output is not None]
    kind = type(link).__name__
    if len(flat) >= STEPS and len({len(row) for row in flat}) == 1:
        shown = grid(np.stack(flat).T, 'sign')
        every = -(-len(flat) // WIDEST)
        steps = dict(steps=list(words)[::every]) if len(words) == len(flat) else {}
        return [dict(name=name, kind='time', what=kind, count=len(flat[0]), grids=[shown],
                     **steps)]
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
    counts, _ = np.histogram(finite, BINS)
    low, high = (finite.min(), finite.max()) if finite.size else (0, 0)
    return dict(counts=counts.tolist(), low=float(f'{low:.4g}'), high=float(f'{high:.4g}'),
                strange=int(values.size - finite.size))


def _label(labels, number):
    """What a class is called."""
    return str(labels[number]) if labels is not None and 0 <= number < len(labels) else str(number)


def _list(labels, numbers):
    """A few classes in a row, in words."""
    return ' '.join(_label(labels, int(number)) for number in numbers.ravel()[:SHOWN]) + (
        ' …' if numbers.size > SHOWN else '')


def _brief(value):
    value = np.atleast_1d(value)
    text = ', '.join(f'{each:.3g}' for each in value.ravel()[:4])
    return text + (' …' if value.size > 4 else '')


LOOKS = {'predictions': predictions, 'confusion': confusion, 'fit': fit, 'spread': spread,
         'inside': inside}
