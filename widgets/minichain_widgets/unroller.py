"""Unroller: a recurrent network taken apart in time."""
import numpy as np

import minichain.links as L

from . import unrolling
from .arguments import flag, names_of
from .arrays import on_cpu, packed
from .pictures import heat, picture, words
from .widget import Widget, bundled

MOST_STEPS = 200
MOST_UNITS = 64
VANISHED, EXPLODED = 1e-2, 1e2      # of the gradient at the last step
GUTTER, WIDTH = 96, 640             # of the still picture
SHORT = 12                          # norms that the text lists


class Unroller(Widget):
    """A recurrent network, rolled up and unrolled: states, gates and gradients over time.

        Unroller(L.LSTM(3, 8), x)                   x (T, 3), or (T, N, 3) for N examples
        Unroller(model, [ids, others])              examples of different lengths, whole numbers for
                                                    a Chain that begins with an embedding
        Unroller(model, x, target=classes)          with the loss that you train with
        Unroller(model, x, batch_first=True)        for a Chain that takes sequences (N, T, ...)

    link    L.RNN, L.LSTM, L.GRU, or a Chain that uses such links and is called once a step
    target  for each example a class or numbers; with an axis for time: for each step. Default: the
            loss is the sum of the last output
    labels  for each example a list of words, one a step
    whole   the link is called once, with all steps (T, 1, ...), instead of once for each step
    batch_first  the same with (1, T, ...), for examples x (N, T, ...)

    `hidden`, `gradients` (T, H) and `norms` (T) are what is shown: outputs h, the gradients of the
    loss by them, and how long these are. `set(example, cut)` chooses an example, and truncates
    backward after every `cut` steps. The weights are read again by `refresh()`; state and
    gradients of your link stay as they are. ValueError and TypeError explain what does not fit.
    """

    _esm = bundled('unroller.js')
    _css = bundled('unroller.css')
    takes = {'set': {'example': 'count?', 'cut': 'count?', 'layer': 'name?'}, 'refresh': {}}

    def __init__(self, link, x, *, target=None, labels=None, whole=False,
                 batch_first=False):
        if not isinstance(link, L.Link) or not unrolling.recurrent_links(link):
            raise TypeError('Unroller wants a link that is recurrent or uses one: L.RNN, L.LSTM, '
                            f'L.GRU or their stateless forms, but got {_kind(link)}.')
        whole, batch_first = flag(whole, 'whole'), flag(batch_first, 'batch_first')
        self._link, self._whole, self._axis = link, whole or batch_first, int(batch_first)
        self._examples, form = _examples(x, link.params()[0].dtype, batch_first)
        self._targets = _per_example(target, self._examples, form, 'target')
        for each in self._targets or ():
            _check_target(each)
        self._labels = _per_example(labels, self._examples, form, 'labels')
        if self._labels is not None:
            self._labels = [_words(*pair) for pair in zip(self._labels, self._examples)]
        self._look(0, None, None)
        super().__init__()

    @property
    def hidden(self):
        """The outputs h of the chosen link, an array (T, H)."""
        return self._parts['h']

    @property
    def norms(self):
        """How long the gradient is at each step, an array (T,)."""
        return np.linalg.norm(self.gradients, axis=1)

    @property
    def gates(self):
        """The values of the gates, {name: (T, H)}."""
        return unrolling.gates(self._steps.kind, self._parts)

    def refresh(self):
        """Run again, with the weights as they are now."""
        self.set()

    def set(self, example=None, cut=None, layer=None):
        """Choose what is shown.

        example  its number, from 0
        cut      backward goes through so many steps at most; 0: through all
        layer    the path of a recurrent link
        """
        example = self.example if example is None else int(example)
        cut = (self.cut or 0) if cut is None else int(cut)
        if not 0 <= example < len(self._examples):
            raise ValueError(f'There are {len(self._examples)} examples, from 0 to '
                             f'{len(self._examples) - 1}; {example} is none of them.')
        if cut < 0:
            raise ValueError(f'cut should be a number of steps, or 0 for none, not {cut}.')
        layer = self.layer if layer is None else layer
        self._look(example, cut if 0 < cut < len(self._examples[example]) else None, layer)
        if self.comm is not None:
            self._tell_state()

    # In words, and as a still picture -------------------------------------------------------------

    def verdict(self):
        """What has become of the gradient on its way back, in a sentence."""
        norms = self.norms
        if not norms.any():
            return 'No gradient reaches this layer: the loss does not depend on it.'
        arrives = np.flatnonzero(norms)
        first, last = arrives[0], arrives[-1]
        start = norms[last]
        text = (f'The gradient is {norms[last]:.2g} at step {last + 1} and {norms[first]:.2g} at '
                f'step {first + 1}')
        ratio = norms[first] / start
        if ratio < VANISHED:
            text += f': {so_many(start / norms[first])} times smaller. It vanishes.'
        elif ratio > EXPLODED:
            text += f': {so_many(ratio)} times larger. It explodes.'
        else:
            text += '.'
        if first > 0 and self._steps.cuts:
            text += f' Nothing arrives before the cut after step {first}.'
        return text

    def text(self):
        """The sizes, and the length of the gradient at some steps."""
        n_steps, n_units = self.hidden.shape
        shown = np.unique(np.linspace(0, n_steps - 1, SHORT).astype(int))
        cut = 'none' if self.cut is None else f'after every {self.cut} steps'
        norms = ', '.join(f'{t + 1}: {self.norms[t]:.2g}' for t in shown)
        return '\n'.join([
            f'Unroller: {self.layer} ({type(self._steps.link).__name__}), {n_units} units, '
            f'{n_steps} steps, example {self.example + 1} of {len(self._examples)}, cut: {cut}',
            f'Loss: {self._loss_words}',
            f'Length of the gradient by h, at step {norms}', self.verdict()])

    def svg(self):
        """Outputs and gradients over time."""
        rows = {'output h': (self.hidden, 'sign'), 'gradient ∂L/∂h': (self.gradients, 'sign')}
        if 'c' in self._parts:
            rows = {'cell c': (self._parts['c'], 'sign'), **rows}
        n_steps = len(self.hidden)
        cell = min(28, (WIDTH - GUTTER - 12) / n_steps)
        y, drawn = 16, []
        for name, (values, colours) in rows.items():
            values = values[:, :MOST_UNITS].T
            height = max(3, min(12, 96 / len(values)))
            drawn.append(words(name, 8, y + 12))
            drawn.append(heat(values, GUTTER, y, cell, colours, cell_height=height))
            y += round(len(values) * height) + 12
        for t in self._steps.cuts:
            at = GUTTER + t * cell
            drawn.append(f'<path class="backward-curve" stroke-dasharray="4 3" '
                         f'd="M{at:.1f} 8V{y - 4}"/>')
        drawn.append(words('step', 8, y + 8, kind='muted'))
        for t in sorted({0, n_steps - 1}):
            drawn.append(words(t + 1, GUTTER + (t + 0.5) * cell, y + 8, 'middle', 'muted'))
        drawn.append(words(self.verdict(), 8, y + 28))
        return picture(f'Unroller. {self.verdict()}', drawn, y + 40, WIDTH)

    # Between the browser and here -----------------------------------------------------------------

    def answer_ready(self, message):
        self._tell_state()

    def answer_set(self, message):
        self.set(message.get('example'), message.get('cut'), message.get('layer'))

    def answer_refresh(self, message):
        self.refresh()

    def _tell_state(self):
        steps = self._steps
        keep = {name: _first_units(values, steps.kind, name)
                for name, values in self._parts.items()}
        activation = getattr(getattr(steps.link, 'activation', None), '__name__', 'tanh')
        self.tell(
            'state', cell=steps.kind, link=type(steps.link).__name__, layer=self.layer,
            layers=self._layers, units=self.hidden.shape[1], shown=keep['h'].shape[1],
            example=self.example, examples=[len(each) for each in self._examples],
            cut=self.cut or 0, cuts=steps.cuts, labels=self._step_labels(), activation=activation,
            loss=self._loss_words, verdict=self.verdict(),
            parts={name: packed(values) for name, values in keep.items()},
            gradients={name: packed(values[:, :MOST_UNITS]) for name, values in
                       [('x', self._gx), ('h', self.gradients), ('c', self._gc)]
                       if values is not None},
            norms=packed(self.norms))

    def _step_labels(self):
        if self._labels is not None:
            return list(self._labels[self.example])
        x = self._examples[self.example]
        return [str(t + 1) if x.dtype.kind == 'f' else str(int(x[t])) for t in range(len(x))]

    # Running --------------------------------------------------------------------------------------

    def _look(self, example, cut, layer):
        """Run an example, and make what it shows the present state."""
        ys, found = unrolling.run(self._link, self._examples[example], cut, self._whole,
                                   self._axis)
        if not found:
            raise ValueError('The link was called, but no recurrent link in it was.')
        if layer is not None and layer not in found:
            raise ValueError(f'There is no recurrent link {layer!r}; there are '
                             f'{", ".join(found)}.')
        layer = layer or next(iter(found))
        steps = found[layer]
        target = None if self._targets is None else self._targets[example]
        loss_words, (gx, gh, gc) = unrolling.gradients(ys, target, steps)
        self._parts = unrolling.parts(steps)
        self._loss_words, self._gx, self.gradients, self._gc = loss_words, gx, gh, gc
        self._steps, self._layers = steps, list(found)
        self.example, self.cut, self.layer = example, cut, layer


def _kind(value):
    return f'a {type(value).__name__} without one' if isinstance(value, L.Link) else repr(value)


def _examples(x, dtype, batch_first=False):
    """(arrays (T, I) or (T,), 'one' or 'batch' or 'list'), from what a student may have."""
    x = on_cpu(x)
    if batch_first:
        x = list(np.asarray(x))
    if isinstance(x, (list, tuple)) and len(x) and np.ndim(x[0]) > 0:
        found, form = [np.asarray(each) for each in x], 'list'
    else:
        x = np.asarray(x)
        axes = 2 if x.dtype.kind == 'f' else 1
        if x.ndim not in (axes, axes + 1):
            raise ValueError('Unroller wants numbers x (T, I) or (T, N, I), or whole numbers (T,) '
                             f'or (T, N), or a list of examples, but got {x.dtype} {x.shape}.')
        found, form = ([x], 'one') if x.ndim == axes else (list(np.moveaxis(x, 1, 0)), 'batch')
    for each in found:
        axes = 2 if each.dtype.kind == 'f' else 1
        if each.ndim != axes or not 1 <= len(each) <= MOST_STEPS or each.dtype.kind not in 'fiu':
            raise ValueError(f'Each example should have from 1 to {MOST_STEPS} steps: numbers '
                             f'(T, I) or whole numbers (T,); one is {each.dtype} {each.shape}.')
        if not np.isfinite(each).all():
            raise ValueError('An example has numbers that are NaN or infinite: look for the bad '
                             'ones with np.argwhere(~np.isfinite(x)).')
    return [each.astype(dtype) if each.dtype.kind == 'f' else each for each in found], form


def _check_target(target):
    """ValueError for a target that holds something else than numbers."""
    try:
        target = np.asarray(target)
    except ValueError:
        target = np.array('parts of different lengths')
    if target.dtype.kind not in 'iuf' or not np.isfinite(target).all():
        raise ValueError('A target is the number of a class, or numbers without NaN, for each '
                         f'example; one is {target!r:.60}.')


def _words(labels, example):
    """The labels of an example, one a step. TypeError and ValueError for anything else."""
    if isinstance(labels, str):
        labels = list(labels)           # letters
    found = names_of(labels, 'labels are a list of words for each example, one a step')
    if len(found) != len(example):
        raise ValueError(f'labels are words, one a step: an example has {len(example)} steps and '
                         f'{len(found)} labels.')
    return found


def _per_example(given, examples, form, name):
    """Targets or labels, one an example; None if there are none."""
    if given is None:
        return None
    given = on_cpu(given)
    if form == 'one':
        return [given]
    steps_first = (len(examples[0]), len(examples))
    if form == 'batch' and name == 'target' and np.shape(given)[:2] == steps_first:
        return list(np.moveaxis(np.asarray(given), 1, 0))
    number = len(given) if hasattr(given, '__len__') else 'no'
    if number != len(examples):
        raise ValueError(f'There are {len(examples)} examples: {name} should have as many, one '
                         f'each, but has {number}.')
    return list(given)


def _first_units(values, kind, name):
    """At most 64 units of each block, which is all that is drawn."""
    blocks = len(unrolling.GATES[kind]) if name in ('Wx', 'Uh', 'b') else 1
    return np.concatenate([block[..., :MOST_UNITS] for block in np.split(values, blocks, -1)], -1)


def so_many(ratio: float) -> str:
    """A large factor in whole words, of which two digits matter: '3,300', '4.2'."""
    if ratio >= 1e9:
        return 'more than a thousand million'
    return f'{float(f"{ratio:.2g}"):,.0f}' if ratio >= 10 else f'{ratio:.2g}'
