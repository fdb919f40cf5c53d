"""Lesson 13, CPU and GPU: transfers, when the faster machine wins, fewer orders, honest clocks."""
import time

import numpy as np

import minichain as mc
import minichain.functions as F

from ..checking import (Choice, call, exercise, graph_nodes, nearly, question, require_close,
                        require_function, require_number, require_variable, right, wrong)

# ---- 13.1 ---------------------------------------------------------------------------------


@exercise(
    '13.1', 'The carriage',
    hints=('How many numbers are in the array? Multiply the lengths of its axes: np.prod(shape).',
           'Each number has 4 bytes. Bytes divided by the bandwidth are seconds.',
           'return latency + 4 * np.prod(shape) / bandwidth'),
    expected='a green mark: five arrays, from one number to a million.')
def the_carriage(transfer_seconds):
    require_function(transfer_seconds)
    for shape, latency, bandwidth in (((100, 10), 1e-5, 1e9), ((1,), 2e-5, 1e9), ((), 1e-5, 1e8),
                                      ((64, 3, 32, 32), 1e-5, 1.2e10), ((1000, 1000), 5e-6, 1e9)):
        count = int(np.prod(shape))
        got = require_number(call(transfer_seconds, shape, latency, bandwidth), 'The time')
        want = latency + 4 * count / bandwidth
        if np.isclose(got, want, rtol=1e-6):
            continue
        said = f'For the shape {shape} you say {1e6 * got:.4g} microseconds'
        if np.isclose(got, latency + count / bandwidth):
            return nearly(f'{said}. The bandwidth counts bytes: 4 for each number.')
        if np.isclose(got, 4 * count / bandwidth):
            return nearly(f'{said}. The latency is missing.')
        if np.isclose(got, latency * bandwidth + 4 * count) or np.isclose(got, latency + 4 * count
                                                                          * bandwidth):
            return nearly(f'{said}. Divide the bytes by the bandwidth to get seconds.')
        if len(shape) > 1 and np.isclose(got, latency + 4 * sum(shape) / bandwidth):
            return nearly(f'{said}. Multiply the lengths of the axes, do not add them.')
        return wrong(f'{said}, wanted are {1e6 * want:.4g}.')
    return right('Five arrays, five right times.')


# ---- 13.2 ---------------------------------------------------------------------------------

RACES = ((2e-6, 1e9, 1e-5, 1e11), (1e-6, 2e9, 2e-5, 5e10), (0.0, 1.0, 10.0, 2.0),
         (1.0, 4.0, 3.0, 8.0))


@exercise(
    '13.2', 'When does it win?',
    hints=('The two take equally long where start_a + n / speed_a = start_b + n / speed_b.',
           'Solve it for n: (start_b - start_a) / (1 / speed_a - 1 / speed_b).',
           'At this n both are equal. B wins from the next whole number on: '
           'int(np.floor(n)) + 1.'),
    expected='a green mark: four races between two machines.')
def when_does_it_win(wins_from):
    require_function(wins_from)
    for start_a, speed_a, start_b, speed_b in RACES:
        got = require_number(call(wins_from, start_a, speed_a, start_b, speed_b), 'The number')
        crossing = (start_b - start_a) / (1 / speed_a - 1 / speed_b)
        said = (f'For start-ups of {start_a:g} and {start_b:g} s and speeds of {speed_a:g} and '
                f'{speed_b:g} you say {got:g}')
        if abs(got - (np.floor(crossing) + 1)) < 0.5 and got == int(got):
            continue
        if got != int(got):
            return nearly(f'{said}. That is where they are equal. Take the next whole number.')
        if abs(got - crossing) <= 1.5:
            return nearly(f'{said}: one off. B has to be faster, not only as fast.')
        times = (f'With so many numbers A takes {start_a + got / speed_a:.4g} s and B '
                 f'{start_b + got / speed_b:.4g} s')
        if got > crossing:
            return nearly(f'{said}. {times}: B is faster. But it is faster with fewer numbers, '
                          'too. Find the smallest.')
        return wrong(f'{said}. {times}.')
    return right('Four races, and you knew the winner each time.')


# ---- 13.3 ---------------------------------------------------------------------------------

MOST_OPERATIONS = 5


def one_sum(x, centres) -> mc.Variable:
    """The loss for all centres with three operations."""
    return F.sum((x - centres) ** 2) / len(centres)


@exercise(
    '13.3', 'One order for all',
    hints=('x - centres works at once for all centres: the result has the shape (40, 5).',
           'F.sum without an axis adds up everything.',
           'return F.sum((x - centres) ** 2) / len(centres)'),
    expected='a green mark: the same loss and gradient, with at most five operations.',
    ready=one_sum)
def one_order(fast_loss):
    require_function(fast_loss)
    for rows in (40, 7, 1):
        random = np.random.default_rng(rows)
        centres = random.normal(size=(rows, 5)).astype('float32')
        x = mc.Variable(random.normal(size=5).astype('float32'))
        want = float(np.sum((x.data - centres) ** 2) / rows)
        loss = call(fast_loss, x, centres)
        require_variable(loss, 'The loss')
        got = require_number(loss, 'The loss')
        said = f'For {rows} centres your loss is {got:.5g}, wanted is {want:.5g}'
        if not np.isclose(got, want, rtol=1e-4):
            if np.isclose(got, want * rows, rtol=1e-4):
                return nearly(f'{said}. Divide by the number of centres.')
            if np.isclose(got, want / 5, rtol=1e-4):
                return nearly(f'{said}. Divide by the number of centres, not by that of all '
                              'numbers.')
            return wrong(f'{said}.')
        if loss.creator is None:
            return nearly('The number is right, but nothing was recorded. Compute with x itself, '
                          'not with x.data.')
        operations = sum(node['kind'] == 'function' for node in graph_nodes(loss))
        if operations > MOST_OPERATIONS:
            return nearly(f'The loss is right, but it takes {operations} operations for {rows} '
                          'centres. Take all centres at once.')
        loss.backward()
        require_close(x.grad, 2 * np.sum(x.data - centres, axis=0) / rows, 'The gradient for x')
    return right('The same loss in a handful of operations, for any number of centres.')


# ---- 13.4 ---------------------------------------------------------------------------------

FIRST, LATER = 0.05, 0.002


def slow_start(uneven: bool):
    """A function whose first call is slow; if uneven, every other later call, too."""
    calls = []

    def f():
        calls.append(None)
        disturbed = uneven and len(calls) % 2 == 0
        time.sleep(FIRST if len(calls) == 1 or disturbed else LATER)

    return f, calls


@exercise(
    '13.4', 'An honest clock',
    hints=('First f() alone. Then a loop with: with mc.stopwatch() as time: f()',
           'Collect time.seconds in a list.',
           'return min(times)'),
    expected='a green mark: a slow first call and disturbed calls do not matter.')
def honest_clock(honest_seconds):
    require_function(honest_seconds)
    for uneven in (False, True):
        f, calls = slow_start(uneven)
        got = require_number(call(honest_seconds, f, 4), 'The time')
        if len(calls) not in (4, 5):
            return wrong(f'For repeats = 4 it should call f five times: once to warm up, four '
                         f'times to measure. It called it {len(calls)} times.')
        if got < 0.9 * LATER:
            return wrong(f'It says {1000 * got:.2f} ms, but every call takes at least '
                         f'{1000 * LATER:g} ms. What did you measure?')
        if len(calls) == 4:
            return nearly('It calls f four times only. The first call is slow: make one more '
                          'before you begin to measure.')
        if got > FIRST / 2:
            return nearly(f'It says {1000 * got:.1f} ms. Some calls were disturbed. Take the '
                          'smallest time: nothing makes a call shorter than it is.')
        if got > 3 * LATER:
            return nearly(f'It says {1000 * got:.1f} ms for calls of {1000 * LATER:g} ms. Measure '
                          'each call by itself, and take the smallest time.')
    return right('Warmed up, repeated, and not disturbed.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '13.A', 'Your net with arrays of 50 numbers is slower on the GPU. Why?',
    Choice('The GPU computes less exactly, and has to repeat.',
           'It computes with the same 32-bit numbers.'),
    Choice('Each operation costs a launch, and 50 numbers are not worth one.',
           'The start-up is nearly all of the time. Larger batches help.', right=True),
    Choice('NumPy uses the GPU already.',
           'NumPy computes on the CPU only.'))

question(
    '13.B', 'You measure a GPU step without waiting: 0.02 ms. What did you measure?',
    Choice('How long it takes to give the orders.',
           'The calls return before the work is done. Wait, with mc.stopwatch.', right=True),
    Choice('How long the step takes.',
           'The work goes on after your clock has stopped.'),
    Choice('How long the transfer takes.',
           'Nothing was carried if the data was there already.'))
