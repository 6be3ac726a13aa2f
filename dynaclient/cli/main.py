"""`dynaclient`: the command line. Which command, which exit code."""
# PYTHON_ARGCOMPLETE_OK: who has argcomplete for all of Python's commands needs no more

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from dynaclient._support import messages as surface
from dynaclient._support.messages import pluralize
from dynaclient.cli.arguments import attached, build_parser
from dynaclient.cli.hints import command_hint, names_of
from dynaclient.cli.options.parser import USAGE, Parser, near
from dynaclient.errors import DocumentError, DynaclientError, RequestInvalid, SettingsError, UnknownOperation

FINE, BROKEN, REFUSED, INTERRUPTED = 0, 1, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code, never raises."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # the shell closed it
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
    logging.getLogger("dynaclient").addHandler(logging.NullHandler())  # violations are printed, not logged
    if "_ARGCOMPLETE" in os.environ:
        from dynaclient.cli.completion import answer_shell  # late: 20 ms

        return answer_shell()
    try:
        options = _parse(arguments)
        with surface.speaking_of(surface.COMMAND_LINE):
            code = _command(options.run)(options)
        sys.stdout.flush()
        return code
    except SystemExit as exit_:  # argparse: 0 after --help, 2 after a mistake
        return exit_.code if isinstance(exit_.code, int) else USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _closed()
    except RequestInvalid as error:
        return _refuse(error, REFUSED)
    except (DocumentError, UnknownOperation, SettingsError) as error:
        return _refuse(error, USAGE)
    except DynaclientError as error:
        return _refuse(error, BROKEN)
    except OSError as error:
        return _refuse(_said_of(error), USAGE)
    except Exception as error:
        return _refuse(
            f"this is a mistake in dynaclient, please report it: {type(error).__name__}: {error}", BROKEN
        )


def _refuse(error: object, code: int) -> int:
    from dynaclient.cli.render import complain  # late: 2 ms

    complain(f"dynaclient: {error}")
    return code


def _said_of(error: OSError) -> str:
    """What the system refused; of a working folder that was removed it says no more than "no such file"."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return "the folder that you are in was removed: go to one that is there (`cd`)"
    except OSError:
        pass
    said = error.strerror or str(error)
    return f"{error.filename}: {said}" if error.filename else said


def _closed() -> int:
    """Nobody reads on (`| head`): end without a word, also when Python flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FINE


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """The function behind a command, as `module:function`; imported when it is called."""
    module, _, function = name.partition(":")
    command: Callable[[argparse.Namespace], int] = getattr(
        import_module(f"dynaclient.cli.{module}"), function
    )
    return command


def help_on(options: argparse.Namespace) -> int:
    """Print the help of a command, or that of all."""
    whole = build_parser()
    commands = whole.get_default("commands")
    parser: Parser | None = commands.get(options.topic) if options.topic else whole
    if parser is None:
        said = near(options.topic, commands) or f"; there are {', '.join(commands)}"
        options.parser.error(f"there is no command {options.topic!r}{said}")
    else:
        parser.print_help()
    return FINE


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    arguments = attached(sys.argv[1:] if arguments is None else arguments)
    parser = build_parser(*arguments[:1])
    _known(parser, arguments)
    options, unknown = parser.parse_known_args(arguments)
    if unknown and hasattr(options, "given") and not any(each.startswith("-") for each in unknown):
        options.given += unknown  # argparse takes those before an option alone
        unknown = []
    if unknown:  # they may be secrets: of a wrong option only its name is said
        names = names_of(unknown)
        said = (
            f"no such option: {', '.join(names)}"
            if names
            else f"{pluralize(len(unknown), 'argument')} too many"
        )
        commands = build_parser().get_default("commands").values()
        meant = command_hint(options.parser, names[0], list(commands)) if names else ""
        options.parser.error(f"{said}{meant or options.hint}")
    return options


def _known(parser: Parser, arguments: Sequence[str]) -> None:
    """End where the command is none: argparse would list all, and not say which is meant."""
    commands = parser.get_default("commands")
    given = arguments[0] if arguments else "-"
    if given.strip("-") and given.startswith("-") and given not in ("-", "-h", "--help", "--version"):
        parser.error(f"{names_of([given])[0]} is before the command; options go after it")
    if not given.startswith("-") and given not in commands:
        said = near(given, commands) or f"; there are {', '.join(commands)}"
        parser.error(f"there is no command {given!r}{said}")
