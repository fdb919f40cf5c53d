"""What one operation costs beyond its arithmetic: python tests/bench/overhead.py

A chain of y = y * a + b on arrays of 1, 100 and 10,000 numbers: forward and backward, and forward
alone without a graph. Times are CPU time; minichain, NumPy and PyTorch (where it is installed) take
turns, so that a busy machine slows down all of them; ratios are medians over the rounds.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

import numpy as np

import minichain as mc
from minichain.recorder import Recorder

SIZES = (1, 100, 10_000)


def chain(y, a, b, links):
    for _ in range(links):
        y = y * a + b
    return y


def minichain_parts(size, links):
    """{what: a function that does it once}"""
    x = mc.Variable(np.full(size, 0.5, 'float32'))
    a = mc.Variable(np.full(size, 0.999, 'float32'), requires_grad=False)
    b = mc.Variable(np.full(size, 0.001, 'float32'), requires_grad=False)
    gy = np.ones(size, 'float32')

    def both():
        chain(x, a, b, links).backward(gy)
        x.cleargrad()

    def recorded():
        with mc.watch(Recorder()):
            both()

    def without_graph():
        with mc.no_grad():
            chain(x, a, b, links)

    return {'forward + backward': both, 'with a Recorder': recorded,
            'forward, no graph': without_graph}


def numpy_parts(size, links):
    y, a, b = (np.full(size, value, 'float32') for value in (0.5, 0.999, 0.001))
    return {'forward, no graph': lambda: chain(y, a, b, links)}


def pytorch_parts(size, links):
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(1)
    x = torch.full((size,), 0.5, requires_grad=True)
    a, b, gy = torch.full((size,), 0.999), torch.full((size,), 0.001), torch.ones(size)

    def both():
        chain(x, a, b, links).backward(gy)
        x.grad = None

    def without_graph():
        with torch.no_grad():
            chain(x, a, b, links)

    return {'forward + backward': both, 'forward, no graph': without_graph}


def microseconds(function, operations):
    """CPU time of one operation, the least of three runs."""
    times = []
    for _ in range(3):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times) / operations * 1e6


def measure(size, links, rounds):
    """{(framework, what): microseconds an operation, one number a round}"""
    frameworks = {'minichain': minichain_parts, 'NumPy': numpy_parts, 'PyTorch': pytorch_parts}
    functions = {(name, what): function for name, parts in frameworks.items()
                 for what, function in parts(size, links).items()}
    times = {key: [] for key in functions}
    for _ in range(rounds):
        for key, function in functions.items():
            times[key].append(microseconds(function, 2 * links))
    return times


def median_ratio(times, others):
    return statistics.median(a / b for a, b in zip(times, others))


def report(size, times):
    """Print the lines of one size."""
    print(f'\n{size:,} numbers: microseconds an operation, least of all rounds; median ratio')
    for (name, what), ours in times.items():
        if name != 'minichain':
            continue
        line = f'  {what:20}minichain {min(ours):6.2f}'
        for other in ('PyTorch', 'NumPy'):
            if (other, what) in times:
                theirs = times[other, what]
                line += f'   {other} {min(theirs):6.2f} = {median_ratio(ours, theirs):4.2f} times'
        if what == 'with a Recorder':
            alone = times[name, 'forward + backward']
            added = statistics.median(a - b for a, b in zip(ours, alone))
            line += f'   {added:+.2f} microseconds for being recorded'
        print(line)


def import_seconds(code):
    """CPU time of a fresh Python that runs this line, all of it."""
    measured = ('import time\n' f'{code}\n' 'print(time.process_time())')
    environment = dict(os.environ)
    environment.pop('PYTHONDONTWRITEBYTECODE', None)    # else it would compile, every time
    done = subprocess.run([sys.executable, '-c', measured], check=True, env=environment,
                          capture_output=True, text=True)
    return float(done.stdout)


def report_imports(rounds):
    """Print what `import minichain` costs beside `import numpy`, once its files are compiled."""
    import_seconds('import minichain')
    pairs = [(import_seconds('import numpy'), import_seconds('import minichain'))
             for _ in range(rounds)]
    numpy, ours = (min(times) for times in zip(*pairs))
    added = statistics.median(b - a for a, b in pairs)
    print(f'\nCPU time of a Python that only imports: numpy {numpy * 1e3:.0f} ms, minichain '
          f'{ours * 1e3:.0f} ms, {added * 1e3:+.0f} ms in the median')


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--links', type=int, default=500, help='length of the chain')
    parser.add_argument('--rounds', type=int, default=9, help='how often all take turns')
    options = parser.parse_args(arguments)
    for size in SIZES:
        report(size, measure(size, options.links, options.rounds))
    report_imports(options.rounds)


if __name__ == '__main__':
    main()
