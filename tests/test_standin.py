"""The stand-in keeps CuPy's rules: what it allows works on a GPU, what it refuses does not."""
import gc
import multiprocessing
import pickle
import sys

import numpy as np
import pytest

import standin
from standin import conformance, cpu_kernel


@pytest.fixture
def cp(stand_in):
    return stand_in


@pytest.mark.filterwarnings('ignore')
def test_it_answers_as_recorded(cp):
    assert conformance.differences(cp) == []


def test_it_has_only_names_that_cupy_has(cp):
    hidden = {name for name in vars(cp) if name.startswith('_')}
    modules = {'cuda', 'fft', 'lib', 'linalg', 'random'}
    assert set(vars(cp)) - hidden - modules <= set(standin.API[''])
    assert set(vars(cp.cuda)) <= set(standin.API['cuda'])


def test_numpy_s_own_names_and_keywords_are_missing(cp):
    x = cp.ones((2, 3), 'f4')
    for mistake in (lambda: cp.errstate(), lambda: cp.sum(x, where=x > 0), lambda: cp.block([[x]]),
                    lambda: cp.random.default_rng(0).normal(), lambda: range(x.sum())):
        with pytest.raises((AttributeError, TypeError)):
            mistake()


def test_no_array_is_converted_in_silence(cp):
    x = cp.ones(3)
    for mistake in (lambda: np.asarray(x), lambda: x + np.ones(3), lambda: np.ones(3) + x,
                    lambda: cp.concatenate([x, np.ones(3)]), lambda: np.array([x.sum()])):
        with pytest.raises(TypeError):
            mistake()


def test_empty_holds_no_zeros(cp):
    assert np.isnan(cp.empty(3).get()).all()
    assert (cp.empty_like(cp.zeros(3, 'i4')).get() == 77).all()


def test_integer_indices_wrap_around(cp):
    x = cp.arange(3)
    assert x[cp.array([4, -1])].get().tolist() == [1, 2]


def test_the_order_of_writes_to_one_place_differs_from_numpy(cp):
    x = cp.zeros(1)
    x[cp.array([0, 0])] = cp.array([1.0, 2.0])
    assert x.get().tolist() == [1.0]


def test_arrays_of_two_gpus_do_not_meet(cp):
    x = cp.ones(2)
    with cp.cuda.Device(1):
        y = cp.ones(2)
        assert y.T.device.id == 1
    with pytest.raises(ValueError, match='different from the current device'):
        x + y
    assert y[:1].device.id == 1


def test_a_pickle_is_opened_on_the_gpu_only(cp):
    data = pickle.dumps(cp.ones(2))
    assert pickle.loads(data).get().tolist() == [1, 1]
    standin.reset(driver=0)
    with pytest.raises(standin.CUDARuntimeError):
        pickle.loads(data)


def test_launches_are_counted_and_views_are_not(cp):
    x = cp.ones((4, 6), 'f4')
    with standin.recording() as events:
        view = x.reshape(2, 12).T[1:3, None]
        assert not events
        y = view + 1
        y *= 2
        y[0] = 0
        np.exp(y)
        y.sum(axis=0)
        x.T.reshape(-1)
    names = [event.what for event in events.launches]
    assert names == ['add', 'multiply', 'setitem', 'exp', 'sum', 'reshape']
    assert not events.copies and not events.waits


def test_a_product_counts_the_copies_and_tables_that_cupy_makes(cp):
    """As CuPy's sources say: cuBLAS takes a transpose, but none in a stack of matrices."""
    def launched(compute):
        with standin.recording() as events:
            compute()
        return [event.what for event in events.launches]

    a, stack = cp.ones((4, 4), 'f4'), cp.ones((3, 4, 4), 'f4')
    assert launched(lambda: a.T @ a.T) == ['matmul']
    assert launched(lambda: a[:, ::2] @ a[::2, ::2]) == ['copy', 'copy', 'matmul']
    assert launched(lambda: stack @ stack) == ['matmul']
    assert launched(lambda: stack @ stack.swapaxes(1, 2)) == ['copy', 'matmul']
    assert launched(lambda: a @ stack) == ['addresses'] * 3 + ['matmul']
    half = stack.astype('f2')
    assert launched(lambda: half @ half) == ['astype'] * 3 + ['matmul']
    assert launched(lambda: stack.var(0)) == launched(lambda: cp.var(stack, 0)) == ['mean', 'var']


def test_an_array_of_the_time_before_a_reset_may_end_in_the_middle_of_it(cp, monkeypatch):
    failed, before = [], gc.get_threshold()
    monkeypatch.setattr(sys, 'unraisablehook', failed.append)
    for young in range(1, 9):
        circle = [cp.ones(3)]
        circle.append(circle)
        del circle
        gc.set_threshold(young)         # the collector comes at one moment or another
        standin.reset()
        gc.set_threshold(*before)
    assert not failed


def test_copies_and_waits_are_counted_with_their_place(cp):
    with standin.recording() as events:
        x = cp.asarray(np.ones(4, 'f4'))
        float(x[0])
        x[x > 0]
        cp.cuda.get_current_stream().synchronize()
    assert [event.kind for event in events.copies] == ['h2d', 'd2h']
    assert [event.what for event in events.waits] == ['get', 'boolean index', 'Stream.synchronize']
    assert all(event.where.startswith('test_standin.py:') for event in events)


def test_waiting_can_be_forbidden(cp):
    x = cp.ones(2)
    with standin.allow_synchronize(False):
        x + x
        with pytest.raises(standin.DeviceSynchronized, match='get waits .* test_standin'):
            float(x.sum())
    float(x.sum())


def test_the_copy_on_the_gpu_is_not_the_host_s_array(cp):
    host = np.zeros(2)
    there = cp.asarray(host)
    host[0] = 1
    assert there.get().tolist() == [0, 0]


# Kernels -----------------------------------------------------------------------------------------

def test_a_kernel_broadcasts_and_fills_its_outputs(cp):
    kernel = cp.ElementwiseKernel('T x, T y, float32 a', 'T s, T d',
                                  's = x + a * y; d = x - y', 'sum_and_difference')
    x, y = cp.arange(6, dtype='f4').reshape(2, 3), cp.ones(3, 'f4')
    total, difference = kernel(x, y, 2)
    assert total.get().tolist() == [[2, 3, 4], [5, 6, 7]]
    assert difference.get().tolist() == [[-1, 0, 1], [2, 3, 4]]


def test_a_kernel_writes_into_given_arrays_that_are_not_contiguous(cp):
    kernel = cp.ElementwiseKernel('T x', 'T y', 'y += x', 'add_to')
    x, y = cp.ones((2, 3)), cp.zeros((3, 2))
    assert kernel(x, y.T) is not None
    assert y.get().tolist() == [[1, 1]] * 3


def test_a_kernel_reads_raw_arrays_and_knows_its_size(cp):
    kernel = cp.ElementwiseKernel('raw T x', 'T y', 'y = x[_ind.size() - 1 - i]', 'reversed_copy')
    assert kernel(cp.arange(3.0), cp.empty(3)).get().tolist() == [2, 1, 0]


def test_a_raw_index_out_of_bounds_is_caught(cp):
    kernel = cp.ElementwiseKernel('raw T x', 'T y', 'y = x[i + 1]', 'one_too_far')
    with pytest.raises(IndexError, match="'one_too_far'"):
        kernel(cp.arange(3.0), cp.empty(3))


SUM_OF_A_WARP = """T sum = x[i];
    for (int k = 16; k; k /= 2) sum += __shfl_xor_sync(~0u, sum, k);
    y[i] = sum;"""


def test_the_threads_of_a_warp_exchange_numbers(cp):
    kernel = cp.ElementwiseKernel('raw T x', 'raw T y', SUM_OF_A_WARP, 'sum_of_a_warp')
    y = kernel(cp.arange(64.0), cp.empty(64), size=64).get()
    assert y.tolist() == [sum(range(32))] * 32 + [sum(range(32, 64))] * 32
    with pytest.raises(IndexError, match='bounds'):
        kernel(cp.arange(63.0), cp.empty(64), size=64)


@pytest.mark.parametrize('body, size', [
    (SUM_OF_A_WARP, 48), (f'if (i % 2) {{{SUM_OF_A_WARP}}}', 64)],
    ids=['half a warp', 'every other thread'])
def test_threads_that_wait_for_a_number_which_never_comes_are_reported(body, size, cp):
    kernel = cp.ElementwiseKernel('raw T x', 'raw T y', body, 'lonely')
    with pytest.raises(RuntimeError, match='not all threads of a warp meet'):
        kernel(cp.arange(64.0), cp.empty(64), size=size)


def test_a_kernel_refuses_what_cupy_refuses(cp):
    kernel = cp.ElementwiseKernel('T x, T y', 'T z', 'z = x + y', 'plus')
    x = cp.ones(3, 'f4')
    with pytest.raises(TypeError, match='Type is mismatched'):
        kernel(x, cp.ones(3, 'f8'))
    with pytest.raises(TypeError, match='Unsupported type'):
        kernel(x, np.ones(3, 'f4'))
    with pytest.raises(TypeError, match='Wrong number of arguments'):
        kernel(x)
    with pytest.raises(ValueError, match='Out shape is mismatched'):
        kernel(x, cp.ones((2, 3), 'f4'), x)
    with pytest.raises(ValueError, match='Loop size is undecided'):
        cp.ElementwiseKernel('raw T x, raw T y', 'raw T z', 'z[i] = x[i]', 'raw')(x, x, x)


def test_a_kernel_that_does_not_compile_is_reported(cp):
    kernel = cp.ElementwiseKernel('T x', 'T y', 'y = xx', 'typo')
    with pytest.raises(RuntimeError, match="kernel 'typo' does not compile(.|\n)*xx"):
        kernel(cp.ones(2))


def build(folder):
    source = 'extern "C" int run() { return 7; }'
    library = folder / 'kernel.so'
    cpu_kernel._build(source, 'seven', library)
    return library.exists()


def test_several_processes_can_compile_one_kernel(tmp_path):
    with multiprocessing.get_context('spawn').Pool(3) as pool:
        assert pool.map(build, [tmp_path] * 3) == [True] * 3
    assert [path.name for path in tmp_path.iterdir()] == ['kernel.so']
