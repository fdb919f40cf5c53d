"""The padding of a batch as a still picture: three ways, side by side."""
from xml.sax.saxutils import escape

from minichain.drawing.look import style

from .padding import NAMES

PANEL, GAP, MARGIN = 236, 16, 12
LARGEST, TALLEST = 22, 260      # pixels: a cell, a picture
STEP = 16                       # between lines of text


def padding_svg(lengths, costs, words):
    """The text of an SVG file.

    lengths  of the sentences; costs  way -> padding.Cost; words  what one sees, as text
    """
    width = 3 * PANEL + 2 * GAP + 2 * MARGIN
    tallest = min(LARGEST * len(lengths), TALLEST)
    height = round(2 * MARGIN + STEP + tallest + 3 * STEP + 12)
    parts = []
    for i, (way, cost) in enumerate(costs.items()):
        left = MARGIN + i * (PANEL + GAP)
        parts.append(_text('y', left, MARGIN + 10, NAMES[way]))
        parts += _cells(way, lengths, left, MARGIN + STEP, tallest)
        top = MARGIN + STEP + tallest + 18
        for k, line in enumerate((f'{cost.macs:,} multiply-adds', f'{cost.operations:,} operations',
                                  f'{cost.bytes:,} bytes kept')):
            parts.append(_text('s', left, top + k * STEP, line))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" class="mc" width="{width}" '
            f'height="{height}" viewBox="0 0 {width} {height}" role="img">'
            f'<title>WasteMeter</title><desc>{escape(words)}</desc><style>{style()}</style>'
            f'<rect class="bg" width="{width}" height="{height}" rx="6"/>\n'
            + '\n'.join(parts) + '</svg>')


def _cells(way, lengths, left, top, tallest):
    """One cell for each step of each sentence; gaps stand between what is computed apart."""
    longest = max(lengths)
    w, h = min(LARGEST, PANEL / longest), tallest / len(lengths)
    rows = sorted(lengths, reverse=True) if way == 'shrinking' else lengths
    for i, length in enumerate(rows):
        y = top + i * h
        yield _rect('k', left, y, length * w, h)
        if way == 'padded' and length < longest:
            yield _rect('f', left + length * w, y, (longest - length) * w, h)
            yield (f'<path class="w" d="M{left + length * w:.1f} {y + h:.1f}'
                   f'L{left + longest * w:.1f} {y:.1f}"/>')
    for t in range(1, longest):
        yield _rect('bg', left + t * w - 0.5, top, 1, tallest)
    if way == 'each':
        for i in range(1, len(rows)):
            yield _rect('bg', left, top + i * h - 0.5, longest * w, 1)


def _rect(name, x, y, width, height):
    return (f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}"/>')


def _text(name, x, y, words):
    return f'<text class="{name}" x="{x}" y="{y:.0f}">{escape(words)}</text>'
