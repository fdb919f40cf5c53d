"""What is known of a link, from its code or from itself, as a block with settings."""
import minichain as mc

from .blocks import BuildError, shown

KNOWN = ('Linear', 'Conv2d', 'BatchNorm', 'LayerNorm', 'EmbedID', 'RNN', 'LSTM', 'GRU',
         'MultiHeadAttention', 'Dropout')
DEEP = ('NStepRNN', 'NStepLSTM', 'NStepGRU', 'NStepBiRNN', 'NStepBiLSTM', 'NStepBiGRU')


def one_size(value, what):
    """The one number of a size such as 3 or (3, 3). BuildError if there are two."""
    sizes = set(value) if isinstance(value, (tuple, list)) else {value}
    if len(sizes) != 1:
        raise BuildError(f'{what} is {value}; the builder has windows as high as they are wide.')
    return sizes.pop()


def block_of(link, **facts):
    """(kind, settings, what it takes) of a link of a class of KNOWN.

    facts  attributes of the link, under the names of its constructor
    What it takes is the number of inputs, channels or words that it was made for; None: any.
    BuildError for what no block can be set to.
    """
    def only(name, *allowed):
        value = facts.get(name, allowed[0])
        if value not in allowed:
            raise BuildError(f'{link} with {name}={shown(value)} is more than a block can be set '
                             'to.')

    if link == 'Linear':
        return ('linear', {'units': facts['n_out'], 'bias': not facts.get('nobias', False)},
                facts.get('n_in'))
    if link == 'Conv2d':
        only('dilate', 1, (1, 1))
        only('groups', 1)
        settings = {'filters': facts['n_out'], 'size': one_size(facts['ksize'], 'ksize'),
                    'stride': one_size(facts.get('stride', 1), 'stride'),
                    'pad': one_size(facts.get('pad', 0), 'pad'),
                    'bias': not facts.get('nobias', False)}
        return 'conv2d', settings, facts.get('n_in')
    if link == 'BatchNorm':
        only('decay', 0.9)
        only('eps', 2e-5)
        return 'batch_norm', {}, facts.get('size')
    if link == 'LayerNorm':
        only('eps', 1e-5)
        size = facts.get('size')
        return 'layer_norm', {}, size if size is None else one_size(size, 'size')
    if link == 'EmbedID':
        only('ignore_label', None)
        return 'embedding', {'units': facts['n_out']}, facts['n_in']
    if link == 'MultiHeadAttention':
        only('dropout', 0.0)
        return 'attention', {'heads': facts['heads']}, facts['n']
    if link == 'Dropout':
        return 'dropout', {'ratio': facts.get('ratio', 0.5)}, None
    if link in DEEP:
        only('activation', 'tanh')
        cell = link.removeprefix('NStep')
        settings = {'cell': cell.removeprefix('Bi'), 'layers': facts['n_layers'],
                    'units': facts['n_out'], 'both_ways': cell.startswith('Bi'),
                    'dropout': facts.get('dropout', 0.0)}
        return 'layers', settings, facts.get('n_in')
    if link == 'LSTM':
        only('forget_bias', 1.0)
    return link.lower(), {'units': facts['n_out']}, facts.get('n_in')


def takes(kind, given):
    """The number that a block's link is made for, out of the shape that arrives."""
    if kind in ('conv2d', 'batch_norm'):
        return given.sizes[0]
    return given.words if kind == 'embedding' else given.sizes[-1]


def facts_of(link):
    """What block_of wants to know of a link, by the names of its constructor."""
    facts = {name: getattr(link, name) for name in
             ('n_in', 'n_out', 'ksize', 'stride', 'pad', 'dilate', 'groups', 'decay', 'eps',
              'ignore_label', 'heads', 'dropout', 'ratio', 'n_layers', 'activation')
             if hasattr(link, name)}
    kind = type(link).__name__
    if kind in ('Linear', 'Conv2d'):
        facts['nobias'] = link.b is None
    if kind == 'EmbedID':
        facts['n_in'], facts['n_out'] = link.W.shape
    if kind == 'MultiHeadAttention':
        facts['n'] = link.query.n_out
    if kind == 'RNN' and link.activation is not mc.functions.tanh:
        raise BuildError('an RNN with another activation than tanh is more than a block can be set '
                         'to.')
    return facts
