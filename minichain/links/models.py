"""Well-known networks for images, without their weights: load those from a file that you have."""
from .. import functions as F
from ..config import config
from .basic import Linear
from .blocks import ConvNorm, Inception, ResBlock
from .conv import Conv2d
from .link import Chain, Sequential


class LeNet(Chain):
    """Two convolutions and three linear layers: the first network that read digits.

    n_out  classes. x (N, C, H, W), H and W at least 16 -> scores (N, n_out). (LeCun et al. 1998)
    """

    def __init__(self, n_out=10):
        super().__init__()
        with self.init_scope():
            self.conv1, self.conv2 = Conv2d(None, 6, 5), Conv2d(6, 16, 5)
            self.fc3, self.fc4, self.fc5 = Linear(120), Linear(84), Linear(n_out)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc5(F.relu(self.fc4(F.relu(self.fc3(x)))))


class VGG16(Chain):
    """Thirteen convolutions of 3x3 pixels and three linear layers.

    n_out  classes   n_hidden  numbers between the linear layers
    x (N, 3, H, W), H and W at least 32, 224 in the paper -> scores (N, n_out).
    (Simonyan and Zisserman 2014)
    """

    blocks = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))

    def __init__(self, n_out=1000, n_hidden=4096):
        super().__init__()
        with self.init_scope():
            for i, channels in enumerate(self.blocks, 1):
                for j, n in enumerate(channels, 1):
                    setattr(self, f'conv{i}_{j}', Conv2d(None, n, 3, pad=1))
            self.fc6, self.fc7 = Linear(n_hidden), Linear(n_hidden)
            self.fc8 = Linear(n_out)

    def forward(self, x):
        for i, channels in enumerate(self.blocks, 1):
            for j in range(1, len(channels) + 1):
                x = F.relu(self[f'conv{i}_{j}'](x))
            x = F.max_pool2d(x, 2)
        for layer in (self.fc6, self.fc7):
            x = F.dropout(F.relu(layer(x)))
        return self.fc8(x)


class GoogLeNet(Chain):
    """Nine inception blocks; two side branches help it learn.

    n_out  classes. x (N, 3, H, W), H and W at least 64, 224 in the paper -> scores (N, n_out)

    In training, `side1` and `side2` hold the side branches' scores of the last call: add 0.3 times
    their losses to the loss. (Szegedy et al. 2014)
    """

    def __init__(self, n_out=1000):
        super().__init__()
        self.side1 = self.side2 = None
        with self.init_scope():
            self.conv1 = Conv2d(None, 64, 7, 2, 3)
            self.conv2_reduce, self.conv2 = Conv2d(64, 64, 1), Conv2d(64, 192, 3, pad=1)
            self.inc3a = Inception(192, 64, 96, 128, 16, 32, 32)
            self.inc3b = Inception(256, 128, 128, 192, 32, 96, 64)
            self.inc4a = Inception(480, 192, 96, 208, 16, 48, 64)
            self.inc4b = Inception(512, 160, 112, 224, 24, 64, 64)
            self.inc4c = Inception(512, 128, 128, 256, 24, 64, 64)
            self.inc4d = Inception(512, 112, 144, 288, 32, 64, 64)
            self.inc4e = Inception(528, 256, 160, 320, 32, 128, 128)
            self.inc5a = Inception(832, 256, 160, 320, 32, 128, 128)
            self.inc5b = Inception(832, 384, 192, 384, 48, 128, 128)
            self.fc = Linear(1024, n_out)
            self.branch1, self.branch2 = Side(n_out), Side(n_out)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 3, 2, cover_all=True)
        x = F.local_response_norm(x)
        x = F.local_response_norm(F.relu(self.conv2(F.relu(self.conv2_reduce(x)))))
        x = self.inc3b(self.inc3a(F.max_pool2d(x, 3, 2, cover_all=True)))
        x = self.inc4a(F.max_pool2d(x, 3, 2, cover_all=True))
        self.side1 = self.branch1(x) if config.train else None
        x = self.inc4d(self.inc4c(self.inc4b(x)))
        self.side2 = self.branch2(x) if config.train else None
        x = F.max_pool2d(self.inc4e(x), 3, 2, cover_all=True)
        x = F.global_avg_pool(self.inc5b(self.inc5a(x)))
        return self.fc(F.dropout(x, 0.4))


class Side(Chain):
    """A side branch of GoogLeNet: scores from halfway."""

    def __init__(self, n_out):
        super().__init__()
        with self.init_scope():
            self.conv = Conv2d(None, 128, 1)
            self.fc1, self.fc2 = Linear(1024), Linear(n_out)

    def forward(self, x):
        if min(x.shape[2:]) >= 5:
            x = F.avg_pool2d(x, 5, 3)
        return self.fc2(F.dropout(F.relu(self.fc1(F.relu(self.conv(x)))), 0.7))


class ResNet(Chain):
    """A residual network of bottleneck blocks, such as ResNet-50.

    blocks  how many blocks in each of the four stages: (3, 4, 6, 3) for 50 layers
    n_out   classes
    x (N, 3, H, W), H and W at least 32, 224 in the paper -> scores (N, n_out). (He et al. 2015)
    """

    def __init__(self, blocks, n_out=1000):
        super().__init__()
        with self.init_scope():
            self.stem = ConvNorm(3, 64, 7, 2, 3)
            n_in = 64
            for stage, count in enumerate(blocks):
                n_mid = 64 * 2 ** stage
                first = ResBlock(n_in, 4 * n_mid, 2 if stage else 1, n_mid)
                n_in = 4 * n_mid
                others = [ResBlock(n_in, n_in, 1, n_mid) for _ in range(count - 1)]
                setattr(self, f'res{stage + 2}', Sequential(first, *others))
            self.fc = Linear(n_in, n_out)
        self.stages = [f'res{stage + 2}' for stage in range(len(blocks))]

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.stem(x)), 3, 2, 1)
        for stage in self.stages:
            x = self[stage](x)
        return self.fc(F.global_avg_pool(x))


class ResNet50(ResNet):
    """The residual network of 50 layers; see ResNet."""

    def __init__(self, n_out=1000):
        super().__init__((3, 4, 6, 3), n_out)
