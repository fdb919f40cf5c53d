"""Programs written for Chainer 7 run, and compute what Chainer computes.

chainer_reference.npz holds Chainer's numbers: chainer_reference.py, run by Chainer, writes it.
"""
import chainer_reference
import minichain.chainer
import numpy as np
import pytest

minichain.chainer.uninstall()
FALLING = {'mnist_trainer': ['loss', 'validation'], 'mnist_loop': ['loss'],
           'cifar_vgg': ['loss'], 'ptb': [], 'seq2seq': ['loss', 'attention'],
           'sentiment': ['loss', 'tree'], 'text_classification': [],
           'word2vec': ['hsm', 'original'], 'vae': ['loss'], 'dcgan': [], 'memnn': ['loss'],
           'control': ['ddpg'], 'wavenet': ['loss'], 'imagenet': []}


@pytest.fixture(autouse=True)
def installed():
    """Chainer's ways hold during a test of this file, and no longer."""
    minichain.chainer.install()
    yield
    minichain.chainer.uninstall()


@pytest.fixture(scope='module')
def expected():
    with np.load(chainer_reference.FILE, allow_pickle=False) as file:
        return dict(file)


@pytest.mark.parametrize('name', chainer_reference.PROGRAMS)
def test_a_program_computes_what_chainer_computes(name, expected):
    found = chainer_reference.run_program(name)
    assert {f'{name}/{key}' for key in found} == {
        key for key in expected if key.startswith(name + '/')}
    for key, value in found.items():
        reference = expected[f'{name}/{key}']
        if value.dtype.kind in 'US':
            assert value.tolist() == reference.tolist(), key
        else:
            np.testing.assert_allclose(value, reference, 1e-4, 1e-5, err_msg=f'{name}: {key}')
    if name == 'ptb':
        assert found['val'][-1] < 0.75 * 3      # one that has learnt nothing wavers among 3 words
    for key in FALLING[name]:
        assert found[key][-1] < 0.98 * found[key][0], f'{name}: {key} does not fall'


def test_a_resumed_training_ends_as_one_without_a_pause(tmp_path):
    from chainer_programs import resume
    found = resume.run(str(tmp_path))
    assert found['iteration'] == 14
    assert np.array_equal(found['whole'], found['resumed'])
