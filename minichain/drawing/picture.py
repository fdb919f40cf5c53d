"""What a picture of a graph consists of and where it stands: boxes, leaves, frames and lines."""
from .layout import Box, Frame, Line, arrange, route
from .letters import shape_texts
from .look import LOOK

SIZE = LOOK['sizes']
OPERATIONS = 'function', 'folded'
SMALL = 6               # pixels of a small letter, about
MARGIN = 12
SIDE_GAP = 14           # between a box and the leaves at its left
LEAF_GAP = 4            # between leaves that stand one below the other
FEW_USES = 4            # a leaf on top draws lines to so many consumers; others get a note each
LEADS = 3               # so many leaves stand above a box; the others at its left
SMALL_GRAPH = 30        # nodes; in larger ones leaves stand above the first operation only


class Picture:
    """The boxes, frames and lines of a graph, arranged.

    boxes    id -> Box: the operations, and the leaves that stand above them
    beside   id of a box -> ids of the leaves that stand at its left
    notes    id of a box -> ids of leaves that it takes too, but that stand elsewhere
    frames   id of a scope -> Frame; None -> the frame around everything, which is not drawn
    routes   pairs (Line, points)
    shapes   id -> shape in letters
    """

    def __init__(self, graph):
        self.graph = graph
        self.nodes = {node['id']: node for node in graph.nodes}
        self.shapes = shape_texts(graph)
        self.consumers = _consumers(graph)
        self.frames = self._make_frames()
        self.boxes = {node['id']: self._box(node) for node in self._nodes_with_a_box()}
        self.beside, self.notes = {}, {}
        for id, box in self.boxes.items():
            self._place_leaves(id)
            self._make_room(id, box)
            self._put_into_frame(box, self.nodes[id])
        root, lines = self.frames[None], self._make_lines()
        arrange(root, lines)
        self.routes = [(line, route(line)) for line in lines]
        self.left, self.top = MARGIN, MARGIN + SIZE['stack-offset']
        self.width = round(root.left + root.right) + 2 * MARGIN
        self.height = round(root.height) + self.top + MARGIN + self._room_below(root)

    def is_operation(self, id):
        return self.nodes[id]['kind'] in OPERATIONS

    def shape_below(self, id):
        """The shape that stands below a box. A leaf without a name shows it inside."""
        return self.shapes[id] if self.is_operation(id) or self.nodes[id]['label'] else ''

    def _room_below(self, root):
        """Room for the shape under the last box, where no frame leaves it."""
        last = root.layers[-1] if root.layers else ()
        return 16 if any(type(item) is Box and self.shape_below(item.key) for item in last) else 0

    def _make_frames(self):
        used, parents = set(), {scope['id']: scope['parent'] for scope in self.graph.scopes}
        for node in self.graph.nodes:
            scope = node['scope'] if node['kind'] in OPERATIONS else None
            while scope is not None and scope not in used:
                used.add(scope)
                scope = parents[scope]
        frames = {None: Frame()}
        frames.update((scope['id'], Frame(key=scope)) for scope in self.graph.scopes
                      if scope['id'] in used)
        return frames

    def _nodes_with_a_box(self):
        """Operations, leaves that stand above the first operation that takes them, idle leaves."""
        first = next((node for node in self.graph.nodes if node['inputs']), None)
        above = {id for id in self.nodes if id not in self.consumers}
        for node in self.graph.nodes:
            if node is first or len(self.nodes) <= SMALL_GRAPH:
                above.update(id for id in self._leads(node) if self.consumers[id][0] == node['id'])
        return [node for node in self.graph.nodes
                if node['kind'] in OPERATIONS or node['id'] in above]

    def _leads(self, node):
        """The leaves to stand above an operation: its inputs, if it takes no other operation's."""
        sources = list(dict.fromkeys(source for source, _, _ in node['inputs']))
        if any(map(self.is_operation, sources)):
            return []
        return [id for id in sources if self.nodes[id]['kind'] != 'parameter'][:LEADS]

    def _box(self, node):
        width, height = SIZE[node['kind'] if node['kind'] in OPERATIONS else 'leaf']
        shape = len(self.shape_below(node['id'])) * SMALL + 8
        return Box(left=width / 2, right=max(width / 2, shape), height=height, key=node['id'],
                   width=width, box_height=height)

    def _place_leaves(self, id):
        """Find the leaves that an operation takes and that no line leads from."""
        for source in dict.fromkeys(source for source, _, _ in self.nodes[id]['inputs']):
            place = self.consumers[source].index(id)
            if source not in self.boxes:
                (self.notes if place else self.beside).setdefault(id, []).append(source)
            elif place >= FEW_USES and not self.is_operation(source):
                self.notes.setdefault(id, []).append(source)

    def _make_room(self, id, box):
        """Room at the left of a box for leaves, and for a note of leaves that stand elsewhere."""
        count = len(self.beside.get(id, ())) + (id in self.notes)
        if count:
            width, height = SIZE['leaf']
            box.left += width + SIDE_GAP
            box.height = max(box.height, count * (height + LEAF_GAP) - LEAF_GAP)

    def _put_into_frame(self, item, node):
        frame = self.frames[node['scope'] if node['kind'] in OPERATIONS else None]
        item.parent = frame
        frame.items.append(item)
        while frame.key is not None and frame.parent is None:
            frame.parent = self.frames[frame.key['parent']]
            frame.parent.items.append(frame)
            frame = frame.parent

    def _make_lines(self):
        return [Line(self.boxes[source], box, (source, index)) for id, box in self.boxes.items()
                for source, index, _ in self.nodes[id]['inputs']
                if source in self.boxes and source not in self.notes.get(id, ())]


def _consumers(graph):
    """id -> ids of the nodes that take it, in order."""
    consumers = {}
    for node in graph.nodes:
        for source in dict.fromkeys(source for source, _, _ in node['inputs']):
            consumers.setdefault(source, []).append(node['id'])
    return consumers
