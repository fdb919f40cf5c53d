"""Data: datasets, iterators that make batches of them, and the step from a batch to arrays."""
from .convert import Batch, concat_examples
from .datasets import (ConcatenatedDataset, Dataset, DictDataset, SubDataset, TransformDataset,
                       TupleDataset, get_cross_validation_datasets,
                       get_cross_validation_datasets_random, split_dataset, split_dataset_n,
                       split_dataset_n_random, split_dataset_random)
from .downloads import (DownloadError, get_cifar10, get_fashion_mnist, get_mnist, get_ptb_words,
                        get_ptb_words_vocabulary)
from .images import ImageDataset, LabeledImageDataset, get_digits
from .iterators import Iterator, SequenceIterator, SerialIterator
from .language import FEELINGS, Sentence, Tree, Vocabulary, sentences
from .pictures import DigitRows, rows_of_digits
from .sound import (RATE, VOICES, SpokenDigits, Voice, say, spectrogram, spoken_digits,
                    write_wav)
from .synthetic import sine_series, spirals
from .text import TextDataset
from .translation import PhrasePair, phrase_pairs
from .workers import MultiprocessIterator, MultithreadIterator, WorkerError
