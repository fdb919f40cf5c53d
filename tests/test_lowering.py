"""Images on the CPU: both ways to convolve agree, and channels lie together in memory."""
import numpy as np
import pytest

import minichain as mc
import minichain.functions as F


def together(images):
    """Whether the channels (N, C, H, W) of each pixel lie side by side, and nothing between."""
    return images.transpose(0, 2, 3, 1).flags.c_contiguous


@pytest.mark.parametrize('pad', [0, 1, 2, (1, 0), (3, 2)])
@pytest.mark.parametrize('size', [(4, 8), (7, 5)])
def test_winograds_way_gives_what_windows_give(size, pad):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 32, *size), dtype='float32')
    W = rng.standard_normal((33, 32, 3, 3), dtype='float32')
    found = []
    for winograd in (True, False):
        x_, W_ = mc.Variable(x), mc.Variable(W)
        with mc.using_config(winograd=winograd):
            y = F.conv2d(x_, W_, pad=pad)
            F.sum(y * np.sin(np.arange(y.size, dtype='float32')).reshape(y.shape)).backward()
        found.append((y.data, x_.grad, W_.grad))
    for ours, wanted in zip(*found):
        assert np.abs(ours - wanted).max() < 2e-5 * np.abs(wanted).max()


@pytest.mark.parametrize('pool', [F.max_pool2d, F.avg_pool2d])
@pytest.mark.parametrize('pad', [0, 1])
def test_from_convolution_to_convolution_channels_stay_together(pool, pad):
    x = mc.Variable(np.ones((2, 3, 4, 4), 'float32'))
    y = F.conv2d(x, np.ones((5, 3, 1, 1), 'float32'))
    for step in (lambda y: F.batch_norm(y, np.ones(5, 'float32'), np.zeros(5, 'float32')), F.relu,
                 lambda y: pool(y, 2, pad=pad)):
        assert together(y.data)
        y = step(y)
    assert together(y.data)
