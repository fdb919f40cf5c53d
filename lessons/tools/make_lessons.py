"""Make the students' notebooks (lesson.ipynb) from the source notebooks (solution.ipynb).

    python lessons/tools/make_lessons.py               write every lesson.ipynb
    python lessons/tools/make_lessons.py --check       fail if one differs from its source
    python lessons/tools/make_lessons.py --refresh     run both notebooks, store clean outputs
    python lessons/tools/make_lessons.py 05 --refresh  the same for one lesson only

A student's notebook is the source without the cells that are tagged `solution`. Outputs do not
take part in the comparison: those of the student's notebook come from running it. A cell of the
student's notebook keeps its stored output as long as its source stays the same.
"""
from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

LESSONS = Path(__file__).resolve().parents[1]
KERNEL = {'display_name': 'Python 3 (ipykernel)', 'language': 'python', 'name': 'python3'}
SECONDS_PER_CELL = 120
WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json'
UNWANTED = (
    (re.compile(r'\bat 0x[0-9a-fA-F]{4,}'), 'an address in memory'),
    (re.compile(r'(?<![\w.<:/])/(?:home|root|tmp|Users|usr|var|work|mnt|opt)/'), 'an absolute '
                                                                                 'path'),
)


def sources(wanted: list[str]) -> list[Path]:
    """The source notebooks of the wanted lessons ('05'), or of all."""
    found = sorted(LESSONS.glob('[0-9][0-9]_*/solution.ipynb'))
    unknown = [number for number in wanted
               if not any(path.parent.name.startswith(number) for path in found)]
    if unknown:
        raise SystemExit(f"There is no lesson {', '.join(unknown)} in {LESSONS.name}/.")
    return [path for path in found
            if not wanted or any(path.parent.name.startswith(number) for number in wanted)]


def has_tag(cell, tag: str) -> bool:
    return tag in cell.metadata.get('tags', [])


def student_notebook(source):
    """The source without its solutions and without outputs."""
    notebook = nbformat.from_dict(source)
    notebook.cells = [nbformat.from_dict(cell) for cell in source.cells
                      if not has_tag(cell, 'solution')]
    strip_outputs(notebook)
    clean(notebook)
    return notebook


def strip_outputs(notebook) -> None:
    for cell in notebook.cells:
        if cell.cell_type == 'code':
            cell.outputs = []
            cell.execution_count = None


def keep_outputs(notebook, old) -> None:
    """Take over the stored outputs of cells that did not change."""
    stored = {cell.id: cell for cell in old.cells if cell.cell_type == 'code'}
    for cell in notebook.cells:
        before = stored.get(cell.id)
        if cell.cell_type == 'code' and before is not None and before.source == cell.source:
            cell.outputs = before.outputs
            cell.execution_count = before.execution_count


def clean(notebook) -> None:
    """Leave nothing in a notebook that differs from run to run or from machine to machine."""
    notebook.metadata = nbformat.from_dict(
        {'kernelspec': KERNEL, 'language_info': {'name': 'python'}})
    for cell in notebook.cells:
        tags = cell.metadata.get('tags', [])
        cell.metadata = nbformat.from_dict({'tags': tags} if tags else {})
        if cell.cell_type == 'code':
            cell.outputs = joined(cell.outputs)
            for output in cell.outputs:
                output.get('data', {}).pop(WIDGET_VIEW, None)


def joined(outputs) -> list:
    """What a cell printed in several pieces, as one piece."""
    result = []
    for output in outputs:
        if (result and output.output_type == result[-1].output_type == 'stream'
                and output.name == result[-1].name):
            result[-1].text += output.text
        else:
            result.append(output)
    return result


def problems(notebook) -> list[str]:
    """What must not stand in a stored output."""
    found = []
    for cell in notebook.cells:
        for output in cell.get('outputs', []):
            if output.output_type == 'error' and not has_tag(cell, 'raises-exception'):
                found.append(f'cell {cell.id} stopped with {output.ename}: {output.evalue}')
            if output.output_type == 'stream' and output.name == 'stderr':
                found.append(f'cell {cell.id} writes to stderr: {output.text.strip()}')
            text = str(output.get('text', '')) + str(output.get('data', ''))
            found += [f'cell {cell.id} shows {what}' for pattern, what in UNWANTED
                      if pattern.search(text)]
    return found


def execute(notebook, folder: Path) -> float:
    """Run a notebook in its folder and store the outputs; the seconds that it took."""
    strip_outputs(notebook)
    os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')          # as in lessons/conftest.py
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        os.environ['MINICHAIN_PROGRESS'] = str(Path(temporary) / 'minichain-progress.json')
        NotebookClient(notebook, timeout=SECONDS_PER_CELL, kernel_name='python3',
                       store_widget_state=False, record_timing=False,
                       resources={'metadata': {'path': str(folder)}}).execute()
    clean(notebook)
    return time.perf_counter() - started


def read(path: Path):
    return nbformat.read(path, as_version=4)


def write(notebook, path: Path) -> None:
    nbformat.validate(notebook)
    with tempfile.NamedTemporaryFile('w', dir=path.parent, suffix='.tmp', delete=False,
                                     encoding='utf-8') as file:
        file.write(nbformat.writes(notebook, version=4).rstrip('\n') + '\n')
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def same(one, other) -> bool:
    """Whether two notebooks are equal but for their outputs."""
    one, other = nbformat.from_dict(one), nbformat.from_dict(other)
    for notebook in (one, other):
        strip_outputs(notebook)
        clean(notebook)
    return one == other


def check(source: Path) -> list[str]:
    """Sentences that say what is wrong with a lesson's pair of notebooks."""
    lesson = source.with_name('lesson.ipynb')
    name = source.parent.name
    if not lesson.exists():
        return [f'{name}: lesson.ipynb is missing. Run lessons/tools/make_lessons.py.']
    found = []
    if not same(student_notebook(read(source)), read(lesson)):
        found.append(f'{name}: lesson.ipynb is not what solution.ipynb gives. '
                     f'Change the solution, then run lessons/tools/make_lessons.py.')
    for path in (source, lesson):
        found += [f'{name}/{path.name}: {problem}' for problem in problems(read(path))]
    return found


def make(source: Path) -> None:
    """Write lesson.ipynb beside its source."""
    lesson = source.with_name('lesson.ipynb')
    notebook = student_notebook(read(source))
    if lesson.exists():
        keep_outputs(notebook, read(lesson))
    write(notebook, lesson)


def refresh(source: Path) -> list[str]:
    """Run the source and the student's notebook; store both with clean outputs."""
    found = []
    for path in (source, source.with_name('lesson.ipynb')):
        notebook = read(path)
        try:
            seconds = execute(notebook, path.parent)
        except CellExecutionError as error:
            found.append(f'{path.parent.name}/{path.name} stopped:\n{error}')
            continue
        write(notebook, path)
        print(f'{seconds:6.1f} s  {path.relative_to(LESSONS.parent)}')
        found += [f'{path.parent.name}/{path.name}: {problem}' for problem in problems(notebook)]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('lessons', nargs='*', help='numbers of lessons, as in 05; default: all')
    parser.add_argument('--check', action='store_true', help='compare only, change nothing')
    parser.add_argument('--refresh', action='store_true', help='also run and store the outputs')
    arguments = parser.parse_args()
    found = []
    for source in sources(arguments.lessons):
        if arguments.check:
            found += check(source)
            continue
        make(source)
        if arguments.refresh:
            found += refresh(source)
    print('\n'.join(found) or 'All lessons are in order.')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
