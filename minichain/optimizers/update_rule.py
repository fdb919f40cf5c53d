"""How one parameter changes: its hyper-parameters, what is remembered of it, its hooks."""
import types

import numpy as np

from .. import backend
from ..backprop import next_order
from ..gather import RowGradient
from .kernels import Together


class Hyperparameters:
    """The numbers that steer a rule, as attributes; what is not set here comes from `parent`.

    A value may be a schedule, a function of the number of updates done so far: what is read is the
    number that it gives for the next update.
    """

    def __init__(self, parent=None, **values):
        vars(self).update(parent=parent, own=values, updates=0)

    def now(self):
        """All numbers as they are at this moment, in a dict."""
        root = self.parent or self
        values = {**self.parent.own, **self.own} if self.parent else self.own
        return {name: value(root.updates) if callable(value) else value
                for name, value in values.items()}

    def __contains__(self, name):
        return name in self.own or (self.parent is not None and name in self.parent)

    def __getattr__(self, name):
        if name.startswith('__') or name not in self:
            raise AttributeError(f'There is no hyper-parameter {name!r}.')
        return self.now()[name]

    def __setattr__(self, name, value):
        self.own[name] = value

    def __repr__(self):
        return ', '.join(f'{name}={value!r}' for name, value in self.now().items())


class UpdateRule:
    """How one parameter changes: `param.update_rule`, which `optimizer.setup` gives to each.

    hyperparam  rule.hyperparam.lr = 0.1 counts for this parameter only
    enabled     False: the parameter stays as it is
    state       what the rule remembers of the parameter: arrays by name
    t           how often this parameter was changed

    To give a parameter a rule of another kind:
    `param.update_rule = SGD(lr=0.1).create_update_rule()`.
    """

    standard = False        # made by setup; any other was given to the parameter by hand

    def __init__(self, kind, hyperparam):
        self.kind, self.hyperparam = kind, Hyperparameters(hyperparam)
        self.enabled, self.state, self.t, self.hooks = True, {}, 0, Hooks()

    def add_hook(self, hook, name=None, timing='auto'):
        """Call hook(rule, param) at each update of this parameter; see `Optimizer.add_hook`."""
        self.hooks.add(hook, name, timing)

    def remove_hook(self, name):
        """Call that hook no longer."""
        self.hooks.remove(name)

    def prepare(self, param):
        """Have a state that fits the parameter: anew if there is none or the parameter has another
        shape now, moved if the parameter was moved."""
        p = param.data
        for name, first in self.kind.remembers.items():
            array = self.state.get(name)
            if array is None or array.shape != p.shape:
                dtype = np.promote_types(p.dtype, np.float32)
                try:
                    self.state[name] = param.xp.full_like(p, first, dtype=dtype)
                except MemoryError as error:
                    raise backend.out_of_memory(param.device) from error
                self.t = 0
            elif type(array) is not np.ndarray or type(p) is not np.ndarray:
                self.state[name] = backend.to_device(array, param.device)

    def update(self, param):
        """Change the parameter by one step."""
        together = Together()
        self.join(param, together)
        together.launch()
        if self.hooks.named:
            self.hooks.call('post', self, [param])

    def join(self, param, together):
        """Change the parameter by one step: at once, or, where a GPU has a kernel for it, when
        `together` is launched."""
        self.t += 1
        settings = types.SimpleNamespace(**self.hyperparam.now(), t=self.t)
        p, g = param.data, gradient_of(param) if self.kind.by_rows else param.grad
        param.changed = next_order()
        state = [self.state[name] for name in self.kind.remembers]
        if self.kind.kernel is not None and type(p) is not np.ndarray:
            together.add(self.kind.kernel, self.kind.numbers(settings), (g,), (p, *state))
        elif isinstance(g, RowGradient):
            used = [array[g.ids] for array in (p, *state)]
            self.kind.change(settings, used[0], g.rows, used[1:])
            for array, rows in zip((p, *state), used):
                array[g.ids] = rows
        elif p.dtype == np.float16:       # too coarse to compute with: small steps would be lost
            wide = p.astype(np.float32)
            self.kind.change(settings, wide, g.astype(np.float32), state)
            p[...] = wide
        else:
            self.kind.change(settings, p, g, state)

    def __deepcopy__(self, memo):
        """A copied parameter has no optimizer until one is set up for it."""
        return None


class Hooks:
    """Functions with a name that are called before ('pre') or after ('post') the rules."""

    def __init__(self):
        self.named = {}

    def add(self, hook, name, timing):
        name = name or getattr(hook, 'name', None) or getattr(hook, '__name__', 'hook')
        if not callable(hook):
            raise TypeError(f'A hook is a function, but got {hook!r}.')
        if name in self.named:
            raise KeyError(f'There is a hook named {name!r} already: give this one another name.')
        timing = getattr(hook, 'timing', 'pre') if timing == 'auto' else timing
        if timing not in ('pre', 'post'):
            raise ValueError(f"A hook's timing is 'pre', 'post' or 'auto', not {timing!r}.")
        self.named[name] = timing, hook

    def remove(self, name):
        del self.named[name]

    def call(self, timing, caller, params):
        """Call all of that timing: once, or once a parameter where a hook says so.

        Where a hook has a kernel, one launch does it for all parameters on a GPU.
        """
        for wanted, hook in self.named.values():
            alone = isinstance(caller, UpdateRule)
            if wanted == timing and not alone and not getattr(hook, 'call_for_each_param', False):
                hook(caller)
            elif wanted == timing:
                kernel, together = getattr(hook, 'kernel', None), Together()
                for param in params:
                    if param.grad is None:
                        continue
                    if kernel is not None and type(param.data) is not np.ndarray:
                        together.add(kernel, hook.numbers(), (param.data,), (param.grad,))
                    else:
                        hook(caller if alone else param.update_rule, param)
                together.launch()


def gradient_of(param):
    """The gradient as it is: the rows of a table that were used, or an array.

    Only an ordinary table of float32 or float64 can be changed row by row.
    """
    if isinstance(param.grad_left, RowGradient) and type(
            param.data) is np.ndarray and param.dtype == param.grad_left.dtype != np.float16:
        return param.grad_left
    return param.grad
