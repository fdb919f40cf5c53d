"""A computation told step by step: forward, then backward, each step with its numbers and a text.

    for step in Walkthrough(y).steps:
        print(step['text'])

A step is a dict that can become JSON:

    phase     'forward' (an operation runs), 'seed' (backward begins), 'backward' (gradients pass an
              operation), 'leaf' (a gradient has arrived)
    node      id of the node in the graph JSON
    title     '× mul', formula 'y = a * b. dy/da = b ...', code: the lines of its backward
    inputs    what goes in, as values (see `shown`) with a `name` ('a') and what it is `of` ('x')
    outputs   what comes out, as values
    arriving  gradients of the outputs, in the phases after 'forward'
    parts     for each input that wants a gradient: the `local` derivative, the `part` that flows
              along this path, what came `before` by other paths, the `total`, `path` of `paths`
    light     from 'seed' on: the entry of the graph JSON's `backward`
    text      all of this in words
"""
from __future__ import annotations

import copy
import inspect
import math
import textwrap

import numpy as np

from minichain import config, functions, observe
from minichain.backend import is_array, to_cpu
from minichain.backprop import Output, ancestors, sum_to, walk, walking
from minichain.explain import argument_names
from minichain.function import Function
from minichain.gather import Gathered
from minichain.measure import FEW, text_of
from minichain.records import walk_back
from minichain.variable import Variable, begin

from .witness import Witness, look_back

MOST = 200              # operations; more are no longer walked through one by one
CODE_LINES = 14         # of an operation's backward
OPTION_LETTERS = 24


class Walkthrough:
    """The steps of a computation and of its backward pass.

    of      a Variable with a graph behind it, or a function to call with `inputs`
    gy      the gradient to begin with, if the result is more than one number
    link    a network whose parameters are called by their places in it, 'l1/W'

    `steps` is what happens, `turn` how many steps the forward pass has, `nodes` the records.
    Gradients of the Variables stay as they are, and so does the graph. Raises GraphError where
    backward would, ValueError for a graph of more than 200 operations.
    """

    def __init__(self, of, *inputs, gy=None, link=None):
        witness = None
        if not isinstance(of, Variable):
            if not callable(of):
                raise TypeError('A walk through a graph needs its result, a Variable, or a '
                                f'function that computes one, not {type(of).__name__}.')
            with observe.watch(Witness()) as witness:
                y = of(*inputs)
            if not isinstance(y, Variable):
                raise TypeError(f'The function gave {type(y).__name__}, not a Variable.')
            of = y
        seed = begin(of, gy)
        nodes = ancestors([of.place])[::-1]
        self.operations = [node for node in nodes if not isinstance(node, (Variable, Output))]
        if len(self.operations) > MOST:
            raise ValueError(f'This graph has {len(self.operations)} operations; up to {MOST} can '
                             'be walked through one by one. Take a smaller example, or look at '
                             'the whole with LiveGraph(y).')
        witness = witness or look_back(nodes, [of])
        records = walk_back([of])
        self._ids = {records.find(node['id']): node['id'] for node in records.nodes
                     if isinstance(records.find(node['id']), (Function, Variable))}
        self._twins = {fn: copy.copy(fn) for fn in self.operations}
        self._of, self._witness = of, witness
        names = [node.name for node in self._ids if isinstance(node, Variable)]
        self._shared = {name for name in names if names.count(name) > 1}
        self._places = {} if link is None else {
            param: path[1:] for path, param in link.namedparams()}
        self.nodes = records.nodes
        self._paths = _count_paths(self.operations)
        self.steps = [self._forward(fn) for fn in self.operations]
        self.turn = len(self.steps)             # so many steps of the forward pass
        self.steps += self._backward(seed)
        for number, step in enumerate(self.steps, 1):
            step['light'] = _light(step)
            step['text'] = f'Step {number} of {len(self.steps)}, {_tell(step)}'

    # Names ----------------------------------------------------------------------------------------

    def name(self, node):
        """What to call the value that a node stands for: 'x', 'mul 3'."""
        node = getattr(node, 'parent', node)
        if node in self._places:
            return self._places[node]
        if isinstance(node, Variable) and node.name:
            return f'{node.name} {self._ids[node]}' if node.name in self._shared else node.name
        if node is self._of.place and self._of.name:
            return self._of.name
        id = self._ids[node]
        return f'{"leaf" if isinstance(node, Variable) else node.label} {id}'

    def _title(self, fn):
        symbol = fn.symbol or ''
        return f'{symbol} {fn.label}' if symbol and symbol != fn.label else fn.label

    # Steps ----------------------------------------------------------------------------------------

    def _facts(self, fn, phase):
        """What every step of an operation has."""
        given = self._witness.inputs[fn]
        inputs = [dict(name=name, of=None if edge is None else self.name(edge),
                       node=None if edge is None else self._ids[getattr(edge, 'parent', edge)],
                       **shown(x))
                  for name, edge, x in zip(argument_names(fn, len(given)), fn.edges, given)
                  if edge is not None or x is not None]
        return dict(
            phase=phase, node=self._ids[fn], title=self._title(fn), formula=formula_of(fn),
            options=_options(fn), symbol=fn.symbol, label=fn.label, code='', name=self.name(fn),
            inputs=inputs, outputs=[shown(y) for y in self._witness.outputs[fn]], arriving=[],
            parts=[])

    def _forward(self, fn):
        return self._facts(fn, 'forward')

    def _backward(self, seed):
        """The steps of the backward pass."""
        node = self._of.place
        begun = self._ids[getattr(node, 'parent', node)]
        yield _bare('seed', begun, self.name(node), [shown(self._of.data)], [shown(seed)])
        arrived = {}            # node -> [(the operation whose backward it came from, gradient)]
        for node, gys, gxs in _walk(self._of.place, seed):
            if isinstance(node, Variable):
                yield self._leaf(node, gys[0], arrived.get(node, []))
            elif not isinstance(node, Output):
                yield self._back(node, gys, gxs, arrived)

    def _back(self, fn, gys, gxs, arrived):
        step = self._facts(fn, 'backward')
        step['code'] = code_of(fn)
        step['arriving'] = [shown(g) if g is not None else
                            dict(shown(None), text='no gradient') for g in gys]
        names = argument_names(fn, len(fn.edges))
        for i, (edge, gx) in enumerate(zip(fn.edges, gxs)):
            if edge is None or gx is None:
                continue
            part = _fitted(gx, edge.shape).copy()
            before = [g for _, g in arrived.get(edge, [])]
            arrived.setdefault(edge, []).append((fn, part))
            step['parts'].append(dict(
                name=names[i], of=self.name(edge),
                node=self._ids[getattr(edge, 'parent', edge)],
                local=self._local(fn, i), part=shown(part), stretched=gx.shape != edge.shape,
                before=[shown(g) for g in before], total=shown(sum(before, part * 0) + part),
                path=len(before) + 1, paths=self._paths[edge]))
        return step

    def _leaf(self, x, g, arrived):
        step = _bare('leaf', self._ids[x], self.name(x), [shown(x.data)], [shown(g)])
        if len(arrived) > 1:
            step['parts'] = [dict(name=self.name(fn), of=self.name(x), node=self._ids[fn],
                                  local=None, part=shown(part), stretched=False, before=[],
                                  total=shown(g), path=i + 1, paths=len(arrived))
                             for i, (fn, part) in enumerate(arrived)]
        return step

    def _local(self, fn, i):
        """The derivative of the output by input number i: of a few numbers, else None.

        `kind` is 'each' where the gradient that comes in times these numbers, element by element,
        is the one that flows on: each output depends on its own input, or there is one output.
        Else it is 'table', with a row for each number of the output.
        """
        y, x = self._witness.outputs[fn][0], self._witness.inputs[fn][i]
        if fn.outputs > 1 or not (is_array(y) and is_array(x)) or max(y.size, x.size) > FEW:
            return None
        rows = []
        for k in range(y.size):
            one = np.zeros(y.size, y.dtype)
            one[k] = 1
            gx = _plain_backward(self._twins[fn], fn.xp.asarray(one.reshape(y.shape)))[i]
            if gx is None:
                return None
            rows.append(_fitted(gx, x.shape).reshape(-1))
        table = np.array(rows)
        if y.shape == x.shape and not np.any(table * (1 - np.eye(len(table)))):
            return dict(kind='each', **shown(np.diag(table).reshape(y.shape)))
        if y.size == 1:
            return dict(kind='each', **shown(table.reshape(x.shape)))
        return dict(kind='table', **shown(table)) if table.size <= FEW else None


def _bare(phase, node, name, outputs, arriving):
    """A step that is no operation's."""
    return dict(phase=phase, node=node, title=name, formula='', options='', symbol='', label=name,
                code='', name=name, inputs=[], outputs=outputs, arriving=arriving, parts=[])


def _walk(node, seed):
    """The backward pass that leaves the graph and all gradients as they were, in steps."""
    with walking, observe.unwatched():
        return list(walk([(node, seed)], release=False, stepping=True))


def _plain_backward(fn, gy):
    """The gradients of the inputs of an operation, as arrays."""
    switches = config.plain, config.record
    config.plain, config.record = True, False
    try:
        gxs = fn.backward(gy)
    finally:
        config.plain, config.record = switches
    return gxs if type(gxs) is tuple else (gxs,)


def _light(step):
    """What the graph JSON says about the gradient that this step brings to its node."""
    if step['phase'] == 'forward':
        return None
    norms = [g['norm'] for g in step['arriving'] if g['norm'] is not None]
    finite = not any(isinstance(norm, str) for norm in norms)
    return dict(id=step['node'], norm=math.hypot(*norms) if finite else None,
                nan=sum(norm == 'NaN' for norm in norms))


def _fitted(gx, shape):
    """The gradient of an input, as a NumPy array of the input's shape."""
    return to_cpu(sum_to(gx.value() if isinstance(gx, Gathered) else gx, shape))


def _count_paths(operations):
    """node -> how many inputs of operations it is: gradients come back along so many paths."""
    paths = {}
    for fn in operations:
        for edge in fn.edges:
            if edge is not None:
                paths[edge] = paths.get(edge, 0) + 1
    return paths


# Words and numbers --------------------------------------------------------------------------------

def shown(x) -> dict:
    """A value to look at: `values` as nested lists if they are few, `shape`, `norm`, a `text`.

    Numbers that JSON lacks become 'NaN', 'Infinity', '-Infinity'.
    """
    if x is None:
        return dict(shape=None, values=None, norm=None, text='')
    array = np.asarray(to_cpu(x) if is_array(x) else x)
    shape = list(array.shape)
    if array.dtype.kind not in 'fciub':
        return dict(shape=shape, values=None, norm=None, text=str(x)[:OPTION_LETTERS])
    norm = float(np.sqrt(np.square(np.abs(array.astype('complex128'))).sum()))
    few = array.size <= FEW and array.dtype.kind != 'c'
    if few:
        text = text_of(array.tolist())
    else:
        text = f'{" × ".join(map(str, shape))} numbers, norm {norm:.4g}'
    return dict(shape=shape, values=_plain(array.tolist()) if few else None,
                norm=_plain(norm), text=text)


def _plain(value):
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not np.isfinite(value):
        return {'nan': 'NaN', 'inf': 'Infinity', '-inf': '-Infinity'}[str(value)]
    return value


def formula_of(fn) -> str:
    """The operation's formula: from the function's first line, or from the class of a new one."""
    public = getattr(functions, fn.label, None)
    known = type(fn).__module__.startswith('minichain.')
    said = inspect.getdoc(public) if known and public else type(fn).__doc__
    if not said or said == Function.__doc__:
        return ''
    first = inspect.cleandoc(said).splitlines()[0]
    return '. '.join(part for part in first.split('. ') if '=' in part).removesuffix('.')


def code_of(fn) -> str:
    """The lines of an operation's backward, without its docstring; '' where nobody has them."""
    try:
        lines = textwrap.dedent(inspect.getsource(type(fn).backward)).rstrip().splitlines()
    except (OSError, TypeError):
        return ''
    return '\n'.join(lines) if len(lines) <= CODE_LINES else '\n'.join(
        [*lines[:CODE_LINES], f'    ...  ({len(lines) - CODE_LINES} more lines)'])


def _options(fn) -> str:
    """The settings of an operation: 'axis=1, keepdims=True'."""
    engine = {*Function.__dict__, *fn.slots, 'blanks', 'edges', 'gradient', 'grad_left', 'owned',
              'released', 'order', 'seen'}
    told = []
    for name, value in vars(fn).items():
        if name in engine or name.startswith('_') or is_array(value) or value is None:
            continue
        if isinstance(value, (bool, int, float, str, tuple)) and len(repr(value)) < OPTION_LETTERS:
            told.append(f'{name}={value!r}')
    return ', '.join(told)


def expression(step, values=True) -> str:
    """What an operation computes, with numbers or with names: '2.0 × 3.0', 'relu(x)'."""
    words = []
    for x in step['inputs']:
        small = values and x['shape'] == []
        words.append(x['text'] if small else x['of'] or x['text'] or x['name'])
    symbol = step['symbol']
    if symbol and not any(map(str.isalpha, symbol)) and len(words) == 2:
        words = [f'({word})' if word.startswith('-') else word for word in words]
        return f'{words[0]} {symbol} {words[1]}'
    if symbol == '−' and len(words) == 1:
        return f'−({words[0]})' if words[0].startswith('-') else f'−{words[0]}'
    return f'{step["label"]}({", ".join(words)})'


def _tell(step) -> str:
    """A step in words."""
    return '\n  '.join({'forward': _tell_forward, 'seed': _tell_seed, 'backward': _tell_backward,
                        'leaf': _tell_leaf}[step['phase']](step))


def _tell_forward(step):
    yield f'forward: {step["title"]}' + (f' ({step["options"]})' if step['options'] else '')
    if step['formula']:
        yield step['formula']
    for x in step['inputs']:
        if x['of'] or x['text']:
            yield f'{x["name"]} = {x["text"] or "unknown"}' + (f'   ({x["of"]})' if x['of'] else '')
    if any(y['text'] for y in step['outputs']):
        results = ', '.join(y['text'] for y in step['outputs'])
        yield f'{step["name"]} = {expression(step)} = {results}'
    else:
        yield ('The graph did not keep the result. Give a function that computes it, and every '
               'number is known.')


def _tell_seed(step):
    yield 'backward begins'
    yield f'{step["name"]} = {step["outputs"][0]["text"]}'
    one = step['arriving'][0]['text']
    yield (f'The gradient of {step["name"]} by itself is {one}.' if one == '1.0' else
           f'The gradient to begin with is {one}.')


def _tell_backward(step):
    yield f'backward: {step["title"]}'
    if step['formula']:
        yield step['formula']
    yield 'comes in: ' + ', '.join(g['text'] for g in step['arriving'])
    for part in step['parts']:
        yield from _tell_part(part, step['arriving'])


def _tell_part(part, arriving):
    local, flows = part['local'], part['part']['text']
    to = f'to {part["name"]} ({part["of"]}): '
    if local is None:
        yield to + flows
    elif local['kind'] == 'each':
        yield f'{to}{arriving[0]["text"]} · {local["text"]} = {flows}'
    else:
        yield f'{to}{flows}; local derivative {local["text"]}'
    if part['stretched']:
        yield '  summed over the axes along which the input was repeated'
    if part['paths'] > 1:
        sofar = ' + '.join(g['text'] for g in [*part['before'], part['part']])
        more = part['paths'] - part['path']
        yield (f'  path {part["path"]} of {part["paths"]}: '
               + (f'{sofar} = {part["total"]["text"]}' if part['before'] else sofar)
               + (f'; {more} still to come' if more else '; all paths have met'))


def _tell_leaf(step):
    yield f'the gradient of {step["name"]} is complete'
    if step['parts']:
        parts = ' + '.join(part['part']['text'] for part in step['parts'])
        yield f'{parts} = {step["arriving"][0]["text"]}   (paths meet: they add up)'
    else:
        yield f'{step["arriving"][0]["text"]}'
    yield f'{step["name"]} = {step["outputs"][0]["text"]}'
