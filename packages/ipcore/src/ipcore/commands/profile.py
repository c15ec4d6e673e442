"""``ipshell profile``: create, list and find profiles, and take one over from IPython."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..application.app import IPShellApp


def command() -> ProfileCommand:
    """Give the sub-command."""
    return ProfileCommand()


class ProfileCommand:
    """The sub-command ``profile``."""

    summary = "create, list and find profiles, and take one over from IPython"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare ``create``, ``list``, ``locate`` and ``import-ipython``."""
        actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
        create = actions.add_parser("create", help="create a profile with commented configuration files")
        create.add_argument("name", metavar="NAME", nargs="?", help="by default the profile in use")
        create.add_argument("--reset", action="store_true", help="write existing files anew")
        actions.add_parser("list", help="the profiles there are")
        locate = actions.add_parser("locate", help="the directory of a profile")
        locate.add_argument("name", metavar="NAME", nargs="?", help="by default the profile in use")
        take = actions.add_parser(
            "import-ipython", help="copy configuration, start-up files and history of a profile of IPython's"
        )
        take.add_argument("--ipython-dir", metavar="PATH", help="by default IPYTHONDIR, else ~/.ipython")
        take.add_argument("--profile", metavar="NAME", help="there and here; by default the one in use")
        take.add_argument("--force", action="store_true", help="replace files that are here already")

    def run(self, arguments: argparse.Namespace, app: IPShellApp) -> int:
        """Do what was asked for.

        :raises ipcore.errors.UserError: if a profile is not there, or something cannot be written.
        """
        if arguments.action == "create":
            return _create(arguments, app)
        if arguments.action == "list":
            return _list(app)
        if arguments.action == "locate":
            from .locate import located_profile

            print(located_profile(app, arguments.name))
            return 0
        return _import_ipython(arguments, app)


def _create(arguments: argparse.Namespace, app: IPShellApp) -> int:
    from ..configuration.profiles import create_profile, find_profile

    profile = find_profile(app.directories, arguments.name) if arguments.name else app.profile
    written = create_profile(profile, reset=arguments.reset)
    for path in written:
        print(f"wrote {path}")
    if not written:
        print(f"profile {profile.name!r} exists and was left as it is: {profile.config_dir}")
        print("--reset writes its files anew")
    return 0


def _list(app: IPShellApp) -> int:
    from ..configuration.profiles import list_profiles

    found = list_profiles(app.directories)
    if found:
        width = max(len(profile.name) for profile in found)
        for profile in found:
            print(f"{profile.name.ljust(width)}  {profile.config_dir}")
        print("start with one of them: ipshell --profile=NAME")
    else:
        print(f"no profile has a directory in {app.directories.config} yet")
        print("create one with: ipshell profile create NAME")
    return 0


def _import_ipython(arguments: argparse.Namespace, app: IPShellApp) -> int:
    from pathlib import Path

    from ..configuration.ipython import find_ipython_dir, import_ipython
    from ..configuration.profiles import find_profile
    from .config import declared_by_plugins

    folder = Path(arguments.ipython_dir).expanduser() if arguments.ipython_dir else find_ipython_dir()
    profile = find_profile(app.directories, arguments.profile) if arguments.profile else app.profile
    declared = declared_by_plugins(app)
    done = import_ipython(folder.absolute(), profile, force=arguments.force, declared=declared)
    for source, target in done.copied:
        print(f"copied {source}\n    to {target}")
    for left in done.left:
        print(f"left out {left.path}: {left.reason}")
    if done.mistakes:
        print("in the copied configuration:")
        for mistake in done.mistakes:
            print(f"  {mistake}")
    if not done.copied:
        print("nothing was copied")
    return 1 if any(left.failed for left in done.left) else 0
