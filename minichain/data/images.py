"""Images as datasets: from files, and the small digits that come with scikit-learn."""
import os

import numpy as np

from .datasets import Dataset, TupleDataset

TEST_EVERY = 4      # one of so many digits is for testing


def read_lines(source):
    """The lines of a text file that are not empty; of a list, its items."""
    if isinstance(source, (str, os.PathLike)):
        with open(source, encoding='utf-8') as file:
            return [line.strip() for line in file if line.strip()]
    return list(source)


def read_image(path, dtype):
    """The image in a file as an array (channels, height, width) of numbers from 0 to 255."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError('To read images, Pillow is needed: pip install pillow.') from None
    with Image.open(path) as file:
        image = np.asarray(file, dtype)
    return image[None] if image.ndim == 2 else image.transpose(2, 0, 1)


class ImageDataset(Dataset):
    """Images in files, read when they are asked for.

    paths  a list of paths, or a text file with one path a line
    root   the folder where the paths begin

    An item is an array (channels, height, width) of numbers from 0 to 255.
    """

    def __init__(self, paths, root='.', dtype='float32'):
        self.paths, self.root, self.dtype = read_lines(paths), root, dtype

    def __len__(self):
        return len(self.paths)

    def get_example(self, i):
        return read_image(os.path.join(self.root, self.paths[i]), self.dtype)


class LabeledImageDataset(Dataset):
    """Images in files with a label each: an item is a pair (image, label); see ImageDataset.

    pairs  a list of pairs (path, label), or a text file with a path, a space and a label a line
    """

    def __init__(self, pairs, root='.', dtype='float32', label_dtype='int32'):
        self.pairs, self.root, self.dtype = [], root, dtype
        for number, pair in enumerate(read_lines(pairs)):
            path, *label = pair.rsplit(maxsplit=1) if isinstance(pair, str) else pair
            if len(label) != 1:
                raise ValueError(f'Entry {number}, {pair!r}, is no path with a label.')
            self.pairs.append((path, np.array(label[0], label_dtype)))

    def __len__(self):
        return len(self.pairs)

    def get_example(self, i):
        path, label = self.pairs[i]
        return read_image(os.path.join(self.root, path), self.dtype), label


def get_digits(withlabel=True, ndim=3, dtype='float32', label_dtype='int32'):
    """Handwritten digits, 8 x 8 pixels, from scikit-learn: 1348 for training and 449 for testing.

    withlabel  True: items are pairs (image, label), labels from 0 to 9; False: images only
    ndim       3: images (1, 8, 8), 2: (8, 8), 1: (64,)

    Pixels are from 0 to 1. Returns two datasets, always the same; with labels they are
    TupleDatasets: images, labels = train.datasets. (Alpaydin and Kaynak 1998)
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise ImportError('The digits come with scikit-learn, which is not installed: '
                          'pip install scikit-learn.') from None
    shapes = {1: (64,), 2: (8, 8), 3: (1, 8, 8)}
    if ndim not in shapes:
        raise ValueError(f'ndim is 1, 2 or 3, not {ndim!r}.')
    digits = load_digits()
    images = (digits.images / 16).astype(dtype).reshape(-1, *shapes[ndim])
    labels = digits.target.astype(label_dtype)
    tested = np.arange(len(images)) % TEST_EVERY == TEST_EVERY - 1
    return tuple(TupleDataset(images[rows], labels[rows]) if withlabel else images[rows]
                 for rows in (~tested, tested))
