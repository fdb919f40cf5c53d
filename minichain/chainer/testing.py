"""What programs use of chainer.testing for tests of their own, with unittest or pytest."""
import sys
import unittest

from .. import backend


def gpu(test):
    """A decorator: the test is skipped where there is no GPU."""
    return unittest.skipUnless(backend.gpu_available(), 'needs a GPU')(test)


def multi_gpu(count):
    """A decorator: the test is skipped, for it needs several GPUs."""
    return unittest.skip(f'needs {count} GPUs')


def cudnn(test):
    """A decorator: the test is skipped, for there is no cuDNN."""
    return unittest.skip('needs cuDNN')(test)


def slow(test):
    """A decorator that leaves a test as it is."""
    return test


def parameterize(*parameters):
    """A decorator for a class of tests: one class for each dict, with its values as attributes."""
    def decorate(case):
        module = vars(sys.modules[case.__module__])
        for number, values in enumerate(parameters):
            name = f'{case.__name__}_param_{number}'
            module[name] = type(name, (case, unittest.TestCase), dict(values))
            module[name].__module__ = case.__module__
        return None
    return decorate


def run_module(name, file):
    """Run the tests of a program that was started by itself."""
    if name == '__main__':
        unittest.main()
