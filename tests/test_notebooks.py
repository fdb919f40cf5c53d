"""The lessons' files fit together. That they run is seen by `pytest --nbval` (see tests/run.py)."""
import json
import sys

import pytest
from environments import ROOT, run

LESSONS = ROOT / 'lessons'
READY = [lesson for lesson in json.loads((LESSONS / 'lessons.json').read_text(encoding='utf-8'))
         if lesson['ready']]

# A notebook larger than this holds pictures that nobody reads in a difference.
NOTEBOOK_BYTES = 1_000_000


@pytest.mark.parametrize('tool', ['make_lessons.py', 'make_map.py'])
def test_what_is_generated_is_up_to_date(tool):
    run(sys.executable, LESSONS / 'tools' / tool, '--check')


def test_every_lesson_that_is_announced_is_there():
    folders = {path.parent.name for path in LESSONS.glob('*/lesson.ipynb')}
    assert folders == {lesson['id'] for lesson in READY}


@pytest.mark.parametrize('notebook', sorted(LESSONS.glob('[0-9]*/*.ipynb')),
                         ids=lambda path: f'{path.parent.name}-{path.stem}')
def test_notebooks_are_small(notebook):
    assert notebook.stat().st_size < NOTEBOOK_BYTES
