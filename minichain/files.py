"""Files that are there whole or not at all."""
import contextlib
import os
import secrets


@contextlib.contextmanager
def new_file(path):
    """A path to write to; what was written takes its place at `path` when all went well.

    Until then, and if the block raises, an old file stays as it was. The ending is the same, so
    that a program that goes by it knows the format.
    """
    stem, end = os.path.splitext(os.fspath(path))
    part = f'{stem}.{secrets.token_hex(4)}.part{end}'
    try:
        yield part
        with open(part, 'rb+') as written:      # on the disk before the old file goes
            os.fsync(written.fileno())
        os.replace(part, path)
    finally:
        with contextlib.suppress(OSError):
            os.remove(part)
