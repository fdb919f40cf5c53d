"""CSV text as data: one example a row, what is asked for in one of the columns."""
import csv
import io

import numpy as np

from .blocks import BuildError, shown
from .data import own

LARGEST = 5_000_000     # characters
LABELS = ('label', 'class', 'target', 'y')


def read_csv(text, label=None):
    """Data of CSV text. label: the name of the column that is asked for; None: 'label', 'class',
    'target' or 'y', or else the last one.

    Numbers are scaled to mean 0 and spread 1 in each column. Raises BuildError with the row and the
    column of what is wrong.
    """
    rows = rows_of(text)
    names, rows, first = header(rows)
    column = label_column(names, label)
    asked = [row[column].strip() for row in rows]
    inputs = [name for i, name in enumerate(names) if i != column]
    if not inputs:
        raise BuildError('There is one column only: what is the label to be told from?')
    x = np.empty((len(rows), len(inputs)), 'float64')
    for i, row in enumerate(rows):
        cells = [cell for j, cell in enumerate(row) if j != column]
        for j, cell in enumerate(cells):
            x[i, j] = number(cell, first + i, inputs[j])
    missing = [first + i for i, value in enumerate(asked) if value == '']
    if missing:
        raise BuildError(f'Row {missing[0]} has no {names[column]}. Fill it in, or leave the row '
                         'out.')
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
    order = np.random.default_rng(0).permutation(len(x))
    note = (f'{len(x):,} rows; {names[column]} is asked for, from {", ".join(inputs[:4])}'
            f'{" and others" if len(inputs) > 4 else ""}. Each column is scaled to mean 0 and '
            'spread 1; one row of 4 is kept for the test.')
    return own(x[order].astype('float32'), labels(asked)[order], 'my table', note)


def text_of_file(path):
    """The text of a CSV file, of a huge one no more than is needed to refuse it."""
    try:
        with open(path, encoding='utf-8-sig') as file:
            return file.read(LARGEST + 1)
    except UnicodeError:
        raise BuildError(f'{path!r} is no text in UTF-8. Save it once more in this encoding: '
                         'spreadsheet programs offer it as "CSV UTF-8".') from None
    except OSError as error:
        raise BuildError(f'{path!r} cannot be read: {error}.') from None


def rows_of(text):
    """The rows of the text, each a list of cells, all equally long."""
    if not isinstance(text, str) or not text.strip():
        raise BuildError('The table is empty.')
    if len(text) > LARGEST:
        raise BuildError(f'The table is too long: {LARGEST:,} characters are the most here.')
    line = text.strip().splitlines()[0]
    delimiter = max(',;\t', key=line.count)
    try:
        found = list(csv.reader(io.StringIO(text.strip()), delimiter=delimiter))
    except csv.Error as error:
        raise BuildError(f'This is no CSV: {error}.') from None
    rows = [(number, row) for number, row in enumerate(found, 1) if row]
    width = len(rows[0][1])
    for number, row in rows:
        if len(row) != width:
            raise BuildError(f'Row {number} has {len(row)} cells, but row 1 has {width}.')
    return [row for _, row in rows]


def header(rows):
    """(names of the columns, rows without a header, the number of the first of them)"""
    has_names = not any(is_number(cell) for cell in rows[0])
    names = ([cell.strip() or f'column {i}' for i, cell in enumerate(rows[0], 1)] if has_names
             else [f'column {i}' for i in range(1, len(rows[0]) + 1)])
    rows = rows[has_names:]
    if len(rows) < 4:
        raise BuildError(f'The table has {len(rows)} rows of numbers; at least 4 are needed.')
    return names, rows, 1 + has_names


def label_column(names, label):
    if label is not None:
        if label not in names:
            raise BuildError(f'There is no column {shown(label)}; there are {", ".join(names)}.')
        return names.index(label)
    return next((i for i, name in enumerate(names) if name.lower() in LABELS), len(names) - 1)


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def number(cell, row, column):
    """A cell as a number. BuildError names its row and column."""
    if not is_number(cell):
        what = 'is empty' if not cell.strip() else f'holds {shown(cell.strip())}'
        raise BuildError(f'Row {row}, {column}: the cell {what}, but a number is needed.')
    value = float(cell)
    if not np.isfinite(value):
        raise BuildError(f'Row {row}, {column}: {cell.strip()} is no number that can be learnt '
                         'from. Replace it, or leave the row out.')
    return value


def labels(asked):
    """Texts as classes, whole numbers as classes, other numbers as numbers."""
    if not all(is_number(value) for value in asked):
        return np.array(asked)
    values = np.array([float(value) for value in asked])
    whole = np.isfinite(values).all() and (values == values.round()).all()
    few = len(set(asked)) <= max(20, len(asked) // 10)
    if whole and few:
        return np.array([str(int(value)) for value in values])
    return values
