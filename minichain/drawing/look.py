"""The visual language of every picture of a graph, and the style sheet made of it.

The same facts stand in widgets/src/graph/look.json for the pictures in the browser; a test
compares.
"""

LOOK = {
    'version': 1,
    'colors': {
        'light': {
            'background': '#ffffff', 'ink': '#1f1f1f', 'muted': '#616161', 'line': '#8a8a8a',
            'forward': '#0072b2', 'forward-fill': '#e6f1f8', 'backward': '#b34a00',
            'nan': '#b00020', 'nan-fill': '#fde7ea', 'frame': '#c4c4c4', 'frame-fill': '#f4f5f6',
            'leaf-fill': '#ffffff',
            'heat': ['#fbebdd', '#f7d2ae', '#f2b67b', '#ec9a48', '#e07b1a'],
            'heat-ink': ['#1f1f1f', '#1f1f1f', '#1f1f1f', '#1f1f1f', '#1f1f1f'],
        },
        'dark': {
            'background': '#212121', 'ink': '#e8e8e8', 'muted': '#b4b4b4', 'line': '#8f8f8f',
            'forward': '#56b4e9', 'forward-fill': '#1c3644', 'backward': '#f0a030',
            'nan': '#ff8095', 'nan-fill': '#4a1f27', 'frame': '#565656', 'frame-fill': '#2a2b2d',
            'leaf-fill': '#212121',
            'heat': ['#3d2c1a', '#5e3f16', '#83550f', '#c8860f', '#f0a830'],
            'heat-ink': ['#e8e8e8', '#e8e8e8', '#ffffff', '#111111', '#111111'],
        },
    },
    'shapes': {
        'function': 'rounded-box', 'variable': 'pill', 'parameter': 'double-border',
        'data': 'cut-corner', 'scope': 'tinted-frame', 'folded': 'stacked-frame',
        'kept': 'filled-corner', 'nan': 'cross', 'released': 'outline', 'reused': 'dashed-line',
    },
    'signs': {
        'gradient': '∇', 'repeat': '×', 'reused': '↩', 'updated': '✓', 'loop': '↻', 'folded': '▸',
        'open': '▾',
    },
    'sizes': {
        'grid': 4, 'font': 12, 'small-font': 11, 'function': [116, 28], 'folded': [116, 40],
        'leaf': [84, 22], 'radius': 5, 'cut': 7, 'corner': 9, 'double-border': 3,
        'stack-offset': 4, 'gap': 36, 'frame-header': 20, 'frame-step': 3,
    },
    'heat': {'levels': 5, 'decades': 0.5},
}


def style():
    """The style sheet of a picture: light, and dark where the reader prefers it.

    Every rule is for the inside of `svg.mc` alone, since a page may hold the picture's elements.
    """
    size = LOOK['sizes']
    always = {
        'text': f'font:{size["font"]}px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",'
                'sans-serif',
        '.s,.d,.g,.q': f'font-size:{size["small-font"]}px',
        '.d': 'font-weight:400', '.y': 'font-weight:600',
        '.m': 'text-anchor:middle', '.e': 'text-anchor:end',
        '.w,.i': 'fill:none', '.r': 'stroke-dasharray:3 2',
    }
    dark = _sheet(_colors('dark'))
    return (f'{_sheet(always)}{_sheet(_colors("light"))}'
            f'@media(prefers-color-scheme:dark){{{dark}}}')


def _sheet(rules):
    return ''.join(','.join('.mc ' + name for name in names.split(',')) + f'{{{values}}}'
                   for names, values in rules.items())


def _colors(theme):
    """The colours of one theme. Class names are short: a notebook stores one sheet a picture."""
    color = LOOK['colors'][theme]
    rules = {
        '.bg': f'fill:{color["background"]}',
        '.f': f'fill:{color["frame-fill"]};stroke:{color["frame"]}',
        'text': f'fill:{color["ink"]}',
        '.s,.d': f'fill:{color["muted"]}',
        '.z': f'stroke:{color["frame-fill"]};stroke-width:3;paint-order:stroke',
        '.g': f'fill:{color["backward"]};font-weight:600',
        '.o': f'fill:{color["forward-fill"]};stroke:{color["forward"]}',
        '.p,.a': f'fill:{color["leaf-fill"]};stroke:{color["line"]}',
        '.v': f'fill:{color["leaf-fill"]};stroke:{color["forward"]}',
        '.i,.w': f'stroke:{color["line"]}',
        '.k': f'fill:{color["forward"]}',
        '.tip': f'fill:{color["line"]}',
        '.b,.x': f'fill:{color["nan-fill"]};stroke:{color["nan"]}',
        '.x': 'stroke-width:1.5',
    }
    for level, (fill, ink) in enumerate(zip(color['heat'], color['heat-ink'])):
        rules[f'.h{level}'] = f'fill:{fill};stroke:{color["backward"]}'
        rules[f'.t{level}'] = f'fill:{ink}'
    return rules
