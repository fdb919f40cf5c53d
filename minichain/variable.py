"""A Variable is an array that remembers how it was computed."""
import copy
from operator import attrgetter

import numpy as np

from . import backend
from .backprop import Node, ancestors, keeping, next_order, run, walk
from .errors import DTypeError, GraphError
from .gather import RowGradient, added

FLOATS = 'fc'       # kinds of numbers that can have a gradient


class Variable(Node):
    """An array that remembers how it was computed, so that gradients can flow back through it.

    data           a NumPy or CuPy array, of any shape. A number or a list becomes float32
    requires_grad  whether a gradient is wanted. Default: yes for real numbers, no for whole numbers
    name           what to call it in pictures and errors

    After `y.backward()`, `x.grad` holds the derivative of y by x, an array of x's shape.
    Raises DTypeError if a gradient is wanted for whole numbers.
    """

    leaf = False        # asked for a gradient, and computed by nothing
    node = None         # what computed it: an operation or one of its outputs
    name = None

    def __init__(self, data, requires_grad=None, name=None):
        self.data = as_array(data)
        self.requires_grad = (self.dtype.kind in FLOATS) if requires_grad is None else requires_grad
        self.name = name
        self.order = next_order()

    @property
    def array(self):
        """The array itself; the same as `data`."""
        return self.data

    @property
    def creator(self):
        """The operation that computed this Variable, or None."""
        return getattr(self.node, 'parent', self.node)

    @property
    def place(self):
        """Its node in the graph: what computed it, or itself."""
        return self if self.node is None else self.node

    @property
    def requires_grad(self):
        """Whether gradients flow to or through this Variable."""
        return self.leaf or self.node is not None

    @requires_grad.setter
    def requires_grad(self, wanted):
        if self.node is not None:
            raise GraphError(f'{self.label} was computed: only a leaf can be told whether it needs '
                             'a gradient. Use detach() to cut it off.')
        if wanted and self.dtype.kind not in FLOATS:
            raise DTypeError(f'A gradient needs real numbers, but the array is {self.dtype}: '
                             "write 3.0 instead of 3, or x.astype('float32').")
        self.leaf = bool(wanted)

    @property
    def label(self):
        """Its name, or what it is: '(2, 3) float32'."""
        return self.name or f'{self.shape} {self.dtype}'

    shape = property(attrgetter('data.shape'), doc='Length of each axis.')
    dtype = property(attrgetter('data.dtype'), doc='Type of the numbers.')
    ndim = property(attrgetter('data.ndim'), doc='Number of axes.')
    size = property(attrgetter('data.size'), doc='Number of elements.')
    xp = property(lambda self: backend.get_array_module(self.data), doc='numpy or cupy.')
    device = property(lambda self: backend.device_of(self.data), doc='Where the array lives.')

    @property
    def grad(self):
        """The gradient, an array of this Variable's shape, or None before backward."""
        g = self.place.grad_left
        if isinstance(g, RowGradient):      # somebody wants to see the zeros, too
            g = self.place.grad_left = g.table()
        return g.data if isinstance(g, Variable) else g

    @grad.setter
    def grad(self, g):
        if g is not None and g.shape != self.shape:
            raise ValueError(f'A gradient of shape {g.shape} does not fit {self.label}, '
                             f'whose shape is {self.shape}.')
        self.place.grad_left = g

    @property
    def grad_var(self):
        """The gradient as a Variable: with its own graph after backward(create_graph=True)."""
        g = self.place.grad_left
        if g is None or isinstance(g, Variable):
            return g
        return Variable(self.grad, requires_grad=False)

    def backward(self, gy=None, retain_graph=False, create_graph=False, retain_grad=False):
        """Compute the derivative of this Variable by every leaf it was computed from.

        The derivatives are added to `leaf.grad`. What the graph kept is let go on the way.

        gy            the gradient to begin with, of this Variable's shape. Default: its own `grad`
                      if it was set, else 1 for a single number
        retain_graph  keep the graph, so that backward can run through it once more
        create_graph  make the gradients Variables with a graph, for gradients of gradients
        retain_grad   keep the gradients of everything in between, too

        Raises GraphError if there is no graph, if it was let go already, or if this is not one
        number and gy is missing.
        """
        node = self.place
        start = [(node, begin(self, gy, create_graph))]
        if retain_grad:
            for found in ancestors([node]):
                if found.edges:
                    keeping.add(found)
        for leaf, g in run(walk(start, None, create_graph, not (retain_graph or create_graph))):
            leaf.receive(g)

    def receive(self, g):
        """Add a gradient that a walk has brought to this leaf."""
        g = added(self, g)
        self.grad_left = g if isinstance(g, (Variable, RowGradient)) else self.xp.asarray(g)

    def cleargrad(self):
        """Forget the gradient."""
        self.place.grad_left = None

    def retain_grad(self):
        """Keep the gradient of this Variable at the next backward, though it is not a leaf."""
        if self.node is not None:
            keeping.add(self.node)

    def unchain(self):
        """Cut this Variable off from what computed it: gradients stop here."""
        self.node = None

    def unchain_backward(self):
        """Let go of the whole graph before this Variable, as truncated backpropagation does."""
        operations = [self.creator] if self.node is not None else []
        for operation in operations:
            operations += [getattr(edge, 'parent', edge) for edge in operation.edges
                           if edge is not None and edge.edges]
            operation.edges = ()
            operation.release()
        self.node = None

    def __deepcopy__(self, memo):
        """A Variable of its own with equal numbers, and no graph."""
        twin = memo[id(self)] = object.__new__(type(self))
        for name, value in vars(self).items():
            if name != 'node':
                setattr(twin, name, copy.deepcopy(value, memo))
        twin.order = next_order()
        return twin


def as_array(data):
    """An array as it is; a number or a list of numbers as an array, real numbers as float32.

    Raises DTypeError for anything that does not hold numbers.
    """
    if isinstance(data, Variable):
        return data.data
    if backend.is_array(data) and not isinstance(data, np.generic):
        array = data
    else:
        array = np.asarray(data)
        if array.dtype == np.float64 and not isinstance(data, np.generic):
            array = array.astype(np.float32)
    if array.dtype.kind not in 'fcbiu':
        raise DTypeError(f'A Variable holds numbers, but this is {type(data).__name__} of '
                         f'{array.dtype}.')
    return array


def begin(y, gy, create_graph=False):
    """The gradient to start a walk at y with."""
    if not y.requires_grad:
        why = ('it holds whole numbers, which have no gradient' if y.dtype.kind not in FLOATS else
               'nothing it was computed from requires a gradient, or it was computed in no_grad, '
               'or it is a gradient that was asked for without create_graph=True')
        raise GraphError(f'There is no graph behind {y.label}: {why}.')
    if gy is None and y.node is not None:
        gy = y.grad_var
    if gy is None:
        if y.size != 1:
            raise GraphError(f'backward() starts from one number, but the shape is {y.shape}: '
                             'sum or average it first, or pass gy, a gradient of that shape.')
        gy = y.xp.ones_like(y.data)
    else:
        gy = gy if create_graph and isinstance(gy, Variable) else as_array(gy)
        if gy.shape != y.shape:
            raise GraphError(f'gy has the shape {gy.shape}, but y has {y.shape}.')
        if gy.dtype != y.dtype:
            gy = gy.astype(y.dtype)
    if create_graph and not isinstance(gy, Variable):
        return Variable(gy, requires_grad=False)
    return gy
