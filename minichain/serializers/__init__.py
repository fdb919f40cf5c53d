"""Saving and loading: arrays by name, never pickled objects; a file is whole or not there."""
from .hdf5 import load_hdf5, save_hdf5
from .npz import load_npz, read_npz, save_npz, write_npz
from .onnx import save_onnx
from .safetensors import (load_safetensors, read_safetensors, save_safetensors,
                          write_safetensors)
