"""The works in PyTorch with its default settings: build(work) gives a function that trains a step
and returns the loss."""
import os

import numpy as np
import torch
import torch.nn.functional as F

from works import LSTMS, VGG, load

torch.set_num_threads(int(os.environ.get('OMP_NUM_THREADS', '1')))


def build(work, device='cpu'):
    arrays, data = load(work)
    if not arrays:
        return chain_step(work, data)
    data = {name: torch.tensor(a, device=device) if isinstance(a, np.ndarray) else a
            for name, a in data.items()}
    p = {name: torch.tensor(a.T.copy() if name[0] == 'W' else a, requires_grad=True, device=device)
         for name, a in arrays.items()}
    p['cells'] = [make(arrays, *ends).to(device) for make, *ends in CELLS.get(work, ())]
    taken = [kind + end for end in LSTMS.get(work, ()) for kind in ('Wx', 'Wh', 'b')]
    params = [v for name, v in p.items() if name != 'cells' and name not in taken]
    params += [w for cell in p['cells'] for w in cell.parameters() if w.requires_grad]
    if work == 'mlp':
        optimizer = torch.optim.Adam(params, lr=data['lr'])
    else:
        optimizer = torch.optim.SGD(params, lr=data['lr'], momentum=data.get('momentum', 0))
    loss_of = globals()[work]

    def step():
        optimizer.zero_grad()
        if work.startswith('trees'):
            losses = [backward(loss) for loss in loss_of(p, data)]
        else:
            losses = [backward(loss_of(p, data))]
        if 'clip' in data:
            torch.nn.utils.clip_grad_norm_(params, data['clip'])
        optimizer.step()
        return sum(losses)
    return step


def backward(loss):
    loss.backward()
    return loss.item()


def chain_step(work, data):
    x, a, b = (torch.tensor(data[name], requires_grad=name == 'x') for name in 'xab')

    def run():
        y = x
        for _ in range(500):
            y = y * a + b
        return y.sum()

    def step():
        x.grad = None
        return backward(run())

    def step_without_graph():
        with torch.no_grad():
            return run().item()
    return step_without_graph if work == 'no_graph' else step


def mlp(p, data):
    h = F.relu(F.linear(data['x'], p['W0'], p['b0']))
    h = F.relu(F.linear(h, p['W1'], p['b1']))
    return F.cross_entropy(F.linear(h, p['W2'], p['b2']), data['t'])


def lenet(p, data):
    h = F.max_pool2d(F.conv2d(data['x'], p['C0'], p['c0']), 2)
    h = F.max_pool2d(F.conv2d(h, p['C1'], p['c1']), 2)
    h = F.relu(F.linear(h.flatten(1), p['W0'], p['b0']))
    return F.cross_entropy(F.linear(h, p['W1'], p['b1']), data['t'])


def vgg(p, data):
    h, i = data['x'], 0
    for layer in VGG:
        if layer == 'pool':
            h = F.max_pool2d(h, 2)
        else:
            h = F.conv2d(h, p[f'C{i}'], padding=1)
            h = F.relu(F.batch_norm(h, None, None, p[f'gamma{i}'], p[f'beta{i}'], True,
                                    eps=data['eps']))
            i += 1
    return F.cross_entropy(F.linear(h.flatten(1), p['W'], p['b']), data['t'])


def turned(array):
    """Gates i, f, o, g as i, f, g, o, and (out, in): PyTorch's order."""
    i, f, o, g = np.split(array, 4, -1)
    return torch.tensor(np.concatenate((i, f, g, o), -1).T.copy())


def give(module, ends, arrays, two_biases):
    """Give weights to a module; its second biases begin with zero, and learn only if they may."""
    with torch.no_grad():
        for layer, end in ends.items():
            for name, kind in (('weight_ih', 'Wx'), ('weight_hh', 'Wh'), ('bias_ih', 'b')):
                getattr(module, name + layer).copy_(turned(arrays[kind + end]))
            getattr(module, 'bias_hh' + layer).zero_().requires_grad_(two_biases)
    return module


def make_cell(arrays, end):
    return give(torch.nn.LSTMCell(*sizes(arrays, end)), {'': end}, arrays, False)


def make_layers(arrays, *ends):
    layers = torch.nn.LSTM(*sizes(arrays, ends[0]), len(ends))
    return give(layers, {f'_l{i}': end for i, end in enumerate(ends)}, arrays, True)


def sizes(arrays, end):
    return arrays[f'Wx{end}'].shape[0], arrays[f'Wh{end}'].shape[0]


CELLS = {'lstm': [(make_cell, '0'), (make_cell, '1')], 'lstm_whole': [(make_layers, '0', '1')],
         'ragged': [(make_cell, '')], 'ragged_whole': [(make_layers, '')],
         'attention': [(make_layers, '_source'), (make_cell, '_target')]}


def lstm_whole(p, data):
    y, _ = p['cells'][0](F.embedding(data['x'], p['E']))
    return F.cross_entropy(F.linear(y, p['Wo'], p['bo']).flatten(0, 1), data['t'].flatten())


def ragged_whole(p, data):
    packed = torch.nn.utils.rnn.pack_sequence([torch.tensor(s) for s in data['x']])
    packed = packed._replace(data=F.embedding(packed.data, p['E']))
    _, (h, _) = p['cells'][0](packed)
    return F.cross_entropy(F.linear(h[0], p['Wo'], p['bo']), data['t'])


def lstm(p, data):
    states, total = [None, None], 0
    for words, targets in zip(data['x'], data['t']):
        h = F.embedding(words, p['E'])
        for i, cell in enumerate(p['cells']):
            states[i] = cell(h, states[i])
            h = states[i][0]
        total = total + F.cross_entropy(F.linear(h, p['Wo'], p['bo']), targets)
    return total / len(data['x'])


def ragged(p, data):
    sentences, ended, state = data['x'], [], None
    for step in range(len(sentences[0])):
        words = torch.tensor(np.array([s[step] for s in sentences if len(s) > step]))
        if state is not None and len(words) < len(state[0]):
            ended.append(state[0][len(words):])
            state = state[0][:len(words)], state[1][:len(words)]
        state = p['cells'][0](F.embedding(words, p['E']), state)
    last = torch.cat([state[0], *reversed(ended)])
    return F.cross_entropy(F.linear(last, p['Wo'], p['bo']), data['t'])


def trees(p, data):
    def node(tree):
        if isinstance(tree, int):
            leaf = F.linear(F.embedding(torch.tensor([tree]), p['E']), p['Wl'], p['bl'])
            i, o, u = leaf.chunk(3, 1)
            c = torch.sigmoid(i) * torch.tanh(u)
        else:
            (left, c_left), (right, c_right) = node(tree[0]), node(tree[1])
            both = F.linear(torch.cat((left, right), 1), p['Wn'], p['bn'])
            i, f_left, f_right, o, u = both.chunk(5, 1)
            c = (torch.sigmoid(i) * torch.tanh(u) + torch.sigmoid(f_left) * c_left
                 + torch.sigmoid(f_right) * c_right)
        return torch.sigmoid(o) * torch.tanh(c), c

    for tree, label in zip(data['x'], data['t']):
        scores = F.linear(node(tree)[0], p['Wc'], p['bc'])
        yield F.cross_entropy(scores, label[None]) / len(data['x'])


trees_fused = trees         # there is no such cell


def attention(p, data):
    encoder, cell = p['cells']
    outputs, (h, c) = encoder(F.embedding(data['x'], p['E_source']))
    source, state = outputs.transpose(0, 1), (h[0], c[0])
    seen, results = torch.zeros_like(h[0]), []
    for words in data['y']:
        state = cell(torch.cat((F.embedding(words, p['E_target']), seen), 1), state)
        query = state[0].unsqueeze(1)
        weights = torch.softmax(torch.bmm(query, source.transpose(1, 2)), -1)
        context = torch.bmm(weights, source).squeeze(1)
        seen = torch.tanh(F.linear(torch.cat((context, state[0]), 1), p['Wa'], p['ba']))
        results.append(seen)
    scores = F.linear(torch.stack(results), p['Wo'], p['bo'])
    return F.cross_entropy(scores.flatten(0, 1), data['t'].flatten())
