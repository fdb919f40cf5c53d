"""Chainer's classes are subclasses of minichain's; for `isinstance` they are the same."""


class StandsFor(type):
    """The class of a class that `stands_for` one of minichain's: its objects count as its own.

    What minichain computes is its own Variable; a program asks isinstance(y, chainer.Variable).
    """

    def __instancecheck__(cls, thing):
        ours = cls.__dict__.get('stands_for')
        return super().__instancecheck__(thing) or (ours is not None and isinstance(thing, ours))
