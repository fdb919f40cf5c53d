"""Checks of types and shapes in users' functions: `chainer.utils.type_check`.

    def check_type_forward(self, in_types):
        type_check.expect(in_types.size() == 1, in_types[0].dtype.kind == 'f')

An expression remembers how it was written, so that a failed check can say it.
"""
import math
import operator


class InvalidType(Exception):
    """What a function's inputs should have been, and what they are."""

    def __init__(self, expect, actual, msg=None):
        super().__init__(f'{msg or "Invalid operation is performed."}\n\nExpect: {expect}\n'
                         f'Actual: {actual}')
        self.expect, self.actual = expect, actual


class Expression:
    """A value with the text that it was computed from."""

    def __init__(self, value, text):
        self.value, self.text = value, text

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return Expression(getattr(self.value, name), f'{self.text}.{name}')

    def __getitem__(self, index):
        return Expression(self.value[eval(index)], f'{self.text}[{text_of(index)}]')

    def __call__(self, *args):
        words = ', '.join(map(text_of, args))
        return Expression(self.value(*map(eval, args)), f'{self.text}({words})')

    def __len__(self):
        return len(self.value)

    def __str__(self):
        return self.text

    def eval(self):
        """The value."""
        return self.value

    def __bool__(self):
        raise RuntimeError('An expression of type_check is neither true nor false: hand it to '
                           'type_check.expect, or take type_check.eval(expression).')

    __hash__ = object.__hash__


class Test(Expression):
    """A comparison of two expressions, for `expect`."""

    def __init__(self, left, right, holds, sign, opposite):
        super().__init__(holds, f'{text_of(left)} {sign} {text_of(right)}')
        self.actual = f'{eval(left)!r} {opposite} {eval(right)!r}'

    def expect(self):
        """Raise InvalidType unless it holds."""
        if not self.value:
            raise InvalidType(self.text, self.actual)


def text_of(x):
    """How an operand was written."""
    return x.text if isinstance(x, Expression) else repr(x)


def eval(x):
    """The value of an expression; anything else as it is."""
    if isinstance(x, tuple):
        return tuple(map(eval, x))
    return x.value if isinstance(x, Expression) else x


def arithmetic(compute, sign, turned=False):
    def method(a, b):
        left, right = (b, a) if turned else (a, b)
        return Expression(compute(eval(left), eval(right)),
                          f'({text_of(left)} {sign} {text_of(right)})')
    return method


def comparison(compare, sign, opposite):
    return lambda a, b: Test(a, b, bool(compare(eval(a), eval(b))), sign, opposite)


SIGNS = {'add': '+', 'sub': '-', 'mul': '*', 'truediv': '/', 'floordiv': '//', 'mod': '%',
         'pow': '**'}
COMPARISONS = {'eq': ('==', '!='), 'ne': ('!=', '=='), 'lt': ('<', '>='), 'le': ('<=', '>'),
               'gt': ('>', '<='), 'ge': ('>=', '<')}
for name, sign in SIGNS.items():
    setattr(Expression, f'__{name}__', arithmetic(getattr(operator, name), sign))
    setattr(Expression, f'__r{name}__', arithmetic(getattr(operator, name), sign, True))
for name, signs in COMPARISONS.items():
    setattr(Expression, f'__{name}__', comparison(getattr(operator, name), *signs))


class TypeInfo:
    """The shape and the dtype of an array."""

    def __init__(self, shape, dtype):
        self.shape, self.dtype, self.ndim, self.size = shape, dtype, len(shape), math.prod(shape)


class Types(tuple):
    """The types of all inputs, as expressions."""

    def size(self):
        """How many there are."""
        return Expression(len(self), 'in_types.size')


def get_types(arrays, name='in_types', accept_none=False):
    """The types of arrays."""
    return Types([Expression(TypeInfo(x.shape, x.dtype), f'{name}[{i}]')
                  for i, x in enumerate(arrays) if x is not None])


def make_variable(value, name):
    """An expression of this value, called `name` in messages."""
    return Expression(value, name)


Variable = make_variable


def argname(in_types, names):
    """Call the inputs by these names, and check how many there are."""
    if len(in_types) != len(names):
        raise InvalidType(f'{len(names)} inputs: {", ".join(names)}', f'{len(in_types)} inputs')
    for part, name in zip(in_types, names):
        part.text = name


def expect(*tests):
    """Raise InvalidType for the first test that does not hold."""
    for test in tests:
        if isinstance(test, Test):
            test.expect()
        elif not test:
            raise InvalidType('a condition that holds', repr(test))


def same_types(*arrays):
    """Whether all arrays are of one kind: of NumPy or of CuPy."""
    return len({type(x) for x in arrays}) <= 1


def prod(xs):
    """The product, as an expression."""
    return Expression(math.prod(eval(xs)), f'prod({text_of(xs)})')


def expect_broadcast_shapes(*shapes):
    """Raise InvalidType unless arrays of these shapes broadcast to each other."""
    for sizes in zip(*[tuple(eval(shape))[::-1] for shape in shapes]):
        if len({n for n in sizes if n != 1}) > 1:
            raise InvalidType('each axis equal, or 1', ', '.join(map(text_of, shapes)))


_argname = argname
