"""Which operation raised an error, and which lines of the user led to it: read off a traceback."""
import inspect
import types
from pathlib import Path
from traceback import walk_tb

import minichain
import minichain.functions as F
from minichain import Variable
from minichain.function import Function

APPLY = Function.apply.__code__
LIBRARY = str(Path(minichain.__file__).parent)


def failed_operation(error, recorder):
    """{'label', 'symbol', 'inputs'} of the operation that raised, or None if none was running.

    inputs  pairs (id of a node, number of its output): those of its inputs that are recorded
    """
    applied = checked = None
    for frame, _ in walk_tb(error.__traceback__):
        if frame.f_code is APPLY:
            applied = frame
        elif is_function(frame.f_code):
            checked = checked or frame
    if applied is not None:
        operation, inputs = applied.f_locals['self'], applied.f_locals['inputs']
        label, symbol = operation.label, operation.symbol or operation.label
    elif checked is not None:       # refused by F.matmul, say, before there was an operation
        code = checked.f_code
        inputs = [checked.f_locals.get(name) for name in code.co_varnames[:code.co_argcount]]
        label = symbol = code.co_name
    else:
        return None
    places = [recorder.place_of(x) for x in inputs if isinstance(x, Variable)]
    return {'label': label, 'symbol': symbol,
            'inputs': [list(place) for place in places if place is not None]}


def is_function(code):
    """Whether this is the code of one of minichain's public functions."""
    wrapped = getattr(F, code.co_name, None)
    return getattr(inspect.unwrap(wrapped), '__code__', None) is code if wrapped else False


def without_library(traceback):
    """(the same traceback without the lines inside minichain, how many those are)."""
    steps = []
    while traceback is not None:
        steps.append(traceback)
        traceback = traceback.tb_next
    kept = [step for step in steps if not step.tb_frame.f_code.co_filename.startswith(LIBRARY)]
    folded = None
    for step in reversed(kept):
        folded = types.TracebackType(folded, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return folded, len(steps) - len(kept)
