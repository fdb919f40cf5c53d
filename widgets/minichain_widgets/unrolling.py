"""What happens inside a recurrent link, step by step: inputs, gates, states, gradients.

A run takes notes at the link's own forward; the link, its state and its gradients stay as they
were.
"""
import contextlib

import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain.observe import unwatched

# What a kind of link computes: the names of its gates, in the order of their blocks in W and U.
GATES = {'lstm': ('a', 'i', 'f', 'o'), 'gru': ('r', 'z', 'n'), 'rnn': ('h',)}
KINDS = ((L.StatelessLSTM, 'lstm'), (L.StatelessGRU, 'gru'), (L.RNN, 'rnn'))


class Steps:
    """The notes about one recurrent link: for each step its input, its states before and after.

    link    the link;  kind  'lstm', 'gru' or 'rnn'
    x       inputs (1, I), h  outputs (1, H), c  cells (1, H) of an LSTM: Variables
    before  what the output was before the step: an array (1, H), or None at the beginning
    cuts    steps before which the state was taken out of the graph
    """

    def __init__(self, link):
        self.link, self.kind = link, kind_of(link)
        self.x, self.h, self.c, self.before, self.cuts = [], [], [], [], []

    def note(self, x, before, c, h):
        self.x.append(x if isinstance(x, mc.Variable) else mc.Variable(x, requires_grad=False))
        self.before.append(before)
        self.h.append(h)
        if c is not None:
            self.c.append(c)


def kind_of(link):
    """'lstm', 'gru', 'rnn', or None for a link that is not recurrent."""
    return next((kind for parent, kind in KINDS if isinstance(link, parent)), None)


def recurrent_links(link):
    """The recurrent links in a link, itself included: {path: link}."""
    return {each.path or type(each).__name__: each for each in link.links() if kind_of(each)}


def run(link, x, cut=None, whole=False, axis=0):
    """(outputs of all steps, {path: Steps}) of one example.

    x      (T, I) numbers, or (T,) whole numbers for an embedding
    cut    take the state out of the graph after every `cut` steps
    whole  the link is called once, not once for each step: with x of shape (T, 1, ...), or with
           axis=1 of shape (1, T, ...)
    """
    found = {path: Steps(each) for path, each in recurrent_links(link).items()}
    x = mc.to_device(x, link.device)
    batch = [mc.Variable(step[None]) if step.dtype.kind == 'f' else step[None] for step in x]
    with contextlib.ExitStack() as stack:
        stack.enter_context(unwatched())
        stack.enter_context(mc.using_config(train=False, record=True))
        for steps in found.values():
            stack.enter_context(_recorded(steps, cut))
        if whole:
            ys = link(F.stack(batch, axis) if x.dtype.kind == 'f' else x[None] if axis
                      else x[:, None])
            if isinstance(ys, mc.Variable):
                ys = [ys] if ys.ndim < 3 else F.separate(ys, axis)
            ys = list(ys)
        else:
            ys = [link(step) for step in batch]
    return ys, {path: steps for path, steps in found.items() if steps.h}


@contextlib.contextmanager
def _recorded(steps, cut):
    """Let a link take notes in its forward, from an empty state; afterwards it is as before."""
    link = steps.link
    forward, stateful = link.forward, hasattr(link, 'reset_state')
    states = [name for name in ('c', 'h') if hasattr(link, name)]
    before = [getattr(link, name) for name in states]

    def recorded(*inputs):
        *given, x = inputs
        held = [getattr(link, name) for name in states] if stateful else given
        if cut is not None and steps.h and len(steps.h) % cut == 0:
            held = [_detached(state) for state in held]
            steps.cuts.append(len(steps.h))
            for name, state in zip(states, held):
                setattr(link, name, state)
        h_before = held[-1]
        result = forward(x) if stateful else forward(*held, x)
        if stateful:
            c, h = getattr(link, 'c', None), link.h
        else:
            c, h = result if steps.kind == 'lstm' else (None, result)
        steps.note(x, None if h_before is None else mc.to_cpu(h_before.data), c, h)
        return result

    if stateful:
        link.reset_state()
    link.forward = recorded
    try:
        yield
    finally:
        del link.forward
        for name, state in zip(states, before):
            setattr(link, name, state)


def _detached(state):
    return None if state is None else mc.Variable(state.data, requires_grad=False)


# What the notes say, as arrays --------------------------------------------------------------------

def loss_of(ys, target):
    """(loss, what it is in words) of the outputs of one example.

    target  None; a class, or a class for each step; numbers (O,), or (T, O) for each step
    """
    if target is None:
        return F.sum(ys[-1]), 'the sum of the last output'
    target = np.asarray(target)     # on the CPU: parts of it follow the outputs to their device
    classes = target.dtype.kind in 'iu'
    every = target.ndim > (0 if classes else 1)
    if every and len(target) != len(ys):
        raise ValueError(f'The target has {len(target)} steps, but the outputs have {len(ys)}: '
                         'give one for each step, or one for the last.')
    pairs = list(zip(ys, target)) if every else [(ys[-1], target)]
    if classes:
        losses = [F.softmax_cross_entropy(y, mc.to_device(np.array([t]), y.device))
                  for y, t in pairs]
        words = 'the cross entropy'
    else:
        losses = [F.mean_squared_error(y, mc.to_device(t[None].astype(y.dtype), y.device))
                  for y, t in pairs]
        words = 'the squared error'
    loss = losses[0]
    for each in losses[1:]:
        loss = loss + each
    return loss, f'{words} of {"all steps" if every else "the last step"}'


def gradients(ys, target, steps):
    """(what the loss is, its gradients by x, h and c: arrays (T, I), (T, H), (T, H) or None)."""
    wanted = [*steps.x, *steps.h, *steps.c]
    with unwatched(), mc.using_config(train=False, record=True):
        loss, in_words = loss_of(ys, target)
        found = mc.grad(loss, wanted)
    rows = [np.zeros(v.shape, v.dtype) if g is None else mc.to_cpu(g.data)
            for v, g in zip(wanted, found)]
    n = len(steps.h)
    gx, gh, gc = rows[:n], rows[n:2 * n], rows[2 * n:]
    return in_words, (np.concatenate(gx), np.concatenate(gh), np.concatenate(gc) if gc else None)


def parts(steps):
    """What the gates are made of: {'x', 'h', 'c', 'Wx', 'Uh', 'b'}, arrays with a row a step.

    Every gate sees Wx + Uh + b (in a GRU, r and z do; n sees Wx + b + r * Uh). c only of an LSTM.
    """
    link = steps.link
    x = np.concatenate([mc.to_cpu(v.data) for v in steps.x])
    h = np.concatenate([mc.to_cpu(v.data) for v in steps.h])
    before = np.concatenate([np.zeros_like(h[:1]) if b is None else b for b in steps.before])
    W, U = mc.to_cpu(link.upward.W.data), mc.to_cpu(link.lateral.W.data)
    Uh = before @ U.T
    if link.lateral.b is not None:
        Uh = Uh + mc.to_cpu(link.lateral.b.data)
    b = np.zeros(len(W), W.dtype) if link.upward.b is None else mc.to_cpu(link.upward.b.data)
    found = {'x': x, 'h': h, 'Wx': x @ W.T, 'Uh': Uh, 'b': b}
    if steps.c:
        found['c'] = np.concatenate([mc.to_cpu(v.data) for v in steps.c])
    return found


def gates(kind, found):
    """The values of all gates, {name: (T, H)}, from the parts."""
    names = GATES[kind]
    Wx, Uh, b = (np.split(found[name], len(names), -1) for name in ('Wx', 'Uh', 'b'))
    values = {}
    for name, wx, uh, bias in zip(names, Wx, Uh, b):
        if name == 'h':
            values[name] = found['h']
        elif name == 'n':
            values[name] = np.tanh(wx + bias + values['r'] * uh)
        else:
            total = wx + uh + bias
            values[name] = np.tanh(total) if name == 'a' else 1 / (1 + np.exp(-total))
    return values
