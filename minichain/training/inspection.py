"""Extensions that look into the network while it learns."""
import os

from ..backend import get_array_module
from ..errors import NumberError
from ..graph import Graph
from ..reporter import report
from ..variable import Variable
from .extension import PRIORITY_WRITER, Extension
from .reports import new_file


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
