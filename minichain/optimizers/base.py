"""What all optimizers share: the loop over the parameters, each with its rule."""
import signal
import threading

import numpy as np

from .. import backend
from ..errors import DeviceError, DTypeError, GraphError, ShapeError
from ..gather import RowGradient
from ..observe import watching
from ..variable import Variable
from .kernels import Together
from .update_rule import Hooks, Hyperparameters, UpdateRule, gradient_of

# As many numbers at once as fit, with a few temporaries, into a processor's second cache.
BLOCK = 1 << 15


class Optimizer:
    """Changes the parameters of a link, once backward has found their gradients.

        optimizer = Adam(lr=0.01).setup(model)
        ...
        model.cleargrads()
        loss.backward()
        optimizer.update()

    Hyper-parameters are attributes: optimizer.lr = 0.1. Each is a number or a schedule. In a
    subclass, `__init__` hands them to super().__init__(lr=lr), `remembers` names the arrays of the
    state with the number they begin with, and `rule` says how one parameter changes, in place:

        class MomentumSGD(Optimizer):
            remembers = {'v': 0}

            def __init__(self, lr=0.01, momentum=0.9):
                super().__init__(lr=lr, momentum=momentum)

            @staticmethod
            def rule(h, p, g, v):
                v *= h.momentum
                v -= h.lr * g
                p += v

    h holds the hyper-parameters and `h.t`, the number of this update, from 1; p is the parameter's
    array, g its gradient, which must stay as it is.

    Of an embedding's table a step uses few rows. With `by_rows = True` a rule sees only these, and
    all others stay as they are, state and all. So it is with SGD and AdaGrad, for which it makes no
    difference but the time. Under rules with running means, such as Adam's, a row moves on and its
    means fade also in steps that do not use it, so they see the whole table, with zeros; in a
    subclass that says by_rows = True they wait until the row is used again, which is faster and
    another rule.
    """

    remembers = {}
    by_rows = False
    kernel = None           # what computes the rule on a GPU, for many parameters in one launch
    target = None

    def __init_subclass__(cls):
        own = vars(cls)
        if 'rule' in own:               # another rule than that of which these were said
            cls.by_rows, cls.kernel = own.get('by_rows', False), own.get('kernel')

    def __init__(self, **hyperparameters):
        vars(self).update(hyperparam=Hyperparameters(**hyperparameters), rules={}, hooks=Hooks())
        self.epoch = 0

    def __getattr__(self, name):
        hyperparam = vars(self).get('hyperparam', ())
        if name in hyperparam:
            return getattr(hyperparam, name)
        raise AttributeError(f'{type(self).__name__} has no attribute {name!r}.')

    def __setattr__(self, name, value):
        if name in self.hyperparam:
            setattr(self.hyperparam, name, value)
        else:
            object.__setattr__(self, name, value)

    @property
    def t(self):
        """How many updates there were."""
        return self.hyperparam.updates

    @t.setter
    def t(self, count):
        vars(self.hyperparam)['updates'] = count

    def setup(self, link):
        """Say whose parameters to change. Returns the optimizer itself."""
        self.target, self.t, self.epoch = link, 0, 0
        self.rules.clear()
        for path, param in self.namedparams():
            self.new_rule(path, param)
        return self

    def check_target(self):
        """Raise GraphError before `setup`."""
        if self.target is None:
            raise GraphError(f'{type(self).__name__} has no target yet: call setup(model) first.')

    def cleargrads(self):
        """Forget the gradients of all parameters of the target."""
        self.check_target()
        self.target.cleargrads()

    def namedparams(self):
        """Pairs (path, parameter); one that stands in several places comes once."""
        self.check_target()
        once = {}
        for path, param in self.target.namedparams():
            once.setdefault(id(param), (path, param))
        return list(once.values())

    def create_update_rule(self):
        """A rule of this kind and with these hyper-parameters, to give to a parameter."""
        return UpdateRule(type(self), self.hyperparam)

    def new_rule(self, path, param):
        """Give a parameter a rule of this optimizer."""
        rule = self.create_update_rule()
        rule.standard = True
        self.rules[path] = param.update_rule = rule
        return rule

    def rule_of(self, path, param):
        """The rule of a parameter: what it was given by hand, or else this optimizer's own."""
        given = getattr(param, 'update_rule', None)
        if given is not None and not given.standard:
            return given
        return self.rules.get(path) or self.new_rule(path, param)

    def add_hook(self, hook, name=None, timing='auto'):
        """Call hook(optimizer) at each update, before the parameters change; 'post': after it.

        A hook with `call_for_each_param = True` is called as hook(rule, param) for each parameter
        that has a gradient. Raises KeyError if there is a hook of that name.
        """
        self.check_target()
        self.hooks.add(hook, name, timing)

    def remove_hook(self, name):
        """Call that hook no longer."""
        self.hooks.remove(name)

    def new_epoch(self, auto=False):
        """Count one more epoch; a trainer's updater does so by itself."""
        self.epoch += 1

    def update(self, lossfun=None, *args, **options):
        """Change every parameter that has a gradient, by one step.

        lossfun  if given, first compute lossfun(*args), clear the gradients and run backward

        Raises GraphError before `setup`, or if no parameter has a gradient; ShapeError, DTypeError
        or DeviceError for a gradient that does not fit: then no parameter has changed. A request to
        interrupt waits until all have changed.
        """
        self.check_target()
        if lossfun is not None:
            loss = lossfun(*args, **options)
            if not isinstance(loss, Variable):
                raise GraphError(f'The loss is {type(loss).__name__}, not a Variable: lossfun must '
                                 'return what it computed from the model.')
            self.target.cleargrads()
            loss.backward()
            del loss
        ready = self.ready()
        check_gradients(ready)
        with Uninterrupted():
            if self.hooks.named:
                self.hooks.call('pre', self, [param for _, param, _ in ready])
                ready = self.ready()
            for _, param, rule in ready:
                if rule.hooks.named:
                    rule.hooks.call('pre', rule, [param])
                rule.prepare(param)
            together = Together()
            for _, param, rule in ready:
                rule.join(param, together)
            together.launch()
            for _, param, rule in ready:
                if rule.hooks.named:
                    rule.hooks.call('post', rule, [param])
                for tell in watching.on_update:
                    tell(param)
            self.t += 1
            if self.hooks.named:
                self.hooks.call('post', self, [param for _, param, _ in ready])

    def ready(self):
        """Triples (path, parameter, rule) of the parameters that are to change."""
        found = [(path, param, self.rule_of(path, param))
                 for path, param in self.namedparams()
                 if param.grad_left is not None and not param.frozen]
        return [(path, param, rule) for path, param, rule in found if rule.enabled]

    @classmethod
    def change(cls, h, p, g, state):
        """Run the rule on one parameter."""
        cls.rule(h, p, g, *state)

    @staticmethod
    def numbers(h):
        """The numbers that `kernel` takes."""
        return ()

    @staticmethod
    def rule(h, p, g, *state):
        """Change one parameter's array in place."""
        raise NotImplementedError('This optimizer has no rule.')

    def values(self):
        """All that is to be saved: counts, hyper-parameters, and the state of each parameter."""
        values = {'t': self.t, 'epoch': self.epoch}
        values.update({f'hyperparam/{name}': value if isinstance(value, bool) else float(value)
                       for name, value in self.hyperparam.own.items()
                       if isinstance(value, (int, float))})
        for path, param in self.namedparams():
            rule, known = self.rule_of(path, param), param.is_initialized
            if known:
                rule.prepare(param)
            values[f'{path[1:]}/t'] = rule.t
            values.update({f'{path[1:]}/{name}': rule.state[name] if known else None
                           for name in rule.kind.remembers})
        return values

    def set_value(self, key, value):
        """Put one saved value, of the given key, into its place."""
        path, _, name = key.rpartition('/')
        if path == 'hyperparam':
            setattr(self.hyperparam, name, value.item())
        elif not path:
            setattr(self, name, value.item())
        else:
            param = dict(self.namedparams())['/' + path]
            rule = self.rule_of('/' + path, param)
            if name == 't':
                rule.t = value.item()
            else:
                rule.state[name] = backend.to_device(value, param.device)

    def __repr__(self):
        return f'{type(self).__name__}({self.hyperparam!r})'


class Elementwise(Optimizer):
    """An optimizer whose rule treats each number of a parameter by itself.

    Large arrays are changed block by block: a block stays in the processor's cache while the rule
    passes over it, and temporary arrays are no larger than a block.
    """

    @classmethod
    def change(cls, h, p, g, state):
        if type(p) is not np.ndarray or p.size <= BLOCK or not p.flags.c_contiguous:
            cls.rule(h, p, g, *state)
            return
        flat = [array.reshape(-1) for array in (p, g, *state)]
        for start in range(0, p.size, BLOCK):
            cls.rule(h, *[array[start:start + BLOCK] for array in flat])


def check_gradients(ready):
    """Raise an error unless there are gradients, and each fits its parameter."""
    if not ready:
        raise GraphError('No parameter has a gradient: call loss.backward() before update(), '
                         'and compute the loss with this model, outside of no_grad.')
    for path, param, _ in ready:
        p, g = param.data, gradient_of(param)
        if g.shape != p.shape:
            raise ShapeError(f'The gradient of {path!r} has the shape {g.shape}, but the parameter '
                             f'has {p.shape}.')
        if g.dtype != p.dtype:
            raise DTypeError(f'The gradient of {path!r} is {g.dtype}, but the parameter is '
                             f"{p.dtype}: compute both in the same type, or write "
                             f"param.grad = param.grad.astype('{p.dtype}').")
        if isinstance(g, RowGradient):
            continue
        if type(g) is not type(p) or backend.device_of(g) != backend.device_of(p):
            raise DeviceError(f'The gradient of {path!r} is on {backend.device_of(g)}, but the '
                              f'parameter is on {param.device}: compute the loss after to_device.')


class Uninterrupted:
    """Let a request to interrupt (Ctrl-C, a notebook's stop button) wait for the end of the block.

    patience  how many requests may wait; the next one interrupts at once. None: all wait

    Only Python's main thread hears of such requests; in other threads there is nothing to do.
    """

    def __init__(self, patience=None):
        self.patience, self.waiting, self.before = patience, 0, None

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            self.before = signal.signal(signal.SIGINT, self.wait)

    def wait(self, number, frame):
        self.waiting += 1
        if self.patience is not None and self.waiting > self.patience and callable(self.before):
            self.before(number, frame)

    def __exit__(self, *error):
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)
            if self.waiting:
                signal.raise_signal(signal.SIGINT)
