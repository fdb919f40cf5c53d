"""Well-known nets in the net builder: from their code and from a link, and back, the same net."""
import itertools

import numpy as np
import pytest

import minichain as mc

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain_widgets.builder import net                   # noqa: E402
from minichain_widgets.builder.blocks import BuildError     # noqa: E402
from minichain_widgets.builder.data import Data             # noqa: E402
from minichain_widgets.builder.draft import Draft           # noqa: E402
from minichain_widgets.builder.shapes import Shape, Target  # noqa: E402

HEAD = '''import minichain as mc
import minichain.functions as F
import minichain.links as L

'''
IMAGES = Shape('CHW', (3, 16, 16)), np.linspace(-1, 1, 1536, dtype='f').reshape(2, 3, 16, 16)
WORDS = Shape('T', (7,), 30), np.arange(14, dtype='int32').reshape(2, 7)
SERIES = Shape('TI', (5, 3)), np.linspace(-1, 1, 30, dtype='f').reshape(2, 5, 3)

LENET = '''
class LeNet(mc.Chain):
    def __init__(self, channels=6):
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Conv2d(3, channels, 5, pad=2)
            self.conv2 = L.Conv2d(channels, 2 * channels + 4, 5)
            self.full1, self.full2 = L.Linear(None, 30), L.Linear(30, 4)

    def forward(self, x):
        x = F.max_pool2d(F.tanh(self.conv1(x)), 2)
        x = F.max_pool2d(F.tanh(self.conv2(x)), 2)
        x = F.reshape(x, (x.shape[0], -1))
        return self.full2(F.tanh(self.full1(x)))


model = LeNet(channels=4)
'''
VGG = '''
class Stage(mc.Chain):
    def __init__(self, n_in, n_out, count):
        super().__init__()
        with self.init_scope():
            self.first = L.Conv2d(n_in, n_out, 3, pad=1)
            self.others = mc.Sequential(L.Conv2d(n_out, n_out, 3, pad=1), F.relu).repeat(count - 1)

    def forward(self, x):
        return F.max_pool2d(self.others(F.relu(self.first(x))), 2)


SIZES = [4, 6, 8]
model = mc.Sequential(Stage(3, SIZES[0], 1), Stage(4, SIZES[1], 2), Stage(6, SIZES[2], 3),
                      F.flatten, L.Linear(None, 16), F.relu, L.Dropout(0.5), L.Linear(16, 4))
'''
RESNET = '''
class Block(mc.Chain):
    """Two convolutions beside a shortcut, with a projection where the shape changes."""

    def __init__(self, n_in, n_out, stride=1):
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Conv2d(n_in, n_out, 3, stride, 1, nobias=True)
            self.norm1 = L.BatchNorm(n_out)
            self.conv2 = L.Conv2d(n_out, n_out, 3, pad=1, nobias=True)
            self.norm2 = L.BatchNorm(n_out)
            if n_in != n_out or stride > 1:
                self.project = L.Conv2d(n_in, n_out, 1, stride, nobias=True)
            else:
                self.project = None

    def forward(self, x):
        h = F.relu(self.norm1(self.conv1(x)))
        h = self.norm2(self.conv2(h))
        return F.relu(h + (x if self.project is None else self.project(x)))


class ResNet(mc.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.blocks = mc.ChainList()
            for n_in, n_out in zip([3, 4, 4], [4, 4, 8]):
                self.blocks.append(Block(n_in, n_out, stride=n_out // 4))
            self.out = L.Linear(8, 4)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.out(F.mean(x, axis=(2, 3)))
'''
INCEPTION = '''
class Inception(mc.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.one = L.Conv2d(3, 2, 1)
            self.three = mc.Sequential(L.Conv2d(3, 2, 1), F.relu, L.Conv2d(2, 4, 3, pad=1))
            self.five = mc.Sequential(L.Conv2d(3, 2, 1), F.relu, L.Conv2d(2, 3, 5, pad=2))
            self.pooled = L.Conv2d(3, 2, 1)
            self.l = L.Linear(11, 4)

    def forward(self, x):
        branches = [self.one, self.three, self.five,
                    lambda x: self.pooled(F.max_pool2d(x, 3, 1, 1))]
        h = F.relu(F.concat([branch(x) for branch in branches]))
        return self.l(F.global_avg_pool(h))
'''
UNET = '''
class Skips(mc.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.a, self.b = L.Conv2d(3, 4, 3, pad=1), L.Conv2d(4, 4, 3, pad=1)
            self.c, self.l = L.Conv2d(8, 5, 3, pad=1), L.Linear(8, 4)

    def forward(self, x):
        near = self.a(x)
        far = F.concat([near, self.b(near)], axis=1)
        far = F.concat([self.c(far), x], axis=1)
        return self.l(F.max(far, axis=(2, 3)))
'''
ENCODER = '''
class Encoder(mc.Chain):
    def __init__(self, words, units):
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(words, units)
            self.there = L.LSTM(units, units)
            self.back = L.LSTM(units, units)
            self.look = L.MultiHeadAttention(2 * units, 2)
            self.norm = L.LayerNorm(2 * units)
            self.out = L.Linear(2 * units, 4)

    def forward(self, x):
        steps = F.separate(self.embed(x), axis=1)
        there, back = [], []
        for step in steps:
            there.append(self.there(step))
        for step in reversed(steps):
            back.append(self.back(step))
        h = F.concat([F.stack(there, axis=1), F.stack(back[::-1], axis=1)], axis=2)
        h = self.norm(h + self.look(h))
        return self.out(F.mean(h, axis=1))


model = Encoder(30, 4)
'''
CHARACTERS = '''
class Characters(mc.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(30, 5)
            self.cells = mc.ChainList(L.GRU(5, 6), L.GRU(6, 6))
            self.next = L.Linear(6, 4)

    def forward(self, x):
        for cell in self.cells:
            cell.reset_state()
        for step in F.separate(self.embed(x), axis=1):
            h = step
            for cell in self.cells:
                h = cell(h)
        return self.next(h)
'''
WORD_BY_WORD = '''
class Words(mc.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.embed, self.rnn = L.EmbedID(30, 5), L.RNN(5, 6)
            self.each, self.next = L.Linear(6, 3), L.Linear(3, 4)

    def forward(self, x):
        self.rnn.reset_state()
        for t in range(x.shape[1]):
            y = self.each(self.rnn(self.embed(x[:, t])))
        return self.next(y)
'''
DEEP = '''
class Deep(mc.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.deep = L.NStep{}(2, 3, 4)
            self.l = L.Linear({}, 4)

    def forward(self, x):
        {} = self.deep({}, F.separate(x, axis=0))
        return self.l({})
'''
STACKED = 'F.mean(F.stack(ys, axis=0), axis=1)'
NETS = {
    'LeNet': (LENET, IMAGES, 'conv2d activation max_pool conv2d activation max_pool flatten linear '
                             'activation linear'),
    'VGG': (VGG, IMAGES, 'conv2d activation max_pool conv2d activation conv2d activation max_pool '
                         'conv2d activation conv2d activation conv2d activation max_pool flatten '
                         'linear activation dropout linear'),
    'ResNet': (RESNET, IMAGES,
               'residual(conv2d batch_norm activation conv2d batch_norm|conv2d) activation '
               'residual(conv2d batch_norm activation conv2d batch_norm|) activation '
               'residual(conv2d batch_norm activation conv2d batch_norm|conv2d) activation '
               'global_pool classifier'),
    'Inception': (INCEPTION, IMAGES,
                  'parallel(conv2d|conv2d activation conv2d|conv2d activation conv2d|max_pool '
                  'conv2d) activation global_pool linear'),
    'skips': (UNET, IMAGES, 'parallel(conv2d parallel(|conv2d) conv2d|) global_pool linear'),
    'encoder': (ENCODER, WORDS, 'embedding lstm residual(attention|) layer_norm time_mean '
                                'classifier'),
    'characters': (CHARACTERS, WORDS, 'embedding gru gru linear'),
    'word by word': (WORD_BY_WORD, WORDS, 'embedding rnn linear last_step linear'),
    'NStepLSTM': (DEEP.format('LSTM', 4, 'hy, cy, ys', 'None, None', 'hy[-1]'), SERIES,
                  'layers linear'),
    'NStepBiGRU': (DEEP.format('BiGRU', 8, 'hy, ys', 'None', 'F.concat([hy[-2], hy[-1]], axis=1)'),
                   SERIES, 'layers linear'),
    'NStepBiLSTM': (DEEP.format('BiLSTM', 8, '*_, ys', 'None, None', STACKED), SERIES,
                    'layers time_mean linear'),
    'NStepRNN': (DEEP.format('RNN', 4, '_, ys', 'None', 'F.stack([y[-1] for y in ys])'), SERIES,
                 'layers last_step linear'),
}


def written(blocks):
    """The kinds of blocks as one line; branches in brackets."""
    return ' '.join(block.kind + ('(' + '|'.join(map(written, block.lanes)) + ')'
                                  if block.lanes else '') for block in blocks)


def draft_for(start):
    return Draft(Data('test', None, None, start, Target('classes', 4), tuple('abcd'), ''))


def made(text):
    """The model of a text, which is run here: it is a test's own."""
    space = {}
    exec(text, space)
    classes = [value for value in space.values() if isinstance(value, type)]
    return space['model'] if 'model' in space else classes[-1]()


def same_weights(link, x):
    """What a link computes if weights of the same shape are the same numbers."""
    with mc.using_config(train=False):
        link(x)                                     # lazy sizes
        for param in link.params():
            seed = sum(9 ** i * size for i, size in enumerate(param.shape))
            param.data[...] = np.random.default_rng(seed).normal(size=param.shape) / 3
        for part in link.links():
            if hasattr(part, 'reset_state'):
                part.reset_state()
        return link(x).data


@pytest.mark.parametrize('name', NETS)
def test_a_net_is_drawn_from_its_code_and_from_a_link_and_computes_the_same(name):
    text, (start, x), expected = NETS[name]
    link = made(HEAD + text)
    drawn, read = Draft.of_link(link, x), draft_for(start)
    read.apply(HEAD + text)
    assert written(drawn.blocks) == written(read.blocks) == expected
    assert read.checked.fits
    wanted = same_weights(link, x)
    for draft in (read, drawn):
        draft.models.clear()
        assert draft.model is not link
        assert draft.model.count_params() == link.count_params()
        if not name.startswith('NStepBi'):          # whose directions have weights of one shape
            np.testing.assert_allclose(same_weights(draft.model, x), wanted, rtol=1e-4, atol=1e-5)
        again, stored = draft_for(start), Draft('spirals')
        again.apply(draft.code)
        stored.load(draft.to_json())
        assert again.code == stored.code == draft.code
        assert net.same(again.blocks, draft.blocks) and net.same(stored.blocks, draft.blocks)


def test_a_built_net_reads_both_directions_in_the_order_of_the_link():
    for name in ('NStepBiGRU', 'NStepBiLSTM'):
        text, (start, x), _ = NETS[name]
        link, draft = made(HEAD + text), draft_for(start)
        draft.apply(HEAD + text)
        for part, twin in itertools.zip_longest(link.params(), draft.model.params()):
            twin.data[...] = part.data
        np.testing.assert_allclose(draft.model(x).data, link(x).data, rtol=1e-5)


WRONG = [
    ('for layer in self.layers:\n            x = layer(x)\n        return F.softplus(x) * 2',
     "Line 13: 'F.softplus(x) * 2' is nothing that the builder can draw"),
    ('a = self.layers[0](x)\n        b = self.layers[1](a)\n        c = b + x\n'
     '        return self.layers[2](c + a)', 'two ways through the net cross'),
    ('if F.sum(x) > 0:\n            x = F.relu(x)\n        return x',
     'Line 11: F.sum in this form is no block'),
    ('if x > 0:\n            x = F.relu(x)\n        return x', 'may not depend on the numbers'),
    ('return self.layers(x)', "'self.layers' is nothing that the builder can call"),
    ('h = self.layers[7](x)\n        return h', 'Line 11: \'self.layers[7]\': list index out'),
    ('return F.concat([x] * 99)', 'nothing that the builder can draw'),
    ('return F.concat([x, F.relu(x)], axis=2)', 'Line 11: the builder reads F.concat(h, axis=1)'),
    ('a, b = x\n        c, d, e = [1, 2]\n        return a', 'there are 3 names for 2 values'),
    ('n = 9 ** 9 ** 9\n        return x', "Line 11: '9 ** 9' is nothing that"),
    ('for i in range(10 ** 12):\n            x = F.relu(x)\n        return x', 'Line 11'),
    ('for i in range(999):\n            for j in range(999):\n                i = j\n'
     '        return x', 'more steps than the builder follows'),
    ('return self.forward(x)', 'calls itself'),
    ('return mc.ChainList(first=self.layers[0]).first(x)',
     'Line 11: the builder reads a ChainList as a class of its own here.'),
    ('return mc.Chain(first=self.layers[0]).first(x)',
     'Line 11: the builder reads a Chain as a class of its own here.'),
    ('for layer in self.layers:\n            x = layer(x)\n        for a in range(201):\n'
     '            x = F.relu(x)\n        return x', 'has 200 blocks at most'),
]


@pytest.mark.parametrize('forward, words', WRONG, ids=range(len(WRONG)))
def test_what_cannot_be_followed_is_named_with_its_line_and_changes_nothing(forward, words):
    draft = draft_for(Shape('I', (6,)))
    draft.add('flatten')
    before = draft.blocks, draft.past, draft.seed
    with pytest.raises(BuildError) as raised:
        draft.apply(f'{HEAD}class Net(mc.Chain):\n    def __init__(self):\n'
                    '        super().__init__()\n        with self.init_scope():\n'
                    '            self.layers = mc.ChainList(*[L.Linear(6, 6) for i in range(3)])\n'
                    f'    def forward(self, x):\n        {forward}\n'
                    'mc.set_seed(7)\n')
    assert words in str(raised.value)
    assert (draft.blocks, draft.past, draft.seed) == before


def test_the_seed_of_the_code_is_taken_over():
    draft = draft_for(Shape('I', (6,)))
    draft.add('classifier')
    draft.apply(draft.code.replace('set_seed(0)', 'set_seed(12)'))
    assert draft.seed == 12 and 'mc.set_seed(12)' in draft.code
    with pytest.raises(BuildError, match='Line 16: the seed is a whole number'):
        draft.apply(draft.code.replace('set_seed(12)', 'set_seed(-1)'))
