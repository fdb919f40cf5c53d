"""A network as an ONNX file, which other programs can show (Netron) and run (onnxruntime).

The network is called once, on an example, and what it computes is written down: the operations,
with the parameters. An `if` or a loop is not in the file, only the way that the example took. It
needs the package onnx (the extra `onnx`). (github.com/onnx/onnx, 2017)
"""
import inspect
import math

import numpy as np

from .. import backend, functions as F, observe
from ..config import test_mode
from ..errors import GraphError
from ..files import new_file
from ..functions.arranging import Pad
from ..functions.elementary import Ceil, Floor
from ..functions.ordering import LogSumExp
from ..functions.rectifiers import ELU, GELU, SiLU, Softsign
from ..functions.reduction import ArgMax
from ..functions.special import Erf
from ..fused import Fused, Identity
from ..variable import Variable

OPSET, FORMAT = 17, 8       # versions of the operators and of the file, known since 2022

# What has the same meaning there, under another name.
SAME = {F.Add: 'Add', F.Sub: 'Sub', F.Mul: 'Mul', F.Div: 'Div', F.Pow: 'Pow', F.Neg: 'Neg',
        F.Exp: 'Exp', F.Log: 'Log', F.Sqrt: 'Sqrt', F.Sin: 'Sin', F.Cos: 'Cos', F.Tanh: 'Tanh',
        F.Abs: 'Abs', F.Sign: 'Sign', F.Maximum: 'Max', F.Minimum: 'Min', F.MatMul: 'MatMul',
        F.ReLU: 'Relu', F.Sigmoid: 'Sigmoid', F.Softplus: 'Softplus', Softsign: 'Softsign',
        Erf: 'Erf', Floor: 'Floor', Ceil: 'Ceil', F.Where: 'Where', Identity: 'Identity'}
REDUCTIONS = {F.Mean: 'ReduceMean', F.Max: 'ReduceMax', F.Min: 'ReduceMin',
              LogSumExp: 'ReduceLogSumExp'}


def save_onnx(file, link, *inputs):
    """Save what a link computes from example inputs as an ONNX file; needs the package onnx.

    inputs  arrays, as the network will get them. The first axis may have another length later,
            unless the network itself depends on it
    Inputs have the names of forward's arguments, outputs are y, or y0, y1, ...
    Raises GraphError for an operation that has no counterpart, OSError if nothing can be written.
    """
    try:
        import onnx
    except ImportError:
        raise ImportError("ONNX files need onnx: pip install 'minichain[onnx]'.") from None
    inputs = [backend.to_device(x.data if isinstance(x, Variable) else x, link.device)
              for x in inputs]
    writer = Writer(onnx, link, inputs)
    with test_mode(), observe.watch(writer):
        ys = link(*inputs)
    model = writer.model(ys if isinstance(ys, tuple) else (ys,))
    onnx.checker.check_model(model)
    with new_file(file) as part, open(part, 'xb') as opened:
        opened.write(model.SerializeToString())


class Writer:
    """An observer that writes down operations as ONNX nodes.

    An array goes by the name of the input or the node that it came from; any other is a constant.
    """

    def __init__(self, onnx, link, inputs):
        self.onnx, self.inputs = onnx, inputs
        parameters = list(inspect.signature(link.forward).parameters.values())
        plain = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY,
                                                          p.POSITIONAL_OR_KEYWORD)]
        self.input_names = [plain[i] if i < len(plain) else f'x{i}' for i in range(len(inputs))]
        self.names = {id(x): name for x, name in zip(inputs, self.input_names)}
        self.weights = {id(p): path[1:] for path, p in link.namedparams()}
        self.alive = list(inputs)       # an id belongs to an object as long as that lives
        self.nodes, self.constants, self.taken = [], {}, set(self.input_names)

    def on_apply(self, fn, inputs, outputs):
        self.alive += [*inputs, *outputs, *[y.data for y in outputs]]
        if not any(self.known(x) for x in inputs):
            return      # computed from constants alone: the result is one
        convert = CONVERTERS.get(type(fn))
        if convert is None and isinstance(fn, Fused):
            ys = fn.reference(*[x if isinstance(x, Variable) or not backend.is_array(x)
                                else self.variable(x) for x in inputs])
            for y, twin in zip(outputs, ys if isinstance(ys, tuple) else (ys,)):
                self.call(y, self.names[id(twin)])
            return
        if convert is None:
            raise GraphError(f'ONNX: there is no operator for {fn.label}.')
        like = next(y for y in outputs)
        given = [None if x is None else self.name(x, like.dtype) for x in inputs]
        made = convert(self, fn, given, inputs, outputs)
        for y, name in zip(outputs, made if isinstance(made, tuple) else (made,)):
            self.call(y, name)

    def variable(self, x):
        """An array as a Variable of the same name."""
        twin = Variable(x, requires_grad=False)
        self.alive.append(twin)
        if id(x) in self.names:
            self.names[id(twin)] = self.names[id(x)]
        return twin

    def known(self, x):
        """The name of an input, or of what was computed from inputs; None for a constant."""
        return self.names.get(id(x)) or (self.names.get(id(x.data)) if isinstance(x, Variable)
                                         else None)

    def call(self, y, name):
        self.names[id(y)] = self.names[id(y.data)] = name

    def name(self, x, dtype):
        """The name of anything that goes into a node; a number or a constant gets one."""
        known = self.known(x)
        if known:
            return known
        array = backend.to_cpu(x.data if isinstance(x, Variable) else x)
        array = np.asarray(array, dtype if isinstance(x, (int, float)) else None)
        return self.constant(array, self.weights.get(id(x), 'constant'), id(x))

    def constant(self, array, stem='constant', key=None):
        """The name of an array that stands in the file."""
        key = (key, array.dtype.str) if stem != 'constant' else (array.tobytes(), array.shape,
                                                                 array.dtype.str)
        if key not in self.constants:
            name = self.fresh(stem)
            self.constants[key] = self.onnx.numpy_helper.from_array(
                np.ascontiguousarray(array).reshape(array.shape), name)
        return self.constants[key].name

    def whole(self, numbers):
        """The name of a constant of whole numbers."""
        return self.constant(np.array(numbers, 'int64'))

    def fresh(self, stem):
        """A name that nothing has yet."""
        name, count = stem, 0
        while name in self.taken:
            count += 1
            name = f'{stem}_{count}'
        self.taken.add(name)
        return name

    def node(self, operator, inputs, outputs=1, **attributes):
        """Write a node; gives the name of its output, or the names."""
        names = [self.fresh(f'{operator.lower()}_out') for _ in range(outputs)]
        self.nodes.append(self.onnx.helper.make_node(
            operator, ['' if name is None else name for name in inputs], names, **attributes))
        return names[0] if outputs == 1 else tuple(names)

    def model(self, ys):
        """The whole file."""
        helper, infos = self.onnx.helper, []
        names = ['y'] if len(ys) == 1 else [f'y{i}' for i in range(len(ys))]
        for y, name in zip(ys, names):
            self.nodes.append(helper.make_node('Identity', [self.name(y, y.dtype)], [name]))
        used = {name for node in self.nodes for name in node.input}
        lost = [name for name in self.input_names if name not in used]
        if lost:
            raise GraphError(f'ONNX: what is computed does not depend on the input {lost[0]!r}, or '
                             'by a way that was not seen: through its array, x.data.')
        for name, x in [*zip(self.input_names, self.inputs), *zip(names, ys)]:
            kind = helper.np_dtype_to_tensor_dtype(np.dtype(x.dtype))
            first = ['N'] if x.shape and x.shape[:1] == self.inputs[0].shape[:1] else x.shape[:1]
            infos.append(helper.make_tensor_value_info(name, kind, [*first, *x.shape[1:]]))
        count = len(self.inputs)
        graph = helper.make_graph(self.nodes, 'minichain', infos[:count], infos[count:],
                                  list(self.constants.values()))
        return helper.make_model(graph, ir_version=FORMAT, producer_name='minichain',
                                 opset_imports=[helper.make_opsetid('', OPSET)])


# Operations: (writer, operation, names of the inputs, the inputs, the outputs) -> names -----------

def same(w, fn, names, xs, ys):
    return w.node(SAME[type(fn)], names)


def square(w, fn, names, xs, ys):
    return w.node('Mul', names * 2)


def rows(w, fn, names, xs, ys):
    return w.node('Gemm', names if names[2] else names[:2], transB=1)


def softmax(w, fn, names, xs, ys):
    return w.node('Softmax' if type(fn) is F.Softmax else 'LogSoftmax', names, axis=fn.axis)


def leaky(w, fn, names, xs, ys):
    return w.node('LeakyRelu', names, alpha=float(fn.slope))


def elu(w, fn, names, xs, ys):
    return w.node('Elu', names, alpha=float(fn.alpha))


def silu(w, fn, names, xs, ys):
    return w.node('Mul', [names[0], w.node('Sigmoid', names)])


def gelu(w, fn, names, xs, ys):
    number = [w.name(value, ys[0].dtype) for value in (math.sqrt(0.5), 1.0, 0.5)]
    inner = w.node('Erf', [w.node('Mul', [names[0], number[0]])])
    twice = w.node('Mul', [names[0], w.node('Add', [inner, number[1]])])
    return w.node('Mul', [twice, number[2]])


def clip(w, fn, names, xs, ys):
    limits = [None if v is None else w.name(float(v), ys[0].dtype) for v in (fn.low, fn.high)]
    return w.node('Clip', [*names, *limits])


def borders(fn):
    """The padding of windows: before each axis, then behind each."""
    pad = fn.windows.pad
    return [*pad, *[end - n - p for end, n, p in zip(fn.framed, fn.size, pad)]]


def window(fn):
    return {'kernel_shape': list(fn.windows.ksize), 'strides': list(fn.windows.stride)}


def convolution(w, fn, names, xs, ys):
    return w.node('Conv', names if names[2] else names[:2], **window(fn),
                  pads=list(fn.windows.pad) * 2, dilations=list(fn.windows.dilate),
                  group=fn.groups)


def transposed(w, fn, names, xs, ys):
    more = [n - s for n, s in zip(fn.size, fn.windows.size(xs[0].shape[2:]))]
    return w.node('ConvTranspose', names if names[2] else names[:2], **window(fn),
                  pads=list(fn.windows.pad) * 2, dilations=list(fn.windows.dilate),
                  output_padding=more, group=fn.groups)


def max_pool(w, fn, names, xs, ys):
    return w.node('MaxPool', names, **window(fn), pads=borders(fn))


def avg_pool(w, fn, names, xs, ys):
    return w.node('AveragePool', names, **window(fn), pads=borders(fn), count_include_pad=1)


def axes_of(fn, x):
    axes = range(len(x.shape)) if fn.axis is None else np.atleast_1d(fn.axis).tolist()
    return [axis % len(x.shape) for axis in axes]


def total(w, fn, names, xs, ys):
    return w.node('ReduceSum', [*names, w.whole(axes_of(fn, xs[0]))], keepdims=int(fn.keepdims))


def reduction(w, fn, names, xs, ys):
    return w.node(REDUCTIONS[type(fn)], names, axes=axes_of(fn, xs[0]), keepdims=int(fn.keepdims))


def extreme(w, fn, names, xs, ys):
    name = 'ArgMax' if fn.sign > 0 else 'ArgMin'
    if fn.axis is None:
        return w.node('Squeeze', [w.node(name, [w.node('Reshape', [names[0], w.whole([-1])])],
                                         axis=0)])
    return w.node(name, names, axis=fn.axis, keepdims=0)


def reshape(w, fn, names, xs, ys):
    shape, old = list(ys[0].shape), xs[0].shape
    if shape and old and shape[0] == old[0]:
        shape[0] = 0        # as it is in the input: a batch of any size
    return w.node('Reshape', [*names, w.whole(shape)])


def transpose(w, fn, names, xs, ys):
    count = len(xs[0].shape)
    axes = reversed(range(count)) if fn.axes is None else [axis % count for axis in fn.axes]
    return w.node('Transpose', names, perm=list(axes))


def broadcast(w, fn, names, xs, ys):
    return w.node('Expand', [*names, w.whole(ys[0].shape)])


def sum_to(w, fn, names, xs, ys):
    lead = len(xs[0].shape) - len(ys[0].shape)
    axes = [*range(lead), *[i + lead for i, n in enumerate(ys[0].shape)
                            if n == 1 and xs[0].shape[i + lead] != 1]]
    y = w.node('ReduceSum', [*names, w.whole(axes)], keepdims=1) if axes else names[0]
    return w.node('Reshape', [y, w.whole(ys[0].shape)])


def concat(w, fn, names, xs, ys):
    return w.node('Concat', names, axis=fn.axis)


def split(w, fn, names, xs, ys):
    lengths = [y.shape[fn.axis] for y in ys]
    return w.node('Split', [*names, w.whole(lengths)], len(ys), axis=fn.axis)


def embedding(w, fn, names, xs, ys):
    if fn.ignore_label is not None:
        raise GraphError('ONNX: there is no operator for embed_id with ignore_label.')
    return w.node('Gather', [names[1], names[0]], axis=0)


def part(w, fn, names, xs, ys):
    """x[index] with numbers, slices, None, an Ellipsis, or one array of whole numbers."""
    index = list(fn.index) if isinstance(fn.index, tuple) else [fn.index]
    count = sum(entry is not None and entry is not Ellipsis for entry in index)
    rest = [slice(None)] * (len(xs[0].shape) - count)
    if not any(entry is Ellipsis for entry in index):
        index.append(Ellipsis)
    place = next(i for i, entry in enumerate(index) if entry is Ellipsis)
    index[place:place + 1] = rest
    y, axis, gone, new, cuts = names[0], 0, [], [], []
    for entry in index:
        if entry is None:
            new.append(len(new) + axis - len(gone))
            continue
        n = xs[0].shape[axis]
        if isinstance(entry, (int, np.integer)):
            cuts.append((int(entry) % n, int(entry) % n + 1, axis, 1))
            gone.append(axis)
        elif isinstance(entry, slice):
            start, stop, step = entry.indices(n)
            if (start, stop, step) != (0, n, 1):
                stop = stop if stop >= 0 else -n - 1        # before the first, going backwards
                cuts.append((start, stop, axis, step))
        elif np.asarray(entry).dtype.kind in 'iu' and backend.is_array(entry) and not gone:
            y = w.node('Gather', [y, w.whole(backend.to_cpu(entry) % n)], axis=axis)
            if np.ndim(entry) != 1:
                raise GraphError('ONNX: there is no operator for this choice of elements.')
        else:
            raise GraphError('ONNX: there is no operator for this choice of elements.')
        axis += 1
    if cuts:
        starts, stops, axes, steps = map(list, zip(*cuts))
        y = w.node('Slice', [y, *map(w.whole, (starts, stops, axes, steps))])
    if gone:
        y = w.node('Squeeze', [y, w.whole(gone)])
    return w.node('Unsqueeze', [y, w.whole(new)]) if new else y


def pad(w, fn, names, xs, ys):
    before, behind = zip(*fn.widths)
    return w.node('Pad', [*names, w.whole([*before, *behind]),
                          w.name(float(fn.value), ys[0].dtype)])


def cast(w, fn, names, xs, ys):
    return w.node('Cast', names, to=w.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(ys[0].dtype)))


CONVERTERS = {
    **dict.fromkeys(SAME, same), **dict.fromkeys(REDUCTIONS, reduction), F.Square: square,
    F.Linear: rows, F.Softmax: softmax, F.LogSoftmax: softmax, F.LeakyReLU: leaky, ELU: elu,
    SiLU: silu, GELU: gelu, F.Clip: clip, F.Conv2d: convolution, F.ConvTranspose2d: transposed,
    F.MaxPool2d: max_pool, F.AvgPool2d: avg_pool, F.Sum: total, ArgMax: extreme,
    F.Reshape: reshape, F.Transpose: transpose, F.BroadcastTo: broadcast, F.SumTo: sum_to,
    F.Concat: concat, F.Split: split, F.EmbedId: embedding, F.GetItem: part, Pad: pad, F.Cast: cast,
}
