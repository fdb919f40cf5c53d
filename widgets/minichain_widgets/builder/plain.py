"""Plain values in code that is looked at and never run: numbers, texts, truth values, lists."""
import ast
import operator

from .syntax import at

LARGEST = 10 ** 9       # a number that is computed
LONGEST = 1000          # items of a list
OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
    ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_,
}
BUILTINS = {
    'range': range, 'len': len, 'list': list, 'tuple': tuple, 'zip': zip, 'enumerate': enumerate,
    'reversed': lambda items: list(items)[::-1], 'min': min, 'max': max, 'int': int, 'str': str,
    'sum': sum, 'float': float, 'bool': bool,
}


def is_number(value):
    return isinstance(value, (int, float))


def computed(node, sign, *values):
    """What an operator gives for plain values. BuildError if it cannot be, or is too large."""
    kind = type(sign)
    listed = kind is ast.Add and all(type(value) is type(values[0]) and isinstance(
        value, (str, list, tuple)) for value in values)
    arithmetic = not isinstance(sign, (ast.cmpop, ast.Not))
    if kind not in OPERATORS or (arithmetic and not listed and not all(map(is_number, values))):
        raise at(node, f'{ast.unparse(node)[:40]!r} is nothing that the builder can draw.')
    try:
        result = OPERATORS[kind](*values)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise at(node, f'{ast.unparse(node)[:40]!r} cannot be computed: {error}.') from None
    return limited(node, result)


def called(node, name, arguments):
    """What a function such as range gives for plain values and lists."""
    try:
        if name == 'range':
            if not all(isinstance(number, int) for number in arguments):
                raise TypeError('range takes whole numbers')
            if len(range(*arguments)) > LONGEST:
                raise TypeError(f'{LONGEST} steps are the most here')
        result = BUILTINS[name](*arguments)
        if isinstance(result, (range, zip, enumerate)):
            result = list(result)
    except (TypeError, ValueError, OverflowError) as error:
        raise at(node, f'{ast.unparse(node)[:40]!r} cannot be computed: {error}.') from None
    return limited(node, result)


def limited(node, value):
    """The value, if it is not too large."""
    long = isinstance(value, (str, list, tuple)) and len(value) > LONGEST
    if long or (is_number(value) and not abs(value) < LARGEST):
        raise at(node, f'{ast.unparse(node)[:40]!r} is too large for a net here.')
    return value
