"""WasteMeter: what padding costs, and what it is good for."""
import threading

import numpy as np

import minichain.links as L
from minichain.randomness import generator

from . import padding
from .arguments import whole
from .wastepicture import padding_svg
from .widget import Widget, bundled

MOST = 64           # sentences in a batch
MOST_SIZE = 4096    # numbers that a word consists of
MOST_STEPS = 200    # words in a sentence: longer ones would keep the notebook waiting
SAME = 0.05         # two times that differ by less than this are called alike
TOLERANCE = 1e-3    # the three ways add in another order; more than this is no rounding


class WasteMeter(Widget):
    """The same sentences through a padded static graph and through dynamic ones, with the costs.

        WasteMeter(['it was good', 'I have never seen a film that was so long'])
        WasteMeter([3, 10, 5, 7], cell=L.GRU(32, 64))

    lengths  sentences, as texts or as lists of words; or how many words each one has
    cell     a link that is called once a step, (N, n_in) -> (N, n_out), and has `reset_state()`,
             such as L.LSTM, L.GRU, L.RNN. A copy of it is used, on the CPU. Default:
             L.LSTM(16, 32)
    size     n_in; taken from the cell if it is known

    A word is a vector of random numbers here. `costs` says for each way, 'padded', 'each' and
    'shrinking', what it costs (see padding.Cost), counted on the graphs that ran; `measure()`
    gives the seconds. ValueError and TypeError say what is wrong with sentences or cell.
    """

    _esm = bundled('wastemeter.js')
    _css = bundled('wastemeter.css')
    takes = {'measure': {}, 'set': {'batch_size': 'count?', 'spread': 'number?'}}

    def __init__(self, lengths, cell=None, *, size=None):
        self._given, self._words = _lengths_and_words(lengths)
        self._cell = _default_cell() if cell is None else _copy_of(cell)
        self._size = (_input_size(self._cell) if size is None
                      else whole(size, 'size, the numbers of a word,', 1, MOST_SIZE))
        self._lock = threading.Lock()
        self._take(len(self._given), 1.0)
        super().__init__()

    # What was found -------------------------------------------------------------------------------

    @property
    def padded_share(self):
        """The part of all steps of the padded batch that is computed for nothing."""
        steps = max(self.lengths) * len(self.lengths)
        return 1 - sum(self.lengths) / steps

    def measure(self):
        """way -> seconds of forward and backward on this computer, the best of several rounds."""
        with self._lock:
            self.seconds = padding.measure(self._cell, self._batch(self.lengths))
        return dict(self.seconds)

    def set(self, batch_size=None, spread=None):
        """Another batch, as the sliders make it.

        batch_size  so many sentences, from 1 to 64: the given ones, again and again if need be
        spread      1: as long as given; 0: all as long as the longest; or anything between
        """
        batch_size = self.batch_size if batch_size is None else int(batch_size)
        spread = self.spread if spread is None else float(spread)
        if not 1 <= batch_size <= MOST:
            raise ValueError(f'A batch has from 1 to {MOST} sentences here, not {batch_size}.')
        if not 0 <= spread <= 1:
            raise ValueError(f'The spread goes from 0 (all equally long) to 1, not {spread}.')
        self._take(batch_size, spread)

    def verdict(self):
        """Sentences that say which way wins, and why."""
        lines = self._counted()
        if self.seconds is not None:
            lines += _about_time(self.costs, self.seconds)
        return lines

    def text(self):
        """The table, and the verdict on work and memory."""
        low, high = min(self.lengths), max(self.lengths)
        words = f'{high}' if low == high else f'{low} to {high}'
        plural = 's' * (len(self.lengths) != 1)
        rows = [('', 'operations', 'multiply-adds', 'bytes kept')]
        rows += [(padding.NAMES[way], f'{cost.operations:,}', f'{cost.macs:,}', f'{cost.bytes:,}')
                 for way, cost in self.costs.items()]
        widths = [max(map(len, column)) for column in zip(*rows)]
        table = [row[0].ljust(widths[0]) + ''.join(
            '  ' + cell.rjust(width) for cell, width in zip(row[1:], widths[1:])) for row in rows]
        return '\n'.join([f'WasteMeter: {len(self.lengths)} sentence{plural} of {words} words, '
                          f'cell {type(self._cell).__name__}', *table, *self._counted()])

    def svg(self):
        """The three ways side by side."""
        return padding_svg(self.lengths, self.costs, ' '.join(self._counted()))

    def _counted(self):
        return [_about_work(self.costs, self.padded_share), _about_memory(self.costs)]

    # Between the browser and here -----------------------------------------------------------------

    def answer_ready(self, message):
        self._tell_state()
        if self.seconds is None:
            self.answer_measure(message)

    def answer_measure(self, message):
        self.measure()
        self._tell_state()

    def answer_set(self, message):
        self.set(message.get('batch_size'), message.get('spread'))
        self._tell_state()
        self.answer_measure(message)

    def _tell_state(self):
        words = None
        if self._words is not None and self.spread == 1:
            words = [self._words[i % len(self._words)] for i in range(self.batch_size)]
        self.tell('state', given=self._given, lengths=self.lengths, words=words, most=MOST,
                  names=padding.NAMES, batch_size=self.batch_size, spread=self.spread,
                  cell=type(self._cell).__name__,
                  costs={way: vars(cost) for way, cost in self.costs.items()},
                  seconds=self.seconds, says=self.verdict())

    # Counting -------------------------------------------------------------------------------------

    def _take(self, batch_size, spread):
        """Count what such a batch costs, and make it the present one."""
        lengths = padding.stretch(self._given, batch_size, spread)
        words = self._batch(lengths)
        with self._lock:
            found = {way: padding.count(way, self._cell, words) for way in padding.WAYS}
        difference = _largest_difference([results for _, *results in found.values()])
        if difference > TOLERANCE:
            raise ValueError('The three ways do not give the same results; they differ by '
                             f'{difference:.2g} of the largest number. Does the cell mix the '
                             'sentences of a batch, or draw random numbers?')
        self.lengths, self.batch_size, self.spread = lengths, batch_size, spread
        self.costs = {way: cost for way, (cost, _, _) in found.items()}
        self.seconds = None

    def _batch(self, lengths):
        rng = np.random.default_rng(0)
        dtype = self._cell.params()[0].dtype
        return [rng.standard_normal((n, self._size)).astype(dtype) for n in lengths]


def _lengths_and_words(sentences):
    """(lengths, words or None). ValueError if these are no sentences and no lengths."""
    if isinstance(sentences, (str, bytes, dict)) or not hasattr(sentences, '__iter__'):
        raise TypeError("WasteMeter wants a list, of sentences such as ['so good', 'no'] or of "
                        f'their lengths such as [3, 9, 5], but got {sentences!r}.')
    sentences = list(sentences)
    if not sentences:
        raise ValueError('WasteMeter wants at least one sentence, or one length.')
    if len(sentences) > MOST:
        raise ValueError(f'WasteMeter compares at most {MOST} sentences, but got '
                         f'{len(sentences)}: give it sentences[:{MOST}].')
    words = None
    if all(isinstance(each, (int, np.integer)) and not isinstance(each, bool)
           for each in sentences):
        lengths = [int(each) for each in sentences]
    elif all(isinstance(each, (str, list, tuple)) for each in sentences):
        words = [each.split() if isinstance(each, str) else [str(word) for word in each]
                 for each in sentences]
        lengths = [len(each) for each in words]
    else:
        raise ValueError('WasteMeter wants sentences, as texts or lists of words, or their lengths '
                         f'as whole numbers, but got {sentences[0]!r} among them.')
    for length in lengths:
        if not 1 <= length <= MOST_STEPS:
            raise ValueError(f'A sentence should have from 1 to {MOST_STEPS} words, '
                             f'but one has {length}.')
    return lengths, words


def _default_cell():
    """A cell that takes nothing from the program's random numbers."""
    bits = generator().bit_generator
    before = bits.state
    cell = L.LSTM(16, 32)
    bits.state = before
    return cell


def _copy_of(cell):
    if not isinstance(cell, L.Link) or not hasattr(cell, 'reset_state'):
        raise TypeError('WasteMeter wants a link that is called once a step and has reset_state(), '
                        f'such as L.LSTM(16, 32), but got {type(cell).__name__}.')
    return cell.copy().to_cpu()


def _input_size(cell):
    """The n_in of the first weights in a cell; 16 if they wait for their first input."""
    for param in cell.params():
        if param.is_initialized and param.ndim == 2:
            return param.shape[1]
    return 16


def _largest_difference(results):
    """Of the outputs and gradients of all ways from those of the first, relative to the largest."""
    most = 0.0
    for first, *others in zip(*results):
        scale = max(abs(first).max(), 1e-12)
        most = max([most, *(float(abs(other - first).max() / scale) for other in others)])
    return most


# In words -----------------------------------------------------------------------------------------

def _about_work(costs, share):
    static, dynamic = costs['padded'].macs, costs['each'].macs
    if share == 0:
        return ('Work: all sentences are equally long, so nothing is padded; the static graph does '
                'no more than the dynamic ones.')
    return (f'Work: {100 * share:.0f} % of the padded steps are computed for nothing. The static '
            f'graph does {static / dynamic:.2f} times the multiply-adds of the dynamic ones.')


def _about_memory(costs):
    least = costs['each'].bytes
    return (f'Memory: one sentence at a time, {least:,} bytes are kept for backward at a time; the '
            f'shrinking batch keeps {costs["shrinking"].bytes / least:.1f} times as much, the '
            f'padded one {costs["padded"].bytes / least:.1f} times.')


def _about_time(costs, seconds):
    lines = [_fastest(seconds)]
    if seconds['each'] > (1 + SAME) * seconds['padded']:
        lines.append(
            f'One sentence at a time takes {seconds["each"] / seconds["padded"]:.1f} times as long '
            f'as the padded batch, and does no needless work: its {costs["each"].operations:,} '
            'operations are small, and each one takes a few microseconds however small it is.')
    return lines


def _fastest(seconds):
    static, dynamic = seconds['padded'], min(seconds['each'], seconds['shrinking'])
    if static * (1 + SAME) < dynamic:
        return f'Time: the static graph wins, {dynamic / static:.2f} times as fast as the best ' \
               'dynamic one.'
    if dynamic * (1 + SAME) < static:
        which = 'shrinking' if seconds['shrinking'] == dynamic else 'each'
        return f'Time: the dynamic graph wins. {padding.NAMES[which]} is ' \
               f'{static / dynamic:.2f} times as fast as the static graph.'
    return 'Time: the static graph and the best dynamic one are equally fast.'
