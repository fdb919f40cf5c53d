"""Which operation raised an error: read off the error's traceback."""
from minichain import Variable
from minichain.function import Function

APPLY = Function.apply.__code__


def failed_operation(error, recorder):
    """{'label', 'symbol', 'inputs'} of the operation that raised, or None if none was running.

    inputs  pairs (id of a node, number of its output): those of its inputs that are recorded
    """
    frame, traceback = None, error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code is APPLY:
            frame = traceback.tb_frame
        traceback = traceback.tb_next
    if frame is None:
        return None
    operation, inputs = frame.f_locals['self'], frame.f_locals['inputs']
    places = [recorder.place_of(x) for x in inputs if isinstance(x, Variable)]
    return {'label': operation.label, 'symbol': operation.symbol or operation.label,
            'inputs': [list(place) for place in places if place is not None]}
