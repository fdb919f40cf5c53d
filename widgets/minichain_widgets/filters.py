"""Filters to begin with, of any size: what they look for is in their names."""
import numpy as np

SIZES = range(1, 8)     # pixels, height and width


def named_filters():
    """name -> {size: array (size, size)}."""
    makers = {'vertical edge': _edge, 'horizontal edge': lambda k: _edge(k).T,
              'vertical line': _line, 'horizontal line': lambda k: _line(k).T,
              'diagonal': _diagonal, 'blur': _blur, 'sharpen': _sharpen, 'outline': _outline}
    return {name: {k: make(k).astype('float32') for k in SIZES} for name, make in makers.items()}


def _edge(k):
    """Dark at the left, bright at the right."""
    return np.sign(np.arange(k) - (k - 1) / 2)[None].repeat(k, 0) if k > 1 else np.ones((1, 1))


def _line(k):
    """Bright in the middle, dark beside; adds up to 0."""
    inside = slice((k - 1) // 2, k // 2 + 1)
    row = np.full(k, -1.0)
    bright = row[inside].size
    row[inside] = (k - bright) / bright if k > bright else 1
    return row[None].repeat(k, 0)


def _diagonal(k):
    return np.eye(k) * (k - 1) - (1 - np.eye(k)) if k > 1 else np.ones((1, 1))


def _blur(k):
    return np.full((k, k), 1 / k ** 2)


def _centre(k):
    spot = np.zeros((k, k))
    spot[(k - 1) // 2, (k - 1) // 2] = 1
    return spot


def _sharpen(k):
    return 2 * _centre(k) - _blur(k)


def _outline(k):
    return k * k * (_centre(k) - _blur(k)) if k > 1 else np.ones((1, 1))
