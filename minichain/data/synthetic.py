"""Data that is made, not found: small, and the same for the same seed."""
import numpy as np


def spirals(count=300, classes=3, turns=0.75, noise=0.05, seed=0):
    """Points on the arms of a spiral, one arm a class: no straight line can tell them apart.

    turns  how often an arm runs around the middle   noise  standard deviation off the arm

    Returns the points (count, 2) as float32, within about -1 to 1, and their classes (count,).
    """
    random = np.random.default_rng(seed)
    t = np.arange(count, dtype='int32') % classes
    radius = np.sqrt(random.uniform(0.01, 1, count))
    angle = 2 * np.pi * (turns * radius + t / classes)
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points += noise * random.standard_normal(points.shape)
    return points.astype('float32'), t


def sine_series(count=100, length=50, periods=(10, 30), noise=0.0, seed=0):
    """Sine waves, each with a period and a beginning of its own, for a net to continue.

    periods  the shortest and the longest period in steps   noise  its standard deviation

    Returns float32 (count, length), from -1 to 1 and the noise.
    """
    random = np.random.default_rng(seed)
    period = random.uniform(*periods, (count, 1))
    begin = random.uniform(0, 1, (count, 1))
    waves = np.sin(2 * np.pi * (np.arange(length) / period + begin))
    return (waves + noise * random.standard_normal(waves.shape)).astype('float32')
