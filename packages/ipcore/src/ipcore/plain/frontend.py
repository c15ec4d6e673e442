"""The plain front end: reads cells with ``input()``, from a terminal or a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..exiting import exit_status
from ..notices import notice

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from .idle import IdleTurning

#: Lines of one cell; more than this and something feeds us by mistake.
MOST_LINES = 200_000


class PlainFrontend:
    """Reads a cell line by line until it is complete, runs it, and so on.

    On a terminal a failed cell is forgotten by the next; in a pipe it makes the exit
    status 1, as nobody may be looking.

    :param shell: the shell that runs the cells.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.person = _is_terminal()
        self._failed = False
        self._idle: IdleTurning | None = None

    def run(self) -> int:
        """Read and run cells until the end of input or ``exit``.

        Blocks the calling thread, which must be the main one.

        :returns: the exit status.
        """
        if sys.stdin is None or sys.stdin.closed:
            notice("there is no standard input to read cells from.")
            return 1
        if self.person:
            _edit_lines()
        try:
            return self._loop()
        finally:
            if self._idle is not None:
                self._idle.close()

    def _loop(self) -> int:
        while not self.shell.exiting:
            try:
                source = self._read_cell()
            except KeyboardInterrupt:
                print("\nKeyboardInterrupt")
                continue
            except EOFError:
                print()
                if self._may_leave():
                    break
                continue
            except UnicodeDecodeError as error:
                notice(f"standard input is not {error.encoding}: {error.reason} at byte {error.start}.")
                return 1
            try:
                self._run_cell(source)
            except KeyboardInterrupt:  # one more than the cell took
                print("\nKeyboardInterrupt")
        if self.shell.exiting:
            return exit_status(self.shell.exit_code)
        return 1 if self._failed and not self.person else 0

    def _run_cell(self, source: str) -> None:
        result = self.shell.run_cell(source, store_history=True, origin="keyboard" if self.person else "file")
        self._failed = self._failed or not result.success
        leave = result.error_in_exec
        if isinstance(leave, SystemExit) and not self.shell.exiting:
            if self.person:
                print(f"SystemExit: {leave.code}\nThe shell stays; to leave it type exit, or Ctrl-D.")
            else:
                self.shell.ask_exit(leave.code)

    def _read_cell(self) -> str:
        """Read one cell.

        :raises EOFError: at the end of input, when no line of a cell was read.
        """
        shell = self.shell
        number = shell.execution_count
        lines: list[str] = []
        sys.stdout.write(shell.separate_in)
        while len(lines) < MOST_LINES:
            prompt = shell.prompts.continuation(number) if lines else shell.prompts.input(number)
            try:
                lines.append(self._read_line(prompt))
            except EOFError:
                if not any(line.strip() for line in lines):
                    raise
                print()
                break
            if self._is_complete("\n".join(lines)):
                break
        shell.report_lost_tasks()
        return "\n".join(lines)

    def _read_line(self, prompt: str) -> str:
        """Read one line. The user's event loop goes on meanwhile, if there is one."""
        if "asyncio.events" not in sys.modules or not self.shell.user_loop.made:
            return input(prompt)
        if not self.person:
            self.shell.user_loop.turn()
            return input(prompt)
        from .idle import idle_turning

        if self._idle is None:
            self._idle = idle_turning(self.shell)
        if self._idle is None:
            self.shell.user_loop.turn()
            return input(prompt)
        with self._idle:
            return input(prompt)

    def _is_complete(self, source: str) -> bool:
        from ..cells.completeness import check_complete

        def transform(text: str) -> str:
            return self.shell.transform(text, side_effects=False)

        return not source.strip() or check_complete(source, transform)[0] != "incomplete"

    def _may_leave(self) -> bool:
        if not self.person or not self.shell.confirm_exit:
            return True
        try:
            answer = input("Do you really want to exit ([y]/n)? ")
        except EOFError:
            print()
            return True
        except KeyboardInterrupt:
            print("\nKeyboardInterrupt")
            return False
        return answer.strip().lower() in ("", "y", "yes")


def _is_terminal() -> bool:
    try:
        return sys.stdin is not None and sys.stdin.isatty()
    except ValueError:  # closed
        return False


def _edit_lines() -> None:
    """Have ``input()`` edit lines and recall earlier ones, where the platform has the means."""
    try:
        import readline
    except ImportError:  # Windows: the console edits lines by itself
        return
    # Completion is another part's; without it Tab is to indent, not to list file names.
    readline.parse_and_bind(
        "tab: tab-insert" if "libedit" not in (readline.__doc__ or "") else "bind ^I ed-insert"
    )
