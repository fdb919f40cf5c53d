"""Every GPU kernel of minichain compiles with CUDA's own compiler, which needs no GPU."""
import ast
import importlib
import pathlib
import pkgutil

import pytest

from minichain import backend

PACKAGE = pathlib.Path(backend.__file__).parent


def all_kernels():
    """The kernels in minichain's modules."""
    found = []
    for info in pkgutil.walk_packages([str(PACKAGE)], 'minichain.'):
        module = importlib.import_module(info.name)
        found += [value for value in vars(module).values() if isinstance(value, backend.Kernel)]
    return list(dict.fromkeys(found))


def calls_of_elementwise(tree):
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls
            if getattr(call.func, 'id', getattr(call.func, 'attr', None)) == 'elementwise']


def test_kernels_are_made_at_the_top_of_their_module_where_this_file_finds_them():
    for path in PACKAGE.rglob('*.py'):
        tree = ast.parse(path.read_text(encoding='utf-8'))
        at_top = [node.value for node in tree.body if isinstance(node, ast.Assign)]
        for call in calls_of_elementwise(tree):
            assert call in at_top, f'{path.name}:{call.lineno}: write NAME = elementwise(...)'


def test_kernels_have_different_names():
    names = [kernel.name for kernel in all_kernels()]
    assert len(names) == len(set(names))


def kernel_check_or_skip():
    try:
        from standin import kernel_check
        kernel_check.compiler_version()
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"needs pip install 'minichain[kernel-check]' ({str(error).splitlines()[0]})")
    return kernel_check


def test_kernels_compile():
    kernel_check = kernel_check_or_skip()
    problems = [problem for kernel in all_kernels() for problem in kernel_check.problems(kernel)]
    assert not problems, '\n'.join(problems)


def test_the_check_reports_a_kernel_that_does_not_compile():
    kernel_check = kernel_check_or_skip()
    good = backend.Kernel('raw T x, int32 n', 'T y', 'int j = i; y = exp(x[j % n]);', 'good')
    typo = backend.Kernel('T x', 'T y', 'y = xx;', 'typo')
    assert kernel_check.problems(good) == []
    assert 'identifier "xx" is undefined' in kernel_check.problems(typo)[0]
