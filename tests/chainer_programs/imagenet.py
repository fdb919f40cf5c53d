"""Four networks for pictures, narrow and on small pictures: AlexNet, NIN, GoogLeNet, ResNet."""
import numpy as np

import chainer
import chainer.functions as F
from chainer import initializers
import chainer.links as L


class Alex(chainer.Chain):

    insize = 67

    def __init__(self, ch=8):
        super(Alex, self).__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(None, ch, 11, stride=4)
            self.conv2 = L.Convolution2D(None, ch, 5, pad=2)
            self.conv3 = L.Convolution2D(None, ch, 3, pad=1)
            self.fc6 = L.Linear(None, 20)
            self.fc8 = L.Linear(None, 5)

    def forward(self, x, t):
        h = F.max_pooling_2d(F.local_response_normalization(F.relu(self.conv1(x))), 3, stride=2)
        h = F.max_pooling_2d(F.local_response_normalization(F.relu(self.conv2(h))), 3, stride=2)
        h = F.max_pooling_2d(F.relu(self.conv3(h)), 3, stride=2)
        h = F.dropout(F.relu(self.fc6(h)))
        h = self.fc8(h)
        loss = F.softmax_cross_entropy(h, t)
        chainer.report({'loss': loss, 'accuracy': F.accuracy(h, t)}, self)
        return loss


class NIN(chainer.Chain):

    insize = 67

    def __init__(self):
        super(NIN, self).__init__()
        conv_init = initializers.HeNormal()
        with self.init_scope():
            self.mlpconv1 = L.MLPConvolution2D(None, (8, 8, 8), 11, stride=4, conv_init=conv_init)
            self.mlpconv2 = L.MLPConvolution2D(None, (8, 8, 8), 5, pad=2, conv_init=conv_init)
            self.mlpconv4 = L.MLPConvolution2D(None, (12, 12, 5), 3, pad=1, conv_init=conv_init)

    def forward(self, x, t):
        h = F.max_pooling_2d(F.relu(self.mlpconv1(x)), 3, stride=2)
        h = F.max_pooling_2d(F.relu(self.mlpconv2(h)), 3, stride=2)
        h = self.mlpconv4(F.dropout(h))
        h = F.reshape(F.average_pooling_2d(h, h.shape[2]), (len(x), 5))
        return F.softmax_cross_entropy(h, t)


class GoogLeNet(chainer.Chain):

    insize = 64

    def __init__(self):
        super(GoogLeNet, self).__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(None, 8, 7, stride=2, pad=3)
            self.conv2_reduce = L.Convolution2D(None, 8, 1)
            self.conv2 = L.Convolution2D(None, 12, 3, stride=1, pad=1)
            self.inc3a = L.Inception(None, 4, 6, 8, 2, 4, 4)
            self.inc3b = L.InceptionBN(None, 4, 4, 8, 4, 6, 'avg', 4)
            self.inc4a = L.InceptionBN(None, 0, 4, 8, 4, 6, 'max', stride=2)
            self.loss1_conv = L.Convolution2D(None, 4, 1)
            self.loss1_fc2 = L.Linear(None, 5)
            self.loss3_fc = L.Linear(None, 5)

    def forward(self, x, t):
        h = F.relu(self.conv1(x))
        h = F.local_response_normalization(F.max_pooling_2d(h, 3, stride=2), n=5)
        h = F.relu(self.conv2_reduce(h))
        h = F.relu(self.conv2(h))
        h = F.max_pooling_2d(F.local_response_normalization(h, n=5), 3, stride=2)
        h = self.inc3b(self.inc3a(h))
        side = F.relu(self.loss1_conv(F.average_pooling_2d(h, 5, stride=3)))
        loss1 = F.softmax_cross_entropy(self.loss1_fc2(side), t)
        h = self.inc4a(h)
        h = F.average_pooling_2d(h, h.shape[2], stride=1)
        h = self.loss3_fc(F.dropout(h, 0.4))
        loss3 = F.softmax_cross_entropy(h, t)
        return 0.3 * loss1 + loss3


class BottleNeck(chainer.Chain):

    def __init__(self, in_size, ch, out_size, stride=1, project=False):
        super(BottleNeck, self).__init__()
        init = initializers.HeNormal()
        with self.init_scope():
            self.conv1 = L.Convolution2D(in_size, ch, 1, stride, 0, initialW=init, nobias=True)
            self.bn1 = L.BatchNormalization(ch)
            self.conv2 = L.Convolution2D(ch, ch, 3, 1, 1, initialW=init, nobias=True)
            self.bn2 = L.BatchNormalization(ch)
            self.conv3 = L.Convolution2D(ch, out_size, 1, 1, 0, initialW=init, nobias=True)
            self.bn3 = L.BatchNormalization(out_size)
            if project:
                self.conv4 = L.Convolution2D(in_size, out_size, 1, stride, 0, initialW=init,
                                             nobias=True)
                self.bn4 = L.BatchNormalization(out_size)
        self.project = project

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        h = F.relu(self.bn2(self.conv2(h)))
        h = self.bn3(self.conv3(h))
        return F.relu(h + (self.bn4(self.conv4(x)) if self.project else x))


class Block(chainer.ChainList):

    def __init__(self, layer, in_size, ch, out_size, stride=2):
        super(Block, self).__init__()
        self.add_link(BottleNeck(in_size, ch, out_size, stride, True))
        for _ in range(layer - 1):
            self.add_link(BottleNeck(out_size, ch, out_size))

    def forward(self, x):
        for f in self.children():
            x = f(x)
        return x


class ResNet50(chainer.Chain):
    """The layers of ResNet-50, each with a sixteenth of its channels."""

    insize = 64

    def __init__(self):
        super(ResNet50, self).__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(3, 4, 7, 2, 3, initialW=initializers.HeNormal())
            self.bn1 = L.BatchNormalization(4)
            self.res2 = Block(3, 4, 4, 16, 1)
            self.res3 = Block(4, 16, 8, 32)
            self.res4 = Block(6, 32, 16, 64)
            self.res5 = Block(3, 64, 32, 128)
            self.fc = L.Linear(128, 5)

    def forward(self, x, t):
        h = F.relu(self.bn1(self.conv1(x)))
        h = F.max_pooling_2d(h, 3, stride=2)
        for block in (self.res2, self.res3, self.res4, self.res5):
            h = block(h)
        h = self.fc(F.average_pooling_2d(h, h.shape[2], stride=1))
        return F.softmax_cross_entropy(h, t)


def run(out):
    results = {}
    for architecture in (Alex, NIN, GoogLeNet, ResNet50):
        np.random.seed(14)
        # So deep a network magnifies the rounding of float32 beyond what can be compared.
        dtype = np.dtype(np.float64 if architecture is ResNet50 else np.float32)
        with chainer.using_config('dtype', dtype):
            model = architecture()
            random = np.random.RandomState(6)
            labels = (np.arange(4) % 5).astype(np.int32)
            images = random.rand(4, 3, model.insize, model.insize).astype(dtype)
            optimizer = chainer.optimizers.MomentumSGD(lr=1e-4, momentum=0.9)
            optimizer.setup(model)
            losses = []
            for _ in range(3):
                optimizer.update(model, images, labels)
                with chainer.no_backprop_mode(), chainer.using_config('train', False):
                    losses.append(float(model(images, labels).array))
        results[architecture.__name__] = losses
        results[architecture.__name__ + '_shapes'] = [
            '%s %s' % (name, param.shape) for name, param in sorted(model.namedparams())][:6]
    return results
