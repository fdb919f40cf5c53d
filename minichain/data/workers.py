"""Iterators that read ahead: threads or processes fetch items while the network computes."""
import os
import random
import signal
import traceback
import pickle
import warnings
from collections import deque

import numpy as np

from ..errors import MinichainError
from ..randomness import set_seed
from .convert import Batch
from .iterators import SerialIterator

_shared = {}        # in a worker process: the dataset


class WorkerError(MinichainError, RuntimeError):
    """A worker could not read an item, or died. The message holds the worker's traceback."""


def fetch(dataset, indices, seed):
    """In a worker: these items of a dataset. Random numbers follow from the seed."""
    set_seed(seed)
    items = []
    for i in indices:
        try:
            items.append(dataset[int(i)])
        except Exception as error:
            raise WorkerError(f'Item {i} of the dataset cannot be read: '
                              f'{type(error).__name__}: {error}\n\nIn the worker:\n'
                              f'{traceback.format_exc()}') from None
    return items


def begin_process(dataset):
    """In a new worker process: keep the dataset, and leave interrupts to the main process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _shared['dataset'] = dataset


def fetch_in_process(indices, seed):
    """In a worker process: fetch from its dataset; also other random numbers follow the seed."""
    number = int(np.random.SeedSequence(seed).generate_state(1)[0])
    random.seed(number)
    np.random.seed(number)
    return fetch(_shared['dataset'], indices, seed)


class AheadIterator(SerialIterator):
    """A SerialIterator whose next batches are read ahead; order and items are the same.

    Workers begin with the first batch, and again after `finalize`. Random numbers that the dataset
    draws follow from the iterator's seed and from the batch, whichever worker reads it.
    """

    def __init__(self, dataset, batch_size, repeat, shuffle, order_sampler, n_workers, n_prefetch,
                 timeout):
        self.executor, self.queue = None, deque()
        super().__init__(dataset, batch_size, repeat, shuffle, order_sampler)
        self.n_workers, self.n_prefetch, self.timeout = n_workers, max(n_prefetch, 1), timeout

    def start(self):
        """A new executor for the workers."""
        raise NotImplementedError

    def submit(self, indices, seed):
        """Have the executor fetch items. Returns a future."""
        return self.executor.submit(fetch, self.dataset, indices, seed)

    def __next__(self):
        if self.executor is None:
            self.executor = self.start()
        while len(self.queue) < 1 + self.n_prefetch and self.read_ahead():
            pass
        if not self.queue:
            raise StopIteration
        place, indices, futures = self.queue[0]
        items = [item for future in futures for item in self.wait(future)]
        self.queue.popleft()
        self.move(place)
        return Batch(items, indices)

    def read_ahead(self):
        """Ask the workers for the batch behind those that are asked for. False at the end."""
        front = self.queue[-1][0] if self.queue else self.place
        step = self.step(front)
        if step is None:
            return False
        place, indices = step
        parts = np.array_split(indices, min(self.n_workers, len(indices)))
        futures = [self.submit(part, [self.seed, front.epoch, front.position, number])
                   for number, part in enumerate(parts)]
        self.queue.append((place, indices, futures))
        return True

    def wait(self, future):
        """What a worker has fetched."""
        from concurrent.futures import BrokenExecutor, TimeoutError
        patience = self.timeout
        while True:
            try:
                return future.result(patience)
            except TimeoutError:
                warnings.warn(f'A worker has been reading items for more than {patience} seconds; '
                              'still waiting.', stacklevel=3)
                patience = None
            except BrokenExecutor as error:
                self.finalize()
                raise WorkerError('A worker process has died without a word: it was killed, ran '
                                  'out of memory, or could not start because the dataset cannot '
                                  f'be pickled ({error}).') from error

    def reset(self):
        self.forget()
        super().reset()

    def set_value(self, key, value):
        self.forget()
        super().set_value(key, value)

    def forget(self):
        """Drop what was read ahead."""
        for _, _, futures in self.queue:
            for future in futures:
                future.cancel()
        self.queue.clear()

    def finalize(self):
        self.forget()
        if self.executor is not None:
            executor, self.executor = self.executor, None
            executor.shutdown(cancel_futures=True)


class MultithreadIterator(AheadIterator):
    """Batches of a dataset, read ahead by threads of this process; see SerialIterator.

    n_threads  how many read at once. Threads help where items come from files or a network, and
               where NumPy does most of the work.
    """

    def __init__(self, dataset, batch_size, repeat=True, shuffle=None, n_threads=1,
                 order_sampler=None, n_prefetch=1):
        super().__init__(dataset, batch_size, repeat, shuffle, order_sampler, n_threads,
                         n_prefetch, None)

    def start(self):
        from concurrent.futures import ThreadPoolExecutor
        return ThreadPoolExecutor(self.n_workers, 'minichain-data')


class MultiprocessIterator(AheadIterator):
    """Batches of a dataset, read ahead by other processes; see SerialIterator.

    n_processes      how many read at once. Default: one a processor core
    n_prefetch       batches to read ahead
    dataset_timeout  seconds until a warning says that an item takes long; None: never
    start_method     'fork', 'spawn' or 'forkserver'; None: the usual one of this system. With the
                     last two the dataset is pickled, and a script needs `if __name__ == '__main__'`
    """

    def __init__(self, dataset, batch_size, repeat=True, shuffle=None, n_processes=None,
                 n_prefetch=1, order_sampler=None, dataset_timeout=30.0, start_method=None):
        super().__init__(dataset, batch_size, repeat, shuffle, order_sampler,
                         n_processes or os.cpu_count() or 1, n_prefetch, dataset_timeout)
        self.start_method = start_method

    def start(self):
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        context = multiprocessing.get_context(self.start_method)
        return ProcessPoolExecutor(self.n_workers, context, begin_process, (self.dataset,))

    def submit(self, indices, seed):
        try:
            return self.executor.submit(fetch_in_process, indices, seed)
        except (AttributeError, TypeError, pickle.PicklingError) as error:
            self.finalize()
            raise WorkerError(f'The dataset cannot be sent to the worker processes ({error}). '
                              'Define its classes and functions at the top of a module, or use '
                              'a MultithreadIterator.') from error
