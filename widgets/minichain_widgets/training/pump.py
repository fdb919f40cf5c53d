"""Work in small pieces on the event loop of a kernel, so that messages are heard in between."""
import asyncio
import contextlib
import contextvars
from time import perf_counter

CHUNK = 0.08            # seconds of work at a time
BREATH = 0.001          # seconds at least for others, then


class Pump:
    """Calls work() again and again until it has nothing to do.

    work   does one small piece. Returns the seconds to wait before the next one, None for nothing
           to do any more. It must not raise
    after  called after each chunk of pieces, to send what is new
    within makes a context for each chunk

    `wake` may be called from any thread: some ipykernels handle messages in another one. The work
    is done in the thread where the Pump was made, once that runs an event loop. Without an event
    loop, `wake` returns False and does nothing.
    """

    def __init__(self, work, after=lambda: None, within=contextlib.nullcontext):
        self.work, self.after, self.within, self._task = work, after, within, None
        # A kernel sends messages only from the context of a cell or of a message.
        self._context = contextvars.copy_context()
        try:
            self.loop = asyncio.get_running_loop()
        except RuntimeError:
            self.loop = None

    def wake(self) -> bool:
        """See to it that the work goes on."""
        if self.loop is None or self.loop.is_closed():
            return False
        self.loop.call_soon_threadsafe(self._begin)
        return True

    def _begin(self):
        if self._task is None or self._task.done():
            self._task = self._context.copy().run(self.loop.create_task, self._turn())

    async def _turn(self):
        while True:
            wait, until = 0, perf_counter() + CHUNK
            with self.within():
                while wait == 0 and perf_counter() < until:
                    wait = self.work()
            self.after()
            if wait is None:
                return
            await asyncio.sleep(max(wait, BREATH))
