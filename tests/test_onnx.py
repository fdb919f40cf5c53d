"""ONNX files: what onnxruntime computes from them is what the network computes."""
import sys

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L


def numbers(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype('float32')


class Reader(mc.Chain):
    """Words, a recurrent layer step by step, attention, and scores."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.embed, self.lstm, self.gru = L.EmbedID(7, 4), L.LSTM(4, 4), L.GRU(4, 4)
            self.block, self.out = L.TransformerBlock(4, 2), L.Linear(4, 3)

    def forward(self, ids):
        self.lstm.reset_state()
        self.gru.reset_state()
        x = self.embed(ids)
        steps = [self.gru(self.lstm(x[:, t])) for t in range(ids.shape[1])]
        return F.softmax(self.out(F.mean(self.block(F.stack(steps, 1)), 1)))


class Several(mc.Chain):
    """Two inputs, two outputs, and many small operations."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.scale = L.Scale(shape=(3,))

    def forward(self, a, b):
        c = F.maximum(a, b * 2.0) - F.clip(a, -0.5, 0.5) / (F.absolute(b) + 1.0)
        d = F.leaky_relu(c[:, 1:], 0.1) + F.gelu(b[:, None, ::-1][:, 0, :2]) ** 2
        e = F.pad(F.silu(F.elu(d)), ((0, 0), (1, 0)), constant_values=0.25)
        parts = F.split(F.logsumexp(e, 1, keepdims=True) - F.max(a, 1, keepdims=True), 1)
        picked = F.get_item(a, (slice(None), np.array([2, 0, 2])))
        return self.scale(e) + parts[0] + picked, F.sum(F.softplus(e)) - F.min(F.erf(c))


def images():
    return L.Sequential(
        L.Conv2d(2, 4, 3, stride=2, pad=1), L.BatchNorm(4), F.relu,
        lambda x: F.max_pool2d(x, 3, 2, 1, cover_all=True), L.Conv2d(4, 6, 3, pad=2, dilate=2,
                                                                    groups=2),
        lambda x: F.avg_pool2d(x, 2, 1, 1), L.DepthwiseConv2d(6, 1, 3),
        L.ConvTranspose2d(6, 3, 3, 2, 1, outsize=(6, 6)), F.dropout, L.PReLU(), L.GroupNorm(3, 3),
        L.Linear(5), F.tanh, F.log_softmax)


CASES = {
    'layers': lambda: (L.MLP(8, 3), [numbers(4, 5)]),
    'images': lambda: (images(), [numbers(2, 2, 12, 12)]),
    'lenet': lambda: (L.LeNet(), [numbers(2, 1, 16, 16)]),
    'resnet': lambda: (L.ResNet((1, 1), 3), [numbers(1, 3, 32, 32)]),
    'words': lambda: (Reader(), [np.array([[0, 3, 6], [2, 2, 1]])]),
    'several': lambda: (Several(), [numbers(2, 3), numbers(2, 3)[::-1].copy()]),
    'sequences': lambda: (L.Conv1d(2, 3, 3), [numbers(2, 2, 7)]),
}


@pytest.mark.oracle
@pytest.mark.parametrize('name', CASES)
def test_onnxruntime_computes_the_same(name, tmp_path):
    runtime = pytest.importorskip('onnxruntime', reason='onnxruntime is not installed')
    mc.set_seed(0)
    model, inputs = CASES[name]()
    model(*inputs)                      # gives running statistics and shapes
    path = str(tmp_path / 'model.onnx')
    mc.save_onnx(path, model, *inputs)
    with mc.test_mode():
        expected = model(*inputs)
    session = runtime.InferenceSession(path)
    names = [entry.name for entry in session.get_inputs()]
    found = session.run(None, dict(zip(names, inputs)))
    expected = expected if isinstance(expected, tuple) else (expected,)
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        np.testing.assert_allclose(a, b.data, rtol=1e-4, atol=1e-5)


@pytest.mark.oracle
@pytest.mark.parametrize('name', CASES)
def test_a_model_on_a_gpu_gives_the_same_file(name, tmp_path, stand_in):
    onnx = pytest.importorskip('onnx', reason='minichain[onnx] is not installed')
    mc.set_seed(0)
    model, inputs = CASES[name]()
    model(*inputs)
    graphs = []
    for device in 'cpu', 'gpu':
        mc.save_onnx(tmp_path / device, model.to_device(device), *inputs)
        graphs.append(onnx.load(tmp_path / device).graph)
    here, there = graphs
    assert there.node == here.node and there.input == here.input and there.output == here.output
    for a, b in zip(here.initializer, there.initializer, strict=True):
        assert a.name == b.name
        np.testing.assert_allclose(*map(onnx.numpy_helper.to_array, (b, a)), rtol=1e-6)


@pytest.mark.oracle
def test_a_batch_may_have_another_size_later(tmp_path):
    runtime = pytest.importorskip('onnxruntime', reason='onnxruntime is not installed')
    model, path = images(), str(tmp_path / 'model.onnx')
    mc.save_onnx(path, model, numbers(2, 2, 12, 12))
    session, x = runtime.InferenceSession(path), numbers(5, 2, 12, 12)
    with mc.test_mode():
        found, = session.run(['y'], {'x': x})
        np.testing.assert_allclose(found, model(x).data, rtol=1e-4, atol=1e-5)


@pytest.mark.oracle
def test_the_file_has_the_names_of_the_program(tmp_path):
    onnx = pytest.importorskip('onnx', reason='minichain[onnx] is not installed')
    model = L.Sequential(L.Linear(3, 2), F.relu)
    mc.save_onnx(tmp_path / 'model.onnx', model, numbers(4, 3))
    graph = onnx.load(tmp_path / 'model.onnx').graph
    assert [node.op_type for node in graph.node] == ['Gemm', 'Relu', 'Identity']
    assert {array.name for array in graph.initializer} == {'0/W', '0/b'}
    assert [entry.name for entry in (*graph.input, *graph.output)] == ['x', 'y']
    assert graph.input[0].type.tensor_type.shape.dim[0].dim_param == 'N'


@pytest.mark.oracle
def test_what_onnx_does_not_know_is_named_and_no_file_is_left(tmp_path):
    pytest.importorskip('onnx', reason='minichain[onnx] is not installed')
    for function, complaint in [
            (lambda x: F.det(F.matmul(x, x.T)), 'there is no operator for det.'),
            (lambda x: F.exp(np.asarray(x) * 2), "does not depend on the input 'x'")]:
        with pytest.raises(mc.GraphError, match=complaint):
            mc.save_onnx(tmp_path / 'model.onnx', L.Sequential(function), numbers(2, 3))
    assert list(tmp_path.iterdir()) == []


def test_without_onnx_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'onnx', None)
    with pytest.raises(ImportError, match=r"pip install 'minichain\[onnx\]'"):
        mc.save_onnx(tmp_path / 'file', L.Linear(2), numbers(1, 2))
