"""All links, functions with weights: `import minichain.links as L`."""
from .basic import EmbedID, Linear
from .classifier import Classifier
from .conv import Conv2d
from .link import Chain, ChainList, Link, Sequential
from .normalization import BatchNorm
from .recurrent import LSTM, StatelessLSTM
