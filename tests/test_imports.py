"""Imports run one way: from the simple parts of minichain to those that are built on them."""
import ast
import importlib.util
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Each row may import the rows above it, and its own row as long as no circle comes of it.
LAYERS = [
    ['errors', 'words'],
    ['config', 'find_gpu', 'backend', 'observe', 'randomness', 'scratch', 'files'],
    ['gather', 'fitting', 'stale'],
    ['backprop'],
    ['variable'],
    ['parameter', 'double'],
    ['explain'],
    ['function'],
    ['fused', 'guard', 'reporter', 'recompute'],
    ['functions'],
    ['operators'],
    ['distributions'],
    ['initializers'],
    ['links'],
    ['optimizers'],
    ['data'],
    ['aliases'],
]
# These look at the others. Nothing in the layers above knows them.
BESIDE = ['cost', 'measure', 'records', 'recorder', 'folding', 'schema', 'difference', 'layout',
          'look', 'drawing', 'graph', 'debug', 'serializers', 'timeline', 'profiler', 'hooks',
          'holding', 'diagnosis']
# These stand on all of the above.
ON_TOP = ['training', 'chainer', 'launch', '__main__']

# What only one part of the project may import; everything else is NumPy and the standard library.
ONLY_IN = {'cupy': ['minichain.find_gpu'], 'jupyterlab': ['minichain.launch']}
# Drawing and loading data may ask for these when they are called, never when they are imported.
WHEN_CALLED = ['matplotlib', 'PIL', 'sklearn', 'h5py', 'onnx']
NOTEBOOK = ['ipywidgets', 'traitlets', 'anywidget', 'IPython', 'comm', 'ipykernel']

IMPORT_CPU_SECONDS = 0.3


def read_modules(folder, package):
    """The modules of a package: {dotted name: syntax tree}."""
    modules = {}
    for path in sorted(folder.rglob('*.py')):
        parts = path.relative_to(folder).with_suffix('').parts
        name = '.'.join((package, *parts)).removesuffix('.__init__')
        modules[name] = ast.parse(path.read_text(encoding='utf-8'), filename=str(path))
    return modules


def is_package(name, modules):
    return any(other.startswith(name + '.') for other in modules)


def imports(name, modules):
    """What a module imports: pairs (dotted name, whether it stands inside a function)."""
    found = []

    def visit(node, inside):
        if isinstance(node, ast.Import):
            found.extend((alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = absolute_name(node, name, modules)
            for alias in node.names:
                full = f'{source}.{alias.name}'
                found.append((full if full in modules else source, inside))
        inside = inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(modules[name], False)
    return found


def absolute_name(node, name, modules):
    """The module that `from ... import` names, with the dots of a relative import resolved."""
    if node.level == 0:
        return node.module
    package = name if is_package(name, modules) else name.rpartition('.')[0]
    relative = '.' * node.level + (node.module or '')
    return importlib.util.resolve_name(relative, package)


def part_of(name):
    """The first part below the package: 'functions' for minichain.functions.math."""
    return (name.split('.') + [''])[1]


def level_of(part):
    """The row of a part in LAYERS; what stands beside the layers has none."""
    return next((row for row, parts in enumerate(LAYERS) if part in parts), None)


def edges(modules):
    """Imports between modules of one package: {module: set of modules that must come first}.

    A package comes before its parts, for whoever stands outside of it.
    """
    needed = {name: set() for name in modules}
    for name in modules:
        for target, _ in imports(name, modules):
            while target in modules and not (name + '.').startswith(target + '.'):
                needed[name].add(target)
                target = target.rpartition('.')[0]
    return needed


def find_circle(needed):
    """One circle of imports as a list of names, or None."""
    done, path = set(), []

    def visit(name):
        if name in path:
            return [*path[path.index(name):], name]
        if name in done:
            return None
        path.append(name)
        for target in sorted(needed[name]):
            circle = visit(target)
            if circle:
                return circle
        done.add(path.pop())
        return None

    return next(filter(None, map(visit, sorted(needed))), None)


MODULES = read_modules(ROOT / 'minichain', 'minichain')
WIDGET_MODULES = read_modules(ROOT / 'widgets' / 'minichain_widgets', 'minichain_widgets')


def test_every_module_has_its_place_in_the_layers():
    known = {part for parts in LAYERS for part in parts} | set(BESIDE) | set(ON_TOP) | {''}
    unknown = {name for name in MODULES if part_of(name) not in known}
    assert not unknown, f'Give these a place in LAYERS, BESIDE or ON_TOP: {sorted(unknown)}'


def test_no_module_imports_upward():
    wrong = []
    for name in MODULES:
        if name == 'minichain':
            continue
        here = level_of(part_of(name))
        for target, _ in imports(name, MODULES):
            if target.split('.')[0] != 'minichain' or part_of(target) == part_of(name):
                continue
            there = level_of(part_of(target))
            beside = part_of(target) in BESIDE
            upward = here is not None and (beside or there is None or there > here)
            if upward or part_of(target) == '':
                wrong.append(f'{name} imports {target}')
    assert not wrong, '\n'.join(wrong)


@pytest.mark.parametrize('modules', [MODULES, WIDGET_MODULES], ids=['minichain', 'widgets'])
def test_no_circle_of_imports(modules):
    circle = find_circle(edges(modules))
    assert circle is None, ' -> '.join(circle)


@pytest.mark.parametrize('modules', [MODULES, WIDGET_MODULES], ids=['minichain', 'widgets'])
def test_no_import_of_the_project_inside_a_function(modules):
    wrong = [f'{name} imports {target} inside a function' for name in modules
             for target, inside in imports(name, modules)
             if inside and target.split('.')[0] in ('minichain', 'minichain_widgets')]
    assert not wrong, '\n'.join(wrong)


def test_minichain_needs_numpy_alone():
    wrong = []
    for name in MODULES:
        for target, inside in imports(name, MODULES):
            top = target.split('.')[0]
            allowed = (
                top in ('minichain', 'numpy') or top in sys.stdlib_module_names
                or name in ONLY_IN.get(top, [])
                or (inside and top in WHEN_CALLED)
            )
            if not allowed or top in NOTEBOOK or top == 'minichain_widgets':
                wrong.append(f'{name} imports {target}')
    assert not wrong, '\n'.join(wrong)


def run_python(code):
    """What a fresh interpreter prints."""
    result = subprocess.run([sys.executable, '-c', code], cwd=ROOT,
                            capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_importing_minichain_loads_no_third_party_module_but_numpy():
    """The widgets may wait beside it for a notebook, without loading what they need there."""
    loaded = run_python(
        'import sys, numpy.random\n'
        'before = set(sys.modules)\n'
        'import minichain\n'
        'print(*sorted({name.split(".")[0] for name in set(sys.modules) - before}))\n'
    ).split()
    known = ('minichain', 'minichain_widgets', 'numpy')
    assert not [name for name in loaded if name not in (*sys.stdlib_module_names, *known)]


def test_importing_minichain_is_quick():
    code = ('import time\n'
            'import numpy\n'
            'start = time.process_time()\n'
            'import minichain\n'
            'print(time.process_time() - start)\n')
    seconds = min(float(run_python(code)) for _ in range(5))
    print(f'import minichain takes {seconds:.3f} s of CPU beyond NumPy')
    assert seconds < IMPORT_CPU_SECONDS
