"""Long lines of code broken as Black does, so that they can be read without scrolling."""
WIDTH = 58          # letters beside the picture in a notebook on a screen of 1280 pixels
OPEN, CLOSE, QUOTES = '([{', ')]}', '\'"'


def wrapped(text, width=WIDTH) -> str:
    """Code whose long lines are broken inside of brackets, where there are any."""
    return '\n'.join(part for line in text.split('\n') for part in broken(line, width))


def broken(line, width) -> list:
    """The lines that a line of code becomes."""
    place = None if len(line) <= width else last_bracket(line)
    if place is None:
        return [line]
    start, end = place
    indent = ' ' * (len(line) - len(line.lstrip()))
    inside = line[start + 1:end]
    if len(indent) + 4 + len(inside) <= width:
        parts = [inside]
    else:
        parts = parts_of(inside)
    return [line[:start + 1], *[each for part in parts for each in
                                broken(f'{indent}    {part}', width)], indent + line[end:]]


def last_bracket(line):
    """(start, end) of the last call or list that is in no other brackets; None without one."""
    found, depth = None, 0
    for place, letter in outside_of_texts(line):
        if letter in OPEN:
            if depth == 0:
                start = place
            depth += 1
        elif letter in CLOSE:
            depth -= 1
            is_part = line[start] == '[' and (line[start - 1].isalnum() or line[start - 1] in '])')
            if depth == 0 and place > start + 1 and not is_part:
                found = start, place
    return found


def parts_of(inside) -> list:
    """What stands between brackets, a part a line: values with commas, or a list's for behind."""
    depth, begin, parts = 0, 0, []
    for place, letter in outside_of_texts(inside):
        depth += (letter in OPEN) - (letter in CLOSE)
        if depth == 0 and letter == ',':
            parts.append(inside[begin:place + 1].strip())
            begin = place + 1
        elif depth == 0 and inside.startswith(' for ', place):
            return [inside[:place], inside[place + 1:]]
    return [*parts, inside[begin:].strip() + ',' * bool(parts)]


def outside_of_texts(line):
    """(place, letter) of all letters of a line of code that stand in no quotes."""
    quote = ''
    for place, letter in enumerate(line):
        if quote:
            quote = '' if letter == quote else quote
        elif letter in QUOTES:
            quote = letter
        elif letter == '#':
            return
        else:
            yield place, letter
