"""Initial weights: how they are distributed."""
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import minichain as mc
from minichain import initializers as init, randomness

SHAPE = 40, 30, 3, 2        # fan_in 180, fan_out 240


@pytest.mark.parametrize('initializer, deviation', [
    (init.Normal(0.5), 0.5), (init.Uniform(0.5), 0.5 / math.sqrt(3)),
    (init.LeCunNormal(), math.sqrt(1 / 180)), (init.LeCunUniform(2), 2 * math.sqrt(1 / 180)),
    (init.GlorotNormal(), math.sqrt(2 / 420)), (init.GlorotUniform(), math.sqrt(2 / 420)),
    (init.HeNormal(), math.sqrt(2 / 180)), (init.HeUniform(3), 3 * math.sqrt(2 / 180)),
])
@pytest.mark.parametrize('dtype', ['float16', 'float32', 'float64'])
def test_random_weights_have_mean_zero_and_the_wanted_spread(initializer, deviation, dtype):
    mc.set_seed(0)
    weights = initializer(SHAPE, dtype)
    assert weights.dtype == dtype and weights.shape == SHAPE
    assert weights.mean(dtype='float64') == pytest.approx(0, abs=0.05 * deviation)
    assert weights.std(dtype='float64') == pytest.approx(deviation, rel=0.05)
    if 'Uniform' in type(initializer).__name__:
        assert abs(weights).max() <= math.sqrt(3) * deviation * 1.001
    mc.set_seed(0)
    np.testing.assert_array_equal(initializer(SHAPE, dtype), weights)


@pytest.mark.parametrize('shape', [(4, 4), (3, 5), (6, 2), (4, 2, 3), (5,), (), (3, 0)])
def test_orthogonal_rows_or_columns_have_right_angles(shape):
    W = init.Orthogonal()(shape, 'float64')
    assert W.shape == shape and W.flags.c_contiguous
    flat = W.reshape(shape[0] if shape else 1, -1 if W.size else 0)
    small = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
    np.testing.assert_allclose(small, 1.1 ** 2 * np.eye(len(small)), atol=1e-12)


def test_all_threads_can_draw_from_one_source_until_they_have_their_own():
    source = np.random.default_rng(3)
    expected = np.random.default_rng(3).standard_normal(4).astype('float32')
    randomness.draw_from(source)
    try:
        with ThreadPoolExecutor(1) as other:
            np.testing.assert_array_equal(other.submit(init.Normal(1.0), (4,)).result(), expected)
        assert randomness.generator() is source
        mc.set_seed(0)
        assert randomness.generator() is not source
    finally:
        randomness.draw_from(None)
    assert randomness.generator() is not source


def test_identity_is_square():
    np.testing.assert_array_equal(init.Identity(2)((2, 2)), [[2, 0], [0, 2]])
    assert init.Identity()((2, 2), 'float16').dtype == 'float16'
    with pytest.raises(ValueError, match=r'not \(2, 3\)'):
        init.Identity()((2, 3))
