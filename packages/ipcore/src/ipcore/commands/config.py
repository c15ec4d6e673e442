"""``ipshell config``: which configuration was read, what it says, where an option was set."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..application.app import IPShellApp
    from ..configuration.sections import Declared


def command() -> ConfigCommand:
    """Give the sub-command."""
    return ConfigCommand()


class ConfigCommand:
    """The sub-command ``config``."""

    summary = "show which configuration was read, what it says, and where an option was set"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare ``paths``, ``show`` and ``explain``."""
        actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
        actions.add_parser("paths", help="the files read, those ignored and why, and where others would be")
        show = actions.add_parser("show", help="all that files and command line set")
        show.add_argument("--json", action="store_true", help="as JSON")
        explain = actions.add_parser("explain", help="the value of an option, and every place that sets it")
        explain.add_argument("name", metavar="NAME", help="Section.option, or the option alone")

    def run(self, arguments: argparse.Namespace, app: IPShellApp) -> int:
        """Print what was asked for.

        :raises ipcore.errors.UserError: for an unknown option.
        """
        from ..configuration import explain
        from ..configuration.checks import check_sections, tell

        configuration = app.configuration
        declared = declared_by_plugins(app)
        if arguments.action != "explain":
            tell(check_sections(configuration, declared))
        if arguments.action == "paths":
            print(explain.paths_text(configuration, app.profile, app.directories))
        elif arguments.action == "show":
            print(explain.show(configuration, as_json=arguments.json))
        else:
            print(explain.explain_text(configuration, arguments.name, declared))
        return 0


def declared_by_plugins(app: IPShellApp) -> Declared:
    """Give what finds the sections that installed plugins declare; it looks when it is called."""
    return lambda: app.registry.declared("config")
