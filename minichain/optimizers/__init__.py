"""Optimizers: how parameters change once their gradients are known."""
from . import schedules
from .base import Optimizer, UpdateRule
from .hooks import (Freeze, GradientClipping, GradientHardClipping, GradientNoise, Lasso,
                    WeightDecay)
from .rules import (SGD, SMORMS3, AdaBound, AdaDelta, AdaGrad, Adam, AdamW, AMSBound, AMSGrad, Lion,
                    MomentumSGD, NesterovAG, RMSprop, RMSpropGraves)
