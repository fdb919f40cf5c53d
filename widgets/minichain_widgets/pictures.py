"""Still pictures for saved notebooks: curves, tables of colours, words. Plain SVG text.

The same numbers give the same text, so that stored outputs can be compared. The colours follow the
theme of whoever looks, like those of `Graph.to_svg()`.
"""
import base64
from collections.abc import Sequence

import numpy as np

from minichain.drawing.look import LOOK

from .tiles import colour, limits_of, png
from .widget import escape

WIDTH = 640
LETTER = 7
# JupyterLab shows a stored SVG as an image, in which it is the root and follows the page's scheme.
DARK = ':is(.mc-still:root, :root:not(:has([data-jp-theme-light])) .mc-still)'
CURVES = (('forward', ''), ('backward', '6 3'), ('muted', '2 2'))    # a colour of LOOK and a dash


def picture(title: str, parts: Sequence[str], height: float, width: float = WIDTH) -> str:
    """An SVG with a title that screen readers say; parts are pieces of SVG."""
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}" role="img" aria-label="{escape(title)}" '
            f'class="mc-still"><title>{escape(title)}</title><style>{sheet()}</style>'
            f'<rect class="ground" width="{width:g}" height="{height:g}"/>{"".join(parts)}</svg>')


def sheet() -> str:
    """The style sheet of a still picture: the light colours, and the dark ones where it is dark."""
    return (rules(LOOK['colors']['light'], '.mc-still')
            + '@media (prefers-color-scheme: dark) {'
            + rules(LOOK['colors']['dark'], DARK)
            + '}' + rules(LOOK['colors']['dark'], '[data-jp-theme-light="false"] .mc-still'))


def rules(colors: dict, scope: str) -> str:
    words = (f'{scope} text {{ fill: {colors["ink"]}; font: 12px sans-serif; }}'
             f'{scope} .muted {{ fill: {colors["muted"]}; }}'
             f'{scope} .ground {{ fill: {colors["background"]}; }}'
             f'{scope} .line {{ stroke: {colors["frame"]}; fill: none; }}'
             f'{scope} .frame {{ stroke: {colors["frame"]}; fill: {colors["frame-fill"]}; }}'
             f'{scope} .full {{ fill: {colors["forward"]}; }}'
             f'{scope} .bar {{ fill: {colors["backward"]}; }}'
             f'{scope} .bad {{ fill: {colors["nan"]}; font-weight: 600; }}')
    for name, _ in CURVES:
        words += f'{scope} .{name}-curve {{ stroke: {colors[name]}; stroke-width: 2; fill: none; }}'
    return words


def words(text, x: float, y: float, anchor: str = 'start', kind: str = '') -> str:
    """A line of text; y is its base line."""
    return (f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{kind}">{escape(text)}'
            '</text>')


def curves(title: str, series: dict[str, tuple], x: float, y: float, width: float = 300,
           height: float = 120, across: str = '') -> str:
    """Curves over common axes, for a place in a picture: {'loss': (steps, values), ...}.

    Numbers that are not finite are left out. Several curves have their names beside the title.
    """
    points = {name: finite(*pair) for name, pair in series.items()}
    every = np.concatenate([pair for pair in points.values() if len(pair)] or [np.zeros((0, 2))])
    parts = [words(title, x, y + 12)]
    left, top, right, bottom = x + 44, y + 20, x + width, y + height - 16
    parts.append(f'<path class="line" d="M{left:g} {top:g}V{bottom:g}H{right:g}"/>')
    if not len(every):
        parts.append(words('nothing yet', (left + right) / 2, (top + bottom) / 2,
                           'middle', 'muted'))
        return ''.join(parts)
    low, high = every.min(0), every.max(0)
    span = np.where(high > low, high - low, 1)
    digits = 3 if f'{high[1]:.3g}' != f'{low[1]:.3g}' else 6
    ends = [(low[1], bottom), (high[1], top + 8)][:1 + (high[1] > low[1])]
    parts += [words(f'{value:.{digits}g}', left - 4, base, 'end', 'muted') for value, base in ends]
    parts.append(words(f'{across} {high[0]:g}'.strip(), right, bottom + 14, 'end', 'muted'))
    key = x + 8 + LETTER * len(title)
    for index, (name, pair) in enumerate(points.items()):
        style, dash = CURVES[index % len(CURVES)]
        place = (pair - low) / span * [right - left, top - bottom] + [left, bottom]
        drawn = place if len(place) > 1 else [*place, *(place + [[4, 0]])]    # one is a short line
        path = ' '.join(f'{a:.1f},{b:.1f}' for a, b in drawn)
        line = f'class="{style}-curve" stroke-dasharray="{dash}"'
        parts.append(f'<polyline {line} points="{path}"/>')
        if len(points) > 1:
            parts += [f'<path {line} d="M{key:g} {y + 8:g}h18"/>', words(name, key + 22, y + 12)]
            key += 36 + LETTER * len(name)
    return ''.join(parts)


def finite(steps, values) -> np.ndarray:
    """Points (N, 2) of which both numbers are finite; of many, evenly chosen ones."""
    pair = np.stack([np.asarray(steps, 'float64'), np.asarray(values, 'float64')], 1)
    pair = pair[np.isfinite(pair).all(1)]
    return pair[::max(1, -(-len(pair) // 200))]


def heat(array, x: float, y: float, cell: float, colours: str = 'sign', limits=None,
         cell_height: float | None = None) -> str:
    """An array (H, W) as colours, for a place in a picture; one cell a number."""
    array = np.atleast_2d(np.asarray(array, 'float64'))
    rows, columns = array.shape
    if not array.size:
        return ''
    shown = colour(np.nan_to_num(array), colours, limits or limits_of([array], colours))
    data = base64.b64encode(png(shown)).decode('ascii')
    return (f'<image x="{x:g}" y="{y:g}" width="{columns * cell:g}" '
            f'height="{rows * (cell_height or cell):g}" preserveAspectRatio="none" '
            f'style="image-rendering: pixelated" href="data:image/png;base64,{data}"/>')
