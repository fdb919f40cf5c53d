"""The works that frameworks are compared with: what is computed, from which data and weights.

Every framework starts from the same arrays, so that the losses of the first steps must agree: what
gives other losses does other work. Matrices of weights are (in, out) here, filters (out, in, h, w);
the gates of an LSTM lie in blocks i, f, o, g.
"""
import numpy as np

WORKS = {
    'chain': '1,000 operations y * a, y + b on 100 numbers, forward and backward',
    'chain_large': 'the same on 10,000 numbers',
    'no_graph': 'the same on 100 numbers, forward only, without a graph',
    'mlp': 'layers 784-1000-1000-10, relu, batch of 100, Adam',
    'lenet': 'two 5x5 convolutions and two linear layers on 28x28 images, batch of 64, momentum',
    'vgg': 'six 3x3 convolutions with batch normalization on 32x32 images, batch of 32, momentum',
    'lstm': 'language model of two LSTMs of 200, cell by cell over 35 words, batch of 20, 10,000 '
            'words, gradient clipped, SGD',
    'lstm_whole': 'the same model, through whole sequences at once',
    'ragged': '32 sentences of 5 to 60 words, an LSTM of 128, the batch shrinks as sentences end, '
              'cell by cell, SGD',
    'ragged_whole': 'the same model, through the layer that a framework has for such sentences',
    'trees': 'a tree LSTM of 100 of elementary operations over 50 trees of 10 to 30 words, a graph '
             'and a backward for each, SGD',
    'trees_fused': 'the same with the cell of a node as one operation, where a framework has that',
    'attention': 'translation of 20 words to 20, LSTMs of 128 and attention at each step, batch of '
                 '32, 2,000 words, SGD',
}
SAME_DATA = {'chain_large': 'chain', 'no_graph': 'chain', 'lstm_whole': 'lstm',
             'ragged_whole': 'ragged', 'trees_fused': 'trees'}
VGG = (64, 64, 'pool', 128, 128, 'pool', 256, 256, 'pool')


def load(work):
    """(weights by name, the rest by name) of a work, always the same."""
    name = SAME_DATA.get(work, work)
    params, data = globals()[f'{name}_data'](np.random.default_rng(list(WORKS).index(name)))
    if work == 'chain_large':
        data = {name: np.resize(array, 10_000) for name, array in data.items()}
    return params, data


def weights(rng, *shape):
    """Random weights with a standard deviation of 1 / √(numbers that feed one output)."""
    fan_in = np.prod(shape[1:]) if len(shape) == 4 else shape[0]
    return (rng.standard_normal(shape) / np.sqrt(fan_in)).astype('float32')


def zeros(n):
    return np.zeros(n, 'float32')


def chain_data(rng):
    return {}, {name: np.full(100, value, 'float32')
                for name, value in (('x', 0.5), ('a', 0.999), ('b', 0.001))}


def mlp_data(rng):
    sizes = (784, 1000, 1000, 10)
    params = {}
    for i, (n_in, n_out) in enumerate(zip(sizes, sizes[1:])):
        params[f'W{i}'], params[f'b{i}'] = weights(rng, n_in, n_out), zeros(n_out)
    x = rng.random((100, 784), dtype='float32')
    return params, dict(x=x, t=rng.integers(0, 10, 100), lr=0.001)


def lenet_data(rng):
    params = {'C0': weights(rng, 20, 1, 5, 5), 'c0': zeros(20),
              'C1': weights(rng, 50, 20, 5, 5), 'c1': zeros(50),
              'W0': weights(rng, 800, 500), 'b0': zeros(500),
              'W1': weights(rng, 500, 10), 'b1': zeros(10)}
    x = rng.random((64, 1, 28, 28), dtype='float32')
    return params, dict(x=x, t=rng.integers(0, 10, 64), lr=0.01, momentum=0.9)


def vgg_data(rng):
    params, channels = {}, 3
    for i, filters in enumerate(f for f in VGG if f != 'pool'):
        params[f'C{i}'] = weights(rng, filters, channels, 3, 3)
        params[f'gamma{i}'], params[f'beta{i}'] = np.ones(filters, 'float32'), zeros(filters)
        channels = filters
    params['W'], params['b'] = weights(rng, 4096, 10), zeros(10)
    x = rng.standard_normal((32, 3, 32, 32), dtype='float32')
    return params, dict(x=x, t=rng.integers(0, 10, 32), lr=0.01, momentum=0.9, eps=1e-5)


def table(rng, rows, columns):
    return (rng.standard_normal((rows, columns)) * 0.1).astype('float32')


def lstm_data(rng):
    words, size, steps, batch = 10_000, 200, 35, 20
    params = {'E': table(rng, words, size), 'Wo': weights(rng, size, words), 'bo': zeros(words)}
    for i in range(2):
        params[f'Wx{i}'] = weights(rng, size, 4 * size)
        params[f'Wh{i}'] = weights(rng, size, 4 * size)
        params[f'b{i}'] = zeros(4 * size)
    text = (words ** rng.random((steps + 1, batch))).astype('int64').clip(1, words) - 1
    return params, dict(x=text[:-1].copy(), t=text[1:].copy(), lr=1.0, clip=5.0)


def ragged_data(rng):
    words, size = 1000, 128
    params = {'E': table(rng, words, size), 'Wx': weights(rng, size, 4 * size),
              'Wh': weights(rng, size, 4 * size), 'b': zeros(4 * size),
              'Wo': weights(rng, size, 5), 'bo': zeros(5)}
    lengths = np.sort(rng.integers(5, 61, 32))[::-1]
    sentences = [rng.integers(0, words, n) for n in lengths]
    return params, dict(x=sentences, t=rng.integers(0, 5, 32), lr=0.1)


def trees_data(rng):
    words, size = 5000, 100
    params = {'E': table(rng, words, size), 'Wl': weights(rng, size, 3 * size),
              'bl': zeros(3 * size), 'Wn': weights(rng, 2 * size, 5 * size),
              'bn': zeros(5 * size), 'Wc': weights(rng, size, 5), 'bc': zeros(5)}

    def tree(leaves):
        if leaves == 1:
            return int(rng.integers(0, words))
        left = int(rng.integers(1, leaves))
        return tree(left), tree(leaves - left)

    trees = [tree(int(rng.integers(10, 31))) for _ in range(50)]
    return params, dict(x=trees, t=rng.integers(0, 5, 50), lr=0.05)


def attention_data(rng):
    words, size, steps, batch = 2000, 128, 20, 32
    params = {'E_source': table(rng, words, size), 'E_target': table(rng, words, size),
              'Wx_source': weights(rng, size, 4 * size), 'Wh_source': weights(rng, size, 4 * size),
              'b_source': zeros(4 * size),
              'Wx_target': weights(rng, 2 * size, 4 * size),
              'Wh_target': weights(rng, size, 4 * size), 'b_target': zeros(4 * size),
              'Wa': weights(rng, 2 * size, size), 'ba': zeros(size),
              'Wo': weights(rng, size, words), 'bo': zeros(words)}
    source, before, after = rng.integers(0, words, (3, steps, batch))
    return params, dict(x=source, y=before, t=after, lr=0.5)


# The endings of the names of LSTMs' weights: of all, and of those that run over whole sequences.
GATES = 'Wx', 'Wh', 'b'     # what the weights of LSTMs are called, and what may follow
LSTMS = {'lstm': '01', 'lstm_whole': '01', 'ragged': [''], 'ragged_whole': [''],
         'attention': ['_source', '_target']}

WHOLE = {'lstm_whole': '01', 'ragged_whole': [''], 'attention': ['_source']}    # at once


def with_gates(work, arrays, change):
    """The weights, those of the LSTMs changed by change(array), which puts gates in its order."""
    names = {kind + end for end in LSTMS.get(work, ()) for kind in GATES}
    return {name: change(array) if name in names else array for name, array in arrays.items()}
