"""Are my gradients right? Compares what backward computes with finite differences.

Beside it: backward step by step, gradients in numbers, and what a graph holds in memory.
"""
import inspect

import numpy as np

from . import backend
from .backprop import walk
from .double import grad
from .errors import GradientError
from .holding import what_holds
from .measure import measure
from .variable import Variable, begin
from .words import table

# A fourth-order difference: with f smooth over a few steps, its error is about step⁴, and rounding
# adds about 1e-16 / step. Both are far below the tolerance.
STEP = 3e-4
STENCIL = ((-2, 1 / 12), (-1, -2 / 3), (1, 2 / 3), (2, -1 / 12))
TOLERANCE = 1e-7


def check_gradients(f, inputs, order=1, seed=0, directions=2, tolerance=TOLERANCE):
    """Check that backward finds the derivatives of f, and complain about the first wrong one.

    f           a function of Variables that gives a Variable, or a tuple or list of them. Called
                twice with the same inputs, it must give the same: seed what is random in it
    inputs      its arguments: arrays or Variables. Real numbers are taken as float64, and a
                gradient of each is checked, unless it is a Variable that requires none. Whole
                numbers, truth values and None are handed on as they are
    order       1: the gradient. 2: also the gradient of the gradient, and so on
    directions  so many random directions for each input
    tolerance   of the difference, relative to the larger of the two numbers or to 1

    The derivative of a random mixture of the outputs, along a random direction of one input, is

        g · u  ≈  Σ w_k f(x + k step u) / step,   k = -2, -1, 1, 2,   w = 1/12, -2/3, 2/3, -1/12

    Stay away from kinks such as relu's at 0: within a few thousandths of one, the two differ.
    Raises GradientError, which names the input, what was expected and what backward gave.

        check_gradients(lambda x: F.tanh(x) * x, [np.ones((2, 3))], order=2)
    """
    inputs = [_prepare(x) for x in inputs]
    names = _names(f, inputs)
    for level in range(1, order + 1):
        _check_first(f, inputs, names, level, np.random.default_rng(seed), directions, tolerance)
        f = _Gradient(f, seed + level)


def _prepare(x):
    """An input as a Variable of float64, if a gradient of it is to be checked; else as it is."""
    wanted = x.requires_grad if isinstance(x, Variable) else True
    array = x.data if isinstance(x, Variable) else x
    if not backend.is_array(array) or array.dtype.kind != 'f':
        return x
    return Variable(array.astype('float64'), requires_grad=wanted)


def _names(f, inputs):
    """What to call the inputs in an error: 'input 0 (x)'."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    plain = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    names = [f'input {i}' for i in range(len(inputs))]
    return [f'{name} ({plain[i]})' if i < len(plain) else name for i, name in enumerate(names)]


def _learns(x):
    return isinstance(x, Variable) and x.requires_grad


def _outputs(f, inputs):
    ys = f(*inputs)
    return ys if isinstance(ys, (tuple, list)) else (ys,)


def _draw(rng, like):
    """Random numbers, as many as this Variable or array has, where it lives."""
    return backend.to_device(rng.standard_normal(like.shape), backend.device_of(like))


def _mixture(ys, rng):
    """One number made of all outputs, so that every element and every output counts.

    The squares let the gradient that arrives at f depend on f's inputs, too.
    """
    total = 0
    for y in ys:
        if y.dtype.kind == 'f':
            total = total + (y * _draw(rng, y)).sum()
            total = total + (y * y * _draw(rng, y)).sum() * 0.5
    return total


class _Gradient:
    """The function that gives the gradients of a mixture of f's outputs, with a graph."""

    def __init__(self, f, seed):
        self.f, self.seed = f, seed

    def __call__(self, *inputs):
        total = _mixture(_outputs(self.f, inputs), np.random.default_rng(self.seed))
        if not _learns(total):
            return ()
        gxs = grad(total, [x for x in inputs if _learns(x)], create_graph=True)
        return [g for g in gxs if g is not None]


def _check_first(f, inputs, names, level, rng, directions, tolerance):
    """Check the gradients of f, which is itself a gradient from the second level on."""
    seed = int(rng.integers(2**32))

    def value(*xs):
        total = _mixture(_outputs(f, xs), np.random.default_rng(seed))
        return total if isinstance(total, Variable) else Variable(np.zeros(()), False)

    total = value(*inputs)
    learning = [i for i, x in enumerate(inputs) if _learns(x)]
    gxs = [None] * len(learning)
    if total.requires_grad:
        gxs = grad(total, [inputs[i] for i in learning])
    what = 'derivative' if level == 1 else f'derivative of order {level}'
    for i, gx in zip(learning, gxs):
        x = inputs[i]
        if gx is not None and (gx.shape, gx.dtype) != (x.shape, x.dtype):
            raise GradientError(f'The {what} by {names[i]} is {gx.dtype} {gx.shape}, but the input '
                                f'is {x.dtype} {x.shape}.')
        for _ in range(directions):
            u = _draw(rng, x)
            found = 0.0 if gx is None else float((gx.data * u).sum())
            expected = _difference(value, inputs, i, u)
            if not abs(found - expected) <= tolerance * max(1, abs(found), abs(expected)):
                raise GradientError(
                    f'The {what} by {names[i]}, whose shape is {x.shape}, is wrong: along a random '
                    f'direction finite differences give {expected:.10g}, backward '
                    + ('gives none.' if gx is None else f'gives {found:.10g}.'))


def _difference(value, inputs, i, u):
    """The derivative of `value` by input number i along the direction u, by finite differences."""
    total = 0.0
    for k, weight in STENCIL:
        moved = list(inputs)
        moved[i] = Variable(inputs[i].data + k * STEP * u, requires_grad=True)
        total += weight * value(*moved).item()
    return total / STEP


def steps(y, gy=None, retain_graph=False):
    """backward() of y, one step at a time: yields (node, gys, gxs) after each operation and leaf.

    node  an operation, one of its outputs, or a leaf   gys  the gradients that came to it
    gxs   those that it gives to its inputs; of a leaf none
    When all steps are done, the gradients are added to `leaf.grad`, as backward() does.

        for node, gys, gxs in mc.debug.steps(loss):
            print(node.label, gxs)
    """
    arrived = yield from walk([(y.place, begin(y, gy))], release=not retain_graph, stepping=True)
    for leaf, g in arrived:
        leaf.receive(g)


class Gradients:
    """The gradients of a link's parameters in numbers: print it, or read its rows.

        loss.backward()
        print(mc.debug.Gradients(model))

    rows  a dict for each parameter: name, shape, weight and gradient (their root mean squares),
          ratio of the two, low and high (the extreme gradients), zeros (the share of zeros), bad
          (how many are NaN or infinite); None where there is no gradient

    Gradients that are much smaller in the first layers than in the last ones vanish on the way;
    a ratio above 1 says that a step may throw the weights about.
    """

    def __init__(self, link):
        self.rows = [self.row(path[1:], param) for path, param in link.namedparams()]

    def row(self, name, param):
        row = {'name': name, 'shape': param.shape, 'weight': size(measure(param.data))}
        g = param.grad
        if g is None or not g.size:
            return row | dict.fromkeys(('gradient', 'ratio', 'low', 'high', 'zeros', 'bad'))
        stats = measure(g)
        gradient = size(stats)
        return row | {'gradient': gradient, 'low': stats['min'], 'high': stats['max'],
                      'ratio': gradient / row['weight'] if row['weight'] else None,
                      'zeros': float((g == 0).mean()), 'bad': stats['nan'] + stats['inf']}

    def __str__(self):
        names = ('weight', 'gradient', 'ratio', 'low', 'high')
        lines = [('parameter', 'shape', *names, 'zeros', 'bad')]
        for row in self.rows:
            zeros, bad = row['zeros'], row['bad']
            numbers = ['-' if row[name] is None else f'{row[name]:.3g}' for name in names]
            lines.append((row['name'], str(row['shape']), *numbers,
                          '-' if zeros is None else f'{zeros:.0%}',
                          '-' if bad is None else str(bad)))
        return table(lines)


def size(stats):
    """The root of the mean square, from an array's statistics; 0 for an empty one."""
    return 0.0 if stats['mean'] is None else (stats['mean'] ** 2 + stats['std'] ** 2) ** 0.5
