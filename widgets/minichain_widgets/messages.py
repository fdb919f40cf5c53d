"""The messages that a front end may send, and their check: nothing else reaches an answer."""

# What may come at most: of a text (a CSV file of the NetBuilder is one), and of a list.
MOST_LETTERS = 20_000_000
MOST_NUMBERS = 1_000_000
MOST_COUNT = 2**31 - 1
MOST_NUMBER = 1e300

WORDS = {'count': 'a whole number from 0', 'whole': 'a whole number', 'number': 'a number',
         'flag': 'true or false', 'text': 'a text', 'name': 'a text of at most 1,000 letters',
         'setting': 'a number, a text, or true or false', 'numbers': 'a list of numbers',
         'choice': 'a whole number from 0, or "best"'}


def is_number(value):
    return type(value) in (int, float) and abs(value) <= MOST_NUMBER      # NaN is not


def fits(kind, value):
    """Whether a value is of a kind, one of WORDS."""
    if kind in ('count', 'whole'):
        least = 0 if kind == 'count' else -MOST_COUNT
        return type(value) is int and least <= value <= MOST_COUNT
    if kind == 'number':
        return is_number(value)
    if kind == 'flag':
        return type(value) is bool
    if kind in ('text', 'name'):
        return type(value) is str and len(value) <= (1000 if kind == 'name' else MOST_LETTERS)
    if kind == 'setting':
        return type(value) is bool or is_number(value) or fits('name', value)
    if kind == 'numbers':
        return (type(value) is list and len(value) <= MOST_NUMBERS
                and all(map(is_number, value)))
    return value == 'best' or fits('count', value)


def problem_of(message, schema):
    """What is wrong with a message, as a sentence; '' if it fits the schema.

    schema  {kind of message: {field: kind of value}}; a field may be left out, or be None, if a
            question mark stands behind its kind
    """
    name = message.get('t') if isinstance(message, dict) else None
    if not isinstance(name, str) or name not in schema:
        return f'There is no message {str(name)[:40]!r} here.'
    fields = schema[name]
    for field in message:
        if field != 't' and field not in fields:
            return f'The message {name!r} has no field {str(field)[:40]!r}.'
    for field, kind in fields.items():
        value = message.get(field)
        if value is None and kind.endswith('?'):
            continue
        if not fits(kind.rstrip('?'), value):
            return (f'The field {field!r} of the message {name!r} should be '
                    f'{WORDS[kind.rstrip("?")]}, but is {brief(value)}.')
    return ''


def brief(value):
    """A value in a few words, whatever came."""
    if type(value) is str:
        return f'the text {value[:30]!r}'
    if type(value) in (list, dict):
        return f'a {type(value).__name__} of {len(value):,}'
    return str(value)[:40] if type(value) is not int or abs(value) < 10**30 else 'a huge number'
