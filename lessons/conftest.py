"""How pytest runs the notebooks."""
import os
import tempfile


def pytest_configure(config):
    # What a notebook answers under test must not count as a student's progress.
    folder = tempfile.mkdtemp(prefix='minichain-progress-')
    os.environ['MINICHAIN_PROGRESS'] = os.path.join(folder, 'minichain-progress.json')
    # The lessons' matrices are small: on a busy machine more threads only wait for each other.
    os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
