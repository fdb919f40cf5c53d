"""All extensions, and what to make new ones of: `from minichain.training import extensions`."""
from .evaluation import Evaluator, MicroAverage, observe_lr, observe_value
from .extension import (PRIORITY_EDITOR, PRIORITY_READER, PRIORITY_WRITER, Extension,
                        make_extension)
from .inspection import (DumpGraph, FailOnNonNumber, ParameterStatistics,
                         VariableStatisticsPlot)
from .reports import LogReport, PlotReport, PrintReport, ProgressBar
from .shifts import ExponentialShift, LinearShift, PolynomialShift, Shift, StepShift
from .snapshots import snapshot, snapshot_object
