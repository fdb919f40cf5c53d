"""Links: functions with weights of their own, and how they are put together."""
import contextlib
import copy

from .. import backend
from ..errors import MinichainError
from ..functions.lists import explained
from ..observe import watching
from ..parameter import Parameter
from .hooks import call_with_hooks


class Link:
    """A function with parameters. Say in a subclass what they are, and what `forward` computes.

        class Linear(Link):
            def __init__(self, n_in, n_out):
                super().__init__()
                with self.init_scope():
                    self.W = Parameter(LeCunNormal(), (n_out, n_in))

            def forward(self, x):
                return F.linear(x, self.W)

    Parameters and links that are assigned inside `init_scope` belong to this link.
    """

    name = None
    parent_path = ''
    hooks = {}          # by name: what happens before and after forward, see links/hooks.py
    _assigning = False

    def __init__(self):
        self._params, self._children, self._persistent = [], [], []

    @contextlib.contextmanager
    def init_scope(self):
        """Parameters and links that are assigned in here become this link's own."""
        self._assigning = True
        try:
            yield
        finally:
            self._assigning = False

    def __setattr__(self, name, value):
        if self._assigning:
            if isinstance(value, Parameter):
                self._register(self._params, name)
                value.name = value.name or name
            elif isinstance(value, Link):
                self._register(self._children, name)
                value.adopt(name, self.path)
        object.__setattr__(self, name, value)

    def _register(self, names, name):
        if name not in names:
            names.append(name)

    def add_persistent(self, name, value):
        """A value that is saved with the parameters, but not learnt: running statistics."""
        self._register(self._persistent, name)
        object.__setattr__(self, name, value)

    def remove_persistent(self, name):
        """A value that is to be saved no longer."""
        self._persistent.remove(name)
        delattr(self, name)

    @property
    def path(self):
        """Where it stands in the whole: 'encoder/l1'; '' for the whole itself."""
        return '/'.join(part for part in (self.parent_path, self.name) if part)

    def adopt(self, name, parent_path):
        """Learn the name and the place that a parent gives it."""
        self.name, self.parent_path = name, parent_path
        for child_name, child in self.named_children():
            child.adopt(child_name, self.path)

    def forward(self, *args, **options):
        """Compute the output."""
        raise NotImplementedError(f'{type(self).__name__} has no forward.')

    def __call__(self, *args, **options):
        tellers = watching.on_scope
        for tell in tellers:
            tell(self, True)
        try:
            if self.hooks:
                return call_with_hooks(self, args, options)
            return self.forward(*args, **options)
        except MinichainError as error:
            raise name_link(error, self)
        except AttributeError as error:
            raise name_link(explained(type(self).__name__, error, args, 'arrays or Variables'),
                            self) from None
        finally:
            for tell in tellers:
                tell(self, False)

    def add_hook(self, hook, name=None):
        """Let a hook act before and after this link computes. Returns the link itself.

        Raises KeyError if there is a hook of that name.
        """
        name = name or hook.name
        if name in self.hooks:
            raise KeyError(f'There is a hook named {name!r} already: give this one another name.')
        hook.added(self)
        self.hooks = {**self.hooks, name: hook}
        return self

    def delete_hook(self, name):
        """Let that hook act no longer."""
        hooks = dict(self.hooks)
        hooks.pop(name).deleted(self)
        self.hooks = hooks

    def named_children(self):
        """Pairs (name, link) of the links directly in this one."""
        return [(name, getattr(self, name)) for name in self._children]

    def children(self):
        """The links directly in this one."""
        return [child for _, child in self.named_children()]

    def links(self):
        """This link and all links in it."""
        return [self, *[link for child in self.children() for link in child.links()]]

    def namedparams(self):
        """Pairs (path, parameter), such as ('/l1/W', W), of this link and all in it.

        A parameter that is in several places comes once, with the first of its paths.
        """
        found = [('/' + name, getattr(self, name)) for name in self._params]
        found += [(f'/{name}{path}', param) for name, child in self.named_children()
                  for path, param in child.namedparams()]
        first = {param: path for path, param in reversed(found)}
        return [(path, param) for path, param in found if first[param] == path]

    def params(self):
        """All parameters of this link and all in it."""
        return [param for _, param in self.namedparams()]

    def count_params(self):
        """How many numbers an optimizer may change."""
        return sum(param.size for param in self.params())

    def cleargrads(self):
        """Forget the gradients of all parameters: do this before each backward."""
        for param in self.params():
            param.cleargrad()

    def disable_update(self):
        """Let optimizers leave all parameters as they are, before or after `setup`."""
        for param in self.params():
            param.frozen = True

    def enable_update(self):
        """Let optimizers change all parameters again."""
        for param in self.params():
            param.frozen = False

    @property
    def update_enabled(self):
        """Whether an optimizer may change any of the parameters."""
        return any(not param.frozen for param in self.params())

    def values(self):
        """All that is to be saved: a dict from 'l1/W' to an array, or to a number."""
        values = {}
        for name in self._params:
            param = getattr(self, name)
            values[name] = param.data if param.is_initialized else None
        for name in self._persistent:
            values[name] = getattr(self, name)
        for name, child in self.named_children():
            values.update({f'{name}/{key}': value for key, value in child.values().items()})
        return values

    def set_value(self, key, value):
        """Put one saved value, of the given key, into its place."""
        first, _, rest = key.partition('/')
        if rest:
            dict(self.named_children())[first].set_value(rest, value)
        elif first in self._params:
            param = getattr(self, first)
            value = value.astype(param.dtype, copy=False)
            param.data, param.is_initialized = backend.to_device(value, param.device), True
        elif backend.is_array(getattr(self, first)):
            old = getattr(self, first)
            value = backend.to_device(value.astype(old.dtype, copy=False), old)
            object.__setattr__(self, first, value)
        else:
            object.__setattr__(self, first, value.item())

    @property
    def device(self):
        """Where its parameters live; the CPU if it has none."""
        params = self.params()
        return params[0].device if params else backend.get_device('cpu')

    @property
    def xp(self):
        """numpy or cupy, for arrays that are to meet its parameters."""
        return self.device.xp

    def to_device(self, device):
        """Move all parameters and persistent arrays. Returns the link itself."""
        device = backend.get_device(device)
        for link in self.links():
            for name in link._params:
                getattr(link, name).to_device(device)
            for name in link._persistent:
                value = getattr(link, name)
                if backend.is_array(value):
                    object.__setattr__(link, name, backend.to_device(value, device))
        return self

    def to_cpu(self):
        """Move to the CPU."""
        return self.to_device('cpu')

    def to_gpu(self, id=0):
        """Move to a GPU."""
        return self.to_device(id)

    def copy(self):
        """A link of its own with equal values, and no gradients."""
        twin = copy.deepcopy(self)
        twin.cleargrads()
        return twin

    def repeat(self, count, mode='init'):
        """A Sequential of so many links of this kind, one after the other.

        mode  'init': each begins with random values of its own; 'copy': all with the values of this
              one; 'share': all are this link, with one set of parameters
        """
        if mode not in ('init', 'copy', 'share'):
            raise ValueError(f"repeat: mode is {mode!r}, but 'init', 'copy' or 'share' is needed.")
        links = [self if mode == 'share' else self.copy() for _ in range(count)]
        for link in links if mode == 'init' else ():
            for param in link.params():
                if callable(param.initializer) and param.is_initialized:
                    param.initialize(param.shape)
        return Sequential(*links)

    def __repr__(self):
        return f'{type(self).__name__}({self.count_params()} parameters)'


def name_link(error, link):
    """The same error, which says once out of which link it came: the innermost one."""
    if isinstance(error, MinichainError) and getattr(error, 'link', None) is None and error.args:
        error.link = link.path or type(link).__name__
        first, *line = str(error.args[0]).split('\n  at ')
        named = f'{first} This is in the link {error.link!r} ({type(link).__name__}).'
        error.args = ('\n  at '.join([named, *line]), *error.args[1:])
    return error


class Chain(Link):
    """A link made of named links: assign them in `init_scope`, use them in `forward`.

    Links can also be given by name: Chain(l1=Linear(10), l2=Linear(2)).
    """

    def __init__(self, **links):
        super().__init__()
        for name, link in links.items():
            self.add_link(name, link)

    def add_link(self, name, link):
        """Take in a link under a name."""
        with self.init_scope():
            setattr(self, name, link)

    def __getitem__(self, name):
        return getattr(self, name)


class ChainList(Link):
    """A link made of numbered links: `links[0]`, `for link in links`."""

    def __init__(self, *links):
        super().__init__()
        self._list = []
        for link in links:
            self.append(link)

    def append(self, link):
        """Take in one more link, behind the others."""
        link.adopt(str(len(self._list)), self.path)
        self._list.append(link)
        return self

    add_link = append

    def named_children(self):
        return [(str(i), link) for i, link in enumerate(self._list)
                if isinstance(link, Link)]

    def __getitem__(self, index):
        return self._list[index]

    def __len__(self):
        return len(self._list)

    def __iter__(self):
        return iter(self._list)


class Sequential(ChainList):
    """Links and functions one after the other: Sequential(L.Linear(50), F.relu, L.Linear(10))."""

    def append(self, layer):
        """One more link, or any function of one argument, behind the others."""
        if not callable(layer):
            raise TypeError(f'Sequential takes links and functions, but got {layer!r}.')
        if isinstance(layer, Link):
            layer.adopt(str(len(self._list)), self.path)
        self._list.append(layer)
        return self

    add_link = append

    def forward(self, x):
        for layer in self._list:
            x = layer(x)
        return x
