"""The padding of a batch as a still picture: three ways, side by side."""
from .padding import NAMES
from .pictures import picture, words

PANEL, GAP, MARGIN = 216, 16, 12
LARGEST, TALLEST = 22, 260      # pixels: a cell, a picture
STEP = 16                       # between lines of text


def padding_svg(lengths, costs, title):
    """The text of an SVG file.

    lengths  of the sentences; costs  way -> padding.Cost; title  what one sees, in words
    """
    tallest = min(LARGEST * len(lengths), TALLEST)
    parts = []
    for i, (way, cost) in enumerate(costs.items()):
        left, top = MARGIN + i * (PANEL + GAP), MARGIN + STEP
        parts.append(words(NAMES[way], left, top - 4))
        parts += _cells(way, lengths, left, top + 4, tallest)
        for k, line in enumerate((f'{cost.macs:,} multiply-adds', f'{cost.operations:,} operations',
                                  f'{cost.bytes:,} bytes kept')):
            parts.append(words(line, left, top + tallest + 20 + k * STEP, kind='muted'))
    bottom = MARGIN + STEP + tallest + 20 + 4 * STEP
    parts += [_rect('full', MARGIN, bottom - 10, 12, 12), _rect('frame', MARGIN + 140, bottom - 10,
                                                                12, 12),
              words('computed for a word', MARGIN + 18, bottom, kind='muted'),
              words('computed for nothing; a gap stands between what is computed apart',
                    MARGIN + 158, bottom, kind='muted')]
    return picture(title, parts, bottom + MARGIN,
                   width=3 * PANEL + 2 * GAP + 2 * MARGIN)


def _cells(way, lengths, left, top, tallest):
    """One cell for each step of each sentence; gaps stand between what is computed apart."""
    longest = max(lengths)
    w, h = min(LARGEST, PANEL / longest), tallest / len(lengths)
    rows = sorted(lengths, reverse=True) if way == 'shrinking' else lengths
    for i, length in enumerate(rows):
        y, end = top + i * h, left + length * w
        yield _rect('full', left, y, length * w, h)
        if way == 'padded' and length < longest:
            yield _rect('frame', end, y, (longest - length) * w, h)
            strokes = ''.join(f'M{left + t * w:.1f} {y + h:.1f}L{left + (t + 1) * w:.1f} {y:.1f}'
                              for t in range(length, longest))
            yield f'<path class="line" d="{strokes}"/>'
    for t in range(1, longest):
        yield _rect('ground', left + t * w - 0.5, top, 1, tallest)
    if way == 'each':
        for i in range(1, len(rows)):
            yield _rect('ground', left, top + i * h - 0.5, longest * w, 1)


def _rect(kind, x, y, width, height):
    return (f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}"/>')
