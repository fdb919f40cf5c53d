"""Questions about the next number of a walk through a graph, and what an answer tells."""
from __future__ import annotations

import math

EXACT = 5e-3            # of the number itself: three digits are right
CLOSE = 5e-2


def question_of(step: dict) -> dict | None:
    """What to ask before this step is shown; None where there is nothing to find out.

    `ask` is the question, `answer` the number, `mistakes` pairs (number, what one did to get it).
    """
    if step['phase'] == 'forward':
        y = step['outputs'][0]
        return _asked(y, f'What comes out of {step["words"]}', step['formula'], [])
    if step['phase'] == 'seed':
        return _asked(step['arriving'][0], f'What is the gradient of {step["name"]} by itself',
                      'Backward begins here.', [])
    if step['phase'] == 'leaf':
        if not step['parts']:
            return None
        mistakes = [(part['part'], 'That is one path only. Where paths meet, they add up.')
                    for part in step['parts']]
        arrived = ' and '.join(part['part']['text'] for part in step['parts'])
        return _asked(step['arriving'][0],
                      f'{arrived} have arrived. What is the gradient of {step["name"]}',
                      'Where paths meet, they add up.', mistakes)
    part = next((part for part in step['parts'] if part['part']['values'] is not None), None)
    if part is None:
        return None
    mistakes = [(step['arriving'][0], 'That is the gradient that comes in. It still has to be '
                 'multiplied by the local derivative.')]
    if part['local'] is not None and part['local']['kind'] == 'each':
        mistakes.append((part['local'], 'That is the local derivative. It still has to be '
                         'multiplied by the gradient that comes in.'))
    if part['before']:
        mistakes.append((part['total'], 'That is the sum of the paths so far. Asked is what '
                         'flows along this one.'))
    return _asked(part['part'], f'{step["arriving"][0]["text"]} comes in at {step["words"]} = '
                  f'{step["outputs"][0]["text"] or step["name"]}. What flows back to '
                  f'{part["name"]} ({part["of"]})', step['formula'], mistakes)


def _asked(value, question, help, mistakes):
    """A question about one number of a value: of an array, the first that is not zero."""
    if value is None or value['values'] is None:
        return None
    places = list(_places(value['values']))
    numbers = [(place, number) for place, number in places if isinstance(number, (int, float))]
    if not numbers:
        return None
    place, answer = next((pair for pair in numbers if pair[1]), numbers[0])
    known = [(_at(wrong, place), why) for wrong, why in mistakes]
    where = f', element [{", ".join(map(str, place))}]' if place else ''
    return dict(ask=f'{question}{where}?', help=help.strip(), answer=float(answer),
                mistakes=[[number, why] for number, why in known
                          if number is not None and not _equal(number, answer, EXACT)])


def _places(values, place=()):
    if isinstance(values, list):
        for i, each in enumerate(values):
            yield from _places(each, (*place, i))
    else:
        yield place, values


def _at(value, place):
    """The number at a place of a value, or the only one that it has; None if there is none."""
    values = dict(_places(value['values'])) if value['values'] is not None else {}
    number = values.get(place, next(iter(values.values())) if len(values) == 1 else None)
    return number if isinstance(number, (int, float)) else None


def judge(question: dict, text) -> tuple[str, str]:
    """('right', 'nearly' or 'wrong', a sentence) about an answer to a question."""
    try:
        given = float(str(text).strip().replace('−', '-').replace(',', '.'))
    except ValueError:
        given = math.nan
    if not math.isfinite(given):
        return 'wrong', f'An answer is a number, such as 0.5 or -2; this is {str(text)[:40]!r}.'
    answer = question['answer']
    if _equal(given, answer, EXACT):
        return 'right', f'Right: {answer:.4g}.'
    for number, why in question['mistakes']:
        if _equal(given, number, EXACT):
            return 'nearly', why
    if answer and _equal(given, -answer, EXACT):
        return 'nearly', 'The size is right; look at the sign.'
    if _equal(given, answer, CLOSE):
        return 'nearly', 'Very near. Compute it to three digits.'
    return 'wrong', f'Not this. {question["help"]}'.strip()


def _equal(a, b, tolerance):
    return abs(a - b) <= max(tolerance * abs(b), 1e-9)
