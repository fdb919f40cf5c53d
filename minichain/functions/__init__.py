"""All functions of Variables: `import minichain.functions as F`."""
from .activation import (leaky_relu, log_softmax, relu, sigmoid, softmax, softplus, LeakyReLU,
                         LogSoftmax, ReLU, Sigmoid, Softmax, Softplus)
from .algebra import (bilinear, cholesky, det, diagonal, einsum, fft, ifft, inv, l2_normalize,
                      norm, normalize, tensordot)
from .arranging import (copy, depth_to_space, hstack, im2col, pad, pad_sequence, permutate, repeat,
                        resize_images, roll, scatter_add, space_to_depth, tile, transpose_sequence,
                        vstack)
from .attention import additive_attention, length_mask, scaled_dot_product_attention
from .conv import conv2d, conv_transpose2d, Conv2d, Conv2dWeight, ConvTranspose2d
from .distances import contrastive, cosine, focal, hinge, huber, mean_absolute_error, triplet
from .elementary import (arccos, arcsin, arctan, arctan2, ceil, cosh, expm1, floor, fmod, log10,
                         log1p, log2, rsqrt, sinh, tan)
from .labelings import argmax_crf1d, connectionist_temporal_classification, crf1d
from .likelihoods import bernoulli_nll, gaussian_kl_divergence, gaussian_nll, kl_divergence
from .linear import embed_id, linear, matmul, EmbedId, Linear, MatMul
from .loss import (accuracy, mean_squared_error, sigmoid_cross_entropy, softmax_cross_entropy,
                   MeanSquaredError, SoftmaxCrossEntropy)
from .math import (absolute, add, clip, cos, div, exp, identity, log, maximum, minimum, mul, neg,
                   pow, sign, sin, sqrt, square, sub, tanh, Abs, Add, Clip, Cos, Div, Exp, Log,
                   Maximum, Minimum, Mul, Neg, Pow, Sign, Sin, Sqrt, Square, Sub, Tanh)
from .measures import (binary_accuracy, bleu, confusion, edit_distance, f1, perplexity, precision,
                       r2, recall)
from .noise import drop_path, dropout, gaussian, zoneout, Dropout
from .normalization import (batch_norm, fixed_batch_norm, group_norm, instance_norm, layer_norm,
                            local_response_norm, BatchNorm)
from .ordering import cumprod, cumsum, flip, logsumexp, prod, sort, topk
from .plain import rnn_relu, rnn_tanh
from .pooling import avg_pool2d, max_pool2d, AvgPool2d, MaxPool2d
from .recurrent import gru, lstm, tree_lstm, LSTM, TreeLSTM
from .rectifiers import (clipped_relu, crelu, elu, gelu, glu, hard_sigmoid, maxout, prelu, relu6,
                         selu, silu, softsign)
from .reduction import argmax, argmin, max, mean, min, std, sum, var, Max, Mean, Min, Sum
from .sequences import (n_step_bigru, n_step_bilstm, n_step_birnn, n_step_gru, n_step_lstm,
                        n_step_rnn)
from .shaping import (broadcast_to, cast, concat, expand_dims, flatten, get_item, moveaxis, reshape,
                      select, separate, split, squeeze, stack, sum_to, swapaxes, transpose, where,
                      BroadcastTo, Cast, Concat, GetItem, Reshape, Split, SumTo, Transpose, Where)
from .special import erf, erfc, lgamma
from .unpooling import max_pool2d_with_indices, roi_pool, unpool, upsample
from .volumes import (avg_pool1d, avg_pool3d, conv1d, conv3d, conv_transpose1d, depthwise_conv2d,
                      global_avg_pool, global_max_pool, max_pool1d, max_pool3d,
                      spatial_pyramid_pool)
from .vocabularies import hierarchical_softmax, huffman_tree, negative_sampling, tree_paths
from ..function import unary
from . import lists

for name, function in list(globals().items()):      # each of them takes lists of numbers, too
    if type(function) is type(lists.with_lists):
        globals()[name] = lists.with_lists(function)
for name, op in dict(exp=Exp, tanh=Tanh, sigmoid=Sigmoid, relu=ReLU).items():   # the most used
    globals()[name] = unary(op, globals()[name])
del name, function, op, unary
