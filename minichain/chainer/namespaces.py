"""The modules that a Chainer program imports, made of tables: what stands where."""
import functools
import inspect
import types

import numpy as np

from .. import (data as core_data, distributions, functions as F, hooks,
                optimizers as core_optimizers, reporter)
from ..links import hooks as link_hooks
from ..training import extensions as core_extensions, get_trigger, triggers as core_triggers
from ..training.extension import PRIORITY_EDITOR, PRIORITY_READER, PRIORITY_WRITER
from . import (blocks, configuration, data, device, distributions as chances, function,
               initializers, layers, link, names, operations, optimizers, recurrent, sequences,
               serializers, testing, tools, trainer, type_check, variable, windows)


class Namespace(types.ModuleType):
    """A module of Chainer's. What it lacks is explained by name."""

    def __init__(self, name, content, doc=None):
        super().__init__(name, doc or f'{name}, by minichain.')
        self.__path__ = []
        vars(self).update(content)

    def __getattr__(self, name):
        return missing(self.__name__, name)


def missing(module, name):
    """Say why a module has no such name. NotImplementedError for what is left out on purpose."""
    reason = names.UNSUPPORTED.get(module, {}).get(name)
    if reason is None and not name.startswith('__'):
        reason = names.ABSENT.get(module)
    if reason is not None:
        raise NotImplementedError(f'{module}.{name} is not there: {reason}.')
    raise AttributeError(f'{module} has no {name!r} here: it is neither in the tables of '
                         'minichain.chainer nor in minichain.')


def public(module):
    """What a module defines or imports by a public name, modules left out."""
    return {name: thing for name, thing in vars(module).items()
            if not name.startswith('_') and not isinstance(thing, types.ModuleType)}


def own(module):
    """What a module itself defines."""
    return {name: thing for name, thing in public(module).items()
            if getattr(thing, '__module__', module.__name__) == module.__name__}


def some(owner, wanted):
    """These names of a module."""
    return {name: getattr(owner, name) for name in wanted}


def renamed(owner, table):
    """A module's things under other names."""
    return {theirs: getattr(owner, ours) for theirs, ours in table.items()}


def respelled(function, arguments):
    """A function whose arguments have the names that Chainer gives them."""
    ours = dict(zip(arguments.split(), inspect.signature(function).parameters))

    @functools.wraps(function)
    def call(*args, **options):
        return function(*args, **{ours.get(name, name): x for name, x in options.items()})
    return call


def all_functions():
    """chainer.functions."""
    found = {**some(F, names.SAME_FUNCTIONS), **renamed(F, names.FUNCTIONS), **own(operations),
             **own(windows)}
    found.update({name: respelled(found[name], arguments)
                  for name, arguments in names.ARGUMENTS.items()})
    return found


def contents():
    """{path of a module: {name: thing}}, parents before their parts."""
    chosen_hooks = {**some(core_optimizers, names.HOOKS), 'GradientLARS': optimizers.GradientLARS}
    initial = own(initializers)
    kinds = {**own(optimizers)}
    for name in ('UpdateRule', 'Optimizer', 'GradientMethod', 'GradientLARS', 'AdamWithLargest',
                 'rate_at'):
        kinds.pop(name)
    converters = some(data, ['Converter', 'converter', 'concat_examples', 'to_device',
                             'identity_converter', 'ConcatWithAsyncTransfer'])
    shelf = some(data, ['get_dataset_root', 'set_dataset_root', 'get_dataset_directory',
                        'cached_download', 'cache_or_load_file'])
    samplers = some(data, ['OrderSampler', 'ShuffleOrderSampler'])
    updaters = some(trainer, ['StandardUpdater'])
    base = {**some(trainer, ['Extension', 'make_extension', 'Trainer', 'Updater']),
            'get_trigger': get_trigger, 'PRIORITY_EDITOR': PRIORITY_EDITOR,
            'PRIORITY_READER': PRIORITY_READER, 'PRIORITY_WRITER': PRIORITY_WRITER}
    triggers = {**some(core_triggers, names.TRIGGERS),
                'EarlyStoppingTrigger': trainer.EarlyStoppingTrigger}
    extensions = {**some(core_extensions, names.EXTENSIONS), **{
        name: thing for name, thing in own(trainer).items()
        if name not in ('Trainer', 'Updater', 'StandardUpdater', 'EarlyStoppingTrigger',
                        'lenient')}}
    argument = some(tools, ['parse_kwargs', 'check_unexpected_kwargs', 'assert_kwargs_empty'])
    conv = some(tools, ['get_conv_outsize', 'get_deconv_outsize'])
    checks = some(tools, ['numerical_grad', 'check_backward', 'check_double_backward'])
    return {
        'functions': all_functions(),
        'links': {**own(layers), **own(blocks), **own(recurrent), **own(sequences),
                  'Parameter': layers.ParameterLink},
        'initializers': {**initial, '_get_initializer': initializers.get_initializer},
        'initializer': {'Initializer': initializers.Initializer},
        'optimizer_hooks': chosen_hooks,
        'optimizer': {**chosen_hooks, **some(optimizers, ['UpdateRule', 'Optimizer',
                                                          'GradientMethod', 'Hyperparameter'])},
        'optimizers': kinds,
        'iterators': {**some(data, ['SerialIterator', 'MultithreadIterator',
                                    'MultiprocessIterator']), **samplers},
        'dataset': {**converters, **shelf, **some(data, ['DatasetMixin', 'Iterator'])},
        'dataset.convert': converters,
        'dataset.download': shelf,
        'dataset.dataset_mixin': some(data, ['DatasetMixin']),
        'dataset.iterator': some(data, ['Iterator']),
        'datasets': {**some(core_data, names.DATASETS),
                     **some(data, ['get_mnist', 'get_fashion_mnist', 'get_cifar10',
                                   'split_dataset_random', 'split_dataset_n_random',
                                   'get_cross_validation_datasets_random'])},
        'datasets.tuple_dataset': some(core_data, ['TupleDataset']),
        'training': {**base, **updaters, 'IntervalTrigger': core_triggers.IntervalTrigger},
        'training.extensions': extensions,
        'training.extension': base,
        'training.triggers': triggers,
        'training.updaters': updaters,
        'training.updater': {'Updater': trainer.Updater, **updaters},
        'training.trigger': {**triggers, 'get_trigger': get_trigger},
        'serializers': {**some(serializers, ['DictionarySerializer', 'NpzDeserializer', 'save_npz',
                                             'load_npz', 'read_npz']),
                        **some(tools, ['save_hdf5', 'load_hdf5'])},
        'serializer': some(serializers, ['AbstractSerializer', 'Serializer', 'Deserializer']),
        'reporter': public(reporter),
        'variable': some(variable, ['Variable', 'Parameter', 'as_variable', 'as_array']),
        'link': some(link, ['Link', 'Chain', 'ChainList']),
        'sequential': some(link, ['Sequential']),
        'function': {**some(function, ['Function', 'FunctionAdapter']),
                     **some(configuration, ['no_backprop_mode', 'force_backprop_mode'])},
        'function_node': {**some(function, ['FunctionNode']), 'grad': variable.grad},
        'configuration': public(configuration),
        'backend': vars(device.backend),
        'backends': {'cuda': device.cuda},
        'backends.intel64': {'is_ideep_available': lambda: False, 'mdarray': device.NoArray},
        'distributions': {**some(chances, ['Bernoulli', 'Categorical', 'Independent']),
                          **some(distributions, ['Normal', 'Uniform'])},
        'distribution': {'Distribution': distributions.Distribution,
                         **some(distributions, ['kl_divergence', 'register_kl'])},
        'function_hook': {'FunctionHook': tools.FunctionHook},
        'function_hooks': {'PrintHook': tools.PrintHook, 'TimerHook': hooks.TimerHook,
                           'CupyMemoryProfileHook': hooks.MemoryHook},
        'link_hook': {'LinkHook': tools.LinkHook},
        'link_hooks': {'TimerHook': link_hooks.TimerHook,
                       **some(tools, ['SpectralNormalization', 'WeightStandardization'])},
        'gradient_check': checks,
        'computational_graph': some(tools, ['build_computational_graph', 'ComputationalGraph']),
        'testing': {**some(tools, ['assert_allclose', 'product', 'product_dict']), **checks,
                    **some(testing, ['parameterize', 'run_module'])},
        'testing.attr': some(testing, ['gpu', 'multi_gpu', 'cudnn', 'slow']),
        'utils': {'force_array': function.force_array, 'experimental': tools.experimental,
                  'WalkerAlias': blocks.WalkerAlias},
        'utils.type_check': {**public(type_check), '_argname': type_check.argname},
        'utils.argument': argument,
        'utils.conv': conv,
        'utils.walker_alias': {'WalkerAlias': blocks.WalkerAlias},
    }


def top_level():
    """What `chainer` itself holds besides its modules."""
    return {
        **some(variable, ['Variable', 'Parameter', 'as_variable', 'as_array', 'grad']),
        'backward': variable.backward_all,
        **some(link, ['Link', 'Chain', 'ChainList', 'Sequential']),
        **some(function, ['Function', 'FunctionNode', 'FunctionAdapter', 'force_array']),
        **some(serializers, ['AbstractSerializer', 'Serializer', 'Deserializer']),
        **some(configuration, ['config', 'global_config', 'using_config', 'no_backprop_mode',
                               'force_backprop_mode', 'get_dtype', 'mixed16', 'is_debug',
                               'set_debug', 'DebugMode']),
        **some(reporter, ['Reporter', 'Summary', 'DictSummary', 'report', 'report_scope',
                          'get_current_reporter']),
        **some(optimizers, ['UpdateRule', 'Optimizer', 'GradientMethod']),
        **some(distributions, ['Distribution', 'kl_divergence', 'register_kl']),
        **some(tools, ['print_runtime_info', 'FunctionHook', 'LinkHook']),
        'cross_entropy': chances.cross_entropy, 'Initializer': initializers.Initializer,
        'get_device': device.get_device, 'using_device': device.using_device,
        'get_array_types': lambda: (np.ndarray,) + (
            (device.cuda.ndarray,) if device.cuda.available else ()),
        'get_cpu_array_types': lambda: (np.ndarray,),
        'is_arrays_compatible': type_check.same_types,
        'should_use_cudnn': device.cuda.should_use_cudnn,
        'static_graph': tools.static_graph, '__version__': tools.VERSION, 'cuda': device.cuda,
    }


def build():
    """{path: module} of all modules below `chainer`."""
    modules = {}
    for path, content in contents().items():
        modules[path] = Namespace(f'chainer.{path}', content)
        parent, _, name = path.rpartition('.')
        if parent:
            setattr(modules[parent], name, modules[path])
    modules['backends.cuda'] = modules['cuda'] = device.cuda
    for path, parts in names.SHELVES.items():
        for part in parts:
            modules[f'{path}.{part}'] = modules[path]
    return modules


def stand_ins():
    """Modules that programs import, and that are not supported. ChainerX can be asked for."""
    modules = {name: Namespace(name, {}, f'{reason}.') for name, reason in names.ABSENT.items()}
    vars(modules['chainerx']).update(is_available=lambda: False, ndarray=device.NoArray)
    return modules
