"""Recorder: an observer that writes down what a network does, in order of birth.

While the network runs, a Recorder takes notes of raw facts and does nothing else. Of the notes it
makes the records that the picture, the summary and the live view read (graph.schema.json), when
somebody asks for them. It holds no array and no graph: what a program lets go of goes, recorded or
not.
"""
import itertools
import os
import sys
import threading
from collections import deque
from weakref import ref

from numpy import generic, ndarray

from .backend import device_of, is_array
from .backprop import Output
from .graph import Graph
from .measure import look, square_norm
from .records import Records, kind_of, number_text
from .variable import Variable

HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
NUMBERS = (int, float, generic)
ASIDES = 4      # notes of other kinds that are taken for each node that may be noted
# How many facts a note of each kind holds. Notes lie in one row without a tuple around each: the
# garbage collector would look at every tuple again and again, for a fifth of a Recorder's price.
FACTS = {'add_function': 13, 'add_leaf': 9, 'add_backward': 4, 'add_update': 1, 'add_scope': 4}


class Recorder:
    """Write down every operation, gradient, update and call of a link.

        with mc.watch(mc.Recorder()) as recorder:
            loss = model(x)
            loss.backward()
        recorder.graph()

    limit     so many nodes at most; those that come later are only counted, in `truncated`
    stats     also measure the values of every output when it is born. This costs time; of arrays of
              more than 65,536 elements an evenly spaced sample is measured, and says so
    listener  called without arguments when something was noted; it should do next to nothing
    cell_name a function from a file name to what the records call it, or None: a notebook turns the
              file of a cell into 'cell [3]' with it

    One Recorder may watch several threads. Set `paused` to True to note nothing for a while.
    """

    reads_parts = False     # weights that are used many times multiply once, recorded or not

    def __init__(self, limit=10_000, stats=False, listener=None, cell_name=None):
        self.limit = limit
        self.stats = stats
        self.listener = listener
        self.cell_name = cell_name
        self.paused = False
        self._reading = threading.RLock()
        self.clear()

    def __repr__(self):
        return f'Recorder(limit={self.limit}, stats={self.stats})'

    def clear(self):
        """Forget everything, as if new. Ids begin at 1 again."""
        with self._reading:
            self.truncated = 0
            self._notes = deque()                   # the running threads append, drain() takes
            self._room = self.limit                 # room for so many nodes
            self._asides = ASIDES * self.limit      # room for so many notes about anything else
            self._scopes = itertools.count(1)
            self._orders = itertools.count(-1, -1)  # for what the engine has given no order
            self._leaves = set()                    # orders of the leaves that were noted
            self._known = {}                        # id of an object in no graph -> what it is
            self._calls = _Calls()
            self._records = Records(self.cell_name)
            self._sent = dict.fromkeys(Records.LISTS, 0)

    # The four events: they run inside the user's computation, so they only take notes ------------

    def on_apply(self, fn, inputs, outputs):
        if self.paused:
            return
        if self._room <= 0:
            self.truncated += 1
            return
        self._room -= 1
        edges = fn.edges
        sources = []
        if edges:
            i = -1
            for edge in edges:      # quicker than zip(edges, inputs)
                i += 1
                if edge is None:
                    sources.append(self._unlinked(inputs[i]))
                elif edge.edges:
                    sources.append((edge.edges[0].order, edge.index) if type(edge) is Output
                                   else edge.order)
                else:
                    sources.append(edge.order)
                    if edge.order not in self._leaves:
                        self._leaf(edge, edge.data, edge.order)
        else:
            for x in inputs:
                sources.append(self._unlinked(x))
            for i, out in enumerate(outputs):
                self._known[id(out)] = ref(out), (fn.order, i, False)
        kind = type(fn)
        frame = sys._getframe(2)
        while frame is not None and _inside[frame.f_code.co_filename]:
            frame = frame.f_back
        y = outputs[0].data
        one = len(outputs) == 1
        self._notes.extend((
            'add_function', fn.order, ref(fn), kind, tuple(sources),
            y.shape if one else [out.data.shape for out in outputs],
            y.dtype if one else [out.data.dtype for out in outputs],
            'cpu' if type(y) is ndarray else device_of(y),
            _own_bytes(fn) if _own_slots[kind] and edges else 0,
            fn.seconds, self._calls.now, frame and frame.f_code, frame and frame.f_lasti,
            [look(out.data) for out in outputs] if self.stats else None))
        if self.listener is not None:
            self.listener()

    def on_backward(self, node, gys, gxs):
        if self.paused or self._asides <= 0:
            return
        self._asides -= 1
        g = gys[0]
        if len(gys) == 1 and type(g) is ndarray:
            parts = square_norm(g)
        else:
            parts = [square_norm(g.data if isinstance(g, Variable) else g)
                     for g in gys if g is not None]
        self._notes.extend(('add_backward', node.order, parts, node.released, node.gathered))
        if self.listener is not None:
            self.listener()

    def on_update(self, param):
        if self.paused or self._asides <= 0:
            return
        self._asides -= 1
        self._notes.extend(('add_update', param.order))
        if self.listener is not None:
            self.listener()

    def on_scope(self, link, entering):
        calls = self._calls
        if not entering:
            calls.leave()
            return
        number = next(self._scopes)
        if not self.paused and self._asides > 0:
            self._asides -= 1
            self._notes.extend(('add_scope', number, calls.now, link.path, type(link).__name__))
        calls.enter(number)

    def _unlinked(self, x):
        """The source of an input that no gradient goes to.

        A triple (order, number of the output, False), the text of a plain number, or None.
        """
        if isinstance(x, Variable):
            array, order = x.data, getattr(x, 'order', None)
        elif isinstance(x, NUMBERS):
            return number_text(x)
        elif is_array(x):
            array, order = x, None
        else:
            return None
        if order in self._leaves:
            return order, 0, False
        known = self._known.get(id(x))
        if known is not None and known[0]() is x:
            return known[1]
        if order is None:
            order = next(self._orders)
            self._known[id(x)] = ref(x), (order, 0, False)
        self._leaf(x, array, order)
        return order, 0, False

    def _leaf(self, x, array, order):
        """Note a leaf, at its first use."""
        if self._room <= 0:
            self.truncated += 1
            return
        self._room -= 1
        self._leaves.add(order)
        self._notes.extend((
            'add_leaf', order, ref(x), kind_of(x), getattr(x, 'name', None) or '', array.shape,
            array.dtype, device_of(array), self._calls.now,
            look(array) if self.stats else None))

    # What others read -----------------------------------------------------------------------------

    @property
    def phase(self):
        """What is going on as far as the records know: 'idle', 'forward', 'backward', 'update'."""
        return self._records.phase

    def drain(self):
        """What is new since the last call, as a dict that fits a 'batch' message.

        scopes, nodes, backward  lists of records
        released                 ids of operations that let go of what they kept, or are gone
        updates                  ids of parameters that an optimizer changed
        truncated                how many nodes were left out, in all
        """
        with self._reading:
            records = self._read()
            new = {}
            for name, start in self._sent.items():
                items = getattr(records, name)
                new[name] = items[start:]
                self._sent[name] = len(items)
            new['truncated'] = self.truncated
            return new

    def graph(self, title=None):
        """All that was recorded, as a Graph. This does not change what drain() gives next."""
        with self._reading:
            records = self._read()
            return Graph(list(records.nodes), list(records.scopes), list(records.backward),
                         title, self.truncated)

    def released(self):
        """Ids of all operations that have let go of what they kept, or that are gone."""
        with self._reading:
            return list(self._read().released)

    def updates(self):
        """Ids of all parameters that were changed, in order; one entry a change."""
        with self._reading:
            return list(self._read().updates)

    def find(self, id):
        """The operation or leaf with this id if it is still alive, else None."""
        with self._reading:
            return self._read().find(id)

    def place_of(self, x):
        """(id, number of the output) of the node that computed a Variable, or None if unknown."""
        place = x.place
        order = place.parent.order if type(place) is Output else getattr(place, 'order', None)
        with self._reading:
            return self._read().place(order, getattr(place, 'index', 0))

    def _read(self):
        take = self._notes.popleft
        while self._notes:
            kind = take()
            getattr(self._records, kind)(*[take() for _ in range(FACTS[kind])])
        self._records.look_for_the_dead()
        return self._records


class _Calls(threading.local):
    """Which call of a link this thread is inside of: its number, or None."""

    now = None

    def __init__(self):
        self.outer = []

    def enter(self, number):
        self.outer.append(self.now)
        self.now = number

    def leave(self):
        self.now = self.outer.pop() if self.outer else None


class _Inside(dict):
    """Whether a file is one of minichain's own. Each name is looked at once."""

    def __missing__(self, file):
        self[file] = inside = os.path.abspath(file).startswith(HERE)
        return inside


class _OwnSlots(dict):
    """What an operation keeps beyond inputs and output; the size of these is known from others."""

    def __missing__(self, operation):
        self[operation] = own = [name for name in operation.slots if name not in ('x', 'y')]
        return own


_inside = _Inside()
_own_slots = _OwnSlots()


def _own_bytes(fn):
    total = 0
    for name in _own_slots[type(fn)]:
        kept = getattr(fn, name)
        for array in kept if isinstance(kept, (tuple, list)) else (kept,):
            total += getattr(array, 'nbytes', 0)
    return total

