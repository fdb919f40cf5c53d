"""A stream: what a program computes, as messages for a picture, at a price that training can bear.

Nothing here knows Jupyter. A stream watches one thread, writes down what happens there, and hands
messages (kernelMessage in minichain/graph.schema.json) to whoever listens.
"""
import contextvars
import os
import sys
import threading
import weakref
from time import perf_counter, sleep
from types import SimpleNamespace

from minichain import backprop, observe
from minichain.recorder import Recorder

from .answers import answer
from .explanation import note
from .failure import failed_operation
from .messages import problem_of

# What a front end may ask of a stream.
TAKES = {'ready': {}, 'sync': {}, 'pause': {'on': 'flag'}, 'ask': {'id': 'count', 'what': 'name'}}

FLUSH = 0.04            # seconds between two batches
LIMIT = 3_000           # nodes in one picture
FAR_BEYOND = 10         # pictures' worth of nodes that are counted beyond the limit
SHARE = 10              # seconds left to the program for each second spent on drawing
SHARE_HIDDEN = 30       # the same while nobody looks
SHORTEST_BREAK = 0.25   # seconds; a picture that changes more often is no longer looked at
LINGER = 1.0            # seconds that the flushing thread waits for work
HELD = 1_000            # calls of links that may wait for their first operation
WALK = backprop.walk.__code__

# What is said below the picture.
NOTHING = ['']
LOOP = 'A loop: %1 of %2 iterations drawn'


class Outlet:
    """One who listens to a stream: send(message) reaches it. Paused, it hears answers only."""

    def __init__(self, send):
        self.send = send
        self.paused = False


class Stream:
    """Watch the thread that calls `start`, and tell the outlets what is new every 40 ms.

    A loop is drawn in samples. Where a forward pass begins at a place in the program at which one
    began before, an iteration has ended. It stands in the picture; the program then runs with
    nothing watched but what is needed to count iterations, for ten times as long as drawing took,
    before another iteration is drawn.

    cell_name  as for Recorder: from the name of a file to what the picture calls it
    clock      seconds, for tests
    """

    reads_parts = False     # weights that are used many times multiply once, watched or not

    def __init__(self, cell_name=None, clock=perf_counter, limit=LIMIT):
        self.recorder = Recorder(limit=limit, stats=True, cell_name=cell_name)
        self.clock = clock
        self.limit = limit
        self.outlets = []               # who listens
        self.on_first_graph = None      # called once, before the first operation is noted
        self.piece_now = None           # called outside of pieces: names what the kernel does now
        self.title_now = None           # called for each new picture: its title
        self.between = None             # called once, before the program's next operation
        self.run = 0
        self.phase = 'idle'
        self._lock = threading.RLock()  # messages may be handled in another thread
        self._process = os.getpid()
        self._observer = None
        self._flusher = None            # a thread, while there may be something to flush later
        self._pending = threading.Event()
        self._last_flush = -FLUSH
        self._sent_phase = 'idle'
        self._seq = 0
        self._begun = True              # whether `begin` of this run was sent
        self._title = None
        self._sent_note = NOTHING
        self._first = self._last = 0    # orders of the functions in the picture
        self._outputs = {}              # order of a function -> weak reference to its first output
        self._errors = []               # the messages on errors that the picture shows
        self._reset()
        self._piece = None
        self._outside = True            # no piece of program runs; callbacks of widgets may

    def _reset(self):
        self._active = False            # something was noted in this piece
        self._waiting = 'piece'         # what is undecided until the next operation comes, or None
        self._held = []                 # calls of links that wait for that decision
        self._places = set()            # where the forward passes of this piece began
        self._iterations = self._drawn = 0
        self._updated = None            # order of the parameter that is updated first
        self._last_walk = 0             # age of the node that backward reached last, in a break
        self._cost = 0.0                # seconds spent on the picture
        self._resume_at = 0.0
        self._error = None              # the message on what ended the piece

    # For those who own a stream -------------------------------------------------------------------

    def start(self):
        """Watch this thread from now on."""
        self._watch(self)

    def stop(self):
        """Stop watching."""
        self.flush()
        self._watch(None)

    @property
    def failed(self):
        """(the last operation before the error that ended the piece, the run of its picture)."""
        id = self._error['id'] if self._error else None
        return (id, self.run) if id is not None else (None, None)

    @property
    def watching(self):
        """Whether this stream hears what the program does, at least to count iterations."""
        return self._observer is not None

    def begin(self):
        """A piece of program begins, a cell for example. Its first operation begins a new picture,
        unless it goes on from an operation in the old one."""
        with self._lock:
            self._reset()
            self._outside = False
            if self._observer is not None:
                self._watch(self)

    def finish(self, error=None):
        """The piece has ended; `error` is the exception that ended it, if one did."""
        with self._lock:
            if self._iterations and self._waiting == 'turned':
                self._iteration_ends(drawn=True)
            self.phase = 'idle'
            self._outside = True
            self.flush()
            if error is not None:
                self._tell_error(error)

    def _tell_error(self, error):
        """Tell what ended the piece, if it computed anything or tried to compute with the picture.
        The picture has it from then on, and the same error once."""
        drawing = self._observer is self
        operation = failed_operation(error, self.recorder) if drawing else None
        if not self._active and not (operation and operation['inputs']):
            return
        self._error = {'t': 'error', 'text': describe(error),
                       'id': len(self.recorder.graph()) or None if drawing else None}
        if operation is not None:
            self._error['operation'] = operation
        self._errors = [*(each for each in self._errors if each.get('operation') != operation),
                        self._error]
        self._send(self._error)

    def state(self):
        """The whole picture as a message."""
        with self._lock:
            return {'t': 'state', 'run': self.run,
                    'graph': self.recorder.graph(self._title).to_dict(),
                    'phase': self.phase, 'released': self.recorder.released(),
                    'updates': self.recorder.updates()}

    def handle(self, message, outlet):
        """Do what a front end's message asks for, and answer through its outlet."""
        if problem_of(message, TAKES):
            return
        kind = message['t']
        if kind == 'pause':
            resumed = outlet.paused and not message['on']
            outlet.paused = message['on']
            if resumed:
                self._tell_all(outlet)
        elif kind in ('sync', 'ready'):
            self._tell_all(outlet)
        elif kind == 'ask':
            outlet.send(answer(message, self._array(message['id'])))

    def flush(self):
        """Send what is new."""
        if os.getpid() != self._process:
            return      # a forked child has its parent's stream, but not its connection
        with self._lock:
            self._pending.clear()
            new = self.recorder.drain()
            truncated = new.pop('truncated')
            if any(new.values()) or self.phase != self._sent_phase:
                if not self._begun:
                    self._begun = True
                    self._send({'t': 'begin', 'run': self.run, 'title': self._title})
                self._send({'t': 'batch', 'run': self.run, 'seq': self._seq, **new,
                            'phase': self.phase, 'truncated': truncated})
                self._seq += 1
                self._sent_phase = self.phase
            sentence = NOTHING
            if self._iterations > 1:
                sentence = [LOOP, f'{self._drawn:,}', f'{self._iterations:,}']
            if sentence != self._sent_note:
                self._sent_note = sentence
                self._send(note(sentence))
            self._last_flush = self.clock()

    def _flush_later(self):
        """The program may rest now, or compute something else for long: let a thread flush."""
        with self._lock:
            self._pending.set()
            if self._flusher is None:
                # In the context of the program: ipykernel 7.0 sends nothing from any other.
                work = contextvars.copy_context().run
                self._flusher = threading.Thread(target=work, args=(self._keep_flushing,),
                                                 daemon=True)
                self._flusher.start()

    def _keep_flushing(self):
        while self._flusher is not None:
            if self._pending.wait(LINGER):
                sleep(FLUSH)
                if self._pending.is_set():      # nobody has flushed meanwhile
                    self.flush()
            else:
                with self._lock:
                    if not self._pending.is_set():
                        self._flusher = None

    def _send(self, message):
        for outlet in list(self.outlets):
            if not outlet.paused:
                outlet.send(message)

    def _tell_all(self, outlet):
        with self._lock:
            self.flush()
            outlet.send(self.state())
            if self._sent_note != NOTHING:
                outlet.send(note(self._sent_note))
            for error in self._errors:
                outlet.send(error)

    def _array(self, id):
        """The values of a node, if anybody still holds them."""
        node = self.recorder.find(id)
        if node is None:
            return None
        if hasattr(node, 'data'):
            return node.data
        output = self._outputs.get(node.order, lambda: None)()
        kept = node.y[0] if type(node.y) is tuple else node.y
        return kept if output is None else output.data

    # The four events. They run inside the user's computation --------------------------------------

    def on_apply(self, fn, inputs, outputs):
        began = self.clock()
        if self.between is not None:
            self._turn()
        if self._outside:
            self._look_for_piece()
        if self._waiting and not self._go_on(fn):
            return
        recorder = self.recorder
        recorder.on_apply(fn, inputs, outputs)
        self._last = fn.order
        if not recorder.truncated:
            self._outputs[fn.order] = weakref.ref(outputs[0])
        elif recorder.truncated > FAR_BEYOND * self.limit:
            self._take_a_break()
        self._noted('forward', began)

    def on_backward(self, node, gys, gxs):
        if self._waiting == 'sample':
            return
        began = self.clock()
        self.recorder.on_backward(node, gys, gxs)
        self._waiting = self._waiting or 'turned'
        self._noted('backward', began)

    def on_update(self, param):
        if self._waiting == 'sample':
            return
        began = self.clock()
        self.recorder.on_update(param)
        if self._updated is None:
            self._updated = param.order
        self._waiting = self._waiting or 'turned'
        self._noted('update', began)

    def on_scope(self, link, entering):
        if self._outside:
            self._look_for_piece()
        if not self._waiting:
            self.recorder.on_scope(link, entering)
        elif len(self._held) < HELD:
            self._held.append((link, entering))

    def _turn(self):
        turn, self.between = self.between, None
        turn()

    def _noted(self, phase, began):
        self.phase = phase
        self._active = True
        now = self.clock()
        if now - self._last_flush >= FLUSH:
            self.flush()
            now = self.clock()
        elif not self._pending.is_set():
            self._flush_later()
        self._cost += now - began

    # Where a picture begins, and where it ends ----------------------------------------------------

    def _look_for_piece(self):
        """Between pieces, a callback of a widget is a piece of its own."""
        piece = self.piece_now() if self.piece_now is not None else None
        if piece != self._piece:
            self._piece = piece
            self._reset()

    def _go_on(self, fn):
        """Decide whether fn, the first operation after a turn, is noted, and in which picture."""
        place = place_in_program()
        if place is None:
            return self._waiting != 'sample'    # backward computes with a graph: no forward pass
        if self._waiting == 'turned' and place in self._places:
            self._iteration_ends(drawn=True)
            self._take_a_break()
            return False
        if self._waiting == 'sample' or self._waiting == 'piece' and not self._continues(fn):
            self._new_picture(fn)
        self._places.add(place)
        self._waiting = None
        for call in self._held:
            self.recorder.on_scope(*call)
        self._held.clear()
        return True

    def _continues(self, fn):
        """Whether fn computes with the output of an operation in the picture."""
        parents = [edge.edges[0] if type(edge) is backprop.Output else edge for edge in fn.edges]
        return any(parent is not None and parent.edges and self._first <= parent.order <= self._last
                   for parent in parents)

    def _new_picture(self, fn):
        with self._lock:
            self.flush()
            self.recorder.clear()
            self._outputs.clear()
            self._errors.clear()
            self.run += 1
            self._seq = 0
            self._begun = False
            self._first = fn.order
            self._updated = None
            self._title = self.title_now() if self.title_now is not None else None
            if self.on_first_graph is not None:
                tell, self.on_first_graph = self.on_first_graph, None
                tell()

    def _iteration_ends(self, drawn):
        self._iterations += 1
        self._drawn += drawn

    def _take_a_break(self):
        """Only count for a while, with as few events as iterations can be counted by."""
        began = self.clock()
        self._waiting = None
        self._held.clear()
        self.flush()
        now = self.clock()
        seen = any(not outlet.paused for outlet in self.outlets)
        share = SHARE if seen else SHARE_HIDDEN
        self._resume_at = now + max(SHORTEST_BREAK, share * (self._cost + now - began))
        if self._updated is None:
            self._watch(SimpleNamespace(on_backward=self._count_walk, on_update=self._count_update,
                                        reads_parts=False))
        else:
            self._watch(SimpleNamespace(on_update=self._count_update))

    def _count_update(self, param):
        """An update in a break. One iteration updates each parameter once."""
        if self.between is not None:
            self._turn()
        if self._updated is None:
            self._updated = param.order
        if param.order == self._updated:
            self._iteration_ends(drawn=False)
            self._end_break()

    def _count_walk(self, node, gys, gxs):
        """A gradient on its way in a break. One walk back meets older and older nodes."""
        if node.order > self._last_walk:
            self._iteration_ends(drawn=False)
            self._end_break()
        self._last_walk = node.order

    def _end_break(self):
        if self.clock() >= self._resume_at:
            self._cost = 0.0
            self._waiting = 'sample'
            self._watch(self)

    def _watch(self, observer):
        if self._observer is not None:
            observe.remove(self._observer)
        self._observer = observer
        if observer is not None:
            observe.add(observer)


def place_in_program():
    """A number for the place in the program at which an operation is applied, made of all lines
    from the operation up to the module; None inside of backward."""
    place = []
    frame = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code is WALK:
            return None
        place.append((id(code), frame.f_lasti))
        if code.co_name == '<module>':
            break
        frame = frame.f_back
    return hash(tuple(place))


def describe(error):
    """What went wrong, as one line."""
    if isinstance(error, KeyboardInterrupt):
        return 'Interrupted.'
    lines = str(error).strip().splitlines()
    return f'{type(error).__name__}: {lines[0]}' if lines else type(error).__name__
