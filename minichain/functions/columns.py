"""Convolution on a GPU: windows as columns of a matrix, and one matrix product.

The matrix holds every pixel as often as windows cover it, so it is made of a part of all windows at
a time. Windows are numbered through all images, then rows, then columns: (n * OH + i) * OW + j.
"""
import math

from ..backend import contiguous, elementwise, get_array_module

LIMIT = 1 << 28         # bytes of a matrix of columns; 256 MiB

SIZES = ('int32 c, int32 h, int32 w, int32 oh, int32 ow, int32 kh, int32 kw, '
         'int32 sh, int32 sw, int32 ph, int32 pw, int32 dh, int32 dw, int32 start, int32 count')

# One number of the matrix: which pixel stands at this place of this window?
TAKE_WINDOWS = elementwise(
    f'raw T image, {SIZES}', 'T number',
    '''int k = int(i) / count, window = start + int(i) % count;
       int n = window / (oh * ow);
       int row = window / ow % oh * sh - ph + k / kw % kh * dh;
       int column = window % ow * sw - pw + k % kw * dw;
       if (row < 0 || row >= h || column < 0 || column >= w) {
         number = 0;
       } else {
         number = image[((long long)n * c + k / (kh * kw)) * h * w + row * w + column];
       }''', 'take_windows')

# One pixel: the sum over all windows that cover it, added to what is there where `adds`. No two
# threads write to one place.
ADD_WINDOWS = elementwise(
    f'raw T matrix, {SIZES}, bool adds', 'T pixel',
    '''int plane = int(i) / (h * w);
       int n = plane / c, channel = plane % c;
       T sum = 0;
       for (int a = 0; a < kh; ++a) {
         int top = int(i) / w % h + ph - a * dh;
         if (top < 0 || top % sh || top / sh >= oh) continue;
         for (int b = 0; b < kw; ++b) {
           int left = int(i) % w + pw - b * dw;
           if (left < 0 || left % sw || left / sw >= ow) continue;
           int window = (n * oh + top / sh) * ow + left / sw - start;
           if (window < 0 || window >= count) continue;
           sum = sum + matrix[(long long)((channel * kh + a) * kw + b) * count + window];
         }
       }
       pixel = sum + (adds ? pixel : T(0));''', 'add_windows')


def parts(count, bytes_each):
    """Cut so many windows into slices whose columns take at most LIMIT bytes."""
    step = max(1, LIMIT // max(bytes_each, 1))
    return [slice(start, min(start + step, count)) for start in range(0, max(count, 1), step)]


def place(images, windows, count, part):
    """The images that a slice of the windows lies on, and the sizes that both kernels want."""
    each = count[0] * count[1]
    first = part.start // each
    met = images[first:max(-(-part.stop // each), first)]
    return met, (*images.shape[1:], *count, *windows.ksize, *windows.stride, *windows.pad,
                 *windows.dilate, part.start - first * each, part.stop - part.start)


def columns(x, windows, count, part):
    """A slice of the windows as columns: x (N, C, H, W) -> (C * KH * KW, windows)."""
    xp, (kh, kw) = get_array_module(x), windows.ksize
    met, sizes = place(x, windows, count, part)
    matrix = xp.empty((x.shape[1] * kh * kw, part.stop - part.start), x.dtype)
    return TAKE_WINDOWS(met, *sizes, matrix)


def by_window(y):
    """(N, O, OH, OW) -> (O, N * OH * OW), one column a window."""
    n, o, oh, ow = y.shape
    return y.transpose(1, 0, 2, 3).reshape(o, n * oh * ow)


def as_matrix(W):
    """(O, C, KH, KW) -> (O, C * KH * KW), one row a filter."""
    return W.reshape(len(W), math.prod(W.shape[1:]))


def in_groups(matrix, groups):
    """A matrix as a stack of so many, which share its rows: then one product is one of each."""
    return matrix if groups == 1 else matrix.reshape(groups, len(matrix) // groups, matrix.shape[1])


def bytes_of_column(windows, channels, dtype):
    """Bytes of one column, for images of so many channels."""
    return channels * windows.ksize[0] * windows.ksize[1] * dtype.itemsize


def pixel_by_pixel(windows, W, images, groups):
    """Whether each window is one pixel, and each pixel a window, so that an image is a matrix as it
    is; and whether to have the filters once for each image is less than to bring windows together.
    """
    if (*windows.ksize, *windows.stride, *windows.pad) != (1, 1, 1, 1, 0, 0):
        return False
    pixels = images.shape[2] * images.shape[3]
    return len(images) > 0 and W.size <= (len(W) + W.shape[1] * groups) * pixels


def through_pixels(filters, images):
    """A product for each group of each image: (O, C) or (G, O, C) and (N, G * C, H, W) ->
    (N, G * O, H, W)."""
    n, c, h, w = images.shape
    filters = filters.reshape(-1, *filters.shape[-2:])
    each = get_array_module(images).broadcast_to(filters, (n, *filters.shape))
    pixels = contiguous(images).reshape(n, len(filters), filters.shape[2], h * w)
    return (contiguous(each) @ pixels).reshape(n, -1, h, w)


def conv(x, W, b, windows, count, groups):
    """conv2d of arrays: x (N, C, H, W), W (O, C / groups, KH, KW) -> (N, O, OH, OW)."""
    xp, filters = get_array_module(x), in_groups(as_matrix(W), groups)
    if pixel_by_pixel(windows, W, x, groups):
        y = through_pixels(filters, x)
        return y if b is None else y + b[:, None, None]
    x = contiguous(x)
    sums = [filters @ in_groups(columns(x, windows, count, part), groups)
            for part in parts(len(x) * count[0] * count[1],
                              bytes_of_column(windows, x.shape[1], x.dtype))]
    sums = sums[0] if len(sums) == 1 else xp.concatenate(sums, -1)
    y = sums.reshape(len(W), len(x), *count).transpose(1, 0, 2, 3)
    return contiguous(y) if b is None else y + b[:, None, None]


def conv_transpose(gy, W, windows, size, groups):
    """The gradient of conv2d by its images: gy (N, O, OH, OW), W (O, C / groups, KH, KW) ->
    (N, C, H, W)."""
    filters = in_groups(as_matrix(W), groups).swapaxes(-1, -2)
    if pixel_by_pixel(windows, W, gy, groups):
        return through_pixels(filters, gy)
    xp, columns_of_gy = get_array_module(gy), by_window(gy)
    channels = W.shape[1] * groups
    slices = parts(columns_of_gy.shape[1], bytes_of_column(windows, channels, gy.dtype))
    several = len(slices) > 1       # which may meet in one image
    image = (xp.zeros if several else xp.empty)((len(gy), channels, *size), gy.dtype)
    for part in slices:
        met, sizes = place(image, windows, gy.shape[2:], part)
        ADD_WINDOWS(filters @ in_groups(columns_of_gy[:, part], groups), *sizes, several, met)
    return image


def conv_weight(x, gy, windows, groups):
    """The gradient of conv2d by its filters: x (N, C, H, W), gy (N, O, OH, OW) ->
    (O, C / groups, KH, KW)."""
    xp, columns_of_gy = get_array_module(x), by_window(gy)
    x = contiguous(x)
    gW = xp.empty((gy.shape[1], x.shape[1] // groups, *windows.ksize), x.dtype)
    total = in_groups(as_matrix(gW), groups)       # a view
    for part in parts(columns_of_gy.shape[1], bytes_of_column(windows, x.shape[1], x.dtype)):
        taken = in_groups(columns(x, windows, gy.shape[2:], part), groups)
        factors = in_groups(columns_of_gy[:, part], groups), taken.swapaxes(-1, -2)
        if part.start == 0:
            xp.matmul(*factors, out=total)
        else:
            total += xp.matmul(*factors)
    return gW
