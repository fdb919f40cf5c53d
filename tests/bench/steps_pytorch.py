"""The works in PyTorch with its default settings: build(work) gives a function that trains a step
and returns the loss."""
import os

import numpy as np
import torch
import torch.nn.functional as F

from works import VGG, load

torch.set_num_threads(int(os.environ.get('OMP_NUM_THREADS', '1')))


def build(work):
    arrays, data = load(work)
    p = {name: torch.tensor(a.T.copy() if name[0] == 'W' else a, requires_grad=True)
         for name, a in arrays.items()}
    data = {name: torch.tensor(a) if isinstance(a, np.ndarray) else a for name, a in data.items()}
    params = list(p.values())
    if work in ('lstm', 'ragged'):
        p['cells'] = [make_cell(arrays, i) for i in ((0, 1) if work == 'lstm' else ('',))]
        params = [v for name, v in p.items() if name in ('E', 'Wo', 'bo')]
        params += [w for cell in p['cells'] for w in cell.parameters() if w.requires_grad]
    if work == 'mlp':
        optimizer = torch.optim.Adam(params, lr=data['lr'])
    else:
        optimizer = torch.optim.SGD(params, lr=data['lr'], momentum=data.get('momentum', 0))
    loss_of = globals()[work]

    def step():
        optimizer.zero_grad()
        loss = loss_of(p, data)
        loss.backward()
        if 'clip' in data:
            torch.nn.utils.clip_grad_norm_(params, data['clip'])
        optimizer.step()
        return loss.item()
    return step


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


def make_cell(arrays, i):
    """An LSTMCell with the given weights; its second bias is zero and does not learn."""
    def turned(array):
        gate_i, f, o, g = np.split(array, 4, -1)
        return torch.tensor(np.concatenate((gate_i, f, g, o), -1).T.copy())

    wx, wh, b = (turned(arrays[f'{name}{i}']) for name in ('Wx', 'Wh', 'b'))
    cell = torch.nn.LSTMCell(wx.shape[1], wh.shape[1])
    with torch.no_grad():
        cell.weight_ih.copy_(wx)
        cell.weight_hh.copy_(wh)
        cell.bias_ih.copy_(b)
        cell.bias_hh.zero_().requires_grad_(False)
    return cell


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

    total = 0
    for tree, label in zip(data['x'], data['t']):
        total = total + F.cross_entropy(F.linear(node(tree)[0], p['Wc'], p['bc']), label[None])
    return total / len(data['x'])
