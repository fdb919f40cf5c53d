"""Checks a graph, or a message of the wire, against graph.schema.json, with nothing to install."""
import functools
import json
import pathlib

from .errors import GraphError

FILE = pathlib.Path(__file__).with_name('graph.schema.json')
TYPES = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'integer': int,
         'number': (int, float), 'null': type(None)}


@functools.cache
def schema():
    """The content of graph.schema.json."""
    return json.loads(FILE.read_text(encoding='utf-8'))


def check(value, kind='graph'):
    """Raise GraphError, which says where and why, unless the value is what the schema calls `kind`.

    kind  'graph', 'kernelMessage', 'frontMessage' or another name under $defs
    """
    problem = _problem(value, schema()['$defs'][kind], kind)
    if problem:
        raise GraphError(f'This is no minichain {kind}, version 1: {problem}.')


def _problem(value, rule, where):
    """What breaks the rule, and where, or None. Knows the keywords that graph.schema.json uses."""
    if '$ref' in rule:
        return _problem(value, schema()['$defs'][rule['$ref'].rpartition('/')[2]], where)
    wanted = rule.get('type')
    if wanted is not None and not any(_is(value, name) for name in
                                      (wanted if type(wanted) is list else [wanted])):
        names = ' or '.join(wanted) if type(wanted) is list else wanted
        return f'{where} should be {names}, not {value!r:.60}'
    if 'const' in rule and value != rule['const']:
        return f'{where} should be {rule["const"]!r}, not {value!r:.60}'
    if 'enum' in rule and value not in rule['enum']:
        return f'{where} should be one of {rule["enum"]}, not {value!r:.60}'
    if 'minimum' in rule and _is(value, 'number') and value < rule['minimum']:
        return f'{where} should be at least {rule["minimum"]}, not {value}'
    if 'anyOf' in rule or 'oneOf' in rule:
        return _choice(value, rule.get('anyOf') or rule['oneOf'], where)
    for part in rule.get('allOf', ()):
        if 'if' in part and _problem(value, part['if'], where) is None:
            found = _problem(value, part['then'], where)
            if found:
                return found
    inside = {dict: _in_object, list: _in_array}.get(type(value))
    return inside(value, rule, where) if inside else None


def _is(value, name):
    if isinstance(value, bool):
        return name == 'boolean'
    return isinstance(value, TYPES[name])


def _choice(value, rules, where):
    """The problem with the choice that fits best: the one for this kind of message, or the last."""
    problems = [_problem(value, rule, where) for rule in rules]
    if None in problems:
        return None
    for rule, problem in zip(rules, problems):
        mark = rule.get('properties', {}).get('t')
        if mark and type(value) is dict and _problem(value.get('t'), mark, where) is None:
            return problem
    return problems[0]


def _in_object(value, rule, where):
    missing = [name for name in rule.get('required', ()) if name not in value]
    if missing:
        return f'{where} lacks {missing[0]!r}'
    rules = rule.get('properties', {})
    for name, item in value.items():
        if name in rules:
            found = _problem(item, rules[name], f'{where}.{name}')
            if found:
                return found
        elif rule.get('additionalProperties', True) is False:
            return f'{where} has {name!r}, which is unknown'
    return None


def _in_array(value, rule, where):
    if not rule.get('minItems', 0) <= len(value) <= rule.get('maxItems', len(value)):
        return f'{where} has {len(value)} entries'
    first = rule.get('prefixItems', ())
    rules = rule.get('items', True)
    if rules is False and len(value) > len(first):
        return f'{where} has {len(value)} entries, but {len(first)} are wanted'
    for i, item in enumerate(value):
        each = first[i] if i < len(first) else rules
        found = type(each) is dict and _problem(item, each, f'{where}[{i}]')
        if found:
            return found
    return None
