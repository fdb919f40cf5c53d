"""Expressions whose outcomes are compared between the stand-in and a real GPU.

conformance_expected.json holds what the stand-in answers. On a machine with a GPU,
`python tests/gpu/check.py` evaluates the same list with the real CuPy and shows the differences.
"""
import json
import pathlib

import numpy as np

EXPECTED = pathlib.Path(__file__).with_name('conformance_expected.json')

SETUP = {
    'x': "cp.arange(6, dtype=cp.float32).reshape(2, 3)",
    'i': "cp.array([0, 0, 1])",
    'n': "np.ones((2, 3), 'f4')",
    's': "cp.arange(6, dtype=cp.float32).sum()",
    'z': "cp.zeros(3, 'f4')",
}


def expected():
    """expression -> outcome, as recorded."""
    return json.loads(EXPECTED.read_text())


def outcome(cp, expression):
    """What an expression gives, in words that do not depend on the values of large arrays."""
    names = {'cp': cp, 'np': np}
    for name, text in SETUP.items():
        names[name] = eval(text, names)
    try:
        result = eval(expression, names)
    except Exception as error:
        return f'raises {type(error).__name__}'
    if isinstance(result, cp.ndarray):
        return f'device array {result.dtype} {result.shape}'
    if isinstance(result, np.ndarray):
        return f'host array {result.dtype} {result.shape}'
    if isinstance(result, (tuple, list)) and result and isinstance(result[0], cp.ndarray):
        return f'{len(result)} device arrays'
    plain = (bool, int, float, str, tuple, list, np.generic, np.dtype, type(None))
    if isinstance(result, plain):
        return f'{type(result).__name__} {str(result)[:60]}'
    return 'exists' if callable(result) else f'a {type(result).__name__}'


def differences(cp):
    """(expression, recorded outcome, outcome with cp), where the two differ."""
    found = []
    for expression, recorded in expected().items():
        got = outcome(cp, expression)
        if got != recorded:
            found.append((expression, recorded, got))
    return found
