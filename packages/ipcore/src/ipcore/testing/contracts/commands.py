"""What a sub-command of ``ipshell`` has to keep to."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import pytest

from .effects import Effects
from .plugin import required
from .processes import ProcessContract, Programs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ipcore.plugins.declared import Declared
    from ipcore.plugins.registry import Registry
    from ipcore.types.commands import Command

    from ..shells import TestedShell

_NO_OPTION = "--no-such-option-anywhere"


class CommandContract(ProcessContract):
    """A sub-command that a key of the family ``commands`` gives.

    Beside what every plugin keeps to: it is listed without being imported, explains itself, refuses what
    it does not know with status 2, gives its exit status, and ends quietly when nobody reads on.
    """

    family = "commands"
    listings: ClassVar[Mapping[str, str]] = {"the commands": "key in registry.keys('commands')"}
    first_use = "registry.call_named('commands', key, 'ipshell_command')"

    examples: ClassVar[Mapping[str, str]] = required(
        "lines of arguments with which it succeeds, each with a text that it prints", '{"numbers.txt": "6.5"}'
    )
    mistakes: ClassVar[Sequence[str]] = ()
    """Lines of arguments that are a mistake of the user's."""

    @pytest.fixture
    def command(self, registry: Registry, declared: Declared) -> Command:
        """The command, as the hook gives it."""
        return self.given(registry)

    def given(self, registry: Registry) -> Command:
        """Have the hook give the command."""
        from ...application.app import _check_command

        given = registry.call_named(self.family, self.key, "ipshell_command", _check_command)
        if given is None:
            self.check_no_failures(registry)
            self.fail("ipshell_command gives nothing.", "Give an object with summary, add_arguments and run.")
        command: Command = given.value
        return command

    def use(self, shell: TestedShell) -> None:
        """Make its parser."""
        self.given(shell.registry).add_arguments(argparse.ArgumentParser())

    # -- what the object says ----------------------------------------------------

    def test_its_summary_is_one_line(self, command: Command) -> None:
        """Shown in the help of the program and of the command, with a full stop behind it."""
        summary: Any = getattr(command, "summary", None)
        if not isinstance(summary, str) or not summary.strip():
            self.fail(
                f"its summary is {summary!r}.", 'Say what it does: summary = "add the numbers of a file".'
            )
        self.check(
            len(summary.splitlines()) == 1 and not summary.endswith("."),
            f"its summary is {summary!r}.",
            "Make it one line, without a full stop: the help puts one behind it.",
        )

    def test_declaring_its_arguments_does_nothing_else(self, command: Command) -> None:
        """Help and completion of the command line declare them without running the command."""
        self._declare(command)  # what is imported once may be imported
        with Effects() as effects:
            self._declare(command)
        self.check(
            not effects.found,
            f"add_arguments(parser) {effects}, though the command does not run yet.",
            "Leave that to run(); for values to choose from, check them there.",
        )

    def _declare(self, command: Command) -> argparse.ArgumentParser:
        parser = _Declaring(prog=f"ipshell {self.key}")
        with self.trying("add_arguments(parser)", "Only declare the arguments; the shell parses them."):
            command.add_arguments(parser)
        return parser

    def test_run_gives_the_exit_status(
        self,
        command: Command,
        registry: Registry,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """An ``int``: what a script that calls the command looks at."""
        from ...application.app import IPShellApp
        from ...application.help import command_parser

        programs = Programs(self, tmp_path)
        for line in self.examples:
            monkeypatch.chdir(programs.new_folder())
            words = shlex.split(line)
            app = IPShellApp([self.key, *words])
            app.__dict__["registry"] = registry  # which looks for nothing that is installed
            todo = "Return the exit status, 0 where all is well; raise ipcore.errors.UserError for the rest."
            with self.trying(f"run() of 'ipshell {self.key} {line}'", todo):
                status: Any = command.run(command_parser(self.key, command).parse_args(words), app)
            self.check(
                type(status) is int,
                f"run() of 'ipshell {self.key} {line}' gives {status!r}, which is no exit status.",
                todo,
            )
            self.check(
                status == 0, f"run() of 'ipshell {self.key} {line}' gives {status}, and the examples succeed."
            )

    # -- as a program ------------------------------------------------------------

    def test_the_help_of_the_program_lists_it_without_importing_it(self, programs: Programs) -> None:
        """``ipshell --help`` reads metadata alone, so that it is quick and cannot fail."""
        done = programs.run("--help", python=("-X", "importtime"))
        line = next((line for line in done.stdout.splitlines() if line.startswith(f"  {self.key} ")), "")
        self.check(line, f"'ipshell --help' does not list it:\n{done.stdout}")
        self.check(
            line.split()[1:] and not line.split()[1].startswith("("),
            f"'ipshell --help' has nothing to say about it: {line!r}.",
            'Give the distribution a summary: description = "…" in the table [project] of pyproject.toml.',
        )
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        module = self.plugin.partition(":")[0]
        self.check(
            module not in imported,
            f"'ipshell --help' imports {module}.",
            "Something that Python imports at its start imports it: a .pth file, or another plugin.",
        )

    def test_it_explains_itself(self, programs: Programs, command: Command) -> None:
        """By ``ipshell NAME --help`` and by ``ipshell help NAME``."""
        done = programs.run(self.key, "--help")
        self.no_traceback(done, f"'ipshell {self.key} --help'")
        text = " ".join(done.stdout.split())
        self.check(
            done.returncode == 0
            and text.startswith(f"usage: ipshell {self.key}")
            and command.summary[1:] in text,
            f"'ipshell {self.key} --help' gives status {done.returncode} and\n{done.stdout}{done.stderr}",
            "Leave --help, the usage and the description to the parser. In a help text % is written %%.",
        )
        other = programs.run("help", self.key)
        self.check(
            other.stdout == done.stdout,
            f"'ipshell help {self.key}' does not say what 'ipshell {self.key} --help' does:\n{other.stdout}"
            f"{other.stderr}",
        )

    def test_what_it_does_not_know_is_refused(self, programs: Programs) -> None:
        """With status 2 and the usage, as every program does."""
        done = programs.run(self.key, _NO_OPTION)
        self.no_traceback(done, f"'ipshell {self.key} {_NO_OPTION}'")
        self.check(
            done.returncode == 2 and f"usage: ipshell {self.key}" in done.stderr and not done.stdout,
            f"'ipshell {self.key} {_NO_OPTION}' gives status {done.returncode} and\n"
            f"{done.stdout}{done.stderr}",
            "Declare the options to the parser, and leave it to the parser to refuse others.",
        )

    def test_its_examples_succeed(self, programs: Programs) -> None:
        """Each prints what is said, and nothing is complained of."""
        for line, text in self.examples.items():
            done = programs.run(self.key, *shlex.split(line))
            what = f"'ipshell {self.key} {line}'"
            self.no_traceback(done, what)
            self.check(
                done.returncode == 0,
                f"{what} ends with status {done.returncode}:\n{done.stdout}{done.stderr}",
                "Give 0 from run() where all is well; prepare(folder) lays out the files that examples need.",
            )
            self.check(text in done.stdout, f"{what} does not print {text!r} but\n{done.stdout}{done.stderr}")

    def test_mistakes_are_told_in_one_line(self, programs: Programs) -> None:
        """What failed and what to do, and a status other than 0."""
        for line in self.mistakes:
            done = programs.run(self.key, *shlex.split(line))
            what = f"'ipshell {self.key} {line}'"
            self.no_traceback(done, what)
            self.check(done.returncode != 0, f"{what}, which is a mistake, ends with status 0.")
            told = done.stderr.strip().splitlines()
            self.check(
                told and (len(told) == 1 or told[0].startswith("usage: ")),
                f"{what}, which is a mistake, is not told in one line:\n{done.stderr}",
                "Raise ipcore.errors.UserError(message).",
            )

    def test_it_ends_quietly_when_nobody_reads_on(self, programs: Programs) -> None:
        """As behind ``| head``: no traceback."""
        for line in self.examples:
            done = programs.run_unread(self.key, *shlex.split(line))
            self.check(
                not done.stderr.strip(),
                f"'ipshell {self.key} {line} | head' complains:\n{done.stderr}",
                "Let BrokenPipeError out of run(): the shell ends quietly then.",
            )


class _Declaring(argparse.ArgumentParser):
    """A parser that may only be told of arguments."""

    def _refuse(self, *arguments: Any, **named: Any) -> NoReturn:
        raise AssertionError("the parser is used, though arguments are only to be declared")

    parse_args: Callable[..., Any] = _refuse
    parse_known_args: Callable[..., Any] = _refuse
    parse_intermixed_args: Callable[..., Any] = _refuse
    print_help: Callable[..., Any] = _refuse
    exit: Callable[..., Any] = _refuse
