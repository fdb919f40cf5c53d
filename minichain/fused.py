"""Several operations in one, written by hand for speed."""
import numpy as np

from .backend import get_array_module
from .double import grad
from .function import Function
from .observe import watching


def composed(*xs):
    """Whether an operation is to be several ones that the CPU has, too: there, and for who watches.

    Else a GPU does it in one kernel, which has no other use than to save launches.
    """
    return get_array_module(*xs) is np or bool(watching.on_apply)


class Fused(Function):
    """Several operations in one, with forward and backward written by hand on arrays, for speed.

    `reference(*inputs)` composes the same from other operations: it is the definition, what tests
    compare with, and what runs when the gradients are to have a graph. Its inputs are kept ('x').
    """

    def reference(self, *inputs):
        """The same computation, composed of other operations."""
        raise NotImplementedError(f'{type(self).__name__} has no reference.')

    def acting(self, create_graph, paths):
        twin = super().acting(create_graph, paths)
        if create_graph:
            twin.backward = twin.backward_by_reference
        return twin

    def backward_by_reference(self, *gys):
        """The gradients of the inputs as Variables: by backward through the reference."""
        inputs = self.x if type(self.x) is tuple else (self.x,)
        inputs = [x if edge is None else Identity().apply(x) for x, edge in zip(inputs, self.edges)]
        ys = self.reference(*inputs)
        ys = ys if type(ys) is tuple else (ys,)
        used = [i for i, gy in enumerate(gys) if gy is not None]
        wanted = [i for i, edge in enumerate(self.edges) if edge is not None]
        gxs = dict(zip(wanted, grad([ys[i] for i in used], [inputs[i] for i in wanted],
                                    [gys[i] for i in used], create_graph=True)))
        return tuple([gxs.get(i) for i in range(len(inputs))])


class Identity(Function):
    """The input, unchanged."""

    symbol = '='

    def forward(self, x):
        return x

    def backward(self, gy):
        return gy
