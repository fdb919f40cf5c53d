"""Live pictures of what minichain computes, in JupyterLab and in notebook cells.

    BackpropStepper  a small graph, one node at a time, forward and backward
    ConvExplorer     a filter on a picture, window by window; the layers of a trained network
    DeviceSwitch     model, optimizer and data on CPU or GPU, with honest times
    LiveGraph        a widget with the graph, in a cell's output
    NetBuilder       a net put together by hand, with its code beside it
    SavedGraph       a graph that stays a picture in the saved notebook, without a kernel
    Unroller         a recurrent network over time: states, gates, gradients
    TrainingRun      watch and steer a training
    WasteMeter       what padding costs, and what dynamic graphs save
    live             switch following the kernel in the docked panel on or off

The panel needs no call: it follows by itself what a notebook computes.
"""
import importlib

__version__ = '0.1.0'

# Where each public name is defined.
_homes = {
    'BackpropStepper': 'stepper',
    'ConvExplorer': 'convolution',
    'DeviceSwitch': 'device',
    'LiveGraph': 'graph',
    'NetBuilder': 'builder.widget',
    'SavedGraph': 'saved',
    'Unroller': 'unroller',
    'TrainingRun': 'training',
    'WasteMeter': 'waste',
    'live': 'session',
}
__all__ = list(_homes)


def __getattr__(name):
    # Loaded when first used: `import minichain` in a kernel must not wait for ipywidgets.
    if name not in _homes:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    value = getattr(importlib.import_module(f'.{_homes[name]}', __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted([*globals(), *__all__])


def _jupyter_labextension_paths():
    return [{'src': 'labextension', 'dest': 'minichain'}]
