"""What a network does with one picture: the maps of each layer, the scores, the gradient."""
from dataclasses import dataclass

import numpy as np

import minichain as mc
from minichain.observe import unwatched, watch

MOST_LAYERS = 100


@dataclass(frozen=True)
class Layer:
    """One operation that made maps.

    name      path of the link and what it does: 'conv1 conv2d'
    x, y      the maps that went in and came out, arrays (C, H, W) and (O, H, W)
    W, b      filters (O, C, KH, KW) and bias (O) of a convolution; None for others
    stride, pad, dilate   of a convolution, in pixels (down, across)
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    W: np.ndarray = None
    b: np.ndarray = None
    stride: tuple = (1, 1)
    pad: tuple = (0, 0)
    dilate: tuple = (1, 1)


class Looker:
    """An observer that keeps the maps of the operations on one picture."""

    def __init__(self):
        self.layers, self._paths = [], []

    def on_scope(self, link, entering):
        if entering:
            self._paths.append(link.path)
        else:
            self._paths.pop()

    def on_apply(self, fn, inputs, outputs):
        y = outputs[0].data
        x = _array(inputs[0]) if inputs else None
        maps = all(a is not None and a.ndim == 4 and len(a) == 1 for a in (x, y))
        if not maps or len(self.layers) == MOST_LAYERS:
            return
        facts = {}
        if fn.label == 'conv2d':
            windows = fn.windows
            W, b = (_array(a) for a in (*inputs[1:], None)[:2])
            facts = dict(W=W, b=b, stride=windows.stride, pad=windows.pad, dilate=windows.dilate)
        path = self._paths[-1] if self._paths else ''
        name = ' '.join(part for part in (path, fn.label) if part)
        self.layers.append(Layer(name, x[0], mc.to_cpu(y[0]), **facts))


def _array(x):
    if x is None or isinstance(x, (int, float)):
        return None
    return mc.to_cpu(x.data if isinstance(x, mc.Variable) else np.asarray(x))


def look(link, image, of=None):
    """(layers, scores, the class whose score is looked at, its gradient by the picture).

    image   (C, H, W)   of  a class; default: the one with the largest score
    scores  (K,)        gradient (C, H, W). ValueError if the link gives no scores (1, K)
    """
    looker = Looker()
    x = mc.Variable(mc.to_device(image[None], link.device))
    with unwatched(), watch(looker), mc.using_config(train=False, record=True):
        y = link(x)
    if not isinstance(y, mc.Variable) or y.ndim != 2 or len(y) != 1:
        shape = getattr(y, 'shape', type(y).__name__)
        raise ValueError('The network should give scores (1, K) for one picture '
                         f'{(1, *image.shape)}, but gave {shape}.')
    scores = mc.to_cpu(y.data)[0]
    of = int(scores.argmax()) if of is None else of
    if not 0 <= of < len(scores):
        raise ValueError(f'There are {len(scores)} classes, from 0 to {len(scores) - 1}; '
                         f'{of} is none of them.')
    with unwatched():
        gradient, = mc.grad(y[:, of].sum(), [x])
    gradient = np.zeros_like(image) if gradient is None else mc.to_cpu(gradient.data)[0]
    return looker.layers, scores, of, gradient
