"""Train the networks of lessons 08 to 10 in full, and store them as the lessons' checkpoints.

    python lessons/tools/train.py           all of them: minutes, on one core
    python lessons/tools/train.py 08 10     some of them

A lesson of which the training takes longer than its minute goes on from a checkpoint. What is
trained stands in the lesson itself: this program runs those cells of its solution.ipynb that are
tagged `train`, then calls their train_fully(), which gives a dictionary of names and models.
Everything random follows from seeds, so that the same program on the same machine makes the same
files again. Another processor, or another version of minichain or NumPy, may round sums
differently: then the weights differ a little, and the lesson's own claims say whether they are as
good. (A sum in another order differs in its last digit, and a long training makes much of that:
lesson 08's checkpoints are made again after a change to the arithmetic of tables or losses.)
"""
from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')              # as in lessons/conftest.py

import minichain as mc  # noqa: E402
import nbformat  # noqa: E402

LESSONS = Path(__file__).resolve().parents[1]
MOST_BYTES = 300_000


def programs(tag: str = 'train') -> dict[str, tuple[Path, str]]:
    """The lessons with cells of this tag: their number, folder, and the code of these cells."""
    found = {}
    for path in sorted(LESSONS.glob('[0-9][0-9]_*/solution.ipynb')):
        parts = [cell.source for cell in nbformat.read(path, as_version=4).cells
                 if tag in cell.metadata.get('tags', [])]
        if parts:
            found[path.parent.name[:2]] = path.parent, '\n\n'.join(parts)
    return found


def train(number: str, folder: Path, code: str) -> None:
    """Run a lesson's training and write one npz file for each of its models."""
    started = time.perf_counter()
    cells = {'__name__': f'lesson_{number}'}
    exec(compile(code, f'{folder.name}/solution.ipynb', 'exec'), cells)
    for name, model in cells['train_fully']().items():
        path = folder / f'{name}.npz'
        mc.save_npz(path, model)
        size = path.stat().st_size
        print(f'{time.perf_counter() - started:6.0f} s  {folder.name}/{path.name}, {size} bytes')
        if size > MOST_BYTES:
            raise SystemExit(f'{path.name} is larger than {MOST_BYTES} bytes: make the network '
                             'smaller.')


def main() -> int:
    known = programs()
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('lessons', nargs='*', help=f'of {", ".join(known)}; default: all')
    wanted = parser.parse_args().lessons or list(known)
    unknown = [number for number in wanted if number not in known]
    if unknown:
        raise SystemExit(f'There is nothing to train for {", ".join(unknown)}, only for '
                         f'{", ".join(known)}.')
    for number in wanted:
        train(number, *known[number])
    return 0


if __name__ == '__main__':
    sys.exit(main())
