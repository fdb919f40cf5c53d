"""Hooks of operations: what happens whenever one has computed or let its gradient through.

    with TimerHook() as timer:
        loss = model(x)
        loss.backward()
    print(timer)

A hook of your own is a subclass with `on_apply` and `on_backward`; see observe.py. Hooks of links
are in links/hooks.py.
"""
import tracemalloc

from . import observe
from .backend import get_device, is_array, to_cpu
from .backprop import Output
from .profiler import Profile
from .variable import Variable
from .words import table

MIB = 2 ** 20


class FunctionHook(observe.Watcher):
    """Hears of every operation of this thread inside of `with`. Say in a subclass what it does."""

    def on_apply(self, fn, inputs, outputs):
        """An operation has computed its outputs."""

    def on_backward(self, fn, gys, gxs):
        """An operation has let gradients through; for a leaf, gys are its own and gxs is empty."""


class PrintHook(FunctionHook):
    """Prints what goes in and out of operations, forward and backward.

    values  also print the mean and the standard deviation of each array
    file    where to print to; None: the standard output
    """

    def __init__(self, values=True, file=None):
        self.values, self.file = values, file

    def on_apply(self, fn, inputs, outputs):
        self.say('forward ', fn.label, inputs, outputs)

    def on_backward(self, fn, gys, gxs):
        if type(fn) is not Output:
            self.say('backward', fn.label, gys, gxs)

    def say(self, way, label, before, after):
        parts = [' '.join(map(self.text, arrays)) or 'the leaf' for arrays in (before, after)]
        print(f'{way} {label}: {" -> ".join(parts)}', file=self.file)

    def text(self, x):
        """'(2, 3) float32 0.1 ± 0.9', or a number as it is."""
        x = x.data if isinstance(x, Variable) else x
        if not is_array(x):
            return str(x)
        text = f'{x.shape} {x.dtype}'
        if self.values and x.size and x.dtype.kind == 'f':
            host = to_cpu(x).astype('float64')
            text += f' {host.mean():.4g} ± {host.std():.4g}'
        return text


class TimerHook(Profile):
    """Measures the time of each kind of operation: `mc.profile()` with the reports of a hook."""

    def total_time(self):
        """Seconds of all operations, forward and backward."""
        return sum(row['forward'] + row['backward'] for row in self.rows())

    def summary(self):
        """{operation: {'elapsed_time': seconds, 'occurrence': how many calls}}"""
        return {row['operation']: {'elapsed_time': row['forward'] + row['backward'],
                                   'occurrence': row['calls']} for row in self.rows()}

    def print_report(self, file=None):
        """Print the table: each kind of operation, the slowest first."""
        print(self, file=file)


class MemoryHook(FunctionHook):
    """Measures how much memory each kind of operation leaves in use, forward and backward.

    device  'cpu': what NumPy and Python have allocated, by tracemalloc, which makes all slower;
            a GPU: what is in use there

    What passes between two events counts for the operation of the later one. A negative number says
    that more was let go than taken.
    """

    def __init__(self, device='cpu'):
        self.device, self.rows = get_device(device), {}
        self.peak, self.tracing = 0, False

    def begin(self):
        self.tracing = self.device.kind == 'cpu' and not tracemalloc.is_tracing()
        if self.tracing:
            tracemalloc.start()
        self.began = self.last = self.peak = self.used()

    def end(self):
        self.used()
        if self.tracing:
            tracemalloc.stop()

    def used(self):
        """Bytes in use now; the peak since the last time goes into `peak`."""
        if self.device.kind == 'cpu':
            now, peak = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
        else:
            now = peak = self.device.memory().used
        self.peak = max(self.peak, peak)
        return now

    def on_apply(self, fn, inputs, outputs):
        self.count(fn, 0)

    def on_backward(self, fn, gys, gxs):
        self.count(fn.parent if type(fn) is Output else fn, 1)

    def count(self, fn, column):
        now = self.used()
        label = 'leaf' if isinstance(fn, Variable) else fn.label
        row = self.rows.setdefault(label, [0, 0, 0])
        row[column] += now - self.last
        row[2] += column == 0
        self.last = self.used()

    def summary(self):
        """{operation: {'forward': bytes, 'backward': bytes, 'occurrence': how many calls}}"""
        return {label: {'forward': forward, 'backward': backward, 'occurrence': calls}
                for label, (forward, backward, calls) in self.rows.items()}

    def __str__(self):
        order = sorted(self.rows.items(), key=lambda item: -item[1][0])
        lines = [('operation', 'calls', 'forward MiB', 'backward MiB'),
                 *[(label, f'{calls:,}', f'{forward / MIB:,.3f}', f'{backward / MIB:,.3f}')
                   for label, (forward, backward, calls) in order]]
        return f'{table(lines)}\n{(self.peak - self.began) / MIB:,.3f} MiB at the peak.'

    def print_report(self, file=None):
        """Print the table: each kind of operation, the largest first."""
        print(self, file=file)
