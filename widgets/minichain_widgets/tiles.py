"""Small arrays as pictures, side by side: digits, filters, activation maps.

Nothing to install and nothing random: the same numbers give the same text, so stored outputs of a
notebook can be compared. In a terminal, or for a screen reader, the description stands for it.
"""
from __future__ import annotations

import base64
import html
import struct
import zlib

import ipywidgets
import numpy as np

# From small to large: even steps of brightness, safe for colour-blind readers (viridis).
MAGNITUDE = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
# Below zero blue, zero almost white, above zero orange (Okabe and Ito).
SIGN = ((0, 114, 178), (247, 247, 247), (213, 94, 0))
# Paper and ink, for handwriting.
INK = ((255, 255, 255), (20, 20, 20))
MAPS = {'magnitude': MAGNITUDE, 'sign': SIGN, 'ink': INK}


class Tiles:
    """Pictures in a row that wraps: `Tiles(images, titles=labels, alt="Ten digits")`.

    pictures  arrays of shape (H, W), or one array of shape (N, H, W). A picture of shape (H, W, 3)
              has colours of its own: red, green and blue from 0 to 255
    titles    a short text under each picture
    alt       what one sees, in a sentence, for those who cannot see it
    colours   "ink" (handwriting), "magnitude" (small to large) or "sign" (below and above zero)
    limits    the values that get the first and the last colour; default: those of all pictures
    columns   so many pictures in a row; default: as many as there is room for
    size      width of one picture on the screen, in pixels
    values    write the number into every cell; for arrays of a few cells
    """

    def __init__(self, pictures, titles=None, alt='', colours='ink', limits=None, size=72,
                 columns=None, values=False):
        self.pictures = [np.asarray(picture, dtype='float64') for picture in pictures]
        if any(picture.ndim != 2 and not is_coloured(picture) for picture in self.pictures):
            raise ValueError('Each picture needs two axes, (height, width); the shapes are '
                             f'{[picture.shape for picture in self.pictures]}.')
        self.titles = [str(title) for title in titles] if titles is not None else None
        self.alt = alt
        self.colours = colours
        self.limits = limits or limits_of(self.pictures, colours)
        self.columns = columns
        self.size = size
        self.values = values

    def __repr__(self) -> str:
        titles = f" ({'; '.join(self.titles)})" if self.titles else ''
        return f'Picture: {self.alt}{titles}'

    def _repr_html_(self) -> str:
        titles = self.titles or [''] * len(self.pictures)
        tiles = ''.join(self.tile(picture, title) for picture, title in zip(self.pictures, titles))
        rows = (f'display: grid; grid-template-columns: repeat({self.columns}, max-content)'
                if self.columns else 'display: flex; flex-wrap: wrap')
        return (f'<div role="img" aria-label="{html.escape(self.alt)}" style="{rows}; gap: 12px; '
                f'align-items: end; margin: 4px 0; overflow-x: auto">{tiles}</div>')

    def tile(self, picture: np.ndarray, title: str) -> str:
        image = self.table(picture) if self.values else self.image(picture, title)
        width = '' if self.values else f'; max-width: {max(self.size, 72)}px'
        caption = (f'<div style="font-size: 12px; line-height: 16px; text-align: center{width}">'
                   f'{html.escape(title)}</div>' if title else '')
        return f'<div>{image}{caption}</div>'

    def image(self, picture: np.ndarray, title: str) -> str:
        data = base64.b64encode(png(colour(picture, self.colours, self.limits))).decode('ascii')
        height = round(self.size * picture.shape[0] / picture.shape[1])
        return (f'<img alt="{html.escape(title or self.alt)}" width="{self.size}" '
                f'height="{height}" src="data:image/png;base64,{data}" style="display: block; '
                f'margin: 0 auto; image-rendering: pixelated; border: 1px solid #8a8a8a">')

    def table(self, picture: np.ndarray) -> str:
        shades = colour(picture, self.colours, self.limits)
        rows = ''
        for numbers, row in zip(picture, shades):
            cells = ''.join(cell(number, shade) for number, shade in zip(numbers, row))
            rows += f'<div style="display: flex">{cells}</div>'
        return f'<div style="border: 1px solid #8a8a8a; display: inline-block">{rows}</div>'


class LiveTiles(ipywidgets.HTML):
    """A place for Tiles that change while a cell runs: display it once, then call show()."""

    def __init__(self, text='The picture appears here while the next cell runs.'):
        super().__init__(value=f'<i>{html.escape(text)}</i>')

    def show(self, tiles: Tiles, text: str = '') -> None:
        """Replace the picture, with a line of text above it."""
        self.value = f'<div>{html.escape(text)}</div>{tiles._repr_html_()}'

    def __repr__(self) -> str:
        return 'A picture that changes while the next cell runs.'


def cell(number: float, shade: np.ndarray) -> str:
    """One number on its colour, in black or white, whichever is easier to read."""
    brightness = shade @ (0.299, 0.587, 0.114)
    ink = '#000' if brightness > 110 else '#fff'
    return (f'<div style="width: 36px; height: 28px; line-height: 28px; text-align: center; '
            f'font-size: 12px; color: {ink}; background: rgb({shade[0]}, {shade[1]}, {shade[2]})">'
            f'{number:g}</div>')


def is_coloured(picture: np.ndarray) -> bool:
    return picture.ndim == 3 and picture.shape[2] == 3


def limits_of(pictures: list[np.ndarray], colours: str) -> tuple[float, float]:
    low = min((float(picture.min()) for picture in pictures), default=0.0)
    high = max((float(picture.max()) for picture in pictures), default=1.0)
    if colours == 'sign':
        high = max(abs(low), abs(high))
        low = -high
    return low, high


def colour(picture: np.ndarray, colours: str, limits: tuple[float, float]) -> np.ndarray:
    """Colours (H, W, 3), as whole numbers from 0 to 255."""
    if is_coloured(picture):
        return np.rint(picture).clip(0, 255).astype('uint8')
    low, high = limits
    stops = np.array(MAPS[colours], dtype='float64')
    place = np.clip((picture - low) / ((high - low) or 1.0), 0, 1) * (len(stops) - 1)
    first = np.minimum(place.astype(int), len(stops) - 2)
    part = (place - first)[..., None]
    return np.rint(stops[first] * (1 - part) + stops[first + 1] * part).astype('uint8')


def png(pixels: np.ndarray) -> bytes:
    """A PNG file of (H, W, 3) bytes; not compressed, so every zlib writes the same bytes."""
    height, width, _ = pixels.shape
    rows = b''.join(b'\0' + row.tobytes() for row in pixels)
    header = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    parts = ((b'IHDR', header), (b'IDAT', zlib.compress(rows, 0)), (b'IEND', b''))
    return b'\x89PNG\r\n\x1a\n' + b''.join(
        struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
        for kind, body in parts)
