"""What two runs of a program did differently: the graph is made anew in each run."""
from difflib import SequenceMatcher

SHOWN = 40      # lines that the text shows


class Difference:
    """The operations that only one of two graphs has, and those that met other shapes.

    removed  records of the first graph that have no counterpart in the second
    added    records of the second graph that have none in the first
    changed  pairs of records: the same operation in the same link, but with another shape

    Its text is a list with one line each, in the order of the program.
    """

    def __init__(self, first, second):
        self.removed, self.added, self.changed = [], [], []
        self._lines = []
        paths = [{scope['id']: scope['path'] for scope in graph.scopes} for graph in (first, second)]
        before, after = [[node for node in graph.nodes if node['kind'] == 'function']
                         for graph in (first, second)]
        keys = [[(node['label'], of_scope.get(node['scope'], '')) for node in nodes]
                for nodes, of_scope in zip((before, after), paths)]
        self.same = 0
        for _, i, i_end, j, j_end in _blocks(*keys):
            if keys[0][i:i_end] == keys[1][j:j_end]:
                for old, new, (label, path) in zip(before[i:i_end], after[j:j_end], keys[0][i:i_end]):
                    self._compare(old, new, path)
                continue
            self.removed += before[i:i_end]
            self.added += after[j:j_end]
            self._lines += [_line('-', node, path)
                            for node, (_, path) in zip(before[i:i_end], keys[0][i:i_end])]
            self._lines += [_line('+', node, path)
                            for node, (_, path) in zip(after[j:j_end], keys[1][j:j_end])]

    def _compare(self, old, new, path):
        if old['shapes'] == new['shapes']:
            self.same += 1
        else:
            self.changed.append((old, new))
            self._lines.append(_line('~', old, path) + f' -> {_shapes(new)}')

    def __bool__(self):
        return bool(self._lines)

    def __repr__(self):
        head = (f'{self.same} operations alike, {len(self.removed)} only in the first run (-), '
                f'{len(self.added)} only in the second (+), {len(self.changed)} with other shapes (~)')
        more = len(self._lines) - SHOWN
        return '\n'.join([head, *self._lines[:SHOWN], *([f'... and {more} more'] if more > 0 else [])])


def _blocks(before, after):
    """Stretches of two lists that are equal, or that take each other's place."""
    return SequenceMatcher(None, before, after, autojunk=False).get_opcodes()


def _line(sign, node, path):
    return f'{sign} {node["label"]:20} {path or "":20} {_shapes(node)}'


def _shapes(node):
    return ', '.join('(' + ', '.join(map(str, shape)) + (',)' if len(shape) == 1 else ')')
                     for shape in node['shapes'])
