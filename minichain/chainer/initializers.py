"""Chainer's initializers: functions that fill an array."""
import numpy as np

from .. import backend, initializers as core
from .configuration import get_dtype


class Initializer:
    """A base for initializers: `__call__(array)` fills an array. dtype: of the array, if any."""

    def __init__(self, dtype=None):
        self.dtype = dtype

    def __call__(self, array):
        raise NotImplementedError(f'{type(self).__name__} does not say what to fill in.')


class Filled:
    """A Chainer initializer as minichain wants it: a function of (shape, dtype)."""

    def __init__(self, fill):
        self.fill = fill

    def __call__(self, shape, dtype='float32'):
        array = np.empty(shape, get_dtype(getattr(self.fill, 'dtype', None), np.float16))
        self.fill(array)
        return array


class Drawn(Initializer):
    """An initializer that fills an array with what one of minichain's gives.

    rng   a np.random.RandomState to draw from, in place of the global one
    """

    ours = core.Normal
    scale = 1.0

    def __init__(self, scale=None, dtype=None, *, rng=None, **options):
        super().__init__(dtype)
        self.scale = self.scale if scale is None else scale
        self.rng, self.options = rng, options

    def __call__(self, array):
        values = self.draw(array.shape)
        array[...] = backend.to_device(values, backend.device_of(array))

    def draw(self, shape):
        """The values, from `rng` if there is one."""
        initializer = self.ours(self.scale)
        if self.rng is None:
            return initializer(shape, 'float64')
        if isinstance(initializer, core.Even):
            limit = 3 ** 0.5 * initializer.deviation(shape)
        else:
            limit = initializer.deviation(shape)
        if isinstance(initializer, (core.Even, core.Uniform)):
            return self.rng.uniform(-limit, limit, shape)
        return self.rng.normal(0, limit, shape)


class Normal(Drawn):
    """Normally distributed around 0, with a standard deviation of `scale`."""

    scale = 0.05


class Uniform(Normal):
    """Evenly between -scale and scale."""

    ours = core.Uniform


class LeCunNormal(Drawn):
    """Normal with scale * √(1 / fan_in)."""

    ours = core.LeCunNormal


class LeCunUniform(Drawn):
    """Evenly between ± scale * √(3 / fan_in)."""

    ours = core.LeCunUniform


class GlorotNormal(Drawn):
    """Normal with scale * √(2 / (fan_in + fan_out))."""

    ours = core.GlorotNormal


class GlorotUniform(Drawn):
    """Evenly between ± scale * √(6 / (fan_in + fan_out))."""

    ours = core.GlorotUniform


class HeNormal(Drawn):
    """Normal with scale * √(2 / fan_in).  fan_option  'fan_out' takes the other side instead."""

    ours = core.HeNormal

    def draw(self, shape):
        if self.options.get('fan_option', 'fan_in') == 'fan_in' or len(shape) < 2:
            return super().draw(shape)
        swapped = super().draw((shape[1], shape[0], *shape[2:]))    # fan_out is its fan_in
        return swapped.reshape(shape)


class HeUniform(HeNormal):
    """Evenly between ± scale * √(6 / fan_in).  fan_option  as in HeNormal"""

    ours = core.HeUniform


class Orthogonal(Drawn):
    """Rows, or columns, at right angles. mode: 'auto', 'embedding', 'projection', 'basis'."""

    ours, scale = core.Orthogonal, 1.1

    def draw(self, shape):
        rows, columns = shape[0] if shape else 1, int(np.prod(shape[1:]))
        source = np.random if self.rng is None else self.rng
        mode = self.options.get('mode', 'auto')
        if mode not in ('auto', 'embedding', 'projection', 'basis'):
            raise ValueError(f'Orthogonal: there is no mode {mode!r}.')
        if mode == 'embedding' and rows < columns or mode == 'projection' and rows > columns:
            raise ValueError(f'Orthogonal: mode {mode!r} does not fit the shape {tuple(shape)}.')
        if mode == 'basis' and rows != columns:
            raise ValueError(f'Orthogonal: a basis is a square, not {tuple(shape)}.')
        wide = rows < columns
        flat = source.normal(size=(rows, columns))
        q, r = np.linalg.qr(flat.T if wide else flat)
        q *= np.copysign(self.scale, np.diag(r))
        return (q.T if wide else q).reshape(shape)


class Constant(Initializer):
    """Every number the same, or those of an array."""

    def __init__(self, fill_value, dtype=None):
        super().__init__(dtype)
        self.fill_value = fill_value

    def __call__(self, array):
        value = self.fill_value
        array[...] = (backend.to_device(value, backend.device_of(array))
                      if backend.is_array(value) else value)


class Zero(Constant):
    """Every number 0."""

    def __init__(self, dtype=None):
        super().__init__(0.0, dtype)


class One(Constant):
    """Every number 1."""

    def __init__(self, dtype=None):
        super().__init__(1.0, dtype)


class NaN(Constant):
    """Every number NaN."""

    def __init__(self, dtype=None):
        super().__init__(np.nan, dtype)


class Identity(Initializer):
    """scale on the diagonal, 0 elsewhere."""

    def __init__(self, scale=1.0, dtype=None):
        super().__init__(dtype)
        self.scale = scale

    def __call__(self, array):
        array[...] = backend.to_device(core.Identity(self.scale)(array.shape, array.dtype),
                                       backend.device_of(array))


def generate_array(initializer, shape, xp, dtype=None, device=None):
    """An array of this shape, filled by an initializer."""
    wanted = getattr(initializer, 'dtype', None) if dtype is None else dtype
    array = xp.empty(shape, get_dtype(wanted, np.float16))
    initializer(array)
    return array


def filled(spec, default):
    """What a link is given for a weight, as minichain wants it: a function of (shape, dtype)."""
    spec = default if spec is None else spec
    return Filled(spec if callable(spec) else Constant(spec))


def get_initializer(spec):
    """An initializer from what a link is given: None for the default, a number, an array."""
    if spec is None:
        return LeCunNormal()
    return spec if callable(spec) else Constant(spec)
