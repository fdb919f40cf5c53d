"""Optimizers: how parameters change once their gradients are known."""
from .base import Optimizer
from .rules import SGD, Adam, MomentumSGD
