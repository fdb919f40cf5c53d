"""Profile: an observer that finds out where the time of a network goes.

It holds numbers only, no array and no graph: what a program lets go of goes, profiled or not.
"""
from collections import Counter
from time import perf_counter
from weakref import WeakKeyDictionary

from . import cost, observe, timeline
from .backprop import Output
from .variable import Variable
from .words import link_name, table

LEAF = 'leaf'           # a gradient arrives at a parameter or another leaf
OUTSIDE = '(no link)'   # the link of what ran outside of any link
COUNTS = ('calls', 'forward', 'backward', 'before', 'macs', 'bytes', 'kept')
COLUMNS = ('calls', 'forward ms', 'backward ms', '%', 'before ms', 'multiply-adds', 'bytes out',
           'bytes kept')


def profile(limit=10_000):
    """Find out where the time goes: a Profile that watches what runs inside of `with`.

        with mc.profile() as p:
            loss = model(x)
            loss.backward()
        print(p)                        # a table: each kind of operation, the slowest first
        print(p.table(by='link'))       # the same for each link
        p.timeline()                    # a picture: the operations over time

    limit  the picture shows so many operations; later ones stand in the table alone
    """
    return Profile(limit)


class Profile(observe.Watcher):
    """Time, calls, multiply-adds and bytes, for each kind of operation and for each link.

    forward   the time in an operation's `forward`: NumPy computes, or CuPy
    before    what passed between the event before and an operation's own, without its forward: the
              program, minichain's bookkeeping, an optimizer's preparations
    backward  the time between two events of backward counts for the later one, whose node has just
              let its gradients through. So the first operation of a backward pass also bears what
              the program did since the event before, and the planning of the walk
    updates   likewise, the time before an event of an optimizer's update

    bytes     of the outputs of all calls; bytes kept for backward, likewise summed over all calls

    An operation counts for the innermost link in which it ran. The kind 'leaf' is the arrival of
    gradients at parameters and other leaves; weights that were used many times multiply there. The
    profile's own time is left out. On a GPU calls return before their work is done: there these are
    the times of asking for the work.
    """

    reads_parts = False

    def __init__(self, limit=10_000):
        self.limit = limit
        self.left_out = 0           # operations that the picture does not show
        self.seconds = 0.0          # from beginning to end, without the profile's own time
        self.updates = 0.0
        self.events = []            # for the picture: (row, operation, link, start, end)
        self._totals = {}           # (operation, link) -> Counter of COUNTS
        self._scopes = []
        self._keys = WeakKeyDictionary()    # operation in the graph -> (operation, link)
        self._leaves = {}                   # order of a leaf -> link that used it first
        self._own = 0.0             # seconds in the methods of this object
        self._last = 0.0            # when the last event was over, without the profile's own time

    def begin(self):
        self._began = perf_counter() - self._own - self.seconds
        self._last = self.seconds

    def end(self):
        self.seconds = self._now(perf_counter())

    def _now(self, time):
        return time - self._began - self._own

    def _done(self, time, now):
        """End an event that came at `time`: what it took here counts for nobody."""
        self._last = now
        self._own += perf_counter() - time

    # The four events ------------------------------------------------------------------------------

    def on_apply(self, fn, inputs, outputs):
        time = perf_counter()
        now = self._now(time)
        key = fn.label, self._scopes[-1] if self._scopes else OUTSIDE
        total = self._total(key)
        total['calls'] += 1
        total['forward'] += fn.seconds
        total['before'] += max(0.0, now - self._last - fn.seconds)
        total['macs'] += cost.macs(type(fn), [getattr(x, 'shape', None) for x in inputs],
                                   [y.data.shape for y in outputs])
        total['bytes'] += sum(y.data.nbytes for y in outputs)
        if fn.edges:
            total['kept'] += fn.bytes_kept
            self._keys[fn] = key
            for edge in fn.edges:
                if isinstance(edge, Variable):
                    self._leaves.setdefault(edge.order, key[1])
        self._show('forward', key, now - fn.seconds, now)
        self._done(time, now)

    def on_backward(self, node, gys, gxs):
        time = perf_counter()
        now = self._now(time)
        if isinstance(node, Variable):
            key = LEAF, self._leaves.get(node.order, OUTSIDE)
        else:
            fn = node.parent if type(node) is Output else node
            key = self._keys.get(fn) or (fn.label, OUTSIDE)
        self._total(key)['backward'] += now - self._last
        self._show('backward', key, self._last, now)
        self._done(time, now)

    def on_update(self, param):
        time = perf_counter()
        now = self._now(time)
        self.updates += now - self._last
        self._done(time, now)

    def on_scope(self, link, entering):
        if entering:
            self._scopes.append(link_name(link.path, type(link).__name__))
        elif self._scopes:
            self._scopes.pop()

    def _total(self, key):
        if key not in self._totals:
            self._totals[key] = Counter(dict.fromkeys(COUNTS, 0))
        return self._totals[key]

    def _show(self, row, key, start, end):
        if len(self.events) < self.limit:
            self.events.append((row, *key, start, end))
        else:
            self.left_out += 1

    # What was found -------------------------------------------------------------------------------

    def rows(self, by='operation'):
        """What was counted, as a list of dicts; the largest forward + backward comes first.

        by  'operation': one row for each kind of operation; 'link': one for each link's path

        Each dict holds its name, calls, forward, backward and before (seconds), macs
        (multiply-adds), bytes (of the outputs) and kept (bytes kept for backward).
        Raises ValueError for another `by`.
        """
        if by not in ('operation', 'link'):
            raise ValueError(f"A profile has rows by 'operation' or by 'link', not by {by!r}.")
        sums = {}
        for key, total in self._totals.items():
            name = key[by == 'link']
            sums.setdefault(name, Counter(dict.fromkeys(COUNTS, 0))).update(total)
        rows = [{by: name, **total} for name, total in sums.items()]
        return sorted(rows, key=lambda row: (-round(row['forward'] + row['backward'], 9), row[by]))

    def table(self, by='operation'):
        """The rows as text, with their sums and a sentence on the whole time.

        by  'operation' or 'link'
        """
        rows = self.rows(by)
        total = {name: sum(row[name] for row in rows) for name in COUNTS}
        all_time = total['forward'] + total['backward']
        lines = [(by, *COLUMNS), *[(row[by], *_cells(row, all_time)) for row in rows], None,
                 ('total', *_cells(total, all_time))]
        return f'{table(lines)}\n{self._shares(total)}'

    def _shares(self, total):
        parts = {'forward': total['forward'], 'backward': total['backward'],
                 'updates': self.updates}
        parts['the rest'] = max(0.0, self.seconds - sum(parts.values()))
        whole = sum(parts.values()) or 1.0
        return f'{1000 * self.seconds:,.3f} ms in all: ' + ', '.join(
            f'{name} {seconds / whole:.0%}' for name, seconds in parts.items()) + '.'

    def __str__(self):
        return self.table()

    def __repr__(self):
        calls = sum(total['calls'] for total in self._totals.values())
        return f'<Profile {calls:,} operations in {1000 * self.seconds:,.3f} ms>'

    def timeline(self):
        """The picture: operations over time, forward and backward in rows, a colour for each link.

        It shows itself in a notebook; its `svg` is the text of an SVG file.
        """
        return timeline.Timeline(self.events, self.seconds, self.left_out)

    def _repr_svg_(self):
        return self.timeline().svg


def _cells(row, all_time):
    """The numbers of a row as text, in the order of COLUMNS."""
    share = (row['forward'] + row['backward']) / (all_time or 1.0)
    return (f'{row["calls"]:,}', f'{1000 * row["forward"]:,.3f}', f'{1000 * row["backward"]:,.3f}',
            f'{100 * share:.1f}', f'{1000 * row["before"]:,.3f}', f'{row["macs"]:,}',
            f'{row["bytes"]:,}', f'{row["kept"]:,}')
