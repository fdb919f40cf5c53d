"""Other people's names for ours: one table. The library, the lessons and the errors use our names.

Only what means exactly the same is in here. Chainer's max_pooling_2d, for example, is not: it
covers all pixels where our max_pool2d leaves some out.
"""
from . import functions, links
from .links.link import Link
from .optimizers.base import Optimizer
from .variable import Variable

FUNCTIONS = {
    'abs': 'absolute', 'average': 'mean', 'cat': 'concat', 'divide': 'div', 'multiply': 'mul',
    'negative': 'neg', 'power': 'pow', 'subtract': 'sub', 'swish': 'silu', 'permute': 'transpose',
    'convolution_1d': 'conv1d', 'convolution_2d': 'conv2d', 'convolution_3d': 'conv3d',
    'deconvolution_1d': 'conv_transpose1d', 'deconvolution_2d': 'conv_transpose2d',
    'batch_normalization': 'batch_norm', 'fixed_batch_normalization': 'fixed_batch_norm',
    'layer_normalization': 'layer_norm', 'mse_loss': 'mean_squared_error',
    'l1_loss': 'mean_absolute_error', 'cross_entropy': 'softmax_cross_entropy',
    'ctc': 'connectionist_temporal_classification', 'huber_loss': 'huber',
    'group_normalization': 'group_norm', 'local_response_normalization': 'local_response_norm',
}
LINKS = {
    'Convolution1D': 'Conv1d', 'Convolution2D': 'Conv2d', 'Convolution3D': 'Conv3d',
    'Deconvolution1D': 'ConvTranspose1d', 'Deconvolution2D': 'ConvTranspose2d',
    'BatchNormalization': 'BatchNorm', 'Embedding': 'EmbedID',
}
METHODS = {
    Variable: {'zero_grad': 'cleargrad', 'permute': 'transpose'},
    Link: {'zero_grad': 'cleargrads', 'parameters': 'params', 'named_parameters': 'namedparams'},
    Optimizer: {'step': 'update', 'zero_grad': 'cleargrads'},
}


def give_names(owner, table):
    """Let owner.theirs be owner.ours, for each row of a table."""
    for theirs, ours in table.items():
        setattr(owner, theirs, getattr(owner, ours))


give_names(functions, FUNCTIONS)
give_names(links, LINKS)
for owner, table in METHODS.items():
    give_names(owner, table)
