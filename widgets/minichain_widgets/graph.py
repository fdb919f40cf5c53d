"""LiveGraph: the graph in a cell's output, drawn while it is built."""
import anywidget
import traitlets

from minichain import Variable
from minichain.graph import Graph

from .arguments import whole
from .messages import problem_of
from .session import session
from .stream import TAKES, Outlet, Stream
from .widget import bundled

FOLLOWERS = 4       # pictures that follow a kernel at the same time
HEIGHT = 360        # pixels of a picture that grows
LEAST, MOST = 120, 4000
HEAD, STEP = 128, 74    # pixels of its title and tools, and of one operation below another
TALLEST, DEEPEST = 640, 40


class LiveGraph(anywidget.AnyWidget):
    """The graph of a computation as a picture that grows while it is built.

        LiveGraph()             follows what this notebook computes, like the docked panel
        LiveGraph(y)            the graph behind a Variable, or a Graph
        with LiveGraph() as p:  what is computed inside of the block, and nothing else
            ...

    height   of the picture, in pixels; by itself a small graph that is given gets what it needs
    against  a Variable or a Graph of another run: what this one does differently is marked

    `p.graph` is what is drawn, as a Graph. A saved notebook shows its last picture.
    """

    _esm = bundled('livegraph.js')
    _css = bundled('livegraph.css')
    height = traitlets.Int(HEIGHT, min=LEAST).tag(sync=True)
    hint = traitlets.Unicode('').tag(sync=True)

    _followers = []

    def __init__(self, of=None, *, height=None, against=None):
        self._stream = self._session = None
        self._against = None if against is None else _graph_of(against)
        self._fixed = None if of is None else _graph_of(of)
        height = (_height(self._fixed) if height is None
                  else whole(height, 'height, in pixels,', LEAST, MOST))
        super().__init__(height=height)
        self._outlet = Outlet(self.send)
        self.on_msg(self._on_message)
        if of is None:
            self._follow()

    @property
    def graph(self):
        """What is drawn, as a Graph."""
        return self._fixed if self._stream is None else self._stream.recorder.graph()

    @property
    def difference(self):
        """What is drawn differently from the run in `against`, as a Difference; None without."""
        return None if self._against is None else self._against.diff(self.graph)

    def close(self):
        """Stop following, and take the picture away."""
        self._unfollow()
        super().close()

    def __enter__(self):
        run = 0 if self._stream is None else self._stream.run
        self._unfollow()
        self._stream = Stream(cell_name=self._cell_name())
        self._stream.run = run          # a front end that shows an older picture sees a new one
        self._stream.outlets.append(self._outlet)
        self._stream.begin()
        self._stream.start()
        return self

    def __exit__(self, kind, error, traceback):
        self._stream.finish(error)
        self._stream.stop()

    def __repr__(self):
        return repr(self.graph).replace('Graph', 'LiveGraph', 1)

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None and len(self.graph):
            data['image/svg+xml'] = self.graph.to_svg()
        return bundle

    def _follow(self):
        self._session = session()
        if self._session is None:       # no kernel of a notebook: a test, or a script
            self._stream = Stream()
            self._stream.outlets.append(self._outlet)
            self._stream.start()
        else:
            self._stream = self._session.stream
            self._session.add(self._outlet)
        self._followers.append(self)
        if len(self._followers) > FOLLOWERS:
            self._followers[0]._freeze()

    def _freeze(self):
        """Keep what is drawn, and follow no more."""
        self._fixed = self.graph
        self._unfollow()
        self.send({'t': 'note', 'text': 'Newer pictures follow the notebook now.'})

    def _unfollow(self):
        if self in self._followers:
            self._followers.remove(self)
        if self._session is not None:
            self._session.remove(self._outlet)
            self._session = None
        elif self._stream is not None:
            self._stream.stop()
        self._stream = None

    def _cell_name(self):
        current = session()
        return current and current.stream.recorder.cell_name

    def _on_message(self, widget, message, buffers):
        if problem_of(message, {**TAKES, 'still': {}}):
            return
        if message['t'] == 'still':     # for a notebook that is saved now
            self.send({'t': 'still', 'text': repr(self), 'svg': self.graph.to_svg()})
            return
        if self._stream is not None:
            self._stream.handle(message, self._outlet)
        elif message.get('t') in ('ready', 'sync'):
            self.send({'t': 'state', 'run': 0, 'graph': self.graph.to_dict(), 'phase': 'idle',
                       'released': [], 'updates': []})
        if message.get('t') == 'ready' and self._against is not None:
            self.send({'t': 'against', 'graph': self._against.to_dict()})


def _height(graph):
    """Pixels that show a whole small graph, and the beginning of a large one."""
    if graph is None:
        return HEIGHT
    depth = {}
    for node in graph.nodes:
        above = max((depth[source] for source, _, _ in node['inputs']), default=-1)
        depth[node['id']] = above + 1
    deepest = max(depth.values(), default=0)
    return HEIGHT if deepest > DEEPEST else min(TALLEST, max(HEIGHT, HEAD + STEP * deepest))


def _graph_of(of):
    """A Graph of a Graph, of a Variable, or of several."""
    if isinstance(of, Graph):
        return of
    variables = of if isinstance(of, (list, tuple)) else [of]
    if not len(variables) or not all(isinstance(each, Variable) for each in variables):
        raise TypeError('A picture needs what came out of a computation, a Variable or several, '
                        f'or a Graph, but got {type(of).__name__}.')
    return Graph.of(*variables)
