"""The application: command line, profile, configuration, plugins, shell, exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from traitlets import Bool, List, Unicode

from .. import __version__
from ..component import Component
from ..errors import OutputGone, UserError, is_a
from ..notices import LEVELS, notice, set_level
from .command_line import CommandLine, parse, to_config

if TYPE_CHECKING:
    import types

    from ..configuration.directories import Directories
    from ..configuration.layers import Configuration
    from ..configuration.profiles import Profile
    from ..plugins.cache import Source
    from ..plugins.registry import Registry
    from ..shell import InteractiveShell
    from ..types.commands import Command

#: What activating an environment sets.
_ACTIVE = {"VIRTUAL_ENV", "CONDA_PREFIX"}


class IPShellApp(Component):
    """One run of ``ipshell``, from its words to its exit status.

    :param words: the command line after the program's name.
    :raises UsageError: for a wrong option.
    """

    banner1 = Unicode("", help="The greeting; Python's version, the shell's and a hint by default.").tag(
        config=True
    )
    banner2 = Unicode("", help="Printed after the greeting.").tag(config=True)
    display_banner = Bool(True, help="Whether an interactive shell greets.").tag(config=True)
    enable_tip = Bool(True, help="Whether the greeting ends with a tip, where banner2 is empty.").tag(
        config=True
    )
    exec_PYTHONSTARTUP = Bool(True, help="Whether the file named by PYTHONSTARTUP is run.").tag(config=True)
    exec_files = List(Unicode(), help="Files to run when an interactive shell starts.").tag(config=True)
    exec_lines = List(Unicode(), help="Cells to run when an interactive shell starts.").tag(config=True)
    extensions = List(Unicode(), help="Extensions to load at the start, by the names of their modules.").tag(
        config=True
    )
    extra_extensions = List(Unicode(), help="More extensions to load, after the others.").tag(config=True)
    force_interact = Bool(False, help="Whether to stay interactive after code, a module or a file.").tag(
        config=True
    )
    frontend = Unicode("", help="Which front end reads cells: a key of the family frontends.").tag(
        config=True
    )
    hide_initial_ns = Bool(True, help="Whether names made by start-up files count as the shell's own.").tag(
        config=True
    )
    ignore_cwd = Bool(False, help="Whether to keep the working directory off sys.path.").tag(config=True)
    reraise_ipython_extension_failures = Bool(
        False, help="Whether an extension that fails at the start ends the program."
    ).tag(config=True)
    verbose_crash = Bool(False, help="Whether a fault of the shell itself writes a full report.").tag(
        config=True
    )

    def __init__(self, words: list[str], **traits: Any) -> None:
        self.line: CommandLine = parse(words)
        set_level(self.line.log_level)
        #: Names that the user's namespace starts with.
        self.initial_ns: dict[str, Any] = {}
        #: Whether the process goes on when the application ends.
        self.embedded = False
        super().__init__(name="app", **traits)

    # -- what it stands on -----------------------------------------------------

    @cached_property
    def directories(self) -> Directories:
        """Where configuration, state and caches live."""
        from ..configuration.directories import find_directories

        return find_directories()

    @cached_property
    def profile(self) -> Profile:
        """The profile in use; nothing of it need exist."""
        from ..configuration.profiles import find_profile

        return find_profile(
            self.directories, self.line.last("profile") or "default", self.line.last("profile-dir")
        )

    @cached_property
    def configuration(self) -> Configuration:
        """All layers of configuration.

        :raises UserError: if a file cannot be used and errors are to be raised.
        """
        from ..configuration.layers import Configuration

        config, shown = to_config(self.line.assignments)
        return Configuration.load(
            self.profile,
            self.directories,
            self.line.own.get("config", []),
            config,
            shown,
            use_files=not self.line.has("quick"),
        )

    @cached_property
    def registry(self) -> Registry:
        """The plugins, found and switched as the user said."""
        from ..plugins.registry import Registry
        from ..plugins.switches import Switches

        switches = Switches(
            self.line.has("no-plugins"),
            tuple(self.line.own.get("plugin", ())),
            os.environ.get("IPSHELL_PLUGINS"),
        )
        if self.configuration.empty:
            return Registry(self._search, switches=switches)
        from ..plugins.settings import Plugins

        settings = Plugins(config=self.configuration.config)
        switches = switches._replace(enable=tuple(settings.enable), disable=tuple(settings.disable))
        return Registry(self._search, switches=switches, order=settings.order, choose=settings.choose)

    def _search(self) -> Any:
        from ..plugins import cache, discovery

        folder = self.directories.cache if cache.enabled() else None
        found, self.found_by = cache.find(discovery.search_path(), folder)
        return found

    #: How plugins were found, once they were: by the cache, or why not.
    found_by: Source | None = None

    # -- running ---------------------------------------------------------------

    def run(self) -> int:
        """Do what the command line says.

        Blocks until it is done; to be called on the main thread.

        :returns: the exit status.
        :raises UserError: for a mistake of the user's.
        """
        line = self.line
        if line.has("version"):
            print(__version__)
            return 0
        if line.has("help") or line.has("help-all"):
            from .help import print_help

            print_help(self, everything=line.has("help-all"))
            return 0
        if line.target == "command":
            command = self.command(line.value)
            if command is not None:
                return self._run_command(command)
        self._check_working_directory()
        self.config = self.configuration.config
        self._check_configuration()
        if line.has("show-config") or line.has("show-config-json"):
            from ..configuration.explain import show

            print(show(self.configuration, as_json=line.has("show-config-json")))
            return 0
        return self._run_shell()

    def command(self, name: str) -> Command | None:
        """Give the sub-command of that name; ``None`` if the word is a file.

        :raises UserError: if it is neither, or the command's plugin failed.
        """
        if name == "help":
            from .help import HelpCommand

            return HelpCommand()
        if name in self.registry.keys("commands"):
            given = self.registry.call_named("commands", name, "ipshell_command", _check_command)
            if given is None:
                raise UserError(f'the command "{name}" cannot be used, see above.')
            command: Command = given.value
            return command
        if os.path.exists(name):
            return None
        for plugin in self.registry.declared("commands"):
            if plugin.key == name:
                switch = self.registry.switches.blocked_by(plugin)
                raise UserError(f'the command "{name}" is switched off: {switch}.', status=2)
        from ..known_parts import distribution_of_command

        dist = distribution_of_command(name)
        if dist:
            raise UserError(f'the command "{name}" comes with {dist}, which is not installed.', status=2)
        from ..configuration.sections import nearest

        near = nearest(name, self.registry.keys("commands"))
        hint = f' Did you mean the command "{near}"?' if near else ""
        raise UserError(f"there is no file {name!r}.{hint}", status=2)

    def _run_command(self, command: Command) -> int:
        from .help import command_parser

        name, words = self.line.value, self.line.arguments
        if name == "help" and words:
            name = words[0]  # which is asked for its arguments
        owner = next(iter(self.registry.owners("commands", name)), None)
        try:
            arguments = command_parser(self.line.value, command).parse_args(words)
            status = command.run(arguments, self)
            if sys.stdout is not None:
                sys.stdout.flush()  # now, as nobody could answer to what fails at the end of the process
            return status
        except (UserError, BrokenPipeError, OutputGone):
            raise
        except Exception as error:  # a plugin's: to be told as such, not as a fault of ours
            if owner is None or owner.core:
                raise
            self.registry.disable(owner, f"running {self.line.value}", error)
            return 1

    @staticmethod
    def _check_working_directory() -> None:
        try:
            os.getcwd()
        except OSError:
            raise UserError(
                "the working directory does not exist any more; change to another one and start again."
            ) from None

    def _check_configuration(self) -> None:
        if not self.configuration.empty:
            from ..configuration.checks import check_sections, tell

            tell(check_sections(self.configuration, lambda: self.registry.declared("config")))

    def make_shell(self, user_module: types.ModuleType | None = None) -> InteractiveShell:
        """Make a shell with this application's configuration and plugins, and start it."""
        from ..shell import InteractiveShell

        shell = InteractiveShell(registry=self.registry, user_module=user_module, config=self.config)
        shell.extensions_folder = str(self.profile.extensions_dir)
        shell.values_folder = str(self.profile.db_dir)
        shell.history_file = str(self.profile.history_file)
        shell.start()
        return shell

    def _run_shell(self) -> int:
        from . import programs, startup

        line = self.line
        former = {name: vars(sys).get(name) for name in ("ps1", "ps2", "ps3")}
        interactive = not line.target or line.target == "stdin" or line.has("i") or self.force_interact
        with startup.main_module(restore=self.embedded) as module:
            shell = self.make_shell(module)
            shell.runner.children_leave = interactive
            try:
                startup.prepare_path(self)
                if interactive or line.has("init"):
                    startup.create_profile(self)
                else:
                    startup.check_profile(self)
                if interactive and shell.warn_venv and not _ACTIVE.isdisjoint(os.environ):
                    from .environments import tell

                    tell()
                shell.user_ns.update(self.initial_ns)
                if self.extensions or self.extra_extensions:
                    startup.load_extensions(self, shell)
                if interactive:
                    startup.run_startup_files(self, shell, everything=not line.target)
                error = programs.run(shell, line)
                if not interactive:
                    return programs.status_of(error)
                if is_a(error, SystemExit):
                    print(f"SystemExit: {error.code}")
                return self._interact(shell, former)
            finally:
                shell.close()

    def _interact(self, shell: InteractiveShell, former: Mapping[str, Any]) -> int:
        """Talk to the user.

        :param former: ``sys.ps1`` and its like before anything of the user's ran.
        """
        from ..hosts.termination import Termination
        from ..python_prompts import set_names

        with Termination(shell), set_names(former, restore=self.embedded):
            return self._run_frontend(shell)

    def _run_frontend(self, shell: InteractiveShell) -> int:
        from . import startup

        frontend, owner = startup.choose_frontend(self, shell)
        if self.display_banner and getattr(frontend, "person", True):
            print(startup.banner(self), end="")
        try:
            return frontend.run()
        except (BrokenPipeError, OutputGone):
            raise
        except Exception as error:  # a plugin's: the user must not lose the session over it
            if owner is None or owner.core:
                raise
            self.registry.disable(owner, "the interactive loop", error)
        return startup.plain_frontend(shell).run()


def _check_command(value: object) -> str:
    if not callable(getattr(value, "run", None)) or not callable(getattr(value, "add_arguments", None)):
        return f"it gave {type(value).__name__}, which has no add_arguments() and run()"
    return ""


def main(argv: list[str] | None = None) -> int:
    """Run ``ipshell``.

    Blocks until the program ends; to be called on the main thread.

    :param argv: the words after the program's name; those of the process by default.
    :returns: the exit status.
    """
    words = sys.argv[1:] if argv is None else argv
    if "_ARGCOMPLETE" in os.environ:
        from .help import complete

        complete()
    return _run(words, embedded=argv is not None)


def _run(words: list[str], *, embedded: bool, names: Mapping[str, Any] | None = None) -> int:
    """Run the application; whatever goes wrong is told, and becomes an exit status.

    :param embedded: whether the process goes on afterwards.
    :param names: names to start with.
    """
    app: IPShellApp | None = None
    try:
        app = IPShellApp(words)
        app.embedded = embedded
        app.initial_ns = dict(names or {})
        return app.run()
    except UserError as error:
        notice(str(error), level=LEVELS["CRITICAL"])
        return error.status
    except KeyboardInterrupt:
        from .programs import die_of_interrupt

        return die_of_interrupt()
    except (BrokenPipeError, OutputGone) as error:
        from .crash import leave_output_alone

        leave_output_alone(error)
        return 1
    except Exception as error:  # a fault of ours: the user gets a way to tell us
        from .crash import report

        return report(error, app)


def start_ipshell(argv: list[str] | None = None, user_ns: Mapping[str, Any] | None = None) -> int:
    """Run an interactive shell inside a program, and give back its exit status.

    Blocks until the user leaves; to be called on the main thread.

    :param argv: words of a command line; none by default.
    :param user_ns: names to start with.
    """
    former = sys.argv
    try:
        return _run(argv or [], embedded=True, names=user_ns)
    finally:
        sys.argv = former
