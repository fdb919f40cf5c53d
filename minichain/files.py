"""Files that are there whole or not at all."""
import contextlib
import errno
import os
import secrets

HINTS = {errno.ENOENT: 'Its folder does not exist: make it first.',
         errno.EACCES: 'You may not write there: choose another folder.',
         errno.EPERM: 'You may not write there: choose another folder.',
         errno.EROFS: 'You may not write there: choose another folder.',
         errno.ENOSPC: 'The disk is full: make room, or choose another one.',
         errno.EFBIG: 'Files may not be so large there: choose another disk.'}
if hasattr(errno, 'EDQUOT'):
    HINTS[errno.EDQUOT] = HINTS[errno.ENOSPC]


@contextlib.contextmanager
def new_file(path):
    """A path to write to; what was written takes its place at `path` when all went well.

    Until then, and if the block raises, an old file stays as it was. The ending is the same, so
    that a program that goes by it knows the format. Raises an OSError that names `path`.
    """
    stem, end = os.path.splitext(os.fspath(path))
    part = f'{stem}.{secrets.token_hex(4)}.part{end}'
    try:
        yield part
        with open(part, 'rb+') as written:      # on the disk before the old file goes
            os.fsync(written.fileno())
        os.replace(part, path)
    except OSError as error:
        hint = HINTS.get(error.errno, f'{error.strerror or error}.')
        text = f'{os.fspath(path)} was not saved; a file that was there is as before. {hint}'
        raise OSError(*([] if error.errno is None else [error.errno]), text) from error
    finally:
        try:
            os.remove(part)
        except OSError:
            pass
