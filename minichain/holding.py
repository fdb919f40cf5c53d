"""What does a graph hold, and who holds the graph? For memory that grows and does not shrink."""
import os
import sys
import types
from collections import Counter

from .backend import is_array
from .backprop import ancestors
from .function import Function
from .variable import Variable
from .words import table

MIB = 2 ** 20
ROWS = 10           # the most kinds of operations that the table shows
DEPTH = 3           # how far names are followed: model.lstm.c
HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def what_holds(y):
    """What the graph behind a Variable keeps in memory, and by which names it is held.

        print(mc.debug.what_holds(loss))

    A graph lives as long as one of the Variables in it does: `total += loss` keeps the graph of
    every loss, `total += loss.item()` keeps none. Names are looked for in the functions that are
    running and in their modules.
    """
    return Holding(y)


class Holding:
    """The graph behind a Variable.

    operations  how many there are      bytes  that they keep for backward, each array once
    rows        triples (operation, how many, bytes), the largest first
    holders     names that hold a Variable of the graph: 'total', 'model.h', 'losses (50)'
    """

    def __init__(self, y):
        nodes = ancestors([y.place])
        functions = [node for node in nodes if isinstance(node, Function)]
        counts, sizes, seen = Counter(), Counter(), set()
        for node in functions:
            counts[node.label] += 1
            for _, array in node.kept_arrays():
                owner = array.base if is_array(array.base) else array   # a part holds the whole
                if id(owner) not in seen:
                    seen.add(id(owner))
                    sizes[node.label] += owner.nbytes
        self.operations, self.bytes = len(functions), sum(sizes.values())
        self.rows = sorted(((label, counts[label], sizes[label]) for label in counts),
                           key=lambda row: (-row[2], -row[1], row[0]))
        self.holders = holders_of(set(functions))

    def __str__(self):
        lines = [f'{self.operations:,} operations keep {self.bytes / MIB:,.3f} MiB.']
        if self.rows:
            lines.append(table([('operation', 'how many', 'MiB'), *[
                (label, f'{count:,}', f'{size / MIB:,.3f}')
                for label, count, size in self.rows[:ROWS]]]))
        names = ', '.join(self.holders) or 'no name that can be found'
        return '\n'.join([*lines, f'The graph is held by {names}.'])


def holders_of(functions):
    """The names by which the running program holds Variables that these operations computed."""
    names, seen = {}, set()
    frame = sys._getframe(1)
    while frame is not None:
        if not frame.f_code.co_filename.startswith(HERE):
            for space in (frame.f_locals, frame.f_globals):
                if id(space) not in seen:
                    seen.add(id(space))
                    look_into(space, '', functions, names, seen, DEPTH)
        frame = frame.f_back
    return list(names)


def look_into(space, before, functions, names, seen, depth):
    """Collect the names in a dict that stand for Variables of the graph, or for what holds some."""
    for name, value in list(space.items()):
        path = f'{before}{name}'
        if isinstance(value, Variable):
            if value.creator in functions:
                names[path] = True
        elif isinstance(value, (list, tuple, dict)):
            inside = value.values() if isinstance(value, dict) else value
            count = sum(isinstance(x, Variable) and x.creator in functions for x in inside)
            if count:
                names[f'{path} ({count})'] = True
        elif depth and hasattr(value, '__dict__') and id(value) not in seen and not isinstance(
                value, (type, types.ModuleType, types.FunctionType)):
            seen.add(id(value))
            look_into(vars(value), f'{path}.', functions, names, seen, depth - 1)
