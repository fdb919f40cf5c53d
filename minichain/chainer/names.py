"""Chainer's names for what minichain has under others: one table for each kind of thing.

Only what means exactly the same is in here. Where Chainer's meaning is another, there is a function
or class of its own in one of the modules beside this one.
"""

# chainer.functions
FUNCTIONS = {
    'depth2space': 'depth_to_space', 'batch_det': 'det', 'batch_inv': 'inv',
    'depthwise_convolution_2d': 'depthwise_conv2d',
    'group_normalization': 'group_norm', 'layer_normalization': 'layer_norm',
    'local_response_normalization': 'local_response_norm', 'select_item': 'select',
    'space2depth': 'space_to_depth', 'r2_score': 'r2', 'huber_loss': 'huber',
}

# Functions that stand in chainer.functions and have the same name and meaning in minichain.
SAME_FUNCTIONS = '''absolute arccos arcsin arctan arctan2 argmax_crf1d
    bernoulli_nll binary_accuracy broadcast_to cast ceil cholesky clip clipped_relu concat
    connectionist_temporal_classification contrastive copy cos cosh crelu crf1d cumprod cumsum
    det diagonal einsum elu embed_id erf erfc exp expand_dims expm1 flip floor fmod
    gaussian_kl_divergence gaussian_nll get_item hard_sigmoid hinge hstack im2col inv leaky_relu
    lgamma linear log log10 log1p log2 log_softmax logsumexp max maximum maxout
    mean_absolute_error mean_squared_error min minimum moveaxis n_step_bigru n_step_bilstm
    n_step_birnn n_step_gru n_step_lstm n_step_rnn normalize pad pad_sequence prelu prod relu
    relu6 repeat resize_images rsqrt scatter_add selu separate sigmoid sigmoid_cross_entropy sign
    sin sinh softmax sqrt square squeeze stack sum sum_to swapaxes tan tanh tensordot tile
    transpose_sequence triplet vstack where zoneout'''.split()

# What Chainer calls their arguments, where minichain calls them otherwise.
ARGUMENTS = {
    'arctan2': 'x1 x2', 'batch_det': 'a', 'batch_inv': 'a', 'binary_accuracy': 'y t',
    'cast': 'x typ', 'cholesky': 'a', 'clip': 'x x_min x_max', 'copy': 'x dst',
    'depth2space': 'X r', 'det': 'a', 'embed_id': 'x W', 'fmod': 'x divisor', 'get_item':
    'x slices', 'inv': 'a', 'maximum': 'x1 x2', 'mean_absolute_error': 'x0 x1',
    'mean_squared_error': 'x0 x1', 'minimum': 'x1 x2', 'moveaxis': 'x source destination',
    'r2_score': 'pred true', 'scatter_add': 'a slices b', 'space2depth': 'X r',
    'swapaxes': 'x axis1 axis2', 'where': 'condition x y',
}

# chainer.datasets and chainer.dataset
DATASETS = '''ConcatenatedDataset DictDataset ImageDataset LabeledImageDataset SubDataset
    TextDataset TransformDataset TupleDataset get_cross_validation_datasets split_dataset
    split_dataset_n get_ptb_words get_ptb_words_vocabulary'''.split()

# chainer.training.extensions and .triggers
EXTENSIONS = '''ExponentialShift FailOnNonNumber LinearShift MicroAverage ParameterStatistics
    PolynomialShift PrintReport StepShift observe_value'''.split()
TRIGGERS = '''BestValueTrigger IntervalTrigger ManualScheduleTrigger MaxValueTrigger MinValueTrigger
    OnceTrigger TimeTrigger'''.split()

# chainer.optimizer_hooks, which stand in chainer.optimizer, too
HOOKS = 'GradientClipping GradientHardClipping GradientNoise Lasso WeightDecay'.split()

# What there is in Chainer and not here, by the module that it is asked of: what to use instead.
CHAINERX = 'ChainerX is not supported. Use NumPy on the CPU, or CuPy on a GPU'
IDEEP = 'iDeep is not supported. Use NumPy, whose products are fast on Intel processors, too'
CAFFE = 'Models of Caffe cannot be imported. Convert them to an npz file elsewhere and use load_npz'
CHAINERMN = 'ChainerMN is not supported. Train on one device, or run one process a device yourself'
PARALLEL = 'One training on several devices is not supported. Use StandardUpdater on one device'
SPECIAL = 'Write a FunctionNode around the function of scipy.special'
SAMPLE = 'There are Normal, Uniform, Bernoulli, Categorical and Independent'
NETWORK = 'Write it with the links of this module; VGG16Layers and ResNet50Layers are there'
UNSUPPORTED = {
    'chainer.iterators': {
        'DaliIterator': 'DALI is not supported. Use MultiprocessIterator with a dataset that '
                        'prepares images in get_example'},
    'chainer.links': {
        'VGG19Layers': NETWORK, 'ResNet101Layers': NETWORK, 'ResNet152Layers': NETWORK,
        'Deconvolution3D': 'Use F.repeat along each axis, then Convolution3D',
        'TheanoFunction': 'Theano is not supported. Write the function as a FunctionNode',
        'caffe': CAFFE, 'CaffeFunction': CAFFE,
        'BlackOut': 'Use NegativeSampling, a loss of the same kind',
        'DeformableConvolution2D': 'Use Convolution2D', 'LocalConvolution2D': 'Use Convolution2D',
        'BatchRenormalization': 'Use BatchNormalization',
        'DecorrelatedBatchNormalization': 'Use BatchNormalization',
        'SimplifiedDropconnect': 'Use Linear and F.dropout'},
    'chainer.functions': {
        'caffe': CAFFE, 'black_out': 'Use F.negative_sampling, a loss of the same kind',
        'batch_renormalization': 'Use F.batch_normalization',
        'fixed_batch_renormalization': 'Use F.fixed_batch_normalization',
        'decorrelated_batch_normalization': 'Use F.batch_normalization',
        'fixed_decorrelated_batch_normalization': 'Use F.fixed_batch_normalization',
        'deformable_convolution_2d_sampler': 'Use F.convolution_2d',
        'local_convolution_2d': 'Use F.convolution_2d',
        'simplified_dropconnect': 'Use F.dropout and F.linear',
        'sparse_matmul': 'Use F.matmul of dense arrays',
        'deconvolution_3d': 'Use F.repeat along each axis, then F.convolution_3d',
        'unpooling_1d': 'Use F.repeat', 'unpooling_3d': 'Use F.repeat along each axis',
        'unpooling_nd': 'Use F.unpooling_2d', 'shift': 'Use F.pad and slices of the channels',
        'erfinv': SPECIAL, 'erfcinv': SPECIAL, 'erfcx': SPECIAL, 'ndtri': SPECIAL, 'zeta': SPECIAL,
        'polygamma': SPECIAL,
        'as_strided': 'Use F.get_item, F.reshape or F.im2col',
        'roi_average_align_2d': 'Use F.roi_pooling_2d', 'roi_max_align_2d': 'Use F.roi_pooling_2d',
        'roi_average_pooling_2d': 'Use F.roi_pooling_2d',
        'roi_max_pooling_2d': 'Use F.roi_pooling_2d',
        'discriminative_margin_based_clustering_loss': 'Use F.contrastive or F.triplet'},
    'chainer.optimizers': {'MSVAG': 'Use Adam or CorrectedMomentumSGD'},
    'chainer.training.updaters': {
        'MultiprocessParallelUpdater': PARALLEL, 'ParallelUpdater': PARALLEL},
    'chainer.training': {'ParallelUpdater': PARALLEL},
    'chainer.datasets': {
        'get_svhn': 'Use get_cifar10, or load the files yourself into a TupleDataset',
        'get_cifar100': 'Use get_cifar10, or load the files yourself into a TupleDataset',
        'get_kuzushiji_mnist': 'Use get_mnist or get_fashion_mnist',
        'PickleDataset': 'Pickled content is never loaded. Save arrays with numpy.savez',
        'open_pickle_dataset': 'Pickled content is never loaded. Save arrays with numpy.savez',
        'open_pickle_dataset_writer': 'Pickled content is not written. Use numpy.savez',
        'ZippedImageDataset': 'Unpack the archive and use ImageDataset',
        'MultiZippedImageDataset': 'Unpack the archives and use ImageDataset',
        'LabeledZippedImageDataset': 'Unpack the archive and use LabeledImageDataset'},
    'chainer.dataset': {'TabularDataset': 'Use DictDataset or TupleDataset',
                        'tabular': 'Use DictDataset or TupleDataset'},
    'chainer.backends': {'chainerx': CHAINERX},
    'chainer.backends.intel64': {'inputs_all_ready': IDEEP, 'array': IDEEP},
    'chainer.backend': {'ChainerxDevice': CHAINERX, 'Intel64Device': IDEEP},
    'chainer': {'chainerx': CHAINERX, 'exporters': CAFFE, 'chainermn': CHAINERMN},
    'chainer.distributions': {name: SAMPLE for name in '''Beta Cauchy Chisquare Dirichlet
        Exponential Gamma Geometric Gumbel Laplace LogNormal MultivariateNormal
        OneHotCategorical Pareto Poisson'''.split()},
    'chainer.initializers': {
        'UpsamplingDeconvFilter': 'Make the filters with NumPy and give them as initialW',
        'DownsamplingConvFilter': 'Make the filters with NumPy and give them as initialW'},
}

# Modules that programs import, and that hold nothing here: each name of them says why.
ABSENT = {
    'chainerx': CHAINERX, 'chainermn': CHAINERMN, 'chainer.links.caffe': CAFFE,
    'chainer.exporters': CAFFE, 'chainer.exporters.caffe': CAFFE,
    'chainer.links.theano': 'Theano is not supported. Write the function as a FunctionNode',
    'chainer.dataset.tabular': 'Use DictDataset or TupleDataset',
}

# Where Chainer's own files lie below a module; programs of old import from there.
SHELVES = {
    'functions': """activation array connection evaluation loss loss.vae math noise normalization
        pooling rnn util""".split(),
    'links': 'activation connection loss model model.vision normalization rnn'.split(),
    'initializers': 'constant normal orthogonal uniform'.split(),
    'optimizers': 'ada_delta ada_grad adam momentum_sgd nesterov_ag rmsprop sgd'.split(),
    'iterators': 'serial_iterator multiprocess_iterator multithread_iterator'.split(),
    'datasets': '''cifar concatenated_dataset dict_dataset image_dataset mnist sub_dataset
        transform_dataset'''.split(),
    'serializers': 'npz hdf5'.split(),
    'training.extensions': '''evaluator exponential_shift linear_shift log_report plot_report
        print_report progress_bar value_observation'''.split(),
    'training.triggers': '''interval_trigger manual_schedule_trigger minmax_value_trigger
        early_stopping_trigger'''.split(),
    'training.updaters': ['standard_updater'],
}
