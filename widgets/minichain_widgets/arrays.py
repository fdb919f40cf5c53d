"""Arrays in messages: float32, as text, so that a message stays one JSON value."""
import base64

import numpy as np


def packed(array) -> dict:
    """{'shape': [...], 'data': base64 of little-endian float32}, which the kit's `unpack` reads."""
    array = np.ascontiguousarray(array, dtype='<f4')
    return {'shape': list(array.shape), 'data': base64.b64encode(array.tobytes()).decode('ascii')}
