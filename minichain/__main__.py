"""The command line: `minichain doctor`, `minichain lab`; or `python -m minichain doctor`."""
import argparse
import sys

from .diagnosis import doctor, version
from .launch import lab

COMMANDS = {'doctor': doctor, 'lab': lab}


def main(arguments=None):
    """Run a command, given as a list of words; by default those of the command line."""
    parser = argparse.ArgumentParser(
        prog='minichain', description='A small deep-learning framework to read and watch.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog='doctor  says what is in force on this machine and what would help\n'
               'lab     starts JupyterLab, which gets all that follows, with memory set for speed')
    parser.add_argument('--version', action='version', version=f'minichain {version()}')
    parser.add_argument('command', nargs='?', help=' or '.join(COMMANDS))
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ['lab']:
        return lab(words[1:])
    command = parser.parse_args(words).command
    if command is None:
        parser.print_help()
    elif command not in COMMANDS:
        parser.error(f'there is no command {command!r}; there is: {", ".join(COMMANDS)}')
    else:
        COMMANDS[command]()
    return 0


if __name__ == '__main__':
    sys.exit(main())
