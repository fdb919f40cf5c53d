"""Fresh places to try things in: copies of the repository and empty virtual environments."""
import os
import pathlib
import shutil
import signal
import subprocess
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent


def end_when_told():
    """SIGTERM and SIGHUP, `timeout` for one, end a program as Ctrl-C does: it stops its servers.

    SIGINT, too: a program that was started in the background may have it ignored.
    """
    for name in 'SIGINT', 'SIGTERM', 'SIGHUP':
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)


def tracked_files():
    """What the repository holds, as paths relative to its root."""
    listed = subprocess.run(['git', 'ls-files', '-z'], cwd=ROOT, check=True, capture_output=True)
    paths = map(pathlib.Path, filter(None, listed.stdout.decode().split('\0')))
    return [path for path in paths if (ROOT / path).is_file()]


def copy_repository(target):
    """Copy the tracked files, as they are now, into a folder."""
    for path in tracked_files():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target / path)
    return target


def scripts(environment):
    """The folder of the programs of a virtual environment."""
    return pathlib.Path(environment) / ('Scripts' if os.name == 'nt' else 'bin')


def new_environment(folder):
    """Make an empty virtual environment and return the path of its Python."""
    venv.create(folder, with_pip=True)
    return scripts(folder) / ('python.exe' if os.name == 'nt' else 'python')


def search_path(environment):
    """The PATH of a shell in which a virtual environment is active."""
    return os.pathsep.join([str(scripts(environment)), os.environ.get('PATH', '')])


def run(*command, **options):
    """Run a command to its end and return what it printed; a failure shows all of that."""
    done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    assert done.returncode == 0, f'{" ".join(map(str, command))}\n{done.stdout}'
    return done.stdout
