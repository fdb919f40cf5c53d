"""ConvExplorer: a filter on a picture, window by window; and what a trained network sees."""
import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain.observe import unwatched

from .activations import look
from .arguments import link_of
from .arrays import on_cpu, packed
from .filters import named_filters
from .pictures import heat, picture, words
from .widget import Widget, bundled

MOST_PIXELS = 128       # height and width of a picture
MOST_PICTURES = 32
MOST_MAPS = 64          # of one layer, or filters
LIMITS = {'stride': (1, 4), 'pad': (0, 4), 'dilate': (1, 3)}
PANEL = 196             # pixels of one panel of the still picture


class ConvExplorer(Widget):
    """A convolution to walk through: point at an output, see window, filter and sum.

        ConvExplorer(image)                       with filters to choose from
        ConvExplorer(images, my_filter)           several pictures, a filter of your own
        ConvExplorer(images, link=model)          the layers of a trained network

    image    numbers (H, W), (C, H, W), or several pictures (N, H, W), (N, C, H, W). Of three
             axes the first is channels if it is 1 or 3. None: an empty picture, to draw on
    filters  numbers (K, K), (O, K, K), (O, C, K, K), a dict from names to them, or a Conv2d.
             Default: edges, lines, blur and others, of any size
    link     a network from pictures (1, C, H, W) to scores (1, K)

    `image` is the picture as it is now, with what was drawn; `output` the map, computed by
    minichain. `set(...)` does what the sliders do. ValueError explains what does not fit.
    """

    _esm = bundled('convexplorer.js')
    _css = bundled('convexplorer.css')
    takes = {'set': {
        'index': 'count?', 'image': 'numbers?', 'filter': 'name?', 'size': 'count?',
        'stride': 'count?', 'pad': 'count?', 'dilate': 'count?', 'layer': 'count?',
        'of': 'choice?'}}

    def __init__(self, image=None, filters=None, *, link=None):
        if link is not None and filters is not None:
            raise ValueError('Give ConvExplorer filters, or a link that has filters; not both.')
        self._pictures = _pictures(image)
        self._link, self._filters = link_of(link), None
        if link is None:
            self._filters = _filters(filters, self._pictures.shape[1])
        self._now = dict(index=0, image=self._pictures[0], stride=1, pad=0, dilate=1, layer=None,
                         of=None, filter=None, size=None)
        self._seen = None
        self.set()
        super().__init__()

    @property
    def image(self):
        """The picture as it is now, an array (C, H, W)."""
        return self._now['image'].copy()

    @property
    def output(self):
        """The map of the chosen filter (H, W), or the maps of the chosen layer (O, H, W)."""
        if self._link is not None:
            return self._layer.y
        with unwatched(), mc.test_mode():
            y = F.conv2d(self._now['image'][None], self._weights[None], stride=self._now['stride'],
                         pad=self._now['pad'], dilate=self._now['dilate'])
        return y.numpy()[0, 0]

    @property
    def scores(self):
        """The network's scores (K,) for this picture; None without a network."""
        return None if self._seen is None else self._seen[1]

    @property
    def gradient(self):
        """The gradient of the chosen class's score by the picture; None without a network."""
        return None if self._seen is None else self._seen[3]

    def set(self, **choices):
        """Choose what is shown; the rest stays.

        index    a picture, from 0              image   another picture (C, H, W) or (H, W)
        filter   a filter's name                size    of a filter that has several
        stride, pad, dilate  pixels             layer   of the network: its number, from 0
        of       the class whose score the gradient image belongs to; 'best': the largest score
        """
        unknown = sorted(set(choices) - set(self._now))
        if unknown:
            raise ValueError(f'ConvExplorer has no {unknown[0]!r} to set; it has '
                             f'{", ".join(self._now)}.')
        now = {**self._now, **{name: value for name, value in choices.items()
                               if value is not None}}
        _check_index('index', now['index'], len(self._pictures), 'pictures')
        if choices.get('image') is not None:
            now['image'] = _drawn(choices['image'], self._pictures.shape[1:])
        elif choices.get('index') is not None:
            now['image'] = self._pictures[now['index']]
        if self._link is None:
            self._choose_filter(now)
        else:
            self._look(now)
        self._now = now

    def _choose_filter(self, now):
        for name, (low, high) in LIMITS.items():
            if not isinstance(now[name], int) or not low <= now[name] <= high:
                raise ValueError(f'{name} should be a whole number from {low} to {high}, not '
                                 f'{now[name]!r}.')
        name = now['filter'] = now['filter'] or next(iter(self._filters))
        if name not in self._filters:
            raise ValueError(f'There is no filter {name!r}; there are {", ".join(self._filters)}.')
        sizes = self._filters[name]
        size = now['size'] if now['size'] in sizes else 3 if 3 in sizes else next(iter(sizes))
        reach = (size - 1) * now['dilate'] + 1
        room = min(now['image'].shape[1:]) + 2 * now['pad']
        if reach > room:
            raise ValueError(f'The filter covers {reach} pixels, but picture and padding have '
                             f'{room}: choose a smaller filter or dilation, or more padding.')
        now['size'], self._weights = size, sizes[size]

    def _look(self, now):
        of = None if now['of'] == 'best' else now['of']
        seen = look(self._link, now['image'], of)
        if not seen[0]:
            raise ValueError('No layer of the network made maps (1, C, H, W) of the picture: is it '
                             'a convolutional one?')
        _check_index('layer', now['layer'] or 0, len(seen[0]), 'layers')
        now['layer'] = now['layer'] or 0
        self._seen, self._layer = seen, seen[0][now['layer']]

    # In words, and as a still picture -------------------------------------------------------------

    def text(self):
        """What is shown, with sizes."""
        sizes = ' × '.join(map(str, self._now['image'].shape))
        if self._link is None:
            y = self.output
            return (f'ConvExplorer: picture {sizes}, filter {self._now["filter"]} '
                    f'{_times(self._weights.shape[1:])}, stride {self._now["stride"]}, padding '
                    f'{self._now["pad"]}, dilation {self._now["dilate"]}. The map is '
                    f'{_times(y.shape)}, from {y.min():.3g} to {y.max():.3g}.')
        layers, scores, of, _ = self._seen
        best = ', the largest' if of == scores.argmax() else ''
        return (f'ConvExplorer: picture {sizes}; layer {self._now["layer"] + 1} of {len(layers)}, '
                f'{self._layer.name}, {_times(self._layer.y.shape)}. Score of class {of}: '
                f'{scores[of]:.3g}{best}.')

    def svg(self):
        """Picture, filter and map side by side; of a network also the gradient image."""
        image = self._now['image'][0]
        if self._link is None:
            panels = [('picture', image, 'ink'), (self._now['filter'], self._weights[0], 'sign'),
                      ('map', self.output, 'sign')]
        else:
            panels = [('picture', image, 'ink')]
            if self._layer.W is not None:
                panels.append(('filter 1', self._layer.W[0, 0], 'sign'))
            panels += [(f'{self._layer.name}: map 1', self._layer.y[0], 'sign'),
                       (f'∂ score {self._seen[2]} / ∂ picture', self.gradient[0], 'sign')]
        drawn, x = [], 12
        for title, values, colours in panels:
            cell = min(28, PANEL / max(values.shape))
            drawn += [words(title, x, 22), heat(values, x, 30, cell, colours)]
            x += PANEL + 16
        return picture(self.text(), drawn, PANEL + 42, x)

    # Between the browser and here -----------------------------------------------------------------

    def answer_ready(self, message):
        state = dict(pictures=packed(self._pictures), most_maps=MOST_MAPS, limits=LIMITS)
        if self._link is None:
            state['filters'] = [
                {'name': name, 'sizes': {size: packed(weights) for size, weights in sizes.items()}}
                for name, sizes in self._filters.items()]
        self.tell('state', **state, now=self._choices())
        if self._link is not None:
            self._tell_layer()

    def answer_set(self, message):
        self.set(**{name: value for name, value in message.items() if name != 't'})
        if self._link is not None:
            self._tell_layer()

    def _choices(self):
        now = {name: value for name, value in self._now.items() if name != 'image'}
        return {**now, 'image': packed(self._now['image'])}

    def _tell_layer(self):
        layers, scores, of, gradient = self._seen
        layer = self._layer
        kernel = None
        if layer.W is not None:
            bias = np.zeros(len(layer.W)) if layer.b is None else layer.b
            kernel = {'W': packed(layer.W[:MOST_MAPS]), 'b': packed(bias[:MOST_MAPS]),
                      'stride': layer.stride, 'pad': layer.pad, 'dilate': layer.dilate}
        self.tell('layer', layers=[each.name for each in layers], layer=self._now['layer'],
                  maps=len(layer.y), x=packed(layer.x), y=packed(layer.y[:MOST_MAPS]),
                  kernel=kernel, scores=packed(scores), of=of, best=int(scores.argmax()),
                  gradient=packed(gradient))


def _times(shape):
    return ' × '.join(map(str, shape))


def _check_index(name, value, count, what):
    if not isinstance(value, int) or not 0 <= value < count:
        raise ValueError(f'{name} should be a whole number from 0 to {count - 1}, for there are '
                         f'{count} {what}; it is {value!r}.')


def _pictures(image):
    """Pictures (N, C, H, W) from what a student may have."""
    if image is None:
        image = np.zeros((16, 16), 'float32')
    image = np.asarray(on_cpu(image))
    if image.ndim == 2:
        image = image[None, None]
    elif image.ndim == 3:
        if len(image) not in (1, 3) and image.shape[2] in (3, 4) and image.shape[1] > 4:
            raise ValueError(f'{image.shape} looks like a picture (H, W, C), with the colours in '
                             'the last axis. ConvExplorer wants (C, H, W): give '
                             'image.transpose(2, 0, 1).')
        image = image[None] if len(image) in (1, 3) else image[:, None]
    if image.ndim != 4 or not image.size or image.dtype.kind not in 'buif':
        raise ValueError('ConvExplorer wants a picture (H, W) or (C, H, W), or pictures '
                         f'(N, C, H, W), but got {image.dtype} {image.shape}.')
    if max(image.shape[2:]) > MOST_PIXELS or image.shape[1] > MOST_MAPS:
        raise ValueError(f'A picture may have {MOST_PIXELS} × {MOST_PIXELS} pixels and {MOST_MAPS} '
                         f'channels at most here; this is {image.shape[1:]}. Show a part of it: '
                         f'image[..., :{MOST_PIXELS}, :{MOST_PIXELS}].')
    if not np.isfinite(image).all():
        raise ValueError('The picture has numbers that are NaN or infinite: look for the bad ones '
                         'with np.argwhere(~np.isfinite(image)).')
    return image[:MOST_PICTURES].astype('float32')


def _drawn(image, shape):
    image = np.asarray(image, 'float32')
    if image.size != np.prod(shape):
        raise ValueError(f'The picture should have the shape {tuple(shape)}, but has '
                         f'{image.shape}.')
    return image.reshape(shape)


def _numbers(given, name):
    """The numbers of a filter. ValueError for what is none, and for NaN."""
    try:
        found = np.asarray(on_cpu(given))
    except ValueError:
        found = np.array('rows of different lengths')
    if found.dtype.kind not in 'buif':
        raise ValueError(f'{name} should hold the numbers of a filter, such as (K, K), not '
                         f'{given!r:.60}.')
    if not np.isfinite(found).all():
        raise ValueError(f'{name} has numbers that are NaN or infinite.')
    return found.astype('float32')


def _filters(filters, channels):
    """{name: {size: weights (C, K, K)}} from what a student may have."""
    if filters is None:
        return {name: {size: np.stack([weights / channels] * channels)
                       for size, weights in sizes.items()}
                for name, sizes in named_filters().items()}
    if isinstance(filters, L.Conv2d):
        if not filters.W.is_initialized:
            raise ValueError('This Conv2d has no filters yet: call it once with a picture.')
        filters = filters.W.array
    if not isinstance(filters, dict):
        filters = _numbers(filters, 'filters')
        filters = filters[None] if not filters.ndim else filters
        filters = filters[None] if filters.ndim == 2 else filters
        filters = {f'filter {i + 1}': each for i, each in enumerate(filters[:MOST_MAPS])}
    found = {}
    for name, each in filters.items():
        each = _numbers(each, name)
        each = np.stack([each / channels] * channels) if each.ndim == 2 else each
        if each.ndim != 3 or len(each) != channels or each.shape[1] != each.shape[2]:
            raise ValueError(f'A filter should be square: (K, K), or ({channels}, K, K) for '
                             f'pictures with {channels} channels; {name} is {each.shape}.')
        found[str(name)] = {each.shape[1]: each}
    if not found:
        raise ValueError('ConvExplorer wants at least one filter.')
    return found
