"""Python code as a syntax tree: names, plain values, and the lines that sentences name."""
import ast
import warnings

from .blocks import BuildError, shown

LONGEST = 20_000        # characters
MODULES = {'minichain': 'mc', 'minichain.functions': 'F', 'minichain.links': 'L'}


def at(node, text):
    """A BuildError that names the line of a piece of code."""
    return BuildError(f'Line {node.lineno}: {text}')


def parse(text):
    """The syntax tree. BuildError for what is no Python."""
    if len(text) > LONGEST:
        raise BuildError(f'This code has {len(text):,} characters; {LONGEST:,} are the most here.')
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')     # of code that is still being written
            return ast.parse(text)
    except SyntaxError as error:
        line = error.lineno or 1
        raise BuildError(f'Line {line}: this is not Python yet: {error.msg}.') from None
    except (ValueError, RecursionError, MemoryError):
        raise BuildError('This is no Python code that can be read.') from None


def imports(tree):
    """name in the code -> 'F', 'L', 'mc', or 'mc.Chain' for a single thing."""
    known = {'F': 'F', 'L': 'L', 'mc': 'mc', 'Chain': 'mc.Chain'}
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                module = MODULES.get(alias.name)
                if module and (alias.asname or alias.name == 'minichain'):
                    known[alias.asname or alias.name] = module
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for alias in node.names:
                whole = MODULES.get(f'{node.module}.{alias.name}')
                known[alias.asname or alias.name] = whole or f'{MODULES[node.module]}.{alias.name}'
    return known


def full_name(node, known):
    """'F.relu' for what the code calls F.relu, functions.relu or relu; None for anything else."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = full_name(node.value, known)
        if owner == 'mc' and node.attr in ('functions', 'links'):
            return MODULES[f'minichain.{node.attr}']
        return owner and f'{owner}.{node.attr}'
    return None


def literal(node):
    """A number, a truth value, a text, None or a tuple of them. BuildError for anything else."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise at(node, f'{shown(ast.unparse(node))} has to be a plain number here.') from None


def is_text(statement):
    return isinstance(statement, ast.Pass) or (isinstance(statement, ast.Expr) and isinstance(
        statement.value, ast.Constant))
