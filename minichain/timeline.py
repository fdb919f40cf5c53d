"""Timeline: a picture of operations over time, in the look of the other pictures."""
from collections import Counter
from math import floor, log10
from xml.sax.saxutils import escape

from .drawing.letters import clip
from .drawing.look import style

WIDTH, MARGIN, LEFT, ROW, GAP = 760, 12, 76, 30, 8      # LEFT: room for the names of the rows
ROWS = ('forward', 'backward')
LETTER = 6.6            # pixels of a letter, about
TICKS = 8               # at most so many along the axis
NAMED = 5               # operations that the description names
OTHERS = 'other links'

# A colour for each of the links that take most time; all others share the last. (fill, edge)
COLORS = {
    'light': [('#cfe5f3', '#0072b2'), ('#fbe3b5', '#a86a00'), ('#cdeade', '#00775a'),
              ('#f3d5e5', '#a8477e'), ('#f8d3c0', '#b34a00'), ('#d9d7f0', '#5a50a8'),
              ('#e4e4e4', '#757575')],
    'dark': [('#16405a', '#56b4e9'), ('#5c430a', '#e69f00'), ('#0d4a3b', '#2fc09a'),
             ('#5a2a45', '#d98bb8'), ('#63301a', '#f08a50'), ('#383267', '#a59df0'),
             ('#434343', '#a0a0a0')],
}
LAST = len(COLORS['light']) - 1


class Timeline:
    """Operations over time. In a notebook it shows itself; `svg` is the text of an SVG file.

    events    (row, operation, link, start, end), row 'forward' or 'backward', times in seconds
    seconds   the length of the whole
    left_out  so many operations are not shown
    """

    def __init__(self, events, seconds, left_out=0):
        self.events = list(events)
        self.seconds = max([seconds, *(end for *_, end in self.events)])
        self.left_out = left_out
        self._scale = (WIDTH - LEFT - MARGIN) / (self.seconds or 1.0)

    def __repr__(self):
        return f'<Timeline {self._describe()}>'

    def _repr_svg_(self):
        return self.svg

    @property
    def svg(self):
        """The picture. The same events always give the same text."""
        colors = self._colors()
        top = MARGIN
        parts = []
        for name in ROWS:
            parts.append(_text('s', MARGIN, top + 19, name))
            parts += [self._box(box, top, colors) for box in self._boxes(name)]
            top += ROW + GAP
        parts += self._axis(top)
        legend, bottom = _legend(colors, top + 32)
        note = ''
        if self.left_out:
            note = _text('s', MARGIN, bottom + 10, f'{self.left_out:,} more are not shown.')
            bottom += 18
        height = bottom + MARGIN
        return (f'<svg xmlns="http://www.w3.org/2000/svg" class="mc" width="{WIDTH}" '
                f'height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">'
                f'<title>Operations over time</title><desc>{_clean(self._describe())}</desc>'
                f'<style>{style()}{_sheet()}</style>'
                f'<rect class="bg" width="{WIDTH}" height="{height}" rx="6"/>\n'
                + '\n'.join(parts) + f'\n{legend}{note}</svg>')

    def _x(self, seconds):
        return LEFT + seconds * self._scale

    def _colors(self):
        """link -> number of its colour; the link that takes most time has the first."""
        times = Counter()
        for _, _, link, start, end in self.events:
            times[link] += end - start
        order = sorted(times, key=lambda link: (-round(times[link], 9), link))
        return {link: min(i, LAST) for i, link in enumerate(order)}

    def _boxes(self, row):
        """The events of a row as lists: neighbours that share a pixel share a box."""
        boxes = []
        for event in (event for event in self.events if event[0] == row):
            if boxes and (event[4] - boxes[-1][0][3]) * self._scale < 1:
                boxes[-1].append(event)
            else:
                boxes.append([event])
        return boxes

    def _box(self, box, top, colors):
        _, operation, link, start, end = max(
            box, key=lambda e: round(e[4] - e[3], 9))
        x = self._x(box[0][3])
        width = max(0.8, self._x(box[-1][4]) - x)
        tip = f'{operation}, {link}: {_milliseconds(end - start)}'
        if len(box) > 1:
            tip = f'{len(box)} operations, the longest: {tip}'
        room = int((width - 6) / LETTER)
        words = ''
        if len(box) == 1 and room >= min(len(operation), 5):
            words = _text('m', f'{x + width / 2:.1f}', top + 19, clip(operation, room))
        return (f'<g><title>{_clean(tip)}</title><rect class="l{colors[link]}" x="{x:.1f}" '
                f'y="{top}" width="{width:.1f}" height="{ROW}" rx="{2 if width > 6 else 0}"/>'
                f'{words}</g>')

    def _axis(self, top):
        step = _step(self.seconds / TICKS)
        parts = [f'<path class="w" d="M{LEFT} {top}H{WIDTH - MARGIN}"/>']
        for i in range(int(self.seconds / step + 1e-9) + 1 if self.seconds else 1):
            x = f'{self._x(i * step):.1f}'
            side = 'm' if float(x) < WIDTH - 40 else 'e'
            parts.append(f'<path class="w" d="M{x} {top}v4"/>'
                         + _text(f's {side}', x, top + 17, f'{1000 * i * step:g} ms'))
        return parts

    def _describe(self):
        """The picture in a few sentences, for those who do not see it."""
        parts = []
        for name in ROWS:
            times = [end - start for row, _, _, start, end in self.events if row == name]
            parts.append(f'{name}: {len(times):,} steps, {_milliseconds(sum(times))}')
        text = f'{_milliseconds(self.seconds)} in all; {"; ".join(parts)}.'
        longest = sorted(self.events, key=lambda e: round(e[3] - e[4], 9))[:NAMED]
        if longest:
            text += ' The longest: ' + '; '.join(
                f'{operation}, {link} ({row}, {_milliseconds(end - start)})'
                for row, operation, link, start, end in longest) + '.'
        return text


def _legend(colors, top):
    """What the colours mean, and where this ends."""
    entries = [(number, link) for link, number in colors.items() if number < LAST]
    last = [link for link, number in colors.items() if number == LAST]
    if last:
        entries.append((LAST, last[0] if len(last) == 1 else OTHERS))
    parts, x, y = [], MARGIN, top
    for number, link in entries:
        words = clip(link, 40)
        width = 17 + len(words) * LETTER
        if x > MARGIN and x + width > WIDTH - MARGIN:
            x, y = MARGIN, y + 18
        parts.append(f'<rect class="l{number}" x="{x:.1f}" y="{y}" width="12" height="12" rx="2"/>'
                     + _text('s', f'{x + 17:.1f}', y + 10, words) + '\n')
        x += width + 14
    return ''.join(parts), y + 18 if parts else top


def _step(least):
    """The next of 1, 2, 5, 10, 20, 50 ... (and of their tenths) that is not below `least`."""
    if not least:
        return 1.0
    power = 10.0 ** floor(log10(least))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= least * (1 - 1e-9))


def _milliseconds(seconds):
    return f'{1000 * seconds:,.3f} ms'


def _sheet():
    """The colours of the links, light, and dark where the reader prefers it."""
    light, dark = (''.join(f'.mc .l{i}{{fill:{fill};stroke:{edge}}}'
                           for i, (fill, edge) in enumerate(COLORS[theme]))
                   for theme in ('light', 'dark'))
    return f'{light}@media(prefers-color-scheme:dark){{{dark}}}'


def _text(names, x, y, words):
    return f'<text class="{names}" x="{x}" y="{y}">{_clean(words)}</text>'


def _clean(words):
    """Text as XML may hold it: escaped, and without the control characters that XML forbids."""
    return escape(''.join(letter for letter in words if letter.isprintable()))
