"""Saving and loading: what was saved comes back, and a bad file changes nothing."""
import io
import os
import pickle
import re
import tracemalloc
import zipfile

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L


def model(seed=0, out=4):
    mc.set_seed(seed)
    return L.Sequential(L.Linear(3, 5), L.BatchNorm(5), F.relu, L.Linear(5, out))


def state(link):
    """A copy of everything that is saved."""
    return {key: np.array(mc.to_cpu(value)) for key, value in link.values().items()}


def assert_unchanged(link, before):
    after = state(link)
    assert after.keys() == before.keys()
    for key in before:
        assert after[key].dtype == before[key].dtype
        np.testing.assert_array_equal(after[key], before[key])


@pytest.fixture
def trained():
    """A model that has seen a batch, so that its running statistics are not the first ones."""
    link = model()
    link(np.random.default_rng(0).standard_normal((7, 3)).astype('float32'))
    return link


@pytest.fixture
def saved(trained, tmp_path):
    path = tmp_path / 'model.npz'
    mc.save_npz(path, trained)
    return path


def test_what_was_saved_comes_back(trained, saved, device):
    twin = model(seed=1).to_device(device)
    mc.load_npz(saved, twin)
    assert_unchanged(twin, state(trained))
    assert twin.device == device and twin[1].N == 1 and type(twin[1].N) is int
    x = np.random.default_rng(1).standard_normal((2, 3)).astype('float32')
    with mc.test_mode():
        y = twin(mc.to_device(x, device))
        np.testing.assert_allclose(y.numpy(), trained(x).data, rtol=1e-5)


def test_the_file_is_a_plain_npz_with_readable_names(trained, saved):
    with np.load(saved) as archive:
        assert set(archive.files) == {'0/W', '0/b', '1/gamma', '1/beta', '1/avg_mean', '1/avg_var',
                                      '1/N', '3/W', '3/b'}
        np.testing.assert_array_equal(archive['0/W'], trained[0].W.data)


def test_a_model_on_a_gpu_is_saved_like_one_on_the_cpu(trained, saved, device, tmp_path):
    other = tmp_path / 'other.npz'
    mc.save_npz(other, trained.to_device(device))
    twin = model(seed=1)
    mc.load_npz(other, twin)
    assert_unchanged(twin, state(trained))


def test_loading_gives_a_shape_to_parameters_that_have_none(saved):
    lazy = L.Sequential(L.Linear(5), L.BatchNorm(), F.relu, L.Linear(4))
    mc.load_npz(saved, lazy)
    assert lazy[0].W.shape == (5, 3)
    lazy(np.ones((2, 3), 'float32'))


def test_a_path_may_have_any_name_and_type(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in ('plain', str(tmp_path / 'ünïcode name.npz'), tmp_path / 'p.npz'):
        mc.save_npz(path, trained)
        mc.load_npz(path, model(seed=1))
    assert sorted(os.listdir()) == ['p.npz', 'plain', 'ünïcode name.npz']


def test_a_parameter_may_be_called_file(tmp_path):
    class Odd(mc.Link):
        """A link whose parameters have the names of np.savez's own arguments."""

        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.file = mc.Parameter(np.ones(2))
                self.allow_pickle = mc.Parameter(np.zeros(3))

    odd, other = Odd(), Odd()
    odd.file.data += 1
    mc.save_npz(tmp_path / 'odd.npz', odd)
    mc.load_npz(tmp_path / 'odd.npz', other)
    np.testing.assert_array_equal(other.file.data, [2, 2])


# Saving ------------------------------------------------------------------------------------------

def test_a_failure_while_saving_leaves_the_old_file(trained, saved, monkeypatch):
    content = saved.read_bytes()
    for name in ('write_array', 'fsync', 'replace'):
        for error in (OSError(28, 'No space left on device'), KeyboardInterrupt()):
            def fails(*args, **options):
                raise error

            with monkeypatch.context() as patch:
                patch.setattr(np.lib.format if name == 'write_array' else os, name, fails)
                with pytest.raises(type(error)):
                    mc.save_npz(saved, trained)
            assert saved.read_bytes() == content
            assert os.listdir(saved.parent) == [saved.name]


def test_a_link_that_was_never_called_cannot_be_saved(tmp_path):
    path = tmp_path / 'model.npz'
    with pytest.raises(ValueError) as caught:
        mc.save_npz(path, L.Sequential(L.Linear(5)))
    assert str(caught.value) == ("'0/W' has no shape yet, because the link was never called: run "
                                 'it once before you save it.')
    assert not path.exists()


def test_a_folder_that_does_not_exist_is_an_os_error(trained, tmp_path):
    with pytest.raises(FileNotFoundError):
        mc.save_npz(tmp_path / 'missing' / 'model.npz', trained)


@pytest.mark.skipif(os.name == 'nt', reason='Windows has no permission bits')
def test_others_may_read_the_file_as_any_other_file(trained, tmp_path):
    (tmp_path / 'plain').write_text('')
    mc.save_npz(tmp_path / 'model.npz', trained)
    assert (tmp_path / 'model.npz').stat().st_mode == (tmp_path / 'plain').stat().st_mode


# Loading what does not fit -----------------------------------------------------------------------

def changed(path, **arrays):
    """The same file with other arrays; None for an array that is missing."""
    with np.load(path) as archive:
        values = {key: archive[key] for key in archive.files}
    values.update({key.replace('__', '/'): value for key, value in arrays.items()})
    other = path.with_name('changed.npz')
    np.savez(other, **{key: value for key, value in values.items() if value is not None})
    return other


@pytest.mark.parametrize('arrays, complaint', [
    ({'_0__W': None}, "it lacks '0/W'."),
    ({'_0__W': None, '_3__b': None}, "it lacks '0/W' and 1 more."),
    ({'_4__W': np.ones(2)}, "it also holds '4/W'."),
    ({'_3__W': np.ones((4, 6), 'float32')},
     "'3/W' has the shape (4, 6) in the file, and (4, 5) in the link."),
    ({'_1__avg_mean': np.ones((1, 5), 'float32')},
     "'1/avg_mean' has the shape (1, 5) in the file, and (5,) in the link."),
    ({'_3__b': np.ones(4, int)}, "'3/b' is int64 in the file, and float32 in the link."),
    ({'_3__b': np.array(['a'] * 4)}, "'3/b' is <U1 in the file, and float32 in the link."),
    ({'_1__N': np.ones(3, int)}, "'1/N' has the shape (3,) in the file, and () in the link."),
    ({'_1__N': np.array('many')}, "'1/N' is <U4 in the file, and int64 in the link."),
], ids=lambda value: value if isinstance(value, str) else '')
def test_a_file_that_does_not_fit_is_explained_and_changes_nothing(saved, arrays, complaint):
    path = changed(saved, **{key[1:]: value for key, value in arrays.items()})
    link = model(seed=1)
    before = state(link)
    with pytest.raises(ValueError) as caught:
        mc.load_npz(path, link)
    assert str(caught.value) == f'{path} does not fit: {complaint}'
    assert_unchanged(link, before)


def test_a_file_of_another_precision_is_read_in_the_precision_of_the_link(trained, saved):
    wide = trained[0].W.data.astype('float64')
    link = model(seed=1)
    mc.load_npz(changed(saved, **{'0__W': wide}), link)
    assert link[0].W.dtype == 'float32'
    np.testing.assert_array_equal(link[0].W.data, trained[0].W.data)


class Evil:
    """Leaves a trace when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, (TRACE,)


TRACE = 'unpickled'


def evil_npz():
    file = io.BytesIO()
    np.savez(file, **{'0/W': np.array([Evil()], dtype=object)})
    return file.getvalue()


def npy():
    file = io.BytesIO()
    np.save(file, np.ones(3))
    return file.getvalue()


def zip_of_text():
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as archive:
        archive.writestr('0/W.npy', 'no array')
        archive.writestr('readme.txt', 'hello')
    return file.getvalue()


BROKEN = {'empty': b'', 'text': b'hello', 'zeros': bytes(1000), 'pickle': pickle.dumps(Evil()),
          'pickle in npz': evil_npz(), 'npy': npy(), 'zip of text': zip_of_text(),
          'start of a zip': b'PK\x03\x04', 'an empty zip': b'PK\x05\x06' + bytes(18)}


@pytest.mark.parametrize('content', BROKEN.values(), ids=list(BROKEN))
def test_a_broken_or_foreign_file_is_one_clear_sentence(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / 'bad.npz'
    path.write_bytes(content)
    link = model()
    before = state(link)
    with pytest.raises(ValueError) as caught:
        mc.load_npz(path, link)
    message = str(caught.value)
    assert re.match(re.escape(str(path)) + ' (is no npz file of arrays, or it is broken: |does not '
                    "fit: it lacks '0/W')", message)
    assert '\n' not in message and message.endswith('.') and not message.endswith('..')
    assert_unchanged(link, before)
    assert not (tmp_path / TRACE).exists()


@pytest.mark.parametrize('save', [np.savez, np.savez_compressed], ids=['stored', 'compressed'])
def test_a_file_damaged_or_cut_anywhere_is_refused_or_read_right(trained, save, tmp_path):
    """Where a bit flip does no harm (a date in the zip file, say), the values must be right."""
    path, link = tmp_path / 'model.npz', model(seed=1)
    save(path, **state(trained))
    content = path.read_bytes()
    before, right = state(link), state(trained)
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(content), 150).tolist():
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(rng.integers(8))
        for data in (bytes(damaged), content[:place]):
            path.write_bytes(data)
            try:
                mc.load_npz(path, link)
            except ValueError:
                assert_unchanged(link, before)
            else:
                assert_unchanged(link, right)
                link = model(seed=1)


def test_a_file_that_is_missing_is_an_os_error():
    with pytest.raises(FileNotFoundError):
        mc.load_npz('missing.npz', model())


def test_arrays_that_do_not_fit_are_not_even_read(tmp_path):
    """A few kilobytes of a zip file can hold a gigabyte of zeros."""
    path = tmp_path / 'bomb.npz'
    np.savez_compressed(path, **{'0/W': np.zeros((2000, 2000), 'float32'), 'b': np.ones(1)})
    link = L.Sequential(L.Linear(3, 5))
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"'0/W' has the shape \(2000, 2000\) in the file"):
        mc.load_npz(path, link, strict=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
