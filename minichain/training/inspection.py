"""Extensions that look into the network while it learns."""
import os

import numpy as np

from ..backend import get_array_module, to_cpu
from ..errors import NumberError
from ..graph import Graph
from ..reporter import report
from ..variable import Variable
from .extension import PRIORITY_READER, PRIORITY_WRITER, Extension
from .reports import drawing_available, new_file


class FailOnNonNumber(Extension):
    """Stops the training at the first parameter that holds NaN or infinity, and names it.

    Debug mode finds the operation: `with using_config(debug=True)`.
    """

    def __call__(self, trainer):
        for name, optimizer in trainer.updater.get_all_optimizers().items():
            for path, param in optimizer.target.namedparams():
                if not bool(param.xp.isfinite(param.data).all()):
                    raise NumberError(f'The parameter {name}{path} holds NaN or infinity after '
                                      f'iteration {trainer.updater.iteration}: training ends here. '
                                      'Run it with using_config(debug=True) to find the cause.')


class DumpGraph(Extension):
    """Writes the graph of the first iteration's loss to a file, in the language of Graphviz.

    root_name  the reported value whose graph to write, such as 'main/loss'
    filename   in the trainer's folder; with the ending .svg, a picture
    """

    default_name = 'dump_graph'

    def __init__(self, root_name, filename='cg.dot'):
        self.root_name, self.filename, self.done = root_name, filename, False

    def initialize(self, trainer):
        trainer.reporter.keep_graph = not self.done

    def __call__(self, trainer):
        if self.done:
            return
        self.done, trainer.reporter.keep_graph = True, False
        root = trainer.observation.get(self.root_name)
        if not isinstance(root, Variable):
            raise KeyError(f'{self.root_name!r} was not reported as a Variable; reported were '
                           f'{", ".join(sorted(trainer.observation)) or "no values"}.')
        graph = Graph.of(root)
        text = graph.to_svg() if self.filename.endswith('.svg') else graph.to_dot()
        with new_file(os.path.join(trainer.out, self.filename)) as path:
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)

    def state(self):
        return self.done

    def restore(self, state):
        self.done = state


SEVEN_SIGMAS = (0.13, 2.28, 15.87, 50, 84.13, 97.72, 99.87)


def percentile(x):
    """Below which values 0.13, 2.28, 15.87, 50, 84.13, 97.72 and 99.87 % of all are: the median,
    and one, two and three standard deviations off, if x is normally distributed."""
    return get_array_module(x).percentile(x, SEVEN_SIGMAS)


class ParameterStatistics(Extension):
    """Reports statistics of parameters and gradients: 'l1/W/grad/std', 'l1/W/data/percentile/3'.

    links          a link or a list of them
    statistics     a dict of functions of an array that give one number, or an array of them
    report_params, report_grads   whether of parameters, of gradients
    prefix         stands before each name
    skip_nan_params  leave out arrays with a NaN
    """

    priority = PRIORITY_WRITER
    default_statistics = {
        'mean': lambda x: x.mean(), 'std': lambda x: x.std(), 'min': lambda x: x.min(),
        'max': lambda x: x.max(), 'zeros': lambda x: (x == 0).sum(), 'percentile': percentile}

    def __init__(self, links, statistics='default', report_params=True, report_grads=True,
                 prefix=None, trigger=(1, 'epoch'), skip_nan_params=False):
        self.links = links if isinstance(links, (list, tuple)) else [links]
        self.statistics = self.default_statistics if statistics == 'default' else statistics
        self.kinds = ['data'] * report_params + ['grad'] * report_grads
        self.prefix, self.trigger, self.skip_nan_params = prefix, trigger, skip_nan_params

    def __call__(self, trainer):
        for link in self.links:
            for path, param in link.namedparams():
                for kind in self.kinds:
                    x = getattr(param, kind)
                    if x is None or not x.size or (self.skip_nan_params
                                                   and bool(param.xp.isnan(x).any())):
                        continue
                    name = '/'.join(filter(None, (self.prefix, link.name, path[1:], kind)))
                    for word, function in self.statistics.items():
                        self.tell(f'{name}/{word}', function(x))

    def tell(self, name, value):
        """Report one number, or each number of an array under a number of its own."""
        if getattr(value, 'ndim', 0):
            report({f'{name}/{i}': value[i] for i in range(len(value))})
        else:
            report({name: value})


class VariableStatisticsPlot(Extension):
    """Draws how the values and gradients of Variables are spread in the course of the training.

    targets      a Variable or a list of them, such as model.l1.W
    report_data, report_grad   whether of values, of gradients
    plot_mean, plot_std        whether mean and standard deviation are drawn beside the percentiles
    trigger      when to look and draw   filename  in the trainer's folder. It needs matplotlib.
    """

    priority = PRIORITY_READER - 10

    def __init__(self, targets, report_data=True, report_grad=True, plot_mean=True, plot_std=True,
                 trigger=(1, 'epoch'), filename='statistics.png'):
        self.targets = targets if isinstance(targets, (list, tuple)) else [targets]
        self.kinds = ['data'] * report_data + ['grad'] * report_grad
        self.plot_mean, self.plot_std = plot_mean, plot_std
        self.trigger, self.filename, self.points = trigger, filename, {}

    def initialize(self, trainer):
        self.draws = drawing_available(self)

    def __call__(self, trainer):
        for kind in self.kinds:
            arrays = [getattr(x, kind) for x in self.targets if getattr(x, kind) is not None]
            if arrays:
                x = np.concatenate([to_cpu(a).ravel() for a in arrays]).astype(np.float64)
                self.points.setdefault(kind, []).append(
                    [trainer.updater.iteration, x.mean(), x.std(), *percentile(x)])
        if self.points and self.draws:
            with new_file(os.path.join(trainer.out, self.filename)) as path:
                self.figure().savefig(path, bbox_inches='tight')

    def figure(self):
        """The picture so far."""
        from matplotlib.figure import Figure
        figure = Figure(figsize=(8, 3 * len(self.points)), layout='constrained')
        for row, (kind, points) in enumerate(self.points.items(), 1):
            iteration, mean, deviation, *percentiles = np.array(points).T
            axes = figure.add_subplot(len(self.points), 1, row, xlabel='iteration', ylabel=kind)
            for low, high in zip(percentiles, percentiles[:3:-1]):
                axes.fill_between(iteration, low, high, alpha=0.25, color='C0')
            axes.plot(iteration, percentiles[3], color='C0', marker='.', label='median')
            if self.plot_mean:
                axes.errorbar(iteration, mean, deviation if self.plot_std else None, color='C1',
                              capsize=3, label='mean')
            axes.legend()
        return figure

    def state(self):
        return self.points

    def restore(self, state):
        self.points = state
