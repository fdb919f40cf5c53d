"""The split of the handwritten digits that several lessons share."""
import numpy as np
from sklearn.datasets import load_digits

HELD_OUT = 450          # digits that are never used for training, as in the notebooks


def held_out_digits() -> tuple[np.ndarray, np.ndarray]:
    """The digits that a notebook holds out: the last ones of a seeded shuffle.

    Pictures (450, 1, 8, 8) as float32 from 0 to 1, and what they show (450,).
    """
    digits = load_digits()
    rows = np.random.default_rng(0).permutation(len(digits.images))[-HELD_OUT:]
    return digits.images[rows, None].astype('float32') / 16, digits.target[rows]
