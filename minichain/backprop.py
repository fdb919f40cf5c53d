"""Backpropagation: one walk from a result back to the leaves, in reverse order of birth.

A graph is made of nodes. An operation (Function) is a node; a Variable that nothing computed is a
leaf. Each operation holds edges to the nodes that made its inputs, so whoever holds the result
holds the graph, and letting go of the result lets go of everything. An operation is always younger
than its inputs: sorting by age is all the planning that backward needs.
"""
import itertools
import threading
import weakref
from operator import attrgetter

from . import backend
from .config import config
from .errors import GraphError, ShapeError
from .gather import ONE_HOLDER, Gathered, holders
from .observe import watching
from .stale import check_unchanged

next_order = itertools.count(1).__next__
walking = threading.RLock()     # gradients sit in the nodes, and threads may share a leaf
by_age = attrgetter('order')
keeping = weakref.WeakSet()     # nodes whose gradient is to stay after a walk, in `grad_left`


class Node:
    """A place in the graph where gradients arrive.

    order     its number in the order of birth
    shape     the shape of the value, and so of its gradient
    edges     where its inputs came from: for each a Node, or None if no gradient goes there
    gradient  what has arrived during a walk; None outside of one
    changed   when an optimizer last changed its value in place, in the order of birth; 0: never
    grad_left what has stayed after a walk: of leaves, and of nodes in `keeping`
    gathered  so many uses of a leaf were put together in its gradient; 0: it was added up
    """

    edges = ()
    gradient = None
    released = False
    changed = 0
    grad_left = None
    gathered = 0
    holds = ()      # the attributes that every object of this class gets sooner or later

    def __init_subclass__(cls):
        # Python keeps the attributes of a class's objects in one compact layout if its first object
        # had them all. Otherwise each gets a dictionary of its own, in the middle of a walk.
        first = object.__new__(cls)
        for name in cls.holds:
            setattr(first, name, None)


class Output(Node):
    """One of several outputs of an operation. An operation with one output stands for itself."""

    holds = 'edges', 'index', 'shape', 'order', 'gradient'

    def __init__(self, edges, index, shape):
        self.edges = edges      # (the operation,): one tuple for all of its outputs
        self.index = index
        self.shape = shape
        self.order = next_order()

    @property
    def parent(self):
        """The operation."""
        return self.edges[0]


def ancestors(nodes, oldest=0, outputs=True):
    """All nodes that these were computed from, the youngest first; none born before `oldest`.

    outputs  False: go through the outputs on the way to their operations, and leave them out
    """
    found = list(dict.fromkeys(nodes))
    seen = {None, *found}   # None: an edge of an input without a gradient
    for node in found:      # grows while it is read: no recursion, so any depth will do
        for edge in node.edges:
            if edge not in seen and (not oldest or edge.order >= oldest):
                if type(edge) is Output and not outputs:
                    edge, = edge.edges
                    if edge in seen:
                        continue
                seen.add(edge)
                found.append(edge)
    found.sort(key=by_age, reverse=True)
    return found


def sum_to(g, shape):
    """Sum g over the axes along which an array of that shape was repeated to g's shape."""
    lead = len(g.shape) - len(shape)
    stretched = [lead + i for i, n in enumerate(shape) if n == 1 and g.shape[lead + i] != 1]
    return g.sum((*range(lead), *stretched)).reshape(shape)


def _fit(gx, shape, node):
    """The gradient of an input that was broadcast in forward: summed back to the input's shape."""
    try:
        return sum_to(gx, shape)
    except (ValueError, IndexError):
        raise ShapeError(f'{node.label}: backward gave a gradient of shape {gx.shape} for an input '
                         f'of shape {shape}.') from None


def summed(before, g, node, sums):
    """The gradient of a node and what more arrives there: added in place to a sum made here."""
    if isinstance(g, Gathered):
        g = g.value()
    if node in sums:
        before += g
        return before
    sums.add(node)
    return before + g


def hand_on(output, g, sums):
    """Put the gradient of an output into the list of those that its operation waits for."""
    operation, = output.edges
    gradients = operation.gradient
    if gradients is None:
        gradients = operation.gradient = [None] * operation.outputs
    i = output.index
    before = gradients[i]
    gradients[i] = g if before is None else summed(before, g, output, sums)


def walk(starts, targets=None, create_graph=False, release=True, stepping=False):
    """Carry gradients from the starts back through the graph. The only walk there is: a generator.

    starts        pairs (node, gradient to begin with)
    targets       None: go to every leaf. Otherwise a set of nodes: go only towards them
    create_graph  compute gradients as Variables, so that they have a graph themselves
    release       let each operation forget what it kept, as soon as its gradient is through
    stepping      yield (node, gys, gxs) after each operation and each leaf; otherwise never yield

    Returns the gradients that arrived: pairs (leaf or target, gradient). Leaves are not touched, so
    whatever goes wrong on the way changes no gradient.
    """
    oldest = min([target.order for target in targets], default=0) if targets else 0
    # Outputs get turns of their own only where somebody may want their gradients: it saves time.
    visits = targets is not None or bool(keeping)
    nodes = ancestors([node for node, _ in starts], oldest, outputs=visits)
    check_unchanged(nodes)
    paths = _paths(nodes, targets)
    arrived = []
    sums = set()        # nodes whose gradient is a sum made here, to which more is added in place
    switches = config.plain, config.record
    config.plain, config.record = not create_graph, create_graph
    tellers, plain = watching.on_backward, paths is None and not create_graph
    try:
        for node, g in starts:
            node.gradient = g if node.gradient is None else node.gradient + g
        for node in nodes:
            g = node.gradient
            if g is None:
                continue
            node.gradient = None
            if visits and node in keeping:
                node.grad_left = g
            edges = node.edges
            if targets is not None and edges and node in targets:
                arrived.append((node, g))
            if paths is not None and edges and not any([edge in paths for edge in edges]):
                gxs = ()        # nothing beyond was asked for
            elif type(node) is Output:
                hand_on(node, g, sums)
                continue
            elif edges:
                if node.released:
                    raise GraphError(f'{node.label}: this part of the graph was let go by an '
                                     'earlier backward(). Compute the result again, or keep the '
                                     'graph with backward(retain_graph=True).')
                gxs = gx = None     # let them go before new ones are made
                acting = node
                if not plain:
                    acting = node.acting(create_graph, paths)
                    edges = acting.edges
                if type(g) is list:
                    g = node.fill(g) if node.fills else tuple(g)
                    gxs = acting.backward(*g)
                else:
                    gxs = acting.backward(g)
                if type(gxs) is not tuple:
                    gxs = (gxs,)
                if len(gxs) != len(edges):
                    raise GraphError(f'{node.label}: the gradients that backward gives are '
                                     f'{len(gxs)}, the inputs {len(edges)}. Give None for an '
                                     'input without a gradient.')
                if stepping:        # show each gradient, though it may be put off otherwise
                    gxs = tuple([gx.value() if isinstance(gx, Gathered) else gx for gx in gxs])
                i = -1
                for edge in edges:      # in a third of the time of zip(edges, gxs)
                    i += 1
                    if edge is None or (gx := gxs[i]) is None:
                        continue
                    if gx.shape != edge.shape:
                        gx = _fit(gx, edge.shape, node)
                    if type(edge) is Output and not visits:
                        hand_on(edge, gx, sums)     # at once
                    elif edge.gradient is None:
                        edge.gradient = gx
                    else:
                        edge.gradient = summed(edge.gradient, gx, edge, sums)
                if release:     # node.release(), without a call for each operation
                    node.released = True
                    for name in node.slots:
                        setattr(node, name, None)
            elif node.released:
                continue        # unchain_backward cut the graph here
            else:
                gxs = gx = None     # they may hold g
                node.gathered = len(g.uses) if isinstance(g, Gathered) else 0
                if node.gathered:
                    g = g.value() if tellers or targets is not None else g.arrive(node)
                elif not (create_graph or node in sums):
                    if isinstance(g, Node):
                        raise GraphError(f'The gradient of {node.label} is a Variable. Where '
                                         'arrays come in, backward must give arrays: use w.data.')
                    if holders(g) > ONE_HOLDER or g.base is not None:
                        g = g.copy()    # somebody else holds this array too
                if targets is None or node in targets:
                    arrived.append((node, g))
                gxs = ()
            if tellers or stepping:
                gys = g if type(g) is tuple else (g,)
                for tell in tellers:
                    tell(node, gys, gxs)
                if stepping:
                    now = config.plain, config.record
                    config.plain, config.record = switches
                    yield node, gys, gxs
                    config.plain, config.record = now
    except BaseException as error:
        try:
            _forget(nodes)
        finally:        # once more: Ctrl-C may have come on the way
            _forget(nodes)
        if isinstance(error, MemoryError):
            raise backend.out_of_memory(backend.device_of(starts[0][1])) from error
        raise
    finally:
        config.plain, config.record = switches
    return arrived


def _forget(nodes):
    """What has arrived in the middle of a walk is no gradient."""
    for node in nodes:
        node.gradient = None


def _paths(nodes, targets):
    """The nodes from which a target can be reached: gradients need to go nowhere else."""
    if targets is None:
        return None
    paths = set()
    for node in reversed(nodes):
        if node in targets or any(edge in paths for edge in node.edges):
            paths.add(node)
    return paths


def run(walker):
    """Run a walk to its end and return what arrived. Threads that share leaves take turns."""
    with walking:
        try:
            while True:
                next(walker)
        except StopIteration as end:
            return end.value
