"""TrainingRun: watch and steer a training.

    examples  the data, in batches
    loop      forward, backward, update, epochs; history; what stops a training
    norms     lengths of gradients and weights
    looks     what a network does with examples: predictions, confusion, layers
    pump      work in small pieces on the kernel's event loop, so that buttons answer
    run       the widget
"""
from .run import TrainingRun

__all__ = ['TrainingRun']
