"""Blocks of well-known networks for images."""
from .. import functions as F
from .conv import Conv2d
from .link import Chain, ChainList
from .normalization import BatchNorm


class MLPConv2d(ChainList):
    """A convolution, then a small network for each pixel: "network in network".

    n_in    channels; None: taken from the first input
    n_outs  channels of the convolution and of each layer after it
    x (N, n_in, H, W) -> y (N, n_outs[-1], OH, OW). (Lin, Chen and Yan 2013)
    """

    def __init__(self, n_in, n_outs, ksize, stride=1, pad=0, activation=F.relu):
        first, *others = n_outs
        super().__init__(Conv2d(n_in, first, ksize, stride, pad),
                         *[Conv2d(a, b, 1) for a, b in zip(n_outs, others)])
        self.activation = activation

    def forward(self, x):
        *hidden, last = self
        for layer in hidden:
            x = self.activation(layer(x))
        return last(x)


class Inception(Chain):
    """Convolutions of several sizes and a pooling, side by side: a block of GoogLeNet.

    n_in          channels; None: taken from the first input
    out1          channels of the 1x1 convolution
    proj3, out3   of the 1x1 convolution before the 3x3 one, and of that
    proj5, out5   of the 1x1 convolution before the 5x5 one, and of that
    proj_pool     of the 1x1 convolution after the pooling
    x (N, n_in, H, W) -> y (N, out1 + out3 + out5 + proj_pool, H, W). (Szegedy et al. 2014)
    """

    def __init__(self, n_in, out1, proj3, out3, proj5, out5, proj_pool):
        super().__init__()
        with self.init_scope():
            self.conv1 = Conv2d(n_in, out1, 1)
            self.proj3 = Conv2d(n_in, proj3, 1)
            self.conv3 = Conv2d(proj3, out3, 3, pad=1)
            self.proj5 = Conv2d(n_in, proj5, 1)
            self.conv5 = Conv2d(proj5, out5, 5, pad=2)
            self.projp = Conv2d(n_in, proj_pool, 1)

    def forward(self, x):
        parts = [self.conv1(x), self.conv3(F.relu(self.proj3(x))),
                 self.conv5(F.relu(self.proj5(x))), self.projp(F.max_pool2d(x, 3, 1, 1))]
        return F.relu(F.concat(parts))


class ConvNorm(Chain):
    """A convolution without bias and batch normalization."""

    def __init__(self, n_in, n_out, ksize, stride=1, pad=0):
        super().__init__()
        with self.init_scope():
            self.conv = Conv2d(n_in, n_out, ksize, stride, pad, nobias=True)
            self.norm = BatchNorm(n_out)

    def forward(self, x):
        return self.norm(self.conv(x))


class InceptionBN(Chain):
    """A block of GoogLeNet with batch normalization, two 3x3 convolutions in place of a 5x5 one.

    n_in            channels; None: taken from the first input
    out1            channels of the 1x1 convolution; 0 leaves it out, as blocks with a stride do
    proj3, out3     of the 1x1 convolution before the 3x3 one, and of that
    proj33, out33   of the 1x1 convolution before the two 3x3 ones, and of these
    pool            'avg' or 'max'
    proj_pool       of the 1x1 convolution after the pooling; None leaves it out
    stride          2 halves the image
    x (N, n_in, H, W) -> y with all the channels beside each other. (Ioffe and Szegedy 2015)
    Raises ValueError for another pool, and for a stride with a 1x1 convolution.
    """

    def __init__(self, n_in, out1, proj3, out3, proj33, out33, pool, proj_pool=None, stride=1):
        super().__init__()
        if pool not in ('avg', 'max'):
            raise ValueError(f"InceptionBN: pool is {pool!r}, but 'avg' or 'max' is needed.")
        if out1 and stride > 1:
            raise ValueError('InceptionBN: with a stride there is no 1x1 convolution: out1 = 0.')
        self.pool, self.stride = F.max_pool2d if pool == 'max' else F.avg_pool2d, stride
        with self.init_scope():
            self.conv1 = ConvNorm(n_in, out1, 1) if out1 else None
            self.proj3 = ConvNorm(n_in, proj3, 1)
            self.conv3 = ConvNorm(proj3, out3, 3, stride, 1)
            self.proj33 = ConvNorm(n_in, proj33, 1)
            self.conv33a = ConvNorm(proj33, out33, 3, 1, 1)
            self.conv33b = ConvNorm(out33, out33, 3, stride, 1)
            self.projp = ConvNorm(n_in, proj_pool, 1) if proj_pool else None

    def forward(self, x):
        parts = [] if self.conv1 is None else [F.relu(self.conv1(x))]
        parts.append(F.relu(self.conv3(F.relu(self.proj3(x)))))
        deeper = F.relu(self.conv33a(F.relu(self.proj33(x))))
        parts.append(F.relu(self.conv33b(deeper)))
        pooled = self.pool(x, 3, self.stride, 1)
        parts.append(pooled if self.projp is None else F.relu(self.projp(pooled)))
        return F.concat(parts)


class ResBlock(Chain):
    """Convolutions beside a shortcut: a block of a residual network.

    n_in    channels of the input   n_out  of the output   stride  2 halves the image
    n_mid   None: two 3x3 convolutions. A number: 1x1 to so many channels, 3x3, and 1x1 again, the
            bottleneck of deeper networks
    y = relu(x + convolutions(x)); x goes through a 1x1 convolution if its shape changes.
    x (N, n_in, H, W) -> y (N, n_out, H / stride, W / stride). (He et al. 2015)
    """

    def __init__(self, n_in, n_out, stride=1, n_mid=None):
        super().__init__()
        with self.init_scope():
            if n_mid is None:
                self.branch = ChainList(ConvNorm(n_in, n_out, 3, stride, 1),
                                        ConvNorm(n_out, n_out, 3, 1, 1))
            else:
                self.branch = ChainList(ConvNorm(n_in, n_mid, 1),
                                        ConvNorm(n_mid, n_mid, 3, stride, 1),
                                        ConvNorm(n_mid, n_out, 1))
            same = n_in == n_out and stride == 1
            self.shortcut = None if same else ConvNorm(n_in, n_out, 1, stride)

    def forward(self, x):
        y = x
        *first, last = self.branch
        for layer in first:
            y = F.relu(layer(y))
        return F.relu(last(y) + (x if self.shortcut is None else self.shortcut(x)))
