"""The still picture of a training: its curves, and what the model says everywhere."""
import base64

import numpy as np

from ..pictures import curves, finite, picture, words
from ..tiles import png
from ..widget import escape, sentence
from .fits import fit, kind_of
from .looks import predictions
from .loop import is_made

CURVES = {'loss': 'step', 'accuracy': 'step', 'gradient_norm': 'norm_step',
          'weight_norm': 'norm_step', 'test_loss': 'test_step', 'test_accuracy': 'test_step'}
PLACES = {'Loss': {'batch': 'loss', 'test': 'test_loss'},
          'Accuracy': {'batch': 'accuracy', 'test': 'test_accuracy'},
          'Length of the gradient': {'gradient': 'gradient_norm'},
          'Length of the weights': {'weights': 'weight_norm'}}
SIDE = 260              # of the plane, in pixels
LINES, LINE = 3, 100    # sentences, and letters of each
# Okabe and Ito's colours: safe for colour-blind readers. Their marks say the same.
COLOURS = ('#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#b8a800', '#7a7a7a')
MARKS = (
    'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z', 'M-3 -3h6v6h-6z', 'M0 -4l4 7h-8z',
    'M0 -4l4 4l-4 4l-4 -4z', 'M-1 -4h2v3h3v2h-3v3h-2v-3h-3v-2h3z',
    'M0 4l4 -7h-8z', 'M-4 -2h8v4h-8z', 'M-2 -4h4v8h-4z')
TITLES = {'regions': 'What the model says of each place', 'curve': 'The fitted curve',
          'scatter': 'Said, over the true value'}


def still(run) -> str:
    """The SVG of a TrainingRun."""
    history, parts = run.history, []
    for place, (title, names) in enumerate(PLACES.items()):
        series = {said: (history[CURVES[name]], history[name])
                  for said, name in names.items() if history[name]}
        parts.append(curves(title, series, 12 + 316 * (place % 2), 8 + 140 * (place // 2), 296,
                            across='step'))
    height = 290
    if kind_of(run.loop) and is_made(run.model):
        parts.append(_fitted(run, 300))
        height += SIDE + 60
    for line in sentences(run):
        parts.append(words(line if len(line) <= LINE else f'{line[:LINE - 1]}…', 12, height + 12))
        height += 18
    return picture(run.text().replace('\n', '; '), parts, height)


def sentences(run) -> list:
    """What the model says about the first sentences, a line each; [] without a vocabulary."""
    if not run.vocabulary or not is_made(run.model):
        return []
    count = min(LINES, len(run.loop.test or run.loop.data))
    found = looked(run, predictions(run.loop, run.labels, range(count), run.vocabulary))
    lines = []
    for example in found.get('examples', ()):
        mark = {True: '\u2713 ', False: '\u2717 ', None: ''}[example.get('right')]
        said = ', '.join(f'{verb} {example[key]}' for verb, key in (('says', 'said'),
                                                                    ('it is', 'target'))
                         if example.get(key))
        lines.append(f'{mark}“{example["words"]}”' + (f': {said}' if said else ''))
    return [found['reason']] if 'reason' in found else lines


def looked(run, work) -> dict:
    """What a look gives, all its pieces at once."""
    try:
        with run.loop.alone():
            while True:
                next(work)
    except StopIteration as end:
        return end.value
    except Exception as error:      # a picture is no reason to fail; it says what went wrong
        return dict(reason=sentence(error))


def _fitted(run, y):
    found = looked(run, fit(run.loop, run.labels))
    if 'reason' in found:
        return words(found['reason'], 12, y + 12, kind='muted')
    title = words(TITLES[found['form']] + ('' if found['source'] == 'data' else
                                           f' ({found["source"]})'), 12, y + 12)
    return title + (_plane(found, y) if found['form'] == 'regions' else _points(found, y))


def _plane(found, y):
    """Regions as colours, examples as marks; a wrong one has a ring around it."""
    low, high, bottom, top = found['bounds']
    side = found['side']
    shades = np.array([[int(colour[at:at + 2], 16) for at in (1, 3, 5)] for colour in COLOURS])
    # Paler where the model is less sure; the still picture's ground is white under it.
    share = np.array(found['share'])[:, None] * 0.5
    cells = 255 - (255 - shades[np.array(found['said']) % len(COLOURS)]) * share
    image = base64.b64encode(png(np.rint(cells).astype('uint8').reshape(side, side, 3)))
    left, over = 48, y + 20
    parts = [f'<image x="{left}" y="{over}" width="{SIDE}" height="{SIDE}" href="data:image/png;'
             f'base64,{image.decode("ascii")}"/>']
    for a, b, true, said, _ in found['points']:
        at = (left + (a - low) / (high - low) * SIDE, over + (top - b) / (top - bottom) * SIDE)
        parts.append(mark(true, *at))
        if true != said:
            parts.append(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="6" fill="none" '
                         'stroke="#1f1f1f" stroke-width="1.5"/>')
    parts += [words(f'{high:g}', left + SIDE, over + SIDE + 14, 'end', 'muted'),
              words(f'{low:g}', left, over + SIDE + 14, 'start', 'muted'),
              words(f'{top:g}', left - 4, over + 10, 'end', 'muted'),
              words(f'{bottom:g}', left - 4, over + SIDE, 'end', 'muted')]
    wrong = sum(true != said for _, _, true, said, _ in found['points'])
    for row, name in enumerate(found['labels'][:12]):
        parts += [mark(row, 332, over + 10 + 18 * row), words(name, 344, over + 14 + 18 * row)]
    end = over + 18 * min(12, len(found['labels'])) + 20
    parts.append(words(f'{wrong} of {len(found["points"])} points are wrong (ringed)', 324, end,
                       kind='muted'))
    return ''.join(parts)


def mark(number, x, y):
    """The mark of a class."""
    number %= len(COLOURS)
    return (f'<path transform="translate({x:.1f} {y:.1f})" d="{escape(MARKS[number])}" '
            f'fill="{COLOURS[number]}" stroke="#ffffff" stroke-width="0.5"/>')


def _points(found, y):
    """Examples as points, with the fitted curve or with the line where they should lie."""
    points = finite(*np.transpose(found['points'])) if found['points'] else np.zeros((0, 2))
    line = np.array(found.get('curve') or [])
    if found['form'] == 'scatter' and len(points):
        line = np.repeat([[points.min()], [points.max()]], 2, 1)
    every = np.concatenate([part.reshape(-1, 2) for part in (points, line)])
    if not len(every):
        return words('nothing yet', 48, y + 40, kind='muted')
    low, high = every.min(0), every.max(0)
    place = np.array([SIDE * 1.6, -SIDE]) / np.where(high > low, high - low, 1)
    points, line = ((part.reshape(-1, 2) - low) * place + [56, y + 20 + SIDE]
                    for part in (points, line))
    path = ' '.join(f'{a:.1f},{b:.1f}' for a, b in line)
    parts = [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.5" class="full"/>' for a, b in points]
    parts += [f'<polyline class="backward-curve" points="{path}"/>',
              words(f'{high[1]:.3g}', 52, y + 28, 'end', 'muted'),
              words(f'{low[1]:.3g}', 52, y + 20 + SIDE, 'end', 'muted'),
              words(f'{low[0]:.3g}', 56, y + 34 + SIDE, 'start', 'muted'),
              words(f'{high[0]:.3g}', 56 + SIDE * 1.6, y + 34 + SIDE, 'end', 'muted')]
    return ''.join(parts)
