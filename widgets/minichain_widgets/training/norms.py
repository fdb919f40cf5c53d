"""How long the gradient and the weights of a model are."""
import math

from minichain.measure import norm, square_norm

LARGE = 2_000           # parameters; of larger models norms are measured every few updates only
RARELY = 10


def interval(model) -> int:
    """So many updates lie between two measurements."""
    return 1 if model.count_params() <= LARGE else RARELY


def gradient_norm(params) -> float:
    """The L2 norm of the gradients of these parameters; NaN or infinity if one is in them."""
    return _norm(param.grad for param in params if param.grad is not None)


def weight_norm(params) -> float:
    """The L2 norm of these parameters together."""
    return _norm(param.data for param in params if param.is_initialized)


def _norm(arrays):
    length, nan = norm([square_norm(array) for array in arrays])
    return math.nan if nan else math.inf if length is None else length
