"""Answers to the exercises of lesson 10, and what their checkers say of them."""
import minichain.functions as F
import minichain.links as L


def to_columns(h, order=(0, 3, 1, 2)):
    n, channels, rows, columns = h.shape
    return h.transpose(order).reshape(n, columns, channels * rows)


def columns_needed(digits):
    return len(digits) + sum(a == b for a, b in zip(digits, digits[1:]))


class Joined(L.Chain):
    """A network that reads rows; each option spoils one thing."""

    def __init__(self, see=True, remember=True, forget=True, pool=2, last=11, cut=False,
                 spare=False):
        super().__init__()
        self.see, self.remember, self.forget, self.pool = see, remember, forget, pool
        self.cut = cut
        n = 4 * 12 // pool if see else 12
        with self.init_scope():
            self.conv = L.Conv2d(1, 4, ksize=3, pad=1) if see else None
            self.gru = L.GRU(n, 6) if remember else None
            self.out = L.Linear(6 if remember else n, last)
            self.spare = L.Linear(1, 1) if spare else None

    def columns(self, images):
        h = images if self.conv is None else F.max_pool2d(F.relu(self.conv(images)),
                                                          (2, 2) if self.pool == 2 else (1, 1))
        step = 2 if self.conv is None else 1
        return [F.reshape(h[:, :, :, t], (len(images), -1)) for t in range(0, h.shape[3], step)]

    def forward(self, images):
        steps = self.columns(images)
        if self.cut:
            steps = [step.data for step in steps]
        if self.gru is not None:
            if self.forget:
                self.gru.reset_state()
            steps = [self.gru(step) for step in steps]
        return self.out(F.stack(steps), 2)


class BatchFirst(Joined):
    def forward(self, images):
        return F.swapaxes(super().forward(images), 0, 1)


NO_RESULT = ('… Not yet. Your function does not return a result yet. Its last line should be '
             'return, followed by the result.')
NOT_YET = '… Not yet. Your answer goes into the cell above. Then run this cell again.'

CASES = [
    ('10.1', lambda: lambda h: ..., NO_RESULT),
    ('10.1', lambda: to_columns, '✓ Right. The columns are right for three shapes.'),
    ('10.1', lambda: lambda h: to_columns(h, (0, 1, 2, 3)),
     '≈ Nearly. For an array of shape (2, 3, 2, 5), the result has the right shape, but the '
     'numbers are in their old order. reshape alone does not move numbers: transpose first.'),
    ('10.1', lambda: lambda h: to_columns(h, (0, 3, 2, 1)),
     '≈ Nearly. For an array of shape (2, 3, 2, 5), the result is right but for one thing: in '
     'each list the channels should come one after the other, each with all its rows. Swap C and '
     'H in transpose.'),
    ('10.1', lambda: lambda h: to_columns(h)[:, ::-1],
     '≈ Nearly. For an array of shape (2, 3, 2, 5), the result goes from right to left.'),
    ('10.1', lambda: lambda h: h.transpose(0, 3, 1, 2),
     '≈ Nearly. For an array of shape (2, 3, 2, 5), the result has the shape (2, 5, 3, 2). Now '
     'make one axis of the last two, with reshape.'),
    ('10.1', lambda: lambda h: h,
     '✗ Not right. For an array of shape (2, 3, 2, 5), the result has shape (2, 3, 2, 5), wanted '
     'is (2, 5, 6).'),

    ('10.2', lambda: lambda digits: ..., NO_RESULT),
    ('10.2', lambda: columns_needed,
     '✓ Right. Your rule agrees with trying all paths, for six rows of digits.'),
    ('10.2', lambda: len,
     '≈ Nearly. For [4, 1, 1] you return 3, the least is 4. Two equal digits side by side need a '
     'blank between them.'),
    ('10.2', lambda: lambda digits: max(2 * len(digits) - 1, 0),
     '≈ Nearly. For [4, 1, 1] you return 5, the least is 4. A blank is needed between equal '
     'neighbours only.'),
    ('10.2', lambda: lambda digits: 2 * len(digits) - len(set(digits)),
     '≈ Nearly. For [1, 2, 1, 2] you return 6, the least is 4. A digit may come twice without a '
     'blank, if another one is between. Count equal neighbours.'),
    ('10.2', lambda: lambda digits: 9,
     '✗ Not right. For [4, 1, 1] you return 9, the least is 4. Write down the shortest path for '
     '4 1 1 on paper.'),

    ('10.3', lambda: ..., NOT_YET),
    ('10.3', lambda: Joined(),
     '✓ Right. It sees, it remembers, and one loss reaches all 8 of its parameters.'),
    ('10.3', lambda: Joined,
     '≈ Nearly. That is the class. Make a network of it: my_reader = Joined().'),
    ('10.3', lambda: BatchFirst(),
     '≈ Nearly. For images of shape (3, 1, 12, 16) the scores have the shape (3, 8, 11). Time '
     'comes first: (8, 3, 11). F.swapaxes(scores, 0, 1) does it.'),
    ('10.3', lambda: Joined(pool=1),
     '≈ Nearly. For images of shape (3, 1, 12, 16) the scores have the shape (16, 3, 11). One '
     'answer for every two columns of pixels is wanted: (8, 3, 11). Pool by 2.'),
    ('10.3', lambda: Joined(last=10),
     '✗ Not right. For images of shape (3, 1, 12, 16) the scores have the shape (8, 3, 10), '
     'wanted is (8, 3, 11).'),
    ('10.3', lambda: Joined(see=False),
     '≈ Nearly. The shapes are right, but there is no convolution in the graph behind the '
     'scores: this network does not see. (Or was something turned into .data?)'),
    ('10.3', lambda: Joined(remember=False),
     '≈ Nearly. The shapes are right, but no end of a picture has an effect on the scores at its '
     'other end: this network does not remember.'),
    ('10.3', lambda: Joined(forget=False),
     '≈ Nearly. The same picture gives other scores the second time: the network still remembers '
     'the picture before. Call reset_state() at the beginning of forward.'),
    ('10.3', lambda: Joined(cut=True),
     '≈ Nearly. The shapes are right, but there is no convolution in the graph behind the '
     'scores: this network does not see. (Or was something turned into .data?)'),
    ('10.3', lambda: Joined(spare=True),
     '≈ Nearly. All is there, but the loss does not reach /spare/W: it would never learn. Is it '
     'used in forward?'),
    ('10.3', lambda: 90.5,
     '✗ Not right. my_reader should be a network, but it is the number 90.5.'),
]
