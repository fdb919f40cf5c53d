"""Functions that users write: classes of Chainer's FunctionNode and of its old-style Function."""
import numpy as np

from ..backprop import Output
from ..double import placed
from ..function import Function as CoreFunction
from ..variable import Variable as CoreVariable
from . import type_check
from .configuration import config
from .variable import as_array, as_variable


class UserFunction(CoreFunction):
    """The operation in the graph that does what a user's object says."""

    shapes, keeps, fills, mixes = '(...) ... -> (...) ...', 'x y', False, True

    def __init__(self, user):
        self.user, self.label = user, user.label

    def forward(self, *arrays):
        user = self.user
        user.xp = self.xp
        if config.type_check:
            user.check_type_forward(type_check.get_types(arrays))
        ys = user.forward(arrays)
        if not isinstance(ys, tuple):
            raise TypeError(f'{user.label}: forward must give a tuple of arrays, not '
                            f'{type(ys).__name__}.')
        return ys

    def keep(self, arrays, edges, ys):
        user = self.user
        inputs = range(len(arrays)) if user.kept_inputs is None else user.kept_inputs
        self.x = tuple([a if i in inputs else None for i, a in enumerate(arrays)])
        self.y = tuple([a if i in user.kept_outputs else None for i, a in enumerate(ys)])

    def acting(self, create_graph, paths):
        ys, self.y = self.y, None       # outputs that were not retained are None
        twin = super().acting(create_graph, paths)
        self.y = twin.y = ys
        if create_graph:
            twin.y = tuple([None if a is None else placed(a, Output((self,), i, a.shape))
                            for i, a in enumerate(ys)])
        return twin

    def backward(self, *gys):
        self.user.now = self
        try:
            return self.user.gradients(self, gys)
        finally:
            self.user.now = None

    def as_given(self, gx, gys):
        """A gradient as the walk wants it: an array where arrays came in, else a Variable."""
        if any(isinstance(g, CoreVariable) for g in gys):
            return gx
        return as_array(gx)


class Shared:
    """What both kinds of users' functions have in common."""

    kept_inputs, kept_outputs, now = None, (), None
    xp = None

    @property
    def label(self):
        """Its name in pictures and errors."""
        return type(self).__name__

    def check_type_forward(self, in_types):
        """Check the types of the inputs, with type_check.expect."""

    def forward_cpu(self, inputs):
        """Compute the outputs on the CPU."""
        raise NotImplementedError(f'{self.label} has no forward for the CPU.')

    def forward_gpu(self, inputs):
        """Compute the outputs on a GPU."""
        raise NotImplementedError(f'{self.label} has no forward for a GPU.')

    def forward(self, inputs):
        """Compute the outputs: a tuple of arrays from a tuple of arrays."""
        on_gpu = self.xp.__name__ == 'cupy'
        return (self.forward_gpu if on_gpu else self.forward_cpu)(inputs)

    def retain_inputs(self, indexes):
        """Say in forward which inputs backward needs."""
        self.kept_inputs = tuple(indexes)

    def retain_outputs(self, indexes, retain_after_backward=False):
        """Say in forward which outputs backward needs."""
        self.kept_outputs = tuple(indexes)

    def run(self, inputs):
        """The outputs as Variables, a tuple."""
        return UserFunction(self).apply(*[as_variable(x) for x in inputs])


class FunctionNode(Shared):
    """A base for operations with a gradient that can be differentiated again.

        class Square(FunctionNode):
            def forward(self, inputs):
                self.retain_inputs((0,))
                return inputs[0] ** 2,

            def backward(self, target_input_indexes, grad_outputs):
                x, = self.get_retained_inputs()
                return 2 * x * grad_outputs[0],

        y, = Square().apply((x,))

    backward gets and gives Variables; an output that nobody used has the gradient None.
    """

    kept_inputs = ()

    def apply(self, inputs):
        """The outputs as Variables, a tuple; the graph grows if a gradient is wanted."""
        return self.run(inputs)

    def __call__(self, *inputs):
        return self.apply(inputs)

    def get_retained_inputs(self):
        """The inputs that were retained, as Variables."""
        return tuple([as_variable(self.now.x[i]) for i in self.kept_inputs])

    def get_retained_outputs(self):
        """The outputs that were retained, as Variables."""
        return tuple([as_variable(self.now.y[i]) for i in self.kept_outputs])

    def backward(self, target_input_indexes, grad_outputs):
        """Compute the gradients of the inputs with these numbers."""
        return (None,) * len(target_input_indexes)

    def gradients(self, node, gys):
        targets = tuple([i for i, edge in enumerate(node.edges) if edge is not None])
        wrapped = tuple([None if g is None else as_variable(g) for g in gys])
        found = self.backward(targets, wrapped)
        if not isinstance(found, tuple):
            found = tuple(found) if isinstance(found, list) else (found,)
        if len(found) == len(node.edges) != len(targets):
            found = tuple([found[i] for i in targets])
        if len(found) != len(targets):
            raise ValueError(f'{self.label}: backward gave {len(found)} gradients, but '
                             f'{len(targets)} inputs need one.')
        given = dict(zip(targets, found))
        return tuple([None if given.get(i) is None else node.as_given(given[i], gys)
                      for i in range(len(node.edges))])


class Function(Shared):
    """A base for operations in the old style: arrays in, arrays out, in backward as well.

    A gradient of their gradient does not exist: write a FunctionNode for that.
    """

    def __call__(self, *inputs):
        outputs = self.run(inputs)
        return outputs[0] if len(outputs) == 1 else outputs

    def apply(self, inputs):
        """The outputs as Variables, a tuple."""
        return self.run(inputs)

    @property
    def output_data(self):
        """The arrays of the outputs that were retained; None for the others."""
        return self.now.y

    def backward_cpu(self, inputs, grad_outputs):
        """Compute the gradients on the CPU."""
        return (None,) * len(inputs)

    def backward_gpu(self, inputs, grad_outputs):
        """Compute the gradients on a GPU."""
        return (None,) * len(inputs)

    def backward(self, inputs, grad_outputs):
        """Compute the gradients of all inputs: arrays, or None."""
        on_gpu = self.xp.__name__ == 'cupy'
        return (self.backward_gpu if on_gpu else self.backward_cpu)(inputs, grad_outputs)

    def gradients(self, node, gys):
        if any(isinstance(g, CoreVariable) for g in gys):
            raise RuntimeError(f'{self.label} is a Function in the old style, whose gradient has '
                               'no gradient: write it as a FunctionNode.')
        return tuple(self.backward(node.x, gys))


class FunctionAdapter(FunctionNode):
    """An old-style Function in the place of a FunctionNode."""

    def __init__(self, function):
        self.function = function

    def apply(self, inputs):
        return self.function.run(inputs)


def force_array(x, dtype=None):
    """A number of NumPy as an array of no axes."""
    return np.asarray(x, dtype) if np.isscalar(x) else x if dtype is None else x.astype(dtype)
