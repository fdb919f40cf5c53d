"""Datasets, iterators and the step from a batch to arrays."""
import multiprocessing
import os
import sys
import threading
import time

import numpy as np
import pytest

import minichain as mc
from minichain import data


class Range(data.Dataset):
    """The numbers 0 to n - 1; `bad` cannot be read."""

    def __init__(self, n, bad=None, act=None):
        self.n, self.bad, self.act = n, bad, act

    def __len__(self):
        return self.n

    def get_example(self, i):
        if i == self.bad:
            self.act() if self.act else self.fail(i)
        return i

    def fail(self, i):
        raise KeyError(f'no number {i}')


# Datasets ----------------------------------------------------------------------------------------

def test_items_side_by_side():
    x, t = np.arange(10).reshape(5, 2), list('abcde')
    pairs = data.TupleDataset(x, t)
    assert len(pairs) == 5
    assert pairs[1][1] == 'b' and pairs[-1][1] == 'e'
    assert [item[1] for item in pairs[1:4:2]] == ['b', 'd']
    assert [item[1] for item in pairs[[3, 0]]] == ['d', 'a']
    assert [item[1] for item in pairs[np.array([3, 0])]] == ['d', 'a']
    assert [item[1] for item in pairs] == t
    assert pairs.datasets[0] is x
    named = data.DictDataset(x=x, t=t)
    assert named[2]['t'] == 'c' and list(named[2]['x']) == [4, 5]


def test_datasets_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match='0 has 2 items, 1 has 3 items'):
        data.TupleDataset([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match='x has 2 items, y has 3 items'):
        data.DictDataset(x=[1, 2], y=[1, 2, 3])
    with pytest.raises(ValueError, match='At least one'):
        data.TupleDataset()


@pytest.mark.parametrize('i', [5, -6])
def test_an_item_that_does_not_exist(i):
    with pytest.raises(IndexError, match=f'no item {i}: Range has 5 items'):
        Range(5)[i]


def test_transformed_and_concatenated():
    both = data.ConcatenatedDataset([1, 2], [], [3], data.TransformDataset([1, 2], lambda x: -x))
    assert list(both) == [1, 2, 3, -1, -2] == both[:]
    assert both[-2] == -1 and len(both) == 5


def test_splits():
    ten = list(range(10))
    first, rest = data.split_dataset(ten, 3)
    assert (list(first), list(rest)) == ([0, 1, 2], [3, 4, 5, 6, 7, 8, 9])
    first, rest = data.split_dataset(ten, 3, order=ten[::-1])
    assert list(first) == [9, 8, 7]
    first, rest = data.split_dataset_random(ten, 4, seed=1)
    again, _ = data.split_dataset_random(ten, 4, seed=1)
    assert sorted([*first, *rest]) == ten and list(first) == list(again) != [0, 1, 2, 3]
    assert [list(part) for part in data.split_dataset_n(ten, 3)] == [[0, 1, 2], [3, 4, 5],
                                                                      [6, 7, 8]]
    parts = data.split_dataset_n_random(ten, 5, seed=0)
    assert sorted(item for part in parts for item in part) == ten
    with pytest.raises(ValueError, match='from 0 to 11 in a dataset of 10'):
        data.split_dataset(ten, 11)
    with pytest.raises(ValueError, match='order has 2 numbers'):
        data.SubDataset(ten, 0, 1, order=[0, 1])


@pytest.mark.parametrize('make', [
    lambda d, n: data.get_cross_validation_datasets(d, n),
    lambda d, n: data.get_cross_validation_datasets_random(d, n, seed=0)])
def test_cross_validation_tests_each_item_once(make):
    ten = list(range(10))
    pairs = make(ten, 3)
    assert sorted(item for _, test in pairs for item in test) == ten
    for train, test in pairs:
        assert sorted([*train, *test]) == ten and len(test) in (3, 4)


def test_lines_of_text(tmp_path):
    (tmp_path / 'en').write_text('one\ntwo\nthree\n', encoding='utf-8')
    (tmp_path / 'de').write_text('eins\nzwei\ndrei ü\n', encoding='utf-8')
    (tmp_path / 'short').write_text('un\n')
    lines = data.TextDataset(tmp_path / 'en')
    assert len(lines) == 3 and lines[1] == 'two\n'
    pairs = data.TextDataset([tmp_path / 'en', tmp_path / 'de'],
                             filter_func=lambda en, de: len(en) > 4)
    assert list(pairs) == [('three\n', 'drei ü\n')]
    with pytest.raises(ValueError, match='short has 1 lines'):
        data.TextDataset([tmp_path / 'en', tmp_path / 'short'])


def test_images_in_files(tmp_path):
    Image = pytest.importorskip('PIL.Image', reason='Pillow is not installed')
    gray = np.arange(6, dtype='uint8').reshape(2, 3) * 40
    color = np.stack([gray, gray + 1, gray + 2], axis=-1)
    Image.fromarray(gray).save(tmp_path / 'gray.png')
    Image.fromarray(color).save(tmp_path / 'my color.png')
    (tmp_path / 'list.txt').write_text('gray.png 3\nmy color.png 1\n')
    images = data.ImageDataset(['gray.png', 'my color.png'], root=tmp_path)
    assert images[0].dtype == 'float32'
    np.testing.assert_array_equal(images[0], gray[None])
    np.testing.assert_array_equal(images[1], color.transpose(2, 0, 1))
    labeled = data.LabeledImageDataset(tmp_path / 'list.txt', root=tmp_path)
    np.testing.assert_array_equal(labeled[1][0], images[1])
    assert labeled[1][1] == 1 and labeled[1][1].dtype == 'int32'
    assert len(data.LabeledImageDataset([('gray.png', 5)])) == 1
    with pytest.raises(ValueError, match="Entry 0, 'gray.png', is no path with a label"):
        data.LabeledImageDataset(['gray.png'])


def test_images_without_pillow(monkeypatch):
    monkeypatch.setitem(sys.modules, 'PIL', None)
    with pytest.raises(ImportError, match='pip install pillow'):
        data.ImageDataset(['x.png'])[0]


def test_digits():
    pytest.importorskip('sklearn', reason='minichain[lab] is not installed')
    train, test = data.get_digits()
    images, labels = train.datasets
    assert (len(train), len(test)) == (1348, 449)
    assert images.shape == (1348, 1, 8, 8) and images.dtype == 'float32'
    assert (images.min(), images.max()) == (0, 1)
    assert labels.dtype == 'int32' and np.bincount(test.datasets[1]).min() >= 40
    flat, _ = data.get_digits(withlabel=False, ndim=1)
    np.testing.assert_array_equal(flat, images.reshape(-1, 64))
    with pytest.raises(ValueError, match='ndim'):
        data.get_digits(ndim=4)


def test_digits_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, 'sklearn.datasets', None)
    with pytest.raises(ImportError, match='pip install scikit-learn'):
        data.get_digits()


def test_made_data_follows_its_seed():
    x, t = data.spirals(90, classes=3, seed=1)
    assert x.shape == (90, 2) and x.dtype == 'float32' and abs(x).max() < 1.3
    assert list(np.bincount(t)) == [30, 30, 30]
    np.testing.assert_array_equal(x, data.spirals(90, classes=3, seed=1)[0])
    assert (x != data.spirals(90, classes=3, seed=2)[0]).any()
    waves = data.sine_series(4, 200, periods=(20, 20))
    assert waves.shape == (4, 200) and waves.dtype == 'float32'
    np.testing.assert_allclose(waves[:, :100], waves[:, 20:120], atol=1e-5)
    np.testing.assert_array_equal(waves, data.sine_series(4, 200, periods=(20, 20)))


# From a batch to arrays --------------------------------------------------------------------------

def test_items_become_arrays(device):
    batch = [(np.full((2, 3), i, 'float32'), i, 0.5) for i in range(4)]
    x, t, w = data.concat_examples(batch, device)
    assert mc.get_device(x) == mc.get_device(w) == device
    assert (x.shape, t.shape, w.dtype) == ((4, 2, 3), (4,), 'float32')
    assert t.dtype.kind == 'i' and mc.to_cpu(t).tolist() == [0, 1, 2, 3]
    named = data.concat_examples([{'x': a, 't': b} for a, b, _ in batch])
    np.testing.assert_array_equal(named['x'], mc.to_cpu(x))
    single = data.concat_examples([mc.Variable(a) for a, _, _ in batch])
    np.testing.assert_array_equal(single, mc.to_cpu(x))


def test_items_that_live_on_a_device_stay_there(device):
    items = [device.xp.ones(3, 'float32'), device.xp.zeros(3, 'float32')]
    assert mc.get_device(data.concat_examples(items)) == device
    assert mc.get_device(data.concat_examples(items, 'cpu')) == 'cpu'


def test_smaller_items_are_padded(device):
    items = [(device.xp.ones(n, 'int32'), device.xp.ones((n, 2))) for n in (1, 3, 0)]
    ids, x = data.concat_examples(items, padding=(-1, 0))
    assert mc.to_cpu(ids).tolist() == [[1, -1, -1], [1, 1, 1], [-1, -1, -1]]
    assert x.shape == (3, 3, 2) and float(x.sum()) == 8
    named = data.concat_examples([{'a': np.ones(2)}, {'a': np.ones(1)}], padding=7)
    assert named['a'].tolist() == [[1, 1], [1, 7]]


def test_unequal_items_are_named_with_their_shapes():
    with pytest.raises(mc.ShapeError, match=r'Item 1 of the batch has the shape \(3,\), but Item 0 '
                       r'of the batch has \(2,\): .*padding'):
        data.concat_examples([np.ones(2), np.ones(3)])
    with pytest.raises(mc.ShapeError, match=r'Item 2 .* has the shape \(2, 1\) in part 1, but .*'
                       'padding needs'):
        data.concat_examples([(1, np.ones(2)), (1, np.ones(3)), (1, np.ones((2, 1)))], padding=0)
    with pytest.raises(mc.ShapeError, match='Item 1 .* is tuple of 1, but .* is tuple of 2'):
        data.concat_examples([(1, 2), (1,)])
    with pytest.raises(ValueError, match='batch is empty'):
        data.concat_examples([])


def test_an_iterator_tells_which_item_of_the_dataset_does_not_fit():
    images = [np.ones((2, 2))] * 6 + [np.ones((2, 3))]
    iterator = data.SerialIterator(images, 4, shuffle=False)
    data.concat_examples(iterator.next())
    with pytest.raises(mc.ShapeError, match=r'Item 2 of the batch \(item 6 of the dataset\) has '
                       r'the shape \(2, 3\), but Item 0 of the batch \(item 4 of the dataset\)'):
        data.concat_examples(iterator.next())


# Iterators ---------------------------------------------------------------------------------------

def serial(dataset, batch_size, **options):
    return data.SerialIterator(dataset, batch_size, **options)


def threads(dataset, batch_size, **options):
    return data.MultithreadIterator(dataset, batch_size, n_threads=3, **options)


def processes(dataset, batch_size, **options):
    """Forked, because the datasets of this file cannot be sent to other processes."""
    if 'fork' not in multiprocessing.get_all_start_methods():
        pytest.skip('processes cannot be forked here')
    return data.MultiprocessIterator(dataset, batch_size, n_processes=2, start_method='fork',
                                     **options)


KINDS = pytest.mark.parametrize('kind', [serial, threads, processes])
AHEAD = pytest.mark.parametrize('kind', [threads, processes])


@KINDS
def test_one_epoch(kind):
    with kind(Range(5), 2, repeat=False, shuffle=False) as iterator:
        seen = [(batch, iterator.epoch_detail, iterator.is_new_epoch) for batch in iterator]
        assert seen == [([0, 1], 0.4, False), ([2, 3], 0.8, False), ([4], 1.0, True)]
        with pytest.raises(StopIteration):
            iterator.next()
        iterator.reset()
        assert iterator.epoch == 0 and len(list(iterator)) == 3


@KINDS
def test_epoch_after_epoch(kind):
    with kind(Range(5), 2, shuffle=False) as iterator:
        seen = [(iterator.next(), iterator.epoch, iterator.is_new_epoch,
                 iterator.previous_epoch_detail) for _ in range(5)]
    assert seen == [([0, 1], 0, False, 0.0), ([2, 3], 0, False, 0.4), ([4, 0], 1, True, 0.8),
                    ([1, 2], 1, False, 1.2), ([3, 4], 2, True, 1.6)]


def test_a_batch_may_be_larger_than_the_dataset():
    iterator = serial(Range(3), 7, shuffle=False)
    assert iterator.next() == [0, 1, 2, 0, 1, 2, 0]
    assert iterator.epoch_detail == pytest.approx(7 / 3) and iterator.epoch == 2
    assert iterator.next() == [1, 2, 0, 1, 2, 0, 1]


def batches(iterator, count):
    with iterator:
        return [list(iterator.next()) for _ in range(count)]


def test_the_order_is_random_and_the_same_for_the_same_seed_whoever_reads():
    found = []
    for kind in (serial, threads, processes):
        mc.set_seed(3)
        found.append(batches(kind(Range(20), 6), 10))
    assert found[0] == found[1] == found[2]
    epoch = sum(found[0], [])[:20]
    assert sorted(epoch) == list(range(20)) != epoch
    assert sum(found[0], [])[20:40] != epoch


@KINDS
def test_an_order_sampler_decides(kind):
    def turn(order, position):
        return order[::-1]

    drawn = []
    kind(Range(4), 2, order_sampler=lambda order, position: drawn.append(position) or order)
    assert drawn == [0]
    assert batches(kind(Range(4), 2, order_sampler=turn), 4) == [[3, 2], [1, 0], [0, 1], [2, 3]]
    with pytest.raises(ValueError, match='not both'):
        kind(Range(4), 2, shuffle=True, order_sampler=turn)


@KINDS
@pytest.mark.parametrize('options', [{}, {'shuffle': False}, {'order_sampler': lambda order, _:
                                                              np.roll(order, 1)}])
def test_a_loaded_iterator_goes_on(kind, options, tmp_path):
    with kind(Range(7), 3, **options) as iterator, kind(Range(7), 3, **options) as other:
        for _ in range(4):
            iterator.next()
        mc.save_npz(tmp_path / 'iterator.npz', iterator)
        wanted = [list(iterator.next()) for _ in range(6)], iterator.epoch_detail
        other.next()
        mc.load_npz(tmp_path / 'iterator.npz', other)
        assert other.previous_epoch_detail == pytest.approx(9 / 7)
        assert ([list(other.next()) for _ in range(6)], other.epoch_detail) == wanted


@KINDS
def test_an_empty_dataset_is_refused(kind):
    with pytest.raises(ValueError, match='dataset is empty'):
        kind([], 2)
    with pytest.raises(ValueError, match='at least 1 item'):
        kind([1], 0)


@AHEAD
def test_an_error_in_a_worker_shows_its_traceback_and_stops_nothing(kind):
    with kind(Range(9, bad=4), 2, shuffle=False) as iterator:
        assert [iterator.next(), iterator.next()] == [[0, 1], [2, 3]]
        for _ in range(2):
            with pytest.raises(data.WorkerError, match="Item 4 .* KeyError(?s:.*)In the worker"
                               "(?s:.*)in fail\n(?s:.*)no number 4"):
                iterator.next()


def test_a_worker_that_dies_is_an_error():
    with processes(Range(9, bad=4, act=lambda: os._exit(1)), 2, shuffle=False) as iterator:
        with pytest.raises(data.WorkerError, match='has died'):
            for _ in range(9):
                iterator.next()


def test_a_slow_worker_is_waited_for_with_a_warning():
    dataset = Range(4, bad=1, act=lambda: time.sleep(0.3))
    with processes(dataset, 4, shuffle=False, dataset_timeout=0.05) as iterator:
        with pytest.warns(UserWarning, match='more than 0.05 seconds'):
            assert iterator.next() == [0, 1, 2, 3]


def test_processes_that_share_nothing_get_the_dataset_sent():
    with data.MultiprocessIterator(np.arange(4), 2, shuffle=False, n_processes=1,
                                   start_method='spawn') as iterator:
        assert iterator.next() == [0, 1]
    with data.MultiprocessIterator(Range(4, act=lambda: 0), 2, start_method='spawn') as iterator:
        with pytest.raises(data.WorkerError,
                           match='The dataset cannot be sent to the worker processes'):
            iterator.next()


class Noise(Range):
    def get_example(self, i):
        return float(mc.randomness.generator().random())


def test_random_numbers_in_workers_follow_the_seed_and_differ():
    found = []
    for kind in (threads, threads, processes):
        mc.set_seed(1)
        found.append(sum(batches(data.MultithreadIterator(Noise(8), 4, n_threads=2)
                                 if kind is threads else processes(Noise(8), 4), 4), []))
    assert found[0] == found[1] == found[2]
    assert len(set(found[0])) == 16


@AHEAD
def test_workers_end_with_finalize_and_start_again(kind):
    iterator = kind(Range(9), 2, shuffle=False)
    before = threading.active_count()
    iterator.next()
    iterator.finalize()
    assert threading.active_count() == before
    assert iterator.next() == [2, 3]
    iterator.finalize()
    iterator.finalize()


def test_a_long_sequence_is_read_at_several_places(tmp_path):
    iterator = data.SequenceIterator(list('abcdef'), 2)
    assert [iterator.next() for _ in range(2)] == [[('a', 'b'), ('d', 'e')],
                                                   [('b', 'c'), ('e', 'f')]]
    assert (iterator.epoch, iterator.is_new_epoch) == (0, False)
    mc.save_npz(tmp_path / 'i.npz', iterator)
    assert iterator.next() == [('c', 'd'), ('f', 'a')]
    assert (iterator.epoch, iterator.is_new_epoch, iterator.previous_epoch_detail) == (
        1, True, pytest.approx(4 / 6))
    other = data.SequenceIterator(list('abcdef'), 2, repeat=False)
    mc.load_npz(tmp_path / 'i.npz', other)
    assert [list(batch) for batch in other] == [[('c', 'd'), ('f', 'a')]]
    with pytest.raises(ValueError, match='6 items cannot be read at 7 places'):
        data.SequenceIterator(list('abcdef'), 7)
