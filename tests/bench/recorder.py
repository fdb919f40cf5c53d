"""How much an attached Recorder slows a program down: python tests/bench/recorder.py

Prints microseconds of CPU time for one operation on small arrays, forward: alone, watched by an
observer that does nothing, watched by a Recorder; then forward and backward. The least of several
rounds counts.
Last, a loop of such forward and backward passes, alone and followed by the Python side of the live
panel, which draws one pass in many and only counts the others.
"""
import json
import time

import numpy as np

import minichain as mc
import minichain.functions as F
from minichain.recorder import Recorder
from minichain_widgets.stream import Outlet, Stream

OPERATIONS = 600
PASSES = 200
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
        start = time.process_time()
        result = program()
        seconds = time.process_time() - start
        del result      # what it takes to let the graph go is not part of forward
        return seconds


def both(observers):
    with mc.watch(*observers):
        start = time.process_time()
        program().sum().backward()
        return time.process_time() - start


def loop(passes, stream=None):
    """Seconds of a pass, in a loop that a stream of the live panel follows."""
    if stream is not None:
        stream.start()
        stream.begin()
    start = time.process_time()
    for _ in range(passes):
        program().sum().backward()
    seconds = time.process_time() - start
    if stream is not None:
        stream.finish()
        stream.stop()
    return seconds / passes


def followed(passes):
    """The same with a panel that listens, and with one that is hidden."""
    times = []
    for paused in (False, True):
        stream, outlet = Stream(), Outlet(json.dumps)
        outlet.paused = paused
        stream.outlets.append(outlet)
        times.append(loop(passes, stream))
    return times


def report_panel(passes, rounds=5):
    alone, seen, hidden = (min(times) / OPERATIONS * 1e6 for times in zip(
        *[(loop(passes), *followed(passes)) for _ in range(rounds)]))
    print(f'a loop of {passes} passes, us an operation: alone {alone:.2f}, the live panel '
          f'{seen:.2f} ({seen / alone - 1:+.0%}), hidden {hidden:.2f} ({hidden / alone - 1:+.0%})')


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
    start = time.process_time()
    recorder.drain()
    print(f'drain()             {(time.process_time() - start) / OPERATIONS * 1e6:7.2f} '
          'us an operation, whenever somebody reads')
    report_panel(PASSES)


if __name__ == '__main__':
    main()
