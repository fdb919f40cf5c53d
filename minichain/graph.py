"""Graph: a computation as plain records, to draw, to count, to compare, to save.

The records are dicts; graph.schema.json says what stands in them. A Graph holds no array.
"""
import json
from collections import Counter

from . import cost, drawing, folding, schema
from .difference import Difference
from .errors import GraphError
from .records import walk_back

KINDS = {'function': 'operation', 'parameter': 'parameter', 'variable': 'variable',
         'data': 'constant', 'folded': 'folded part'}


class Graph:
    """A computation: operations and leaves (`nodes`), calls of links (`scopes`), what backward did.

    Graph.of(y) walks back from a result. A Recorder's graph() knows more: the lines of your
    program, times, links, gradients. In a notebook a Graph shows itself as a picture.
    """

    def __init__(self, nodes=(), scopes=(), backward=(), title=None, truncated=0):
        self.nodes = list(nodes)
        self.scopes = list(scopes)
        self.backward = list(backward)
        self.title = title
        self.truncated = truncated

    @classmethod
    def of(cls, *ys, title=None):
        """Everything that these Variables were computed from."""
        return cls(walk_back(ys).nodes, title=title)

    @property
    def folded(self):
        """Whether some nodes stand for several: see fold()."""
        return any('members' in node for node in self.nodes)

    def fold(self, limit=0):
        """This graph with repetition folded, until at most `limit` nodes are left if it can be.

        All calls of a link become one node ('lstm ×100'), innermost links first; so do operations
        outside of links that one line of a program runs again and again.
        """
        return folding.fold(self, limit)

    # In words and numbers -------------------------------------------------------------------------

    def __repr__(self):
        counts = Counter(node['kind'] for node in self.nodes)
        parts = [f'{counts[kind]} {name}{"s" * (counts[kind] != 1)}' for kind, name in KINDS.items()
                 if counts[kind]]
        title = f'{self.title}: ' if self.title else ''
        return f'<Graph {title}{", ".join(parts) or "empty"}>'

    def __len__(self):
        return len(self.nodes)

    def summary(self, fold=None):
        """A table in text: each operation with its link, shape, parameters, multiply-adds, bytes.

        fold  merge what repeats. Default: if there are more than 50 operations
        """
        return cost.summary(self, fold)

    def cost(self):
        """What the computation costs: a dict of `macs` (multiply-adds), `bytes_kept`, `parameters`
        (how many numbers), `seconds` of forward as far as they were recorded."""
        return cost.cost(self)

    def diff(self, other):
        """What another run of the program did differently, as a Difference; print it to read it."""
        return Difference(self, other)

    # As JSON --------------------------------------------------------------------------------------

    def to_dict(self):
        """The graph JSON as a dict. GraphError for a folded graph, which is no more than a view."""
        if self.folded:
            raise GraphError('A folded graph is only a view: save the graph that it was made from.')
        return {'format': 'minichain-graph', 'version': 1, 'title': self.title,
                'scopes': self.scopes, 'nodes': self.nodes, 'backward': self.backward,
                'truncated': self.truncated}

    def to_json(self, indent=None):
        """The graph JSON as text."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text):
        """A Graph from its JSON, as text or as a dict. GraphError says what is wrong with it."""
        try:
            value = json.loads(text) if isinstance(text, (str, bytes)) else text
        except (ValueError, RecursionError) as error:
            raise GraphError(f'This is no JSON: {error}.') from None
        schema.check(value)
        _check_references(value)
        return cls(value['nodes'], value['scopes'], value['backward'], value['title'],
                   value['truncated'])

    # As a picture ---------------------------------------------------------------------------------

    def to_svg(self, fold=None):
        """The picture, as the text of an SVG file. The same graph always gives the same text.

        fold  merge what repeats. Default: if there are more than 150 nodes
        """
        return drawing.svg(self, fold)

    def to_dot(self):
        """The graph in the language of Graphviz."""
        return drawing.dot(self)

    def _repr_svg_(self):
        return self.to_svg()


def _check_references(value):
    """Ids must grow, and what a record points at must have come before it."""
    scopes, outputs = set(), {}
    for scope in value['scopes']:
        if scope['parent'] is not None and scope['parent'] not in scopes:
            raise GraphError(f'Scope {scope["id"]} is inside scope {scope["parent"]}, '
                             'which does not come before it.')
        scopes.add(scope['id'])
    youngest = 0
    for node in value['nodes']:
        name = f'Node {node["id"]} ({node["label"] or node["kind"]})'
        if node['id'] <= youngest:
            raise GraphError(f'{name} follows node {youngest}, but ids must grow.')
        youngest = node['id']
        if node['scope'] is not None and node['scope'] not in scopes:
            raise GraphError(f'{name} is in scope {node["scope"]}, which does not exist.')
        for source, index, _ in node['inputs']:
            if index >= outputs.get(source, 0):
                raise GraphError(f'{name} takes output {index} of node {source}, which does not '
                                 'come before it.' if source not in outputs else
                                 f'{name} takes output {index} of node {source}, which has '
                                 f'{outputs[source]}.')
        outputs[node['id']] = len(node['shapes'])
    for back in value['backward']:
        if back['id'] not in outputs:
            raise GraphError(f'Backward reached node {back["id"]}, which does not exist.')
