"""Numbers as bars, one below the other: gradient norms of layers, times, counts."""
from __future__ import annotations

import math

import numpy as np

from . import pictures

ROW = 20                                # pixels, the height of a row
WIDTH, LEFT, RIGHT = 480, 150, 70       # a notebook between two panels; room for names, numbers


class Bars:
    """Bars with their names and numbers: `Bars({"first": 0.1, "second": 2.0}, title="Gradients")`.

    numbers  a name and a number for each bar; none is below zero
    title    what the numbers are
    log      whether equal lengths are equal factors; the shortest bar is then the smallest number

    A number that is not finite gets a red cross and its name in place of a bar.
    """

    def __init__(self, numbers, title='', log=False):
        self.numbers = {str(name): float(number) for name, number in numbers.items()}
        self.title = title
        self.log = log
        negative = [name for name, number in self.numbers.items() if number < 0]
        if negative:
            raise ValueError(f'A bar cannot be shorter than nothing: {negative[0]} is '
                             f'{self.numbers[negative[0]]:g}.')

    def __repr__(self) -> str:
        parts = (f'{name} {plain(number)}' for name, number in self.numbers.items())
        return f'Bars: {self.title} ({", ".join(parts)})'

    def _repr_svg_(self) -> str:
        return self.svg()

    def svg(self) -> str:
        parts = [pictures.words(self.title, 8, 16)]
        room = WIDTH - LEFT - RIGHT
        for k, (name, number) in enumerate(self.numbers.items()):
            y = 28 + ROW * k
            parts.append(pictures.words(name, LEFT - 8, y + 14, 'end'))
            if math.isfinite(number):
                width = max(1.0, room * self.share(number))
                parts.append(f'<rect class="bar" x="{LEFT}" y="{y + 3}" width="{width:.1f}" '
                             f'height="{ROW - 6}"/>')
                parts.append(pictures.words(plain(number), LEFT + width + 6, y + 14,
                                            kind='muted'))
            else:
                parts.append(pictures.words(f'✕ {number}', LEFT, y + 14, kind='bad'))
        return pictures.picture(repr(self), parts, 36 + ROW * len(self.numbers), WIDTH)

    def share(self, number: float) -> float:
        """The length of a bar; the longest has 1."""
        finite = [n for n in self.numbers.values() if math.isfinite(n)]
        high = max(finite)
        if not self.log:
            return number / high if high else 0.0
        above = [n for n in finite if n > 0]
        if number <= 0 or min(above) == high:
            return float(number > 0)
        low = math.log10(min(above)) - 0.3
        return (math.log10(number) - low) / (math.log10(high) - low)


def plain(number: float) -> str:
    """Three digits of a number, without powers of ten: '2,220', '0.0000429'."""
    if not 1e-9 <= abs(number) < 1e9:
        return f'{number:.3g}'
    rounded = float(f'{number:.3g}')
    return (f'{rounded:,.0f}' if abs(rounded) >= 1000
            else np.format_float_positional(rounded, trim='-'))
