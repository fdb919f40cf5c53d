"""What two runs of a program did differently: the graph is made anew in each run."""
from difflib import SequenceMatcher

from .words import link_name

SHOWN = 40      # lines that the text shows


class Difference:
    """The operations that only one of two graphs has, and those that met other shapes.

    removed  records of the first graph that have no counterpart in the second
    added    records of the second graph that have none in the first
    changed  pairs of records: the same operation in the same link, but with another shape
    same     how many operations are alike

    False if nothing differs. Its text is a list with a line for each, in the order of the program.
    """

    def __init__(self, first, second):
        self.removed, self.added, self.changed, self.same = [], [], [], 0
        self._lines = []
        before, after = _operations(first), _operations(second)
        matcher = SequenceMatcher(None, [key for key, _ in before], [key for key, _ in after],
                                  autojunk=False)
        for what, i, i_end, j, j_end in matcher.get_opcodes():
            if what == 'equal':
                for (key, old), (_, new) in zip(before[i:i_end], after[j:j_end]):
                    self._compare(key, old, new)
            else:
                self._note('-', before[i:i_end], self.removed)
                self._note('+', after[j:j_end], self.added)

    def _compare(self, key, old, new):
        if old['shapes'] == new['shapes']:
            self.same += 1
        else:
            self.changed.append((old, new))
            self._lines.append(f'{_line("~", key, old)} -> {_shapes(new)}')

    def _note(self, sign, operations, into):
        for key, node in operations:
            into.append(node)
            self._lines.append(_line(sign, key, node))

    def __bool__(self):
        return bool(self._lines)

    def __repr__(self):
        lines = [f'{self.same} operations alike, {len(self.removed)} only in the first run (-), '
                 f'{len(self.added)} only in the second (+), '
                 f'{len(self.changed)} with other shapes (~)']
        lines += self._lines[:SHOWN]
        if len(self._lines) > SHOWN:
            lines.append(f'... and {len(self._lines) - SHOWN} more')
        return '\n'.join(lines)


def _operations(graph):
    """Pairs ((operation, name of its link), record)."""
    names = {scope['id']: link_name(scope['path'], scope['link']) for scope in graph.scopes}
    return [((node['label'], names.get(node['scope'], '')), node) for node in graph.nodes
            if node['kind'] == 'function']


def _line(sign, key, node):
    operation, path = key
    return f'{sign} {operation:20} {path:20} {_shapes(node)}'


def _shapes(node):
    return ' '.join(str(tuple(shape)) for shape in node['shapes'])
