"""Curves over one axis, with the points that they were fitted to."""
from __future__ import annotations

import numpy as np

from . import pictures

WIDTH, HEIGHT = 480, 280                        # pixels: a notebook between two panels
TOP, LEFT, RIGHT, BOTTOM = 50, 52, 12, 28       # the margins
SAMPLE, LETTER = 26, 7                          # a piece of curve beside its name, a letter


class Curves:
    """Curves with their names: `Curves({"net": (x, y)}, points=(seen, values), alt="A bent line")`.

    series  for each curve its name, and its places and values: two arrays of as many numbers
    points  places and values of single points, drawn as dots
    title   what the values are
    alt     what one sees, in a sentence, for those who cannot see it

    There are three kinds of line, so at most three curves. Numbers that are not finite have none.
    """

    def __init__(self, series, points=((), ()), title='', alt=''):
        if len(series) > len(pictures.CURVES):
            raise ValueError(f'{len(series)} curves came, but only {len(pictures.CURVES)} can be '
                             'told apart. Draw two pictures.')
        self.series = {str(name): pairs(*curve) for name, curve in series.items()}
        self.points = pairs(*points)
        self.title, self.alt = title, alt

    def __repr__(self) -> str:
        parts = [f'{name} from {curve[:, 1].min():.3g} to {curve[:, 1].max():.3g}'
                 for name, curve in self.series.items() if len(curve)]
        return f'Picture: {self.alt} ({"; ".join(parts)})'

    def _repr_svg_(self) -> str:
        return self.svg()

    def svg(self) -> str:
        every = np.concatenate([*self.series.values(), self.points])
        low, high = (every.min(0), every.max(0)) if len(every) else (np.zeros(2), np.ones(2))
        span = np.where(high > low, high - low, 1)
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

        def place(pair):
            return (pair - low) / span * [right - LEFT, TOP - bottom] + [LEFT, bottom]

        parts = [pictures.words(self.title, 8, 16), *self.legend(),
                 f'<path class="line" d="M{LEFT} {TOP}V{bottom}H{right}"/>',
                 *(pictures.words(f'{y:.3g}', LEFT - 6, base, 'end', 'muted')
                   for y, base in ((high[1], TOP + 8), (low[1], bottom))),
                 *(pictures.words(f'{x:.3g}', at, bottom + 16, anchor, 'muted')
                   for x, at, anchor in ((low[0], LEFT, 'start'), (high[0], right, 'end')))]
        for (style, dash), curve in zip(pictures.CURVES, self.series.values()):
            path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in place(curve))
            parts.append(f'<polyline class="{style}-curve" stroke-dasharray="{dash}" '
                         f'points="{path}"/>')
        parts += [dot(x, y) for x, y in place(self.points)]
        return pictures.picture(repr(self), parts, HEIGHT, WIDTH)

    def legend(self) -> list[str]:
        """A piece of each curve, and a dot, with their names."""
        parts, x = [], LEFT
        for (style, dash), name in zip(pictures.CURVES, self.series):
            parts += [f'<path class="{style}-curve" stroke-dasharray="{dash}" '
                      f'd="M{x} 32h{SAMPLE}"/>', pictures.words(name, x + SAMPLE + 6, 36)]
            x += SAMPLE + 26 + LETTER * len(name)
        if len(self.points):
            parts += [dot(x, 32), pictures.words('points', x + 10, 36)]
        return parts


def dot(x: float, y: float) -> str:
    return f'<circle class="muted" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'


def pairs(places, values) -> np.ndarray:
    """Places and values as (N, 2), without those that are not finite."""
    places, values = np.ravel(places).astype('float64'), np.ravel(values).astype('float64')
    if len(places) != len(values):
        raise ValueError(f'A curve has {len(places)} places, but {len(values)} values: one for '
                         'each place is needed.')
    both = np.stack([places, values], 1)
    return both[np.isfinite(both).all(1)]
