"""Training steps on a GPU, one framework in a process of its own, as lines of JSON.

    python tests/gpu/steps.py minichain|pytorch [work ...] [--tf32] [--stand-in]

Before each work a line that names it and those that follow, after it one with the seconds a step
(the median of several), the MiB that the framework's pool held at most, and the losses of the first
three steps. check.py runs this and compares. --tf32 lets products of float32 be rounded to the
GPU's 19-bit format, in both frameworks alike; without it, in neither.
"""
import argparse
import contextlib
import json
import os
import pathlib
import statistics
import sys
import time

GPU = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(GPU.parents[1]), str(GPU.parent), str(GPU.parent / 'bench'), str(GPU)]

WORKS = 'mlp', 'lenet', 'lstm', 'lstm_whole', 'vgg', 'resnet50'
WITHOUT_GPU = 'mlp', 'lenet', 'resnet50'        # the last one tiny
SECONDS = 2.0           # for each work, once it is warm


class Minichain:
    name = 'minichain'

    def __init__(self, options):
        os.environ['CUPY_TF32'] = str(int(options.tf32))        # read when CuPy is imported
        import steps_minichain
        from minichain import backend
        self.backend, self.build, self.device = backend, steps_minichain.build, 'gpu'
        if not backend.gpu_available():
            sys.exit(backend.gpu_status())

    def synchronize(self):
        self.backend.get_device('gpu').synchronize()

    def mib(self):
        """What the pool holds: it never shrinks by itself, so it is the most there was."""
        return self.backend.get_device('gpu').memory().held / 2 ** 20

    def forget(self):
        self.backend.free_memory('gpu')


class PyTorch:
    name = 'pytorch'

    def __init__(self, options):
        import torch
        import steps_pytorch
        self.cuda, self.build = torch.cuda, steps_pytorch.build
        self.device = 'cpu' if options.stand_in else 'cuda'
        self.dry = options.stand_in
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.tf32
        if not (self.dry or torch.cuda.is_available()):
            sys.exit('PyTorch is installed, but sees no GPU.')

    def synchronize(self):
        if not self.dry:
            self.cuda.synchronize()

    def mib(self):
        return 0.0 if self.dry else self.cuda.max_memory_reserved() / 2 ** 20

    def forget(self):
        if not self.dry:
            self.cuda.empty_cache()
            self.cuda.reset_peak_memory_stats()


def step_of(framework, work, tiny):
    """A function that trains one step and returns the loss."""
    if work == 'resnet50':
        import resnet
        return resnet.step(framework.name, framework.device, tiny)
    return framework.build(work, framework.device)


def measure(framework, work, dry):
    """One row."""
    framework.forget()
    step = step_of(framework, work, tiny=dry)
    losses = [step() for _ in range(3)]
    times, end = [], time.perf_counter() + (0 if dry else SECONDS)
    while len(times) < (1 if dry else 3) or time.perf_counter() < end:
        framework.synchronize()
        start = time.perf_counter()
        step()
        framework.synchronize()
        times.append(time.perf_counter() - start)
    return {'work': work, 'seconds': statistics.median(times), 'mib': framework.mib(),
            'losses': losses}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('framework', choices=['minichain', 'pytorch'])
    parser.add_argument('works', nargs='*', help='default: all')
    parser.add_argument('--tf32', action='store_true')
    parser.add_argument('--stand-in', action='store_true', help='run without a GPU; no real times')
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        if options.stand_in:
            import standin
            stack.enter_context(standin.installed())
        framework = (Minichain if options.framework == 'minichain' else PyTorch)(options)
        works = options.works or (WITHOUT_GPU if options.stand_in else WORKS)
        for i, work in enumerate(works):
            print(json.dumps({'begins': works[i:]}), flush=True)
            print(json.dumps(measure(framework, work, options.stand_in)), flush=True)


if __name__ == '__main__':
    main()
