"""The plain front end for a program that awaits it: other tasks of the program's loop go on meanwhile."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar, Final

from ..cells.asynchrony import is_cancellation
from ..cells.displayhook import write_out
from ..errors import OutputGone, UserError
from ..notices import LEVELS, notice
from .event_loops import HostLoop, Stopped, ThreadLines
from .frontend import MOST_ERRORS, MOST_LINES, PlainFrontend
from .prefill import show
from .reading import NoInput, edits_lines, read_line

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.cells import CellResult
    from .line_editor import LineEditor

#: The longest line that a terminal hands over at once.
_LINE: Final = 65536


class AwaitedFrontend(PlainFrontend):
    """Reads and runs cells inside a running loop, without blocking it while it waits for a line.

    A cell with ``await`` is awaited in that loop; any other blocks it.

    :param shell: the shell that runs the cells.
    :param host: the loop.
    """

    #: Whether one of them waits for a line; two could not tell whose it is.
    _at_prompt: ClassVar[bool] = False

    def __init__(self, shell: InteractiveShell, host: HostLoop) -> None:
        super().__init__(shell)
        self._host = host
        self._lines = Lines(host)

    async def run_async(self) -> None:
        """Read and run cells until the end of input or ``exit``.

        :raises UserError: if another shell of the process waits for a line.
        """
        try:
            with (
                self.editing_lines(),
                self.shell.keyboard.serving(self),
                self._interrupts_stop_the_shell(),
            ):
                while True:
                    try:
                        return await self._cells()
                    except Stopped:
                        write_out("\nKeyboardInterrupt\n")
        except BaseException as error:
            if is_cancellation(error):
                write_out("\n")  # what the program prints next is not to stand behind the prompt
            raise
        finally:
            self._lines.close()
            self._host.leave()

    async def _cells(self) -> None:
        shell = self.shell
        while not shell.exiting:
            try:
                source = await self._host.stoppable(self._read_one)
            except EOFError:
                write_out("\n")
                if await self._may_leave_now():
                    return
                continue
            except UnicodeDecodeError as error:
                text = f"standard input is not {error.encoding}: {error.reason} at byte {error.start}."
                notice(text, level=LEVELS["CRITICAL"])
                return
            except NoInput as error:
                notice(f"{error}; the shell ends.", level=LEVELS["CRITICAL"])
                return
            except (OutputGone, Stopped, UserError):
                raise
            except Exception as error:  # the user's own: a signal handler of theirs ran while we waited
                shell.show_error(error)
                self._errors += 1
                if self._errors >= MOST_ERRORS:
                    text = "one error follows the other at the prompt; the shell ends."
                    notice(text, level=LEVELS["CRITICAL"])
                    return
                continue
            self._errors = 0
            self._judge(await self._run_one(source))

    async def _run_one(self, source: str) -> CellResult:
        shell = self.shell
        origin = "keyboard" if self.person else "file"
        shell.runner.interrupted = False

        def work() -> Any:
            return shell.run_cell_async(source, store_history=True, origin=origin)

        # What a synchronous cell calls may look for the handler Python starts with, as asyncio.run() does.
        awaits = shell.should_run_async(source)
        with nullcontext() if awaits else _handler(signal.default_int_handler):
            try:
                return await self._host.stoppable(work)
            finally:
                shell.runner.undo_replaced()  # before the prompt, as the program's tasks go on there

    async def _read_one(self) -> str:
        """Read one cell.

        :raises EOFError: at the end of input, when no line of a cell was read.
        :raises NoInput: if there is nothing to read from.
        """
        shell = self.shell
        number = shell.execution_count
        cell = self._new_cell()
        shell.keyboard.ask_waiting()
        given = shell.prompting.take_next_input()
        if given and self.person:  # another thread may read the line, which cannot begin with it then
            show(given)
        write_out(shell.separate_in)
        while len(cell.lines) < MOST_LINES:
            prompt = self._prompts.before_line(number, further=bool(cell.lines))
            try:
                line = await self._ask(prompt)
            except EOFError:
                if not cell.text.strip():
                    raise
                write_out("\n")
                break
            if cell.add(line) and self._is_complete(cell.text):
                break
        shell.report_lost_tasks()
        return cell.text

    async def _may_leave_now(self) -> bool:
        if not self.person or not self.shell.confirm_exit:
            return True

        async def ask() -> str:
            return await self._ask("Do you really want to exit ([y]/n)? ")

        try:
            answer = await self._host.stoppable(ask)
        except (EOFError, NoInput):
            write_out("\n")
            return True
        return answer.strip().lower() in ("", "y", "yes")

    async def _ask(self, prompt: str) -> str:
        if AwaitedFrontend._at_prompt:
            raise UserError("another embed_async() of this process waits for a line; leave that one first.")
        keyboard = self.shell.keyboard
        # What asks meanwhile, a task of the program's or a thread, is not to read the keys of this line.
        AwaitedFrontend._at_prompt = keyboard.at_prompt = True
        try:
            return await self._lines.read(prompt)
        finally:
            AwaitedFrontend._at_prompt = keyboard.at_prompt = False

    @contextmanager
    def _interrupts_stop_the_shell(self) -> Iterator[None]:
        """Have Ctrl-C stop what the shell does, and nothing of the program's."""

        def on_interrupt(number: int, frame: Any) -> None:
            if self._host.in_charge():
                raise KeyboardInterrupt
            self.shell.runner.interrupted = True
            self._host.stop()

        main = threading.current_thread() is threading.main_thread()
        with self._host.watch_signals() if main else nullcontext(), _handler(on_interrupt):
            yield


@contextmanager
def _handler(function: Any) -> Iterator[None]:
    """Handle Ctrl-C by a function; not where the program ignores it, nor outside the main thread."""
    former = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(former):
        yield
        return
    signal.signal(signal.SIGINT, function)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def _editor() -> LineEditor | None:
    """Give what edits lines; without it the terminal does, and knows no earlier lines."""
    try:
        from .line_editor import LineEditor

        return LineEditor()
    except (ImportError, AttributeError, OSError):
        return None


class Lines:
    """Standard input, line by line.

    Takes no more than the line from a pipe, as the rest may be the program's. What the program
    itself has read ahead, by ``input()`` on a pipe, is not seen.

    :param host: the loop that goes on while a line is waited for.
    """

    def __init__(self, host: HostLoop) -> None:
        self._host = host
        self._descriptor = -1
        self._terminal = False
        self._threaded = False
        self._editor: LineEditor | None = None
        try:
            descriptor = sys.stdin.fileno()
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return  # a file: it is always there
            # A copy, as the program's loop may watch standard input itself.
            self._descriptor = os.dup(descriptor)
            self._terminal = os.isatty(descriptor)
            self._threaded = sys.platform == "win32"
            if not self._threaded and edits_lines():
                self._editor = _editor()
        except (AttributeError, OSError, ValueError):  # none, closed, or not one of the system's
            return

    def close(self) -> None:
        """Give back the descriptor."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    async def read(self, prompt: str) -> str:
        """Show a prompt and give a line, without its line ending.

        :raises EOFError: at the end of input.
        :raises NoInput: if there is nothing to read from.
        """
        if self._descriptor < 0:
            return read_line(prompt)
        if not self._threaded:
            try:
                return await (self._edit(prompt) if self._editor is not None else self._read(prompt))
            except NotImplementedError:
                self._threaded = True
                prompt = ""
            except OSError as error:
                raise NoInput(f"standard input cannot be read: {error.strerror}") from error
        return await ThreadLines.read(self._host, lambda: read_line(prompt))

    async def _edit(self, prompt: str) -> str:
        assert self._editor is not None
        line = await self._editor.read(self._host, self._descriptor, prompt)
        if line is None:
            raise EOFError
        text = self._decoded(line)
        self._editor.remember(text)
        return text

    async def _read(self, prompt: str) -> str:
        write_out(prompt, flush=True)
        line = bytearray()
        while not line.endswith(b"\n"):
            await self._host.wait_readable(self._descriptor)
            # A terminal gives one line at most, or what stands before Ctrl-D.
            piece = os.read(self._descriptor, _LINE) if self._terminal else self._rest_of_line()
            if not piece:
                if line:
                    break
                raise EOFError
            line += piece
        return self._decoded(line).removesuffix("\n").removesuffix("\r")

    @staticmethod
    def _decoded(line: bytes | bytearray) -> str:
        return line.decode(sys.stdin.encoding or "utf-8", sys.stdin.errors or "strict")

    def _rest_of_line(self) -> bytes:
        """Read up to the end of the line, or as much of it as is there."""
        import select

        found = bytearray()
        watch = select.poll()
        watch.register(self._descriptor, select.POLLIN | select.POLLHUP)
        while True:
            byte = os.read(self._descriptor, 1)
            found += byte
            if not byte or byte == b"\n" or not watch.poll(0):
                return bytes(found)
