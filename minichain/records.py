"""The records of graph.schema.json, made from what the engine's objects say about themselves."""
import functools
import itertools
import linecache
import re
import weakref
from math import prod

import numpy as np

from .backend import device_of, is_array
from .backprop import Output, ancestors
from .cost import macs
from .errors import GraphError
from .measure import norm, stats_and_values
from .parameter import Parameter
from .variable import Variable

CODE_LENGTH = 120       # characters of the user's line
NOTEBOOK = re.compile(r'<ipython-input-(\d+)-|[/\\]ipykernel_\d+[/\\]')


class Records:
    """Collects records, in order of birth. Others know a node by its order, the records by its id.

    Its methods take the notes of a Recorder: plain facts, and weak references to their subjects.
    """

    LISTS = 'scopes', 'nodes', 'backward', 'released', 'updates'

    def __init__(self, cell_name=None):
        self.scopes, self.nodes, self.backward = [], [], []
        self.released, self.updates = [], []
        self.phase = 'idle'
        self._cell_name = cell_name
        self._ids = {}          # order -> id
        self._outputs = []      # of each node the outputs: pairs (shape, dtype)
        self._alive = {}        # id -> a weak reference to the operation or leaf
        self._let_go = set()    # what `released` holds
        self._calls = {}        # path of a link -> number of calls
        self._paths = {}        # id of a scope -> path
        self._lines = {}        # (id of a code object, instruction) -> (the code object, where)

    def add_scope(self, id, parent, path, link):
        """A call of a link begins."""
        self._calls[path] = call = self._calls.get(path, 0) + 1
        self.scopes.append(dict(id=id, parent=parent if parent in self._paths else None,
                                path=path, link=link, call=call))
        self._paths[id] = path

    def add_leaf(self, order, reference, kind, name, shape, dtype, device, scope, seen):
        """A Variable that nothing computed, or an array, is used for the first time."""
        if order in self._ids:
            return
        stats, values = (None, None) if seen is None else stats_and_values(seen)
        path = self._paths.get(scope)
        if kind == 'parameter' and path and name and '/' not in name:
            name = f'{path}/{name}'
        self._add(order, reference, [(shape, dtype)], kind=kind, label=name, symbol='',
                  scope=scope, inputs=[], device=str(device), bytes_kept=0, keeps=[], macs=0,
                  seconds=0.0, where=None, stats=[stats], values=values)

    def add_function(self, order, reference, operation, sources, shapes, dtypes, device, own_bytes,
                     seconds, scope, code, instruction, seen):
        """An operation has run.

        sources      for each input an order, a pair (order, number of the output), a triple with
                     False at its end where no gradient flows back, the text of a plain number, or
                     None for what is missing
        shapes       a tuple if there is one output, else a list of them; dtypes likewise
        own_bytes    what it keeps beyond its inputs and outputs
        code, instruction  the user's code object, and the place in it
        seen         what `measure.look` saw of each output, or None
        """
        if type(shapes) is tuple:
            shapes, dtypes = [shapes], [dtypes]
        needs = [source is not None and type(source) is not str and not
                 (type(source) is tuple and len(source) == 3) for source in sources]
        kept = operation.kept if any(needs) else ()
        inputs, arrays = [], []
        for source, need in zip(sources, needs):
            place = self._find(source)
            arrays.append(place and self._outputs[place[0] - 1][place[1]])
            if place:
                inputs.append([*place, need])
        outputs = list(zip(shapes, dtypes))
        seen = seen and [stats_and_values(each) for each in seen]
        numbers = [source if type(source) is str else None for source in sources]
        self._add(
            order, reference, outputs, kind='function', label=operation.label,
            symbol=symbol_with(operation.symbol or operation.label, numbers), scope=scope,
            inputs=inputs, device=str(device), keeps=list(kept),
            bytes_kept=own_bytes + kept_bytes(kept, arrays, outputs, needs),
            macs=macs(operation, [array and array[0] for array in arrays], shapes),
            seconds=seconds, where=self._where(code, instruction),
            stats=[stats for stats, _ in seen] if seen else [None] * len(outputs),
            values=seen[0][1] if seen else None)
        self.phase = 'forward'

    def add_backward(self, order, parts, released, gathered):
        """Gradients have passed a node: `parts` is the square_norm of one, or a list of them.

        gathered  so many uses of a leaf multiplied at once; 0 if they did not
        """
        self.phase = 'backward'
        id = self._ids.get(order)
        if id is None:
            return
        length, nan = norm(parts if type(parts) is list else [parts])
        self.backward.append(dict(id=id, norm=length, nan=nan))
        if gathered > 1:
            self.backward[-1]['gathered'] = gathered
        if released:
            self._release(id)

    def add_update(self, order):
        """An optimizer has changed a parameter."""
        self.phase = 'update'
        if order in self._ids:
            self.updates.append(self._ids[order])

    def look_for_the_dead(self):
        """Operations that nobody holds any more count as released."""
        for id in [id for id, reference in self._alive.items() if reference() is None]:
            del self._alive[id]
            self._release(id)

    def find(self, id):
        """The operation or leaf with this id if it is still alive, else None."""
        return self._alive[id]() if id in self._alive else None

    def place(self, order, index):
        """(id, number of the output) of what has this order, or None if it is not recorded."""
        return (self._ids[order], index) if order in self._ids else None

    def nearest(self, sources):
        """dtype and device of the first source that is a node, to guess those of a result by."""
        places = filter(None, map(self._find, sources))
        for id, index in places:
            return self._outputs[id - 1][index][1], self.nodes[id - 1]['device']
        return np.dtype('float32'), 'cpu'

    def _where(self, code, instruction):
        place = id(code), instruction       # the entry keeps the code object, so its id stays taken
        if place not in self._lines:
            self._lines[place] = code, where(code, instruction, self._cell_name)
        return self._lines[place][1]

    def _find(self, source):
        """(id, number of the output) of a source, or None if there is no record of it."""
        order, index = source[:2] if type(source) is tuple else (source, 0)
        return self.place(order, index)

    def _add(self, order, reference, outputs, scope, **facts):
        id = self._ids[order] = len(self.nodes) + 1
        self._outputs.append(outputs)
        self._alive[id] = reference
        self.nodes.append(dict(
            id=id, scope=scope if scope in self._paths else None,
            shapes=[list(shape) for shape, _ in outputs],
            dtypes=[dtype_name(dtype) for _, dtype in outputs], **facts))

    def _release(self, id):
        if id not in self._let_go and self.nodes[id - 1]['kind'] == 'function':
            self._let_go.add(id)
            self.released.append(id)


def walk_back(ys):
    """Records of everything that these Variables were computed from, without a Recorder's help.

    The graph knows its operations and leaves, and what they keep. It does not know by which line
    and in which link they ran, and plain numbers and constants only where they were kept.
    """
    records = Records()
    starts = [y.node or y for y in ys]
    if any(isinstance(node, Variable) and not hasattr(node, 'order') for node in starts):
        raise GraphError('There is no graph behind this Variable: it was computed while nothing '
                         'was recorded, under mc.no_grad() or mc.test_mode(). Compute it again '
                         'outside of these; mc.using_config(train=False) alone records.')
    dtypes = {_place(y.node)[0]: y.dtype for y in ys if y.node is not None}
    for node in reversed(ancestors(starts)):
        if not isinstance(node, (Variable, Output)):        # leaves come with their first use
            _walk_operation(records, node, dtypes.get(node.order))
    for node in starts:
        if isinstance(node, Variable):
            _walk_leaf(records, node, node.order)
    return records


def _place(edge):
    """What an edge leads to: (order, number of the output)."""
    return (edge.edges[0].order, edge.index) if type(edge) is Output else (edge.order, 0)


def _walk_leaf(records, x, order):
    array = x.data if isinstance(x, Variable) else x
    records.add_leaf(order, weakref.ref(x), kind_of(x), getattr(x, 'name', None) or '',
                     array.shape, array.dtype, device_of(array), None, None)


def _walk_operation(records, fn, dtype):
    kept = fn.x if type(fn.x) is tuple else (fn.x,)
    sources = []
    for edge, x in itertools.zip_longest(fn.edges, kept[:len(fn.edges)]):
        if edge is not None:
            if isinstance(edge, Variable):
                _walk_leaf(records, edge, edge.order)
            sources.append(_place(edge))
        elif is_array(x) and x.shape:
            _walk_leaf(records, x, -id(x))
            sources.append((-id(x), 0, False))
        else:
            sources.append(None if x is None else number_text(x))
    nearest, device = records.nearest(sources)
    shapes, dtypes = fn.shape, nearest if dtype is None else dtype
    if fn.outputs > 1:
        shapes, dtypes = fn.blanks, [dtypes] * fn.outputs
    records.add_function(fn.order, weakref.ref(fn), type(fn), sources, shapes, dtypes, device, 0,
                         fn.seconds, None, None, None, None)
    records.nodes[-1]['bytes_kept'] = fn.bytes_kept


dtype_name = functools.cache(str)       # which NumPy works out anew each time


def kind_of(x):
    """'parameter', 'variable' (a leaf that wants a gradient) or 'data' (a constant)."""
    if isinstance(x, Parameter):
        return 'parameter'
    return 'variable' if isinstance(x, Variable) and x.leaf else 'data'


def number_text(number):
    """A plain number as a picture writes it: '3', '0.1'."""
    return f'{number:.4g}' if isinstance(number, (int, float, np.number)) else str(number)


def symbol_with(symbol, numbers):
    """The symbol of an operation and the plain number that is one of its two inputs: '3 ×'."""
    if len(numbers) != 2 or numbers.count(None) != 1:
        return symbol
    left, right = numbers
    return f'{symbol} {right}' if left is None else f'{left} {symbol}'


def kept_bytes(kept, inputs, outputs, needs):
    """Bytes of the inputs and outputs that an operation keeps for backward.

    kept            names, as in Function.keeps
    inputs, outputs pairs (shape, dtype); None for an input that is a number or missing
    needs           for each input whether a gradient flows back to it
    """
    arrays = []
    for name in kept:
        if name == 'x':
            arrays += inputs
        elif name == 'y':
            arrays += outputs
        elif name == 'others':
            arrays += [x for i, x in enumerate(inputs) if any(needs[:i] + needs[i + 1:])]
    return sum(prod(array[0]) * array[1].itemsize for array in arrays if array)


def where(code, instruction, cell_name=None):
    """The line of a program that an instruction of a code object belongs to, or None."""
    if code is None:
        return None
    number = next((line for start, end, line in code.co_lines() if start <= instruction < end), 0)
    file = code.co_filename
    return dict(file=(cell_name and cell_name(file)) or short_name(file), line=number or 0,
                code=linecache.getline(file, number or 0).strip()[:CODE_LENGTH])


@functools.lru_cache(256)
def short_name(file):
    """What to call a file: 'cell [3]' or 'cell' in a notebook, else the end of its path."""
    found = NOTEBOOK.search(file)
    if found:
        return f'cell [{found[1]}]' if found[1] else 'cell'
    return '/'.join(re.split(r'[/\\]', file)[-2:])
