"""Functions, links, optimizers and random numbers are Chainer's: compared with what it gave.

chainer_reference.npz holds Chainer's numbers: chainer_reference.py, run by Chainer, writes it.
"""
import chainer_reference
import minichain.chainer
import numpy as np
import pytest

minichain.chainer.uninstall()
PARTS = ('functions', 'links', 'optimizers', 'random')


@pytest.fixture(scope='module')
def found():
    """What minichain gives in Chainer's place."""
    minichain.chainer.install()
    try:
        import chainer_cases
        yield {part: compute() for part, compute in chainer_cases.PARTS.items()}
    finally:
        minichain.chainer.uninstall()


@pytest.fixture(scope='module')
def expected():
    with np.load(chainer_reference.FILE, allow_pickle=False) as file:
        return {part: unpack(file, part) for part in PARTS}


def unpack(file, part):
    """Numbers and texts by name, as chainer_reference.pack has packed them."""
    ends = np.cumsum(file[f'{part}/sizes'])
    numbers = np.split(file[f'{part}/values'], ends[:-1])
    texts = dict(text.split(': ', 1) for text in file[f'{part}/texts'])
    return {**dict(zip(file[f'{part}/names'].tolist(), numbers)), **texts}


@pytest.mark.parametrize('part', PARTS)
def test_the_numbers_are_those_of_chainer(part, found, expected):
    assert set(found[part]) == set(expected[part])
    wrong = []
    for name, reference in expected[part].items():
        value = found[part][name]
        if isinstance(reference, str):
            if value != reference:
                wrong.append(f'{name}: {value!r} is not {reference!r}')
            continue
        value = chainer_reference.condensed(value)
        if value.shape != reference.shape:
            wrong.append(f'{name}: {value.size} numbers, not {reference.size}')
        elif not np.allclose(value, reference, 1e-4, 2e-5, equal_nan=True):
            off = np.abs(value - reference)
            wrong.append(f'{name}: off by {off.max():.3g} at {off.argmax()} of {off.size}')
    assert not wrong, '\n'.join(wrong)


# What Chainer has saved --------------------------------------------------------------------------

@pytest.fixture
def snapshot(tmp_path):
    """A snapshot of a trainer that Chainer wrote: (its path, what the model said, the weights
    after one more epoch)."""
    with np.load(chainer_reference.FILE, allow_pickle=False) as file:
        file['reader/snapshot'].tofile(tmp_path / 'snapshot')
        minichain.chainer.install()
        yield tmp_path / 'snapshot', file['reader/y'], file['reader/after']
        minichain.chainer.uninstall()


def test_a_training_that_chainer_began_goes_on(snapshot, tmp_path):
    import chainer
    import chainer_cases
    path, y, after = snapshot
    trainer, model = chainer_cases.reader_training(str(tmp_path / 'out'), 3)
    chainer.serializers.load_npz(path, trainer)
    assert trainer.updater.epoch == 2 and trainer.updater.iteration == 6
    np.testing.assert_allclose(model(chainer_cases.real(4, 3, 2)).array, y, 1e-5, 1e-6)
    trainer.run()
    np.testing.assert_allclose(model.lstm.upward.W.array, after, 1e-4, 1e-5)


def test_a_model_of_minichain_loads_an_lstm_of_chainer_and_saves_it_as_it_was(snapshot, tmp_path):
    import chainer_cases
    import minichain.links as L
    path, y, _ = snapshot
    model = minichain.Chain(lstm=L.LSTM(2, 3), out=L.Linear(3, 2))
    place = 'updater/model:main/predictor/'
    minichain.chainer.serializers.load_npz(path, model, path=place)
    for x in chainer_cases.real(4, 3, 2).swapaxes(0, 1):
        h = model.lstm(np.ascontiguousarray(x))
    np.testing.assert_allclose(model.out(h).data, y, 1e-5, 1e-6)
    minichain.chainer.serializers.save_npz(tmp_path / 'again.npz', model)
    with np.load(tmp_path / 'again.npz') as again:
        saved = minichain.chainer.serializers.read_npz(path)
        assert set(again.files) == {name[len(place):] for name in saved if name.startswith(place)}
        for name in again.files:
            assert np.array_equal(again[name], saved[place + name]), name
