"""Lesson 03, Static and dynamic: run a plan, count operations, pad, waste, buckets."""
import numpy as np

import minichain as mc
import minichain.functions as F

from ..checking import (Choice, array_of, call, describe, exercise, is_blank, nearly, not_yet,
                        question, require_answer, require_function, require_number, right,
                        structure_of, wrong)

# ---- 03.1 ---------------------------------------------------------------------------------


@exercise(
    '03.1', 'Run the plan',
    hints=('Two cases: the operation is a name, or it is something that can be called.',
           'For a name: return feed[place.operation].',
           'Else: return place.operation(*[run(part, feed) for part in place.inputs]).'),
    expected='a green mark: four plans, each run with several numbers.')
def run_the_plan(answer):
    require_answer(answer)
    if not isinstance(answer, tuple) or len(answer) != 2 or not all(map(callable, answer)):
        return wrong('Hand over both: check("03.1", (Place, run)).')
    place, run = answer
    x, y = place('x'), place('y')
    plans = (('x', x, lambda a, b: a), ('x * x + x * 3', x * x + x * 3, lambda a, b: a * a + 3 * a),
             ('x * y + y', x * y + y, lambda a, b: a * b + b),
             ('(x + y) * (x + 1)', (x + y) * (x + 1), lambda a, b: (a + b) * (a + 1)))
    for name, plan, f in plans:
        for a, b in ((2.0, 5.0), (-1.5, 0.5), (0.0, 3.0)):
            feed = {'x': a, 'y': b}
            result = call(run, plan, feed)
            if isinstance(result, place):
                return wrong(f'Running {name} gives a Place again. Run its inputs, too.')
            got = require_number(result, f'The result of {name}')
            if not np.isclose(got, f(a, b)):
                return wrong(f'{name} with x = {a:g} and y = {b:g} is {f(a, b):g}; your run says '
                             f'{got:g}.')
            if feed != {'x': a, 'y': b}:
                return nearly('The number is right, but your run writes into feed. It belongs to '
                              'the caller, who may run the plan again with it.')
    return right('Four plans, and each runs with any numbers.')


# ---- 03.2 ---------------------------------------------------------------------------------

def dynamic(x, steps):
    if x.data > 0:
        for _ in range(steps):
            x = F.tanh(x)
        return x
    return F.exp(x)


def static(x, steps):
    costly = x
    for _ in range(steps):
        costly = F.tanh(costly)
    return F.where(x.data > 0, costly, F.exp(x))


RUNS = {'dynamic, positive x': (dynamic, 1.0), 'dynamic, negative x': (dynamic, -1.0),
        'static, any x': (static, -1.0)}


@exercise(
    '03.2', 'Count what runs',
    hints=('The dynamic program takes one branch. The other one leaves no trace at all.',
           'The static program runs the costly steps, the cheap one, and where.',
           'Write lambda steps: and then a formula, such as steps + 1.'),
    expected='a green mark: your formulas give the number of boxes in the graphs.')
def count_what_runs(operations):
    require_answer(operations)
    if not isinstance(operations, dict) or set(operations) != set(RUNS):
        return wrong('Keep the three names of the dictionary, and replace only the dots.')
    for name, (program, x) in RUNS.items():
        if not callable(operations[name]):
            return wrong(f'The entry for {name!r} should be a function, such as lambda steps: '
                         f'2 * steps. It is {describe(operations[name])}.')
        for steps in (1, 3, 10):
            want = structure_of(program(mc.Variable(x), steps)).total
            got = require_number(call(operations[name], steps), f'The number for {name!r}')
            if got == want:
                continue
            said = f'For {name!r} with steps = {steps} you say {got:g}'
            if name.startswith('static') and got == want - 1:
                return nearly(f'{said}. One is missing: where is an operation, too.')
            if name.startswith('static') and got in (steps, 1, 2):
                return nearly(f'{said}. Both branches are computed before where chooses.')
            if name.startswith('dynamic') and got > want:
                return nearly(f'{said}. Only the branch that is taken runs.')
            return wrong(f'{said}. Count the boxes in the graph: every F.something that runs is '
                         'one.')
    return right('Counted in the graphs: the static program always pays for both branches.')


# ---- 03.3 ---------------------------------------------------------------------------------

@exercise(
    '03.3', 'Pad',
    hints=('Begin with a table that is all fill: np.full((len(sentences), longest), fill).',
           'Then write each sentence into the front of its row: words[row, :len(sentence)] = '
           'sentence.',
           'The mask begins with np.zeros(words.shape, dtype=bool), and gets True in the same '
           'places.'),
    expected='a green mark: five batches, one with a single sentence.')
def pad_sentences(pad):
    require_function(pad)
    for sentences, fill in (([[1, 2, 3], [4]], 0), ([[7, 8]], -1), ([[5], [4, 6], [3]], -1),
                            ([[0], [0, 0]], 0), ([[3, 1, 2, 5], [9, 9, 9, 9]], 7)):
        result = call(pad, [list(sentence) for sentence in sentences], fill)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            return wrong(f'Return two arrays, the words and the mask; this is {describe(result)}.')
        words, mask = map(array_of, result)
        if words is None or mask is None:
            return wrong('Both results should be arrays of one length a row.')
        longest = max(map(len, sentences))
        shape = (len(sentences), longest)
        if words.shape == shape[::-1] and shape[0] != shape[1]:
            return nearly(f'The words have the shape {words.shape}: one row for each step. Make '
                          'one row for each sentence.')
        if words.shape != shape:
            return wrong(f'For {len(sentences)} sentences of at most {longest} words the shape '
                         f'should be {shape}; it is {words.shape}.')
        want = np.array([list(s) + [fill] * (longest - len(s)) for s in sentences])
        real = np.array([[k < len(s) for k in range(longest)] for s in sentences])
        if np.array_equal(words, [[fill] * (longest - len(s)) + list(s) for s in sentences]) and \
                not np.array_equal(words, want):
            return nearly('You pad in front. Put the fill behind the end of each sentence.')
        if words.dtype == bool and np.array_equal(mask, want):
            return nearly('The words and the mask are swapped: return the words first.')
        if np.array_equal(words, np.where(real, want, 0)) and not np.array_equal(words, want):
            return nearly(f'You fill up with 0. Take fill, which may be another number: {fill}.')
        if not np.array_equal(words, want):
            return wrong(f'For {sentences} and fill = {fill} the table should be {want.tolist()}; '
                         f'it is {words.tolist()}.')
        if mask.shape != shape:
            return wrong(f'The mask has the shape {mask.shape}, the words have {shape}.')
        if np.array_equal(mask.astype(bool), ~real) and not np.array_equal(~real, real):
            return nearly('The mask is the wrong way round: True where there is a word.')
        if np.array_equal(mask.astype(bool), words != fill) and not np.array_equal(words != fill,
                                                                                    real):
            return nearly('The mask looks where words differ from fill. A real word may have the '
                          'same number. Take the length of the sentence.')
        if not np.array_equal(mask.astype(bool), real):
            return wrong(f'For {sentences} the mask should be {real.tolist()}.')
        if mask.dtype != bool:
            return nearly(f'The mask holds numbers of type {mask.dtype}. Make it dtype=bool.')
    return right('Words and mask are right, also where a word has the same number as the fill.')


# ---- 03.4 ---------------------------------------------------------------------------------

@exercise(
    '03.4', 'How much is for nothing?',
    hints=('How many steps has the padded table? Sentences times the longest length.',
           'How many of them belong to a word? The sum of the lengths.',
           'return 1 - sum(lengths) / (len(lengths) * max(lengths))'),
    expected='a green mark: five batches.')
def for_nothing(wasted):
    require_function(wasted)
    for lengths in ([3, 1, 2], [5, 5, 5], [1, 20], [4], [19, 1, 1, 1]):
        want = 1 - sum(lengths) / (len(lengths) * max(lengths))
        got = require_number(call(wasted, list(lengths)), f'The part for {lengths}')
        if np.isclose(got, want):
            continue
        if np.isclose(got, 1 - want):
            return nearly(f'For {lengths} you say {got:.3g}. That is the useful part. '
                          'The waste is the rest: 1 minus it.')
        if np.isclose(got, 100 * want):
            return nearly(f'For {lengths} you say {got:.3g}. Those are percent: a part is between '
                          '0 and 1.')
        if np.isclose(got, want * len(lengths) * max(lengths)):
            return nearly(f'For {lengths} you say {got:.3g}. That is the number of steps. Divide '
                          'by all steps of the table.')
        if np.isclose(got, want, atol=0.01):
            return nearly(f'For {lengths} you say {got:.4g}, wanted is {want:.4g}. Do not round.')
        if np.isclose(got, want / (1 - want)):
            return nearly(f'For {lengths} you say {got:.3g}. You divide by the steps that belong '
                          'to a word. Divide by all steps of the table.')
        return wrong(f'For {lengths} you say {got:.3g}, wanted is {want:.3g}. Draw the table on '
                     'paper and count.')
    return right('Five batches, all right.')


# ---- 03.5 ---------------------------------------------------------------------------------

def work(lengths, batches) -> int:
    """Steps that padded batches need."""
    return sum(len(batch) * max(lengths[i] for i in batch) for batch in batches)


def fewest(lengths, size) -> int:
    return -(-len(lengths) // size)


BATCHES = (([1, 5, 1, 17, 1, 6, 1, 4], 2), ([3, 9, 3, 9, 3, 9], 3), ([2, 8, 4, 6], 4), ([7], 4))


@exercise(
    '03.5', 'Buckets',
    hints=('Sort the positions by length, then cut the sorted list into pieces.',
           'order[0:size], order[size:2 * size] and so on.',
           'return [order[k:k + size] for k in range(0, len(order), size)]'),
    expected='the sentences with 1 word together, and the long ones together.')
def bucketing(buckets):
    require_function(buckets)
    for lengths, size in BATCHES:
        batches = call(buckets, list(lengths), size)
        if is_blank(batches):
            return not_yet()
        if not isinstance(batches, (list, tuple)) or not all(
                isinstance(batch, (list, tuple, np.ndarray)) for batch in batches):
            return wrong(f'Return a list of batches, each one a list of positions; this is '
                         f'{describe(batches)}. Its first entry is {describe(batches[0])}.'
                         if isinstance(batches, (list, tuple)) else
                         f'Return a list of lists of positions; this is {describe(batches)}.')
        batches = [[int(i) for i in batch] for batch in batches if len(batch)]
        places = sorted(i for batch in batches for i in batch)
        said = f'For the lengths {lengths} and size = {size}'
        if places != list(range(len(lengths))):
            if sorted(places) == sorted(lengths):
                return nearly(f'{said}: these are the lengths. Return the positions, from 0.')
            return wrong(f'{said}: each position from 0 to {len(lengths) - 1} should be there '
                         f'once; you have {places}.')
        if max(map(len, batches)) > size:
            return wrong(f'{said}: a batch has more than {size} sentences.')
        if len(batches) > fewest(lengths, size):
            return nearly(f'{said}: you make {len(batches)} batches. {fewest(lengths, size)} are '
                          'enough, and few large operations are faster.')
        order = sorted(range(len(lengths)), key=lambda i: lengths[i])
        best = work(lengths, [order[k:k + size] for k in range(0, len(order), size)])
        mine = work(lengths, batches)
        if mine > best:
            return wrong(f'{said}: your batches need {mine} steps, {best} are possible. Put '
                         'sentences of about the same length together.')
    return right('As little padding as possible, and as few batches as possible.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '03.A', 'In a define-and-run framework, Python\'s "if" tests a place. What happens?',
    Choice('The plan has both branches in it, and chooses when it runs.',
           'That is what an operation such as where does. Python\'s if knows nothing of plans.'),
    Choice('The framework reports an error.',
           'A good one does. Ours did not: it silently took one branch.'),
    Choice('Python asks once, while the plan is drawn, and the answer is fixed.',
           'There is no number yet, so the answer has nothing to do with the data.', right=True))

question(
    '03.B', 'For which batch is a padded static graph a good choice?',
    Choice('A hundred pictures of one size.',
           'Nothing is padded, and one plan serves all.', right=True),
    Choice('A hundred sentences, one of them very long.',
           'Then nearly all steps are padding.'),
    Choice('A hundred trees of different form.',
           'They cannot even be padded: no two have the same connections.'))
