"""Sub-commands of ``ipshell``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import argparse

    from ..application.app import IPShellApp


class Command(Protocol):
    """A sub-command, as ``ipshell NAME``."""

    summary: str
    """One line for ``--help``, without a full stop."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments; called before :meth:`run`."""
        ...

    def run(self, arguments: argparse.Namespace, app: IPShellApp) -> int:
        """Do the work.

        :param arguments: the parsed arguments.
        :param app: the application; it has read the command line, and gives
            directories, configuration and the plugin registry on request.
        :returns: the exit status.
        :raises ipcore.errors.UserError: for a mistake of the user's, shown as one line.
        """
        ...
