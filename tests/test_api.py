"""What minichain promises to have: each name exists and says in a docstring what it is."""
import inspect
import types

import pytest

import minichain as mc
import minichain.functions as F
import minichain.initializers as I
import minichain.links as L
import minichain.optimizers as O
from minichain import aliases, data, training

PROMISED = {
    mc: '''Chain ChainList check_gradients checkpoint config Device DeviceError distributions
        DTypeError Function Fused get_array_module get_device gpu_available gpu_status grad
        Graph GraphError hooks Link load_hdf5 load_npz load_safetensors MinichainError no_grad
        NumberError Parameter Recorder report save_hdf5 save_npz save_onnx save_safetensors
        Sequential set_seed ShapeError stopwatch test_mode to_cpu to_device to_gpu using_config
        Variable watch''',
    mc.Variable: '''array backward cleargrad creator device dtype flatten grad grad_var item
        label max mean min ndim numpy requires_grad reshape retain_grad shape size squeeze sum
        swapaxes T to_device transpose unchain unchain_backward xp astype detach''',
    F: '''absolute accuracy add argmax argmin avg_pool2d batch_norm broadcast_to cast clip concat
        conv2d conv_transpose2d cos div dropout embed_id exp expand_dims fixed_batch_norm flatten
        get_item leaky_relu linear log log_softmax lstm matmul max max_pool2d maximum mean
        mean_squared_error min minimum moveaxis mul neg pow relu reshape select separate sigmoid
        sign sin softmax softmax_cross_entropy softplus split sqrt square squeeze stack std sub sum
        sum_to swapaxes tanh transpose var where
        additive_attention arccos arcsin arctan arctan2 argmax_crf1d avg_pool1d avg_pool3d
        bernoulli_nll bilinear binary_accuracy bleu ceil cholesky clipped_relu confusion
        connectionist_temporal_classification contrastive conv1d conv3d conv_transpose1d copy cosh
        cosine crelu crf1d cumprod cumsum depth_to_space depthwise_conv2d det diagonal drop_path
        edit_distance einsum elu erf erfc expm1 f1 fft flip floor fmod focal gaussian
        gaussian_kl_divergence gaussian_nll gelu global_avg_pool global_max_pool glu group_norm gru
        hard_sigmoid hierarchical_softmax hinge hstack huber ifft im2col instance_norm inv
        kl_divergence l2_normalize layer_norm length_mask lgamma local_response_norm log10 log1p
        log2 logsumexp max_pool1d max_pool2d_with_indices max_pool3d maxout mean_absolute_error
        n_step_bigru n_step_bilstm n_step_birnn n_step_gru n_step_lstm n_step_rnn negative_sampling
        norm normalize pad pad_sequence permutate perplexity precision prelu prod r2 recall relu6
        repeat resize_images rnn_tanh roi_pool roll rsqrt scaled_dot_product_attention scatter_add
        selu sigmoid_cross_entropy silu sinh softsign sort space_to_depth spatial_pyramid_pool tan
        tensordot tile topk transpose_sequence tree_lstm triplet unpool upsample vstack zoneout''',
    L: '''BatchNorm Chain ChainList Classifier Conv2d EmbedID LSTM Linear Link Sequential
        StatelessLSTM Attention Bias Bilinear Conv1d Conv3d ConvTranspose1d ConvTranspose2d CRF1d
        DepthwiseConv2d Dropout GroupNorm GRU HierarchicalSoftmax Inception InceptionBN LayerNorm
        Maxout MLP MLPConv2d MultiHeadAttention NegativeSampling NStepBiGRU NStepBiLSTM NStepBiRNN
        NStepGRU NStepLSTM NStepRNN PReLU ResBlock RNN Scale StatelessGRU TransformerBlock
        TreeLSTM LinkHook SpectralNormalization TimerHook WeightStandardization LeNet VGG16
        GoogLeNet ResNet50''',
    L.Link: '''add_hook delete_hook disable_update enable_update remove_persistent repeat
        load_state_dict state_dict
        add_persistent children cleargrads copy count_params device forward init_scope links
        namedparams params path to_cpu to_device to_gpu xp''',
    O: '''AdaBound AdaDelta AdaGrad Adam AdamW AMSGrad Freeze GradientClipping GradientHardClipping
        GradientNoise Lasso Lion MomentumSGD NesterovAG Optimizer RMSprop RMSpropGraves SGD SMORMS3
        WeightDecay''',
    I: '''Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LeCunNormal LeCunUniform
        Normal One Orthogonal Uniform Zero''',
    data: '''ConcatenatedDataset DictDataset ImageDataset LabeledImageDataset MultiprocessIterator
        MultithreadIterator SequenceIterator SerialIterator SubDataset TextDataset TransformDataset
        TupleDataset concat_examples get_digits sine_series spirals split_dataset
        DownloadError get_cifar10 get_fashion_mnist get_mnist get_ptb_words
        Tree Vocabulary Voice phrase_pairs rows_of_digits say sentences spectrogram spoken_digits
        write_wav''',
    mc.debug: 'Gradients check_gradients steps what_holds',
    mc.distributions: 'Bernoulli Categorical Independent Normal Uniform kl_divergence register_kl',
    mc.hooks: 'FunctionHook MemoryHook PrintHook TimerHook',
    training: 'BPTTUpdater Extension StandardUpdater Trainer make_extension',
}
NAMES = [(owner, name) for owner, names in PROMISED.items() for name in names.split()]


@pytest.mark.parametrize('owner, name', NAMES, ids=lambda v: getattr(v, '__name__', v))
def test_a_promised_name_is_there_and_explained(owner, name):
    thing = getattr(owner, name)
    if callable(thing) or isinstance(thing, property):
        assert len((thing.__doc__ or '').split()) >= 2, f'{name} has no docstring'


def functions_of_minichain():
    return [(name, thing) for name, thing in vars(F).items()
            if isinstance(thing, types.FunctionType) and not name.startswith('_')]


@pytest.mark.parametrize('name, function', functions_of_minichain(), ids=lambda v: str(v)[:30])
def test_every_function_has_a_docstring_that_begins_with_a_sentence(name, function):
    first = inspect.getdoc(function).splitlines()[0]
    assert len(first.split()) >= 3 and len(first) <= 100


@pytest.mark.parametrize('owner, table', [(F, aliases.FUNCTIONS), (L, aliases.LINKS),
                                          *aliases.METHODS.items()])
def test_other_names_mean_ours(owner, table):
    for theirs, ours in table.items():
        assert getattr(owner, theirs) is getattr(owner, ours)


def test_a_name_that_is_not_there_is_refused_in_words():
    with pytest.raises(AttributeError, match="minichain has no 'Sequental'"):
        mc.Sequental
    assert 'Graph' in dir(mc) and 'training' in dir(mc)
