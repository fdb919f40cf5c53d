"""Extensions: what a trainer does between updates, when their triggers say so."""
from .saving import Saved

# The higher, the earlier: first who reports values, then who changes them, then who reads them.
PRIORITY_WRITER = 300
PRIORITY_EDITOR = 200
PRIORITY_READER = 100


class Extension(Saved):
    """A base for extensions. Say in a subclass what to do: `__call__(trainer)`.

    trigger   when to do it   priority  the higher, the earlier   name  what the trainer calls it
    """

    trigger = (1, 'iteration')
    priority = PRIORITY_READER
    name = None

    @property
    def default_name(self):
        """What it is called if nobody says otherwise: the name of the class."""
        return type(self).__name__

    def __call__(self, trainer):
        raise NotImplementedError(f'{type(self).__name__} does nothing.')

    def initialize(self, trainer):
        """Called once when the training begins, or goes on."""

    def finalize(self):
        """Called once when the training ends, whatever ends it."""

    def on_error(self, trainer, exception, tb):
        """Called when an error ends the training, before `finalize`."""


def make_extension(trigger=(1, 'iteration'), default_name=None, priority=PRIORITY_READER,
                   finalizer=None, initializer=None, on_error=None):
    """A decorator that makes a function of the trainer an extension with these settings."""
    def decorate(function):
        function.trigger, function.priority = trigger, priority
        function.default_name = default_name or function.__name__
        function.finalize, function.initialize = finalizer, initializer
        function.on_error = on_error
        return function
    return decorate
