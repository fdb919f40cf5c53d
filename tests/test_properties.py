"""Every operation on arguments that hypothesis draws: sizes, types, layouts and odd numbers.

The rows of op_cases.py say what NumPy computes. Here their sizes change, to 0 and 1 as well; arrays
lie in memory in unusual ways, and hold infinities and NaN. Either the result is NumPy's and the
gradient that of finite differences, or there is an error that says what was wanted.

    pytest tests/test_properties.py                              a few examples, the same each time
    MINICHAIN_EXAMPLES=500 pytest tests/test_properties.py       so many a test, others each time
"""
import contextlib
import os
import traceback
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import minichain as mc
from minichain.debug import check_gradients
from minichain.errors import MinichainError
from op_cases import CASES
from test_operations import call, incoming, variables

PACKAGE = os.path.dirname(mc.__file__) + os.sep
EXAMPLES = os.environ.get('MINICHAIN_EXAMPLES')
FEW = 3

# How far a result may be from NumPy's, which computes with float64: so many units in the last place
# of the largest number.
ULPS = 40

# Rows whose formula for NumPy holds numbers that belong to the row's own shapes.
FIXED = {'separate', 'spatial_pyramid_pool', 'max_pool2d_with_indices', 'upsample', 'roi_pool',
         'scaled_dot_product_attention-causal', 'resize_images', 'resize_images-nearest',
         'negative_sampling', 'negative_sampling-each', 'avg_pool3d-cover_all', 'scatter_add',
         'repeat-each', *[str(case) for case in CASES if case.name.startswith('n_step_')]}

# Rows in which a number that counts for nothing may be NaN: its class is ignored, or it is masked.
LEAVES_OUT = {'softmax_cross_entropy-smoothing', 'softmax_cross_entropy-each',
              *[f'{name}_attention-{note}' for name in ('scaled_dot_product', 'additive')
                for note in ('causal', 'mask')]}

# Of more numbers in one domain some lie so close together that a step of finite differences changes
# which of them is the largest. Their gradient is not compared.
MOST = 600

every_case = pytest.mark.parametrize('case', CASES, ids=str)
drawn = settings(
    max_examples=int(EXAMPLES or FEW), derandomize=EXAMPLES is None, database=None, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


# What is drawn -----------------------------------------------------------------------------------

@st.composite
def shapes_of(draw, case):
    """Other shapes for the arguments of a row.

    An elementwise operation takes any shapes that broadcast. Elsewhere axes that have the same size
    in the row have the same size again.
    """
    if str(case) in FIXED:
        return case.shapes
    given = [shape for shape in case.shapes if shape is not None]
    if case.elementwise:
        drawn = iter(draw(npst.mutually_broadcastable_shapes(
            num_shapes=len(given), max_dims=4, min_side=0, max_side=4)).input_shapes)
        return [None if shape is None else next(drawn) for shape in case.shapes]
    sizes = {}
    for size in sorted({size for shape in given for size in shape}):
        sizes[size] = draw(st.sampled_from([size, size, size, size + 1, 1, 0, 7]))
    return [None if shape is None else tuple(sizes[size] for size in shape)
            for shape in case.shapes]


def reversed_along(axis):
    def lay(array):
        place = (slice(None),) * axis + (slice(None, None, -1),)
        return array[place].copy()[place] if axis < array.ndim else array
    return lay


def transposed(array):
    return np.ascontiguousarray(array.T).T


def with_gaps(array):
    wide = np.full([2 * size + 1 for size in array.shape], 77).astype(array.dtype)
    view = wide[(slice(1, None, 2),) * array.ndim + (...,)]
    view[...] = array
    return view


def unaligned(array):
    """At an address that is no multiple of the numbers' size."""
    memory = np.zeros(array.nbytes + 1, 'uint8')[1:]
    view = memory.view(array.dtype) if array.size else memory[:0].view(array.dtype)
    view = view.reshape(array.shape)
    view[...] = array
    return view


LAYOUTS = [np.ascontiguousarray, transposed, with_gaps, reversed_along(0), reversed_along(1),
           unaligned]


@st.composite
def arguments(draw, case, dtypes, odd_numbers=()):
    """Arrays for a row; with `odd_numbers` one of them stands somewhere in one of the arrays."""
    dtype = draw(st.sampled_from(dtypes))
    shapes = draw(shapes_of(case))
    whole = np.dtype(dtype).kind == 'i'
    arrays = [x if x is None else np.asarray(x) for x in case.arrays(
        'float64' if whole else dtype, shapes, draw(st.integers(0, 99)))]
    if whole:       # the domain of a row may be so small that one whole number lies in it
        arrays = [x if x is None or i in case.classes else np.asarray(3 * x).astype(dtype)
                  for i, x in enumerate(arrays)]
    places = [i for i, x in enumerate(arrays)
              if x is not None and x.size and i not in case.classes]
    if odd_numbers and places:
        x = arrays[draw(st.sampled_from(places))]
        x.reshape(-1)[draw(st.integers(0, x.size - 1))] = draw(st.sampled_from(odd_numbers))
    return [x if x is None else draw(st.sampled_from(LAYOUTS))(x) for x in arrays]


# What must hold ----------------------------------------------------------------------------------

def is_ours(error):
    """One of our errors, or one that minichain raised in its own words, or with the user's line."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (isinstance(error, MinichainError) or '\n  at ' in str(error)
            or (place.filename.startswith(PACKAGE) and place.line.startswith('raise ')))


@contextlib.contextmanager
def quiet():
    """Without NumPy's warnings, of infinities and of means of nothing."""
    with np.errstate(all='ignore'), warnings.catch_warnings():
        warnings.simplefilter('ignore')
        yield


def outcome(compute):
    """(what it gives, None) or (None, its error)."""
    with quiet():
        try:
            return compute(), None
        except Exception as error:
            return None, error


def wide(array):
    return array if array is None or array.dtype.kind != 'f' else array.astype('float64')


def for_numpy(case, arrays):
    """What the formula is given: real numbers of 64 bits, and classes."""
    return [x if x is None or i in case.classes else x.astype('float64')
            for i, x in enumerate(arrays)]


@contextlib.contextmanager
def untouched(arrays):
    """Meanwhile the arrays cannot be written; afterwards they must hold what they held."""
    arrays = [x for x in arrays if x is not None]
    before = [x.copy() for x in arrays]
    for x in arrays:
        x.flags.writeable = False
    yield
    for x, old in zip(arrays, before):
        np.testing.assert_array_equal(x, old)


def both(case, arrays, whole=False):
    """What the operation gives and what NumPy says; (None, None) if the arguments are refused.

    Shapes that are not those of the row may be refused in our own words, where NumPy would compute
    something; so may whole numbers. NumPy may refuse where there is nothing to compute.
    """
    expected, refused = outcome(lambda: case.expected(for_numpy(case, arrays)))
    with untouched(arrays):
        ys, error = outcome(lambda: call(case, variables(case, arrays, [])))
    if error is not None:
        assert is_ours(error), f'{type(error).__name__}: {error}'
        changed = [x if x is None else x.shape for x in arrays] != case.shapes
        assert whole or refused or changed, error
        return None, None
    if refused is not None:
        assert any(x is not None and not x.size for x in arrays), f'NumPy refuses this: {refused}'
        return None, None
    return ys, [np.asarray(y) for y in expected]


def largest(arrays):
    """The largest finite number of these arrays, at least 1."""
    numbers = [abs(x[np.isfinite(x)]).max(initial=1) for x in map(wide, arrays)
               if x is not None and x.dtype.kind in 'fiu']
    return float(max(numbers, default=1))


def real_type(arrays):
    return next((x.dtype for x in arrays if x is not None and x.dtype.kind == 'f'), None)


def assert_results(case, arrays, whole=False):
    """The results are NumPy's, in the type of the arguments; gives them, None if refused."""
    ys, expected = both(case, arrays, whole)
    if ys is None:
        return None
    dtype = real_type(arrays)
    kinds = [dtype or 'float32', *[y.dtype for y in ys if case.any_type and y.dtype.kind == 'f']]
    rounding = ULPS * max(np.finfo(kind).eps for kind in kinds)
    empty = any(x is not None and not x.size for x in arrays)
    for y, wanted in zip(ys, expected, strict=True):
        if empty and np.isnan(wanted).all():
            wanted = np.where(y.data == 0, 0, wanted)       # a loss of no examples is 0
        assert case.any_type or dtype is None or y.dtype == dtype
        if y.dtype.kind == 'i':     # the largest of nothing is the least number of its type
            wanted = np.where(wanted == -np.inf, np.iinfo(y.dtype).min, wanted)
        assert y.shape == wanted.shape
        with np.errstate(all='ignore'):
            np.testing.assert_allclose(wide(y.data), wide(wanted), rtol=rounding,
                                       atol=rounding * largest([*arrays, wanted]))
    return ys


@every_case
@drawn
@given(data=st.data())
def test_results_are_those_of_numpy_for_all_shapes_types_and_layouts(case, data):
    arrays = data.draw(arguments(case, ['float64', 'float32', 'float16']))
    ys = assert_results(case, arrays)
    if ys is None or not case.gradient:
        return
    xs = variables(case, arrays)
    learning = [x for x in xs if x is not None and x.requires_grad]
    with untouched(arrays):
        gxs, error = outcome(lambda: mc.grad((ys := call(case, xs)), learning, incoming(ys)))
    assert error is None or is_ours(error), f'{type(error).__name__}: {error}'
    for x, gx in zip(learning, gxs or ()):
        assert (gx.shape, gx.dtype) == (x.shape, x.dtype)
    finite = all(np.isfinite(y.data).all() for y in ys)
    few = sum(x.size for x in learning) <= MOST
    if real_type(arrays) == np.float64 and error is None and finite and few:
        with quiet():
            check_gradients(case.function, xs, directions=1)


@every_case
@drawn
@given(data=st.data())
def test_infinities_and_nan_are_never_hidden(case, data):
    """Where NumPy has them they come out, and elsewhere they may: 0 times NaN is NaN."""
    arrays = data.draw(arguments(case, ['float64', 'float32'], [np.nan, np.inf, -np.inf, -0.0]))
    ys, expected = both(case, arrays)
    if ys is None or str(case) in LEAVES_OUT or any(x is not None and not x.size for x in arrays):
        return
    for y, wanted in zip(ys, expected, strict=True):
        if not case.any_type:
            assert not (np.isfinite(y.data) & ~np.isfinite(wanted)).any()


@every_case
@drawn
@given(data=st.data())
def test_whole_numbers_are_computed_with_or_refused(case, data):
    assert_results(case, data.draw(arguments(case, ['int64'])), whole=True)
