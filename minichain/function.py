"""An operation: it computes forward, joins the graph, and knows its derivative."""
import functools
import re
from time import perf_counter

import numpy as np

from . import backend
from .backprop import Node, Output, next_order
from .config import config
from .double import twin_of
from .errors import GraphError
from .explain import explain, one_dtype
from .observe import watched_threads, watching
from .variable import Variable, as_array

make = object.__new__       # a Variable or a Function without the cost of __init__
ndarray = np.ndarray
NUMBERS = frozenset([float, int, bool, complex, type(None)])


class Function(Node):
    """An operation on arrays, and a node of the graph. One object is one use of the operation.

    To make one, say in a subclass

        shapes              '(N,I) (O,I) -> (N,O)': the letters of its inputs' and outputs' axes
        keeps               what backward needs to remember, as names separated by spaces:
                            'x' the inputs, 'others' for a product, where the gradient of each input
                            needs the other inputs, 'y' the output, or names that forward sets
        forward(*arrays)    arrays in, an array or a tuple of arrays out, computed with self.xp
        backward(*gys)      the gradients of the outputs in, those of the inputs out (None: no
                            gradient), written with operators and functions only, so that the same
                            lines work on arrays and on Variables

    In backward, `self.x` is the input (a tuple if there are several) and `self.y` the output.
    An input whose edge in `self.edges` is None needs no gradient.
    """

    shapes = '(...) -> (...)'
    keeps = ''
    symbol = ''             # what a picture writes; the default is the label
    label = 'function'
    differentiable = True   # False: the outputs join no graph
    mixes = False           # True: numbers of different types may meet in it, such as labels
    fills = True            # False: backward takes None for an output that nobody used
    outputs = 1
    xp = np
    x = y = None
    order = shape = None
    seconds = 0.0           # forward's time, measured while somebody watches

    holds = 'order', 'edges', 'shape', 'x', 'y', 'gradient', 'released'

    def __init_subclass__(cls):
        super().__init_subclass__()
        cls.kept = tuple(cls.keeps.split())
        cls.slots = tuple('x' if name == 'others' else name for name in cls.kept)
        cls.given = tuple(name for name in cls.kept if name in ('x', 'y', 'others'))
        if 'label' not in cls.__dict__:
            cls.label = re.sub(r'(?<=[a-z])(?=[A-Z])', '_', cls.__name__).lower()

    def forward(self, *arrays):
        """Compute the outputs."""
        raise NotImplementedError(f'{type(self).__name__} has no forward.')

    def backward(self, *gys):
        """Compute the gradients of the inputs from those of the outputs."""
        raise NotImplementedError(f'{type(self).__name__} has no derivative.')

    def apply(self, *inputs):
        """Compute the outputs as Variables, and join the graph if a gradient is wanted.

        inputs  Variables, arrays, Python numbers; None for an optional input that is missing

        Raises ShapeError, DTypeError or DeviceError if the inputs do not fit, GraphError if this
        object was used before.
        """
        if self.order is not None:
            raise GraphError(f'{self.label}: an operation object is used once; make a new one.')
        arrays, edges = [], []
        plain, learns, mixed, dtype = True, False, False, None
        for x in inputs:
            edge = None
            if isinstance(x, Variable):
                plain, edge = False, x.node
                if edge is None and x.leaf:
                    edge = x
                if edge is not None:
                    learns = True
                x = x.data
            elif type(x) is not ndarray:
                x = operand(x)
            arrays.append(x)
            edges.append(edge)
            if type(x) is not ndarray:
                if not backend.is_array(x):
                    continue
                self.xp = backend.get_array_module(x)
            if (own := x.dtype) is not dtype:
                mixed, dtype = dtype is not None, own
        if plain and config.plain:
            return self.forward(*arrays)
        if mixed and not self.mixes:
            arrays = one_dtype(self, arrays)
        self.order = next_order()
        tellers = watched_threads and watching.on_apply
        if tellers:
            started = perf_counter()
        try:
            y = self.forward(*arrays)
        except Exception as error:
            raise explain(self, arrays, error) from None    # in no variable: that would be a circle
        if tellers:
            self.seconds = perf_counter() - started
        learns = learns and config.record and self.differentiable
        if type(y) is tuple:
            outputs = self.several(arrays, edges, y, learns)
        else:
            outputs = out = make(Variable)
            if type(y) is not ndarray:      # numbers alone give float32, as in Variable(0.5)
                y = as_array(np.asarray(y).item()) if dtype is None else self.xp.asarray(y)
            out.data = y
            if learns:
                out.node = self
                self.edges, self.shape = tuple(edges), y.shape
                if self.given:      # forward has kept the rest
                    self.keep(arrays, edges, y)
        if tellers:
            for tell in tellers:
                tell(self, inputs, outputs if type(outputs) is tuple else (outputs,))
        return outputs

    def several(self, arrays, edges, ys, learns):
        """Variables for several outputs, each with a node of its own that leads to this one."""
        if learns:
            self.edges, self.outputs, shared = tuple(edges), len(ys), (self,)
            self.keep(arrays, edges, ys)
        shapes, outputs = [], []
        for i, y in enumerate(ys):
            out = make(Variable)
            out.data = y if type(y) is ndarray else self.xp.asarray(y)
            if learns:
                out.node = node = make(Output)
                node.edges, node.index, node.shape = shared, i, y.shape
                node.order = next_order()
                shapes.append(node.shape)
            outputs.append(out)
        if learns:
            self.blanks, self.shape = shapes, shapes[0]
        return tuple(outputs)

    def keep(self, arrays, edges, y):
        """Remember what this operation declares in `keeps`, and no more than its gradients need."""
        for name in self.given:     # forward has set the others
            if name == 'x':
                self.x = arrays[0] if len(arrays) == 1 else tuple(arrays)
            elif name == 'y':
                self.y = y
            elif name == 'others':
                learning = sum([edge is not None for edge in edges])
                self.x = tuple([a if learning > (edge is not None) else None
                                for a, edge in zip(arrays, edges)])

    def kept_arrays(self):
        """Pairs (name, array) of what is remembered for backward."""
        for name in self.slots:
            value = getattr(self, name, None)
            for array in value if type(value) is tuple else (value,):
                if backend.is_array(array):
                    yield name, array

    @property
    def bytes_kept(self):
        """Bytes of the arrays that are remembered for backward."""
        return sum(array.nbytes for _, array in self.kept_arrays())

    def release(self):
        """Forget what was kept for backward."""
        self.released = True
        for name in self.slots:
            setattr(self, name, None)

    def fill(self, gys):
        """The gradients of all outputs: zeros for those that nobody used."""
        known = next(g for g in gys if g is not None)
        return tuple([self.xp.zeros(shape, known.dtype) if g is None else g
                      for g, shape in zip(gys, self.blanks)])

    def acting(self, create_graph, paths):
        """A copy of this node to compute gradients with: only towards `paths`, if they are given;
        with what it kept as Variables of the graph, if the gradients are to have a graph."""
        return twin_of(self, create_graph, paths)


def unary(op, general):
    """The function of x for an operation of one input, element by element.

    Ordinary arrays take a short way that does what `apply` does, without its generality, in half of
    the time; all else goes to `general`. The operators have the like (see `operators.binary`).
    """
    forward, keeps = op.forward, op.keeps

    @functools.wraps(general)
    def function(x):
        if not isinstance(x, Variable) or type(x.data) is not ndarray:
            return general(x)
        a, started = x.data, watched_threads and perf_counter()
        node = op()
        try:
            y = forward(node, a)
        except Exception:
            return general(x)           # which explains what is wrong
        out = make(Variable)
        out.data = y if type(y) is ndarray else np.asarray(y)
        edge = x.node
        if edge is None and x.leaf:
            edge = x
        if edge is not None and config.record:
            out.node = node
            node.order, node.edges, node.shape = next_order(), (edge,), y.shape
            if keeps == 'y':
                node.y = y
            else:
                node.keep((a,), node.edges, y)
        if started:
            tell(op, (x,), out, started)
        return out

    return function


def tell(op, inputs, out, started):
    """Let this thread's observers hear of an operation that has taken a short way."""
    node = out.node
    if node is None:        # it joins no graph
        node = op()
        node.order = next_order()
    node.seconds = perf_counter() - started
    for on_apply in watching.on_apply:
        on_apply(node, inputs, (out,))


def operand(x):
    """What forward gets for an input that is no Variable: an array, a Python number or None."""
    if type(x) in NUMBERS or type(x) is ndarray:
        return x
    return np.asarray(x) if isinstance(x, np.generic) else as_array(x)
