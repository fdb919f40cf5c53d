"""What Chainer itself computes: run by Chainer 7.8.1, this writes chainer_reference.npz beside it.

    python -m venv other && other/bin/pip install "setuptools<58" wheel numpy==1.23.5 scipy==1.10.1
    other/bin/pip install --no-build-isolation chainer==7.8.1
    other/bin/python tests/chainer_reference.py

test_chainer_reference.py imports the same module with minichain in Chainer's place, and compares.
"""
import importlib
import pathlib
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
FILE = HERE / 'chainer_reference.npz'
PROGRAMS = '''mnist_trainer mnist_loop cifar_vgg ptb seq2seq sentiment text_classification word2vec
    vae dcgan memnn control wavenet imagenet'''.split()


LARGEST = 48        # numbers kept of one array


def run_program(name):
    """The numbers of one program, by name; texts are left out."""
    module = importlib.import_module(f'chainer_programs.{name}')
    with tempfile.TemporaryDirectory() as folder:
        found = {key: np.asarray(value) for key, value in module.run(folder).items()}
    return found


def condensed(array):
    """At most some fifty numbers: spread over the array, and the mean size of all of them."""
    array = np.asarray(array, np.float64).ravel()
    if array.size <= LARGEST:
        return array
    return np.append(array[::-(-array.size // LARGEST)], np.abs(array).mean())


def pack(values):
    """Numbers and texts by name as a few arrays, for many small ones would make a large file."""
    arrays = {name: condensed(value).astype(np.float32) for name, value in values.items()
              if not isinstance(value, str)}
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    return {'names': np.array(list(arrays)), 'sizes': np.array([a.size for a in arrays.values()]),
            'values': np.concatenate(list(arrays.values())),
            'texts': np.array([f'{name}: {text}' for name, text in texts.items()])}


def main():
    """Write what Chainer computes."""
    values = {f'{name}/{key}': value for name in PROGRAMS
              for key, value in run_program(name).items()}
    cases = importlib.import_module('chainer_cases')
    for part, compute in cases.PARTS.items():
        values.update({f'{part}/{key}': value for key, value in pack(compute()).items()})
    with tempfile.TemporaryDirectory() as folder:
        trainer, model = cases.reader_training(folder, 2)
        trainer.run()
        values['reader/snapshot'] = np.fromfile(f'{folder}/snapshot', np.uint8)
        values['reader/y'] = model(cases.real(4, 3, 2)).array
        trainer, model = cases.reader_training(folder, 3)
        cases.chainer.serializers.load_npz(f'{folder}/snapshot', trainer)
        trainer.run()
        values['reader/after'] = model.lstm.upward.W.array
    np.savez_compressed(FILE, **values)
    print(f'{FILE}: {len(values)} arrays, {FILE.stat().st_size:,} bytes')


if __name__ == '__main__':
    sys.path.insert(0, str(HERE))
    main()
