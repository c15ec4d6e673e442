"""The plain front end: reads cells line by line, from a terminal or a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from ..cells.displayhook import write_out
from ..errors import OutputGone, is_a
from ..exiting import exit_status
from ..notices import LEVELS, notice
from ..python_prompts import PythonPrompts
from .reading import Growing, NoInput, edits_lines, read_line

if TYPE_CHECKING:
    from ..hosts.interrupts import InterruptWatch
    from ..shell import InteractiveShell
    from ..types.cells import CellResult
    from .idle import IdleTurning
    from .tab import Tab

#: Lines of one cell; more than this and something feeds us by mistake.
MOST_LINES: Final = 200_000

#: Errors at the prompt, one after the other, after which there is no use in going on.
MOST_ERRORS: Final = 20


class PlainFrontend:
    """Reads a cell line by line until it is complete, runs it, and so on.

    On a terminal a failed cell is forgotten by the next; in a pipe it makes the exit
    status 1, as nobody may be looking.

    :param shell: the shell that runs the cells.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.person = _is_terminal()
        self._prompts = PythonPrompts(shell)
        self._failed = False
        self._errors = 0
        self._idle: IdleTurning | None = None
        self._interrupts: InterruptWatch | None = None
        self._tab: Tab | None = None
        self._recalls = False  # whether the arrow keys bring back earlier lines
        self._recalling = False  # whether these have been taken up
        self._begun = False  # whether the cell that is read has a line
        self._reading = ExitStack()  # what is to be left when the line is read

    def run(self) -> int:
        """Read and run cells until the end of input or ``exit``.

        Blocks the calling thread, which must be the main one.

        :returns: the exit status.
        """
        try:
            with self.editing_lines(), self.shell.keyboard.serving(self):
                return self._converse()
        finally:
            if self._idle is not None:
                self._idle.close()
            if self._interrupts is not None:
                self._interrupts.close()

    @contextmanager
    def editing_lines(self) -> Iterator[None]:
        """Have ``input()`` edit lines, recall earlier ones and complete in the body, for a person."""
        if not self.person:
            yield
            return
        from .tab import completing

        if edits_lines():
            from .earlier_lines import offer_earlier_lines

            self._recalls = offer_earlier_lines(self.shell, self._recall)
        with completing(self.shell) as tab:
            self._tab = tab
            try:
                yield
            finally:
                self._tab = None
                prefill = sys.modules.get(f"{__package__}.prefill")
                if prefill is not None:
                    prefill.end_sending()

    def _converse(self) -> int:
        while True:
            # Ctrl-C may come while an earlier one is being told: twice, so that neither ends the shell.
            try:
                try:
                    return self._loop()
                except KeyboardInterrupt:
                    write_out("\nKeyboardInterrupt\n")
            except KeyboardInterrupt:
                continue

    def _loop(self) -> int:
        while not self.shell.exiting:
            if self.shell.runner.forked:  # by a callback, or by a file that was run before the first prompt
                from ..hosts.forking import leave

                leave(None)
            try:
                source = self._read_cell()
            except EOFError:
                write_out("\n")
                if self._may_leave():
                    break
                continue
            except UnicodeDecodeError as error:
                text = f"standard input is not {error.encoding}: {error.reason} at byte {error.start}."
                notice(text, level=LEVELS["CRITICAL"])
                return 1
            except NoInput as error:
                notice(f"{error}; the shell ends.", level=LEVELS["CRITICAL"])
                return 1
            except OutputGone:
                raise  # for the application to judge
            except Exception as error:  # the user's own: a signal handler of theirs ran while we waited
                self.shell.show_error(error)
                self._errors += 1
                if self._errors >= MOST_ERRORS:
                    text = "one error follows the other at the prompt; the shell ends."
                    notice(text, level=LEVELS["CRITICAL"])
                    return 1
                continue
            self._errors = 0
            self._run_cell(source)
        code = self.shell.exit_code
        if self.shell.exiting and code is not None:
            return exit_status(code)
        return 1 if self._failed and not self.person else 0

    def _run_cell(self, source: str) -> None:
        if self.person:
            if self._interrupts is None:
                from ..hosts.interrupts import InterruptWatch

                self._interrupts = InterruptWatch()
            with self._interrupts:
                self._judge(self.shell.run_cell(source, store_history=True, origin="keyboard"))
        else:
            self._judge(self.shell.run_cell(source, store_history=True, origin="file"))

    def _judge(self, result: CellResult) -> None:
        if self._recalls:
            from .earlier_lines import take_up_new

            take_up_new(self.shell)
        leave = result.error_in_exec
        if is_a(leave, SystemExit):
            if self.shell.exiting:
                return
            if self.person:
                said = "" if leave.code is None else f": {leave.code}"
                write_out(f"SystemExit{said}\nThe shell stays; to leave it type exit, or Ctrl-D.\n")
            else:
                self.shell.ask_exit(0 if leave.code is None else leave.code)
        elif not result.success:
            self._failed = True

    def _read_cell(self) -> str:
        """Read one cell.

        :raises EOFError: at the end of input, when no line of a cell was read.
        :raises NoInput: if there is nothing to read from.
        """
        shell = self.shell
        number = shell.execution_count
        cell = self._new_cell()
        shell.keyboard.ask_waiting()
        write_out(shell.separate_in)
        given = self._given_lines()
        while len(cell.lines) < MOST_LINES:
            self._begun = bool(cell.lines)
            prompt = self._prompts.before_line(number, further=self._begun)
            try:
                line = self._read_line(prompt, given.pop(0) if given else "")
            except EOFError:
                if not cell.text.strip():
                    raise
                write_out("\n")
                break
            if cell.add(line) and not given and self._is_complete(cell.text):
                break
        shell.report_lost_tasks()
        return cell.text

    def _new_cell(self) -> Growing:
        cell = Growing()
        if self._tab is not None:
            self._tab.lines = cell.lines
        return cell

    def _given_lines(self) -> list[str]:
        """Give the lines that the next cell is to begin with, those of ``set_next_input``."""
        text = self.shell.prompting.take_next_input()
        if not text or not self.person:
            return []
        from .prefill import can_prefill, show

        if edits_lines() and can_prefill():
            return text.rstrip("\n").split("\n")
        show(text)
        return []

    def _read_line(self, prompt: str, given: str = "") -> str:
        """Read one line. The event loop goes on meanwhile, if there is one.

        :param given: what the line begins with; only where lines are edited.
        """
        if given:
            from .prefill import prefilled

            with prefilled(given):
                return self._read_line(prompt)
        keyboard = self.shell.keyboard
        keyboard.at_prompt = True
        try:
            return self._read_line_idling(prompt)
        finally:
            keyboard.at_prompt = False

    def _read_line_idling(self, prompt: str) -> str:
        with self._reading:
            if self._shares_lines() or self._idles():
                edited = edits_lines()  # else no hook is called, and a Ctrl-C noted for it would be lost
                if not (edited and self._turn_idle()) and self._idles() and "asyncio.events" in sys.modules:
                    self.shell.user_loop.turn()
            return read_line(prompt)

    def _idles(self) -> bool:
        """Tell whether there is a loop to be run while the prompt waits."""
        if "asyncio.events" not in sys.modules and "ipcore.hosts.inputhooks" not in sys.modules:
            return False
        return self.shell.inputhooks.needed

    def _turn_idle(self) -> bool:
        """Let the event loop run, or just look out for keys, until the line is read."""
        if self._idle is None:
            from .idle import idle_turning

            self._idle = idle_turning(self.shell)
        if self._idle is None:
            return False
        self._idle.before_keys = self._take_up_shared if self._shares_lines() else None
        self._reading.enter_context(self._idle)
        return True

    def _recall(self) -> None:
        """Go on, at the first prompt, once the lines of earlier cells are there."""
        self._recalling = True
        if self._shares_lines() and not self._idles():
            self._turn_idle()
        elif self._idle is not None:
            self._idle.before_keys = self._take_up_shared if self._shares_lines() else None

    def _shares_lines(self) -> bool:
        """Tell whether lines of other shells are to be taken up now: not between those of one cell."""
        if self._begun or not self._recalling:  # the history is not loaded before the first prompt stands
            return False
        from .earlier_lines import are_shared

        return are_shared(self.shell)

    def _take_up_shared(self) -> None:
        from .earlier_lines import take_up_at_prompt

        take_up_at_prompt(self.shell)

    def _is_complete(self, source: str) -> bool:
        from ..cells.completeness import check_complete

        def transform(text: str) -> str:
            return self.shell.transform(text, side_effects=False)

        return not source.strip() or check_complete(source, transform)[0] != "incomplete"

    def _may_leave(self) -> bool:
        if not self.person or not self.shell.confirm_exit:
            return True
        try:
            answer = read_line("Do you really want to exit ([y]/n)? ")
        except (EOFError, NoInput):
            write_out("\n")
            return True
        return answer.strip().lower() in ("", "y", "yes")


def _is_terminal() -> bool:
    try:
        return sys.stdin is not None and sys.stdin.isatty()
    except ValueError:  # closed
        return False
