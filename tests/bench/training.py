"""Whole training steps beside other frameworks': python tests/bench/training.py [work ...]

Each framework runs in a process of its own, and they take turns, so that a busy machine slows down
all of them. With one thread CPU time counts, which other programs hardly disturb; with two, the
time on the clock, in turns during which the rest of the machine was quiet. Ratios are medians over
the rounds. The losses of the first three steps are compared: where they differ, the work is not the
same.
"""
import argparse
import datetime
import os
import pathlib
import platform
import statistics
import time

from peers import HERE, TITLES, Worker, install_chainer, peers_for
from works import WORKS

QUIET = 0.15        # of a core: what others may use during a turn whose time on the clock counts
MARKS = '<!-- table -->\n', '<!-- end -->'


def others():
    """Seconds of CPU time that the machine has spent so far; 0 where it does not say."""
    try:
        numbers = pathlib.Path('/proc/stat').read_text().splitlines()[0].split()[1:]
    except OSError:
        return 0
    return (sum(map(int, numbers[:3])) + sum(map(int, numbers[5:8]))) / 100


class Comparison:
    """One work, done by all frameworks that are installed.

    times   {peer: seconds a step, one a round}
    peaks   {peer: MiB}
    losses  {peer: of the first three steps}
    """

    def __init__(self, work, threads, rounds, seconds):
        self.work, self.threads = work, threads
        self.workers = {peer: Worker(python, peer, work, threads)
                        for peer, python in peers_for(work).items()}
        first = {peer: worker.steps(3) for peer, worker in self.workers.items()}
        self.losses = {peer: losses for peer, (_, _, losses, _) in first.items()}
        self.peaks = {peer: mib for peer, (_, _, _, mib) in first.items()}
        counts = {peer: max(1, round(seconds / clock)) for peer, (_, clock, _, _) in first.items()}
        self.times = {peer: [] for peer in self.workers}
        self.disturbed = {peer: 0 for peer in self.workers}
        for _ in range(rounds):
            for peer in self.workers:
                self.turn(peer, counts[peer])
        for worker in self.workers.values():
            worker.stop()

    def turn(self, peer, count):
        """Let one framework train; with several threads, again if others disturbed it."""
        for attempt in range(4 if self.threads > 1 else 1):
            if self.threads > 1:
                time.sleep(0.25)        # the threads of the one before wait actively for a while
            busy, start = others(), time.perf_counter()
            cpu, clock, _, _ = self.workers[peer].steps(count)
            passed = time.perf_counter() - start
            if others() - busy - cpu * count < QUIET * passed:
                break
        else:
            self.disturbed[peer] += 1
        self.times[peer].append(cpu if self.threads == 1 else clock)

    def ratio(self, other):
        """Our time in that of the other; None if the other is not here."""
        if other not in self.times:
            return None
        return statistics.median(a / b for a, b in zip(self.times['minichain'], self.times[other]))

    def deviation(self):
        """How far the losses are apart, relative to their size."""
        return max(abs(a - b) / abs(a) for losses in self.losses.values()
                   for a, b in zip(self.losses['minichain'], losses))

    def __str__(self):
        parts = [f'{self.work:12}']
        for peer, times in self.times.items():
            parts.append(f'{TITLES[peer]} {min(times) * 1e3:.2f} ms')
            if peer != 'minichain':
                parts[-1] += f' ({self.ratio(peer):.2f})'
        parts.append(f'losses differ by {self.deviation():.0e}')
        if self.threads > 1:
            parts.append(f'disturbed turns {sum(self.disturbed.values())}')
        return '  '.join(parts)


def cell(number, form):
    return '' if number is None else format(number, form)


def table(one, two):
    """The tables for the README as Markdown, from comparisons {work: Comparison} with one thread
    and with two, as far as they were made."""
    lines = [f'{datetime.date.today():%d %B %Y}, {processor()}, {versions()}.', '',
             '| work | ' + ' | '.join(f'{title}, ms' for title in TITLES.values())
             + ' | to PyTorch | to Chainer | to PyTorch, 2 threads | losses differ by |',
             '| --- |' + ' ---: |' * (len(TITLES) + 4)]
    for work, comparison in one.items():
        times = [cell(min(comparison.times[peer]) * 1e3 if peer in comparison.times else None,
                      '.1f') for peer in TITLES]
        ratios = [cell(ratio, '.2f') for ratio in (
            comparison.ratio('pytorch'), comparison.ratio('chainer'),
            two[work].ratio('pytorch') if work in two else None)]
        lines.append(f'| {work} | ' + ' | '.join(times + ratios)
                     + f' | {comparison.deviation():.0e} |')
    lines += ['', 'The most memory that the process held, MiB, one thread, framework included:', '',
              '| work | ' + ' | '.join(TITLES.values()) + ' |', '| --- |' + ' ---: |' * len(TITLES)]
    for work, comparison in one.items():
        lines.append(f'| {work} | ' + ' | '.join(
            cell(comparison.peaks.get(peer), '.0f') for peer in TITLES) + ' |')
    return '\n'.join(lines) + '\n'


def processor():
    try:
        lines = pathlib.Path('/proc/cpuinfo').read_text().splitlines()
        name = next(line.split(':')[1].strip() for line in lines if line.startswith('model name'))
        return f'{name}, {sum(line.startswith("processor") for line in lines)} cores'
    except OSError:
        return platform.processor()


def versions():
    import importlib.metadata
    found = [f'Python {platform.python_version()}']
    for title, package in (('NumPy', 'numpy'), ('PyTorch', 'torch')):
        try:
            found.append(f'{title} {importlib.metadata.version(package)}')
        except importlib.metadata.PackageNotFoundError:
            pass
    if os.environ.get('OPENBLAS_CORETYPE'):
        found.append(f'OPENBLAS_CORETYPE={os.environ["OPENBLAS_CORETYPE"]}')
    return ', '.join(found)


def write(text):
    """Put the tables into the README, in the place of the old ones."""
    path = HERE / 'README.md'
    readme = path.read_text(encoding='utf-8')
    before, _, rest = readme.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    path.write_text(before + MARKS[0] + text + MARKS[1] + after, encoding='utf-8')


def compare(works, threads, options):
    print(f'{threads} thread{"s" * (threads > 1)}: the least time of a step, and ours in theirs')
    found = {}
    for work in works:
        found[work] = Comparison(work, threads, options.rounds, options.seconds)
        print(found[work], flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('works', nargs='*', default=list(WORKS), help=', '.join(WORKS))
    parser.add_argument('--threads', type=int, nargs='+', default=[1], metavar='N')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--seconds', type=float, default=0.3, help='of work a round')
    parser.add_argument('--with-chainer', action='store_true',
                        help='first make a Python with Chainer 7.8.1, beside this file')
    parser.add_argument('--write', action='store_true', help='write the tables of the README')
    options = parser.parse_args()
    if options.with_chainer:
        install_chainer()
    found = {threads: compare(options.works, threads, options) for threads in options.threads}
    if options.write:
        write(table(found[1], found.get(2, {})))


if __name__ == '__main__':
    main()
