"""Measure the claim of a lesson for several seeds: is it true of one lucky net only?

    python lessons/tools/seeds.py 05                     the seeds 0, 1 and 2
    python lessons/tools/seeds.py 11 --seeds 7 8 9 10

What is trained and measured stands in the lesson itself: this program runs those cells of its
solution.ipynb that are tagged `seeds`, then calls their with_seed(seed), which gives a dictionary
of shares, and their claim(found), which raises if they are too small. What the cells print by
themselves is left out.
"""
from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys

os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')              # as in lessons/conftest.py

from train import programs  # noqa: E402

TAG = 'seeds'


def measure(number: str, code: str, seeds: list[int]) -> list[int]:
    """Print what each seed gives; the seeds for which the claim is not true."""
    cells = {'__name__': f'lesson_{number}'}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, f'lesson {number}', 'exec'), cells)
    failed = []
    for seed in seeds:
        found = cells['with_seed'](seed)
        try:
            cells['claim'](found)
        except AssertionError:
            failed.append(seed)
        shares = ', '.join(f'{name} {share:.1%}' for name, share in found.items())
        verdict = ' - NOT as claimed' if seed in failed else ''
        print(f'seed {seed}: {shares}{verdict}', flush=True)
    return failed


def main() -> int:
    known = programs(TAG)
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('lesson', choices=sorted(known))
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    arguments = parser.parse_args()
    _, code = known[arguments.lesson]
    return 1 if measure(arguments.lesson, code, arguments.seeds) else 0


if __name__ == '__main__':
    sys.exit(main())
