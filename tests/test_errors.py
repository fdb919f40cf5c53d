"""Every mistake that a student makes gets one exact sentence: what was wanted, what came, what to
try, in which link, at which line."""
import os

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L

HERE = os.path.basename(__file__)


def f4(*shape):
    return np.ones(shape, 'float32')


def message_of(error, mistake):
    """The error's text; a line 'at file, line n: code' at its end must be the mistake's own."""
    with pytest.raises(error) as caught:
        mistake()
    assert type(caught.value) is error
    text, *place = str(caught.value).split('\n  at ')
    if place:
        number = mistake.__code__.co_firstlineno
        assert place[0].startswith(f'{HERE}, line ') and 'lambda' not in text
        assert abs(int(place[0].split('line ')[1].split(':')[0]) - number) <= 1
    return text, bool(place)


# Shapes and types --------------------------------------------------------------------------------

def test_a_wrong_shape_names_the_link_and_the_line():
    model = mc.Chain(encoder=mc.Sequential(L.Linear(3, 4), L.Linear(5, 2)))
    assert message_of(mc.ShapeError, lambda: model.encoder(f4(2, 3))) == (
        'linear wants (N,I) (O,I) (O) -> (N,O), but got x (2, 4), W (2, 5), b (2,): I is 4 in x '
        "and 5 in W. This is in the link 'encoder/1' (Linear).", True)


def test_the_line_is_the_user_s_even_deep_inside_links():
    class Mine(mc.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.l1 = L.Linear(3, 4)

        def forward(self, x):
            h = self.l1(x)
            return h + f4(5)

    with pytest.raises(mc.ShapeError) as caught:
        mc.Sequential(Mine())(f4(2, 3))
    assert str(caught.value).split('\n') == [
        'add wants (...) (...) -> (...), but got a (2, 4), b (5,): counted from the last axis, '
        "axis 1 is 4 in one and 5 in the other. This is in the link '0' (Mine).",
        f'  at {HERE}, line {Mine.forward.__code__.co_firstlineno + 2}: return h + f4(5)']


@pytest.mark.parametrize('mistake, sentence', [
    (lambda x: F.mean_squared_error(x[:, :1], f4(2)),
     'mean_squared_error wants two of the same shape, but got a (2, 1), b (2,).'),
    (lambda x: F.matmul(x, x),
     'matmul wants (...,N,I) (...,I,O) -> (...,N,O), but got a (2, 3), b (2, 3): '
     'I is 3 in a and 2 in b.'),
    (lambda x: F.matmul(x, f4()),
     'matmul wants (...,N,I) (...,I,O) -> (...,N,O), but got a (2, 3), b (): '
     'a single number has no axis I, multiply it with *.'),
    (lambda x: F.lstm(x, f4(2, 13)),
     'lstm wants (N,H) (N,4H) (N,4H) (4H) -> (N,H) (N,H), but got c (2, 3), x (2, 13): 4 columns '
     'are needed for each of c.'),
    (lambda x: F.lstm(x, f4(2, 12), None, f4(1)),
     'lstm wants (N,H) (N,4H) (N,4H) (4H) -> (N,H) (N,H), but got c (2, 3), x (2, 12), b (1,): '
     '4 columns are needed for each of c.'),
    (lambda x: F.conv2d(f4(4, 5, 5), f4(2, 1, 3, 3)),
     'conv2d wants (N,C,H,W) (O,C,KH,KW) (O) -> (N,O,OH,OW), but got x (4, 5, 5), W (2, 1, 3, 3): '
     'x has 3 axes but needs 4, (N,C,H,W); a single channel is x[:, None].'),
    (lambda x: F.conv2d(f4(1, 4, 3, 3), f4(2, 4, 2, 2), groups=2),
     'conv2d wants (N,C,H,W) (O,C,KH,KW) (O) -> (N,O,OH,OW), but got x (1, 4, 3, 3), '
     'W (2, 4, 2, 2): x has 4 channels, but the filters have 4 for each of 2 groups.'),
    (lambda x: F.conv2d(f4(1, 4, 3, 3), f4(3, 2, 2, 2), groups=2),
     'groups: 4 channels and 3 filters do not divide into 2 groups.'),
    (lambda x: F.conv2d(f4(1, 2, 3, 3), f4(2, 2, 4, 4)),
     'conv2d: the filter covers (4, 4) pixels, but the image has (3, 3) and a padding of (0, 0): '
     'not one window fits.'),
    (lambda x: F.linear(x, f4(4, 3), f4(1)),
     'linear wants (N,I) (O,I) (O) -> (N,O), but got x (2, 3), W (4, 3), b (1,): O is 4 in W and 1 '
     'in b.'),
    (lambda x: F.linear(x, f4(4, 3), f4(2, 4)),
     'linear wants (N,I) (O,I) (O) -> (N,O), but got x (2, 3), W (4, 3), b (2, 4): b has 2 axes '
     'but needs 1, (O).'),
    (lambda x: F.conv_transpose2d(f4(1, 2, 3, 3), f4(2, 3, 2, 2), f4(1)),
     'conv_transpose2d wants (N,O,OH,OW) (O,C,KH,KW) (C) -> (N,C,H,W), but got x (1, 2, 3, 3), W '
     '(2, 3, 2, 2), b (1,): C is 3 in W and 1 in b.'),
    (lambda x: F.max_pool2d(x, 2),
     'max_pool2d wants (N,C,H,W) -> (N,C,OH,OW), but got x (2, 3).'),
    (lambda x: F.transpose(x, (0, 5)),
     'transpose: there is no axis 5, only 2, from 0 to 1.'),
    (lambda x: F.concat([x, f4(3, 3)]),
     'concat wants (...) ... -> (...), but got x0 (2, 3), x1 (3, 3): counted from the last axis, '
     'axis 2 is 2 in one and 3 in the other.'),
])
def test_shapes_that_do_not_fit(mistake, sentence):
    with pytest.raises(mc.ShapeError) as caught:
        mistake(mc.Variable(f4(2, 3)))
    first, line = str(caught.value).split('\n')
    assert first == sentence
    assert line.startswith(f'  at {HERE}, line ')


def test_types_that_do_not_fit(device):
    x = mc.Variable(mc.to_device(np.ones((2, 3)), device))
    link = L.Linear(3, 4).to_device(device)
    assert message_of(mc.DTypeError, lambda: link(x)) == (
        'linear: x is float64, W is float32, b is float32. Give all the same type, for example '
        "with x.astype('float32'). This is in the link 'Linear' (Linear).", True)
    assert message_of(mc.DTypeError, lambda: link.b + x[0, 0]) == (
        'add: a is float32, b is float64. Give all the same type, for example with '
        "a.astype('float64').", True)


def test_a_gradient_of_whole_numbers():
    whole = np.array([1, 2])
    assert message_of(mc.DTypeError, lambda: mc.Variable(whole, requires_grad=True)) == (
        'A gradient needs real numbers, but the array is int64: write 3.0 instead of 3, or '
        "x.astype('float32').", False)
    assert message_of(mc.GraphError, lambda: mc.Variable(whole).sum().backward()) == (
        'There is no graph behind () int64: it holds whole numbers, which have no gradient.', False)


def test_data_that_is_no_numbers():
    assert message_of(mc.DTypeError, lambda: mc.Variable(['a', 'b'])) == (
        'A Variable holds numbers, but this is list of <U1.', False)


@pytest.mark.parametrize('mistake, sentence', [
    (lambda: F.mean_squared_error(mc.Variable(f4(2)), 2.0),
     'mean_squared_error takes arrays, Variables or lists of numbers, but got float.'),
    (lambda: F.max_pool2d(None, 2),
     'max_pool2d takes arrays, Variables or lists of numbers, but got None.'),
    (lambda: F.linear([[1.0, 2.0], [3.0]], f4(3, 2)),
     'linear takes arrays of numbers, Variables, or lists of numbers that are equally long: '
     'np.array(x) must make an array of it.'),
    (lambda: F.softmax_cross_entropy('cat', [0]),
     'softmax_cross_entropy takes arrays, Variables or lists of numbers, but got str.'),
    (lambda: L.Linear(3)([[1.0, 2.0]]), 'Linear takes arrays or Variables, but got list. This is '
     "in the link 'Linear' (Linear)."),
    (lambda: L.LSTM(3)(None), 'Linear takes arrays or Variables, but got None. This is in the '
     "link 'upward' (Linear)."),
])
def test_what_is_no_array(mistake, sentence):
    assert message_of(mc.DTypeError, mistake) == (sentence, True)


def test_a_list_takes_the_type_of_the_other_arguments(device):
    W = mc.Parameter(mc.to_device(np.ones((3, 2)), device))
    y = F.linear([[1.0, 2.0]], W)
    assert (y.dtype, y.device, y.data.tolist()) == ('float64', device, [[3, 3, 3]])
    assert L.Linear(2, 3)([[1.0, 2.0]]).shape == (1, 3)


# Classes -----------------------------------------------------------------------------------------

@pytest.mark.parametrize('t, error, sentence', [
    (np.array([0, 3]), IndexError,
     'softmax_cross_entropy: 3 is out of range; there are 3, numbered 0 to 2.'),
    (np.array([-2, 0]), IndexError,
     'softmax_cross_entropy: -2 is out of range; there are 3, numbered 0 to 2.'),
    (np.array([0.0, 1.0]), mc.DTypeError,
     'softmax_cross_entropy wants whole numbers, but got float64: for example '
     "ids.astype('int64')."),
    (np.array([[0], [1]]), mc.ShapeError,
     'softmax_cross_entropy wants (N,C) (N) -> (), but got x (2, 3), t (2, 1): t needs one class '
     'for each row of x.'),
    ([0, 1, 2], mc.ShapeError,
     'softmax_cross_entropy wants (N,C) (N) -> (), but got x (2, 3), t (3,): t needs one class for '
     'each row of x.'),
], ids=['too large', 'negative', 'float', 'a column', 'too many'])
def test_wrong_classes(t, error, sentence):
    x = mc.Variable(f4(2, 3))
    assert message_of(error, lambda: F.softmax_cross_entropy(x, t)) == (sentence, True)


def test_wrong_classes_of_accuracy_and_ids_of_a_table():
    x = mc.Variable(f4(2, 3))
    assert message_of(mc.DTypeError, lambda: F.accuracy(x, np.array([0.0, 1.0]))) == (
        'accuracy wants classes as whole numbers, but t is float64.', True)
    assert message_of(mc.ShapeError, lambda: F.accuracy(x, np.array([0]))) == (
        'accuracy wants (N,C) (N) -> (), but got x (2, 3), t (1,): t needs one class for each row '
        'of x.', True)
    assert message_of(IndexError, lambda: F.embed_id([7], x)) == (
        'embed_id: 7 is out of range; there are 2, numbered 0 to 1.', True)


# The graph ---------------------------------------------------------------------------------------

def test_a_second_backward():
    y = F.sum(F.exp(mc.Variable(f4(2))))
    y.backward()
    assert message_of(mc.GraphError, lambda: y.backward()) == (
        'sum: this part of the graph was let go by an earlier backward(). Compute the result '
        'again, or keep the graph with backward(retain_graph=True).', False)


def test_backward_from_many_numbers_or_with_a_wrong_gradient():
    y = mc.Variable(f4(2)) * 2
    assert message_of(mc.GraphError, lambda: y.backward()) == (
        'backward() starts from one number, but the shape is (2,): sum or average it first, or '
        'pass gy, a gradient of that shape.', False)
    assert message_of(mc.GraphError, lambda: y.backward(f4(3))) == (
        'gy has the shape (3,), but y has (2,).', False)


def test_backward_without_a_graph():
    x = mc.Variable(f4(2))
    with mc.no_grad():
        y = F.sum(x)
    assert message_of(mc.GraphError, lambda: y.backward()) == (
        'There is no graph behind () float32: nothing it was computed from requires a gradient, or '
        'it was computed in no_grad, or it is a gradient that was asked for without '
        'create_graph=True.', False)


def test_a_gradient_for_an_array():
    x = f4(2)
    with pytest.raises(TypeError, match=r'gradients for Variables, but xs holds an? ndarray\. .*'
                                        r'mc\.Variable\(x\)'):
        mc.grad([F.sum(mc.Variable(x))], [x])


def test_an_operation_object_used_twice():
    operation = F.Exp()
    operation.apply(mc.Variable(1.0))
    assert message_of(mc.GraphError, lambda: operation.apply(mc.Variable(1.0))) == (
        'exp: an operation object is used once; make a new one.', False)


def test_an_update_without_gradients_or_without_a_model():
    model = L.Linear(3, 2)
    optimizer = mc.optimizers.SGD()
    assert message_of(mc.GraphError, lambda: optimizer.update()) == (
        'SGD has no target yet: call setup(model) first.', False)
    optimizer.setup(model)
    assert message_of(mc.GraphError, lambda: optimizer.update()) == (
        'No parameter has a gradient: call loss.backward() before update(), and compute the loss '
        'with this model, outside of no_grad.', False)


def test_a_wrong_derivative_of_the_user_s():
    class Wrong(mc.Function):
        """Its gradient has another shape"""

        def forward(self, x):
            return x.sum()

        def backward(self, gy):
            return np.ones(7)

    y = Wrong().apply(mc.Variable(f4(3)))
    assert message_of(mc.ShapeError, lambda: y.backward()) == (
        'wrong: backward gave a gradient of shape (7,) for an input of shape (3,).', False)


def test_a_derivative_of_the_user_s_that_forgets_an_input():
    class Product(mc.Function):
        """a times b, without the gradient of b"""

        keeps = 'x'

        def forward(self, a, b):
            return a * b

        def backward(self, gy):
            return gy * self.x[1]

    y = F.sum(Product().apply(mc.Variable(f4(3)), mc.Variable(f4(3))))
    assert message_of(mc.GraphError, lambda: y.backward()) == (
        'product: the gradients that backward gives are 1, the inputs 2. Give None for an input '
        'without a gradient.', False)


def test_a_derivative_of_the_user_s_that_computes_with_variables():
    class Scale(mc.Function):
        """x times a Variable that it should not hold"""

        def __init__(self, w):
            self.w = w

        def forward(self, x):
            return x * self.w.data

        def backward(self, gy):
            return gy * self.w

    x = mc.Variable(f4(3), name='x')
    y = F.sum(Scale(mc.Variable(f4(3))).apply(x))
    assert message_of(mc.GraphError, lambda: y.backward()) == (
        'The gradient of x is a Variable. Where arrays come in, backward must give arrays: use '
        'w.data.', False)


# Devices and NumPy -------------------------------------------------------------------------------

def test_an_unknown_device():
    assert message_of(mc.DeviceError, lambda: mc.get_device('tpu')) == (
        "Unknown device 'tpu': say 'cpu', 'gpu', 'gpu:1' or 'auto'.", False)


@pytest.mark.skipif(mc.gpu_available(), reason='there is a GPU')
def test_a_gpu_where_there_is_none():
    for ask in (lambda: mc.get_device('gpu'), lambda: L.Linear(1, 1).to_gpu(),
                lambda: mc.to_gpu(f4(2))):
        assert message_of(mc.DeviceError, ask) == (
            f'No GPU can be used here. {mc.gpu_status()} The CPU works without any of this: use '
            "device='cpu'.", False)


def test_arrays_on_different_devices(stand_in):
    link = L.Linear(3, 4).to_gpu()
    assert message_of(mc.DeviceError, lambda: link(f4(2, 3))) == (
        'linear: x is on cpu, W is on gpu:0, b is on gpu:0; move one of them, for example '
        "x = to_device(x, 'gpu:0') or model.to_device('cpu'). This is in the link 'Linear' "
        '(Linear).', True)


def test_numpy_functions_on_variables():
    x = mc.Variable(f4(2))
    assert message_of(TypeError, lambda: np.floor(x)) == (
        'np.floor does not work on a Variable, since gradients could not pass through it. Use a '
        'function of minichain.functions, or x.data.', False)
    assert message_of(TypeError, lambda: np.median(x)) == (
        'np.median does not work on a Variable, since gradients could not pass through it. Use a '
        'function of minichain.functions, or x.data.', False)
    assert message_of(TypeError, lambda: np.asarray(x)) == (
        'A Variable is no NumPy array, and gradients could not pass through one. Use a function of '
        'minichain.functions, or x.data.', False)


def test_a_broken_file(tmp_path):
    path = tmp_path / 'model.npz'
    path.write_text('this is no npz file')
    assert message_of(ValueError, lambda: mc.load_npz(path, L.Linear(1, 1))) == (
        f'{path} is no npz file of arrays, or it is broken: File is not a zip file.', False)


def test_our_errors_are_also_python_s():
    for ours, python in [(mc.ShapeError, ValueError), (mc.DTypeError, TypeError),
                         (mc.DeviceError, RuntimeError), (mc.GraphError, RuntimeError)]:
        assert issubclass(ours, python) and issubclass(ours, mc.MinichainError)


@pytest.mark.parametrize('options', [{'stride': 0}, {'pad': -1}, {'dilate': 0}])
def test_windows_that_cannot_be_are_refused(options):
    x, W = np.ones((1, 1, 5, 5), 'float32'), np.ones((1, 1, 3, 3), 'float32')
    with pytest.raises(mc.ShapeError, match='A window needs a size, a stride and a dilation'):
        F.conv2d(x, W, **options)
