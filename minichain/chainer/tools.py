"""Smaller parts of Chainer: hooks of functions, distributions, gradient checks, test helpers."""
import itertools
import platform
import sys
import types

import numpy as np

from .. import backend, hooks, observe, serializers
from ..debug import check_gradients
from ..graph import Graph
from ..links import hooks as link_hooks
from .variable import Variable, as_array

VERSION = '7.8.1'       # of the interface


# chainer.function_hooks --------------------------------------------------------------------------

class FunctionHook(hooks.FunctionHook):
    """A base for hooks of functions in Chainer's manner: they get (function, in_data[, grads])."""

    name = 'FunctionHook'

    def added(self, function):
        """The hook begins to listen."""

    def deleted(self, function):
        """The hook listens no longer."""

    def __enter__(self):
        self.added(None)
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        self.deleted(None)

    def forward_preprocess(self, function, in_data):
        """Called for each operation, when it has computed."""

    def forward_postprocess(self, function, in_data):
        """Called for each operation, when it has computed."""

    def backward_preprocess(self, function, in_data, out_grad):
        """Called for each operation, when gradients have passed it."""

    def backward_postprocess(self, function, in_data, out_grad):
        """Called for each operation, when gradients have passed it."""

    def on_apply(self, fn, inputs, outputs):
        arrays = tuple(map(as_array, inputs))
        self.forward_preprocess(fn, arrays)
        self.forward_postprocess(fn, arrays)

    def on_backward(self, fn, gys, gxs):
        if gxs:
            grads = tuple(map(as_array, gys))
            self.backward_preprocess(fn, (), grads)
            self.backward_postprocess(fn, (), grads)


def PrintHook(sep=None, end='\n', file=None, flush=True):
    """A hook that prints what goes in and out of operations."""
    return hooks.PrintHook(file=file)


# chainer.link_hooks and chainer.serializers ------------------------------------------------------

class LinkHook(observe.Watcher, link_hooks.LinkHook):
    """A base for hooks of links: of one by `link.add_hook(hook)`, of all by `with hook:`.

    `with` tells of links, and not of what goes in and out.
    """

    def on_scope(self, link, entering):
        """A link's computation begins or ends."""
        call = types.SimpleNamespace(link=link, args=(), kwargs={}, forward_name='forward',
                                     out=None)
        (self.forward_preprocess if entering else self.forward_postprocess)(call)


class SpectralNormalization(link_hooks.SpectralNormalization):
    """The largest singular value of a weight becomes 1; see minichain.links.hooks."""

    def __init__(self, n_power_iteration=1, eps=1e-6, use_gamma=False, factor=None,
                 weight_name='W', name=None):
        super().__init__(n_power_iteration, eps, use_gamma, factor, weight_name)
        self.name = name or self.name


class WeightStandardization(link_hooks.WeightStandardization):
    """The weights of each output to mean 0 and variance 1; see minichain.links.hooks."""

    def __init__(self, *, eps=1e-5, weight_name='W', name=None):
        super().__init__(eps, weight_name)
        self.name = name or self.name


def save_hdf5(filename, obj, compression=4):
    """Save a thing into an HDF5 file."""
    serializers.save_hdf5(filename, obj, compression)


def load_hdf5(filename, obj):
    """Load a thing from an HDF5 file."""
    serializers.load_hdf5(filename, obj)


# chainer.gradient_check and chainer.testing ------------------------------------------------------

def tuple_of(x):
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)


def numerical_grad(f, inputs, grad_outputs, eps=1e-3):
    """Gradients by finite differences: f() computes arrays from `inputs`, which are changed in
    place and put back."""
    grads = []
    for x in inputs:
        g = np.zeros_like(x, dtype=np.float64)
        for place in np.ndindex(x.shape):
            before = x[place]
            x[place] = before + eps
            above = [np.array(y, np.float64) for y in f()]
            x[place] = before - eps
            below = [np.array(y, np.float64) for y in f()]
            x[place] = before
            g[place] = sum(float((gy * (a - b)).sum()) for gy, a, b in
                           zip(grad_outputs, above, below) if gy is not None) / (2 * eps)
        grads.append(g.astype(x.dtype))
    return tuple(grads)


def check_backward(func, x_data, y_grad=None, params=(), **options):
    """Check that backward finds the derivatives of a function, with minichain.check_gradients."""
    check_gradients(func, list(tuple_of(x_data)))


def check_double_backward(func, x_data, y_grad=None, x_grad_grad=None, params=(), **options):
    """Check the gradients of gradients, too."""
    check_gradients(func, list(tuple_of(x_data)), order=2)


def assert_allclose(x, y, atol=1e-5, rtol=1e-4, verbose=True):
    """Raise AssertionError unless two arrays are close to each other."""
    np.testing.assert_allclose(backend.to_cpu(as_array(x)), backend.to_cpu(as_array(y)), rtol,
                               atol, verbose=verbose)


def product(parameter):
    """All combinations of the values of a dict of lists, as dicts."""
    names = sorted(parameter)
    return [dict(zip(names, values)) for values in
            itertools.product(*[parameter[name] for name in names])]


def product_dict(*parameters):
    """All combinations of the dicts of several lists, merged."""
    return [{name: value for part in parts for name, value in part.items()}
            for parts in itertools.product(*parameters)]


# Others ------------------------------------------------------------------------------------------

class ComputationalGraph:
    """The graph behind some Variables, for `dump`."""

    def __init__(self, outputs):
        self.graph = Graph.of(*outputs)

    def dump(self, format='dot'):
        """The graph in the language of Graphviz."""
        if format != 'dot':
            raise ValueError(f"The format is 'dot', not {format!r}.")
        return self.graph.to_dot()


def build_computational_graph(outputs, remove_split=True, variable_style=None, function_style=None,
                              rankdir='TB', remove_variable=False, show_name=True):
    """The graph behind a Variable or several."""
    return ComputationalGraph(tuple_of(outputs) if not isinstance(outputs, Variable) else [outputs])


def static_graph(*args, **options):
    """A decorator that changes nothing: a graph is made anew in each run."""
    return args[0] if args and callable(args[0]) else lambda function: function


def print_runtime_info(out=None):
    """Print which versions are in use here."""
    lines = [f'Platform: {platform.platform()}', f'Python: {platform.python_version()}',
             f'Chainer: the interface of {VERSION}, by minichain', f'NumPy: {np.__version__}',
             f'GPU: {backend.gpu_status()}']
    print('\n'.join(lines), file=out or sys.stdout)


def experimental(api_name):
    """Kept for programs that call it: nothing here is an experiment."""


def get_conv_outsize(size, k, s, p, cover_all=False, d=1):
    """How many windows fit."""
    dk = k + (k - 1) * (d - 1)
    return (size + 2 * p - dk + (s - 1 if cover_all else 0)) // s + 1


def get_deconv_outsize(size, k, s, p, cover_all=False, d=1):
    """How large an image has so many windows."""
    dk = k + (k - 1) * (d - 1)
    return s * (size - 1) + dk - 2 * p - (s - 1 if cover_all else 0)


def parse_kwargs(kwargs, *pairs, **unexpected):
    """Values of keyword arguments, pairs (name, default). Raises TypeError for others."""
    check_unexpected_kwargs(kwargs, **unexpected)
    known = dict(pairs)
    others = sorted(set(kwargs) - set(known))
    if others:
        raise TypeError(f'There is no argument {others[0]!r}.')
    return tuple([kwargs.get(name, default) for name, default in pairs])


def check_unexpected_kwargs(kwargs, **unexpected):
    """Raise ValueError, with its message, for an argument that is gone."""
    for name, message in unexpected.items():
        if name in kwargs:
            raise ValueError(message)


def assert_kwargs_empty(kwargs):
    """Raise TypeError for any argument that is left."""
    if kwargs:
        raise TypeError(f'There is no argument {sorted(kwargs)[0]!r}.')
