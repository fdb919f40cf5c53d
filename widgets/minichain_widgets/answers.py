"""Answers to what a click in the picture asks: the values that a node holds, their histogram."""
import numpy as np

from minichain.backend import to_cpu

BINS = 40
SHOWN = 1_000       # elements of an array that are written out, with the middle left out


def answer(question, array):
    """The `answer` message to an `ask` message; array is None if the values are gone."""
    what = 'histogram' if question.get('what') == 'histogram' else 'values'
    data, text = None, 'These values are gone: the program has let go of them.'
    if array is not None:
        data, text = (histogram if what == 'histogram' else values)(to_cpu(array))
    return {'t': 'answer', 'id': question['id'], 'what': what, 'data': data, 'text': text}


def histogram(array):
    """How often which values occur: counts of equal bins and their edges, and one sentence."""
    finite = array[np.isfinite(array)].astype('float64')
    if not finite.size:
        return None, 'There is no finite number in it.'
    counts, edges = np.histogram(finite, BINS)
    left_out = array.size - finite.size
    text = f'{array.size:,} values' + (f', {left_out:,} of them not finite' if left_out else '')
    return {'counts': counts.tolist(), 'edges': edges.tolist()}, text


def values(array):
    """The array written out, shortened in the middle if it is big."""
    text = np.array2string(array, separator=', ', precision=4, threshold=SHOWN, max_line_width=72)
    return {'text': text}, text if len(text) <= 500 else text[:499] + '…'
