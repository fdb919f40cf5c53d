"""Chainer's recurrent links for whole sequences: its weights, its masks."""
from .. import functions as core, links as L
from ..config import config
from ..randomness import generator
from .initializers import get_initializer
from .link import ChainList, Link
from .variable import Parameter, Variable, as_variable


class NStep(ChainList):
    """What recurrent links for whole sequences have in common; see minichain.links.NStepLSTM."""

    ours = None

    def __init__(self, n_layers, in_size, out_size, dropout, *, initialW=None, initial_bias=None):
        L.ChainList.__init__(self)
        self.n_layers, self.n_out, self.out_size, self.dropout = (n_layers, out_size, out_size,
                                                                  dropout)
        self.ways = self.direction = 2 if self.both_ways else 1
        weight = get_initializer(initialW)
        for layer in range(n_layers):
            for _ in range(self.ways):
                part = Weights(self.per_layer)
                with part.init_scope():
                    for i in range(self.per_layer):
                        first = self.n_out * self.ways if layer else in_size
                        size = first if i < self.per_layer // 2 else out_size
                        setattr(part, f'w{i}', Parameter(weight, (out_size, size)))
                        setattr(part, f'b{i}', Parameter(
                            get_initializer(0 if initial_bias is None else initial_bias),
                            (out_size,)))
                self.append(part)

    def forward(self, *inputs, **named):
        inputs += tuple([named[name] for name in ('hx', 'cx', 'xs') if name in named])
        masked = config.train and self.n_layers > 1
        if masked and self.dropout and self.both_ways:
            return self.with_masks_apart(*inputs)
        if masked and not self.dropout:
            drawn = sum(x.shape[0] for x in inputs[-1]) * self.ways * self.n_out
            generator().random(drawn * self.ways * (self.n_layers - 1))     # Chainer draws them
        return self.ours.forward(self, *inputs)

    def with_masks_apart(self, *inputs):
        """Both ways with a mask for each way, as Chainer draws them."""
        *states, xs = inputs
        order = sorted(range(len(xs)), key=lambda n: -xs[n].shape[0])
        steps = core.transpose_sequence([xs[n] for n in order])
        states = [self.init_hx(xs) if s is None else as_variable(s)[:, order] for s in states]
        lasts = []
        for layer in range(self.n_layers):
            outputs = []
            for way in range(2):
                i, now = 2 * layer + way, list(steps)
                if layer:
                    now = [core.dropout(x, self.dropout) for x in now]
                *last, ys = self.one_layer(*[s[i:i + 1] for s in states], [self.ws[i]],
                                           [self.bs[i]], turned(now) if way else now)
                lasts.append(last)
                outputs.append(turned(ys) if way else ys)
            steps = [core.concat(pair, 1) for pair in zip(*outputs)]
        back = sorted(range(len(xs)), key=order.__getitem__)
        ys = core.transpose_sequence(steps)
        return (*[core.concat(part, 0)[:, back] for part in zip(*lasts)], [ys[n] for n in back])

    def one_layer(self, *args):
        """One layer in one direction over time steps."""
        if self.per_layer == 2:
            return core.n_step_rnn(1, 0.0, *args, activation=self.activation)
        return (core.n_step_lstm if self.per_layer == 8 else core.n_step_gru)(1, 0.0, *args)

    @property
    def ws(self):
        """The weights of each layer."""
        return [part.lists()[0] for part in self]

    @property
    def bs(self):
        """The biases of each layer."""
        return [part.lists()[1] for part in self]

    n_weights = property(lambda self: self.per_layer, doc='Weights of one layer.')

    def init_hx(self, xs):
        """Zeros to begin with."""
        shape = (self.n_layers * self.direction, len(xs), self.out_size)
        return Variable(self.xp.zeros(shape, xs[0].dtype), requires_grad=False)


def turned(steps):
    """Time steps of sequences that are each turned round."""
    return core.transpose_sequence([x[::-1] for x in core.transpose_sequence(steps)])


class Weights(Link):
    """The weights and biases of one layer in one direction."""

    def __init__(self, count):
        super().__init__()
        self.count = count

    lists = L.sequences.Weights.lists


def n_step(name, ours, **attributes):
    """A class of Chainer's for one of minichain's."""
    return type(name, (NStep, ours), {'__doc__': ours.__doc__, 'ours': ours, **attributes})


NStepLSTM = n_step('NStepLSTM', L.NStepLSTM)
NStepBiLSTM = n_step('NStepBiLSTM', L.NStepBiLSTM)
NStepGRU = n_step('NStepGRU', L.NStepGRU)
NStepBiGRU = n_step('NStepBiGRU', L.NStepBiGRU)
NStepRNNTanh = n_step('NStepRNNTanh', L.NStepRNN, activation='tanh')
NStepRNNReLU = n_step('NStepRNNReLU', L.NStepRNN, activation='relu')
NStepBiRNNTanh = n_step('NStepBiRNNTanh', L.NStepBiRNN, activation='tanh')
NStepBiRNNReLU = n_step('NStepBiRNNReLU', L.NStepBiRNN, activation='relu')
