"""Chainer's Variable and Parameter, and what every Variable can do besides in a Chainer program."""
import numpy as np

from .. import backend, double
from ..parameter import Parameter as CoreParameter
from ..variable import Variable as CoreVariable
from . import device as devices, initializers
from .standing import StandsFor

core_backward = CoreVariable.backward


class Variable(CoreVariable, metaclass=StandsFor):
    """An array that remembers how it was computed: Variable(x, name='x', requires_grad=True).

    An array keeps its dtype. Raises TypeError for anything but an array.
    """

    stands_for = CoreVariable

    def __init__(self, data=None, *, name=None, grad=None, requires_grad=True):
        if data is None or not backend.is_array(data):
            raise TypeError(f'A Variable is made of a NumPy or CuPy array, not of '
                            f'{type(data).__name__}: use np.array(x, dtype=np.float32).')
        super().__init__(data, None if requires_grad else False, name)
        if grad is not None:
            self.grad = grad


class Parameter(CoreParameter, metaclass=StandsFor):
    """A weight: Parameter(initializer, shape). Its gradient is NaN until it is cleared.

    initializer  an initializer, a number or an array; None: NaN
    """

    stands_for = CoreParameter
    cleared = False

    def __init__(self, initializer=None, shape=None, name=None, *, layout=None):
        if initializer is None:
            initializer = initializers.NaN()
        elif isinstance(initializer, (int, float)):
            initializer = initializers.Constant(initializer)
        shape = (shape,) if isinstance(shape, int) else shape
        if callable(initializer):
            initializer = initializers.Filled(initializer)
        elif shape is not None:
            initializer = np.broadcast_to(initializer, shape).copy()
        super().__init__(initializer, shape, name)
        self.spoil()

    def initialize(self, shape):
        """Fill with initial values, now that the shape is known."""
        super().initialize(shape)
        self.spoil()

    def spoil(self):
        """NaN as the gradient, so that nobody forgets to clear it."""
        if self.is_initialized and not self.cleared:
            self.grad = self.xp.full_like(self.data, np.nan)

    def cleargrad(self):
        """Forget the gradient."""
        self.cleared = True
        super().cleargrad()

    def update(self):
        """Let its own rule change it."""
        if self.update_rule is not None:
            self.update_rule.update_alone(self)


def adopt(param):
    """Make a Parameter of minichain one of Chainer's."""
    if type(param) is CoreParameter:
        param.__class__ = Parameter
        param.spoil()


# What all Variables can do -----------------------------------------------------------------------

def backward(x, gy=None, retain_graph=True, create_graph=False, retain_grad=False,
             enable_double_backprop=False, loss_scale=None):
    """Variable.backward with Chainer's arguments. The graph stays, until its result is let go.

    Chainer's first argument, a truth value, is retain_grad. `x.grad` is the gradient to begin with,
    if it was set.
    """
    if isinstance(gy, bool):
        gy, retain_grad = None, gy
    if loss_scale is not None:
        gy = x.xp.full_like(x.data, loss_scale)
    core_backward(x, gy, retain_graph, create_graph or enable_double_backprop, retain_grad)
    if x.node is not None and x.grad is None and x.size == 1:
        x.grad = x.xp.ones_like(x.data)


def set_grad_var(x, g):
    x.place.grad_left = g


def zerograd(x):
    """Fill the gradient with zeros."""
    x.cleargrad()
    x.grad = x.xp.zeros_like(x.data)


def addgrad(x, other):
    """Add another Variable's gradient to this one's."""
    if other.grad is not None:
        g = backend.to_device(other.grad, x.device)
        x.grad = g.copy() if x.grad is None else x.grad + g


def copydata(x, other):
    """Take over the numbers of another Variable."""
    if isinstance(x, CoreParameter) and not x.is_initialized:
        x.initialize(other.shape)
    devices.copyto(x.data, other.data)


def move(x, device):
    """Move the array, that of a computed Variable, too. Returns the Variable."""
    if x.node is None:
        return x.to_device(device)
    x.data = backend.to_device(x.data, device)
    return x


def set_array(x, array):
    x.data = array


def set_creator(x, function):
    raise NotImplementedError('set_creator does not exist: a function joins the graph by apply().')


def debug_print(x):
    """A text that tells much about this Variable."""
    stats = ''
    if x.size:
        stats = f'\n- statistics: mean={x.data.mean():.8f}, std={x.data.std():.8f}'
    return (f'{x.summary()}\n- device: {x.device}\n- backend: {type(x.data)}\n- shape: {x.shape}\n'
            f'- dtype: {x.dtype}{stats}\n- grad: {None if x.grad is None else x.grad.shape}')


METHODS = {
    'backward': backward, 'zerograd': zerograd, 'addgrad': addgrad, 'copydata': copydata,
    'set_creator': set_creator, 'set_creator_node': set_creator, 'debug_print': debug_print,
    'array': property(CoreVariable.array.fget, set_array, doc=CoreVariable.array.__doc__),
    'grad_var': property(CoreVariable.grad_var.fget, set_grad_var),
    'rank': property(lambda x: 0 if x.creator is None else x.creator.order,
                     doc='Where it stands in the order of computation.'),
    'creator_node': property(lambda x: x.creator, doc='The operation that computed it.'),
    'summary': lambda x: f'<variable {x.name or ""}>'.replace(' >', '>'),
    'to_cpu': lambda x: move(x, 'cpu'),
    'to_gpu': lambda x, device=0: move(x, 0 if device is None else device),
    'to_intel64': lambda x: move(x, 'cpu'),
    'to_chx': devices.unchanged, 'from_chx': devices.unchanged,
    'ravel': lambda x: x.reshape(-1), 'dot': lambda x, other: x @ other,
}


# Functions of Variables --------------------------------------------------------------------------

def as_variable(obj):
    """A Variable as it is, an array as a Variable that needs no gradient."""
    return obj if isinstance(obj, CoreVariable) else Variable(obj, requires_grad=False)


def as_array(obj):
    """The array of a Variable; others as they are."""
    return obj.data if isinstance(obj, CoreVariable) else obj


def backward_all(outputs, grad_outputs=None, *, retain_grad=False, enable_double_backprop=False,
                 loss_scale=None):
    """chainer.backward: gradients of several outputs at once are added to those of the leaves."""
    outputs = [outputs] if isinstance(outputs, CoreVariable) else list(outputs)
    grads = [y.grad for y in outputs] if grad_outputs is None else grad_outputs
    total = 0
    for y, gy in zip(outputs, grads):
        gy = y.xp.ones_like(y.data) if gy is None else gy
        total = total + (y * (gy if loss_scale is None else gy * loss_scale)).sum()
    backward(total, None, True, enable_double_backprop, retain_grad)


def grad(outputs, inputs, grad_outputs=None, grad_inputs=None, set_grad=False, retain_grad=False,
         enable_double_backprop=False, loss_scale=None):
    """The gradients of outputs by inputs, a list of Variables; None where there is no way.

    grad_outputs  gradients to begin with; ones if they are left out
    grad_inputs   gradients to add to the result   set_grad  also store it as the inputs' `grad`
    """
    outputs = [outputs] if isinstance(outputs, CoreVariable) else list(outputs)
    gys = [None] * len(outputs) if grad_outputs is None else list(grad_outputs)
    gys = [y.xp.ones_like(y.data) if gy is None else gy for y, gy in zip(outputs, gys)]
    if loss_scale is not None:
        gys = [gy * loss_scale for gy in gys]
    found = double.grad(outputs, inputs, gys, enable_double_backprop, True)
    if grad_inputs is not None:
        found = [old if g is None else g if old is None else g + old
                 for g, old in zip(found, grad_inputs)]
    if set_grad:
        for x, g in zip(inputs, found):
            set_grad_var(x, g)
    return found
