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
            changed = {leaf for leaf in leaves if leaf.changed > node.order}
            if changed:
                _name_the_first(changed, nodes)
            return
        if node.changed:
            leaves.append(node)


def _name_the_first(leaves, nodes):
    for node in reversed(nodes):
        for edge in node.edges:
            if (edge in leaves and edge.changed > node.order
                    and any(array is edge.data for _, array in node.kept_arrays())):
                raise GraphError(
                    f'{node.label} has kept {edge.label} {edge.shape} for backward, but an '
                    'optimizer has changed it in place since then: the gradient would be wrong. '
                    'Call backward() before update(), or compute the result again after it.')
