"""Whole training steps beside PyTorch's: python tests/bench/training.py [work ...] [--threads 2]

Each framework runs in a process of its own, and they take turns, so that a busy machine slows down
both. With one thread CPU time counts, which other programs hardly disturb; with more, the time on the
clock. The ratio is the median over the rounds. The losses of the first three steps are compared:
where they differ, the work is not the same.
"""
import argparse
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from works import WORKS

HERE = pathlib.Path(__file__).resolve().parent
PEERS = {'minichain': 'minichain', 'pytorch': 'torch'}     # and the module to look for


class Worker:
    """One framework in a process of its own."""

    def __init__(self, peer, work, threads):
        number = str(threads)
        environment = dict(os.environ, OMP_NUM_THREADS=number, OPENBLAS_NUM_THREADS=number,
                           MKL_NUM_THREADS=number)
        self.process = subprocess.Popen(
            [sys.executable, __file__, '--serve', peer, work], text=True, cwd=HERE,
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def steps(self, count):
        """Train so many steps: (seconds of CPU a step, seconds a step, losses)."""
        self.process.stdin.write(f'{count}\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit('A framework ended before its work was done.')
        return json.loads(line)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def serve(peer, work):
    """The other end of a Worker: read how many steps, train them, write what they took."""
    step = __import__(f'steps_{peer}').build(work)
    for line in sys.stdin:
        count = int(line)
        cpu, clock = time.process_time(), time.perf_counter()
        losses = [step() for _ in range(count)]
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
        print(json.dumps((cpu / count, clock / count, losses)), flush=True)


def compare(work, threads, rounds, seconds):
    """Run one work with all frameworks that are installed, and print a line."""
    peers = [peer for peer, module in PEERS.items() if importlib.util.find_spec(module)]
    workers = {peer: Worker(peer, work, threads) for peer in peers}
    first = {peer: worker.steps(3) for peer, worker in workers.items()}
    counts = {peer: max(1, round(seconds / clock)) for peer, (_, clock, _) in first.items()}
    which = 0 if threads == 1 else 1
    times = {peer: [] for peer in peers}
    for _ in range(rounds):
        for peer, worker in workers.items():
            times[peer].append(worker.steps(counts[peer])[which])
    for worker in workers.values():
        worker.stop()
    line = f'{work:8}' + ''.join(f'{peer:>11} {min(times[peer]) * 1e3:8.2f} ms' for peer in peers)
    if len(peers) > 1:
        ratio = statistics.median(a / b for a, b in zip(*times.values()))
        losses = [numbers for _, _, numbers in first.values()]
        deviation = max(abs(a - b) / abs(b) for a, b in zip(*losses))
        line += f'   ratio {ratio:5.2f}   losses differ by {deviation:.0e} of their value'
    print(line, flush=True)


def main():
    if '--serve' in sys.argv:
        return serve(*sys.argv[2:4])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('works', nargs='*', default=list(WORKS), help=', '.join(WORKS))
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--seconds', type=float, default=0.3, help='of work a round')
    options = parser.parse_args()
    for work in options.works:
        compare(work, options.threads, options.rounds, options.seconds)


if __name__ == '__main__':
    main()
