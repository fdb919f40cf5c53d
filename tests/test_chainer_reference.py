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
        value = np.asarray(value, np.float32).ravel()
        if value.shape != reference.shape:
            wrong.append(f'{name}: {value.size} numbers, not {reference.size}')
        elif not np.allclose(value, reference, 1e-4, 2e-5, equal_nan=True):
            off = np.abs(value - reference)
            wrong.append(f'{name}: off by {off.max():.3g} at {off.argmax()} of {off.size}')
    assert not wrong, '\n'.join(wrong)
