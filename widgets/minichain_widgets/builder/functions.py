"""Functions of F in code as blocks."""
import difflib

import minichain.functions as F

from .blocks import ACTIVATIONS, BuildError
from .weave import Turned

IMAGE_TO_STEPS = (0, 3, 1, 2)
METHODS = ('flatten', 'mean', 'max', 'transpose', 'tanh', 'reshape')

# The names of a function's further arguments.
ORDER = {'dropout': ('ratio',), 'max_pool2d': ('ksize', 'stride', 'pad', 'cover_all'),
         'avg_pool2d': ('ksize', 'stride', 'pad', 'cover_all'), 'flatten': ('start',),
         'mean': ('axis',), 'max': ('axis',), 'transpose': ('axes',), 'separate': ('axis',),
         'stack': ('axis',), 'concat': ('axis',), 'softmax': ('axis',), 'reshape': ('shape',)}


def options_of(name, others, named):
    """The further arguments of a function, by name."""
    names = ORDER.get(name, ())
    if len(others) > len(names):
        others, names = [tuple(others)], names[:1]
    return {**dict(zip(names, others)), **named}


def check(name, options, *allowed):
    """BuildError unless the options are one of those that are allowed."""
    if options not in allowed:
        forms = ' or '.join(f'F.{name}(h{"".join(f", {k}={v}" for k, v in one.items())})'
                            for one in allowed)
        raise BuildError(f'the builder reads {forms}.')


def extended(weave, name, value, options):
    """A value after a function of F of one value, and its options."""
    if name == 'flatten' and isinstance(value, Turned):
        check(name, options, {'start': 2})
        return (*value.before, weave.block('columns'))
    before = weave.settled(value)
    if name == 'transpose' and options.get('axes') == IMAGE_TO_STEPS:
        return Turned(before)
    return weave.extend(before, *block(name, options))


def block(name, options):
    """(kind, settings) of a function of one value."""
    if name == 'flatten':
        check(name, options, {}, {'start': 1})
        return 'flatten', {}
    if name == 'reshape' and tuple(options.get('shape', ()))[1:] == (-1,):
        return 'flatten', {}
    if name in ACTIVATIONS and (not options or (name, options) == ('softmax', {'axis': 1})):
        return 'activation', {'function': name}
    if name == 'dropout' and set(options) <= {'ratio'}:
        return 'dropout', {'ratio': options.get('ratio', 0.5)}
    if name in ('max_pool2d', 'avg_pool2d') and 'ksize' in options:
        if options.get('cover_all', False):
            raise BuildError(f'F.{name} with cover_all is more than a block can be set to.')
        size, stride = options['ksize'], options.get('stride')
        return name[:-2], {'size': size, 'stride': size if stride is None else stride,
                           'pad': options.get('pad', 0)}
    if name in ('mean', 'max') and options == {'axis': (2, 3)}:
        return 'global_pool', {'by': name}
    if name in ('global_avg_pool', 'global_max_pool') and not options:
        return 'global_pool', {'by': 'max' if 'max' in name else 'mean'}
    if name == 'mean' and options == {'axis': 1}:
        return 'time_mean', {}
    if not hasattr(F, name):
        every = [each for each in dir(F) if each.islower()]
        near = (difflib.get_close_matches(name, (*ACTIVATIONS, *ORDER), 1)     # a block, if any is
                or difflib.get_close_matches(name, every, 1))
        raise BuildError(f'there is no F.{name}' + (f'; is F.{near[0]} meant?' if near else '.'))
    raise BuildError(f'F.{name} in this form is no block of the builder.')
