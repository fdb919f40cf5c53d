"""Chainer programs on minichain: the interface of Chainer 7.8.1.

    import minichain.chainer
    minichain.chainer.install()         # from here on, `import chainer` means minichain

    import chainer
    import chainer.functions as F
    import chainer.links as L
    from chainer import training
    from chainer.training import extensions

`import minichain.chainer as chainer` does without installing: `chainer.functions` and the like are
attributes. Either way Chainer's ways hold in the whole process until `uninstall()`: backward keeps
the graph, `y.grad` is what backward begins with, Variables and devices have Chainer's methods, and
initial weights, orders and masks are drawn from NumPy's global generator in Chainer's order, so
that they follow from np.random.seed. `use_numpy_random(False)` draws from minichain's own again.

What means something else in Chainer than in minichain has Chainer's meaning here: gates of an LSTM
side by side, pooling that covers all pixels, gradients that are NaN until they are cleared, npz
files in Chainer's layout (`load_npz` turns the gates for an LSTM of minichain's), Adam's alpha and
eps, links copied with their weights shared, a weight in two places changed twice, weights that
change before all gradients have gone through them, evaluation with all batches alike, old-style
Function and FunctionNode classes, update rules, converters and serializers of one's own,
type_check, config.dtype.

Better than in Chainer, on purpose: a training resumes bit for bit, for random states are saved;
equal largest numbers share the gradient of F.max; F.f1_score is 0 and not NaN where nothing was
found; pickled content of npz files is never loaded; real numbers in batches become float32.

Not here, and each says so by name with what to use instead: ChainerX, iDeep, DALI, Theano, import
from Caffe, downloads of pretrained weights, ChainerMN and parallel updaters, and a few functions,
links and distributions: the table UNSUPPORTED in names.py. GPUs are used through CuPy, without
cuDNN.

Where to find what: names.py has the tables, namespaces.py makes modules of them; variable.py,
link.py, function.py, optimizers.py, trainer.py, data.py and serializers.py are Chainer's classes;
operations.py and windows.py its functions, layers.py, blocks.py, recurrent.py and sequences.py its
links, as far as they are not simply minichain's.
"""
import sys

from ..backend import Device
from ..distributions import Distribution
from ..variable import Variable as CoreVariable
from .device import METHODS as DEVICE_METHODS
from .distributions import METHODS as DISTRIBUTION_METHODS
from . import names
from .namespaces import Namespace, build, missing, stand_ins, top_level
from .randomness import use_numpy_random
from .variable import METHODS as VARIABLE_METHODS

_modules = build()
_before = {}        # attributes of minichain's classes, as they were
METHODS = {CoreVariable: VARIABLE_METHODS, Device: DEVICE_METHODS,
           Distribution: DISTRIBUTION_METHODS}
for _path, _module in _modules.items():
    sys.modules.setdefault(f'{__name__}.{_path}', _module)
    if '.' not in _path:
        globals()[_path] = _module
globals().update(top_level())


def __getattr__(name):
    return missing('chainer', name)


def ways(on):
    """Let Chainer's ways hold in this process, or no longer."""
    if on == bool(_before):
        return
    if on:
        for owner, methods in METHODS.items():
            for name, method in methods.items():
                _before[owner, name] = vars(owner).get(name)
                setattr(owner, name, method)
    else:
        for (owner, name), method in _before.items():
            if method is None:
                delattr(owner, name)
            else:
                setattr(owner, name, method)
        _before.clear()
    use_numpy_random(on)


def install():
    """Make `import chainer` mean minichain, `chainerx` and `chainermn` say that they are missing.

    Raises ImportError if another chainer was imported already.
    """
    ours = sys.modules[__name__]
    found = sys.modules.get('chainer', ours)
    if found is not ours:
        raise ImportError(f'Another chainer was imported already, from {found.__file__}. Call '
                          'minichain.chainer.install() before the first `import chainer`.')
    ways(True)
    sys.modules['chainer'] = ours
    sys.modules.update({f'chainer.{path}': module for path, module in _modules.items()})
    for name, module in stand_ins().items():
        sys.modules.setdefault(name, module)


def uninstall():
    """Undo `install`, and let minichain's own ways hold again."""
    if sys.modules.get('chainer') is sys.modules[__name__]:
        for name in [name for name, module in sys.modules.items()
                     if name == 'chainer' or name.startswith('chainer.')
                     or name in names.ABSENT and isinstance(module, Namespace)]:
            del sys.modules[name]
    ways(False)


ways(True)
