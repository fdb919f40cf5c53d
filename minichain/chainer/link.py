"""Chainer's Link, Chain, ChainList and Sequential: minichain's, with Chainer's methods."""
import copy

import numpy as np

from .. import links as core
from ..backprop import next_order
from ..parameter import Parameter as CoreParameter
from . import serializers
from .device import get_device
from .standing import StandsFor
from .variable import Parameter, adopt


class Link(core.Link, metaclass=StandsFor):
    """A function with parameters. Those that are assigned in `init_scope` belong to it."""

    stands_for = core.Link

    def __setattr__(self, name, value):
        if self._assigning and isinstance(value, CoreParameter):
            adopt(value)
        super().__setattr__(name, value)

    def __delattr__(self, name):
        for names in (self._params, self._children, self._persistent):
            if name in names:
                names.remove(name)
        super().__delattr__(name)

    @property
    def within_init_scope(self):
        """Whether `init_scope` is open."""
        return self._assigning

    def add_param(self, name, shape=None, dtype=np.float32, initializer=None):
        """Take in a parameter of this name."""
        with self.init_scope():
            setattr(self, name, Parameter(initializer, shape, name))

    def register_persistent(self, name):
        """Let an attribute be saved with the parameters."""
        self.add_persistent(name, getattr(self, name))

    # Chainer goes through parameters and children in alphabetical order.
    def named_children(self):
        return sorted(super().named_children(), key=lambda pair: pair[0])

    def namedparams(self, include_uninit=True):
        """Pairs (path, parameter) of this link and all in it, by name.

        A parameter that stands in several places comes with each of its paths, as in Chainer, where
        an optimizer changes it so many times.
        """
        found = [('/' + name, getattr(self, name)) for name in sorted(self._params)]
        for name, child in self.named_children():
            found += [(f'/{name}{path}', param) for path, param in child.namedparams()]
        return [(path, param) for path, param in found if include_uninit or param.is_initialized]

    def params(self, include_uninit=True):
        """All parameters of this link and all in it."""
        return [param for _, param in self.namedparams(include_uninit)]

    def links(self, skipself=False):
        """This link and all links in it."""
        return [link for _, link in self.namedlinks(skipself)]

    def namedlinks(self, skipself=False):
        """Pairs (path, link) of this link and all in it."""
        found = [] if skipself else [('/', self)]
        for name, child in self.named_children():
            found.append((f'/{name}', child))
            deeper = getattr(child, 'namedlinks', None)
            found += [(f'/{name}{path}', link) for path, link in (deeper(True) if deeper else ())]
        return found

    def zerograds(self):
        """Fill all gradients with zeros."""
        for param in self.params():
            param.zerograd()

    def addgrads(self, link):
        """Add the gradients of another link of the same make."""
        others = dict(link.namedparams())
        for path, param in self.namedparams():
            param.addgrad(others[path])

    def copyparams(self, link, copy_persistent=True):
        """Take over the numbers of another link of the same make."""
        others = dict(link.namedparams())
        for path, param in self.namedparams():
            param.copydata(others[path])
        if copy_persistent:
            for mine, other in zip(self.links(), link.links()):
                for name in mine._persistent:
                    setattr(mine, name, copy.deepcopy(getattr(other, name)))

    def copy(self, mode='share'):
        """Another link: 'share' with the same numbers, 'copy' with equal ones, 'init' with new."""
        if mode not in ('share', 'copy', 'init'):
            raise ValueError(f"The mode is 'share', 'copy' or 'init', not {mode!r}.")
        if mode != 'share':
            twin = copy.deepcopy(self)
            for param in twin.params():
                param.cleargrad()
                if mode == 'init' and callable(param.initializer) and param.is_initialized:
                    param.initialize(param.shape)
            return twin
        twin = copy.copy(self)
        twin._params, twin._children = list(self._params), list(self._children)
        twin._persistent, twin.name = list(self._persistent), None
        for name in self._params:
            object.__setattr__(twin, name, shared(getattr(self, name)))
        for name in self._children:
            child = getattr(self, name).copy()
            child.name = name
            object.__setattr__(twin, name, child)
        return twin

    def repeat(self, n_repeat, mode='init'):
        """A Sequential of so many links like this one."""
        return Sequential(*[self if mode == 'share' else self.copy(mode) for _ in range(n_repeat)])

    def to_gpu(self, device=None):
        """Move to a GPU."""
        return self.to_device(0 if device is None else device)

    def to_device(self, device):
        """Move all parameters and persistent arrays. Returns the link itself."""
        return super().to_device(get_device(device))

    def to_intel64(self):
        """Stays where it is, for there is no iDeep."""
        return self

    to_chx = from_chx = to_intel64

    def serialize(self, serializer):
        """Save or load all parameters and persistent values with a serializer."""
        serializers.serialize_own(self, serializer)
        for name, child in self.named_children():
            serializers.serialize(child, serializer[name])


def shared(param):
    """Another Parameter with the same array and a gradient of its own."""
    twin = object.__new__(type(param))
    twin.__dict__.update(param.__dict__)
    twin.grad_left, twin.order = None, next_order()
    return twin


class Chain(Link, core.Chain):
    """A link made of named links."""

    stands_for = core.Chain


class ChainList(Link, core.ChainList):
    """A link made of numbered links."""

    stands_for = core.ChainList

    def named_children(self):
        named = [(str(i), link) for i, link in enumerate(self.numbered_links())]
        return named + [(name, getattr(self, name)) for name in self._children]

    def numbered_links(self):
        """The links in their order."""
        return [link for link in self._list if isinstance(link, core.Link)]

    def append(self, link):
        """Take in one more, behind the others."""
        self.insert(len(self), link)

    add_link = append

    def insert(self, index, link):
        """Take in one more, in front of this number."""
        if not callable(link):
            raise TypeError(f'{type(self).__name__} takes links and functions, but got {link!r}.')
        self._list.insert(index, link)
        self.number()

    def number(self):
        """Let the links know their numbers; functions between them do not count."""
        for i, link in enumerate(self.numbered_links()):
            link.adopt(str(i), self.path)

    def extend(self, links):
        """Take in several."""
        for link in links:
            self.append(link)

    def __setitem__(self, index, link):
        self._list[index] = link
        self.number()

    def __delitem__(self, index):
        del self._list[index]
        self.number()

    def __contains__(self, link):
        return link in self._list

    def pop(self, index=-1):
        """Take one out."""
        link = self._list.pop(index)
        self.number()
        return link

    def remove(self, link):
        """Take this one out."""
        self._list.remove(link)
        self.number()

    def clear(self):
        """Take all out."""
        self._list.clear()

    def index(self, link, *bounds):
        """The number of a link."""
        return self._list.index(link, *bounds)

    def count(self, link):
        """How often this one is in it."""
        return self._list.count(link)

    def copy(self, mode='share'):
        twin = super().copy(mode)
        if mode == 'share':
            twin._list = [link.copy() if isinstance(link, core.Link) else link
                          for link in self._list]
            twin.number()
        return twin

    def children(self):
        """The links directly in this one."""
        return [child for _, child in self.named_children()]


class Sequential(ChainList, core.Sequential):
    """Links and functions one after the other."""

    stands_for = core.Sequential

    def forward(self, *x):
        if not self._list:
            raise RuntimeError('This Sequential is empty.')
        for layer in self._list:
            x = layer(*x) if isinstance(x, tuple) else layer(x)
        return x

    def __add__(self, other):
        return Sequential(*self, *other)

    def __iadd__(self, other):
        self.extend(other)
        return self

    def flatten(self):
        """All links and functions in it as one flat Sequential."""
        layers = []
        for layer in self:
            layers += layer.flatten() if isinstance(layer, Sequential) else [layer]
        return Sequential(*layers)

    def remove_by_layer_type(self, type_name):
        """Take out all layers whose class or function has this name."""
        for layer in list(self):
            if layer_name(layer) == type_name:
                self.remove(layer)

    def count_by_layer_type(self, type_name):
        """How many layers have a class or function of this name."""
        return sum(layer_name(layer) == type_name for layer in self)


def layer_name(layer):
    return type(layer).__name__ if isinstance(layer, core.Link) else layer.__name__
