"""Pictures with words in them: a parse tree, a table of weights, what is read at each moment.

Like Tiles they are plain HTML: nothing to install, nothing random, and the same numbers give the
same text. In a terminal, or for a screen reader, the description stands for the picture.
"""
from __future__ import annotations

import base64
import html
import itertools

import numpy as np

from minichain.data import FEELINGS

from .tiles import colour, png

MARKS = ('−−', '−', '0', '+', '++')             # from very negative to very positive
NEUTRAL = FEELINGS.index('neutral')
FEELING_LIMITS = (-NEUTRAL, NEUTRAL)
ROW = 14                                        # pixels, of a sign's chances
HEAD = 'text-align: center; padding: 0 3px'
CELL = 'height: 26px; line-height: 26px; text-align: center; font-size: 11px'


class ParseTree:
    """A sentence as boxes in boxes, each in the colour of its feeling.

    tree    a minichain.data.Tree
    labels  a feeling from 0 to 4 for each of tree.nodes(), for example what a net says;
            default: those of the tree itself
    """

    def __init__(self, tree, labels=None):
        nodes = tree.nodes()
        labels = [node.label for node in nodes] if labels is None else [int(k) for k in labels]
        if len(labels) != len(nodes):
            raise ValueError(f'The tree has {len(nodes)} nodes, but {len(labels)} labels came: one '
                             'for each of tree.nodes() is needed.')
        self.tree = tree
        self.label_of = {id(node): label for node, label in zip(nodes, labels)}

    def __repr__(self) -> str:
        return '\n'.join(self.lines(self.tree, ''))

    def lines(self, tree, indent) -> list[str]:
        """One line for each node, its parts below it and further to the right."""
        mark = MARKS[self.label_of[id(tree)]]
        found = [f'{indent}{mark:2} {" ".join(tree.words)}']
        if tree.word is None:
            found += self.lines(tree.left, indent + '   ') + self.lines(tree.right, indent + '   ')
        return found

    def _repr_html_(self) -> str:
        label = self.label_of[id(self.tree)]
        said = f'Parse tree of "{" ".join(self.tree.words)}". The whole is {FEELINGS[label]}.'
        return (f'<div role="img" aria-label="{html.escape(said)}" style="overflow-x: auto; '
                f'margin: 4px 0; display: flex; font-size: 13px">{self.box(self.tree)}</div>')

    def box(self, tree) -> str:
        label = self.label_of[id(tree)]
        mark = f'<div style="line-height: 14px; font-weight: bold">{MARKS[label]}</div>'
        if tree.word is not None:
            mark = mark if label != NEUTRAL else ''
            inside = f'<div style="padding: 0 2px 1px">{html.escape(tree.word)}</div>'
        else:
            inside = (f'<div style="display: flex; gap: 2px; align-items: flex-end; '
                      f'padding: 0 2px 2px">{self.box(tree.left)}{self.box(tree.right)}</div>')
        colours = painted(label - NEUTRAL, 'sign', FEELING_LIMITS)
        return (f'<div style="{colours}; border: 1px solid #8a8a8a; border-radius: 4px; '
                f'text-align: center">{mark}{inside}</div>')


class Heatmap:
    """A table of weights with words at its sides: `Heatmap(weights, rows=german, columns=english)`.

    values   numbers (rows, columns)
    alt      what one sees, in a sentence, for those who cannot see it
    colours  "magnitude" (small to large), "sign" or "ink", as in Tiles
    limits   the values that get the first and the last colour
    """

    def __init__(self, values, rows, columns, alt='', colours='magnitude', limits=(0.0, 1.0)):
        self.values = np.asarray(values, 'float64')
        self.rows, self.columns = [str(word) for word in rows], [str(word) for word in columns]
        if self.values.shape != (len(self.rows), len(self.columns)):
            raise ValueError(f'{len(self.rows)} rows and {len(self.columns)} columns are named, '
                             f'but the values have the shape {self.values.shape}.')
        self.alt, self.colours, self.limits = alt, colours, limits

    def __repr__(self) -> str:
        """The description, and for each row the column with the largest value."""
        lines = [f'Picture: {self.alt}']
        for word, values in zip(self.rows, self.values):
            place = int(values.argmax())
            lines.append(f'  {word}: {self.columns[place]} ({values[place]:.2f})')
        return '\n'.join(lines)

    def _repr_html_(self) -> str:
        head = ''.join(f'<div style="{HEAD}">{html.escape(word)}</div>' for word in self.columns)
        rows = ''
        for word, values in zip(self.rows, self.values):
            cells = ''.join(f'<div title="{html.escape(column)}" style="'
                            f'{painted(value, self.colours, self.limits)}; {CELL}">'
                            f'{two_digits(value)}</div>'
                            for column, value in zip(self.columns, values))
            rows += (f'<div style="text-align: right; padding-right: 6px">{html.escape(word)}'
                     f'</div>{cells}')
        columns = f'max-content repeat({len(self.columns)}, minmax(34px, max-content))'
        return (f'<div role="img" aria-label="{html.escape(self.alt)}" style="display: grid; '
                f'grid-template-columns: {columns}; gap: 1px; align-items: center; overflow-x: '
                f'auto; font-size: 13px; margin: 4px 0"><div></div>{head}{rows}</div>')


class PathPicture:
    """A picture with the path of a net below it: at each moment, the sign that it reads there.

    picture   numbers (H, W) that are read from left to right: a spectrogram, a row of digits
    path      a text or list of signs; the k-th belongs to the k-th of as many equal parts
    alt       what one sees, in a sentence, for those who cannot see it
    blank     the sign that is not written
    chances   (moments, signs): how sure the net is of each sign, as a second picture below
    alphabet  the signs, as names of the rows of that second picture
    sides     what stands left of the picture, at its top and at its bottom: ('8000 Hz', '80 Hz')
    ends      what stands below it, at its left and at its right end: ('0 s', '0.99 s')
    width, height   of the picture on the screen, in pixels; narrower where there is less room

    A sign that is read several times in a row is written once, above a line as long as it lasts.
    """

    def __init__(self, picture, path=(), alt='', blank='_', chances=None, alphabet=(), sides=(),
                 ends=(), width=480, height=120):
        self.picture = np.asarray(picture, 'float64')
        if self.picture.ndim != 2:
            raise ValueError('The picture needs two axes, (height, width); its shape is '
                             f'{self.picture.shape}.')
        self.signs = ['' if sign == blank else str(sign) for sign in path]
        self.alt, self.width, self.height = alt, width, height
        self.chances, self.alphabet, self.blank = chances, list(alphabet), blank
        self.sides, self.ends = sides, ends

    def __repr__(self) -> str:
        path = ''.join(sign or '·' for sign in self.signs)
        return f'Picture: {self.alt}' + (f'\n  {path}' if path else '')

    def _repr_html_(self) -> str:
        limits = self.picture.min(), self.picture.max()
        picture = self.strip(self.picture, limits, self.height, 'What is read')
        rows = [self.spread(self.sides, f'flex-direction: column; height: {self.height}px; '
                            'align-items: flex-end'), picture, '', self.path()]
        if self.chances is not None:
            chances = np.asarray(self.chances, 'float64').T
            rows += [self.names(), self.strip(chances, (0.0, 1.0), ROW * len(chances),
                                              'Chances of signs')]
        rows += ['', self.spread(self.ends)]
        cells = ''.join(f'<div>{cell}</div>' for cell in rows)
        return (f'<div role="img" aria-label="{html.escape(self.alt)}" style="display: grid; '
                f'grid-template-columns: max-content minmax(0, {self.width}px); column-gap: 4px; '
                f'margin: 4px 0">{cells}</div>')

    def strip(self, picture, limits, height, alt) -> str:
        data = base64.b64encode(png(colour(picture, 'magnitude', limits))).decode('ascii')
        return (f'<img alt="{alt}" src="data:image/png;base64,{data}" style="display: block; '
                f'width: 100%; height: {height}px; max-width: none; '
                f'image-rendering: pixelated">')

    def path(self) -> str:
        """The signs below the picture, each at its moment."""
        if not self.signs:
            return ''
        cells, start = '', 1
        for sign, run in itertools.groupby(self.signs):
            count = len(list(run))
            if sign:
                cells += (f'<div style="grid-column: {start} / span {count}; grid-row: 1; '
                          f'border: 1px solid #8a8a8a; border-width: 0 0 2px 1px; padding-left: 1px'
                          f'">{html.escape(sign) if sign != " " else "␣"}</div>')
            start += count
        return (f'<div style="display: grid; height: 20px; font: bold 13px/18px monospace; margin: '
                f'0 0 2px; grid-template-columns: repeat({len(self.signs)}, '
                f'minmax(0, 1fr))">{cells}</div>')

    def spread(self, ends, style='') -> str:
        """Two short texts at the two ends of a line."""
        texts = ''.join(f'<div>{html.escape(text)}</div>' for text in ends)
        return (f'<div style="display: flex; justify-content: space-between; {style}; '
                f'font-size: 12px; line-height: 16px">{texts}</div>' if ends else '')

    def names(self) -> str:
        shown = ['∅' if name == self.blank else '␣' if name == ' ' else name
                 for name in self.alphabet]
        return ''.join(f'<div style="font: 12px/{ROW}px monospace; text-align: right">'
                       f'{html.escape(name)}</div>' for name in shown)


def painted(value, colours, limits) -> str:
    """Background and ink for a value: black or white, whichever is easier to read."""
    shade = colour(np.array([[value]]), colours, limits)[0, 0]
    ink = '#000' if shade @ (0.299, 0.587, 0.114) > 110 else '#fff'
    return f'background: rgb({shade[0]}, {shade[1]}, {shade[2]}); color: {ink}'


def two_digits(value) -> str:
    """'.83', '1.0', and nothing for what is almost zero."""
    if abs(value) < 0.005:
        return ''
    text = f'{value:.2f}'
    return text.replace('0.', '.', 1) if abs(value) < 0.995 else f'{value:.1f}'
