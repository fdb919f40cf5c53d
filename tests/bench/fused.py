"""Why operations are fused: python tests/bench/fused.py [rounds]

Each operation that is written by hand beside the composition that defines it (its `reference`),
forward and backward on arrays of an ordinary size: milliseconds of CPU time, the least of several
rounds in which both take turns.
"""
import sys
import time

import numpy as np

import minichain as mc
import minichain.functions as F
from minichain.functions.loss import SoftmaxCrossEntropy
from minichain.functions.normalization import BatchNorm, GroupNorm, LayerNorm
from minichain.functions.packed import GRUSweep, LSTMSweep, Packing
from minichain.functions.recurrent import LSTM, TreeLSTM

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 7


def real(*shape):
    return mc.Variable(np.random.default_rng(0).standard_normal(shape).astype('float32'))


def cases():
    """For each operation: how to make it, and its inputs."""
    packing = Packing([20] * 35, 20)
    labels = np.zeros(200, 'int64')
    return {
        'lstm, 20 x 200': (LSTM, real(20, 200), real(20, 800), real(20, 800), real(800)),
        'tree_lstm, 1 x 100': (TreeLSTM, real(1, 100), real(1, 100), real(1, 500)),
        'lstm_sweep, 35 steps of 20 x 200': (
            lambda: LSTMSweep(packing), real(20, 200), real(20, 200), real(700, 800),
            real(800, 200)),
        'gru_sweep, 35 steps of 20 x 200': (
            lambda: GRUSweep(packing), real(20, 200), real(700, 600), real(600, 200), real(600)),
        'batch_norm, 32 x 64 x 16 x 16': (
            lambda: BatchNorm(2e-5), real(32, 64, 16, 16), real(64), real(64)),
        'group_norm, 32 x 64 x 16 x 16': (
            lambda: GroupNorm(8, 1e-5), real(32, 64, 16, 16), real(64), real(64)),
        'layer_norm, 640 x 200': (lambda: LayerNorm(1e-5), real(640, 200), real(200), real(200)),
        'softmax_cross_entropy, 200 x 1000': (
            lambda: SoftmaxCrossEntropy(-1), real(200, 1000), labels),
    }


def learn(ys):
    ys = ys if isinstance(ys, tuple) else (ys,)
    sum((F.sum(y) for y in ys[1:]), F.sum(ys[0])).backward()


def milliseconds(step, count):
    start = time.process_time()
    for _ in range(count):
        step()
    return (time.process_time() - start) / count * 1e3


def measure(make, *inputs):
    """(fused, composed): the least time of each."""
    known = make()
    known.apply(*inputs)        # a loss knows its labels from forward

    def fused():
        learn(make().apply(*inputs))

    def composed():
        learn(known.reference(*inputs))
    steps = fused, composed
    count = max(1, int(20 / max(milliseconds(composed, 1), 0.1)))
    return [min(times) for times in zip(*[[milliseconds(step, count) for step in steps]
                                          for _ in range(ROUNDS)])]


def main():
    print(f'{"":36}fused, ms  composed, ms  ratio')
    for name, case in cases().items():
        fused, composed = measure(*case)
        print(f'{name:36}{fused:9.3f}{composed:14.3f}{fused / composed:7.2f}', flush=True)


if __name__ == '__main__':
    main()
