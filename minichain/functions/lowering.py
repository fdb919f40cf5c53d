"""Convolution on the CPU, as matrix products over images whose channels lie together in memory.

Images have the shape (N, C, H, W), but lie in memory as (N, H, W, C): the rows of a window are then
long runs of numbers, and the matrix products read and write them in place. Convolution, batch
normalization, activations and pooling all keep that order, so nothing is copied between them.

Two ways to convolve, both checked against the plain definition in `conv.py`:

    windows as rows of a matrix, a megabyte at a time, times the filters
    Winograd's F(4x4, 3x3) for 3x3 filters with stride 1 and many channels: 36 products give 16
    outputs, instead of 144; its rounding error is about 1e-5 of the largest value. (Lavin and
    Gray 2016)
"""
import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..scratch import scratch

CHUNK = 1 << 20             # bytes of a matrix of windows: it should stay in the cache
WINOGRAD_CHANNELS = 32      # from so many channels on, Winograd's way is faster


def rows_of(x):
    """(N, C, H, W) -> (N, H, W, C), without a copy if memory lies that way."""
    rows = x.transpose(0, 2, 3, 1)
    return rows if rows.flags.c_contiguous else np.ascontiguousarray(rows)


def images_of(rows):
    """(N, H, W, C) -> (N, C, H, W), a view."""
    return rows.transpose(0, 3, 1, 2)


def padded(rows, top, left, height, width):
    """Images (N, H, W, C) inside zeros of the given height and width."""
    n, h, w, c = rows.shape
    if (h, w) == (height, width):
        return rows
    return framed(rows, top, left, np.empty((n, height, width, c), rows.dtype))


def framed(rows, top, left, y):
    """Fill y (N, H, W, C) with smaller images and zeros around them."""
    _, h, w, _ = rows.shape
    y[:, :top] = 0
    y[:, top + h:] = 0
    y[:, top:top + h, :left] = 0
    y[:, top:top + h, left + w:] = 0
    y[:, top:top + h, left:left + w] = rows
    return y


def placed(x, windows, count):
    """Images (N, C, H, W) as rows, padded as the windows need it."""
    need = [(n - 1) * s + k for n, s, k in zip(count, windows.stride, windows.reach())]
    size = [max(n, old + 2 * p) for n, old, p in zip(need, x.shape[2:], windows.pad)]
    return padded(rows_of(x), *windows.pad, *size)


def parts(count, bytes_each, size=CHUNK):
    """Cut a batch into slices of about so many bytes; one without images, if it has none."""
    step = max(1, min(count, size // max(bytes_each, 1)))
    return [slice(start, min(start + step, count)) for start in range(0, max(count, 1), step)]


def window_rows(rows, windows, count):
    """Every window as one row of a matrix: (N, H, W, C) -> (N * OH * OW, KH * KW * C)."""
    n, h, w, c = rows.shape
    (kh, kw), (sh, sw), (dh, dw) = windows.ksize, windows.stride, windows.dilate
    item = rows.itemsize    # strides from the shape: NumPy's are arbitrary on axes of length 1
    view = as_strided(rows, (n, *count, kh, kw, c),
                      (h * w * c * item, sh * w * c * item, sw * c * item,
                       dh * w * c * item, dw * c * item, item))
    matrix = scratch('windows', view.shape, rows.dtype)
    np.copyto(matrix, view)
    return matrix.reshape(-1, kh * kw * c)


def bytes_of_windows(windows, count, channels, itemsize):
    """Bytes of one image's matrix of windows."""
    (kh, kw), (oh, ow) = windows.ksize, count
    return kh * kw * oh * ow * channels * itemsize


def add_bias(rows, b):
    """Add one number a channel to (N, H, W, C), in place, with long inner loops."""
    n, h, w, c = rows.shape
    view = rows.reshape(n * h, w * c)
    view += np.tile(b, w)


def in_groups(groups, convolve, arrays, beside):
    """Convolve each group of channels by itself.

    arrays  pairs (array or None, the axis along which its groups lie)
    beside  the axis along which the results lie
    """
    if groups == 1:
        return convolve(*[array for array, _ in arrays])
    parts = [[None] * groups if array is None else np.split(array, groups, axis)
             for array, axis in arrays]
    return np.concatenate([convolve(*part) for part in zip(*parts)], beside)


def conv(x, W, b, windows, count, winograd):
    """conv2d of arrays: x (N, C, H, W), W (O, C, KH, KW) -> (N, O, OH, OW)."""
    channels = W.shape[1]
    if winograd and suits_winograd(windows, x.dtype, channels):
        y = winograd_conv(rows_of(x), W, count, *windows.pad)
    else:
        filters = np.ascontiguousarray(W.transpose(2, 3, 1, 0)).reshape(-1, W.shape[0])
        rows = placed(x, windows, count)
        y = np.empty((len(x), *count, W.shape[0]), x.dtype)
        for part in parts(len(x), bytes_of_windows(windows, count, channels, x.itemsize)):
            np.matmul(window_rows(rows[part], windows, count), filters,
                      out=y[part].reshape(-1, W.shape[0]))
    if b is not None:
        add_bias(y, b)
    return images_of(y)


def conv_transpose(gy, W, windows, size, winograd):
    """The gradient of conv2d by its images: gy (N, O, OH, OW), W (O, C, KH, KW) -> (N, C, H, W)."""
    count, (ph, pw) = gy.shape[2:], windows.pad
    if winograd and suits_winograd(windows, gy.dtype, W.shape[0]) and max(ph, pw) <= 2:
        return images_of(winograd_conv(rows_of(gy), W, size, 2 - ph, 2 - pw, turned=True))
    (kh, kw), (sh, sw), (dh, dw) = windows.ksize, windows.stride, windows.dilate
    n, (oh, ow), c = len(gy), count, W.shape[1]
    filters = np.ascontiguousarray(W.transpose(0, 2, 3, 1)).reshape(W.shape[0], -1)
    rows = rows_of(gy)
    image = np.zeros((n, max(size[0] + 2 * ph, (oh - 1) * sh + windows.reach()[0]),
                      max(size[1] + 2 * pw, (ow - 1) * sw + windows.reach()[1]), c), gy.dtype)
    for part in parts(n, bytes_of_windows(windows, count, c, gy.itemsize)):
        flat = rows[part].reshape(-1, W.shape[0])
        matrix = scratch('windows', (len(flat), kh * kw * c), gy.dtype)
        np.matmul(flat, filters, out=matrix)
        matrix = matrix.reshape(-1, oh, ow, kh, kw, c)
        for i in range(kh):
            for j in range(kw):
                image[part, i * dh:i * dh + oh * sh:sh, j * dw:j * dw + ow * sw:sw] += \
                    matrix[:, :, :, i, j]
    return images_of(image)[:, :, ph:ph + size[0], pw:pw + size[1]]


def conv_weight(x, gy, windows, winograd):
    """The gradient of conv2d by its filters: x (N, C, H, W), gy (N, O, OH, OW) -> W's shape."""
    count, c, o = gy.shape[2:], x.shape[1], gy.shape[1]
    if winograd and suits_winograd(windows, x.dtype, c):
        return winograd_weight(rows_of(x), rows_of(gy), *windows.pad)
    rows, rows_gy = placed(x, windows, count), rows_of(gy)
    kh, kw = windows.ksize
    total = np.zeros((kh * kw * c, o), x.dtype)
    for part in parts(len(x), bytes_of_windows(windows, count, c, x.itemsize)):
        total += window_rows(rows[part], windows, count).T @ rows_gy[part].reshape(-1, o)
    return np.ascontiguousarray(total.reshape(kh, kw, c, o).transpose(3, 2, 0, 1))


# Winograd ----------------------------------------------------------------------------------------

def suits_winograd(windows, dtype, channels):
    """3x3 windows one pixel apart, float32, and enough channels."""
    return (windows.ksize == (3, 3) and windows.stride == windows.dilate == (1, 1)
            and dtype == np.float32 and channels >= WINOGRAD_CHANNELS)


def _transforms():
    """The matrices that take a tile of 6x6 pixels, a filter of 3x3 and a result of 6x6 to and from
    the space where convolution is an elementwise product: both axes at once, as one matrix."""
    tile = [[4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0],
            [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1]]
    kernel = [[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
              [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]]
    result = [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]
    return [np.kron(m, m).astype(np.float32) for m in (tile, kernel, result)]


TILE, KERNEL, RESULT = _transforms()
RESULT_BACK = np.ascontiguousarray(RESULT.T)
KERNEL_TURNED = np.ascontiguousarray(KERNEL[:, ::-1])


def tiles_of(rows, top, left, down, across):
    """Overlapping tiles of 6x6 pixels, transformed: (N, H, W, C) -> (36, N * tiles, C).

    top, left  rows and columns of zeros before the images; as many behind as the tiles need
    """
    n, _, _, c = rows.shape
    h, w = 4 * down + 2, 4 * across + 2
    rows = framed(rows, top, left, scratch('framed', (n, h, w, c), rows.dtype))
    item = rows.itemsize
    view = as_strided(rows, (6, 6, n, down, across, c),
                      (w * c * item, c * item, h * w * c * item, 4 * w * c * item, 4 * c * item,
                       item))
    tiles = scratch('tiles', view.shape, rows.dtype)
    np.copyto(tiles, view)
    moved = scratch('moved', (36, n * down * across * c), rows.dtype)
    return np.matmul(TILE, tiles.reshape(36, -1), out=moved).reshape(36, -1, c)


def winograd_parts(n, tiles, channels, size=CHUNK):
    """Slices of a batch for which the transformed tiles stay in the cache."""
    return parts(n, 4 * channels * 36 * tiles // 2, size)


def winograd_conv(rows, W, count, top, left, turned=False):
    """Convolve images (N, H, W, C) inside zeros with filters W (O, C, 3, 3) -> (N, OH, OW, O).

    top, left  rows and columns of zeros before the images
    turned     W is (C, O, 3, 3), upside down: the filters that take gradients back
    """
    (n, _, _, c), o = rows.shape, W.shape[1 if turned else 0]
    down, across = -(-count[0] // 4), -(-count[1] // 4)
    kernel, filters = (KERNEL_TURNED, W) if turned else (KERNEL, W.transpose(1, 0, 2, 3))
    kernels = scratch('kernels', (36, c, o), rows.dtype)
    np.matmul(kernel, filters.reshape(-1, 9).T, out=kernels.reshape(36, -1))
    y = np.empty((n, down, 4, across, 4, o), rows.dtype)
    for part in winograd_parts(n, down * across, max(c, o)):
        tiles = tiles_of(rows[part], top, left, down, across)
        products = scratch('products', (36, tiles.shape[1], o), rows.dtype)
        np.matmul(tiles, kernels, out=products)
        results = scratch('results', (16, tiles.shape[1] * o), rows.dtype)
        np.matmul(RESULT, products.reshape(36, -1), out=results)
        results = results.reshape(4, 4, -1, down, across, o)
        np.copyto(y[part], results.transpose(2, 3, 0, 4, 1, 5))
    y = y.reshape(n, 4 * down, 4 * across, o)
    if y.shape[1:3] != tuple(count):
        y = np.ascontiguousarray(y[:, :count[0], :count[1]])
    return y


def winograd_weight(rows, gy, top, left):
    """The gradient by the filters, from images (N, H, W, C) inside zeros and gy (N, OH, OW, O)."""
    (n, oh, ow, o), c = gy.shape, rows.shape[3]
    down, across = -(-oh // 4), -(-ow // 4)
    gy = padded(gy, 0, 0, 4 * down, 4 * across).reshape(n, down, 4, across, 4, o)
    total = scratch('kernels', (36, o, c), rows.dtype)
    # With many filters a few large parts: adding up their products would take longer.
    for part in winograd_parts(n, down * across, max(c, o), max(CHUNK, total.nbytes // 4)):
        tiles = tiles_of(rows[part], top, left, down, across)
        results = scratch('results', (4, 4, tiles.shape[1] // (down * across), down, across, o),
                          rows.dtype)
        np.copyto(results, gy[part].transpose(2, 4, 0, 1, 3, 5))
        products = scratch('products', (36, tiles.shape[1] * o), rows.dtype)
        np.matmul(RESULT_BACK, results.reshape(16, -1), out=products)
        products = products.reshape(36, -1, o).transpose(0, 2, 1)
        if part.start == 0:
            np.matmul(products, tiles, out=total)
        else:
            total += np.matmul(products, tiles, out=scratch('sums', total.shape, total.dtype))
    return (total.reshape(36, -1).T @ KERNEL).reshape(o, c, 3, 3)
