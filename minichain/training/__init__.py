"""Training: a trainer that updates and evaluates, reports and saves, until a trigger says stop."""
from . import extensions, triggers
from .extension import (PRIORITY_EDITOR, PRIORITY_READER, PRIORITY_WRITER, Extension,
                        make_extension)
from .trainer import Trainer
from .triggers import get_trigger
from .updaters import BPTTUpdater, StandardUpdater, Updater
