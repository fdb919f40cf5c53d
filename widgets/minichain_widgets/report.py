"""Texts that JupyterLab's commands ask of a kernel: doctor, report, the code of a NetBuilder."""
import contextlib
import importlib.metadata
import io
import platform

import minichain as mc

PACKAGES = ('minichain', 'numpy', 'cupy-cuda12x', 'cupy-cuda13x', 'ipykernel', 'jupyterlab',
            'notebook', 'ipywidgets', 'anywidget')


class Text(str):
    """A text that shows itself without quotation marks."""

    __repr__ = str.__str__


def doctor():
    """What is in force on this machine and what would help."""
    with contextlib.redirect_stdout(io.StringIO()):
        return Text(mc.doctor())


def report():
    """Versions for a bug report. No names, no paths: they may be private."""
    lines = [f'Python {platform.python_version()}, {platform.system()} {platform.machine()}']
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            lines.append(f'{package} {importlib.metadata.version(package)}')
    switches = (name for name in ('record', 'train', 'debug') if getattr(mc.config, name))
    lines.append(f'switched on: {", ".join(switches) or "nothing"}')
    return Text('\n'.join(lines))


def builder_code(names):
    """The code of the NetBuilder that was made last among the user's variables; '' without one."""
    found = [value.code for value in names.values() if type(value).__name__ == 'NetBuilder']
    return Text(found[-1] if found else '')
