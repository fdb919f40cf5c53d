"""Switches of the running thread: record a graph or not, train or test, debug or not."""
import contextlib
import threading

from . import observe


class Config(threading.local):
    """The switches of one thread. Read them anywhere; change them with `using_config`.

    record  build the graph while computing (off: nothing is remembered, nothing can learn)
    train   behave as in training: dropout drops, batch normalization uses the batch's statistics
    debug   stop at the first NaN or infinity, and at a kept array that was changed; slow
    winograd  let large 3x3 convolutions on the CPU take a faster way whose rounding error is
            about 1e-5 of the largest value instead of 1e-7
    plain   set by backward only: functions of arrays give arrays, no Variable is made
    again   set by checkpoint only: this was computed before, statistics are not to count it twice
    """

    record = True
    train = True
    winograd = True
    plain = False
    again = False
    guard = None        # the observer of debug mode; `guard.py` puts it here
    blocks = ()         # for each open block of using_config what it has to put back

    @property
    def debug(self):
        return any(observer is self.guard for observer in observe.watching.observers)

    @debug.setter
    def debug(self, on):
        if bool(on) != self.debug:
            change = observe.add if on else observe.remove
            change(self.guard)

    def put(self, values):
        """Set switches, given by name."""
        for name, value in values.items():
            setattr(self, name, bool(value))

    def end(self, block, place):
        """Put back what the block at this place has changed, and before that, what blocks inside of
        it have: a Ctrl-C may keep `with` from ending a block, until its traceback is forgotten."""
        if block in self.blocks[place:place + 1]:
            while len(self.blocks) > place:
                self.put(self.blocks[-1])
                self.blocks = self.blocks[:-1]


config = Config()
SWITCHES = ('record', 'train', 'debug', 'winograd')


@contextlib.contextmanager
def using_config(**switches):
    """Change switches for a while: `with using_config(train=False): ...`.

    Raises TypeError for a switch that does not exist.
    """
    unknown = sorted(set(switches) - set(SWITCHES))
    if unknown:
        raise TypeError(f'There is no switch {unknown[0]!r}; there are {", ".join(SWITCHES)}.')
    block, outer = {name: getattr(config, name) for name in switches}, config.blocks
    place = len(outer)
    try:
        config.blocks = *outer, block
        config.put(switches)
        yield config
    finally:
        try:
            config.end(block, place)
        finally:        # once more: Ctrl-C may have come on the way
            config.end(block, place)


def no_grad():
    """Compute without building a graph: faster, and nothing is kept for backward."""
    return using_config(record=False)


def test_mode():
    """Behave as in use rather than in training, and build no graph."""
    return using_config(train=False, record=False)


test_mode.__test__ = False
