"""Watching a network run: four events, and whoever wants to hear of them.

An observer is any object that has some of these methods:

    on_apply(fn, inputs, outputs)    an operation has run and stands in the graph
    on_backward(fn, gys, gxs)        gradients have passed through an operation or reached a leaf
    on_update(param)                 an optimizer has changed a parameter
    on_scope(link, entering)         a link's computation begins or ends

An observer that does not look at gxs, the gradients of an operation's inputs, may say so with
`reads_parts = False`. Then weights that are used many times still multiply once (see gather.py).
Nobody watching costs one test of an empty set per event.
"""
import contextlib
import threading
import warnings

EVENTS = ('on_apply', 'on_backward', 'on_update', 'on_scope')


class Watching(threading.local):
    """Who watches this thread: the observers, and for each event the methods to call."""

    observers = ()
    on_apply = on_backward = on_update = on_scope = ()
    parts = False       # whether somebody looks at what each use of a weight adds to its gradient


watching = Watching()
NOBODY = {'observers': (), 'parts': False, **dict.fromkeys(EVENTS, ())}
watched_threads = set()     # while it is empty, no thread needs to look for its own observers


def _rebuild(observers):
    told = {}
    for event in EVENTS:
        methods = (getattr(observer, event, None) for observer in observers)
        told[event] = tuple(method for method in methods if method is not None)
    parts = any(getattr(observer, 'reads_parts', True) for observer in observers
                if hasattr(observer, 'on_backward'))
    watched_threads.add(threading.get_ident())
    # All at once: a Ctrl-C comes before or after it.
    watching.__dict__.update(told, observers=tuple(observers), parts=parts)
    if not observers:
        watched_threads.discard(threading.get_ident())


def add(observer):
    """Let an observer hear of everything that happens in this thread from now on."""
    _rebuild([*watching.observers, observer])


def remove(*observers):
    """Stop telling observers. Unknown ones are ignored."""
    gone = set(map(id, observers))
    _rebuild([observer for observer in watching.observers if id(observer) not in gone])


@contextlib.contextmanager
def watch(*observers):
    """Let observers watch for a while: `with watch(recorder): y = model(x)`."""
    try:
        for observer in observers:
            add(observer)
        yield observers[0] if len(observers) == 1 else observers
    finally:
        try:
            remove(*observers)
        finally:        # once more: Ctrl-C may have come on the way
            remove(*observers)


class Watcher:
    """An observer that watches inside of `with`.

    A subclass may say in `begin` and `end` what it does before it watches and before it stops.
    """

    def begin(self):
        """The block begins."""

    def end(self):
        """The block ends."""

    def __enter__(self):
        try:
            self.begin()
            add(self)
        except BaseException:       # Ctrl-C: there will be no block that ends
            remove(self)
            raise
        return self

    def __exit__(self, *error):
        try:
            self.end()
            remove(self)
        finally:        # once more: Ctrl-C may have come on the way
            remove(self)


class unwatched:
    """Let nobody watch for a while: what is computed in the block is no observer's business."""

    def __enter__(self):
        self.before = {**NOBODY, **watching.__dict__}
        try:
            watching.__dict__.update(NOBODY)
        except BaseException:       # Ctrl-C: there will be no block that ends
            watching.__dict__.update(self.before)
            raise

    def __exit__(self, *error):
        watching.__dict__.update(self.before)


def load_plugins(group='minichain.observers'):
    """Call every entry point of a group, so that an installed package can begin to watch.

    A plugin that fails is named in a warning; it never stops `import minichain`.
    """
    import importlib.metadata       # as slow to import as all of minichain
    for entry in importlib.metadata.entry_points(group=group):
        try:
            entry.load()()
        except Exception as error:
            warnings.warn(f'The plugin {entry.name!r} of {group} does not work: {error}',
                          stacklevel=2)
