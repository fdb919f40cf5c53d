"""Weights: the Variables that an optimizer may change."""
import numpy as np

from . import backend
from .variable import Variable


class Parameter(Variable):
    """A Variable that an optimizer may change: a weight of a network.

    initializer  an array, or a function of (shape, dtype) that gives one
    shape        needed by an initializer; None: the shape is not known yet, see `initialize`

    `update_rule` is how an optimizer changes it; None before `optimizer.setup`.
    `frozen` lets optimizers leave it as it is; see `Link.disable_update`.
    """

    update_rule = None
    frozen = False

    def __init__(self, initializer, shape=None, name=None, dtype='float32'):
        self.initializer, self.wanted_dtype = initializer, dtype
        empty = callable(initializer) and shape is None
        super().__init__(np.empty(0, dtype) if callable(initializer) else initializer,
                         requires_grad=True, name=name)
        self.is_initialized = not empty
        if callable(initializer) and not empty:
            self.initialize(shape)

    def initialize(self, shape):
        """Fill with initial values, now that the shape is known; on the device it lives on."""
        values = self.initializer(tuple(shape), self.wanted_dtype)
        self.data = backend.to_device(values, self.device)
        self.is_initialized = True
