"""The docked panel's other end: it follows what a notebook computes, without a word from the user.

`import minichain` in an IPython kernel calls `install` (an entry point of the group
`minichain.observers`). The first operation opens a comm. If the front end has no panel it closes
the comm, or does not answer; then nothing is watched any more.
"""
import contextvars
import functools
import os
import sys
import threading
from time import monotonic

from comm import create_comm
from IPython import get_ipython
from IPython.display import display
from minichain import MinichainError

from .control import Control
from .explanation import Explanation, filled
from .failure import without_library
from .messages import problem_of
from .stream import TAKES, Outlet, Stream

TARGET = 'minichain.live'
PATIENCE = 2.0          # seconds that a kernel with nothing to do waits for an answer to its comm


class LiveSession:
    """What a kernel's main thread computes, and those who look at it: the panel, and widgets."""

    def __init__(self, shell):
        self.shell = shell
        self.stream = Stream(cell_name=functools.partial(name_of_cell, shell))
        self.stream.title_now = self._title_now
        self.stream.piece_now = self._message_now
        self.stream.on_first_graph = self.open
        self.comm = None
        self.answered = False           # a front end has sent something
        self._wanted = True             # the user has not switched the panel off
        self._refused = False           # the front end has closed the comm, or nobody answers
        self._panel = Outlet(self._send)
        self.control = Control(shell.user_ns, self._send)
        self._busy = False              # a cell runs
        self._shown = None              # the error that has ended the cell, once it is shown
        self._widgets = []
        self._idle_since = None
        shell.events.register('pre_run_cell', self._before_cell)
        shell.events.register('post_run_cell', self._after_cell)
        if not shell.custom_exceptions:     # else the user, or another package, shows errors
            shell.set_custom_exc((MinichainError,), self._show_error)
        self._before_cell()

    def follow(self, on):
        """Let the panel follow what the main thread computes, or not."""
        self._wanted = on
        self._panel.paused = not on
        if on:
            self._refused = False
            self.open()
        self._watch_if_wanted()

    def open(self):
        """Open the comm, so that a panel can show what comes."""
        if self.comm is None:
            self.comm = create_comm(target_name=TARGET, data={'version': 1})
            self.comm.on_msg(self._on_message)
            self.comm.on_close(self._on_close)
            self.answered = False
            self.stream.outlets.append(self._panel)
            self.control.tell(anyway=True)

    def add(self, outlet):
        """Send every message to a widget, too."""
        self._widgets.append(outlet)
        self.stream.outlets.append(outlet)
        self._watch_if_wanted()

    def remove(self, outlet):
        """Send no more messages to this widget."""
        if outlet in self._widgets:
            self._widgets.remove(outlet)
            self.stream.outlets.remove(outlet)

    def _watch_if_wanted(self):
        """Observers belong to a thread, so only the main thread comes here."""
        wanted = bool(self._widgets) or self._wanted and not self._refused
        if wanted and not self.stream.watching:
            self.stream.start()
        elif not wanted and self.stream.watching:
            self.stream.stop()

    def _before_cell(self, info=None):
        idle = 0.0 if self._idle_since is None else monotonic() - self._idle_since
        if self.comm is not None and not self.answered and idle > PATIENCE:
            self._refused = True
        self._busy = True
        self._watch_if_wanted()
        self.stream.begin()

    def _after_cell(self, result):
        self._idle_since = monotonic()
        self._busy = False
        error = result.error_before_exec or result.error_in_exec
        if error is None or error is not self._shown:
            self.stream.finish(error)
            self._explain(error)
        self._shown = None
        self.stream.between = None
        if self.comm is not None:
            self.control.settle()

    def _explain(self, error):
        """Say what one of minichain's errors means, if a front end is likely that shows it."""
        if isinstance(error, MinichainError) and self._explains:
            display(Explanation(error, *self.stream.failed))

    def _show_error(self, shell, kind, error, traceback, tb_offset=None):
        """IPython calls this for an error of minichain in a cell: what it means comes first, then
        the user's lines that led to it. `%tb` still shows those inside minichain, too."""
        self._shown = error
        self.stream.finish(error)
        self._explain(error)
        folded, count = without_library(traceback)
        lines = shell.InteractiveTB.structured_traceback(kind, error, folded, tb_offset=tb_offset)
        if not self._explains:
            lines.append(f'\nTo try: {filled(Explanation(error).advice)}')
        if count:
            lines.append(f'\n(%tb shows the lines inside minichain, too: {count}.)')
        shell._showtraceback(kind, error, lines)
        sys.last_type, sys.last_value, sys.last_traceback = kind, error, traceback

    @property
    def _explains(self):
        """Whether a front end with minichain's extension is likely: the explanation is for it."""
        return self.answered or 'JPY_SESSION_NAME' in os.environ

    def _title_now(self):
        """The cell that runs. Of what IPython counts, only the stored inputs always mean it."""
        return f'cell [{len(self.shell.history_manager.input_hist_raw) - 1}]'

    def _message_now(self):
        """Names the message that the kernel handles."""
        return self.shell.kernel.get_parent().get('header', {}).get('msg_id')

    def _send(self, message):
        if self.comm is not None:
            self.comm.send(message)

    # ipykernel calls these two between cells, or in another thread while a cell runs.

    def _on_message(self, message):
        self.answered, self._refused = True, False
        message = message['content']['data']
        if problem_of(message, {**TAKES, **Control.TAKES}):
            return
        kind = message['t']
        if kind not in Control.TAKES:
            self.stream.handle(message, self._panel)
            if kind == 'sync':
                self.control.tell(anyway=True)
            return
        if self._busy:
            self.stream.between = self.control.turn
        self.control.ask(message, self._busy)
        if threading.current_thread() is not threading.main_thread():
            # JupyterLab talks to a kernel through a subshell, a thread of its own. In its context:
            # ipykernel 7.0 sends nothing from any other.
            work = contextvars.copy_context().run
            self.shell.kernel.io_loop.add_callback(work, self._settle_if_idle)

    def _settle_if_idle(self):
        if not self._busy:
            self.control.settle()

    def _on_close(self, message):
        self._refused = True
        self.comm = None
        self.stream.outlets.remove(self._panel)
        self.stream.on_first_graph = None


_session = None


def session():
    """The session of this kernel, made when it is first asked for; None outside of a kernel."""
    global _session
    shell = get_ipython()
    if _session is None and getattr(shell, 'kernel', None) is not None:
        if threading.current_thread() is threading.main_thread():
            _session = LiveSession(shell)
    return _session


def install():
    """Begin to follow this kernel: called by `import minichain`."""
    session()


def live(on=True):
    """Let JupyterLab's docked panel follow this notebook, or not: `live(False)` before a timing.

    Following is on from the start. It costs a training loop a few percent of its speed while the
    panel is visible. Raises RuntimeError outside of a notebook's kernel.
    """
    current = session()
    if current is None:
        raise RuntimeError('live() works in the kernel of a notebook only.')
    current.follow(bool(on))


def name_of_cell(shell, file):
    """What the picture calls the file of a cell: 'cell [3]'; None for other files."""
    named = shell.compile.format_code_name(file)
    return named and named[1].replace('In', 'cell ')
