"""A student's progress: one small JSON file, readable without any extension.

{"format": "minichain-progress", "version": 1,
 "exercises": {"05.1": {"verdict": "right", "tries": 3}},
 "quizzes":   {"05.A": {"verdict": "right", "tries": 1}}}

The file lies beside lessons.json where the notebook is part of the course, else where there is one
already (the folder of the student's copies, which JupyterLab's lessons panel makes), else in the
notebook's folder. The environment variable MINICHAIN_PROGRESS names another place.
"""
from __future__ import annotations

import json
import os
from pathlib import Path

from minichain.files import new_file

FILE_NAME = 'minichain-progress.json'
LARGEST = 1_000_000         # bytes of a file that is read
BETTER = ('not yet', 'wrong', 'nearly', 'right')


def progress_path() -> Path:
    """Where this student's progress is kept."""
    if os.environ.get('MINICHAIN_PROGRESS'):
        return Path(os.environ['MINICHAIN_PROGRESS'])
    here = Path.cwd()
    for folder in (here, here.parent):
        if any((folder / name).is_file() for name in ('lessons.json', FILE_NAME)):
            return folder / FILE_NAME
    return here / FILE_NAME


def read_progress(path: Path | None = None) -> dict:
    """The stored progress, or an empty record where there is none that can be read."""
    try:
        stored = stored_in(path or progress_path())
    except OSError:
        stored = None
    return stored or {'format': 'minichain-progress', 'version': 1, 'exercises': {}, 'quizzes': {}}


def stored_in(path: Path) -> dict | None:
    """The record in a file; None if the file holds something else."""
    with open(path, 'rb') as file:
        content = file.read(LARGEST + 1)
    try:
        stored = json.loads(content) if len(content) <= LARGEST else None
    except (ValueError, RecursionError):
        return None
    return stored if is_progress(stored) else None


def is_progress(stored) -> bool:
    return (isinstance(stored, dict) and stored.get('format') == 'minichain-progress'
            and stored.get('version') == 1
            and all(isinstance(stored.get(part), dict) and all(map(is_entry, stored[part].values()))
                    for part in ('exercises', 'quizzes')))


def is_entry(entry) -> bool:
    return (isinstance(entry, dict) and entry.get('verdict') in BETTER
            and type(entry.get('tries')) is int)


def record(part: str, name: str, verdict: str, path: Path | None = None) -> None:
    """Note one try. The best verdict stays: what was right once remains right."""
    path = path or progress_path()
    keep_unreadable(path)
    progress = read_progress(path)
    entry = progress[part].setdefault(name, {'verdict': 'not yet', 'tries': 0})
    entry['verdict'] = max(entry['verdict'], verdict, key=BETTER.index)
    entry['tries'] += 1
    write_atomically(path, json.dumps(progress, indent=1, sort_keys=True) + '\n')


def keep_unreadable(path: Path) -> None:
    """Put a damaged file aside, rather than writing over what may be mended by hand."""
    try:
        if stored_in(path) is not None:
            return
    except FileNotFoundError:
        return
    os.replace(path, path.with_suffix('.damaged.json'))


def write_atomically(path: Path, text: str) -> None:
    """Write beside the file, then rename: a reader sees the old text or the new, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with new_file(path) as part:
        Path(part).write_text(text, encoding='utf-8')
