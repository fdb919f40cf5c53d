"""How much memory a kernel holds after it has run a whole lesson.

    python tests/bench/kernel_memory.py             every lesson
    python tests/bench/kernel_memory.py 05 11       some of them

The largest resident size of the kernel's process, in MiB. The Jupyter server comes on top of it.
It needs the extras `lab` and `test`, and runs on Linux and macOS.
"""
import pathlib
import sys

import nbformat
from nbclient import NotebookClient

LESSONS = pathlib.Path(__file__).resolve().parents[2] / 'lessons'
SECONDS_PER_CELL = 120
ASK = """import resource, sys
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
      // (2 ** 20 if sys.platform == 'darwin' else 2 ** 10))"""


def held(path):
    """MiB after all cells of a notebook have run."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(ASK))
    NotebookClient(notebook, timeout=SECONDS_PER_CELL, kernel_name='python3',
                   resources={'metadata': {'path': str(path.parent)}}).execute()
    return int(notebook.cells[-1].outputs[0].text)


def main():
    for path in sorted(LESSONS.glob('*/solution.ipynb')):
        if len(sys.argv) == 1 or path.parent.name[:2] in sys.argv[1:]:
            print(f'{path.parent.name:<34}{held(path):5} MiB', flush=True)


if __name__ == '__main__':
    main()
