"""Hooks of links: what happens before and after a link computes.

    link.add_hook(SpectralNormalization())
"""
import contextlib
import types
from time import perf_counter

from .. import functions as F
from .. import observe
from ..config import config, no_grad
from ..parameter import Parameter
from ..randomness import generator
from ..words import table


class LinkHook:
    """Something that happens before and after a link computes. Say in a subclass what.

    Both methods get an object with `link`, `args` and `kwargs`, the second one also with `out`.
    What a hook puts into its dict `own` are attributes that the link gets back when the call ends.
    """

    name = 'LinkHook'

    def added(self, link):
        """The hook was given to a link."""

    def deleted(self, link):
        """The hook was taken from a link."""

    def forward_preprocess(self, call):
        """The link is about to compute."""

    def forward_postprocess(self, call):
        """The link has computed."""


def call_with_hooks(link, args, options):
    """link.forward(*args, **options) between what its hooks do."""
    call = types.SimpleNamespace(link=link, args=args, kwargs=options, forward_name='forward',
                                 own={})
    try:
        with contextlib.ExitStack() as undo:
            for hook in link.hooks.values():
                undo.callback(getattr(hook, 'forward_finish', no_finish), call)
                hook.forward_preprocess(call)
            call.out = link.forward(*args, **options)
            for hook in link.hooks.values():
                hook.forward_postprocess(call)
    finally:
        link.__dict__.update(call.own)      # in one step, which Ctrl-C cannot divide
    return call.out


def no_finish(call):
    """What a hook without forward_finish does when a call has ended, well or not."""


class WeightHook(LinkHook):
    """A hook that lets a link compute with a weight that is made from its own.

    weight_name  of the parameter, such as 'W'
    Say in a subclass `made_from(link, W)`, a Variable of W's shape.
    """

    def __init__(self, weight_name='W'):
        self.weight_name = weight_name

    def prepare(self, link):
        """The weight has a shape now, and this is the first time."""

    def made_from(self, link, W):
        """The weight to compute with."""
        raise NotImplementedError(f'{type(self).__name__} has no made_from.')

    def added(self, link):
        if not isinstance(getattr(link, self.weight_name, None), Parameter):
            raise ValueError(f'{self.name}: {type(link).__name__} has no parameter '
                             f'{self.weight_name!r}.')
        if getattr(link, self.weight_name).is_initialized:
            self.prepare(link)

    def forward_preprocess(self, call):
        link, name = call.link, self.weight_name
        weight = getattr(link, name)
        if not weight.is_initialized:
            with no_grad():         # the first input says which shape the weight has
                link.forward(*call.args, **call.kwargs)
            self.prepare(link)
        made = self.made_from(link, weight)
        made.is_initialized = True
        call.own.setdefault(name, weight)
        object.__setattr__(link, name, made)


def rows(W):
    """W as a matrix: a row for each output."""
    return F.reshape(W, (W.shape[0], -1))


class SpectralNormalization(WeightHook):
    """Divides a weight by its largest singular value: the layer stretches nothing beyond 1.

    n_power_iteration  steps of the power method at each call in training: u goes on from where it
                       was, so that one is enough
    factor             the largest stretch, 1 if left out
    use_gamma          True: times a parameter gamma, whose first value is the singular value
    weight_name        of the parameter, 'W' (O, ...), seen as a matrix with O rows

    It adds W_u, which is saved with the parameters, to the link. (Miyato et al. 2018)
    Raises ValueError for fewer than 1 iteration, and for a link without such a weight.
    """

    name = 'SpectralNormalization'

    def __init__(self, n_power_iteration=1, eps=1e-6, use_gamma=False, factor=None,
                 weight_name='W'):
        super().__init__(weight_name)
        if n_power_iteration < 1:
            raise ValueError(f'SpectralNormalization: n_power_iteration is {n_power_iteration}, '
                             'but at least 1 is needed.')
        self.n_power_iteration, self.eps = n_power_iteration, eps
        self.use_gamma, self.factor = use_gamma, factor

    @property
    def vector_name(self):
        """The name of the vector u that the power method goes on from."""
        return f'{self.weight_name}_u'

    def prepare(self, link):
        W = getattr(link, self.weight_name)
        u = generator().standard_normal(W.shape[0]).astype(W.dtype)
        link.add_persistent(self.vector_name, W.xp.asarray(u))
        if self.use_gamma:
            matrix = W.data.reshape(len(W.data), -1).astype('float32')
            largest = W.xp.linalg.svd(matrix, compute_uv=False)[0].astype(W.dtype)
            with link.init_scope():
                link.gamma = Parameter(largest)

    def deleted(self, link):
        if hasattr(link, self.vector_name):
            link.remove_persistent(self.vector_name)

    def made_from(self, link, W):
        matrix = rows(W)
        u, v = self.power(getattr(link, self.vector_name), matrix.data)
        if config.train and not config.again:
            object.__setattr__(link, self.vector_name, u)
        sigma = F.sum(F.sum(matrix * v, 1) * u)
        made = W / (sigma if self.factor is None else sigma / self.factor)
        return made * link.gamma if self.use_gamma else made

    def power(self, u, matrix):
        """Vectors close to the first singular vectors (u, v) of a matrix, by the power method."""
        for _ in range(self.n_power_iteration):
            v = self.unit(u @ matrix)
            u = self.unit(matrix @ v)
        return u, v

    def unit(self, x):
        """x with the length 1."""
        return x / ((x @ x) ** 0.5 + self.eps)


class WeightStandardization(WeightHook):
    """Each output's weights to mean 0 and variance 1, before a link computes with them.

    weight_name  of the parameter, 'W' (O, ...)
    W' = (W - mean) / √(variance + eps), over all but the first axis. (Qiao et al. 2019)
    """

    name = 'WeightStandardization'

    def __init__(self, eps=1e-5, weight_name='W'):
        super().__init__(weight_name)
        self.eps = eps

    def made_from(self, link, W):
        matrix = rows(W)
        away = matrix - F.mean(matrix, 1, keepdims=True)
        variance = F.mean(F.square(away), 1, keepdims=True)
        return F.reshape(away * F.rsqrt(variance + self.eps), W.shape)


class TimerHook(observe.Watcher, LinkHook):
    """Measures how long links take to compute forward, with all that is in them.

        with TimerHook() as timer:
            model(x)
        print(timer)

    It watches all links of this thread, or those that it is given to by add_hook. On a GPU calls
    return before their work is done: there these are the times of asking for it, and
    `mc.stopwatch`, which waits, measures the work.
    call_history  pairs (name of the link's class, seconds), in the order in which calls ended
    """

    name = 'TimerHook'

    def __init__(self):
        self.call_history, self.started = [], []

    def on_scope(self, link, entering):
        if entering:
            self.started.append(perf_counter())
        else:
            seconds = perf_counter() - self.started.pop()
            self.call_history.append((type(link).__name__, seconds))

    def forward_preprocess(self, call):
        self.on_scope(call.link, True)

    def forward_finish(self, call):
        self.on_scope(call.link, False)

    def total_time(self):
        """Seconds of all calls together; a link inside of another counts for both."""
        return sum(seconds for _, seconds in self.call_history)

    def summary(self):
        """{name of a link's class: {'elapsed_time': seconds, 'occurrence': how many calls}}"""
        found = {}
        for name, seconds in self.call_history:
            row = found.setdefault(name, {'elapsed_time': 0.0, 'occurrence': 0})
            row['elapsed_time'] += seconds
            row['occurrence'] += 1
        return found

    def __str__(self):
        rows = sorted(self.summary().items(), key=lambda item: -item[1]['elapsed_time'])
        return table([('link', 'calls', 'ms'),
                      *[(name, f'{row["occurrence"]:,}', f'{1000 * row["elapsed_time"]:,.3f}')
                        for name, row in rows]])

    def print_report(self, file=None):
        """Print the table: each class of links, the slowest first."""
        print(self, file=file)
