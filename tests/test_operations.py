"""Every operation, against NumPy and finite differences. The rows stand in op_cases.py."""
import contextlib
import inspect
import re

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
from minichain.aliases import FUNCTIONS
from minichain import backend
from minichain.backprop import ancestors
from minichain.debug import check_gradients
from minichain.functions import attention, plain, recurrent
from op_case import BROADCASTS
from op_cases import CASES

# Arrays that an operation leaves open for others to read, beside what it keeps for backward.
OPEN = {'BatchNorm': {'mean', 'var'}}

every_case = pytest.mark.parametrize('case', CASES, ids=str)
every_differentiable_case = pytest.mark.parametrize(
    'case', [case for case in CASES if case.gradient], ids=str)


class Watcher:
    """Collects the operations that run: triples (operation, inputs, outputs)."""

    def __init__(self):
        self.seen = []

    def on_apply(self, fn, inputs, outputs):
        self.seen.append((fn, inputs, outputs))


def variables(case, arrays, learning=None):
    """The arguments as Variables, of which some get a gradient."""
    learning = case.learning(arrays) if learning is None else learning
    return [x if x is None else mc.Variable(x, requires_grad=i in learning)
            for i, x in enumerate(arrays)]


def call(case, xs):
    """The outputs as a tuple."""
    ys = case.function(*xs)
    return ys if isinstance(ys, tuple) else (ys,)


def incoming(ys):
    """Gradients to begin with: arrays in which no two numbers are equal."""
    gys = []
    for y in ys:
        host = np.cos(np.arange(y.size) + 1).reshape(y.shape).astype(y.dtype)
        gys.append(backend.to_device(host, y.device))
    return gys


def gradients(case, arrays, learning=None, create_graph=False):
    """(outputs, their gradients by the arguments that learn), Variables."""
    xs = variables(case, arrays, learning)
    ys = call(case, xs)
    gxs = mc.grad(ys, [x for x in xs if x is not None and x.requires_grad], incoming(ys),
                  create_graph=create_graph)
    return ys, gxs


def second_gradients(case, arrays, learning=None):
    """Gradients of the sum of the squared first gradients; None where there is none."""
    xs = variables(case, arrays, learning)
    ys = call(case, xs)
    xs = [x for x in xs if x is not None and x.requires_grad]
    total = sum(F.sum(F.square(g)) for g in mc.grad(ys, xs, incoming(ys), create_graph=True))
    return mc.grad(total, xs) if total.requires_grad else [None] * len(xs)


def assert_same(found, expected, tolerance=1e-12):
    """Two lists of Variables or arrays are equal but for rounding, in shape, too."""
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        assert (a is None) == (b is None)
        if a is not None:
            a, b = backend.to_cpu(a), backend.to_cpu(b)
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


# The values --------------------------------------------------------------------------------------

@every_case
def test_forward_is_what_numpy_says(case, device):
    arrays = case.arrays()
    xs = [x if x is None else backend.to_device(x, device) for x in arrays]
    ys = call(case, variables(case, xs))
    assert_same(ys, case.expected(arrays), 1e-10)
    assert [(y.device, type(y.data)) for y in ys] == [(device, device.xp.ndarray)] * len(ys)


@every_differentiable_case
def test_gradients_to_second_order_agree_with_finite_differences(case):
    xs = variables(case, case.arrays())
    check_gradients(case.function, xs, order=2)


@every_differentiable_case
def test_gradients_with_a_graph_are_the_same(case):
    assert_same(gradients(case, case.arrays(), create_graph=True)[1],
                gradients(case, case.arrays())[1])


@every_differentiable_case
def test_a_gpu_computes_the_same_gradients(case, device):
    arrays = case.arrays()
    xs = [x if x is None else backend.to_device(x, device) for x in arrays]
    for found, expected in [(gradients(case, xs)[1], gradients(case, arrays)[1]),
                            (second_gradients(case, xs), second_gradients(case, arrays))]:
        assert_same(found, expected)
        assert {g.device for g in found if g is not None} <= {device}


@pytest.mark.parametrize('case', [case for case in CASES if case.gradient and
                                  len(case.learning(case.arrays())) > 1], ids=str)
def test_each_argument_can_learn_alone(case):
    arrays = case.arrays()
    together = gradients(case, arrays)[1]
    for i, expected in zip(case.learning(arrays), together):
        assert_same(gradients(case, arrays, [i])[1], [expected])
        assert_same(gradients(case, arrays, [i], create_graph=True)[1], [expected])
        second_gradients(case, arrays, [i])


@pytest.mark.parametrize('case', [case for case in CASES if case.elementwise and
                                  case.shapes == [(3, 4), (3, 4)]], ids=str)
@pytest.mark.parametrize('shapes', BROADCASTS, ids=str)
def test_python_and_numpy_arrays_and_variables_may_meet(case, shapes):
    a, b = case.arrays(shapes=shapes)
    expected = gradients(case, [a, b])
    for constant in (0, 1):
        xs = [mc.Variable(a), mc.Variable(b)]
        xs[constant] = xs[constant].data
        ys = call(case, xs)
        assert_same(ys, expected[0])
        assert_same(mc.grad(ys, xs[1 - constant], incoming(ys)), [expected[1][1 - constant]])


# Types, layouts, sizes ---------------------------------------------------------------------------

@every_case
def test_the_type_that_comes_in_goes_out(case, device):
    for dtype in ('float16', 'float32', 'float64'):
        arrays = [x if x is None else backend.to_device(x, device) for x in case.arrays(dtype)]
        ys = call(case, variables(case, arrays))
        assert case.any_type or {y.dtype for y in ys} == {np.dtype(dtype)}
        if case.gradient:
            found = [*gradients(case, arrays)[1], *gradients(case, arrays, create_graph=True)[1],
                     *second_gradients(case, arrays)]
            assert {g.dtype for g in found if g is not None} == {np.dtype(dtype)}


def with_gaps(array):
    """The same numbers with gaps between them in memory, and backwards along the last axis."""
    if array is None or not array.ndim:
        return array
    wide = np.full([2 * n for n in array.shape], 77).astype(array.dtype)
    view = wide[(slice(None, None, 2),) * (array.ndim - 1) + (slice(None, None, -2),)]
    view[...] = array
    return view


@every_case
def test_arrays_need_not_be_contiguous(case, device):
    arrays = case.arrays()
    views = [with_gaps(x) for x in arrays]
    if device.kind == 'gpu':
        views = [x if x is None else backend.to_device(x, device) for x in views]
    assert_same(call(case, variables(case, views)), case.expected(arrays), 1e-10)
    if case.gradient:
        assert_same(gradients(case, views)[1], gradients(case, arrays)[1])


@pytest.mark.parametrize('case', [case for case in CASES if case.batch], ids=str)
@pytest.mark.filterwarnings('error')
def test_a_batch_may_have_no_examples(case, device):
    arrays = case.arrays(shapes=case.empty_shapes())
    expected = case.expected(arrays)
    arrays = [x if x is None else backend.to_device(x, device) for x in arrays]
    assert_same(call(case, variables(case, arrays)), expected, 1e-10)
    if case.gradient:
        gxs = gradients(case, arrays)[1]
        assert [g.shape for g in gxs] == [arrays[i].shape for i in case.learning(arrays)]
        assert all(not g.numpy().any() for g in gxs)


@pytest.mark.parametrize('case', [case for case in CASES if case.call is None], ids=str)
def test_lists_of_numbers_may_stand_for_arrays(case):
    arrays = case.arrays('float32')
    for i, x in enumerate(arrays):
        if x is not None and x.size and x.ndim:
            ys = call(case, [*arrays[:i], x.tolist(), *arrays[i + 1:]])
            assert_same(ys, call(case, arrays), 1e-6)
            assert [y.dtype for y in ys] == [y.dtype for y in call(case, arrays)]


# What an operation may touch and keep ------------------------------------------------------------

@contextlib.contextmanager
def frozen(*arrays):
    """Meanwhile the arrays cannot be written; afterwards they must hold what they held."""
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    yield
    for array, old in zip(arrays, before):
        np.testing.assert_array_equal(array, old)


@every_case
def test_inputs_and_incoming_gradients_are_never_written(case):
    arrays = case.arrays()
    with frozen(*[x for x in arrays if x is not None]):
        xs = variables(case, arrays)
        ys = call(case, xs)
        if case.gradient:
            learning = [x for x in xs if x is not None and x.requires_grad]
            for create_graph in (False, True):
                gys = incoming(ys)
                with frozen(*gys):
                    mc.grad(ys, learning, gys, create_graph=create_graph, retain_graph=True)


@every_case
def test_no_graph_is_built_in_no_grad(case):
    watcher = Watcher()
    with mc.no_grad(), mc.watch(watcher):
        xs = variables(case, case.arrays())
        ys = call(case, xs)
    for y in ys:
        assert any(y is x for x in xs) or not (y.requires_grad or y.creator)
    assert all(fn.edges == () for fn, _, _ in watcher.seen)


@pytest.mark.parametrize('case', [case for case in CASES if case.outputs > 1], ids=str)
def test_an_output_that_is_dropped_counts_as_zero(case):
    arrays = case.arrays()
    for used in range(case.outputs):
        xs = variables(case, arrays)
        ys = call(case, xs)
        xs = [x for x in xs if x is not None]
        gys = [gy if i == used else np.zeros_like(gy) for i, gy in enumerate(incoming(ys))]
        for create_graph in (False, True):
            expected = mc.grad(ys, xs, gys, retain_graph=True)
            assert_same(mc.grad(ys[used], xs, gys[used], create_graph, True), expected)
        y, gy = ys[used], gys[used]
        del ys
        assert_same(mc.grad(y, xs, gy), expected)


@every_differentiable_case
def test_an_operation_keeps_what_it_says_until_backward(case):
    watcher = Watcher()
    with mc.watch(watcher):
        xs = variables(case, case.arrays())
        ys = call(case, xs)
    graph = set(ancestors([y.node for y in ys if y.node is not None]))
    joined = [fn for fn, _, _ in watcher.seen if fn in graph]
    assert all(getattr(fn, name) is not None for fn in joined for name in fn.slots
               if 'others' not in fn.kept)
    for fn in joined:
        made = {name for name, value in vars(fn).items() if isinstance(value, np.ndarray)}
        given = {name for name in made if name in inspect.signature(type(fn)).parameters}
        hidden = made - given - set(fn.slots) - OPEN.get(type(fn).__name__, set())
        assert not hidden, f'{type(fn).__name__} keeps {hidden} without saying so in `keeps`'
    mc.grad(ys, [x for x in xs if x is not None and x.requires_grad], incoming(ys))
    assert all(getattr(fn, name) is None for fn in joined for name in fn.slots)
    assert all(fn.bytes_kept == 0 for fn in joined)


# On the CPU they are composed of other operations; test_gpu_kernels.py compares the two.
ON_A_GPU = {recurrent.GRU, plain.RNNTanh, plain.RNNReLU, attention.AttentionWeights}


def test_a_fused_operation_equals_its_reference():
    compared = set()
    for case in CASES:
        watcher = Watcher()
        arrays = case.arrays()
        with mc.watch(watcher):
            xs = variables(case, arrays)
            call(case, xs)
        for fn, inputs, outputs in watcher.seen:
            if not isinstance(fn, mc.Fused) or not fn.edges:
                continue
            compared.add(type(fn))
            twins = [x if x is None else mc.Variable(x.data if isinstance(x, mc.Variable) else x)
                     for x in inputs]
            ys = fn.reference(*twins)
            ys = ys if isinstance(ys, tuple) else (ys,)
            assert_same(ys, outputs)
            learning = [i for i, edge in enumerate(fn.edges) if edge is not None]
            assert_same(mc.grad(outputs, [inputs[i] for i in learning], incoming(ys)),
                        mc.grad(ys, [twins[i] for i in learning], incoming(ys)))
    assert compared == set(function_classes(mc.Fused)) - ON_A_GPU


# The shape texts ---------------------------------------------------------------------------------

def match(text, shapes, sizes):
    """Whether shapes fit one side of a shape text; letters and their sizes go into `sizes`."""
    groups = re.findall(r'\(([^)]*)\)', text)
    if re.sub(r'\([^)]*\)', '', text).strip() == '...':
        groups += groups[-1:] * (len(shapes) - len(groups))
    if len(groups) != len(shapes):
        return False
    for group, shape in zip(groups, shapes):
        if shape is None:
            continue
        letters = [letter.strip() for letter in group.split(',') if letter.strip()]
        if '...' in letters:
            dots = letters.index('...')
            count = len(shape) - (len(letters) - 1)
            if count < 0:
                return False
            letters[dots:dots + 1] = [None] * count
        if len(letters) != len(shape):
            return False
        for letter, size in zip(letters, shape):
            if letter is not None:
                factor, name = re.fullmatch(r'(\d*)([A-Z]+)', letter).groups()
                if sizes.setdefault(name, size // int(factor or 1)) * int(factor or 1) != size:
                    return False
    return True


@every_case
def test_shape_texts_agree_with_the_real_shapes(case):
    """Of the operation, and of those that its backward is made of."""
    watcher = Watcher()
    with mc.watch(watcher):
        if case.gradient:
            gradients(case, case.arrays(), create_graph=True)
        else:
            call(case, variables(case, case.arrays()))
    for fn, inputs, outputs in watcher.seen:
        ins = [None if x is None else np.shape(x.data if isinstance(x, mc.Variable) else x)
               for x in inputs]
        outs = [y.shape for y in outputs]
        left, right = fn.shapes.split('->')
        sizes = {}
        assert match(left, ins, sizes) and match(right, outs, sizes), (
            f'{type(fn).__name__} says {fn.shapes}, but was used with {ins} -> {outs}')


def test_matching_finds_wrong_shape_texts():
    assert match('(N,I) (O,I) ', [(3, 4), (2, 4)], {})
    assert not match('(N,I) (O,I) ', [(3, 4), (2, 5)], {})
    assert not match('(N,I) ', [(3,)], {})
    assert match('(N,4H) (N,H) ', [(3, 8), (3, 2)], {})
    assert match('(N,C,...) ', [(3, 8)], {}) and not match('(N,C,...) ', [(3,)], {})
    assert match('(...) ... ', [(3, 8), ()], {})


# The table and the classes -----------------------------------------------------------------------

def public_functions():
    return {name for name, value in vars(F).items()
            if inspect.isfunction(value) and not name.startswith('_') and name not in FUNCTIONS}


def function_classes(base=mc.Function):
    """All operations of minichain; those of minichain.chainer have tests of their own."""
    classes = [sub for cls in base.__subclasses__() for sub in [cls, *function_classes(cls)]]
    return [cls for cls in classes if cls.__module__.startswith('minichain.')
            and not cls.__module__.startswith('minichain.chainer.')]


def test_every_public_function_has_a_row():
    assert public_functions() - {case.name for case in CASES} == set()


def test_every_public_function_says_what_it_does():
    for name in public_functions():
        text = inspect.getdoc(getattr(F, name))
        assert text and text[0] not in ' \n', name


def test_every_operation_is_used_by_a_row():
    watcher = Watcher()
    with mc.watch(watcher):
        for case in CASES:
            arrays = case.arrays('float32')
            if case.gradient:
                second_gradients(case, arrays)
            else:
                call(case, variables(case, arrays))
    used = {base for fn, _, _ in watcher.seen for base in type(fn).__mro__}
    assert set(function_classes()) - used == ON_A_GPU


@pytest.mark.parametrize('cls', function_classes(), ids=lambda cls: cls.__name__)
def test_every_operation_describes_itself(cls):
    assert cls.__doc__ and cls.__doc__ != mc.Function.__doc__
    assert re.fullmatch(r'[^\n]+', cls.__doc__.split('\n')[0])
    assert re.fullmatch(r'\(.*\)( \.\.\.)? -> \(.*\)( \.\.\.)?', cls.shapes)
    assert cls.keeps == ' '.join(cls.kept)
    assert cls.label == cls.label.lower() and ' ' not in cls.label
    if issubclass(cls, mc.Fused) and cls is not mc.Fused:
        assert 'x' in cls.kept, 'a fused operation keeps its inputs, for its reference'
