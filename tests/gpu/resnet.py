"""A training step of ResNet-50 (He et al. 2015), written once for both frameworks.

`step(framework, device, tiny)` gives a function that trains on one batch, always the same, and
returns the loss. Both frameworks start from the same weights and data.
"""
import numpy as np

STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
LR, MOMENTUM, EPS = 0.01, 0.9, 1e-5


def weights(tiny):
    """({name: array}, the strides of the blocks). A tiny one has the same form and few channels."""
    rng = np.random.default_rng(0)
    thin = 16 if tiny else 1
    arrays, strides = {}, {}

    def conv(name, n_in, n_out, size):
        deviation = (2 / (n_in * size * size)) ** 0.5
        arrays[f'{name}_W'] = (rng.standard_normal((n_out, n_in, size, size)) * deviation)
        arrays[f'{name}_gamma'], arrays[f'{name}_beta'] = np.ones(n_out), np.zeros(n_out)

    conv('stem', 3, 64 // thin, 7)
    channels = 64 // thin
    for stage, (width, blocks) in enumerate(STAGES):
        width //= thin
        for block in range(blocks):
            name = f'block{stage}_{block}'
            strides[name] = 2 if stage and not block else 1
            for part, sizes in (('a', (channels, width, 1)), ('b', (width, width, 3)),
                                ('c', (width, 4 * width, 1))):
                conv(f'{name}{part}', *sizes)
            if not block:
                conv(f'{name}_short', channels, 4 * width, 1)
            channels = 4 * width
    classes = 10 if tiny else 1000
    arrays['out_W'] = rng.standard_normal((classes, channels)) * channels ** -0.5
    arrays['out_b'] = np.zeros(classes)
    return {name: array.astype('float32') for name, array in arrays.items()}, strides


def batch(tiny):
    rng = np.random.default_rng(1)
    n, side, classes = (4, 64, 10) if tiny else (16, 224, 1000)
    return rng.standard_normal((n, 3, side, side), 'float32'), rng.integers(0, classes, n)


def scores(f, p, strides, x):
    """The net. f has a framework's functions, p the parameters by name."""
    def unit(name, h, stride=1, pad=0):
        h = f.conv(h, p[f'{name}_W'], stride, pad)
        return f.norm(h, p[f'{name}_gamma'], p[f'{name}_beta'])

    h = f.max_pool(f.relu(unit('stem', x, 2, 3)), 3, 2, 1)
    for name, stride in strides.items():
        short = unit(f'{name}_short', h, stride) if f'{name}_short_W' in p else h
        inner = f.relu(unit(f'{name}a', h))
        inner = f.relu(unit(f'{name}b', inner, stride, 1))
        h = f.relu(unit(f'{name}c', inner) + short)
    return f.linear(f.mean(h), p['out_W'], p['out_b'])


class Minichain:
    """minichain's functions."""

    def __init__(self, device, arrays):
        import minichain as mc
        import minichain.functions as F
        self.mc, self.device = mc, device
        self.relu, self.linear, self.loss = F.relu, F.linear, F.softmax_cross_entropy
        self.conv = lambda x, W, stride, pad: F.conv2d(x, W, stride=stride, pad=pad)
        self.norm = lambda x, gamma, beta: F.batch_norm(x, gamma, beta, EPS)
        self.max_pool, self.mean = F.max_pool2d, lambda x: F.mean(x, (2, 3))
        self.model = mc.Link()
        with self.model.init_scope():
            for name, array in arrays.items():
                setattr(self.model, name, mc.Parameter(array))
        self.model.to_device(device)
        self.p = {path[1:]: param for path, param in self.model.namedparams()}
        self.optimizer = mc.optimizers.MomentumSGD(LR, MOMENTUM).setup(self.model)

    def send(self, array):
        return self.mc.to_device(array, self.device)

    def train(self, loss):
        self.model.cleargrads()
        loss.backward()
        self.optimizer.update()


class PyTorch:
    """PyTorch's functions."""

    def __init__(self, device, arrays):
        import torch
        import torch.nn.functional as F
        self.torch, self.device = torch, device
        self.relu, self.linear, self.loss = F.relu, F.linear, F.cross_entropy
        self.conv = lambda x, W, stride, pad: F.conv2d(x, W, stride=stride, padding=pad)
        self.norm = lambda x, gamma, beta: F.batch_norm(x, None, None, gamma, beta, True, eps=EPS)
        self.max_pool, self.mean = F.max_pool2d, lambda x: x.mean((2, 3))
        self.p = {name: torch.tensor(array, device=device, requires_grad=True)
                  for name, array in arrays.items()}
        self.optimizer = torch.optim.SGD(self.p.values(), lr=LR, momentum=MOMENTUM)

    def send(self, array):
        return self.torch.tensor(array, device=self.device)

    def train(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


def step(framework, device, tiny):
    arrays, strides = weights(tiny)
    f = {'minichain': Minichain, 'pytorch': PyTorch}[framework](device, arrays)
    x, t = map(f.send, batch(tiny))

    def train():
        loss = f.loss(scores(f, f.p, strides, x), t)
        f.train(loss)
        return loss.item()
    return train
