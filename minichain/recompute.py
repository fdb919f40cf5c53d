"""Less memory for more time: a part of the graph is not kept, but computed again in backward."""
from .backprop import ancestors, next_order
from .config import config
from .double import grad, placed
from .errors import GraphError
from .function import Function
from .fused import Identity
from .randomness import generator
from .variable import Variable

NOTHING = Variable(0.0, requires_grad=False).data   # stands where only a place in the graph counts


def checkpoint(f, *inputs):
    """y = f(*inputs), without keeping the graph of f: backward computes f once more.

    f       a function of Variables that gives a Variable or a tuple of them. It may use parameters
            and other Variables from outside. The second time it must do the same: random numbers
            are drawn alike and running statistics are left alone, but a link that remembers
            something from call to call (a stateful LSTM) would go on from there
    inputs  Variables or arrays

    A chain of n steps, cut into √n parts, keeps about 2 √n results instead of n, and computes
    forward twice. (Chen, Xu, Zhang and Guestrin 2016)
    """
    if not config.record:
        return f(*inputs)
    start, state = next_order(), generator().bit_generator.state
    ys, single = outputs_of(f, [Variable(x.data, x.requires_grad) if isinstance(x, Variable) else x
                                for x in inputs])
    outer = dict.fromkeys(edge for node in nodes_of(ys, start) for edge in node.edges
                          if edge is not None and edge.order < start)
    operation = Checkpoint(f, ys, [isinstance(x, Variable) for x in inputs], state)
    ys = operation.apply(*inputs, *[node if isinstance(node, Variable) else placed(NOTHING, node)
                                    for node in outer])
    return ys[0] if single else ys


def outputs_of(f, inputs):
    """(the outputs of f as a tuple, each computed by a node of its own; whether it was only one)"""
    ys = f(*inputs)
    single = not isinstance(ys, tuple)
    return tuple([Identity().apply(y) for y in ([ys] if single else ys)]), single


def nodes_of(ys, start):
    """All nodes born since `start` that these results were computed from."""
    return ancestors([y.node for y in ys if y.node is not None], start)


class Checkpoint(Function):
    """A part of a computation that is computed again when its gradient is wanted"""

    shapes, keeps, mixes, fills = '(...) ... -> (...) ...', 'x outer', True, False

    def __init__(self, f, ys, variables, state):
        self.f, self.ys, self.variables = f, ys, variables
        self.state, self.train = state, config.train

    def forward(self, *arrays):
        ys, self.ys = self.ys, None
        return tuple([y.data for y in ys])

    def keep(self, arrays, edges, y):
        count = len(self.variables)
        self.x, self.outer = tuple(arrays[:count]), tuple(edges[count:])

    def backward(self, *gys):
        """Compute f again, with nodes of its own in the places of all that lies outside, and go
        back through that."""
        create_graph = any(isinstance(gy, Variable) for gy in gys)
        inner = {edge: identity_of(edge) for edge in self.outer}
        numbers, switches = generator().bit_generator, config.__dict__
        before = {name: getattr(config, name) for name in ('plain', 'record', 'train', 'again')}
        state = numbers.state
        try:        # with the switches and the random numbers of the first time
            numbers.state = self.state
            switches.update(plain=False, record=True, train=self.train, again=True)
            start = next_order()
            xs = [self.input(i, create_graph) for i in range(len(self.x))]
            own = {x.place for x in xs if isinstance(x, Variable)}
            ys, _ = outputs_of(self.f, xs)
            for node in nodes_of(ys, start):
                if node not in own:
                    node.edges = tuple([edge if edge is None or edge.order > start
                                        else self.stand_in(edge, inner) for edge in node.edges])
            sources = xs + [placed(NOTHING, node) for node in inner.values()]
            wanted = [i for i, edge in enumerate(self.edges) if edge is not None]
            used = [i for i, gy in enumerate(gys) if gy is not None and ys[i].requires_grad]
            gxs = grad([ys[i] for i in used], [sources[i] for i in wanted],
                       [gys[i] for i in used], create_graph=create_graph)
        finally:        # no `with`: a Ctrl-C could keep it from ending before the walk ends
            numbers.state = state
            switches.update(before)
        if not create_graph:
            gxs = [None if gx is None else gx.data for gx in gxs]
        found = dict(zip(wanted, gxs))
        return tuple([found.get(i) for i in range(len(self.edges))])

    def input(self, i, create_graph):
        """What f got as input number i, now a Variable of its own."""
        x = self.x[i]
        if not self.variables[i]:
            return x
        if create_graph and isinstance(x, Variable):
            return Identity().apply(x)
        return Variable(x, requires_grad=self.edges[i] is not None)

    def stand_in(self, edge, inner):
        if edge not in inner:
            raise GraphError('checkpoint: the second time, f computed with other parameters than '
                             'the first time. It must do the same whenever it is called.')
        return inner[edge]


def identity_of(node):
    """A new node behind another one, through which gradients pass unchanged."""
    twin = Identity()
    twin.edges, twin.shape, twin.order = (node,), node.shape, next_order()
    return twin
