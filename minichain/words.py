"""Numbers and names as text."""


def table(rows):
    """A table as text: rows of texts, the first of them its head; numbers stand to the right.

    A row that is None is a line.
    """
    widths = [max(map(len, column)) for column in zip(*filter(None, rows))]
    lines = [None if row is None else '  '.join(
        [row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
    rule = '-' * (sum(widths) + 2 * (len(widths) - 1))
    return '\n'.join([lines[0], rule, *[rule if line is None else line for line in lines[1:]]])


def link_name(path, kind):
    """What to call a link: its path, or its kind where it is the whole: 'encoder/lstm', 'Reader'.

    A number alone says little, so what is in a Sequential has its kind beside it: '0 Linear'.
    """
    return f'{path} {kind}' if path.rpartition('/')[2].isdigit() else path or kind
