"""``ipshell completion``: completion of the command line in a system shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UserError

if TYPE_CHECKING:
    import argparse

    from ..application.app import IPShellApp
    from ..types.commands import Command

_SHELLS = ("bash", "zsh", "tcsh", "fish", "powershell")


def command() -> Command:
    """Give the command."""
    return CompletionCommand()


class CompletionCommand:
    """``ipshell completion SHELL``."""

    summary = "print the lines that complete ipshell's command line in a system shell"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the name of the system shell."""
        parser.add_argument("shell", choices=_SHELLS, help="the system shell to print for")
        parser.epilog = 'For bash, in ~/.bashrc: eval "$(ipshell completion bash)"'

    def run(self, arguments: argparse.Namespace, app: IPShellApp) -> int:
        """Print the lines.

        :raises UserError: if argcomplete is not installed.
        """
        try:
            from argcomplete.shell_integration import shellcode
        except ImportError:
            raise UserError(
                "completion of the command line needs argcomplete: install ipshell-core[completion]."
            ) from None
        print(shellcode(["ipshell"], shell="bash" if arguments.shell == "zsh" else arguments.shell))
        return 0
