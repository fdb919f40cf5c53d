"""Training steps of minichain beside PyTorch on this machine's GPU, as a table in GPU.md."""
import datetime
import importlib.metadata
import importlib.util
import json
import pathlib
import platform
import subprocess
import sys
import tempfile
import threading
import time

GPU = pathlib.Path(__file__).resolve().parent
PAGE = GPU.parent / 'bench' / 'GPU.md'
MARKS = '<!-- table -->\n', '<!-- end -->'
TITLES = {'mlp': 'MLP 784-1000-1000-10, batch of 100, Adam',
          'lenet': 'LeNet, batch of 64, momentum',
          'lstm': 'LSTM language model, cell by cell, 35 words, batch of 20',
          'lstm_whole': 'the same model, whole sequences at once',
          'vgg': 'VGG-like with batch normalization, 32x32 images, batch of 32',
          'resnet50': 'ResNet-50, 224x224 images, batch of 16, momentum'}
# First losses that differ by more than this are not of the same work. TF32 rounds to 10 bits.
TOLERANCE = {False: 1e-3, True: 2e-2}


def run(framework, tf32, dry, seconds, tell):
    """All works of one framework, in so many seconds.

    tell(row) hears of each as soon as it is done. One that fails is passed over: a new process goes
    on with the next, because on a GPU an error can spoil all that the process does afterwards.
    Gives what went wrong, or ''.
    """
    end, works, problems = time.monotonic() + seconds, [], []
    while True:
        begun, problem, late = run_process(framework, tf32, dry, end, works, tell)
        if late:
            problem = f'not done after {seconds:.0f} s'
        if problem:
            problems.append(f'{begun[0]}: {problem}' if begun else problem)
        works = begun[1:]
        if late or not problem or not works:
            return '; '.join(problems)


def run_process(framework, tf32, dry, end, works, tell):
    """One process, which may last until `end`.

    Gives the work that it began last with those that follow, what went wrong, and whether it took
    too long.
    """
    command = [sys.executable, GPU / 'steps.py', framework, *works]
    command += ['--tf32'] * tf32 + ['--stand-in'] * dry
    begun = []
    with tempfile.TemporaryFile('w+') as errors, subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True) as process:
        late = threading.Event()
        timer = threading.Timer(max(end - time.monotonic(), 0.1),
                                lambda: (late.set(), process.kill()))
        timer.start()
        for line in process.stdout:
            row = row_of(line)
            if 'begins' in row:
                begun = row['begins']
            elif row:
                tell(row)
        process.wait()
        timer.cancel()
        errors.seek(0)
        said = errors.read().strip().rpartition('\n')[2]
    failed = process.returncode and (said or f'ended with {process.returncode}')
    return begun, failed or '', late.is_set()


def row_of(line):
    """What a line says, and nothing for what a library prints between them."""
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}


class Comparison:
    """Works of both frameworks; `failures` are those that cannot be compared.

    told  is called after each work, so that nothing is lost if the rest is not done
    """

    def __init__(self, dry=False, told=lambda: None):
        self.dry, self.told = dry, told
        self.rows, self.failures, self.notes = [], [], []
        self.with_pytorch = importlib.util.find_spec('torch') is not None
        if not self.with_pytorch:
            self.notes.append('PyTorch is not installed: there is nothing to compare with.')

    def measure(self, tf32, seconds):
        """All works in one setting. minichain, which compiles its kernels at first, has two thirds
        of the seconds, and PyTorch what is left."""
        first, end = len(self.rows), time.monotonic() + seconds

        def ours(row):
            self.rows.append({'work': row['work'], 'tf32': tf32, 'ours': row, 'theirs': None})
            self.told()

        def theirs(found):
            for row in self.rows[first:]:
                if row['work'] == found['work']:
                    row['theirs'] = found
                    self.compare(row)
            self.told()

        problem = run('minichain', tf32, self.dry, seconds * 2 / 3, ours)
        if problem:
            self.failures.append(f'minichain, TF32 {word(tf32)}: {problem}')
        problem = self.with_pytorch and run('pytorch', tf32, self.dry, end - time.monotonic(),
                                            theirs)
        if problem:
            self.notes.append(f'PyTorch, TF32 {word(tf32)}: {problem}')
        self.told()

    def compare(self, row):
        """Fail if the two did not do the same work."""
        first, same = row['ours']['losses'][0], row['theirs']['losses'][0]
        if not abs(first - same) <= TOLERANCE[row['tf32']] * abs(same):
            self.failures.append(f'{row["work"]}: the first losses are {first:g} and {same:g}')

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
    """Put the text between the marks of the page, which is whole at every moment."""
    before, rest = page.read_text(encoding='utf-8').split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    new = page.with_suffix('.new')
    new.write_text(f'{before}{MARKS[0]}{text}{MARKS[1]}{after}', encoding='utf-8')
    new.replace(page)
