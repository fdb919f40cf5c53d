"""How much memory a training step takes at its peak, beside PyTorch where it is installed.

    python tests/bench/memory.py                all
    python tests/bench/memory.py resnet50       some

Each framework computes in a process of its own. What counts is the largest resident memory of that
process, as the operating system tells it, in MiB: in all, and beyond what it held after importing.
Linux alone: elsewhere the peak cannot be told from that of the process that started it.
"""
import argparse
import importlib.util
import pathlib
import subprocess
import sys

import numpy as np

STEPS = 3
BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
WORKS = {
    'vgg': 'six 3x3 convolutions with batch normalization, batch of 32 of 3x32x32, momentum',
    'vgg16': 'thirteen convolutions and three linear layers, batch of 32 of 3x32x32, momentum',
    'resnet50': 'fifty layers, forward and backward of a batch of 2 of 3x64x64',
}
FRAMEWORKS = {'minichain': ('vgg', 'vgg16', 'resnet50'), 'torch': ('vgg', 'vgg16')}


def resident(which):
    """VmHWM, the peak, or VmRSS, what is resident now: MiB."""
    for line in pathlib.Path('/proc/self/status').read_text().splitlines():
        if line.startswith(f'{which}:'):
            return int(line.split()[1]) / 1024
    raise OSError(f'/proc/self/status has no {which}')


def images(count, size):
    rng = np.random.default_rng(0)
    return rng.random((count, 3, size, size), 'float32'), rng.integers(0, 10, count)


def minichain_step(work):
    import steps_minichain
    import minichain as mc
    import minichain.functions as F
    import minichain.links as L
    imported = resident('VmRSS')
    if work == 'vgg':
        return imported, steps_minichain.build('vgg')
    x, t = images(32, 32) if work == 'vgg16' else images(2, 64)
    model = L.VGG16(10, 512) if work == 'vgg16' else L.ResNet50(10)
    optimizer = mc.optimizers.MomentumSGD(0.001).setup(model)

    def step():
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        if work == 'vgg16':
            optimizer.update()
    return imported, step


def torch_step(work):
    import torch
    import steps_pytorch
    imported = resident('VmRSS')
    if work == 'vgg':
        return imported, steps_pytorch.build('vgg')
    nn, layers, channels = torch.nn, [], 3
    for block in BLOCKS:
        for n in block:
            layers += [nn.Conv2d(channels, n, 3, padding=1), nn.ReLU()]
            channels = n
        layers.append(nn.MaxPool2d(2))
    layers += [nn.Flatten(), nn.Linear(512, 512), nn.ReLU(), nn.Dropout(), nn.Linear(512, 512),
               nn.ReLU(), nn.Dropout(), nn.Linear(512, 10)]
    model = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), 0.001, 0.9)
    x, t = map(torch.tensor, images(32, 32))

    def step():
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), t).backward()
        optimizer.step()
    return imported, step


def measure(work, framework):
    """(MiB in all, MiB beyond what importing took) of a process that trains a few steps."""
    done = subprocess.run([sys.executable, __file__, '--child', framework, work], check=True,
                          stdout=subprocess.PIPE, text=True)
    peak, imported = map(float, done.stdout.split())
    return peak, peak - imported


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('works', nargs='*', help=f'of {", ".join(WORKS)} (default: all)')
    parser.add_argument('--child', choices=FRAMEWORKS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    unknown = [work for work in options.works if work not in WORKS]
    if unknown:
        parser.error(f'there is no work {unknown[0]!r}; there are {", ".join(WORKS)}')
    if options.child:
        make = {'minichain': minichain_step, 'torch': torch_step}[options.child]
        imported, step = make(options.works[0])
        for _ in range(STEPS):
            step()
        print(resident('VmHWM'), imported)
        return
    frameworks = [name for name in FRAMEWORKS if name == 'minichain'
                  or importlib.util.find_spec(name)]
    for work in options.works or WORKS:
        found = {name: measure(work, name) for name in frameworks if work in FRAMEWORKS[name]}
        text = '   '.join(f'{name} {peak:,.0f} MiB ({more:,.0f} beyond importing)'
                          for name, (peak, more) in found.items())
        if len(found) == 2:
            ours, theirs = found.values()
            text += f'   ratio {ours[0] / theirs[0]:.2f} ({ours[1] / theirs[1]:.2f})'
        print(f'{work:<9} {text}', flush=True)


if __name__ == '__main__':
    main()
