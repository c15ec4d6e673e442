"""Help, and completion of the command line."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from ..configuration.sections import is_installed
from .options import ELSEWHERE, OWN, SETTINGS, Option

if TYPE_CHECKING:
    from ..types.commands import Command
    from .app import IPShellApp

_USAGE = "ipshell [options] [COMMAND ... | -c CODE | -m MODULE | FILE] [arguments]"


def option_parser() -> argparse.ArgumentParser:
    """Give the options as an argparse parser, for help and completion."""
    parser = argparse.ArgumentParser(
        prog="ipshell",
        usage=_USAGE,
        description="An interactive Python made of parts. Without anything to run it starts a shell.",
        epilog="Any option of any part: --Class.option=VALUE, see ipshell --help-all.",
        add_help=False,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-c", metavar="CODE", help="run the code and leave")
    parser.add_argument("-m", metavar="MODULE", help="run the module as a program and leave")
    for option in OWN:
        _add(parser, option)
    group = parser.add_argument_group("configuration")
    for option in (*SETTINGS, *ELSEWHERE):
        if not option.part or is_installed(option.part):
            _add(group, option)
    return parser


def _add(parser: argparse.ArgumentParser | argparse._ArgumentGroup, option: Option) -> None:
    if option.metavar:
        parser.add_argument(*option.names, metavar=option.metavar, help=option.help.replace("%", "%%"))
    else:
        parser.add_argument(*option.names, action="store_true", help=option.help.replace("%", "%%"))


def command_parser(name: str, command: Command) -> argparse.ArgumentParser:
    """Give the parser of one sub-command."""
    parser = argparse.ArgumentParser(
        prog=f"ipshell {name}",
        description=f"{command.summary[:1].upper()}{command.summary[1:]}.",
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    return parser


def print_help(app: IPShellApp, *, everything: bool) -> None:
    """Print the help of the program; plugins are listed, not imported.

    :param everything: whether to add every option of every installed part.
    """
    print(option_parser().format_help())
    print("commands:")
    for key in app.registry.keys("commands"):
        owner = app.registry.owners("commands", key)[0]
        summary = _SUMMARIES.get(key, owner.summary) if owner.core else f"{owner.summary} ({owner.dist})"
        print(f"  {key:<20}  {summary}")
    print(f"  {'help COMMAND':<20}  show the help of a command")
    if everything:
        from ..configuration.explain import describe_all

        print()
        print(describe_all(lambda: app.registry.declared("config")))


_SUMMARIES = {
    "completion": "print the lines that complete ipshell's command line in a system shell",
    "config": "show the configuration and where it came from",
    "locate": "show where ipshell keeps its files",
    "plugins": "list, inspect and check plugins, begin one",
    "profile": "create and list profiles",
}


class HelpCommand:
    """``ipshell help COMMAND``."""

    summary = "show the help of a command"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's name."""
        parser.add_argument(
            "command", nargs="?", help="the command to explain; the program itself by default"
        )

    def run(self, arguments: argparse.Namespace, app: IPShellApp) -> int:
        """Print the help."""
        if arguments.command is None:
            print_help(app, everything=False)
            return 0
        command = app.command(arguments.command)
        if command is not None:
            command_parser(arguments.command, command).print_help()
        return 0


def complete() -> None:
    """Answer argcomplete's question and end the process; does nothing if it is not installed."""
    try:
        import argcomplete
    except ImportError:
        return
    from ..configuration.sections import core_classes
    from .app import IPShellApp

    app = IPShellApp([])
    parser = option_parser()
    for kind in core_classes():
        for name in kind.class_trait_names(config=True):
            parser.add_argument(f"--{kind.__name__}.{name}")
    commands = parser.add_subparsers()
    words = os.environ.get("COMP_LINE", "").split()
    for key in app.registry.keys("commands"):
        inner = commands.add_parser(key)
        # Only a command that is being typed is imported.
        command = app.command(key) if key in words else None
        if command is not None:
            command.add_arguments(inner)
    argcomplete.autocomplete(parser, always_complete_options=False)
