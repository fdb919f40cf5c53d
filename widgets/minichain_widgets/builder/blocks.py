"""The table of blocks: what each is called, what it does, and what can be set."""
from typing import NamedTuple


class BuildError(ValueError):
    """Something that the builder cannot do, said in a sentence for the student."""


class Whole(NamedTuple):
    """A setting that is a whole number from `low` to `high`."""

    default: int
    low: int
    high: int
    help: str

    def check(self, value):
        """The value as an int. BuildError says what is wrong with it."""
        number = as_number(value)
        if number is None or number != int(number):
            raise BuildError(f'a whole number from {self.low} to {self.high} is needed, '
                             f'but this is {shown(value)}.')
        if not self.low <= number <= self.high:
            raise BuildError(f'{shown(value)} is out of the range from {self.low} to '
                             f'{self.high}.')
        return int(number)

    def describe(self):
        return {'type': 'whole', 'low': self.low, 'high': self.high, 'help': self.help}


class Real(NamedTuple):
    """A setting that is a number from `low` to `high`."""

    default: float
    low: float
    high: float
    help: str

    def check(self, value):
        """The value as a float. BuildError says what is wrong with it."""
        number = as_number(value)
        if number is None:
            raise BuildError(f'a number from {self.low:g} to {self.high:g} is needed, but this is '
                             f'{shown(value)}.')
        if not self.low <= number <= self.high:
            raise BuildError(f'{shown(value)} is out of the range from {self.low:g} to '
                             f'{self.high:g}.')
        return float(number)

    def describe(self):
        return {'type': 'real', 'low': self.low, 'high': self.high, 'help': self.help}


class Choice(NamedTuple):
    """A setting with a few possible words."""

    default: str
    options: tuple
    help: str

    def check(self, value):
        """The value, if it is one of the options. BuildError names them."""
        if value not in self.options:
            raise BuildError(f'{shown(value)} is not one of {", ".join(self.options)}.')
        return value

    def describe(self):
        return {'type': 'choice', 'options': list(self.options), 'help': self.help}


class Switch(NamedTuple):
    """A setting that is on or off."""

    default: bool
    help: str

    def check(self, value):
        """The value, if it is True or False. BuildError otherwise."""
        if not isinstance(value, bool):
            raise BuildError(f'it is on or off (True or False), but this is {shown(value)}.')
        return value

    def describe(self):
        return {'type': 'switch', 'help': self.help}


class Fixed(NamedTuple):
    """A setting that stays as it is, and is not shown: a value of a type."""

    default: object
    type: type
    help: str

    def check(self, value):
        """The value, if it is of the type. BuildError otherwise."""
        if not isinstance(value, self.type) or isinstance(value, bool):
            raise BuildError(f'{shown(value)} is not {self.help}.')
        return value

    def describe(self):
        return None


class Kind(NamedTuple):
    """A kind of block: its name on the palette, its sign, what it does, and its settings."""

    label: str
    symbol: str
    group: str
    help: str
    settings: dict = {}
    stem: str = ''          # what its link is called in code, with a number; '': it has no weights

    def complete(self, given):
        """All settings with the given ones checked. BuildError names the one that is wrong."""
        unknown = sorted(set(given) - set(self.settings))
        if unknown:
            known = ', '.join(self.settings) or 'none'
            raise BuildError(f'{self.label} has no setting {unknown[0]!r}; it has {known}.')
        values = {}
        for name, setting in self.settings.items():
            try:
                values[name] = setting.check(given.get(name, setting.default))
            except BuildError as error:
                raise BuildError(f'{self.label}, {name}: {error}') from None
        return values


def as_number(value):
    """A number, or a text that is one, as an int or a float; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e15 else None


def shown(value):
    """A value as it is named in a sentence, however long it is."""
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + '…'


ACTIVATIONS = ('relu', 'leaky_relu', 'gelu', 'elu', 'tanh', 'sigmoid', 'softplus', 'softmax')
UNITS = 'how many numbers come out'
POOLING = {
    'size': Whole(2, 1, 15, 'height and width of a window in pixels'),
    'stride': Whole(2, 1, 8, 'how many pixels from one window to the next'),
    'pad': Whole(0, 0, 7, 'pixels around the image; zeros for a mean, left out for a maximum'),
}
RECURRENT = {
    'units': Whole(32, 1, 1024, 'how many numbers it remembers'),
    'gives': Choice('last', ('last', 'all'),
                    'last: only what it knows after the last step; all: a row for every step'),
    'both_ways': Switch(False, 'a second one reads from the end to the beginning'),
}

KINDS = {
    'linear': Kind(
        'linear', 'Wx', 'layers',
        'Every number that comes out is a weighted sum of all that come in, plus a bias.',
        {'units': Whole(32, 1, 4096, UNITS),
         'bias': Switch(True, 'add a number that does not depend on the input'),
         'each_step': Switch(False, 'the same weights for every time step of a sequence')},
        'linear'),
    'conv2d': Kind(
        'conv2d', 'conv', 'images',
        'Small filters slide over the image; each makes an image of where it fits.',
        {'filters': Whole(16, 1, 512, 'how many filters, which are the channels that come out'),
         'size': Whole(3, 1, 15, 'height and width of a filter in pixels'),
         'stride': Whole(1, 1, 8, 'how many pixels from one window to the next'),
         'pad': Whole(1, 0, 8, 'zeros around the image, in pixels'),
         'bias': Switch(True, 'add a number to each channel')}, 'conv'),
    'max_pool': Kind(
        'max pooling', 'max', 'images',
        'Each window of the image becomes its largest number: the image gets smaller.', POOLING),
    'avg_pool': Kind(
        'average pooling', 'mean', 'images',
        'Each window of the image becomes its mean: the image gets smaller.', POOLING),
    'global_pool': Kind(
        'global pooling', 'pool', 'images',
        'Each channel of the image becomes one number: where something is no longer counts.',
        {'by': Choice('mean', ('mean', 'max'), 'the mean or the largest of each channel')}),
    'columns': Kind(
        'columns to steps', '⇥', 'images',
        'Each column of the image becomes a time step, from left to right: a recurrent block can '
        'read the image as if it were written text.'),
    'flatten': Kind(
        'flatten', '▤', 'layers', 'All numbers of an example in one long row.'),
    'activation': Kind(
        'activation', 'ƒ', 'layers',
        'A bend, the same for each number: without one, two linear blocks are no more than one.',
        {'function': Choice('relu', ACTIVATIONS, 'which function')}),
    'dropout': Kind(
        'dropout', '⚄', 'layers',
        'While training, some numbers become 0 at random: the net must not rely on a few.',
        {'ratio': Real(0.25, 0.0, 0.9, 'how many of the numbers become 0')}),
    'batch_norm': Kind(
        'batch norm', 'μσ', 'layers',
        'Each channel to mean 0 and spread 1 over the batch, then scaled and shifted: nets with '
        'it learn faster.', {}, 'norm'),
    'layer_norm': Kind(
        'layer norm', 'μσ', 'sequences',
        'Each row to mean 0 and spread 1, then scaled and shifted; every example by itself.',
        {}, 'norm'),
    'embedding': Kind(
        'embedding', 'E', 'sequences',
        'Each word, which is a number, becomes a row of numbers that are learnt.',
        {'units': Whole(16, 1, 512, 'length of the row')}, 'embed'),
    'rnn': Kind(
        'RNN', '↻', 'sequences',
        'Reads step by step and mixes what it knows with what it sees. Forgets soon.',
        RECURRENT, 'rnn'),
    'lstm': Kind(
        'LSTM', '↻', 'sequences',
        'Reads step by step; gates decide what is remembered, for many steps.',
        RECURRENT, 'lstm'),
    'gru': Kind(
        'GRU', '↻', 'sequences',
        'Reads step by step like an LSTM, with fewer weights.', RECURRENT, 'gru'),
    'layers': Kind(
        'recurrent layers', '↻↻', 'sequences',
        'Several LSTMs, GRUs or RNNs above each other: each reads what the one below it says.',
        {'cell': Choice('LSTM', ('LSTM', 'GRU', 'RNN'), 'what each layer is made of'),
         'layers': Whole(2, 1, 8, 'how many above each other'), **RECURRENT,
         'dropout': Real(0.0, 0.0, 0.9, 'how many of the numbers between layers become 0')},
        'layers'),
    'attention': Kind(
        'attention', 'QKᵀ', 'sequences',
        'Every step looks at every other and takes a mean of those that matter to it.',
        {'heads': Whole(2, 1, 16, 'how many look in different ways at the same time'),
         'causal': Switch(False, 'a step sees only what came before it')}, 'attention'),
    'last_step': Kind(
        'last step', '⇥|', 'sequences', 'Only the last time step of a sequence.'),
    'time_mean': Kind(
        'mean over time', 'mean', 'sequences', 'The mean of all time steps of a sequence.'),
    'residual': Kind(
        'residual branch', '+', 'layers',
        'What comes in goes round the blocks inside, too, and is added to what they make of it: '
        'deep nets learn better so. Blocks on the way round give it another shape.'),
    'parallel': Kind(
        'side by side', '∥', 'layers',
        'Branches that all get what comes in; what they give is put together, one behind the '
        'other.'),
    'classifier': Kind(
        'classifier', 'Wx', 'layers',
        'A linear block with one number for each class of the data; the largest is the answer.',
        {}, 'out'),
    # What comes from a net of the student's only: the palette has no group for them.
    'own': Kind(
        'link', '?', 'given',
        'A link of your own. The builder cannot look into it: it can be moved, taken out and '
        'trained, and its shapes are those that a run of it gives.',
        {'link': Fixed('', str, 'the name of a link of yours')}, 'own'),
    'again': Kind(
        'again', '↺', 'given',
        'The same weights once more: a link that the net uses in several places. They are learnt '
        'from all of these.',
        {'of': Fixed(0, int, 'the number of a block')}),
}
RECURRENTS = ('rnn', 'lstm', 'gru')
LANES = {'residual': (2, 2), 'parallel': (2, 6)}     # how many branches: at least, at most


def kind_of(name):
    """The Kind of a name. BuildError names all that there are."""
    if not isinstance(name, str) or name not in KINDS:
        raise BuildError(f'{shown(name)} is no block. There are {", ".join(KINDS)}.')
    return KINDS[name]
