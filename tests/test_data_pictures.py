"""Rows of handwritten digits."""
import sys

import numpy as np
import pytest

from minichain import data


def test_rows_show_the_digits_of_their_labels():
    images, labels = data.rows_of_digits(30, seed=0)
    assert {len(row) for row in labels} == {1, 2, 3, 4, 5}
    known = {digit.tobytes(): label for digit, label in zip(*data.get_digits(ndim=2)[0].datasets)}
    gaps = set()
    for image, row in zip(images, labels):
        assert image.dtype == np.float32 and image.shape[:2] == (1, 12)
        assert row.dtype == np.int32 and image.min() == 0 and image.max() == 1
        found, last = [], 0
        left = 0
        while left <= image.shape[2] - 8:
            tops = [top for top in range(5) if not np.delete(image[0, :, left:left + 8],
                                                             range(top, top + 8), 0).any()]
            keys = [image[0, top:top + 8, left:left + 8].tobytes() for top in tops]
            label = next((known[key] for key in keys if key in known), None)
            if label is None:
                left += 1
                continue
            found.append(label)
            gaps.add(left - last)
            left = last = left + 8
        assert found == list(row)
    assert gaps == set(range(7))


def test_rows_follow_from_the_seed():
    first, again, other = (data.rows_of_digits(5, seed) for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first.images, again.images))
    assert [image.shape for image in first.images] != [image.shape for image in other.images]


def test_held_out_rows_have_other_handwriting():
    images, labels = data.rows_of_digits(20, length=(1, 1), test=True)
    assert all(len(row) == 1 for row in labels)
    known = {np.sort(digit[digit > 0]).tobytes() for digit in data.get_digits(False, ndim=2)[1]}
    assert all(np.sort(image[image > 0]).tobytes() in known for image in images)


def test_rows_are_padded_to_a_batch():
    images, labels = data.rows_of_digits(4, seed=1)
    x = data.concat_examples(images, padding=0)
    assert x.shape == (4, 1, 12, max(image.shape[2] for image in images))
    assert data.concat_examples(labels, padding=-1).shape == (4, max(map(len, labels)))


def test_rows_that_cannot_be_made(monkeypatch):
    for length in [(0, 3), (3, 2)]:
        with pytest.raises(ValueError, match='length is a pair'):
            data.rows_of_digits(1, length=length)
    monkeypatch.setitem(sys.modules, 'sklearn.datasets', None)
    with pytest.raises(ImportError, match='pip install scikit-learn'):
        data.rows_of_digits(1)
