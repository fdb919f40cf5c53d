"""Gradients by anything, and gradients of gradients."""
from .backprop import Output, run, walk
from .variable import Variable, begin

make = object.__new__


def grad(ys, xs, gys=None, create_graph=False, retain_graph=None):
    """The derivatives of ys by xs, as a list of Variables; None where ys do not depend on x.

    Nothing is added to any `.grad`, and only what lies between xs and ys is computed.

    ys, xs        a Variable or a list of them; xs may be leaves or computed
    gys           gradients to begin with, one a y. Default 1 for single numbers
    create_graph  give the derivatives a graph, so that they can be differentiated again
    retain_graph  keep the graph of ys. Default: the same as create_graph
    Raises TypeError if xs holds something else than Variables.
    """
    ys = [ys] if isinstance(ys, Variable) else list(ys)
    xs = [xs] if isinstance(xs, Variable) else list(xs)
    for x in xs:
        if not isinstance(x, Variable):
            raise TypeError(f'grad gives gradients for Variables, but xs holds a {type(x).__name__}'
                            '. Make x = mc.Variable(x) first, and compute y from it.')
    gys = [None] * len(ys) if gys is None else [gys] if len(ys) == 1 and not isinstance(
        gys, (list, tuple)) else gys
    starts = [(y.place, begin(y, gy, create_graph)) for y, gy in zip(ys, gys)]
    targets = [x.place if x.requires_grad else None for x in xs]
    keep = create_graph if retain_graph is None else retain_graph
    arrived = dict(run(walk(starts, set(targets) - {None}, create_graph, not keep)))
    return [g if g is None or isinstance(g, Variable) else Variable(g, requires_grad=False)
            for g in map(arrived.get, targets)]


def twin_of(operation, create_graph, paths):
    """A copy of an operation to compute gradients with, which leaves the graph itself as it is.

    create_graph  what it kept becomes Variables at their old places in the graph, so that the
                  lines of its backward build the graph of the gradient
    paths         None, or the nodes that lead to a target: gradients go nowhere else
    """
    twin = make(type(operation))
    twin.__dict__.update(operation.__dict__)
    if paths is not None:
        twin.edges = tuple([edge if edge in paths else None for edge in operation.edges])
    if create_graph:
        if type(operation.x) is tuple:
            twin.x = tuple([placed(a, edge) for a, edge in zip(operation.x, operation.edges)])
        elif operation.x is not None:
            twin.x = placed(operation.x, operation.edges[0])
        if type(operation.y) is tuple:
            twin.y = tuple([placed(a, Output((operation,), i, a.shape))
                            for i, a in enumerate(operation.y)])
        elif operation.y is not None:
            twin.y = placed(operation.y, operation)
    return twin


def placed(array, node):
    """A kept array as a Variable at its old place in the graph; a constant stays what it is."""
    if node is None or array is None:
        return array
    x = make(Variable)
    x.data, x.node = array, node
    return x
