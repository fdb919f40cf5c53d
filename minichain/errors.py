"""The errors that minichain raises by itself: each says what was wanted, what came, what to try."""


class MinichainError(Exception):
    """Something in minichain went wrong, and the message says what to try."""


class ShapeError(MinichainError, ValueError):
    """The shapes of the arrays do not fit the operation."""


class DTypeError(MinichainError, TypeError):
    """The type of the numbers in an array does not fit the operation."""


class DeviceError(MinichainError, RuntimeError):
    """A device is missing or full, or arrays of one operation live on different devices."""


class NumberError(MinichainError, ArithmeticError):
    """A computation gave something that is not a finite number."""


class GradientError(MinichainError, AssertionError):
    """A derivative is not what finite differences say."""


class GraphError(MinichainError, RuntimeError):
    """The computational graph cannot do what was asked of it."""
