"""A weight that was changed in place after an operation had kept it: a wrong gradient."""
from .errors import GraphError


def check_unchanged(nodes):
    """Raise GraphError if an optimizer has changed a weight that one of these nodes still needs.

    nodes  of a graph, the youngest first. Weights are older than what is computed with them, so
           they are among the leaves at the end
    """
    leaves = []
    for node in reversed(nodes):
        if node.edges:
            if leaves and max(leaves)[0] > node.order:
                _name_the_first({leaf for _, _, leaf in leaves}, nodes)
            return
        if node.changed:
            leaves.append((node.changed, node.order, node))


def _name_the_first(leaves, nodes):
    for node in reversed(nodes):
        for edge in node.edges:
            if edge in leaves and edge.changed > node.order and _keeps(node, edge.data):
                raise GraphError(
                    f'{node.label} has kept {edge.label} {edge.shape} for backward, but an '
                    'optimizer has changed it in place since then: the gradient would be wrong. '
                    'Call backward() before update(), or compute the result again after it.')


def _keeps(node, array):
    for name in getattr(node, 'slots', ()):
        value = getattr(node, name, None)
        if value is array or type(value) is tuple and any(part is array for part in value):
            return True
    return False
