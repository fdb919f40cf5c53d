"""What the operations of a graph computed: the arrays that went in and came out of each.

A graph remembers what backward needs and no more. The rest is found again where it still lies, or
computed once more; what can be found nowhere stays unknown, and None says so.
"""
from __future__ import annotations

import copy
import gc

import numpy as np

from minichain import config, randomness
from minichain.backend import is_array
from minichain.backprop import Output
from minichain.functions import Add, Sub
from minichain.variable import Variable


class Witness:
    """An observer that keeps the inputs and outputs of every operation."""

    def __init__(self):
        self.inputs, self.outputs = {}, {}

    def on_apply(self, fn, inputs, outputs):
        self.inputs[fn] = [getattr(x, 'data', x) if isinstance(x, Variable) else x for x in inputs]
        self.outputs[fn] = [y.data for y in outputs]


def look_back(nodes, ys) -> Witness:
    """What these nodes of a graph, the oldest first, computed on the way to the Variables `ys`."""
    found = Witness()
    operations = [node for node in nodes if not isinstance(node, (Variable, Output))]
    known = _held(nodes)
    known.update((y.place, y.data) for y in ys)
    for fn in operations:
        for edge, x in zip(fn.edges, _kept_inputs(fn)):
            if edge is not None and is_array(x):
                known.setdefault(edge, x)
    for fn in operations:
        found.inputs[fn] = [
            x if edge is None else edge.data if isinstance(edge, Variable) else known.get(edge)
            for edge, x in zip(fn.edges, _kept_inputs(fn))]
        outputs = [node for node in nodes if isinstance(node, Output) and node.parent is fn]
        found.outputs[fn] = _outputs(fn, found.inputs[fn], outputs, known)
        if type(fn) in (Add, Sub):
            _deduce(fn, *found.outputs[fn], found.inputs[fn])
    return found


def _deduce(fn, y, inputs):
    """Put in the constant of a sum or difference, which backward has no use for."""
    a, b = inputs
    if y is None or (a is None) == (b is None):
        return
    if b is None:
        inputs[1] = _one(y - a if type(fn) is Add else a - y)
    else:
        inputs[0] = _one(y - b if type(fn) is Add else y + b)


def _one(array):
    """One number, if all of the array are equal up to rounding; else the array."""
    first = array.reshape(-1)[:1]
    return first[0] if array.size and abs(array - first).max() <= 1e-6 * abs(first[0]) else array


def _kept_inputs(fn):
    """What an operation kept of its inputs: one entry an input, None where it kept nothing."""
    if not {'x', 'others'} & set(fn.kept) or fn.x is None:
        return [None] * len(fn.edges)
    kept = fn.x if type(fn.x) is tuple else (fn.x,)
    return [*kept, *[None] * (len(fn.edges) - len(kept))]


def _held(nodes):
    """node -> array, for results that the program still holds as Variables."""
    wanted, found = set(nodes), {}
    for holder in gc.get_referrers(*nodes):
        facts = vars(holder) if isinstance(holder, Variable) else holder
        if isinstance(facts, dict) and 'data' in facts and facts.get('node') in wanted:
            found[facts['node']] = facts['data']
    return found


def _outputs(fn, inputs, outputs, known):
    """The outputs of an operation: as kept, as held by somebody, or computed once more."""
    if fn.outputs == 1:
        if 'y' in fn.kept and is_array(fn.y):
            known[fn] = fn.y
        if fn not in known:
            known[fn], = _again(fn, inputs)
        return [known[fn]]
    ys = [None] * fn.outputs
    if any(node not in known for node in outputs) or len(outputs) < fn.outputs:
        ys = _again(fn, inputs)
    for node in outputs:
        known[node] = ys[node.index] = known.get(node, ys[node.index])
    return ys


def _again(fn, inputs):
    """Run forward on a copy of the operation; None for each output where that cannot be done."""
    unknown = [None] * fn.outputs
    if any(x is None for x in inputs):
        return unknown
    twin = copy.copy(fn)
    switches = config.plain, config.record
    config.plain, config.record = True, False
    try:
        with randomness.drawing_from(np.random.default_rng(0)) as scratch:
            untouched = scratch.bit_generator.state
            ys = twin.forward(*inputs)
    except Exception:       # forward may want more than arrays; then the result stays unknown
        return unknown
    finally:
        config.plain, config.record = switches
    if scratch.bit_generator.state != untouched:    # noise: computed again, it would be another
        return unknown
    return [np.asarray(y) if np.isscalar(y) else y for y in (ys if type(ys) is tuple else (ys,))]
