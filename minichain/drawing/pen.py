"""Writes a picture down: as SVG in the common look, as text for Graphviz, in sentences."""
from xml.sax.saxutils import escape

from .letters import clip, heat_level, short
from .look import LOOK, style
from .picture import LEAF_GAP, MARGIN, SIDE_GAP, SMALL, Picture

SIGN, SIZE = LOOK['signs'], LOOK['sizes']
MANY = 150                      # nodes; a larger graph is folded
LETTER, BOLD = 6.6, 7.4         # pixels of a letter, about
LONG = 9                        # letters; a longer text in a leaf is written smaller
SENTENCES = 12                  # operations that the description names
CLASS_OF_LEAF = {'variable': 'v', 'parameter': 'p', 'data': 'a'}
DOT_SHAPES = {'function': 'box style=rounded', 'folded': 'box3d', 'variable': 'ellipse',
              'parameter': 'box peripheries=2', 'data': 'note'}


def svg(graph, fold=None):
    """A graph as the text of an SVG file: see Graph.to_svg."""
    if fold or (fold is None and len(graph.nodes) > MANY):
        graph = graph.fold(MANY)
    picture = Picture(graph)
    width = picture.width
    legend, room = _legend(graph, picture)
    height = picture.height + room
    return (f'<svg xmlns="http://www.w3.org/2000/svg" class="mc" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img">'
            f'<title>{_clean(graph.title or "Computational graph")}</title>'
            f'<desc>{_clean(describe(graph))}</desc><style>{style()}</style>'
            f'<rect class="bg" width="{width}" height="{height}" rx="6"/>\n'
            f'<g transform="translate({picture.left} {picture.top})">\n'
            + '\n'.join(_Pen(picture).draw()) + f'\n</g>\n{legend}</svg>')


def _legend(graph, picture):
    """What the signs mean, as far as the picture has them, and the height that this takes."""
    entries = []
    if any(node['bytes_kept'] for node in graph.nodes):
        corner = SIZE['corner']
        entries.append((corner, 'kept for backward', f'<path class="k" d="M{corner} 0v{corner}'
                        f'h-{corner}z"/>'))
    if graph.backward:
        levels = LOOK['heat']['levels']
        steps = ''.join(f'<rect class="h{i}" x="{9 * i}" width="9" height="9"/>'
                        for i in range(levels))
        entries.append((9 * levels, f'{SIGN["gradient"]} size of gradient', steps))
    if any('gathered' in back for back in graph.backward):
        entries.append((23, 'so many uses, one product', _badge(0, 4, f'{SIGN["repeat"]}n')))
    parts, x, y = [], MARGIN, picture.height + 2
    for icon_width, words, icon in entries:
        width = icon_width + 5 + len(words) * SMALL
        if x > MARGIN and x + width > picture.width - MARGIN:
            x, y = MARGIN, y + 18
        parts.append(f'<g transform="translate({x} {y})">{icon}'
                     + _text('s', icon_width + 5, 9, words) + '</g>\n')
        x += width + 14
    return ''.join(parts), y + 22 - picture.height if parts else 0


def describe(graph):
    """The graph in a few sentences, for those who do not see the picture."""
    names = {node['id']: f'{node["label"] or node["kind"]} {node["id"]}' for node in graph.nodes}
    steps = []
    for node in graph.nodes:
        sources = dict.fromkeys(names[source] for source, _, _ in node['inputs'])
        if sources:
            steps.append(f'{names[node["id"]]} of {", ".join(sources)}')
    if len(steps) > SENTENCES:
        steps[SENTENCES:] = [f'and {len(steps) - SENTENCES} more']
    return '; '.join([repr(graph).strip('<>'), *steps]) + '.'


def dot(graph):
    """A graph in the language of Graphviz: see Graph.to_dot."""
    lines = ['digraph {', '  node [fontname="sans-serif" fontsize=11]']
    shapes = {node['id']: node['shapes'] for node in graph.nodes}
    for node in graph.nodes:
        words = filter(None, dict.fromkeys((node['symbol'], node['label'])))
        text = (' '.join(words) or node['kind']).replace('\\', '\\\\').replace('"', '\\"')
        text = text.replace('\n', ' ')
        lines.append(f'  n{node["id"]} [label="{text}" shape={DOT_SHAPES[node["kind"]]}]')
    for node in graph.nodes:
        for source, index, _ in node['inputs']:
            shape = ', '.join(map(str, shapes[source][index]))
            lines.append(f'  n{source} -> n{node["id"]} [label="{shape}"]')
    return '\n'.join([*lines, '}'])


class _Pen:
    """Draws a Picture: each method gives SVG text."""

    def __init__(self, picture):
        self.picture = picture
        self.back = {back['id']: back for back in picture.graph.backward}
        self.high = max([back['norm'] or 0 for back in picture.graph.backward] + [0])

    def draw(self):
        picture = self.picture
        parts = [self._frame(frame) for frame in picture.frames.values() if frame.key is not None]
        parts += self._lines()
        for id, box in picture.boxes.items():
            parts += self._beside(id, box)
        for id, box in picture.boxes.items():
            parts.append(self._box(id, box) + self._shape(id, box))
        return parts

    def _frame(self, frame):
        scope = frame.key
        x, width = round(frame.x - frame.left), round(frame.left + frame.right)
        room = int((width - 16) / LETTER)
        times = ''
        if scope.get('count', 1) > 1:
            times = f' {SIGN["repeat"]}{scope["count"]}'
        elif scope['call'] > 1:
            times = f' #{scope["call"]}'
        name = scope['path'] or scope['link']
        if len(name + times) > room:
            name = name.rpartition('/')[2]
        name = clip(name, room - len(times)) + times
        link = f' {scope["link"]}' if scope['path'] else ''
        more = f'<tspan class="d">{_clean(link)}</tspan>' if len(name + link) <= room else ''
        return (f'<rect class="f" x="{x}" y="{frame.y}" width="{width}" '
                f'height="{round(frame.height)}" rx="{SIZE["radius"]}"/>'
                + _text('s y', x + 8, frame.y + 16, name, more))

    def _lines(self):
        """The lines between boxes. Those that arrive at one box spread along its top."""
        arriving, parts, drawn = {}, [], set()
        for line, points in self.picture.routes:
            arriving.setdefault(line.target, []).append(points)
        for box, routes in arriving.items():
            routes.sort(key=lambda points: points[-2][0])
            step = min(24, (box.width - 2 * SIZE['radius'] - 10) / len(routes))
            for i, points in enumerate(routes):
                end = round(box.x + (i - (len(routes) - 1) / 2) * step)
                points[-1] = end, *points[-1][1:]
        for line, points in self.picture.routes:
            path = _path(points)
            if path not in drawn:
                drawn.add(path)
                parts.append(f'<path class="w" d="{path}"/><path class="tip" '
                             f'd="M{points[-1][0]} {line.target.y}l-3.5 -6h7z"/>')
        return parts

    def _beside(self, id, box):
        """The leaves at the left of a box, one below the other, and the note below them."""
        width, height = SIZE['leaf']
        leaves, note = self.picture.beside.get(id, []), self.picture.notes.get(id, [])
        count = len(leaves) + bool(note)
        end = round(box.x - box.width / 2)
        x = end - SIDE_GAP - width
        room = box.box_height - count * (height + LEAF_GAP) + LEAF_GAP
        y = round(box.y + room / (2 if room > 0 else 1))    # none hangs into the shape below
        parts = []
        for i in range(count):
            middle = y + height // 2
            near = max(box.y + 6, min(middle, box.y + box.box_height - 6))
            is_note = i == len(leaves)
            parts.append(f'<path class="w{" r" * is_note}" d="M{x + width} {middle}'
                         f'C{end - 7} {middle} {x + width + 7} {near} {end} {near}"/>'
                         + (self._note(note, x, y) if is_note else self._leaf(leaves[i], x, y)))
            y += height + LEAF_GAP
        return parts

    def _note(self, ids, x, y):
        """A dashed box that names leaves which stand elsewhere."""
        width, height = SIZE['leaf']
        nodes = self.picture.nodes
        names = ', '.join(nodes[id]['label'].rpartition('/')[2] or self.picture.shapes[id]
                          or nodes[id]['kind'] for id in ids)
        words = clip(f'{SIGN["reused"]} {names}', int((width - 8) / SMALL))
        return (f'<rect class="p r" x="{x}" y="{y}" width="{width}" height="{height}" rx="2"/>'
                + _text('s m', x + width // 2, y + 15, words))

    def _box(self, id, box):
        node = self.picture.nodes[id]
        x, y = round(box.x - box.width / 2), box.y
        if node['kind'] == 'folded':
            return self._folded(node, x, y)
        return self._operation(node, x, y) if node['kind'] == 'function' else (
            self._leaf(id, x, y, has_shape_below=bool(self.picture.shape_below(id))))

    def _shape(self, id, box):
        """The shape beside the lines that leave a box, on the side where they do not go."""
        shape = self.picture.shape_below(id)
        if not shape:
            return ''
        turn = sum(points[1][0] - box.x for line, points in self.picture.routes
                   if line.source is box)
        y = box.y + box.box_height + 14
        if turn > 0 and len(shape) * SMALL < box.left:
            return _text('s z e', round(box.x) - 5, y, shape)
        return _text('s z', round(box.x) + 5, y, shape)

    def _light(self, node):
        """Classes of box and words, and a text, that say how large the gradient is."""
        back = self.back.get(node['id'])
        if back is None:
            return '', '', ''
        if back['nan']:
            return ' b', '', f'{SIGN["gradient"]}NaN'
        level = heat_level(back['norm'], self.high)
        return f' h{level}', f' t{level}', SIGN['gradient'] + short(back['norm'])

    def _operation(self, node, x, y):
        width, height = SIZE['function']
        heat, ink, gradient = self._light(node)
        times = f' {SIGN["repeat"]}{node["count"]}' if node.get('count', 1) > 1 else ''
        times += f' {SIGN["loop"]}' if node.get('loop') else ''
        room = int((width - 18) / LETTER) - len(times + gradient) - 2 * bool(gradient)
        symbol, name = _symbol_and_name(node, room)
        words = f'<tspan class="y">{_clean(symbol)}</tspan> ' if symbol else ''
        words += _clean(name + times)
        if gradient:
            label = (_text(ink, x + 8, y + 18, '', words)
                     + _text(f'd e{ink}', x + width - 8, y + 18, gradient))
        else:
            label = _text('m', x + width // 2, y + 18, '', words)
        return self._boxed(node, x, y, heat, SIZE['function'], 3, label)

    def _folded(self, node, x, y):
        width, height = SIZE['folded']
        heat, ink, gradient = self._light(node)
        times = f' {SIGN["repeat"]}{node["count"]}' if node['count'] > 1 else ''
        room = int((width - 12) / BOLD) - 2 - len(times)
        name = node['label'] if len(node['label']) <= room else node['label'].rpartition('/')[2]
        detail = gradient or f'{node["symbol"]}, {len(node["members"])} nodes'
        label = (_text(f'y{ink}', x + 8, y + 17, f'{SIGN["folded"]} {clip(name, room)}{times}')
                 + _text(f'd{ink}', x + 8, y + 32, clip(detail, 15)))
        if node['loop']:
            label += _text(f'y e{ink}', x + width - 10, y + 32, SIGN['loop'])
        return self._boxed(node, x, y, heat, SIZE['folded'], SIZE['stack-offset'], label)

    def _boxed(self, node, x, y, heat, size, step, label):
        """An operation's box with its words, and the edges of the boxes that it stands for."""
        width, height = size
        rest = f'width="{width}" height="{height}" rx="{SIZE["radius"]}"/>'
        behind = ''.join(f'<rect class="o" x="{x + k * step}" y="{y - k * step}" {rest}'
                         for k in (2, 1) if node.get('count', 1) > 1)
        return behind + self._tip(node, f'<rect class="o{heat}" x="{x}" y="{y}" {rest}'
                                  + self._marks(node, x, y, size) + label)

    def _leaf(self, id, x, y, has_shape_below=False):
        node = self.picture.nodes[id]
        width, height = SIZE['leaf']
        heat, ink, gradient = self._light(node)
        kind = CLASS_OF_LEAF[node['kind']]
        place = f'class="{kind}{heat}" x="{x}" y="{y}" width="{width}" height="{height}"'
        if kind == 'v':
            shape = f'<rect {place} rx="{height // 2}"/>'
        elif kind == 'p':
            inner = SIZE['double-border']
            shape = (f'<rect {place} rx="2"/><rect class="i" x="{x + inner}" y="{y + inner}" '
                     f'width="{width - 2 * inner}" height="{height - 2 * inner}"/>')
        else:
            cut = SIZE['cut']
            shape = (f'<path class="a{heat}" d="M{x} {y}h{width - cut}l{cut} {cut}v{height - cut}'
                     f'h-{width}z"/><path class="i" d="M{x + width - cut} {y}v{cut}h{cut}"/>')
        room = int((width - 8) / LETTER)
        name, detail = _name_and_detail(node, room, gradient, has_shape_below)
        more = f'<tspan class="d{ink}">{_clean(detail)}</tspan>' if detail else ''
        name += ' ' if name and detail else ''
        uses = self.back.get(id, {}).get('gathered')
        badge = _badge(x - 5, y, f'{SIGN["repeat"]}{uses}') if uses else ''
        long = len(name + (detail or '')) > LONG
        text = _text(f'q m{ink}', x + width // 2, y + 15, name, more, size=9 if long else None)
        return self._tip(node, shape + text + badge + self._marks(node, x, y, (width, height)))

    def _tip(self, node, inside):
        """A box that says more under the mouse."""
        words = _hover(node, self.back.get(node['id'], {}).get('gathered'))
        return f'<g><title>{_clean(words)}</title>{inside}</g>'

    def _marks(self, node, x, y, size):
        """The filled corner of what keeps something; the cross of what is not a number."""
        right, bottom, corner = x + size[0], y + size[1], SIZE['corner']
        back = self.back.get(node['id'])
        parts = ''
        if node['bytes_kept']:
            parts += f'<path class="k" d="M{right} {bottom - corner}v{corner}h-{corner}z"/>'
        if back and back['nan'] or any(each and each['nan'] + each['inf']
                                       for each in node['stats']):
            parts += (f'<circle class="x" cx="{right}" cy="{y}" r="7"/>'
                      f'<path class="x" d="M{right - 3} {y - 3}l6 6m0 -6l-6 6"/>')
        return parts


def _symbol_and_name(node, room):
    """What to write into the box of an operation that has room for so many letters."""
    symbol, name = node['symbol'], node['label']
    if name.startswith(symbol):
        return '', clip(name, room)
    left = room - len(symbol) - 1
    if left >= min(len(name), 5):
        return symbol, clip(name, left)
    return (symbol, '') if len(symbol) <= room else ('', clip(name, room))


def _name_and_detail(node, room, gradient, has_shape_below):
    """What to write into a leaf: its name, and its gradient, shape or value if there is room."""
    name = node['label'].rpartition('/')[2]
    if node.get('count', 1) > 1:
        name = f'{name or node["kind"]} {SIGN["repeat"]}{node["count"]}'
    numbers = SIGN['repeat'].join(map(str, node['shapes'][0]))
    detail = gradient or numbers or node['values'] or ''
    if name and not gradient and (has_shape_below or len(name + detail) >= room
                                  or node.get('count', 1) > 1):
        detail = ''
    name = clip(name or ('' if detail else node['kind']), room)
    return name, clip(detail, max(4, room - len(name)))


def _hover(node, uses=None):
    """What the mouse brings up. No times: the picture of a program is the same each time."""
    facts = [node['label'] or node['kind']]
    facts += [f'{tuple(shape)} {dtype}' for shape, dtype in zip(node['shapes'], node['dtypes'])]
    if node['macs']:
        facts.append(f'{node["macs"]:,} multiply-adds')
    if node['bytes_kept']:
        facts.append(f'keeps {node["bytes_kept"]:,} bytes ({", ".join(node["keeps"])})')
    if uses:
        facts.append(f'{uses} uses: one product gave the gradient of all of them')
    if node['where'] and node['where']['code']:
        facts.append(node['where']['code'])
    return '\n'.join(facts)


def _badge(x, y, words):
    """A pill on the edge of a leaf: how many uses of a weight one product took together."""
    width = len(words) * 7 + 9
    return (f'<rect class="h0" x="{x}" y="{y - 7}" width="{width}" height="13" rx="6"/>'
            + _text('g m', x + width // 2, y + 3, words))


def _text(names, x, y, words, more='', size=None):
    """A text; `more` is SVG that follows the words inside of it."""
    size = f' style="font-size:{size}px"' if size else ''
    return f'<text class="{names.strip()}" x="{x}" y="{y}"{size}>{_clean(words)}{more}</text>'


def _clean(words):
    """Text as XML may hold it: escaped, and without the control characters that XML forbids."""
    return escape(''.join(letter for letter in words if letter.isprintable() or letter == '\n'))


def _path(points):
    """A line down through points (x, top, bottom): straight inside of layers, curved between.

    It curves in the lower half of the room between two layers; in the upper half stand shapes.
    """
    at_x, at_y, bottom = points[0]
    parts = [f'M{at_x} {at_y}']
    if bottom > at_y:
        parts.append(f'V{bottom}')
        at_y = bottom
    for x, top, bottom in points[1:]:
        if x != at_x:
            at_y = (at_y + top) // 2
            middle = (at_y + top) // 2
            parts.append(f'V{at_y}C{at_x} {middle} {x} {middle} {x} {top}')
        if x == at_x or bottom > top:
            parts.append(f'V{bottom}')
        at_x, at_y = x, bottom
    return ''.join(parts)
