"""Chainer's links that are made of links or are losses, and its well-known networks."""
import numpy as np

from .. import functions as core, links as L
from . import operations as F, windows
from .configuration import get_dtype
from .initializers import Uniform
from .layers import BatchNormalization, Convolution2D
from .link import Chain, ChainList, Link
from .variable import Parameter, as_array


# Blocks ------------------------------------------------------------------------------------------

class MLPConvolution2D(ChainList):
    """A convolution, then a small network for each pixel."""

    def __init__(self, in_channels, out_channels, ksize=None, stride=1, pad=0, activation=core.relu,
                 *, conv_init=None, bias_init=None):
        if ksize is None:
            in_channels, out_channels, ksize = None, in_channels, out_channels
        start = {'initialW': conv_init, 'initial_bias': bias_init}
        first = Convolution2D(in_channels, out_channels[0], ksize, stride, pad, **start)
        super().__init__(first, *[Convolution2D(a, b, 1, **start)
                                  for a, b in zip(out_channels, out_channels[1:])])
        self.activation = activation

    forward = L.MLPConv2d.forward


class Inception(Chain):
    """Convolutions of several sizes and a pooling, side by side."""

    def __init__(self, in_channels, out1, proj3, out3, proj5, out5, proj_pool, conv_init=None,
                 bias_init=None):
        super().__init__()
        start = {'initialW': conv_init, 'initial_bias': bias_init}
        with self.init_scope():
            self.conv1 = Convolution2D(in_channels, out1, 1, **start)
            self.proj3 = Convolution2D(in_channels, proj3, 1, **start)
            self.conv3 = Convolution2D(proj3, out3, 3, pad=1, **start)
            self.proj5 = Convolution2D(in_channels, proj5, 1, **start)
            self.conv5 = Convolution2D(proj5, out5, 5, pad=2, **start)
            self.projp = Convolution2D(in_channels, proj_pool, 1, **start)

    forward = L.Inception.forward


class InceptionBN(Chain):
    """A block of GoogLeNet with batch normalization."""

    def __init__(self, in_channels, out1, proj3, out3, proj33, out33, pooltype, proj_pool=None,
                 stride=1, conv_init=None, dtype=None):
        super().__init__()
        self.out1, self.proj_pool, self.stride, self.pooltype = out1, proj_pool, stride, pooltype
        if pooltype not in ('max', 'avg'):
            raise NotImplementedError(f"pooltype is 'max' or 'avg', not {pooltype!r}.")
        layers = [('proj3', in_channels, proj3, 1, 1), ('conv3', proj3, out3, 3, stride),
                  ('proj33', in_channels, proj33, 1, 1), ('conv33a', proj33, out33, 3, 1),
                  ('conv33b', out33, out33, 3, stride)]
        if out1 > 0:
            layers.append(('conv1', in_channels, out1, 1, stride))
        if proj_pool is not None:
            layers.append(('poolp', in_channels, proj_pool, 1, 1))
        with self.init_scope():
            for name, n_in, n_out, ksize, step in layers:
                setattr(self, name, Convolution2D(n_in, n_out, ksize, step, ksize // 2, True,
                                                  conv_init))
                setattr(self, name + 'n', BatchNormalization(n_out, dtype=dtype))

    def through(self, name, x):
        """A convolution, its normalization, and relu."""
        return core.relu(self[name + 'n'](self[name](x)))

    def forward(self, x):
        parts = [self.through('conv1', x)] if self.out1 > 0 else []
        parts.append(self.through('conv3', self.through('proj3', x)))
        parts.append(self.through('conv33b', self.through('conv33a', self.through('proj33', x))))
        if self.pooltype == 'max':
            pooled = windows.max_pooling_2d(x, 3, stride=self.stride, pad=1, cover_all=False)
        else:
            pooled = windows.average_pooling_2d(x, 3, stride=self.stride, pad=1)
        parts.append(pooled if self.proj_pool is None else self.through('poolp', pooled))
        return core.concat(parts)


# Losses ------------------------------------------------------------------------------------------

class CRF1d(Link, L.CRF1d):
    """How labels follow each other in a chain. transpose: sequences come one by one."""

    def __init__(self, n_label, initial_cost=None):
        Link.__init__(self)
        with self.init_scope():
            self.cost = Parameter(0 if initial_cost is None else initial_cost, (n_label, n_label))

    def forward(self, xs, ys, reduce='mean', transpose=False):
        if transpose:
            xs, ys = core.transpose_sequence(xs), core.transpose_sequence(ys)
        return core.crf1d(self.cost, xs, [as_array(y) for y in ys], reduce)

    def argmax(self, xs, transpose=False):
        scores, labels = core.argmax_crf1d(
            self.cost, core.transpose_sequence(xs) if transpose else xs)
        if transpose:
            labels = [as_array(y) for y in core.transpose_sequence(labels)]
        return scores, labels


class WalkerAlias:
    """Draws whole numbers with given probabilities, each with one random number. (Walker 1977)

    Every number shares a slot of equal size with another one; `share` is its own part of it.
    """

    def __init__(self, probabilities):
        p = np.array(probabilities, np.float32)
        p /= p.sum()
        size = len(p)
        order = sorted(zip(p, range(size)))
        self.share, self.pair = np.ones(size, np.float32), np.zeros((size, 2), np.int32)
        filled_up = 0
        for slot, (mass, number) in enumerate(order):
            left = mass * size
            while left > 1 and filled_up < slot:
                self.pair[filled_up, 1] = number
                left -= 1.0 - self.share[filled_up]
                filled_up += 1
            self.share[slot], self.pair[slot, 0] = left, number

    def sample(self, shape):
        """Random numbers in an array of this shape."""
        place = np.random.uniform(0, len(self.share), shape)
        slot = place.astype(np.int32)
        rest = place.astype(np.float32) - slot.astype(np.float32)
        return self.pair[slot, (self.share[slot] < rest).astype(int)]


class NegativeSampling(Link):
    """Tell the right class from a few that are drawn at random, frequent ones more often."""

    def __init__(self, in_size, counts, sample_size, power=0.75, dtype=None):
        super().__init__()
        dtype = get_dtype(dtype)
        self.sample_size = sample_size
        self.sampler = WalkerAlias(np.array(counts, dtype) ** dtype.type(power))
        with self.init_scope():
            self.W = Parameter(0, (len(counts), in_size))

    def forward(self, x, t, reduce='sum', *, return_samples=False):
        return F.negative_sampling(x, t, self.W, self.sampler.sample, self.sample_size, reduce,
                                   return_samples)


class BinaryHierarchicalSoftmax(Link):
    """Find a class by saying yes or no at each fork of a binary tree."""

    def __init__(self, in_size, tree, dtype=None):
        super().__init__()
        self.paths, self.codes = core.tree_paths(tree)
        with self.init_scope():
            self.W = Parameter(Uniform(1), (int(self.paths.max()) + 1, in_size))

    def forward(self, x, t):
        return core.hierarchical_softmax(x, t, self.W, self.paths, self.codes)

    @staticmethod
    def create_huffman_tree(word_counts):
        """A binary tree in which frequent classes stand near the root."""
        return core.huffman_tree(word_counts)


def without_weights(name, make):
    """A well-known network as code; its weights are loaded from a file that the user has."""
    def build(pretrained_model='auto', **options):
        if pretrained_model is not None:
            raise NotImplementedError(f'{name}: pretrained weights are not downloaded. Give '
                                      'pretrained_model=None and load an npz file that you have.')
        return make(**options)
    build.__name__ = name
    build.__doc__ = f'{name} without its weights: {name}(pretrained_model=None).'
    return build


VGG16Layers = without_weights('VGG16Layers', L.VGG16)
GoogLeNet = without_weights('GoogLeNet', L.GoogLeNet)
ResNet50Layers = without_weights('ResNet50Layers', L.ResNet50)
