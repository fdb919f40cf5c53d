"""A graph that stays a picture to walk in when the notebook is saved, without a kernel."""
from minichain import Variable
from minichain.graph import Graph

MIME = 'application/vnd.minichain.graph+json'


class SavedGraph:
    """The graph behind a Variable, or a Graph, stored in the notebook itself.

        SavedGraph(y)

    JupyterLab with minichain's extension shows it as the live panel would, for whoever opens the
    notebook; other front ends and Markdown show the SVG, and a terminal the text. In a file, write
    `Graph.of(y).to_json()` to a name that ends with .graph.json: JupyterLab opens it as a picture.
    """

    def __init__(self, of):
        self.graph = of if isinstance(of, Graph) else Graph.of(
            *([of] if isinstance(of, Variable) else of))

    def __repr__(self):
        return repr(self.graph).replace('Graph', 'SavedGraph', 1)

    def _repr_mimebundle_(self, **kwargs):
        return {'text/plain': repr(self), 'image/svg+xml': self.graph.to_svg(),
                MIME: self.graph.to_dict()}
