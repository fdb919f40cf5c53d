"""Linear algebra: sums of products in Einstein's notation, norms, determinants, inverses."""
import itertools
import string

import numpy as np

from .. import backend
from ..errors import ShapeError
from ..explain import add_line
from ..function import Function
from .linear import matmul
from .reduction import Reduction, sum
from .shaping import flatten, reshape, squeeze, swapaxes, transpose, where


# Sums of products --------------------------------------------------------------------------------

class Einsum(Function):
    """Products of elements of several arrays, summed over the axes that the output lacks

    Each letter stands once in a term, and again in another one or in the output.
    """

    shapes, keeps, symbol = '(...) ... -> (...)', 'others', 'Σ×'

    def __init__(self, terms, out):
        self.terms, self.out = terms, out

    def forward(self, *xs):
        return self.xp.einsum(f'{",".join(self.terms)}->{self.out}', *xs, optimize=True)

    def backward(self, gy):
        gxs = []
        for i, (term, edge) in enumerate(zip(self.terms, self.edges)):
            terms = self.out, *self.terms[:i], *self.terms[i + 1:]
            others = gy, *self.x[:i], *self.x[i + 1:]
            gxs.append(None if edge is None else Einsum(terms, term).apply(*others))
        return tuple(gxs)


def einsum(subscripts, *xs):
    """Sums of products in Einstein's notation: 'ij,jk->ik' is the matrix product.

    subscripts  a letter for each axis of each array, then those of the output. Axes with the same
                letter run together; letters that the output lacks are summed over. Without '->',
                the output has the letters that stand once, in the order of the alphabet. '...'
                stands for further axes, which broadcast.
    Raises ShapeError if an array has another number of axes, or a letter two sizes.
    """
    terms, out, sizes = parse(subscripts, xs)
    xs = list(xs)
    for i, (x, term) in enumerate(zip(xs, terms)):
        for letter in dict.fromkeys(term):
            while term.count(letter) > 1:
                a = term.index(letter)
                b = term.index(letter, a + 1)
                x = diagonal(x, 0, a, b)
                term = term[:a] + term[a + 1:b] + term[b + 1:] + letter
        stretched = [a for a, letter in enumerate(term) if x.shape[a] == 1 < sizes[letter]]
        if stretched:       # it broadcasts: without its axis, the others decide how long that is
            x = squeeze(x, tuple(stretched))
            term = ''.join([letter for a, letter in enumerate(term) if a not in stretched])
        xs[i], terms[i] = x, term
    for i, (x, term) in enumerate(zip(xs, terms)):
        elsewhere = set(out).union(*terms[:i], *terms[i + 1:])
        alone = [a for a, letter in enumerate(term) if letter not in elsewhere]
        if alone:
            xs[i] = sum(x, tuple(alone))
            terms[i] = ''.join([letter for letter in term if letter in elsewhere])
    return Einsum(tuple(terms), out).apply(*xs)


def parse(subscripts, xs):
    """(letters of each array, letters of the output, {letter: size}), with letters for '...'."""
    left, arrow, out = subscripts.replace(' ', '').partition('->')
    terms = left.split(',')
    if len(terms) != len(xs):
        raise add_line(ShapeError(f'einsum: {subscripts!r} is about {len(terms)} arrays, but got '
                                  f'{len(xs)}.'))
    free = [letter for letter in string.ascii_letters if letter not in subscripts]
    extra = max([len(x.shape) - len(term.replace('...', '')) for x, term in zip(xs, terms)
                 if '...' in term], default=0)
    dots = ''.join(free[:extra])
    if not arrow:
        seen = left.replace('...', '').replace(',', '')
        out = '...' + ''.join(sorted([letter for letter in seen if seen.count(letter) == 1]))
    sizes, plain = {}, []
    for x, term in zip(xs, terms):
        own = len(x.shape) - len(term.replace('...', ''))
        term = term.replace('...', dots[len(dots) - own:] if own > 0 else '')
        if len(term) != len(x.shape):
            raise add_line(ShapeError(f'einsum: {term!r} has {len(term)} letters, but the array '
                                      f'has the shape {tuple(x.shape)}.'))
        for letter, size in zip(term, x.shape):
            known = sizes.setdefault(letter, size)
            if known == 1:
                sizes[letter] = size
            elif size not in (1, known):
                raise add_line(ShapeError(f'einsum {subscripts!r}: {letter} is {known} in one '
                                          f'array and {size} in another.'))
        plain.append(term)
    return plain, out.replace('...', dots), sizes


def tensordot(a, b, axes=2):
    """The sum of products over some axes of a and b; the axes that are left follow each other.

    axes  so many of a's last and b's first axes; or a pair: axes of a, axes of b
    """
    if isinstance(axes, int):
        axes = list(range(len(a.shape) - axes, len(a.shape))), list(range(axes))
    axes = [[one] if isinstance(one, int) else list(one) for one in axes]
    letters = iter(string.ascii_letters)
    of_a = list(itertools.islice(letters, len(a.shape)))
    of_b = list(itertools.islice(letters, len(b.shape)))
    for i, j in zip(*axes):
        of_b[j] = of_a[i]
    out = [letter for letter in of_a + of_b if (letter in of_a) + (letter in of_b) == 1]
    return einsum(f'{"".join(of_a)},{"".join(of_b)}->{"".join(out)}', a, b)


def bilinear(left, right, W, V1=None, V2=None, b=None):
    """y[n, k] = Σ left[n, i] right[n, j] W[i, j, k]: products of all pairs of numbers, weighed.

    left (N, I)   right (N, J)   W (I, J, O)   y (N, O); left and right may have more axes
    V1 (I, O), V2 (J, O), b (O)  add left V1 + right V2 + b, or None
    """
    left, right = flatten(left), flatten(right)
    y = einsum('ni,nj,ijk->nk', left, right, W)
    for x, V in ((left, V1), (right, V2)):
        if V is not None:
            y = y + matmul(x, V)
    return y if b is None else y + b


def diagonal(x, offset=0, axis1=0, axis2=1):
    """The elements whose indices along two axes are i and i + offset; they become the last axis."""
    axis1, axis2 = axis1 % len(x.shape), axis2 % len(x.shape)
    rest = [a for a in range(len(x.shape)) if a not in (axis1, axis2)]
    x = transpose(x, (*rest, axis1, axis2))
    rows = slice(max(-offset, 0), None)
    x = x[(..., rows, slice(max(offset, 0), None))]
    n = min(x.shape[-2:])
    x = x[(..., slice(n), slice(n))]
    flat = reshape(x, (*x.shape[:-2], n * n))
    return flat[(..., slice(None, None, n + 1))]


# Norms -------------------------------------------------------------------------------------------

class Norm(Reduction):
    """The length of a vector: the square root of the sum of squares"""

    keeps, symbol = 'x y', '‖x‖'

    def forward(self, x):
        self.x_shape = x.shape
        xp = self.xp
        largest = abs(x).max(axis=self.axis, keepdims=True) if x.size else 1
        scale = xp.where(largest > 0, largest, 1) if x.size else 1      # squares may overflow
        y = xp.sqrt(((x / scale) ** 2).sum(axis=self.axis, keepdims=True)) * scale
        return y if self.keepdims else y.reshape(x.sum(axis=self.axis).shape)

    def backward(self, gy):
        return self.spread(gy / (self.y + (self.y == 0))) * self.x


def norm(x, axis=None, keepdims=False):
    """y = √Σ x², the Euclidean length over the axes. dy/dx = x / y, and 0 where y is 0."""
    return Norm(axis, keepdims).apply(x)


def normalize(x, eps=1e-5, axis=1):
    """y = x / (‖x‖ + eps): vectors along the axes brought to length 1."""
    return x / (norm(x, axis, keepdims=True) + eps)


def l2_normalize(x, axis=1, eps=1e-12):
    """y = x / max(‖x‖, eps): vectors along the axes brought to length 1, zeros left as they are."""
    return x / length_of(x, axis, eps, keepdims=True)


def length_of(x, axis, eps, keepdims=False):
    """‖x‖, or eps where it is smaller: never 0, though float16 has no number so small."""
    length = norm(x, axis, keepdims)
    eps = max(eps, float(np.finfo(length.dtype).tiny))
    return where(length <= eps, eps, length)        # so NaN stays NaN


# Matrices ----------------------------------------------------------------------------------------

def in_float32(function, x):
    """A routine of linear algebra, which knows no float16, of an array that may be float16."""
    if x.dtype.itemsize >= 4:
        return function(x)
    return function(x.astype('float32')).astype(x.dtype)


class Inv(Function):
    """The inverse of a matrix"""

    shapes, keeps, symbol = '(...,N,N) -> (...,N,N)', 'y', 'x⁻¹'

    def forward(self, x):
        return in_float32(self.xp.linalg.inv, x)

    def backward(self, gy):
        turned = swapaxes(self.y, -1, -2)
        return -(turned @ gy @ turned)


def inv(x):
    """The inverse of square matrices x (..., N, N). dx⁻¹ = -x⁻¹ dx x⁻¹

    Raises ShapeError unless they are square, LinAlgError for one that has no inverse.
    """
    return Inv().apply(check_square('inv', x))


class Det(Function):
    """The determinant of a matrix"""

    shapes, keeps, symbol = '(...,N,N) -> (...)', 'x y', '|x|'

    def forward(self, x):
        return in_float32(self.xp.linalg.det, x)

    def backward(self, gy):
        scale = reshape(gy * self.y, (*gy.shape, 1, 1))
        return scale * swapaxes(inv(self.x), -1, -2)


def det(x):
    """The determinants of square matrices x (..., N, N). dy/dx = y (x⁻¹)ᵀ

    Raises ShapeError unless they are square. There is no gradient where the determinant is 0.
    """
    return Det().apply(check_square('det', x))


class Cholesky(Function):
    """The lower triangle whose product with its transpose is the matrix"""

    shapes, keeps = '(...,N,N) -> (...,N,N)', 'y'

    def forward(self, x):
        return in_float32(self.xp.linalg.cholesky, x)

    def backward(self, gy):
        L = self.y
        n = L.shape[-1]
        index = self.xp.arange(n)
        lower = (index[:, None] > index) + 0.5 * (index[:, None] == index)
        inside = swapaxes(L, -1, -2) @ gy * lower.astype(L.dtype)
        inverse = inv(L)
        g = swapaxes(inverse, -1, -2) @ inside @ inverse
        return (g + swapaxes(g, -1, -2)) * 0.5


def cholesky(x):
    """The lower triangular matrices L with L Lᵀ = x, for x (..., N, N) symmetric and positive.

    Raises ShapeError unless they are square, LinAlgError if one is not positive definite.
    Gradient: Murray 2016, Differentiation of the Cholesky decomposition.
    """
    return Cholesky().apply(check_square('cholesky', x))


def check_square(what, x):
    """Refuse what is no stack of square matrices."""
    if len(x.shape) < 2 or x.shape[-1] != x.shape[-2]:
        raise add_line(ShapeError(f'{what} wants square matrices (...,N,N), but got '
                                  f'x {tuple(x.shape)}.'))
    return x


class FFT(Function):
    """The discrete Fourier transform of the last axis, as real and imaginary parts"""

    shapes, label = '(...,T) (...,T) -> (...,T) (...,T)', 'fft'

    def __init__(self, inverse):
        self.inverse = inverse

    def forward(self, real, imag):
        fft = self.xp.fft.ifft if self.inverse else self.xp.fft.fft
        dtype = backend.real_dtype(real)
        wide = 'complex128' if dtype.itemsize == 8 else 'complex64'
        y = fft(real.astype(wide) + 1j * imag.astype(wide))
        return y.real.astype(dtype), y.imag.astype(dtype)

    def backward(self, greal, gimag):
        n = greal.shape[-1]
        scale = 1 / n if self.inverse else n
        real, imag = FFT(not self.inverse).apply(greal, gimag)
        return real * scale, imag * scale


def fft(real, imag):
    """The discrete Fourier transform along the last axis: yₖ = Σ xₜ e**(-2πi k t / T).

    real, imag (..., T), the parts of x -> (real, imag), the parts of y
    """
    return FFT(False).apply(real, imag)


def ifft(real, imag):
    """The inverse of fft: xₜ = Σ yₖ e**(2πi k t / T) / T. Gives (real, imag)."""
    return FFT(True).apply(real, imag)
