"""The command line: `minichain doctor`, or `python -m minichain doctor`."""
import argparse
import sys

from .diagnosis import doctor, version

COMMANDS = {'doctor': doctor}


def main(arguments=None):
    """Run a command, given as a list of words; by default those of the command line."""
    parser = argparse.ArgumentParser(
        prog='minichain', description='A small deep-learning framework to read and watch.',
        epilog='doctor  says what is in force on this machine and what would help')
    parser.add_argument('--version', action='version', version=f'minichain {version()}')
    parser.add_argument('command', nargs='?', help=' or '.join(COMMANDS))
    command = parser.parse_args(arguments).command
    if command is None:
        parser.print_help()
    elif command not in COMMANDS:
        parser.error(f'there is no command {command!r}; there is: {", ".join(COMMANDS)}')
    else:
        COMMANDS[command]()
    return 0


if __name__ == '__main__':
    sys.exit(main())
