"""Text as datasets."""
import os

from .datasets import Dataset


class TextDataset(Dataset):
    """Lines of a text file; of several files, tuples of the lines of the same number.

    paths        a path, or a list of paths
    filter_func  a function of the line, or of each of the lines, that says which to keep

    Lines end as in the file. Raises ValueError for files of different numbers of lines.
    """

    def __init__(self, paths, encoding='utf-8', errors=None, newline=None, filter_func=None):
        self.single = isinstance(paths, (str, os.PathLike))
        self.paths = [paths] if self.single else list(paths)
        columns = []
        for path in self.paths:
            with open(path, encoding=encoding, errors=errors, newline=newline) as file:
                columns.append(file.readlines())
        if len({len(lines) for lines in columns}) > 1:
            listing = ', '.join(f'{path} has {len(lines)} lines'
                                for path, lines in zip(self.paths, columns))
            raise ValueError(f'The files must have the same number of lines, but {listing}.')
        rows = list(zip(*columns))
        self.rows = rows if filter_func is None else [row for row in rows if filter_func(*row)]

    def __len__(self):
        return len(self.rows)

    def get_example(self, i):
        return self.rows[i][0] if self.single else self.rows[i]
