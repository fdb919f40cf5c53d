"""How much an attached Recorder slows a program down: python tests/bench/recorder.py

Prints microseconds for one operation on small arrays, forward: alone, watched by an observer that
does nothing, watched by a Recorder; then forward and backward. The least of several rounds counts.
"""
import time

import numpy as np

import minichain as mc
import minichain.functions as F
from minichain.recorder import Recorder

OPERATIONS = 600
ROUNDS = 15


class Nobody:
    """Hears of everything and does nothing: what watching itself costs."""

    def on_apply(self, fn, inputs, outputs):
        pass

    def on_backward(self, node, gys, gxs):
        pass


def program():
    """A chain of small operations, as in a recurrent net."""
    x = mc.Variable(np.full((4, 4), 0.5, 'float32'))
    y = x
    for _ in range(OPERATIONS // 3):
        y = F.tanh(y * x + x)
    return y


def forward(observers):
    with mc.watch(*observers):
        start = time.perf_counter()
        result = program()
        seconds = time.perf_counter() - start
        del result      # what it takes to let the graph go is not part of forward
        return seconds


def both(observers):
    with mc.watch(*observers):
        start = time.perf_counter()
        program().sum().backward()
        return time.perf_counter() - start


def least(part, make_observers):
    return min(part(make_observers()) for _ in range(ROUNDS)) / OPERATIONS * 1e6


def main():
    cases = {'alone': list, 'an idle observer': lambda: [Nobody()],
             'a Recorder': lambda: [Recorder()], 'with statistics': lambda: [Recorder(stats=True)]}
    for part in forward, both:
        print(f'{part.__name__}, us an operation')
        times = {name: least(part, make) for name, make in cases.items()}
        idle = times['an idle observer']
        for name, time_ in times.items():
            print(f'  {name:18}{time_:7.2f}   {time_ / times["alone"]:5.2f} times alone'
                  f'   {time_ - idle:+6.2f} against an idle observer')
    recorder = Recorder()
    with mc.watch(recorder):
        program()
    start = time.perf_counter()
    recorder.drain()
    print(f'drain()             {(time.perf_counter() - start) / OPERATIONS * 1e6:7.2f} '
          'us an operation, whenever somebody reads')


if __name__ == '__main__':
    main()
