"""What a front end has to keep to."""

from __future__ import annotations

import inspect
import json
import re
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest

from .processes import Done, ProcessContract, Programs

if TYPE_CHECKING:
    from ..shells import TestedShell
    from ..terminal import Answers, Terminal

_NOTING: Final = Path(__file__).with_name("noting.py")

_NOTE: Final = (
    "import json, pathlib; ran = []; "
    "get_ipython().events.register('pre_run_cell', lambda info: ran.append(info.raw_cell.strip()))"
)
_SERVED: Final = (
    "from ipcore.hosts.input_functions import serving; served = serving() is get_ipython().keyboard"
)
_TELL: Final = "told = pathlib.Path('ran.json').write_text(json.dumps([ran, served]))"
_HERE: Final = "import pathlib; told = pathlib.Path('here').write_text('yes')"

#: Answers of a terminal that were not read as such: they stand on the screen, or in what is typed.
_STRAY: Final = re.compile(r"\^\[|\[?\d+;\d+R|\[\?\d+[;\dc]*c|rgb:")

_EXIT: Final = "Where shell.exiting is true, stop, and give ipcore.exiting.exit_status(shell.exit_code)."

#: Seconds without output after which a prompt is complete.
_SETTLED: Final = 0.05
#: Words that leave out what is beside the point here.
_WORDS: Final = ("--no-banner", "--InteractiveShell.confirm_exit=False")


class FrontendContract(ProcessContract):
    """A front end that a key of the family ``frontends`` gives.

    Beside what every plugin keeps to: it runs cells through the shell until their end or ``exit``, bears
    whatever they do, gives the exit status, and leaves a terminal as it was. Each test uses it in a process
    of its own.
    """

    family = "frontends"
    listings: ClassVar[Mapping[str, str]] = {"the front ends": "key in registry.keys('frontends')"}
    first_use = "registry.call_named('frontends', key, 'ipshell_frontend', shell=shell)"

    at_terminal: ClassVar[bool] = True
    """Whether it reads cells that a person types at a terminal."""
    from_elsewhere: ClassVar[bool] = True
    """Whether it reads cells where there is no terminal: from standard input, or from where ``feed()``
    lays them out."""
    goes_on: ClassVar[bool] = True
    """Whether it goes on after a cell that failed."""
    options: ClassVar[Sequence[str]] = ()
    """Options of ``ipshell`` that it needs."""
    prompt: ClassVar[str] = "In [{}]: "
    """What stands before the cursor at a terminal when a cell can be typed; ``{}`` for its number."""

    def feed(self, folder: Path, cells: Sequence[str]) -> str:
        """Lay out cells for the front end, in the folder that the shell is started in.

        :returns: what is to stand on standard input; the cells by default, a line each.
        """
        return "".join(f"{cell}\n" for cell in cells)

    def given(self, shell: TestedShell) -> Any:
        """Have the hook give the front end."""
        from ...application.startup import _check_frontend

        given = shell.registry.call_named(
            self.family, self.key, "ipshell_frontend", _check_frontend, shell=shell
        )
        if given is None:
            self.check_no_failures(shell.registry)
            self.fail("ipshell_frontend gives nothing.", "Give an object with run().")
        return given.value

    def use(self, shell: TestedShell) -> None:
        """Have it made; it runs in processes alone."""
        self.given(shell)

    # -- what the object offers --------------------------------------------------

    def test_making_it_takes_nothing_and_says_nothing(
        self, shell: TestedShell, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The terminal is its own from ``run()`` on, not before."""
        from .effects import Effects

        self.given(shell)
        capfd.readouterr()
        with Effects("import", "open") as effects:
            self.given(shell)
        said = "".join(capfd.readouterr())
        self.check(
            not said and not effects.found,
            f"ipshell_frontend {effects if effects.found else f'writes {said!r}'}, though the front end does "
            "not run yet.",
            "Leave that to run().",
        )

    def test_questions_can_be_put_as_the_shell_puts_them(self, shell: TestedShell) -> None:
        """``ask`` and ``release_terminal`` are optional; where they are there they are called so."""
        frontend = self.given(shell)
        named = {"password": False, "completer": None, "history": None, "lexer": None}
        for name, arguments, keywords, todo in (
            ("ask", ("? ",), named, "Define ask(prompt, *, password, completer, history, lexer)."),
            ("release_terminal", (), {}, "Define release_terminal(), which gives a context manager."),
        ):
            function = getattr(frontend, name, None)
            if function is None:
                continue
            self.check(callable(function), f"its {name} cannot be called.", todo)
            self.check(
                not inspect.iscoroutinefunction(function),
                f"its {name}() is a coroutine, and nobody awaits it.",
                "Make it a plain function that blocks until there is an answer; any thread may call it.",
            )
            try:
                inspect.signature(function).bind(*arguments, **keywords)
            except TypeError as error:
                self.fail(f"its {name}() cannot be called as the shell does: {error}.", todo)

    # -- cells from elsewhere ----------------------------------------------------

    def test_cells_run_in_the_shell(self, programs: Programs) -> None:
        """By ``shell.run_cell``, so that events, history and everything else know of them."""
        if not self.from_elsewhere:
            return
        folder = programs.new_folder()
        done = self._feed(programs, folder, [_NOTE, "answer = 6 * 7", _SERVED, _TELL])
        file = folder / "ran.json"
        self.check(
            file.exists(),
            f"the cells did not run:\n{done.stdout}{done.stderr}",
            "Run each by shell.run_cell(text).",
        )
        ran, served = json.loads(file.read_text())
        self.check(
            "answer = 6 * 7" in ran,
            f"of a cell 'answer = 6 * 7' the shell's events were told as {ran}.",
            "Run each cell by shell.run_cell(text), as it stands.",
        )
        self.check(
            served or not self.at_terminal,
            "while it runs, input() and getpass() do not come to it.",
            "Put the loop of run() into: with shell.keyboard.serving(self).",
        )

    def test_it_ends_when_there_are_no_more_cells(self, programs: Programs) -> None:
        """Also where there was none."""
        if not self.from_elsewhere:
            return
        for cells in ([], ["1"]):
            done = self._feed(programs, programs.new_folder(), cells)
            self.check(
                done.returncode == 0,
                f"after {len(cells)} cells it ends with status {done.returncode}:\n"
                f"{done.stdout}{done.stderr}",
                "At the end of input, end run() and give 0.",
            )

    def test_run_gives_the_exit_status(self, programs: Programs) -> None:
        """An ``int``, which the program ends with."""
        if not self.from_elsewhere:
            return
        folder = programs.new_folder()
        file = folder / "gave.json"
        done = self._feed(programs, folder, ["1"], program=(str(_NOTING), str(file)))
        self.check(
            file.exists(), f"run() does not return:\n{done.stdout}{done.stderr}", "Return the exit status."
        )
        kind, shown = json.loads(file.read_text(encoding="utf-8"))
        self.check(
            kind == "int", f"run() gives {shown}, which is no exit status.", "Return 0 where all is well."
        )

    def test_exit_ends_it_with_the_status_given(self, programs: Programs) -> None:
        """Whether as a command or called."""
        if not self.from_elsewhere:
            return
        for cell, status in (("exit", 0), ("exit(3)", 3), ("get_ipython().ask_exit(4)", 4)):
            folder = programs.new_folder()
            done = self._feed(programs, folder, [cell, _HERE])
            self.check(not (folder / "here").exists(), f"after the cell {cell!r} another one runs.", _EXIT)
            self.check(
                done.returncode == status, f"the cell {cell!r} ends it with status {done.returncode}.", _EXIT
            )

    def test_cells_that_fail_do_not_end_it(self, programs: Programs) -> None:
        """An error, no Python at all, Ctrl-C: the next cell runs."""
        if not self.from_elsewhere:
            return
        for cell in ("1 / 0", "a = = 1", "raise KeyboardInterrupt"):
            folder = programs.new_folder()
            done = self._feed(programs, folder, [cell, _HERE])
            if self.goes_on:
                self.check(
                    (folder / "here").exists(),
                    f"after the cell {cell!r} no other one runs:\n{done.stdout}{done.stderr}",
                    "run_cell() raises nothing: go on after it; or set the class attribute goes_on = False.",
                )
            else:
                self.check(
                    done.returncode != 0,
                    f"the cell {cell!r} fails, and it ends with status 0.",
                    "Give 1 from run() where result.success is false.",
                )

    # -- at a terminal -----------------------------------------------------------

    @pytest.mark.parametrize("answers", ["at once", "late", "twice", "never"])
    def test_cells_run_at_a_terminal_however_that_answers(self, programs: Programs, answers: Answers) -> None:
        """Some terminals answer questions late, twice or never; no answer may land in a cell."""
        if not self.at_terminal:
            return
        with self._terminal(programs, answers) as terminal:
            self._type(terminal, "6 * 7", "42")
            self._type(terminal, "'ab' * 2", "abab")
            terminal.resize(30, 60)
            self._type(terminal, "1 / 0", "ZeroDivisionError")
            self._type(terminal, "'cd' * 2", "cdcd")
            self._leave(terminal)
            stray = _STRAY.search("\n".join([*terminal.history, *terminal.lines]))
            self.check(
                not stray,
                f"an answer of the terminal, {stray and stray[0]!r}, is taken for keys:\n{terminal.frame()}",
                "Read answers from where keys are read, also those that come late, and when nobody waits.",
            )

    def test_questions_of_a_cell_are_answered_at_the_terminal(self, programs: Programs) -> None:
        """``input()`` shows its prompt and gives what is typed."""
        if not self.at_terminal:
            return
        with self._terminal(programs) as terminal:
            self._type(terminal, "name = input('your name' + '? ')", "your name?")
            terminal.type("ada\r")
            self._type(terminal, "name * 2", "adaada")
            self._leave(terminal)

    def test_commands_have_the_terminal_as_the_user_set_it(self, programs: Programs) -> None:
        """A program that a cell starts gets lines, echoed."""
        if not self.at_terminal:
            return
        with self._terminal(programs) as terminal:
            self._type(terminal, "!stty -a; echo 'do''ne'", "done")
            said = "\n".join([*terminal.history, *terminal.lines])
            off = [word for word in ("icanon", "echo", "isig", "opost") if re.search(rf"-{word}\b", said)]
            self.check(
                not off,
                f"while a cell runs, the terminal is without {', '.join(off)}:\n{terminal.frame()}",
                "Put its mode back before shell.run_cell(), and in release_terminal().",
            )
            self._leave(terminal)

    def test_ctrl_c_ends_what_is_typed_or_runs_and_no_more(self, programs: Programs) -> None:
        """At the prompt and in a cell."""
        if not self.at_terminal:
            return
        with self._terminal(programs) as terminal:
            self._ready(terminal)
            terminal.type("half of a ce")
            terminal.wait_for("half of a ce")
            terminal.press("ctrl-c")
            self._type(terminal, "6 * 7", "42")
            self._type(terminal, "import time; print('be' + 'gun'); time.sleep(600)", "begun")
            terminal.press("ctrl-c")
            terminal.wait_for("KeyboardInterrupt")
            self._type(terminal, "'ef' * 2", "efef")
            self._leave(terminal)

    def test_ctrl_d_ends_it(self, programs: Programs) -> None:
        """At an empty prompt; where ``confirm_exit`` is off without a question."""
        if not self.at_terminal:
            return
        with self._terminal(programs) as terminal:
            self._ready(terminal)
            terminal.press("ctrl-d")
            self._ended(terminal, 0, "Ctrl-D")

    def test_a_signal_that_ends_it_leaves_the_terminal_as_it_was(self, programs: Programs) -> None:
        """At the prompt and while a cell runs."""
        if not self.at_terminal:
            return
        for cell in ("", "import time; print('be' + 'gun'); time.sleep(600)"):
            with self._terminal(programs) as terminal:
                self._ready(terminal)
                if cell:
                    self._type(terminal, cell, "begun")
                terminal.send_signal(signal.SIGTERM)
                self._ended(terminal, None, f"SIGTERM {'in a cell' if cell else 'at the prompt'}")

    # -- inside --------------------------------------------------------------------

    def _words(self) -> tuple[str, ...]:
        return (f"--frontend={self.key}", *_WORDS, *self.options)

    def _feed(
        self,
        programs: Programs,
        folder: Path,
        cells: Sequence[str],
        program: Sequence[str] = ("-m", "ipcore"),
    ) -> Done:
        typed = self.feed(folder, cells)
        done = programs.run(*self._words(), typed=typed, folder=folder, program=program)
        self._check_it_stayed(done)
        return done

    def _check_it_stayed(self, done: Done) -> None:
        """Fail the test if the shell had to use the plain front end in its place."""
        told = re.search(rf"ipshell: (plugin .*\[{re.escape(self.key)}\]|no front end called).*", done.stderr)
        self.check(
            not told,
            f"the shell used the plain front end in its place: {told and told[0]}",
            "Whatever a cell does, run() raises nothing.",
        )

    @contextmanager
    def _terminal(self, programs: Programs, answers: Answers = "at once") -> Iterator[Terminal]:
        if sys.platform == "win32":
            pytest.skip("pseudo-terminals of this kind are POSIX's: Windows has none")
        from ..terminal import NotSeen, Terminal, shell_command

        environment = {**programs.environment(), "TERM": "xterm-256color"}
        for name in ("LINES", "COLUMNS"):
            environment.pop(name, None)
        with Terminal(
            shell_command(*self._words()),
            cwd=programs.new_folder(),
            env=environment,
            answers=answers,
            deadline=self.deadline / 2,
        ) as terminal:
            try:
                yield terminal
            except NotSeen as error:
                self.fail(f"at a terminal that answers {answers}: {error}")

    def _ready(self, terminal: Terminal) -> None:
        """Wait until a cell can be typed."""
        before, number, after = self.prompt.rstrip().partition("{}")
        digits = r"\d+" if number else ""
        pattern = re.compile(rf"{re.escape(before)}{digits}{re.escape(after)}\s*\Z")

        def there(lines: list[str]) -> bool:
            row, column = terminal.cursor
            return pattern.search(terminal.screen[row][:column]) is not None

        terminal.wait_for(there, f"the prompt {self.prompt.format('n')!r}")
        # Nobody is so quick as to type before the prompt's last questions to the terminal have come.
        written = b""
        while terminal.raw != written:
            written = terminal.raw
            terminal.read(_SETTLED)

    def _type(self, terminal: Terminal, cell: str, shown: str) -> None:
        """Type a cell of one line when it can be typed, and wait for what it shows."""
        self._ready(terminal)
        terminal.type(f"{cell}\r")
        terminal.wait_for(shown, f"{shown!r}, which {cell!r} shows")

    def _leave(self, terminal: Terminal) -> None:
        self._ready(terminal)
        terminal.type("exit\r")
        self._ended(terminal, 0, "exit")

    def _ended(self, terminal: Terminal, wanted: int | None, how: str) -> None:
        status = terminal.exit_status()
        self.check(
            wanted is None or status == wanted,
            f"{how} ends it with status {status}, not {wanted}:\n{terminal.frame()}",
            "Give the exit status from run().",
        )
        mode = terminal.tty_mode()
        off = [name for name in mode._fields if not getattr(mode, name)]
        self.check(
            not off,
            f"after {how} the terminal is left without {', '.join(off)}.",
            "Put its mode back in a finally block, and leave SIGTERM and its like to the shell, which does "
            "so too.",
        )
