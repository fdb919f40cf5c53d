"""Gives a Variable + - * / ** @ [], comparisons and methods: one visible table, at the end."""
import operator
from time import perf_counter

import numpy as np

from . import backend, functions as F
from .backprop import next_order
from .config import config
from .errors import GraphError
from .function import make, tell
from .observe import watched_threads
from .variable import Variable

ndarray = np.ndarray


def binary(op, compute):
    """The operator `x op other` of a Variable x, for an operation of two inputs.

    Ordinary arrays take a short way that does what `apply` does, without its generality: the
    operators are what a graph is mostly made of, and this makes them twice as fast.
    """
    keeps_others = 'others' in op.kept

    def method(x, other):
        a = x.data
        if isinstance(other, Variable):
            b = other.data
            ordinary = type(a) is type(b) is ndarray and a.dtype is b.dtype
        else:
            b = other
            ordinary = type(a) is ndarray and (type(b) is float or type(b) is int)
        if not ordinary:
            return general(x, other)
        started = watched_threads and perf_counter()
        try:
            y = compute(a, b)
        except ValueError:
            return general(x, other)        # which explains what is wrong
        out = make(Variable)
        out.data = y if type(y) is ndarray else np.asarray(y)
        if config.record:
            left, right = x.node, None
            if left is None and x.leaf:
                left = x
            if b is not other:              # other is a Variable
                right = other.node
                if right is None and other.leaf:
                    right = other
            if left is not None or right is not None:
                out.node = node = op()
                node.order, node.edges, node.shape = next_order(), (left, right), y.shape
                if keeps_others:
                    node.x = a if right is not None else None, b if left is not None else None
                elif op.kept:
                    node.keep((a, b), node.edges, y)
        if started:
            tell(op, (x, other), out, started)
        return out

    def general(x, other):
        if not isinstance(other, Variable):
            other = like(other, x)
            if other is NotImplemented:
                return other
        return op().apply(x, other)

    return method


def swapped(op):
    """The operator `other op x` of a Variable x, where `other` is an array or a number."""
    def method(x, other):
        other = like(other, x)
        return other if other is NotImplemented else op().apply(other, x)
    return method


def like(other, x):
    """An operand that is no Variable, made to fit the Variable x: its type of numbers wins."""
    if isinstance(other, np.generic):
        other = other.item()
    if isinstance(other, (int, float)):
        return other
    if not backend.is_array(other):
        return NotImplemented
    return other.astype(x.dtype) if x.dtype.kind == 'f' and other.dtype != x.dtype else other


def comparison(compare):
    """A comparison gives an array of truth values, never a Variable: it has no gradient."""
    def method(x, other):
        return compare(x.data, other.data if isinstance(other, Variable) else other)
    return method


class NumPyFunctions:
    """What NumPy does when one of its functions is called with a Variable."""

    ufuncs = {np.add: F.add, np.subtract: F.sub, np.multiply: F.mul, np.divide: F.div,
              np.power: F.pow, np.negative: F.neg, np.exp: F.exp, np.log: F.log, np.sqrt: F.sqrt,
              np.square: F.square, np.sin: F.sin, np.cos: F.cos, np.tanh: F.tanh,
              np.absolute: F.absolute, np.maximum: F.maximum, np.minimum: F.minimum,
              np.matmul: F.matmul, np.sign: F.sign, np.tan: F.tan, np.arcsin: F.arcsin,
              np.arccos: F.arccos, np.arctan: F.arctan, np.arctan2: F.arctan2, np.sinh: F.sinh,
              np.cosh: F.cosh, np.log1p: F.log1p, np.expm1: F.expm1, np.log2: F.log2,
              np.log10: F.log10, np.fmod: F.fmod}
    functions = {np.sum: F.sum, np.mean: F.mean, np.max: F.max, np.min: F.min, np.var: F.var,
                 np.reshape: F.reshape, np.transpose: F.transpose, np.stack: F.stack,
                 np.concatenate: lambda xs, axis=0: F.concat(xs, axis),
                 np.where: F.where, np.argmax: F.argmax, np.argmin: F.argmin, np.std: F.std,
                 np.prod: F.prod, np.cumsum: F.cumsum, np.cumprod: F.cumprod, np.sort: F.sort,
                 np.flip: F.flip, np.roll: F.roll, np.tile: F.tile, np.repeat: F.repeat,
                 np.pad: F.pad, np.einsum: F.einsum, np.tensordot: F.tensordot,
                 np.diagonal: F.diagonal, np.hstack: F.hstack, np.vstack: F.vstack,
                 np.linalg.det: F.det, np.linalg.inv: F.inv, np.linalg.cholesky: F.cholesky}

    def ufunc(self, ufunc, method, *inputs, out=None, **options):
        function = NumPyFunctions.ufuncs.get(ufunc) if method == '__call__' else None
        compare = COMPARISONS.get(ufunc.__name__)
        if compare is not None and method == '__call__':
            return compare(*[x.data if isinstance(x, Variable) else x for x in inputs])
        if function is None or out is not None or options:
            raise refused(ufunc)
        first = next(x for x in inputs if isinstance(x, Variable))
        inputs = [x if isinstance(x, Variable) else like(x, first) for x in inputs]
        return function(*inputs)

    def function(self, function, types, args, options):
        ours = NumPyFunctions.functions.get(function)
        if ours is None:
            raise refused(function)
        return ours(*args, **options)


def refused(function):
    return TypeError(f'np.{function.__name__} does not work on a Variable, since gradients could '
                     'not pass through it. Use a function of minichain.functions, or x.data.')


def no_array(x, dtype=None, copy=None):
    """A Variable never becomes an array in silence, for its gradient would be lost."""
    raise TypeError('A Variable is no NumPy array, and gradients could not pass through one. Use a '
                    'function of minichain.functions, or x.data.')


# What a Variable can do besides --------------------------------------------------------------

def detach(x):
    """The same array in a Variable of its own, without a graph."""
    return Variable(x.data, requires_grad=False, name=x.name)


def item(x):
    """The value as a Python number. Raises ValueError unless there is exactly one."""
    return x.data.item()


def numpy(x):
    """The array as a NumPy array; copied if it lives on a GPU."""
    return backend.to_cpu(x.data)


def to_device(x, device):
    """Move the array, and its gradient, to a device. A Variable with a graph cannot move."""
    if x.node is not None:
        raise GraphError(f'{x.label} was computed on {x.device}; move what it is computed from '
                         'instead.')
    x.data = backend.to_device(x.data, device)
    if x.grad_left is not None:
        x.grad_left = backend.to_device(x.grad, device)
    return x


def length(x):
    """How many rows there are. Raises TypeError for a single number."""
    if not x.shape:
        raise TypeError('A Variable that holds one number has no length.')
    return len(x.data)


def truth(x):
    """Whether the one number is not zero. Raises ValueError if there are more."""
    if x.size != 1:
        raise ValueError(f'A Variable of shape {x.shape} is neither true nor false: ask about one '
                         'number, for example (x > 0).all().')
    return bool(x.data)


def text(x):
    """'Variable([1., 2.], dtype=float32)'"""
    kind = type(x).__name__
    values = np.array2string(numpy(x), separator=', ', precision=6, threshold=100,
                             prefix=f'{kind}(')
    where = '' if isinstance(x.data, ndarray) else f', device={str(x.device)!r}'
    named = f', name={x.name!r}' if x.name else ''
    return f'{kind}({values}, dtype={x.dtype}{where}{named})'


COMPARISONS = {'less': operator.lt, 'less_equal': operator.le, 'greater': operator.gt,
               'greater_equal': operator.ge, 'equal': operator.eq, 'not_equal': operator.ne}

TABLE = {
    '__add__': binary(F.Add, operator.add), '__radd__': swapped(F.Add),
    '__sub__': binary(F.Sub, operator.sub), '__rsub__': swapped(F.Sub),
    '__mul__': binary(F.Mul, operator.mul), '__rmul__': swapped(F.Mul),
    '__truediv__': binary(F.Div, operator.truediv), '__rtruediv__': swapped(F.Div),
    '__pow__': binary(F.Pow, operator.pow), '__rpow__': swapped(F.Pow),
    '__matmul__': lambda a, b: F.matmul(a, b), '__rmatmul__': lambda b, a: F.matmul(a, b),
    '__neg__': F.neg, '__pos__': lambda x: x, '__abs__': F.absolute, '__getitem__': F.get_item,
    '__lt__': comparison(operator.lt), '__le__': comparison(operator.le),
    '__gt__': comparison(operator.gt), '__ge__': comparison(operator.ge),
    '__eq__': comparison(operator.eq), '__ne__': comparison(operator.ne),
    '__hash__': object.__hash__, '__len__': length, '__bool__': truth, '__repr__': text,
    '__float__': lambda x: float(x.data.item()), '__int__': lambda x: int(x.data.item()),
    'detach': detach, 'item': item, 'numpy': numpy, 'to_device': to_device,
    '__array__': no_array,
    '__array_ufunc__': NumPyFunctions.ufunc, '__array_function__': NumPyFunctions.function,
    'sum': F.sum, 'mean': F.mean, 'max': F.max, 'min': F.min, 'var': F.var, 'std': F.std,
    'argmax': F.argmax, 'argmin': F.argmin, 'reshape': F.reshape, 'transpose': F.transpose,
    'swapaxes': F.swapaxes, 'squeeze': F.squeeze, 'flatten': F.flatten, 'astype': F.cast,
    'exp': F.exp, 'log': F.log, 'sqrt': F.sqrt, 'tanh': F.tanh, 'abs': F.absolute, 'clip': F.clip,
    'T': property(F.transpose, doc='The axes in reverse order.'),
}
for name, meaning in TABLE.items():
    setattr(Variable, name, meaning)
