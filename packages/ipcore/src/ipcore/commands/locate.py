"""``ipshell locate``: where the user's directory, or that of a profile, is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UsageError, UserError

if TYPE_CHECKING:
    import argparse

    from ..application.app import IPShellApp


def command() -> LocateCommand:
    """Give the sub-command."""
    return LocateCommand()


class LocateCommand:
    """The sub-command ``locate``."""

    summary = "print the path of the user's directory, or of a profile's"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare ``profile [NAME]``."""
        parser.add_argument("what", nargs="?", choices=["profile"], help="a profile's directory instead")
        parser.add_argument("name", nargs="?", metavar="NAME", help="the profile; by default the one in use")

    def run(self, arguments: argparse.Namespace, app: IPShellApp) -> int:
        """Print one absolute path.

        :raises ipcore.errors.UserError: if there is no such profile.
        """
        if arguments.what is None and arguments.name is not None:
            raise UsageError("a name is for a profile: ipshell locate profile NAME")
        print(located_profile(app, arguments.name) if arguments.what else app.directories.config)
        return 0


def located_profile(app: IPShellApp, name: str | None) -> str:
    """Give the directory of a profile's configuration.

    The default profile and the one in use are there without a directory; any other has to have one.

    :raises ipcore.errors.UserError: if it has none.
    """
    from ..configuration.profiles import DEFAULT, find_profile, list_profiles
    from ..configuration.sections import nearest

    profile = app.profile if name is None else find_profile(app.directories, name)
    if name not in (None, DEFAULT, app.profile.name) and not profile.exists:
        near = nearest(profile.name, [found.name for found in list_profiles(app.directories)])
        hint = f"did you mean {near}?" if near else f"create it with: ipshell profile create {profile.name}"
        raise UserError(f"there is no profile {profile.name!r}; {hint}")
    return str(profile.config_dir)
