"""Training steps of minichain beside PyTorch on this machine's GPU, as a table in GPU.md."""
import datetime
import importlib.metadata
import importlib.util
import json
import pathlib
import platform
import subprocess
import sys

GPU = pathlib.Path(__file__).resolve().parent
PAGE = GPU.parent / 'bench' / 'GPU.md'
MARKS = '<!-- table -->\n', '<!-- end -->'
TITLES = {'mlp': 'MLP 784-1000-1000-10, batch of 100, Adam',
          'lenet': 'LeNet, batch of 64, momentum',
          'lstm': 'LSTM language model, cell by cell, 35 words, batch of 20',
          'lstm_whole': 'the same model, whole sequences at once',
          'vgg': 'VGG-like with batch normalization, 32x32 images, batch of 32',
          'resnet50': 'ResNet-50, 224x224 images, batch of 16, momentum'}
PATIENCE = 90           # seconds for all works of one framework in one setting
# First losses that differ by more than this are not of the same work. TF32 rounds to 10 bits.
TOLERANCE = {False: 1e-3, True: 2e-2}


def run(framework, tf32, dry):
    """({work: row}, what went wrong or '') of one process."""
    command = [sys.executable, GPU / 'steps.py', framework]
    command += ['--tf32'] * tf32 + ['--stand-in'] * dry
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=None if dry else PATIENCE)
        lines, problem = done.stdout, done.stderr.strip() if done.returncode else ''
    except subprocess.TimeoutExpired as late:
        lines = (late.stdout or b'').decode()
        problem = f'not done after {PATIENCE} s'
    rows = [json.loads(line) for line in lines.splitlines()]
    return {row['work']: row for row in rows}, problem.rpartition('\n')[2]


class Comparison:
    """All works in both settings; `failures` are those that cannot be compared."""

    def __init__(self, dry=False):
        self.rows, self.failures, self.notes = [], [], []
        with_pytorch = importlib.util.find_spec('torch') is not None
        if not with_pytorch:
            self.notes.append('PyTorch is not installed: there is nothing to compare with.')
        for tf32 in (False,) if dry else (False, True):
            ours, problem = run('minichain', tf32, dry)
            if problem:
                self.failures.append(f'minichain, TF32 {word(tf32)}: {problem}')
            theirs, problem = run('pytorch', tf32, dry) if with_pytorch else ({}, '')
            if problem:
                self.notes.append(f'PyTorch, TF32 {word(tf32)}: {problem}')
            self.rows += [self.row(work, tf32, ours[work], theirs.get(work)) for work in ours]

    def row(self, work, tf32, ours, theirs):
        row = {'work': work, 'tf32': tf32, 'ours': ours, 'theirs': theirs}
        if theirs is not None:
            first, same = ours['losses'][0], theirs['losses'][0]
            row['difference'] = abs(first - same) / abs(same)
            if not row['difference'] <= TOLERANCE[tf32]:
                self.failures.append(f'{work}: the first losses are {first:g} and {same:g}')
        return row

    def table(self):
        """The rows as a table in Markdown."""
        lines = ['| step | TF32 | minichain ms | PyTorch ms | ratio | MiB | PyTorch MiB | ratio |',
                 '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |']
        for row in self.rows:
            ours, theirs = row['ours'], row['theirs']
            cells = [TITLES[row['work']], word(row['tf32'])]
            for key, factor in (('seconds', 1e3), ('mib', 1)):
                cells.append(f'{ours[key] * factor:.2f}')
                cells += ['', ''] if theirs is None else [
                    f'{theirs[key] * factor:.2f}',
                    f'{ours[key] / theirs[key]:.2f}' if theirs[key] else '']
            lines.append('| ' + ' | '.join(cells) + ' |')
        return '\n'.join(lines)

    def text(self, gpu):
        """What is written to the page: when, on what, the table, what could not be done."""
        versions = [f'{name} {version(name)}' for name in ('numpy', 'torch')]
        parts = [f'{datetime.date.today()}, {gpu} Python {platform.python_version()}, '
                 f'{", ".join(versions)}.', self.table(), *self.notes, *self.failures]
        return '\n\n'.join(parts) + '\n'


def word(tf32):
    return 'on' if tf32 else 'off'


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return 'not installed'


def write(text, page=PAGE):
    """Put the text between the marks of the page."""
    before, rest = page.read_text(encoding='utf-8').split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    page.write_text(f'{before}{MARKS[0]}{text}{MARKS[1]}{after}', encoding='utf-8')
