"""Pictures that are put together from handwritten digits."""
from typing import NamedTuple

import numpy as np

from .images import get_digits

GAPS = (0, 6)       # the fewest and the most empty columns between two digits
ROOM = 4            # empty rows in all, above and below a digit


class DigitRows(NamedTuple):
    """Pictures of several digits, and which ones they show, from left to right."""

    images: list
    labels: list


def rows_of_digits(count, seed=0, length=(1, 5), test=False):
    """Pictures of handwritten digits side by side, for a net that reads a whole number.

    length  the fewest and the most digits of a picture
    test    whether to take the digits that `get_digits` gives for testing: other handwriting

    The digits are scikit-learn's, 8 x 8 pixels; how far apart and how high they stand varies.
    Returns DigitRows (images, labels): float32 arrays (1, 12, width) from 0 to 1, each as wide as
    it needs to be, and int32 arrays of as many labels as there are digits. To stack several:
    concat_examples with padding=0. Raises ImportError without scikit-learn.
    """
    random = np.random.default_rng(seed)
    shortest, longest = length
    if not 1 <= shortest <= longest:
        raise ValueError(f'length is a pair such as (1, 5), not {length!r}.')
    digits, labels_of = get_digits(ndim=2)[int(test)].datasets
    size = digits.shape[1]
    images, labels = [], []
    for _ in range(count):
        chosen = random.integers(len(digits), size=random.integers(shortest, longest + 1))
        gaps = random.integers(GAPS[0], GAPS[1] + 1, len(chosen) + 1)
        image = np.zeros((1, size + ROOM, size * len(chosen) + gaps.sum()), 'float32')
        lefts = np.cumsum(gaps[:-1]) + size * np.arange(len(chosen))
        tops = random.integers(0, ROOM + 1, len(chosen))
        for i, left, top in zip(chosen, lefts, tops):
            image[0, top:top + size, left:left + size] = digits[i]
        images.append(image)
        labels.append(labels_of[chosen])
    return DigitRows(images, labels)
