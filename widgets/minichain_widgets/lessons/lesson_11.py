"""Lesson 11, Nets that change themselves: early exits, skipped blocks, settling, growing."""
import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L

from ..checking import (Choice, array_of, call, describe, exercise, graph_nodes, nearly, question,
                        require_close, require_function, require_variable, right, wrong)


def pictures(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype('float32')


class Block(L.Chain):
    """x + relu(conv(x)), and a count of its calls."""

    def __init__(self, channels):
        super().__init__()
        self.calls = 0
        with self.init_scope():
            self.conv = L.Conv2d(channels, channels, ksize=3, pad=1)

    def forward(self, x):
        self.calls += 1
        return x + F.relu(self.conv(x))


class Net(L.Chain):
    """The net of the lesson, in small."""

    def __init__(self, depth=4, channels=3):
        super().__init__()
        with self.init_scope():
            self.first = L.Conv2d(1, channels, ksize=3, pad=1)
            self.blocks = L.ChainList(*[Block(channels) for _ in range(depth)])
            self.exits = L.ChainList(*[L.Linear(channels * 4, 10) for _ in range(depth)])

    def scores(self, h, k):
        return self.exits[k](F.flatten(F.max_pool2d(h, 4)))


def all_scores(net, x) -> list[mc.Variable]:
    h, results = F.relu(net.first(x)), []
    for k, block in enumerate(net.blocks):
        h = block(h)
        results.append(net.scores(h, k))
    return results


# ---- 11.1 ---------------------------------------------------------------------------------

def first_sure(net, x, sure) -> mc.Variable:
    """The scores of the first exit that is sure enough, or of the last one."""
    h = F.relu(net.first(x))
    for k, block in enumerate(net.blocks):
        h = block(h)
        scores = net.scores(h, k)
        if F.softmax(scores).data.max() >= sure:
            break
    return scores


def picture_of_two_blocks():
    mc.set_seed(0)
    net = Net()
    return mc.Graph.of(all_scores(net, pictures(0, 1, 1, 8, 8))[1])


@exercise(
    '11.1', 'Leave early',
    hints=('Begin like all_exits: h = F.relu(net.first(x)), then a loop over the blocks.',
           'After h = block(h) compute scores = net.scores(h, k), and look at '
           'F.softmax(scores).data.max().',
           'If it is at least sure: break. After the loop: return scores.'),
    expected='a graph as long as the picture needs. Here it left after two blocks.',
    picture=picture_of_two_blocks, ready=first_sure)
def leave_early(answer):
    require_function(answer)
    for seed in range(6):
        mc.set_seed(seed)
        net = Net()
        for layer in net.exits:
            layer.W.data *= 3
        x = pictures(seed, 1, 1, 8, 8)
        scores = all_scores(net, x)
        sureness = [float(F.softmax(s).data.max()) for s in scores]
        for sure in (0.0, sorted(sureness)[1], sorted(sureness)[2], 1.1):
            last = next((k for k, p in enumerate(sureness) if p >= sure), len(scores) - 1)
            for block in net.blocks:
                block.calls = 0
            y = call(answer, net, x, sure)
            require_variable(y, 'What answer returns')
            blocks = sum(block.calls for block in net.blocks)
            said = f'For sure = {sure:.2f} the picture should leave after {last + 1} of 4 blocks'
            if y.shape != (1, 10):
                return wrong(f'Return the ten scores, shape (1, 10); this has {y.shape}.')
            if not np.allclose(y.data, scores[last].data, atol=1e-5):
                place = next((k for k, s in enumerate(scores)
                              if np.allclose(y.data, s.data, atol=1e-5)), None)
                if place is None and np.isclose(y.data.sum(), 1, atol=1e-4):
                    return nearly('You return probabilities. They are for the question whether to '
                                  'leave; return the scores.')
                if place is None:
                    return wrong(f'{said}. What you return is not the scores of any exit. Begin '
                                 'with F.relu(net.first(x)). Then, for each block: first the '
                                 'block, then its exit.')
                return nearly(f'{said}; yours left after {place + 1}. Compare the largest '
                              'probability, F.softmax(scores).data.max(), with sure: at least, '
                              '>=.')
            if blocks > last + 1:
                return nearly(f'{said}. The scores are right, but {blocks} blocks were computed: '
                              'leave the loop at once.')
    return right('Every picture leaves where it is sure, and nothing is computed after that.')


# ---- 11.2 ---------------------------------------------------------------------------------

@exercise(
    '11.2', 'Skip',
    hints=('First ask for the mode: if not mc.config.train, return the mixture.',
           'In training: if random.random() < keep, return block(x), else x.',
           'return block(x) if random.random() < keep else x'),
    expected='a green mark: blocks are left out as often as they should be.')
def skip(maybe):
    require_function(maybe)
    mc.set_seed(0)
    block, x = Block(3), mc.Variable(pictures(1, 2, 3, 4, 4))
    full = block(x).data
    for keep in (0.2, 0.5, 0.9):
        with mc.test_mode():
            y = call(maybe, block, x, keep, np.random.default_rng(0))
            got, want = array_of(y), x.data + keep * (full - x.data)
            if got is not None and got.shape == want.shape and np.allclose(got, full):
                return nearly("In test mode the block's part counts keep times: x + keep * "
                              '(block(x) - x).')
            if got is not None and got.shape == want.shape and np.allclose(got, x.data):
                return nearly('In test mode no block is left out, and chance plays no part: x + '
                              'keep * (block(x) - x). Ask for mc.config.train first.')
            require_close(y, want, 'The result in test mode')
        random, used = np.random.default_rng(1), 0
        with mc.using_config(train=True):
            for _ in range(300):
                block.calls = 0
                y = call(maybe, block, x, keep, random)
                taken = np.allclose(array_of(y), full, atol=1e-5)
                if not taken and not np.allclose(array_of(y), x.data, atol=1e-5):
                    return wrong('In training the result should be block(x) or x, and nothing '
                                 'between.')
                if block.calls and not taken:
                    return nearly('You compute the block even when it is skipped. Draw first, then '
                                  'compute.')
                used += taken
        share = used / 300
        if abs(share - keep) <= 0.1:
            continue
        if abs(share - (1 - keep)) <= 0.1:
            return nearly(f'With keep = {keep} the block was there in {share:.0%} of the runs. You '
                          'skip where you should keep.')
        return wrong(f'With keep = {keep} the block was there in {share:.0%} of 300 runs.')
    return right('Left out as often as asked, and not computed when left out.')


# ---- 11.3 ---------------------------------------------------------------------------------

def true_settle(step, x, close, limit):
    """The settled value, and how often step was called."""
    h = x
    for count in range(1, limit + 1):
        before, h = h, step(h)
        if np.abs(h.data - before.data).max() <= close:
            return h, count
    return h, limit


@exercise(
    '11.3', 'Settle',
    hints=('Keep the value from before: before, h = h, step(h).',
           'np.abs(h.data - before.data).max() is the largest change.',
           'for _ in range(limit): ... if the largest change is <= close: break. After the loop: '
           'return h.'),
    expected='a green mark: as many rounds as it takes, for fast and for slow steps.')
def settles(settle):
    require_function(settle)
    target = mc.Variable(pictures(0, 5))
    for speed, close, limit in ((0.5, 0.01, 50), (0.9, 0.01, 200), (0.5, 1e-4, 50), (0.9, 0.01, 7)):
        count = 0

        def step(h):
            nonlocal count
            count += 1
            if count > 10 * limit:
                raise nearly(f'It ran step {count} times, with a limit of {limit}, and did not '
                             'stop. Stop when nothing changes by more than close, and at the '
                             'limit.')
            return speed * h + (1 - speed) * target

        x = mc.Variable(pictures(1, 5))
        want, rounds = true_settle(step, x, close, limit)
        count = 0
        y = call(settle, step, x, close, limit)
        require_variable(y, 'What settle returns')
        said = f'With close = {close:g} and limit = {limit} the step should run {rounds} times'
        if count > limit:
            return nearly(f'{said}; it ran {count} times. Stop at the limit.')
        if abs(count - rounds) == 1:
            return nearly(f'{said}; it ran {count} times. Compare the largest '
                          'change, and count the rounds on paper.')
        if count != rounds:
            return wrong(f'{said}; it ran {count} times.')
        if rounds > 1 and np.array_equal(y.data, true_settle(step, x, close, rounds - 1)[0].data):
            return nearly('You return the value from before the last step. Return the newest one.')
        if np.array_equal(y.data, x.data):
            return nearly('The rounds are right, but you return x, as it was before the first of '
                          'them. Return the newest value.')
        require_close(y, want.data, 'The settled value')
        operations = sum(node['kind'] == 'function' for node in graph_nodes(y))
        if operations > 3 * rounds + 2:
            return nearly('The comparison left traces in the graph. Compare with .data.')
    return right('It stops when nothing changes any more, and never goes on for ever.')


# ---- 11.4 ---------------------------------------------------------------------------------

class Wide(L.Chain):
    """The block of the lesson: x + second(relu(first(x)))."""

    def __init__(self, channels):
        super().__init__()
        with self.init_scope():
            self.first = L.Conv2d(channels, channels, ksize=3, pad=1)
            self.second = L.Conv2d(channels, channels, ksize=3, pad=1)

    def forward(self, x):
        return x + self.second(F.relu(self.first(x)))


def silent_block(channels) -> Wide:
    """A block that gives back what it gets, and that can learn."""
    block = Wide(channels)
    for parameter in block.second.params():
        parameter.data[...] = 0
    return block


@exercise(
    '11.4', 'A block that changes nothing, yet',
    hints=('Make a Wide block, change it, return it.',
           'The block gives back x if its second convolution gives zero: weights and bias.',
           'block.second.W.data[...] = 0 and block.second.b.data[...] = 0. Leave block.first as '
           'it is.'),
    expected='a green mark: nothing changes at first, and the block can learn.',
    ready=silent_block)
def changes_nothing_yet(new_block):
    require_function(new_block)
    for channels in (2, 5):
        block = call(new_block, channels)
        if isinstance(block, type):
            return nearly('That is the class. Make a block of it first: block = Wide(channels).')
        if not isinstance(block, L.Link):
            return wrong(f'Return the block; this is {describe(block)}.')
        replaced = [f'{layer}.{name}' for layer in ('first', 'second') for name in 'Wb'
                    if not isinstance(getattr(getattr(block, layer, None), name, mc.Parameter(0.)),
                                      mc.Parameter)]
        if replaced:
            return nearly(f'You put something else in the place of the Parameter {replaced[0]}. '
                          f'Change the numbers in it: block.{replaced[0]}.data[...] = 0.')
        x = mc.Variable(pictures(channels, 2, channels, 4, 4))
        y = block(x)
        if y.shape != x.shape:
            return wrong(f'The block makes {y.shape} of {x.shape}.')
        if not np.allclose(y.data, x.data, atol=1e-6):
            return wrong('It changes what it gets, by up to '
                         f'{np.abs(y.data - x.data).max():.2g}. Which layer has to give zero, so '
                         'that x + ... stays x?')
        block.cleargrads()
        F.sum(y * pictures(9, *y.shape)).backward()
        weights = [p for p in block.params() if p.ndim > 1]
        if all(p.grad is None or not p.grad.any() for p in weights):
            return nearly('It changes nothing, but the gradients of its filters are all zero, so '
                          'they never will. Make only the second convolution zero.')
    return right('It changes nothing today, and its gradient is not zero: it will learn.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '11.A', 'Why does leaving early save less for a large batch?',
    Choice('Because large batches are more exact.',
           'The scores of a picture do not depend on the others in its batch.'),
    Choice('Because minichain cannot leave a loop with a batch.',
           'It can; the question is when all pictures of the batch are ready.'),
    Choice('Because the batch goes on as long as one of its pictures is hard.',
           'Unless one takes the easy pictures out, which costs work, too.', right=True))

question(
    '11.B', 'Why may a new block not have zeros in all of its weights?',
    Choice('Because then its gradients can all be zero, and it never learns.',
           'The gradient of each layer is multiplied with the weights or outputs of the other one.',
           right=True),
    Choice('Because then it changes the output of the net.',
           'On the contrary: then it changes nothing at all.'),
    Choice('Because zeros take more memory.',
           'A zero takes as much memory as any other number.'))
