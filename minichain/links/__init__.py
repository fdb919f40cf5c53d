"""All links, functions with weights: `import minichain.links as L`."""
from .attention import Attention, MultiHeadAttention, TransformerBlock
from .basic import EmbedID, Linear
from .blocks import Inception, InceptionBN, MLPConv2d, ResBlock
from .classifier import Classifier
from .conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, DepthwiseConv2d
from .exchange import load_state_dict, state_dict
from .hooks import LinkHook, SpectralNormalization, TimerHook, WeightStandardization
from .layers import MLP, Bias, Bilinear, Dropout, Maxout, PReLU, Scale
from .link import Chain, ChainList, Link, Sequential
from .loss import CRF1d, HierarchicalSoftmax, NegativeSampling
from .models import VGG16, GoogLeNet, LeNet, ResNet, ResNet50
from .normalization import BatchNorm, GroupNorm, LayerNorm
from .recurrent import GRU, LSTM, RNN, StatelessGRU, StatelessLSTM, TreeLSTM
from .sequences import NStepBiGRU, NStepBiLSTM, NStepBiRNN, NStepGRU, NStepLSTM, NStepRNN
